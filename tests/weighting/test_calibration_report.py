"""The record of a calibration: how far weights moved, what each margin cost, what lies at the bounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey as sv


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"sex": ["f", "f", "m", "m"], "age": [0, 1, 0, 1], "w": [1.0, 2.0, 3.0, 4.0], "x": [1.0, 2.0, 4.0, 3.0]}
    )


@pytest.fixture
def sample(frame: pd.DataFrame) -> sv.Sample:
    return sv.Sample(frame, weights="w")


def test_poststratification_by_hand(sample: sv.Sample) -> None:
    c = sample.poststratify({"sex": {"f": 50, "m": 50}}).calibration
    assert (c.method, c.before, c.after, c.bounds) == ("poststratify", "w", "w_final", None)
    np.testing.assert_allclose(c.factors, [50 / 3, 50 / 3, 50 / 7, 50 / 7])
    assert c.scale == pytest.approx(10)
    # over the common factor 10: 5/3 and 5/7
    assert c.moved[["min", "max", "beyond_2"]].tolist() == pytest.approx([5 / 7, 5 / 3, 0])
    assert c.moved[["at_low", "at_high"]].isna().all()
    assert c.deff_before == pytest.approx(1.2)
    after = np.array([50 / 3, 100 / 3, 150 / 7, 200 / 7])
    assert c.deff_after == pytest.approx(4 * np.sum(after**2) / 100**2)
    row = c.margins.iloc[0]
    assert (row["margin"], row["categories"]) == ("sex", 2)
    assert row["worst_gap"] < 1e-12
    # alone, and added to nothing, one margin is the whole calibration
    assert row["deff_alone"] == pytest.approx(c.deff_after / 1.2)
    assert row["deff_added"] == pytest.approx(c.deff_after / 1.2)


def test_each_margin_alone_and_left_out(sample: sv.Sample) -> None:
    sex, age = {"sex": {"f": 50, "m": 50}}, {"age": {0: 30, 1: 70}}
    s = sample.rake(sex | age)
    c = s.calibration
    alone = [sample.rake(one).calibration.deff_after for one in (sex, age)]
    assert c.margins["margin"].tolist() == ["sex", "age"]
    assert c.margins["deff_alone"].tolist() == pytest.approx([alone[0] / 1.2, alone[1] / 1.2])
    # without sex, age is left, and the other way round
    assert c.margins["deff_added"].tolist() == pytest.approx([c.deff_after / alone[1], c.deff_after / alone[0]])
    assert c.iterations == s.design.adjustments[0].iterations > 1
    assert c.worst == s.design.adjustments[0].worst < 1e-10


def test_the_scale_of_the_weights_and_the_order_of_rows_change_no_movement(frame: pd.DataFrame) -> None:
    known = {"sex": {"f": 50, "m": 50}, "age": {0: 30, 1: 70}}
    expected = sv.Sample(frame, weights="w").rake(known).calibration
    for changed in (frame.assign(w=frame["w"] * 1e4), frame.iloc[[3, 1, 0, 2]]):
        found = sv.Sample(changed, weights="w").rake(known).calibration
        np.testing.assert_allclose(found.moved.iloc[:6].astype(float), expected.moved.iloc[:6].astype(float), rtol=1e-8)
        columns = ["deff_alone", "deff_added"]
        np.testing.assert_allclose(found.margins[columns], expected.margins[columns], rtol=1e-8)


def test_weights_that_fit_already_do_not_move(frame: pd.DataFrame) -> None:
    c = sv.Sample(frame.assign(w=1.0), weights="w").rake({"sex": {"f": 2, "m": 2}}).calibration
    assert c.factors.tolist() == [1, 1, 1, 1]
    assert (c.scale, c.deff_before, c.deff_after) == (1, 1, 1)


def test_weights_at_a_bound_are_counted(frame: pd.DataFrame) -> None:
    rows = pd.concat([frame] * 5, ignore_index=True).assign(w=5.0, x=np.arange(20.0))
    sure = sv.Sample(rows, weights="w")
    # the mean of x is 9.5; to reach 9.9 within 0.9-1.1 the ends are held at the bounds
    c = sure.calibrate({"sex": {"f": 50, "m": 50}, "x": 990}, bounds=(0.9, 1.1)).calibration
    assert c.bounds == (0.9, 1.1)
    at_low, at_high = np.isclose(c.factors, 0.9).mean(), np.isclose(c.factors, 1.1).mean()
    assert at_low > 0
    assert at_high > 0
    assert (c.moved["at_low"], c.moved["at_high"]) == pytest.approx((at_low, at_high))
    assert "0.90 – 1.10" in c.to_text("en")


def test_a_known_sum_alone_keeps_the_number_of_people(sample: sv.Sample) -> None:
    """GREG on (1, x) by hand: g = 1 + (T - T0)(x - mean) / sum w (x - mean)^2, with weights scaled to 100 first."""
    c = sample.calibrate({"sex": {"f": 50, "m": 50}, "x": 290}).calibration
    w, x = np.array([10.0, 20, 30, 40]), np.array([1.0, 2, 4, 3])
    away = x - w @ x / 100
    g = 1 + (290 - w @ x) / (w @ away**2) * away
    assert w @ g == pytest.approx(100)
    assert w * g @ x == pytest.approx(290)
    deff = 4 * np.sum((w * g) ** 2) / 100**2
    assert c.margins.set_index("margin").loc["x", "deff_alone"] == pytest.approx(deff / 1.2)


def test_of_several_steps_the_last_calibration_is_told(sample: sv.Sample) -> None:
    s = sample.rake({"sex": {"f": 50, "m": 50}}).rake({"age": {0: 30, 1: 70}}, into="w_age")
    assert (s.calibration.before, s.calibration.after) == ("w_final", "w_age")
    assert s.trim(upper=40.0, into="w_trimmed").calibration.after == "w_age"


def test_weights_after_a_trim_do_not_hide_the_gaps_of_the_calibration(sample: sv.Sample) -> None:
    c = sample.rake({"sex": {"f": 50, "m": 50}}).trim(upper=30.0).calibration
    assert c.margins["worst_gap"].max() < 1e-12


def test_the_record_reads_in_both_languages(sample: sv.Sample) -> None:
    c = sample.rake({"sex": {"f": 50, "m": 50}}).calibration
    assert "Method: raked: First weights → After raking" in c.to_text("en")
    assert (
        "Phương pháp: hiệu chỉnh theo phân bố biên (raking): Quyền số ban đầu → Sau hiệu chỉnh theo phân bố biên"
        in c.to_text("vi")
    )
    assert "1,200 → " in c.to_text("vi")
    html = c._repr_html_()
    assert html.count("<table") == 2
    with pytest.raises(sv.ExportError, match="unknown language"):
        c.to_text("fr")


def test_no_record_without_a_calibration(sample: sv.Sample) -> None:
    with pytest.raises(sv.DesignError, match="The weights have not been calibrated"):
        _ = sample.calibration

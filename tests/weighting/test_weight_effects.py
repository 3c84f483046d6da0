"""What weighting changed: identities, R's delta method, and the cases that break correlations."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv

ROWS = pd.read_csv(Path(__file__).parents[1] / "reference" / "rows.csv")
CLUSTERED = {"weights": "w", "strata": "stratum", "psu": "psu", "nest": True}


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"sex": ["f", "f", "m", "m"], "w": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 4.0, 9.0], "who": [1, 2, 2, 2]}
    )


def test_the_change_and_its_error_are_rs() -> None:
    # R survey: svycontrast(svytotal(~wy + wo + y + ok, design with weights 1), quote(wy/wo - y/ok))
    for design, error in ((CLUSTERED, 0.12754879074995), ({"weights": "w", "strata": "stratum"}, 0.075709355246347)):
        row = sv.Sample(ROWS, **design).weight_effects("q1").table.iloc[-1]  # type: ignore[arg-type]
        assert row["change"] == pytest.approx(-0.150441240614528, rel=1e-12)
        assert row["change_std_error"] == pytest.approx(error, rel=1e-10)
        assert row["correlation"] == pytest.approx(-0.18592204950675, rel=1e-12)


def test_every_step_is_what_the_sample_at_that_step_says() -> None:
    margins = {
        "sex": {0: 3000, 1: 3000},
        "age": dict.fromkeys(sorted(ROWS["age"].unique()), 6000 / ROWS["age"].nunique()),
    }
    rows = ROWS
    base = sv.Sample(rows, **CLUSTERED)
    equal = sv.Sample(rows, **(CLUSTERED | {"weights": None}))
    raked = base.rake(margins)
    e = raked.weight_effects(["q1", "minutes"], by="group")
    columns = ["estimate", "std_error", "conf_low", "conf_high", "df", "n", "n_eff", "deff"]
    for step, s in (("(equal)", equal), ("w", base), ("w_final", raked)):
        found = e.table[e.table["step"] == step].reset_index(drop=True)
        expected = s.mean(["q1", "minutes"], by="group").table
        assert found[["item", "group"]].equals(expected[["item", "group"]])
        np.testing.assert_allclose(found[columns].to_numpy(float), expected[columns].to_numpy(float), rtol=1e-10)


def test_the_change_by_poststratification_has_the_error_worked_out_by_hand(frame: pd.DataFrame) -> None:
    """Equal weights against post-strata of 50 and 50: influence of the residuals less that of the plain mean."""
    row = sv.Sample(frame, weights=None).poststratify({"sex": {"f": 40, "m": 60}}).weight_effects("y").table.iloc[-1]
    y = frame["y"].to_numpy()
    own = np.array([1.5, 1.5, 6.5, 6.5])
    after = np.array([20.0, 20, 30, 30]) / 100
    u = after * (y - own) - (y - y.mean()) / 4
    assert row["change"] == pytest.approx(0.4 * 1.5 + 0.6 * 6.5 - 4)
    assert row["change_std_error"] == pytest.approx(np.sqrt(4 / 3 * np.sum((u - u.mean()) ** 2)))


def test_covariances_between_steps_give_the_same_errors() -> None:
    base = sv.Sample(ROWS, **CLUSTERED)
    e = base.rake({"sex": {0: 3000, 1: 3000}}).weight_effects(["q1", "yes"])
    assert e.covariance.shape == (6, 6)
    np.testing.assert_allclose(np.sqrt(np.diag(e.covariance)), e.table["std_error"])
    c = e.covariance
    for i, (later, earlier) in enumerate([(2, 0), (2, 1), (5, 3), (5, 4)]):
        error = np.sqrt(c[later, later] + c[earlier, earlier] - 2 * c[later, earlier])
        column = ("change_std_error", "step_change_std_error")[i % 2]
        assert e.table[column].iloc[later] == pytest.approx(error, rel=1e-8)


def test_a_mean_moves_by_correlation_times_cv_times_sd() -> None:
    table = sv.Sample(ROWS, weights="w").weight_effects("q1", by="group").table
    for group, part in table.groupby("group"):
        rows = ROWS[(ROWS["group"] == group) & ROWS["q1"].notna()]
        w, y = rows["w"].to_numpy(), rows["q1"].to_numpy(float)
        moved = part["correlation"].iloc[1] * np.std(w) / np.mean(w) * np.std(y)
        assert part["change"].iloc[1] == pytest.approx(moved, rel=1e-10)


def test_the_scale_of_the_weights_and_the_order_of_the_rows_change_nothing() -> None:
    columns = ["estimate", "std_error", "change", "change_std_error", "correlation"]
    expected = sv.Sample(ROWS, **CLUSTERED).weight_effects("q1").table[columns]
    mixed = ROWS.sample(frac=1, random_state=3)
    for rows in (ROWS.assign(w=ROWS["w"] * 1e6), mixed):
        found = sv.Sample(rows, **CLUSTERED).weight_effects("q1").table[columns]
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_share_and_its_percentage_differ_by_the_factor_alone() -> None:
    rows = ROWS.assign(percent=100 * ROWS["yes"])
    one, other = (sv.Sample(rows, **CLUSTERED).weight_effects(name).table for name in ("yes", "percent"))
    for column in ("estimate", "std_error", "change", "change_std_error"):
        np.testing.assert_allclose(100 * one[column], other[column], rtol=1e-10)
    np.testing.assert_allclose(one["correlation"], other["correlation"])


@pytest.mark.parametrize("w", [1.0, 7.3])
def test_weights_that_are_all_alike_change_nothing(frame: pd.DataFrame, w: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = sv.Sample(frame.assign(w=w), weights="w").weight_effects("y").table
    last = table.iloc[-1]
    assert last["change"] == pytest.approx(0, abs=1e-14)
    assert last["change_std_error"] == pytest.approx(0, abs=1e-14)
    assert np.isnan(table["correlation"]).all()


def test_a_constant_item_an_item_without_answers_and_a_domain_of_one(frame: pd.DataFrame) -> None:
    rows = frame.assign(same=2.0, none=np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = sv.Sample(rows, weights="w").weight_effects(["same", "none", "y"], by="who").table
    last = table[table["step"] == "w"].set_index(["item", "who"])
    assert last.loc[("same", 2), "change"] == pytest.approx(0)
    assert np.isnan(last.loc[("same", 2), "correlation"])
    assert last.loc["none", ["estimate", "std_error", "change", "correlation"]].isna().all(axis=None)
    assert last.loc["none", "n"].tolist() == [0, 0]
    assert last.loc[("y", 1), "change"] == pytest.approx(0)
    assert last.loc[("y", 1), ["change_std_error", "correlation"]].isna().all()


def test_a_sample_without_weights_has_one_step(frame: pd.DataFrame) -> None:
    table = sv.Sample(frame, weights=None).weight_effects("y").table
    assert table["step"].tolist() == ["(equal)"]
    assert table[["change", "step_change"]].isna().all(axis=None)


def test_one_respondent(frame: pd.DataFrame) -> None:
    table = sv.Sample(frame.iloc[:1], weights="w", lonely="remove").weight_effects("y").table
    assert table["estimate"].tolist() == [1, 1]


def test_a_domain_is_not_a_smaller_sample() -> None:
    s = sv.Sample(ROWS, **CLUSTERED)
    found = s.weight_effects("q1", where="group == 1").table.iloc[-1]
    expected = s.weight_effects("q1", by="group").table.query("group == 1 and step == 'w'").iloc[0]
    for column in ("estimate", "std_error", "change", "change_std_error", "correlation"):
        assert found[column] == pytest.approx(expected[column])


def test_a_producers_replicates_know_nothing_of_other_weights() -> None:
    rng = np.random.default_rng(1)
    columns = [f"r{i}" for i in range(4)]
    rows = ROWS.assign(**{c: ROWS["w"] * rng.uniform(0.5, 1.5, len(ROWS)) for c in columns})
    known = sv.Replicates("JK1", columns=columns)
    s = sv.Sample(rows, weights="w", replicates=known)
    e = s.weight_effects("q1")
    assert e.table["std_error"].isna().tolist() == [True, False]
    assert e.table["std_error"].iloc[1] == pytest.approx(s.mean("q1").table["std_error"].iloc[0])
    assert e.table["change"].notna().tolist() == [False, True]
    assert e.table["change_std_error"].isna().all()
    assert any("producer" in note for note in e.notes)


def test_our_own_replicates_leave_the_linearised_errors() -> None:
    s = sv.Sample(ROWS, **CLUSTERED)
    found, expected = s.replicates("JKn").weight_effects("q1").table, s.weight_effects("q1").table
    np.testing.assert_allclose(found["change_std_error"], expected["change_std_error"])


def test_groups_that_collide_with_the_result_are_refused() -> None:
    with pytest.raises(sv.EstimationError, match="A grouping column conflicts with a column of the result"):
        sv.Sample(ROWS.assign(change=1), weights="w").weight_effects("q1", by="change")
    with pytest.raises(sv.EstimationError, match="no such item"):
        sv.Sample(ROWS, weights="w").weight_effects("q77")


def test_people_who_did_not_answer_are_in_the_error_of_what_weighting_for_them_changed() -> None:
    """Elements, one class a sex. With n drawn, n_c of them and r_c of the answers in class c, influence values are

    ((mean_c - mean) + (n_c / r_c) (y - mean_c) if answered) / n after, and (y - plain mean) / r if answered before.
    """
    drawn = pd.DataFrame(
        {
            "sex": ["f"] * 5 + ["m"] * 5,
            "disposition": [1.1, 1.1, 2.1, 1.1, 2.1, 1.1, 1.1, 1.1, 1.1, 2.1],
            "y": [1.0, 2, 0, 4, 0, 7, 5, 6, 9, 0],
            "w": 3.0,
        }
    )
    e = sv.Sample(drawn, weights="w").adjust_nonresponse("sex").weight_effects("y")
    answered = (drawn["disposition"] == 1.1).to_numpy()
    y, n = drawn["y"].to_numpy(), len(drawn)
    of_class = np.where(drawn["sex"] == "f", y[answered & (drawn["sex"] == "f")].mean(), y[5:9].mean())
    size, answers = np.full(n, 5.0), np.where(drawn["sex"] == "f", 3, 4)
    mean, plain = of_class.mean(), y[answered].mean()
    after = ((of_class - mean) + np.where(answered, size / answers * (y - of_class), 0)) / n
    before = np.where(answered, (y - plain) / answered.sum(), 0)
    row = e.table.iloc[-1]
    assert row["step"] == "w_nonresponse"
    assert row["estimate"] == pytest.approx(mean)
    assert row["std_error"] == pytest.approx(np.sqrt(n / (n - 1) * np.sum(after**2)))
    assert row["change"] == pytest.approx(mean - plain)
    assert row["change_std_error"] == pytest.approx(np.sqrt(n / (n - 1) * np.sum((after - before) ** 2)))
    np.testing.assert_allclose(np.sqrt(np.diag(e.covariance)), e.table["std_error"])


@pytest.mark.parametrize("how", [{"by": "ward"}, {"model": "sex + C(age)", "classes": None}])
def test_all_steps_of_a_survey_stand_one_below_the_other(how: dict[str, object]) -> None:
    rows = ROWS.assign(disposition=np.where(ROWS["rid"] * 7 % 5 != 0, 1.1, 2.1))
    s = sv.Sample(rows, **CLUSTERED).adjust_nonresponse(**how).rake({"sex": {0: 3000, 1: 3000}})  # type: ignore[arg-type]
    e = s.weight_effects("q1")
    assert e.table["step"].tolist() == ["(equal)", "w", "w_nonresponse", "w_final"]
    last, expected = e.table.iloc[-1], s.mean("q1").table.iloc[0]
    for column in ("estimate", "std_error", "deff", "df"):
        assert last[column] == pytest.approx(expected[column])
    assert (e.table["change_std_error"].iloc[1:] > 0).all()
    assert s.weight_diagnostics().table["step"].tolist() == ["w", "w_nonresponse", "w_final"]
    assert s.calibration.before == "w_nonresponse"
    assert s.margin_gaps().table["gap"].abs().max() < 1e-12

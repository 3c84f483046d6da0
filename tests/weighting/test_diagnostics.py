"""What weights look like: Kish's numbers, step by step, in domains; histograms; margins before and after."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv

ROWS = pd.read_csv(Path(__file__).parents[1] / "reference" / "rows.csv")


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"sex": ["f", "f", "m", "m"], "age": [0, 1, 0, 1], "w": [1.0, 2.0, 3.0, 4.0]})


@pytest.fixture
def sample(frame: pd.DataFrame) -> sv.Sample:
    return sv.Sample(frame, weights="w")


def test_kish_by_hand(sample: sv.Sample) -> None:
    row = sample.weight_diagnostics().table.iloc[0]
    # n sum w^2 / (sum w)^2 = 4 * 30 / 100
    assert row["deff_kish"] == pytest.approx(1.2)
    assert row["n_eff"] == pytest.approx(4 / 1.2)
    assert row["cv"] == pytest.approx(np.std([1, 2, 3, 4]) / 2.5)
    assert (row["step"], row["n"], row["sum"], row["min"], row["median"], row["max"]) == ("w", 4, 10, 1, 2.5, 4)
    assert row["max_to_median"] == pytest.approx(1.6)


def test_quantiles_and_kish_of_the_reference_sample_are_rs() -> None:
    # R 4.1: quantile(w, c(.01, .05, .5, .95, .99)); 1 + mean((w - mean(w))^2) / mean(w)^2
    row = sv.Sample(ROWS, weights="w").weight_diagnostics().table.iloc[0]
    found = row[["p01", "p05", "median", "p95", "p99"]].to_numpy(float)
    np.testing.assert_allclose(found, [7.8056, 9.521, 23.544, 77.78975, 104.54395], rtol=1e-6)
    assert row["deff_kish"] == pytest.approx(1.513697969073, rel=1e-12)


def test_kish_in_domains_is_that_of_the_domain_alone(sample: sv.Sample) -> None:
    e = sample.weight_diagnostics(by="sex")
    assert e.by == ("sex",)
    assert e.table["sex"].tolist() == ["f", "m"]
    # women 1, 2: 2 * 5 / 9; men 3, 4: 2 * 25 / 49
    assert e.table["deff_kish"].tolist() == pytest.approx([10 / 9, 50 / 49])
    assert e.table["sum"].tolist() == pytest.approx([3, 7])


def test_a_domain_of_one_has_a_design_effect_of_one(frame: pd.DataFrame) -> None:
    table = sv.Sample(frame.assign(who=[1, 2, 2, 2]), weights="w").weight_diagnostics(by="who").table
    assert table[["n", "min", "p99", "max", "deff_kish", "n_eff", "cv"]].iloc[0].tolist() == [1, 1, 1, 1, 1, 1, 0]


def test_equal_weights_cost_nothing(frame: pd.DataFrame) -> None:
    for s in (sv.Sample(frame.assign(w=7.3), weights="w"), sv.Sample(frame, weights=None)):
        row = s.weight_diagnostics().table.iloc[0]
        assert row["deff_kish"] == pytest.approx(1.0, abs=1e-14)
        assert row["n_eff"] == pytest.approx(4.0)
        assert row["cv"] < 1e-7
    assert row["step"] == "(equal)"


def test_the_scale_of_the_weights_and_the_order_of_the_rows_are_no_cost(frame: pd.DataFrame) -> None:
    columns = ["cv", "deff_kish", "n_eff", "max_to_median"]
    expected = sv.Sample(frame, weights="w").weight_diagnostics().table[columns]
    for changed in (frame.assign(w=frame["w"] * 1e6), frame.iloc[[2, 0, 3, 1]]):
        found = sv.Sample(changed, weights="w").weight_diagnostics().table[columns]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_every_step_has_its_line_in_order(sample: sv.Sample) -> None:
    s = sample.rake({"sex": {"f": 50, "m": 50}}).rake({"age": {0: 30, 1: 70}})
    table = s.weight_diagnostics().table
    assert table["step"].tolist() == ["w", "w_final", "w_final_2"]
    assert table["sum"].tolist() == pytest.approx([10, 100, 100])
    # women 1:2 of 50, men 3:4 of 50
    assert table.loc[1, "max"] == pytest.approx(50 * 2 / 3)


def test_a_step_says_how_it_was_made_in_both_languages(sample: sv.Sample) -> None:
    e = sample.rake({"sex": {"f": 50, "m": 50}}).weight_diagnostics()
    assert "After raking" in e.to_text("en")
    assert "Sau hiệu chỉnh theo phân bố biên" in e.to_text("vi")
    assert "<table" in e._repr_html_()


@pytest.mark.parametrize("by", ["step", "n", ["sex", "sex"]])
def test_groups_that_collide_with_the_result_are_refused(frame: pd.DataFrame, by: str | list[str]) -> None:
    s = sv.Sample(frame.assign(step=1, n=2), weights="w")
    for verb in (s.weight_diagnostics, s.weight_distribution):
        if by == "n" and verb == s.weight_distribution:
            continue
        with pytest.raises(sv.EstimationError, match="A grouping column conflicts with a column of the result"):
            verb(by=by)


def test_a_histogram_holds_everybody_once(sample: sv.Sample) -> None:
    e = sample.rake({"sex": {"f": 50, "m": 50}}).weight_distribution(bins=4)
    assert e.statistic == "weight_distribution"
    for _, part in e.table.groupby("step"):
        assert part["count"].sum() == 4
        assert part["share"].sum() == pytest.approx(1)
    edges = e.table[e.table["step"] == "w"]
    # over the mean: 1/2.5 ... 4/2.5 before, 2/3 and 4/3, 6/7 and 8/7 after; the bins are common to both
    assert edges["low"].iloc[0] == pytest.approx(0.4)
    assert edges["high"].iloc[-1] == pytest.approx(1.6)
    assert edges["count"].tolist() == [1, 1, 1, 1]
    assert e.origin is not None
    assert e.origin.table["step"].tolist() == ["w", "w_final"]


def test_histograms_in_domains_are_relative_to_the_domains_mean(sample: sv.Sample) -> None:
    table = sample.weight_distribution(by="sex", bins=10).table
    first = table[table["count"] > 0].groupby("sex")["low"].min()
    assert first["f"] == pytest.approx(2 / 3)
    assert first["m"] == pytest.approx(2 / 3 + 0.1333333, abs=0.07)  # 6/7 lies in the third bin or so
    assert table.groupby("sex")["count"].sum().tolist() == [2, 2]


@pytest.mark.parametrize("w", [1.0, 7.3, [0.1 * 3] * 2 + [0.3] * 2])
def test_a_histogram_of_equal_weights_is_one_bar(frame: pd.DataFrame, w: float | list[float]) -> None:
    table = sv.Sample(frame.assign(w=w), weights="w").weight_distribution().table
    assert table[["low", "high", "count", "share"]].to_numpy().tolist() == [[0.5, 1.5, 4, 1.0]]


@pytest.mark.parametrize("bins", [0, -1, 2.5, True])
def test_bins_are_a_whole_number(sample: sv.Sample, bins: float) -> None:
    with pytest.raises(sv.EstimationError, match="The number of histogram bins must be a positive whole number"):
        sample.weight_distribution(bins=bins)  # type: ignore[arg-type]


def test_one_respondent() -> None:
    s = sv.Sample(pd.DataFrame({"w": [3.0], "sex": ["f"]}), weights="w", lonely="remove")
    assert s.weight_diagnostics().table["deff_kish"].tolist() == [1.0]
    assert s.weight_distribution().table["count"].tolist() == [1]
    assert s.margin_gaps({"sex": {"f": 10}}).table["gap"].tolist() == [0.0]


def test_gaps_before_and_after(sample: sv.Sample) -> None:
    targets = {"sex": {"f": 500, "m": 500}, "age": {0: 300, 1: 700}}
    before, after = sample.margin_gaps(targets).table, sample.rake(targets).margin_gaps(targets).table
    assert before["margin"].tolist() == ["sex", "sex", "age", "age"]
    assert before["category"].tolist() == ["sex = f", "sex = m", "age = 0", "age = 1"]
    assert before["n"].tolist() == [2, 2, 2, 2]
    for table in (before, after):
        assert table["target"].tolist() == [0.5, 0.5, 0.3, 0.7]
        assert table["before"].tolist() == pytest.approx([0.3, 0.7, 0.4, 0.6])
        assert table["gap_before"].tolist() == pytest.approx([-0.2, 0.2, 0.1, -0.1])
        assert table["relative_before"].tolist() == pytest.approx([-0.4, 0.4, 1 / 3, -1 / 7])
    assert before["gap"].tolist() == pytest.approx([-0.2, 0.2, 0.1, -0.1])
    assert after["after"].tolist() == pytest.approx([0.5, 0.5, 0.3, 0.7])
    assert after["gap"].abs().max() < 1e-9


def test_gaps_to_figures_of_another_source(sample: sv.Sample) -> None:
    """After raking to one source, another can be looked at."""
    s = sample.rake({"sex": {"f": 50, "m": 50}})
    gaps = s.margin_gaps({"sex": {"f": 520, "m": 480}}).table
    assert gaps["gap"].tolist() == pytest.approx([-0.02, 0.02])


def test_the_sample_remembers_what_it_was_raked_to_and_what_the_next_step_undid(sample: sv.Sample) -> None:
    s = sample.rake({"sex": {"f": 50, "m": 50}}).rake({"age": {0: 30, 1: 70}})
    gaps = s.margin_gaps().table.set_index("category")
    assert gaps["margin"].tolist() == ["sex", "sex", "age", "age"]
    assert gaps.loc["age = 0", "gap"] == pytest.approx(0, abs=1e-12)
    # women's weights 50/3, 100/3 and men's 150/7, 200/7 raked to age: (50/3) f0 + (100/3) f1 with
    # f0 = 30 / (50/3 + 150/7), f1 = 70 / (100/3 + 200/7)
    f0, f1 = 30 / (50 / 3 + 150 / 7), 70 / (100 / 3 + 200 / 7)
    assert gaps.loc["sex = f", "after"] == pytest.approx((50 / 3 * f0 + 100 / 3 * f1) / 100)
    assert gaps.loc["sex = f", "gap"] == pytest.approx((50 / 3 * f0 + 100 / 3 * f1) / 100 - 0.5)


def test_of_a_margin_met_twice_the_last_counts(sample: sv.Sample) -> None:
    s = sample.rake({"sex": {"f": 50, "m": 50}}).rake({"sex": {"f": 40, "m": 60}})
    assert s.margin_gaps().table["target"].tolist() == pytest.approx([0.4, 0.6])


def test_shares_are_those_of_each_group_of_within(frame: pd.DataFrame) -> None:
    two = pd.concat([frame.assign(wave=1), frame.assign(wave=2, w=1.0)], ignore_index=True)
    known = {("wave", "sex"): {(1, "f"): 50, (1, "m"): 50, (2, "f"): 800, (2, "m"): 200}}
    gaps = sv.Sample(two, weights="w").rake(known, within="wave").margin_gaps().table
    assert gaps["target"].tolist() == pytest.approx([0.5, 0.5, 0.8, 0.2])
    assert gaps["before"].tolist() == pytest.approx([0.3, 0.7, 0.5, 0.5])
    assert gaps["gap"].abs().max() < 1e-12


def test_a_known_sum_is_a_mean_per_person(frame: pd.DataFrame) -> None:
    rows = frame.assign(minutes=[10.0, 20.0, 30.0, 40.0])
    targets = {"sex": {"f": 50, "m": 50}, "minutes": 2800}
    gaps = sv.Sample(rows, weights="w").calibrate(targets).margin_gaps().table
    row = gaps[gaps["margin"] == "minutes"].iloc[0]
    assert row["unit"] == "mean"
    assert row["target"] == pytest.approx(28)
    assert row["before"] == pytest.approx((10 + 40 + 90 + 160) / 10)
    assert row["gap"] == pytest.approx(0, abs=1e-9)
    assert row["relative_before"] == pytest.approx(2 / 28)
    # with no number of people known, the current weights say how many there are
    alone = sv.Sample(rows, weights="w").margin_gaps({"minutes": 280}).table.iloc[0]
    assert (alone["target"], alone["gap"]) == pytest.approx((28, 2))


def test_a_known_sum_of_zero_has_no_relative_gap(frame: pd.DataFrame) -> None:
    rows = frame.assign(balance=[-1.0, 1.0, 1.0, -2.0])
    row = sv.Sample(rows, weights="w").margin_gaps({"sex": {"f": 5, "m": 5}, "balance": 0.0}).table.iloc[-1]
    assert np.isnan(row["relative"])
    assert row["gap"] == pytest.approx(-0.4)


def test_the_source_of_the_population_is_told_but_no_path(sample: sv.Sample) -> None:
    rows = pd.DataFrame({"variable": "sex", "category": ["f", "m"], "total": 5, "date": "2023-06-30"})
    known = sv.Targets.from_frame(rows.assign(source="Census office"))
    assert sample.margin_gaps(known).notes == ("population: Census office, 2023-06-30",)
    hidden = sv.Targets.from_frame(rows.drop(columns="date"), source="/home/me/margins.csv")
    assert sample.margin_gaps(hidden).notes == ()


def test_a_sample_that_was_never_calibrated_needs_targets(sample: sv.Sample) -> None:
    with pytest.raises(sv.DesignError, match="There are no targets to compare the sample with") as caught:
        sample.margin_gaps()
    assert "rake" in str(caught.value)

"""Numbers without a sampling error have no interval, and nobody reads one that looks like it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.tables._grid import grid_of
from survey.words.certainty import certainty
from survey.words.notes import BY_DESIGN

TARGETS = {"g": {"a": 100, "b": 80}}


def frame(seed: int = 3, rows: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "w": rng.uniform(1, 4, rows),
            "psu": np.arange(rows) // 5,
            "h": np.arange(rows) // 30,
            "g": rng.choice(["a", "b"], rows),
            "sex": rng.choice([1, 2], rows),
            "y": rng.normal(50, 9, rows),
            "yes": rng.integers(0, 2, rows),
        }
    )


DESIGNS: dict[str, dict[str, Any]] = {
    "people": {},
    "clusters": {"psu": "psu"},
    "strata": {"psu": "psu", "strata": "h", "nest": True},
}


@pytest.fixture(params=DESIGNS)
def raked(request: pytest.FixtureRequest) -> sv.Sample:
    return sv.Sample(frame(), weights="w", **DESIGNS[request.param]).rake(TARGETS)


def has_none(e: sv.Estimates, rows: Any = slice(None)) -> None:
    t = e.table.iloc[rows]
    assert (t["std_error"] == 0).all()
    assert t[["conf_low", "conf_high", "n_eff", "deff"]].isna().all(axis=None)
    assert "a known total, fixed by calibration: no interval" in e.notes


def test_a_share_fixed_by_raking_has_no_interval_and_no_effective_n(raked: sv.Sample) -> None:
    e = raked.proportion("g", levels=["a"])
    assert e.table["estimate"].item() == pytest.approx(100 / 180)
    has_none(e)
    has_none(raked.distribution("g"))


def test_totals_means_and_ratios_that_calibration_fixes_have_none(raked: sv.Sample) -> None:
    has_none(raked.total("one"))
    has_none(raked.total("one", by="g"))
    numbers = raked.calibrate({"y": 9000.0, **TARGETS}, method="linear")
    has_none(numbers.total("y"))
    has_none(numbers.mean("y"))
    has_none(numbers.ratio("y", "one"))


def test_what_calibration_does_not_fix_keeps_its_interval(raked: sv.Sample) -> None:
    for e in (
        raked.mean("y"),
        raked.mean("y", by="g"),
        raked.proportion("g", levels=["a"], by="sex"),
        raked.total("y"),
        raked.total("one", by="sex"),
        raked.proportion("yes", levels=[1]),
    ):
        assert (e.table["std_error"] > 0).all()
        assert e.table[["conf_low", "conf_high"]].notna().all(axis=None)
        assert not any("known" in note for note in e.notes)


def test_a_nearly_fixed_share_is_an_estimate() -> None:
    """One of 20,000 people differs between the margin and the item: its variance is small, and real."""
    rng = np.random.default_rng(1)
    g = rng.integers(0, 2, 20_000)
    near = g.copy()
    near[7] = 1 - near[7]
    s = sv.Sample(pd.DataFrame({"g": g, "near": near, "w": 1.0}), weights="w").rake({"g": {0: 900, 1: 1100}})
    t = s.proportion("near", levels=[1]).table.iloc[0]
    assert t["std_error"] > 0 and t["conf_low"] < t["estimate"] < t["conf_high"]


@pytest.mark.parametrize("factor", [1e-9, 1.0, 1e9])
def test_the_scale_of_weights_and_targets_does_not_matter(factor: float) -> None:
    rows = frame().assign(w=lambda d: d["w"] * factor)
    s = sv.Sample(rows, weights="w", psu="psu").rake({"g": {"a": 100 * factor, "b": 80 * factor}})
    has_none(s.proportion("g", levels=["a"]))
    has_none(s.total("one"))
    assert (s.mean("y").table["std_error"] > 0).all()


def test_replicates_raked_anew_agree() -> None:
    s = sv.Sample(frame(), weights="w", psu="psu").rake(TARGETS).replicates("bootstrap", n=60, seed=1)
    has_none(s.proportion("g", levels=["a"]))
    has_none(s.total("one", by="g"))
    assert (s.mean("y").table["std_error"] > 0).all()


def test_post_stratification_fixes_too() -> None:
    s = sv.Sample(frame(), weights="w", psu="psu").poststratify(TARGETS)
    has_none(s.distribution("g"))


def test_contrasts_of_known_numbers_have_no_interval_and_no_p(raked: sv.Sample) -> None:
    shares = raked.distribution("g")
    t = shares.contrast({"gap": [1, -1]}).table.iloc[0]
    assert t["estimate"] == pytest.approx(20 / 180) and t["std_error"] == 0
    assert np.isnan(t[["conf_low", "conf_high", "p_value", "statistic"]].to_numpy(float)).all()
    mixed = raked.mean(["yes"], by="g")
    assert (mixed.contrast([1, -1]).table["std_error"] > 0).all()


def test_answers_that_add_up_to_everybody_have_no_sampling_error() -> None:
    """The shares of all answers sum to 1, whatever the sample: rounding must not become a standard error."""
    e = sv.Sample(frame(), weights="w", psu="psu").distribution("sex").contrast({"all": [1, 1]})
    t = e.table.iloc[0]
    assert (t["estimate"], t["std_error"]) == (pytest.approx(1), 0)
    assert np.isnan(t["p_value"]) and np.isnan(t["conf_low"])


def test_strata_and_a_full_count_are_told_from_calibration() -> None:
    rows = frame().assign(w=1.0)
    by_stratum = sv.Sample(rows, weights="w", strata="h").proportion("h", levels=[1])
    assert "without sampling error under this design: no interval" in by_stratum.notes
    census = sv.Sample(rows.assign(N=90), weights="w", fpc="N").mean("y")
    assert "without sampling error under this design: no interval" in census.notes
    assert census.table["conf_low"].isna().all() and (census.table["std_error"] == 0).all()


def test_equal_answers_have_no_interval_of_no_width() -> None:
    s = sv.Sample(frame().assign(y=3.7), weights="w", psu="psu")
    e = s.mean("y")
    assert e.table["std_error"].item() == 0 and e.table["conf_low"].isna().all()
    assert e.notes == ("everybody gave the same answer: no interval",)
    assert "cannot be judged" in sv.narrative.describe(e).en
    assert "không thể đánh giá" in sv.narrative.describe(e).vi


@pytest.mark.parametrize("psu", ["c", None])
def test_answers_that_differ_a_little_are_not_the_same(psu: str | None) -> None:
    """One answer of much weight makes small influence values; by hand, from exact deviations."""
    tick = 2.0**-10
    near = np.array([-tick, 0, tick, tick])
    data = pd.DataFrame({"c": range(4), "w": [0.5, 1000, 0.25, 0.125], "y": near - 300_000})
    e = sv.Sample(data, weights="w", psu=psu).mean("y")
    w = data["w"].to_numpy()
    u = w * (near - w @ near / w.sum()) / w.sum()
    expected = np.sqrt(4 / 3 * ((u - u.mean()) ** 2).sum())
    assert e.table["std_error"][0] == pytest.approx(expected, rel=1e-8)
    assert np.isfinite(e.table["conf_low"][0])
    assert not e.notes


def test_shares_of_0_and_1_keep_the_interval_of_korn_and_graubard() -> None:
    s = sv.Sample(frame().assign(yes=0), weights="w", psu="psu")
    t = s.distribution("yes").table.iloc[0]
    assert t["conf_low"] < t["conf_high"]


def test_sentences_tables_and_figures_cope(raked: sv.Sample) -> None:
    e = raked.distribution("g")
    told = sv.narrative.describe(e, {"answer": "a"})
    assert "a known total, fixed by calibration" in told.en and "confidence interval" not in told.en
    assert "được ấn định khi hiệu chỉnh quyền số" in told.vi and "khoảng tin cậy" not in told.vi
    table = sv.tables.table(e, lang="en")
    assert [line.cells[:2] for line in grid_of(table).lines] == [("55.6", "44.4")]
    assert not any("confidence" in note for note in table.notes)
    figure = sv.figures.intervals(raked.proportion("g", levels=["a"]), lang="en")
    assert figure._repr_png_() is not None
    assert not any("Horizontal" in note or "horizontal" in note for note in figure.notes)
    assert any("fixed by calibration" in note for note in figure.notes)
    assert "a known total" in raked.proportion("g", levels=["a"]).to_text("en").lower()


def test_a_known_distribution_pools_to_a_known_distribution() -> None:
    s = [sv.Sample(frame().assign(y=i), weights="w", psu="psu").rake(TARGETS) for i in range(3)]
    t = sv.Imputations(s).proportion("g", levels=["a"]).table.iloc[0]
    assert t["std_error"] == 0 and np.isnan(t["conf_low"]) and np.isnan(t["conf_high"])


# --- pooled shares at 0 or 1 ------------------------------------------------------------------------------------------


def imputed(counts: list[int], rows: int = 60) -> sv.Imputations:
    yes = [np.r_[np.ones(k), np.zeros(rows - k)] for k in counts]
    return sv.Imputations([sv.Sample(frame(rows=rows).assign(yes=y), weights="w", psu="psu") for y in yes])


@pytest.mark.crossed
@pytest.mark.parametrize("count", [0, 60])
@pytest.mark.parametrize("interval", ["logit", "wilson", "beta", "asin", "plain"])
def test_where_every_imputation_is_at_the_end_the_interval_is_that_of_each(count: int, interval: str) -> None:
    """Five equal data sets know as much as one of them."""
    many = imputed([count] * 5)
    one = many.samples[0].proportion("yes", levels=[1.0], interval=interval) if count else None
    t = many.distribution("yes", interval=interval).table.iloc[0]
    own = many.samples[0].distribution("yes", interval=interval).table.iloc[0]
    assert (t["conf_low"], t["conf_high"]) == (own["conf_low"], own["conf_high"])
    assert t["conf_low"] < t["conf_high"]
    assert one is None or one.table["conf_low"].item() < 1


def test_where_some_imputations_are_at_the_end_the_interval_holds_theirs() -> None:
    codebook = sv.Codebook({"yes": sv.Variable("yes", type="binary", labels={0: {"en": "no"}, 1: {"en": "yes"}})})
    many = sv.Imputations(
        [sv.Sample(sv.Responses(s.data, codebook), weights="w", psu="psu") for s in imputed([0, 0, 0, 0, 1]).samples]
    )
    e = many.proportion("yes", levels=[1])
    ends = [s.proportion("yes", levels=[1]).table.iloc[0] for s in many.samples[:4]]
    assert e.table["conf_low"].item() == 0
    assert e.table["conf_high"].item() >= max(t["conf_high"] for t in ends) > 0
    assert "shares of 0 or 1 in some imputations: the interval holds those of these imputations" in e.notes
    assert any(note.startswith("shares of 0 or 1: one-sided interval") for note in e.notes)


@pytest.mark.parametrize("psu", [None, "c"], ids=["elements", "clusters"])
def test_who_was_drawn_for_certain_is_known_whatever_they_answered(psu: str | None) -> None:
    """A stratum taken whole has no sampling error, be its answers alike, in one cluster or spread."""
    rows = pd.DataFrame(
        {
            "h": np.repeat([1, 2], 12),
            "c": np.repeat(range(8), 3),
            "f": np.repeat([1.0, 0.5], 12),
            "w": 1.0,
            "g": np.repeat(["alike", "one", "spread", "drawn"], [6, 3, 3, 12]),
            "q": [1.0] * 6 + [0, 1, 1] * 2 + [0] * 4 + [1] * 5 + [0] * 3,
        }
    )
    s = sv.Sample(rows, weights="w", strata="h", fpc="f", psu=psu)
    for e in (s.proportion("q", levels=[1.0], by="g"), s.mean("q", by="g")):
        table = e.table.set_index("g")
        certain = table.loc[["alike", "one", "spread"]]
        assert certain["std_error"].eq(0).all() and certain[["conf_low", "conf_high"]].isna().all(axis=None)
        assert e.notes == (BY_DESIGN,)
    assert s.mean("q", by="g").table.set_index("g").loc["drawn", "std_error"] > 0


# --- a median of everybody --------------------------------------------------------------------------------------------


def test_a_quantile_of_a_full_count_is_known_and_can_be_judged() -> None:
    """Everybody was drawn: no error, as of the mean. R's svyquantile says 0 too (reference/faults.json)."""
    rows = frame().assign(N=18)
    s = sv.Sample(rows, weights="w", psu="psu", fpc="N")
    mean, median = (e.table for e in (s.mean("y", by="g"), s.quantile("y", 0.5, by="g")))
    assert (median["std_error"] == 0).all()
    assert (mean["std_error"] == 0).all()
    assert median[["conf_low", "conf_high"]].isna().all(axis=None)
    e = s.quantile("y", [0.25, 0.5])
    assert (certainty(e) == "known").all()
    assert not any("Woodruff interval may have no width" in note for note in e.notes)
    # one stratum of three drawn whole, the others not
    part = sv.Sample(rows.assign(N=np.where(rows["h"] == 0, 6, 9)), weights="w", psu="psu", strata="h", fpc="N")
    errors = part.quantile("y", 0.5, by="h").table["std_error"]
    assert errors[0] == 0
    assert (errors[1:] > 0).all()


# --- 0 over 0 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_design_effect_of_answers_that_are_all_alike_has_no_value(seed: int) -> None:
    """No variance over no variance: R has NaN. Rounding of uneven weights must not make it a 0."""
    rows = frame(seed)
    rows["y"] = np.where(rows["g"] == "b", 3.1, rows["y"])
    for s in (
        sv.Sample(rows, weights="w", psu="psu"),
        sv.Sample(rows, weights="w", psu="psu").rake({"sex": {1: 7, 2: 9}}),
    ):
        t = s.mean("y", by="g").table
        assert t["std_error"][1] == 0
        assert t.loc[1, ["deff", "n_eff"]].isna().all()
        assert (t.loc[0, ["deff", "n_eff"]] > 0).all()

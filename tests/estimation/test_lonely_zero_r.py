"""Units that are alone, weights of 0 and jackknives with an fpc, against R's survey (reference/lonely_zero.R)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.estimation.intervals import INTERVALS
from survey.words.notes import BY_DESIGN

FILE = Path(__file__).parents[1] / "reference" / "lonely_zero.json"
R = json.loads(FILE.read_text(encoding="utf-8"))
TWO, SPARSE, ZERO, FULL = (pd.DataFrame(R["rows"][name]) for name in ("two", "sparse", "zero", "full"))
RULES = ("fail", "adjust", "average", "remove", "certainty")

LONELY: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "units": (TWO, {"psu": ["c", "s"], "strata": "h", "fpc": ["N1", "N2"]}),
    "strata2": (TWO, {"psu": ["c", "s"], "strata": ["h", "h2"], "fpc": ["N1", "N2"]}),
    "strata2_known": (TWO[~TWO.c.isin([3, 6])], {"psu": ["c", "s"], "strata": ["h", "h2"], "fpc": ["N1", "N2"]}),
    "elements": (SPARSE, {"psu": ["c", "e"], "strata": "h", "fpc": ["N1", "N2"]}),
    "certain": (TWO[(TWO.c != 6) & (TWO.h < 3)], {"psu": ["c", "s"], "strata": "h", "fpc": ["N1", "whole"]}),
    "unstratified": (TWO.assign(N1=12), {"psu": ["c", "s"], "fpc": ["N1", "N2"]}),
}
ASKED: dict[str, Callable[[sv.Sample], sv.Estimates]] = {
    "mean": lambda s: s.mean("y"),
    "total": lambda s: s.total("y"),
    "ratio": lambda s: s.ratio("y", "e"),
    "domain": lambda s: s.mean("y", where="g == 1"),
    "domain_total": lambda s: s.total("y", where="g == 1"),
}


@pytest.mark.crossed
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("design", LONELY)
def test_a_single_unit_of_the_second_stage_follows_the_rule(design: str, rule: str) -> None:
    rows, columns = LONELY[design]
    expected = R["lonely"][design][rule]
    if expected == "error":
        with pytest.raises(sv.DesignError, match=r"(clusters|strata).* 3"):
            sv.Sample(rows, weights="w", lonely=rule, **columns)
        return
    s = sv.Sample(rows, weights="w", lonely=rule, **columns)
    for name, ask in ASKED.items():
        t = ask(s).table
        estimate, error = expected[name]
        assert t["estimate"][0] == pytest.approx(estimate, rel=1e-12)
        if error is not None:  # where R has none, ours is argued in the next test
            assert t["std_error"][0] == pytest.approx(error, rel=1e-10), name


def test_average_gives_a_cluster_of_which_nothing_is_known_the_average_of_the_others() -> None:
    """R has no number here (0/0 within the cluster). The second stage of the clusters that have one is known: under
    "remove" it is the difference from the first stage alone, which a census of units (fraction 1) leaves."""
    rows = TWO[TWO.h < 3]
    design: dict[str, Any] = {"weights": "w", "strata": "h", "psu": ["c", "s"]}
    known = sv.Sample(rows, fpc=["N1", "N2"], lonely="remove", **design).mean("y").table["std_error"][0] ** 2
    fractions = rows.assign(f1=rows.groupby("h").c.transform("nunique") / rows.N1, f2=1.0)
    first_alone = sv.Sample(fractions, fpc=["f1", "f2"], **design).mean("y").table["std_error"][0] ** 2
    got = sv.Sample(rows, fpc=["N1", "N2"], lonely="average", **design).mean("y").table["std_error"][0] ** 2
    # six clusters, two of which (3 and 6) have one unit
    assert got == pytest.approx(first_alone + (known - first_alone) * 6 / 4, rel=1e-12)


def test_centered_takes_the_deviation_from_the_mean_of_all_units_of_the_stage() -> None:
    """By hand: a census of three clusters; the third's one unit of two deviates from the mean of all five units."""
    rows = pd.DataFrame({"c": [1, 1, 2, 2, 3], "s": range(5), "y": [1.0, 5, 2, 3, 10], "N1": 3, "N2": [4, 4, 4, 4, 2]})
    s = sv.Sample(rows.assign(w=2.0), weights="w", psu=["c", "s"], fpc=["N1", "N2"], lonely="centered")
    z = 2 * rows.y.to_numpy()
    within = 0.5 * 2 * sum(((v - v.mean()) ** 2).sum() for v in (z[:2], z[2:4]))
    alone = 0.5 * (z[4] - z.mean()) ** 2
    assert s.total("y").table["std_error"][0] ** 2 == pytest.approx(within + alone, rel=1e-12)
    by_rows = sv.Sample(
        pd.concat([rows, rows], ignore_index=True).assign(w=1.0),
        weights="w",
        psu=["c", "s"],
        fpc=["N1", "N2"],
        lonely="centered",
    )
    assert by_rows.total("y").table["std_error"][0] ** 2 == pytest.approx(within + alone, rel=1e-12)


DESIGNS: dict[str, dict[str, Any]] = {
    "clusters": {"psu": "c"},
    "stratified": {"psu": "c", "strata": "h", "fpc": "N"},
    "elements": {},
    "strata_elements": {"strata": "h"},
}


@pytest.mark.parametrize("raked", [False, True], ids=["base", "raked"])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_weights_of_0_are_drawn_and_outside_every_domain(design: str, raked: bool) -> None:
    s = sv.Sample(ZERO, weights="w", lonely="adjust", **DESIGNS[design])
    if raked:
        s = s.rake({"sex": {0: 28, 1: 32}})
        assert (s.weights[ZERO["w"] == 0] == 0).all()
    expected = R["zero_raked" if raked else "zero"][design]
    for name, e in {"mean": s.mean("y"), "a": s.mean("y", where="g == 'a'")}.items():
        t = e.table.iloc[0]
        got = [t["estimate"], t["std_error"], t["deff"], t["df"]]
        assert got == pytest.approx(expected[name], rel=1e-8), name
        assert t["n"] == ((ZERO["w"] > 0) & ((ZERO["g"] == "a") | (name == "mean"))).sum()
    for name, e in {"total": s.total("y"), "ratio": s.ratio("y", "x"), "var": s.variance("y")}.items():
        assert e.table[["estimate", "std_error"]].iloc[0].tolist() == pytest.approx(expected[name], rel=1e-8), name
    shares = s.distribution("q").table.set_index("answer")
    assert shares.loc[3, ["estimate", "std_error"]].tolist() == pytest.approx(expected["q3"], rel=1e-8)
    assert shares.loc[6, "estimate"] == 0  # only weights of 0 gave it
    t = s.quantile("y", 0.5).table.iloc[0]
    assert t["estimate"] == expected["median"][0]
    model = s.linear("y ~ x + g").table
    order = [model["term"].tolist().index(name) for name in ("Intercept", "x", "g[T.b]")]
    got = [*model["estimate"].iloc[order], *model["std_error"].iloc[order], model["df"][0]]
    assert got == pytest.approx(expected["linear"], rel=1e-8)


@pytest.mark.parametrize("design", ["clusters", "stratified"])
def test_jackknives_know_weights_of_0(design: str) -> None:
    s = sv.Sample(ZERO, weights="w", lonely="adjust", **DESIGNS[design]).replicates("jackknife")
    for name, e in {"mean": s.mean("y"), "total": s.total("y")}.items():
        expected = R["zero_jackknife"][design][name]
        assert e.table[["estimate", "std_error"]].iloc[0].tolist() == pytest.approx(expected, rel=1e-10)


JACKKNIVES: dict[str, tuple[str, dict[str, Any]]] = {
    "jk1": ("JK1", {"fpc": "N2"}),
    "jkn": ("JKn", {"strata": "h", "fpc": "N"}),
    "census_stratum": ("JKn", {"strata": "h", "fpc": "census"}),
}


@pytest.mark.parametrize("name", JACKKNIVES)
def test_the_jackknife_takes_the_sampling_fraction_off(name: str) -> None:
    """A stratum of which everything was drawn has no replicate. A total's error is the linearised one exactly."""
    method, design = JACKKNIVES[name]
    expected = R["jackknife"][name]
    s = sv.Sample(FULL.assign(N2=2 * FULL["N"]), weights="w", psu="c", **design).replicates(
        method, mse=name != "census_stratum"
    )
    made = s.design.replicates
    assert made is not None and made.rscales is not None
    assert made.factor * np.asarray(made.rscales) == pytest.approx(np.multiply(expected["scale"], expected["rscales"]))
    for verb, e in {"mean": s.mean("y"), "total": s.total("y")}.items():
        assert e.table[["estimate", "std_error"]].iloc[0].tolist() == pytest.approx(expected[verb], rel=1e-10)
    linear, made = (s.total("y", variance=v).table["std_error"][0] for v in ("taylor", "replicate"))
    assert made == pytest.approx(linear, rel=1e-12)
    assert s.replicate_df == {"jk1": 11, "jkn": 8, "census_stratum": 6}[name]


def test_jackknives_that_would_leave_something_out_are_refused() -> None:
    two = sv.Sample(TWO, weights="w", strata="h", psu=["c", "s"], fpc=["N1", "N2"], lonely="remove")
    with pytest.raises(sv.DesignError, match="when clusters are subsampled"):
        two.replicates("JKn")
    census = sv.Sample(FULL.assign(one=1.0), weights="w", strata="h", psu="c", fpc="one")
    with pytest.raises(
        sv.DesignError,
        match="Every cluster of the population is in the sample, so there is no sampling variance to replicate",
    ):
        census.replicates("JKn")


@pytest.mark.parametrize("fractions", [True, False], ids=["fractions", "sizes"])
@pytest.mark.parametrize("elements", [True, False], ids=["elements", "clusters"])
@pytest.mark.sampled
def test_a_census_has_no_sampling_error_and_a_lonely_stratum_may_be_one(fractions: bool, elements: bool) -> None:
    rows = FULL[FULL["c"] < 8]  # strata of 3, 3 and 2 clusters; the last row of all is alone in a fourth
    rows = pd.concat([rows, FULL[FULL["c"] == 12].head(1)])
    units = rows.groupby("h")["y"].transform("size") if elements else rows.groupby("h")["c"].transform("nunique")
    rows = rows.assign(f=1.0 if fractions else units)
    s = sv.Sample(rows, weights="w", strata="h", fpc="f", **({} if elements else {"psu": "c"}))
    for e in (s.mean("y"), s.total("y"), s.mean("y", by="g"), s.rake({"sex": {0: 20, 1: 30}}).mean("y")):
        assert (e.table["std_error"] == 0).all()
    for interval in INTERVALS:  # R's svyciprop gives the share itself; what is known beyond doubt is no interval here
        known = s.proportion("q", levels=[3], interval=interval)
        assert known.table["std_error"].eq(0).all() and known.table[["conf_low", "conf_high"]].isna().all(axis=None)
        assert BY_DESIGN in known.notes
    half = rows.assign(f=np.where(rows["h"] == 1, 0.5, 1.0))
    only = sv.Sample(half, weights="w", strata="h", fpc="f", **({} if elements else {"psu": "c"})).total("y")
    first = half[half["h"] == 1]
    z = (first["w"] * first["y"]).groupby(first["c"]).sum().to_numpy()
    z = (first["w"] * first["y"]).to_numpy() if elements else z
    assert only.table["std_error"][0] ** 2 == pytest.approx(0.5 * len(z) * z.var(ddof=1), rel=1e-12)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_other_weights_that_are_none_stay_refused(bad: float) -> None:
    with pytest.raises(sv.DesignError, match="missing, infinite or negative"):
        sv.Sample(ZERO.assign(w=[bad, *ZERO["w"][1:]]), weights="w")


def test_weights_that_are_all_0_are_refused() -> None:
    with pytest.raises(sv.DesignError, match="All weights are 0"):
        sv.Sample(ZERO.assign(w=0.0), weights="w")
    with pytest.raises(sv.EstimationError, match="No respondent in the domain has a positive weight"):
        sv.Sample(ZERO, weights="w").mean("y", where="w == 0")


def test_weighting_leaves_weights_of_0_alone() -> None:
    """Whatever they lack; n, limits and averages are of the others."""
    s = sv.Sample(ZERO.assign(sex=ZERO["sex"].where(ZERO["w"] > 0)), weights="w", psu="c")
    some, nobody = (ZERO["w"] > 0).to_numpy(), (ZERO["w"] == 0).to_numpy()
    others = sv.Sample(ZERO[some], weights="w", psu="c")
    sexes = {"sex": {0: 28, 1: 32}}
    for verb in (
        lambda x: x.rake(sexes),
        lambda x: x.poststratify(sexes),
        lambda x: x.calibrate(sexes, method="linear"),
        lambda x: x.scale_weights("n"),
        lambda x: x.trim(median=1.2),
        lambda x: x.trim(lower=1.5),
        lambda x: x.rake(sexes).trim(upper=4.0),
    ):
        made = verb(s)
        assert (made.weights[nobody] == 0).all()
        np.testing.assert_allclose(made.weights[some], verb(others).weights, rtol=1e-12)
        kept, alone = made.weight_diagnostics().table, verb(others).weight_diagnostics().table
        np.testing.assert_allclose(kept[["n", "sum", "deff_kish"]], alone[["n", "sum", "deff_kish"]])
        again = verb(s.replicates("jackknife"))
        np.testing.assert_allclose(
            again.mean("y").table["std_error"], made.replicates("JK1").mean("y").table["std_error"]
        )
    gaps = s.rake(sexes).margin_gaps().table
    assert gaps["n"].tolist() == others.rake(sexes).margin_gaps().table["n"].tolist()
    assert s.rake(sexes).calibration.deff_after == pytest.approx(others.rake(sexes).calibration.deff_after)
    with pytest.raises(sv.TargetsError, match="A category of the population has no respondents"):
        sv.Sample(ZERO, weights="w").rake({"q": {1: 10, 2: 10, 3: 10, 4: 10, 5: 10, 6: 10}})


def test_nonresponse_classes_count_respondents_with_a_weight() -> None:
    """The jackknife by hand: the class's factor made anew without each cluster; weights of 0 have no part in it."""
    s = sv.Sample(ZERO, weights="w", psu="c")
    away = pd.DataFrame({"c": [1, 3, 5, 9], "w": [2.0, 2, 1, 3], "sex": [0, 1, 1, 0], "disposition": 2.1})
    made = s.adjust_nonresponse("sex", nonrespondents=away)
    assert (made.weights[ZERO["w"] == 0] == 0).all()

    def mean(base: pd.Series, gone: pd.Series) -> float:
        eligible = base.groupby(ZERO["sex"]).sum() + gone.groupby(away["sex"]).sum().reindex([0, 1], fill_value=0.0)
        w = base * (eligible / base.groupby(ZERO["sex"]).sum()).reindex(ZERO["sex"]).to_numpy()
        return float((w * ZERO["y"]).sum() / w.sum())

    full = mean(ZERO["w"], away["w"])
    assert made.mean("y").table["estimate"][0] == pytest.approx(full, rel=1e-12)
    deviations = [mean(ZERO["w"] * (ZERO["c"] != c), away["w"] * (away["c"] != c)) - full for c in range(1, 13)]
    hand = np.sqrt(11 / 12 * np.square(deviations).sum())
    assert made.replicates("JK1").mean("y").table["std_error"][0] == pytest.approx(hand, rel=1e-10)

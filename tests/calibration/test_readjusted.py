"""Replicates adjusted anew, against a loop: for each an ordinary sample of all with a weight in it, adjusted alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from examples import but_one_slow, examples

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
AGE = {"age": {0: 800.0, 1: 1300.0, 2: 900.0}}
MARGINS = {"sex": {0: 1400.0, 1: 1600.0}} | AGE
CELLS = {("sex", "age"): {(s, a): 350.0 + 100 * s + 60 * a for s in (0, 1) for a in (0, 1, 2)}}
NUMBER = MARGINS | {"trips": 5500.0}
IN_WAVES = {
    ("wave", v): {(w, c): t * (1 + w) for w in (0, 1) for c, t in known.items()} for v, known in MARGINS.items()
}
SHARES = {v: {c: t / 3000 for c, t in known.items()} for v, known in MARGINS.items()}


@pytest.fixture
def rows(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(one=1)
    pair = pd.factorize(rows["cluster"])[0] // 2
    household = rows["cluster"] + "-" + (rows.groupby("cluster").cumcount() // 2).astype(str)
    return rows.assign(pair=pair, hh=household, wh=rows.groupby(household)["w"].transform("first"))


def close(got: Any, expected: Any, rtol: float = 1e-8, atol: float = 0.0) -> None:
    np.testing.assert_allclose(
        np.asarray(got, float).ravel(), np.asarray(expected, float).ravel(), rtol=rtol, atol=atol
    )


def seen(s: sv.Sample) -> list[np.ndarray]:
    """The weights of every replicate, as `replicate` hands them to a function; the whole sample's first."""
    found: list[np.ndarray] = []
    s.replicate(lambda w: found.append(w.copy()) or 1.0, progress=False)  # type: ignore[func-returns-value]
    return found


# --- ways to make replicates ------------------------------------------------------------------------------------------


def producer(rows: pd.DataFrame, combined: bool) -> sv.Sample:
    """A jackknife of clusters as columns in the file."""
    clusters = rows["cluster"].unique()
    g = len(clusters)
    columns = {}
    for i, c in enumerate(clusters):
        times = np.where(rows["cluster"] == c, 0.0, g / (g - 1))
        columns[f"rep{i}"] = times * rows["w"] if combined else times
    replicates = sv.Replicates("JK1", tuple(columns), combined=combined)
    return sv.Sample(pd.concat([rows, pd.DataFrame(columns)], axis=1), weights="w", replicates=replicates)


def fay(rows: pd.DataFrame) -> sv.Sample:
    two = rows[rows["pair"] < 9].reset_index(drop=True)
    return sv.Sample(two, weights="w", strata="pair", psu="cluster").replicates("Fay", rho=0.3)


def two_stage(rows: pd.DataFrame) -> sv.Sample:
    """Households drawn in clusters, people all taken."""
    n = rows.groupby("cluster")["hh"].transform("nunique")
    data = rows.assign(hh_total=n + 7)
    design = {"strata": "stratum", "psu": ["cluster", "hh"], "fpc": ["clusters_total", "hh_total"]}
    return sv.Sample(data, weights="w", **design).replicates("rwyb", n=20, seed=3)


MADE: dict[str, Callable[[pd.DataFrame], sv.Sample]] = {
    "JKn": lambda r: sv.Sample(r, weights="w", strata="stratum", psu="cluster").replicates("JKn"),
    "JK1": lambda r: sv.Sample(r, weights="w", psu="cluster").replicates("JK1"),
    "Fay": fay,
    "bootstrap": lambda r: sv.Sample(r, weights="w", strata="stratum", psu="cluster").replicates(
        "bootstrap", n=20, seed=1
    ),
    "rwyb": lambda r: sv.Sample(r, **DESIGNS["strat_clus_fpc"]).replicates("rwyb", n=20, seed=2),
    "rwyb, two stages": two_stage,
    "elements": lambda r: sv.Sample(r, weights="w", strata="stratum").replicates("bootstrap", n=20, seed=1),
    "elements, JK1": lambda r: sv.Sample(r, weights="w").replicates("jackknife"),
    "producer's weights": lambda r: producer(r, True),
    "producer's multipliers": lambda r: producer(r, False),
}

# --- ways to adjust ---------------------------------------------------------------------------------------------------

CHAINS: dict[str, list[Callable[[sv.Sample], sv.Sample]]] = {
    "rake": [lambda s: s.rake(MARGINS)],
    "rake within waves": [lambda s: s.rake(IN_WAVES, within="wave")],
    "rake to shares": [lambda s: s.rake(SHARES)],
    "poststratify": [lambda s: s.poststratify(AGE)],
    "cells": [lambda s: s.poststratify(CELLS)],
    "linear": [lambda s: s.calibrate(MARGINS, bounds=(0.01, 50))],
    "raking to a number": [lambda s: s.calibrate(NUMBER, method="raking")],
    "raking to shares and a mean": [lambda s: s.calibrate(SHARES | {"trips": 1.83}, method="raking")],
    "logit": [lambda s: s.calibrate(MARGINS, method="logit", bounds=(0.01, 9))],
    "bounded raking": [lambda s: s.rake(MARGINS, bounds=(0.02, 8))],
    "twice": [lambda s: s.poststratify(AGE), lambda s: s.rake(MARGINS)],
    "three times": [
        lambda s: s.poststratify(CELLS),
        lambda s: s.rake(IN_WAVES, within="wave"),
        lambda s: s.rake(MARGINS),
    ],
    "scaled to n": [lambda s: s.scale_weights("n", by="wave")],
    "scaled alike": [lambda s: s.scale_weights("equal", by=["wave", "sex"])],
    "scaled to an average": [lambda s: s.scale_weights("average", by="wave")],
    "scaled to a total": [lambda s: s.scale_weights(700.0)],
    "scaled to totals": [lambda s: s.scale_weights({0: 300.0, 1: 900.0}, by="wave")],
    "cut at a median": [lambda s: s.trim(median=5)],
    "cut at a median, lost": [lambda s: s.trim(median=1.2, by="wave", redistribute="none")],
    "cut at a quantile": [lambda s: s.trim(quantile=0.96, by="wave", redistribute="equal")],
    "cut at limits": [lambda s: s.scale_weights("n"), lambda s: s.trim(lower=0.5, upper=2.4)],
    "raised": [lambda s: s.scale_weights("n"), lambda s: s.trim(lower=0.4)],
    "raked and cut": [lambda s: s.rake(MARGINS), lambda s: s.trim(median=6)],
    "calibrated and cut": [lambda s: s.calibrate(MARGINS, bounds=(0.01, 50)), lambda s: s.trim(quantile=0.97)],
    "scaled, raked, cut, raked": [
        lambda s: s.scale_weights("n", by="wave"),
        lambda s: s.rake(MARGINS),
        lambda s: s.trim(median=6),
        lambda s: s.scale_weights(50.0),
        lambda s: s.trim(quantile=0.96),
        lambda s: s.rake(AGE),
        lambda s: s.scale_weights("equal", by="wave"),
    ],
}


def chained(s: sv.Sample, chain: str) -> sv.Sample:
    for step in CHAINS[chain]:
        s = step(s)
    return s


def naive(data: pd.DataFrame, weights: np.ndarray, adjust: Callable[[sv.Sample], sv.Sample]) -> np.ndarray:
    """The weights of one replicate as an ordinary sample of those who have weight in it."""
    there = weights > 0
    part = data[there].assign(w=weights[there])
    out = np.zeros(len(data))
    out[there] = adjust(sv.Sample(part, weights="w", lonely="remove")).weights
    return out


@pytest.mark.crossed
@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize(
    "made", [pytest.param(m, marks=() if m in ("JKn", "producer's weights") else pytest.mark.slow) for m in MADE]
)
@pytest.mark.sampled
def test_every_replicate_is_adjusted_as_a_sample_of_its_own(rows: pd.DataFrame, made: str, chain: str) -> None:
    plain = MADE[made](rows)
    before = seen(plain)
    try:
        after = seen(chained(plain, chain))
    except sv.ConvergenceError as problem:
        # clusters that are not drawn keep a little weight in these: a median may lie among them
        assert made == "rwyb" and problem.what.startswith("Some replicates cannot be trimmed")
        number = int(str(problem.where).split("replicates ")[1].split(",")[0])
        with pytest.raises(sv.SurveyError):
            naive(plain.data, before[1 + number], lambda s: chained(s, chain))
        return
    close(after[0], chained(plain, chain).weights)
    for i in range(1, len(before), max(1, len(before) // examples(20))):
        close(after[i], naive(plain.data, before[i], lambda s: chained(s, chain)), 1e-7, 1e-9)


def test_jackknife_multipliers_by_hand(rows: pd.DataFrame) -> None:
    """What the loop stands on: JKn leaves out a cluster and lets the others of its stratum stand in."""
    plain = MADE["JKn"](rows)
    found = seen(plain)[1:]
    clusters = rows.groupby("cluster")["stratum"].first()
    n = clusters.groupby(clusters).size()
    expected = []
    for cluster, stratum in clusters.items():
        times = np.where(rows["stratum"] == stratum, n[stratum] / (n[stratum] - 1), 1.0)
        expected.append(np.where(rows["cluster"] == cluster, 0.0, times) * rows["w"])
    order = lambda many: sorted(many, key=lambda w: tuple(np.round(w, 6)))  # noqa: E731
    for got, want in zip(order(found), order(expected), strict=True):
        close(got, want)


# --- trimmed, scaled, in households -----------------------------------------------------------------------------------


# a jackknife done by hand, with all steps done again without each cluster


def people() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    x = pd.DataFrame(
        {
            "c": np.repeat(range(12), 8),
            "g": rng.choice(list("ab"), 96),
            "y": rng.normal(3, 1, 96),
            "w": rng.lognormal(0, 1, 96),
            "age": rng.integers(0, 3, 96),
            "answered": rng.random(96) < 0.8,
        }
    )
    x["y"] += (x["g"] == "a") * 2 + x["w"] / 5
    return x.assign(disposition=np.where(x["answered"], 1.1, 2.1), y=x["y"].where(x["answered"])).drop(
        columns="answered"
    )


POPULATION = {"age": {0: 60.0, 1: 50.0, 2: 70.0}}
BY_HAND: dict[str, Callable[[sv.Sample], sv.Sample]] = {
    "equal": lambda s: s.scale_weights("equal", by="g"),
    "n": lambda s: s.scale_weights("n", by="g"),
    "total": lambda s: s.scale_weights(1000.0),
    "median": lambda s: s.trim(median=6),
    "quantile": lambda s: s.trim(quantile=0.9, by="g"),
    "upper": lambda s: s.trim(upper=4.0),
    "upper, none": lambda s: s.trim(upper=4.0, lower=0.4, redistribute="none"),
    "both": lambda s: s.trim(upper=5.0, lower=0.5, redistribute="equal"),
    "totals kept": lambda s: s.rake(POPULATION).trim(median=3),
    "the whole way": lambda s: (
        s.adjust_nonresponse(by=["g"])
        .scale_weights("equal", by="g")
        .rake(POPULATION)
        .trim(median=3.5)
        .rake({"g": {"a": 90.0, "b": 90.0}})
    ),
}


@pytest.mark.parametrize("pipe", but_one_slow(BY_HAND))
def test_a_jackknife_by_hand_with_every_step_done_again(pipe: str) -> None:
    x, make = people(), BY_HAND[pipe]
    if pipe != "the whole way":
        x = x[x["disposition"] == 1.1].drop(columns="disposition").reset_index(drop=True)
    plain = sv.Sample(x, weights="w", psu="c")
    m = 12
    adjusted = make(plain)
    without = [make(sv.Sample(x[x["c"] != c].assign(w=x["w"] * m / (m - 1)), weights="w", psu="c")) for c in range(m)]
    before_and_after = (adjusted.replicates("jackknife"), make(plain.replicates("jackknife")))
    for verb in (lambda s: s.mean("y"), lambda s: s.total("y"), lambda s: s.mean("y", by="g").contrast([1, -1])):
        full = float(verb(adjusted).table["estimate"].iloc[0])
        hand = np.array([verb(s).table["estimate"].iloc[0] for s in without])
        expected = np.sqrt((m - 1) / m * ((hand - full) ** 2).sum())
        for s in before_and_after:
            assert verb(s).table["std_error"].iloc[0] == pytest.approx(expected, rel=1e-7)


def test_a_limit_chosen_by_its_error_is_a_multiple_of_the_mean_weight_in_every_replicate() -> None:
    """The choice is made once; in a replicate it is the same multiple of the mean weight of those in it."""
    x = people().dropna(subset="y")
    plain = sv.Sample(x, weights="w", psu="c").replicates("jackknife")
    s = plain.trim(mse="y", redistribute="none")
    multiple = s.weights.max() / plain.weights.mean()
    assert s.weights.max() < plain.weights.max()
    for b, a in zip(seen(plain)[1:], seen(s)[1:], strict=True):
        there = b > 0
        close(a, np.minimum(b, multiple * b[there].mean()))


def test_limits_without_room_in_some_replicate_are_refused_with_the_replicates(rows: pd.DataFrame) -> None:
    """Half-samples double the weights: a limit below twice the mean has no room there."""
    two = rows[rows["pair"] < 9].reset_index(drop=True)
    s = sv.Sample(two, weights="w", strata="pair", psu="cluster")
    limit = 1.2 * s.weights.mean()
    assert s.trim(upper=limit).weights.max() <= limit
    with pytest.raises(sv.ConvergenceError, match="Some replicates cannot be trimmed") as caught:
        s.replicates("BRR").trim(upper=limit)
    assert "of 12 replicates" in str(caught.value) and "median" in str(caught.value)


def test_steps_stored_before_they_were_made_anew_keep_the_factors_of_the_whole_sample(rows: pd.DataFrame) -> None:
    from dataclasses import replace
    from types import MappingProxyType

    raked = MADE["JKn"](rows).rake(MARGINS)
    s = raked.trim(quantile=0.9, redistribute="none").scale_weights("equal", by="wave")
    old = tuple(replace(a, settings=MappingProxyType({})) for a in s.design.adjustments)
    stored = sv.Sample.of(s.responses, replace(s.design, adjustments=old))
    factor = s.weights / raked.weights
    for b, a in zip(seen(raked), seen(stored), strict=True):
        close(a, b * factor)


@pytest.mark.parametrize("method", ["linear", "raking"])
def test_members_of_a_household_share_one_weight_in_every_replicate(rows: pd.DataFrame, method: str) -> None:
    data = rows.assign(w=rows["wh"])
    known = {"sex": {c: t * (1.08, 0.96)[c] for c, t in data["w"].groupby(data["sex"]).sum().items()}}
    plain = sv.Sample(data, weights="w", strata="stratum", psu="cluster").replicates("JKn")
    s = plain.calibrate(known, unit="hh", method=method)
    for b, a in zip(seen(plain)[1:], seen(s)[1:], strict=True):
        close(a, naive(data, b, lambda t: t.calibrate(known, unit="hh", method=method)), 1e-7, 1e-9)
        by_household = pd.Series(a).groupby(data["hh"])
        close(by_household.max(), by_household.min(), 1e-12)
    assert (s.total("one", by="sex").table["std_error"] < 1e-6).all()


# --- what follows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [m for m in MADE if m != "elements"])
@pytest.mark.sampled
def test_a_known_total_has_no_error_left(rows: pd.DataFrame, made: str) -> None:
    s = MADE[made](rows).rake(MARGINS)
    known = s.total("one", by="age").table
    assert (known["std_error"] < 1e-8 * known["estimate"]).all()
    assert s.mean("sex").table.loc[0, "std_error"] < 1e-9
    assert s.total("trips").table.loc[0, "std_error"] > 1


@pytest.mark.parametrize("made", ["JKn", "bootstrap", "producer's multipliers"])
def test_estimates_are_those_of_the_weights_that_a_function_sees(rows: pd.DataFrame, made: str) -> None:
    s = MADE[made](rows).rake(MARGINS).scale_weights("n").rake(MARGINS).trim(quantile=0.95)
    y = s.data["minutes"].to_numpy()
    there = ~np.isnan(y)
    by_hand = s.replicate(lambda w: float(w[there] @ y[there] / w[there].sum()), progress=False).table
    close(s.mean("minutes").table[["estimate", "std_error"]], by_hand[["estimate", "std_error"]])


def test_it_does_not_matter_whether_replicates_come_before_or_after_the_weighting(rows: pd.DataFrame) -> None:
    design = sv.Sample(rows, weights="w", strata="stratum", psu="cluster")
    for chain in ("rake", "raking to a number", "three times"):
        first = chained(design.replicates("bootstrap", n=30, seed=5), chain)
        last = chained(design, chain).replicates("bootstrap", n=30, seed=5)
        for a, b in zip(seen(first), seen(last), strict=True):
            close(a, b, 1e-7, 1e-9)


def test_replicates_agree_with_linearisation_about(rows: pd.DataFrame) -> None:
    s = MADE["JKn"](rows).rake(MARGINS)
    for verb, item in (("total", "trips"), ("mean", "q1")):
        linearised = getattr(s, verb)(item, variance="taylor").table.loc[0, "std_error"]
        assert getattr(s, verb)(item).table.loc[0, "std_error"] == pytest.approx(linearised, rel=0.15)


def test_a_category_of_one_cluster_is_lost_by_the_jackknife_and_named(rows: pd.DataFrame) -> None:
    data = rows[rows["pair"] < 9].reset_index(drop=True)
    group = np.where(data["cluster"] == data["cluster"].iloc[0], "only here", "elsewhere")
    data = data.assign(group=group)
    targets = MARGINS | {"group": {"only here": 200.0, "elsewhere": 2800.0}}
    design = sv.Sample(data, weights="w", strata="pair", psu="cluster")
    for made in ("JKn", "BRR"):
        s = design.replicates(made)
        frame = s.data.copy()
        with pytest.raises(
            sv.ConvergenceError, match="In some replicates a category has no respondents left"
        ) as caught:
            s.rake(targets)
        assert "group = only here" in str(caught.value) and "Fay" in str(caught.value)
        lost = {"JKn": "1 of 18", "BRR": "6 of 12"}[made]  # half of the half-samples
        assert f"{lost} replicates" in str(caught.value)
        pd.testing.assert_frame_equal(s.data, frame)
        assert s.design.adjustments == ()
    s = design.replicates("Fay").rake(targets)
    assert (s.total("one", by="group").table["std_error"] < 1e-7).all()
    # the sample itself, without replicates, is none the worse for it
    assert design.rake(targets).weights.sum() == pytest.approx(3000)


def test_totals_that_some_replicate_cannot_meet_are_refused_with_the_replicates(rows: pd.DataFrame) -> None:
    """Every category is there, yet its only people left are of one sex."""
    s = MADE["JK1"](rows)
    w = s.weights
    mean = (w @ rows["trips"]) / w.sum()
    with pytest.raises(sv.ConvergenceError, match="Some replicates cannot") as caught:
        s.scale_weights(3000).calibrate({"one": {1: 3000.0}, "trips": 3000 * mean}, method="logit", bounds=(0.96, 1.04))
    assert "of 19" in str(caught.value) and "replicates" in str(caught.value.where)


@pytest.mark.slow
def test_stored_samples_come_back_with_replicates_and_adjustments(rows: pd.DataFrame, tmp_path: Path) -> None:
    from survey.study.storage import load, save

    for made in ("JKn", "producer's weights", "bootstrap"):
        s = MADE[made](rows).rake(MARGINS).trim(quantile=0.95).scale_weights("n", by="wave")
        path = save(s, tmp_path / f"{made.replace(' ', '_')}.zip")
        t = load(path)
        assert isinstance(t, sv.Sample)
        assert [a.method for a in t.design.adjustments] == ["rake", "trim", "scale"]
        assert t.design.adjustments[0].targets == s.design.adjustments[0].targets
        for a, b in zip(seen(s), seen(t), strict=True):
            close(a, b, 1e-12)
        for variance in (None, "taylor"):
            one, other = (x.mean("q1", by="ward", variance=variance).table for x in (s, t))
            close(one[["estimate", "std_error"]], other[["estimate", "std_error"]], 1e-12)

"""Calibration, trimming and calibrated replicates against R `survey` 4.1-1: reference/weighting.R, weighting.json.

Agreement is 1e-8 relative, where bounds bind too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from examples import but_one_slow

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "weighting.json").read_text(encoding="utf-8"))["results"]}
T = R["targets"]

# --- what is known of the population, as R was told -------------------------------------------------------------------
AGE, SEX = {"age": dict(enumerate(T["age"]))}, {"sex": dict(enumerate(T["sex"]))}
KIND = {"kind": dict(zip(T["kinds"], T["kind"], strict=True))}
MARGINS = SEX | AGE
CELLS = {("sex", "age"): dict(zip([(s, a) for s in (0, 1) for a in (0, 1, 2)], T["sex_age"], strict=True))}
WITH_TRIPS, WITH_PEOPLE = MARGINS | {"trips": T["trips"]}, MARGINS | {"people_total": T["people_total"]}
OF_WARDS = sv.Targets(
    (
        sv.Margin(("ward",), {(w,): t for w, t in zip(T["wards"], T["ward"], strict=True)}),
        sv.Margin(("ward",), {(w,): t for w, t in zip(T["wards"], T["trips_of_ward"], strict=True)}, number="trips"),
    )
)
IN_WARDS = {
    ("ward", v): dict(zip([(w, k) for w in T["wards"] for k in range(n)], T[f"ward_{v}"], strict=True))
    for v, n in (("sex", 2), ("age", 3))
}
TIGHT = {"tolerance": 1e-13}

CALIBRATIONS: dict[str, Callable[[sv.Sample], sv.Sample]] = {
    "poststratify": lambda s: s.poststratify(AGE),
    "poststratify_cells": lambda s: s.poststratify(CELLS),
    "linear": lambda s: s.calibrate(MARGINS, method="linear"),
    "raking": lambda s: s.calibrate(MARGINS, method="raking", **TIGHT),
    "logit": lambda s: s.calibrate(MARGINS, method="logit", bounds=(0.5, 2), **TIGHT),
    "logit_tight": lambda s: s.calibrate(MARGINS, method="logit", bounds=(0.72, 1.35), **TIGHT),
    "linear_bounded": lambda s: s.calibrate(MARGINS, method="linear", bounds=(0.72, 1.3), **TIGHT),
    "raking_bounded": lambda s: s.calibrate(MARGINS, method="raking", bounds=(0.72, 1.3), **TIGHT),
    "linear_trips": lambda s: s.calibrate(WITH_TRIPS, method="linear"),
    "raking_trips": lambda s: s.calibrate(WITH_TRIPS, method="raking", **TIGHT),
    "logit_people": lambda s: s.calibrate(WITH_PEOPLE, method="logit", bounds=(0.4, 2.5), **TIGHT),
    "linear_trips_bounded": lambda s: s.calibrate(WITH_TRIPS, method="linear", bounds=(0.7, 1.3), **TIGHT),
    "linear_trips_of_ward": lambda s: s.calibrate(OF_WARDS, method="linear"),
    "raking_trips_of_ward": lambda s: s.calibrate(OF_WARDS, method="raking", **TIGHT),
    "linear_in_ward": lambda s: s.calibrate(IN_WARDS, method="linear", within="ward"),
    "raking_in_ward": lambda s: s.calibrate(IN_WARDS, method="raking", within="ward", **TIGHT),
    "twice": lambda s: s.poststratify(AGE).calibrate(SEX | KIND, method="raking", **TIGHT),
    "twice_linear": lambda s: s.calibrate(MARGINS, method="linear").calibrate(SEX | KIND, method="linear"),
    "integrated_linear": lambda s: s.calibrate(MARGINS, method="linear", unit="hh"),
    "integrated_raking": lambda s: s.calibrate(MARGINS, method="raking", unit="hh", **TIGHT),
    "integrated_trips": lambda s: s.calibrate(WITH_TRIPS, method="linear", unit="hh"),
}
SAME_WEIGHTS: dict[str, tuple[str, Callable[[sv.Sample], sv.Sample]]] = {
    "rake": ("raking", lambda s: s.rake(MARGINS, **TIGHT)),
    "entropy": ("raking", lambda s: s.calibrate(MARGINS, method="entropy", **TIGHT)),
    "entropy with a number": ("raking_trips", lambda s: s.calibrate(WITH_TRIPS, method="entropy", **TIGHT)),
    "bounded rake": ("raking_bounded", lambda s: s.rake(MARGINS, bounds=(0.72, 1.3), **TIGHT)),
    "bounds that do not bind": ("raking", lambda s: s.rake(MARGINS, bounds=(0.1, 10), **TIGHT)),
    "cells as margins": ("poststratify_cells", lambda s: s.rake(CELLS, **TIGHT)),
    "linear to cells": ("poststratify_cells", lambda s: s.calibrate(CELLS, method="linear")),
    "rake within wards": ("raking_in_ward", lambda s: s.rake(IN_WARDS, within="ward", **TIGHT)),
    "rake to crossed margins": ("raking_in_ward", lambda s: s.rake(IN_WARDS, **TIGHT)),
    "rake of households": ("integrated_raking", lambda s: s.rake(MARGINS, unit="hh", **TIGHT)),
}


def close(got: Any, expected: Any, rtol: float = 1e-8, atol: float = 0.0) -> None:
    got, expected = np.asarray(got, float).ravel(), np.ravel(np.asarray(expected, float))
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)


def same(table: pd.DataFrame, key: str) -> None:
    """Estimates and standard errors; that of a known total is rounding, here and in R."""
    close(table["estimate"], R[key]["estimate"])
    close(table["std_error"], R[key]["se"], atol=1e-12 * table["estimate"].abs().max())


@pytest.fixture
def rows(rows: pd.DataFrame) -> pd.DataFrame:
    r = R["households"]
    return rows.assign(hh=r["hh"], wh=r["wh"])


def sample(rows: pd.DataFrame, design: str, what: str = "") -> sv.Sample:
    """Households' members start with equal weights where they are to end so."""
    shared = {"weights": "wh"} if what.startswith("integrated") else {}
    return sv.Sample(rows, **{**DESIGNS[design], **shared})


def by_kind(s: Any) -> pd.DataFrame:
    """R lets the group run fastest."""
    return s.distribution("q2", by="kind").table.sort_values(["answer", "kind"], kind="stable")


VERBS: dict[str, Callable[[Any], pd.DataFrame]] = {
    "mean": lambda s: s.mean("q1").table,
    "total": lambda s: s.total("trips").table,
    "total_yes": lambda s: s.total("yes").table,
    "ratio": lambda s: s.ratio("minutes", "trips", where="sex == 1").table,
    "mean_by_ward": lambda s: s.mean("q1", by="ward").table,
    "distribution_by_kind": by_kind,
    "linear": lambda s: s.linear("minutes ~ C(age) + sex * kind").table,
}


def holds(s: sv.Sample | sv.Scan, prefix: str) -> None:
    for verb, estimate in VERBS.items():
        table, key = estimate(s), f"{prefix}/{verb}"
        same(table, key)
        assert (table["df"] == R[key].get("df", table["df"])).all()


# --- weights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", CALIBRATIONS)
def test_weights_are_those_of_r(rows: pd.DataFrame, what: str) -> None:
    s = CALIBRATIONS[what](sample(rows, "strat_clus", what))
    close(s.weights, R[f"weights/{what}"]["weights"])


@pytest.mark.parametrize("what", SAME_WEIGHTS)
@pytest.mark.sampled
def test_other_ways_to_the_same_weights(rows: pd.DataFrame, what: str) -> None:
    same_as, calibrated = SAME_WEIGHTS[what]
    s = calibrated(sample(rows, "strat_clus", same_as))
    close(s.weights, R[f"weights/{same_as}"]["weights"])
    holds(s, f"strat_clus/{same_as}")


def test_bounds_bind_in_the_cases_that_should_show_it(rows: pd.DataFrame) -> None:
    """A bound that no weight reaches would make the truncated methods the free ones, and their tests idle."""
    reached = {"linear_bounded": [0.72], "raking_bounded": [0.72, 1.3], "linear_trips_bounded": [0.7, 1.3]}
    for what, bounds in reached.items():
        g = np.array(R[f"weights/{what}"]["weights"]) / rows["w"].to_numpy()
        for bound in bounds:
            assert np.isclose(g, bound, rtol=1e-12).any()


@pytest.mark.parametrize("what", ["integrated_linear", "integrated_raking", "integrated_trips"])
def test_a_household_has_one_weight(rows: pd.DataFrame, what: str) -> None:
    s = CALIBRATIONS[what](sample(rows, "element", what))
    assert (pd.Series(s.weights).groupby(rows["hh"]).nunique() == 1).all()


# --- standard errors --------------------------------------------------------------------------------------------------


EVERYWHERE = ("poststratify", "raking", "linear_trips", "integrated_raking")
"""One of each kind, always tried under every design; where slow tests are left out, the others are under two."""


@pytest.mark.crossed
@pytest.mark.parametrize(
    ("design", "what"),
    [
        pytest.param(d, c, marks=() if c in EVERYWHERE or d in ("strat_clus", "two_stage") else pytest.mark.slow)
        for d in DESIGNS
        for c in CALIBRATIONS
        if not c.startswith("twice")
    ],
)
@pytest.mark.sampled
def test_estimates_after_calibration_are_those_of_r(rows: pd.DataFrame, design: str, what: str) -> None:
    holds(CALIBRATIONS[what](sample(rows, design, what)), f"{design}/{what}")


@pytest.mark.crossed
@pytest.mark.parametrize("what", ["twice", "twice_linear"])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_two_calibrations_are_those_of_r_taken_off_from_the_last_to_the_first(
    rows: pd.DataFrame, design: str, what: str
) -> None:
    """R's svyrecvar takes calibrations off from the first to the last; weighting.R has both orders.

    The last step works on what the first one left: to first order, the sum of w_2 u moves as that of w_1 times the
    residual on the second step's variables, and the first step calibrates that. So the last is taken off first. R's own
    order gives a standard error to a total that calibrate() has just fixed (`known_total`); the other gives it none.
    """
    s = CALIBRATIONS[what](sample(rows, design))
    holds(s, f"{design}/{what}/reversed")
    for verb in VERBS:  # R's own order changes standard errors alone
        close(R[f"{design}/{what}/{verb}"]["estimate"], R[f"{design}/{what}/reversed/{verb}"]["estimate"], 1e-13)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_total_that_the_last_calibration_fixed_has_no_error(rows: pd.DataFrame, design: str) -> None:
    row = CALIBRATIONS["twice"](sample(rows, design)).total("sex").table.iloc[0]
    r = R[f"{design}/twice/known_total"]
    close([row["estimate"], r["estimate"]], [T["sex"][1]] * 2)
    assert row["std_error"] < 1e-9 * row["estimate"]
    assert r["se"] > 19  # R's, of a number that is known


# --- trimming ---------------------------------------------------------------------------------------------------------

TRIMMED: dict[str, tuple[str, dict[str, float]]] = {  # what was calibrated; bounds in medians
    "trim_raking": ("raking", {"upper": 2}),
    "trim_raking_both": ("raking", {"upper": 2, "lower": 0.6}),
    "trim_trips_both": ("linear_trips", {"upper": 2.2, "lower": 0.5}),
    "trim_people": ("logit_people", {"upper": 3}),
    "trim_twice_both": ("twice", {"upper": 2.5, "lower": 0.5}),
}


def trimmed(rows: pd.DataFrame, design: str, what: str) -> sv.Sample:
    before, bounds = TRIMMED[what]
    s = CALIBRATIONS[before](sample(rows, design))
    median = np.median(s.weights)
    close(median, R[f"median/{what}"]["median"])
    return s.trim(**{side: k * median for side, k in bounds.items()}, redistribute="equal")


@pytest.mark.parametrize("what", TRIMMED)
def test_trimmed_weights_are_those_of_r(rows: pd.DataFrame, what: str) -> None:
    close(trimmed(rows, "strat_clus", what).weights, R[f"weights/{what}"]["weights"])


def test_trimming_goes_on_from_where_one_round_left_it(rows: pd.DataFrame) -> None:
    """R's strict = TRUE is strict = FALSE until nothing is outside: one round of R, and the rest is ours."""
    median, once = R["median/trim_raking"]["median"], np.array(R["weights/trim_raking_once"]["weights"])
    assert once.max() > 2.1 * median
    s = sv.Sample(rows.assign(w=once), weights="w").trim(upper=2 * median, redistribute="equal")
    close(s.weights, R["weights/trim_raking"]["weights"])


def test_a_limit_in_medians_is_that_of_r(rows: pd.DataFrame) -> None:
    s = CALIBRATIONS["raking"](sample(rows, "strat_clus")).trim(median=2, redistribute="equal")
    close(s.weights, R["weights/trim_raking"]["weights"])


@pytest.mark.parametrize("what", TRIMMED)
@pytest.mark.parametrize("design", but_one_slow(DESIGNS))
@pytest.mark.sampled
def test_estimates_after_trimming_are_those_of_r(rows: pd.DataFrame, design: str, what: str) -> None:
    order = "/reversed" if what.startswith("trim_twice") else ""
    holds(trimmed(rows, design, what), f"{design}/{what}{order}")


# --- replicates, calibrated one by one --------------------------------------------------------------------------------


def with_columns(rows: pd.DataFrame, key: str, **design: Any) -> sv.Sample:
    """Replicates that R drew, as columns of multipliers."""
    r = R[f"replicates/{key}"]
    multipliers = pd.DataFrame(r["multipliers"], index=r["clusters"]).loc[rows["cluster"]].add_prefix("r")
    columns = tuple(multipliers.columns)
    replicates = sv.Replicates(
        key, columns, scale=r["scale"], rscales=np.array(r["rscales"], float), mse=True, combined=False
    )
    return sv.Sample(rows.join(multipliers.set_index(rows.index)), **design, replicates=replicates)


REPLICATED: dict[str, Callable[[pd.DataFrame], sv.Sample]] = {
    "strat_clus_JKn": lambda d: sample(d, "strat_clus").replicates("JKn"),
    "element_JKn": lambda d: sample(d, "element").replicates("JKn"),
    "clus_only_JK1": lambda d: sample(d, "clus_only").replicates("JK1"),
    "unequal_JK1": lambda d: sample(d, "unequal").replicates("JK1"),
    "strat_clus_JKn_centred": lambda d: sample(d, "strat_clus").replicates("JKn", mse=False),
    "strat_clus_bootstrap": lambda d: with_columns(d, "bootstrap", **DESIGNS["strat_clus"]),
}
REPLICATE_VERBS: dict[str, Callable[[sv.Sample], pd.DataFrame]] = {
    **{verb: VERBS[verb] for verb in ("mean", "total", "total_yes", "mean_by_ward")},
    "ratio": lambda s: s.ratio("minutes", "trips").table,
}
EACH: dict[str, Callable[[sv.Sample], sv.Sample]] = {
    "plain": lambda s: s,
    **{
        k: CALIBRATIONS[k]
        for k in ("poststratify", "linear", "raking", "linear_trips", "raking_trips_of_ward", "twice")
    },
    "logit_wide": lambda s: s.calibrate(MARGINS, method="logit", bounds=(0.3, 3), **TIGHT),
    "raked": lambda s: s.rake(MARGINS, **TIGHT),
}


@pytest.mark.parametrize("what", EACH)
@pytest.mark.parametrize("replicates", but_one_slow(REPLICATED))
@pytest.mark.sampled
def test_replicates_are_calibrated_one_by_one(rows: pd.DataFrame, replicates: str, what: str) -> None:
    """For "raked" R's rake() is the oracle: of replicates it is right, as no regression is involved."""
    s = EACH[what](REPLICATED[replicates](rows))
    for verb, estimate in REPLICATE_VERBS.items():
        same(estimate(s), f"replicate/{replicates}/{what}/{verb}")


@pytest.mark.parametrize("what", EACH)
@pytest.mark.sampled
def test_it_does_not_matter_whether_replicates_come_before_or_after(rows: pd.DataFrame, what: str) -> None:
    s = EACH[what](sample(rows, "strat_clus")).replicates("JKn")
    for verb, estimate in REPLICATE_VERBS.items():
        same(estimate(s), f"replicate/strat_clus_JKn/{what}/{verb}")


@pytest.mark.parametrize("what", ["integrated_linear", "integrated_raking", "integrated_trips"])
def test_replicates_of_households_with_one_weight(rows: pd.DataFrame, what: str) -> None:
    s = CALIBRATIONS[what](sample(rows, "strat_clus", what).replicates("JKn"))
    for verb, estimate in REPLICATE_VERBS.items():
        same(estimate(s), f"replicate/strat_clus_JKn/{what}/{verb}")


def shrunk(targets: dict[str, dict[Any, float]]) -> dict[str, dict[Any, float]]:
    """The population of the first two clusters a stratum."""
    share = R["replicates/share"]["share"]
    return {v: {c: t * share for c, t in totals.items()} for v, totals in targets.items()}


@pytest.mark.parametrize("ours", [False, True], ids=["R's half-samples", "our half-samples"])
@pytest.mark.parametrize(
    ("what", "calibrated"),
    [
        ("plain", lambda s: s),
        ("poststratify", lambda s: s.poststratify(shrunk(SEX))),
        ("raking", lambda s: s.calibrate(shrunk(MARGINS), method="raking", **TIGHT)),
        ("linear", lambda s: s.calibrate(shrunk(MARGINS), method="linear")),
    ],
    ids=["plain", "poststratify", "raking", "linear"],
)
@pytest.mark.sampled
def test_balanced_half_samples(
    rows: pd.DataFrame, what: str, calibrated: Callable[[sv.Sample], sv.Sample], ours: bool
) -> None:
    two = rows[rows.groupby("stratum")["psu"].transform(lambda p: pd.factorize(p)[0]) < 2].reset_index(drop=True)
    design = DESIGNS["strat_clus"]
    s = sv.Sample(two, **design).replicates("BRR") if ours else with_columns(two, "BRR", **design)
    s = calibrated(s)
    for verb in REPLICATE_VERBS.keys() - {"mean_by_ward"}:
        same(REPLICATE_VERBS[verb](s), f"replicate/BRR/{what}/{verb}")

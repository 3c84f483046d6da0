"""One number of 1e8 by mistake among the predictors: units and outliers do not decide whether there is a result.

R's svyglm stops at its default epsilon where the likelihood is nearly flat, far below the maximum; with a smaller one
it goes on to the fit without that school, which the slope of the others predicts perfectly (reference/outlier.R).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
STORED = json.loads((REFERENCE / "outlier.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in STORED["results"]}
AGREES, OPPOSES, LOWEST = STORED["rows"]


def schools(far: int, by: float = 1e8, unit: float = 1.0) -> sv.Sample:
    x = pd.read_csv(REFERENCE / "apistrat.csv")
    ends = [0, 550, 650, 750, 1000]
    x = x.assign(
        high=(x["api00"] >= 700) * 1,
        met=(x["comp.imp"] == "Yes") * 1,
        number=pd.cut(x["api00"], ends, labels=False) + 1,
        far=x["enroll"].astype(float) * unit,
    )
    x.loc[far, "far"] = by * unit
    return sv.Sample(x, weights="pw", strata="stype")


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e9])
@pytest.mark.parametrize(("case", "row"), [("logistic/agrees", AGREES), ("logistic/opposes", OPPOSES)])
def test_a_logistic_model_reaches_the_maximum(case: str, row: int, unit: float) -> None:
    t = schools(row, unit=unit).logistic("high ~ met + far").table
    by = np.array([1, 1, 1 / unit])
    np.testing.assert_allclose(t["estimate"], R[case]["estimate"] * by, rtol=1e-6)
    np.testing.assert_allclose(t["std_error"], R[case]["se"] * by, rtol=1e-6)


def test_a_school_that_the_others_predict_perfectly_tells_nothing() -> None:
    t = schools(AGREES).logistic("high ~ met + far").table
    np.testing.assert_allclose(t["estimate"], R["logistic/without"]["estimate"], rtol=1e-8)


@pytest.mark.parametrize("unit", [1.0, 1e-6])
def test_an_ordinal_model_reaches_the_maximum(unit: float) -> None:
    t = schools(LOWEST, unit=unit).ordinal("number ~ met + far").table
    by = np.array([1, 1e-3 / unit, 1, 1, 1])  # in R of thousands of pupils
    np.testing.assert_allclose(t["estimate"], R["ordinal/without"]["estimate"] * by, rtol=1e-4)  # svyolr's reltol
    np.testing.assert_allclose(t["std_error"], R["ordinal/without"]["se"] * by, rtol=1e-4)


@pytest.mark.parametrize("verb", ["logistic", "ordinal"])
def test_a_number_that_separates_is_still_found(verb: str) -> None:
    """Enrolments above 1e8 in every school with a high score: no finite slope is the best."""
    x = schools(0).data
    found: Any = sv.Sample(x.assign(far=x["enroll"] + 1e8 * x["high"]), weights="pw", strata="stype")
    with pytest.raises(sv.EstimationError, match="separates"):
        getattr(found, verb)("high ~ far")


def test_an_average_effect_is_that_of_the_others() -> None:
    """The slope is taken by steps of most schools' distances; the school far off is certain, and adds 0 to the mean."""
    sample = schools(AGREES)
    w = sample.weights
    got = sample.logistic("high ~ met + far").margins("far").table["estimate"][0]
    rest = schools(AGREES, by=0.0).logistic("high ~ met + far", where="far > 0").margins("far").table["estimate"][0]
    assert got == pytest.approx(rest * (1 - w[AGREES] / w.sum()), rel=1e-8)


@pytest.mark.parametrize("unit", [1e150, 1e-150])
@pytest.mark.parametrize("formula", ["number ~ met + far", "far ~ met"])
def test_numbers_that_cannot_be_squared_are_refused(formula: str, unit: float) -> None:
    with pytest.raises(sv.EstimationError, match="too large or too small") as caught:
        schools(AGREES, by=1.0, unit=unit).linear(formula)
    assert caught.value.got == "far"

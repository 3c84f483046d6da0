"""Non-response against R: propensities, weights, and standard errors that know the adjustment (reference/weighting.R).

Everybody drawn stays in the design. By linearisation R's svytotal takes the row values that the script works out; of
replicates, the adjustment is made anew in each.
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

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "weighting.json").read_text(encoding="utf-8"))["results"]}
MARGINS = {v: dict(enumerate(R["targets"][v])) for v in ("sex", "age")}
MODEL = "sex + C(age) + ward"
HOW: dict[str, Callable[[sv.Sample], sv.Sample]] = {
    "ward": lambda s: s.adjust_nonresponse("ward"),
    "cell": lambda s: s.adjust_nonresponse(["sex", "age"]),
    "propensity": lambda s: s.adjust_nonresponse(model=MODEL, classes=None),
}
VERBS: dict[str, Callable[[sv.Sample], pd.DataFrame]] = {
    "mean": lambda s: s.mean("q1").table,
    "total": lambda s: s.total("trips").table,
    "total_yes": lambda s: s.total("yes").table,
    "ratio": lambda s: s.ratio("minutes", "trips").table,
}


def close(got: Any, expected: Any, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(got, float).ravel(), np.ravel(np.asarray(expected, float)), rtol=rtol)


def same(table: pd.DataFrame, key: str) -> None:
    close(table["estimate"], R[key]["estimate"])
    close(table["std_error"], R[key]["se"])


def raked(s: sv.Sample) -> sv.Sample:
    return s.rake(MARGINS, tolerance=1e-13)


@pytest.fixture
def rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Every fifth row was drawn and did not answer."""
    return rows.assign(disposition=np.where(rows["rid"] * 7 % 5 != 0, "I", "NC"))


@pytest.fixture
def answered(rows: pd.DataFrame) -> np.ndarray:
    return (rows["disposition"] == "I").to_numpy()


def with_bootstrap(rows: pd.DataFrame) -> sv.Sample:
    """R's draws, a row for each cluster in the order of the data."""
    r = R["replicates/bootstrap"]
    assert r["clusters"] == rows["cluster"].unique().tolist()
    replicates = sv.Replicates(
        "bootstrap",
        multipliers=np.array(r["multipliers"], float),
        scale=r["scale"],
        rscales=np.array(r["rscales"], float),
        mse=True,
    )
    return sv.Sample(rows, **DESIGNS["strat_clus"], replicates=replicates)


REPLICATED: dict[str, Callable[[pd.DataFrame], sv.Sample]] = {
    "strat_clus_JKn": lambda d: sv.Sample(d, **DESIGNS["strat_clus"]).replicates("JKn"),
    "clus_only_JK1": lambda d: sv.Sample(d, **DESIGNS["clus_only"]).replicates("JK1"),
    "strat_clus_bootstrap": with_bootstrap,
}


def test_propensities_are_those_of_glm_and_svyglm(rows: pd.DataFrame, answered: np.ndarray) -> None:
    s = HOW["propensity"](sv.Sample(rows, **DESIGNS["strat_clus"]))
    fitted = np.array(R["propensity/glm"]["fitted"])
    close(s.data["response_propensity"], fitted[answered], 1e-10)
    for design in DESIGNS:  # the design does not enter the fit
        close(R[f"propensity/svyglm/{design}"]["estimate"], R["propensity/glm"]["estimate"], 1e-11)


def test_a_saturated_model_gives_the_response_rates_of_the_cells(rows: pd.DataFrame, answered: np.ndarray) -> None:
    s = sv.Sample(rows, weights="w").adjust_nonresponse(model="sex * C(age)", classes=None)
    close(s.data["response_propensity"], np.array(R["propensity/saturated"]["fitted"])[answered], 1e-10)
    close(s.weights, HOW["cell"](sv.Sample(rows, weights="w")).weights, 1e-10)


@pytest.mark.parametrize("how", HOW)
def test_weights_are_those_of_r(rows: pd.DataFrame, answered: np.ndarray, how: str) -> None:
    s = HOW[how](sv.Sample(rows, **DESIGNS["strat_clus"]))
    expected = np.array(R[f"nonresponse/weights/{how}"]["weights"])
    assert (expected[~answered] == 0).all()
    close(s.weights, expected[answered], 1e-10)


@pytest.mark.crossed
@pytest.mark.parametrize("after", ["", "/raked"], ids=["adjusted", "then raked"])
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_linearised_errors_know_of_the_adjustment(rows: pd.DataFrame, design: str, how: str, after: str) -> None:
    s = HOW[how](sv.Sample(rows, **DESIGNS[design]))
    s = raked(s) if after else s
    for verb, estimate in VERBS.items():
        same(estimate(s), f"nonresponse/{design}/{how}{after}/{verb}")


@pytest.mark.crossed
@pytest.mark.parametrize("after", ["", "/raked"], ids=["adjusted", "then raked"])
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("replicates", REPLICATED)
def test_replicates_are_adjusted_one_by_one(rows: pd.DataFrame, replicates: str, how: str, after: str) -> None:
    s = HOW[how](REPLICATED[replicates](rows))
    s = raked(s) if after else s
    verbs = VERBS | {"mean_by_ward": lambda s: s.mean("q1", by="ward").table}
    for verb, estimate in verbs.items():
        same(estimate(s), f"nonresponse/{replicates}/{how}{after}/{verb}")


@pytest.mark.parametrize("how", HOW)
def test_replicates_may_come_last(rows: pd.DataFrame, how: str) -> None:
    s = raked(HOW[how](sv.Sample(rows, **DESIGNS["strat_clus"]))).replicates("JKn")
    for verb, estimate in VERBS.items():
        same(estimate(s), f"nonresponse/strat_clus_JKn/{how}/raked/{verb}")


@pytest.mark.parametrize("how", HOW)
def test_nonrespondents_in_a_file_of_their_own_change_nothing(
    rows: pd.DataFrame, answered: np.ndarray, how: str
) -> None:
    by = {"ward": {"by": "ward"}, "cell": {"by": ["sex", "age"]}, "propensity": {"model": MODEL, "classes": None}}[how]
    s = sv.Sample(rows[answered].drop(columns="disposition"), **DESIGNS["strat_clus"])
    s = s.adjust_nonresponse(**by, nonrespondents=rows[~answered])
    for verb, estimate in VERBS.items():
        same(estimate(s), f"nonresponse/strat_clus/{how}/{verb}")

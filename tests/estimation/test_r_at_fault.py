"""Where R's `survey` 4.1-1 is at fault, or has no number: ours shown by fractions, by derivatives or by hand.

R's numbers are in reference/faults.json and weighting.json. Single units of the second stage under "average", where R
divides 0 by 0, are in test_lonely_zero_r.py; the smallest value as a lower limit is in test_quantiles.py.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exact import rank

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "faults.json").read_text(encoding="utf-8"))
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
WEIGHTING = {r["id"]: r for r in json.loads((REFERENCE / "weighting.json").read_text(encoding="utf-8"))["results"]}


# --- two calibrations in a row ----------------------------------------------------------------------------------------


@pytest.mark.slow  # quick tests compare with R, which takes them off in either order
def test_two_calibrations_by_the_exact_derivative(design: str = "strat_clus") -> None:
    """Both calibrations are done anew for a small change of each base weight. R takes them off in the other order."""
    t = WEIGHTING["targets"]
    margins = {"sex": dict(enumerate(t["sex"])), "age": dict(enumerate(t["age"]))}
    second = {"sex": margins["sex"], "kind": dict(zip(t["kinds"], t["kind"], strict=True))}
    rows = pd.read_csv(REFERENCE / "rows.csv")
    weights = DESIGNS[design]["weights"]

    def made(w: np.ndarray) -> sv.Sample:
        s = sv.Sample(rows.assign(**{weights: w}), **DESIGNS[design])
        return s.calibrate(margins, method="linear").calibrate(second, method="linear")

    w, step = rows[weights].to_numpy(float), 1e-4
    trips = rows["trips"].to_numpy(float)
    z = np.empty(len(rows))
    for i in range(len(rows)):
        change = np.zeros(len(rows))
        change[i] = step * w[i]
        z[i] = (made(w + change).weights - made(w - change).weights) @ trips / (2 * step)
    plain = sv.Sample(rows.assign(one_=1.0, z=z), **{**DESIGNS[design], "weights": "one_"})
    exact = plain.total("z").table["std_error"][0]
    assert made(w).total("trips").table["std_error"][0] == pytest.approx(exact, rel=1e-6)
    assert WEIGHTING[f"{design}/twice_linear/total"]["se"] != pytest.approx(exact, rel=1e-4)  # R's own order
    assert WEIGHTING[f"{design}/twice_linear/reversed/total"]["se"] == pytest.approx(exact, rel=1e-6)


# --- everybody was drawn ----------------------------------------------------------------------------------------------


def test_quantiles_and_shares_of_a_full_count_are_known() -> None:
    """The variance within the only stratum is 1 - 6/6 times something. R's limits have no width, and lie elsewhere."""
    rows = pd.DataFrame(R["full"]["rows"])
    drawn = Fraction(int(rows["c"].nunique()), int(rows["N"][0]))
    assert 1 - drawn == 0
    s = sv.Sample(rows, weights="w", psu="c", fpc="N")
    for p, rule, key in ((0.3, "math", "math"), (0.5, "school", "school"), (0.25, "school", "school_25")):
        row = s.quantile("q", p, rule=rule, interval="plain").table.iloc[0]
        estimate, low, high, se = R["full"][key]
        assert (row["estimate"], row["std_error"]) == (estimate, se)
        assert se == 0
        assert low == high != estimate  # R's, beside its own quantile
        assert np.isnan([row["conf_low"], row["conf_high"]]).all()
    share, se, low, high = R["full"]["beta"]
    assert share == Fraction(int((rows["q"] >= 4).sum()), len(rows)) != Fraction(1, 2)
    assert (se, low, high) == (0, 0.5, 0.5)  # R's: quantiles of a beta distribution with infinite parameters
    row = s.proportion("q", levels=[4, 5], interval="beta").table.iloc[0]
    assert (row["estimate"], row["std_error"]) == (share, 0)
    assert np.isnan([row["conf_low"], row["conf_high"]]).all()


# --- replicates -------------------------------------------------------------------------------------------------------


def replicated(key: str) -> tuple[pd.DataFrame, np.ndarray, sv.Replicates]:
    times = np.array(R[key]["multipliers"], float)
    columns = [f"r{i}" for i in range(times.shape[1])]
    rows = pd.DataFrame({"w": R[key]["w"], "y": R[key]["y"]}).join(pd.DataFrame(times, columns=columns))
    return rows, times, sv.Replicates("JK1", columns, scale=0.75, mse=True, combined=False)


def test_the_rank_of_replicates_in_fractions() -> None:
    """R has that of weights times multipliers, to a tolerance that small weights fall below."""
    rows, times, spec = replicated("rank")
    exact = rank(times)
    assert exact == rank(times * rows["w"].to_numpy()[:, None]) == 4
    assert sv.Sample(rows, weights="w", replicates=spec).mean("y").table["df"][0] == exact - 1 == 3
    assert R["rank"]["df"] == 2


def test_a_replicate_in_which_nobody_has_a_weight() -> None:
    """Its mean is 0 over 0. R leaves it out of the sum of squares: a variance of three replicates, scaled for four."""
    rows, times, spec = replicated("no_weight")
    w, y = rows["w"].to_numpy(), rows["y"].to_numpy()
    full = w @ y / w.sum()
    sums = (times * w[:, None]).sum(axis=0)
    assert list(np.flatnonzero(sums == 0)) == [1]
    others = [times[:, k] * w @ y / sums[k] for k in (0, 2, 3)]
    assert R["no_weight"]["mean"] == pytest.approx([full, (0.75 * sum((m - full) ** 2 for m in others)) ** 0.5])
    with pytest.raises(sv.DesignError, match="The weights of a replicate do not have a positive sum"):
        sv.Sample(rows, weights="w", replicates=spec)


# --- models -----------------------------------------------------------------------------------------------------------


def model(formula: str) -> pd.DataFrame:
    rows = pd.DataFrame(R["models"]["rows"])
    return sv.Sample(rows, weights="w", psu="c").linear(formula).table


def is_r_s(table: pd.DataFrame, expected: dict[str, Any]) -> None:
    terms = [t.replace("[T.", "").replace("]", "").replace("Intercept", "(Intercept)") for t in table["term"]]
    for column, key in (("estimate", "estimate"), ("std_error", "se")):
        theirs = dict(zip(np.atleast_1d(expected["terms"]), np.atleast_1d(expected[key]), strict=True))
        assert dict(zip(terms, table[column], strict=True)) == pytest.approx(theirs, rel=1e-8)
    assert (table["df"] == expected["df"]).all()


@pytest.mark.parametrize(
    ("formula", "without", "dropped"),
    [("y ~ x + twice", "y ~ x", "twice"), ("y ~ g + inside", "y ~ g", "insideout")],
)
def test_columns_that_others_give_are_refused_where_r_drops_them(formula: str, without: str, dropped: str) -> None:
    """The columns are exactly dependent; the other coefficients, asked for, are R's."""
    rows = pd.DataFrame(R["models"]["rows"])
    columns = {
        "twice": [np.ones(len(rows)), rows["x"], rows["twice"]],
        "insideout": [np.ones(len(rows)), rows["g"] == "b", rows["g"] == "c", rows["inside"] == "out"],
    }[dropped]
    assert rank(np.column_stack(columns)) == len(columns) - 1
    assert R["models"][formula]["dropped"] == dropped
    with pytest.raises(sv.EstimationError, match="collinear"):
        model(formula)
    is_r_s(model(without), R["models"][formula])


@pytest.mark.parametrize(
    ("formula", "without"), [("y ~ x + one", "y ~ x"), ("y ~ one * x", "y ~ x"), ("y ~ one", "y ~ 1")]
)
def test_a_factor_of_one_level_has_no_terms_where_r_refuses_it(formula: str, without: str) -> None:
    """Treatment contrasts of one level are no columns; the model is the one without it."""
    assert "contrasts can be applied only to factors with 2 or more levels" in R["models"][formula]["error"]
    is_r_s(model(formula), R["models"][without])

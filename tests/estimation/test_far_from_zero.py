"""Numbers far from 0 keep their digits: an error does not change when a constant is added to everybody's answer.

Answers are eighths, so that y + 1e9 is exact and what is left of a difference is our own rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

N = 120
FAR = [1e6, -1e9]
DESIGNS: dict[str, dict[str, Any]] = {
    "elements": {"strata": "h"},
    "clusters": {"strata": "h", "psu": "c", "fpc": "N1"},
    "two_stages": {"strata": "h", "psu": ["c", "id"], "fpc": ["N1", "N2"]},
}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "id": range(N),
            "h": np.repeat([1, 2, 3], 40),
            "c": np.repeat(range(12), 10),
            "N1": 12,
            "N2": 20,
            "g": rng.choice(["a", "b"], N),
            "sex": np.arange(N) % 2,
            "w": rng.choice([1.3, 1.7, 2.9], N),
            "few": rng.integers(0, 10, N) * 1.0,
            "many": np.round(rng.normal(0, 8, N) * 8) / 8,
            "t": rng.integers(1, 40, N) / 8,
        }
    )


def _ratio(s: sv.Sample) -> sv.Estimates:
    """(few + far * t) / t is the ratio and the constant."""
    far = s.data["far"].iloc[0]
    return sv.Sample.of(sv.Responses(s.data.assign(few=s.data["few"] - far + far * s.data["t"])), s.design).ratio(
        "few", "t"
    )


VERBS: dict[str, Callable[[sv.Sample], sv.Estimates]] = {
    "mean": lambda s: s.mean(["few", "many"], by="g"),
    "mean of a domain": lambda s: s.mean(["few", "many"], where="t > 2"),
    "ratio": _ratio,
    "variance": lambda s: s.variance(["few", "many"], by="g"),
    "covariance": lambda s: s.covariance(["few", "many", "t"]),
    "correlation": lambda s: s.correlation(["few", "many", "t"]),
    "quantile": lambda s: s.quantile(["few", "many"], [0.3, 0.5]),
    "outcome of a model": lambda s: s.linear("few ~ t + C(sex)"),
    "predictor of a model": lambda s: s.linear("t ~ many"),
}


@pytest.mark.crossed
@pytest.mark.parametrize("calibrated", [False, True], ids=["base", "raked"])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_a_constant_changes_no_standard_error(rows: pd.DataFrame, design: str, verb: str, calibrated: bool) -> None:
    results = []
    for far in (0.0, *FAR):
        frame = rows.assign(few=rows["few"] + far, many=rows["many"] + far, far=far)
        s = sv.Sample(frame, weights="w", **DESIGNS[design])
        results.append(VERBS[verb](s.rake({"sex": {0: 100, 1: 140}}) if calibrated else s))
    base = results[0]
    own = slice(1, None) if verb == "predictor of a model" else slice(None)  # the intercept lies at 0, far away
    for e in results[1:]:
        for column in ("std_error", "deff", "n_eff"):
            if column in base.table:
                np.testing.assert_allclose(e.table[column][own], base.table[column][own], rtol=1e-8)
        scale = np.sqrt(np.outer(np.diag(base.covariance), np.diag(base.covariance)))[own, own]
        assert np.nanmax(np.abs(np.asarray(e.covariance) - base.covariance)[own, own] / scale) < 1e-8


@pytest.mark.parametrize("design", DESIGNS)
def test_a_total_that_calibration_fixes_the_size_of_keeps_its_error(rows: pd.DataFrame, design: str) -> None:
    """The number of people is known, so the constant's total has no error. The regression's own rounding is left."""

    def error(far: float) -> float:
        s = sv.Sample(rows.assign(few=rows["few"] + far), weights="w", **DESIGNS[design])
        return float(s.poststratify({"sex": {0: 100, 1: 140}}).total("few").table["std_error"][0])

    assert error(1e6) == pytest.approx(error(0.0), rel=1e-8)
    assert error(1e9) == pytest.approx(error(0.0), rel=1e-6)


@pytest.mark.parametrize("values", ["few", "many"])
@pytest.mark.parametrize("gap", [1e6, 1e9])
@pytest.mark.parametrize("verb", ["mean", "total"])
def test_strata_far_apart_against_exact_fractions(rows: pd.DataFrame, verb: str, gap: float, values: str) -> None:
    """Sampling without clusters: sum over strata of n times the variance of w u, in rational numbers."""
    y = rows[values] + gap * rows["h"]
    got = getattr(sv.Sample(rows.assign(y=y, w=2.0), weights="w", strata="h"), verb)("y").table["std_error"][0]
    total, exact = Fraction(2 * N), Fraction(0)
    mean = sum(map(Fraction, y)) / N
    for _, part in y.groupby(rows["h"]):
        z = [2 * (Fraction(v) - mean) / total if verb == "mean" else 2 * Fraction(v) for v in part]
        centre = sum(z) / len(z)
        exact += Fraction(len(z), len(z) - 1) * sum((v - centre) ** 2 for v in z)
    assert got == pytest.approx(float(exact) ** 0.5, rel=1e-8)


def test_groups_far_apart_have_each_their_own_spread(rows: pd.DataFrame) -> None:
    far = rows["g"].map({"a": 0.0, "b": 1e9})
    for verb in (lambda s: s.mean(["few", "many"], by="g"), lambda s: s.variance(["few", "many"], by="g")):
        apart = verb(sv.Sample(rows.assign(few=rows["few"] + far, many=rows["many"] + far), weights="w", psu="c")).table
        near = verb(sv.Sample(rows, weights="w", psu="c")).table
        for column in ("std_error", "deff"):
            np.testing.assert_allclose(apart[column], near[column], rtol=1e-8)


def test_terms_that_are_collinear_are_still_found_far_from_0(rows: pd.DataFrame) -> None:
    far = rows.assign(x=rows["many"] + 1e9, twice=2 * (rows["many"] + 1e9), same=7.0)
    s = sv.Sample(far, weights="w", psu="c")
    for formula in ("few ~ x + twice", "few ~ t + same"):
        with pytest.raises(sv.EstimationError, match="collinear"):
            s.linear(formula)

"""Raking against weightipy, where it converges; and where it does not and says it did."""

from __future__ import annotations

import contextlib
import io
import warnings

import numpy as np
import pandas as pd
import pytest

import survey as sv


def weightipy(frame: pd.DataFrame, targets: dict[str, dict[int, float]], rounds: int) -> np.ndarray:
    """Its class of raking, given weights to begin from: the package's functions begin with ones."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        from weightipy.internal.rim import Rake

        total = sum(next(iter(targets.values())).values())
        shares = [{name: {c: 100 * t / total for c, t in totals.items()}} for name, totals in targets.items()]
        raking = Rake(frame[list(targets)].copy(), shares, "weight", max_iterations=rounds)
        raking.dataframe["weight"] = frame["w"].to_numpy()
        raking.start()
    return raking.dataframe["weight"].to_numpy() * (total / len(frame))


@pytest.mark.parametrize("seed", range(5))
def test_the_same_weights_where_both_converge(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.integers(0, 3, 600), "b": rng.integers(0, 5, 600), "c": rng.integers(0, 2, 600)})
    frame["w"] = rng.gamma(4, 0.25, 600) + 0.1
    targets = {}
    for name, size in (("a", 3), ("b", 5), ("c", 2)):
        part = rng.uniform(0.7, 1.3, size)
        targets[name] = {i: float(1e5 * p) for i, p in enumerate(part / part.sum())}
    ours = sv.Sample(frame, weights="w").rake(targets, tolerance=1e-13).weights
    np.testing.assert_allclose(weightipy(frame, targets, 200), ours, rtol=1e-8)


def test_margins_that_exclude_each_other_are_told_here_and_stalled_on_there() -> None:
    """TEXTBOOK trap: sex and age confounded, 10 and 30 asked, 20 and 20 reached, and no word of it."""
    frame = pd.DataFrame({"sex": [0, 1] * 20, "age": [0, 1] * 20, "w": 1.0})
    targets = {"sex": {0: 10.0, 1: 30.0}, "age": {0: 30.0, 1: 10.0}}
    theirs = pd.Series(weightipy(frame, targets, 500)).groupby(frame["sex"]).sum()
    assert abs(theirs[0] - 10) > 5
    with pytest.raises(sv.ConvergenceError, match="confounded"):
        sv.Sample(frame, weights="w").rake(targets)

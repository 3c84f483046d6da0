"""Of many columns those in which nothing can stand apart are passed over: what is found must not depend on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook, _nonanswer_codes
from survey.codebook.nonanswers import find_nonanswers


def _frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows, columns = 60, {}
    for i in range(40):
        columns[f"scale{i}"] = rng.integers(1, 6, rows).astype(float)
        columns[f"nine{i}"] = rng.choice([1.0, 2, 3, 4, 5, 9], rows)
        columns[f"ninety{i}"] = rng.choice([0.0, 5, 10, 99], rows)
        columns[f"minus{i}"] = rng.choice([1.0, 2, 3, -1, -9], rows)
        columns[f"measured{i}"] = rng.normal(size=rows)
        columns[f"ends{i}"] = np.where(rng.random(rows) < 0.1, -99.0, rng.random(rows) * 30)
        columns[f"count{i}"] = rng.integers(0, 40, rows).astype(float)
        columns[f"empty{i}"] = np.full(rows, np.nan)
        columns[f"whole{i}"] = rng.integers(0, 10, rows)
        columns[f"bare{i}"] = np.where(rng.random(rows) < 0.1, np.nan, rng.choice([1, 2, 8], rows))
    return pd.DataFrame(columns)


@pytest.mark.parametrize("at_once", [1, 200, 5_000_000])
@pytest.mark.slow
def test_the_same_is_found(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    frame = _frame()
    monkeypatch.setattr(_nonanswer_codes, "_MANY_COLUMNS", len(frame.columns) + 1)
    one_by_one = find_nonanswers(frame, Codebook())
    monkeypatch.setattr(_nonanswer_codes, "_MANY_COLUMNS", 1)
    monkeypatch.setattr(_nonanswer_codes, "_AT_ONCE", at_once)
    assert find_nonanswers(frame, Codebook()) == one_by_one
    assert {one.variable.rstrip("0123456789") for one in one_by_one} >= {"nine", "ninety", "minus", "ends"}
    passed = _nonanswer_codes.unremarkable(frame, list(frame.columns))
    assert {n.rstrip("0123456789") for n in passed} == {"scale", "measured", "count", "empty"}

"""Copies: a collision of hashes is no copy, and a copy is found however its cells are kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.cleaning import _duplicates
from survey.cleaning._duplicates import row_groups


def test_rows_are_numbered_in_order_of_appearance() -> None:
    frame = pd.DataFrame({"a": [3, 1, 3, 2, 1], "b": ["x", "y", "x", "x", "z"]})
    assert row_groups([frame["a"], frame["b"]]).tolist() == [0, 1, 0, 2, 3]


def test_empty_cells_are_alike_and_so_are_both_zeros() -> None:
    odd_nan = np.array([0x7FF8000000000001, 0x7FF8000000000000], dtype=np.uint64).view(np.float64)
    assert row_groups([pd.Series(odd_nan)]).tolist() == [0, 0]
    assert row_groups([pd.Series([0.0, -0.0])]).tolist() == [0, 0]
    assert row_groups([pd.Series(["x", None, None], dtype="str")]).tolist() == [0, 1, 1]
    assert row_groups([pd.Series([1.0, "a", None, "a", None], dtype=object)]).tolist() == [0, 1, 2, 1, 2]


def test_a_collision_is_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_duplicates, "_hashes", lambda columns: np.zeros(len(columns[0]), dtype=np.uint64))
    columns = [pd.Series([1, 2, 1, 2]), pd.Series([1, 1, 1, 2])]
    assert row_groups(columns).tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize("seed", range(5))
def test_the_same_as_comparing_tuples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "a": rng.integers(0, 3, 200),
            "b": rng.choice([1.0, np.nan, 2.5], 200),
            "c": pd.Series(rng.choice(["x", "đ", ""], 200), dtype="str"),
            "d": rng.integers(0, 2, 200) == 1,
            "e": pd.to_datetime(rng.choice(["2024-01-01", "2023-01-01"], 200)),
        }
    )
    seen: dict[tuple[object, ...], int] = {}
    expected = [seen.setdefault(row, len(seen)) for row in frame.fillna({"b": -1}).itertuples(index=False, name=None)]
    assert row_groups([frame[c] for c in frame.columns]).tolist() == expected


def test_no_rows() -> None:
    assert row_groups([pd.Series([], dtype=float)]).tolist() == []

"""Cells add: a file counted whole, shuffled, or in parts that are added together gives the same counts.

Weights are eighths, so that every sum is exact in floating point and equal means equal to the last bit.
"""

from __future__ import annotations

import json
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.counting.cells import Cells

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))


@pytest.fixture
def rows(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(w=(rows["w"] * 8).round() / 8)


def count(rows: pd.DataFrame, design: str, by: str | None = None, where: np.ndarray | None = None) -> Cells:
    return sv.Sample(rows, **DESIGNS[design]).cells("q1", by=by, where=where)[0]


def equal(got: Cells, expected: Cells) -> None:
    np.testing.assert_array_equal(got.sums, expected.sums)
    np.testing.assert_array_equal(got.n, expected.n)
    np.testing.assert_array_equal(got.n_missing, expected.n_missing)
    np.testing.assert_array_equal(got.n_answers, expected.n_answers)
    assert (got.squares is None) == (expected.squares is None)
    if got.squares is not None and expected.squares is not None:
        np.testing.assert_array_equal(got.squares, expected.squares)


@pytest.mark.crossed
@pytest.mark.parametrize("by", [None, "sex", "ward"])
@pytest.mark.parametrize("design", DESIGNS)
def test_cells_do_not_know_the_order_of_the_rows(rows: pd.DataFrame, design: str, by: str | None) -> None:
    for seed in range(3):
        equal(count(rows.sample(frac=1, random_state=seed), design, by), count(rows, design, by))


@pytest.mark.crossed
@pytest.mark.parametrize("by", [None, "sex", "ward"])
@pytest.mark.parametrize("design", DESIGNS)
def test_cells_of_shards_add_up_to_the_whole_in_any_order(rows: pd.DataFrame, design: str, by: str | None) -> None:
    """Shards cut across clusters and strata; each has someone in every group."""
    shard = np.arange(len(rows)) % 4
    parts = [count(rows, design, by, shard == k) for k in range(4)]
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        equal(reduce(add, (parts[k] for k in order)), count(rows, design, by))


@pytest.mark.parametrize("design", DESIGNS)
def test_with_any_weights_only_the_order_of_summation_is_left(design: str) -> None:
    rows = pd.read_csv(REFERENCE / "rows.csv")
    whole, shuffled = count(rows, design, "ward"), count(rows.sample(frac=1, random_state=1), design, "ward")
    # at most as many roundings as there are rows, each of half a unit in the last place
    np.testing.assert_allclose(shuffled.sums, whole.sums, rtol=len(rows) * np.finfo(float).eps)
    np.testing.assert_array_equal(shuffled.n, whole.n)


def test_adding_leaves_the_parts_alone(rows: pd.DataFrame) -> None:
    half = np.arange(len(rows)) % 2 == 0
    a, b = count(rows, "strat_clus", None, half), count(rows, "strat_clus", None, ~half)
    before = a.sums.copy()
    _ = a + b
    np.testing.assert_array_equal(a.sums, before)


@pytest.mark.parametrize("design", ["strat_clus", "element"])
def test_shards_with_empty_groups_add_up_in_the_units_and_answers_of_all(rows: pd.DataFrame, design: str) -> None:
    s = sv.Sample(rows, **DESIGNS[design])
    order = np.argsort(rows["ward"].to_numpy(), kind="stable")  # each shard lacks wards, answers and clusters
    parts = []
    for piece in np.array_split(order, 5):
        inside = np.zeros(len(rows), bool)
        inside[piece] = True
        parts.append(s.cells("q1", by="ward", rows=inside)[0])
    whole, added = s.cells("q1", by="ward")[0], sum(parts[1:], parts[0])
    np.testing.assert_allclose(added.sums, whole.sums, rtol=1e-14)
    np.testing.assert_array_equal(added.n, whole.n)
    np.testing.assert_array_equal(added.n_answers, whole.n_answers)

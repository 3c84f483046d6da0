"""Complementary suppression, attacked by linear algebra: no hidden cell follows from the totals and the cells shown."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.suppression import complementary, determined


def test_a_group_alone_takes_the_smallest_other_with_it() -> None:
    """By hand: 400 less 168 and 220 is 12."""
    codes, n = np.array([[0], [1], [2]]), np.array([168.0, 220.0, 12.0])
    assert complementary(codes, n, n < 30, 30).tolist() == [True, False, False]


def test_two_small_groups_that_are_small_together_take_a_third() -> None:
    codes = np.arange(4)[:, None]
    assert complementary(codes, np.array([12.0, 9, 90, 80]), np.array([True, True, False, False]), 30).tolist() == [
        False,
        False,
        False,
        True,
    ]
    n = np.array([17.0, 14, 90, 80])  # 31 answers together are told
    assert not complementary(codes, n, n < 30, 30).any()


def test_nothing_is_hidden_for_a_total_that_nobody_may_see() -> None:
    n = np.array([12.0, 9.0])
    assert not complementary(np.array([[0], [1]]), n, n < 30, 30).any()
    assert not complementary(np.array([[0], [1]]), np.array([50.0, 0.0]), np.zeros(2, bool), 30).any()


def test_a_rectangle_in_a_table_of_two_variables() -> None:
    """By hand: (0, 0) needs another in its row and its column, and these one in theirs: four corners."""
    codes = np.array([[i, j] for i in range(3) for j in range(3)])
    n = np.array([12.0, 40, 90, 50, 60, 90, 90, 90, 90])
    assert np.flatnonzero(complementary(codes, n, n < 30, 30)).tolist() == [1, 3, 4]


def test_two_in_each_line_are_not_always_enough() -> None:
    """Two rectangles joined by one cell: each line has two hidden cells or none, and the cell between follows.

    By hand: the rows of the first rectangle and of the joint, less its columns, leave the joint alone.
    """
    hidden = np.zeros((5, 5), bool)
    hidden[0, 0] = hidden[0, 1] = hidden[1, 0] = hidden[1, 1] = True
    hidden[2, 2] = hidden[2, 3] = hidden[3, 2] = hidden[3, 3] = True
    hidden[1, 2] = True
    codes = np.array([[i, j] for i in range(5) for j in range(5)])
    n = np.where(hidden, 20.0, 100.0).reshape(-1)
    further = complementary(codes, n, hidden.reshape(-1), 30)
    assert further.any()
    assert not follows(codes, n, hidden.reshape(-1) | further, 30).any()


def follows(codes: np.ndarray, n: np.ndarray, gone: np.ndarray, least: float) -> np.ndarray:
    """The attack, from what is published: every cell shown, and the tables of totals as they would be shown."""
    known = [np.eye(len(n))[i] for i in np.flatnonzero(~gone)]
    width = codes.shape[1]
    for size in range(width):
        for kept in combinations(range(width), size):
            keys = [tuple(row[list(kept)]) for row in codes]
            groups = sorted(set(keys))
            lines = np.array([[k == key for k in keys] for key in groups], dtype=float)
            small = lines @ n < least
            away = small | (complementary(np.array(groups), lines @ n, small, least) if kept else small)
            known += list(lines[~away])
    rank = np.linalg.matrix_rank(np.array(known)) if known else 0
    at = np.flatnonzero(gone & (n > 0))
    return np.array([np.linalg.matrix_rank(np.array([*known, np.eye(len(n))[i]])) == rank for i in at], dtype=bool)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_no_hidden_cell_follows_from_the_totals(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(4,), (3, 2), (4, 3), (5, 4), (3, 2, 2)]))
    codes = np.array(list(np.ndindex(*shape)))
    sizes = st.sampled_from([3, 12, 29, 30, 44, 80, 200])
    n = np.array([data.draw(sizes) for _ in codes], dtype=float)
    hidden = (n < 30) & (n > 0)
    further = complementary(codes, n, hidden, 30)
    assert not (further & hidden).any() and (n[further] >= 30).all()
    assert not follows(codes, n, hidden | further, 30).any()


def test_what_follows_from_sums() -> None:
    known = np.array([[1.0, 1, 1], [0, 1, 0]])
    assert determined(known, np.array([[1.0, 0, 1], [1, 0, 0]])).tolist() == [True, False]
    assert not determined(np.zeros((0, 3)), np.eye(3)).any()


def test_wrong_totals_would_be_found() -> None:
    """The attack itself: with nothing hidden beside it, a single hidden cell follows."""
    codes, n = np.array([[0], [1], [2]]), np.array([168.0, 220.0, 12.0])
    assert follows(codes, n, n < 30, 30).tolist() == [True]
    assert pytest.approx(400 - 168 - 220) == n[2]

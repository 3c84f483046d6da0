"""Combinations of categories, numbered."""

from __future__ import annotations

import numpy as np
import pytest

from survey.base.codes import factorize, first_of, joined
from survey.errors import DesignError

SEX, WARD = np.array([1, 0, 1, 1, 0]), np.array([2, 2, 0, 2, 1])


def test_combinations_are_numbered_as_they_appear() -> None:
    assert joined([(SEX, 2), (WARD, 3)]).tolist() == [0, 1, 2, 0, 3]


def test_a_single_variable_is_numbered_as_it_appears_too() -> None:
    assert joined([(WARD, 3)]).tolist() == [0, 0, 1, 0, 2]


def test_sorted_numbers_are_those_of_unique_rows() -> None:
    rng = np.random.default_rng(1)
    columns = rng.integers(0, 7, (3, 500))
    expected = np.unique(columns, axis=1, return_inverse=True)[1].reshape(-1)
    np.testing.assert_array_equal(factorize([*columns])[0], expected)


def test_products_of_many_categories_do_not_run_over() -> None:
    # 10^6 codes in each of five variables: 10^30 combinations, two of which occur
    big = np.array([999_999, 0, 999_999])
    assert joined([(big, 10**6)] * 5).tolist() == [0, 1, 0]


def test_one_row_of_each() -> None:
    cell = joined([(SEX, 2), (WARD, 3)])
    first = first_of(cell, np.arange(5), 4)
    np.testing.assert_array_equal(cell[first], np.arange(4))


def test_nothing_to_number() -> None:
    with pytest.raises(DesignError, match="No columns"):
        joined([])

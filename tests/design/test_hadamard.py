"""Hadamard matrices: orthogonal at every order that is reached, and no larger than they need to be."""

from __future__ import annotations

import numpy as np
import pytest

from survey.design.hadamard import hadamard

# below 200 Sylvester's doubling and Paley's constructions over primes leave out these multiples of 4
BEYOND_REACH = {52, 92, 100, 116, 156, 172, 184, 188}
ORDERS = [1, 2, *(n for n in range(4, 200, 4) if n not in BEYOND_REACH)]


@pytest.mark.parametrize("order", ORDERS)
def test_columns_and_rows_are_orthogonal(order: int) -> None:
    """H'H = HH' = n I, in whole numbers large enough that a sum of n bytes does not wrap around."""
    matrix = hadamard(order).astype(int)
    assert set(np.unique(matrix)) <= {-1, 1}
    np.testing.assert_array_equal(matrix.T @ matrix, order * np.eye(order, dtype=int))
    np.testing.assert_array_equal(matrix @ matrix.T, order * np.eye(order, dtype=int))


@pytest.mark.parametrize("order", ORDERS[1:])
def test_the_first_row_and_column_are_ones_so_the_others_balance(order: int) -> None:
    """Half-samples are balanced: beyond the first column every stratum takes each cluster equally often."""
    matrix = hadamard(order).astype(int)
    assert (matrix[0] == 1).all()
    assert (matrix[:, 0] == 1).all()
    assert (matrix[:, 1:].sum(axis=0) == 0).all()


def test_no_order_is_larger_than_it_needs_to_be() -> None:
    """More replicates than needed cost time: a request gets the smallest order within reach."""
    for least in range(1, 197):
        expected = next(n for n in ORDERS if n >= least)
        assert least <= len(hadamard(least)) <= expected, least


def test_a_request_for_nothing_is_a_request_for_one() -> None:
    np.testing.assert_array_equal(hadamard(0), [[1]])

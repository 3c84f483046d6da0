"""Regressions on arrays: influence values are derivatives, rows alike may stand together, separation is found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from survey.calibration.logistic import separating_direction
from survey.models.fitting import Fit, aliased_columns, fit_linear, fit_logistic

FITS: list[Callable[..., Fit]] = [fit_linear, fit_logistic]


@pytest.fixture
def numbers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, matrix and weights of 80 rows."""
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(80), rng.normal(size=80), rng.integers(0, 2, 80)])
    y = (rng.uniform(size=80) < 1 / (1 + np.exp(-x @ [0.2, 0.7, -0.5]))).astype(float)
    return y, x, rng.uniform(0.5, 3, 80)


@pytest.mark.parametrize("fit", FITS)
def test_influence_is_the_derivative_by_the_weights(fit: Callable[..., Fit], numbers: tuple[np.ndarray, ...]) -> None:
    y, x, w = numbers
    made, h = fit(y, x, w), 1e-4
    for i in (0, 7, 40, 79):
        up, down = w.copy(), w.copy()
        up[i], down[i] = w[i] + h, w[i] - h
        slope = (fit(y, x, up).beta - fit(y, x, down).beta) / (2 * h)
        np.testing.assert_allclose(made.influence[i], slope, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("fit", FITS)
def test_rows_that_are_alike_may_stand_together(fit: Callable[..., Fit]) -> None:
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(200), rng.integers(0, 2, 200), rng.integers(0, 3, 200)]).astype(float)
    y, w = rng.integers(0, 2, 200).astype(float), rng.uniform(0.5, 2, 200)
    cells, place = np.unique(np.column_stack([y, x]), axis=0, return_inverse=True)
    each, together = fit(y, x, w), fit(cells[:, 0], cells[:, 1:], np.bincount(place.reshape(-1), w))
    np.testing.assert_allclose(together.beta, each.beta, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(together.influence[place.reshape(-1)], each.influence, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(together.bread, each.bread, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("fit", FITS)
def test_years_keep_their_digits(fit: Callable[..., Fit], numbers: tuple[np.ndarray, ...]) -> None:
    y, x, w = numbers
    moved = x.copy()
    moved[:, 1] = 2024 + 1e-3 * x[:, 1]
    near, far = fit(y, x, w), fit(y, moved, w)
    assert far.beta[1] * 1e-3 == pytest.approx(near.beta[1], rel=1e-7)
    np.testing.assert_allclose(far.influence[:, 1] * 1e-3, near.influence[:, 1], rtol=1e-6)


def test_a_saturated_logistic_model_has_the_log_odds_of_its_cells() -> None:
    """30 of 40 and 10 of 40: log(3) and log(1/3) by hand."""
    y = np.array([1.0, 0.0, 1.0, 0.0])
    x = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    made = fit_logistic(y, x, np.array([30.0, 10.0, 10.0, 30.0]))
    assert made.converged
    np.testing.assert_allclose(made.beta, [np.log(3), -2 * np.log(3)], rtol=1e-12)
    # of independent rows: 1 / 30 + 1 / 10, and twice that for the difference
    np.testing.assert_allclose(np.diag(made.bread), [2 / 15, 4 / 15], rtol=1e-10)


def test_columns_that_others_say_are_the_later_ones() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 30))
    x = np.column_stack([np.ones(30), a, 2 * a - 1, b, a + b, rng.normal(size=30)])
    assert aliased_columns(x, np.ones(30)).tolist() == [False, False, True, False, True, False]
    assert aliased_columns(x[:3], np.ones(3)).tolist() == [False, False, True, False, True, True]


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_units_do_not_matter_to_what_is_aliased(unit: float) -> None:
    x = np.column_stack([np.ones(30), np.arange(30.0), np.arange(30.0) ** 2]) * [1, unit, 1]
    assert not aliased_columns(x, np.ones(30)).any()


def test_complete_separation_is_found_with_its_direction() -> None:
    x = np.column_stack([np.ones(8), [1, 2, 3, 4, 6, 7, 8, 9.0], [0, 1, 0, 1, 0, 1, 0, 1.0]])
    y = (x[:, 1] > 5).astype(float)
    direction = separating_direction(y, x)
    assert direction is not None and direction[1] > 0
    assert ((x @ direction) * np.where(y == 1, 1, -1) >= -1e-9).all()
    assert not fit_logistic(y, x, np.ones(8)).converged or np.abs(x @ fit_logistic(y, x, np.ones(8)).beta).max() > 12


def test_quasi_complete_separation_is_found() -> None:
    """A category in which everybody has 1, beside others with both outcomes (Albert & Anderson 1984)."""
    y = np.array([1.0, 0, 1, 0, 1, 1, 1])
    x = np.column_stack([np.ones(7), [0.0, 0, 0, 0, 1, 1, 1]])
    direction = separating_direction(y, x)
    assert direction is not None and direction[1] > 0
    x[4, 1] = 0
    y[4] = 0
    y[6] = 0
    assert separating_direction(y, x) is None

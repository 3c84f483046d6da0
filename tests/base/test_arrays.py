"""Distribution functions against R, and solving systems that are singular by construction."""

from __future__ import annotations

import numpy as np
import pytest

from survey.base.arrays import solve_spd, t_interval_factor, t_pvalue


def test_t_factor_is_that_of_r() -> None:
    df = np.array([1, 5, 12.5, np.inf])
    # qt(.975, c(1, 5, 12.5, Inf)); qt(.95, c(1, 5, 12.5, Inf))
    expected_95 = [12.70620473617469, 2.57058183563631, 2.16918594271254, 1.95996398454005]
    expected_90 = [6.31375151467504, 2.01504837333302, 1.77636622124703, 1.64485362695147]
    np.testing.assert_allclose(t_interval_factor(0.95, df), expected_95, rtol=1e-10)
    np.testing.assert_allclose(t_interval_factor(0.90, df), expected_90, rtol=1e-10)


def test_p_value_is_two_sided_and_keeps_its_digits_far_out() -> None:
    # 2 * pt(-c(0.3, 2.5, 40), 7); 2 * pt(-2.5, Inf)
    expected = [7.72890050402134e-01, 4.09922185857529e-02, 1.59021799848504e-09]
    np.testing.assert_allclose(t_pvalue(np.array([-0.3, 2.5, 40.0]), 7), expected, rtol=1e-10)
    assert float(t_pvalue(2.5, np.inf)) == pytest.approx(0.0124193306515523, rel=1e-10)


@pytest.mark.parametrize("df", [0.0, -1.0, np.nan])
def test_without_degrees_of_freedom_there_is_no_interval_and_no_test(df: float) -> None:
    assert np.isnan(t_interval_factor(0.95, df))
    assert np.isnan(t_pvalue(2.0, df))


def margins(rows: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indicators of two margins with 2 + 3 categories, of rank 4; weights; an outcome."""
    i = np.arange(rows)
    sex, age = i % 2, (i * i + i // 7) % 3
    x = np.column_stack([sex == 0, sex == 1, age == 0, age == 1, age == 2]).astype(float)
    return x, 1.0 + (i % 7), np.sin(i)


def test_margins_that_add_up_to_the_same_total_are_solved_all_the_same() -> None:
    x, w, y = margins()
    x = np.column_stack([x, x[:, 0]])  # the same column twice over
    gram, right = x.T @ (w[:, None] * x), x.T @ (w * y)
    solved, rank = solve_spd(gram, right)
    root = np.sqrt(w)
    expected = x @ np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
    np.testing.assert_allclose(x @ solved, expected, rtol=1e-9, atol=1e-12)
    assert rank == np.linalg.matrix_rank(x)


def test_rank_does_not_depend_on_units() -> None:
    x, w, y = margins()
    units = np.array([1e-6, 1.0, 1e6, 1.0, 1e3])
    gram, right = x.T @ (w[:, None] * x), x.T @ (w * y)
    solved, rank = solve_spd(gram, right)
    rescaled, rank_rescaled = solve_spd(gram * np.outer(units, units), right * units)
    assert rank == rank_rescaled == 4
    np.testing.assert_allclose((x * units) @ rescaled, x @ solved, rtol=1e-8, atol=1e-12)


def test_a_variable_that_is_zero_everywhere_takes_nothing_off() -> None:
    solved, rank = solve_spd(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[4.0, 6.0], [0.0, 0.0]]))
    np.testing.assert_allclose(solved, [[2.0, 3.0], [0.0, 0.0]], atol=1e-15)
    assert rank == 1


def test_nothing_to_solve() -> None:
    solved, rank = solve_spd(np.zeros((0, 0)), np.zeros((0, 3)))
    assert solved.shape == (0, 3) and rank == 0

"""Simultaneous critical values against published tables, R's ptukey and mvtnorm, and what must hold for any data."""

from __future__ import annotations

import numpy as np
import pytest

from survey.base.max_t import max_t, max_t_of_pairs
from survey.errors import EstimationError

MIXED = np.array([[1, 0.3, -0.2, 0.5], [0.3, 1, 0.1, 0.4], [-0.2, 0.1, 1, 0.6], [0.5, 0.4, 0.6, 1]])


def pairs(groups: int) -> np.ndarray:
    first, second = np.triu_indices(groups, 1)
    matrix = np.zeros((len(first), groups))
    matrix[np.arange(len(first)), second] = 1
    matrix[np.arange(len(first)), first] = -1
    return matrix


@pytest.mark.parametrize(
    ("treatments", "df", "printed"),
    [
        # Dunnett (1964), Biometrics 20, table II: two-sided, joint 95%, equal numbers
        (2, 10, 2.57),
        (3, 10, 2.76),
        (5, 10, 2.99),
        (9, 10, 3.24),
        (3, 20, 2.54),
        (2, 5, 3.03),
        (9, np.inf, 2.69),
    ],
)
def test_many_to_one_agrees_with_dunnetts_table(treatments: int, df: float, printed: float) -> None:
    correlation = np.full((treatments, treatments), 0.5) + 0.5 * np.eye(treatments)
    assert round(max_t(correlation).critical_value(df), 2) == printed


@pytest.mark.parametrize(
    ("groups", "df", "quantile"),
    # R: qtukey(0.95, groups, df)
    [(3, 10, 3.876776749), (4, 20, 3.958293461), (5, 12, 4.507709920), (10, 30, 4.824141286)],
)
def test_all_pairs_of_equal_groups_agree_with_tukey(groups: int, df: float, quantile: float) -> None:
    matrix = pairs(groups)
    found = max_t(matrix @ matrix.T).critical_value(df) * np.sqrt(2)
    assert found == pytest.approx(quantile, abs=1e-8 if groups == 3 else 4e-3)


def test_all_pairs_of_forty_groups_agree_with_tukey_within_the_error_stated() -> None:
    first, second = np.triu_indices(40, 1)
    found = max_t_of_pairs(np.eye(40), first, second)
    # R: 1 - ptukey(4.093404576 * sqrt(2), 40, 60) = 0.05
    tail, error = float(found.tail(4.093404576, 60)), found.error(4.093404576, 60)
    assert 0 < error < 1.5e-3
    assert abs(tail - 0.05) < 3.5 * error


def test_general_correlations_agree_with_mvtnorm() -> None:
    # R mvtnorm 1.1: 1 - pmvt(-2.3, 2.3, corr, df = 9), 1 - pmvnorm(...), each to 1e-6 by its own account
    assert max_t(MIXED).tail(np.full(4, 2.3), 9) == pytest.approx(0.1414158, abs=1e-4)
    assert max_t(MIXED).tail(np.full(4, 2.3), np.inf) == pytest.approx(0.0749926, abs=1e-4)


def test_unequal_groups_against_one_agree_with_mvtnorm() -> None:
    loadings = np.sqrt(np.array([12, 8, 30]) / (np.array([12, 8, 30]) + 10))
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1)
    # R mvtnorm: 1 - pmvt(-2.5, 2.5, corr, df = 20), to 1e-6
    assert max_t(correlation).tail(np.array([2.5, -2.5, 2.5]), 20) == pytest.approx(0.0520777, abs=2e-6)


def test_independent_statistics_give_sidaks_bound() -> None:
    from scipy.special import ndtri

    assert max_t(np.eye(5)).critical_value(np.inf) == pytest.approx(-ndtri((1 - 0.95**0.2) / 2), abs=1e-10)


@pytest.mark.parametrize("df", [3.0, 17.0, np.inf])
def test_one_statistic_and_copies_of_it_are_a_t(df: float) -> None:
    from survey.base.arrays import t_interval_factor, t_pvalue

    t = float(t_interval_factor(0.95, df))
    assert max_t(np.ones((1, 1))).critical_value(df) == pytest.approx(t, abs=1e-11)
    signs = np.array([1.0, -1.0, 1.0])
    assert max_t(np.outer(signs, signs)).critical_value(df) == pytest.approx(t, abs=1e-11)
    assert max_t(np.ones((1, 1))).tail(np.array([1.3]), df)[0] == pytest.approx(float(t_pvalue(1.3, df)), abs=1e-12)


def test_two_statistics_agree_by_both_exact_integrals() -> None:
    two = np.array([[1, 0.49], [0.49, 1]])
    product = 0.7 * np.ones(3)
    three = np.outer(product, product)
    np.fill_diagonal(three, 1)
    # the one-factor integral of three, of which two are the same as the angle integral of two
    from survey.base._max_t_integrals import OneFactor

    c, df = np.array([0.5, 1.5, 2.5, 4.0]), np.full(4, 7.0)
    assert OneFactor(product[:2])(c, df) == pytest.approx(max_t(two).tail_of(c, df), abs=1e-11)
    assert np.all(max_t(three).tail(c, df) > max_t(two).tail(c, df))


def test_adjusted_p_lies_between_its_own_and_bonferroni_and_falls_with_the_statistic() -> None:
    from survey.base.arrays import t_pvalue

    statistic = np.linspace(0, 60, 45)
    first, second = np.triu_indices(10, 1)
    distribution = max_t_of_pairs(np.diag(np.arange(1.0, 11)), first, second)
    for df in (2.0, 30.0, np.inf):
        p, own = distribution.tail(statistic, df), t_pvalue(statistic, df)
        assert np.all(p >= own)
        assert np.all(p <= np.minimum(1, 45 * own))
        assert np.all(np.diff(p) <= 0)


def test_level_is_kept_by_the_critical_value() -> None:
    for level in (0.8, 0.95, 0.999):
        distribution = max_t(MIXED)
        assert distribution.tail(distribution.critical_value(11, level), 11) == pytest.approx(1 - level, rel=1e-9)


def test_the_pairs_of_groups_are_their_correlation_matrix() -> None:
    covariance = np.diag([1.0, 2, 3, 4, 5]) + 0.3
    first, second = np.triu_indices(5, 1)
    matrix = pairs(5)
    by_pairs, by_matrix = max_t_of_pairs(covariance, first, second), max_t(matrix @ covariance @ matrix.T)
    error = by_pairs.error(2.8, 9) + by_matrix.error(2.8, 9)
    assert abs(by_pairs.tail(2.8, 9) - by_matrix.tail(2.8, 9)) < 4 * error


def test_many_groups_are_taken_in_blocks_and_agree_with_the_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    from survey.base import max_t as module

    covariance = np.diag(np.linspace(1, 3, 9)) + 0.2
    first, second = np.triu_indices(9, 1)
    at_once = max_t_of_pairs(covariance, first, second)
    monkeypatch.setattr(module, "_FEW", 0)
    in_blocks = max_t_of_pairs(covariance, second[::-1], first[::-1])
    error = at_once.error(2.9, 20) + in_blocks.error(2.9, 20)
    assert abs(at_once.tail(2.9, 20) - in_blocks.tail(2.9, 20)) < 4 * error
    assert in_blocks.rank == at_once.rank == 8


def test_two_groups_against_everyone_else_are_one_comparison() -> None:
    # each is the other's rest: perfectly negatively correlated, so that the critical value is a t
    half = np.array([[1.0, 0.2], [0.2, 2.0]])
    covariance = np.block([[half, half[:, ::-1]], [half[::-1], half[::-1, ::-1]]])
    found = max_t_of_pairs(covariance, np.array([2, 3]), np.array([0, 1]))
    assert found.critical_value(8) == pytest.approx(2.306004135, abs=1e-8)  # R: qt(0.975, 8)


def test_degrees_of_freedom_of_each_statistic_and_missing_ones() -> None:
    p = max_t(MIXED).tail(np.array([2.0, np.nan, 2.0, 2.0]), np.array([5, 5, 50, 0]))
    assert p[0] > p[2]
    assert np.isnan(p[[1, 3]]).all()
    assert np.isnan(max_t(MIXED).critical_value(0))
    both = max_t(MIXED).critical_value(np.array([5.0, np.nan, 50.0]))
    assert both[[0, 2]] == pytest.approx([max_t(MIXED).critical_value(5), max_t(MIXED).critical_value(50)], abs=1e-10)
    assert np.isnan(both[1])


def test_same_bytes_on_every_run() -> None:
    from survey.base._max_t_integrals import directions_on

    before = max_t(MIXED).critical_value(9)
    directions_on.cache_clear()
    assert max_t(MIXED).critical_value(9) == before


@pytest.mark.parametrize("matrix", [np.zeros((2, 2)), np.ones((2, 3)), [[1, np.nan], [np.nan, 1]], np.zeros((0, 0))])
def test_what_is_no_correlation_is_refused(matrix: object) -> None:
    with pytest.raises(EstimationError, match="correlation matrix"):
        max_t(np.asarray(matrix, float)).critical_value(9)

"""The tests behind the flags, against published numbers, R and calculations by hand."""

from __future__ import annotations

import numpy as np
import pytest

from survey.quality._effects import one_way
from survey.quality._places import _metres
from survey.quality._tests import against_others, beta_binomial_sf, robust_z, shorter


def test_one_wild_number_does_not_hide_itself() -> None:
    # median 3, MAD 1; the ordinary z of the 100 is only 1.8
    assert robust_z(np.array([1.0, 2, 3, 4, 100]))[-1] == pytest.approx(97 / 1.4826)
    assert np.isnan(robust_z(np.array([2.0, 2, 2, 9]))).all()


def test_an_interviewer_is_left_out_of_those_they_are_compared_with() -> None:
    # own 8 of 10, others 10 of 20: R's binom.test(8, 10, 0.5, "greater") is 0.0546875, and 18/30 would be wrong
    hits = np.r_[np.ones(8), np.zeros(2), np.ones(10), np.zeros(10)]
    team = np.r_[np.zeros(10, int), np.ones(20, int)]
    zero = np.zeros(30, int)
    share, expected, p = against_others(hits, np.ones(30), zero, np.arange(30), team, zero, 2)
    assert (share[0], expected[0]) == (0.8, 0.5) and p[0] == pytest.approx(0.0546875)


def test_twenty_answers_of_one_person_are_not_twenty_people() -> None:
    # each of 12 people gives one answer to all of 20 questions: as if each had been asked once
    person = np.repeat(np.arange(12), 20)
    hits = np.repeat([1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0], 20).astype(float)
    team, zero = (person >= 4).astype(int), np.zeros(240, int)
    _, _, p = against_others(hits, np.ones(240), zero, person, team, zero, 2)
    hits = hits[::20]
    _, _, once = against_others(hits, np.ones(12), zero[:12], np.arange(12), team[::20], zero[:12], 2)
    assert p == pytest.approx(once) and once[0] > 0.2


def test_an_interviewer_who_is_the_only_one_is_compared_with_nobody() -> None:
    zero = np.zeros(5, int)
    _, _, p = against_others(np.ones(5), np.ones(5), zero, np.arange(5), zero, zero, 1)
    assert np.isnan(p).all()


def test_beta_binomial_without_correlation_is_binomial() -> None:
    y, n, mean = np.array([3.0]), np.array([10.0]), np.array([0.1])
    # R: pbinom(2, 10, 0.1, lower = FALSE) = 0.0701908; with rho 1/2: Beta(0.1, 0.9)
    assert beta_binomial_sf(y, n, mean, 0.0)[0] == pytest.approx(0.0701908264, rel=1e-8)
    assert beta_binomial_sf(y, n, mean, 0.5)[0] > 0.1


def test_ranks_are_those_of_wilcoxon() -> None:
    # R: wilcox.test(1:5, 6:15, "less", exact = FALSE)$p.value = 0.001283794 (W = 0, mean 25, variance 66.667)
    x = np.arange(15.0)
    team, zero = (x >= 5).astype(int), np.zeros(15, int)
    p = shorter(x, team, zero, 2)
    assert p[0] == pytest.approx(0.001350, abs=5e-5) and p[1] > 0.99


def test_icc_of_shrout_and_fleiss() -> None:
    # Shrout & Fleiss (1979), table 2: ICC(1,1) = 0.17; R's psych::ICC: F(5, 18) = 1.79, interval -0.13 to 0.72
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
    found = one_way(ratings.ravel(), np.repeat(np.arange(6), 4), np.zeros(24, int))
    assert found["icc"] == pytest.approx(0.166, abs=0.0005)
    assert (found["conf_low"], found["conf_high"]) == pytest.approx((-0.133, 0.723), abs=0.001)
    assert found["p_value"] == pytest.approx(0.1648, abs=0.0001) and found["n0"] == 4


def test_icc_with_unequal_workloads_by_hand() -> None:
    # means 1.5 and 4, grand 3: MSB 7.5, MSW 2.5/3, F 9, n0 (5 - 13/5) / 1 = 2.4, rho (9 - 1) / (9 + 1.4)
    found = one_way(np.array([1.0, 2, 3, 4, 5]), np.array([0, 0, 1, 1, 1]), np.zeros(5, int))
    assert found["n0"] == pytest.approx(2.4) and found["icc"] == pytest.approx(8 / 10.4)


def test_a_change_between_waves_is_no_interviewer_effect() -> None:
    x = np.array([1.0, 2, 1, 2, 11, 12, 11, 12])
    found = one_way(x, np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    assert found["icc"] < 0  # in each wave both interviewers have the same mean


def test_nothing_that_varies_has_no_icc() -> None:
    found = one_way(np.ones(6), np.array([0, 0, 0, 1, 1, 1]), np.zeros(6, int))
    assert np.isnan(found["icc"]) and found["groups"] == 2


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    zero = np.zeros(1)
    assert _metres(zero, zero, zero + 1, zero)[0] == pytest.approx(111_195, abs=1)

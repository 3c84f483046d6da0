"""Squared deviations stage by stage, against sums written out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.design.coded_design import CodedDesign
from survey.design.design import Design
from survey.estimation.variance import Elements, Linearized, unit_sums


def structure(frame: pd.DataFrame, **design: object) -> CodedDesign:
    return CodedDesign.of(frame, Design.from_columns(**{"weights": None, **design}))


def of_rows(s: CodedDesign, values: np.ndarray, members: np.ndarray | None = None) -> Linearized:
    """Statistics given by their weighted influence values (rows, statistics)."""
    z = np.stack([np.bincount(s.unit, column, s.units) for column in values.T], axis=1)

    def second(whole: bool, elements: Elements) -> np.ndarray:
        scaled = elements.deviations(values, s.unit)
        return scaled.T @ scaled if whole else (scaled**2).sum(axis=0)

    return Linearized.of(s, z, second, members)


def test_sums_by_unit_do_not_need_sorted_or_filled_units() -> None:
    z = np.arange(8.0).reshape(4, 2)
    np.testing.assert_array_equal(unit_sums(z, np.array([3, 0, 3, 1]), 5), [[2, 3], [6, 7], [0, 0], [4, 6], [0, 0]])


def test_sums_of_units_that_are_themselves_are_themselves() -> None:
    z = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(unit_sums(z, np.arange(3), 3), z)


def test_units_in_another_order_are_put_in_theirs() -> None:
    """As many units as rows, and yet not the same order: each row goes to its own unit."""
    z = np.array([[1.0], [2.0], [3.0]])
    np.testing.assert_array_equal(unit_sums(z, np.array([2, 0, 1]), 3), [[2], [3], [1]])
    np.testing.assert_array_equal(unit_sums(z, np.array([0, 0, 2]), 3), [[3], [0], [3]])


CLUSTERS = pd.DataFrame({"s": [1, 1, 1, 2, 2], "c": [1, 2, 3, 4, 5]})
Z = np.array([[1.0, 2.0], [4.0, 0.0], [7.0, 1.0], [3.0, 3.0], [5.0, -1.0]])


def test_clusters_deviate_from_the_mean_of_their_stratum() -> None:
    v = of_rows(structure(CLUSTERS, strata="s", psu="c"), Z).covariance()
    # stratum 1: means (4, 1), 3/2 * (9+0+9, -3+0+0, 1+1+0); stratum 2: means (4, 1), 2 * (1+1, -2-2, 4+4)
    np.testing.assert_allclose(v, [[27 + 4, -4.5 - 8], [-4.5 - 8, 3 + 16]])


def test_elements_are_clusters_of_one() -> None:
    by_clusters = of_rows(structure(CLUSTERS, strata="s", psu="c"), Z)
    by_elements = of_rows(structure(CLUSTERS, strata="s"), Z)
    np.testing.assert_allclose(by_elements.covariance(), by_clusters.covariance())
    np.testing.assert_allclose(by_elements.variance(), by_clusters.variance())


def test_two_stages_add_up() -> None:
    frame = pd.DataFrame({"c": [1, 1, 2, 2], "p": [1, 2, 3, 4], "N": 4, "M": [10, 10, 8, 8]})
    values = np.array([[1.0], [3.0], [5.0], [1.0]])
    s = structure(frame, psu=["c", "p"], fpc=["N", "M"])
    # first: totals 4, 6; (1 - 2/4) * 2/1 * (1 + 1) = 2
    # second: 1/2 * (1 - 2/10) * 2 * (1 + 1) = 1.6 and 1/2 * (1 - 2/8) * 2 * (4 + 4) = 6
    assert of_rows(s, values).variance() == pytest.approx([2 + 1.6 + 6])
    # the same people as units of several rows each, half a value a row
    twice = pd.concat([frame, frame])
    s2 = structure(twice, psu=["c", "p"], fpc=["N", "M"])
    assert of_rows(s2, np.vstack([values, values]) / 2).variance() == pytest.approx([2 + 1.6 + 6])


@pytest.mark.parametrize("design", [{"strata": "s", "psu": "c"}, {"strata": "s"}, {"psu": "c"}, {}])
def test_variances_are_the_diagonal_of_the_covariance(design: dict[str, str]) -> None:
    joint = of_rows(structure(CLUSTERS, **design), Z)
    np.testing.assert_allclose(joint.variance(), np.diag(joint.covariance()))


LONELY = pd.DataFrame({"s": [1, 1, 2, 2, 3], "c": [1, 2, 3, 4, 5]})
ALONE = np.array([[1.0], [3.0], [4.0], [8.0], [6.0]])
# strata 1 and 2 give 2 * (1 + 1) and 2 * (4 + 4); the lonely 6 deviates by 6 from zero, by 1.6 from the mean, 4.4
LONELY_VARIANCES = {
    "remove": 20.0,
    "certainty": 20.0,
    "adjust": 20.0 + 36.0,
    "centered": 20.0 + 1.6**2,
    "average": 20.0 * 3 / 2,
}


@pytest.mark.parametrize("rule", LONELY_VARIANCES)
@pytest.mark.parametrize("clusters", [True, False], ids=["clusters", "elements"])
def test_what_a_lonely_cluster_adds(rule: str, clusters: bool) -> None:
    design = {"strata": "s", "lonely": rule, **({"psu": "c"} if clusters else {})}
    joint = of_rows(structure(LONELY, **design), ALONE)
    assert joint.variance() == pytest.approx([LONELY_VARIANCES[rule]])
    assert joint.covariance()[0, 0] == pytest.approx(LONELY_VARIANCES[rule])


def test_average_counts_the_strata_that_are_in_the_estimate() -> None:
    s = structure(LONELY, strata="s", psu="c", lonely="average")
    z = np.hstack([ALONE, ALONE])
    z[4, 1] = 0.0
    members = np.ones((5, 2))
    members[4, 1] = 0  # the second statistic has nobody in the lonely stratum, so it is inflated by nothing
    np.testing.assert_allclose(of_rows(s, z, members).variance(), [30.0, 20.0])
    only_lonely = np.zeros((5, 2))
    only_lonely[4] = 1
    assert np.isnan(of_rows(s, z, only_lonely).variance()).all()

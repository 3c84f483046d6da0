"""A design as whole numbers: units, parents, and what each squared deviation counts for, all by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.base.codes import factorize
from survey.design.coded_design import CodedDesign
from survey.design.design import Design
from survey.errors import DesignError


def structure(frame: pd.DataFrame, **design: object) -> CodedDesign:
    return CodedDesign.of(frame, Design.from_columns(**{"weights": None, **design}))


@pytest.fixture
def fpc_rows() -> pd.DataFrame:
    """Eight rows in two strata, sampled from 15 and 12 clusters (the fpc rows of R's `survey`)."""
    return pd.DataFrame(
        {
            "stratum": [1] * 5 + [2] * 3,
            "psu": [1, 2, 3, 4, 5, 1, 2, 3],
            "w": [3.0] * 5 + [4.0] * 3,
            "N": [15] * 5 + [12] * 3,
        }
    )


def test_clusters_count_their_correction(fpc_rows: pd.DataFrame) -> None:
    s = structure(fpc_rows, weights="w", strata="stratum", psu="psu", fpc="N", nest=True)
    # (1 - 5/15) * 5/4 and (1 - 3/12) * 3/2
    np.testing.assert_allclose(s.stages[0].coef, [5 / 6, 9 / 8])
    assert s.stages[0].size.tolist() == [5, 3]
    assert s.units == 8 and s.elements is None


def test_a_fraction_and_a_population_size_are_the_same_correction(fpc_rows: pd.DataFrame) -> None:
    fpc_rows["fraction"] = [1 / 3] * 5 + [1 / 4] * 3
    by_size = structure(fpc_rows, strata="stratum", psu="psu", fpc="N", nest=True)
    by_fraction = structure(fpc_rows, strata="stratum", psu="psu", fpc="fraction", nest=True)
    np.testing.assert_allclose(by_fraction.stages[0].coef, by_size.stages[0].coef)


def test_elements_are_counted_in_their_stratum(fpc_rows: pd.DataFrame) -> None:
    s = structure(fpc_rows, strata="stratum", fpc="N")
    assert s.stages == () and s.units == 2
    assert s.elements is not None
    np.testing.assert_allclose(s.elements.coef, [5 / 6, 9 / 8])
    assert s.unit.tolist() == [0] * 5 + [1] * 3


def test_a_census_of_a_stratum_has_no_variance_and_is_never_lonely() -> None:
    frame = pd.DataFrame({"s": [1, 2, 2], "c": [1, 2, 3], "N": [1, 4, 4]})
    s = structure(frame, strata="s", psu="c", fpc="N")  # lonely="fail", and yet it does not fail
    np.testing.assert_allclose(s.stages[0].coef, [0, 0.5 * 2])
    assert not s.stages[0].lonely.any()


def two_stages() -> pd.DataFrame:
    """Two of four clusters; two of ten, then three of six people in them."""
    return pd.DataFrame(
        {"c": [1, 1, 2, 2, 2], "p": [1, 2, 3, 4, 5], "N": [4] * 5, "M": [10, 10, 6, 6, 6]}, index=[9, 8, 7, 6, 5]
    )


def test_the_second_stage_counts_for_the_fraction_of_the_first() -> None:
    s = structure(two_stages(), psu=["c", "p"], fpc=["N", "M"])
    np.testing.assert_allclose(s.stages[0].coef, [(1 - 2 / 4) * 2])
    assert s.elements is not None  # the second stage is people, so rows are its units
    # f1 (1 - f2) m / (m - 1): 1/2 * 8/10 * 2 and 1/2 * 1/2 * 3/2
    np.testing.assert_allclose(s.elements.coef, [0.8, 0.375])


def test_second_stage_units_of_several_rows_are_units_of_their_own() -> None:
    twice = pd.concat([two_stages(), two_stages()])
    s = structure(twice, psu=["c", "p"], fpc=["N", "M"])
    assert s.elements is None and s.units == 5
    first, second = s.stages
    assert first.size.tolist() == [2] and second.size.tolist() == [2, 3]
    np.testing.assert_allclose(second.coef, [0.8, 0.375])


def test_second_stage_ids_may_start_again_in_each_cluster() -> None:
    frame = two_stages().assign(p=[1, 2, 1, 2, 3])
    again, distinct = (structure(f, psu=["c", "p"], fpc=["N", "M"]) for f in (frame, two_stages()))
    assert again.elements is not None and distinct.elements is not None
    np.testing.assert_array_equal(again.elements.coef, distinct.elements.coef)


def test_one_person_of_several_in_a_cluster_follows_the_lonely_rule() -> None:
    frame = two_stages().iloc[[0, 2, 3, 4]]  # one person is left in the first cluster
    with pytest.raises(DesignError, match="single unit of the second stage"):
        structure(frame, psu=["c", "p"], fpc=["N", "M"])
    s = structure(frame, psu=["c", "p"], fpc=["N", "M"], lonely="remove")
    assert s.elements is not None
    np.testing.assert_allclose(s.elements.coef, [0.0, 0.375])


def test_second_stage_strata_divide_a_cluster() -> None:
    frame = two_stages().iloc[2:].assign(c=[1, 1, 1], floor=["a", "a", "b"], all=1, M=[6, 6, 2])
    frame = pd.concat([frame, frame.assign(c=2)])
    s = structure(frame, strata=["all", "floor"], psu=["c", "p"], fpc=["N", "M"], lonely="remove")
    assert s.elements is not None
    # in each cluster: two of six on floor a, one of two (alone) on floor b
    assert s.elements.size.tolist() == [2, 1, 2, 1]
    np.testing.assert_allclose(s.elements.coef, [0.5 * (1 - 2 / 6) * 2, 0, 0.5 * (1 - 2 / 6) * 2, 0])


def test_ids_that_repeat_in_strata_are_different_clusters_when_nested(fpc_rows: pd.DataFrame) -> None:
    s = structure(fpc_rows, strata="stratum", psu="psu", nest=True)
    assert s.units == 8
    assert s.stratum.tolist() == [0] * 5 + [1] * 3


def test_nesting_changes_nothing_where_ids_differ_already(fpc_rows: pd.DataFrame) -> None:
    fpc_rows["psu"] = range(8)
    nested = structure(fpc_rows, strata="stratum", psu="psu", nest=True)
    plain = structure(fpc_rows, strata="stratum", psu="psu")
    np.testing.assert_array_equal(nested.unit, plain.unit)
    np.testing.assert_array_equal(nested.stages[0].parent, plain.stages[0].parent)


@pytest.mark.parametrize("rule", ["adjust", "centered"])
def test_a_lonely_cluster_counts_once_under_the_conservative_rules(rule: str) -> None:
    frame = pd.DataFrame({"s": [1, 1, 2], "c": [1, 2, 3]})
    assert structure(frame, strata="s", psu="c", lonely=rule).stages[0].coef.tolist() == [2.0, 1.0]


@pytest.mark.parametrize("rule", ["remove", "certainty", "average"])
def test_a_lonely_cluster_counts_nothing_under_the_others(rule: str) -> None:
    frame = pd.DataFrame({"s": [1, 1, 2], "c": [1, 2, 3]})
    assert structure(frame, strata="s", psu="c", lonely=rule).stages[0].coef.tolist() == [2.0, 0.0]


def test_codes_are_sorted_labels_and_missing_is_minus_one() -> None:
    code, labels = factorize([pd.Series(["b", None, "a", "b"])])
    assert code.tolist() == [1, -1, 0, 1]
    assert labels[0].tolist() == ["a", "b"]


def test_combinations_of_columns_are_coded_in_order_and_only_where_all_are_known() -> None:
    code, labels = factorize([pd.Series([2, 1, 2, np.nan, 1]), pd.Series(["x", "y", None, "x", "x"])])
    assert code.tolist() == [2, 1, -1, -1, 0]
    assert labels.to_numpy().tolist() == [[1, "x"], [1, "y"], [2, "x"]]


def test_a_column_of_nothing_but_missing_has_no_codes() -> None:
    code, labels = factorize([pd.Series([np.nan, np.nan])])
    assert code.tolist() == [-1, -1] and len(labels) == 0


@pytest.mark.parametrize("column", ["s", "c"])
def test_a_missing_stratum_or_cluster_is_named_by_its_row(column: str) -> None:
    frame = pd.DataFrame({"s": ["a", "a", "b", "b"], "c": ["k", "l", "m", "n"]}, index=[10, 20, 30, 40])
    frame.loc[30, column] = None
    with pytest.raises(DesignError) as caught:
        structure(frame, strata="s", psu="c")
    assert column in str(caught.value.where) and "30" in str(caught.value.where)


def test_a_fraction_of_one_is_a_census_beside_smaller_fractions() -> None:
    frame = pd.DataFrame({"s": [1, 2, 2], "c": [1, 2, 3], "f": [1.0, 0.5, 0.5]})
    s = structure(frame, strata="s", psu="c", fpc="f")
    np.testing.assert_allclose(s.stages[0].coef, [0, 0.5 * 2])
    assert not s.stages[0].lonely.any()


@pytest.mark.parametrize("fpc", [[1.0] * 4, [1] * 4, [4] * 4], ids=["fraction", "one", "size"])
@pytest.mark.parametrize("psu", [None, "c"])
def test_everybody_drawn_leaves_no_variance(fpc: list[float], psu: str | None) -> None:
    frame = pd.DataFrame({"c": [1, 2, 3, 4], "N": fpc, "w": [1.0, 1, 1, 1], "q": [1.0, 2, 4, 5]})
    table = sv.Sample(frame, weights="w", psu=psu, fpc="N").mean("q").table
    assert table["estimate"].tolist() == [3.0] and table["std_error"].tolist() == [0.0]


@pytest.mark.parametrize("first", [[1.0] * 8, [2] * 8], ids=["fraction", "size"])
@pytest.mark.parametrize("second", [[0.5] * 8, [8] * 8], ids=["fraction", "size"])
def test_all_clusters_drawn_leaves_the_variance_within_them(first: list[float], second: list[float]) -> None:
    """By hand: 4 of 8 in each of two clusters that are all there are (Cochran 1977, section 11.8).

    V of the total of y is the sum of 8^2 (1 - 1/2) s^2 / 4, with s^2 of (1, 2, 3, 4) = 5/3 and of (2, 2, 6, 6) = 16/3.
    """
    frame = pd.DataFrame(
        {"c": [1] * 4 + [2] * 4, "i": range(8), "w": 2.0, "y": [1.0, 2, 3, 4, 2, 2, 6, 6], "f1": first, "f2": second}
    )
    row = sv.Sample(frame, weights="w", psu=["c", "i"], fpc=["f1", "f2"]).total("y").table.iloc[0]
    assert row["estimate"] == 52
    assert row["std_error"] ** 2 == pytest.approx(56, rel=1e-12)


@pytest.mark.parametrize("second", [[1.0] * 4, [2] * 4], ids=["fraction", "size"])
def test_clusters_asked_in_full_leave_the_variance_between_them(second: list[float]) -> None:
    """By hand: 2 of 8 clusters, everybody in them. Totals 3 and 7: V = 8^2 (1 - 1/4) 8 / 2 = 192."""
    frame = pd.DataFrame({"c": [1, 1, 2, 2], "i": range(4), "w": 4.0, "y": [1.0, 2, 3, 4], "f1": 8, "f2": second})
    row = sv.Sample(frame, weights="w", psu=["c", "i"], fpc=["f1", "f2"]).total("y").table.iloc[0]
    assert row["std_error"] ** 2 == pytest.approx(192, rel=1e-12)

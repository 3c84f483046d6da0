"""Estimates against reference values: which differ, how sure the reference is, where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ExportError, SurveyError

SOURCE = "PAPI 2024"


def wards(cases: Any, values: Any = (0.5, 0.54, 0.6), n: Any = 150) -> sv.Estimates:
    rows = cases.rows("OV01", values, se=0.02, n=n, ward=[f"P{i:02d}" for i in range(1, len(values) + 1)])
    return cases.made(rows, "proportion", ("ward",), answers=(4, 5))


def test_an_exact_reference_is_tested_with_the_error_of_the_estimate(cases: Any) -> None:
    exhibit = sv.figures.benchmark(wards(cases), 0.55, source=SOURCE, lang="en")
    table = exhibit.frame()
    # by R, p.adjust(2 * pt(-c(2.5, 0.5, 2.5), 98)): 0.04223927, 0.6181959, 0.04223927
    np.testing.assert_allclose(table["p_difference"], [0.04223927, 0.6181959, 0.04223927], rtol=1e-6)
    np.testing.assert_allclose(table["difference"], [-0.05, -0.01, 0.05])
    # qt(0.975, 98) = 1.984467
    np.testing.assert_allclose(table["difference_high"] - table["difference"], 1.984467 * 0.02, rtol=1e-6)
    assert "Shown to be above it: 1; below: 1." in exhibit.alt
    assert exhibit.notes[0] == "Reference: PAPI 2024." and any("taken as exact" in note for note in exhibit.notes)


def test_the_error_of_the_reference_counts(cases: Any) -> None:
    label = {"vi": "Cả nước 2024", "en": "Whole country, 2024"}
    how = {"reference_error": 0.02, "source": SOURCE, "reference_label": label, "adjust": "none"}
    exhibit = sv.figures.benchmark(wards(cases), 0.55, lang="vi", **how)
    # two equal variances, one of 98 degrees of freedom: Welch's are 4 * 98, and the error is sqrt(2) * 0.02;
    # by R, 2 * pt(-c(0.05, 0.01, 0.05) / (0.02 * sqrt(2)), 392) is 0.07787774, 0.7238637, 0.07787774
    np.testing.assert_allclose(exhibit.frame()["p_difference"], [0.07787774, 0.7238637, 0.07787774], rtol=1e-6)
    assert exhibit.notes[0] == "Cả nước 2024: PAPI 2024." and not any("chính xác" in n for n in exhibit.notes)
    assert "Cả nước 2024: 55,0" in [t.get_text() for t in exhibit.figure().texts]


def test_a_reference_for_each_row_by_code_label_table_or_other_estimates(cases: Any) -> None:
    e, wanted = wards(cases), [0.5, np.nan, 0.7]
    other = cases.rows("OV01", [0.5, 0.7], se=0.03, ward=["P01", "P03"])
    for reference in (
        {"P01": 0.5, "Phường Bình Minh": 0.7},
        {"Đông Hải ward": 0.5, "P03": 0.7},
        pd.DataFrame({"ward": ["P03", "P01"], "value": [0.7, 0.5]}),
        cases.made(other, "proportion", ("ward",), answers=(4, 5)),
    ):
        made = sv.figures.benchmark(e, reference, source=SOURCE, lang="en")
        np.testing.assert_allclose(made.frame()["reference"], wanted)
        assert "1 row has no reference value." in made.notes
    np.testing.assert_allclose(made.frame()["reference_std_error"], [0.03, np.nan, 0.03])


def test_a_row_that_may_not_be_shown_has_no_difference(cases: Any) -> None:
    exhibit = sv.figures.benchmark(wards(cases, n=[150, 12, 40]), 0.55, source=SOURCE, lang="en")
    table = exhibit.frame()
    assert table.loc[1, ["estimate", "difference", "p_difference", "n"]].isna().all()
    # the hidden row counts in Holm's adjustment: 3 times 0.01407976, though two are shown
    np.testing.assert_allclose(table["p_difference"].dropna(), [0.04223927, 0.04223927], rtol=1e-6)
    said = [t.get_text() for t in exhibit.figure().texts]
    assert "n < 30" in said and "60.0 (56.0–64.0)*" in said
    nothing = sv.figures.benchmark(wards(cases, n=12), 0.55, source=SOURCE, lang="en")
    assert [t.get_text() for t in nothing.figure().texts].count("n < 30") == 3


@pytest.mark.parametrize(("lang", "width"), [("vi", "full"), ("en", "half"), ("vi", "slide")])
def test_nothing_is_cut_or_covered(cases: Any, crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    e = cases.hard()
    label = {"vi": "Toàn thành phố, cả hai đợt khảo sát", "en": "Whole city, both waves of the survey"}
    for reference in (0.02, {"P01:1": 0.5, "P03:2": 0.4}):
        how = {"source": SOURCE, "reference_label": label, "reference_error": 0.01}
        assert crowding(sv.figures.benchmark(e, reference, lang=lang, width=width, **how).figure()) == []


def test_what_cannot_be_drawn(cases: Any) -> None:
    e = wards(cases)
    for reference, arguments, message in (
        (0.5, {"source": " "}, "needs its source"),
        (55, {}, "outside the scale"),
        ("high", {}, "wrong type"),
        ({"P01": "high"}, {}, "must be a number"),
        ({"P99": 0.5}, {}, "fits no row"),
        ({"P01": 0.5, "Phường Đông Hải": 0.6}, {}, "fit one row"),
        (pd.DataFrame({"ward": ["P01"], "mean": [0.5]}), {}, "no values"),
        (pd.DataFrame({"ward": ["P77"], "value": [0.5]}), {}, "for any of the rows"),
        (pd.DataFrame({"ward": ["P01", "P01"], "value": [0.5, 0.6]}), {}, "same row"),
        (0.5, {"reference_error": -1.0}, "negative"),
        (cases.means(), {}, "another kind"),
    ):
        with pytest.raises(ExportError, match=message):
            sv.figures.benchmark(e, reference, **{"source": SOURCE, **arguments})
    with pytest.raises(ExportError, match="compares means, shares"):
        sv.figures.benchmark(cases.differences(), 0.1, source=SOURCE)
    with pytest.raises(SurveyError, match="source"):
        sv.figures.benchmark(e, 0.5)

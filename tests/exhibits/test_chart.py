"""Charts of office programs hold the numbers of their result, row by row, and nothing that is hidden."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import survey as sv
from hard_layouts import HARD
from survey.exhibits.chart import chart_of, two_levels

FORMS = {"likert": "stacked", "intervals": "bars", "bars": "bars", "lines": "lines", "slope": "lines", "waves": "lines"}
CASES = [(form, case) for form in FORMS for case in HARD[form]]


@pytest.mark.parametrize(("form", "case"), CASES)
def test_each_value_is_that_of_its_row(form: str, case: str) -> None:
    exhibit = HARD[form][case]()
    chart = chart_of(exhibit)
    table = exhibit.estimates.table
    if chart is None:
        assert table["estimate"].isna().all()
        return
    assert chart.kind == FORMS[form]
    seen: list[int] = []
    for one in chart.series:
        assert len(one.values) == len(one.rows) == len(chart.categories)
        assert one.colour.startswith("#")
        for k, row in enumerate(one.rows):
            if row < 0:
                assert np.isnan(one.values[k])
                continue
            np.testing.assert_allclose(one.values[k], table["estimate"].iloc[row], rtol=1e-12)
            if one.low is not None and one.high is not None and np.isfinite(one.low[k]):
                ends = table[["conf_low", "conf_high"]].iloc[row]
                np.testing.assert_allclose((one.low[k], one.high[k]), ends, rtol=1e-12)
            seen.append(row)
    shown = np.flatnonzero(table["estimate"].notna()).tolist()
    assert len(seen) == len(set(seen)) and set(shown) <= set(seen)


def test_classes_of_a_histogram_are_upright_bars() -> None:
    exhibit = next(iter(HARD["histogram"].values()))()
    chart, table = chart_of(exhibit), exhibit.estimates.table
    assert chart is not None and chart.kind == "columns"
    (one,) = chart.series
    np.testing.assert_allclose(one.values, table["estimate"], rtol=1e-12)
    assert one.low is not None and one.high is not None
    np.testing.assert_allclose(np.c_[one.low, one.high], table[["conf_low", "conf_high"]], rtol=1e-12)
    assert f"n = {int(table['n'].iloc[0]):,}".replace(",", "") in chart.along.replace(",", "").replace(".", "")


@pytest.mark.parametrize("form", ["scatter", "quadrant"])
def test_points_have_both_numbers_of_their_row(form: str) -> None:
    exhibit = next(iter(HARD[form].values()))()
    chart, table = chart_of(exhibit), exhibit.estimates.table
    assert chart is not None and chart.kind == "points"
    seen = []
    for one in chart.series:
        assert one.across is not None and one.across_low is not None and one.low is not None
        for k, row in enumerate(one.rows):
            if row < 0:
                assert np.isnan([one.values[k], one.across[k]]).all()
                continue
            up, along = (table[column].iloc[row] for column in chart.columns)
            np.testing.assert_allclose((one.values[k], one.across[k]), (up, along), rtol=1e-12)
            np.testing.assert_allclose(one.across_low[k], table[f"{chart.columns[1]}_low"].iloc[row], rtol=1e-12)
            seen.append(row)
    assert sorted(seen) == list(range(len(table)))
    assert (chart.crossing is None) == (form == "scatter")


def test_what_is_hidden_is_in_no_chart(cases: Any) -> None:
    """0.123456789 stands on 22 answers and on 12."""
    assert (cases.hard().table["estimate"] == 0.123456789).any()
    for exhibit in (
        sv.figures.intervals(cases.hard()),
        sv.tables.table(cases.hard()),
        sv.figures.likert(cases.hard_answers()),
        sv.tables.table(cases.hard_answers()),
    ):
        chart = chart_of(exhibit)
        assert chart is not None
        for one in chart.series:
            for numbers in (one.values, one.low, one.high):
                assert numbers is None or not np.isclose(numbers, 0.123456789).any()


def test_answers_of_a_row_add_up_to_one(cases: Any) -> None:
    chart = chart_of(sv.figures.likert(cases.hard_answers()))
    assert chart is not None
    sums = np.sum([one.values for one in chart.series], axis=0)
    assert np.allclose(sums[np.isfinite(sums)], 1.0, atol=1e-9) and np.isfinite(sums).any()
    assert (chart.number_format, chart.limits) == ("0%", (0.0, 1.0))


def test_labels_are_in_the_language_of_the_exhibit(cases: Any) -> None:
    exhibit = sv.figures.intervals(cases.wards())
    vi, en = (chart_of(exhibit.in_language(lang)) for lang in ("vi", "en"))
    assert vi is not None and en is not None
    assert vi.categories != en.categories
    assert all(np.array_equal(a.values, b.values, equal_nan=True) for a, b in zip(vi.series, en.series, strict=True))


def test_headings_stand_only_where_there_are_several() -> None:
    assert two_levels([("A", "x"), ("A", "y")]) == (("x",), ("y",))
    assert two_levels([("A", "x"), ("B", "y")]) == (("A", "x"), ("B", "y"))
    assert two_levels([("A", "x", "u", ""), ("B", "y", "", "v")]) == (("A", "x, u"), ("B", "y, v"))
    assert two_levels([()]) == (("",),)


def test_ratios_have_no_bars_from_zero() -> None:
    """1 means no association: a bar from 0 would show a size that is none."""
    import pandas as pd

    table = pd.DataFrame({"term": ["a"], "estimate": [1.5], "std_error": [0.1], "conf_low": [1.3], "conf_high": [1.7]})
    e = sv.Estimates(table, "odds_ratio", (), source="")
    assert e.kind.null == 1.0
    assert chart_of(sv.tables.table(e)) is None

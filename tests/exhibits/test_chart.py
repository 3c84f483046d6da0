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


ROWS = [
    ("forest", "few groups", "estimate"),
    ("forest", "twelve items", "estimate"),
    ("forest", "eleven points", "estimate"),
    ("ranking", "few groups", "value"),
    ("ranking", "a missing group", "value"),
    ("benchmark", "few groups", "estimate"),
    ("benchmark", "a missing group", "estimate"),
]


@pytest.mark.parametrize(("form", "case", "column"), ROWS)
def test_rows_of_figures_are_bars_with_the_numbers_of_the_csv(form: str, case: str, column: str) -> None:
    exhibit = HARD[form][case]()
    chart, csv = chart_of(exhibit), exhibit.frame()
    assert chart is not None and chart.kind == "bars"
    ends = ("conf_low", "conf_high") if column == "estimate" else (f"{column}_low", f"{column}_high")
    first = chart.series[0]
    shown = [(k, row) for k, row in enumerate(first.rows) if np.isfinite(first.values[k])]
    assert sorted(row for _, row in shown) == np.flatnonzero(csv[column].notna()).tolist()
    for k, row in shown:
        np.testing.assert_allclose(first.values[k], csv[column].iloc[row], rtol=1e-12)
        if first.low is not None and first.high is not None and np.isfinite(first.low[k]):
            np.testing.assert_allclose((first.low[k], first.high[k]), csv[list(ends)].iloc[row], rtol=1e-12)
    if form == "benchmark":
        other = chart.series[1]
        for k, row in enumerate(other.rows):
            assert row in (-1, first.rows[k])
            np.testing.assert_equal(np.isfinite(other.values[k]), row >= 0)
            if row >= 0:
                np.testing.assert_allclose(other.values[k], csv["reference"].iloc[row], rtol=1e-12)
        assert set(other.columns) == {"reference"}


def test_bars_are_hollow_where_the_test_shows_nothing() -> None:
    """As the markers of the figure: p below 0.05 is filled; of ranks, one possible quarter."""
    for form, case in (("forest", "eleven points"), ("benchmark", "few groups"), ("ranking", "a missing group")):
        exhibit = HARD[form][case]()
        chart, csv = chart_of(exhibit), exhibit.frame()
        assert chart is not None
        (first, *_) = chart.series
        if form == "ranking":
            hollow = (csv["quartile_low"] != csv["quartile_high"]).to_numpy()
        else:
            names = ("p_difference",) if form == "benchmark" else ("p_adjusted", "p_value")
            hollow = ~(csv[next(c for c in names if c in csv.columns)].to_numpy(float) < 0.05)
        rows = [k for k, row in enumerate(first.rows) if np.isfinite(first.values[k])]
        assert [first.hollow[k] for k in rows] == [bool(hollow[first.rows[k]]) for k in rows]


def test_ratios_of_a_forest_stay_a_picture() -> None:
    import pandas as pd

    columns = {"estimate": [1.5, 0.8], "std_error": [0.1, 0.1], "conf_low": [1.3, 0.7], "conf_high": [1.7, 0.9]}
    e = sv.Estimates(pd.DataFrame({"term": ["a", "b"], **columns}), "odds_ratio", (), source="")
    assert chart_of(sv.figures.forest(e)) is None


def test_gaps_before_and_after_weighting_are_two_bars() -> None:
    exhibit = HARD["love"]["forty groups"]()
    chart, csv = chart_of(exhibit), exhibit.frame()
    assert chart is not None
    assert [one.columns[0] for one in chart.series] == ["gap_before", "gap"]
    for one in chart.series:
        for value, row, column in zip(one.values, one.rows, one.columns, strict=True):
            np.testing.assert_allclose(value, csv[column].iloc[row], rtol=1e-12)
    assert chart.series[0].rows == chart.series[1].rows and len(chart.categories) == 45


def test_days_are_columns_and_a_break_is_an_empty_one() -> None:
    exhibit = HARD["fieldwork"]["everyone"]()
    chart, csv = chart_of(exhibit), exhibit.frame()
    assert chart is not None and chart.kind == "columns"
    (one,) = chart.series
    assert [row for row in one.rows if row >= 0] == list(range(len(csv)))
    for value, row, (name,) in zip(one.values, one.rows, chart.categories, strict=True):
        assert np.isnan(value) if row < 0 else value == csv["responses"].iloc[row]
        assert (name == "…") == (row < 0)
    assert set(one.columns) == {"responses"}
    assert chart_of(HARD["fieldwork"]["forty groups"]()) is None  # a row of bars a group: no form of office programs


def test_curves_go_through_the_points_of_the_plan() -> None:
    exhibit = HARD["power"]["four curves"]()
    chart, csv = chart_of(exhibit), exhibit.frame()
    assert chart is not None and chart.kind == "points" and chart.joined
    assert chart.limits == (0.0, 1.0) and chart.crossing == (None, 80.0)
    seen = []
    for one in chart.series:
        assert one.across is not None
        for k, row in enumerate(one.rows):
            if row >= 0:
                np.testing.assert_allclose((one.values[k], one.across[k]), csv[["power", "n"]].iloc[row], rtol=1e-12)
                seen.append(row)
    assert sorted(seen) == list(range(len(csv)))


def test_an_axis_of_lines_is_that_of_the_figure() -> None:
    """Round numbers around what is drawn, at least a tenth of the scale, inside it: intervals are to be seen."""
    exhibit = HARD["waves"]["four items"]()
    chart = chart_of(exhibit)
    assert chart is not None and chart.limits is not None
    ends = [x for one in chart.series for x in (one.values, one.low, one.high) if x is not None]
    low, high = min(np.nanmin(x) for x in ends), max(np.nanmax(x) for x in ends)
    assert 0 <= chart.limits[0] <= low and high <= chart.limits[1] <= 1
    assert chart.limits[1] - chart.limits[0] >= 0.1


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

"""Figures on slides of `to_pptx`: charts that can be edited, with the numbers of their result and nothing hidden."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pptx import Presentation
from pptx.util import Emu
from python_calamine import CalamineWorkbook

import survey as sv
from hard_layouts import HARD
from survey.exhibits.exhibit import Exhibit
from survey.words import locale as loc

FORMS = ("likert", "intervals", "bars", "lines", "waves")


def slides_of(exhibit: Exhibit, path: Path) -> list[Any]:
    return list(Presentation(str(sv.tables.to_pptx(exhibit, path / "a.pptx"))).slides)


def charts_of(slides: list[Any]) -> list[Any]:
    return [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]


def drawn(chart: Any) -> list[float]:
    return [x for plot in chart.plots for s in plot.series for x in s.values if x is not None]


def in_workbook(chart: Any) -> list[float]:
    """Numbers of the workbook that PowerPoint opens, without how far intervals reach."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    rows = book.get_sheet_by_index(0).to_python()
    columns = [j for j, head in enumerate(rows[0]) if j and not str(head).endswith((" −", " +"))]
    return [row[j] for row in rows[1:] for j in columns if isinstance(row[j], float)]


def below(slides: list[Any]) -> str:
    return " ".join(s.text_frame.text for slide in slides for s in slide.shapes if s.has_text_frame)


@pytest.mark.parametrize("form", FORMS)
def test_every_number_is_in_a_chart_and_its_workbook(form: str, tmp_path: Path) -> None:
    exhibit = next(make() for name, make in HARD[form].items() if name.startswith(("four", "items in", "a missing")))
    slides = slides_of(exhibit, tmp_path)
    charts = charts_of(slides)
    wanted = sorted(100 * exhibit.estimates.table["estimate"].dropna())
    for read in (drawn, in_workbook):
        np.testing.assert_allclose(sorted(x for c in charts for x in read(c)), wanted, rtol=1e-12)
    assert not [s for slide in slides for s in slide.shapes if s.shape_type == 13]


def test_intervals_counts_and_marks_are_said(cases: Any, tmp_path: Path) -> None:
    """What is hidden is named below the chart with its reason; the speaker notes have every row as a table has it."""
    exhibit = sv.figures.intervals(cases.hard(), lang="en", name="a")
    slides = slides_of(exhibit, tmp_path)
    (chart,) = charts_of(slides)
    rows = exhibit.rows()
    shown = rows.loc[rows["estimate"].notna(), "estimate"]
    np.testing.assert_allclose(sorted(drawn(chart)), sorted(100 * shown), rtol=1e-12)
    xml = chart._chartSpace.xml
    assert xml.count("<c:errBars>") == 2
    assert len(re.findall(r'formatCode="[^"]*\*', xml)) == (rows["status"] == "flagged").sum() > 0
    text = below(slides)
    assert loc.sentence(loc.word("flag_note", "en", low=30, high=49)) in text
    told = slides[0].notes_slide.notes_text_frame.text
    for i in np.flatnonzero(rows["status"] == "suppressed"):
        ward, wave = rows[exhibit.estimates.by[0]].iloc[i], rows[exhibit.estimates.by[1]].iloc[i]
        assert f"{ward}, {wave}" in text
    assert told.count("(") >= np.isfinite(rows["conf_low"]).sum()
    flagged = rows.loc[rows["status"] == "flagged", "n"].astype(int)
    assert all(f"{n}*" in told for n in flagged)
    assert "12.3" not in told and "12.3" not in xml


def test_hidden_numbers_are_in_no_part(cases: Any, tmp_path: Path) -> None:
    """0.123456789 stands on 22 answers and on 12."""
    for exhibit in (sv.figures.intervals(cases.hard()), sv.figures.likert(cases.hard_answers())):
        for chart in charts_of(slides_of(exhibit, tmp_path)):
            for numbers in (drawn(chart), in_workbook(chart)):
                assert numbers and not np.isclose(numbers, 12.3456789).any()


def test_many_rows_take_more_slides_and_many_lines_are_a_picture(tmp_path: Path) -> None:
    rows = HARD["likert"]["forty groups"]()
    slides = slides_of(rows, tmp_path)
    titles = [slide.shapes.title.text for slide in slides]
    assert len(titles) > 1 and titles[1].endswith(f"(2/{len(titles)})")
    assert sum(len(chart.plots[0].categories) for chart in charts_of(slides)) == 40
    lines = HARD["slope"]["forty groups"]()
    (slide,) = slides_of(lines, tmp_path)
    (picture,) = [s for s in slide.shapes if s.shape_type == 13]
    assert picture._element.nvPicPr.cNvPr.get("descr") == lines.alt


def test_lines_have_a_legend_that_holds_all_names_and_numbers_that_do_not_touch(tmp_path: Path) -> None:
    exhibit = HARD["lines"]["eight groups"]()
    (chart,) = charts_of(slides_of(exhibit, tmp_path))
    space = chart._chartSpace
    (high,) = space.xpath("//c:legend//c:manualLayout/c:h/@val")
    (frame,) = [s for s in slides_of(exhibit, tmp_path)[0].shapes if s.has_chart]
    assert float(high) * Emu(frame.height).pt >= 4 * 14  # eight names in two columns, letters of 14 points
    kept = [len(s.xpath("c:val//c:pt")) - len(s.xpath("c:dLbls/c:dLbl/c:delete")) for s in space.xpath("//c:ser")]
    assert 6 <= sum(kept) < 24


def test_an_axis_from_zero_does_not_begin_below_it(tmp_path: Path) -> None:
    exhibit = HARD["waves"]["large numbers"]()
    (chart,) = charts_of(slides_of(exhibit, tmp_path))
    assert chart.value_axis.minimum_scale == 0

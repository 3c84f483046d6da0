"""Figures on slides of `to_pptx`: charts that can be edited, with the numbers of their result and nothing hidden."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pptx import Presentation
from pptx.util import Emu
from python_calamine import CalamineWorkbook

import survey as sv
from hard_layouts import HARD, ITEMS, made
from office_files import as_pdf, outside, pages_of
from survey.exhibits.exhibit import Exhibit
from survey.tables._grid import grid_of
from survey.tables._pptx_table import lines_about, table_pages
from survey.tables._slide_frame import Room
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


@pytest.mark.parametrize("label", ["phường dài " * 500, "W" * 5000])
@pytest.mark.slow
def test_a_label_of_five_thousand_letters_stays_on_its_slide(label: str, cases: Any, tmp_path: Path) -> None:
    """Cut with an ellipsis, as exhibits say that they cut names; here of a word that no line holds too."""
    exhibits = []
    for exhibit in (
        sv.tables.table(cases.wards(), lang="vi", name="rows"),
        sv.tables.banner(cases.hard_answers(), lang="vi", name="banner"),
        sv.figures.intervals(cases.wards(), lang="vi", name="dots"),
    ):
        e = exhibit.estimates
        labels = {**e.codebook["ward"].labels, "P02": {"vi": label, "en": label}}
        ward = replace(e.codebook["ward"], labels=labels)
        book = replace(e.codebook, variables={**e.codebook.variables, "ward": ward})
        exhibits.append(replace(exhibit, estimates=replace(e, codebook=book)))
    path = sv.tables.to_pptx(exhibits, tmp_path / "a.pptx")
    slides = list(Presentation(str(path)).slides)
    assert sum("Tên dài được rút gọn" in below([slide]) for slide in slides) >= 3
    assert not any(len(run) > 400 for slide in slides for run in slide.element.xpath(".//a:tc//a:t/text()"))
    for page in pages_of(as_pdf(path, tmp_path)):
        assert outside(page) == []
        bottom = [w.bottom for w in page.words]
        assert max(bottom) <= page.height


def test_a_cell_of_five_thousand_letters_is_cut_and_said_whole(cases: Any) -> None:
    long, grid = "dài " * 1250, sv.tables.table(cases.wards(), lang="vi").once(grid_of)
    first = grid.lines[0]
    grid = replace(grid, lines=(replace(first, cells=(long, *first.cells[1:])), *grid.lines[1:]))
    exhibit = sv.tables.table(cases.wards(), lang="vi")
    exhibit._made[grid_of] = grid
    room = Room(0.5, 1.25, 12.3, 5.0)
    pages = table_pages(exhibit, room)
    assert [page.whole for page in pages if page.whole] == [(long,)]
    lines = [line for page in pages for line in page.grid.lines]
    assert lines[0].cells[0].endswith("…") and len(lines) == len(grid.lines)
    for page in pages:
        high = 0.0
        for line in page.grid.lines:
            texts = zip((line.name, *line.cells), page.widths, strict=True)
            high += max(lines_about(text, page.size, mm / 25.4) for text, mm in texts) * page.size * 1.3 / 72
        assert high <= room.height


@pytest.mark.parametrize("form", ["scatter", "quadrant", "histogram"])
def test_points_and_classes_are_charts_of_slides_and_workbooks(form: str, tmp_path: Path) -> None:
    exhibit = next(iter(HARD[form].values()))()
    (chart,) = charts_of(slides_of(exhibit, tmp_path))
    space, held = chart._chartSpace, exhibit.estimates.table
    column = {"scatter": "estimate", "quadrant": "share", "histogram": "estimate"}[form]
    tag = "val" if form == "histogram" else "yVal"
    values = [float(v) for v in space.xpath(f"//c:{tag}//c:v/text()")]
    np.testing.assert_allclose(sorted(values), sorted(100 * held[column]), rtol=1e-9)
    if form != "histogram":
        along = {"scatter": ("other", 100), "quadrant": ("performance", 1)}[form]
        numbers = [float(v) for v in space.xpath("//c:xVal//c:v/text()")]
        np.testing.assert_allclose(sorted(numbers), sorted(along[1] * held[along[0]]), rtol=1e-9)
        assert set(space.xpath("//c:errDir/@val")) == {"x", "y"}
        named = space.xpath("//c:dLbl/c:tx//a:t/text()")
        assert 0 < len(named) <= len(held) and len(set(named)) == len(named)
    assert all(x in in_workbook(chart) for x in values)
    book = tmp_path / "a.xlsx"
    sv.tables.to_xlsx(exhibit, book)
    with zipfile.ZipFile(book) as archive:
        parts = [n for n in archive.namelist() if n.startswith("xl/charts/chart")]
        assert len(parts) == 1 and not [n for n in archive.namelist() if n.startswith("xl/media/")]
        drawn_as = archive.read(parts[0]).decode()
    assert ('<c:barChart><c:barDir val="col"/>' if form == "histogram" else "<c:scatterChart>") in drawn_as


NATIVE = {
    "forest": ("eleven points", ("estimate",), 1.0),
    "ranking": ("a missing group", ("value",), 100.0),
    "benchmark": ("few groups", ("estimate", "reference"), 100.0),
    "love": ("forty groups", ("gap_before", "gap"), 100.0),
    "fieldwork": ("everyone", ("responses",), 1.0),
    "power": ("four curves", ("power",), 100.0),
}


@pytest.mark.parametrize("form", NATIVE)
def test_each_form_that_office_programs_have_is_a_chart_in_both(form: str, tmp_path: Path) -> None:
    """Of slides with the numbers of the CSV and the alternative text; in the workbook likewise, and no picture."""
    case, columns, factor = NATIVE[form]
    exhibit = HARD[form][case]()
    slides, csv = slides_of(exhibit, tmp_path), exhibit.frame()
    charts = charts_of(slides)
    wanted = [x for column in columns for x in factor * csv[column].dropna()]
    if form == "love":  # the forty-five largest of eighty gaps
        kept = {round(x, 9) for x in wanted}
        found = [x for chart in charts for x in drawn(chart)]
        assert len(found) == 90 and {round(x, 9) for x in found} <= kept
    else:
        for read in (drawn, in_workbook):
            found = [x for chart in charts for x in read(chart)]
            if form == "power" and read is in_workbook:  # beside what is along
                found = [x for x in found if x not in set(csv["n"])]
            np.testing.assert_allclose(sorted(found), sorted(wanted), rtol=1e-9)
    shapes = [shape for slide in slides for shape in slide.shapes]
    assert not [s for s in shapes if s.shape_type == 13]
    assert {s._element.nvGraphicFramePr.cNvPr.get("descr") for s in shapes if s.has_chart} == {exhibit.alt}
    book = tmp_path / "a.xlsx"
    sv.tables.to_xlsx(exhibit, book)
    with zipfile.ZipFile(book) as archive:
        parts = [n for n in archive.namelist() if n.startswith("xl/charts/chart")]
        assert len(parts) == 1 and not [n for n in archive.namelist() if n.startswith("xl/media/")]
        cells = archive.read(parts[0]).decode()
    hollow = sum(len(c._chartSpace.xpath("//c:dPt//a:noFill")) for c in charts)
    assert cells.count("<c:dPt>") == hollow
    assert hollow > 0 or form in ("love", "fieldwork", "power", "benchmark")
    rows = CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
    held = {round(factor * x, 9) for row in rows for x in row if isinstance(x, float | int)}
    assert {round(x, 9) for chart in charts for x in drawn(chart)} <= held


def test_bars_of_a_scale_begin_at_its_lowest_answer_in_both(tmp_path: Path) -> None:
    """As the axis of the figure: nobody can answer 0 where the scale is 1 to 5."""
    e = made("mean", ITEMS[:4], centre=5.0, ward=[37, 38])
    exhibit = sv.figures.intervals(e, lang="en", name="a")
    assert exhibit.measures[0].limits == (1.0, 5.0)
    (chart,) = charts_of(slides_of(exhibit, tmp_path))
    assert (chart.value_axis.minimum_scale, chart.value_axis.maximum_scale) == (1, 5)
    book = tmp_path / "a.xlsx"
    sv.tables.to_xlsx(exhibit, book)
    with zipfile.ZipFile(book) as archive:
        cells = archive.read("xl/charts/chart1.xml").decode()
    ends = {what: float(value) for what, value in re.findall(r'<c:(max|min) val="([^"]+)"/>', cells)}
    assert ends == {"min": 1, "max": 5}


def test_a_number_stands_above_the_line_that_would_cross_it(tmp_path: Path) -> None:
    exhibit = HARD["forest"]["eleven points"]()
    (chart,) = charts_of(slides_of(exhibit, tmp_path))
    csv = exhibit.frame()
    through_zero = ((csv["conf_low"] < 0) & (csv["conf_high"] > 0)).sum()
    raised = [float(y) for y in chart._chartSpace.xpath("//c:dLbl/c:layout//c:y/@val")]
    assert len(raised) >= through_zero > 0 and max(raised) < 0


def test_columns_of_many_days_have_upright_names(tmp_path: Path) -> None:
    (chart,) = charts_of(slides_of(HARD["fieldwork"]["everyone"](), tmp_path))
    assert chart._chartSpace.xpath("//c:catAx/c:txPr/a:bodyPr/@rot") == ["-5400000"]
    (below,) = charts_of(slides_of(HARD["histogram"][next(iter(HARD["histogram"]))](), tmp_path))
    assert below._chartSpace.xpath("//c:catAx/c:txPr/a:bodyPr/@rot") == []


@pytest.mark.parametrize("form", ["ranking", "forest", "power", "love"])
def test_nothing_on_a_slide_is_under_twelve_points(form: str, tmp_path: Path) -> None:
    case = {"power": "four curves", "forest": "twelve items"}.get(form, "forty groups")
    slides = slides_of(HARD[form][case](), tmp_path)
    sizes = [int(x) for slide in slides for x in slide.element.xpath(".//a:rPr/@sz")]
    sizes += [int(x) for chart in charts_of(slides) for x in chart._chartSpace.xpath("//@sz")]
    assert sizes and min(sizes) >= 1200


def test_all_parts_of_a_chart_have_the_same_bars(tmp_path: Path) -> None:
    """Pale with an edge wherever one of them may be hollow, also on the slide where none is."""
    charts = charts_of(slides_of(HARD["benchmark"]["forty groups"](), tmp_path))
    edges = {tuple(c._chartSpace.xpath("//c:ser/c:spPr/a:ln//a:srgbClr/@val")) for c in charts}
    inside = {tuple(c._chartSpace.xpath("//c:ser/c:spPr/a:solidFill/a:srgbClr/@val")) for c in charts}
    assert len(charts) > 1 and edges == {("3F6FA8", "F0B57D")} and inside == {("9FB7D3", "F7DABE")}

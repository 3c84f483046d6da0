"""Workbooks: numbers that are those of the CSV, charts that Excel draws, sheets that print, nothing hidden inside."""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import survey as sv
from hard_layouts import HARD
from office_files import Sheet, Word, as_pdf, outside, overlapping, pages_of
from small_study import study
from survey import ExportError
from survey.narrative import Finding
from survey.reports.evidence import Run
from survey.reports.workbook import _counts

FINDING = Finding("first", "Câu thứ nhất.", "The first sentence.", {})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of the small study as a workbook in both languages."""
    folder = tmp_path_factory.mktemp("workbook")
    return study(folder / "study").report(lang=["vi", "en"], formats="xlsx", folder=folder / "out", progress=False)


def named_cells(path: Path) -> dict[str, Any]:
    """What the named cells of a workbook hold, but for the ranges that Excel names itself."""
    book = openpyxl.load_workbook(path)
    found = {}
    for name, defined in book.defined_names.items():
        (sheet, cell), *more = defined.destinations
        assert not more
        found[name] = book[sheet][cell.replace("$", "")].value
    return found


def in_points(exhibit: str, column: str, line: pd.Series) -> bool:
    """Whether a number is a difference of shares, which a workbook has in percentage points: 3.3 and not 3.3%."""
    if exhibit.startswith("methods"):
        return bool(line["unit"] == "points")
    change = "contrast" in line.index and column in ("estimate", "conf_low", "conf_high", "std_error")
    return (change or column.startswith("gap")) and line.get("unit") in ("share", "share, 0–1", "tỷ lệ 0–1")


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_each_named_cell_is_the_number_of_its_csv(made: dict[str, Path], lang: str) -> None:
    files = {p.name.removesuffix(f".{lang}.csv"): p for p in made["numbers"].glob(f"*.{lang}.csv")}
    frames = {name.replace("-", "_"): pd.read_csv(p, encoding="utf-8-sig") for name, p in files.items()}
    compared = differences = 0
    for name, held in named_cells(made[f"{lang}.xlsx"]).items():
        exhibit, row, column = name.rsplit(".", 2)
        line = frames[exhibit].iloc[int(row) - 1]
        if line.get("status") == "suppressed":
            assert not isinstance(held, int | float), name
        elif isinstance(held, int | float):
            points = in_points(exhibit, column, line)
            assert held == pytest.approx(float(line[column]) * (100 if points else 1), rel=1e-12), name
            compared += 1
            differences += points
        else:
            assert pd.isna(line[column]) or np.isinf(float(line[column])) or held is not None, name
    assert compared > 300
    assert differences >= 5


@pytest.mark.slow
def test_names_of_cells_are_the_same_in_both_languages(made: dict[str, Path]) -> None:
    assert set(named_cells(made["vi.xlsx"])) == set(named_cells(made["en.xlsx"]))


@pytest.mark.slow
def test_a_second_run_gives_the_same_workbook(made: dict[str, Path], tmp_path: Path) -> None:
    again = study(tmp_path / "study").report(lang="vi", formats="xlsx", folder=tmp_path / "out", progress=False)
    assert again["vi.xlsx"].read_bytes() == made["vi.xlsx"].read_bytes()


@pytest.mark.slow
def test_every_line_of_the_contents_leads_to_its_sheet(made: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(made["vi.xlsx"])
    index = book.worksheets[0]
    links = [cell.hyperlink for row in index.iter_rows() for cell in row if cell.hyperlink is not None]
    led = [str(link.location).partition("!")[0].strip("'") for link in links]
    assert set(led) == set(book.sheetnames[1:])
    assert index.title == "Mục lục" and [c.value for c in index[4]][:2] == ["Số", "Tiêu đề"]
    for name in book.sheetnames:
        assert len(name) <= 31 and name == unicodedata.normalize("NFC", name)
    assert len({n.casefold() for n in book.sheetnames}) == len(book.sheetnames)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_printed_sheet_says_which_table_or_figure_it_is(made: dict[str, Path], lang: str) -> None:
    """Those of residents and of businesses had one title, and nothing on paper told them apart."""
    book = openpyxl.load_workbook(made[f"{lang}.xlsx"])
    numbers: dict[str, list[str]] = {}
    for row in book.worksheets[0].iter_rows(min_row=5):
        if row[0].hyperlink is not None:
            sheet = str(row[0].hyperlink.location).partition("!")[0].strip("'")
            numbers.setdefault(sheet, []).append(str(row[0].value))
    titles = [str(book[name]["A1"].value) for name in book.sheetnames[2:]]
    first = [numbers[name][0] for name in book.sheetnames[2:]]
    assert len(titles) == len(set(titles)) > 10
    assert all(t.startswith(f"{n}. ") for t, n in zip(titles, first, strict=True))


@pytest.mark.slow
def test_sheets_print_on_a4_one_page_wide_and_hide_nothing(made: dict[str, Path]) -> None:
    for sheet in openpyxl.load_workbook(made["vi.xlsx"]).worksheets:
        assert sheet.sheet_state == "visible"
        assert not any(d.hidden for d in (*sheet.column_dimensions.values(), *sheet.row_dimensions.values()))
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.fitToWidth in (None, 1) and sheet.print_title_rows, sheet.title
        assert sheet.freeze_panes is not None
        assert "MÔ PHỎNG" in (sheet.oddHeader.center.text or "")


@pytest.mark.slow
def test_the_text_says_where_its_numbers_are_from(made: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(made["en.xlsx"])
    rows = list(book["Text"].iter_rows(min_row=5, max_col=3, values_only=True))
    ids = [one for row in rows for one in str(row[2] or "").split("; ") if one]
    assert len(rows) > 20 and len(ids) > 20
    names = {p.name.removesuffix(".en.csv") for p in made["numbers"].glob("*.en.csv")}
    assert {one.rsplit(".", 2)[0] for one in ids} <= names


@pytest.mark.slow
def test_numbers_of_answers_are_numbers_under_a_named_column(made: dict[str, Path]) -> None:
    """Of the profile of a ward, whose groups stand in the first column: it had no heading, and n was text."""
    for lang, heading in (("vi", "Phần"), ("en", "Section")):
        book = openpyxl.load_workbook(made[f"{lang}.xlsx"])
        found = 0
        for sheet in book.worksheets:
            heads = [cell.value for cell in sheet[4]]
            if heads[0] == heading and "n" in heads and heads[1] is not None:
                column = [sheet.cell(i, heads.index("n") + 1) for i in range(5, sheet.max_row + 1)]
                told = [cell for cell in column if cell.value not in (None, "–")]
                assert all(isinstance(cell.value, int | float) for cell in told)
                assert all(cell.number_format.startswith("#,##0") for cell in told)
                found += len(told)
        assert found > 5


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_counts_of_the_log_are_numbers(made: dict[str, Path], lang: str) -> None:
    """They were text to the left, "2.644" in Vietnamese, with which Excel adds nothing."""
    sheet = openpyxl.load_workbook(made[f"{lang}.xlsx"])["log"]
    rows = list(sheet.iter_rows(min_row=5, max_col=5))
    steps = [row for row in rows if isinstance(row[0].value, str) and row[0].value[:1].isdecimal()]
    assert len(steps) > 2
    for row in steps:
        assert all(isinstance(cell.value, int) and cell.number_format == "#,##0" for cell in row[2:4])
    assert all(cell.alignment.horizontal == "right" for cell in sheet[4][2:4])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["0", "2.644", "12"], [0.0, 2644.0, 12.0]),
        (["0", "2644"], []),  # no count: those are grouped
        (["89, 198", "27"], []),
        (["1–5", "0, 1"], []),
        (["", "3"], []),
        (["–", "3"], []),
        (["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"], []),  # SHA-256, with 36 digits
    ],
)
def test_a_column_is_of_counts_where_all_its_cells_are(column: list[str], expected: list[float]) -> None:
    assert _counts([(Run(text),) for text in column], "vi") == expected
    assert _counts([(Run(text, "a.1.n"),) for text in column], "vi") == []


@pytest.mark.slow
def test_a_printed_report_has_no_text_on_text(made: dict[str, Path], tmp_path: Path) -> None:
    pages = pages_of(as_pdf(made["vi.xlsx"], tmp_path))
    sheets = len(openpyxl.load_workbook(made["vi.xlsx"]).sheetnames)
    assert sheets <= len(pages) <= 1.25 * sheets
    assert [(i, overlapping(p), outside(p)) for i, p in enumerate(pages, 1) if overlapping(p) or outside(p)] == []


def twelve(cases: Any, lang: str) -> list[sv.Exhibit]:
    """Twelve exhibits of many kinds and sizes."""
    made = [
        *(sv.tables.table(x, name=f"t{i}") for i, x in enumerate((cases.hard(), cases.wards(), cases.differences()))),
        sv.tables.table(cases.hard_answers(), name="answers"),
        *(sv.figures.intervals(x, name=f"f{i}") for i, x in enumerate((cases.hard(), cases.wards()))),
        sv.figures.likert(cases.hard_answers(), name="bars"),
        HARD["likert"]["twelve items"](),
        HARD["lines"][next(iter(HARD["lines"]))](),
        HARD["bars"][next(iter(HARD["bars"]))](),
        HARD["intervals"]["twelve items"](),
        HARD["slope"]["twelve items"](),
    ]
    return [exhibit.in_language(lang) for exhibit in made]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_twelve_exhibits_print_on_fifteen_pages(cases: Any, tmp_path: Path, lang: str) -> None:
    path = sv.tables.to_xlsx([*twelve(cases, lang), FINDING], tmp_path / "twelve.xlsx")
    pages = pages_of(as_pdf(path, tmp_path))
    assert 13 <= len(pages) <= 15
    assert [(i, overlapping(p), outside(p)) for i, p in enumerate(pages, 1) if overlapping(p) or outside(p)] == []
    assert FINDING.text(lang) in pages[0].text


def test_text_on_text_is_found() -> None:
    """The check can fail: two words on each other, one over the edge; words of two lines that touch are none."""
    a, b, c = Word("a", 10, 10, 40, 20), Word("b", 30, 12, 60, 22), Word("c", 190, 100, 210, 110)
    page = Sheet(200, 300, (a, b, c))
    assert overlapping(page) == [("a", "b")] and outside(page) == ["c"]
    assert overlapping(Sheet(200, 300, (a, Word("d", 10, 19, 40, 29)))) == []


def charts_of(path: Path) -> list[str]:
    """The XML of the charts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        return [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/charts/chart")]


@pytest.mark.parametrize(
    ("kind", "marks"),
    [
        ("intervals", ("<c:barChart>", '<c:barDir val="bar"/>', "<c:errBars>")),
        ("likert", ("<c:barChart>", '<c:grouping val="stacked"/>', '<c:overlap val="100"/>')),
        ("lines", ("<c:lineChart>", "<c:errBars>")),
    ],
)
def test_a_figure_is_a_chart_of_the_sheet(kind: str, marks: tuple[str, ...], tmp_path: Path) -> None:
    """Elements of DrawingML charts, ISO/IEC 29500-1, 21.2."""
    exhibit = HARD[kind][next(iter(HARD[kind]))]()
    path = sv.tables.to_xlsx(exhibit, tmp_path / "a.xlsx")
    (chart,) = charts_of(path)
    assert all(mark in chart for mark in marks), chart[:500]
    with zipfile.ZipFile(path) as archive:
        assert not [n for n in archive.namelist() if n.startswith("xl/media/")]
        assert exhibit.alt[:40] in archive.read("xl/drawings/drawing1.xml").decode()


def test_what_is_hidden_is_in_no_cell_and_no_chart(cases: Any, tmp_path: Path) -> None:
    """0.123456789 stands on 22 answers and on 12."""
    items = [sv.figures.intervals(cases.hard(), name="a"), sv.figures.likert(cases.hard_answers(), name="b")]
    path = sv.tables.to_xlsx(items, tmp_path / "a.xlsx")
    assert len(charts_of(path)) == 2
    with zipfile.ZipFile(path) as archive:
        whole = b"".join(archive.read(n) for n in archive.namelist()).decode()
    assert not any(secret in whole for secret in ("0.1234", "12.3", "0.0234", "0.2234"))


def test_a_form_without_a_chart_of_excel_has_its_picture(tmp_path: Path) -> None:
    exhibit = HARD["heat"]["a missing group"]()
    path = sv.tables.to_xlsx(exhibit, tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        assert [n for n in archive.namelist() if n.startswith("xl/media/")] == ["xl/media/image1.png"]
    assert charts_of(path) == []


def test_a_long_shaded_table_is_cells_with_colours_on_one_page(tmp_path: Path) -> None:
    """Of 480 numbers in rows a workbook printed eleven pages."""
    exhibit = replace(HARD["heat"]["twelve items, forty groups"](), name="shaded")
    path = sv.tables.to_xlsx(exhibit, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert len(list(sheet.conditional_formatting)) == 1 and sheet.page_setup.fitToHeight != 0
    cells = named_cells(path)
    table = exhibit.estimates.table
    assert len(cells) == len(table) == 480
    for name, value in cells.items():
        assert value == pytest.approx(table["estimate"].iloc[int(name.rsplit(".", 2)[1]) - 1], rel=1e-14)
    with zipfile.ZipFile(path) as archive:
        assert not [n for n in archive.namelist() if n.startswith("xl/media/")]


def test_a_chart_below_a_long_table_begins_on_a_page_of_its_own(tmp_path: Path) -> None:
    """The end of a page cut it; programs heed a break only where the sheet is not fitted to pages."""
    for case, broken in (("forty groups", True), ("few groups", False)):
        exhibit = HARD["ranking"][case]()
        path = sv.tables.to_xlsx(replace(exhibit, name="a"), tmp_path / f"{broken}.xlsx")
        with zipfile.ZipFile(path) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
            drawing = archive.read("xl/drawings/drawing1.xml").decode()
        row = int(drawing.partition("<xdr:row>")[2].partition("<")[0])
        assert ("<rowBreaks" in sheet) == broken and ("fitToPage" in sheet) != broken
        assert row > len(exhibit.rows())
        if broken:
            assert f'<brk id="{row}"' in sheet


@pytest.mark.parametrize("ending", ["docx", "xlsx", "html"])
def test_a_finding_among_exhibits_is_a_sentence(cases: Any, tmp_path: Path, ending: str) -> None:
    items = [sv.tables.table(cases.wards(), name="a"), FINDING, sv.tables.table(cases.wards(), name="b")]
    made = sv.export(items, "all", formats=ending, folder=tmp_path, languages=["vi", "en"])
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"all.en.{ending}", f"all.vi.{ending}"]
    for lang in ("vi", "en"):
        path = made[f"{lang}.{ending}"]
        if ending == "html":
            text = path.read_text(encoding="utf-8")
            assert f'<p class="finding">{FINDING.text(lang)}</p>' in text
        elif ending == "docx":
            from docx import Document

            text = "\n".join(p.text for p in Document(str(path)).paragraphs)
        else:
            index = openpyxl.load_workbook(path).worksheets[0]
            text = "\n".join(str(c.value) for row in index.iter_rows() for c in row)
        assert FINDING.text(lang) in text


def test_a_finding_alone_is_a_document(tmp_path: Path) -> None:
    from docx import Document

    path = sv.tables.to_docx(FINDING, tmp_path / "a.docx")
    assert [p.text for p in Document(str(path)).paragraphs] == [FINDING.vi]
    assert openpyxl.load_workbook(sv.tables.to_xlsx([FINDING], tmp_path / "a.xlsx")).sheetnames == ["Mục lục"]


def test_items_of_another_kind_are_one_clear_error(cases: Any, tmp_path: Path) -> None:
    table = sv.tables.table(cases.wards(), name="a")
    with pytest.raises(ExportError, match="wrong type"):
        sv.export([table, cases.wards()], "all", formats="docx", folder=tmp_path)  # type: ignore[list-item]
    with pytest.raises(ExportError, match="made of figures, tables and findings"):
        sv.export({"a": table, "b": cases.wards()}, "all", formats="docx", folder=tmp_path)  # type: ignore[dict-item]
    with pytest.raises(ExportError, match="has no files of its own"):
        sv.export([table, FINDING], folder=tmp_path)
    with pytest.raises(ExportError, match="cannot be written into one file"):
        sv.export([table, table], "all", formats="png", folder=tmp_path)
    with pytest.raises(ExportError, match="size of its page"):
        sv.export([table, table], "all", size="slide", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wanted", ["a'b[c]:*?/\\", "Phường Đông Hải" * 4, "history", " ", "é" * 40])
def test_names_of_sheets_are_those_that_excel_takes(cases: Any, tmp_path: Path, wanted: str) -> None:
    decomposed = unicodedata.normalize("NFD", wanted)
    items = [sv.tables.table(cases.wards(), name=name) for name in (wanted, decomposed, wanted)]
    names = openpyxl.load_workbook(sv.tables.to_xlsx(items, tmp_path / "a.xlsx")).sheetnames
    assert len({n.casefold() for n in names}) == 4
    for name in names:
        assert 0 < len(name) <= 31 and not set("[]:*?/\\'") & set(name) and name.casefold() != "history"
        assert name == unicodedata.normalize("NFC", name)

"""Every format tells the same: values, numbers of answers, marks of few answers, notes and source."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.exhibits.exhibit import Exhibit
from survey.tables._grid import Grid, grid_of
from survey.words import locale as loc


class _Texts(HTMLParser):
    """The texts of a page, of its cells and in all."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.texts: list[str] = []
        self.open = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open = tag
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.open in ("td", "th"):
            self.cells[-1] += data
        if self.open != "style":
            self.texts.append(data)


def _flat(text: str) -> str:
    """A text without its blanks, which every format breaks and joins in its own way."""
    return re.sub(r"\s+", "", text.replace("\v", " "))


def _said(exhibit: Exhibit) -> list[str]:
    """What stands around the numbers: title, what stands below it, notes, source."""
    notes = [n for n in (exhibit.unit, *exhibit.notes, exhibit.source, exhibit.subtitle) if n]
    return [_flat(text) for text in (exhibit.title, *notes)]


def _said_in_columns(exhibit: Exhibit) -> list[str]:
    """The same in a workbook, where intervals stand in columns and are drawn in the chart beside them."""
    told = {
        "Trong ngoặc: khoảng tin cậy 95% (KTC 95%).": "Các cột “KTC 95%” và vạch trong biểu đồ: khoảng tin cậy 95%.",
        "In brackets: 95% confidence intervals.": "Columns “95% CI”",
    }
    flat = {_flat(note): _flat(text) for note, text in told.items()}
    return [flat.get(text, text) for text in _said(exhibit)]


def _cells(grid: Grid) -> list[str]:
    return [_flat(cell) for line in grid.lines for cell in line.cells]


def _docx(path: Path) -> tuple[list[str], str]:
    from docx import Document

    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [_flat(c) for c in cells], _flat("".join(p.text for p in document.paragraphs))


def _pptx(path: Path) -> tuple[list[str], str]:
    from pptx import Presentation

    deck, cells, texts = Presentation(str(path)), [], []
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_table:
                cells += [cell.text for row in shape.table.rows for cell in row.cells]
            elif shape.has_text_frame:
                texts.append(shape.text_frame.text)
                bottom = shape.top + shape.height
                assert bottom <= deck.slide_height, "text off the slide"
    return [_flat(c) for c in cells], _flat("".join(texts))


def _html(path: Path) -> tuple[list[str], str]:
    found = _Texts()
    found.feed(path.read_text(encoding="utf-8"))
    return [_flat(c) for c in found.cells], _flat("".join(found.texts))


READERS = {"docx": _docx, "pptx": _pptx, "html": _html}


@pytest.fixture(scope="module")
def tables() -> dict[str, Exhibit]:
    """Tables with few answers, too few, none; in both languages."""
    from exhibit_cases import Cases

    hard, answers = Cases().hard(), Cases().hard_answers()
    return {
        "groups": sv.tables.table(hard, lang="vi", name="groups"),
        "answers": sv.tables.table(answers, lang="en", name="answers"),
        "banner": sv.tables.banner(answers, lang="vi", name="banner"),
    }


@pytest.mark.parametrize("name", ["groups", "answers", "banner"])
def test_documents_slides_and_pages_hold_every_cell_and_note(
    tables: dict[str, Exhibit], name: str, tmp_path: Path
) -> None:
    exhibit = tables[name]
    files = sv.export(exhibit, formats=list(READERS), folder=tmp_path)
    wanted = _cells(exhibit.once(grid_of))
    assert any("*" in cell for cell in wanted)
    for ending, read in READERS.items():
        cells, around = read(files[ending])
        assert not set(wanted) - set(cells), ending
        assert [t for t in _said(exhibit) if t not in around] == [], ending
        marked = sum("*" in cell for cell in wanted)
        assert sum("*" in cell for cell in cells) >= marked, ending


def _words(exhibit: Exhibit) -> dict[str, str]:
    """What a workbook says of a row, by its status or the detail of it."""
    return {
        "flagged": f"* {loc.word('caution', exhibit.lang)}",
        "small": loc.word("suppressed", exhibit.lang, low=30),
        "complementary": loc.word("complementary", exhibit.lang),
        "unreliable": loc.word("unreliable_mark", exhibit.lang),
        "empty": loc.word("empty", exhibit.lang),
    }


@pytest.mark.parametrize("name", ["groups", "answers"])
def test_a_csv_holds_the_numbers_and_their_marks(tables: dict[str, Exhibit], name: str, tmp_path: Path) -> None:
    exhibit = tables[name]
    frame, rows = pd.read_csv(sv.export(exhibit, formats=["csv"], folder=tmp_path)["csv"]), exhibit.rows()
    assert frame["status"].tolist() == rows["status"].tolist()
    assert frame["status_detail"].fillna("").tolist() == rows["detail"].tolist()
    np.testing.assert_allclose(frame["estimate"], rows["estimate"], rtol=1e-12)
    assert frame["n"].isna().tolist() == (rows["status"] == "suppressed").tolist()
    assert set(frame["notes"]) == {" ".join(exhibit.notes)}


def test_a_workbook_holds_the_numbers_and_their_marks(tables: dict[str, Exhibit], tmp_path: Path) -> None:
    import openpyxl

    exhibit = tables["groups"]
    rows = exhibit.rows()
    sheet = openpyxl.load_workbook(sv.export(exhibit, formats=["xlsx"], folder=tmp_path)["xlsx"]).worksheets[0]
    heads = [cell.value for cell in sheet[4]]
    at, marks = heads.index("n"), len([h for h in heads if h]) - 1
    body = [list(row) for row in sheet.iter_rows(min_row=5, max_row=4 + len(rows))]
    assert {"flagged", "suppressed", "empty"} <= set(rows["status"]) | {"empty"}
    words = _words(exhibit)
    for row, (_, is_told) in zip(body, rows.iterrows(), strict=True):
        status, detail, n = is_told["status"], is_told["detail"], is_told["n"]
        expected = [words[k] for k in (status, detail) if k in words]
        assert row[marks].value == ("; ".join(expected) or None)
        missing = {"small": "< 30", "complementary": "–"}
        assert row[at].value == missing.get(detail, n)
        assert ("*" in row[at].number_format) == (status == "flagged")
    texts = _flat("".join(str(c.value) for row in sheet.iter_rows() for c in row if isinstance(c.value, str)))
    assert [t for t in _said_in_columns(exhibit) if t not in texts] == []
    assert _flat("Trong ngoặc") not in texts


def test_a_workbook_of_answers_side_by_side_holds_the_numbers_and_their_marks(
    tables: dict[str, Exhibit], tmp_path: Path
) -> None:
    """Each number stands in the cell that its evidence names; its row says what is to be known of it."""
    import openpyxl

    exhibit = tables["answers"]
    rows, words = exhibit.rows(), _words(exhibit)
    book = openpyxl.load_workbook(sv.export(exhibit, formats=["xlsx"], folder=tmp_path)["xlsx"])
    sheet = book.worksheets[0]
    seen = 0
    for name, defined in book.defined_names.items():
        _, row, column = name.rsplit(".", 2)
        ((_, place),) = defined.destinations
        cell, told = sheet[place.replace("$", "")], rows.iloc[int(row) - 1]
        along = [str(c.value) for c in sheet[cell.row]]
        assert all(words[k] in along[-1] for k in (told["status"], told["detail"]) if k in words)
        if told["status"] == "suppressed":
            assert not isinstance(cell.value, int | float)
        elif np.isfinite(told[column]):
            assert cell.value == pytest.approx(told[column], rel=1e-14)
            assert ("*" in cell.number_format) == (column == "n" and told["status"] == "flagged")
            if column == "estimate":
                ends = [cell.offset(0, k).value for k in (1, 2)]
                assert ends == pytest.approx(told[["conf_low", "conf_high"]].tolist(), rel=1e-14)
                seen += 1
    assert seen == rows["estimate"].notna().sum() > 20
    assert {"flagged", "suppressed"} <= set(rows["status"])
    texts = _flat("".join(str(c.value) for row in sheet.iter_rows() for c in row if isinstance(c.value, str)))
    assert [t for t in _said_in_columns(exhibit) if t not in texts] == []


def test_a_banner_workbook_holds_numbers_letters_and_frozen_headings(
    tables: dict[str, Exhibit], tmp_path: Path
) -> None:
    import openpyxl

    exhibit = tables["banner"]
    path = sv.tables.to_xlsx(exhibit, tmp_path / "a.xlsx")
    sheet, grid = openpyxl.load_workbook(path).worksheets[0], exhibit.once(grid_of)
    numbers = [n[0] for line in grid.lines for n in line.numbers if n is not None]
    held = [c.value for row in sheet.iter_rows(min_row=6) for c in row if isinstance(c.value, int | float)]
    np.testing.assert_allclose(held, numbers, rtol=1e-14)
    assert sheet.freeze_panes == "B6"
    flagged = [c for row in sheet.iter_rows() for c in row if "*" in str(c.number_format)]
    assert [c.value for c in flagged] == [40]
    assert sheet.print_title_rows == "$4:$5"


def test_figures_say_their_notes_and_marks_in_every_format(tmp_path: Path) -> None:
    from PIL import Image

    from exhibit_cases import Cases

    figure = sv.figures.intervals(Cases().hard(), lang="en", name="a")
    files = sv.export(figure, formats=["png", "svg", "pdf", "docx", "pptx", "xlsx", "html"], folder=tmp_path)
    notes = [_flat(n) for n in figure.notes]
    assert any("smallsample" in n for n in notes)
    of_a_chart = {  # a slide has a chart, whose intervals are in no brackets, and whose bars of two waves have no n
        _flat("In brackets and horizontal lines: 95% confidence intervals."): _flat(
            "Horizontal lines: 95% confidence intervals."
        ),
        _flat("n: valid answers (unweighted)."): "",
    }
    for ending in ("docx", "pptx", "html"):
        around = READERS[ending](files[ending])[1]
        wanted = [of_a_chart.get(n, n) for n in notes] if ending == "pptx" else notes
        assert [n for n in (*wanted, _flat(figure.source)) if n not in around] == [], ending
    with Image.open(files["png"]) as picture:
        assert (picture.info["Description"], picture.info["Notes"]) == (figure.alt, " ".join(figure.notes))
    wanted = {w for n in figure.notes for w in re.findall(r"[A-Za-z]{4,}", n)}
    assert not wanted - set(re.findall(r"[A-Za-z]{4,}", files["svg"].read_text(encoding="utf-8")))
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", "-layout", str(files["pdf"]), "-"], capture_output=True, check=True).stdout
    assert not wanted - set(re.findall(r"[A-Za-z]{4,}", text.decode("utf-8")))

"""One place parses CSV and workbooks, whoever asks: plain tables, exports of platforms, forms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import survey
from survey import ReadError
from survey.io._cells import cell_text, csv_cells, workbook_cells

SOURCE = Path(survey.__file__).parent


@pytest.mark.parametrize("parser", [r"python_calamine", r"pc\.read_csv", r"openpyxl", r"pd\.read_excel"])
def test_only_one_module_of_the_readers_parses(parser: str) -> None:
    using = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(rf"^\s*[^#\"\n]*{parser}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert using <= {"base/cells.py" if "csv" in parser else "base/_parser.py"}


def test_lines_above_the_header_may_be_empty() -> None:
    header, cells = csv_cells("\n\na,b\n1,2\n", ",", "x.csv", fix="")
    assert header == ["a", "b"]
    assert [c.tolist() for c in cells] == [["1"], ["2"]]


def test_a_header_alone_is_a_table_without_rows() -> None:
    for text in ("a,b", "a,b\n"):
        header, cells = csv_cells(text, ",", "x.csv", fix="")
        assert (header, [len(c) for c in cells]) == (["a", "b"], [0, 0])


def test_words_are_missing_only_where_that_is_said_and_without_quotes() -> None:
    text = 'a,b\nNA,"NA"\n"",\n'
    (_, (first, second)), (_, (plain, _)) = (
        csv_cells(text, ",", "x.csv", missing=missing, fix="") for missing in (("NA",), ())
    )
    assert first.isna().tolist() == [True, True]
    assert second.tolist()[0] == "NA"
    assert second.isna().tolist() == plain.isna().tolist() == [False, True]


def test_rows_are_counted_from_the_header(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="more or fewer cells") as caught:
        csv_cells("a,b\n1,2\n3\n4,5,6\n", ",", "x.csv", fix="mended so")
    assert (caught.value.got, caught.value.fix) == ("row 3: 1 cells, row 4: 3 cells", "mended so")


def test_what_a_workbook_should_be_is_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK no archive")
    with pytest.raises(ReadError, match="form cannot be read") as caught:
        workbook_cells(path, what="form", expected="an XLSForm", fix="export it again")
    assert (caught.value.expected, caught.value.fix) == ("an XLSForm", "export it again")


@pytest.mark.parametrize(
    ("cell", "text"), [("", ""), (2.0, "2"), (2.5, "2.5"), (True, "1"), ("e\u0323\u0302", "\u1ec7")]
)
def test_cells_as_text(cell: object, text: str) -> None:
    assert cell_text(cell, ("0", "1")) == text

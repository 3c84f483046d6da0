"""Neighbours of files that were once read wrongly: the same mistake in another format, platform or verb."""

from __future__ import annotations

import decimal
import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

import survey as sv
from survey.io import read, rfiles

Rows = list[list[object]]
SURVEY, CHOICES = ["type", "name", "label"], ["list_name", "name", "label"]
TAIL = "_uuid,_submission_time\n"


@pytest.fixture
def workbook(tmp_path: Path):
    def write(name: str, formats: dict[str, str] | None = None, **sheets: Rows) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
            for place, shown in (formats or {}).items():
                sheet[place].number_format = shown
        book.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def kobo(tmp_path: Path):
    def write(header: str, *rows: str) -> Path:
        lines = [f"{row},u{i},2024-01-01T00:00:00\n" for i, row in enumerate(rows)]
        path = tmp_path / "kobo.csv"
        path.write_text(f"{header},{TAIL}{''.join(lines)}", encoding="utf-8")
        return path

    return write


_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def ods(path: Path, title: str, rows: Rows) -> Path:
    """A sheet of texts as LibreOffice writes it, by the OpenDocument standard 1.2, part 1, chapter 9."""
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for n, v in names.items())
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join("<table:table-row>" + "".join(map(cell.format, row)) + "</table:table-row>" for row in rows)
    sheet = f'<table:table table:name="{title}">{body}</table:table>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
            f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def notes(responses: sv.Responses) -> str:
    return "; ".join(str(n) for source in responses.sources for n in source.notes)


class TestLongIds:
    def test_number_cells_of_a_workbook_say_that_digits_are_lost(self, workbook) -> None:
        # a number of a workbook is a double: 12345678901234567 and ...568 are both 12345678901234568
        got = read(workbook("a.xlsx", S=[["card", "x"], [12345678901234567, 1], [12345678901234568, 2]]))
        assert "card: 2 numbers of more than 15 digits" in notes(got)

    def test_numbers_of_fifteen_digits_are_whole(self, workbook) -> None:
        got = read(workbook("a.xlsx", S=[["card", "x"], [123456789012345, 1], [123456789012346, 2.5e17 + 0.0]]))
        assert got.data["card"].tolist() == [123456789012345, 123456789012346]
        assert "card" not in notes(got)

    def test_decimals_of_parquet_without_fractions_stay_apart(self, tmp_path: Path) -> None:
        ids = ["89840480000000000011", "89840480000000000012"]
        cells = pa.array([*map(decimal.Decimal, ids), None], pa.decimal128(20, 0))
        small = pa.array([decimal.Decimal(1), decimal.Decimal(2), None], pa.decimal128(20, 0))
        pq.write_table(pa.table({"sim": cells, "n": small}), tmp_path / "a.parquet")
        got = read(tmp_path / "a.parquet").data
        assert got["sim"].dropna().tolist() == ids
        assert got["n"].dropna().tolist() == [1.0, 2.0]


class TestWildDates:
    def test_a_date_after_9999_in_a_workbook_is_left_empty_and_named(self, workbook) -> None:
        # days 45000 and 45002 of Excel are 2023-03-15 and 2023-03-17; day 3,000,000 is in the year 10113
        path = workbook(
            "a.xlsx",
            {f"B{i}": "yyyy-mm-dd" for i in (2, 3, 4)},
            S=[["id", "day"], [1, 45000], [2, 3_000_000], [3, 45002]],
        )
        got = read(path)
        assert got.data["day"].tolist() == [pd.Timestamp("2023-03-15"), pd.NaT, pd.Timestamp("2023-03-17")]
        assert "day: no date, or one after the year 9999, in 1 cells, left empty; rows counted from 0: 1" in notes(got)

    def test_a_code_among_dates_stays(self, workbook) -> None:
        path = workbook(
            "a.xlsx", {"B2": "yyyy-mm-dd", "B4": "yyyy-mm-dd"}, S=[["id", "day"], [1, 45000], [2, 9999999], [3, 45002]]
        )
        told = {"missing": {9999999: "dont_know"}, "type": "date"}
        book = sv.Codebook.from_dict({"variables": {"day": told}})
        assert str(read(path, codebook=book).data["day"].tolist()[1]) == "9999999"

    def test_a_number_among_dates_that_could_be_a_day_stays(self, workbook) -> None:
        path = workbook(
            "a.xlsx", {"B2": "yyyy-mm-dd", "B4": "yyyy-mm-dd"}, S=[["id", "day"], [1, 45000], [2, 45001], [3, 45002]]
        )
        assert read(path).data["day"].tolist() == ["2023-03-15", "45001", "2023-03-17"]


class TestTruthsAsCodes:
    @pytest.fixture
    def form(self, workbook):
        def write(kind: str, *codes: object) -> Path:
            rows = [["yn", code, f"Answer {i}"] for i, code in enumerate(codes)]
            return workbook("form.xlsx", survey=[SURVEY, [kind, "ok", "OK?"]], choices=[CHOICES, *rows])

        return write

    @pytest.mark.parametrize("codes", [(True, False), ("true", "false"), ("True", "False")])
    @pytest.mark.parametrize("cells", [(True, False), ("TRUE", "FALSE"), ("true", "false")])
    def test_truth_values_of_a_workbook_are_the_codes(self, form, workbook, codes, cells) -> None:
        rows = [[cell, f"u{i}", "2024-01-01T00:00:00"] for i, cell in enumerate(cells)]
        path = workbook("k.xlsx", S=[["ok", "_uuid", "_submission_time"], *rows])
        got = read(path, export="kobo", form=form("select_one yn", *codes))
        assert got.data["ok"].tolist() == list(got.codebook["ok"].labels)

    def test_several_answers(self, form, kobo) -> None:
        path = kobo("ok", "true false", "FALSE")
        got = read(path, export="kobo", form=form("select_multiple yn", True, False)).data
        assert got[["ok_TRUE", "ok_FALSE"]].to_numpy().tolist() == [[1, 1], [0, 1]]

    def test_codes_that_differ_in_case_alone_stay_apart(self, form, kobo) -> None:
        cells = ["true", "TRUE", "True"]  # which of the two the last one is, no one knows
        got = read(kobo("ok", *cells), export="kobo", form=form("select_one yn", "true", "TRUE"))
        assert got.data["ok"].tolist() == cells


class TestTruthsOfPlainTables:
    book = sv.Codebook.from_dict({"variables": {"ok": {"type": "nominal", "labels": {"TRUE": "Yes", "FALSE": "No"}}}})

    def test_truth_values_of_a_workbook(self, workbook) -> None:
        path = workbook("a.xlsx", S=[["id", "ok"], [1, True], [2, False], [3, None]])
        assert read(path, codebook=self.book).data["ok"].dropna().tolist() == ["TRUE", "FALSE"]
        assert read(path).data["ok"].dropna().tolist() == [1.0, 0.0]

    def test_truth_values_of_parquet(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"ok": pa.array([True, False, None])}), tmp_path / "a.parquet")
        got = read(tmp_path / "a.parquet", codebook=self.book).data["ok"]
        assert got.dropna().tolist() == ["TRUE", "FALSE"]
        assert got.isna().tolist() == [False, False, True]

    def test_truth_values_of_r(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
        for cells in ([True, False], [True, False, None]):
            frame = pd.DataFrame({"ok": cells, "n": range(len(cells))})
            monkeypatch.setattr(rfiles, "parsed_objects", lambda path, frame=frame: {"x": frame})
            (tmp_path / "a.rda").write_bytes(b"\x1f\x8b" + bytes(30))
            got = read(tmp_path / "a.rda", codebook=self.book).data["ok"]
            assert got.dropna().tolist() == ["TRUE", "FALSE"]
            assert got.isna().sum() == len(cells) - 2


class TestExports:
    def test_a_question_moved_within_a_repeat_is_one_column_a_row(self, workbook, tmp_path: Path) -> None:
        rows: Rows = [["begin_repeat", "r", "R"], ["begin_group", "g", "G"], ["text", "why", "Why?"]]
        rows += [["end_group", "", ""], ["end_repeat", "", ""], ["integer", "age", "Age"]]
        form = workbook("form.xlsx", survey=[SURVEY, *rows])
        path = tmp_path / "ona.csv"
        header = "r[1]/g/why,r[2]/g/why,r[1]/why,r[2]/why,age,"
        lines = "new,new2,,,3,u1,2024-01-01T00:00:00\n,,old,old2,4,u2,2024-01-01T00:00:00\n"
        path.write_text(header + TAIL + lines, encoding="utf-8")
        got = read(path, export="kobo", form=form).data
        assert got["why_1"].tolist() == ["new", "old"]
        assert got["why_2"].tolist() == ["new2", "old2"]
        assert "why" not in got.columns

    def test_headings_of_one_word_that_repeat_are_no_codes_of_limesurvey(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text(
            '"Response ID";"Date submitted";"Last page";"Start language";"How old are you?";"Comment";"Comment"\n'
            '"1";"2024-03-05 10:00:00";"3";"en";"30";"a";"b"\n',
            encoding="utf-8",
        )
        got = read(path, export="limesurvey")
        assert got.data[["q1", "q2", "q3"]].to_numpy().tolist() == [[30, "a", "b"]]
        assert got.codebook["q3"].text["en"] == "Comment"

    def test_an_option_and_a_text_with_one_header_of_surveycto(self, workbook, tmp_path: Path) -> None:
        rows: Rows = [["select_multiple s", "src", "Sources"], ["text", "src_other", "Which?"]]
        lists: Rows = [["s", "a", "A"], ["s", "other", "Other"]]
        form = workbook("form.xlsx", survey=[SURVEY, *rows], choices=[CHOICES, *lists])
        moment = '"Jan 1, 2024 10:00:00 AM"'
        path = tmp_path / "s.csv"
        path.write_text(
            "SubmissionDate,starttime,endtime,src,src_a,src_other,src_other,instanceID,formdef_version,KEY\n"
            + f"{moment},{moment},{moment},a other,1,1,radio,uuid:1,1,uuid:1\n"
            + f"{moment},{moment},{moment},a,1,0,,uuid:2,1,uuid:2\n",
            encoding="utf-8",
        )
        got = read(path, export="surveycto", form=form).data
        assert got["src_other"].tolist()[0] == "radio"
        assert got["src__other"].tolist() == [1, 0]


class TestForms:
    def test_a_form_kept_as_ods_is_a_form(self, tmp_path: Path) -> None:
        rows: Rows = [SURVEY, ["integer", "age", "Age"], ["text", "why", "Why?"]]
        path = ods(tmp_path / "form.ods", "survey", rows)
        assert list(sv.read_codebook(path).variables) == ["age", "why"]

    def test_a_constraint_beside_a_range_is_told(self, workbook) -> None:
        rows: Rows = [[*SURVEY, "parameters", "constraint"]]
        rows += [["range", "tens", "Tens", "start=0 end=100 step=5", ". mod 10 = 0"]]
        rows += [["range", "fives", "Fives", "start=0 end=100 step=5", ""]]
        book = sv.read_codebook(workbook("form.xlsx", survey=rows))
        told = [str(note) for note in book.extra["notes"]]
        assert book["tens"].limits == (0, 100)
        assert [note for note in told if "tens" in note and ". mod 10 = 0" in note]
        assert not [note for note in told if "fives" in note]


class _Meta:
    """What pyreadstat says of a SAS file: it writes none."""

    column_names = ("sat",)
    column_names_to_labels = {"sat": "Satisfied?"}  # noqa: RUF012
    original_variable_types = {"sat": "SATF"}  # noqa: RUF012
    variable_to_label = {"sat": "SATF"}  # noqa: RUF012
    variable_measure = {"sat": "unknown"}  # noqa: RUF012
    variable_value_labels: dict[str, object] = {}  # noqa: RUF012
    missing_ranges: dict[str, object] = {}  # noqa: RUF012
    missing_user_values: dict[str, object] = {}  # noqa: RUF012
    value_labels = {"SATF": {1.0: "Low", 2.0: "High"}}  # noqa: RUF012
    number_rows, file_label, mr_sets = 2, "", None


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("x.sas7bcat", True),
        ("X.SAS7BCAT", True),
        ("formats.sas7bcat", True),  # what PROC FORMAT calls a catalogue of a library
        ("Formats.SAS7BCAT", True),
        ("y.sas7bcat", False),
    ],
)
def test_the_catalogue_of_a_sas_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, used: bool) -> None:
    head = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
    for file in ("x.sas7bdat", name):
        (tmp_path / file).write_bytes(head + b"\0" * 4096)
    frame = pd.DataFrame({"sat": np.array([1.0, 2.0])})
    monkeypatch.setattr(pyreadstat, "read_sas7bdat", lambda path, **more: (frame.copy(), _Meta()))
    monkeypatch.setattr(pyreadstat, "read_sas7bcat", lambda path, **more: (pd.DataFrame(), _Meta()))
    got = read(tmp_path / "x.sas7bdat")
    assert got.data["sat"].tolist() == [1, 2]
    assert [float(c) for c in got.codebook["sat"].labels] == ([1.0, 2.0] if used else [])
    assert (name in notes(got)) == used

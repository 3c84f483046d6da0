"""Excel: the sheet is named, the cells are what they were."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from survey.codebook import Codebook, Variable
from survey.errors import ReadError
from survey.io import read
from survey.io._head import head_of
from survey.io._sheets import Sheet, chosen


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(i, j, cell)
    return path


ROWS: list[list[object]] = [
    ["id", "q1", "w", "phường", "ngày", "yes", "mixed", "empty"],
    ["01", 1, 1.5, "Đông Hoà", dt.date(2024, 6, 30), True, 5, None],
    ["02", None, 2, None, None, False, "x", None],
    ["03", -98, 3, "Tây", dt.date(2023, 8, 1), None, 2.5, None],
]


def test_cells_are_what_they_were(tmp_path: Path) -> None:
    data = read(workbook(tmp_path / "a.xlsx", data=ROWS)).data
    assert data["id"].tolist() == ["01", "02", "03"]
    np.testing.assert_array_equal(data["q1"], [1, np.nan, -98])
    np.testing.assert_array_equal(data["w"], [1.5, 2, 3])
    assert data["phường"].tolist()[::2] == ["Đông Hoà", "Tây"]
    assert data["phường"].isna().tolist() == [False, True, False]
    assert data["ngày"].iloc[0] == pd.Timestamp("2024-06-30")
    np.testing.assert_array_equal(data["yes"], [1, 0, np.nan])
    assert data["mixed"].tolist() == ["5", "x", "2.5"]
    assert data["empty"].isna().all()


def test_whole_numbers_are_whole(tmp_path: Path) -> None:
    data = read(workbook(tmp_path / "a.xlsx", data=[["n"], [1], [12436]])).data
    assert data["n"].dtype == "int64"


def test_a_number_as_a_name(tmp_path: Path) -> None:
    data = read(workbook(tmp_path / "a.xlsx", data=[["id", 2023, None], [1, 2, 3]])).data
    assert list(data.columns) == ["id", "2023", "column_3"]


def test_declared_columns(tmp_path: Path) -> None:
    book = Codebook().update(Variable("ward", "nominal", labels={"12436": {}}), Variable("q", "number"))
    rows: list[list[object]] = [["ward", "q"], [12436, "3"], [12436, "4"]]
    data = read(workbook(tmp_path / "a.xlsx", data=rows), book).data
    assert data["ward"].tolist() == ["12436", "12436"]
    assert data["q"].tolist() == [3, 4]


def test_the_sheet_is_not_guessed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", codebook=[["name"], ["q1"]], answers=[["q1"], [5]])
    with pytest.raises(ReadError, match="several sheets") as caught:
        read(path)
    assert "codebook (2 rows x 1 columns), answers (2 rows x 1 columns)" in str(caught.value)
    assert read(path, sheet="answers").data["q1"].tolist() == [5]
    assert read(path, sheet=1).data["q1"].tolist() == [5]
    assert read(path, sheet="answers").entries[0].arguments["sheet"] == "answers"
    for wrong in ("Answers", 2, -1):
        with pytest.raises(ReadError, match="no such sheet"):
            read(path, sheet=wrong)


def test_an_empty_sheet(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="sheet is empty"):
        read(workbook(tmp_path / "a.xlsx", data=[]))


def test_blank_rows_at_the_end_are_no_respondents(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "q")
        sheet.write(1, 0, 1)
        sheet.write_blank(9, 3, None, book.add_format({"bold": True}))
    data = read(tmp_path / "a.xlsx").data
    assert data.shape == (1, 1)


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("note.txt", "hello")
    with pytest.raises(ReadError, match="damaged"):
        read(tmp_path / "a.xlsx")


@pytest.mark.real
def test_papi_sheets_are_named(data_home: Path) -> None:
    path = data_home / "papi_2011_2016" / "PAPI_2011-2016.xlsx"
    with pytest.raises(ReadError, match="several sheets") as caught:
        read(path)
    assert "2016_PAPI" in str(caught.value)
    # 63 provinces and cities, below the second header row
    assert len(read(path, sheet="2016_PAPI")) >= 63


class TestPapi:
    """Six sheets of provincial indices under two header rows in two languages; cells looked up in the workbook."""

    @pytest.fixture
    def papi(self, data_home: Path) -> Path:
        return data_home / "papi_2011_2016" / "PAPI_2011-2016.xlsx"

    def test_one_sheet_with_its_wording_in_both_languages(self, papi: Path) -> None:
        responses = read(papi, sheet="2016_PAPI", header=2)
        data = responses.data
        assert data.shape == (64, 32)  # 63 provinces, and a row of the best scores with the code 999
        assert data.iloc[0, :4].tolist() == [1, "Ha Noi", "Hà Nội", 5.337698459625244]
        assert data["tinhid"].iloc[-1] == 999
        name = "Participation at Local Levels"
        assert responses.codebook[name].wording("en") == name
        assert responses.codebook[name].wording("vi") == "Tham gia của người dân ở cấp cơ sở"
        assert responses.codebook["Law and Order"].wording("vi") == "An ninh, trật tự"
        assert responses.codebook["tinhid"].wording("vi") == "tinhid"
        assert responses.check().passed and responses.sources[0].notes == ()

    def test_all_sheets_as_one_tidy_table(self, papi: Path) -> None:
        responses = read(papi, sheet="*", header=2)
        data = responses.data
        # one indicator was replaced by another: each is empty in the sheets that lack it
        assert data.shape == (6 * 64, 2 + 33)
        old, new = "Community Investment Boards", "Responsive to Citizen Actions"
        assert data.loc[data["year"] == 2016, old].isna().all() and data[old].iloc[0] == 1.982788
        assert data.loc[data["year"] == 2011, new].isna().all() and data[new].iloc[-1] > 2
        assert any(f"no column {old}" in note for note in responses.sources[0].notes)
        assert list(data.columns[:3]) == ["sheet", "year", "tinhid"]
        assert data["year"].value_counts().to_dict() == dict.fromkeys(range(2011, 2017), 64)
        hanoi = data[data["tinhid"] == 1].set_index("year")["Un-weighted2015PAPI"]
        assert hanoi[2011] == 36.40502 and hanoi[2015] == 34.10189771652222
        giang = data[(data["tinhid"] == 2) & (data["sheet"] == "2013_PAPI")]
        assert giang["Participation at Local Levels"].tolist() == [5.108392]
        assert any("each sheet’s name holds one year" in note for note in responses.sources[0].notes)
        assert responses.codebook["Law and Order"].wording("vi") == "An ninh, trật tự"

    def test_some_sheets_in_the_order_asked_for(self, papi: Path) -> None:
        data = read(papi, sheet=["2016_PAPI", "2011_PAPI"], header=2).data
        assert data["year"].drop_duplicates().tolist() == [2016, 2011]
        assert len(data) == 128

    def test_the_second_header_row_is_found_and_said(self, papi: Path) -> None:
        responses = read(papi, sheet="2011_PAPI")
        assert len(responses.data) == 64
        assert "two header rows, found" in responses.sources[0].notes[0]
        assert responses.check().table["rule"].tolist() == ["reading"]

    def test_one_header_row_if_that_is_declared(self, papi: Path) -> None:
        assert read(papi, sheet="2011_PAPI", header=1).data.iloc[0, 3] == "Tham gia của người dân ở cấp cơ sở"

    def test_sheets_that_are_alike_are_listed_with_their_sizes(self, papi: Path) -> None:
        with pytest.raises(ReadError, match="several sheets") as caught:
            read(papi)
        assert "2011_PAPI (66 rows x 32 columns)" in str(caught.value)


ANSWERS: list[list[object]] = [["id", "q1", "q2"], ["R1", 5, 1], ["R2", 4, 2]]
WORDS: list[list[object]] = [["variable", "wording"], ["id", "number"], ["q1", "Content?"], ["q2", "Friendly?"]]


class TestTheSheetThatIsTheData:
    def test_the_codebook_stands_first(self, tmp_path: Path) -> None:
        responses = read(workbook(tmp_path / "a.xlsx", codebook=WORDS, answers=ANSWERS))
        assert responses.data["q1"].tolist() == [5, 4]
        assert responses.sources[0].notes == (
            "sheet answers, found: sheet codebook lists its columns, as a codebook does",
            "wording and labels from sheet codebook: 3 variables, 0 with codes",
        )
        assert responses.codebook["q1"].wording("en") == "Content?"
        assert "sheet answers, found" in responses.log["what"].iloc[0]
        assert responses.check().table["message"].tolist() == list(responses.sources[0].notes)

    def test_by_the_codebook_that_is_given(self, tmp_path: Path) -> None:
        book = Codebook().update(Variable("q1"), Variable("q2"), Variable("id", "id"))
        path = workbook(tmp_path / "a.xlsx", totals=[["ward", "n"], ["A", 3]], answers=ANSWERS)
        assert read(path, book).data["q1"].tolist() == [5, 4]
        assert "3 of the codebook’s 3 variables" in read(path, book).sources[0].notes[0]

    def test_the_only_one_with_cells(self, tmp_path: Path) -> None:
        responses = read(workbook(tmp_path / "a.xlsx", Sheet1=[], answers=ANSWERS, Sheet3=[]))
        assert responses.data["q2"].tolist() == [1, 2]
        assert "the only one with cells" in responses.sources[0].notes[0]

    def test_two_alike(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", words=WORDS, one=ANSWERS, two=ANSWERS)
        with pytest.raises(ReadError, match="several sheets") as caught:
            read(path)
        assert "one (3 rows x 3 columns), two (3 rows x 3 columns)" in str(caught.value)
        assert read(path, sheet=["one", "two"]).data["sheet"].tolist() == ["one", "one", "two", "two"]
        with pytest.raises(ReadError, match="different columns"):
            read(path, sheet="*")
        with pytest.raises(ReadError, match="A sheet is listed twice"):
            read(path, sheet=["one", "one"])


class TestHazards:
    def test_cells_merged_over_several_columns_go_before_the_names_below(self, tmp_path: Path) -> None:
        with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "id")
            sheet.merge_range(0, 1, 0, 2, "Friendly")
            sheet.write_row(1, 0, ["", "smiles", "listens"])
            for i in range(2, 5):
                sheet.write_row(i, 0, [f"R{i}", i, 5])
        responses = read(tmp_path / "a.xlsx")
        assert list(responses.data.columns) == ["id", "Friendly / smiles", "Friendly / listens"]
        assert responses.data.iloc[:, 1].tolist() == [2, 3, 4]
        assert "merged over several" in responses.sources[0].notes[0]

    def test_merged_answers_are_told(self, tmp_path: Path) -> None:
        with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["ward", "q"])
            sheet.merge_range(1, 0, 2, 0, "Đông Hoà")
            sheet.write_column(1, 1, [1, 2])
        responses = read(tmp_path / "a.xlsx")
        assert responses.data["ward"].isna().tolist() == [False, True]
        assert "A2:A3" in responses.sources[0].notes[0]

    def test_a_formula_that_nobody_computed(self, tmp_path: Path) -> None:
        openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes formulas without their values")
        book = openpyxl.Workbook()
        book.active.append(["a", "b"])
        book.active.append([1, "=A2+1"])
        book.save(tmp_path / "a.xlsx")
        with pytest.raises(ReadError, match="formulas") as caught:
            read(tmp_path / "a.xlsx")
        assert "cells B2" in str(caught.value)

    def test_cells_with_an_error_are_told(self, tmp_path: Path) -> None:
        with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["a", "b", "c"])
            sheet.write_row(1, 0, [1, 2])
            sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
            sheet.write_formula(2, 0, "=1+1", None, 2)
        responses = read(tmp_path / "a.xlsx")
        np.testing.assert_array_equal(responses.data["a"], [1, 2])
        assert responses.sources[0].notes == ("sheet Sheet1: cells with an error of Excel, read as empty: C2",)

    def test_days_as_excel_counts_them(self, tmp_path: Path) -> None:
        # 45473 is 30 June 2024 (45292 is 1 January 2024, and 181 days later); since 1904 it is 1462 less
        book = Codebook().update(Variable("day", "date"))
        path = workbook(tmp_path / "a.xlsx", d=[["day"], [45473], [45473.25]])
        assert read(path, book).data["day"].tolist() == [pd.Timestamp("2024-06-30"), pd.Timestamp("2024-06-30 06:00")]
        assert "numbers of days since 1900" in read(path, book).sources[0].notes[0]
        with xlsxwriter.Workbook(str(tmp_path / "b.xlsx"), {"date_1904": True}) as old:
            old.add_worksheet().write_column(0, 0, ["day", 45473 - 1462])
        assert read(tmp_path / "b.xlsx", book).data["day"].tolist() == [pd.Timestamp("2024-06-30")]
        assert read(path).data["day"].tolist() == [45473, 45473.25]  # undeclared, a number is a number

    def test_times_are_seconds(self, tmp_path: Path) -> None:
        with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["start", "took"])
            sheet.write_datetime(1, 0, dt.time(8, 30), book.add_format({"num_format": "hh:mm"}))
            sheet.write_datetime(1, 1, dt.timedelta(hours=30), book.add_format({"num_format": "[h]:mm"}))
        responses = read(tmp_path / "a.xlsx")
        assert responses.data.iloc[0].tolist() == [30_600, 108_000]
        assert responses.codebook["took"].unit == "seconds"

    def test_text_cells_by_the_locale(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", d=[["fee", "day"], ["1.234,5", "03/04/2024"], ["12", "30/06/2024"]])
        data = read(path, locale="vi").data
        assert data["fee"].tolist() == [1234.5, 12]
        assert data["day"].tolist() == [pd.Timestamp("2024-04-03"), pd.Timestamp("2024-06-30")]

    def test_text_in_tcvn3(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", d=[["ph\xadêng"], ["NguyÔn"], ["Trãi và"]])
        data = read(path, encoding="tcvn3").data
        assert data["phường"].tolist()[0] == "Nguyễn"

    def test_empty_rows_above_the_header(self, tmp_path: Path) -> None:
        responses = read(workbook(tmp_path / "a.xlsx", d=[[], [], ["q"], [1]]))
        assert responses.data["q"].tolist() == [1]
        assert "2 empty rows above" in responses.sources[0].notes[0]


NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:"
ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{ns}office:1.0" '
    'xmlns:text="{ns}text:1.0" xmlns:table="{ns}table:1.0" office:version="1.2"><office:body><office:spreadsheet>'
    '<table:table table:name="answers"><table:table-row>{header}</table:table-row><table:table-row>'
    '<table:table-cell office:value-type="string"><text:p>phường</text:p></table:table-cell>'
    '<table:table-cell office:value-type="float" office:value="4"><text:p>4</text:p></table:table-cell>'
    '<table:table-cell office:value-type="date" office:date-value="2024-06-30"><text:p>30/06/24</text:p>'
    "</table:table-cell>{last}</table:table-row></table:table></office:spreadsheet></office:body>"
    "</office:document-content>"
)


def ods(path: Path, last: str = "") -> Path:
    import zipfile

    names = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{n}</text:p></table:table-cell>' for n in "abcd"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(ns=NAMESPACE, header=names, last=last))
        archive.writestr(
            "META-INF/manifest.xml",
            f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{NAMESPACE}manifest:1.0"/>',
        )
    return path


def test_ods(tmp_path: Path) -> None:
    data = read(ods(tmp_path / "a.ods")).data
    assert data.iloc[0, :3].tolist() == ["phường", 4, pd.Timestamp("2024-06-30")]
    with pytest.raises(ReadError, match="formulas"):
        read(ods(tmp_path / "b.ods", '<table:table-cell table:formula="of:=1+1"/>'))
    whole = (tmp_path / "a.ods").read_bytes()
    (tmp_path / "c.ods").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReadError, match="cut short"):
        read(tmp_path / "c.ods")


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([["Q1"], ["¿Qué tan satisfecho está?"], [8], [9], [" "], [7]], [8.0, 9.0, 7.0]),
        ([["Q1"], ["How satisfied are you?"], [8], [9], [7], [10]], [8.0, 9.0, 7.0, 10.0]),
        ([["id", "Q1"], ["id", "Độ hài lòng"], [1, 8], [2, " "], [3, 9], [4, 7]], [8.0, 9.0, 7.0]),
    ],
)
def test_a_wording_row_above_numbers_and_spaces_is_no_respondent(
    tmp_path: Path, rows: list[list[object]], numbers: list[float]
) -> None:
    path = workbook(tmp_path / "a.xlsx", data=rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a cell of a space reads like a missing answer
        responses = read(path)
    assert len(responses.data) == len(rows) - 2
    assert responses.codebook["Q1"].text["vi"] == rows[1][-1]
    clean = responses.declare_missing().apply()
    assert clean.data["Q1"].dropna().tolist() == numbers


@pytest.mark.parametrize("second", ["n/a", "Agua", "Don't know", "Không trả lời"])
def test_a_text_above_a_single_column_of_numbers_may_be_an_answer(tmp_path: Path, second: str) -> None:
    path = workbook(tmp_path / "a.xlsx", data=[["Q1"], [second], [8], [9], [7]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(read(path).data) == 4


def test_many_sheets_are_not_held_against_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sheet against each: the columns of 3,000 small ones took 12 seconds."""
    rows = [["a", "b", "c"], ["a", "b", "c"], ["b", "c", "a"]]
    sheets = {f"s{i}": Sheet(f"s{i}", rows) for i in range(1000)}
    looked: list[str] = []
    header = Sheet.header.fget
    monkeypatch.setattr(Sheet, "header", property(lambda sheet: looked.append(sheet.name) or header(sheet)))
    with pytest.raises(ReadError, match="several sheets"):
        chosen(sheets, None, tmp_path / "a.xlsx")
    assert len(looked) < 20 * len(sheets)


def test_a_workbook_without_a_sheet_of_cells_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no sheet of cells") as caught:
        chosen({}, None, tmp_path / "a.xlsx")
    assert caught.value.fix


@pytest.mark.slow
def test_a_cell_far_to_the_right_is_named(tmp_path: Path) -> None:
    """16,384 columns, of which three are the data, took 15 seconds."""
    path = workbook(tmp_path / "a.xlsx", a=[["id", "q", "r"], [1, 2, 3], [2, 3, *[None] * 16_381, 1], [3, 4, 5]])
    with pytest.raises(ReadError, match="far away") as caught:
        read(path)
    assert "16,381 columns" in str(caught.value.got) and "XFD3" in str(caught.value.got)
    named = workbook(tmp_path / "b.xlsx", a=[[f"q{i}" for i in range(1500)], [1] * 1500, [2] * 1500])
    assert read(named).data.shape == (2, 1500)


def test_cells_merged_beyond_the_last_column_are_no_heading() -> None:
    rows = [["a", "b"], ["x", "y"], [1, 2], [3, 4], [5, 6]]
    assert head_of(rows, [((0, 0), (0, 7))], None, "a.xls").names == 0

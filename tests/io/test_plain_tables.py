"""Tables as people keep them: titles and wording around the header, cells of spaces, ids that are no numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from survey.errors import ReadError
from survey.io import read


@pytest.fixture
def table(tmp_path: Path):
    def write(content: str | bytes, name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
    return path


class TestCellsThatAreNoNumbers:
    @pytest.mark.filterwarnings("ignore:.*personal data")
    @pytest.mark.parametrize(
        "cells",
        [
            ["89840480000000000011", "89840480000000000012"],  # SIM cards: as floats these are one number
            ["12345678901234567", "12345678901234568", "1.5"],
            ["12345678901234567.0", "12345678901234568.0"],
            ["0x1A", "0x1B"],
            ["+84901234567", "+84901234568"],
            ["1E5", "10E4"],  # codes of wards, and equal as numbers
            ["007", "7"],
        ],
    )
    def test_what_a_number_would_lose_stays_text(self, table, cells: list[str]) -> None:
        data = read(table("id,x\n" + "".join(f"{c},1\n" for c in cells))).data
        assert data["id"].tolist() == cells
        assert data["x"].tolist() == [1] * len(cells)

    def test_numbers_as_programs_write_them_stay_numbers(self, table) -> None:
        cells = ["1e+05", "-2.5E-3", "+5", ".5", "1234567890.123456789", "1e30", "9007199254740992"]
        data = read(table("n\n" + "\n".join(cells) + "\n")).data
        assert data["n"].tolist() == [float(c) for c in cells]

    def test_a_declared_number_is_one_only_where_no_digit_is_lost(self, table) -> None:
        from survey.codebook import Codebook, Variable

        book = Codebook().update(Variable("a"), Variable("b"), Variable("c"))
        data = read(table("a,b,c\n100000000000000000000,89840480000000000011,0x1A\n1,2,3\n"), book).data
        assert data["a"].tolist() == [1e20, 1]
        assert data["b"].tolist() == ["89840480000000000011", "2"]
        assert data["c"].tolist() == ["0x1A", "3"]

    @pytest.mark.slow
    def test_many_columns_are_read_as_few_are(self, table) -> None:
        """Above a thousand columns all cells are looked at together: what they are must not depend on that."""
        kinds = [
            ["1", "", "3"],
            ["1.50", "2", "-0.25"],
            ["01", "2", "3"],
            ["a", "", "2"],
            ["", "", ""],
            ["1e3", "2", "3"],
            ["12345678901234567", "1", "2"],
            ["4", "5", "6"],
            [" 7", "8 ", " "],
        ]
        names = [f"c{i}" for i in range(1_200)]
        columns = [kinds[i % len(kinds)] for i in range(len(names))]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerows([names, *zip(*columns, strict=True)])
        wide = read(table(text.getvalue())).data
        rows = [names[:9], *zip(*kinds, strict=True)]
        narrow = read(table("".join(",".join(row) + "\n" for row in rows))).data
        assert list(wide.columns) == names
        for name in names:
            one = narrow[f"c{int(name[1:]) % 9}"]
            pd.testing.assert_series_equal(wide[name], one, check_names=False)


class TestBlankCells:
    def test_cells_of_spaces_are_empty(self, table) -> None:
        data = read(table("id,x,t\n1, ,a\n2,5,\u00a0\n3,  ,b\n")).data
        np.testing.assert_array_equal(data["x"], [np.nan, 5, np.nan])
        assert data["t"].isna().tolist() == [False, True, False]

    def test_in_a_workbook_too(self, tmp_path: Path) -> None:
        data = read(workbook(tmp_path / "a.xlsx", d=[["id", "x"], [1, " "], [2, 5], [3, "\u00a0 "]])).data
        np.testing.assert_array_equal(data["x"], [np.nan, 5, np.nan])

    def test_a_column_without_a_name_and_without_a_cell_is_left_out_and_said(self, table) -> None:
        responses = read(table("id,x,\n1,5,\n2,6, \n"))
        assert list(responses.data.columns) == ["id", "x"]
        assert "column_3" in responses.sources[0].notes[0]

    def test_a_column_without_a_name_keeps_its_cells_and_takes_no_others_name(self, table) -> None:
        responses = read(table("column_2,,x\n1,2,3\n"))
        assert responses.data.iloc[0].to_dict() == {"column_2": 1, "column_2_": 2, "x": 3}
        assert "column_2_" in responses.sources[0].notes[0]


class TestAboveTheHeader:
    @pytest.mark.parametrize("start", ["\n\n", " \n", ",,\n,,\n", " , , \n\n"])
    def test_empty_lines(self, table, start: str) -> None:
        data = read(table(f"{start}id,x,y\n1,5,2\n2,6,3\n")).data
        assert data.to_dict("list") == {"id": [1, 2], "x": [5, 6], "y": [2, 3]}

    @pytest.mark.parametrize("line", ["sep=;\r\n", "\ufeffsep=;\n", '"sep=;"\n', "SEP=;\n"])
    def test_a_line_that_declares_the_separator(self, table, line: str) -> None:
        data = read(table(f"{line}id;x\n1;5\n2;6\n")).data
        assert data.to_dict("list") == {"id": [1, 2], "x": [5, 6]}

    def test_a_tab_that_is_declared_and_a_separator_that_is_given(self, table) -> None:
        assert read(table("sep=\t\nid\tx\n1\t5\n")).data["x"].tolist() == [5]
        assert read(table("sep=,\nid;x\n1;5\n"), separator=";").data["x"].tolist() == [5]

    @pytest.mark.parametrize("title", ["Survey of 2024\n\n", "Survey of 2024,,\n,,\n", "Survey of 2024,,\nWard 3,,\n"])
    def test_titles_are_found_and_said(self, table, title: str) -> None:
        responses = read(table(f"{title}id,x,y\n1,5,2\n2,6,3\n"))
        assert responses.data.to_dict("list") == {"id": [1, 2], "x": [5, 6], "y": [2, 3]}
        assert "header in row 3, found; above it: Survey of 2024" in responses.sources[0].notes[0]

    def test_in_a_workbook_where_the_title_is_merged_over_all_columns(self, tmp_path: Path) -> None:
        with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
            sheet = book.add_worksheet("d")
            sheet.merge_range(1, 0, 1, 2, "KẾT QUẢ KHẢO SÁT")
            for i, row in enumerate([["id", "q1", "q2"], ["R1", 5, 1], ["R2", 4, 2], ["R3", 4, 2]], 3):
                sheet.write_row(i, 0, row)
        responses = read(tmp_path / "a.xlsx")
        assert responses.data.to_dict("list") == {"id": ["R1", "R2", "R3"], "q1": [5, 4, 4], "q2": [1, 2, 2]}
        assert "header in row 4, found; above it: KẾT QUẢ KHẢO SÁT" in responses.sources[0].notes[0]

    def test_rows_of_ragged_tables_are_counted_in_the_file(self, table) -> None:
        with pytest.raises(ReadError) as caught:
            read(table("Title\n\nid,x,y\n1,5,2\n2,6\n"))
        assert caught.value.got == "row 5: 2 cells"

    @pytest.mark.parametrize(
        "text", ["ward,,\nA,1,2\nB,3,4\nC,5,6\n", ",x,y\nr1,1,2\nr2,3,4\n", "a,b,c\n,,\nu,v,w\nu,v,w\n"]
    )
    def test_a_header_with_few_names_is_a_header(self, table, text: str) -> None:
        assert len(read(table(text)).data) == text.count("\n") - 1

    def test_another_separator_is_still_an_error(self, table) -> None:
        with pytest.raises(ReadError, match="another separator"):
            read(table("Title; of a survey\nid;x;y\n1,5;2;3\n1,5;2,5;3\n"))


QUESTIONS = "id,q1,q2\nRespondent,How satisfied are you?,How long did it take?\n"


class TestRowsOfWording:
    def test_below_the_names_in_csv(self, table) -> None:
        responses = read(table(QUESTIONS + "1,5,2\n2,4,3\n3,3,3\n"))
        assert responses.data.to_dict("list") == {"id": [1, 2, 3], "q1": [5, 4, 3], "q2": [2, 3, 3]}
        assert responses.codebook["q1"].wording() == "How satisfied are you?"
        assert responses.sources[0].notes == (
            "a.csv: two header rows, found: row 2 is wording below the names in row 1",
        )
        assert responses.check().table["rule"].tolist() == ["reading"]

    def test_above_answers_in_words(self, table) -> None:
        answers = "".join(f"{i},{'Good' if i % 2 else 'Bad'},{'Long' if i % 3 else 'Short'}\n" for i in range(12))
        responses = read(table("case,q1,q2\nNumber of the case,How was the service?,How long did it take?\n" + answers))
        assert responses.data["q1"].unique().tolist() == ["Bad", "Good"]
        assert responses.codebook["q2"].wording() == "How long did it take?"

    def test_a_row_of_identifiers_of_an_import_is_no_answer_and_no_wording(self, table) -> None:
        ids = '"{""ImportId"":""id""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n'
        responses = read(table(QUESTIONS + ids + "1,5,2\n2,4,3\n3,3,3\n"))
        assert responses.data["q1"].tolist() == [5, 4, 3]
        assert responses.codebook["q1"].wording() == "How satisfied are you?"
        assert "three header rows, found" in responses.sources[0].notes[0]

    def test_answers_of_the_first_respondent_are_answers(self, table) -> None:
        """Refused everywhere, or wordy: neither is wording."""
        assert len(read(table("id,q1,q2\nR1,DK,DK\nR2,1,2\nR3,3,4\n")).data) == 3
        words = "".join(f"r{i},I like the {i}th office very much,{'yes' if i % 2 else 'no'}\n" for i in range(12))
        assert len(read(table("id,why,again\n" + words)).data) == 12

    @pytest.mark.parametrize(("header", "rows"), [(1, 4), (2, 3), ([0, 1], 3), ([0], 4)])
    def test_as_it_is_declared(self, table, header: object, rows: int) -> None:
        responses = read(table(QUESTIONS + "1,5,2\n2,4,3\n3,3,3\n"), header=header)
        assert len(responses.data) == rows and responses.sources[0].notes == ()

    @pytest.mark.parametrize("suffix", ["csv", "xlsx"])
    def test_rows_that_are_not_neighbours(self, tmp_path: Path, suffix: str) -> None:
        rows: list[list[object]] = [["id", "q1"], ["n", "1-5"], ["Mã", "Hài lòng?"], [1, 5], [2, 4]]
        if suffix == "xlsx":
            path = workbook(tmp_path / "a.xlsx", d=rows)
        else:
            path = tmp_path / "a.csv"
            path.write_text("".join(f"{a},{b}\n" for a, b in rows), encoding="utf-8")
        responses = read(path, header=[0, 2])
        assert responses.data.to_dict("list") == {"id": [1, 2], "q1": [5, 4]}
        assert responses.codebook["q1"].wording("vi") == "Hài lòng?"
        assert responses.log["what"].iloc[0].startswith(path.name)
        above = read(path, header=[2, 0])  # names in the third row, their wording two rows above
        assert list(above.data.columns) == ["Mã", "Hài lòng?"] and len(above.data) == 2

    @pytest.mark.parametrize("header", [3, 0, [], [0, 0], [-1], [9], ["a"], [True], "12"])
    def test_a_header_that_cannot_be(self, table, header: object) -> None:
        with pytest.raises(ReadError, match="header must be"):
            read(table(QUESTIONS + "1,5,2\n"), header=header)

    def test_a_log_with_rows_of_a_header_is_replayed(self, table, tmp_path: Path) -> None:
        from survey.responses import Responses

        responses = read(table(QUESTIONS + "1,5,2\n2,4,3\n3,3,3\n"), header=[0, 1])
        responses.save_log(tmp_path / "log.json")
        again = Responses.replay(tmp_path / "log.json")
        pd.testing.assert_frame_equal(again.data, responses.data)


class TestLettersThatWereLost:
    PLACES = ("Hà Nội", "Huế", "Đà Lạt")

    def test_text_that_was_read_in_another_encoding_is_noticed(self, table) -> None:
        wrong = [place.encode("utf-8").decode("latin-1") for place in self.PLACES]
        (note,) = read(table("place,x\n" + "".join(f"{w},1\n" for w in wrong))).sources[0].notes
        assert "letters such as á»™ stand for ộ" in note
        assert not any(place in note for place in self.PLACES)  # a letter, not the answers

    def test_an_encoding_that_should_not_have_been_named(self, table) -> None:
        path = table("place,x\n" + "".join(f"{p},1\n" for p in self.PLACES))
        (note,) = read(path, encoding="latin1").sources[0].notes
        assert 'leave out encoding="latin1"' in note
        assert read(path).sources[0].notes == ()

    @pytest.mark.parametrize(
        "words", [["Café", "À bientôt"], ["Größe", "Ähnlich"], ["Ã", "É"], ["naïve – “quoted”", "x"]]
    )
    def test_text_with_accents_is_not_taken_for_such(self, table, words: list[str]) -> None:
        assert read(table("t,x\n" + "".join(f"{w},1\n" for w in words))).sources[0].notes == ()

    def test_letters_that_are_gone_are_told(self, table) -> None:
        (note,) = read(table("t,x\nH\ufffd N\ufffdi,1\nHu\ufffd,2\nx,3\n")).sources[0].notes
        assert note.startswith("2 different texts hold the sign U+FFFD")


ANSWERS: list[list[object]] = [["id", "q1", "q2", "age"], ["R1", 1, 2, 30], ["R2", 2, 1, 41], ["R3", 9, 1, 22]]


class TestCodebookSheets:
    def test_a_row_a_variable_with_its_codes_in_one_cell(self, tmp_path: Path) -> None:
        words = [
            ["Variable", "Label", "Values"],
            ["id", "Respondent"],
            ["q1", "Satisfied?", "1 = Yes; 2 = No; 9 = Don't know"],
            ["q2", "Friendly?", "1=Yes\n2=No, never"],
            ["age", "Age", "in years"],
        ]
        responses = read(workbook(tmp_path / "a.xlsx", codebook=words, answers=ANSWERS))
        book = responses.codebook
        assert {c: book["q1"].label(c) for c in book["q1"].labels} == {1: "Yes", 2: "No", 9: "Don't know"}
        assert {c: book["q2"].label(c) for c in book["q2"].labels} == {1: "Yes", 2: "No, never"}
        assert book["q1"].wording() == "Satisfied?" and not book["age"].labels
        assert not book["q1"].missing  # a label is no declaration; it is told as one that reads like it
        assert responses.sources[0].notes[1] == "wording and labels from sheet codebook: 4 variables, 2 with codes"

    def test_a_row_a_code_below_a_title_in_vietnamese(self, tmp_path: Path) -> None:
        words: list[list[object]] = [
            ["Bảng mã"],
            [],
            ["Tên biến", "Câu hỏi", "Mã", "Nhãn"],
            ["q1", "Hài lòng?", 1, "Có"],
            ["", "", 2, "Không"],
            ["Q2", "Thân thiện?", 1, "Có"],
            ["age", "Tuổi"],
        ]
        book = read(workbook(tmp_path / "a.xlsx", answers=ANSWERS, ma=words), sheet="answers").codebook
        assert {c: book["q1"].label(c, "vi") for c in book["q1"].labels} == {1: "Có", 2: "Không"}
        assert (book["q2"].wording("vi"), book["age"].wording("vi")) == ("Thân thiện?", "Tuổi")

    def test_two_sheets_one_of_variables_and_one_of_values(self, tmp_path: Path) -> None:
        path = workbook(
            tmp_path / "a.xlsx",
            answers=ANSWERS,
            variables=[
                ["name", "label"],
                ["id", "Respondent"],
                ["q1", "Satisfied?"],
                ["q2", "Friendly?"],
                ["age", "Age"],
            ],
            values=[["variable", "value", "label"], ["q1", 1, "Yes"], ["q1", 2, "No"]],
        )
        book = read(path, sheet="answers").codebook
        assert {c: book["q1"].label(c) for c in book["q1"].labels} == {1: "Yes", 2: "No"}
        assert book["q2"].wording() == "Friendly?"

    def test_a_workbook_of_ours_without_its_codebook_beside(self, tmp_path: Path) -> None:
        from survey.codebook import Codebook, Variable
        from survey.responses import Responses

        labels = {1: {"vi": "Có", "en": "Yes"}, 2: {"vi": "Không", "en": "No"}}
        told = Codebook().update(
            Variable("q", "nominal", text={"vi": "Hài lòng?", "en": "Content?"}, labels=labels, missing={9: "refused"})
        )
        written = Responses(pd.DataFrame({"q": [1, 2, 9], "n": [1.5, 2, 3], "m": [1, 2, 3]}), told).write(
            tmp_path / "a.xlsx"
        )
        written["codebook"].unlink()
        book = read(tmp_path / "a.xlsx").codebook
        assert dict(book["q"].text) == {"vi": "Hài lòng?", "en": "Content?"}
        assert {c: dict(t) for c, t in book["q"].labels.items()} == labels
        assert dict(book["q"].missing) == {9: "refused"} and book["q"].type == "nominal"

    def test_codes_that_are_none_of_the_answers_are_not_used(self, tmp_path: Path) -> None:
        words = [["variable", "label", "values"], ["id", "a"], ["q1", "b", "7=x; 8=y"], ["q2", "c"], ["age", "d"]]
        responses = read(workbook(tmp_path / "a.xlsx", codebook=words, answers=ANSWERS))
        assert not responses.codebook["q1"].labels and "q1" in responses.sources[0].notes[2]

    def test_a_sheet_of_something_else_is_no_codebook(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", answers=ANSWERS, totals=[["name", "text"], ["q1", "x"], ["An", "y"]])
        responses = read(path, sheet="answers")
        assert responses.sources[0].notes == () and not responses.codebook["q1"].text

    def test_a_codebook_that_is_given_is_the_codebook(self, tmp_path: Path) -> None:
        from survey.codebook import Codebook, Variable

        words = [["variable", "label"], ["id", "a"], ["q1", "b"], ["q2", "c"], ["age", "d"]]
        path = workbook(tmp_path / "a.xlsx", codebook=words, answers=ANSWERS)
        assert not read(path, Codebook().update(Variable("q1"), Variable("id", "id"))).codebook["q1"].text

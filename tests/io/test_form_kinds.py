"""Kinds of forms that platforms take, each invented and small: one row that cannot be read never rejects a form.

What is right is what pyxform, the converter of ODK and KoboToolbox, makes of the same sheets: the paths of its
questions, their codes and labels; of conditions, what XPath 1.0 says of an empty answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

import survey as sv
from survey import cli
from survey.base.expressions import mask
from survey.codebook import Codebook
from survey.io.xlsform.codebook import codebook_from_xlsform, read_form
from survey.io.xlsform.limits import limits_of_constraint, limits_of_range
from survey.io.xlsform.question_types import is_known, parsed
from survey.io.xlsform.relevant import base_of
from survey.io.xlsform.sheets import is_form
from survey.io.xlsform.writing import write_xlsform
from work import at_most

Rows = Sequence[Sequence[Any]]
SURVEY = ("type", "name", "label")
CHOICES = ("list_name", "name", "label")
AB = (CHOICES, ("l", "a", "A"), ("l", "b", "B"))
END = ("end_group", "", "")


def write(folder: Path, survey: Rows, choices: Rows | None = None, name: str = "form.xlsx", **others: Rows) -> Path:
    path = folder / name
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    for title, rows in {"survey": survey, "choices": choices, **others}.items():
        if rows is None:
            continue
        sheet = book.add_worksheet(title)
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row)
    book.close()
    return path


def book_of(folder: Path, survey: Rows, choices: Rows | None = None, **others: Rows) -> Codebook:
    return sv.read_codebook(write(folder, survey, choices, **others))


def notes(book: Codebook) -> str:
    return "\n".join(str(note) for note in book.extra.get("notes", ()))


class TestWhatIsAForm:
    ROWS: Rows = (SURVEY, ("integer", "age", "Age"), ("text", "why", "Why?"))

    @pytest.mark.parametrize(
        "others",
        [
            {},
            {"entities": (("dataset", "label"), ("trees", "x"))},
            {"external_choices": (("list_name", "name"), ("l", "a"))},
            {"settings": (("form_title",), ("A form",))},
            {"notes of mine": (("a",), ("b",))},
        ],
    )
    def test_a_sheet_survey_alone_or_beside_any_other(self, tmp_path: Path, others: dict[str, Rows]) -> None:
        assert list(book_of(tmp_path, self.ROWS, **others).variables) == ["age", "why"]

    @pytest.mark.parametrize("name", ["Survey ", "surveys", "Servey"])
    def test_a_sheet_that_is_nearly_called_so(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "form.xlsx"
        book = xlsxwriter.Workbook(str(path))
        for title, rows in ((name, (*self.ROWS, ("select_one l", "q", "Q"))), ("choises", AB)):
            sheet = book.add_worksheet(title)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
        book.close()
        read = sv.read_codebook(path)
        assert list(read.variables) == ["age", "why", "q"] and read["q"].codes == ("a", "b")
        assert "'choises' is taken for the sheet choices" in notes(read)

    def test_the_only_sheet_of_typed_questions_is_the_form(self, tmp_path: Path) -> None:
        path = tmp_path / "form.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("Sheet1")
        for i, row in enumerate(self.ROWS):
            sheet.write_row(i, 0, row)
        book.close()
        assert list(sv.read_codebook(path).variables) == ["age", "why"]

    @pytest.mark.parametrize("title", ["survey", "surveys", "data"])
    def test_answers_are_no_form_whatever_their_sheet_is_called(self, tmp_path: Path, title: str) -> None:
        path = tmp_path / "answers.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet(title)
        for i, row in enumerate((("type", "name", "age"), ("shop", "An", 3), ("farm", "Bo", 4), ("note", "Ca", 5))):
            sheet.write_row(i, 0, row)
        book.close()
        assert not is_form(path)
        assert list(sv.read_codebook(path).variables) == ["type", "name", "age"]

    def test_a_sheet_put_aside_is_not_taken(self, tmp_path: Path) -> None:
        path = write(tmp_path, (SURVEY, ("select_one l", "q", "Q")), _choices=AB)
        assert codebook_from_xlsform(path)["q"].codes == ()

    def test_the_command_shows_the_codebook_of_a_form(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = write(tmp_path, (*self.ROWS, ("select_one nowhere", "q", "Q")))
        assert cli.main(["codebook", str(path)]) == 0
        told = capsys.readouterr().out
        assert "[variables.age]" in told and "[variables.type]" not in told
        assert "q, row 4: there is no list of choices 'nowhere'" in told

    def test_a_form_of_notes_has_a_codebook_without_variables(self, tmp_path: Path) -> None:
        book = book_of(tmp_path, (SURVEY, ("note", "n", "Hello"), ("audit", "audit", "")))
        assert len(book) == 0 and "no question" in notes(book)


class TestOneRowThatCannotBeRead:
    """The rest of the form is read, and the note tells of the row."""

    @pytest.mark.parametrize(
        ("row", "column", "told"),
        [
            (("select_one nowhere", "q", "Q"), "q", "no list of choices 'nowhere'"),
            (("select_one", "q", "Q"), "q", "no list of choices"),
            (("select_multiple nowhere", "q", "Q"), "q", "no list of choices"),
            (("select_one ${n}", "q", "Q"), "q", "earlier answers (${n})"),
            (("text", "my question", "Q"), "my question", "row 3: 'my question' is not a valid name"),
            (("integer", "", "Q"), "row_3", "row 3 has no name"),
            (("hologram", "q", "Q"), "q", "the type hologram is not known"),
            (("", "q", "Q"), "q", "q, row 3: it has no type"),
        ],
    )
    def test_it_becomes_text(self, tmp_path: Path, row: Sequence[str], column: str, told: str) -> None:
        book = book_of(tmp_path, (SURVEY, ("integer", "n", "N"), row, ("select_one l", "z", "Z")), AB)
        assert list(book.variables) == ["n", column, "z"]
        assert book["n"].type == "number" and book["z"].codes == ("a", "b")
        if column != "row_3":
            assert book[column].type == "text"
        assert told in notes(book)

    def test_a_second_question_of_one_place_is_left_out(self, tmp_path: Path) -> None:
        book = book_of(tmp_path, (SURVEY, ("integer", "q", "First"), ("text", "q", "Second"), ("text", "z", "Z")))
        assert list(book.variables) == ["q", "z"] and book["q"].text["en"] == "First"
        assert "row 3: a second question named q" in notes(book)

    def test_notes_need_no_names_and_may_share_one(self, tmp_path: Path) -> None:
        rows = (SURVEY, *[("note", "", "Hi")] * 2, *[("note", "n", "Hi")] * 2, ("text", "q", "Q"))
        book = book_of(tmp_path, rows, AB)
        assert list(book.variables) == ["q"] and not notes(book)
        assert [q.name for q in read_form(tmp_path / "form.xlsx").questions][:2] == [
            "generated_note_name_2",
            "generated_note_name_3",
        ]

    def test_choices_without_a_list_or_a_name(self, tmp_path: Path) -> None:
        book = book_of(tmp_path, (SURVEY, ("select_one l", "q", "Q")), (*AB, ("", "c", "C"), ("l", "", "D")))
        assert book["q"].codes == ("a", "b")
        assert "row 4" in notes(book) and "row 5" in notes(book)

    @pytest.mark.parametrize("row", [("begin_group", "g", "G"), END])
    def test_groups_that_do_not_fit_are_an_error(self, tmp_path: Path, row: Sequence[str]) -> None:
        with pytest.raises(sv.CodebookError, match="A group is"):
            book_of(tmp_path, (SURVEY, ("text", "q", "Q"), row), AB)

    def test_what_stands_far_below_is_no_part_of_the_form(self, tmp_path: Path) -> None:
        """pyxform takes a sheet to be over after 60 empty rows."""
        rows = (SURVEY, ("text", "q", "Q"), *[()] * 59, ("text", "near", "N"), *[()] * 61, ("text", "far", "F"))
        assert list(book_of(tmp_path, rows, AB).variables) == ["q", "near"]


class TestNamesThatMeet:
    def test_groups_joined_and_a_name(self, tmp_path: Path) -> None:
        survey = (
            SURVEY,
            *(("begin_group", "hh", "H"), ("text", "name", "n"), END),
            *(("begin_group", "p", "P"), ("text", "name", "n"), END),
            ("text", "p_name", "x"),
        )
        assert list(book_of(tmp_path, survey, AB).variables) == ["hh_name", "p__name", "p_name"]

    def test_the_option_other_and_the_text_of_ones_own(self, tmp_path: Path) -> None:
        book = book_of(tmp_path, (SURVEY, ("select_multiple l or_other", "src", "Sources")), AB)
        assert list(book.variables) == ["src_a", "src_b", "src__other", "src_other"]
        assert book.sets["src"].variables == ("src_a", "src_b", "src__other")
        assert book["src_other"].type == "text" and book["src_other"].base == "src__other == 1"

    def test_an_option_other_of_the_list_beside_a_text_of_the_form(self, tmp_path: Path) -> None:
        survey = (
            (*SURVEY, "relevant"),
            ("select_multiple l", "src", "Sources"),
            ("text", "src_other", "Which?", "selected(${src}, 'other')"),
        )
        book = book_of(tmp_path, survey, (*AB, ("l", "other", "Other")))
        assert list(book.variables) == ["src_a", "src_b", "src__other", "src_other"]
        assert book["src_other"].base == "src__other == 1"

    def test_codes_that_differ_in_signs_only(self, tmp_path: Path) -> None:
        choices = (CHOICES, ("l", "a-b", "1"), ("l", "a.b", "2"), ("l", "a_b", "3"))
        book = book_of(tmp_path, (SURVEY, ("select_multiple l", "m", "M")), choices)
        assert list(book.variables) == ["m_a_b", "m__a_b", "m__a_b_2"]

    def test_answers_of_both_columns_are_kept(self, tmp_path: Path) -> None:
        form = write(tmp_path, (SURVEY, ("select_multiple l or_other", "src", "Sources")), AB)
        (tmp_path / "kobo.csv").write_text(
            "src,src/a,src/b,src/other,src_other,_uuid,_submission_time\n"
            "a other,1,0,1,radio,u1,2024-01-01T00:00:00\nb,0,1,0,,u2,2024-01-01T00:00:00\n"
        )
        data = sv.read(tmp_path / "kobo.csv", export="kobo", form=form).data
        assert data["src__other"].tolist() == [1, 0] and data["src_other"].tolist()[0] == "radio"


class TestLists:
    def test_or_other_of_one_answer(self, tmp_path: Path) -> None:
        """pyxform adds the option to the list: to every question that uses it."""
        survey = (SURVEY, ("select_one l or_other", "q", "Q"), ("select_one l", "z", "Z"))
        book = book_of(tmp_path, survey, AB)
        assert list(book.variables) == ["q", "q_other", "z"]
        assert book["q"].codes == book["z"].codes == ("a", "b", "other")
        assert book["q_other"].base == "q == 'other'"

    def test_a_text_of_the_form_goes_before_the_one_that_or_other_adds(self, tmp_path: Path) -> None:
        survey = (SURVEY, ("select_one l or_other", "q", "Q"), ("text", "q_other", "What?"))
        assert book_of(tmp_path, survey, AB)["q_other"].text["en"] == "What?"

    def test_codes_that_are_not_all_numbers_are_texts(self, tmp_path: Path) -> None:
        """A column of 1, 2 and "other" can be neither counted nor compared."""
        choices = (CHOICES, ("l", 1, "One"), ("l", 2, "Two"))
        form = write(tmp_path, (SURVEY, ("select_one l or_other", "q", "Q")), choices)
        (tmp_path / "a.csv").write_text("q,q_other\n1,\n2,\nother,x\n")
        answers = sv.read(tmp_path / "a.csv", codebook=form)
        assert answers.codebook["q"].codes == ("1", "2", "other") and answers.data["q"].tolist() == ["1", "2", "other"]
        assert answers.check().table.empty

    def test_codes_that_are_one_number_stay_two_choices(self, tmp_path: Path) -> None:
        book = book_of(tmp_path, (SURVEY, ("select_one l", "q", "Q")), (CHOICES, ("l", "1", "One"), ("l", "1.0", "?")))
        assert book["q"].codes == ("1", "1.0")

    def test_a_long_list_without_labels_can_be_written_down(self, tmp_path: Path) -> None:
        choices = (("list_name", "name"), *(("l", f"choice_{i}") for i in range(20)))
        book = book_of(tmp_path, (SURVEY, ("select_one l", "q", "Q")), choices)
        book.to_toml(tmp_path / "codebook.toml")
        assert Codebook.from_toml(tmp_path / "codebook.toml")["q"].codes == book["q"].codes

    def test_numbers_of_twenty_digits_are_names(self, tmp_path: Path) -> None:
        choices = (CHOICES, ("l", "89840480000000000011", "A"), ("l", "89840480000000000012", "B"))
        book = book_of(tmp_path, (SURVEY, ("select_one l", "q", "Q")), choices)
        assert book["q"].codes == ("89840480000000000011", "89840480000000000012")

    def test_a_missing_code_in_letters_leaves_numbers_numbers(self, tmp_path: Path) -> None:
        choices = ((*CHOICES, "kind"), ("l", 1, "One"), ("l", 2, "Two"), ("l", "dk", "DK", "dont_know"))
        q = book_of(tmp_path, (SURVEY, ("select_one l", "q", "Q")), choices)["q"]
        assert q.codes == (1, 2) and dict(q.missing) == {"dk": "dont_know"}

    @pytest.mark.parametrize("allowed", ["yes", "no"])
    def test_a_code_that_a_list_has_twice_keeps_all_its_labels(self, tmp_path: Path, allowed: str) -> None:
        """Lists that are filtered by an earlier answer name the first ward of each district 1."""
        choices = (CHOICES, *(("l", 1, f"Ward {w}") for w in "ABCD"), ("l", 2, "Same"), ("l", 2, "Same"))
        settings = (("allow_choice_duplicates",), (allowed,))
        book = book_of(tmp_path, (SURVEY, ("select_one l", "q", "Q")), choices, settings=settings)
        assert book["q"].codes == (1, 2)
        assert book["q"].label(1, "en") == "Ward A / Ward B / Ward C / …" and book["q"].label(2, "en") == "Same"
        assert "contains the choice 1 more than once" in notes(book)
        assert ("the choice 2 more than once" in notes(book)) == (allowed == "no")

    def test_external_choices(self, tmp_path: Path) -> None:
        external = ((*CHOICES, "province"), ("wards", "w1", "Ward one", "p"), ("wards", "w2", "Ward two", "p"))
        survey = ((*SURVEY, "choice_filter"), ("select_one_external wards", "w", "Ward?", "province=${p}"))
        q = book_of(tmp_path, survey, external_choices=external)["w"]
        assert q.codes == ("w1", "w2") and q.label("w2", "en") == "Ward two"

    @pytest.mark.parametrize("kind", ["select_one_from_file w.csv", "select_multiple_from_file w.xml"])
    def test_choices_in_a_file_are_text(self, tmp_path: Path, kind: str) -> None:
        assert book_of(tmp_path, (SURVEY, (kind, "w", "Ward?")))["w"].type == "text"

    def test_a_column_kind_of_somebody_else(self, tmp_path: Path) -> None:
        choices = ((*CHOICES, "kind"), ("l", "a", "Apple", "fruit"), ("l", "b", "Beet", "root"))
        survey = ((*SURVEY, "direction"), ("select_one l", "q", "Q", "north"), ("integer", "n", "N", "south"))
        book = book_of(tmp_path, survey, choices)
        assert book["q"].codes == ("a", "b") and book["n"].direction == 0
        assert "column direction is not followed" in notes(book) and "choices, kind" in notes(book)


class TestCells:
    def test_true_and_false_typed_in_excel_are_what_platforms_write(self, tmp_path: Path) -> None:
        choices = (CHOICES, ("yn", True, "Yes"), ("yn", False, "No"))
        form = write(tmp_path, ((*SURVEY, "required"), ("select_one yn", "ok", "OK?", True)), choices)
        assert (
            codebook_from_xlsform(form)["ok"].codes == ("TRUE", "FALSE") and codebook_from_xlsform(form)["ok"].required
        )

    def test_codes_that_excel_took_for_dates(self, tmp_path: Path) -> None:
        """As pyxform writes them: str(datetime)."""
        choices = (CHOICES, ("l", dt.datetime(2024, 2, 1), "1-2"), ("l", "b", "B"))
        assert book_of(tmp_path, (SURVEY, ("select_one l", "q", "Q")), choices)["q"].codes[0] == "2024-02-01 00:00:00"

    def test_curly_quotes_are_straight_in_conditions_and_codes_and_stay_in_wording(self, tmp_path: Path) -> None:
        survey = (
            (*SURVEY, "relevant"),
            ("select_one l", "q", "“How” are you?"),
            ("text", "why", "Why?", "${q} = ‘a’ or ${q} = “don’t”"),
        )
        book = book_of(tmp_path, survey, (*AB, ("l", "don’t", "Don’t")))
        assert book["why"].base == "q in ['a', \"don't\"]" and book["q"].text["en"] == "“How” are you?"
        assert book["q"].label("don't", "en") == "Don’t"

    @pytest.mark.parametrize("header", ["bind::relevant", "bind:relevant", "Relevance", "bind :: relevant"])
    def test_older_names_of_columns(self, tmp_path: Path, header: str) -> None:
        survey = (
            ("command", "tag", "caption", header),
            ("select1 l", "q", "Q", ""),
            ("string", "z", "Z", "${q} = 'a'"),
        )
        book = book_of(tmp_path, survey, (("list name", "value", "caption"), ("l", "a", "A"), ("l", "b", "B")))
        assert book["q"].label("a", "en") == "A" and book["z"].base == "q == 'a'"

    def test_a_title_in_the_sheet_survey_is_no_question(self, tmp_path: Path) -> None:
        rows = (SURVEY, ("set form title", "My form", ""), ("text", "q", "Q"))
        assert list(book_of(tmp_path, rows, AB).variables) == ["q"]


class TestTypes:
    @pytest.mark.parametrize(
        "kind",
        [
            "gps",
            "imei",
            "get device id",
            "phone number",
            "uri:simserial",
            "q location",
            "add image prompt",
            "photo",
            "geotrace",
            "osm",
            "background-audio",
            "background-geopoint",
            "start-geopoint",
            "audio",
            "email",
        ],
    )
    def test_what_shows_a_person_a_device_or_a_place_is_personal(self, tmp_path: Path, kind: str) -> None:
        assert book_of(tmp_path, (SURVEY, (kind, "q", "Q")))["q"].role == "personal"

    def test_a_role_of_ones_own_does_not_bring_a_place_into_the_data(self, tmp_path: Path) -> None:
        book = book_of(tmp_path, ((*SURVEY, "role"), ("gps", "q", "Q", "supervisor"), ("gps", "z", "Z", "paradata")))
        assert (book["q"].role, book["z"].role) == ("personal", "paradata")

    @pytest.mark.parametrize(
        ("written", "kind"),
        [
            ("add integer prompt", ("integer", "", False)),
            ("q string", ("text", "", False)),
            ("date time", ("dateTime", "", False)),
            ("select all that apply from l or specify other", ("select_multiple", "l", True)),
            ("select one using L", ("select_one", "L", False)),
            ("select_one l or other", ("select_one", "l", True)),
            ("begin loop over Sizes", ("begin loop", "Sizes", False)),
            ("begin looped group", ("begin repeat", "", False)),
            ("end_repeat", ("end repeat", "", False)),
            ("osm tags", ("osm", "tags", False)),
            ("# remark", ("", "", False)),
        ],
    )
    def test_names_of_types(self, written: str, kind: tuple[str, str, bool]) -> None:
        assert parsed(written) == kind

    def test_pyxform_knows_no_type_that_we_do_not(self) -> None:
        from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

        assert [t for t in QUESTION_TYPE_DICT if not is_known(t)] == []


class TestLoopsAndRepeats:
    LOOP: Rows = (
        SURVEY,
        ("begin loop over l", "each", "Each"),
        ("integer", "n", "How many times %(label)s (%(name)s)?"),
        ("end loop", "", ""),
    )

    def test_a_loop_is_a_group_for_each_option_but_none(self, tmp_path: Path) -> None:
        choices = (CHOICES, ("l", "bus", "Bus"), ("l", "boat", "Boat"), ("l", "none", "None"))
        book = book_of(tmp_path, self.LOOP, choices)
        assert list(book.variables) == ["each_bus_n", "each_boat_n"]
        assert book["each_boat_n"].text["en"] == "How many times Boat (boat)?"

    def test_a_label_of_each_language_is_filled_in(self, tmp_path: Path) -> None:
        choices = (("list_name", "name", "label::vi", "label::en"), ("l", "bus", "Xe buýt", "Bus"))
        book = book_of(tmp_path, self.LOOP, choices)
        assert book["n"].text == {"vi": "How many times Xe buýt (bus)?", "en": "How many times Bus (bus)?"}

    def test_a_loop_without_its_list_is_a_group(self, tmp_path: Path) -> None:
        book = book_of(tmp_path, self.LOOP, (CHOICES, ("other", "a", "A")))
        assert list(book.variables) == ["n"] and "no list 'l' to loop over" in notes(book)

    def test_nested_repeats_and_the_count_that_is_calculated(self, tmp_path: Path) -> None:
        survey = (
            (*SURVEY, "repeat_count"),
            ("integer", "n", "N"),
            ("begin repeat", "r", "R", "${n}"),
            ("begin repeat", "s", "S", "${n} + 1"),
            ("text", "q", "Q"),
            ("end repeat", "", ""),
            ("end repeat", "", ""),
        )
        form = read_form(write(tmp_path, survey))
        assert [q.name for q in form.questions] == ["n", "s_count", "q"] and form.repeats == {"r": "", "s": "r"}
        assert form["q"].repeat == "s" and form["s_count"].repeat == "r"


M = (CHOICES, ("l", "web", "Web"), ("l", "desk", "Desk"), ("yn", 1, "Yes"), ("yn", 0, "No"))
GROUPED: Rows = (
    (*SURVEY, "relevant"),
    ("select_multiple l", "m", "M"),
    ("integer", "a", "A"),
    ("gps", "place", "P"),
    ("note", "hello", "H"),
    ("begin_group", "g", "G", ""),
    ("select_one yn", "used", "U"),
    ("begin_repeat", "r", "R", ""),
    ("integer", "age", "Age"),
    ("end_repeat", "", ""),
    ("text", "q", "Q"),
    END,
    ("text", "z", "Z"),
)


def asked_of(folder: Path, relevant: str, name: str = "q") -> tuple[str, str]:
    """The base of one question of the form above, and the notes."""
    rows = [[*row, "", "", ""][:4] for row in GROUPED]
    for row in rows:
        if row[1] == name:
            row[3] = relevant
    book = book_of(folder, rows, M)
    return book[name].base, notes(book)


class TestConditions:
    FRAME = pd.DataFrame(
        {
            "m_web": [1.0, 0, 1, 0, None],
            "m_desk": [0.0, 1, 1, 0, None],
            "used": [1.0, 0, None, 1, 0],
            "a": [1.0, 2, 3, None, 1],
        }
    )

    @pytest.mark.parametrize(
        ("relevant", "rows"),
        [
            # an answer of several is the text of its codes, and '' if none was chosen
            ("${m} != ''", [0, 1, 2]),
            ("${m} = ''", [3, 4]),
            ("${m} = 'web'", [0]),
            ("${m} != 'web'", [1, 2, 3, 4]),
            ("count-selected(${m}) > 0", [0, 1, 2]),
            ("count-selected(${m}) = 0", [3, 4]),
            ("string-length(${a}) >= 1", [0, 1, 2, 4]),
            ("not(selected(${m}, 'web'))", [1, 3, 4]),
            ("selected(${m}, 'web') and ${a} > 1", [2]),
            ("../used = 1", [0, 3]),
            ("../../a = 1", [0, 4]),
            ("/data/g/used = '0'", [1, 4]),
            ("${a} = 1 and true()", [0, 4]),
            ("${a} = 1 or false()", [0, 4]),
            ("not(false()) and not(${a} != 1)", [0, 4]),
            ("1 and ${a} = 1", [0, 4]),
        ],
    )
    def test_they_hold_for_the_rows_that_xpath_says(self, tmp_path: Path, relevant: str, rows: list[int]) -> None:
        base, told = asked_of(tmp_path, relevant)
        assert "stays in words" not in told
        assert list(self.FRAME.index[mask(base, self.FRAME)]) == rows

    @pytest.mark.parametrize("relevant", ["true()", "yes", True, "1", "${a} = 1 or true()"])
    def test_what_holds_always_is_no_base(self, tmp_path: Path, relevant: Any) -> None:
        assert asked_of(tmp_path, relevant) == ("", "")

    @pytest.mark.parametrize(
        ("relevant", "told"),
        [
            ("${last-saved#a} = 1", "an earlier submission"),
            ("false()", "nobody is asked"),
            ("${m} > 1", "takes several answers"),
            ("selected(${m}, 'boat')", "m has no choice 'boat'"),
            ("${place} != ''", "place is personal"),
            ("${hello} = 'x'", "hello is not a question"),
            ("${g} = 'x'", "g is not a question"),
            ("../a = 1", "../a is not a question"),
            ("${age} > 3", "age is asked in r"),
            ("${a} = 'NaN'", "'NaN' is not understood"),
            ("count-selected(${m}) > 1", "'count-selected' is not understood"),
        ],
    )
    def test_what_cannot_be_said_stays_in_words(self, tmp_path: Path, relevant: str, told: str) -> None:
        base, said = asked_of(tmp_path, relevant)
        assert base == "" and told in said

    def test_inside_a_repeat_its_questions_may_be_named(self, tmp_path: Path) -> None:
        survey = (
            (*SURVEY, "relevant"),
            ("begin repeat", "r", "R"),
            ("integer", "age", "Age"),
            ("text", "why", "Why?", "${age} > 3"),
            ("end repeat", "", ""),
        )
        assert book_of(tmp_path, survey)["why"].base == "age > 3"

    def test_a_name_that_several_have_is_not_guessed(self, tmp_path: Path) -> None:
        part = [(("begin_group", g, "G", ""), ("integer", "n", "N", ""), (*END, "")) for g in "ab"]
        survey = ((*SURVEY, "relevant"), *part[0], *part[1], ("text", "q", "Q", "${n} = 1"))
        book = book_of(tmp_path, survey)
        assert book["q"].base == "" and "several questions named n" in notes(book)

    def test_a_base_names_the_column_and_not_the_question(self, tmp_path: Path) -> None:
        part = [(("begin_group", g, "G", ""), ("integer", "n", "N", ""), (*END, "")) for g in "ab"]
        survey = ((*SURVEY, "relevant"), *part[0], ("text", "q", "Q", "/data/a/n = 1"), *part[1])
        assert book_of(tmp_path, survey)["q"].base == "a_n == 1"

    def test_nothing_that_was_read_asks_for_a_column_that_is_not_there(self, tmp_path: Path) -> None:
        survey = (
            (*SURVEY, "relevant"),
            ("select_multiple l", "m", "M"),
            ("integer", "a", "A", "${m} != ''"),
            ("integer", "b", "B", "${last-saved#a} = 1"),
        )
        form = write(tmp_path, survey, AB)
        (tmp_path / "kobo.csv").write_text("m,a,b,_uuid,_submission_time\na b,3,,u1,2024-01-01\n,,,u2,2024-01-01\n")
        found = sv.read(tmp_path / "kobo.csv", export="kobo", form=form).check().table
        assert not [told for told in found["message"] if "cannot be evaluated" in str(told)]


class TestLimits:
    @pytest.mark.parametrize(
        ("constraint", "limits"),
        [
            (". <= 120 and . >= 0", (0, 120)),
            ("(. >= 0) and (. <= 10)", (0, 10)),
            ("(0 <= . and . <= 31)", (0, 31)),
            (". > 0 and . < 120", (1, 119)),
            (".>=-1.5 and .<=.5", (-1.5, 0.5)),
            ("((. >= 1 and . <= 9) or . = -98)", (1, 9)),
            (". >= 18", None),
            (". >= 18 and . >= 20", None),
            (". >= 20 and . <= 18", None),
            (". >= 0 and . <= 600 or . > 700", None),
            ("(. >= 0) or (. <= 10)", None),
            ("regex(., '^[0-9]+$')", None),
            ("", None),
        ],
    )
    def test_a_range_in_any_order(self, constraint: str, limits: tuple[float, float] | None) -> None:
        assert limits_of_constraint(constraint, whole=True) == limits

    def test_between_two_decimals_is_no_whole_number(self) -> None:
        assert limits_of_constraint(". > 0 and . < 1", whole=False) is None

    def test_a_range_question_goes_from_1_to_10_as_platforms_take_it(self) -> None:
        assert limits_of_range("step=2") == (1, 10) and limits_of_range("start=10 end=0") == (0, 10)

    def test_a_constraint_that_is_no_range_is_told(self, tmp_path: Path) -> None:
        survey = ((*SURVEY, "constraint"), ("integer", "a", "A", ". >= 18"), ("text", "t", "T", "regex(., 'x')"))
        told = notes(book_of(tmp_path, survey))
        assert "a: its constraint is not checked" in told and "t: its constraint is not checked" in told

    def test_a_condition_of_required_is_told(self, tmp_path: Path) -> None:
        book = book_of(
            tmp_path, ((*SURVEY, "required"), ("integer", "a", "A", "${b} = 1"), ("integer", "b", "B", "no"))
        )
        assert not book["a"].required and "a: it is required on a condition" in notes(book)
        assert "b: it is required" not in notes(book)


@pytest.fixture
def soon() -> Iterator[None]:
    """What once took minutes or for ever takes little work."""
    with at_most(3_000_000):
        yield


@pytest.mark.usefixtures("soon")
class TestHostileForms:
    """A form may be made to keep a reader busy."""

    @pytest.mark.parametrize(
        ("begin", "end", "depth", "told"),
        [
            ("begin_group", "end_group", 300, "nested too deeply"),
            ("begin loop over l", "end loop", 6, "too many questions"),
        ],
    )
    def test_groups_without_end(self, tmp_path: Path, begin: str, end: str, depth: int, told: str) -> None:
        choices = (CHOICES, *(("l", f"c{i}", "C") for i in range(100)))
        rows = (*((begin, f"g{i}", "G") for i in range(depth)), *[(end, "", "")] * depth)
        with pytest.raises(sv.CodebookError, match=told):
            book_of(tmp_path, (SURVEY, *rows), choices)

    @pytest.mark.parametrize(
        "row",
        [
            ("text", "q", "Q", "(" * 6000 + "${a} = 1" + ")" * 6000, ""),
            ("integer", "q", "Q", "", "(" * 16000 + ")" * 16000),
            ("select_one " + "${" * 15000, "q", "Q", "", ""),
            ("select_one " * 2900, "q", "Q", "", ""),
        ],
    )
    def test_a_cell_full_of_brackets(self, tmp_path: Path, row: Sequence[str]) -> None:
        survey = ((*SURVEY, "relevant", "constraint"), ("integer", "a", "A", "", ""), row)
        assert list(book_of(tmp_path, survey, AB).variables) == ["a", "q"]

    def test_and_in_or_in_and(self) -> None:
        condition = "${a} = 1"
        for i in range(120):
            condition = f"({condition} {'and' if i % 2 else 'or'} ${{a}} = {i})"
        assert base_of(condition)[1] == ""

    def test_a_language_with_many_joints(self, tmp_path: Path) -> None:
        header = ("type", "name", "label::x (en" + "_a" * 60 + "!")
        assert list(book_of(tmp_path, (header, ("text", "q", "Q"))).variables) == ["q"]

    def test_many_options_of_many_questions(self, tmp_path: Path) -> None:
        choices = (CHOICES, *(("l", f"c{i}", "C") for i in range(2100)))
        survey = (SURVEY, *(("select_multiple l", f"m{i}", "M") for i in range(100)))
        with pytest.raises(sv.CodebookError, match="too many columns"):
            book_of(tmp_path, survey, choices)


def test_a_name_that_no_platform_takes_is_not_written(tmp_path: Path) -> None:
    book = Codebook({"my q": sv.Codebook.from_dict({"variables": {"my q": {"type": "text"}}})["my q"]})
    with pytest.raises(sv.CodebookError, match="name is not valid"):
        write_xlsform(book, tmp_path / "form.xlsx")


def test_our_reading_is_pyxforms(tmp_path: Path) -> None:
    """Names with their groups, and codes, of a form with most of what is above."""
    from pyxform.question import MultipleChoiceQuestion, Question
    from pyxform.xls2xform import convert

    survey = (
        (*SURVEY, "repeat_count"),
        ("start", "start", ""),
        ("note", "", "Hello"),
        ("select_multiple l or_other", "src", "Sources"),
        ("begin loop over l", "each", "Each"),
        ("begin group", "inner", "I"),
        ("integer", "n", "N"),
        ("end group", "", ""),
        ("end loop", "", ""),
        ("begin repeat", "r", "R", "2 + 1"),
        ("imei", "phone", "P"),
        ("select_one ${n2}", "who", "Who?"),
        ("end repeat", "", ""),
        ("begin repeat", "people", "P"),
        ("text", "n2", "N"),
        ("end repeat", "", ""),
        ("select_one yn", "yes", "Yes?"),
    )
    choices = (CHOICES, ("l", "bus", "Bus"), ("l", "boat", "Boat"), ("yn", True, "Yes"), ("yn", False, "No"))
    path = write(tmp_path, survey, choices)
    theirs: dict[tuple[str, ...], list[str]] = {}

    def walk(node: Any, place: tuple[str, ...]) -> None:
        for child in node.children or ():
            here = (*place, child.name)
            if isinstance(child, Question) and child.name != "instanceID":
                several = isinstance(child, MultipleChoiceQuestion) and child.choices
                theirs[here] = [str(o.name) for o in child.choices.options] if several else []
            walk(child, here) if not isinstance(child, Question) else None

    walk(convert(str(path))._survey, ())
    ours = {(*q.path, q.name): list(q.choices) for q in read_form(path).questions}
    assert ours == theirs

"""Rows of XLSForms: what the standard (xlsform.org) says they mean is in the codebook, and nothing is guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from survey.base.catalogue import Note
from survey.codebook import Codebook
from survey.errors import CodebookError, ReadError
from survey.io.xlsform.codebook import codebook_from_xlsform, read_form

Rows = Sequence[Sequence[object]]
SURVEY: Rows = (
    ("type", "name", "label::Tiếng Việt (vi)", "label::English (en)", "relevant", "required", "constraint"),
    ("start", "start"),
    ("deviceid", "deviceid"),
    ("select_one yes_no", "used", "Đã đến phường?", "Used the ward?", "", "yes"),
    ("begin_group", "visit", "Lần đến", "The visit", "${used} = 1"),
    ("integer", "minutes", "Chờ bao nhiêu phút?", "Minutes waited", "", "", ". >= 0 and . <= 600"),
    ("select_multiple channel", "how", "Qua kênh nào?", "Through what?"),
    ("text", "why", "Vì sao?", "Why?", "selected(${how}, 'web')"),
    ("end_group",),
    ("begin_repeat", "child", "Con", "Child"),
    ("date", "born", "Ngày sinh", "Born"),
    ("end_repeat",),
    ("note", "thanks", "Cảm ơn", "Thank you"),
)
CHOICES: Rows = (
    ("list_name", "name", "label::Tiếng Việt (vi)", "label::English (en)", "kind"),
    ("yes_no", 1, "Có", "Yes"),
    ("yes_no", 0, "Không", "No"),
    ("yes_no", -98, "Không biết", "Don't know", "dont_know"),
    ("channel", "web", "Mạng", "Online"),
    ("channel", "01", "Quầy", "Counter"),
)


def write(path: Path, survey: Rows = SURVEY, choices: Rows = CHOICES, **others: Rows) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in {"survey": survey, "choices": choices, **others}.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, ["" if cell is None else cell for cell in row])
    book.close()
    return path


@pytest.fixture
def book(tmp_path: Path) -> Codebook:
    return codebook_from_xlsform(write(tmp_path / "form.xlsx"))


class TestWhatARowMeans:
    def test_questions_in_order_notes_left_out_options_as_columns(self, book: Codebook) -> None:
        assert list(book.variables) == ["start", "deviceid", "used", "minutes", "how_web", "how_01", "why", "born"]

    def test_types(self, book: Codebook) -> None:
        types = {n: v.type for n, v in book.variables.items()}
        assert types == {
            "start": "date",
            "deviceid": "text",
            "used": "binary",
            "minutes": "number",
            "how_web": "binary",
            "how_01": "binary",
            "why": "text",
            "born": "date",
        }

    def test_wording_in_both_languages(self, book: Codebook) -> None:
        assert dict(book["used"].text) == {"vi": "Đã đến phường?", "en": "Used the ward?"}

    def test_choices_in_the_order_of_the_form_and_a_missing_code_apart(self, book: Codebook) -> None:
        used = book["used"]
        assert used.codes == (1, 0) and dict(used.missing) == {-98: "dont_know"}
        assert used.label(-98, "vi") == "Không biết" and used.label(1, "en") == "Yes"

    def test_required_where_no_missing_code_can_be_chosen(self, tmp_path: Path) -> None:
        survey = (
            SURVEY[0],
            ("text", "a", "a", "a", "", "yes"),
            ("select_one yes_no", "b", "b", "b", "", "true()"),
            ("text", "c", "c", "c", "", "false()"),
            ("text", "d", "d", "d", "", "${a} != ''"),
        )
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", survey))
        assert [book[n].required for n in "abcd"] == [True, False, False, False]

    def test_a_group_passes_on_whom_it_is_for(self, book: Codebook) -> None:
        assert book["minutes"].base == "used == 1"
        assert book["why"].base == "used == 1 and how_web == 1"
        assert book["used"].base == "" and book["born"].base == ""

    def test_limits_come_from_a_constraint_that_is_a_range(self, tmp_path: Path) -> None:
        told = {
            ". >= 0 and . <= 600": (0, 600),
            "(. >= 1 and . <= 9) or . = -98 or . = -99": (1, 9),
            ". > 0": None,
            ". >= 0": None,
            ". >= 0 and . <= 600 and . != 7": None,
        }
        survey = [SURVEY[0], *(("integer", f"q{i}", "a", "a", "", "", c) for i, c in enumerate(told))]
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", survey))
        assert [v.limits for v in book.variables.values()] == list(told.values())

    def test_several_answers_are_a_set(self, book: Codebook) -> None:
        how = book.sets["how"]
        assert (how.variables, how.kind, how.counted) == (("how_web", "how_01"), "dichotomies", 1)
        assert how.label["en"] == "Through what?" and book["how_web"].text["vi"] == "Mạng"

    def test_what_names_a_person_or_a_place_is_personal(self, tmp_path: Path) -> None:
        survey = (
            SURVEY[0],
            ("geopoint", "where", "a", "a"),
            ("username", "who"),
            ("image", "face", "a", "a"),
            ("end", "e"),
        )
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", survey))
        assert [v.role for v in book.variables.values()] == ["personal", "personal", "personal", "paradata"]

    def test_a_choice_may_be_something_else(self, tmp_path: Path) -> None:
        survey = (SURVEY[0], ("select_one channel or_other", "q", "a", "a"))
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", survey))
        assert book["q"].codes == ("web", "01", "other") and book["q_other"].base == "q == 'other'"

    @pytest.mark.parametrize(
        "kind", ["select_one yes_no", "select one yes_no", "select1 yes_no", "select one from yes_no"]
    )
    def test_older_spellings_of_a_selection(self, tmp_path: Path, kind: str) -> None:
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", (SURVEY[0], (kind, "q", "a", "a"))))
        assert book["q"].codes == (1, 0)

    def test_one_label_without_a_language_serves_both(self, tmp_path: Path) -> None:
        path = write(tmp_path / "f.xlsx", (("type", "name", "label"), ("text", "q", "Why?")), (("list_name", "name"),))
        assert dict(codebook_from_xlsform(path)["q"].text) == {"vi": "Why?", "en": "Why?"}

    @pytest.mark.parametrize("header", ["label::Français (fr)", "label::fr", "LABEL :: Français (fr-CA)", "label:fr"])
    def test_another_language_keeps_its_code(self, tmp_path: Path, header: str) -> None:
        path = write(
            tmp_path / "f.xlsx", (("type", "name", header), ("text", "q", "Pourquoi?")), (("list_name", "name"),)
        )
        assert dict(codebook_from_xlsform(path)["q"].text) == {"fr": "Pourquoi?"}

    def test_routing_no_expression_can_say_stays_in_words_and_is_reported(self, tmp_path: Path) -> None:
        survey = (*SURVEY[:4], ("text", "q", "a", "a", "count-selected(${how}) > 1"))
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", survey))
        assert book["q"].base == "" and book["q"].note == "relevant: count-selected(${how}) > 1"
        assert any("count-selected" in note for note in book.extra["notes"])
        assert all(isinstance(note, Note) for note in book.extra["notes"])
        assert any("điều kiện được hỏi giữ nguyên" in note.in_language("vi") for note in book.extra["notes"])


class TestColumnsOfOnesOwn:
    SURVEY = (
        (
            "type",
            "name",
            "label",
            "codebook_type",
            "dimension",
            "direction",
            "scored",
            "role",
            "unit",
            "missing",
            "relevant",
            "base",
            "limits",
        ),
        ("begin_group", "g", "G", *[""] * 7, "${consent} = 1", "everyone"),
        ("select_one f5", "FR07", "Overbearing?", "ordinal", "friendliness", "-1", "yes", "", "", "", "${used} = '1'"),
        ("integer", "EF01", "Minutes", "", "efficiency", -1, "", "", "minutes", "dk", "", "", "0 600"),
        ("text", "note_to_self", "…", "", "", "", "", "open"),
        ("end_group",),
    )
    CHOICES = (
        ("list_name", "name", "label", "kind"),
        ("f5", 1, "Never"),
        ("f5", 2, "Always"),
        ("dk", -98, "DK", "dont_know"),
    )

    def test_they_say_what_an_analysis_needs(self, tmp_path: Path) -> None:
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", self.SURVEY, self.CHOICES))
        fr, ef = book["FR07"], book["EF01"]
        assert (fr.type, fr.dimension, fr.direction, fr.scored, fr.base) == (
            "ordinal",
            "friendliness",
            -1,
            True,
            "used == 1",
        )
        assert (ef.unit, ef.limits, dict(ef.missing), ef.base) == ("minutes", (0, 600), {-98: "dont_know"}, "")
        assert book["note_to_self"].role == "open" and book.items("friendliness") == ("FR07",)

    @pytest.mark.parametrize(
        ("column", "word"),
        [("direction", "up"), ("scored", "maybe"), ("codebook_type", "scale"), ("missing", "nowhere")],
    )
    def test_an_unknown_word_is_refused_with_its_row(self, tmp_path: Path, column: str, word: str) -> None:
        path = write(tmp_path / "f.xlsx", (("type", "name", "label", column), ("integer", "q", "Q", word)), CHOICES)
        with pytest.raises(CodebookError, match="row 2"):
            codebook_from_xlsform(path)

    def test_an_unknown_kind_of_missing_is_refused(self, tmp_path: Path) -> None:
        path = write(tmp_path / "f.xlsx", choices=(*CHOICES, ("channel", -99, "Từ chối", "Refused", "refuse")))
        with pytest.raises(CodebookError, match="The kind of missing answer of a choice is unknown"):
            codebook_from_xlsform(path)

    def test_a_label_like_a_missing_answer_is_not_guessed_but_reported(self, tmp_path: Path) -> None:
        path = write(tmp_path / "f.xlsx", choices=(*CHOICES, ("yes_no", -99, "Từ chối", "Refused")))
        book = codebook_from_xlsform(path)
        assert -99 in book["used"].labels and "list yes_no, choice -99" in book.extra["notes"][0]
        again = codebook_from_xlsform(path, missing={-99: "refused"})
        assert dict(again["used"].missing) == {-98: "dont_know", -99: "refused"} and "notes" not in again.extra


@pytest.mark.parametrize("name", ["residents", "businesses"])
def test_very_unclear_is_no_dont_know_where_the_list_has_one_of_its_own(name: str) -> None:
    path = Path(__file__).parents[2] / "data" / "raw" / f"questionnaire_{name}.xlsx"
    assert "notes" not in codebook_from_xlsform(path).extra


class TestForms:
    def test_groups_and_repeats_lead_to_a_question(self, tmp_path: Path) -> None:
        survey = (
            SURVEY[0],
            ("begin group", "g", "a", "a"),
            ("begin repeat", "r", "a", "a"),
            ("begin repeat", "s", "a", "a"),
            ("text", "q", "a", "a"),
            *[("end repeat",)] * 2,
            ("end group",),
        )
        form = read_form(write(tmp_path / "form.xlsx", survey))
        assert form["q"].path == ("g", "r", "s") and form["q"].repeat == "s" and form.repeats == {"r": "", "s": "r"}

    def test_one_name_in_two_groups_is_two_columns(self, tmp_path: Path) -> None:
        part = [(("begin_group", g, "a", "a"), ("text", "q", "a", "a"), ("end_group",)) for g in "ab"]
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", (SURVEY[0], *part[0], *part[1])))
        assert list(book.variables) == ["a_q", "b_q"]

    def test_letters_of_both_unicode_forms_are_one(self, tmp_path: Path) -> None:
        apart = [[unicodedata.normalize("NFD", str(c)) for c in row] for row in SURVEY]
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", apart))
        assert book["used"].text["vi"] == "Đã đến phường?"

    def test_rows_of_a_remark_or_nothing_are_passed_over(self, tmp_path: Path) -> None:
        survey = (SURVEY[0], (), ("# a remark",), ("text", "q", "a", "a"), ("", "", "something"))
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", survey, (CHOICES[0], (), ("", "", "a remark"))))
        assert list(book.variables) == ["q"]


class TestBrokenForms:
    @pytest.mark.parametrize(
        ("survey", "told"),
        [
            ((SURVEY[0], ("begin_group", "g", "a", "a"), ("text", "q", "a", "a")), "not closed"),
            ((SURVEY[0], ("text", "q", "a", "a"), ("end_group",)), "A group is closed that was not open"),
            (
                (SURVEY[0], ("begin_repeat", "g", "a", "a"), ("end_group",)),
                "A group is closed that was not open",
            ),
            ((SURVEY[0],), "no questions"),
            ((), "no questions"),
            ((("question", "name"), ("text", "q")), "no column named type"),
        ],
    )
    def test_a_form_that_contradicts_itself(self, tmp_path: Path, survey: Rows, told: str) -> None:
        with pytest.raises(CodebookError, match=told):
            codebook_from_xlsform(write(tmp_path / "form.xlsx", survey))

    def test_a_choice_twice_keeps_both_labels(self, tmp_path: Path) -> None:
        path = write(tmp_path / "form.xlsx", choices=(*CHOICES, ("yes_no", 1, "Ừ", "Yeah")))
        assert codebook_from_xlsform(path)["used"].label(1, "en") == "Yes / Yeah"

    def test_no_choices_at_all_leaves_text(self, tmp_path: Path) -> None:
        book = codebook_from_xlsform(write(tmp_path / "form.xlsx", choices=()))
        assert book["used"].type == "text" and book["minutes"].type == "number"
        assert any("used, row 4: there is no list of choices 'yes_no'" in note for note in book.extra["notes"])

    def test_a_form_cut_in_half(self, tmp_path: Path) -> None:
        path = write(tmp_path / "form.xlsx")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(ReadError, match="cannot be read"):
            codebook_from_xlsform(path)

    def test_no_form(self, tmp_path: Path) -> None:
        path = tmp_path / "other.xlsx"
        book = xlsxwriter.Workbook(str(path))
        book.add_worksheet("Sheet1").write(0, 0, "a")
        book.close()
        with pytest.raises(ReadError, match="The workbook is not an XLSForm"):
            codebook_from_xlsform(path)
        with pytest.raises(ReadError, match="does not exist"):
            codebook_from_xlsform(tmp_path / "none.xlsx")

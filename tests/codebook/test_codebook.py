"""The codebook: what was asked is read as it was written, and a codebook that contradicts itself is refused."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest

from survey.codebook import Codebook, Variable
from survey.errors import CodebookError

TOML = """
[study]
title = {vi = "Thử", en = "A trial"}
simulated = true

[dimensions]
friendliness = {vi = "Thân thiện", en = "Friendliness"}

[missing]
-98 = {kind = "dont_know", vi = "Không biết", en = "Don't know"}
-99 = "refused"

[scales.S5]
type = "ordinal"
labels.1 = {vi = "rất không hài lòng", en = "very dissatisfied"}
labels.2 = {vi = "không hài lòng", en = "dissatisfied"}
labels.10 = {vi = "hài lòng", en = "satisfied"}

[variables.OV01]
scale = "S5"
text = {vi = "Hài lòng?", en = "Satisfied?"}
direction = 1
dimension = "friendliness"
scored = true

[variables.FR07]
scale = "S5"
direction = -1
dimension = "friendliness"
scored = true
base = "contact12 == 1"

[variables.minutes]
unit = "phút"
limits = [0, 600]

[variables.ward]
type = "nominal"
missing = false
labels = {vi = {P01 = "Phường 1", "01" = "Phường khác"}, en = {P01 = "Ward 1", "01" = "Another"}}
"""


@pytest.fixture
def book(tmp_path: Path) -> Codebook:
    path = tmp_path / "codebook.toml"
    path.write_text(TOML, encoding="utf-8")
    return Codebook.from_toml(path)


def test_variables_keep_the_order_of_the_questionnaire(book: Codebook) -> None:
    assert list(book.variables) == ["OV01", "FR07", "minutes", "ward"]
    assert book.items("friendliness") == ("OV01", "FR07")
    assert len(book) == 4 and "OV01" in book and "OV99" not in book


def test_codes_are_numbers_in_the_order_of_the_scale_not_of_their_letters(book: Codebook) -> None:
    assert book["OV01"].codes == (1, 2, 10)
    assert all(isinstance(c, int) for c in book["OV01"].codes)


def test_codes_of_text_stay_text(book: Codebook) -> None:
    assert book["ward"].codes == ("P01", "01")  # "01" is no number: a province's code would lose its zero


@pytest.mark.parametrize("code", ["nan", "inf", "1e3", "007", "", "1.", "１"])
def test_what_only_python_takes_for_a_number_is_text(code: str) -> None:
    made = Codebook.from_dict({"variables": {"q": {"type": "nominal", "labels": {code: "x"}}}})
    assert made["q"].codes == (code,)


@pytest.mark.parametrize(("code", "number"), [("1", 1), ("-96", -96), ("1.0", 1), ("0.5", 0.5), ("0", 0)])
def test_codes_written_as_numbers_are_numbers(code: str, number: float) -> None:
    made = Codebook.from_dict({"variables": {"q": {"type": "nominal", "labels": {code: "x"}}}})
    assert made["q"].codes == (number,)


def test_missing_codes_are_shared_unless_a_variable_says_otherwise(book: Codebook) -> None:
    assert dict(book["OV01"].missing) == {-98: "dont_know", -99: "refused"}
    assert dict(book["minutes"].missing) == {-98: "dont_know", -99: "refused"}
    assert dict(book["ward"].missing) == {}
    assert book.label("OV01", -98, "vi") == "Không biết"


def test_labels_read_the_same_by_code_and_by_language(book: Codebook) -> None:
    assert book.label("ward", "P01", "vi") == "Phường 1"
    assert book.label("OV01", 10, "en") == "satisfied"


def test_a_language_that_is_lacking_falls_back_to_another_and_then_to_the_code(book: Codebook) -> None:
    assert book.wording("OV01", "vi") == "Hài lòng?"
    assert book.wording("FR07", "vi") == "FR07"
    assert book.wording("friendliness", "vi") == "Thân thiện"
    assert book.wording("nothing") == "nothing"
    assert book.label("OV01", 3) == "3"
    assert book.label("OV01", 3.0) == "3"
    only_vi = Codebook.from_dict({"variables": {"q": {"text": {"vi": "câu hỏi"}}}})
    assert only_vi.wording("q", "en") == "câu hỏi"


def test_vietnamese_in_decomposed_letters_is_composed(tmp_path: Path) -> None:
    path = tmp_path / "nfd.toml"
    path.write_text(unicodedata.normalize("NFD", TOML), encoding="utf-8")
    assert Codebook.from_toml(path).wording("OV01", "vi") == unicodedata.normalize("NFC", "Hài lòng?")


def test_one_text_serves_both_languages() -> None:
    made = Codebook.from_dict(
        {"study": {"title": "T"}, "dimensions": {"d": "D"}, "variables": {"q": {"text": "Q", "labels": {"1": "L"}}}}
    )
    for lang in ("vi", "en"):
        assert made.title[lang] == "T"
        assert (made.wording("d", lang), made.wording("q", lang), made.label("q", 1, lang)) == ("D", "Q", "L")


def test_simulated_data_are_known_to_be(book: Codebook) -> None:
    assert book.simulated
    assert not Codebook.from_dict({"variables": {"q": {}}}).simulated


def test_update_and_select_leave_the_original_as_it_was(book: Codebook) -> None:
    changed = book.update(Variable("OV01", unit="points"), Variable("new"))
    assert list(changed.variables) == ["OV01", "FR07", "minutes", "ward", "new"]
    assert changed["OV01"].unit == "points" and book["OV01"].unit == ""
    assert list(book.select(["ward", "OV01"]).variables) == ["OV01", "ward"]
    with pytest.raises(TypeError):
        book.variables["OV01"] = Variable("OV01")  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scale": "S7"}, "scale that is not defined"),
        ({"typ": "ordinal"}, "A variable has an unknown key"),
        ({"type": "likert"}, "unknown type"),
        ({"direction": 2}, "unknown direction"),
        ({"labels": ["a", "b"]}, "not a table"),
        ({"labels": {"1": 5}}, "Expected a text"),
        ({"text": 7}, "Expected a text"),
        ({"text": {"en": 7}}, "Expected a text"),
        ({"labels": {"-98": "a"}}, "both an answer and missing"),
        ({"missing": {"9": "unknown"}}, "The kind of a missing code is unknown"),
        ({"missing": {"9": {"vi": "Không biết"}}}, "The kind of a missing code is unknown"),
    ],
)
def test_a_variable_that_contradicts_itself_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    raw = {"missing": {"-98": "dont_know"}, "scales": {"S5": {"labels": {"1": "x"}}}, "variables": {"Q7": change}}
    with pytest.raises(CodebookError, match=words) as caught:
        Codebook.from_dict(raw, source="book.toml")
    assert "book.toml, [variables.Q7]" in str(caught.value.where)


def test_an_unknown_variable_or_dimension_lists_what_there_is(book: Codebook) -> None:
    with pytest.raises(CodebookError, match="OV1") as caught:
        book["OV1"]
    assert "OV01, FR07" in str(caught.value)
    with pytest.raises(CodebookError, match="efficiency") as caught:
        book.items("efficiency")
    assert "friendliness" in str(caught.value)


def test_a_codebook_without_variables_is_none() -> None:
    with pytest.raises(CodebookError, match="no variables"):
        Codebook.from_dict({"study": {"title": "x"}})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        (b"", "no variables"),
        (TOML.encode()[: len(TOML.encode()) // 2], "is not valid TOML"),
        ("[variables.q]\ntext = 'hài lòng'".encode("cp1258", errors="replace"), "is not valid TOML"),
    ],
    ids=["missing", "empty", "cut in half", "no UTF-8"],
)
def test_a_file_that_is_no_codebook_is_refused_with_its_name(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "codebook.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CodebookError, match=words) as caught:
        Codebook.from_toml(path)
    assert "codebook.toml" in str(caught.value.where)


@pytest.mark.parametrize(
    ("content", "where", "got"),
    [
        ("study = 3\n[variables.q]", "book.toml", "study = 3"),
        ("variables = ['q']", "book.toml", "variables = ['q']"),
        ("[variables]\nq = 'Satisfied?'", "[variables]", "q = 'Satisfied?'"),
        ("[variables.q]\n[scales]\nlikert = 5", "[scales]", "likert = 5"),
        ("[variables.q]\n[sets]\na = ['q']", "[sets]", "a = ['q']"),
        ("dimensions = 'x'\n[variables.q]", "book.toml", "dimensions = 'x'"),
        ("[variables.q]\nlabels = {vi = 'x'}", "[variables.q], labels", "vi = 'x'"),
    ],
)
def test_a_part_of_another_shape_is_refused_with_its_place(tmp_path: Path, content: str, where: str, got: str) -> None:
    path = tmp_path / "book.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CodebookError, match="A part of the codebook is not a table") as caught:
        Codebook.from_toml(path)
    assert str(caught.value.where).endswith(where) and str(caught.value.got) == got


class TestSetsAndPolicies:
    def read(self, tmp_path: Path, text: str) -> Codebook:
        path = tmp_path / "book.toml"
        path.write_text(text, encoding="utf-8")
        return Codebook.from_toml(path)

    def test_a_set_holds_its_columns_in_order(self, tmp_path: Path) -> None:
        book = self.read(
            tmp_path,
            '[variables.a_2]\n[variables.a_1]\n[sets.a]\nlabel = "Which?"\nvariables = ["a_1", "a_2"]\ncounted = 2\n',
        )
        assert book.sets["a"].variables == ("a_1", "a_2") and book.sets["a"].counted == 2
        assert book.sets["a"].kind == "dichotomies" and book.sets["a"].label["vi"] == "Which?"

    def test_a_set_with_a_column_left_out_is_no_set(self, tmp_path: Path) -> None:
        book = self.read(tmp_path, '[variables.a_1]\n[variables.a_2]\n[sets.a]\nvariables = ["a_1", "a_2"]\n')
        assert not book.select(["a_1"]).sets and book.select(["a_1", "a_2"]).sets

    @pytest.mark.parametrize(
        ("line", "told"),
        [('variables = ["b"]', "do not exist"), ("", "no variables"), ('variables = ["a"]\nkind = "x"', "kind")],
    )
    def test_a_set_that_is_none_is_refused(self, tmp_path: Path, line: str, told: str) -> None:
        with pytest.raises(CodebookError, match=told):
            self.read(tmp_path, f"[variables.a]\n[sets.s]\n{line}\n")

    def test_dont_know_is_left_out_of_shares_unless_declared(self, tmp_path: Path) -> None:
        book = self.read(tmp_path, '[variables.a]\n[variables.b]\ndont_know = "answer"\n')
        assert [book[n].dont_know for n in "ab"] == ["exclude", "answer"]
        with pytest.raises(CodebookError, match="policy on don't know"):
            self.read(tmp_path, '[variables.a]\ndont_know = "drop"\n')

    def test_a_text_that_looks_like_a_number_stays_text_in_a_list(self, tmp_path: Path) -> None:
        book = self.read(
            tmp_path, '[variables.a]\ntype = "nominal"\nlabels = [{code = "1", en = "x"}, {code = 2, en = "y"}]\n'
        )
        assert book["a"].codes == ("1", 2)

    def test_a_code_that_stands_twice_in_a_list_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CodebookError, match="A code is listed twice"):
            self.read(tmp_path, '[variables.a]\nlabels = [{code = 1, en = "x"}, {code = 1, en = "y"}]\n')


def test_an_ampersand_before_a_space_is_no_end_of_a_line() -> None:
    # the texts were cut at "; " after escaping, which ends in ";" itself
    book = Codebook().update(Variable("q", text={"en": "Water & power", "vi": "Nước & điện"}))
    assert "<td>Water &amp; power</td>" in book.to_html("en")

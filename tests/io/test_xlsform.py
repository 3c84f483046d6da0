"""Questionnaires as XLSForm: what a form says becomes the codebook, and a codebook becomes a form that programs load.

What XLSForm means is taken from its specification (xlsform.org); pyxform is the converter of ODK and KoboToolbox.
"""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from examples import examples
from survey.base.expressions import mask
from survey.codebook import Codebook, Variable
from survey.io.xlsform.codebook import codebook_from_xlsform, read_form
from survey.io.xlsform.relevant import base_of, relevant_of
from survey.io.xlsform.writing import write_xlsform
from survey.simulate.form import FORMS, asked

RAW = Path(__file__).parents[2] / "data" / "raw"
VI, EN = "label::Tiếng Việt (vi)", "label::English (en)"


def form(tmp_path: Path, survey: list[list[Any]], choices: list[list[Any]] | None = None) -> Path:
    path = tmp_path / "form.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheets = {"survey": survey, "choices": choices or [["list_name", "name", "label"]]}
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                sheet.write(i, j, cell)
    book.close()
    return path


YES = [
    ["list_name", "name", VI, EN, "kind"],
    ["yn", 0, "Không", "No", ""],
    ["yn", 1, "Có", "Yes", ""],
    ["yn", -98, "Không biết", "Don't know", "dont_know"],
    ["ab", "a", "Cửa", "Counter", ""],
    ["ab", "b", "Mạng", "Online", ""],
]


def test_a_question_keeps_words_answers_and_kinds_of_missing(tmp_path: Path) -> None:
    path = form(tmp_path, [["type", "name", VI, EN], ["select_one yn", "used", "Đã dùng?", "Used?"]], YES)
    v = codebook_from_xlsform(path)["used"]
    assert (v.type, v.codes, dict(v.missing)) == ("binary", (0, 1), {-98: "dont_know"})
    assert (v.wording("vi"), v.wording("en"), v.label(1, "vi")) == ("Đã dùng?", "Used?", "Có")
    assert v.label(-98, "en") == "Don't know"


def test_several_answers_are_a_column_an_option_and_together_a_set(tmp_path: Path) -> None:
    path = form(tmp_path, [["type", "name", VI, EN], ["select_multiple ab", "how", "Cách?", "How?"]], YES)
    book = codebook_from_xlsform(path)
    assert list(book.variables) == ["how_a", "how_b"]
    assert book.sets["how"].variables == ("how_a", "how_b")
    assert book["how_b"].wording("en") == "Online" and book["how_b"].codes == (0, 1)


def test_routing_of_groups_holds_for_the_questions_in_them(tmp_path: Path) -> None:
    rows = [
        ["type", "name", "label", "relevant"],
        ["select_one yn", "used", "Used?", ""],
        ["begin_group", "g", "G", "${used} = 1"],
        ["select_multiple ab", "how", "How?", ""],
        ["integer", "minutes", "Minutes", "selected(${how}, 'a') and not(${used} != '1')"],
        ["end_group", "", "", ""],
        ["text", "why", "Why", "string-length(${used}) > 2"],
    ]
    book = codebook_from_xlsform(form(tmp_path, rows, YES))
    assert book["how_a"].base == "used == 1"
    assert book["minutes"].base == "used == 1 and how_a == 1"
    assert book["why"].base == "" and "string-length" in book["why"].note


def test_what_names_a_person_or_a_place_is_personal(tmp_path: Path) -> None:
    rows = [
        ["type", "name", "label"],
        ["deviceid", "deviceid", ""],
        ["geopoint", "where", "Where"],
        ["image", "photo", "Photo"],
        ["start", "start", ""],
    ]
    book = codebook_from_xlsform(form(tmp_path, rows))
    assert {n: v.role for n, v in book.variables.items()} == {
        "deviceid": "personal",
        "where": "personal",
        "photo": "personal",
        "start": "paradata",
    }
    assert book["start"].type == "date"


def test_repeats_and_paths_are_kept(tmp_path: Path) -> None:
    rows = [
        ["type", "name", "label"],
        ["begin_group", "a", "A"],
        ["begin repeat", "people", "P"],
        ["integer", "age", "Age"],
        ["end repeat", "", ""],
        ["end group", "", ""],
    ]
    question = read_form(form(tmp_path, rows))["age"]
    assert (question.path, question.repeat) == (("a", "people"), "people")


def test_codes_with_a_leading_zero_stay_text_and_words_come_composed(tmp_path: Path) -> None:
    choices = [["list_name", "name", VI], ["w", "01", unicodedata.normalize("NFD", "Phường Một")], ["w", "02", "Hai"]]
    book = codebook_from_xlsform(form(tmp_path, [["type", "name", "label"], ["select_one w", "ward", "?"]], choices))
    assert book["ward"].codes == ("01", "02")
    assert book["ward"].label("01", "vi") == "Phường Một"


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([["begin_group", "g", "G"], ["text", "q", "Q"]], "not closed"),
        ([["end_group", "", ""]], "A group is closed that was not open"),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(tmp_path: Path, rows: list[list[str]], word: str) -> None:
    with pytest.raises(sv.CodebookError, match=word):
        codebook_from_xlsform(form(tmp_path, [["type", "name", "label"], *rows]))


def test_a_choice_twice_is_told(tmp_path: Path) -> None:
    rows = [["type", "name", "label"], ["select_one yn", "q", "Q"]]
    book = codebook_from_xlsform(form(tmp_path, rows, [*YES, ["yn", 1, "Có", "Yes", ""]]))
    assert book["q"].codes == (0, 1) and "the choice 1 more than once" in str(book.extra["notes"][0])


def test_no_form_at_all(tmp_path: Path) -> None:
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes((RAW / "questionnaire_residents.xlsx").read_bytes()[:9000])
    with pytest.raises(sv.ReadError, match="cannot be read"):
        codebook_from_xlsform(cut)
    with pytest.raises(sv.ReadError, match="does not exist"):
        codebook_from_xlsform(tmp_path / "none.xlsx")
    other = xlsxwriter.Workbook(str(tmp_path / "other.xlsx"))
    other.add_worksheet("data").write(0, 0, "x")
    other.close()
    with pytest.raises(sv.ReadError, match="The workbook is not an XLSForm"):
        codebook_from_xlsform(tmp_path / "other.xlsx")


# --- routing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relevant", "base"),
    [
        ("${a} = 1", "a == 1"),
        ("${a}='1' or ${b} >= 18", "a == 1 or b >= 18"),
        ("(${a} = 1) and not(${b} < 3)", "a == 1 and (b >= 3 or isna(b))"),  # an empty b is not below 3
        ("${a} = 1 and (${b} = 2 or ${b} = 3)", "a == 1 and b in [2, 3]"),
        ("${t} = 'x'", "t == 'x'"),
        ("${a} != ''", "notna(a)"),
        ("selected(${m}, 'red')", "m_red == 1"),
        ("selected(${a}, '1')", "a == 1"),
    ],
)
def test_relevant_becomes_base(relevant: str, base: str) -> None:
    assert base_of(relevant, {"a": {"0": 0, "1": 1}, "t": {"x": "x", "y": "y"}}, several) == (base, "")


def several(name: str, code: str) -> str | None:
    return f"m_{code}" if name == "m" else None


@pytest.mark.parametrize(
    "relevant", ["count(${m}) > 1", "${a} = ", "${m} = 'x'", "(${a} = 1", "${a} ~ 3", "today() > 3"]
)
def test_what_our_expressions_cannot_say_is_told(relevant: str) -> None:
    base, why = base_of(relevant, {}, several)
    assert base == "" and why


@given(
    st.recursive(
        st.builds(
            "{} {} {}".format,
            st.sampled_from("abc"),
            st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
            st.integers(-99, 99),
        ),
        lambda inner: (
            st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner)
            | st.builds("not ({})".format, inner)
        ),
        max_leaves=6,
    )
)
@settings(max_examples=examples(150), deadline=None)
def test_a_base_survives_the_way_there_and_back(base: str) -> None:
    """Not the letters but the truth: for every pattern of answers, empty ones too, both say the same."""
    back, why = base_of(relevant_of(base))
    assert not why
    frame = pd.DataFrame(list(itertools.product([-99, -1, 0, 1, 50, None], repeat=3)), columns=list("abc"), dtype=float)
    assert (mask(back, frame) == mask(base, frame)).all()


# --- there and back ---------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12).map(
    lambda t: unicodedata.normalize("NFC", t)
)
BOTH = st.builds(lambda v, e: MappingProxyType({"vi": v, "en": e}), WORDS, WORDS)


@st.composite
def variables(draw: st.DrawFn, name: str) -> Variable:
    kind = draw(st.sampled_from(["ordinal", "nominal", "number", "text", "date"]))
    codes = (
        draw(st.lists(st.integers(2, 30), unique=True, min_size=2, max_size=5))
        if kind in ("ordinal", "nominal")
        else []
    )
    missing = draw(st.dictionaries(st.integers(-99, -90), st.sampled_from(["dont_know", "refused"]), max_size=3))
    missing = {} if kind in ("text", "date") else missing
    limits = draw(st.none() | st.just((0.0, 600.0))) if kind == "number" else None
    return Variable(
        name,
        kind,
        draw(BOTH),
        MappingProxyType({c: draw(BOTH) for c in codes}),
        MappingProxyType(missing),
        MappingProxyType({c: draw(BOTH) for c in missing}),
        draw(st.sampled_from([-1, 0, 1])),
        draw(st.sampled_from(["", "trust"])),
        draw(st.booleans()),
        draw(st.sampled_from(["", "q0 == 1"])),
        draw(st.sampled_from(["item", "respondent"])),
        draw(st.sampled_from(["", "minutes"])),
        limits,
    )


@settings(max_examples=examples(30), deadline=None)
@given(st.data())
def test_an_invented_codebook_comes_back_from_its_form(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    made = [data.draw(variables(f"q{i}")) for i in range(3)]
    shared = {
        (tuple(v.missing.items()), tuple((c, tuple(t.items())) for c, t in v.missing_labels.items()))
        for v in made
        if not v.labels and v.missing
    }
    if len(shared) > 1:
        made = [
            replace(v, missing=MappingProxyType({}), missing_labels=MappingProxyType({})) if not v.labels else v
            for v in made
        ]
    book = Codebook(MappingProxyType({v.name: v for v in made}))
    path = write_xlsform(book, tmp_path_factory.mktemp("form") / "form.xlsx")
    back = codebook_from_xlsform(path)
    for v in made:
        for field in fields(Variable):
            expected = getattr(v, field.name)
            if field.name == "required":
                continue  # whoever cannot say chooses a missing code, so a form may require what a codebook does not
            assert getattr(back[v.name], field.name) == expected, (v.name, field.name)


def test_a_wording_without_a_language_is_refused(tmp_path: Path) -> None:
    book = Codebook(MappingProxyType({"q": Variable("q", "text", {"en": "Only English"})}))
    with pytest.raises(sv.CodebookError, match="A wording is missing in a language of the form"):
        write_xlsform(book, tmp_path / "form.xlsx")
    assert not (tmp_path / "form.xlsx").exists()
    assert write_xlsform(book, tmp_path / "form.xlsx", languages=["en"]).exists()


@pytest.mark.parametrize(
    "variable",
    [
        Variable("Q 1", "text"),
        Variable("q", "nominal", labels={"1": {"vi": "a", "en": "a"}, "2": {"vi": "b", "en": "b"}}),
        Variable("q", "nominal", labels={"a b": {"vi": "a", "en": "a"}}),
        Variable("q", "number", base="a + 1 == 2"),
        Variable("q", "number", limits=(0.0, 12345678.5)),
    ],
)
def test_what_a_form_cannot_hold_is_refused_and_leaves_no_file(tmp_path: Path, variable: Variable) -> None:
    with pytest.raises(sv.CodebookError):
        write_xlsform(Codebook({variable.name: variable}), tmp_path / "form.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_answers_are_read_with_the_form_that_asked_for_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("OV01,FR01\n5,-98\n2,1\n", encoding="utf-8")
    answers = sv.read(tmp_path / "a.csv", codebook=_without_required(tmp_path))
    assert answers.recode_missing().codebook["OV01"].codes == (1, 2, 3, 4, 5)
    assert answers.data["FR01"].tolist() == [-98, 1]


def _without_required(tmp_path: Path) -> Path:
    book = Codebook.from_toml(RAW / "codebook.toml").select(["OV01", "FR01", "contact12"])
    return write_xlsform(
        book.update(replace(book["contact12"], required=False)).select(["OV01"]).update(replace(book["FR01"], base="")),
        tmp_path / "form.xlsx",
    )


# --- the instrument ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_the_questionnaire_loads_without_a_warning(name: str) -> None:
    from pyxform.xls2xform import convert

    result = convert(str(RAW / f"questionnaire_{name}.xlsx"))
    assert result.warnings == []
    assert "Tiếng Việt (vi)" in result.xform and "English (en)" in result.xform


@pytest.mark.parametrize("name", FORMS)
def test_the_codebook_of_the_questionnaire_is_the_studys(name: str) -> None:
    book = Codebook.from_toml(RAW / "codebook.toml")
    back = codebook_from_xlsform(RAW / f"questionnaire_{name}.xlsx")
    names = [n for part in asked(book, name).values() for n in part]
    for variable in names:
        said = book[variable]
        # a form has one wording of each question: its own where the codebook has one for it
        expected = replace(said, text=said.variants.get(name, said.text), variants={})
        for field in fields(Variable):
            assert getattr(back[variable], field.name) == getattr(expected, field.name), (variable, field.name)


@pytest.mark.slow
def test_every_item_of_the_instrument_is_asked_and_the_model_named_last() -> None:
    """The 36 items of the study; a business is not asked of the ward's money and consultations (TR06, TR07, TR09)."""
    book = Codebook.from_toml(RAW / "codebook.toml")
    items = {v for v in book.variables if v[:2] in ("FR", "TR", "EF", "OV", "VG")}
    assert len(items) == 36
    for name, left_out in (("residents", set()), ("businesses", {"TR06", "TR07", "TR09"})):
        asked_of = [q for q in read_form(RAW / f"questionnaire_{name}.xlsx").questions if q.kind != "note"]
        questions = [q.name for q in asked_of]
        assert items - set(questions) == left_out
        assert [q for q in questions if q in items][-1] == "OV04"
        words = " ".join(codebook_from_xlsform(RAW / f"questionnaire_{name}.xlsx")[q].wording("vi") for q in questions)
        assert "ông/bà" in words.lower()  # people are spoken to, of their business where it is asked
        assert ("doanh nghiệp có đến hoặc liên hệ" in words) == (name == "businesses")


def test_a_form_opens_with_greeting_and_consent_and_ends_with_thanks() -> None:
    """What is kept, why, by whom, which rights: before consent is asked. Nobody who declines is asked a question."""
    for name in ("residents", "businesses"):
        questions = read_form(RAW / f"questionnaire_{name}.xlsx").questions
        order = [q.name for q in questions]
        assert order.index("greeting") < order.index("information") < order.index("consent") < order.index("contact12")
        told = next(q.text["vi"] for q in questions if q.name == "information")
        for part in ("ghi lại", "chỉ dùng để", "kiểm soát dữ liệu", "có quyền", "dừng bất cứ lúc nào"):
            assert part in told
        assert order.index("thanks") > order.index("OV04")
        for q in questions:
            if q.name[:2] in ("FR", "TR", "EF", "OV", "VG"):
                assert any("consent" in g.relevant for g in q.groups), q.name

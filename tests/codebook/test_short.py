"""Short names, instructions and variants: kept apart from the wording, and carried by every way a codebook travels."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyreadstat
import pytest

import survey as sv
from survey.codebook import Codebook, Variable, named
from survey.codebook._variable import shortened
from survey.io.drafting import draft_codebook
from survey.io.xlsform.codebook import codebook_from_xlsform
from survey.io.xlsform.writing import write_xlsform

TOML = """
[study]
title = "x"
[missing]
-98 = {kind = "dont_know", vi = "Không biết", en = "Don't know"}
[variables.wait]
type = "number"
limits = [0, 600]
text = {vi = "Ông/bà chờ bao nhiêu phút?", en = "How long did you wait?"}
short = {vi = "Thời gian chờ", en = "Waiting time"}
instruction = {vi = "Ghi số phút.", en = "Enter minutes."}
variants.businesses = {vi = "Người của doanh nghiệp chờ bao nhiêu phút?", en = "How long did your staff wait?"}
[variables.plain]
type = "number"
limits = [0, 9]
text = {vi = "Bao nhiêu?", en = "How many?"}
"""


@pytest.fixture
def book(tmp_path: Path) -> Codebook:
    path = tmp_path / "book.toml"
    path.write_text(TOML, encoding="utf-8")
    return Codebook.from_toml(path)


def test_a_variable_is_called_by_its_short_name(book: Codebook) -> None:
    assert book["wait"].short_name("vi") == "Thời gian chờ" and book["wait"].short_name() == "Waiting time"
    assert book["wait"].wording("vi") == "Ông/bà chờ bao nhiêu phút?"


def test_toml_reads_back_what_it_wrote(book: Codebook, tmp_path: Path) -> None:
    again = Codebook.from_toml(book.to_toml(tmp_path / "again.toml"))
    assert again["wait"] == book["wait"] and not book.diff(again).rows


def test_an_xlsform_carries_name_and_instruction(book: Codebook, tmp_path: Path) -> None:
    """The hint of a number lists the missing codes too; they are none of the instruction."""
    again = codebook_from_xlsform(write_xlsform(book, tmp_path / "form.xlsx"))
    for field in ("text", "short", "instruction", "limits", "missing"):
        assert getattr(again["wait"], field) == getattr(book["wait"], field), field
        assert getattr(again["plain"], field) == getattr(book["plain"], field), field


def test_a_difference_and_a_merge_know_them(book: Codebook) -> None:
    other = book.update(
        Variable("wait", text=book["wait"].text, short=MappingProxyType({"vi": "Phút chờ"}), limits=(0.0, 600.0))
    )
    found = {(r[1], r[2], r[3]) for r in book.diff(other).rows}
    assert ("short name (vi)", "Thời gian chờ", "Phút chờ") in found
    assert ("instruction (en)", "Enter minutes.", "") in found
    assert any(what == "wording for businesses (vi)" for what, _, _ in found)
    assert dict(book.merge(other, prefer="self")["wait"].short) == {"vi": "Thời gian chờ", "en": "Waiting time"}
    assert dict(book.merge(other, prefer="other")["wait"].short) == {"vi": "Phút chờ", "en": "Waiting time"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wait", "Wait"),
        ("One two three four", "One two …"),
        ("Một hai, ba bốn", "Một hai …"),
        ("Unbreakable", "Unbreakable"),
        ("Unbreakablelong word", "Unbreakablelong …"),
    ],
)
def test_a_long_wording_is_cut_after_a_word(text: str, expected: str) -> None:
    assert shortened(text, 9) == expected


def test_a_codebook_of_one_language_names_in_that(tmp_path: Path) -> None:
    v = Variable("q", text={"vi": "Ông/bà hài lòng ở mức nào?"}, short={})
    assert v.short_name("en") == "Ông/bà hài lòng ở mức nào?"
    # a wording in the language asked for is better than a short name in another
    assert Variable("q", text={"en": "How satisfied?"}, short={"vi": "Hài lòng"}).short_name("en") == "How satisfied?"
    assert Variable("q", short={"vi": "Hài lòng"}).short_name("en") == "Hài lòng"
    assert Variable("q").short_name() == "q"


@pytest.mark.parametrize(
    "line", ["short = 3", "short = ['a']", "instruction = {vi = 1}", "variants = 'x'", "variants = {b = 2}"]
)
def test_what_is_not_text_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "book.toml"
    path.write_text(f"[variables.q]\n{line}\n", encoding="utf-8")
    with pytest.raises(sv.CodebookError, match=r"Expected a (text|table)|not a table"):
        Codebook.from_toml(path)


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("Q12. How long did you wait?", "How long did you wait"),
        ("Câu 5: Ông/bà có hài lòng không? (hỏi cuối)", "Ông/bà có hài lòng không"),
        ("A1. Phường nơi ông/bà sinh sống", "Phường nơi ông/bà sinh sống"),
        ("B2.3a) Thái độ của cán bộ?", "Thái độ của cán bộ"),
        ("C-4: Số lần đi lại (lần)", "Số lần đi lại"),
        ("Phần II. Mức độ hài lòng", "Mức độ hài lòng"),
        ("B. Mức độ hài lòng", "Mức độ hài lòng"),
        ("12 months ago", "12 months ago"),
        ("COVID-19: was the office open?", "COVID-19: was the office open"),
        ("Có. Nếu có, bao nhiêu?", "Có. Nếu có, bao nhiêu"),
        ("B1.", "B1"),
        (f"{'a' * 58} của phường?", f"{'a' * 58} của phường"),
        (f"{'a' * 58} của phường này?", f"{'a' * 58} …"),
        ("(?)", "(?)"),
    ],
)
def test_a_draft_of_a_short_name(wording: str, expected: str) -> None:
    assert named(wording) == expected


def test_a_draft_codebook_drafts_short_names(tmp_path: Path) -> None:
    frame = pd.DataFrame({"wait": [5.0, 7.0], "sex": [1.0, 2.0]})
    path = tmp_path / "answers.sav"
    pyreadstat.write_sav(frame, path, column_labels={"wait": "Q1. Ông/bà chờ bao nhiêu phút?", "sex": "Giới tính"})
    book, remarks = draft_codebook(path, lang="vi")
    assert dict(book["wait"].short) == {"vi": "Ông/bà chờ bao nhiêu phút"} and not book["sex"].short
    assert any("`short`" in line for line in remarks[""])
    assert dict(Codebook.from_toml(book.to_toml(tmp_path / "draft.toml", remarks))["wait"].short) == dict(
        book["wait"].short
    )

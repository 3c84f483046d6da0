"""Notes as exhibits print them: no command is named, and nothing is said twice."""

from __future__ import annotations

import re
import string
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.base import catalogue
from survey.base.catalogue import Note
from survey.words.notes import silent_notes, without_calls
from survey.words.steps import in_words

TYPED = re.compile(r"\b(responses|sample|sv|codebook)\.\w|\w\(\)|\w\(\.\.\.\)")
# `call` and `verb` are commands; these tell whoever reads a file what to type, before there is any exhibit
CALL = {"call": 'responses.declare_select_all("q")', "verb": 'sample.select_all("q")'}


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_no_note_of_an_exhibit_names_a_command(lang: str) -> None:
    """The Vietnamese note on differences in differences said "trong effect() mỗi đơn vị tính một lần"."""
    named = 0
    for key, text in catalogue.entries(lang).items():
        if not key.startswith("notes.") or not isinstance(text, str):
            continue
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        said = text.format_map({name: CALL.get(name, "x") for name in names})
        named += bool(TYPED.search(said))
        assert not TYPED.search(without_calls(said)), key
        assert without_calls(said).strip() and (said == without_calls(said)) == (not TYPED.search(said)), key
    assert named >= 7


def did(cases: Any) -> sv.Estimates:
    rows = pd.DataFrame(
        {
            "item": "FR01",
            "kind": [0, 0, 1, 1],
            "wave": [1, 2, 1, 2],
            "estimate": [3.0, 3.1, 3.0, 3.6],
            "std_error": 0.1,
            "df": 40.0,
            "n": 400,
            "conf_low": [2.8, 2.9, 2.8, 3.4],
            "conf_high": [3.2, 3.3, 3.2, 3.8],
        }
    )
    return sv.Estimates(rows, "mean", ("kind", "wave")).contrast({"did": [1, -1, -1, 1]})


def test_the_note_on_differences_in_differences_names_no_code(cases: Any) -> None:
    """It began with the name of the contrast, "Did: ..."."""
    for lang, start in (("en", "The difference in differences"), ("vi", "Khác biệt trong khác biệt")):
        notes = sv.tables.table(did(cases), lang=lang).notes
        (note,) = (n for n in notes if n.startswith(start))
        assert "effect" not in note and "Did" not in note


def test_both_ways_of_no_answer_are_explained_once() -> None:
    assert len(silent_notes(["dont_know", "refused"], "en")) == 1
    assert silent_notes(["refused"], "vi") == ["Từ chối: % người được hỏi, không thuộc thang đo"]
    assert silent_notes([], "vi") == []


def test_small_numbers_of_the_log_have_the_decimal_sign_of_the_language() -> None:
    said = str(catalogue.entries("en")["steps.trim_gap"]).format(way="x", gap="4.2e-16")
    assert "4,2e-16" in in_words(said, "vi") and "4.2e-16" in in_words(said, "en")


def test_notes_of_older_files_are_read_as_they_are() -> None:
    assert str(Note("notes.weighted_by_people")).startswith("the difference in differences")

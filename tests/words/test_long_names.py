"""A codebook without short names, in one language, with names of 300 letters: cut after a word, and said to be."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.codebook import Codebook, Variable
from survey.exhibits.exhibit import Exhibit
from survey.tables._grid import grid_of

WORDS = {"vi": "ông bà hài lòng với cách phường giải quyết", "en": "how content were you with the service of the ward"}
LONG = {lang: " ".join([said] * 8)[:299].rsplit(" ", 1)[0] + "?" for lang, said in WORDS.items()}
NOTES = {"vi": "Tên dài được rút gọn", "en": "Long names are shortened"}
FOREIGN = {"vi": "không có tên bằng tiếng Việt", "en": "has no names in English"}


def estimates(kind: str, text: dict[str, str], short: dict[str, str]) -> Any:
    """Two items of one scale in two long groups."""
    two = {1: {lang: f"{said} một" for lang, said in text.items()}, 2: {lang: f"hai {s}" for lang, s in text.items()}}
    book = Codebook(
        {
            "q": Variable("q", "ordinal", text, two, short=short),
            "r": Variable("r", "ordinal", {lang: f"{said[:-1]} r?" for lang, said in text.items()}, two, short=short),
            "g": Variable("g", "nominal", text, {1: text, 2: {lang: s[::-1] for lang, s in text.items()}}),
        }
    )
    frame = pd.DataFrame({"q": [1, 2] * 60, "r": [1, 1, 2, 2] * 30, "g": [1, 1, 1, 2] * 30})
    sample = sv.Sample(sv.Responses(frame.assign(w=1.0), book), weights="w")
    return sample.distribution(["q", "r"], by="g") if kind == "likert" else sample.proportion(["q", "r"], [2], by="g")


def shown(exhibit: Exhibit) -> list[str]:
    """Names of rows, groups and answers, as they are drawn or printed."""
    if exhibit.kind == "table":
        grid = grid_of(exhibit)
        heads = [text for c in grid.columns for text in (c.label, c.spanner)]
        return [grid.stub, *heads, *(text for line in grid.lines for text in (line.group, line.name))]
    rows = exhibit.rows()
    return [str(x) for name in ("item", "g", "answer") if name in rows for x in rows[name].unique()]


@pytest.mark.crossed
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("form", ["likert", "intervals", "table"])
@pytest.mark.parametrize("named", ["wording", "short"])
def test_long_names_are_cut_after_a_word_and_said_to_be(lang: str, form: str, named: str) -> None:
    e = estimates(form, LONG, LONG if named == "short" else {})
    make = sv.tables.table if form == "table" else getattr(sv.figures, form)
    exhibit = make(e, lang=lang)
    words = set(re.findall(r"\w+", " ".join([*LONG.values(), *(s[::-1] for s in LONG.values()), "một hai r"])))
    cut = [text for text in shown(exhibit) if "…" in text]
    assert cut
    for text in cut:
        assert len(text) < 220 and set(re.findall(r"\w+", text)) - {"KTC", "95", "CI", "q", "r"} <= words, text
    assert any(note.startswith(NOTES[lang]) for note in exhibit.notes)
    assert not any(FOREIGN[lang] in note for note in exhibit.notes)
    assert exhibit.frame()["item_wording"].iloc[0] == LONG[lang]  # the whole is in the numbers
    if form != "table":
        figure = exhibit.figure()
        texts = [*figure.texts, *(t for axes in figure.axes for t in axes.texts)]
        drawn = {word for t in texts for word in t.get_text().split()}
        assert set(" ".join(cut).split()) <= drawn  # every word is drawn whole: no line breaks inside one


def test_short_enough_names_have_no_note() -> None:
    exhibit = sv.tables.table(estimates("table", {"vi": "Ngắn?", "en": "Short?"}, {}))
    assert not any(NOTES["vi"] in note or FOREIGN["vi"] in note for note in exhibit.notes)
    assert "item_wording" not in exhibit.frame()


@pytest.mark.parametrize(("has", "lang"), [("vi", "en"), ("en", "vi")])
def test_a_codebook_of_one_language_is_shown_in_it_with_a_note(has: str, lang: str) -> None:
    e = estimates("table", {has: WORDS[has]}, {})
    for make in (sv.tables.table, sv.figures.intervals):
        exhibit = make(e, lang=lang)
        assert WORDS[has] in shown(exhibit) or any(WORDS[has] in text for text in shown(exhibit))
        assert any(FOREIGN[lang] in note for note in exhibit.notes)
        assert not any(FOREIGN[has] in note for note in exhibit.in_language(has).notes)
    assert WORDS[has] in sv.narrative.describe(e, 0).text(lang)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_sentences_cut_after_a_word_too(lang: str) -> None:
    said = sv.narrative.describe(estimates("table", LONG, {}), 0).text(lang)
    assert "…" in said and LONG[lang] not in said
    pieces = re.findall(r"“([^”]*) …”", said)
    assert pieces and all(f"{piece} " in f"{LONG[lang]} " or piece.startswith("hai ") for piece in pieces)
    assert ("câu hỏi “" if lang == "vi" else "the question “") in said

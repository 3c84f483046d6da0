"""A text is in one language from its first word to its last: no English in Vietnamese, no Vietnamese in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from examples import but_one_slow
from exhibit_cases import Cases
from survey.base import catalogue
from survey.base.catalogue import Note
from survey.codebook import Codebook, Variable
from survey.exhibits.exhibit import Exhibit
from survey.io.xlsform.relevant import base_of
from survey.words import screen
from words_of_languages import strangers

RAW = Path(__file__).parents[2] / "data" / "raw"


@pytest.mark.parametrize(
    ("said", "lang", "found"),
    [
        ("tất cả: A, B and 3 more", "vi", {"and", "more"}),
        ("mã ngoài thang đo: 1 text (not shown)", "vi", {"text", "not", "shown"}),
        ("thiếu Sheet1; read(..., rows=1) đọc được", "vi", set()),
        ("no value of ward và 3 khác", "en", {"và", "khác"}),
        ("dữ liệu in ra to hơn", "vi", set()),
    ],
)
def test_a_stranger_is_found(said: str, lang: str, found: set[str]) -> None:
    assert strangers(said, lang) == found


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_text_of_the_catalogue_has_words_of_the_other_language(lang: str) -> None:
    found = {}
    for key, entry in catalogue.entries(lang).items():
        said = entry if isinstance(entry, str) else " ".join(entry.values())
        if strangers(said, lang):
            found[key] = strangers(said, lang)
    assert found == {}


def visible(page: str) -> str:
    """What a page says."""
    return re.sub(r"<style.*?</style>|<[^>]*>|src=\"[^\"]*\"|&\w+;", " ", page, flags=re.DOTALL)


def of_exhibit(exhibit: Exhibit) -> Iterator[str]:
    yield from (exhibit.title, exhibit.alt, exhibit.source, *exhibit.notes)
    if exhibit.kind == "figure":
        figure = exhibit.figure("full")
        texts = [*figure.texts, *(t for axes in figure.axes for t in axes.texts)]
        yield from (t.get_text() for t in texts)
    else:
        yield visible(exhibit.html())


def of_results(lang: str) -> Iterator[str]:
    """Figures, tables and sentences of results that are hard to show."""
    cases = Cases()
    shares, hard, means, gaps = cases.wards(), cases.hard(), cases.means(), cases.differences()
    for e in (shares, hard, means, gaps):
        yield from of_exhibit(sv.figures.intervals(e, lang=lang))
        yield from of_exhibit(sv.tables.table(e, lang=lang))
        yield visible(screen.to_html(e, lang))
    for e in (cases.hard_answers(), cases.answers(["FR01", "FR02"])):
        yield from of_exhibit(sv.figures.likert(e, lang=lang))
        yield from of_exhibit(sv.tables.table(e, lang=lang))
    for e in (shares, hard):
        yield from (sv.narrative.describe(e, row=i).text(lang) for i in range(len(e.table)))
    yield from (sv.narrative.compare(gaps, i).text(lang) for i in range(len(gaps.table)))
    yield from (
        sv.narrative.compare(hard.contrast({"x": np.eye(20)[0] - np.eye(20)[i]}), 0).text(lang) for i in (5, 12)
    )
    yield from (sv.narrative.ranking(e).text(lang) for e in (means, shares, hard))


@pytest.mark.parametrize("lang", but_one_slow(["vi", "en"]))
@pytest.mark.slow
def test_exhibits_and_sentences_are_in_one_language(lang: str) -> None:
    found = [(said, strangers(said, lang)) for said in of_results(lang) if strangers(said, lang)]
    assert found == []


@pytest.fixture(scope="module")
def study() -> sv.Responses:
    """The simulated study as it was collected."""
    return sv.read([RAW / f"residents_{year}.sav" for year in (2023, 2024)], codebook=RAW / "codebook.toml")


def of_study(study: sv.Responses, lang: str) -> Iterator[str]:
    checked = study.check(across="wave", today="2024-01-31")
    yield from (found.texts[lang] for found in checked.broken)
    answers = study.recode_missing()
    found = answers.quality()
    yield found.to_text(lang)
    for e in (found.estimates(),):
        yield from of_exhibit(sv.figures.quality(e, lang=lang))
    answers = answers.derive("age", "2023 + (wave == 2) - birth_year")
    answers = answers.band("age", [18, 30, 45, 60, 120], into="age_group")
    sample = sv.Sample(answers, weights="w_design", strata="stratum", psu="psu")
    targets = sv.Targets.from_csv(RAW / "margins_residents.csv", within="wave")
    raked = sample.rake(replace(targets, source=""))  # which somebody wrote in both languages
    yield raked.calibration.to_text(lang)
    for e in (raked.weight_diagnostics(), raked.margin_gaps(), raked.weight_effects(["OV01"])):
        yield from of_exhibit(sv.tables.table(e, lang=lang))
    yield from of_exhibit(sv.figures.love(raked.margin_gaps(), lang=lang))
    yield from of_exhibit(sv.tables.table(raked.proportion("TR08", [1], by="wave"), lang=lang))
    yield visible(study.codebook.to_html(lang))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_is_found_in_the_simulated_study_is_in_one_language(study: sv.Responses, lang: str) -> None:
    names = frozenset([*study.codebook.variables, "age_group"])
    said = list(of_study(study, lang))
    assert len(said) > 50
    assert [(text, strangers(text, lang, names)) for text in said if strangers(text, lang, names)] == []


def odd() -> sv.Responses:
    """Answers in which every check finds something, too much to list and nothing that may be shown."""
    rows = 40
    data = pd.DataFrame(
        {
            "id": ["R1", None, *[f"R{i}" for i in range(1, rows - 1)]],
            "wave": np.repeat([1, 2], rows // 2),
            "q": np.arange(rows) % 31 + 1.0,
            "open": ["ly hôn vì chuyện nhà", *["x"] * (rows - 1)],
            "minutes": ["chín phút rưỡi gì đó", *map(str, range(1, rows))],
            "born": [f"20{i}-01-0{1 + i % 9}" for i in range(30, 70)],
            "phone": [f"09123456{i}" for i in range(10, 50)],
            "sex": np.arange(rows) % 2,
            "routed": 1.0,
            "silent": [1.0] * (rows // 2) + [np.nan] * (rows // 2),
            "range": [*range(20), *range(500, 520)],
            "city": ["Huế", "huế "] * (rows // 2),
        }
    )
    data.loc[39] = data.loc[38]
    two = {1: {"vi": "Có", "en": "Yes"}, 2: {"vi": "Không", "en": "No"}}
    book = Codebook(
        {
            v.name: v
            for v in (
                Variable("id", "id", role="id"),
                Variable("wave", "ordinal"),
                Variable("q", "ordinal", labels=two, required=True),
                Variable("minutes", "number", limits=(2.0, 9.0)),
                Variable("born", "date"),
                Variable("routed", "binary", base="nowhere == 1"),
                Variable("silent", "binary", base="open > 3"),
                Variable("range", "number", base="sex == 1"),
                Variable("absent", "number"),
            )
        }
    )
    return sv.Responses(data, book)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_findings_of_checks_are_in_one_language(lang: str) -> None:
    broken = odd().check(across="wave", today="2024-01-31").broken
    said = {b.texts[lang] for b in broken}
    assert {"scale", "type", "future", "routing", "codebook", "personal", "waves", "copies"} <= {b.rule for b in broken}
    assert any("tất cả" in text for text in said) or lang != "vi"  # a list that was cut
    assert any("không hiển thị" in text for text in said) or lang != "vi"
    assert [(text, strangers(text, lang)) for text in said if strangers(text, lang)] == []


@pytest.mark.parametrize(
    "relevant", ["${a} ++ 1", "1 = 2", "${a} = ${b}", "selected(1)", "(${a} = 1", "${a} < ''", "$"]
)
def test_why_a_form_says_what_no_expression_can_is_told_in_both_languages(relevant: str) -> None:
    _, why = base_of(relevant, {}, lambda question, code: None)
    assert isinstance(why, Note)
    assert not strangers(why.in_language("vi"), "vi") and why.in_language("vi") != why


def test_a_stored_list_that_was_cut_is_read_in_vietnamese() -> None:
    said = "sheet A: no column a, b, … (12 in all); empty there"
    note = catalogue.as_note(said)
    assert isinstance(note, Note) and note == said
    assert note.in_language("vi") == "trang A: không có cột a, b, … (tất cả 12); để trống"
    hidden = catalogue.as_note(
        "q: text such as 3,5, 1 text (not shown); if they are numbers, declare decimal=',' or a locale"
    )
    assert isinstance(hidden, Note) and "3,5, 1 đoạn chữ (không hiển thị)" in hidden.in_language("vi")

"""`examples.md` shows every template in both languages, as it is said."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from exhibit_cases import Cases
from sentence_examples import page, sentences
from survey.base import catalogue
from survey.narrative import Finding

FILE = Path(__file__).with_name("examples.md")
ELSEWHERE = {"own", "several", "common_words", "unit", "units", "group", "groups"}
"""Parts of sentences that are no sentences, or stand only where others do not."""


RARE = {
    "coefficient",
    "equal",
    "mean_of_question",
    "mean_question",
    "median_of",
    "net_of",
    "not_zero_unshown",
    "quantile_of",
    "quantile_question",
    "ratio",
    "ratio_of",
    "share_bare",
    "share_question",
    "total_of",
    "unjudged",
    "unknown_change",
    "unknown_did",
    "unranked_groups",
    "unranked_items",
    "unranked_results",
}
"""Said of results that are rare; tests of their own hold them."""


Said = tuple[list[tuple[str, Finding]], set[str]]


@pytest.fixture(scope="module")
def said() -> Said:
    """The examples, and the keys of the catalogue that were looked up for them."""
    used, find = set(), catalogue.find

    def seen(key: str, lang: str) -> Any:
        used.add(key)
        return find(key, lang)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(catalogue, "find", seen)
        return list(sentences(Cases())), used


def test_the_page_shows_what_is_said(said: Said) -> None:
    text = page(said[0])
    if os.environ.get("SURVEY_WRITE_EXAMPLES"):
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text


def test_every_template_has_an_example(said: Said) -> None:
    used = said[1]
    every = {k.partition(".")[2] for k in catalogue.entries("en") if k.startswith("narrative.")}
    told = {k.partition(".")[2] for k in used if k.startswith("narrative.")}
    assert every - told - RARE <= ELSEWHERE
    assert every >= RARE


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_sentences_keep_the_rules_of_wording(said: Said, lang: str) -> None:
    """No doubled brackets, no sign before an unsigned size, no column names, one pair of quotation marks at a time."""
    for title, finding in said[0]:
        text = finding.text(lang)
        assert ") (" not in text and "((" not in text, title
        assert not re.search(r"(?:higher|lower|rose|fell|cao hơn|thấp hơn|tăng|giảm|hơn) [+−]\d", text), title
        assert not re.search(r"\b\w+_\w+\b", text), title
        assert text[0].isupper() or text[0] == "“" or text[0].isdigit(), title
        words = {"vi": r"\b(?:the|and|of|respondents|score)\b", "en": r"\b(?:điểm|người|phường|trung bình|chênh)\b"}
        bare = re.sub(r"“[^”]*”", "", text)
        if title != "a ratio":  # named by its author in both languages at once
            assert not re.search(words[lang], bare), title
        assert "hơn kém" not in text and "khác biệt với 0" not in text

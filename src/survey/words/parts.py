"""The parts that sentences and titles are made of: subjects, places, amounts, intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from survey.base import catalogue
from survey.codebook import Text
from survey.codebook.sets import base_of, set_of
from survey.core.estimates_data import EstimatesData
from survey.words import labels
from survey.words import locale as loc
from survey.words.certainty import certainty
from survey.words.notes import CALIBRATED
from survey.words.statuses import details, hidden_text

__all__ = [
    "absence",
    "amount",
    "answers_named",
    "answers_of",
    "brackets",
    "interval_of",
    "is_question",
    "item_of",
    "n_of",
    "nouns",
    "of_set",
    "place_of",
    "quoted",
    "size_of",
    "subject_of",
    "sureness",
]

_MORE_DIGITS = 9
_NOUN = 24
"""Letters of the longest name that counts things."""


def item_of(e: EstimatesData, i: int) -> str:
    """The item of a row; of the rows that a contrast compares where these have one item only."""
    items = e.once(_items)
    if items is not None:
        return items[i]
    origins = labels.items_of(e)
    if len(origins) > 1 and e.origin is not None and e.contrast_matrix is not None:
        used = np.flatnonzero(e.contrast_matrix[i])
        origins = [str(x) for x in dict.fromkeys(e.origin.table["item"].iloc[used])]
    return origins[0] if len(origins) == 1 else ""


def _items(e: EstimatesData) -> list[str] | None:
    return [str(item) for item in e.table["item"]] if "item" in e.table.columns else None


def subject_of(e: EstimatesData, i: int, lang: str, what: str | Text | None) -> str:
    """What a sentence is about: the words given, else the wording of the item."""
    if what is not None:
        return loc.pick(loc.text_of(what), lang)
    item = item_of(e, i)
    return labels.item_label(e, item, lang) if item else ""


def is_question(text: str) -> bool:
    """Whether what names an item is its question, which may have been cut short."""
    return text.endswith(("?", "…"))


def quoted(text: str, lang: str) -> str:
    """A question in quotation marks after the word for it; the name of a score as it is."""
    return catalogue.text("narrative.question" if is_question(text) else "narrative.quoted", lang, text=text)


def place_of(e: EstimatesData, i: int, lang: str, skip: tuple[str, ...] = ()) -> str:
    """Labels of the groups of a row, without those of the columns skipped."""
    row = e.table.iloc[i]
    names = [b for b in e.by if b not in skip and (e.breakdowns is None or b != "breakdown")]
    return ", ".join(labels.group_label(e, b, row[b], lang, row) for b in names)


def amount(measure: labels.Measure, text: str, lang: str) -> str:
    """A written number with its unit: 72,4%; 61,2 điểm; 4,1 điểm phần trăm."""
    if measure.kind == "share" and not measure.difference:
        return f"{text}%"
    if measure.kind == "rank":
        return text
    unit = loc.word("percentage_points", lang) if measure.kind == "share" else loc.unit_word(measure.unit, lang)
    return f"{text} {unit}" if unit else text


def size_of(measure: labels.Measure, x: float, lang: str, digits: int | None) -> str:
    """The size of a difference without its sign; what is not zero never reads as zero."""
    decimals = measure.digits if digits is None else digits
    size = measure.factor * abs(x)
    decimals += next((k for k in range(_MORE_DIGITS) if loc.rounded(size, decimals + k) != 0), 0) if size else 0
    return amount(measure, loc.number(size, decimals, lang), lang)


def interval_of(
    e: EstimatesData, i: int, measure: labels.Measure, lang: str, digits: int | None, turned: bool = False
) -> str:
    """An interval with its level and its percent signs, "" if there is none; `turned` if the sentence says "lower"."""
    row = e.table.iloc[i]
    low, high = (measure.factor * float(row[c]) for c in ("conf_low", "conf_high"))
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    low, high = (-high, -low) if turned else (low, high)
    decimals = measure.digits if digits is None else digits
    if measure.difference and (low > 0 or high < 0):
        # an end that does not reach zero must not read as zero
        near = min(abs(low), abs(high))
        decimals += next((k for k in range(4) if loc.rounded(near, decimals + k) != 0), 0)
    shown = [loc.number(x, decimals, lang) for x in (low, high)]
    percent = "%" if measure.kind == "share" and not measure.difference else ""
    ci = "ci_simultaneous" if e.adjust == "max-t" else "ci"
    return f"{loc.word(ci, lang, level=loc.level_word(e.level, lang))}: " + catalogue.text(
        "narrative.from_to", lang, low=shown[0] + percent, high=shown[1] + percent
    )


def sureness(
    e: EstimatesData, i: int, measure: labels.Measure, lang: str, digits: int | None, turned: bool = False
) -> str:
    """The interval of a row; where it has none, what is to be thought of the number."""
    interval, state = interval_of(e, i, measure, lang, digits, turned), str(certainty(e)[i])
    if interval or state == "judged":
        return interval
    if state == "known":
        return loc.word("known" if CALIBRATED in e.notes else "known_by_design", lang)
    return loc.word("unjudged", lang)


def nouns(e: EstimatesData, name: str, lang: str, one: str, several: str) -> tuple[str, str]:
    """What one and several categories of a variable are called, "ward" and "wards"; else two texts of the catalogue.

    Only names that count things do: 3 wards, 3 age groups; but no 3 sexes, kinds of procedure or educations.
    """
    variable = e.codebook.variables.get(name)
    name = "" if variable is None else variable.short.get(lang) or variable.text.get(lang, "")
    if not name or is_question(name) or len(name) > _NOUN:
        return catalogue.text(one, lang), catalogue.text(several, lang)
    noun = name.lower()
    plural = catalogue.text("narrative.several", lang, name=noun)
    known = catalogue.text("narrative.common_words", lang).split()
    if not {plural.split(" ")[0], plural.split(" ")[-1]} & set(known):
        return catalogue.text(one, lang), catalogue.text(several, lang)
    return noun, plural


def brackets(*parts: str) -> str:
    """What is not empty, in one pair of brackets."""
    kept = [p for p in parts if p]
    return f" ({'; '.join(kept)})" if kept else ""


def n_of(e: EstimatesData, i: int, lang: str) -> str:
    """The number of answers: n = 1.512."""
    if "n" not in e.table.columns:
        return ""
    return f"n = {loc.count(float(e.table['n'].iloc[i]), lang)}"


def of_set(e: EstimatesData, item: str, lang: str) -> dict[str, str]:
    """Of an option, or a whole select-all question: whose answers count, and the question where it has a wording."""
    found = e.codebook.sets.get(item) or set_of(e.codebook, [item])
    if found is None:
        return {"base": catalogue.text("parts.base_answered", lang), "question": ""}
    named = catalogue.text("narrative.quoted", lang, text=found.short_name(lang)) if found.label else ""
    question = catalogue.text("narrative.in_answer", lang, question=named) if named else ""
    return {"base": base_of(e.codebook, found).in_language(lang), "question": question}


def absence(e: EstimatesData, i: int, lang: str) -> str:
    """Why a row has no number that may be shown; "" where it has one."""
    status = labels.statuses(e)[i]
    if status == "suppressed":
        detail = details(e, labels.statuses(e))[i]
        return hidden_text(detail, lang, labels.SUPPRESS_BELOW, short=False)
    return loc.word("empty", lang) if status == "empty" else ""


def answers_of(e: EstimatesData, i: int, item: str, lang: str) -> str:
    """The answers a share counts, in quotation marks."""
    codes: tuple[Any, ...] = e.answers if e.kind.counts == "given" else ()
    if e.kind.counts == "row":
        codes = (e.table["answer"].iloc[i],)
    elif e.kind.counts == "yes":
        codes = (1,) if labels.measure_at(e, i).kind == "share" else ()
    return answers_named(e, item, codes, lang)


def answers_named(e: EstimatesData, item: str, codes: Sequence[Any], lang: str) -> str:
    """Some answers in quotation marks: "Good" or "Very good"."""
    labels_ = [labels.answer_label(e, item, code, lang) for code in codes]
    names = [catalogue.text("narrative.quoted", lang, text=label) for label in labels_]
    return catalogue.text("narrative.or", lang).join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

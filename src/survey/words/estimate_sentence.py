"""The sentence on one estimate: a share of answers, a mean, a median, a total."""

from __future__ import annotations

from survey.base import catalogue
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.words import labels
from survey.words import locale as loc
from survey.words.parts import (
    absence,
    amount,
    answers_named,
    answers_of,
    brackets,
    is_question,
    item_of,
    n_of,
    of_set,
    place_of,
    quoted,
    subject_of,
    sureness,
)
from survey.words.phrases import within_brackets
from survey.words.terms import term_label

__all__ = ["described"]

_ON_SCALE = {
    "narrative.own": "narrative.own_on_scale",
    "narrative.mean": "narrative.mean_on_scale",
    "narrative.mean_question": "narrative.mean_question_on_scale",
}
"""Sentences that name the ends of a scale, by those that do not."""
_OF_ITEMS = ("driver", "driver_share")
"""Sentences that say what goes with an item, by whatever name: that the item "is" the number would be wrong."""


def described(
    e: EstimatesData, i: int, lang: str, what: str | Text | None, digits: int | None, brief: bool = False
) -> str:
    """One estimate in words; `brief` leaves out what stands in brackets."""
    item = item_of(e, i)
    measure, subject, place = labels.measure_at(e, i), subject_of(e, i, lang, what), place_of(e, i, lang)
    head = f"{place}: " if place else ""
    missing = absence(e, i, lang)
    if missing:
        named = f"{subject} ({within_brackets(place)})" if place else subject
        return f"{named}: {missing}"
    estimate = float(e.table["estimate"].iloc[i])
    value = amount(measure, measure.value(estimate, lang, digits), lang)
    care = loc.word("caution", lang) if labels.statuses(e)[i] == "flagged" else ""
    tail = "" if brief else brackets(sureness(e, i, measure, lang, digits), n_of(e, i, lang), care)
    key, parts = _template(e, i, lang, what, subject, item)
    ends = measure.ends(lang)
    key = f"narrative.{key}"
    if ends is not None and key in _ON_SCALE:
        low, high = ends
        of_hundred = measure.kind == "score" and low == "0" and key == "narrative.mean"
        key = "narrative.score_mean" if of_hundred else _ON_SCALE[key]
        parts |= {"low": low, "high": high, "bare": measure.value(estimate, lang, digits)}
    return head + catalogue.text(key, lang, value=value, more=tail, **parts)


def _template(
    e: EstimatesData, i: int, lang: str, what: str | Text | None, subject: str, item: str
) -> tuple[str, dict[str, str]]:
    """Which sentence says it, and its parts: a share of answers, a mean, a median, a total, a coefficient."""
    question = "_question" if is_question(subject) else ""
    parts = {"item": quoted(subject, lang)}
    if e.kind.phrase in _OF_ITEMS:
        return e.kind.phrase, parts
    if what is not None:
        return "own", {"item": subject}
    answers = answers_of(e, i, item, lang)
    if answers:
        return f"answers{question}", parts | {"answers": answers}
    if e.kind.total and item == "one":
        return "people", parts
    if "quantile" in e.table.columns:
        p = float(e.table["quantile"].iloc[i])
        return ("half" if p == 0.5 else "quantile") + question, parts | {"share": loc.level_word(p, lang)}
    if "term" in e.table.columns:
        counted = (e.table["answer"].iloc[i],) if "answer" in e.table.columns else e.answers
        if counted:
            answers = answers_named(e, item, counted, lang)
            parts = {"item": catalogue.text(f"narrative.share{question}", lang, answers=answers, **parts)}
        return e.kind.phrase, parts | {"term": quoted(term_label(e, str(e.table["term"].iloc[i]), lang), lang)}
    if "measure" in e.table.columns:
        parts["measure"] = catalogue.text(f"measures.{e.table['measure'].iloc[i]}", lang)
    phrase = e.kind.phrase
    if phrase in ("option", "options_chosen"):
        return phrase, parts | of_set(e, item, lang)
    if phrase == "mean":
        return f"mean{question}", parts
    if phrase and catalogue.find(f"narrative.{phrase}", lang) is not None:
        return phrase, parts
    return "own", {"item": subject}

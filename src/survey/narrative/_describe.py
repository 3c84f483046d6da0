"""One estimate with its interval, in words."""

from __future__ import annotations

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.narrative._compare import compare
from survey.narrative._finding import Finding
from survey.narrative._phrases import within_brackets
from survey.narrative._verdict import verdict
from survey.narrative._words import (
    Row,
    absence,
    amount,
    answers_of,
    brackets,
    finished,
    is_question,
    item_of,
    n_of,
    numbers_of,
    of_estimates,
    of_set,
    place_of,
    position_of,
    quoted,
    subject_of,
    sureness,
)
from survey.words import labels
from survey.words import locale as loc
from survey.words.disclosure import published

__all__ = ["describe"]


@of_estimates("what sample.mean(...) and its like return")
@checked(EstimationError)
def describe(
    e: EstimatesData, row: Row = None, id: str = "", *, what: str | Text | None = None, digits: int | None = None
) -> Finding:
    """One estimate with its interval, in words.

    Parameters
    ----------
    e : Estimates
    row : int or mapping, optional
        Position in `e.table`, or what its columns hold ({"ward": "P01", "wave": 2}); not needed for a single row.
    id : str
    what : str or mapping of language to str, optional
        What is described, in place of the wording of the item ("hài lòng chung" / "overall satisfaction").
    digits : int, optional

    Returns
    -------
    Finding

    Raises
    ------
    EstimationError
        If the row is not in the table, or not one only.

    Examples
    --------
    >>> sv.narrative.describe(e, row={"wave": 2}, id="friendliness")  # doctest: +SKIP
    """
    e = published(e)
    i = position_of(e, row)
    if e.kind.sentence == "compare":
        return compare(e, i, id, what=what, digits=digits)
    if e.kind.sentence == "verdict":
        return verdict(e, i, id, what=what, digits=digits)
    texts = {lang: _described(e, i, lang, what, digits) for lang in LANGUAGES}
    return Finding.of(id, texts, numbers_of(e, i))


_ON_SCALE = {
    "narrative.own": "narrative.own_on_scale",
    "narrative.mean": "narrative.mean_on_scale",
    "narrative.mean_question": "narrative.mean_question_on_scale",
}
"""Sentences that name the ends of a scale, by those that do not."""


def _described(e: EstimatesData, i: int, lang: str, what: str | Text | None, digits: int | None) -> str:
    item = item_of(e, i)
    measure, subject, place = labels.measure_at(e, i), subject_of(e, i, lang, what), place_of(e, i, lang)
    head = f"{place}: " if place else ""
    missing = absence(e, i, lang)
    if missing:
        named = f"{subject} ({within_brackets(place)})" if place else subject
        return finished(f"{named}: {missing}", e, lang)
    estimate = float(e.table["estimate"].iloc[i])
    value = amount(measure, measure.value(estimate, lang, digits), lang)
    care = loc.word("caution", lang) if labels.statuses(e)[i] == "flagged" else ""
    tail = brackets(sureness(e, i, measure, lang, digits), n_of(e, i, lang), care)
    key, parts = _template(e, i, lang, what, subject, item)
    ends = measure.ends(lang)
    key = f"narrative.{key}"
    if ends is not None and key in _ON_SCALE:
        low, high = ends
        of_hundred = measure.kind == "score" and low == "0" and key == "narrative.mean"
        key = "narrative.score_mean" if of_hundred else _ON_SCALE[key]
        parts |= {"low": low, "high": high, "bare": measure.value(estimate, lang, digits)}
    return finished(head + catalogue.text(key, lang, value=value, more=tail, **parts), e, lang)


def _template(
    e: EstimatesData, i: int, lang: str, what: str | Text | None, subject: str, item: str
) -> tuple[str, dict[str, str]]:
    """Which sentence says it, and its parts: a share of answers, a mean, a median, a total, a coefficient."""
    question = "_question" if is_question(subject) else ""
    if what is not None:
        return "own", {"item": subject}
    parts = {"item": quoted(subject, lang)}
    answers = answers_of(e, i, item, lang)
    if answers:
        return f"answers{question}", parts | {"answers": answers}
    if e.kind.total and item == "one":
        return "people", parts
    if "quantile" in e.table.columns:
        p = float(e.table["quantile"].iloc[i])
        return ("half" if p == 0.5 else "quantile") + question, parts | {"share": loc.level_word(p, lang)}
    if "term" in e.table.columns:
        return "coefficient", {"term": str(e.table["term"].iloc[i])}
    phrase = e.kind.phrase
    if phrase in ("option", "options_chosen"):
        return phrase, parts | of_set(e, item, lang)
    if phrase == "mean":
        return f"mean{question}", parts
    if phrase and catalogue.find(f"narrative.{phrase}", lang) is not None:
        return phrase, parts
    return "own", {"item": subject}

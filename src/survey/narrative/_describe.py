"""One estimate with its interval, in words."""

from __future__ import annotations

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.narrative._compare import compare
from survey.narrative._finding import Finding
from survey.narrative._words import (
    Row,
    absence,
    amount,
    answers_of,
    brackets,
    finished,
    item_of,
    n_of,
    numbers_of,
    of_estimates,
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
    texts = {lang: _described(e, i, lang, what, digits) for lang in LANGUAGES}
    return Finding.of(id, texts, numbers_of(e, i))


def _described(e: EstimatesData, i: int, lang: str, what: str | Text | None, digits: int | None) -> str:
    item = item_of(e, i)
    measure, subject, place = labels.measure_at(e, i), subject_of(e, i, lang, what), place_of(e, i, lang)
    head = f"{place}: " if place else ""
    missing = absence(e, i, lang)
    if missing:
        named = f"{subject} ({place})" if place else subject
        return finished(f"{named}: {missing}", e, lang)
    value = amount(measure, measure.value(float(e.table["estimate"].iloc[i]), lang, digits), lang)
    care = loc.word("caution", lang) if labels.statuses(e)[i] == "flagged" else ""
    tail = brackets(sureness(e, i, measure, lang, digits), n_of(e, i, lang), care)
    answers = answers_of(e, i, item, lang) if what is None else ""
    if answers:
        parts = {"item": quoted(subject, lang), "answers": answers}
        said = catalogue.text("narrative.answers", lang, value=value, more=tail, **parts)
    elif e.kind.phrase == "net":
        said = catalogue.text("narrative.net", lang, item=quoted(subject, lang), value=value, more=tail)
    else:
        name = subject if what is not None else _named(e, i, quoted(subject, lang), subject, lang)
        ends = measure.ends(lang)
        if ends is None:
            said = catalogue.text("narrative.value", lang, name=name, value=value, more=tail)
        else:
            low, high = ends
            said = catalogue.text(
                "narrative.value_on_scale", lang, name=name, value=value, low=low, high=high, more=tail
            )
    return finished(head + said, e, lang)


def _named(e: EstimatesData, i: int, question: str, subject: str, lang: str) -> str:
    """What kind of number it is: the mean of ..., the median of ..., a coefficient."""
    parts = {"item": question}
    if "quantile" in e.table.columns:
        parts["quantile"] = loc.quantile(float(e.table["quantile"].iloc[i]), lang).lower()
    if "term" in e.table.columns:
        parts["term"] = str(e.table["term"].iloc[i])
    key = f"narrative.{e.kind.phrase}"
    if not e.kind.phrase or catalogue.find(key, lang) is None or _item_is_people(e, i):
        return subject
    return catalogue.text(key, lang, **parts)


def _item_is_people(e: EstimatesData, i: int) -> bool:
    return e.kind.total and item_of(e, i) == "one"

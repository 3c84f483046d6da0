"""A permutation test in words: how many ways there were, how many did as well, and what p cannot go below."""

from __future__ import annotations

from dataclasses import replace

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.narrative._finding import Finding
from survey.narrative._words import Row, absence, amount, finished, of_estimates, position_of, quoted, subject_of
from survey.words import labels
from survey.words import locale as loc
from survey.words.disclosure import published

__all__ = ["permutation"]


@of_estimates("sample.effect(...)")
@checked(EstimationError)
def permutation(e: EstimatesData, row: Row = None, id: str = "", *, what: str | Text | None = None) -> Finding:
    """The effect on few treated units, and its permutation p-value with the smallest it could be.

    Parameters
    ----------
    e : Estimates
        Of `Sample.effect`.
    row : int or mapping, optional
    id : str
    what : str or mapping of language to str, optional
        What was measured, in place of the wording of the item.

    Raises
    ------
    EstimationError
        If these are not effects, or the row is not in the table.
    """
    if e.kind.sentence != "permutation":
        raise EstimationError(
            "Permutation tests are available only for effects.", got=f"a {e.statistic}", expected="sample.effect(...)"
        )
    e = published(e)
    i = position_of(e, row)
    line = e.table.iloc[i]
    measure = replace(_measure(e, str(line["item"])), difference=True)
    texts = {}
    missing = {lang: absence(e, i, lang) for lang in LANGUAGES}
    if any(missing.values()):
        texts = {
            lang: finished(f"{quoted(subject_of(e, i, lang, what), lang)}: {missing[lang]}", e, lang)
            for lang in LANGUAGES
        }
        return Finding.of(id, texts, {})
    for lang in LANGUAGES:
        gap = amount(measure, loc.signed(float(line["estimate"]) * measure.factor, measure.digits, lang), lang)
        subject = quoted(subject_of(e, i, lang, what), lang)
        text = catalogue.text(
            "narrative.permutation",
            lang,
            n=int(line["as_large"]),
            subject=subject[:1].upper() + subject[1:],
            gap=gap,
            ways=int(line["assignments"]),
            treated=int(line["treated"]),
            units=int(line["units"]),
            p=loc.number(line["p_value"], 3, lang),
            floor=loc.number(line["p_floor"], 3, lang),
        )
        texts[lang] = finished(text, e, lang)
    keys = ("estimate", "std_error", "p_value", "p_floor", "treated", "units", "assignments", "as_large")
    return Finding.of(id, texts, {k: float(line[k]) for k in keys})


def _measure(e: EstimatesData, item: str) -> labels.Measure:
    """What the means behind an effect are measured in."""
    if e.origin is None:
        return labels.Measure("number", digits=2)
    return labels.measure_at(e.origin, list(e.origin.table["item"]).index(item))

"""A permutation test in words: how many ways there were, how many did as well, and what p cannot go below."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.catalogue import Note
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._words import Row, finished, of_estimates, position_of
from survey.words import labels
from survey.words import locale as loc
from survey.words.disclosure import published
from survey.words.effect_sentence import effect_interval, small_p
from survey.words.families import p_in_family
from survey.words.parts import absence, nouns, quoted, size_of, subject_of

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
    sampled = any(isinstance(n, Note) and n.key == "notes.permutation_sampled" for n in e.notes)
    texts = {}
    missing = {lang: absence(e, i, lang) for lang in LANGUAGES}
    if any(missing.values()):
        texts = {
            lang: finished(f"{quoted(subject_of(e, i, lang, what), lang)}: {missing[lang]}", e, lang)
            for lang in LANGUAGES
        }
        return Finding.of(id, texts, {})
    for lang in LANGUAGES:
        estimate = float(line["estimate"])
        size = size_of(measure, estimate, lang, None)
        subject = quoted(subject_of(e, i, lang, what), lang)
        unit = e.origin.by[0] if e.origin is not None and e.origin.by else ""
        one, several = nouns(e, unit, lang, "narrative.unit", "narrative.units")
        treated, units = int(line["treated"]), int(line["units"])
        text = catalogue.text(
            "narrative.permutation_lower" if estimate < 0 else "narrative.permutation_higher",
            lang,
            n=int(line["as_large"]),
            subject=subject,
            size=size,
            unit=one,
            treated=f"{treated} {one if treated == 1 else several}",
            others=loc.count(units - treated, lang),
            ways=int(line["assignments"]),
            units=f"{units} {several}",
            chosen=treated,
            p=small_p(float(line["p_value"]), lang),
            bound=catalogue.text(
                "narrative.bound_ways" if sampled else "narrative.bound_units",
                lang,
                floor=small_p(float(line["p_floor"]), lang),
                units=several,
            ),
            random=catalogue.text("narrative.random", lang) if sampled else "",
            interval=effect_interval(e, i, measure, lang, several),
        )
        family = p_in_family(e, i, lang)
        texts[lang] = finished(f"{text} ({family})" if family else text, e, lang)
    keys = (
        "estimate",
        "std_error",
        "conf_low",
        "conf_high",
        "p_value",
        "p_adjusted",
        "p_floor",
        "treated",
        "units",
        "assignments",
        "as_large",
    )
    numbers = {k: float(line[k]) for k in keys if k in e.table.columns}
    return Finding.of(id, texts, {k: x for k, x in numbers.items() if np.isfinite(x)})


def _measure(e: EstimatesData, item: str) -> labels.Measure:
    """What the means behind an effect are measured in."""
    if e.origin is None:
        return labels.Measure("number", digits=2)
    return labels.measure_at(e.origin, list(e.origin.table["item"]).index(item))

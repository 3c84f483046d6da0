"""Effects on few units in a line: a verdict a score, the effect by wards and by people, choices that flip a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.adjusting import adjust_pvalues
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._words import Row, before_notice, finished, of_estimates, position_of
from survey.words import labels
from survey.words import locale as loc
from survey.words.disclosure import published
from survey.words.effect_sentence import Flips, flips_of, small_p, verdict_word, verdicts_of
from survey.words.families import alpha_of
from survey.words.parts import absence, amount, nouns, quoted, size_of, subject_of

__all__ = ["reconcile", "specifications", "verdicts"]


@of_estimates("sample.effect(...)")
@checked(EstimationError)
def verdicts(e: EstimatesData, id: str = "", *, labels: Mapping[str, str | Text] | None = None) -> Finding:
    """One line on the effects on several items: probably yes, cannot be told, or no sign.

    "Probably yes" is a permutation p-value of at most alpha; "no sign" is more than a large p-value: an effect of the
    margin declared in `effect(..., margin=)` would have been found, or the interval lies within it; all else cannot be
    told. Each effect is judged on its own, unless a plan adjusted the p-values; then a second sentence says what is
    left when all are judged together (Holm).

    Parameters
    ----------
    e : Estimates
        Of `Sample.effect`.
    id : str
    labels : mapping of str to text, optional
        Names of one's own for items.

    Returns
    -------
    Finding
        With `p_ITEM` and `estimate_ITEM` as its numbers.

    Raises
    ------
    EstimationError
        If these are not effects.
    """
    _refuse(e, "permutation", "sample.effect(...)")
    e = published(e)
    found, own = verdicts_of(e), labels or {}
    texts = {}
    for lang in LANGUAGES:
        parts = []
        for i, item in enumerate(e.table["item"]):
            subject = quoted(subject_of(e, i, lang, own.get(item)), lang)
            missing = absence(e, i, lang)
            if missing:
                parts.append(catalogue.text("narrative.verdict_of_hidden", lang, item=subject, missing=missing))
                continue
            adjusted = "p_adjusted" in e.table.columns and np.isfinite(e.table["p_adjusted"].iloc[i])
            p = loc.p_equals(float(e.table["p_adjusted" if adjusted else "p_value"].iloc[i]), lang, adjusted)
            word = verdict_word(found[i], lang)
            parts.append(catalogue.text("narrative.verdict_of", lang, item=subject, verdict=word, p=p))
        line = finished("; ".join(parts), e, lang)
        texts[lang] = before_notice(line, " ".join(map(loc.sentence, _together(e, found, lang))), e, lang)
    numbers: dict[str, float] = {}
    for item, estimate, p in e.table[["item", "estimate", "p_value"]].itertuples(index=False):
        if np.isfinite([estimate, p]).all():
            numbers |= {f"estimate_{item}": float(estimate), f"p_{item}": float(p)}
    return Finding.of(id, texts, numbers)


def _together(e: EstimatesData, found: list[str], lang: str) -> list[str]:
    """What is left of several effects that were judged one by one, when they are judged together."""
    known = [i for i, v in enumerate(found) if v != "unknown"]
    if len(known) < 2 or "p_adjusted" in e.table.columns:
        return []
    alpha = alpha_of(e, known[0])
    told = [catalogue.text("narrative.verdicts_alone", lang, alpha=loc.level_word(alpha, lang))]
    if not {"higher", "lower"} & set(found):
        return told
    p = adjust_pvalues(e.table["p_value"].to_numpy(float)[known])
    n = int((p <= alpha + 1e-12).sum())
    row = e.table.iloc[known[0]]
    unit = e.origin.by[0] if e.origin is not None and e.origin.by else ""
    several = nouns(e, unit, lang, "narrative.unit", "narrative.units")[1]
    values = {
        "n": n,
        "all": len(known),
        "units": f"{int(row['units'])} {several}",
        "floor": small_p(float(row["p_floor"]), lang),
    }
    return [*told, catalogue.text("narrative.verdicts_together" if n else "narrative.verdicts_none", lang, **values)]


@of_estimates("sample.effect(...)")
@checked(EstimationError)
def reconcile(e: EstimatesData, row: Row = None, id: str = "", *, what: str | Text | None = None) -> Finding:
    """One effect in two ways: with each unit counting once, and with units counting by their people.

    Parameters
    ----------
    e : Estimates
        Of `Sample.effect`.
    row : int or mapping, optional
    id : str
    what : str or mapping of language to str, optional
        What was measured, in place of the wording of the item.

    Returns
    -------
    Finding
        With estimate, by_people and their difference as its numbers.

    Raises
    ------
    EstimationError
        If these are not effects, or the row is not in the table.
    """
    _refuse(e, "permutation", "sample.effect(...)")
    e = published(e)
    i = position_of(e, row)
    line = e.table.iloc[i]
    measure = replace(labels.measure_at(e, i), difference=True)
    one, people = float(line["estimate"]), float(line["by_people"])
    known = bool(np.isfinite([one, people]).all())
    texts = {}
    for lang in LANGUAGES:
        subject = quoted(subject_of(e, i, lang, what), lang)
        if not known:
            missing = absence(e, i, lang) or loc.word("complementary", lang)
            texts[lang] = finished(f"{subject}: {missing}", e, lang)
            continue
        unit, several = nouns(e, e.origin.by[0] if e.origin else "", lang, "narrative.unit", "narrative.units")
        told = [measure.value(x, lang) for x in (one, people)]
        key = "narrative.reconciled_same" if told[0] == told[1] else "narrative.reconciled"
        text = catalogue.text(
            key,
            lang,
            item=subject,
            estimate=amount(measure, told[0], lang),
            people=amount(measure, told[1], lang),
            difference=size_of(measure, people - one, lang, None),
            unit=unit,
            units=several,
        )
        texts[lang] = finished(text, e, lang)
    numbers = {"estimate": one, "by_people": people, "difference": people - one} if known else {}
    return Finding.of(id, texts, numbers)


@of_estimates("sample.specifications(...), effect.leave_one_out() or sample.pretrends(...)")
@checked(EstimationError)
def specifications(
    e: EstimatesData, item: str | None = None, id: str = "", *, what: str | Text | None = None
) -> Finding:
    """Whether the verdict on an effect holds under other choices, and which of them flip it.

    Parameters
    ----------
    e : Estimates
        Of `Sample.specifications`, or an effect without each of its units.
    item : str, optional
        Which item; not needed for a single one.
    id : str
    what : str or mapping of language to str, optional
        What was measured, in place of the wording of the item.

    Returns
    -------
    Finding

    Raises
    ------
    EstimationError
        If these are no specifications, or the item is not one of theirs.
    """
    _refuse(e, "specifications", "sample.specifications(...) or effect.leave_one_out()")
    items = list(dict.fromkeys(e.table["item"]))
    if (item is None and len(items) > 1) or (item is not None and item not in items):
        raise EstimationError(
            "A sentence must refer to exactly one item.", where="item=", got=repr(item), expected=", ".join(items)
        )
    e = published(e)
    item = items[0] if item is None else item
    first = e.table["item"].tolist().index(item)
    measure = labels.measure_at(e, first)
    flips = flips_of(e, item)
    texts = {}
    for lang in LANGUAGES:
        subject = quoted(subject_of(e, first, lang, what), lang)
        if flips is None:
            texts[lang] = finished(f"{subject}: {absence(e, first, lang) or loc.word('empty', lang)}", e, lang)
            continue
        texts[lang] = finished(_flipped(e, flips, subject, measure, lang), e, lang)
    numbers: dict[str, float] = {}
    if flips is not None:
        numbers = {"others": flips.others, "flips": len(flips.rows), "lowest": flips.low, "highest": flips.high}
    return Finding.of(id, texts, numbers)


def _flipped(e: EstimatesData, flips: Flips, subject: str, measure: labels.Measure, lang: str) -> str:
    name, found = e.by[0], verdicts_of(e)
    which = []
    for i in flips.rows:
        label = labels.group_label(e, name, e.table[name].iloc[i], lang, e.table.iloc[i])
        choice = catalogue.text("narrative.quoted", lang, text=label)
        which.append(catalogue.text("narrative.flipped", lang, choice=choice, verdict=verdict_word(found[i], lang)))
    text = catalogue.text(
        "narrative.specifications_flip" if which else "narrative.specifications_hold",
        lang,
        item=subject,
        verdict=verdict_word(flips.verdict, lang),
        n=flips.others,
        k=len(which),
        which=", ".join(which),
    )
    ends = {"low": measure.value(flips.low, lang), "high": amount(measure, measure.value(flips.high, lang), lang)}
    return text + catalogue.text("narrative.specifications_range", lang, **ends)


def _refuse(e: EstimatesData, sentence: str, expected: str) -> None:
    if e.kind.sentence != sentence:
        raise EstimationError("There is no such sentence on this result.", got=f"a {e.statistic}", expected=expected)

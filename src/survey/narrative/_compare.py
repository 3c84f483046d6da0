"""A difference in words, honest about intervals that hold zero."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.narrative._finding import Finding
from survey.narrative._words import (
    Row,
    absence,
    amount,
    answers_of,
    brackets,
    finished,
    item_of,
    numbers_of,
    of_estimates,
    position_of,
    quoted,
    subject_of,
    sureness,
)
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.certainty import certainty, told_digits
from survey.words.disclosure import published

__all__ = ["compare"]


@of_estimates("e.contrast(...) or e.pairwise()")
@checked(EstimationError)
def compare(
    e: EstimatesData,
    row: Row = None,
    id: str = "",
    *,
    what: str | Text | None = None,
    labels: Mapping[str, str | Text] | None = None,
    digits: int | None = None,
) -> Finding:
    """A difference in words: percentage points for shares, points for scores.

    Where the interval holds zero (or the adjusted p-value is above one minus the level) the sentence says that the
    data do not show a difference; it never says that there is none (Altman & Bland 1995, BMJ 311:485).

    Parameters
    ----------
    e : Estimates
        Of `contrast`, `pairwise` or `compare`.
    row : int or mapping, optional
        Position in `e.table`, or what its columns hold ({"contrast": "did"}).
    id : str
    what : str or mapping of language to str, optional
        What differs, in place of the wording of the item.
    labels : mapping of str to text, optional
        Names for contrasts.
    digits : int, optional

    Returns
    -------
    Finding

    Raises
    ------
    EstimationError
        If these are not differences, or the row is not exactly one row of the table.
    """
    e = published(e)
    if e.kind.sentence != "compare":
        raise EstimationError(
            "Only differences can be compared in words.",
            got=f"a {e.statistic}",
            expected="e.contrast(...) or e.pairwise()",
            fix="use narrative.describe for a single number",
        )
    i = position_of(e, row)
    texts = {lang: _compared(e, i, lang, what, labels or {}, digits) for lang in LANGUAGES}
    numbers = numbers_of(e, i)
    pair = _labels.compared(e, i)
    if numbers and pair is not None and e.origin is not None:
        first, second = (float(e.origin.table["estimate"].iloc[k]) for k in pair)
        numbers |= {"first": first, "second": second}
    return Finding.of(id, texts, numbers)


def shows(e: EstimatesData, i: int) -> bool:
    """Whether a difference is told from zero: by the adjusted p-value if there is one, else by the interval."""
    row, null = e.table.iloc[i], _labels.measure_at(e, i).no_difference or 0.0
    inside = row["conf_low"] <= null <= row["conf_high"]
    if "p_adjusted" in e.table.columns and np.isfinite(row["p_adjusted"]):
        # never beyond the interval that the sentence gives, whatever the p-values were made from
        return bool(row["p_adjusted"] < 1 - e.level and not inside)
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if certainty(e)[i] == "known":
        return True  # two numbers without sampling error differ as they do
    return bool(np.isfinite(low) and np.isfinite(high) and (low > null or high < null))


def _compared(
    e: EstimatesData, i: int, lang: str, what: str | Text | None, labels: Mapping[str, str | Text], digits: int | None
) -> str:
    measure, subject = _labels.measure_at(e, i), subject_of(e, i, lang, what)
    name = str(e.table["contrast"].iloc[i]) if "contrast" in e.table.columns else ""
    place, sides = _labels.contrast_parts(e, i, lang) if name else ("", ())
    if name in labels:
        place, sides = loc.pick(loc.text_of(labels[name]), lang, name), ()
    head = f"{place}: " if place and sides else ""
    about = _about(e, i, lang, subject, what is not None)
    missing = absence(e, i, lang)
    if missing:
        return finished(f"{head}{' − '.join(sides) or place}{about}: {missing}", e, lang)
    estimate = float(e.table["estimate"].iloc[i])
    care = loc.word("caution", lang) if _labels.statuses(e)[i] == "flagged" else ""
    unknown = certainty(e)[i] == "unknown"
    digits, inexact = _decimals(e, i, measure, digits) if sides else (digits, False)
    spread = "" if unknown and measure.difference else sureness(e, i, measure, lang, digits)
    tail = brackets(
        spread, _p_text(e, i, lang), _of_people(name, lang), loc.word("rounded", lang) if inexact else "", care
    )
    signed = amount(measure, measure.value(estimate, lang, digits), lang)
    if not sides:
        name_of = place or loc.word("difference", lang)
        said = catalogue.text("narrative.contrast", lang, name=name_of, about=about, value=signed, more=tail)
        return finished(said + _doubt(e, i, lang, "whole"), e, lang)
    one, other = sides
    if unknown or not shows(e, i):
        key = "narrative.unknown" if unknown else "narrative.unshown"
        said = catalogue.text(key, lang, one=one, other=other, about=about, value=signed, more=tail)
        return finished(head + said + _doubt(e, i, lang, "why"), e, lang)
    decimals = measure.digits if digits is None else digits
    if certainty(e)[i] == "known" and estimate == 0:
        said = catalogue.text("narrative.equal", lang, one=one, other=other, about=about, more=tail)
        return finished(head + said, e, lang)
    size = amount(measure, loc.number(measure.factor * abs(estimate), decimals, lang), lang)
    levels = _levels(e, i, lang, digits)
    key = "narrative.lower" if estimate < 0 else "narrative.higher"
    one, other = one + levels[0], other + levels[1]
    said = catalogue.text(key, lang, one=one, other=other, size=size, about=about, more=tail)
    return finished(head + said, e, lang)


def _doubt(e: EstimatesData, i: int, lang: str, part: str) -> str:
    """Why a difference is not told from zero; with part "whole" also that it is not; "" where it is."""
    if shows(e, i) or not _labels.measure_at(e, i).difference:
        return ""
    unsure = "narrative.unjudged" if certainty(e)[i] == "unknown" else "narrative.not_zero_unshown"
    low, high = (float(e.table[c].iloc[i]) for c in ("conf_low", "conf_high"))
    if not (np.isfinite(low) and np.isfinite(high)):
        why = "narrative.why_no_interval"
    elif low > 0 or high < 0:
        why = "narrative.why_adjusted"
    else:
        why = "narrative.why_holds_zero"
    reason = catalogue.text(why, lang)
    return f"; {catalogue.text(unsure, lang)}: {reason}" if part == "whole" else f"; {reason}"


def _about(e: EstimatesData, i: int, lang: str, subject: str, own: bool) -> str:
    """What a difference is a difference in: " về “Thân thiện”", " in the share answering … to …"."""
    if not subject:
        return ""
    if own:
        return catalogue.text("narrative.about", lang, item=subject)
    answers = ""
    if e.origin is not None and e.contrast_matrix is not None:
        answers = answers_of(e.origin, int(np.flatnonzero(e.contrast_matrix[i])[0]), item_of(e, i), lang)
    name = quoted(subject, lang)
    if answers:
        return catalogue.text("narrative.about_answers", lang, answers=answers, item=name)
    return catalogue.text("narrative.about_question" if subject.endswith("?") else "narrative.about", lang, item=name)


def _of_people(name: str, lang: str) -> str:
    """That a difference in differences weighs people, where `effect` counts each unit once."""
    return catalogue.text("narrative.by_people", lang) if name == "did" else ""


def _decimals(e: EstimatesData, i: int, measure: _labels.Measure, digits: int | None) -> tuple[int | None, bool]:
    """Decimals with which the numbers of a difference add up; and whether readers must be told that none do."""
    pair = _labels.compared(e, i)
    if pair is None or e.origin is None or not measure.difference:
        return digits, False
    a, b = (float(e.origin.table["estimate"].iloc[k]) for k in pair)
    wanted = measure.digits if digits is None else digits
    found = told_digits(measure, a, b, float(e.table["estimate"].iloc[i]), wanted)
    if digits is not None and found != digits:
        return digits, True
    return (digits, True) if found is None else (digits if found == wanted else found, False)


def _p_text(e: EstimatesData, i: int, lang: str) -> str:
    if not _labels.measure_at(e, i).difference:
        return ""  # the p-value asks whether a ratio is 0, which no one does
    for column, name in (("p_adjusted", catalogue.text("narrative.p_adjusted", lang)), ("p_value", "p")):
        if column in e.table.columns and np.isfinite(e.table[column].iloc[i]):
            text = loc.p_value(float(e.table[column].iloc[i]), lang)
            return f"{name} {text}" if text.startswith("<") else f"{name} = {text}"
    return ""


def _levels(e: EstimatesData, i: int, lang: str, digits: int | None) -> list[str]:
    """The two numbers that a plain difference is between, in brackets."""
    pair = _labels.compared(e, i)
    if pair is None or e.origin is None:
        return ["", ""]
    measure = _labels.measure_at(e.origin, pair[0])
    values = [measure.value(float(e.origin.table["estimate"].iloc[k]), lang, digits) for k in pair]
    return [f" ({v}{'%' if measure.kind == 'share' else ''})" for v in values]

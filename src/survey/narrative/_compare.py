"""A difference in words, honest about intervals that hold zero."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

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
        If these are no differences, or the row is not in the table, or not one only.
    """
    e = published(e)
    if e.kind.sentence != "compare":
        raise EstimationError(
            "Only differences can be compared in words.", got=f"a {e.statistic}",
            expected="e.contrast(...) or e.pairwise()", fix="use narrative.describe for a single number",
        )  # fmt: skip
    i = position_of(e, row)
    texts = {lang: _compared(e, i, lang, what, labels or {}, digits) for lang in LANGUAGES}
    numbers = numbers_of(e, i)
    pair = _labels.compared(e, i)
    if numbers and pair is not None and e.origin is not None:
        first, second = (float(e.origin.table["estimate"].iloc[k]) for k in pair)
        numbers |= {"first": first, "second": second}
    return Finding(id, texts["vi"], texts["en"], numbers)


def shows(e: EstimatesData, i: int) -> bool:
    """Whether a difference is told from zero: by the adjusted p-value if there is one, else by the interval."""
    row = e.table.iloc[i]
    inside = row["conf_low"] <= 0 <= row["conf_high"]
    if "p_adjusted" in e.table.columns and np.isfinite(row["p_adjusted"]):
        # never beyond the interval that the sentence gives, whatever the p-values were made from
        return bool(row["p_adjusted"] < 1 - e.level and not inside)
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if certainty(e)[i] == "known":
        return True  # two numbers without sampling error differ as they do
    return bool(np.isfinite(low) and np.isfinite(high) and (low > 0 or high < 0))


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
        joint = {"vi": "là", "en": "is"}[lang]
        return finished(
            f"{place or loc.word('difference', lang)}{about} {joint} {signed}{tail}{_doubt(e, i, lang, 'whole')}",
            e,
            lang,
        )
    if unknown:
        said = {
            "vi": f"không thể đánh giá chênh lệch giữa {sides[0]} và {sides[1]}{about}: "
            f"chênh lệch ước lượng {signed}{tail}",
            "en": f"the difference between {sides[0]} and {sides[1]}{about} cannot be judged: "
            f"the estimated difference is {signed}{tail}",
        }[lang]
        return finished(head + said + _doubt(e, i, lang, "why"), e, lang)
    if not shows(e, i):
        said = {
            "vi": f"dữ liệu không cho thấy khác biệt giữa {sides[0]} và {sides[1]}{about}: "
            f"chênh lệch ước lượng {signed}{tail}",
            "en": f"the data do not show a difference between {sides[0]} and {sides[1]}{about}: "
            f"the estimated difference is {signed}{tail}",
        }[lang]
        return finished(head + said + _doubt(e, i, lang, "why"), e, lang)
    decimals = measure.digits if digits is None else digits
    if certainty(e)[i] == "known" and estimate == 0:
        same = {"vi": "bằng", "en": "is equal to"}[lang]
        return finished(f"{head}{sides[0]} {same} {sides[1]}{about}{tail}", e, lang)
    size = amount(measure, loc.number(measure.factor * abs(estimate), decimals, lang), lang)
    levels = _levels(e, i, lang, digits)
    higher = {"vi": ("cao hơn", "thấp hơn"), "en": ("higher", "lower")}[lang][estimate < 0]
    said = {
        "vi": f"{sides[0]}{levels[0]} {higher} {sides[1]}{levels[1]} {size}{about}{tail}",
        "en": f"{sides[0]}{levels[0]} is {size} {higher} than {sides[1]}{levels[1]}{about}{tail}",
    }[lang]
    return finished(head + said, e, lang)


def _doubt(e: EstimatesData, i: int, lang: str, part: str) -> str:
    """Why a difference is not told from zero; with part "whole" also that it is not; "" where it is."""
    if shows(e, i) or not _labels.measure_at(e, i).difference:
        return ""
    unsure = {"vi": "dữ liệu không cho thấy khác biệt với 0", "en": "the data do not show a difference from zero"}
    if certainty(e)[i] == "unknown":
        unsure = {"vi": "không thể đánh giá", "en": "it cannot be judged"}
    low, high = (float(e.table[c].iloc[i]) for c in ("conf_low", "conf_high"))
    if not (np.isfinite(low) and np.isfinite(high)):
        why = {"vi": "không tính được khoảng tin cậy", "en": "no interval can be computed"}
    elif low > 0 or high < 0:
        why = {"vi": "đã hiệu chỉnh cho nhiều phép so sánh", "en": "adjusted for several comparisons"}
    else:
        why = {
            "vi": "khoảng tin cậy chứa cả giá trị âm và giá trị dương",
            "en": "the interval holds negative and positive values",
        }
    return f"; {unsure[lang]}: {why[lang]}" if part == "whole" else f"; {why[lang]}"


def _about(e: EstimatesData, i: int, lang: str, subject: str, own: bool) -> str:
    """What a difference is a difference in: " về “Thân thiện”", " in the share answering … to …"."""
    if not subject:
        return ""
    if own:
        return {"vi": f" về {subject}", "en": f" in {subject}"}[lang]
    answers = ""
    if e.origin is not None and e.weights is not None:
        answers = answers_of(e.origin, int(np.flatnonzero(e.weights[i])[0]), item_of(e, i), lang)
    name = quoted(subject, lang)
    if answers:
        return {
            "vi": f" về tỷ lệ trả lời {answers} cho {name}", "en": f" in the share answering {answers} to {name}"
        }[lang]  # fmt: skip
    return {"vi": f" về {name}", "en": f" {'on' if subject.endswith('?') else 'in'} {name}"}[lang]


def _of_people(name: str, lang: str) -> str:
    """That a difference in differences weighs people, where `effect` counts each unit once."""
    return {"vi": "tính theo số người", "en": "weighted by people"}[lang] if name == "did" else ""


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
        return ""  # the p-value asks whether a ratio is 0, which nobody does
    for column, name in (("p_adjusted", {"vi": "p hiệu chỉnh", "en": "adjusted p"}[lang]), ("p_value", "p")):
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

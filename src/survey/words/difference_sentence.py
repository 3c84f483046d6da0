"""The sentence on a difference: whether the data show one, which way and between what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from survey.base import catalogue
from survey.base.frames import locked
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.result import rows_in
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.certainty import certainty, told_digits
from survey.words.families import alpha_of, family_said
from survey.words.parts import absence, amount, brackets, place_of, size_of, sureness
from survey.words.phrases import bare, within_brackets
from survey.words.sides import Sides, measured, sides_of

__all__ = ["adjusted_p", "difference", "in_brief", "shown", "shows"]


def difference(
    e: EstimatesData,
    i: int,
    lang: str,
    what: str | Text | None,
    labels: Mapping[str, str | Text],
    digits: int | None,
    brief: bool = False,
) -> str:
    """A difference in words; `brief` leaves out what stands in brackets."""
    measure, subject = _labels.measure_at(e, i), measured(e, i, lang, what)
    name = str(rows_in(e)["contrast"].iloc[i]) if "contrast" in rows_in(e).columns else ""
    sides = None if name in labels else sides_of(e, i, lang)
    if sides is None:
        return _named(e, i, lang, subject, name, labels, digits, brief)
    sides = in_brief(sides) if brief else sides
    head = f"{sides.place}: " if sides.place else ""
    missing = absence(e, i, lang)
    if missing:
        about = catalogue.text("narrative.about", lang, item=subject) if subject else ""
        return f"{head}{sides.one} − {sides.other}{about}: {missing}"
    estimate = float(rows_in(e)["estimate"].iloc[i])
    unknown = certainty(e)[i] == "unknown"
    inexact, told = False, not unknown and shows(e, i)
    if sides.kind != "did" and told:  # else the sentence has the difference alone, and as many decimals as tables
        digits, inexact = _decimals(e, i, measure, digits)
    parts = {"subject": subject, "one": sides.one, "other": sides.other}
    tail = "" if brief else _tail(e, i, measure, lang, digits, sides.kind, inexact, unknown)
    if not told:
        key = "unknown" if unknown else "unshown"
        key = f"narrative.{key}_{sides.kind}" if sides.kind != "groups" else f"narrative.{key}"
        value = amount(measure, measure.value(estimate, lang, digits), lang)
        return head + catalogue.text(key, lang, value=value, more=tail, **parts)
    if certainty(e)[i] == "known" and estimate == 0:
        return head + catalogue.text("narrative.equal", lang, more=tail, **parts)
    size = size_of(measure, estimate, lang, digits)
    values = _levels(e, sides, lang, digits)
    key = _verb(e, sides, estimate)
    if sides.kind == "change":
        parts |= {"one": within_brackets(sides.one), "other": within_brackets(sides.other)}
    said = catalogue.text(f"narrative.{key}", lang, size=size, more=tail, **values, **parts)
    return head + said


def in_brief(sides: Sides) -> Sides:
    """Periods without what they say in brackets ("baseline (August 2023)"), where they differ without it."""
    one, other = bare(sides.one), bare(sides.other)
    return replace(sides, one=one, other=other) if sides.kind == "change" and one != other else sides


def shows(e: EstimatesData, i: int) -> bool:
    """Whether a difference is told from zero: by the adjusted p-value if there is one, else by the interval."""
    return bool(shown(e)[i])


def shown(e: EstimatesData) -> NDArray[np.bool_]:
    """Which differences are told from zero, as `shows` says of one; kept with the result, not to be written to."""
    return e.once(_shown)


def _shown(e: EstimatesData) -> NDArray[np.bool_]:
    table = e.table
    null = np.array([m.no_difference or 0.0 for m in _labels.measures(e)])
    low, high = (table[c].to_numpy(float) for c in ("conf_low", "conf_high"))
    apart = np.isfinite(low) & np.isfinite(high) & ((low > null) | (high < null))
    # two numbers without sampling error differ as they do
    out = apart | (certainty(e) == "known")
    if "p_adjusted" in table.columns:
        p = table["p_adjusted"].to_numpy(float)
        # never beyond the interval that the sentence gives, whatever the p-values were made from
        below = (p < [alpha_of(e, i) for i in range(len(table))]) & ~((low <= null) & (null <= high))
        out = np.where(np.isfinite(p), below, out)
    found: NDArray[np.bool_] = locked(np.asarray(out, bool))
    return found


def _verb(e: EstimatesData, sides: Sides, estimate: float) -> str:
    """Which sentence agrees with the signs."""
    if sides.kind == "groups":
        return "lower" if estimate < 0 else "higher"
    if sides.kind == "change":
        return "fell" if estimate < 0 else "rose"
    origin = e.origin
    assert origin is not None  # the sides were found in it
    x = [float(origin.table["estimate"].iloc[k]) for k in sides.rows]
    one, other = x[0] - x[1], x[2] - x[3]
    if one >= 0 and other >= 0:
        return "rose_less" if estimate < 0 else "rose_more"
    if one <= 0 and other <= 0:
        return "fell_more" if estimate < 0 else "fell_less"
    return "change_lower" if estimate < 0 else "change_higher"


def _named(
    e: EstimatesData,
    i: int,
    lang: str,
    subject: str,
    name: str,
    labels: Mapping[str, str | Text],
    digits: int | None,
    brief: bool,
) -> str:
    """A contrast by the name it was given: nothing is known of its sides."""
    measure = _labels.measure_at(e, i)
    about = catalogue.text("narrative.about", lang, item=subject) if subject else ""
    if name in labels:
        place = loc.pick(loc.text_of(labels[name]), lang, name)
    else:
        place = _labels.contrast_parts(e, i, lang)[0] if name else ""
    place = place or loc.word("difference", lang)
    within = place_of(e, i, lang)
    place = f"{within}: {place}" if within else place
    missing = absence(e, i, lang)
    if missing:
        return f"{place}{about}: {missing}"
    estimate, unknown = float(rows_in(e)["estimate"].iloc[i]), certainty(e)[i] == "unknown"
    value = amount(measure, measure.value(estimate, lang, digits), lang)
    tail = "" if brief else _tail(e, i, measure, lang, digits, "named", False, unknown)
    said = catalogue.text("narrative.contrast", lang, name=place, about=about, value=value, more=tail)
    if "p_departure" in rows_in(e).columns and rows_in(e)["p_departure"].iloc[i] < 1 - e.level:
        p = loc.p_equals(float(rows_in(e)["p_departure"].iloc[i]), lang)
        said += "; " + catalogue.text("narrative.departs", lang, p=p)
    if measure.difference and not shows(e, i):
        said += "; " + catalogue.text(f"narrative.{'unjudged' if unknown else 'not_zero_unshown'}", lang)
    return said


def _tail(
    e: EstimatesData,
    i: int,
    measure: _labels.Measure,
    lang: str,
    digits: int | None,
    kind: str,
    inexact: bool,
    unknown: bool,
) -> str:
    """What stands in brackets: the method, the interval, the p-value and why it decides, remarks.

    A sentence that says "lower" gives the size without a sign, and the interval likewise. A difference in differences
    weighs people, where `effect` counts each unit once.
    """
    turned = kind != "named" and shows(e, i) and float(rows_in(e)["estimate"].iloc[i]) < 0
    spread = "" if unknown and measure.difference else sureness(e, i, measure, lang, digits, turned)
    why = ""
    if unknown and measure.difference:
        why = catalogue.text("narrative.why_no_interval", lang)
    elif measure.difference and not shows(e, i):
        low, high = (float(rows_in(e)[c].iloc[i]) for c in ("conf_low", "conf_high"))
        if low <= 0 <= high:
            spread += catalogue.text("narrative.holds_zero", lang)
        elif not e.kind.compares:  # there the p-value names its correction
            why = catalogue.text("narrative.why_adjusted", lang)
    method = catalogue.text("narrative.did", lang) if kind == "did" else ""
    return brackets(
        method,
        spread,
        _p_text(e, i, lang),
        family_said(e, i, lang),
        why,
        catalogue.text("narrative.by_people", lang) if method else "",
        loc.word("rounded", lang) if inexact else "",
        loc.word("caution", lang) if _labels.statuses(e)[i] == "flagged" else "",
    )


def _decimals(e: EstimatesData, i: int, measure: _labels.Measure, digits: int | None) -> tuple[int | None, bool]:
    """Decimals with which the numbers of a difference add up; and whether readers must be told that none do."""
    pair = _labels.compared(e, i)
    if pair is None or e.origin is None or not measure.difference:
        return digits, False
    a, b = (float(e.origin.table["estimate"].iloc[k]) for k in pair)
    wanted = measure.digits if digits is None else digits
    found = told_digits(measure, a, b, float(rows_in(e)["estimate"].iloc[i]), wanted)
    if digits is not None and found != digits:
        return digits, True
    return (digits, True) if found is None else (digits if found == wanted else found, False)


def _p_text(e: EstimatesData, i: int, lang: str) -> str:
    if not _labels.measure_at(e, i).difference:
        return ""  # the p-value asks whether a ratio is 0, which no one does
    for column in ("p_adjusted", "p_value"):
        if column in rows_in(e).columns and np.isfinite(rows_in(e)[column].iloc[i]):
            p = float(rows_in(e)[column].iloc[i])
            if e.kind.compares and column == "p_adjusted":  # which correction it was
                return adjusted_p(loc.p_value(p, lang), e.adjust, lang)
            return loc.p_equals(p, lang, column == "p_adjusted")
    return ""


def adjusted_p(p: str, adjust: str, lang: str) -> str:
    """A p-value with the correction that it stands for: "p = 0.021, adjusted by Holm's method"."""
    sign, p = ("<", p[1:].strip()) if p.startswith("<") else ("=", p)
    how = catalogue.text(f"narrative.by_{adjust.replace('-', '_')}", lang)
    return catalogue.text("narrative.p_adjusted_by", lang, sign=sign, p=p, method=how)


def _levels(e: EstimatesData, sides: Sides, lang: str, digits: int | None) -> dict[str, str]:
    """The numbers that a plain difference is between: as "first" and "second" with their units."""
    if e.origin is None or sides.kind == "did":
        return {}
    measure = _labels.measure_at(e.origin, sides.rows[0])
    values = [measure.value(float(e.origin.table["estimate"].iloc[k]), lang, digits) for k in sides.rows]
    percent = "%" if measure.kind == "share" and not measure.difference else ""
    return {key: value + percent for key, value in zip(("first", "second"), values, strict=True)}

"""The sentence on a test: what the data show, or do not show, and never that there is nothing."""

from __future__ import annotations

import numpy as np

from survey.base import catalogue
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.words import labels
from survey.words import locale as loc
from survey.words.families import alpha_of, family_said
from survey.words.parts import absence, amount, brackets, interval_of, n_of, place_of, quoted, size_of, subject_of
from survey.words.sides import measured, sides_of

__all__ = ["judged", "state_of"]

_SIGNS = {"Chisq": "χ²", "lincom": "X²"}
"""What a statistic is called that is neither t nor F."""


def judged(
    e: EstimatesData, i: int, lang: str, what: str | Text | None, digits: int | None, brief: bool = False
) -> str:
    """A test in words; `brief` leaves out what stands in brackets."""
    subject = quoted(subject_of(e, i, lang, what), lang)
    place = place_of(e, i, lang)
    head = f"{place}: " if place else ""
    missing = absence(e, i, lang)
    if missing:
        return f"{head}{subject}: {missing}"
    parts = {"item": subject, **_parts(e, i, lang, what)}
    state = state_of(e, i)
    measure = labels.measure_at(e, i)
    estimate = float(e.table["estimate"].iloc[i])
    if measure.difference:
        parts["size"] = size_of(measure, estimate, lang, digits)
        parts["difference"] = amount(measure, measure.value(estimate, lang, digits), lang)
    turned = state == "lower"
    interval = interval_of(e, i, measure, lang, digits, turned) if "conf_low" in e.table.columns else ""
    inside = catalogue.text("narrative.holds_zero", lang) if interval and state == "unshown" else ""
    tail = (interval + inside, *_evidence(e, i, lang), n_of(e, i, lang), _care(e, i, lang))
    more = "" if brief else brackets(*tail)
    if brief:
        parts["chance"] = ""
    text = catalogue.text(f"narrative.{e.kind.phrase}_{state}", lang, more=more, **parts)
    return head + text + ("" if brief else _departure(e, i, lang))


def state_of(e: EstimatesData, i: int) -> str:
    """ "shown", "higher" or "lower" where a test says so; "unshown" where it does not; "unknown" without a p-value."""
    row = e.table.iloc[i]
    p = float(row["p_value"])
    if "p_adjusted" in e.table.columns and np.isfinite(row["p_adjusted"]):
        p = float(row["p_adjusted"])
    if not np.isfinite(p):
        return "unknown"
    if not p < alpha_of(e, i):
        return "unshown"
    if e.table["std_error"].isna().iloc[i]:
        return "shown"
    return "lower" if row["estimate"] < 0 else "higher"


def _parts(e: EstimatesData, i: int, lang: str, what: str | Text | None) -> dict[str, str]:
    """The parts of a sentence that are about its groups, items and values."""
    row, parts = e.table.iloc[i], {}
    if "with" in e.table.columns:
        parts["other"] = quoted(labels.item_label(e, str(row["with"]), lang), lang)
    if e.kind.combines and e.origin is not None and e.contrast_matrix is not None:
        for key, at in zip(("one", "other"), np.argsort(-e.contrast_matrix[i])[[0, -1]], strict=True):
            measure = labels.measure_at(e.origin, int(at))
            value = measure.value(float(e.origin.table["estimate"].iloc[at]), lang)
            parts[key] = measured(e.origin, int(at), lang, None)
            parts[f"{key}_value"] = value + ("%" if measure.kind == "share" and not measure.difference else "")
        return parts
    sides = sides_of(e, i, lang)
    if sides is not None:
        parts |= {"one": sides.one, "other": sides.other}
    parts["subject"] = measured(e, i, lang, what)
    if "value" in e.table.columns and e.origin is not None:
        measure = labels.measure_at(e.origin, i)
        parts["value"] = amount(measure, measure.value(float(row["value"]), lang), lang)
    chance = float(row["superiority"]) if "superiority" in e.table.columns else np.nan
    parts["chance"] = ""
    if np.isfinite(chance):
        share = loc.number(100 * chance, 0, lang) + "%"
        parts["chance"] = catalogue.text("narrative.rank_chance", lang, chance=share, **parts_of(parts))
    return parts


def parts_of(parts: dict[str, str]) -> dict[str, str]:
    """The two sides among some parts."""
    return {key: parts[key] for key in ("one", "other")}


def _evidence(e: EstimatesData, i: int, lang: str) -> list[str]:
    """The name of the test, its statistic with its degrees of freedom, the p-value, and V."""
    row, columns = e.table.iloc[i], e.table.columns
    name = str(row["test"]) if "test" in columns else ""
    found = [catalogue.text(f"tests.{name}", lang)] if name else []
    if np.isfinite(row["statistic"]):
        sign = _SIGNS.get(name, "F" if "ddf" in columns else "t")
        freedom = [
            loc.degrees_of_freedom(float(row[c]), lang) for c in ("df", "ddf") if c in columns and np.isfinite(row[c])
        ]
        found.append(f"{sign}({'; '.join(freedom)}) = {loc.number(float(row['statistic']), 2, lang)}")
    for column in ("p_adjusted", "p_value"):
        if column in columns and np.isfinite(row[column]):
            found.append(loc.p_equals(float(row[column]), lang, column == "p_adjusted"))
            break
    found.append(family_said(e, i, lang))
    if "cramers_v" in columns and np.isfinite(row["estimate"]):
        found.append(f"{loc.word('cramers_v', lang)} = {loc.number(float(row['estimate']), 2, lang)}")
    return found


def _care(e: EstimatesData, i: int, lang: str) -> str:
    return loc.word("caution", lang) if labels.statuses(e)[i] == "flagged" else ""


def _departure(e: EstimatesData, i: int, lang: str) -> str:
    """That groups do not lie on a line, where a test of it says so."""
    p = float(e.table["p_departure"].iloc[i]) if "p_departure" in e.table.columns else np.nan
    if not (np.isfinite(p) and p < 1 - e.level):
        return ""
    return "; " + catalogue.text("narrative.departure", lang, p=loc.p_equals(p, lang))

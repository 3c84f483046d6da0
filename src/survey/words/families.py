"""Families of tests in words: what a p-value's family is called, and what a sentence says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from survey.base import catalogue
from survey.base.catalogue import Note
from survey.core.result import ResultData, rows_in
from survey.words import locale as loc

__all__ = ["alpha_of", "family_label", "family_said", "p_in_family", "planned"]


def _note(e: ResultData, i: int) -> Note | None:
    """What is noted of the family of row `i`."""
    notes = [n for n in e.notes if isinstance(n, Note) and n.key == "plan.family"]
    if not notes or "family" not in rows_in(e).columns:
        return None
    name = rows_in(e)["family"].iloc[i]
    return next((n for n in notes if n.values["name"] == name), None)


def planned(e: ResultData) -> bool:
    """Whether the families of a result are those of a plan."""
    return "family" in rows_in(e).columns and any(isinstance(n, Note) and n.key == "plan.family" for n in e.notes)


def family_label(e: ResultData, i: int, lang: str) -> str:
    """What the family of a row is called: its label in the plan, else its name."""
    note, name = _note(e, i), e.table["family"].iloc[i]
    return str(name) if note is None else _in(note.values["family"], lang)


def _in(value: object, lang: str) -> str:
    if isinstance(value, Note):
        return value.in_language(lang)
    return loc.pick(value, lang, "") if isinstance(value, Mapping) else str(value)


def family_said(e: ResultData, i: int, lang: str) -> str:
    """What a sentence says of the family of a row: that it is exploratory, or which family of how many tests it is."""
    note = _note(e, i)
    if note is None:
        return ""
    kind, values = note.values["kind"], note.values
    if kind == "later":
        declared = values["declared"]
        date = declared.values["date"] if isinstance(declared, Note) else None
        day = loc.date(date, lang) if isinstance(date, dt.date) else ""
        return catalogue.text("plan.said_later", lang, date=day)
    if kind in ("exploratory", "undeclared"):
        return catalogue.text("plan.said_exploratory" if kind == "exploratory" else "plan.said_undeclared", lang)
    return catalogue.text("plan.said", lang, family=_in(values["family"], lang), n=values["n"])


def alpha_of(e: ResultData, i: int) -> float:
    """The level at which a row is judged: that of its family in a plan, else one minus the level of the result."""
    note = _note(e, i)
    alpha = None if note is None else note.values.get("alpha")
    return alpha if isinstance(alpha, float) else 1 - e.level


def p_in_family(e: ResultData, i: int, lang: str) -> str:
    """An adjusted p-value with what is said of its family, for a sentence on a p-value that is not; "" for none."""
    said = family_said(e, i, lang)
    p = float(e.table["p_adjusted"].iloc[i]) if said and "p_adjusted" in e.table.columns else float("nan")
    if not said or p != p:
        return said
    return f"{loc.p_equals(p, lang, adjusted=True)}; {said}"

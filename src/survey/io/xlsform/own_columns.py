"""Columns of a form that are called as ours are, and are somebody else's.

A workbook may have any further columns: `kind` of a form on trees is no kind of missing answer. A column of which no
value, of two at least, is one of ours is left alone; where only some are not, they are mistyped, and an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from survey.codebook import DONT_KNOW_POLICIES, MISSING_KINDS, VARIABLE_TYPES
from survey.io.xlsform.form import XLSForm

__all__ = ["columns_of_others"]

_TRUTHS = ("yes", "true", "true()", "1", "no", "false", "false()", "0")
_OURS: Mapping[str, Callable[[str], bool]] = {
    "codebook_type": lambda text: text in VARIABLE_TYPES,
    "direction": lambda text: text in ("-1", "0", "1", "+1"),
    "scored": lambda text: text.lower() in _TRUTHS,
    "codebook_required": lambda text: text.lower() in _TRUTHS,
    "breakdown": lambda text: text.lower() in _TRUTHS,
    "primary": lambda text: text.lower() in _TRUTHS,
    "dont_know": lambda text: text in DONT_KNOW_POLICIES,
    "limits": lambda text: re.fullmatch(r"-?[\d.]+ +-?[\d.]+", text) is not None,
    "base": lambda text: text == "everyone" or re.search(r"[=<>(]| in ", text) is not None,
}


def columns_of_others(form: XLSForm) -> set[str]:
    """Headers of the sheet survey; of the sheet choices with "choices, " before them."""
    rows = [q.cells for q in form.questions] + [g.cells for q in form.questions for g in q.groups]
    found = {header for header, ours in _OURS.items() if _strange([row.get(header, "") for row in rows], ours)}
    if _strange([row.get("missing", "") for row in rows], lambda text: text in form.lists):
        found.add("missing")
    choices = [row for rows_of in form.choices.values() for row in rows_of.values()]
    for header in ("kind", "missing"):
        if _strange([row.get(header, "") for row in choices], lambda text: text in MISSING_KINDS):
            found.add(f"choices, {header}")
    return found


def _strange(texts: list[str], ours: Callable[[str], bool]) -> bool:
    said = [text for text in texts if text]
    return len(said) > 1 and not any(ours(text) for text in said)

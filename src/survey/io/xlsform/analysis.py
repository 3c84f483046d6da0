"""What a form says of the analysis of its answers: breakdowns, primary outcomes, and the parts that columns play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey.errors import CodebookError, shorten
from survey.io.xlsform.form import XLSForm
from survey.io.xlsform.own_columns import columns_of_others
from survey.io.xlsform.question_types import NO_ANSWER

__all__ = ["PARTS", "Analysis", "analysis_of"]

PARTS = ("weight", "stratum", "psu", "fpc", "id", "wave", "ward", "overall", "date", "duration")
"""Parts that one column of a study plays, as the column `role` of a form names them."""
_SAME = {"period": "wave", "unit": "ward", "strata": "stratum", "weights": "weight"}
_YES, _NO = ("yes", "true", "true()", "1"), ("", "no", "false", "false()", "0")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the columns `breakdown`, `primary`, `role`, `direction` and `scored` of a form say.

    Parameters
    ----------
    breakdowns, primary : tuple of str
        Columns in the order of the form.
    parts : mapping of str to str
        A part of `PARTS`, and the column that plays it.
    directed, scored : tuple of str
        Columns of which the form says which end is good, or that they are scored or not.
    """

    breakdowns: tuple[str, ...] = ()
    primary: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    directed: tuple[str, ...] = ()
    scored: tuple[str, ...] = ()


def analysis_of(form: XLSForm) -> Analysis:
    """Read the analysis columns of a form.

    Raises
    ------
    CodebookError
        If a cell of `breakdown` or `primary` is neither yes nor no, or two questions play one part.
    """
    others = columns_of_others(form)
    found: dict[str, list[str]] = {"breakdown": [], "primary": [], "direction": [], "scored": []}
    parts: dict[str, str] = {}
    for q in form.questions:
        if q.kind in NO_ANSWER:
            continue
        column = form.column(q)
        for header, columns in found.items():
            said = q.cells.get(header, "") if header not in others else ""
            if header in ("breakdown", "primary"):
                where = f"{form.source}, sheet survey, row {q.row}, {header}"
                if _yes(said, where):
                    columns.append(column)
            elif said:
                columns.append(column)
        role = q.cells.get("role", "")
        part = _SAME.get(role, role)
        if role == "breakdown":
            found["breakdown"].append(column)
        if part not in PARTS:
            continue
        if part in parts:
            raise CodebookError(
                "Two questions of a form have a role that one column has.",
                where=f"{form.source}, sheet survey, row {q.row}, role",
                got=f"{role}: {shorten([parts[part], column])}",
                expected="one of them",
                fix="remove the role from the other",
            )
        parts[part] = column
    breakdowns = tuple(dict.fromkeys(found["breakdown"]))
    return Analysis(breakdowns, tuple(found["primary"]), parts, tuple(found["direction"]), tuple(found["scored"]))


def _yes(said: str, where: str) -> bool:
    plain = said.strip().lower()
    if plain not in (*_YES, *_NO):
        raise CodebookError("Expected yes or no.", where=where, got=said, expected="yes or no")
    return plain in _YES

"""Answers that are none: which they are is shown first, and declared and emptied on request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from survey.base.arguments import columns_exist
from survey.cleaning.declaring import check_kind
from survey.cleaning.missing_plan import Line, MissingPlan
from survey.cleaning.naming_missing import by_code, by_label, found_ones
from survey.core.columns import known_columns
from survey.core.responses_data import R
from survey.errors import CleaningError

__all__ = ["declare_missing"]


def declare_missing(
    self: R,
    codes: Mapping[Any, Any] | None = None,
    columns: str | Iterable[str] | None = None,
    *,
    labels: Mapping[Any, str] | None = None,
    unsure: str | None = None,
) -> MissingPlan[R]:
    """Show which answers are none and would be declared missing; `.apply()` declares and empties them.

    Without `codes` and `labels` these are the codes and texts whose labels say so ("Don't know", "Từ chối") and
    Stata's missing letters. Numbers that stand apart from a scale (9 beside 1 to 5) are shown and left, unless they
    are named or `unsure` is given.

    Parameters
    ----------
    codes : mapping, optional
        Codes and their kind: `{9: "dont_know"}`, in the `columns` given, else in those where the code reads like a
        missing answer. Or by column: `{"income": {9999: "refused"}}`, where a code is taken wherever it stands.
    columns : str or list of str, optional
        All columns when not given.
    labels : mapping, optional
        Labels or texts and their kind: `{"NS/NC": "dont_know"}`. Patterns of file names hold ("*biết*"), and compiled
        regular expressions. Marks of Vietnamese count, Unicode forms and capitals do not.
    unsure : str, optional
        Take what only looks like a missing answer too; what names no kind is of this kind.

    Returns
    -------
    MissingPlan
        Its `table` has item, code, label, kind, rows, why and whether it is taken. Of a label that names no kind
        the kind is "blank", of "don't know or refused" ("NS/NC") it is "dont_know".

    Raises
    ------
    CleaningError
        For an unknown column or kind; a code that no row holds and no label names; a code between the answers of a
        scale; a label that no item has.

    Examples
    --------
    >>> responses.declare_missing()  # the table  # doctest: +SKIP
    >>> clean = responses.declare_missing(unsure="blank").apply()  # doctest: +SKIP
    """
    if unsure is not None:
        check_kind(unsure, "unsure")
    if columns is not None:
        columns = known_columns(self, columns)
    if codes is None and labels is None:
        return MissingPlan(self, found_ones(self, columns, unsure))
    lines: list[Line] = []
    for code, kind in (codes or {}).items():
        if isinstance(kind, Mapping):
            columns_exist([code], self.data.columns, f"The data have no column {code!r}.", CleaningError, where="codes")
            for own, what in kind.items():
                check_kind(what, f"codes, {code}: {own!r}")
                lines += by_code(self, own, what, [code], anywhere=True)
        else:
            check_kind(kind, f"codes: {code!r}")
            lines += by_code(self, code, kind, columns, among=codes or ())
    for label, kind in (labels or {}).items():
        check_kind(kind, f"labels: {label!r}")
        lines += by_label(self, label, kind, columns)
    once = {(line.found.variable, line.found.code): line for line in lines}
    return MissingPlan(self, tuple(once.values()))

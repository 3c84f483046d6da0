"""What a check found: every broken rule with its rows, as a table, as text, as HTML, or as one error."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from survey._files import AnySource, writing
from survey._log import counted
from survey.cleaning._common import Bools, row_ids
from survey.cleaning.page import page, table_of
from survey.errors import CheckError

if TYPE_CHECKING:
    from survey.responses import Responses

__all__ = ["Broken", "Report", "broken"]

_COLUMNS = ["rule", "variable", "severity", "rows", "ids", "message"]


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold.

    Parameters
    ----------
    rule : str
        "type", "scale", "limits", "required", "unique", "copies", "routing", "codebook", "missing codes", "future",
        "waves", "panel", or the name of a rule of your own.
    variable : str
        "" where the rule is about whole rows.
    severity : str
        "error" or "warning".
    index : Index
        The rows that break it; empty where the rule is about the codebook.
    ids : tuple of str
        The first of these rows, by index and id.
    message : str
    """

    rule: str
    variable: str
    severity: str
    index: pd.Index
    ids: tuple[str, ...]
    message: str
    vi: str = ""


def broken(
    self: Responses, rule: str, variable: str, severity: str, rows: Bools | None, message: str, vi: str = ""
) -> Broken:
    """A broken rule with the rows that break it; None where it is about the codebook."""
    if rows is None:
        return Broken(rule, variable, severity, self.data.index[:0], (), message, vi)
    ids = tuple(row_ids(self.data, self.codebook, rows))
    return Broken(rule, variable, severity, self.data.index[rows], ids, message, vi)


@dataclass(frozen=True, slots=True)
class Report:
    """Every broken rule at once.

    Parameters
    ----------
    broken : tuple of Broken
        Errors first.
    rows : int
        Rows checked.
    variables : int
        Columns checked.
    source : str
    """

    broken: tuple[Broken, ...]
    rows: int
    variables: int
    source: str = ""
    rules: tuple[str, ...] = field(default=(), repr=False)
    simulated: bool = False
    files: tuple[AnySource, ...] = field(default=(), repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """One line a broken rule: rule, variable, severity, rows, ids (the first rows), message."""
        lines = [
            {"rule": b.rule, "variable": b.variable, "severity": b.severity, "rows": len(b.index),
             "ids": ", ".join(b.ids) + (", …" if len(b.index) > len(b.ids) > 0 else ""), "message": b.message}
            for b in self.broken
        ]  # fmt: skip
        return pd.DataFrame(lines, columns=_COLUMNS)

    @property
    def errors(self) -> tuple[Broken, ...]:
        """Broken rules that make results wrong; the others are warnings."""
        return tuple(b for b in self.broken if b.severity == "error")

    @property
    def passed(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not self.errors

    def __bool__(self) -> bool:
        return self.passed

    def raise_if_failed(self) -> None:
        """Turn errors into one exception.

        Raises
        ------
        CheckError
            If the report has errors; every one is told.
        """
        if self.errors:
            lines = [
                f"{b.variable or 'rows'}: {b.message}" + (f" [{', '.join(b.ids)}]" if b.ids else "")
                for b in self.errors
            ]
            raise CheckError(
                f"The answers break {counted(len(lines), 'rule')}.",
                where=self.source or None, got="\n            ".join(lines),
                fix="correct the codebook, or recode or drop the rows; .check().table lists them",
            )  # fmt: skip

    def summary(self) -> str:
        """The outcome in one sentence."""
        errors = len(self.errors)
        outcome = f"{counted(errors, 'error')}, {counted(len(self.broken) - errors, 'warning')}"
        outcome = outcome if self.broken else "no rule is broken"
        return f"{counted(self.rows, 'row')}, {counted(self.variables, 'column')} checked: {outcome}."

    def to_text(self) -> str:
        """The report as plain text."""
        if not self.broken:
            return self.summary()
        return self.summary() + "\n" + self.table.drop(columns="ids").to_string(index=False)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the report as a page of its own, in Vietnamese and English: whole or not at all, nothing loaded.

        Returns
        -------
        Path
        """
        with writing(path, self.files, endings=(".html", ".htm")) as temporary:
            temporary.write_bytes(page(self).encode("utf-8", "replace"))
        return Path(path)

    def _repr_html_(self) -> str:
        return table_of(self)

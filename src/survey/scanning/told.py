"""The log of a scan: what is done to every batch, in the words of the log of `Responses`, with the numbers known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.base.text import counted
from survey.core.log import LogEntry, plain_arguments
from survey.errors import SurveyError, shorten
from survey.responses import Responses
from survey.scanning.state import ScanData
from survey.scanning.steps import Step

__all__ = ["entries_of", "log_of"]


def entries_of(scan: ScanData) -> tuple[LogEntry, ...]:
    """Reading, emptied missing codes, the steps in their order, and the adjustments of the weights.

    `answers_touched` is 0 where it is not counted; `log_of` says where. Columns that steps make are looked at.
    """
    return tuple(entry for entry, _ in _told(scan))


def log_of(scan: ScanData) -> pd.DataFrame:
    """As `Responses.log`; numbers of answers that were not counted are NaN."""
    told = _told(scan)
    columns = ["verb", "what", "rows_before", "rows_after", "rows_touched", "answers_touched", "reason"]
    rows = [{c: getattr(entry, c) for c in columns} for entry, _ in told]
    log = pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1, name="step"))
    known = np.array([counted for _, counted in told], bool)
    return log.assign(**{c: log[c].astype(float).where(known) for c in ("rows_touched", "answers_touched")})


def _told(scan: ScanData) -> list[tuple[LogEntry, bool]]:
    """Each entry, and whether the answers that it touched were counted."""
    rows, raw = len(scan), scan.steps.raw
    files = shorten([Path(file).name for file in scan.reader.files], 4) or scan.reader.source
    size = f"{counted(rows, 'row')}, {counted(len(raw), 'column')}"
    arguments = plain_arguments(path=[Path(file).name for file in scan.reader.files])
    found = [(LogEntry("read", f"{files}: {size}", arguments, 0, rows, rows), True)]
    book = scan.steps.codebook
    coded = [name for name in raw if name in book and book[name].missing]
    if coded:
        what = f"declared missing codes emptied in {counted(len(coded), 'column')}"
        found.append((LogEntry("recode_missing", what, plain_arguments(), rows, rows, 0), False))
    made = {step.makes for step in scan.steps.steps if step.makes}
    plain = Responses(pd.DataFrame({n: pd.Series(dtype=float) for n in scan.steps.names if n not in made}), book)
    for step in scan.steps.steps:
        if step.verb == "reverse":
            plain, entry, touched = _reversed(scan, plain, step)
        else:
            entry, touched = _made(scan, step)
        known = 0 if touched is None else touched
        found.append((entry(rows, known), touched is not None))
    return found + [(entry, True) for entry in (() if scan.weighing is None else scan.weighing.entries)]


def _made(scan: ScanData, step: Step) -> tuple[Any, int | None]:
    """The entry of a step that adds a column, as a function of rows and answers; and how many rows have a value."""
    scan.look([step.makes])
    held = scan.held(step.makes)
    n = held.n if not held.text else None if held.counts is None else sum(held.counts.values())
    if step.verb == "score":
        items = list(step.options["items"])
        what = f"{step.makes} from {len(items)} items ({shorten(items, 20)})"
        arguments = plain_arguments(name=step.arguments[0], **step.options)

        def entry(rows: int, given: int) -> LogEntry:
            return LogEntry(
                "score", f"{what}: {given:,} of {rows:,} rows got a score", arguments, rows, rows, given, given
            )

        return entry, n
    name, expression = step.arguments
    arguments = plain_arguments(name=name, expression=expression)
    return lambda rows, given: LogEntry(step.verb, f"{name} = {expression}", arguments, rows, rows, given, given), n


def _reversed(scan: ScanData, plain: Responses, step: Step) -> tuple[Responses, Any, int | None]:
    """The codebook after a step that reverses items, its entry, and how many answers it turned."""
    before = plain.codebook
    try:
        after = plain.reverse(*step.arguments)
    except SurveyError:  # items in words that the codebook does not list: it takes answers to know them
        what = "items of direction -1 turned"
        return plain, lambda rows, n: LogEntry("reverse", what, plain_arguments(), rows, rows, n, n), None
    said = after.entries[-1]
    turned = [n for n in plain.data.columns if n in before and before[n] != after.codebook[n]]
    scan.look(turned)
    answers = sum(scan.held(name).n for name in turned)

    def entry(rows: int, n: int) -> LogEntry:
        return LogEntry("reverse", said.what, said.arguments, rows, rows, 0, n)

    return after, entry, answers

"""The parts that all sentences are made of: rows, subjects, places, amounts, intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from survey.base.arguments import columns_exist
from survey.base.names import composed_column, composed_value
from survey.base.suggestions import near
from survey.codebook.told import may_be_shown
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData, rows_in
from survey.core.summary import SummaryData
from survey.errors import EstimationError, shorten
from survey.words import labels
from survey.words import locale as loc
from survey.words.comparability import warning_of
from survey.words.parts import absence

__all__ = [
    "Row",
    "before_notice",
    "finished",
    "matching",
    "numbers_of",
    "of_estimates",
    "position_of",
]

F = TypeVar("F", bound=Callable[..., Any])
Row = int | Mapping[str, Any] | None
"""A row of a table: its position, what its columns hold, or the only one."""


def of_estimates(expected: str) -> Callable[[F], F]:
    """Decorate a verb: a summary, which has no one estimate a row, is refused for what it is."""

    def decorate(verb: F) -> F:
        @wraps(verb)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            e = args[0] if args else kwargs.get("e")
            if isinstance(e, SummaryData):
                raise EstimationError(
                    "A summary has several numbers a row, and no sentence.",
                    where=f"narrative.{verb.__name__}",
                    got=f"a summary of {e.statistic.replace('_', ' ')}",
                    expected=expected,
                    fix="show it with tables.table or the figure made for it",
                )
            return verb(*args, **kwargs)

        return wrapped  # type: ignore[return-value]

    return decorate


def matching(e: ResultData, wanted: Mapping[str, Any]) -> list[int]:
    """Positions of the rows whose columns hold what is wanted."""
    columns_exist(wanted, e.table.columns, "The table has no such column.", EstimationError)
    keep = np.ones(len(e.table), dtype=bool)
    for name, value in wanted.items():
        column = composed_column(e.table[name])
        same = (column == composed_value(value)).to_numpy(bool)
        if name == "contrast" and isinstance(value, str) and not same.any():  # "b - a" as a keyboard has it
            same = (column == composed_value(value.replace(" - ", " − "))).to_numpy(bool)
        keep &= same
    return [int(i) for i in np.flatnonzero(keep)]


def position_of(e: ResultData, row: Row) -> int:
    """Position of the row asked for.

    Raises
    ------
    EstimationError
        If there is no such row, or more than one.
    """
    if isinstance(row, int | np.integer):
        if not -len(e.table) <= row < len(e.table):
            raise EstimationError("The table has no such row.", got=row, expected=f"0 to {len(e.table) - 1}")
        return int(row) % len(e.table)
    wanted: Mapping[str, Any] = {} if row is None else row
    found = matching(e, wanted)
    if len(found) != 1:
        raise EstimationError(
            "A sentence must refer to exactly one row.",
            where=dict(wanted) or None,
            got=f"{len(found)} rows",
            expected="one",
            fix=_meant(e, wanted)
            or "select the row, such as row={'wave': 2}; its columns are " + shorten(labels.levels_of(e)),
        )
    return found[0]


def _meant(e: ResultData, wanted: Mapping[str, Any]) -> str:
    """What may be meant by values that no row has; "" where each is found, or none is near."""
    meant: list[str] = []
    for name, value in wanted.items():
        if matching(e, {name: value}):
            continue
        column = e.table[name]
        rows = e.table["n"].fillna(1) if "n" in e.table.columns else np.ones(len(column))
        known = [v for v, n in zip(column, rows, strict=True) if may_be_shown(v, int(n))]
        meant += map(repr, near([value], known))
    return f"did you mean {shorten(meant, 3)}?" if meant else ""


def numbers_of(e: EstimatesData, i: int) -> dict[str, float]:
    """Every number of a row, unrounded; none of a row that may not be shown."""
    if absence(e, i, "en"):
        return {}
    names = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "df", "n")
    table = rows_in(e)
    return {name: float(table[name].iloc[i]) for name in names if name in table.columns}


def finished(text: str, e: EstimatesData, lang: str) -> str:
    """A whole sentence; groups that cannot be compared fairly and simulated data say so in further ones."""
    return loc.sentence(text) + _notice(e, lang)


def before_notice(text: str, further: str, e: EstimatesData, lang: str) -> str:
    """A finished sentence with a further one, before what says that the data are simulated."""
    notice = _notice(e, lang)
    return f"{text.removesuffix(notice)} {further}{notice}" if further else text


def _notice(e: EstimatesData, lang: str) -> str:
    warning = warning_of(e)
    unfair = "" if warning is None else " " + loc.sentence(warning.in_language(lang))
    return unfair + (" " + loc.sentence(loc.word("simulated", lang)) if e.simulated else "")

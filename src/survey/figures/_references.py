"""Reference values given for the rows of a result: a number, a mapping, a table, or another survey's estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor
from survey.base.names import composed_value
from survey.base.text import written
from survey.codebook import LANGUAGES
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.errors import ExportError, shorten
from survey.words import labels
from survey.words.disclosure import published

__all__ = ["Given", "OtherNumbers", "by_unit", "names_of_rows", "references_of"]


@dataclass(frozen=True, slots=True)
class Given:
    """For each row of a result the reference value, its standard error and degrees of freedom; NaN where none.

    `single` says that all rows have one and the same.
    """

    value: Array
    error: Array
    df: Array
    single: bool


def names_of_rows(e: ResultData) -> list[set[str]]:
    """What each row may be called: codes or labels of the columns that tell it apart, joined by ":"; also of one."""
    levels = [n for n in [*labels.levels_of(e), "answer"] if n in e.table.columns]
    varying = labels.varying(e) or levels
    texts = {lang: labels.labelled(e, lang, suppress_below=0) for lang in LANGUAGES}
    rows = []
    for i in range(len(e.table)):
        codes = [written(e.table[n].iloc[i]) for n in varying]
        told = [[str(texts[lang][n].iloc[i]) for n in varying] for lang in LANGUAGES]
        names = {":".join(parts) for parts in (codes, *told)}
        names |= {part for parts in (codes, *told) for part in parts}
        rows.append({composed_value(name) for name in names})
    return rows


def references_of(e: EstimatesData, reference: Any, error: Any, suppress_below: int) -> Given:
    """The references of the rows of a result.

    Raises
    ------
    ExportError
        If there are none, one fits no row or several of them differently, or is no number in the unit of the result.
    """
    none = np.full(len(e.table), np.nan)
    df = np.full(len(e.table), np.inf)
    if isinstance(reference, EstimatesData | pd.DataFrame):
        if error is not None:
            raise ExportError(
                "The standard errors of the reference are given twice.",
                where="reference_error=",
                expected="the column std_error of the reference, or reference_error=, not both",
            )
        value, own, df = _from_table(e, reference, suppress_below)
        single = False
    elif isinstance(reference, Mapping):
        value, single = _by_name(e, reference, "reference="), False
        own = none if error is None else _errors(e, error)
    else:
        value = np.full(len(e.table), _number(reference, "reference="))
        own, single = none if error is None else _errors(e, error), not isinstance(error, Mapping)
    if not np.isfinite(value).any():
        raise ExportError("No row has a reference value.", where="reference=", expected="a value for one row at least")
    if (own < 0).any():
        raise ExportError("A standard error is negative.", where="reference_error=", expected="0 or more")
    _in_unit(e, value)
    return Given(value, own, df, single)


def _number(value: Any, where: str) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = np.nan
    if isinstance(value, bool) or not np.isfinite(found):
        raise ExportError("The reference must be a number.", where=where, got=repr(value)[:80])
    return found


def _errors(e: EstimatesData, error: Any) -> Array:
    if isinstance(error, Mapping):
        return _by_name(e, error, "reference_error=")
    return np.full(len(e.table), _number(error, "reference_error="))


def _by_name(e: EstimatesData, given: Mapping[Any, Any], where: str) -> Array:
    names = names_of_rows(e)
    out, by = np.full(len(e.table), np.nan), [""] * len(e.table)
    for key, value in given.items():
        wanted = composed_value(key if isinstance(key, str) else written(key))
        number = _number(value, f"{where} {wanted}")
        at = [i for i, own in enumerate(names) if wanted in own]
        if not at:
            raise ExportError(
                "A reference value fits no row.",
                where=where,
                got=wanted,
                expected=shorten(sorted({min(own, key=len) for own in names})),
                fix="name the item or group by its code or its label, of several columns joined by ':'",
            )
        for i in at:
            # "y:2" says more than "2"
            if np.isfinite(out[i]) and by[i].count(":") == wanted.count(":") and out[i] != number:
                raise ExportError("Two reference values fit one row.", where=where, got=f"{by[i]}, {wanted}")
            if not by[i] or wanted.count(":") >= by[i].count(":"):
                out[i], by[i] = number, wanted
    return out


def _from_table(e: EstimatesData, reference: Any, suppress_below: int) -> tuple[Array, Array, Array]:
    """Values, errors and degrees of freedom from a table with columns of the result."""
    given = reference
    if isinstance(given, EstimatesData):
        given = published(given, suppress_below).table.rename(columns={"estimate": "value"})
        if reference.kind.unit != e.kind.unit or reference.kind.total != e.kind.total:
            raise ExportError(
                "The reference is another kind of number.",
                where="reference=",
                got=reference.statistic,
                expected=e.statistic,
            )
    if "value" not in given.columns:
        raise ExportError(
            "The table of references has no values.",
            where="reference=",
            got=shorten(given.columns),
            expected="a column 'value'",
        )
    possible = [n for n in [*labels.levels_of(e), "answer"] if n in e.table.columns and n in given.columns]
    if not possible and len(given) != 1:
        raise ExportError(
            "The table of references has no column that says which row each is for.",
            where="reference=",
            got=shorten(given.columns),
            expected=shorten(labels.levels_of(e)),
        )
    keys = [tuple(_plain(v) for v in row) for row in given[possible].itertuples(index=False, name=None)]
    if len(set(keys)) < len(keys):
        raise ExportError("Two references are for the same row.", where="reference=", got=shorten(possible))
    place = {key: i for i, key in enumerate(keys)}
    told = [tuple(_plain(v) for v in row) for row in e.table[possible].itertuples(index=False, name=None)]
    if not set(told) & set(keys):
        raise ExportError(
            "No reference is for any of the rows.",
            where=f"reference=, {shorten(possible)}",
            fix="write the codes of the groups as the estimates have them",
        )
    at = [place.get(key) for key in told]
    out = []
    for column, absent in (("value", np.nan), ("std_error", np.nan), ("df", np.inf)):
        numbers = pd.to_numeric(given[column], errors="coerce").to_numpy(float) if column in given.columns else None
        out.append(np.array([absent if i is None or numbers is None else numbers[i] for i in at], dtype=float))
    return out[0], out[1], out[2]


def _plain(value: Any) -> str:
    return str(composed_value(value if isinstance(value, str) else written(value)))


def _in_unit(e: EstimatesData, value: Array) -> None:
    """Raise for references that cannot be in the unit of their row: a share given in percent."""
    for m, x in zip(labels.measures(e), value, strict=True):
        if m.limits is None or not np.isfinite(x):
            continue
        low, high = m.limits[0] / m.factor, m.limits[1] / m.factor
        if not low - 1e-9 <= x <= high + 1e-9:
            share = m.kind == "share"
            raise ExportError(
                "A reference value is outside the scale of what it is compared with.",
                where="reference=",
                got=f"{x:g}",
                expected=f"{low:g} to {high:g}, in the units of e.table",
                fix="write a share in 0-1: 0.72, not 72" if share else "rescale it",
            )


@dataclass(frozen=True, slots=True)
class OtherNumbers:
    """For each row of a result the other number of its unit with its interval; NaN where none.

    `known` says that the unit is among the others, though its number may be hidden.
    """

    value: Array
    low: Array
    high: Array
    known: NDArray[np.bool_]


def by_unit(e: EstimatesData, other: Any, suppress_below: int) -> OtherNumbers:
    """Another number of the units of a result, from estimates, a table or a mapping.

    Raises
    ------
    ExportError
        If a unit of the mapping is none of the result, units come twice, or no column says which unit a row is of.
    """
    none = np.full(len(e.table), np.nan)
    if isinstance(other, Mapping):
        value = _by_name(e, other, "other=")
        return OtherNumbers(value, none, none, np.isfinite(value))
    given = other
    if isinstance(given, EstimatesData):
        given = published(given, suppress_below).table.rename(columns={"estimate": "value"})
    possible = [n for n in e.by if n in given.columns]
    if "value" not in given.columns or len(possible) != len(e.by):
        raise ExportError(
            "The other numbers are not of these units.",
            where="other=",
            got=shorten(given.columns),
            expected=shorten([*e.by, "value"]),
        )
    keys = [tuple(_plain(v) for v in row) for row in given[possible].itertuples(index=False, name=None)]
    if len(set(keys)) < len(keys):
        raise ExportError("There is more than one number of a unit.", where="other=", got=shorten(possible))
    place = {key: i for i, key in enumerate(keys)}
    at = [place.get(tuple(_plain(v) for v in row)) for row in e.table[possible].itertuples(index=False, name=None)]

    def column(name: str) -> Array:
        if name not in given.columns:
            return none
        numbers = pd.to_numeric(given[name], errors="coerce").to_numpy(float)
        return np.array([np.nan if i is None else numbers[i] for i in at])

    low, high = column("conf_low"), column("conf_high")
    if not np.isfinite(low).any():
        half = float(t_interval_factor(e.level, np.inf)) * column("std_error")
        low, high = column("value") - half, column("value") + half
    return OtherNumbers(column("value"), low, high, np.array([i is not None for i in at]))

"""Response rates: from the final disposition of every case drawn to the outcome rates that AAPOR defines."""

from __future__ import annotations

import math
import re
import unicodedata
import warnings
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist, explained, in_range, listed, outside
from survey.base.arrays import Array
from survey.base.codes import Ints, factorize
from survey.base.text import counted
from survey.codebook.numeric import column_numbers
from survey.codebook.told import describe_row, describe_values, may_be_shown
from survey.core.result import refuse_reserved
from survey.errors import DesignError, SurveyWarning, shorten
from survey.responses import Responses

__all__ = ["OUTCOMES", "RATES", "response_rates"]

OUTCOMES = ("I", "P", "R", "NC", "O", "UH", "UO", "NE")
"""Complete, partial, refusal and break-off, non-contact, other; unknown household, unknown other; not eligible."""

RATES = tuple(
    [f"RR{i}" for i in range(1, 7)]
    + [f"COOP{i}" for i in range(1, 5)]
    + [f"{kind}{i}" for kind in ("REF", "CON") for i in range(1, 4)]
)

_AAPOR = {"1.1": "I", "1.2": "P", "2.1": "R", "2.2": "NC", "3.1": "UH", "4": "NE"}
_AAPOR |= {f"2.{i}": "O" for i in range(3, 10)} | {f"3.{i}": "UO" for i in range(2, 10)}
_CODE = re.compile(r"([1-4])(?:[.,]([0-9]{1,4}))?")
_SHOWN = "1.1, 1.2, 2.1-2.9, 3.1-3.9 and 4 with further digits (2.11, 3.21), or I, P, R, NC, O, UH, UO, NE"

Data: TypeAlias = pd.DataFrame | Responses


@explained(DesignError)
def response_rates(
    data: Data | Sequence[Data],
    disposition: str = "disposition",
    *,
    by: str | Sequence[str] | None = None,
    weights: str | None = None,
    e: float | Mapping[Any, float] | None = None,
    codes: Mapping[Any, Any] | None = None,
) -> pd.DataFrame:
    """Compute response, cooperation, refusal and contact rates of the cases drawn.

    Parameters
    ----------
    data : DataFrame, Responses or sequence of them
        One row per case drawn, answered or not; several files (respondents, nonrespondents) are stacked. Collapse
        copies first: a case sent twice would count twice. An interview that was dropped as invented or broken remains a
        case, and is missing here once its row is gone: give it the disposition it deserves and keep the row.
    disposition : str
        Column of final dispositions: 1.1 complete (I), 1.2 partial (P), 2.1 refusal and break-off (R), 2.2
        non-contact (NC), 2.3-2.9 other (O), 3.1 unknown if a household (UH), 3.2-3.9 unknown otherwise (UO),
        4 not eligible (NE), each with further digits or without, as numbers or text; or the letters themselves.
    by : str or sequence of str, optional
        Columns that make groups.
    weights : str, optional
        Column of base weights, known for every case drawn and from before any adjustment for nonresponse. Rates, and
        an `e` that is estimated, are then weighted. The counts stay numbers of cases; a weight of 0 counts in them and
        in no rate.
    e : float or mapping of group to float, optional
        Share, 0-1, of the cases of unknown eligibility that count as eligible. A group of one column is its value,
        of several the tuple of values. Not given: the share among the group's cases whose eligibility is known
        ("proportional allocation" or CASRO), NaN where there are none.
    codes : mapping, optional
        A study's own codes: to a letter group or an AAPOR code, `{"closed door": "NC", 7: 2.11}`; None stands for an
        empty cell. They come before AAPOR's.

    Returns
    -------
    DataFrame
        One row per group, sorted: the columns of `by`, n (cases), I, P, R, NC, O, UH, UO, NE (numbers of cases), e, RR1
        to RR6, COOP1 to COOP4, REF1 to REF3, CON1 to CON3 (shares in 0-1). A rate without cases below it is NaN.

    Raises
    ------
    DesignError
        For columns that do not exist; a disposition that is empty or unknown; a case without group; weights that are
        missing or negative; an `e` outside 0-1 or for other groups than those of the data.

    References
    ----------
    AAPOR (2023), Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys, 10th edition.
    """
    groups = listed(by)
    refuse_reserved(groups, ("n", "e", *OUTCOMES, *RATES), DesignError, "by")
    frame = _stacked(data, [disposition, *groups, *([] if weights is None else [weights])])
    outcome = _outcomes(frame[disposition], codes or {})
    group, labels = _groups(frame, groups)
    k, kinds = len(labels), len(OUTCOMES)
    cell = group * kinds + outcome
    counts = np.bincount(cell, minlength=k * kinds).reshape(k, kinds)
    sums = counts.astype(float)
    if weights is not None:
        sums = np.bincount(cell, _weights(frame[weights]), minlength=k * kinds).reshape(k, kinds)
    share = _eligible(sums, e, groups, labels)
    columns = {name: labels[i].to_numpy() for i, name in enumerate(groups)}
    columns |= {"n": counts.sum(axis=1)} | {name: counts[:, i] for i, name in enumerate(OUTCOMES)}
    return pd.DataFrame(columns | {"e": share} | _rates(sums, share))


def _rates(sums: Array, e: Array) -> dict[str, Array]:
    """The rates from sums of cases (groups, outcomes) and e (groups,)."""
    i, p, r, nc, o, uh, uo, _ = sums.T
    unknown = uh + uo
    likely = np.where(unknown > 0, e * unknown, 0.0)  # an e that no one needs may be NaN
    known = i + p + r + nc + o
    every = {1: known + unknown, 2: known + likely, 3: known}
    out = {}
    for number, below in every.items():
        out[f"RR{2 * number - 1}"], out[f"RR{2 * number}"] = _ratio(i, below), _ratio(i + p, below)
        out[f"REF{number}"], out[f"CON{number}"] = _ratio(r, below), _ratio(i + p + r + o, below)
    for number, below in {1: i + p + r + o, 3: i + p + r}.items():
        out[f"COOP{number}"], out[f"COOP{number + 1}"] = _ratio(i, below), _ratio(i + p, below)
    return {name: out[name] for name in RATES}


def _ratio(above: Array, below: Array) -> Array:
    ratio: Array = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return ratio


def _eligible(sums: Array, e: float | Mapping[Any, float] | None, groups: list[str], labels: pd.DataFrame) -> Array:
    known, not_eligible = sums[:, :5].sum(axis=1), sums[:, 7]
    if e is None:
        return _ratio(known, known + not_eligible)
    if not isinstance(e, Mapping):
        values = [e] * len(labels)
    else:
        shown = [tuple(row) if len(groups) != 1 else row[0] for row in labels.to_numpy(dtype=object)]
        given = {_composed(key): value for key, value in e.items()}
        if not groups or set(given) != set(shown):
            raise DesignError(
                "The groups of `e` differ from those of the data.",
                where="e",
                got=shorten(given),
                expected=shorten(shown) if groups else "one number, as there are no groups",
                fix="give a number for each group, or one number for all",
            )
        values = [given[key] for key in shown]
    in_range(
        values,
        "`e` must be between 0 and 1.",
        DesignError,
        where="e",
        expected="numbers from 0 to 1",
        fits=lambda v: 0 <= v <= 1,
        fix="write 85 percent as 0.85",
    )
    return np.array(values, dtype=float)


def _outcomes(column: pd.Series, codes: Mapping[Any, Any]) -> Ints:
    """The outcome of every case, as its position in OUTCOMES."""
    own: dict[Hashable, str] = {}
    for code, meaning in codes.items():
        outcome = _outcome(meaning, {})
        if outcome is None:
            raise DesignError(
                "`codes` maps to an unknown outcome.",
                where=f"codes, {code!r}",
                got=repr(meaning),
                expected=_SHOWN,
                fix="map the code to one of the outcome groups",
            )
        own[_key(code)] = outcome
    code, values = pd.factorize(column.astype(object), use_na_sentinel=True)
    meanings = [_outcome(value, own) for value in values]
    place = np.array([-2 if m is None else OUTCOMES.index(m) for m in meanings] + [-1], dtype=np.int64)
    if None in own:
        place[-1] = OUTCOMES.index(own[None])
    found: Ints = place[code]
    if (found < 0).any():
        unreadable = [v for v, m in zip(values, meanings, strict=True) if m is None]
        # where no case can be read, the column may be another one, whose rare texts are answers
        rows, others = column.astype(object).value_counts(), bool((found >= 0).any())
        shown = {v: may_be_shown(v, 5 if others else int(rows[v])) for v in unreadable}
        unknown = [repr(v) if shown[v] else "a text (not shown)" for v in unreadable]
        unknown += [counted(int((found == -1).sum()), "empty cell")] if (found == -1).any() else []
        raise DesignError(
            "The disposition of some cases cannot be interpreted.",
            where=f"column {column.name!r}, {_named(column, found < 0)}",
            got=shorten(filter(None, unknown)),
            expected=_SHOWN,
            fix='map a study\'s own codes, codes={"closed door": "NC"}; for empty cells, codes={None: "UO"} if nobody '
            "knows what became of them",
        )
    return found


def _outcome(value: Any, own: Mapping[Hashable, str]) -> str | None:
    """The outcome group of one code, or None."""
    key = _key(value)
    if key in own:
        return own[key]
    # a number has lost its last zeros, and may have come through single precision: 2.1000000001, 2.1099999
    text = f"{key:.6f}".rstrip("0").rstrip(".") if isinstance(key, float) else str(key)
    if text in OUTCOMES:
        return text
    match = _CODE.fullmatch(text)
    return None if match is None else _AAPOR.get(match[1] if match[1] == "4" else f"{match[1]}.{match[2] or 0}"[:3])


def _key(value: Any) -> Hashable:
    """A code in the form in which codes are compared: text composed and trimmed, numbers to six digits."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return round(float(value), 6)
    return str(value)


def _composed(key: Any) -> Any:
    """A group with its text in one Unicode form."""
    if isinstance(key, tuple):
        return tuple(_composed(part) for part in key)
    return unicodedata.normalize("NFC", key) if isinstance(key, str) else key


def _stacked(data: Data | Sequence[Data], columns: list[str]) -> pd.DataFrame:
    """The columns of all files, one below the other; the index is (number of the file, or 0 for the only one, row)."""
    parts = list(data) if isinstance(data, list | tuple) else [data]
    frames = {}
    for number, part in enumerate(parts, len(parts) > 1):
        frame = part if isinstance(part, pd.DataFrame) else getattr(part, "data", None)
        where = f"file {number} of {len(parts)}" if number else None
        if not isinstance(frame, pd.DataFrame):
            raise DesignError(
                "Expected a DataFrame, Responses, or a list of them.",
                where=where,
                got=type(part).__name__,
                expected="a DataFrame, Responses, or a list of them",
            )
        columns_exist(
            columns,
            frame.columns,
            "Columns needed for response rates are missing.",
            DesignError,
            where=where,
            fix="correct the names, or add the columns to this file",
        )
        if len(frame):
            frames[int(number)] = frame[list(dict.fromkeys(columns))]
    if not frames:
        raise DesignError("The data have no rows.", expected="at least one sampled case")
    return pd.concat(frames)


def _groups(frame: pd.DataFrame, names: list[str]) -> tuple[Ints, pd.DataFrame]:
    """Group of every case, and the groups' labels, sorted."""
    if not names:
        return np.zeros(len(frame), np.int64), pd.DataFrame(index=range(1))
    for name in names:
        kinds = {isinstance(value, str) for value in frame[name].dropna().unique()}
        if len(kinds) > 1:
            raise DesignError(
                "A grouping column is text in one file and numeric in another.",
                where=f"column {name!r}",
                got=describe_values(frame[name].dropna().unique(), column=frame[name]),
                expected="one kind of value",
                fix="convert the column to one of them in every file",
            )
    code, labels = factorize([frame[name] for name in names])
    if (code < 0).any():
        raise DesignError(
            "The group is missing for some cases.",
            where=f"column {shorten(names)}, {_named(frame, code < 0)}",
            got=counted(int((code < 0).sum()), "empty cell"),
            expected="a group for every sampled case",
            fix="assign them to a separate group (vacant dwellings and unknown people too), or group by columns "
            "that the frame has for every case",
        )
    return code, labels


def _weights(column: pd.Series) -> Array:
    fix = "convert the column to numbers"
    values = column_numbers(
        column, "The weights are not numeric.", DesignError, where=f"column {column.name!r}", fix=fix
    )
    bad = ~((values >= 0) & np.isfinite(values))
    if bad.any() or not values.any():
        raise DesignError(
            "Some cases have no usable weight." if bad.any() else "All weights are 0.",
            where=f"column {column.name!r}" + (f", {_named(column, bad)}" if bad.any() else ""),
            got=describe_values(column[bad].unique(), column=column)
            if bad.any()
            else f"{len(values)} cases with weight 0",
            expected="a base weight for every sampled case: above 0, or 0 for cases outside the population",
            fix="compute base weights for all sampled cases (sv.base_weights), or omit `weights`",
        )
    nobody = int((values == 0).sum())
    if nobody:  # a file may write 0 for a weight that is not known, and the rates would be too high
        warnings.warn(
            f"{counted(nobody, 'case')} with a weight of 0 in column {column.name!r}: in none of the rates. Right for "
            "cases outside the population; an unknown weight must be filled in.",
            SurveyWarning,
            stacklevel=outside(),
        )
    return values


def _named(data: pd.DataFrame | pd.Series, at: np.ndarray) -> str:
    labels = (
        (row[0] if len(row) == 1 else tuple(row), file, i)
        for i, (file, *row) in zip(np.flatnonzero(at), data.index[at], strict=True)
    )
    return f"rows {shorten(describe_row(row, int(i)) + (f' (file {file})' if file else '') for row, file, i in labels)}"

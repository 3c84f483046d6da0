"""New values from old ones: recode, derive, band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base import catalogue
from survey.base.expressions import column_names, derived, evaluate
from survey.base.names import columns_named
from survey.codebook import ENGLISH_FIRST, Text, Variable, catalogue_text, same_text
from survey.codebook.told import describe_values
from survey.core.columns import (
    in_words,
    is_code,
    known_columns,
    name_rows,
    new_column,
    numeric,
    refuse_codes,
    with_column_from,
    with_columns,
)
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.core.unheld import unheld_remark
from survey.errors import CleaningError, shorten

__all__ = ["band", "derive", "recode"]

_NO_YES = MappingProxyType(
    {i: catalogue_text(f"labels.{key}", ENGLISH_FIRST) for i, key in enumerate(("false", "true"))}
)


def recode(self: R, column: str, mapping: Mapping[Any, Any] | Iterable[Sequence[Any]], *, reason: str = "") -> R:
    """Replace values of a column, all at once: {1: 2, 2: 1} swaps them. Values not named stay.

    The codebook follows: a code that is replaced leaves the scale, a code that is new there takes the label of the
    codes it came from. A new value of None empties the cell.

    Parameters
    ----------
    column : str
    mapping : mapping of old value to new value, or list of such pairs
    reason : str

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For an unknown column, an empty mapping, or a result that mixes text and numbers.
    """
    (column,) = known_columns(self, [column])
    try:
        mapping = dict(mapping)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        mapping = {}
    if not mapping:
        raise CleaningError(
            "`recode` needs a mapping.",
            where=f"column {column!r}",
            got="an empty mapping",
            expected="such as {7: -97}",
            fix="map each old value to its new value",
        )
    data, old = self.data, self.data[column]
    mapping = {_value(a, old): None if _is_nan(b) else _value(b, old) for a, b in mapping.items()}
    touched = np.zeros(len(data), dtype=bool)
    found = {before: is_code(old, [before]) for before in mapping}
    for rows in found.values():
        touched |= rows
    numbers = numeric(old)
    if numbers is not None and all(b is None or _is_number(b) for b in mapping.values()):
        whole = numbers.dtype.kind in "iu" and all(isinstance(b, int | np.integer) for b in mapping.values())
        changed = numbers.astype(np.int64 if whole else float)
        for before, after in mapping.items():
            changed[found[before]] = np.nan if after is None else after
        new = pd.Series(changed, index=data.index, name=column)
    else:
        values = old.astype(object).to_numpy(copy=True)
        for before, after in mapping.items():
            values[found[before]] = np.nan if after is None else after
        new = pd.Series(values, index=data.index, name=column).infer_objects()
    if new.dtype == object and touched.any():
        new = _one_kind(new, old, column)
    variable = self.codebook.variables.get(column)
    entry = LogEntry(
        "recode",
        f"{column}: " + shorten([f"{a} to {'empty' if b is None else b}" for a, b in mapping.items()], 20),
        plain_arguments(column=column, mapping=mapping, reason=reason),
        len(data),
        len(data),
        int(touched.sum()),
        int(touched.sum()),
        reason,
    )
    return self.logged(
        entry,
        data=with_columns(data, {column: new if touched.any() else old}),
        codebook=self.codebook if variable is None else self.codebook.update(_relabelled(variable, mapping)),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)


def _is_nan(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _value(value: Any, column: pd.Series) -> Any:
    """A value as it stood before the log wrote it as text: infinite numbers and dates."""
    if isinstance(value, str):
        if value in ("inf", "-inf") and numeric(column) is not None:
            return float(value)
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            day = pd.to_datetime(value, errors="coerce")
            return value if pd.isna(day) else day
    return value


def _one_kind(new: pd.Series, old: pd.Series, column: str) -> pd.Series:
    kind = pd.api.types.infer_dtype(new, skipna=True)
    if kind in ("string", "empty"):
        return new.astype("str")
    if kind in ("integer", "floating", "mixed-integer-float"):
        return pd.to_numeric(new).astype(float)
    texts = new[[isinstance(v, str) for v in new]]
    as_numbers = pd.to_numeric(texts, errors="coerce")
    if numeric(old) is None and as_numbers.notna().all():
        # a column was text because of the very values that were just fixed
        return pd.to_numeric(new).astype(float)
    if pd.api.types.is_object_dtype(old.dtype):
        return new
    raise CleaningError(
        "`recode` would mix text and numbers in a column.",
        where=column,
        got=describe_values(new.dropna().unique(), column=new),
        expected="one kind of value",
        fix="map every value that the column contains",
    )


def _relabelled(variable: Variable, mapping: Mapping[Any, Any]) -> Variable:
    if not variable.labels:
        return variable
    labels = {c: t for c, t in variable.labels.items() if c not in mapping or c in mapping.values()}
    for code in labels:
        if code in mapping:  # a code that others take over: the label comes from them
            labels[code] = _joined(variable, mapping, code)
    for before, after in mapping.items():
        if after is None or after in labels or after in variable.missing or before not in variable.labels:
            continue
        labels[after] = _joined(variable, mapping, after)
    if list(variable.codes) == sorted(variable.codes, key=_sortable):
        labels = {c: labels[c] for c in sorted(labels, key=_sortable)}
    return replace(variable, labels=MappingProxyType(labels))


def _sortable(code: Any) -> tuple[bool, Any]:
    return isinstance(code, str), code


def _joined(variable: Variable, mapping: Mapping[Any, Any], code: Any) -> Text:
    """The labels of the codes that become `code`, side by side."""
    texts = [variable.labels[a] for a, b in mapping.items() if b == code and a in variable.labels]
    langs = dict.fromkeys(lang for text in texts for lang in text)
    return MappingProxyType({lang: " / ".join(dict.fromkeys(t[lang] for t in texts if lang in t)) for lang in langs})


def derive(self: R, name: str, expression: str, *, label: str | Text | None = None) -> R:
    """Add a column computed from others: derive("age", "year - birth_year").

    A condition gives 1 and 0, and an empty cell where a missing answer leaves it open. The log names values of a
    condition that nobody has.

    Parameters
    ----------
    name : str
    expression : str
        Columns, numbers, text, comparisons, and / or / not, arithmetic, abs, min, max, round, isna, notna.
    label : str or mapping of language to str, optional
        Wording of the new variable; the expression when not given.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        If the column exists, the expression cannot be evaluated, or a column in it still holds missing codes.
    """
    new_column(self, name, "derive")
    refuse_codes(self, columns_named(column_names(expression, CleaningError), self.data.columns), "derive")
    plain = evaluate(expression, self.data, f"derive {name}", error=CleaningError)
    values = derived(expression, self.data, f"derive {name}", error=CleaningError)
    condition = isinstance(plain, np.ndarray) and plain.dtype == bool
    column = pd.Series(values, index=self.data.index, name=name)
    kind = "binary" if condition else "number"
    if isinstance(values, pd.Series):
        kind = "date" if pd.api.types.is_datetime64_any_dtype(values.dtype) else "text"
    text = {"en": expression} if label is None else same_text(label, ENGLISH_FIRST) if isinstance(label, str) else label
    variable = Variable(
        name,
        type=kind,
        text=MappingProxyType(dict(text)),
        role="derived",
        labels=_NO_YES if condition else MappingProxyType({}),
    )
    answers = int(column.notna().sum())
    entry = LogEntry(
        "derive",
        f"{name} = {expression}{unheld_remark(self, expression)}",
        plain_arguments(name=name, expression=expression, label=None if label is None else dict(text)),
        len(column),
        len(column),
        answers,
        answers,
    )
    return self.logged(entry, data=with_columns(self.data, {name: column}), codebook=self.codebook.update(variable))


def band(self: R, column: str, edges: Sequence[float], *, into: str, labels: Sequence[str | Text] | None = None) -> R:
    """Add a column of bands 1..k of a number: band("age", [18, 30, 45, 60, 120], into="age_group").

    A band holds its lower edge and not its upper one, except that the last holds both. Empty cells stay empty and
    keep their kind.

    Parameters
    ----------
    column : str
    edges : list of k + 1 numbers
        Ascending; the first and last may be infinite.
    into : str
        Name of the new column.
    labels : list of k str (or mappings of language to str), optional
        "18–29", ... when not given.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For values outside the edges (the rows are named), edges that do not ascend, another number of labels, a
        column that holds missing codes or text, or if `into` exists.
    """
    (column,) = known_columns(self, [column])
    new_column(self, into, "band")
    refuse_codes(self, [column], "band")
    values = numeric(self.data[column])
    if values is None:
        raise CleaningError(
            "`band` needs a numeric column.", where=column, got=f"a column of {self.data[column].dtype}"
        )
    limits = np.asarray(edges, dtype=float)
    if limits.ndim != 1 or len(limits) < 2 or not (np.diff(limits) > 0).all():
        raise CleaningError(
            "The band edges must be increasing.",
            where="band(edges=...)",
            got=shorten(edges) or "no edge",
            expected="such as [18, 30, 45, 120]",
            fix="give at least two increasing numbers",
        )
    bands = len(limits) - 1
    if labels is not None and len(labels) != bands:
        raise CleaningError(
            "The number of labels differs from the number of bands.", got=f"{len(labels)} labels", expected=f"{bands}"
        )
    values = values.astype(float)
    with np.errstate(invalid="ignore"):
        outside = (values < limits[0]) | (values > limits[-1])
    if outside.any():
        raise CleaningError(
            "Values lie outside the bands.",
            where=f"{column}, {name_rows(self, outside)}",
            got=in_words(pd.Series(values[outside]), self.codebook.variables.get(column)),
            expected=f"{limits[0]:g} to {limits[-1]:g}",
            fix="widen the edges (they may be infinite), or recode or drop the rows",
        )
    codes = np.minimum(np.searchsorted(limits, values, side="right"), bands).astype(float)
    codes[np.isnan(values)] = np.nan
    source = self.codebook.variables.get(column)
    texts = labels if labels is not None else _band_labels(limits, values, source.unit if source else "")
    variable = Variable(
        into,
        type="ordinal",
        text=source.text if source else MappingProxyType({}),
        role="derived",
        unit=source.unit if source else "",
        labels=MappingProxyType(
            {i: same_text(t, ENGLISH_FIRST) if isinstance(t, str) else t for i, t in enumerate(texts, 1)}
        ),
    )
    answers = int(np.count_nonzero(~np.isnan(codes)))
    entry = LogEntry(
        "band",
        f"{into}: {column} in {bands} bands",
        plain_arguments(column=column, edges=limits, into=into, labels=labels),
        len(codes),
        len(codes),
        answers,
        answers,
    )
    return with_column_from(self, entry, column, variable, codes)


def _band_labels(limits: NDArray[np.float64], values: NDArray[np.float64], unit: str) -> list[str | Text]:
    inner = limits[np.isfinite(limits)]
    present = values[~np.isnan(values)]
    whole = bool((inner == np.round(inner)).all() and (present == np.round(present)).all())
    texts: list[str | Text] = []
    years = "_years" if unit == "years" else ""
    for i, (low, high) in enumerate(pairwise(limits)):
        last = i == len(limits) - 2
        if np.isinf(high):
            told = {lang: catalogue.text(f"labels.from{years}", lang, low=f"{low:g}") for lang in ENGLISH_FIRST}
            texts.append(told if np.isfinite(low) else catalogue_text("words.all", ENGLISH_FIRST))
        elif np.isinf(low):
            key = "labels.up_to" if last else f"labels.under{years}"
            texts.append({lang: catalogue.text(key, lang, high=f"{high:g}") for lang in ENGLISH_FIRST})
        elif whole:
            top = high if last else high - 1
            texts.append(f"{low:g}" if top == low else f"{low:g}–{top:g}")
        else:
            texts.append(f"[{low:g}, {high:g}{']' if last else ')'}")
    return texts

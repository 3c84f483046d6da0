"""Which codes of which columns someone means by a code, a label or a pattern."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd

from survey.cleaning.missing_plan import Line
from survey.codebook import Variable
from survey.codebook.nonanswers import NonAnswer, find_nonanswers
from survey.codebook.told import may_be_shown
from survey.core.columns import is_code
from survey.core.responses_data import ResponsesData
from survey.core.undeclared import undeclared
from survey.errors import CleaningError, shorten

__all__ = ["by_code", "by_label", "found_ones"]

_MOST_TEXTS = 2_000


def found_ones(self: ResponsesData, columns: Sequence[str] | None, unsure: str | None) -> tuple[Line, ...]:
    """What reads like a missing answer: those that are sure are taken, the others on request."""
    wanted = None if columns is None else set(columns)
    return tuple(
        Line(one, one.kind or (unsure or "blank" if one.sure or unsure else ""), one.sure or unsure is not None)
        for one in undeclared(self)
        if wanted is None or one.variable in wanted
    )


def by_code(
    self: ResponsesData,
    code: Any,
    kind: str,
    columns: Sequence[str] | None,
    *,
    anywhere: bool = False,
    among: Collection[Any] = (),
) -> Iterator[Line]:
    """Lines of a code in some columns, or where it was found.

    Raises
    ------
    CleaningError
        If no column holds or labels it, or if it stands between the answers of a scale and was not meant `anywhere`.
    """
    if columns is None:
        columns = [one.variable for one in undeclared(self) if _same(one.code, code)]
        if not columns:
            raise CleaningError(
                f"No column holds {code!r} as what reads like a missing answer.",
                where=f"declare_missing, codes: {code!r}",
                expected=shorten(dict.fromkeys(str(one.code) for one in undeclared(self))) or None,
                fix=f"name the columns: declare_missing({{{code!r}: {kind!r}}}, columns=[...])",
            )
    some = False
    for name in dict.fromkeys(columns):
        variable = self.codebook.variables.get(name) or Variable(name)
        held = _as_held(self.data[name], variable, code)
        if held is None:
            continue
        some = True
        if not anywhere:
            _refuse_answer(self, variable, held, kind, among)
        yield Line(_named(self, variable, held, kind), kind, True)
    if not some:
        raise CleaningError(
            f"No row holds the code {code!r}, and no label names it.",
            where=f"declare_missing, {shorten(dict.fromkeys(columns))}",
            got=repr(code),
            expected=_codes_of(self, columns),
            fix="correct the code or the column",
        )


def by_label(self: ResponsesData, label: Any, kind: str, columns: Sequence[str] | None) -> list[Line]:
    """Lines of the codes whose label, or the texts that, are the one given or match its pattern.

    Raises
    ------
    CleaningError
        If there are none.
    """
    if not isinstance(label, str | re.Pattern):
        raise CleaningError(
            "A label is not a text.",
            where="declare_missing, labels",
            got=type(label).__name__,
            expected='a label ("NS/NC"), a pattern ("*biết*") or a compiled regular expression',
            fix="give codes as codes={9: ...}",
        )
    lines, known = [], dict[str, None]()
    for name in self.data.columns if columns is None else columns:
        variable = self.codebook.variables.get(name) or Variable(name)
        if variable.role in ("personal", "pseudonym", "id"):
            continue
        for code, texts in _labels_of(self, variable):
            known |= dict.fromkeys(texts)
            if code not in variable.missing and any(_matches(text, label) for text in texts):
                lines.append(Line(_named(self, variable, code, kind), kind, True))
    if not lines:
        shown = label if isinstance(label, str) else label.pattern
        near = get_close_matches(_form(shown), {_form(k): k for k in known}, 3, 0.6)
        raise CleaningError(
            f"No item has the label {shown!r}.",
            where="declare_missing, labels" + ("" if columns is None else f", {shorten(columns)}"),
            got=repr(shown),
            expected=shorten([k for k in known if _form(k) in near]) if near else None,
            fix="correct the label; codebook.table() lists them",
        )
    return lines


def _form(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _matches(text: str, label: str | re.Pattern[str]) -> bool:
    if isinstance(label, re.Pattern):
        return label.search(unicodedata.normalize("NFC", text)) is not None
    return fnmatchcase(_form(text), _form(label)) or _form(text) == _form(label)


def _labels_of(self: ResponsesData, variable: Variable) -> Iterator[tuple[Any, list[str]]]:
    for code, texts in variable.labels.items():
        yield code, [t for t in dict.fromkeys(texts.values()) if t]
    column = self.data[variable.name]
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return
    counts = column[column.map(lambda v: isinstance(v, str), na_action="ignore").eq(True)].value_counts()
    if len(counts) <= _MOST_TEXTS:
        for text in counts.index:
            if text not in variable.labels:
                yield text, [text]


def _named(self: ResponsesData, variable: Variable, code: Any, kind: str) -> NonAnswer:
    texts = variable.labels.get(code) or variable.missing_labels.get(code) or {}
    label = texts.get("en") or next(iter(texts.values()), "")
    rows = int(is_code(self.data[variable.name], [code]).sum())
    return NonAnswer(variable.name, code, label, kind, rows, "named", True)


def _as_held(column: pd.Series, variable: Variable, code: Any) -> Any:
    """A code as the column or its labels hold it, None where they do not: 88 of text is "88", ".a" is "a"."""
    forms: list[Any] = [code]
    if isinstance(code, str):
        forms += [code[1:]] if re.fullmatch(r"\.[a-z]", code) else []
        forms += [unicodedata.normalize("NFC", code)]
        forms += [_plain(code)] if _plain(code) is not None else []
    elif isinstance(code, int | float | np.number) and not isinstance(code, bool):
        number = float(code)
        forms = [int(number) if number.is_integer() else number, f"{number:g}"]
    numeric = pd.api.types.is_numeric_dtype(column.dtype)
    for form in forms:
        if form in variable.labels or form in variable.missing:
            return form
        if (not numeric or not isinstance(form, str)) and is_code(column, [form]).any():
            return form
    return None


def _plain(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number if np.isfinite(number) else None


def _same(one: Any, other: Any) -> bool:
    if one == other or f".{one}" == other:
        return True
    try:
        return float(one) == float(other)
    except (TypeError, ValueError):
        return False


def _refuse_answer(self: ResponsesData, variable: Variable, code: Any, kind: str, among: Iterable[Any]) -> None:
    """Raise where a code stands between answers: 3 of 1 to 5, and 9 of 0 to 10."""
    number = _number(code)
    if number is None or code in variable.missing:
        return
    own = pd.DataFrame({variable.name: self.data[variable.name]})
    none = {_number(o.code) for o in find_nonanswers(own, self.codebook)} | {_number(c) for c in among}
    none |= {_number(o.code) for o in undeclared(self) if o.variable == variable.name}
    if number in {_number(o.code) for o in undeclared(self) if o.variable == variable.name}:
        return
    scale = [_number(c) for c in variable.labels]
    if sum(c is not None for c in scale) < 2:
        values = self.data[variable.name].dropna().unique()
        scale = [_number(c) for c in values] if len(values) <= _MOST_TEXTS else []
    answers = [c for c in scale if c is not None and c not in none and c not in map(_number, variable.missing)]
    below, above = [c for c in answers if c < number], [c for c in answers if c > number]
    if below and above:
        label = variable.label(code)
        raise CleaningError(
            f"The code {code} stands between the answers of {variable.name!r}.",
            where=f"declare_missing, {variable.name}",
            got=f"{code}" + (f" ({label})" if label != str(code) else ""),
            expected=f"a code outside the scale, which holds {max(below):g} and {min(above):g}",
            fix=f"if it is no answer, name it by column: codes={{{variable.name!r}: {{{code!r}: {kind!r}}}}}",
        )


def _number(code: Any) -> float | None:
    if isinstance(code, bool):
        return None
    try:
        number = float(code)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _codes_of(self: ResponsesData, columns: Iterable[str]) -> str | None:
    """The codes of the columns, as far as they may be shown."""
    found: dict[str, None] = {}
    for name in columns:
        variable = self.codebook.variables.get(name) or Variable(name)
        if variable.role in ("personal", "pseudonym", "id"):
            continue
        found |= dict.fromkeys(map(str, (*variable.labels, *variable.missing)))
        counts = self.data[name].value_counts()
        if len(counts) <= 60:
            found |= {_shown(v): None for v, n in counts.items() if may_be_shown(v, int(n))}
    return shorten(found, 20) if found else None


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

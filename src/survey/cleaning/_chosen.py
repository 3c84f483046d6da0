"""What respondents chose, from the three shapes of a select-all question: ticks, mentions, one text with separators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.options import taken_apart
from survey.codebook import ENGLISH_FIRST, Text, Variable, same_text
from survey.codebook._set_words import NO, YES, comparable
from survey.codebook.told import describe_values
from survey.core.columns import in_words, name_rows, refuse_codes
from survey.core.responses_data import ResponsesData
from survey.errors import CleaningError, shorten

__all__ = ["Chosen", "from_mentions", "from_text", "from_ticks", "text_of"]

_VERB = "declare_select_all"
_MOST_OPTIONS = 60


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen.

    Parameters
    ----------
    labels : mapping of str to Text
        Column of each option and what it is called, in the order of the questionnaire.
    codes : mapping of column to str
        What the option is called in the data, for arguments that name it.
    values : array (rows, options)
        1 chosen, 0 not chosen, NaN nothing said.
    negative : bool
        Whether "not chosen" is written; where it is not, an empty cell may mean it.
    """

    labels: Mapping[str, Text]
    codes: Mapping[str, str]
    values: NDArray[np.float64]
    negative: bool

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Rows that say anything (rows,)."""
        return np.asarray(np.isfinite(self.values).any(axis=1), dtype=bool)

    @property
    def any_chosen(self) -> NDArray[np.bool_]:
        """Rows in which an option is chosen (rows,)."""
        return np.asarray((self.values == 1).any(axis=1), dtype=bool)

    def column(self, option: str, what: str) -> str:
        """The column of an option that is named by its column, its code or its label in any language."""
        wanted = comparable(option)
        for name, text in self.labels.items():
            if wanted in {comparable(name), comparable(self.codes.get(name, name)), *map(comparable, text.values())}:
                return name
        raise CleaningError(
            "An option is not in the select-all question.",
            where=f"{_VERB}({what}=...)",
            got=str(option)[:80],
            expected=shorten(self.codes.values(), 20),
            fix="name the option by its column, its code or its label",
        )


def text_of(label: Any) -> Text:
    """A label as a text in every language."""
    return same_text(label, ENGLISH_FIRST) if isinstance(label, str) else dict(label)


# --- a column an option -----------------------------------------------------------------------------------------------


def from_ticks(
    self: ResponsesData, columns: Sequence[str], labels: Mapping[str, Text], counted: Any, numbered: bool
) -> Chosen:
    """One column an option: 1 or empty, 0 or 1, yes or no, its label or empty.

    Parameters
    ----------
    counted : object
        What means chosen; None to read the usual words.
    numbered : bool
        Whether `counted` is the codebook's, which says nothing against usual words.
    """
    refuse_codes(self, columns, _VERB)
    found = [_tick(self, name, labels[name], counted, numbered) for name in columns]
    values = np.column_stack(found)
    negative = bool((values == 0).any())
    if negative:
        # a column that never says "not chosen", among others that do, says it by being empty
        said = ~np.isnan(values).all(axis=1)
        for i, column in enumerate(found):
            if not (column == 0).any() and (column == 1).any():
                values[said & np.isnan(column), i] = 0
    return Chosen(dict(labels), {n: n for n in columns}, values, negative)


def _tick(self: ResponsesData, name: str, label: Text, counted: Any, lenient: bool) -> NDArray[np.float64]:
    column, variable = self.data[name], self.codebook.variables.get(name) or Variable(name)
    code, distinct = pd.factorize(column)
    plain = [comparable(v) for v in distinct]
    meaning = np.full(len(distinct) + 1, np.nan)  # the last for empty cells
    if counted is not None and (not lenient or comparable(counted) in plain or not set(plain) & YES):
        meaning[:-1] = _by_counted(plain, comparable(counted))
    else:
        own = {comparable(name), *map(comparable, label.values())}
        texts = [v for v, p in zip(distinct, plain, strict=True) if isinstance(v, str) and p and p not in NO]
        for i, value in enumerate(distinct):
            said = {comparable(t) for t in variable.labels.get(value, {}).values()}
            alone = len(texts) == 1 and isinstance(value, str) and not re.fullmatch(r"[\d.,\s-]*", value)
            if said & NO or (not said & YES and plain[i] in NO):
                meaning[i] = 0
            elif said & YES or plain[i] in YES | own or (alone and plain[i] not in NO):
                meaning[i] = 1
    unknown = np.array([np.isnan(m) and p != "" for m, p in zip(meaning[:-1], plain, strict=True)] + [False])
    if unknown.any():
        rows = unknown[code]
        raise CleaningError(
            "An option holds values that mean neither chosen nor not chosen.",
            where=f"{name}, {name_rows(self, rows)}",
            got=in_words(column[rows], self.codebook.variables.get(name)),
            expected="1 or empty, 0 and 1, yes and no, or one value and its counterpart",
            fix="name what means chosen with counted=, and call declare_missing() or recode() for answers such as 9",
        )
    ticks: NDArray[np.float64] = meaning[code]
    return ticks


def _by_counted(plain: Sequence[str], counted: str) -> list[float]:
    """1 for the value that counts, 0 for its counterpart: words of "no", or one other value."""
    others = {p for p in plain if p and p != counted}
    no = others if len(others) == 1 else others & NO
    return [1.0 if p == counted else 0.0 if p in no else np.nan for p in plain]


# --- a column a mention -----------------------------------------------------------------------------------------------


def from_mentions(self: ResponsesData, name: str, columns: Sequence[str]) -> Chosen:
    """A column for each mention, holding which option it was (SPSS: multiple category sets)."""
    refuse_codes(self, columns, _VERB)
    known: dict[str, Text] = {}
    for column in columns:
        variable = self.codebook.variables.get(column) or Variable(column)
        known |= {comparable(c): t for c, t in variable.labels.items() if comparable(c) not in known}
    seen = {comparable(v): _shown(v) for c in columns for v in self.data[c].dropna().unique() if comparable(v)}
    codes = [*known, *sorted(set(seen) - set(known), key=_sortable)]
    _refuse_many(name, codes)
    chosen = np.zeros((len(self.data), len(codes)))
    said = np.zeros(len(self.data), dtype=bool)
    place = {c: i for i, c in enumerate(codes)}
    for column in columns:
        code, distinct = pd.factorize(self.data[column])
        at = np.array([place.get(comparable(v), -1) for v in distinct] + [-1])[code]
        rows = np.flatnonzero(at >= 0)
        chosen[rows, at[rows]] = 1
        said[rows] = True
    chosen[~said] = np.nan
    labels = {c: known.get(c) or text_of(seen[c]) for c in codes}
    return _named(name, {c: seen.get(c, c) for c in codes}, labels, chosen)


# --- one text ---------------------------------------------------------------------------------------------------------


def from_text(
    self: ResponsesData,
    name: str,
    column: str,
    separator: str | None,
    options: Sequence[tuple[str, Text]],
    other: str | None,
) -> Chosen:
    """One text with separators: "a b c", "a;b;c", or labels of several words."""
    refuse_codes(self, [column], _VERB)
    code, distinct = pd.factorize(self.data[column])
    cells = [" ".join(normalize("NFC", _shown(v)).split()) for v in distinct]
    if not options:
        if not separator:
            raise CleaningError(
                "How the answers in a cell are separated is not declared.",
                where=f"{_VERB}({name!r}), column {column!r}",
                expected='separator=";" (or ",", " "), or options=[...] with the labels of the options',
                fix="give options= where a label holds the separator",
            )
        parts = [[p.strip() for p in (c.split() if separator.isspace() else c.split(separator))] for c in cells]
        parts = [[p for p in part if p] for part in parts]
        spelled: dict[str, str] = {}
        for part in sorted(p for cell in parts for p in cell):
            spelled.setdefault(part.casefold(), part)
        codes = sorted(spelled, key=_sortable)
        _refuse_many(name, codes)
        read: list[list[str] | None] = [[p.casefold() for p in part] for part in parts]
        labels = {c: text_of(spelled[c]) for c in codes}
    else:
        labels = {comparable(c): t for c, t in options}
        spelled = {comparable(c): c for c, _ in options}
        if other is not None and comparable(other) not in labels:
            known = [c for c, t in labels.items() if comparable(other) in map(comparable, t.values())]
            labels = labels if known else {**labels, comparable(other): text_of(other)}
            spelled.setdefault(comparable(other), other)
            other = known[0] if known else other
        codes = list(labels)
        table: dict[str, tuple[str, ...]] = {}
        for c, text in labels.items():
            for written in dict.fromkeys([c, *map(comparable, text.values())]):
                table[written] = (*table.get(written, ()), c)
        sign = r"\s+" if separator is None or separator.isspace() else rf"\s*{re.escape(separator.strip())}\s*"
        gap = re.compile(r"\s*[,;|/]\s*|\s+" if separator is None else sign)
        read = [_read(cell.casefold(), table, gap, None if other is None else comparable(other)) for cell in cells]
        unread = np.array([r is None for r in read] + [False])
        if unread.any():
            rows = unread[code]
            raise CleaningError(
                "Some answers are not made of the options.",
                where=f"{column}, {name_rows(self, rows)}",
                got=describe_values(self.data[column][rows].unique(), column=self.data[column]),
                expected=shorten(codes, 20),
                fix='add the options, name the separator, or collect words of one\'s own with other="Other"',
            )
    chosen = np.zeros((len(distinct) + 1, len(codes)))
    chosen[-1] = np.nan
    for i, given in enumerate(read):
        if not given:
            chosen[i] = np.nan
        for c in given or ():
            chosen[i, codes.index(c)] = 1
    return _named(name, {c: spelled[c] for c in codes}, labels, chosen[code])


def _read(cell: str, table: Mapping[str, tuple[str, ...]], gap: re.Pattern[str], other: str | None) -> list[str] | None:
    """The codes in a cell; of words that are no option, `other` takes what stands last. None if it cannot be read."""
    try:
        whole = taken_apart(cell, table, gap)
    except LookupError:
        return None
    if whole is not None or other is None:
        return None if whole is None else list(whole)
    for cut in sorted({0, *(m.end() for m in re.finditer(r"[,;|/]", cell))}, reverse=True):
        head, words = cell[:cut].rstrip(" ,;|/"), cell[cut:].strip()
        try:
            codes = taken_apart(head, table, gap) if head else ()
        except LookupError:
            continue
        if codes is not None and words:
            return [*codes, other]
    return None


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sortable(code: str) -> tuple[bool, float, str]:
    number = re.fullmatch(r"-?\d{1,9}(\.\d+)?", code)
    return (False, float(code), "") if number else (True, 0.0, code)


def _refuse_many(name: str, codes: Sequence[str]) -> None:
    if not 0 < len(codes) <= _MOST_OPTIONS:
        raise CleaningError(
            "A select-all question needs options." if not codes else "There are too many different answers.",
            where=f"{_VERB}({name!r})",
            got=f"{len(codes)} different answers",
            expected=f"1 to {_MOST_OPTIONS} options",
            fix='name the options with options=, and collect words of one\'s own with other="Other"',
        )


def _named(name: str, codes: Mapping[str, str], labels: Mapping[str, Text], values: NDArray[np.float64]) -> Chosen:
    """Columns named after the codes where these are short words, else numbered."""
    short = all(re.fullmatch(r"[\w.-]{1,30}", c) for c in codes.values())
    columns = [f"{name}_{c if short else i}" for i, c in enumerate(codes.values(), 1)]
    texts = dict(zip(columns, (labels[c] for c in codes), strict=True))
    return Chosen(texts, dict(zip(columns, codes.values(), strict=True)), values, False)

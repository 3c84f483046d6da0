"""Open answers as counted codes: what a researcher coded becomes options, never the words that people wrote."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist
from survey.base.cells import second_table
from survey.base.names import column_named
from survey.base.names import label as same
from survey.base.personal import in_text
from survey.base.text import counted
from survey.cleaning._chosen import text_of
from survey.codebook import ENGLISH_FIRST, MultipleSet, Text, Variable, catalogue_text
from survey.core.columns import new_column, with_columns
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R, ResponsesData
from survey.errors import CleaningError, shorten

__all__ = ["code_answers"]

_VERB = "code_answers"
_MOST_CODES = 80
_LONGEST = 80
_YES_NO = MappingProxyType({i: catalogue_text(f"labels.{key}", ENGLISH_FIRST) for i, key in enumerate(("no", "yes"))})


def code_answers(
    self: R,
    name: str,
    column: str,
    codes: str | os.PathLike[str] | pd.DataFrame | Mapping[Any, Any] | Sequence[Any],
    *,
    key: str | None = None,
    labels: Mapping[str, str | Text] | Sequence[Any] | None = None,
    separator: str = ";",
    label: str | Text | None = None,
    reason: str = "",
) -> R:
    """Turn an open question into a set of codes that the researcher gave, for `sample.select_all` and `figures.bars`.

    An answer may have several codes. Shares are of the respondents who answered: who wrote something and has no code
    counts as "not coded", an option of its own. Nothing that people wrote is copied anywhere.

    Parameters
    ----------
    name : str
        Name of the new set of options.
    column : str
        The column of open answers.
    codes : str, path, DataFrame or mapping
        A column of the data with the codes of each answer ("wait;fees"); or a coding table (CSV or DataFrame), a row
        an answer or an answer and code, with the column `key` and a column `code`; or a mapping of key to code or list.
    key : str, optional
        The column that tells rows apart in the data and in the coding table; when not given, the id of the codebook.
    labels : mapping of code to text, optional
        Names of the codes, in the order in which they stand; codes without one come after them.
    separator : str
        Between several codes in one cell.
    label : str or mapping of language to str, optional
        The question; when not given, that of the column.
    reason : str

    Returns
    -------
    Responses
        With a column of 1, 0 and empty (no answer) for each code, and the set in `codebook.sets`.

    Raises
    ------
    CleaningError
        If a column is missing, keys are not unique or not in the data, people without an answer have codes, or the
        codes read like answers: more than 80, longer than 80 letters, equal to what somebody wrote, or with personal
        data in them.

    Examples
    --------
    >>> coded = clean.code_answers("themes", "open_comment", "coding.csv", key="resp_id")  # doctest: +SKIP
    >>> sv.figures.bars(sv.Sample(coded, weights="w").select_all("themes"))  # doctest: +SKIP
    """
    labels = dict(labels) if labels else {}
    column = column_named(column, self.data.columns)
    columns_exist([column], self.data.columns, "The data lack the column of open answers.", CleaningError, where=_VERB)
    texts = self.data[column]
    answered = _answered(self, texts)
    given, known = _given(self, codes, key, separator, column)
    blank = int(sum(bool(own) and not said for own, said in zip(given, answered, strict=True)))
    if blank:
        raise CleaningError(
            "Codes belong to respondents who wrote nothing.",
            where=f"{_VERB}({name!r}), {column}",
            got=counted(blank, "respondent"),
            expected="codes of those who answered",
            fix="check the key of the coding table, or empty these codes",
        )
    order = _order(given, labels)
    _refuse_answers(order, texts[answered], name)
    columns = _columns(name, order)
    uncoded = np.array([said and not own for own, said in zip(given, answered, strict=True)], bool)
    named = {c: text_of(labels.get(code, code)) for c, code in zip(columns, order, strict=True)}
    values = {c: np.array([code in own for own in given], float) for c, code in zip(columns, order, strict=True)}
    rest = f"{name}_uncoded"
    if uncoded.any():
        named[rest], values[rest] = catalogue_text("labels.uncoded", ENGLISH_FIRST), uncoded.astype(float)
    for made in named:
        new_column(self, made, _VERB)
    data = {}
    for made, own in values.items():
        own[~answered] = np.nan
        data[made] = pd.Series(own if not answered.all() else own.astype(np.int64), index=self.data.index, name=made)
    before = self.codebook.variables.get(column)
    question = text_of(label) if label is not None else (before.short or before.text) if before is not None else {}
    exclusive = (rest,) if uncoded.any() else ()
    made_set = MultipleSet(name, tuple(named), "dichotomies", MappingProxyType(dict(question)), 1, "", exclusive)
    book = self.codebook.update(*(Variable(c, "binary", text, _YES_NO) for c, text in named.items()))
    book = replace(book, sets=MappingProxyType({**book.sets, name: made_set}))
    entry = LogEntry(
        _VERB,
        f"{name}: {counted(len(order), 'code')} of {column}; {int(answered.sum()):,} of "
        f"{counted(len(self.data), 'row')} have an answer, {int(uncoded.sum()):,} of them no code",
        plain_arguments(
            name=name,
            column=column,
            codes=known,
            key=key,
            labels=[[c, dict(text_of(t))] for c, t in labels.items()] if labels else None,
            separator=separator,
            label=None if label is None else dict(text_of(label)),
            reason=reason,
        ),
        len(self.data),
        len(self.data),
        int(answered.sum()),
        int(answered.sum()) * len(named),
        reason,
    )
    return self.logged(entry, data=with_columns(self.data, data), codebook=book)


def _answered(self: ResponsesData, texts: pd.Series) -> NDArray[np.bool_]:
    """Who wrote something: not empty, not blank, not a declared missing code."""
    said = texts.notna().to_numpy(bool) & np.array([bool(str(t).strip()) for t in texts.tolist()], bool)
    variable = self.codebook.variables.get(str(texts.name))
    codes = list(variable.missing) if variable is not None else []
    declared = np.asarray(texts.isin([*codes, *map(str, codes)]), bool) if codes else np.zeros(len(texts), bool)
    out: NDArray[np.bool_] = said & ~declared
    return out


def _given(
    self: ResponsesData,
    codes: str | os.PathLike[str] | pd.DataFrame | Mapping[Any, Any] | Sequence[Any],
    key: str | None,
    separator: str,
    column: str,
) -> tuple[list[list[str]], Any]:
    """The codes of each row, and what the log keeps to find them again: a column, or keys with their codes."""
    if isinstance(codes, str) and column_named(codes, self.data.columns) in self.data.columns:
        own = column_named(codes, self.data.columns)
        if own == column:
            raise CleaningError(
                "The open answers are not codes.",
                where=f"{_VERB}(codes={codes!r})",
                got="the column of answers itself",
                expected="a column or table of codes that a researcher gave",
            )
        return [_split(v, separator) for v in self.data[own].tolist()], own
    pairs = _pairs(codes, key, self)
    key = _key(self, key)
    rows = [same(v) for v in self.data[key].tolist()]
    if len(set(rows)) < len(rows):
        raise CleaningError(
            "The key does not tell rows apart.",
            where=f"{_VERB}(key={key!r})",
            got=counted(len(rows) - len(set(rows)), "row") + " with the key of another",
            fix="drop the copies first, or name another column",
        )
    found: dict[str, list[str]] = {}
    for value, cell in pairs:
        own_codes = found.setdefault(same(value), [])
        own_codes += [c for c in _split(cell, separator) if c not in own_codes]
    absent = [k for k in found if k not in set(rows)]
    if absent:
        raise CleaningError(
            "The coding table has keys that the data lack.",
            where=f"{_VERB}(key={key!r})",
            got=counted(len(absent), "key"),
            expected=f"values of {key}",
            fix="check the key; rows that were dropped leave the table too",
        )
    return [found.get(k, []) for k in rows], [[k, v] for k, v in found.items() if v]


def _key(self: ResponsesData, key: str | None) -> str:
    named = key or next((n for n, v in self.codebook.variables.items() if v.role == "id"), None)
    if named is None:
        raise CleaningError(
            "A coding table needs a key.", where=f"{_VERB}(key=...)", got="no id in the codebook", fix='key="resp_id"'
        )
    named = column_named(named, self.data.columns)
    columns_exist([named], self.data.columns, "The data lack the key.", CleaningError, where=f"{_VERB}(key=...)")
    return str(named)


def _pairs(
    codes: str | os.PathLike[str] | pd.DataFrame | Mapping[Any, Any] | Sequence[Any],
    key: str | None,
    self: ResponsesData,
) -> list[tuple[Any, Any]]:
    """Keys with what stands beside them."""
    if isinstance(codes, Mapping):
        return list(codes.items())
    if isinstance(codes, Sequence) and not isinstance(codes, str):
        return [(pair[0], pair[1]) for pair in codes]  # as a log keeps them
    if isinstance(codes, pd.DataFrame):
        table = codes
    else:
        try:
            table = second_table(codes)
        except OSError as problem:
            raise CleaningError(
                "The coding table cannot be opened, and the data have no such column.",
                where=f"{_VERB}(codes=...)",
                got=codes,
                expected="a column of the data, or a CSV file",
                fix=problem.strerror,
            ) from None
    wanted = [column_named(_key(self, key), table.columns), column_named("code", table.columns)]
    columns_exist(wanted, table.columns, "The coding table lacks a column.", CleaningError, where=f"{_VERB}(codes=...)")
    return list(table[wanted].itertuples(index=False, name=None))


def _split(cell: Any, separator: str) -> list[str]:
    if isinstance(cell, list | tuple):
        return [c for part in cell for c in _split(part, separator)]
    if cell is None or (not isinstance(cell, str) and pd.isna(cell)):
        return []
    return list(dict.fromkeys(text for part in same(cell).split(separator) if (text := part.strip())))


def _order(given: list[list[str]], labels: Mapping[str, Any]) -> list[str]:
    """Codes that have labels in that order, then the others sorted."""
    used = {code for own in given for code in own}
    if not used:
        raise CleaningError("No answer has a code.", where=_VERB, expected="at least one")
    return [*labels, *sorted(used - set(labels))]


def _columns(name: str, order: list[str]) -> list[str]:
    """Names of columns: after the codes where these are plain words or numbers, else counted."""
    plain = all(re.fullmatch(r"\w{1,24}", code) for code in order)
    return [f"{name}_{code if plain else i}" for i, code in enumerate(order, 1)]


def _refuse_answers(order: list[str], texts: pd.Series, name: str) -> None:
    """Raise where codes read like what people wrote: their words and names are not to be shown."""
    written = {same(t).casefold() for t in texts.tolist() if len(same(t).split()) > 2}
    quoted = sum(code.casefold() in written for code in order)
    personal = sum(any(True for _ in in_text(code)) for code in order)
    long = sum(len(code) > _LONGEST for code in order)
    if not (quoted or personal or long or len(order) > _MOST_CODES):
        return
    raise CleaningError(
        "The codes read like answers, not like codes.",
        where=f"{_VERB}({name!r})",
        got=shorten(
            text
            for n, text in (
                (len(order) > _MOST_CODES, counted(len(order), "code")),
                (quoted, f"{quoted} equal to an answer"),
                (personal, f"{personal} with a name or other personal data"),
                (long, f"{long} longer than {_LONGEST} letters"),
            )
            if n
        ),
        expected=f"at most {_MOST_CODES} short codes of the researcher's own",
        fix="give each theme a short code, and its name in labels=",
    )

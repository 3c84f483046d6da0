"""Select-all questions that nobody declared: neighbouring columns that are the options of one, texts that list options.

Two kinds of evidence. Columns that hold one value or nothing, and texts whose pieces recombine, are sure: each share
would be 100 %, or of combinations. Columns of 0 and 1 are as often questions of their own ("Have you ...?"): they are
sure only where the question says that several answers may be given, or "none of these" is one of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.codebook._data import CodebookData
from survey.codebook._mention_finder import mention_runs
from survey.codebook._nonanswer_codes import how_spread, says_nothing
from survey.codebook._set_texts import read_text
from survey.codebook._set_words import NO, YES, comparable, excludes, missing_kind, tells_several
from survey.codebook._variable import Text, Variable

__all__ = ["SelectAll", "find_select_all"]

_FEWEST = 5  # rows that chose something
_FIRST_ROWS, _MOST_VALUES = 1_000, 12  # a column of more different values, blanks among them, is no option
_MARK = r"[\s_./:\-\[(]*"
_STEMS = (
    re.compile(rf"(?P<stem>.+?){_MARK}\d{{1,3}}[\])]?"),  # q5_1, P12.1, q5[1]
    re.compile(r"(?P<stem>.*\d)_?[A-Za-z]"),  # q5a
    re.compile(r"(?P<stem>.+?)\s*(?:[/:\[]|\s[-–—]\s)\s*(?P<option>[^/\]]+)\]?"),  # q5/phone, Question [Phone]
    re.compile(r"(?P<stem>.*\d.*?)[_.](?P<option>\w+)"),  # q5_phone
)
_LABELLED = re.compile(
    r"(?P<stem>.{3,}?)\s*(?:(?P<mark>[:?]\s*\([^)]*\))\s*[:\-–—]?|\?\s*[-–—]|:|\s[-–—]\s|\?|\[)\s*(?P<option>[^\]]+)\]?"
)


@dataclass(frozen=True, slots=True)
class SelectAll:
    """A question that looks like a select-all question and is not declared one.

    Parameters
    ----------
    name : str
        What it may be called: what its columns have in common, or its column.
    columns : tuple of str
    shape : {"ticks", "yes_no", "text", "mentions"}
        Columns of one value or empty; columns of 0 and 1; one text with separators; columns of the first, second, ...
        code that a respondent mentioned.
    options : tuple of str
        What each column stands for, or the options of the text.
    separator : str
        Of a text.
    exclusive : tuple of str
        Options that exclude the others, by column or as the text has them.
    missing : mapping of option to kind
        Options that are no answers.
    rows : int
        Rows that chose something.
    sure : bool
        False for columns of 0 and 1 that may as well be questions of their own.
    base_known : bool
        Whether the codebook says whom all of the columns were asked of.
    whole : bool
        Whether the separator is in a label too, so that the options must be named.
    """

    name: str
    columns: tuple[str, ...]
    shape: str
    options: tuple[str, ...]
    separator: str
    exclusive: tuple[str, ...]
    missing: Mapping[str, str]
    rows: int
    sure: bool
    base_known: bool = False
    whole: bool = False

    @property
    def call(self) -> str:
        """The call that declares it; a base of "everyone" is for a person to confirm."""
        said: list[str] = [repr(self.name)]
        if self.shape != "text":
            said.append(repr(list(self.columns)))
            said += ['kind="categories"'] if self.shape == "mentions" else []
        elif self.whole:
            said.append(f"options={list(self.options)!r}")
        else:
            said.append(f"separator={self.separator!r}")
        if self.shape != "yes_no" and not self.base_known:
            said.append('base="everyone"')
        if self.exclusive:
            only = self.exclusive[0] if len(self.exclusive) == 1 else list(self.exclusive)
            said.append(f"exclusive={only!r}")
        if self.missing:
            said.append(f"missing={dict(self.missing)!r}")
        return f"responses.declare_select_all({', '.join(said)})"


@dataclass(frozen=True, slots=True)
class _Ticks:
    """A column as it may be an option: what it says of each row, and the word that it holds."""

    shape: str  # "ticks", "yes_no", "" where nobody chose it
    chosen: np.ndarray[Any, np.dtype[np.bool_]]
    value: str


def find_select_all(frame: pd.DataFrame, codebook: CodebookData, skip: Iterable[str] = ()) -> tuple[SelectAll, ...]:
    """Find the select-all questions that the codebook does not declare.

    Parameters
    ----------
    frame : DataFrame
    codebook : CodebookData
        Its sets are not listed again; its missing codes are no answers.
    skip : iterable of str
        Columns that are left out, such as personal ones.

    Returns
    -------
    tuple of SelectAll
        In the order of the columns.
    """
    declared = {c for s in codebook.sets.values() for c in (s.name, *s.variables)} | set(skip)
    found: list[SelectAll] = []
    run: list[tuple[Variable, _Ticks]] = []
    columns = frame.columns.tolist()
    no_ticks = _no_options(frame, [n for n in columns if says_nothing(codebook.variables.get(n))])
    for name in columns:
        if name in no_ticks:
            found += _in_run(run)
            run = []
            continue
        variable = codebook.variables.get(name) or Variable(name)
        usable = isinstance(name, str) and name not in declared and variable.role == "item" and variable.type != "date"
        ticks = _ticks(frame[name], variable) if usable else None
        if ticks is not None:
            run.append((variable, ticks))
            continue
        found += _in_run(run)
        run = []
        listed = read_text(frame[name]) if usable and not variable.labels else None
        if listed is not None:
            separator, options, whole = listed
            none = tuple(o for o in options if excludes(o))
            missing = {o: kind for o in options if (kind := missing_kind(o))}
            rows = int(frame[name].notna().sum())
            found.append(
                SelectAll(
                    name, (name,), "text", options, separator, none, missing, rows, True, bool(variable.base), whole
                )
            )
    found += _in_run(run)
    return _in_order(frame, [*found, *_mentions(frame, codebook, declared | {c for one in found for c in one.columns})])


def _mentions(frame: pd.DataFrame, codebook: CodebookData, skip: Collection[str]) -> list[SelectAll]:
    """Sets kept as a column for each mention."""
    variables = codebook.variables
    known = {n: v for n, v in variables.items() if v.role != "item" or v.type == "date"}
    usable = [name not in skip and name not in known for name in frame.columns.tolist()]
    found = []
    for stem, columns in mention_runs(frame, variables, usable):
        rows = int(frame[list(columns)].notna().any(axis=1).sum())
        bases = {variables[c].base if c in variables else "" for c in columns}
        base = len(bases) == 1 and bool(bases.pop())
        clash = any(isinstance(c, str) and re.fullmatch(rf"{re.escape(stem)}(_\d+)?", c) for c in frame.columns)
        name = f"{stem}_set" if clash else stem  # each option gets a column of the name and its code
        missing = _labelled_missing(variables.get(columns[0]))
        found.append(SelectAll(name, columns, "mentions", (), "", (), missing, rows, True, base))
    return found


def _no_options(frame: pd.DataFrame, bare: Sequence[Any]) -> set[Any]:
    """Columns of numbers that cannot be options, of many that the codebook says nothing of: as `_ticks` finds."""
    found, alike = how_spread(frame.head(_FIRST_ROWS), bare)
    if len(frame) <= _FIRST_ROWS:
        chosen = {value for value in set(alike.values()) if _meaning(value, {}) != "no"}
        found |= {name for name, value in alike.items() if value in chosen}
    return found


def _labelled_missing(variable: Variable | None) -> dict[str, str]:
    """Labels of a list that are no answers, with their kind."""
    texts = () if variable is None else (next(iter(t.values()), "") for t in variable.labels.values())
    return {text: kind for text in texts if (kind := missing_kind(text))}


def _in_order(frame: pd.DataFrame, found: Sequence[SelectAll]) -> tuple[SelectAll, ...]:
    place = {name: i for i, name in enumerate(frame.columns.tolist())}
    return tuple(sorted(found, key=lambda one: place[one.columns[0]]))


def _ticks(column: pd.Series, variable: Variable) -> _Ticks | None:
    """What a column says if it may be an option; None if it cannot be one."""
    try:
        looks = [column.head(_FIRST_ROWS)] if len(column) > _FIRST_ROWS else []
        for rows in (*looks, column):  # most columns show in their first rows what they are not
            values = rows.dropna().unique()
            if len(values) > _MOST_VALUES + len(variable.missing):
                return None
            distinct = [v for v in values if v not in variable.missing and comparable(v)]
            if len(distinct) > 2:
                return None
    except TypeError:
        return None
    meant = {v: _meaning(v, variable.labels.get(v, {})) for v in distinct}
    chosen = [v for v in distinct if meant[v] != "no"]
    if len(distinct) == 2 and (len(chosen) != 1 or meant[chosen[0]] != "yes"):
        return None
    if len(distinct) == 1 and not chosen:
        return _Ticks("yes_no", np.zeros(len(column), dtype=bool), "")
    held = np.asarray(column.isin(chosen), dtype=bool)
    if len(distinct) == 1 and held.all():
        return None  # one value in every row is no option
    shape = ("", "ticks", "yes_no")[len(distinct)]
    value = comparable(chosen[0]) if chosen else ""
    if chosen and variable.labels.get(chosen[0]):
        value = next(iter(variable.labels[chosen[0]].values()))
    elif chosen and isinstance(chosen[0], str):
        value = chosen[0].strip()
    return _Ticks(shape, held, value)


def _meaning(value: Any, label: Text) -> str:
    words = {comparable(t) for t in label.values()} or {comparable(value)}
    return "no" if words & NO else "yes" if words & YES else ""


def _stems(variable: Variable) -> dict[str, str]:
    """What a column may have in common with its neighbours, and the option that is left."""
    found: dict[str, str] = {}
    for pattern in _STEMS:
        match = pattern.fullmatch(variable.name)
        if match:
            found.setdefault(match["stem"].rstrip(" _./:-[("), match.groupdict().get("option") or "")
    return found


def _asked(variable: Variable) -> tuple[str, str]:
    """The question and the option of a label such as "Which channels do you use? Phone"."""
    text = (variable.text.get("en") or next(iter(variable.text.values()), "")).strip()
    match = _LABELLED.fullmatch(text)
    return (match["stem"].strip() + (match["mark"] or ""), match["option"].strip()) if match else ("", text)


def _in_run(run: Sequence[tuple[Variable, _Ticks]]) -> list[SelectAll]:
    """Sets among neighbours that may all be options: the longest stretch with a stem in common, then the next."""
    found: list[SelectAll] = []
    at = 0
    while at < len(run):
        stretches: list[tuple[str, int]] = []
        for stem in _stems(run[at][0]):
            alike = [stem in _stems(variable) for variable, _ in run[at:]]
            stretches.append((stem, _leading(alike)))
        question = _asked(run[at][0])[0]
        if question:
            stretches.append(("", _leading([_asked(variable)[0] == question for variable, _ in run[at:]])))
        stem, length = max(stretches, key=lambda s: (s[1], len(s[0])), default=("", 1))
        one = _set(stem, run[at : at + length]) if length > 1 else None
        found += [one] if one is not None else []
        at += length if one is not None else 1
    return found


def _leading(alike: Sequence[bool]) -> int:
    return alike.index(False) if False in alike else len(alike)


def _set(stem: str, some: Sequence[tuple[Variable, _Ticks]]) -> SelectAll | None:
    shapes = [t.shape for _, t in some if t.shape]
    if len(shapes) < 2:
        return None
    shape = "yes_no" if "yes_no" in shapes else "ticks"
    values = [t.value for _, t in some if t.value]
    if shape == "ticks" and not _one_way(values):
        return None
    chosen = np.column_stack([t.chosen for _, t in some])
    rows = int(chosen.any(axis=1).sum())
    if rows < _FEWEST:
        return None
    columns = tuple(v.name for v, _ in some)
    options = tuple(_option(stem, v, t) for v, t in some)
    alone = [i for i, o in enumerate(options) if excludes(o)]
    questions = {_asked(v)[0] for v, _ in some}
    question = questions.pop() if len(questions) == 1 else ""
    sure = shape == "ticks" or tells_several(question) or _excluding(chosen, alone)
    if not sure and not question:
        return None  # columns of 0 and 1 with a number each: nothing says that they are one question
    missing = {c: kind for c, o in zip(columns, options, strict=True) if (kind := missing_kind(o))}
    bases = {v.base for v, _ in some}
    known = len(bases) == 1 and bool(bases.pop())
    name = stem or columns[0]
    return SelectAll(
        name, columns, shape, options, "", tuple(columns[i] for i in alone), missing, rows, bool(sure), known
    )


def _one_way(values: Sequence[str]) -> bool:
    """Whether columns say "chosen" in one way: the same word of yes, or each its own label or code."""
    if len(values) > 1 and len(set(values)) == 1:
        return comparable(values[0]) in YES
    return len(values) > 1 and (len(set(values)) == len(values) or all(comparable(v) in YES for v in values))


def _option(stem: str, variable: Variable, ticks: _Ticks) -> str:
    """What an option is called: by its label, by what its column holds, else by its name."""
    label = _asked(variable)[1]
    if label:
        return label
    if ticks.value and comparable(ticks.value) not in YES and not ticks.value.isdigit():
        return ticks.value
    return (_stems(variable).get(stem) or variable.name).replace("_", " ")


def _excluding(chosen: np.ndarray[Any, np.dtype[np.bool_]], alone: Sequence[int]) -> bool:
    """Whether who chose "none of these" chose hardly anything else."""
    if not alone:
        return False
    none = chosen[:, list(alone)].any(axis=1)
    others = np.delete(chosen, list(alone), axis=1).any(axis=1)
    return bool(none.any() and others.any() and (none & others).sum() <= 0.05 * none.sum())

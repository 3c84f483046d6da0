"""A plain DataFrame as a page shows it: its headings and numbers in the language of the page, its values untouched."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from itertools import cycle
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.html import markup, render
from survey.base.language import chosen
from survey.codebook import Codebook, Text
from survey.codebook._table import language_of
from survey.core.responses_data import ResponsesData
from survey.errors import ExportError
from survey.words import locale as loc
from survey.words import steps

__all__ = ["Log", "Shown", "frame_to_html", "log_of", "show"]

_MOST_ROWS = 60
_PLACES = 4
_COUNTS = ("n", "df")
"""Columns of results that are numbers of people and degrees of freedom: whole, but kept as floats."""


class Shown:
    """A table as it is shown: `frame` keeps every digit, and every code."""

    def __init__(
        self,
        frame: pd.DataFrame,
        lang: str | None,
        digits: int | None,
        codebook: Codebook | None = None,
        labels: Mapping[Any, Text | str] = MappingProxyType({}),
    ) -> None:
        self.frame, self.digits = frame, digits
        self._lang, self._codebook, self._labels = lang, codebook, labels

    @property
    def lang(self) -> str:
        """The language it is shown in: as given, else the one that is set, else the codebook's, else Vietnamese."""
        return self._lang or chosen() or ("vi" if self._codebook is None else language_of(self._codebook, "vi"))

    def _named(self) -> pd.DataFrame:
        return _Names(self._codebook, self._labels, self.lang).of(self.frame)

    def __repr__(self) -> str:
        text: str = written_frame(self._named(), self.lang, self.digits).to_string()
        return text

    def _repr_html_(self) -> str:
        return frame_to_html(self._named(), self.lang, self.digits)


@checked(ExportError)
def show(
    frame: pd.DataFrame | pd.Series,
    *,
    lang: str | None = None,
    digits: int | None = None,
    codebook: Codebook | None = None,
    labels: Mapping[Any, Text | str] = MappingProxyType({}),
) -> Shown:
    """Show a DataFrame with its numbers and headings in the language of the page: 1.234,5 and "Ước lượng".

    For tables that are not a result of an estimate: `e.table`, a cross table of your own. The numbers in `.frame` are
    not rounded.

    Parameters
    ----------
    frame : DataFrame or Series
    lang : {"vi", "en"}, optional
        When not given, the language set by `sv.language` when it is shown, else the codebook's, else Vietnamese.
    digits : int, optional
        Decimals of numbers that are not whole; as many as a column needs, up to four, when not given.
    codebook : Codebook, optional
        Names variables in headings, in the index and in a column "item", and the codes of variables that stand there.
    labels : mapping of name or value to text, or to text by language, optional
        What columns, levels and values are called; before the codebook.

    Returns
    -------
    Shown
        With a view for notebooks and one as text.

    Raises
    ------
    ExportError
        For anything but a table, or a language that there are no words for.

    Examples
    --------
    >>> print(show(pd.DataFrame({"n": [1234], "share": [0.5]}), lang="vi"))
           n share
    0  1.234   0,5
    >>> asked = pd.DataFrame({"asked": [20]}, index=["all"])
    >>> print(show(asked, lang="en", labels={"asked": {"vi": "Được hỏi", "en": "People asked"}}))
         People asked
    all            20
    """
    if lang is not None:
        loc.check_language(lang)
    table = frame.to_frame() if isinstance(frame, pd.Series) else frame
    return Shown(table, lang, digits, codebook, labels)


class Log(pd.DataFrame):  # type: ignore[misc]
    """The log of responses: a DataFrame that notebooks show in the language of the session, else of the data."""

    def _repr_html_(self) -> str:
        lang = chosen() or self.attrs.get("language", "en")
        return frame_to_html(pd.DataFrame(self), lang, classes="survey-log")


def log_of(self: ResponsesData) -> Log:
    """Every change, one line per step: verb, what, rows and answers touched, rows before and after, reason."""
    made = Log(ResponsesData.log.fget(self))  # type: ignore[attr-defined]
    made.attrs["language"] = language_of(self.codebook)
    return made


class _Names:
    """What a table calls its columns, its levels and what stands in them."""

    def __init__(self, codebook: Codebook | None, labels: Mapping[Any, Text | str], lang: str) -> None:
        self.codebook, self.labels, self.lang = Codebook() if codebook is None else codebook, labels, lang

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The table with its names."""
        cells = {i: self._values(frame.iloc[:, i], name) for i, name in enumerate(frame.columns)}
        shown = pd.DataFrame(cells, index=frame.index)
        shown.index, shown.columns = self._axis(frame.index), self._axis(frame.columns)
        return shown

    def _axis(self, axis: pd.Index) -> pd.Index:
        if isinstance(axis, pd.RangeIndex):
            return axis
        if isinstance(axis, pd.MultiIndex):
            levels = zip(axis.levels, axis.names, strict=True)
            axis = axis.set_levels([self._values(level, name) for level, name in levels], verify_integrity=False)
        else:
            axis = self._values(axis, axis.name)
        return axis.set_names([self._variable(name) for name in axis.names])

    def _values(self, values: Any, name: Any) -> Any:
        """The values of a column, an index or a level, as they are where none of them has a name."""
        named = [self._value(v, name) for v in values]
        if all(a is b for a, b in zip(named, values, strict=True)):
            return values
        if isinstance(values, pd.Index):
            return pd.Index(named, name=values.name, dtype=object)
        return pd.Series(named, index=values.index, dtype=object)

    def _value(self, value: Any, name: Any) -> Any:
        if not isinstance(value, Hashable) or value is pd.NA:
            return value
        if value in self.labels:
            return loc.pick(loc.text_of(self.labels[value]), self.lang)
        if name in self.codebook and value in self.codebook[name].labels:
            return self.codebook[name].label(value, self.lang)
        return self._variable(value) if name is None or name == "item" else value

    def _variable(self, name: Any) -> Any:
        if isinstance(name, Hashable) and name in self.labels:
            return loc.pick(loc.text_of(self.labels[name]), self.lang)
        return self.codebook.short_name(name, self.lang) if name in self.codebook else name


def written_frame(frame: pd.DataFrame, lang: str, digits: int | None = None) -> pd.DataFrame:
    """The table as text: numbers, known headings and the steps of a log in a language; names and codes as they are."""
    if {"verb", "what"} <= set(frame.columns):
        frame = steps.log_in_language(frame, lang)
    columns = [
        _counts(frame.iloc[:, i].tolist(), lang)
        if name in _COUNTS
        else _written(frame.iloc[:, i].tolist(), lang, digits)
        for i, name in enumerate(frame.columns)
    ]
    shown = pd.DataFrame(dict(enumerate(columns)), index=frame.index)
    names = pd.Index([_heading(name, lang) for name in frame.columns], dtype=object)
    shown.columns = names if frame.columns.nlevels == 1 else frame.columns
    shown.index = frame.index.set_names([_heading(name, lang) for name in frame.index.names])
    return shown


def frame_to_html(frame: pd.DataFrame, lang: str, digits: int | None = None, classes: str = "survey-table") -> str:
    """The table as HTML; long ones are cut after 60 rows, which is said."""
    numbered = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None  # says nothing of the rows
    with pd.option_context("display.max_colwidth", None):
        body = written_frame(frame.iloc[:_MOST_ROWS], lang, digits).to_html(
            border=0, classes=classes, index=not numbered
        )
    texts = [any(isinstance(v, str) for v in frame.iloc[:, i]) for i in range(frame.shape[1])]
    body = _headed(_aligned(body, texts), texts)
    rest = len(frame) - _MOST_ROWS
    foot = loc.sentence(loc.word("more_rows", lang, n=loc.count(rest, lang))) if rest > 0 else ""
    return render(_PART, lang=lang, body=markup(body), foot=foot)


_PART = "<div lang='{{ lang }}'>{{ body }}{% if foot %}<p>{{ foot }}</p>{% endif %}</div>"


def _aligned(body: str, is_text: Sequence[bool]) -> str:
    """The cells of columns of text at the left, as pages set all cells at the right; text in cells is escaped."""
    columns = cycle(is_text)
    return re.sub("<td>", lambda _: "<td style='text-align:left'>" if next(columns) else "<td>", body)


def _headed(body: str, texts: Sequence[bool]) -> str:
    """The table with headings that say what they head, in one row where there is one level of them.

    pandas gives names of levels a row of their own, and a corner without words is no heading.
    """
    head, mark, rest = body.partition("<tbody>")
    rows = _ROW.findall(head)
    if len(rows) == 2 and "<th></th>" in rows[1]:
        names, heads = _CELL.findall(rows[1]), _CELL.findall(rows[0])
        levels = len(heads) - len(texts)
        head = head.replace(rows[0], "".join([*names[:levels], *heads[levels:]])).replace(f"<tr>{rows[1]}</tr>", "")
    aligned = iter([*[True] * (len(_CELL.findall(head)) - len(texts)), *texts])
    head = _CELL.sub(lambda cell: cell[0].replace("<th", f"<th{_LEFT}", 1) if next(aligned, False) else cell[0], head)
    head = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", head)
    return _HEADS.sub('<th scope="col"', head) + mark + _HEADS.sub(f'<th scope="row"{_LEFT}', rest)


_LEFT = " style='text-align:left'"
_ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<th(?=[ >]).*?</th>", re.DOTALL)
_HEADS = re.compile(r"<th(?=[ >])")


def _heading(name: Any, lang: str) -> Any:
    if not isinstance(name, str):
        return name
    key = f"log.{name}"
    return loc.heading(name, lang) if catalogue.find(key, lang) is None else catalogue.text(key, lang)


def _written(values: Sequence[Any], lang: str, digits: int | None) -> list[str]:
    present = [v for v in values if _is_number(v) and v == v]
    fractions = [float(v) for v in present if not isinstance(v, Integral)]
    if digits is None:
        digits = next((d for d in range(_PLACES) if all(round(v, d) == v for v in fractions)), _PLACES)
    years = bool(present) and all(float(v).is_integer() and 1900 <= v < 2100 for v in present)
    return [str(int(v)) if years and _is_number(v) and v == v else _cell(v, lang, digits) for v in values]


def _counts(values: Sequence[Any], lang: str) -> list[str]:
    """Whole numbers without decimals, degrees of freedom that are not whole with one; no number of people is a year."""
    present = [float(v) for v in values if _is_number(v) and math.isfinite(v)]
    digits = 0 if all(abs(v - round(v)) < 1e-9 for v in present) else 1
    return ["∞" if _is_number(v) and v == math.inf else _cell(v, lang, digits) for v in values]


def _cell(value: Any, lang: str, digits: int) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (_is_number(value) and value != value):
        return "–"
    if not _is_number(value):
        return str(value)
    return loc.count(int(value), lang) if isinstance(value, Integral) else loc.number(float(value), digits, lang)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)

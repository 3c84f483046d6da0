"""What a chart of an office program holds: its numbers as they are drawn, its texts, the workbook behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from survey.reports.evidence import numbers_in
from survey.reports.printed import Piece, piece_of, plain_text

__all__ = ["Known", "drawn", "format_of", "marked", "pieces_of_chart", "pieces_of_data"]

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_NUMBERS = ("val", "xVal", "yVal", "bubbleSize", "errBars/plus", "errBars/minus")
_REACH = {"errBars/plus": "high", "errBars/minus": "low", "val": "value"}
_CONDITION = re.compile(r"\[[^\]]*\]")
"""Of a number format: which numbers it is for, a colour, a language."""
Known = Mapping[tuple[Any, ...], str]
"""Ids by the place of their number in a chart or text."""


def drawn(value: float) -> str:
    """A number of a chart, in as many digits as anybody sees drawn."""
    return f"{value:.4f}".rstrip("0").rstrip(".").replace("-0", "0" if round(value, 4) == 0 else "-0")


def format_of(code: str) -> str:
    """What of a number format readers see: its decimals, and its unit; "General" says neither."""
    shown = _CONDITION.sub("", code.partition(";")[0])
    decimals = shown.partition(".")[2].count("0")
    unit = "%" if "%" in shown else ""
    return "" if shown in ("", "General") else f"0.{'0' * decimals}{unit}"


def marked(text: str, ids: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """A text in runs, its numbers with their ids by which of them they are from 1; 0 is the whole text."""
    if 0 in ids:
        yield text, ids[0]
        return
    at = 0
    for nth, match in enumerate(numbers_in(text), 1):
        yield text[at : match.start()], ""
        yield match.group(), ids.get(nth, "")
        at = match.end()
    yield text[at:], ""


def pieces_of_chart(root: Any, where: str, known: Known | None) -> Iterator[Piece]:
    """The pieces of a chart.

    Parameters
    ----------
    root : lxml element
        The part of the chart.
    where : str
        What it stands in.
    known : mapping
        Ids, by ("point", series, category, "value" | "low" | "high") and ("category", category, number), from 1. None
        for a chart of cells that are read themselves: what programs keep of the names of its points, and of how far
        its intervals reach, is not the same in each.
    """
    of_cells = known is None
    numbers = [what for what in _NUMBERS if not of_cells or "errBars" not in what]
    known = {} if known is None else known
    names: set[str] = set()
    for k, series in enumerate(root.iter(f"{_C}ser"), 1):
        title = "".join(_cache(series.find(f"{_C}tx")).values())
        categories = _cache(series.find(f"{_C}cat"))
        shown = format_of(_code(series))
        yield piece_of([(title, "")], where=where)
        for i, text in categories.items():
            if text not in names:
                names.add(text)
                ids = {n: known[key] for n in range(9) if (key := ("category", i + 1, n)) in known}
                yield piece_of(marked(text, ids), where=where)
        for what in numbers:
            held = series.find("/".join(f"{_C}{step}" for step in what.split("/")))
            for i, text in _cache(held).items():
                evidence = known.get(("point", k, i + 1, _REACH.get(what, what)), "")
                name = str(i) if of_cells else categories.get(i, str(i))
                yield _number(text, evidence, [title, name, what], where, f" {shown}")
    for paragraph in root.iter(f"{_A}p"):
        text = "".join(t.text or "" for t in paragraph.iter(f"{_A}t"))
        if text.strip():
            yield piece_of([(text, "")], where=where)


def pieces_of_data(rows: Sequence[Mapping[int, Any]], where: str) -> Iterator[Piece]:
    """The workbook behind a chart: its numbers beside the name of their row and under the heading of their column."""
    heads = rows[0] if rows else {}
    for row in rows[1:]:
        for j, value in row.items():
            if isinstance(value, float):
                beside = ["workbook", str(row.get(0, "")), str(heads.get(j, ""))]
                yield piece_of([(drawn(value), "")], beside, where)


def _number(text: str, evidence: str, beside: Sequence[str], where: str, form: str) -> Piece:
    try:
        told = drawn(float(text))
    except ValueError:  # an error value of a cell, or text where a number was
        told = text
    return piece_of([(told, evidence)], beside, where, form)


def _cache(reference: Any) -> dict[int, str]:
    """What a program that draws a range, or the values themselves, has kept of it, by position."""
    if reference is None:
        return {}
    found: dict[int, str] = {}
    for point in reference.iter(f"{_C}pt"):  # of several levels the innermost comes first
        value = point.find(f"{_C}v")
        found.setdefault(int(point.get("idx")), plain_text("" if value is None else value.text or ""))
    return found


def _code(series: Any) -> str:
    own = series.find(f"{_C}dLbls/{_C}numFmt")
    return "" if own is None else own.get("formatCode") or ""

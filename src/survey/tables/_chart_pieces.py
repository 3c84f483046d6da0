"""Pieces of the DrawingML of charts: number formats, colours, ranges of a workbook with what is in them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from survey.base._archive import UNWRITABLE
from survey.base.html import escape

__all__ = ["cached", "column_of", "fill", "lighter", "number_format", "step_of", "written"]

_LCID = {"vi-VN": "42A", "en-US": "409", "en-GB": "809"}


def number_format(digits: int, tag: str, signed: bool = False, mark: str = "") -> str:
    """The format of numbers in a language: with its signs for decimals and thousands where a program obeys it."""
    plain = "#,##0" + ("." + "0" * digits if digits else "")
    plain += f'"{mark}"' if mark else ""
    language = f"[$-{_LCID[tag]}]" if tag in _LCID else ""
    return f'{language}+{plain};{language}"−"{plain};{language}{plain}' if signed else language + plain


def written(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)


def fill(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour.lstrip("#").upper()}"/></a:solidFill>'


def lighter(colour: str) -> str:
    """Halfway to white, so that the line of an interval and a number are seen on a bar."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{(p + 255) // 2:02x}" for p in parts)


def column_of(j: int) -> str:
    """The letters of a column of a workbook, from 0."""
    return (column_of(j // 26 - 1) if j >= 26 else "") + chr(65 + j % 26)


def step_of(span: float) -> float:
    """The distance of ticks on an axis."""
    power = 10.0 ** math.floor(math.log10(span / 5))
    return next(k * power for k in (1, 2, 2.5, 5, 10) if span / (k * power) <= 6.01)


def cached(kind: str, at: str, values: Sequence[str | float | None], code: str = "") -> str:
    """A range of the workbook with what is in it."""
    made = f"<c:{kind}Ref><c:f>{at}</c:f><c:{kind}Cache>"
    made += f"<c:formatCode>{escape(code)}</c:formatCode>" if kind == "num" else ""
    made += f'<c:ptCount val="{len(values)}"/>'
    for i, value in enumerate(values):
        if value is not None and (isinstance(value, str) or math.isfinite(value)):
            text = escape(written(value)) if isinstance(value, str) else f"{value:.16g}"  # as its workbook has it
            made += f'<c:pt idx="{i}"><c:v>{text}</c:v></c:pt>'
    return f"{made}</c:{kind}Cache></c:{kind}Ref>"

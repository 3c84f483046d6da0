"""Where a printed number comes from: the exhibit, the row and the column of its CSV, never its value.

An id is `exhibit.row.column`: "friendliness-waves.2.conf_low" is the lower end of the interval of the second row of
friendliness-waves.csv. A number has the same id in every language, wherever it is printed, and when it changes. That of
a sum or a difference of rows names them: "friendliness-items-1.4+5.estimate", "friendliness-waves.2-1.estimate".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from survey.base import catalogue
from survey.exhibits.finding import Finding
from survey.words import locale as loc

__all__ = ["Run", "evidence_id", "evidence_of_rows", "numbers_in", "runs_of_cell", "runs_of_sentence", "runs_of_title"]
__all__ += ["value_of"]

_NUMBER = re.compile(r"(?:[<>][ \u00a0]?)?[−-]?\d+(?:[.,\u00a0\u202f]\d+)*")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text: a number with its evidence, a reference to a figure or table by its key, or neither."""

    text: str
    evidence: str = ""
    strong: bool = False
    italic: bool = False
    refers: str = ""


def evidence_id(exhibit: str, row: int, column: str) -> str:
    """The id of a number by its place; rows are counted from 0 here and from 1 in the id."""
    return f"{exhibit}.{row + 1}.{column}"


def evidence_of_rows(exhibit: str, rows: Sequence[int], column: str) -> str:
    """The id of a sum of rows, counted from 1; negative ones are subtracted."""
    told = "".join(f"{'+' if row > 0 else '-'}{abs(row)}" for row in rows)
    return f"{exhibit}.{told.removeprefix('+')}.{column}"


def numbers_in(text: str) -> list[re.Match[str]]:
    """Everything in a text that is written as a number."""
    return list(_NUMBER.finditer(text))


def runs_of_cell(text: str, exhibit: str, at: tuple[int, tuple[str, ...]] | None, hidden: bool) -> tuple[Run, ...]:
    """A cell of a table in runs: each of its numbers has the id of its column; a hidden number has one too."""
    if at is None or not text:
        return (Run(text),)
    row, columns = at
    found = numbers_in(text)
    if hidden or not found or len(found) > len(columns):
        return (Run(text, evidence_id(exhibit, row, columns[0])),)
    return _cut(text, [(m, evidence_id(exhibit, row, name)) for m, name in zip(found, columns, strict=False)])


_SIGN = re.compile(" = (?=[\\d−])")
"""Of "p = 0.03", which no line breaks."""


def runs_of_sentence(finding: Finding, lang: str, places: Mapping[str, str]) -> tuple[Run, ...]:
    """A sentence in runs: a number of the finding has the id that `places` gives its key.

    Which printed number is which of the finding's is found by its value, in the order of both; no id is made of it.
    """
    notice = " " + loc.sentence(loc.word("simulated", lang))  # every page says so
    text = _SIGN.sub("\u00a0=\u00a0", finding.text(lang).removesuffix(notice))
    left = {key: value for key, value in finding.numbers.items() if key in places and math.isfinite(value)}
    found: list[tuple[re.Match[str], str]] = []
    for match in numbers_in(text):
        share = text[match.end() :].startswith("%")
        decimals = _decimals(match.group(), lang)
        if share and not decimals:
            continue  # a confidence level
        printed = abs(value_of(match.group(), lang))
        for key in sorted(left, key=_later(text[: match.start()], lang)):
            value = left[key]
            close = 0.5 * 10.0**-decimals * (1 + 1e-6)
            whole = key.split("_")[0] in ("n", "groups", "df")
            if whole == bool(decimals):
                continue
            bound = match.group()[0] == "<" and key.startswith("p_") and value < printed
            if bound or any(abs(abs(scale * value) - printed) <= close for scale in (1, 100)):
                found.append((match, places[key]))
                del left[key]
                break
    return _cut(text, found)


def _later(before: str, lang: str) -> Callable[[str], bool]:
    """Which numbers a printed one is only where no other is: standard errors, and the p-value that is not named."""
    adjusted = before.rstrip(" \u00a0=").endswith(catalogue.text("narrative.p_adjusted", lang))
    last = ("std_error", "p_value" if adjusted else "p_adjusted")
    return lambda key: key in last


def runs_of_title(
    text: str, exhibit: str, about: Sequence[Sequence[int]], values: Sequence[float], lang: str
) -> tuple[Run, ...] | None:
    """A title in runs, each estimate with the rows that it is of; None where one has none.

    Parameters
    ----------
    text : str
    exhibit : str
    about : sequence of sequences of int
        Rows from 1, negative ones subtracted (`exhibits.statements`).
    values : sequence of floats
        Estimates of all rows, in the units shown.
    """
    left = [tuple(rows) for rows in about]
    found: list[tuple[re.Match[str], str]] = []
    for match in numbers_in(text):
        decimals, printed = _decimals(match.group(), lang), abs(value_of(match.group(), lang))
        close = 0.5 * 10.0**-decimals * (1 + 1e-6)
        for rows in left:
            value = sum(values[abs(row) - 1] * (1 if row > 0 else -1) for row in rows)
            share = text[match.end() :].startswith("%")
            if (decimals or share) and abs(abs(value) - printed) <= close:
                found.append((match, evidence_of_rows(exhibit, rows, "estimate")))
                left.remove(rows)
                break
        else:
            if decimals or text[match.end() :].startswith("%"):
                return None
    return _cut(text, found)


def value_of(text: str, lang: str) -> float:
    """A printed number as a number; of "< 0.001" the bound."""
    return float(re.sub(r"[<>\s\u00a0\u202f]", "", _pointed(text, lang)).replace("−", "-"))


def _pointed(text: str, lang: str) -> str:
    """With a point for decimals and nothing between thousands, as CLDR has both."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return text.replace(get_group_symbol(lang), "").replace(get_decimal_symbol(lang), ".")


def _decimals(text: str, lang: str) -> int:
    return len(_pointed(text, lang).partition(".")[2])


def _cut(text: str, found: list[tuple[re.Match[str], str]]) -> tuple[Run, ...]:
    runs: list[Run] = []
    at = 0
    for match, evidence in found:
        if match.start() > at:
            runs.append(Run(text[at : match.start()]))
        runs.append(Run(match.group(), evidence))
        at = match.end()
    if at < len(text):
        runs.append(Run(text[at:]))
    return tuple(runs)

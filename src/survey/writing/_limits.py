"""What SPSS and Stata have room for: names, labels, texts, numbers; an error before anything would be cut.

Sizes are counted as each format counts them: SPSS in bytes of UTF-8, Stata in characters. The limits are those of
SPSS Statistics (Command Syntax Reference, "Variable names", VARIABLE LABELS, VALUE LABELS) and Stata 14 and later
(`help limits`, `help dta`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.errors import ExportError, shorten

__all__ = ["SPSS", "STATA", "Limits", "check_names", "fitted", "moments", "texts"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Room in a format; `unit` says what is counted."""

    format: str
    unit: str
    name: int
    variable_label: int
    value_label: int
    title: int
    text: int
    origin: float
    per_second: float

    def size(self, text: str) -> int:
        """The size of a text as the format counts it."""
        return len(text.encode("utf-8")) if self.unit.startswith("bytes") else len(text)


# SPSS keeps 256 bytes of a variable label, and says 255; at 120 bytes of a value label it cuts
SPSS = Limits("SPSS", "bytes of UTF-8", 64, 255, 120, 64, 32_767, 12_219_379_200.0, 1.0)
# a value label of Stata ends after 32,000 bytes
STATA = Limits("Stata", "characters", 32, 80, 8_000, 80, 2_000_000_000, 315_619_200.0, 1000.0)

_RESERVED = {
    "SPSS": {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"},
    "Stata": {
        "_all",
        "_b",
        "byte",
        "_coef",
        "_cons",
        "double",
        "float",
        "if",
        "in",
        "int",
        "long",
        "_n",
        "_N",
        "_pi",
        "_pred",
        "_rc",
        "_skip",
        "strL",
        "using",
        "with",
    },
}


def check_names(names: Iterable[str], limits: Limits, labelled: Collection[str]) -> None:
    """An error that lists every column name that the format would refuse or mix up.

    `labelled` are the columns with value labels: for Stata the name of a set of labels is made of the column's.
    """
    wrong: list[str] = []
    seen: dict[str, str] = {}
    counter = 0
    for name in names:
        size = limits.size(name)
        room = limits.name
        if limits is STATA and name in labelled:
            size, counter = size + len(str(counter)), counter + 1
        if limits is SPSS:
            fine = re.fullmatch(r"[^\W\d_][\w.@#$]*(?<![.])", name) and name.upper() not in _RESERVED["SPSS"]
            key = name.casefold()
        else:
            fine = re.fullmatch(r"[^\W\d]\w*", name) and name not in _RESERVED["Stata"]
            fine = fine and not re.fullmatch(r"str[0-9]+", name)
            key = name
        if not fine:
            wrong.append(f"{name}: not a name there")
        elif size > room:
            wrong.append(
                f"{name}: {size} {limits.unit}" + (" with the number of its labels" if name in labelled else "")
            )
        elif key in seen:
            wrong.append(f"{name}: the same as {seen[key]}")
        seen[key] = name
    if wrong:
        raise ExportError(
            f"{limits.format} does not allow these column names.",
            got=shorten(wrong),
            expected=f"a letter, then letters, digits and _, at most {limits.name} {limits.unit}",
            fix="rename the columns in the data and the codebook, or write .parquet or .csv",
        )


def fitted(labels: Mapping[str, tuple[str, int]], limits: Limits, cut: bool) -> dict[str, str]:
    """Labels that fit, by place; each comes with the room it has.

    Raises
    ------
    ExportError
        For every label that is too long, unless it may be cut; then it ends in "…" at a whole letter.
    """
    kept, wrong = {}, []
    for place, (text, room) in labels.items():
        composed = unicodedata.normalize("NFC", text)
        size = limits.size(composed)
        if size > room and not cut:
            wrong.append(f"{place}: {size} of {room}")
        kept[place] = composed if size <= room else _cut(composed, room, limits)
    if wrong:
        raise ExportError(
            f"{limits.format} would cut {len(wrong)} label{'s' if len(wrong) > 1 else ''}.",
            where=shorten(wrong, 12),
            got=f"sizes in {limits.unit}",
            expected="labels that fit",
            fix='shorten them in the codebook; or allow_loss=["labels"]: cut with "…", whole in the codebook beside',
        )
    return kept


def _cut(text: str, room: int, limits: Limits) -> str:
    end = "…"
    while limits.size(text + end) > room:
        text = text[:-1]
    return text.rstrip() + end


def texts(column: pd.Series, limits: Limits, strip: bool) -> pd.Series:
    """A column of text without empty cells (""), if the format holds every text whole.

    Raises
    ------
    ExportError
        For a text that is too long, and for one that ends in spaces: SPSS fills texts up with spaces.
    """
    filled = column.fillna("")
    if limits is SPSS and filled.str.endswith(" ").any():
        if not strip:
            raise ExportError(
                "SPSS does not keep trailing spaces.",
                where=column.name,
                got=f"{int(filled.str.endswith(' ').sum()):,} texts that end in a space",
                fix='recode the texts, or allow_loss=["spaces"]',
            )
        filled = filled.str.rstrip(" ")
    longest = max((limits.size(t) for t in filled.unique()), default=0)
    if longest > limits.text:
        raise ExportError(
            f"A text is longer than {limits.format} allows.",
            where=column.name,
            got=f"{longest:,} {limits.unit}",
            expected=f"at most {limits.text:,}",
            fix="write .parquet or .csv",
        )
    return filled


def moments(column: pd.Series, limits: Limits, cut: bool) -> tuple[pd.Series, bool]:
    """A column of moments as the format's numbers, and whether they are whole days.

    Raises
    ------
    ExportError
        For years outside 1583 to 9999; for fractions of a second that the format's numbers do not hold exactly
        (SPSS: beyond about two digits; Stata: beyond milliseconds), unless they may be cut.
    """
    micros = column.to_numpy("datetime64[us]").astype(np.int64)
    given = ~column.isna().to_numpy()
    known = micros[given]
    if len(known) and (known.min() < -12_212_553_600_000_000 or known.max() >= 253_402_300_800_000_000):
        raise ExportError(
            f"A date is outside the range of {limits.format}.",
            where=column.name,
            expected="1583 to 9999",
            fix="recode it",
        )
    units = _units(known, limits)
    back = np.round((units / limits.per_second - limits.origin) * 1e6).astype(np.int64)
    if (back != known).any():
        if not cut:
            raise ExportError(
                f"{limits.format} cannot store these fractions of a second exactly.",
                where=column.name,
                got="a finer one",
                expected="whole seconds",
                fix='round the moments, or allow_loss=["fractions"]: whole seconds are kept',
            )
        units = _units(known // 1_000_000 * 1_000_000, limits)
    days = bool(len(known)) and bool((known % 86_400_000_000 == 0).all())
    values = np.full(len(column), np.nan)
    values[given] = units
    return pd.Series(values, index=column.index, name=column.name), days


def _units(micros: np.ndarray, limits: Limits) -> Any:
    whole, rest = np.divmod(micros, 1_000_000)
    return (whole + limits.origin) * limits.per_second + rest / (1_000_000 / limits.per_second)

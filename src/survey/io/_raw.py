"""What every reader gives, and what is done to every text."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

import pandas as pd

from survey.base.catalogue import Note, listed
from survey.codebook import Codebook
from survey.errors import ReadError, shorten

__all__ = ["Options", "Raw", "column_names", "nfc", "normalised"]


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read; None where nothing was said."""

    sheet: str | int | tuple[str | int, ...] | None = None
    header: int | tuple[int, ...] | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    locale: str | None = None
    codebook: Codebook | None = None
    export: Any = None


@dataclass(frozen=True, slots=True)
class Raw:
    """The content of one file.

    Parameters
    ----------
    data : DataFrame
        Text in NFC, empty cells NaN, index from 0.
    codebook : Codebook
        What the file itself says about its columns.
    declared : mapping of str to tuple of (low, high)
        Ranges of codes that the file declares missing, by column.
    notes : tuple of str
        What was found and not declared (a sheet, an encoding), with the reason; what a reader could not keep.
    kinds : DataFrame of uint8
        Kinds of missing answers (as `Responses.missing` writes them) that the file holds beside its columns.
    beside : tuple of Path
        Other files that were read with it, such as a catalogue of value labels.
    """

    data: pd.DataFrame
    codebook: Codebook
    declared: Mapping[str, tuple[tuple[Any, Any], ...]]
    notes: tuple[str, ...] = ()
    kinds: pd.DataFrame = field(default_factory=pd.DataFrame)
    beside: tuple[Path, ...] = ()


@overload
def nfc(text: str) -> str: ...
@overload
def nfc(text: Any) -> Any: ...
def nfc(text: Any) -> Any:
    """A text in its composed form; anything else as it is."""
    return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


def normalised(column: pd.Series) -> pd.Series:
    """A text column in NFC, with empty texts as empty cells.

    Only distinct values are looked at: survey text repeats itself.
    """
    distinct = [value for value in column.unique() if isinstance(value, str)]
    changed = {value: nfc(value) for value in distinct if not unicodedata.is_normalized("NFC", value)}
    if changed:
        column = column.map(lambda v: changed.get(v, v), na_action="ignore").astype("str")
    return column.mask(column == "") if "" in distinct else column


def column_name(name: object) -> str:
    """A column's name as it is read: in NFC, without blanks about it."""
    return nfc(str(name)).strip()


def column_names(names: Sequence[Any], path: Path, notes: list[str] | None = None) -> list[str]:
    """Column names in NFC; one without a name is called after its position, and that is said.

    Raises
    ------
    ReadError
        If two columns have one name.
    """
    clean = ["" if name is None else column_name(name) for name in names]
    held = set(clean)
    nameless = []
    for i, name in enumerate(clean):
        if not name:
            clean[i] = f"column_{i + 1}"
            while clean[i] in held:
                clean[i] += "_"
            nameless.append(clean[i])
    if nameless and notes is not None:
        notes.append(Note("reading.nameless", columns=listed(nameless, 8)))
    count = Counter(clean)
    twice = [name for name, n in count.items() if n > 1]
    if twice:
        places = "; ".join(f"{n}: columns {shorten(i for i, c in enumerate(clean, 1) if c == n)}" for n in twice[:5])
        raise ReadError(
            "Two columns have the same name.",
            where=path,
            got=places,
            expected="a unique name for each column",
            fix="rename them in a copy of the file",
        )
    return clean

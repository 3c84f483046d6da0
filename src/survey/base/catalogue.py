"""Texts by key and language: the words are in one TOML file a language, the code holds keys.

`words/vi.toml` and `words/en.toml` say what people read; a further language is a further file beside them (or in the
folder that the environment variable SURVEY_WORDS names). What a file leaves out is read in English.

A text may hold parts in braces: "{n} rows have no value of {columns}". Whole numbers and dates are written as the
language writes them, notes in that language, anything else as it is. Where the wording depends on a number, a text is
a table of plural forms by their names in CLDR: `{one = "{n} group", other = "{n} groups"}`, chosen by the part `n`.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from operator import index
from pathlib import Path
from types import MappingProxyType
from typing import Any, SupportsIndex

__all__ = [
    "LANGUAGES",
    "Note",
    "as_note",
    "either",
    "entries",
    "find",
    "in_turn",
    "listed",
    "matched",
    "text",
    "texts",
]

_FOLDER = Path(__file__).parents[1] / "words"
_ADDED = "SURVEY_WORDS"
_FIRST = ("vi", "en")
"""The languages of the package, in the order in which they stand beside each other."""
_BASE = "en"
"""The language that a text is read in where its own file has none, and in which notes are stored."""

_Entry = str | Mapping[str, str]


def _files() -> Mapping[str, Path]:
    folders = [_FOLDER, *([Path(os.environ[_ADDED])] if os.environ.get(_ADDED) else [])]
    found = {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}
    order = [*_FIRST, *sorted(set(found) - set(_FIRST))]
    return MappingProxyType({lang: found[lang] for lang in order})


_FILES = _files()
LANGUAGES: tuple[str, ...] = tuple(_FILES)
"""Every language that there is a file of words for."""


@cache
def entries(lang: str) -> Mapping[str, _Entry]:
    """All texts of a language by "section.key"; a text with plural forms is a mapping of them.

    Raises
    ------
    tomllib.TOMLDecodeError
        If the file of the language is not TOML.
    """
    sections = tomllib.loads(_FILES[lang].read_text(encoding="utf-8"))
    return MappingProxyType({f"{s}.{k}": t for s, texts in sections.items() for k, t in texts.items()})


def find(key: str, lang: str) -> _Entry | None:
    """A text as it is written, its parts not filled in; None where no file has the key."""
    found = entries(lang).get(key)
    return entries(_BASE).get(key) if found is None else found


def text(key: str, lang: str, /, **values: object) -> str:
    """A text in a language, its parts filled in.

    Parameters
    ----------
    key : str
        "section.key".
    lang : str
        One of `LANGUAGES`.
    **values : object
        The parts in braces.

    Raises
    ------
    KeyError
        For a key that no file has, or a part that was not given.
    """
    entry = find(key, lang)
    if entry is None:
        raise KeyError(key)
    if not isinstance(entry, str):
        entry = entry.get(_plural(values.get("n"), lang)) or entry["other"]
    return entry.format_map({name: _shown(value, lang) for name, value in values.items()})


def texts(key: str, /, **values: object) -> dict[str, str]:
    """A text in every language, its parts filled in."""
    return {lang: text(key, lang, **values) for lang in LANGUAGES}


def _plural(n: object, lang: str) -> str:
    if n is None or not isinstance(n, int | SupportsIndex):
        return "other"
    form: str = _plural_form(lang)(index(n))
    return form


@cache
def _plural_form(lang: str) -> Any:
    from babel import Locale

    return Locale.parse(lang).plural_form


def _shown(value: object, lang: str) -> str:
    if type(value) is str:  # most of them; whether a value is a whole number takes longer to find out
        return value
    if isinstance(value, Note):
        return value.in_language(lang)
    if isinstance(value, Mapping):
        return str(value.get(lang) or value.get(_BASE) or next(iter(value.values()), ""))
    if isinstance(value, tuple):
        return ", ".join(_shown(v, lang) for v in value)
    if isinstance(value, dt.date):
        return _date(value, lang)
    if not isinstance(value, int | SupportsIndex) or isinstance(value, bool) or abs(index(value)) < 1000:
        return str(value)
    from babel.numbers import format_decimal

    written: str = format_decimal(index(value), format="#,##0", locale=lang)
    return written


def _date(value: dt.date, lang: str) -> str:
    """A date as the language writes it; in English, in which notes are stored, as yyyy-mm-dd."""
    if lang == _BASE:
        return value.isoformat()
    from babel.dates import format_date

    written: str = format_date(value, format=text("language.date", lang), locale=lang)
    return written


class Note(str):
    """A remark for whoever reads a result: its text in English, and the key and values that give it in any language.

    As a string it is the English text, so that it is printed, compared and stored as text always was.

    Parameters
    ----------
    key : str
        Of the catalogue: "section.key".
    **values : object
        The parts of the text: whole numbers, dates, notes, text (or texts by language), tuples of these. `n` is kept
        for a number of people or rows.

    Examples
    --------
    >>> note = Note("notes.no_group", n=1234, columns="ward")
    >>> print(note)
    1,234 rows have no value of ward and are in no group
    >>> note.in_language("vi")
    '1.234 dòng thiếu ward và không thuộc nhóm nào'
    """

    __slots__ = ("key", "values")
    key: str
    values: Mapping[str, object]

    def __new__(cls, key: str, /, **values: object) -> Note:
        """The note with its English text."""
        made = super().__new__(cls, text(key, _BASE, **values))
        made.key, made.values = key, MappingProxyType(values)
        return made

    def in_language(self, lang: str) -> str:
        """The note in a language."""
        return text(self.key, lang, **self.values)

    def with_values(self, **values: object) -> Note:
        """The same note with other values."""
        return Note(self.key, **{**self.values, **values})

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.key, dict(self.values))


def _again(key: str, values: Mapping[str, object]) -> Note:
    return Note(key, **values)


def listed(values: Iterable[object], limit: int | None = None) -> str:
    """Values one after the other; of more than `limit` the first ones, and how many there are in all."""
    every = tuple(values)
    if limit is not None and len(every) > limit:
        return Note("parts.more", values=every[:limit], all=len(every))
    if any(isinstance(v, Note | dt.date) for v in every):
        return Note("parts.listed", values=every)
    return ", ".join(map(str, every))


def either(values: Iterable[object]) -> str:
    """Values of which one holds: "a or b"."""
    return reduce(lambda first, last: Note("parts.either", first=first, last=last), map(str, values))


def in_turn(values: Iterable[str]) -> str:
    """Remarks one after the other: "a; b"."""
    return reduce(lambda first, last: Note("parts.in_turn", first=first, last=last), values)


_STORED = ("notes.", "reading.", "shape.")
"""Sections whose texts are stored in files, as English text."""
_STORED_PARTS = (
    "parts.more",
    "parts.rows",
    "parts.either",
    "parts.sheet",
    "parts.repeat",
    "parts.hidden_",
    "parts.both",
    "parts.base_",
)
"""Parts of stored texts, by how their keys begin."""
_NUMBER = r"(?:\d[\d,]*|fewer than \d+)"
_PATTERNS = {"n": _NUMBER, "first": r"\S+", "last": r"\S+", "moved": r"[\d.]+%"}
_COUNTED = r"\d[\d,]* [a-z ]+"
"""A number of things, which a part stands for whose name begins with n_."""


@dataclass(frozen=True, slots=True)
class _Told:
    """How a text is told by its English: what it says as it is, and the pattern of all of it."""

    key: str
    literals: tuple[str, ...]
    pattern: str

    def match(self, said: str) -> re.Match[str] | None:
        """The parts of a text that is this one; a pattern is made only for what has its words."""
        straight = said.replace("’", "'")
        known = all(one.replace("’", "'") in straight for one in self.literals)
        return _compiled(self.pattern).fullmatch(said) if known else None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


@cache
def _patterns(*beginnings: str) -> tuple[_Told, ...]:
    """How to tell texts whose keys begin so by their English, from the catalogue itself; the wordiest first."""
    found = []
    for key, entry in entries(_BASE).items():
        if not key.startswith(beginnings):
            continue
        for form in [entry] if isinstance(entry, str) else entry.values():
            parts = list(string.Formatter().parse(form))
            seen: set[str] = set()
            pattern = ""
            for literal, name, _, _ in parts:
                pattern += re.escape(literal).replace("’", "['’]")  # files of earlier versions have straight ones
                if name in seen:
                    pattern += f"(?P={name})"
                elif name is not None:
                    seen.add(name)
                    pattern += f"(?P<{name}>{_COUNTED if name.startswith('n_') else _PATTERNS.get(name, '.+?')})"
            found.append(_Told(key, tuple(p[0] for p in parts if p[0]), pattern))
    return tuple(sorted(found, key=lambda told: -sum(map(len, told.literals))))


def matched(section: str, said: str) -> tuple[str, dict[str, str]] | None:
    """The key of the text of a section that an English text is, and its parts as they stand there; None if none is."""
    for told in _patterns(section + "."):
        match = told.match(said)
        if match:
            return told.key, match.groupdict()
    return None


def as_note(said: str) -> str:
    """A note by its English text, as files hold it and earlier versions gave it; other text as it is."""
    return said if isinstance(said, Note) else _read(said)


@lru_cache(maxsize=1000)
def _read(said: str, part: bool = False) -> str:
    for told in _patterns(*(_STORED_PARTS if part else _STORED)):
        match = told.match(said)
        if match:
            return Note(told.key, **{name: _value(value) for name, value in match.groupdict().items()})
    return said


def _value(said: str) -> object:
    if re.fullmatch(r"0|[1-9]\d{0,2}(,\d{3})*", said):
        return int(said.replace(",", ""))
    whole = _read(said)
    whole = whole if isinstance(whole, Note) else _read(said, part=True)
    if isinstance(whole, Note) or ", " not in said:
        return whole
    return listed(_read(v, part=True) for v in said.split(", "))

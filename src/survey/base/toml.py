"""The one way TOML is opened: read, composed, parsed, and its shape checked, with errors that name the place."""

from __future__ import annotations

import datetime as dt
import os
import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from survey.base.files import system_message
from survey.base.suggestions import did_you_mean
from survey.errors import SurveyError, shorten

__all__ = ["parsed", "read_toml", "refuse_shapes", "refuse_unknown", "table"]


def read_toml(path: str | os.PathLike[str], what: str, error: type[SurveyError]) -> dict[str, Any]:
    """Read a file of TOML in UTF-8, with every text in NFC.

    Parameters
    ----------
    path : path
    what : str
        What the file is, as its errors call it: "study", "file of rules".
    error : type of SurveyError

    Raises
    ------
    SurveyError
        Of that type, if the file is missing, cannot be opened, or is not TOML in UTF-8.
    """
    try:
        return parsed(unicodedata.normalize("NFC", Path(path).read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise error(f"The {what} does not exist.", where=path, fix="correct the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise error(
            f"The {what} is not valid TOML.", where=path, got=problem, expected="TOML in UTF-8", fix="correct that line"
        ) from problem
    except (OSError, ValueError) as problem:  # a path that no system takes is a ValueError
        raise error(
            f"The {what} cannot be opened.",
            where=path,
            got=system_message(problem),
            expected="a readable TOML file",
            fix="correct the path, or the file permissions",
        ) from problem


def parsed(text: str) -> dict[str, Any]:
    """TOML as tables; what is nested beyond all use is not TOML of ours, and would take minutes or all of the stack.

    Raises
    ------
    tomllib.TOMLDecodeError
    """
    if any(part.count(".") > 500 for part in re.split(r"[=\n{,]", text)):
        raise tomllib.TOMLDecodeError("a key of more than 500 parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("lists or tables that are nested too deeply") from None


def table(
    raw: Mapping[str, Any], key: str, what: str, where: object, error: type[SurveyError], *, of_tables: bool = False
) -> Mapping[str, Any]:
    """A part that must be a table, or with `of_tables` a table of tables; empty if it does not exist.

    Raises
    ------
    SurveyError
        Of that type.
    """
    value = raw.get(key, {})
    if not isinstance(value, Mapping):
        raise error(f"A part of the {what} is not a table.", where=where, got=f"{key} = {value!r}", expected=f"[{key}]")
    for name, entry in value.items() if of_tables else ():
        if not isinstance(entry, Mapping):
            raise error(
                f"A part of the {what} is not a table.",
                where=f"{where}, [{key}]",
                got=f"{name} = {entry!r}",
                expected=f"[{key}.{name}]",
            )
    return value


def refuse_unknown(
    table: Mapping[str, Any], known: Collection[str], what: str, where: object, error: type[SurveyError]
) -> None:
    """An error that names the keys of a table that nothing would read.

    Raises
    ------
    SurveyError
        Of that type.
    """
    unknown = sorted(str(key) for key in set(table) - set(known))
    if unknown:
        raise error(
            f"{what} has an unknown key.",
            where=where,
            got=shorten(unknown),
            expected=shorten(sorted(known), 20),
            fix=did_you_mean(unknown, sorted(known), "correct or remove the key"),
        )


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)


def _number(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**1000)


_SHAPES: dict[str, tuple[Any, str]] = {
    "text": (lambda v: isinstance(v, str), '"..."'),
    "texts": (_texts, '["...", "..."]'),
    "text or texts": (lambda v: isinstance(v, str) or _texts(v), '"...", or ["...", "..."]'),
    "words": (
        lambda v: isinstance(v, str) or (isinstance(v, Mapping) and all(isinstance(t, str) for t in v.values())),
        '"...", or {vi = "...", en = "..."}',
    ),
    "truth": (lambda v: isinstance(v, bool), "true or false"),
    "number": (_number, "a number"),
    "limits": (
        lambda v: isinstance(v, list | tuple) and len(v) == 2 and all(map(_number, v)),
        "[LOWEST, HIGHEST], two numbers",
    ),
    "value": (lambda v: isinstance(v, str | bool) or _number(v), "a number, a text, true or false"),
    "end": (lambda v: isinstance(v, str | dt.date) or _number(v), "a number, or a date"),
    "name": (lambda v: isinstance(v, str | int) and not isinstance(v, bool), '"..."'),
}


def refuse_shapes(
    table: Mapping[str, Any], shapes: Mapping[str, str], what: str, where: object, error: type[SurveyError]
) -> None:
    """An error that names the first key of a table whose value is of another kind than its key needs.

    Parameters
    ----------
    table : mapping
    shapes : mapping of key to kind
        "text", "texts" (a list), "text or texts", "words" (a text, or one by language), "truth", "number",
        "limits" (two numbers), "value" (none that nests), "end" (a number or a date), "name" (a text or
        a whole number).
    what : str
        What the table is, as the error calls it: "A variable".

    Raises
    ------
    SurveyError
        Of that type.
    """
    for key, shape in shapes.items():
        fits, expected = _SHAPES[shape]
        if key in table and not fits(table[key]):
            raise error(
                f"{what} has a value of the wrong kind.",
                where=where,
                got=f"{key} = {table[key]!r}"[:300],
                expected=f"{key} = {expected}",
                fix="correct the value",
            )

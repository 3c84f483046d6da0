"""The one way TOML is opened: read, composed, parsed, and its shape checked, with errors that name the place."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from survey.base.files import system_message
from survey.errors import SurveyError, shorten

__all__ = ["parsed", "read_toml", "refuse_unknown", "table"]


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
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise error(
            f"{what} has an unknown key.",
            where=where,
            got=shorten(unknown),
            expected=shorten(sorted(known), 20),
            fix="correct or remove the key",
        )

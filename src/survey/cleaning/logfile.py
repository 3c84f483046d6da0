"""The log of cleaning as a file: written and read as JSON, with a fingerprint of what came out."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base._archive import utf8
from survey.base.arguments import explained
from survey.base.files import holds, system_message, writing
from survey.base.stored import check_types, shown
from survey.codebook import Codebook, Variable
from survey.codebook.told import said
from survey.core.log import LogEntry, Source, plain_arguments
from survey.core.responses_data import ResponsesData
from survey.errors import ReadError

__all__ = ["FORMAT", "Log", "fingerprint", "read_log", "save_log"]

FORMAT = 1
"""Version of the file format; a file of another version is refused."""

_ENTRY = ("verb", "what", "arguments", "rows_before", "rows_after", "rows_touched", "answers_touched", "reason")


@dataclass(frozen=True, slots=True)
class Log:
    """What was done to raw files, and what came out.

    Parameters
    ----------
    entries : tuple of LogEntry
    sources : tuple of Source
        The raw files with their SHA-256.
    result : mapping of str to mapping of str to str
        Fingerprints of the cleaned answers: for "data", "missing" and "rejected" one per column, for "codebook" one a
        variable. Empty if it is not known.
    path : str
        Where the log was read from; raw files that moved are looked for next to it.
    """

    entries: tuple[LogEntry, ...]
    sources: tuple[Source, ...] = ()
    result: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    path: str = ""

    @classmethod
    def of(cls, responses: ResponsesData) -> Log:
        """The log of responses, with the fingerprint of what they are now."""
        return cls(responses.entries, responses.sources, fingerprint(responses))


def save_log(self: ResponsesData, path: str | os.PathLike[str]) -> Path:
    """Write the log as JSON, whole or not at all: enough to reproduce these answers from the raw files.

    Parameters
    ----------
    path : path
        Such as "cleaning.json"; a file of this name is replaced. The same log gives the same bytes.

    Returns
    -------
    Path
    """
    log = Log.of(self)
    written = {
        "format": FORMAT,
        "sources": [{"path": s.path, "sha256": s.sha256, "rows": s.rows} for s in log.sources],
        "steps": [{name: _plain(getattr(entry, name)) for name in _ENTRY} for entry in log.entries],
        "result": {part: dict(columns) for part, columns in log.result.items()},
    }
    text = json.dumps(written, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    content = utf8(text, path)
    if not holds(path, content):
        with writing(path, self.origins, endings=(".json",)) as temporary:
            temporary.write_bytes(content)
    return Path(path)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


@explained(ReadError)
def read_log(path: str | os.PathLike[str]) -> Log:
    """Read a log that `save_log` wrote.

    Raises
    ------
    ReadError
        If the file is missing, is not JSON, or is not a log of this format. Missing hashes are not an error here:
        `replay` says what it could not compare.
    """
    try:
        written = json.loads(Path(path).read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise ReadError("The log does not exist.", where=path, fix="correct the path") from None
    except OSError as problem:
        raise ReadError(
            "The log cannot be opened.",
            where=path,
            got=system_message(problem),
            expected="a readable file",
            fix="correct the path",
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise _no_log(path, problem) from problem
    if not isinstance(written, dict) or "format" not in written:
        raise _no_log(path, "JSON of another kind")
    if written["format"] != FORMAT:
        raise ReadError(
            "The log was written by a different version.",
            where=path,
            got=f"format {written['format']}"[:80],
            expected=f"format {FORMAT}",
            fix="write it again with responses.save_log(...)",
        )
    try:
        steps = [{name: step[name] for name in _ENTRY} for step in written["steps"]]
        entries = tuple(LogEntry(**{**s, "arguments": plain_arguments(**s["arguments"])}) for s in steps)
        for entry in entries:
            check_types(entry)
        sources = tuple(_source(s) for s in written.get("sources") or ())
        result = {part: MappingProxyType(dict(c)) for part, c in (written.get("result") or {}).items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as problem:
        raise _no_log(path, shown(said(problem))) from None
    return Log(entries, sources, MappingProxyType(result), str(path))


def _source(said: Mapping[str, Any]) -> Source:
    """A source as the log names it; what a log does not say is not compared, and replay tells so."""
    digest = said.get("sha256") or ""
    if not isinstance(said["path"], str) or not isinstance(digest, str):
        raise TypeError("a source is not a path with its SHA-256")
    return Source(said["path"], digest.strip().lower(), int(said.get("rows") or 0))


def _no_log(path: object, got: object) -> ReadError:
    return ReadError(
        "The file is not a cleaning log.",
        where=path,
        got=got,
        expected="JSON written by responses.save_log(...)",
        fix="write it again",
    )


def fingerprint(responses: ResponsesData) -> Mapping[str, Mapping[str, str]]:
    """What answers are, in few letters: equal only if every cell, type, kind, label and rejected row is.

    Columns are told apart so that a difference has a name; their order counts too.
    """
    parts = {name: _columns(getattr(responses, name)) for name in ("data", "missing", "rejected")}
    return MappingProxyType({**parts, "codebook": _variables(responses.codebook)})


def _short(digest: Any) -> str:
    return str(digest.hexdigest()[:24])


def _columns(table: pd.DataFrame) -> Mapping[str, str]:
    found = {"": _short(_hashed(table.index.to_series(), [str(c) for c in table.columns]))}
    for name in table.columns:
        found[str(name)] = _short(_hashed(table[name], [str(table[name].dtype)]))
    return MappingProxyType(found)


def _hashed(column: pd.Series, said: list[str]) -> Any:
    digest = hashlib.sha256(json.dumps([*said, len(column)], ensure_ascii=False).encode("utf-8"))
    values = column.to_numpy() if isinstance(column.dtype, np.dtype) else None
    if values is not None and values.dtype.kind in "fiubM":
        if values.dtype.kind == "f":
            values = np.where(np.isnan(values), np.nan, values)  # one NaN is as good as another
        digest.update(np.ascontiguousarray(values).view(np.uint8).data)
        return digest
    codes, distinct = pd.factorize(column)
    texts = [f"{type(v).__name__}:{v!r}" for v in distinct]
    digest.update(json.dumps(texts, ensure_ascii=False).encode("utf-8"))
    digest.update(np.ascontiguousarray(codes, dtype=np.int64).view(np.uint8).data)
    return digest


def _variables(book: Codebook) -> Mapping[str, str]:
    head = [dict(book.title), {k: dict(v) for k, v in book.dimensions.items()}, book.simulated, list(book.variables)]
    found = {"": _short(hashlib.sha256(repr(head).encode("utf-8")))}
    for name, variable in book.variables.items():
        found[name] = _short(hashlib.sha256(repr(_told(variable)).encode("utf-8")))
    for name, one in book.sets.items():
        if one.base or one.exclusive:  # of a declared select-all question; logs of earlier versions have none
            told = [name, one.variables, one.kind, dict(one.label), one.base, one.exclusive]
            found[f"set {name}"] = _short(hashlib.sha256(repr(told).encode("utf-8")))
    return MappingProxyType(found)


_ADDED = ("short", "instruction", "variants")
"""Fields that came later: where they say nothing, a codebook is what it was to a log written before them."""


def _told(variable: Variable) -> list[Any]:
    said = ((name, getattr(variable, name)) for name in variable.__slots__)
    return [(name, _unwrapped(value)) for name, value in said if value or name not in _ADDED]


def _unwrapped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(_number(k), _unwrapped(v)) for k, v in value.items()]
    return _number(value)


def _number(value: Any) -> Any:
    """A code of 1 is one of 1.0: they are equal, and JSON may turn one into the other."""
    return float(value) if isinstance(value, int | float | np.number) and not isinstance(value, bool) else value

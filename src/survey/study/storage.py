"""Responses and samples on disk, exactly as they were: one file, no pickle, the same bytes on a second run.

The file is a ZIP of Parquet tables (answers, kinds of missing answers, rejected rows, nonrespondents) and of
one JSON text with the codebook, the log, the sources and the design. Any program that opens ZIP, Parquet and JSON can
read it.
"""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base._archive import utf8
from survey.base.arguments import explained
from survey.base.files import system_message, writing
from survey.base.names import composed_value
from survey.base.stored import MOST_UNPACKED, NUMBERS, check_types, is_of, shown
from survey.calibration.propensity import variables_of
from survey.codebook import Codebook, MultipleSet, Variable
from survey.codebook.told import said
from survey.core.log import LogEntry, Source
from survey.design.design import Adjustment, Design, Nonrespondents, Replicates
from survey.design.targets import Margin, Targets
from survey.errors import EstimationError, ExportError, ReadError, SurveyError
from survey.privacy.scan import refuse_personal
from survey.responses import Responses
from survey.sample import Sample

__all__ = ["FORMAT", "load", "save"]

FORMAT = 2
"""Version of the file format; a file of another version is refused."""

_PARTS: Mapping[str, Any] = MappingProxyType(
    {"codebook": Codebook, "entries": tuple[LogEntry, ...], "sources": tuple[Source, ...], "design": Design | None}
)
_TABLES = ("data", "missing", "rejected")
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that ZIP knows: a fixed date makes fixed bytes
_KINDS = {
    kind.__name__: kind
    for kind in (Adjustment, Codebook, Design, LogEntry, Margin, MultipleSet, Replicates, Source, Targets, Variable)
}


@explained(ExportError)
def save(value: Responses | Sample, path: str | os.PathLike[str], *, allow_personal: Sequence[str] = ()) -> Path:
    """Write responses, or a sample with its design, whole or not at all.

    Parameters
    ----------
    value : Responses or Sample
    path : path
        Ending in .zip. A file of this name is replaced.
    allow_personal : sequence of str
        Columns that may be stored although they hold personal data.

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        If it is neither, or holds values that Parquet or JSON cannot.
    PrivacyError
        If columns hold personal data that were not allowed, in the answers or in rejected rows.
    """
    responses = value.responses if isinstance(value, Sample) else value
    if not isinstance(responses, Responses):
        raise ExportError("Only responses and samples can be stored.", where=path, got=type(value).__name__)
    refuse_personal(responses, allow_personal, str(path), rejected=True)
    design = value.design if isinstance(value, Sample) else None
    absent = None if design is None else design.absent
    described = {
        "format": FORMAT,
        "codebook": _encode(responses.codebook, "codebook"),
        "entries": _encode(responses.entries, "log"),
        "sources": _encode(responses.sources, "sources"),
        "design": _encode(None if design is None else replace(design, absent=None), "design"),
        "absent": None if absent is None else absent.weights,
    }
    parts = {f"{name}.parquet": _parquet(getattr(responses, name), name) for name in _TABLES}
    if absent is not None:
        parts["absent.parquet"] = _parquet(absent.rows, "those who did not answer")
    parts["survey.json"] = utf8(json.dumps(described, ensure_ascii=False, indent=1, allow_nan=False), path)
    with writing(path, responses.origins, endings=(".zip",)) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), content)  # stored: Parquet is compressed already
    return Path(path)


@explained(ReadError)
def load(path: str | os.PathLike[str]) -> Responses | Sample:
    """Read what `save` wrote: Responses if responses were saved, a Sample if a sample was.

    Raises
    ------
    ReadError
        If the file is missing, cut short, changed, or no such file.
    """
    try:
        return _opened(path)
    except ReadError:
        raise
    except SurveyError as problem:  # of a part that refuses what it cannot hold
        raise _damaged(path, f"{problem.what} {problem.where or ''}") from problem
    except FileNotFoundError:
        raise ReadError("The file does not exist.", where=path, fix="run the step that creates it") from None
    except (MemoryError, OSError) as problem:
        if isinstance(problem, MemoryError) or problem.filename is not None:
            raise ReadError(
                "The file cannot be opened.",
                where=path,
                got=system_message(problem),
                expected="a readable file, and enough memory",
                fix="correct the path",
            ) from problem
        raise _damaged(path, problem) from None
    except Exception as problem:  # a changed file can make any part of reading fail
        raise _damaged(path, problem) from None


def _opened(path: str | os.PathLike[str]) -> Responses | Sample:
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            if part.file_size > MOST_UNPACKED * max(part.compress_size, 2**20):
                raise _damaged(path, f"{part.filename}, which would take {part.file_size:,} bytes")
        described = json.loads(archive.read("survey.json"))
        if not isinstance(described, dict):
            raise _damaged(path, "JSON of another kind")
        if described.get("format") != FORMAT:
            raise ReadError(
                "The file was written by a different version.",
                where=path,
                got=f"format {described.get('format')}"[:80],
                expected=f"format {FORMAT}",
                fix="remove it and rerun the step that creates it",
            )
        names = [*_TABLES, "absent"] if described.get("absent") is not None else _TABLES
        tables = {n: pd.read_parquet(io.BytesIO(archive.read(f"{n}.parquet"))) for n in names}
    parts = {name: _decode(described[name]) for name in ("codebook", "entries", "sources", "design")}
    for name, hint in _PARTS.items():
        if not is_of(parts[name], hint):
            raise TypeError(f"{name} is a {type(parts[name]).__name__}")
    design, rows = parts.pop("design"), tables.pop("absent", None)
    parts["codebook"] = parts["codebook"].read_from(path)
    _check_formulas(design, path)
    responses = Responses(**tables, **parts)
    if design is None:
        return responses
    sample = Sample.of(
        responses, design if rows is None else replace(design, absent=Nonrespondents(rows, described["absent"]))
    )
    sample.residuals  # noqa: B018 - a design whose parts contradict each other must fail here, not at the first estimate
    return sample


def _check_formulas(design: Design | None, path: object) -> None:
    """Refuse a stored response model that is not a formula, or not one of the variables that are stored with it."""
    for step in () if design is None else design.adjustments:
        if not step.formula and not step.model:
            continue
        try:
            spoken_of = variables_of(step.formula)
        except EstimationError as problem:
            raise _damaged(path, f"a response model that is not a formula ({problem.what})") from problem
        if set(spoken_of) != {composed_value(name) for name in step.model}:
            raise _damaged(path, "a response model of other variables than those stored with it")


def _damaged(path: object, problem: object) -> ReadError:
    return ReadError(
        "The file does not contain stored responses.",
        where=path,
        got=shown(said(problem)),
        expected="an unmodified file written by storage.save",
        fix="remove it and rerun the step that creates it",
    )


def _parquet(table: pd.DataFrame, name: str) -> bytes:
    buffer = io.BytesIO()
    try:
        table.to_parquet(buffer, engine="pyarrow")
    except (TypeError, ValueError) as problem:  # pyarrow's own errors are of these two
        raise ExportError(
            "A column cannot be stored.",
            where=name,
            got=said(problem),
            expected="one type of values per column",
            fix="recode the column to numbers or to text first",
        ) from None
    return buffer.getvalue()


def _encode(value: Any, where: str) -> Any:
    """A value as JSON holds it; what JSON has no word for is an object with one key that says what it is."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, np.generic):
        return _encode(value.item(), where)
    if isinstance(value, np.ndarray):
        return {"array": [str(value.dtype), list(value.shape), _encode(value.ravel().tolist(), where)]}
    if isinstance(value, list):
        return [_encode(v, where) for v in value]
    if isinstance(value, tuple):
        return {"tuple": [_encode(v, where) for v in value]}
    if isinstance(value, Mapping):
        return {"map": [[_encode(k, where), _encode(v, where)] for k, v in value.items()]}
    kind = type(value).__name__
    if _KINDS.get(kind) is type(value):
        parts = {
            f.name: _encode(getattr(value, f.name), f"{where}, {f.name}")
            for f in fields(value)
            if f.metadata.get("stored", True)
        }
        return {"kind": kind, "of": parts}
    raise ExportError("A value cannot be stored.", where=where, got=kind, expected="text, numbers, lists and tables")


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(v) for v in value]
    if not isinstance(value, dict):
        return value
    if "kind" in value:
        made = _KINDS[value["kind"]](**{name: _decode(part) for name, part in value["of"].items()})
        check_types(made)
        return made
    ((what, content),) = value.items()
    if what == "float":
        return float(content)
    if what == "tuple":
        return tuple(_decode(v) for v in content)
    if what == "map":
        return MappingProxyType({_decode(k): _decode(v) for k, v in content})
    dtype, shape, items = content
    if np.dtype(dtype).kind not in NUMBERS:
        raise TypeError(f"an array of {np.dtype(dtype).kind}")
    return np.array([_decode(v) for v in items], dtype=dtype).reshape(shape)

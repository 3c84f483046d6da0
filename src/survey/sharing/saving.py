"""Cells as one Parquet file: counts as rows, what they are counts of as JSON in its metadata; and back.

Any program that reads Parquet can read it. The file holds its own SHA-256, so that one that was cut or changed is told
from a whole one.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey import __version__
from survey.base.arguments import explained
from survey.base.arrays import Array
from survey.base.digest import canonical
from survey.base.files import AnyPath, system_message, writing
from survey.base.stored import MOST_UNPACKED, shown
from survey.base.toml import parsed
from survey.codebook import Codebook
from survey.codebook._toml_writing import toml_text
from survey.codebook.told import said
from survey.design.design import Adjustment, Design
from survey.errors import ReadError, SurveyError
from survey.scanning.columns import KINDS
from survey.scanning.dialect import PLAIN_CSV, Dialect
from survey.sharing.counted_files import CountedFile
from survey.sharing.counts import Calibration, ItemCounts, Lines
from survey.sharing.state import CellsData

__all__ = ["FORMAT", "fingerprint", "opened", "save"]

FORMAT = 1
"""Version of the file's format; a later one is refused."""
_KEY = b"survey.cells"
_OF_THE_FILE = ("name", "parts", "version", "files", "csv")
_PARTS = ("cells", "margins", "totals")
_WHOLE = ("part", "question", "unit", "group", "slot", "n")
_SUMS = ("w", "w2", "wy", "wyy")


@explained(ReadError)
def save(self: CellsData, path: AnyPath) -> Path:
    """Write cells as a Parquet file, whole or not at all: an older file of this name stays until the new one is whole.

    Parameters
    ----------
    path : path
        Ending in .parquet. The same cells are the same bytes.

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = _table(self)
    described = _described(self)
    described["sha256"] = _sha256(described, table)
    schema = [pa.field(name, pa.int64()) for name in _WHOLE] + [pa.field(name, pa.float64()) for name in _SUMS]
    content = json.dumps(described, ensure_ascii=False, allow_nan=False).encode("utf-8")
    arrow = pa.table([pa.array(table[name]) for name in (*_WHOLE, *_SUMS)], pa.schema(schema, {_KEY: content}))
    with writing(path, self.codebook.files, endings=(".parquet",)) as temporary:
        pq.write_table(arrow, temporary, compression="zstd")
    return Path(path)


def fingerprint(self: CellsData) -> str:
    """What tells counts from any others, whatever they are called."""
    described = {k: v for k, v in _described(self).items() if k not in _OF_THE_FILE}
    return _sha256(described, _table(self))


def opened(cls: type[Any], path: AnyPath) -> Any:
    """Read what `save` wrote.

    Raises
    ------
    ReadError
        If the file is missing, cut short, changed, no such file, or of a later format.
    """
    try:
        return _opened(cls, path)
    except ReadError:
        raise
    except FileNotFoundError:
        raise ReadError("The file does not exist.", where=path, fix="make it: survey cells make") from None
    except SurveyError as problem:
        raise _damaged(path, problem.what) from problem
    except (MemoryError, OSError) as problem:
        if isinstance(problem, MemoryError) or problem.filename is not None:
            raise ReadError(
                "The file cannot be opened.", where=path, got=system_message(problem), fix="correct the path"
            ) from problem
        raise _damaged(path, problem) from None
    except Exception as problem:  # a changed file can make any part of reading fail
        raise _damaged(path, problem) from None


def _damaged(path: object, problem: object) -> ReadError:
    return ReadError(
        "The file does not contain whole cells.",
        where=path,
        got=shown(said(problem)),
        expected="an unmodified file written by cells.save(...) or survey cells",
        fix="copy it again, or make it anew",
    )


def _opened(cls: type[Any], path: AnyPath) -> Any:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(os.fspath(path))
    content = (file.metadata.metadata or {}).get(_KEY)
    if content is None:
        raise _damaged(path, "a Parquet file of something else")
    described = json.loads(content)
    if not isinstance(described.get("format"), int) or described["format"] > FORMAT:
        raise ReadError(
            "The file was written by a later version.",
            where=path,
            got=f"format {described.get('format')}"[:80],
            expected=f"format {FORMAT}, which survey {__version__} knows",
            fix="install the version of survey that wrote it, or a later one",
        )
    unpacked = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    if unpacked > MOST_UNPACKED * max(os.path.getsize(path), 2**20):
        raise _damaged(path, f"parts that would take {unpacked:,} bytes")
    arrow = file.read()
    table = {name: arrow.column(name).to_numpy() for name in (*_WHOLE, *_SUMS)}
    if described.pop("sha256", None) != _sha256(described, table):
        raise _damaged(path, "other content than it was written with")
    return _made(cls, described, table)


def _sha256(described: Mapping[str, Any], table: Mapping[str, NDArray[Any]]) -> str:
    found = hashlib.sha256(canonical(described).encode("utf-8"))
    for name in (*_WHOLE, *_SUMS):
        kind = "<i8" if name in _WHOLE else "<f8"
        found.update(np.ascontiguousarray(table[name], kind).tobytes())
    return found.hexdigest()


def _table(self: CellsData) -> dict[str, NDArray[Any]]:
    """All counts below each other, which ones by `part` and `question`."""
    blocks: list[dict[str, Any]] = []
    for question, tally in enumerate(self.tallies):
        for part, lines in enumerate((tally.cells, tally.margins)):
            if lines is not None:
                blocks.append(_block(part, question, lines))
    if self.calibration is not None:
        unit, variable = np.nonzero(self.calibration.totals)
        values = self.calibration.totals[unit, variable]
        nothing = np.zeros(len(unit))
        blocks.append(
            _block(2, -1, Lines(unit, variable, nothing.astype(int), values[:, None], nothing, nothing.astype(int)))
        )
    return {name: np.concatenate([block[name] for block in blocks]) for name in (*_WHOLE, *_SUMS)}


def _block(part: int, question: int, lines: Lines) -> dict[str, Any]:
    whole = {"part": np.full(len(lines), part), "question": np.full(len(lines), question)}
    sums = np.zeros((len(lines), 3))
    sums[:, : lines.sums.shape[1]] = lines.sums
    columns = whole | {"unit": lines.unit, "group": lines.group, "slot": lines.slot, "n": lines.n}
    return columns | {"w": sums[:, 0], "w2": lines.squares, "wy": sums[:, 1], "wyy": sums[:, 2]}


def _lines(table: Mapping[str, NDArray[Any]], part: int, question: int, limits: Sequence[int], width: int) -> Lines:
    at = (table["part"] == part) & (table["question"] == question)
    unit, group, slot, n = (np.asarray(table[name][at], np.int64) for name in ("unit", "group", "slot", "n"))
    for places, limit in zip((unit, group, slot), limits, strict=True):
        if len(places) and not 0 <= places.min() <= places.max() < limit:
            raise ValueError("places outside of the table")
    sums = np.stack([table[name][at] for name in ("w", "wy", "wyy")[:width]], axis=1)
    squares = np.array(table["w2"][at])
    if not (np.isfinite(sums).all() and np.isfinite(squares).all() and (n >= 0).all()):
        raise ValueError("counts that are no numbers")
    return Lines(unit, group, slot, sums, squares, n)


def _described(self: CellsData) -> dict[str, Any]:
    design, calibration = self.design, self.calibration
    files = {"files": [list(file) for file in self.files]} if self.files else {}
    csv = [self.dialect.separator, self.dialect.decimal]
    told = files if self.dialect == PLAIN_CSV else files | {"csv": csv}
    return told | {
        "format": FORMAT,
        "version": __version__,
        "name": self.name,
        "parts": [list(part) for part in self.parts],
        "smallest": self.smallest,
        "respondents": len(self),
        "columns": {"part": list(_PARTS)},
        "codebook": _book(self.codebook),
        "design": {
            "weights": design.weights,
            "strata": list(design.strata),
            "psu": list(design.psu),
            "fpc": list(design.fpc),
            "nest": design.nest,
            "lonely": design.lonely,
            "adjustments": [
                [a.method, [list(m) for m in a.margins], [list(m) for m in a.numbers], a.met]
                for a in design.adjustments
            ],
        },
        "clusters": _frame(self.drawn),
        "questions": [_question(tally) for tally in self.tallies],
        "calibration": None
        if calibration is None
        else {
            "sizes": list(calibration.sizes),
            "inverse": [m.tolist() for m in calibration.inverse],
            "later": [[m.tolist() for m in step] for step in calibration.later],
        },
    }


def _question(tally: ItemCounts) -> dict[str, Any]:
    return {
        "item": tally.item,
        "groups": _frame(tally.groups),
        "rows": len(tally.groups),
        "answers": None if tally.answers is None else [[a, int(n)] for a, n in tally.answers.items()],
        "pivot": float(tally.pivot),
        "kinds": None if tally.kinds is None else [bool(k) for k in tally.kinds],
        "hidden": [tally.hidden["n"].tolist(), tally.hidden["weight"].tolist()] if tally.hidden["n"].any() else None,
    }


def _book(codebook: Codebook) -> str:
    """The codebook as TOML; "" for none."""
    return toml_text(codebook) if codebook.variables else ""


def _frame(frame: pd.DataFrame) -> list[list[Any]]:
    """Columns as [name, kind, values]."""
    out = []
    for name in frame.columns:
        column = frame[name]
        kind = "int" if column.dtype.kind in "iu" else "float" if column.dtype.kind in "fb" else "text"
        values = [None if v is None or v != v else v for v in column.astype(object).tolist()]
        out.append([str(name), kind, values if kind == "text" else [_number(v, kind) for v in values]])
    return out


def _number(value: Any, kind: str) -> Any:
    return None if value is None else int(value) if kind == "int" else float(value)


def _unframed(columns: Sequence[Any], rows: int) -> pd.DataFrame:
    made: dict[str, pd.Series] = {}
    for name, kind, values in columns:
        if len(values) != rows or not isinstance(name, str):
            raise ValueError("columns of different lengths")
        if kind == "text":
            if not all(v is None or isinstance(v, str) for v in values):
                raise TypeError("text that is none")
            made[name] = pd.Series(values, dtype="str")
        else:
            made[name] = pd.Series(values, dtype=np.int64 if kind == "int" else float)
    return pd.DataFrame(made, index=pd.RangeIndex(rows))


def _made(cls: type[Any], raw: Mapping[str, Any], table: Mapping[str, NDArray[Any]]) -> Any:
    book = Codebook.from_dict(parsed(raw["codebook"])) if raw["codebook"] else Codebook()
    told = raw["design"]
    steps = tuple(
        Adjustment(method, tuple(map(tuple, margins)), tuple(map(tuple, numbers)), met=bool(met))
        for method, margins, numbers, met in told["adjustments"]
    )
    design = Design(
        told["weights"],
        tuple(told["strata"]),
        tuple(told["psu"]),
        tuple(told["fpc"]),
        bool(told["nest"]),
        str(told["lonely"]),
        adjustments=steps,
    )
    drawn = _unframed(raw["clusters"], len(raw["clusters"][0][2]))
    calibration = None if raw["calibration"] is None else _calibration(raw["calibration"], table, len(drawn))
    variables = 0 if calibration is None else sum(calibration.sizes)
    tallies = [_tally(one, i, table, len(drawn), variables) for i, one in enumerate(raw["questions"])]
    parts = tuple((str(name), str(mark)) for name, mark in raw["parts"])
    more: dict[str, Any] = {"name": str(raw["name"]), "parts": parts, "smallest": int(raw["smallest"])}
    more["files"] = tuple(
        CountedFile(str(n), int(size), str(mark), int(k)) for n, size, mark, k in raw.get("files", [])
    )
    separator, decimal = raw.get("csv") or (None, None)
    more["dialect"] = Dialect.of(separator or None, decimal)
    return cls.made(tallies, book, design, drawn, int(raw["respondents"]), calibration, **more)


def _tally(
    one: Mapping[str, Any], question: int, table: Mapping[str, NDArray[Any]], units: int, variables: int
) -> ItemCounts:
    groups = _unframed(one["groups"], int(one["rows"]))
    answers = None if one["answers"] is None else {a: int(n) for a, n in one["answers"]}
    if answers is not None and not all(isinstance(a, str | int | float) for a in answers):
        raise TypeError("answers of another kind")
    hidden = one["hidden"] or [[0] * len(groups), [0.0] * len(groups)]
    slots, width = (1, 3) if answers is None else (len(answers), 1)
    limits = (len(groups), slots + KINDS)
    return ItemCounts(
        str(one["item"]),
        tuple(groups.columns),
        groups,
        answers,
        float(one["pivot"]),
        None if one["kinds"] is None else np.array(one["kinds"], bool),
        _lines(table, 0, question, (units, *limits), width),
        _lines(table, 1, question, (variables, *limits), width) if variables else None,
        pd.DataFrame({"n": np.array(hidden[0], np.int64), "weight": np.array(hidden[1], float)}, index=groups.index),
    )


def _calibration(raw: Mapping[str, Any], table: Mapping[str, NDArray[Any]], units: int) -> Calibration:
    sizes = tuple(int(n) for n in raw["sizes"])
    totals: Array = np.zeros((units, sum(sizes)))
    lines = _lines(table, 2, -1, (units, sum(sizes), 1), 1)
    totals[lines.unit, lines.group] = lines.sums[:, 0]
    inverse = tuple(_matrix(m, (n, n)) for m, n in zip(raw["inverse"], sizes, strict=True))
    later = tuple(
        tuple(_matrix(m, (n, o)) for m, o in zip(step, sizes[i + 1 :], strict=True))
        for i, (step, n) in enumerate(zip(raw["later"], sizes, strict=True))
    )
    return Calibration(sizes, inverse, totals, later)


def _matrix(values: Any, shape: tuple[int, int]) -> Array:
    found = np.array(values, float).reshape(shape)
    if not np.isfinite(found).all() or math.prod(shape) != found.size:
        raise ValueError("a matrix that is no table of numbers")
    return found

"""Which files a source names, and whether they go together."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

from survey.errors import ReadError, shorten

__all__ = ["files_of", "is_csv", "paths_of"]

_ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".txt": "csv", ".tsv": "csv"}


def files_of(source: Any) -> tuple[list[Path], Path | None, Any]:
    """Files that are scanned as one table, the folder that alone was named, and their kind: "parquet" or "csv".

    Raises
    ------
    ReadError
        If there is none, one does not exist or is named twice, or they are of several kinds.
    """
    paths, root = paths_of(source)
    twice = (
        sorted({str(p) for p in paths if [q.resolve() for q in paths].count(p.resolve()) > 1})
        if len({p.resolve() for p in paths}) < len(paths)
        else []
    )
    if twice:
        raise ReadError(
            "A file is named twice: its rows would be counted twice.",
            where="scan(source)",
            got=shorten(twice),
            expected="each file once",
            fix="name it once",
        )
    kinds = {_ENDINGS.get(p.suffix.lower(), p.suffix or p.name) for p in paths}
    if len(kinds) > 1 or not kinds <= set(_ENDINGS.values()):
        raise ReadError(
            "The files are not of one kind that can be scanned.",
            where="scan(source)",
            got=shorten(sorted(kinds)),
            expected="Parquet or CSV",
            fix="read other kinds with sv.read(...) and write them as .parquet",
        )
    return paths, root, kinds.pop()


def paths_of(source: Any, where: str = "scan(source)") -> tuple[list[Path], Path | None]:
    """The files of paths, patterns and folders, and the folder that alone was named, if one was.

    Raises
    ------
    ReadError
        If there is none, or one of them does not exist.
    """
    given = [source] if isinstance(source, str | Path) else list(source)
    paths: list[Path] = []
    root: Path | None = None
    for one in map(str, given):
        found = sorted(glob.glob(one, recursive=True)) if glob.has_magic(one) and not Path(one).exists() else [one]
        for path in map(Path, found):
            if path.is_dir():
                root = path if len(given) == 1 else None
                paths += [p for p in sorted(path.rglob("*")) if _answers(p)]
            else:
                paths.append(path)
    absent = [p for p in paths if not p.is_file()]
    if absent or not paths:
        raise ReadError(
            "There are no such files.",
            where=where,
            got=shorten(absent) or shorten(given),
            expected="Parquet or CSV files",
            fix="check the path",
        )
    return paths, root


def is_csv(path: Path) -> bool:
    """Whether a file is CSV by its name."""
    return _ENDINGS.get(path.suffix.lower()) == "csv"


def _answers(path: Path) -> bool:
    """Whether a file of a folder holds rows: not what another program has begun to write under a hidden name."""
    return path.suffix.lower() in _ENDINGS and not path.name.startswith(".") and path.is_file()

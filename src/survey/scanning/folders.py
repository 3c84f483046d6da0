"""Columns that stand in the names of folders, called name=value, as Hive, Spark and DuckDB write them.

Arrow reads "01" and "1" as one number, and loses the rows of a folder whose name is in another Unicode form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from survey.base.names import composed_value
from survey.errors import ReadError, shorten

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Folders"]

_NULL = "__HIVE_DEFAULT_PARTITION__"
_WHOLE = re.compile(r"-?[1-9][0-9]{0,17}|0")


@dataclass(frozen=True)
class Folders:
    """What the names of folders say of files.

    Parameters
    ----------
    of : dict of name to values
        Columns, with a value for each file; None where the folder says that it is empty.
    without : dict of name to path
        Columns that stand in no folder of some file, with the first such file.
    """

    of: dict[str, list[str | None]] = field(default_factory=dict)
    without: dict[str, str] = field(default_factory=dict)

    @classmethod
    def above(cls, paths: Sequence[Path], root: Path | None) -> Folders:
        """Those between a folder and the files in it; none where no folder was named."""
        if root is None:
            return cls()
        told = [dict(_told(path.relative_to(root).parts[:-1])) for path in paths]
        names = dict.fromkeys(name for one in told for name in one)
        without = {
            n: str(next(p for p, one in zip(paths, told, strict=True) if n not in one))
            for n in names
            if any(n not in one for one in told)
        }
        return cls({name: [one.get(name) for one in told] for name in names}, without)

    def refuse_twice(self, names: Iterable[str]) -> None:
        """Raise `ReadError` if the files hold such a column themselves: which of the two is meant is not known."""
        twice = [name for name in names if composed_value(name) in self.of]
        if twice:
            raise ReadError(
                "A column stands in the files and in the names of their folders.",
                where=f"column {twice[0]!r}",
                got=shorten(twice),
                expected="one place for each column",
                fix='take that of the files by a pattern: scan("folder/**/*.parquet", ...); or rename the folders',
            )

    def dataset(self, paths: Sequence[Path], schema: pa.Schema, kind: Any) -> Any:
        """Files as one data set, with these columns behind theirs."""
        import pyarrow as pa
        import pyarrow.dataset as ds
        from pyarrow.fs import LocalFileSystem

        columns: dict[str, list[Any]] = dict(self.of)
        types = {name: pa.string() for name in columns}
        for name, values in self.of.items():
            given = [v for v in values if v is not None]
            if given and all(map(_WHOLE.fullmatch, given)):
                columns[name] = [None if v is None else int(v) for v in values]
                types[name] = pa.int64()
        for name, kind_of in types.items():
            schema = schema.append(pa.field(name, kind_of))
        told = [
            [ds.field(n) == pa.scalar(v[i], types[n]) for n, v in columns.items() if v[i] is not None]
            for i in range(len(paths))
        ]
        expressions = [_all(one) for one in told]
        return ds.FileSystemDataset.from_paths(
            [str(p) for p in paths], schema, format=kind, filesystem=LocalFileSystem(), partitions=expressions
        )


def _all(expressions: Sequence[Any]) -> Any:
    import pyarrow.dataset as ds

    found = ds.scalar(True)
    for i, one in enumerate(expressions):
        found = one if i == 0 else found & one
    return found


def _told(folders: Iterable[str]) -> Iterable[tuple[str, str | None]]:
    for folder in folders:
        name, sign, value = folder.partition("=")
        if sign and name:
            yield str(composed_value(unquote(name))), None if value == _NULL else str(composed_value(unquote(value)))

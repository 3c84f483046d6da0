"""Where batches come from: files of Parquet and CSV, DuckDB, Polars, Dask, tables in memory.

A reader delivers columns as Arrow batches, in an order that does not change. An engine more is a class more.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from survey.codebook.told import said
from survey.errors import ReadError, shorten
from survey.scanning.copies import copies
from survey.scanning.csv_files import MISSING, Cells, TextFound
from survey.scanning.here import Here
from survey.scanning.partitions import Partitions
from survey.scanning.schemas import agreed, lacking, refuse_lacking
from survey.scanning.statistics import parquet_ranges

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BATCH", "Reader", "paths_of", "reader_of"]

T = TypeVar("T")
BATCH = 1 << 18
"""Rows of a batch, at most."""
_AHEAD = {"batch_readahead": 4, "fragment_readahead": 1}
"""More files at a time are no faster, and take four times the memory."""
_ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".txt": "csv", ".tsv": "csv"}


class Reader(Protocol):
    """A table that is read once a question, a batch at a time."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns, as they are spelled there."""
        ...

    @property
    def source(self) -> str:
        """What it is, for errors."""
        ...

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it reads, as far as they are known: nothing that is made from it may replace them."""
        ...

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """These columns of all rows, in batches whose order does not change."""
        ...

    def gather(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """What `work` makes of the batches; of parts of them added up, where they are in several places."""
        ...

    def in_order(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """What `work` makes of all batches, one after the other in this process."""
        ...

    def ranges(self, columns: Sequence[str]) -> dict[str, tuple[int, int, Any]]:
        """Columns of whole numbers of which the source knows the lowest and the highest, and their types."""
        ...


def reader_of(source: Any, query: str | None = None) -> Reader:
    """The reader of what `scan` was given.

    Raises
    ------
    ReadError
        For files that do not exist, are of no known kind or are damaged; for an object of no known kind.
    """
    kind = f"{type(source).__module__}.{type(source).__name__}"
    if kind.startswith(("duckdb", "_duckdb")):
        return Relation(_relation(source, query))
    if query is not None:
        raise ReadError(
            "A query needs a database.",
            where="scan(query=...)",
            got=type(source).__name__,
            expected="a DuckDB connection",
            fix="give duckdb.connect(...) as the source",
        )
    if kind.startswith("polars") and hasattr(source, "lazy"):
        return Lazy(source.lazy())
    if kind.startswith("polars"):
        return Lazy(source)
    if kind.startswith("dask") and hasattr(source, "to_delayed"):
        return Partitions(source, BATCH)
    if kind.startswith("pyarrow") and hasattr(source, "to_batches"):
        return Dataset(_in_memory(source), "an Arrow table")
    if isinstance(source, str | Path) or (isinstance(source, list | tuple) and source):
        return _files(source)
    raise ReadError(
        "The source cannot be scanned.",
        where="scan(source)",
        got=type(source).__name__,
        expected="Parquet or CSV files (a path, a pattern, a folder, a list), a DuckDB relation or connection with "
        "query=, a Polars frame, a Dask data frame, an Arrow table or data set",
        fix="a DataFrame of pandas is a sample as it is: sv.Sample(frame, ...)",
    )


@dataclass(frozen=True)
class Dataset(Here):
    """Files, or tables in memory, by pyarrow.dataset; `without` has the columns that some files lack, with a file."""

    data: Any
    source: str
    without: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.data.schema.names)

    @property
    def files(self) -> tuple[str, ...]:
        """See `Reader`; none of a table in memory."""
        return tuple(getattr(self.data, "files", ()))

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        refuse_lacking(columns, self.without)
        yield from self._read(self.data.to_batches(columns=list(columns), batch_size=BATCH, **_AHEAD), columns)

    def _read(self, batches: Iterator[pa.RecordBatch], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            for batch in batches:
                if batch.num_rows:
                    yield _plain(batch)
        except (pa.ArrowException, OSError, ValueError) as problem:
            raise ReadError(
                "A file of the source cannot be read: it is damaged, or its columns differ from those of the first.",
                where=self._damaged(columns),
                got=said(problem),
                expected="whole files whose columns have one type each",
                fix="export the file again; nothing of it was counted",
            ) from problem

    def ranges(self, columns: Sequence[str]) -> dict[str, tuple[int, int, Any]]:
        """Of Parquet, from what is written beside each group of rows: no row is read."""
        return parquet_ranges(self.data, columns)

    def _damaged(self, columns: Sequence[str]) -> str:
        """The first file that cannot be read alone."""
        import pyarrow as pa

        for fragment in getattr(self.data, "get_fragments", list)():
            try:
                for _ in fragment.to_batches(schema=self.data.schema, columns=list(columns), batch_size=BATCH):
                    pass
            except (pa.ArrowException, OSError, ValueError):
                return str(getattr(fragment, "path", self.source))
        return self.source


@dataclass(frozen=True)
class CsvFiles(Dataset):
    """CSV files, whose columns are read as text and are then what `read` makes of them."""

    cells: Cells = field(default_factory=lambda: Cells(frozenset()))

    def gather(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """See `Reader`; once more where a column of numbers turns out to be text."""
        while True:
            try:
                return work(self.batches(columns))
            except TextFound:
                continue

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Reader`; file by file."""
        refuse_lacking(columns, self.without)
        for fragment in self.data.get_fragments():
            numbers: dict[str, bool] = {}
            whole = fragment.to_batches(schema=self.data.schema, columns=list(columns), batch_size=BATCH, **_AHEAD)
            for batch in self._read(whole, columns):
                yield self.cells.typed(batch, numbers)
            self.cells.refuse_two_types(numbers, str(fragment.path))


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch whose views of texts are texts: Arrow itself cannot do much with views."""
    import pyarrow as pa

    views = [field.name for field in batch.schema if pa.types.is_string_view(field.type)]
    for name in views:
        batch = batch.set_column(batch.schema.get_field_index(name), name, batch.column(name).cast(pa.large_string()))
    return batch


@dataclass(frozen=True)
class Relation(Here):
    """A relation of DuckDB: a table, a view or a query, which it filters, joins and reads."""

    data: Any
    source: str = "a DuckDB relation"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.data.columns)

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        listed = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        chosen = self.data.project(listed)
        reader = chosen.to_arrow_reader(BATCH) if hasattr(chosen, "to_arrow_reader") else chosen.arrow(BATCH)
        with reader:
            yield from (batch for batch in reader if batch.num_rows)


@dataclass(frozen=True)
class Lazy(Here):
    """A lazy frame of Polars, collected batch by batch."""

    data: Any
    source: str = "a Polars frame"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.data.collect_schema().names())

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for frame in self.data.select(list(columns)).collect_batches(chunk_size=BATCH, maintain_order=True):
            yield from (batch for batch in frame.to_arrow().to_batches(max_chunksize=BATCH) if batch.num_rows)


def _relation(source: Any, query: str | None) -> Any:
    connection = hasattr(source, "execute") and not hasattr(source, "project")
    if connection and query is None:
        raise ReadError(
            "A connection alone names no table.",
            where="scan(source)",
            got="a DuckDB connection",
            expected="a query beside it",
            fix='call scan(connection, query="select * from answers", ...), or give connection.table("answers")',
        )
    if not connection and query is not None:
        raise ReadError(
            "A relation is a query already.",
            where="scan(query=...)",
            expected="the relation alone",
            fix="leave query= out, or give the connection",
        )
    return source.sql(query) if connection else source


def _in_memory(source: Any) -> Any:
    import pyarrow.dataset as ds

    return source if isinstance(source, ds.Dataset) else ds.dataset(source)


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


def _answers(path: Path) -> bool:
    """Whether a file of a folder holds rows: not what another program has begun to write under a hidden name."""
    return path.suffix.lower() in _ENDINGS and not path.name.startswith(".") and path.is_file()


def _files(source: Any) -> Reader:
    """Paths, patterns and folders as one data set; folders with `name=value` folders inside have these as columns."""
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.dataset as ds
    from pyarrow.fs import LocalFileSystem

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
    kind: Any = kinds.pop()
    if kind == "csv":
        tabs = paths[0].suffix.lower() == ".tsv"
        kind = ds.CsvFileFormat(
            parse_options=csv.ParseOptions(delimiter="\t" if tabs else ",", newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                null_values=MISSING, strings_can_be_null=True, quoted_strings_can_be_null=False
            ),
        )
    try:
        base = None if root is None else str(root)
        hive = None if root is None else ds.partitioning(flavor="hive")
        named = partial(ds.dataset, [str(p) for p in paths], format=kind, partitioning=hive, partition_base_dir=base)
        data = named()
        if kind == "parquet":
            schema = agreed(data)
            data = data if schema.equals(data.schema) else named(schema=schema)
        else:
            own = frozenset(kind.inspect(str(paths[0]), LocalFileSystem()).names)
            data = named(schema=pa.schema([f.with_type(pa.string()) if f.name in own else f for f in data.schema]))
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise ReadError(
            "The files cannot be read as one table.",
            where=next((str(p) for p in paths if _damaged(p, kind)), shorten(paths, 3)),
            got=said(problem),
            expected="whole files with the same columns",
            fix="export them again",
        ) from problem
    for group in copies(paths):
        if ds.dataset(str(group[0]), format=kind).head(1).num_rows:  # files without rows may well be the same
            raise ReadError(
                "Two files hold the same bytes: their rows would be counted twice.",
                where="scan(source)",
                got=shorten(group),
                expected="each file once",
                fix="leave the copies out",
            )
    source = shorten(paths, 3)
    without = lacking(data)
    return Dataset(data, source, without) if kind == "parquet" else CsvFiles(data, source, without, Cells(own))


def _damaged(path: Path, kind: Any) -> bool:
    """Whether a file alone cannot be opened."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    try:
        ds.dataset(str(path), format=kind)
    except (pa.ArrowException, OSError, ValueError):
        return True
    return False

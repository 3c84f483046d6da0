"""Where batches come from: files of Parquet and CSV, DuckDB, Polars, Dask, tables in memory.

A reader delivers columns as Arrow batches, in an order that does not change. An engine more is a class more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from survey.codebook.told import said
from survey.errors import ReadError, shorten
from survey.scanning.batches import engine_errors, plain
from survey.scanning.copies import copies
from survey.scanning.csv_files import MISSING, Cells, TextFound
from survey.scanning.dialect import PLAIN_CSV, Dialect
from survey.scanning.folders import Folders
from survey.scanning.here import Here
from survey.scanning.named_files import files_of
from survey.scanning.partitions import Partitions
from survey.scanning.schemas import agreed, lacking, names_of_files, refuse_lacking
from survey.scanning.spellings import two_spellings
from survey.scanning.statistics import parquet_ranges

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BATCH", "CsvFiles", "Reader", "reader_of"]

T = TypeVar("T")
BATCH = 1 << 18
"""Rows of a batch, at most."""
_AHEAD = {"batch_readahead": 4, "fragment_readahead": 1}
"""More files at a time are no faster, and take four times the memory."""


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


def reader_of(source: Any, query: str | None = None, dialect: Dialect = PLAIN_CSV) -> Reader:
    """The reader of what `scan` was given; `dialect` is how its CSV is written.

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
        return _files(source, dialect)
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
    """Files, or tables in memory, by pyarrow.dataset.

    `without` has the columns that some files lack, with a file; `apart` those of several types, with what is wrong.
    """

    data: Any
    source: str
    without: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, ReadError] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        own = self.data.schema.names
        return (*own, *(name for name in self.without if name not in own))

    @property
    def files(self) -> tuple[str, ...]:
        """See `Reader`; none of a table in memory."""
        return tuple(getattr(self.data, "files", ()))

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        refuse_lacking(columns, self.without, self.apart)
        yield from self._read(self.data.to_batches(columns=list(columns), batch_size=BATCH, **_AHEAD), columns)

    def _read(self, batches: Iterator[pa.RecordBatch], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            for batch in batches:
                if batch.num_rows:
                    yield plain(batch)
        except (pa.ArrowException, OSError, ValueError) as problem:
            damaged = self._damaged(columns)
            self._explain(damaged)
            raise ReadError(
                "A file of the source cannot be read: it is damaged, or its columns differ from those of the first.",
                where=damaged,
                got=said(problem),
                expected="whole files whose columns have one type each",
                fix="export the file again; nothing of it was counted",
            ) from problem

    def ranges(self, columns: Sequence[str]) -> dict[str, tuple[int, int, Any]]:
        """Of Parquet, from what is written beside each group of rows: no row is read."""
        return parquet_ranges(self.data, columns)

    def _explain(self, path: str) -> None:
        """Raise what more can be said of a file that cannot be read, if there is anything."""

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
    dialect: Dialect = PLAIN_CSV

    def gather(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """See `Reader`; once more where a column of numbers turns out to be text."""
        while True:
            try:
                return work(self.batches(columns))
            except TextFound:
                continue

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Reader`; file by file."""
        refuse_lacking(columns, self.without, self.apart)
        for fragment in self.data.get_fragments():
            numbers: dict[str, bool] = {}
            whole = fragment.to_batches(schema=self.data.schema, columns=list(columns), batch_size=BATCH, **_AHEAD)
            for batch in self._read(whole, columns):
                yield self.cells.typed(batch, numbers)
            self.cells.refuse_two_types(numbers, str(fragment.path))

    def _explain(self, path: str) -> None:
        if path in self.files:
            self.dialect.explain(Path(path))


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
        with engine_errors(self.source):
            chosen = self.data.project(listed)
            reader = chosen.to_arrow_reader(BATCH) if hasattr(chosen, "to_arrow_reader") else chosen.arrow(BATCH)
            with reader:
                yield from (plain(batch) for batch in reader if batch.num_rows)


@dataclass(frozen=True)
class Lazy(Here):
    """A lazy frame of Polars, collected batch by batch."""

    data: Any
    source: str = "a Polars frame"

    @property
    def names(self) -> tuple[str, ...]:
        with engine_errors(self.source):
            return tuple(self.data.collect_schema().names())

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with engine_errors(self.source):
            for frame in self.data.select(list(columns)).collect_batches(chunk_size=BATCH, maintain_order=True):
                for batch in frame.to_arrow().to_batches(max_chunksize=BATCH):
                    if batch.num_rows:
                        yield plain(batch)


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
    with engine_errors(f"scan(query={query!r})" if connection else Relation.source):
        return source.sql(query) if connection else source


def _in_memory(source: Any) -> Any:
    import pyarrow.dataset as ds

    return source if isinstance(source, ds.Dataset) else ds.dataset(source)


def _files(source: Any, dialect: Dialect) -> Reader:
    """Paths, patterns and folders as one data set; folders with `name=value` folders inside have these as columns."""
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.dataset as ds

    paths, root, kind = files_of(source)
    if kind == "csv":
        dialect.check(paths)
        kind = ds.CsvFileFormat(
            parse_options=csv.ParseOptions(delimiter=dialect.between(paths[0]), newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                null_values=MISSING, strings_can_be_null=True, quoted_strings_can_be_null=False
            ),
        )
    try:
        data, apart = ds.dataset([str(p) for p in paths], format=kind, partitioning=None), dict[str, ReadError]()
        own, without = frozenset(data.schema.names), lacking(data)
        spellings = two_spellings(names_of_files(data)) if without else {}
        if kind == "parquet":
            kind, (schema, apart) = ds.ParquetFileFormat(), agreed(data)
        else:
            schema = pa.schema([f.with_type(pa.string()) for f in data.schema])
        folders = Folders.above(paths, root)
        folders.refuse_twice((*own, *without))
        data = folders.dataset(paths, schema, kind)
    except (pa.ArrowException, OSError, ValueError) as problem:
        damaged = next((p for p in paths if _damaged(p, kind)), None)
        if damaged is not None and isinstance(kind, ds.CsvFileFormat):
            dialect.explain(damaged)
        raise ReadError(
            "The files cannot be read as one table.",
            where=damaged or shorten(paths, 3),
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
    without, apart = {**without, **folders.without}, {**apart, **spellings}
    if isinstance(kind, ds.ParquetFileFormat):
        return Dataset(data, source, without, apart)
    return CsvFiles(data, source, without, apart, cells=Cells(own, written=dialect.written), dialect=dialect)


def _damaged(path: Path, kind: Any) -> bool:
    """Whether a file alone cannot be opened."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    try:
        ds.dataset(str(path), format=kind)
    except (pa.ArrowException, OSError, ValueError):
        return True
    return False

"""The rows of a scan with the weights that it was given, as Parquet: batch by batch, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey.base.arguments import columns_exist, listed
from survey.base.files import AnyPath, writing
from survey.base.names import columns_named
from survey.codebook.told import said
from survey.errors import DesignError, EstimationError, ExportError, ReadError
from survey.scanning import readers
from survey.scanning.state import ScanData
from survey.scanning.weigher import Weigher

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write"]

_MANY = 1_000_000
"""Rows from which a progress bar is shown."""
_ENDINGS = (".parquet", ".pq")


def write(self: ScanData, path: AnyPath, columns: str | Sequence[str] | None = None) -> Path:
    """Write the rows of the source with their weights as Parquet, in their order and a batch at a time.

    Parameters
    ----------
    path : path
        A file of the ending .parquet; its folders are made. It appears whole, or not at all.
    columns : str or list of str, optional
        Columns of the source to be written beside the weights, such as the keys of the rows; unless specified
        otherwise all of them, as the source has them. The weights are called as `rake(into=...)` says.

    Returns
    -------
    Path
        The file. Memory is that of a few batches, whatever the number of rows.

    Raises
    ------
    DesignError
        If the weights were not adjusted: they are those of the source.
    EstimationError
        For columns that the source does not have.
    ExportError
        If the path is a file of the source, or of the targets; for another ending.
    ReadError
        If the source cannot be read, or its columns have types that do not go together.
    """
    target = Path(path)
    if self.weighing is None:
        raise DesignError(
            "The weights of this scan are those of its source.",
            where="scan.write(...)",
            got=self.design.describe(),
            expected="weights that the scan was given",
            fix="rake, poststratify or calibrate the scan first",
        )
    if target.suffix.lower() not in _ENDINGS:
        raise ExportError(
            "Weighted rows are written as Parquet.",
            where=target,
            got=target.suffix or "no ending",
            expected="a name that ends in .parquet",
            fix="write to a .parquet file; sv.read(...) reads it, and writes other kinds",
        )
    raw, names = self.steps.raw, self.weighing.names
    wanted = list(raw) if columns is None else list(dict.fromkeys(columns_named(listed(columns), raw)))
    columns_exist(wanted, raw, "The source has no such column.", EstimationError, where=self.reader.source)
    own = [] if self.drawn_by.weights is None else [self.drawn_by.weights]
    reads = list(dict.fromkeys((*wanted, *self.steps.read(names), *own)))
    targets = [file for step in self.weighing.adjustments if step.targets is not None for file in step.targets.files]
    with writing(target, (*self.reader.files, *self.codebook.files, *targets), endings=_ENDINGS) as temporary:
        self.with_weigher(lambda weigher: _all_written(self, weigher, reads, wanted, temporary))
    return target


def _all_written(scan: ScanData, weigher: Weigher, reads: Sequence[str], wanted: Sequence[str], path: Path) -> None:
    """Write all rows, from the beginning again where a column turns out to be of a wider type."""
    schema: Any = None

    def once(batches: Iterable[pa.RecordBatch]) -> Any:
        return _written(scan, _weighted(scan, weigher, wanted, batches), path, schema)

    while wider := scan.reader.in_order(reads, once):
        schema = wider


def _weighted(
    scan: ScanData, weigher: Weigher, wanted: Sequence[str], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Batches of the columns that are wanted, with the weights behind them."""
    import pyarrow as pa

    start, into = 0, str(scan.design.weights)
    for batch in batches:
        weights, _ = weigher.weights(batch, scan.steps, start)
        given = [_plain(batch.column(name)) for name in wanted]
        yield pa.record_batch([*given, pa.array(weights)], names=[*wanted, into])
        start += batch.num_rows


def _plain(column: pa.Array) -> pa.Array:
    """Texts that are kept as places in a list, as texts: lists differ between batches, and Parquet makes its own."""
    import pyarrow as pa

    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _written(scan: ScanData, batches: Iterable[pa.RecordBatch], path: Path, schema: pa.Schema | None) -> Any:
    """Write batches; None when all are written, or a wider schema where one does not fit into that of the first."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from tqdm import tqdm

    waiting: list[pa.RecordBatch] = []
    writer: Any = None
    try:
        with tqdm(total=len(scan), desc="write", unit=" rows", disable=len(scan) < _MANY, leave=False) as bar:
            for batch in batches:
                schema = batch.schema if schema is None else schema
                if batch.schema != schema:
                    if (wider := _wider(schema, batch.schema)) != schema:
                        return wider
                    batch = _as(schema, batch)
                writer = pq.ParquetWriter(str(path), schema, compression="zstd") if writer is None else writer
                waiting.append(batch)
                if sum(one.num_rows for one in waiting) >= readers.BATCH:
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting = []
                bar.update(batch.num_rows)
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting))
    finally:
        if writer is not None:
            writer.close()
    return None


def _wider(schema: pa.Schema, other: pa.Schema) -> pa.Schema:
    """Types that hold what either holds."""
    import pyarrow as pa

    try:
        return pa.unify_schemas([schema, other], promote_options="permissive")
    except pa.ArrowException as problem:
        raise _apart(problem) from problem


def _as(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    try:
        return batch.cast(schema)
    except pa.ArrowException as problem:
        raise _apart(problem) from problem


def _apart(problem: Exception) -> ReadError:
    return ReadError(
        "A column holds values of types that do not go together.",
        where="scan.write(...)",
        got=said(problem),
        expected="one type in all parts of the source",
        fix="export the files alike, or leave the column out: columns=",
    )

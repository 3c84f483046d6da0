"""What Parquet files say of their columns without a row being read: the lowest and the highest of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["parquet_ranges"]


def parquet_ranges(data: Any, columns: Sequence[str]) -> dict[str, tuple[int, int, Any]]:
    """Lowest, highest and Arrow type of those columns of which every group of rows of every file says them.

    Parameters
    ----------
    data : pyarrow.dataset.Dataset
    columns : list of str
    """
    import pyarrow as pa
    import pyarrow.dataset as ds

    kinds = {name: data.schema.field(name).type for name in columns if name in data.schema.names}
    found: dict[str, tuple[int, int, Any] | None] = {n: None for n, kind in kinds.items() if pa.types.is_integer(kind)}
    lost: set[str] = set()
    if not found or not isinstance(data, ds.FileSystemDataset):
        return {}
    for fragment in data.get_fragments():
        if not isinstance(fragment, ds.ParquetFileFragment):
            return {}
        try:
            metadata = fragment.metadata
        except (pa.ArrowException, OSError, ValueError):  # the pass itself says which file is damaged
            return {}
        for i in range(metadata.num_row_groups):
            group = metadata.row_group(i)
            told = {group.column(j).path_in_schema: group.column(j).statistics for j in range(metadata.num_columns)}
            for name, known in found.items():
                statistics = told.get(name)
                if statistics is not None and group.num_rows == statistics.null_count:
                    continue
                low = high = None
                if statistics is not None and statistics.has_min_max:
                    low, high = statistics.min, statistics.max
                if not isinstance(low, int) or not isinstance(high, int) or isinstance(low, bool):
                    lost.add(name)
                    continue
                found[name] = (
                    (min(low, known[0]), max(high, known[1]), kinds[name]) if known else (low, high, kinds[name])
                )
    return {name: known for name, known in found.items() if known is not None and name not in lost}

"""A simulated log of a service: seeded, written part by part as Parquet, of any size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["CLUSTERS", "ITEMS", "STRATA", "WARDS", "write"]

CLUSTERS, WARDS, ITEMS, STRATA = 2_000, 40, 20, 40
"""Clusters and wards are crossed: a ward has respondents in every cluster, the hard case for counting."""
_PART = 1_000_000
_SHARES = np.repeat(np.arange(1, 6, dtype=np.int8), [13, 26, 51, 102, 64])
"""256 answers 1 to 5, of which one is drawn for each respondent."""


def write(folder: Path, rows: int) -> int:
    """Write `rows` respondents: cluster, stratum, ward, weight and answers to the items; the bytes written."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, table in enumerate(_parts(rows)):
        pq.write_table(table, folder / f"{i:04}.parquet", row_group_size=_PART)
    return sum(path.stat().st_size for path in folder.iterdir())


def _parts(rows: int) -> Iterator[pa.Table]:
    for i, start in enumerate(range(0, rows, _PART)):
        rng, n = np.random.default_rng([19, i]), min(_PART, rows - start)
        psu = rng.integers(0, CLUSTERS, n, dtype=np.int16)
        columns = {
            "psu": psu,
            "stratum": (psu % STRATA).astype(np.int8),
            "ward": rng.integers(0, WARDS, n, dtype=np.int8),
            "w": rng.uniform(1, 4, n),
        }
        for item in range(1, ITEMS + 1):
            columns[f"q{item}"] = _SHARES[rng.integers(0, 256, n, dtype=np.uint8)]
        yield pa.table(columns)

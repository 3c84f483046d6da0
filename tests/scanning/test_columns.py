"""Cells are looked up as what they hold, and a question reads the source as often as it must."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import survey as sv
from survey.scanning import readers
from survey.scanning.columns import places_in
from survey.scanning.statistics import parquet_ranges

WHOLE = [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()]


@pytest.mark.parametrize("kind", WHOLE, ids=str)
def test_whole_numbers_of_every_width_are_looked_up(kind: pa.DataType) -> None:
    """Places counted by hand: values 2, 3, 4 stand at 0, 1, 2; empty cells at 3, others at 4."""
    assert _places([2, 3, 4], [4, 2, 3, 2], kind) == [2, 0, 1, 0]
    assert _places([2, 3, 4], [4, None, 3, 2], kind) == [2, 3, 1, 0]
    assert _places([2, 3, 4], [4, 1, 127, 5], kind) == [2, 4, 4, 4]
    assert _places([9, 2], [2, 9, 3, None], kind, none=2, stray=3) == [1, 0, 3, 2]
    assert _places([2, 4, 3], [4, 2, 3, 2], kind) == [1, 0, 2, 0]  # all of a range, not in its order
    if pa.types.is_signed_integer(kind):
        assert _places([-3, -2], [-3, -2, -128, None], kind, none=2, stray=3) == [0, 1, 3, 2]


@pytest.mark.parametrize("nest", [False, True])
def test_numbered_clusters_may_come_in_any_order(nest: bool) -> None:
    """Ids that fill a range, the lowest of them first: rows were once counted in other clusters than theirs."""
    rng = np.random.default_rng(3)
    cluster = np.r_[0, rng.integers(0, 12, 999)]
    rows = pd.DataFrame(
        {"stratum": cluster % 3, "cluster": cluster // (3 if nest else 1), "w": rng.uniform(0.5, 3, 1000)}
    )
    rows["q"] = rng.integers(1, 4, 1000) + cluster % 3 + (cluster > 6)
    design: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "cluster", "nest": nest}
    scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **design)
    expected = sv.Sample(rows, **design).mean("q").table
    np.testing.assert_allclose(scan.mean("q").table["std_error"], expected["std_error"], rtol=1e-10)
    halves = [rows[:400], rows[400:]]
    first, second = (sv.count_cells(sv.scan(pa.Table.from_pandas(h), **design), "q") for h in halves)
    both = first.add(second, clusters="same").mean("q").table
    np.testing.assert_allclose(both["std_error"], expected["std_error"], rtol=1e-10)


def test_texts_are_looked_up_in_one_unicode_form() -> None:
    words = ["Hòa", "Bình"]
    given = pa.array(["Bi\u0300nh", "Hòa", None, "", "Cẩm"])
    for array in (given, given.cast(pa.large_string()), given.dictionary_encode()):
        found = places_in(words, array, 2, 3)
        assert found is not None and found.tolist() == [1, 0, 2, 2, 3]


def test_numbers_with_decimals_are_not_looked_up() -> None:
    assert places_in([1, 2], pa.array([1.0, 2.5]), 2, 3) is None
    assert places_in(["a"], pa.array([1, 2]), 1, 2) is None


def test_a_slice_of_an_array_is_looked_up_from_its_own_beginning() -> None:
    found = places_in([1, 2], pa.array([1, 1, None, 2, 1], pa.int8())[2:], 2, 3)
    assert found is not None and found.tolist() == [2, 1, 0]


def _places(
    values: Sequence[int], cells: Sequence[int | None], kind: pa.DataType, none: int = 3, stray: int = 4
) -> list[int]:
    found = places_in(values, pa.array(cells, kind), none, stray)
    assert found is not None
    return [int(place) for place in found]


@pytest.fixture
def log(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    rng = np.random.default_rng(4)
    n = 900
    rows = pd.DataFrame(
        {
            "w": rng.uniform(1, 4, n),
            "psu": rng.integers(0, 30, n),
            "ward": rng.choice(["An", "Bình"], n),
            "q": rng.integers(1, 6, n),
            "r": rng.choice([1, 2, 3, 4, 5, 7], n),
        }
    )
    for i in range(3):
        table = pa.Table.from_pandas(rows.iloc[i::3], preserve_index=False)
        table = table.set_column(3, "q", table["q"].cast(pa.int8()))
        pq.write_table(table, tmp_path / f"{i}.parquet", row_group_size=100)
    return tmp_path, pd.concat([rows.iloc[i::3] for i in range(3)], ignore_index=True)


class Reads:
    """Counts how often a source is read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.columns: list[list[str]] = []
        whole = readers.Dataset.batches

        def batches(reader: readers.Dataset, columns: Sequence[str]) -> Any:
            self.columns.append(list(columns))
            return whole(reader, columns)

        monkeypatch.setattr(readers.Dataset, "batches", batches)


def test_whole_numbers_of_parquet_are_found_and_counted_in_one_pass(
    log: tuple[Path, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = Reads(monkeypatch)
    folder, rows = log
    scan = sv.scan(folder, weights="w", psu="psu")
    assert reads.columns == [["psu", "w"]] or reads.columns == [["w", "psu"]]
    got, expected = (s.mean(["q", "r"]).table for s in (scan, sv.Sample(rows, weights="w", psu="psu")))
    assert len(reads.columns) == 2
    np.testing.assert_allclose(got["std_error"], expected["std_error"], rtol=1e-10)
    got, expected = (
        s.distribution(["q", "r"], by="ward").table for s in (scan, sv.Sample(rows, weights="w", psu="psu"))
    )
    assert len(reads.columns) == 4  # what wards there are is in no statistics
    assert got["answer"].tolist() == expected["answer"].tolist()
    np.testing.assert_allclose(got["conf_high"], expected["conf_high"], rtol=1e-10)


def test_answers_outside_a_declared_scale_are_seen_all_the_same(log: tuple[Path, pd.DataFrame]) -> None:
    """The codebook knows 1-5, the file holds a 7: it is counted, as in memory."""
    folder, rows = log
    book = sv.Codebook().update(sv.Variable("r", "ordinal", labels={i: {"en": str(i)} for i in range(1, 6)}))
    scan = sv.scan(folder, weights="w", psu="psu", codebook=book)
    expected = sv.Sample(sv.Responses(rows, book), weights="w", psu="psu").mean("r").table
    np.testing.assert_allclose(scan.mean("r").table["estimate"], expected["estimate"], rtol=1e-12)
    assert scan.held("r").counts == rows["r"].astype(float).value_counts().to_dict()


def test_statistics_tell_the_ends_of_whole_numbers_alone(log: tuple[Path, pd.DataFrame]) -> None:
    import pyarrow.dataset as ds

    folder, rows = log
    data = ds.dataset(folder)
    found = parquet_ranges(data, ["q", "r", "w", "ward", "none"])
    assert found == {"q": (1, 5, pa.int8()), "r": (1, 7, pa.int64())}
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), folder / "0.parquet", write_statistics=False)
    assert parquet_ranges(ds.dataset(folder), ["q", "r"]) == {}


def test_a_source_that_changes_between_passes_is_refused(log: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    _, rows = log
    path = tmp_path / "log.csv"
    rows.to_csv(path, index=False)
    scan = sv.scan(path, weights="w", psu="psu")
    scan.mean(["q", "r"], by="ward")
    rows.assign(q=rows["q"] + 40).to_csv(path, index=False)
    with pytest.raises(sv.EstimationError, match="answers that it did not hold"):
        scan.mean("q", by="ward")
    rows.assign(psu=rows["psu"] + 100).to_csv(path, index=False)
    with pytest.raises(sv.ReadError, match="clusters that it did not hold"):
        scan.mean("r")

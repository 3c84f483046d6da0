"""Partitions are counted where they are, by the client that is there; a worker that dies in the middle changes nothing.

Expected values are those of `sv.Sample` of the same rows.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

dask = pytest.importorskip("dask")
frames = pytest.importorskip("dask.dataframe")
DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu"}
PARTS = 6


def part(number: int, folder: str = "") -> pd.DataFrame:
    """One partition; the process that reads the fourth dies if a file says so, once."""
    armed = Path(folder) / "armed"
    if folder and number == 3 and armed.exists():
        armed.unlink()
        os._exit(1)
    rng, n = np.random.default_rng([5, number]), 400
    psu = rng.integers(0, 24, n)
    return pd.DataFrame(
        {
            "w": rng.uniform(1, 4, n),
            "psu": psu,
            "stratum": psu % 4,
            "ward": rng.choice(["An", "Bình", "Cẩm"], n),
            "q": rng.integers(1, 6, n),
            "minutes": rng.gamma(2, 9, n),
        }
    )


@pytest.fixture(scope="module")
def sample() -> sv.Sample:
    return sv.Sample(pd.concat([part(i) for i in range(PARTS)], ignore_index=True), **DESIGN)


def lazily(read: Any, parts: int = PARTS) -> Any:
    return frames.from_map(read, range(parts), meta=part(0).iloc[:0])


def same(got: sv.Estimates, expected: sv.Estimates) -> None:
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-10, atol=1e-13)


@pytest.mark.slow
def test_a_worker_that_dies_in_the_middle_changes_nothing(sample: sv.Sample, tmp_path: Path) -> None:
    distributed = pytest.importorskip("dask.distributed")
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 3, "distributed.worker.daemon": False}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        before = set(client.run(os.getpid).values())
        scan = sv.scan(lazily(partial(part, folder=str(tmp_path))), **DESIGN)
        for ask in (
            lambda s: s.mean(["q", "minutes"], by="ward"),
            lambda s: s.distribution("q", by="ward"),
        ):
            (tmp_path / "armed").write_text("")
            same(ask(scan), ask(sample))
            assert not (tmp_path / "armed").exists()
        assert before - set(client.run(os.getpid).values())


def test_what_partitions_hold_is_held_together(sample: sv.Sample) -> None:
    """An empty partition is nothing; text where numbers were is named with its column."""
    rows = [part(i) for i in range(PARTS)]
    empty = frames.from_map(lambda i: (rows[0].iloc[:0], *rows)[i], range(PARTS + 1), meta=rows[0][:0])
    same(sv.scan(empty, **DESIGN).proportion("q", top=2, by="ward"), sample.proportion("q", top=2, by="ward"))
    mixed = frames.from_map(lambda i: rows[i].assign(q="good") if i == 1 else rows[i], range(PARTS), meta=rows[0][:0])
    with pytest.raises(sv.ReadError, match="text in one batch and numbers in another") as caught:
        sv.scan(mixed, **DESIGN).mean("q")
    assert "'q'" in str(caught.value.where)
    ids = frames.from_map(
        lambda i: rows[i].assign(psu=rows[i]["psu"].astype(str)) if i == 2 else rows[i], range(PARTS), meta=rows[0][:0]
    )
    with pytest.raises(sv.ReadError, match="text in one part of the source and numbers in another"):
        sv.scan(ids, **DESIGN)
    with pytest.raises(sv.DesignError, match="no rows"):
        sv.scan(frames.from_map(lambda i: rows[i].iloc[:0], range(2), meta=rows[0][:0]), **DESIGN)

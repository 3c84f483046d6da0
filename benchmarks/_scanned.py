"""What `benchmarks.scale` measures: the same question by ours, in several ways, and by others, on files of `_log`.

Every work runs in a process of its own: `run` calls it without a folder first, so that imports and the start of a
cluster are not timed, and then with it.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _log
from benchmarks._measure import in_fresh_process, kilobytes

__all__ = [
    "THREADS",
    "best",
    "by_hand",
    "duckdb_counts",
    "partitions",
    "polars_counts",
    "r_means",
    "reading",
    "survey_means",
    "survived",
    "svy_means",
    "tally_bytes",
]

THREADS = 2
_COLUMNS = ["item", "ward", "estimate", "std_error"]
_kept: dict[str, Any] = {}


def items_named(items: int = _log.ITEMS) -> list[str]:
    return [f"q{i}" for i in range(1, items + 1)]


def _files(folder: str) -> str:
    return str(Path(folder) / "*.parquet")


def _ours(threads: int, arrow: int = THREADS) -> Any:
    """The package with this many threads that count; Arrow's own, which read, are as given whatever ours."""
    import pyarrow as pa

    import survey as sv
    from survey.scanning import state

    sv.scan, sv.Sample  # noqa: B018 - imported before the clock runs
    pa.set_cpu_count(arrow)
    pa.set_io_thread_count(arrow)
    state._THREADS = threads
    return sv


def survey_means(folder: str | None, items: int, by: str | None, threads: int, replicates: int = 0) -> Any:
    """A scan and its first question: nothing is known of the files before."""
    sv = _ours(threads)
    if folder is None:
        return None
    scan = sv.scan(_files(folder), weights="w", strata="stratum", psu="psu")
    scan = scan.replicates("bootstrap", n=replicates, seed=1) if replicates else scan
    found = scan.mean(items_named(items), by=by)
    return found.table[["item", *found.by, "estimate", "std_error"]]


def reading(folder: str | None) -> None:
    """The same columns read and forgotten: what counting cannot be faster than."""
    _ours(1)
    from survey.scanning.readers import reader_of

    if folder is not None:
        names = ["psu", "stratum", "ward", "w", *items_named()]
        for _batch in reader_of(_files(folder)).batches(names):
            pass


def tally_bytes(folder: str | None) -> int:
    """Bytes of what a part of the rows is counted into, as it is sent to where parts are added."""
    sv = _ours(1)
    from survey.scanning import readers

    if folder is None:
        return 0
    sizes = []

    def gather(self: Any, columns: Any, work: Any) -> Any:
        result = work(self.batches(columns))
        sizes.append(len(pickle.dumps(result, protocol=5)))
        return result

    before = readers.Here.gather
    readers.Here.gather = gather  # type: ignore[method-assign]
    try:
        sv.scan(_files(folder), weights="w", strata="stratum", psu="psu").mean(items_named(), by="ward")
    finally:
        readers.Here.gather = before  # type: ignore[method-assign]
    return max(sizes)


def partitions(folder: str | None, workers: int) -> Any:
    """The same question of a data frame of Dask, by workers of one thread each that are there already."""
    sv = _ours(1, 1)
    import dask
    import dask.dataframe as dd
    from dask.distributed import Client, LocalCluster

    if folder is None:
        dask.config.set({"distributed.worker.daemon": True})
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50)
        client = Client(cluster)
        client.run(_ours, 1, 1)
        _kept["dask"] = (cluster, client, _spent(client))
        return None
    cluster, client, before = _kept.pop("dask")
    frame = dd.read_parquet(_files(folder))
    found = sv.scan(frame, weights="w", strata="stratum", psu="psu").mean(items_named(), by="ward")
    after = _spent(client)
    client.close()
    cluster.close()
    cpu, peak = (sum(spent[k] for spent in after) - sum(s[k] for s in before) * (k == 0) for k in (0, 1))
    return found.table[_COLUMNS], {"workers cpu": cpu, "workers peak": peak / workers}


def _spent(client: Any) -> list[tuple[float, float]]:
    return list(client.run(_usage).values())


def _usage() -> tuple[float, float]:
    """Processor seconds and peak memory of this process: on Linux its own, not that of the process it came from."""
    used, status = resource.getrusage(resource.RUSAGE_SELF), Path("/proc/self/status")
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if status.exists():
        peak = kilobytes(status, "VmHWM") * 1024
    return used.ru_utime + used.ru_stime, float(peak)


def duckdb_counts(folder: str | None, items: int, by: str | None, threads: int) -> Any:
    """Sums of weights by cluster, group and answer, one GROUP BY an item; all of the first are kept."""
    import duckdb

    if folder is None:
        return None
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    first = None
    for item in items_named(items):
        groups = "" if by is None else f"{by}, "
        query = f"select psu, {groups}{item}, sum(w) w, count(*) n from '{_files(folder)}' group by all"
        found = connection.sql(query).fetchnumpy()
        first = found if first is None else first
    return first


def polars_counts(folder: str | None, items: int, by: str | None, threads: int) -> Any:
    """The same counts by Polars' streaming engine."""
    import polars

    if folder is None:
        return
    for item in items_named(items):
        groups = ["psu", *([] if by is None else [by]), item]
        counts = polars.scan_parquet(_files(folder)).group_by(groups).agg(polars.col("w").sum(), polars.len())
        counts.collect(engine="streaming")


def svy_means(folder: str | None, items: int = _log.ITEMS) -> Any:
    """Python's `svy` on a frame of Polars that it reads first: estimates and standard errors by item and ward."""
    import polars
    import svy

    if folder is None:
        return None
    frame = polars.read_parquet(_files(folder))
    sample = svy.Sample(data=frame, design=svy.Design(stratum="stratum", psu="psu", wgt="w"))
    found = sample.estimation.mean(items_named(items), by="ward")
    rows = [row for result in found for row in result.estimates]
    return [[row.est for row in rows], [row.se for row in rows]]


def r_means(folder: str, limit: int, items: int = _log.ITEMS, asked: int | None = None) -> dict[str, Any] | None:
    """R's `survey` on a file of doubles that it reads first; None where R or the package is not there.

    All `items` are held, and the means of the first `asked` are computed: of all when not given.

    Its seconds, processor seconds and peak memory are told by itself. Memory beyond `limit` bytes is refused to it.
    """
    import pyarrow.dataset as ds

    table = ds.dataset(sorted(Path(folder).glob("*.parquet"))).to_table()
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / "rows.bin"
        with path.open("wb") as stream:
            for name in [*items_named(items), "w", "stratum", "psu", "ward"]:
                table[name].to_numpy().astype(float).tofile(stream)
        script = Path(__file__).with_name("scale.R")
        command = ["Rscript", "--vanilla", str(script), str(path), str(table.num_rows), str(items), str(asked or items)]
        del table
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=_limited(limit))
        except FileNotFoundError:
            return None
    if done.returncode == 3:
        return None
    if done.returncode:
        return {"stopped": done.stderr.strip()[-200:]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _limited(limit: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def run(work: Callable[..., Any], *arguments: Any) -> tuple[dict[str, float], Any]:
    """Seconds, processor seconds and peak memory of a work in this process, and what it gave; imports are not timed."""
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    work(None, *arguments[1:])
    (before, _), start = _usage(), time.perf_counter()
    result = work(*arguments)
    wall, (cpu, peak) = time.perf_counter() - start, _usage()
    return {"seconds": wall, "cpu": cpu - before, "peak": peak}, result


def _within(limit: int, work: Callable[..., Any], *arguments: Any) -> tuple[dict[str, float], Any]:
    _limited(limit)()
    return run(work, *arguments)


def best(runs: int, work: Callable[..., Any], *arguments: Any) -> tuple[dict[str, float], Any]:
    """The fastest of some runs, each in a fresh process."""
    found = [in_fresh_process(run, work, *arguments) for _ in range(runs)]
    return min(found, key=lambda one: one[0]["seconds"])


def survived(limit: int, work: Callable[..., Any], *arguments: Any) -> tuple[dict[str, Any], Any]:
    """One run in a fresh process that is refused memory beyond a limit; `stopped` says why it came to nothing."""
    try:
        return in_fresh_process(_within, limit, work, *arguments)
    except (BrokenProcessPool, MemoryError) as problem:
        return {"stopped": f"{type(problem).__name__}: {str(problem)[:150]}"}, None


def by_hand(counts: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Weighted means of the first item by ward and their standard errors, from DuckDB's counts.

    The variance of a ratio of totals over clusters drawn with replacement in strata: sum over strata of
    m / (m - 1) * sum of squared deviations of the clusters' sums of w (y - mean), over the squared sum of weights.
    """
    psu, ward, y, w = (np.asarray(counts[n], float) for n in ("psu", "ward", "q1", "w"))
    key = psu.astype(int) * _log.WARDS + ward.astype(int)
    shape = (_log.CLUSTERS, _log.WARDS)
    one, of = (np.bincount(key, v, shape[0] * shape[1]).reshape(shape) for v in (w, w * y))
    mean = of.sum(axis=0) / one.sum(axis=0)
    z = (of - mean * one) / one.sum(axis=0)
    there = np.zeros(_log.CLUSTERS, bool)
    there[psu.astype(int)] = True
    of_psu = np.arange(_log.CLUSTERS) % _log.STRATA  # as the respondents were made
    variance = np.zeros(_log.WARDS)
    for h in range(_log.STRATA):
        own = z[there & (of_psu == h)]
        m = len(own)
        variance += m / (m - 1) * ((own - own.mean(axis=0)) ** 2).sum(axis=0)
    return mean, np.sqrt(variance)

"""Rows that do not fit into memory, beside DuckDB, Polars, svy and R: `python -m benchmarks.scale`.

    python -m benchmarks.scale --quick                        # 20,000 rows
    python -m benchmarks.scale --rivals-only --out docs/benchmarks-scale.json --write docs/scale.md
    python -m benchmarks.scale --rows 1e6 1e7 1e8 --runs 2 --keep docs/benchmarks-scale.json \
        --out docs/benchmarks-scale.json --plot docs/benchmarks-scale.svg --write docs/scale.md
    python -m benchmarks.scale --pairs 300000 2500 2500 --out docs/benchmarks-pairs.json --write docs/scale.md

Every work runs in a process of its own with two threads, which reports its seconds, processor time and peak memory.
DuckDB and Polars are asked for the counts from which means and their standard errors could be computed, one GROUP BY
an item; svy and R's survey for the means themselves, once, at sizes of their own (`--svy`, `--r`), and for those of one
item at the largest sizes that they survive (`--most-svy`, `--most-r`): `--keep` takes them from an earlier run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _log, _pairs, _scanned
from benchmarks._measure import machine
from benchmarks._page import published
from benchmarks._rivals import rivals
from benchmarks._scale_page import draw, section
from benchmarks._scanned import THREADS, best, survey_means

__all__ = ["measure", "section"]

_PACKAGES = ("resident-survey", "numpy", "scipy", "pyarrow", "duckdb", "polars", "dask")


def measure(
    sizes: list[int], runs: int, others: int, alone: int | None = None, work: str | None = None
) -> dict[str, Any]:
    """All sizes, `alone` by ours only; Polars up to `others` rows. Parts of the work are measured at the middle one."""
    compared = sorted(sizes)
    load, found, parts, replicated = [round(os.getloadavg()[0], 1)], [], {}, {}
    middle = compared[len(compared) // 2]
    for rows in [*compared, *([] if alone is None else [alone])]:
        with tempfile.TemporaryDirectory(dir=work) as folder:
            size: dict[str, Any] = {"rows": rows, "bytes": _log.write(Path(folder), rows)}
            again = runs if rows <= 10_000_000 else 1
            ask = (folder, _log.ITEMS, "ward", THREADS)
            size["survey"], table = best(again, survey_means, *ask)
            if rows != alone:
                size["duckdb"], counts = best(again, _scanned.duckdb_counts, *ask)
                size["difference"] = _difference(table, counts)
            if rows <= others:
                size["polars"], _ = best(1, _scanned.polars_counts, *ask)
            if rows == compared[0]:
                replicated = _replicated(folder, max(runs, 3))
            if rows == middle:
                parts = {"rows": rows, "all": size["survey"], **_parts(folder, again, table)}
            found.append(size)
            load.append(round(os.getloadavg()[0], 1))
    return {
        "sizes": found,
        "parts": {**parts, **replicated},
        "items": _log.ITEMS,
        "clusters": _log.CLUSTERS,
        "wards": _log.WARDS,
        "threads": THREADS,
        "runs": runs,
        "load": load,
        "machine": machine(_PACKAGES),
    }


def _parts(folder: str, runs: int, table: Any) -> dict[str, Any]:
    """The same question with less of it, in one thread, by workers of Dask, and not counted at all."""
    items, by = _log.ITEMS, "ward"
    parts: dict[str, Any] = {
        "half the items": best(runs, survey_means, folder, items // 2, by, THREADS)[0],
        "no groups": best(runs, survey_means, folder, items, None, THREADS)[0],
        "one thread": best(runs, survey_means, folder, items, by, 1)[0],
        "reading": best(runs, _scanned.reading, folder)[0],
        "tally": best(1, _scanned.tally_bytes, folder)[1],
    }
    for workers in (1, 2):
        spent, (same, theirs) = best(runs, _scanned.partitions, folder, workers)
        parts[f"{workers} of Dask"] = {**spent, **theirs, "difference": _apart(same, table)}
    return parts


REPLICATES = (100, 1_100)


def _replicated(folder: str, runs: int) -> dict[str, Any]:
    """The same question with few replicates and many, at the smallest size: they take no rows, only clusters."""
    few, many = (best(runs, survey_means, folder, _log.ITEMS, "ward", THREADS, n)[0] for n in REPLICATES)
    return {"replicates": [*REPLICATES], "few replicates": few, "many replicates": many}


def _largest(ours: Any, theirs: Any) -> float:
    return float(np.max(np.abs(np.asarray(ours) / np.asarray(theirs) - 1)))


def _apart(one: Any, other: Any) -> float:
    """The largest relative difference of two tables of the same question."""
    return _largest(*(t[["estimate", "std_error"]].to_numpy() for t in (one, other)))


def _difference(table: Any, counts: dict[str, Any]) -> float:
    """The largest relative difference of the first item's means and standard errors to those by hand."""
    own = table[table["item"] == "q1"].sort_values("ward")
    return _largest([own["estimate"], own["std_error"]], _scanned.by_hand(counts))


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="20,000 to 60,000 rows, once")
    options.add_argument("--rows", type=float, nargs="+", default=[1e6, 1e7, 1e8], help="sizes")
    options.add_argument("--alone", type=float, help="one more size, by ours alone")
    options.add_argument("--polars", type=float, default=1e7, help="rows up to which Polars runs too")
    options.add_argument("--runs", type=int, default=2, help="runs of sizes up to ten million rows")
    options.add_argument("--svy", type=float, nargs="*", default=[2e5, 1e6], help="rows for svy")
    options.add_argument("--r", type=float, nargs="*", default=[1e5, 3e5], help="rows for R's survey")
    options.add_argument("--most-svy", type=float, nargs="*", default=[], help="rows for svy, upwards until it stops")
    options.add_argument("--most-r", type=float, nargs="*", default=[], help="rows for R, upwards until it stops")
    options.add_argument("--rivals-only", action="store_true", help="svy and R alone; the rest stays as --out has it")
    options.add_argument("--keep", type=Path, help="take svy and R from these results instead of running them")
    options.add_argument("--work", help="folder for the files, which are removed")

    sizes = ("ROWS", "CLUSTERS", "GROUPS")
    options.add_argument("--pairs", type=int, nargs=3, metavar=sizes, help="thousands of clusters by groups, alone")

    def of_pairs(given: argparse.Namespace) -> dict[str, Any]:
        return _pairs.measure(*given.pairs)

    if "--pairs" in (sys.argv[1:] if arguments is None else arguments):
        return published(options, arguments, of_pairs, _pairs.section, "pairs")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        sizes = [[int(n) for n in rows] for rows in (given.svy, given.r, given.most_svy, given.most_r)]
        if given.rivals_only:
            kept: dict[str, Any] = json.loads(given.out.read_text(encoding="utf-8"))
            return {**kept, "rivals": rivals(*sizes, work=given.work)}
        others = None if given.keep is None else json.loads(given.keep.read_text(encoding="utf-8")).get("rivals")
        if others is None:
            others = rivals(*([[1_000, 2_000], [], [2_000], []] if given.quick else sizes), work=given.work)
        if given.quick:
            return {**measure([20_000, 40_000], 1, 20_000, 60_000, given.work), "rivals": others}
        alone = None if given.alone is None else int(given.alone)
        rows = [int(rows) for rows in given.rows]
        return {**measure(rows, given.runs, int(given.polars), alone, given.work), "rivals": others}

    return published(
        options, arguments, measured, section, "scale", draw, "Seconds and peak memory by the number of rows"
    )


if __name__ == "__main__":
    raise SystemExit(main())

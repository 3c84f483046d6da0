"""Rows that do not fit into memory, beside DuckDB and Polars: `python -m benchmarks.scale`.

    python -m benchmarks.scale --quick                        # 20,000 rows
    python -m benchmarks.scale --rows 1e6 1e7 3e7 --alone 1e8 --out docs/benchmarks-scale.json \
        --plot docs/benchmarks-scale.svg --write docs/scale.md

Every work runs in a process of its own with two threads, which reports its seconds, processor time and peak memory. The
others are asked for the counts from which means and their standard errors could be computed, one GROUP BY an item.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _log
from benchmarks._measure import in_fresh_process, machine
from benchmarks._page import figure, markdown_table, on_what, published, seconds

THREADS = 2
RATIO, MEMORY = 0.35, 1e9
"""To reach at the largest size: seconds over DuckDB's, and bytes at the worst moment."""
NAMES = {"survey": "survey, with standard errors", "duckdb": "DuckDB, 20 GROUP BYs", "polars": "Polars, streaming"}
_MARKS = {"survey": "o", "duckdb": "s", "polars": "^"}


def _items(items: int = _log.ITEMS) -> list[str]:
    return [f"q{i}" for i in range(1, items + 1)]


def _files(folder: str) -> str:
    return str(Path(folder) / "*.parquet")


def survey_means(folder: str | None, items: int, by: str | None, threads: int) -> Any:
    """A scan and its first question: nothing is known of the files before. Without a folder imports alone."""
    import pyarrow as pa

    import survey as sv
    from survey.scanning import state

    sv.scan, sv.Sample  # noqa: B018 - imported before the clock runs

    if folder is None:
        return None
    pa.set_cpu_count(THREADS)  # Arrow's own, whatever ours
    state._THREADS = threads
    found = sv.scan(_files(folder), weights="w", strata="stratum", psu="psu").mean(_items(items), by=by)
    return found.table[["item", *found.by, "estimate", "std_error"]]


def duckdb_counts(folder: str | None, items: int, by: str | None, threads: int) -> Any:
    """Sums of weights by cluster, group and answer, one GROUP BY an item; all of the first are kept."""
    import duckdb

    if folder is None:
        return None
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    first = None
    for item in _items(items):
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
    for item in _items(items):
        groups = ["psu", *([] if by is None else [by]), item]
        counts = polars.scan_parquet(_files(folder)).group_by(groups).agg(polars.col("w").sum(), polars.len())
        counts.collect(engine="streaming")


def run(work: Callable[..., Any], *arguments: Any) -> tuple[dict[str, float], Any]:
    """Seconds, processor seconds and peak memory of a work in this process, and what it gave; imports are not timed."""
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    work(None, *arguments[1:])
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    result = work(*arguments)
    wall, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": wall, "cpu": cpu, "peak": float(peak)}, result


def best(runs: int, work: Callable[..., Any], *arguments: Any) -> tuple[dict[str, float], Any]:
    """The fastest of some runs, each in a fresh process."""
    found = [in_fresh_process(run, work, *arguments) for _ in range(runs)]
    return min(found, key=lambda one: one[0]["seconds"])


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


def measure(
    sizes: list[int], runs: int, others: int, alone: int | None = None, work: str | None = None
) -> dict[str, Any]:
    """All sizes, `alone` by ours only; Polars up to `others` rows. Parts of the work are measured at the middle one."""
    compared = sorted(sizes)
    load, found, parts = [round(os.getloadavg()[0], 1)], [], {}
    middle = compared[len(compared) // 2]
    for rows in [*compared, *([] if alone is None else [alone])]:
        with tempfile.TemporaryDirectory(dir=work) as folder:
            size: dict[str, Any] = {"rows": rows, "bytes": _log.write(Path(folder), rows)}
            again = runs if rows <= 10_000_000 else 1
            ask = (folder, _log.ITEMS, "ward", THREADS)
            size["survey"], table = best(again, survey_means, *ask)
            if rows != alone:
                size["duckdb"], counts = best(again, duckdb_counts, *ask)
                size["difference"] = _difference(table, counts)
            if rows <= others:
                size["polars"], _ = best(1, polars_counts, *ask)
            if rows == middle:
                parts = {
                    "rows": rows,
                    "all": size["survey"],
                    "half the items": best(again, survey_means, folder, _log.ITEMS // 2, "ward", THREADS)[0],
                    "no groups": best(again, survey_means, folder, _log.ITEMS, None, THREADS)[0],
                    "one thread": best(again, survey_means, folder, _log.ITEMS, "ward", 1)[0],
                }
            found.append(size)
            load.append(round(os.getloadavg()[0], 1))
    return {
        "sizes": found,
        "parts": parts,
        "items": _log.ITEMS,
        "clusters": _log.CLUSTERS,
        "wards": _log.WARDS,
        "threads": THREADS,
        "runs": runs,
        "load": load,
        "machine": machine(("resident-survey", "numpy", "scipy", "pyarrow", "duckdb", "polars")),
    }


def _difference(table: Any, counts: dict[str, Any]) -> float:
    """The largest relative difference of the first item's means and standard errors to those by hand."""
    own = table[table["item"] == "q1"].sort_values("ward")
    pairs = zip((own["estimate"], own["std_error"]), by_hand(counts), strict=True)
    return float(max(np.max(np.abs(ours.to_numpy() / theirs - 1)) for ours, theirs in pairs))


def section(found: dict[str, Any]) -> str:
    """The results in words and tables."""
    compared = [size for size in found["sizes"] if "duckdb" in size]
    last, parts, largest = compared[-1], found["parts"], found["sizes"][-1]
    ratio = last["survey"]["seconds"] / last["duckdb"]["seconds"]
    of_cpu = last["survey"]["cpu"] / last["duckdb"]["cpu"]
    lead = (
        f"{found['items']} items of {last['rows']:,} simulated respondents by {found['wards']} wards, "
        f"{found['clusters']:,} clusters crossed with them, in Parquet of {last['bytes'] / 1e9:.2g} GB. Ours is the "
        f"scan with its passes over the design and its first question, to the table with standard errors; the others "
        f"give the counts alone. {found['threads']} threads each, each in a process of its own; "
        f"{_runs(found['runs'])} up to 10 million rows, one run above. Means and standard errors differ from "
        f"those computed by hand from DuckDB's counts by {max(size['difference'] for size in compared):.0e} at most, "
        f"relative."
    )
    if max(found["load"]) > found["machine"]["cores"]:
        lead += (
            f" The machine was shared (load {min(found['load']):g} to {max(found['load']):g} on its "
            f"{found['machine']['cores']} cores): seconds are longer than alone, and ratios are of runs that had "
            f"different neighbours; ratios of processor time are steadier."
        )
    rows = [_row(size) for size in found["sizes"]]
    header = ["rows", "survey", "DuckDB", "Polars", "of DuckDB's seconds", "of its processor time", "peak: survey"]
    header += ["DuckDB", "Polars"]
    if largest is not last:
        lead += f" {largest['rows']:,} rows were counted by ours alone."
    goals = [
        [f"seconds, of DuckDB's, at {last['rows']:,} rows", f"at most {RATIO:g}", f"{ratio:.2f}", _met(ratio <= RATIO)],
        [f"processor time, of DuckDB's, at {last['rows']:,} rows", "", f"{of_cpu:.2f}", ""],
        [
            f"peak memory at {largest['rows']:,} rows",
            f"under {MEMORY / 1e9:g} GB",
            f"{largest['survey']['peak'] / 1e9:.2f} GB",
            _met(largest["survey"]["peak"] < MEMORY),
        ],
        ["processor time a row, at the largest size over the one before", "1", f"{_growth(found['sizes']):.2f}", ""],
    ]
    least = parts["all"]["cpu"] - parts["half the items"]["cpu"]
    answers = parts["rows"] * found["items"] / 2
    told = (
        f"At {parts['rows']:,} rows an item more takes {least / answers * 1e9:.1f} ns of processor time a row; "
        f"{found['wards']} groups instead of none {parts['all']['cpu'] / parts['no groups']['cpu']:.2f} times the "
        f"processor time; two threads instead of one, with Arrow's own two either way, "
        f"{parts['all']['seconds'] / parts['one thread']['seconds']:.2f} times the seconds."
    )
    if parts["all"]["seconds"] < parts["one thread"]["seconds"] / found["threads"]:
        told += " That is more than threads can gain: the machine was busier while one counted."
    tables = [
        markdown_table(header, rows),
        markdown_table(["", "to reach", "measured", ""], goals),
    ]
    return "\n\n".join([lead, *tables, told, on_what(found["machine"])])


def _runs(runs: int) -> str:
    return "one run" if runs == 1 else f"the fastest of {runs} runs"


def _met(yes: bool) -> str:
    return "met" if yes else "not met"


def _growth(sizes: list[dict[str, Any]]) -> float:
    """Processor time per row at the largest size over that at the one before: 1 where cost is linear."""
    last, before = sizes[-1], sizes[max(len(sizes) - 2, 0)]
    return float(last["survey"]["cpu"] / last["rows"] / (before["survey"]["cpu"] / before["rows"]))


def _row(size: dict[str, Any]) -> list[str]:
    own, theirs, polars = size["survey"], size.get("duckdb"), size.get("polars")
    return [
        f"{size['rows']:,}",
        seconds(own["seconds"]),
        *("" if one is None else seconds(one["seconds"]) for one in (theirs, polars)),
        *("" if theirs is None else f"{own[what] / theirs[what]:.2f}" for what in ("seconds", "cpu")),
        *("" if one is None else f"{one['peak'] / 1e9:.2f} GB" for one in (own, theirs, polars)),
    ]


def draw(results: dict[str, Any], path: Path) -> None:
    """Seconds and peak memory by rows; told apart by marks, not by colour."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(9, 3.4), layout="constrained")
    for axes, what, scale, label in zip(
        drawing.subplots(1, 2), ("seconds", "peak"), (1, 1e9), ("seconds", "peak memory, GB"), strict=True
    ):
        for name, mark in _MARKS.items():
            there = [size for size in results["sizes"] if name in size]
            rows, values = [size["rows"] for size in there], [size[name][what] / scale for size in there]
            face = "black" if name == "survey" else "white"
            axes.plot(rows, values, f"{mark}-", color="black" if name == "survey" else "0.45", mfc=face, ms=6, lw=1)
            if what == "seconds":
                axes.plot([], [], mark, color="black", mfc=face, label=NAMES[name])
        axes.set(xscale="log", xlabel="rows")
        axes.set_title(label, loc="left", fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.set_xticks([size["rows"] for size in results["sizes"]], [f"{size['rows']:,}" for size in results["sizes"]])
        axes.minorticks_off()
        if what == "seconds":
            axes.set(yscale="log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.legend(frameon=False, fontsize=8)
        else:
            axes.set_ylim(bottom=0)
    figure(path, drawing)


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="20,000 to 60,000 rows, once")
    options.add_argument("--rows", type=float, nargs="+", default=[1e6, 1e7, 3e7], help="sizes")
    options.add_argument("--alone", type=float, help="one more size, by ours alone")
    options.add_argument("--polars", type=float, default=1e7, help="rows up to which Polars runs too")
    options.add_argument("--runs", type=int, default=2, help="runs of sizes up to ten million rows")
    options.add_argument("--work", help="folder for the files, which are removed")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        if given.quick:
            return measure([20_000, 40_000], 1, 20_000, 60_000, given.work)
        alone = None if given.alone is None else int(given.alone)
        return measure([int(rows) for rows in given.rows], given.runs, int(given.polars), alone, given.work)

    return published(
        options, arguments, measured, section, "scale", draw, "Seconds and peak memory by the number of rows"
    )


if __name__ == "__main__":
    raise SystemExit(main())

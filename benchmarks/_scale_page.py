"""What `benchmarks.scale` measured, in words, tables and a figure; what follows from it on paper is computed here."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from benchmarks import _rivals
from benchmarks._page import figure, markdown_table, on_what, seconds

__all__ = ["draw", "section"]

RATIO, MEMORY = 0.35, 1e9
"""To reach at the largest size: seconds over DuckDB's, and bytes at the worst moment."""
CORES, PAPER, PARTITION, BOX = 100, 10**10, 10**6, 16e9
"""On paper: cores, rows, rows of a partition, bytes of memory of a worker and of the driver."""
TOGETHER = 8
"""Counts that a task of a tree adds; `survey.scanning.partitions`."""
NAMES = {
    "survey": "survey, with standard errors",
    "duckdb": "DuckDB, 20 GROUP BYs",
    "polars": "Polars, streaming",
    **_rivals.NAMES,
}
_MARKS = {"survey": "o", "duckdb": "s", "polars": "^", "svy": "D", "r": "v"}


def section(found: dict[str, Any]) -> str:
    """The results in words and tables."""
    parts = [_lead(found), _sizes(found), _goals(found)]
    if found.get("rivals"):
        parts += _rivals.told(found["rivals"], found["items"])
    parts += [_pieces(found), _two(found), _on_paper(found), on_what(_machine(found))]
    return "\n\n".join(part for part in parts if part)


def _machine(found: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = found["machine"]
    return {**whole, "versions": {**whole["versions"], **found.get("rivals", {}).get("versions", {})}}


def _lead(found: dict[str, Any]) -> str:
    compared = [size for size in found["sizes"] if "duckdb" in size]
    last, largest = compared[-1], found["sizes"][-1]
    lead = (
        f"{found['items']} items of {last['rows']:,} simulated respondents by {found['wards']} wards, "
        f"{found['clusters']:,} clusters crossed with them, in Parquet of {last['bytes'] / 1e9:.2g} GB. Ours is the "
        f"scan with its passes over the design and its first question, to the table with standard errors; DuckDB and "
        f"Polars give the counts alone. {found['threads']} threads each, each in a process of its own; "
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
    return lead + ("" if largest is last else f" {largest['rows']:,} rows were counted by ours alone.")


def _runs(runs: int) -> str:
    return "one run" if runs == 1 else f"the fastest of {runs} runs"


def _sizes(found: dict[str, Any]) -> str:
    header = ["rows", "survey", "DuckDB", "Polars", "of DuckDB's seconds", "of its processor time", "peak: survey"]
    return markdown_table([*header, "DuckDB", "Polars"], [_row(size) for size in found["sizes"]])


def _row(size: dict[str, Any]) -> list[str]:
    own, theirs, polars = size["survey"], size.get("duckdb"), size.get("polars")
    return [
        f"{size['rows']:,}",
        seconds(own["seconds"]),
        *("" if one is None else seconds(one["seconds"]) for one in (theirs, polars)),
        *("" if theirs is None else f"{own[what] / theirs[what]:.2f}" for what in ("seconds", "cpu")),
        *("" if one is None else f"{one['peak'] / 1e9:.2f} GB" for one in (own, theirs, polars)),
    ]


def _goals(found: dict[str, Any]) -> str:
    last, largest = [size for size in found["sizes"] if "duckdb" in size][-1], found["sizes"][-1]
    ratio, of_cpu = (last["survey"][what] / last["duckdb"][what] for what in ("seconds", "cpu"))
    peak = largest["survey"]["peak"]
    goals = [
        [f"seconds, of DuckDB's, at {last['rows']:,} rows", f"at most {RATIO:g}", f"{ratio:.2f}", _met(ratio <= RATIO)],
        [f"processor time, of DuckDB's, at {last['rows']:,} rows", "", f"{of_cpu:.2f}", ""],
        [
            f"peak memory at {largest['rows']:,} rows",
            f"under {MEMORY / 1e9:g} GB",
            f"{peak / 1e9:.2f} GB",
            _met(peak < MEMORY),
        ],
        ["processor time a row, at the largest size over the one before", "1", f"{_growth(found['sizes']):.2f}", ""],
    ]
    return markdown_table(["", "to reach", "measured", ""], goals)


def _met(yes: bool) -> str:
    return "met" if yes else "not met"


def _growth(sizes: list[dict[str, Any]]) -> float:
    """Processor time per row at the largest size over that at the one before: 1 where cost is linear."""
    last, before = sizes[-1], sizes[max(len(sizes) - 2, 0)]
    return float(last["survey"]["cpu"] / last["rows"] / (before["survey"]["cpu"] / before["rows"]))


def _long(value: float) -> str:
    """Seconds, or hours where they are more than one and a half."""
    return seconds(value) if value < 5_400 else f"{value / 3600:.1f} h"


def _rounded(rows: float) -> int:
    """Two figures, downwards."""
    unit = 10 ** max(int(math.log10(rows)) - 1, 0)
    return int(rows // unit * unit)


def costs(found: dict[str, Any]) -> dict[str, float]:
    """Nanoseconds of processor time of an item, of a group (a row each) and of a replicate (a cluster)."""
    parts, rows = found["parts"], found["parts"]["rows"]
    cpu = {name: part["cpu"] for name, part in parts.items() if isinstance(part, dict)}
    made = {
        "item": (cpu["all"] - cpu["half the items"]) / (found["items"] / 2) / rows * 1e9,
        "group": (cpu["all"] - cpu["no groups"]) / found["wards"] / rows * 1e9,
    }
    if "replicates" in parts:
        few, many = parts["replicates"]
        made["replicate"] = (cpu["many replicates"] - cpu["few replicates"]) / (many - few) / found["clusters"] * 1e9
    return made


def _pieces(found: dict[str, Any]) -> str:
    cost, parts = costs(found), found["parts"]
    told = (
        f"**An item, a group, a replicate more**, at {parts['rows']:,} rows: an item takes {cost['item']:.1f} ns of "
        f"processor time a row; a group {cost['group']:.2f} ns a row ({found['wards']} groups instead of none take "
        f"{parts['all']['cpu'] / parts['no groups']['cpu']:.2f} times the processor time)"
    )
    if "replicate" in cost:
        few, many = parts["replicates"]
        told += (
            f"; a bootstrap replicate of all items and groups {cost['replicate']:,.0f} ns a cluster, whatever the "
            f"number of rows (from {few:,} to {many:,} replicates)"
        )
    return told + "."


def unshared(one: float, two: float) -> float:
    """The share of the time of one worker that two do not halve (Amdahl 1967), from the seconds of one and of two."""
    return min(max(2 * two / one - 1, 0.0), 1.0)


def _two(found: dict[str, Any]) -> str:
    parts, ours = found["parts"], found["threads"]
    one, two = parts["one thread"]["seconds"], parts["all"]["seconds"]
    told = (
        f"**Two instead of one**, at {parts['rows']:,} rows, with Arrow's own {ours} threads either way: two threads "
        f"that count take {two / one:.2f} times the seconds of one"
    )
    if two < one / ours:
        told += ", which is more than threads can gain: the machine was busier while one counted"
    if "reading" not in parts:
        return told + "."
    told += (
        f". Reading the same columns and counting nothing takes {seconds(parts['reading']['seconds'])} and "
        f"{parts['reading']['cpu'] / parts['all']['cpu']:.0%} of the processor time: "
        f"{_bound(found)}"
    )
    first, second = parts["1 of Dask"], parts["2 of Dask"]
    spent = {n: part["cpu"] + part["workers cpu"] for n, part in ((1, first), (2, second))}
    told += (
        f" Two workers of Dask with a thread each, Arrow's own held to one, take "
        f"{second['seconds'] / first['seconds']:.2f} times the seconds of one "
        f"({seconds(second['seconds'])} and {seconds(first['seconds'])}; "
        f"{unshared(first['seconds'], second['seconds']):.0%} of the work is not shared), and "
        f"{spent[2] / spent[1]:.2f} times its processor time; beside the threads of one process, two workers take "
        f"{second['seconds'] / two:.1f} times the seconds, as partitions become data frames before they are counted. "
        f"Results differ from those of files by {max(first['difference'], second['difference']):.0e} at most, relative."
    )
    return told


def _bound(found: dict[str, Any]) -> str:
    """What keeps two threads from taking half the seconds."""
    parts, cores = found["parts"], found["machine"]["cores"]
    if max(found["load"]) > cores:
        return "the machine was shared, so that seconds do not tell what bounds the rest."
    both = parts["all"]["cpu"] / parts["all"]["seconds"]
    if both > 0.85 * cores:
        return f"{both:.1f} of {cores} cores are busy, so that more cores would be faster."
    return (
        f"{both:.1f} of {cores} cores are busy on average, as one thread codes a batch before its items are counted "
        f"beside each other."
    )


def paper(found: dict[str, Any]) -> dict[str, float]:
    """On paper: seconds of many rows on many cores, what travels, and how many cells fit.

    Processor time a row is that of two workers of Dask; what they lose beside one is taken as lost by every core.
    A worker sends on each of its partitions' counts once, and the sums of eight, of 64, ... (a tree of tasks that each
    add eight, none of them where it is needed). A task that adds holds eight counts and their sum.
    """
    parts = found["parts"]
    one, two = parts["1 of Dask"], parts["2 of Dask"]
    row = (two["cpu"] + two["workers cpu"]) / parts["rows"]
    gain = one["seconds"] / two["seconds"] / 2
    partitions = PAPER / PARTITION
    cells = found["clusters"] * found["wards"] * 5  # answers
    each = parts["tally"] / (cells * found["items"])
    return {
        "seconds": PAPER * row / CORES / min(gain, 1.0),
        "gain": min(gain, 1.0),
        "row": row * 1e9,
        "sent": partitions / CORES * parts["tally"] * TOGETHER / (TOGETHER - 1),
        "least": parts["tally"] * TOGETHER / (TOGETHER - 1),
        "each": each,
        "worker": BOX / (TOGETHER + 1) / (each * found["items"]),
        "driver": BOX / 2 / (each * found["items"]),
        "cells": float(cells),
    }


def _on_paper(found: dict[str, Any]) -> str:
    if "tally" not in found["parts"]:
        return ""
    on, items, size = paper(found), found["items"], found["parts"]["tally"]
    return (
        f"**On paper, from these numbers** (nothing here was run): {PAPER:,} rows on {CORES} cores take "
        f"{_long(on['seconds'])}, at {on['row']:.0f} ns of processor time a row and {on['gain']:.0%} of what each "
        f"core could do. The counts of a partition are {size / 1e6:,.0f} MB: {found['clusters']:,} clusters x "
        f"{found['wards']} wards x 5 answers x {items} items, {on['each']:.1f} bytes each, the places of those without "
        f"ward or answer included. With partitions of {PARTITION:,} rows a worker sends {on['sent'] / 1e9:.1f} GB of "
        f"counts; with one partition a core {on['least'] / 1e6:,.0f} MB, so make partitions large. A task that adds "
        f"holds {TOGETHER} counts and their sum: the {BOX / 1e9:g} GB of a worker are full at "
        f"{_rounded(on['worker']):,} units x groups x answers for {items} items "
        f"({on['worker'] / on['cells']:,.0f} times this question), and those of the driver, which gets one sum and "
        f"unpacks it, at {_rounded(on['driver']):,}, whatever the number of workers and of rows. Were all counts sent "
        f"to the driver, those of {int(BOX // size):,} partitions would fill it."
    )


def draw(results: dict[str, Any], path: Path) -> None:
    """Seconds and peak memory by rows; told apart by marks, not by colour."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator

    drawing = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, what, scale, label in zip(
        drawing.subplots(1, 2), ("seconds", "peak"), (1, 1e9), ("seconds", "peak memory, GB"), strict=True
    ):
        for name, mark in _MARKS.items():
            rows, values = _points(results, name, what)
            face = "black" if name == "survey" else "white"
            line = "-" if name in ("survey", "duckdb", "polars") else ":"
            color = "black" if name == "survey" else "0.45"
            if rows:
                shown = [value / scale for value in values]
                axes.plot(rows, shown, f"{mark}{line}", color=color, mfc=face, ms=6, lw=1, label=NAMES[name])
        if what == "seconds":
            rows, values = _points(results, "survey", what)
            along = [values[-1] * n / rows[-1] for n in rows]
            axes.plot(rows, along, "--", color="0.7", lw=1, zorder=0, label="in proportion to rows")
            axes.legend(framealpha=1, edgecolor="none", fontsize=7)
        axes.set(xscale="log", yscale="log", xlabel="rows")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_title(label, loc="left", fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.set_xticks([size["rows"] for size in results["sizes"]], [f"{size['rows']:,}" for size in results["sizes"]])
        axes.minorticks_off()
    figure(path, drawing)


def _points(results: dict[str, Any], name: str, what: str) -> tuple[list[int], list[float]]:
    """Rows and measured values of a package."""
    rivals = results.get("rivals", {}).get(name)
    runs = [{"rows": size["rows"], **size[name]} for size in results["sizes"] if name in size]
    ended = [run for run in (runs if rivals is None else rivals) if what in run]
    return [run["rows"] for run in ended], [run[what] for run in ended]

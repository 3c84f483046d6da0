"""What each kind of figure costs to draw, beside the package as it was before: `python -m benchmarks.drawing`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
from typing import Any

from benchmarks import _page
from benchmarks._measure import machine
from benchmarks.export import ROOT, Exporter, earlier

BASE = "e4a4f7a7"
"""The commit to compare with: before lines of text were drawn from the outlines of their font."""

SECONDS = 0.25
"""Processor time that a figure after the first is to take at most."""


def measure(repeats: int, most: int | None = None) -> dict[str, Any]:
    """Processor time of each kind, now and before, in turns; of the first kinds only where `most` is given."""
    load = [round(os.getloadavg()[0], 1)]
    with earlier(BASE, ("src", "data", "docs/gallery")) as before, contextlib.ExitStack() as stack:
        trees = {"ours": ROOT, **({"before": before} if before is not None else {})}
        some = () if most is None else (str(most),)
        drawers = {name: Exporter(tree, "_drawer.py", *some) for name, tree in trees.items()}
        for drawer in drawers.values():
            stack.callback(drawer.close)
        known = {name: json.loads(drawer.answer()) for name, drawer in drawers.items()}
        works = known["ours"]
        times: dict[str, dict[str, list[float]]] = {work: {} for work in works}
        for _ in range(repeats):
            for work in works:
                for name, drawer in drawers.items():
                    if work in known[name]:
                        times[work].setdefault(name, []).append(drawer.seconds(work))
    found = {
        work: {name: {"best": min(t), "median": statistics.median(t)} for name, t in of.items()}
        for work, of in times.items()
    }
    return {
        "base": BASE,
        "runs": repeats,
        "load": [*load, round(os.getloadavg()[0], 1)],
        "names": works,
        "works": found,
        "machine": machine(("resident-survey", "matplotlib", "numpy", "pandas")),
    }


def section(found: dict[str, Any]) -> str:
    """The results in words and a table."""
    rows, over = [], []
    for work, times in found["works"].items():
        ours, before = times["ours"]["best"], times.get("before", {}).get("best")
        ratio = "" if before is None else f"{ours / before:.0%}"
        told = "" if before is None else _page.seconds(before)
        rows.append([found["names"][work], told, _page.seconds(ours), ratio, "met" if ours < SECONDS else "not met"])
        over += [] if ours < SECONDS else [found["names"][work]]
    lead = (
        f"Processor time of one figure in Vietnamese at its usual size, from its estimates to a PNG of 300 dots an "
        f"inch; best of {found['runs']} rounds over all kinds, in turns with commit {found['base']}. Each kind was "
        f"drawn once in both languages before. To reach: under {SECONDS:g} s; met by {len(rows) - len(over)} of "
        f"{len(rows)}" + (f", not by: {'; '.join(over)}." if over else ".")
    )
    cores = found["machine"]["cores"]
    if max(found["load"]) > cores:  # caches and cores are shared, so that processor time too grows
        first, last = found["load"]
        lead += (
            f" The machine was shared: {first:g} processes at the beginning and {last:g} at the end ran on its {cores} "
            f"cores, so that seconds are longer than alone; ratios are of runs side by side."
        )
    header = ["kind", "before", "ours", "ratio", ""]
    return "\n\n".join([lead, _page.markdown_table(header, rows), _page.on_what(found["machine"])])


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="the first two kinds, once")
    options.add_argument("--runs", type=int, default=5, help="rounds over all kinds")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(1, 2) if given.quick else measure(given.runs)

    return _page.published(options, arguments, measured, section, "drawing")


if __name__ == "__main__":
    raise SystemExit(main())

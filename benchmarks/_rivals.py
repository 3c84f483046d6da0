"""Svy and R's survey, which hold all rows in memory, asked what a scan is asked; and how many rows they survive."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _log, _scanned
from benchmarks._measure import machine
from benchmarks._page import markdown_table, seconds

__all__ = ["LIMIT", "rivals", "told"]

LIMIT = 20e9
"""Bytes of memory that they are given."""
NAMES = {"svy": "svy", "r": "R survey"}
_OF_R = {"R": "r", "R survey": "survey"}


def rivals(
    svy: Sequence[int],
    r: Sequence[int],
    most_svy: Sequence[int] = (),
    most_r: Sequence[int] = (),
    *,
    work: str | None = None,
) -> dict[str, Any]:
    """Each once at sizes of its own, in a process of its own that may take 20 GB, beside ours.

    At `most_svy` and `most_r`, upwards until memory is refused, the mean of one item is asked while all are held: what
    is held decides which size is survived, and what is asked how long it takes.
    """
    on, load = machine(("svy", "polars")), [round(os.getloadavg()[0], 1)]
    found: dict[str, Any] = {"limit": LIMIT, "svy": [], "r": [], "most": {"svy": [], "r": []}}
    versions = dict(on["versions"])

    def ask(name: str, folder: str, rows: int, items: int) -> dict[str, Any] | None:
        spent, means = _ASK[name](folder, items)
        if spent is None:
            return None
        versions.update({key: spent.pop(k) for key, k in _OF_R.items() if k in spent})
        ours, table = _scanned.best(1, _scanned.survey_means, folder, items, "ward", _scanned.THREADS)
        row: dict[str, Any] = {"rows": rows, **spent, "survey": ours}
        if means is not None:
            own = table[["estimate", "std_error"]].to_numpy().T
            row["difference"] = float(np.max(np.abs(own / np.asarray(means, float) - 1)))
        return row

    sizes = {"svy": (svy, most_svy), "r": (r, most_r)}
    for rows in sorted({int(rows) for both in sizes.values() for one in both for rows in one}):
        with tempfile.TemporaryDirectory(dir=work) as folder:
            _log.write(Path(folder), rows)
            for name, (all_items, one_item) in sizes.items():
                if rows in all_items and (row := ask(name, folder, rows, _log.ITEMS)) is not None:
                    found[name].append(row)
                most = found["most"][name]
                if rows in one_item and not any("stopped" in row for row in most):
                    most += [row for row in [ask(name, folder, rows, 1)] if row is not None]
        load.append(round(os.getloadavg()[0], 1))
    return {**found, "versions": versions, "cores": on["cores"], "load": load}


def _svy(folder: str, items: int) -> tuple[Any, Any]:
    return _scanned.survived(int(LIMIT), _scanned.svy_means, folder, items)


def _r(folder: str, items: int) -> tuple[Any, Any]:
    spent = _scanned.r_means(folder, int(LIMIT), asked=items)
    if spent is None or "stopped" in spent:
        return spent, None
    return spent, [spent.pop("estimate"), spent.pop("std_error")]


_ASK: dict[str, Callable[[str, int], tuple[Any, Any]]] = {"svy": _svy, "r": _r}


def told(found: dict[str, Any], items: int) -> list[str]:
    """What was measured, in words and tables."""
    limit = f"{found['limit'] / 1e9:g} GB"
    runs = {name: [*found[name], *found["most"][name]] for name in NAMES}
    worst = max((run.get("difference", 0.0) for of in runs.values() for run in of), default=0.0)
    rows = [_row(NAMES[name], run, limit) for name in NAMES for run in found[name]]
    if not rows:
        return []
    header = ["", "rows", "seconds", "peak", "processor time, of ours", "peak, of ours"]
    lead = (
        f"The same means with standard errors by svy and by R's survey, which hold all rows in memory; once each, "
        f"reading included, beside ours at the same size. Results differ from ours by {worst:.0e} at most, relative."
    )
    if max(found["load"]) > found["cores"]:
        lead += (
            f" The machine was shared (load up to {max(found['load']):g} on {found['cores']} cores): processor time "
            f"is steadier than seconds."
        )
    parts = [lead, markdown_table(header, rows)]
    most = [_row(NAMES[name], run, limit) for name in NAMES for run in found["most"][name]]
    if most:
        reached = "; ".join(s for name in NAMES if (s := _reached(NAMES[name], found["most"][name], limit)))
        parts.append(
            f"How many rows they survive in {limit}: all {items} items are held and one is asked for, by ward, upwards "
            f"until memory is refused; ours beside, at the same sizes. {reached}. All {items} items, which were not "
            f"asked for here, would take {items} times the seconds after reading."
        )
        parts.append(markdown_table(header, most))
    return parts


def _row(name: str, run: dict[str, Any], limit: str) -> list[str]:
    size = [name, f"{run['rows']:,}"]
    if "stopped" in run:
        own = run["survey"]
        return [*size, "stopped", f"over {limit}", "", f"(ours: {seconds(own['seconds'])}, {own['peak'] / 1e9:.2f} GB)"]
    ratio = [f"{run[what] / run['survey'][what]:,.1f} x" for what in ("cpu", "peak")]
    return [*size, seconds(run["seconds"]), f"{run['peak'] / 1e9:.2f} GB", *ratio]


def _reached(name: str, runs: Sequence[dict[str, Any]], limit: str) -> str:
    """The largest size that came to an end, and the first that did not."""
    ended = [run["rows"] for run in runs if "stopped" not in run]
    stopped = [run["rows"] for run in runs if "stopped" in run]
    if not runs:
        return ""
    end = f"ended with {max(ended):,} rows" if ended else "ended with none"
    return f"{name} {end}" + (f" and was refused memory with {min(stopped):,}" if stopped else f", within {limit}")

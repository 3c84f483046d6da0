"""Measuring time and memory honestly: repeats for the one, a fresh process for the other."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["in_fresh_process", "interleaved", "kilobytes", "machine", "peak_above", "timed"]


def timed(work: Callable[[], Any], repeats: int) -> tuple[dict[str, Any], Any]:
    """Seconds of `repeats` runs, as best and median, and what the last run gave."""
    times, results = interleaved({"work": work}, repeats)
    return times["work"], results["work"]


def interleaved(works: dict[str, Callable[[], Any]], repeats: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Time several functions in turn, round by round, so that a busy minute of the machine burdens all of them.

    Returns
    -------
    tuple
        By name: `best` and `median` seconds and the number of `runs`; and what the last run of each gave.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, Any] = {}
    for _ in range(repeats):
        for name, work in works.items():
            results.pop(name, None)
            gc.collect()
            start = time.perf_counter()
            results[name] = work()
            seconds[name].append(time.perf_counter() - start)
    times = {
        name: {"best": min(runs), "median": sorted(runs)[len(runs) // 2], "runs": repeats}
        for name, runs in seconds.items()
    }
    return times, results


def in_fresh_process(work: Callable[..., Any], *args: Any) -> Any:
    """Run a function of a module in a new interpreter, so that what ran before cannot help or burden it."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *args).result()


def peak_above(work: Callable[[], Any]) -> int | None:
    """Bytes of memory in use at the worst moment of `work`, above those before it; None where it cannot be told.

    Linux keeps the peak of a process's resident memory (VmHWM) and resets it on request. Free memory that the
    allocator holds is given back first: it would hide what `work` takes.
    """
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not status.exists():
        return None
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        reset.write_text("5")
    except (OSError, AttributeError):
        return None
    before = kilobytes(status, "VmRSS")
    result = work()
    peak = kilobytes(status, "VmHWM")
    del result
    return (peak - before) * 1024


def kilobytes(status: Path, field: str) -> int:
    """A line of /proc/PID/status."""
    line = next(line for line in status.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1])


def machine(packages: tuple[str, ...]) -> dict[str, Any]:
    """What the numbers were measured on."""
    cpu = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        cpu = next(
            (line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line), cpu
        )
    versions = {}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), "versions": versions}

"""What `survey reproduce` costs: one notebook after the other, several at once, and again with nothing changed.

    python -m benchmarks.reproducing --keep runs.json    # the notebooks 01 to 07 of the default study, three rounds

Each run is a process of its own on a copy of the study. CPU time is that of the run and of all its kernels. What was
stopped goes on with the runs that `--keep` holds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import _page
from benchmarks._measure import machine

ROOT = Path(__file__).resolve().parents[1]
ALONE, AT_ONCE, UNCHANGED = "one after the other", "at once", "nothing changed"
WAYS = {ALONE: ["--again", "--jobs", "1"], AT_ONCE: ["--again"], UNCHANGED: []}
NOTEBOOKS = tuple(f"0{i}" for i in range(1, 8))
TARGETS = {AT_ONCE: "at most 0.65 x of one after the other, and 60 s of CPU", UNCHANGED: "under 3 s"}


def cost(study: Path, how: Sequence[str], notebooks: Sequence[str]) -> dict[str, Any]:
    """One run: seconds by the clock and of CPU, of each notebook, and how busy the machine was before it."""
    only = [part for name in notebooks for part in ("--only", name)]
    command = [sys.executable, "-m", "survey.cli", "reproduce", str(study), *only, *how]
    load = os.getloadavg()[0]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    kept = sorted((study.parents[1] / "processed" / ".survey" / "kept").glob("*.json"))
    each = {path.stem: round(json.loads(path.read_text(encoding="utf-8"))["seconds"], 2) for path in kept}
    return {"seconds": round(seconds, 2), "cpu": round(cpu, 2), "load": round(load, 2), "notebooks": each}


def measure(rounds: int, notebooks: Sequence[str], kept: Path | None) -> dict[str, Any]:
    """Rounds of all ways in turn; those that were measured before are not measured again."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in WAYS}
    if kept is not None and kept.exists():
        earlier = json.loads(kept.read_text(encoding="utf-8"))
        if earlier["notebooks"] == list(notebooks):
            found = {name: runs[:rounds] for name, runs in earlier["runs"].items()}
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "data", "raw")
        shutil.copytree(ROOT / "data" / "raw", raw)
        shutil.copytree(ROOT / "notebooks", Path(folder, "notebooks"))
        fresh = True
        for i in range(rounds):
            for name, how in WAYS.items():
                if len(found[name]) > i:
                    continue
                if fresh and name == UNCHANGED:  # in this copy of the study nothing has run yet
                    cost(raw / "study.toml", [], notebooks)
                found[name].append(cost(raw / "study.toml", how, notebooks))
                fresh = False
                if kept is not None:
                    kept.write_text(json.dumps({"notebooks": list(notebooks), "runs": found}), encoding="utf-8")
    return {
        "notebooks": list(notebooks),
        "runs": found,
        "machine": machine(("resident-survey", "nbclient", "ipykernel")),
    }


def best(found: dict[str, Any], way: str, what: str) -> float:
    """The best of the runs of a way: other programs on the machine only make it worse."""
    return float(min(run[what] for run in found["runs"][way]))


def report(found: dict[str, Any]) -> str:
    """The costs in words and a table."""
    alone = best(found, ALONE, "seconds")
    rows = []
    for way in WAYS:
        runs = found["runs"][way]
        seconds, cpu = best(found, way, "seconds"), best(found, way, "cpu")
        middle = median(run["seconds"] for run in runs)
        rows.append([way, f"{seconds:.1f} s", f"{middle:.1f} s", f"{cpu:.1f} s", f"{seconds / alone:.2f} x"])
    loads = [run["load"] for runs in found["runs"].values() for run in runs]
    rounds = len(found["runs"][ALONE])
    each = min(found["runs"][ALONE], key=lambda run: run["seconds"])["notebooks"]
    told = [
        f"The notebooks {', '.join(found['notebooks'])} of the default study (simulated), runs in turn ({rounds} of "
        f"each way) on one copy of it. Asked: " + "; ".join(f"{way}, {what}" for way, what in TARGETS.items()) + ". "
        f"Before the runs, {min(loads):.1f} to {max(loads):.1f} other processes of the machine wanted a processor"
        + (": these are times of a busy machine. " if min(loads) > (found["machine"]["cores"] or 1) else ". ")
        + _page.on_what(found["machine"]),
        _page.markdown_table(["", "best", "median", "CPU, best", "best, to one after the other"], rows),
        "Seconds by notebook, in the best run of one after the other: "
        + ", ".join(f"{name} {seconds:.1f}" for name, seconds in each.items())
        + ".",
    ]
    return "\n\n".join(told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or read what was measured before, and write the section."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.reproducing", description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", action="append", help="notebooks, as `survey reproduce` takes them")
    options.add_argument("--keep", type=Path, help="file of the runs so far, to go on with after an interruption")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(given.rounds, given.only or NOTEBOOKS, given.keep)

    return _page.published(options, arguments, measured, report, "reproducing")


if __name__ == "__main__":
    raise SystemExit(main())

"""What `survey reproduce` costs: one notebook after the other, several at once, and again with nothing changed.

    python -m benchmarks.reproducing            # the notebooks 01 to 07 of the default study, three rounds in turn

Each run is a process of its own on a copy of the study. CPU time is that of the run and of all its kernels.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
WAYS = {"one after the other": ["--again", "--jobs", "1"], "at once": ["--again"], "nothing changed": []}
NOTEBOOKS = tuple(f"0{i}" for i in range(1, 8))


def cost(study: Path, how: Sequence[str], notebooks: Sequence[str]) -> tuple[float, float]:
    """Seconds by the clock, and of CPU, of one run."""
    only = [part for name in notebooks for part in ("--only", name)]
    command = [sys.executable, "-m", "survey.cli", "reproduce", str(study), *only, *how]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(rounds: int, notebooks: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Medians by way: seconds by the clock, and of CPU."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "data", "raw")
        shutil.copytree(ROOT / "data" / "raw", raw)
        shutil.copytree(ROOT / "notebooks", Path(folder, "notebooks"))
        for _ in range(rounds):
            for name, how in WAYS.items():
                found[name].append(cost(raw / "study.toml", how, notebooks))
    return {name: (median(s for s, _ in runs), median(c for _, c in runs)) for name, runs in found.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reproducing", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", help="notebooks, as `survey reproduce` takes them")
    given = parser.parse_args(arguments)
    found = measure(given.rounds, given.only or NOTEBOOKS)
    alone = found["one after the other"][0]
    print(f"survey reproduce, {', '.join(given.only or NOTEBOOKS)}: median of {given.rounds} runs in turn")
    for name, (seconds, cpu) in found.items():
        print(f"  {name:<22}{seconds:7.1f} s  {cpu:7.1f} s of CPU  {seconds / alone:5.2f} x")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

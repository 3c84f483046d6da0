"""What an export costs, beside the package as it was before, in turns in one run: `python -m benchmarks.export`."""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import _page
from benchmarks._measure import machine

ROOT = Path(__file__).resolve().parents[1]
BASE = "a83eb36"
"""The commit to compare with: before one drawing served several formats."""

SHARE, SECONDS = 0.5, 0.25  # of the time of the earlier commit; processor time of a figure after the first
WORKS = {
    "bars": "bars of nine wards: eight formats, two languages",
    "dots": "dots of nine wards and two waves: eight formats, two languages",
    "table": "a table of the same: five formats, two languages",
    "draw bars": "the bars drawn",
    "draw dots": "the dots drawn",
}


@contextlib.contextmanager
def earlier(commit: str = BASE, folders: tuple[str, ...] = ("src",)) -> Iterator[Path | None]:
    """Folders of an earlier commit, in a folder of its own; None where the history does not reach so far."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(["git", "archive", commit, *folders], cwd=ROOT, capture_output=True, check=False)
        if told.returncode:
            yield None
            return
        subprocess.run(["tar", "-x", "-C", folder], input=told.stdout, check=True)
        yield Path(folder)


class Exporter:
    """A process with the package of one commit that exports (or draws, by another script) what it is told to."""

    def __init__(self, tree: Path, script: str = "_exporter.py", *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(script)), *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tree / "src"), str(tree)))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, work: str) -> float:
        """Processor time of one run of a piece of work."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{work}\n")
        self.process.stdin.flush()
        return float(self.answer())

    def answer(self) -> str:
        """The next line that the process says."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def measure(repeats: int, works: tuple[str, ...]) -> dict[str, Any]:
    """Processor time of each piece of work, now and before, in turns."""
    load = [round(os.getloadavg()[0], 1)]
    with earlier() as before, contextlib.ExitStack() as stack:
        trees = {"ours": ROOT, **({"before": before} if before is not None else {})}
        exporters = {name: Exporter(tree) for name, tree in trees.items()}
        for exporter in exporters.values():
            stack.callback(exporter.close)
        times: dict[str, dict[str, list[float]]] = {work: {name: [] for name in trees} for work in works}
        for _ in range(repeats):
            for work in works:
                for name, exporter in exporters.items():
                    times[work][name].append(exporter.seconds(work))
    found = {
        work: {name: {"best": min(t), "median": statistics.median(t)} for name, t in of.items()}
        for work, of in times.items()
    }
    return {
        "base": BASE,
        "runs": repeats,
        "load": [*load, round(os.getloadavg()[0], 1)],
        "works": found,
        "machine": machine(("resident-survey", "matplotlib", "python-docx", "python-pptx", "xlsxwriter", "pillow")),
    }


def section(found: dict[str, Any]) -> str:
    """The results in words and a table."""
    rows = []
    for work, times in found["works"].items():
        ours, before = times["ours"]["best"], times.get("before", {}).get("best")
        if work.startswith("draw"):
            aim, met = f"under {SECONDS:g} s", ours < SECONDS
        else:
            aim, met = f"at most {SHARE:.0%}", before is not None and ours <= SHARE * before
        ratio = "" if before is None else f"{ours / before:.0%}"
        verdict = "met" if met else "not met" if before is not None or work.startswith("draw") else "not compared"
        told = [_page.seconds(ours), "" if before is None else _page.seconds(before), ratio, aim, verdict]
        rows.append([WORKS[work], *told])
    lead = (
        f"Processor time of one process, best of {found['runs']} runs in turns, so that other work on the machine "
        f"burdens both alike; the first export, which loads matplotlib and the writers of documents, is left out. "
    )
    compared = any("before" in times for times in found["works"].values())
    lead += (
        f"Before is commit {found['base']}, run with the same libraries."
        if compared
        else f"Commit {found['base']} is not in this history: nothing to compare with."
    )
    cores = found["machine"]["cores"]
    if max(found["load"]) > cores:  # caches and cores are shared, so that processor time too grows
        first, last = found["load"]
        lead += (
            f" The machine was shared: {first:g} processes at the beginning and {last:g} at the end ran on its {cores} "
            f"cores, so that seconds are longer than alone; ratios are of runs side by side."
        )
    header = ["work", "ours", "before", "ratio", "to reach", ""]
    return "\n\n".join([lead, _page.markdown_table(header, rows), _page.on_what(found["machine"])])


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="the table only, once")
    options.add_argument("--runs", type=int, default=5, help="runs of each piece of work, in turns")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(1, ("table",)) if given.quick else measure(given.runs, tuple(WORKS))

    return _page.published(options, arguments, measured, section, "export")


if __name__ == "__main__":
    raise SystemExit(main())

"""What cleaning and checks cost beside reading, in one run: `python -m benchmarks.cleaning`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey as sv
from benchmarks import _page
from benchmarks._measure import machine, timed
from benchmarks.reading import COLUMNS, ROWS, write_sav

CHECKED, ITEMS = 1_000_000, 36
CLEANING, CHECKS = 1.0, 3.0  # times reading
VERBS = 20


def cleaned(raw: sv.Responses) -> sv.Responses:
    """Twenty verbs, each kind among them."""
    now = raw.recode_missing(outside="blank")
    now = now.recode("q001", {5: 4}).recode("q002", {1: 2}).recode("q003", {3: None})
    for i in range(4, 8):
        now = now.merge_categories(f"q{i:03d}", {"low": [1, 2], "middle": [3], "high": [4, 5]}, into=f"m{i}")
    for i in range(8, 11):
        now = now.derive(f"d{i}", f"q{i:03d} + q{i + 3:03d}")
    now = now.band("d8", [2, 5, 8, 10], into="b8").band("d9", [2, 5, 8, 10], into="b9")
    now = now.drop(where="q011 == 1 and q012 == 1 and q013 == 1", reason="for the benchmark")
    now = now.drop(where="q014 == 1 and q015 == 1 and q016 == 1", reason="for the benchmark").reverse()
    for i in range(3):
        now = now.score(f"s{i}", items=[f"q{j:03d}" for j in range(1 + 7 * i, 8 + 7 * i)])
    return now.collapse_copies()


def wave(rows: int) -> tuple[pd.DataFrame, sv.Codebook]:
    """Simulated answers to 40 questions, half of them routed, with don't know and refused, and their codebook."""
    rng = np.random.default_rng(1)
    names = [f"q{i:02d}" for i in range(ITEMS)]
    data = {}
    for name in names:
        codes = rng.integers(1, 6, rows).astype(float)
        few = rng.random(rows) < 0.05
        codes[few] = rng.choice([np.nan, -98, -99], int(few.sum()))
        data[name] = codes
    data["contact"] = rng.integers(0, 2, rows).astype(float)
    data["minutes"] = rng.integers(0, 300, rows).astype(float)
    data["age"] = rng.integers(18, 90, rows).astype(float)
    data["id"] = np.arange(rows)
    scale = {"type": "ordinal", "labels": {str(code): str(code) for code in range(1, 6)}}
    variables: dict[str, Any] = {
        n: {**scale, **({"base": "contact == 1"} if i % 2 else {})} for i, n in enumerate(names)
    }
    variables |= {"contact": {"type": "binary", "labels": {"0": "no", "1": "yes"}, "required": True}}
    variables |= {"minutes": {"limits": [0, 600]}, "age": {"limits": [18, 110]}}
    variables |= {"id": {"type": "id", "role": "id", "missing": False}}
    book = {"missing": {"-98": "dont_know", "-99": "refused"}, "variables": variables}
    return pd.DataFrame(data), sv.Codebook.from_dict(book)


def measure(rows: int, columns: int, checked: int, repeats: int) -> dict[str, Any]:
    """Times of reading and of the work, in turns."""
    found: dict[str, list[float]] = {"read": [], "clean": [], "parquet": [], "check": []}
    with tempfile.TemporaryDirectory() as folder:
        sav, parquet = Path(folder) / "answers.sav", Path(folder) / "answers.parquet"
        write_sav(sav, rows, columns)
        data, book = wave(checked)
        data.to_parquet(parquet, engine="pyarrow")
        for _ in range(repeats):
            seconds, raw = timed(lambda: sv.read(sav), 1)
            found["read"].append(seconds["best"])
            seconds, done = timed(lambda raw=raw: cleaned(raw), 1)
            found["clean"].append(seconds["best"])
            if len(done.entries) != VERBS + 1:
                raise RuntimeError(f"{len(done.entries) - 1} verbs, not {VERBS}")
        del raw, done
        for _ in range(repeats):
            seconds, data = timed(lambda: pd.read_parquet(parquet, engine="pyarrow"), 1)
            found["parquet"].append(seconds["best"])
            responses = sv.Responses(data, book)
            found["check"].append(timed(responses.check, 1)[0]["best"])
    return {
        "rows": rows,
        "columns": columns,
        "checked": checked,
        "questions": ITEMS + 4,
        "runs": repeats,
        "seconds": {work: min(times) for work, times in found.items()},
        "machine": machine(("resident-survey", "pandas", "pyarrow")),
    }


def section(found: dict[str, Any]) -> str:
    """The results in words and a table."""
    seconds = found["seconds"]
    rows = []
    for what, work, beside, most in (
        (f"cleaning {found['rows']:,} x {found['columns']} with {VERBS} verbs", "clean", "read", CLEANING),
        (f"checks on {found['checked']:,} x {found['questions']}", "check", "parquet", CHECKS),
    ):
        ratio = seconds[work] / seconds[beside]
        rows.append(
            [
                what,
                _page.seconds(seconds[work]),
                _page.seconds(seconds[beside]),
                f"{ratio:.2f} x",
                f"at most {most:g} x",
                "met" if ratio <= most else "not met",
            ]
        )
    lead = (
        f"Best of {found['runs']} runs in turns. Cleaning beside our reading of the same .sav; checks (types, "
        "scales, limits, routing, required, ids, copies) beside pandas reading the same Parquet."
    )
    header = ["work", "time", "reading", "ratio", "to reach", ""]
    return "\n\n".join([lead, _page.markdown_table(header, rows), _page.on_what(found["machine"])])


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small files, once")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(2_000, 30, 5_000, 1) if given.quick else measure(ROWS, COLUMNS, CHECKED, 5)

    return _page.published(options, arguments, measured, section, "cleaning")


if __name__ == "__main__":
    raise SystemExit(main())

"""What tables of many rows and of many columns cost beside pandas, in one run: `python -m benchmarks.tables`."""

from __future__ import annotations

import argparse
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey as sv
from benchmarks import _page
from benchmarks._measure import interleaved, machine
from benchmarks.cleaning import wave
from survey.privacy.scan import quick_look, search

ROWS, COLUMNS = 1_000_000, 60_000
CHECKS, SECONDS = 3.0, 5.0  # times pandas reading the Parquet; for a CSV of many columns
PLACES = np.array(["Đông Hoà", "Tây Sơn", "Nam Từ Liêm", "Quận 1"])


def answers(rows: int) -> pd.DataFrame:
    """Simulated answers to 40 questions that no codebook describes: 5 of places, 5 measurements, 30 of codes."""
    rng = np.random.default_rng(1)
    columns: dict[str, Any] = {}
    for i in range(40):
        if i % 8 == 0:
            columns[f"place{i}"] = pd.Series(PLACES[rng.integers(0, len(PLACES), rows)], dtype="str")
        elif i % 8 == 1:
            columns[f"x{i}"] = rng.normal(size=rows)
        else:
            codes = rng.integers(1, 6, rows).astype(float)
            codes[rng.random(rows) < 0.05] = np.nan
            columns[f"q{i}"] = codes
    return pd.DataFrame(columns)


def write_wide(path: Path, columns: int, rows: int = 20) -> None:
    """A CSV of many columns: four in five hold codes of 1 to 5, the others measurements."""
    rng = np.random.default_rng(1)
    codes = rng.integers(1, 6, (rows, columns)).astype(str)
    measured = np.char.mod("%.4f", rng.normal(size=(rows, columns)))
    cells = np.where(np.arange(columns) % 5 == 0, measured, codes)
    lines = [",".join(f"q{i}" for i in range(columns)), *(",".join(row) for row in cells)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def measure(rows: int, columns: int, repeats: int) -> dict[str, Any]:
    """Times of ours and of pandas, in turns."""
    found: dict[str, Any] = {"rows": rows, "columns": columns, "runs": repeats, "checks": {}}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", sv.errors.SurveyWarning)
        coded, book = wave(rows)
        for name, frame, codebook in (("codebook", coded, book), ("plain", answers(rows), None)):
            path = Path(folder) / f"{name}.parquet"
            frame.to_parquet(path)
            held = [sv.read(path, codebook) for _ in range(repeats)]  # what a check found is kept: each is checked once
            works = {
                "pandas": lambda path=path: pd.read_parquet(path),
                "check": lambda held=held: held.pop().check(),
                "scan": lambda frame=frame, book=codebook: list(search(frame, book or sv.Codebook(), quick=True)),
            }
            times, _ = interleaved(works, repeats)
            found["checks"][name] = {work: run["best"] for work, run in times.items()}
        wide = Path(folder) / "wide.csv"
        write_wide(wide, columns)
        works = {"pandas": lambda: pd.read_csv(wide), "ours": lambda: sv.read(wide)}
        times, results = interleaved(works, repeats)
        pd.testing.assert_frame_equal(results["ours"].data, results["pandas"], check_column_type=False)
        found["wide"] = {work: run["best"] for work, run in times.items()}
        found["wide"]["scan"] = interleaved({"scan": lambda: quick_look(results["ours"])}, repeats)[0]["scan"]["best"]
    return {**found, "machine": machine(("resident-survey", "pandas", "pyarrow"))}


def section(found: dict[str, Any]) -> str:
    """The results in words and a table."""
    rows = []
    for name, told in (("codebook", "with a codebook"), ("plain", "without one")):
        seconds = found["checks"][name]
        ratio = seconds["check"] / seconds["pandas"]
        rows.append(
            [
                f"check() of {found['rows']:,} x 40, {told}",
                _page.seconds(seconds["check"]),
                _page.seconds(seconds["pandas"]),
                f"{ratio:.2f} x",
                f"at most {CHECKS:.0f} x",
                "met" if ratio <= CHECKS else "not met",
            ]
        )
    wide = found["wide"]
    rows.append(
        [
            f"a CSV of {found['columns']:,} columns, 20 rows",
            _page.seconds(wide["ours"]),
            _page.seconds(wide["pandas"]),
            f"{wide['ours'] / wide['pandas']:.2f} x",
            f"at most {SECONDS:.0f} s",
            "met" if wide["ours"] <= SECONDS else "not met",
        ]
    )
    scans = ", ".join(_page.seconds(found["checks"][name]["scan"]) for name in ("codebook", "plain"))
    lead = (
        f"Simulated answers; best of {found['runs']} runs in turns with pandas, which reads the same file (Parquet for "
        f"check(), CSV for the many columns). The search for personal data runs once, at reading, and not in check(): "
        f"{scans}, and of the many columns {_page.seconds(wide['scan'])}."
    )
    header = ["work", "ours", "pandas reads", "ratio", "to reach", ""]
    return "\n\n".join([lead, _page.markdown_table(header, rows), _page.on_what(found["machine"])])


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small tables, once")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(5_000, 1_500, 1) if given.quick else measure(ROWS, COLUMNS, 3)

    return _page.published(options, arguments, measured, section, "tables")


if __name__ == "__main__":
    raise SystemExit(main())

"""What parsing in another process costs beside parsing in ours, in one run: `python -m benchmarks.guarded`."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey as sv
from benchmarks import _page
from benchmarks._measure import interleaved, machine
from benchmarks.reading import COLUMNS, PLACES, ROWS, write_sav
from survey.base._guard import TRUST

MOST, START = 1.5, 1.0  # times the parsing in our process, and seconds above


def answers(rows: int, columns: int) -> pd.DataFrame:
    """Simulated answers: one in 25 columns is text, one in 24 an amount, the others items with gaps."""
    rng = np.random.default_rng(1)
    table: dict[str, Any] = {}
    for i in range(columns):
        if i % 25 == 0:
            table[f"q{i:03d}"] = PLACES[rng.integers(0, len(PLACES), rows)]
        else:
            codes = rng.normal(50, 20, rows) if i % 24 == 0 else rng.integers(1, 6, rows).astype(float)
            table[f"q{i:03d}"] = np.where(rng.random(rows) < 0.03, np.nan, codes)
    return pd.DataFrame(table)


def write_dta(path: Path, rows: int, columns: int) -> None:
    """A simulated .dta."""
    import pyreadstat

    pyreadstat.write_dta(answers(rows, columns), str(path), version=15)


def write_xlsx(path: Path, rows: int, columns: int) -> None:
    """A simulated .xlsx, written row by row."""
    import xlsxwriter

    table = answers(rows, columns)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("answers")
        sheet.write_row(0, 0, list(table.columns))
        for i, row in enumerate(table.itertuples(index=False), 1):
            for j, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                elif cell == cell:
                    sheet.write_number(i, j, cell)


WRITERS: dict[str, Callable[[Path, int, int], None]] = {".sav": write_sav, ".dta": write_dta, ".xlsx": write_xlsx}


def read(path: Path, trust: bool) -> sv.Responses:
    """Read a file, parsed in this process or in another."""
    before = os.environ.get(TRUST)
    os.environ[TRUST] = "1" if trust else "0"
    try:
        return sv.read(path)
    finally:
        if before is None:
            del os.environ[TRUST]
        else:
            os.environ[TRUST] = before


def measure(rows: int, columns: int, repeats: int, formats: list[str]) -> dict[str, Any]:
    """Seconds of both, by format; an error if they do not give the same answers."""
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in formats:
            path = Path(folder) / f"answers{suffix}"
            WRITERS[suffix](path, rows, columns)
            works = {"guarded": lambda p=path: read(p, False), "trusted": lambda p=path: read(p, True)}
            times, results = interleaved(works, repeats)
            pd.testing.assert_frame_equal(results["guarded"].data, results["trusted"].data)
            seconds[suffix] = {name: time["best"] for name, time in times.items()}
            path.unlink()
    about = machine(("resident-survey", "pyreadstat", "python-calamine", "pandas"))
    return {"rows": rows, "columns": columns, "runs": repeats, "seconds": seconds, "machine": about}


def section(found: dict[str, Any]) -> str:
    """The results in words and a table."""
    header = ["work", "parsed apart", "parsed in our process", "above it", "to reach", ""]
    rows = []
    for suffix, seconds in found["seconds"].items():
        most = START + MOST * seconds["trusted"]
        rows.append(
            [
                f"reading {found['rows']:,} x {found['columns']} {suffix}",
                _page.seconds(seconds["guarded"]),
                _page.seconds(seconds["trusted"]),
                _page.seconds(max(seconds["guarded"] - seconds["trusted"], 0)),
                f"at most {_page.seconds(most)}",
                "met" if seconds["guarded"] <= most else "not met",
            ]
        )
    lead = (
        f"Simulated answers, best of {found['runs']} runs in turns; the answers of both are compared. To reach: "
        f"{START:g} s and {MOST:g} times the reading with {TRUST}=1."
    )
    return "\n\n".join([lead, _page.markdown_table(header, rows), _page.on_what(found["machine"])])


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small files, once")
    options.add_argument("--formats", nargs="+", default=list(WRITERS), choices=list(WRITERS))
    options.add_argument("--runs", type=int, default=3)

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        size = (2_000, 25, 1) if given.quick else (ROWS, COLUMNS, given.runs)
        return measure(*size, given.formats)

    return _page.published(options, arguments, measured, section, "guarded")


if __name__ == "__main__":
    raise SystemExit(main())

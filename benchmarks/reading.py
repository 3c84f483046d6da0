"""How long reading takes beside the parser alone, in one run: `python -m benchmarks.reading`.

Files are parsed in our process, as pyreadstat alone parses them; `benchmarks.guarded` tells what another process costs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey as sv
from benchmarks import _page
from benchmarks._measure import in_fresh_process, machine, peak_above, timed
from survey.base._guard import TRUST

ROWS, COLUMNS = 100_000, 120
MOST = 1.25  # times pyreadstat alone
PLACES = np.array(["Đông Hoà", "Tây Sơn", "Nam Từ Liêm", ""])


def write_sav(path: Path, rows: int, columns: int) -> None:
    """A simulated .sav: 24 in 25 columns are labelled five-point items with declared missing codes, the rest text."""
    import pyreadstat

    rng = np.random.default_rng(1)
    names = [f"q{i:03d}" for i in range(columns)]
    texts = names[::25]
    answers = {}
    for name in names:
        if name in texts:
            answers[name] = PLACES[rng.integers(0, len(PLACES), rows)]
            continue
        codes = rng.integers(1, 6, rows).astype(float)
        codes[rng.random(rows) < 0.05] = 8
        codes[rng.random(rows) < 0.03] = np.nan
        answers[name] = codes
    items = [name for name in names if name not in texts]
    labels = {
        1: "Rất không hài lòng",
        2: "Không hài lòng",
        3: "Bình thường",
        4: "Hài lòng",
        5: "Rất hài lòng",
        8: "Không biết",
    }
    pyreadstat.write_sav(
        pd.DataFrame(answers),
        str(path),
        variable_value_labels=dict.fromkeys(items, labels),
        variable_measure=dict.fromkeys(items, "ordinal"),
        missing_ranges={name: [8] for name in items},
        row_compress=True,
    )


def parser(path: Path) -> Any:
    """What the parser does alone, missing codes kept as we keep them."""
    import pyreadstat

    return pyreadstat.read_sav(str(path), user_missing=True)


def memory(work: str, path: str) -> int | None:
    """Peak memory of reading, in bytes; meant for a fresh process."""
    return peak_above(lambda: sv.read(path) if work == "ours" else parser(Path(path)))


def measure(rows: int, columns: int, repeats: int) -> dict[str, Any]:
    """Times and peaks of both."""
    os.environ[TRUST] = "1"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.sav"
        write_sav(path, rows, columns)
        size = path.stat().st_size
        alone, ours = [], []
        for _ in range(repeats):  # in turns, so that a busy minute of the machine falls on both
            alone.append(timed(lambda: parser(path), 1)[0]["best"])
            ours.append(timed(lambda: sv.read(path), 1)[0]["best"])
        peaks = {work: in_fresh_process(memory, work, str(path)) for work in ("ours", "pyreadstat")}
    return {
        "rows": rows,
        "columns": columns,
        "bytes": size,
        "runs": repeats,
        "seconds": {"ours": min(ours), "pyreadstat": min(alone)},
        "memory": peaks,
        "machine": machine(("resident-survey", "pyreadstat", "pandas")),
    }


def section(found: dict[str, Any]) -> str:
    """The results in words and tables."""
    seconds, peaks = found["seconds"], found["memory"]
    ratio = seconds["ours"] / seconds["pyreadstat"]
    header = ["work", "ours", "pyreadstat alone", "ratio", "to reach", ""]
    what = f"reading {found['rows']:,} x {found['columns']} .sav"
    rows = [
        [
            what,
            _page.seconds(seconds["ours"]),
            _page.seconds(seconds["pyreadstat"]),
            f"{ratio:.2f} x",
            f"at most {MOST} x",
            "met" if ratio <= MOST else "not met",
        ]
    ]
    if peaks["ours"] is not None and peaks["pyreadstat"] is not None:
        rows.append(
            [
                "peak memory",
                f"{peaks['ours'] / 1e6:.0f} MB",
                f"{peaks['pyreadstat'] / 1e6:.0f} MB",
                f"{peaks['ours'] / peaks['pyreadstat']:.2f} x",
                "",
                "",
            ]
        )
    lead = (
        f"Simulated answers in a file of {found['bytes'] / 1e6:.1f} MB; best of {found['runs']} runs in turns. "
        "Ours includes the codebook, texts in NFC, and the SHA-256 of the file."
    )
    return "\n\n".join([lead, _page.markdown_table(header, rows), _page.on_what(found["machine"])])


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a small file, once")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(2_000, 25, 1) if given.quick else measure(ROWS, COLUMNS, 5)

    return _page.published(options, arguments, measured, section, "reading")


if __name__ == "__main__":
    raise SystemExit(main())

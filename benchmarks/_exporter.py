"""Exports figures of simulated answers when told to and says what processor time each took; see `benchmarks.export`.

Run with the package of either commit on its path, so it uses only what both have.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import survey as sv

FORMATS = ("png", "svg", "pdf", "csv", "html", "docx", "xlsx", "pptx")
WARDS = ("Đông Hải", "An Phú", "Bình Minh", "Hòa Thuận", "Kỳ Sơn", "Lạc Viên", "Mỹ Độ", "Quang Vinh", "Tân Lập")
SCALE = (
    ("rất không hài lòng", "very dissatisfied"),
    ("không hài lòng", "dissatisfied"),
    ("bình thường", "neither"),
    ("hài lòng", "satisfied"),
    ("rất hài lòng", "very satisfied"),
)


def sample(rows: int = 4_000) -> Any:
    """Simulated answers of nine wards and two waves to a question with five answers."""
    rng = np.random.default_rng(1)
    names = {f"P{i:02d}": {"vi": f"Phường {w}", "en": f"{w} ward"} for i, w in enumerate(WARDS)}
    frame = pd.DataFrame(
        {
            "ward": pd.Series(rng.choice(list(names), rows), dtype="str"),
            "wave": rng.integers(1, 3, rows).astype(float),
            "OV01": rng.integers(1, 6, rows).astype(float),
        }
    )
    asked = {"vi": "Nhìn chung, ông/bà hài lòng đến đâu?", "en": "Overall, how satisfied are you?"}
    answers = {i: {"vi": vi, "en": en} for i, (vi, en) in enumerate(SCALE, 1)}
    waves = {1: {"vi": "Tháng 8/2023", "en": "August 2023"}, 2: {"vi": "Tháng 6/2024", "en": "June 2024"}}
    variables = (
        sv.Variable("OV01", "ordinal", asked, answers, direction=1),
        sv.Variable("ward", "nominal", {"vi": "Phường", "en": "Ward"}, names),
        sv.Variable("wave", "ordinal", {"vi": "Đợt", "en": "Wave"}, waves),
    )
    title = {"vi": "Khảo sát thử", "en": "Trial survey"}
    book = sv.Codebook(variables={v.name: v for v in variables}, title=title, simulated=True)
    return sv.Sample(sv.Responses(frame, book), weights=None)


def works() -> dict[str, Callable[[], Any]]:
    """What is timed: each begins with results, so that no estimate is part of it."""
    people = sample()
    shares, means = people.distribution("OV01", by="ward"), people.mean("OV01", by=["ward", "wave"])

    def exported(make: Callable[[], Any], formats: tuple[str, ...]) -> Callable[[], None]:
        def work() -> None:
            with tempfile.TemporaryDirectory() as folder:
                sv.export(make(), "figure", formats=formats, folder=folder, languages=("vi", "en"))

        return work

    return {
        "bars": exported(lambda: sv.figures.likert(shares), FORMATS),
        "dots": exported(lambda: sv.figures.intervals(means), FORMATS),
        "table": exported(lambda: sv.tables.table(means), FORMATS[3:]),
        "draw bars": lambda: sv.figures.likert(shares).figure(),
        "draw dots": lambda: sv.figures.intervals(means).figure(),
    }


def main() -> None:
    """A line with a name in, a line with its seconds out; the first export of a process is no part of any."""
    known = works()
    known["dots"]()
    for line in sys.stdin:
        gc.collect()
        start = time.process_time()
        known[line.strip()]()
        sys.stdout.write(json.dumps(time.process_time() - start) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Every form in every format: no byte depends on what is hidden, and no file holds a hidden number of the study."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from hard_layouts import _grid, book
from survey import Exhibit
from survey.reports.export import FORMATS

# what the few people of ward 3 answered: it must not matter
ANSWERS = ([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2], [5, 4, 5, 5, 5, 4, 5, 5, 5, 4, 5])


@cache
def sample(hidden: int) -> sv.Sample:
    """Six wards, two waves, 36 clusters; in ward 3 there are twelve people, or eleven who answered otherwise."""
    rng = np.random.default_rng(5)
    parts = [
        pd.DataFrame(
            {"ward": ward, "psu": np.arange(n) % 36, "Q01": rng.integers(1, 6, n), "w": rng.uniform(0.5, 2, n)}
        )
        for ward, n in ((1, 170), (2, 220), (4, 110), (5, 140), (6, 130))
    ]
    few = ANSWERS[hidden]
    parts.append(pd.DataFrame({"ward": 3, "psu": np.arange(len(few)), "Q01": few, "w": 1.5}))
    data = pd.concat(parts, ignore_index=True).astype(float)
    data["wave"] = 1.0 + data.groupby("ward").cumcount() % 2
    data["year"] = 1.0 + data.groupby("ward").cumcount() % 3
    data["Q02"] = 6 - data["Q01"].where(data.index % 3 > 0, 3)
    data["minutes"] = 7.0 * data["Q01"] + data.index % 5
    data["pilot"] = data["ward"].isin([1, 4]).astype(float)
    return sv.Sample(sv.Responses(data, book()), weights="w", psu="psu")


BOTH = ["ward", "wave"]
MADE: dict[str, Callable[[Any], Exhibit]] = {
    "table": lambda s: sv.tables.table(s.mean(["Q01", "minutes"], by="ward")),
    "table of totals": lambda s: sv.tables.table(s.total("minutes", by=BOTH)),
    "banner": lambda s: sv.tables.banner(s.distribution(["Q01", "Q02"], by="ward")),
    "changes": lambda s: sv.tables.changes(s.mean("Q01", by="ward").pairwise()),
    "frequencies": lambda s: sv.tables.frequencies(s.frequencies("Q01", where="ward == 3")),
    "intervals": lambda s: sv.figures.intervals(s.proportion("Q01", top=2, by="ward"), sort=True),
    "contrasts": lambda s: sv.figures.contrasts(s.mean("minutes", by="ward").pairwise(), sort=True),
    "bars": lambda s: sv.figures.bars(s.proportion(["Q01", "Q02"], top=2, by="ward")),
    "likert": lambda s: sv.figures.likert(s.distribution("Q01", by="ward"), sort=True),
    "lines": lambda s: sv.figures.lines(s.mean("minutes", by=["ward", "year"])),
    "slope": lambda s: sv.figures.slope(s.mean("minutes", by=BOTH)),
    "waves": lambda s: sv.figures.waves(s.mean("minutes", by=["ward", "year"], where="ward <= 4")),
    "ranking": lambda s: sv.figures.ranking(s.mean("minutes", by="ward")),
    "benchmark": lambda s: sv.figures.benchmark(
        s.mean("minutes", by="ward"), 20, source="a", reference_label="b", sort=True
    ),
    "scatter": lambda s: sv.figures.scatter(s.mean(["Q01", "Q02"], by="ward")),
    "map": lambda s: sv.figures.map(s.mean("minutes", by="ward"), regions=_grid()),
    "heat": lambda s: sv.figures.heat(s.mean("minutes", by=BOTH)),
    "panels": lambda s: sv.figures.panels(s.mean(["Q01", "Q02"], by="ward"), by="item"),
    "histogram": lambda s: sv.figures.histogram(s.histogram("minutes", bins=[0, 10, 20, 40], where="ward == 3")),
}
"""An exhibit of each form that shows groups; totals, and what everyone else answered, do depend on all."""


def written(exhibit: Exhibit, folder: Path) -> dict[str, bytes]:
    files = sv.export(exhibit, "e", formats=FORMATS[exhibit.kind], folder=folder, languages=["vi"])
    files |= sv.export(exhibit, "e", formats=["csv", "html"], folder=folder / "en", languages=["en"])
    return {key: path.read_bytes() for key, path in files.items()}


@pytest.mark.slow
@pytest.mark.parametrize("form", MADE)
def test_no_byte_of_any_format_depends_on_what_is_hidden(form: str, tmp_path: Path) -> None:
    first, second = (MADE[form](sample(i)) for i in (0, 1))
    assert "suppressed" in first.frame()["status"].tolist()
    one, other = written(first, tmp_path / "1"), written(second, tmp_path / "2")
    assert [key for key in one if one[key] != other[key]] == []

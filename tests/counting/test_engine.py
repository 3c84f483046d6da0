"""A source that keeps no rows: batches that are counted and gone give the estimates of a frame in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.counting.cells import Grouping
from survey.counting.engine import Batch, Layout, count, count_batch
from survey.errors import EstimationError
from survey.estimation.estimators import DISTRIBUTION, MEAN, Estimator
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
ITEMS, ANSWERS = ["q1", "q2"], np.arange(1.0, 6.0)


@dataclass
class Folder:
    """Files of rows, each read, handed over and forgotten; it knows the clusters and wards, and nothing of people."""

    files: list[pd.DataFrame]
    clusters: list[Any]
    wards: list[Any]

    def batches(self, items: Sequence[str]) -> Iterator[Batch]:
        for file in self.files:
            unit = np.array([self.clusters.index(c) for c in file["cluster"]], np.int64)
            group = np.array([self.wards.index(w) for w in file["ward"]], np.int64)
            codes = {item: np.where(file[item].isna(), len(ANSWERS), file[item] - 1).astype(np.int8) for item in items}
            yield Batch(file["w"].to_numpy(), unit * (len(self.wards) + 1) + group, group, codes)


@pytest.fixture
def folder(rows: pd.DataFrame) -> Folder:
    files = [rows.iloc[start : start + 30] for start in range(0, len(rows), 30)]
    return Folder(files, sorted(rows["cluster"].unique()), sorted(rows["ward"].unique()))


def layouts(folder: Folder) -> list[Layout]:
    groups = pd.DataFrame({"ward": folder.wards})
    return [Layout(item, groups, ANSWERS, len(folder.clusters)) for item in ITEMS]


def estimated(s: sv.Sample, folder: Folder, statistic: str, functional: Estimator, hit: np.ndarray | None) -> Any:
    """Estimates from the folder's counts, by the design of a sample."""
    groups, none = pd.DataFrame({"ward": folder.wards}), np.zeros(0, np.int64)
    pieces = [LinearizedItem.of(functional, cells, None, hit) for cells in count(folder, layouts(folder))]
    interval = None if statistic == "mean" else "clustered"
    return assemble(s, statistic, pieces, ITEMS, Grouping(none, none, groups, 0), 0.95, interval)


def nobody(s: sv.Sample) -> sv.Sample:
    """The sample's design, with no rows."""
    structure = replace(s.structure, weights=np.zeros(0), unit=np.zeros(0, np.int64))
    return sv.Sample.of(
        replace(s.responses, data=s.data.head(0), missing=s.responses.missing.head(0)), s.design, structure
    )


def features(counted: np.ndarray) -> np.ndarray:
    return np.stack([np.ones(5), counted, counted**2], axis=1)


def equal(got: Any, expected: Any) -> None:
    numbers = [c for c in expected.table if expected.table[c].dtype.kind in "fi"]
    assert got.table["ward"].tolist() == expected.table["ward"].tolist()
    for column in numbers:
        np.testing.assert_allclose(got.table[column], expected.table[column], rtol=1e-10, atol=1e-12, err_msg=column)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("design", ["clus_only", "strat_clus"])
def test_estimates_by_group_from_batches_are_those_of_the_rows_in_memory(
    rows: pd.DataFrame, folder: Folder, design: str
) -> None:
    s = sv.Sample(rows, **DESIGNS[design])
    bare = nobody(s)
    top = features(np.array([0.0, 0, 0, 1, 1]))
    equal(estimated(bare, folder, "mean", MEAN, features(ANSWERS)), s.mean(ITEMS, by="ward"))
    equal(estimated(bare, folder, "proportion", MEAN, top), s.proportion(ITEMS, levels=[4, 5], by="ward"))
    equal(estimated(bare, folder, "distribution", DISTRIBUTION, None), s.distribution(ITEMS, by="ward"))


def test_a_share_of_nobody_has_the_interval_of_the_rows_in_memory(rows: pd.DataFrame, folder: Folder) -> None:
    """What empty clusters tell is counted from squares of weights, which the cells have too."""
    for file in folder.files:
        file["q1"] = file["q1"].where(file["ward"] != folder.wards[0], 3.0)
    changed = pd.concat(folder.files)
    s = sv.Sample(changed, **DESIGNS["strat_clus"])
    expected = s.proportion(ITEMS, levels=[4, 5], by="ward")
    assert (expected.table["estimate"] == 0).any()
    equal(estimated(nobody(s), folder, "proportion", MEAN, features(np.array([0.0, 0, 0, 1, 1]))), expected)


def test_batches_are_cells_that_add_and_each_source_is_read_once(folder: Folder) -> None:
    asked = []
    batches = Folder.batches

    class Once(Folder):
        def batches(self, items: Sequence[str]) -> Iterator[Batch]:
            asked.append(items)
            return batches(self, items)

    found = count(Once(folder.files, folder.clusters, folder.wards), layouts(folder))
    assert asked == [ITEMS]
    for cells, layout in zip(found, layouts(folder), strict=True):
        one_by_one = reduce(add, (count_batch(layout, batch) for batch in folder.batches(ITEMS)))
        np.testing.assert_array_equal(cells.sums, one_by_one.sums)
        assert cells.n_groups.sum() + cells.n_missing.sum() == sum(map(len, folder.files))


@pytest.mark.parametrize("need", ["calibration", "elements", "replicates"])
def test_where_rows_are_needed_a_source_without_them_says_so(rows: pd.DataFrame, folder: Folder, need: str) -> None:
    s = sv.Sample(rows, **DESIGNS["element" if need == "elements" else "strat_clus"])
    if need != "elements":
        n = len(rows)
        s = s.rake({"sex": {v: n / rows["sex"].nunique() for v in rows["sex"].unique()}})
    if need == "replicates":
        s = s.replicates("bootstrap", n=10, seed=1)
    if need == "elements":
        folder = Folder(folder.files, folder.clusters, folder.wards)
        folder.clusters = list(range(s.structure.units))
        folder.files = [f.assign(cluster=s.structure.unit[f.index]) for f in folder.files]
    with pytest.raises(
        EstimationError, match="This needs respondent-level rows, but the source provides only counts"
    ) as caught:
        estimated(s, folder, "mean", MEAN, features(ANSWERS))
    assert caught.value.where == "q1"
    assert all((caught.value.got, caught.value.expected, caught.value.fix))

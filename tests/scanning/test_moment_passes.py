"""Variances and correlations of numbers of very many values, by moments, beside those of the rows in memory.

Expected values are those of `sv.Sample`, which tests/estimation holds against R.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import survey as sv
from survey.scanning import combined, held, readers
from tests.scanning.test_scan import DESIGN, ENGINES
from tests.scanning.test_scan_models import _rows, same

SMALL = 60_000
"""Bytes, of 1,600 rows: those who are alike in two columns of very many values take 179,200."""


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Numbers far from 0, by ward; someone without one; a ward whose numbers are all the same."""
    made = _rows()
    rng = np.random.default_rng(5)
    made["minutes"] = made["minutes"].where(rng.random(len(made)) > 0.03)
    made["year"] = 2000 + made["minutes"] / 7 + rng.normal(0, 1, len(made))
    made["income"] = 1e9 * (1 + (made["ward"] == "Bình")) + 1e4 * rng.gamma(2, 3, len(made))
    made["same"] = np.where(made["ward"] == "Cẩm", 7.5, rng.random(len(made)))
    return made


@pytest.fixture(scope="module")
def memory(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(sv.Responses(rows), **DESIGN)


@pytest.fixture(scope="module", autouse=True)
def counted_by_moments() -> Any:
    """Batches of 600 rows; more than eight values are very many, and nobody is counted together with others."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("people who are alike were counted")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 600)
        patch.setattr(held, "MOST_VALUES", 8)
        patch.setattr(combined, "alike_sample", refused)
        yield


@pytest.fixture(scope="module")
def arrow(rows: pd.DataFrame) -> sv.Scan:
    return sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **DESIGN, memory=SMALL)


VERBS: dict[str, Callable[[Any], Any]] = {
    "variance": lambda s: s.variance(["minutes", "income", "q3"], by="ward"),
    "variance of a domain": lambda s: s.variance("year", where="age > 30 and trips > 1", level=0.9),
    "covariance": lambda s: s.covariance(["minutes", "year", "income"], by=["ward", "sex"]),
    "correlation": lambda s: s.correlation(["minutes", "year", "income", "trips"]),
    "correlation by group": lambda s: s.correlation(["minutes", "same"], by="ward"),
    "replicates": lambda s: s.replicates("jackknife").correlation(["minutes", "year"], by="ward"),
}


@pytest.mark.sampled
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("verb", VERBS)
def test_moments_are_those_of_the_rows_in_memory(arrow: sv.Scan, memory: sv.Sample, verb: str) -> None:
    same(VERBS[verb](arrow), VERBS[verb](memory))


@pytest.mark.crossed
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.__name__)
def test_moments_of_every_source(engine: Any, rows: pd.DataFrame, memory: sv.Sample, tmp_path: Any) -> None:
    scan = sv.scan(engine(rows, tmp_path), **DESIGN, memory=SMALL)
    items = ["minutes", "year", "income"]
    same(scan.correlation(items, by="ward"), memory.correlation(items, by="ward"))


@pytest.mark.parametrize("lonely", ["adjust", "average", "centered"])
def test_lonely_clusters(rows: pd.DataFrame, lonely: str) -> None:
    alone = rows.assign(psu=rows["psu"].where(rows["stratum"] != "nam", 1))
    design = {**DESIGN, "lonely": lonely}
    scan = sv.scan(pa.Table.from_pandas(alone, preserve_index=False), **design, memory=SMALL)
    memory = sv.Sample(sv.Responses(alone), **design)
    same(scan.covariance(["minutes", "year"]), memory.covariance(["minutes", "year"]))


def test_weights_that_were_raked_in_the_scan(rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"ward": {"An Hòa": 500.0, "Bình": 420, "Cẩm": 110}, "mode": {"phone": 700.0, "face": 330}}
    scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **DESIGN, memory=SMALL).rake(known)
    memory = sv.Sample(sv.Responses(rows), **DESIGN).rake(known)
    same(scan.correlation(["minutes", "year"], by="sex"), memory.correlation(["minutes", "year"], by="sex"))


def test_errors_are_those_of_the_rows_in_memory(arrow: sv.Scan) -> None:
    with pytest.raises(sv.EstimationError, match="at least two items"):
        arrow.correlation("minutes")
    with pytest.raises(sv.EstimationError) as caught:
        arrow.variance(["minutes", "ward"])
    assert caught.value.where == "ward" and caught.value.expected == "numbers"


def test_a_value_among_very_many_is_not_said_to_be_nobodys(
    arrow: sv.Scan, memory: sv.Sample, rows: pd.DataFrame
) -> None:
    """Of a column that is not listed it is not known; somebody has this one."""
    where = f"same == {float(rows['same'].iloc[7])!r} or age > 30"
    for verb in (lambda s: s.variance("minutes", where=where), lambda s: s.mean("q3", where=where)):
        assert verb(arrow).notes == verb(memory).notes


def test_memory_is_known_beforehand(arrow: sv.Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: tables of 12 clusters x (3 + 1) wards x (6 + 1) sums of 8 bytes, three pairs and two for each thread."""
    monkeypatch.setattr(type(arrow), "threads", property(lambda _: 2))
    told = arrow.memory_needed("covariance", ["minutes", "year"], by="ward")
    assert (told.clusters, told.groups, told.answers, told.counted) == (12, 3, (6, 6, 6), "tables")
    assert told.bytes == 12 * 4 * 7 * 8 * (3 + 2 * 2)

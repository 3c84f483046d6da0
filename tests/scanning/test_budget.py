"""Memory is bounded and known beforehand: pairs instead of mostly empty tables, and refusals with the number.

Expected values are those of `sv.Sample` of the same rows, and hand counts of places and bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

import survey as sv
from survey.counting import pairs
from survey.scanning import readers, state

CLUSTERS, WARDS, ROWS = 30, 45, 700
DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu"}
Source = Callable[[pd.DataFrame, Path], Any]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """700 people in 30 clusters and 45 wards, each ward in few clusters; a ward whose people all weigh 0."""
    rng = np.random.default_rng(606)
    psu = rng.integers(0, CLUSTERS, ROWS)
    ward = (psu * 3 // 2 + rng.integers(0, 3, ROWS)) % WARDS
    return pd.DataFrame(
        {
            "psu": psu,
            "stratum": psu % 3,
            "w": np.where(ward == 7, 0.0, rng.uniform(0.5, 4, ROWS)),
            "ward": ward,
            "sex": rng.choice([1.0, 2.0, np.nan], ROWS, p=[0.5, 0.45, 0.05]),
            "q": rng.choice([1.0, 2, 3, 4, 5, np.nan], ROWS),
            "minutes": np.round(rng.gamma(2, 9, ROWS), 4),
            "trips": rng.integers(1, 7, ROWS),
        }
    )


TRIPS = dict.fromkeys(range(1, 7), 150.0)


def parquet(rows: pd.DataFrame, folder: Path) -> Any:
    for i in range(2):
        part = pa.Table.from_pandas(rows.iloc[i::2], preserve_index=False)
        pq.write_table(part, folder / f"{i}.parquet", row_group_size=100)
    return str(folder / "*.parquet")


def text(rows: pd.DataFrame, folder: Path) -> Any:
    csv.write_csv(pa.Table.from_pandas(rows, preserve_index=False), folder / "a.csv")
    return folder / "a.csv"


def duckdb(rows: pd.DataFrame, folder: Path) -> Any:
    return pytest.importorskip("duckdb").connect().read_parquet(parquet(rows, folder))


def polars(rows: pd.DataFrame, folder: Path) -> Any:
    return pytest.importorskip("polars").scan_parquet(parquet(rows, folder))


def dask(rows: pd.DataFrame, folder: Path) -> Any:
    return pytest.importorskip("dask.dataframe").from_pandas(rows, npartitions=3, sort=False)


def table(rows: pd.DataFrame, folder: Path) -> Any:
    return pa.Table.from_pandas(rows, preserve_index=False)


ENGINES: list[Source] = [parquet, text, duckdb, polars, dask, table]


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def source(request: pytest.FixtureRequest, rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return request.param(rows, tmp_path_factory.mktemp(request.param.__name__))


@pytest.fixture
def sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is counted by pairs, in batches of 100 rows."""
    monkeypatch.setattr(pairs, "_DENSE", -1)
    monkeypatch.setattr(state, "mostly_empty", lambda *_: True)
    monkeypatch.setattr(readers, "BATCH", 100)


@pytest.fixture(scope="module")
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(sv.Responses(rows), **DESIGN)


VERBS: dict[str, Callable[[Any], sv.Estimates]] = {
    "mean": lambda s: s.mean(["q", "minutes"], by="ward"),
    "mean by two": lambda s: s.mean("q", by=["ward", "sex"], where="trips > 1"),
    "total": lambda s: s.total(["one", "minutes"], by="ward"),
    "ratio": lambda s: s.ratio("minutes", "trips", by="ward"),
    "proportion": lambda s: s.proportion("q", top=2, by="ward"),
    "distribution": lambda s: s.distribution("q", by="ward"),
    "replicates": lambda s: s.replicates("bootstrap", n=20, seed=3).mean("q", by="ward"),
}


def equal(got: sv.Estimates, expected: sv.Estimates) -> None:
    order = list(got.by)
    one = got.table.sort_values(["item", *order], kind="stable").reset_index(drop=True)
    other = expected.table.sort_values(["item", *order], kind="stable").reset_index(drop=True)
    pd.testing.assert_frame_equal(one, other, rtol=1e-10, atol=1e-12, check_dtype=False)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-9, atol=1e-12)
    assert got.notes == expected.notes


@pytest.mark.parametrize("verb", VERBS)
def test_pairs_give_the_estimates_of_the_rows_in_memory(
    rows: pd.DataFrame, sample: sv.Sample, verb: str, sparse: None, tmp_path: Path
) -> None:
    scan = sv.scan(parquet(rows, tmp_path), **DESIGN)
    assert scan.memory_needed("mean", "q", by="ward").counted == "pairs"
    equal(VERBS[verb](scan), VERBS[verb](sample))


def test_every_source_is_counted_by_pairs(source: Any, sample: sv.Sample, sparse: None) -> None:
    scan = sv.scan(source, **DESIGN)
    equal(scan.mean(["q", "minutes"], by="ward"), sample.mean(["q", "minutes"], by="ward"))


def test_small_budgets_are_refused_on_every_road(source: Any, rows: pd.DataFrame) -> None:
    scan = sv.scan(source, **DESIGN, memory=20_000)
    with pytest.raises(sv.EstimationError, match="counts of this question take more memory") as dense:
        scan.mean("q", by="ward")
    assert "30 clusters x 45 groups x 1 items" in str(dense.value.got)
    with pytest.raises(sv.EstimationError, match="combinations of these columns take more memory") as alike:
        scan.compare("q", by="ward")
    # 20,000 bytes over 8 x (3 x 2 columns + 8) a combination
    assert "more than 178 combinations" in str(alike.value.got) or "GB for" in str(alike.value.got)
    assert len(scan.mean("q").table) == 1  # what fits is counted after what did not


def test_pairs_beyond_the_budget_stop_the_count_with_their_number(source: Any, sparse: None) -> None:
    """A pair takes 8 bytes x 3 copies x (its key and 6 sums): 10,000 bytes are 59 pairs, and 45 groups fit."""
    scan = sv.scan(source, **DESIGN, memory=10_000)
    with pytest.raises(sv.EstimationError, match="counts of this question take more memory") as caught:
        scan.mean("q", by="ward")
    assert len(scan.mean("q").table) == 1  # what fits is counted after what did not
    said = str(caught.value.got)
    assert "pairs of cluster and group" in said
    assert 59 < int(said.split(" for ")[1].split(" ", maxsplit=1)[0]) <= CLUSTERS * WARDS


def test_more_groups_than_fit_are_refused_before_anything_is_counted(rows: pd.DataFrame, sparse: None) -> None:
    scan = sv.scan(pa.Table.from_pandas(rows), **DESIGN, memory=5_000)
    scan.look(["ward", "q"])

    def counted(*_: Any) -> None:
        raise AssertionError("the rows were read")

    object.__setattr__(scan, "passed", counted)
    with pytest.raises(sv.EstimationError, match="more memory than they may") as caught:
        scan.mean("q", by="ward")
    assert "45 pairs" in str(caught.value.got)
    with pytest.raises(sv.EstimationError, match="groups of this question take more memory"):
        scan.mean("q", by=["ward", "minutes"])


def test_what_a_question_takes_is_known_before_it_is_counted(rows: pd.DataFrame, monkeypatch: Any) -> None:
    """By hand: a table of 30 clusters x (45 + 1) groups x (5 + 1) answers of 8 bytes, and two for each thread."""
    monkeypatch.setattr(state.ScanData, "threads", property(lambda _: 2))
    scan = sv.scan(pa.Table.from_pandas(rows), **DESIGN)
    told = scan.memory_needed("mean", "q", by="ward")
    one = CLUSTERS * (WARDS + 1) * (5 + 1) * 8
    assert (told.clusters, told.groups, told.answers, told.counted) == (30, 45, (5,), "tables")
    assert told.bytes == told.least == one * (1 + 2 * 2)
    assert str(told) == "30 clusters x 45 groups x 5 answers: at most 0.000331 GB of 2 GB, by tables"
    shares = scan.memory_needed("proportion", "q", top=2, by="ward")
    assert shares.bytes == 2 * told.bytes  # squares beside
    assert scan.memory_needed("ratio", "minutes", "trips").answers == (6,)
    assert scan.memory_needed("mean", ["q", "minutes"], by=["ward", "sex"]).groups == 90
    people = scan.memory_needed("compare", "q", by="ward")
    assert (people.groups, people.counted) == (6 * 46, "people alike")
    assert people.bytes == ROWS * 8 * (3 * 2 + 8)  # as many as rows: there are more combinations
    assert scan.memory_needed("mean", "q", over=["ward", "sex"]).counted == "people alike"


def test_a_budget_is_what_it_is_told_to_be(rows: pd.DataFrame) -> None:
    scan = sv.scan(pa.Table.from_pandas(rows), **DESIGN)
    needed = scan.memory_needed("mean", "q", by="ward").bytes
    enough = sv.scan(pa.Table.from_pandas(rows), **DESIGN, memory=needed)
    assert len(enough.mean("q", by="ward").table) == WARDS - 1  # the ward that weighs nothing is none
    with pytest.raises(sv.EstimationError, match="more memory"):
        sv.scan(pa.Table.from_pandas(rows), **DESIGN, memory=needed - 1).mean("q", by="ward")


@pytest.mark.parametrize("memory", [0, -1, "2 GB", None, True, float("nan"), 0.5])
def test_a_budget_that_is_no_number_of_bytes_is_refused(rows: pd.DataFrame, memory: Any) -> None:
    with pytest.raises(sv.DesignError, match="whole number of bytes") as caught:
        sv.scan(pa.Table.from_pandas(rows), **DESIGN, memory=memory)
    assert caught.value.where == "memory=..."


def test_a_name_that_is_no_verb_is_refused(rows: pd.DataFrame) -> None:
    scan = sv.scan(pa.Table.from_pandas(rows), **DESIGN)
    with pytest.raises(sv.EstimationError, match="no such verb"):
        scan.memory_needed("average", "q")
    with pytest.raises(sv.EstimationError, match="no such"):
        scan.memory_needed("mean", "absent")


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "replicates"])
@pytest.mark.parametrize("engine", [table, dask], ids=lambda engine: engine.__name__)
def test_weights_that_were_adjusted_are_counted_by_pairs(
    rows: pd.DataFrame, engine: Source, verb: str, sparse: None, tmp_path: Path
) -> None:
    """What they were adjusted by is counted by cells in whole tables beside."""
    known = {"sex": {1: 500.0, 2: 480.0}}
    complete = rows.dropna(subset=["sex"])
    scan = sv.scan(engine(complete, tmp_path), **DESIGN).rake(known).poststratify({"trips": TRIPS})
    memory = sv.Sample(sv.Responses(complete), **DESIGN).rake(known).poststratify({"trips": TRIPS})
    equal(VERBS[verb](scan), VERBS[verb](memory))


def test_what_adjusted_weights_take_is_told(rows: pd.DataFrame, sparse: None) -> None:
    scan = sv.scan(pa.Table.from_pandas(rows.dropna(subset=["sex"])), **DESIGN)
    raked = scan.rake({"sex": {1: 500.0, 2: 480.0}})
    before, after = (s.memory_needed("mean", "q", by="ward") for s in (scan, raked))
    assert before.counted == after.counted == "pairs"
    # a table of 2 cells by the wards, one more and the answers, one more; two more for each thread
    table = 8 * 2 * (before.groups + 1) * (before.answers[0] + 1)
    assert after.least - before.least == after.bytes - before.bytes == table * (1 + 2 * raked.threads)
    replicated = raked.replicates("bootstrap", n=10, seed=1)
    assert replicated.memory_needed("mean", "q", by="ward").counted == "people alike"


def test_an_empty_domain_and_an_empty_column(rows: pd.DataFrame, sparse: None) -> None:
    scan = sv.scan(pa.Table.from_pandas(rows.assign(nothing=np.nan)), **DESIGN)
    with pytest.raises(sv.EstimationError, match="domain is empty"):
        scan.mean("q", by="ward", where="ward == 7 and trips > 0")  # of people who weigh nothing
    with pytest.raises(sv.EstimationError, match="grouping column is empty"):
        scan.mean("q", by="nothing")


def test_one_cluster(rows: pd.DataFrame, sparse: None) -> None:
    alone = rows.assign(psu=1)
    scan = sv.scan(pa.Table.from_pandas(alone), weights="w", psu="psu", lonely="certainty")
    memory = sv.Sample(sv.Responses(alone), weights="w", psu="psu", lonely="certainty")
    equal(scan.mean("q", by="ward"), memory.mean("q", by="ward"))


def test_invariances(rows: pd.DataFrame, sparse: None) -> None:
    """Scale of the weights, order of the rows, percent against share, weights that are all 1."""

    def ask(data: pd.DataFrame, item: str = "q") -> pd.DataFrame:
        found = sv.scan(pa.Table.from_pandas(data), **DESIGN).mean(item, by="ward").table
        return found.sort_values("ward").reset_index(drop=True)

    plain = ask(rows)
    pd.testing.assert_frame_equal(ask(rows.assign(w=rows["w"] * 1e6)), plain, rtol=1e-10)
    pd.testing.assert_frame_equal(ask(rows.sample(frac=1, random_state=2)), plain, rtol=1e-10)
    share = rows.assign(s=(rows["q"] >= 4) * 1.0, p=(rows["q"] >= 4) * 100.0)
    of_percent, of_share = ask(share, "p"), ask(share, "s")
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(of_percent[column], of_share[column] * 100, rtol=1e-10, atol=1e-12)
    ones = sv.Sample(sv.Responses(rows.assign(w=1.0)), weights=None, strata="stratum", psu="psu").mean("q", by="ward")
    pd.testing.assert_frame_equal(ask(rows.assign(w=1.0)), ones.table, rtol=1e-10)

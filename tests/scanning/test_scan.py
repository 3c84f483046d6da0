"""Rows that are counted batch by batch give the estimates of the same rows in memory, whatever reads them.

Expected values are those of `sv.Sample`, which tests/estimation holds against R.
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
from survey.scanning import alike, held, readers
from survey.scanning.columns import Column

DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu", "nest": True}
CODEBOOK = """
title.en = "Test"
[dimensions]
service = {en = "Service", vi = "Phục vụ"}
[variables.q1]
type = "ordinal"
direction = 1
dimension = "service"
scored = true
text.en = "First"
missing.98 = "dont_know"
missing.99 = "refused"
labels.1.en = "a"
labels.2.en = "b"
labels.3.en = "c"
labels.4.en = "d"
labels.5.en = "e"
[variables.q2]
type = "ordinal"
direction = -1
dimension = "service"
scored = true
text.en = "Second"
missing.99 = "refused"
labels.1.en = "a"
labels.2.en = "b"
labels.3.en = "c"
labels.4.en = "d"
labels.5.en = "e"
"""


def survey_rows() -> pd.DataFrame:
    """Uneven clusters in strata, empty cells, codes of non-answers, words in two alphabets, weights of 0."""
    rng = np.random.default_rng(19)
    n = 1_500
    stratum = rng.choice(["bắc", "trung", "nam"], n, p=[0.5, 0.3, 0.2])
    psu = rng.integers(1, 9, n)
    rows = pd.DataFrame(
        {
            "stratum": stratum,
            "psu": psu,
            "clusters_total": pd.Series(stratum).map({"bắc": 29, "trung": 40, "nam": 33}),
            "w": np.where(rng.random(n) < 0.02, 0.0, rng.uniform(0.5, 90, n)),
            "ward": rng.choice(["An Hòa", "Bình", "Cẩm"], n),
            "sex": rng.choice([1.0, 2.0, np.nan], n, p=[0.5, 0.45, 0.05]),
            "age": rng.integers(18, 90, n),
            "minutes": np.round(rng.gamma(2, 9, n), 3),
            "trips": rng.integers(1, 7, n),
            "q1": rng.choice([1, 2, 3, 4, 5, 98, 99], n, p=[0.1, 0.1, 0.2, 0.3, 0.2, 0.06, 0.04]),
            "q2": rng.choice([1, 2, 3, 4, 5, 99, np.nan], n),
        }
    )
    rows.loc[(rows["ward"] == "Cẩm") & (rows["psu"] < 7), "ward"] = "Bình"  # a ward in few clusters
    rows.loc[rows["ward"] == "Cẩm", "q1"] = 5  # a share of 1
    return rows


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """As `survey_rows`."""
    return survey_rows()


@pytest.fixture(scope="module")
def codebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "codebook.toml"
    path.write_text(CODEBOOK, encoding="utf-8")
    return path


def _parts(answers: pd.DataFrame) -> list[pd.DataFrame]:
    return [part for _, part in answers.groupby(np.arange(len(answers)) // 400)]


def parquet(answers: pd.DataFrame, folder: Path) -> Any:
    pq.write_table(pa.Table.from_pandas(answers, preserve_index=False), folder / "a.parquet", row_group_size=200)
    return folder / "a.parquet"


def many_parquet(answers: pd.DataFrame, folder: Path) -> Any:
    for i, part in enumerate(_parts(answers)):
        pq.write_table(pa.Table.from_pandas(part, preserve_index=False), folder / f"{i}.parquet")
    return str(folder / "*.parquet")


def partitions(answers: pd.DataFrame, folder: Path) -> Any:
    for i, part in enumerate(_parts(answers)):
        for sex, rows in part.groupby("trips"):
            (folder / f"trips={sex}").mkdir(exist_ok=True)
            table = pa.Table.from_pandas(rows.drop(columns="trips"), preserve_index=False)
            pq.write_table(table, folder / f"trips={sex}" / f"{i}.parquet")
    return folder


def one_csv(answers: pd.DataFrame, folder: Path) -> Any:
    csv.write_csv(pa.Table.from_pandas(answers, preserve_index=False), folder / "a.csv")
    return folder / "a.csv"


def duckdb_relation(answers: pd.DataFrame, folder: Path) -> Any:
    duckdb = pytest.importorskip("duckdb")
    parquet(answers, folder)
    return duckdb.connect().read_parquet(str(folder / "a.parquet"))


def polars_lazy(answers: pd.DataFrame, folder: Path) -> Any:
    polars = pytest.importorskip("polars")
    parquet(answers, folder)
    return polars.scan_parquet(folder / "a.parquet")


def dask_frame(answers: pd.DataFrame, folder: Path) -> Any:
    frames = pytest.importorskip("dask.dataframe")
    return frames.from_pandas(answers, npartitions=4, sort=False)


def arrow_table(answers: pd.DataFrame, folder: Path) -> Any:
    return pa.Table.from_pandas(answers, preserve_index=False)


ENGINES: list[Callable[[pd.DataFrame, Path], Any]] = [
    parquet,
    many_parquet,
    partitions,
    one_csv,
    duckdb_relation,
    polars_lazy,
    dask_frame,
    arrow_table,
]


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def pair(
    request: pytest.FixtureRequest, answers: pd.DataFrame, codebook: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[sv.Scan, sv.Sample]:
    """A scan in batches of at most 400 rows, and the same rows in memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 400)
        yield scanned_and_kept(request.param, answers, codebook, tmp_path_factory.mktemp(request.param.__name__))


def scanned_and_kept(
    engine: Callable[[pd.DataFrame, Path], Any], answers: pd.DataFrame, codebook: Path, folder: Path
) -> tuple[sv.Scan, sv.Sample]:
    """A scan, and the same rows in memory, cleaned likewise."""
    scan = (
        sv.scan(engine(answers, folder), codebook=codebook, **DESIGN)
        .reverse()
        .score("service")
        .derive("old", "age >= 60")
        .derive("few", "psu <= 3")
    )
    book = sv.Codebook.from_toml(codebook)
    clean = (
        sv.Responses(answers, book)
        .recode_missing()
        .reverse()
        .score("service")
        .derive("old", "age >= 60")
        .derive("few", "psu <= 3")
    )
    return scan, sv.Sample(clean, **DESIGN)


def equal(got: sv.Estimates, expected: sv.Estimates) -> None:
    assert list(got.table.columns) == list(expected.table.columns)
    for column in expected.table:
        if expected.table[column].dtype.kind in "fi" and column not in expected.by:
            np.testing.assert_allclose(
                got.table[column], expected.table[column], rtol=1e-10, atol=1e-12, err_msg=str(column)
            )
        else:
            assert got.table[column].tolist() == expected.table[column].tolist()
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-10, atol=1e-13)
    assert got.notes == expected.notes
    assert got.answers == expected.answers


VERBS: dict[str, Callable[[Any], sv.Estimates]] = {
    "mean": lambda s: s.mean(["q1", "q2"]),
    "mean by text": lambda s: s.mean(["q1", "service"], by="ward"),
    "mean by two": lambda s: s.mean("q2", by=["ward", "sex"]),
    "mean of numbers": lambda s: s.mean(["minutes", "age"], by="sex"),
    "mean in a domain": lambda s: s.mean(["q1", "minutes"], by="ward", where="age < 30 and minutes > 12"),
    "mean in a rare domain": lambda s: s.mean("q1", where="ward == 'Cẩm'"),
    "mean by derived": lambda s: s.mean("q1", by="old", where="q2 >= 2"),
    "mean rescaled": lambda s: s.mean(["q1", "q2"], by="ward", rescale=(0, 100)),
    "total": lambda s: s.total(["one", "minutes", "trips"], by="ward"),
    "ratio": lambda s: s.ratio("minutes", "trips", by=["ward", "sex"], where="age > 25"),
    "top": lambda s: s.proportion(["q1", "q2"], top=2, by="ward"),
    "levels": lambda s: s.proportion("q1", levels=[5], by="ward", where="old == 1"),
    "net": lambda s: s.proportion(["q1", "q2"], net=2, by="sex"),
    "logit": lambda s: s.proportion("q1", top=1, by="ward", interval="logit"),
    "beta": lambda s: s.proportion("q1", top=1, by="ward", interval="beta"),
    "distribution": lambda s: s.distribution(["q1", "q2"], by="ward"),
    "distribution of text": lambda s: s.distribution("ward", by="sex"),
}


COLUMNS = {part: ["q1"] if i % 2 else ["q2"] for i, part in enumerate(sv.read_scheme("sipas").leaves)}
VERBS |= {
    "mean side by side": lambda s: s.mean(["q1", "q2"], over=["ward", ["sex", "old"], "everyone"]),
    "total side by side": lambda s: s.total(["one", "trips"], over=["ward", "sex"]),
    "ratio side by side": lambda s: s.ratio("q1", "trips", over=["ward", "sex"]),
    "share side by side": lambda s: s.proportion("q1", top=2, over=["ward", "sex"], by="trips"),
    "distribution side by side": lambda s: s.distribution("q1", over=["ward", "sex"], where="old == 1"),
    "compare": lambda s: s.compare(["q1", "q2"], by="ward", against="rest", adjust="max-t"),
    "compare shares": lambda s: s.compare("q1", by="ward", top=2, where="old == 1"),
    "compare distributions": lambda s: s.compare("q1", by="sex", statistic="distribution"),
    "cliff": lambda s: s.compare("q1", by="sex", effect="cliff_delta"),
    "frequencies": lambda s: s.frequencies(["q1", "q2"], by="ward", where="old == 1"),
    "bounds": lambda s: s.bounds("q1", top=2, by="ward"),
    "index": lambda s: s.index("sipas", columns=COLUMNS, by="ward"),
    "effect": lambda s: s.effect("q1", "few", "old", "psu", permutations=99, seed=1),
    "bootstrap": lambda s: s.replicates("bootstrap", n=50, seed=3).mean(["q1", "minutes"], by="ward"),
    "bootstrap compared": lambda s: s.replicates("bootstrap", n=50, seed=3).compare("q1", by="ward"),
    "jackknife": lambda s: s.replicates("jackknife").proportion("q1", top=2, by="ward"),
    "jackknife of a ratio": lambda s: s.replicates("jackknife").ratio("minutes", "trips"),
    "replicates unused": lambda s: s.replicates("jackknife").distribution("q1", variance="taylor"),
}


@pytest.mark.crossed
@pytest.mark.parametrize("verb", VERBS)
def test_estimates_are_those_of_the_rows_in_memory(pair: tuple[sv.Scan, sv.Sample], verb: str) -> None:
    scan, sample = pair
    equal(VERBS[verb](scan), VERBS[verb](sample))


def test_contrasts_are_those_of_the_rows_in_memory(pair: tuple[sv.Scan, sv.Sample]) -> None:
    scan, sample = pair
    got, expected = (s.mean(["q1", "q2"], by="ward").pairwise().table for s in (scan, sample))
    for column in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
        np.testing.assert_allclose(got[column], expected[column], rtol=1e-10, atol=1e-12)


TESTS: dict[str, Callable[[Any], Any]] = {
    "trend": lambda s: s.trend("q1", by="trips"),
    "t_test": lambda s: s.t_test("q1", by="old"),
    "gap": lambda s: s.gap("q1", "q2", by="ward"),
    "independence": lambda s: s.independence("q1", "ward"),
    "rank_test": lambda s: s.rank_test("q1", by="ward"),
    "item_response": lambda s: s.item_response(["q1", "q2"], by="ward"),
}


@pytest.mark.parametrize("verb", TESTS)
def test_tests_and_denominators_are_those_of_the_rows_in_memory(pair: tuple[sv.Scan, sv.Sample], verb: str) -> None:
    got, expected = (TESTS[verb](s) for s in pair)
    got, expected = (getattr(one, "table", one) for one in (got, expected))
    assert len(expected) > 0
    pd.testing.assert_frame_equal(got, expected, rtol=1e-10, atol=1e-12)


def test_without_clusters_a_scan_says_that_it_needs_rows(answers: pd.DataFrame) -> None:
    with pytest.raises(sv.DesignError, match="needs one column of clusters") as caught:
        sv.scan(pa.Table.from_pandas(answers), weights="w")
    assert "into memory" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("verb", "given"), [("trim", {"median": 3}), ("replicate", {"statistic": np.sum}), ("weight_distribution", {})]
)
def test_verbs_that_need_rows_say_so(answers: pd.DataFrame, verb: str, given: dict[str, Any]) -> None:
    scanned = sv.scan(pa.Table.from_pandas(answers), **DESIGN)
    with pytest.raises(sv.EstimationError, match="has no rows") as caught:
        getattr(scanned, verb)(**given)
    assert verb in str(caught.value)
    with pytest.raises(AttributeError):
        _ = scanned.nothing_of_this_name


def test_counts_beyond_the_budget_are_refused_with_the_number(answers: pd.DataFrame) -> None:
    """24 clusters x (72 ages + 1) x (7 answers + 1), 8 bytes each: 112 kB a table, and several tables at a time."""
    scan = sv.scan(pa.Table.from_pandas(answers), **DESIGN, memory=112_000)
    with pytest.raises(sv.EstimationError, match="more memory than they may") as caught:
        scan.mean("q1", by="age")
    assert "24 clusters x 72 groups x 1 items" in str(caught.value.got)
    assert len(scan.mean("q1", by="ward").table) == 3


def test_combinations_beyond_the_budget_are_refused(answers: pd.DataFrame) -> None:
    scan = sv.scan(pa.Table.from_pandas(answers), **DESIGN, memory=100_000)
    with pytest.raises(sv.EstimationError, match="combinations of these columns take more memory"):
        scan.compare("age", by="ward")
    assert len(scan.compare("q1", by="sex").table) == 1


def test_a_condition_that_is_no_expression_is_refused(answers: pd.DataFrame) -> None:
    scan = sv.scan(pa.Table.from_pandas(answers), **DESIGN)
    with pytest.raises(sv.EstimationError, match="condition as an expression"):
        scan.mean("q1", where=np.ones(len(answers), bool))
    with pytest.raises(sv.EstimationError, match="domain is empty"):
        scan.mean("q1", where="age > 200")


def test_a_damaged_file_among_good_ones_is_named(answers: pd.DataFrame, tmp_path: Path) -> None:
    many_parquet(answers, tmp_path)
    scan = sv.scan(str(tmp_path / "*.parquet"), **DESIGN)
    whole = (tmp_path / "2.parquet").read_bytes()
    (tmp_path / "2.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(sv.ReadError) as caught:
        scan.mean("q1")
    assert "2.parquet" in str(caught.value.where)


def test_text_where_numbers_were_is_named_and_narrower_numbers_are_fine(answers: pd.DataFrame, tmp_path: Path) -> None:
    first, second, *_ = _parts(answers)
    pq.write_table(pa.Table.from_pandas(first, preserve_index=False), tmp_path / "a.parquet")
    pq.write_table(pa.Table.from_pandas(second.astype({"q1": "int8"}), preserve_index=False), tmp_path / "b.parquet")
    both = pd.concat([first, second])
    got = sv.scan(tmp_path, **DESIGN).mean("q1").table
    np.testing.assert_allclose(got["estimate"], sv.Sample(both, **DESIGN).mean("q1").table["estimate"], rtol=1e-12)
    words = second.assign(q1="good")
    pq.write_table(pa.Table.from_pandas(words, preserve_index=False), tmp_path / "b.parquet")
    with pytest.raises(sv.ReadError) as caught:
        sv.scan(tmp_path, **DESIGN).mean("q1")
    assert "b.parquet" in str(caught.value.where)


def test_a_file_that_is_named_twice_is_not_counted_twice(answers: pd.DataFrame, tmp_path: Path) -> None:
    path = parquet(answers, tmp_path)
    with pytest.raises(sv.ReadError, match="counted twice"):
        sv.scan([path, path], **DESIGN)


def test_no_file_of_a_scan_is_replaced_by_what_is_made_from_it(
    answers: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answers.iloc[:700].to_csv("a.csv", index=False)
    answers.iloc[700:].to_csv("b.csv", index=False)
    figure = sv.figures.intervals(sv.scan(["a.csv", "b.csv"], **DESIGN).mean("q1"))
    before = Path("b.csv").read_bytes()
    with pytest.raises(sv.ExportError, match="input and would be overwritten"):
        sv.export(figure, "b", formats=["csv"])
    assert Path("b.csv").read_bytes() == before
    assert sv.export(figure, "c", formats=["csv"])


def test_a_copy_of_a_file_is_not_counted_twice(answers: pd.DataFrame, tmp_path: Path) -> None:
    first, second, *_ = _parts(answers)
    empty = pa.Table.from_pandas(first.iloc[:0], schema=pa.Schema.from_pandas(first, preserve_index=False))
    for name, table in {"a": first, "b": second}.items():
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), tmp_path / f"{name}.parquet")
    for name in ("c", "d"):  # parts without rows are the same, and nothing
        pq.write_table(empty, tmp_path / f"{name}.parquet")
    got = sv.scan(tmp_path, **DESIGN).mean("q1").table["estimate"]
    expected = sv.Sample(pd.concat([first, second]), **DESIGN).mean("q1").table["estimate"]
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    (tmp_path / "e.parquet").write_bytes((tmp_path / "a.parquet").read_bytes())
    with pytest.raises(sv.ReadError, match="same bytes") as caught:
        sv.scan(tmp_path, **DESIGN)
    assert "a.parquet" in str(caught.value.got) and "e.parquet" in str(caught.value.got)


def test_a_query_is_read_and_a_connection_alone_is_refused(answers: pd.DataFrame, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = parquet(answers, tmp_path)
    connection = duckdb.connect()
    query = f"select * from read_parquet('{path}') where psu < 5"
    got = sv.scan(connection, query=query, **DESIGN).mean("q1", by="ward")
    expected = sv.Sample(answers[answers["psu"] < 5], **DESIGN).mean("q1", by="ward")
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-9, atol=1e-14)
    with pytest.raises(sv.ReadError, match="names no table"):
        sv.scan(connection, **DESIGN)


def _both(rows: pd.DataFrame, table: pa.Table | None = None, codebook: Path | None = None) -> tuple[sv.Scan, sv.Sample]:
    table = pa.Table.from_pandas(rows, preserve_index=False) if table is None else table
    book = sv.Codebook() if codebook is None else sv.Codebook.from_toml(codebook)
    memory = sv.Sample(sv.Responses(rows, book).recode_missing(), weights="w", psu="psu")
    return sv.scan(table, codebook=codebook, weights="w", psu="psu"), memory


def test_dates_are_groups(answers: pd.DataFrame) -> None:
    rows = answers.assign(day=pd.Timestamp("2026-11-30") + pd.to_timedelta(answers["trips"], unit="D"))
    scan, sample = _both(rows)
    equal(scan.mean("q1", by=["day", "ward"]), sample.mean("q1", by=["day", "ward"]))
    equal(scan.compare("q1", by="day", top=2), sample.compare("q1", by="day", top=2))
    with pytest.raises(sv.EstimationError, match="Dates are not counted"):
        sv.count_cells(scan, "q1", by="day")
    drawn = sv.scan(pa.Table.from_pandas(rows), weights="w", psu="day")
    with pytest.raises(sv.EstimationError, match="Dates are not counted"):
        sv.count_cells(drawn, "q1")


@pytest.mark.parametrize("places", [1, 2**16])
def test_more_columns_than_one_number_can_tell_apart(
    answers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, places: int
) -> None:
    """Twenty columns have more combinations than 8 bytes: they stand in several keys."""
    columns = ["q1", "q2", "ward", "sex", "trips", "minutes"]
    scan, sample = _both(answers)
    monkeypatch.setattr(alike, "_PLACES", places)
    monkeypatch.setattr(alike, "EXACT", 2**8)
    coded = {name: Column.row_by_row(name, answers[name].drop_duplicates()) for name in columns}
    first, further = alike.AlikePass(scan.steps, scan.design, scan.clusters, coded)._keys
    assert len(further) > 1 and [*first, *(n for names in further for n in names)] == columns
    ask: list[Callable[[Any], Any]] = [
        lambda s: s.linear("q1 ~ C(ward) + C(sex) + trips + minutes + q2").table,
        lambda s: s.compare("q1", by="ward", where="sex == 1 and trips > 1").table,
        lambda s: s.quantile("minutes", by="ward").table,
    ]
    for question in ask:
        pd.testing.assert_frame_equal(question(scan), question(sample), rtol=1e-10, atol=1e-12)


def test_ids_beyond_what_numbers_with_a_sign_hold(answers: pd.DataFrame) -> None:
    ids = np.array([2**63 + 5 - i for i in range(9)], np.uint64)  # on both sides of 2^63, in no order
    rows = answers.assign(psu=ids[answers["psu"].to_numpy()])
    scan, sample = _both(rows)
    equal(scan.mean("q1", by="ward"), sample.mean("q1", by="ward"))
    for by in ("psu", ["ward", "psu"]):  # in floating point they would be one
        with pytest.raises(sv.EstimationError, match="told apart"):
            scan.mean("q1", by=by)
    with pytest.raises(sv.EstimationError, match="told apart"):
        scan.compare("q1", by="psu")


def test_infinite_numbers_are_no_groups_and_no_answers(answers: pd.DataFrame) -> None:
    """They were groups of a mean, and of other verbs numbers "of so many digits", to be written as text."""
    ask: list[Callable[[Any], Any]] = [
        lambda s: s.mean("q1", by="rate"),
        lambda s: s.compare("q1", by="rate"),
        lambda s: s.quantile("rate", by="ward"),
    ]
    for one in _both(answers.assign(rate=np.where(answers["trips"] == 1, np.inf, 2.0))):
        for question in ask:
            with pytest.raises(sv.EstimationError, match="holds infinite numbers") as caught:
                question(one)
            assert caught.value.where == "rate"


def test_infinite_numbers_among_very_many(answers: pd.DataFrame) -> None:
    """Of both signs, which cancelled in the sum of the first pass."""
    rate = np.arange(len(answers)) / 7.0
    rate[[3, 1_400]] = np.inf, -np.inf
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "MOST_VALUES", 1_000)
        for one in _both(answers.assign(rate=rate)):
            with pytest.raises(sv.EstimationError, match="holds infinite numbers"):
                one.mean("rate", by="ward")


def test_views_of_texts_are_texts(answers: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(answers.assign(psu=answers["psu"].astype(str)), preserve_index=False)
    table = table.set_column(table.schema.get_field_index("psu"), "psu", table["psu"].cast(pa.string_view()))
    scan, sample = _both(answers, table)
    equal(scan.mean("q1", by="ward"), sample.mean("q1", by="ward"))


def test_reasons_stand_beside_shares_where_anybody_gave_them(answers: pd.DataFrame, codebook: Path) -> None:
    """Outside of the domain, too; an item of which other reasons alone are known has shares of 0, not none."""
    scan, sample = _both(answers, codebook=codebook)
    for where in ("q1 >= 3", "q1 == 5"):
        got, expected = (s.proportion(["q1", "q2"], top=2, by="ward", where=where) for s in (scan, sample))
        assert {"dont_know", "refused"} <= set(expected.table.columns)
        equal(got, expected)


def test_one_answer_alone_is_told_and_none_has_no_mean(answers: pd.DataFrame) -> None:
    rows = answers.assign(option=np.where(answers["age"] < 40, 1.0, np.nan), none=np.nan)
    scan, sample = _both(rows)
    equal(scan.mean("option", by="ward"), sample.mean("option", by="ward"))
    assert any("one answer only" in note for note in sample.mean("option", by="ward").notes)
    equal(scan.compare("option", by="ward"), sample.compare("option", by="ward"))
    equal(scan.total(["none", "trips"], by="ward"), sample.total(["none", "trips"], by="ward"))
    cells = sv.count_cells(scan, "option", by="ward")
    equal(cells.mean("option", by="ward"), sample.mean("option", by="ward"))


def _csv_design(folder: Path, **more: Any) -> tuple[Any, dict[str, Any]]:
    return str(folder / "*.csv"), {"weights": "w", "psu": "psu"} | more


def test_cells_of_csv_are_what_reading_makes_of_them(answers: pd.DataFrame, tmp_path: Path) -> None:
    """Ids with leading zeros, words of truth, blanks, "NA" with and without quotes, text far below numbers."""
    rows = answers.assign(
        psu=np.where(answers["psu"] == 1, "01", answers["psu"].astype(str)),  # 01 and 1 are two clusters
        late=np.where(np.arange(len(answers)) < 1_400, "7", "không rõ"),
        truth=np.where(answers["sex"] == 1, "true", "false"),
        blank=answers["trips"].map({1: "  ", 2: "NA", 3: '"NA"'}).fillna("x"),
    )
    rows.loc[::5, "psu"] = "1"
    lines = [",".join(rows.columns)]
    lines += [",".join("" if pd.isna(cell) else str(cell) for cell in row) for row in rows.itertuples(index=False)]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    source, design = _csv_design(tmp_path)
    sample = sv.Sample(sv.read(tmp_path / "a.csv").data, **design)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 400)
        scan = sv.scan(source, **design)
        assert {"01", "1"} <= set(scan.clusters.drawn["psu"])
        for by in ("truth", "blank", "late", "ward"):
            equal(scan.mean("minutes", by=by), sample.mean("minutes", by=by))
        equal(scan.distribution("late"), sample.distribution("late"))
        equal(scan.compare("trips", by="truth"), sample.compare("trips", by="truth"))


def test_files_of_csv_of_which_one_has_lost_its_zeros_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("psu,w\n01,1\n02,1\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("psu,w\n1,1\n2,1\n3,1\n", encoding="utf-8")
    source, design = _csv_design(tmp_path)
    with pytest.raises(sv.ReadError, match="numbers in one file and text in another") as caught:
        sv.scan(source, **design)
    assert "b.csv" in str(caught.value.where)


def test_numbers_of_many_values_are_asked_for_again(answers: pd.DataFrame) -> None:
    """By a group that nobody asked for before."""
    scan, sample = _both(answers)
    for by in ("ward", "trips"):
        equal(scan.mean("minutes", by=by), sample.mean("minutes", by=by))


def test_one_cluster_alone_says_nothing_of_the_spread(answers: pd.DataFrame) -> None:
    """Where each group has one respondent, too."""
    rows = answers.head(3).assign(psu=1, group=["a", "b", "c"], q1=[1, 3, 5])
    sample = sv.Sample(rows, weights="w", psu="psu", lonely="adjust")
    scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), weights="w", psu="psu", lonely="adjust")
    expected = sample.mean("q1", by="group")
    assert expected.table["std_error"].isna().all()
    equal(scan.mean("q1", by="group"), expected)
    equal(sv.count_cells(scan, "q1", by="group").mean("q1", by="group"), expected)

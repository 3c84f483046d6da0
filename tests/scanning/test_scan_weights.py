"""Scans that are weighted to known totals: as samples in memory, and as R where R has the same numbers.

Expected values are those of `sv.Sample`, which tests/weighting holds against R, and R's own (reference/weighting.json).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import survey as sv
from survey.scanning import held, readers
from tests.scanning import test_scan_models as models
from tests.scanning.test_scan import CODEBOOK, DESIGN, ENGINES, TESTS, VERBS, arrow_table, equal, scanned_and_kept
from tests.scanning.test_scan import survey_rows as unweighted_rows
from tests.weighting.test_calibrate_r import CALIBRATIONS, DESIGNS, holds

WARDS = {"An Hòa": 30_000, "Bình": 40_000, "Cẩm": 5_000}
SEX_BY_AGE = {(1, 0): 20_000, (1, 1): 15_000, (2, 0): 22_000, (2, 1): 10_000, (3, 0): 4_000, (3, 1): 4_000}
MARGINS: Any = {"ward": WARDS, ("sex", "old"): SEX_BY_AGE}
Weigher = Callable[[Any], Any]
WEIGHERS: dict[str, Weigher] = {
    "rake": lambda s: s.rake(MARGINS),
    "rake between bounds": lambda s: s.rake(MARGINS, bounds=(0.7, 3.4)),
    "rake within": lambda s: s.rake(
        {("old", "ward"): {(o, w): n / 2 for o in (0, 1) for w, n in WARDS.items()}}, within="old"
    ),
    "rake shares": lambda s: s.rake({"ward": {w: n / 75_000 for w, n in WARDS.items()}}, total=75_000),
    "poststratify": lambda s: s.poststratify({("sex", "old"): SEX_BY_AGE}),
    "linear": lambda s: s.calibrate(MARGINS),
    "logit": lambda s: s.calibrate(MARGINS, method="logit", bounds=(0.4, 5)),
    "a number of few values": lambda s: s.calibrate({"ward": WARDS, "trips": 240_000}, method="raking"),
    "twice": lambda s: s.poststratify({"ward": WARDS}).rake({("sex", "old"): SEX_BY_AGE}),
    "after replicates": lambda s: s.replicates("bootstrap", n=40, seed=3).rake({"ward": WARDS}),
}


def survey_rows() -> pd.DataFrame:
    """Rows that have all a sex, but for two that weigh nothing."""
    rows = unweighted_rows()
    rows["sex"] = rows["sex"].fillna(3.0)
    rows.loc[rows.index[rows["w"] == 0][:2], "sex"] = np.nan
    return rows


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[sv.Scan, sv.Sample]]:
    """A scan in batches of at most 400 rows, and the same rows in memory; neither is weighted."""
    yield from both(request.param, tmp_path_factory.mktemp(request.param.__name__))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sv.Scan, sv.Sample]]:
    """The same of an Arrow table alone."""
    yield from both(arrow_table, tmp_path_factory.mktemp("table"))


def both(engine: Any, folder: Path) -> Iterator[tuple[sv.Scan, sv.Sample]]:
    (folder / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 400)
        yield scanned_and_kept(engine, survey_rows(), folder / "codebook.toml", folder)


@pytest.fixture(scope="module")
def raked(tables: tuple[sv.Scan, sv.Sample]) -> tuple[sv.Scan, sv.Sample]:
    scan, sample = tables
    return scan.rake(MARGINS), sample.rake(MARGINS)


@pytest.mark.parametrize("verb", ["mean in a domain", "top", "distribution", "ratio", "compare", "jackknife"])
@pytest.mark.crossed
def test_every_source_gives_the_estimates_of_the_rows_in_memory(pair: tuple[sv.Scan, sv.Sample], verb: str) -> None:
    scan, sample = (s.rake(MARGINS) for s in pair)
    equal(VERBS[verb](scan), VERBS[verb](sample))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.sampled
def test_every_verb_after_raking_is_that_of_the_rows_in_memory(raked: tuple[sv.Scan, sv.Sample], verb: str) -> None:
    scan, sample = raked
    equal(VERBS[verb](scan), VERBS[verb](sample))


@pytest.mark.parametrize("verb", TESTS)
def test_tests_after_raking_are_those_of_the_rows_in_memory(raked: tuple[sv.Scan, sv.Sample], verb: str) -> None:
    got, expected = (getattr(one := TESTS[verb](s), "table", one) for s in raked)
    pd.testing.assert_frame_equal(got, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("way", WEIGHERS)
def test_every_way_to_weight_is_that_of_the_rows_in_memory(tables: tuple[sv.Scan, sv.Sample], way: str) -> None:
    scan, sample = (WEIGHERS[way](s) for s in tables)
    for verb in ("mean by two", "top"):
        equal(VERBS[verb](scan), VERBS[verb](sample))
    assert scan.design.describe() == sample.design.describe()
    got, expected = scan.calibration, sample.calibration
    pd.testing.assert_frame_equal(got.margins, expected.margins, rtol=1e-9, atol=1e-12)
    pd.testing.assert_series_equal(got.moved, expected.moved, rtol=1e-10)
    for name in ("method", "before", "after", "iterations", "bounds"):
        assert getattr(got, name) == getattr(expected, name)
    np.testing.assert_allclose(
        [got.scale, got.deff_before, got.deff_after],
        [expected.scale, expected.deff_before, expected.deff_after],
        rtol=1e-10,
    )
    pd.testing.assert_frame_equal(scan.margin_gaps().table, sample.margin_gaps().table, rtol=1e-10, atol=1e-12)


@pytest.fixture(scope="module")
def raked_waves(tmp_path_factory: pytest.TempPathFactory) -> tuple[sv.Scan, sv.Sample]:
    rows, book = models._rows(), tmp_path_factory.mktemp("book") / "codebook.toml"
    book.write_text(CODEBOOK, encoding="utf-8")
    known = {"ward": WARDS, "trips": dict.fromkeys(range(1, 7), 12_500)}
    scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), codebook=book, **DESIGN)
    clean = sv.Responses(rows, sv.Codebook.from_toml(book)).recode_missing()
    return models._prepared(scan).rake(known), sv.Sample(models._prepared(clean), **DESIGN).rake(known)


@pytest.mark.parametrize("verb", models.VERBS)
@pytest.mark.sampled
@pytest.mark.filterwarnings("ignore:invalid value encountered in divide:RuntimeWarning")
def test_models_and_waves_after_raking_are_those_of_the_rows_in_memory(
    raked_waves: tuple[sv.Scan, sv.Sample], verb: str
) -> None:
    scan, sample = raked_waves
    models.same(models.VERBS[verb](scan), models.VERBS[verb](sample))


@pytest.mark.parametrize(
    "what",
    ["poststratify", "poststratify_cells", "linear", "raking", "raking_bounded", "linear_trips", "raking_in_ward"],
)
@pytest.mark.parametrize("design", ["strat_clus", "strat_clus_fpc", "clus_only"])
@pytest.mark.crossed
def test_estimates_after_calibration_are_those_of_r(rows: pd.DataFrame, design: str, what: str) -> None:
    """R `survey` 4.1-1, reference/weighting.json."""
    scan = CALIBRATIONS[what](sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **DESIGNS[design]))
    holds(scan, f"{design}/{what}")


def test_people_who_weigh_nothing_may_be_in_no_cell() -> None:
    """Also where rows of weight 0 stand apart, as people who are asked again do: no category, or one without target."""
    rows = models._rows()
    idle = rows.index[rows["w"] == 0]
    rows.loc[idle[:2], "ward"] = None
    rows.loc[idle[2:4], "ward"] = "Dương"
    scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **DESIGN).rake({"ward": WARDS})
    sample = sv.Sample(rows, **DESIGN).rake({"ward": WARDS})
    models.same(scan.change("q3", person="person"), sample.change("q3", person="person"))


FAULTS: dict[str, Weigher] = {
    "a category without a target": lambda s: s.rake({"ward": {"An Hòa": 30_000, "Bình": 40_000}}),
    "a category without respondents": lambda s: s.rake({"ward": WARDS | {"Dương": 10}}),
    "a target of 0": lambda s: s.poststratify({"ward": WARDS | {"Cẩm": 0}}),
    "two margins": lambda s: s.poststratify({"ward": WARDS, "old": {0: 1, 1: 74_999}}),
    "margins that disagree": lambda s: s.rake({"ward": WARDS, "old": {0: 1, 1: 2}}),
    "no such column": lambda s: s.rake({"wart": WARDS}),
    "bounds without room": lambda s: s.rake({"ward": WARDS, "old": {0: 100, 1: 74_900}}, bounds=(0.9, 1.1)),
    "too few iterations": lambda s: s.rake({"ward": WARDS, "old": {0: 45_000, 1: 30_000}}, max_iterations=1),
    "no method": lambda s: s.calibrate({"ward": WARDS}, method="guess"),
    "no targets": lambda s: s.rake(3),
    "a cell in one cluster": lambda s: s.replicates("jackknife").rake(IN_CLUSTERS),
    "a cell in one cluster, then replicates": lambda s: s.rake(IN_CLUSTERS).replicates("jackknife"),
}
IN_CLUSTERS: Any = {("stratum", "psu"): {(s, p): 50.0 for s in ("bắc", "trung", "nam") for p in range(1, 9)}}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_weighted_is_the_error_of_the_rows_in_memory(
    tables: tuple[sv.Scan, sv.Sample], fault: str
) -> None:
    told = []
    for one in tables:
        with pytest.raises(sv.SurveyError) as caught:
            FAULTS[fault](one)
        told.append((type(caught.value), str(caught.value)))
    assert told[0] == told[1]


def test_respondents_without_a_category_are_counted(tables: tuple[sv.Scan, sv.Sample]) -> None:
    """Rows are numbered in memory alone."""
    scan, sample = tables
    said = []
    for one in (scan, sample):
        with pytest.raises(sv.TargetsError, match="no category for a margin") as caught:
            one.rake({"q2": dict.fromkeys([1, 2, 3, 4, 5], 15_000)})
        said.append(caught.value)
    assert said[0].got == said[1].got
    assert said[0].where == "margin q2"
    negative = []
    for one in (scan, sample):
        with pytest.raises(sv.ConvergenceError, match="not positive") as failed:
            one.calibrate({"ward": WARDS, "old": {0: 100, 1: 74_900}})
        negative.append(failed.value)
    assert str(negative[0].got) == str(negative[1].got).split(" from ")[0] == "558 weights"
    assert negative[0].fix == negative[1].fix


def test_a_sum_of_positive_numbers_that_should_be_0_is_one_clear_error(tables: tuple[sv.Scan, sv.Sample]) -> None:
    for one in tables:
        with pytest.raises(sv.ConvergenceError, match="contradict"):
            one.calibrate({"ward": WARDS, "trips": 0})


def test_what_needs_rows_after_weighting_is_refused(raked: tuple[sv.Scan, sv.Sample]) -> None:
    scan, _ = raked
    with pytest.raises(sv.TargetsError, match="Households"):
        scan.rake(MARGINS, unit="psu")
    with pytest.raises(sv.EstimationError, match="reversed before"):
        scan.reverse()
    for column in ("w_final", "w_final * 2"):
        with pytest.raises(sv.EstimationError, match=r"no column|no such column"):
            scan.mean("q1", where=f"{column} > 3")
    with pytest.raises(sv.EstimationError, match=r"no column|no such column"):
        scan.compare("w_final", by="ward")


@pytest.mark.parametrize("way", ["rake", "twice", "a number of few values"])
def test_cells_of_a_weighted_scan_know_what_it_was_weighted_to(
    tables: tuple[sv.Scan, sv.Sample], tmp_path: Path, way: str
) -> None:
    scan, sample = (WEIGHERS[way](s) for s in tables)
    sv.count_cells(scan, ["q1", "minutes"], ["ward", "sex"]).save(tmp_path / "cells.parquet")
    cells = sv.load_cells(tmp_path / "cells.parquet")
    for verb in ("mean", "total"):
        equal(getattr(cells, verb)(["q1", "minutes"], by="ward"), getattr(sample, verb)(["q1", "minutes"], by="ward"))
    equal(cells.distribution("q1", where="ward == 'Bình'"), sample.distribution("q1", where="ward == 'Bình'"))


def test_means_of_numbers_of_very_many_values_after_raking() -> None:
    """No list of values is kept of them, so that they are counted by their sums."""
    rows = survey_rows().dropna(subset="sex")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "MOST_VALUES", 100)
        patch.setattr(readers, "BATCH", 400)
        scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **DESIGN).rake({"ward": WARDS})
        sample = sv.Sample(rows, **DESIGN).rake({"ward": WARDS})
        equal(scan.mean(["minutes", "q1"], by="sex"), sample.mean(["minutes", "q1"], by="sex"))
        equal(scan.ratio("minutes", "trips", by="ward"), sample.ratio("minutes", "trips", by="ward"))


def test_numbers_of_very_many_values_are_no_margins() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "MOST_VALUES", 100)
        scan = sv.scan(pa.Table.from_pandas(unweighted_rows(), preserve_index=False), **DESIGN)
        with pytest.raises(sv.TargetsError, match="columns of few values") as caught:
            scan.calibrate({"ward": WARDS, "minutes": 1_500_000})
    assert "minutes" in str(caught.value.got)


def test_base_weights_may_be_asked_for_after_raking(raked: tuple[sv.Scan, sv.Sample]) -> None:
    """The weights of respondents who are alike stand in a column of their own."""
    scan, sample = raked
    equal(scan.mean("q1", where="w > 40", by="ward"), sample.mean("q1", where="w > 40", by="ward"))
    equal(scan.derive("heavy", "w > 40").total("one", by="heavy"), _derived(sample, "heavy", "w > 40"))


def _derived(sample: sv.Sample, name: str, expression: str) -> sv.Estimates:
    responses = sample.responses.derive(name, expression)
    return sv.Sample(responses, **DESIGN).rake(MARGINS, into="again").total("one", by=name)


def test_rows_that_count_once_may_be_raked() -> None:
    rows = survey_rows().dropna(subset="sex")
    design = {**DESIGN, "weights": None}
    scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **design).poststratify({"ward": WARDS})
    sample = sv.Sample(rows, **design).poststratify({"ward": WARDS})
    equal(scan.mean("q1", by="sex"), sample.mean("q1", by="sex"))
    assert scan.design.describe() == sample.design.describe()
    assert scan.calibration.before == sample.calibration.before


def test_a_scan_that_was_never_weighted_has_no_record(tables: tuple[sv.Scan, sv.Sample]) -> None:
    with pytest.raises(sv.DesignError, match="have not been calibrated"):
        _ = tables[0].calibration
    pd.testing.assert_frame_equal(
        tables[0].margin_gaps({"ward": WARDS}).table, tables[1].margin_gaps({"ward": WARDS}).table
    )


def test_weighted_rows_are_written_as_they_were_with_their_weights(
    pair: tuple[sv.Scan, sv.Sample], tmp_path: Path
) -> None:
    scan, sample = (s.rake(MARGINS) for s in pair)
    path = scan.write(tmp_path / "made" / "weighted.parquet")
    written = pd.read_parquet(path)
    assert list(written.columns) == [*scan.steps.raw, "w_final"]
    order = np.lexsort([sample.data[c] for c in ("minutes", "w")])
    own = np.lexsort([written[c] for c in ("minutes", "w")])  # rows of partitions stand in another order
    np.testing.assert_allclose(written["w_final"].to_numpy()[own], sample.weights[order], rtol=1e-10)
    kept = unweighted_rows().assign(sex=survey_rows()["sex"]).iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        written.iloc[own].reset_index(drop=True)[list(kept.columns)], kept, check_dtype=False, check_categorical=False
    )
    assert [p.name for p in path.parent.iterdir()] == ["weighted.parquet"]


def test_keys_and_weights_alone_are_written(raked: tuple[sv.Scan, sv.Sample], tmp_path: Path) -> None:
    scan, sample = raked
    written = pd.read_parquet(scan.write(tmp_path / "w.parquet", columns=["psu", "stratum"]))
    assert list(written.columns) == ["psu", "stratum", "w_final"]
    np.testing.assert_allclose(written["w_final"], sample.weights, rtol=1e-10)
    assert written["psu"].tolist() == sample.data["psu"].tolist()


def test_weights_are_written_whole_or_not_at_all(
    raked: tuple[sv.Scan, sv.Sample], tables: tuple[sv.Scan, sv.Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan, target = raked[0], tmp_path / "w.parquet"
    with pytest.raises(sv.DesignError, match="those of its source"):
        tables[0].write(target)
    with pytest.raises(sv.ExportError, match="written as Parquet"):
        scan.write(tmp_path / "w.csv")
    with pytest.raises(sv.EstimationError, match="no such column"):
        scan.write(target, columns=["psu", "old"])
    target.write_bytes(b"before")
    whole = type(scan.reader).batches

    def cut(self: Any, columns: Any) -> Iterator[Any]:
        yield from list(whole(self, columns))[:2]
        raise OSError("no space left on device")

    monkeypatch.setattr(type(scan.reader), "batches", cut)
    with pytest.raises(sv.ExportError, match="written"):
        scan.write(target)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_no_source_is_replaced_by_its_weighted_rows(tmp_path: Path) -> None:
    rows, path = survey_rows(), tmp_path / "rows.parquet"
    rows.to_parquet(path)
    pd.DataFrame({"variable": "ward", "category": list(WARDS), "total": list(WARDS.values())}).to_csv(
        tmp_path / "targets.csv", index=False
    )
    scan = sv.scan(path, **DESIGN).rake(str(tmp_path / "targets.csv"))
    before = path.read_bytes()
    with pytest.raises(sv.ExportError, match="was an input"):
        scan.write(path)
    assert path.read_bytes() == before
    assert len(pd.read_parquet(scan.write(tmp_path / "weighted.parquet"))) == len(rows)


def test_numbers_that_are_whole_in_the_first_part_alone_are_written_as_they_are(tmp_path: Path) -> None:
    """Arrow's types differ between the parts of a CSV file: the first holds whole numbers, a later one fractions."""
    rows = survey_rows().dropna(subset="sex")
    rows["minutes"] = np.where(np.arange(len(rows)) < 900, 5.0, 5.5)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 400)
        written = pd.read_parquet(
            sv.scan(tmp_path / "rows.csv", **DESIGN).rake({"ward": WARDS}).write(tmp_path / "w.parquet")
        )
    assert written["minutes"].tolist() == rows["minutes"].tolist()
    np.testing.assert_allclose(written["w_final"].sum(), sum(WARDS.values()), rtol=1e-10)

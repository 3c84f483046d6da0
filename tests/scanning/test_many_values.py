"""Quantiles and histograms in several passes, where respondents who are alike take more memory than they may.

Expected values are those of R where R has them, and of `sv.Sample` of the same rows, which tests/estimation holds
against R; what brackets are is counted by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from examples import examples
from survey.estimation.curves import Curve
from survey.scanning import combined, held, readers
from survey.scanning.asked import Question
from survey.scanning.brackets import BYTES, Brackets, Found, Refining, ordered
from tests.estimation.test_quantiles import DESIGNS, R, same_as_r
from tests.scanning.test_scan import DESIGN, ENGINES, equal, survey_rows

MEMORY = 100_000
"""Bytes that do not hold 1,500 people alike in one column (8 x (3 + 8) each: 132 kB), and do hold the tables."""
VERBS: dict[str, Callable[[Any], sv.Estimates]] = {
    "quartiles": lambda s: s.quantile("minutes"),
    "by group, in any order": lambda s: s.quantile("minutes", [0.9, 0.1, 0.5], by="ward"),
    "hf4": lambda s: s.quantile("minutes", [0.02, 0.5], rule="hf4", by="sex", interval="logit"),
    "school": lambda s: s.quantile("minutes", [1 / 3, 0.99], rule="school", interval="beta", level=0.8),
    "domain": lambda s: s.quantile("minutes", by="ward", where="age > 30 and trips < 5", interval="wilson"),
    "two items": lambda s: s.quantile(["minutes", "trips"], 0.5, by="sex", interval="asin"),
    "made": lambda s: s.quantile("hours", by="old"),
    "replicates": lambda s: s.replicates("bootstrap", n=20, seed=4).quantile("minutes", by="ward"),
    "linearised beside replicates": lambda s: s.replicates("bootstrap", n=9, seed=4).quantile(
        "minutes", variance="taylor"
    ),
    "histogram": lambda s: s.histogram("minutes"),
    "histogram by group": lambda s: s.histogram("minutes", 7, by="ward", where="age > 30"),
    "limits": lambda s: s.histogram("minutes", [0, 5, 15, 30, inf], by="sex", interval="beta"),
    "below limits": lambda s: s.histogram("minutes", [-inf, 5, 15, inf], cumulative=True),
    "outside the domain": lambda s: s.histogram("minutes", [10, 20, 40], where="minutes >= 10 and minutes <= 40"),
}


@pytest.fixture(autouse=True)
def _few() -> Iterator[None]:
    """More than 100 values are very many, batches are small, and one is counted at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sv.Scan, "threads", property(lambda _: 1))
        patch.setattr(held, "MOST_VALUES", 100)
        patch.setattr(readers, "BATCH", 400)
        yield


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return survey_rows()


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def pair(
    request: pytest.FixtureRequest, answers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> tuple[sv.Scan, sv.Sample]:
    folder = tmp_path_factory.mktemp(request.param.__name__)
    (folder / "book").mkdir()
    book = folder / "book" / "codebook.toml"
    book.write_text('[variables.minutes]\ntype = "number"\nmissing.999 = "refused"\n', encoding="utf-8")
    minutes = answers["minutes"].where(np.arange(len(answers)) % 19 > 0, 999)
    rows = answers.assign(minutes=minutes.where(np.arange(len(answers)) % 23 > 0))
    (folder / "data").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 400)
        scan = sv.scan(request.param(rows, folder / "data"), codebook=book, **DESIGN, memory=MEMORY)
    clean = sv.Responses(rows, sv.Codebook.from_toml(book)).recode_missing()
    made = [("hours", "minutes / 60"), ("old", "age >= 60")]
    for name, expression in made:
        scan, clean = scan.derive(name, expression), clean.derive(name, expression)
    return scan, sv.Sample(clean, **DESIGN)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passes that are made, by what they count."""
    made: list[str] = []
    plainly = Question.passed

    def passed(self: Question, counters: Any, *rest: Any, **options: Any) -> Any:
        made.append(type(counters[0]).__name__)
        return plainly(self, counters, *rest, **options)

    monkeypatch.setattr(Question, "passed", passed)
    return made


@pytest.mark.crossed
@pytest.mark.parametrize("verb", VERBS)
def test_passes_give_what_the_rows_in_memory_give(
    pair: tuple[sv.Scan, sv.Sample], verb: str, passes: list[str]
) -> None:
    scan, sample = pair
    equal(VERBS[verb](scan), VERBS[verb](sample))
    assert "ByClass" in passes


@pytest.mark.crossed
@pytest.mark.parametrize("interval", ["plain", "beta", "logit", "asin"])
@pytest.mark.parametrize("rule", ["math", "school", "hf4"])
@pytest.mark.parametrize("design", ["strat_clus", "strat_clus_fpc", "clus_only"])
def test_rules_and_intervals_are_those_of_r(
    rows: pd.DataFrame, design: str, rule: str, interval: str, passes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R `survey` 4.1-1, as in tests/estimation/test_quantiles.py."""
    key = f"quantile/{design}/{rule}/{ {'plain': 'mean', 'logit': 'xlogit'}.get(interval, interval) }"
    table = pa.Table.from_pandas(rows, preserve_index=False)
    monkeypatch.setattr(combined, "beyond_memory", lambda *_: True)
    scan = sv.scan(table, **DESIGNS[design])
    e = scan.quantile("minutes", R[key]["p"], rule=rule, interval=interval)
    same_as_r(e, key, (lambda low: low == 19.2) if rule == "hf4" else None)  # a tie, as there
    assert "ByClass" in passes


KINDS: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "skewed": lambda rng, n: np.exp(rng.normal(2, 1.5, n)),
    "one far out": lambda rng, n: np.where(np.arange(n) == 3, 1e45, rng.uniform(0, 1, n)),
    "around zero": lambda rng, n: np.where(rng.random(n) < 0.2, rng.choice([0.0, -0.0], n), rng.normal(0, 1e-3, n)),
    "close together": lambda rng, n: np.where(rng.random(n) < 0.5, 12.5, 12.5 + 1e-13 * rng.integers(0, 999, n)),
    "far apart": lambda rng, n: rng.choice([-1.0, 1.0], n) * 10 ** rng.uniform(-300, 45, n),
    "repeated": lambda rng, n: np.where(rng.random(n) < 0.9, np.round(rng.gamma(2, 3, n)), rng.gamma(2, 3, n)),
    "whole": lambda rng, n: rng.integers(-(10**9), 10**9, n),
}


@pytest.mark.parametrize("rule", ["math", "school", "hf4"])
@pytest.mark.parametrize("kind", KINDS)
def test_any_numbers(kind: str, rule: str) -> None:
    """In a group of one value, one of none and one of one person too, with weights that are equal, or 0."""
    rng = np.random.default_rng(list(KINDS).index(kind))
    n = 900
    group = np.where(np.arange(n) == 7, "d", rng.choice(["a", "b", "c", "e"], n, p=[0.4, 0.3, 0.2, 0.1]))
    y = np.asarray(KINDS[kind](rng, n), float)
    y[group == "b"], y[group == "c"] = y[0], np.nan
    rows = pd.DataFrame(
        {"y": y, "group": group, "psu": rng.integers(0, 12, n), "w": rng.choice([0.0, 2.0], n, p=[0.1, 0.9])}
    )
    scan = sv.scan(pa.Table.from_pandas(rows), weights="w", psu="psu", memory=70_000)
    sample = sv.Sample(rows, weights="w", psu="psu")
    for by in (None, "group"):
        ask: dict[str, Any] = {"probs": [0.01, 0.5, 0.999], "rule": rule, "by": by}
        equal(scan.quantile("y", **ask), sample.quantile("y", **ask))


@pytest.mark.parametrize("lonely", ["adjust", "centered", "average", "certainty"])
def test_lonely_clusters_and_few_drawn_of_many(answers: pd.DataFrame, lonely: str) -> None:
    rows = answers.assign(stratum=np.where(answers["psu"] == 1, "alone", answers["stratum"]))
    rows["clusters_total"] = rows["stratum"].map({"alone": 3, "bắc": 29, "trung": 40, "nam": 33})
    design = {"weights": "w", "strata": "stratum", "psu": "psu", "nest": True, "fpc": "clusters_total"}
    scan = sv.scan(pa.Table.from_pandas(rows), **design, lonely=lonely, memory=MEMORY)
    sample = sv.Sample(rows, **design, lonely=lonely)
    for verb in ("by group, in any order", "histogram by group"):
        equal(VERBS[verb](scan), VERBS[verb](sample))


def test_weights_that_the_scan_was_brought_to(answers: pd.DataFrame, passes: list[str]) -> None:
    known = {"ward": {"An Hòa": 30_000, "Bình": 40_000, "Cẩm": 5_000}}
    scan = sv.scan(pa.Table.from_pandas(answers), **DESIGN, memory=150_000).rake(known)
    sample = sv.Sample(answers, **DESIGN).rake(known)
    for verb in ("by group, in any order", "domain", "limits"):
        equal(VERBS[verb](scan), VERBS[verb](sample))
    assert passes.count("ByClass") == 3
    with pytest.raises(sv.EstimationError, match="combinations of these columns take more memory"):
        scan.replicates("bootstrap", n=5, seed=1).quantile("minutes")  # raked in every replicate: takes people alike


def test_columns_of_few_values_take_one_pass_where_those_that_occur_fit(
    answers: pd.DataFrame, passes: list[str]
) -> None:
    """Of 24 clusters x 4 x 7 combinations 308 occur, at 8 bytes x (3 x 2 + 8) each: 34 kB."""
    sample = sv.Sample(answers, **DESIGN)
    assert len(answers[answers["w"] > 0].groupby(["stratum", "psu", "ward", "trips"])) == 308
    for memory, made in ((308 * 112, []), (308 * 112 - 1, ["Extremes", "ByClass"])):
        scan = sv.scan(pa.Table.from_pandas(answers), **DESIGN, memory=memory)
        told = scan.memory_needed("histogram", "trips", [1, 3, inf], by="ward")
        assert (told.counted, told.bytes) == ("people alike", memory)  # more than that is read in passes
        equal(scan.histogram("trips", [1, 3, inf], by="ward"), sample.histogram("trips", [1, 3, inf], by="ward"))
        assert passes == made


def test_what_fits_is_counted_in_one_pass(answers: pd.DataFrame, passes: list[str]) -> None:
    scan = sv.scan(pa.Table.from_pandas(answers), **DESIGN)
    assert scan.memory_needed("quantile", "minutes", by="ward").counted == "people alike"
    scan.quantile("minutes", by="ward")
    assert passes == []


def test_passes_are_few_and_brackets_no_more_than_there_is_memory_for(
    monkeypatch: pytest.MonkeyPatch, passes: list[str]
) -> None:
    """200,000 different numbers, of which 1 MB holds 5,681 brackets of 176 bytes; as they are they take 18 MB."""
    rng = np.random.default_rng(3)
    n, kept = 200_000, [0]
    rows = pd.DataFrame({"y": rng.lognormal(2.5, 1, n), "psu": rng.integers(0, 50, n), "w": rng.uniform(1, 3, n)})
    monkeypatch.setattr(readers, "BATCH", 20_000)
    plainly = Brackets.refined

    def refined(self: Brackets, *parts: Any) -> Brackets:
        found = plainly(self, *parts)
        kept[0] = max(kept[0], len(found))
        return found

    monkeypatch.setattr(Brackets, "refined", refined)
    scan = sv.scan(pa.Table.from_pandas(rows), weights="w", psu="psu", memory=1_000_000)
    equal(scan.quantile("y"), sv.Sample(rows, weights="w", psu="psu").quantile("y"))
    assert 1_000 < kept[0] <= 1_000_000 // BYTES
    assert passes.count("ByClass") == 1
    assert passes.count("Refining") <= 5


def test_what_passes_take_is_told_beforehand_and_kept_to(answers: pd.DataFrame) -> None:
    """By hand: tables of 24 clusters x (3 + 1) wards x (3 + 2) classes, three of 8 bytes, and two for each thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sv.Scan, "threads", property(lambda _: 2))
        scan = sv.scan(pa.Table.from_pandas(answers), **DESIGN, memory=MEMORY)
        told = scan.memory_needed("quantile", "minutes", by="ward")
        assert (told.clusters, told.groups, told.answers, told.counted) == (24, 3, (4,), "passes")
        assert (told.bytes, told.least) == (MEMORY, 24 * 4 * 5 * 24 * (1 + 2 * 2))
        classes = scan.memory_needed("histogram", "minutes", [0, 10, 20, inf], by="ward")
        assert (classes.answers, classes.bytes, classes.least) == ((3,), 24 * 4 * 4 * 24 * 5, 24 * 4 * 4 * 24 * 5)
        for verb, bins in (("quantile", 0.5), ("histogram", [0, inf])):
            least = scan.memory_needed(verb, "minutes", bins).least
            assert len(getattr(replace(scan, memory=least), verb)("minutes", bins).table) == 1
            with pytest.raises(sv.EstimationError, match="counts of this question take more memory") as caught:
                getattr(replace(scan, memory=least - 1), verb)("minutes", bins)
            assert f"{least / 1e9:.3g} GB for 24 clusters x 1 groups x 1 items" in str(caught.value.got)


def test_more_groups_than_brackets_fit_are_refused_with_the_number() -> None:
    """300 groups of numbers take 4 x 300 brackets of 176 bytes at least."""
    rows = pd.DataFrame({"y": np.arange(9_000) / 7, "group": np.arange(9_000) % 90, "psu": 1, "w": 1.0})
    scan = sv.scan(pa.Table.from_pandas(rows), weights="w", psu="psu", lonely="certainty", memory=60_000)
    with pytest.raises(sv.EstimationError, match="counts of this question take more memory") as caught:
        scan.quantile("y", by="group")
    assert caught.value.got == f"{4 * 90 * BYTES / 1e9:.3g} GB for the brackets of 90 groups x 1 items"


FAULTS: dict[str, Callable[[Any], Any]] = {
    "probability": lambda s: s.quantile("minutes", 1.5),
    "text for a probability": lambda s: s.quantile("minutes", "0.5"),
    "rule": lambda s: s.quantile("minutes", rule="other"),
    "interval": lambda s: s.quantile("minutes", interval="exact"),
    "level": lambda s: s.quantile("minutes", level=95),
    "empty domain": lambda s: s.quantile("minutes", where="age > 200"),
    "infinite": lambda s: s.quantile("endless", by="ward"),
    "infinite in classes": lambda s: s.histogram("endless"),
    "bins": lambda s: s.histogram("minutes", 0),
    "limits": lambda s: s.histogram("minutes", [0, 0, 5]),
    "answers outside": lambda s: s.histogram("minutes", [0, 20]),
    "one class": lambda s: s.histogram("minutes", [0, inf], cumulative=True),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_errors_are_those_of_rows_in_memory(answers: pd.DataFrame, fault: str) -> None:
    rows = answers.assign(endless=np.where(np.arange(len(answers)) == 4, -inf, answers["minutes"]))
    scan = sv.scan(pa.Table.from_pandas(rows), **DESIGN, memory=MEMORY)
    with pytest.raises(sv.EstimationError) as expected:
        FAULTS[fault](sv.Sample(rows, **DESIGN))
    with pytest.raises(sv.EstimationError) as caught:
        FAULTS[fault](scan)
    assert str(caught.value) == str(expected.value)


@pytest.mark.slow
def test_invariances() -> None:
    """Scale of the weights, order of the rows, units of the answers, weights that are all 1."""
    rows = survey_rows()

    def ask(data: pd.DataFrame) -> pd.DataFrame:
        scan = sv.scan(pa.Table.from_pandas(data, preserve_index=False), **DESIGN, memory=MEMORY)
        assert scan.memory_needed("quantile", "minutes", by="ward").counted == "passes"
        return scan.quantile("minutes", by="ward").table

    plain = ask(rows)
    pd.testing.assert_frame_equal(ask(rows.assign(w=rows["w"] * 1e6)), plain, rtol=1e-10)
    pd.testing.assert_frame_equal(ask(rows.sample(frac=1, random_state=2)), plain, rtol=1e-10)
    hundred = ask(rows.assign(minutes=rows["minutes"] * 100))
    numbers = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(hundred[numbers], plain[numbers] * 100, rtol=1e-10)
    ones = sv.Sample(rows, weights=None, strata="stratum", psu="psu", nest=True).quantile("minutes", by="ward")
    pd.testing.assert_frame_equal(ask(rows.assign(w=1.0)), ones.table, rtol=1e-10)


# --- brackets ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e50, 1e50, allow_subnormal=True), min_size=2, max_size=20))
@settings(max_examples=examples(100))
def test_numbers_stand_in_the_same_order_as_bits(values: list[float]) -> None:
    bits = ordered(np.array(values))
    assert np.array_equal(np.argsort(bits, kind="stable"), np.argsort(values, kind="stable"))
    assert len(np.unique(bits)) == len(set(values))  # 0 and -0 are one


def test_a_curve_of_brackets_is_right_where_they_hold_one_number() -> None:
    """By hand: 1, then 2 to 4 of weight 3, then 5: F is 1/5 at 1, unknown between 2 and 4, 4/5 at 4."""
    low, high, weight, n = np.array([1.0, 2, 5]), np.array([1.0, 4, 5]), np.array([1.0, 3, 1]), np.array([1, 3, 1])
    curve = Curve.of_brackets(low, high, weight, n)
    assert curve.values.tolist() == [1, 2, 4, 5]
    np.testing.assert_allclose(curve.share, [0.2, 0.8, 0.8, 1])
    assert (curve.at(0.2, "math"), curve.at(0.2, "school"), curve.at(0.9, "math")) == (1, 1.5, 5)
    assert curve.at(0.8, "math") == 2  # not known: the bracket is refined first
    np.testing.assert_allclose(curve.at(0.9, "hf4"), 4.5)  # half of the way from 4 to 5


def test_parts_that_are_too_many_become_coarser_and_keep_their_sums() -> None:
    """By hand: keys 0 to 7 of one bracket in at most 3 parts are told apart by one bit of three: 0-3 and 4-7."""
    value = np.arange(8.0)
    some = Found(3, 3, (np.arange(8),), (np.stack([np.ones(8), np.ones(8), value, value]),))
    together = some.together()
    assert (together.coarse, together.key[0].tolist()) == (2, [0, 1])
    assert together.sums[0].tolist() == [[4, 4], [4, 4], [0, 4], [3, 7]]
    one, other = (
        Found(3, 3, (np.arange(4),), (some.sums[0][:, :4],)),
        Found(3, 3, (np.arange(4, 8),), (some.sums[0][:, 4:],)),
    )
    both = one + other
    assert both.together().sums[0].tolist() == together.sums[0].tolist()
    assert Refining("y", Brackets.whole(2), 10).step == 20

"""Models in passes over batches, beside those of the rows in memory, and of R's survey 4.1-1.

Expected values are those of `sv.Sample`, which tests/models hold against R, and numbers of R itself. Sums are added in
another order than in memory: results are alike to 1e-10. Logistic models stop at a relative score of 1e-13.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import survey as sv
from survey.models.summed import SummedRows
from survey.scanning import held, readers
from tests.scanning.test_scan import CODEBOOK, DESIGN, ENGINES
from tests.scanning.test_scan_models import _prepared, _rows, same

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "models.json").read_text(encoding="utf-8"))["results"]}
SMALL = 40_000
"""Bytes, of 1,600 rows: those who are alike in one column of very many values take 128,000."""


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """With years, incomes, a mistake among them, someone without a number, and outcomes that a number tells."""
    made = _rows()
    rng = np.random.default_rng(5)
    made["minutes"] = made["minutes"].where(rng.random(len(made)) > 0.03)
    made["year"] = 2000 + made["minutes"] / 7
    made["income"] = 1e9 + 1e4 * rng.gamma(2, 3, len(made))
    made["mistake"] = np.where(np.arange(len(made)) == 5, 1e8, made["age"] + rng.random(len(made)))
    made["late"] = (made["minutes"] > 15).astype(int)
    made["log_of"] = np.where(np.arange(len(made)) % 7 == 0, 0.0, rng.random(len(made)))
    made["empty"] = np.nan
    return made


@pytest.fixture(scope="module")
def codebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "codebook.toml"
    path.write_text(CODEBOOK, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def memory(rows: pd.DataFrame, codebook: Path) -> sv.Sample:
    return sv.Sample(_prepared(sv.Responses(rows, sv.Codebook.from_toml(codebook)).recode_missing()), **DESIGN)


@pytest.fixture(scope="module", autouse=True)
def many_batches() -> Any:
    """Batches of 400 rows; more than eight values are very many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 600)
        patch.setattr(held, "MOST_VALUES", 8)
        yield


def _scan(source: Any, codebook: Path | None = None, memory: int = SMALL, **design: Any) -> sv.Scan:
    return sv.scan(source, codebook=codebook, memory=memory, **(design or DESIGN))


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def scanned(
    request: pytest.FixtureRequest, rows: pd.DataFrame, codebook: Path, tmp_path_factory: pytest.TempPathFactory
) -> sv.Scan:
    source = request.param(rows, tmp_path_factory.mktemp(request.param.__name__))
    return _prepared(_scan(source, codebook))


@pytest.fixture(scope="module")
def arrow(rows: pd.DataFrame, codebook: Path) -> sv.Scan:
    return _prepared(_scan(pa.Table.from_pandas(rows, preserve_index=False), codebook))


Verb = Callable[[Any], Any]
CROSSED: dict[str, Verb] = {
    "linear": lambda s: s.linear("minutes ~ C(ward) * old + log(age) + q1"),
    "logistic": lambda s: s.logistic("yes ~ minutes + C(ward) + sex", where="trips > 1 and age > 20"),
}
VERBS: dict[str, Verb] = {
    **CROSSED,
    "without intercept": lambda s: s.linear("minutes ~ 0 + C(ward) + age"),
    "of an empty model": lambda s: s.linear("minutes ~ 1"),
    "far from 0": lambda s: s.linear("income ~ year + C(ward)"),
    "a mistake": lambda s: s.linear("mistake ~ minutes"),
    "logistic with a mistake": lambda s: s.logistic("yes ~ mistake + minutes"),
    "sums": lambda s: s.logistic("yes ~ minutes + C(ward, Sum) + I(age**2)"),
    "another reference": lambda s: s.linear("minutes ~ C(ward, Treatment('Bình')) + age"),
    "a category that nobody has": lambda s: s.linear("minutes ~ C(ward) + sex", where="ward != 'Cẩm'"),
    "a single category": lambda s: s.linear("minutes ~ ward + sex", where="ward == 'Bình'"),
    "empty cells": lambda s: s.linear("minutes ~ C(ward) * C(psu)", where="psu > 1 or ward == 'Bình'"),
    "aliased": lambda s: s.linear("income ~ minutes + year + age", aliased="drop"),
    "numbers by categories": lambda s: s.logistic("yes ~ minutes:C(ward)"),
    "several outcomes": lambda s: s.linear("minutes + C(ward)", items=["q1", "q3"]),
    "several shares": lambda s: s.logistic("minutes", items=["yes", "old"], where="trips > 2"),
    "level": lambda s: s.linear("minutes ~ age", level=0.9),
    "tests of terms": lambda s: s.logistic("yes ~ minutes + C(ward)").test(),
    "several terms": lambda s: s.linear("minutes ~ age + C(ward)").test("age + C(ward)"),
    "odds ratios": lambda s: s.logistic("yes ~ minutes + C(ward)").odds_ratios(),
    "a contrast": lambda s: s.linear("minutes ~ age + C(ward)").contrast({"x": [0, 0, 1, -1]}),
    "a kind of person": lambda s: s.linear("minutes ~ C(ward) * old + log(age)").predict(
        {"ward": ["Bình", "Cẩm"], "old": [0, 1], "age": 40.5}
    ),
    "shares of kinds": lambda s: s.logistic("yes ~ minutes + sex").predict({"minutes": [5, 60], "sex": [1, 2]}),
    "kinds of several outcomes": lambda s: s.linear("minutes + sex", items=["q1", "q3"]).predict(
        {"minutes": 12, "sex": [2, 1]}
    ),
    "exact": lambda s: s.linear("year ~ minutes"),
    "many answers as the outcome": lambda s: s.linear("q2 ~ age + minutes"),
    "taylor beside replicates": lambda s: s.replicates("jackknife").linear("minutes ~ age", variance="taylor"),
}


def _of_passes(found: Any) -> None:
    regressions = getattr(found, "regressions", ())
    assert all(isinstance(one.rows, SummedRows) for one in regressions)


@pytest.mark.crossed
@pytest.mark.parametrize("verb", CROSSED)
def test_models_of_every_source_are_those_of_the_rows_in_memory(scanned: sv.Scan, memory: sv.Sample, verb: str) -> None:
    found = CROSSED[verb](scanned)
    _of_passes(found)
    same(found, CROSSED[verb](memory))


@pytest.mark.sampled
@pytest.mark.parametrize("verb", VERBS)
def test_models_in_passes_are_those_of_the_rows_in_memory(arrow: sv.Scan, memory: sv.Sample, verb: str) -> None:
    found = VERBS[verb](arrow)
    _of_passes(found)
    same(found, VERBS[verb](memory))


WRONG: dict[str, Verb] = {
    "separated": lambda s: s.logistic("late ~ minutes + age"),
    "one outcome": lambda s: s.logistic("yes ~ minutes", where="yes == 1"),
    "no share": lambda s: s.logistic("q3 ~ minutes"),
    "undefined": lambda s: s.logistic("yes ~ log(log_of)"),
    "too large": lambda s: s.linear("I(minutes * 1e150) ~ age"),
    "nobody": lambda s: s.linear("minutes ~ empty"),
    "an empty domain": lambda s: s.linear("minutes ~ ward", where="trips > 900"),
    "collinear": lambda s: s.linear("income ~ minutes + year"),
    "no terms": lambda s: s.linear("minutes ~ 0"),
    "words as the outcome": lambda s: s.linear("ward ~ minutes"),
    "two outcomes": lambda s: s.linear("minutes ~ age", items="q1"),
    "unknown treatment": lambda s: s.linear("minutes ~ age", aliased="ignore"),
    "an unknown term": lambda s: s.linear("minutes ~ age").test("ward"),
}


@pytest.mark.sampled
@pytest.mark.parametrize("verb", [pytest.param(v, marks=pytest.mark.slow if v == "separated" else ()) for v in WRONG])
def test_errors_are_those_of_the_rows_in_memory(arrow: sv.Scan, memory: sv.Sample, verb: str) -> None:
    with pytest.raises(sv.SurveyError) as expected:
        WRONG[verb](memory)
    with pytest.raises(sv.SurveyError) as got:
        WRONG[verb](arrow)
    assert type(got.value) is type(expected.value)
    assert str(got.value) == str(expected.value)


DESIGNS_OF_ONE_STAGE = [name for name, design in DESIGNS.items() if isinstance(design.get("psu"), str)]


@pytest.mark.sampled
@pytest.mark.parametrize("case", [*DESIGNS_OF_ONE_STAGE, "raked"])
def test_models_in_passes_are_those_of_r(case: str) -> None:
    """Closed forms to 1e-8; logistic models, which R iterates to 1e-14 of the deviance, to 1e-6: tests/models."""
    data = pd.read_csv(REFERENCE / "rows.csv")
    design = DESIGNS["strat_clus" if case == "raked" else case]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "MOST_VALUES", 4)
        scan = _scan(pa.Table.from_pandas(data, preserve_index=False), memory=17_000, **design)
        if case == "raked":
            targets = {name: dict(enumerate(R["targets"][name])) for name in ("sex", "age")}
            scan = scan.calibrate(targets, method="raking", tolerance=1e-12)
        logistic = scan.logistic("yes ~ q2 + sex + C(age) + group * wave")
        linear = scan.linear("minutes ~ C(age) * kind + log(trips + 1) + I(q2**2)")
    for model, kind, rtol in ((logistic, "logistic", 1e-6), (linear, "linear", 1e-8)):
        _of_passes(model)
        expected = R[f"{case}/{kind}"]
        np.testing.assert_allclose(model.table["estimate"], expected["estimate"], rtol=rtol, atol=1e-12)
        np.testing.assert_allclose(model.table["std_error"], expected["se"], rtol=rtol)
        np.testing.assert_allclose(model.covariance.ravel(), expected["vcov"], rtol=rtol, atol=1e-9)
    assert (logistic.table["df"] == R[f"{case}/logistic"]["df"]).all()


@pytest.mark.parametrize("lonely", ["adjust", "average", "remove", "certainty", "centered"])
def test_lonely_clusters(rows: pd.DataFrame, lonely: str) -> None:
    alone = rows.assign(psu=rows["psu"].where(rows["stratum"] != "nam", 1))
    design = {**DESIGN, "lonely": lonely}
    scan = _scan(pa.Table.from_pandas(alone, preserve_index=False), **design)
    found = scan.linear("minutes ~ age + ward", where="age > 20")
    _of_passes(found)
    same(found, sv.Sample(sv.Responses(alone), **design).linear("minutes ~ age + ward", where="age > 20"))


def test_weights_that_were_raked_in_the_scan(rows: pd.DataFrame) -> None:
    known = {"ward": {"An Hòa": 500.0, "Bình": 420, "Cẩm": 110}, "mode": {"phone": 700.0, "face": 330}}
    scan = _scan(pa.Table.from_pandas(rows, preserve_index=False), memory=2 * SMALL).rake(known)
    memory = sv.Sample(sv.Responses(rows), **DESIGN).rake(known)
    for verb in (lambda s: s.linear("minutes ~ age + ward"), lambda s: s.logistic("yes ~ minutes", where="age > 30")):
        found = verb(scan)
        _of_passes(found)
        same(found, verb(memory))


@pytest.mark.slow
def test_invariances(rows: pd.DataFrame) -> None:
    """Order of the rows, scale of the weights, units of a predictor."""

    def ask(data: pd.DataFrame) -> pd.DataFrame:
        scan = _scan(pa.Table.from_pandas(data, preserve_index=False))
        return pd.concat([scan.logistic("yes ~ minutes").table, scan.linear("minutes ~ age + ward").table])

    plain = ask(rows)
    pd.testing.assert_frame_equal(ask(rows.assign(w=rows["w"] * 1e6)), plain, rtol=1e-10)
    pd.testing.assert_frame_equal(ask(rows.sample(frac=1, random_state=2)), plain, rtol=1e-10)
    hours = ask(rows.assign(minutes=rows["minutes"] / 60))
    np.testing.assert_allclose(hours["estimate"].iloc[1], 60 * plain["estimate"].iloc[1], rtol=1e-10)
    np.testing.assert_allclose(hours["p_value"], plain["p_value"], rtol=1e-9)


def test_people_who_are_alike_are_counted_together_where_they_fit(rows: pd.DataFrame, memory: sv.Sample) -> None:
    """Ages are more than eight values, and few enough beside six clusters: the road is found by counting."""
    table = pa.Table.from_pandas(rows.assign(decade=rows["age"] // 6), preserve_index=False)
    scan = _scan(table, memory=60_000)
    found = scan.linear("decade ~ yes")
    assert not isinstance(found.regressions[0].rows, SummedRows)
    assert scan.memory_needed("linear", "decade ~ yes").counted == "people alike"
    assert scan.memory_needed("linear", "decade ~ yes").bytes <= 60_000


def test_memory_is_known_beforehand_and_refused_beyond_it(rows: pd.DataFrame) -> None:
    """By hand: four tables of 12 clusters and 4 coefficients by 2 x 4 sums of 8 bytes."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    told = _scan(table).memory_needed("linear", "minutes ~ ward + age")
    assert (told.clusters, told.groups, told.counted) == (12, 4, "passes")
    assert told.bytes == told.least == 4 * (12 + 4) * (2 * 4) * 8
    assert str(told) == "12 clusters x 4 coefficients: at most 4.1e-06 GB of 4e-05 GB, by passes"
    enough = _scan(table, memory=told.bytes).linear("minutes ~ ward + age")
    assert len(enough.table) == 4
    with pytest.raises(sv.EstimationError, match="sums of this model take more memory") as caught:
        _scan(table, memory=told.bytes - 1).linear("minutes ~ ward + age")
    assert "12 clusters x 4 coefficients" in str(caught.value.got)


REFUSED: dict[str, tuple[Verb, str]] = {
    "splines": (lambda s: s.linear("q1 ~ ns(minutes, 3)"), "looks at every respondent"),
    "centres": (lambda s: s.logistic("yes ~ center(minutes)"), "looks at every respondent"),
    "replicates": (lambda s: s.replicates("jackknife").linear("minutes ~ age"), "Replicates of a model need rows"),
    "levels": (lambda s: s.linear("q1 ~ C(minutes)"), "too many different values"),
    "margins": (lambda s: s.linear("minutes ~ age").margins(), "Averages over the respondents"),
    "averages": (lambda s: s.logistic("yes ~ minutes + sex").predict({"sex": 1}), "Averages over the respondents"),
    "averages of all": (lambda s: s.linear("minutes ~ age").predict(), "Averages over the respondents"),
    "averages by group": (lambda s: s.linear("minutes ~ age").predict({"age": 40}, by="sex"), "Averages over"),
    "averages of some": (lambda s: s.linear("minutes ~ age").predict({"age": 40}, where="sex == 1"), "Averages over"),
    "a mask": (lambda s: s.linear("minutes ~ age", where=[True]), "condition as an expression"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_passes_cannot_tell_is_refused_with_a_way_around(arrow: sv.Scan, case: str) -> None:
    verb, said = REFUSED[case]
    with pytest.raises(sv.EstimationError, match=said) as caught:
        verb(arrow)
    assert caught.value.fix

"""Declared missing codes that were not recoded are refused by every verb of a sample, in every argument of columns.

`mean` refuses an item that still holds them; `where=`, `by=` and the columns of the weighting verbs would take 99 for
an answer just as well. The table below names, for every verb, a call for each argument that takes columns; a verb or an
argument that is not in it fails the second test.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import MultipleSet
from survey.compare.scheme_file import scheme_of
from survey.imputations import POOLED

BOOK = sv.Codebook(
    variables={
        "held": sv.Variable(
            "held", "ordinal", labels={1: {"en": "low"}, 2: {"en": "high"}}, missing={9: "dont_know"}, direction=1
        ),
        "y": sv.Variable("y", "number"),
        "q_1": sv.Variable("q_1", "binary"),
        "q_2": sv.Variable("q_2", "binary", missing={9: "dont_know"}),
        "q_3": sv.Variable("q_3", "binary"),
    },
    sets={
        "q": MultipleSet("q", ("q_1", "q_3"), base="everyone"),
        "holding": MultipleSet("holding", ("q_1", "q_2"), base="everyone"),
    },
)


@pytest.fixture
def sample() -> sv.Sample:
    """120 people in 12 wards and two waves; `held` still holds the code 9, declared "don't know"."""
    i = np.arange(120)
    rows = pd.DataFrame(
        {
            "held": np.where(i % 10 == 0, 9, 1 + i % 2),
            "y": 1.0 + i % 5,
            "q_1": i % 2,
            "q_3": i % 4 // 3,
            "q_2": np.where(i % 10 == 0, 9, i % 3 // 2),
            "x": (i * 7 % 11).astype(float),
            "g": np.where(i % 3, "a", "b"),
            "ward": i // 10,
            "pilot": (i // 10 < 3).astype(int),
            "wave": 1 + (i // 5) % 2,
            "disposition": "1.1",
            "w": 1.0 + i % 4,
        }
    )
    return sv.Sample(sv.Responses(rows, codebook=BOOK), weights="w")


WHERE: dict[str, Any] = {
    "where": "held >= 2",
    "where, a function": lambda d: d["held"] >= 2,
    "where, another function": lambda d: d.held.isin([2, 9]),
}
ITEMS = "items"
Call = Callable[[sv.Sample], Any]


def _domain(verb: str, *args: Any, **more: Any) -> dict[str, Call]:
    calls: dict[str, Call] = {
        name: lambda s, where=where: getattr(s, verb)(*args, where=where, **more) for name, where in WHERE.items()
    }
    return calls


def _estimator(verb: str, *others: str, **more: Any) -> dict[str, Call]:
    """Calls of a verb with `held` as an item, a group, in a condition."""
    return {
        "items": lambda s: getattr(s, verb)(["held", *others], **more),
        "by": lambda s: getattr(s, verb)(["y", *others], by="held", **more),
        "by, several": lambda s: getattr(s, verb)(["y", *others], by=["g", "held"], **more),
        **_domain(verb, ["y", *others], **more),
    }


def _over(verb: str, *args: Any, **more: Any) -> dict[str, Call]:
    """Calls of a verb with `held` as a breakdown, alone and crossed."""
    return {
        "over": lambda s: getattr(s, verb)(*args, over=["g", "held"], **more),
        "over, crossed": lambda s: getattr(s, verb)(*args, over=[["g", "held"]], **more),
    }


def _sets_of_answers(verb: str, *others: Any) -> dict[str, Call]:
    """Calls of a verb that counts a set of the answers to `held`, or stretches its scale."""
    asked: dict[str, dict[str, Any]] = {name: {name: 1} for name in ("top", "bottom", "net")}
    asked["rescale"] = {"rescale": (0, 100)}
    return {name: lambda s, more=more: getattr(s, verb)("held", *others, **more) for name, more in asked.items()}


GONE = pd.DataFrame({"held": [1, 2], "g": ["a", "b"], "ward": [1, 2], "w": [1.0, 1.0], "disposition": "2.1"})
CROSSED = {("held", "g"): {(1, "a"): 40.0, (1, "b"): 20.0, (2, "a"): 40.0, (2, "b"): 20.0}}
INDEX, SHARES, SCORES = (
    scheme_of(
        {
            "scheme": {"name": "made", "range": [0, 100], "aggregation": "mean_of_components", "scoring": scoring},
            "components": {"c": {"top": 1}},
        },
        "made.toml",
    )
    for scoring in ("mean", "share", "respondent")
)
EFFECT: dict[str, Any] = {"treated": "pilot", "period": "wave", "unit": "ward"}
CALLS: dict[str, dict[str, Call]] = {
    "mean": {**_estimator("mean"), **_over("mean", "y"), "rescale": lambda s: s.mean("held", rescale=(0, 100))},
    "total": {**_estimator("total"), **_over("total", "y")},
    "proportion": {
        **_estimator("proportion", levels=[1]),
        **_over("proportion", "y", levels=[1]),
        "top": lambda s: s.proportion("held", top=1),
        "bottom": lambda s: s.proportion("held", bottom=1),
        "net": lambda s: s.proportion("held", net=1),
    },
    "distribution": {**_estimator("distribution"), **_over("distribution", "y")},
    "compare": {
        **_estimator("compare"),
        "items": lambda s: s.compare(["held"], "g"),
        **_domain("compare", "y", "g"),
        "top": lambda s: s.compare("held", "g", top=1),
        "bottom": lambda s: s.compare("held", "g", bottom=1),
        "net": lambda s: s.compare("held", "g", net=1),
        "rescale": lambda s: s.compare("held", "g", rescale=(0, 100)),
        "effect": lambda s: s.compare("held", "g", effect="cliff_delta"),
        "margin": lambda s: s.compare("held", "g", margin=1),
        "against": lambda s: s.compare("held", "g", "rest"),
    },
    "independence": {
        "items": lambda s: s.independence(["held"], "g"),
        "by": lambda s: s.independence("x", "held"),
        **_domain("independence", "x", "g"),
    },
    "rank_test": {
        "items": lambda s: s.rank_test(["held"], "g"),
        "by": lambda s: s.rank_test("y", "held"),
        **_domain("rank_test", "y", "g"),
    },
    "t_test": {
        "items": lambda s: s.t_test(["held"], "g"),
        "by": lambda s: s.t_test("y", "held"),
        "value": lambda s: s.t_test("held", value=1),
        **_sets_of_answers("t_test", "g"),
        **_domain("t_test", "y", "g"),
    },
    "trend": {
        "items": lambda s: s.trend(["held"], "x"),
        "by": lambda s: s.trend("y", "held"),
        "top": lambda s: s.trend("held", "x", top=1),
        "bottom": lambda s: s.trend("held", "x", bottom=1),
        "net": lambda s: s.trend("held", "x", net=1),
        **_domain("trend", "y", "x"),
    },
    "gap": {
        "item": lambda s: s.gap("held", "y"),
        "other": lambda s: s.gap("y", "held"),
        "by": lambda s: s.gap("y", "x", by="held"),
        **_sets_of_answers("gap", "y"),
        **_domain("gap", "y", "x"),
    },
    "ratio": {
        "numerator": lambda s: s.ratio("held", "y"),
        "denominator": lambda s: s.ratio("y", "held"),
        "by": lambda s: s.ratio("y", "x", by="held"),
        **_over("ratio", "y", "x"),
        **_domain("ratio", "y", "x"),
    },
    "quantile": _estimator("quantile"),
    "variance": _estimator("variance"),
    "covariance": _estimator("covariance", "x"),
    "correlation": _estimator("correlation", "x"),
    "cells": _estimator("cells"),
    "item_response": _estimator("item_response"),
    **{
        verb: {
            "questions": lambda s, verb=verb: getattr(s, verb)("holding"),
            "by": lambda s, verb=verb: getattr(s, verb)("q", by="held"),
            **_over(verb, "q"),
            **_domain(verb, "q"),
        }
        for verb in ("select_all", "options_chosen")
    },
    "bounds": {
        **_estimator("bounds", levels=[1]),
        "top": lambda s: s.bounds("held", top=1),
        "bottom": lambda s: s.bounds("held", bottom=1),
    },
    **{
        verb: {
            "formula": lambda s, verb=verb: getattr(s, verb)("held ~ x"),
            "formula, a term": lambda s, verb=verb: getattr(s, verb)("q_1 ~ x + held"),
            "formula, a factor": lambda s, verb=verb: getattr(s, verb)("q_1 ~ C(held)"),
            "items": lambda s, verb=verb: getattr(s, verb)("x", items=["q_1", "q_2"]),
            **_domain(verb, "q_1 ~ x"),
        }
        for verb in ("linear", "logistic")
    },
    "dif": {
        "scale": lambda s: s.dif(["held", "y", "x"], by="g"),
        "by": lambda s: s.dif(["y", "x", "ward"], by="held"),
        **_domain("dif", ["y", "x", "ward"], by="g"),
    },
    "drivers": {
        "outcome": lambda s: s.drivers("held", ["x", "y"]),
        "predictors": lambda s: s.drivers("y", ["x", "held"]),
        "within": lambda s: s.drivers("y", ["x", "ward"], within="held"),
        "groups": lambda s: s.drivers("y", ["x", "held", "ward"], groups={"both": ["x", "held"]}),
        "top": lambda s: s.drivers("held", ["x", "y"], top=1),
        "bottom": lambda s: s.drivers("held", ["x", "y"], bottom=1),
        **_domain("drivers", "y", ["x", "ward"]),
    },
    "reliability": {
        "scale": lambda s: s.reliability(["held", "y"]),
        "by": lambda s: s.reliability(["x", "y"], by="held"),
        **_domain("reliability", ["x", "y"]),
    },
    "effect": {
        "items": lambda s: s.effect("held", **EFFECT),
        "treated": lambda s: s.effect("y", **EFFECT | {"treated": "held"}),
        "treated, a condition": lambda s: s.effect("y", **EFFECT | {"treated": "held > 2 and ward < 3"}),
        "period": lambda s: s.effect("y", **EFFECT | {"period": "held"}),
        "unit": lambda s: s.effect("y", **EFFECT | {"unit": "held"}),
        "within": lambda s: s.effect("y", **EFFECT, within="held"),
        "margin": lambda s: s.effect("held", **EFFECT, margin=1.0),
        "circumstances": lambda s: s.effect("y", **EFFECT, circumstances="held"),
        **_domain("effect", "y", **EFFECT),
    },
    **{
        verb: {
            "items": lambda s, verb=verb, more=more: getattr(s, verb)("held", **EFFECT, **more),
            "treated": lambda s, verb=verb, more=more: getattr(s, verb)("y", **EFFECT | {"treated": "held"}, **more),
            "period": lambda s, verb=verb, more=more: getattr(s, verb)("y", **EFFECT | {"period": "held"}, **more),
            "unit": lambda s, verb=verb, more=more: getattr(s, verb)("y", **EFFECT | {"unit": "held"}, **more),
            **_domain(verb, "y", **EFFECT, **more),
        }
        for verb, more in (("pretrends", {"start": 2}), ("specifications", {"choices": {"other": {"where": "x > 2"}}}))
    },
    "ordinal": {
        "formula": lambda s: s.ordinal("held ~ x"),
        "formula, a term": lambda s: s.ordinal("y ~ x + held"),
        "formula, a factor": lambda s: s.ordinal("y ~ C(held)"),
        "items": lambda s: s.ordinal("x", items=["held", "y"]),
        **_domain("ordinal", "y ~ x"),
    },
    "index": {
        "columns": lambda s: s.index(INDEX, columns={"c": "held"}, scale=(0, 9)),
        "columns, shares": lambda s: s.index(SHARES, columns={"c": "held"}),
        "columns, scores": lambda s: s.index(SCORES, columns={"c": ["held", "y"]}, scale=(-99, 99)),
        "by": lambda s: s.index(INDEX, columns={"c": "y"}, scale=(-99, 99), by="held"),
        **_domain("index", INDEX, columns={"c": "y"}, scale=(-99, 99)),
    },
    "change": {
        **_estimator("change"),
        "wave": lambda s: s.change("y", wave="held"),
        "person": lambda s: s.change("y", person="held"),
        "against": lambda s: s.change("held", against="previous"),
        "top": lambda s: s.change("held", top=1),
        "bottom": lambda s: s.change("held", bottom=1),
        "net": lambda s: s.change("held", net=1),
        "rescale": lambda s: s.change("held", rescale=(0, 100)),
    },
    "wave_trend": {
        **_estimator("wave_trend", wave="x"),
        "wave": lambda s: s.wave_trend("y", wave="held"),
        "person": lambda s: s.wave_trend("y", wave="x", person="held"),
        "top": lambda s: s.wave_trend("held", wave="x", top=1),
        "bottom": lambda s: s.wave_trend("held", wave="x", bottom=1),
        "net": lambda s: s.wave_trend("held", wave="x", net=1),
        "rescale": lambda s: s.wave_trend("held", wave="x", rescale=(0, 100)),
    },
    "frequencies": _estimator("frequencies"),
    "histogram": {
        "item": lambda s: s.histogram("held"),
        "cumulative": lambda s: s.histogram("held", cumulative=True),
        "by": lambda s: s.histogram("y", by="held"),
        **_domain("histogram", "y"),
    },
    "methods": {"items": lambda s: s.methods(items="held")},
    "adjust_nonresponse": {
        "by": lambda s: s.adjust_nonresponse("held", nonrespondents=GONE),
        "model": lambda s: s.adjust_nonresponse(model="held", nonrespondents=GONE),
    },
    "rake": {
        "targets": lambda s: s.rake({"held": {1: 0.5, 2: 0.5}}),
        "within": lambda s: s.rake(CROSSED, within="held"),
        "unit": lambda s: s.rake({"g": {"a": 0.6, "b": 0.4}}, unit="held"),
    },
    "poststratify": {
        "targets": lambda s: s.poststratify({"held": {1: 0.5, 2: 0.5}}),
        "within": lambda s: s.poststratify(CROSSED, within="held"),
    },
    "calibrate": {
        "targets": lambda s: s.calibrate({"held": {1: 0.5, 2: 0.5}}),
        "targets, a sum": lambda s: s.calibrate({"held": 300.0}),
        "within": lambda s: s.calibrate(CROSSED, within="held"),
        "unit": lambda s: s.calibrate({"g": {"a": 0.6, "b": 0.4}}, unit="held"),
    },
    "trim": {
        "mse": lambda s: s.trim(mse="held"),
        "by": lambda s: s.trim(upper=3.0, by="held"),
    },
    "trimming_errors": {"items": lambda s: s.trimming_errors("held")},
    "scale_weights": {"by": lambda s: s.scale_weights("n", by="held")},
    "weight_diagnostics": {"by": lambda s: s.weight_diagnostics(by="held")},
    "weight_distribution": {"by": lambda s: s.weight_distribution(by="held")},
    "weight_effects": _estimator("weight_effects"),
    "margin_gaps": {"targets": lambda s: s.margin_gaps({"held": {1: 0.5, 2: 0.5}})},
}
NO_COLUMNS = {
    "level", "variance", "interval", "probs", "rule", "rows", "levels", "classes", "unknown", "collapse", "smallest",
    "largest_factor", "codes", "into", "bounds", "total", "tolerance", "max_iterations", "method", "upper", "lower",
    "quantile", "median", "redistribute", "limits", "to", "bins", "n", "seed", "rho", "mse", "statistic", "progress",
    "disposition", "nonrespondents", "scheme", "scale", "reversed", "part", "adjust", "family", "replicates",
    "match", "purify", "missing",
    "among", "waves", "clusters", "time", "test", "ties", "scores", "estimates", "response", "dates", "files",
    "aliased", "permutations", "acknowledge", "choices", "combine", "options", "start",
}  # fmt: skip
"""Arguments that name no column whose values are answers."""


@pytest.mark.parametrize(("verb", "argument"), [(verb, name) for verb, calls in CALLS.items() for name in calls])
@pytest.mark.sampled
def test_a_declared_missing_code_is_no_answer(sample: sv.Sample, verb: str, argument: str) -> None:
    with pytest.raises(sv.SurveyError) as caught:
        CALLS[verb][argument](sample)
    assert "declares missing" in caught.value.what, caught.value
    assert "9" in str(caught.value.got)
    assert "recode_missing" in str(caught.value.fix)


def test_every_verb_of_a_sample_and_every_argument_of_columns_is_tried() -> None:
    verbs = {
        name: set(inspect.signature(verb).parameters) - {"self"} - NO_COLUMNS
        for name, verb in vars(sv.Sample).items()
        if inspect.isfunction(verb) and not name.startswith("_") and verb.__name__ == name
    }
    tried = {verb: {name.partition(",")[0] for name in calls} for verb, calls in CALLS.items()}
    assert {verb: names for verb, names in verbs.items() if not names <= tried.get(verb, set())} == {}
    assert set(POOLED) <= set(tried)


@pytest.mark.parametrize("where", ["held == 9", "held != 9 and held >= 2", np.tile([True, False], 60), "x > 2"])
def test_a_condition_may_name_the_code_or_speak_of_other_columns(sample: sv.Sample, where: Any) -> None:
    assert sample.mean("y", where=where).table["n"][0] > 0


@pytest.mark.parametrize("verb", ["rake", "poststratify", "calibrate"])
def test_a_target_may_be_given_for_the_code(sample: sv.Sample, verb: str) -> None:
    weighted = getattr(sample, verb)({"held": {1: 40.0, 2: 50.0, 9: 10.0}})
    assert weighted.weights[sample.data["held"] == 9].sum() == pytest.approx(10.0)


def test_a_function_may_speak_of_other_columns(sample: sv.Sample) -> None:
    assert sample.mean("y", where=lambda d: d["x"] > 2).table["n"][0] == (sample.data["x"] > 2).sum()


def test_a_function_is_honoured_where_no_code_is_left() -> None:
    rows = pd.DataFrame({"held": [1.0, 2, None, 2], "y": [1.0, 2, 3, 4]})
    e = sv.Sample(sv.Responses(rows, codebook=BOOK), weights=None).mean("y", where=lambda d: d["held"] >= 2)
    assert e.table["estimate"][0] == 3.0

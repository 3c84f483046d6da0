"""Whatever comes as an argument, a public verb gives a result or a SurveyError: never one of Python's own errors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.imputation import pool

WRONG: dict[str, Callable[[], Any]] = {
    "None": lambda: None, "5": lambda: 5, "text": lambda: "x", "empty text": lambda: "", "[]": lambda: [],
    "{}": lambda: {}, "Series": lambda: pd.Series([1.0, 2.0]), "array": lambda: np.arange(3.0),
    "frame": lambda: pd.DataFrame({"a": [1]}), "nan": lambda: np.nan, "-1": lambda: -1, "inf": lambda: np.inf,
    "object": object, "True": lambda: True, "[None]": lambda: [None], "[[]]": lambda: [[]], "tuple": lambda: (1, "x"),
    "bytes": lambda: b"x", "function": lambda: len, "{1: None}": lambda: {1: None},
}  # fmt: skip


@cache
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 80
    return pd.DataFrame(
        {
            "w": rng.uniform(1, 3, n), "psu": np.repeat(range(20), 4), "q": rng.integers(1, 6, n), "yes": [0, 1] * 40,
            "g": ["a", "b"] * 40, "t": [0, 1, 1, 0] * 20, "ward": np.repeat(range(4), 20), "y": rng.normal(size=n),
            "disposition": "complete",
        }
    )  # fmt: skip


@cache
def sample() -> sv.Sample:
    return sv.Sample(frame(), weights="w", psu="psu")


def responses() -> sv.Responses:
    scale = sv.Variable("q", type="ordinal", labels={i: {"en": str(i)} for i in range(1, 6)})
    return sv.Responses(frame(), sv.Codebook({"q": scale}))


@cache
def means() -> sv.Estimates:
    return sample().mean(["y", "q"], by="g")


@cache
def shares() -> sv.Estimates:
    return sample().proportion("q", levels=[5], by="ward")


GOOD: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "Sample": (lambda: sv.Sample, {"data": frame(), "weights": "w"}),
    "Replicates": (lambda: sv.Replicates, {"method": "bootstrap", "columns": ("w",)}),
    **{
        f"Sample.{verb}": (lambda verb=verb: getattr(sample(), verb), good)
        for verb, good in {
            "mean": {"items": "y"},
            "total": {"items": "y"},
            "proportion": {"items": "q", "levels": [5]},
            "distribution": {"items": "q"},
            "ratio": {"numerator": "y", "denominator": "w"},
            "quantile": {"items": "y"},
            "variance": {"items": "y"},
            "covariance": {"items": ["y", "q"]},
            "correlation": {"items": ["y", "q"]},
            "cells": {"items": "q"},
            "item_response": {"items": "q"},
            "band": {"items": "q", "levels": [5]},
            "replicates": {"method": "bootstrap", "n": 4, "seed": 1},
            "linear": {"formula": "y ~ q"},
            "effect": {"items": "y", "treated": "ward == 1", "period": "t", "unit": "ward"},
            "rake": {"targets": {"g": {"a": 1, "b": 1}}},
            "poststratify": {"targets": {"g": {"a": 1, "b": 1}}},
            "calibrate": {"targets": {"g": {"a": 1, "b": 1}}},
            "trim": {"upper": 2.9},
            "trimming_errors": {"items": "y"},
            "scale_weights": {"to": 100.0},
            "weight_diagnostics": {},
            "weight_distribution": {},
            "weight_effects": {"items": "y"},
            "margin_gaps": {"targets": {"g": {"a": 1, "b": 1}}},
        }.items()
    },
    **{
        f"Responses.{verb}": (lambda verb=verb: getattr(responses(), verb), good)
        for verb, good in {
            "check": {},
            "recode_missing": {},
            "recode": {"column": "q", "mapping": {1: 2}},
            "merge_categories": {"column": "q", "groups": {1: [1, 2], 2: [3, 4, 5]}, "into": "m"},
            "derive": {"name": "z", "expression": "q + 1"},
            "band": {"column": "y", "edges": [-9, 0, 9], "into": "b"},
            "reverse": {"columns": []},
            "drop": {"where": "q == 1", "reason": "none"},
            "collapse_copies": {},
            "score": {"name": "s", "items": ["q"]},
            "scan_personal": {},
            "k_anonymity": {"quasi": "g"},
            "quality": {"items": "q", "interviewer": "psu", "within": None},
        }.items()
    },
    "Estimates.contrast": (lambda: means().contrast, {"weights": [1, -1, 0, 0]}),
    "Estimates.pairwise": (lambda: means().pairwise, {}),
    "Estimates.to_text": (lambda: means().to_text, {}),
    "figures.intervals": (lambda: sv.figures.intervals, {"e": shares()}),
    "figures.likert": (lambda: sv.figures.likert, {"e": sample().distribution("q")}),
    "figures.love": (lambda: sv.figures.love, {"e": sample().margin_gaps({"g": {"a": 1, "b": 1}})}),
    "figures.weights": (lambda: sv.figures.weights, {"e": sample().weight_distribution()}),
    "tables.table": (lambda: sv.tables.table, {"e": means()}),
    "narrative.describe": (lambda: sv.narrative.describe, {"e": means(), "row": 0}),
    "narrative.compare": (lambda: sv.narrative.compare, {"e": means().pairwise(), "row": 0}),
    "narrative.ranking": (lambda: sv.narrative.ranking, {"e": shares()}),
    "narrative.permutation": (
        lambda: sv.narrative.permutation,
        {"e": sample().effect("y", treated="ward == 1", period="t", unit="ward")},
    ),
    "Targets.from_frame": (lambda: sv.Targets.from_frame, {"frame": pd.DataFrame({"g": ["a", "b"], "total": [1, 2]})}),
    "read": (lambda: sv.read, {"path": "nothing-here.csv"}),
    "pool": (lambda: pool, {"completed": [means(), means()]}),
    "Imputations": (lambda: sv.Imputations, {"samples": [sample(), sample()]}),
}


def cases() -> Iterator[tuple[str, str]]:
    for verb, (find, good) in GOOD.items():
        names = [p.name for p in inspect.signature(find()).parameters.values() if p.kind is not p.VAR_KEYWORD]
        yield from ((verb, name) for name in dict.fromkeys([*good, *names]))


@pytest.mark.parametrize(("verb", "name"), [pytest.param(v, n, id=f"{v}-{n}") for v, n in cases()])
@pytest.mark.filterwarnings("ignore")
def test_a_wrong_argument_ends_in_a_result_or_an_error_of_ours(
    verb: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    find, good = GOOD[verb]
    bare = []
    for kind, make in WRONG.items():
        try:
            result = find()(**{**good, name: make()})
            if isinstance(result, sv.Exhibit) and result.kind == "table":
                result.html()
            elif isinstance(result, sv.Exhibit):
                assert result.alt
                result.notes  # noqa: B018
        except sv.SurveyError:
            pass
        except Exception as problem:
            bare.append(f"{name}={kind}: {type(problem).__name__}: {str(problem)[:80]}")
    assert not bare, "\n".join(bare)


def test_an_argument_of_the_wrong_kind_is_named_with_what_was_expected() -> None:
    with pytest.raises(sv.EstimationError) as failed:
        sample().mean("y", level="0.95")  # type: ignore[arg-type]
    assert failed.value.where == "mean(level=...)" and failed.value.expected == "a number"
    assert "0.95" in str(failed.value.got)


def test_an_error_names_the_kind_of_a_column_and_none_of_its_values() -> None:
    with pytest.raises(sv.SurveyError) as failed:
        sv.Sample(frame(), weights=pd.Series(["Nguyễn Văn A"]))  # type: ignore[arg-type]
    assert "Nguyễn" not in str(failed.value) and "Series" in str(failed.value)


def test_a_fault_of_ours_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only arguments of the wrong kind are blamed: with right ones an error of Python's is not dressed up."""
    from survey import estimate

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(estimate, "grouping_of", broken)
    with pytest.raises(KeyError, match="ours"):
        sample().mean("y")
    with pytest.raises(sv.SurveyError, match="wrong kind"):
        sample().mean(5)  # type: ignore[arg-type]

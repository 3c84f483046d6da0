"""Codes of a nominal item are names in every verb that could take them for numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

Verb = Callable[[sv.Sample], Any]


def sample(kind: str = "nominal", regions: int = 5) -> sv.Sample:
    rng = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame(
        {
            "region": np.tile(np.arange(1, regions + 1), n)[:n],
            "age": rng.integers(18, 80, n),
            "disposition": rng.choice([1.1, 2.1], n),
            "unit": np.repeat(range(10), 40),
            "pilot": np.repeat([0, 1], 200),
            "wave": np.tile([0, 1], 200),
        }
    )
    labels = {i: {"vi": f"Vùng {i}", "en": f"Region {i}"} for i in range(1, regions + 1)}
    book = sv.Codebook({"region": sv.Variable("region", type=kind, labels=labels)})
    return sv.Sample(sv.Responses(frame, book), weights=None, psu="unit")


VERBS: dict[str, Verb] = {
    "response model": lambda s: s.adjust_nonresponse(model="region"),
    "response model with a function": lambda s: s.adjust_nonresponse(model="age + log(region)", classes=None),
    "sum to be met": lambda s: s.calibrate({"region": 1500.0}),
    "regression": lambda s: s.linear("age ~ region"),
    "outcome": lambda s: s.linear("region ~ age"),
    "effect": lambda s: s.effect("region", treated="pilot", period="wave", unit="unit"),
    "total": lambda s: s.total("region"),
    "ratio": lambda s: s.ratio("age", "region"),
    "correlation": lambda s: s.correlation(["region", "age"]),
    "quantile": lambda s: s.quantile("region", [0.5]),
}


@pytest.mark.parametrize("name", VERBS)
def test_a_nominal_item_is_no_number(name: str) -> None:
    with pytest.raises(sv.SurveyError, match="its codes are names") as refused:
        VERBS[name](sample())
    assert "region" in str(refused.value.where) and refused.value.fix
    if "model" in name:
        assert "C(region)" in str(refused.value.fix)
    VERBS[name](sample("ordinal"))  # that is what would be right


def test_categories_and_two_of_them_are_taken() -> None:
    sample().adjust_nonresponse(model="C(region) + age")
    sample(regions=2).adjust_nonresponse(model="region")  # of two categories the coefficient is their difference
    by_category = sample().calibrate({"region": dict.fromkeys(range(1, 6), 80.0)})
    assert by_category.weights.sum() == pytest.approx(400)

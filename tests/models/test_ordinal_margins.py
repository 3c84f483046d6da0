"""Effects on each answer and on the top of a scale: brute force in R, derivatives, and what must add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.models.ordinal_response import OrdinalResponse

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "ordinal.json").read_text(encoding="utf-8"))["results"]}


@pytest.fixture
def model(rows: pd.DataFrame) -> Any:
    return sv.Sample(rows, **DESIGNS["strat_clus"]).ordinal("q1 ~ sex * wave + C(age)")


def test_effects_on_each_answer_are_those_of_brute_force(model: Any) -> None:
    """Everybody with the term and without it, averaged; standard errors by svytotal of numerical influence values."""
    e = model.margins("sex")
    expected = R["strat_clus/effect_sex"]
    assert e.table["answer"].tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(e.table["estimate"], expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(e.table["std_error"], expected["se"], rtol=1e-7)
    assert e.table["estimate"].sum() == pytest.approx(0, abs=1e-14)


def test_the_effect_on_the_top_two(model: Any) -> None:
    expected = R["strat_clus/effect_sex"]
    for asked in ({"top": 2}, {"levels": [4, 5]}):
        e = model.margins("sex", **asked)
        assert e.answers == (4, 5) and len(e.table) == 1
        assert e.table["estimate"].iloc[0] == pytest.approx(expected["top2"], rel=1e-8)
        assert e.table["std_error"].iloc[0] == pytest.approx(expected["top2_se"], rel=1e-7)
    rest = model.margins("sex", bottom=3).table.iloc[0]
    assert rest["estimate"] == pytest.approx(-expected["top2"]) and rest["std_error"] == pytest.approx(
        expected["top2_se"]
    )
    one = model.margins("sex", levels=5).table.iloc[0]
    assert one["estimate"] == pytest.approx(expected["estimate"][4])


def test_the_slope_of_a_number(rows: pd.DataFrame) -> None:
    e = sv.Sample(rows, **DESIGNS["strat_clus"]).ordinal("q2 ~ minutes + group * wave").margins("minutes")
    np.testing.assert_allclose(e.table["estimate"], R["strat_clus/effect_minutes"]["estimate"], rtol=1e-7)


def test_the_gradient_is_the_derivative() -> None:
    """Complex steps of the shares, which have no error of their own."""
    rng = np.random.default_rng(5)
    x, beta = rng.normal(size=(6, 2)), np.array([0.4, -0.7, -1.2, 0.1, 1.5])
    counted = np.array([[1.0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1]])
    response = OrdinalResponse((1, 2, 3, 4), ("a", "b", "c"), counted)

    def shares(b: np.ndarray) -> np.ndarray:
        below = 1 / (1 + np.exp(-(b[2:] - (x @ b[:2])[:, None])))
        return np.diff(np.hstack([np.zeros((6, 1)), below, np.ones((6, 1))]), axis=1) @ counted.T

    np.testing.assert_allclose(response.predicted(x, beta), shares(beta), rtol=1e-13)
    by_steps = np.stack([shares(beta + 1e-30j * unit).imag / 1e-30 for unit in np.eye(5)], axis=2)
    np.testing.assert_allclose(response.gradient(x, beta), by_steps, rtol=1e-12, atol=1e-16)


def test_predicted_shares_average_to_those_of_a_saturated_model(rows: pd.DataFrame) -> None:
    """Two answers and one factor: the shares of each group, with their standard errors."""
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    predicted = s.ordinal("yes ~ group").predict({"group": [0, 1]}, levels=1)
    shares = s.proportion("yes", levels=[1], by="group").table
    np.testing.assert_allclose(predicted.table["estimate"], shares["estimate"], rtol=1e-10)
    np.testing.assert_allclose(predicted.table["std_error"], shares["std_error"], rtol=1e-8)


def test_the_top_of_the_scale_is_the_codebooks(rows: pd.DataFrame) -> None:
    """Nobody gave a 5: the top two are 4 and 5 all the same, as for `proportion`, not 3 and 4."""
    labels = {k: {"en": t} for k, t in enumerate(["Very poor", "Poor", "Fair", "Good", "Very good"], 1)}
    codebook = sv.Codebook.from_dict({"variables": {"q1": {"type": "ordinal", "labels": labels}}})
    s = sv.Sample(sv.Responses(rows.assign(q1=rows["q1"].where(rows["q1"] != 5)), codebook), **DESIGNS["strat_clus"])
    model = s.ordinal("q1 ~ sex")
    top, fourth = model.margins("sex", top=2), model.margins("sex", levels=4)
    assert top.answers == (4, 5)
    np.testing.assert_allclose(top.table["estimate"], fourth.table["estimate"])


@pytest.mark.parametrize("asked", [{"top": 5}, {"top": 0}, {"levels": [9]}, {"top": 1, "bottom": 1}, {"top": True}])
def test_answers_that_cannot_be_counted(model: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(sv.EstimationError):
        model.margins("sex", **asked)


def test_replicates_average_again(rows: pd.DataFrame) -> None:
    """The jackknife of the effects is near their linearisation, and is not the same."""
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    linear, again = (
        m.ordinal("q1 ~ sex * wave").margins("sex", top=2).table.iloc[0] for m in (s, s.replicates("jackknife"))
    )
    assert again["estimate"] == pytest.approx(linear["estimate"], rel=1e-12)
    assert again["std_error"] != linear["std_error"]
    assert again["std_error"] == pytest.approx(linear["std_error"], rel=0.15)


def test_scale_and_order_change_nothing(rows: pd.DataFrame) -> None:
    design = DESIGNS["strat_clus"]
    mixed = rows.sample(frac=1, random_state=2).assign(w=lambda d: d["w"] * 1e-3)
    one, other = (sv.Sample(d, **design).ordinal("q1 ~ sex * wave").margins().table for d in (rows, mixed))
    for column in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(one[column], other[column], rtol=1e-8)

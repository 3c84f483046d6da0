"""What calibration takes off a variance: residuals row by row, several calibrations, replicates raked anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.calibration import residuals
from survey.design.design import Adjustment

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
FIRST = {"sex": {0: 1400.0, 1: 1600.0}}
SECOND = {"age": {0: 800.0, 1: 1300.0, 2: 900.0}, "kind": {"business": 700.0, "resident": 2300.0}}


def indicators(rows: pd.DataFrame, *columns: str) -> np.ndarray:
    return np.column_stack([(rows[c] == v) for c in columns for v in sorted(rows[c].unique())]).astype(float)


def residual(u: np.ndarray, steps: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> np.ndarray:
    """w u, less what each calibration (x, weights before, weights after) explains, from the last to the first."""
    r = steps[-1][2] * u
    for x, before, after in reversed(steps):
        root = np.sqrt(before)
        beta = np.linalg.lstsq(x * root[:, None], r / after * root, rcond=None)[0]
        r = r - after * (x @ beta)
    return r


def standard_error(rows: pd.DataFrame, design: str, r: np.ndarray) -> float:
    """That of a total of r, row values with their weights in them, under the same design."""
    plain = sv.Sample(rows.assign(one_=1.0, r=r), **{**DESIGNS[design], "weights": "one_"})
    return float(plain.total("r").table.loc[0, "std_error"])


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_one_calibration(rows: pd.DataFrame, design: str) -> None:
    s = sv.Sample(rows, **DESIGNS[design]).rake(SECOND, tolerance=1e-13)
    step = (indicators(rows, "age", "kind"), rows["w"].to_numpy(), s.weights)
    expected = standard_error(rows, design, residual(rows["trips"].to_numpy(float), [step]))
    assert s.total("trips").table.loc[0, "std_error"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_two_calibrations_are_taken_off_from_the_last_to_the_first(rows: pd.DataFrame, design: str) -> None:
    one = sv.Sample(rows, **DESIGNS[design]).rake(FIRST)
    two = one.rake(SECOND, tolerance=1e-13)
    assert [a.weights_before for a in two.design.adjustments] == ["w", "w_final"]
    steps = [
        (indicators(rows, "sex"), rows["w"].to_numpy(), one.weights),
        (indicators(rows, "age", "kind"), one.weights, two.weights),
    ]
    for item in ("trips", "rare", "clusters_total"):
        expected = standard_error(rows, design, residual(rows[item].to_numpy(float), steps))
        assert two.total(item).table.loc[0, "std_error"] == pytest.approx(expected, rel=1e-9)
    # and for something smooth: u of a mean within a domain
    inside = (rows["ward"] == "An Hòa").to_numpy()
    row = two.mean("trips", where=inside).table.iloc[0]
    u = inside * (rows["trips"].to_numpy() - row["estimate"]) / two.weights[inside].sum()
    assert row["std_error"] == pytest.approx(standard_error(rows, design, residual(u, steps)), rel=1e-9)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_numbers_are_calibration_variables_as_margins_are(rows: pd.DataFrame, design: str) -> None:
    """Linear calibration by hand to the total of a number and to a margin: w (1 + x' lambda)."""
    x = np.column_stack([indicators(rows, "sex"), rows["people_total"]])
    w = rows["w"].to_numpy()
    known = np.array([1400.0, 1600.0, 3000.0 * 55])
    after = w * (1 + x @ np.linalg.solve(x.T @ (w[:, None] * x), known - x.T @ w))
    assert (after > 0).all()
    base = sv.Sample(rows, **DESIGNS[design])
    data = rows.assign(after=after)
    adjusted = base.design.reweighted("after", Adjustment("linear", (("sex",),), (("people_total",),), "w"))
    s = sv.Sample.of(sv.Responses(data), adjusted)
    expected = standard_error(rows, design, residual(rows["trips"].to_numpy(float), [(x, w, after)]))
    assert s.total("trips").table.loc[0, "std_error"] == pytest.approx(expected, rel=1e-9)
    fixed = s.total(["people_total", "sex"]).table
    assert fixed["estimate"].tolist() == pytest.approx([known[2], known[1]])
    assert (fixed["std_error"] < 1e-8 * fixed["estimate"]).all()
    # a model, whose influence is given row by row, takes the same off
    model, mean = s.linear("trips ~ 1").table, s.mean("trips").table
    assert model.loc[0, "std_error"] == pytest.approx(mean.loc[0, "std_error"], rel=1e-9)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_covariances_after_calibration_are_those_of_residuals(rows: pd.DataFrame, design: str) -> None:
    s = sv.Sample(rows, **DESIGNS[design]).rake(SECOND, tolerance=1e-13)
    step = (indicators(rows, "age", "kind"), rows["w"].to_numpy(), s.weights)
    a, b = (residual(rows[c].to_numpy(float), [step]) for c in ("trips", "rare"))
    variance = {k: standard_error(rows, design, v) ** 2 for k, v in {"a": a, "b": b, "ab": a + b}.items()}
    got = s.total(["trips", "rare"]).covariance
    expected = (variance["ab"] - variance["a"] - variance["b"]) / 2
    assert got[0, 1] == pytest.approx(expected, rel=1e-7, abs=1e-9 * np.sqrt(variance["a"] * variance["b"]))


@pytest.mark.parametrize("steps", [[SECOND], [FIRST, SECOND]], ids=["once", "twice"])
@pytest.mark.slow
def test_raking_every_replicate_anew_gives_about_the_same(rows: pd.DataFrame, steps: list[Any]) -> None:
    """A jackknife that leaves out one cluster and rakes again knows nothing of residuals, and finds nearly the same.

    Without the residuals the standard error of this total would be more than twice as large.
    """

    def total(frame: pd.DataFrame) -> float:
        s = sv.Sample(frame, weights="w")
        for targets in steps:
            s = s.rake(targets)
        return float(s.total("trips").table.loc[0, "estimate"])

    clusters = rows["cluster"].unique()
    left_out = np.array([total(rows[rows["cluster"] != c]) for c in clusters])
    g = len(clusters)
    jackknife = np.sqrt((g - 1) / g * ((left_out - left_out.mean()) ** 2).sum())
    s = sv.Sample(rows, weights="w", psu="cluster")
    for targets in steps:
        s = s.rake(targets)
    linearised = s.total("trips").table.loc[0, "std_error"]
    ignoring = sv.Sample(s.data, weights=s.design.weights, psu="cluster").total("trips").table.loc[0, "std_error"]
    assert linearised == pytest.approx(jackknife, rel=0.15)
    assert ignoring > 2 * linearised


def test_calibration_is_forgotten_by_a_sample_that_is_made_anew(rows: pd.DataFrame) -> None:
    """Weights from a file have no memory of margins; only `rake` and its like give the smaller standard error."""
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).rake(SECOND)
    anew = sv.Sample(s.data, **{**DESIGNS["strat_clus"], "weights": "w_final"})
    assert anew.total("one").table.loc[0, "std_error"] > 0.01 * anew.weights.sum()
    assert s.total("one").table.loc[0, "std_error"] < 1e-9 * s.weights.sum()


@pytest.mark.crossed
@pytest.mark.parametrize("steps", ["margins", "numbers", "twice", "in waves"])
@pytest.mark.parametrize("design", ["strat_clus", "element"])
@pytest.mark.sampled
def test_cells_of_all_margins_give_what_one_margin_after_the_other_gives(
    rows: pd.DataFrame, design: str, steps: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People alike in all margins are counted together where that saves passes over the rows; nothing else changes."""
    many = pd.concat([rows.assign(cluster=rows["cluster"] + f" {i}") for i in range(4)], ignore_index=True)
    many["w"] *= 1 + np.random.default_rng(1).random(len(many))
    numbers = {("wave", "sex"): {(w, s): 1000.0 + 300 * w + 50 * s for w in (0, 1) for s in (0, 1)}, "trips": 9000.0}
    chain: dict[str, list[Any]] = {
        "margins": [FIRST | SECOND],
        "numbers": [SECOND | {"trips": 5500.0}],
        "twice": [FIRST | SECOND, SECOND],
        "in waves": [numbers],
    }

    def estimates() -> tuple[bool, list[np.ndarray]]:
        s = sv.Sample(many, **DESIGNS[design] | ({"psu": "cluster"} if design == "strat_clus" else {}))
        for targets in chain[steps]:
            s = s.calibrate(targets, method="raking")
        tables = [
            s.mean(["q1", "minutes"], by="ward"),
            s.total("trips", by="kind"),
            s.ratio("minutes", "trips"),
            s.distribution("q2"),
        ]
        together = any(step.alike is not None for step in s.residuals.steps)
        return together, [t.table["std_error"].to_numpy() for t in tables] + [t.covariance for t in tables]

    together, expected = estimates()
    monkeypatch.setattr(residuals, "_MOST", -1)
    monkeypatch.setattr(residuals.JointCells, "of", classmethod(lambda cls, blocks: None))
    alone, found = estimates()
    assert together == (steps != "in waves") and not alone  # one margin is no crossing
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12 * np.abs(b).max())

"""Raking: margins that hold, R's weights and standard errors, and an error instead of weights that meet nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from examples import examples

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "core.json").read_text(encoding="utf-8"))["results"]}
TARGETS = {"sex": dict(enumerate(R["targets"]["sex"])), "age": dict(enumerate(R["targets"]["age"]))}


def raked(rows: pd.DataFrame, design: str = "strat_clus", **options: Any) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS[design]).rake(TARGETS, **{"tolerance": 1e-13, **options})


def close(got: Any, expected: Any, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(got, float).ravel(), np.atleast_1d(np.asarray(expected, float)), rtol=rtol)


# --- against R --------------------------------------------------------------------------------------------------------


def test_weights_are_those_of_r(rows: pd.DataFrame) -> None:
    w, expected = raked(rows).weights, R["strat_clus/raked/weights"]
    close(w[:8], expected["first"])
    close([w.min(), w.max()], expected["range"])


ESTIMATES = {
    "mean": lambda s: s.mean("q1"),
    "mean_minutes": lambda s: s.mean("minutes"),
    "total": lambda s: s.total("trips"),
    "total_missing": lambda s: s.total("yes"),
    "ratio": lambda s: s.ratio("minutes", "trips", where="sex == 1"),
    "mean_by_ward": lambda s: s.mean("q1", by="ward"),
    "total_by_ward_business": lambda s: s.total("trips", by="ward", where="kind == 'business'"),
    "two_items": lambda s: s.mean(["q1", "q2"], where=s.data[["q1", "q2"]].notna().all(axis=1).to_numpy()).contrast(
        [1, -1]
    ),
    "linear": lambda s: s.linear("minutes ~ C(age) + sex * kind"),
    "linear_business": lambda s: s.linear("q1 ~ wave", where="kind == 'business'"),
}


@pytest.mark.crossed
@pytest.mark.parametrize("what", ESTIMATES)
@pytest.mark.parametrize("design", DESIGNS)
def test_standard_errors_after_raking_are_those_of_r(rows: pd.DataFrame, design: str, what: str) -> None:
    """Against calibrate(calfun = "raking"), which regresses with the weights from before, as Deville & Sarndal do."""
    table, expected = ESTIMATES[what](raked(rows, design)).table, R[f"{design}/raked/{what}"]
    close(table["estimate"], expected["estimate"])
    close(table["std_error"], expected["se"])
    if "df" in expected:
        assert (table["df"] == expected["df"]).all()


@pytest.mark.parametrize("design", DESIGNS)
def test_distributions_after_raking_are_those_of_r(rows: pd.DataFrame, design: str) -> None:
    e, expected = raked(rows, design).distribution("q2", by="kind"), R[f"{design}/raked/distribution_by_kind"]
    table = e.table.sort_values(["answer", "kind"], kind="stable")  # R lets the group run fastest
    close(table["estimate"], expected["estimate"])
    close(table["std_error"], expected["se"])


REFERENCE_DESIGNS = {
    "strat_clus": {"weights": "w", "strata": "stratum", "psu": "psu", "nest": True},
    "two_stage": {
        "weights": "w",
        "strata": "stratum",
        "psu": ["psu", "rid"],
        "fpc": ["clusters_total", "people_total"],
        "nest": True,
    },
    "element": {"weights": "w", "strata": "stratum"},
}


@pytest.mark.parametrize("design", REFERENCE_DESIGNS)
def test_the_reference_sample_after_calibrate(
    r_sample: pd.DataFrame, golden: dict[str, dict[str, Any]], design: str
) -> None:
    """reference/calibrate.R: r <- calibrate(d, ~sex + factor(age) + kind, population, calfun = "raking")."""
    found = json.loads((REFERENCE / "calibrate.json").read_text(encoding="utf-8"))["results"]
    expected = {r["id"].partition("/")[2]: r for r in found if r["id"].startswith(f"{design}/")}
    t = golden["targets"]
    kinds = dict(zip(t["kind_levels"], t["kind"], strict=True))
    targets = {"sex": dict(enumerate(t["sex"])), "age": dict(enumerate(t["age"])), "kind": kinds}
    s = sv.Sample(r_sample, **REFERENCE_DESIGNS[design]).rake(targets, tolerance=1e-13)
    close(s.weights[:12], expected["weights"]["first"])
    estimates = {
        "mean_q1": s.mean("q1"),  # 0.0995542808602386, 0.0937454728833469, 0.0741288325063816 by design
        "mean_minutes": s.mean("minutes"),
        "total_yes": s.total("yes"),
        "by_group": s.mean("q1", by="group"),
        "ratio": s.ratio("minutes", "trips"),
    }
    for what, e in estimates.items():
        close(e.table["estimate"], expected[what]["estimate"])
        close(e.table["std_error"], expected[what]["se"])
    assert s.total("sex").table.loc[0, "std_error"] < 1e-9


# --- the method -------------------------------------------------------------------------------------------------------


def naive_rake(w: np.ndarray, columns: list[np.ndarray], totals: list[dict[Any, float]], rounds: int) -> np.ndarray:
    """Deming & Stephan (1940), person by person."""
    w = w.astype(float).copy()
    for _ in range(rounds):
        for column, known in zip(columns, totals, strict=True):
            for category, total in known.items():
                inside = column == category
                w[inside] *= total / w[inside].sum()
    return w


def test_weights_are_those_of_proportional_fitting(rows: pd.DataFrame) -> None:
    columns = [rows["sex"].to_numpy(), rows["age"].to_numpy()]
    expected = naive_rake(rows["w"].to_numpy(), columns, [*TARGETS.values()], 60)
    close(raked(rows).weights, expected, rtol=1e-11)


def test_people_alike_in_all_margins_keep_their_relative_weights(rows: pd.DataFrame) -> None:
    factor = raked(rows).weights / rows["w"]
    by_cell = factor.groupby([rows["sex"], rows["age"]])
    assert (by_cell.max() / by_cell.min() - 1).max() < 1e-12
    assert by_cell.mean().nunique() == 6


def test_factors_are_a_product_of_one_factor_a_margin(rows: pd.DataFrame) -> None:
    """What sets raking apart: log factors are additive, so the odds ratios of the sample survive."""
    log = np.log(raked(rows).weights / rows["w"]).groupby([rows["sex"], rows["age"]]).mean().unstack()
    assert np.abs(log.diff().iloc[1] - log.diff().iloc[1].mean()).max() < 1e-11


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e12])
def test_the_scale_of_the_weights_before_does_not_matter(rows: pd.DataFrame, scale: float) -> None:
    expected = raked(rows)
    s = raked(rows.assign(w=rows["w"] * scale))
    close(s.weights, expected.weights, rtol=1e-10)
    close(s.mean("q1", by="ward").table["std_error"], expected.mean("q1", by="ward").table["std_error"], rtol=1e-9)
    close(s.total("trips").table["std_error"], expected.total("trips").table["std_error"], rtol=1e-9)


def test_the_order_of_margins_and_categories_does_not_matter(rows: pd.DataFrame) -> None:
    turned = {v: dict(reversed(TARGETS[v].items())) for v in ("age", "sex")}
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).rake(turned, tolerance=1e-13)
    close(s.weights, raked(rows).weights, rtol=1e-10)


def test_targets_as_table_dict_and_targets_give_the_same_weights(rows: pd.DataFrame) -> None:
    table = pd.DataFrame(
        [{"variable": v, "category": c, "total": t} for v, known in TARGETS.items() for c, t in known.items()]
    )
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    for targets in (table, sv.Targets.of(TARGETS), table.astype({"category": str})):
        close(s.rake(targets, tolerance=1e-13).weights, raked(rows).weights, rtol=1e-12)


def test_shares_are_targets_too(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).rake({"sex": {0: 0.4, 1: 0.6}})
    assert s.weights.sum() == pytest.approx(1.0)
    assert s.proportion("sex", levels=[1]).table.loc[0, "estimate"] == pytest.approx(0.6)


def test_margins_that_differ_by_rounding_are_met_on_the_total_of_the_first(rows: pd.DataFrame) -> None:
    targets = {"sex": {0: 400.0, 1: 600.0}, "age": {0: 300, 1: 400, 2: 300.0005}}
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).rake(targets)
    assert s.weights.sum() == pytest.approx(1000.0, rel=1e-9)


@pytest.mark.parametrize("dtype", ["Int64", "float64", "category", "bool", "str"])
def test_a_margin_of_every_kind_of_column(rows: pd.DataFrame, dtype: str) -> None:
    close(
        raked(rows.astype({"sex": dtype}) if dtype != "str" else rows.assign(sex=rows["sex"].astype(str))).weights,
        raked(rows).weights,
        rtol=1e-12,
    )


def test_without_weights_everyone_starts_from_one(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, weights=None, psu="cluster").rake(TARGETS, tolerance=1e-13)
    ones = sv.Sample(rows.assign(w=1.0), weights="w", psu="cluster").rake(TARGETS, tolerance=1e-13)
    close(s.weights, ones.weights)
    close(s.mean("q1").table["std_error"], ones.mean("q1").table["std_error"])


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_the_old_weights_stay_and_the_sample_is_a_new_one(rows: pd.DataFrame) -> None:
    before = sv.Sample(rows, **DESIGNS["strat_clus"])
    data = before.data.copy()
    after = before.rake(TARGETS)
    pd.testing.assert_frame_equal(before.data, data)
    assert before.design.weights == "w" and before.design.adjustments == ()
    assert after.design.weights == "w_final"
    pd.testing.assert_series_equal(after.data["w"], data["w"])
    np.testing.assert_array_equal(after.data["w_final"], after.weights)


def test_a_taken_name_gets_a_number(rows: pd.DataFrame) -> None:
    s = raked(rows.assign(w_final=-1.0))
    assert s.design.weights == "w_final_2"
    assert (s.data["w_final"] == -1.0).all()
    assert raked(rows, into="w_final").design.weights == "w_final"


def test_a_column_of_the_user_is_not_written_over(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(w_equal=7.0), weights=None).rake(TARGETS)
    assert (s.data["w_equal"] == 7.0).all()


def test_raking_is_one_line_in_the_log(rows: pd.DataFrame) -> None:
    s = raked(rows)
    line = s.responses.log.iloc[-1]
    assert line["verb"] == "rake"
    assert "w -> w_final" in line["what"] and "2 margins" in line["what"]
    assert line["rows_after"] == len(rows)


def test_what_was_calibrated_is_remembered(rows: pd.DataFrame) -> None:
    s = raked(rows)
    (adjustment,) = s.design.adjustments
    assert adjustment.method == "rake"
    assert adjustment.margins == (("sex",), ("age",))
    assert adjustment.weights_before == "w"


# --- what cannot be met -----------------------------------------------------------------------------------------------


def test_confounded_margins_raise_and_leave_the_sample_alone() -> None:
    """Sex and age go together, the targets do not: a well-known routine reports 20/20 for 10/30 as converged."""
    frame = pd.DataFrame({"sex": ["m", "f"] * 20, "age": ["old", "young"] * 20, "w": 1.0})
    s = sv.Sample(frame, weights="w")
    with pytest.raises(sv.ConvergenceError, match="did not meet the margins") as caught:
        s.rake({"sex": {"m": 10, "f": 30}, "age": {"old": 30, "young": 10}})
    words = str(caught.value)
    assert "sex" in words and "age" in words and "confounded" in words
    assert "10.0 for 30.0" in words or "30.0 for 10.0" in words
    assert list(s.data.columns) == ["sex", "age", "w"]
    assert s.weights.tolist() == [1.0] * 40
    assert len(s.responses.log) == 0


def test_a_cell_nobody_is_in_can_make_margins_impossible() -> None:
    """All women are young, yet the old outnumber the men."""
    frame = pd.DataFrame({"sex": ["m", "m", "f"], "age": ["old", "young", "young"], "w": 1.0})
    with pytest.raises(sv.ConvergenceError):
        sv.Sample(frame, weights="w").rake({"sex": {"m": 40, "f": 60}, "age": {"old": 50, "young": 50}})


def test_too_few_iterations_are_no_convergence(rows: pd.DataFrame) -> None:
    for iterations in (0, 1):
        with pytest.raises(sv.ConvergenceError) as caught:
            raked(rows, max_iterations=iterations)
        assert f"{iterations} iteration" in str(caught.value)


def test_a_loose_tolerance_stops_sooner_and_says_how_near(rows: pd.DataFrame) -> None:
    s = raked(rows, tolerance=1e-3)
    gaps = s.margin_gaps(TARGETS).table
    assert 1e-9 < gaps["gap"].abs().max() < 1e-3
    assert raked(rows).margin_gaps(TARGETS).table["gap"].abs().max() < 1e-12


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def raking_problems(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, dict[int, float]]]:
    """People in every cell of two margins, so that any targets can be met."""
    a, b = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    repeats = draw(st.integers(1, 3))
    cells = [(i, j) for i in range(a) for j in range(b)] * repeats
    weights = draw(st.lists(st.floats(0.1, 50), min_size=len(cells), max_size=len(cells)))
    frame = pd.DataFrame(cells, columns=["a", "b"]).assign(w=weights, y=np.arange(len(cells)) % 5)
    shares = [draw(st.lists(st.floats(0.1, 5), min_size=k, max_size=k)) for k in (a, b)]
    total = draw(st.floats(1, 1e7))
    return frame, {
        name: {i: total * p / sum(part) for i, p in enumerate(part)} for name, part in zip("ab", shares, strict=True)
    }


@pytest.mark.slow
@settings(max_examples=examples(40), deadline=None)
@given(raking_problems(), st.randoms(use_true_random=False), st.sampled_from([1e-5, 2.0, 1e6]))
def test_margins_hold_whatever_the_order_of_rows_and_the_scale_of_weights(
    problem: tuple[pd.DataFrame, dict[str, dict[int, float]]], random: Any, scale: float
) -> None:
    frame, targets = problem
    s = sv.Sample(frame, weights="w", lonely="remove").rake(targets, max_iterations=5000)
    for name, totals in targets.items():
        got = pd.Series(s.weights).groupby(frame[name]).sum()
        close(got, [*totals.values()], rtol=1e-9)
    assert (s.weights > 0).all()

    order = list(range(len(frame)))
    random.shuffle(order)
    other = frame.iloc[order].assign(w=lambda d: d["w"] * scale)
    t = sv.Sample(other, weights="w", lonely="remove").rake(targets, max_iterations=5000)
    close(t.weights, s.weights[order], rtol=1e-7)
    close(t.total("y").table["std_error"] + 1, s.total("y").table["std_error"] + 1, rtol=1e-6)


def test_newton_takes_over_where_proportional_fitting_crawls() -> None:
    """Two margins over cells that are nearly diagonal: proportional fitting gains 0.4 % a round, 500 do not do.

    Raking leaves the odds ratio of the weights as it was (Deming & Stephan 1940), so the only unknown cell solves a
    quadratic. With a = w11 and k = odds ratio: a (T - r - c + a) = k (r - a) (c - a).
    """
    rows = pd.DataFrame({"x": [0, 0, 1, 1] * 3, "y": [0, 1, 0, 1] * 3, "w": [5000.0, 1, 1, 5000] * 3})
    r, c, total, k = 15_030.0, 15_000.0, 30_000.0, 5000.0**2
    b = total - r - c + k * (r + c)
    # the smaller root, by the form that does not subtract two large numbers
    a = 2 * k * r * c / (b + np.sqrt(b * b - 4 * (1 - k) * (-k * r * c)))
    cells = np.array([a, r - a, c - a, total - r - c + a])
    np.testing.assert_allclose(cells[0] * cells[3] / (cells[1] * cells[2]), k, rtol=1e-6)
    columns = [rows["x"].to_numpy(), rows["y"].to_numpy()]
    targets = {"x": {0: r, 1: total - r}, "y": {0: c, 1: total - c}}
    crawled = naive_rake(rows["w"].to_numpy(), columns, list(targets.values()), 500)
    assert abs(crawled[rows["x"] == 0].sum() / r - 1) > 1e-8, "the case does not try what it says"
    w = sv.Sample(rows, weights="w").rake(targets).weights
    np.testing.assert_allclose([w[columns[0] == v].sum() for v in (0, 1)], list(targets["x"].values()), rtol=1e-10)
    np.testing.assert_allclose([w[columns[1] == v].sum() for v in (0, 1)], list(targets["y"].values()), rtol=1e-10)
    np.testing.assert_allclose(w[:4] * 3, cells, rtol=1e-6)

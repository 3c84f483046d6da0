"""What must not change a result: the scale of the weights, the order of the rows, percent for share, weights of one.

Every verb under every design, before and after raking.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import MultipleSet

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
VERBS: dict[str, Callable[[sv.Sample], sv.Estimates]] = {
    "mean": lambda s: s.mean(["q1", "minutes"], by="sex"),
    "total": lambda s: s.total(["q1", "minutes"], where="kind == 'business'"),
    "proportion": lambda s: s.proportion("q1", top=2, by="ward"),
    "distribution": lambda s: s.distribution("q2", by="kind", interval="beta"),
    "ratio": lambda s: s.ratio("minutes", "trips", by="sex"),
    "select_all": lambda s: s.select_all("how", by="sex"),
    "options_chosen": lambda s: s.options_chosen("how", by="sex"),
    "linear": lambda s: s.linear("minutes ~ C(age) + sex * kind"),
    "contrast": lambda s: s.mean("q1", by=["group", "wave"]).contrast({"did": [1, -1, -1, 1]}),
    "pairwise": lambda s: s.mean("q1", by="ward").pairwise(),
    "over": lambda s: s.mean(["q1", "minutes"], over=["everyone", "sex", "ward"]),
}


HOW = sv.Codebook(sets={"how": MultipleSet("how", ("yes", "rare"))})
"""A select-all question of two options; the rows have no other codebook."""
ROWS = pd.read_csv(REFERENCE / "rows.csv")


def sample(rows: pd.DataFrame, design: str, raked: bool = False) -> sv.Sample:
    s = sv.Sample(sv.Responses(rows, HOW), **DESIGNS[design])
    if not raked:
        return s
    n = rows["w"].sum()
    targets = {"sex": {0: 0.42 * n, 1: 0.58 * n}, "age": {0: 0.25 * n, 1: 0.5 * n, 2: 0.25 * n}}
    return s.rake(targets, tolerance=1e-13)


@cache
def expected(verb: str, design: str, raked: bool) -> sv.Estimates:
    """The estimates from the rows as they are."""
    return VERBS[verb](sample(ROWS, design, raked))


def same(got: sv.Estimates, expected: sv.Estimates, rtol: float = 1e-9) -> None:
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=rtol, atol=1e-300)
    scale = np.sqrt(np.outer(np.diag(expected.covariance), np.diag(expected.covariance)))
    np.testing.assert_allclose(got.covariance / scale, expected.covariance / scale, rtol=rtol, atol=1e-9)


def times(e: sv.Estimates, factor: float) -> sv.Estimates:
    """Estimates in another unit."""
    units = {c: e.table[c] * factor for c in ("estimate", "std_error", "conf_low", "conf_high")}
    return e.with_table(e.table.assign(**units), _covariance=e.covariance * factor**2)


@pytest.mark.parametrize("raked", [False, True], ids=["", "raked"])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("design", DESIGNS)
class TestEveryVerbUnderEveryDesign:
    @pytest.mark.parametrize("factor", [pytest.param(2.0, marks=pytest.mark.slow), 1e6])
    @pytest.mark.crossed
    def test_the_scale_of_the_weights(
        self, rows: pd.DataFrame, design: str, verb: str, raked: bool, factor: float
    ) -> None:
        """Weights are no counts of people asked: doubling them must not halve a variance."""
        e = expected(verb, design, raked)
        got = VERBS[verb](sample(rows.assign(w=rows["w"] * factor), design, raked))
        same(got, times(e, factor) if verb == "total" else e)

    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_the_order_of_the_rows(self, rows: pd.DataFrame, design: str, verb: str, raked: bool) -> None:
        shuffled = rows.sample(frac=1, random_state=5)
        same(VERBS[verb](sample(shuffled, design, raked)), expected(verb, design, raked))

    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_names_of_strata_and_clusters(self, rows: pd.DataFrame, design: str, verb: str, raked: bool) -> None:
        """Other names, in another order, for the same units."""
        renamed = rows.assign(
            stratum=rows["stratum"].map({"bac": "z", "dong": "m", "nam": "a", "tay": "k"}),
            psu=99 - rows["psu"],
            cluster=rows["cluster"].str[::-1],
        )
        same(VERBS[verb](sample(renamed, design, raked)), expected(verb, design, raked))


@pytest.mark.crossed
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("verb", ["mean", "total", "linear", "contrast"])
@pytest.mark.sampled
def test_percent_against_share(rows: pd.DataFrame, design: str, verb: str) -> None:
    """A hundred times the answer is a hundred times the estimate, its standard error and its limits; nothing else."""
    run = {
        "mean": lambda s: s.mean("yes", by="sex"),
        "total": lambda s: s.total("yes", by="sex"),
        "linear": lambda s: s.linear("yes ~ sex * kind"),
        "contrast": lambda s: s.mean("yes", by="ward").contrast([1, 0, -1]),
    }[verb]
    share = run(sample(rows, design))
    percent = run(sample(rows.assign(yes=100 * rows["yes"]), design))
    same(percent, times(share, 100))


@pytest.mark.parametrize("design", DESIGNS)
def test_a_proportion_is_the_mean_of_its_indicator(rows: pd.DataFrame, design: str) -> None:
    rows["hit"] = rows["q1"].isin([4, 5]).where(rows["q1"].notna()).astype("Float64")
    s = sample(rows, design)
    share, mean = s.proportion("q1", top=2, by="ward", interval="plain"), s.mean("hit", by="ward")
    same(share, mean.with_table(mean.table.assign(item="q1")))


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_a_shift_of_the_answers_shifts_a_mean_and_leaves_its_error(rows: pd.DataFrame, design: str) -> None:
    e, shifted = sample(rows, design).mean("q1"), sample(rows.assign(q1=rows["q1"] + 1000), design).mean("q1")
    assert shifted.table["estimate"][0] == pytest.approx(e.table["estimate"][0] + 1000, rel=1e-12)
    assert shifted.table["std_error"][0] == pytest.approx(e.table["std_error"][0], rel=1e-8)


# --- weights of one: the formulas of the first statistics course ------------------------------------------------------


def equal(rows: pd.DataFrame, **design: object) -> sv.Sample:
    return sv.Sample(sv.Responses(rows.assign(w=1.0), HOW), weights="w", **design)


def test_with_weights_of_one_a_mean_is_that_of_the_textbook(rows: pd.DataFrame) -> None:
    e = equal(rows).mean("minutes").table.iloc[0]
    y = rows["minutes"].dropna()
    assert e["estimate"] == pytest.approx(y.mean(), rel=1e-12)
    # answers given by n_valid of n people are a domain: sqrt(n / (n - 1) * sum (y - mean)^2) / n_valid
    n = len(rows)
    expected = np.sqrt(n / (n - 1) * ((y - y.mean()) ** 2).sum()) / len(y)
    assert e["std_error"] == pytest.approx(expected, rel=1e-10)
    full = equal(rows.dropna(subset="minutes")).mean("minutes").table.iloc[0]
    assert full["std_error"] == pytest.approx(y.std() / np.sqrt(len(y)), rel=1e-10)
    assert full["deff"] == pytest.approx(1.0, rel=1e-10)
    assert full["n_eff"] == pytest.approx(len(y), rel=1e-10)


def test_with_weights_of_one_a_total_is_n_times_the_mean(rows: pd.DataFrame) -> None:
    e = equal(rows).total("trips").table.iloc[0]
    assert e["estimate"] == rows["trips"].sum()
    assert e["std_error"] == pytest.approx(len(rows) * rows["trips"].std() / np.sqrt(len(rows)), rel=1e-10)


def test_with_weights_of_one_a_share_has_the_variance_of_bernoulli(rows: pd.DataFrame) -> None:
    e = equal(rows).proportion("rare", levels=[1], interval="plain").table.iloc[0]
    p, n = rows["rare"].mean(), len(rows)
    assert e["estimate"] == pytest.approx(p)
    assert e["std_error"] == pytest.approx(np.sqrt(p * (1 - p) / (n - 1)), rel=1e-10)
    d = equal(rows).distribution("rare").table
    assert d["std_error"].tolist() == pytest.approx([np.sqrt(p * (1 - p) / (n - 1))] * 2, rel=1e-10)


def test_with_weights_of_one_a_ratio_has_the_classical_variance(rows: pd.DataFrame) -> None:
    """Cochran (1977), eq. 2.39: the variance of y - R x over n, by the squared mean of x."""
    rows = rows.dropna(subset="minutes")
    e = equal(rows).ratio("minutes", "trips").table.iloc[0]
    r = rows["minutes"].sum() / rows["trips"].sum()
    residual = rows["minutes"] - r * rows["trips"]
    n = len(rows)
    assert e["estimate"] == pytest.approx(r)
    assert e["std_error"] == pytest.approx(residual.std() / np.sqrt(n) / rows["trips"].mean(), rel=1e-10)
    assert e["deff"] == pytest.approx(1.0, rel=1e-10)


def test_with_weights_of_one_regression_has_whites_standard_errors(rows: pd.DataFrame) -> None:
    """White (1980): (X'X)^-1 X' diag(e^2) X (X'X)^-1, times n / (n - 1)."""
    rows = rows.dropna(subset="minutes")
    e = equal(rows).linear("minutes ~ sex + trips")
    x = np.column_stack([np.ones(len(rows)), rows["sex"], rows["trips"]])
    beta = np.linalg.lstsq(x, rows["minutes"], rcond=None)[0]
    error = rows["minutes"].to_numpy() - x @ beta
    bread = np.linalg.inv(x.T @ x)
    n = len(rows)
    expected = n / (n - 1) * bread @ (x.T * error**2 @ x) @ bread
    np.testing.assert_allclose(e.table["estimate"], beta, rtol=1e-10)
    np.testing.assert_allclose(e.covariance, expected, rtol=1e-8)


def test_with_weights_of_one_a_contrast_of_strata_is_welchs(rows: pd.DataFrame) -> None:
    """Two strata, each a simple random sample: the variances of the two means add up."""
    rows = rows.dropna(subset="minutes")
    e = equal(rows, strata="group").mean("minutes", by="group").contrast([-1, 1])
    groups = rows.groupby("group")["minutes"]
    row = e.table.iloc[0]
    assert row["estimate"] == pytest.approx(groups.mean()[1] - groups.mean()[0])
    assert row["std_error"] == pytest.approx(np.sqrt((groups.var() / groups.size()).sum()), rel=1e-10)


def test_no_weights_are_weights_of_one(rows: pd.DataFrame) -> None:
    for verb in VERBS.values():
        same(verb(sv.Sample(sv.Responses(rows, HOW), weights=None, psu="cluster")), verb(equal(rows, psu="cluster")))

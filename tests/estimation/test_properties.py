"""Random designs against the formulas written out in loops, so slow and plain that they can be read as right."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from examples import examples

PROFILE = settings(max_examples=examples(40), deadline=None)


@dataclass
class Drawn:
    """A sample and how it was drawn."""

    rows: list[dict[str, Any]]
    design: dict[str, Any]

    def sample(self) -> sv.Sample:
        return sv.Sample(pd.DataFrame(self.rows), **self.design)


@st.composite
def samples(draw: st.DrawFn) -> Drawn:
    """One to three strata of one to four clusters of one to four people, with or without clusters, strata and fpcs."""
    rows: list[dict[str, Any]] = []
    stages = draw(st.sampled_from(["clusters", "two stages", "elements"]))
    for stratum in range(draw(st.integers(1, 3))):
        clusters = draw(st.integers(1, 4))
        population = clusters + draw(st.integers(0, 3))
        for cluster in range(clusters):
            people = draw(st.integers(1, 4))
            in_cluster = people + draw(st.integers(0, 3))
            for _ in range(people):
                rows.append(
                    {
                        "id": len(rows),
                        "s": f"s{stratum}",
                        "c": cluster,
                        "N": population,
                        "M": in_cluster,
                        "w": draw(st.floats(0.5, 20)),
                        "g": draw(st.sampled_from(["a", "b", None])),
                        "y": draw(st.sampled_from([1.0, 2.0, 3.0, 5.0, math.nan])),
                        "x": draw(st.floats(0.5, 4)),
                        "inside": draw(st.booleans()),
                    }
                )
    design: dict[str, Any] = {
        "weights": "w",
        "strata": "s",
        "nest": True,
        "lonely": draw(st.sampled_from(["remove", "certainty", "adjust", "centered"])),
    }
    if stages == "two stages":
        design |= {"psu": ["c", "id"], "fpc": ["N", "M"]}
    elif stages == "clusters":
        design |= {"psu": "c"} | ({"fpc": "N"} if draw(st.booleans()) else {})
    return Drawn(rows, design)


def naive_variance(drawn: Drawn, u: list[float]) -> float:
    """Variance of the total of w u: strata, clusters in strata, people in clusters, one after the other."""
    by_clusters = "psu" in drawn.design
    two_stages = by_clusters and isinstance(drawn.design["psu"], list)
    tree: dict[str, dict[Any, list[tuple[dict[str, Any], float]]]] = defaultdict(lambda: defaultdict(list))
    for row, value in zip(drawn.rows, u, strict=True):
        unit = row["c"] if by_clusters else row["id"]
        tree[row["s"]][unit].append((row, row["w"] * value))
    totals = [sum(v for _, v in people) for units in tree.values() for people in units.values()]
    grand, everybody = sum(totals) / len(totals), sum(totals) / len(drawn.rows)
    variance = 0.0
    for units in tree.values():
        m = len(units)
        z = {unit: sum(v for _, v in people) for unit, people in units.items()}
        fraction = m / next(iter(units.values()))[0][0]["N"] if "fpc" in drawn.design else 0.0
        if m > 1:
            mean = sum(z.values()) / m
            variance += (1 - fraction) * m / (m - 1) * sum((v - mean) ** 2 for v in z.values())
        elif drawn.design["lonely"] == "adjust":
            variance += (1 - fraction) * sum(v**2 for v in z.values())
        elif drawn.design["lonely"] == "centered":
            variance += (1 - fraction) * sum((v - grand) ** 2 for v in z.values())
        if two_stages:
            for people in units.values():
                k = len(people)
                second = 1 - k / people[0][0]["M"]
                if k > 1:
                    mean = sum(v for _, v in people) / k
                    variance += fraction * second * k / (k - 1) * sum((v - mean) ** 2 for _, v in people)
                elif drawn.design["lonely"] in ("adjust", "centered"):  # one of several people: by the rule too
                    centre = everybody if drawn.design["lonely"] == "centered" else 0.0
                    variance += fraction * second * (people[0][1] - centre) ** 2
    return variance


def naive_df(drawn: Drawn, member: list[bool]) -> int:
    by_clusters = "psu" in drawn.design
    units = {(r["s"], r["c"] if by_clusters else r["id"]) for r, m in zip(drawn.rows, member, strict=True) if m}
    return len(units) - len({s for s, _ in units})


def naive_units(drawn: Drawn, member: list[bool]) -> int:
    by_clusters = "psu" in drawn.design
    return len({(r["s"], r["c"] if by_clusters else r["id"]) for r, m in zip(drawn.rows, member, strict=True) if m})


def certain(drawn: Drawn, member: list[bool]) -> bool:
    """Whether everybody in the strata of some people, and in their clusters, was drawn."""
    for r in (r for r, m in zip(drawn.rows, member, strict=True) if m):
        mates = [q for q in drawn.rows if q["s"] == r["s"]]
        if "fpc" not in drawn.design or len({q["c"] for q in mates}) < r["N"]:
            return False
        if drawn.design["fpc"] == ["N", "M"] and sum(q["c"] == r["c"] for q in mates) < r["M"]:
            return False
    return True


def check(
    drawn: Drawn, row: pd.Series, member: list[bool], estimate: float, u: list[float], *, total: bool = False
) -> None:
    """A row of a table against its naive estimate and influence values; a total of one cluster has an error too."""
    assert row["estimate"] == pytest.approx(estimate, rel=1e-9)
    assert row["n"] == sum(member)
    assert row["df"] == naive_df(drawn, member)
    if naive_units(drawn, member) <= 1 and len(drawn.rows) > 1 and not total:
        # one cluster says nothing of the spread between clusters, unless there is no other: all of it was drawn
        assert row["std_error"] == 0 if certain(drawn, member) else math.isnan(row["std_error"])
        return
    # people who all say the same have no variance, up to the rounding of squares that cancel
    rounding = 1e-12 * (estimate**2 + 1e-3)
    assert row["std_error"] ** 2 == pytest.approx(naive_variance(drawn, u), rel=1e-8, abs=rounding)


def groups(drawn: Drawn, answered: str | None) -> dict[str, list[bool]]:
    """Members of each group who are inside the domain and, if asked, gave an answer."""
    found = {}
    for g in ("a", "b"):
        if any(r["g"] == g and r["inside"] for r in drawn.rows):
            found[g] = [r["g"] == g and r["inside"] and not (answered and math.isnan(r[answered])) for r in drawn.rows]
    return found


def weighted(drawn: Drawn, member: list[bool], value: str | None = None) -> float:
    return sum(r["w"] * (r[value] if value else 1.0) for r, m in zip(drawn.rows, member, strict=True) if m)


@PROFILE
@given(samples())
def test_means_of_groups(drawn: Drawn) -> None:
    if not (found := groups(drawn, "y")):
        return
    table = drawn.sample().mean("y", by="g", where="inside == 1").table.set_index("g")
    assert list(table.index) == list(found)
    for g, member in found.items():
        if not any(member):
            assert table.loc[g, "n"] == 0 and math.isnan(table.loc[g, "estimate"])
            continue
        n = weighted(drawn, member)
        mean = weighted(drawn, member, "y") / n
        u = [(r["y"] - mean) / n if m else 0.0 for r, m in zip(drawn.rows, member, strict=True)]
        check(drawn, table.loc[g], member, mean, u)


@PROFILE
@given(samples())
def test_totals_of_groups(drawn: Drawn) -> None:
    if not (found := groups(drawn, "y")):
        return
    table = drawn.sample().total("y", by="g", where="inside == 1").table.set_index("g")
    for g, member in found.items():
        if any(member):
            u = [r["y"] if m else 0.0 for r, m in zip(drawn.rows, member, strict=True)]
            check(drawn, table.loc[g], member, weighted(drawn, member, "y"), u, total=True)


@PROFILE
@given(samples())
def test_shares_of_groups(drawn: Drawn) -> None:
    found = {g: m for g, m in groups(drawn, "y").items() if any(m)}
    if not found or not any(r["y"] >= 3 for r in drawn.rows):
        return
    s = drawn.sample()
    levels = sorted({r["y"] for r in drawn.rows if r["y"] >= 3})
    table = s.proportion("y", levels=levels, by="g", where="inside == 1", interval="plain").table.set_index("g")
    for g, member in found.items():
        n = weighted(drawn, member)
        hits = [m and r["y"] >= 3 for r, m in zip(drawn.rows, member, strict=True)]
        share = weighted(drawn, hits) / n
        u = [(h - share) / n if m else 0.0 for h, m in zip(hits, member, strict=True)]
        check(drawn, table.loc[g], member, share, u)
        whole = s.distribution("y", by="g", where="inside == 1").table
        assert whole.loc[whole["g"] == g, "estimate"].sum() == pytest.approx(1.0)


@PROFILE
@given(samples())
def test_ratios_of_groups(drawn: Drawn) -> None:
    if not (found := groups(drawn, "y")):
        return
    table = drawn.sample().ratio("y", "x", by="g", where="inside == 1").table.set_index("g")
    for g, member in found.items():
        if any(member):
            below = weighted(drawn, member, "x")
            ratio = weighted(drawn, member, "y") / below
            u = [(r["y"] - ratio * r["x"]) / below if m else 0.0 for r, m in zip(drawn.rows, member, strict=True)]
            check(drawn, table.loc[g], member, ratio, u)


@PROFILE
@given(samples())
def test_covariances_of_groups(drawn: Drawn) -> None:
    """Half of what the variance of the sum of two influence values has over the sum of their variances."""
    found = {g: m for g, m in groups(drawn, None).items() if any(m)}
    if len(found) < 2:
        return
    e = drawn.sample().total("x", by="g", where="inside == 1")
    a, b = ([r["x"] * m for r, m in zip(drawn.rows, member, strict=True)] for member in found.values())
    both = [p + q for p, q in zip(a, b, strict=True)]
    va, vb, vab = (naive_variance(drawn, u) for u in (a, b, both))
    scale = sum((r["w"] * v) ** 2 for r, v in zip(drawn.rows, both, strict=True))
    assert e.covariance[0, 1] == pytest.approx((vab - va - vb) / 2, rel=1e-7, abs=1e-9 * scale)


@PROFILE
@given(samples())
def test_regression_on_a_number(drawn: Drawn) -> None:
    """Weighted least squares by its normal equations; influence is the inverse times x e.

    Where what each adds cancels in every cluster (an exact fit, a single cluster), no error is known.
    """
    member = [not math.isnan(r["y"]) for r in drawn.rows]
    x = np.array([[1.0, r["x"]] for r in drawn.rows])
    y = np.array([0.0 if math.isnan(r["y"]) else r["y"] for r in drawn.rows])
    w = np.array([r["w"] * m for r, m in zip(drawn.rows, member, strict=True)])
    gram = x.T @ (w[:, None] * x)
    if sum(member) < 3 or np.linalg.cond(gram) > 1e6:
        return
    beta = np.linalg.solve(gram, x.T @ (w * y))
    influence = np.array(member)[:, None] * x * (y - x @ beta)[:, None] @ np.linalg.inv(gram)
    table = drawn.sample().linear("y ~ x").table
    assert table["estimate"].tolist() == pytest.approx(beta.tolist(), rel=1e-6, abs=1e-9)
    assert table["df"].tolist() == [naive_df(drawn, member) + 1 - 2] * 2
    cluster = [f"{r['s']} {r['c']}" if "psu" in drawn.design else str(r["id"]) for r in drawn.rows]
    for j in (0, 1):
        sums = pd.Series(w * influence[:, j]).groupby(cluster).sum()
        if np.abs(sums).max() < 1e-9 * (1 + np.abs(beta).max()):
            assert np.isnan(table.loc[j, "std_error"])
            continue
        expected = naive_variance(drawn, influence[:, j].tolist())
        rounding = 1e-12 * (1 + beta @ beta)
        assert table.loc[j, "std_error"] ** 2 == pytest.approx(expected, rel=1e-6, abs=rounding)


@PROFILE
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_information(drawn: Drawn, random: Any) -> None:
    if not groups(drawn, "y"):
        return
    expected = drawn.sample().mean("y", by="g", where="inside == 1")
    random.shuffle(drawn.rows)
    got = drawn.sample().mean("y", by="g", where="inside == 1")
    # a variance that is zero is so up to rounding
    pd.testing.assert_frame_equal(
        got.table.drop(columns=["n_eff", "deff"]), expected.table.drop(columns=["n_eff", "deff"]), rtol=1e-6, atol=1e-7
    )

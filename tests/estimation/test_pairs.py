"""Thousands of clusters by thousands of groups: counted by the pairs that hold anyone, as whole tables would be.

Expected values are those of the tables, which the other tests of this folder hold against R, and hand counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.counting import pairs
from survey.estimation import joined
from survey.estimation.joined import PairedVariance

Verb = Callable[[sv.Sample], sv.Estimates]

VERBS: dict[str, Verb] = {
    "mean": lambda s: s.mean(["q", "minutes"], by="g"),
    "mean of everyone": lambda s: s.mean("q", by="g", where="w > 0.7"),
    "total": lambda s: s.total(["q", "minutes"], by="g"),
    "ratio": lambda s: s.ratio("minutes", "trips", by="g"),
    "proportion": lambda s: s.proportion(["q", "r"], top=1, by="g"),
    "net": lambda s: s.proportion("q", net=1, by="g"),
    "logit": lambda s: s.proportion("q", top=1, by="g", interval="logit"),
    "distribution": lambda s: s.distribution("q", by="g"),
    "over": lambda s: s.mean("q", over=["g", "everyone"]),
    "shares over": lambda s: s.proportion("q", top=1, over=["everyone", "g"]),
    "variance": lambda s: s.variance("minutes", by="g"),
    "correlation": lambda s: s.correlation(["minutes", "trips"], by="g"),
    "quantiles": lambda s: s.quantile(["minutes", "q"], [0.2, 0.5, 0.9], by="g"),
    "histogram": lambda s: s.histogram("minutes", by="g", bins=[0, 5, 20, float("inf")]),
    "cumulative": lambda s: s.histogram("minutes", by="g", where="q > 1", cumulative=True),
}
DESIGNS: dict[str, dict[str, Any]] = {
    "clusters": {"psu": "psu"},
    "strata": {"psu": "psu", "strata": "stratum"},
    "fpc": {"psu": "psu", "strata": "stratum", "fpc": "clusters"},
    "lonely adjust": {"psu": "psu", "strata": "lonely", "lonely": "adjust"},
    "lonely centered": {"psu": "psu", "strata": "lonely", "lonely": "centered"},
    "lonely average": {"psu": "psu", "strata": "lonely", "lonely": "average"},
    "lonely certainty": {"psu": "psu", "strata": "lonely", "lonely": "certainty"},
    "people": {"strata": "psu"},
    "two stages": {"psu": ["psu", "household"], "strata": ["stratum"], "fpc": ["clusters", "drawn"]},
    "two stages of people": {"psu": ["psu", "person"], "strata": ["stratum"], "fpc": ["clusters", "drawn"]},
}
FEW = ("mean of everyone", "proportion", "shares over")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """24 clusters by 14 groups of 160 people: most pairs are empty, and some groups are in one cluster alone."""
    rng = np.random.default_rng(196)
    n, clusters = 160, 24
    psu = np.r_[np.arange(clusters), rng.integers(0, clusters, n - clusters)]
    found = pd.DataFrame({"psu": psu, "stratum": psu % 4, "lonely": np.where(psu == 5, 9, psu % 4)})
    found = found.assign(
        clusters=40,
        person=np.arange(n),
        household=psu * 100 + rng.integers(0, 4, n),
        drawn=n,
        w=np.where(rng.random(n) < 0.05, 0.0, rng.uniform(0.5, 3, n)),
        g=np.where(rng.random(n) < 0.5, psu // 3, rng.integers(8, 14, n)).astype(float),
        q=rng.choice([1.0, 2, 3, 4, 5, np.nan], n),
        r=rng.choice([0.0, 1.0], n, p=[0.9, 0.1]),
        minutes=rng.gamma(2, 9, n),
        trips=rng.integers(1, 7, n),
    )
    found.loc[found["g"] == 9, "q"] = np.nan  # a group in which nobody answers
    found.loc[found["g"] == 10, "w"] = 0.0  # nor does anybody count in this one
    found.loc[found["g"] == 11, "q"] = 5.0  # all alike
    found.loc[rng.random(n) < 0.05, "g"] = np.nan
    return found


def sample(rows: pd.DataFrame, design: str) -> sv.Sample:
    return sv.Sample(sv.Responses(rows), weights="w", **DESIGNS[design])


@pytest.fixture
def by_pairs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Verb, sv.Sample], sv.Estimates]]:
    """Estimates by pairs, whatever the size, whose tables are made of two groups at a time."""

    def run(verb: Verb, s: sv.Sample) -> sv.Estimates:
        with monkeypatch.context() as patch:
            patch.setattr(pairs, "_DENSE", -1)
            patch.setattr(pairs, "mostly_empty", lambda *_: True)
            patch.setattr(joined, "PART", 50)
            return verb(s)

    yield run


def same(one: sv.Estimates, other: sv.Estimates) -> None:
    numbers = one.table.select_dtypes("number").columns
    pd.testing.assert_frame_equal(one.table, other.table, rtol=1e-11, atol=1e-13)
    assert len(numbers) > 5
    assert (one.notes, one.exact) == (other.notes, other.exact)
    root = np.sqrt(np.diag(one.covariance))
    root[root < 1e-12] = 1.0  # a share that is certain: what it goes with is rounding on both roads
    scale = np.outer(root, root)
    np.testing.assert_allclose(other.covariance / (scale + 1e-300), one.covariance / (scale + 1e-300), atol=1e-11)
    rows = np.arange(len(one.table))[:: max(1, len(one.table) // 7)]
    assert one.support is not None and other.support is not None
    np.testing.assert_array_equal(one.support.pair_df(rows, rows[::-1]), other.support.pair_df(rows, rows[::-1]))
    np.testing.assert_allclose(one.support.expected_variance(rows), other.support.expected_variance(rows))
    np.testing.assert_allclose(one.covariance_of(rows), other.covariance_of(rows), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("design", "verb"),
    [*(("strata", verb) for verb in VERBS), *((d, v) for d in DESIGNS for v in FEW if d != "strata")],
)
def test_pairs_give_what_tables_give(
    rows: pd.DataFrame, design: str, verb: str, by_pairs: Callable[[Verb, sv.Sample], sv.Estimates]
) -> None:
    s = sample(rows, design)
    same(VERBS[verb](s), by_pairs(VERBS[verb], s))


@pytest.mark.parametrize("verb", ["mean", "proportion", "distribution", "total", "quantiles"])
def test_calibrated_weights_and_replicates(
    rows: pd.DataFrame, verb: str, by_pairs: Callable[[Verb, sv.Sample], sv.Estimates]
) -> None:
    s = sample(rows, "strata")
    shares = {stratum: 40.0 + stratum for stratum in range(4)}
    for changed in (s.rake({"stratum": shares}), s.replicates("bootstrap", n=20, seed=1)):
        same(VERBS[verb](changed), by_pairs(VERBS[verb], changed))


@pytest.mark.parametrize("verb", ["mean", "proportion", "distribution"])
def test_invariances(rows: pd.DataFrame, verb: str, by_pairs: Callable[[Verb, sv.Sample], sv.Estimates]) -> None:
    plain = by_pairs(VERBS[verb], sample(rows, "strata")).table
    scaled = by_pairs(VERBS[verb], sample(rows.assign(w=rows["w"] * 2.5e6), "strata")).table
    shuffled = by_pairs(VERBS[verb], sample(rows.sample(frac=1, random_state=1), "strata")).table
    for other in (scaled, shuffled):
        pd.testing.assert_frame_equal(plain, other, rtol=1e-10, atol=1e-12)
    ones = rows.assign(w=1.0)
    weighted = by_pairs(VERBS[verb], sample(ones, "strata"))
    counted = by_pairs(VERBS[verb], sv.Sample(sv.Responses(ones), weights=None, psu="psu", strata="stratum"))
    pd.testing.assert_frame_equal(weighted.table, counted.table, rtol=1e-12)


def test_percent_and_share(rows: pd.DataFrame, by_pairs: Callable[[Verb, sv.Sample], sv.Estimates]) -> None:
    share = by_pairs(lambda s: s.mean("r", by="g"), sample(rows, "strata")).table
    percent = by_pairs(lambda s: s.mean("r", by="g"), sample(rows.assign(r=rows["r"] * 100), "strata")).table
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(percent[column], share[column] * 100, rtol=1e-10, atol=1e-10)


def test_a_total_by_hand() -> None:
    """1,100 clusters of one person each in 1,000 groups: the total of a group of n clusters, each with weight 2 and y.

    Variance m / (m - 1) * (sum z^2 - (sum z)^2 / m), with z = 2 y (Cochran 1977, 2.27, of a total with replacement).
    """
    m = 1_100
    y = np.arange(m) % 7 + 1.0
    rows = pd.DataFrame({"psu": np.arange(m), "g": np.arange(m) % 1_000, "w": 2.0, "y": y})
    e = sv.Sample(rows, weights="w", psu="psu").total("y", by="g")
    joint = e._covariance
    assert isinstance(getattr(joint, "joint", None), PairedVariance)  # 1.1 million places, of which 1,100 are filled
    for group in (0, 99, 100, 999):
        z = 2 * y[group::1_000]
        assert e.table["estimate"][group] == pytest.approx(z.sum(), rel=1e-12)
        expected = m / (m - 1) * ((z**2).sum() - z.sum() ** 2 / m)
        assert e.table["std_error"][group] == pytest.approx(np.sqrt(expected), rel=1e-12)
    first, second = 2 * y[0::1_000].sum(), 2 * y[1::1_000].sum()
    own = e.covariance_of(np.array([0, 1]))
    assert own[0, 1] == pytest.approx(-first * second / (m - 1), rel=1e-12)
    assert e.table["df"].tolist() == [1.0] * 100 + [0.0] * 900  # clusters minus strata, with members


@pytest.mark.parametrize(("clusters", "groups"), [(1, 2_000), pytest.param(3, 300_000, marks=pytest.mark.slow)])
def test_many_groups_of_few_clusters(clusters: int, groups: int) -> None:
    n = groups
    rows = pd.DataFrame({"psu": np.arange(n) % clusters, "g": np.arange(n), "y": np.arange(n) % 5, "w": 1.0})
    s = sv.Sample(rows, weights="w", psu="psu", lonely="certainty")
    e = s.mean("y", by="g")
    assert len(e.table) == groups and (e.table["n"] == 1).all()
    assert e.table["estimate"].tolist() == (np.arange(n) % 5).tolist()
    assert e.table["std_error"].isna().all()  # a group in one cluster says nothing of the spread between them

"""Sentences of `narrative` read back by a reader of their own, over random results: numbers, groups and direction.

What is true is computed here, from the estimates that were drawn or from the answers: simple random samples without
weights, so that a variance is a sum of squares.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as fisher
from scipy.stats import t as student

import survey as sv
from survey import Codebook, Variable
from tests.exhibits.test_titles_read_back import close, drawn, folded, row_of
from tests.long_sentence_reader import read_long
from tests.sentence_reader import Claim

pytestmark = pytest.mark.sampled

SEEDS = [range(6), pytest.param(range(6, 60), marks=pytest.mark.slow)]
LANGS = ["vi", "en"]
MANNER = {"vi": "Thái độ", "en": "Manner"}
GROUPS = {0: {"vi": "Nơi khác", "en": "Elsewhere"}, 1: {"vi": "Nơi thí điểm", "en": "Pilot places"}}
AGES = {0: {"vi": "Trẻ", "en": "Young"}, 1: {"vi": "Già", "en": "Old"}}
SCORE = Variable("y", "number", short=MANNER, unit="points", limits=(0, 100))


def said(finding: Any, lang: str) -> Claim:
    text = finding.text(lang)
    assert text == getattr(finding, lang)
    return read_long(text, lang)


def p_holds(claim: Claim, true: float) -> None:
    """A p-value as told: to three decimals, or "< 0.001"."""
    if claim.names["p_sign"] == "<":
        assert true < claim.numbers["p"][0] == 0.001
    else:
        assert close(claim.numbers["p"], true)


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_an_estimate(lang: str, seeds: range) -> None:
    """Every row: its place, its number, its interval and n; none of a row that may not be shown."""
    kinds = set()
    for seed in seeds:
        d = drawn(seed, 4, False)
        n, se = d.e.table["n"], d.e.table["std_error"]
        for i in range(4):
            claim = said(sv.narrative.describe(d.e, i), lang)
            kinds.add(claim.kind)
            if claim.kind == "hidden":
                assert not d.fits[i] and claim.numbers.get("least", (30, 0))[0] == 30
                assert ("least" in claim.numbers) == (n[i] < 30)
                continue
            assert row_of(d, claim.names["place"], lang) == i
            assert n[i] >= 30 and claim.numbers["n"][0] == n[i]
            assert ("small" in claim.names) == (n[i] < 50)
            for key, true in (("x", 0.0), ("low", -2.0), ("high", 2.0)):
                assert close(claim.numbers[key], d.factor * (d.estimate[i] + true * se[i])), (key, claim)
    assert "value" in kinds


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("groups", [2, 7])
def test_a_ranking(groups: int, lang: str, seeds: range) -> None:
    """The highest, the lowest, and how many intervals meet theirs."""
    overlapped = set()
    for seed in seeds:
        d = drawn(seed, groups, False)
        fit = [i for i in range(groups) if d.e.table["n"][i] >= 30]  # a flagged one is ranked too
        if len(fit) < groups:  # rows are hidden beside a small one
            continue
        claim = said(sv.narrative.ranking(d.e), lang)
        top, bottom = row_of(d, claim.names["hi"], lang), row_of(d, claim.names["lo"], lang)
        assert d.estimate[top] == d.estimate.max() and d.estimate[bottom] == d.estimate.min()
        assert claim.numbers["n"][0] == groups
        for key, i in (("x", top), ("y", bottom)):
            assert close(claim.numbers[key], d.factor * d.estimate[i])
        low, high = d.estimate - 2 * d.error, d.estimate + 2 * d.error
        for part, i in (("hi", top), ("lo", bottom)):
            assert close(claim.numbers[f"{part}_low"], d.factor * low[i])
            assert close(claim.numbers[f"{part}_high"], d.factor * high[i])
        meet = bool(low[top] <= high[bottom])
        assert ("overlap" in claim.names) == meet
        overlapped.add(meet)
        if not meet:
            near = (high >= low[top]).sum() - 1, (low <= high[bottom]).sum() - 1
            told = [int(claim.numbers.get(k, (0, 0))[0]) for k in ("near_hi", "near_lo")]
            assert told == [int(x) for x in near]
    assert overlapped


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 24), marks=pytest.mark.slow)])
@pytest.mark.parametrize("lang", LANGS)
def test_an_effect_and_its_permutation_test(lang: str, seeds: range) -> None:
    """The gap of mean changes, and every way to choose the treated units, counted here."""
    kinds = set()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        units, treated = int(rng.integers(7, 10)), int(rng.integers(2, 4))
        n = units * 2 * 40
        unit, wave = np.arange(n) % units, np.arange(n) // units % 2
        y = np.round(rng.normal(50 + rng.choice([-6.0, 0.5, 6.0]) * (unit < treated) * wave, 5), 1)
        frame = pd.DataFrame({"unit": unit, "wave": wave, "pilot": (unit < treated).astype(int), "y": y})
        periods = {0: {"vi": "Trước", "en": "Before"}, 1: {"vi": "Sau", "en": "After"}}
        book = Codebook({"wave": Variable("wave", "ordinal", labels=periods), "y": SCORE})
        e = sv.Sample(sv.Responses(frame, book), weights=None).effect("y", "pilot", "wave", "unit")
        mean = frame.groupby(["unit", "wave"])["y"].mean().unstack()
        change = (mean[1] - mean[0]).to_numpy()

        ways = list(combinations(range(units), treated))
        gaps = np.array([change[list(at)].mean() - np.delete(change, at).mean() for at in ways])
        large = int((np.abs(gaps) >= abs(gaps[0]) - 1e-9).sum())
        floor = 2 if 2 * treated == units else 1
        claim = said(sv.narrative.permutation(e), lang)
        kinds.add(claim.kind)
        assert claim.kind == ("up" if gaps[0] > 0 else "down")
        assert close(claim.numbers["d"], abs(float(gaps[0])))
        told = [int(claim.numbers[k][0]) for k in ("n", "rest", "ways", "chosen", "units", "as_large")]
        assert told == [treated, units - treated, len(ways), treated, units, large]
        p_holds(claim, large / len(ways))
        assert close(claim.numbers["floor"], floor / len(ways))
    assert kinds <= {"up", "down"} and (len(kinds) == 2 or len(seeds) == 4)


def answers(seed: int, n: int = 400) -> pd.DataFrame:
    """A score and an answer on five steps that differ by group by more or less."""
    rng = np.random.default_rng(seed)
    group, age = rng.integers(0, 2, n), rng.integers(0, 2, n)
    shift = rng.choice([-1.0, -0.15, 0.0, 0.15, 1.0])
    y = np.clip(np.round(50 + 8 * (shift * group + 0.1 * age) + rng.normal(0, 12, n), 1), 0, 100)
    q = 1 + np.digitize(rng.normal(shift * group, 1), [-1.2, -0.4, 0.4, 1.2])
    return pd.DataFrame({"group": group, "age": age, "y": y, "q": q})


def sample_of(frame: pd.DataFrame) -> sv.Sample:
    steps = {i: {"vi": f"Mức {i}", "en": f"Step {i}"} for i in range(1, 6)}
    book = Codebook(
        {
            "y": SCORE,
            "q": Variable("q", "ordinal", short=MANNER, labels=steps, direction=1),
            "group": Variable("group", "nominal", short={"vi": "Nơi ở", "en": "Place"}, labels=GROUPS),
            "age": Variable("age", "nominal", short={"vi": "Tuổi", "en": "Age"}, labels=AGES),
        }
    )
    return sv.Sample(sv.Responses(frame, book), weights=None)


def squares(y: Any, among: Any) -> float:
    """Variance of the mean of a domain of a simple random sample, linearised (Cochran 1977, 5A.14)."""
    n = len(y)
    return float(((y[among] - y[among].mean()) ** 2).sum() / among.sum() ** 2 * n / (n - 1))


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_breakdowns(lang: str, seeds: range) -> None:
    """Two breakdowns of two groups each: lowest, highest, the Wald test of their difference, Holm's step-down."""
    kinds = set()
    for seed in seeds:
        frame = answers(seed)
        e = sample_of(frame).mean("y", over=["group", "age"])
        y, true = frame["y"].to_numpy(), {}
        claims = {name: said(sv.narrative.breakdown(e, {"breakdown": name}), lang) for name in ("group", "age")}
        for name, labels in (("group", GROUPS), ("age", AGES)):
            split = [frame[name].to_numpy() == v for v in (0, 1)]
            mean = [float(y[at].mean()) for at in split]
            claim, (lo, hi) = claims[name], np.argsort(mean)
            wald = (mean[1] - mean[0]) ** 2 / sum(squares(y, at) for at in split)
            assert close(claim.numbers["f"], wald) and claim.numbers["q"][0] == 1
            assert (folded(claim.names["lo"]), folded(claim.names["hi"])) == (
                folded(labels[lo][lang]),
                folded(labels[hi][lang]),
            )
            assert close(claim.numbers["y"], mean[lo]) and close(claim.numbers["x"], mean[hi])
            true[name] = float(fisher.sf(wald, 1, claim.numbers["df"][0]))
            assert abs(claim.numbers["df"][0] - len(frame)) <= 2
        smaller, larger = sorted(true, key=lambda name: true[name])
        adjusted = {smaller: min(1.0, 2 * true[smaller])}
        adjusted[larger] = max(adjusted[smaller], true[larger])
        for name, claim in claims.items():
            p_holds(claim, adjusted[name])
            assert claim.kind == ("differs" if adjusted[name] < 0.05 else "not")
            kinds.add(claim.kind)
    assert len(kinds) == 2


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_a_verdict_on_one_mean(lang: str, seeds: range) -> None:
    """A mean against a level: Student's test of a simple random sample."""
    kinds = set()
    for seed in seeds:
        frame = answers(seed)
        y, n = frame["y"].to_numpy(), len(frame)
        level = float(np.round(y.mean() + np.random.default_rng(seed).choice([-3.0, -0.4, 0.4, 3.0]), 1))
        claim = said(sv.narrative.verdict(sample_of(frame).t_test("y", value=level)), lang)
        gap, error = float(y.mean() - level), float(y.std(ddof=1) / np.sqrt(n))
        p, reach = 2 * student.sf(abs(gap) / error, n - 1), student.ppf(0.975, n - 1) * error
        assert claim.kind == ("level" if p >= 0.05 else "above" if gap > 0 else "below")
        kinds.add(claim.kind)
        p_holds(claim, float(p))
        assert close(claim.numbers["y"], level) and close(claim.numbers["t"], gap / error)
        assert (claim.numbers["df"][0], claim.numbers["n"][0]) == (n - 1, n)
        shown = gap if claim.kind == "level" else abs(gap)
        for key, end in (("d", 0.0), ("low", -reach), ("high", reach)):
            assert close(claim.numbers[key], shown + end), claim
    assert len(kinds) > 1


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_a_verdict_on_ranks(lang: str, seeds: range) -> None:
    """Who tends to answer higher: every pair of answers is compared here, and the p-value is that of its t."""
    kinds = set()
    for seed in seeds:
        frame = answers(seed)
        claim = said(sv.narrative.verdict(sample_of(frame).rank_test("q", "group")), lang)
        kinds.add(claim.kind)
        which = {folded(GROUPS[v][lang]): v for v in GROUPS}
        one, other = (which[folded(claim.names[k])] for k in ("one", "other"))
        a, b = (frame.loc[frame["group"] == v, "q"].to_numpy()[:, None] for v in (one, other))
        above = float((a > b.T).mean() + 0.5 * (a == b.T).mean())
        assert {one, other} == {0, 1} and close(claim.numbers["x"], 100 * above)
        t, df = claim.numbers["t"][0], claim.numbers["df"][0]
        assert np.sign(t) == np.sign(above - 0.5) and claim.numbers["n"][0] == len(frame)
        p = claim.numbers["p"][0]
        near = [2 * student.sf(abs(t) + step, df) for step in (0.0051, -0.0051)]  # t is told to two decimals
        assert p >= near[0] - 0.0005 if claim.names["p_sign"] == "<" else near[0] - 0.0005 <= p <= near[1] + 0.0005
        if p != 0.05:
            sure = claim.names["p_sign"] == "<" or p < 0.05
            assert claim.kind == ("tend_not" if not sure else "tend_up" if above > 0.5 else "tend_down")
    assert len(kinds) > 1

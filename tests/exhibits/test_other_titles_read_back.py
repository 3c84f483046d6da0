"""Titles of ranks, effects, distributions, options, comparisons and benchmarks, read back as those of means are.

What is true is computed here from the answers, which are drawn: simple random samples without weights, so that a
variance is a sum of squares.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import survey as sv
from survey import Codebook, Variable
from survey.codebook import MultipleSet
from survey.exhibits.titles import default_title, letters_of
from tests.exhibits.test_titles_read_back import Drawn, check_groups, check_pair, close, drawn, folded, row_of
from tests.sentence_reader import Claim, read

pytestmark = pytest.mark.sampled

SEEDS = [range(6), pytest.param(range(6, 60), marks=pytest.mark.slow)]
LANGS = ["vi", "en"]
PLACES = ("An Phú", "Hòa Thuận", "Mỹ Độ", "Lạc Viên")
WARDS = {i: {"vi": f"Phường {n}", "en": f"{n} ward"} for i, n in enumerate(PLACES)}
SCALE = {
    i: {"vi": vi, "en": en}
    for i, (vi, en) in enumerate(
        (("Rất kém", "Very bad"), ("Kém", "Bad"), ("Vừa", "Fair"), ("Tốt", "Good"), ("Rất tốt", "Very good")), 1
    )
}
PILOT = {0: {"vi": "Nơi khác", "en": "Elsewhere"}, 1: {"vi": "Nơi thí điểm", "en": "Pilot places"}}
NAMES = {"q": ("Thái độ", "Manner"), "r": ("Minh bạch", "Openness"), "s": ("Nhanh chóng", "Speed")}


def short(vi: str, en: str) -> dict[str, str]:
    return {"vi": vi, "en": en}


def told(exhibit: Any, lang: str) -> Claim | None:
    """What a title claims; None for a descriptive one."""
    title = exhibit.in_language(lang).title
    if title == default_title(exhibit.estimates, lang):
        return None
    assert len(title) <= letters_of("full")
    return read(title, lang)


def survey(seed: int, n: int = 900) -> pd.DataFrame:
    """Answers that differ by place by more or less, four places of different size."""
    rng = np.random.default_rng(seed)
    ward = rng.choice(4, n, p=[0.1, 0.2, 0.3, 0.4])
    apart = rng.choice([0.0, 0.5, 1.0]) * rng.permutation([-1.0, 0.0, 0.3, 1.0])
    frame = pd.DataFrame({"ward": ward, "pilot": (ward < 2).astype(int)})
    for item in NAMES:
        latent = rng.normal(apart[ward] * rng.choice([-1, 0.2, 1]), 1)
        frame[item] = 1 + np.digitize(latent, [-1.2, -0.4, 0.4, 1.2])
    for k, share in enumerate(0.4 + rng.choice([0.01, 0.2]) * rng.normal(size=4)):
        frame[f"o{k}"] = (rng.random(n) < np.clip(share, 0.05, 0.95)).astype(int)
    return frame


def sample_of(frame: pd.DataFrame) -> sv.Sample:
    book = Codebook(
        {
            "ward": Variable("ward", "nominal", short=short("Phường", "Ward"), labels=WARDS),
            "pilot": Variable("pilot", "nominal", labels=PILOT),
            **{k: Variable(k, "ordinal", short=short(*v), labels=SCALE, direction=1) for k, v in NAMES.items()},
            **{
                f"o{k}": Variable(
                    f"o{k}",
                    "binary",
                    short=short(f"Việc {k}", f"Matter {k}"),
                    labels={0: short("Không", "No"), 1: short("Có", "Yes")},
                )
                for k in range(4)
            },
        },
        sets={"o": MultipleSet("o", tuple(f"o{k}" for k in range(4)), label=short("Việc nào?", "Which matters?"))},
    )
    return sv.Sample(sv.Responses(frame, book), weights=None)


def by_ward(frame: pd.DataFrame, y: Any) -> tuple[Any, Any]:
    """Mean and standard error of each ward: domains of a simple random sample, linearised (Cochran 1977, 5A.14)."""
    n, ward = len(frame), frame["ward"].to_numpy()
    mean = np.array([y[ward == w].mean() for w in range(4)])
    square = np.array([((y[ward == w] - mean[w]) ** 2).sum() / (ward == w).sum() ** 2 for w in range(4)])
    return mean, np.sqrt(square * n / (n - 1))


def row_in(names: list[str], name: str) -> int:
    found = [i for i, own in enumerate(names) if folded(own) == folded(name.strip("“”"))]
    assert len(found) == 1, (name, names)
    return found[0]


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_distributions(lang: str, seeds: range) -> None:
    """The share of the answers above the middle, by ward."""
    kinds = set()
    for seed in seeds:
        frame = survey(seed)
        e = sample_of(frame).distribution("q", by="ward")
        share, error = by_ward(frame, frame["q"].ge(4).to_numpy(float))
        claim = told(sv.figures.likert(e), lang)
        if claim is None:
            continue
        kinds.add(claim.kind)
        of = sample_of(frame).mean("q", by="ward")
        d = Drawn(of, share, error, np.ones(4, bool), 100.0)
        named = [WARDS[w][lang] for w in range(4)]
        if "some" in claim.names:  # a share that is not reliable enough to be compared
            assert claim.numbers["n"][0] < 4
            continue
        ends = {k: named[row_in(named, claim.names[k])] for k in ("hi", "lo") if k in claim.names}
        claim = Claim(claim.kind, claim.names | ends, claim.numbers)
        assert "Tốt" in claim.names["item"] or "Good" in claim.names["item"]
        assert claim.names["unit"] == ("phường" if lang == "vi" else "wards")
        assert claim.names.get("one_of", "phường") == "phường"
        check_places(d, claim, named)
    assert len(kinds) > 1


def check_places(d: Drawn, claim: Claim, labels: list[str]) -> None:
    """As `check_groups`, of rows named here."""
    pairs = list(combinations(range(4), 2))
    z = {(i, j): abs(d.estimate[i] - d.estimate[j]) / np.hypot(d.error[i], d.error[j]) for i, j in pairs}
    p = {pair: 2 * student.sf(value, 899) for pair, value in z.items()}
    ranked, apart = sorted(pairs, key=lambda pair: p[pair]), set()
    for k, pair in enumerate(ranked):
        if p[pair] * (len(pairs) - k) >= 0.05:
            break
        apart.add(pair if d.estimate[pair[0]] > d.estimate[pair[1]] else pair[::-1])
    assert claim.numbers["n"][0] == 4
    if claim.kind == "alike":
        assert not apart
        return
    ends = {k: labels.index(claim.names[k]) for k in ("hi", "lo") if k in claim.names}
    for k, number in (("hi", "x"), ("lo", "y")):
        if number in claim.numbers:
            assert close(claim.numbers[number], d.factor * d.estimate[ends[k]])
    if claim.kind == "higher_of":
        assert (ends["hi"], ends["lo"]) in apart
    if claim.kind in ("apart", "highest"):
        assert all((ends["hi"], j) in apart for j in range(4) if j != ends["hi"])
    if claim.kind in ("apart", "lowest"):
        assert all((i, ends["lo"]) in apart for i in range(4) if i != ends["lo"])


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_options(lang: str, seeds: range) -> None:
    """Of several options chosen by the same people the highest and the lowest, by paired t tests and Holm's method."""
    kinds = set()
    for seed in seeds:
        frame = survey(seed)
        x = frame[[f"o{k}" for k in range(4)]].to_numpy(float)
        claim = told(sv.figures.bars(sample_of(frame).select_all("o")), lang)
        if claim is None:
            continue
        kinds.add(claim.kind)
        pairs = list(combinations(range(4), 2))
        d = {(i, j): x[:, i] - x[:, j] for i, j in pairs}
        p = {k: 2 * student.sf(abs(v.mean()) / (v.std(ddof=1) / np.sqrt(len(v))), len(v) - 1) for k, v in d.items()}
        apart = set()
        for k, pair in enumerate(sorted(pairs, key=lambda pair: p[pair])):
            if p[pair] * (len(pairs) - k) >= 0.05:
                break
            apart.add(pair if d[pair].mean() > 0 else pair[::-1])
        names = [f"Việc {k}" if lang == "vi" else f"Matter {k}" for k in range(4)]
        assert claim.numbers["n"][0] == 4 and claim.names["unit"] == ("phương án" if lang == "vi" else "options")
        ends = {k: row_in(names, claim.names[k]) for k in ("hi", "lo") if k in claim.names}
        for k, number in (("hi", "x"), ("lo", "y")):
            assert number not in claim.numbers or close(claim.numbers[number], 100 * x[:, ends[k]].mean())
        if claim.kind == "items_alike":
            assert not apart
        elif claim.kind == "items_higher":
            assert (ends["hi"], ends["lo"]) in apart
        if claim.kind in ("items_apart", "items_highest"):
            assert all((ends["hi"], j) in apart for j in range(4) if j != ends["hi"])
        if claim.kind in ("items_apart", "items_lowest"):
            assert all((i, ends["lo"]) in apart for i in range(4) if i != ends["lo"])
    assert kinds


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_comparisons(lang: str, seeds: range) -> None:
    """Three items compared between two groups: which differ is as the adjusted p-values of the table say."""
    kinds = set()
    for seed in seeds:
        frame = survey(seed)
        e = sample_of(frame).compare(list(NAMES), by="pilot")
        claim = told(sv.figures.forest(e), lang)
        if claim is None:
            continue
        kinds.add(claim.kind)
        gap = [float(np.subtract(*frame.groupby("pilot")[i].mean().to_numpy()[::-1])) for i in NAMES]
        assert np.allclose(np.abs(e.table["estimate"]), np.abs(gap))
        one = 1 if folded(claim.names["one"]) == folded(PILOT[1][lang]) else 0
        shown = e.table["p_adjusted"].to_numpy(float) < 0.05
        true = {"rose": set(), "fell": set()}
        for i, g in enumerate(gap):
            if shown[i]:
                true["rose" if (g > 0) == (one == 1) else "fell"].add(i)
        names = [NAMES[i][lang == "en"] for i in NAMES]
        for way, rows in true.items():
            if way not in claim.names:
                assert not rows, claim
                continue
            said = claim.names[way]
            counted = re.match(r"(\d+) (?:of|trong) (\d+) |(?:all|cả) (\d+) ", said)
            if counted:
                assert len(rows) == int(counted[1] or counted[3])
            else:
                assert {row_in(names, t) for t in re.split(r" and | và |, ", said)} == rows
        if "rest" in claim.numbers:
            assert claim.numbers["rest"][0] == 3 - sum(shown)
    assert kinds


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_ranks(lang: str, seeds: range) -> None:
    """First is who has no other rank in the interval; who may be first has rank 1 in it."""
    kinds = set()
    for seed in seeds:
        d = drawn(seed, 7, False)
        ranks = d.e.ranks()
        claim = told(sv.figures.ranking(ranks), lang)
        table = sv.tables.table(ranks).estimates.table
        low, high = (table[c].to_numpy(float) for c in ("conf_low", "conf_high"))
        known = np.isfinite(table["estimate"].to_numpy(float))
        may = set(np.flatnonzero(known & (low <= 1)).tolist())
        if claim is None:
            continue
        kinds.add(claim.kind)
        assert claim.numbers["n"][0] == known.sum()
        if claim.kind == "first":
            assert may == {row_of(d, claim.names["which"], lang)} and high[next(iter(may))] == 1
        elif claim.kind == "may_be_first":
            assert 1 < len(may) < known.sum()
        elif claim.kind == "some_first":
            assert claim.numbers["d"][0] == len(may)
        else:
            assert claim.kind == "undecided" and len(may) == known.sum()
    assert kinds


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 24), marks=pytest.mark.slow)])
@pytest.mark.parametrize("lang", LANGS)
def test_effects(lang: str, seeds: range) -> None:
    """The gap of mean changes and every way to choose three of nine units, counted here."""
    kinds = set()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        n = 9 * 2 * 40
        unit, wave = np.arange(n) % 9, np.arange(n) // 9 % 2
        shift = rng.choice([-1.5, 0.0, 1.5])
        y = np.round(rng.normal(50 + shift * 4 * (unit < 3) * wave, 5), 1)
        frame = pd.DataFrame({"unit": unit, "wave": wave, "pilot": (unit < 3).astype(int), "y": y})
        periods = {0: short("Trước", "Before"), 1: short("Sau", "After")}
        book = Codebook({"wave": Variable("wave", "ordinal", labels=periods)})
        e = sv.Sample(sv.Responses(frame, book), weights=None).effect("y", "pilot", "wave", "unit")
        mean = frame.groupby(["unit", "wave"])["y"].mean().unstack()
        change = (mean[1] - mean[0]).to_numpy()

        def gap(at: tuple[int, ...], change: Any = change) -> float:
            return float(change[list(at)].mean() - np.delete(change, at).mean())

        true = gap((0, 1, 2))
        large = sum(abs(gap(at)) >= abs(true) - 1e-9 for at in combinations(range(9), 3))
        claim = told(sv.figures.effect(e), lang)
        assert claim is not None
        kinds.add(claim.kind)
        if claim.kind == "chance":
            assert large / 84 >= 0.05
            if "x" in claim.numbers:
                assert (claim.numbers["x"][0], claim.numbers["y"][0]) == (large, 84)
                assert close(claim.numbers["d"], large / 84)
        else:
            assert large / 84 < 0.05 and claim.kind == ("effect_higher" if true > 0 else "effect_lower")
            assert close(claim.numbers["d"], abs(true)) and claim.numbers["d"][0] > 0
            assert (claim.numbers["n"][0], claim.numbers["rest"][0]) == (3, 6)
    assert len(kinds) > 1


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("groups", [2, 7])
def test_a_benchmark_and_a_map_say_of_groups_what_a_table_says(groups: int, lang: str) -> None:
    """Its title is about the groups; differences from the reference are told in the picture and its notes."""
    read_back = 0
    for seed in range(10):
        d = drawn(seed, groups, False)
        claim = told(sv.figures.benchmark(d.e, 0.4, source="PAPI"), lang)
        if claim is not None:
            read_back += 1
            (check_groups if "n" in claim.numbers else check_pair)(d, claim, lang)
    assert read_back > 3

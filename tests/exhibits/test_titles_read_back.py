"""Titles and sentences read back by a reader of their own: no claim goes beyond its result, whatever the names are."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import survey as sv
from survey import Codebook, Estimates, Variable
from survey.exhibits.titles import default_title, letters_of
from tests.sentence_reader import Claim, read

pytestmark = pytest.mark.sampled

NAMES = (
    "An Phú",
    unicodedata.normalize("NFD", "Bình Minh"),
    "Khu 12",
    "Tổ “Đoàn Kết”",
    "O'Neill (cũ)",
    "Hòa Thuận",
    "1.234",
    "Q7, lô 3",
)
WAVES = {
    1: {"vi": "Đợt 1 (tháng 8/2023)", "en": "Baseline (August 2023)"},
    2: {"vi": "Đợt 2 (tháng 6/2024)", "en": "Follow-up (June 2024)"},
}
ITEMS = {
    "score": Variable(
        "score", "number", short={"vi": "Thân thiện", "en": "Friendliness"}, unit="points", limits=(0, 100)
    ),
    "wait": Variable("wait", "number", short={"vi": "Thời gian chờ", "en": "Waiting time"}, unit="minutes"),
    "yes": Variable(
        "yes",
        "binary",
        short={"vi": "Biết nơi gửi", "en": "Where to send"},
        labels={0: {"vi": "Không", "en": "No"}, 1: {"vi": "Có", "en": "Yes"}},
    ),
}
DF = 60.0


@dataclass(frozen=True)
class Drawn:
    """A random result and what is true of it."""

    e: Estimates
    estimate: Any
    error: Any
    fits: Any
    factor: float

    def p(self, i: int, j: int) -> float:
        error = float(np.hypot(self.error[i], self.error[j]))
        return float(2 * student.sf(abs(self.estimate[i] - self.estimate[j]) / error, DF))

    def apart(self, pairs: list[tuple[int, int]]) -> set[tuple[int, int]]:
        """Pairs that differ, the higher one first, by Holm's step-down over all of them (Holm 1979)."""
        p = np.array([self.p(*pair) for pair in pairs])
        found = set()
        for k, at in enumerate(np.argsort(p, kind="stable")):
            if p[at] * (len(p) - k) >= 0.05:
                break
            i, j = pairs[at]
            found.add((i, j) if self.estimate[i] > self.estimate[j] else (j, i))
        return found


def drawn(seed: int, groups: int, waves: bool) -> Drawn:
    """A result of a random unit, size and spread; ties, tiny and huge differences, rows of few answers."""
    rng = np.random.default_rng(seed)
    item = str(rng.choice(list(ITEMS)))
    k = groups * (2 if waves else 1)
    spread = float(10 ** rng.uniform(-4, 1))
    if item == "yes":
        x, se = 0.5 + np.clip(0.05 * spread * rng.normal(size=k), -0.45, 0.45), 0.002 * 10 ** rng.uniform(-2, 1)
    else:
        middle = 50.0 if item == "score" else float(rng.choice([25.0, -12.0, 1_234_567.0]))
        x, se = middle + 2 * spread * rng.normal(size=k), float(10 ** rng.uniform(-4, 0.5))
    if rng.random() < 0.3:
        x[rng.integers(k)] = x[0]
    n = np.where(rng.random(k) < 0.12, rng.choice([12, 41], k), 400)
    names = rng.permutation(len(NAMES))[:groups]
    place = np.repeat(np.arange(groups), 2) if waves else np.arange(groups)
    table = pd.DataFrame({"item": item, "place": place})
    if waves:
        table["wave"] = np.tile([1, 2], groups)
    table = table.assign(estimate=x, std_error=se, conf_low=x - 2 * se, conf_high=x + 2 * se, df=DF, n=n)
    labels = {i: {"vi": NAMES[j], "en": NAMES[j]} for i, j in enumerate(names)}
    book = Codebook(
        {
            item: ITEMS[item],
            "place": Variable("place", "nominal", labels=labels),
            "wave": Variable("wave", "ordinal", labels=WAVES, role="period"),
        }
    )
    by = (("place",) if groups > 1 else ()) + (("wave",) if waves else ())
    if groups == 1:
        table = table.drop(columns="place")
    e = Estimates(table, "mean", by, codebook=book, simulated=bool(rng.random() < 0.5))
    rows = sv.tables.table(e, lang="en").rows()  # some rows are hidden beside a small one
    fits = ((rows["status"] == "shown") & (rows["detail"] == "")).to_numpy()
    assert not fits[n < 50].any()
    return Drawn(e, x, np.full(k, se), fits, 100.0 if item == "yes" else 1.0)


def folded(name: str) -> str:
    """A name without what sentences do to it: capitals, and brackets within brackets as commas."""
    return re.sub(r"[(),]", "", unicodedata.normalize("NFC", name)).casefold()


def row_of(d: Drawn, name: str, lang: str) -> int:
    """The row of a group or a period by its name; of a period also without its date."""
    column = "place" if "place" in d.e.table.columns else "wave"
    labels = [d.e.codebook[column].labels[v][lang] for v in d.e.table[column]]
    whole = [i for i, label in enumerate(labels) if folded(label) == folded(name)]
    short = [i for i, label in enumerate(labels) if folded(re.sub(r" \(.*\)", "", label)) == folded(name)]
    found = whole or short
    assert len(found) == 1, f"no {name!r} in {labels}"
    return found[0]


def close(told: tuple[float, int], true: float) -> bool:
    value, digits = told
    return abs(value - true) <= 0.5 * 10.0**-digits * (1 + 1e-6) + abs(true) * 1e-11


def check_pair(d: Drawn, claim: Claim, lang: str) -> None:
    """Two rows: that a difference is claimed where there is one, the right way round, with its numbers."""
    if claim.kind in ("unshown", "unmoved"):
        i, j = (row_of(d, claim.names[k], lang) for k in ("one", "other"))
        assert d.p(i, j) >= 0.05
        if "d" in claim.numbers:
            assert close(claim.numbers["d"], d.factor * (d.estimate[i] - d.estimate[j]))
        return
    i, j = (row_of(d, claim.names[k], lang) for k in ("one", "other"))
    assert d.p(i, j) < 0.05, claim
    sign = 1 if claim.kind in ("higher", "rose") else -1
    assert sign * (d.estimate[i] - d.estimate[j]) > 0, claim
    assert claim.numbers["d"][0] > 0 and close(claim.numbers["d"], d.factor * abs(d.estimate[i] - d.estimate[j]))
    assert close(claim.numbers["x"], d.factor * d.estimate[i]) and close(claim.numbers["y"], d.factor * d.estimate[j])


def check_groups(d: Drawn, claim: Claim, lang: str) -> None:
    """Several groups: highest only where above every other one, and nothing of what may not be named."""
    fit = [i for i in range(len(d.estimate)) if d.fits[i]]
    pairs = [(i, j) for k, i in enumerate(fit) for j in fit[k + 1 :]]
    apart = d.apart(pairs)
    assert claim.numbers["n"][0] == len(fit) and ("some" in claim.names) == (len(fit) < len(d.estimate))
    if claim.kind == "alike":
        assert not apart
        return
    ends = {k: row_of(d, claim.names[k], lang) for k in ("hi", "lo") if k in claim.names}
    assert set(ends.values()) <= set(fit)
    for k, number in (("hi", "x"), ("lo", "y")):
        if number in claim.numbers:
            assert close(claim.numbers[number], d.factor * d.estimate[ends[k]])
    if {"x", "y"} <= set(claim.numbers):
        assert claim.numbers["x"][0] > claim.numbers["y"][0]
    if claim.kind == "higher_of":
        assert (ends["hi"], ends["lo"]) in apart
    if claim.kind in ("apart", "highest"):
        assert all((ends["hi"], j) in apart for j in fit if j != ends["hi"])
    if claim.kind in ("apart", "lowest"):
        assert all((i, ends["lo"]) in apart for i in fit if i != ends["lo"])


def check_moves(d: Drawn, claim: Claim, lang: str) -> None:
    """A change in several groups: whose, which way, and how many are left."""
    cells = [(k, k + 1) for k in range(0, len(d.estimate), 2) if d.fits[k] and d.fits[k + 1]]
    apart = d.apart(cells)
    rose = {first // 2 for first, last in cells if (last, first) in apart}
    fell = {first // 2 for first, last in cells if (first, last) in apart}
    if claim.kind == "moved_none":
        assert not rose and not fell and claim.numbers["n"][0] == len(cells)
        return
    labels = [row["vi"] for row in d.e.codebook["place"].labels.values()]
    for key, true in (("rose", rose), ("fell", fell)):
        if key not in claim.names:
            assert not true, claim
            continue
        which = claim.names[key]
        counted = re.match(r"(\d+) (?:of|trong) (\d+) |(?:all|cả) (\d+) ", which)
        if counted and folded(which) not in map(folded, labels):
            some, of, everyone = counted.groups()
            assert len(true) == int(some or everyone) and len(cells) == int(of or everyone)
        else:
            told = re.split(r" and | và ", which)
            assert sorted(map(folded, told)) == sorted(folded(labels[k]) for k in true), claim
    if "n" in claim.numbers:
        assert claim.numbers["n"][0] == len(cells) and ("some" in claim.names) == (2 * len(cells) < len(d.estimate))
    if "rest" in claim.numbers:
        assert claim.numbers["rest"][0] == len(cells) - len(rose) - len(fell)


FEW, MANY = range(8), pytest.param(range(8, 120), marks=pytest.mark.slow)


@pytest.mark.parametrize("seeds", [FEW, MANY])
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("groups", "waves"), [(2, False), (3, False), (7, False), (1, True), (4, True)])
def test_titles_say_what_is_true(groups: int, waves: bool, lang: str, seeds: range) -> None:
    told: dict[str, int] = {}
    for seed in seeds:
        d = drawn(seed, groups, waves)
        title = sv.tables.table(d.e, lang=lang).title
        if title == default_title(d.e, lang):
            told["none"] = told.get("none", 0) + 1
            continue
        assert len(title) <= letters_of("full")
        assert title.lower().startswith(("dữ liệu mô phỏng", "simulated data")) == d.e.simulated
        claim = read(title, lang)
        told[claim.kind] = told.get(claim.kind, 0) + 1
        if claim.kind.startswith("moved"):
            check_moves(d, claim, lang)
        elif "hi" in claim.names or "lo" in claim.names or claim.kind == "alike":
            check_groups(d, claim, lang)
        else:
            check_pair(d, claim, lang)
    if len(seeds) > len(FEW):  # a test that reads nothing tests nothing
        assert told.pop("none", 0) <= len(seeds) // 2 and len(told) >= 2, told


@pytest.mark.parametrize("seeds", [FEW, MANY])
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("groups", "waves"), [(2, False), (1, True)])
def test_sentences_of_comparisons_say_what_is_true(groups: int, waves: bool, lang: str, seeds: range) -> None:
    told: set[str] = set()
    for seed in seeds:
        d = drawn(seed, groups, waves)
        if not d.fits.all():
            continue
        claim = read(sv.narrative.compare(d.e.contrast([-1, 1])).text(lang), lang)
        told.add(claim.kind)
        check_pair(d, claim, lang)
    assert len(told) == 3 or len(seeds) == len(FEW), told

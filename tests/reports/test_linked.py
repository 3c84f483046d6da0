"""Exhibits that are published together, attacked by linear algebra: nothing hidden follows from all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from differencing import Attack
from examples import examples
from survey.errors import ExportError

TREATED = (1.0, 4.0)


def sample(sizes: dict[tuple[int, int], int], tiers: dict[int, int], seed: int = 1, equal: bool = False) -> sv.Sample:
    """Wards in tiers, two waves, of given sizes; two sexes; a question that some leave blank."""
    rng = np.random.default_rng(seed)
    rows = [(float(ward), float(wave)) for (ward, wave), n in sizes.items() for _ in range(n)]
    data = pd.DataFrame(rows, columns=["ward", "wave"]).rename_axis("id").reset_index()
    data["tier"] = data["ward"].map(tiers).astype(float)
    data["sex"] = rng.integers(1, 3, len(data)).astype(float)
    data["q"] = rng.integers(1, 6, len(data)).astype(float)
    data["seen"] = np.where(rng.random(len(data)) < 0.15, np.nan, data["q"])
    data["pilot"] = data["ward"].isin(TREATED).astype(float)
    data["w"] = 1.5 if equal else rng.uniform(0.5, 2, len(data))
    return sv.Sample(sv.Responses(data), weights="w")


def table(e: sv.Estimates) -> Any:
    return sv.tables.table(e, lang="en")


def effect(attack: Attack, estimate: float, item: str = "q") -> None:
    """A difference in differences of the means of wards, each counting once."""
    if pd.isna(estimate):
        return
    wards = np.unique(attack.data["ward"])
    treated = np.isin(wards, TREATED)
    share = np.where(treated, 1 / treated.sum(), -1 / (~treated).sum())
    row = np.zeros(len(attack.data))
    for ward, part in zip(wards, share, strict=True):
        for wave, sign in ((1.0, -1), (2.0, 1)):
            row += sign * part * attack.mean_of(attack.people(item, {"ward": ward, "wave": wave}))
    attack.know(row, estimate)


def rest(attack: Attack, frame: pd.DataFrame) -> None:
    """Each ward less everyone else."""
    for ward, estimate in zip(np.unique(attack.data["ward"]), frame["estimate"], strict=True):
        own = attack.people("q", {"ward": ward})
        if pd.notna(estimate):
            attack.know(attack.mean_of(own) - attack.mean_of(attack.people("q", {}) & ~own), estimate)
        attack.row(own, np.nan)


# what is asked of the sample, and the groups and the part of the data that its rows are about
ASKED: dict[str, tuple[Any, list[str], str | None]] = {
    "all": (lambda s: s.mean("q"), [], None),
    "wave": (lambda s: s.mean("q", by="wave"), ["wave"], None),
    "ward": (lambda s: s.mean("q", by="ward"), ["ward"], None),
    "tier": (lambda s: s.mean("q", by="tier"), ["tier"], None),
    "sex": (lambda s: s.mean("q", by="sex"), ["sex"], None),
    "ward, wave": (lambda s: s.mean("q", by=["ward", "wave"]), ["ward", "wave"], None),
    "ward, sex": (lambda s: s.mean("q", by=["ward", "sex"]), ["ward", "sex"], None),
    "tier, sex": (lambda s: s.mean("q", by=["tier", "sex"]), ["tier", "sex"], None),
    "first wave": (lambda s: s.mean("q", by="ward", where="wave == 1"), ["ward"], "wave == 1"),
    "without the first ward": (lambda s: s.mean("q", where="ward > 1"), [], "ward > 1"),
    "first two wards": (lambda s: s.mean("q", where="ward <= 2"), [], "ward <= 2"),
    "women": (lambda s: s.mean("q", by="tier", where="sex == 2"), ["tier"], "sex == 2"),
}
SIZES = st.sampled_from([4, 12, 18, 31, 45, 70])


def attacked(s: sv.Sample, exhibits: dict[str, Any]) -> Attack:
    """All that somebody who has these exhibits can know."""
    attack = Attack(s.data)
    for name, x in exhibits.items():
        if name == "effect":
            effect(attack, x.frame()["estimate"][0])
        elif name == "rest":
            rest(attack, x.frame())
        else:
            attack.rows(x.frame(), *ASKED[name][1:])
    return attack


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(24))
@given(st.data())
def test_no_hidden_row_follows_from_exhibits_published_together(data: st.DataObject) -> None:
    wards = data.draw(st.integers(4, 6))
    sizes = {(ward, wave): data.draw(SIZES) for ward in range(1, wards + 1) for wave in (1, 2)}
    tiers = {ward: data.draw(st.integers(0, 2)) for ward in range(1, wards + 1)}
    s = sample(sizes, tiers, data.draw(st.integers(0, 9)), data.draw(st.booleans()))
    chosen = data.draw(st.lists(st.sampled_from([*ASKED, "effect", "rest"]), min_size=2, max_size=6, unique=True))
    made = {name: table(_estimates(s, name)) for name in chosen}
    kept = dict(zip(made, sv.protect(*made.values()), strict=True))
    assert attacked(s, kept).found() == []
    assert len(sv.audit(kept)) == 0


def _estimates(s: sv.Sample, name: str) -> sv.Estimates:
    if name == "effect":
        return s.effect("q", treated="pilot", period="wave", unit="ward")
    return s.compare("q", by="ward", against="rest") if name == "rest" else ASKED[name][0](s)


# ward 1 has 12 in the first wave; ward 2, the smallest other, goes with it, both waves of each
ONE_SMALL = {(1, 1): 12, (1, 2): 60} | {(ward, wave): 50 + 10 * ward + wave for ward in range(2, 7) for wave in (1, 2)}
TIERS = {1: 2, 6: 2, 2: 1, 3: 1, 4: 0, 5: 0}


def test_an_effect_does_not_give_a_hidden_unit_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four unknown means, of wards 1 and 2: the totals of wards and waves are three equations, the effect a fourth."""
    s = sample(ONE_SMALL, TIERS)
    names = ["ward, wave", "ward", "wave", "all"]

    def attack(gate: bool) -> Attack:
        made = {name: table(ASKED[name][0](s)) for name in names}
        e = s.effect("q", treated="pilot", period="wave", unit="ward")
        if not gate:
            monkeypatch.setattr("survey.words.complement.tells", lambda *a: False)
        return attacked(s, made | {"effect": table(e)})

    assert attack(gate=True).found() == []
    told = attack(gate=False)
    (first,) = told.found()
    assert first.sum() == 12
    assert told.value(first) == pytest.approx(float(np.average(s.data["q"][:12], weights=s.data["w"][:12])), abs=1e-6)
    assert len(sv.audit({name: ASKED[name][0](s) for name in names})) == 0


def test_an_effect_on_hidden_units_is_told_where_none_follows() -> None:
    """With three small wards there are more unknown means than equations; the sentence and the figure tell it too."""
    s = sample(ONE_SMALL | {(2, 1): 20, (3, 1): 20}, TIERS)
    e = s.effect("q", treated="pilot", period="wave", unit="ward")
    assert np.isfinite(table(e).frame()["estimate"][0])
    assert "was" in sv.narrative.permutation(e).en and sv.narrative.permutation(e).numbers
    drawn = sv.figures.effect(e, lang="en").frame()
    assert "permutation" not in set(drawn["part"])  # the gaps would tell the hidden changes
    hidden = sample(ONE_SMALL, TIERS).effect("q", treated="pilot", period="wave", unit="ward")
    assert sv.narrative.permutation(hidden).numbers == {}
    frame = sv.figures.effect(hidden, lang="en").frame()
    assert frame["estimate"].isna().sum() == 5
    assert frame["status_detail"].tolist()[:5] == ["complementary", "small", *["complementary"] * 3]


def test_two_effects_give_away_what_each_keeps() -> None:
    """Of three small wards two means stay unknown; the effects on all wards and without ward 5 are two equations."""
    s = sample(ONE_SMALL | {(2, 1): 20, (4, 1): 20}, TIERS)
    totals = {name: ASKED[name][0](s) for name in ("ward, wave", "ward", "wave", "all")}
    parts = {part: s.effect("q", "pilot", "wave", "ward", where=part) for part in ("ward > 0", "ward != 5")}
    for part, e in parts.items():
        assert np.isfinite(table(e).frame()["estimate"][0])
        assert len(sv.audit(totals | {part: e})) == 0
    found = sv.audit(totals | parts)
    assert found["n"].tolist() == [12, 20, 20]
    assert all({*parts} <= {*used.split(", ")} for used in found["computed_from"])
    assert len(sv.audit(*sv.protect(*totals.values(), *parts.values()))) == 0


def test_exhibits_exported_together_are_protected_in_any_order(tmp_path: Path) -> None:
    """By hand: tier 2 is wards 1 and 6, so that ward 6 goes with ward 1, beside ward 2 for the total."""
    s = sample({(w, v): n for w, n in {1: 6, 2: 60, 3: 65, 4: 70, 5: 75, 6: 80}.items() for v in (1, 2)}, TIERS)

    def made() -> dict[str, Any]:
        return {name: table(ASKED[name][0](s)) for name in ("ward", "tier", "all")}

    assert len(sv.audit(made())) == 1
    first = sv.export(made(), formats=["csv", "html"], folder=tmp_path / "1")
    second = sv.export(dict(reversed(made().items())), formats=["csv", "html"], folder=tmp_path / "2")
    assert {name: [*files] for name, files in first.items()} == {name: ["csv", "html", "json"] for name in made()}
    for name, files in first.items():
        assert all(path.read_bytes() == second[name][key].read_bytes() for key, path in files.items())
    attack = Attack(s.data)
    for name, files in first.items():
        attack.rows(pd.read_csv(files["csv"]), *ASKED[name][1:])
    assert len(attack.small) == 1 and attack.found() == []
    wards = pd.read_csv(first["ward"]["csv"])
    assert wards["status_detail"].fillna("").tolist() == ["small", "complementary", "", "", "", "complementary"]
    alone = {name: sv.export(x, name, formats=["csv"], folder=tmp_path)["csv"] for name, x in made().items()}
    attack = Attack(s.data)
    for name, path in alone.items():
        attack.rows(pd.read_csv(path), *ASKED[name][1:])
    assert len(attack.found()) == 1  # the attack does find what is exported one by one


def test_a_document_of_several_exhibits_is_protected(tmp_path: Path) -> None:
    from docx import Document

    s = sample({(w, v): n for w, n in {1: 6, 2: 60, 3: 65, 4: 70, 5: 75, 6: 80}.items() for v in (1, 2)}, TIERS)
    exhibits = [table(ASKED[name][0](s)) for name in ("ward", "tier")]
    document = Document(str(sv.tables.to_docx(exhibits, tmp_path / "a.docx")))
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert sum(any("withheld" in text for text in row) for row in cells) == 2


def test_items_that_others_answered_tell_nothing() -> None:
    """Ward 2 left no blank: its people are shown for q, and hidden beside ward 1 for the item with blanks."""
    s = sample({(1, 1): 40, (2, 1): 60, (3, 1): 100}, {1: 0, 2: 0, 3: 0})
    data = s.data.assign(seen=s.data["q"].where(s.data.index >= 20))
    e = sv.Sample(sv.Responses(data), weights="w").mean(["q", "seen"], by="ward")
    whole = sv.Sample(sv.Responses(data), weights="w").mean(["q", "seen"])
    assert len(sv.audit(e, whole)) == 0
    kept, _ = sv.protect(e, whole)
    assert kept.table["estimate"].isna().tolist() == [False, False, False, True, True, False]
    renamed = sv.Sample(sv.Responses(data.assign(same=data["seen"].ge(4).where(data["seen"].notna()))), weights="w")
    found = sv.audit(renamed.mean("seen", by="ward"), renamed.mean("same", where="ward != 1"), renamed.mean("seen"))
    assert found["n"].tolist() == [20]  # a column made of it is the same item


@pytest.mark.parametrize("wrong", [{}, [], ["a"], "twice"])
def test_several_exhibits_need_names(wrong: Any, tmp_path: Path) -> None:
    x = table(sample({(1, 1): 40, (2, 1): 60}, {1: 0, 2: 0}).mean("q", by="ward"))
    with pytest.raises(ExportError):
        sv.export([x, x] if wrong == "twice" else wrong, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def coefficients(attack: Attack, frame: pd.DataFrame, crossed: bool) -> None:
    """Coefficients of a model of cells: the first, those of a factor less the first, differences of differences."""
    wards, waves = np.unique(attack.data["ward"]), (1.0, 2.0) if crossed else (None,)

    def mean(ward: float, wave: float | None) -> Any:
        return attack.mean_of(attack.people("q", {"ward": ward} | ({} if wave is None else {"wave": wave})))

    first, rows = mean(wards[0], waves[0]), []
    rows = [first, *(mean(ward, waves[0]) - first for ward in wards[1:])]
    if crossed:
        change = mean(wards[0], 2.0) - first
        rows += [change, *(mean(ward, 2.0) - mean(ward, 1.0) - change for ward in wards[1:])]
    truth = [row @ (attack.data["w"] * attack.data["q"]).to_numpy() for row in rows]
    assert len(rows) == len(frame)
    for row, value, true in zip(rows, frame["estimate"], truth, strict=True):
        if pd.notna(value):
            assert value == pytest.approx(true, abs=1e-8)  # the attacker knows what the coefficient is
            attack.know(row, value)


@pytest.mark.parametrize("small", [1, 2, 3, 6])
@pytest.mark.parametrize("crossed", [False, True])
def test_coefficients_beside_means_give_no_cell_away(small: int, crossed: bool) -> None:
    """Each ward in turn is small, also the reference; ward 1 or 2, the smallest other, goes with it."""
    sizes = {(w, v): 40 + 3 * w + v for w in range(1, 7) for v in (1, 2)}
    sizes |= {(small, 1): 9} if crossed else {(small, 1): 9, (small, 2): 10}
    s = sample(sizes, TIERS)
    names = ["ward, wave", "ward", "wave", "all"] if crossed else ["ward", "all"]
    attack = attacked(s, {name: table(ASKED[name][0](s)) for name in names})
    coefficients(attack, table(s.linear("q ~ C(ward) * C(wave)" if crossed else "q ~ C(ward)")).frame(), crossed)
    assert attack.small and attack.found() == []


def test_coefficients_of_large_groups_are_told() -> None:
    """By hand: ward 6 has 19 people, ward 1 is the reference with 200, ward 2 the smallest other."""
    sizes = {(w, v): 40 + 3 * w + v for w in range(2, 6) for v in (1, 2)} | {(1, 1): 100, (1, 2): 100, (6, 1): 19}
    frame = table(sample(sizes, TIERS).linear("q ~ C(ward)")).frame()
    assert frame["estimate"].isna().tolist() == [False, True, False, False, False, True]


@pytest.mark.parametrize("small", [(1,), (4,), (2, 5), (1, 3, 5)])
def test_a_trend_gives_no_group_away(small: tuple[int, ...]) -> None:
    """The slope on the numbers of the wards is the sum of w (x - mean x) q over that of w (x - mean x) squared."""
    s = sample({(w, 1): 20 if w in small else 50 + w for w in range(1, 7)}, TIERS)
    e = s.trend("q", by="ward")
    attack = attacked(s, {name: table(ASKED[name][0](s)) for name in ("ward", "all")})
    w, x, q = (s.data[name].to_numpy(float) for name in ("w", "ward", "q"))
    away = x - np.average(x, weights=w)
    slope = away / (w @ away**2)
    assert e.table["estimate"][0] == pytest.approx(float(slope @ (w * q)), rel=1e-10)
    told = float(table(e).frame()["estimate"][0])
    assert bool(np.isfinite(told)) is (len(small) == 3)  # of three hidden groups none follows
    if len(small) == 3:
        attack.know(slope, told)
    assert attack.small and attack.found() == []
    attack.know(slope, float(e.table["estimate"][0]))
    assert bool(attack.found()) is (len(small) < 3)  # what it would give away

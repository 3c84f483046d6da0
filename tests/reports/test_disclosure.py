"""Exhibits of one study against each other, as somebody would who wants to know what they hide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ExportError
from survey.words.disclosure import published

SIZES = {1: 12, 2: 60, 3: 170, 4: 80, 5: 90, 6: 100}
TIERS = {1: 2, 6: 2, 2: 1, 3: 1, 4: 0, 5: 0}


def sample(sizes: dict[int, int] = SIZES, seed: int = 3) -> sv.Sample:
    """Six wards in three tiers, two waves; ward 1 is small."""
    rng = np.random.default_rng(seed)
    ward = np.repeat(list(sizes), list(sizes.values())).astype(float)
    data = pd.DataFrame(
        {
            "id": np.arange(len(ward)),
            "ward": ward,
            "tier": [float(TIERS[int(w)]) for w in ward],
            "wave": np.tile([1.0, 2.0], len(ward))[: len(ward)],
            "q": rng.integers(1, 6, len(ward)).astype(float),
            "w": rng.uniform(0.5, 2, len(ward)),
        }
    )
    return sv.Sample(sv.Responses(data), weights="w")


def table_of(exhibit: Any, name: str, folder: Path) -> pd.DataFrame:
    sv.export(exhibit, name, formats=["csv"], folder=folder)
    return pd.read_csv(folder / f"{name}.csv")


def test_a_group_is_not_the_total_less_the_others(tmp_path: Path) -> None:
    """Mean by ward, mean of all and the sizes of the wards, in three files: two unknown wards and one equation."""
    s = sample()
    by = table_of(sv.tables.table(s.mean("q", by="ward")), "by", tmp_path)
    total = table_of(sv.tables.table(s.mean("q")), "all", tmp_path)
    share = table_of(sv.tables.table(s.distribution("ward")), "groups", tmp_path).set_index("answer")["estimate"]
    assert by["status"].tolist() == ["suppressed", "complementary", "shown", "shown", "shown", "shown"]
    shown = by.dropna(subset=["estimate"])
    unknown = total["n"][0] - shown["n"].sum()
    assert unknown == 12 + 60
    rest = total["estimate"][0] - (shown["estimate"] * shown["ward"].map(share)).sum()
    true = float(np.average(s.data["q"][:12], weights=s.data["w"][:12]))
    assert abs(rest / share[1.0] - true) > 0.1  # what was found as the hidden mean when ward 2 was shown
    assert rest / (share[1.0] + share[2.0]) == pytest.approx(
        float(np.average(s.data["q"][:72], weights=s.data["w"][:72])), rel=1e-6
    )  # 72 people are enough


def test_nested_groups_give_a_ward_away_and_are_found() -> None:
    """By hand: tier 2 is wards 1 and 6; ward 2 goes with ward 1, and tier 2 less ward 6 is ward 1."""
    s = sample()
    by_ward, by_tier = s.mean("q", by="ward"), s.mean("q", by="tier")
    found = sv.audit({"ward": by_ward, "tier": by_tier})
    assert found[["exhibit", "item", "group", "n", "computed_from"]].to_numpy().tolist() == [
        ["ward", "q", "1.0", 12, "ward, tier"]
    ]
    assert len(sv.audit(by_ward)) == len(sv.audit(by_tier, s.mean("q"))) == 0
    exhibits = {"ward": sv.tables.table(by_ward), "tier": sv.figures.intervals(by_tier)}
    assert sv.audit(exhibits)["exhibit"].tolist() == ["ward"]
    with pytest.raises(ExportError):
        sv.audit(s.data)  # type: ignore[arg-type]


def test_protected_results_give_nothing_away_in_any_order() -> None:
    """By hand: of wards 1 and 6, all of tier 2, the second is hidden, which does for the total: ward 2 is shown."""
    s = sample()
    by_ward, by_tier = s.mean("q", by="ward"), s.mean("q", by="tier")
    ward, tier = sv.protect(by_ward, by_tier)
    assert ward.table["estimate"].isna().tolist() == [True, False, False, False, False, True]
    assert tier.table["estimate"].notna().all()
    assert len(sv.audit(ward, tier)) == 0
    other_tier, other_ward = sv.protect(by_tier, by_ward)
    pd.testing.assert_frame_equal(ward.table, other_ward.table)
    pd.testing.assert_frame_equal(tier.table, other_tier.table)
    exhibit = sv.tables.table(ward, lang="en")
    assert exhibit.frame()["status"].tolist() == ["suppressed", *["shown"] * 4, "complementary"]
    assert exhibit.in_language("vi").frame()["n"].isna().tolist() == [True, False, False, False, False, True]
    with pytest.raises(ExportError):
        sv.protect(s)  # type: ignore[type-var]


def test_a_wave_by_itself_beside_all_waves() -> None:
    """By hand: ward 1 has 33 in wave 1 and 27 in wave 2; both waves and wave 1 alone are each large enough."""
    sizes = {1: 60, 2: 60, 3: 170, 4: 80, 5: 90, 6: 100}
    s = sample(sizes)
    data = s.data.copy()
    data.loc[data["ward"] == 1, "wave"] = [1.0] * 33 + [2.0] * 27
    s = sv.Sample(sv.Responses(data), weights="w")
    results = {
        "ward and wave": s.mean("q", by=["ward", "wave"]),
        "ward": s.mean("q", by="ward"),
        "wave 1": s.mean("q", by="ward", where="wave == 1"),
    }
    first = published(results["ward and wave"])
    assert first.hidden is not None and first.hidden.tolist()[:2] == [True, True]  # wave 1 of ward 1 goes with wave 2
    found = sv.audit(results)
    assert found["n"].tolist() == [27]
    assert set(found["computed_from"].iloc[0].split(", ")) <= set(results)
    assert len(sv.audit(dict(zip(results, sv.protect(*results.values()), strict=True)))) == 0


def test_breakdowns_side_by_side_give_nothing_away() -> None:
    """By hand: as above, in one result; ward 2 goes with ward 1 for the total, ward 6 for tier 2."""
    s = sample()
    for verb in (lambda over: s.mean("q", over=over), lambda over: s.distribution("q", over=over)):
        exhibit = sv.tables.table(verb(["ward", "tier", "everyone"]))
        frame = exhibit.frame()
        gone = frame[frame["status"].isin(["suppressed", "complementary"])]
        assert gone[["breakdown", "category"]].drop_duplicates().to_numpy().tolist() == [
            ["ward", 1.0],
            ["ward", 2.0],
            ["ward", 6.0],
        ]
        assert len(sv.audit(exhibit)) == 0


def test_differences_tell_the_rows_they_combine() -> None:
    s = sample()
    by_ward, by_tier = s.mean("q", by="ward"), s.mean("q", by="tier")
    pairs = by_ward.pairwise()
    assert len(sv.audit({"pairs": pairs, "tier": by_tier})) == 1
    kept, _ = sv.protect(pairs, by_tier)
    shown = kept.table.dropna(subset=["estimate"])["contrast"].tolist()
    assert all("1.0" not in c and "6.0" not in c for c in shown) and len(shown) == 6
    rest = s.compare("q", by="ward", against="rest")
    away = sv.tables.table(rest).frame().set_index("contrast")["estimate"].isna()
    assert away.sum() == 2  # ward 1, and ward 2 that goes with it: its difference from the rest would tell it


def test_results_of_other_people_tell_nothing_of_these() -> None:
    s, others = sample(), sample(seed=4)
    other = sv.Sample(sv.Responses(others.data.assign(id=others.data["id"] + 1000)), weights="w")
    assert len(sv.audit(s.mean("q", by="ward"), other.mean("q", by="tier"))) == 0


def test_the_list_of_what_is_hidden() -> None:
    """By hand: of six wards two are hidden, of twelve wards in waves more than 40%."""
    s = sample()
    results = {"ward": s.mean("q", by="ward"), "both": s.mean("q", by=["ward", "wave"]), "tier": s.mean("q", by="tier")}
    found = sv.hidden(results)
    assert found.table.set_index("exhibit").loc["ward", ["rows", "small", "complementary"]].tolist() == [6, 1, 1]
    assert found.table["share_hidden"].tolist()[0] == pytest.approx(1 / 3)
    total = found.table.iloc[-1]
    assert total["rows"] == 21 and total["share_hidden"] == pytest.approx(
        found.table[["small", "complementary"]].iloc[:-1].sum().sum() / 21
    )
    large = sample(dict.fromkeys(SIZES, 62) | {1: 40, 2: 40, 3: 40})
    both = large.mean("q", by=["ward", "wave"])
    assert [str(note) for note in sv.hidden({"both": both}).notes] == [
        "More than 40% of the results are hidden in both: use coarser groups, or put waves together"
    ]
    note = "50% of the results of this exhibit are hidden (6 of 12): use coarser groups, or put waves together."
    assert note in sv.tables.table(both, lang="en").notes
    assert "Hidden beside them" in sv.tables.table(found, lang="en").html()


def test_the_page_on_what_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "disclosure.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    exec(compile(block, "disclosure.md", "exec"), {})
    told = capsys.readouterr().out
    assert "wards, tiers" in told and "0 ['suppressed', 'shown', 'shown', 'complementary']" in told
    assert "More than 40% of the results are hidden in wards" in told

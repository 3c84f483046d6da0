"""What the exhibits of a study give away together, though every notebook runs by itself."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import DisclosureWarning, StudyError
from survey.study.disclosure_ledger import forget


def study(folder: Path) -> sv.Study:
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "rows.csv").write_text("q\n1\n", encoding="utf-8")
    lines = [
        "[study]",
        'id = "t"',
        'title = "T"',
        "[surveys.r]",
        'files = ["rows.csv"]',
        "[surveys.r.design]",
        'weights = "w"',
    ]
    (raw / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    return sv.Study.open(raw)


def sample() -> sv.Sample:
    """Ward 1 has 12 people and belongs to tier 2 with ward 4; ward 2 goes with ward 1."""
    ward = np.repeat([1.0, 2.0, 3.0, 4.0], [12, 60, 170, 100])
    data = pd.DataFrame({"ward": ward, "tier": np.where(np.isin(ward, [1, 4]), 2.0, 0.0)})
    data["q"] = np.random.default_rng(1).integers(1, 6, len(ward)).astype(float)
    return sv.Sample(data, weights=None)


def test_an_export_hides_what_gives_an_earlier_one_away(tmp_path: Path) -> None:
    own, s = study(tmp_path), sample()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        own.export(sv.tables.table(s.mean("q", by="ward")), "wards", ["csv"])
        own.export(sv.tables.table(s.mean("q")), "all", ["csv"])
    first = (own.exhibits / "wards.vi.csv").read_bytes()
    again = sv.Study.open(own.path)  # another notebook: nothing is left of the first
    with pytest.warns(DisclosureWarning, match=r"2 of 2 results of tiers are hidden"):
        again.export(sv.tables.table(sample().mean("q", by="tier")), "tiers", ["csv"])
    assert len(again.audit()) == 0
    tiers = pd.read_csv(own.exhibits / "tiers.vi.csv")
    assert tiers["estimate"].isna().all() and set(tiers["status_detail"]) == {"complementary"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what is written again keeps its place, and its bytes
        again.export(sv.tables.table(sample().mean("q", by="ward")), "wards", ["csv"])
    assert (own.exhibits / "wards.vi.csv").read_bytes() == first
    counts = again.hidden().table.set_index("exhibit")
    assert counts.loc["wards", ["rows", "small", "complementary"]].tolist() == [4, 1, 1]
    assert counts.loc["total", ["rows", "complementary"]].tolist() == [4 + 1 + 2, 1 + 2]
    both = {"wards": sv.tables.table(s.mean("q", by="ward")), "tiers": sv.tables.table(s.mean("q", by="tier"))}
    with pytest.warns(DisclosureWarning, match=r"1 of 4 results of wards are hidden"):
        written = again.export(both, formats=["csv"])
    assert [*written] == ["wards", "tiers"] and len(again.audit()) == 0
    tiers = pd.read_csv(written["tiers"]["en.csv"])
    assert tiers["estimate"].notna().all()  # in one call the smaller groups are hidden: wards 1, 2 and 4
    forget(again.ledger)
    assert again.hidden().table["rows"].tolist() == [0]


def test_what_earlier_exhibits_alone_give_away_is_told(tmp_path: Path) -> None:
    """By hand: everyone less all but ward 1 is ward 1, which the third exhibit hides in vain."""
    own, s = study(tmp_path), sample()
    own.export(sv.tables.table(s.mean("q")), "all", ["csv"])
    own.export(sv.tables.table(s.mean("q", where="ward != 1")), "others", ["csv"])
    with pytest.warns(DisclosureWarning, match=r"can be computed .* q, 1.0 of wards, from all, others"):
        own.export(sv.tables.table(s.mean("q", by="ward")), "wards", ["csv"])
    assert own.audit()[["exhibit", "group", "n"]].to_numpy().tolist() == [["wards", "1.0", 12]]


def test_an_effect_in_the_ledger_is_a_combination_of_its_units(tmp_path: Path) -> None:
    """By hand: wards 1 to 3 are hidden in each wave; two effects and the totals of wards and waves tell them."""
    sizes = {(1, 1): 12, (1, 2): 60, (2, 1): 20, (2, 2): 62, (3, 1): 20, (3, 2): 73, (4, 1): 90, (4, 2): 92}
    sizes |= {(5, 1): 100, (5, 2): 102, (6, 1): 110, (6, 2): 112}
    data = pd.DataFrame([k for k, n in sizes.items() for _ in range(n)], columns=["ward", "wave"]).astype(float)
    data["pilot"], data["q"] = data["ward"].isin([1, 4]) * 1.0, np.random.default_rng(1).integers(1, 6, len(data)) * 1.0
    own, s = study(tmp_path), sv.Sample(data, weights=None)
    for name, by in {"both": ["ward", "wave"], "wards": "ward", "waves": "wave", "all": None}.items():
        own.export(sv.tables.table(s.mean("q", by=by)), name, ["csv"])
    own.export(sv.tables.table(s.effect("q", "pilot", "wave", "ward")), "effect", ["csv"])
    assert np.isfinite(pd.read_csv(own.exhibits / "effect.vi.csv")["estimate"][0])
    with pytest.warns(DisclosureWarning, match="1 of 1 results of part are hidden"):
        part = s.effect("q", "pilot", "wave", "ward", where="ward != 5")
        own.export(sv.tables.table(part), "part", ["csv"])
    assert pd.read_csv(own.exhibits / "part.vi.csv")["estimate"].isna().all() and len(own.audit()) == 0


def test_what_leaves_does_not_hold_the_ledger(tmp_path: Path) -> None:
    own = study(tmp_path)
    own.export(sv.tables.table(sample().mean("q", by="ward")), "wards")
    assert sorted(p.name for p in own.ledger.iterdir()) == ["wards.json"]
    assert not any("people" in p.read_text("utf-8", errors="ignore") for p in own.exhibits.glob("*.json"))
    (own.ledger / "wards.json").write_text("{", encoding="utf-8")
    with pytest.raises(StudyError, match="damaged"):
        own.hidden()

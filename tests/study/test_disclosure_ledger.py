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


def test_an_export_that_gives_away_an_earlier_one_is_told(tmp_path: Path) -> None:
    own, s = study(tmp_path), sample()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        own.export(sv.tables.table(s.mean("q", by="ward")), "wards", ["csv"])
        own.export(sv.tables.table(s.mean("q")), "all", ["csv"])
    assert len(own.audit()) == 0
    again = sv.Study.open(own.path)  # another notebook: nothing is left of the first
    with pytest.warns(DisclosureWarning, match=r"q, 1.0 of wards, from .*tiers"):
        again.export(sv.tables.table(sample().mean("q", by="tier")), "tiers", ["csv"])
    assert again.audit()[["exhibit", "group", "n"]].to_numpy().tolist() == [["wards", "1.0", 12]]
    counts = again.hidden().table.set_index("exhibit")
    assert counts.loc["wards", ["rows", "small", "complementary"]].tolist() == [4, 1, 1]
    assert counts.loc["total", "rows"] == 4 + 1 + 2
    ward, tier = sv.protect(s.mean("q", by="ward"), s.mean("q", by="tier"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the one that is still there
        again.export(sv.tables.table(ward), "wards", ["csv"])
        again.export(sv.tables.table(tier), "tiers", ["csv"])
    assert len(again.audit()) == 0
    forget(again.ledger)
    assert again.hidden().table["rows"].tolist() == [0]


def test_what_leaves_does_not_hold_the_ledger(tmp_path: Path) -> None:
    own = study(tmp_path)
    own.export(sv.tables.table(sample().mean("q", by="ward")), "wards")
    assert sorted(p.name for p in own.ledger.iterdir()) == ["wards.json"]
    assert not any("people" in p.read_text("utf-8", errors="ignore") for p in own.exhibits.glob("*.json"))
    (own.ledger / "wards.json").write_text("{", encoding="utf-8")
    with pytest.raises(StudyError, match="damaged"):
        own.hidden()

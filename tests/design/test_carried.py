"""Margins by ward over a merger: totals add up, codes are followed on their day, shares within wards are refused."""

from __future__ import annotations

import pandas as pd
import pytest

import survey as sv
from survey.errors import TargetsError

# Bồ Xuyên (12436) and another unit (here 12460, invented) became phường Thái Bình, which took the code 13225 that was
# xã Tân Bình's; what became of Tân Bình is left open, as in tests/cleaning/test_wards.py.
LINEAGE = pd.DataFrame(
    [
        ["12436", "Bồ Xuyên", "2000-01-01", "2025-06-30", "13225", "2025-07-01", "merged"],
        ["12460", "Vũ Chính", "2000-01-01", "2025-06-30", "13225", "2025-07-01", "merged"],
        ["12500", "D cũ", "2000-01-01", "2025-06-30", "12501", "2025-07-01", "split"],
        ["12500", "D cũ", "2000-01-01", "2025-06-30", "12502", "2025-07-01", "split"],
        ["13225", "xã Tân Bình", "2000-01-01", "2025-06-30", "", "", ""],
        *[[c, f"{c} mới", "2025-07-01", "", "", "", ""] for c in ("13225", "12501", "12502")],
    ],
    columns=["code", "name", "valid_from", "valid_to", "successor_code", "successor_valid_from", "kind"],
)
GIVEN = {"lineage": LINEAGE, "date": "2024-06-30", "to": "2025-07-01"}


def test_totals_of_merged_wards_add_up() -> None:
    by_sex_given = {("12436", 1): 3400, ("12436", 2): 3600, ("12460", 1): 1600, ("12460", 2): 1400}
    wards = {"12436": 7000, "12460": 3000}
    targets = sv.Targets.of({"ward": wards, ("ward", "sex"): by_sex_given, "age": {1: 4000, 2: 6000}})
    carried = targets.map_wards("ward", into="ward_2025", **GIVEN)
    by_ward, by_sex, age = carried.margins
    assert by_ward.variables == ("ward_2025",) and list(by_ward.totals.values()) == [10000]
    assert by_sex.variables == ("ward_2025", "sex") and list(by_sex.totals.values()) == [5000, 5000]
    assert age == targets.margins[2]
    assert carried.total == targets.total == 10000


def test_a_code_is_what_it_meant_on_its_day() -> None:
    """13225 was xã Tân Bình in 2024, which has no successor here, and is phường Thái Bình in September 2025."""
    targets = sv.Targets.of(
        {("wave", "ward"): {(1, "12436"): 7000, (1, "12460"): 3000, (2, "13225"): 10100}}, within="wave"
    )
    days = {"wave": {1: "2024-06-30", 2: "2025-09-01"}}
    carried = targets.map_wards("ward", **{**GIVEN, "date": days})
    assert list(carried.margins[0].totals.values()) == [10000, 10100]
    assert {category[1] for category in carried.margins[0].totals} == {13225} and carried.within == ("wave",)
    with pytest.raises(TargetsError, match="cannot be determined") as problem:
        targets.map_wards("ward", **GIVEN)
    assert "no successor" in str(problem.value) and "Tân Bình" in str(problem.value)


@pytest.mark.parametrize(
    ("code", "date", "said"),
    [
        ("99999", "2024-06-30", "no such code"),
        ("12436", "2025-09-01", "only 12436 Bồ Xuyên (2000-01-01 to 2025-06-30)"),
        ("12500", "2024-06-30", "2 successors"),
    ],
    ids=["valid in neither", "valid on another day", "split"],
)
def test_a_code_without_one_ward_on_that_day_is_an_error(code: str, date: str, said: str) -> None:
    with pytest.raises(TargetsError) as problem:
        sv.Targets.of({"ward": {code: 100}}).map_wards("ward", **{**GIVEN, "date": date})
    assert said in str(problem.value)


def test_numbers_by_ward_add_up_and_shares_within_wards_do_not() -> None:
    minutes = sv.Targets.of({"ward": {"12436": 7.0, "12460": 3.0}, "sex": {1: 5.0, 2: 5.0}})
    assert minutes.map_wards("ward", **GIVEN).total == 10
    wards = [("12436", 1), ("12436", 2), ("12460", 1), ("12460", 2)]
    counts = sv.Targets.of({("ward", "sex"): dict(zip(wards, [10, 20, 30, 40], strict=True))}, within="ward")
    assert counts.map_wards("ward", into="new", **GIVEN).within == ("new",)
    shares = sv.Targets.of({("ward", "sex"): dict(zip(wards, [0.4, 0.6, 0.5, 0.5], strict=True))}, within="ward")
    with pytest.raises(TargetsError, match="Shares within wards"):
        shares.map_wards("ward", **GIVEN)


def test_arguments() -> None:
    targets = sv.Targets.of({("wave", "ward"): {(1, "12436"): 7000, (3, "12460"): 3000}, "sex": {1: 5000, 2: 5000}})
    for arguments, message in (
        ({"date": "soon"}, "date cannot be read"),
        ({"to": None}, "date cannot be read"),
        ({"date": {"wave": {1: "2024-06-30"}}}, "have no date"),
        ({"date": {"round": {1: "2024-06-30"}}}, "variable that tells the date"),
        ({"date": {"wave": {}, "round": {}}}, "single variable"),
    ):
        with pytest.raises(TargetsError, match=message):
            targets.map_wards("ward", **{**GIVEN, **arguments})
    with pytest.raises(TargetsError, match="No margin has this variable"):
        targets.map_wards("phường", **GIVEN)


def test_a_change_over_the_merger_from_raw_codes_to_weights() -> None:
    """Wave 1 by the wards of 2024, wave 2 by those of 2025: people mapped, margins added up, one change."""
    rows = pd.DataFrame(
        {
            "wave": [1] * 8 + [2] * 8,
            "ward": ["12436"] * 4 + ["12460"] * 4 + ["13225"] * 8,
            "psu": ["a", "a", "b", "b", "c", "c", "d", "d"] * 2,
            "y": [1.0, 2, 3, 4, 5, 6, 7, 8, 3, 4, 5, 6, 7, 8, 9, 10],
            "w": 1.0,
        }
    )
    days = {"wave": {1: "2024-06-30", 2: "2025-09-01"}}
    carried = {"lineage": LINEAGE, "date": days, "to": "2025-07-01", "into": "ward_2025"}
    answers = sv.Responses(rows).map_wards("ward", **carried)
    margins = {(1, "12436"): 700, (1, "12460"): 300, (2, "13225"): 1010}
    targets = sv.Targets.of({("wave", "ward"): margins}, within="wave").map_wards("ward", **carried)
    sample = sv.Sample(answers, weights="w", psu="psu").rake(targets)
    assert sample.weights[:8].sum() == pytest.approx(1000) and sample.weights[8:].sum() == pytest.approx(1010)
    e = sample.change("y", by="ward_2025", clusters="same")
    assert e.table["ward_2025"].tolist() == ["13225"]
    assert e.table["estimate"].tolist() == pytest.approx([2.0])
    assert e.table["std_error"].iloc[0] == pytest.approx(0, abs=1e-9)  # everybody rose by 2

"""Few treated wards: the permutation p-value counts wards, not people."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import survey as sv


def city(changes: dict[str, float], people: int = 4) -> pd.DataFrame:
    """Wards whose mean is 50 before and 50 + change after; people spread by -1, 1."""
    rows = []
    for ward, change in changes.items():
        for period in (1, 2):
            for person in range(people):
                rows.append({"ward": ward, "wave": period, "y": 50 + change * (period == 2) + (-1) ** person, "w": 1.0})
    return pd.DataFrame(rows)


def sample(frame: pd.DataFrame) -> sv.Sample:
    return sv.Sample(frame, weights="w")


CHANGES = {"A": 9.0, "B": 7.0, "C": 1.0, "D": 0.0, "E": 2.0, "F": -1.0}


def test_the_effect_and_its_p_value_are_those_of_enumeration_by_hand() -> None:
    # treated A, B: mean change 8; others (1 + 0 + 2 - 1) / 4 = 0.5; no other pair reaches 7.5 either way
    row = sample(city(CHANGES)).effect("y", "ward in ['A', 'B']", "wave", "ward").table.iloc[0]
    assert row["estimate"] == pytest.approx(7.5)
    assert (row["treated"], row["units"], row["assignments"], row["as_large"]) == (2, 6, 15, 1)
    assert row["p_value"] == row["p_floor"] == pytest.approx(1 / 15)


def test_p_of_an_unremarkable_pair_counts_both_directions() -> None:
    row = sample(city(CHANGES)).effect("y", "ward in ['C', 'D']", "wave", "ward").table.iloc[0]
    change = np.array(list(CHANGES.values()))
    gaps = [change[list(p)].mean() - np.delete(change, list(p)).mean() for p in combinations(range(6), 2)]
    assert row["estimate"] == pytest.approx(gaps[9])  # pairs in order: C, D is the tenth
    assert row["as_large"] == sum(abs(g) >= abs(gaps[9]) - 1e-9 for g in gaps)


@pytest.mark.parametrize(("wards", "floor"), [(6, 0.067), (7, 0.048), (10, 0.022)])
def test_smallest_p_with_two_treated_wards(wards: int, floor: float) -> None:
    changes = {f"W{i}": float(i) for i in range(wards)}
    row = sample(city(changes)).effect("y", "ward in ['W0', 'W1']", "wave", "ward").table.iloc[0]
    assert row["p_floor"] == pytest.approx(floor, abs=5e-4)  # 1 / C(G, 2)


def test_sampling_error_is_that_of_the_contrast_of_ward_means() -> None:
    frame = city(CHANGES)
    frame["w"] = np.where(frame.index % 3 == 0, 2.0, 1.0)
    s = sample(frame)
    row = s.effect("y", "ward in ['A', 'B']", "wave", "ward").table.iloc[0]
    e = s.mean("y", by=["ward", "wave"])
    weights = [
        (0.5 if w in "AB" else -0.25) * (1 if t == 2 else -1) for w, t in zip(e.table.ward, e.table.wave, strict=True)
    ]
    contrast = e.contrast(weights).table.iloc[0]
    assert row["estimate"] == pytest.approx(contrast["estimate"])
    assert row["std_error"] == pytest.approx(contrast["std_error"])


@pytest.mark.parametrize("change", ["scale", "order", "ones"])
def test_invariance(change: str) -> None:
    frame = city(CHANGES, people=6)
    frame["w"] = np.linspace(1, 3, len(frame))
    before = sample(frame).effect("y", "ward in ['A', 'B']", "wave", "ward").table
    if change == "scale":
        frame["w"] *= 1000
    elif change == "order":
        frame = frame.sample(frac=1, random_state=1)
    else:
        frame["w"] = 1.0
        by_ward = frame.groupby(["ward", "wave"])["y"].mean().unstack()
        moved = by_ward[2] - by_ward[1]
        got = sample(frame).effect("y", "ward in ['A', 'B']", "wave", "ward").table
        assert got["estimate"].iloc[0] == pytest.approx(moved[["A", "B"]].mean() - moved[list("CDEF")].mean())
        return
    after = sample(frame).effect("y", "ward in ['A', 'B']", "wave", "ward").table
    pd.testing.assert_frame_equal(before, after)


def test_percent_and_share_tell_the_same() -> None:
    frame = city(CHANGES).assign(share=lambda d: d["y"] / 100)
    points = sample(frame).effect("y", "ward in ['A', 'B']", "wave", "ward").table.iloc[0]
    shares = sample(frame).effect("share", "ward in ['A', 'B']", "wave", "ward").table.iloc[0]
    assert points["estimate"] == pytest.approx(100 * shares["estimate"])
    assert points["p_value"] == shares["p_value"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"treated": "y > 50"}, "partly treated"),
        ({"treated": "ward == 'nowhere'"}, "nothing to compare"),
        ({"treated": "ward in ['A']", "where": "wave == 1"}, "two periods"),
        ({"treated": "ward in ['A']", "where": "not (ward == 'B' and wave == 2)"}, "no answers in one"),
        ({"treated": "ward in ['A']", "unit": "place"}, "no such column"),
        ({"treated": "wave"}, "not known for everybody"),
    ],
)
def test_what_cannot_be_compared_is_said(arguments: dict[str, str], message: str) -> None:
    given = {"period": "wave", "unit": "ward", **arguments}
    with pytest.raises(sv.EstimationError, match=message):
        sample(city(CHANGES)).effect("y", **given)


def test_too_many_assignments_are_refused_before_they_are_tried() -> None:
    changes = {f"W{i:02d}": float(i) for i in range(40)}
    treated = f"ward in {[f'W{i:02d}' for i in range(20)]}"
    with pytest.raises(sv.EstimationError, match="too many ways"):
        sample(city(changes, people=1)).effect("y", treated, "wave", "ward")


def test_the_sentence_carries_the_numbers_of_the_result() -> None:
    enough = pd.concat([city(CHANGES)] * 20, ignore_index=True)  # on fewer than 30 answers nothing is told
    e = sample(enough).effect("y", "ward in ['A', 'B']", "wave", "ward")
    finding = sv.narrative.permutation(e, id="x", what={"vi": "Điểm", "en": "Score"})
    assert finding.numbers["p_floor"] == pytest.approx(1 / 15)
    assert "0,067" in finding.vi
    assert "0.067" in finding.en
    assert "15 ways to choose 2 of 6" in finding.en
    with pytest.raises(sv.EstimationError, match="Only effects"):
        sv.narrative.permutation(sample(city(CHANGES)).mean("y"))

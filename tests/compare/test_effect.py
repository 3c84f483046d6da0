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
        ({"treated": "y > 50"}, "Some units are partly treated"),
        ({"treated": "ward == 'nowhere'"}, "nothing to compare"),
        ({"treated": "ward in ['A']", "where": "wave == 1"}, "two periods"),
        ({"treated": "ward in ['A']", "where": "not (ward == 'B' and wave == 2)"}, "no answers in one"),
        ({"treated": "ward in ['A']", "unit": "place"}, "The data have no such unit column"),
        ({"treated": "wave"}, "Treatment status is missing for some rows"),
    ],
)
def test_what_cannot_be_compared_is_said(arguments: dict[str, str], message: str) -> None:
    given = {"period": "wave", "unit": "ward", **arguments}
    with pytest.raises(sv.EstimationError, match=message):
        sample(city(CHANGES)).effect("y", **given)


def test_the_sentence_carries_the_numbers_of_the_result() -> None:
    enough = pd.concat([city(CHANGES)] * 20, ignore_index=True)  # on fewer than 30 answers nothing is told
    e = sample(enough).effect("y", "ward in ['A', 'B']", "wave", "ward")
    finding = sv.narrative.permutation(e, id="x", what={"vi": "Điểm", "en": "Score"})
    assert finding.numbers["p_floor"] == pytest.approx(1 / 15)
    assert "0,067" in finding.vi
    assert "0.067" in finding.en
    assert "15 ways to choose 2 of 6" in finding.en
    with pytest.raises(sv.EstimationError, match="Permutation tests are available only for effects"):
        sv.narrative.permutation(sample(city(CHANGES)).mean("y"))


# --- the smallest p and ties ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("units", "treated", "floor"), [(2, 1, 2 / 2), (4, 2, 2 / 6), (6, 3, 2 / 20), (5, 2, 1 / 10)])
def test_with_half_of_the_units_treated_the_mirror_is_as_large(units: int, treated: int, floor: float) -> None:
    """|gap| of an assignment and of the one that treats the others are the same: 2 / C(G, k), where k = G / 2."""
    names = "ABCDEFGH"[:units]
    changes = {name: 20.0 * (i < treated) + 1.3 * i for i, name in enumerate(names)}
    row = sample(city(changes)).effect("y", f"ward in {list(names[:treated])}", "wave", "ward").table.iloc[0]
    assert row["p_floor"] == pytest.approx(floor)
    assert row["p_value"] == pytest.approx(floor)  # the largest effect there can be reaches it


def test_units_left_out_do_not_count_towards_half() -> None:
    """Of six wards two are another tier: two of the remaining four are half of them."""
    frame = city({"A": 30.0, "B": 29.0, "C": 1.0, "D": 0.0, "E": 5.0, "F": 6.0})
    row = sample(frame).effect("y", "ward in ['A', 'B']", "wave", "ward", where="ward not in ['E', 'F']").table.iloc[0]
    assert (row["units"], row["assignments"]) == (4, 6)
    assert row["p_floor"] == row["p_value"] == pytest.approx(2 / 6)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e6])
@pytest.mark.parametrize("shift", [0.0, 1e3])
def test_ties_do_not_depend_on_the_unit_of_the_answers(unit: float, shift: float) -> None:
    # changes of A and of C are the same, so {A, B} and {C, B} tie; wards differ in level by thirds
    frame = city({"A": 4.0, "B": 3.0, "C": 4.0, "D": 0.0, "E": 1.0})
    frame["y"] = unit * (frame["y"] + shift + frame["ward"].map({"A": 1 / 3, "B": 2 / 3, "C": 7.1, "D": 0.7, "E": 1.9}))
    row = sample(frame).effect("y", "ward in ['A', 'B']", "wave", "ward").table.iloc[0]
    # gaps by hand, of pairs: AB 3.5 - 5/3, AC 4 - 4/3, BC as AB, AD 2 - 8/3, ..., DE 0.5 - 11/3
    changes = dict(zip("ABCDE", (4.0, 3.0, 4.0, 0.0, 1.0), strict=True))
    gaps = [
        sum(changes[u] for u in p) / 2 - sum(changes[u] for u in changes if u not in p) / 3
        for p in combinations("ABCDE", 2)
    ]
    assert row["as_large"] == sum(abs(g) > abs(gaps[0]) - 1e-6 for g in gaps)


def test_where_all_units_changed_alike_every_assignment_ties() -> None:
    frame = city(dict.fromkeys("ABCDE", 0.1))
    frame["y"] += frame["ward"].map({"A": 1 / 3, "B": 2 / 3, "C": 7.1, "D": 0.7, "E": 1.9})
    assert sample(frame).effect("y", "ward in ['A', 'B']", "wave", "ward").table["p_value"].item() == 1


def test_who_was_treated_told_in_words_is_an_error_that_names_a_condition() -> None:
    frame = city(CHANGES)
    for kind in (object, "category", "string"):
        words = pd.Series(np.where(frame["ward"] == "A", "yes", "no"), index=frame.index).astype(kind)
        with pytest.raises(sv.SurveyError, match="Treatment status must be 0, 1 or a condition") as failed:
            sample(frame.assign(pilot=words)).effect("y", "pilot", "wave", "ward")
        assert "pilot == 'yes'" in str(failed.value.fix)
    e = sample(frame.assign(pilot=words)).effect("y", "pilot == 'yes'", "wave", "ward")
    assert e.table["treated"].item() == 1


def test_result_and_sentence_say_that_each_unit_counts_once() -> None:
    """Beside it stands a difference in differences of people, another estimate of the same effect."""
    frame = city(CHANGES)
    frame = pd.concat([frame] * 30, ignore_index=True)  # enough people for sentences to be published
    frame = pd.concat([frame, *[frame[frame["ward"] == "A"]] * 5], ignore_index=True)  # A has six times the people
    s = sample(frame.assign(pilot=frame["ward"].isin(["A", "B"]).astype(int)))
    units = s.effect("y", "pilot", "wave", "ward")
    people = s.mean("y", by=["pilot", "wave"]).contrast({"did": [1, -1, -1, 1]})
    assert units.table["estimate"].item() == pytest.approx(7.5)
    assert people.table["estimate"].item() == pytest.approx((6 * 9 + 7) / 7 - 0.5)
    assert any("each unit counts once" in note for note in units.notes)
    assert "mỗi đơn vị tính một lần" in units.to_text("vi").lower()
    told = sv.narrative.permutation(units)
    assert "each unit counting once" in told.en and "mỗi đơn vị tính một lần" in told.vi
    assert "weighted by people" in sv.narrative.compare(people).en
    assert "tính theo số người" in sv.narrative.compare(people).vi
    assert any("difference in differences is weighted by people" in note for note in people.notes)


def test_units_of_weight_0_are_in_no_comparison() -> None:
    """They stand for nobody: neither their number of units nor what they lack counts."""
    rows = city({"A": 5.0, "B": 1.0, "C": 0.0, "D": 2.0})
    dead = (rows["ward"] == "D").to_numpy()
    rows = rows.assign(w=np.where(dead, 0.0, 1.0), treated=np.where(dead, np.nan, rows["ward"] == "A"))
    asked = {"treated": "treated", "period": "wave", "unit": "ward"}
    got = sv.Sample(rows, weights="w").effect("y", **asked).table
    without = sv.Sample(rows[~dead], weights="w").effect("y", **asked).table
    columns = ["estimate", "p_value", "p_floor", "units", "assignments"]
    pd.testing.assert_frame_equal(got[columns], without[columns])

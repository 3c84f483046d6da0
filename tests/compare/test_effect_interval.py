"""The interval of an effect holds what its permutation test does not reject; strata, sampled ways, detectable sizes."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

import survey as sv
from compare.wards import ASKED, city, effect, sample
from survey.compare.assignments import Assignments
from survey.compare.permutation_test import spread_of

CHANGES = {"A": 9.0, "B": 7.0, "C": 1.0, "D": 0.0, "E": 2.0, "F": -1.0}


def test_ends_are_those_of_a_hand_calculation() -> None:
    """Changes 6 | 0, 1: estimate 5.5; treating B gives the gap -3.5 and limits 4 and 6, treating C -2 and 5 and 7.

    With half of the effect moving the other way: (5.5 + 3.5) / 1.5 = 6, (5.5 - 3.5) / 0.5 = 4; (5.5 + 2) / 1.5 = 5,
    (5.5 - 2) / 0.5 = 7. At alpha 0.4 a size is rejected where one way of three holds it: below 4 and above 7.
    """
    row = effect({"A": 6.0, "B": 0.0, "C": 1.0}, "A", level=0.6).table.iloc[0]
    assert row["estimate"] == pytest.approx(5.5)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((4.0, 7.0))


def p_of_size(changes: np.ndarray, treated: list[int], size: float) -> float:
    """The p-value of a size of effect, by taking it off the treated and trying every way."""
    left = changes.copy()
    left[treated] -= size
    ways = [list(way) for way in combinations(range(len(left)), len(treated))]
    gaps = [left[way].mean() - np.delete(left, way).mean() for way in ways]
    own = left[treated].mean() - np.delete(left, treated).mean()
    return float(np.mean([abs(g) >= abs(own) - 1e-9 for g in gaps]))


@pytest.mark.parametrize("treated", ["AB", "CD", "AF", "ABC"])
@pytest.mark.parametrize("level", [0.6, 0.8])
def test_sizes_inside_are_not_rejected_and_those_outside_are(treated: str, level: float) -> None:
    row = effect(CHANGES, treated, level=level).table.iloc[0]
    changes, at = np.array(list(CHANGES.values())), ["ABCDEF".index(w) for w in treated]
    for end, inwards in ((row["conf_low"], 1e-6), (row["conf_high"], -1e-6)):
        assert p_of_size(changes, at, end + inwards) > 1 - level + 1e-9
        assert p_of_size(changes, at, end - inwards) <= 1 - level + 1e-9
    assert (row["conf_low"] > 0 or row["conf_high"] < 0) == (row["p_value"] <= 1 - level + 1e-9)


@pytest.mark.parametrize(("wards", "treated"), [("AB", "A"), ("ABCDEF", "AB"), ("ABCDEF", "ABC")])
def test_an_interval_without_ends_is_said_to_have_none(wards: str, treated: str) -> None:
    """p cannot be below 2/2, 1/15 and 2/20, all above 0.05: no size can be rejected, and none is invented."""
    e = effect({w: CHANGES[w] for w in wards}, treated, people=40)
    assert e.table[["conf_low", "conf_high"]].iloc[0].tolist() == [-np.inf, np.inf]
    assert np.isnan(e.table["mde"].iloc[0])
    assert "without ends" in e.to_text("en") and "−∞; ∞" in e.to_text("vi")
    told = sv.narrative.permutation(e)
    assert "no size of effect can be ruled out at 95%" in told.en
    assert "không thể loại trừ mức tác động nào" in told.vi
    assert not {"conf_low", "conf_high"} & set(told.numbers)
    assert "cannot be told" in sv.narrative.verdicts(e).en
    assert "∞" in str(sv.tables.table(e, lang="en")._repr_html_())


def test_one_of_twenty_reaches_five_percent_exactly() -> None:
    """The test of level 5% rejects at p = 1/20, and the interval has ends."""
    changes = {f"W{i:02d}": float(i % 7) for i in range(19)} | {"W19": 50.0}
    e = sample(city(changes)).effect("y", "ward == 'W19'", **ASKED)
    row = e.table.iloc[0]
    assert row["p_value"] == pytest.approx(0.05)
    assert np.isfinite([row["conf_low"], row["conf_high"]]).all() and row["conf_low"] > 0


# --- strata -----------------------------------------------------------------------------------------------------------


def test_pairs_are_permuted_within_each() -> None:
    """Differences 9 - 1 and 5 - 4: the mean is 4.5; of four ways, +-8 and +-1 halved, two are as large: p = 2/4."""
    frame = city({"A": 9.0, "B": 1.0, "C": 5.0, "D": 4.0}).assign(
        pair=lambda d: d["ward"].map({"A": 1, "B": 1, "C": 2, "D": 2})
    )
    e = sample(frame).effect("y", "ward in ['A', 'C']", **ASKED, within="pair")
    row = e.table.iloc[0]
    assert (row["estimate"], row["p_value"], row["p_floor"]) == pytest.approx((4.5, 0.5, 0.5))
    assert (row["assignments"], row["as_large"]) == (4, 2)
    assert any("stratum" in n for n in e.notes)


def test_unequal_strata_count_by_their_treated_units() -> None:
    """6 - (0 + 2)/2 = 5 of one treated ward, (3 + 5)/2 - 1 = 3 of two: (5 + 2 x 3) / 3 = 11/3."""
    changes = {"A": 6.0, "B": 0.0, "C": 2.0, "D": 3.0, "E": 5.0, "F": 1.0}
    frame = city(changes).assign(district=lambda d: np.where(d["ward"].isin(list("ABC")), "north", "south"))
    row = sample(frame).effect("y", "ward in ['A', 'D', 'E']", **ASKED, within="district").table.iloc[0]
    assert row["estimate"] == pytest.approx(11 / 3)
    gaps = []
    for one, out in product("ABC", "DEF"):
        north = changes[one] - np.mean([changes[w] for w in "ABC" if w != one])
        south = np.mean([changes[w] for w in "DEF" if w != out]) - changes[out]
        gaps.append((north + 2 * south) / 3)
    assert row["assignments"] == 9 and row["p_floor"] == pytest.approx(1 / 9)
    assert row["as_large"] == sum(abs(g) >= 11 / 3 - 1e-9 for g in gaps)


@pytest.mark.parametrize(
    ("district", "message"),
    [
        ({"A": 1, "B": 2, "C": 2, "D": 2}, "all units are treated"),
        ({"A": 1, "B": 1, "C": None, "D": 2}, "must lie in one stratum"),
    ],
)
def test_strata_that_leave_nothing_to_compare_are_refused(district: dict[str, int | None], message: str) -> None:
    frame = city({w: 1.0 * i for i, w in enumerate("ABCD")}).assign(d=lambda f: f["ward"].map(district))
    with pytest.raises(sv.EstimationError, match=message):
        sample(frame).effect("y", "ward == 'A'", **ASKED, within="d")


# --- more ways than can be tried --------------------------------------------------------------------------------------


def test_sampled_ways_come_near_every_way_and_depend_on_the_seed_alone() -> None:
    changes = {f"W{i:02d}": float((7 * i) % 12) + 3 * (i < 6) for i in range(12)}
    treated = f"ward in {[f'W{i:02d}' for i in range(6)]}"
    s = sample(city(changes))
    every = s.effect("y", treated, **ASKED).table.iloc[0]  # C(12, 6) = 924
    assert every["assignments"] == 924
    some = [s.effect("y", treated, **ASKED, permutations=900, seed=k).table.iloc[0] for k in (1, 1, 2)]
    pd.testing.assert_series_equal(some[0], some[1])
    assert some[0]["assignments"] == 901 and some[0]["p_floor"] == pytest.approx(1 / 901)
    p = every["p_value"]
    for row in some:
        assert abs(row["p_value"] - p) < 4 * np.sqrt(p * (1 - p) / 900) + 1 / 900
        assert abs(row["conf_low"] - every["conf_low"]) < 1.5 and abs(row["conf_high"] - every["conf_high"]) < 1.5
        assert row["estimate"] == pytest.approx(every["estimate"])


def test_beyond_fifty_thousand_ways_a_sample_is_drawn_and_said() -> None:
    changes = {f"W{i:02d}": float(i % 5) + 9 * (i < 20) for i in range(40)}
    e = sample(city(changes, people=30)).effect("y", f"ward in {[f'W{i:02d}' for i in range(20)]}", **ASKED)
    row = e.table.iloc[0]
    assert row["assignments"] == 10_000 and row["p_value"] == pytest.approx(1e-4)
    assert any("9999 random ways" in n or "9,999 random ways" in n for n in e.notes)
    told = sv.narrative.permutation(e)
    assert "10,000 random ways" in told.en and "p = 0.0001" in told.en
    assert "10.000 cách chọn ngẫu nhiên" in told.vi


def test_the_mirror_halves_the_ways_only_where_each_stratum_is_halved() -> None:
    halves = Assignments.of(np.array([True, False, True, False]), np.array([0, 0, 1, 1]))
    other = Assignments.of(np.array([True, False, False, True, False]), np.array([0, 0, 0, 1, 1]))
    assert (halves.floor, other.floor) == pytest.approx((2 / 4, 1 / 6))


# --- the detectable effect --------------------------------------------------------------------------------------------


def test_the_spread_of_units_is_the_residual_of_their_changes() -> None:
    """9, 7 about 8 and 1, 0, 2, -1 about 0.5: squares 2 + 5 on 4 degrees of freedom; R: sigma(lm(y ~ t))."""
    change, treated = np.array([[9.0, 7.0, 1.0, 0.0, 2.0, -1.0]]), np.arange(6) < 2
    assert spread_of(change, Assignments.of(treated)) == pytest.approx(np.sqrt(7 / 4))
    # pairs (9, 1), (5, 4): differences 8 and 1 about 4.5, squares 2 x 3.5^2 / 2 on one degree of freedom
    pairs = Assignments.of(np.array([True, False, True, False]), np.array([0, 0, 1, 1]))
    assert spread_of(np.array([[9.0, 1.0, 5.0, 4.0]]), pairs) == pytest.approx(3.5)


def test_the_detectable_effect_is_that_of_the_plan_with_the_spread_seen() -> None:
    """`sv.power` with few units plans with a standard deviation of a unit's change; with two of ten the same number."""
    changes = {f"W{i}": float(x) for i, x in enumerate([3, -2, 1, 0, 4, -1, 2, 2, -3, 1])}
    row = effect_of_ten(changes)
    spread = float(spread_of(np.array([list(changes.values())]), Assignments.of(np.arange(10) < 2))[0])
    planned = sv.power("did", sd=1e-9, n=100, power=0.8, units=10, treated=2, unit_sd=spread / np.sqrt(2))
    assert row["mde"] == pytest.approx(planned.table["effect"].iloc[0], rel=2e-3)


def effect_of_ten(changes: dict[str, float]) -> pd.Series:
    return sample(city(changes)).effect("y", "ward in ['W0', 'W1']", **ASKED).table.iloc[0]


# --- invariances ------------------------------------------------------------------------------------------------------


def test_percent_and_share_have_the_same_interval() -> None:
    frame = city(CHANGES).assign(share=lambda d: d["y"] / 100)
    ends = ["conf_low", "conf_high", "by_people"]
    points, shares = (
        sample(frame).effect(item, "ward in ['A', 'B']", **ASKED, level=0.8).table[ends].iloc[0]
        for item in ("y", "share")
    )
    np.testing.assert_allclose(points.to_numpy(float), 100 * shares.to_numpy(float), rtol=1e-9)


@pytest.mark.parametrize("change", ["scale", "order", "ones"])
def test_weights_and_order_do_not_change_the_interval(change: str) -> None:
    frame = city(CHANGES, people=6).assign(w=lambda d: np.linspace(1, 3, len(d)))
    asked = {"treated": "ward in ['A', 'B']", **ASKED, "level": 0.8}
    before = sample(frame).effect("y", **asked).table
    if change == "scale":
        pd.testing.assert_frame_equal(sample(frame.assign(w=frame["w"] * 1e6)).effect("y", **asked).table, before)
    elif change == "order":
        pd.testing.assert_frame_equal(sample(frame.sample(frac=1, random_state=3)).effect("y", **asked).table, before)
    else:
        ones = sample(frame.assign(w=1.0)).effect("y", **asked).table
        none = sv.Sample(frame, weights=None).effect("y", **asked).table
        pd.testing.assert_frame_equal(ones, none)


def test_by_people_is_the_difference_in_differences_of_the_people() -> None:
    rng = np.random.default_rng(5)
    frame = pd.concat([city(CHANGES), city({"A": 9.0, "C": 1.0}, people=9)], ignore_index=True)
    frame = frame.assign(w=rng.uniform(1, 5, len(frame)), pilot=frame["ward"].isin(["A", "B"]).astype(int))
    frame.loc[rng.random(len(frame)) < 0.1, "y"] = np.nan
    s = sample(frame)
    got = s.effect("y", "pilot", **ASKED).table["by_people"].item()
    people = s.mean("y", by=["pilot", "wave"]).contrast({"did": [1, -1, -1, 1]}).table["estimate"].item()
    assert got == pytest.approx(people, rel=1e-12)

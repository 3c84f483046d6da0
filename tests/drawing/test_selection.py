"""Which units are drawn: numbers by sha256sum, bc and awk; textbooks; every start of a systematic draw counted."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.drawing.adults import KISH, adult_columns
from survey.drawing.random_numbers import below, in_random_order, message, number
from survey.drawing.selection import certain_units, select, systematic

# Lohr, Sampling: Design and Analysis, table of section 6.2: 15 introductory statistics classes, 647 students
STUDENTS = [44, 33, 26, 22, 76, 63, 20, 44, 54, 34, 46, 24, 46, 100, 15]


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "names", "expected", "below_3620"),
    [  # printf '%s' '["survey.draw/1",20260801,"units",["P01"],"start"]' | sha256sum, and bc for hexadecimal and rest
        (
            20260801,
            ("units", ["P01"], "start"),
            108250602607027249836732802000613426436916224444989240759358636859582499930473,
            2633,
        ),
        (
            7,
            ("units", ["Phường Cửa Nam"], "reserve", 1),
            46059906434796052061656575265662600694490413123264008924305836206369516393394,
            3234,
        ),
        (
            0,
            ("households", ("P01",), ("P01-03",), "unit", 12),
            104350351389116217052500185354934523882368721253996521646257308513681620784427,
            367,
        ),
    ],
)
def test_a_number_is_what_sha256sum_and_bc_say(seed: int, names: tuple, expected: int, below_3620: int) -> None:
    assert number(seed, *names) == expected
    assert below(3620, seed, *names) == below_3620


def test_names_that_read_alike_when_joined_are_different_numbers() -> None:
    assert message(1, "units", ["a", "b"]) != message(1, "units", ["a,b"]) != message(1, "units", ['a","b'])
    assert message(1, ["P1"], "x") != message(11, ["P"], "x")


def test_numbers_are_uniform() -> None:
    """Chi-squared of 20,000 numbers in 20 cells: 43.8 is passed once in a thousand draws."""
    counts = np.bincount([below(20, 5, "units", ["P01"], "unit", i) for i in range(20_000)], minlength=20)
    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8


# --- systematic, by size ----------------------------------------------------------------------------------------------


def test_systematic_draw_of_lohr_s_classes_by_hand() -> None:
    """Interval 647/5 = 129.4 and start 112: ticks 112, 241.4, 370.8, 500.2, 629.6 on the cumulated sizes
    44 77 103 125 201 264 284 328 382 416 462 486 532 632 647, so classes 4, 6, 9, 13, 14."""
    assert [i + 1 for i in systematic(STUDENTS, 5, 5 * 112)] == [4, 6, 9, 13, 14]


def test_every_start_counted_gives_the_declared_probability_exactly() -> None:
    """Sarndal, Swensson & Wretman (1992), section 3.6: n * size / total, no unit above the interval."""
    total, n = sum(STUDENTS), 5
    drawn = np.zeros(len(STUDENTS), int)
    for start in range(total):
        chosen = systematic(STUDENTS, n, start)
        assert len(chosen) == len(set(chosen)) == n
        drawn[chosen] += 1
    assert drawn.tolist() == [n * size for size in STUDENTS]


def test_units_of_one_size_are_every_kth() -> None:
    """10 units, 3 drawn: interval 10/3, start 4/3 in units: ticks 1.33, 4.67, 8 -> units 1, 4, 8 (from 0)."""
    assert systematic([1] * 10, 3, 4) == [1, 4, 8]


def test_large_units_are_taken_out_until_none_is_left() -> None:
    """4 of sizes 60, 30, 10, 9, 8, 7 (124, interval 31): 60 is certain; 3 of 64 (21.3): 30; 2 of 34 (17): none."""
    assert certain_units([60, 30, 10, 9, 8, 7], 4) == [0, 1]
    found = select([60, 30, 10, 9, 8, 7], list("abcdef"), 4, method="systematic", reserves=0, seed=1, names=("units",))
    expected = [1, 1, *(Fraction(2 * s, 34) for s in (10, 9, 8, 7))]
    assert list(found.probability) == expected and sum(found.probability) == 4
    assert set(found.certain) == {0, 1} <= set(found.chosen) and len(found.chosen) == 4


def test_a_unit_that_just_reaches_the_interval_is_certain_and_the_others_keep_their_probability() -> None:
    """2 of 10, 5, 5: interval 10."""
    found = select([10, 5, 5], list("abc"), 2, method="systematic", reserves=0, seed=1, names=("units",))
    assert found.certain == (0,) and list(found.probability) == [1, Fraction(1, 2), Fraction(1, 2)]


def test_all_units_are_certain_where_all_are_drawn() -> None:
    assert certain_units([5, 1, 900], 3) == [0, 1, 2] == certain_units([1, 1, 1], 3)


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(1, 12), st.integers(0, 5), st.integers(0, 10**6)
)
def test_probabilities_add_up_and_nothing_is_drawn_twice(sizes: list[int], n: int, reserves: int, seed: int) -> None:
    n = min(n, len(sizes))
    labels = [str(i) for i in range(len(sizes))]
    found = select(sizes, labels, n, method="systematic", reserves=reserves, seed=seed, names=("units", ("P",)))
    assert sum(found.probability) == n == len(found.chosen)
    assert all(0 < p <= 1 for p in found.probability)
    drawn = [*found.chosen, *found.reserves]
    assert len(drawn) == len(set(drawn)) == min(n + reserves, len(sizes))


# --- over many seeds --------------------------------------------------------------------------------------------------


def frequencies(sizes: list[int], n: int, method: str, reserves: int, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    main, spare = np.zeros(len(sizes)), np.zeros(len(sizes))
    for seed in range(seeds):
        found = select(
            sizes, list("abcdefgh"[: len(sizes)]), n, method=method, reserves=reserves, seed=seed, names=("units",)
        )
        main[list(found.chosen)] += 1
        spare[list(found.reserves)] += 1
    return main / seeds, spare / seeds


@pytest.mark.parametrize(("sizes", "method"), [([40, 12, 9, 8, 7, 6, 5, 3], "systematic"), ([1] * 8, "random")])
def test_units_are_drawn_as_often_as_declared(sizes: list[int], method: str) -> None:
    """4,000 seeds: within four standard errors, (p (1 - p) / 4000) ** 0.5, of the declared probability."""
    seeds, n = 4000, 3
    p = np.array(
        [float(x) for x in select(sizes, list("abcdefgh"), n, method=method, reserves=0, seed=0, names=()).probability]
    )
    main, _ = frequencies(sizes, n, method, 0, seeds)
    assert np.all(np.abs(main - p) <= 4 * np.sqrt(p * (1 - p) / seeds) + 1e-12)


def test_reserves_are_drawn_by_size_from_what_is_left() -> None:
    """Sizes 6, 3, 2, 1, one drawn by size, one reserve: P(reserve is b) = sum over a of p_a * 3 / (12 - size_a),
    with p_a = size_a / 12, which is by hand (6*3/6 + 2*3/10 + 1*3/11) / 12."""
    sizes = [6, 3, 2, 1]
    expected = [sum(s / 12 * sizes[b] / (12 - s) for a, s in enumerate(sizes) if a != b) for b in range(4)]
    assert expected[1] == pytest.approx((3 + 0.6 + 3 / 11) / 12)
    _, spare = frequencies(sizes, 1, "systematic", 1, 4000)
    assert np.all(np.abs(spare - expected) <= 4 * np.sqrt(np.array(expected) * (1 - np.array(expected)) / 4000))


def test_a_random_sample_does_not_hang_on_the_order_of_the_list() -> None:
    names = [f"u{i}" for i in range(30)]
    assert in_random_order(names, 3, "units") == in_random_order(names[::-1], 3, "units") != sorted(names)


# --- one adult --------------------------------------------------------------------------------------------------------


def test_kish_s_tables_give_each_adult_the_published_share() -> None:
    """Kish (1949): exact for 1, 2, 3, 4 and 6 adults; of five the third and the fifth have 1/4 and the others 1/6."""
    share = {"A": 2, "B1": 1, "B2": 1, "C": 2, "D": 2, "E1": 1, "E2": 1, "F": 2}  # twelfths
    assert sum(share.values()) == 12 and share.keys() == KISH.keys()
    for k in range(1, 7):
        got = [Fraction(sum(w for t, w in share.items() if KISH[t][k - 1] == person), 12) for person in range(1, k + 1)]
        exact = [Fraction(1, 6), Fraction(1, 6), Fraction(1, 4), Fraction(1, 6), Fraction(1, 4)]
        assert got == (exact if k == 5 else [Fraction(1, k)] * k)


def test_a_block_of_twelve_households_has_all_twelve_tables() -> None:
    rows = adult_columns("kish", range(1, 30), 9, ("households", ("P01",), ("g",)))
    for block in (rows[:12], rows[12:24]):
        assert sorted(r["kish"] for r in block) == ["A", "A", "B1", "B2", "C", "C", "D", "D", "E1", "E2", "F", "F"]
    assert [r["kish"] for r in rows[:12]] != [r["kish"] for r in rows[12:24]]
    assert all(r["adult_4"] == KISH[r["kish"]][3] for r in rows)


def test_every_place_in_a_block_has_each_table_as_often_as_declared() -> None:
    """The first household of 3,000 groups: a sixth A, a twelfth B1, within four standard errors."""
    first = [adult_columns("kish", [1], seed, ("households",))[0]["kish"] for seed in range(3000)]
    for name, p in (("A", 1 / 6), ("B1", 1 / 12), ("F", 1 / 6)):
        assert abs(first.count(name) / 3000 - p) < 4 * (p * (1 - p) / 3000) ** 0.5


def test_the_rule_number_asks_any_of_k_adults_alike() -> None:
    rows = adult_columns("number", range(3000), 4, ("households",))
    for k in (2, 7, 10):
        counts = np.bincount([r[f"adult_{k}"] for r in rows], minlength=k + 1)[1:]
        assert len(counts) == k and np.all(np.abs(counts / 3000 - 1 / k) < 4 * (1 / k * (1 - 1 / k) / 3000) ** 0.5)
    assert adult_columns("last birthday", [1, 2], 4, ()) == [{}, {}] == adult_columns("", [1, 2], 4, ())

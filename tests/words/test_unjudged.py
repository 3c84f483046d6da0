"""Where nothing is known of an estimate's error, nothing is concluded from it; and what is told can be recomputed."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.narrative import compare, describe, ranking
from survey.tables._grid import grid_of

VI, EN = "không thể đánh giá", "cannot be judged"


def wards() -> sv.Sample:
    """Four wards; the last is one cluster, so that nothing is known of its spread between clusters."""
    rng = np.random.default_rng(5)
    x = pd.DataFrame({"ward": np.repeat([1, 2, 3, 4], 60), "w": 1.0, "y": rng.normal(60, 1, 240)})
    x["psu"] = np.where(x["ward"] == 4, 99, np.arange(240) // 6)
    x["y"] += np.where(x["ward"] == 4, 30, x["ward"])
    x["yes"] = (x["y"] > 63).astype(int)
    return sv.Sample(x, weights="w", psu="psu")


def test_an_estimate_without_an_error_is_told_as_one_that_cannot_be_judged() -> None:
    for e in (wards().mean("y", by="ward"), wards().proportion("yes", levels=[0], by="ward")):
        assert np.isnan(e.table["std_error"].iloc[3])
        told = describe(e, 3)
        assert VI in told.vi and EN in told.en and "confidence interval" not in told.en
        assert EN not in describe(e, 0).en
        assert "their precision cannot be judged" in e.to_text("en") and VI in e.to_text("vi")


def test_it_is_never_ranked() -> None:
    told = ranking(wards().mean("y", by="ward"))
    assert "highest in ward 3" in told.en and "lowest in ward 1" in told.en
    assert "1 group cannot be judged and is not ranked" in told.en
    assert told.numbers["groups"] == 3
    with pytest.raises(sv.EstimationError, match="nothing to rank"):
        ranking(wards().mean("y", by="ward", where="ward >= 3"))


@pytest.mark.parametrize("make", ["pairwise", "contrast"])
def test_it_is_never_told_as_a_difference(make: str) -> None:
    e = wards().mean("y", by="ward")
    d = e.pairwise() if make == "pairwise" else e.contrast({"d": [-1, 0, 0, 1]})
    row = 2 if make == "pairwise" else 0
    told = compare(d, row)
    assert VI in told.vi.lower() and EN in told.en
    assert not re.search("higher|lower|rose|fell|do not show", told.en)
    assert not re.search("cao hơn|thấp hơn|tăng|giảm|chưa đủ bằng chứng", told.vi.lower())
    did = compare(e.contrast({"mixed": [1, -1, -1, 1]}))
    assert EN in did.en and VI in did.vi


def test_tables_and_figures_mark_it_and_draw_no_bar() -> None:
    e = wards().mean("y", by="ward")
    table, figure = sv.tables.table(e, lang="en"), sv.figures.intervals(e, lang="en")
    assert "(" in grid_of(table).lines[0].cells[0] and "(" not in grid_of(table).lines[3].cells[0]
    for exhibit in (table, figure):
        assert any(EN in note for note in exhibit.notes)
        assert any(VI in note for note in exhibit.in_language("vi").notes)
    axes = figure.figure().axes
    assert sum(len(line.get_xdata()) == 2 for a in axes for line in a.lines) == 3  # three bars of four
    pairs = sv.tables.table(e.pairwise(), lang="en")
    assert grid_of(pairs).lines[2].cells[1:3] == ("–", "–")
    assert not any("*" in cell for cell in grid_of(pairs).lines[2].cells)


def test_no_degrees_of_freedom_is_as_unknown() -> None:
    one = sv.Sample(
        pd.DataFrame({"y": [1.0, 5, 9] * 20, "p": [1, 1, 2] * 20, "h": [1, 1, 2] * 20, "w": 1.0}),
        weights="w",
        strata="h",
        psu="p",
        lonely="certainty",
    )
    e = one.mean("y")
    assert np.isnan(e.table["conf_low"]).all()
    assert EN in describe(e).en


# --- numbers that add up ----------------------------------------------------------------------------------------------


def pair(first: float, second: float, statistic: str = "proportion") -> sv.Estimates:
    t = pd.DataFrame(
        {
            "item": "q",
            "wave": [1, 2],
            "estimate": [second, first],
            "std_error": 0.001,
            "conf_low": 0.0,
            "conf_high": 1.0,
            "df": 50.0,
            "n": 900,
        }
    )
    return sv.Estimates(t, statistic, ("wave",), answers=(1,)).contrast({"change": [-1, 1]})


def told_numbers(text: str) -> list[float]:
    """The two numbers and their difference, as printed."""
    plain = text.replace(",", ".").replace("%", "")
    later = re.search(r"(?: to| lên| xuống) (\d+\.\d+) \(wave 2\)", plain)
    earlier = re.search(r"(?:from|từ) (\d+\.\d+) \(wave 1\)", plain)
    sides = [float(found[1]) for found in (later, earlier)]  # type: ignore[index]
    size = float(re.search(r"(\d+\.\d+) (?:percentage points|điểm phần trăm)", plain)[1])  # type: ignore[index]
    return [*sides, size]


def test_60_1_against_57_6_is_not_told_as_2_6() -> None:
    """60.14 - 57.55 = 2.59: with one decimal 60.1, 57.6 and 2.6, with two decimals all three add up."""
    told = compare(pair(0.6014, 0.5755))
    for text in (told.en, told.vi):
        a, b, d = told_numbers(text)
        assert (a, b, d) == (60.14, 57.55, 2.59)
    assert "rounded" not in told.en


def test_where_no_more_digits_help_the_numbers_are_said_to_be_rounded() -> None:
    told = compare(pair(0.601449, 0.575551))  # 60.1, 57.6, 2.6; 60.14, 57.56, 2.59
    assert "rounded numbers" in told.en and "các số đã làm tròn" in told.vi
    own = compare(pair(0.6014, 0.5755), digits=1)
    assert "60.1%" in own.en and "rounded numbers" in own.en


@pytest.mark.slow
def test_every_told_difference_adds_up_or_says_that_it_is_rounded() -> None:
    rng, changes = np.random.default_rng(2), 0
    for a, b in rng.uniform(0.2, 0.9, (60, 2)):
        for text, mark in ((compare(pair(a, b)).en, "rounded"), (compare(pair(a, b)).vi, "làm tròn")):
            if not re.search(" rose | fell | tăng | giảm ", text):
                continue
            changes += 1
            first, second, size = told_numbers(text)
            assert round(abs(first - second) - size, 6) == 0 or mark in text
    assert changes > 100


def test_means_too() -> None:
    told = compare(pair(4.014, 3.5755, "mean"))
    assert " to 4.01 " in told.en or "rounded" in told.en


def test_tables_and_figures_of_changes_say_that_they_are_rounded_where_it_shows() -> None:
    for form in (sv.tables.table, sv.figures.intervals):
        shows = form(pair(0.6014, 0.5755), lang="en")
        assert any("computed from unrounded numbers" in note for note in shows.notes)
        assert any("chưa làm tròn" in note for note in shows.in_language("vi").notes)
        assert not any("rounded" in note for note in form(pair(0.602, 0.575), lang="en").notes)


# --- never beyond the interval ----------------------------------------------------------------------------------------


def test_an_interval_that_misses_zero_is_not_printed_as_reaching_it() -> None:
    t = pd.DataFrame(
        {
            "item": "q",
            "wave": [1, 2],
            "estimate": [0.5, 0.52],
            "std_error": [0.007, 0.0069],
            "df": 1e4,
            "conf_low": 0.4,
            "conf_high": 0.6,
            "n": 900,
        }
    )
    d = sv.Estimates(t, "proportion", ("wave",), answers=(1,)).contrast([-1, 1])
    low = 100 * d.table["conf_low"].item()
    assert 0 < low < 0.1  # the case: higher, with an interval that would read "0.0 to 4.0"
    told = compare(d).en
    assert " rose " in told and "interval: 0.0%" not in told and ": 0.0 to" not in told


def test_a_difference_is_not_claimed_where_the_interval_holds_zero() -> None:
    d = pair(0.60, 0.55)
    t = d.table.assign(p_adjusted=0.001, conf_low=-0.01, conf_high=0.11)
    told = compare(d.with_table(t))
    assert "do not show a change" in told.en and "Chưa đủ bằng chứng để kết luận" in told.vi


def test_the_highest_of_many_is_told_with_those_it_cannot_be_told_from() -> None:
    t = pd.DataFrame(
        {
            "item": "q",
            "ward": range(4),
            "estimate": [0.9, 0.88, 0.5, 0.1],
            "std_error": 0.02,
            "df": 90.0,
            "conf_low": [0.86, 0.84, 0.46, 0.06],
            "conf_high": [0.94, 0.92, 0.54, 0.14],
            "n": 900,
        }
    )
    told = ranking(sv.Estimates(t, "proportion", ("ward",), answers=(1,)))
    assert "the interval of the highest overlaps 1 other" in told.en and "the interval of the lowest" not in told.en


def test_a_difference_that_is_not_shown_has_the_decimals_of_tables() -> None:
    """Its sentence has no other number that it would have to add up with: "+1.18 points" stood beside "+1.2"."""
    told = compare(pair(0.4214, 0.4236))  # 42.1, 42.4 and -0.2 do not add up, nor do two decimals change that
    other = compare(pair(0.42549, 0.4236))  # 42.5, 42.4 and 0.2
    for text in (told.en, other.en):
        assert "do not show a change" in text
        assert re.search(r"estimated difference is [+−]\d\.\d percentage", text) and "rounded" not in text

"""Cells of parts are cells of the whole: the same clusters in two waves, provinces that were drawn apart.

Expected values are those of `sv.Sample` of all rows together, which tests/estimation holds against R.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from cell_people import VARIABLES, codebook, people, same, sample

ASKED = {"q1": ["ward", "sex"], "minutes": ["ward"]}


def counted(rows: pd.DataFrame, name: str = "", **design: Any) -> sv.SharedCells:
    return sv.count_cells(sample(rows, **design), ASKED, name=name)


def alike(got: sv.SharedCells, whole: sv.Sample) -> None:
    same(got.mean(["q1", "minutes"], by="ward"), whole.mean(["q1", "minutes"], by="ward"), rtol=1e-9)
    same(got.distribution("q1", by="sex"), whole.distribution("q1", by="sex"), rtol=1e-9)
    same(got.total(["one", "minutes"]), whole.total(["one", "minutes"]), rtol=1e-9)


@pytest.mark.parametrize("design", [{}, {"fpc": "total"}])
def test_waves_in_the_same_clusters_are_added_up(design: dict[str, Any], tmp_path: Path) -> None:
    rows = people()
    one, other = (counted(rows[rows["wave"] == wave], f"wave {wave}", **design) for wave in (1, 2))
    with pytest.raises(sv.DesignError, match="same id") as caught:
        one.add(other)
    assert "apart" in str(caught.value.expected) and "bắc" in str(caught.value.got)
    both = one.add(other, clusters="same")
    alike(sv.load_cells(both.save(tmp_path / "both.parquet")), sample(rows, **design))
    assert [name for name, _ in both.parts] == ["wave 1", "wave 2"] and len(both) == len(rows)


def test_three_parts_in_any_order_are_the_whole() -> None:
    rows = people()
    rows["third"] = np.arange(len(rows)) % 3
    parts = [counted(part, str(i)) for i, part in rows.groupby("third")]
    alike(parts[2].add(parts[0], parts[1], clusters="same"), sample(rows))


def test_provinces_whose_ids_differ_need_no_word() -> None:
    rows = people()
    north = rows["stratum"] == "bắc"
    alike(counted(rows[north], "Bắc").add(counted(rows[~north], "Nam")), sample(rows))


@pytest.mark.parametrize("strata", ["stratum", None])
def test_provinces_drawn_apart_keep_their_clusters(strata: str | None) -> None:
    """Two provinces number their clusters alike; of the whole each has strata and clusters of its own."""
    one, other = people(3), people(4, clusters=6)
    parts = [counted(rows, name, strata=strata) for name, rows in (("An Giang", one), ("Cà Mau", other))]
    added = parts[0].add(parts[1], clusters="apart")
    whole = pd.concat([one.assign(province="An Giang"), other.assign(province="Cà Mau")], ignore_index=True)
    whole["psu"] = whole["province"] + whole["psu"]
    whole["stratum"] = whole["province"] + (whole["stratum"] if strata else "")
    alike(added, sample(whole))
    assert added.drawn.iloc[:, 0].str.startswith(("An Giang", "Cà Mau")).all()


def test_provinces_that_were_calibrated_apart() -> None:
    """The variance of the sum of independent samples is the sum of their variances, each calibrated on its own."""
    one, other = (people(seed).dropna(subset="sex") for seed in (5, 6))
    first = sample(one).rake({"sex": {1: 21_000, 2: 19_000}, "wave": {1: 17_000, 2: 23_000}})
    second = sample(other).poststratify({"ward": {"An Hòa": 9_000, "Bình": 8_000, "Cẩm": 7_000}})
    second = second.rake({"sex": {1: 12_500, 2: 11_500}})
    cells = [sv.count_cells(s, ASKED, name=name) for name, s in (("A", first), ("B", second))]
    added = cells[0].add(cells[1], clusters="apart")
    apart = [s.total(["one", "minutes"], by="ward") for s in (first, second)]
    got = added.total(["one", "minutes"], by="ward")
    np.testing.assert_allclose(got.table["estimate"], sum(e.table["estimate"] for e in apart), rtol=1e-10)
    expected = sum(e.covariance for e in apart)
    np.testing.assert_allclose(got.covariance, expected, rtol=1e-8, atol=1e-9 * np.abs(expected).max())


def test_what_was_added_already_is_refused_whatever_it_is_called(tmp_path: Path) -> None:
    rows = people()
    one, other = counted(rows[rows["wave"] == 1], "one"), counted(rows[rows["wave"] == 2], "two")
    both = one.add(other, clusters="same")
    for again in (one, other, both, counted(rows[rows["wave"] == 1], "another name"), one.suppress(3)):
        with pytest.raises(sv.EstimationError, match="added already"):
            both.add(again, clusters="same")


def test_other_questions_are_refused() -> None:
    one = counted(people(1), "one")
    other = sv.count_cells(sample(people(2)), {"q1": ["ward"], "minutes": ["ward"]}, name="two")
    with pytest.raises(sv.EstimationError, match="different questions") as caught:
        one.add(other, clusters="apart")
    assert "q1 by ward, sex" in str(caught.value.got)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('labels.5 = {en = "very good", vi = "tốt"}\n', "", "codes"),
        ("direction = 1", "direction = -1", "direction"),
        ('en = "First"', 'en = "The first"', "wording (en)"),
        ('missing.98 = "dont_know"', 'missing.98 = "blank"', "missing code 98"),
        ('{en = "good", vi = "khá"}', '{en = "good", vi = "được"}', "label of 4 (vi)"),
    ],
)
def test_other_codebooks_are_refused_with_what_differs(old: str, new: str, said: str) -> None:
    rows = people(2)
    if "labels.5" in old:
        rows = rows[rows["q1"] != 5]
    other = sv.count_cells(sample(rows, codebook(VARIABLES.replace(old, new))), ASKED, name="two")
    with pytest.raises(sv.CodebookError, match="understand a question differently") as caught:
        counted(people(1), "one").add(other, clusters="apart")
    assert caught.value.where == f"q1, {said}"


def test_designs_of_other_kinds_are_refused() -> None:
    one = counted(people(1), "one")
    with pytest.raises(sv.DesignError, match="different kinds"):
        one.add(counted(people(2), "two", fpc="total"), clusters="apart")
    with pytest.raises(sv.EstimationError, match="need a name"):
        one.add(counted(people(2)), clusters="apart")
    rows = people(2).assign(total=99)
    with pytest.raises(sv.DesignError, match="two sizes"):
        counted(people(1), fpc="total").add(counted(rows, fpc="total"), clusters="same")
    with pytest.raises(sv.EstimationError, match="relation of clusters"):
        one.add(one, clusters="other")
    with pytest.raises(sv.EstimationError, match="Only cells"):
        one.add(people(1))  # type: ignore[type-var]


def test_numbers_of_which_all_together_are_many_values() -> None:
    """Some 50 values in each part, and some 100 in both: counted one by one apart, and by their sums together."""
    rows = people()
    half = np.arange(len(rows)) % 2
    rows["minutes"] = np.round(rows["minutes"] % 50) + 50 * half
    parts = [counted(part, str(i)) for i, part in rows.groupby(half)]
    added = parts[0].add(parts[1], clusters="same")
    same(added.mean("minutes", by="ward"), sample(rows).mean("minutes", by="ward"), rtol=1e-9)
    same(added.total(["one", "minutes"]), sample(rows).total(["one", "minutes"]), rtol=1e-9)

"""Small cells hidden before counts are passed on: what is left, what it costs, and where estimates then lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from cell_people import people, sample
from examples import examples


def by_hand() -> sv.SharedCells:
    """Two clusters and groups: in group a 6 people answer 1, 6 answer 2, one 3; in b 6 answer 1 and 6 answer 3."""
    told = [("a", "x", 1, 6), ("a", "y", 2, 6), ("a", "y", 3, 1), ("b", "x", 1, 6), ("b", "y", 3, 6)]
    rows = pd.DataFrame([(g, c, q) for g, c, q, n in told for _ in range(n)], columns=["g", "c", "q"])
    return sv.count_cells(sv.Sample(rows.assign(w=2.0), weights="w", psu="c"), {"q": ["g"]})


def test_small_cells_are_hidden_and_never_fewer_people_than_the_limit() -> None:
    """The one person of group a is hidden with the 6 of the next smallest cell: alone it would be the difference."""
    hidden = by_hand().suppress(5)
    row = hidden.hidden.iloc[0]
    assert (row["groups"], row["whole"], row["people"], row["hidden_people"]) == (2, 1, 25, 7)
    np.testing.assert_allclose([row["share_people"], row["share_weight"]], [7 / 25, 7 / 25])
    assert "7 of 25 people, 28.0% of the weight" in hidden.to_text("en")


def test_estimates_of_whole_groups_stay_and_of_others_are_refused_and_bounded() -> None:
    """Of group a 6 are known to have answered 1 (or 2); the other 7 answered anything from 1 to 3, or nothing."""
    whole, hidden = by_hand(), by_hand().suppress(5)
    for column in ("estimate", "std_error", "df", "n"):
        expected = whole.mean("q", by="g", where="g == 'b'").table[column].item()
        assert hidden.mean("q", by="g", where="g == 'b'").table[column].item() == expected
    with pytest.raises(sv.EstimationError, match="are hidden") as caught:
        hidden.mean("q", by="g")
    assert caught.value.got == "7 people, 28.0% of the weight, in cells of fewer than 5"
    left = hidden.tallies[0].cells
    seen = {1: 6.0, 2: 0.0} if (left.slot[left.group == 0] == 0).all() else {1: 0.0, 2: 6.0}
    known = next(answer for answer, n in seen.items() if n)
    table = hidden.bounds("q", by="g").set_index("g")
    low, high = (6 * known + 7 * 1) / 13, (6 * known + 7 * 3) / 13
    np.testing.assert_allclose(table.loc["a", ["low", "high"]].astype(float), [min(low, known), max(high, known)])
    np.testing.assert_allclose(table.loc["b", ["low", "high"]].astype(float), [2, 2])
    shares = hidden.bounds("q", levels=[3], by="g").set_index("g")
    np.testing.assert_allclose(shares.loc["a", ["low", "high"]].astype(float), [0, 7 / 13])
    np.testing.assert_allclose(shares.loc["b", ["low", "high"]].astype(float), [0.5, 0.5])


@settings(max_examples=examples(12))
@given(seed=st.integers(0, 10_000), smallest=st.integers(2, 12))
def test_bounds_hold_the_estimate_and_no_small_cell_is_left(seed: int, smallest: int) -> None:
    whole = sv.count_cells(sample(people(seed, 250)), {"q1": ["ward", "sex"]})
    hidden = whole.suppress(smallest)
    (tally,) = hidden.tallies
    assert (tally.cells.n >= smallest).all() and (tally.sizes == whole.tallies[0].sizes).all()
    people_hidden = tally.hidden["n"][tally.hidden["n"] > 0]
    everyone = tally.sizes[people_hidden.index]
    assert (people_hidden >= np.minimum(smallest, everyone)).all()
    for found, table in (
        (whole.mean("q1", by="ward"), hidden.bounds("q1", by="ward")),
        (whole.proportion("q1", top=2, by="ward"), hidden.bounds("q1", top=2, by="ward")),
    ):
        assert (table["low"].to_numpy() <= found.table["estimate"].to_numpy() + 1e-12).all()
        assert (table["high"].to_numpy() >= found.table["estimate"].to_numpy() - 1e-12).all()


def test_calibration_is_hidden_with_its_standard_errors(tmp_path: Path) -> None:
    rows = people().dropna(subset="sex")
    raked = sample(rows).rake({"sex": {1: 21_000, 2: 19_000}})
    whole = sv.count_cells(raked, {"wave": []}, name="N")
    hidden = sv.load_cells(whole.suppress(2).save(tmp_path / "hidden.parquet"))
    assert hidden.hidden["hidden_people"].item() == 0
    with pytest.raises(sv.EstimationError, match="Standard errors are not possible"):
        hidden.mean("wave")
    table = hidden.bounds("wave")
    np.testing.assert_allclose(table[["low", "high"]].iloc[0], [whole.mean("wave").table["estimate"].item()] * 2)
    assert "standard errors are not possible" in hidden.to_text("en")


def test_limits_and_numbers_that_cannot_be() -> None:
    cells = sv.count_cells(sample(people()), {"minutes": ["ward"]})
    for smallest in (1, 2.5):
        with pytest.raises(sv.EstimationError, match="several people"):
            cells.suppress(smallest)  # type: ignore[arg-type]
    with pytest.raises(sv.EstimationError, match="no ends"):
        cells.suppress(5).bounds("minutes")

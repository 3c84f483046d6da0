"""An effect: every unit in both periods, the permutation distribution, and nothing that tells a hidden unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exhibit_cases import SHAPES, Cases
from survey.compare.effect_parts import effect_parts, permutation_gaps
from survey.errors import EstimationError, ExportError

CHANGES = (6.0, 1.0, 2.0, -1.0)
"""Of four wards, the first treated."""


def effect(few: int = 60, items: tuple[str, ...] = ("friendliness",), waves: int = 60) -> Any:
    """Wards whose means change by so many points exactly; the second has few answers in the later wave."""
    rng = np.random.default_rng(1)
    parts = []
    for i, change in enumerate(CHANGES):
        for wave in (1, 2):
            n = few if (i, wave) == (1, 2) else waves
            noise = rng.normal(0, 3, n)
            value = 50 + i + (change if wave == 2 else 0.0) + noise - noise.mean()
            parts.append(pd.DataFrame({"ward": f"P{i + 1:02d}", "wave": wave, "friendliness": value, "w": 1.0}))
    data = pd.concat(parts, ignore_index=True).assign(
        treated=lambda d: (d["ward"] == "P01").astype(int),
        other=lambda d: 100 - d["friendliness"],
        third=lambda d: d["friendliness"],
        fourth=lambda d: d["friendliness"],
    )
    sample = sv.Sample(sv.Responses(data, codebook=Cases.book), weights="w")
    return sample.effect(list(items), treated="treated", period="wave", unit="ward")


def test_the_parts_are_the_units_and_every_gap() -> None:
    e = effect()
    (parts,) = effect_parts(e)
    assert parts.units == ["P01", "P02", "P03", "P04"] and parts.treated.tolist() == [True, False, False, False]
    # by hand: each change less the mean of the other three
    np.testing.assert_allclose(permutation_gaps(e, parts), [6 - 2 / 3, 1 - 7 / 3, 2 - 2, -1 - 3], atol=1e-9)


def test_units_stand_in_both_periods_and_the_observed_gap_among_all() -> None:
    exhibit = sv.figures.effect(effect(), lang="en")
    said = [t.get_text() for t in exhibit.figure().texts]
    assert {"Treated", "Not treated", "Đông Hải ward", "+6.0", "−1.0", "Effect +5.3", "Mean of the units"} <= set(said)
    assert {"August 2023", "June 2024"} <= set(said)
    rows, below = exhibit.figure().axes
    marks = [float(line.get_xdata()[0]) for line in rows.lines if line.get_marker() == "o"]
    assert marks[:2] == pytest.approx([50, 56]) and len(marks) == 10
    heights = np.array([bar.get_height() for bar in below.patches])
    assert heights.sum() == 4
    grey, dark = (sum(b.get_height() for b in c) for c in below.containers)
    assert (grey, dark) == (3, 1)
    assert "1 of 4 ways" in exhibit.alt and "p = 0.250 (smallest possible 0.250)" in exhibit.alt
    data = exhibit.frame()
    assert data["part"].tolist() == ["effect", *["unit"] * 8, *["permutation"] * 4]
    assert data.loc[data["part"] == "unit", "treated"].sum() == 2


def test_with_a_hidden_unit_neither_effect_nor_distribution_is_told() -> None:
    """By hand: four hidden means, of which the totals of two wards and two waves tell three and the effect the last."""
    exhibit = sv.figures.effect(effect(few=12), lang="en")
    data = exhibit.frame()
    units = data[data["part"] == "unit"]
    assert data["part"].iloc[0] == "effect" and data["status_detail"].iloc[0] == "complementary"
    assert data[["estimate", "std_error", "p_value", "as_large"]].iloc[0].isna().all()
    gone = units.groupby("ward")[["estimate", "n", "conf_low", "std_error"]].agg(lambda column: column.isna().all())
    assert gone.loc["P02"].all() and gone.all(axis=1).sum() == 2
    assert not (data["part"] == "permutation").any() and len(exhibit.figure().axes) == 1
    assert {"n < 30", "withheld"} <= {t.get_text() for t in exhibit.figure().texts}


@pytest.mark.parametrize(("lang", "width"), SHAPES)
def test_nothing_is_cut_or_covered(crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    items = ("friendliness",) if width == "slide" else ("friendliness", "other")
    assert crowding(sv.figures.effect(effect(items=items), lang=lang, width=width).figure()) == []


def test_what_cannot_be_drawn(cases: Any) -> None:
    four = effect(items=("friendliness", "other", "third", "fourth"))
    with pytest.raises(ExportError, match="Too many items"):
        sv.figures.effect(four)
    with pytest.raises(ExportError, match="no such item"):
        sv.figures.effect(four, item="fifth")
    assert "third" in sv.figures.effect(four, item="third").title
    with pytest.raises(ExportError, match="before and after"):
        sv.figures.effect(cases.differences())
    bare = sv.Estimates(four.table, "effect")
    with pytest.raises(EstimationError, match="made of is not known"):
        sv.figures.effect(bare, item="third")

"""Comparisons that are none: switching treatment, other modes between arms, waves without an order, hidden units."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pytest

import survey as sv
from compare.wards import ASKED, city, effect, sample
from survey.words.disclosure import published

CHANGES = {"A": 9.0, "B": 7.0, "C": 1.0, "D": 0.0, "E": 2.0, "F": -1.0}
AB = "ward in ['A', 'B']"


def test_treatment_that_begins_in_the_second_wave_is_refused_with_the_reason() -> None:
    frame = city(CHANGES).assign(pilot=lambda d: ((d["ward"] < "C") & (d["wave"] == 2)).astype(int))
    with pytest.raises(sv.EstimationError, match="changes within a unit from one period to the next") as told:
        sample(frame).effect("y", "pilot", **ASKED)
    assert "treated in all periods" in str(told.value.fix)


def test_all_treated_is_nothing_to_compare() -> None:
    with pytest.raises(sv.EstimationError, match="nothing to compare"):
        effect(CHANGES, "ABCDEF")


@pytest.mark.parametrize("column", ["mode", "frame"])
def test_another_mode_or_frame_between_the_arms_is_refused_unless_acknowledged(column: str) -> None:
    frame = city(CHANGES, people=10)
    frame[column] = np.where(frame["ward"].isin(["A", "B"]) & (frame["wave"] == 2), 3, 1)
    s = sample(frame)
    with pytest.raises(sv.EstimationError, match="not asked in the same way") as told:
        s.effect("y", AB, **ASKED)
    assert column in str(told.value.fix) and "100 percentage points" in str(told.value.got)
    e = s.effect("y", AB, **ASKED, acknowledge=column)
    assert any(column in n and "100 percentage points" in n for n in e.notes)


def test_arms_that_mix_modes_alike_are_compared() -> None:
    frame = city(CHANGES, people=10).assign(mode=lambda d: d.groupby(["ward", "wave"]).cumcount() % 2)
    assert len(sample(frame).effect("y", AB, **ASKED).table) == 1


def test_a_column_with_the_role_of_a_mode_or_named_is_looked_at() -> None:
    frame = city(CHANGES, people=10).assign(how=lambda d: np.where(d["ward"] == "A", "phone", "visit"))
    with pytest.raises(sv.EstimationError, match="not asked in the same way"):
        sample(frame).effect("y", AB, **ASKED, circumstances="how")
    book = sv.Codebook({"how": sv.Variable("how", type="nominal", role="mode")})
    with pytest.raises(sv.EstimationError, match="not asked in the same way"):
        sv.Sample(sv.Responses(frame, codebook=book), weights="w").effect("y", AB, **ASKED)
    assert len(sample(frame).effect("y", AB, **ASKED).table) == 1
    with pytest.raises(sv.EstimationError, match="no such column"):
        sample(frame).effect("y", AB, **ASKED, acknowledge="mod")


def test_of_three_waves_before_and_after_must_be_said() -> None:
    frame = city(CHANGES, waves=(1, 2, 3))
    with pytest.raises(sv.EstimationError, match="exactly two periods") as told:
        sample(frame).effect("y", AB, **ASKED)
    assert "waves=" in str(told.value.fix)
    assert sample(frame).effect("y", AB, **ASKED, waves=[1, 3]).table["estimate"].item() == pytest.approx(7.5)
    assert sample(frame).effect("y", AB, **ASKED, waves=[1, 2]).table["estimate"].item() == pytest.approx(0.0)
    with pytest.raises(sv.EstimationError, match="no such wave"):
        sample(frame).effect("y", AB, **ASKED, waves=[1, 4])
    with pytest.raises(sv.EstimationError, match="exactly two periods"):
        sample(frame).effect("y", AB, **ASKED, waves=[1, 2, 3])


def test_words_for_waves_have_no_order_of_the_alphabet() -> None:
    """ "sau" (after) stands before "trước" (before) in the alphabet: the sign would turn without a word."""
    frame = city(CHANGES, waves=("trước", "sau"))
    with pytest.raises(sv.EstimationError, match="order of the waves is unknown"):
        sample(frame).effect("y", AB, **ASKED)
    decomposed = [unicodedata.normalize("NFD", w) for w in ("trước", "sau")]
    for waves in (["trước", "sau"], decomposed):
        assert sample(frame).effect("y", AB, **ASKED, waves=waves).table["estimate"].item() == pytest.approx(7.5)


def test_both_unicode_forms_of_a_ward_are_one_ward() -> None:
    names = dict(
        zip("ABCDEF", ["Bồ Xuyên", "Đề Thám", "Kỳ Bá", "Lê Hồng Phong", "Phú Khánh", "Quang Trung"], strict=True)
    )
    frame = city({names[w]: x for w, x in CHANGES.items()})
    frame["ward"] = [
        unicodedata.normalize("NFC" if wave == 1 else "NFD", ward)
        for ward, wave in zip(frame["ward"], frame["wave"], strict=True)
    ]
    e = sample(frame).effect("y", "ward in ['Bồ Xuyên', 'Đề Thám']", **ASKED)
    assert e.table["units"].item() == 6 and e.table["estimate"].item() == pytest.approx(7.5)
    assert len(e.leave_one_out().table) == 7


def test_nobody_who_answered_in_one_wave_of_a_ward_is_an_error() -> None:
    frame = city(CHANGES)
    frame.loc[(frame["ward"] == "C") & (frame["wave"] == 1), "y"] = np.nan
    with pytest.raises(sv.EstimationError, match="no answers in one of the periods") as told:
        sample(frame).effect("y", AB, **ASKED)
    assert "y, ward = " in str(told.value.where)


@pytest.mark.parametrize(
    "options",
    [{"seed": -1}, {"seed": 0.5}, {"permutations": 5}, {"margin": 0}, {"margin": float("nan")}, {"within": "no"}],
)
def test_options_that_are_none_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(sv.EstimationError):
        effect(CHANGES, "AB", **options)


# --- units that may not be shown --------------------------------------------------------------------------------------


def few(people: int, wards: str = "B") -> pd.DataFrame:
    frame = city(CHANGES, people=60)
    small = frame["ward"].isin(list(wards)) & (frame["wave"] == 2)
    return frame[~small | (frame.groupby(["ward", "wave"]).cumcount() < people)]


def test_numbers_that_would_tell_a_hidden_unit_are_not_published() -> None:
    """The ends of the interval and the other estimate are further equations in the changes of the units."""
    alone = published(sample(few(12)).effect("y", AB, **ASKED, level=0.8)).table.iloc[0]
    assert alone[["estimate", "conf_low", "mde", "by_people"]].isna().all()  # B follows from the effect and the totals
    e = sample(few(12, "BC")).effect("y", AB, **ASKED, level=0.8)
    out = published(e).table.iloc[0]
    assert out["estimate"] == pytest.approx(7.5)
    assert out[["conf_low", "conf_high", "mde", "by_people"]].isna().all()
    assert "may not" not in sv.narrative.permutation(e).en
    assert "by_people" not in sv.narrative.reconcile(e).numbers
    whole = published(sample(few(60)).effect("y", AB, **ASKED, level=0.8)).table.iloc[0]
    assert whole[["conf_low", "conf_high", "mde", "by_people"]].notna().all()


def test_an_effect_without_each_unit_is_hidden_with_the_smallest_unit() -> None:
    left = sample(few(12)).effect("y", AB, **ASKED).leave_one_out()
    assert published(left).table["estimate"].isna().all()
    assert left.table["estimate"].notna().all()  # who analyses sees them
    assert published(sample(few(60)).effect("y", AB, **ASKED).leave_one_out()).table["estimate"].notna().all()


def test_three_respondents_a_ward_are_analysed_and_not_published() -> None:
    e = effect(CHANGES, "AB", people=3)
    assert np.isfinite(e.table["estimate"]).all()
    out = sv.narrative.verdicts(e)
    assert not out.numbers

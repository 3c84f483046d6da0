"""Base weights: probabilities by hand and by the textbook, units matched to their list, and what the list says back."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import survey as sv

RAW = Path(__file__).parents[2] / "data" / "raw"


def weighted(frame: pd.DataFrame, *stages: Any) -> list[float]:
    return sv.base_weights(frame, list(stages)).data["w_design"].tolist()


# --- stages by hand ---------------------------------------------------------------------------------------------------


def test_three_stages_multiply() -> None:
    """2 of 10 groups by size (30 and 60 of 300), 6 households of the 30 or 60, one adult of 2 or 3, by hand:
    p = 2*30/300 * 6/30 * 1/2 = 0.02 and 2*60/300 * 6/60 * 1/3 = 0.04/3."""
    frame = pd.DataFrame({"listed": [30, 60], "adults": [2, 3]})
    got = sv.base_weights(frame, [sv.PPS(2, "listed", 300), sv.SRS(6, "listed"), sv.SRS(1, "adults")]).data
    assert got["sel_prob"].tolist() == pytest.approx([0.02, 0.04 / 3])
    assert got["w_design"].tolist() == pytest.approx([50, 75])
    assert list(got.columns) == ["listed", "adults", "sel_prob", "w_design"]


def test_one_stage_and_columns_for_every_argument() -> None:
    frame = pd.DataFrame({"n": [2, 5], "N": [20, 5], "size": [3, 4], "total": [60, 20]})
    assert weighted(frame, sv.SRS("n", "N")) == [10, 1]
    assert sv.base_weights(frame, sv.SRS("n", "N")).data["w_design"].tolist() == [10, 1]
    assert weighted(frame, sv.PPS("n", "size", "total")) == pytest.approx([10, 1])
    assert weighted(frame, sv.Census()) == [1, 1]
    assert weighted(frame, sv.Census(), sv.SRS("n", "N")) == [10, 1]


# Lohr, Sampling: Design and Analysis, table of section 6.2: 15 introductory statistics classes, 647 students
CLASSES = pd.DataFrame(
    {
        "class": range(1, 16),
        "students": [44, 33, 26, 22, 76, 63, 20, 44, 54, 34, 46, 24, 46, 100, 15],
    }
)


def test_probabilities_of_lohr_s_statistics_classes() -> None:
    """psi of class 1 is 44/647 = 0.068006 in the book; five classes drawn by size have 5 psi."""
    stage = sv.PPS.from_frame(CLASSES, unit="class", size="students", n=5)
    assert stage.inclusion[0] / 5 == pytest.approx(0.068006, abs=5e-7)
    assert stage.inclusion.sum() == pytest.approx(5)
    drawn = pd.DataFrame({"class": [12, 14, 14, 1]})
    expected = [647 / (5 * size) for size in (24, 100, 100, 44)]
    assert weighted(drawn, stage) == pytest.approx(expected)


def test_a_unit_too_large_for_its_probability_is_named() -> None:
    """7 * 100/647 = 1.082 (Sarndal, Swensson & Wretman 1992, section 3.6.2: such a unit is taken for certain)."""
    with pytest.raises(
        sv.DesignError, match="Some units are so large that their selection probability exceeds 1"
    ) as caught:
        sv.PPS.from_frame(CLASSES, unit="class", size="students", n=7)
    assert "frame, 14" in str(caught.value)
    assert "1.082" in str(caught.value)
    assert 'oversize="certainty"' in str(caught.value)


def test_certainty_leaves_the_rest_to_be_drawn_from_the_rest() -> None:
    """Class 14 for certain, then 6 of 14 classes: 6 * 44/547."""
    stage = sv.PPS.from_frame(CLASSES, unit="class", size="students", n=7, oversize="certainty")
    assert stage.inclusion[13] == 1
    assert stage.inclusion[0] == pytest.approx(6 * 44 / 547)
    assert stage.inclusion.sum() == pytest.approx(7)


def test_certainty_is_asked_again_until_nobody_is_too_large() -> None:
    """Sizes 100, 10, 3, 3, 3, n = 3: first the 100 (2.52 > 1); of the rest 2 * 10/19 = 1.05 > 1; then 1 of 9: 1/3."""
    frame = pd.DataFrame({"u": list("abcde"), "m": [100, 10, 3, 3, 3]})
    stage = sv.PPS.from_frame(frame, unit="u", size="m", n=3, oversize="certainty")
    assert stage.inclusion == pytest.approx([1, 1, 1 / 3, 1 / 3, 1 / 3])


def test_all_units_taken_is_a_census() -> None:
    frame = pd.DataFrame({"u": list("abc"), "m": [5, 1, 9]})
    assert sv.PPS.from_frame(frame, unit="u", size="m", n=3, oversize="certainty").inclusion.tolist() == [1, 1, 1]


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=30), st.data())
def test_probabilities_add_up_to_the_number_drawn(sizes: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(sizes)))
    frame = pd.DataFrame({"u": range(len(sizes)), "m": sizes})
    p = sv.PPS.from_frame(frame, unit="u", size="m", n=n, oversize="certainty").inclusion
    assert p.sum() == pytest.approx(n)
    assert ((p > 0) & (p <= 1)).all()
    assert (np.diff(p[np.argsort(sizes, kind="stable")]) >= -1e-12).all()  # a larger unit is never less likely


# --- numbers that cannot be -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, 0, -1, np.inf])
def test_a_size_that_is_missing_or_not_positive_names_its_row(bad: float) -> None:
    frame = pd.DataFrame({"adults": [2, bad]}, index=[5, 9])
    with pytest.raises(sv.DesignError, match="Some rows do not have a positive number") as caught:
        sv.base_weights(frame, sv.SRS(1, "adults"))
    assert "rows 9" in str(caught.value)


def test_numbers_written_as_text_are_not_guessed() -> None:
    with pytest.raises(sv.DesignError, match="A column is not numeric") as caught:
        sv.base_weights(pd.DataFrame({"adults": ["2", "3"]}), sv.SRS(1, "adults"))
    assert "'2', '3'" in str(caught.value)


def test_more_drawn_than_there_were() -> None:
    frame = pd.DataFrame({"adults": [1, 3]})
    with pytest.raises(sv.DesignError, match="Some selection probabilities exceed 1") as caught:
        sv.base_weights(frame, sv.SRS(2, "adults"))
    assert "rows 0" in str(caught.value)
    with pytest.raises(sv.DesignError, match="certainty"):
        sv.base_weights(frame, sv.PPS(12, "adults", 30))


def test_rounding_is_no_probability_above_one() -> None:
    frame = pd.DataFrame({"size": [0.1 + 0.2]})
    assert weighted(frame, sv.PPS(1, "size", 0.3)) == [1]


def test_ten_tenths_are_no_probability_above_one() -> None:
    """In floating point 0.1 added ten times is less than 1, and 10 * 0.1 over it more."""
    frame = pd.DataFrame({"u": range(10), "m": 0.1})
    assert sv.PPS.from_frame(frame, unit="u", size="m", n=10).inclusion.tolist() == [1] * 10


@pytest.mark.parametrize("number", [0, -1, np.nan, True, None])
def test_a_number_that_counts_nothing(number: Any) -> None:
    with pytest.raises(sv.DesignError, match="The number of units must be positive"):
        sv.base_weights(pd.DataFrame({"a": [1]}), sv.SRS(number, "a"))


def test_ninety_nine_adults_are_a_missing_code_and_no_weight() -> None:
    variable = sv.Variable("adults", missing={99: "dont_know"})
    responses = sv.Responses(pd.DataFrame({"adults": [2, 99]}), sv.Codebook().update(variable))
    with pytest.raises(sv.CleaningError, match="missing codes"):
        sv.base_weights(responses, sv.SRS(1, "adults"))


@pytest.mark.parametrize("stages", [[], "adults", [1], None])
def test_stages_that_are_none(stages: Any) -> None:
    with pytest.raises(sv.DesignError, match="Base weights need the sampling stages"):
        sv.base_weights(pd.DataFrame({"adults": [1]}), stages)


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(sv.DesignError, match="A column is missing"):
        sv.base_weights(pd.DataFrame({"adults": [1]}), sv.SRS(1, "adult"))


def test_no_rows_and_no_data() -> None:
    with pytest.raises(sv.DesignError, match="no rows"):
        sv.base_weights(pd.DataFrame({"adults": []}), sv.SRS(1, "adults"))
    with pytest.raises(sv.DesignError, match="Expected Responses or a DataFrame"):
        sv.base_weights([1], sv.SRS(1, 2))  # type: ignore[arg-type]


# --- nothing overwritten, everything logged ---------------------------------------------------------------------------


def test_a_taken_name_is_not_overwritten() -> None:
    frame = pd.DataFrame({"adults": [1, 2], "w_design": [7, 7]})
    with pytest.raises(sv.DesignError, match="overwrite") as caught:
        sv.base_weights(frame, sv.SRS(1, "adults"))
    assert "into=" in str(caught.value)
    assert sv.base_weights(frame, sv.SRS(1, "adults"), into="w").data["w_design"].tolist() == [7, 7]
    with pytest.raises(sv.DesignError, match="overwrite"):
        sv.base_weights(pd.DataFrame({"adults": [1]}), sv.SRS(1, "adults"), into="w", probability="w")


def test_the_data_given_stay_as_they_were() -> None:
    frame = pd.DataFrame({"adults": [1, 2]})
    sv.base_weights(frame, sv.SRS(1, "adults"))
    assert list(frame.columns) == ["adults"]


def test_one_line_in_the_log_tells_ranges_and_total() -> None:
    frame = pd.DataFrame({"listed": [20, 40], "adults": [2, 4]})
    got = sv.base_weights(frame, [sv.SRS(10, "listed"), sv.SRS(1, "adults")], into="w0")
    (entry,) = got.entries
    assert entry.verb == "base_weights"
    assert "0.25 to 0.5" in entry.what  # 10/40 and 10/20; then 1/4 and 1/2
    assert "total 20.0 over 2 rows" in entry.what  # 2*2 + 4*4
    assert entry.arguments["stages"][1] == {"stage": "SRS", "n": 1, "of": "adults"}
    assert got.codebook.variables["w0"].role == "weight"


def test_index_and_order_of_rows() -> None:
    frame = pd.DataFrame({"u": list("cabc")}, index=[9, 3, 7, 1])
    units = pd.DataFrame({"u": list("bca"), "m": [2, 3, 5]})
    got = sv.base_weights(frame, sv.PPS.from_frame(units, unit="u", size="m", n=1)).data["w_design"]
    assert got.to_dict() == pytest.approx({9: 10 / 3, 3: 2, 7: 5, 1: 10 / 3})


# --- matching to the frame --------------------------------------------------------------------------------------------


def wards(**columns: Any) -> pd.DataFrame:
    """Two wards with units of the same names: totals 10 and 20."""
    frame = pd.DataFrame({"ward": list("AAABBB"), "unit": [1, 2, 3] * 2, "hh": [2, 3, 5, 4, 8, 8]})
    return frame.assign(**columns)


def test_units_are_matched_within_their_group() -> None:
    stage = sv.PPS.from_frame(wards(), unit="unit", size="hh", n=1, within="ward")
    drawn = pd.DataFrame({"ward": ["B", "A", "A"], "unit": [1, 3, 1.0]})
    assert weighted(drawn, stage) == pytest.approx([5, 2, 5])


def test_number_drawn_by_group_by_column_and_by_mapping() -> None:
    drawn = pd.DataFrame({"ward": ["A", "B"], "unit": [1, 1]})
    by_column = sv.PPS.from_frame(wards(k=[1] * 3 + [2] * 3), unit="unit", size="hh", n="k", within="ward")
    by_name = sv.PPS.from_frame(wards(), unit="unit", size="hh", n={"B": 2, "A": 1}, within="ward")
    assert weighted(drawn, by_column) == weighted(drawn, by_name) == pytest.approx([5, 2.5])


@pytest.mark.parametrize(
    ("n", "message"),
    [
        ({"A": 1}, "differ from those of the frame"),
        (1.5, "More units were drawn than are listed"),
        (4, "More units were drawn than are listed"),
        ("k", "The number drawn varies within a group"),
    ],
)
def test_numbers_drawn_that_cannot_be(n: Any, message: str) -> None:
    with pytest.raises(sv.DesignError, match=message):
        sv.PPS.from_frame(wards(k=[1, 1, 2, 1, 1, 1]), unit="unit", size="hh", n=n, within="ward")


def test_several_columns_make_a_group() -> None:
    frame = pd.concat([wards(wave=1), wards(wave=2, hh=[1, 1, 2, 1, 1, 2])], ignore_index=True)
    stage = sv.PPS.from_frame(frame, unit="unit", size="hh", n=1, within=["ward", "wave"])
    drawn = pd.DataFrame({"ward": ["A", "A"], "wave": [1, 2], "unit": [1, 1]})
    assert weighted(drawn, stage) == pytest.approx([5, 4])


def test_a_unit_that_the_frame_lacks_is_named() -> None:
    stage = sv.PPS.from_frame(wards(), unit="unit", size="hh", n=1, within="ward")
    with pytest.raises(sv.DesignError, match="The data name units or groups that are not in the frame") as caught:
        sv.base_weights(pd.DataFrame({"ward": ["A", "B", "C"], "unit": [3, 9, 1]}), stage)
    assert "rows 1, 2" in str(caught.value)
    assert "B / 9, C / 1" in str(caught.value)


def test_a_unit_that_is_text_here_and_a_number_there() -> None:
    stage = sv.PPS.from_frame(wards(), unit="unit", size="hh", n=1, within="ward")
    with pytest.raises(sv.DesignError, match="The data name units or groups that are not in the frame") as caught:
        sv.base_weights(pd.DataFrame({"ward": ["A"], "unit": ["1"]}), stage)
    assert "column unit is text on one side" in str(caught.value)


def test_a_row_without_unit() -> None:
    stage = sv.PPS.from_frame(wards(), unit="unit", size="hh", n=1, within="ward")
    with pytest.raises(sv.DesignError, match="The unit or group is missing for some rows") as caught:
        sv.base_weights(pd.DataFrame({"ward": ["A", None], "unit": [1, 1]}), stage)
    assert "rows 1" in str(caught.value)


def test_names_in_two_unicode_forms_are_one_unit() -> None:
    nfc, nfd = (unicodedata.normalize(form, "Tổ dân phố số 1") for form in ("NFC", "NFD"))
    frame = pd.DataFrame({"u": [nfd, "Tổ 2"], "m": [1, 3]})
    stage = sv.PPS.from_frame(frame, unit="u", size="m", n=1)
    assert weighted(pd.DataFrame({"u": [nfc, nfd]}), stage) == [4, 4]
    twice = pd.DataFrame({"u": [nfc, nfd], "m": [1, 3]})
    with pytest.raises(sv.DesignError, match="listed twice"):
        sv.PPS.from_frame(twice, unit="u", size="m", n=1)


def test_a_unit_listed_twice_would_halve_its_weight() -> None:
    frame = pd.concat([wards(), wards().iloc[[4]]])
    with pytest.raises(sv.DesignError, match="listed twice") as caught:
        sv.PPS.from_frame(frame, unit="unit", size="hh", n=1, within="ward")
    assert "B / 2" in str(caught.value)
    assert "4, 6" in str(caught.value)
    with pytest.raises(sv.DesignError, match="listed twice"):  # unit names are only unique within a ward
        sv.PPS.from_frame(wards(), unit="unit", size="hh", n=1)


@pytest.mark.parametrize("bad", [np.nan, -3, np.inf, 0])
def test_a_unit_without_size(bad: float) -> None:
    with pytest.raises(
        sv.DesignError, match=r"The size is missing for some units of the frame|Some units of the frame have size 0"
    ):
        sv.PPS.from_frame(wards(hh=[1, 2, bad, 1, 1, 1]), unit="unit", size="hh", n=1, within="ward")


@pytest.mark.parametrize(
    "change", [{"unit": "nobody"}, {"size": "nothing"}, {"within": "nowhere"}, {"oversize": "cut"}, {"size": "ward"}]
)
def test_what_the_frame_does_not_have(change: dict[str, str]) -> None:
    with pytest.raises(sv.DesignError):
        sv.PPS.from_frame(wards(), **{"unit": "unit", "size": "hh", "n": 1, "within": "ward", **change})  # type: ignore[arg-type]


def test_an_empty_frame() -> None:
    with pytest.raises(sv.DesignError, match="empty"):
        sv.PPS.from_frame(wards()[:0], unit="unit", size="hh", n=1)


def test_two_waves_of_one_frame_multiply_no_rows_and_are_counted_apart() -> None:
    drawn = pd.DataFrame({"ward": list("ABAB"), "unit": [1, 2, 2, 2], "wave": [1, 1, 2, 2]})
    options: dict[str, Any] = {"unit": "unit", "size": "hh", "n": 1, "within": "ward"}
    got = sv.base_weights(drawn, sv.PPS.from_frame(wards(), **options, draws="wave"))
    assert got.data["w_design"].tolist() == pytest.approx([5, 2.5, 10 / 3, 2.5])
    assert got.entries[0].reason == ""
    # without the wave, ward A seems to have two units where one was drawn
    mixed = sv.base_weights(drawn, sv.PPS.from_frame(wards(), **options))
    assert mixed.data["w_design"].tolist() == got.data["w_design"].tolist()
    assert "more units in the data than were drawn (A: 2 of 1)" in mixed.entries[0].reason
    assert "draws=" in mixed.entries[0].reason


def test_a_cluster_without_respondents_is_noted() -> None:
    stage = sv.PPS.from_frame(wards(hh=1), unit="unit", size="hh", n=2, within="ward", draws="wave")
    drawn = pd.DataFrame({"ward": list("AAB"), "unit": [1, 2, 2], "wave": 1})
    got = sv.base_weights(drawn, stage)
    assert got.entries[0].reason == "stage 1: fewer units in the data than were drawn (B / 1: 1 of 2)"


# --- the frame's own totals -------------------------------------------------------------------------------------------


def test_weights_of_households_add_up_to_the_list() -> None:
    """One unit a ward, two households each: every weight is the ward's total / 2 however the units are sized."""
    drawn = pd.DataFrame({"ward": list("AABB"), "unit": [1, 1, 3, 3]})
    drawn = drawn.merge(wards(), on=["ward", "unit"])
    stages = [sv.PPS.from_frame(wards(), unit="unit", size="hh", n=1, within="ward"), sv.SRS(2, "hh")]
    got = sv.frame_check(sv.base_weights(drawn, stages), wards(), weights="w_design", size="hh", by="ward")
    assert got.to_dict("list") == {
        "ward": ["A", "B"],
        "n": [2, 2],
        "frame_total": [10, 20],
        "estimate": pytest.approx([10, 20]),
        "ratio": pytest.approx([1, 1]),
    }


R_ROWS = pd.DataFrame(
    {
        "s": list("AAAAABBB"),
        "u": [1, 1, 2, 3, 3, 4, 5, 5],
        "w": [10, 10, 14, 9, 11, 20, 15, 18],
    }
)
R_FRAME = pd.DataFrame({"s": list("AAAABBC"), "u": range(1, 8), "m": [15, 15, 15, 15, 25, 25, 9]})


def test_how_far_off_a_total_may_be_is_r_s_standard_error() -> None:
    """R: svytotal(~one, svydesign(ids = ~u, weights = ~w)) on the rows of each s: 54 (6) and 53 (13)."""
    frame = R_FRAME[R_FRAME["s"] != "C"].assign(u=[1, 2, 3, 9, 4, 5])
    got = sv.frame_check(R_ROWS, frame, weights="w", size="m", unit="u", by="s")
    assert got["estimate"].tolist() == [54, 53]
    assert got["std_error"].tolist() == pytest.approx([6, 13], rel=1e-12)
    assert got["units"].tolist() == [3, 2]
    assert got["frame_units"].tolist() == [4, 2]
    assert got["ratio"].tolist() == pytest.approx([54 / 60, 53 / 50])
    expected = ["s", "n", "units", "frame_units", "frame_total", "estimate", "std_error", "ratio"]
    assert list(got.columns) == expected


def test_a_group_that_nobody_was_drawn_from_is_shown() -> None:
    got = sv.frame_check(R_ROWS, R_FRAME, weights="w", size="m", by="s")
    assert got["s"].tolist() == ["A", "B", "C"]
    assert got["ratio"].tolist() == pytest.approx([0.9, 1.06, 0])


def test_every_wave_is_held_against_the_whole_list() -> None:
    two = pd.concat([R_ROWS.assign(wave=2, w=R_ROWS["w"] * 2), R_ROWS.assign(wave=1)], ignore_index=True)
    got = sv.frame_check(two, R_FRAME, weights="w", size="m", by=["wave", "s"])
    assert got[["wave", "s"]].to_numpy().tolist() == [[w, s] for w in (1, 2) for s in "ABC"]
    assert got["frame_total"].tolist() == [60, 50, 9] * 2
    assert got["estimate"].tolist() == [54, 53, 0, 108, 106, 0]
    other = sv.frame_check(two, R_FRAME, weights="w", size="m", by=["s", "wave"])
    assert other["estimate"].tolist() == [54, 108, 53, 106, 0, 0]
    assert sv.frame_check(two, R_FRAME, weights="w", size="m")["estimate"].tolist() == [3 * 107]


def test_units_can_be_counted_themselves() -> None:
    """Four units listed in A; three drawn with weights 1, 1 and 2 stand for four."""
    drawn = pd.DataFrame({"s": list("AAABBC"), "w": [1, 1, 2, 1, 1, 1]})
    assert sv.frame_check(drawn, R_FRAME, weights="w", size=1, by="s")["ratio"].tolist() == [1, 1, 1]


def test_one_unit_in_a_group_has_no_standard_error() -> None:
    got = sv.frame_check(R_ROWS.iloc[:2], R_FRAME, weights="w", size="m", unit="u", by="s")
    assert np.isnan(got["std_error"]).all()


def test_a_unit_found_in_another_group_than_the_list_s() -> None:
    with pytest.raises(sv.DesignError, match="The data name units or groups that are not in the frame") as caught:
        sv.frame_check(R_ROWS.assign(s="A"), R_FRAME, weights="w", size="m", unit="u", by="s")
    assert "A / 5" in str(caught.value)


@pytest.mark.parametrize(
    "change", [{"weights": "v"}, {"size": "v"}, {"by": "v"}, {"unit": "v"}, {"size": "s"}, {"weights": "s"}]
)
def test_columns_of_a_check_that_are_not_there_or_no_numbers(change: dict[str, str]) -> None:
    with pytest.raises(sv.DesignError):
        sv.frame_check(R_ROWS, R_FRAME, **{"weights": "w", "size": "m", **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["n", ["s", "s"]])
def test_names_of_groups_that_the_check_needs(by: Any) -> None:
    with pytest.raises(sv.DesignError, match="A grouping column conflicts with a column of the result"):
        sv.frame_check(R_ROWS.assign(n=1), R_FRAME, weights="w", size="m", by=by)


def test_a_check_of_nobody() -> None:
    with pytest.raises(sv.DesignError, match="no rows"):
        sv.frame_check(R_ROWS[:0], R_FRAME, weights="w", size="m", by="s")


def test_a_check_of_what_is_no_table() -> None:
    with pytest.raises(sv.DesignError, match="Expected a DataFrame"):
        sv.frame_check([1], R_FRAME, weights="w", size="m")  # type: ignore[arg-type]


# --- the simulated study ----------------------------------------------------------------------------------------------
# 12 of 40 groups a ward by households listed, 15 households a group, one adult of a household (data/raw/README.md)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.read_csv(RAW / "sampling_frame.csv")


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    """Everybody drawn in both waves. The list of non-respondents names their group in `psu` only: P01-1-02."""
    answered = sv.read([RAW / "residents_2023.sav", RAW / "residents_2024.sav"], codebook=RAW / "codebook.toml")
    answered = answered.collapse_copies(reason="sent twice")
    others = pd.concat([pd.read_csv(RAW / f"nonrespondents_{year}.csv") for year in (2023, 2024)])
    others["tdp_legacy"] = others["ward_legacy_code"] + "-" + others["psu"].str[-2:]
    columns = ["ward_legacy_code", "tdp_legacy", "wave", "disposition", "sel_prob", "w_design"]
    return pd.concat([answered.data[columns], others[columns]], ignore_index=True)


def households(drawn: pd.DataFrame, frame: pd.DataFrame) -> sv.Responses:
    listed = drawn["tdp_legacy"].map(frame.set_index("tdp_legacy")["households_listed"])
    groups = sv.PPS.from_frame(
        frame, unit="tdp_legacy", size="households_listed", n=12, within="ward_legacy_code", draws="wave"
    )
    return sv.base_weights(
        drawn.assign(listed=listed), [groups, sv.SRS(15, "listed")], into="w_household", probability="p_household"
    )


def test_probability_of_each_group_is_the_frame_s_own(frame: pd.DataFrame) -> None:
    stage = sv.PPS.from_frame(frame, unit="tdp_legacy", size="households_listed", n=12, within="ward_legacy_code")
    np.testing.assert_allclose(stage.inclusion, frame.sort_values("tdp_legacy")["group_prob"], rtol=1e-12)


def test_design_weights_are_households_times_a_whole_number_of_adults(drawn: pd.DataFrame, frame: pd.DataFrame) -> None:
    """The files do not say how many adults a household has, so w_design cannot be computed from them alone. But what
    it has over the household's own weight must be a whole number: 1 for a vacant dwelling, where nobody was drawn."""
    got = households(drawn, frame).data
    adults = got["w_design"] / got["w_household"]
    np.testing.assert_allclose(adults, adults.round(), rtol=1e-9)
    assert adults.round().between(1, 12).all()
    vacant = got["disposition"] == 4.6
    assert vacant.any()
    np.testing.assert_allclose(adults[vacant], 1, rtol=1e-9)
    assert (adults[~vacant].round() > 1).any()


def test_the_whole_weight_once_adults_are_known(drawn: pd.DataFrame, frame: pd.DataFrame) -> None:
    """With the adults worked out as above, three stages give sel_prob and w_design of everybody drawn."""
    first = households(drawn, frame).data
    data = first[list(drawn.columns)].assign(listed=first["listed"])
    data["adults"] = (data["w_design"] / first["w_household"]).round()
    stage = sv.PPS.from_frame(
        frame, unit="tdp_legacy", size="households_listed", n=12, within="ward_legacy_code", draws="wave"
    )
    stages = [stage, sv.SRS(15, "listed"), sv.SRS(1, "adults")]
    got = sv.base_weights(data, stages, into="w_base", probability="p_base")
    np.testing.assert_allclose(got.data["p_base"], data["sel_prob"], rtol=1e-12)
    np.testing.assert_allclose(got.data["w_base"], data["w_design"], rtol=1e-12)
    assert got.entries[-1].reason == ""  # 12 groups of each ward and wave are there
    with pytest.raises(sv.DesignError, match="overwrite"):
        sv.base_weights(data, stages)


def test_weights_of_all_households_drawn_are_the_list(drawn: pd.DataFrame, frame: pd.DataFrame) -> None:
    """Groups by size and the same number of households in each: every household of a ward weighs its total / 180."""
    got = sv.frame_check(
        households(drawn, frame),
        frame,
        weights="w_household",
        size="households_listed",
        unit="tdp_legacy",
        by=["ward_legacy_code", "wave"],
    )
    assert len(got) == 20
    assert (got["n"] == 180).all()
    assert (got["units"] == 12).all()
    assert (got["frame_units"] == 40).all()
    np.testing.assert_allclose(got["ratio"], 1, rtol=1e-12)
    np.testing.assert_allclose(got["std_error"], 0, atol=1e-9)


def test_without_those_who_did_not_answer_the_list_is_not_reached(drawn: pd.DataFrame, frame: pd.DataFrame) -> None:
    answered = households(drawn[drawn["disposition"] < 2].reset_index(drop=True), frame)
    got = sv.frame_check(answered, frame, weights="w_household", size="households_listed", by="wave")
    share = (drawn["disposition"] < 2).groupby(drawn["wave"]).mean()
    assert got["ratio"].tolist() == pytest.approx(share.tolist(), abs=0.02)  # wards weigh differently
    assert (got["ratio"] < 0.9).all()


def test_adults_estimated_from_all_drawn_are_near_the_census(drawn: pd.DataFrame) -> None:
    """margins_residents.csv counts the adults of a wave; vacant dwellings have none.

    A ward has 180 households and its total a standard error of some 4 %, so of twenty none is expected beyond 15 %;
    all together one of under 1 %. A factor forgotten (a wave, the adults) is off by a half and more.
    """
    margins = pd.read_csv(RAW / "margins_residents.csv")
    census = margins[margins["variable"] == "ward_legacy_code"].rename(columns={"category": "ward_legacy_code"})
    people = drawn[drawn["disposition"] != 4.6]
    got = sv.frame_check(people, census, weights="w_design", size="total", by=["ward_legacy_code", "wave"])
    assert len(got) == 20
    assert got["ratio"].between(0.85, 1.15).all()
    assert got["estimate"].sum() / got["frame_total"].sum() == pytest.approx(1, abs=0.03)

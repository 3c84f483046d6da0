"""Response rates: AAPOR's formulas, codes in every form in which files bring them, groups, weights, and e."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import survey as sv
from survey.weighting.response import OUTCOMES, RATES

RAW = Path(__file__).parents[2] / "data" / "raw"
CODE = {"I": 1.1, "P": 1.2, "R": 2.1, "NC": 2.2, "O": 2.3, "UH": 3.1, "UO": 3.2, "NE": 4.7}


def cases(counts: Mapping[str, int], **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"disposition": [CODE[k] for k, n in counts.items() for _ in range(n)], **columns})


def rates(counts: Mapping[str, int], **options: Any) -> dict[str, Any]:
    (row,) = sv.response_rates(cases(counts), **options).to_dict("records")
    return row


# --- published numbers ------------------------------------------------------------------------------------------------


def test_rr2_of_a_survey_whose_nonrespondents_are_all_unknown() -> None:
    """463 complete, 2 partial, 1,115 unknown: RR2 = 465 / 1580 = 29.4 %, the golden case of the project's brief."""
    got = rates({"I": 463, "P": 2, "UO": 1115})
    assert got["RR2"] == 465 / 1580
    assert f"{100 * got['RR2']:.1f}" == "29.4"
    assert got["e"] == 1  # nobody was found not eligible: every unknown case counts, and RR4 is RR2
    assert got["RR4"] == got["RR2"]
    assert got["RR6"] == 1


PUBLISHED: dict[str, tuple[dict[str, int], float, dict[str, float]]] = {
    # README of the R package outcomerate 1.0.1, three digits
    "readme": (
        {"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1},
        5e-4,
        dict(
            zip(
                RATES,
                [
                    0.364,
                    0.545,
                    0.370,
                    0.556,
                    0.444,
                    0.667,
                    0.500,
                    0.750,
                    0.571,
                    0.857,
                    0.091,
                    0.093,
                    0.111,
                    0.727,
                    0.741,
                    0.889,
                ],
                strict=True,
            )
        ),
    ),
    # vignette of the same package ("Intro to outcomerate"), eight digits
    "vignette": (
        {"I": 760, "P": 339, "R": 59, "NC": 288, "O": 1, "UO": 173, "NE": 71},
        5e-9,
        dict(
            zip(
                RATES,
                [
                    0.46913580,
                    0.67839506,
                    0.47149080,
                    0.68180052,
                    0.52522460,
                    0.75950242,
                    0.65573770,
                    0.94823123,
                    0.65630397,
                    0.94905009,
                    0.03641975,
                    0.03660258,
                    0.04077402,
                    0.71543210,
                    0.71902347,
                    0.80096752,
                ],
                strict=True,
            )
        ),
    ),
}


@pytest.mark.parametrize("example", PUBLISHED)
def test_published_examples(example: str) -> None:
    counts, tolerance, expected = PUBLISHED[example]
    got = rates(counts)
    assert {name: got[name] for name in RATES} == pytest.approx(expected, abs=tolerance)


def test_every_rate_by_hand() -> None:
    """Counts whose sums are all different, so that no term can be left out unseen (AAPOR 2023, section on rates)."""
    i, p, r, nc, o, uh, uo, ne = 512, 256, 128, 64, 32, 16, 8, 4
    got = rates(dict(zip(OUTCOMES, (i, p, r, nc, o, uh, uo, ne), strict=True)))
    e = 992 / 996
    assert got["n"] == 1020
    assert [got[k] for k in OUTCOMES] == [i, p, r, nc, o, uh, uo, ne]
    assert got["e"] == pytest.approx(e)
    hand = {
        "RR1": 512 / 1016,
        "RR2": 768 / 1016,
        "RR3": 512 / (992 + 24 * e),
        "RR4": 768 / (992 + 24 * e),
        "RR5": 512 / 992,
        "RR6": 768 / 992,
        "COOP1": 512 / 928,
        "COOP2": 768 / 928,
        "COOP3": 512 / 896,
        "COOP4": 768 / 896,
        "REF1": 128 / 1016,
        "REF2": 128 / (992 + 24 * e),
        "REF3": 128 / 992,
        "CON1": 928 / 1016,
        "CON2": 928 / (992 + 24 * e),
        "CON3": 928 / 992,
    }
    assert {name: got[name] for name in RATES} == pytest.approx(hand)


# --- identities -------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 9), min_size=8, max_size=8).filter(any), st.none() | st.floats(0, 1))
def test_order_of_the_rates(counts: list[int], e: float | None) -> None:
    got = rates(dict(zip(OUTCOMES, counts, strict=True)), e=e)
    pairs = [*itertools.pairwise(("RR1", "RR3", "RR5")), *itertools.pairwise(("RR2", "RR4", "RR6"))]
    pairs += [*itertools.pairwise(("REF1", "REF2", "REF3")), *itertools.pairwise(("CON1", "CON2", "CON3"))]
    pairs += [("RR1", "RR2"), ("RR3", "RR4"), ("RR5", "RR6"), ("COOP1", "COOP2"), ("COOP1", "COOP3")]
    pairs += [("COOP3", "COOP4"), ("COOP2", "COOP4"), ("RR2", "CON1"), ("RR4", "CON2"), ("RR6", "CON3")]
    for low, high in pairs:
        if not np.isnan([got[low], got[high]]).any():
            assert 0 <= got[low] <= got[high] + 1e-12 <= 1 + 2e-12
    if not np.isnan(got["COOP2"]):  # of all whose eligibility is known: contacted, and then cooperating
        assert got["RR6"] == pytest.approx(got["CON3"] * got["COOP2"])


@given(st.lists(st.integers(0, 9), min_size=8, max_size=8).filter(any))
def test_e_of_one_and_zero_are_the_outer_rates(counts: list[int]) -> None:
    named = dict(zip(OUTCOMES, counts, strict=True))
    all_in, all_out = rates(named, e=1), rates(named, e=0)
    for middle, low, high in (("RR3", "RR1", "RR5"), ("RR4", "RR2", "RR6"), ("REF2", "REF1", "REF3")):
        np.testing.assert_equal(all_in[middle], all_in[low])
        np.testing.assert_equal(all_out[middle], all_out[high])


# --- codes ------------------------------------------------------------------------------------------------------------

WRITTEN: dict[str, list[Any]] = {
    "I": [1.1, "1.1", "1.10", "I", np.float32(1.1), " 1.1 ", "1,1"],
    "P": [1.2, "1.2", "P", 1.2000000001],
    "R": [2.1, "2.10", "2.11", 2.112, "2.1121", 2.1000000001, 2.0999999046325684, np.float32(2.11), "R"],
    "NC": [2.2, "2.20", "2.21", 2.27, np.float32(2.2), "NC"],
    "O": [2.3, "2.31", 2.36, "2.9", "2.35", "O"],
    "UH": [3.1, "3.10", "3.11", 3.18, "UH"],
    "UO": [3.2, "3.21", 3.3, 3.9, "3.90", "UO"],
    "NE": [4, "4", 4.0, 4.1, "4.70", 4.313, np.int64(4), "NE"],
}


@pytest.mark.parametrize(("outcome", "code"), [(k, c) for k, codes in WRITTEN.items() for c in codes])
def test_codes_as_files_write_them(outcome: str, code: Any) -> None:
    (row,) = sv.response_rates(pd.DataFrame({"disposition": [code]})).to_dict("records")
    assert [k for k in OUTCOMES if row[k]] == [outcome]


@pytest.mark.parametrize("code", [21, "21", 211, 1, 2.0, "3", 1.3, "2.0", 0, -99, 5.1, 11.1, "i", "", "vắng nhà", True])
def test_an_unknown_code_is_named_with_its_rows(code: Any) -> None:
    frame = pd.DataFrame({"disposition": np.array([1.1, code, code], dtype=object)}, index=[7, 8, 9])
    with pytest.raises(sv.DesignError, match="The disposition of some cases cannot be interpreted") as caught:
        sv.response_rates(frame)
    assert repr(code) in str(caught.value)
    assert "rows 8, 9" in str(caught.value)


def test_single_precision_columns_from_spss() -> None:
    frame = pd.DataFrame({"disposition": np.array([1.1, 1.2, 2.1, 2.112, 2.2, 2.3, 3.1, 3.2, 4.7], np.float32)})
    (row,) = sv.response_rates(frame).to_dict("records")
    assert [row[k] for k in OUTCOMES] == [1, 1, 2, 1, 1, 1, 1, 1]


def test_an_empty_disposition_is_no_answer_to_what_became_of_the_case() -> None:
    frame = pd.DataFrame({"disposition": [1.1, np.nan, 2.1]})
    with pytest.raises(sv.DesignError, match="1 empty cell") as caught:
        sv.response_rates(frame)
    assert "rows 1" in str(caught.value)
    assert sv.response_rates(frame, codes={None: "UO"})["UO"].tolist() == [1]
    text = pd.DataFrame({"disposition": ["I", None]})
    assert sv.response_rates(text, codes={None: 3.2})["UO"].tolist() == [1]


def test_a_study_s_own_codes_come_before_aapor_s() -> None:
    decomposed = unicodedata.normalize("NFD", "vắng nhà")
    frame = pd.DataFrame({"kq": pd.Series([1, 7.0, decomposed, "2.2", 1.1], dtype=object)})
    own = {1: "I", 7: "2.31", "vắng nhà": "NC", 2.2: "R", "2.2": "UO"}
    (row,) = sv.response_rates(frame, "kq", codes=own).to_dict("records")
    assert {k: row[k] for k in OUTCOMES if row[k]} == {"I": 2, "O": 1, "NC": 1, "UO": 1}


def test_a_study_s_own_codes_through_single_precision() -> None:
    frame = pd.DataFrame({"disposition": np.array([1.1, 5.7], np.float32)})
    assert sv.response_rates(frame, codes={5.7: "NC"})["NC"].tolist() == [1]


def test_own_codes_must_lead_somewhere() -> None:
    with pytest.raises(sv.DesignError, match="maps to an unknown outcome"):
        sv.response_rates(cases({"I": 1}), codes={"x": "refused"})


def test_categories_are_codes_too() -> None:
    frame = pd.DataFrame({"disposition": pd.Categorical(["1.1", "2.1", "1.1"], ["2.2", "2.1", "1.1"])})
    assert sv.response_rates(frame)[["I", "R", "NC"]].to_numpy().tolist() == [[2, 1, 0]]


# --- e ----------------------------------------------------------------------------------------------------------------


def test_e_is_estimated_within_each_group() -> None:
    """Ward B: 3 known eligible, 1 not: e = 0.75, RR3 = 2 / (3 + 0.75 * 4) = 1/3. Ward A has nobody not eligible."""
    a, b = {"I": 1, "UO": 1}, {"I": 2, "R": 1, "NE": 1, "UH": 4}
    frame = pd.concat([cases(b, ward="B"), cases(a, ward="A")])
    got = sv.response_rates(frame, by="ward")
    assert got["ward"].tolist() == ["A", "B"]
    assert got["e"].tolist() == [1, 0.75]
    assert got["RR3"].tolist() == pytest.approx([1 / 2, 1 / 3])


def test_e_by_request() -> None:
    frame = pd.concat([cases({"I": 2, "UO": 4}, ward=w, wave=1) for w in "AB"])
    assert sv.response_rates(frame, by="ward", e=0.5)["RR3"].tolist() == [0.5, 0.5]
    assert sv.response_rates(frame, by="ward", e={"B": 0.5, "A": 0})["RR3"].tolist() == [1, 0.5]
    pairs = {("A", 1): 0.5, ("B", 1): 1}
    assert sv.response_rates(frame, by=["ward", "wave"], e=pairs)["RR3"].tolist() == [0.5, 1 / 3]


@pytest.mark.parametrize("e", [{"A": 0.5}, {"A": 0.5, "B": 0.5, "C": 0.5}, 85, -0.1, float("nan"), "0.5", True])
def test_an_e_that_fits_no_group_or_is_no_share(e: Any) -> None:
    frame = pd.concat([cases({"I": 2, "UO": 4}, ward=w) for w in "AB"])
    with pytest.raises(sv.DesignError, match="`e`"):
        sv.response_rates(frame, by="ward", e=e)


def test_groups_of_e_without_groups() -> None:
    with pytest.raises(sv.DesignError, match="groups of `e` differ from those of the data"):
        sv.response_rates(cases({"I": 1}), e={"A": 0.5})


def test_all_unknown_gives_no_e_and_no_warning() -> None:
    got = rates({"UH": 3, "UO": 2})
    assert got["RR1"] == 0
    assert got["CON1"] == 0
    missing = {"e", "RR3", "RR4", "RR5", "RR6", "COOP1", "COOP2", "COOP3", "COOP4", "REF2", "REF3", "CON2", "CON3"}
    assert {k for k, v in got.items() if np.isnan(v)} == missing


def test_nobody_eligible() -> None:
    got = rates({"NE": 3, "UO": 1})
    assert got["e"] == 0
    assert got["RR1"] == 0  # the unknown case counts below
    assert np.isnan(got["RR3"])  # and here it does not


def test_an_e_that_nobody_needs_does_no_harm() -> None:
    got = rates({"NE": 3})
    assert got["n"] == 3
    assert all(np.isnan(got[name]) for name in RATES)


# --- weights ----------------------------------------------------------------------------------------------------------


def test_weights_change_rates_and_e_and_leave_counts() -> None:
    """I 10 + 30, R 20, UO 40, NE 20: e = 60/80, RR1 = 40/100, RR3 = 40/(60 + 30), REF3 = 20/60."""
    frame = pd.DataFrame({"disposition": [1.1, 1.1, 2.1, 3.2, 4.7], "w": [10, 30, 20, 40, 20]})
    (got,) = sv.response_rates(frame, weights="w").to_dict("records")
    assert [got[k] for k in ("n", "I", "R", "UO", "NE")] == [5, 2, 1, 1, 1]
    assert got["e"] == pytest.approx(0.75)
    assert [got[k] for k in ("RR1", "RR3", "REF3")] == pytest.approx([0.4, 40 / 90, 1 / 3])


def test_a_published_weighted_rate() -> None:
    """README of outcomerate: the same eleven cases give RR2 0.50 and CON1 0.69 weighted, 0.55 and 0.73 not."""
    frame = pd.DataFrame({"disposition": ["I", "P", "I", "UO", "R", "I", "NC", "I", "O", "P", "UH"]})
    frame["w"] = [1.3] * 6 + [2.5] * 5
    weighted, plain = sv.response_rates(frame, weights="w"), sv.response_rates(frame)
    assert weighted[["RR2", "CON1"]].round(2).to_numpy().tolist() == [[0.50, 0.69]]
    assert plain[["RR2", "CON1"]].round(2).to_numpy().tolist() == [[0.55, 0.73]]


def test_weights_of_one_and_their_scale_and_the_order_of_rows() -> None:
    frame = cases(dict(zip(OUTCOMES, range(3, 11), strict=True)))
    frame["one"], frame["w"] = 1.0, np.linspace(1, 2, len(frame))
    frame["w_scaled"] = 1000 * frame["w"]
    frame["ward"] = np.arange(len(frame)) % 3
    plain = sv.response_rates(frame, by="ward")
    pd.testing.assert_frame_equal(sv.response_rates(frame, by="ward", weights="one"), plain)
    weighted = sv.response_rates(frame, by="ward", weights="w")
    pd.testing.assert_frame_equal(sv.response_rates(frame, by="ward", weights="w_scaled"), weighted)
    pd.testing.assert_frame_equal(sv.response_rates(frame[::-1], by="ward", weights="w"), weighted)


@pytest.mark.parametrize("w", [np.nan, -1, np.inf])
def test_a_nonrespondent_without_weight_is_not_left_out(w: float) -> None:
    frame = pd.DataFrame({"disposition": [1.1, 2.1], "w": [1, w]})
    with pytest.raises(sv.DesignError, match="no usable weight") as caught:
        sv.response_rates(frame, weights="w")
    assert "rows 1" in str(caught.value)


def test_a_nonrespondent_with_a_weight_of_0_is_told() -> None:
    frame = pd.DataFrame({"disposition": [1.1, 2.1], "w": [1, 0]})
    with pytest.warns(sv.SurveyWarning, match="1 case with a weight of 0"):
        assert sv.response_rates(frame, weights="w")["RR1"][0] == 1.0


def test_text_is_no_weight() -> None:
    with pytest.raises(sv.DesignError, match="weights are not numeric"):
        sv.response_rates(pd.DataFrame({"disposition": [1.1], "w": ["1"]}), weights="w")


# --- files and groups -------------------------------------------------------------------------------------------------


def test_respondents_and_nonrespondents_in_two_files() -> None:
    answered = sv.Responses(cases({"I": 3}, ward="A", q1=1))
    others = pd.DataFrame({"disposition": ["2.10", "4.70"], "ward": ["A", "A"]})
    (got,) = sv.response_rates([answered, others], by="ward").to_dict("records")
    assert (got["n"], got["I"], got["R"], got["NE"], got["RR1"]) == (5, 3, 1, 1, 0.75)


def test_an_error_says_which_file() -> None:
    good = cases({"I": 2})
    with pytest.raises(sv.DesignError, match="Columns needed for response rates are missing") as caught:
        sv.response_rates([good, pd.DataFrame({"status": [1]})])
    assert "file 2 of 2" in str(caught.value)
    with pytest.raises(sv.DesignError, match="The disposition of some cases cannot be interpreted") as caught:
        sv.response_rates([good, pd.DataFrame({"disposition": [1.1, 9]})])
    assert "rows 1 (file 2)" in str(caught.value)


def test_one_unit_name_in_two_unicode_forms_is_one_group() -> None:
    name = "Phường Bồ Xuyên"
    frame = pd.concat([cases({"I": 1}, ward=unicodedata.normalize(f, name)) for f in ("NFC", "NFD")])
    got = sv.response_rates(frame, by="ward", e={unicodedata.normalize("NFD", name): 1})
    assert got["ward"].tolist() == [name]
    assert got["n"].tolist() == [2]


def test_a_group_that_is_text_in_one_file_and_a_number_in_the_other() -> None:
    files = [cases({"I": 1}, ward=1), cases({"R": 1}, ward="1")]
    with pytest.raises(sv.DesignError, match="text in one file and numeric in another"):
        sv.response_rates(files, by="ward")


def test_cases_without_a_group_are_not_lost() -> None:
    frame = cases({"I": 2, "NE": 1}, sex=[1, 2, np.nan])
    with pytest.raises(sv.DesignError, match="group is missing for some cases") as caught:
        sv.response_rates(frame, by="sex")
    assert "rows 2" in str(caught.value)


def test_a_category_without_cases_makes_no_row() -> None:
    frame = cases({"I": 2}, ward=pd.Categorical(["A", "A"], ["A", "B"]))
    assert sv.response_rates(frame, by="ward")["ward"].tolist() == ["A"]


@pytest.mark.parametrize("data", [pd.DataFrame({"disposition": []}), [], [pd.DataFrame({"disposition": []})] * 2])
def test_no_rows(data: Any) -> None:
    with pytest.raises(sv.DesignError, match="no rows"):
        sv.response_rates(data)


def test_a_file_without_rows_among_others() -> None:
    got = sv.response_rates([cases({"I": 2}), pd.DataFrame({"disposition": []})])
    assert got["n"].tolist() == [2]


def test_what_is_no_data() -> None:
    with pytest.raises(sv.DesignError, match="Expected a DataFrame, Responses"):
        sv.response_rates({"I": 3})  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["n", ["ward", "ward"]])
def test_names_of_groups_that_the_result_needs(by: Any) -> None:
    with pytest.raises(sv.DesignError, match="A grouping column conflicts with a column of the result"):
        sv.response_rates(cases({"I": 1}, n=1, ward=1), by=by)


def test_the_simulated_study_drew_1800_people_a_wave() -> None:
    """10 wards x 12 groups x 15 households (data/raw/README.md); the files with answers hold 8 copies a wave."""
    answered = sv.read([RAW / "residents_2023.sav", RAW / "residents_2024.sav"], codebook=RAW / "codebook.toml")
    others = pd.concat([pd.read_csv(RAW / f"nonrespondents_{year}.csv") for year in (2023, 2024)], ignore_index=True)
    got = sv.response_rates([answered.collapse_copies(reason="sent twice"), others], by="wave")
    assert got["n"].tolist() == [1800, 1800]
    assert (got[list(OUTCOMES)].sum(axis=1) == got["n"]).all()
    raw = sv.response_rates([answered, others], by="wave")
    assert raw["n"].tolist() == [1808, 1808]
    by_ward = sv.response_rates([answered, others], by=["ward_legacy_code", "wave"], weights="w_design")
    assert len(by_ward) == 20
    assert by_ward["RR2"].between(0.5, 0.95).all()

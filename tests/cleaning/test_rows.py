"""Rows that leave: every one has a reason, and none disappears."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.errors import CleaningError
from survey.io import read
from survey.responses import Responses


class TestDrop:
    def test_rows_go_to_rejected_as_they_were_with_reason_and_step(self, responses: Responses) -> None:
        clean = (
            responses.recode_missing()
            .drop(where="born >= 1999", reason="too young")
            .drop(where=lambda d: d["ward"] == "P02", reason="other ward")
        )
        assert clean.data.index.tolist() == [0]
        assert clean.rejected.index.tolist() == [2, 3, 1, 4]
        assert clean.rejected["_reason"].tolist() == ["too young", "too young", "other ward", "other ward"]
        assert clean.rejected["_step"].tolist() == [2, 2, 3, 3]
        assert clean.log["verb"].tolist()[1] == "drop" and clean.log.index.tolist() == [1, 2, 3]
        pd.testing.assert_frame_equal(
            clean.rejected.loc[[2, 3], responses.data.columns], responses.recode_missing().data.loc[[2, 3]]
        )
        assert clean.missing.index.tolist() == [0]

    def test_a_missing_answer_drops_nobody(self, responses: Responses) -> None:
        clean = responses.recode_missing()
        assert 4 in clean.drop(where="born < 1990", reason="old").data.index
        assert 4 in clean.drop(where="not born < 1990", reason="young").data.index

    def test_a_rule_that_no_row_meets_leaves_a_line(self, responses: Responses) -> None:
        clean = responses.drop(where="ward == 'P09'", reason="no such ward")
        assert clean.log[["rows_before", "rows_after", "rows_touched"]].to_numpy().tolist() == [[5, 5, 0]]
        assert len(clean.rejected) == 0

    def test_missing_codes_are_not_taken_for_small_numbers(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="recode_missing"):
            responses.drop(where="born < 1960", reason="old")
        # a code that is named is meant
        assert responses.drop(where="born == -98", reason="age unknown").rejected.index.tolist() == [4]

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_a_reason_is_required(self, responses: Responses, reason: str) -> None:
        with pytest.raises(CleaningError, match="reason"):
            responses.drop(where="ward == 'P01'", reason=reason)

    def test_a_condition_is_required(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="condition"):
            responses.drop(reason="everybody")

    def test_an_unknown_column_is_a_cleaning_error(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="no column 'duration'"):
            responses.drop(where="duration < 120", reason="speeder")

    def test_a_condition_that_is_no_expression_is_logged_by_the_rows_it_picked(self, responses: Responses) -> None:
        clean = responses.drop(where=np.array([True, False, False, True, False]), reason="by hand")
        assert clean.entries[-1].arguments["rows"] == [0, 3]
        assert responses.drop(where="ward == 'P01'", reason="x").entries[-1].arguments["where"] == "ward == 'P01'"

    def test_everybody_may_leave(self, responses: Responses) -> None:
        clean = responses.drop(where="1 == 1", reason="closed").recode_missing().reverse().score("friendliness")
        assert len(clean) == 0
        assert len(clean.rejected) == 5


class TestCollapseCopies:
    @pytest.fixture
    def repeated(self, responses: Responses) -> Responses:
        data = responses.data.loc[[0, 0, 0, 1, 2, 2, 3, 4]].reset_index(drop=True)
        return Responses(data.assign(resp_id=[f"R{i}" for i in range(8)]), responses.codebook)

    def test_copies_are_counted_and_rejected(self, repeated: Responses) -> None:
        clean = repeated.collapse_copies(ignore="resp_id")
        assert clean.data.index.tolist() == [0, 3, 4, 6, 7]
        assert clean.data["copies"].tolist() == [3, 1, 2, 1, 1]
        assert clean.rejected.index.tolist() == [1, 2, 5]
        assert "copies" in clean.codebook
        assert (clean.entries[-1].rows_before, clean.entries[-1].rows_after) == (8, 5)

    def test_an_id_makes_every_row_its_own(self, repeated: Responses) -> None:
        assert repeated.collapse_copies().data["copies"].tolist() == [1] * 8

    def test_copies_need_not_be_neighbours(self, responses: Responses) -> None:
        data = responses.data.loc[[0, 1, 0]].reset_index(drop=True)
        clean = Responses(data, responses.codebook).collapse_copies(into="times")
        assert clean.data["times"].tolist() == [2, 1]

    def test_only_neighbours_are_copies_where_rows_were_repeated(self, repeated: Responses) -> None:
        data = repeated.data.loc[[0, 1, 3, 2, 4, 5]].reset_index(drop=True)
        clean = Responses(data, repeated.codebook).collapse_copies(ignore="resp_id", adjacent=True)
        assert clean.data["copies"].tolist() == [2, 1, 1, 2]  # R1 twice, R2, R1 again elsewhere, R3 twice
        assert clean.rejected.index.tolist() == [1, 5]

    def test_dont_know_and_refused_are_no_copies_of_each_other(self, responses: Responses) -> None:
        data = responses.data.loc[[0, 0]].reset_index(drop=True).assign(bribes=[-98.0, -99.0])
        clean = Responses(data, responses.codebook).recode_missing().collapse_copies()
        assert clean.data["copies"].tolist() == [1, 1]

    def test_some_columns_only(self, responses: Responses) -> None:
        clean = responses.collapse_copies(["ward"])
        assert clean.data["copies"].tolist() == [2, 2, 1]  # P01 twice, P02 twice, one empty

    def test_errors(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="overwrite"):
            responses.collapse_copies(into="born")
        with pytest.raises(CleaningError, match="no column"):
            responses.collapse_copies(ignore="row number")
        with pytest.raises(CleaningError, match="left to compare"):
            responses.collapse_copies(["ward"], ignore="ward")
        with pytest.raises(CleaningError, match="reason"):
            responses.collapse_copies(reason=" ")

    def test_without_rows(self, responses: Responses) -> None:
        empty = Responses(responses.data.iloc[:0], responses.codebook).collapse_copies()
        assert empty.data["copies"].dtype == float

    @pytest.mark.real
    def test_san_diego_is_1682_people(self, data_home: Path) -> None:
        # 2477 rows of which 795 repeat a neighbour: counted on the file as text, cell by cell
        survey = read(data_home / "sandiego2015" / "resident_survey_weighted_datasd.csv")
        clean = survey.collapse_copies(ignore="Num")
        assert len(clean) == 1682
        assert clean.data["copies"].sum() == 2477
        assert len(clean.rejected) == 795

"""Columns renamed and chosen: what speaks of them follows, and what is left without them is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.codebook import Codebook, MultipleSet, Variable
from survey.errors import CleaningError, SurveyWarning

SCALE = {1: {"en": "low"}, 2: {"en": "high"}}


def book() -> Codebook:
    variables = (
        Variable("id", type="id", role="id"),
        Variable("met", type="binary", labels={0: {"en": "no"}, 1: {"en": "yes"}}),
        Variable("q1", "ordinal", labels=SCALE, base="met == 1", scored=True, dimension="d", missing={9: "refused"}),
        Variable("q 2", "ordinal", labels=SCALE, base="met == 1 and `q1` >= 1", scored=True, dimension="d"),
        Variable("c1", type="binary", base="met == 1"),
        Variable("c2", type="binary", base="met == 1"),
        Variable("w", role="weight"),
    )
    one = MultipleSet("c", ("c1", "c2"), base="met == 1", exclusive=("c2",))
    return sv.Codebook(sets={"c": one}).update(*variables)


def responses() -> sv.Responses:
    data = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "met": [1, 0, 1, 1],
            "q1": [1, None, 9, 2],
            "q 2": [2, None, 1, 1],
            "c1": [1, None, 0, 1],
            "c2": [0, None, 1, 0],
            "w": [1.0, 2.0, 1.0, 1.0],
        }
    )
    return sv.Responses(data, book()).recode_missing().drop(where="id == 'd'", reason="not wanted")


class TestRename:
    def test_bases_sets_kinds_and_rejected_rows_follow(self) -> None:
        done = responses().rename({"met": "đã đến", "q1": "first", "c1": "chose", "c2": "none"})
        assert done.codebook["first"].base == "`đã đến` == 1"
        assert done.codebook["q 2"].base == f"{done.codebook['first'].base} and first >= 1"
        assert done.codebook.sets["c"].variables == ("chose", "none")
        assert done.codebook.sets["c"].exclusive == ("none",)
        assert done.codebook.sets["c"].base == done.codebook["first"].base
        assert done.missing["first"].tolist() == [0, 5, 4]  # an answer, not asked, refused
        assert list(done.rejected.columns) == ["id", "đã đến", "first", "q 2", "chose", "none", "w", "_reason", "_step"]
        assert done.check().table["rule"].tolist() == responses().check().table["rule"].tolist()

    def test_an_estimate_is_the_same_under_other_names(self) -> None:
        names = {"met": "m", "q1": "q one", "q 2": "q2", "w": "weight"}
        before = sv.Sample(responses().score("d"), weights="w").mean("d").table["estimate"]
        after = sv.Sample(responses().rename(names).score("d"), weights="weight").mean("d").table["estimate"]
        assert after.tolist() == before.tolist()

    def test_names_are_exchanged_and_conditions_with_them(self) -> None:
        done = responses().rename({"q1": "q 2", "q 2": "q1"})
        assert done.data["q1"].fillna(-1).tolist() == [2, -1, 1]
        assert done.codebook["q1"].base == "met == 1 and `q 2` >= 1"
        assert list(done.codebook.variables)[2:4] == ["q 2", "q1"]

    def test_text_in_quotes_and_functions_are_no_columns(self) -> None:
        variables = Variable("x", base="kind == 'abs' and abs(abs - 1) < 2 and notna(kind)"), Variable("abs")
        done = sv.Responses(pd.DataFrame({"x": [1], "abs": [1], "kind": ["abs"]}), sv.Codebook().update(*variables))
        assert done.rename({"abs": "y", "kind": "k"}).codebook["x"].base == (
            "k == 'abs' and abs(y - 1) < 2 and notna(k)"
        )

    def test_the_codebook_of_a_study_describes_a_file_with_other_names(self) -> None:
        raw = sv.Responses(pd.DataFrame({"Q_1": [1, 9], "id": ["a", "b"], "met": [1, 1]}), book())
        done = raw.rename({"Q_1": "q1"}).recode_missing()
        assert done.missing["q1"].tolist() == [0, 4]

    def test_ranges_that_the_file_declares_follow(self) -> None:
        known = sv.Codebook(extra={"declared_missing": {"a": ((9, 9),)}}).update(Variable("a"))
        done = sv.Responses(pd.DataFrame({"a": [1, 9], "b": [1, 2]}), known).rename({"a": "b", "b": "a"})
        assert dict(done.codebook.extra["declared_missing"]) == {"b": ((9, 9),)}
        assert dict(done.select("a").codebook.extra["declared_missing"]) == {}

    @pytest.mark.parametrize(
        ("names", "words"),
        [
            ({"q1": "met"}, "same name"),
            ({"q1": "x", "q 2": "x"}, "same name"),
            ({"q1": "_step"}, "same name"),
            ({"Q1": "x"}, "does not exist"),
            ({"q1": " "}, "must be a text"),
            ({"q1": 3}, "must be a text"),
            ({}, "needs old names"),
        ],
    )
    def test_a_name_that_cannot_be_is_refused(self, names: dict[str, Any], words: str) -> None:
        with pytest.raises(CleaningError, match=words):
            responses().rename(names)

    def test_a_column_with_two_variables_is_refused(self) -> None:
        both = sv.Responses(pd.DataFrame({"a": [1]}), sv.Codebook().update(Variable("a"), Variable("b")))
        with pytest.raises(CleaningError, match="describes the old name and the new one"):
            both.rename({"a": "b"})

    def test_a_column_called_by_a_number_is_renamed_and_replayed(self, tmp_path: Path) -> None:
        done = sv.Responses(pd.DataFrame({0: [1, 2], "b": [1, 2]})).rename({0: "a"})  # type: ignore[dict-item]
        assert list(done.data.columns) == ["a", "b"]
        again = sv.replay(done.save_log(tmp_path / "log.json"), sv.Responses(pd.DataFrame({0: [1, 2], "b": [1, 2]})))
        assert list(again.data.columns) == ["a", "b"]


class TestSelect:
    def test_columns_come_in_the_order_given_and_leave_everywhere(self) -> None:
        done = responses().select(["w", "id", "met"])
        assert list(done.data.columns) == ["w", "id", "met"]
        assert list(done.rejected.columns) == ["id", "met", "w", "_reason", "_step"]
        assert list(done.codebook.variables) == ["id", "met", "w"] and not done.codebook.sets
        assert list(done.missing.columns) == []
        assert done.data.equals(responses().select(without=["q1", "q 2", "c1", "c2"]).data[["w", "id", "met"]])

    def test_what_the_others_need_is_told(self) -> None:
        with pytest.warns(SurveyWarning) as caught:
            done = responses().select(without=["met", "q1", "c1", "w"])
        told = str(caught[0].message)
        for part in (
            "met is left out, which says who was asked: q 2, c2",
            "q1 is left out, which says who was asked: q 2",
            "select-all question c is no longer one, without c1",
            "a score of d would lack q1",
            "the design needs what is left out: w (weight)",
        ):
            assert part in told and part in done.log["what"].iloc[-1]
        assert done.codebook.sets == {}

    def test_nothing_is_told_where_nothing_is_needed(self) -> None:
        done = responses().select(without=["q 2", "q1"])
        assert "who was asked" not in done.log["what"].iloc[-1] and "c" in done.codebook.sets

    @pytest.mark.parametrize("how", [{}, {"columns": "id", "without": "w"}, {"columns": []}, {"columns": ["id", "id"]}])
    def test_what_says_nothing_is_refused(self, how: dict[str, Any]) -> None:
        with pytest.raises(CleaningError):
            responses().select(**how)

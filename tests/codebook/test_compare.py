"""Two codebooks: every difference is told once, and a contradiction is never settled without a word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from survey.codebook import Codebook, MultipleSet, Variable
from survey.errors import CodebookError

RAW = Path(__file__).parents[2] / "data" / "raw"
Q = Variable(
    "q",
    "ordinal",
    {"vi": "Hài lòng?", "en": "Satisfied?"},
    {1: {"vi": "Không", "en": "No"}, 2: {"vi": "Có", "en": "Yes"}},
    {-98: "dont_know"},
    {-98: {"en": "Don't know"}},
    1,
    "overall",
    True,
    "used == 1",
)


def book(*variables: Variable, **others: Any) -> Codebook:
    return Codebook({v.name: v for v in variables}, **others)


class TestDiff:
    @pytest.mark.parametrize(
        ("changed", "row"),
        [
            ({"text": {"vi": "Lòng?", "en": "Satisfied?"}}, ("q", "wording (vi)", "Hài lòng?", "Lòng?")),
            ({"text": {"vi": "Hài lòng?"}}, ("q", "wording (en)", "Satisfied?", "")),
            ({"labels": dict(reversed(Q.labels.items()))}, ("q", "order of the scale", "1, 2", "2, 1")),
            ({"labels": {1: Q.labels[1]}}, ("q", "codes", "1, 2", "1")),
            ({"labels": {"1": Q.labels[1], "2": Q.labels[2]}}, ("q", "codes", "1, 2", "'1', '2'")),
            ({"labels": {**Q.labels, 2: {"vi": "Có", "en": "Yeah"}}}, ("q", "label of 2 (en)", "Yes", "Yeah")),
            ({"missing": {-98: "refused"}}, ("q", "missing code -98", "dont_know", "refused")),
            ({"missing_labels": {-98: {"en": "DK"}}}, ("q", "label of missing code -98 (en)", "Don't know", "DK")),
            ({"direction": -1}, ("q", "direction", "1", "-1")),
            ({"dimension": "trust"}, ("q", "dimension", "overall", "trust")),
            ({"base": ""}, ("q", "base", "used == 1", "")),
            ({"role": "frame"}, ("q", "role", "item", "frame")),
            ({"type": "nominal"}, ("q", "type", "ordinal", "nominal")),
            ({"scored": False}, ("q", "scored", "yes", "no")),
            ({"limits": (0.0, 9.0)}, ("q", "limits", "", "0 to 9")),
            ({"dont_know": "answer"}, ("q", "dont_know", "exclude", "answer")),
            ({"unit": "m"}, ("q", "unit", "", "m")),
            ({"required": True}, ("q", "required", "no", "yes")),
            ({"element": "x"}, ("q", "element", "", "x")),
            ({"note": "x"}, ("q", "note", "", "x")),
        ],
    )
    def test_each_thing_that_can_differ(self, changed: dict[str, Any], row: tuple[str, ...]) -> None:
        found = book(Q).diff(book(replace(Q, **changed)))
        assert found.rows == (row,) and found and len(found) == 1

    def test_variables_added_and_removed(self) -> None:
        found = book(Q, Variable("a")).diff(book(Q, Variable("b", text={"en": "B?"})))
        assert found.rows == (("a", "removed", "a", ""), ("b", "added", "", "B?"))

    def test_what_belongs_to_the_whole_codebook(self) -> None:
        a = book(Q, Variable("r"), title={"en": "A"}, dimensions={"d": {"en": "D"}})
        b = book(Variable("r"), Q, title={"en": "B"}, simulated=True, sets={"s": MultipleSet("s", ("q", "r"))})
        whats = [r[1] for r in a.diff(b).rows]
        assert whats == ["title (en)", "simulated", "dimension d (en)", "order of the variables", "set of answers"]

    def test_the_same_is_no_difference_wherever_it_came_from(self) -> None:
        found = book(Q, source="a").diff(book(Q, source="b"))
        assert not found and found.table.empty and list(found.table.columns) == ["variable", "what", "ours", "theirs"]
        assert found.to_text() == "The codebooks are the same." and "như nhau" in found.to_text("vi")

    def test_words_of_the_codebook_are_no_html(self) -> None:
        page = book(Q).diff(book(replace(Q, text={"en": "<b>&"})))._repr_html_()
        assert "&lt;b&gt;&amp;" in page and "<b>" not in page

    def test_it_can_be_read(self) -> None:
        assert book(Q).diff(book(replace(Q, base="", direction=0))).to_text() == (
            "2 differences, in 1 variables\nq\n  direction: 1 → 0\n  base: used == 1 → –"
        )


class TestMerge:
    def test_each_fills_in_what_the_other_leaves_out(self) -> None:
        spss = book(Variable("q", "nominal", {"en": "Satisfied?"}, {1: {"en": "No"}, 2: {"en": "Yes"}}))
        toml = book(replace(Q, type="nominal", text={"vi": "Hài lòng?"}, labels={1: {"vi": "Không"}, 2: {"vi": "Có"}}))
        merged = spss.merge(toml)
        assert merged["q"] == replace(Q, type="nominal")
        assert toml.merge(spss) == merged

    def test_variables_of_both_in_order(self) -> None:
        merged = book(Variable("a"), Variable("b")).merge(book(Variable("c"), Variable("a")))
        assert list(merged.variables) == ["a", "b", "c"]

    def test_every_contradiction_is_in_one_error(self) -> None:
        other = replace(
            Q,
            text={"vi": "Khác"},
            direction=-1,
            missing={-98: "refused"},
            base="used == 2",
            labels=dict(reversed(Q.labels.items())),
        )
        with pytest.raises(CodebookError) as caught:
            book(Q, source="ours.sav").merge(book(other, source="theirs.toml"))
        told = str(caught.value)
        for part in (
            "ours.sav and theirs.toml",
            "q, wording (vi)",
            "q, direction",
            "missing code -98",
            "q, base",
            "order of the scale",
        ):
            assert part in told

    def test_who_is_preferred_wins_and_the_rest_is_kept(self) -> None:
        other = replace(Q, text={"vi": "Khác", "fr": "Satisfait?"}, direction=-1)
        for prefer, vi, direction in (("self", "Hài lòng?", 1), ("other", "Khác", -1)):
            merged = book(Q).merge(book(other), prefer=prefer)["q"]
            assert (merged.text["vi"], merged.direction) == (vi, direction)
            assert (merged.text["en"], merged.text["fr"]) == ("Satisfied?", "Satisfait?")

    def test_the_preferred_order_of_a_scale(self) -> None:
        other = replace(Q, labels=dict(reversed(Q.labels.items())))
        assert book(Q).merge(book(other), prefer="other")["q"].codes == (2, 1)
        assert book(Q).merge(book(other), prefer="self")["q"].codes == (1, 2)

    def test_a_label_of_a_code_whose_kind_the_other_knows_becomes_the_label_of_a_missing_code(self) -> None:
        spss = book(Variable("q", "ordinal", labels={1: {"en": "No"}, -98: {"vi": "Không biết"}}))
        merged = spss.merge(book(Q))["q"]
        assert merged.codes == (1, 2) and dict(merged.missing) == {-98: "dont_know"}
        assert dict(merged.missing_labels[-98]) == {"vi": "Không biết", "en": "Don't know"}

    def test_a_codebook_merged_with_itself_is_itself(self) -> None:
        whole = Codebook.from_toml(RAW / "codebook.toml")
        assert whole.merge(whole) == whole

    def test_what_the_shipped_spss_files_say_agrees_with_the_codebook(self) -> None:
        """The business form addresses a business, so only the residents' file says the same words."""
        import survey as sv

        whole = Codebook.from_toml(RAW / "codebook.toml")
        spss = sv.read(RAW / "residents_2023.sav").codebook
        merged = whole.merge(spss, prefer="self")
        assert merged.diff(replace(whole, dimensions=merged.dimensions)).rows == ()

    def test_nobody_else_can_be_preferred(self) -> None:
        with pytest.raises(CodebookError, match="unknown value of prefer"):
            book(Q).merge(book(Q), prefer="newest")

"""Fields of variables change in one call, with the checks of a TOML file."""

from __future__ import annotations

import pytest

from survey.codebook import Codebook, Variable
from survey.errors import CodebookError


@pytest.fixture
def book() -> Codebook:
    q2 = Variable("q2", missing={9: "refused"}, missing_labels={9: {"en": "Refused"}}, note="as it was")
    return Codebook({"q1": Variable("q1", type="nominal"), "q2": q2, "người": Variable("người")})


def test_fields_of_several_variables_in_one_call(book: Codebook) -> None:
    new = book.update(["q1", "q2"], type="ordinal", labels={1: "No", 2: {"vi": "Có", "en": "Yes"}}, direction=1)
    for name in ("q1", "q2"):
        assert (new[name].type, new[name].codes, new[name].direction) == ("ordinal", (1, 2), 1)
        assert dict(new[name].labels[2]) == {"vi": "Có", "en": "Yes"} and new[name].label(1) == "No"
    assert dict(new["q2"].missing) == {9: "refused"} and new["q2"].note == "as it was"
    assert book["q1"].codes == () and list(new.variables) == list(book.variables)


def test_missing_codes_text_codes_and_labels_by_language(book: Codebook) -> None:
    new = book.update(
        "q1", missing={99: "dont_know", "R": {"kind": "refused", "vi": "Từ chối"}}, labels={"1": "a", "01": "b"}
    )
    assert dict(new["q1"].missing) == {99: "dont_know", "R": "refused"} and new["q1"].codes == ("1", "01")
    assert new["q1"].missing_labels["R"]["vi"] == "Từ chối"
    assert book.update("q1", labels={"vi": {1: "Không"}, "en": {1: "No"}})["q1"].labels[1] == {
        "vi": "Không",
        "en": "No",
    }
    assert book.update("q2", missing={})["q2"].missing == {} == book.update("q2", missing={})["q2"].missing_labels


def test_whole_variables_still_replace(book: Codebook) -> None:
    new = book.update(Variable("q1", unit="minutes"), Variable("q3"))
    assert new["q1"].unit == "minutes" and "q3" in new


def test_a_name_in_the_other_unicode_form(book: Codebook) -> None:
    assert book.update("ngu\u031bo\u031b\u0300i", unit="people")["người"].unit == "people"


@pytest.mark.parametrize(
    ("names", "fields", "said"),
    [
        ("q11", {"type": "ordinal"}, "did you mean"),
        ("q1", {"tpye": "ordinal"}, "did you mean type"),
        ("q1", {"type": "ordnal"}, "unknown type"),
        ("q1", {"direction": 3}, "unknown direction"),
        ("q1", {"missing": {99: "unknown"}}, "kind of a missing code"),
        ("q1", {"labels": {1: "a"}, "missing": {1: "refused"}}, "both an answer and missing"),
        ("q1", {"text": 3}, "Expected a text"),
        ("q1", {}, "nothing to change"),
        ([], {"type": "ordinal"}, "need the names"),
    ],
)
def test_slips_are_codebook_errors(book: Codebook, names: object, fields: dict[str, object], said: str) -> None:
    with pytest.raises(CodebookError, match=said):
        book.update(names, **fields)  # type: ignore[arg-type]

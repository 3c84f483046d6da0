"""Values that a condition names and nobody has: said beside the result, and why a domain is empty."""

from __future__ import annotations

from unicodedata import normalize

import pandas as pd
import pytest

import survey as sv


def data(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"g": ["nữ", "nam"] * 8, "q": [1, 2, 3, 4] * 4, "age": range(20, 36), "y": range(16), **columns}
    )


def sample(frame: pd.DataFrame | None = None, book: sv.Codebook | None = None) -> sv.Sample:
    frame = data() if frame is None else frame
    return sv.Sample(frame if book is None else sv.Responses(frame, book), weights=None)


def told(result: sv.Estimates) -> list[str]:
    return [note for note in result.notes if note.startswith("condition:")]


def coded() -> sv.Codebook:
    scale = sv.Variable("q", type="ordinal", labels={i: {"en": str(i)} for i in range(1, 6)}, missing={99: "dont_know"})
    return sv.Codebook(
        {"q": scale, "g": sv.Variable("g", type="nominal", labels={"nam": {"en": "Male"}, "nữ": {"en": "Female"}})}
    )


@pytest.mark.parametrize("kind", [object, "str", "category", "string[pyarrow]"])
def test_a_slip_beside_a_value_that_holds_is_noted(kind: object) -> None:
    found = sample(data().astype({"g": kind})).mean("y", where="g in ['nu', 'nam']")
    assert told(found) == ["condition: nobody has g = 'nu'; did you mean 'nữ'?"]
    assert found.table["n"].tolist() == [8]


def test_a_slip_that_leaves_nobody_is_in_the_error() -> None:
    for verb in (lambda s, w: s.mean("y", where=w), lambda s, w: s.linear("y ~ q", where=w)):
        with pytest.raises(sv.EstimationError, match="The domain is empty") as failed:
            verb(sample(), "g == 'nữ '")
        assert (failed.value.got, failed.value.fix) == ("nobody has g = 'nữ '", "did you mean 'nữ'?")


def test_the_note_is_in_both_languages_and_on_every_kind_of_result() -> None:
    s, where = sample(), "g in ['nu', 'nam']"
    for found in (
        s.total("y", where=where),
        s.proportion("q", levels=[1], where=where),
        s.distribution("q", where=where),
        s.quantile("y", where=where),
        s.correlation(["y", "q"], where=where),
        s.linear("y ~ q", where=where),
    ):
        (note,) = [n for n in found.notes if n.startswith("condition:")]
        assert note.in_language("vi") == "điều kiện: không ai có g = 'nu'; có phải ý bạn là 'nữ'?"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "where",
    [
        "age > 40 or g == 'nam'",
        "age >= 18 and g == 'nam'",
        "18 <= age <= 99",
        "q != 99",
        "q not in [98, 99]",
        "not q == 99",
        "g != 'other'",
        f"g == {normalize('NFD', 'nữ')!r}",
        "g == 'nam'",
        "q in [1, 2.0]",
    ],
)
def test_what_is_no_slip_is_not_noted(where: str) -> None:
    assert told(sample().mean("y", where=where)) == []


def test_a_slip_under_not_is_noted() -> None:
    assert told(sample().mean("y", where="g != 'nu'")) == ["condition: nobody has g = 'nu'; did you mean 'nữ'?"]
    assert told(sample().mean("y", where="not g == 'nu'")) == ["condition: nobody has g = 'nu'; did you mean 'nữ'?"]


def test_a_number_nobody_has_is_noted_without_a_guess() -> None:
    assert told(sample().mean("y", where="q in [1, 7]")) == ["condition: nobody has q = 7"]
    assert told(sample().mean("y", where="q in [1, -7]")) == ["condition: nobody has q = -7"]


def test_a_code_that_nobody_chose_is_no_slip() -> None:
    s = sample(book=coded())
    assert told(s.mean("y", where="q in [4, 5]")) == ["condition: nobody gave the answer 5 to q"]
    with pytest.raises(sv.EstimationError) as failed:
        s.mean("y", where="q == 5")
    assert (failed.value.got, failed.value.fix) == ("nobody gave the answer 5 to q", "check the condition")


def test_a_label_is_told_its_code() -> None:
    assert told(sample(book=coded()).mean("y", where="g in ['Female', 'nam']")) == [
        "condition: nobody has g = 'Female'; did you mean 'nữ'?"
    ]


def test_no_one_else_is_named() -> None:
    """A column of names: what a person is called is no suggestion, whether the codebook knows it or not."""
    names = data(name=["Nguyễn Văn An", "Trần Thị Bé"] * 8)
    private = sv.Codebook({"name": sv.Variable("name", type="text", role="personal")})
    for s in (sample(names), sample(names, private)):
        found = s.mean("y", where="name == 'Nguyen Van An' or q == 1")
        assert told(found) == ["condition: nobody has name = 'Nguyen Van An'"]

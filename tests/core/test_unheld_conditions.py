"""Conditions of cleaning, of bases and of treatment name values that nobody has, as those of results do."""

from __future__ import annotations

import pandas as pd
import pytest

import survey as sv
from survey.responses import Responses

SCALE = sv.Variable("q", type="ordinal", labels={i: {"vi": str(i), "en": str(i)} for i in range(1, 6)})


def responses(**bases: str) -> Responses:
    frame = pd.DataFrame({"q": [1, 2, 3, 4] * 5, "g": ["nữ", "nam"] * 10, "a": [1, 0, None, None] * 5})
    book = sv.Codebook().update(SCALE, sv.Variable("g", type="text"))
    return Responses(frame, book.update(*(sv.Variable(n, base=b) for n, b in bases.items())))


def last(done: Responses) -> str:
    return done.entries[-1].what


def test_rows_dropped_by_a_value_that_nobody_has() -> None:
    done = responses().drop(where="q == 9", reason="no answer")
    assert len(done.data) == 20 and last(done) == "q == 9; nobody has q = 9"
    assert last(responses().drop(where="g == 'nu'", reason="x")) == "g == 'nu'; nobody has g = 'nu', did you mean 'nữ'?"
    assert last(responses().drop(where="q == 5", reason="x")) == "q == 5; nobody gave the answer 5 to q"
    assert last(responses().drop(where="q == 4", reason="x")) == "q == 4"
    assert last(responses().drop(where=lambda d: d["q"] == 9, reason="x")) == "rows picked one by one"


def test_a_column_derived_from_a_value_that_nobody_has() -> None:
    done = responses().derive("silent", "q == 9 or g == 'nam'")
    assert last(done) == "silent = q == 9 or g == 'nam'; nobody has q = 9"
    assert last(responses().derive("double", "2 * q")) == "double = 2 * q"


def test_bases_that_ask_for_a_value_that_nobody_has() -> None:
    told = [b for b in responses(a="q == 9").check().broken if "nobody has (q = 9)" in b.message]
    assert [(b.rule, b.variable, b.severity) for b in told] == [("routing", "a", "warning")]
    assert "q == 9" in told[0].message and "không ai có (q = 9)" in told[0].vi
    assert not [b for b in responses(a="q == 5").check().broken if "nobody" in b.message]  # an answer nobody gave
    assert not [b for b in responses(a="q == 1").check().broken if "nobody" in b.message]
    frame = responses().data.assign(b=responses().data["a"])
    declared = Responses(frame, responses().codebook).declare_select_all("s", ["a", "b"], base="q in [1, 2, 3, 4, 9]")
    assert last(declared).endswith("; nobody has q = 9")


def test_a_treatment_that_names_a_value_that_nobody_has() -> None:
    frame = pd.DataFrame({"y": range(24), "ward": list("abcdef") * 4, "wave": [1] * 12 + [2] * 12})
    sample = sv.Sample(frame, weights=None)
    found = sample.effect("y", treated="ward in ['a', 'b', 'z']", period="wave", unit="ward")
    assert [n for n in found.notes if n.startswith("condition")] == ["condition: nobody has ward = 'z'"]
    plain = sample.effect("y", treated="ward in ['a', 'b']", period="wave", unit="ward")
    assert not [n for n in plain.notes if n.startswith("condition")]
    with pytest.raises(sv.EstimationError, match="nothing to compare") as refused:
        sample.effect("y", treated="ward == 'A '", period="wave", unit="ward")
    assert "nobody has ward = 'A '" in str(refused.value.got)


def test_the_display_of_the_log_says_it(tmp_path: object) -> None:
    path = f"{tmp_path}/a.csv"
    responses().data.to_csv(path, index=False)
    done = sv.read(path).drop(where="q == 9", reason="x")
    assert "nobody has q = 9" in done.to_text()

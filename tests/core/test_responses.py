"""Responses: nothing is lost, nothing is changed behind one's back, everything is written down."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from survey.base.files import sha256
from survey.base.language import language
from survey.codebook import Codebook, Variable
from survey.core.log import KIND_CODES, plain_arguments
from survey.errors import CleaningError
from survey.io import read
from survey.responses import Responses

BOOK = Codebook.from_dict(
    {
        "missing": {"-98": "dont_know", "-99": "refused"},
        "scales": {"S5": {"type": "ordinal", "labels": {str(c): {"en": f"l{c}"} for c in range(1, 6)}}},
        "variables": {
            "id": {"type": "id", "role": "id", "missing": False},
            "kind": {"type": "nominal", "labels": {"người dân": "resident", "doanh nghiệp": "business"}},
            "a": {"scale": "S5", "direction": 1, "dimension": "d", "scored": True},
            "b": {"scale": "S5", "direction": -1, "dimension": "d", "scored": True, "base": "kind == 'người dân'"},
            "year": {"type": "number", "limits": [1900, 2010]},
        },
    }
)
ANSWER = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, -98.0, -99.0, float("nan")])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["người dân", "doanh nghiệp", None]), ANSWER, ANSWER, st.sampled_from([1950.0, 1999.0, -98.0])
    ),
    max_size=12,
)


def cleaned(responses: Responses) -> Responses:
    return (
        responses.recode_missing()
        .drop(where="year > 1990", reason="too young")
        .derive("age", "2024 - year")
        .band("age", [0, 70, 80, 130], into="age_group")
        .recode("kind", {"doanh nghiệp": "người dân"}, reason="merged")
        .reverse()
        .score("d", min_answered=0.5)
        .collapse_copies(ignore="id")
        .drop(where="d < 30", reason="for the test")
    )


def of(rows: list[tuple[object, ...]]) -> Responses:
    data = pd.DataFrame(rows, columns=["kind", "a", "b", "year"]).astype(
        {"kind": "str", "a": float, "b": float, "year": float}
    )
    data.insert(0, "id", pd.Series([f"R{i}" for i in range(len(rows))], dtype="str"))
    return Responses(data, BOOK)


@settings(max_examples=examples(40), deadline=None)
@given(ROWS)
def test_every_row_is_in_data_or_in_rejected_and_never_in_both(rows: list[tuple[object, ...]]) -> None:
    raw = of(rows)
    clean = cleaned(raw)
    assert sorted([*clean.data.index, *clean.rejected.index]) == list(range(len(rows)))
    kept = pd.concat([clean.data, clean.rejected]).sort_index()
    assert kept["id"].tolist() == raw.data["id"].tolist()
    if len(clean.rejected):
        assert clean.rejected["_reason"].str.strip().ne("").all()
        assert clean.rejected["_step"].between(1, len(clean.entries)).all()
    assert clean.data["copies"].sum() + (
        clean.rejected.get("_reason", pd.Series(dtype=str)) == "too young"
    ).sum() <= len(rows)
    assert clean.missing.index.equals(clean.data.index)


@settings(max_examples=examples(40), deadline=None)
@given(ROWS)
def test_verbs_leave_the_original_as_it_was(rows: list[tuple[object, ...]]) -> None:
    raw = of(rows)
    before = raw.data.copy(deep=True)
    cleaned(raw)
    pd.testing.assert_frame_equal(raw.data, before)
    assert raw.entries == () and raw.codebook is BOOK and len(raw.rejected) == 0


def test_every_verb_leaves_one_line_that_json_can_hold() -> None:
    clean = cleaned(of([("người dân", 5.0, 1.0, 1950.0), (None, -98.0, 2.0, 1999.0)]))
    verbs = [e.verb for e in clean.entries]
    assert verbs == [
        "recode_missing",
        "drop",
        "derive",
        "band",
        "recode",
        "reverse",
        "score",
        "collapse_copies",
        "drop",
    ]
    for entry in clean.entries:
        assert json.loads(json.dumps(dict(entry.arguments), allow_nan=False)) == dict(entry.arguments)
    assert clean.log["rows_after"].tolist()[:-1] == clean.log["rows_before"].tolist()[1:]
    assert clean.log.index.name == "step"


def test_a_log_holds_all_that_is_needed_to_do_it_again() -> None:
    raw = of([("người dân", 5.0, 1.0, 1950.0), ("doanh nghiệp", 4.0, -98.0, 1960.0), (None, -98.0, 2.0, 1999.0)])
    clean = cleaned(raw)
    again = raw
    for entry in clean.entries:
        arguments = dict(json.loads(json.dumps(dict(entry.arguments))))
        again = getattr(again, entry.verb)(**arguments)
    pd.testing.assert_frame_equal(again.data, clean.data)
    pd.testing.assert_frame_equal(again.rejected, clean.rejected)
    assert again.codebook == clean.codebook


def test_columns_never_make_a_frame_of_many_pieces() -> None:
    # pandas warns of a frame in more than a hundred pieces, and warnings are errors here
    wide = Responses(
        pd.DataFrame({f"q{i}": [1.0, -9.0] for i in range(150)}),
        Codebook().update(*(Variable(f"q{i}", missing={-9: "refused"}) for i in range(150))),
    ).recode_missing()
    for i in range(120):
        wide = wide.derive(f"d{i}", f"q{i} + 1")
    frame = wide.data.copy(deep=False)
    frame["more"] = 1
    assert frame.shape == (2, 271)


def test_composed_and_decomposed_vietnamese_give_equal_results(tmp_path: Path) -> None:
    text = "id,kind,a,b,year\nR1,người dân,5,1,1950\nR2,doanh nghiệp,4,,1960\nR3,người dân,-98,2,1970\n"
    results = []
    for form in ("NFC", "NFD"):
        path = tmp_path / f"{form}.csv"
        path.write_text(unicodedata.normalize(form, text), encoding="utf-8")
        results.append(cleaned(read(path, BOOK)))
    assert (tmp_path / "NFC.csv").read_bytes() != (tmp_path / "NFD.csv").read_bytes()
    pd.testing.assert_frame_equal(results[0].data, results[1].data)
    pd.testing.assert_frame_equal(results[0].missing, results[1].missing)
    assert results[1].missing["b"].tolist()[1] == KIND_CODES["not_asked"]


def test_the_raw_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "raw.csv"
    path.write_text("id,kind,a,b,year\nR1,người dân,5,1,1950\n", encoding="utf-8")
    before = sha256(path)
    clean = cleaned(read(path, BOOK))
    assert sha256(path) == before == clean.sources[0].sha256
    assert sorted(p.name for p in tmp_path.iterdir()) == ["raw.csv"]


def test_columns_of_nothing_and_of_one_category() -> None:
    clean = cleaned(of([("người dân", np.nan, np.nan, 1950.0)] * 3))
    assert len(clean) == 1 and clean.data["d"].isna().all()
    assert cleaned(of([])).data.shape[0] == 0


def test_rows_and_columns_can_be_told_apart() -> None:
    with pytest.raises(CleaningError, match="Two rows"):
        Responses(pd.DataFrame({"a": [1, 2]}, index=[0, 0]))
    with pytest.raises(CleaningError, match="Two columns"):
        Responses(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_arguments_are_plain() -> None:
    plain = plain_arguments(a=np.int64(3), b=np.array([1.5, np.inf]), c={1: None}, d=pd.Index([1, 2]), e=("x",), f=None)
    assert dict(plain) == {"a": 3, "b": [1.5, "inf"], "c": [[1, None]], "d": [1, 2], "e": ["x"], "f": None}


def test_responses_show_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "<raw>.csv"
    path.write_text("id,kind,a,b,year\nR1,người dân,5,1,1950\n", encoding="utf-8")
    html = read(path, BOOK).recode_missing()._repr_html_()
    assert "1 row, 5 columns, 0 rows rejected" in html
    assert "&lt;raw&gt;" in html and "<raw>" not in html
    assert "recode_missing" in html
    text = read(path, BOOK).drop(where="a == 5", reason="for the test").to_text()
    assert "  2. drop: a == 5 -> 0 rows (for the test)" in text.splitlines()


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_data_say_so(simulated: bool) -> None:
    responses = Responses(pd.DataFrame({"a": [1]}), Codebook(simulated=simulated))
    for lang, says in (("vi", "dữ liệu mô phỏng"), ("en", "simulated data")):
        with language(lang):
            assert (f"<p>{says}</p>" in responses._repr_html_()) is simulated

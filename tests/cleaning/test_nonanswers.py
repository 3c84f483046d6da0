"""Non-answers are shown before they are declared, emptied in one step, and told by checks and on reading."""

from __future__ import annotations

import re
import unicodedata
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import survey as sv
from survey.codebook import Codebook, Variable, same_text
from survey.core.log import KIND_CODES
from survey.errors import CleaningError, UndeclaredWarning
from survey.responses import Responses

LIB = {1: "Very dissatisfied", 2: "Dissatisfied", 3: "Neither", 4: "Satisfied", 5: "Very satisfied"}
ALL = {**LIB, 8: "Don't know", 9: "Refused"}
SAT = {1: "Muy insatisfecho", 2: "Poco satisfecho", 3: "Algo satisfecho", 4: "Satisfecho", 5: "Muy satisfecho"}


def labelled(name: str, labels: dict[Any, str], kind: str = "ordinal") -> Variable:
    return Variable(name, kind, labels={code: same_text(text) for code, text in labels.items()})


@pytest.fixture
def answers() -> Responses:
    frame = pd.DataFrame(
        {
            "lib": [1.0, 2, 3, 4, 5, 8, 8, 9, 4, np.nan],
            "sat": [1.0, 2, 3, 4, 5, 6, 6, 4, 4, 4],
            "gov": [1.0, 2, 3, 4, 5, 6, 7, 8, 10, 99],
            "age": [18.0, 25, 30, 35, 40, 45, 50, 55, 60, 99],
        }
    )
    book = Codebook().update(
        labelled("lib", ALL), labelled("sat", {**SAT, 6: "NS/NC"}), Variable("gov"), Variable("age")
    )
    return Responses(frame, book)


def real_file(folder: Path) -> Path:
    """The invented file of the issue: labelled don't-knows that nobody declared, and a 99 in an item of 1 to 10."""
    rng = np.random.default_rng(1)
    n = 300
    frame = pd.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "sat": rng.choice([1, 2, 3, 4, 5, 6], n, p=[0.05, 0.1, 0.2, 0.3, 0.25, 0.1]).astype(float),
            "lib": rng.choice([1, 2, 3, 4, 5, 8, 9], n, p=[0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05]).astype(float),
            "gov": np.r_[rng.integers(1, 11, n - 6), [99] * 6].astype(float),
            "pw": rng.uniform(0.5, 2, n),
        }
    )
    path = folder / "real.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        variable_value_labels={"sat": {**SAT, 6: "NS/NC"}, "lib": ALL},
        variable_measure={"sat": "scale", "lib": "ordinal", "gov": "scale"},
    )
    return path


def test_nothing_is_done_before_apply(answers: Responses) -> None:
    before = answers.data.copy()
    plan = answers.declare_missing()
    pd.testing.assert_frame_equal(answers.data, before)
    assert answers.entries == ()
    assert plan.table.to_numpy().tolist() == [
        ["lib", 8, "Don't know", "dont_know", 2, "label", True],
        ["lib", 9, "Refused", "refused", 1, "label", True],
        ["sat", 6, "NS/NC", "dont_know", 2, "label", True],
        ["gov", 99, "", "", 1, "apart", False],
    ]
    assert plan.codes == {"lib": {8: "dont_know", 9: "refused"}, "sat": {6: "dont_know"}}


def test_apply_empties_keeps_kinds_and_updates_the_codebook_in_one_step(answers: Responses) -> None:
    clean = answers.declare_missing().apply()
    np.testing.assert_array_equal(clean.data["lib"], [1, 2, 3, 4, 5, np.nan, np.nan, np.nan, 4, np.nan])
    dk, refused = KIND_CODES["dont_know"], KIND_CODES["refused"]
    assert clean.missing["lib"].tolist() == [0, 0, 0, 0, 0, dk, dk, refused, 0, 0]
    assert clean.codebook["lib"].codes == (1, 2, 3, 4, 5)
    assert clean.codebook["lib"].missing == {8: "dont_know", 9: "refused"}
    assert clean.codebook["lib"].missing_labels[9]["en"] == "Refused"
    np.testing.assert_array_equal(clean.data["gov"], answers.data["gov"])  # only the number looks so
    assert len(clean.entries) == 1
    entry = clean.entries[0]
    assert (entry.verb, entry.rows_touched, entry.answers_touched) == ("declare_missing", 3, 5)
    assert len(clean.declare_missing().apply().entries) == 1  # nothing is left to be done


def test_what_is_unsure_is_taken_on_request(answers: Responses) -> None:
    clean = answers.declare_missing(unsure="dont_know").apply()
    assert clean.codebook["gov"].missing == {99: "dont_know"}
    assert clean.codebook["sat"].missing == {6: "dont_know"}
    assert clean.codebook["lib"].missing == {8: "dont_know", 9: "refused"}  # what a label names stays
    assert clean.data["age"].tolist()[-1] == 99


def test_right_shares_come_of_the_file_in_one_line(tmp_path: Path) -> None:
    with pytest.warns(UndeclaredWarning, match=r"3 columns hold answers .*8 “Don't know” in 1 column"):
        raw = sv.read(real_file(tmp_path))
    sample = sv.Sample(raw.declare_missing(unsure="blank").apply(), weights="pw")
    # by hand in pandas: x = d.lib[~d.lib.isin([8, 9])]; w = d.pw[x.index]; (w * (x >= 4)).sum() / w.sum()
    for item, share, mean, n in (("lib", 61.19, 3.6275, 257), ("sat", 60.53, 3.6474, 272)):
        row = sample.proportion(item, levels=[4, 5]).table.iloc[0]
        assert round(100 * row["estimate"], 2) == share and row["n"] == n
        assert round(sample.mean(item).table["estimate"].iloc[0], 4) == mean
    gov = sample.mean("gov").table.iloc[0]
    assert (round(gov["estimate"], 4), gov["n"]) == (5.7353, 294)


def test_codes_are_named_for_columns_or_where_they_were_found(answers: Responses) -> None:
    assert answers.declare_missing({99: "refused"}).codes == {"gov": {99: "refused"}}  # and not the age of 99
    assert answers.declare_missing({99: "refused"}, columns=["gov", "age", "lib"]).codes == {
        "gov": {99: "refused"},
        "age": {99: "refused"},
    }
    assert answers.declare_missing({"lib": {3: "not_applicable"}}).codes == {"lib": {3: "not_applicable"}}
    with pytest.raises(CleaningError, match="No column holds 7"):
        answers.declare_missing({7: "dont_know"})


def test_labels_are_named_in_full_by_pattern_or_by_regular_expression(answers: Responses) -> None:
    assert answers.declare_missing(labels={"ns/nc": "dont_know"}).codes == {"sat": {6: "dont_know"}}
    assert answers.declare_missing(labels={"*know": "dont_know"}).codes == {"lib": {8: "dont_know"}}
    both = answers.declare_missing(labels={re.compile("^(NS|Ref)"): "refused"})
    assert both.codes == {"lib": {9: "refused"}, "sat": {6: "refused"}}
    assert answers.declare_missing(labels={"Neither": "dont_know"}).codes == {"lib": {3: "dont_know"}}
    with pytest.raises(CleaningError, match="No item has the label 'Dont know'") as caught:
        answers.declare_missing(labels={"Dont know": "dont_know"})
    assert "Don't know" in str(caught.value)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_vietnamese_is_found_and_named_in_both_unicode_forms(form: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        unicodedata.normalize(form, "q\n" + "Hài lòng\nKhông hài lòng\nKhông biết\nRất hài lòng\n" * 10),
        encoding="utf-8",
    )
    raw = sv.read(tmp_path / "a.csv")
    assert raw.declare_missing().codes == {"q": {"Không biết": "dont_know"}}
    named = raw.declare_missing(labels={unicodedata.normalize(form, "không biết"): "refused"})
    assert named.apply().missing["q"].tolist() == [0, 0, KIND_CODES["refused"], 0] * 10


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda r: r.declare_missing({9: "dont_know"}, columns="libb"), "did you mean 'lib'|no column 'libb'"),
        (lambda r: r.declare_missing({"libb": {9: "dont_know"}}), "no column 'libb'"),
        (lambda r: r.declare_missing({9: "unknown"}), "unknown kind of missing answer"),
        (lambda r: r.declare_missing(labels={"NS/NC": "dk"}), "unknown kind of missing answer"),
        (lambda r: r.declare_missing(unsure="perhaps"), "unknown kind of missing answer"),
        (lambda r: r.declare_missing({7: "dont_know"}, columns="lib"), "No row holds the code 7"),
        (lambda r: r.declare_missing({3: "dont_know"}, columns="lib"), "3 stands between the answers of 'lib'"),
        (lambda r: r.declare_missing({8: "dont_know"}, columns="gov"), "8 stands between the answers of 'gov'"),
        (lambda r: r.declare_missing({40: "dont_know"}, columns="age"), "40 stands between the answers of 'age'"),
        (lambda r: r.declare_missing(labels={9: "dont_know"}), "label is not a text"),
        (lambda r: r.declare_missing(3), "codes"),
    ],
)
def test_what_cannot_be_meant_is_refused(answers: Responses, call: Any, problem: str) -> None:
    with pytest.raises(CleaningError, match=problem):
        call(answers)


def test_text_in_which_only_numbers_are_left_becomes_numbers() -> None:
    frame = pd.DataFrame(
        {"q": ["8", "2", None, "10", "88", "7", "01"], "r": ["8", "2", None, "10", "không rõ", "7", "3"]}
    )
    book = Codebook().update(Variable("q", "text"), Variable("r", "text"))
    clean = Responses(frame, book).declare_missing({"q": {88: "dont_know"}, "r": {"không rõ": "dont_know"}}).apply()
    assert clean.data["q"].tolist()[-1] == "01"  # a zero would be lost
    np.testing.assert_array_equal(clean.data["r"], [8, 2, np.nan, 10, np.nan, 7, 3])
    assert clean.codebook["r"].type == "number"
    assert "now numbers: r" in clean.entries[-1].what


def test_numbers_stored_as_text_are_said_and_turned() -> None:
    frame = pd.DataFrame({"score": ["8", "2", None, "10", "88", "7"], "code": ["01", "02", "03", "04", "05", "06"]})
    book = Codebook().update(Variable("score", "text", missing={88: "dont_know"}), Variable("code", "text"))
    raw = Responses(frame, book)
    told = raw.check().table
    assert told.loc[told["rule"] == "type", "variable"].tolist() == ["score"]
    clean = raw.to_number("score")
    np.testing.assert_array_equal(clean.data["score"], [8, 2, np.nan, 10, np.nan, 7])
    assert clean.data["score"].mean() == 6.75  # (8 + 2 + 10 + 7) / 4
    assert clean.missing["score"].tolist() == [0, 0, 0, 0, KIND_CODES["dont_know"], 0]
    with pytest.raises(CleaningError, match="texts that are not numbers"):
        Responses(frame.assign(score=["8", "x", None, "1", "2", "3"]), book).to_number("score")
    other = Responses(frame.assign(score=["8", "x", None, "1", "2", "3"]), book).to_number("score", others="blank")
    assert other.missing["score"].tolist() == [0, KIND_CODES["blank"], 0, 0, 0, 0]


def test_a_check_warns_of_each_column_with_its_rows_and_the_call_that_mends_it(answers: Responses) -> None:
    report = answers.check()
    found = [b for b in report.broken if b.rule == "non-answers"]
    assert [(b.variable, b.severity, list(b.index)) for b in found] == [
        ("lib", "warning", [5, 6, 7]),
        ("sat", "warning", [5, 6]),
        ("gov", "warning", [9]),
    ]
    assert "8 “Don't know”, 9 “Refused”" in found[0].message
    assert "responses.declare_missing(columns='lib').apply()" in found[0].message
    mended = answers.declare_missing(columns="lib").apply().declare_missing(columns="gov", unsure="blank").apply()
    assert [b.variable for b in mended.check().broken if b.rule == "non-answers"] == ["sat"]
    assert "chưa khai báo" in found[0].vi


def test_reading_says_it_in_one_line_and_the_display_too(tmp_path: Path) -> None:
    path = real_file(tmp_path)
    with pytest.warns(UndeclaredWarning) as caught:
        raw = sv.read(path)
    assert len(caught) == 1
    assert "declare_missing()" in str(caught[0].message)
    for shown in (raw.to_text(), raw._repr_html_()):
        assert shown.count("declare_missing()") == 1
    clean = raw.declare_missing(unsure="blank").apply()
    assert "declare_missing()" not in clean.to_text()


def test_notes_on_reading_are_shown_first(tmp_path: Path) -> None:
    notes = tuple(f"remark {i}" for i in range(5))
    raw = Responses(pd.DataFrame({"a": [1]}), Codebook({"a": Variable("a")}, extra={"notes": notes}))
    assert "Remark 0." in raw.to_text() and "Remark 3" not in raw.to_text()
    assert "2 more notes on reading" in raw.to_text()
    assert (raw.check().table["rule"] == "reading").sum() == 5


def test_a_file_whose_missing_codes_are_declared_is_read_without_a_warning(tmp_path: Path) -> None:
    frame = pd.DataFrame({"lib": [1.0, 2, 3, 4, 5, 8, 9] * 10})
    path = tmp_path / "declared.sav"
    pyreadstat.write_sav(
        frame, str(path), variable_value_labels={"lib": ALL}, missing_ranges={"lib": [{"lo": 8, "hi": 9}]}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", UndeclaredWarning)
        assert len(sv.read(path).declare_missing()) == 0


def test_letters_of_stata_are_named_with_their_point() -> None:
    frame = pd.DataFrame({"q": pd.Series([1.0, 2.0, "a", 3.0, "b"], dtype=object)})
    raw = Responses(frame, Codebook().update(Variable("q")))
    assert raw.declare_missing().codes == {"q": {"a": "blank", "b": "blank"}}
    clean = raw.declare_missing({".a": "dont_know", ".b": "refused"}).apply()
    np.testing.assert_array_equal(clean.data["q"], [1, 2, np.nan, 3, np.nan])
    assert clean.missing["q"].tolist() == [0, 0, KIND_CODES["dont_know"], 0, KIND_CODES["refused"]]


def test_texts_of_people_are_not_shown() -> None:
    values = [*map(str, range(1, 41)), "Nguyễn Văn An, số 5 Hàng Bạc"]
    raw = Responses(pd.DataFrame({"q": values}), Codebook().update(Variable("q", "text")))
    plan = raw.declare_missing()
    assert len(plan) == 1 and not plan.codes
    for shown in (plan.to_text(), plan._repr_html_(), raw.to_text(), raw.check().to_text(), repr(plan)):
        assert "Hàng Bạc" not in shown


def test_a_plan_is_shown_short_however_many_items_there_are() -> None:
    frame = pd.DataFrame({f"q{i}": [1, 2, 3, 4, 5, 9] for i in range(100)})
    plan = Responses(frame, Codebook()).declare_missing()
    assert len(plan.table) == 100
    assert len(plan.to_text().splitlines()) <= 5
    assert "(100 in all)" in plan.to_text()
    assert "<table" in plan._repr_html_()
    assert "nothing to be declared" in Responses(pd.DataFrame({"a": [1, 2]}), Codebook()).declare_missing().to_text()


def test_the_log_does_it_again_whatever_the_lists_of_words_say_then(tmp_path: Path) -> None:
    clean = sv.read(real_file(tmp_path)).declare_missing(unsure="blank").apply()
    codes = {"sat": [[6, "dont_know"]], "lib": [[8, "dont_know"], [9, "refused"]], "gov": [[99, "blank"]]}
    assert clean.entries[-1].arguments == {"codes": codes}
    clean.save_log(tmp_path / "log.json")
    again = sv.replay(tmp_path / "log.json")
    pd.testing.assert_frame_equal(again.data, clean.data)
    pd.testing.assert_frame_equal(again.missing, clean.missing)
    assert again.codebook.variables == clean.codebook.variables


@pytest.mark.parametrize("dtype", ["float64", "Int64", "int64[pyarrow]", "object"])
def test_numbers_of_every_type_are_found_and_emptied(dtype: str) -> None:
    frame = pd.DataFrame({7: pd.Series([1, 2, 3, 4, 5, 9, None], dtype=object).astype(dtype)})  # a number for a name
    clean = Responses(frame, Codebook()).declare_missing(unsure="blank").apply()
    assert clean.data[7].isna().tolist() == [False] * 5 + [True] * 2
    assert clean.missing[7].tolist() == [0] * 5 + [KIND_CODES["blank"], 0]


def test_categories_no_longer_offer_what_is_declared_missing() -> None:
    frame = pd.DataFrame({"q": pd.Categorical(["a", "Don't know", "b", "a"], ["a", "b", "c", "Don't know"])})
    clean = Responses(frame, Codebook()).declare_missing().apply()
    assert list(clean.data["q"].cat.categories) == ["a", "b", "c"]
    assert clean.missing["q"].tolist() == [0, KIND_CODES["dont_know"], 0, 0]


def test_a_stata_file_read_with_a_codebook_that_knows_no_letters(tmp_path: Path) -> None:
    frame = pd.DataFrame({"q": pd.Series([1.0, 2.0, "a", 3.0, "b"] * 10, dtype=object)})
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(frame, str(path), missing_user_values={"q": ["a", "b"]})
    own = sv.read(path)
    assert own.codebook["q"].missing == {"a": "blank", "b": "blank"} and len(own.declare_missing()) == 0
    with pytest.warns(UndeclaredWarning, match=r"\.a in 1 column"):
        raw = sv.read(path, Codebook().update(labelled("q", {1: "low", 2: "middle", 3: "high"})))
    clean = raw.declare_missing().apply()
    assert clean.data["q"].dtype == float and clean.data["q"].isna().sum() == 20


def test_one_warning_for_many_columns_names_them_and_counts_the_rows_once() -> None:
    # by hand: rows 4 and 5 hold an 8 or a 9 in some column of six
    frame = pd.DataFrame({f"q{i}": [1, 2, 3, 4, 8, 9 if i > 2 else 1] for i in range(1, 7)})
    labels = {c: same_text(t) for c, t in ((1, "None"), (2, "Little"), (3, "Some"), (4, "Much"), (8, "Don't know"))}
    book = Codebook().update(*(Variable(n, "ordinal", labels=labels) for n in frame))
    report = Responses(frame, book).check()
    sure, unsure = [b for b in report.broken if b.rule == "non-answers"]
    assert (sure.variable, list(sure.index), unsure.variable, list(unsure.index)) == ("", [4], "", [5])
    assert sure.message == (
        "6 columns hold undeclared codes that read like missing answers: 8 “Don't know” in 6 columns; "
        "columns q1, q2, q3, q4, q5, q6; responses.declare_missing().apply()"
    )
    assert "9 in 4 columns; columns q3, q4, q5, q6; " in unsure.message
    assert "declare_missing(unsure='blank').apply()" in unsure.message
    assert "6 cột" in sure.vi
    few = Responses(frame[["q1", "q2"]], book.update()).check()
    assert [b.variable for b in few.broken if b.rule == "non-answers"] == ["q1", "q2"]  # one each


def test_one_warning_for_many_columns_of_digits() -> None:
    frame = pd.DataFrame({n: ["1", "2", "3"] for n in "abcd"})
    told = Responses(frame, Codebook().update(*(Variable(n, "text") for n in "abcd"))).check().table
    (message,) = told.loc[told["rule"] == "type", "message"]
    assert message == "4 columns hold numbers stored as text: responses.to_number(['a', 'b', 'c', 'd'])"


@pytest.mark.parametrize("text", ["7,5", "1.200,5", "1 200", "12%", "12,5 %", "1,200", "-3,5"])
def test_numbers_written_in_another_way_are_never_emptied_as_others(text: str) -> None:
    raw = Responses(pd.DataFrame({"q": ["1", "2", "don't know", text] * 5}))
    with pytest.raises(CleaningError, match="written in another way") as refused:
        raw.to_number("q", others="blank")
    assert "decimal" in str(refused.value.fix)
    plain = Responses(pd.DataFrame({"q": ["1", "2", "don't know", "n/a 3"] * 5})).to_number("q", others="blank")
    assert plain.data["q"].count() == 10


def test_a_comma_before_decimals_is_read_where_it_is_said() -> None:
    raw = Responses(pd.DataFrame({"score": ["7,5", "8", "ns", "9,25", "1.200"] * 6}))
    read = raw.to_number("score", others="dont_know", decimal=",")
    assert sv.Sample(read, weights=None).mean("score").table["estimate"].iloc[0] == (7.5 + 8 + 9.25 + 1200) / 4
    assert (read.missing["score"] == KIND_CODES["dont_know"]).sum() == 6
    assert read.entries[-1].arguments["decimal"] == ","
    with pytest.raises(CleaningError, match="written in another way"):
        Responses(pd.DataFrame({"q": ["7.5", "8,25"]})).to_number("q", others="blank", decimal=",")

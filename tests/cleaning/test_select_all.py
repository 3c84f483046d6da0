"""Declaring select-all questions: who was asked, what means chosen, and every shape that files have."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import MultipleSet, Variable
from survey.errors import CleaningError

NAN = np.nan


def made(data: dict[str, Any], **sets: MultipleSet) -> sv.Responses:
    return sv.Responses(pd.DataFrame(data), sv.Codebook(sets=sets))


def values(r: sv.Responses, name: str) -> list[list[float | None]]:
    """Rows of the question's columns; None for an empty cell."""
    columns = r.data[list(r.codebook.sets[name].variables)].to_numpy(float)
    return [[None if np.isnan(v) else float(v) for v in row] for row in columns]


# --- who was asked ----------------------------------------------------------------------------------------------------

TICKS = {"a": [1, NAN, NAN, 1], "b": [1, 1, NAN, NAN], "asked": [1, 1, 1, 1]}


def test_an_empty_cell_is_not_taken_for_a_no_by_itself() -> None:
    with pytest.raises(CleaningError, match="Who was asked is not known") as caught:
        made(TICKS).declare_select_all("q", ["a", "b"])
    assert 'base="everyone"' in str(caught.value.fix) and "3 of 4 rows" in str(caught.value.got)


def test_everyone() -> None:
    r = made(TICKS).declare_select_all("q", ["a", "b"], base="everyone")
    assert values(r, "q") == [[1, 1], [0, 1], [0, 0], [1, 0]]


def test_any_chosen() -> None:
    r = made(TICKS).declare_select_all("q", ["a", "b"], base="any chosen")
    assert values(r, "q") == [[1, 1], [0, 1], [None, None], [1, 0]]
    assert r.missing["a"].tolist() == [0, 0, sv.responses.KIND_CODES["blank"], 0]


def test_an_expression_says_who_was_asked() -> None:
    r = made({**TICKS, "asked": [1, 1, 0, 1]}).declare_select_all("q", ["a", "b"], base="asked == 1")
    assert values(r, "q") == [[1, 1], [0, 1], [None, None], [1, 0]]
    assert r.missing["b"].tolist() == [0, 0, sv.responses.KIND_CODES["not_asked"], 0]
    assert r.codebook["a"].base == "asked == 1" and not r.check().table.query("rule == 'routing'").shape[0]


def test_the_base_of_the_codebook_is_used() -> None:
    book = sv.Codebook().update(Variable("a", base="asked == 1"), Variable("b", base="asked == 1"))
    r = sv.Responses(pd.DataFrame({**TICKS, "asked": [1, 1, 0, 1]}), book).declare_select_all("q", ["a", "b"])
    assert r.codebook.sets["q"].base == "asked == 1" and values(r, "q")[2] == [None, None]


def test_who_was_not_asked_and_chose_is_an_error() -> None:
    with pytest.raises(CleaningError, match="people who were not asked") as caught:
        made({**TICKS, "asked": [0, 1, 1, 1]}).declare_select_all("q", ["a", "b"], base="asked == 1")
    assert "1 row: 0" in str(caught.value.where)


def test_a_number_is_no_base() -> None:
    with pytest.raises(CleaningError, match="not a condition"):
        made({**TICKS, "asked": [1, 2, 2, 1]}).declare_select_all("q", ["a", "b"], base="asked")


def test_an_open_routing_question_leaves_empty_cells_open() -> None:
    """Nobody knows whether the third was asked; the fourth was, as there is an answer."""
    r = made({**TICKS, "asked": [1, 1, NAN, NAN]}).declare_select_all("q", ["a", "b"], base="asked == 1")
    assert values(r, "q") == [[1, 1], [0, 1], [None, None], [1, 0]]


def test_a_file_that_writes_no_knows_who_answered() -> None:
    r = made({"a": [1, 0, NAN], "b": [0, 0, NAN]}).declare_select_all("q", ["a", "b"])
    assert values(r, "q") == [[1, 0], [0, 0], [None, None]]
    r = made({"a": [1, 0, NAN], "b": [0, 0, NAN]}).declare_select_all("q", ["a", "b"], base="everyone")
    assert values(r, "q")[2] == [None, None], "an empty row among rows of 0 and 1 is no answer, not a no"


def test_a_column_that_never_says_no_among_others_that_do() -> None:
    r = made({"a": [1, 0, NAN], "b": [1, NAN, NAN]}).declare_select_all("q", ["a", "b"])
    assert values(r, "q") == [[1, 1], [0, 0], [None, None]]


# --- what means chosen ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        (1, 0),
        ("1", "0"),
        (True, False),
        ("Yes", "No"),
        ("Có", "Không"),
        (normalize("NFD", "Có"), normalize("NFD", "Không")),
        ("TRUE", "FALSE"),
        ("Y", "N"),
        ("x", ""),
        ("Checked", "Unchecked"),
        (1, NAN),
        ("By phone", None),
        (1.0, 0.0),
    ],
)
def test_ticks_in_the_usual_words(yes: Any, no: Any) -> None:
    r = made({"a": [yes, no, no], "b": [no, yes, yes]}).declare_select_all("q", ["a", "b"], base="everyone")
    assert values(r, "q") == [[1, 0], [0, 1], [0, 1]]
    assert all(r.data[c].dtype == "int64" for c in "ab")


def test_labels_of_codes_say_what_they_mean() -> None:
    """SPSS, often: 1 = not selected, 2 = selected."""
    labels = {1: {"en": "Not selected"}, 2: {"en": "Selected"}}
    book = sv.Codebook().update(Variable("a", "nominal", labels=labels), Variable("b", "nominal", labels=labels))
    r = sv.Responses(pd.DataFrame({"a": [1, 2, NAN], "b": [2, 2, NAN]}), book).declare_select_all("q", ["a", "b"])
    assert values(r, "q") == [[0, 1], [1, 1], [None, None]]


def test_a_counted_value() -> None:
    data = {"a": [1, 2, NAN], "b": [2, 2, NAN]}
    with pytest.raises(CleaningError, match="neither chosen nor not chosen") as caught:
        made(data).declare_select_all("q", ["a", "b"])
    assert "counted=" in str(caught.value.fix)
    assert values(made(data).declare_select_all("q", ["a", "b"], counted=2), "q") == [[0, 1], [1, 1], [None, None]]
    spss = made(data, q=MultipleSet("q", ("a", "b"), counted="1"))
    assert values(spss.declare_select_all("q"), "q") == [[1, 0], [0, 0], [None, None]]


@pytest.mark.parametrize("counted", [None, 1])
def test_an_undeclared_nine_is_no_no(counted: Any) -> None:
    with pytest.raises(CleaningError, match="neither chosen nor not chosen") as caught:
        made({"a": [1, 0, 9], "b": [0, 1, 0]}).declare_select_all("q", ["a", "b"], counted=counted)
    assert "9" in str(caught.value.got) and "1 row: 2" in str(caught.value.where)


def test_missing_codes_come_first() -> None:
    book = sv.Codebook().update(Variable("a", missing={9: "refused"}), Variable("b"))
    raw = sv.Responses(pd.DataFrame({"a": [1, 0, 9], "b": [0, 1, NAN]}), book)
    with pytest.raises(CleaningError, match="missing codes as answers"):
        raw.declare_select_all("q", ["a", "b"])
    r = raw.recode_missing().declare_select_all("q", ["a", "b"])
    assert values(r, "q")[2] == [None, None] and r.missing["a"].iloc[2] == sv.responses.KIND_CODES["refused"]


# --- one text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [["a b", "b"], ["a;b", "b"], ["a, b", "b"], ["a; b", " b "], ["b , a", "b"]])
def test_codes_with_any_separator(cells: list[str]) -> None:
    r = made({"q": cells}).declare_select_all("q", options={"a": "Phone", "b": "Mail"}, base="everyone")
    assert values(r, "q") == [[1, 1], [0, 1]] and r.codebook.sets["q"].variables == ("q_a", "q_b")
    assert r.codebook["q_b"].wording("en") == "Mail"
    sign = ";" if ";" in cells[0] else "," if "," in cells[0] else " "
    assert values(made({"q": cells}).declare_select_all("q", separator=sign, base="everyone"), "q") == [[1, 1], [0, 1]]


def test_a_separator_or_the_options_must_be_known() -> None:
    with pytest.raises(CleaningError, match="How the answers in a cell are separated"):
        made({"q": ["a b", "b"]}).declare_select_all("q", base="everyone")


def test_labels_that_hold_the_separator() -> None:
    options = ["Called 311", "Emailed a councillor, or the mayor", "Emailed a councillor"]
    cells = ["Called 311, Emailed a councillor, or the mayor", "Emailed a councillor", "called  311", None]
    r = made({"q": cells}).declare_select_all("q", options=options, base="everyone")
    assert values(r, "q") == [[1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0]]


def test_both_forms_of_unicode() -> None:
    cells = [normalize("NFD", "Gọi điện; Đến tận nơi"), "Gọi điện"]
    for more in ({"separator": ";"}, {"options": [normalize("NFD", "Gọi điện"), "Đến tận nơi"]}):
        r = made({"q": cells}).declare_select_all("q", base="everyone", **more)
        phone = next(
            c for c in r.codebook.sets["q"].variables if "điện" in normalize("NFC", r.codebook[c].wording("vi"))
        )
        assert r.data[phone].tolist() == [1, 1] and len(r.codebook.sets["q"].variables) == 2


def test_words_of_ones_own() -> None:
    cells = ["TV, my neighbour, who knows", "TV, Radio", "the baker"]
    with pytest.raises(CleaningError, match="not made of the options") as caught:
        made({"q": cells}).declare_select_all("q", options=["TV", "Radio"], base="everyone")
    assert "neighbour" not in str(caught.value) and "baker" not in str(caught.value)
    r = made({"q": cells}).declare_select_all("q", options=["TV", "Radio"], other="Other", base="everyone")
    assert values(r, "q") == [[1, 0, 1], [1, 1, 0], [0, 0, 1]]
    assert r.data["q"].tolist() == cells


def test_the_order_of_rows_does_not_order_the_options() -> None:
    one = made({"q": ["10;9", "2"]}).declare_select_all("q", separator=";", base="everyone")
    other = made({"q": ["2", "10;9"]}).declare_select_all("q", separator=";", base="everyone")
    assert one.codebook.sets["q"].variables == other.codebook.sets["q"].variables == ("q_2", "q_9", "q_10")


def test_free_text_does_not_become_columns() -> None:
    with pytest.raises(CleaningError, match="too many different answers"):
        made({"q": [f"answer {i}" for i in range(100)]}).declare_select_all("q", separator=";", base="everyone")


def test_a_number_alone_is_one_code() -> None:
    """A column in which everybody chose one option is read as numbers."""
    r = made({"q": [1.0, 2.0, NAN]}).declare_select_all("q", options={"1": "A", "2": "B"}, base="any chosen")
    assert values(r, "q") == [[1, 0], [0, 1], [None, None]]


@pytest.mark.parametrize("cells", [[None, None], ["", " "]])
def test_nothing_at_all(cells: list[Any]) -> None:
    r = made({"q": pd.Series(cells, dtype="str")}).declare_select_all("q", options=["A"], base="any chosen")
    assert values(r, "q") == [[None], [None]]
    with pytest.raises(CleaningError, match="needs options"):
        made({"q": pd.Series(cells, dtype="str")}).declare_select_all("q", separator=";", base="everyone")


# --- a column a mention -----------------------------------------------------------------------------------------------


def test_mentions_become_a_column_an_option() -> None:
    labels = {1: {"en": "TV"}, 2: {"en": "Radio"}, 3: {"en": "Paper"}}
    book = sv.Codebook(
        {n: Variable(n, "nominal", labels=labels) for n in ("m1", "m2")},
        sets={"news": MultipleSet("news", ("m1", "m2"), "categories", {"en": "Which news?"}, None)},
    )
    raw = sv.Responses(pd.DataFrame({"m1": [1, 3, NAN], "m2": [3, NAN, NAN]}), book)
    r = raw.declare_select_all("news", base="any chosen")
    assert r.codebook.sets["news"].variables == ("news_1", "news_2", "news_3")
    assert values(r, "news") == [[1, 0, 1], [0, 0, 1], [None] * 3]
    assert r.codebook["news_2"].wording() == "Radio" and r.codebook.sets["news"].label["en"] == "Which news?"


# --- options that are none --------------------------------------------------------------------------------------------


def test_an_exclusive_option_with_others_is_counted_and_kept() -> None:
    data = {"a": [1, 0, 1], "none": [0, 1, 1]}
    r = made(data).declare_select_all("q", ["a", "none"], exclusive="none")
    assert r.codebook.sets["q"].exclusive == ("none",) and values(r, "q")[2] == [1, 1]
    assert "1 respondent chose an exclusive option with others" in r.entries[-1].what


def test_dont_know_is_no_option() -> None:
    cells = ["a", "dk", "a dk", None]
    r = made({"q": cells}).declare_select_all(
        "q", options=["a", "b", "dk"], missing={"dk": "dont_know"}, base="any chosen"
    )
    assert values(r, "q") == [[1, 0], [None, None], [1, 0], [None, None]]
    kinds = sv.responses.KIND_CODES
    assert r.missing["q_a"].tolist() == [0, kinds["dont_know"], 0, kinds["blank"]] and "q_dk" not in r.data


def test_an_option_that_is_not_there_is_named() -> None:
    with pytest.raises(CleaningError, match="not in the select-all question") as caught:
        made({"a": [1, 0], "b": [0, 1]}).declare_select_all("q", ["a", "b"], exclusive="nobody")
    assert caught.value.expected == "a, b"


# --- the log ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("id,a,b,asked\n1,1,,1\n2,,1,1\n3,,,2\n", {"columns": ["a", "b"], "base": "asked == 1", "label": "Which?"}),
        ("id,q\n1,x y\n2,y\n3,\n", {"options": {"x": {"vi": "Một", "en": "One"}, "y": "Two"}, "base": "everyone"}),
        (
            "id,q\n1,x;none\n2,none\n3,dk\n",
            {"separator": ";", "base": "everyone", "exclusive": ["none"], "missing": {"dk": "refused"}},
        ),
    ],
)
def test_the_log_is_replayed(tmp_path: Path, text: str, arguments: dict[str, Any]) -> None:
    (tmp_path / "raw.csv").write_text(text, encoding="utf-8")
    r = sv.read(tmp_path / "raw.csv").declare_select_all("q", **arguments)
    again = sv.replay(r.save_log(tmp_path / "log.json"))
    pd.testing.assert_frame_equal(again.data, r.data)
    assert again.codebook.sets == r.codebook.sets


def test_another_base_is_another_result(tmp_path: Path) -> None:
    """The base is a part of what came out: a changed log is found out even where no cell differs."""
    (tmp_path / "raw.csv").write_text("id,a,b\n1,1,\n2,,1\n", encoding="utf-8")
    r = sv.read(tmp_path / "raw.csv").declare_select_all("q", ["a", "b"], base="everyone")
    log = r.save_log(tmp_path / "log.json")
    log.write_text(log.read_text(encoding="utf-8").replace('"everyone"', '"any chosen"'), encoding="utf-8")
    with pytest.raises(CleaningError, match="differ"):
        sv.replay(log)


def test_columns_that_are_there_are_not_overwritten() -> None:
    with pytest.raises(CleaningError, match="would overwrite"):
        made({"q": ["a", "b"], "q_a": [5, 6]}).declare_select_all("q", separator=" ", base="everyone")


@pytest.mark.parametrize("columns", [["a", "c"], [], ["a", "a"]])
def test_columns_that_cannot_be_a_question(columns: list[str]) -> None:
    with pytest.raises(CleaningError):
        made(TICKS).declare_select_all("q", columns, base="everyone")


def test_one_column_in_a_list_is_a_column_of_text() -> None:
    r = sv.Responses(pd.DataFrame({"own": ["radio;tv", "radio", "tv;bicycle;radio", "tv"] * 5}))
    e = sv.Sample(r.declare_select_all("own", ["own"], base="everyone", separator=";"), weights=None).select_all("own")
    assert dict(zip(e.table["item"], e.table["estimate"], strict=True)) == {  # by hand: 3, 3 and 1 of 4
        "own_radio": 0.75,
        "own_tv": 0.75,
        "own_bicycle": 0.25,
    }
    with pytest.raises(sv.CleaningError, match="separated"):
        r.declare_select_all("own", ["own"], base="everyone")

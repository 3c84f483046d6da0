"""Select-all questions that nobody declared are found in each shape, and batteries and labels with commas are not."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import Codebook, Variable, same_text
from survey.codebook._set_words import excludes, missing_kind
from survey.codebook.set_finder import SelectAll, find_select_all
from survey.io.drafting import draft_codebook

NA = np.nan
#      rows:  0  1  2  3   4   5   6   7
PHONE = [1, 1, NA, NA, 1, NA, NA, 1]
EMAIL = [NA, 1, 1, NA, NA, NA, 1, NA]
NONE = [NA, NA, NA, 1, NA, 1, NA, NA]


def found(frame: pd.DataFrame, **labels: str) -> tuple[SelectAll, ...]:
    book = Codebook({n: Variable(n, type="binary", text=same_text(t)) for n, t in labels.items()})
    return find_select_all(frame, book)


@pytest.mark.parametrize(
    ("names", "stem"),
    [
        (["q5_1", "q5_2", "q5_3"], "q5"),
        (["q5/phone", "q5/e-mail", "q5/none"], "q5"),
        (["q5a", "q5b", "q5c"], "q5"),
        (["P12.1", "P12.2", "P12.3"], "P12"),
        (["q5[1]", "q5[2]", "q5[3]"], "q5"),
        (["q5_phone", "q5_mail", "q5_none"], "q5"),
        (["Which channels? [Phone]", "Which channels? [E-mail]", "Which channels? [None]"], "Which channels?"),
    ],
)
def test_columns_of_one_or_empty(names: list[str], stem: str) -> None:
    frame = pd.DataFrame(dict(zip(["age", *names, "q6"], [range(8), PHONE, EMAIL, NONE, range(8)], strict=True)))
    (one,) = found(frame)
    assert (one.name, one.columns, one.shape, one.sure) == (stem, tuple(names), "ticks", True)
    assert one.rows == 8  # every row above has a 1


def test_columns_of_their_label_and_own_code() -> None:
    labels = pd.DataFrame(
        {
            f"k{i}": [t if v == 1 else None for v in c]
            for i, (t, c) in enumerate([("Điện thoại", PHONE), ("Thư điện tử", EMAIL), ("Không có", NONE)], 1)
        }
    )
    (one,) = found(labels)
    assert one.options == ("Điện thoại", "Thư điện tử", "Không có")
    assert one.call == "responses.declare_select_all('k', ['k1', 'k2', 'k3'], base=\"everyone\", exclusive='k3')"
    codes = pd.DataFrame({"m_1": PHONE, "m_2": [2 * v for v in EMAIL], "m_3": [3 * v for v in NONE]})
    assert [s.columns for s in found(codes)] == [("m_1", "m_2", "m_3")]


def test_an_option_that_nobody_chose_is_one_of_the_set() -> None:
    frame = pd.DataFrame({"q5_1": PHONE, "q5_2": [NA] * 8, "q5_3": EMAIL})
    assert found(frame)[0].columns == ("q5_1", "q5_2", "q5_3")


def test_two_questions_side_by_side_are_two_sets() -> None:
    frame = pd.DataFrame({"q5_1": PHONE, "q5_2": EMAIL, "q6_1": EMAIL, "q6_2": PHONE})
    assert [s.columns for s in found(frame)] == [("q5_1", "q5_2"), ("q6_1", "q6_2")]


def test_zero_and_one_are_sure_only_with_evidence() -> None:
    phone, email, none = ([int(v == 1) for v in c] for c in (PHONE, EMAIL, NONE))
    frame = pd.DataFrame({"q5_1": phone, "q5_2": email, "q5_3": none})
    assert found(frame) == ()  # numbers alone say nothing
    have = {"q5_1": "In the past year: paid a fee", "q5_2": "In the past year: met an official",
            "q5_3": "In the past year: filed a complaint"}  # fmt: skip
    assert [s.sure for s in found(frame, **have)] == [False]
    several = {n: t.replace("In the past year", "What did you do? (check all that apply)") for n, t in have.items()}
    assert [s.sure for s in found(frame, **several)] == [True]
    (one,) = found(frame, **{**have, "q5_3": "In the past year: none of these"})
    assert one.sure
    assert one.exclusive == ("q5_3",)
    assert one.call == "responses.declare_select_all('q5', ['q5_1', 'q5_2', 'q5_3'], exclusive='q5_3')"
    frame["q5_3"] = 1 - frame["q5_3"]  # "none" beside others: no option that excludes them
    assert not found(frame, **{**have, "q5_3": "In the past year: none of these"})[0].sure


@pytest.mark.parametrize("separator", [";", ",", ", ", "; ", "|"])
def test_text_with_separators(separator: str) -> None:
    cells = [["Phone"], ["Phone", "E-mail"], ["E-mail", "Office"], ["Office"], ["Phone", "Office"], ["None"], ["None"],
             ["Phone", "E-mail", "Office"], ["Phone", "E-mail"], ["Don't know"], ["Don't know"]]  # fmt: skip
    frame = pd.DataFrame({"contact": [separator.join(c) for c in cells]})
    (one,) = found(frame)
    assert (one.shape, one.separator, one.sure) == ("text", separator.strip(), True)
    assert set(one.options) == {"Phone", "E-mail", "Office", "None", "Don't know"}
    assert (one.exclusive, one.missing) == (("None",), {"Don't know": "dont_know"})


def test_the_proposed_call_gives_the_right_share() -> None:
    cells = ["Phone, E-mail", "Phone", "Office, E-mail", "Phone, Office", "Office", "Phone, Office, E-mail", "E-mail"]
    cells += ["Don't know", "Don't know", "Phone, E-mail"]
    responses = sv.Responses(pd.DataFrame({"contact": cells}))
    (one,) = find_select_all(responses.data, responses.codebook)
    done = eval(one.call, {"responses": responses})
    (column,) = [c for c in done.codebook.sets["contact"].variables if done.codebook[c].text["en"] == "Phone"]
    assert done.data[column].sum() == 5  # counted by hand, of the 8 who gave an answer
    assert done.data[column].notna().sum() == 8


def test_codes_separated_by_spaces() -> None:
    frame = pd.DataFrame({"q": ["1 2", "1", "2 3", "3", "1 3", "1 2 3", "2", "1 2"]})
    assert [s.separator for s in found(frame)] == [" "]


def test_a_label_that_holds_the_separator_is_one_option() -> None:
    a, b, c = "Called, or texted", "E-mail", "Office"
    cells = [a, b, f"{a}, {b}", f"{a}, {b}, {c}", f"{b}, {c}", f"{a}, {c}", c, f"{a}, {b}"]
    (one,) = found(pd.DataFrame({"contact": cells}))
    assert set(one.options) == {a, b, c}
    assert "options=[" in one.call
    assert "separator" not in one.call


@pytest.mark.parametrize(
    "cells",
    [
        ["Yes, always", "Yes, sometimes", "No, never"],
        [f"Ward {w}, District {d}" for w in range(1, 6) for d in range(1, 5)],
        ["very good", "good", "bad", "very bad", "not good"],
        ["rất hài lòng", "hài lòng", "không hài lòng", "rất không hài lòng", "bình thường"],
        ["1,5", "2,5", "3,5", "1", "2", "3", "5"],
        ["Hà Nội, Việt Nam", "Huế, Việt Nam", "Huế", "Hà Nội"],
        ["Clean, safe streets would help", "More buses, please", "Less noise", "More trees, fewer cars"],
    ],
)
def test_texts_that_are_one_answer(cells: list[str]) -> None:
    assert found(pd.DataFrame({"q": cells * 5})) == ()


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"q5_1": [1, 2, 3, 4] * 3, "q5_2": [2, 1, NA, 4] * 3}),  # a scale
        pd.DataFrame({"wave_1": [1] * 9, "wave_2": [1] * 9}),  # constants
        pd.DataFrame({"consent": PHONE, "frame": EMAIL}),  # nothing in common
        pd.DataFrame({"q5_1": [NA] * 9, "q5_2": [NA] * 9}),  # nobody answered
        pd.DataFrame({"q5_1": [9, NA, 9] * 3, "q5_2": [NA, 9, 9] * 3}),  # a code that is no yes
    ],
)
def test_columns_that_are_no_options(frame: pd.DataFrame) -> None:
    assert found(frame) == ()


@pytest.mark.parametrize("option", ["None of these", "NONE OF THE ABOVE", "Không có", "khong co", "Ninguna",
                                    "Ninguna de las anteriores", "Aucune", "Nenhum", "Nothing"])  # fmt: skip
def test_options_that_exclude_the_others(option: str) -> None:
    assert excludes(option)
    assert excludes(unicodedata.normalize("NFD", option))
    assert missing_kind(option) == ""


@pytest.mark.parametrize("option", ["No water", "Không có nước sạch", "None-profit office", "Phone", "Nothing works"])
def test_options_that_do_not(option: str) -> None:
    assert not excludes(option)


def test_options_that_are_no_answer() -> None:
    assert [missing_kind(t) for t in ("Don't know", "Từ chối trả lời", "NS/NC", "Phone")] == [
        "dont_know", "refused", "dont_know", ""]  # fmt: skip


def test_it_is_told_once_in_the_draft_and_the_check(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": range(1, 9), "q5_1": PHONE, "q5_2": EMAIL, "q5_3": NONE})
    frame.to_csv(tmp_path / "a.csv", index=False)
    _, remarks = draft_codebook(tmp_path / "a.csv")
    lines = [line for name, some in remarks.items() if name for line in some if name.startswith("q5")]
    assert len(lines) == 1
    assert "declare_select_all('q5', ['q5_1', 'q5_2', 'q5_3'], base=\"everyone\")" in lines[0]
    responses = sv.read(tmp_path / "a.csv")
    told = [b for b in responses.check().broken if b.rule == "select-all"]
    assert [(b.variable, b.severity) for b in told] == [("q5_1", "warning")]
    assert "declare_select_all('q5'" in told[0].message
    assert "declare_select_all('q5'" in told[0].vi
    done = responses.declare_select_all("q5", ["q5_1", "q5_2", "q5_3"], base="everyone")
    assert [b for b in done.check().broken if b.rule == "select-all"] == []


def test_many_columns_are_told_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns of numbers are looked at many at a time where there are many: what is found is the same."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({f"q{i}": rng.integers(1, 6, 300).astype(float) for i in range(600)})
    for start in (40, 300):
        for i in range(start, start + 5):
            frame[f"q{i}"] = np.where(rng.random(300) < 0.3, 1.0, np.nan)
    frame["q5"], frame["q6"] = rng.integers(0, 2, 300), np.nan
    frame["q7"] = np.where(np.arange(300) == 299, 3.0, np.where(rng.random(300) < 0.5, 0.0, 1.0))
    frame["q8"], frame["q9"], frame["q10"] = 1.0, 0.0, 7.0
    at_once = find_select_all(frame, sv.Codebook({}))
    monkeypatch.setattr("survey.codebook._nonanswer_codes._MANY_COLUMNS", 10**9)
    assert at_once == find_select_all(frame, sv.Codebook({}))
    assert {columns for one in at_once for columns in one.columns} >= {f"q{i}" for i in range(300, 305)}

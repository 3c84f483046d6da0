"""Open answers as codes: of those who answered, several codes each, and never the words of anybody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import CleaningError
from survey.words.steps import in_words

TEXTS = ["chờ lâu quá nhiều lần", "good staff there", "  ", None, "phí cao và chờ lâu", "ok", "tốt lắm rồi nhé", "-98"]
CODES = ["wait", "staff", None, None, "wait; fees", None, "staff", None]
LABELS = {"wait": {"vi": "Chờ lâu", "en": "Long wait"}, "fees": "Fees"}


@pytest.fixture
def responses() -> sv.Responses:
    data = pd.DataFrame({"resp_id": [f"R{i}" for i in range(8)], "open": TEXTS, "w": 1.0, "theme": CODES})
    book = sv.Codebook.from_dict(
        {
            "variables": {
                "resp_id": {"type": "id", "role": "id"},
                "open": {
                    "type": "text",
                    "text": {"vi": "Góp ý thêm", "en": "Comments"},
                    "missing": {-98: {"kind": "dont_know", "vi": "Không biết", "en": "Don't know"}},
                },
            }
        }
    )
    return sv.Responses(data, book)


def test_shares_are_of_those_who_answered(responses: sv.Responses) -> None:
    coded = responses.code_answers("themes", "open", "theme", labels=LABELS)
    e = sv.Sample(coded, weights="w").select_all("themes")
    # by hand: five wrote something; two mean waiting, one of them fees too, two staff, "ok" has no code
    assert dict(zip(e.table["item"], e.table["estimate"], strict=True)) == pytest.approx(
        {"themes_wait": 0.4, "themes_fees": 0.2, "themes_staff": 0.4, "themes_uncoded": 0.2}
    )
    assert (e.table["n"] == 5).all()
    assert coded.data["themes_wait"].isna().tolist() == [False, False, True, True, False, False, False, True]
    m = sv.figures.bars(e, lang="vi", suppress_below=0)
    assert "Chờ lâu: 40,0" in m.alt and "Chưa được mã hóa" in m.alt and "Góp ý thêm" in m.title
    assert not any(t.strip() in m.alt + str(m.frame()) for t in TEXTS if t and len(t) > 4)


def test_a_column_a_table_a_file_and_a_mapping_are_one(responses: sv.Responses, tmp_path: Path) -> None:
    expected = responses.code_answers("themes", "open", "theme", labels=LABELS).data
    long = pd.DataFrame({"resp_id": ["R4", "R4", "R0", "R1", "R6"], "code": ["wait", "fees", "wait", "staff", "staff"]})
    long.to_csv(tmp_path / "codes.csv", index=False)
    mapping = {"R0": "wait", "R1": "staff", "R4": ["wait", "fees"], "R6": "staff"}
    for codes in (long, tmp_path / "codes.csv", mapping):
        made = responses.code_answers("themes", "open", codes, labels=LABELS)
        pd.testing.assert_frame_equal(made.data, expected)
        assert not any(t in str(dict(made.entries[-1].arguments)) for t in TEXTS if t and len(t) > 4)
        again = responses.code_answers(**dict(made.entries[-1].arguments))
        pd.testing.assert_frame_equal(again.data, expected)


def test_the_log_tells_it_in_both_languages(responses: sv.Responses) -> None:
    what = responses.code_answers("themes", "open", "theme").entries[-1].what
    assert what == "themes: 3 codes of open; 5 of 8 rows have an answer, 1 of them no code"
    assert (
        in_words(what, "vi", "code_answers")
        == "themes: 3 mã của open; 5 trên 8 dòng có câu trả lời, 1 trong đó chưa có mã"
    )


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        ("open", "not codes"),
        ({"R0": "Chờ lâu quá nhiều lần"}, "read like answers"),
        ({"R0": "gọi 0912345678"}, "read like answers"),
        ({"R0": "x" * 90}, "read like answers"),
        ({"R0": [f"c{i}" for i in range(90)]}, "read like answers"),
        ({"R9": "wait"}, "keys that the data lack"),
        ({"R2": "wait"}, "wrote nothing"),
        ({}, "No answer has a code"),
        ("absent.csv", "no such column"),
    ],
)
def test_what_is_no_code_is_refused_without_quoting(responses: sv.Responses, codes: object, says: str) -> None:
    with pytest.raises(CleaningError, match=says) as found:
        responses.code_answers("themes", "open", codes)
    assert not any(t in str(found.value) for t in ("quá nhiều", "0912", "phí cao"))


def test_keys_that_stand_twice(responses: sv.Responses) -> None:
    double = sv.Responses(responses.data.assign(resp_id="R0"), responses.codebook)
    with pytest.raises(CleaningError, match="tell rows apart"):
        double.code_answers("themes", "open", {"R0": "wait"})
    assert np.isfinite(responses.code_answers("a", "open", {"R0": "wait"}).data["a_wait"]).sum() == 5

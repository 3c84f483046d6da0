"""The log in the language of whoever reads it: stored in English, told in Vietnamese, nothing of it left in English."""

from __future__ import annotations

import re
import string
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.base import catalogue
from survey.words import steps
from words_of_languages import strangers

RAW = Path(__file__).parents[2] / "data" / "raw"


@pytest.fixture(scope="module")
def study() -> sv.Sample:
    """The verbs of the default study."""
    study = sv.Study.open(RAW / "study.toml")
    clean = (
        study.read("residents")
        .recode_missing(outside="blank")
        .collapse_copies()
        .drop(where="duration_s < 120", reason="quá nhanh")
        .derive("age", "2022 + wave - birth_year", label="Tuổi")
        .band("age", [18, 30, 45, 60, float("inf")], into="age_group")
        .merge_categories("educ", {"thấp": [1, 2, 3], "cao": [4, 5]}, into="educ2", reason="ít người")
        .recode("proc_type", {1: 2, 3: None}, reason="thử")
        .reverse()
        .score("friendliness")
    )
    listed = {"frame_age_group": "age_group", "frame_sex": "sex"}
    files = sorted(RAW.glob("nonrespondents_*.csv"))
    absent = pd.concat(map(pd.read_csv, files), ignore_index=True).rename(columns=listed)
    base = sv.Sample(clean, **study.design("residents"))
    adjusted = base.adjust_nonresponse(by=["wave", "sex"], nonrespondents=absent)
    return adjusted.rake(study.targets("residents")).trim(upper=200.0).scale_weights("n", by="wave")


NAMES = frozenset({"wave", "sex", "age_group", "copies", "rows"})
"""Columns of the study; `rows` is what is typed: scale_weights("rows")."""


def test_no_step_of_the_default_study_is_left_in_english(study: sv.Sample) -> None:
    told = steps.log_in_language(study.responses.log, "vi")
    for name, done, reason in zip(study.responses.log["verb"], told["what"], told["reason"], strict=True):
        if name not in ("drop", "derive"):  # conditions and formulas are typed
            assert strangers(done, "vi", NAMES) == set(), (name, done)
        assert strangers(reason, "vi", NAMES) == set(), (name, reason)
    assert [v for v, name in zip(told["verb"], study.responses.log["verb"], strict=True) if v == name] == []
    pd.testing.assert_frame_equal(
        steps.log_in_language(study.responses.log, "en")[["what"]], study.responses.log[["what"]]
    )


def test_numbers_of_a_step_are_written_as_the_language_writes_them(study: sv.Sample) -> None:
    told = list(steps.log_in_language(study.responses.log, "vi")["what"])
    assert told[0] == "residents_2023.sav, residents_2024.sav: 2.644 dòng, 77 cột"
    assert "không biết 3.928" in told[1] and "24 mã ngoài thang đo, coi là bỏ trống: FR01 2" in told[1]
    assert "2 thành ô trống" not in told[7] and told[7] == "proc_type: 1 thành 2, 3 thành ô trống"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "1 code of 2 columns declared missing, 3 cells emptied: dont_know 3; now numbers: q",
            "khai báo 1 mã ở 2 cột là khuyết, 3 ô để trống: không biết 3; nay là số: q",
        ),
        (
            "a.csv: 2 rows, 1 column; left out as personal: phone",
            "a.csv: 2 dòng, 1 cột; không đọc vì là dữ liệu cá nhân: phone",
        ),
        (
            "a.csv: 2 rows, 1 column; a.csv: encoding utf-8, found: every byte fits",
            "a.csv: 2 dòng, 1 cột; a.csv: bảng mã ký tự utf-8, tự nhận biết: mọi byte đều hợp lệ",
        ),
        # a note with a semicolon is one note
        (
            "a.csv: 2 rows, 1 column; a.csv: q9 is not in the form; kept as it is",
            "a.csv: 2 dòng, 1 cột; a.csv: q9 không có trong biểu mẫu; giữ nguyên",
        ),
        (
            "weights w -> w2: 6 weights outside at most 200, at least 0.1, 0.02% of all weight; uniform",
            "quyền số w -> w2: 6 quyền số ngoài tối đa 200, tối thiểu 0,1, 0,02% tổng quyền số; uniform",
        ),
        ("weights w -> w2: 3 cells of sex x age", "quyền số w -> w2: 3 ô của sex x age"),
        (
            "a step that nobody translated; 3 items turned: a, b, c",
            "a step that nobody translated; 3 câu được đảo chiều: a, b, c",
        ),
        (
            "w2.csv: 10 rows after score; not asked in w2.csv (10 rows): q5",
            "w2.csv: 10 dòng, đã qua score; không hỏi trong w2.csv (10 dòng): q5",
        ),
        (
            "the other wave: 1 row; not asked in the first wave (1 row): y; not asked in the other wave (1 row): z; "
            "different wording (vi) in the other wave, where the first wave counts: q",
            "đợt sau: 1 dòng; không hỏi trong đợt đầu (1 dòng): y; không hỏi trong đợt sau (1 dòng): z; "
            "lời câu hỏi (vi) trong đợt sau khác đợt đầu, lấy theo đợt đầu: q",
        ),
        ("q == 9; nobody has q = 9", "q == 9; không ai có q = 9"),
        ("g; nobody has g = 'nu', did you mean 'nữ'?", "g; không ai có g = 'nu'; có phải ý bạn là 'nữ'?"),
        ("z = q == 5; nobody gave the answer 5 to q", "z = q == 5; không ai trả lời 5 cho q"),
        ("", ""),
    ],
)
def test_steps_are_told_clause_by_clause(said: str, told: str) -> None:
    assert steps.in_words(said, "vi") == told
    assert steps.in_words(said, "en") == said


KEYS = [k for k in catalogue.entries("en") if k.startswith(("steps.", "step_recodes.", "step_rules."))]


@pytest.mark.parametrize("key", KEYS)
def test_every_step_is_told_by_its_english_text(key: str) -> None:
    english = str(catalogue.entries("en")[key])
    names = {name for _, name, _, _ in string.Formatter().parse(english) if name}
    typical = {"moved": "0.02%"}
    said = english.format_map(
        {name: "12 rows" if name.startswith("n_") else typical.get(name, f"<{name}>") for name in names}
    )
    found = catalogue.matched(key.partition(".")[0], said)
    assert found is not None and found[0] == key
    if key.startswith("steps."):
        assert strangers(re.sub("<.*?>", "", steps.in_words(said, "vi")), "vi") == set()


def test_steps_of_the_catalogue_are_those_that_verbs_write() -> None:
    """The texts before the first part and after the last, or between two, stand in the code that writes them."""
    code = "\n".join(p.read_text(encoding="utf-8") for p in Path(sv.__file__).parent.rglob("*.py"))
    for key in KEYS:
        words = re.findall(r"[A-Za-z]{4,}", re.sub(r"\{\w+\}", " ", str(catalogue.entries("en")[key])))
        assert all(word in code for word in words), key


def test_every_verb_that_is_logged_has_a_name_in_vietnamese() -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for p in Path(sv.__file__).parent.rglob("*.py"))
    logged = set(re.findall(r"LogEntry\(\s*\"(\w+)\"", code))
    assert len(logged) > 12
    assert {name for name in logged if steps.verb(name, "vi") == name} == set()


def test_screens_show_the_log_in_the_language() -> None:
    r = sv.Responses(pd.DataFrame({"q": [1, 2, np.nan]})).recode("q", {1: 2}, reason="gõ nhầm")
    with sv.language("vi"):
        assert "1. đổi mã: q: 1 thành 2 -> 3 dòng (gõ nhầm)" in r.to_text()
        assert "đổi mã" in r._repr_html_() and "q: 1 thành 2" in r._repr_html_()
    assert "recode: q: 1 to 2" in r.to_text("en")
    assert (
        "đổi mã" in sv.show(r.log, lang="vi")._repr_html_() and "q: 1 to 2" in sv.show(r.log, lang="en")._repr_html_()
    )
    assert r.log["verb"].tolist() == ["recode"]  # the log itself is as it was

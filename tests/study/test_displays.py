"""What notebooks show of a study and its parts: in the session's language, escaped, as text too, and nobody by name."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.study import notebook_displays
from tests.words_of_languages import strangers

BAD = "<b>&"


def text_of(thing: Any) -> str:
    """What IPython's console shows."""
    told: list[str] = []

    class Printer:
        text = staticmethod(told.append)

    thing._repr_pretty_(Printer, False)
    return "".join(told)


def words(html: str) -> str:
    return re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> sv.Study:
    folder = tmp_path_factory.mktemp("place") / "study"
    folder.mkdir()
    (folder / "a.csv").write_text("q,w,s\n1,2,x\n", encoding="utf-8")
    (folder / "margins.csv").write_text("variable,category,total\nsex,1,10\n", encoding="utf-8")
    (folder / "study.toml").write_text(
        f"""
[study]
id = "{BAD}"
title = {{vi = "Hài lòng {BAD}?", en = "Satisfied {BAD}?"}}
language = "vi"

[surveys.hh]
files = ["a.csv"]
design = {{weights = "w", strata = "s"}}
targets = "margins.csv"

[surveys.firms]
files = ["a.csv"]

[notebooks]
run = ["02_second", "01_first"]
""",
        encoding="utf-8",
    )
    return sv.Study.open(folder)


@pytest.fixture(scope="module")
def answers() -> sv.Responses:
    both = {"vi": "Hài lòng", "en": "Satisfaction"}
    labels = {i: {"vi": f"mức {i}", "en": f"level {i}"} for i in (1, 2)}
    book = sv.Codebook(
        {
            "id": sv.Variable("id", type="id", role="id"),
            "name": sv.Variable("name", type="text"),
            "phone": sv.Variable("phone", type="number"),
            "said": sv.Variable("said", type="text"),
            "age": sv.Variable("age", type="number"),
            "q": sv.Variable("q", type="ordinal", text=both, short=both, labels=labels, missing={99: "dont_know"}),
        }
    )
    frame = pd.DataFrame(
        {
            "id": ["R-1", "R-2", "R-3"],
            "name": ["Lê Văn An", "Trần Thị Bình", "Phạm Văn Cường"],
            "phone": ["0912345678", "0912345679", "0987654321"],
            "said": ["<script>", "gặp bà Hoa", "không"],
            "age": [31.5, 1234.0, None],
            "q": [1, 2, 99],
            "extra": ["a", "b", "c"],
        }
    )
    return sv.Responses(frame, book)


def test_a_study_is_its_surveys_designs_and_notebooks_in_their_order(study: sv.Study) -> None:
    with sv.language("en"):
        page, told = study._repr_html_(), text_of(study)
        assert "Satisfied &lt;b&gt;&amp;?" in page and BAD not in page and f"Satisfied {BAD}?" in told
        assert "02_second, 01_first" in page and "02_second, 01_first" in told
        for part in ("hh", "a.csv", "weights w; strata s; elements drawn one by one", "margins.csv"):
            assert part in page and part in told
        assert page.count("scope='row'") >= 6 and page.count("scope='col'") == 4
        assert str(study.path.parent) not in page + told and "place" not in page  # nothing of this machine
        assert strangers(words(page), "en") == set()
    assert study._repr_html_().startswith("<div lang='vi'>")  # nothing set: as study.toml says
    with sv.language("vi"):
        assert "quyền số w" in study._repr_html_() and strangers(words(study._repr_html_()), "vi") == set()


def test_a_variable_is_its_question_and_its_codes(answers: sv.Responses) -> None:
    variable = answers.codebook["q"]
    with sv.language("vi"):
        page = variable._repr_html_()
        assert "q: Hài lòng" in page and "<th scope='row' style='text-align:left'>1</th>" in page
        assert "mức 1" in page and "không biết" in page and strangers(words(page), "vi") == set()
    with sv.language("en"):
        assert "level 2" in text_of(variable) and "don’t know" in text_of(variable)
        assert strangers(words(variable._repr_html_()), "en") == set()
    limited = sv.Variable("m", limits=(0, 5), note=BAD)
    assert "0 to 5" in text_of(limited) and BAD not in limited._repr_html_() and "&lt;b&gt;" in limited._repr_html_()
    assert sv.Variable("m")._repr_html_().startswith("<div lang='en'>")  # it says nothing in any language


def test_population_figures_have_their_shares_in_each_population() -> None:
    """By hand: 490 of 1,000 are 49.0 %; within ward b, 1 of 4 are 25.0 %."""
    with sv.language("en"):
        told = text_of(sv.Targets.of({"sex": {"m": 490, BAD: 510}, "age": {1: 600, 2: 400}}))
        assert re.findall(r"m +490 +49\.0%|2 +400 +40\.0%|Total: 1,000", told) == [
            "Total: 1,000",
            "m  490  49.0%",
            "2  400  40.0%",
        ]
        assert "&lt;b&gt;" in sv.Targets.of({"sex": {"m": 490, BAD: 510}})._repr_html_()
        frame = pd.DataFrame({"ward": list("aabb"), "variable": "sex", "category": [1, 2, 1, 2], "total": [5, 5, 3, 1]})
        told = text_of(sv.Targets.from_frame(frame, within="ward"))
        assert "ward = b, sex = 2  1  25.0%" in told and "Total:" not in told
    with sv.language("vi"):
        shares = sv.Targets.of({"sex": {"m": 0.49, "f": 0.51}})
        assert "m  0,490  49,0%" in text_of(shares) and strangers(words(shares._repr_html_()), "vi") == set()
        many = sv.Targets.of({"ward": {i: 1 for i in range(70)}})._repr_html_()
        assert many.count("scope='row'") == 61 and "Còn 10 dòng" in many


def test_a_design_is_its_columns() -> None:
    design = sv.Design.from_columns(weights=BAD, strata=["s1", "s2"], psu=["p1", "p2"], fpc=["f1", "f2"], nest=True)
    with sv.language("en"):
        told = text_of(design)
        assert "Strata: s1 / s2" in told and "Clusters: p1 / p2" in told and "fail" in told
        assert "&lt;b&gt;&amp;" in design._repr_html_() and strangers(words(design._repr_html_()), "en") == set()
        assert "every row counts once" in text_of(sv.Design.from_columns(weights=None))
    with sv.language("vi"):
        assert "Quyền số" in text_of(design) and strangers(words(design._repr_html_()), "vi") == set()


def test_a_finding_is_a_paragraph_in_each_language_or_in_the_one_that_is_set() -> None:
    finding = sv.Finding("one", "Câu <một>.", "Sentence.")
    assert finding._repr_html_() == (
        "<p lang='vi' data-id='one'>Câu &lt;một&gt;.</p><p lang='en' data-id='one'>Sentence.</p>"
    )
    with sv.language("en"):
        assert finding._repr_html_() == "<p lang='en' data-id='one'>Sentence.</p>" and str(finding) == "Sentence."


class TestResponses:
    def test_variables_are_counted(self, answers: sv.Responses) -> None:
        """By hand: three rows, of which one has no age and one did not know."""
        with sv.language("en"):
            page = words(answers._repr_html_())
        assert re.search(r"\bage\s+number\s+2\s+1\b", page) and re.search(r"Satisfaction\s+ordinal\s+2\s+1\b", page)

    def test_the_first_rows_name_nobody(self, answers: sv.Responses) -> None:
        with sv.language("vi"):
            page = answers._repr_html_()
        assert "mức 1" in page and "1.234" in page and "31,50" in page and "không biết" in page
        for hidden in ("Văn An", "0912345678", "R-1", "bà Hoa", "script", ">a<"):
            assert hidden not in page, hidden
        assert "mã định danh" in page and "(id, name, phone, said, extra)" in page

    def test_they_are_folded_and_pages_that_are_passed_on_have_none(self, answers: sv.Responses) -> None:
        page = answers._repr_html_()
        assert page.count("<details><summary>") == 2 and page.count("scope='col'") == 5 + 3
        shown = notebook_displays.in_each(answers, ["vi", "en"])
        assert shown is not None and "3 dòng" in shown["vi"] and "mức 1" not in shown["vi"] + shown["en"]
        assert "details" not in shown["vi"]

    def test_an_empty_one_is_shown_too(self) -> None:
        page = sv.Responses(pd.DataFrame({"q": pd.Series([], dtype="float64")}))._repr_html_()
        assert page.count("<details>") == 1

    def test_the_log_is_in_the_language_of_the_session_and_is_a_frame(self, answers: sv.Responses) -> None:
        log = answers.drop(where="age > 1000", reason=BAD).log
        assert isinstance(log, pd.DataFrame) and type(log.iloc[:1]) is pd.DataFrame and list(log.index) == [1]
        with sv.language("vi"):
            assert "số dòng trước" in log._repr_html_() and BAD not in log._repr_html_()
            assert "&lt;b&gt;&amp;" in log._repr_html_()
        with sv.language("en"):
            assert "rows before" in log._repr_html_()
        assert "số dòng trước" in log._repr_html_()  # nothing set: the data's
        assert log.to_dict("records") == pd.DataFrame(log).to_dict("records")

"""What titles say where none was given: findings or topics, with the question below; never more than may be said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import ExportError
from survey.exhibits.titles import default_title

QUESTION = "Overall satisfaction?"


def two_waves(cases: Any, x: list[float], se: float = 0.5, **more: Any) -> sv.Estimates:
    table = cases.rows("friendliness", x, se=se, wave=[1, 2])
    return cases.made(table, "mean", ("wave",), **{"simulated": False, **more})


def test_a_finding_is_the_title_and_the_question_stands_below(cases: Any) -> None:
    share = cases.made(cases.rows("OV01", 0.657), "proportion", answers=(4, 5), simulated=False)
    exhibit = sv.tables.table(share, lang="en")
    assert exhibit.title.startswith("65.7% of respondents answered “satisfied” or “very satisfied”")
    assert exhibit.subtitle == QUESTION
    own = sv.tables.table(share, lang="en", title="Mine", subtitle="Of the trial", caption="Weighted.")
    assert (own.title, own.subtitle) == ("Mine", "Of the trial. Weighted.")
    assert sv.tables.table(share, lang="en", subtitle="Other").subtitle == "Other"


def test_descriptive_titles_for_a_session_and_for_a_block(cases: Any) -> None:
    e = two_waves(cases, [67.9, 70.5])
    told = sv.tables.table(e, lang="en")
    assert told.title == "The “Friendliness” score rose 2.6 points, from 67.9 (August 2023) to 70.5 (June 2024)"
    try:
        sv.titles("descriptive")
        plain = sv.tables.table(e, lang="en")
        with sv.titles("statement"):
            assert sv.tables.table(e, lang="en").title == told.title
        assert plain.title == "Friendliness, by wave" == sv.tables.table(e, lang="en").title
    finally:
        sv.titles(None)
    assert plain.in_language("vi").title == "Thân thiện, theo đợt" and plain.hash == told.hash
    with pytest.raises(ExportError):
        sv.titles("loud")


def test_a_title_is_no_stronger_than_its_test(cases: Any) -> None:
    unshown = sv.tables.table(two_waves(cases, [67.9, 68.5]), lang="vi").title
    assert unshown.startswith("Chưa đủ bằng chứng để kết luận điểm “Thân thiện” thay đổi")
    simulated = sv.tables.table(two_waves(cases, [67.9, 70.5], simulated=True), lang="en")
    assert simulated.title.startswith("Simulated data: ") and "Simulated" not in simulated.subtitle


@pytest.mark.parametrize("n", [12, 41])
def test_groups_of_few_answers_are_never_named(cases: Any, n: int) -> None:
    x, count = np.array([90.0, 50.0, 60.0, 70.0]), np.array([n, 400, 400, 400])
    table = cases.rows("friendliness", x, se=0.5, n=count, ward=["P01", "P02", "P03", "P04"])
    title = sv.tables.table(cases.made(table, "mean", ("ward",), simulated=False), lang="en").title
    assert "Đông Hải" not in title and "can be assessed" in title


def test_the_intervals_of_ranks_decide_who_is_first(cases: Any) -> None:
    def ranked(x: list[float]) -> str:
        table = cases.rows("friendliness", x, se=1.0, ward=["P01", "P02", "P03"])
        return sv.tables.table(cases.made(table, "mean", ("ward",), simulated=False).ranks(), lang="en").title

    assert ranked([90.0, 50.0, 40.0]) == "Đông Hải ward is first of 3 wards on the “Friendliness” score"
    said = "Đông Hải ward and An Phú ward may each be first of 3 wards on the “Friendliness” score"
    assert ranked([51.0, 50.0, 10.0]) == said
    assert ranked([51.0, 50.0, 50.5]).startswith("The data do not show which of 3 wards is first")


def test_several_differences_are_judged_together_and_the_note_says_so(cases: Any) -> None:
    """Of ten wards one has p = 0.03: alone a change, among ten none (Holm)."""
    x = np.full(20, 50.0)
    x[1] = 52.25
    where = {"ward": np.repeat([f"P{i:02d}" for i in range(1, 11)], 2), "wave": np.tile([1, 2], 10)}
    e = cases.made(cases.rows("friendliness", x, se=0.7, **where), "mean", ("ward", "wave"), simulated=False)
    assert 0.01 < e.contrast([-1, 1, *[0] * 18]).table["p_value"][0] < 0.05
    exhibit = sv.tables.table(e, lang="en")
    assert exhibit.title.startswith("No change in the “Friendliness” score is shown for any of 10 wards")
    assert any("Holm’s method for 10 comparisons, is below 5%" in note for note in exhibit.notes)


def test_periods_in_text_have_no_order_to_tell_a_change_by() -> None:
    frame = pd.DataFrame({"y": [1.0, 2, 3, 9, 8, 9] * 40, "wave": ["wave 10"] * 120 + ["wave 2"] * 120})
    exhibit = sv.tables.table(sv.Sample(frame, weights=None).mean("y", by="wave"), lang="en")
    assert "from" not in exhibit.title and "rose" not in exhibit.title and "fell" not in exhibit.title


def test_one_title_at_every_width(cases: Any) -> None:
    e = replace(cases.wards(share=False), simulated=False)
    titles = {sv.figures.intervals(e, lang="vi", width=width).title for width in ("full", "half", "slide")}
    assert len(titles) == 1


def test_the_permutation_decides_what_is_said_of_an_effect() -> None:
    """Two treated units of nine: 36 ways to choose them, so that p is 1/36 where none does as well."""
    i = np.arange(900)
    frame = pd.DataFrame({"ward": i % 9, "wave": 1 + i // 9 % 2, "z": (i * 37 % 101) / 10.0})
    frame["pilot"] = (frame["ward"] < 2).astype(int)
    frame["y"] = frame["z"] + 30.0 * frame["pilot"] * (frame["wave"] == 2)
    sample = sv.Sample(frame, weights=None)

    def title(items: str | list[str]) -> str:
        e = sample.effect(items, treated="pilot", period="wave", unit="ward")
        return sv.tables.table(e, lang="en").title

    assert " higher in 2 units with the pilot than in the other 7" in title("y")
    assert title("z").startswith("Chance cannot be ruled out for the mean of “z”: ") and " of 36 ways" in title("z")
    assert title(["y", "z"]).startswith("Chance cannot be ruled out for any of 2 outcomes")  # 2 x 1/36 by Holm


PLAIN = {"vi": "Tỷ lệ chọn “Có”, 4 nội dung", "en": "Share answering “Yes”, 4 items"}


@pytest.mark.parametrize("lang", PLAIN)
def test_a_plain_title_of_many_items_says_which_answers_count(lang: str) -> None:
    labels = {0: {"vi": "Không", "en": "No"}, 1: {"vi": "Có", "en": "Yes"}}
    items = [f"q{i}" for i in range(4)]
    book = sv.Codebook({q: sv.Variable(q, "binary", {"vi": q, "en": q}, labels=labels) for q in items})
    people = pd.DataFrame({q: [0.0, 1.0] * 30 for q in items})
    e = sv.Sample(sv.Responses(people, codebook=book), weights=None).proportion(items, levels=[1])
    assert default_title(e, lang) == PLAIN[lang]

"""Sentences: right numbers, right units, honest about what the data do not show, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import EstimationError
from survey.narrative import compare, describe, ranking

ASKED_VI = "câu hỏi “Nhìn chung, ông/bà hài lòng với sự phục vụ của phường đến đâu?”"


def clean(text: str) -> str:
    """Without no-break spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_share_names_its_answers_its_interval_and_n(cases: Any) -> None:
    finding = describe(cases.wards(), {"ward": "P02", "wave": 2}, "satisfied")
    assert finding.id == "satisfied"
    assert finding.vi == (
        f"Phường An Phú, Tháng 6/2024: 53,0% người trả lời chọn “hài lòng” hoặc “rất hài lòng” cho {ASKED_VI} "
        "(khoảng tin cậy 95%: từ 49,0% đến 57,0%; n = 150). Dữ liệu mô phỏng."
    )
    assert finding.en == (
        "An Phú ward, June 2024: 53.0% of respondents answered “satisfied” or “very satisfied” to the question "
        "“Overall satisfaction?” (95% confidence interval: 49.0% to 57.0%; n = 150). Simulated data."
    )
    assert finding.numbers["estimate"] == 0.53
    assert finding.numbers["n"] == 150


def test_a_score_is_told_in_points_of_its_scale(cases: Any) -> None:
    finding = describe(cases.wards(share=False), 0)
    assert finding.vi.startswith("Phường Đông Hải, Tháng 8/2023: điểm “Thân thiện” đạt trung bình 50,0/100 (")
    assert "the mean “Friendliness” score was 50.0 of 100 (" in finding.en


def test_other_numbers_keep_their_units(cases: Any) -> None:
    minutes = cases.made(cases.rows("EF01", 23.44, se=1.0), "mean")
    assert describe(minutes).vi.startswith(
        "Trung bình các câu trả lời cho câu hỏi “Ông/bà chờ bao nhiêu phút?” là 23,4 phút ("
    )
    people = cases.made(cases.rows("one", 130655.2, se=1000.0), "total")
    assert describe(people).vi.startswith("Ước tính có 130.655 người (")
    median = cases.made(cases.rows("EF01", 25, se=1.0).assign(quantile=0.5), "quantile")
    assert describe(median).en.startswith(
        "Half of the answers to the question “Minutes waited?” were 25 minutes or less ("
    )
    yes = cases.made(cases.rows("TR08", 0.608), "mean")
    assert describe(yes).en.startswith(
        "60.8% of respondents answered “Yes” to the question “Know where to complain?” ("
    )
    net = cases.made(cases.rows("OV01", 0.4), "net", answers=(1, 2, 4, 5))
    assert "share of upper answers minus that of lower answers" in describe(net).en
    assert "is +40.0 percentage points" in describe(net).en
    assert "“" not in describe(net).en.replace("“Overall satisfaction?”", "")  # not "very satisfied or dissatisfied"
    rescaled = cases.made(cases.rows("OV01", 70.1, se=1.0), "mean", scale=(0, 100))
    assert "averaged 70.1 on a scale of 0–100" in describe(rescaled).en


def test_words_of_ones_own_for_the_subject(cases: Any) -> None:
    e = cases.made(cases.rows("friendliness", 61.23, se=1.0), "mean")
    what = {"vi": "điểm thân thiện toàn thành phố", "en": "the city's friendliness score"}
    finding = describe(e, what=what)
    assert finding.vi.startswith("Điểm thân thiện toàn thành phố là 61,2 điểm trên thang 0–100 (")
    assert finding.en.startswith("The city's friendliness score is 61.2 points on a scale of 0–100 (")


def test_a_difference_is_told_in_percentage_points_with_both_levels(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", [0.5, 0.62], wave=[1, 2]), "proportion", ("wave",), answers=(4, 5))
    finding = compare(e.pairwise(), id="change")
    assert finding.vi.startswith(f"Tỷ lệ chọn “hài lòng” hoặc “rất hài lòng” cho {ASKED_VI} tăng 12,0 điểm phần trăm (")
    assert "), từ 50,0% (tháng 8/2023) lên 62,0% (tháng 6/2024)." in finding.vi
    assert finding.en.startswith("The share answering “satisfied” or “very satisfied” to the question “Overall")
    assert "rose 12.0 percentage points (" in finding.en
    assert "), from 50.0% (August 2023) to 62.0% (June 2024)." in finding.en
    assert finding.numbers["estimate"] == pytest.approx(0.12)
    assert (finding.numbers["first"], finding.numbers["second"]) == (0.62, 0.5)


def test_a_lower_number_is_lower_and_without_a_sign(cases: Any) -> None:
    e = cases.made(cases.rows("friendliness", [70.0, 55.0], se=1.0, wave=[1, 2]), "mean", ("wave",))
    finding = compare(e.contrast([-1, 1]))
    assert finding.vi.startswith("Điểm “Thân thiện” giảm 15,0 điểm (khoảng tin cậy 95%: từ 12,2 đến 17,8;")
    assert "từ 70,0 (tháng 8/2023) xuống 55,0 (tháng 6/2024)." in finding.vi
    assert "The “Friendliness” score fell 15.0 points (95% confidence interval: 12.2 to 17.8" in finding.en
    assert finding.numbers["conf_low"] < finding.numbers["conf_high"] < 0  # the result's own
    backward = compare(e.contrast([1, -1]))  # the earlier minus the later is no change
    assert "ở tháng 8/2023 (70,0) cao hơn ở tháng 6/2024 (55,0) 15,0 điểm" in backward.vi
    assert "phần trăm" not in finding.vi


def test_an_interval_that_holds_zero_shows_no_difference_and_never_none(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", [0.5, 0.51], wave=[1, 2]), "proportion", ("wave",))
    finding = compare(e.contrast([-1, 1]))
    assert finding.vi.startswith("Chưa đủ bằng chứng để kết luận tỷ lệ ở câu hỏi “Nhìn chung,")
    assert "thay đổi từ tháng 8/2023 đến tháng 6/2024: chênh lệch ước tính +1,0 điểm phần trăm" in finding.vi
    assert finding.en.startswith("The data do not show a change in the share on the question “Overall satisfaction?”")
    assert "from August 2023 to June 2024: the estimated difference is +1.0" in finding.en
    assert "which includes zero" in finding.en and "có chứa 0" in finding.vi
    for text in ("no difference", "không khác biệt", "bằng nhau", "không có khác biệt"):
        assert text not in finding.vi + finding.en
    assert "+1.0 percentage points" in finding.en


def test_a_p_value_adjusted_for_many_comparisons_decides(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", 0.5 + 0.065 * np.arange(2), wave=[1, 2]), "proportion", ("wave",)).pairwise()
    assert " rose " in compare(e).en
    strict = e.with_table(e.table.assign(p_adjusted=0.2))
    assert strict.table["conf_low"].iloc[0] > 0
    finding = compare(strict)
    assert finding.en.startswith("The data do not show a change")
    assert "adjusted p = 0.200" in finding.en
    assert "adjusted for several comparisons" in finding.en
    assert "includes zero" not in finding.en


def test_a_difference_in_differences_says_what_it_is(cases: Any) -> None:
    e = cases.wards(share=False).contrast({"did": [1, -1, -1, 1, *[0] * 16]})
    what = {"vi": "điểm thân thiện", "en": "the friendliness score"}
    finding = compare(e, {"contrast": "did"}, what=what)
    assert finding.vi.startswith(
        "Chưa đủ bằng chứng để kết luận mức thay đổi của điểm thân thiện khác nhau giữa phường "
    )
    assert "(khác biệt trong khác biệt; khoảng tin cậy 95%: từ −" in finding.vi
    named = compare(e, labels={"did": {"vi": "Tác động", "en": "Effect"}})
    assert named.en.startswith("Effect (the “Friendliness” score) is 0.0 points")
    assert "the data do not show a difference" in named.en


def test_a_ratio_is_no_difference(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", [0.4, 0.6], wave=[1, 2]), "proportion", ("wave",))
    finding = compare(e.contrast({"rate ratio": "`2` / `1`"}))
    assert "is 1.50 (" in finding.en
    assert "zero" not in finding.en
    assert "p " not in finding.en.partition("(")[2]
    assert "percentage points" not in finding.en


def test_what_may_not_be_shown_is_not_told_not_even_unrounded(cases: Any) -> None:
    finding = describe(cases.hard(), 5)
    assert "dưới 30 câu trả lời, không công bố" in finding.vi
    assert "fewer than 30 answers, not shown" in finding.en
    assert finding.numbers == {}
    assert "12" not in finding.en
    few = cases.made(cases.rows("OV01", [0.2, 0.9], n=[12, 900], wave=[1, 2]), "proportion", ("wave",))
    hidden = compare(few.contrast([-1, 1]))
    assert hidden.numbers == {}
    assert "not shown" in hidden.en


def test_missing_and_few_answers_are_said(cases: Any) -> None:
    assert "không có số liệu" in describe(cases.hard(), 3).vi
    assert "n = 41; small sample, read with caution" in describe(cases.hard(), 8).en


def test_the_range_over_groups_and_whether_its_ends_overlap(cases: Any) -> None:
    apart = ranking(cases.wards(), "range", where={"wave": 2})
    assert apart.vi == (
        f"Tháng 6/2024: trong 10 phường, tỷ lệ chọn “hài lòng” hoặc “rất hài lòng” cho {ASKED_VI} cao nhất ở "
        "phường Vĩnh Trường, 69,0% (khoảng tin cậy 95%: từ 65,0% đến 73,0%) và thấp nhất ở phường Đông Hải, 51,0% "
        "(khoảng tin cậy 95%: từ 47,0% đến 55,0%); khoảng tin cậy của kết quả cao nhất chồng lên khoảng tin cậy của "
        "4 kết quả khác; khoảng tin cậy của kết quả thấp nhất chồng lên khoảng tin cậy của 4 kết quả khác. "
        "Dữ liệu mô phỏng."
    )
    assert apart.numbers["estimate_highest"] == pytest.approx(0.69)
    assert apart.numbers["groups"] == 10
    close = cases.made(cases.rows("OV01", [0.50, 0.51], wave=[1, 2]), "proportion", ("wave",))
    assert "the intervals overlap, so the two cannot be ranked" in ranking(close).en


def test_a_ranking_leaves_out_what_may_not_be_shown(cases: Any) -> None:
    finding = ranking(cases.hard())
    assert finding.numbers["groups"] == 14  # three go with a hidden one; one of 15 has no interval: it cannot be judged
    assert "1 group cannot be judged and is not ranked" in finding.en
    assert "1 nhóm không thể đánh giá nên không được xếp hạng" in finding.vi
    assert finding.numbers["estimate_lowest"] == 0  # and not the suppressed 0.12 or a missing one


def test_questions_are_ranked_too(cases: Any) -> None:
    finding = ranking(cases.means())
    assert finding.en.startswith("Of 10 items, the highest is “Do people here pay extra to get things done?")
    assert "4.00 points" in finding.en


def test_items_in_several_groups_are_results_and_not_more_items(cases: Any) -> None:
    unjudged = cases.rows("FR02", 3.0, wave=3).assign(std_error=np.nan, conf_low=np.nan, conf_high=np.nan)
    parts = [cases.rows(item, [x, x + 0.2], wave=[1, 2], se=0.03) for item, x in (("FR02", 3.1), ("OV01", 3.9))]
    table = pd.concat([*parts, unjudged], ignore_index=True)
    finding = ranking(cases.made(table, "mean", ("wave",)))
    assert finding.numbers["groups"] == 4
    assert finding.en.startswith("Of 4 results, the highest is ") and "items" not in finding.en
    assert "1 result cannot be judged and is not ranked" in finding.en
    assert finding.vi.startswith("Trong 4 kết quả, cao nhất là ") and "nội dung" not in finding.vi
    assert "1 kết quả không thể đánh giá nên không được xếp hạng" in finding.vi
    one = ranking(cases.made(table, "mean", ("wave",)), where={"wave": 1})
    assert "of 2 items" in one.en  # one result of each


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda c: describe(c.wards()), "A sentence must refer to exactly one row"),
        (lambda c: describe(c.wards(), {"ward": "P99"}), "A sentence must refer to exactly one row"),
        (lambda c: describe(c.wards(), {"sex": 1}), "no such column"),
        (lambda c: describe(c.wards(), 20), "no such row"),
        (lambda c: compare(c.wards(), 0), "Only differences"),
        (lambda c: ranking(c.wards(), where={"ward": "P01", "wave": 1}), "nothing to rank"),
        (lambda c: ranking(c.made(pd.concat([c.rows("EF01", 20.0), c.rows("OV01", 3.0)]), "mean")), "different units"),
    ],
)
def test_a_sentence_that_cannot_be_said(cases: Any, make: Callable[[Any], Any], what: str) -> None:
    with pytest.raises(EstimationError, match=what):
        make(cases)


def test_a_notebook_shows_both_languages_and_no_markup(cases: Any) -> None:
    finding = sv.Finding("a", "Một *hai* <b>", "One_two")
    assert finding._repr_markdown_() == "Một \\*hai\\* \\<b>\n\n*One\\_two*"
    assert finding.text("en") == "One_two"


def test_real_data_are_not_called_simulated(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", 0.5), "proportion", simulated=False)
    assert "mô phỏng" not in describe(e).vi


def test_every_number_in_a_sentence_comes_from_the_result(cases: Any) -> None:
    """Change the numbers and every digit of the sentence changes with them."""
    import re

    row = cases.rows("friendliness", 61.23, se=1.07, n=1234)
    texts = [
        describe(
            cases.made(
                row.assign(
                    estimate=row["estimate"] + d,
                    conf_low=row["conf_low"] + d,
                    conf_high=row["conf_high"] + d,
                    n=row["n"] + int(d),
                ),
                "mean",
            )
        ).en
        for d in (0.0, 11.1)
    ]
    found = [re.findall(r"\d[\d.,]*\d", t.replace("95%", "").replace("of 100", "")) for t in texts]
    assert found[0] == ["61.2", "59.1", "63.4", "1,234"]
    assert found[1] == ["72.3", "70.2", "74.5", "1,245"]


def test_a_comparison_is_named_as_a_keyboard_writes_it() -> None:
    """The table has the sign of typography (U+2212); a level that has a hyphen in itself stays what it is."""
    rows = pd.DataFrame({"q": [1, 2, 3, 4] * 30, "g": ["a", "b - c", "b - c", "d"] * 30})
    e = sv.Sample(rows, weights=None).compare("q", by="g")
    said = [sv.narrative.compare(e, {"contrast": name}).en for name in ("d - a", "d − a")]
    assert said[0] == said[1]
    assert sv.narrative.compare(e, {"contrast": "b - c − a"}).numbers["estimate"] == pytest.approx(1.5)
    with pytest.raises(sv.EstimationError, match="exactly one row"):
        sv.narrative.compare(e, {"contrast": "a - d"})

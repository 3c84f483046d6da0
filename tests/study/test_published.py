"""Comparing with published numbers: like with like only, and a miss is a miss."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import survey as sv
from survey.estimates import Estimates
from survey.study import published


def shares(values: dict[str, float], answers: tuple[int, ...] = (4, 5), level: float = 0.95) -> Estimates:
    table = pd.DataFrame(
        {
            "item": list(values),
            "estimate": list(values.values()),
            "conf_low": [v - 0.02 for v in values.values()],
            "conf_high": [v + 0.02 for v in values.values()],
        }
    )
    return Estimates(table, "proportion", level=level, answers=answers)


# the city's release says 43 percent, printed without decimals: anything that rounds to it agrees
@pytest.mark.parametrize(("ours", "within"), [(0.4271, True), (0.4349, True), (0.4251, True), (0.4361, False)])
def test_the_tolerance_decides(ours: float, within: bool) -> None:
    comparison = published.compare("sandiego2015", better=shares({"Q5": ours}))
    assert comparison.all_within is within
    assert comparison.table["difference"].iloc[0] == pytest.approx(100 * ours - 43)


def test_an_interval_that_is_off_is_a_miss_although_the_estimate_agrees() -> None:
    # published: b12 57.4 (54.6-60.2), b13 35.3 (32.2-38.3); here the intervals are two points either side
    comparison = published.compare("lapop_bra23", trust=shares({"b12": 0.574, "b13": 0.353}, (5, 6, 7)))
    assert not comparison.table["within"].any()
    assert comparison.table["difference"].abs().tolist() == pytest.approx([0.8, 1.1])


def test_a_share_of_other_answers_is_refused() -> None:
    with pytest.raises(sv.EstimationError, match="The share counts other answers than the published one"):
        published.compare("sandiego2015", better=shares({"Q5": 0.43}, (5,)))


def test_an_interval_of_another_level_is_refused() -> None:
    with pytest.raises(sv.EstimationError, match="The confidence level differs from the published one"):
        published.compare("lapop_bra23", trust=shares({"b12": 0.57, "b13": 0.35}, (5, 6, 7), level=0.9))


def test_an_item_that_was_not_estimated() -> None:
    with pytest.raises(sv.EstimationError, match="no such row") as error:
        published.compare("sandiego2015", better=shares({"Q6": 0.43}))
    assert "Q5" in str(error.value.expected)


def test_estimates_by_group_are_no_single_number() -> None:
    twice = shares({"Q5": 0.43})
    twice = twice.with_table(pd.concat([twice.table, twice.table], ignore_index=True))
    with pytest.raises(sv.EstimationError, match="or several"):
        published.compare("sandiego2015", better=twice)


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(sv.EstimationError) as error:
        published.compare("atlantis", better=shares({"Q5": 0.43}))
    assert "sandiego2015" in str(error.value.expected)
    with pytest.raises(sv.EstimationError) as error:
        published.compare("sandiego2015", happier=shares({"Q5": 0.43}))
    assert "better" in str(error.value.expected)
    with pytest.raises(sv.EstimationError):
        published.compare("sandiego2015")
    with pytest.raises(sv.EstimationError) as error:
        published.fact("sandiego2015", "weather")
    assert "completed" in str(error.value.expected)


def test_numbers_are_shown_as_each_language_writes_them() -> None:
    comparison = published.compare("sandiego2015", better=shares({"Q5": 0.4271}))
    english, vietnamese = comparison.shown("en").iloc[0], comparison.shown("vi").iloc[0]
    assert english["Ours"] == "42.7" and english["Published"] == "43" and english["Difference"] == "−0.29"
    assert vietnamese["Tính lại"] == "42,7" and vietnamese["Chênh lệch"] == "−0,29"
    assert vietnamese["Trong sai số?"] == "có"


def test_a_comparison_follows_the_language_that_was_set() -> None:
    comparison = published.compare("sandiego2015", better=shares({"Q5": 0.4271}))
    assert "Published" in comparison._repr_html_() and "<div lang='en'>" in comparison._repr_html_()
    with sv.language("vi"):
        page, text = comparison._repr_html_(), comparison.to_text()
    assert "<div lang='vi'>" in page and "Đã công bố" in page and "42,7" in page
    assert "tính lại được 1 trên 1 kết quả đã công bố" in page and "Nơi công bố:" in page
    assert "Published" not in page and "Ours" not in page and "Tính lại" in text


def test_a_miss_is_loud() -> None:
    comparison = published.compare("sandiego2015", better=shares({"Q5": 0.5}))
    assert comparison.shown("en")["Within tolerance?"].tolist() == ["NO"]
    assert "0 of 1 published results reproduced" in comparison._repr_html_()


def test_the_sentence_counts_what_is_met() -> None:
    good = published.compare("sandiego2015", better=shares({"Q5": 0.4271})).finding("x")
    assert good.en == (
        "San Diego 2015: 1 of 1 published results are reproduced within their tolerance; the largest difference is "
        "0.29 percentage points among the shares."
    )
    assert "0,29 điểm phần trăm" in good.vi
    assert good.numbers["largest_difference_percent"] == pytest.approx(0.29)
    mixed = published.compare("sandiego2015", better=shares({"Q5": 0.43}), same=shares({"Q5": 0.5}, (3,))).finding("x")
    assert (
        mixed.en.startswith("San Diego 2015: 1 of 2 published results are reproduced") and mixed.numbers["within"] == 1
    )


def test_every_published_number_has_a_source_a_tolerance_and_both_languages() -> None:
    for name, entry in published._load().items():
        for number in entry["numbers"]:
            assert number["source"].startswith("https://"), name
            assert number["tolerance"] > 0
            assert set(number["what"]) == {"en", "vi"}


def test_the_list_agrees_with_the_reference(reference_home: Path) -> None:
    """The package's list is typed by hand; the reference was collected separately."""
    reference = json.loads((reference_home / "published.json").read_text(encoding="utf-8"))
    for name in ("sandiego2015", "lapop_bra23"):
        numbers = published._load()[name]["numbers"]
        ours = {v for n in numbers for k in ("estimate", "conf_low", "conf_high") if (v := n.get(k)) is not None}
        wanted = pd.Series([r["published"] for r in reference if r["dataset"] == name])
        while any(isinstance(v, list) for v in wanted):
            wanted = wanted.explode(ignore_index=True)
        assert set(wanted.astype(float)) <= {float(v) for v in ours}
        tolerances = {r["tol"] for r in reference if r["dataset"] == name}
        assert {n["tolerance"] for n in numbers} == tolerances

"""The facts of a methods annex: each the number that its own verb gives, or counted by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError, ExportError
from survey.tables._grid import grid_of


@pytest.fixture(scope="module")
def sample() -> sv.Sample:
    """Sixty simulated people in six clusters of two strata, raked to men and women."""
    data = pd.DataFrame(
        {
            "y": ([1, 2, 3, 4, 5, 9] * 10),
            "sex": [1, 2] * 30,
            "stratum": [1] * 30 + [2] * 30,
            "psu": [i // 10 for i in range(60)],
            "w": [1.0, 3.0] * 30,
            "day": pd.date_range("2024-03-01", periods=60, freq="D"),
        }
    )
    labels = {k: {"vi": f"mức {k}", "en": f"level {k}"} for k in range(1, 6)}
    book = sv.Codebook(
        {
            "y": sv.Variable(
                "y", "ordinal", {"vi": "Hài lòng", "en": "Satisfaction"}, labels, missing={9: "dont_know"}
            ),
            "sex": sv.Variable("sex", "nominal", {"vi": "Giới", "en": "Sex"}, {1: {"en": "men"}, 2: {"en": "women"}}),
        }
    )
    made = sv.Sample(sv.Responses(data, book).recode_missing(), weights="w", strata="stratum", psu="psu")
    return made.rake({"sex": {1: 500, 2: 500}})


@pytest.fixture(scope="module")
def facts(sample: sv.Sample) -> Any:
    """The annex with everything that it can say."""
    cases = pd.DataFrame({"disposition": ["I"] * 60 + ["R"] * 30 + ["NC"] * 10})
    return sample.methods(
        estimates=sample.distribution("y"),
        items="y",
        response=sv.response_rates(cases),
        dates="day",
        files={"a.csv": "0f" * 32},
    )


def _value(facts: Any, topic: str) -> float:
    return float(facts.table.loc[facts.table["topic"] == topic, "value"].iloc[0])


def test_counts_of_the_design_by_hand(facts: Any) -> None:
    """30 men of weight 1, 30 women of weight 3, raked to 500 each: weights 16.67, deff 1."""
    for topic, expected in (
        *(("respondents", 60), ("strata", 2), ("clusters", 6), ("cluster_size", 10), ("weight_sum", 1000)),
        *(("weight_min", 1000 / 60), ("weight_cv", 0), ("deff_kish", 1), ("n_eff", 60)),
        *(("cases", 100), ("rr1", 0.6), ("coop1", 60 / 90), ("ref1", 0.3), ("con1", 0.9)),
        *(("asked", 60), ("share_valid", 5 / 6), ("share_dont_know", 1 / 6)),
    ):
        assert _value(facts, topic) == pytest.approx(expected, abs=1e-9), topic


def test_precision_is_that_of_the_estimates(facts: Any, sample: sv.Sample) -> None:
    precision = sample.distribution("y").precision
    assert _value(facts, "margin_of_error") == pytest.approx(precision["moe"].max())
    assert _value(facts, "deff") == pytest.approx(precision["deff"].max())


def test_the_table_says_it_in_both_languages(facts: Any) -> None:
    table = sv.tables.methods(facts, lang="en")
    cells = {(line.group, line.name): line.cells[0] for line in table.once(grid_of).lines}
    assert cells["Sample design", "Selection"] == "stratified sample of clusters"
    assert cells["Fieldwork", "First day of interviews"] == "1 March 2024"
    assert cells["Response (AAPOR)", "Response rate RR1"] == "60.0%"
    assert cells["Population figures", "Calibrated to"] == "Sex"
    assert cells["Item nonresponse", "Don’t know: Satisfaction"] == "16.7%"
    assert cells["Files", "SHA-256: a.csv"] == "0f0f0f0f0f0f…"
    assert table.frame()["text"].str.len().max() == 64  # all of it
    other = {line.name: line.cells[0] for line in table.in_language("vi").once(grid_of).lines}
    assert other["Cách chọn mẫu"] == "chọn mẫu cụm phân tầng" and other["Tỷ lệ trả lời RR1"] == "60,0%"
    assert not set(other) & {name for _, name in cells} - {"Python", "survey", "SHA-256: a.csv"}


def test_an_item_that_few_were_asked_is_not_told(sample: sv.Sample) -> None:
    table = sv.tables.methods(sample.methods(items="y"), suppress_below=100)
    assert table.estimates.table.query("section == 'items'")["value"].isna().all()
    cells = [line.cells[0] for line in table.once(grid_of).lines if line.group == "Không trả lời từng câu hỏi"]
    assert cells and set(cells) == {"n < 100"}


def test_what_is_no_day_and_no_rates_is_refused(sample: sv.Sample) -> None:
    with pytest.raises(EstimationError, match="interview days"):
        sample.methods(dates="y")
    with pytest.raises(EstimationError, match="no such column"):
        sample.methods(dates="nothing")
    with pytest.raises(EstimationError, match="response rates"):
        sample.methods(response=pd.DataFrame({"n": [1]}))
    with pytest.raises(ExportError, match="methods annex"):
        sv.tables.methods(sample.mean("y"))
    with pytest.raises(ExportError):
        sv.tables.table(sample.methods())

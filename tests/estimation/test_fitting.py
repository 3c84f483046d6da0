"""Columns that a misspelt item or group may stand for: what fits the verb first, the design's columns last."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import survey as sv


def sample() -> sv.Sample:
    frame = pd.DataFrame(
        {
            "weight_q": [1.0] * 16,
            "ward_q": [1, 2, 3, 4] * 4,
            "caseid_q": range(16),
            "text_q": ["good", "bad"] * 8,
            "score_q": range(16),
        }
    )
    book = sv.Codebook(
        {
            "caseid_q": sv.Variable("caseid_q", role="id"),
            "text_q": sv.Variable("text_q", type="nominal"),
            "score_q": sv.Variable("score_q"),
        }
    )
    return sv.Sample(sv.Responses(frame, book), weights="weight_q", psu="ward_q")


def refused(call: Callable[[], object]) -> tuple[object, object]:
    with pytest.raises(sv.EstimationError, match="have no such") as failed:
        call()
    return failed.value.expected, failed.value.fix


def test_a_mean_is_offered_numbers_and_a_distribution_questions() -> None:
    assert refused(lambda: sample().mean("zz")) == ("score_q", "correct the name")
    assert refused(lambda: sample().quantile("zz")) == ("score_q", "correct the name")
    assert refused(lambda: sample().distribution("zz")) == ("text_q, score_q", "correct the name")


def test_what_fits_is_told_before_what_is_spelled_nearer() -> None:
    assert refused(lambda: sample().mean("tscore_q"))[1] == "did you mean score_q?"
    assert refused(lambda: sample().mean("texq_q"))[1] == "did you mean text_q?"
    assert refused(lambda: sample().mean("q"))[1] == "correct the name"


def test_a_column_of_the_design_is_told_only_where_no_other_is_near() -> None:
    assert refused(lambda: sample().mean("weigth_q"))[1] == "did you mean weight_q?"
    assert refused(lambda: sample().total("Caseid_q"))[1] == "did you mean caseid_q?"


def test_a_group_may_be_a_cluster_but_no_weight_and_no_id() -> None:
    assert refused(lambda: sample().mean("score_q", by="zz"))[0] == "ward_q, text_q, score_q"
    assert refused(lambda: sample().mean("score_q", by="wards_q"))[1] == "did you mean ward_q?"

"""Rows of banner tables against R's survey: sums of answers, means, letters of columns, bases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.core.banner import Rows, banner_rows, columns_of
from survey.errors import EstimationError

R = json.loads((Path(__file__).parents[1] / "reference" / "banner.json").read_text(encoding="utf-8"))
SCALE = sv.Variable("y", "ordinal", labels={k: {"en": f"answer {k}"} for k in range(1, 6)}, direction=1)


@pytest.fixture(scope="module")
def sample() -> sv.Sample:
    """The rows of banner.R."""
    i = np.arange(480)
    age = 1 + (i * 3 + i // 7) % 4
    frame = pd.DataFrame(
        {"stratum": i // 120 + 1, "psu": i // 6 + 1, "w": 1 + (i * 7) % 11 / 4, "age": age, "y": R["y"], "sex": i % 2}
    )
    return sv.Sample(sv.Responses(frame, sv.Codebook({"y": SCALE})), weights="w", strata="stratum", psu="psu")


@pytest.fixture(scope="module")
def rows(sample: sv.Sample) -> Any:
    """The rows of a breakdown by age, everyone before it."""
    e = sample.distribution("y", over=["everyone", "age"])
    found = banner_rows(e, columns_of(e), Rows())
    return found[found["breakdown"] == "age"].assign(
        key=lambda t: [f"answer{a:.0f}" if r == "answer" else r for r, a in zip(t["row"], t["answer"], strict=True)]
    )


@pytest.mark.parametrize("key", list(R["rows"]))
def test_sums_of_answers_and_means_are_those_of_r(rows: Any, key: str) -> None:
    found, expected = rows[rows["key"] == key], R["rows"][key]
    np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found["std_error"], expected["std_error"], rtol=1e-8, atol=1e-12)


def test_letters_are_those_of_the_tests_that_r_makes_adjusted_over_the_item(rows: Any) -> None:
    """The p-values of R adjusted over the 48 comparisons of the item."""
    for key, expected in R["higher_than"].items():
        assert rows.loc[rows["key"] == key, "higher_than"].tolist() == expected, key


def test_letters_without_adjustment_and_row_by_row_are_those_of_r(sample: sv.Sample) -> None:
    e = sample.distribution("y", by="age")
    letters = {}
    for adjust, family in (("none", "item"), ("holm", "row"), ("holm", "table")):
        found = banner_rows(e, columns_of(e), Rows(), adjust=adjust, family=family)
        letters[adjust, family] = found[found["row"] == "bottom"]["higher_than"].tolist()
    # R: bottom 1 against 2: p = 0.0045540543987144, by Holm over the six of the row 0.0091081, over all 48 0.10117
    assert letters == {
        ("none", "item"): ["B C D", "C D", "D", ""],
        ("holm", "row"): ["B C D", "C D", "D", ""],
        ("holm", "table"): ["C D", "D", "D", ""],
    }


def test_bases_are_those_of_r(rows: Any) -> None:
    top = rows[rows["row"] == "top"]
    np.testing.assert_allclose(top["population"], R["weighted"], rtol=1e-12)
    np.testing.assert_allclose(top["n_eff"], R["effective"], rtol=1e-8)


def test_a_row_that_may_not_be_shown_lends_nothing_to_others(sample: sv.Sample) -> None:
    """Hidden columns have no numbers; their comparisons still count, so that no p-value falls by hiding."""
    from survey.words.disclosure import published

    e = sample.distribution("y", by="age", where="age < 4 or psu <= 10")  # few of the last group
    assert e.table.groupby("age")["n"].first().tolist()[-1] < 30
    hidden = published(e, 30)
    found = banner_rows(hidden, columns_of(hidden, ~hidden.hidden), Rows())
    gone = found[found["age"] == 4]
    assert gone[["estimate", "std_error", "n", "population", "n_eff"]].isna().all(axis=None)
    assert set(gone["letter"]) == {""}
    assert not found["higher_than"].str.contains("D").any()


def test_nominal_and_short_scales_have_no_sums_and_no_mean(sample: sv.Sample) -> None:
    kinds = {"y": sv.Variable("y", "nominal", labels=SCALE.labels)}
    nominal = sv.Sample(sv.Responses(sample.data, sv.Codebook(kinds)), weights="w")
    for e in (nominal.distribution("y", by="age"), sample.distribution("sex", by="age")):
        assert set(banner_rows(e, columns_of(e), Rows())["row"]) == {"answer"}


def test_unknown_arguments(sample: sv.Sample) -> None:
    e = sample.distribution("y", by="age")
    with pytest.raises(EstimationError, match="adjustment"):
        banner_rows(e, columns_of(e), Rows(), adjust="max-t")
    with pytest.raises(EstimationError, match="family"):
        banner_rows(e, columns_of(e), Rows(), family="everything")
    with pytest.raises(EstimationError, match="whole number"):
        Rows(top=0)

"""Frequencies: every count and share of an item with missing answers, by hand and against other verbs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError, ExportError
from survey.tables._grid import grid_of

# ten people: three answer 1, two 2, one does not know, one refuses, one blank, one not applicable, one not asked
CODES = [1, 1, 1, 2, 2, 8, 9, -1, -2, -3]
W = [1.0, 2.0, 1.0, 3.0, 1.0, 2.0, 1.0, 1.0, 4.0, 5.0]
MISSING = {8: "dont_know", 9: "refused", -1: "blank", -2: "not_applicable", -3: "not_asked"}
ITEM = sv.Variable("q", "ordinal", labels={1: {"en": "no"}, 2: {"en": "yes"}}, missing=MISSING)


@pytest.fixture
def sample() -> sv.Sample:
    """The ten people, forty times over."""
    data = pd.DataFrame({"q": CODES * 40, "w": W * 40, "g": [1, 2] * 200, "psu": np.arange(400) // 10})
    return sv.Sample(sv.Responses(data, sv.Codebook({"q": ITEM})).recode_missing(), weights="w", psu="psu")


def test_counts_and_shares_by_hand(sample: sv.Sample) -> None:
    """Asked: weights 1+2+1+3+1+2+1+1 = 12; valid 8; "no" 4, "yes" 4; unweighted 3 and 2 of 5."""
    t = sample.frequencies("q").table
    assert t["answer"].tolist() == [1, 2, "(dont_know)", "(refused)", "(blank)"]
    assert t["count"].tolist() == [120, 80, 40, 40, 40]
    assert t["weighted"].tolist() == [160, 160, 80, 40, 40]
    np.testing.assert_allclose(t["estimate"], np.array([4, 4, 2, 1, 1]) / 12)
    np.testing.assert_allclose(t["valid"], [0.5, 0.5, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(t["valid_unweighted"], [0.6, 0.4, np.nan, np.nan, np.nan])
    first = t.iloc[0]
    assert (first["n"], first["n_valid"], first["n_not_applicable"], first["n_not_asked"]) == (320, 200, 40, 40)
    assert (first["weighted_valid"], first["weighted_everyone"]) == (320, 840)


def test_shares_and_intervals_are_those_of_the_verbs_tested_against_r(sample: sv.Sample) -> None:
    frequencies, valid = sample.frequencies("q", by="g"), sample.distribution("q", by="g")
    own = frequencies.table[frequencies.table["reason"] == ""]
    for column, source in (("valid", "estimate"), ("valid_low", "conf_low"), ("valid_high", "conf_high")):
        np.testing.assert_allclose(own[column], valid.table[source], rtol=1e-12)
    silent = frequencies.table[frequencies.table["reason"] == "dont_know"]
    said = valid.nonresponse.table
    said = said[said["reason"] == "dont_know"]
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(silent[column], said[column], rtol=1e-12)
    where = frequencies.table["g"].to_numpy() == 1
    np.testing.assert_allclose(frequencies.covariance[np.ix_(where, where)].sum(), 0, atol=1e-15)  # shares add up to 1


def test_the_table_says_every_denominator(sample: sv.Sample) -> None:
    table = sv.tables.frequencies(sample.frequencies("q"), lang="en")
    rows = {line.name: line.cells for line in table.once(grid_of).lines}
    assert list(rows) == [
        *("no", "yes", "Valid answers", "Don’t know", "Refused", "Left blank"),
        *("Everyone asked", "Not applicable", "Not asked", "Everyone in the sample"),
    ]
    assert rows["no"][:2] == ("120", "160") and rows["no"][2].startswith("33.3 (") and rows["no"][4] == "60.0"
    assert rows["Valid answers"] == ("200", "320", "66.7", "100.0", "100.0")
    assert rows["Everyone asked"] == ("320", "480", "100.0", "", "")
    assert rows["Not asked"] == ("40", "200", "", "", "")
    assert "320 asked, 200 valid answers, most often" in table.alt


def test_an_item_that_few_were_asked_is_left_out_of_every_number(sample: sv.Sample, tmp_path: Any) -> None:
    few = sample.frequencies("q", by="g", where="psu < 4 or g == 1")
    assert few.table.groupby("g")["n"].first().tolist() == [160, 16]
    table = sv.tables.frequencies(few, lang="en", name="few")
    held = table.estimates.table
    numbers = held[held["g"] == 2].select_dtypes("number").drop(columns=["g"])
    assert numbers.isna().all(axis=None)
    text = sv.export(table, formats=["csv"], folder=tmp_path)["csv"].read_text(encoding="utf-8-sig")
    assert "suppressed" in text and ",8.0," not in text
    assert [line.cells[0] for line in table.once(grid_of).lines if line.group.endswith("2")] == ["n < 30"]


def test_other_results_are_refused(sample: sv.Sample) -> None:
    with pytest.raises(ExportError, match="frequency table"):
        sv.tables.frequencies(sample.distribution("q"))
    with pytest.raises(EstimationError, match="interval for a share"):
        sample.frequencies("q", interval="none")

"""Don't know and refused: every denominator by hand, and a band whose ends are what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import Codebook
from survey.errors import EstimationError

RAW = {
    "missing": {"-96": "not_applicable", "-97": "blank", "-98": "dont_know", "-99": "refused"},
    "scales": {"S5": {"type": "ordinal", "labels": {str(i): str(i) for i in range(1, 6)}}},
    "variables": {
        "q": {"scale": "S5", "base": "asked == 1"},
        "r": {"scale": "S5", "dont_know": "answer"},
        "asked": {"type": "binary", "labels": {"0": "no", "1": "yes"}},
        "sex": {"type": "nominal", "labels": {"1": "1", "2": "2"}},
    },
}
Q = [5.0, 4, 1, -98, -98, -99, -97, -96, np.nan, np.nan]
W = [1.0, 2, 3, 1, 1, 2, 1, 1, 4, 4]


def sample(**columns: object) -> sv.Sample:
    data = pd.DataFrame(
        {"q": Q, "r": [5.0, 4, 1, -98, 3, -99, 2, 1, 5, 4], "asked": [1.0] * 8 + [0, 1], "sex": [1.0, 2] * 5, "w": W}
    ).assign(**columns)
    return sv.Sample(sv.Responses(data, Codebook.from_dict(RAW)).recode_missing(), weights="w")


def test_every_denominator_by_hand() -> None:
    (row,) = sample().item_response("q").to_dict("records")
    counts = {
        k: row[k]
        for k in (
            "everyone",
            "asked",
            "applicable",
            "valid",
            "dont_know",
            "refused",
            "blank",
            "empty",
            "not_applicable",
            "not_asked",
        )
    }
    assert list(counts.values()) == [10, 9, 8, 3, 2, 1, 1, 1, 1, 1]
    # weights: everyone 20, not asked 4, not applicable 1: asked 16, applicable 15
    shares = [row[f"share_{k}"] for k in ("valid", "dont_know", "refused", "blank", "empty")]
    np.testing.assert_allclose(shares, [6 / 15, 2 / 15, 2 / 15, 1 / 15, 4 / 15])
    np.testing.assert_allclose([row["share_not_applicable"], row["share_not_asked"]], [1 / 16, 4 / 20])


def test_groups_add_up_to_everyone() -> None:
    whole, parts = sample().item_response(["q", "r"]), sample().item_response(["q", "r"], by="sex")
    assert parts[["item", "sex"]].to_numpy().tolist() == [["q", 1.0], ["q", 2.0], ["r", 1.0], ["r", 2.0]]
    counts = [c for c in whole if c not in ("item",) and not c.startswith("share")]
    pd.testing.assert_frame_equal(
        parts.groupby("item")[counts].sum().reset_index(drop=True), whole[counts], check_dtype=False
    )
    inside = sample().item_response("q", where="sex == 1")
    assert inside["everyone"].tolist() == [5]


def test_the_band_by_hand() -> None:
    table = sample().bounds("q", top=2).table
    assert table["bound"].tolist() == ["headline", "low", "high", "dont_know", "refused"]
    # content: weights 1 + 2 of valid 6; don't know 2, refused 2: 10 in all
    np.testing.assert_allclose(table["estimate"], [3 / 6, 3 / 10, 7 / 10, 2 / 10, 2 / 10])
    assert table["n"].tolist() == [3, 6, 6, 6, 6]


def test_standard_errors_are_those_of_the_shares_they_are() -> None:
    """Each row is a proportion of a recoded column: what proportion() says of that column it must say too."""
    e = sample().bounds("q", top=2, by="sex")
    kinds = {"headline": [np.nan, np.nan], "low": [0, 0], "high": [1, 1], "dont_know": [1, 0], "refused": [0, 1]}
    for bound, (unknown, refused) in kinds.items():
        plain = [1.0, 1, 0] if bound in ("headline", "low", "high") else [0.0, 0, 0]
        column = [*plain, unknown, unknown, refused, np.nan, np.nan, np.nan, np.nan]
        other = sv.Sample(pd.DataFrame({"x": column, "sex": [1.0, 2] * 5, "w": W}), weights="w")
        expected = other.proportion("x", levels=[1], by="sex").table if 1 in column else None
        rows = e.table[e.table["bound"] == bound]
        for name in ("estimate", "std_error", "conf_low", "conf_high", "df", "n") if expected is not None else ():
            np.testing.assert_allclose(rows[name], expected[name], rtol=1e-12, err_msg=f"{bound} {name}")


def test_the_headline_is_the_proportion_and_lies_in_the_band() -> None:
    s = sample()
    e, p = s.bounds("q", top=2, by="sex").table, s.proportion("q", top=2, by="sex").table
    parts = {b: e.loc[e["bound"] == b, "estimate"].to_numpy() for b in ("headline", "low", "high")}
    np.testing.assert_allclose(parts["headline"], p["estimate"])
    assert (parts["low"] <= parts["headline"]).all() and (parts["headline"] <= parts["high"]).all()


def test_where_dont_know_is_an_answer_it_is_in_the_denominator() -> None:
    e = sample().bounds("r", top=2)
    # r: content weights 1 + 2 + 4 + 4 = 11; valid but for row 3 (1, don't know) and row 5 (2, refused): 17
    np.testing.assert_allclose(e.table["estimate"], [11 / 18, 11 / 20, 14 / 20, 1 / 20, 2 / 20])
    assert any("don’t know is an answer" in note for note in e.notes)


def test_a_plain_frame_has_no_kinds_and_says_so() -> None:
    s = sv.Sample(pd.DataFrame({"q": [1.0, 2, np.nan], "w": 1.0}), weights="w")
    e = s.bounds("q", levels=[2])
    np.testing.assert_allclose(e.table["estimate"], [0.5, 0.5, 0.5, 0, 0])
    assert any("not known" in note for note in e.notes)
    assert s.item_response("q")["empty"].tolist() == [1]
    assert not any("not known" in note for note in s.bounds("q", levels=[2], where=[True, True, False]).notes)


def test_scale_of_the_weights_and_order_of_the_rows_do_not_matter() -> None:
    one, other = sample().bounds("q", top=2).table, sample(w=np.array(W) * 1000).bounds("q", top=2).table
    pd.testing.assert_frame_equal(one, other)


def test_errors() -> None:
    s = sample()
    raw = sv.Responses(pd.DataFrame({"q": Q, "asked": 1.0, "w": W}), Codebook.from_dict(RAW))
    for verb in (lambda x: x.item_response("q"), lambda x: x.bounds("q", top=2)):
        with pytest.raises(EstimationError, match="recode_missing"):
            verb(sv.Sample(raw, weights="w"))
        with pytest.raises(EstimationError, match="no such item"):
            sv.Sample(raw, weights="w").item_response("absent")
    with pytest.raises(EstimationError, match="Give exactly one of levels, top, bottom, net"):
        s.bounds("q")
    with pytest.raises(EstimationError, match="interval"):
        s.bounds("q", top=2, interval="magic")
    with pytest.raises(EstimationError, match="A grouping column conflicts with a column of the result"):
        sample(bound=1).bounds("q", top=2, by="bound")

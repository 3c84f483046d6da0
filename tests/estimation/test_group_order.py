"""Groups stand in the order of their scale, whatever their names sort like; estimates stay those of pandas."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest

import survey as sv
from survey.codebook import Codebook, Variable

AGES = ["Dưới 18", "18-29", "30-44", "45 trở lên"]


def scale(name: str, codes: list[str]) -> Variable:
    return Variable(name, type="ordinal", labels={c: {"vi": c} for c in codes})


BOOK = Codebook({"age": scale("age", AGES), "sex": scale("sex", ["Nữ", "Nam"]), "y": Variable("y")})


def frame() -> pd.DataFrame:
    ages = [AGES[i % 4] for i in range(40)]
    ages[4] = unicodedata.normalize("NFD", AGES[0])  # the same word
    ages[1] = "Khác"
    sexes = ["Nam" if i % 3 else "Nữ" for i in range(40)]
    return pd.DataFrame({"age": ages, "sex": sexes, "y": [float(i % 7) for i in range(40)]})


@pytest.mark.parametrize("dtype", [object, "str", "string", "category"])
def test_text_groups_follow_the_codebook_and_others_come_last(dtype: object) -> None:
    data = frame().astype({"age": dtype})
    got = sv.Sample(sv.Responses(data, BOOK), weights=None).mean("y", by="age").table
    assert got["age"].tolist() == [*AGES, "Khác"]
    composed = frame().assign(age=lambda d: d["age"].map(lambda t: unicodedata.normalize("NFC", t)))
    expected = composed.groupby("age")["y"].agg(["mean", "size"]).loc[got["age"]]
    assert got["estimate"].tolist() == pytest.approx(expected["mean"].tolist())
    assert got["n"].tolist() == expected["size"].tolist()


def test_two_groupings_are_nested_in_their_orders() -> None:
    sample = sv.Sample(sv.Responses(frame(), BOOK), weights=None)
    got = sample.distribution("y", by=["sex", "age"]).table
    pairs = list(dict.fromkeys(zip(got["sex"], got["age"], strict=True)))
    assert pairs == [(s, a) for s in ("Nữ", "Nam") for a in [*AGES, "Khác"] if (s, a) in pairs]
    assert pairs[0] == ("Nữ", AGES[0])


def test_a_group_that_a_domain_leaves_out_leaves_no_row() -> None:
    sample = sv.Sample(sv.Responses(frame(), BOOK), weights=None)
    assert sample.mean("y", by="age", where="age != '18-29'").table["age"].tolist() == [AGES[0], *AGES[2:], "Khác"]


def test_quantiles_and_weight_diagnostics_follow_it_too() -> None:
    sample = sv.Sample(sv.Responses(frame().assign(w=1.5), BOOK), weights="w")
    assert sample.quantile("y", 0.5, by="age").table["age"].tolist() == [*AGES, "Khác"]
    assert sample.weight_diagnostics(by="age").table["age"].tolist() == [*AGES, "Khác"]


def test_without_a_codebook_groups_are_sorted() -> None:
    got = sv.Sample(frame(), weights=None).mean("y", by="age").table["age"].tolist()
    assert got == sorted(got)


def test_margins_are_shown_in_the_order_of_the_scale() -> None:
    data = frame().assign(w=1.0).query("age != 'Khác'").reset_index(drop=True)
    targets = {"age": dict.fromkeys(sorted(AGES), 100)}
    got = sv.Sample(sv.Responses(data, BOOK), weights="w").margin_gaps(targets).table
    assert got["category"].tolist() == [f"age = {a}" for a in AGES]
    expected = data["age"].map(lambda t: unicodedata.normalize("NFC", t)).value_counts().loc[AGES]
    assert got["n"].tolist() == expected.tolist() and got["before"].tolist() == pytest.approx((expected / 39).tolist())

"""Scales that run from good to bad are named once, in a check and in a draft."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

import survey as sv
from survey.codebook import Codebook, Variable, same_text
from survey.io.drafting import draft_codebook
from survey.responses import Responses

DOWN = {1: "Concorda muito", 2: "Concorda um pouco", 3: "Discorda um pouco", 4: "Discorda muito"}


def answered(direction: int = 0, labels: dict[int, str] = DOWN) -> Responses:
    texts = {c: same_text(t) for c, t in labels.items()}
    variables = [Variable(n, "ordinal", labels=texts, direction=direction) for n in ("p1", "p2", "p3")]
    return Responses(pd.DataFrame({v.name: list(labels) * 10 for v in variables}), Codebook().update(*variables))


def test_a_check_names_them_in_one_warning_and_the_call_works() -> None:
    responses = answered()
    (told,) = [b for b in responses.check().broken if b.rule == "direction"]
    assert told.severity == "warning" and "3 items" in told.message and "p1, p2, p3" in told.message
    turned = responses.set_scale(["p1", "p2", "p3"], direction=-1).reverse()
    # by hand: "Concorda muito" and "Concorda um pouco" are two of four answers, and the highest now
    assert turned.codebook["p1"].labels[4]["en"] == "Concorda muito"
    assert sv.Sample(turned, weights=None).proportion("p1", top=1).table["estimate"].iloc[0] == 1 / 4
    assert not [b for b in turned.check().broken if b.rule == "direction"]


@pytest.mark.parametrize("direction", [-1, 1])
def test_a_declared_direction_is_known(direction: int) -> None:
    assert not [b for b in answered(direction).check().broken if b.rule == "direction"]


def test_yes_before_no_and_grades_are_no_warning() -> None:
    for labels in (
        {1: "Sim", 2: "Não"},
        {1: "A", 2: "B", 3: "C"},
        dict(zip(DOWN, reversed(DOWN.values()), strict=True)),
    ):
        assert not [b for b in answered(labels=labels).check().broken if b.rule == "direction"]


def test_a_draft_names_the_answers_at_the_top(tmp_path: Path) -> None:
    file = tmp_path / "a.sav"
    data = pd.DataFrame({"p": [1.0, 2, 3, 4] * 10, "e": [1.0, 4, 7, 10] * 10})
    labels = {"p": DOWN, "e": {1: "Very satisfied", 10: "Very dissatisfied"}}
    pyreadstat.write_sav(data, str(file), variable_value_labels=labels)
    _, remarks = draft_codebook(file)
    assert any("top= counts the other end: 3, 4" in r for r in remarks["p"])
    assert any("the first is the good or strong end" in r for r in remarks["e"])

"""Mentions kept one a column are found by what no scale does: nobody gives a code twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import Codebook, Variable, same_text
from survey.codebook.set_finder import find_select_all
from survey.errors import UndeclaredWarning
from survey.io.drafting import draft_codebook
from survey.responses import Responses

PROBLEMS = {1: "Roads", 2: "Water", 3: "Noise", 4: "Housing", 5: "Jobs", 99: "Don't know"}


def mentions(rows: int = 200, places: int = 3, codes: int = 5) -> np.ndarray:
    """The codes that people mention, none twice, fewer and fewer of them: (rows, places)."""
    rng = np.random.default_rng(7)
    drawn = np.array([rng.permutation(np.arange(1.0, codes + 1))[:places] for _ in range(rows)])
    for place in range(1, places):
        drawn[rng.random(rows) < 0.3, place:] = np.nan
    return drawn


def frame(names: list[str], values: np.ndarray | None = None) -> pd.DataFrame:
    return pd.DataFrame(mentions(places=len(names)) if values is None else values, columns=names)


def book(names: list[str], labels: dict[int, str] = PROBLEMS) -> Codebook:
    texts = {c: same_text(t) for c, t in labels.items()}
    return Codebook().update(*(Variable(n, "nominal", labels=texts) for n in names))


@pytest.mark.parametrize(
    ("names", "stem"),
    [
        (["Q25_1st", "Q25_2nd", "Q25_3rd"], "Q25"),  # San Diego 2015
        (["BT2_O1", "BT2_O2", "BT2_O3"], "BT2"),  # Actualidades
        (["MB_P1_1", "MB_P1_2", "MB_P1_3"], "MB_P1_set"),  # CEP 80
        (["problem_first", "problem_second", "problem_third"], "problem"),
        (["p7a", "p7b", "p7c"], "p7"),
        (["p4_primera", "p4_segunda", "p4_tercera"], "p4"),
        (["q3 mention 1", "q3 mention 2"], "q3"),
    ],
)
def test_columns_of_mentions_are_a_set_whose_call_works(names: list[str], stem: str) -> None:
    data, codebook = frame(names), book(names)
    data.iloc[0] = [99.0] + [np.nan] * (len(names) - 1)
    (one,) = find_select_all(data, codebook)
    assert (one.name, one.shape, one.columns, one.sure) == (stem, "mentions", tuple(names), True)
    declared = eval(one.call, {"responses": Responses(data, codebook)})
    shares = sv.Sample(declared, weights=None).select_all(one.name).table["estimate"]
    # by hand: who mentions a code in any place, of all but the one who did not know
    by_hand = [float((data[1:] == code).any(axis=1).mean()) for code in range(1, 6)]
    assert sorted(shares.round(9)) == sorted(np.round(by_hand, 9))


def test_texts_and_codes_without_labels_too() -> None:
    names = ["q_1", "q_2", "q_3"]
    assert [s.shape for s in find_select_all(frame(names, mentions(codes=9)), Codebook())] == ["mentions"]
    words = frame(names).replace(PROBLEMS).astype(object).where(frame(names).notna(), None)
    assert [s.shape for s in find_select_all(words, Codebook())] == ["mentions"]


SCALE = {1: "Never", 2: "Rarely", 3: "Sometimes", 4: "Often", 5: "Always"}


def test_what_is_no_set_of_mentions() -> None:
    rng, names = np.random.default_rng(1), ["q1", "q2", "q3"]
    scale = rng.integers(1, 6, (200, 3)).astype(float)
    ranks = np.array([rng.permutation([1.0, 2, 3]) for _ in range(200)])
    growing = mentions()[:, ::-1]
    few = mentions(rows=8)
    for values, labels in ((scale, SCALE), (ranks, None), (growing, PROBLEMS), (few, PROBLEMS)):
        codebook = Codebook() if labels is None else book(names, labels)
        assert [s for s in find_select_all(frame(names, values), codebook) if s.shape == "mentions"] == []
    visits = pd.DataFrame({"ef1": rng.integers(1, 4, 200), "ef2": rng.integers(3, 40, 200)}).astype(float)
    assert find_select_all(visits.mask(visits["ef2"] < 5), Codebook()) == ()  # numbers, of no list
    lists = [Variable(n, "nominal", labels={1: same_text(n)}) for n in names]
    assert find_select_all(frame(names), Codebook().update(*lists)) == ()  # each has a list of its own


def test_it_is_said_in_the_draft_the_check_and_once_on_reading(tmp_path: Path) -> None:
    names = ["Q25_1st", "Q25_2nd", "Q25_3rd"]
    path = tmp_path / "a.csv"
    frame(names, mentions(codes=9)).assign(age=range(200)).to_csv(path, index=False)
    with pytest.warns(UndeclaredWarning, match="select-all question and is not declared: Q25") as caught:
        responses = sv.read(path)
    assert len(caught) == 1
    assert "Q25" in responses.to_text() and "Q25" in responses._repr_html_()
    (told,) = [b for b in responses.check().broken if b.rule == "select-all"]
    assert told.variable == "Q25_1st" and 'kind="categories"' in told.message
    _, remarks = draft_codebook(path)
    assert any("mention of one question" in line for line in remarks["Q25_1st"]) and "Q25_2nd" not in remarks


def test_reading_tells_of_non_answers_and_sets_in_one_line(tmp_path: Path) -> None:
    answers: dict[str, Any] = {"q5_1": [1, None] * 20, "q5_2": [None, 1] * 20, "q5_3": [1, 1, None, None] * 10}
    path = tmp_path / "a.csv"
    pd.DataFrame({**answers, "t": ["1", "2", "3", "Don't know"] * 10}).to_csv(path, index=False)
    with pytest.warns(UndeclaredWarning) as caught:
        sv.read(path)
    (line,) = [str(w.message) for w in caught]
    assert "Don't know" in line and "select-all question and is not declared: q5" in line

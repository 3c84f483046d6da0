"""Objects that people make themselves refuse what they cannot hold, where it is given and not three verbs later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.codebook import MultipleSet

ANSWERS = pd.DataFrame({"q": [1, 2], "w": 1.0})
MARGIN = sv.Margin(("sex",), {("nam",): 49.0, ("nữ",): 51.0})
STUDY: dict[str, Any] = {
    "path": Path("study.toml"),
    "id": "wards",
    "title": {"en": "Wards"},
    "source": {"en": "Own survey"},
    "simulated": False,
    "codebook_path": None,
    "language": "en",
    "surveys": {},
    "notebooks": Path("notebooks"),
    "run": (),
    "real": (),
    "processed": Path("processed"),
}

Case = tuple[Callable[[], Any], str, str]

SLIPS: dict[str, Case] = {  # how it is made; where the error says it was given; what it advises
    "type": (lambda: sv.Variable("q", type="ordnal"), "Variable('q'), type", "did you mean ordinal"),
    "policy": (lambda: sv.Variable("q", dont_know="exlude"), "Variable('q'), dont_know", "did you mean exclude?"),
    "kind": (lambda: sv.Variable("q", missing={9: "refusd"}), "Variable('q'), missing, 9", "did you mean refused?"),
    "set": (lambda: MultipleSet("s", ("a",), kind="dichotomy"), "MultipleSet('s'), kind", "did you mean dichotomies?"),
    "lonely": (lambda: sv.Design("w", lonely="ajust"), "Design(lonely=...)", "did you mean adjust?"),
    "design": (lambda: sv.Design(weigths="w"), "Design(weigths=...)", "did you mean weights?"),  # type: ignore[call-arg]
    "columns": (
        lambda: sv.Design.from_columns(weights="w", stratum="a"),  # type: ignore[call-arg]
        "from_columns(stratum=...)",
        "did you mean strata?",
    ),
    "method": (lambda: sv.Replicates("bootstrp", ("r1",)), "method", "did you mean bootstrap?"),
    "replicates": (lambda: sv.Replicates("JK1", colums=("r1",)), "Replicates(colums=...)", "did you mean columns?"),  # type: ignore[call-arg]
    "study": (lambda: sv.Study(**STUDY, notebook="n"), "Study(notebook=...)", "did you mean notebooks?"),
}

WRONG: dict[str, Case] = {  # how it is made; where; what was expected
    "book": (lambda: sv.Codebook(3), "Codebook(variables=...)", "mapping"),  # type: ignore[arg-type]
    "listed": (lambda: sv.Codebook([sv.Variable("q")]), "Codebook(variables=...)", "mapping"),  # type: ignore[arg-type]
    "number": (lambda: sv.Codebook({"q": 3}), "Codebook(variables=...), 'q'", "Variable('q', ...)"),  # type: ignore[dict-item]
    "table": (lambda: sv.Codebook({"q": {"type": "text"}}), "'q'", "Variable('q', ...)"),  # type: ignore[dict-item]
    "called": (lambda: sv.Codebook({"p": sv.Variable("q")}), "Codebook(variables=...)", "'q'"),
    "sets": (lambda: sv.Codebook(sets={"s": 3}), "Codebook(sets=...), 's'", "MultipleSet('s', ...)"),  # type: ignore[dict-item]
    "files": (lambda: sv.Codebook(files=3), "Codebook(files=...)", "a list"),  # type: ignore[arg-type]
    "no name": (lambda: sv.Variable(["q"]), "Variable(name=...)", "a column"),  # type: ignore[arg-type]
    "text": (lambda: sv.Variable("q", text="How old?"), "Variable(text=...)", "mapping"),  # type: ignore[arg-type]
    "label": (lambda: sv.Variable("q", labels={1: "No"}), "Variable('q'), labels, 1", '"vi"'),  # type: ignore[dict-item]
    "codes": (lambda: sv.Variable("q", missing=[9]), "Variable(missing=...)", "mapping"),  # type: ignore[arg-type]
    "up": (lambda: sv.Variable("q", direction=2), "Variable('q'), direction", "-1, 0, 1"),
    "scored": (lambda: sv.Variable("q", scored="yes"), "Variable(scored=...)", "True or False"),  # type: ignore[arg-type]
    "limits": (lambda: sv.Variable("q", limits=(5, 1)), "Variable('q'), limits", "smallest"),
    "ends": (lambda: sv.Variable("q", limits=("a", "b")), "Variable(limits=...)", "a list of numbers"),  # type: ignore[arg-type]
    "letters": (lambda: MultipleSet("s", "ab"), "MultipleSet(variables=...)", "a list of names"),  # type: ignore[arg-type]
    "weights": (lambda: sv.Design(3), "Design(weights=...)", "text or None"),  # type: ignore[arg-type]
    "strata": (lambda: sv.Design("w", strata="ward"), "Design(strata=...)", "a list of names"),  # type: ignore[arg-type]
    "no weights": (sv.Design, "Design(weights=...)", "text or None"),
    "nest": (lambda: sv.Design.from_columns(weights="w", nest="no"), "from_columns(nest=...)", "True or False"),  # type: ignore[arg-type]
    "fpc": (lambda: sv.Design.from_columns(weights="w", fpc=3), "from_columns(fpc=...)", "text"),  # type: ignore[arg-type]
    "scale": (lambda: sv.Replicates("JK1", ("r1",), scale="x"), "Replicates(scale=...)", "a number"),  # type: ignore[arg-type]
    "df": (lambda: sv.Replicates("JK1", ("r1",), df=0), "Replicates(df=...)", "above 0"),
    "per": (lambda: sv.Replicates("JK1", ("r1",), per="row"), "Replicates(per=...)", "psu, unit"),
    "margin": (lambda: sv.Margin("sex", {("nam",): 1}), "Margin(variables=...)", "a list of names"),  # type: ignore[arg-type]
    "source": (lambda: sv.Targets((MARGIN,), source=3), "Targets(source=...)", "text"),  # type: ignore[arg-type]
    "within": (lambda: sv.Targets((MARGIN,), within="sex"), "Targets(within=...)", "a list of names"),  # type: ignore[arg-type]
    "everyone": (lambda: sv.Census(3), "Census(...)", "none"),  # type: ignore[call-arg]
    "sentence": (lambda: sv.Finding("i", "câu", 3), "Finding(texts=...)", "mapping"),  # type: ignore[arg-type]
    "numbers": (lambda: sv.Finding("i", "câu", "a", 3), "Finding(numbers=...)", "mapping"),  # type: ignore[arg-type]
    "data": (lambda: sv.Responses(ANSWERS, 3), "Responses(codebook=...)", "Codebook"),  # type: ignore[arg-type]
    "missing": (lambda: sv.Responses(ANSWERS, missing=3), "Responses(missing=...)", "DataFrame"),  # type: ignore[arg-type]
    "sources": (lambda: sv.Responses(ANSWERS, sources=(3,)), "Responses(sources=...)", "a list"),  # type: ignore[arg-type]
    "path": (lambda: sv.Study(**{**STUDY, "path": 3}), "Study(path=...)", "a path"),
    "language": (lambda: sv.Study(**{**STUDY, "language": "enn"}), "Study(language=...)", "vi, en"),
    "surveys": (lambda: sv.Study(**{**STUDY, "surveys": 3}), "Study(surveys=...)", "mapping"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_what_is_made_is_named_with_what_was_meant(slip: str) -> None:
    make, where, advice = SLIPS[slip]
    with pytest.raises(sv.SurveyError) as caught:
        make()
    assert caught.value.where == where
    assert advice in str(caught.value.fix)


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_held_is_refused_where_it_is_given(case: str) -> None:
    make, where, expected = WRONG[case]
    with pytest.raises(sv.SurveyError) as caught:
        make()
    assert where in str(caught.value.where)
    assert expected in str(caught.value.expected)
    assert caught.value.what and caught.value.got is not None


def test_what_can_be_held_is_held() -> None:
    """Columns called by numbers, a third language, open limits, lists for tuples."""
    texts: dict[str, Any] = {"text": {"fr": "Âge"}, "labels": {1: {"en": "No"}}, "missing": {99: "dont_know"}}
    variable = sv.Variable("q", "ordinal", **texts, direction=-1, limits=[0, float("inf")])  # type: ignore[arg-type]
    book = sv.Codebook({"q": variable, 7: sv.Variable(7)})  # type: ignore[arg-type, dict-item]
    assert sv.Responses(ANSWERS, book).codebook["q"].missing == {99: "dont_know"}
    assert sv.Design("w", strata=["a"], psu=[]) == sv.Design("w", strata=("a",))  # type: ignore[arg-type]
    assert hash(sv.Design("w", strata=["a"])) == hash(sv.Design("w", strata=("a",)))  # type: ignore[arg-type]
    assert sv.Replicates("jk1", ["r1"], scale=0.5, df=3).columns == ("r1",)  # type: ignore[arg-type]
    assert sv.Study(**STUDY).language == "en"

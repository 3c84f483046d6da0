"""Keys of two tables: one unit written in two ways is one unit, or an error."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(2)
    people = pd.DataFrame(
        {
            "w": rng.uniform(1, 5, 300),
            "st": np.repeat([1, 2, 3], 100),
            "psu": np.repeat(np.arange(30), 10),
            "y": rng.normal(50, 10, 300),
            "sex": rng.choice([1, 2], 300),
        }
    )
    silent = pd.DataFrame({"w": rng.uniform(1, 5, 80), "st": rng.choice([1, 2, 3], 80), "sex": rng.choice([1, 2], 80)})
    silent["psu"] = (silent["st"] - 1) * 10 + rng.integers(0, 10, 80)
    return people, silent.assign(disposition="R")


def standard_error(people: pd.DataFrame, silent: pd.DataFrame) -> float:
    s = sv.Sample(people, weights="w", strata="st", psu="psu")
    return float(s.adjust_nonresponse(by="sex", nonrespondents=silent).mean("y").table["std_error"].iloc[0])


WAYS: dict[str, Callable[[pd.Series], Any]] = {
    "text": lambda c: c.astype(str),
    "text with a space": lambda c: c.astype(str) + " ",
    "NBSP": lambda c: c.astype(str) + "\u00a0",
    "floats": lambda c: c.astype(float),
    "objects": lambda c: c.astype(object),
    "categories": lambda c: c.astype(str).astype("category"),
    "categories of numbers": lambda c: c.astype("category"),
    "arrow": lambda c: c.astype("int64[pyarrow]"),
    "arrow text": lambda c: c.astype(str).astype("string[pyarrow]"),
    "mixed": lambda c: [str(v) if v % 2 else v for v in c],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.sampled
def test_clusters_and_strata_of_those_who_did_not_answer_are_the_sample_s(way: str) -> None:
    people, silent = tables()
    right, write = standard_error(people, silent), WAYS[way]
    for column in ("psu", "st"):
        assert standard_error(people, silent.assign(**{column: write(silent[column])})) == pytest.approx(right, 1e-12)
        if way != "mixed":
            assert standard_error(people.assign(**{column: write(people[column])}), silent) == pytest.approx(
                right, 1e-12
            )


def test_words_in_either_unicode_form() -> None:
    people, silent = tables()
    right = standard_error(people, silent)
    word = lambda form: lambda v: unicodedata.normalize(form, f"Tổ {v}")  # noqa: E731
    people, silent = (
        people.assign(psu=people["psu"].map(word("NFC"))),
        silent.assign(psu=silent["psu"].map(word("NFD"))),
    )
    assert standard_error(people, silent) == pytest.approx(right, 1e-12)


@pytest.mark.parametrize("write", [lambda v: f"{v:02d}", lambda v: f"{v}.0", lambda v: f"{v},0"])
def test_text_that_may_or_may_not_be_a_number_is_refused(write: Callable[[int], str]) -> None:
    people, silent = tables()
    with pytest.raises(sv.DesignError, match="look alike"):
        standard_error(people, silent.assign(psu=silent["psu"].map(write)))


@pytest.mark.parametrize("write", [lambda v: f"p {v}", lambda v: f"P\u00a0{v}", lambda v: f"P  {v}"])
def test_texts_that_differ_in_capitals_or_spaces_are_refused(write: Callable[[int], str]) -> None:
    """They were clusters of their own, without a word: a standard error of 0.571 for 0.566."""
    people, silent = tables()
    people = people.assign(psu=people["psu"].map(lambda v: f"P {v}"))
    with pytest.raises(sv.DesignError, match="look alike"):
        standard_error(people, silent.assign(psu=silent["psu"].map(write)))

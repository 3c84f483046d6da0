"""Results do not follow edits of their table, samples do not follow edits of the frame they were made from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "c": np.repeat(range(10), 6),
            "y": rng.normal(size=60),
            "w": rng.uniform(1, 3, 60),
            "g": pd.Categorical(np.tile(list("abc"), 20)),
            "t": np.tile(["x", "y"], 30),
        }
    )


def _set(x: pd.DataFrame, column: str, value: Any) -> None:
    x[column] = value


EDITS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "loc": lambda x: x.__setattr__("w", x["w"]) or x.loc.__setitem__((slice(None), "w"), 1.0),
    "iloc": lambda x: x.iloc.__setitem__((slice(0, 30), 1), 99.0),
    "at": lambda x: x.at.__setitem__((0, "y"), 1e6),
    "column": lambda x: _set(x, "y", 0.0),
    "new column": lambda x: _set(x, "one", 2.0),
    "clusters": lambda x: _set(x, "c", 1),
    "categories": lambda x: _set(x, "g", x["g"].cat.rename_categories({"a": "z"})),
    "drop rows": lambda x: x.drop(x.index[:6], inplace=True),
    "drop column": lambda x: x.drop(columns="y", inplace=True),
    "sort": lambda x: x.sort_values("y", inplace=True, ignore_index=True),
    "rename": lambda x: x.rename(columns={"y": "z"}, inplace=True),
    "index": lambda x: setattr(x, "index", x.index[::-1]),
    "columns": lambda x: setattr(x, "columns", list("edcba")),
    "insert": lambda x: x.insert(0, "new", 1),
    "pop": lambda x: x.pop("w"),
    "clear": lambda x: x.__delitem__("y"),
    "values": lambda x: x["y"].values.__setitem__(slice(None), 0.0),
}


def numbers(s: sv.Sample) -> list[pd.DataFrame]:
    return [s.mean("y", by="g").table, s.total("one").table, s.quantile("y").table, s.linear("y ~ g").table]


@cache
def unedited() -> list[pd.DataFrame]:
    return numbers(sv.Sample(frame(), weights="w", psu="c"))


@pytest.mark.crossed
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("place", ["caller", "responses", "given out"])
def test_a_sample_does_not_follow_edits(edit: str, place: str) -> None:
    x = frame()
    responses = sv.Responses(x)
    s = sv.Sample(responses if place == "responses" else x, weights="w", psu="c")
    target = {"caller": x, "responses": responses.data, "given out": s.data}[place]
    try:
        EDITS[edit](target)
    except ValueError as refused:  # arrays of a frame cannot be written to
        assert "read-only" in str(refused)
    for got, want in zip(numbers(s), unedited(), strict=True):
        pd.testing.assert_frame_equal(got, want)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "edit",
    [
        lambda t: t.sort_values("estimate", inplace=True, ignore_index=True),
        lambda t: t.__setitem__("estimate", 0.0),
        lambda t: t.loc.__setitem__((0, "std_error"), 9.0),
        lambda t: t.drop(t.index[0], inplace=True),
        lambda t: setattr(t, "columns", range(len(t.columns))),
    ],
)
def test_a_result_does_not_follow_edits_of_its_table(edit: Callable[[pd.DataFrame], Any]) -> None:
    e = sv.Sample(frame(), weights="w", psu="c").mean("y", by="g")
    before, want, told = e.table, e.contrast("a - b").table, e.to_text("en")
    edit(e.table)
    pd.testing.assert_frame_equal(e.table, before)
    pd.testing.assert_frame_equal(e.contrast("a - b").table, want)
    assert e.to_text("en") == told


def test_a_table_that_was_handed_in_is_kept_as_it_was() -> None:
    t = pd.DataFrame({"item": ["y"], "estimate": [1.0], "std_error": [0.1]})
    e = sv.Estimates(t, "mean")
    t["estimate"] = 5.0
    assert e.table["estimate"].item() == 1


def test_arrays_of_results_and_samples_cannot_be_written_to() -> None:
    s = sv.Sample(frame(), weights="w", psu="c")
    e = s.mean("y", by="g")
    contrast = e.contrast({"d": [1, -1, 0]})
    for array in (e.covariance, contrast.covariance, contrast.contrast_matrix, e.population, s.weights):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_multipliers_and_codebooks_are_kept_as_they_were() -> None:
    multipliers = np.ones((10, 4)) + np.eye(10, 4)
    scales = np.ones(4)
    r = sv.Replicates("bootstrap", multipliers=multipliers, rscales=scales)
    s = sv.Sample(frame(), weights="w", psu="c", replicates=r)
    before = s.mean("y").table
    multipliers[:], scales[:] = 7.0, 0.0
    pd.testing.assert_frame_equal(s.mean("y").table, before)
    variables = {"y": sv.Variable("y", unit="minutes")}
    book = sv.Codebook(variables)
    variables["z"] = sv.Variable("z")
    assert list(book.variables) == ["y"]


def test_targets_are_kept_as_they_were() -> None:
    known = pd.DataFrame({"variable": "t", "category": ["x", "y"], "total": [10.0, 20.0]})
    targets = sv.Targets.from_frame(known)
    known["total"] = 1.0
    assert targets.margins[0].total == 30


def test_keeping_a_frame_takes_no_memory() -> None:
    """Copies are lazy: the numbers of the sample are those of the frame until one is written to."""
    x = frame()
    s = sv.Sample(x, weights="w", psu="c")
    assert np.shares_memory(x["y"].to_numpy(), s.data["y"].to_numpy())
    e = s.mean("y", by="g")
    assert np.shares_memory(e.table["estimate"].to_numpy(), e.table["estimate"].to_numpy())


# --- infinite numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [float, "Float64", object])
@pytest.mark.parametrize(
    "verb",
    [
        lambda s: s.mean("q"),
        lambda s: s.total("q"),
        lambda s: s.distribution("q"),
        lambda s: s.proportion("q", top=1),
        lambda s: s.proportion("q", levels=[2.0]),
        lambda s: s.quantile("q"),
        lambda s: s.ratio("q", "w"),
        lambda s: s.ratio("w", "q"),
        lambda s: s.variance("q"),
        lambda s: s.correlation(["q", "w"]),
        lambda s: s.mean("w", by="q"),
        lambda s: s.calibrate({"q": 12.0}),
        lambda s: s.weight_effects("q"),
        lambda s: s.bounds("q", top=1),
        lambda s: s.cells("q"),
        lambda s: s.item_response("q"),
        lambda s: s.linear("q ~ w"),
        lambda s: s.linear("w ~ q"),
        lambda s: s.linear("w ~ C(q)"),
        lambda s: s.linear("w ~ exp(-(q ** 2))"),
    ],
)
@pytest.mark.sampled
def test_infinite_answers_are_refused_by_every_verb(
    verb: Callable[[sv.Sample], Any], dtype: Any, infinite: float
) -> None:
    q = pd.Series([1.0, 2, 3, infinite, 2] * 4, dtype=dtype)
    s = sv.Sample(pd.DataFrame({"q": q, "w": np.linspace(1, 2, 20)}), weights="w")
    with pytest.raises(sv.SurveyError):
        verb(s)

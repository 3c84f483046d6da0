"""Infinite and far too large numbers: one error wherever they are met, never a warning of numpy's and a number."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv


def rows(**changes: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "w": [2.0, 3, 1, 2, 4, 1, 3, 5],
            "u": [1.0, 1, 2, 2, 3, 3, 4, 4],
            "h": [1.0, 1, 1, 1, 2, 2, 2, 2],
            "y": [1.0, 2, 3, 4, 5, 6, 7, 9],
            "q": [1.0, 2, 3, 1, 2, 3, 1, 2],
            "g": list("abcbcbcb"),
        }
    )
    return frame.assign(**changes)


def infinite(column: str, where: int = 0, value: float = np.inf) -> pd.DataFrame:
    return rows(**{column: rows()[column].where(rows().index != where, value)})


def scored(frame: pd.DataFrame) -> sv.Responses:
    scale = sv.Variable("q", type="ordinal", labels={i: {"en": str(i)} for i in (1, 2, 3)}, direction=1)
    return sv.Responses(frame, sv.Codebook({"q": scale}))


def sample(frame: pd.DataFrame) -> sv.Sample:
    return sv.Sample(frame, weights="w", psu="u")


CALLS: dict[str, Callable[[float], Any]] = {
    "a cluster": lambda v: sample(infinite("u", value=v)),
    "a stratum": lambda v: sv.Sample(infinite("h", value=v), weights="w", strata="h", psu="u", nest=True),
    "a second stage": lambda v: sv.Sample(infinite("q", value=v), weights="w", psu=["u", "q"]),
    "a weight": lambda v: sample(infinite("w", value=v)),
    "a group": lambda v: sample(infinite("q", value=v)).mean("y", by="q"),
    "a mean": lambda v: sample(infinite("y", value=v)).mean("y"),
    "a ratio": lambda v: sample(infinite("y", value=v)).ratio("q", "y"),
    "where": lambda v: sample(infinite("y", value=v)).mean("q", where="y > 1"),
    "where, arithmetic": lambda v: sample(infinite("y", value=v)).mean("q", where="q * y > 1"),
    "derive": lambda v: sv.Responses(infinite("y", value=v)).derive("z", "y * 2"),
    "drop": lambda v: sv.Responses(infinite("y", value=v)).drop("y > 5", reason="too large"),
    "score": lambda v: scored(infinite("q", value=v)).score(name="s", items=["q"]),
    "linear": lambda v: sample(infinite("y", value=v)).linear("q ~ y"),
}


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("call", [pytest.param(c, id=name) for name, c in CALLS.items()])
@pytest.mark.filterwarnings("error")
def test_an_infinite_number_is_one_clear_error(call: Callable[[float], Any], value: float) -> None:
    with pytest.raises(sv.SurveyError):
        call(value)


def test_infinite_numbers_can_be_recoded_and_then_counted() -> None:
    mended = sv.Responses(infinite("y")).recode("y", {np.inf: np.nan})
    assert sample(mended.derive("z", "y * 2").data).mean("z").table["n"].tolist() == [7]


@pytest.mark.parametrize("factor", [1e120, 1e290, 1e307, 1e-120, 1e-300])
@pytest.mark.filterwarnings("error")
def test_weights_that_cannot_be_squared_are_refused(factor: float) -> None:
    """Their total had a standard error of 0 at 1e290 and at 1e-300, and shares warned of an overflow."""
    with pytest.raises(sv.DesignError, match=r"too (large|small)") as failed:
        sample(rows(w=rows()["w"] * factor))
    assert "mean" in str(failed.value.fix)


@pytest.mark.parametrize("factor", [1e90, 1e-90])
@pytest.mark.filterwarnings("error")
def test_other_weights_give_the_same_errors_at_any_scale(factor: float) -> None:
    near, far = sample(rows()), sample(rows(w=rows()["w"] * factor))
    for e, f in ((near.mean("y"), far.mean("y")), (near.proportion("q", levels=[1]), far.proportion("q", levels=[1]))):
        np.testing.assert_allclose(e.table[["estimate", "std_error"]], f.table[["estimate", "std_error"]], rtol=1e-12)
    e, f = near.total("y").table, far.total("y").table
    np.testing.assert_allclose(e["std_error"] * factor, f["std_error"], rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_answers_that_cannot_be_squared_are_refused() -> None:
    with pytest.raises(sv.EstimationError, match="too large"):
        sample(infinite("y", value=1e200)).mean("y")


def test_a_statistic_that_is_infinite_has_no_standard_error_and_no_warning() -> None:
    replicated = sample(rows()).replicates("jackknife")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        e = replicated.replicate(lambda w: float(w.sum() * np.inf), progress=False)
    assert np.isnan(e.table["std_error"][0])


def test_a_model_whose_base_is_one_respondent_has_no_standard_error_for_it() -> None:
    """R 4.1 svyglm(y ~ g): 2.4e-15 (clusters) and 1.7e-15 (none), the rounding of a 0, and the rest as here."""
    for design, expected in (
        ({"psu": "u"}, [2.075592590707536, 0.7971302695712112]),
        ({}, [1.921625339416019, 0.7379992257061371]),
    ):
        e = sv.Sample(rows(), weights="w", **design).linear("y ~ C(g)")
        np.testing.assert_allclose(e.table["estimate"], [1, 4.9090909090909101, 4.5], rtol=1e-12)
        np.testing.assert_allclose(e.table["std_error"], [np.nan, *expected], rtol=1e-12)
        assert e.table[["p_value", "conf_low", "conf_high"]].isna().to_numpy()[0].all()
        assert any("single respondent" in note for note in e.notes)


def test_a_model_that_fits_exactly_has_no_standard_errors() -> None:
    e = sample(rows(z=rows()["y"] * 3 + 1)).linear("z ~ y")
    np.testing.assert_allclose(e.table["estimate"], [1, 3], rtol=1e-9)
    assert e.table["std_error"].isna().all()

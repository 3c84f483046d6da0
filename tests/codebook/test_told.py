"""An error tells what is wrong with a column, never what somebody wrote in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import Variable
from survey.codebook.told import describe_values
from survey.errors import SurveyError

SECRET = "bà Bé bán cá ở cổng chợ bị mất đất"
SECRETS = [SECRET, unicodedata.normalize("NFD", SECRET), "Trần Thị Bé", "0912345678", "be@example.vn"]


def frame(secret: str) -> pd.DataFrame:
    n = 60
    text = [secret, *(["3"] * (n - 1))]
    data = pd.DataFrame({"q": np.tile([1.0, 2, 3, 4, 5, 1], 10), "g": np.tile(["Nam", "Nữ"], 30), "w": 1.0})
    data["t"] = np.repeat([1, 2], 30)
    return data.assign(text=text, d=np.tile([0.0, 1.0], 30), code=pd.Series(text, dtype=object))


def sample(secret: str, **design: Any) -> Any:
    book = sv.Codebook({"code": Variable("code", "ordinal", {}, {1: {"en": "a"}, 2: {"en": "b"}, 3: {"en": "c"}})})
    return sv.Sample(sv.Responses(frame(secret), book), **{"weights": "w", **design})


FAILING: dict[str, Callable[[str], Any]] = {
    "mean": lambda s: sample(s).mean("text"),
    "mean of a coded item": lambda s: sample(s).mean("code"),
    "total": lambda s: sample(s).total("text"),
    "ratio": lambda s: sample(s).ratio("text", "q"),
    "quantile": lambda s: sample(s).quantile("text", [0.5]),
    "top": lambda s: sample(s).proportion("text", top=1),
    "top of a coded item": lambda s: sample(s).proportion("code", top=1),
    "levels": lambda s: sample(s).proportion("text", levels=["nobody said this"]),
    "weight effects": lambda s: sample(s).weight_effects("text"),
    "weights": lambda s: sample(s, weights="text").mean("q"),
    "fpc": lambda s: sample(s, psu="t", fpc="text").mean("q"),
    "rake": lambda s: sample(s).rake({"text": {"3": 50, "4": 10}}),
    "calibrate": lambda s: sample(s).calibrate({"text": 60.0}),
    "poststratify": lambda s: sample(s).poststratify({"text": {"3": 50}}),
    "treated": lambda s: sample(s).effect("q", treated="text", period="t", unit="g"),
    "units": lambda s: sample(s).effect("q", treated="d", period="text", unit="g"),
    "replicate weights": lambda s: sample(s, replicates=["text", "q"]).mean("q"),
    "recode": lambda s: sv.Responses(frame(s)).recode("text", {"3": 3}),
    "quality": lambda s: sv.Responses(frame(s)).quality(items=["text", "q"], interviewer="text"),
    "band": lambda s: sv.Responses(frame(s)).band("text", [0, 5, 9], into="b"),
    "scale": lambda s: sv.Responses(frame(s)).score("new", items=["text", "q"]),
    "where": lambda s: sample(s).mean("q", where="text > 2"),
    "linear": lambda s: sample(s).linear("text ~ q"),
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("name", FAILING)
@pytest.mark.sampled
def test_no_error_tells_what_somebody_wrote(name: str, secret: str) -> None:
    try:
        FAILING[name](secret)
    except AttributeError:
        raise  # no such verb: nothing was tried
    except Exception as problem:
        chain = [problem, problem.__cause__] if problem.__cause__ else [problem]
        for error in chain:
            said = unicodedata.normalize("NFC", str(error))
            assert unicodedata.normalize("NFC", secret) not in said
            assert "bán cá" not in said


def test_a_slip_in_a_category_is_told() -> None:
    data = frame("3").assign(g=["Nam ", *np.tile(["Nữ", "Nam"], 29), "Nữ"])
    with pytest.raises(SurveyError, match="Nam ") as error:
        sv.Sample(sv.Responses(data), weights="w").rake({"g": {"Nam": 30, "Nữ": 30}})
    assert "1 respondents" in str(error.value)


def test_what_may_be_told() -> None:
    column = pd.Series(["Hồng", "xanh"] * 5 + [SECRET])
    assert describe_values(column.unique(), column=column) == "Hồng, xanh, 1 text (not shown)"
    assert describe_values([1.0, np.nan, -9, "7,5"]) == "1.0, nan, -9, '7,5'"
    assert describe_values([912345678, pd.Timestamp("1990-02-01")]) == "1 date (not shown), 1 large number (not shown)"
    assert describe_values(["a"], Variable("q", role="personal")) == "1 value (not shown: personal)"
    assert describe_values(["b"], Variable("q", "nominal", {}, {"b": {"en": "B"}})) == "b"
    assert describe_values(["Trần Thị Bé"] * 9, column=pd.Series(["Trần Thị Bé"] * 9)) == "1 text (not shown)"


@pytest.mark.parametrize("text", ["HIV", "ly hôn", "mất đất ruộng"])
def test_a_short_text_of_one_respondent_is_not_told(text: str) -> None:
    data = frame("3").assign(g=[text, *np.tile(["Nữ", "Nam"], 29), "Nữ"])
    with pytest.raises(SurveyError, match="no target") as error:
        sv.Sample(sv.Responses(data), weights="w").rake({"g": {"Nam": 30, "Nữ": 30}})
    assert text not in str(error.value) and "1 respondents with other texts" in str(error.value)
    told_by_check = [b.message for b in sv.Responses(frame(text)).check({"r": "text == '3'"}).broken]
    assert text not in str(told_by_check)

"""Classes of a number: shares and errors are R's, a limit belongs to the class above, no answer is left out unsaid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError

LIMITS = [0, 10, 20, 30, 46]
# R survey 4.1-1: svydesign(~psu, strata = ~stratum, weights = ~w), d$bin <- cut(minutes, c(0, 10, 20, 30, 46),
# right = FALSE, include.lowest = TRUE); svymean(~bin, subset(s, !is.na(bin))); svyby(~bin, ~wave, ..., svymean);
# svymean(~I(minutes < 10), s, na.rm = TRUE), 20, 30
SHARES = [0.202970297029703, 0.200495049504951, 0.212871287128713, 0.383663366336634]
ERRORS = [0.0524262968395557, 0.0552585786550220, 0.0588194010231117, 0.0623682319158137]
BY_WAVE = [
    [0.1083743842364532, 0.2315270935960591, 0.2315270935960591, 0.4285714285714286],
    [0.2985074626865671, 0.1691542288557214, 0.1940298507462687, 0.3383084577114428],
]
ERRORS_BY_WAVE = [
    [0.0677917999254461, 0.0619992066965524, 0.0794972095598163, 0.1142688998006378],
    [0.0390101290218681, 0.0870019507689253, 0.0846197729255797, 0.0278775940244436],
]
BELOW = [0.2029702970297030, 0.4034653465346535, 0.6163366336633663]
ERRORS_BELOW = [0.0524262968395557, 0.0573498906696963, 0.0623682319158137]


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    i = np.arange(36)
    minutes = ((i * 13) % 47).astype(float)
    minutes[[4, 19]] = np.nan
    return pd.DataFrame(
        {"stratum": i // 12, "psu": i // 3, "w": 10.0 + (i * 7) % 5, "minutes": minutes, "wave": (i // 3) % 2}
    )


@pytest.fixture(scope="module")
def sample(data: pd.DataFrame) -> sv.Sample:
    return sv.Sample(data, weights="w", strata="stratum", psu="psu")


def test_shares_of_classes_are_those_of_r(sample: sv.Sample) -> None:
    e = sample.histogram("minutes", LIMITS)
    np.testing.assert_allclose(e.table["estimate"], SHARES, rtol=1e-12)
    np.testing.assert_allclose(e.table["std_error"], ERRORS, rtol=1e-8)
    assert e.table["answer"].tolist() == [0, 10, 20, 30] and e.table["n"].tolist() == [34] * 4
    by = sample.histogram("minutes", LIMITS, by="wave")
    np.testing.assert_allclose(by.table["estimate"].to_numpy().reshape(2, 4), BY_WAVE, rtol=1e-12)
    np.testing.assert_allclose(by.table["std_error"].to_numpy().reshape(2, 4), ERRORS_BY_WAVE, rtol=1e-8)


def test_shares_below_limits_are_those_of_r(sample: sv.Sample) -> None:
    e = sample.histogram("minutes", LIMITS, cumulative=True)
    np.testing.assert_allclose(e.table["estimate"], BELOW, rtol=1e-12)
    np.testing.assert_allclose(e.table["std_error"], ERRORS_BELOW, rtol=1e-8)
    assert e.table["answer"].tolist() == [10, 20, 30]
    assert (e.table["conf_low"] > 0).all() and (e.table["conf_high"] < 1).all()


def test_the_four_invariances(data: pd.DataFrame, sample: sv.Sample) -> None:
    expected = sample.histogram("minutes", LIMITS, by="wave").table
    design = {"weights": "w", "strata": "stratum", "psu": "psu"}
    for changed in (data.assign(w=data["w"] * 250), data.sample(frac=1, random_state=1)):
        got = sv.Sample(changed, **design).histogram("minutes", LIMITS, by="wave").table
        pd.testing.assert_frame_equal(got.drop(columns=["answer"]), expected.drop(columns=["answer"]), rtol=1e-9)
    alike = sv.Sample(data.assign(w=1.0), weights="w").histogram("minutes", LIMITS).table["estimate"]
    known = data["minutes"].dropna()
    plain = [((known >= a) & (known < b)).mean() for a, b in ((0, 10), (10, 20), (20, 30), (30, 47))]
    np.testing.assert_allclose(alike, plain)


def test_round_limits_around_the_answers(sample: sv.Sample) -> None:
    assert sample.histogram("minutes", 10).answers == tuple(float(x) for x in range(0, 55, 5))
    assert sample.histogram("minutes", 5).answers == (0, 10, 20, 30, 40, 50)
    one = sv.Sample(pd.DataFrame({"x": [3.0] * 9, "w": 1.0}), weights="w").histogram("x")
    assert one.answers == (3, 4) and one.table["estimate"].tolist() == [1.0]


def test_classes_are_named_in_both_languages(sample: sv.Sample) -> None:
    e = sample.histogram("minutes", [0, 10, 30, float("inf")])
    labels = [[e.codebook.label("minutes", a, lang) for a in e.table["answer"]] for lang in ("vi", "en")]
    assert labels == [
        ["0 đến dưới 10", "10 đến dưới 30", "từ 30 trở lên"],
        ["0 to under 10", "10 to under 30", "30 or more"],
    ]


def test_limits_that_leave_answers_out_or_do_not_rise(sample: sv.Sample) -> None:
    with pytest.raises(EstimationError, match="outside the classes") as found:
        sample.histogram("minutes", [0, 10, 20])
    assert "inf" in str(found.value)
    for bins in ([10, 0], [5], 0, 100, [0, float("nan")]):
        with pytest.raises(EstimationError):
            sample.histogram("minutes", bins)
    with pytest.raises(EstimationError, match="a limit between"):
        sample.histogram("minutes", [0, 50], cumulative=True)
    with pytest.raises(EstimationError, match="interval"):
        sample.histogram("minutes", LIMITS, cumulative=True, interval="clustered")

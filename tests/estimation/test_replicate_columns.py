"""Replicate weights that producers ship: negative ones, and columns that are not what they are said to be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exact import rank

COLUMNS = [f"r{r}" for r in range(16)]


def shipped() -> tuple[pd.DataFrame, pd.DataFrame]:
    """People, and multipliers of balanced half-samples."""
    from survey.design.hadamard import hadamard

    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"w": rng.uniform(100, 900, 80), "y": rng.normal(50, 10, 80), "x": rng.gamma(2, 3, 80)})
    stratum, half = np.repeat(np.arange(8), 10), np.repeat(np.arange(16), 5) % 2
    signs = hadamard(16)[:, 1:9]
    times = np.where((half == 0)[:, None] == (signs.T[stratum] > 0), 2.0, 0.0)
    return frame, pd.DataFrame(times, columns=COLUMNS)


def sample(frame: pd.DataFrame, columns: pd.DataFrame, **options: object) -> sv.Sample:
    given = {"weights": "w", "combined": True} | options
    made = sv.Replicates("BRR", columns=COLUMNS, combined=given["combined"])  # type: ignore[arg-type]
    return sv.Sample(pd.concat([frame, columns], axis=1), weights=given["weights"], replicates=made)  # type: ignore[arg-type]


def test_a_few_negative_replicate_weights_by_hand() -> None:
    """Fay & Train 1995: 1 / R times the sum of squared deviations, whatever the sign of a weight."""
    frame, times = shipped()
    columns = times.mul(frame["w"], axis=0)
    columns.loc[4, "r3"], columns.loc[17, "r9"] = -7.0, -40.0
    s = sample(frame, columns)
    w, y, x = frame["w"].to_numpy(), frame["y"].to_numpy(), frame["x"].to_numpy()
    for found, of in (
        (s.mean("y"), lambda v: v @ y / v.sum()),
        (s.total("y"), lambda v: v @ y),
        (s.ratio("y", "x"), lambda v: (v @ y) / (v @ x)),
        (s.scale_weights(1000.0).total("y"), lambda v: 1000 * (v @ y) / v.sum()),
        (s.trim(upper=1500.0, redistribute="none").total("y"), lambda v: np.minimum(v, 1500.0) @ y),
    ):
        each = np.array([of(columns[c].to_numpy()) for c in COLUMNS])
        assert found.table["std_error"].iloc[0] == pytest.approx(np.sqrt(((each - of(w)) ** 2).mean()), rel=1e-10)


@pytest.mark.parametrize(("mse", "std_error"), [(True, 4.9439607667879928), (False, 4.72268211748169)])
def test_a_variance_below_zero_in_a_replicate_counts_as_it_is(mse: bool, std_error: float) -> None:
    """R survey 4.1-1: svyvar(~y, subset(d, g == "a")) of svrepdesign(type="other", scale=0.5); r0 gives -1.2096."""
    frame = pd.DataFrame({"w": [1.0, 2, 1, 1, 2], "y": [0.0, 1, 5, 2, 9], "g": list("aaabb")})
    times = [[2, 2, -0.3, 1, 1], [1, 0.5, 1, 2, 1], [0.5, 1, 2, 1, 0.5], [1, 1, 1, 0.5, 2]]
    names = [f"r{i}" for i in range(4)]
    frame[names] = np.transpose(times)
    made = sv.Replicates("other", columns=names, combined=False, scale=0.5, rscales=[1, 1, 1, 1], mse=mse)
    table = sv.Sample(frame, weights="w", replicates=made).variance("y", where="g == 'a'").table
    assert table["estimate"][0] == pytest.approx(5.53125, rel=1e-12)
    assert table["std_error"][0] == pytest.approx(std_error, rel=1e-12)


def test_degrees_of_freedom_are_the_exact_rank_where_weights_span_orders_of_magnitude() -> None:
    """Rank of the multipliers by fractions; R's degf has less, from a pivoted QR of weights times multipliers."""
    rng = np.random.default_rng(7)
    halves = rng.choice([1, 3], (14, 12))  # in halves: Fay's multipliers 0.5 and 1.5
    frame = pd.DataFrame({"w": 10.0 ** rng.uniform(-3, 3, 14), "y": rng.normal(size=14)})
    names = [f"r{i}" for i in range(12)]
    frame[names] = halves * frame["w"].to_numpy()[:, None] / 2
    made = sv.Replicates("Fay", columns=names, combined=True, scale=1 / 3)
    table = sv.Sample(frame, weights="w", replicates=made).mean("y").table
    assert table["df"][0] == rank(halves) - 1


def test_what_negative_weights_cannot_do_is_refused() -> None:
    frame, times = shipped()
    columns = times.mul(frame["w"], axis=0)
    columns.loc[4, "r3"] = -7.0
    s = sample(frame.assign(g=1), columns).rake({"g": {1: 5e4}})
    with pytest.raises(sv.DesignError, match="Negative replicate weights"):
        s.trim(median=3)
    columns["r3"] = -1.0
    with pytest.raises(sv.DesignError, match="The weights of a replicate do not have a positive sum"):
        sample(frame, columns)


def test_multipliers_taken_for_complete_weights_are_warned_of() -> None:
    """R's svrepdesign: "Data do not look like combined weights"."""
    frame, times = shipped()
    with pytest.warns(sv.SurveyWarning, match="like multipliers"):
        sample(frame, times)
    # also where the weights have mean 1, which the levels do not tell
    with pytest.warns(sv.SurveyWarning, match="like multipliers"):
        sample(frame.assign(w=frame["w"] / frame["w"].mean()), times)
    with pytest.warns(sv.SurveyWarning, match="look like complete weights"):
        sample(frame, times.mul(frame["w"], axis=0), combined=False)
    with pytest.warns(sv.SurveyWarning, match="weights=None"):
        sample(frame, times.mul(frame["w"], axis=0), weights=None)
    with pytest.warns(sv.SurveyWarning, match="times as large"):
        sample(frame, times.mul(frame["w"], axis=0) / 30)


def test_what_is_as_it_is_said_to_be_is_not_warned_of() -> None:
    """A warning would be an error here; calibrated by their producer, in small numbers, equal weights."""
    frame, times = shipped()
    rng = np.random.default_rng(1)
    complete = times.mul(frame["w"], axis=0)
    sample(frame, complete)
    sample(frame, complete * rng.uniform(0.8, 1.2, complete.shape))
    sample(frame, times, combined=False)
    sample(frame, times, combined=False, weights=None)
    sample(frame.assign(w=1.0), times)
    sample(frame.assign(w=1.0), times, combined=False)

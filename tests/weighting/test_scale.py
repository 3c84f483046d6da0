"""Scaled weights: shares and means stay as they are, pooled waves count as was said, and what is known stays known."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
MARGINS = {"sex": {0: 1400.0, 1: 1600.0}, "age": {0: 800.0, 1: 1300.0, 2: 900.0}}
IN_WAVES = {
    ("wave", v): {(w, c): t * (1 + w) for w in (0, 1) for c, t in known.items()} for v, known in MARGINS.items()
}


def close(got: Any, expected: Any, rtol: float = 1e-10) -> None:
    np.testing.assert_allclose(np.asarray(got, float).ravel(), np.asarray(expected, float).ravel(), rtol=rtol)


def two_waves() -> sv.Sample:
    """Wave 1: weights 10, 30 (sum 40); wave 2: 20, 30, 50, 60 (sum 160)."""
    frame = pd.DataFrame(
        {"wave": [1, 1, 2, 2, 2, 2], "w": [10.0, 30.0, 20.0, 30.0, 50.0, 60.0], "y": [1.0, 3.0, 2.0, 4.0, 5.0, 5.0]}
    )
    return sv.Sample(frame, weights="w", strata="wave")


@pytest.mark.parametrize(
    ("to", "by", "factors"),
    [
        ("n", None, 6 / 200),
        ("n", "wave", [2 / 40] * 2 + [4 / 160] * 4),
        ("average", None, 1.0),
        ("average", "wave", 0.5),
        ("equal", None, 1.0),
        ("equal", "wave", [100 / 40] * 2 + [100 / 160] * 4),
        (1000, None, 5.0),
        (1000, "wave", 5.0),
        (np.float32(1000), ["wave"], 5.0),
        ({1: 80, 2: 80}, "wave", [2.0] * 2 + [0.5] * 4),
        ({"1": 80, np.int64(2): 80}, "wave", [2.0] * 2 + [0.5] * 4),
    ],
    ids=str,
)
def test_factors_by_hand(to: Any, by: Any, factors: Any) -> None:
    s = two_waves()
    close(s.scale_weights(to, by=by).weights, s.weights * np.asarray(factors))


def test_pooled_means_by_hand() -> None:
    """Means of the waves: (10 + 90) / 40 = 2.5 and (40 + 120 + 250 + 300) / 160 = 4.4375."""
    s = two_waves()
    pooled = {to: s.scale_weights(to, by="wave").mean("y").table.loc[0, "estimate"] for to in ("n", "average", "equal")}
    assert pooled["n"] == pytest.approx((2 * 2.5 + 4 * 4.4375) / 6)
    assert pooled["average"] == pytest.approx((40 * 2.5 + 160 * 4.4375) / 200) == s.mean("y").table.loc[0, "estimate"]
    assert pooled["equal"] == pytest.approx((2.5 + 4.4375) / 2)
    assert s.scale_weights("average", by="wave").weights.sum() == pytest.approx(100)  # of an average wave


def test_means_of_each_wave_do_not_change() -> None:
    s = two_waves()
    for to in ("n", "equal", {1: 3, 2: 9}):
        t = s.scale_weights(to, by="wave").mean("y", by="wave").table
        close(t[["estimate", "std_error"]], s.mean("y", by="wave").table[["estimate", "std_error"]])


@pytest.mark.crossed
@pytest.mark.parametrize("raked", [False, True])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_a_common_factor_changes_totals_and_nothing_else(rows: pd.DataFrame, design: str, raked: bool) -> None:
    s = sv.Sample(rows, **DESIGNS[design])
    s = s.rake(MARGINS) if raked else s
    for to in ("n", 7.0, 1e9):
        t = s.scale_weights(to)
        factor = t.weights.sum() / s.weights.sum()
        for one, other, times in (
            (t.mean("q1", by="ward"), s.mean("q1", by="ward"), 1.0),
            (t.ratio("minutes", "trips"), s.ratio("minutes", "trips"), 1.0),
            (t.distribution("q2"), s.distribution("q2"), 1.0),
            (t.quantile("minutes", 0.5), s.quantile("minutes", 0.5), 1.0),
            (t.total("trips"), s.total("trips"), factor),
        ):
            expected = other.table[["estimate", "std_error"]] * times
            close(one.table[["estimate", "std_error"]], expected, 1e-8)
            assert (one.table["df"] == other.table["df"]).all()


# --- after calibration ------------------------------------------------------------------------------------------------


def chain(rows: pd.DataFrame, raked: np.ndarray, scaled: np.ndarray, u: np.ndarray) -> np.ndarray:
    """r_2 = w_2 u, r_1 = r_2 - w_1 x' B with B from the weights before raking: scaling takes nothing off."""
    before = rows["w"].to_numpy()
    x = np.column_stack(
        [(rows["wave"] == w) & (rows[v] == c) for v in ("sex", "age") for w in (0, 1) for c in sorted(rows[v].unique())]
    ).astype(float)
    b = np.linalg.pinv(x.T @ (x * before[:, None])) @ (x.T @ (before / raked * scaled * u))
    return scaled * u - raked * (x @ b)


def standard_error(rows: pd.DataFrame, r: np.ndarray) -> float:
    """Clusters within strata, with replacement."""
    z = pd.Series(r).groupby([rows["stratum"], rows["cluster"]]).sum()
    parts = [len(part) / (len(part) - 1) * ((part - part.mean()) ** 2).sum() for _, part in z.groupby(level=0)]
    return float(np.sqrt(sum(parts)))


@pytest.mark.parametrize("to", ["n", "average", "equal", {0: 100, 1: 900}], ids=str)
def test_standard_errors_after_raking_and_scaling_by_hand(rows: pd.DataFrame, to: Any) -> None:
    """Waves that are made to count alike have pooled standard errors that still know the margins of each."""
    raked = sv.Sample(rows, weights="w", strata="stratum", psu="cluster").rake(IN_WAVES, within="wave", tolerance=1e-13)
    s = raked.scale_weights(to, by="wave")
    w, y = s.weights, rows["trips"].to_numpy(float)
    total = standard_error(rows, chain(rows, raked.weights, w, y))
    assert s.total("trips").table.loc[0, "std_error"] == pytest.approx(total, rel=1e-8)
    mean = (w @ y) / w.sum()
    u = (y - mean) / w.sum()
    of_mean = standard_error(rows, chain(rows, raked.weights, w, u))
    assert s.mean("trips").table.loc[0, "std_error"] == pytest.approx(of_mean, rel=1e-8)
    known = s.mean("age").table.loc[0]
    assert known["std_error"] < 1e-9 * known["estimate"]


@pytest.mark.parametrize("to", ["n", "equal"])
def test_replicates_after_scaling(rows: pd.DataFrame, to: str) -> None:
    """Raked anew in every replicate, then scaled to its own respondents and sums."""
    plain = sv.Sample(rows, weights="w", strata="stratum", psu="cluster").replicates("jackknife")
    raked = plain.rake(IN_WAVES, within="wave")
    s = raked.scale_weights(to, by="wave")
    for r in (0, 5, 11):
        w = raked.readjusted.replicate(r)
        sums, n = pd.Series(w).groupby(rows["wave"]).sum(), pd.Series(w > 0).groupby(rows["wave"]).sum()
        wanted = n if to == "n" else sums * 0 + sums.sum() / 2
        close(s.readjusted.replicate(r), w * (wanted / sums)[rows["wave"]].to_numpy())
    assert s.mean("age").table.loc[0, "std_error"] < 1e-9
    linearised = s.mean("trips", variance="taylor").table.loc[0, "std_error"]
    assert s.mean("trips").table.loc[0, "std_error"] == pytest.approx(linearised, rel=0.2)


def test_scaling_first_and_raking_then_is_raking(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    one, other = s.scale_weights("n").rake(MARGINS, tolerance=1e-13), s.rake(MARGINS, tolerance=1e-13)
    close(one.weights, other.weights)
    close(one.total("trips").table["std_error"], other.total("trips").table["std_error"], 1e-8)


# --- groups -----------------------------------------------------------------------------------------------------------


def test_groups_by_several_columns_in_either_unicode_form(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, weights="w")
    keys = list(rows.groupby(["wave", "ward"]).groups)
    for form in ("NFC", "NFD"):
        to = {(w, unicodedata.normalize(form, ward)): 100.0 + i for i, (w, ward) in enumerate(keys)}
        t = s.scale_weights(to, by=["wave", "ward"])
        got = pd.Series(t.weights).groupby([rows["wave"], rows["ward"]]).sum()
        close(got, [100.0 + i for i in range(len(keys))])


@pytest.mark.parametrize(
    ("to", "by", "words"),
    [
        ("mean", None, "An unknown way to scale weights"),
        (None, None, "An unknown way to scale weights"),
        (True, None, "An unknown way to scale weights"),
        (0, None, "positive"),
        (-5, None, "positive"),
        (np.nan, None, "positive"),
        ({1: 5}, "wave", "No sum of weights was given for some groups"),
        ({1: 5, 2: 0}, "wave", "positive"),
        ({1: 5, 2: 5, 3: 5}, "wave", "A sum of weights was given for an empty group"),
        ({1: 5}, None, "A sum of weights was given for an empty group"),
        ("n", "ward", "grouping"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_the_sample_stays(to: Any, by: Any, words: str) -> None:
    s = two_waves()
    with pytest.raises(sv.DesignError, match=words):
        s.scale_weights(to, by=by)
    assert s.design.weights == "w" and len(s.responses.log) == 0


def test_scaling_is_one_line_in_the_log() -> None:
    s = two_waves().scale_weights("equal", by="wave", into="w_pooled")
    line = s.responses.log.iloc[-1]
    assert line["verb"] == "scale" and "w -> w_pooled: to equal by wave" in line["what"]

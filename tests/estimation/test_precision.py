"""Design effects with and without replacement, coefficients of variation and margins of error, against R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey as sv


@pytest.fixture
def sample(r_sample: pd.DataFrame) -> sv.Sample:
    return sv.Sample(r_sample, weights="w", strata="stratum", psu="psu")


# R survey 4.1-1 on r_survey/sample.csv, d <- svydesign(id=~psu, strata=~stratum, weights=~w, data=x, nest=TRUE):
# deff(svymean(~minutes, d, na.rm=TRUE, deff="replace")), the same with deff=TRUE, and cv(); for totals subset to valid
def test_deff_of_both_kinds_and_cv_agree_with_r(sample: sv.Sample) -> None:
    row = sample.mean("minutes").precision.iloc[0]
    assert row["deff"] == pytest.approx(1.13647202005173, rel=1e-10)
    assert row["deff_without_replacement"] == pytest.approx(1.16863821205863, rel=1e-10)
    assert row["cv"] == pytest.approx(0.0344277531464574, rel=1e-10)
    total = sample.total("minutes").precision.iloc[0]
    assert total["deff_without_replacement"] == pytest.approx(3.80983450282296, rel=1e-10)


def test_deff_of_a_domain_uses_the_domain_s_population(sample: sv.Sample) -> None:
    row = sample.mean("q1", where="kind == 'business'").precision.iloc[0]
    assert row["deff_without_replacement"] == pytest.approx(2.16887508022871, rel=1e-10)


def test_without_replacement_is_not_given_once_weights_are_rescaled(r_sample: pd.DataFrame) -> None:
    scaled = r_sample.assign(w=r_sample["w"] / r_sample["w"].mean() / 2)
    row = sv.Sample(scaled, weights="w", strata="stratum", psu="psu").mean("minutes").precision.iloc[0]
    assert np.isnan(row["deff_without_replacement"])
    assert row["deff"] == pytest.approx(1.13647202005173, rel=1e-10)


def test_margin_of_error_is_half_the_t_interval(sample: sv.Sample) -> None:
    e = sample.mean(["q1", "minutes"], by="group")
    assert len(e.precision) == 4
    half = (e.table["conf_high"] - e.table["conf_low"]) / 2
    np.testing.assert_allclose(e.precision["moe"], half, rtol=1e-12)
    assert list(e.precision.columns[:2]) == ["item", "group"]


def test_contrasts_have_no_precision_table(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="Precision is not available for estimates without counts of answers"):
        _ = sample.mean("q1", by="group").contrast([1, -1]).precision

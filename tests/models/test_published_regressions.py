"""Regressions as they are printed on the page of R's survey, of its sample of schools within districts.

Lumley, http://r-survey.r-forge.r-project.org/survey/example-regression.html: two stages, without finite populations.
The page's p-values are by schools minus coefficients; R's today, as ours, are by districts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv

SCHOOLS = Path(__file__).parents[1] / "reference" / "apiclus2.csv"


@pytest.fixture(scope="module")
def schools() -> sv.Sample:
    return sv.Sample(pd.read_csv(SCHOOLS), weights="pw", psu="dnum")


def printed(model: sv.Model, estimate: list[float], std_error: list[float], t: list[float], digits: list[int]) -> None:
    table = model.table
    for name, expected, d in zip(("estimate", "std_error", "statistic"), (estimate, std_error, t), digits, strict=True):
        np.testing.assert_array_equal(table[name].round(d), expected)


def test_a_score_by_shares_of_pupils(schools: sv.Sample) -> None:
    """summary(svyglm(api00 ~ ell + meals + mobility, design = dclus2))"""
    printed(
        schools.linear("api00 ~ ell + meals + mobility"),
        [811.4907, -2.0592, -1.7772, 0.3253],
        [30.8795, 1.4075, 1.1053, 0.5305],
        [26.279, -1.463, -1.608, 0.613],
        [4, 4, 3],
    )


def test_means_of_types_of_schools(schools: sv.Sample) -> None:
    """summary(svyglm(api00 ~ stype - 1, dclus2))"""
    printed(
        schools.linear("api00 ~ 0 + stype"),
        [692.81, 598.34, 642.35],
        [30.28, 16.96, 45.34],
        [22.88, 35.27, 14.17],
        [2, 2, 2],
    )
    assert schools.linear("api00 ~ 0 + stype").table["term"].str.contains("stype").all()

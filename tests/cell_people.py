"""Invented answers in uneven clusters, for tests of counts that stand for rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import survey as sv

DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu"}
VARIABLES = """
title.en = "Test"
[variables.q1]
type = "ordinal"
direction = 1
text = {en = "First", vi = "Một"}
missing.98 = "dont_know"
missing.99 = "refused"
labels.1 = {en = "bad", vi = "kém"}
labels.2 = {en = "poor", vi = "yếu"}
labels.3 = {en = "fair", vi = "vừa"}
labels.4 = {en = "good", vi = "khá"}
labels.5 = {en = "very good", vi = "tốt"}
[variables.sex]
type = "nominal"
role = "frame"
text = {en = "Sex", vi = "Giới tính"}
labels.1 = {en = "man", vi = "nam"}
labels.2 = {en = "woman", vi = "nữ"}
[variables.minutes]
type = "number"
text = {en = "Minutes", vi = "Số phút"}
unit = "minutes"
"""


def codebook(text: str = VARIABLES) -> sv.Codebook:
    """Three questions, one with codes of non-answers."""
    import tomllib

    return sv.Codebook.from_dict(tomllib.loads(text))


def people(seed: int = 7, n: int = 900, clusters: int = 8) -> pd.DataFrame:
    """Uneven clusters in three strata, weights of 0, a missing sex, an answer that nobody gave."""
    rng = np.random.default_rng(seed)
    stratum = rng.choice(["bắc", "nam", "trung"], n, p=[0.5, 0.3, 0.2])
    return pd.DataFrame(
        {
            "stratum": stratum,
            "psu": [f"{s}-{c}" for s, c in zip(stratum, rng.integers(1, clusters + 1, n), strict=True)],
            "total": pd.Series(stratum).map({"bắc": 29, "trung": 40, "nam": 33}),
            "w": np.where(rng.random(n) < 0.02, 0.0, rng.uniform(0.5, 90, n)),
            "wave": rng.integers(1, 3, n),
            "ward": rng.choice(["An Hòa", "Bình", "Cẩm"], n),
            "sex": rng.choice([1.0, 2.0, np.nan], n, p=[0.5, 0.45, 0.05]),
            "minutes": 1000 + np.round(rng.gamma(2, 9, n), 3),
            "q1": rng.choice([1, 3, 4, 5, 98, 99], n, p=[0.1, 0.3, 0.3, 0.2, 0.06, 0.04]),
        }
    )


def sample(rows: pd.DataFrame, book: sv.Codebook | None = None, **design: Any) -> sv.Sample:
    """The answers with non-answers emptied, and their design."""
    return sv.Sample(sv.Responses(rows, book or codebook()).recode_missing(), **(DESIGN | design))


def same(got: sv.Estimates, expected: sv.Estimates, rtol: float = 1e-10) -> None:
    """Equal tables, covariances and notes."""
    assert list(got.table.columns) == list(expected.table.columns)
    for column in expected.table:
        if expected.table[column].dtype.kind in "fi" and column not in expected.by:
            np.testing.assert_allclose(got.table[column], expected.table[column], rtol=rtol, atol=1e-12, err_msg=column)
        else:
            assert got.table[column].tolist() == expected.table[column].tolist()
    scale = np.abs(expected.covariance).max(initial=1e-3)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=rtol, atol=1e-13 * scale)
    assert got.notes == expected.notes
    assert got.answers == expected.answers

"""Old names of public attributes: they give what the new ones give, and the warning stands at the user's line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.design.design import Design

ROWS = pd.DataFrame({"q": [1, 2, 2, 1, 2, 1], "g": [0, 0, 0, 1, 1, 1]})


def sample() -> sv.Sample:
    return sv.Sample(ROWS, weights=None)


def test_band_of_a_sample_is_bounds() -> None:
    with pytest.warns(DeprecationWarning, match=r"^Sample\.band is now Sample\.bounds$") as caught:
        old = sample().band("q", top=1)
    assert len(caught) == 1 and Path(caught[0].filename) == Path(__file__)
    pd.testing.assert_frame_equal(old.table, sample().bounds("q", top=1).table)


def test_weights_of_estimates_are_the_contrast_matrix() -> None:
    differences = sample().mean("q", by="g").pairwise()
    with pytest.warns(DeprecationWarning, match=r"^Estimates\.weights is now Estimates\.contrast_matrix$") as caught:
        old = differences.weights
    assert len(caught) == 1 and Path(caught[0].filename) == Path(__file__)
    assert np.array_equal(old, [[-1.0, 1.0]]) and old is differences.contrast_matrix


def test_of_a_design_is_from_columns() -> None:
    with pytest.warns(DeprecationWarning, match=r"^Design\.of is now Design\.from_columns$") as caught:
        old = Design.of(weights="w", strata="s", psu=["p"])
    assert len(caught) == 1 and Path(caught[0].filename) == Path(__file__)
    assert old == Design.from_columns(weights="w", strata="s", psu=["p"]) == Design("w", ("s",), ("p",))

"""What weighting did and cost: Kish's numbers, step by step, and margins before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey as sv


@pytest.fixture
def sample() -> sv.Sample:
    frame = pd.DataFrame({"sex": ["f", "f", "m", "m"], "age": [0, 1, 0, 1], "w": [1.0, 2.0, 3.0, 4.0]})
    return sv.Sample(frame, weights="w")


def test_kish_by_hand(sample: sv.Sample) -> None:
    row = sample.weight_diagnostics().iloc[0]
    # n sum w^2 / (sum w)^2 = 4 * 30 / 100
    assert row["deff_kish"] == pytest.approx(1.2)
    assert row["n_eff"] == pytest.approx(4 / 1.2)
    assert row["cv"] == pytest.approx(np.std([1, 2, 3, 4]) / 2.5)
    assert (row["step"], row["n"], row["sum"], row["min"], row["median"], row["max"]) == ("w", 4, 10, 1, 2.5, 4)


def test_equal_weights_cost_nothing(sample: sv.Sample) -> None:
    for s in (sv.Sample(sample.data.assign(w=7.3), weights="w"), sv.Sample(sample.data, weights=None)):
        row = s.weight_diagnostics().iloc[0]
        assert row["deff_kish"] == pytest.approx(1.0)
        assert row["n_eff"] == pytest.approx(4.0)
        assert row["cv"] < 1e-7
    assert row["step"] == "(equal)"


def test_the_scale_of_the_weights_is_no_cost(sample: sv.Sample) -> None:
    columns = ["cv", "deff_kish", "n_eff"]
    scaled = sv.Sample(sample.data.assign(w=sample.data["w"] * 1e6), weights="w").weight_diagnostics()
    np.testing.assert_allclose(scaled[columns], sample.weight_diagnostics()[columns], rtol=1e-12)


def test_every_step_has_its_line_in_order(sample: sv.Sample) -> None:
    s = sample.rake({"sex": {"f": 50, "m": 50}}).rake({"age": {0: 30, 1: 70}})
    table = s.weight_diagnostics()
    assert table["step"].tolist() == ["w", "w_raked", "w_raked_2"]
    assert table["sum"].tolist() == pytest.approx([10, 100, 100])
    # women 1:2 of 50, men 3:4 of 50
    assert table.loc[1, "max"] == pytest.approx(50 * 2 / 3)


def test_gaps_before_and_after(sample: sv.Sample) -> None:
    targets = {"sex": {"f": 500, "m": 500}, "age": {0: 300, 1: 700}}
    before, after = sample.margin_gaps(targets), sample.rake(targets).margin_gaps(targets)
    assert before["margin"].tolist() == ["sex", "sex", "age", "age"]
    assert before["category"].tolist() == ["sex = f", "sex = m", "age = 0", "age = 1"]
    assert before["n"].tolist() == [2, 2, 2, 2]
    for table in (before, after):
        assert table["target"].tolist() == [0.5, 0.5, 0.3, 0.7]
        assert table["before"].tolist() == pytest.approx([0.3, 0.7, 0.4, 0.6])
    assert before["gap"].tolist() == pytest.approx([-0.2, 0.2, 0.1, -0.1])
    assert after["after"].tolist() == pytest.approx([0.5, 0.5, 0.3, 0.7])
    assert after["gap"].abs().max() < 1e-9


def test_gaps_to_figures_of_another_source(sample: sv.Sample) -> None:
    """After raking to one source, another can be looked at."""
    s = sample.rake({"sex": {"f": 50, "m": 50}})
    gaps = s.margin_gaps({"sex": {"f": 520, "m": 480}})
    assert gaps["gap"].tolist() == pytest.approx([-0.02, 0.02])

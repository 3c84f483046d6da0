"""The worked example of Kalton & Flores-Cervantes (2003), Weighting Methods, J. Official Statistics 19, 81-97.

A sample of 1,000 in a table of 3 by 4, a population of 1,500, and the multiplier that each method gives each cell,
printed to two decimals: every printed digit is met. R's own answer to the same table (weighting.R) gives the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv

FILE = Path(__file__).parents[1] / "reference" / "weighting.json"
R = {r["id"]: r for r in json.loads(FILE.read_text(encoding="utf-8"))["results"] if r["id"].startswith("kalton/")}
SAMPLE = np.array([[20, 50, 100, 30], [40, 140, 50, 100], [40, 310, 50, 70]])
POPULATION = np.array([[80, 60, 170, 55], [40, 150, 60, 165], [55, 340, 200, 125]])
MARGINS = {
    "row": {i: float(POPULATION[i].sum()) for i in range(3)},
    "column": {j: float(POPULATION[:, j].sum()) for j in range(4)},
}
CELLS = {("row", "column"): {(i, j): float(POPULATION[i, j]) for i in range(3) for j in range(4)}}
METHODS: dict[str, Callable[[sv.Sample], sv.Sample]] = {
    "poststratified": lambda s: s.poststratify(CELLS),
    "raked": lambda s: s.rake(MARGINS, tolerance=1e-13),
    "linear": lambda s: s.calibrate(MARGINS, method="linear"),
    "logit": lambda s: s.calibrate(MARGINS, method="logit", bounds=(0.5, 2.2), tolerance=1e-12),
}
PRINTED = {  # as the paper has them, column by column of the table
    "poststratified": [[4.00, 1.00, 1.38], [1.20, 1.07, 1.10], [1.70, 1.20, 4.00], [1.83, 1.65, 1.79]],
    "raked": [[1.81, 1.45, 2.02], [1.08, 0.87, 1.21], [2.20, 1.76, 2.45], [1.83, 1.47, 2.04]],
    "linear": [[1.82, 1.50, 1.97], [1.09, 0.78, 1.24], [2.19, 1.88, 2.34], [1.83, 1.52, 1.98]],
    "logit": [[1.87, 1.46, 1.98], [1.08, 0.74, 1.27], [2.17, 2.09, 2.18], [1.89, 1.49, 1.99]],
}


@pytest.fixture(scope="module")
def sample() -> sv.Sample:
    i, j = np.indices(SAMPLE.shape)
    frame = pd.DataFrame({"row": np.repeat(i.ravel(), SAMPLE.ravel()), "column": np.repeat(j.ravel(), SAMPLE.ravel())})
    return sv.Sample(frame.assign(w=1.0), weights="w")


def multipliers(s: sv.Sample) -> np.ndarray:
    by_cell = pd.Series(s.weights).groupby([s.data["row"], s.data["column"]])
    assert (by_cell.max() - by_cell.min()).max() < 1e-12  # people alike in both margins are weighted alike
    return by_cell.mean().unstack().to_numpy()


@pytest.mark.parametrize("method", METHODS)
def test_multipliers_of_kalton_and_flores_cervantes(sample: sv.Sample, method: str) -> None:
    got = multipliers(METHODS[method](sample))
    np.testing.assert_allclose(got, np.array(PRINTED[method]).T, rtol=0, atol=0.005)


@pytest.mark.parametrize("method", METHODS)
def test_multipliers_of_the_same_table_in_r(sample: sv.Sample, method: str) -> None:
    got = multipliers(METHODS[method](sample))
    np.testing.assert_allclose(got.ravel(), R[f"kalton/{method}"]["multipliers"], rtol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_the_margins_of_the_table_hold(sample: sv.Sample, method: str) -> None:
    cells = multipliers(METHODS[method](sample)) * SAMPLE
    np.testing.assert_allclose(cells.sum(axis=1), POPULATION.sum(axis=1), rtol=1e-10)
    np.testing.assert_allclose(cells.sum(axis=0), POPULATION.sum(axis=0), rtol=1e-10)

"""The simulated data that benchmarks run on: many respondents, few possible answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["ITEMS", "frame_bytes", "respondents"]

ITEMS = [f"q{i:02d}" for i in range(1, 21)]
STRATA, CLUSTERS, WARDS = 40, 2_000, 40
MISSING = 0.06


def respondents(rows: int, seed: int = 1) -> pd.DataFrame:
    """Simulated answers of `rows` people to 20 five-point items, with their design.

    40 strata of 50 clusters; clusters differ, so that design effects are above 1; 6 % of the answers are missing;
    weights are no round numbers. The 40 wards cut across clusters: the harder case, since each cluster then has members
    in each ward, and there are 40 times as many cells to count into.
    """
    rng = np.random.default_rng(seed)
    psu = rng.integers(0, CLUSTERS, rows)
    columns: dict[str, np.ndarray] = {}
    for item in ITEMS:
        level = rng.normal(3, 0.3, CLUSTERS)
        answer = rng.standard_normal(rows)
        answer += level[psu]
        np.clip(np.rint(answer, out=answer), 1, 5, out=answer)
        answer[rng.random(rows) < MISSING] = np.nan
        columns[item] = answer
    columns["w"] = rng.gamma(4, 0.25, rows) + 0.1
    columns["stratum"] = psu // (CLUSTERS // STRATA)
    columns["psu"] = psu
    columns["ward"] = rng.integers(0, WARDS, rows)
    columns["wave"] = rng.integers(0, 2, rows)
    columns["pilot"] = rng.integers(0, 2, rows)
    return pd.DataFrame(columns)


def frame_bytes(frame: pd.DataFrame) -> int:
    """Bytes that the columns take."""
    return int(frame.memory_usage(index=False).sum())

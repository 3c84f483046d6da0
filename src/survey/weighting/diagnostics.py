"""What weighting did: spread of the weights at each step, and margins before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey._linalg import weighted_count
from survey.targets import Targets
from survey.weighting.margins import code_margins

if TYPE_CHECKING:
    from survey.sample import Sample

__all__ = ["margin_gaps", "weight_diagnostics"]


def weight_diagnostics(self: Sample) -> pd.DataFrame:
    """Every weight column in the order it was made: sum, extremes, Kish's design effect and effective n.

    Returns
    -------
    DataFrame
        step, n, sum, min, median, max, cv (coefficient of variation), deff_kish = 1 + cv^2, n_eff = n / deff_kish
        (Kish 1965, section 11.7).
    """
    columns: list[str | None] = [a.weights_before for a in self.design.adjustments]
    columns += [self.design.weights] if self.design.weights is not None else []
    rows = []
    for column in columns or [None]:
        w = np.ones(len(self)) if column is None else self.data[column].to_numpy(float)
        deff = float(len(w) * np.sum(w**2) / np.sum(w) ** 2)
        rows.append(
            {
                "step": column or "(equal)", "n": len(w), "sum": w.sum(), "min": w.min(), "median": np.median(w),
                "max": w.max(), "cv": np.sqrt(max(deff - 1, 0.0)), "deff_kish": deff, "n_eff": len(w) / deff,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def margin_gaps(self: Sample, targets: Targets | pd.DataFrame | Mapping[Any, Any]) -> pd.DataFrame:
    """Shares of every target category: in the population, with the first weights, with the current ones.

    Returns
    -------
    DataFrame
        margin, category, n, target, before, after (shares in 0-1), gap (after minus target).
    """
    first = self.design.adjustments[0].weights_before if self.design.adjustments else self.design.weights
    before = np.ones(len(self)) if first is None else self.data[first].to_numpy(float)
    rows = []
    for margin in code_margins(self.data, Targets.of(targets)):
        k = len(margin.categories)
        shares = [weighted_count(margin.code, w, k) / w.sum() for w in (before, self.weights)]
        n = np.bincount(margin.code, minlength=k)
        for i, category in enumerate(margin.categories):
            target = margin.totals[i] / margin.totals.sum()
            rows.append(
                {
                    "margin": margin.margin.name, "category": margin.margin.label(category), "n": int(n[i]),
                    "target": target, "before": shares[0][i], "after": shares[1][i], "gap": shares[1][i] - target,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)

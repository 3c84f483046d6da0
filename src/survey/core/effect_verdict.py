"""What may be said of an effect on few units: three verdicts, and the rule for each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array

__all__ = ["VERDICTS", "effect_verdict", "effect_verdicts"]

VERDICTS = ("higher", "lower", "unclear", "no_sign", "unknown")
"""Probably yes (upwards, or downwards); it cannot be told; no sign of an effect; nothing to judge by."""
_TIE = 1e-12


def effect_verdict(estimate: float, p: float, low: float, high: float, mde: float, margin: float, alpha: float) -> str:
    """The verdict on one effect.

    - "higher", "lower": p is at most alpha.
    - "no_sign": p is above alpha, and an effect that matters would have shown: the interval lies within the margin, or
      the smallest detectable effect is at most the margin. Without a margin there is no such verdict.
    - "unclear": anything else. The data allow an effect as well as none, or the smallest possible p is above alpha.

    Parameters
    ----------
    estimate, p, low, high, mde : float
        As in the table of an effect; p adjusted where a plan adjusts it.
    margin : float
        The smallest effect that matters; NaN for none.
    alpha : float
    """
    if not np.isfinite([estimate, p]).all():
        return "unknown"
    if p <= alpha + _TIE:
        return "lower" if estimate < 0 else "higher"
    if (np.isfinite([low, high]).all() and low >= -margin and high <= margin) or mde <= margin:
        return "no_sign"
    return "unclear"


def effect_verdicts(table: pd.DataFrame, alphas: Array | float) -> list[str]:
    """The verdict of each row of a table of effects, by the adjusted p-value where there is one."""

    def column(name: str) -> Any:
        return table[name].to_numpy(float) if name in table.columns else np.full(len(table), np.nan)

    p = column("p_value")
    if "p_adjusted" in table.columns:
        p = np.where(np.isfinite(column("p_adjusted")), column("p_adjusted"), p)
    parts = [column("estimate"), p, column("conf_low"), column("conf_high"), column("mde"), column("margin_high")]
    rows = zip(*parts, np.broadcast_to(alphas, len(table)), strict=True)
    return [effect_verdict(*(float(x) for x in row)) for row in rows]

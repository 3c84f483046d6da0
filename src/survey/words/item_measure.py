"""What the numbers of an item are measured in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.words.measure import Measure

__all__ = ["measure_of"]


def measure_of(e: ResultData, item: str) -> Measure:
    """What the numbers of an item are measured in: by the statistic and what the codebook says of the item."""
    kind = e.kind
    if kind.unit == "share":
        return Measure("share", limits=(0.0, 100.0))
    if kind.unit == "net":
        return Measure("share", True, limits=(-100.0, 100.0))
    if kind.unit == "difference" and e.origin is not None:
        return replace(measure_of(e.origin, item), difference=True)
    if kind.ranks:
        return Measure("rank", unit="rank", digits=0)
    variable = e.codebook.variables.get(item)
    unit = variable.unit if variable is not None else ""
    if kind.total:
        return Measure("count", unit="people" if item == "one" else unit, digits=0)
    if kind.unit != "item":
        return Measure("number", digits=2, null=kind.null)
    if isinstance(e, EstimatesData) and e.scale is not None:
        return Measure("score", unit="points", limits=e.scale, digits=1 if e.scale[1] - e.scale[0] >= 20 else 2)
    if variable is None:
        if item in e.codebook.dimensions:
            return Measure("score", unit="points", limits=(0.0, 100.0))
        return Measure("number", digits=2)
    codes = [c for c in variable.codes if isinstance(c, int | float)]
    if variable.type == "binary" and sorted(codes) == [0, 1] and kind.binary:
        return Measure("share", limits=(0.0, 100.0))
    if unit == "points":
        ends = [x for x in variable.limits or () if isinstance(x, int | float)]
        narrow = len(ends) == 2 and ends[1] - ends[0] < 20
        return Measure("score", unit="points", limits=variable.limits, digits=2 if narrow else 1)
    if variable.type == "ordinal" and codes:
        return Measure("scale", unit="points", limits=(float(min(codes)), float(max(codes))), digits=2)
    if unit and kind.phrase == "quantile" and _whole(e.table):
        return Measure("number", unit=unit, digits=0)  # half waited 25 minutes, not 25.0
    return Measure("number", unit=unit, digits=1 if unit else 2)


def _whole(table: pd.DataFrame) -> bool:
    """Whether all estimates of a table and the ends of their intervals are whole numbers."""
    shown = table[[c for c in ("estimate", "conf_low", "conf_high") if c in table]].to_numpy(float)
    shown = shown[np.isfinite(shown)]
    return bool(len(shown) and (shown % 1 == 0).all())

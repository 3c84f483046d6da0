"""What a methods annex says of rows that are counted batch by batch: clusters, days, weights before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist, listed
from survey.base.expressions import Where, column_names
from survey.base.names import columns_named
from survey.core.estimates_data import EstimatesData
from survey.core.statistics import KINDS
from survey.errors import EstimationError
from survey.estimates import Estimates, Summary
from survey.estimation.items import Names, item_names
from survey.sample import Sample
from survey.scanning.alike import TooManyAlike
from survey.scanning.combined import alike_sample, base_sample, by_alike
from survey.scanning.state import ScanData
from survey.scanning.steps import Steps
from survey.scanning.watch import gathered
from survey.scanning.weighing import with_base_weights
from survey.weighting.methods import Counted, days_in, facts_of, no_days
from survey.weighting.weight_steps import WeightStep, names_of_steps, step_words

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["methods", "weight_diagnostics", "weight_effects"]


def weight_diagnostics(self: ScanData) -> Summary:
    """Describe every set of weights in the order it was made, as `Sample.weight_diagnostics` of all respondents.

    Respondents who have the same weights are counted together. Where so many weights differ that these take more
    memory than there is, n, sum, cv and Kish's numbers come from sums, and quantiles are NaN.
    """
    try:
        return _by_weight(self, []).weight_diagnostics()
    except TooManyAlike:
        return _from_sums(self)


def weight_effects(
    self: ScanData, items: Names, by: Names | None = None, where: Where = None, level: float = 0.95
) -> Estimates:
    """Compare means under equal weights and under every set of weights, as `Sample.weight_effects`.

    Raises
    ------
    EstimationError
        As there; where respondents with the same weights and answers take more memory than there is; if `where` is no
        expression.
    """
    conditions = list(column_names(where, what="where")) if isinstance(where, str) else []
    names = columns_named([*item_names(items), *item_names(by), *conditions], self.steps.names)
    return _by_weight(self, names).weight_effects(items, by=by, where=where, level=level)


def methods(
    self: ScanData,
    *,
    estimates: EstimatesData | Sequence[EstimatesData] = (),
    items: str | Sequence[str] = (),
    response: pd.DataFrame | None = None,
    dates: str | None = None,
    files: Mapping[str, str] | None = None,
) -> Summary:
    """Collect what a methods annex says of a sample, as `Sample.methods`: counted, and nothing typed in."""
    structure, sample = self.clusters.structure, self.prototype([])
    spread = {str(k): v for k, v in weight_diagnostics(self).table.iloc[-1].items()}
    counted = Counted(
        codebook=sample.codebook,
        design=self.design,
        source=sample.source,
        respondents=len(self),
        weight_sum=float(spread["sum"]),
        strata=len(structure.strata) if self.design.strata else 0,
        clusters=structure.units,
        days=None if dates is None else _days(self, dates),
        steps=[WeightStep(name, method, np.zeros(0)) for name, method in names_of_steps(self.design)],
        spread=spread,
        items=by_alike(self, "item_response", listed(items)) if len(items) else None,
    )
    origin = "" if self.reader.files else self.reader.source
    return facts_of(counted, estimates=estimates, response=response, files=files, origin=origin)


def _by_weight(scan: ScanData, names: Sequence[str]) -> Sample:
    """Respondents of a cluster who are alike in some columns and weigh the same, as one row each."""
    own = scan.drawn_by.weights
    weighing = scan.weighing
    keys = [*names, *([] if weighing is None else weighing.names), *([] if own is None else [own])]
    if not keys:  # all weigh the same
        keys = [str(scan.design.psu[0])]
    sample = base_sample(scan, list(dict.fromkeys(keys)), True)
    kept = sample.data.drop(columns=[] if own is None or own in names else [own])
    sample = Sample.of(replace(sample.responses, data=kept), sample.design, sample.structure)
    if own is None and weighing is None:
        return sample
    sample = with_base_weights(sample, scan.steps.names if own is None else ())
    return sample if weighing is None else weighing.applied(sample)


def _from_sums(scan: ScanData) -> Summary:
    """What sums say of the weights."""
    names = [] if scan.weighing is None else scan.weighing.names
    sample = alike_sample(scan, names or [str(scan.design.psu[0])], weighed=True)
    made = names_of_steps(scan.design)
    assert sample.structure.people is not None
    n, rows = int(sample.structure.people.sum()), []
    columns = [*(a.weights_before for a in sample.design.adjustments), sample.design.weights]
    for (name, _), column in zip(made, columns, strict=True):
        weights = sample.data[str(column)].to_numpy(float)
        total, squares = weights.sum(), sample.structure.weighed(weights).squares.sum()
        deff = float(n * squares / total**2)
        known = {"n": n, "sum": total, "cv": np.sqrt(max(deff - 1, 0.0)), "deff_kish": deff, "n_eff": n / deff}
        rows.append({"step": name, **dict.fromkeys(_SPREAD, np.nan), **known})
    table = pd.DataFrame(rows, columns=["step", *_SPREAD])
    steps = [WeightStep(name, method, np.zeros(0)) for name, method in made]
    return Summary(
        table,
        "weights",
        (),
        codebook=scan.codebook,
        source=sample.source,
        simulated=sample.simulated,
        words=step_words(steps, scan.codebook),
    )


_SPREAD = tuple(name for name in KINDS["weights"].quantities)


@dataclass(frozen=True)
class _Days:
    """The first and the last day in batches, and what type days have there."""

    ends: tuple[dt.date, dt.date] | None = None
    kind: str = ""

    def __add__(self, other: _Days) -> _Days:
        both = [one.ends for one in (self, other) if one.ends is not None]
        ends = (min(low for low, _ in both), max(high for _, high in both)) if both else None
        return _Days(ends, self.kind or other.kind)


def _seen(steps: Steps, name: str, batches: Iterable[pa.RecordBatch]) -> _Days:
    found, start = _Days(), 0
    for batch in batches:
        column = steps.responses(batch, start, [name]).data[name]
        found += _Days(days_in(column), str(column.dtype))
        start += batch.num_rows
    return found


def _days(scan: ScanData, dates: str) -> tuple[dt.date, dt.date]:
    (name,) = columns_named([dates], scan.steps.names)
    columns_exist([name], scan.steps.names, "There is no such column of days.", EstimationError, where="dates=")
    found = gathered(scan.reader, scan.steps.read([name]), partial(_seen, scan.steps, name))
    if found.ends is None:
        raise no_days(name, found.kind)
    return found.ends

"""Replicate weights as verbs: make them, or run any function of the weights through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array, t_interval_factor
from survey.base.catalogue import Note
from survey.core.sample_data import S, SampleData
from survey.design.replicate_weights import make
from survey.errors import DesignError, EstimationError
from survey.estimates import Estimates
from survey.estimation.replicate_variance import spread
from survey.estimation.results import check_level

__all__ = ["replicate", "replicates"]


def replicates(
    self: S,
    method: str = "bootstrap",
    n: int | None = None,
    seed: int | None = None,
    rho: float = 0.5,
    mse: bool = True,
) -> S:
    """Add replicate weights, as multipliers of the clusters.

    Every verb of estimation then takes its variance from them; models stay linearised.

    Parameters
    ----------
    method : {"bootstrap", "rwyb", "jackknife", "JK1", "JKn", "BRR", "Fay"}
        bootstrap: Rao & Wu (1988), n_h - 1 clusters with replacement, rescaled. rwyb: the same with finite
        populations and two stages (Rao, Wu & Yue 1992; Beaumont & Emond 2022). jackknife: JK1 without strata, JKn with.
        BRR and Fay: two clusters in every stratum.
    n : int, optional
        Number of bootstrap replicates; 1,000 if not given.
    seed : int, optional
        Without a seed two runs differ.
    rho : float
        Fay's: 0 is BRR.
    mse : bool
        Deviations from the full-sample estimate (True) or from the mean of the replicates.

    Raises
    ------
    DesignError
        If the method needs what the design lacks.
    """
    if isinstance(seed, int | np.integer) and seed < 0:
        raise DesignError("The seed must be a non-negative whole number.", where="replicates(seed=...)", got=seed)
    made = make(self.structure, method, n, seed, rho, mse)
    return type(self).of(self.responses, replace(self.design, replicates=made), self.structure)


Statistic = Callable[[Array], "float | Sequence[float] | Mapping[str, float] | Array"]


def replicate(self: SampleData, statistic: Statistic, level: float = 0.95, progress: bool = True) -> Estimates:
    """Compute any function of the weights, with its replicate standard error.

    Parameters
    ----------
    statistic : function
        Takes weights (rows,), in the order of `sample.data`, and gives a number, a sequence, or {name: number} (a
        Series too).
    level : float
    progress : bool
        Show a bar.

    Returns
    -------
    Estimates
        item (the name, or 0, 1, ...), estimate, std_error, conf_low, conf_high, df.

    Raises
    ------
    DesignError
        If the sample has no replicates.
    EstimationError
        If the function gives no numbers, or something else in some replicate.

    Examples
    --------
    >>> sample.replicates("jackknife").replicate(lambda w: {"gini": gini(income, w)})  # doctest: +SKIP
    """
    from tqdm import tqdm

    check_level(level)
    self.uses_replicates("replicate")
    spec = self.design.replicates
    if spec is None:
        raise DesignError("The sample has no replicates.")
    names, full = _values(statistic(self.weights.copy()))
    count = spec.count
    rows = []
    for i in tqdm(range(count), desc="replicates", disable=not progress, leave=False):
        got, values = _values(statistic(self.readjusted.replicate(i)))
        if got != names:
            raise EstimationError(
                "The statistic returned a different shape for a replicate.",
                where=f"replicate {i}",
                got=got,
                expected=names,
            )
        rows.append(values)
    with np.errstate(invalid="ignore", over="ignore"):  # a statistic that is infinite has no standard error
        joint = spread(spec, np.array(rows), full).covariance()
    std_error = np.sqrt(np.diag(joint))
    half = t_interval_factor(level, self.replicate_df) * std_error
    notes = [Note("notes.replicates", replicates=count, method=spec.method)]
    if (np.isnan(std_error) & ~np.isnan(full)).any():
        notes.append(Note("notes.nan_replicate"))
    table = pd.DataFrame(
        {
            "item": names,
            "estimate": full,
            "std_error": std_error,
            "conf_low": full - half,
            "conf_high": full + half,
            "df": self.replicate_df,
        }
    )
    return Estimates(
        table,
        "replicate",
        (),
        level,
        (),
        self.codebook,
        tuple(notes),
        self.source,
        self.simulated,
        None,
        joint,
    )


def _values(result: Any) -> tuple[list[Any], Array]:
    if isinstance(result, pd.Series):
        result = result.to_dict()
    named = isinstance(result, Mapping)
    try:
        if result is None:
            raise TypeError
        values = np.atleast_1d(np.asarray(list(result.values()) if named else result, dtype=float))
    except (TypeError, ValueError):
        raise EstimationError(
            "The statistic did not return numbers.",
            got=repr(result)[:80],
            expected="a number, a sequence or {name: number}",
        ) from None
    if values.ndim != 1 or not len(values):
        raise EstimationError(
            "The statistic must return a non-empty row of numbers.",
            got=f"shape {values.shape}",
            expected="a one-dimensional sequence of numbers",
        )
    return (list(result) if named else list(range(len(values)))), values

"""The wild bootstrap of an effect on few units: what regressions report, beside the permutation test.

The changes of the units are regressed on treatment, one row a unit. Under the null hypothesis (no effect; the strata
where there are some) residuals are multiplied by random weights of mean 0 and variance 1, a weight a unit, and the
robust t statistic of each such sample is compared with the one seen. With one row a unit the cluster-robust variance
is the heteroskedasticity-robust one (HC1).

References
----------
Cameron, Gelbach & Miller (2008), Rev. Econ. Stat. 90; Webb (2023), Can. J. Econ. 56, for six-point weights; MacKinnon &
Webb (2018), Econometrics J. 21: with few treated clusters the restricted bootstrap rejects far too rarely, the
unrestricted one far too often, so that neither replaces the permutation test.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import in_range, one_of
from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.compare.effect_data import EffectData, changes_of
from survey.compare.stacked_effects import least_of_units
from survey.errors import EstimationError
from survey.estimates import Estimates

__all__ = ["WEIGHTS", "bootstrap_p", "wild_bootstrap"]

_WEBB = tuple(float(s * np.sqrt(x)) for s in (-1, 1) for x in (1.5, 1.0, 0.5))
WEIGHTS: Mapping[str, tuple[float, ...]] = MappingProxyType({"webb": _WEBB, "rademacher": (-1.0, 1.0)})
"""Values that a unit's weight takes, each as likely as any other."""
MOST = 50_000
"""Combinations of weights up to which all are tried."""
_TIE = 1e-9
_CHUNK = 20_000


def wild_bootstrap(
    self: EffectData, draws: int = 9_999, *, weights: str = "webb", null: bool = True, seed: int = 1
) -> Estimates:
    """Test the effect by the wild bootstrap of its units: a sensitivity analysis of the permutation test.

    Parameters
    ----------
    draws : int
        Random samples of weights. All combinations are tried instead where there are at most 50,000: up to 6 units with
        Webb's weights, 15 with Rademacher's.
    weights : {"webb", "rademacher"}
        Six or two values. Two give 2^(G - 1) distinct statistics: too few below about twelve units.
    null : bool
        Residuals under the null hypothesis (restricted, WCR), or of the estimated model (WCU).
    seed : int

    Returns
    -------
    Estimates
        item, estimate, std_error (robust, of the changes of units), statistic (t), p_value, draws (samples tried),
        units, treated.

    Raises
    ------
    EstimationError
        If the units of the effect are not known, or there are too few for a robust variance.

    Examples
    --------
    >>> sample.effect("friendliness", "treated", "wave", "ward").wild_bootstrap(seed=1)  # doctest: +SKIP
    """
    one_of(weights, tuple(WEIGHTS), "kind of weights", EstimationError, where="weights=")
    in_range(
        draws,
        "The number of draws is out of range.",
        EstimationError,
        where="draws=",
        expected="a whole number from 99",
        fits=lambda v: v >= 99 and int(v) == v,
    )
    treatment, change = changes_of(self)
    ways = treatment.ways
    used = ways.observed != 0
    treated = ways.treated[used].astype(float)
    _, strata = np.unique(ways.strata[used], return_inverse=True)
    if len(treated) < len(set(strata.tolist())) + 3:
        raise EstimationError(
            "There are too few units for a wild bootstrap.",
            got=f"{len(treated)} units",
            expected="at least three more than strata",
        )
    multipliers = _multipliers(len(treated), weights, draws, seed)
    rows = [bootstrap_p(row, treated, strata, multipliers, null) for row in change[:, used]]
    table = pd.DataFrame(rows, columns=["estimate", "std_error", "statistic", "p_value"])
    table.insert(0, "item", self.table["item"].tolist())
    table = table.assign(draws=len(multipliers), treated=int(treated.sum()), units=len(treated))
    how = "notes.wild_restricted" if null else "notes.wild_unrestricted"
    notes = [Note(how, weights=weights.capitalize()), Note("notes.wild_few")]
    if len(multipliers) == len(WEIGHTS[weights]) ** len(treated):
        notes.append(Note("notes.wild_all", n=len(multipliers)))
    else:
        notes.append(Note("notes.wild_seed", n=len(multipliers), seed=seed))
    return Estimates(
        table,
        "wild_bootstrap",
        level=self.level,
        codebook=self.codebook,
        notes=tuple(notes),
        source=self.source,
        simulated=self.simulated,
        origin=self.origin,
        behind=least_of_units(self),
        compared=self.compared,
    )


def _multipliers(units: int, weights: str, draws: int, seed: int) -> Array:
    """Weights of the units in each sample: (samples, units)."""
    values = WEIGHTS[weights]
    if len(values) ** units <= MOST:
        return np.array(list(product(values, repeat=units)))
    return np.random.default_rng(seed).choice(np.array(values), (draws, units))


def bootstrap_p(
    change: Array, treated: Array, strata: NDArray[np.integer[Any]], multipliers: Array, null: bool
) -> tuple[float, float, float, float]:
    """Estimate, robust standard error, t and p of one item; NaN where the changes have no variation."""
    base = (strata[:, None] == np.unique(strata)[None, :]).astype(float)
    x = np.column_stack([base, treated])
    full, restricted = np.linalg.pinv(x), np.linalg.pinv(base)
    b = full @ change
    fitted = base @ (restricted @ change) if null else x @ b
    estimate, error = _fit(change[None, :], x, full)
    t = estimate[0] / error[0] if error[0] > 0 else np.nan
    if not np.isfinite(t):
        return float(estimate[0]), float("nan"), float("nan"), float("nan")
    centre = 0.0 if null else estimate[0]
    large = 0
    for start in range(0, len(multipliers), _CHUNK):
        y = fitted + (change - fitted) * multipliers[start : start + _CHUNK]
        own, spread = _fit(y, x, full)
        with np.errstate(divide="ignore", invalid="ignore"):
            large += int(np.sum(np.abs((own - centre) / spread) >= abs(t) * (1 - _TIE)))
    return float(estimate[0]), float(error[0]), float(t), large / len(multipliers)


def _fit(y: Array, x: Array, pseudo: Array) -> tuple[Array, Array]:
    """The coefficient of treatment and its robust (HC1) standard error in each sample: (samples,)."""
    b = y @ pseudo.T
    left = y - b @ x.T
    n, k = x.shape
    return b[:, -1], np.sqrt(n / (n - k) * (left**2 @ pseudo[-1] ** 2))

"""Drivers: how strongly satisfaction goes with each aspect of a service, and how well each aspect does.

References
----------
OECD (2024), Survey on Drivers of Trust in Public Institutions: average marginal effects of one standard deviation.
Groemping (2007), The American Statistician 61: shares of R2 say how much goes with a predictor, not what it causes.
Martilla & James (1977), Journal of Marketing 41: importance against performance. Rao & Wu (1988), JASA 83: replicates.
Efron & Stein (1981), Annals of Statistics 9, 586-596: the jackknife's variance errs to the safe side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import in_range, listed
from survey.base.arrays import Array, t_interval_factor
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.base.names import columns_named
from survey.compare.asked import shares_asked
from survey.core.sample_data import S, SampleData
from survey.counting.cells import Grouping
from survey.design.replicate_weights import suits_jackknife
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.inferred import scale_notes
from survey.estimation.items import Names, grouping_of
from survey.estimation.means import mean
from survey.estimation.replicate_variance import spread
from survey.estimation.replicates import replicates as with_replicates
from survey.estimation.results import check_level, group_notes
from survey.models.driver_effects import linear_effects, logistic_effects_of_replicates
from survey.models.driver_inputs import (
    outcome_of,
    players_of,
    refuse_collinear,
    refuse_number,
    refuse_separated,
    respondents_of,
)
from survey.models.quadrants import quadrants
from survey.models.scale_items import ScaleItems, people_in, respondents_df, scale_items
from survey.models.shapley import average_gains
from survey.models.within_groups import pooled

__all__ = ["Drivers", "drivers"]


@dataclass(frozen=True)
class Drivers(Estimates):
    """Effects of predictors, with their shares of R2 and how well each does.

    Parameters
    ----------
    shares : Estimates
        Statistic "driver_share": of each predictor, its part of the explained variance (0-1, adding up to 1).
    explained : Estimates
        Statistic "explained": R2 within groups, one row.
    performance : Estimates
        Means of the predictors (0-100 where the codebook knows the ends of all scales), of all who answered each.
    outcome : str
    group_shares : Estimates, optional
        Statistic "driver_share": the same of groups of predictors, where these were asked for, and of the predictors
        in none.
    """

    shares: Estimates | None = field(default=None, repr=False)
    explained: Estimates | None = field(default=None, repr=False)
    performance: Estimates | None = field(default=None, repr=False)
    outcome: str = ""
    group_shares: Estimates | None = field(default=None, repr=False)


def drivers(
    self: SampleData,
    outcome: str,
    predictors: Names,
    *,
    within: Names | None = None,
    groups: Mapping[str, Names] | None = None,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    where: Where = None,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 1,
) -> Drivers:
    """Estimate how strongly an outcome goes with each predictor: marginal effects and shares of R2.

    Parameters
    ----------
    outcome : str
        Overall satisfaction: a number, or with `levels`, `top` or `bottom` the share that gives these answers.
    predictors : list of str, or str
        Two to 16 items or scores; one name is that of a scale of the codebook, for its items.
    within : str or list of str, optional
        Groups (wards, waves) within which predictors are standardised and the outcome is compared: what differs between
        groups does not count.
    groups : dict of str to list of str, optional
        Predictors that belong together, by the name of their group: what a group adds to R2 is shared among groups and
        the predictors that are in none, which enter a regression as a whole (`group_shares` of the result).
    levels, top, bottom : optional
        Which answers to the outcome count, as for `proportion`: the model is then logistic, and effects are in
        percentage points. Otherwise the model is linear, and effects are in units of the outcome.
    where : str, bool array or callable, optional
        A domain.
    level : float
        Confidence level.
    replicates, seed : int
        Where the sample has no replicates (`sample.replicates`): the most that are made. Each leaves out one cluster
        (the jackknife) where there are no more clusters than that, and is one of the bootstrap otherwise.

    Returns
    -------
    Drivers
        item (the predictor), estimate (change in the outcome for one standard deviation more of the predictor within
        its group, the others unchanged), std_error, conf_low, conf_high, df, n, share (of R2: LMG, also called Shapley
        values), share_std_error, share_low, share_high, performance, performance_low,
        performance_high, and quadrant ("improve", "keep", "later",
        "maintain"; "" where importance or performance is not told apart from the average of the predictors).

    Raises
    ------
    EstimationError
        If there are fewer than two predictors or too many, one is constant or a combination of the others, or nobody
        answered all.

    Notes
    -----
    Of respondents who answered the outcome and every predictor. These are associations among answers given by the same
    people in the same interview: they do not say what would follow if a ward did better. R2 is that of the linear
    regression of the outcome (0 or 1 for a share), weighted. Standard errors of effects and shares are those of
    replicates, in each of which predictors are standardised anew; intervals are t intervals, of shares and R2 on the
    scale of the square root.

    Examples
    --------
    >>> sample.drivers("OV01", ["FR01", "TR01", "EF04"], within="ward", top=2)  # doctest: +SKIP
    """
    check_level(level)
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": None}
    (outcome,) = columns_named(listed(outcome), self.data.columns)
    scale = scale_items(self, predictors, "drivers(predictors=...)")
    refuse_number(outcome, scale)
    y, counted = outcome_of(self, outcome, asked)
    players = players_of(self, groups, scale)
    grouping = grouping_of(self, within, where)
    used = respondents_of(self, scale, y, grouping)
    used = used[np.argsort(grouping.code[used], kind="stable")]
    sample = self if self.design.replicates is not None else _replicated(self, replicates, seed)
    values = np.stack([*(v[used] for v in scale.values), y[used]], axis=1)
    code, w, k = grouping.code[used], self.weights[used], len(grouping)
    within_groups = pooled(values, code, k, w, sample.readjusted, used)
    joint = within_groups.covariance
    refuse_collinear(scale, joint[0], outcome, np.asarray(within_groups.constant.all(axis=0)))
    gains = average_gains(joint)
    r2 = gains.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = gains / r2[:, None]
    if shares_asked(asked):
        starts = np.flatnonzero(np.diff(code, prepend=-1))
        effects = logistic_effects_of_replicates(values[:, -1], values[:, :-1], starts, w, sample.readjusted, used)
        refuse_separated(effects[0], outcome)
    else:
        effects = linear_effects(joint)
    n = people_in(sample.structure, used)
    p, df = len(scale.items), min(respondents_df(sample.structure, used), sample.replicate_df)
    spec = sample.design.replicates
    assert spec is not None  # made above
    notes = _notes(self, sample, scale, outcome, grouping, used, within_groups.constant, bool(np.isnan(effects).any()))
    base = Estimates(
        _table(scale.items, effects, spec, df + 1 - (p + 1), level, n),
        "driver_points" if shares_asked(asked) else "driver",
        (),
        level,
        counted,
        self.codebook,
        notes,
        self.source,
        self.simulated,
        _covariance=_covariance(spec, effects),
    )
    of_shares = _bounded(base, _table(scale.items, shares, spec, df, level, n), "driver_share", spec, shares)
    whole = _table([outcome], r2[:, None], spec, df, level, n)
    explained = _bounded(base, whole, "explained", spec, r2[:, None])
    of_groups = None
    if players:
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = average_gains(joint, tuple(players.values())) / r2[:, None]
        of_groups = _table(list(players), parts, spec, df, level, n)
        of_groups = _bounded(base, of_groups, "driver_share", spec, parts)
    performance = _performance(self, scale, where, level)
    table = base.table.assign(
        share=of_shares.table["estimate"],
        share_low=of_shares.table["conf_low"],
        share_high=of_shares.table["conf_high"],
        performance=performance.table["estimate"],
        performance_low=performance.table["conf_low"],
        performance_high=performance.table["conf_high"],
        quadrant=quadrants(of_shares, performance),
    )
    table.insert(table.columns.get_loc("share_low"), "share_std_error", of_shares.table["std_error"])
    told = replace(base, table=table)
    return Drivers(
        **{name: getattr(told, name) for name in told.__dataclass_fields__},
        shares=of_shares,
        explained=explained,
        performance=performance,
        outcome=outcome,
        group_shares=of_groups,
    )


def _replicated(sample: S, count: int, seed: int) -> S:
    in_range(
        seed,
        "The seed must be a non-negative whole number.",
        EstimationError,
        where="drivers(seed=...)",
        expected="such as 1",
        fits=lambda v: v >= 0 and v % 1 == 0,
    )
    if suits_jackknife(sample.structure, count):
        return with_replicates(sample, "jackknife")
    return with_replicates(sample, "bootstrap", n=count, seed=seed)


def _covariance(spec: Any, estimates: Array) -> Array:
    return spread(spec, estimates[1:], estimates[0]).covariance()


def _table(items: Sequence[str], estimates: Array, spec: Any, df: float, level: float, n: int) -> pd.DataFrame:
    """Estimates of the sample (first row) and its replicates as a table with t intervals."""
    estimate = estimates[0]
    error = np.sqrt(np.clip(np.diag(_covariance(spec, estimates)), 0, None))
    half = t_interval_factor(level, df) * error
    return pd.DataFrame(
        {
            "item": list(items),
            "estimate": estimate,
            "std_error": error,
            "conf_low": estimate - half,
            "conf_high": estimate + half,
            "df": df,
            "n": n,
        }
    )


def _bounded(base: Estimates, table: pd.DataFrame, statistic: str, spec: Any, estimates: Array) -> Estimates:
    """A share, with an interval on the scale of its square root, which does not reach below 0 and may reach 0."""
    root = np.sqrt(np.clip(estimates, 0, None))
    half = t_interval_factor(base.level, table["df"].to_numpy(float)) * np.sqrt(np.diag(_covariance(spec, root)))
    low, high = np.clip(root[0] - half, 0, None) ** 2, np.clip(root[0] + half, None, 1) ** 2
    return replace(
        base,
        table=table.assign(conf_low=low, conf_high=high),
        statistic=statistic,
        answers=(),
        _covariance=_covariance(spec, estimates),
    )


def _performance(sample: SampleData, scale: ScaleItems, where: Where, level: float) -> Estimates:
    """Means of the predictors; of those on which a low answer is good, from the other end."""
    e = mean(sample, list(scale.items), where=where, level=level, rescale=(0, 100) if scale.ranged else None)
    turned = e.table["item"].isin(scale.turned).to_numpy()
    if not (turned.any() and scale.ranged):
        return e
    t, sign = e.table, np.where(turned, -1.0, 1.0)
    low, high = t["conf_low"], t["conf_high"]
    table = t.assign(
        estimate=np.where(turned, 100 - t["estimate"], t["estimate"]),
        conf_low=np.where(turned, 100 - high, low),
        conf_high=np.where(turned, 100 - low, high),
    )
    return e.with_table(table, _covariance=lambda: e.covariance * np.outer(sign, sign))


def _notes(
    sample: SampleData,
    with_spec: SampleData,
    scale: ScaleItems,
    outcome: str,
    groups: Grouping,
    used: NDArray[np.int64],
    constant: NDArray[np.bool_],
    unsolved: bool,
) -> tuple[Note | str, ...]:
    spec = with_spec.design.replicates
    found: list[Note | str] = [
        Note("notes.association"),
        Note("notes.respondents_of_model", n=people_in(sample.structure, used)),
    ]
    labels = list(groups.labels.columns)
    if labels:
        names = {lang: ", ".join(sample.codebook.short_name(str(c), lang) for c in labels) for lang in ("vi", "en")}
        found.append(Note("notes.within", groups=names))
    if constant.any():
        found.append(Note("notes.constant_within", items=", ".join(np.array(scale.items)[constant.any(axis=0)])))
    if spec is not None:
        found.append(Note("notes.replicates", replicates=spec.count, method=spec.method))
        found += [spec.note] if spec.note else []
        found += [Note("notes.nan_replicate")] if unsolved else []
    if not scale.ranged:
        found.append(Note("notes.performance_raw"))
    asked = [outcome, *scale.items]
    return tuple(
        dict.fromkeys([*found, *scale.notes()[:1], *group_notes(groups), *scale_notes(sample, asked, shown=True)])
    )

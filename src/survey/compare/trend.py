"""Whether means, shares or ranks rise or fall over ordered groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.base.catalogue import Note, listed
from survey.base.expressions import Where
from survey.base.names import composed_value
from survey.base.tails import departure, f_tail
from survey.codebook.ordered import refuse_names
from survey.codebook.told import describe_values
from survey.compare.asked import groups_to_compare, shares_asked
from survey.compare.joint import everybody
from survey.compare.outcome import Outcome, number_outcome, rank_outcome, share_outcome
from survey.core.columns import numeric
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.answer_sets import counted_answers, has_order
from survey.estimation.direction_notes import end_notes, mean_notes
from survey.estimation.inferred import counted_note, refuse_nonanswers, scale_notes
from survey.estimation.items import Names, answers_of, each_item, item_names, known_scale
from survey.estimation.results import assemble, check_level, joint_covariance

__all__ = ["trend"]

_TESTS = ("linear", "rank")
_MOST_NAMED = 6


def trend(
    self: SampleData,
    items: Names,
    by: str,
    scores: Mapping[Any, float] | Sequence[float] | None = None,
    test: str = "linear",
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    net: int | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Test for a trend over ordered groups: the slope of means, shares or ranks on scores of the groups.

    Parameters
    ----------
    items : str or list of str
    by : str
        Ordered groups: age groups, waves, levels of education.
    scores : mapping of group to float, or list of float, optional
        Where groups stand on a line; a list in their order. Left out, numbers are their own scores and ordered answers
        in words are 1, 2, 3, ...
    test : {"linear", "rank"}
        "rank" takes the ranks of the answers (Cuzick's test), so that their codes need not be evenly spaced.
    levels, top, bottom, net : optional
        A trend in the share of these answers, as for `proportion`; left out, in the mean.
    where, level, variance :
        As for `mean`.

    Returns
    -------
    Estimates
        item, with (the groups), test, estimate (change per step of 1 in the scores; units of the item, a share in 0-1,
        of ranks a share of the population), std_error, statistic (t), df, p_value, conf_low, conf_high (not of ranks,
        whose error is that under no trend), p_departure (whether the groups depart from a straight line), n. `origin`
        has the means of the groups.

    Raises
    ------
    EstimationError
        As for `mean`; also for groups without an order, and scores that do not fit them.

    Notes
    -----
    Every person counts by the weight, as in a regression on the scores, with which it agrees (R's svyglm). The degrees
    of freedom are clusters minus strata, minus one.

    References
    ----------
    Cuzick (1985), Stat. Med. 4, 87-90, with the variance of Lumley & Scott (2013), Biometrika 100, 831-842, whose
    argument holds for any scores of the groups; Graubard & Korn (1990), Am. Stat. 44, 270-276, for Wald tests.

    Examples
    --------
    >>> sample.trend("OV01", by="age_group", top=2)  # doctest: +SKIP
    """
    one_of(test, _TESTS, "test for trend", EstimationError)
    check_level(level)
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": net}
    shares = shares_asked(asked)
    if shares and test == "rank":
        raise EstimationError(
            "A share has no ranks.", where="test='rank'", got="levels, top, bottom or net", fix="leave one of them out"
        )
    names = list(dict.fromkeys(item_names(items, self)))
    grouping = groups_to_compare(self, by, where)
    if len(grouping.labels.columns) != 1:
        raise EstimationError(
            "A trend is over the groups of one column.", where="by", got=repr(by)[:80], expected="one column"
        )
    x = _scores(self, grouping, scores)
    whole = everybody(grouping)

    def outcome_of(name: str) -> Outcome:
        if test == "rank":
            return rank_outcome(self, name, grouping, lambda ranks: ranks)
        if not shares:
            return number_outcome(self, name, grouping)
        if levels is None:
            refuse_nonanswers(self, name, asked, counted_answers(self, name, answers_of(self, name), asked)[1])
        return share_outcome(self, name, grouping, asked)

    outcomes = each_item(self, grouping, outcome_of, names)
    kind, interval = ("mean", None) if not shares else ("proportion", "plain") if net is None else ("net", None)
    means = assemble(self, kind, [o.means() for o in outcomes], names, grouping, level, interval, variance)
    counted = {n: counted_answers(self, n, answers_of(self, n), asked)[1] for n in names} if shares else {}
    if len(set(counted.values())) == 1:
        means = replace(means, answers=next(iter(counted.values())))
    rows = [_slope(self, means, i, o, x, whole, variance) for i, o in enumerate(outcomes)]
    table = pd.DataFrame({"item": names, "with": str(grouping.labels.columns[0]), "test": test})
    for column in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high", "p_departure"):
        table[column] = [row.get(column, np.nan) for row in rows]
    if test == "rank":
        table = table.drop(columns=["conf_low", "conf_high"])
    table["n"] = means.table.groupby("item", sort=False)["n"].sum().reindex(names).to_numpy()
    told = [*scale_notes(self, [*names, str(by)], shown=True, asked=levels or ())]
    told += end_notes(self, asked, counted) if shares else mean_notes(self, names)
    if shares and levels is None:
        guessed = [name for name in names if not known_scale(self, name, answers_of(self, name))]
        told += [counted_note(self, name, asked, counted[name]) for name in guessed]
    alone = [name for name, row in zip(names, rows, strict=True) if np.isnan(row["estimate"])]
    told += [Note("notes.one_row", items=listed(alone, _MOST_NAMED))] if alone else []
    without = [n for n, row in zip(names, rows, strict=True) if n not in alone and not row["df"] > 0]
    told += [Note("notes.no_df", items=listed(without, _MOST_NAMED))] if without else []
    return means.derived(table, "rank_trend" if test == "rank" else "trend", notes=(*means.notes, *told))


def _slope(
    sample: SampleData, means: Estimates, i: int, outcome: Outcome, x: Array, whole: Grouping, variance: str | None
) -> dict[str, float]:
    """The slope of one item, its t test, and the test of what a straight line leaves."""
    rows = np.arange(i * len(x), (i + 1) * len(x))
    there = means.table["estimate"].notna().to_numpy()[rows]
    if there.sum() < 2 or len(np.unique(x[there])) < 2:
        return {"estimate": np.nan, "df": np.nan}
    piece = outcome.slope(x, whole, sample, variance)
    joint, df = joint_covariance(sample, [piece], whole, variance)
    estimate, error = float(piece.estimate[0, 0]), float(np.sqrt(max(joint[0, 0], 0.0)))
    left = float(df[0]) - 1
    if not left > 0:
        error = float("nan")
    known = error <= 1e-10 * float(np.sqrt(outcome.spread)) / max(float(np.ptp(x[there])), 1e-300)
    statistic = estimate / error if error > 0 and not known else float("nan")
    half = float("nan") if known else float(t_interval_factor(means.level, left)) * error
    return {
        "estimate": estimate,
        "std_error": 0.0 if known else error,
        "statistic": statistic,
        "df": left,
        "p_value": float(t_pvalue(statistic, left)),
        "conf_low": estimate - half,
        "conf_high": estimate + half,
        "p_departure": _departure(means, rows[there], x[there]),
    }


def _departure(means: Estimates, rows: NDArray[np.int64], x: Array) -> float:
    """p of the F test that the means of groups lie on a straight line; NaN for two groups, or where df do not do."""
    k = len(rows) - 2
    if k < 1 or means.support is None or means.table["std_error"].isna().to_numpy()[rows].any():
        return float("nan")
    theta = means.table["estimate"].to_numpy(float)[rows]
    f = departure(theta, means.covariance[np.ix_(rows, rows)], x)
    return f_tail(f, k, means.support.joint_df(rows))


def _scores(sample: SampleData, grouping: Grouping, scores: Mapping[Any, float] | Sequence[float] | None) -> Array:
    """Scores of the groups (groups,), in their order."""
    name = str(grouping.labels.columns[0])
    column, variable = sample.data[name], sample.codebook.variables.get(name)
    labels = grouping.labels[name].tolist()
    if scores is not None:
        return _given(scores, labels, column)
    if numeric(column) is not None:
        refuse_names(variable, column, name, fix="give the groups scores=, or compare them without an order")
        return np.asarray(labels, dtype=float)
    if not has_order(sample, name):
        raise EstimationError(
            "The groups have no order, so there is no trend over them.",
            where=name,
            got=describe_values(labels, variable, column=column),
            expected="numbers, an ordinal item of the codebook, or an ordered category",
            fix="give their places with scores=, or put them in order with set_scale(...) before sv.Sample(...)",
        )
    codes = [composed_value(c) for c in (() if variable is None else variable.codes)]
    if not codes and isinstance(column.dtype, pd.CategoricalDtype):
        codes = [composed_value(c) for c in column.dtype.categories]
    order = codes if all(label in codes for label in labels) else labels
    return np.array([order.index(label) + 1.0 for label in labels])


def _given(scores: Mapping[Any, float] | Sequence[float], labels: list[Any], column: pd.Series) -> Array:
    if isinstance(scores, Mapping):
        places = {composed_value(k): v for k, v in scores.items()}
        absent = [label for label in labels if label not in places]
        if absent:
            raise EstimationError(
                "Some groups have no score.", where="scores=", got=describe_values(absent, column=column)
            )
        values: list[Any] = [places[label] for label in labels]
    else:
        values = list(scores)
    try:
        x = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        x = np.full(1, np.nan)
    if x.shape != (len(labels),) or not np.isfinite(x).all() or len(np.unique(x)) < 2:
        raise EstimationError(
            "Scores must be numbers, one for each group, and not all the same.",
            where="scores=",
            got=repr(scores)[:80],
            expected=f"{len(labels)} numbers",
        )
    return x

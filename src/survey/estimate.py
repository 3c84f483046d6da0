"""Estimation verbs: means, totals, shares, distributions, ratios, each over many items and any groups at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey._expressions import Where, mask
from survey._linalg import Array, t_interval_factor
from survey.cells import Cells, Coded, Grouping, code_answers, count_answers, count_moments, group_rows
from survey.errors import EstimationError, some
from survey.estimates import Estimates, Support
from survey.functionals import DISTRIBUTION, MEAN, RATIO, TOTAL, Functional
from survey.intervals import INTERVALS, share_interval
from survey.linearize import Piece, linearized
from survey.variance import unit_sums

if TYPE_CHECKING:
    from survey.sample import Sample

__all__ = ["cells", "distribution", "mean", "proportion", "ratio", "total"]

Names = str | Sequence[str]


def mean(self: Sample, items: Names, by: Names | None = None, where: Where = None, level: float = 0.95) -> Estimates:
    """Weighted means with linearised standard errors and t intervals.

    Parameters
    ----------
    items : str or list of str
        Columns of numbers: codes of a scale, scores on 0-100 (points), minutes.
    by : str or list of str, optional
        Groups; subgroups are domains, so clusters without a member count as zeros.
    where : str, bool array or callable, optional
        A domain, as an expression ("kind == 'business'").
    level : float
        Confidence level.

    Returns
    -------
    Estimates
        item, <by...>, estimate, std_error, conf_low, conf_high (units of the item), df, n, n_eff, deff. Missing
        answers leave the domain of their item.

    Raises
    ------
    EstimationError
        For columns that are not there or hold text, missing codes that were not recoded, an empty domain.

    References
    ----------
    Sarndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, sections 5.5-5.8. Agrees with R's svymean
    and svyby.
    """
    grouping = _grouping(self, by, where)
    pieces = [_number_piece(self, name, grouping, MEAN) for name in _names(items)]
    return _estimates(self, "mean", pieces, _names(items), grouping, by, level)


def total(self: Sample, items: Names, by: Names | None = None, where: Where = None, level: float = 0.95) -> Estimates:
    """Weighted totals; "one" counts people where the data have no column of that name.

    Parameters and errors as for `mean`. A missing answer adds nothing to a total. Agrees with R's svytotal.
    """
    grouping = _grouping(self, by, where)
    pieces = [_number_piece(self, name, grouping, TOTAL) for name in _names(items)]
    return _estimates(self, "total", pieces, _names(items), grouping, by, level)


def proportion(
    self: Sample,
    items: Names,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    by: Names | None = None,
    where: Where = None,
    interval: str = "logit",
    level: float = 0.95,
) -> Estimates:
    """Share of a set of answers among valid answers.

    Parameters
    ----------
    items : str or list of str
    levels : list, optional
        The answers counted. Exactly one of `levels`, `top` and `bottom`.
    top, bottom : int, optional
        The highest or lowest answers of the scale: top=2 is the share of 4 and 5 on a five-point scale.
    by, where, level :
        As for `mean`.
    interval : {"logit", "wilson", "beta", "asin", "plain"}
        logit by default: it stays between 0 and 1 and agrees with R's svyciprop. At 0 or 1 it gives way to
        Korn-Graubard (beta) on Kish's effective n, with a note; never a zero-width interval.

    Returns
    -------
    Estimates
        Shares in 0-1.

    Raises
    ------
    EstimationError
        As for `mean`; also if no set of answers, or more than one, is given, or none of them is on the scale.
    """
    _check_interval(interval)
    names = _names(items)
    grouping = _grouping(self, by, where)
    pieces, counted = [], []
    for name in names:
        coded = _answers(self, name)
        chosen = _chosen(name, coded.answers, levels, top, bottom)
        counted.append(tuple(coded.answers[chosen]))
        hit = chosen.astype(float)
        features = np.stack([np.ones(len(hit)), hit, hit], axis=1)
        counts = _counted(self, name, grouping, coded)
        pieces.append(Piece.of(MEAN, counts, grouping, coded, features=features))
    result = _estimates(self, "proportion", pieces, names, grouping, by, level, interval)
    answers = counted[0] if len(set(counted)) == 1 else ()
    return result.with_table(result.table, answers=answers)


def distribution(
    self: Sample,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    interval: str = "logit",
    level: float = 0.95,
) -> Estimates:
    """Share of every answer, one row an answer, in the order of the scale.

    An option of the codebook that nobody chose is still an option: its share is 0. Parameters as for `proportion`.
    """
    _check_interval(interval)
    names = _names(items)
    grouping = _grouping(self, by, where)
    pieces = []
    for name in names:
        coded = _answers(self, name)
        pieces.append(Piece.of(DISTRIBUTION, _counted(self, name, grouping, coded), grouping, coded))
    return _estimates(self, "distribution", pieces, names, grouping, by, level, interval)


def ratio(
    self: Sample,
    numerator: str,
    denominator: str,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
) -> Estimates:
    """Ratio of two totals, over rows where both are known. Agrees with R's svyratio.

    Parameters
    ----------
    numerator, denominator : str
        Columns of numbers; "one" counts people.
    by, where, level :
        As for `mean`.
    """
    grouping = _grouping(self, by, where)
    y, x = _numbers(self, numerator), _numbers(self, denominator)
    moments = (y, x, np.where(np.isnan(y), np.nan, 1.0), y * y, x * y, x * x)
    name = f"{numerator}/{denominator}"
    counts = count_moments(name, self.structure, grouping, moments, RATIO.squared)
    piece = Piece.of(RATIO, counts, grouping, None, moments)
    return _estimates(self, "ratio", [piece], [name], grouping, by, level)


def cells(self: Sample, items: Names, by: Names | None = None, where: Where = None) -> list[Cells]:
    """The counts themselves: cluster x group x answer -> sum of w, sum of w squared, n; one Cells an item."""
    grouping = _grouping(self, by, where)
    return [_counted(self, name, grouping, _answers(self, name)) for name in _names(items)]


def _names(value: Names | None) -> list[str]:
    if value is None:
        return []
    names = [value] if isinstance(value, str) else list(value)
    if not names:
        raise EstimationError("There is nothing to estimate.", expected="at least one item")
    return names


def _grouping(sample: Sample, by: Names | None, where: Where) -> Grouping:
    inside = None if where is None else mask(where, sample.data)
    return group_rows(sample.data, _names(by) if by is not None else [], inside, sample.structure)


def _column(sample: Sample, name: str) -> pd.Series:
    if name not in sample.data.columns:
        if name == "one":
            return pd.Series(np.ones(len(sample.data)), index=sample.data.index, name="one")
        raise EstimationError(
            "The data have no such item.", got=name, expected=some(sample.data.columns, 20), fix="correct the name"
        )
    return sample.data[name]


def _numbers(sample: Sample, name: str) -> Array:
    column = _column(sample, name)
    try:
        values = column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise EstimationError(
            "An item holds text, not numbers.", where=name, got=some(column.dropna().unique(), 4),
            expected="numbers", fix="recode it, or use distribution or proportion(levels=...)",
        ) from None  # fmt: skip
    _refuse_missing_codes(sample, name, np.unique(values[np.isin(values, _missing_codes(sample, name))]))
    if np.isinf(values).any():
        raise EstimationError("An item holds infinite numbers.", where=name, fix="recode them as missing")
    return values


def _missing_codes(sample: Sample, name: str) -> list[float]:
    variable = sample.codebook.variables.get(name)
    return [] if variable is None else [c for c in variable.missing if isinstance(c, int | float)]


def _refuse_missing_codes(sample: Sample, name: str, found: Any) -> None:
    if len(found):
        raise EstimationError(
            "An item still holds codes that the codebook declares missing.",
            where=name, got=some(found), fix="call recode_missing() before sv.Sample(...)",
        )  # fmt: skip


def _answers(sample: Sample, name: str) -> Coded:
    variable = sample.codebook.variables.get(name)
    coded = code_answers(_column(sample, name), variable, required=True)
    if coded is None or len(coded.answers) == 0:
        raise EstimationError("An item has no answers at all.", where=name, fix="leave it out")
    if variable is not None:
        _refuse_missing_codes(sample, name, [a for a in coded.answers if a in variable.missing])
    return coded


def _counted(sample: Sample, name: str, grouping: Grouping, coded: Coded) -> Cells:
    return count_answers(name, sample.structure, grouping, coded)


def _number_piece(sample: Sample, name: str, grouping: Grouping, functional: Functional) -> Piece:
    """A mean or total, by counting answers where there are few and moments where there are many."""
    column = _column(sample, name)
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        coded = code_answers(column, None, required=False)
        small = coded is not None and 0 < len(coded.answers) and _affordable(sample, grouping, coded)
        if coded is not None and small:
            variable = sample.codebook.variables.get(name)
            if variable is not None:
                _refuse_missing_codes(sample, name, [a for a in coded.answers if a in variable.missing])
            value = np.asarray(coded.answers, dtype=float)
            if np.isinf(value).any():
                raise EstimationError("An item holds infinite numbers.", where=name, fix="recode them as missing")
            features = np.stack([np.ones(len(value)), value, value * value], axis=1)
            return Piece.of(functional, _counted(sample, name, grouping, coded), grouping, coded, features=features)
    y = _numbers(sample, name)
    # moments around a pivot keep their digits; a total is not free to move its origin
    pivot = 0.0 if functional is TOTAL or np.isnan(y).all() else float(np.nanmean(y))
    y = y - pivot
    moments = (np.where(np.isnan(y), np.nan, 1.0), y, y * y)
    counts = count_moments(name, sample.structure, grouping, moments, functional.squared)
    piece = Piece.of(functional, counts, grouping, None, moments)
    piece.estimate[...] += pivot
    return piece


def _affordable(sample: Sample, grouping: Grouping, coded: Coded) -> bool:
    size = sample.structure.units * (len(grouping) + 1) * (len(coded.answers) + 1)
    return size <= max(4 * sample.structure.rows, 100_000)


def _check_interval(interval: str) -> None:
    if interval not in INTERVALS:
        raise EstimationError("An unknown interval for a share.", got=interval, expected=some(INTERVALS))


def _chosen(
    name: str, answers: NDArray[Any], levels: Sequence[Any] | None, top: int | None, bottom: int | None
) -> NDArray[np.bool_]:
    given = [k for k, v in (("levels", levels), ("top", top), ("bottom", bottom)) if v is not None]
    if len(given) != 1:
        raise EstimationError(
            "Which answers count?", where=name, got=some(given) or "nothing", expected="one of levels=, top=, bottom="
        )
    if levels is not None:
        chosen = np.isin(answers, list(levels)) if answers.dtype != object else np.array([a in levels for a in answers])
        absent = [v for v in levels if v not in list(answers)]
        if absent:
            raise EstimationError(
                "An answer is not on the item's scale.", where=name, got=some(absent), expected=some(answers)
            )
        return chosen
    count = top if top is not None else bottom
    if not isinstance(count, int) or isinstance(count, bool) or not 0 < count < len(answers):
        raise EstimationError(
            "More answers are asked for than the scale leaves.",
            where=name, got=f"{given[0]}={count}", expected=f"a number from 1 to {len(answers) - 1}",
        )  # fmt: skip
    position = np.arange(len(answers))
    return position >= len(answers) - count if top is not None else position < count


def _estimates(
    sample: Sample,
    statistic: str,
    pieces: Sequence[Piece],
    names: Sequence[str],
    grouping: Grouping,
    by: Names | None,
    level: float,
    interval: str | None = None,
) -> Estimates:
    """Put pieces together: table, intervals, covariance on demand, degrees of freedom."""
    if not 0 < level < 1:
        raise EstimationError("A confidence level is a share.", got=level, expected="between 0 and 1, such as 0.95")
    structure = sample.structure
    joint = linearized(structure, sample.residuals, pieces)
    estimate = np.concatenate([p.estimate.reshape(-1) for p in pieces])
    n = np.concatenate([np.repeat(p.cells.n.sum(axis=0), p.estimate.shape[1]) for p in pieces]).astype(float)
    groups = np.concatenate([np.repeat(np.arange(len(grouping)), p.estimate.shape[1]) for p in pieces])
    support = _support(sample, joint.members, groups)
    df = support.df()
    variance = joint.variance()
    notes = _notes(grouping, by)
    # rows of one cluster say nothing of the spread between clusters
    alone = (_cluster_counts(support) <= 1) & (structure.rows > 1)
    std_error = np.where(np.isnan(estimate) | alone, np.nan, np.sqrt(variance))
    if (alone & (n > 0)).any():
        notes.append("groups within one cluster have no standard error")
    with np.errstate(divide="ignore", invalid="ignore"):
        srs = np.concatenate([p.srs.reshape(-1) for p in pieces])
        deff = np.where(srs > 0, std_error**2 / srs, np.nan)
        n_eff = np.where(deff > 0, n / deff, np.nan)
    if interval is None:
        half = t_interval_factor(level, df) * std_error
        low, high = estimate - half, estimate + half
    else:
        low, high, at_end = _share_limits(sample, pieces, estimate, std_error, df, n, level, interval)
        if at_end.any():
            notes.append("shares of 0 or 1: Korn-Graubard interval on Kish's effective n")
    table = _labels(pieces, names, grouping, statistic == "distribution").assign(
        estimate=estimate, std_error=std_error, conf_low=low, conf_high=high, df=df, n=n.astype(np.int64),
        n_eff=n_eff, deff=deff,
    )  # fmt: skip
    return Estimates(
        table, statistic, tuple(grouping.labels.columns), level, (), sample.codebook, tuple(notes), sample.source,
        sample.simulated, support, joint.covariance,
    )  # fmt: skip


def _share_limits(
    sample: Sample, pieces: Sequence[Piece], estimate: Array, std_error: Array, df: Array, n: Array, level: float,
    interval: str,
) -> tuple[Array, Array, NDArray[np.bool_]]:  # fmt: skip
    ends = (std_error <= 1e-12) & ((estimate < 1e-12) | (estimate > 1 - 1e-12))
    kish = np.full(len(estimate), np.nan)
    if ends.any():
        kish = np.concatenate([np.repeat(_kish_n(sample, p), p.estimate.shape[1]) for p in pieces])
    return share_interval(estimate, std_error, df, n, kish, level, interval)


def _kish_n(sample: Sample, piece: Piece) -> Array:
    """(sum w)^2 / sum w^2 of the valid answers of each group."""
    if piece.coded is None:
        raise EstimationError("Shares are counted from answers.", where=piece.cells.item)
    g, k = len(piece.grouping), len(piece.coded.answers)
    key = piece.grouping.code * (k + 1) + piece.coded.code
    weights = sample.structure.weights
    squares = np.bincount(key, weights**2, (g + 1) * (k + 1)).reshape(g + 1, k + 1)[:g, :k].sum(axis=1)
    total_weight = piece.cells.sums.sum(axis=(0, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, total_weight**2 / squares, np.nan)


def _support(sample: Sample, members: Array | None, groups: NDArray[np.int64]) -> Support:
    structure = sample.structure
    if members is None:
        raise EstimationError("No members were counted.")
    if structure.elements is not None and not structure.stages:
        return Support(members, structure.stratum, True, groups)
    psus = len(structure.stages[0].parent)
    inside = unit_sums(members.astype(float), structure.psu, psus) > 0
    return Support(inside, structure.stages[0].parent, False, groups)


def _cluster_counts(support: Support) -> Array:
    return support.members.sum(axis=0) if support.elements else (support.members > 0).sum(axis=0)


def _labels(pieces: Sequence[Piece], names: Sequence[str], grouping: Grouping, answers: bool) -> pd.DataFrame:
    parts = []
    for piece, name in zip(pieces, names, strict=True):
        groups, statistics = piece.estimate.shape
        part = grouping.labels.loc[np.repeat(np.arange(groups), statistics)].reset_index(drop=True)
        part.insert(0, "item", name)
        if answers and piece.coded is not None:
            part["answer"] = np.tile(piece.coded.answers, groups)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _notes(grouping: Grouping, by: Names | None) -> list[str]:
    if not grouping.n_outside:
        return []
    return [f"{grouping.n_outside} rows have no value of {some(_names(by))} and are in no group"]


Verb = Callable[..., Estimates]

"""Effect sizes of two groups, each with the standard error that the design gives it.

Every one is a smooth function of the groups' moments or shares and their sizes in the population, whose covariance is
the design's: its gradient there gives the delta-method variance. With equal weights the values are the textbooks'.

References
----------
Cohen (1988), Statistical Power Analysis; Hedges (1981), J. Educ. Statist. 6: g, with the exact correction.
Cliff (1993), Psychological Bulletin 114; Feng & Cliff (2004), J. Mod. Appl. Stat. Methods 3: intervals.
Cramer (1946), ch. 21. Katz et al. (1978), Biometrics 34: the ratio of two risks on the logarithmic scale.
Rao & Scott (1981), J. Am. Stat. Assoc. 76: what chance alone adds to the square of Cramer's V. Wilson (1927), J. Am.
Stat. Assoc. 22: limits are the values that a test would not reject.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor
from survey.compare.moments import ItemMoments

__all__ = ["EFFECTS", "Effect", "chance", "effect_sizes", "limits"]

Ints = NDArray[np.int64]
_MOST = 4_000_000


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect size.

    Parameters
    ----------
    of : tuple of str
        Statistics that it goes with.
    shares : bool
        Whether it is a function of shares of the answers and sizes; else of means, sizes and variances.
    scale : {"plain", "log", "fisher", "square"}
        On which scale the interval is symmetric. "square" is that of a size that cannot be negative: chance alone makes
        its square positive, and the interval takes that off (see `limits`).
    value : function of the statistics of both groups (pairs, statistics) and their answers (pairs,)
        The value, and the gradient by the statistics of the first and the second group.
    ordered : bool
        Whether answers must have an order.
    """

    of: tuple[str, ...]
    shares: bool
    scale: str
    value: Callable[[Array, Array, Array], tuple[Array, Array, Array]]
    ordered: bool = False


def effect_sizes(effect: Effect, one: ItemMoments, first: Ints, second: Ints) -> tuple[Array, Array]:
    """Values and standard errors of an effect size for pairs of rows: `second` against `first`."""
    width = one.estimate.shape[1]
    value, error = np.empty(len(first)), np.empty(len(first))
    step = max(1, _MOST // (4 * width * width))
    for start in range(0, len(first), step):
        a, b = first[start : start + step], second[start : start + step]
        with np.errstate(divide="ignore", invalid="ignore"):
            value[start : start + step], by_a, by_b = effect.value(
                one.estimate[a], one.estimate[b], one.n[a] + one.n[b]
            )
        gradient = np.hstack([by_a, by_b])
        at = np.hstack([a[:, None] * width + np.arange(width), b[:, None] * width + np.arange(width)])
        variance = np.einsum("pi,pij,pj->p", gradient, one.covariance[at[:, :, None], at[:, None, :]], gradient)
        error[start : start + step] = np.sqrt(np.clip(variance, 0, None))
    return value, error


def chance(one: ItemMoments, first: Ints, second: Ints) -> tuple[Array, Array]:
    """What the square of Cramer's V would be on average if the groups were alike, and its variance.

    It is a quadratic form in the differences of shares: sum of their variances, each by the answer's share in both
    groups together, and twice the sum of the squares of that matrix (Rao & Scott 1981).
    """
    width = one.estimate.shape[1]
    kept = width - 1
    mean, variance = np.empty(len(first)), np.empty(len(first))
    step = max(1, _MOST // (4 * width * width))
    for start in range(0, len(first), step):
        a, b = first[start : start + step], second[start : start + step]
        size = one.estimate[a, -1] + one.estimate[b, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            v, w = one.estimate[a, -1] / size, one.estimate[b, -1] / size
            whole = v[:, None] * one.estimate[a, :-1] + w[:, None] * one.estimate[b, :-1]
            scale = np.sqrt((v * w)[:, None] / np.where(whole > 0, whole, np.inf))
        i, j = (at[:, None] * width + np.arange(kept) for at in (a, b))
        covariance = one.covariance
        cross = covariance[i[:, :, None], j[:, None, :]]
        own = covariance[i[:, :, None], i[:, None, :]] + covariance[j[:, :, None], j[:, None, :]]
        form = (own - cross - np.swapaxes(cross, 1, 2)) * scale[:, :, None] * scale[:, None, :]
        mean[start : start + step] = np.trace(form, axis1=1, axis2=2)
        variance[start : start + step] = 2 * (form**2).sum(axis=(1, 2))
    return mean, variance


def limits(
    effect: Effect, value: Array, error: Array, df: Array, level: float, by_chance: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """Limits of the intervals of effect sizes: t intervals on the scale of the effect.

    "square": the square x of the observed value has mean y + m and variance 4 y s^2 + v, where y is the square of the
    true one, s its standard error and m and v are those of chance (`by_chance`). The interval holds the y whose mean
    lies within t standard deviations of x. Where y is far above m, this is value +- t s; near 0 a t interval of the
    value itself would leave out 0 in most samples of groups that are alike.
    """
    t = t_interval_factor(level, df)
    if effect.scale == "square":
        assert by_chance is not None  # of every effect of this scale
        return _square_limits(value, error, t, *by_chance)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if effect.scale == "log":
            half = t * error / value
            return value * np.exp(-half), value * np.exp(half)
        if effect.scale == "fisher":
            half = t * error / (1 - value**2)
            return np.tanh(np.arctanh(value) - half), np.tanh(np.arctanh(value) + half)
        return value - t * error, value + t * error


def _square_limits(value: Array, error: Array, t: Array, mean: Array, variance: Array) -> tuple[Array, Array]:
    """The y at which (x - mean - y)^2 = t^2 (4 y error^2 + variance), as roots."""
    x = value**2
    with np.errstate(divide="ignore", invalid="ignore"):
        # without any difference there is no direction in which it grows
        own = np.where(value > 0, error**2, variance / (2 * mean))
        middle = x - mean + 2 * t**2 * own
        half = np.sqrt(np.maximum(middle**2 - (x - mean) ** 2 + t**2 * variance, 0))
        above = (x > mean) & ((x - mean) ** 2 > t**2 * variance)
        low = np.where(above, np.sqrt(((x - mean) ** 2 - t**2 * variance) / (middle + half)), 0.0)
        high = np.minimum(np.sqrt(np.maximum(middle + half, x)), 1.0)
    unknown = np.isnan(half)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _cohen(a: Array, b: Array, n: Array) -> tuple[Array, Array, Array]:
    """Difference of means over the pooled standard deviation, whose divisor is n - 2 where weights are equal."""
    bessel = np.where(n > 2, n / (n - 2), np.nan)
    size = a[:, 1] + b[:, 1]
    pooled = (a[:, 1] * a[:, 2] + b[:, 1] * b[:, 2]) / size
    spread = np.sqrt(bessel * pooled)
    spread = np.where(spread > 0, spread, np.nan)
    d = (b[:, 0] - a[:, 0]) / spread
    by_pooled = -d / (2 * np.where(pooled > 0, pooled, np.nan))
    gradients = []
    for own, sign in ((a, -1.0), (b, 1.0)):
        gradients.append(
            np.stack([sign / spread, by_pooled * (own[:, 2] - pooled) / size, by_pooled * own[:, 1] / size], axis=1)
        )
    return d, gradients[0], gradients[1]


def _hedges(a: Array, b: Array, n: Array) -> tuple[Array, Array, Array]:
    from scipy.special import gammaln

    df = np.where(n > 3, n - 2, np.nan)
    j = np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)
    d, by_a, by_b = _cohen(a, b, n)
    return j * d, j[:, None] * by_a, j[:, None] * by_b


def _risk_difference(a: Array, b: Array, n: Array) -> tuple[Array, Array, Array]:
    return b[:, 0] - a[:, 0], _on_mean(a, np.full(len(a), -1.0)), _on_mean(b, np.ones(len(b)))


def _risk_ratio(a: Array, b: Array, n: Array) -> tuple[Array, Array, Array]:
    base = np.where(a[:, 0] > 0, a[:, 0], np.nan)
    return b[:, 0] / base, _on_mean(a, -b[:, 0] / base**2), _on_mean(b, 1 / base)


def _on_mean(moments: Array, slope: Array) -> Array:
    out = np.zeros(moments.shape)
    out[:, 0] = slope
    return out


def _cliff(a: Array, b: Array, n: Array) -> tuple[Array, Array, Array]:
    """P(second > first) - P(second < first) for one of each group drawn at random."""
    by_b, by_a = _below_minus_above(a[:, :-1]), -_below_minus_above(b[:, :-1])
    none = np.zeros((len(a), 1))
    return (b[:, :-1] * by_b).sum(axis=1), np.hstack([by_a, none]), np.hstack([by_b, none])


def _below_minus_above(shares: Array) -> Array:
    up = np.cumsum(shares, axis=1)
    return np.asarray((up - shares) - (up[:, -1:] - up))


def _cramer(a: Array, b: Array, n: Array) -> tuple[Array, Array, Array]:
    """Cramer's V of two groups by the answers, each group as large as in the population."""
    p, q, total = a[:, :-1], b[:, :-1], a[:, -1] + b[:, -1]
    v, w = a[:, -1] / total, b[:, -1] / total
    whole = v[:, None] * p + w[:, None] * q
    held = whole > 0
    whole = np.where(held, whole, 1.0)
    gap = np.where(held, p - q, 0.0)
    raw = (gap**2 / whole).sum(axis=1)
    phi = np.sqrt(v * w * raw)
    by_v = (w - v) * raw - v * w * (gap**3 / whole**2).sum(axis=1)
    half = 1 / (2 * np.where(phi > 0, phi, np.nan))
    common = (v * w * half)[:, None]
    by_p = common * (2 * gap / whole - gap**2 * v[:, None] / whole**2)
    by_q = common * (-2 * gap / whole - gap**2 * w[:, None] / whole**2)
    size = half * by_v / total
    return phi, np.hstack([by_p, (size * w)[:, None]]), np.hstack([by_q, (-size * v)[:, None]])


EFFECTS: dict[str, Effect] = {
    "cohen_d": Effect(("mean",), False, "plain", _cohen),
    "hedges_g": Effect(("mean",), False, "plain", _hedges),
    "cliff_delta": Effect(("mean", "distribution"), True, "fisher", _cliff, ordered=True),
    "cramer_v": Effect(("distribution",), True, "square", _cramer),
    "risk_difference": Effect(("proportion",), False, "plain", _risk_difference),
    "risk_ratio": Effect(("proportion",), False, "log", _risk_ratio),
}
"""By the word that asks for them; the first that goes with a statistic is not its default, see `compare`."""

"""Distances between weights before and after calibration (Deville & Sarndal 1992, JASA 87, table 1).

Each is known by F, the factor that a weight gets for u = x' lambda: F(0) = 1 and F'(0) = 1. Calibration solves
sum of d F(x' lambda) x = totals, which are the first-order conditions of maximising the concave
totals' lambda - sum of d G(x' lambda) with G' = F.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.errors import TargetsError

__all__ = ["METHODS", "Distance", "distance"]

METHODS = ("linear", "raking", "logit", "entropy")
Bound = float | Array
_STEEPEST = 500.0
"""exp beyond this would overflow in a product; a step that asks for it is shortened by the line search."""


@dataclass(frozen=True, slots=True)
class Distance:
    """F, its derivative and its integral, each a function of u (any shape); `reach`, how far a step of u may go."""

    name: str
    factor: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    integral: Callable[[Array], Array]
    low: Bound = 0.0
    high: Bound = np.inf
    reach: float = np.inf


def distance(method: str, bounds: tuple[Bound, Bound] | None = None) -> Distance:
    """The distance of a method.

    Parameters
    ----------
    method : {"linear", "raking", "logit", "entropy"}
        linear: generalised regression (GREG); with bounds, truncated. raking: multiplicative, never negative; with
        bounds, truncated. logit: between the bounds, which it needs. entropy: least relative entropy (Hainmueller 2012,
        Political Analysis 20), whose weights are those of raking.
    bounds : (low, high), optional
        Of the factor; one number each or arrays that go with u.

    Raises
    ------
    TargetsError
        For an unknown method, or bounds that leave no room.
    """
    one_of(method, METHODS, "method of calibration", TargetsError)
    if method == "logit" and bounds is None:
        raise TargetsError(
            "The logit distance requires bounds.",
            where='method="logit"',
            expected="bounds=(low, high), such as (0.5, 2)",
        )
    if bounds is None:
        return _LINEAR if method == "linear" else _EXPONENTIAL
    low, high = bounds
    if method == "logit":
        return _logit(low, high)
    return _truncated(_LINEAR if method == "linear" else _EXPONENTIAL, low, high)


def check_bounds(bounds: tuple[float, float] | None, method: str = "raking") -> None:
    """Raise unless bounds are two numbers around 1; logit needs both to be finite."""
    if bounds is None:
        return
    try:
        low, high = (float(b) for b in bounds)
    except (TypeError, ValueError):
        raise TargetsError(
            "Bounds must be two numbers.",
            got=bounds,
            expected="(low, high), such as (0.3, 3): the range of the factors on the weights",
        ) from None
    if not 0 <= low < 1 < high or (method == "logit" and not np.isfinite(high)):
        raise TargetsError(
            "These bounds are not valid.",
            got=f"({low:g}, {high:g})",
            expected="0 <= low < 1 < high, such as (0.3, 3): the range of the factors on the weights",
            fix=None if high < np.inf else 'method="raking" or "linear" leaves one side open',
        )


def _linear_slope(u: Array) -> Array:
    return np.ones_like(u)


def _exponential(u: Array) -> Array:
    return np.exp(np.minimum(u, _STEEPEST))


_LINEAR = Distance("linear", lambda u: 1 + u, _linear_slope, lambda u: u + u * u / 2, -np.inf)
_EXPONENTIAL = Distance("raking", _exponential, _exponential, lambda u: np.expm1(np.minimum(u, _STEEPEST)), reach=5.0)


def _truncated(free: Distance, low: Bound, high: Bound) -> Distance:
    """F cut off at the bounds; its integral goes on in straight lines."""
    # where F reaches the bounds; a bound of 0 is never reached by exp
    with np.errstate(divide="ignore"):
        first, last = (np.asarray(b) - 1 if free.name == "linear" else np.log(b) for b in (low, high))

    def factor(u: Array) -> Array:
        return np.clip(free.factor(u), low, high)

    def slope(u: Array) -> Array:
        return np.where((u > first) & (u < last), free.slope(u), 0.0)

    def integral(u: Array) -> Array:
        inner = np.clip(u, first, last)
        with np.errstate(invalid="ignore"):  # 0 times infinity, where there is no bound
            below, above = np.where(u < first, low * (u - inner), 0.0), np.where(u > last, high * (u - inner), 0.0)
        return free.integral(inner) + below + above

    reach = float(np.max(np.asarray(high) - low)) if free.name == "linear" else free.reach
    return Distance(free.name, factor, slope, integral, low, high, reach)


def _logit(low: Bound, high: Bound) -> Distance:
    a = (high - low) / ((1 - low) * (high - 1))

    def weight(u: Array) -> Array:
        """exp(a u), kept away from overflow: beyond that F is at its bound to the last digit."""
        return np.exp(np.clip(a * u, -_STEEPEST, _STEEPEST))

    def factor(u: Array) -> Array:
        e = weight(u)
        return (low * (high - 1) + high * (1 - low) * e) / ((high - 1) + (1 - low) * e)

    def slope(u: Array) -> Array:
        f = factor(u)
        return a * (f - low) * (high - f) / (high - low)

    def integral(u: Array) -> Array:
        # log of ((high - 1) + (1 - low) e) / (high - low), in a form that does not overflow
        log = np.logaddexp(np.log(high - 1), np.log(1 - low) + a * u) - np.log(high - low)
        return low * u + (high - low) / a * log

    return Distance("logit", factor, slope, integral, low, high, float(np.max(5 / a)))

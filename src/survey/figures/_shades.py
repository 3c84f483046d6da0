"""Numbers in a few classes, each with a shade that tells apart for colour-blind readers and in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from survey.base.arguments import in_range, one_of
from survey.base.arrays import Array
from survey.errors import ExportError
from survey.exhibits import theme
from survey.words import locale as loc
from survey.words.measure import Measure

__all__ = ["METHODS", "Classes", "check_classes", "classes_of", "ink_on", "sequential"]

METHODS = ("quantile", "equal")
_MOST = 7
# one hue from light to dark; steps of seven classes are at least 9 apart in CIELAB lightness
_RAMP = ("#e6f0f8", "#a9cde6", "#6aa5d4", "#3474b0", "#0d3a66")
_BLACK, _WHITE = "#000000", "#ffffff"


def sequential(k: int) -> list[str]:
    """Shades for `k` classes from low (light) to high (dark); a single class gets the middle one."""
    return list(_sequential(k))


@cache
def _sequential(k: int) -> tuple[str, ...]:
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    ramp = LinearSegmentedColormap.from_list("shades", _RAMP)
    return tuple(to_hex(ramp(0.5 if k == 1 else i / (k - 1))) for i in range(k))


def ink_on(colour: str) -> str:
    """Black or white, whichever contrasts more: always at least 4.58 to 1 (WCAG 2.2)."""
    y = theme.luminance(colour)
    return _WHITE if 1.05 / (y + 0.05) > (y + 0.05) / 0.05 else _BLACK


@dataclass(frozen=True, slots=True)
class Classes:
    """Where classes end, in the units shown, and how each looks and reads."""

    inner: tuple[float, ...]
    colours: tuple[str, ...]
    texts: tuple[str, ...]
    digits: int

    def of(self, value: float) -> int:
        """The class of a number as it is printed: a number on a limit belongs to the class above."""
        return int(np.searchsorted(self.inner, float(loc.rounded(value, self.digits)), side="right"))


def check_classes(classes: int | Sequence[float], method: str | None) -> None:
    """Raise unless classes are a number from 2 to 7, or rising limits between them."""
    if method is not None:
        one_of(method, METHODS, "way of making classes", ExportError, where="method=")
    if isinstance(classes, int):
        in_range(
            classes,
            "The number of classes is out of range.",
            ExportError,
            where="classes=",
            expected=f"2 to {_MOST}: more shades cannot be told apart",
            fits=lambda k: 2 <= k <= _MOST,
        )
        return
    limits = list(classes)
    in_range(limits, "Limits of classes must be numbers.", ExportError, where="classes=", expected="[0.5, 0.6, 0.7]")
    if not 1 <= len(limits) < _MOST or any(b <= a for a, b in pairwise(limits)):
        raise ExportError(
            "Limits of classes must rise from one to the next.",
            where="classes=",
            got=", ".join(f"{x:g}" for x in limits) or "none",
            expected=f"1 to {_MOST - 1} limits, in the units of e.table (shares in 0-1)",
        )


def classes_of(
    values: Array,
    measure: Measure,
    lang: str,
    digits: int | None = None,
    classes: int | Sequence[float] = 5,
    method: str | None = None,
) -> Classes:
    """Classes of the numbers shown.

    Parameters
    ----------
    values : array
        In the units shown; NaN for none.
    measure : Measure
        Differences get classes on both sides of no difference, everything else from the lowest to the highest.
    lang : str
    digits : int, optional
    classes : int or sequence of float
        How many; or the limits between them, unrounded.
    method : {"quantile", "equal"}, optional
        About as many numbers in each class, or classes equally wide; "equal" for differences when not given.

    Returns
    -------
    Classes
    """
    places = measure.digits if digits is None else digits
    shown = np.array([float(loc.rounded(v, places)) for v in values if np.isfinite(v)])
    null = None if measure.no_difference is None else measure.factor * measure.no_difference
    if not isinstance(classes, int):
        # 100 * 0.55 is a little more than 55
        inner, open_ended = [round(measure.factor * float(x), 9) for x in classes], True
    elif not len(shown):
        return Classes((), (), (), places)
    elif null is None:
        inner, open_ended = _rising(shown, classes, method or "quantile", places), False
    else:
        inner, open_ended = _around(shown, null, classes, method or "equal", places), False
    colours = sequential(len(inner) + 1) if null is None else _two_sided(inner, null)
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (np.nan, np.nan)
    texts = _texts(inner, low, high, open_ended, measure, places, lang)
    return Classes(tuple(inner), tuple(colours), tuple(texts), places)


def _rising(shown: Array, k: int, method: str, places: int) -> list[float]:
    """Limits between classes: each is the lowest number of the class above, or equally far from the next."""
    if method == "quantile":
        cuts = np.quantile(shown, np.arange(1, k) / k, method="higher")
    else:
        cuts = np.linspace(shown.min(), shown.max(), k + 1)[1:-1]
    return [float(c) for c in np.unique(np.round(cuts, places)) if c > shown.min()]


def _around(shown: Array, null: float, k: int, method: str, places: int) -> list[float]:
    """Limits that mirror each other on both sides of no difference."""
    away = np.abs(shown - null)
    if method == "quantile":
        half = np.quantile(away, np.arange(1, k // 2) / (k // 2), method="higher")
        inner = np.r_[null - half, null, null + half]
    else:
        inner = null + np.linspace(-away.max(), away.max(), k + 1)[1:-1]
    # a limit is written with the digits of the numbers, on both sides alike; classes that nothing reaches are left out
    limits = sorted({float(null + np.sign(x - null) * round(abs(x - null), places)) for x in inner})
    return [x for x in limits if shown.min() < x <= shown.max() or x == null]


def _two_sided(inner: Sequence[float], null: float) -> list[str]:
    """Shades of classes below and above no difference; the one around it is pale. Equally far is equally dark."""
    below = sum(x <= null for x in inner)
    above = sum(x >= null for x in inner)
    middle = len(inner) + 1 - below - above
    most = max(below, above, 1)
    scale = theme.diverging(2 * most + max(middle, 0))
    low, high = scale[:most], scale[-most:]
    centre = scale[most : len(scale) - most]
    return [*low[most - below :], *centre, *high[:above]]


def _texts(
    inner: Sequence[float], low: float, high: float, open_ended: bool, measure: Measure, places: int, lang: str
) -> list[str]:
    """ "61,2–64,7": from the first number of a class to the last that is not printed as the next class's first."""
    write = loc.signed if measure.difference else loc.number
    step = 10.0**-places
    if not inner:
        return [_between(low, high, places, write is loc.signed, lang)]
    ends = [(a, b - step) for a, b in pairwise(inner)]
    middle = [_between(a, b, places, measure.difference, lang) for a, b in ends]
    if open_ended or not np.isfinite(low):
        first, last = f"<{loc.NBSP}{write(inner[0], places, lang)}", f"≥{loc.NBSP}{write(inner[-1], places, lang)}"
    else:
        first = _between(min(low, inner[0] - step), inner[0] - step, places, measure.difference, lang)
        last = _between(inner[-1], max(high, inner[-1]), places, measure.difference, lang)
    return [first, *middle, last]


def _between(low: float, high: float, places: int, signed: bool, lang: str) -> str:
    write = loc.signed if signed else loc.number
    first, last = write(low, places, lang), write(high, places, lang)
    if first == last:
        return first
    return f"{first} {loc.word('to', lang)} {last}" if signed else loc.interval(low, high, places, lang)

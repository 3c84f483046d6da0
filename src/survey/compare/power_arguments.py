"""What may be said to `power`: one place that checks its numbers and makes a setting, or a comparison of few units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, isfinite
from numbers import Real
from typing import Any

import numpy as np

from survey.base.arguments import in_range
from survey.compare.permutation_power import FewUnits
from survey.compare.power_formulas import Setting
from survey.errors import EstimationError, shorten

__all__ = ["check_given", "few_units", "listed_numbers", "setting_of", "solved_for"]

_POINTS = "of the share, in 0-1"


def listed_numbers(name: str, value: Any) -> list[float]:
    """One number or several, as a list."""
    values = list(value) if isinstance(value, Iterable) and not isinstance(value, str | Mapping) else [value]
    wrong = [v for v in values if isinstance(v, bool) or not isinstance(v, Real) or not isfinite(v)]
    if wrong or not values:
        raise EstimationError(
            "An argument must be a number, or a list of numbers.",
            where=f"{name}=",
            got=shorten(repr(v)[:40] for v in wrong) if values else "an empty list",
            expected="numbers, without quotes",
        )
    return [float(v) for v in values]


def solved_for(given: Mapping[str, list[float]]) -> str:
    """What is looked for: the one of n, effect and power that is not given; or n for a margin, a margin for n."""
    names = set(given)
    if names == {"margin"}:
        return "n"
    if names == {"n"}:
        return "margin"
    absent = [name for name in ("n", "effect", "power") if name not in names]
    if "margin" in names or len(absent) != 1:
        raise EstimationError(
            "Give exactly two of n, effect and power; or margin; or n alone for the margin.",
            where="power(...)",
            got=shorten(f"{name}=" for name in given) or "none of them",
            fix="leave out what is to be found",
        )
    return absent[0]


_RANGES: dict[str, tuple[str, Any]] = {
    "level": ("above 0, below 1, such as 0.95", lambda v: 0 < v < 1),
    "cluster_size": ("1 or more", lambda v: v >= 1),
    "icc": ("from 0 to 1", lambda v: 0 <= v <= 1),
    "deff": ("above 0", lambda v: v > 0),
    "weights_cv": ("0 or more", lambda v: v >= 0),
    "ratio": ("above 0", lambda v: v > 0),
    "wave_correlation": ("from -1, below 1", lambda v: -1 <= v < 1),
    "population": ("2 or more", lambda v: v >= 2),
    "share": ("above 0, below 1: of a share of 0 or 1 nothing can be planned", lambda v: 0 < v < 1),
    "sd": ("above 0", lambda v: v > 0),
}


def setting_of(of: str, numbers: Mapping[str, float | None], units: int | None) -> Setting:
    """The setting that the arguments of `power` describe; `numbers` are those of `_RANGES`.

    Raises
    ------
    EstimationError
        For a number out of range, or arguments that do not belong together.
    """
    for name, value in numbers.items():
        expected, fits = _RANGES[name]
        if value is not None:
            message = "An argument is out of range."
            in_range(value, message, EstimationError, where=f"{name}=", expected=expected, fits=fits)
    needed = {"share": ("share",), "mean": ("sd",)}.get(of, ("share", "sd"))
    if sum(numbers[name] is not None for name in ("share", "sd")) != 1 or all(numbers[n] is None for n in needed):
        raise EstimationError(
            "Say what the answers are: a share, or numbers with a standard deviation.",
            where=f"power({of!r}, ...)",
            got=shorten(f"{n}=" for n in ("share", "sd") if numbers[n] is not None) or "neither share= nor sd=",
            expected=" or ".join(f"{n}=" for n in needed),
        )
    given = {name: value for name, value in numbers.items() if value is not None}
    icc, size, ratio = given["icc"], given["cluster_size"], given["ratio"]
    if "deff" in given and icc:
        raise EstimationError(
            "Give the design effect or the intraclass correlation, not both.",
            where="deff=, icc=",
            got=f"{given['deff']}, {icc}",
        )
    if icc and size == 1:
        raise EstimationError(
            "An intraclass correlation needs the size of the clusters.",
            where="icc=",
            got=icc,
            fix="give cluster_size=: completed answers in each cluster",
        )
    if given["wave_correlation"] and of != "did":
        raise EstimationError("Only a difference in differences has waves.", where="wave_correlation=", got=of)
    if ratio != 1 and (of in ("share", "mean") or units is not None):
        raise EstimationError("This design has no second group whose size could be chosen.", where="ratio=", got=ratio)
    deff = given.get("deff", 1 + (size - 1) * icc) * (1 + given["weights_cv"] ** 2)
    return Setting(
        of,
        numbers["share"],
        numbers["sd"],
        given["level"],
        deff,
        float(size),
        float(ratio),
        float(given["wave_correlation"]),
        float(given.get("population", inf)),
    )


def check_given(given: Mapping[str, list[float]], setting: Setting) -> None:
    """Raise unless what is known of n, effect, power and margin is in range."""
    limit = setting.population / max(1.0, setting.ratio if setting.groups == 2 else 1.0)
    checks: dict[str, tuple[str, Any]] = {
        "n": (
            "whole numbers, 2 or more" + (f", at most {limit:g}" if limit < inf else ""),
            lambda v: v >= 2 and v == int(v) and v <= limit,
        ),
        "power": (
            f"above {1 - setting.level:.2g}, which a test reaches without any effect, and below 1",
            lambda v: 1 - setting.level < v < 1,
        ),
        "margin": ("above 0", lambda v: v > 0)
        if setting.share is None
        else (f"above 0, below 1 {_POINTS}: 0.03 is three percentage points", lambda v: 0 < v < 1),
        "effect": ("numbers", lambda _: True),
    }
    for name, values in given.items():
        expected, fits = checks[name]
        message = f"{'A sample size' if name == 'n' else f'The {name}'} is out of range."
        in_range(values, message, EstimationError, where=f"{name}=", expected=expected, fits=fits)
    share = setting.share
    if share is not None and "effect" in given:
        in_range(
            given["effect"],
            "An effect takes the share beyond 0 or 1.",
            EstimationError,
            where="effect=",
            expected=f"from {-share:g} to {1 - share:g} {_POINTS}: 0.05 is five percentage points",
            fits=lambda v: 0 <= share + v <= 1,
        )
    if "effect" in given and "n" not in given and 0 in given["effect"]:
        raise EstimationError(
            "No sample finds an effect of 0.", where="effect=", got=0, expected="another number than 0"
        )


def few_units(setting: Setting, units: int | None, treated: int | None, unit_sd: float) -> FewUnits:
    """The comparison of few units that the arguments of `power` describe."""
    of = setting.of
    if of not in ("difference", "did"):
        raise EstimationError(
            "Units are compared in a difference or a difference in differences.", where="units=", got=of
        )
    whole = all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in (units, treated))
    if not whole or units is None or treated is None or not 0 < treated < units or units < 3:
        raise EstimationError(
            "A comparison of units needs their number and how many are treated.",
            where="units=, treated=",
            got=f"{units!r}, {treated!r}"[:60],
            expected="whole numbers: at least 3 units, some treated and some not",
        )
    in_range(
        unit_sd,
        "The standard deviation between units is out of range.",
        EstimationError,
        where="unit_sd=",
        expected="0 or more",
        fits=lambda v: v >= 0,
    )
    return FewUnits(int(units), int(treated), float(unit_sd), setting)

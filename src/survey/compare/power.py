"""Before the field: how many people, how large an effect, with what power, and how wide an interval."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import ceil, inf, isfinite, nan

import pandas as pd

from survey.base.arguments import explained, in_range, one_of
from survey.base.catalogue import LANGUAGES, Note, texts
from survey.compare.permutation_power import MOST, FewUnits
from survey.compare.power_arguments import check_given, few_units, listed_numbers, setting_of, solved_for
from survey.compare.power_formulas import Setting, crossing, margin_of, power_of
from survey.errors import EstimationError, shorten
from survey.estimates import Summary
from survey.words import locale as loc

__all__ = ["QUANTITIES", "power"]

QUANTITIES = ("share", "mean", "difference", "did")
"""What is to be estimated: a share, a mean, a difference of two groups, a difference in differences."""
Numbers = float | Sequence[float]


@explained(EstimationError)
def power(
    of: str,
    *,
    n: Numbers | None = None,
    effect: Numbers | None = None,
    power: Numbers | None = None,
    margin: Numbers | None = None,
    share: float | None = None,
    sd: float | None = None,
    level: float = 0.95,
    cluster_size: float = 1,
    icc: float = 0.0,
    deff: float | None = None,
    weights_cv: float = 0.0,
    ratio: float = 1.0,
    wave_correlation: float = 0.0,
    population: float | None = None,
    response_rate: float = 1.0,
    units: int | None = None,
    treated: int | None = None,
    unit_sd: float = 0.0,
    simulated: bool = False,
) -> Summary:
    """Find the sample size, the smallest effect or the power of a planned survey, whichever of the three is not given.

    With `margin`, or with `n` alone, the half-width of a confidence interval takes the place of effect and power.

    Parameters
    ----------
    of : {"share", "mean", "difference", "did"}
        What is estimated: one share or mean (the effect is its distance from a known value), a difference of two
        groups, or a difference in differences of two groups in two waves.
    n : int or list of int, optional
        Completed answers: of a share or mean in all; of a difference in the first group; of a difference in
        differences in the first group in each wave; with `units`, in each unit (and wave). Lists give a row each.
    effect, margin : float or list of float, optional
        In units of the answers; of shares in 0-1 (0.05 is five percentage points).
    power : float or list of float, optional
        Above 1 - level, below 1; usually 0.8.
    share : float, optional
        The share without the effect, in 0-1; give it or `sd`.
    sd : float, optional
        Standard deviation of people's answers.
    level : float
        Confidence level; tests are two-sided at 1 - level.
    cluster_size : float
        Completed answers in each cluster (and wave); 1 where people are drawn directly.
    icc : float
        Intraclass correlation of the clusters: with it and `cluster_size` deff = 1 + (m - 1) icc (Kish 1965).
    deff : float, optional
        Design effect of the clusters in an earlier survey, in place of `icc`.
    weights_cv : float
        Coefficient of variation of the weights: they multiply the variance by 1 + cv^2 (Kish 1965).
    ratio : float
        Answers in the second group for each in the first.
    wave_correlation : float
        Of a difference in differences: correlation of a group's estimates in the two waves, above 0 where clusters or
        people are the same.
    population : float, optional
        Size of the population of each group, where it is small: variances times 1 - n / N.
    response_rate : float
        Share of those drawn who answer; `n_draw` is the number to draw.
    units, treated : int, optional
        A comparison of few units (wards), `treated` of them with the programme: judged by permutation of the units,
        as `sample.effect` does.
    unit_sd : float
        Standard deviation between units of what is compared, beside that of sampling people: of the wards' levels for
        a difference, of ward and wave for a difference in differences.
    simulated : bool
        Whether the numbers given come from simulated data, which the result then says.

    Returns
    -------
    Summary
        A row for each combination: design, unit, n, n_total, n_draw, clusters, effect, power (or margin_of_error),
        deff, df, and `solved`, which says what was looked for; for a sample size also the power or margin `reached`,
        as n is whole and in whole clusters. `sv.figures.power` draws several rows as curves.

    Raises
    ------
    EstimationError
        If not exactly one of n, effect and power is left out, a number is out of range, or nothing reaches the power:
        then the error says why.

    References
    ----------
    Cohen (1988); Kish (1965); Donner & Klar (2000); Bloom (1995); Cochran (1977): see `survey.compare.power_formulas`
    for each formula. Agrees with R's power.t.test and power.prop.test (strict = TRUE) where there are no clusters.

    Examples
    --------
    >>> sv.power("share", share=0.5, margin=0.03, cluster_size=15, icc=0.05).table["n"][0]  # doctest: +SKIP
    >>> sv.power("difference", share=0.6, effect=0.05, power=0.8)  # doctest: +SKIP
    >>> sv.power("did", sd=1.0, n=150, power=0.8, units=10, treated=2, unit_sd=0.1)  # doctest: +SKIP
    """
    one_of(of, QUANTITIES, "quantity to plan for", EstimationError, where="power(...)")
    asked = {"n": n, "effect": effect, "power": power, "margin": margin}
    given = {name: listed_numbers(name, value) for name, value in asked.items() if value is not None}
    solved = solved_for(given)
    numbers = {
        "share": share,
        "sd": sd,
        "level": level,
        "cluster_size": cluster_size,
        "icc": icc,
        "deff": deff,
        "weights_cv": weights_cv,
        "ratio": ratio,
        "wave_correlation": wave_correlation,
        "population": population,
    }
    setting = setting_of(of, numbers, units)
    check_given(given, setting)
    in_range(
        response_rate,
        "The response rate is out of range.",
        EstimationError,
        where="response_rate=",
        expected="above 0, at most 1",
        fits=lambda v: 0 < v <= 1,
    )
    few = None if units is None and treated is None else few_units(setting, units, treated, unit_sd)
    if few is None and unit_sd:
        raise EstimationError(
            "The standard deviation between units needs their number.",
            where="unit_sd=",
            got=unit_sd,
            expected="units= and treated= beside it",
        )
    if few is not None and ("margin" in given or solved == "margin"):
        raise EstimationError(
            "A comparison of few units is judged by permutation, which has no margin of error.",
            where="margin=" if "margin" in given else "n=",
            fix="give two of n, effect and power",
        )
    rows = []
    for values in product(*given.values()):
        known = dict(zip(given, values, strict=True))
        rows.append(_row(setting, few, solved, known, response_rate))
    kind = "precision" if solved == "margin" or "margin" in given else "power"
    columns = ["design", "unit", "n", "n_total", "n_draw", "clusters", "effect", "power"]
    columns += ["margin_of_error", "reached", "deff", "df"]
    table = pd.DataFrame(rows).rename(columns={"margin": "margin_of_error"})  # a margin is one of targets elsewhere
    table = table.assign(design=of, unit="share" if share is not None else "mean", solved=solved)
    table["deff"] = setting.deff
    wanted = [c for c in columns if c in table.columns] + ["solved"]
    notes = _notes(setting, few, kind == "precision", response_rate, weights_cv, population)
    words = {of: texts(f"designs.{of}")}
    return Summary(table[wanted], kind, level=level, notes=tuple(notes), simulated=simulated, words=words)


def _row(
    setting: Setting, few: FewUnits | None, solved: str, known: dict[str, float], response_rate: float
) -> dict[str, float]:
    """One combination, completed by what is looked for."""
    found = dict(known)
    if few is not None:
        found[solved] = _solve_few(few, solved, known)
    elif solved == "margin":
        found[solved] = _known(margin_of(setting, known["n"]), setting)
    elif solved == "power":
        if not setting.df(known["n"]) > 0:
            raise _one_cluster(setting)
        found[solved] = power_of(setting, known["n"], known["effect"])
    else:
        found[solved] = _solve(setting, solved, known)
    if solved == "n":
        found["n"] = _whole(setting, found["n"])
        if "margin" in known:
            found["reached"] = margin_of(setting, found["n"])
        elif few is None:
            found["reached"] = power_of(setting, found["n"], known["effect"])
        else:
            found["reached"] = few.power(known["effect"], found["n"])
    n = found["n"]
    each = [n] * few.units if few is not None else list(setting.sizes(n))
    whole = [ceil(k - 1e-9) for k in each]
    total = setting.waves * sum(whole)
    draw = setting.waves * sum(ceil(k / response_rate - 1e-9) for k in whole)
    size = setting.cluster_size
    clusters = sum(ceil(k / size - 1e-9) for k in whole) if size > 1 else nan
    df = few.units - 2 if few is not None else setting.df(n)
    return {**found, "n": ceil(n - 1e-9), "n_total": total, "n_draw": draw, "clusters": clusters, "df": df}


def _whole(setting: Setting, n: float) -> float:
    """Whole people, in whole clusters; no more than there are."""
    size = setting.cluster_size
    up = ceil(n - 1e-6)
    if size > 1 and size == int(size):
        up = int(size) * ceil(up / size - 1e-9)
    return float(min(up, setting.population))


def _solve(setting: Setting, solved: str, known: dict[str, float]) -> float:
    most = setting.population / max(1.0, setting.ratio if setting.groups == 2 else 1.0)
    ceiling = 1e12 if most == inf else most
    if solved == "n" and "margin" in known:
        found = crossing(lambda n: bool(margin_of(setting, n) <= known["margin"]), 1e-3, ceiling)
    elif solved == "n":
        found = crossing(lambda n: power_of(setting, n, known["effect"]) >= known["power"], 1e-3, ceiling)
    else:
        if not setting.df(known["n"]) > 0:
            raise _one_cluster(setting)
        largest = 1e6 * (setting.sd or 0.0) if setting.share is None else 1 - setting.share
        found = crossing(lambda d: power_of(setting, known["n"], d) >= known["power"], 0.0, largest)
    if found is None:
        what = "effect" if solved == "effect" else "sample size"
        raise EstimationError(
            f"No {what} reaches this {'margin' if 'margin' in known else 'power'}.",
            where=f"power({setting.of!r}, ...)",
            got=shorten(f"{name} = {value:g}" for name, value in known.items()),
            expected=f"an effect of at most {1 - setting.share:g}, in 0-1"
            if solved == "effect" and setting.share is not None
            else None,
            fix="ask more people"
            if solved == "effect"
            else "plan for a wider margin"
            if "margin" in known
            else "plan for a larger effect or less power",
        )
    return max(found, 2.0) if solved == "n" else found


def _solve_few(few: FewUnits, solved: str, known: dict[str, float]) -> float:
    level = few.setting.level
    if solved == "power":
        return few.power(known["effect"], known["n"])
    least = few.least(known["power"])
    if least is None:
        raise EstimationError(
            "No effect, however large, can be significant with so few units.",
            where="units=, treated=",
            got=f"{few.treated} of {few.units} treated: the smallest p-value is {few.floor:.3g}",
            expected=f"at most {1 - level:.3g}",
            fix="compare with more units, or judge at a lower level (level=0.9)",
        )
    if solved == "effect":
        return least * few.spread(known["n"])
    found = few.answers(abs(known["effect"]) / least)
    if found is None:
        raise EstimationError(
            "No sample size reaches this power: the differences between units alone hide the effect.",
            where="unit_sd=",
            got=f"an effect of {known['effect']:g}",
            expected=f"at least {least * few.spread(inf):.4g}, however many people are asked",
            fix="compare more units, or units that differ less",
        )
    return max(found, 2.0)


def _known(margin: float, setting: Setting) -> float:
    if not isfinite(margin):
        raise _one_cluster(setting)
    return margin


def _one_cluster(setting: Setting) -> EstimationError:
    return EstimationError(
        "There are too few clusters to judge anything by.",
        where="n=, cluster_size=",
        got=f"clusters of {setting.cluster_size:g} answers",
        expected=f"more than {setting.groups} clusters in all",
        fix="ask more people, or fewer in each cluster",
    )


def _notes(
    setting: Setting,
    few: FewUnits | None,
    precise: bool,
    response_rate: float,
    weights_cv: float,
    population: float | None,
) -> list[Note]:
    """What the numbers mean, and what they stand on."""
    level = {lang: loc.level_word(setting.level if precise else 1 - setting.level, lang) for lang in LANGUAGES}
    counted = "units" if few is not None else "one" if setting.groups == 1 else setting.of
    found = [Note(f"notes.power_n_{counted}")]
    if few is None:
        found.append(Note("notes.power_interval" if precise else "notes.power_test", level=level))
    else:
        key = "notes.power_permutation" if few.ways <= MOST else "notes.power_units"
        counts = {"treated": few.treated, "units": few.units, "ways": few.ways}
        found.append(Note(key, level=level, p=_said(few.floor, 3), **counts))
        least = few.least(0.8) if few.sd else None
        if least is not None:
            found.append(Note("notes.power_unlimited", effect=_effect(setting, least * few.spread(inf))))
    if setting.deff != 1:
        found.append(Note("notes.power_deff", deff=_said(setting.deff, 2)))
    if weights_cv:
        found.append(Note("notes.power_weights", deff=_said(1 + weights_cv**2, 2)))
    if population is not None:
        found.append(Note("notes.power_population", population=int(population)))
    if response_rate < 1:
        found.append(Note("notes.power_response", rate=_said(100 * response_rate, 0)))
    return found


def _said(x: float, digits: int) -> dict[str, str]:
    """A number as each language writes it."""
    return {lang: loc.number(x, digits, lang) for lang in LANGUAGES}


def _effect(setting: Setting, x: float) -> dict[str, str]:
    """An effect with its unit: percentage points of a share."""
    if setting.share is None:
        return _said(x, 2)
    return {lang: f"{text} {loc.word('percentage_points', lang)}" for lang, text in _said(100 * x, 1).items()}

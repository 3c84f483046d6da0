"""Change between waves, and the line through three and more of them, with the covariance of what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.base.names import composed_value
from survey.base.tails import departure, f_tail
from survey.compare._panel import attrition, pair_values, paired
from survey.compare._times import Times
from survey.compare._waves import Waves, as_period, drawn_together, people, said
from survey.compare.asked import means_or_shares
from survey.core.contrasts import combine
from survey.core.sample_data import SampleData
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.items import Names, domain, item_names

__all__ = ["change", "wave_trend"]

AMONG = ("both", "all")


def change(
    self: SampleData,
    items: Names,
    wave: str = "wave",
    *,
    person: str | None = None,
    among: str | None = None,
    by: Names | None = None,
    where: Where = None,
    against: Any = "first",
    waves: Sequence[Any] | None = None,
    clusters: str | None = None,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    net: int | None = None,
    rescale: tuple[float, float] | None = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Estimate the change of means or shares between waves that stand in one sample, one row an interview.

    Clusters and people that are in both waves make the change more certain than two samples would be: the standard
    error has their covariance. It is right where the design says who is who: a cluster has the same id in every wave in
    which it was drawn, and strata are those of its selection (not by wave, unless each wave was drawn anew).

    Parameters
    ----------
    items : str or list of str
    wave : str
        Column of waves: numbers, dates, ordered categories, or codes of the codebook in their order.
    person : str, optional
        Column of ids of people asked again. Where respondents were drawn directly, people become the clusters.
    among : {"both", "all"}, optional
        With `person`, the change is that of the people who answered in both waves ("both", when not given), each with
        the weight and the groups of the later wave; or that of everybody, new and lost people included, with the
        covariance of those in both ("all").
    by, where :
        As for `mean`. A group that is in one wave only has no change, which is said.
    against : "first", "previous" or a wave
        Which wave each later one is compared with.
    waves : list, optional
        The waves in their order, where nothing else tells it, or where some are to be left out.
    clusters : {"same", "new"}, optional
        What the same id means in two waves. "same": one cluster, as without this argument, but not noted. "new": each
        wave was drawn for itself and its numbering starts again; strata and clusters are then taken by wave.
    levels, top, bottom, net :
        The change of a share, as for `proportion`.
    rescale, level, variance :
        As for `mean`.

    Returns
    -------
    Estimates
        item, <by...>, contrast ("2 − 1"), estimate, std_error, statistic, df, p_value, conf_low, conf_high: differences
        in the unit of the item, of shares in 0-1. `origin` has the waves themselves. Degrees of freedom as for
        `contrast`. Notes count the people in both waves and those lost, and say where modes, frames or interviewers
        differ between waves.

    Raises
    ------
    EstimationError
        For a single wave, waves without an order, an id twice in a wave, people or clusters that move between the
        design's units, nobody in both waves.

    References
    ----------
    Kish (1965), Survey Sampling, section 12.4; Lumley (2010), Complex Surveys, section 3.4. As R's svyby with covmat
    and svycontrast over stacked waves.

    Examples
    --------
    >>> sample.change("friendliness", by="ward")  # doctest: +SKIP
    >>> sample.change("OV01", top=2, person="resp_id")  # doctest: +SKIP
    """
    among = _among(among, person)
    sample, order, groups, inside, notes = _prepared(self, wave, waves, where, by, clusters)
    steps = _steps(order, against)
    who = None
    if person is not None:
        sample, who = people(sample, order, person)
        notes += attrition(sample, order, who, steps, inside)
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": net}
    names = item_names(items, sample)
    e = _by_wave(sample, names, order, groups, inside, asked, rescale, level, variance)
    if who is not None and among == "both":
        values = {name: pair_values(sample, name, asked, rescale) for name in names}
        both, pairs = paired(sample, order, who, steps, names, values, groups, inside, level, variance)
        notes = [Note("notes.panel_both"), *notes]
        e = replace(both, statistic=e.statistic, answers=e.answers, scale=e.scale, notes=_joined(e.notes, both.notes))
        absent: list[str] = []
    else:
        pairs, absent = _rows(e, order, steps, groups)
        if who is not None:
            notes = [Note("notes.panel_all"), *notes]
    e = replace(e, codebook=as_period(e.codebook, order))
    known = e.table["estimate"].notna().to_numpy()
    pairs = [(a, b) for a, b in pairs if known[a] and known[b]]
    if not pairs:
        raise EstimationError(
            "No item has answers in two waves.",
            where=order.name,
            got=shorten(names),
            expected="answers in both waves of a comparison",
            fix="check which waves asked the item",
        )
    matrix = np.zeros((len(pairs), len(e.table)))
    for k, (a, b) in enumerate(pairs):
        matrix[k, a], matrix[k, b] = -1.0, 1.0
    kept = e.table.iloc[[b for _, b in pairs]].reset_index(drop=True)
    place = {composed_value(v): order.label(i) for i, v in enumerate(order.values)}
    wave_of = [place[composed_value(v)] for v in e.table[order.name].tolist()]
    names_of = [(wave_of[a], wave_of[b]) for a, b in pairs]
    labels = kept[["item", *groups]].assign(contrast=[f"{last} − {first}" for first, last in names_of])
    made = combine(e, matrix, labels)
    return replace(made, by=tuple(groups), notes=_joined(made.notes, [*notes, *absent]))


def wave_trend(
    self: SampleData,
    items: Names,
    wave: str = "wave",
    *,
    time: Mapping[Any, Any] | None = None,
    person: str | None = None,
    by: Names | None = None,
    where: Where = None,
    waves: Sequence[Any] | None = None,
    clusters: str | None = None,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    net: int | None = None,
    rescale: tuple[float, float] | None = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Estimate the straight line through three or more waves, and test whether the waves depart from it.

    The slope is that of the least-squares line through the waves' estimates: a contrast of them, so that its standard
    error has the covariance of clusters and people that waves share. Each wave counts once, whatever its size.

    Parameters
    ----------
    items, wave, by, where, waves, clusters, levels, top, bottom, net, rescale, level, variance :
        As for `change`.
    time : mapping of wave to date or number, optional
        When each wave was in the field: dates ("2023-08-15", "2024-06") give a slope per year of 365.25 days, numbers
        one per unit. Not needed where the waves are dates or numbers themselves.
    person : str, optional
        Ids of people asked again: everybody counts, with the covariance of those in several waves.

    Returns
    -------
    Estimates
        item, <by...>, contrast ("trend_per_year", "trend_per_wave" or "trend_per_unit"), estimate (slope), std_error,
        statistic, df, p_value, conf_low, conf_high, departure (F of the Wald test that the waves lie on a line),
        departure_df (its numerator, waves minus 2; the denominator is df), p_departure. A group that is not in every
        wave has no line, which is said.

    Raises
    ------
    EstimationError
        As for `change`; also with fewer than three waves, or times that repeat or cannot be read.

    References
    ----------
    Korn & Graubard (1990), The American Statistician 44: Wald tests with the design's degrees of freedom.

    Examples
    --------
    >>> sample.wave_trend("friendliness", time={1: "2023-08", 2: "2024-06", 3: "2025-09"})  # doctest: +SKIP
    """
    sample, order, groups, inside, notes = _prepared(self, wave, waves, where, by, clusters)
    count = len(order.values)
    if count < 3:
        raise EstimationError(
            "A line needs three waves or more.", where=order.name, got=f"{count} waves", fix="call change(...) for two"
        )
    times = Times.of(order, time)
    if person is not None:
        sample, who = people(sample, order, person)
        steps = [(i, i + 1) for i in range(count - 1)]
        notes = [Note("notes.panel_all"), *notes, *attrition(sample, order, who, steps, inside)]
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": net}
    names = item_names(items, sample)
    e = _by_wave(sample, names, order, groups, inside, asked, rescale, level, variance)
    e = replace(e, codebook=as_period(e.codebook, order))
    lines, absent = _lines(e, order, groups)
    if not lines:
        raise EstimationError(
            "No item has answers in every wave.",
            where=order.name,
            got=shorten(names),
            fix="leave waves out: waves=[...]",
        )
    matrix = np.zeros((len(lines), len(e.table)))
    for k, rows in enumerate(lines):
        matrix[k, rows] = times.slope
    first = e.table.iloc[[rows[0] for rows in lines]].reset_index(drop=True)
    made = combine(e, matrix, first[["item", *groups]].assign(contrast=f"trend_per_{times.unit}"))
    f, p = _departures(e, lines, times, made.table["df"].to_numpy(float))
    departure = {"departure": f, "departure_df": float(count - 2), "p_departure": p}
    table = made.table.assign(**departure)
    joined = _joined(made.notes, [*notes, *absent, Note("notes.trend_departure")])
    return replace(made, table=table, by=tuple(groups), notes=joined)


def _prepared(
    self: SampleData, wave: str, waves: Any, where: Where, by: Names | None, clusters: str | None
) -> tuple[Any, Waves, list[str], Any, list[str]]:
    """The sample with its waves in order, the groups, who is in the domain, and what must be said."""
    inside = domain(self, where)
    order = Waves.of(self, wave, waves, inside)
    groups = item_names(by, self)
    if order.name in groups:
        raise EstimationError(
            "The wave cannot be a group as well.", where="by=", got=order.name, fix="leave it out of by="
        )
    sample, notes = drawn_together(self, order, clusters, groups)
    return sample, order, groups, inside, [*notes, *said(sample, order)]


def _among(among: str | None, person: str | None) -> str:
    if among is None:
        return "all" if person is None else "both"
    one_of(among, AMONG, "choice of people", EstimationError, where="among=")
    if among == "both" and person is None:
        raise EstimationError(
            "Who is in both waves is not known.", where="among='both'", fix="name the column of ids: person=..."
        )
    return among


def _by_wave(
    sample: SampleData,
    names: list[str],
    order: Waves,
    groups: list[str],
    inside: Any,
    asked: Mapping[str, Any],
    rescale: tuple[float, float] | None,
    level: float,
    variance: str | None,
) -> Estimates:
    """Means or shares of every wave."""
    within = order.number >= 0
    within = within if inside is None else within & inside
    by = [*groups, order.name]
    return means_or_shares(sample, names, asked, by, within, level, variance, rescale, "clustered")


def _steps(order: Waves, against: Any) -> list[tuple[int, int]]:
    """Pairs of waves, (earlier or reference, compared)."""
    count = len(order.values)
    if isinstance(against, str) and against in ("first", "previous"):
        return [(0 if against == "first" else i - 1, i) for i in range(1, count)]
    place = {composed_value(v): i for i, v in enumerate(order.values)}
    try:
        base = place[composed_value(against)]
    except (KeyError, TypeError):
        raise EstimationError(
            "There is no such wave to compare with.",
            where="against=",
            got=against,
            expected="'first', 'previous', or one of " + shorten(map(order.label, range(count))),
        ) from None
    return [(base, i) for i in range(count) if i != base]


def _places(e: Estimates, order: Waves, groups: list[str]) -> dict[tuple[Any, ...], dict[int, int]]:
    """For each item and group the row of each wave that has an estimate."""
    place = {composed_value(v): i for i, v in enumerate(order.values)}
    found: dict[tuple[Any, ...], dict[int, int]] = {}
    table = e.table
    keys, known = table[["item", *groups]].itertuples(index=False, name=None), table["estimate"].notna().to_numpy()
    for i, (key, value) in enumerate(zip(keys, table[order.name].tolist(), strict=True)):
        rows = found.setdefault(tuple(key), {})
        if known[i]:
            rows[place[composed_value(value)]] = i
    return found


def _rows(
    e: Estimates, order: Waves, steps: list[tuple[int, int]], groups: list[str]
) -> tuple[list[tuple[int, int]], list[str]]:
    """Rows of each pair of waves, by item, group and pair; and a note of those that are in one only."""
    found, absent = [], 0
    for rows in _places(e, order, groups).values():
        for first, last in steps:
            if first in rows and last in rows:
                found.append((rows[first], rows[last]))
            else:
                absent += 1
    return found, [Note("notes.wave_absent", comparisons=absent)] if absent else []


def _lines(e: Estimates, order: Waves, groups: list[str]) -> tuple[list[list[int]], list[str]]:
    """Rows of all waves by item and group; and a note of those that lack one."""
    every = _places(e, order, groups)
    found = [[rows[i] for i in sorted(rows)] for rows in every.values() if len(rows) == len(order.values)]
    absent = len(every) - len(found)
    return found, [Note("notes.wave_absent_line", lines=absent)] if absent else []


def _departures(e: Estimates, lines: list[list[int]], times: Times, df: Array) -> tuple[Array, Array]:
    """Wald's F that waves lie on a line, and its p-value: NaN where the covariance cannot tell."""
    k, theta = len(times.value) - 2, e.table["estimate"].to_numpy(float)
    f = np.array([departure(theta[rows], e.covariance[np.ix_(rows, rows)], times.value) for rows in lines])
    p = np.array([f_tail(one, k, own) for one, own in zip(f, df, strict=True)])
    return np.where(np.isnan(p), np.nan, f), p


def _joined(first: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *more]))

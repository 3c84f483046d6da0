"""What weights look like after each step, and how far the sample is from the population before and after."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import listed
from survey.base.arrays import Array, plain_quantiles, tallied, weighted_count
from survey.base.catalogue import Note
from survey.base.codes import Ints
from survey.base.names import composed_value
from survey.calibration.margins import CodedMargin, code_margins, on_columns
from survey.codebook import LANGUAGES, Codebook, Text
from survey.codebook._missing_codes import refuse_codes_of
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.core.statistics import KINDS
from survey.counting.cells import group_rows
from survey.design.targets import Targets, TargetsLike
from survey.errors import DesignError, EstimationError
from survey.estimates import Summary
from survey.weighting.calibrate import refuse_codes_in_margins
from survey.weighting.weight_steps import WeightStep, step_words, weight_steps
from survey.words import labels as _labels
from survey.words import locale

__all__ = [
    "kish",
    "margin_gaps",
    "margin_words",
    "weight_diagnostics",
    "weight_distribution",
]

_SAME = 1e-9
"""Relative weights that differ by less are one weight."""


def kish(weights: Array, people: Ints | None = None) -> float:
    """Kish's design effect of unequal weights, 1 + cv^2 = n sum(w^2) / (sum w)^2 (Kish 1965, section 11.7)."""
    return 1 + _cv(weights, people) ** 2


def _cv(weights: Array, people: Ints | None = None) -> float:
    mean = np.average(weights, weights=people)
    return float(np.sqrt(np.average((weights - mean) ** 2, weights=people)) / mean)


def weight_diagnostics(self: SampleData, by: str | Sequence[str] | None = None) -> Summary:
    """Describe every weight column in the order it was made: sum, extremes, Kish's design effect and effective n.

    Parameters
    ----------
    by : str or list of str, optional
        Groups; everything is then within each group.

    Returns
    -------
    Summary
        Statistic "weights"; one row a step and group: step (the column), <by...>, n (respondents), sum, min, p01, p05,
        median, p95, p99, max (quantiles of the weights of respondents, unweighted), max_to_median, cv (standard
        deviation, divisor n, over mean), deff_kish = 1 + cv^2, n_eff = n / deff_kish.

    Raises
    ------
    EstimationError
        If a group is not a column, or is called like a column of the result.

    Notes
    -----
    Kish's number is the price of unequal weights where they have nothing to do with the answers; `weight_effects` has
    the design effect of an answer.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7.
    """
    steps, people = weight_steps(self), self.structure.people
    groups, members = _members(self, by, ("step", *KINDS["weights"].quantities))
    rows: list[dict[str, Any]] = []
    for step in steps:
        for label, rows_of in zip(groups.to_dict("records") or [{}], members, strict=True):
            alike = None if people is None else people[rows_of]
            rows.append({"step": step.name} | label | _spread(step.weights[rows_of], alike))
    notes = (Note("notes.within_groups"),) if len(groups.columns) else ()
    return _about(self, pd.DataFrame(rows), "weights", steps, tuple(groups.columns), notes)


def _spread(w: Array, people: Ints | None) -> dict[str, float]:
    w = w if people is None else w / people
    low, p01, p05, median, p95, p99, high = plain_quantiles(w, people, np.array([0, 0.01, 0.05, 0.5, 0.95, 0.99, 1]))
    n = len(w) if people is None else int(people.sum())
    deff = kish(w, people)
    return {
        "n": n,
        "sum": w.sum() if people is None else float(w @ people),
        "min": low,
        "p01": p01,
        "p05": p05,
        "median": median,
        "p95": p95,
        "p99": p99,
        "max": high,
        "max_to_median": high / median,
        "cv": _cv(w, people),
        "deff_kish": deff,
        "n_eff": n / deff,
    }


def weight_distribution(self: SampleData, by: str | Sequence[str] | None = None, bins: int = 30) -> Summary:
    """Compute histograms of relative weights (weight over mean weight), one per step, with the same bins for all steps.

    Parameters
    ----------
    by : str or list of str, optional
        Groups; the mean is then that of the group.
    bins : int
        Number of bins from the smallest relative weight of any step to the largest.

    Returns
    -------
    Summary
        Statistic "weight_distribution"; step, <by...>, low, high (relative weights; a bin holds low <= w < high, the
        last one its upper end too), count (respondents), share (0-1, of the step and group). `origin` is the
        `weight_diagnostics` of the same groups.

    Raises
    ------
    EstimationError
        As for `weight_diagnostics`; or if `bins` is no positive whole number.
    """
    if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
        raise EstimationError(
            "The number of histogram bins must be a positive whole number.",
            where="bins=",
            got=bins,
            expected="1 or more",
        )
    steps = weight_steps(self)
    groups, members = _members(self, by, ("step", *KINDS["weight_distribution"].quantities))
    relative = [[step.weights[m] / step.weights[m].mean() for m in members] for step in steps]
    low = min(float(w.min()) for parts in relative for w in parts)
    high = max(float(w.max()) for parts in relative for w in parts)
    edges = np.linspace(low, high, bins + 1) if high - low > _SAME else np.array([0.5, 1.5])
    tables = []
    for step, parts in zip(steps, relative, strict=True):
        for label, w in zip(groups.to_dict("records") or [{}], parts, strict=True):
            # weights that are all alike to the last bit fall into one bin
            count = np.histogram(w if np.ptp(w) > _SAME else np.ones(len(w)), edges)[0]
            tables.append(
                pd.DataFrame(
                    {"step": step.name}
                    | label
                    | {"low": edges[:-1], "high": edges[1:], "count": count, "share": count / len(w)}
                )
            )
    note = Note("notes.over_mean_in_groups" if len(groups.columns) else "notes.over_mean")
    table = pd.concat(tables, ignore_index=True)
    made = _about(self, table, "weight_distribution", steps, tuple(groups.columns), (note,))
    return replace(made, origin=weight_diagnostics(self, by))


def margin_gaps(self: SampleData, targets: TargetsLike | None = None) -> Summary:
    """Compare every category of the targets: in the population, with the first weights, with the current ones.

    Parameters
    ----------
    targets : Targets, DataFrame, dict or path, optional
        Not given: what the weights were calibrated to; of a margin met twice, the last.

    Returns
    -------
    Summary
        Statistic "margins": margin, category, n (respondents), unit, target, before, after, gap_before (before minus
        target), gap (after minus target), relative_before, relative (the same gaps over the target).

        Where people are counted (unit "share"), shares in 0-1 of the population, of each group of `Targets.within`
        where it has groups. Where the sum of a number is known (unit "mean"), that sum per person of the population:
        the known sum over the known number of people (the current weights' where no margin counts people), and the
        weighted sum over the sum of weights.

    Raises
    ------
    DesignError
        If no targets are given and the weights were never calibrated.
    TargetsError
        If targets and data do not match.
    """
    counted = self.structure.counted
    data = self.data if counted is None else self.data[counted]
    people = self.structure.people
    people = people if people is None or counted is None else people[counted]
    sources = _remembered(self) if targets is None else [(on_columns(Targets.of(targets), self.data.columns), None)]
    before, after = (w if counted is None else w[counted] for w in (weight_steps(self)[0].weights, self.weights))
    rows: list[dict[str, Any]] = []
    words: dict[str, Text] = {}
    namer = Summary(pd.DataFrame(), "margins", codebook=self.codebook)
    for known, wanted in sources:
        refuse_codes_in_margins(self, known)
        coded = code_margins(data, known, people=people)
        for margin in coded:
            if wanted is None or margin.margin.name in wanted:
                found = _gaps(margin, known, coded, before, after)
                rows += [found[i] for i in _in_scale_order(margin, self.codebook)]
                words |= margin_words(namer, margin)
    table = pd.DataFrame(rows)
    notes = [
        Note("notes.population", source=told) for told in dict.fromkeys(_source(known) for known, _ in sources) if told
    ]
    if "mean" in set(table["unit"]):
        notes.append(Note("notes.means_per_person"))
    made = _about(self, table, "margins", (), (), tuple(notes))
    return replace(made, words=words)


def _source(targets: Targets) -> str:
    """Source and date of targets; "" where nothing but a file is known of it, whose path is no one's business."""
    named = targets.source and not re.search(r"^\S*[\\/]\S*$|\.csv$", targets.source)
    return ", ".join(part for part in (targets.source if named else "", targets.date) if part)


def _remembered(sample: SampleData) -> list[tuple[Targets, set[str] | None]]:
    """Targets of the calibrations, oldest first, each with the margins that no later one met again."""
    found: list[tuple[Targets, set[str] | None]] = []
    seen: set[str] = set()
    for step in reversed(sample.design.adjustments):
        if step.targets is not None:
            names = {m.name for m in step.targets.margins}
            found.append((step.targets, names - seen))
            seen |= names
    if not found:
        raise DesignError(
            "There are no targets to compare the sample with.",
            got="uncalibrated weights",
            expected="targets",
            fix="margin_gaps(targets), or rake or calibrate first",
        )
    return found[::-1]


def _gaps(
    margin: CodedMargin, targets: Targets, coded: Sequence[CodedMargin], before: Array, after: Array
) -> list[dict[str, Any]]:
    """Rows of the table of gaps for one margin."""
    depth = len(targets.within)
    group_of = [c[:depth] for c in margin.categories]
    place = {g: i for i, g in enumerate(dict.fromkeys(group_of))}
    group = np.array([place[g] for g in group_of])
    counts = next((m for m in coded if m.values is None), None)
    if counts is None:
        size = weighted_count(group[margin.code], after, len(place))
    else:
        size = np.zeros(len(place))
        for category, total in zip(counts.categories, counts.totals, strict=True):
            size[place[category[:depth]]] += total
    target = margin.totals / size[group]
    shares = []
    for w in (before, after):
        people = weighted_count(group[margin.code], w, len(place))
        shares.append(margin.achieved(w) / people[group])
    n = tallied(margin.own, margin.joint.count, len(margin.categories))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = [np.where(target != 0, (s - target) / np.abs(target), np.nan) for s in shares]
    unit = "share" if margin.values is None else "mean"
    return [
        {
            "margin": margin.margin.name,
            "category": margin.margin.label(category),
            "n": int(n[i]),
            "unit": unit,
            "target": target[i],
            "before": shares[0][i],
            "after": shares[1][i],
            "gap_before": shares[0][i] - target[i],
            "gap": shares[1][i] - target[i],
            "relative_before": relative[0][i],
            "relative": relative[1][i],
        }
        for i, category in enumerate(margin.categories)
    ]


def _in_scale_order(margin: CodedMargin, codebook: Codebook) -> list[int]:
    """Positions of a margin's categories in the order of the codebook's texts; numbers and others stay in theirs."""
    ranks: list[dict[Any, int]] = []
    for k, name in enumerate(margin.margin.variables):
        known = codebook.variables[name].codes if name in codebook else ()
        found = dict.fromkeys(category[k] for category in margin.categories)
        listed = [c for c in map(composed_value, known) if isinstance(c, str) and c in found]
        ranks.append({c: i for i, c in enumerate(dict.fromkeys([*listed, *found]))})
    return sorted(
        range(len(margin.categories)),
        key=lambda i: [rank[c] for rank, c in zip(ranks, margin.categories[i], strict=True)],
    )


def margin_words(namer: Summary, coded: CodedMargin) -> dict[str, Text]:
    """A margin and its categories in the words of the codebook."""
    margin, book = coded.margin, namer.codebook
    names: dict[str, str] = {}
    labels: dict[Any, dict[str, str]] = {category: {} for category in coded.categories}
    words: dict[str, Text] = {margin.name: names}
    for lang in LANGUAGES:
        first, *others = [book.short_name(v, lang) for v in margin.variables] or [""]
        crossed = locale.word("and", lang).join([first, *(name[:1].lower() + name[1:] for name in others)])
        number = f"{locale.word('mean', lang)}: {book.short_name(margin.number, lang)}" if margin.number else ""
        names[lang] = f"{number}, {locale.word('by', lang)} {crossed}" if number and crossed else number or crossed
        for category in coded.categories:
            told = [_labels.group_label(namer, v, c, lang) for v, c in zip(margin.variables, category, strict=True)]
            labels[category][lang] = ", ".join(told) or locale.word("all", lang)
    words |= {margin.label(c): labels[c] for c in coded.categories}
    return words


def _members(
    sample: SampleData, by: str | Sequence[str] | None, taken: tuple[str, ...]
) -> tuple[pd.DataFrame, list[Ints]]:
    """Labels of the groups (groups, by), and the rows of each."""
    names = listed(by)
    refuse_reserved(names, taken)
    refuse_codes_of(sample.data, sample.codebook, (n for n in names if n in sample.data.columns), "by")
    grouping = group_rows(sample.data, names, None, sample.structure, sample.codebook)
    order = np.argsort(grouping.code, kind="stable")
    ends = np.searchsorted(grouping.code[order], np.arange(len(grouping.labels) + 1))
    return grouping.labels, [order[a:b] for a, b in pairwise(ends)]


def _about(
    sample: SampleData,
    table: pd.DataFrame,
    statistic: str,
    steps: Sequence[WeightStep],
    by: tuple[str, ...],
    notes: tuple[str, ...],
) -> Summary:
    return Summary(
        table,
        statistic,
        by,
        codebook=sample.codebook,
        notes=notes,
        source=sample.source,
        simulated=sample.simulated,
        words=step_words(steps, sample.codebook),
    )

"""Verbs of `Sample` on respondents who are alike: the columns that a verb takes are counted together, and it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.counting.cells import Coded
from survey.errors import EstimationError, shorten
from survey.estimation.held_answers import keep_counts, keep_lone
from survey.responses import Responses
from survey.sample import Sample
from survey.scanning.alike import AlikePass, TooManyAlike, frame_of, missing_of, too_many
from survey.scanning.columns import Column
from survey.scanning.in_moments import IN_MOMENTS, in_moments
from survey.scanning.in_passes import IN_PASSES, beyond_memory, in_passes
from survey.scanning.many_values import IN_BRACKETS, in_brackets
from survey.scanning.named import columns_listed, columns_looked_at
from survey.scanning.state import ScanData
from survey.scanning.watch import gathered
from survey.scanning.weighing import with_base_weights

__all__ = ["BY_ALIKE", "alike_sample", "base_sample", "beyond_alike", "by_alike", "held_together", "row_bytes"]

BY_ALIKE = (
    "compare",
    "frequencies",
    "item_response",
    "bounds",
    "select_all",
    "options_chosen",
    "independence",
    "rank_test",
    "trend",
    "t_test",
    "gap",
    "index",
    "effect",
    "quantile",
    "histogram",
    "variance",
    "covariance",
    "correlation",
    "linear",
    "logistic",
    "ordinal",
    "reliability",
    "dif",
    "drivers",
    "change",
    "wave_trend",
    "pretrends",
    "specifications",
)
"""Verbs that stand on weighted counts and the numbers of people, and on nothing of single respondents."""


def by_alike(scan: ScanData, verb: str, *args: Any, **options: Any) -> Any:
    """A verb of `Sample`, on the columns that its arguments name."""
    names = columns_looked_at(scan, verb, args, options)
    scan.look(names)
    for name in columns_listed(scan, verb, args, options):
        scan.held(name).groups(name)  # refuses what is too long for a list
    beyond = beyond_alike(scan, verb)
    if beyond is not None and beyond_memory(scan, names, row_bytes(names)):
        return beyond(scan, verb, args, options)
    try:
        sample = alike_sample(scan, names, options.get("person") is not None)
    except TooManyAlike:
        if beyond is None:
            raise
        return beyond(scan, verb, args, options)
    if options.get("clusters") == "new":
        sample = _with_design(scan, sample)
    return getattr(sample, verb)(*args, **options)


def beyond_alike(scan: ScanData, verb: str) -> Callable[..., Any] | None:
    """What counts a verb where people who are alike take more than they may; sums are not weighted in replicates."""
    if verb in IN_MOMENTS or verb in IN_BRACKETS:
        return None if scan.recalibrated else in_moments if verb in IN_MOMENTS else in_brackets
    return in_passes if verb in IN_PASSES else None


def _with_design(scan: ScanData, sample: Sample) -> Sample:
    """The sample with the columns of its design, so that it can be drawn in another way."""
    structure, design = sample.structure, sample.design
    drawn = scan.clusters.drawn.iloc[structure.unit].reset_index(drop=True)
    if design.weights is not None and design.weights not in sample.data.columns:
        drawn = drawn.assign(**{design.weights: structure.weights})
    data = sample.data.assign(**{name: drawn[name] for name in drawn.columns})
    return Sample.of(replace(sample.responses, data=data), design, structure)


def alike_sample(scan: ScanData, names: list[str], everyone: bool = False, *, weighed: bool = False) -> Sample:
    """Respondents of a cluster who are alike in some columns as one row each, with the weights of the scan.

    With `weighed` the weights are a column, as what adjusts them wants; they are, where some were adjusted before.
    """
    if not everyone and not weighed and (held := held_together(scan, names)) is not None:
        return held
    if scan.weighing is None:
        sample = base_sample(scan, names, everyone)
        return with_base_weights(sample, scan.steps.names) if weighed else sample
    sample = base_sample(scan, list(dict.fromkeys((*names, *scan.weighing.names))), everyone)
    return scan.weighing.applied(with_base_weights(sample, scan.steps.names))


def held_together(scan: ScanData, names: Sequence[str]) -> Sample | None:
    """Respondents who are alike in columns that are counted together, some of which these are; None where none are."""
    wanted = next((one for one in scan.sets if one.issuperset(names)), None)
    if wanted is None:
        return None
    for held, design, weighing, sample in scan._alike:
        if held == wanted and design is scan.design and weighing is scan.weighing:
            found: Sample | None = sample
            return found
    made: Sample | None = None
    with suppress(TooManyAlike):  # then every question is a pass
        made = alike_sample(replace(scan, sets=()), sorted(wanted))
    scan._alike.append((wanted, scan.design, scan.weighing, made))
    return made


def base_sample(scan: ScanData, names: list[str], everyone: bool) -> Sample:
    """Respondents of a cluster who are alike, with the weights of the source; `everyone` keeps those who weigh 0."""
    absent = [name for name in names if name not in scan.steps.names]
    if absent or not names:
        raise EstimationError(
            "The source has no such column.",
            where=scan.reader.source,
            got=shorten(absent) or "no name",
            expected=shorten(scan.steps.names, 20),
            fix="correct the name",
        )
    scan.look(names)
    many = tuple(name for name in names if scan.held(name).counts is None and scan.held(name).text is False)
    kept = {name: _empty(scan, name) if name in many else scan.held(name).groups(name) for name in names}
    row = row_bytes(names)
    for _ in range(2):
        known = scan.columns_of(names)
        columns = {n: Column.row_by_row(n, _empty(scan, n)) if n in many else known[n] for n in names}
        most = scan.memory // row
        one = AlikePass(scan.steps, scan.drawn_by, scan.clusters, columns, many, everyone, most)
        found = gathered(scan.reader, one.reads, one.count)
        if not found.strays:
            break
        scan.row_by_row(found.strays)
    else:
        raise EstimationError(
            "The source changed while it was read: it holds answers that it did not hold before.",
            where=shorten(sorted(found.strays)),
            fix="scan it again",
        )
    found = found.together()
    unit, places = one.rows(found)
    if (needed := len(unit) * row) > scan.memory:
        budget = f"at most {scan.memory / 1e9:.3g} GB"
        raise too_many(f"{len(unit):,}", len(names), f"{needed / 1e9:.3g} GB for ", budget)
    weights, squared, people = found.sums[0]
    structure = replace(
        scan.clusters.structure,
        weights=weights,
        unit=unit,
        people=np.rint(people).astype(np.int64),
        squared=squared,
    )
    known = {name: columns[name] for name in names if scan.held(name).kinds is not None}
    missing = missing_of(known, places)
    numbers = dict(zip(many, found.numbers[0] if found.numbers else (), strict=False))
    responses = Responses(frame_of(columns, places, kept, numbers), scan.codebook, missing)
    for name in names:
        held = scan.held(name)
        keep_lone(responses, name, held.counts, len(scan))
        if not held.text and held.counts:
            answers = np.array(sorted(held.counts), dtype=float)
            rows = np.array([held.counts[a] for a in answers.tolist()])
            keep_counts(responses, name, Coded(np.zeros(0, np.int8), answers, rows))
    return Sample.of(responses, scan.drawn_by, structure)


def _empty(scan: ScanData, name: str) -> pd.Series:
    """A column of very many numbers, without them."""
    return pd.Series([], dtype=np.int64 if scan.held(name).whole else float, name=name)


def row_bytes(names: Sequence[str]) -> int:
    """Bytes that people who are alike in some columns take."""
    return 8 * (3 * len(names) + 8)

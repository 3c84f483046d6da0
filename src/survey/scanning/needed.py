"""What a question to a scan takes, asked before it is counted."""

from __future__ import annotations

import inspect
from dataclasses import replace
from math import prod
from typing import Any

from survey.base.names import columns_named
from survey.errors import EstimationError
from survey.estimation.estimators import MEAN, TOTAL
from survey.estimation.histogram import histogram_asked
from survey.estimation.items import answers_of, item_names
from survey.estimation.quantiles import asked_for
from survey.scanning import verbs
from survey.scanning.asked import ask
from survey.scanning.brackets import BYTES
from survey.scanning.budget import MemoryNeeded, needed
from survey.scanning.classes import ByClass
from survey.scanning.combined import BY_ALIKE, beyond_alike, row_bytes
from survey.scanning.in_moments import IN_MOMENTS, memory_of_moments
from survey.scanning.in_passes import beyond_memory, bytes_of_passes
from survey.scanning.many_values import IN_BRACKETS, given_to, numbers_asked
from survey.scanning.named import columns_looked_at
from survey.scanning.question import Counter, Moments, columns_behind
from survey.scanning.state import ScanData

__all__ = ["memory_needed"]

_SUMS = ("mean", "total", "ratio", "proportion", "distribution")
_OF_A_RATIO = 6
"""Sums of a ratio: y, x, 1, and the squares and the product of both."""


def memory_needed(self: ScanData, verb: str, *args: Any, **options: Any) -> MemoryNeeded:
    """What a question takes at most, without counting it: `scan.memory_needed("mean", "q1", by="ward")`.

    Columns that nobody asked for before are looked at in one pass, for their values; nothing is counted.

    Parameters
    ----------
    verb : str
        A verb of the scan.
    *args, **options :
        What the verb is called with.

    Returns
    -------
    MemoryNeeded
        Clusters, groups, answers, bytes; printed as a line.

    Raises
    ------
    EstimationError
        As of the verb; also for a name that is no verb, and groups whose labels alone take more than they may.
    """
    if verb not in (*_SUMS, *BY_ALIKE):
        raise EstimationError(
            "A scan has no such verb.",
            where="memory_needed(...)",
            got=verb,
            expected=", ".join((*_SUMS, *BY_ALIKE)),
            fix="name a verb as text, then what it is called with",
        )
    if verb not in _SUMS or options.get("over") is not None or self.recalibrated:
        weighed_by = [] if self.weighing is None else self.weighing.names
        named = columns_looked_at(self, verb, args, options)
        people = _of_people(self, list(dict.fromkeys((*named, *weighed_by))))
        if beyond_alike(self, verb) is None or people.bytes <= self.memory:
            return people
        if not beyond_memory(self, named, row_bytes(named)):
            return replace(people, bytes=self.memory)  # more than that is read in passes
        if verb in IN_BRACKETS:
            return _of_brackets(self, verb, args, options)
        if verb in IN_MOMENTS:
            return memory_of_moments(self, verb, args, options)
        columns, size = bytes_of_passes(self, verb, args, options)
        return MemoryNeeded(people.clusters, columns, (), "passes", size, size, self.memory)
    given = inspect.signature(getattr(verbs, verb)).bind(self, *args, **options).arguments
    items = [given["numerator"], given["denominator"]] if verb == "ratio" else given["items"]
    names = columns_named(item_names(items), self.steps.names)
    asked = ask(self, columns_behind(names), given.get("by"), given.get("where"))
    counters: list[Counter] = []
    if verb == "ratio":
        counters.append(Moments("/".join(names), lambda _: (), _OF_A_RATIO))
    elif verb in ("mean", "total"):
        counters += verbs.number_counters(asked, names, MEAN if verb == "mean" else TOTAL, given.get("rescale"))[0]
    else:
        counters += [verbs.answer_counter(asked, n, answers_of(asked.sample, n).answers) for n in names]
    return needed(self, counters, len(asked.groups), asked.present)


def _of_people(scan: ScanData, names: list[str]) -> MemoryNeeded:
    """Of a verb that looks at people who are alike."""
    scan.look(names)
    values = [scan.held(name).counts for name in names]
    sizes = [len(scan) if held is None else len(held) + 1 for held in values]
    units, each = scan.clusters.structure.units, row_bytes(names)
    combinations, people = prod(sizes), len(scan)
    most = min(people, units * combinations) * each
    return MemoryNeeded(units, combinations, (), "people alike", most, each, scan.memory)


def _of_brackets(scan: ScanData, verb: str, args: tuple[Any, ...], options: dict[str, Any]) -> MemoryNeeded:
    """Of a verb that is counted in more passes: brackets, as many as there is memory for, and tables of classes."""
    given = given_to(scan, verb, args, options)
    items = given["items"] if verb == "quantile" else [given["item"]]
    names, asked = numbers_asked(scan, items, given["by"], given["where"])
    groups, units = len(asked.groups), scan.clusters.structure.units
    if verb == "quantile":
        most = least = len(asked_for(given["probs"], given["rule"], given["interval"])) + 1
        brackets = 4 * groups * len(names) * BYTES
    else:
        limits, brackets = histogram_asked(given["bins"], given["cumulative"], given["interval"])[1], 0
        most, least = (2 * given["bins"] + 2, 1) if limits is None else (len(limits) - 1, len(limits) - 1)
    tables = [
        scan.needs([ByClass(name, classes, lambda _, group: group) for name in names], groups)
        for classes in (least, most)
    ]
    room = scan.memory if brackets else 0
    answers = (most,) * len(names)
    return MemoryNeeded(units, groups, answers, "passes", max(room, tables[1]), max(brackets, tables[0]), scan.memory)

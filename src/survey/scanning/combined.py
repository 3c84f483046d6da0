"""Verbs of `Sample` on respondents who are alike: the columns that a verb takes are counted together, and it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from survey.base.expressions import column_names
from survey.base.names import column_named
from survey.counting.cells import Coded
from survey.errors import EstimationError, shorten
from survey.estimation.held_answers import keep_counts, keep_lone
from survey.responses import Responses
from survey.sample import Sample
from survey.scanning.alike import AlikePass, frame_of, missing_of
from survey.scanning.state import ScanData

__all__ = ["BY_ALIKE", "alike_sample", "by_alike"]

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
)
"""Verbs that stand on weighted counts and the numbers of people, and on nothing of single respondents."""
_PLACES = 2**62


def by_alike(scan: ScanData, verb: str, *args: Any, **options: Any) -> Any:
    """A verb of `Sample`, on the columns that its arguments name."""
    return getattr(alike_sample(scan, _named(scan, (args, options))), verb)(*args, **options)


def _named(scan: ScanData, given: Any) -> list[str]:
    """The columns of a scan that arguments name, alone, in lists and in conditions."""
    names = scan.steps.names
    found: list[str] = []
    for text in _texts(given):
        if (name := column_named(text, names)) in names:
            found.append(name)
        elif text in scan.codebook.sets:
            found += [column_named(member, names) for member in scan.codebook.sets[text].variables]
        elif not text.isidentifier():
            try:
                found += [column_named(n, names) for n in column_names(text)]
            except EstimationError:  # a label, a level: the verb itself says what it cannot do
                continue
    return [name for name in dict.fromkeys(found) if name in names]


def _texts(given: Any) -> Iterable[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        for key, value in given.items():
            yield from (*_texts(key), *_texts(value))
    elif isinstance(given, list | tuple):
        for one in given:
            yield from _texts(one)


def alike_sample(scan: ScanData, names: list[str]) -> Sample:
    """See `Scan.alike`."""
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
    kept = {name: scan.held(name).groups(name) for name in names}
    for _ in range(2):
        columns = scan.columns_of(names)
        _countable(scan, [column.size for column in columns.values()])
        one = AlikePass(scan.steps, scan.design, scan.clusters, columns)
        found = scan.reader.gather(one.reads, one.count)
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
    needed, budget = len(unit) * 8 * (3 * len(names) + 8), scan.memory
    if needed > budget:
        raise EstimationError(
            "The combinations of these columns take more memory than they may.",
            where="scan(memory=...)",
            got=f"{needed / 1e9:.3g} GB for {len(unit):,} combinations of {len(names)} columns and clusters",
            expected=f"at most {budget / 1e9:.3g} GB",
            fix="ask for fewer items or groups at a time, or give scan(..., memory=) more bytes",
        )
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
    responses = Responses(frame_of(columns, places, kept), scan.codebook, missing)
    for name in names:
        held = scan.held(name)
        keep_lone(responses, name, held.counts, len(scan))
        if not held.text and held.counts:
            answers = np.array(sorted(held.counts), dtype=float)
            rows = np.array([held.counts[a] for a in answers.tolist()])
            keep_counts(responses, name, Coded(np.zeros(0, np.int8), answers, rows))
    return Sample.of(responses, scan.design, structure)


def _countable(scan: ScanData, sizes: list[int]) -> None:
    product = scan.clusters.structure.units
    for size in sizes:
        product *= size
    if product > _PLACES:
        raise EstimationError(
            "These columns have too many combinations to be numbered.",
            where="scan(...)",
            got=f"{len(sizes)} columns",
            expected="fewer columns at a time",
            fix="ask for fewer items or groups at a time",
        )

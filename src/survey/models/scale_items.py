"""The items of a scale as its score has them: which they are, turned where a low answer is good, on one range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.catalogue import Note, listed
from survey.base.suggestions import did_you_mean
from survey.core.sample_data import SampleData
from survey.design.coded_design import CodedDesign
from survey.errors import EstimationError, shorten
from survey.estimation.items import Names, item_names, numbers_of

__all__ = ["ScaleItems", "people_in", "respondents_df", "scale_items"]

_MOST_NAMED = 6


@dataclass(frozen=True)
class ScaleItems:
    """The items of a scale.

    Parameters
    ----------
    name : str
        What results are called: the dimension of the codebook, or the first and last item.
    items : tuple of str
    values : tuple of arrays (rows,)
        Answers, NaN where there is none; a high number is good, and items with known ends go from 0 to 1.
    turned : tuple of str
        Items of direction -1, whose answers were turned.
    ranged : bool
        Whether all items were put on one range by the ends of their scales, as `score` does it.
    people : int array (rows,), optional
        As `CodedDesign.people`.
    """

    name: str
    items: tuple[str, ...]
    values: tuple[Array, ...]
    turned: tuple[str, ...]
    ranged: bool
    people: NDArray[np.int64] | None = None

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Rows with an answer to every item."""
        return np.asarray(~np.isnan(self.values).any(axis=0))

    def notes(self) -> list[Note]:
        """What a reader must know of the directions and ranges of the items."""
        found = []
        if self.turned:
            found.append(Note("notes.items_turned", items=listed(self.turned, _MOST_NAMED)))
        spread = [_spread(v, self.people) for v in self.values]
        if not self.ranged and max(spread) > 2 * min(spread):
            found.append(Note("notes.items_unranged"))
        return found


def scale_items(sample: SampleData, scale: Names, where: str, least: int = 2) -> ScaleItems:
    """The items of a dimension of the codebook, of the score of one, or as they are named.

    Raises
    ------
    EstimationError
        If there is no such dimension, or there are too few items.
    """
    book = sample.codebook
    name, names = "", item_names(scale, sample)
    if isinstance(scale, str):
        variable = book.variables.get(names[0])
        wanted = variable.dimension if variable is not None and variable.role == "score" else names[0]
        scored = {v.dimension for v in book.variables.values() if v.scored and v.dimension}
        if wanted in scored:
            name, names = wanted, [item for item in book.items(wanted) if item in sample.data.columns]
        elif names[0] not in sample.data.columns:
            raise EstimationError(
                f"The codebook has no scale {names[0]!r}.",
                where=where,
                got=repr(names[0]),
                expected=shorten(sorted(scored)) or "a list of items",
                fix=did_you_mean([names[0]], scored, "name a dimension of the codebook, or list the items"),
            )
    names = list(dict.fromkeys(names))
    if len(names) < least:
        raise EstimationError(
            f"A scale needs at least {least} items.",
            where=where,
            got=shorten(names) or "no items in the data",
            expected=f"{least} or more",
            fix="list the items, or give them dimension= and scored = true in the codebook",
        )
    values = [numbers_of(sample, item) for item in names]
    ends = [_ends(sample, item) for item in names]
    turned = tuple(item for item in names if item in book and book[item].direction < 0)
    ranged = all(end is not None for end in ends)
    sign = [-1.0 if item in turned else 1.0 for item in names]
    width = [end[1] - end[0] if ranged and end is not None else 1.0 for end in ends]
    own = tuple(s * v / w for s, v, w in zip(sign, values, width, strict=True))
    label = name or f"{names[0]} … {names[-1]}"
    return ScaleItems(label, tuple(names), own, turned, ranged, sample.structure.people)


def people_in(structure: CodedDesign, rows: NDArray[Any]) -> int:
    """Respondents that some rows stand for; `rows` are places, or a mask."""
    if structure.people is not None:
        return int(structure.people[rows].sum())
    return int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows)


def _spread(values: Array, people: NDArray[np.int64] | None) -> float:
    """The plain standard deviation of the answers that there are."""
    there = ~np.isnan(values)
    if people is None or not there.any():
        return float(np.nanstd(values))
    n = people[there]
    return float(np.sqrt(np.average((values[there] - np.average(values[there], weights=n)) ** 2, weights=n)))


def respondents_df(structure: CodedDesign, used: NDArray[np.int64]) -> float:
    """Clusters minus strata, of those that some respondents (rows) belong to; respondents, where these were drawn."""
    counts = np.bincount(structure.unit[used], minlength=structure.units)
    strata = len(np.unique(structure.stratum[counts > 0]))
    if structure.elements is not None and not structure.stages:
        return float(len(used) - strata)
    return float(len(np.unique(structure.psu[counts > 0])) - strata)


def _ends(sample: SampleData, item: str) -> tuple[float, float] | None:
    """The ends of an item's scale by the codebook."""
    variable = sample.codebook.variables.get(item)
    if variable is None:
        return None
    known = list(variable.codes) or list(variable.limits or ())
    if len(known) < 2 or not all(isinstance(c, int | float) for c in known):
        return None
    low, high = float(min(known)), float(max(known))
    return (low, high) if np.isfinite([low, high]).all() and high > low else None

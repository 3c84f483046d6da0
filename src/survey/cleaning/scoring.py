"""Scores: the mean of a dimension's items, each on 0-100."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from survey.base.arguments import in_range, listed
from survey.codebook import Variable
from survey.codebook.ordered import order_call, refuse_names
from survey.core.columns import Asked, known_columns, new_column, refuse_codes, valid_numbers, with_columns
from survey.core.log import KIND_CODES, LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError, shorten

__all__ = ["score"]

_COUNTED = np.ones(256, dtype=bool)  # by kind of missing answer
_COUNTED[[KIND_CODES["not_applicable"], KIND_CODES["not_asked"]]] = False


def score(
    self: R,
    name: str,
    *,
    items: str | Iterable[str] | None = None,
    min_answered: float = 2 / 3,
    into: str | None = None,
    scale: tuple[float, float] = (0, 100),
) -> R:
    """Add a score: the mean of the items a respondent answered, in points of `scale`.

    Each item is put on the scale by its own ends (1-5 becomes 0, 25, 50, 75, 100; no/yes becomes 0, 100). An item
    of direction -1 is turned for the score, so the score is the same before and after `reverse()`. Items that were
    not asked (their base does not hold) or do not apply are left out of the base; a score is given where at least
    the share `min_answered` of the others was answered.

    Parameters
    ----------
    name : str
        A dimension of the codebook, or any name if `items` are given.
    items : list of str, optional
        The dimension's items when not given.
    min_answered : float
        Share of applicable items, above 0 and at most 1.
    into : str, optional
        Name of the new column; `name` when not given.
    scale : tuple of two floats
        Lowest and highest score.

    Returns
    -------
    Responses
        With a column of numbers (NaN where too few items were answered), and a variable for it in the codebook.

    Raises
    ------
    CodebookError
        If no item of the codebook is scored in that dimension.
    CleaningError
        If an item still holds missing codes, or codes outside its scale; if `into` exists.
    """
    target = name if into is None else into
    low, high = scale
    message = "The share of answered items is out of range."
    in_range(min_answered, message, CleaningError, expected="above 0, at most 1", fits=lambda v: 0 < v <= 1)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise CleaningError("A score needs a minimum and a maximum.", got=scale, expected="such as (0, 100)")
    names = list(self.codebook.items(name)) if items is None else listed(items)
    if not names:
        raise CleaningError("A score needs items.", where=name, fix="name at least one item")
    names = known_columns(self, names)
    new_column(self, target, "score")
    refuse_codes(self, names, "score")
    rows, asked = len(self.data), Asked(self)
    total, valid, applicable = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    for item in names:
        variable = self.codebook[item]
        values, codes = valid_numbers(self, variable, "score")
        call = order_call(variable) or "set_scale(...)"
        refuse_names(
            variable,
            self.data[item],
            item,
            where=f"score({target!r}), {item}",
            fix=f"leave it out; if its answers are ordered, declare them with {call}",
            error=CleaningError,
        )
        bottom, top = _ends(variable, codes)
        share = (values - bottom) / (top - bottom)
        share = 1 - share if variable.direction < 0 else share
        answered = ~np.isnan(share)
        counted = np.ones(rows, dtype=bool)
        if item in self.missing.columns:
            counted &= _COUNTED[self.missing[item].to_numpy()]
        base = asked(variable)
        if base is not None:
            counted &= base != 0
        answered &= counted
        total += np.where(answered, share, 0)
        valid += answered
        applicable += counted
    enough = (valid > 0) & (valid >= min_answered * applicable - 1e-9)
    points = np.where(enough, low + (high - low) * total / np.maximum(valid, 1), np.nan)
    made = Variable(
        target,
        type="number",
        text=self.codebook.dimensions.get(name, {}),
        dimension=name,
        role="score",
        unit="points",
        limits=(float(low), float(high)),
    )
    given = int(enough.sum())
    entry = LogEntry(
        "score",
        f"{target} from {len(names)} items ({shorten(names, 20)}): {given:,} of {rows:,} rows got a score",
        plain_arguments(
            name=name, items=None if items is None else names, min_answered=min_answered, into=into, scale=scale
        ),
        rows,
        rows,
        given,
        given,
    )
    kind = np.where(applicable == 0, KIND_CODES["not_applicable"], 0).astype(np.uint8)
    return self.logged(
        entry,
        data=with_columns(self.data, {target: pd.Series(points, index=self.data.index)}),
        missing=with_columns(self.missing.reindex(self.data.index), {target: pd.Series(kind, index=self.data.index)}),
        codebook=self.codebook.update(made),
    )


def _ends(variable: Variable, codes: Iterable[float]) -> tuple[float, float]:
    ends = list(codes) or list(variable.limits or ())
    if len(ends) < 2 or not np.isfinite([min(ends), max(ends)]).all():
        raise CleaningError(
            "An item cannot be scored without the ends of its scale.",
            where=variable.name,
            got=f"type {variable.type}, codes {shorten(ends) or 'none'}",
            expected="at least two codes, or limits",
            fix="declare its labels or limits in the codebook",
        )
    return float(min(ends)), float(max(ends))

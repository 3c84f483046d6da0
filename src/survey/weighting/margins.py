"""Population margins matched to the respondents' categories, or one clear error."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey._linalg import Array, weighted_count
from survey.errors import TargetsError, some
from survey.structure import Ints, factorize, numbers
from survey.targets import Margin, Targets, plain

__all__ = ["CodedMargin", "code_margins", "scale_to_targets"]


@dataclass(frozen=True, slots=True)
class CodedMargin:
    """A margin with the category of every respondent.

    Parameters
    ----------
    margin : Margin
    categories : tuple
        Categories in the order of the codes.
    code : int array (rows,)
    totals : array (categories,)
        Population of each category, scaled to the total of the first margin (they agree within 1e-6); or the known
        sums of a number.
    number : array (rows,), optional
        What is summed; None where people are counted.
    """

    margin: Margin
    categories: tuple[tuple[object, ...], ...]
    code: Ints
    totals: Array
    number: Array | None = None

    @property
    def labels(self) -> list[str]:
        """The categories in words."""
        return [self.margin.label(c) for c in self.categories]

    def achieved(self, weights: Array) -> Array:
        """What weights of the rows give: (categories,)."""
        values = weights if self.number is None else weights * self.number
        return weighted_count(self.code, values, len(self.categories))


def code_margins(frame: pd.DataFrame, targets: Targets) -> list[CodedMargin]:
    """Match targets to data.

    Raises
    ------
    TargetsError
        If a margin's variable is not in the data, respondents lack a category or have one without a target, a
        category with people in it has no respondent, or a number is missing or no number.
    """
    out = []
    for margin in targets.margins:
        absent = [v for v in margin.columns if v not in frame.columns]
        if absent:
            raise TargetsError(
                "A target names a variable that the data lack.",
                where=f"margin {margin.name}", got=some(absent), expected=some(frame.columns, 20),
                fix="derive the variable first (for ages: derive and band), or correct the name",
            )  # fmt: skip
        code, categories = _coded(frame, margin)
        _check_categories(margin, categories, np.bincount(code, minlength=len(categories)))
        totals = np.array([margin.totals[c] for c in categories], dtype=float)
        if margin.number:
            out.append(CodedMargin(margin, categories, code, totals, _known_numbers(frame[margin.number], margin)))
        else:
            out.append(CodedMargin(margin, categories, code, totals * _agreement(targets, margin, categories)))
    return out


def scale_to_targets(margins: list[CodedMargin], targets: Targets, weights: Array) -> Array:
    """Weights (rows,) brought to the size of the population (of each group of `within`) by one factor."""
    counts = [m for m in margins if m.number is None]
    if not counts:
        return weights
    first = counts[0]
    group_of = [c[: len(targets.within)] for c in first.categories]
    groups = {g: i for i, g in enumerate(dict.fromkeys(group_of))}
    code = np.array([groups[g] for g in group_of])
    known = weighted_count(code, first.totals, len(groups))
    if len(groups) == 1:
        return weights * float(known[0] / weights.sum())
    factor = known / weighted_count(code, weighted_count(first.code, weights, len(code)), len(groups))
    return weights * factor[code][first.code]


def _coded(frame: pd.DataFrame, margin: Margin) -> tuple[Ints, tuple[tuple[object, ...], ...]]:
    if not margin.variables:
        return np.zeros(len(frame), np.int64), ((),)
    code, labels = factorize([frame[v] for v in margin.variables])
    if (code < 0).any():
        raise TargetsError(
            "Some respondents have no category in a margin.",
            where=f"margin {margin.name}, rows {some(frame.index[code < 0])}",
            got=f"{int((code < 0).sum())} respondents with a missing value",
            expected="a category for everyone",
            fix="recode the missing values into a category, or drop these rows with a reason",
        )
    categories = tuple(tuple(plain(v) for v in row) for row in labels.to_numpy(dtype=object))
    if len(set(categories)) < len(categories):
        twice = dict.fromkeys(c for c in categories if categories.count(c) > 1)
        raise TargetsError(
            "One category is written in two ways in the data.",
            where=f"margin {margin.name}", got=some(margin.label(c) for c in twice), expected="numbers or text",
            fix="recode the column to one of them",
        )  # fmt: skip
    return code, categories


def _known_numbers(column: pd.Series, margin: Margin) -> Array:
    try:
        values = numbers(column)
    except (TypeError, ValueError):
        raise TargetsError(
            "A sum is known of a column that holds no numbers.", where=f"margin {margin.name}",
            got=some(column.dropna().unique(), 4), expected="numbers; for categories give {category: total}",
        ) from None  # fmt: skip
    bad = ~np.isfinite(values)
    if bad.any():
        raise TargetsError(
            "Some respondents have no value of a number whose sum is known.",
            where=f"margin {margin.name}, rows {some(column.index[bad])}", got=f"{int(bad.sum())} respondents",
            expected="a number for everyone", fix="fill the missing values in, or drop these rows with a reason",
        )  # fmt: skip
    return values


def _agreement(targets: Targets, margin: Margin, categories: tuple[tuple[object, ...], ...]) -> Array:
    """Factors with which a margin agrees with the first one exactly: (categories,), 1 but for rounding."""
    first, own = targets.group_totals(targets.counts[0]), targets.group_totals(margin)
    groups: list[tuple[Hashable, ...]] = [c[: len(targets.within)] for c in categories]
    return np.array([first[g] / own[g] if own[g] else 1.0 for g in groups])


def _check_categories(margin: Margin, categories: tuple[tuple[object, ...], ...], n: Ints) -> None:
    unknown = [c for c in categories if c not in margin.totals]
    if unknown:
        at = [categories.index(c) for c in unknown]
        raise TargetsError(
            "Respondents are in a category that has no target.",
            where=f"margin {margin.name}",
            got=some(f"{margin.label(c)} ({n[i]} respondents)" for c, i in zip(unknown, at, strict=True)),
            expected=some(margin.label(c) for c in margin.totals),
            fix="add the category's total to the targets, or recode these respondents",
        )
    seen = set(categories)
    empty = [c for c, total in margin.totals.items() if total != 0 and c not in seen]
    if empty:
        raise TargetsError(
            "Nobody answered in a category that the population has.",
            where=f"margin {margin.name}",
            got=some(f"{margin.label(c)}: target {margin.totals[c]:,.0f}, 0 respondents" for c in empty),
            expected="at least one respondent in every category with people",
            fix="merge the category with a neighbour in both the targets and the data",
        )
    barred = [c for c in categories if margin.totals[c] == 0 and not margin.number]
    if barred:
        raise TargetsError(
            "Respondents are in a category whose target is 0.",
            where=f"margin {margin.name}", got=some(margin.label(c) for c in barred),
            expected="a positive total", fix="correct the target, or drop these respondents with a reason",
        )  # fmt: skip

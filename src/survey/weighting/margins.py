"""Population margins matched to the respondents' categories, or one clear error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey._linalg import Array
from survey.errors import TargetsError, some
from survey.structure import Ints, factorize
from survey.targets import Margin, Targets, plain

__all__ = ["CodedMargin", "code_margins"]


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
        Population of each category, scaled to the total of the first margin (they agree within 1e-6).
    """

    margin: Margin
    categories: tuple[tuple[object, ...], ...]
    code: Ints
    totals: Array


def code_margins(frame: pd.DataFrame, targets: Targets) -> list[CodedMargin]:
    """Match targets to data.

    Raises
    ------
    TargetsError
        If a margin's variable is not in the data, respondents lack a category or have one without a target, or a
        category with people in it has no respondent.
    """
    out = []
    for margin in targets.margins:
        absent = [v for v in margin.variables if v not in frame.columns]
        if absent:
            raise TargetsError(
                "A target names a variable that the data lack.",
                where=f"margin {margin.name}", got=some(absent), expected=some(frame.columns, 20),
                fix="derive the variable first (for ages: derive and band), or correct the name",
            )  # fmt: skip
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
        _check_categories(margin, categories, np.bincount(code, minlength=len(categories)))
        totals = np.array([margin.totals[c] for c in categories], dtype=float)
        out.append(CodedMargin(margin, categories, code, totals * (targets.total / totals.sum())))
    return out


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
    empty = [c for c, total in margin.totals.items() if total > 0 and c not in seen]
    if empty:
        raise TargetsError(
            "Nobody answered in a category that the population has.",
            where=f"margin {margin.name}",
            got=some(f"{margin.label(c)}: target {margin.totals[c]:,.0f}, 0 respondents" for c in empty),
            expected="at least one respondent in every category with people",
            fix="merge the category with a neighbour in both the targets and the data",
        )
    barred = [c for c in categories if margin.totals[c] == 0]
    if barred:
        raise TargetsError(
            "Respondents are in a category whose target is 0.",
            where=f"margin {margin.name}", got=some(margin.label(c) for c in barred),
            expected="a positive total", fix="correct the target, or drop these respondents with a reason",
        )  # fmt: skip

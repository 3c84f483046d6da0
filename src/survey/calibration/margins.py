"""Population margins matched to the respondents' categories, or one clear error."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist
from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints, infinite_in
from survey.base.names import column_named, columns_named
from survey.base.suggestions import near
from survey.calibration.joint_cells import Joint
from survey.codebook.numeric import column_numbers
from survey.codebook.told import describe_rows, may_be_shown
from survey.design.targets import Margin, Targets, plain
from survey.errors import TargetsError, shorten

__all__ = ["CodedMargin", "code_margins", "margin_columns", "on_columns", "scale_to_targets"]


@dataclass(frozen=True)
class CodedMargin:
    """A margin with the category of every respondent.

    Parameters
    ----------
    margin : Margin
    categories : tuple
        Categories in the order of the codes.
    totals : array (categories,)
        Population of each category, scaled to the total of the first margin (they agree within 1e-6); or the known
        sums of a number.
    own : int array (cells,)
        Category of each joint cell of all margins.
    joint : Joint
    values : array (cells,), optional
        What is summed; None where people are counted.
    """

    margin: Margin
    categories: tuple[tuple[object, ...], ...]
    totals: Array
    own: Ints
    joint: Joint
    values: Array | None = None

    @property
    def labels(self) -> list[str]:
        """The categories in words."""
        return [self.margin.label(c) for c in self.categories]

    @cached_property
    def code(self) -> Ints:
        """Category of every respondent: (rows,)."""
        return self.joint.spread(self.own)

    @cached_property
    def number(self) -> Array | None:
        """What is summed, of every respondent: (rows,); None where people are counted."""
        return None if self.values is None else self.joint.spread(self.values)

    def achieved(self, weights: Array) -> Array:
        """What weights of the rows give: (categories,)."""
        values = weights if self.number is None else weights * self.number
        return weighted_count(self.code, values, len(self.categories))


def on_columns(targets: Targets, columns: Iterable[str]) -> Targets:
    """The targets with their variables spelled as the data's columns: the other Unicode form is the same name."""
    listed = list(columns)
    margins = tuple(
        replace(m, variables=tuple(columns_named(m.variables, listed)), number=column_named(m.number, listed))
        for m in targets.margins
    )
    return replace(targets, margins=margins, within=tuple(columns_named(targets.within, listed)))


def code_margins(
    frame: pd.DataFrame, targets: Targets, weights: Array | None = None, people: Ints | None = None
) -> list[CodedMargin]:
    """Match targets to data.

    Parameters
    ----------
    frame : DataFrame
    targets : Targets
    weights : array (rows,), optional
        Summed by cell on the way, for `Problem`.
    people : int array (rows,), optional
        How many respondents a row stands for, as `CodedDesign.people`.

    Raises
    ------
    TargetsError
        If a margin's variable is not in the data, respondents lack a category or have one without a target, a
        category with people in it has no respondent, or a number is missing or no number.
    """
    names = margin_columns(targets, frame.columns)
    for margin in targets.margins:
        if margin.number:
            _check_numbers(frame[margin.number], margin)
    joint = Joint.of([frame[v] for v in names], np.ones(len(frame)) if weights is None else weights)
    joint = joint if people is None else replace(joint, people=people)
    place = {name: i for i, name in enumerate(names)}
    return [_on_cells(frame, targets, margin, joint, place) for margin in targets.margins]


def margin_columns(targets: Targets, columns: Iterable[str]) -> list[str]:
    """The columns that targets are about, each once.

    Raises
    ------
    TargetsError
        If the data lack one.
    """
    there = list(columns)
    for margin in targets.margins:
        columns_exist(
            margin.columns,
            there,
            "A target names a variable that is not in the data.",
            TargetsError,
            where=f"margin {margin.name}",
            fix="derive the variable first (for ages: derive and band), or correct the name",
        )
    return list(dict.fromkeys(v for m in targets.margins for v in m.columns))


def _on_cells(
    frame: pd.DataFrame, targets: Targets, margin: Margin, joint: Joint, place: dict[str, int]
) -> CodedMargin:
    at = [place[v] for v in margin.variables]
    codings, codes = [joint.codings[i] for i in at], [joint.codes[i] for i in at]
    missing = np.zeros(len(joint), bool)
    key = np.zeros(len(joint), np.int64)
    for coding, code in zip(codings, codes, strict=True):
        missing |= code == len(coding.labels)
        key = key * coding.size + code
    if missing.any():
        rows = f", rows {describe_rows(frame.index, joint.spread(missing))}" if joint.people is None else ""
        raise TargetsError(
            "Some respondents have no category for a margin.",
            where=f"margin {margin.name}{rows}",
            got=f"{int(joint.count[missing].sum())} respondents with a missing value",
            expected="a category for everyone",
            fix="recode the missing values into a category, or drop these rows with a reason",
        )
    _, first, own = np.unique(key, return_index=True, return_inverse=True)
    labels = [[plain(v) for v in coding.labels[code[first]]] for coding, code in zip(codings, codes, strict=True)]
    categories: tuple[tuple[object, ...], ...] = tuple(zip(*labels, strict=True)) if labels else ((),)
    if len(set(categories)) < len(categories):
        twice = dict.fromkeys(c for c in categories if categories.count(c) > 1)
        raise TargetsError(
            "A category has two representations in the data.",
            where=f"margin {margin.name}",
            got=shorten(margin.label(c) if all(map(may_be_shown, c)) else "a text (not shown)" for c in twice),
            expected="numbers or text",
            fix="recode the column to one of them",
        )
    for k, name in enumerate(margin.variables):
        if infinite_in(c[k] for c in categories):
            raise TargetsError(
                "A category is an infinite number.",
                where=f"margin {margin.name}, column {name!r}",
                got="inf",
                expected="finite numbers or text",
                fix="recode them as missing: recode(column, {float('inf'): float('nan')})",
            )
    _check_categories(margin, categories, own, joint)
    totals = np.array([margin.totals[c] for c in categories], dtype=float)
    if not margin.number:
        return CodedMargin(margin, categories, totals * _agreement(targets, margin, categories), own, joint)
    i = place[margin.number]
    values = np.asarray(joint.codings[i].labels, float)[joint.codes[i]]
    return CodedMargin(margin, categories, totals, own, joint, values)


def scale_to_targets(margins: list[CodedMargin], targets: Targets, start: Array) -> Array:
    """Factors (cells,) that bring the sums of cells to the size of the population, one per group of `within`."""
    counts = [m for m in margins if m.values is None]
    if not counts:
        return np.ones(len(start))
    first = counts[0]
    group_of = [c[: len(targets.within)] for c in first.categories]
    groups = {g: i for i, g in enumerate(dict.fromkeys(group_of))}
    code = np.array([groups[g] for g in group_of])
    known = weighted_count(code, first.totals, len(groups))
    factor: Array = (known / weighted_count(code[first.own], start, len(groups)))[code[first.own]]
    return factor


def _check_numbers(column: pd.Series, margin: Margin) -> None:
    values = column_numbers(
        column,
        "A total was given for a column that is not numeric.",
        TargetsError,
        where=f"margin {margin.name}",
        expected="numbers; for categories give {category: total}",
    )
    bad = ~np.isfinite(values)
    if bad.any():
        raise TargetsError(
            "A variable with a known total is missing for some respondents.",
            where=f"margin {margin.name}, rows {describe_rows(column.index, bad)}",
            got=f"{int(bad.sum())} respondents",
            expected="a number for everyone",
            fix="fill in the missing values, or drop these rows with a reason",
        )


def _agreement(targets: Targets, margin: Margin, categories: tuple[tuple[object, ...], ...]) -> Array:
    """Factors with which a margin agrees with the first one exactly: (categories,), 1 but for rounding."""
    first, own = targets.group_totals(targets.counts[0]), targets.group_totals(margin)
    groups: list[tuple[Hashable, ...]] = [c[: len(targets.within)] for c in categories]
    return np.array([first[g] / own[g] if own[g] else 1.0 for g in groups])


def _unknown(margin: Margin, unknown: Sequence[tuple[object, ...]], n: Sequence[float]) -> str:
    """Categories without a target and how many are in each; texts that may be someone's words are only counted."""
    shown, hidden = [], 0.0
    for category, count in zip(unknown, n, strict=True):
        known = [{c[k] for c in margin.totals if len(c) > k} for k in range(len(category))]
        rows = 5 if count > 1 else 1  # a text that one respondent has may be that respondent's words
        if all(v in k or may_be_shown(v, rows, k) for v, k in zip(category, known, strict=True)):
            shown.append(f"{margin.label(category)} ({count:.0f} respondents)")
        else:
            hidden += count
    rest = [f"{hidden:,.0f} respondents with other texts (not shown)"] if hidden else []
    return ", ".join([*([shorten(shown)] if shown else []), *rest])


def _meant(margin: Margin, unknown: Sequence[tuple[object, ...]]) -> str:
    """Categories of the targets that a category of the data may be: but for case, marks and a slip."""
    found = near([margin.label(c) for c in unknown], [margin.label(c) for c in margin.totals])
    return f"is {shorten(found, 3)} meant by it? Otherwise " if found else ""


def _check_categories(margin: Margin, categories: tuple[tuple[object, ...], ...], own: Ints, joint: Joint) -> None:
    unknown = [c for c in categories if c not in margin.totals]
    if unknown:
        at = [categories.index(c) for c in unknown]
        n = weighted_count(own, joint.count.astype(float), len(categories))
        raise TargetsError(
            "Respondents are in a category that has no target.",
            where=f"margin {margin.name}",
            got=_unknown(margin, unknown, [float(n[i]) for i in at]),
            expected=shorten(margin.label(c) for c in margin.totals),
            fix=_meant(margin, unknown) + "add the category's total to the targets, or recode these respondents",
        )
    seen = set(categories)
    empty = [c for c, total in margin.totals.items() if total != 0 and c not in seen]
    if empty:
        raise TargetsError(
            "A category of the population has no respondents.",
            where=f"margin {margin.name}",
            got=shorten(f"{margin.label(c)}: target {margin.totals[c]:,.0f}, 0 respondents" for c in empty),
            expected="at least one respondent in every category with people",
            fix="merge the category with an adjacent one in both the targets and the data",
        )
    barred = [c for c in categories if margin.totals[c] == 0 and not margin.number]
    if barred:
        raise TargetsError(
            "Respondents are in a category whose target is 0.",
            where=f"margin {margin.name}",
            got=shorten(margin.label(c) for c in barred),
            expected="a positive total",
            fix="correct the target, or drop these respondents with a reason",
        )

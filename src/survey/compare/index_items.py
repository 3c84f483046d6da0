"""The items behind an index: which columns stand for a component, how their answers are scored, and what they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from survey.base.arguments import listed
from survey.base.catalogue import Note
from survey.base.names import columns_named
from survey.base.suggestions import did_you_mean, near
from survey.cleaning.scoring import score
from survey.codebook import Variable
from survey.compare.scheme import Component, Scheme
from survey.core.sample_data import S, SampleData
from survey.counting.cells import Grouping
from survey.counting.memory import ItemRows
from survey.errors import EstimationError, shorten
from survey.estimation.answer_sets import counted_answers
from survey.estimation.direction_notes import end_notes, mean_notes
from survey.estimation.estimators import MEAN
from survey.estimation.fitting import item_exists
from survey.estimation.inferred import counted_note, refuse_nonanswers, scale_notes
from survey.estimation.items import (
    Names,
    answers_of,
    count_item,
    each_item,
    known_scale,
    linearized_numbers,
    numbers_of,
    refuse_set,
)
from survey.estimation.linearize import LinearizedItem
from survey.estimation.set_notes import option_notes

__all__ = ["Asked", "ItemScore", "Items", "scored_items"]

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user says of columns, beside the scheme."""

    columns: Mapping[str, list[str]]
    scale: Mapping[str, Ends]
    every: Ends | None
    reversed: tuple[str, ...]

    @classmethod
    def of(cls, columns: Mapping[str, Names] | None, scale: Any, turned: Names | None) -> Asked:
        """Check the shapes of the arguments of `index`."""
        given_columns = dict(columns or {})
        wrong = [k for k, v in given_columns.items() if not _names(v)]
        if wrong:
            raise EstimationError(
                "The columns of a component are a name, or a list of names.",
                where=f"columns=, {wrong[0]}",
                got=repr(given_columns[wrong[0]])[:60],
                expected=f"such as {{{wrong[0]!r}: ['q1', 'q2']}}",
            )
        named = {str(k): listed(v) for k, v in given_columns.items()}
        empty = [k for k, v in named.items() if not v]
        if empty:
            raise EstimationError(
                "A component needs at least one column.",
                where="columns=",
                got=f"none for {shorten(empty)}",
                fix="name its columns, or leave the component out to take those of the scheme",
            )
        given = dict(scale) if isinstance(scale, Mapping) else {}
        every = None if scale is None or isinstance(scale, Mapping) else _ends(scale, "scale=")
        return cls(named, {k: _ends(v, f"scale=, {k}") for k, v in given.items()}, every, tuple(listed(turned)))


def _names(value: Any) -> bool:
    several = isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
    return isinstance(value, str) or several


def _ends(value: Any, where: str) -> Ends:
    try:
        low, high = (float(x) for x in value)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise EstimationError(
            "The ends of a scale must be two numbers, the lowest first.",
            where=where,
            got=repr(value)[:60],
            expected="such as scale=(1, 5)",
        )
    return low, high


@dataclass(frozen=True, slots=True)
class ItemScore:
    """How an item's estimate is put on the range of the scheme: `start + factor * estimate`.

    `place` is the item's position among the estimates.
    """

    place: int
    start: float
    factor: float


@dataclass(frozen=True, slots=True)
class _Source:
    """An item as it is estimated: the mean of its numbers, or the share of its best answers."""

    column: str
    share: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a scheme in a sample.

    Parameters
    ----------
    sources : list of _Source
        Each once, also where two components share one.
    scores : mapping of component to its ItemScores
    own : mapping of component to whether its columns are the user's, not the scheme's
    """

    sources: list[_Source] = field(default_factory=list)
    scores: Mapping[str, list[ItemScore]] = field(default_factory=lambda: MappingProxyType({}))
    own: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def statistic(self) -> str:
        """What the items' estimates are called: shares where all of them are."""
        return "proportion" if all(s.share for s in self.sources) else "mean"

    def pieces(self, sample: SampleData, grouping: Grouping) -> tuple[list[LinearizedItem], list[str], list[Note]]:
        """Linearised items, their names, and the notes that the verbs for means and shares would give."""
        by_key = {repr(s): s for s in self.sources}
        counted: dict[str, tuple[Any, ...]] = {}
        guessed: set[str] = set()

        def piece(key: str) -> LinearizedItem:
            source = by_key[key]
            if not source.share:
                return linearized_numbers(sample, source.column, grouping, MEAN)
            coded = answers_of(sample, source.column)
            hit, counted[key] = counted_answers(sample, source.column, coded, _share_of(source))
            if not known_scale(sample, source.column, coded):
                guessed.add(key)
            refuse_nonanswers(sample, source.column, _share_of(source), counted[key])
            features = np.stack([np.ones(len(hit)), hit, hit * hit], axis=1)
            cells = count_item(sample, source.column, grouping, coded)
            return LinearizedItem.of(MEAN, cells, ItemRows(grouping, coded), features)

        made = each_item(sample, grouping, piece, list(by_key))
        means = [s.column for s in self.sources if not s.share]
        shares = {key: s for key, s in by_key.items() if s.share}
        notes = [*scale_notes(sample, means, shown=True), *mean_notes(sample, means)]
        for key, source in shares.items():
            asked = _share_of(source)
            notes += [counted_note(sample, source.column, asked, counted[key])] if key in guessed else []
            notes += end_notes(sample, asked, {source.column: counted[key]})
        notes += scale_notes(sample, [s.column for s in shares.values()], shown=True)
        notes += option_notes(sample, [s.column for s in self.sources])
        return made, [s.column for s in self.sources], notes


def _share_of(source: _Source) -> dict[str, Any]:
    return {"levels": None, "top": None, "bottom": None, "net": None, source.share: source.count}


def scored_items(sample: S, plan: Scheme, asked: Asked) -> tuple[S, Items]:
    """The items of a scheme in the sample, which has the scores of respondents added where the scheme wants them.

    Raises
    ------
    EstimationError
        For an unknown component, a component that nothing in the data stands for, an item whose scale is unknown.
    """
    unknown = [n for n in asked.columns if n not in plan.leaves]
    if unknown:
        raise EstimationError(
            "The scheme has no such component with items.",
            where="columns=",
            got=shorten(map(repr, unknown)),
            expected=shorten(plan.leaves, 20),
            fix=did_you_mean(unknown, plan.leaves, "see sv.read_scheme(...).components"),
        )
    columns = {name: _columns(sample, plan.components[name], asked) for name in plan.leaves}
    absent = [name for name, found in columns.items() if not found]
    if absent:
        raise _nothing_for(sample, plan, absent)
    everything = {column for found in columns.values() for column in found}
    for what, names in (("reversed=", asked.reversed), ("scale=", tuple(asked.scale))):
        stray = [n for n in columns_named(names, sample.data.columns) if n not in everything]
        if stray:
            raise EstimationError(
                "A column is not an item of the index.",
                where=what,
                got=shorten(map(repr, stray)),
                expected=shorten(sorted(everything, key=str), 20),
                fix=did_you_mean(stray, everything, "leave it out"),
            )
    sources: dict[_Source, int] = {}
    scores: dict[str, list[ItemScore]] = {}
    for name, found in columns.items():
        component = plan.components[name]
        if component.scoring == "respondent" and not _is_score(sample, found):
            sample, into = _with_score(sample, plan, component, found, asked)
            scores[name] = [ItemScore(sources.setdefault(_Source(into), len(sources)), 0.0, 1.0)]
        else:
            scores[name] = [_item(sample, plan, component, column, asked, sources) for column in found]
    own = {name: name in asked.columns and tuple(columns[name]) != plan.components[name].items for name in columns}
    return sample, Items(list(sources), scores, own)


def _columns(sample: SampleData, component: Component, asked: Asked) -> list[str]:
    """The data's columns for a component; [] where there are none."""
    data, book = sample.data, sample.codebook
    if component.name in asked.columns:
        named = columns_named(asked.columns[component.name], data.columns)
        for column in named:
            refuse_set(sample, column)
            item_exists(sample, column)
        twice = sorted({str(c) for c in named if named.count(c) > 1})
        if twice:
            raise EstimationError(
                "A component names a column twice.", where=f"columns=, {component.name}", got=shorten(twice)
            )
        return named
    if component.items:
        named = columns_named(component.items, data.columns)
        return named if all(c in data.columns for c in named) else []
    if component.dimension:
        scored = [n for n, v in book.variables.items() if v.role == "score" and v.dimension == component.dimension]
        there = [n for n in scored if n in data.columns]
        if component.scoring == "respondent" and len(there) == 1:
            return there
        items = [n for n, v in book.variables.items() if v.dimension == component.dimension and v.scored]
        items = [n for n in items if n in data.columns]
        if items:
            return items
    return [component.name] if component.name in data.columns else []


def _nothing_for(sample: SampleData, plan: Scheme, absent: Sequence[str]) -> EstimationError:
    first = plan.components[absent[0]]
    lacking = [c for c in first.items if c not in sample.data.columns]
    meant = near(lacking or [first.name], sample.data.columns)
    call = f"columns={{{absent[0]!r}: [...]}}"
    return EstimationError(
        "The data have nothing for a component of the index.",
        where=f"{plan.name}: {shorten(absent, 12)}",
        got=f"no column {shorten(map(repr, lacking))}" if lacking else "no columns named for it",
        expected=f"{call}, for each component",
        fix=f"did you mean {shorten(map(repr, meant), 3)}? Name the columns: {call}" if meant else f"name them: {call}",
    )


def _is_score(sample: SampleData, columns: Sequence[str]) -> bool:
    """Whether a component is one column that is a score of respondents already."""
    variable = sample.codebook.variables.get(columns[0]) if len(columns) == 1 else None
    return variable is not None and variable.role == "score" and variable.limits is not None


def _with_score(sample: S, plan: Scheme, component: Component, columns: Sequence[str], asked: Asked) -> tuple[S, str]:
    """The sample with a score of each respondent for a component, and the name of its column."""
    into = f"{plan.name}: {component.name}"
    responses = sample.responses
    for column in columns:
        numbers_of(sample, column)  # what is no number, or a missing code, is told as by other verbs
    known = [responses.codebook.variables.get(c) or Variable(c, type="number") for c in columns]
    declared = []
    for variable in known:
        ends = _given_ends(variable.name, component, asked)
        if ends is not None and not variable.codes:
            _refuse_outside(sample, variable.name, ends)
            variable = replace(variable, limits=ends)
        declared.append(replace(variable, direction=_direction(sample, variable.name, component, asked)))
    made = score(
        replace(responses, codebook=responses.codebook.update(*declared)),
        component.name,
        items=list(columns),
        min_answered=component.min_answered,
        into=into,
        scale=plan.range,
    )
    book = responses.codebook.update(made.codebook[into])
    scored = type(sample).of(replace(made, codebook=book), sample.design, sample.structure)
    kept = ("residuals", "readjusted", "replicate_df")  # which depend on rows and weights, that are the same
    scored.__dict__.update({k: v for k, v in sample.__dict__.items() if k in kept})
    return scored, into


def _item(
    sample: SampleData, plan: Scheme, component: Component, column: str, asked: Asked, sources: dict[_Source, int]
) -> ItemScore:
    """An item's estimate on the range of the scheme."""
    low, high = plan.range
    down = _direction(sample, column, component, asked) < 0
    if component.scoring == "share":
        source = _Source(column, "bottom" if down else "top", component.top)
        return ItemScore(sources.setdefault(source, len(sources)), low, high - low)
    bottom, top = _scale_ends(sample, column, component, asked)
    factor = (high - low) / (top - bottom) * (-1 if down else 1)
    start = (high if down else low) - factor * bottom
    return ItemScore(sources.setdefault(_Source(column), len(sources)), start, factor)


def _direction(sample: SampleData, column: str, component: Component, asked: Asked) -> int:
    if column in asked.reversed:
        return -1
    variable = sample.codebook.variables.get(column)
    return component.direction or (variable.direction if variable is not None else 1) or 1


def _given_ends(column: str, component: Component, asked: Asked) -> Ends | None:
    return asked.scale.get(column) or asked.every or component.scale


def _scale_ends(sample: SampleData, column: str, component: Component, asked: Asked) -> Ends:
    """The ends of an item's scale: its codes, its limits, else those given; every answer lies between them."""
    variable = sample.codebook.variables.get(column)
    codes = [] if variable is None else [c for c in variable.codes if isinstance(c, int | float)]
    if len(codes) >= 2:
        known_scale(sample, column, answers_of(sample, column))
        return float(min(codes)), float(max(codes))
    ends = _given_ends(column, component, asked)
    if ends is None and variable is not None and variable.limits is not None:
        limits = tuple(v for v in variable.limits if isinstance(v, int | float) and np.isfinite(v))
        ends = (float(limits[0]), float(limits[1])) if len(limits) == 2 else None
    if ends is None:
        raise EstimationError(
            "The ends of an item's scale are unknown.",
            where=column,
            got=shorten(codes) or "no codes",
            expected="a codebook with its codes or limits, or scale=",
            fix=f"give scale=(1, 5), or scale={{{column!r}: (1, 5)}}",
        )
    _refuse_outside(sample, column, ends)
    return ends


def _refuse_outside(sample: SampleData, column: str, ends: Ends) -> None:
    values = numbers_of(sample, column)
    outside = int(((values < ends[0]) | (values > ends[1])).sum())
    if outside:
        raise EstimationError(
            "An item has answers outside its scale.",
            where=column,
            got=f"{outside:,} answers below {ends[0]:g} or above {ends[1]:g}",
            expected=f"numbers from {ends[0]:g} to {ends[1]:g}",
            fix="correct scale=, or declare what is no answer missing before sv.Sample(...)",
        )

"""An index by its scheme: components from estimates of their items, the index from components, with one covariance.

Components are functions of estimated means or shares, never means of respondents' means (unless the scheme says that
each respondent has a score), so an item with many don't-knows weighs as much as any other. With m the estimates of the
items and g the gradient of an index on them, its variance is g' V g with V the full design-based covariance of m
(delta method: Sarndal, Swensson & Wretman 1992, section 5.5; Wolter 2007, ch. 6).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array, t_interval_factor
from survey.base.catalogue import LANGUAGES, Note, text
from survey.base.expressions import Where
from survey.codebook import Codebook, Text, Variable
from survey.compare.index_items import Asked, ItemScore, scored_items
from survey.compare.scheme import Component, Scheme
from survey.compare.schemes import read_scheme
from survey.core.sample_data import SampleData
from survey.core.support import Support
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.items import Names, grouping_of, item_names
from survey.estimation.results import assemble
from survey.words.notes import ALIKE, BY_DESIGN, CALIBRATED

__all__ = ["index"]

_PARTS = ("index", "component")
_EXACT = (ALIKE, BY_DESIGN, CALIBRATED)
"""Notes on numbers without sampling error, which an item may have and the index not."""
_ROUNDING = 1e-12
"""Of the variance that items would have without their covariance: less is what rounding left of zero."""


def index(
    self: SampleData,
    scheme: str | os.PathLike[str] | Scheme,
    *,
    columns: Mapping[str, Names] | None = None,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    scale: tuple[float, float] | Mapping[str, tuple[float, float]] | None = None,
    reversed: Names | None = None,
    part: str | None = None,
) -> Estimates:
    """Compute an index and its components by a scheme, with the covariance of everything it is made of.

    Parameters
    ----------
    scheme : str, path or Scheme
        A scheme that comes with the package ("friendly-ward", "sipas", "papi", "ddci"; `sv.schemes()` lists them), or
        a file of TOML (docs/schemes.md).
    columns : mapping of str to str or list of str, optional
        The data's columns for components of the scheme. A component that is left out takes the items or the dimension
        that the scheme names, else a column of its own name.
    by, where, level, variance :
        As for `mean`.
    scale : (lowest, highest), or mapping of column to that, optional
        The ends of the scale of items, where the codebook does not know them.
    reversed : str or list of str, optional
        Items on which a low answer is good, where the codebook does not say so (`direction = -1`).
    part : {"index", "component"}, optional
        Only the index (with the indices that it is made of), or only its components; all of them when not given.

    Returns
    -------
    Estimates
        item (the index, then its components), part ("index" or "component"), <by...>, estimate, std_error, conf_low,
        conf_high (on the range of the scheme: t intervals, cut at its ends), df, n (the fewest answers to any of the
        items behind a row), verified. `origin` has the estimates of the items. What of the scheme could not be
        compared with its source is called so in the labels and the notes.

    Raises
    ------
    EstimationError
        For an unknown scheme or component, a component that nothing in the data stands for, an item without the ends
        of its scale, or a scheme that is not one (see `sv.read_scheme`).

    References
    ----------
    OECD & JRC (2008), Handbook on Constructing Composite Indicators; Wolter (2007), Introduction to Variance
    Estimation, ch. 6, for the delta method. Agrees with R's svycontrast on svymean.

    Examples
    --------
    >>> sample.index("friendly-ward", by=["ward_legacy_code", "wave"])  # doctest: +SKIP
    >>> sample.index("sipas", columns={"access": ["q1", "q2"], ...}, scale=(1, 5))  # doctest: +SKIP
    """
    plan = read_scheme(scheme)
    if part is not None:
        one_of(part, _PARTS, "part of an index", EstimationError, where="part=")
    groups = item_names(by, self)
    taken = [g for g in groups if g in (plan.name, *plan.components, "part", "verified")]
    if taken:
        raise EstimationError(
            "A grouping column conflicts with a name of the scheme.",
            where="by=",
            got=shorten(taken),
            expected=f"none called {shorten((plan.name, *plan.components, 'part', 'verified'), 20)}",
            fix="rename the column",
        )
    sample, found = scored_items(self, plan, Asked.of(columns, scale, reversed))
    grouping = grouping_of(sample, by, where)
    pieces, names, notes = found.pieces(sample, grouping)
    items = assemble(sample, found.statistic, pieces, names, grouping, level, variance=variance)
    theta = items.table["estimate"].to_numpy(float).reshape(len(names), len(grouping))
    rows = _Rows.of(plan, found.scores, theta)
    if part is not None:
        rows = rows.only([_part(plan, name) == part for name in rows.names])
    return _result(self, plan, found.own, items, rows, (*notes, *items.notes))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The index and its components in every group.

    Parameters
    ----------
    names : list of str
        The index, then its components in the order of the scheme.
    values : array (names, groups)
    gradient : array (names, groups, items)
        On the estimates of the items in the same group.
    """

    names: list[str]
    values: Array
    gradient: Array

    @classmethod
    def of(cls, plan: Scheme, scores: Mapping[str, list[ItemScore]], theta: Array) -> _Rows:
        """`theta` (items, groups) are the estimates of the items."""
        known = {name: _leaf(scores[name], theta) for name in plan.leaves}
        sizes = {name: len(scores[name]) for name in plan.leaves}
        open_ = [c for c in plan.components.values() if c.components]
        while open_:
            ready = [c for c in open_ if all(inner in known for inner in c.components)]
            for c in ready:
                known[c.name] = _together(plan, c.aggregation, c.components, known, sizes)
            open_ = [c for c in open_ if c not in ready]
        known[plan.name] = _together(plan, plan.aggregation, plan.top_level, known, sizes)
        names = [plan.name, *plan.components]
        return cls(names, np.stack([known[n][0] for n in names]), np.stack([known[n][1] for n in names]))

    def only(self, keep: Sequence[bool]) -> _Rows:
        """Some of the rows."""
        names = [name for name, wanted in zip(self.names, keep, strict=True) if wanted]
        return _Rows(names, self.values[np.array(keep)], self.gradient[np.array(keep)])


def _part(plan: Scheme, name: str) -> str:
    return "component" if name in plan.leaves else "index"


def _leaf(scores: Sequence[ItemScore], theta: Array) -> tuple[Array, Array]:
    """Mean of the items' estimates on the range of the scheme (groups,), and its gradient (groups, items)."""
    value, gradient = np.zeros(theta.shape[1]), np.zeros(theta.T.shape)
    for score in scores:
        value += (score.start + score.factor * theta[score.place]) / len(scores)
        gradient[:, score.place] += score.factor / len(scores)
    return value, gradient


def _together(
    plan: Scheme,
    aggregation: str,
    members: Sequence[str],
    known: Mapping[str, tuple[Array, Array]],
    sizes: Mapping[str, int],
) -> tuple[Array, Array]:
    """An index of components: values (groups,), gradient (groups, items)."""
    values = np.stack([known[m][0] for m in members])
    gradients = np.stack([known[m][1] for m in members])
    given = [plan.components[m].weight for m in members]
    equal = np.full(len(members), 1 / len(members))
    if aggregation == "geometric_mean":
        share = equal if given[0] is None else np.array(given, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.exp(share @ np.log(np.maximum(values, 0.0)))
            # where a component is 0 the index is 0, and has no derivative there
            slope = np.where(value > 0, share[:, None] * value / values, np.nan)
        return value, np.einsum("mg,mgi->gi", slope, gradients)
    size = np.array([sizes.get(m, 1) for m in members], dtype=float)
    weight = {
        "mean_of_components": equal,
        "mean_of_items": size / size.sum(),
        "weighted_mean": np.array([np.nan if w is None else w for w in given], dtype=float),
        "sum": np.ones(len(members)),
    }[aggregation]
    return weight @ values, np.einsum("m,mgi->gi", weight, gradients)


def _result(
    sample: SampleData,
    plan: Scheme,
    own: Mapping[str, bool],
    items: Estimates,
    rows: _Rows,
    notes: Sequence[str],
) -> Estimates:
    """Table, covariance, degrees of freedom and words of the index from those of its items."""
    count, groups, width = rows.gradient.shape
    values = rows.values.reshape(-1)
    empty, flat = np.isnan(rows.values), np.isnan(rows.gradient).any(axis=2)
    used = np.nan_to_num(rows.gradient, nan=1.0) != 0
    slope = np.where(empty[:, :, None], 0.0, np.nan_to_num(rows.gradient))
    error = items.table["std_error"].to_numpy(float).reshape(width, groups)
    joint = np.nan_to_num(items.covariance).reshape(width, groups, width, groups)
    own_block = np.einsum("igjg->gij", joint)
    spread = np.clip(np.einsum("ngi,gij,ngj->ng", slope, own_block, slope), 0, None)
    known = spread <= _ROUNDING * np.einsum("ngi,ig->ng", np.abs(slope), np.nan_to_num(error)) ** 2
    unknown = empty | flat | np.einsum("ngi,ig->ng", used, np.isnan(error)).astype(bool)
    std_error = np.where(unknown, np.nan, np.where(known, 0.0, np.sqrt(spread))).reshape(-1)
    n = items.table["n"].to_numpy(float).reshape(width, groups)
    least = np.where(used, n.T[None], np.inf).min(axis=2).reshape(-1)
    support = _support(items, used.reshape(-1, width), groups)
    df = np.array([support.joint_df(np.array([i])) for i in range(len(values))])
    half = np.where(known.reshape(-1), np.nan, t_interval_factor(items.level, df) * std_error)
    ends = {name: _range(plan, name) for name in (plan.name, *plan.components)}
    low, high = (np.repeat([ends[name][i] for name in rows.names], groups) for i in (0, 1))
    verified = {name: _is_verified(plan, name, own) for name in ends}
    parts = [_part(plan, name) for name in rows.names]
    labels = items.table[list(items.by)].iloc[:groups]
    table = pd.DataFrame({"item": np.repeat(rows.names, groups), "part": np.repeat(parts, groups)})
    for name in items.by:
        table[name] = labels[name].array.take(np.tile(np.arange(groups), count))
    table = table.assign(
        estimate=values,
        std_error=std_error,
        conf_low=np.clip(values - half, low, high),
        conf_high=np.clip(values + half, low, high),
        df=df,
        n=least.astype(np.int64),
        verified=np.repeat([verified[name] for name in rows.names], groups),
    )

    def covariance() -> Array:
        out: Array = np.einsum("ngi,igjh->ngjh", slope, joint, optimize=True)
        out = np.einsum("ngjh,mhj->ngmh", out, slope, optimize=True).reshape(len(values), len(values))
        out[np.isnan(std_error), :] = out[:, np.isnan(std_error)] = np.nan
        return out

    return Estimates(
        table,
        "index",
        items.by,
        items.level,
        (),
        _words(sample.codebook, plan, ends, verified),
        (*_notes(plan, own, bool(empty.any())), *(note for note in notes if known.any() or note not in _EXACT)),
        items.source,
        items.simulated,
        support,
        covariance,
        origin=items,
    )


def _support(items: Estimates, used: NDArray[np.bool_], groups: int) -> Support:
    """Clusters behind the index and its components: those of all their items in the group."""
    inner = items.support
    if inner is None:
        raise EstimationError("The clusters behind the items are unknown.")
    width = used.shape[1]
    group = np.tile(np.arange(groups), len(used) // groups)
    of_items = [np.arange(width)[row] * groups + g for row, g in zip(used, group, strict=True)]
    members = np.stack([inner.columns(at).max(axis=1, initial=0) for at in of_items], axis=1)
    return replace(inner, members=members, groups=group)


def _range(plan: Scheme, name: str) -> tuple[float, float]:
    """The ends of an index or component; those of a sum are the sums of the ends."""
    component = plan.components.get(name)
    aggregation = plan.aggregation if component is None else component.aggregation
    members = plan.top_level if component is None else component.components
    if not members:
        return plan.range
    inner = [_range(plan, member) for member in members]
    if aggregation == "sum":
        return sum(low for low, _ in inner), sum(high for _, high in inner)
    return min(low for low, _ in inner), max(high for _, high in inner)


def _is_verified(plan: Scheme, name: str, own: Mapping[str, bool]) -> bool:
    """Whether everything behind a row was compared with the source; columns that the user named were not."""
    component = plan.components.get(name)
    members = plan.top_level if component is None else component.components
    if component is not None and not members:
        return component.verified and plan.parts["items"] and plan.parts["scoring"] and not own[name]
    whole = all(plan.parts.values()) and (component is None or component.verified)
    return whole and all(_is_verified(plan, member, own) for member in members)


def _words(
    book: Codebook, plan: Scheme, ends: Mapping[str, tuple[float, float]], verified: Mapping[str, bool]
) -> Codebook:
    """The codebook with the index and its components: their names say where something was not verified."""
    parts: dict[str, Component | Scheme] = {plan.name: plan, **plan.components}
    made = [
        Variable(
            name,
            type="number",
            text=_named(part.title, name, verified[name]),
            short=_named(part.title, name, verified[name]),
            dimension=plan.name,
            role="score",
            unit="points",
            limits=ends[name],
        )
        for name, part in parts.items()
    ]
    return book.update(*made)


def _named(title: Text, name: str, verified: bool) -> Text:
    told = {lang: title.get(lang) or title.get("en") or next(iter(title.values()), "") or name for lang in LANGUAGES}
    return told if verified else {lang: f"{t} ({text('words.unverified', lang)})" for lang, t in told.items()}


def _notes(plan: Scheme, own: Mapping[str, bool], empty: bool) -> list[Note]:
    """Where the scheme comes from, what of it is not verified, and what a reader must know of the number."""
    found = [Note("notes.scheme", title=dict(plan.title), version=plan.version, source=dict(plan.source))]
    open_ = [*plan.unverified, *(["items"] if any(own.values()) and "items" not in plan.unverified else [])]
    if open_:
        parts = tuple(Note(f"parts.scheme_{part}") for part in open_)
        found.append(Note("notes.scheme_unverified", parts=parts))
    if any(plan.note.values()):
        found.append(Note("notes.scheme_note", text=dict(plan.note)))
    found.append(Note("notes.index_n"))
    return [*found, *([Note("notes.index_empty")] if empty else [])]

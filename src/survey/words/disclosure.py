"""What may leave the toolkit: results whose rows on too few answers have nothing left in them.

Exhibits and sentences hold nothing else, so that no number, rank, axis, note or hash can be computed from a row that
is not shown: whoever has the exhibit cannot try answers until it comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.catalogue import Note, as_note
from survey.core.adjusting import adjust_pvalues, of_equivalence, verdicts
from survey.core.contrasts import alike_in
from survey.core.domains import mixtures
from survey.core.estimates_data import E, EstimatesData
from survey.core.result import R
from survey.words import labels
from survey.words.complement import complements
from survey.words.notes import ALIKE, BY_DESIGN, CALIBRATED

__all__ = ["published"]

_Bools = NDArray[np.bool_]
_ENDS = 1e-12
_DIGITS = 10


def published(e: R, suppress_below: int = labels.SUPPRESS_BELOW, withheld: Collection[str] = ()) -> R:
    """The estimates without anything that was computed from rows on fewer than `suppress_below` answers.

    Parameters
    ----------
    e : Estimates
    suppress_below : int
        0 leaves everything as it is.
    withheld : collection of str
        Names of sets of people (`core.domains`) whose results are hidden too, as other exhibits ask for it.

    Returns
    -------
    Estimates
        The same rows. Hidden are also those that a hidden one could be computed from, with the totals that are
        published elsewhere (`complementary`; see `words.complement`). In rows marked `hidden`, every number is NaN,
        also in `covariance`, `weights` of ratios and the origin of a contrast. Adjusted p-values of the others are
        anew: of hidden comparisons only the number is counted, as if nothing had been found in them (p = 1), so that
        none is smaller than before. Numbers shown have ten digits: which last bits they have depends on the others.
        Notes that are about hidden rows alone are left out, and numbers of people below the limit are told as such.
        Answers that only hidden rows gave, to items without a codebook, are not answers here. A summary is about no
        one's answers and stays as it is.
    """
    return e.once(_published, suppress_below, frozenset(withheld)) if isinstance(e, EstimatesData) else e


def _published(e: E, suppress_below: int, withheld: Collection[str], cut: bool = True) -> E:
    """The same; without `cut` answers that only hidden rows gave stay: combinations have a weight of each row."""
    if getattr(e, "regressions", ()):  # what was fitted holds everybody's answers
        fitted: dict[str, Any] = {"regressions": ()}
        e = replace(e, _covariance=e.covariance, **fitted)
    origin = None if e.origin is None else _published(e.origin, suppress_below, withheld, cut and not e.kind.combines)
    hidden = labels.statuses(e, suppress_below, suppress_below) == "suppressed"
    further = np.zeros(len(hidden), bool) if e.complementary is None else e.complementary
    if withheld:
        further = further | (np.isin(_whose(e), list(withheld)) & ~hidden)
    if withheld or e.complementary is None:  # not of what is published already
        further = further | complements(e, origin, hidden | further, suppress_below)
    hidden = hidden | further
    if e.origin is not None and origin is not None and origin is not e.origin:
        e = replace(e, notes=_inherited(e, e.origin, origin), origin=origin)
    if e._hiding is not None and (suppress_below or hidden.any()):  # of a family, rows of other results may be hidden
        e = e._hiding(e, hidden)
    if not hidden.any():
        return e
    if cut and "answer" in e.table.columns and not e.kind.combines:
        e, hidden, further = _answers_shown(e, hidden, further)
    table = e.table.copy()
    names = {*labels.levels_of(e), *e.by, "answer", "bound", "step", "margin", "category", "unit", "verified"}
    for name in table.columns:
        column = table[name]
        if name in names or not (pd.api.types.is_numeric_dtype(column.dtype) or column.dtype == bool):
            continue
        values = column.to_numpy(float, na_value=np.nan, copy=True)
        values[hidden] = np.nan
        table[name] = values
    if e.adjust and "p_adjusted" in table.columns:
        table["p_adjusted"] = _adjusted(e, table, hidden)
    if "p_equivalence" in table.columns:
        p = table["p_equivalence"].to_numpy(float)
        adjusted = _within_families(e, table, np.where(hidden, 1.0, p), of_equivalence(e.adjust))
        table["p_equivalence_adjusted"] = np.where(hidden, np.nan, adjusted)
        table["verdict"] = verdicts(table["p_adjusted"].to_numpy(float), adjusted, 1 - e.level)
    for name in ("verdict", "letters", "quadrant", "size"):
        if name in table.columns:
            table[name] = table[name].astype(object).where(~hidden, "")
    _round(table, names)
    covariance: Any = None if e._covariance is None else _without(e, hidden)
    if isinstance(e._covariance, np.ndarray):
        covariance = covariance()
    completed: dict[str, Any] = (
        {"completed": ()} if hasattr(e, "completed") else {}
    )  # of a pooled result: each with its hidden rows
    result = replace(
        e,
        table=table,
        notes=tuple(_notes(e, table, hidden, suppress_below)),
        origin=origin,
        hidden=hidden,
        complementary=further,
        _covariance=covariance,
        support=None,
        contrast_matrix=_contrast_matrix(e, hidden),
        behind=_blank(e.behind, hidden),
        population=_blank(e.population, hidden),
        clustering=None,
        _nonresponse=None,
        exact=_shown(e.exact, hidden),
        **completed,
    )
    return _of_answers_shown(result, hidden) if cut and e.kind.combines else result


def _whose(e: EstimatesData) -> list[str]:
    """Names of the sets of people of the rows, of effects those of their combinations; "" where they are not known."""
    if e._domains is not None:
        return [str(name) for name in e._domains.names()]
    origin, matrix = e.origin, e.contrast_matrix
    if not e.kind.by_units or origin is None or origin._domains is None or matrix is None:
        return [""] * len(e.table)
    return [name for name, _ in mixtures(origin._domains, np.asarray(matrix, float))]


def _round(table: pd.DataFrame, names: set[str]) -> None:
    """Ten digits of every number: the last bits of what is shown depend on what was added up beside it."""
    ends = [c for c in ("estimate", "std_error", "conf_low", "conf_high") if c in table.columns]
    # an end of an interval near 0 has fewer digits that say something: those of its estimate
    size = np.fmax.reduce(np.abs([table[c].to_numpy(float) for c in ends])) if ends else np.zeros(len(table))
    for name in table.columns:
        if name in names or not pd.api.types.is_float_dtype(table[name].dtype):
            continue
        x = table[name].to_numpy(float)
        scale = size if name in ends else np.fmax(np.abs(x), 1.0) if name == "statistic" else np.abs(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            digits = _DIGITS - 1 - np.floor(np.log10(scale))
        table[name] = [
            round(v, int(d)) if np.isfinite(v) and np.isfinite(d) else v
            for v, d in zip(x.tolist(), digits.tolist(), strict=True)
        ]


def _blank(values: Array | None, hidden: _Bools) -> Array | None:
    return None if values is None else np.where(hidden, np.nan, values)


def _without(e: EstimatesData, hidden: _Bools) -> Callable[[], Array]:
    def covariance() -> Array:
        joint = np.array(e.covariance, dtype=float)
        joint[hidden, :] = joint[:, hidden] = np.nan
        return joint

    return covariance


def _contrast_matrix(e: EstimatesData, hidden: _Bools) -> Array | None:
    """Weights of a contrast: those of a ratio are its gradient, and hold the estimates."""
    if e.contrast_matrix is None or e.linear is None or not (hidden & ~e.linear).any():
        return e.contrast_matrix
    weights = np.array(e.contrast_matrix, dtype=float)
    weights[hidden & ~e.linear] = np.nan
    return weights


def _adjusted(e: EstimatesData, table: pd.DataFrame, hidden: _Bools) -> Array:
    """Adjusted p-values of the shown comparisons; a hidden one, also of unknown p, counts as one that found nothing."""
    if e.adjust == "max-t":  # of the hidden, it holds how they are correlated with the others, and no estimate
        return np.where(hidden, np.nan, table["p_adjusted"].to_numpy(float))
    out = _within_families(e, table, np.where(hidden, 1.0, table["p_value"].to_numpy(float)), e.adjust)
    out[hidden] = np.nan
    return out


def _within_families(e: EstimatesData, table: pd.DataFrame, p: Array, adjust: str) -> Array:
    keys = ["family"] if e.kind.compares else alike_in(e)
    blocks = table.groupby(keys, sort=False, dropna=False).ngroup().to_numpy() if keys else np.zeros(len(table), int)
    out = np.full(len(table), np.nan)
    for block in np.unique(blocks):
        at = blocks == block
        out[at] = adjust_pvalues(p[at], adjust)
    return out


def _pairs(table: pd.DataFrame) -> list[tuple[Any, Any]]:
    """Item and answer of each row."""
    items = table["item"].tolist() if "item" in table.columns else [""] * len(table)
    return list(zip(items, table["answer"].tolist(), strict=True))


def _given(e: EstimatesData, hidden: _Bools) -> set[tuple[Any, Any]]:
    """Answers that somebody gave in a row shown."""
    given = ~hidden & (e.table["estimate"].to_numpy(float) > 0)
    return {pair for pair, at in zip(_pairs(e.table), given, strict=True) if at}


def _answers_shown(e: E, hidden: _Bools, further: _Bools) -> tuple[E, _Bools, _Bools]:
    """Without answers that no one gave in a row shown, of items whose codebook does not list them."""
    e, keep = _told(e, _given(e, hidden))
    return (e, hidden, further) if keep.all() else (_cut(e, keep), hidden[keep], further[keep])


def _of_answers_shown(e: E, hidden: _Bools) -> E:
    """Differences without answers that no one gave in a row shown of what they compare."""
    origin = e.origin
    if origin is None or not {"answer"} <= {*e.table.columns} & {*origin.table.columns}:
        return e
    known = _given(origin, np.zeros(len(origin.table), bool))
    (e, keep), (origin, of_origin) = _told(e, known), _told(origin, known)
    if keep.all() and of_origin.all():
        return e
    matrix = None if e.contrast_matrix is None else e.contrast_matrix[np.ix_(keep, of_origin)]
    parts = {name: getattr(e, name) for name in ("behind", "linear", "complementary")}
    parts = {name: None if part is None else part[keep] for name, part in parts.items()}
    return replace(_cut(e, keep), origin=_cut(origin, of_origin), hidden=hidden[keep], contrast_matrix=matrix, **parts)


def _told(e: E, known: set[tuple[Any, Any]]) -> tuple[E, _Bools]:
    """The rows to keep: of answers that are known or listed; of an item without any one a group, with no answer."""
    table, pairs = e.table, _pairs(e.table)
    keep = np.array([(i in e.codebook and a in e.codebook[i].codes) or (i, a) in known for i, a in pairs])
    items = [item for item, _ in pairs]
    for item in dict.fromkeys(items):
        own = np.array([i == item for i in items])
        if not keep[own].any():  # nothing is shown of the item: one row per group says so, with no answer to it
            keep |= own & ~table.duplicated(labels.levels_of(e)).to_numpy()
            table = table.assign(answer=table["answer"].astype(object).where(~own, "–"))
    return (e if table is e.table else e.with_table(table)), keep


def _cut(e: E, keep: _Bools) -> E:
    at = np.flatnonzero(keep)
    covariance = e._covariance if e._covariance is None else (lambda: e.covariance[np.ix_(at, at)])
    return e.with_table(
        e.table[keep].reset_index(drop=True),
        _covariance=covariance,
        _domains=None if e._domains is None else e._domains.take(at),
        support=None,
        population=None if e.population is None else e.population[keep],
        exact=tuple(np.array(e.exact, dtype=object)[keep]) if e.exact else (),
    )


def _shown(exact: tuple[str, ...], hidden: _Bools) -> tuple[str, ...]:
    return tuple("" if gone else why for why, gone in zip(exact, hidden, strict=True)) if exact else ()


def _inherited(e: EstimatesData, before: EstimatesData, after: EstimatesData) -> tuple[str, ...]:
    """Notes of a combination, of those it has from its origin only the ones that the origin still has."""
    # a number of people is told anew, by the combination itself
    gone = {note for note in set(before.notes) - set(after.notes) if _people(note) is None}
    return tuple(note for note in e.notes if note not in gone)


def _notes(e: EstimatesData, table: pd.DataFrame, hidden: _Bools, least: int) -> list[str]:
    """Notes that are about rows shown; numbers of people below the limit told as such."""
    exact = set(_shown(e.exact, hidden))
    estimate, error = (
        table[c].to_numpy(float) if c in table else np.full(len(table), np.nan) for c in ("estimate", "std_error")
    )
    without_error = bool((~np.isnan(estimate) & np.isnan(error)).any())
    df = table["df"].to_numpy(float) if "df" in table else np.full(len(table), np.inf)
    ends = bool((((np.abs(estimate) < _ENDS) | (np.abs(estimate - 1) < _ENDS)) & (df > 0)).any())
    known = bool((error == 0).any())
    width = table["conf_high"] - table["conf_low"] if "conf_low" in table else error
    flat = bool((np.abs(np.asarray(width, float)) < _ENDS).any())
    found = []
    for note in map(as_note, e.notes):
        key = note.key if isinstance(note, Note) else ""
        if note in (ALIKE, BY_DESIGN, CALIBRATED) and (note not in exact if e.exact else not known):
            continue
        if key == "notes.known_difference" and not known:
            continue
        if key in _WITHOUT_ERROR and not without_error:
            continue
        if key in _AT_END and not ends:
            continue
        if key == "notes.no_width" and not flat:
            continue
        if key in _ANSWERS:  # some may be of hidden rows alone
            continue
        people = _people(note)
        if isinstance(note, Note) and people is not None and people < least:
            note = note.with_values(n=Note("notes.fewer_than", least=least))
        found.append(note)
    return found


_WITHOUT_ERROR = ("notes.one_cluster", "notes.empty_replicate", "notes.nan_replicate", "notes.alone")
_ANSWERS = ("notes.answers_taken", "notes.looks_missing", "notes.chosen_missing")
_AT_END = ("notes.korn_graubard_end", "notes.clustered_end", "notes.some_at_end")


def _people(said: str) -> int | None:
    """The number of people, rows or interviews that a note tells; None where it tells none."""
    note = as_note(said)
    n = note.values.get("n") if isinstance(note, Note) else None
    return n if isinstance(n, int) else None

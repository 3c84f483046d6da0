"""What weighting changed: every item under every set of weights the sample has had, and the change's own error.

Two weightings of one sample are two statistics of the same draw, so their difference is linearised like any other: its
influence values are the differences of theirs, each with what its calibration explains taken off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.codes import Ints
from survey.base.expressions import Where
from survey.codebook import Text
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.design.coded_design import CodedDesign
from survey.estimates import Estimates
from survey.estimation.estimators import MEAN
from survey.estimation.items import Names, grouping_of, item_names, linearized_numbers, numbers_of
from survey.estimation.linearize import LinearizedItem, silent_deviations
from survey.estimation.results import assemble
from survey.estimation.variance import Elements, Linearized
from survey.weighting.weight_steps import EQUAL, WeightStep, step_words, weight_steps

__all__ = ["weight_effects"]

_CHUNK = 16_384
_OWN = ("step", "change", "change_std_error", "step_change", "step_change_std_error", "correlation")
_PRODUCER = Note("notes.earlier_weights_unknown")


@dataclass(frozen=True)
class WeightEffects(Estimates):
    """Estimates under each set of weights, which name their steps.

    Parameters
    ----------
    words : mapping of str to text
        What a step is called, by language.
    """

    words: Mapping[str, Text] = field(default_factory=dict, repr=False)


def weight_effects(
    self: SampleData, items: Names, by: Names | None = None, where: Where = None, level: float = 0.95
) -> Estimates:
    """Compare means under equal weights and under every weight column, with the change of each step.

    Parameters
    ----------
    items : str or list of str
        Columns of numbers, as for `mean`; a share is the mean of a column of 0 and 1.
    by : str or list of str, optional
        Groups, as domains.
    where : str, bool array or callable, optional
    level : float
        Confidence level.

    Returns
    -------
    Estimates
        Statistic "weight_effects"; one row an item, group and step, steps innermost: item, <by...>, step ("(equal)",
        then the weight columns in the order they were made), estimate, std_error, conf_low, conf_high, df, n, n_eff,
        deff (all as `mean` gives them for a sample with these weights and what was known at that step), change and
        change_std_error (from equal weights), step_change and step_change_std_error (from the step before; NaN at the
        first), correlation (of these weights with the answers, Pearson's, unweighted, among valid answers; NaN where
        either is constant). Units of the item. `covariance` holds between the steps too, so that `contrast` compares
        any two of them.

        Without weights that differ, a mean moves by correlation * cv(w) * sd(y), the covariance of weights and answers
        over the mean weight: no correlation, no change, whatever weighting cost.

    Raises
    ------
    EstimationError
        As for `mean`; or if a group is called like a column of the result.

    Notes
    -----
    By linearisation on the design's strata and clusters. Equal weights stand for what would have been reported without
    weighting; their standard error knows the clusters all the same. Of a producer's replicate weights, which belong to
    the producer's weights, neither equal weights nor changes have standard errors here: they are NaN, and a note says
    so.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7; Bethlehem (1988), Journal of Official Statistics 4, for the correlation.
    """
    names = item_names(items, self)
    refuse_reserved(item_names(by), _OWN)
    grouping = grouping_of(self, by, where)
    samples, steps = _stages(self)
    produced = _produced(self)
    pieces = [[linearized_numbers(s, name, grouping, MEAN) for name in names] for s in samples]
    parts = [
        assemble(s, "mean", own, names, grouping, level, variance=None if produced and i else "taylor")
        for i, (s, own) in enumerate(zip(samples, pieces, strict=True))
    ]
    size, k = len(parts[0].table), len(steps)
    order = np.arange(k * size).reshape(k, size).T.ravel()  # steps innermost
    table = pd.concat([p.table for p in parts], ignore_index=True).take(order).reset_index(drop=True)
    table.insert(1 + len(grouping.labels.columns), "step", np.tile([s.name for s in steps], size))
    estimate, error = (np.stack([p.table[c].to_numpy(float) for p in parts], axis=1) for c in ("estimate", "std_error"))
    if produced:
        error[:, 0] = np.nan
        table["std_error"] = error.ravel()
        table.loc[table["step"] == EQUAL, ["conf_low", "conf_high", "n_eff", "deff"]] = np.nan
        joint, variances = None, np.full((3, k * size), np.nan)
    else:
        joint, variances = _joint(samples, pieces, order)
    _add_changes(table, estimate, error, np.sqrt(variances[1:]).reshape(2, size, k))
    table["correlation"] = _correlations(self, names, steps, grouping).ravel()
    notes = tuple(dict.fromkeys(n for p in parts for n in p.notes)) + ((_PRODUCER,) if produced else ())
    return WeightEffects(
        table,
        "weight_effects",
        by=tuple(grouping.labels.columns),
        level=level,
        codebook=self.codebook,
        notes=notes,
        source=self.source,
        simulated=self.simulated,
        _covariance=joint,
        words=step_words(steps, self.codebook),
    )


def _produced(sample: SampleData) -> bool:
    replicates = sample.design.replicates
    return replicates is not None and bool(replicates.columns)


def _stages(sample: SampleData) -> tuple[list[SampleData], list[WeightStep]]:
    """The sample as it was at every step, equal weights first; who did not answer stays drawn throughout.

    Where rows stand for several people alike, these must have the same weight each.
    """
    design, known, people = sample.design, weight_steps(sample), sample.structure.people
    kept = design.replicates if _produced(sample) else None
    equal = np.ones(len(sample)) if people is None else people.astype(float)
    steps = [WeightStep(EQUAL, "", equal), *(s for s in known if s.name != EQUAL)]
    designs = [replace(design, weights=None, adjustments=(), replicates=None)]
    for i, step in enumerate(steps[1:]):
        designs.append(replace(design, weights=step.name, adjustments=design.adjustments[:i], replicates=kept))
    structures: list[CodedDesign | None] = [None] * len(steps)
    if people is not None:
        squares = [step.weights**2 / people for step in steps]
        structures = [
            replace(sample.structure, weights=step.weights, squared=squared)
            for step, squared in zip(steps, squares, strict=True)
        ]
    return [type(sample).of(sample.responses, d, s) for d, s in zip(designs, structures, strict=True)], steps


def _add_changes(table: pd.DataFrame, estimate: Array, error: Array, found: Array) -> None:
    """Columns of changes from estimates (rows, steps), their errors, and the errors of both changes."""
    for name, reference, own in (("change", 0, found[0]), ("step_change", -1, found[1])):
        before = estimate[:, [0] * estimate.shape[1]] if reference == 0 else np.roll(estimate, 1, axis=1)
        change = estimate - before
        # an estimate without an error of its own has none for its change
        known = ~np.isnan(error) & ~np.isnan(error[:, [0] * error.shape[1]] if reference == 0 else np.roll(error, 1, 1))
        spread = np.where(known, own, np.nan)
        change[:, 0] = spread[:, 0] = np.nan
        table[name], table[f"{name}_std_error"] = change.ravel(), spread.ravel()


def _joint(
    samples: Sequence[SampleData], pieces: Sequence[Sequence[LinearizedItem]], order: Ints
) -> tuple[Callable[[], Array], Array]:
    """Covariance of all rows, and the variances (3, rows) of estimates, changes and changes of the step."""
    structure = samples[-1].structure
    totals, coefficients = [], []
    for sample, own in zip(samples, pieces, strict=True):
        z = np.hstack([p.totals() for p in own])
        found: tuple[Array, ...] = ()
        if sample.residuals.steps:
            each = [sample.residuals.coefficients(p.cross, p.width) for p in own]
            found = tuple(np.hstack(parts) for parts in zip(*each, strict=True))
            z = sample.residuals.take_off(z, found)
        totals.append(z)
        coefficients.append(found)
    known = any(s.residuals.steps for s in samples)
    members = None if known else np.tile(np.hstack([p.members() for p in pieces[0]]), (1, len(samples)))[:, order]
    k = len(samples)

    def arranged(by_step: list[Array]) -> Array:
        return np.hstack(by_step)[:, order]

    def rows(at: slice) -> Array:
        parts = []
        for sample, own, found in zip(samples, pieces, coefficients, strict=True):
            values = np.hstack([p.rows(at) for p in own]) * sample.structure.weights[at, None]
            parts.append(values - sample.residuals.rows(found, at) if found else values)
        return arranged(parts)

    def silent() -> Array | None:
        parts = [s.residuals.silent(found) for s, found in zip(samples, coefficients, strict=True)]
        shape = next((p.shape for p in parts if p is not None), None)
        return None if shape is None else arranged([np.zeros(shape) if p is None else p for p in parts])

    def linearized(combine: Callable[[Array], Array]) -> Linearized:
        def second(whole: bool, elements: Elements) -> Array:
            out: Array | float = 0.0
            chunks = [slice(a, a + _CHUNK) for a in range(0, structure.rows, _CHUNK)]
            blocks = (elements.deviations(combine(rows(at)), structure.unit[at]) for at in chunks)
            away = silent()
            for block in (*blocks, silent_deviations(structure, None if away is None else combine(away), elements)):
                out = out + (block.T @ block if whole else np.einsum("ij,ij->j", block, block))
            return np.asarray(out)

        return Linearized.of(structure, combine(arranged(totals)), second, members)

    def from_first(values: Array) -> Array:
        return values - np.repeat(values[:, ::k], k, axis=1)

    def from_last(values: Array) -> Array:
        by_step = values.reshape(len(values), -1, k)
        return (by_step - np.roll(by_step, 1, axis=2)).reshape(values.shape)

    whole = linearized(lambda values: values)
    variances = np.stack([whole.variance(), linearized(from_first).variance(), linearized(from_last).variance()])
    return whole.covariance, variances


def _correlations(sample: SampleData, names: Sequence[str], steps: Sequence[WeightStep], grouping: Grouping) -> Array:
    """Pearson's correlation of weights and answers: (items * groups, steps)."""
    groups, people = len(grouping.labels), sample.structure.people
    out = np.full((len(names), groups, len(steps)), np.nan)
    for i, name in enumerate(names):
        y = numbers_of(sample, name)
        for g in range(groups):
            inside = np.flatnonzero((grouping.code == g) & ~np.isnan(y))
            for s, step in enumerate(steps):
                own, each = step.weights[inside], None if people is None else people[inside]
                out[i, g, s] = _pearson(own if each is None else own / each, y[inside], each)
    return out.reshape(-1, len(steps))


def _pearson(w: NDArray[np.float64], y: NDArray[np.float64], people: Ints | None) -> float:
    """NaN, not a warning, where there is no one or either is constant (to within rounding)."""
    n = len(w) if people is None else int(people.sum())
    if n < 2:
        return float("nan")
    a, b = (v - np.average(v, weights=people) for v in (w, y))
    each = a if people is None else a * people
    size, other = np.sqrt(a @ each), np.sqrt(b @ (b if people is None else b * people))
    tiny = 1e-12 * np.sqrt(n)
    if size <= tiny * np.abs(w).max() or other <= tiny * np.abs(y).max():
        return float("nan")
    return float(each @ b / (size * other))

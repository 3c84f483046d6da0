"""Regressions in passes over batches, of columns whose different values do not fit into memory.

One pass finds who is in the model and which categories occur, one the triangle of the matrix (and with it what is
collinear), one for each step of an iteration its likelihood, and one sums influence values by cluster. What is kept
does not grow with the number of rows. The statistics are those of `survey.models`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from typing import Any

import numpy as np
import pandas as pd

from survey.base._formula_tree import Levels
from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.base.formula import Formula
from survey.base.names import column_named
from survey.calibration.logistic import (
    FAR,
    Place,
    climbed,
    separating_combination,
    signed_rows,
    usual_length,
)
from survey.calibration.model_matrix import ModelMatrix, model_matrix
from survey.core.sample_data import SampleData
from survey.core.unheld import refuse_empty, unheld
from survey.errors import EstimationError
from survey.models.fitting import Moved, Solution, Triangle, middle, without_addition
from survey.models.logistic import LOGISTIC, refuse_outcome, refuse_separation, refuse_unconverged
from survey.models.model_data import Regression
from survey.models.predictors import (
    columns_checked,
    looks_at_all,
    nobody,
    refuse_extremes,
    refuse_undefined,
    told_of_terms,
)
from survey.models.regress import Family, of_full_rank, regression_of
from survey.models.rows import columns_in
from survey.models.summed import SummedRows, summed_fit
from survey.responses import Responses
from survey.scanning.held import texts
from survey.scanning.model_batches import Coding, Fold, ModelBatches, Part
from survey.scanning.model_sums import (
    Climb,
    Combinations,
    Conditions,
    Facts,
    FactsOf,
    Having,
    People,
    Scores,
    Separated,
    Shape,
    ShapeOf,
)
from survey.scanning.state import ScanData

__all__ = ["Passes", "pass_bytes", "refused"]

_ROUNDS = 20
_ENOUGH = 1e-13
"""Largest score, relative to the sum of |x| that it is made of: the next Newton step would be its square."""
_SLACK = 1e-13
_COPIES = 4
"""Tables of sums by cluster at a time: those of a part, of all, and what is made of them."""


def pass_bytes(scan: ScanData, columns: int) -> int:
    """Bytes that the sums of a model of so many coefficients take."""
    cells = 0 if scan.weighing is None else len(scan.weighing.cells)
    return 8 * _COPIES * (scan.clusters.structure.units + cells + columns) * 2 * columns


@dataclass(frozen=True)
class Passes:
    """One regression of a scan.

    Parameters
    ----------
    scan : ScanData
    sample : SampleData
        As `ScanData.prototype` of `looked_at`.
    family : Family
        Linear or logistic.
    formula : Formula
    where : str or None
    looked_at : tuple of str
        Columns of the formula and of `where`.
    aliased : {"fail", "drop"}
    """

    scan: ScanData
    sample: SampleData
    family: Family
    formula: Formula
    where: Where
    looked_at: tuple[str, ...]
    aliased: str

    def fold(self, make: Callable[..., Any], coding: Coding | None = None) -> Any:
        """What a pass makes of all rows; None of no rows."""
        scan = self.scan

        def read(weigher: Any) -> Any:
            where = self.where if isinstance(self.where, str) else None
            variables = tuple(dict.fromkeys(self.spelled.values()))
            design = scan.drawn_by if weigher is None else weigher.base
            one = ModelBatches(scan.steps, design, scan.clusters, variables, self.looked_at, where, weigher)
            return scan.reader.gather(one.reads, Fold(one, coding, make)).value

        return read(None) if scan.weighing is None else scan.with_weigher(read)

    @property
    def spelled(self) -> dict[str, str]:
        """The column behind each variable."""
        return {v: str(column_named(v, self.scan.steps.names)) for v in self.formula.variables}

    def regression(self) -> tuple[Regression, tuple[str, ...]]:
        """The regression, and notes on its terms."""
        self._refuse_what_looks_at_all()
        facts = self._facts()
        coding, matrix, told, rows = self._coded(facts)
        x, y, w = self._some(coding, facts)
        first = matrix.term.index(self.formula.terms.index(())) if () in self.formula.terms else None
        if self.family is LOGISTIC:
            moved, about = Moved.scaled(first, *middle(x, w)), 0.0
        else:
            origin = np.zeros(x.shape[1]) if first is None else np.average(x, axis=0, weights=w)
            origin[slice(None) if first is None else first] = 0.0
            moved = Moved(first, origin)
            about = float(np.average(y, weights=w)) if first is not None else 0.0
        shape: Shape = self.fold(ShapeOf(moved, about), coding)
        rows = replace(rows, n=shape.there)
        refuse_undefined(rows, shape.undefined[:-1], bool(shape.undefined[-1]))
        refuse_extremes(rows, shape.largest)
        length = np.sqrt(shape.squares) / (1.0 if moved.scale is None else moved.scale)
        found = without_addition(shape.triangle.r, length)
        rows, dropped = of_full_rank(rows, self.family, self.aliased, lambda _: found)
        keep = np.flatnonzero(~found)
        coding = replace(coding, keep=tuple(keep.tolist()))
        first = None if first is None else int(np.searchsorted(keep, first))
        moved = Moved(first, moved.origin[keep], None if moved.scale is None else moved.scale[keep])
        if self.family is LOGISTIC:
            some = x[:, keep], y
            solution = self._most_likely(coding, moved, shape.sizes[keep], shape.outcomes, rows, facts.weight, some)
        else:
            triangle = Triangle.of(shape.triangle.r[:, keep], shape.triangle.right)
            solution = Solution(moved, *triangle.solved(), about)
        rows = self._summed(coding, solution, rows)
        fit = summed_fit(solution.fit(np.zeros((0, 0)), np.zeros((0, 0))))
        return regression_of(self.sample, self.family, rows, fit), (*told, *dropped)

    def width(self) -> int:
        """Coefficients at most, from the values of all rows."""
        self._refuse_what_looks_at_all()
        held = {name: self.scan.held(name).counts for name in self.spelled.values()}
        some = pd.DataFrame({name: [self.scan.held(name).pivot] for name in held})
        one = Facts(np.zeros(0, np.int64), 1.0, {n: c or None for n, c in held.items()}, some, np.ones(1), 1)
        return len(self._coded(one)[1].names)

    def _refuse_what_looks_at_all(self) -> None:
        factors = [f for term in self.formula.terms for f in term]
        if any(looks_at_all(f) for f in (*factors, *([] if self.formula.outcome is None else [self.formula.outcome]))):
            raise refused(
                "A term that looks at every respondent needs rows that fit into memory.",
                self.formula.text,
                "center, scale, poly, bs or ns",
                fix="write numbers of your own, such as I(year - 2000) or I(age**2), round the columns with "
                "derive(...), or give scan(..., memory=) more bytes",
            )
        for factor in factors:
            if isinstance(factor, Levels):
                name = self.spelled[factor.column.name]
                self.scan.held(name).values(name)  # refuses what is too long for a list

    def _facts(self) -> Facts:
        many = tuple(
            n for n in self.spelled.values() if self.scan.held(n).counts is None and not self.scan.held(n).text
        )
        for name in self.spelled.values():
            if name not in many:
                self.scan.held(name).values(name)
        units = self.scan.clusters.structure.units
        facts: Facts | None = self.fold(FactsOf(units, many))
        if facts is None:
            if absent := unheld(self.sample, self.where):
                refuse_empty(absent)
            raise nobody(self.formula, self.spelled.values())
        return facts

    def _coded(self, facts: Facts) -> tuple[Coding, ModelMatrix, tuple[Note | str, ...], SummedRows]:
        """The matrix of rows in which every category occurs, checked, and the notes on its terms."""
        size = max(len(counts) for counts in [[0], *(c for c in facts.held.values() if c is not None)])
        columns = {name: self._every(name, facts, size) for name in facts.held}
        responses = Responses(pd.DataFrame(columns), self.scan.codebook)
        profile = SampleData.of(responses, self.scan.design, self.scan.clusters.structure)
        first = columns_checked(profile, self.formula, self.spelled, np.arange(size))
        matrix = model_matrix(self.formula, first, size)
        k = len(matrix.names)
        self._refuse_bytes(k)
        names = {v: n for v, n in self.spelled.items() if v in _terms(self.formula)}
        held = {v: counts for v, n in self.spelled.items() if (counts := facts.held[n]) is not None}
        rows = SummedRows(
            self.formula,
            self.scan.clusters.structure,
            np.zeros(0, np.int64),
            first,
            replace(matrix, values=np.eye(k), outcome=np.zeros(0)),
            np.ones(k, np.int64),
            np.zeros(0),
            n_by_unit=facts.n,
            held=held,
            occurring=partial(self._occurring, facts),
            together=self._together,
        )
        return Coding(self.formula, self.spelled, first, k), matrix, told_of_terms(profile, rows, names), rows

    def _every(self, name: str, facts: Facts, size: int) -> pd.Series:
        """A column with every value that somebody of the model has."""
        counts, seen = facts.held[name], self.scan.held(name)
        values = facts.rows[name].iloc[:1].tolist() if counts is None else sorted(counts)
        values = list(islice(cycle(values), size))
        if seen.text:
            return texts(values, name)
        whole = seen.whole and all(float(v).is_integer() for v in values)
        return pd.Series(np.asarray(values, np.int64 if whole else float), name=name)

    def _occurring(self, facts: Facts, names: Sequence[str]) -> int:
        columns = tuple(dict.fromkeys(self.spelled[v] for v in names))
        alone = facts.held[columns[0]] if len(columns) == 1 else None
        if alone is not None:
            return len(alone)
        if any(facts.held[name] is None for name in columns):
            return len(self.scan)  # more than any table of combinations
        return len(self.fold(Combinations(columns)).found)

    def _together(self, values: Mapping[str, Any]) -> int:
        found: People | None = self.fold(Having({self.spelled[v]: value for v, value in values.items()}))
        return 0 if found is None else found.n

    def _some(self, coding: Coding, facts: Facts) -> tuple[Array, Array, Array]:
        """Matrix, outcome and weights of some respondents, from everywhere."""
        part = _part_of(facts)
        parts = [(x, y) for _, y, x in coding.pieces(part)]
        x, y = np.vstack([x for x, _ in parts]), np.concatenate([y for _, y in parts])
        good = np.isfinite(x).all(axis=1) & np.isfinite(y) & (np.abs(np.column_stack([x, y])) < 1e100).all(axis=1)
        if not good.any():
            return np.zeros((1, x.shape[1])), np.zeros(1), np.ones(1)
        return x[good], y[good], facts.weights[good]

    def _most_likely(
        self,
        coding: Coding,
        moved: Moved,
        sizes: Array,
        outcomes: Array,
        rows: SummedRows,
        weight: float,
        some: tuple[Array, Array],
    ) -> Solution:
        refuse_outcome(outcomes, rows)
        last: dict[str, Any] = {}

        def at(beta: Array) -> Place:
            found = self.fold(Climb(moved, beta, weight), coding)
            last["farthest"] = found.farthest
            return Place(found.value, found.score, lambda: found.information)

        beta, place, iterations, worst = climbed(at, sizes / weight, enough=_ENOUGH, slack=_SLACK)
        solution = Solution.logistic(moved, beta, place.information() * weight, iterations, worst)
        if not solution.converged or last["farthest"] > FAR:
            self._refuse_separation(coding, rows, *some)
        if not solution.converged:
            refuse_unconverged(rows)
        return solution

    def _refuse_separation(self, coding: Coding, rows: SummedRows, x: Array, y: Array) -> None:
        """Raise if a combination of terms separates: found among some conditions, and held against all."""
        length = usual_length(x)
        every = self.fold(Conditions(length, np.zeros(x.shape[1])), coding)
        known = np.unique(signed_rows(y, x, length), axis=0)
        for _ in range(_ROUNDS):
            direction = separating_combination(known, every.sums / every.n)
            if direction is None:
                return
            broken = self.fold(Conditions(length, direction), coding).worst
            if not len(broken):
                break
            known = np.unique(np.vstack([known, broken]), axis=0)
        else:
            refuse_unconverged(rows)
        direction = direction / length
        largest = self.fold(Separated(direction, np.inf), coding).largest
        refuse_separation(rows, direction, self.fold(Separated(direction, 1e-7 * largest), coding).n.tolist())

    def _summed(self, coding: Coding, solution: Solution, rows: SummedRows) -> SummedRows:
        weighing = self.scan.weighing
        cells = 0 if weighing is None else len(weighing.cells)
        names = tuple(rows.matrix.names)
        sums = self.fold(Scores(solution, self.scan.clusters.structure.units, cells, names), coding)
        by_variable = None if weighing is None else np.asarray(weighing.variables @ sums.by_cell)
        return replace(rows, by_unit=sums.by_unit, by_variable=by_variable, counted_rows=sums.counts)

    def _refuse_bytes(self, columns: int) -> None:
        size = pass_bytes(self.scan, columns)
        if size > self.scan.memory:
            raise EstimationError(
                "The sums of this model take more memory than they may.",
                where="scan(memory=...)",
                got=f"{size / 1e9:.3g} GB for {self.scan.clusters.structure.units:,} clusters x {columns} coefficients",
                expected=f"at most {self.scan.memory / 1e9:.3g} GB",
                fix="use fewer terms, or give scan(..., memory=) more bytes",
            )


def _part_of(facts: Facts) -> Part:
    """Some respondents as a part, whose clusters nobody asks for."""
    return Part(facts.rows.reset_index(drop=True), facts.weights, np.zeros(len(facts.weights), np.int64), None)


def _terms(formula: Formula) -> set[str]:
    return {v for term in formula.terms for factor in term for v in columns_in(factor)}


def refused(what: str, where: str, got: str, fix: str) -> EstimationError:
    return EstimationError(what, where=where, got=got, expected="what sums of batches can tell", fix=fix)

"""Numbers counted between limits that grow narrower from pass to pass, where they are looked for, until each is alone.

A floating-point number is a sign, an exponent and a fraction; read as one whole number of 64 bits, these stand in the
order of the numbers. A bracket is all numbers that begin with the same bits, so that no range need be known before,
outliers cost a bracket and no more, and every number is told apart after so many bits at most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.estimation.curves import TOLERANCE, Curve
from survey.estimation.items import refuse_infinite
from survey.scanning.question import ByRows, Rows, numbers_in

__all__ = ["BYTES", "Brackets", "Found", "Refining", "ordered"]

BITS = 64
BYTES = 8 * (3 * 5 + 7)
"""Memory of a bracket: while those of several batches are put together, and afterwards."""
_FIRST, _LATER, _ALL = 20, 16, 62
"""Bits that a pass tells apart: sign, exponent and 8 of the fraction; more of them; and where everything fits."""
_WAIT = 1 << 19

Bits = NDArray[np.uint64]


def ordered(values: Array) -> Bits:
    """Numbers as whole ones in the same order; 0 and -0 are one."""
    bits = (np.ascontiguousarray(values) + 0.0).view(np.int64)
    flipped = bits ^ ((bits >> 63) | np.int64(np.iinfo(np.int64).min))
    return flipped.view(np.uint64)


@dataclass(frozen=True)
class Brackets:
    """What stands in each bracket of a number, group by group and in order; empty ones are left out.

    Parameters
    ----------
    group : int array (brackets,)
    start : array (brackets,)
        Its lowest number, as `ordered`.
    open : int array (brackets,)
        Bits after the first that differ in it.
    sums : array (4, brackets)
        Weight, people, the lowest and the highest number there is.
    """

    group: Ints
    start: Bits
    open: Ints
    sums: Array

    @classmethod
    def whole(cls, groups: int) -> Brackets:
        """One bracket of each group, of all numbers."""
        return cls(np.arange(groups), np.zeros(groups, np.uint64), np.full(groups, BITS), np.zeros((4, groups)))

    def __len__(self) -> int:
        return len(self.group)

    def at(self, some: NDArray[np.bool_] | Ints) -> Brackets:
        """Some of the brackets."""
        return Brackets(self.group[some], self.start[some], self.open[some], self.sums[:, some])

    def refined(self, some: Ints, parts: Brackets) -> Brackets:
        """With parts of some of them in their place."""
        rest = np.ones(len(self), bool)
        rest[some] = False
        kept = self.at(rest)
        group, start = np.concatenate([kept.group, parts.group]), np.concatenate([kept.start, parts.start])
        opened = np.concatenate([kept.open, parts.open])
        both = Brackets(group, start, opened, np.concatenate([kept.sums, parts.sums], axis=1))
        return both.at(np.lexsort((start, group)))

    def _of(self, group: int) -> slice:
        return slice(*np.searchsorted(self.group, [group, group + 1]).tolist())

    def curve(self, group: int) -> Curve:
        """The distribution function of a group."""
        weight, people, low, high = self.sums[:, self._of(group)]
        return Curve.of_brackets(low, high, weight, people)

    def wanted(self, group: int, probs: Array) -> Ints:
        """Brackets of a group that hold quantiles, and several numbers: of these it is not known which they are."""
        at = self._of(group)
        weight, _, low, high = self.sums[:, at]
        probs = probs[(probs >= 0) & (probs <= 1)]
        if not len(weight) or not len(probs):
            return np.zeros(0, np.int64)
        share = np.cumsum(weight)
        share /= share[-1]
        place = np.searchsorted(share, np.concatenate([probs - TOLERANCE, probs + 10 * TOLERANCE]))
        place = np.unique(np.minimum(place, len(share) - 1))
        return np.asarray(at.start + place[low[place] < high[place]], np.int64)


@dataclass(frozen=True)
class Found:
    """Parts of brackets that occur; those of several batches add.

    Parameters
    ----------
    step, most : int
        Bits of a key that tell parts of a bracket from each other; parts that there is memory for.
    key : tuple of int arrays (parts,)
        Bracket and part in one number.
    sums : tuple of arrays (4, parts)
        As of `Brackets`.
    coarse : int
        Bits that are no longer told apart, because the parts were too many.
    """

    step: int
    most: int
    key: tuple[Ints, ...] = ()
    sums: tuple[Array, ...] = ()
    coarse: int = 0

    def __add__(self, other: Found) -> Found:
        coarse = max(self.coarse, other.coarse)
        one, two = self._coarser(coarse), other._coarser(coarse)
        both = replace(one, key=one.key + two.key, sums=one.sums + two.sums)
        settled = max(map(len, both.key), default=0)
        if sum(map(len, both.key)) <= min(max(_WAIT, 2 * settled), both.most):
            return both
        return both.together()

    def _coarser(self, coarse: int) -> Found:
        """With fewer bits told apart."""
        if (more := coarse - self.coarse) == 0:
            return self
        part = (1 << self.step) - 1
        key = tuple((k & ~part) | ((k & part) >> more) for k in self.key)
        return replace(self, key=key, coarse=coarse)

    def together(self) -> Found:
        """Every part once, in order; coarser ones where there are too many."""
        if not self.key:
            return replace(self, key=(np.zeros(0, np.int64),), sums=(np.zeros((4, 0)),))
        found = replace(self, key=(np.concatenate(self.key),), sums=(np.concatenate(self.sums, axis=1),))
        key, sums = _grouped(found.key[0], found.sums[0])
        while len(key) > self.most and found.coarse < self.step:
            found = replace(found, key=(key,), sums=(sums,))._coarser(found.coarse + 1)
            key, sums = _grouped(found.key[0], sums)
        return replace(found, key=(key,), sums=(sums,))


def _grouped(key: Ints, sums: Array) -> tuple[Ints, Array]:
    """Parts that several batches found, once each and in order."""
    order, first = _firsts(key)
    if not len(first):
        return key, sums
    added = np.add.reduceat(sums[:2, order], first, axis=1)
    low, high = np.minimum.reduceat(sums[2, order], first), np.maximum.reduceat(sums[3, order], first)
    return key[order[first]], np.vstack([added, low, high])


def _counted(key: Ints, weights: Array, values: Array) -> tuple[Ints, Array]:
    """Parts of the rows of a batch, once each and in order."""
    order, first = _firsts(key)
    if not len(first):
        return key, np.zeros((4, 0))
    weight, values = np.add.reduceat(weights[order], first), values[order]
    people = np.diff(np.append(first, len(key)))
    low, high = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
    return key[order[first]], np.stack([weight, people, low, high])


def _firsts(key: Ints) -> tuple[Ints, Ints]:
    """The order of keys, and where in it each begins."""
    order = np.argsort(key, kind="stable")
    key = key[order]
    other = np.ones(len(key), bool)
    np.not_equal(key[1:], key[:-1], out=other[1:])
    return order, np.flatnonzero(other)


@dataclass(frozen=True)
class Refining(ByRows):
    """An item by the parts of some of its brackets.

    Parameters
    ----------
    item : str
    brackets : Brackets
    most : int
        Parts that there is memory for.
    """

    item: str
    brackets: Brackets
    most: int

    @property
    def step(self) -> int:
        """Bits that are told apart: as many as there are, where everyone may be a part."""
        opened = int(self.brackets.open.max(initial=1))
        if opened == BITS:
            return _FIRST
        room = _ALL - max(len(self.brackets), 2).bit_length()
        few = self.brackets.sums[1].sum() <= self.most
        return min(opened, room if few else min(_LATER, room))

    @property
    def _left(self) -> Ints:
        """Bits of each bracket that stay open."""
        return np.maximum(self.brackets.open - self.step, 0)

    def cells(self, rows: Rows) -> Found:
        """Parts of the brackets in a batch.

        Raises
        ------
        EstimationError
            For infinite numbers.
        """
        values, group = numbers_in(rows, self.item), rows.grouping.code
        refuse_infinite(self.item, values)
        there = np.flatnonzero((group < len(rows.grouping)) & ~np.isnan(values))
        values, weights = values[there], rows.structure.weights[there]
        bits = ordered(values)
        slot = self._slots(group[there], bits, len(rows.grouping))
        if (inside := np.flatnonzero(slot >= 0)).size < len(slot):
            slot, bits, values, weights = slot[inside], bits[inside], values[inside], weights[inside]
        part = (bits - self.brackets.start[slot]) >> self._left.astype(np.uint64)[slot]
        key, sums = _counted((slot << self.step) | part.astype(np.int64), weights, values)
        return Found(self.step, self.most, (key,), (sums,))

    def _slots(self, group: Ints, bits: Bits, groups: int) -> Ints:
        """The bracket of each number, -1 for none of these."""
        if len(self.brackets) == groups and (self.brackets.open == BITS).all():
            return group
        slot = np.full(len(bits), -1)
        for opened in np.unique(self.brackets.open).tolist():
            own = np.flatnonzero(self.brackets.open == opened)
            begins = self.brackets.start[own] >> np.uint64(opened)
            known = np.unique(begins)
            begin = bits >> np.uint64(opened)
            at = np.minimum(np.searchsorted(known, begin), len(known) - 1)
            near = np.flatnonzero(known[at] == begin)
            key, keys = (
                at[near] * groups + group[near],
                np.searchsorted(known, begins) * groups + self.brackets.group[own],
            )
            order = np.argsort(keys)
            place = np.minimum(np.searchsorted(keys[order], key), len(keys) - 1)
            hit = keys[order][place] == key
            slot[near[hit]] = own[order[place[hit]]]
        return slot

    def parts(self, found: Found) -> Brackets:
        """What was found as brackets."""
        found = found.together()
        slot, part = found.key[0] >> found.step, found.key[0] & ((1 << found.step) - 1)
        whole, left = self.brackets.open[slot], self._left[slot]
        opened = np.minimum(left + found.coarse, whole)
        start = self.brackets.start[slot] + (part.astype(np.uint64) << (opened % BITS).astype(np.uint64))
        return Brackets(self.brackets.group[slot], start, opened, found.sums[0])

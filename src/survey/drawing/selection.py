"""Which units of a list are drawn: in whole numbers throughout, so that no rounding decides.

Sarndal, Swensson & Wretman (1992), sections 3.4 (systematic) and 3.6 (proportional to size); Madow (1949).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from survey.drawing.random_numbers import below, in_random_order

__all__ = ["Selection", "certain_units", "select", "systematic"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was drawn from one list.

    Parameters
    ----------
    chosen : tuple of int
        Positions in the list, in its order.
    reserves : tuple of int
        Positions, in the order in which they are to be used.
    probability : tuple of Fraction
        Of every unit of the list, exactly.
    certain : tuple of int
        Positions of units that are drawn whatever the number.
    start, total : int
        Of a systematic draw: the random start, and the sum of the sizes it was drawn below, both in n-ths of a unit of
        size; 0 where none was needed.
    """

    chosen: tuple[int, ...]
    reserves: tuple[int, ...]
    probability: tuple[Fraction, ...]
    certain: tuple[int, ...] = ()
    start: int = 0
    total: int = 0


def systematic(sizes: Sequence[int], n: int, start: int) -> list[int]:
    """Draw n units with probability n * size / total: every total-th n-th of a unit of size, beginning with `start`.

    Parameters
    ----------
    sizes : sequence of int
        Positive; n times the largest is at most their sum.
    n : int
    start : int
        From 0 to total - 1. Among these starts a unit is drawn by n * size, which is its probability exactly.

    Returns
    -------
    list of int
        n positions.
    """
    total, end, tick = sum(sizes), 0, start
    chosen = []
    for place, size in enumerate(sizes):
        end += n * size
        if tick < end:
            chosen.append(place)
            tick += total
    return chosen


def certain_units(sizes: Sequence[int], n: int) -> list[int]:
    """Positions of units that reach the sampling interval, alone or once the larger ones are taken out."""
    certain: set[int] = set()
    while True:
        left = n - len(certain)
        rest = [i for i in range(len(sizes)) if i not in certain]
        total = sum(sizes[i] for i in rest)
        more = [i for i in rest if left * sizes[i] >= total]
        if not left or not more:
            return sorted(certain)
        certain.update(more)


def select(
    sizes: Sequence[int],
    labels: Sequence[object],
    n: int,
    *,
    method: str,
    reserves: int,
    seed: int,
    names: Sequence[object],
) -> Selection:
    """Draw n units of a list, and reserves from the rest.

    Parameters
    ----------
    sizes : sequence of int
        In the order of the list; all 1 for equal probabilities.
    labels : sequence of list or text
        Names of the units; no two alike.
    n : int
        At most the units of the list.
    method : {"systematic", "random"}
    reserves : int
        As many are drawn as there are: one after another from the units that are left, each time with probability
        proportional to size.
    seed : int
    names : sequence
        What is drawn and where: the stage, the stratum.

    Returns
    -------
    Selection
    """
    certain = certain_units(sizes, n)
    rest = [i for i in range(len(sizes)) if i not in set(certain)]
    left, total = n - len(certain), sum(sizes[i] for i in rest)
    start = 0
    if not left:
        chosen: list[int] = []
    elif method == "random":
        order = {_key(labels[i]): i for i in rest}
        chosen = [order[key] for key in in_random_order(order, seed, *names, "unit")[:left]]
    else:
        start = below(total, seed, *names, "start")
        chosen = [rest[k] for k in systematic([sizes[i] for i in rest], left, start)]
    probability = [Fraction(1)] * len(sizes)
    for i in rest:
        probability[i] = Fraction(left * sizes[i], total)
    every = sorted([*certain, *chosen])
    return Selection(
        tuple(every),
        tuple(_reserves(sizes, every, reserves, seed, names)),
        tuple(probability),
        tuple(certain),
        start,
        total if left and method == "systematic" else 0,
    )


def _reserves(sizes: Sequence[int], chosen: Sequence[int], n: int, seed: int, names: Sequence[object]) -> list[int]:
    taken = set(chosen)
    rest = [i for i in range(len(sizes)) if i not in taken]
    drawn: list[int] = []
    while rest and len(drawn) < n:
        tick = below(sum(sizes[i] for i in rest), seed, *names, "reserve", len(drawn) + 1)
        for place in rest:
            tick -= sizes[place]
            if tick < 0:
                break
        drawn.append(place)
        rest.remove(place)
    return drawn


def _key(label: object) -> object:
    return tuple(label) if isinstance(label, list) else label

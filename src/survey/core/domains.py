"""Whose answers each row of a result stands on, so that results can be held against each other.

Two exhibits of one study may give away together what each of them hides. Whether they do is a question about sets of
people: those of the hidden row, and those of the rows shown. Nothing of this is ever written into an exhibit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_PEOPLE", "Domains", "mixtures"]

Ints = NDArray[np.int64]
MOST_PEOPLE = 200_000
"""Rows of data above which results do not keep whose answers they stand on."""


@dataclass(frozen=True)
class Domains:
    """The people behind the rows of a result.

    Parameters
    ----------
    people : callable () -> bytes
        Which people there are: results of the same data agree.
    groups : tuple of callable () -> int array (people,)
        Of each item and breakdown: the group of each person with an answer, -1 of others.
    part : int array (rows,)
        Which of these a row is about.
    group : int array (rows,)
        Its group; of everyone else than a group, -1 minus the group.
    weights : callable () -> float array (people,)
        Of the estimates.
    answered : tuple of callable () -> bool array (people,)
        Of each part, who has an answer to its item at all, also outside the domain.
    """

    people: Callable[[], bytes]
    groups: tuple[Callable[[], NDArray[Any]], ...]
    part: Ints
    group: Ints
    weights: Callable[[], NDArray[Any]]
    answered: tuple[Callable[[], NDArray[np.bool_]], ...]
    _made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def take(self, rows: Any) -> Domains:
        """Those of some rows."""
        return replace(self, part=self.part[rows], group=self.group[rows], _made={})

    def rest(self) -> Domains:
        """Everyone else than each row's group."""
        return replace(self, group=-1 - self.group, _made={})

    def joined(self, others: Sequence[Domains]) -> Domains:
        """Rows of the same result under each other."""
        rows = [self, *others]
        return replace(
            self, part=np.concatenate([r.part for r in rows]), group=np.concatenate([r.group for r in rows]), _made={}
        )

    @property
    def key(self) -> bytes:
        """Which people there are, in a few bytes."""
        if "key" not in self._made:
            self._made["key"] = self.people()
        found: bytes = self._made["key"]
        return found

    def sets(self) -> tuple[Ints, NDArray[np.bool_]]:
        """The sets of people: which one each row is about (rows,), and who is in each (sets, people)."""
        if "sets" not in self._made:
            pairs = np.stack([self.part, self.group], axis=1)
            different, at = np.unique(pairs, axis=0, return_inverse=True)
            code: dict[int, NDArray[Any]] = {}
            members = []
            for part, group in different.tolist():
                if part not in code:
                    code[part] = np.asarray(self.groups[part]())
                own = code[part]
                members.append(own == group if group >= 0 else (own >= 0) & (own != -1 - group))
            self._made["sets"] = at.reshape(-1).astype(np.int64), np.array(members, dtype=bool)
        found: tuple[Ints, NDArray[np.bool_]] = self._made["sets"]
        return found

    def subjects(self) -> NDArray[np.object_]:
        """A name of what each row is about, by who answered it.

        Items that the same people answered may be one under two names (satisfied, of the answers to a scale); answers
        of others are about something else.
        """
        if "subjects" not in self._made:
            told = {part: self._told(self.answered[part]()) for part in np.unique(self.part).tolist()}
            self._made["subjects"] = np.array([told[part] for part in self.part.tolist()], dtype=object)
        found: NDArray[np.object_] = self._made["subjects"]
        return found

    def names(self) -> NDArray[np.object_]:
        """A name of the answers behind each row: the same subject and people, the same name."""
        if "names" not in self._made:
            at, members = self.sets()
            told = np.array([self._told(m) for m in members], dtype=object)[at]
            self._made["names"] = np.array([s + t for s, t in zip(self.subjects(), told, strict=True)], dtype=object)
        found: NDArray[np.object_] = self._made["names"]
        return found

    def _told(self, members: NDArray[np.bool_]) -> str:
        return blake2b(np.packbits(members).tobytes(), digest_size=16, key=self.key).hexdigest()


def mixtures(
    domains: Domains, matrix: NDArray[np.float64]
) -> list[tuple[str, tuple[tuple[float, NDArray[np.bool_]], ...]]]:
    """Of combinations of the means of rows: a name, and how much the weighted sum of each set's answers counts."""
    at, members = domains.sets()
    subjects = domains.subjects()
    size = members @ domains.weights()
    found = []
    for row in matrix:
        used = [i for i in np.flatnonzero(row) if size[at[i]] > 0]
        parts = tuple((float(row[i] / size[at[i]]), members[at[i]]) for i in used)
        told = str(subjects[used[0]]).encode() if used else b""
        told += b"".join(np.packbits(m).tobytes() + repr(round(c / abs(parts[0][0]), 9)).encode() for c, m in parts)
        found.append((blake2b(told, digest_size=16, key=domains.key).hexdigest(), parts))
    return found

"""Compact letters: groups that share a letter are not told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from survey.core.contrasts import alike_in
from survey.core.differences import family_names
from survey.core.estimates_data import E, EstimatesData
from survey.errors import EstimationError

__all__ = ["compact_letters", "letters", "spreadsheet_name"]


def letters(self: E) -> EstimatesData:
    """Letters of the groups, from the comparisons of all pairs: two groups that share a letter are not told apart.

    A letter in common does not mean that two groups are alike: the data do not tell them apart.

    Returns
    -------
    Estimates
        The estimates that were compared, with a column `letters`. "a" holds the group with the highest estimate. Pairs
        are told apart where p_adjusted is below one minus the level. Groups without an estimate have none.

    Raises
    ------
    EstimationError
        If these are not the comparisons of all pairs of groups.

    References
    ----------
    Piepho (2004), J. Comput. Graph. Stat. 13: insert and absorb. Agrees with R's multcomp::cld.
    """
    origin, table = self.origin, self.table
    matrix = self.contrast_matrix
    if origin is None or matrix is None or "p_adjusted" not in table.columns:
        raise _not_pairs(self.statistic)
    first, second = _ends(matrix)
    base = origin.table.reset_index(drop=True)
    code = family_names(base, alike_in(origin))[0]
    out = np.full(len(base), "", dtype=object)
    p, estimate = table["p_adjusted"].to_numpy(float), base["estimate"].to_numpy(float)
    for block in np.unique(code):
        rows = np.flatnonzero((code == block) & ~np.isnan(estimate))
        rows = rows[np.argsort(-estimate[rows], kind="stable")]
        place = {int(row): i for i, row in enumerate(rows)}
        at = np.flatnonzero(code[first] == block)
        if len(at) != len(rows) * (len(rows) - 1) // 2:
            raise _not_pairs(self.statistic)
        apart = [
            (place[int(first[i])], place[int(second[i])]) for i in at if np.isfinite(p[i]) and p[i] < 1 - self.level
        ]
        out[rows] = compact_letters(len(rows), apart)
    return replace(origin, table=base.assign(letters=out))


def _not_pairs(statistic: str) -> EstimationError:
    return EstimationError(
        "Letters need the comparisons of all pairs of groups.",
        got=f"a {statistic}",
        expected="sample.compare(items, by=...) or estimates.pairwise()",
        fix="leave out against=",
    )


def _ends(matrix: object) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first, second = getattr(matrix, "first", None), getattr(matrix, "second", None)
    if first is not None and second is not None:
        return first, second
    weights = np.asarray(matrix)
    if weights.size and ((weights != 0).sum(axis=1) != 2).any():
        raise _not_pairs("contrast")
    return weights.argmin(axis=1), weights.argmax(axis=1)


def compact_letters(groups: int, apart: Sequence[tuple[int, int]]) -> list[str]:
    """Letters of groups 0, 1, ... so that two share one exactly where they are not told apart.

    Each pair told apart splits every column that holds both; a column within another is dropped.
    """
    columns = [frozenset(range(groups))] if groups else []
    for i, j in apart:
        split = [c for c in columns if i in c and j in c]
        if not split:
            continue
        columns = [c for c in columns if not (i in c and j in c)]
        for new in dict.fromkeys(part for c in split for part in (c - {i}, c - {j})):
            if not any(new <= c for c in columns):
                columns = [c for c in columns if not c < new]
                columns.append(new)
    columns.sort(key=sorted)
    names = [spreadsheet_name(k) for k in range(len(columns))]
    joint = "" if len(columns) <= 26 else " "
    return [joint.join(n for n, c in zip(names, columns, strict=True) if g in c) for g in range(groups)]


def spreadsheet_name(k: int) -> str:
    """a, b, ..., z, aa, ab, ... as spreadsheets count."""
    name = ""
    k += 1
    while k:
        k, rest = divmod(k - 1, 26)
        name = chr(97 + rest) + name
    return name

"""How anonymous a file is: k-anonymity over quasi-identifiers, l-diversity of a sensitive answer.

k is the size of the smallest group of people who look the same to someone who knows the quasi-identifiers (Sweeney,
2002, International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10(5)); l is the smallest number of
different sensitive answers in such a group (Machanavajjhala et al., 2007, ACM TKDD 1(1)). Neither knows of weights:
they count people in the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from survey.base.codes import joined
from survey.base.html import paragraphs
from survey.base.names import composed_column
from survey.base.text import counted
from survey.core.columns import known_columns
from survey.core.responses_data import ResponsesData
from survey.errors import CleaningError, shorten

__all__ = ["Anonymity", "k_anonymity"]


@dataclass(frozen=True, slots=True)
class Anonymity:
    """The anonymity of a file.

    Parameters
    ----------
    quasi : tuple of str
    k : int
        Size of the smallest combination; 0 for a file without rows.
    rows : int
    unique : int
        Rows that are alone in their combination.
    sensitive : str
        "" if none was named.
    l : int, optional
        Smallest number of different answers to the sensitive question in a combination.
    sizes : DataFrame
        The combinations, smallest first: the quasi-identifiers, `people`, and `answers` to the sensitive question.
    without : DataFrame
        What leaving out each quasi-identifier would give: `left_out`, `k`, `unique`, `below_5` (rows), best first.
    """

    quasi: tuple[str, ...]
    k: int
    rows: int
    unique: int
    sensitive: str = ""
    l: int | None = None  # noqa: E741  the measure's name in the literature
    sizes: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    without: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    @property
    def combinations(self) -> int:
        """How many combinations of the quasi-identifiers occur."""
        return len(self.sizes)

    @property
    def unique_share(self) -> float:
        """Share (0-1) of the rows that are alone in their combination."""
        return self.unique / self.rows if self.rows else 0.0

    def rows_below(self, k: int) -> int:
        """Rows in combinations of fewer than `k` people."""
        people = self.sizes["people"]
        return int(people[people < k].sum())

    def advice(self, k: int = 5) -> str:
        """What to make coarser first, in one sentence."""
        if self.k >= k:
            return f"k is at least {k} already"
        if len(self.quasi) < 2:
            return f"band or merge {self.quasi[0]}, or drop the rare rows with a reason"
        best = self.without.iloc[0]
        return (
            f"make {best['left_out']} coarser first (band, merge): without it k would be {best['k']} "
            f"and {counted(int(best['unique']), 'row')} unique"
        )

    def to_text(self) -> str:
        """The report as plain text."""
        lines = [
            f"k = {self.k} over {', '.join(self.quasi)}: {counted(self.rows, 'row')} in "
            f"{counted(self.combinations, 'combination')}, {self.unique:,} unique ({100 * self.unique_share:.1f}%)."
        ]
        if self.l is not None:
            lines.append(f"l = {self.l}: different answers to {self.sensitive} in the least varied combination.")
        if self.k < 5:
            lines.append(f"{self.advice().capitalize()}.")
        lines += ["", self.sizes.head(5).to_string(index=False)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        first, *others = self.to_text().split("\n\n")[0].splitlines()
        tables = (self.sizes.head(5), self.without)
        return paragraphs((first, *others)) + "".join(table.to_html(index=False, border=0) for table in tables)


def k_anonymity(self: ResponsesData, quasi: str | Iterable[str], *, sensitive: str | None = None) -> Anonymity:
    """Count how many people share each combination of the quasi-identifiers.

    An empty cell is a value like any other: a person without an age is grouped with the others without one.
    tell it either. People are rows; a frequency weight is not looked at.

    Parameters
    ----------
    quasi : str or list of str
        Quasi-identifiers: place, sex, age group, occupation, ...
    sensitive : str, optional
        An answer that must not be learnt from belonging to a group.

    Returns
    -------
    Anonymity

    Raises
    ------
    CleaningError
        If no quasi-identifier is named, one is named twice, or the data lack it.
    """
    names = known_columns(self, quasi)
    if not names or len(set(names)) < len(names) or sensitive in names:
        raise CleaningError(
            "Quasi-identifiers must be distinct columns and must not include the sensitive one.",
            where="quasi",
            got=shorten(map(repr, names)) or "none",
            expected="columns of the data",
            fix='name them, such as quasi=["ward", "sex", "age_group"]',
        )
    if sensitive is not None:
        (sensitive,) = known_columns(self, sensitive)
    data = self.data
    group = _groups(data, names)
    people = np.bincount(group) if len(group) else np.zeros(0, dtype=int)
    first = np.unique(group, return_index=True)[1]
    sizes = data[names].iloc[first].reset_index(drop=True).assign(people=people)
    diversity = None
    if sensitive is not None:
        sizes["answers"] = data.groupby(group)[sensitive].nunique().to_numpy() if len(group) else 0
        diversity = int(sizes["answers"].min()) if len(sizes) else 0
    sizes = sizes.sort_values("people", kind="stable", ignore_index=True)
    without = [(n, *_measures(_groups(data, [m for m in names if m != n]))) for n in names] if len(names) > 1 else []
    table = pd.DataFrame(without, columns=["left_out", "k", "unique", "below_5"])
    table = table.sort_values(
        ["below_5", "unique", "k"], ascending=[True, True, False], kind="stable", ignore_index=True
    )
    k, unique, _ = _measures(group)
    return Anonymity(tuple(names), k, len(data), unique, sensitive or "", diversity, sizes, table)


def _groups(data: pd.DataFrame, names: list[str]) -> np.ndarray:
    """The number of each row's combination, counted from 0 in order of first appearance of each value."""
    if not names:
        return np.zeros(len(data), dtype=np.int64)
    coded = (pd.factorize(composed_column(data[name]), use_na_sentinel=False) for name in names)
    return joined((codes, len(distinct)) for codes, distinct in coded)


def _measures(group: np.ndarray) -> tuple[int, int, int]:
    """k, unique rows, rows in combinations of fewer than five."""
    people = np.bincount(group) if len(group) else np.zeros(0, dtype=int)
    return (
        int(people.min(initial=0) if not len(people) else people.min()),
        int((people == 1).sum()),
        int(people[people < 5].sum()),
    )

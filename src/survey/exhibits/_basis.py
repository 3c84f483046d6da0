"""What a title is made from: a result, which of its rows a title may name, and how their names read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base import catalogue
from survey.core.differences import differences
from survey.core.estimates_data import EstimatesData
from survey.words import labels
from survey.words import locale as loc
from survey.words.certainty import certainty
from survey.words.difference_sentence import shown
from survey.words.sides import Sides, sides_of

__all__ = ["Basis", "Statement", "differing", "enumerated", "how_judged"]

_SPELLED = 2
"""Groups or items that a title names; of more it gives their number."""
_LETTERS = 56
"""Letters that such names may have together."""
_MORE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Statement:
    """A title that says what a result shows.

    Parameters
    ----------
    texts : tuple of str
        From the fullest to the shortest; each is as true as the others.
    comparisons : int
        Differences that were judged together for it, by Holm's method; 0 where the result judges them itself.
    alpha : float
        The level at which they were judged.
    about : tuple of tuples of int
        Where its estimates stand: a tuple each of rows of the result, counted from 1, whose sum the estimate is; rows
        that are subtracted are negative. Empty where it has none.
    """

    texts: tuple[str, ...]
    comparisons: int = 0
    alpha: float = 0.05
    about: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """What a title is made from.

    Parameters
    ----------
    e : Estimates
        Without numbers that may not be shown.
    lang : str
    status : array (rows,) of str
        Of each row, as in `words.labels.labelled`.
    thresholds : tuple of int
        Results on fewer answers than the first are suppressed, than the second flagged.
    names : mapping of str to str
        Names given to items and contrasts.
    total : int
        Results that there are, also those that were left out before.
    judged : dict
        Differences of rows that were computed for other titles of the same result, which of them are shown and between
        what they are: what is said of them differs, not they.
    """

    e: EstimatesData
    lang: str
    status: NDArray[np.object_]
    thresholds: tuple[int, int]
    names: Mapping[str, str] = field(default_factory=dict)
    total: int = 0
    judged: dict[Any, Any] = field(default_factory=dict)

    def differences(
        self, first: Sequence[int], second: Sequence[int], named: pd.DataFrame | None = None
    ) -> EstimatesData:
        """The rows `second` minus the rows `first`, judged together by Holm's method; `named`: first columns."""
        key = (self.e.statistic, self.e.answers, len(self.e.table), tuple(first), tuple(second), named is None)
        if key not in self.judged:
            labels = pd.DataFrame(index=range(len(first))) if named is None else named
            labels = labels.assign(contrast=[str(k) for k in range(len(first))])
            ends, one = (np.asarray(first, int), np.asarray(second, int)), np.zeros(len(first), int)
            self.judged[key] = differences(self.e, *ends, labels, one, "holm", "contrast")
        found: EstimatesData = self.judged[key]
        return found

    def shown(self, e: EstimatesData) -> NDArray[np.bool_]:
        """Which differences are told from zero: of the result itself, or of those that were computed for its title."""
        key = ("shown", id(e))  # the exhibit holds its result, `judged` the differences
        if key not in self.judged:
            self.judged[key] = shown(e)
        found: NDArray[np.bool_] = self.judged[key]
        return found

    def sides(self, i: int) -> Sides | None:
        """The two sides of a difference, whatever its item is called."""
        key = ("sides", id(self.e), i, self.lang)
        if key not in self.judged:
            self.judged[key] = sides_of(self.e, i, self.lang)
        found: Sides | None = self.judged[key]
        return found

    def eligible(self) -> list[int]:
        """Rows that a title may be about: shown without reserve, and judged or known.

        A share of 0 or 1 has an interval but no standard error: it is right, and cannot be compared.
        """
        table, sure = self.e.table, self.e.once(certainty)
        fits = (self.status == "shown") & np.isfinite(table["estimate"].to_numpy(float)) & (sure != "unknown")
        if "std_error" in table.columns:
            error = table["std_error"].to_numpy(float)
            fits &= (error > 0) | (sure == "known")
        return [int(i) for i in np.flatnonzero(fits)]

    def eligible_answers(self) -> list[int]:
        """Rows of a distribution that a title may be about: an answer that nobody gave is one of them."""
        fits = (self.status == "shown") & np.isfinite(self.e.table["estimate"].to_numpy(float))
        return [int(i) for i in np.flatnonzero(fits)]

    def quote(self, label: str) -> str:
        """A label in quotation marks."""
        return catalogue.text("narrative.quoted", self.lang, text=label)

    def text(self, key: str, **parts: object) -> str:
        """A text of the catalogue."""
        return catalogue.text(key, self.lang, **parts)

    def named(self, item: str) -> str:
        """An item as a title names it."""
        return self.quote(self.names.get(item) or labels.item_label(self.e, item, self.lang))

    def what(self, item: str) -> str | None:
        """The name given to an item; None where it has that of the codebook."""
        return self.names.get(item)

    def which(self, places: Sequence[str], groups: str, all_of_them: bool) -> list[str]:
        """Some groups: by their names where these are few and short, and by their number."""
        counted = self.text("statements.all" if all_of_them else "statements.some", n=len(places), groups=groups)
        if len(places) <= _SPELLED and len("".join(places)) <= _LETTERS and all(places):
            return [enumerated(places, self.lang), counted]
        return [counted]

    def among(self, unit: str, groups: str) -> dict[str, str]:
        """ "Any of 10 wards" and "any two of 10 wards", in the words of a language that names the unit too."""
        return {k: self.text(f"statements.{k}_of", unit=unit, groups=groups) for k in ("any", "two")}

    def values(self, e: EstimatesData, rows: Sequence[int]) -> list[str]:
        """The values of some rows, with as many decimals as tell them apart; none where these are too many."""
        measure = labels.measure_at(e, rows[0])
        x = [float(e.table["estimate"].iloc[i]) for i in rows]
        for digits in range(measure.digits, measure.digits + _MORE_DIGITS + 1):
            if len({loc.rounded(measure.factor * v, digits) for v in x}) == len(set(x)):
                percent = "%" if measure.kind == "share" and not measure.difference else ""
                return [measure.value(v, self.lang, digits) + percent for v in x]
        return []

    def place(self, row: Any, columns: Sequence[str]) -> str:
        """The groups of a row, as they read inside a sentence."""
        return ", ".join(labels.inline_label(self.e, c, row[c], self.lang, row) for c in columns)


def how_judged(told: Statement | None, lang: str) -> str:
    """How differences were judged that only a title tells; "" where it tells none, or a single one."""
    if told is None or told.comparisons < 2:
        return ""
    return catalogue.text("statements.note", lang, n=told.comparisons, alpha=loc.level_word(told.alpha, lang))


def enumerated(names: Sequence[str], lang: str, key: str = "both") -> str:
    """Several names: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    both = {"first": ", ".join(names[:-1]), "last": names[-1]}
    return catalogue.text(f"statements.{key}", lang, **both)


def differing(
    item: str, names: Sequence[str], p: NDArray[np.float64], alphas: Sequence[float], lang: str
) -> Statement | None:
    """By what groups differ, and by what they are not shown to; None where nothing could be tested."""

    def said(key: str, **parts: str) -> str:
        return catalogue.text(key, lang, **parts)

    small = [" × ".join(w[:1].lower() + w[1:] if w[1:2].islower() else w for w in n.split(" × ")) for n in names]
    yes = [n for n, q, a in zip(small, p, alphas, strict=True) if q < a]
    no = enumerated([n for n, q, a in zip(small, p, alphas, strict=True) if q >= a], lang, "or_answers")
    if not yes:
        return Statement((said("statements.undiffering", item=item, breakdowns=no),)) if no else None
    rest = said("statements.differs_rest", breakdowns=no) if no else ""
    text = said("statements.differs", item=item, breakdowns=enumerated(yes, lang))
    return Statement((text + rest, text) if rest else (text,))

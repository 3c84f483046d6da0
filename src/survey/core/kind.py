"""What a kind of statistic is: its unit, its words, and which exhibits and sentences fit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Kind"]

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a statistic without looking at any data.

    Words are named by their keys in the catalogues (`words/en.toml`); the texts themselves stand there.

    Parameters
    ----------
    key : str
        The name that results carry: `Estimates.statistic`.
    unit : {"number", "share", "net", "item", "total", "difference", "combination", "rank"}
        What an estimate is measured in: a bare number; a share in 0-1; one share minus another, in -1 to 1; the unit
        of its item; a total in the unit of its item, or people; a difference of what the origin holds; a
        combination of rows of the origin, whose weights say whether it is a difference; or a rank, a whole number
        from 1, which stands first.
    binary : bool
        For the unit "item": of items coded 0 and 1 it is a share, as a mean is and a quantile is not.
    per_answer : bool
        One row an answer: the rows of an item and group are parts of one whole and can stand side by side.
    below : bool
        Rows are shares below a limit, which contain each other.
    options : bool
        Items are options of a select-all question: each a share of its own, and they can be compared with each other.
    counts : {"given", "row", "yes", ""}
        Which answers a share counts, for sentences: those given to the verb, the one of its row, the 1 of items coded
        0 and 1, or none that could be named.
    null : float, optional
        The value that means no difference or no association, where the unit does not say so by itself (differences
        have 0): 1 for a ratio of odds. Figures mark it, sentences tell a result from it.
    least : float, optional
        The smallest possible value, where a plain t interval may lie beyond it.
    interval : {"t", "share", "fisher"}
        Which interval pooled estimates get: plain, for shares, or on Fisher's z scale.
    heading, difference, column : str
        Keys of words: what an estimate is called above a column of printed values, what it is called there where it is
        a difference, and what the column `estimate` is called in a workbook.
    title : str
        Key of the title of results that are not about anybody's answers; "" for a title from the codebook.
    sentence : {"describe", "compare", "permutation", "specifications", "verdict"}
        The verb of `survey.narrative` that puts a row into words.
    phrase : str
        Key of what the number is called in a sentence ("the mean of ..."); "" for the wording of the item alone.
    exhibits : tuple of str
        Forms of exhibits that can show it.
    quantities : mapping of column to kind of number
        Of tables of several numbers of equal standing, instead of one estimate and its interval: the columns to show,
        in order, and what each holds; see `survey.words.quantities.written`.
    compares : bool
        Whether rows are comparisons of `Sample.compare`, with effect sizes, margins and families beside them.
    by_units : bool
        Whether rows are judged by permutation of units: by their p-values, as an interval may have no ends; on what
        stands behind all units together.
    """

    key: str
    unit: str = "number"
    binary: bool = False
    per_answer: bool = False
    below: bool = False
    options: bool = False
    counts: str = "given"
    null: float | None = None
    least: float | None = None
    interval: str = "t"
    heading: str = "estimate"
    difference: str = "difference"
    column: str = "estimate"
    title: str = ""
    sentence: str = "describe"
    phrase: str = ""
    exhibits: tuple[str, ...] = ("table", "intervals", "map", "heat", "panels")
    quantities: Mapping[str, str] = field(default_factory=lambda: _NONE)
    compares: bool = False
    by_units: bool = False

    @property
    def combines(self) -> bool:
        """Whether rows are combinations of rows of the origin, each with separate weights."""
        return self.unit == "combination"

    @property
    def ranks(self) -> bool:
        """Whether estimates are ranks: whole numbers of which the smallest comes first."""
        return self.unit == "rank"

    @property
    def told(self) -> bool:
        """Whether a title may tell an estimate: a number of people's answers that readers know how to take."""
        known = self.unit in ("share", "net", "item", "total") or self.phrase in ("ratio", "options_chosen")
        scale = not self.per_answer or "likert" in self.exhibits  # classes of minutes have no upper answers
        return known and scale and not self.title

    @property
    def total(self) -> bool:
        """Whether estimates add up over groups: they vary by who was drawn even where all answers are alike."""
        return self.unit == "total"

"""What an estimate is measured in, and how a number in that unit is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.words import locale as loc

__all__ = ["Measure"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What an estimate is measured in.

    Parameters
    ----------
    kind : {"share", "score", "scale", "number", "count", "rank"}
        A share in 0-1 shown in %; a score in points; the mean of a scale's codes; a number with a unit; a total; a
        rank, 1 for the first.
    difference : bool
        A difference of two such numbers: shares differ by percentage points.
    unit : str
        Unit of the codebook.
    limits : tuple of two floats, optional
        The ends of the scale, in the units shown.
    digits : int
        Decimals for reading.
    null : float, optional
        The value that means no association, of a kind of statistic that is no difference (`Kind.null`).
    """

    kind: str
    difference: bool = False
    unit: str = ""
    limits: tuple[float, float] | None = None
    digits: int = 1
    null: float | None = None

    @property
    def no_difference(self) -> float | None:
        """The value that says that there is nothing: 0 of differences; what axes mark and sentences tell from."""
        return 0.0 if self.difference else self.null

    @property
    def factor(self) -> float:
        """What the unrounded number is multiplied by for showing."""
        return 100.0 if self.kind == "share" else 1.0

    @property
    def book_factor(self) -> float:
        """What a workbook multiplies the unrounded number by: it writes 0.033 as 3.3%, and so never as 3.3 points."""
        return self.factor if self.difference else 1.0

    def axis(self, lang: str) -> str:
        """The unit as an axis or a column says it: "%", "điểm (thang 0–100)", "phút"."""
        if self.kind == "share":
            return loc.word("percentage_points", lang) if self.difference else "%"
        name, ends = loc.unit_word(self.unit, lang), None if self.difference else self.ends(lang)
        return f"{name} ({loc.word('scale', lang, low=ends[0], high=ends[1])})" if ends else name

    def ends(self, lang: str) -> tuple[str, str] | None:
        """The ends of the scale of a score, written out; None where there is no scale."""
        if self.limits is None or self.kind not in ("score", "scale"):
            return None
        low, high = (loc.number(x, 0 if float(x).is_integer() else 1, lang) for x in self.limits)
        return low, high

    def value(self, x: float, lang: str, digits: int | None = None) -> str:
        """An unrounded number as it is read, without its unit."""
        write = loc.signed if self.difference else loc.number
        return write(self.factor * x, self.digits if digits is None else digits, lang)

    def interval(self, low: float, high: float, lang: str, digits: int | None = None) -> str:
        """An interval as it is read; "" where there is none, "−∞; ∞" where it has no ends."""
        if np.isinf(low) and np.isinf(high):
            return "−∞; ∞"
        if not (np.isfinite(low) and np.isfinite(high)):
            return ""
        return loc.interval(self.factor * low, self.factor * high, self.digits if digits is None else digits, lang)

    def with_interval(self, x: float, low: float, high: float, lang: str, digits: int | None = None) -> str:
        """72,4 (70,1–74,6)."""
        inside = self.interval(low, high, lang, digits)
        return self.value(x, lang, digits) + (f" ({inside})" if inside else "")

    def pattern(self, digits: int | None = None) -> str:
        """The number format of a workbook, of an unrounded number times `book_factor`: "0.0%", "#,##0.0"."""
        decimals = self.digits if digits is None else digits
        end = "." + "0" * decimals if decimals else ""
        return f"0{end}%" if self.kind == "share" and not self.difference else f"#,##0{end}"

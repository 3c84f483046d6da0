"""Numbers of people as files write them: "1.200" beside "950" is not a number between one and two."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Sequence

from survey.base.arguments import outside
from survey.errors import SurveyWarning, TargetsError, shorten

__all__ = ["read_totals", "typed", "warn_of_fractions"]

_SPACES = " \u00a0\u2009\u202f'\u2019"
_SPACED = re.compile(rf"[-+]?[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[-+]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
"""What thousands look like where the point separates them; "0.512" is no such number."""


def read_totals(
    texts: Sequence[object], margins: Sequence[object], *, decimal: str | None, thousands: str | None, where: str
) -> list[object]:
    """Totals of a file as numbers; what is not a number stays as it is, to be refused with its category.

    Parameters
    ----------
    texts : list of str
        Cells; anything else is left alone.
    margins : list
        The margin of each.
    decimal, thousands : str, optional
        How the file writes numbers. Not given: a decimal point, and thousands with a space or an apostrophe, which can
        mean nothing else.
    where : str

    Raises
    ------
    TargetsError
        If a point may be either: "1.200" where the margin is no share. A number that fits neither `decimal` nor
        `thousands`.
    """
    if decimal is not None or thousands is not None:
        point = decimal or ("," if thousands == "." else ".")
        return [_as_told(t, point, thousands or "", where) if isinstance(t, str) else t for t in texts]
    found = [_number(t) if isinstance(t, str) else t for t in texts]
    sums: dict[object, float] = {}
    for margin, value in zip(margins, found, strict=True):
        sums[margin] = sums.get(margin, 0.0) + (value if isinstance(value, float) else math.nan)
    shares = all(_whole(s) for s in sums.values())
    unsure = [t for t in texts if isinstance(t, str) and _GROUPED.fullmatch(t.strip())]
    if unsure and not (shares or any(_whole(s) for s in sums.values())):
        raise TargetsError(
            "The point in some totals may be a decimal point or a thousands separator.",
            where=where,
            got=shorten(unsure, 4),
            expected="unambiguous numbers: 1200 or 1200.0",
            fix="state which it is: sv.Targets.from_csv(path, thousands='.') reads 1.200 as 1,200; decimal='.' as 1.2",
        )
    odd = [t for t, v in zip(texts, found, strict=True) if isinstance(t, str) and isinstance(v, str)]
    if any(re.fullmatch(r"[-+0-9., ]+", t) for t in odd):
        raise TargetsError(
            "The number format of some totals must be declared.",
            where=where,
            got=shorten(odd, 4),
            expected="numbers with a decimal point or none",
            fix="declare the number format: sv.Targets.from_csv(path, thousands=',') reads 1,000 as 1000; "
            "decimal=',' reads 1,5 as 1.5; decimal=',', thousands='.' reads 1.000,5",
        )
    return found


def typed(values: Iterable[object]) -> str:
    """What was typed into a table of targets; a long text is none of it, but a column of answers."""
    texts = [str(v) for v in values]
    return shorten(t if len(t) <= 30 and t.isprintable() else f"a text of {len(t)} letters" for t in texts)


def warn_of_fractions(where: str, totals: Iterable[float]) -> None:
    """Warn of a number of people with a fraction that is far below every whole one beside it."""
    values = [t for t in totals if math.isfinite(t) and t > 0]
    whole = [t for t in values if t.is_integer()]
    fractions = [t for t in values if not t.is_integer()]
    if not whole or not fractions or _whole(math.fsum(values)) or not max(fractions) * 10 < min(whole):
        return
    warnings.warn(
        f"Margin {where}: {shorten(f'{t:g}' for t in fractions)} people next to {shorten(f'{t:,.0f}' for t in whole)}. "
        "If the point separates thousands, read the file with sv.Targets.from_csv(path, thousands='.').",
        SurveyWarning,
        stacklevel=outside(),
    )


def _whole(total: float) -> bool:
    """Whether a margin adds up to 1 or to 100: shares, or percent."""
    return math.isclose(total, 1, rel_tol=2e-3) or math.isclose(total, 100, rel_tol=2e-3)


def _number(text: str) -> object:
    """A number with a decimal point, or the text."""
    bare = text.strip()
    if _SPACED.fullmatch(bare):
        bare = re.sub(rf"[{_SPACES}]", "", bare)
    try:
        return float(bare)
    except ValueError:
        return text


def _as_told(text: str, decimal: str, thousands: str, where: str) -> float:
    bare = text.strip()
    mark = f"[{re.escape(thousands)}{_SPACES}]" if thousands else f"[{_SPACES}]"
    pattern = rf"([-+]?)([0-9]+|[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+)(?:{re.escape(decimal)}([0-9]+))?"
    match = re.fullmatch(pattern, bare)
    if decimal == thousands or match is None:
        raise TargetsError(
            "A total does not match the declared number format.",
            where=where,
            got=repr(text),
            expected=f"numbers with decimal={decimal!r}, thousands={thousands!r}",
            fix="correct the cell, or decimal= and thousands=",
        )
    return float(f"{match[1]}{re.sub(mark, '', match[2])}.{match[3] or 0}")

"""One adult of a household: the rule that an interviewer applies on the doorstep, prepared for every household."""

from __future__ import annotations

from collections.abc import Sequence

from survey.drawing.random_numbers import in_random_order, number

__all__ = ["KISH", "RULES", "adult_columns"]

KISH: dict[str, tuple[int, ...]] = {
    "A": (1, 1, 1, 1, 1, 1),
    "B1": (1, 1, 1, 1, 2, 2),
    "B2": (1, 1, 1, 2, 2, 2),
    "C": (1, 1, 2, 2, 3, 3),
    "D": (1, 2, 2, 3, 4, 4),
    "E1": (1, 2, 3, 3, 3, 5),
    "E2": (1, 2, 3, 4, 5, 5),
    "F": (1, 2, 3, 4, 5, 6),
}
"""Whom to ask in a household of 1, 2, 3, 4, 5, 6 or more adults, by table (Kish 1949, table 1)."""
_TWELFTHS = ("A", "A", "B1", "B2", "C", "C", "D", "D", "E1", "E2", "F", "F")
"""How often a table is assigned: A, C, D, F to a sixth of the households each, the others to a twelfth."""
_MOST = 10
"""Adults for whom the rule "number" has a number of its own."""

RULES = ("kish", "number", "last birthday", "next birthday")


def adult_columns(
    rule: str | None, units: Sequence[object], seed: int, names: Sequence[object]
) -> list[dict[str, object]]:
    """What the sheet must hold of each household for the rule: columns by name.

    Parameters
    ----------
    rule : {"kish", "number", "last birthday", "next birthday"} or None
        "kish": a table of Kish (1949) for each household, in blocks of twelve households that hold all twelve in
        random order; `adult_k` is whom to ask among k adults (6: six or more), numbered men first, the oldest first.
        "number": any of k adults with probability 1/k exactly, up to ten. The birthdays need nothing.
    units : sequence
        Names of the households in the order of the sheet.
    seed : int
    names : sequence
        Stage, stratum and group.

    References
    ----------
    Kish, L. (1949). A procedure for objective respondent selection within the household. Journal of the American
    Statistical Association 44, 380-387. Among five adults the third and the fifth have probability 1/4 and the others
    1/6, and a seventh is never asked; for one to four and six adults the tables are exact.
    """
    if rule == "kish":
        tables: list[str] = []
        while len(tables) < len(units):
            block = in_random_order(range(len(_TWELFTHS)), seed, *names, "kish", len(tables) // len(_TWELFTHS))
            tables += [_TWELFTHS[i] for i in block]
        return [{"kish": t} | {f"adult_{k}": KISH[t][k - 1] for k in range(2, 7)} for t in tables[: len(units)]]
    if rule == "number":
        return [
            {f"adult_{k}": number(seed, *names, "adult", unit, k) % k + 1 for k in range(2, _MOST + 1)}
            for unit in units
        ]
    return [{} for _ in units]

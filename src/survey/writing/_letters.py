"""Letters of Stata's tagged missings for missing codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey.errors import ExportError

__all__ = ["LETTERS", "Letters"]

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Letters:
    """Letters by column, code and kind: those that the codebook has stay, the others are given in order."""

    def __init__(self, listed: Mapping[str, Sequence[tuple[Any, str]]]) -> None:
        everywhere = list(dict.fromkeys(one for ones in listed.values() for one in ones))
        wrong = [code for code, _ in everywhere if isinstance(code, str) and code not in LETTERS]
        if wrong:
            raise ExportError(
                "A missing code is not a letter that Stata accepts.",
                got=repr(wrong[0]),
                expected="a to z",
                fix="give numbers a numeric missing code in the codebook",
            )
        taken = {code for code, _ in everywhere if isinstance(code, str)}
        others = [one for one in everywhere if not isinstance(one[0], str)]
        others.sort(key=lambda one: one[0] is None)  # codes first
        free = [letter for letter in LETTERS if letter not in taken]
        if len(others) <= len(free):
            self.given = {name: dict(zip(others, free, strict=False)) for name in listed}
        else:
            self.given = _by_column(listed, free)

    def of(self, name: str, code: Any, kind: str) -> str:
        """The letter of a code, or of a kind without one, in a column."""
        return code if isinstance(code, str) else self.given[name][code, kind]


def _by_column(
    listed: Mapping[str, Sequence[tuple[Any, str]]], free: Sequence[str]
) -> dict[str, dict[tuple[Any, str], str]]:
    """Letters of each column alone; the first code of a kind has the same letter everywhere as far as letters go."""
    left, ranked = list(free), dict[tuple[str, int], str]()
    given: dict[str, dict[tuple[Any, str], str]] = {}
    for name, ones in listed.items():
        own: dict[tuple[Any, str], str] = {}
        used = {code for code, _ in ones if isinstance(code, str)}
        for code, kind in ones:
            if isinstance(code, str):
                continue
            place = (kind, sum(k == kind for _, k in own))
            if place not in ranked and left:
                ranked[place] = left.pop(0)
            letter = ranked.get(place)
            if letter is None or letter in used:
                letter = next((x for x in LETTERS if x not in used), None)
            if letter is None:
                raise ExportError(
                    "Stata has 26 letters for missing answers, and a column has more missing codes.",
                    where=name,
                    got=f"{len(ones)} codes",
                    fix="recode those that mean the same to one code",
                )
            own[code, kind] = letter
            used.add(letter)
        given[name] = own
    return given

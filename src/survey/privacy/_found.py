"""A finding of personal data, and what the name of a column says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from survey.base._personal_words import NAMED_BY, folded
from survey.codebook import Variable

__all__ = ["Found", "named"]


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data of one kind in one column: rows that hold it, a masked example, the rule that found it."""

    column: str
    kind: str
    count: int
    example: str
    rule: str
    certainty: str


_ANY = re.compile("|".join(f"(?:{pattern.pattern})" for pattern in NAMED_BY.values()))


def named(variable: Variable, wording: bool) -> dict[str, str]:
    """Kinds that the name of a column stands for, or its wording, with the rule in words."""
    kinds: dict[str, str] = {}
    name = folded(str(variable.name))
    told = [folded(t) for t in variable.text.values()] if wording else []
    if not any(_ANY.search(text) for text in (name, *told)):
        return kinds
    for kind, pattern in NAMED_BY.items():
        if pattern.search(name):
            kinds[kind] = "name of the column"
        elif any(len(t) < 80 and pattern.search(t) for t in told):
            kinds[kind] = "wording of the question"
    return kinds

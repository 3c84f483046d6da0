"""The smallest and the largest number that a form takes."""

from __future__ import annotations

import re

__all__ = ["limits_of_constraint", "limits_of_range"]

_NUMBER = r"-?(?:\d+(?:\.\d+)?|\.\d+)"
_SIDE = re.compile(rf"\.\s*(>=|<=|>|<)\s*({_NUMBER})|({_NUMBER})\s*(>=|<=|>|<)\s*\.")
_LONGEST = 500  # characters; brackets are looked at again and again
_CODE = re.compile(rf"\.\s*=\s*{_NUMBER}")
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_PARAMETER = re.compile(rf"(start|end)\s*=\s*({_NUMBER})")


def limits_of_constraint(constraint: str, *, whole: bool) -> tuple[float, float] | None:
    """Smallest and largest number of ". >= 0 and . <= 600 or . = -98"; None if it says anything else.

    Parameters
    ----------
    constraint : str
        In XPath; the two sides in any order, with the number first or last; codes that are taken besides after or.
    whole : bool
        Whether answers are whole numbers: then ". > 0" is ". >= 1".
    """
    if len(constraint) > _LONGEST:
        return None
    range_of, *codes = (_bare(part) for part in re.split(r"\bor\b", _bare(constraint)))
    if not all(_CODE.fullmatch(code) for code in codes):
        return None
    ends: dict[str, float] = {}
    for part in re.split(r"\band\b", range_of):
        match = _SIDE.fullmatch(_bare(part))
        if match is None:
            return None
        sign, written = (match[1], match[2]) if match[1] else (_MIRRORED[match[4]], match[3])
        number = float(written)
        if sign in (">", "<"):
            if not whole or not number.is_integer():
                return None
            number += 1 if sign == ">" else -1
        if sign[0] in ends:
            return None
        ends[sign[0]] = number
    return (ends[">"], ends["<"]) if len(ends) == 2 and ends[">"] <= ends["<"] else None


def _bare(text: str) -> str:
    """Without the brackets that stand around all of it."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_last(text):
        text = text[1:-1].strip()
    return text


def _closes_last(text: str) -> bool:
    depth = 0
    for i, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return i == len(text) - 1
    return False


def limits_of_range(parameters: str) -> tuple[float, float] | None:
    """The ends of a question of the type range; from 1 to 10, as platforms do, where the form does not say."""
    found = {"start": 1.0, "end": 10.0} | {k: float(v) for k, v in _PARAMETER.findall(parameters)}
    return (min(found.values()), max(found.values()))

"""Changes planted in finished documents, each of a kind that a hand or a careless edit makes, in any format."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks._documents import Document, Slot

__all__ = ["KINDS", "Plant", "planted"]

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"−?\d+(?:[.,]\d+)?")
_PAIRS = (("2023", "2024"), ("đợt 1", "đợt 2"), ("baseline", "follow-up"), ("đầu kỳ", "theo dõi"))
_OTHER_WAVE = dict(_PAIRS) | {other: one for one, other in _PAIRS}
_WAVES = re.compile("|".join(_OTHER_WAVE), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plant:
    """A change as it was made: its kind, what stood there and what stands there now."""

    kind: str
    before: str
    after: str
    evidence: str


def _last_digit(slot: Slot, at: random.Random) -> str:
    text = slot.text
    place = [m.start() for m in _DIGIT.finditer(text)][-1]
    return text[:place] + at.choice([d for d in "0123456789" if d != text[place]]) + text[place + 1 :]


def _sign(slot: Slot, at: random.Random) -> str:
    if "−" in slot.text:
        return slot.text.replace("−", "")
    return _DIGIT.sub(lambda m: f"−{m.group()}", slot.text, count=1)


def _comma(slot: Slot, at: random.Random) -> str:
    """The decimal mark of the other language."""
    return slot.text.translate(str.maketrans(".,", ",."))


def _rounding(slot: Slot, at: random.Random) -> str:
    """A decimal fewer."""

    def fewer(match: re.Match[str]) -> str:
        mark = "," if "," in match[0] else "."
        whole, _, decimals = match[0].partition(mark)
        if not decimals:
            return match[0]
        value = float(f"{whole}.{decimals}".replace("−", "-"))
        return f"{value:.{len(decimals) - 1}f}".replace("-", "−").replace(".", mark)

    return _NUMBER.sub(fewer, slot.text, count=1)


def _base(slot: Slot, at: random.Random) -> str:
    """Another number of respondents."""
    found = list(re.finditer(r"\d+", slot.text))[-1]
    return slot.text[: found.start()] + str(at.randrange(31, 999)) + slot.text[found.end() :]


def _wave(slot: Slot, at: random.Random) -> str:
    """The year or name of one wave where the other stood."""
    return _WAVES.sub(lambda m: _OTHER_WAVE[m.group().lower()], slot.text)


def _unit(slot: Slot, at: random.Random) -> str:
    """A per cent sign taken out, or put where there was none."""
    return slot.text.replace("%", "", 1) if "%" in slot.text else f"{slot.text}%"


_Alone = Callable[[Slot, random.Random], str]


def _alone(change: _Alone, among: Callable[[Document], Sequence[Slot]]) -> Callable[[Document, random.Random], Any]:
    def done(document: Document, at: random.Random) -> list[tuple[Slot, str]]:
        slots = among(document)
        slot = at.choice(slots) if slots else None
        return [] if slot is None else [(slot, change(slot, at))]

    return done


def _exchanged(slots: Sequence[Slot], at: random.Random) -> list[tuple[Slot, str]]:
    """Two of some texts that differ, in one table."""
    if not slots:
        return []
    table = at.choice(slots).table
    own = [s for s in slots if s.table == table]
    one = at.choice(own)
    others = [s for s in own if s.text != one.text and s.element is not one.element]
    if not others:
        return []
    other = at.choice(others)
    return [(one, other.text), (other, one.text)]


def _from_elsewhere(document: Document, at: random.Random) -> list[tuple[Slot, str]]:
    one = at.choice(document.numbers)
    others = [s for s in document.numbers if s.text != one.text and s.raw == one.raw]
    return [(one, at.choice(others).text)] if others else []


KINDS: dict[str, Callable[[Document, random.Random], list[tuple[Slot, str]]]] = {
    "last digit": _alone(_last_digit, lambda d: d.numbers),
    "sign": _alone(_sign, lambda d: d.numbers),
    "unit": _alone(_unit, lambda d: d.units),
    "swapped cells": lambda d, at: _exchanged([s for s in d.numbers if s.table], at),
    "moved cells": lambda d, at: d.moved(at),
    "swapped labels": lambda d, at: _exchanged(d.labels, at),
    "base": _alone(_base, lambda d: d.bases),
    "wave": _alone(_wave, lambda d: [s for s in d.waves if _WAVES.search(s.text)]),
    "right elsewhere": _from_elsewhere,
    "decimal comma": _alone(_comma, lambda d: [s for s in d.numbers if not s.raw and re.search(r"\d[.,]\d", s.text)]),
    "rounding": _alone(_rounding, lambda d: [s for s in d.numbers if re.search(r"\d[.,]\d", s.text)]),
}
"""What is planted: for each kind the texts that are changed, and what they become; nothing where there is no place."""


def planted(document: Document, kind: str, seed: int, of: str = "") -> Iterator[Plant]:
    """One change of a kind, while the document is looked at; nothing where the document has no place for it.

    `of` is the name of the document, so that others of its form are changed in other places.
    """
    at = random.Random(f"{kind} {seed} {of}".strip())
    for _ in range(200):
        changes = [(slot, text) for slot, text in KINDS[kind](document, at) if slot.other(text)]
        if not changes:
            continue
        before = [copy.copy(slot.text) for slot, _ in changes]
        for slot, text in changes:
            slot.write(text)
        slot, text = changes[0]
        yield Plant(kind, before[0], text, slot.evidence)
        document.restore()
        return

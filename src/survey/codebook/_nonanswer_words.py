"""Labels that say that nobody answered: which they are, in five languages, with or without marks.

The words stand in `nonanswers.toml`. A label is read whole: "Không biết" and "DK/NA (vol.)" say so, "Không biết ai để
hỏi" and "Not satisfied" do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.toml import parsed

__all__ = ["Reading", "folded", "has_opposite", "read_label", "without_asides"]

_FILE = Path(__file__).with_name("nonanswers.toml")
_NUMBERED = re.compile(r"^\s*[(\[]?\s*[-–]?\.?(?:\d+|[a-z])\s*[)\]]?\s*[.:=)\]–-]+\s*(?=\D)", re.IGNORECASE)
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_REASON = re.compile(r"\s*[(:,;–]\s*|\s+-\s+|\.\s+(?=\w)|(?<=\w{4})\s*/\s*")  # before why a question does not apply
_ABBREVIATED = 3  # letters: "NS", "DK"; states and countries are abbreviated alike
_NOTHING = re.compile(r"[\s.\-–—_?*/\\]*")
_SENTINEL = re.compile(
    r"\s*[-–−](?:9{2,4}|9{1,3}[78]|8{2,4}|7{2,4})\s*"
)  # -999 as a label: a code that was given another
_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a label says of the missing answer.

    Parameters
    ----------
    kind : str
        One of `MISSING_KINDS`; "" where it names none ("NA") or several ("NS/NC").
    perhaps : bool
        Whether such a label is an answer as often ("No opinion").
    abbreviated : bool
        Whether it is a single abbreviation, which may stand for anything ("NS").
    words : tuple of str
        Its words, without marks.
    """

    kind: str
    perhaps: bool
    abbreviated: bool
    words: _Words


def folded(text: str) -> _Words:
    """Words of a text without case, diacritics and apostrophes: "Không biết" is ("khong", "biet")."""
    plain = unicodedata.normalize("NFD", _APOSTROPHES.sub("", text).casefold().replace("đ", "d"))
    return tuple(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


@dataclass(frozen=True, slots=True)
class _Lists:
    phrases: Mapping[_Words, tuple[str, bool]]
    fillers: frozenset[_Words]
    opposites: frozenset[_Words]
    outcomes: frozenset[_Words]
    longest: int


@cache
def _lists() -> _Lists:
    raw = parsed(_FILE.read_text(encoding="utf-8"))
    phrases = {folded(p): (kind, True) for kind, words in raw["perhaps"].items() for p in words}
    phrases |= {
        folded(p): ("" if kind == "unnamed" else kind, False) for kind, words in raw["phrases"].items() for p in words
    }
    fillers = frozenset(map(folded, raw["fillers"]["words"]))
    return _Lists(
        MappingProxyType(phrases),
        fillers,
        frozenset(map(folded, raw["opposites"]["words"])),
        frozenset(map(folded, raw["opposites"]["outcomes"])),
        max(map(len, [*phrases, *fillers])),
    )


@lru_cache(maxsize=8192)
def read_label(label: str) -> Reading | None:
    """What a label says of a missing answer; None if it is an answer.

    Examples
    --------
    >>> read_label("8. Khó trả lời").kind, read_label("KHONG BIET").kind, read_label("NS/NC").kind
    ('dont_know', 'dont_know', '')
    >>> read_label("Không hài lòng") is None, read_label("No") is None
    (True, True)
    """
    if not label or len(label) > 120:
        return None
    if _NOTHING.fullmatch(label):
        return Reading("blank", False, False, ())
    if _SENTINEL.fullmatch(label):
        return Reading("", False, False, folded(label))
    for text in dict.fromkeys((label, _NUMBERED.sub("", label))):
        words = folded(text)
        found = _phrases(words)
        if found:
            named = [_lists().phrases[p] for p in found]
            kinds = {kind for kind, _ in named}
            kind = kinds.pop() if len(kinds) == 1 else ""
            short = len(words) == 1 and len(words[0]) <= _ABBREVIATED
            return Reading(kind, all(perhaps for _, perhaps in named), short, words)
    head = _REASON.split(_NUMBERED.sub("", label), maxsplit=1)
    if len(head) > 1 and _lists().phrases.get(folded(head[0])) == ("not_applicable", False):
        return Reading("not_applicable", False, False, folded(head[0]))  # "Not applicable (never used it)"
    return None


_ASIDE = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")


def without_asides(label: str) -> str:
    """A label without what brackets say to the interviewer: "REGULAR (NO LEA)" is "REGULAR".

    Examples
    --------
    >>> without_asides("Neither (do not read)"), without_asides("Good (enough)")
    ('Neither', 'Good (enough)')
    """

    def kept(aside: re.Match[str]) -> str:
        words = folded(aside[1])
        return "" if words and words in _lists().fillers else aside[0]

    return _ASIDE.sub(kept, label) if "(" in label or "[" in label else label


def _phrases(words: _Words) -> list[_Words]:
    """The phrases of which a text consists, fillers left out; none if it holds any other word."""
    lists, found, place = _lists(), [], 0
    while place < len(words):
        for length in range(min(lists.longest, len(words) - place), 0, -1):
            part = words[place : place + length]
            if part in lists.phrases:
                found.append(part)
                break
            if part in lists.fillers:
                break
        else:
            return []
        place += length
    return found


def has_opposite(reading: Reading, others: Iterable[str]) -> bool:
    """Whether other labels of the item say the opposite, as "Biết" of "Không biết", so that the label is an answer.

    Parameters
    ----------
    reading : Reading
    others : iterable of str
        Labels that are answers.
    """
    lists, answers = _lists(), [folded(text) for text in others]
    own = [w for w in lists.opposites if _holds(reading.words, w)]
    if any(_holds(answer, w) for answer in answers for w in own):
        return True
    bare = reading.kind == "refused" and len(reading.words) <= 2
    return bare and any(_holds(answer, w) for answer in answers for w in lists.outcomes)


def _holds(words: Sequence[Any], part: Sequence[Any]) -> bool:
    return any(tuple(words[i : i + len(part)]) == tuple(part) for i in range(len(words) - len(part) + 1))

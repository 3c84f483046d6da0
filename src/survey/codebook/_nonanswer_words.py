"""Labels that say that nobody answered: which they are, in five languages, with or without marks.

The words stand in `nonanswers.toml`. A label is read whole: "Không biết" and "DK/NA (vol.)" say so, "Không biết ai để
hỏi" and "Not satisfied" do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.toml import parsed

__all__ = ["Reading", "folded", "has_opposite", "is_answer", "read_label", "without_asides"]

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
        One of `MISSING_KINDS`; "" where it names none ("NA") or several. Of "don't know or refused" ("NS/NC", "DK/REF")
        it is "dont_know": both were asked and gave no answer, as shares of non-answers and bounds need it.
    perhaps : bool
        Whether such a label is an answer as often ("No opinion"), or is read so only with a slip mended.
    abbreviated : bool
        Whether it is a single abbreviation, which may stand for anything ("NS").
    words : tuple of str
        Its words, without marks.
    misspelt : bool
        Whether a slip was mended ("Dont knwo").
    """

    kind: str
    perhaps: bool
    abbreviated: bool
    words: _Words
    misspelt: bool = False


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
    unlike: frozenset[str]
    words: frozenset[str]
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
        frozenset(word for text in raw["unlike"]["words"] for word in folded(text)),
        frozenset(word for phrase in [*phrases, *fillers] for word in phrase),
        max(map(len, [*phrases, *fillers])),
    )


@lru_cache(maxsize=8192)
def read_label(label: str) -> Reading | None:
    """What a label says of a missing answer; None if it is an answer.

    Examples
    --------
    >>> read_label("8. Khó trả lời").kind, read_label("KHONG BIET").kind, read_label("NS/NC").kind
    ('dont_know', 'dont_know', 'dont_know')
    >>> read_label("Refuse to anwser").kind, read_label("Refuse to anwser").perhaps
    ('refused', True)
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
            short = len(words) == 1 and len(words[0]) <= _ABBREVIATED
            return Reading(_kind(found), all(_lists().phrases[p][1] for p in found), short, words)
    head = _REASON.split(_NUMBERED.sub("", label), maxsplit=1)
    if len(head) > 1 and _lists().phrases.get(folded(head[0])) == ("not_applicable", False):
        return Reading("not_applicable", False, False, folded(head[0]))  # "Not applicable (never used it)"
    words = folded(_NUMBERED.sub("", label))
    for mended in _mended(words):
        found = _phrases(mended)
        if found and not all(_lists().phrases[p][1] for p in found):
            return Reading(_kind(found), True, False, mended, True)
    return None


def is_answer(texts: Iterable[str]) -> bool:
    """Whether a label, in every language, is an answer, "No opinion" among them."""
    readings = [read_label(text) for text in texts]
    return all(r is None or (r.perhaps and not r.misspelt) for r in readings)


def _kind(found: Iterable[_Words]) -> str:
    """The kind that phrases name together; "NA" beside another adds nothing."""
    kinds = {_lists().phrases[p][0] for p in found} - {""}
    if kinds == {"dont_know", "refused"}:
        return "dont_know"
    return kinds.pop() if len(kinds) == 1 else ""


_LETTERS, _ALONE = 4, 7
"""Letters of a word that may hold a slip: beside other words, and alone."""


def _mended(words: _Words) -> Iterator[_Words]:
    """A label with one word, of three or more perhaps two, replaced by one of the lists that is a slip away from it."""
    lists = _lists()
    strange = [i for i, word in enumerate(words) if word not in lists.words and not word.isdigit()]
    if not strange:  # "Not aplicable": each word is one of some language
        yield from ((*words[:i], w, *words[i + 1 :]) for i in range(len(words)) for w in _slips(words[i], _ALONE))
        return
    if len(strange) > (1 if len(words) < 3 else 2) or len(words) > 2 * lists.longest:
        return
    least = _ALONE if len(words) == 1 else _LETTERS
    choices = [_slips(words[i], least) for i in strange]
    for chosen in product(*choices):
        at = dict(zip(strange, chosen, strict=True))
        yield tuple(at.get(i, word) for i, word in enumerate(words))


@lru_cache(maxsize=8192)
def _slips(word: str, least: int) -> tuple[str, ...]:
    """Words of the lists that are one slip of the keyboard away."""
    lists = _lists()
    if word in lists.unlike or len(word) < least - 1:
        return ()
    return tuple(w for w in sorted(lists.words) if len(w) >= least and abs(len(w) - len(word)) < 2 and _slip(word, w))


def _slip(typed: str, meant: str) -> bool:
    """Whether a word is another with two neighbours exchanged, or one letter more, less or other."""
    if len(typed) == len(meant):
        other = [i for i, (a, b) in enumerate(zip(typed, meant, strict=True)) if a != b]
        if len(other) == 2 and other[1] == other[0] + 1:
            return typed[other[0]] == meant[other[1]] and typed[other[1]] == meant[other[0]]
        return len(other) == 1 and other[0] > 0 and len(meant) > _LETTERS  # "anwer" has its first letter
    short, long = sorted((typed, meant), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


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

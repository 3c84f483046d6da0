"""A document without tables and evidence against the report: as two texts, laid beside each other word by word.

A number is right if it stands between the words and numbers that it stands between in the report. What the document
has more is the author's, what it has less was left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from unicodedata import category

from survey.reports.checking import CHANGED, MATCHED, OWN, WORDS, Checked
from survey.reports.printed import Piece

__all__ = ["check_text"]

_TOKEN = re.compile(r"[<>]?(?:(?<![\w–])[−-])?[0-9]+(?:[.,\u00a0\u202f][0-9]+)*|[^\W\d]+|[%*†<>−]")
_GRAMS = (6, 4, 3, 2, 1)
"""How many words in a row, told in both texts once, are the same place."""
_SMALL = 200_000
"""Pairs of words that are compared one by one."""
_NEAR = 12
"""Words between two places that agree, above which a passage is another one and not a changed one."""
_AROUND = 6


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Words, numbers and units of a text; not the small letters of formulas, which programs write where they fit."""
    return tuple(_TOKEN.findall("".join(c for c in text if category(c) not in ("Lm", "No"))))


@dataclass(frozen=True, slots=True)
class _Text:
    words: list[str]
    where: list[int]
    pieces: Sequence[Piece]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> _Text:
        words: list[str] = []
        where: list[int] = []
        for i, piece in enumerate(pieces):
            found = words_of(piece.text)
            words += found
            where += [i] * len(found)
        return cls(words, where, pieces)

    def around(self, first: int, last: int) -> str:
        """The words about a place."""
        return " ".join(self.words[max(0, first - _AROUND) : last + _AROUND])


class _Gap(NamedTuple):
    """What stands between two places that agree, in the document and in the report."""

    span: tuple[int, int]
    mine: list[str]
    theirs: list[str]


def check_text(document: Sequence[Piece], report: Sequence[Piece]) -> list[Checked]:
    """Every number of a document that can only be read from its beginning to its end."""
    one, other = _Text.of(document), _Text.of(_with_headings(report))
    # headings in capitals are how a document is set: PDF keeps the letters as they are drawn
    alike = _aligned(*([word.casefold() for word in text.words] for text in (one, other)))
    pairs = [(-1, -1), *alike, (len(one.words), len(other.words))]
    found: list[Checked] = []
    headings = {word.casefold() for piece in report for text in piece.beside[1:] for word in words_of(text)}
    for (a, b), (c, d) in pairwise(pairs):
        if a >= 0 and _number(one.words[a]):
            found.append(Checked(MATCHED, one.words[a], other.words[b], "", one.around(a, a + 1), ""))
        again = (
            d == b + 1 and c > a + 2 and {word.casefold() for word in one.words[a + 1 : c]} <= headings
        )  # told on each page
        if (c > a + 1 or d > b + 1) and not again:
            found += _between(one, (a + 1, c), other, (b + 1, d))
    return [*found, *_exchanged(one, other, pairs)]


def _exchanged(one: _Text, other: _Text, pairs: Sequence[tuple[int, int]]) -> Iterator[Checked]:
    """Words that stand a little further on than in the report: "from follow-up to baseline"."""
    gaps = [_Gap((a + 1, c), one.words[a + 1 : c], other.words[b + 1 : d]) for (a, b), (c, d) in pairwise(pairs)]
    for first, second in pairwise(gap for gap in gaps if bool(gap.mine) != bool(gap.theirs)):
        mine, theirs = first.mine + second.mine, first.theirs + second.theirs
        near = second.span[0] - first.span[1] < _NEAR
        if near and sorted(mine) == sorted(theirs) and not any(map(_number, mine)):
            text = one.around(first.span[0], second.span[1])
            yield Checked(WORDS, " ".join(mine), " ".join(theirs), "", text, "")


def _with_headings(report: Sequence[Piece]) -> list[Piece]:
    """The report as it is read: above the cells of each table stand the headings of its columns."""
    found: list[Piece] = []
    tables: set[str] = set()
    for i, piece in enumerate(report):
        cell = bool(piece.where) and i + 1 < len(report) and report[i + 1].where == piece.where
        if cell and piece.where not in tables:
            tables.add(piece.where)
            heads: dict[str, None] = {}
            for one in report[i:]:
                if one.where != piece.where:
                    break
                heads |= dict.fromkeys(one.beside[2:])
            found += [Piece(text) for text in heads]
        found.append(piece)
    return found


def _between(one: _Text, own: tuple[int, int], other: _Text, there: tuple[int, int]) -> Iterator[Checked]:
    """What stands between two places that agree."""
    mine, theirs = one.words[slice(*own)], other.words[slice(*there)]
    text = one.around(*own)
    numbers, expected = [w for w in mine if _number(w)], [w for w in theirs if _number(w)]
    if not theirs or len(mine) > _NEAR or len(theirs) > _NEAR:
        if len(mine) == 1 and mine[0] in ("%", "−"):
            yield Checked(WORDS, mine[0], "", "", text, "")
        if not mine and len(theirs) == 1 and theirs[0] in ("%", "−"):
            yield Checked(WORDS, "", theirs[0], "", text, "")
        yield from (Checked(OWN, w, "", "", text, "") for w in numbers)
        return
    if not mine:
        if (expected and len(theirs) <= 2) or theirs == ["%"]:
            yield Checked(CHANGED, "", " ".join(theirs), "", text, "")
        return
    if numbers != expected:
        for k, word in enumerate(numbers):
            right = expected[k] if k < len(expected) else ""
            yield Checked(CHANGED if word != right else MATCHED, word, right, "", text, "")
        if len(numbers) < len(expected):
            yield Checked(CHANGED, "", " ".join(expected[len(numbers) :]), "", text, "")
        return
    yield from (Checked(MATCHED, w, w, "", text, "") for w in numbers)
    yield Checked(WORDS, " ".join(mine), " ".join(theirs), "", text, "")


def _number(word: str) -> bool:
    return any(c.isdigit() for c in word)


def _aligned(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of positions of the same words, in the order of both texts.

    Rows of words that both texts have once are the same place (Cohen's patience diff); between two of them shorter rows
    are looked for.
    """
    found: list[tuple[int, int]] = []
    stack = [(0, len(one), 0, len(other), 0)]
    while stack:
        a, b, c, d, level = stack.pop()
        while a < b and c < d and one[a] == other[c]:
            found.append((a, c))
            a, c = a + 1, c + 1
        while a < b and c < d and one[b - 1] == other[d - 1]:
            b, d = b - 1, d - 1
            found.append((b, d))
        if a == b or c == d:
            continue
        anchors: list[tuple[int, int]] = []
        while not anchors and level < len(_GRAMS):
            anchors = _anchors(one, (a, b), other, (c, d), _GRAMS[level])
            level += 0 if anchors else 1
        if anchors:
            for start, end in zip([(a - 1, c - 1), *anchors], [*anchors, (b, d)], strict=True):
                if end[0] > start[0] + 1 and end[1] > start[1] + 1:
                    stack.append((start[0] + 1, end[0], start[1] + 1, end[1], level))
            found += anchors
        elif (b - a) * (d - c) <= _SMALL:
            matcher = SequenceMatcher(None, one[a:b], other[c:d], autojunk=False)
            found += [(a + m.a + k, c + m.b + k) for m in matcher.get_matching_blocks() for k in range(m.size)]
    return sorted(found)


def _anchors(
    one: Sequence[str], own: tuple[int, int], other: Sequence[str], there: tuple[int, int], n: int
) -> list[tuple[int, int]]:
    """First words of rows of n words that both passages have once, as many as stand in the same order in both."""
    rows = [_once(words, *span, n) for words, span in ((one, own), (other, there))]
    pairs = [(i, rows[1][row]) for row, i in rows[0].items() if row in rows[1]]
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for k, (_, j) in enumerate(pairs):  # the longest row of rising positions (Schensted)
        at = bisect_left(ends, j)
        before.append(last[at - 1] if at else -1)
        if at == len(ends):
            ends.append(j)
            last.append(k)
        else:
            ends[at], last[at] = j, k
    found: list[tuple[int, int]] = []
    k = last[-1] if last else -1
    while k >= 0:
        found.append(pairs[k])
        k = before[k]
    return found[::-1]


def _once(words: Sequence[str], first: int, last: int, n: int) -> dict[tuple[str, ...], int]:
    rows = [tuple(words[i : i + n]) for i in range(first, last - n + 1)]
    counts = Counter(rows)
    return {row: first + i for i, row in enumerate(rows) if counts[row] == 1}

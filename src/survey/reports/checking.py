"""A finished document held against the report that the data give: which of its numbers are those, and which are not.

A number is found by the id of its evidence, which a document keeps through editing; where it has none, by the sentence
or the cell that it stands in. It is right if it is printed as the report prints it and stands in the same words: an
exchanged row label, unit or wave is a change as much as an exchanged digit.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from survey.reports.printed import Number, Piece, folded
from survey.reports.replaced import by_words
from survey.words import locale as loc

__all__ = ["CHANGED", "MATCHED", "OWN", "WORDS", "Checked", "check_pieces", "checker"]

MATCHED, CHANGED, WORDS, OWN = "matched", "changed", "words", "own"
_ALIKE = 0.75
"""How alike two sentences are, numbers apart, of which one is the other after editing."""
_NAMES = 2
"""What stands beside a cell before its headings: the group and the name of its row."""
_LENGTH = 25
"""Letters below which two texts are alike by chance."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A number of a document.

    Parameters
    ----------
    result : str
        "matched"; "changed": another number is printed in the report; "words": the number is right and what it is said
        of is not (label, unit, sentence); "own": the author's.
    printed, expected : str
        As the document has it, and as the report has it; of "words", the words.
    evidence : str
    text, where : str
        The sentence or cell, and the table it stands in.
    """

    result: str
    printed: str
    expected: str
    evidence: str
    text: str
    where: str


def check_pieces(
    document: Sequence[Piece], report: Sequence[Piece], *, lang: str = "", placed: bool = False
) -> list[Checked]:
    """Every number of a document, and every sentence without numbers whose words are others than the report's.

    Parameters
    ----------
    document, report : sequence of Piece
    lang : {"vi", "en"}, optional
        Whose sign between thousands may be left out; without a language none may.
    placed : bool
        Whether evidence stands by its place in the document, and not at its numbers.
    """
    return checker(report, lang=lang, placed=placed)(document)


def checker(
    report: Sequence[Piece], *, lang: str = "", placed: bool = False
) -> Callable[[Sequence[Piece]], list[Checked]]:
    """`check_pieces` of one report, for several documents."""
    known = _Check(report, loc.count(1234.0, lang)[1] if lang else "")
    return lambda document: list(known.all(by_words(document, report) if placed else document))


class _Check:
    def __init__(self, report: Sequence[Piece], thousands: str) -> None:
        self.thousands = thousands
        self.whole = Counter(report_key(p) for p in report)
        self.places = {p.where for p in report}
        self.homes: dict[tuple[object, ...], set[str]] = defaultdict(set)
        for p in report:
            self.homes[report_key(p)].add(p.where)
        self.report = report
        self.labels: dict[tuple[object, ...], list[Piece]] = defaultdict(list)
        self.by_id: dict[str, list[tuple[Number, Piece]]] = defaultdict(list)
        self.by_words: dict[tuple[str, ...], list[Piece]] = defaultdict(list)
        for piece in report:
            self.by_words[piece.words].append(piece)
            for number in piece.numbers:
                if number.evidence:
                    self.by_id[number.evidence].append((number, piece))
        self.long = [p for p in report if not p.beside and len(p.text) >= _LENGTH]
        self.sentences = self.long
        self.alike = _alike(report)
        self.told: set[object] = set()
        self.there: Counter[tuple[object, ...]] = Counter()

    def all(self, document: Sequence[Piece]) -> Iterator[Checked]:
        self.there = Counter(report_key(p) for p in document)
        whole = {key for key, count in self.whole.items() if self.there[key] >= count}  # and so are no other's
        self.sentences = [p for p in self.long if report_key(p) not in whole]
        self.told = set()
        for piece in document:
            if self.whole[report_key(piece)]:
                yield from self._moved(piece)
                yield from (_told(MATCHED, n.text, n.text, n, piece) for n in piece.numbers)
            else:
                yield from self._changed(piece)
        yield from self._mixed(document)

    def _mixed(self, document: Sequence[Piece]) -> Iterator[Checked]:
        """Rows of one name whose cells are each there, and stand beside others than in the report."""
        for place, columns in _alike(document).items():
            there, own = self.alike.get(place, {}), [*zip(*columns.values(), strict=True)]
            if {head: Counter(cells) for head, cells in columns.items()} != {h: Counter(c) for h, c in there.items()}:
                continue  # told cell by cell
            rows = [*zip(*there.values(), strict=True)]
            if wrong := [row for row in own if row not in rows]:
                lost = next(row for row in rows if row not in own)
                mine, right = (" | ".join((*place[1], *(text for text, _ in row))) for row in (wrong[0], lost))
                yield Checked(WORDS, mine, right, wrong[0][0][1], mine, place[0])

    def _moved(self, piece: Piece) -> Iterator[Checked]:
        """A table or chart that stands under the title of another one, told once."""
        homes = self.homes[report_key(piece)]
        if (
            piece.where
            and piece.where not in homes
            and piece.where in self.places
            and len(homes) == 1
            and piece.numbers
        ):
            (home,) = homes
            if (piece.where, home) not in self.told:
                self.told.add((piece.where, home))
                yield Checked(WORDS, piece.where, home, piece.numbers[0].evidence, piece.text, piece.where)

    def _changed(self, piece: Piece) -> Iterator[Checked]:
        twin = self._twin(piece)
        same = twin is not None and twin.words == piece.words
        if twin is not None and not piece.numbers and not same:
            yield Checked(WORDS, piece.text, twin.text, "", piece.text, piece.where)
        plain = (
            [] if twin is None else [n for n in twin.numbers if not n.evidence or n.evidence not in self._ids(piece)]
        )
        told = False
        for at, number in enumerate(piece.numbers):
            known = self.by_id.get(number.evidence, [])
            if known:
                own = next((p for n, p in known if self._same(n, number) and p.words == piece.words), None)
                if own is not None:
                    yield _told(MATCHED, number.text, number.text, number, piece)
                elif not any(self._same(n, number) for n, _ in known):
                    yield _told(CHANGED, number.text, known[0][0].text, number, piece)
                elif not told and self._new(piece, other := next(p for n, p in known if self._same(n, number))):
                    told = True  # once a sentence
                    yield _told(WORDS, _shown(piece), _shown(other), number, piece)
                else:
                    yield _told(MATCHED, number.text, number.text, number, piece)
            elif twin is None:
                yield _told(OWN, number.text, "", number, piece)
            elif same and len(twin.numbers) == len(piece.numbers):
                right = twin.numbers[at].text
                yield _told(
                    MATCHED if self._same(twin.numbers[at], number) else CHANGED, number.text, right, number, piece
                )
            else:
                found = next((n for n in plain if self._same(n, number)), None)
                if found is not None:
                    plain.remove(found)
                expected = number.text if found is not None else (plain[0].text if plain else "")
                yield _told(MATCHED if found is not None else CHANGED, number.text, expected, number, piece)
        bare = twin is not None and not same and not told and piece.numbers and not self._ids(piece)
        if twin is not None and bare and self._new(piece, twin):
            yield _told(WORDS, _shown(piece), _shown(twin), Number("", ""), piece)
        gone = self._gone(piece, twin)
        if gone:
            yield _told(CHANGED, "", gone[0].text, gone[0], piece)

    def _same(self, one: Number, other: Number) -> bool:
        """Whether two numbers are printed alike, but for the sign between thousands."""
        if one.text == other.text or not self.thousands:
            return one.text == other.text
        grouped = re.compile(rf"\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+(?!\d)")
        texts = (grouped.sub(lambda m: m[0].replace(self.thousands, ""), n.text) for n in (one, other))
        return len({*texts}) == 1

    def _new(self, piece: Piece, other: Piece) -> bool:
        """Whether what differs in the words of two pieces has not been told: a heading is of many cells."""
        differing = [(a, b) for a, b in zip_longest(piece.words, other.words, fillvalue="") if a != b]
        fresh = [pair for pair in differing if (piece.where, pair) not in self.told]
        self.told |= {(piece.where, pair) for pair in differing}
        return bool(fresh)

    @staticmethod
    def _ids(piece: Piece) -> set[str]:
        return {n.evidence for n in piece.numbers if n.evidence}

    def _gone(self, piece: Piece, twin: Piece | None) -> list[Number]:
        """Numbers that the report has in these words and the document no longer has."""
        if twin is None or len(piece.numbers) >= len(twin.numbers) or piece.text == twin.text:  # a dash has an id, too
            return []
        left = list(twin.numbers)
        for number in piece.numbers:
            match = next((n for n in left if n.evidence == number.evidence and n.text == number.text), None)
            match = match or next((n for n in left if n.evidence == number.evidence), None)
            if match is not None:
                left.remove(match)
        return left

    def _twin(self, piece: Piece) -> Piece | None:
        """What a piece was before it was changed: in the same words, of the same evidence, or nearly the same."""
        if found := self.by_words.get(piece.words):
            own = [p for p in found if p.where == piece.where] or found
            return max(own, key=lambda p: (len({*p.numbers} & {*piece.numbers}), p.text == piece.text))
        ids = self._ids(piece)
        pieces = [p for name in ids for _, p in self.by_id.get(name, [])]
        if pieces:
            return Counter(pieces).most_common(1)[0][0]
        if piece.beside:
            return self._relabelled(piece)
        words, best, most = piece.words[0], None, _ALIKE
        if len(words) >= _LENGTH:
            for one in self.sentences:
                other = one.words[0]
                matcher = SequenceMatcher(None, words, other, autojunk=False)
                if (
                    matcher.real_quick_ratio() > most
                    and matcher.quick_ratio() > most
                    and (ratio := matcher.ratio()) > most
                ):
                    best, most = one, ratio
        return best

    def _relabelled(self, piece: Piece) -> Piece | None:
        """A cell without evidence, in a table of the same title, of whose labels one is another."""
        if not self.labels:
            for one in self.report:
                if one.beside:
                    for key in _but_one(one):
                        self.labels[key].append(one)
        found = [one for key in _but_one(piece) for one in self.labels.get(key, [])]
        here = [one for one in found if one.beside == piece.beside and self.there[report_key(one)] == 0]
        likely = here or (found if len(found) == 1 else [])  # among several that which the document no longer has
        return next((one for one in found if one.text == piece.text), likely[0] if likely else None)


_Cells = dict[tuple[str, ...], list[tuple[str, str]]]


def _alike(pieces: Sequence[Piece]) -> dict[tuple[str, tuple[str, ...]], _Cells]:
    """The cells of rows that have their name in common, with an id, by table and name and then by heading."""
    found: dict[tuple[str, tuple[str, ...]], _Cells] = {}
    for piece in pieces:
        if piece.where and len(piece.beside) > _NAMES:
            evidence = piece.numbers[0].evidence if piece.numbers else ""
            cells = found.setdefault((piece.where, piece.beside[:_NAMES]), {})
            cells.setdefault(piece.beside[_NAMES:], []).append((piece.text, evidence))
    several = {place: cells for place, cells in found.items() if len({len(one) for one in cells.values()}) == 1}
    return {place: cells for place, cells in several.items() if len(next(iter(cells.values()))) > 1}


def _but_one(piece: Piece) -> Iterator[tuple[object, ...]]:
    words = piece.words
    for k in range(len(words)):
        yield (piece.where, k, *words[:k], *words[k + 1 :])


def report_key(piece: Piece) -> tuple[object, ...]:
    """What makes two pieces the same; cells without evidence are also told apart by the table that they stand in."""
    ids = tuple(n.evidence for n in piece.numbers)
    beside = tuple(map(folded, piece.beside))
    return folded(piece.text), piece.form, beside, ids, piece.where if piece.beside and not any(ids) else ""


def _shown(piece: Piece) -> str:
    return " | ".join([*piece.beside, piece.text]) if piece.beside else piece.text


def _told(result: str, printed: str, expected: str, number: Number, piece: Piece) -> Checked:
    return Checked(result, printed, expected, number.evidence, piece.text, piece.where)

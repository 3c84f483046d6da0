"""Evidence that stands by its place in a document, found again after rows were sorted or a paragraph was put in.

Slides and workbooks name their numbers by shape, paragraph, row and column. Programs do not move these names with what
stands there, so the words beside a number say better than its place which one it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from survey.reports.printed import Number, Piece

__all__ = ["by_words"]


def by_words(document: Sequence[Piece], report: Sequence[Piece]) -> list[Piece]:
    """The pieces of a document, with the evidence of the report's pieces in the same words and place.

    A piece that the report has in no such words keeps its own; one that it has several times keeps its own where that
    is of one of them, and otherwise gets that of the one with its numbers.
    """
    known: dict[tuple[object, ...], list[Piece]] = defaultdict(list)
    for piece in report:
        known[_place(piece)].append(piece)
    return [_settled(piece, known) if piece.numbers else piece for piece in document]


def _place(piece: Piece) -> tuple[object, ...]:
    return piece.words, piece.where, len(piece.numbers)


def _settled(piece: Piece, known: Mapping[tuple[object, ...], Sequence[Piece]]) -> Piece:
    ids, texts = [n.evidence for n in piece.numbers], [n.text for n in piece.numbers]
    found = known.get(_place(piece), [])
    if any([n.evidence for n in one.numbers] == ids for one in found):
        return piece
    own = [one for one in found if [n.text for n in one.numbers] == texts] or (found if len(found) == 1 else [])
    if own:
        numbers = (Number(n.text, there.evidence) for n, there in zip(piece.numbers, own[0].numbers, strict=True))
        return replace(piece, numbers=tuple(numbers))
    words = replace(piece, numbers=())  # a text that stands where a number stood
    return words if texts == [piece.text] and _place(words) in known else piece

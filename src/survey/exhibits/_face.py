"""Letters as their font has them: how far each moves the next, and its outline, so that plain text needs no shaper.

A shaper builds its tables anew for every line, half a millisecond each; a page of notes is measured word by word. With
Latin letters, Vietnamese among them, all that it does is to add widths and kerning and to join f with l and i. That is
done here; a test holds that it is the same, letter by letter. What is not plain is left to matplotlib.
"""

from __future__ import annotations

import os
import re
import threading
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.path import Path

__all__ = ["advance", "file_of", "outline"]

_FILES = {"normal": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "italic": "DejaVuSans-Oblique.ttf"}

_PLAIN = re.compile(
    "[ -~\N{NO-BREAK SPACE}-\N{NOT SIGN}\N{REGISTERED SIGN}-\u024f\u1ea0-\u1ef9\N{HYPHEN}-\N{HYPHENATION POINT}"
    "\N{PER MILLE SIGN}-\N{SWUNG DASH}\N{EURO-CURRENCY SIGN}-\N{BITCOIN SIGN}\N{LEFTWARDS ARROW}-\u22ff\u25a0-\u25ff]*"
)
"""Letters with and without marks, signs: one glyph each, from left to right. The soft hyphen is not among them."""

_JOINED = {"ff": "\ufb00", "fi": "\ufb01", "fl": "\ufb02", "ffi": "\ufb03", "ffl": "\ufb04"}
_JOINS = re.compile("ffi|ffl|ff|fi|fl")


class _Letter(NamedTuple):
    glyph: Any  # its number, which matplotlib gives a type of its own
    advance: float
    vertices: NDArray[np.float64]
    codes: NDArray[np.uint8]


class _Face:
    """A font file; all lengths are parts of the size of its letters (em)."""

    def __init__(self, file: str) -> None:
        from matplotlib.ft2font import FT2Font, Kerning, LoadFlags

        self._font, self._kerning = FT2Font(file), Kerning.UNFITTED
        self._as_it_is, self._in_units = LoadFlags.NO_HINTING, LoadFlags.NO_SCALE
        self._size = self._font.units_per_EM
        self._font.set_size(self._size, 72)  # a unit of the font is a dot: nothing is rounded
        self._letters: dict[str, _Letter] = {}
        self._steps: dict[tuple[str, str], float] = {}
        self._loading = threading.Lock()

    def has(self, text: str) -> bool:
        """Whether the font has a glyph for each letter."""
        return all(self._letter(c).glyph for c in set(text))

    def steps(self, text: str) -> list[float]:
        """How far each letter moves the next: its width, and its kerning with the next."""
        known = self._steps
        for pair in pairwise(text):
            if pair not in known:
                one, other = map(self._letter, pair)
                kern = self._font.get_kerning(one.glyph, other.glyph, self._kerning) / 64 / self._size
                known[pair] = one.advance + kern
        return [*map(known.__getitem__, pairwise(text)), *(self._letter(c).advance for c in text[-1:])]

    def outline(self, text: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Vertices and codes of a path, from the origin of the first letter."""
        letters = [self._letter(c) for c in text]
        starts = accumulate(self.steps(text)[:-1], initial=0.0)
        at = np.repeat(np.fromiter(starts, float, len(letters)), [len(one.codes) for one in letters])
        vertices = np.concatenate([one.vertices for one in letters])
        vertices[:, 0] += at
        return vertices, np.concatenate([one.codes for one in letters])

    def _letter(self, letter: str) -> _Letter:
        if letter not in self._letters:
            with self._loading:  # the font holds one glyph at a time
                glyph = self._font.get_char_index(ord(letter))
                wide = self._font.load_glyph(glyph, flags=self._in_units).horiAdvance
                self._font.load_glyph(glyph, flags=self._as_it_is)
                vertices, codes = self._font.get_path()
            shape = np.asarray(vertices, float).reshape(-1, 2) / self._size
            self._letters[letter] = _Letter(glyph, wide / self._size, shape, np.asarray(codes))
        return self._letters[letter]


def file_of(weight: str) -> str:
    """Path of the font of a weight: "normal", "bold" or "italic"."""
    import matplotlib

    return os.path.join(matplotlib.get_data_path(), "fonts", "ttf", _FILES[weight])


@cache
def _face(weight: str) -> _Face:
    return _Face(file_of(weight))


def _plain(text: str, weight: str) -> str | None:
    """The letters that are drawn for a text; None where a shaper must say which."""
    if _PLAIN.fullmatch(text) is None or not _face(weight).has(text):
        return None
    return _JOINS.sub(lambda found: _JOINED[found[0]], text) if "f" in text else text


def advance(text: str, weight: str) -> float | None:
    """Width of a line in letters of one point, from the origin of the first to that after the last.

    None for text that is not plain.
    """
    plain = _plain(text, weight)
    return None if plain is None else sum(_face(weight).steps(plain))


@lru_cache(maxsize=256)
def outline(text: str, weight: str) -> Path | None:
    """The outlines of a line in letters of one point, on a baseline through (0, 0), y upwards.

    None for text that is not plain, or empty.
    """
    from matplotlib.path import Path

    plain = _plain(text, weight)
    if not plain:
        return None
    made = Path(*_face(weight).outline(plain), readonly=True)
    made.should_simplify = False
    return made

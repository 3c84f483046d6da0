"""Dots as a PNG (ISO/IEC 15948): without an opacity that is always full, without a filter, with words in UTF-8.

The colours of a figure are few and flat, so that rows that are not filtered pack smaller, and much sooner, than what
general writers of pictures make of them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["png"]


def png(dots: NDArray[np.uint8], dpi: float, words: Mapping[str, tuple[str, str]]) -> bytes:
    """A picture as a file.

    Parameters
    ----------
    dots : array (height, width, 3 or more)
        Red, green and blue of each, 0-255; what follows them is left out.
    dpi : float
        Dots an inch.
    words : mapping of str to (str, str)
        Keyword (Latin-1, 79 letters at most) to text and its language, a tag of BCP 47 or "".
    """
    height, width = dots.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with the number of its filter: none
    for colour in range(3):  # one after the other: numpy copies long steps sooner than pieces of three bytes
        rows[:, 1 + colour :: 3] = dots[:, :, colour]
    packed = zlib.compressobj(3, zlib.DEFLATED, 15, 9)
    per_metre = round(dpi / 0.0254)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        *((b"iTXt", _text(keyword, *said)) for keyword, said in words.items()),
        (b"IDAT", packed.compress(rows.data) + packed.flush()),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def _text(keyword: str, text: str, lang: str) -> bytes:
    """Keyword, not compressed, language, no translated keyword, text; a NUL ends each but the last."""
    return keyword.encode("latin-1") + b"\0\0\0" + lang.encode("ascii") + b"\0\0" + text.encode("utf-8")

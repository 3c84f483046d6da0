"""Text as it was written before Unicode: the way back of `survey.base.vietnamese.from_legacy`, to make old files."""

from __future__ import annotations

import unicodedata

from survey.base import vietnamese


def to_legacy(text: str, encoding: str) -> str:
    """Unicode text as TCVN3 or VNI, in Latin-1: the way back. TCVN3 has no capitals with a tone: they become small.

    Examples
    --------
    >>> to_legacy("phường", "vni")
    'phöôøng'
    """
    back: dict[str, str] = {}
    for code, letter in vietnamese._TABLES[encoding].items():
        if letter not in back or (letter.isupper() and code.isupper()):
            back[letter] = code
    if encoding == "tcvn3":
        back |= {c.upper(): back[c] for c in vietnamese._TONED}
    composed = unicodedata.normalize("NFC", text)
    if encoding == "tcvn3":
        return "".join(back.get(c, c) for c in composed)
    return "".join(_signed(back.get(c, c), _shouted(composed, i)) for i, c in enumerate(composed))


def _signed(code: str, shouted: bool) -> str:
    """VNI's sign of a capital as it is typed: a capital among capitals, else a small one."""
    return code if shouted or len(code) == 1 else code[0] + code[1:].lower()


def _shouted(text: str, place: int) -> bool:
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return any(c.isupper() for c in around) or not any(c.islower() for c in around)

"""Vietnamese before Unicode: TCVN3 and VNI, how to tell them, and where the tone mark stands.

TCVN3 (also "ABC", the 8-bit set VN3 of TCVN 5712:1993, fonts named .Vn...) has a code for each lower-case letter and
for Ă Â Đ Ê Ô Ơ Ư. It has none for capitals with a tone: those were made by fonts that draw every code as a capital
(.VnTimeH). Text alone therefore cannot tell "ả" from "Ả"; in a word whose other letters are capitals, two at least,
it is read as the capital ("§¶NG" is "ĐẢNG").

VNI (fonts named VNI-...) writes the letter and then a sign for circumflex, breve and tone together: "Vieät".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

__all__ = ["LEGACY", "from_legacy", "old_tones", "share_of_syllables", "tones_placed"]

LEGACY = ("tcvn3", "vni")
"""Encodings that Python does not know."""

_LOWER = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_TCVN3 = bytes.fromhex(
    "b5 b8 b6 b7 b9  a8 bb be bc bd c6  a9 c7 ca c8 c9 cb  ae  cc d0 ce cf d1  aa d2 d5 d3 d4 d6  d7 dd d8 dc de "
    "df e3 e1 e2 e4  ab e5 e8 e6 e7 e9  ac ea ed eb ec ee  ef f3 f1 f2 f4  ad f5 f8 f6 f7 f9  fa fd fb fc fe"
)  # one byte for each letter of _LOWER, in its order
_TCVN3_CAPITALS = {"Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7}

# VNI: signs after a, e, o, u, y and after ơ, ư; grave, acute, hook, tilde, dot; then breve and circumflex with each
_VNI_TONES = "øùûõï"
_VNI_BREVE = "êèéúüë"
_VNI_HAT = "âàáåãä"
_VNI_SINGLE = {"ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "ơ": "ô", "ư": "ö", "đ": "ñ"}


def _tcvn3() -> dict[str, str]:
    table = {chr(byte): letter for byte, letter in zip(_TCVN3, _LOWER, strict=True)}
    return table | {chr(byte): letter for letter, byte in _TCVN3_CAPITALS.items()}


def _vni() -> dict[str, str]:
    """VNI in Latin-1 letters to Unicode, both cases; a capital may carry the sign of either case ("AÙ", "Aù")."""
    plain = ["àáảãạ", "èéẻẽẹ", "òóỏõọ", "ùúủũụ", "ỳýỷỹ"]
    table = {
        base + sign: letter
        for base, row in zip("aeouy", plain, strict=True)
        for sign, letter in zip(_VNI_TONES, row, strict=False)
    }
    twofold = (
        ("a", "ăằắẳẵặ", _VNI_BREVE),
        ("a", "âầấẩẫậ", _VNI_HAT),
        ("e", "êềếểễệ", _VNI_HAT),
        ("o", "ôồốổỗộ", _VNI_HAT),
        ("ô", "ờớởỡợ", _VNI_TONES),
        ("ö", "ừứửữự", _VNI_TONES),
    )
    for base, row, signs in twofold:
        table |= {base + sign: letter for sign, letter in zip(signs, row, strict=True)}
    table |= {code: letter for letter, code in _VNI_SINGLE.items()}
    table |= {code[0].upper() + code[1:]: letter.upper() for code, letter in table.items()}
    return table | {code.upper(): letter.upper() for code, letter in table.items()}


_TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType({"tcvn3": _tcvn3(), "vni": _vni()})
# bytes 0x80 to 0x9F are the signs of Windows-1252 in both: quotes, dashes
_WINDOWS = {i: bytes([i]).decode("cp1252", errors="ignore") or chr(i) for i in range(0x80, 0xA0)}
_WORD = re.compile(r"[^\W\d_]+")
_TONED = "".join(c for c in _LOWER if c not in "ăâđêôơư")


@cache
def _pattern(encoding: str) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _TABLES[encoding]), key=len, reverse=True)))


def from_legacy(text: str, encoding: str) -> str:
    """Text in TCVN3 or VNI, its bytes taken for Latin-1 or Windows-1252, as Unicode in NFC.

    Text with a letter that neither of these has is Unicode already and comes back as it is.

    Parameters
    ----------
    text : str
    encoding : {"tcvn3", "vni"}

    Examples
    --------
    >>> from_legacy("Céng hoµ x· héi", "tcvn3"), from_legacy("Vieät Nam", "vni")
    ('Cộng hoà xã hội', 'Việt Nam')
    """
    if text.isascii():
        return text
    text = text.translate(_WINDOWS)
    if any(ord(c) > 0xFF and c not in _WINDOWS.values() for c in text):
        return unicodedata.normalize("NFC", text)
    table = _TABLES[encoding]
    if encoding == "tcvn3":
        read = "".join(table.get(c, c) for c in text)
        return _WORD.sub(lambda m: _capitalised(m[0]), read)
    return _pattern(encoding).sub(lambda m: table[m[0]], text)


def _capitalised(word: str) -> str:
    shown = [c for c in word if c not in _TONED]
    return word.upper() if len(shown) > 1 and len(shown) < len(word) and all(c.isupper() for c in shown) else word


# ------------------------------------------------------------------ is it Vietnamese?

_ONSET = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx]"
_RIME = re.compile(
    rf"(?:{_ONSET})?(?:"
    "uyê(?:n|t)?|uya|uyu|uy(?:n|t|nh|ch|p)?|oai|oay|oao|oeo|oă[cmntp]?(?:ng)?|oa(?:ng|nh|ch|c|m|n|t|p)?|"
    "oe(?:n|t|m)?|oong|ooc|oi|oo|uâ(?:n|t|y|ng)?|uê(?:nh|ch|n|t)?|uơ|uôi|uô(?:ng|c|m|n|t)?|ua|ui|uu|"
    "u(?:ng|c|m|n|p|t)?|ươi|ươu|ươ(?:ng|c|m|n|p|t)?|ưa|ưi|ưu|ư(?:ng|c|m|n|t)?|iêu|iê(?:ng|c|m|n|p|t)?|ia|iu|"
    "i(?:nh|ch|m|n|p|t)?|yêu|yê(?:ng|m|n|t)?|y(?:nh|ch|t|n|m)?|ai|ao|au|ay|a(?:ng|nh|ch|c|m|n|p|t)?|"
    "âu|ây|â(?:ng|c|m|n|p|t)?|ă(?:ng|c|m|n|p|t)?|eo|e(?:ng|c|m|n|p|t)?|êu|ê(?:nh|ch|m|n|p|t|ng)?|"
    "ôi|ô(?:ng|c|m|n|p|t)?|ơi|ơ(?:m|n|p|t)?|o(?:ng|c|m|n|p|t)?)"
)
_MARKS = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))


def _toneless(text: str) -> tuple[str, int]:
    """A text without its tone marks, in NFC, and how many there were."""
    apart = unicodedata.normalize("NFD", text)
    bare = apart.translate(_MARKS)
    return unicodedata.normalize("NFC", bare), len(apart) - len(bare)


@cache
def _syllable(word: str) -> bool:
    bare, tones = _toneless(word.lower())
    one_case = word.islower() or word.isupper() or word[1:].islower()
    stopped = bare.endswith(("c", "ch", "p", "t"))  # such syllables carry the acute or the dot, or no mark
    kept = not stopped or not tones or any(m in unicodedata.normalize("NFD", word) for m in "\u0301\u0323")
    return tones <= 1 and one_case and kept and _RIME.fullmatch(bare) is not None


def share_of_syllables(texts: Iterable[str]) -> tuple[float, int]:
    """Of the words with letters beyond ASCII, the share (0 to 1) that are Vietnamese syllables, and their number."""
    good = count = 0
    for text in texts:
        for word in _WORD.findall(unicodedata.normalize("NFC", text)):
            if not word.isascii():
                count += 1
                good += _syllable(word)
    return (good / count if count else 0.0), count


# ------------------------------------------------------------------ hoà and hòa

_PAIRS = re.compile(r"(?<![qQ])(?:([oO])([aAeE])|([uU])([yY]))(?![^\W\d_])")
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


def tones_placed(text: str) -> str:
    """Text with the tone of final oa, oe, uy on the second vowel ("hoà", "thuỷ"), as the schools' rule has it.

    "hòa" and "hoà" are one word in two spellings and different strings; compare them in this form. Nothing else
    changes, except that the text comes in NFC.

    Examples
    --------
    >>> tones_placed("Hòa Bình, thủy lợi, quý, hoàng"), tones_placed("HÓA")
    ('Hoà Bình, thuỷ lợi, quý, hoàng', 'HOÁ')
    """
    return _moved(text, to_second=True)


def old_tones(text: str) -> str:
    """The other spelling, with the tone on the first vowel: "hòa", "thủy".

    Examples
    --------
    >>> old_tones("Hoà Bình, thuỷ lợi")
    'Hòa Bình, thủy lợi'
    """
    return _moved(text, to_second=False)


def _moved(text: str, to_second: bool) -> str:
    return _WORD.sub(lambda m: _one(m[0], to_second), unicodedata.normalize("NFC", text))


def _one(word: str, to_second: bool) -> str:
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word)
    tones = _TONE.findall(apart)
    bare = unicodedata.normalize("NFC", _TONE.sub("", apart))
    pair = _PAIRS.search(bare)
    if len(tones) != 1 or pair is None or unicodedata.normalize("NFC", word)[pair.start() :] == bare[pair.start() :]:
        return word
    place = pair.start() + (1 if to_second else 0)
    return unicodedata.normalize("NFC", bare[: place + 1] + tones[0] + bare[place + 1 :])

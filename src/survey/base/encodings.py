"""From bytes to text: in the encoding that was declared, or in one that was found and is said; never guessed."""

from __future__ import annotations

import codecs
import re
import unicodedata

from survey.base.catalogue import Note
from survey.base.vietnamese import LEGACY, from_legacy, share_of_syllables
from survey.errors import ReadError

__all__ = ["FIND", "decoded", "encoding_hints", "encoding_that_reads", "legacy_hint", "legacy_name"]

FIND = "find"
"""What is given for a setting that is to be found."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_VIETNAMESE = ("windows-1258", *LEGACY)
_SAMPLE = 400_000  # bytes or letters that are looked at to tell an encoding
_FITS, _APART, _WORDS = 0.85, 0.25, 3  # share of syllables, distance from the next best, words needed


def legacy_name(encoding: str | None) -> str | None:
    """Our name of an encoding that Python does not know, or None."""
    plain = (encoding or "").lower().replace("-", "").replace("_", "").replace(" ", "")
    return {"tcvn3": "tcvn3", "vni": "vni", "vniwindows": "vni"}.get(plain)


def decoded(raw: bytes, path: object, encoding: str | None) -> tuple[str, list[str]]:
    """The text of a file in NFC, and what was found out about its encoding.

    Parameters
    ----------
    raw : bytes
    path : path or str
        The file, for errors.
    encoding : str or None
        None is UTF-8; "find" looks for it: a byte order mark, then UTF-8, then Vietnamese in Windows-1258, TCVN3 or
        VNI, told by the share of words that are Vietnamese syllables.

    Raises
    ------
    ReadError
        For bytes that are not text in the encoding, NUL bytes, an encoding that is not known or cannot be found.
    """
    notes: list[str] = []
    legacy = legacy_name(encoding)
    if encoding == FIND:
        name, why = _found(raw, path)
        notes.append(Note("reading.encoding", encoding=name, why=why))
        legacy, encoding = legacy_name(name), name
    if encoding is None:
        mark = next((name for sign, name in _BOMS[1:] if raw.startswith(sign)), None)
        if mark is not None:
            raise ReadError(
                f"The file is in {mark.upper()}.", where=path, fix=f'name its encoding: read(..., encoding="{mark}")'
            )
    if legacy is not None:
        text, more = _from_legacy(raw, legacy)
        notes += more
    else:
        text = _text(raw, encoding, path)
    if "\0" in text:
        place = text.index("\0")
        raise nul_bytes(f"{path}, line {text.count(chr(10), 0, place) + 1}", text.count(chr(0)))
    return (text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)), notes


def nul_bytes(where: str, count: int) -> ReadError:
    """What is wrong with a file that holds NUL bytes."""
    return ReadError(
        "The file holds NUL bytes: it is damaged, or in UTF-16 without a mark.",
        where=where,
        got=f"{count:,} NUL bytes",
        expected="text",
        fix='export it again, or name its encoding: read(..., encoding="utf-16-le")',
    )


def _text(raw: bytes, encoding: str | None, path: object) -> str:
    chosen = "utf-8-sig" if (encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        return raw.decode(chosen or "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise ReadError(
            f"The file is not in {encoding or 'UTF-8'}.",
            where=f"{path}, line {line}, byte {problem.start}",
            got=f"byte 0x{raw[problem.start]:02x}",
            expected=f"text in {encoding or 'UTF-8'}",
            fix=_advice(raw),
        ) from None
    except (LookupError, UnicodeError):
        raise ReadError(
            "The encoding is unknown.",
            got=encoding,
            expected=f"such as utf-8, windows-1258, tcvn3, vni, or {FIND!r}",
        ) from None


def _advice(raw: bytes) -> str:
    fits = [(share, name) for name, share, _ in _fitting(raw) if share >= _FITS]
    if fits:
        name = max(fits)[1]
        return f'name the encoding it was saved in; encoding="{name}" reads {_excerpt(raw, name)!r}'
    return f'name the encoding it was saved in; encoding="cp1252" reads {_excerpt(raw, "cp1252")!r}'


def _found(raw: bytes, path: object) -> tuple[str, str]:
    """The encoding of bytes and why it is that one."""
    for sign, name in _BOMS:
        if raw.startswith(sign):
            return name, Note("reading.encoding_mark")
    head = raw[:_SAMPLE]
    if head.count(0) > len(head) // 4:
        name = "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
        return name, Note("reading.encoding_zeros")
    try:
        raw.decode("utf-8")
        return "utf-8", Note("reading.encoding_ascii" if raw.isascii() else "reading.encoding_fits")
    except UnicodeDecodeError as problem:
        wrong = problem
    ranked = sorted(_fitting(raw), key=lambda fit: fit[1], reverse=True)
    (best, share, words), second = ranked[0], ranked[1][1]
    if share >= _FITS and share - second >= _APART and words >= _WORDS:
        return best, Note("reading.encoding_syllables", share=f"{share:.0%}", words=words)
    tried = [*(name for name, _, _ in ranked), "cp1252"]
    raise ReadError(
        "The encoding of the file cannot be determined.",
        where=path,
        got=f"byte 0x{raw[wrong.start]:02x} in line {raw.count(chr(10).encode(), 0, wrong.start) + 1} is not UTF-8",
        expected="; ".join(f"{name} reads {_excerpt(raw, name)!r}" for name in tried),
        fix='name the correct one: read(..., encoding="cp1252")',
    )


def _fitting(raw: bytes) -> list[tuple[str, float, int]]:
    """How well Vietnamese encodings fit: name, share of words with accents that are syllables, their number."""
    lines = b"\n".join(line for line in raw[:_SAMPLE].splitlines() if not line.isascii())[: _SAMPLE // 4]
    return [(name, *share_of_syllables([_loosely(lines, name)])) for name in _VIETNAMESE]


def _loosely(raw: bytes, name: str) -> str:
    if name in LEGACY:
        return from_legacy(raw.decode("latin-1"), name)
    return unicodedata.normalize("NFC", raw.decode(name, errors="replace"))


def _excerpt(raw: bytes, name: str) -> str:
    """The first words with accents, as an encoding reads them: three of the head, of the answers one."""
    number, line = next(
        ((i, line) for i, line in enumerate(raw[:_SAMPLE].splitlines()) if not line.isascii()), (0, b"")
    )
    first = next((i for i, byte in enumerate(line) if byte > 127), 0)
    part = _loosely(line[max(0, first - 30) : first + 40], name)
    words = re.sub(r"[^\w ]", " ", part).split()
    shown = [word for word in words if not word.isascii()] or words
    return " ".join(shown[: 1 if number else 3])


def _from_legacy(raw: bytes, legacy: str) -> tuple[str, list[str]]:
    """Bytes in TCVN3 or VNI, or their codes saved as UTF-8 (what Excel does with such text)."""
    notes: list[str] = []
    try:
        text, as_utf8 = raw.decode("utf-8-sig"), not raw.isascii()
    except UnicodeDecodeError:
        text, as_utf8 = raw.decode("latin-1"), False
    if as_utf8:
        notes.append(Note("reading.encoding_twice", encoding=legacy.upper()))
        result = "".join(from_legacy(part, legacy) for part in re.split(r"([^\S ]|[,;|])", text))
    else:
        result = from_legacy(text, legacy)
    share, words = share_of_syllables([result[:_SAMPLE]])
    if words and share < 0.5:
        told = {"words": words, "share": f"{share:.0%}", "encoding": legacy.upper()}
        notes.append(Note("reading.encoding_doubtful", **told))
    return result, notes


def legacy_hint(texts: list[str]) -> str | None:
    """TCVN3 or VNI if texts in Unicode look like its codes: "ViÖt Nam" for "Việt Nam"."""
    odd = [t for t in texts if isinstance(t, str) and not t.isascii() and max(t) <= "\u02ff"]
    if not odd:
        return None
    as_is, words = share_of_syllables(odd)
    if words < _WORDS or as_is >= 0.5:
        return None
    fits = sorted(((share_of_syllables(from_legacy(t, name) for t in odd)[0], name) for name in LEGACY), reverse=True)
    return fits[0][1] if fits[0][0] >= _FITS and fits[0][0] - fits[1][0] >= _APART else None


def encoding_hints(texts: list[str], declared: str | None, binary: bool) -> list[str]:
    """Notes on texts in Unicode whose letters are not those that were typed.

    Parameters
    ----------
    texts : list of str
        Names, labels and some answers; none of them is shown.
    declared : str or None
        The encoding that was asked for.
    binary : bool
        Whether the file is one of SPSS, Stata or SAS, whose texts can be read again in another encoding.
    """
    if legacy_name(declared):
        return []
    notes: list[str] = []
    old = legacy_hint(texts)
    if old is not None:
        notes.append(Note("reading.encoding_old", name=old.upper(), encoding=old))
    twice = _read_twice(texts)
    if old is None and twice is not None:
        key = "mojibake" if declared is None and not binary else "mojibake_file" if binary else "mojibake_declared"
        notes.append(Note(f"reading.{key}", wrong=twice[0], right=twice[1], encoding=declared or ""))
    lost = sum("\ufffd" in t for t in texts)
    if lost:
        notes.append(Note("reading.letters_lost", n=lost))
    return notes


def _read_twice(texts: list[str]) -> tuple[str, str] | None:
    """A letter of UTF-8 as Windows-1252 reads its bytes ("á»™") and as it is ("ộ"); None where texts are not such."""
    odd = list(dict.fromkeys(t for t in texts if not t.isascii()))
    fitting = {t: right for t in odd if (right := _once(t)) is not None}
    if not fitting or 2 * len(fitting) < len(odd):
        return None
    pairs = [
        ("".join(_byte_as_text(b) for b in c.encode("utf-8")), c)
        for c in dict.fromkeys("".join(fitting.values()))
        if not c.isascii()
    ]
    return next((pair for pair in pairs if pair[0].isprintable() and "\xa0" not in pair[0]), pairs[0])


def _once(text: str) -> str | None:
    """The text that a text in UTF-8 was before its bytes were read as Windows-1252; None if it was none."""
    try:
        return b"".join(_text_as_byte(c) for c in text).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None


def _text_as_byte(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")  # five bytes have no letter in Windows-1252


def _byte_as_text(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return bytes([byte]).decode("latin-1")


def encoding_that_reads(texts: dict[str, list[str]]) -> str:
    """Which encoding to name for a file: by its texts with accents as "utf-8", "windows-1258" and "latin1" read them.

    UTF-8 where it could be read so: other text hardly ever is UTF-8 too. Then the Vietnamese one whose words are
    syllables, else "latin1".
    """
    if texts.get("utf-8"):
        return "utf-8"
    shares = {"windows-1258": share_of_syllables(texts.get("windows-1258", []))}
    for name in LEGACY:
        shares[name] = share_of_syllables(from_legacy(t, name) for t in texts.get("latin1", []))
    best, (share, words) = max(shares.items(), key=lambda item: item[1][0])
    return best if share >= _FITS and words >= _WORDS else "latin1"

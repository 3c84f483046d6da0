"""Office files are archives: packing them again without dates makes the same content the same bytes."""

from __future__ import annotations

import datetime as dt
import os
import re
import zipfile
from collections.abc import Iterable

from survey.errors import ExportError

__all__ = ["EPOCH", "UNWRITABLE", "property_text", "refuse_unwritable", "unwritable", "utf8", "without_dates"]

EPOCH = dt.datetime(2000, 1, 1)
"""The date written into documents: a date of making would differ on every run."""


# all that XML 1.0 (section 2.2) leaves out, which HTML and SVG leave out too
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def unwritable(texts: Iterable[object]) -> list[str]:
    """The characters of some texts that no document can hold, in the order of their codes."""
    return sorted({c for text in texts if isinstance(text, str) for c in UNWRITABLE.findall(text)})


def refuse_unwritable(texts: Iterable[object], where: object) -> None:
    """Raise if a text holds a character that no document can hold: most come from copying out of a terminal or Word.

    Raises
    ------
    ExportError
        That names the characters and not the text.
    """
    found = unwritable(texts)
    if found:
        raise ExportError(
            "A text contains a character that documents cannot represent.",
            where=where,
            got=", ".join(f"U+{ord(c):04X}" for c in found),
            expected="letters, digits, symbols, spaces, line breaks",
            fix="remove it from the title, the labels of the codebook, or the answers (recode)",
        )


def utf8(text: str, where: object) -> bytes:
    """A text in UTF-8.

    Raises
    ------
    ExportError
        If it holds one half of a pair of surrogates, which is not a letter.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise ExportError(
            "A text contains an unpaired surrogate, which files cannot represent.",
            where=where,
            got=f"U+{ord(problem.object[problem.start]):04X}",
            expected="complete characters",
            fix="read the file with the right encoding, or recode the text",
        ) from problem


def property_text(text: str) -> str:
    """A text as a property of an office file can hold it: at most 255 letters."""
    return text if len(text) <= 255 else text[:254].rstrip() + "…"


def without_dates(path: str | os.PathLike[str], language: str = "") -> None:
    """Pack an archive again, in its own order, every entry dated 1 January 1980; pictures are packed as they are.

    With a `language` (a tag of BCP 47) the document says it among its properties: what writes workbooks cannot.
    """
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    if language:
        said = f"<dc:language>{language}</dc:language></cp:coreProperties>".encode()
        end = b"</cp:coreProperties>"
        entries = [(n, c.replace(end, said) if n == "docProps/core.xml" else c) for n, c in entries]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)

"""Office files are archives: packing them again without dates makes the same content the same bytes."""

from __future__ import annotations

import datetime as dt
import os
import zipfile

__all__ = ["EPOCH", "property_text", "without_dates"]

EPOCH = dt.datetime(2000, 1, 1)
"""The date written into documents: a date of making would differ on every run."""


def property_text(text: str) -> str:
    """A text as a property of an office file can hold it: at most 255 letters."""
    return text if len(text) <= 255 else text[:254].rstrip() + "…"


def without_dates(path: str | os.PathLike[str]) -> None:
    """Pack an archive again, in its own order, every entry dated 1 January 1980."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)

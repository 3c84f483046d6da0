"""What a file holds as text: archives unpacked (workbooks in slides too), pictures' words, a PDF's letters."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
import zlib
from pathlib import Path

_PLACES = re.compile(
    rb'(?<![\w-])(?:d|points|transform|x|y|x1|x2|y1|y2|cx|cy|r|dx|dy|width|height|viewBox|style|textLength|font-size)="[^"]*"'
)
_PNG = re.compile(rb"\x89PNG\r\n\x1a\n.*?IEND\xaeB`\x82", re.DOTALL)


def held_text(path: Path) -> str:
    """All text of a file, without the coordinates of drawings and the points of pictures, which hold any digits."""
    raw = path.read_bytes()
    text = _held(raw)
    if raw.startswith(b"%PDF"):
        done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
        text += done.stdout.decode("utf-8")
    return text


def _held(raw: bytes) -> str:
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return "\n".join(name + "\n" + _held(archive.read(name)) for name in archive.namelist())
    if raw.startswith(b"\x89PNG"):
        return _png(raw)
    if raw.startswith(b"%PDF"):  # what is said of it; its letters are in streams
        return re.sub(rb"stream\r?\n.*?endstream", b"", raw.replace(b"\0", b""), flags=re.DOTALL).decode("latin-1")
    pictures = "".join(_png(found) for found in _PNG.findall(raw))
    return _PLACES.sub(b"", _PNG.sub(b"", raw)).decode("utf-8", errors="replace") + pictures


def _png(raw: bytes) -> str:
    """The words of a PNG: its text chunks."""
    at, found = 8, []
    while at < len(raw):
        size, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        body = raw[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt"):
            found.append(body.decode("utf-8", errors="replace"))
        elif kind == b"zTXt":
            found.append(zlib.decompress(body.split(b"\0", 1)[1][1:]).decode("latin-1"))
        at += 12 + size
    return "\n".join(found)

"""What a PDF prints, line by line in the order that it was written, as poppler's pdftotext reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

from survey.errors import ReadError
from survey.reports.printed import Piece, piece_of, plain_text

__all__ = ["pieces_in_pdf"]

_SECONDS, _MOST = 120, 50_000_000
_LEADER = re.compile(r"(?:\.\s?){5,}[\s\d–]*$")
"""Dots up to the page of an entry of the contents."""

_NUMBER = re.compile(r"[–-]?\s?\d{1,4}\s?[–-]?")
"""The number of a page, alone in the first or in the last line."""


def pieces_in_pdf(path: str | os.PathLike[str]) -> list[Piece]:
    """The lines of a PDF, without page numbers, contents, and what stands at the head or foot of most pages.

    Raises
    ------
    ReadError
        If pdftotext is not installed, or the file is missing, damaged, locked by a password, or holds no text.
    """
    program = shutil.which("pdftotext")
    if program is None:
        raise ReadError(
            "PDF files are read by pdftotext, which is not installed.",
            where=path,
            expected="the program pdftotext of poppler on the PATH",
            fix="install it (Debian, Ubuntu: apt install poppler-utils), or verify the .docx",
        )
    file = Path(path)
    try:
        with file.open("rb") as opened:
            start = opened.read(1024)
    except OSError as problem:
        raise _refused(path, os.strerror(problem.errno or 0)) from problem
    if b"%PDF-" not in start:
        raise _refused(path, "an empty file" if not start else "a file of another kind")
    command = [program, "-raw", "-enc", "UTF-8", str(file.resolve()), "-"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as problem:
        raise _refused(path, f"a file that takes more than {_SECONDS} seconds to read") from problem
    if b"ncorrect password" in done.stderr:
        raise _refused(path, "a file with a password", "remove the password")
    if done.returncode or len(done.stdout) > _MOST:
        raise _refused(path, "a damaged file")
    lines = _lines(done.stdout.decode("utf-8", "replace"))
    if not lines:
        raise _refused(path, "pages without text, as a scanner makes them", "save the document as PDF from its program")
    return [piece_of([(line, "")]) for line in lines]


def _refused(path: str | os.PathLike[str], got: str, fix: str = "save it as PDF again") -> ReadError:
    return ReadError(
        "The file is not a PDF that can be read.", where=path, got=got, expected="a PDF with its text in it", fix=fix
    )


def _lines(text: str) -> list[str]:
    pages = [[plain_text(line) for line in page.split("\n") if line.strip()] for page in text.split("\f")]
    pages = [page for page in pages if page]
    edges = Counter(line for page in pages for line in {*page[:2], *page[-2:]})
    often = {line for line, count in edges.items() if len(pages) > 2 and 2 * count > len(pages)}
    found: list[str] = []
    for page in pages:
        inside = [line for line in page if line not in often]
        numbered = [at for at in (0, -1) if inside and _NUMBER.fullmatch(inside[at])]
        for at in numbered if len({inside[at] for at in numbered}) == 1 else numbered[:1]:  # the other is of a cell
            inside = inside[1:] if at == 0 else inside[:-1]
        found += [line for line in inside if not _LEADER.search(line)]
    return found

"""Documents as their readers see them: through LibreOffice to PDF, and where each word stands on its page."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>')


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in points from the top left of its page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a PDF, in points."""

    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Its words in their order."""
        return " ".join(word.text for word in self.words)


def as_pdf(path: Path, folder: Path) -> Path:
    """A document as LibreOffice prints it; the test is skipped where there is none."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / f"{path.stem}.pdf"


def pages_of(pdf: Path) -> list[Sheet]:
    """The pages of a PDF with their words."""
    done = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, text=True)
    found = []
    for width, height, inside in _PAGE.findall(done.stdout):
        words = [Word(unescape(text), *map(float, box)) for *box, text in _WORD.findall(inside)]
        found.append(Sheet(float(width), float(height), tuple(words)))
    return found


def overlapping(page: Sheet, within: float = 0.12) -> list[tuple[str, str]]:
    """Pairs of words that stand on each other: their boxes share more than a part of the smaller one.

    Of each box the middle half of its height counts: boxes of lines that follow each other closely touch.
    """
    boxes = []
    for word in page.words:
        margin = (word.bottom - word.top) / 4
        boxes.append(Word(word.text, word.left, word.top + margin, word.right, word.bottom - margin))
    cells: dict[int, list[Word]] = defaultdict(list)
    found = []
    for box in boxes:
        near = {id(other): other for k in range(int(box.top // 20), int(box.bottom // 20) + 1) for other in cells[k]}
        for other in near.values():
            wide = min(box.right, other.right) - max(box.left, other.left)
            high = min(box.bottom, other.bottom) - max(box.top, other.top)
            least = min((w.right - w.left) * (w.bottom - w.top) for w in (box, other))
            if wide > 0 and high > 0 and wide * high > within * least:
                found.append((other.text, box.text))
        for k in range(int(box.top // 20), int(box.bottom // 20) + 1):
            cells[k].append(box)
    return found


def outside(page: Sheet) -> list[str]:
    """Words that reach over an edge of their page."""
    return [
        w.text
        for w in page.words
        if w.left < -1 or w.top < -1 or w.right > page.width + 1 or w.bottom > page.height + 1
    ]

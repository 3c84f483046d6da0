"""Prose of a notebook in several languages: one markdown cell holds them all, and a reader sees one.

A language stands between `<div lang="vi">` and `</div>`, with empty lines inside; what stands outside is for everyone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["heading", "in_language", "languages_in", "marked"]

_PART = re.compile(r'<div lang="([\w-]+)">\n(.*?)\n</div>\n?', re.DOTALL)


def marked(texts: Mapping[str, str]) -> str:
    """The source of a markdown cell that says the same in several languages.

    Parameters
    ----------
    texts : mapping of language to str
        Markdown. A text in one language needs no mark.
    """
    if len(texts) == 1:
        return next(iter(texts.values()))
    return "\n\n".join(f'<div lang="{lang}">\n\n{text.strip()}\n\n</div>' for lang, text in texts.items())


def in_language(source: str, lang: str) -> str:
    """The prose of a markdown cell in one language."""
    return _PART.sub(lambda part: part[2] + "\n" if part[1] == lang else "", source).strip()


def languages_in(book: Any, first: str, otherwise: str) -> tuple[str, ...]:
    """The languages that the prose of a notebook is marked in, in their order there; `otherwise` if none is.

    Parameters
    ----------
    book : NotebookNode
    first : str
        A language that comes before the others, or "".
    otherwise : str
    """
    sources: Iterable[str] = (cell.source for cell in book.cells if cell.cell_type == "markdown")
    found = dict.fromkeys(part[1] for source in sources for part in _PART.finditer(source))
    return tuple(sorted(found, key=lambda lang: lang != first)) or (otherwise,)


def heading(book: Any, lang: str) -> str:
    """The title of a notebook: the first heading of its first cell of prose; "" if that has none."""
    first = next((in_language(c.source, lang) for c in book.cells if c.cell_type == "markdown"), "")
    return next((line.lstrip("# ").strip() for line in first.splitlines() if line.startswith("# ")), "")

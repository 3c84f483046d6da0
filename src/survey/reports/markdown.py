"""An author's own block: a small Markdown of headings, paragraphs, lists, bold and italic, and references to exhibits.

`[@tab-summary]` becomes "Table 1", `{{fig-NAME}}` on a line of its own puts that figure or table there. Nothing is
run, and HTML is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from survey.reports.document import Block, Heading, Paragraph
from survey.reports.evidence import Run

__all__ = ["blocks_of"]

_HEADING = re.compile(r"(#{1,3})\s+(.+?)\s*#*")
_ITEM = re.compile(r"[-*+]\s+(.+)")
_EXHIBIT = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_INLINE = re.compile(
    r"\[@(?P<ref>[^\]\s]+)\]|\*\*(?P<bold>[^*]+)\*\*|\*(?P<italic>[^*\s][^*]*)\*|\b_(?P<under>[^_\s][^_]*)_\b"
)


def blocks_of(source: str, name: str, exhibit: Callable[[str], Block]) -> list[Block]:
    """A block of Markdown as headings, paragraphs and exhibits.

    Parameters
    ----------
    source : str
    name : str
        Of the block: its headings get their keys from it.
    exhibit : callable (str) -> block
        The figure or table of a key; raises for an unknown one.
    """
    found: list[Block] = []
    lines: list[str] = []

    def close() -> None:
        if lines:
            found.append(Paragraph(_inline(" ".join(lines))))
            lines.clear()

    for line in map(str.strip, source.splitlines()):
        heading, item, shown = _HEADING.fullmatch(line), _ITEM.fullmatch(line), _EXHIBIT.fullmatch(line)
        if not line or heading or item or shown:
            close()
        if heading:
            found.append(Heading(len(heading.group(1)), heading.group(2), f"{name}-{len(found) + 1}"))
        elif item:
            found.append(Paragraph(_inline(item.group(1)), "item"))
        elif shown:
            found.append(exhibit(shown.group(1)))
        elif line:
            lines.append(line)
    close()
    return found


def _inline(text: str) -> tuple[Run, ...]:
    runs: list[Run] = []
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            runs.append(Run(text[at : match.start()]))
        if match["ref"]:
            runs.append(Run("", refers=match["ref"]))
        elif match["bold"]:
            runs.append(Run(match["bold"], strong=True))
        else:
            runs.append(Run(match["italic"] or match["under"], italic=True))
        at = match.end()
    if at < len(text):
        runs.append(Run(text[at:]))
    return tuple(runs)

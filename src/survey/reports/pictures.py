"""The drawing of a figure on a page, and another for a phone: a window shows the one that fits it."""

from __future__ import annotations

import re

from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import picture_of

__all__ = ["apart", "drawings"]

_TAG = re.compile(r"<[^>]*>")
_NAMES = re.compile(r'( (?:id|aria-labelledby)="| (?:xlink:)?href="#|url\(#)([^")]*)')


def drawings(exhibit: Exhibit) -> str:
    """Both drawings as SVG, of which a reader of the screen is told the one that is shown; one where it fits all."""
    wide = _svg(exhibit)
    if exhibit.style.stacked:
        return wide
    try:
        narrow = apart(_svg(exhibit.sized("phone")), "phone-")
    except ExportError:  # too many columns for a phone
        return wide
    return f'<div class="wide">\n{wide}</div>\n<div class="narrow">\n{narrow}</div>'


def _svg(exhibit: Exhibit) -> str:
    drawn = picture_of(exhibit).svg("bare")
    return drawn[drawn.index("<svg ") :]


def apart(drawn: str, prefix: str) -> str:
    """A drawing whose names are no other's of the page."""

    def renamed(found: re.Match[str]) -> str:
        return found[1] + " ".join(prefix + name for name in found[2].split(" "))

    return _TAG.sub(lambda tag: _NAMES.sub(renamed, tag[0]), drawn)

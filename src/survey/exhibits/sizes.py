"""What a picture is for: a page, a column, a slide, a phone; it is drawn anew for each, not shrunk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.theme import Style

__all__ = ["options_for", "style_of"]


def options_for(options: Mapping[str, Any], size: str, where: str) -> dict[str, Any]:
    """Options of an exhibit at another size.

    Parameters
    ----------
    options : mapping
        As they are; `width` among them for a figure.
    size : {"page", "column", "slide", "phone"}
        160 mm and 80 mm of a document, a slide of 13.33 x 7.5 in, a screen 390 px wide, where the labels of rows
        stand above them.
    where : str
        The exhibit, for the error.

    Raises
    ------
    ExportError
        If the size is unknown, or the exhibit is a table.
    """
    if "width" not in options:
        message = "A table takes the width of its page."
        raise ExportError(message, where=where, got=f"size={size!r}", fix="leave out size=")
    theme.style(size)
    return {**options, "width": size}


def style_of(options: Mapping[str, Any]) -> Style:
    """Sizes of the picture of an exhibit with these options."""
    return theme.style(str(options.get("width") or "full"))

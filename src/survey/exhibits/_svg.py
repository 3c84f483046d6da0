"""A drawing whose text is text: it can be searched, copied and read aloud, and is as wide as what was measured.

matplotlib names the one family that it drew with. Where a reader of the file does not have it, another font must fill
the same room: each line says how long it is (`textLength`, SVG 1.1, section 10.5), and the families that come nearest
are named in their order. Where the font is there, its own widths are those, and nothing changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from survey.base.html import unescape
from survey.exhibits.letters import STACK, unit_width

__all__ = ["described", "with_text"]

_TEXT = re.compile(r'<text((?: [\w:-]+="[^"]*")+)>([^<]*)</text>')
_ATTRIBUTE = re.compile(r' ([\w:-]+)="([^"]*)"')


def with_text(drawing: str) -> str:
    """matplotlib's SVG with the length of each line of text and the families that may draw it."""
    return _TEXT.sub(lambda found: _line(dict(_ATTRIBUTE.findall(found[1])), found[2]), drawing)


def _line(attributes: dict[str, str], text: str) -> str:
    style = dict(part.split(": ", 1) for part in attributes.pop("style").split("; "))
    size = float(style.pop("font-size").removesuffix("px"))
    weight = "italic" if style.pop("font-style", "") == "italic" else "bold" if "font-weight" in style else "normal"
    style.pop("font-weight", None)
    style.pop("font-family", None)
    if attributes.get("transform", "").startswith("rotate(-0 "):
        del attributes["transform"]
    # attributes of presentation, which readers of less than all of CSS know too
    said = {**attributes, **style, "font-family": STACK, "font-size": f"{size:g}"}
    said |= {"bold": {"font-weight": "bold"}, "italic": {"font-style": "italic"}}.get(weight, {})
    length = size * unit_width(unescape(text), weight)
    if len(text) > 1 and length > 0:
        said |= {"textLength": f"{length:.3f}", "lengthAdjust": "spacingAndGlyphs"}
    return f"<text{''.join(f' {name}={quoteattr(value)}' for name, value in said.items())}>{text}</text>"


def described(drawing: str, key: str, words: Mapping[str, str]) -> str:
    """A drawing that names itself to screen readers: role, language, title and description, bound by ids.

    Parameters
    ----------
    drawing : str
        With the title that matplotlib writes.
    key : str
        Begins the ids: several drawings may stand on one page.
    words : mapping of str to str
        "Title", "Description" and "Language".
    """
    title, description = escape(words["Title"]), escape(words["Description"])
    said = f'<title id="{key}-t">{title}</title>\n <desc id="{key}-d">{description}</desc>'
    # a function, so that a backslash in a title is no group reference
    made = re.sub(r"<title>.*?</title>", lambda _: said, drawing, count=1, flags=re.DOTALL)
    spoken = f'lang="{words["Language"]}" xml:lang="{words["Language"]}" xml:space="preserve"'
    return made.replace("<svg ", f'<svg role="img" {spoken} aria-labelledby="{key}-t {key}-d" ', 1)

"""The pieces of WordprocessingML that a report is made of, as text: paragraphs, runs with evidence, fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from survey.base._archive import UNWRITABLE
from survey.base.html import escape
from survey.reports.evidence import Run

__all__ = ["NAMESPACES", "Ids", "bookmarked", "field_of", "link", "paragraph", "runs", "text_run"]

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_TAG = 64
"""Letters of the tag of a content control."""


@dataclass(slots=True)
class Ids:
    """Numbers of content controls and bookmarks, and the bookmark of each thing that is linked to, in order."""

    _next: Iterable[int] = field(default_factory=lambda: count(1))
    names: dict[str, str] = field(default_factory=dict)

    def number(self) -> int:
        """The next number."""
        return next(iter(self._next))

    def name(self, key: str) -> str:
        """The bookmark of a key; names of bookmarks have 40 letters at most and no signs."""
        return self.names.setdefault(key, f"_Report{len(self.names) + 1:04d}")


def text_run(text: str, properties: str = "") -> str:
    """A run; a line break in the text is one in the document."""
    lines = UNWRITABLE.sub("\ufffd", text).split("\n")
    inside = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{inside}</w:r>"


def runs(found: Sequence[Run], ids: Ids, properties: str = "") -> str:
    """Runs; a number with evidence is in a content control whose tag is its id, a reference is a field."""
    made = []
    for run in found:
        own = ("<w:b/>" if run.strong and "<w:b/>" not in properties else "") + ("<w:i/>" if run.italic else "")
        inside = text_run(run.text, own + properties)
        if run.evidence:
            inside = (
                f'<w:sdt><w:sdtPr><w:tag w:val="{escape(run.evidence[:_TAG])}"/><w:id w:val="{ids.number()}"/>'
                f'<w15:appearance w15:val="hidden"/></w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>'
            )
        elif run.refers:
            inside = field_of(f" REF {ids.name(run.refers)} \\h ", inside)
        made.append(inside)
    return "".join(made)


def field_of(instruction: str, inside: str) -> str:
    """A field with what it shows until it is updated."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{escape(instruction)}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{inside}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def bookmarked(inside: str, name: str, ids: Ids) -> str:
    """What a link or a reference finds under a name."""
    number = ids.number()
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'


def link(inside: str, name: str) -> str:
    """A link to a bookmark."""
    return f'<w:hyperlink w:anchor="{name}" w:history="1">{inside}</w:hyperlink>'


def paragraph(inside: str, style: str = "", properties: str = "") -> str:
    """A paragraph; properties in the order of the schema, after the style."""
    told = (f'<w:pStyle w:val="{escape(style)}"/>' if style else "") + properties
    return f"<w:p>{f'<w:pPr>{told}</w:pPr>' if told else ''}{inside}</w:p>"

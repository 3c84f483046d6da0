"""Where the numbers of a slide come from, as a part of the file beside it: a shape, a place in it, the id.

PowerPoint keeps such parts with their slide ("customer data"); docs/report.md says what is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from survey.base.html import escape
from survey.reports.evidence import Run, numbers_in

__all__ = ["NAMESPACE", "Places"]

NAMESPACE = "urn:survey:evidence:1"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PRESENTATION = "http://schemas.openxmlformats.org/presentationml/2006/main"


@dataclass(slots=True)
class Places:
    """The places of the numbers of one slide; everything is counted from 1."""

    found: list[str] = field(default_factory=list)

    def text(self, runs: Sequence[Run], paragraph: int, shape: int = 0) -> None:
        """Numbers of a paragraph of a shape, or, without a shape, of the speaker notes."""
        where = f'shape="{shape}"' if shape else 'part="notes"'
        for nth, evidence in _numbers(runs):
            self.found.append(f'<text {where} paragraph="{paragraph}" number="{nth}" id="{escape(evidence)}"/>')

    def cell(self, runs: Sequence[Run], row: int, column: int, shape: int) -> None:
        """Numbers of a cell of a table; headings are rows too."""
        for nth, evidence in _numbers(runs):
            place = f'shape="{shape}" row="{row}" column="{column}" number="{nth}"'
            self.found.append(f'<cell {place} id="{escape(evidence)}"/>')

    def point(self, series: int, category: int, what: str, evidence: str, shape: int) -> None:
        """A number of a chart: its value, or an end ("low", "high") of its interval."""
        place = f'shape="{shape}" series="{series}" category="{category}" value="{what}"'
        self.found.append(f'<point {place} id="{escape(evidence)}"/>')

    def category(self, category: int, nth: int, evidence: str, shape: int) -> None:
        """A number in the name of a category of a chart."""
        place = f'shape="{shape}" category="{category}" number="{nth}"'
        self.found.append(f'<category {place} id="{escape(evidence)}"/>')

    def attach(self, slide: Any, number: int) -> None:
        """Put them beside a slide, as the part that it names as its customer data."""
        from pptx.opc.package import Part
        from pptx.opc.packuri import PackURI
        from pptx.oxml import parse_xml

        if not self.found:
            return
        package = slide.part.package
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        lines = "\n".join(self.found)
        content = f'{head}<evidence xmlns="{NAMESPACE}" slide="{number}">\n{lines}\n</evidence>\n'
        own = package.next_partname("/customXml/item%d.xml")
        part = Part(own, "application/xml", package, content.encode("utf-8"))
        about = f'{head}<ds:datastoreItem ds:itemID="{{{str(uuid5(NAMESPACE_URL, f"{NAMESPACE}:{number}")).upper()}}}" '
        about += f'xmlns:ds="{_OFFICE}/customXml"><ds:schemaRefs><ds:schemaRef ds:uri="{NAMESPACE}"/></ds:schemaRefs>'
        about += "</ds:datastoreItem>"
        kind = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
        name = PackURI(str(own).replace("/item", "/itemProps"))
        part.relate_to(Part(name, kind, package, about.encode("utf-8")), f"{_OFFICE}/relationships/customXmlProps")
        r_id = slide.part.relate_to(part, f"{_OFFICE}/relationships/customXml")
        xml = f'<p:custDataLst xmlns:p="{_PRESENTATION}" xmlns:r="{_OFFICE}/relationships">'
        slide._element.cSld.spTree.addnext(parse_xml(f'{xml}<p:custData r:id="{r_id}"/></p:custDataLst>'))


def _numbers(runs: Sequence[Run]) -> list[tuple[int, str]]:
    """Which of the numbers written in some runs have evidence; 0 for a whole text that is no number."""
    whole = "".join(run.text for run in runs)
    written = numbers_in(whole)
    found: list[tuple[int, str]] = []
    at = 0
    for run in runs:
        if run.evidence:
            own = numbers_in(run.text)
            first = at + own[0].start() if len(own) == 1 else -1
            nth = next((k for k, m in enumerate(written, 1) if m.start() <= first < m.end()), 0)
            found.append((nth, run.evidence))
        at += len(run.text)
    return found

"""A report as one page that needs nothing else: contents, sortable tables, a switch of the language of everything."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from survey.base import catalogue
from survey.base._archive import UNWRITABLE
from survey.base.html import escape, markup, render
from survey.reports.document import Block, Document, ExhibitBlock, Heading, PageBreak, Paragraph, WordTable, name_of
from survey.reports.evidence import Run
from survey.reports.page_frame import framed
from survey.reports.page_look import SCRIPT
from survey.reports.page_table import table_html
from survey.reports.pictures import apart, drawings
from survey.words import locale as loc

__all__ = ["page"]


def page(documents: Sequence[Document], step: Callable[[str], None] = lambda name: None) -> str:
    """A report in one or more languages as HTML.

    Every number with evidence is in an element whose `data-id` is its id. Without scripts all languages stand one after
    the other; with them one is shown, and a switch changes the text, the title and the language of the page.

    Parameters
    ----------
    documents : sequence of Document
        The same report by language; the first is shown first.
    step : callable (str)
        Called after each block.
    """
    first = documents[0]
    return framed(
        {document.lang: _article(document, step) for document in documents},
        kind="report",
        title=first.title,
        simulated=_simulated(first),
        script=SCRIPT,
        description=_simulated(first),
    )


def _simulated(document: Document) -> str:
    return catalogue.text("report.simulated_line", document.lang) if document.simulated else ""


def _article(document: Document, step: Callable[[str], None]) -> str:
    writer = _Writer(document)
    inside = []
    for block in document.blocks:
        inside.append(writer.block(block))
        step(document.lang)
    return render(
        _ARTICLE,
        d=document,
        sort=catalogue.text("report.sort", document.lang),
        contents=catalogue.text("report.contents", document.lang),
        skip=catalogue.text("report.to_contents", document.lang),
        simulated=_simulated(document),
        headings=[b for b in document.blocks if isinstance(b, Heading) and b.level <= 2],
        inside=markup("\n".join(writer.closed(inside))),
    )


_RANGE = re.compile(r"\d+–\d+")
"""Of "18–29", which no line breaks."""


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document, self.lang, self.listing = document, document.lang, False

    def block(self, block: Block) -> str:
        """A block as HTML; items one after the other are one list."""
        item = isinstance(block, Paragraph) and block.kind == "item"
        before = "<ul>" if item and not self.listing else "</ul>" if self.listing and not item else ""
        self.listing = item
        return before + self._made(block)

    def closed(self, parts: list[str]) -> list[str]:
        """The blocks, with the last list closed."""
        return [*parts, "</ul>"] if self.listing else parts

    def _made(self, block: Block) -> str:
        if isinstance(block, Heading):
            level = block.level + 1
            return f'<h{level} id="{self._id(block.key)}" tabindex="-1">{_text(block.text)}</h{level}>'
        if isinstance(block, PageBreak):
            return '<div class="page"></div>'
        if isinstance(block, Paragraph):
            inside = self._runs(block.runs)
            return f"<li>{inside}</li>" if block.kind == "item" else f'<p class="{block.kind}">{inside}</p>'
        return self._exhibit(block)

    def _exhibit(self, block: ExhibitBlock | WordTable) -> str:
        caption = f"{name_of(block, self.lang)}. {block.heading}"
        if isinstance(block, WordTable):
            lead = f"{loc.word('notes', self.lang)}: "
            notes = [lead + " ".join(loc.sentence(n) for n in block.notes)] if block.notes else []
            body = table_html(block, caption, self._runs)
            return self._figure(block.key, body, notes)
        if block.kind == "table":
            return self._figure(block.key, table_html(block, caption, self._runs), block.notes)
        drawn = apart(drawings(block.ready), f"{self._id(block.key)}-")
        return self._figure(block.key, drawn, block.notes, caption, block.exhibit.name)

    def _figure(self, key: str, body: str, notes: Sequence[str], caption: str = "", shows: str = "") -> str:
        lines = "".join(f"<p>{_text(note)}</p>" for note in notes)
        title = f"<p><strong>{_text(caption)}</strong></p>" if caption else ""
        told = f"<figcaption>{title}{lines}</figcaption>" if title or lines else ""
        evidence = f' data-exhibit="{escape(shows)}"' if shows else ""
        return f'<figure id="{self._id(key)}"{evidence}>\n{body}\n{told}</figure>'

    def _runs(self, found: Sequence[Run]) -> str:
        made = []
        for run in found:
            inside = _RANGE.sub(r'<span class="whole">\g<0></span>', _text(run.text))
            inside = f"<strong>{inside}</strong>" if run.strong else inside
            inside = f"<em>{inside}</em>" if run.italic else inside
            if run.evidence:
                inside = f'<span data-id="{escape(run.evidence)}">{inside}</span>'
            elif run.refers:
                inside = f'<a href="#{self._id(run.refers)}">{inside}</a>'
            made.append(inside)
        return "".join(made)

    def _id(self, key: str) -> str:
        return escape(f"{self.lang}-{key}")


def _text(text: str) -> str:
    return escape(UNWRITABLE.sub("\ufffd", text))


_ARTICLE = """\
<article id="report-{{ d.lang }}" lang="{{ d.lang }}" data-title="{{ d.title }}" data-sort="{{ sort }}">
{% if headings %}
<a class="skip" href="#{{ d.lang }}-contents">{{ skip }}</a>
{% endif %}
{% if simulated %}
<p class="simulated">{{ simulated }}</p>
{% endif %}
<header>
<h1>{{ d.title }}</h1>
<p>{{ d.source }}</p>
</header>
{% if headings %}
<nav class="contents" id="{{ d.lang }}-contents" aria-label="{{ contents }}" tabindex="-1">
<details open>
<summary>{{ contents }}</summary>
<ul>
{% for h in headings %}
<li class="level{{ h.level }}"><a href="#{{ d.lang }}-{{ h.key }}">{{ h.text }}</a></li>
{% endfor %}
</ul>
</details>
</nav>
{% endif %}
<div class="body">
{{ inside }}
</div>
</article>"""

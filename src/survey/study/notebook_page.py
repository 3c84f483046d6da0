"""An executed notebook as a page that reads like an article: one language at a time, what came out before the code.

The page is whole without the network, and no part of it asks for anything. Without scripts it shows one language too,
and a link leads to the other.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from survey.base import catalogue
from survey.base.files import writing
from survey.base.html import escape, markup, render
from survey.base.text import uncoloured
from survey.opendata import download
from survey.reports.page_frame import framed
from survey.reports.page_look import SWITCH
from survey.study import notebook_displays as displays
from survey.study import notebook_look as look
from survey.study.notebook_languages import heading, in_language, languages_in
from survey.study.study_data import StudyData

__all__ = ["languages_of", "page", "write"]

_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
_BIG = re.compile(r"<(/?)h[12]\b")
_TAGS = re.compile(r"<[^>]+>")


def write(study: StudyData, name: str, book: Any, path: Path) -> None:
    """Write the page of a notebook, without where the project and the data lie on this machine.

    Parameters
    ----------
    study : StudyData
    name : str
        Of the notebook.
    book : NotebookNode
        Executed, as far as it got.
    path : Path
    """
    text = page(book, name, languages_of(study, book), simulated=study.simulated and name not in study.real)
    for folder, shown in _machine_paths(study):
        text = text.replace(folder, shown)
    with writing(path, [*study.inputs, study.notebooks / f"{name}.ipynb"]) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def languages_of(study: StudyData, book: Any) -> tuple[str, ...]:
    """The languages that a notebook of a study is read in, the one that is shown first before the others."""
    return languages_in(book, study.shown_in, study.language)


def page(book: Any, name: str, languages: Sequence[str], *, simulated: bool = False) -> str:
    """The page as HTML.

    Parameters
    ----------
    book : NotebookNode
    name : str
        The title where the notebook has none.
    languages : sequence of str
        The first is the one that is shown first.
    simulated : bool
        Whether to say on the page that the data are simulated.
    """
    articles = [_Article(book, name, lang, simulated, other=i > 0) for i, lang in enumerate(languages)]
    return framed(
        {a.lang: render(look.ARTICLE, a=a) for a in articles},
        kind="page",
        title=articles[0].title,
        simulated=articles[0].simulated,
        script=f"{look.SCRIPTED}\n{SWITCH}",
        style=look.STYLE,
    )


class _Article:
    """What the page shows in one language."""

    def __init__(self, book: Any, name: str, lang: str, simulated: bool, *, other: bool) -> None:
        self.lang, self.other = lang, other
        self.title = heading(book, lang) or name
        self.contents = catalogue.text("report.contents", lang)
        self.simulated = catalogue.text("report.simulated_line", lang) if simulated else ""
        self.headings: list[tuple[str, str]] = []
        parts = []
        for kind, cells in groupby(book.cells, key=lambda cell: cell.cell_type):
            if kind == "markdown":
                parts += [self._prose(cell) for cell in cells]
            elif kind == "code":
                parts.append(self._computed(list(cells)))
        self.body = markup("\n".join(part for part in parts if part))

    def _prose(self, cell: Any) -> str:
        from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

        attached = cell.get("attachments", {})
        renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=attached)
        html: str = MarkdownWithMath(renderer=renderer).render(in_language(cell.source, self.lang))

        def named(found: re.Match[str]) -> str:
            level, text = found.groups()
            if level == "1":
                return ""  # the title stands above everything
            key = f"{self.lang}-{cell.get('id', 'cell')}-{len(self.headings)}"
            if level == "2":
                self.headings.append((key, _TAGS.sub("", text)))
            return f'<h{level} id="{escape(key)}" tabindex="-1">{text}</h{level}>'

        return _HEADING.sub(named, html)

    def _computed(self, cells: list[Any]) -> str:
        """What cells that follow each other showed, and below it their code, folded."""
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        warned = [escape(o.text) for o in outputs if _is_warning(o)]
        shown = [self._output(output) for output in outputs if not _is_warning(output)]
        sources = [cell.source for cell in cells if cell.source.strip()]
        lines = sum(len(source.splitlines()) for source in sources)
        code = [markup(_highlighted(source)) for source in sources]
        label = catalogue.text("notebook.code", self.lang, n=lines)
        told = catalogue.text("notebook.warnings", self.lang, n=len(warned))
        folded = [
            render(look.FOLDED, kind="code", label=label, parts=code) if code else "",
            render(look.FOLDED, kind="warnings", label=told, parts=[markup(look.WARNING.format(w)) for w in warned])
            if warned
            else "",
        ]
        return "\n".join(filter(None, [*shown, *folded]))

    def _output(self, output: Any) -> str:
        if output.output_type == "stream":
            return f'<pre class="{escape(output.name)}" tabindex="0">{escape(output.text)}</pre>'
        if output.output_type == "error":
            told = uncoloured("\n".join(output.traceback))
            return f'<pre class="error" tabindex="0">{escape(told)}</pre>'
        data = output.get("data", {})
        if displays.MEDIA_TYPE in data:
            shown = data[displays.MEDIA_TYPE].get(self.lang, "")
            return self._boxed(shown) if shown else ""
        if "text/html" in data:
            return self._boxed(data["text/html"])
        if "image/svg+xml" in data:
            return f'<div class="output">{data["image/svg+xml"]}</div>'
        if "image/png" in data:
            told = escape(str(output.get("metadata", {}).get("image/png", {}).get("alt", "")))
            return f'<img alt="{told}" src="data:image/png;base64,{data["image/png"].strip()}">'
        return f'<pre tabindex="0">{escape(data["text/plain"])}</pre>' if "text/plain" in data else ""

    def _boxed(self, html: str) -> str:
        """HTML whose tables scroll sideways in boxes of their own, which keys reach."""
        label = escape(catalogue.text("notebook.table", self.lang))
        box = f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">'
        html = _BIG.sub(r"<\1h3", html)
        boxed = html if "tabindex" in html else _TABLE.sub(lambda table: f"{box}{table[0]}</div>", html)
        return f'<div class="output">{boxed}</div>'


def _is_warning(output: Any) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")


def _highlighted(source: str) -> str:
    from nbconvert.filters.highlight import Highlight2HTML

    html: str = Highlight2HTML()(source, language="python")
    return html.replace("<pre>", '<pre tabindex="0">')


def _machine_paths(study: StudyData) -> list[tuple[str, str]]:
    """What must not be read off an executed copy: where the project and the data lie on this machine."""
    root, home = os.path.abspath(study.notebooks.parent), os.environ.get(download.HOME_VARIABLE)
    folders = [(root, "."), *([(os.path.abspath(home), download.HOME_VARIABLE)] if home else [])]
    # a short path could stand by chance in the letters of an embedded picture
    return sorted((f for f in folders if len(f[0]) >= 8), key=lambda f: -len(f[0]))

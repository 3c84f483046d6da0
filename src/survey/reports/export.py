"""Exhibits to files: pictures, numbers, pages and documents that carry their title, source and alternative text."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

from survey.base.arguments import checked, listed
from survey.base.files import inputs, together, writing
from survey.base.html import markup, render, whole_page
from survey.base.spreadsheet import for_spreadsheets
from survey.errors import ExportError, shorten
from survey.exhibits._unwritable import writable
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.finding import Finding
from survey.exhibits.linked import protected
from survey.exhibits.picture import picture_of, shared_pictures
from survey.reports.bundle import bundle
from survey.reports.pictures import drawings
from survey.words.locale import check_language

__all__ = ["FORMATS", "by_file_name", "export"]

FORMATS = {
    "figure": ("png", "svg", "pdf", "csv", "html", "docx", "xlsx", "pptx"),
    "table": ("csv", "html", "docx", "xlsx", "pptx"),
}
"""What each kind of exhibit can be written as."""

_USUAL = {"figure": ("png", "svg", "pdf", "csv", "html"), "table": ("csv", "html", "docx", "xlsx")}


@overload
def export(
    exhibit: Exhibit,
    name: str | None = None,
    *,
    formats: str | Sequence[str] | None = None,
    folder: str | os.PathLike[str] = ".",
    languages: Sequence[str] | None = None,
    size: str | None = None,
) -> dict[str, Path]: ...


@overload
def export(
    exhibit: Mapping[str, Exhibit | Finding] | Sequence[Exhibit | Finding],
    name: str,
    *,
    formats: str | Sequence[str] | None = None,
    folder: str | os.PathLike[str] = ".",
    languages: Sequence[str] | None = None,
) -> dict[str, Path]: ...


@overload
def export(
    exhibit: Mapping[str, Exhibit] | Sequence[Exhibit],
    *,
    formats: str | Sequence[str] | None = None,
    folder: str | os.PathLike[str] = ".",
    languages: Sequence[str] | None = None,
    size: str | None = None,
) -> dict[str, dict[str, Path]]: ...


@checked(ExportError)
def export(
    exhibit: Exhibit | Mapping[str, Exhibit | Finding] | Sequence[Exhibit | Finding],
    name: str | None = None,
    *,
    formats: str | Sequence[str] | None = None,
    folder: str | os.PathLike[str] = ".",
    languages: Sequence[str] | None = None,
    size: str | None = None,
) -> dict[str, Path] | dict[str, dict[str, Path]]:
    """Write an exhibit to files, with `<name>.json` for all its words: all of them, or none.

    Several are written together, and protected over all of them: rows of one that give away what another hides are
    hidden too (`sv.protect`), in whatever order they come. With a `name` they become one document of each format;
    findings among them are its paragraphs. Without one each has files of its own.

    Parameters
    ----------
    exhibit : Exhibit, mapping of file name to Exhibit, or sequence of Exhibit
        With a `name`, `Finding` may stand among several.
    name : str, optional
        File name without ending; the exhibit's own name when not given. Of several: that of one document of them all.
    formats : str or sequence of str, optional
        Of `FORMATS`; png, svg, pdf, csv and html for a figure, csv, html, docx and xlsx for a table when not given.
        Of one document of several: docx, html, pptx and xlsx; docx and xlsx when not given.
    folder : str or path
        Made if it is not there.
    languages : sequence of {"vi", "en"}, optional
        A file in each, `<name>.<lang>.<ending>`; otherwise `<name>.<ending>` in the exhibit's own language.
    size : {"page", "column", "slide", "phone"}, optional
        Of the picture of a figure, drawn anew for each: 160 mm or 80 mm of a document, a slide of 13.33 x 7.5 in, a
        screen 390 px wide. The exhibit's own `width` when not given. A PPTX always has the size of its slide.

    Returns
    -------
    dict
        Format ("png"; "vi.png" where languages were given) to Path; of an exhibit "json" too. Every file has the same
        bytes on every run. Of several without a name, file name to such a dict each.

    Raises
    ------
    ExportError
        For an unsupported format, an unknown language or size, a size of a table, a name that is not a file name, or a
        finding without a document to stand in;
        if a file of that name is one that the numbers come from; if the system does not let write.
    """
    if name is not None and not isinstance(exhibit, Exhibit) and isinstance(exhibit, Mapping | Sequence) and exhibit:
        if size is not None:
            raise ExportError("Figures of one document have the size of its page.", got=size, fix="leave out size=")
        return bundle(exhibit, _checked_name(name), formats, folder, languages)
    named = by_file_name(exhibit, name)
    if not isinstance(exhibit, Exhibit):
        each: dict[str, dict[str, Path]] = {}
        with together():
            for stem, one in zip(named, protected(tuple(named.values())), strict=True):
                each[stem] = _written(one, stem, formats, folder, languages, size)
        return each
    return _written(exhibit, next(iter(named)), formats, folder, languages, size)


def by_file_name(exhibits: Any, name: str | None = None) -> dict[str, Exhibit]:
    """Exhibits by the names of their files, which must differ; `name` is that of a single one."""
    pairs: list[tuple[str, Any]]
    if isinstance(exhibits, Exhibit):
        pairs, name = [(exhibits.name if name is None else name, exhibits)], None
    elif isinstance(exhibits, Mapping):
        pairs = [(str(stem), x) for stem, x in exhibits.items()]
    else:
        several = exhibits if isinstance(exhibits, Sequence) and not isinstance(exhibits, str) else [exhibits]
        pairs = [(str(getattr(x, "name", "")), x) for x in several]
    if any(isinstance(x, Finding) for _, x in pairs):
        raise ExportError(
            "A finding has no files of its own.",
            got=shorten(x.id for _, x in pairs if isinstance(x, Finding)),
            expected="figures and tables; or a name for one document of them all",
            fix='write export([exhibit, finding], "report", formats=["docx"], folder=...)',
        )
    wrong = [type(x).__name__ for _, x in pairs if not isinstance(x, Exhibit)]
    stems = [stem for stem, _ in pairs]
    if wrong or not pairs or name is not None or len({stem.casefold() for stem in stems}) < len(stems):
        raise ExportError(
            "Only figures and tables can be exported, several together if each has a file name.",
            got=shorten(wrong) if wrong else shorten(stems) or "no exhibits",
            expected="an exhibit, or exhibits that each have a name",
            fix='write export({"fig03": exhibit, "fig04": other}, folder=...)',
        )
    return {_checked_name(stem): x for stem, x in pairs}


def _written(
    exhibit: Exhibit,
    stem: str,
    formats: str | Sequence[str] | None,
    folder: str | os.PathLike[str],
    languages: Sequence[str] | None,
    size: str | None,
) -> dict[str, Path]:
    wanted = _USUAL[exhibit.kind] if formats is None else _checked_formats(exhibit, formats)
    if size is not None:
        exhibit = exhibit.sized(size)
    versions = {"": exhibit}
    if languages is not None:
        versions = {f"{check_language(lang)}.": exhibit.in_language(lang) for lang in languages}
    versions = {prefix: writable(version, stem) for prefix, version in versions.items()}
    written: dict[str, Path] = {}
    with together(), shared_pictures(), inputs(exhibit.estimates.codebook.files):
        for prefix, version in versions.items():
            for ending in wanted:
                path = Path(folder) / f"{stem}.{prefix}{ending}"
                _WRITERS[ending](version, path)
                written[f"{prefix}{ending}"] = path
        written["json"] = Path(folder) / f"{stem}.json"
        _sidecar(exhibit, list(versions.values()), stem, written)
    return written


def _checked_name(name: str) -> str:
    if not name or not re.fullmatch(r"[^\\/:*?\"<>|\x00-\x1f]+", name) or name.strip(". ") != name:
        raise ExportError(
            "An exhibit needs a file name.",
            got=repr(name),
            expected='a name without folders, such as "fig03"',
            fix='write export(exhibit, "fig03", folder=...)',
        )
    return name


def _checked_formats(exhibit: Exhibit, formats: str | Sequence[str]) -> list[str]:
    asked = listed(formats)
    unknown = [f for f in asked if f not in FORMATS[exhibit.kind]]
    if unknown or not asked:
        raise ExportError(
            f"A {exhibit.kind} cannot be written in this format.",
            where=exhibit.name or None,
            got=shorten(unknown) or "no format",
            expected=shorten(FORMATS[exhibit.kind]),
            fix="choose one of these formats",
        )
    return list(dict.fromkeys(asked))


def _write(path: Path, content: bytes) -> None:
    with writing(path) as temporary:
        temporary.write_bytes(content)


def _png(exhibit: Exhibit, path: Path) -> None:

    _write(path, picture_of(exhibit).png("full", exhibit.style.dpi))


def _pdf(exhibit: Exhibit, path: Path) -> None:
    _write(path, picture_of(exhibit).pdf())


def _svg(exhibit: Exhibit, path: Path) -> None:
    _write(path, picture_of(exhibit).svg("full").encode("utf-8"))


def _csv(exhibit: Exhibit, path: Path) -> None:
    # with a byte order mark Excel reads Vietnamese letters as they are; pandas and readr skip it
    text = for_spreadsheets(exhibit.frame()).to_csv(index=False, lineterminator="\n")
    _write(path, text.encode("utf-8-sig"))


def _html(exhibit: Exhibit, path: Path) -> None:
    _write(path, _page(exhibit).encode("utf-8"))


_STYLE = """
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #1a1a1a; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 0; }
h1 { font-size: 1.4rem; line-height: 1.3; }
figure svg { width: 100%; height: auto; }
.narrow { display: none; }
@media (max-width: 600px) { .wide { display: none; } .narrow { display: block; margin: 0 -1rem; } }
figcaption p, footer p, p.subtitle { margin: .3rem 0; color: #595959; font-size: .9rem; }
@media print { body { margin: 0; } }
""".strip()


def _page(exhibit: Exhibit) -> str:
    """A page that stands alone: title, picture or table, caption, notes, source, and a figure's numbers below it."""
    from survey.tables._html import table_html

    picture = ""
    if exhibit.kind == "figure":
        picture = drawings(exhibit)
    inside = render(
        _MAIN,
        exhibit=exhibit,
        picture=markup(picture),
        numbers=markup(table_html(exhibit, words=False)),
        words=exhibit.footing,
    )
    return whole_page(inside, lang=exhibit.lang, title=exhibit.title, style=_STYLE, description=exhibit.alt)


_MAIN = """\
<main>
<h1>{{ exhibit.title }}</h1>
{% if exhibit.subtitle %}
<p class="subtitle">{{ exhibit.subtitle }}</p>
{% endif %}
{% if picture %}
<figure>
{{ picture }}
<figcaption>
{% for text in words %}
<p>{{ text }}</p>
{% else %}

{% endfor %}
</figcaption>
</figure>
{{ numbers }}
{% else %}
{{ numbers }}
<footer>
{% for text in words %}
<p>{{ text }}</p>
{% else %}

{% endfor %}
</footer>
{% endif %}
</main>"""


def _docx(exhibit: Exhibit, path: Path) -> None:
    from survey.tables import to_docx

    to_docx(exhibit, path)


def _xlsx(exhibit: Exhibit, path: Path) -> None:
    from survey.tables import to_xlsx

    to_xlsx(exhibit, path)


def _pptx(exhibit: Exhibit, path: Path) -> None:
    from survey.tables import to_pptx

    to_pptx(exhibit, path)


def _sidecar(exhibit: Exhibit, versions: list[Exhibit], stem: str, written: dict[str, Path]) -> None:
    e = exhibit.estimates
    texts: dict[str, Any] = {
        v.lang: {"title": v.title, "subtitle": v.subtitle, "caption": v.caption, "alt": v.alt}
        | {"source": v.source, "notes": list(v.notes)}
        for v in versions
    }
    content = {
        "name": stem,
        "kind": exhibit.kind,
        "form": exhibit.form.name,
        "hash": exhibit.hash,
        "statistic": e.statistic,
        "by": list(e.by),
        "level": e.level,
        "rows": len(e.table),
        "simulated": e.simulated,
        "files": sorted(p.name for key, p in written.items() if key != "json"),
        "texts": texts,
    }
    _write(written["json"], (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))


_WRITERS: dict[str, Callable[[Exhibit, Path], None]] = {
    "png": _png,
    "svg": _svg,
    "pdf": _pdf,
    "csv": _csv,
    "html": _html,
    "docx": _docx,
    "xlsx": _xlsx,
    "pptx": _pptx,
}

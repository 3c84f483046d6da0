"""Several figures, tables and findings as one document: Word, Excel, PowerPoint, or a page."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from survey.base.arguments import listed as names_of
from survey.base.files import inputs, together, writing
from survey.errors import ExportError, shorten
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.finding import Finding
from survey.exhibits.linked import protected
from survey.exhibits.picture import shared_pictures
from survey.reports.document import Block, Document, ExhibitBlock, Paragraph
from survey.reports.evidence import Run
from survey.reports.page import page
from survey.tables._items import Item, exhibits_of, language_of_items, refuse_others
from survey.words.locale import check_language

__all__ = ["DOCUMENTS", "bundle"]

DOCUMENTS = ("docx", "html", "pptx", "xlsx")
"""What several exhibits can be written as together."""
_USUAL = ("docx", "xlsx")


def bundle(
    items: Mapping[str, Item] | Sequence[Item],
    name: str,
    formats: str | Sequence[str] | None,
    folder: str | os.PathLike[str],
    languages: Sequence[str] | None,
) -> dict[str, Path]:
    """Write exhibits and findings into one document of each format, in their order.

    A finding is a paragraph of a document or page, and a line of the contents of a workbook.

    Raises
    ------
    ExportError
        For another format, or something that is neither an exhibit nor a finding; as `tables.to_docx` and the others.
    """
    asked = list(dict.fromkeys(_USUAL if formats is None else names_of(formats)))
    unknown = [one for one in asked if one not in DOCUMENTS]
    if unknown or not asked:
        raise ExportError(
            "Several exhibits cannot be written into one file of this format.",
            where=name,
            got=shorten(unknown) or "no format",
            expected=shorten(DOCUMENTS),
            fix="choose one of these formats, or leave out the name: each exhibit then has files of its own",
        )
    chosen = list(items.values()) if isinstance(items, Mapping) else list(items)
    refuse_others(chosen, name)
    exhibits = exhibits_of(chosen)
    safe = iter(protected(tuple(exhibits)))
    chosen = [next(safe) if isinstance(item, Exhibit) else item for item in chosen]
    versions = {"": (language_of_items(chosen), chosen)}
    if languages is not None:
        codes = [check_language(lang) for lang in languages]
        versions = {f"{lang}.": (lang, [_in(item, lang) for item in chosen]) for lang in codes}
    written: dict[str, Path] = {}
    files = [f for e in exhibits for f in e.estimates.codebook.files]
    with together(), shared_pictures(), inputs(files):
        for prefix, (lang, version) in versions.items():
            for ending in asked:
                path = Path(folder) / f"{name}.{prefix}{ending}"
                _write(version, path, ending, lang, name)
                written[f"{prefix}{ending}"] = path
    return written


def _in(item: Item, lang: str) -> Item:
    return item.in_language(lang) if isinstance(item, Exhibit) else item


def _write(items: Sequence[Item], path: Path, ending: str, lang: str, name: str) -> None:
    from survey import tables

    if ending == "html":
        content = page([_document(items, lang, name)])
        with writing(path) as temporary:
            temporary.write_bytes(content.encode("utf-8"))
        return
    verbs: dict[str, Callable[..., Path]] = {"docx": tables.to_docx, "xlsx": tables.to_xlsx, "pptx": tables.to_pptx}
    verbs[ending](list(items), path)


def _document(items: Sequence[Item], lang: str, name: str) -> Document:
    blocks: list[Block] = []
    for i, item in enumerate(items, 1):
        if isinstance(item, Finding):
            blocks.append(Paragraph((Run(item.text(lang)),), "finding"))
        else:
            blocks.append(ExhibitBlock(f"item-{i}", item))
    exhibits = exhibits_of(items)
    sources = list(dict.fromkeys(e.source for e in exhibits if e.source))
    simulated = any(e.estimates.simulated for e in exhibits)
    return Document.of(lang, name, simulated, " ".join(sources), blocks)

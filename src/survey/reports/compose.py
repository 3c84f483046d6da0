"""A report from its parts: results estimated once, held against each other, and told in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from survey.codebook._variable import pick
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.errors import StudyError, shorten
from survey.exhibits.exhibit import Exhibit
from survey.reports.disclosure import protect
from survey.reports.document import Block, Document, ExhibitBlock, Paragraph, WordTable
from survey.reports.markdown import blocks_of
from survey.reports.material import Material, Report
from survey.reports.parts import ALL
from survey.reports.settings import BLOCK

__all__ = ["compose", "results_of", "tables_of"]

_PRECISION = ("-waves", "overall-satisfied")
"""Results whose precision the methods annex tells."""


def results_of(material: Material, step: Callable[[str], None] = lambda name: None) -> dict[str, ResultData]:
    """Every result of the parts of a report, as they may be published together.

    Parameters
    ----------
    material : Material
    step : callable (str)
        Called with the name of each part that is estimated.
    """
    residents: dict[str, ResultData] = {}
    firms: dict[str, ResultData] = {}
    for name in material.settings.parts:
        if name.startswith(BLOCK):
            continue
        step(name)
        for found, make in ((residents, ALL[name].residents), (firms, ALL[name].firms)):
            found |= {key: value for key, value in make(material).items() if key not in found}
    if material.planned is not None:
        by_plan = _by_plan({**residents, **firms}, material.planned)
        residents, firms = ({name: by_plan[name] for name in found} for found in (residents, firms))
    safe = {**_protected(residents), **_protected(firms)}
    facts = {key: e for key, e in safe.items() if isinstance(e, EstimatesData) and key.endswith(_PRECISION)}
    safe["methods"] = material.methods(material.sample, facts)
    if material.firms is not None:
        of_firms = {key: e for key, e in safe.items() if key.endswith("-firms") and isinstance(e, EstimatesData)}
        safe["methods-firms"] = material.methods(material.firms, of_firms)
    return safe


def _by_plan(found: Mapping[str, ResultData], planned: Callable[..., Any]) -> dict[str, ResultData]:
    """The same results, p-values adjusted over the families of the study's plan.

    Differences in differences ask again what permutation tests ask: they are adjusted among themselves. So do effects
    under other choices, row by row: they are no further tests, and the report says that they are not adjusted.
    """
    tested = [name for name, e in found.items() if isinstance(e, EstimatesData) and "p_value" in e.table.columns]
    tested = [name for name in tested if not name.endswith("-choices")]
    again = [name for name in tested if name.endswith("-did") and "pilot-effect" in tested]
    made = dict(found)
    for names in ([name for name in tested if name not in again], again):
        if names:
            adjusted = planned(*(found[name] for name in names))
            made |= zip(names, adjusted if isinstance(adjusted, tuple) else (adjusted,), strict=True)
    return made


def _protected(found: Mapping[str, ResultData]) -> dict[str, ResultData]:
    """The same results with everything hidden that would give away what is hidden in another."""
    names = [name for name, e in found.items() if isinstance(e, EstimatesData)]
    kept: list[EstimatesData] = [e for e in found.values() if isinstance(e, EstimatesData)]
    safe = dict(zip(names, protect(*kept), strict=True)) if kept else {}
    return {name: safe.get(name, e) for name, e in found.items()}


def tables_of(material: Material, results: Mapping[str, ResultData], lang: str) -> dict[str, Exhibit]:
    """Every result as the table whose CSV evidence points to."""
    from survey import tables

    report = Report(material, lang, results)
    return {name: report.exhibit(name, _verb(name, tables.methods, tables.table)) for name in results}


def _verb(name: str, methods: Callable[..., Exhibit], table: Callable[..., Exhibit]) -> Callable[..., Exhibit]:
    return methods if name.startswith("methods") else table


def compose(
    material: Material,
    results: Mapping[str, ResultData],
    lang: str,
    step: Callable[[str], None] = lambda name: None,
    report: Report | None = None,
) -> Document:
    """The report in one language; `report` is where its exhibits are kept that slides show too.

    Raises
    ------
    StudyError
        If an author's block names a figure or table that the report does not have.
    """
    report = Report(material, lang, results) if report is None else report
    written: dict[str, list[Block]] = {}
    for name in material.settings.parts:
        if not name.startswith(BLOCK):
            step(name)
            written[name] = ALL[name].write(report)
    if "tables" in written:  # what a part shows as a table is not shown twice
        there = {
            b.key for name, part in written.items() if name != "tables" for b in part if isinstance(b, ExhibitBlock)
        }
        twice = {f"all-{key.removeprefix('tab-')}" for key in there if key.startswith("tab-")}
        written["tables"] = [b for b in written["tables"] if not isinstance(b, ExhibitBlock) or b.key not in twice]
    known = {b.key: b for part in written.values() for b in part if isinstance(b, ExhibitBlock | WordTable)}
    blocks: list[Block] = []
    for name in material.settings.parts:
        blocks += written[name] if name in written else _own(report, name.removeprefix(BLOCK), known)
    document = Document.of(
        lang, pick(material.settings.title, lang, ""), material.simulated, pick(material.source, lang, ""), blocks
    )
    return replace(document, blocks=tuple(_referred(document)))


def _own(report: Report, name: str, known: Mapping[str, ExhibitBlock | WordTable]) -> list[Block]:
    """An author's block; an exhibit that it shows has a key of its own, and the evidence of the first."""
    source = pick(report.material.settings.blocks[name], report.lang, "")

    def exhibit(key: str) -> Block:
        if key not in known:
            raise _unknown(name, [key], known)
        return replace(known[key], key=f"{name}-{key}")

    found = blocks_of(source, name, exhibit)
    asked = {run.refers for b in found if isinstance(b, Paragraph) for run in b.runs if run.refers}
    unknown = sorted(asked - set(known))
    if unknown:
        raise _unknown(name, unknown, known)
    return found


def _unknown(name: str, keys: Sequence[str], known: Iterable[str]) -> StudyError:
    return StudyError(
        "A block of the report names a figure or table that is not in it.",
        where=f"[report.blocks.{name}]",
        got=shorten(keys),
        expected=shorten(known, 20),
        fix="correct the name, or add the part that shows it",
    )


def _referred(document: Document) -> list[Block]:
    """References with what they say: "Table 3"."""
    names = document.names
    found: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Paragraph) and any(run.refers for run in block.runs):
            runs = []
            for run in block.runs:
                if run.refers:
                    run = replace(run, text=names[run.refers])
                runs.append(run)
            block = replace(block, runs=tuple(runs))
        found.append(block)
    return found

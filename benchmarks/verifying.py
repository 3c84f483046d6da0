"""Changes planted in finished reports of the default study, and how many are found: `python -m benchmarks.verifying`.

A reference is made once a preset, language and format; a document is changed, read and held against it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks import _page
from benchmarks._documents import Document, bare, opened, retyped
from benchmarks._measure import machine
from benchmarks._planting import KINDS, planted
from survey.reports.checking import Checked, checker
from survey.reports.checking_text import check_text
from survey.reports.compose import results_of
from survey.reports.expected import expected
from survey.reports.printed import Piece
from survey.reports.printed_file import printed_in
from survey.reports.settings import settings_of
from survey.study.report import material_of
from survey.study.study import Study

ROOT = Path(__file__).resolve().parents[1]
PRESETS, LANGUAGES, FORMATS = ("ward", "sipas", "papi", "oecd"), ("vi", "en"), ("docx", "html", "pptx", "xlsx")
WITHOUT = {"docx without ids": bare, "retyped": retyped, "pdf": opened}
"""What has lost its evidence, all of it from the Word document, and how it is opened."""
FILTERS = {"docx": "docx:MS Word 2007 XML", "pptx": "pptx:Impress MS PowerPoint 2007 XML", "pdf": "pdf"}
FILTERS["xlsx"] = "xlsx:Calc MS Excel 2007 XML"
_SHOWN = 40
Check = Callable[[Sequence[Piece]], list[Checked]]


def preset_measured(preset: str, seeds: int, folder: Path, study: Path, office: bool) -> dict[str, Any]:
    """All documents of a preset: alarms where nothing was changed, and what was planted and found.

    What there is stands after each document in `found.json` beside the reports: a run that was stopped goes on there.
    """
    made = Study.open(study)
    own = folder / preset
    if not (own / "report.html").exists():
        made.report(lang=LANGUAGES, formats=FORMATS, preset=preset, folder=own, progress=False)
    found = _kept(own)

    @cache
    def material() -> tuple[Any, Any]:
        data = material_of(made, settings_of(made.reporting, made.path, preset))
        return data, results_of(data)

    @cache
    def reference(lang: str, ending: str) -> list[Piece]:
        return expected(*material(), lang, f".{ending}")

    for lang in LANGUAGES:

        def check(name: str, lang: str = lang) -> Check:
            if name in ("retyped", "pdf"):
                return partial(check_text, report=reference(lang, "docx"))
            ending = name if name in FILTERS and name not in WITHOUT else "docx"
            return checker(reference(lang, ending), lang=lang, placed=ending in ("pptx", "xlsx"))

        for name in [*FORMATS, *(WITHOUT if office else [n for n in WITHOUT if n != "pdf"])]:
            key, document = f"{lang} {name}", None
            if key not in found:
                document = _document(own, name, lang)
            if document is not None:
                found[key] = _planted(document, check(name), (name, preset, lang), seeds)
                _keep(own, found)
        for ending in FORMATS if office else ():
            key = f"{lang} {ending}, saved by LibreOffice"
            path = (
                _converted(own / f"report.{lang}.{ending}", ending, own / f"saved.{lang}")
                if ending in FILTERS
                else None
            )
            if key not in found and path is not None:
                (read,) = printed_in(path)
                clean = _clean(check(ending)(list(read.pieces)), (key.partition(" ")[2], preset, lang), read.pieces)
                found[key] = {"clean": clean, "rows": []}
                _keep(own, found)
    return _flat(found)


def _kept(own: Path) -> dict[str, Any]:
    path = own / "found.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _keep(own: Path, found: dict[str, Any]) -> None:
    (own / "found.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    documents = list(found.values())
    return {"clean": [one["clean"] for one in documents], "rows": [row for one in documents for row in one["rows"]]}


def _planted(document: Document, check: Check, of: tuple[str, str, str], seeds: int) -> dict[str, Any]:
    name, preset, lang = of
    clean = check(document.pieces())
    wrong, rows = len(_faults(clean)), []
    for kind in KINDS:
        for seed in range(seeds if name in WITHOUT else 2 * seeds):
            for plant in planted(document, kind, seed, f"{preset} {lang} {name}"):
                seen = len(_faults(check(document.pieces()))) > wrong
                told = f"{preset}, {document.path.name}: {plant.before} -> {plant.after}"
                rows.append([name, kind, seen, told[:200]])
    return {"clean": _clean(clean, of, document.pieces()), "rows": rows}


def _clean(told: list[Checked], of: tuple[str, str, str], pieces: Sequence[Piece]) -> list[Any]:
    return [*of, sum(len(p.numbers) for p in pieces), [_told(one) for one in _faults(told)]]


def _document(own: Path, name: str, lang: str) -> Document | None:
    word = own / f"report.{lang}.docx"
    if name in FORMATS:
        return opened(own / (f"report.{lang}.{name}" if name != "html" else "report.html"), lang)
    path = word if name != "pdf" else _converted(word, "pdf", own / "pdf")
    return None if path is None else WITHOUT[name](path, lang)


def _converted(path: Path, ending: str, folder: Path) -> Path | None:
    """A document as LibreOffice saves it; None where that is not installed."""
    program = shutil.which("soffice")
    made = folder / f"{path.stem}.{ending}"
    if program is None or (ending == "pdf" and shutil.which("pdftotext") is None):
        return None
    if not made.exists():
        profile = f"-env:UserInstallation={(folder / 'profile').absolute().as_uri()}"
        command = [program, "--headless", profile, "--convert-to", FILTERS[ending], "--outdir", str(folder), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return made


def _faults(told: list[Checked]) -> list[Checked]:
    return [one for one in told if one.result in ("changed", "words")]


def _told(one: Checked) -> str:
    return f"{one.result}: {one.printed} <- {one.expected} ({one.text})"[:200]


def measure(
    seeds: int, presets: tuple[str, ...], folder: Path, study: Path, processes: int, office: bool = True
) -> dict[str, Any]:
    """Every preset, some at once; with `office` also what LibreOffice makes of the documents."""
    start = time.perf_counter()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(preset_measured, preset, seeds, folder, study, office) for preset in presets]
        found = [one.result() for one in waiting]
    return _told_of(seeds, found, (time.perf_counter() - start) / 60)


def _told_of(seeds: int, found: list[dict[str, Any]], minutes: float | None) -> dict[str, Any]:
    return {
        "seeds": seeds,
        "clean": [row for one in found for row in one["clean"]],
        "rows": [row for one in found for row in one["rows"]],
        "minutes": minutes,
        "machine": machine(("resident-survey", "lxml")),
    }


def section(found: dict[str, Any]) -> str:
    """The rates in words and tables."""
    rows = found["rows"]
    names = [name for name in (*FORMATS, *WITHOUT) if any(row[0] == name for row in rows)]
    kinds = [kind for kind in KINDS if any(row[1] == kind for row in rows)]

    def rate(name: str | None, kind: str | None) -> str:
        own = [r for r in rows if (name is None or r[0] == name) and (kind is None or r[1] == kind)]
        return f"{sum(r[2] for r in own)} of {len(own)}" if own else "–"

    told = [r for r in rows if r[0] in FORMATS]
    share = sum(r[2] for r in told) / max(len(told), 1)
    clean: dict[str, list[Any]] = {}
    for row in sorted(found["clean"], key=lambda row: [*names, row[0]].index(row[0])):
        clean.setdefault(row[0], []).append(row)
    presets = list(dict.fromkeys(row[1] for row in found["clean"]))
    lead = (
        f"In documents as `survey report` wrote them, {sum(r[2] for r in told)} of {len(told)} planted changes are "
        f"found ({share:.1%}). Each is one change in a report of the default study, chosen by chance: "
        f"{2 * found['seeds']} of each kind in each document; presets: {', '.join(presets)}. Columns after formats "
        f"are what has lost its evidence ({found['seeds']} of each kind): a Word document without its controls, "
        f"one pasted as lines of text, one saved as PDF by LibreOffice and changed in its lines."
    )
    table = [[kind, *(rate(name, kind) for name in names)] for kind in kinds]
    table.append(["all", *(rate(name, None) for name in names)])
    alarms = [
        [name, len(own), sum(bool(r[4]) for r in own), min(r[3] for r in own), max(r[3] for r in own)]
        for name, own in clean.items()
    ]
    missed = [f"- {r[0]}, {r[1]}: `{r[3]}`" for r in rows if not r[2]][:_SHOWN]
    parts = [lead, _page.markdown_table(["planted", *names], table)]
    parts += ["Not found:\n\n" + "\n".join(missed)] if missed else []
    parts += ["Documents in which nothing was changed, each of one preset and language:"]
    parts += [_page.markdown_table(["format", "documents", "with a false alarm", "numbers, least", "most"], alarms)]
    return "\n\n".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="one preset, few changes, without LibreOffice")
    options.add_argument(
        "--seeds", type=int, default=2, help="changes of each kind in a document without ids; in others twice as many"
    )
    options.add_argument("--study", type=Path, default=ROOT / "data" / "raw", help="whose samples are saved")
    options.add_argument("--reports", type=Path, help="reports written before; else they are written anew")
    options.add_argument("--processes", type=int, default=2)
    options.add_argument(
        "--measured", action="store_true", help="only what a run that was stopped has left in --reports"
    )

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        presets, seeds = (PRESETS[:1], 1) if given.quick else (PRESETS, given.seeds)
        if given.measured:
            return _told_of(seeds, [_flat(_kept(given.reports / preset)) for preset in presets], None)
        with tempfile.TemporaryDirectory() as folder:
            return measure(seeds, presets, given.reports or Path(folder), given.study, given.processes, not given.quick)

    return _page.published(options, arguments, measured, section, "verifying")


if __name__ == "__main__":
    sys.exit(main())

"""What each command does: a function that calls the package, prints, and returns an exit code."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey.base.catalogue import LANGUAGES, find, text
from survey.base.files import keep_aside, together
from survey.cli.codes import BROKEN_RULES, FINE, NOT_COMPARED
from survey.errors import DesignError, ExportError, StudyError

if TYPE_CHECKING:
    from survey.responses import Responses

__all__ = [
    "check",
    "codebook",
    "convert",
    "draw",
    "fetch",
    "how_to_read",
    "lab",
    "plan",
    "power",
    "privacy",
    "publish",
    "replay",
    "report",
    "reproduce",
    "scan",
    "simulate",
    "tell",
    "verify",
]


def check(options: argparse.Namespace) -> int:
    """Compare a file with its codebook, and print every broken rule."""
    from contextlib import nullcontext

    from survey.base.language import language
    from survey.io import read

    run = read(options.file, codebook=options.codebook, **how_to_read(options)).check(
        options.rules, across=options.across
    )
    lang = options.lang or "en"
    if options.html is not None:
        with nullcontext() if options.lang is None else language(lang):
            run.to_html(options.html)
    _say(run.summary(lang))
    for row, found in zip(run.table.itertuples(), run.broken, strict=True):
        count = f"{text('check_page.row_count', lang, n=row.rows)}: {row.ids}" if row.rows else ""
        severity = text(f"command.{row.severity}", lang)
        said = f"\n{severity:<8} {row.variable or row.rule}: {found.texts.get(lang, found.message)}"
        _say(said + (f"\n         {count}" if count else ""))
    return FINE if run.passed else BROKEN_RULES


def scan(options: argparse.Namespace) -> int:
    """The old name of `privacy`."""
    tell("survey: `survey scan` is now `survey privacy`; the old name goes in the next release.")
    return privacy(options)


def privacy(options: argparse.Namespace) -> int:
    """Print the personal data found in a file."""
    table = _read_quietly(options).scan_personal()
    for row in table.itertuples():
        count = text("check_page.row_count", options.lang, n=row.count) if row.count else ""
        kind = find("personal." + row.kind.replace(" ", "_").replace("-", "_"), options.lang) or row.kind
        _say(f"{row.certainty:<9} {row.column}: {kind}, by {row.rule}  {count}  {row.example}".rstrip())
    if table.empty:
        _say(text("command.no_personal", options.lang))
    return BROKEN_RULES if (table["certainty"] != "possible").any() else FINE


def codebook(options: argparse.Namespace) -> int:
    """Draft a codebook, show it as a document, or compare two."""
    from survey.codebook import is_finished, toml_text
    from survey.io.drafting import draft_codebook, read_codebook
    from survey.io.remarks import MARK

    if options.diff is not None:
        found = read_codebook(options.file).diff(
            read_codebook(options.diff), None if options.lang is None else [options.lang]
        )
        _say(found.to_text(options.lang or "en"))
        return BROKEN_RULES if found else FINE
    described = options.file.suffix.lower() in (".toml", ".qsf", ".lss")
    draft = (
        (read_codebook(options.file), {})
        if described
        else draft_codebook(options.file, options.lang, **how_to_read(options))
    )
    book, remarks = draft
    if options.out is None:
        _say(toml_text(book, remarks).rstrip("\n"))
        return FINE
    if options.out.exists() and not options.force:
        raise ExportError(
            "The file exists and may contain manual edits.",
            where=options.out,
            got="a folder" if options.out.is_dir() else "an existing file",
            expected="an unused name",
            fix="choose another name, or use --force: the existing file is then kept under a numbered name",
        )
    with together():  # what somebody may have finished is kept, also where it is replaced
        kept = keep_aside(options.out) if options.out.is_file() and is_finished(options.out) else None
        if options.out.suffix.lower() == ".toml":
            book.to_toml(options.out, remarks, replace_finished=options.force)
        else:
            from survey.tables import export_codebook

            export_codebook(book, options.out, (options.lang,) if options.lang else LANGUAGES)
    if kept is not None:
        _say(f"the previous file is kept: {kept}")
    _say(f"codebook of {len(book)} variables: {options.out}")
    count = sum(line.startswith(MARK) for name, lines in remarks.items() if name for line in lines)
    if count:
        _say(f"{count} remarks to check" + ("" if options.out.suffix == ".toml" else " (in .toml only)"))
    return FINE


def convert(options: argparse.Namespace) -> int:
    """Write a file in another format."""
    files = _read_quietly(options).write(
        options.out, lang=options.lang, allow_loss=options.allow_loss, allow_personal=options.allow_personal
    )
    for what, path in files.items():
        _say(f"{what}: {path}")
    return FINE


def _read_quietly(options: argparse.Namespace) -> Responses:
    """A file as answers, without the warning of personal data: the command itself tells of them."""
    import warnings

    from survey.errors import SurveyWarning
    from survey.io import read

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*holds personal data", category=SurveyWarning)
        return read(options.file, codebook=options.codebook, **how_to_read(options))


_READING = (
    "sheet",
    "header",
    "separator",
    "decimal",
    "encoding",
    "locale",
    "export",
    "form",
    "repeat",
    "timezone",
)


def how_to_read(options: argparse.Namespace) -> dict[str, Any]:
    """What was said of how to read the file; nothing else is passed on."""
    said = {k: v for k in _READING if (v := getattr(options, k)) is not None}
    if len(said.get("form", ())) == 1:
        said["form"] = said["form"][0]
    return said


def replay(options: argparse.Namespace) -> int:
    """Do a log of cleaning again, and write what came out if it is the same."""
    from survey.io.replay import replayed

    clean, open_ = replayed(options.log, options.sources or None, codebook=options.codebook)
    if open_:
        tell(f"survey: {len(clean.entries)} steps replayed but not compared, so nothing was written.")
        for what in open_:
            tell(f"  not compared: {what}")
        return NOT_COMPARED
    _keep(clean, options.out)
    _say(f"{len(clean.entries)} steps replayed, identical bit for bit: {options.out}\n{clean.to_text('en')}")
    return FINE


def _keep(responses: Responses, path: Path) -> None:
    """Write cleaned answers: .zip with everything, or a format of `convert`."""
    if path.suffix.lower() != ".zip":
        responses.write(path)
        return
    from survey.study.storage import save

    save(responses, path)


def simulate(options: argparse.Namespace) -> int:
    """Write the simulated study."""
    from survey import simulate

    seed = simulate.DEFAULT_SEED if options.seed is None else options.seed
    written = simulate.write_study(options.out, seed=seed)
    _say(f"Simulated data / dữ liệu mô phỏng, seed {seed}: {len(written)} files in {options.out}")
    return FINE


def draw(options: argparse.Namespace) -> int:
    """Draw a sample, or draw one again by its log."""
    from survey.drawing.from_files import draw_file, verify

    _refuse_idle_options(options)
    if options.verify is not None:
        done = verify(options.verify, frame=options.frame, households=options.list)
        for row in done.table[(done.table[["drawn", "kept"]] != "same").any(axis=1)].itertuples():
            drawn_as = text(f"draw.drawn_{row.drawn}", options.lang)
            _say(f"{row.file}: {drawn_as}, {text(f'draw.kept_{row.kept}', options.lang)}")
        key = "draw.verified" if done.identical else "draw.not_verified"
        _say(text(key, options.lang, files=len(done.table), version=done.version))
        return FINE if done.identical else BROKEN_RULES
    if options.design is None:
        raise DesignError(
            "There is nothing to draw.",
            where="survey draw",
            got="no design",
            expected="survey draw residents.toml, or survey draw --verify residents/draw-log.json",
        )
    drawn = draw_file(options.design)
    folder = drawn.write(options.out or options.design.with_suffix(""), again=options.again)
    _say(f"{drawn.to_text(options.lang)}\n{folder}")
    return FINE


def _refuse_idle_options(options: argparse.Namespace) -> None:
    """Raise for arguments that only the other of drawing and verifying reads."""
    drawing = {"TOML": options.design, "--out": options.out, "--again": options.again}
    verifying = {"--frame": options.frame, "--list": options.list}
    idle = [name for name, value in (verifying if options.verify is None else drawing).items() if value]
    if idle:
        raise DesignError(
            "An argument of survey draw is not read here.",
            where="survey draw" if options.verify is None else "survey draw --verify",
            got=", ".join(idle),
            expected=f"{', '.join(verifying)} with --verify; {', '.join(drawing)} without it",
            fix="leave it out; the design names the lists that are drawn from",
        )


def fetch(options: argparse.Namespace) -> int:
    """List the open data sets, or get one."""
    from survey.opendata import download

    if options.name is None:
        for entry in download.REGISTRY.values():
            found = download.locate(entry.name)
            here = f"here, in {found.folder} ({found.origin})" if found else "not on this machine"
            _say(f"{entry.name}\n  {entry.title}\n  licence: {entry.licence}; credit: {entry.credit}")
            _say(f"  from:    {entry.origin}\n  {here}\n")
        return FINE
    entry = download.find(options.name)
    found = download.locate(entry.name)
    folder = found.folder if found else download.fetch(entry.name)
    origin = found.origin if found else "downloaded"
    _say(f"{entry.title}\n  licence: {entry.licence}; credit: {entry.credit}\n  in:      {folder} ({origin})")
    for file in entry.files:
        _say(f"  file:    {file.name}, {file.size:,} bytes, SHA-256 {file.sha256}")
    return FINE


def plan(options: argparse.Namespace) -> int:
    """Show the plan of a study, and what has changed since it was locked; or lock it."""
    from survey.study.study import Study

    study = Study.open(options.study)
    if options.amend and not options.lock:
        raise StudyError("--amend records changes beside a lock.", fix="type survey plan --lock --amend")
    before = study.plan.lock
    if options.lock:
        lock = study.lock_plan(amend=options.amend)
        day = lock.date.date()
        if before is None:
            _say(text("plan.now_locked", options.lang, path=lock.path.as_posix()))
        elif lock == before:
            _say(text("plan.already_locked", options.lang, date=day))
        else:
            _say(text("plan.now_amended", options.lang, date=day, path=lock.path.as_posix()))
    found = study.plan
    _say(found.to_text(options.lang))
    return BROKEN_RULES if found.changes or found.changed_files else FINE


def power(options: argparse.Namespace) -> int:
    """Print the sample size, the effect or the power of a planned survey, and draw its curve."""
    from survey.compare.power import power as planned

    given = {name: value for name in options.numbers if (value := getattr(options, name)) is not None}
    found = planned(options.of, **{k: v[0] if isinstance(v, list) and len(v) == 1 else v for k, v in given.items()})
    _say(found.to_text(options.lang))
    if options.figure is not None:
        from survey.figures import power as curves
        from survey.reports.export import export

        path = options.figure
        exhibit = curves(found, lang=options.lang)
        kind = path.suffix.lstrip(".").lower() or "png"
        written = export(exhibit, path.stem, folder=path.parent, formats=(kind,))
        _say(f"{text('words.figure', options.lang)}: {written[kind]}")
    return FINE


def report(options: argparse.Namespace) -> int:
    """Write a study's report."""
    from survey.study.study import Study

    formats = [name for given in options.format or ["docx,html,pptx"] for name in given.split(",")]
    written = Study.open(options.study).report(
        lang=options.lang, formats=formats, preset=options.preset, template=options.template, folder=options.out
    )
    for path in written.values():
        _say(str(path))
    return FINE


def reproduce(options: argparse.Namespace) -> int:
    """Run a study's notebooks."""
    from survey.study import run
    from survey.study.study import Study

    how = {name: value for name in ("again", "jobs") if (value := getattr(options, name))}
    result = run.reproduce(Study.open(options.study), only=options.only, **how)
    _say("\n" + result.to_text())
    return FINE


def publish(options: argparse.Namespace) -> int:
    """Keep the results of the last run as the published ones."""
    from survey.study import verification_page
    from survey.study.study import Study
    from survey.study.verify import publish as kept

    path, numbers, against = kept(Study.open(options.study))
    if against is not None:
        same = text("verify.kept_same", options.lang)
        _say((same if against.passed else verification_page.to_text(against, options.lang)) + "\n")
    _say(text("verify.kept", options.lang, n=numbers, path=path.as_posix()))
    return FINE


def verify(options: argparse.Namespace) -> int:
    """Recompute a study and hold it against what was published."""
    from survey.study import verification_page
    from survey.study.study import Study
    from survey.study.study_file import DEFAULT_STUDY
    from survey.study.verify import verify as verified
    from survey.study.verify_report import ENDINGS, verify_report

    if options.study is not None and options.study.suffix.lower() in ENDINGS:
        report = verify_report(Study.open(options.of), options.study, preset=options.preset)
        _say(report.to_text(options.lang))
        return FINE if report.passed else BROKEN_RULES
    if options.cells is not None:
        from survey.sharing.cells import load_cells
        from survey.study.cells_verify import verify_cells

        found = verify_cells(options.study or DEFAULT_STUDY, load_cells(options.cells))
    else:
        found = verified(Study.open(options.study))
    if options.html is not None:
        verification_page.write_page(found, options.html, options.lang)
    _say("\n" + verification_page.to_text(found, options.lang))
    asked = all(why.startswith("reason_") for why in found.unchecked.values())
    return BROKEN_RULES if not found.passed else FINE if asked else NOT_COMPARED


def lab(options: argparse.Namespace) -> int:
    """Open a study's notebooks in JupyterLab."""
    from survey.study import lab as jupyterlab
    from survey.study.study import Study

    study = Study.open(options.study)
    folder = study.notebooks
    if not folder.is_dir():
        raise StudyError(
            "The study has no notebook folder.", where=folder, fix="create it, or set folder in study.toml"
        )
    command, environment = jupyterlab.command(study, options.others), jupyterlab.environment(study)
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def tell(text: str) -> None:
    """Write a line for the person at the keyboard, beside what the command gives."""
    sys.stderr.write(text + "\n")

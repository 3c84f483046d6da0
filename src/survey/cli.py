"""The command line: check a file, replay its log, simulate, fetch open data, run everything, open notebooks.

Errors are the five lines of `SurveyError`, without a traceback. Exit codes: 0 success; 1 rules of the codebook broken;
2 wrong usage or bad input; 3 replayed, but not compared; 130 stopped by the user.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey import __version__
from survey.base.files import inputs, keep_aside, refuse_sources, system_message, together
from survey.errors import ExportError, StudyError, SurveyError

if TYPE_CHECKING:
    from survey.responses import Responses

__all__ = ["BAD_INPUT", "BROKEN_RULES", "FINE", "NOT_COMPARED", "STOPPED", "main"]

FINE, BROKEN_RULES, BAD_INPUT, NOT_COMPARED, STOPPED = 0, 1, 2, 3, 130

_EXAMPLES = """\
examples:
  survey check answers.sav --codebook codebook.toml    every broken rule, with its rows
  survey check answers.sav --rules rules.toml --html report.html    custom rules; a page to pass on
  survey privacy answers.sav                           names, telephones, exact places in it
  survey codebook answers.sav --out codebook.toml      a first draft of its codebook, for you to finish
  survey codebook codebook.toml --diff answers.sav     how the two differ
  survey convert answers.sav answers.dta               for Stata, with a codebook beside it
  survey replay log.json --out clean.zip               raw files + log = cleaned answers, to the last bit
  survey simulate --out play                           the simulated study, to try things on
  survey fetch                                         the open data that the project knows
  survey fetch sandiego2015                            one of them
  survey reproduce                                     run every notebook; figures, tables, findings
  survey reproduce --only 03                           one notebook
  survey lab                                           open the notebooks in JupyterLab

exit codes: 0 success, 1 rules broken, 2 wrong usage or bad input, 3 not compared, 130 stopped by Ctrl-C
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    _write_anything()
    parser = _parser()
    options, others = parser.parse_known_args(arguments)
    options.others = others
    if others and "passed_on" not in options:
        parser.error(f"unknown arguments: {' '.join(others)}")
    if "run" not in options:
        parser.print_help()
        return FINE
    try:
        with inputs(_named(options, _IN)):
            for path in _named(options, _OUT):
                refuse_sources(path)
            code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader went away: `survey fetch | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except KeyboardInterrupt:
        _tell("survey: stopped.")
        return STOPPED
    except Exception as error:
        if options.debug:
            raise
        _tell(f"survey: {_in_words(error)}")
        return BAD_INPUT


def _in_words(error: Exception) -> SurveyError | str:
    if isinstance(error, SurveyError):
        return error
    if isinstance(error, OSError):
        return SurveyError(
            "The operating system refused an operation.",
            where=error.filename,
            got=system_message(error),
            expected="accessible files",
            fix="check that file or folder; --debug shows where it happened",
        )
    from survey.codebook.told import fault_message  # a fault of the program: its traceback may quote answers

    return fault_message(error)


_IN, _OUT = ("file", "codebook", "rules", "diff", "log", "sources"), ("html", "out")


def _named(options: argparse.Namespace, names: Sequence[str]) -> list[Path]:
    """The paths that a command was given under these names."""
    found: list[Path] = []
    for name in names:
        value = getattr(options, name, None)
        found += value if isinstance(value, list) else [value] if isinstance(value, Path) else []
    return found


def _check(options: argparse.Namespace) -> int:
    from survey.io import read

    run = read(options.file, codebook=options.codebook, **_how(options)).check(options.rules, across=options.across)
    if options.html is not None:
        run.to_html(options.html)
    _say(run.summary())
    for row in run.table.itertuples():
        count = f"{row.rows:,} {'row' if row.rows == 1 else 'rows'}: {row.ids}" if row.rows else ""
        _say(
            f"\n{row.severity:<8} {row.variable or row.rule}: {row.message}" + (f"\n         {count}" if count else "")
        )
    return FINE if run.passed else BROKEN_RULES


def _scan(options: argparse.Namespace) -> int:
    _tell("survey: `survey scan` is now `survey privacy`; the old name goes in the next release.")
    return _privacy(options)


def _privacy(options: argparse.Namespace) -> int:
    table = _read_quietly(options).scan_personal()
    for row in table.itertuples():
        count = f"{row.count:,} {'row' if row.count == 1 else 'rows'}" if row.count else ""
        _say(f"{row.certainty:<9} {row.column}: {row.kind}, by {row.rule}  {count}  {row.example}".rstrip())
    if table.empty:
        _say("No personal data were found. This does not prove that there are none: see docs/privacy.md.")
    return BROKEN_RULES if (table["certainty"] != "possible").any() else FINE


def _codebook(options: argparse.Namespace) -> int:
    from survey.codebook import is_finished, toml_text
    from survey.io.drafting import draft_codebook, read_codebook

    if options.diff is not None:
        found = read_codebook(options.file).diff(
            read_codebook(options.diff), None if options.lang is None else [options.lang]
        )
        _say(found.to_text(options.lang or "en"))
        return BROKEN_RULES if found else FINE
    described = options.file.suffix.lower() == ".toml"
    draft = (
        (read_codebook(options.file), {}) if described else draft_codebook(options.file, options.lang, **_how(options))
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
    with together():  # what someone may have finished is kept, also where it is replaced
        kept = keep_aside(options.out) if options.out.is_file() and is_finished(options.out) else None
        if options.out.suffix.lower() == ".toml":
            book.to_toml(options.out, remarks, replace_finished=options.force)
        else:
            from survey.tables import export_codebook

            export_codebook(book, options.out, (options.lang,) if options.lang else ("vi", "en"))
    if kept is not None:
        _say(f"the previous file is kept: {kept}")
    _say(f"codebook of {len(book)} variables: {options.out}")
    count = sum(len(r) for name, r in remarks.items() if name)
    if count:
        _say(f"{count} remarks to check" + ("" if options.out.suffix == ".toml" else " (in .toml only)"))
    return FINE


def _convert(options: argparse.Namespace) -> int:
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
        return read(options.file, codebook=options.codebook, **_how(options))


def _how(options: argparse.Namespace) -> dict[str, Any]:
    """What was said of how to read the file; nothing else is passed on."""
    return {k: v for k in ("sheet", "separator", "encoding") if (v := getattr(options, k)) is not None}


def _replay(options: argparse.Namespace) -> int:
    from survey.io.replay import replayed

    clean, open_ = replayed(options.log, options.sources or None, codebook=options.codebook)
    if open_:
        _tell(f"survey: {len(clean.entries)} steps replayed but not compared, so nothing was written.")
        for what in open_:
            _tell(f"  not compared: {what}")
        return NOT_COMPARED
    _keep(clean, options.out)
    _say(f"{len(clean.entries)} steps replayed, identical bit for bit: {options.out}\n{clean.to_text()}")
    return FINE


def _keep(responses: Responses, path: Path) -> None:
    """Write cleaned answers: .zip with everything, or a format of `convert`."""
    if path.suffix.lower() != ".zip":
        responses.write(path)
        return
    from survey.study.storage import save

    save(responses, path)


def _simulate(options: argparse.Namespace) -> int:
    from survey import simulate

    seed = simulate.DEFAULT_SEED if options.seed is None else options.seed
    written = simulate.write_study(options.out, seed=seed)
    _say(f"Simulated data / dữ liệu mô phỏng, seed {seed}: {len(written)} files in {options.out}")
    return FINE


def _fetch(options: argparse.Namespace) -> int:
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


def _reproduce(options: argparse.Namespace) -> int:
    from survey.study import run
    from survey.study.study import Study

    result = run.reproduce(Study.open(options.study), only=options.only)
    _say("\n" + result.to_text())
    return FINE


def _lab(options: argparse.Namespace) -> int:
    from survey.study.study import Study

    folder = Study.open(options.study).notebooks
    if not folder.is_dir():
        raise StudyError(
            "The study has no notebook folder.", where=folder, fix="create it, or set folder in study.toml"
        )
    return subprocess.run([sys.executable, "-m", "jupyterlab", *options.others], cwd=folder, check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="survey",
        description="From a raw survey file to defensible figures, tables and sentences, in Vietnamese and English.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"survey {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    check = commands.add_parser("check", help="compare a file with its codebook", description=_check_text)
    check.add_argument("file", type=Path, metavar="FILE", help="of any kind that docs/reading.md lists")
    check.add_argument(
        "--codebook", type=Path, metavar="TOML", help="the codebook; by default what the file itself says"
    )
    _add_reading(check)
    check.add_argument("--rules", type=Path, metavar="TOML", help="custom rules: docs/checks.md")
    check.add_argument("--across", metavar="COLUMN", help="compare the waves that this column names")
    check.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, in both languages")
    check.set_defaults(run=_check)

    privacy = commands.add_parser("privacy", help="find personal data", description=_privacy_text)
    _add_file(privacy)
    privacy.set_defaults(run=_privacy)
    scan = commands.add_parser("scan", description=_privacy_text)  # its old name, not listed, for one release
    _add_file(scan)
    scan.set_defaults(run=_scan)

    codebook = commands.add_parser("codebook", help="draft, show or compare codebooks", description=_codebook_text)
    codebook.add_argument("file", type=Path, metavar="FILE", help="any file of answers, an XLSForm, or a TOML")
    _add_reading(codebook)
    codebook.add_argument("--out", type=Path, metavar="FILE", help=".toml, or to be read: .xlsx, .docx, .html")
    codebook.add_argument("--lang", choices=("vi", "en"), help="language of the file's labels, of the document")
    codebook.add_argument("--diff", type=Path, metavar="OTHER", help="show how another codebook or file differs")
    codebook.add_argument("--force", action="store_true", help="replace an existing file, and keep a finished one")
    codebook.set_defaults(run=_codebook)

    convert = commands.add_parser("convert", help="write a file in another format", description=_convert_text)
    _add_file(convert)
    convert.add_argument("out", type=Path, metavar="OUT", help=".parquet, .sav, .zsav, .dta, .csv or .xlsx")
    convert.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of the labels in the file")
    convert.add_argument(
        "--allow-loss", action="append", default=[], metavar="WHAT", help="labels, spaces or fractions (again for more)"
    )
    convert.add_argument(
        "--allow-personal",
        action="append",
        default=[],
        metavar="COLUMN",
        help="write this column although it is personal data",
    )
    convert.set_defaults(run=_convert)
    replay = commands.add_parser("replay", help="replay a cleaning log", description=_replay_text)
    replay.add_argument("log", type=Path, metavar="LOG", help="the JSON that responses.save_log(...) wrote")
    replay.add_argument("--out", type=Path, required=True, metavar="FILE", help=".zip, or a kind that convert knows")
    replay.add_argument("--sources", type=Path, nargs="+", metavar="FILE", help="where the raw files are now")
    replay.add_argument("--codebook", type=Path, metavar="TOML", help="where the codebook is now")
    replay.set_defaults(run=_replay)

    simulate = commands.add_parser("simulate", help="create the simulated study", description=_simulate_text)
    simulate.add_argument("--seed", type=int, help="a whole number; the same one gives the same files")
    simulate.add_argument("--out", type=Path, default=Path("data", "raw"), metavar="DIR", help="default: data/raw")
    simulate.set_defaults(run=_simulate)

    fetch = commands.add_parser("fetch", help="list or get open data", description=_fetch_text)
    fetch.add_argument("name", nargs="?", metavar="NAME", help="a data set; all of them are listed without it")
    fetch.set_defaults(run=_fetch)

    reproduce = commands.add_parser("reproduce", help="run the study's notebooks", description=_reproduce_text)
    _add_study(reproduce)
    reproduce.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="one notebook, by its name or how it begins"
    )
    reproduce.set_defaults(run=_reproduce)

    lab = commands.add_parser("lab", help="open the notebooks in JupyterLab", description=_lab_text)
    _add_study(lab)
    lab.set_defaults(run=_lab, passed_on=True)
    return parser


_check_text = "Print every rule of the codebook that the answers break, with its rows. Exit code 1 if there are errors."
_privacy_text = "Look for names, telephones, ID numbers, e-mail, addresses and exact places. Exit code 1 if any."
_codebook_text = (
    "Write what a file says about itself as a codebook in TOML for a person to finish; guesses are added as remarks. "
    "With --diff: compare two codebooks; exit code 1 if they differ."
)
_convert_text = "Write the answers in another format, with their codebook next to them. Nothing is lost silently."
_replay_text = (
    "Read the raw files of a log, compare their SHA-256, repeat every step, and compare the result with the "
    "log. The answers are written only if they are reproduced bit for bit. Exit code 3 if the log lacks the "
    "hashes to compare with."
)
_simulate_text = "Write the simulated study: SPSS files, codebook, sampling frame, margins, nonrespondents, study.toml."
_fetch_text = (
    "Look for open data in SURVEY_DATA_HOME, then in the download cache, then download them. Files are checked."
)
_reproduce_text = (
    "Run the notebooks in order; write executed copies, figures and tables; end with the findings in words."
)
_lab_text = "Start JupyterLab in the study's folder of notebooks. Other options (--no-browser) are passed on to it."


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="anything that `survey check` reads")
    parser.add_argument(
        "--codebook", type=Path, metavar="TOML", help="the codebook; by default what the file itself says"
    )
    _add_reading(parser)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook with several")
    parser.add_argument("--separator", metavar="SIGN", help='of CSV, such as ";"; "find" looks for it and says so')
    parser.add_argument("--encoding", metavar="NAME", help='of CSV, such as "windows-1258"; "find" looks for it')


def _add_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "study", nargs="?", type=Path, metavar="STUDY", help="study.toml, or its folder; else data/raw/study.toml"
    )


def _write_anything() -> None:
    """Vietnamese must not stop a program on a console that cannot show it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())

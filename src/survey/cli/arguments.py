"""What can be typed after `survey`: the commands, their arguments and help."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from survey import __version__
from survey.base.catalogue import LANGUAGES
from survey.cli import cells
from survey.cli import commands as run
from survey.cli.new import new

__all__ = ["parser"]

_EXAMPLES = """\
examples:
  survey new my-ward --data export.xlsx --form form.xlsx    a study from an export, ready to run
  survey check answers.sav --codebook codebook.toml    every broken rule, with its rows
  survey check answers.sav --rules rules.toml --html report.html    custom rules; a page to pass on
  survey privacy answers.sav                           names, telephones, exact places in it
  survey codebook answers.sav --out codebook.toml      a first draft of its codebook, for you to finish
  survey codebook codebook.toml --diff answers.sav     how the two differ
  survey convert answers.sav answers.dta               for Stata, with a codebook beside it
  survey check kobo.csv --export kobo --form form.xlsx     an export of a platform, by its form
  survey replay log.json --out clean.zip               raw files + log = cleaned answers, to the last bit
  survey simulate --out play                           the simulated study, to try things on
  survey power difference --share 0.6 --effect 0.05 --power 0.8    how many people to ask
  survey power did --sd 1 --n 150 --power 0.8 --units 10 --treated 2 --unit-sd 0.1    what a pilot can show
  survey draw residents.toml                           a sample by its design, with reserves and sheets
  survey draw --verify residents/draw-log.json         the same sample again, byte for byte
  survey fetch                                         the open data that the project knows
  survey fetch sandiego2015                            one of them
  survey reproduce                                     run every notebook; figures, tables, findings
  survey reproduce --only 03                           one notebook
  survey report --lang vi                              the study's report: Word, slides and a page
  survey cells make answers.parquet --items q1 --by ward --weights w --psu cluster --out cells.parquet
  survey cells estimate cells.parquet --mean q1 --by ward    from counts, without the rows
  survey plan                                          the tests that the study declared, and when
  survey lab                                           open the notebooks in JupyterLab

exit codes: 0 success, 1 rules broken, 2 wrong usage or bad input, 3 not compared, 130 stopped by Ctrl-C
"""


def number(text: str) -> float:
    """A number as it is written in English or Vietnamese: 0.05, 0,05, 5%."""
    plain = text.strip().replace(",", ".").replace("−", "-")
    return float(plain[:-1]) / 100 if plain.endswith("%") else float(plain)


def count(text: str) -> float:
    """A number of people or wards; thousands may be set apart, as they are in what the command prints: 1.471, 1,471."""
    plain = text.strip()
    return float(re.sub(r"\D", "", plain)) if _THOUSANDS.fullmatch(plain) else number(plain)


_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3})+|(?:,\d{3})+|(?:[ \u00a0\u202f]\d{3})+)")
_NEGATIVE = re.compile(r"-[\d.,]+%?")
"""What argparse is to take for a number and no option: it knows -0.05, and neither -0,05 nor -5%."""

_POWER: dict[str, tuple[Callable[[str], float], str]] = {
    "n": (count, "completed answers (in the first group, each wave, each unit)"),
    "effect": (number, "what is to be found, in units of the answers; 0.05 or 5%% of a share"),
    "power": (number, "usually 0.8"),
    "margin": (number, "half the width of the confidence interval"),
    "share": (number, "the share without the effect"),
    "sd": (number, "standard deviation of people's answers"),
    "level": (number, "confidence level, 0.95 when not given"),
    "cluster_size": (number, "completed answers in each cluster"),
    "icc": (number, "intraclass correlation of the clusters"),
    "deff": (number, "design effect, in place of --icc"),
    "weights_cv": (number, "coefficient of variation of the weights"),
    "ratio": (number, "answers in the second group for each in the first"),
    "wave_correlation": (number, "of a group's estimates in the two waves"),
    "population": (count, "people in each group, where they are few"),
    "response_rate": (number, "share of those drawn who answer"),
    "units": (int, "number of wards that are compared"),
    "treated": (int, "how many of them have the programme"),
    "unit_sd": (number, "standard deviation between wards (and waves)"),
}


def parser() -> argparse.ArgumentParser:
    """What reads the arguments; each command carries the function that runs it, as `run`."""
    made = argparse.ArgumentParser(
        prog="survey",
        description="From a raw survey file to defensible figures, tables and sentences, in Vietnamese and English.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"survey {__version__}")
    made.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = made.add_subparsers(title="commands", metavar="COMMAND")

    make = commands.add_parser("new", help="make a study from an export", description=_new_text)
    make.add_argument("name", nargs="?", type=Path, metavar="NAME", help="the folder that is made")
    make.add_argument("--data", type=Path, metavar="FILE", help="the export: .xlsx, .csv, .sav, .dta, ...")
    make.add_argument("--lang", choices=LANGUAGES, help="language of the study, vi when not given")
    make.add_argument("--title", metavar="TEXT", help="of the study; that of the form, else NAME, when not given")
    for part in ("ward", "wave", "weight"):
        make.add_argument(f"--{part}", metavar="COLUMN", help=f'the column of the {part}; "" for none')
    _add_reading(make)
    make.set_defaults(run=new)

    check = commands.add_parser("check", help="compare a file with its codebook", description=_check_text)
    check.add_argument("file", type=Path, metavar="FILE", help="of any kind that docs/reading.md lists")
    check.add_argument(
        "--codebook",
        type=Path,
        metavar="FILE",
        help=_codebook_help,
    )
    _add_reading(check)
    check.add_argument("--rules", type=Path, metavar="TOML", help="custom rules: docs/checks.md")
    check.add_argument("--across", metavar="COLUMN", help="compare the waves that this column names")
    check.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, in both languages")
    check.add_argument("--lang", choices=LANGUAGES, help="language of the report; the page is in both without it")
    check.set_defaults(run=run.check)

    privacy = commands.add_parser("privacy", help="find personal data", description=_privacy_text)
    _add_file(privacy)
    privacy.add_argument("--lang", choices=LANGUAGES, default="en", help="language of what is told")
    privacy.set_defaults(run=run.privacy)
    scan = commands.add_parser("scan", description=_privacy_text)  # its old name, not listed, for one release
    _add_file(scan)
    scan.set_defaults(run=run.scan, lang="en")

    codebook = commands.add_parser("codebook", help="draft, show or compare codebooks", description=_codebook_text)
    codebook.add_argument(
        "file", type=Path, metavar="FILE", help="any file of answers, an XLSForm, .qsf, .lss, or a TOML"
    )
    _add_reading(codebook)
    codebook.add_argument("--out", type=Path, metavar="FILE", help=".toml, or to be read: .xlsx, .docx, .html")
    codebook.add_argument("--lang", choices=LANGUAGES, help="language of the file's labels, of the document")
    codebook.add_argument("--diff", type=Path, metavar="OTHER", help="show how another codebook or file differs")
    codebook.add_argument("--force", action="store_true", help="replace an existing file, and keep a finished one")
    codebook.set_defaults(run=run.codebook)

    convert = commands.add_parser("convert", help="write a file in another format", description=_convert_text)
    _add_file(convert)
    convert.add_argument("out", type=Path, metavar="OUT", help=".parquet, .sav, .zsav, .dta, .csv or .xlsx")
    convert.add_argument("--lang", choices=LANGUAGES, default="vi", help="language of the labels in the file")
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
    convert.set_defaults(run=run.convert)
    replay = commands.add_parser("replay", help="replay a cleaning log", description=_replay_text)
    replay.add_argument("log", type=Path, metavar="LOG", help="the JSON that responses.save_log(...) wrote")
    replay.add_argument("--out", type=Path, required=True, metavar="FILE", help=".zip, or a kind that convert knows")
    replay.add_argument("--sources", type=Path, nargs="+", metavar="FILE", help="where the raw files are now")
    replay.add_argument("--codebook", type=Path, metavar="TOML", help="where the codebook is now")
    replay.set_defaults(run=run.replay)

    simulate = commands.add_parser("simulate", help="create the simulated study", description=_simulate_text)
    simulate.add_argument("--seed", type=int, help="a whole number; the same one gives the same files")
    simulate.add_argument("--out", type=Path, default=Path("data", "raw"), metavar="DIR", help="default: data/raw")
    simulate.set_defaults(run=run.simulate)

    draw = commands.add_parser("draw", help="draw a sample by its design, or verify one", description=_draw_text)
    draw.add_argument("design", nargs="?", type=Path, metavar="TOML", help="the design: docs/drawing.md")
    draw.add_argument("--out", type=Path, metavar="DIR", help="default: a folder called as the design, beside it")
    draw.add_argument("--again", action="store_true", help="draw anew; the earlier draw is kept as DIR.1")
    draw.add_argument("--verify", type=Path, metavar="LOG", help="draw again by a log, and compare byte for byte")
    draw.add_argument("--frame", type=Path, metavar="FILE", help="of --verify: where the list of units is now")
    draw.add_argument("--list", type=Path, metavar="FILE", help="of --verify: where the list of households is now")
    draw.add_argument("--lang", choices=LANGUAGES, default="en", help="language of what is told; sheets are in both")
    draw.set_defaults(run=run.draw)

    fetch = commands.add_parser("fetch", help="list or get open data", description=_fetch_text)
    fetch.add_argument("name", nargs="?", metavar="NAME", help="a data set; all of them are listed without it")
    fetch.set_defaults(run=run.fetch)

    power = commands.add_parser("power", help="sample size and power of a planned survey", description=_power_text)
    power._negative_number_matcher = _NEGATIVE
    power.add_argument("of", choices=("share", "mean", "difference", "did"), help="what is to be estimated")
    for name, (type_, what) in _POWER.items():
        nargs = "+" if name in ("n", "effect", "power", "margin") else None
        power.add_argument("--" + name.replace("_", "-"), type=type_, nargs=nargs, metavar="NUMBER", help=what)
    power.add_argument("--figure", type=Path, metavar="FILE", help="write the curve as .png, .svg or .pdf")
    power.add_argument("--lang", choices=LANGUAGES, default="en", help="language of what is told")
    power.set_defaults(run=run.power, numbers=tuple(_POWER))

    reproduce = commands.add_parser("reproduce", help="run the study's notebooks", description=_reproduce_text)
    _add_study(reproduce)
    reproduce.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="one notebook, by its name or how it begins"
    )
    reproduce.add_argument("--again", action="store_true", help="run notebooks that have not changed, too")
    reproduce.add_argument(
        "--jobs", type=int, metavar="N", help="how many run at once; by default one more than processors, up to 4"
    )
    reproduce.set_defaults(run=run.reproduce)

    report = commands.add_parser("report", help="write the study's report", description=_report_text)
    _add_study(report)
    report.add_argument(
        "--lang", action="append", choices=LANGUAGES, help="language (again for a second); the study's by default"
    )
    report.add_argument("--format", action="append", metavar="FORMAT", help="docx, html, pptx, xlsx; the first three")
    report.add_argument("--preset", metavar="NAME", help="ward, sipas, papi, oecd or first: docs/report.md")
    report.add_argument(
        "--template",
        type=Path,
        action="append",
        metavar="FILE",
        help="a .docx whose page and styles are taken, or a .pptx whose layouts are (again for the other)",
    )
    report.add_argument("--out", type=Path, metavar="FOLDER", help="default: processed/report of the study")
    report.set_defaults(run=run.report)

    plan = commands.add_parser("plan", help="show or lock the study's plan", description=_plan_text)
    _add_study(plan)
    plan.add_argument("--lock", action="store_true", help="store it with the date and the raw files' SHA-256")
    plan.add_argument("--amend", action="store_true", help="with --lock: record changes beside the first lock")
    plan.add_argument("--lang", choices=LANGUAGES, default="en", help="language of what is told")
    plan.set_defaults(run=run.plan)

    publish = commands.add_parser(
        "publish", help="keep the results of the last run as the published ones", description=_publish_text
    )
    _add_study(publish)
    publish.add_argument("--lang", choices=LANGUAGES, default="en", help="language of what is told")
    publish.set_defaults(run=run.publish)

    verify = commands.add_parser(
        "verify", help="recompute everything and compare it with the published results", description=_verify_text
    )
    verify.add_argument(
        "study",
        nargs="?",
        type=Path,
        metavar="STUDY|REPORT",
        help="study.toml, its folder, or a finished report: .docx, .pptx, .xlsx, .html or .pdf",
    )
    verify.add_argument(
        "--cells",
        type=Path,
        metavar="FILE",
        help="compute again from cells, without the data: docs/verifying.md",
    )
    verify.add_argument("--of", type=Path, metavar="STUDY", help="of a report: its study; else data/raw/study.toml")
    verify.add_argument("--preset", metavar="NAME", help="of a report: that it was written with, if not study.toml's")
    verify.add_argument("--html", type=Path, metavar="FILE", help="write all of it as a page to file")
    verify.add_argument("--lang", choices=LANGUAGES, default="en", help="language of what is told")
    verify.set_defaults(run=run.verify)

    cells.add_commands(commands)

    lab = commands.add_parser("lab", help="open the notebooks in JupyterLab", description=_lab_text)
    _add_study(lab)
    lab.set_defaults(run=run.lab, passed_on=True)
    return made


_codebook_help = "a TOML, XLSForm, .qsf or .lss; by default what the file itself says"
_check_text = "Print every rule of the codebook that the answers break, with its rows. Exit code 1 if there are errors."
_new_text = (
    "Make a folder with study.toml, a draft codebook in which every guess is marked, notebooks and a page on how to go "
    "on. `survey reproduce` and `survey report` run in it at once. Without arguments it asks."
)
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
_power_text = (
    "Find the one of --n, --effect and --power that is left out; or --n for a --margin; or with --n alone the margin "
    "of error. Several values give a row each. docs/planning.md explains what the numbers mean."
)
_draw_text = (
    "Draw units of a list, households and a rule for one adult, by a design in TOML: the sample with its "
    "probabilities, reserves, sheets to print, and a log from which it is drawn again. Exit code 1 if --verify finds "
    "a difference."
)
_fetch_text = (
    "Look for open data in SURVEY_DATA_HOME, then in the download cache, then download them. Files are checked."
)
_report_text = (
    "Write the report that [report] of study.toml describes, from the samples that the notebooks saved: a Word "
    "document and slides a language, one page for all of them, and the CSV of every number in them."
)
_reproduce_text = (
    "Run the notebooks in order; write executed copies, figures and tables; end with the findings in words."
)
_plan_text = (
    "Show the families of tests that study.toml declares, and what has changed since the plan was locked; exit code 1 "
    "if anything has. With --lock: store the plan beside study.toml with the date and the SHA-256 of the raw files. A "
    "lock is never replaced: changes are recorded beside it with --amend."
)
_publish_text = (
    "Keep every finding and every number of the exhibits of the last whole run, with the SHA-256 of data, notebooks "
    "and code, as ledger.json beside study.toml. `survey verify` compares with it."
)
_verify_text = (
    "Run all notebooks anew in a folder of their own, and compare every finding and number with ledger.json beside "
    "study.toml; or hold a finished report against the one that the study's samples give; or with --cells compute "
    "again what cells tell, without the study's data. Exit code 1 if any is changed, missing or new; 3 if the cells do "
    "not hold a question that cells.toml has."
)
_lab_text = "Start JupyterLab in the study's folder of notebooks. What follows (--port 9999) is passed on to it."


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="anything that `survey check` reads")
    parser.add_argument(
        "--codebook",
        type=Path,
        metavar="FILE",
        help=_codebook_help,
    )
    _add_reading(parser)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    how = parser.add_argument_group("how to read the file")
    how.add_argument("--sheet", metavar="NAME", help="of a workbook with several")
    how.add_argument("--header", type=_rows, metavar="ROWS", help="how many rows of a sheet name the columns, 1 or 2")
    how.add_argument("--separator", metavar="SIGN", help='of CSV, such as ";"; "find" looks for it and says so')
    how.add_argument("--decimal", metavar="SIGN", help='of CSV, "," or "."')
    how.add_argument("--encoding", metavar="NAME", help='of CSV, such as "windows-1258"; "find" looks for it')
    how.add_argument("--locale", metavar="NAME", help='how numbers and dates are written: "vi", "en-US", "de"')
    how.add_argument(
        "--export", metavar="PLATFORM", help="kobo, odk, surveycto, limesurvey, googleforms or qualtrics wrote the file"
    )
    how.add_argument(
        "--form",
        type=Path,
        action="append",
        metavar="XLSX",
        help="of kobo, odk, surveycto: the XLSForm (again for its versions, the newest last)",
    )
    how.add_argument("--repeat", metavar="GROUP", help="of kobo, odk, surveycto: the repeat group whose rows are read")
    how.add_argument("--timezone", metavar="ZONE", help='of kobo, odk, surveycto: such as "Asia/Ho_Chi_Minh"')


def _rows(text: str) -> int | list[int]:
    """How many rows, or which: "2", "0,2"."""
    return [int(row) for row in text.split(",")] if "," in text else int(text)


def _add_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "study", nargs="?", type=Path, metavar="STUDY", help="study.toml, or its folder; else data/raw/study.toml"
    )

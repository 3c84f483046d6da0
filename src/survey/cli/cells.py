"""`survey cells`: counts that are made, added, asked and thinned without the rows."""

from __future__ import annotations

import argparse
import glob
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey.base.catalogue import LANGUAGES, text
from survey.errors import EstimationError

if TYPE_CHECKING:
    from survey.sample import Sample
    from survey.scanning.scan import Scan
    from survey.sharing.cells import SharedCells

__all__ = ["add_commands"]

_ASKED = ("mean", "total", "proportion", "distribution")
_CELLS = "cells"
_SCANNED = (".parquet", ".pq")
_WRITTEN = ("separator", "decimal")


def add_commands(commands: Any) -> None:
    """The command and what can be typed after it."""
    cells = commands.add_parser("cells", help="counts that stand for rows, and may go where rows may not")
    verbs = cells.add_subparsers(title="what to do", metavar="VERB", required=True)

    make = verbs.add_parser("make", description=_make_text)
    make.add_argument(
        "file", nargs="?", metavar="ANSWERS", help="Parquet (several: 'log/*.parquet'), .zip, or any file"
    )
    make.add_argument("--out", type=Path, metavar="FILE", help=".parquet")
    make.add_argument(
        "--study",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="STUDY",
        help="in place of answers: count what survey verify --cells asks of its saved sample; see docs/verifying.md",
    )
    _add_questions(make)
    make.set_defaults(run=_make)

    update = verbs.add_parser("update", description=_update_text)
    update.add_argument("state", type=Path, metavar="FILE", help="cells, .parquet; made the first time")
    update.add_argument(
        "--from", dest="given", nargs="+", required=True, metavar="ANSWERS", help="Parquet or CSV: 'log/*.parquet'"
    )
    _add_questions(update)
    update.add_argument("--anew", action="store_true", help="count all files again, also those that have changed")
    update.set_defaults(run=_update)

    add = verbs.add_parser("add", description=_add_text)
    add.add_argument("file", type=Path, nargs="+", metavar="FILE", help="cells")
    add.add_argument("--out", type=Path, required=True, metavar="FILE", help=".parquet")
    add.add_argument("--clusters", choices=("apart", "same"), help="what clusters of one id in two files are")
    add.set_defaults(run=_add)

    suppress = verbs.add_parser("suppress", description=_suppress_text)
    suppress.add_argument("file", type=Path, metavar="FILE", help="cells")
    suppress.add_argument("--smallest", type=int, required=True, metavar="N", help="people that a cell must have")
    suppress.add_argument("--out", type=Path, required=True, metavar="FILE", help=".parquet")
    suppress.set_defaults(run=_suppress)

    show = verbs.add_parser("show", description="Show what a file of cells holds, and what is hidden in it.")
    show.add_argument("file", type=Path, metavar="FILE", help="cells")
    show.set_defaults(run=_show)

    estimate = verbs.add_parser("estimate", description=_estimate_text)
    estimate.add_argument("file", type=Path, metavar="FILE", help="cells")
    asked = estimate.add_mutually_exclusive_group(required=True)
    for verb in (*_ASKED, "bounds"):
        asked.add_argument(f"--{verb}", metavar="COLUMNS", help="of these items: OV01,OV02")
    estimate.add_argument("--levels", metavar="ANSWERS", help="of a share: the answers that count, 4,5")
    for end in ("top", "bottom"):
        estimate.add_argument(f"--{end}", type=int, metavar="N", help=f"of a share: the {end} N answers count")
    estimate.add_argument("--by", metavar="COLUMNS", help="groups: wave,ward")
    estimate.add_argument("--where", metavar="CONDITION", help="such as \"wave == 2 and ward == 'P01'\"")
    estimate.add_argument("--csv", type=Path, metavar="FILE", help="write the whole table, unrounded")
    estimate.set_defaults(run=_estimate)
    for verb in (make, update, add, suppress, show, estimate):
        verb.add_argument("--lang", choices=LANGUAGES, default="en", help="language of what is told")


def _add_questions(verb: argparse.ArgumentParser) -> None:
    """What is counted, and the design."""
    verb.add_argument("--codebook", type=Path, metavar="FILE", help="its declared missing codes are emptied")
    verb.add_argument("--items", metavar="COLUMNS", help="what is counted: OV01,OV02")
    verb.add_argument(
        "--by", action="append", metavar="COLUMNS", help="that later questions may name: wave,ward (again for a second)"
    )
    weights = verb.add_mutually_exclusive_group()
    weights.add_argument("--weights", metavar="COLUMN")
    weights.add_argument("--unweighted", action="store_true", help="every row counts once")
    for name, what in (("strata", "strata"), ("psu", "clusters"), ("fpc", "clusters in the population, by stratum")):
        verb.add_argument(f"--{name}", metavar="COLUMN", help=what)
    verb.add_argument("--separator", metavar="SIGN", help="of CSV, between columns: ';' as Excel writes in Vietnamese")
    verb.add_argument("--decimal", metavar="SIGN", help="of CSV, before decimals: ','")
    verb.add_argument("--nest", action="store_true", help="cluster ids start again in each stratum")
    verb.add_argument("--name", metavar="TEXT", help="what the counts are of, such as a province")


_make_text = (
    "Count items by cluster, by columns and by answer, and write the counts: estimates with their standard errors can "
    "be made from them without the rows. docs/cells.md says what they give away."
)
_update_text = (
    "Count the files that are new and add them to a file of cells, which lists every file that it holds: nothing is "
    "counted twice. What is counted is typed the first time only."
)
_add_text = (
    "Add cells of provinces, wards or waves. What was added already, is of other questions or of another codebook is "
    "refused."
)
_suppress_text = "Hide cells of few people before the counts are passed on, and say what that costs."
_estimate_text = "Estimate from cells what was counted in them, with standard errors and intervals."


def _listed(columns: str | None) -> list[str] | None:
    """Names between commas."""
    return None if columns is None else [name.strip() for name in columns.split(",") if name.strip()]


def _make(options: argparse.Namespace) -> int:
    from survey.sharing.cells import count_cells

    if options.study is not None:
        return _make_of_study(options)
    absent = [name for name in ("file", "items", "out") if getattr(options, name) is None]
    if absent:
        raise EstimationError(
            "Something is missing.",
            where="survey cells make",
            got=f"no {', '.join({'file': 'ANSWERS'}.get(name, f'--{name}') for name in absent)}",
            expected="survey cells make ANSWERS --items COLUMNS --out FILE, or survey cells make --study",
        )
    by = [_listed(columns) or [] for columns in options.by or []]
    made = count_cells(_rows(options), _listed(options.items) or [], by or None, name=options.name or "")
    return _written(made, options)


def _make_of_study(options: argparse.Namespace) -> int:
    """Count what the questions in cells.toml need, from the sample that the study's notebooks saved."""
    from survey.sample import Sample
    from survey.study.cell_questions import cells_of, read_questions
    from survey.study.ledger import questions_path
    from survey.study.study import Study

    study = Study.open(None if options.study == Path() else options.study)
    questions = read_questions(questions_path(study.path))
    sample = study.load(questions.sample)
    if not isinstance(sample, Sample):
        raise EstimationError("It holds no sample.", where=questions.sample, expected="a sample with its design")
    options.out = options.out or study.processed / f"{_CELLS}.parquet"
    return _written(cells_of(sample, questions, options.name or study.id), options)


def _rows(options: argparse.Namespace) -> Sample | Scan:
    """The rows that are counted: a saved sample, files read batch by batch, or any file."""
    from survey.io import read
    from survey.sample import Sample
    from survey.scanning.scan import scan

    path = Path(options.file)
    if path.suffix.lower() == ".zip":
        from survey.study.storage import load

        stored = load(path)
        if isinstance(stored, Sample):
            return stored
        raise EstimationError("The file holds no sample.", where=path, expected="a sample with its design and weights")
    if options.weights is None and not options.unweighted:
        raise EstimationError(
            "Weights are never guessed.",
            where="survey cells make",
            expected="--weights COLUMN, or --unweighted",
            fix="name the column of the weights",
        )
    design = {"weights": options.weights, "nest": options.nest}
    design |= {name: value for name in ("strata", "psu", "fpc") if (value := getattr(options, name)) is not None}
    written = {name: getattr(options, name) for name in _WRITTEN}
    if path.suffix.lower() in _SCANNED or path.is_dir() or (glob.has_magic(options.file) and not path.exists()):
        return scan(options.file, codebook=options.codebook, **written, **design)
    return Sample(read(path, codebook=options.codebook, **written).recode_missing(), **design)


def _update(options: argparse.Namespace) -> int:
    from survey.sharing.cells import count_new

    by = None if options.by is None else [_listed(columns) or [] for columns in options.by]
    names = ("weights", "unweighted", "strata", "psu", "fpc", "codebook", *_WRITTEN)
    given = {name: getattr(options, name) for name in names}
    given |= {"nest": options.nest or None, "name": options.name, "anew": options.anew}
    done = count_new(options.state, options.given, _listed(options.items), by, **given)
    _say(f"{done.to_text(options.lang)}\n{text('cells.written', options.lang, path=options.state.as_posix())}")
    return 0


def _add(options: argparse.Namespace) -> int:
    from survey.sharing.cells import load_cells

    first, *others = [load_cells(path) for path in options.file]
    return _written(first.add(*others, clusters=options.clusters), options)


def _suppress(options: argparse.Namespace) -> int:
    from survey.sharing.cells import load_cells

    return _written(load_cells(options.file).suppress(options.smallest), options)


def _show(options: argparse.Namespace) -> int:
    from survey.sharing.cells import load_cells

    _say(load_cells(options.file).to_text(options.lang))
    return 0


def _written(made: SharedCells, options: argparse.Namespace) -> int:
    path = made.save(options.out)
    _say(f"{made.to_text(options.lang)}\n{text('cells.written', options.lang, path=path.as_posix())}")
    return 0


def _estimate(options: argparse.Namespace) -> int:
    from survey.base.files import writing
    from survey.sharing.cells import load_cells

    counted = load_cells(options.file)
    verb = next(v for v in (*_ASKED, "bounds") if getattr(options, v) is not None)
    shares = {"levels": _answers(options.levels), "top": options.top, "bottom": options.bottom}
    given = {name: value for name, value in shares.items() if value is not None}
    if given and verb not in ("proportion", "bounds"):
        raise EstimationError(
            "Answers that count are those of a share.",
            where=f"--{verb}",
            got=", ".join(f"--{name}" for name in given),
            fix="ask for --proportion",
        )
    given |= {"by": _listed(options.by), "where": options.where}
    found = getattr(counted, verb)(_listed(getattr(options, verb)), **given)
    table = found if verb == "bounds" else found.table
    _say(table.round(4).to_string(index=False) if verb == "bounds" else found.to_text(options.lang))
    if options.csv is not None:
        with writing(options.csv, [options.file], endings=(".csv",)) as temporary:
            table.to_csv(temporary, index=False)
    return 0


def _answers(levels: str | None) -> list[Any] | None:
    """Answers between commas: numbers where they are such."""
    from survey.base.names import plain

    return None if levels is None else [plain(value) for value in _listed(levels) or ()]


def _say(told: str) -> None:
    sys.stdout.write(told + "\n")

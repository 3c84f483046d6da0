"""Files that keep coming: what is new among them is counted and added to a file of cells, which lists what it holds.

Counts and list are one file, which is replaced whole. So a stop at any moment leaves the counts of certain files with
the list of these files, and what is not on the list is counted next time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from survey.base.locks import alone
from survey.base.names import composed_value
from survey.codebook import Codebook
from survey.errors import DesignError, EstimationError, ExportError, ReadError, SurveyError, shorten
from survey.scanning.dialect import PLAIN_CSV, Dialect
from survey.scanning.named_files import is_csv, paths_of
from survey.scanning.readers import reader_of
from survey.scanning.scan import scan
from survey.scanning.spellings import shown
from survey.sharing import saving
from survey.sharing.adding import add
from survey.sharing.alike import alike, composed
from survey.sharing.counted_files import CountedFile, Found, Look, found
from survey.sharing.counting import asked_of, count
from survey.sharing.state import CellsData

if TYPE_CHECKING:
    from survey.base.files import AnyPath

__all__ = ["Recipe", "Updated", "update"]

C = TypeVar("C", bound=CellsData)

SAVED_EVERY = 20
"""Files that are counted between two times of saving: as many are counted again after a stop, at most."""
_WHERE = "count_new"


@dataclass(frozen=True)
class Recipe:
    """What is counted in every file.

    Parameters
    ----------
    questions : dict of item to lists of columns
    design : dict
        As `scan` takes it: weights, strata, psu, fpc, nest, lonely.
    codebook : Codebook
    name : str
    dialect : Dialect
        How CSV is written.
    """

    questions: Mapping[str, Sequence[tuple[str, ...]]]
    design: Mapping[str, Any]
    codebook: Codebook | AnyPath | None
    name: str
    dialect: Dialect = PLAIN_CSV

    @classmethod
    def of(cls, cells: CellsData) -> Recipe:
        """That of cells that were counted."""
        questions: dict[str, list[tuple[str, ...]]] = {}
        for tally in cells.tallies:
            questions.setdefault(tally.item, []).append(tally.by)
        own = cells.design
        design = {"weights": own.weights, "strata": own.strata, "psu": own.psu, "fpc": own.fpc}
        return cls(
            questions, design | {"nest": own.nest, "lonely": own.lonely}, cells.codebook, cells.name, cells.dialect
        )


@dataclass(frozen=True, eq=False)
class Updated:
    """What `update` did.

    Parameters
    ----------
    cells : Cells
        Of all files that were ever counted.
    counted : tuple of str
        Files that were counted now.
    known : int
        Files that had been counted before.
    renamed : tuple of (str, str)
    vanished : tuple of str
        Counted files that are no longer there; their rows stay in the counts.
    """

    cells: Any
    counted: tuple[CountedFile, ...]
    known: int
    renamed: tuple[tuple[str, str], ...]
    vanished: tuple[str, ...]


def update(cls: type[C], state: AnyPath, source: Any, given: Mapping[str, Any], *, anew: bool) -> Updated:
    """Count the files that are new, and save; see `survey.sharing.cells.count_new`."""
    path = Path(state)
    if path.suffix.lower() != ".parquet":
        raise ExportError("Cells are a Parquet file.", where=path, expected="a name that ends in .parquet")
    with alone(path):
        old: C | None = composed(saving.opened(cls, path)) if path.exists() else None
        recipe = _recipe(old, given, path)
        files = [p for p in dict.fromkeys(p.resolve() for p in _paths(source)) if p != path.resolve()]
        there = found(files, () if anew or old is None else old.files, path.parent)
        if anew and old is not None:
            _refuse_gone(old, there, path)
            old = None
        return _Counting(cls, path, recipe, there, all_or_nothing=anew).run(old)


def _paths(source: Any) -> list[Path]:
    given = [source] if isinstance(source, str | PathLike) else list(source)
    return sorted(paths_of([fspath(one) for one in given], f"{_WHERE}(source)")[0])


def _refuse_gone(old: CellsData, there: Found, path: Path) -> None:
    now = {look.sha256 for look in there.new.values()}
    gone = [f.name for f in old.files if f.name not in there.new and f.sha256 not in now and f.rows]
    if gone:
        raise ReadError(
            "Files that were counted are not among these: counting anew would lose their rows.",
            where=path,
            got=shorten(gone),
            expected="all files that were counted",
            fix="bring them back; or, if they are to be left out, begin another file of cells",
        )


def _recipe(old: CellsData | None, given: Mapping[str, Any], path: Path) -> Recipe:
    """What is to be counted: as typed, and as it was counted before."""
    items, weights = given["items"], given["weights"]
    separator, decimal = given["separator"], given["decimal"]
    dialect = Dialect.of(separator, decimal, _WHERE)
    design = {name: composed_value(given[name]) for name in ("weights", "strata", "psu", "fpc", "nest", "lonely")}
    if old is None:
        if items is None:
            raise EstimationError(
                "What is to be counted is not known.",
                where=path,
                got="no items, and no such file of cells yet",
                expected="items, by, weights and clusters the first time; later they are read from the file",
                fix="name the items",
            )
        if weights is None and not given["unweighted"]:
            raise DesignError(
                "Weights are never guessed.",
                where=_WHERE,
                expected="weights, or unweighted=True (survey cells update --weights COLUMN, or --unweighted)",
                fix="name the column of the weights",
            )
        plain = {name: value for name, value in design.items() if value is not None}
        asked, design = asked_of(items, given["by"]), {"weights": None} | plain
        return Recipe(asked, design, given["codebook"], given["name"] or "", dialect)
    if not old.files or len(old.parts) > 1 or old.smallest:
        raise EstimationError(
            "These cells cannot be continued.",
            where=path,
            got="cells of several sources" if len(old.parts) > 1 else "cells without a list of the files they are of",
            expected="cells that count_new or survey cells update made",
            fix="begin another file of cells",
        )
    own = Recipe.of(old)
    _refuse_others(own, given, design, path)
    kept = own.dialect
    dialect = Dialect(
        kept.separator if separator is None else dialect.separator, kept.decimal if decimal is None else dialect.decimal
    )
    book = own.codebook if given["codebook"] is None else given["codebook"]
    return replace(own, codebook=book, dialect=dialect)


def _refuse_others(own: Recipe, given: Mapping[str, Any], design: Mapping[str, Any], path: Path) -> None:
    """Raise if something is typed that is not what the file of cells holds."""
    others: list[tuple[str, Any, Any]] = []
    if given["items"] is not None:
        asked = asked_of(given["items"], given["by"])
        if {k: sorted(v) for k, v in asked.items()} != {k: sorted(v) for k, v in own.questions.items()}:
            others.append(("items by columns", asked, dict(own.questions)))
    elif given["by"] is not None:
        others.append(("by", given["by"], "items beside it"))
    if given["unweighted"] and own.design["weights"] is not None:
        others.append(("unweighted", "yes", own.design["weights"]))
    for name, value in design.items():
        kept = own.design[name]
        same = (value,) if isinstance(value, str) and isinstance(kept, tuple) else value
        if value is not None and (tuple(same) if isinstance(kept, tuple) else same) != kept:
            others.append((name, value, kept))
    if given["name"] is not None and given["name"] != own.name:
        others.append(("name", given["name"], own.name))
    if others:
        what, got, expected = others[0]
        raise EstimationError(
            "The file of cells holds counts of something else.",
            where=f"{path}, {what}",
            got=str(got)[:200],
            expected=str(expected)[:200],
            fix="leave it out: it is read from the file; or begin another file of cells",
        )


class _Counting:
    """One update: files are counted, added and saved; those that cannot be counted are remembered."""

    def __init__(self, cls: type[Any], path: Path, recipe: Recipe, there: Found, *, all_or_nothing: bool) -> None:
        self.cls, self.path, self.recipe, self.there = cls, path, recipe, there
        self.all_or_nothing = all_or_nothing
        self.counted: list[CountedFile] = []
        self.problems: list[tuple[str, SurveyError]] = [*there.unread]

    def run(self, cells: Any) -> Updated:
        known, unsaved = self.there.files, 0
        empty: list[CountedFile] = []
        if cells is not None:
            cells = replace(cells, files=known)
        holds = {file.sha256: file.name for file in known if file.rows}
        for name, look in sorted(self.there.new.items()):
            try:
                file, more = self._counts(name, look, holds)
                both = more if cells is None or more is None else add(*alike(cells, more), clusters="same")
            except SurveyError as problem:
                self.problems.append((name, problem))
                continue
            self.counted.append(file)
            if more is None:
                empty.append(file)
                continue
            cells, unsaved = both, unsaved + 1
            holds[file.sha256] = name
            if unsaved == SAVED_EVERY and not self.all_or_nothing:
                self._save(replace(cells, files=(*cells.files, *empty)))
                unsaved = 0
        if cells is None or (self.problems and self.all_or_nothing):
            raise self._problem(saved=False)
        cells = self._named(replace(cells, files=(*cells.files, *empty)))
        if self.counted or self.there.renamed:
            self._save(cells)
        if self.problems:
            raise self._problem(saved=True)
        return Updated(cells, tuple(self.counted), len(known), self.there.renamed, self.there.vanished)

    def _counts(self, name: str, look: Look, holds: Mapping[str, str]) -> tuple[CountedFile, Any]:
        """The cells of one file; None where it has no rows."""
        if look.sha256 in holds:
            raise ReadError(
                "The file is a copy of one that was counted.",
                got=f"the bytes of {holds[look.sha256]}",
                expected="rows that were not counted yet",
                fix="take it away",
            )
        written = self.recipe.dialect
        names, rows = _size(look.path, written)
        needed = {column for item, ways in self.recipe.questions.items() for by in ways for column in (item, *by)}
        absent = [column for column in sorted(needed) if column not in names]
        if absent:
            raise ReadError("Columns are not there.", got=shorten(absent), expected=shorten(names, 12))
        file = CountedFile(name, look.size, look.sha256, rows)
        if not rows:
            return file, None
        told: dict[str, Any] = (
            {"separator": written.separator or None, "decimal": written.decimal} if is_csv(look.path) else {}
        )
        rows_of = scan(look.path, codebook=self.recipe.codebook, **told, **self.recipe.design)
        made = count(rows_of, self.recipe.questions, partly=True)
        if Look.at(look.path) != look:
            raise ReadError("The file was written to while it was counted.", fix="update again when it is whole")
        return file, self.cls.made(**vars(made), files=(file,))

    def _named(self, cells: Any) -> Any:
        name = self.recipe.name
        return replace(cells, name=name, parts=((name, saving.fingerprint(cells)),), dialect=self.recipe.dialect)

    def _save(self, cells: Any) -> None:
        saving.save(self._named(cells), self.path)

    def _problem(self, *, saved: bool) -> SurveyError:
        """What could not be counted, and what has become of the others."""
        if not self.problems:
            return ReadError(
                "None of the files has rows.", where=self.path, expected="at least one respondent", fix="wait for one"
            )
        _, first = self.problems[0]
        n, bad = len(self.counted), len(self.problems)
        others = "no other was new" if not n else "1 other was" if n == 1 else f"{n} others were"
        others = others if saved else "nothing was saved"
        return type(first)(
            f"{'A file' if bad == 1 else f'{bad} files'} could not be counted; {others}.",
            where=shorten([name for name, _ in self.problems], 6),
            got=_told(first) if bad == 1 else shorten([f"{name}: {_told(p)}" for name, p in self.problems], 4),
            expected=first.expected or "a whole file with the columns and types of the others",
            fix=f"{first.fix or 'export it again, or take it away'}; then update again: no row is counted twice",
        )


def _told(problem: SurveyError) -> str:
    """What was wrong with a file, in one line."""
    parts = [problem.what, *(str(part) for part in (problem.where, problem.got) if part is not None)]
    return "; ".join(part.rstrip(".") for part in parts)[:300]


def _size(path: Path, written: Dialect) -> tuple[tuple[str, ...], int]:
    """The columns and the number of rows of a file."""
    reader: Any = reader_of(path, dialect=written)
    try:
        return tuple(map(shown, reader.names)), int(reader.data.count_rows())
    except (OSError, ValueError) as problem:  # also what Arrow raises
        raise ReadError("The file is damaged.", got=str(problem)[:200]) from problem

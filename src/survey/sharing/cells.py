"""Cells: counts of clusters that give the estimates of the rows they were made from, and go where rows may not.

The class body is a table of contents: the state is `CellsData`, each verb a function of the module named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from survey.base.arguments import explained, explained_verbs
from survey.base.files import AnyPath
from survey.codebook import Codebook
from survey.errors import EstimationError, ReadError
from survey.estimation.items import Names
from survey.sample import Sample
from survey.scanning import verbs
from survey.scanning.budget import check_budget
from survey.scanning.scan import Scan
from survey.sharing import adding, hiding, increments, saving, telling
from survey.sharing.counting import asked_of, count
from survey.sharing.state import MEMORY, CellsData

__all__ = ["CellsUpdate", "SharedCells", "count_cells", "count_new", "load_cells"]


@explained_verbs(EstimationError)
class SharedCells(CellsData):
    """Counts of some questions by cluster, made by `count_cells` or `load_cells`.

    `mean`, `total`, `proportion` and `distribution` give the estimates of the sample that was counted, with their
    covariance, degrees of freedom and notes.
    """

    mean = verbs.mean
    total = verbs.total
    proportion = verbs.proportion
    distribution = verbs.distribution
    save = saving.save
    add = adding.add
    suppress = hiding.suppress
    bounds = hiding.bounds
    hidden = property(hiding.hidden)
    to_text = telling.to_text

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        """A verb of `Sample` that cells do not have: one clear error when it is called."""
        if name.startswith("_") or not callable(getattr(Sample, name, None)):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

        def refused(*args: object, **kwargs: object) -> NoReturn:
            raise EstimationError(
                "Cells have no rows, and this verb needs them.",
                where=f"cells.{name}",
                expected="mean, total, proportion, distribution, and contrasts of their results",
                fix="ask where the rows are",
            )

        return refused


@explained(EstimationError)
def count_cells(
    data: Sample | Scan,
    items: Names | Mapping[str, Any],
    by: Names | Sequence[Sequence[str]] | None = None,
    *,
    name: str = "",
) -> SharedCells:
    """Count items by cluster, by the columns of `by` and by answer: all that their estimates need.

    Parameters
    ----------
    data : Sample or Scan
        With clusters of one stage. Cells know what weights were calibrated to.
    items : str, list of str, or mapping of item to columns
        Numbers of many values are counted by sums of w, w y and w y squared.
    by : str, list of str, or list of lists of str, optional
        Columns that later questions may name in `by=` and in `where=`: any of them, and no others. Each list of a list
        of lists makes a question of its own, with fewer and larger cells than all columns together.
    name : str
        What the counts are of, such as a province: tells clusters apart when cells are added.

    Returns
    -------
    SharedCells

    Raises
    ------
    DesignError
        Without clusters (each respondent would be one), with two stages of them, or with replicate weights.
    EstimationError
        For columns that do not exist, or of very many values.
    PrivacyError
        For columns of personal data.

    Examples
    --------
    >>> counted = sv.count_cells(sample, ["OV01", "OV02"], by=["wave", "ward"], name="An Giang")  # doctest: +SKIP
    >>> counted.proportion("OV01", top=2, by="ward", where="wave == 2")  # doctest: +SKIP
    """
    cells = SharedCells.made(**vars(count(data, asked_of(items, by))), name=str(name))
    return replace(cells, parts=((str(name), saving.fingerprint(cells)),))


class CellsUpdate(increments.Updated):
    """What `count_new` did: `cells` of all files, `counted` now, `known` before, `renamed` and `vanished` files."""

    to_text = telling.told_update


@explained(ReadError)
def count_new(
    state: AnyPath,
    source: AnyPath | Sequence[AnyPath],
    items: Names | Mapping[str, Any] | None = None,
    by: Names | Sequence[Sequence[str]] | None = None,
    *,
    weights: str | None = None,
    unweighted: bool = False,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    nest: bool | None = None,
    lonely: str | None = None,
    codebook: AnyPath | Codebook | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    name: str | None = None,
    anew: bool = False,
) -> CellsUpdate:
    """Count the files that are new, and add them to a file of cells, which lists every file that it holds.

    Files are known by their bytes, so that a stop, a second run, another name or another place counts nothing twice.
    Counts and list are replaced together, or not at all; a second process that updates the same cells is refused.

    Parameters
    ----------
    state : path
        The file of cells, ending in .parquet; made the first time.
    source : path, pattern, folder or list of them
        Parquet or CSV files, counted one by one as `scan` does.
    items, by, name :
        As for `count_cells`; read from the cells after the first time, as are all of the following.
    weights, strata, psu, fpc, nest, lonely, codebook :
        As for `scan`. Clusters of one id are the same in all files.
    separator, decimal :
        Of CSV, as for `scan`; kept for the next time. Files that are new may be written otherwise than the old ones.
    unweighted : bool
        Every row counts once.
    anew : bool
        Count all files again, also those that have changed; the old cells are replaced only if every file can be
        counted and none that was counted is gone.

    Returns
    -------
    CellsUpdate

    Raises
    ------
    ReadError
        If a file cannot be counted (damaged, other columns, other types, a copy): it is named, and the other new files
        were counted and saved. If a file has changed since it was counted: nothing is counted then.
    EstimationError
        If the cells hold other questions, or are not of files that were counted so.
    DesignError
        If weights or clusters are not named the first time; if the cells have another design.
    ExportError
        If another process updates these cells, or they cannot be written; the old ones stay.

    Examples
    --------
    >>> update = sv.count_new("log.parquet", "log/*.parquet", "q1", weights="w", psu="office")  # doctest: +SKIP
    >>> update.cells.mean("q1")  # doctest: +SKIP
    """
    given: dict[str, Any] = {
        "items": items,
        "by": by,
        "weights": weights,
        "unweighted": unweighted,
        "strata": strata,
        "psu": psu,
    }
    given |= {"fpc": fpc, "nest": nest, "lonely": lonely, "codebook": codebook, "name": name}
    given |= {"separator": separator, "decimal": decimal}
    done = increments.update(SharedCells, state, source, given, anew=anew)
    return CellsUpdate(**vars(done))


@explained(ReadError)
def load_cells(path: AnyPath, *, memory: int = MEMORY) -> SharedCells:
    """Read cells that `SharedCells.save` or `survey cells` wrote.

    Parameters
    ----------
    path : path
    memory : int
        Bytes that the counts of one question may take; more is refused with the number. Cells that are added to these
        take it over.

    Raises
    ------
    DesignError
        If `memory` is no whole number of bytes.
    ReadError
        If the file is missing, cut short, changed, no such file, or of a later format than this version knows.
    """
    budget = check_budget(memory)
    found: SharedCells = saving.opened(SharedCells, path)
    return replace(found, memory=budget)

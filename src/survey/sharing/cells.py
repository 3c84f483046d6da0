"""Cells: counts of clusters that give the estimates of the rows they were made from, and go where rows may not.

The class body is a table of contents: the state is `CellsData`, each verb a function of the module named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from survey.base.arguments import explained, explained_verbs
from survey.base.files import AnyPath
from survey.errors import EstimationError, ReadError
from survey.estimation.items import Names
from survey.sample import Sample
from survey.scanning import verbs
from survey.scanning.scan import Scan
from survey.sharing import adding, hiding, saving, telling
from survey.sharing.counting import asked_of, count
from survey.sharing.state import CellsData

__all__ = ["SharedCells", "count_cells", "load_cells"]


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
        With clusters of one stage. Calibrated weights of a sample are known to the cells.
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
    made = count(data, asked_of(items, by))
    parts = (made.tallies, made.codebook, made.design, made.drawn, made.rows, made.calibration)
    mark = saving.fingerprint(SharedCells.made(*parts))
    return SharedCells.made(*parts, name=str(name), parts=((str(name), mark),))


@explained(ReadError)
def load_cells(path: AnyPath) -> SharedCells:
    """Read cells that `SharedCells.save` or `survey cells` wrote.

    Raises
    ------
    ReadError
        If the file is missing, cut short, changed, no such file, or of a later format than this version knows.
    """
    found: SharedCells = saving.opened(SharedCells, path)
    return found

"""Differential item functioning: whether people with the same score answer an item alike, whatever their group.

Where they do not, scores of the groups are not measured alike, and a difference between them is partly one of wording.

References
----------
Swaminathan & Rogers (1990), J. Educ. Measurement 27; Zumbo (1999), A Handbook on the Theory and Methods of DIF: ordinal
logistic regression on the total score, the group and their product. Zwick (1990), J. Educ. Statist. 15: the score holds
the item that is tested. Jodoin & Gierl (2001), Applied Measurement in Education 14: sizes of R2.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.catalogue import Note, listed
from survey.base.expressions import Where
from survey.compare.asked import groups_to_compare
from survey.core.adjusting import adjust_pvalues, check_adjust
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.errors import DesignError, EstimationError, shorten
from survey.estimation.items import Names, item_names
from survey.estimation.results import check_level, group_notes
from survey.models.dif_result import Dif
from survey.models.dif_tests import tested
from survey.models.matching import MATCHES, matched
from survey.models.scale_items import ScaleItems, people_in, scale_items

__all__ = ["Dif", "dif"]

MODERATE, LARGE = 0.035, 0.070
"""Jodoin & Gierl: from here on a difference of Nagelkerke's R2 matters, and matters much."""
_MOST_ANSWERS, _MOST_NAMED = 20, 6
_MATCHED = {"factor": "notes.dif_matched_factor", "total": "notes.dif_matched", "rest": "notes.dif_matched_rest"}
_LEAST_ANCHORS = 2
"""Items not flagged that a score must hold: with fewer nobody is matched by what works alike."""
_OWN = ("size", "p_uniform", "p_nonuniform", "p_adjusted", "shift", "statistic_uniform", "statistic_nonuniform")


def dif(
    self: SampleData,
    scale: Names,
    by: Names,
    *,
    match: str = "factor",
    purify: bool = True,
    adjust: str = "holm",
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Dif:
    """Test whether the items of a scale function alike in groups: ordinal logistic regression on the score.

    Parameters
    ----------
    scale : str or list of str
        A dimension of the codebook, the column of its score, or the items; three or more.
    by : str or list of str
        Groups: residents and businesses, waves. Compared with the first of them.
    match : {"factor", "total", "rest"}
        What people are alike in: a score of all items that counts each by what it tells of their one factor (the
        default), the mean of all items, or that of the other items.
    purify : bool
        Test again with a score that leaves out the items that were flagged (but the one tested), until none changes.
    adjust : {"holm", "hochberg", "bh", "bonferroni", "none"}
        How p-values are adjusted over the items.
    where : str, bool array or callable, optional
    level : float
        Items are flagged where the adjusted p-value is below 1 - level and R2 changes by 0.035 or more.
    variance : {"taylor", "replicate"}, optional
        Left out, tests take the replicates where the sample has them, else linearisation.

    Returns
    -------
    Dif
        One row an item: estimate (change of Nagelkerke's R2 from the score alone to score, group and their product,
        0-1), size ("negligible", "moderate" from 0.035, "large" from 0.070), p_uniform and statistic_uniform (F: the
        groups differ at every score alike), p_nonuniform and statistic_nonuniform (F: they differ more at some scores),
        p_value and statistic (F, both together), df (numerator), ddf, p_adjusted (of p_value), shift (how much higher
        the group that differs most answers than the first group, averaged over everybody at their own score; points of
        0-100 where the codebook knows the ends, else units of the item), n. NaN where an item's model has no solution.

    Raises
    ------
    EstimationError
        If there are fewer than three items, one group, or an item with more than 20 different answers.

    Notes
    -----
    Of respondents who answered every item. Answers follow a curve over the score (a natural spline of three degrees of
    freedom), so that a floor or a ceiling is not taken for a difference of groups. Where most items function
    differently in the same direction the score does too, and no test on the score can tell: the others seem to differ
    the other way.

    Examples
    --------
    >>> unfair = sample.dif("friendliness", by="kind")  # doctest: +SKIP
    >>> unfair.warn(sample.compare("friendliness", by="kind"))  # doctest: +SKIP
    """
    check_level(level)
    one_of(match, MATCHES, "way to match people", EstimationError)
    check_adjust(adjust)
    if adjust == "max-t":
        adjust_pvalues(np.ones(1), adjust)  # refuses it
    replicated = self.uses_replicates(variance)
    design = self.design
    columns = design.replicates is not None and bool(design.replicates.columns)
    if columns and not (replicated or design.strata or design.psu):
        raise DesignError(
            "Linearised tests of items need strata and clusters.",
            got="only replicate weights",
            fix="leave variance= out: tests then take the replicates",
        )
    refuse_reserved(item_names(by), _OWN)
    asked = scale_items(self, scale, "dif(scale=...)", least=3)
    grouping = groups_to_compare(self, by, where)
    used, code = _rows(self, asked, grouping)
    y = np.stack([v[used] for v in asked.values], axis=1)
    flags, seen = np.zeros(len(asked.items), bool), []
    coded = [_coded(y[:, j], name) for j, name in enumerate(asked.items)]
    people = None if self.structure.people is None else self.structure.people[used]
    while True:
        scores = [matched(y, j, ~flags, self.weights[used], match, people) for j in range(len(asked.items))]
        made_of = zip(coded, scores, strict=True)
        rows = [tested(self, *answers, score, code, used, replicated) for answers, score in made_of]
        table = _table(asked, rows, adjust, people_in(self.structure, used))
        seen.append(flags)
        flags = ((table["p_adjusted"] < 1 - level) & (table["estimate"] >= MODERATE)).to_numpy()
        if not purify or any((flags == before).all() for before in seen) or (~flags).sum() < _LEAST_ANCHORS:
            break
    flagged = tuple(table.loc[flags, "item"])
    notes: list[Note | str] = [
        Note(_MATCHED[match]),
        *([Note("notes.dif_equal")] if any(score.equal for score in scores) else []),
        *([Note("notes.dif_purified")] if len(seen) > 1 else []),
        Note("notes.dif_sizes"),
        Note(f"notes.adjusted_items_{adjust}"),
    ]
    if replicated and design.replicates is not None:
        notes.append(Note("notes.replicates", replicates=design.replicates.count, method=design.replicates.method))
    untested = table["p_value"].isna() & table["estimate"].notna()
    if untested.any():
        notes.append(Note("notes.dif_untested", items=listed(table.loc[untested, "item"], _MOST_NAMED)))
    if table["estimate"].isna().any():
        lost = table.loc[table["estimate"].isna(), "item"]
        notes.append(Note("notes.dif_no_solution", items=listed(lost, _MOST_NAMED)))
    made = Dif(
        table,
        "dif",
        level=level,
        codebook=self.codebook,
        notes=(*notes, *asked.notes(), *group_notes(grouping)),
        source=self.source,
        simulated=self.simulated,
        adjust="" if adjust == "none" else adjust,
        scale_name=_dimension(self, asked) or asked.name,
        group=tuple(map(str, grouping.labels.columns)),
        flagged=flagged,
    )
    warning = made.warning
    return made if warning is None else replace(made, notes=(warning, *made.notes))


def _dimension(sample: SampleData, asked: ScaleItems) -> str:
    """The dimension of the codebook that all items are of; "" where there is none."""
    variables = [sample.codebook.variables.get(name) for name in asked.items]
    found = {v.dimension if v is not None and v.scored else "" for v in variables}
    return next(iter(found)) or "" if len(found) == 1 else ""


def _table(asked: ScaleItems, rows: list[dict[str, float]], adjust: str, n: int) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    table.insert(0, "item", list(asked.items))
    table["shift"] *= 100.0 if asked.ranged else 1.0
    table["p_adjusted"] = adjust_pvalues(table["p_value"].to_numpy(float), adjust)
    change = table["estimate"].to_numpy(float)
    sizes = [np.isnan(change), change >= LARGE, change >= MODERATE]
    table["size"] = np.select(sizes, ["", "large", "moderate"], "negligible")
    table["n"] = n
    return table


def _rows(sample: SampleData, asked: ScaleItems, grouping: Grouping) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Respondents with all items, and the group of each, counted from 0 without groups that have nobody."""
    inside = asked.complete & (grouping.code < len(grouping))
    if sample.structure.counted is not None:
        inside &= sample.structure.counted
    used = np.flatnonzero(inside)
    groups, code = np.unique(grouping.code[used], return_inverse=True)
    if len(groups) < 2:
        raise EstimationError(
            "Only one group answered all items of the scale.",
            where=shorten(asked.items),
            got=f"{len(groups)} groups with answers to every item",
            expected="two or more",
            fix="leave out items that a group was not asked",
        )
    for name, v in zip(asked.items, asked.values, strict=True):
        if np.ptp(v[used]) == 0:
            raise EstimationError(
                "An item has the same answer from everyone, so there is nothing to test.",
                where=name,
                expected="items whose answers differ",
                fix="leave it out of the list of items",
            )
    return used, code.reshape(-1)


def _coded(answers: Array, name: str) -> tuple[Array, NDArray[np.int64]]:
    """The different answers to an item, and which of them each respondent gave."""
    values, answer = np.unique(answers, return_inverse=True)
    if len(values) > _MOST_ANSWERS:
        raise EstimationError(
            "An item has too many different values for ordinal logistic regression.",
            where=name,
            got=f"{len(values):,}",
            expected=f"up to {_MOST_ANSWERS}",
            fix="make classes of it with responses.band(...), or leave it out",
        )
    return values, answer.reshape(-1)

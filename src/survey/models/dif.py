"""Differential item functioning: whether people with the same score answer an item alike, whatever their group.

Where they do not, scores of the groups are not measured alike, and a difference between them is partly one of wording.

References
----------
Swaminathan & Rogers (1990), J. Educ. Measurement 27; Zumbo (1999), A Handbook on the Theory and Methods of DIF: ordinal
logistic regression on the total score, the group and their product. Zwick (1990), J. Educ. Statist. 15: the score holds
the item that is tested. Jodoin & Gierl (2001), Applied Measurement in Education 14: sizes of R2. Nagelkerke (1991),
Biometrika 78; Lumley (2017), Aust. N. Z. J. Statist. 59: R2 with weights. Binder (1983): tests under the design.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.catalogue import Note, listed
from survey.base.expressions import Where
from survey.base.tails import f_tail, wald
from survey.codebook._variable import pick
from survey.compare.asked import groups_to_compare
from survey.core.adjusting import adjust_pvalues, check_adjust
from survey.core.estimates_data import EstimatesData
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.errors import DesignError, EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.items import Names, item_names
from survey.estimation.linearize import row_covariance
from survey.estimation.results import check_level, group_notes
from survey.models.ordinal_fitting import OrdinalFit, fit_ordinal, shares
from survey.models.scale_items import ScaleItems, respondents_df, scale_items
from survey.words.comparability import NOT_COMPARABLE

__all__ = ["Dif", "dif"]

E = TypeVar("E", bound=EstimatesData)
MODERATE, LARGE = 0.035, 0.070
"""Jodoin & Gierl: from here on a difference of Nagelkerke's R2 matters, and matters much."""
_MATCHES = ("total", "rest")
_MOST_ANSWERS, _MOST_NAMED = 20, 6
_LEAST_ANCHORS = 2
"""Items not flagged that a score must hold: with fewer nobody is matched by what works alike."""
_COLUMNS = (
    *("estimate", "statistic", "df", "ddf", "p_value", "statistic_uniform", "p_uniform"),
    *("statistic_nonuniform", "p_nonuniform", "shift"),
)
_OWN = ("size", "p_uniform", "p_nonuniform", "p_adjusted", "shift", "statistic_uniform", "statistic_nonuniform")


@dataclass(frozen=True)
class Dif(Estimates):
    """How items function in groups.

    Parameters
    ----------
    scale_name : str
        Dimension of the codebook, or the first and last item.
    group : tuple of str
        Columns whose groups were compared.
    flagged : tuple of str
        Items that function differently: the adjusted p-value is below one minus the level, and R2 changes by 0.035 or
        more.
    """

    scale_name: str = ""
    group: tuple[str, ...] = ()
    flagged: tuple[str, ...] = field(default=())

    @property
    def warning(self) -> Note | None:
        """What results that compare these groups must say; None where no item functions differently."""
        if not self.flagged:
            return None
        names = {lang: self._called(lang) for lang in ("vi", "en")}
        return Note(
            NOT_COMPARABLE,
            scale={lang: name[0] for lang, name in names.items()},
            groups={lang: name[1] for lang, name in names.items()},
            items=listed(self.flagged, _MOST_NAMED),
        )

    def _called(self, lang: str) -> tuple[str, str]:
        book = self.codebook
        scale = pick(book.dimensions.get(self.scale_name, {}), lang, self.scale_name)
        return scale, ", ".join(book.short_name(name, lang) for name in self.group)

    def warn(self, e: E) -> E:
        """Give a result that compares these groups the warning, which tables, figures and sentences then carry.

        Parameters
        ----------
        e : Estimates
            Of the scale's score or of its items, by the groups that were tested, or differences of such.

        Returns
        -------
        Estimates
            The same; with a note if scores cannot be compared fairly, as it is otherwise.

        Raises
        ------
        EstimationError
            If the result is not about these groups, or not about this scale.
        """
        groups = _groups_of(e)
        if not set(self.group) <= groups:
            raise EstimationError(
                "The result does not compare the groups whose items were tested.",
                where="dif.warn(...)",
                got=shorten(sorted(groups)) or "no groups",
                expected=shorten(self.group),
                fix=f"test the items between these groups: sample.dif(..., by={sorted(groups)})" if groups else None,
            )
        about = _items_of(e)
        own = set(self.table["item"]) | {self.scale_name}
        variables = self.codebook.variables.values()
        scores = {v.name for v in variables if v.dimension == self.scale_name and v.role == "score"}
        if not about & (own | scores):
            raise EstimationError(
                "The result is not about the scale whose items were tested.",
                where="dif.warn(...)",
                got=shorten(sorted(about)),
                expected=shorten([self.scale_name, *self.table["item"]]),
                fix="test the items of this scale with sample.dif(...)",
            )
        only = about - scores - {self.scale_name}
        concerned = bool(about & (scores | {self.scale_name})) or bool(only & set(self.flagged))
        warning = self.warning
        if warning is None or not concerned or warning in e.notes:
            return e
        return replace(e, notes=(warning, *e.notes))


def _groups_of(e: EstimatesData) -> set[str]:
    found = {*e.by, *e.compared}
    return found | (_groups_of(e.origin) if e.origin is not None else set())


def _items_of(e: EstimatesData) -> set[str]:
    if "item" in e.table.columns:
        return {str(item) for item in e.table["item"]}
    return set() if e.origin is None else _items_of(e.origin)


def dif(
    self: SampleData,
    scale: Names,
    by: Names,
    *,
    match: str = "total",
    purify: bool = True,
    adjust: str = "holm",
    where: Where = None,
    level: float = 0.95,
) -> Dif:
    """Test whether the items of a scale function alike in groups: ordinal logistic regression on the score.

    Parameters
    ----------
    scale : str or list of str
        A dimension of the codebook, the column of its score, or the items; three or more.
    by : str or list of str
        Groups: residents and businesses, waves. Compared with the first of them.
    match : {"total", "rest"}
        What people are alike in: the mean of all items (the default; see Zwick 1990), or of the other items.
    purify : bool
        Test again with a mean that leaves out the items that were flagged (but the one tested), until none changes.
    adjust : {"holm", "hochberg", "bh", "bonferroni", "none"}
        How p-values are adjusted over the items.
    where : str, bool array or callable, optional
    level : float
        Items are flagged where the adjusted p-value is below 1 - level and R2 changes by 0.035 or more.

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
    Of respondents who answered every item. Where most items function differently in the same direction the score does
    too, and no test on the score can tell: the others seem to differ the other way.

    Examples
    --------
    >>> unfair = sample.dif("friendliness", by="kind")  # doctest: +SKIP
    >>> unfair.warn(sample.compare("friendliness", by="kind"))  # doctest: +SKIP
    """
    check_level(level)
    one_of(match, _MATCHES, "way to match people", EstimationError)
    check_adjust(adjust)
    if adjust == "max-t":
        adjust_pvalues(np.ones(1), adjust)  # refuses it
    design = self.design
    if design.replicates is not None and design.replicates.columns and not (design.strata or design.psu):
        raise DesignError(
            "Tests of items need strata and clusters.",
            got="only replicate weights",
            fix="name strata and psu too",
        )
    refuse_reserved(item_names(by), _OWN)
    asked = scale_items(self, scale, "dif(scale=...)", least=3)
    grouping = groups_to_compare(self, by, where)
    used, code = _rows(self, asked, grouping)
    y = np.stack([v[used] for v in asked.values], axis=1)
    flags, seen = np.zeros(len(asked.items), bool), []
    while True:
        anchors = ~flags
        rows = [_tested(self, y, j, anchors, code, used, match, name) for j, name in enumerate(asked.items)]
        table = _table(asked, rows, adjust, len(used))
        seen.append(flags)
        flags = ((table["p_adjusted"] < 1 - level) & (table["estimate"] >= MODERATE)).to_numpy()
        if not purify or any((flags == before).all() for before in seen) or (~flags).sum() < _LEAST_ANCHORS:
            break
    flagged = tuple(table.loc[flags, "item"])
    notes: list[Note | str] = [
        Note("notes.dif_matched" if match == "total" else "notes.dif_matched_rest"),
        *([Note("notes.dif_purified")] if len(seen) > 1 else []),
        Note("notes.dif_sizes"),
        Note(f"notes.adjusted_items_{adjust}"),
    ]
    if table["p_value"].isna().any():
        lost = table.loc[table["p_value"].isna(), "item"]
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
        scale_name=asked.name,
        group=tuple(map(str, grouping.labels.columns)),
        flagged=flagged,
    )
    warning = made.warning
    return made if warning is None else replace(made, notes=(warning, *made.notes))


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


def _tested(
    sample: SampleData,
    y: Array,
    j: int,
    anchors: NDArray[np.bool_],
    code: NDArray[np.int64],
    used: NDArray[np.int64],
    match: str,
    name: str,
) -> dict[str, float]:
    values, answer = np.unique(y[:, j], return_inverse=True)
    answer = answer.reshape(-1)
    if len(values) > _MOST_ANSWERS:
        raise EstimationError(
            "An item has too many different values for ordinal logistic regression.",
            where=name,
            got=f"{len(values):,}",
            expected=f"up to {_MOST_ANSWERS}",
            fix="make classes of it with responses.band(...), or leave it out",
        )
    w = sample.weights[used]
    alike = anchors.copy()
    alike[j] = match == "total"
    score = y[:, alike].mean(axis=1)
    score = (score - np.average(score, weights=w)) / np.sqrt(np.cov(score, aweights=w, ddof=0))
    groups = np.eye(int(code.max()) + 1)[code][:, 1:]
    q = groups.shape[1]
    designs = [
        score[:, None],
        np.column_stack([score, groups]),
        np.column_stack([score, groups, groups * score[:, None]]),
    ]
    fits = [fit_ordinal(x, answer, w) for x in designs]
    df = respondents_df(sample.structure, used)
    if not all(f.converged for f in fits):
        return {**dict.fromkeys(_COLUMNS, np.nan), "df": 2.0 * q}
    total = float(w.sum())
    null = float((np.bincount(answer, w) * np.log(np.bincount(answer, w) / total)).sum())
    r2 = [(1 - np.exp(2 * (null - f.value) / total)) / (1 - np.exp(2 * null / total)) for f in fits]
    uniform = _wald(sample, fits[1], used, slice(1, 1 + q), df - (1 + q))
    both = _wald(sample, fits[2], used, slice(1, 1 + 2 * q), df - (1 + 2 * q))
    nonuniform = _wald(sample, fits[2], used, slice(1 + q, 1 + 2 * q), df - (1 + 2 * q))
    return {
        "estimate": r2[2] - r2[0],
        "statistic": both[0],
        "df": 2.0 * q,
        "ddf": df - (1 + 2 * q),
        "p_value": both[1],
        "statistic_uniform": uniform[0],
        "p_uniform": uniform[1],
        "statistic_nonuniform": nonuniform[0],
        "p_nonuniform": nonuniform[1],
        "shift": _shift(fits[2], score, values, q, w),
    }


def _wald(
    sample: SampleData, fit: OrdinalFit, used: NDArray[np.int64], which: slice, ddf: float
) -> tuple[float, float]:
    """F and its p-value of some slopes being 0, with the covariance of the design."""
    cuts = len(fit.thresholds)
    at = slice(cuts + which.start, cuts + which.stop)
    influence = np.zeros((len(sample), which.stop - which.start))
    influence[used] = fit.scores @ fit.bread[:, at]
    inside = np.zeros(len(sample), bool)
    inside[used] = True
    joint = row_covariance(sample.structure, sample.residuals, influence, inside)
    statistic = wald(fit.slopes[which], joint)
    return statistic, f_tail(statistic, influence.shape[1], ddf) if np.isfinite(statistic) else float("nan")


def _shift(fit: OrdinalFit, score: Array, values: Array, q: int, w: Array) -> float:
    """Expected answer in the group that differs most less that in the first, everybody at their own score."""
    means = []
    for g in range(q + 1):
        group = np.zeros((len(score), q))
        if g:
            group[:, g - 1] = 1.0
        x = np.column_stack([score, group, group * score[:, None]])
        means.append(float(np.average(shares(x, fit.thresholds, fit.slopes) @ values, weights=w)))
    shifts = np.array(means[1:]) - means[0]
    return float(shifts[np.argmax(np.abs(shifts))])

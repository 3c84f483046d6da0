"""Whether the items of a scale hang together: alpha, omega, item by item, and how many components they have.

References
----------
Cronbach (1951), Psychometrika 16: alpha. McDonald (1999), Test Theory, ch. 6: omega of one factor. Bonett (2002), J.
Educ. Behav. Statist. 27: the interval of alpha on the scale of log(1 - alpha), here with the design's standard error.
Agrees with R's svycralpha, and on equal weights with psych's alpha and fa(fm = "minres").
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import in_range, one_of
from survey.base.arrays import Array, t_interval_factor, tallied
from survey.base.catalogue import Note, listed
from survey.base.expressions import Where
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.design.coded_design import CodedDesign
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates, Summary
from survey.estimation.inferred import scale_notes
from survey.estimation.intervals import fisher_interval
from survey.estimation.items import Names, grouping_of, item_names
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble
from survey.models.item_moments import counted_pairwise, counted_together, covariances, pairwise_covariances, smooth
from survey.models.one_factor import LEAST_ITEMS, by_chance, loadings, standardised
from survey.models.scale_items import ScaleItems, people_in, scale_items

__all__ = ["Reliability", "reliability"]

_MEASURES = ("alpha", "omega")
_BY_ITEM = ("item_rest", "alpha_if_dropped", "loading")
_DRAWS, _QUANTILE = 1000, 0.95
_MOST_NAMED = 6
_OWN = ("measure", "component", *_BY_ITEM)


@dataclass(frozen=True)
class Reliability(Estimates):
    """Alpha and omega of a scale, with what stands behind them.

    Parameters
    ----------
    items : Estimates
        Statistic "item_rest", one row an item (and group): estimate is the correlation of the item with the sum of the
        others, with std_error and interval (Fisher's z); alpha_if_dropped and loading, each with its _std_error.
    components : Summary
        Statistic "components", one row a component (and group): eigenvalue of the correlation matrix; chance, the 95%
        quantile of eigenvalues of independent items; kept, 1 where it and all before it are above chance.
    """

    items: Estimates | None = field(default=None, repr=False)
    components: Summary | None = field(default=None, repr=False)


def reliability(
    self: SampleData,
    scale: Names,
    *,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    missing: str = "complete",
    seed: int = 1,
) -> Reliability:
    """Estimate how reliable a scale is: alpha, omega, and how each item goes with the others.

    Parameters
    ----------
    scale : str or list of str
        A dimension of the codebook, the column of its score, or the items.
    by : str or list of str, optional
        Groups, as domains: a scale may hang together for residents and not for businesses.
    where : str, bool array or callable, optional
        A domain.
    level : float
        Confidence level.
    variance : {"taylor", "replicate"}, optional
        As for `mean`.
    missing : {"complete", "pairwise"}
        Who counts: respondents who answered every item, as in R's svycralpha; or for each two items those who answered
        both, where some items are asked of few. n is then that of the pair with fewest.
    seed : int
        Of the random eigenvalues that components are compared with.

    Returns
    -------
    Reliability
        item (the scale), <by...>, measure ("alpha", "omega"), estimate, std_error, conf_low, conf_high, df, n; its
        `items` and `components` have the rest. Intervals are t intervals on the scale of log(1 - x).

    Raises
    ------
    EstimationError
        If there are fewer than two items, an item is constant, or nobody answered all of them.

    Notes
    -----
    The notes say how many respondents left out some of the items. Items are used as `score` uses them: turned where the
    codebook gives direction -1, and on one range where it knows the ends of all their scales. Alpha is no proof of one
    dimension, and grows with the number of items. Omega is that of a single factor, (sum of loadings)^2 over the same
    plus the sum of unique variances, from loadings by minres on the correlation matrix; it needs three items.

    Examples
    --------
    >>> sample.reliability("friendliness").items.table  # doctest: +SKIP
    """
    in_range(
        seed,
        "The seed must be a non-negative whole number.",
        EstimationError,
        where="seed=",
        expected="such as 1",
        fits=lambda v: v >= 0 and v % 1 == 0,
    )
    one_of(missing, ("complete", "pairwise"), "treatment of missing answers", EstimationError)
    asked = scale_items(self, scale, "reliability(scale=...)")
    refuse_reserved(item_names(by), _OWN)
    grouping = grouping_of(self, by, where)
    _refuse(asked, grouping, missing, self.structure)
    k = len(asked.items)
    count, matrix = (
        (counted_together, covariances) if missing == "complete" else (counted_pairwise, pairwise_covariances)
    )
    piece = count(self, asked.name, asked.values, grouping, smooth("reliability", k, _of_scale, matrix))
    if missing == "pairwise":
        piece = replace(piece, n=_fewest(self, asked, grouping))
    by_item = piece.seen_as(smooth("item_rest", k, _of_items, matrix))
    improper = _improper(by_item.estimate[:, 2 * k :])
    notes = [*_notes(self, asked, grouping, missing), *scale_notes(self, asked.items)]
    if k < LEAST_ITEMS:
        notes.append(Note("notes.two_items"))
    elif improper.any():
        notes.append(Note("notes.improper_factor"))
    notes += _against(asked, by_item)
    notes.append(Note("notes.alpha_says"))
    main = _main(self, piece, asked, grouping, level, variance, improper)
    items = _items(self, by_item, asked, grouping, level, variance, improper)
    said = tuple(dict.fromkeys((*main.notes, *notes)))
    return Reliability(
        **{**_fields(main), "notes": said},
        items=replace(items, notes=tuple(dict.fromkeys((*items.notes, *notes[:-1])))),
        components=_components(self, piece, matrix(piece.sums.sum(axis=0), k), asked, grouping, seed),
    )


def _fields(e: Estimates) -> dict[str, Any]:
    return {name: getattr(e, name) for name in e.__dataclass_fields__}


def _fewest(sample: SampleData, asked: ScaleItems, grouping: Grouping) -> NDArray[np.int64]:
    """Respondents who answered both of the two items that fewest answered together, in each group."""
    inside = (grouping.code < len(grouping)) & (sample.weights > 0)
    answered = ~np.isnan(asked.values)[:, inside]
    code = grouping.code[inside]
    people = None if sample.structure.people is None else sample.structure.people[inside]
    pairs = [answered[a] & answered[b] for a, b in zip(*np.triu_indices(len(answered)), strict=True)]
    each = [tallied(code[both], None if people is None else people[both], len(grouping)) for both in pairs]
    return np.asarray(np.min(each, axis=0))


def _refuse(asked: ScaleItems, grouping: Grouping, missing: str, structure: CodedDesign) -> None:
    inside = asked.complete & (grouping.code < len(grouping))
    if missing == "pairwise":
        inside = grouping.code < len(grouping)
        answered = (~np.isnan(asked.values))[:, inside].astype(float)
        alone = (answered @ answered.T).min() == 0
        if alone:
            raise EstimationError(
                "Nobody answered two of the items together.",
                where=shorten(asked.items),
                got="a pair of items without respondents who have both",
                fix="leave out one of the two",
            )
    if not inside.any():
        raise EstimationError(
            "Nobody answered all items of the scale.",
            where=shorten(asked.items),
            got="0 respondents with an answer to every item",
            fix='leave out items that only some were asked, or use missing="pairwise"',
        )
    constant = [name for name, v in zip(asked.items, asked.values, strict=True) if _alike(v[inside])]
    if constant:
        raise EstimationError(
            "An item has the same answer from everyone, so it goes with no other.",
            where=shorten(constant),
            got=f"one value among {people_in(structure, inside)} respondents",
            expected="items whose answers differ",
            fix="leave it out of the list of items",
        )


def _alike(values: Array) -> bool:
    known = values[~np.isnan(values)]
    return bool(np.ptp(known) == 0)


def _of_scale(s: Array) -> Array:
    """Alpha and omega of covariance matrices (rows, k, k): (rows, 2)."""
    k = s.shape[1]
    own, whole = np.einsum("rii->r", s), s.sum(axis=(1, 2))
    alpha = k / (k - 1) * (1 - own / whole)
    sd = np.sqrt(np.einsum("rii->ri", s))
    load = loadings(standardised(s)) * sd
    common = load.sum(axis=1) ** 2
    return np.stack([alpha, common / (common + (sd**2 - load**2).sum(axis=1))], axis=1)


def _of_items(s: Array) -> Array:
    """Item-rest correlations, alpha without each item and loadings: (rows, 3 k)."""
    k = s.shape[1]
    own, whole, line = np.einsum("rii->ri", s), s.sum(axis=(1, 2))[:, None], s.sum(axis=2)
    rest = whole - 2 * line + own
    correlation = (line - own) / np.sqrt(own * rest)
    if k > 2:
        dropped = (k - 1) / (k - 2) * (1 - (own.sum(axis=1, keepdims=True) - own) / rest)
    else:
        dropped = np.full_like(own, np.nan)
    return np.concatenate([correlation, dropped, loadings(standardised(s))], axis=1)


def _improper(load: Array) -> Any:
    """Groups where an item would have to be explained whole or more by the factor (Heywood), or no factor was found."""
    return np.isnan(load).any(axis=1) | (np.abs(load) >= 1).any(axis=1)


def _main(
    sample: SampleData,
    piece: LinearizedItem,
    asked: ScaleItems,
    grouping: Grouping,
    level: float,
    variance: str | None,
    improper: Any,
) -> Estimates:
    e = assemble(sample, "reliability", [piece], [asked.name], grouping, level, variance=variance)
    table = e.table.drop(columns=["n_eff", "deff"])
    table.insert(1 + len(e.by), "measure", np.tile(_MEASURES, len(grouping)))
    gone = (table["measure"] == "omega").to_numpy() & np.repeat(improper, len(_MEASURES))
    table.loc[gone, ["estimate", "std_error"]] = np.nan
    x, error = table["estimate"].to_numpy(float), table["std_error"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = t_interval_factor(level, table["df"].to_numpy(float)) * error / (1 - x)
    table["conf_low"], table["conf_high"] = 1 - (1 - x) * np.exp(half), 1 - (1 - x) * np.exp(-half)
    return replace(e, table=table)


def _items(
    sample: SampleData,
    piece: LinearizedItem,
    asked: ScaleItems,
    grouping: Grouping,
    level: float,
    variance: str | None,
    improper: Any,
) -> Estimates:
    """One row an item and group, items outermost; three statistics each."""
    e = assemble(sample, "item_rest", [piece], [asked.name], grouping, level, variance=variance)
    k, groups = len(asked.items), len(grouping)
    order = np.arange(groups * 3 * k).reshape(groups, 3, k).transpose(1, 2, 0).reshape(3, -1)
    first = order[0]
    table = e.table.iloc[first].reset_index(drop=True).drop(columns=["n_eff", "deff"])
    table["item"] = np.repeat(asked.items, groups)
    estimate, error = e.table["estimate"].to_numpy(float), e.table["std_error"].to_numpy(float)
    out = np.tile(improper, k)
    for name, at in zip(_BY_ITEM[1:], order[1:], strict=True):
        gone = out if name == "loading" else np.zeros(len(at), bool)
        table[name] = np.where(gone, np.nan, estimate[at])
        table[f"{name}_std_error"] = np.where(gone, np.nan, error[at])
    r, se, df = (table[c].to_numpy(float) for c in ("estimate", "std_error", "df"))
    table["conf_low"], table["conf_high"] = fisher_interval(r, se, df, level)
    covariance, support = e.covariance_of(first), e.support
    if support is not None:
        support = replace(support, members=support.members[:, first], groups=support.groups[first])
    domains = None if e._domains is None else e._domains.take(first)
    return e.with_table(table, _covariance=covariance, support=support, _domains=domains)


def _components(
    sample: SampleData, piece: LinearizedItem, joint: Array, asked: ScaleItems, grouping: Grouping, seed: int
) -> Summary:
    """Eigenvalues beside those of chance, with as many independent answers as the weights leave (Kish)."""
    k = len(asked.items)
    matrices = standardised(joint)
    w = sample.weights
    inside = ~np.isnan(asked.values).all(axis=0) & (grouping.code < len(grouping)) & (w > 0)
    if (piece.n == piece.present.sum(axis=0)).all():  # of those with every item
        inside &= asked.complete
    people = np.ones(len(w)) if sample.structure.people is None else sample.structure.people
    parts = (people, w, sample.structure.squares)
    n, sums, squares = (np.bincount(grouping.code[inside], part[inside], len(grouping)) for part in parts)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = piece.n * sums**2 / (n * squares)
    rows = []
    for g, matrix in enumerate(matrices):
        labels = grouping.labels.iloc[g].to_dict()
        found = chance = np.full(k, np.nan)
        if np.isfinite(matrix).all():
            found = np.linalg.eigvalsh(matrix)[::-1]
            if effective[g] > k + 1:
                chance = by_chance(k, float(effective[g]), _DRAWS, _QUANTILE, seed)
        kept = np.cumprod(found > chance) if np.isfinite(chance).all() else np.full(k, np.nan)
        for i in range(k):
            row: dict[str, Any] = {"item": asked.name, **labels, "component": i + 1}
            rows.append({**row, "eigenvalue": found[i], "chance": chance[i], "kept": float(kept[i])})
    notes = (Note("notes.parallel_analysis", draws=_DRAWS, seed=seed),)
    return Summary(
        pd.DataFrame(rows),
        "components",
        by=tuple(map(str, grouping.labels.columns)),
        codebook=sample.codebook,
        notes=notes,
        source=sample.source,
        simulated=sample.simulated,
    )


def _notes(sample: SampleData, asked: ScaleItems, grouping: Grouping, missing: str) -> list[Note]:
    """Who is left out for want of an answer, and what was done with the items."""
    left = ~asked.complete & ~np.isnan(asked.values).all(axis=0) & (grouping.code < len(grouping))
    if sample.structure.counted is not None:
        left &= sample.structure.counted
    key = "notes.complete_items" if missing == "complete" else "notes.pairwise_items"
    found = [Note(key, n=people_in(sample.structure, left))] if left.any() else []
    return [*found, *asked.notes()]


def _against(asked: ScaleItems, piece: LinearizedItem) -> list[Note]:
    """Items that go against the others, in any group."""
    r = piece.estimate[:, : len(asked.items)]
    items = [name for name, column in zip(asked.items, r.T, strict=True) if (column < 0).any()]
    return [Note("notes.against_the_others", items=listed(items, _MOST_NAMED))] if items else []

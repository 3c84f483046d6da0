"""Groups compared: differences, effect sizes, equivalence, and the smallest difference that could have been found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.base.names import composed_value
from survey.base.text import written
from survey.codebook.told import describe_values
from survey.compare.asked import groups_to_compare
from survey.compare.effect_sizes import EFFECTS, Effect, chance, effect_sizes, limits
from survey.compare.equivalence import Margin, detectable, equivalence, margins_of
from survey.compare.moments import ItemMoments, moments_of, seen_as, with_rest
from survey.core.adjusting import check_adjust
from survey.core.contrasts import pairs_within
from survey.core.differences import differences, family_names
from survey.core.rest import told_of
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.answer_sets import has_order
from survey.estimation.estimators import MEAN_OF_MOMENTS, MOMENTS, SIZED_SHARES
from survey.estimation.items import Names, item_names
from survey.estimation.linearize import LinearizedItem
from survey.estimation.means import distributions_of, means_of, shares_of
from survey.estimation.results import variance_of

__all__ = ["compare"]

Ints = NDArray[np.int64]
_STATISTICS = ("mean", "proportion", "distribution")
_FAMILIES = ("item", "all")
_DEFAULT = {"mean": "hedges_g", "proportion": "risk_ratio", "distribution": "cramer_v"}
_ENDS = ("levels", "top", "bottom", "net")


def compare(
    self: SampleData,
    items: Names,
    by: Names,
    against: Any = None,
    *,
    statistic: str | None = None,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    net: int | None = None,
    rescale: tuple[float, float] | None = None,
    adjust: str = "holm",
    family: str = "item",
    effect: str | None = "default",
    margin: Margin = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Compare groups: every pair, each with everyone else, or each with one of them.

    Parameters
    ----------
    items : str or list of str
    by : str or list of str
        Groups. With several columns the groups are their combinations.
    against : None, "rest", a level, or mapping of column to level
        None: every pair. "rest": each group with everyone else in the domain, which is a group of its own and not the
        average of the others. A level of `by`, by its code or its label: each other group with it. {"ward": "rest"}
        is the level that is called so.
    statistic : {"mean", "proportion", "distribution"}, optional
        What is compared. A proportion where `levels`, `top`, `bottom` or `net` is given, otherwise means.
    levels, top, bottom, net :
        As for `proportion`: top=2 compares the shares of the two highest answers.
    rescale : (low, high), optional
        As for `mean`: (0, 100) compares points.
    adjust : {"holm", "hochberg", "bh", "bonferroni", "max-t", "none"}
        How p-values are adjusted over a family. "max-t" uses the covariance of the comparisons (Tukey's and Dunnett's
        method, for any design), and its intervals hold together; the intervals of the others are each on its own.
    family : {"item", "all"}
        Comparisons that are adjusted together: those of one item (of a distribution, with all its answers), or all.
    effect : str or None
        Effect size: "hedges_g" (default for means), "cohen_d", "cliff_delta"; "risk_ratio" (default for shares),
        "risk_difference"; "cramer_v" (default for distributions); None for none.
    margin : float, (low, high), or mapping of item to either, optional
        Differences that do not matter, in the units of the estimate (0.05 is 5 percentage points): each pair is tested
        for equivalence by two one-sided tests.
    where, level, variance :
        As for `mean`.

    Returns
    -------
    Estimates
        item, (answer), contrast "B − A", estimate, std_error, statistic, df, p_value, conf_low, conf_high, p_adjusted,
        family, mdd (minimum detectable difference: 80% power); with an effect size effect, effect_size,
        effect_std_error, effect_low, effect_high; with a margin margin_low, margin_high, p_equivalence,
        p_equivalence_adjusted, equivalence_low, equivalence_high (1 - 2 alpha) and verdict: "equivalent",
        "different", "small_difference" (both), "inconclusive". `letters()` gives the compact letters of all pairs.

    Raises
    ------
    EstimationError
        As for `mean`; also if there are fewer than two groups, or a level is not one of them.

    References
    ----------
    Hothorn, Bretz & Westfall (2008), Biometrical Journal 50: simultaneous inference. Schuirmann (1987), J. Pharmacokin.
    Biopharm. 15: equivalence. See `survey.compare.effect_sizes` for those of effect sizes.
    """
    check_adjust(adjust)
    one_of(family, _FAMILIES, "family of comparisons", EstimationError)
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": net}
    kind = _statistic(statistic, asked, rescale)
    wanted = _effect(effect, kind, net)
    grouping, names = groups_to_compare(self, by, where), item_names(items, self)
    if wanted is not None and wanted.ordered:
        _refuse_unordered(self, names)
    e, moments = _estimated(self, names, kind, asked, rescale, grouping, level, variance, wanted, against)
    if isinstance(against, str) and against == "rest":
        e = with_rest(e, moments)
    plan = _pairs(self, e, against, grouping)
    labels = e.table[["item", *(["answer"] if e.kind.per_answer else [])]].iloc[plan.first].reset_index(drop=True)
    labels["contrast"] = _contrasts(e, plan)
    families, called = family_names(labels, [] if family == "all" else ["item"])
    result = differences(e, plan.first, plan.second, labels, families, adjust, "comparison")
    table = result.table.assign(family=called[families])
    with np.errstate(divide="ignore", invalid="ignore"):
        critical = ((table["conf_high"] - table["estimate"]) / table["std_error"]).to_numpy(float)
    table["mdd"] = detectable(table["std_error"].to_numpy(float), table["df"].to_numpy(float), critical)
    notes = [*result.notes, *plan.notes, Note(f"notes.adjusted_{adjust.replace('-', '_')}")]
    if wanted is not None:
        name = _DEFAULT[kind] if effect == "default" else str(effect)
        table = table.assign(**_effects(name, wanted, e, moments, plan, table, level))
        notes.append(Note(f"notes.effect_{name}"))
    if margin is not None:
        found = equivalence(table, margins_of(margin, names, table["item"]), families, adjust, level)
        table = pd.concat([table, found], axis=1)
        notes.append(Note("notes.equivalence"))
    return replace(result, table=table, notes=tuple(dict.fromkeys(notes)))


def _statistic(statistic: str | None, asked: Mapping[str, Any], rescale: Any) -> str:
    """What is compared, by name: as asked, else what the other arguments make of it."""
    given = [k for k, v in asked.items() if v is not None]
    kind = statistic if statistic is not None else "proportion" if given else "mean"
    one_of(kind, _STATISTICS, "statistic", EstimationError)
    if given and kind != "proportion":
        raise EstimationError(
            "Answers are counted for a proportion only.",
            where=f"{given[0]}=",
            got=f"statistic={kind!r}",
            expected='statistic="proportion"',
            fix=f"leave out statistic=, or {given[0]}=",
        )
    if rescale is not None and kind != "mean":
        raise EstimationError("Only means can be rescaled.", where="rescale=", got=f"statistic={kind!r}")
    return kind


def _effect(effect: str | None, kind: str, net: int | None) -> Effect | None:
    if effect is None or (effect == "default" and net is not None):
        return None
    if effect == "default":
        effect = _DEFAULT[kind]
    one_of(effect, tuple(EFFECTS), "effect size", EstimationError)
    fitting = [name for name, one in EFFECTS.items() if kind in one.of and net is None]
    if effect not in fitting:
        raise EstimationError(
            "This effect size does not go with what is compared.",
            where="effect=",
            got=f"{effect!r} of a {'net share' if net is not None else kind}",
            expected=shorten(fitting) if fitting else "effect=None",
        )
    return EFFECTS[effect]


def _refuse_unordered(sample: SampleData, names: Sequence[str]) -> None:
    unordered = [name for name in names if not has_order(sample, name)]
    if unordered:
        raise EstimationError(
            "Cliff's delta needs answers in an order.",
            where=shorten(unordered),
            expected="numbers, an ordinal item of the codebook, or an ordered category",
            fix="use effect='cramer_v' with statistic='distribution', or put the answers in order with set_scale(...)",
        )


def _estimated(
    self: SampleData,
    names: list[str],
    kind: str,
    asked: Mapping[str, Any],
    rescale: tuple[float, float] | None,
    grouping: Grouping,
    level: float,
    variance: str | None,
    wanted: Effect | None,
    against: Any,
) -> tuple[Estimates, list[ItemMoments]]:
    """Estimates of the groups, and what effect sizes and everyone else are made of, where these are asked for."""
    pieces: list[LinearizedItem]
    if kind == "mean":
        e, pieces = means_of(self, names, grouping, level, variance, rescale, MEAN_OF_MOMENTS)
    elif kind == "proportion":
        e, pieces = shares_of(self, names, asked, grouping, "clustered", level, variance, MEAN_OF_MOMENTS)
    else:
        e, pieces = distributions_of(self, names, grouping, "clustered", level, variance)
    rest = isinstance(against, str) and against == "rest"
    if wanted is None and not rest:
        return e, []
    shares = kind == "distribution" or (wanted is not None and wanted.shares)
    if shares and kind == "mean":
        if rest:
            # means and their effect stand on different counts; the rest needs both
            raise EstimationError(
                "Cliff's delta against everyone else is available for distributions only.",
                where="effect=",
                fix='give statistic="distribution", or another effect size',
            )
        pieces = distributions_of(self, names, grouping, "clustered", level, variance)[1]
    seen = seen_as(pieces, SIZED_SHARES if shares else MOMENTS)
    joint = variance_of(self, seen, variance)
    moments = moments_of(seen, pieces, joint, shares)
    return e, [one.with_rest() for one in moments] if rest else moments


@dataclass(frozen=True)
class _Pairs:
    """Rows of the table to compare, `second` minus `first`, and what must be said of the others."""

    first: Ints
    second: Ints
    notes: tuple[Note, ...]


def _pairs(self: SampleData, e: Estimates, against: Any, grouping: Grouping) -> _Pairs:
    keep = ["item", *(["answer"] if e.kind.per_answer else [])]
    table = e.table.reset_index(drop=True)
    notes: list[Note] = []
    empty = table["estimate"].isna()
    without = int(table.loc[empty, list(e.by)].drop_duplicates().shape[0])
    if without:
        notes.append(Note("notes.not_compared", n=without))
    if against is None:
        first, second = pairs_within(e, keep)
    elif isinstance(against, str) and against == "rest":
        if len(e.by) == 1 and "rest" in {v for v in grouping.labels.iloc[:, 0].tolist() if isinstance(v, str)}:
            notes.append(Note("notes.rest_is_everyone", column=e.by[0]))
        per = [len(part) // 2 for _, part in table.groupby("item", sort=False)]
        starts = np.cumsum([0, *(2 * k for k in per)])[:-1]
        second = np.concatenate([s + np.arange(k) for s, k in zip(starts, per, strict=True)])
        first = np.concatenate([s + k + np.arange(k) for s, k in zip(starts, per, strict=True)])
        kept = ~(empty.to_numpy()[first] | empty.to_numpy()[second])
        first, second = first[kept], second[kept]
    else:
        one = _level(self, e, against, grouping)
        is_one = (table[list(e.by)] == grouping.labels.iloc[one].to_numpy()).all(axis=1).to_numpy()
        block = table.groupby(keep, sort=False, dropna=False).ngroup().to_numpy()
        base = np.zeros(block.max() + 1, np.int64)
        base[block[is_one]] = np.flatnonzero(is_one)
        second = np.flatnonzero(~is_one & ~empty.to_numpy() & ~empty.to_numpy()[base[block]])
        first = base[block[second]]
    if not len(first):
        raise EstimationError("There is only one group with answers.", where=shorten(e.by), expected="two or more")
    return _Pairs(first, second, tuple(notes))


def _level(self: SampleData, e: Estimates, against: Any, grouping: Grouping) -> int:
    """Which of the groups is meant: by its code, or else by its label."""
    labels = grouping.labels
    wanted = against if isinstance(against, Mapping) else None
    if wanted is None:
        values = list(against) if isinstance(against, tuple) else [against]
        wanted = dict(zip(e.by, values, strict=True)) if len(values) == len(e.by) else {}
    wanted = {composed_value(k): composed_value(v) for k, v in wanted.items()}
    if set(wanted) != set(e.by):
        raise EstimationError(
            "A group to compare with must be named by every grouping column.",
            where="against=",
            got=repr(against)[:80],
            expected='None, "rest", or {' + ", ".join(f"{name!r}: level" for name in e.by) + "}",
        )
    inside = np.ones(len(labels), bool)
    for name, value in wanted.items():
        column = labels[name].tolist()
        own = np.array([_same(v, value) for v in column])
        if not own.any() and isinstance(value, str):
            texts = [set(self.codebook.label(name, v, lang) for lang in ("vi", "en")) for v in column]
            own = np.array([value in text for text in texts])
        if not own.any():
            raise EstimationError(
                "The level to compare with is not one of the groups.",
                where=f"against=, {name}",
                got=repr(value)[:80],
                expected=f'None, "rest", or one of {describe_values(column, self.codebook.variables.get(name))}',
                fix="check the spelling, and that where= does not leave it out",
            )
        inside &= own
    found = np.flatnonzero(inside)
    if len(found) != 1:
        raise EstimationError(
            "The group to compare with is not one group.", where="against=", got=f"{len(found)} groups", expected="one"
        )
    return int(found[0])


def _same(value: Any, wanted: Any) -> bool:
    try:
        return bool(value == wanted) and isinstance(value, str) == isinstance(wanted, str)
    except (TypeError, ValueError):
        return False


def _contrasts(e: Estimates, plan: _Pairs) -> list[str]:
    rows = e.table[list(e.by)].to_dict("records")
    names = [" ".join(written(row[name]) for name in told_of(e.by, row)) for row in rows]
    return [f"{names[b]} − {names[a]}" for a, b in zip(plan.first, plan.second, strict=True)]


def _effects(
    name: str, wanted: Effect, e: Estimates, moments: list[ItemMoments], plan: _Pairs, table: pd.DataFrame, level: float
) -> dict[str, Any]:
    """Columns of effect sizes: a pair's is the same for all answers of a distribution."""
    item = pd.factorize(e.table["item"])[0]
    value, error, mean, variance = (np.full(len(plan.first), np.nan) for _ in range(4))
    for i, one in enumerate(moments):
        at = np.flatnonzero(item[plan.first] == i)
        start = int(np.flatnonzero(item == i)[0])
        kept = one.estimate.shape[1] - 1 if e.kind.per_answer else 1
        a, b = (plan.first[at] - start) // kept, (plan.second[at] - start) // kept
        pairs, place = np.unique(np.stack([a, b], axis=1), axis=0, return_inverse=True)
        found, own = effect_sizes(wanted, one, pairs[:, 0], pairs[:, 1])
        value[at], error[at] = found[place.reshape(-1)], own[place.reshape(-1)]
        if wanted.scale == "square":
            mean[at], variance[at] = (x[place.reshape(-1)] for x in chance(one, pairs[:, 0], pairs[:, 1]))
    error, mean = (np.where(table["std_error"].isna(), np.nan, x) for x in (error, mean))
    low, high = limits(wanted, value, error, table["df"].to_numpy(float), level, (mean, variance))
    columns: dict[str, Any] = {"effect": name, "effect_size": value}
    return columns | {"effect_std_error": error, "effect_low": low, "effect_high": high}

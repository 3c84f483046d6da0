"""Ranks in words: the first and the last, the ranks that they may have, and who may be first or last as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.base import catalogue
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._words import finished, matching, numbers_of
from survey.words import labels
from survey.words import locale as loc
from survey.words.parts import amount, brackets, interval_of, nouns
from survey.words.sides import inline, measured, within_brackets

__all__ = ["ranked"]


def ranked(e: EstimatesData, id: str, where: Mapping[str, Any], what: str | Text | None, digits: int | None) -> Finding:
    """The sentence of `ranking` for the result of `ranks`."""
    status = labels.statuses(e)
    rows = [i for i in matching(e, where) if status[i] in ("shown", "flagged")]
    if len(rows) < 2:
        raise EstimationError(
            "There is nothing to rank.", got=f"{len(rows)} rows that can be shown", expected="two or more with a rank"
        )
    rank, value = (e.table[c].to_numpy(float) for c in ("estimate", "value"))
    if len({value[i] for i in rows if rank[i] == 1}) > 1:
        raise EstimationError(
            "These are several rankings.",
            got=f"{sum(rank[i] == 1 for i in rows)} rows of rank 1",
            expected="the rows of one",
            fix="choose the item or group with where=, such as where={'wave': 2}",
        )
    top, bottom = max(rows, key=lambda i: value[i]), min(rows, key=lambda i: value[i])
    texts = {lang: _text(e, rows, top, bottom, lang, where, what, digits) for lang in LANGUAGES}
    numbers = {f"{k}_highest": v for k, v in _numbers(e, top).items()}
    numbers |= {f"{k}_lowest": v for k, v in _numbers(e, bottom).items()}
    return Finding.of(id, texts, numbers | {"groups": float(len(rows))})


def _numbers(e: EstimatesData, i: int) -> dict[str, float]:
    found = numbers_of(e, i)
    return {"rank" if k == "estimate" else k: v for k, v in found.items()} | {"value": float(e.table["value"].iloc[i])}


def _text(
    e: EstimatesData,
    rows: list[int],
    top: int,
    bottom: int,
    lang: str,
    where: Mapping[str, Any],
    what: str | Text | None,
    digits: int | None,
) -> str:
    by_item = len(set(e.table["item"].iloc[rows])) > 1 if "item" in e.table.columns else False
    free = [b for b in e.by if b not in where]
    ends = {
        "highest": _told(e, top, lang, free, by_item, digits),
        "lowest": _told(e, bottom, lang, free, by_item, digits),
    }
    compared = labels.contrast_label(e.origin, top, lang) if e.origin is not None and e.origin.kind.combines else ""
    given = ", ".join(labels.group_label(e, b, v, lang) for b, v in where.items() if b in e.by)
    if by_item:
        said = [catalogue.text("narrative.ranked_items", lang, items=len(rows), **ends)]
    else:
        several = nouns(e, free[0] if len(free) == 1 else "", lang, "narrative.unit", "narrative.groups")[1]
        groups = f"{loc.count(len(rows), lang)} {several}"
        about = measured(e, top, lang, what)
        said = [catalogue.text("narrative.ranked_groups", lang, groups=groups, item=about, **ends)]
    table = e.table
    low, high = (table[c].to_numpy(float) for c in ("conf_low", "conf_high"))
    first, last = (top, bottom) if table["estimate"].iloc[top] <= table["estimate"].iloc[bottom] else (bottom, top)
    if high[first] >= len(rows) or low[last] <= 1:  # nobody is clearly worse, or nobody clearly better: nor the other
        said.append(catalogue.text("narrative.rank_undecided", lang))
    else:
        too_first = sum(low[i] <= 1 for i in rows if i != first)
        too_last = sum(high[i] >= len(rows) for i in rows if i != last)
        may = (("narrative.may_be_first", too_first), ("narrative.may_be_last", too_last))
        said += [catalogue.text(key, lang, n=int(others)) for key, others in may if others]
    sure = [i for i in rows if table["quartile_high"].iloc[i] == 1]
    if sure:
        sure.sort(key=lambda i: float(table["estimate"].iloc[i]))
        names = ", ".join(_named(e, i, lang, free, by_item) for i in sure)
        said.append(catalogue.text("narrative.first_quarter", lang, names=names))
    heads = [text for text in (compared, given) if text]
    return finished("".join(f"{text}: " for text in heads) + "; ".join(said), e, lang)


def _named(e: EstimatesData, i: int, lang: str, free: list[str], by_item: bool) -> str:
    label = labels.item_label(e, str(e.table["item"].iloc[i]), lang) if by_item else ""
    parts = [catalogue.text("narrative.quoted", lang, text=label)] if by_item else []
    return ", ".join([*parts, *(within_brackets(inline(e, b, e.table[b].iloc[i], lang)) for b in free)])


def _told(e: EstimatesData, i: int, lang: str, free: list[str], by_item: bool, digits: int | None) -> str:
    """A group with its number, its rank and the ranks that it may have."""
    measure = labels.measure_at(e, i)
    own = measure if e.origin is None else labels.measures(e.origin)[i]
    value = amount(own, own.value(float(e.table["value"].iloc[i]), lang, digits), lang)
    rank = catalogue.text("narrative.at_rank", lang, rank=measure.value(float(e.table["estimate"].iloc[i]), lang))
    about = brackets(rank, interval_of(e, i, measure, lang, None))
    return ", ".join(x for x in (_named(e, i, lang, free, by_item), value) if x) + about

"""Designs and population figures as notebooks show them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from survey.base.card import Card, CardTable, clipped
from survey.base.catalogue import find, text
from survey.base.language import chosen
from survey.base.numbers import number
from survey.base.text import in_one
from survey.design.margin import Margin

__all__ = ["design_card", "targets_card"]

_SHARES, _MOST_SHARE = 3, 2.0


def targets_card(margins: Sequence[Margin], within: Sequence[str], source: str, date: str) -> Card:
    """Population figures: where they come from, and a table a margin."""
    lang = chosen() or "en"
    people = next((m for m in margins if not m.number), None)
    facts = [
        (text("words.total", lang), "" if people is None or within else _amount(people.total, people, lang)),
        (text("card.within", lang), ", ".join(map(str, within))),
        (text("words.source", lang), in_one(source, lang)),
        (text("card.date", lang), date),
    ]
    return Card(lang, text("card.targets", lang), facts, [_margin(m, len(within), lang) for m in margins])


def _margin(margin: Margin, groups: int, lang: str) -> CardTable:
    """A margin with the shares of its categories, in each of the separate populations."""
    heads = [text("card.category", lang), text("words.total", lang)]
    rows = [[_category(margin, key), _amount(total, margin, lang)] for key, total in margin.totals.items()]
    if margin.number:  # a sum of minutes has no shares
        return clipped(margin.name, heads, rows, lang, frozenset({1}))
    totals: dict[tuple[Hashable, ...], float] = defaultdict(float)
    for key, part in margin.totals.items():
        totals[key[:groups]] += part
    shares = [number(100 * part / (totals[key[:groups]] or math.nan), 1, lang) for key, part in margin.totals.items()]
    rows = [[*row, f"{share}%"] for row, share in zip(rows, shares, strict=True)]
    return clipped(margin.name, [*heads, text("words.share", lang)], rows, lang, frozenset({1, 2}))


def _category(margin: Margin, key: tuple[Hashable, ...]) -> str:
    """What stands in a row: a value, with its variable where there are several; the number's name where none."""
    crossed = len(margin.variables) > 1
    return ", ".join(f"{v} = {c}" if crossed else str(c) for v, c in zip(margin.variables, key, strict=True)) or (
        margin.number
    )


def _amount(value: float, margin: Margin, lang: str) -> str:
    """Whole where all are; of shares three decimals."""
    if all(float(v).is_integer() for v in margin.totals.values()):
        return number(value, 0, lang)
    return number(value, _SHARES if margin.total <= _MOST_SHARE else 1, lang)


def design_card(
    *,
    weights: str | None,
    strata: Iterable[str],
    psu: Sequence[str],
    fpc: Iterable[str],
    nest: bool,
    lonely: str,
    methods: Iterable[str],
    replicates: tuple[str, int] | None,
) -> Card:
    """A design by the names of its columns."""
    lang = chosen() or "en"
    made = "" if replicates is None else f"{replicates[0]} ({number(replicates[1], 0, lang)})"
    facts = [
        (text("card.weights", lang), weights or text("design.unweighted", lang)),
        (text("card.strata", lang), " / ".join(strata)),
        (text("card.clusters", lang), " / ".join(psu) or text("design.elements", lang)),
        (text("card.fpc", lang), " / ".join(fpc)),
        (text("card.nest", lang), text("labels.true", lang) if nest else ""),
        (text("card.lonely", lang), f'lonely="{lonely}"'),
        (text("card.adjusted", lang), ", ".join(_method(m, lang) for m in methods)),
        (text("card.replicates", lang), made),
    ]
    return Card(lang, text("words.design", lang), facts)


def _method(name: str, lang: str) -> str:
    """What an adjustment of weights is called; its own name where the catalogue has none."""
    found = find(f"methods.{name}", lang)
    return found if isinstance(found, str) else name

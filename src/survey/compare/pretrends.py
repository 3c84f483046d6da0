"""Whether treated and other units moved alike before the programme began, wave by wave."""

from __future__ import annotations

from typing import Any

from survey.base.catalogue import LANGUAGES, Note, text
from survey.base.expressions import Where
from survey.base.names import composed_value
from survey.codebook import Text
from survey.codebook._missing_codes import refuse_codes_of
from survey.compare._waves import Waves
from survey.compare.effect import Effect, asked_columns, effect
from survey.compare.stacked_effects import least_of_units, stacked
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.items import Names, domain, item_names

__all__ = ["pretrends"]


def pretrends(
    self: SampleData,
    items: Names,
    treated: str,
    period: str,
    unit: str,
    where: Where = None,
    level: float = 0.95,
    *,
    start: Any,
    **options: Any,
) -> Estimates:
    """Estimate the effect of every wave against the last one before the programme began.

    Of waves before it there is nothing to find if treated and other units would have moved alike without the
    programme; a difference there tells against the comparison. That none is shown does not prove that they would: with
    few units, few differences can be shown.

    Parameters
    ----------
    items, treated, period, unit, where, level
        As for `Sample.effect`, with three waves or more.
    start : any
        The first wave with the programme, as `period` holds it.
    **options
        Of `effect`: within, permutations, seed, margin, ...

    Returns
    -------
    Estimates
        item, specification (the two waves), and the columns of an effect, in the order of the waves. Before `start` the
        estimate is the change from that wave to the last one before it, treated less others.

    Raises
    ------
    EstimationError
        If there is no such wave, or fewer than two before it.

    References
    ----------
    Roth (2022), American Economic Review: Insights 4, on what tests of pre-trends cannot show.

    Examples
    --------
    >>> sample.pretrends("friendliness", "pilot_tier == 2", "wave", "ward", start=3)  # doctest: +SKIP
    """
    refuse_codes_of(self.data, self.codebook, item_names(items, self), "items")
    treated, unit, period = asked_columns(self, treated, unit, period, options.get("within"))
    order = Waves.of(self, period, None, domain(self, where))
    keys = [composed_value(v) for v in order.values]
    if composed_value(start) not in keys:
        raise EstimationError(
            "There is no such wave.", where="start=", got=repr(start), expected=", ".join(map(str, order.values))
        )
    first = keys.index(composed_value(start))
    if first < 2:
        raise EstimationError(
            "Trends before the programme need two waves before it.",
            where=f"{period}, start={start!r}",
            got=f"{first} before it",
            expected="two or more",
            fix="with one wave before the programme this cannot be checked: say so",
        )
    base = first - 1
    made: dict[str, Effect] = {}
    labels: dict[str, Text] = {}
    for i, value in enumerate(order.values):
        if i == base:
            continue
        pair = [value, order.values[base]] if i < base else [order.values[base], value]
        name = f"{pair[0]} → {pair[1]}"
        made[name] = effect(self, items, treated, period, unit, where, level, waves=pair, **options)
        key = "effect.before_start" if i < base else "effect.after_start"
        labels[name] = {
            lang: text(key, lang, **dict(zip(("one", "other"), _named(self, period, pair, lang), strict=True)))
            for lang in LANGUAGES
        }
    main = made[next(reversed(made))]
    behind = {n: least_of_units(e) for n, e in made.items()}
    notes = [*main.notes, Note("notes.pretrends")]
    return stacked(main, {n: e.table for n, e in made.items()}, labels, behind, notes)


def _named(sample: SampleData, period: str, pair: list[Any], lang: str) -> list[str]:
    return [sample.codebook.label(period, v, lang) for v in pair]

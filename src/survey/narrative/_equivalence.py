"""Whether two groups are equivalent, in a sentence of its own: what is not different is not therefore the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey.base import catalogue
from survey.core.adjusting import of_equivalence as correction
from survey.core.estimates_data import EstimatesData
from survey.words import labels
from survey.words import locale as loc
from survey.words.difference_sentence import adjusted_p
from survey.words.parts import absence, amount

__all__ = ["of_equivalence"]


def of_equivalence(e: EstimatesData, i: int, lang: str, digits: int | None) -> str:
    """The sentence on the equivalence of a row; "" where the row may not be shown."""
    if absence(e, i, lang):
        return ""
    row, measure = e.table.iloc[i], labels.measure_at(e, i)
    bare = replace(measure, difference=False)
    low, high = float(row["margin_low"]), float(row["margin_high"])
    if low == -high:
        size = amount(measure, bare.value(high, lang, digits), lang)
        margin = catalogue.text("narrative.margin_even", lang, size=size)
    else:
        ends = {"low": measure.value(low, lang, digits), "high": measure.value(high, lang, digits)}
        margin = amount(measure, catalogue.text("narrative.margin_uneven", lang, **ends), lang)
    if not np.isfinite(row["p_equivalence_adjusted"]):
        return loc.sentence(catalogue.text("narrative.equivalence_unknown", lang, margin=margin))
    p = loc.p_value(float(row["p_equivalence_adjusted"]), lang)
    key = "equivalent" if row["verdict"] in ("equivalent", "small_difference") else "not_equivalent"
    told = catalogue.text(
        f"narrative.{key}",
        lang,
        margin=margin,
        level=loc.level_word(1 - 2 * (1 - e.level), lang),
        interval=measure.interval(float(row["equivalence_low"]), float(row["equivalence_high"]), lang, digits),
        p=adjusted_p(p, correction(e.adjust), lang),
    )
    return loc.sentence(told)

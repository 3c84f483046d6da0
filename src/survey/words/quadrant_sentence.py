"""Importance against performance in words: which items stand in which quadrant, and what that does not say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey.base.catalogue import text
from survey.core.estimates_data import EstimatesData
from survey.words import labels
from survey.words import locale as loc
from survey.words.parts import quoted

__all__ = ["PLACES", "in_quadrants", "outcome_of", "quadrants_said"]

PLACES = ("improve", "keep", "later", "maintain", "")
"""Quadrants in the order they are told; "" for what is in none."""


def outcome_of(e: EstimatesData, lang: str) -> str:
    """What the items go with."""
    return labels.item_label(e, str(getattr(e, "outcome", "")), lang)


def in_quadrants(e: EstimatesData) -> dict[str, list[int]]:
    """Rows of each quadrant that has any, the most important first; of rows that may be shown."""
    share = e.table["share"].to_numpy(float)
    order = np.argsort(-np.nan_to_num(share, nan=-1.0), kind="stable")
    places = e.table["quadrant"].tolist()
    found = {place: [int(i) for i in order if places[i] == place and np.isfinite(share[i])] for place in PLACES}
    return {place: rows for place, rows in found.items() if rows}


def quadrants_said(e: EstimatesData, lang: str, names: Sequence[str]) -> list[str]:
    """A sentence for each quadrant, and one on what they do not say; `names` are those of the rows."""
    outcome = quoted(outcome_of(e, lang), lang)
    said = [
        text(f"quadrant.{place or 'unclear'}_said", lang, outcome=outcome, items=", ".join(names[i] for i in rows))
        for place, rows in in_quadrants(e).items()
    ]
    return [loc.sentence(t) for t in (*said, text("quadrant.caution", lang))]

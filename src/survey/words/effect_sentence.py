"""What is said of an effect on few units: its interval, its verdict, and which choices change the verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.base import catalogue
from survey.core.effect_verdict import effect_verdicts
from survey.core.estimates_data import EstimatesData
from survey.words import labels
from survey.words import locale as loc
from survey.words.families import alpha_of
from survey.words.parts import interval_of

__all__ = ["Flips", "effect_interval", "flips_of", "small_p", "verdict_word", "verdicts_of"]

_MORE_DIGITS = 6


def verdicts_of(e: EstimatesData) -> list[str]:
    """The verdict of each row, at the level of its family in a plan."""
    alphas = np.array([alpha_of(e, i) for i in range(len(e.table))])
    return effect_verdicts(e.table, alphas)


def verdict_word(verdict: str, lang: str) -> str:
    """ "probably yes", "no sign", "cannot be told"."""
    return catalogue.text(f"effect.verdict_{verdict}", lang)


def small_p(p: float, lang: str) -> str:
    """A p-value with three decimals, or as many as it takes to differ from 0: of permutations it never is 0."""
    digits = next((k for k in range(3, 3 + _MORE_DIGITS) if loc.rounded(p, k) > 0), 3)
    return loc.number(p, digits, lang)


def effect_interval(e: EstimatesData, i: int, measure: labels.Measure, lang: str, several: str) -> str:
    """The interval of an effect, after a semicolon; that it has no ends where units are too few; "" where unknown."""
    if "conf_low" not in e.table.columns:
        return ""
    row = e.table.iloc[i]
    if np.isinf(row["conf_low"]) or np.isinf(row["conf_high"]):
        level = loc.level_word(e.level, lang)
        return catalogue.text("narrative.effect_unbounded", lang, level=level, unit=several)
    told = interval_of(e, i, measure, lang, None, turned=bool(row["estimate"] < 0))
    return catalogue.text("narrative.effect_interval", lang, interval=told) if told else ""


@dataclass(frozen=True, slots=True)
class Flips:
    """Whether the verdict on an item as planned holds under other choices.

    Parameters
    ----------
    verdict : str
        As planned.
    others : int
        Other choices that can be judged.
    rows : tuple of int
        Rows of the table with another verdict.
    low, high : float
        The range of all estimates.
    """

    verdict: str
    others: int
    rows: tuple[int, ...]
    low: float
    high: float


def flips_of(e: EstimatesData, item: str) -> Flips | None:
    """Which choices flip the verdict on an item; None where it is not known as planned, or no other choice is."""
    verdicts = verdicts_of(e)
    at = [i for i, name in enumerate(e.table["item"]) if name == item]
    known = [i for i in at if verdicts[i] != "unknown"]
    if not at or at[0] not in known or len(known) < 2:
        return None
    first, others = known[0], known[1:]
    x = e.table["estimate"].to_numpy(float)[known]
    rows = tuple(i for i in others if verdicts[i] != verdicts[first])
    return Flips(verdicts[first], len(others), rows, float(x.min()), float(x.max()))

"""What a row's status is, besides shown or not: hidden beside another, unreliable; how each is called and marked."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.core.contrasts import answers_behind
from survey.core.estimates_data import EstimatesData
from survey.core.reliability import nchs
from survey.core.result import ResultData
from survey.words import locale as loc

__all__ = [
    "FLAG_BELOW",
    "MARK",
    "MUCH",
    "SUPPRESS_BELOW",
    "TOLD_APART",
    "details",
    "hidden_text",
    "mark",
    "notes_of",
    "reliability",
    "statuses",
]

SUPPRESS_BELOW = 30
"""Results on fewer answers are not shown (a convention of official statistics, not law)."""
FLAG_BELOW = 50
"""Results on fewer answers, and at least `SUPPRESS_BELOW`, are shown with an asterisk."""
MUCH = 0.4
"""Share of the rows of an exhibit that are hidden above which it proposes coarser groups."""
MARK = "†"
"""Beside the number of answers of an unreliable share."""
TOLD_APART = ("complementary", "unreliable")
"""Details that a status does not tell: files have a column for them."""
_MARKED = ("table", "intervals", "bars", "benchmark", "indicators")
_UNRELIABLE = ("n", "wide", "relative")


def statuses(e: ResultData, suppress_below: int = SUPPRESS_BELOW, flag_below: int = FLAG_BELOW) -> NDArray[np.object_]:
    """Whether each row may be shown, by the number of answers it stands on; see `labels.labelled`."""
    return e.once(_statuses, suppress_below, flag_below).copy()


def _statuses(e: ResultData, suppress_below: int, flag_below: int) -> NDArray[np.object_]:
    out = np.full(len(e.table), "shown", dtype=object)
    if not isinstance(e, EstimatesData):
        return out  # numbers about weights, not about anybody's answers
    n = answers_behind(e)
    out[n < flag_below] = "flagged"
    out[n < suppress_below] = "suppressed"
    out[(e.table["estimate"].isna().to_numpy() & ~(n < suppress_below)) | (n == 0)] = "empty"
    if e.hidden is not None:
        out[e.hidden] = "suppressed"
    return out


def reliability(e: ResultData) -> NDArray[np.object_]:
    """Why the share of each row is unreliable by the standard of NCHS, or to be reviewed; "" for what is no share."""
    table = e.table
    out = np.full(len(table), "", dtype=object)
    needed = ("estimate", "std_error", "df", "n")
    if not isinstance(e, EstimatesData) or e.kind.unit != "share" or not {*needed} <= {*table.columns}:
        return out
    return nchs(*(table[name].to_numpy(float, na_value=np.nan) for name in needed))


def details(e: ResultData, status: NDArray[np.object_]) -> NDArray[np.object_]:
    """What to say of each row besides its status.

    Parameters
    ----------
    e : Estimates
        As it is published.
    status : array of str (rows,)
        As `labels.statuses` gives it.

    Returns
    -------
    array of str (rows,)
        Of a suppressed row "small", or "complementary" where it stands on enough answers and goes with a small one; of
        one that is shown "unreliable" where the standard of NCHS for proportions says so; else "".
    """
    out = np.full(len(status), "", dtype=object)
    gone = status == "suppressed"
    out[gone] = "small"
    if isinstance(e, EstimatesData) and e.complementary is not None:
        out[gone & e.complementary] = "complementary"
    seen = np.isin(status.astype(str), ("shown", "flagged"))
    out[seen & np.isin(reliability(e).astype(str), _UNRELIABLE)] = "unreliable"
    return out


def hidden_text(detail: str, lang: str, least: int, short: bool = True) -> str:
    """Why a suppressed row is not shown, in a cell ("n < 30") or in words."""
    if detail == "complementary":
        return loc.word("complementary_short" if short else "complementary", lang)
    return loc.word("suppressed_short" if short else "suppressed", lang, low=least)


def mark(status: str, detail: str) -> str:
    """What stands after the number of answers: an asterisk for a small one, a dagger for an unreliable share."""
    return ("*" if status == "flagged" else "") + (MARK if detail == "unreliable" else "")


def notes_of(rows: pd.DataFrame, lang: str, least: int, form: str) -> list[str]:
    """What a reader must know of the statuses of an exhibit's rows, but for flags.

    Why rows are hidden, how many, where they are so many that coarser groups would tell more, and what the dagger is;
    how many shares are unreliable, where a form of exhibit has no room to mark them.
    """
    found, detail = [], set(rows["detail"])
    if "small" in detail:
        found.append(loc.word("suppress_note", lang, low=least))
    if "complementary" in detail:
        found.append(loc.word("complementary_note", lang, low=least))
    gone = int((rows["status"] == "suppressed").sum())
    if gone > MUCH * len(rows) and len(rows) > 1:
        share = loc.number(100 * gone / len(rows), 0, lang) + "%"
        found.append(loc.word("hidden_share_note", lang, share=share, hidden=gone, rows=len(rows)))
    if "unreliable" in detail:
        n = int((rows["detail"] == "unreliable").sum())
        found.append(
            loc.word("unreliable_note", lang) if form in _MARKED else loc.word("unreliable_bars_note", lang, n=n)
        )
    return found

"""The exhibits of a study held against each other: what is hidden, and whether anything hidden can be computed.

Each result is published so that nothing hidden follows from it and its own totals (`words.disclosure`). What remains
are exhibits of different groups: wards beside the tiers they belong to, everyone beside those of one wave; see
`exhibits.linked`.

References
----------
Willenborg & de Waal (2001), Elements of Statistical Disclosure Control, ch. 5 and 8; Hundepool et al. (2012),
Statistical Disclosure Control, ch. 4 (linked tables).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import checked
from survey.base.catalogue import Note, listed, text
from survey.codebook import LANGUAGES
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.errors import ExportError, shorten
from survey.estimates import Summary
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.linked import Cell, L, cells_of, leaks, protected
from survey.words.disclosure import published
from survey.words.statuses import FLAG_BELOW, MUCH, SUPPRESS_BELOW, details, reliability, statuses

__all__ = ["COUNTS", "audit", "audit_cells", "counts_of", "hidden", "protect", "summary_of"]

COUNTS = ("rows", "small", "complementary", "flagged", "unreliable", "review")
_COLUMNS = ("exhibit", "item", "group", "n", "computed_from")


@checked(ExportError)
def audit(*exhibits: Exhibit | EstimatesData | Mapping[str, Any], suppress_below: int = SUPPRESS_BELOW) -> pd.DataFrame:
    """Find hidden results that can be computed from several exhibits together.

    Parameters
    ----------
    *exhibits : Exhibit or Estimates, or mappings of names to them
        Everything that is published of a study. Estimates are taken as they would be published.
    suppress_below : int
        Of estimates; exhibits have their own.

    Returns
    -------
    DataFrame
        A row for each result on too few answers that follows from those shown: exhibit, item, group, n (its answers),
        computed_from (the exhibits whose rows give it away). Empty where nothing does.

    Raises
    ------
    ExportError
        For anything that is neither exhibit nor estimates.

    Notes
    -----
    Estimates follow if whoever computes them knows the weights of all groups; numbers of answers follow without.
    What does not stand on people who are known (results of other programs, more than 200,000 rows) is left out.

    Examples
    --------
    >>> sv.audit({"by ward": by_ward, "by tier": by_tier})  # doctest: +SKIP
    """
    return audit_cells(cells_of(_results(exhibits), suppress_below))


def audit_cells(cells: Sequence[Cell]) -> pd.DataFrame:
    """As `audit`, from the rows of exhibits."""
    rows = [
        {
            "exhibit": cell.exhibit,
            "item": cell.item,
            "group": cell.group,
            "n": cell.n,
            "computed_from": ", ".join(dict.fromkeys(c.exhibit for c in used)),
        }
        for cell, used in leaks(cells)
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


@checked(ExportError)
def protect(*results: L, suppress_below: int = SUPPRESS_BELOW) -> tuple[L, ...]:
    """Hide what gives away a hidden result of another exhibit.

    The smallest group shown that is needed to compute a hidden one is hidden in every result, until nothing hidden
    follows from all of them together; which ones does not depend on the order of the results. `sv.export` and
    `sv.tables.to_docx` do so with exhibits that they are given together.

    Parameters
    ----------
    *results : Estimates or Exhibit
        Of one sample, published together.
    suppress_below : int
        Of estimates; exhibits have their own.

    Returns
    -------
    tuple of Estimates or Exhibit
        As they are published, in the same order: make exhibits of estimates then, not before.

    Raises
    ------
    ExportError
        For anything else.

    Examples
    --------
    >>> by_ward, by_tier = sv.protect(by_ward, by_tier)  # doctest: +SKIP
    """
    wrong = [type(r).__name__ for r in results if not isinstance(r, EstimatesData | Exhibit)]
    if wrong:
        raise ExportError(
            "Only exhibits and estimates can be protected.",
            got=shorten(wrong),
            expected="figures, tables, or results with a covariance",
        )
    return protected(results, suppress_below)


@checked(ExportError)
def hidden(*exhibits: Exhibit | EstimatesData | Mapping[str, Any]) -> Summary:
    """List what is hidden, flagged and unreliable in each exhibit, and what share of it is hidden.

    Parameters
    ----------
    *exhibits : Exhibit or Estimates, or mappings of names to them

    Returns
    -------
    Summary
        A row an exhibit, and one of all together: rows, small (on too few answers), complementary (hidden so that a
        small one cannot be computed), flagged, unreliable (by the standard of NCHS), review (few degrees of freedom, or
        a share of 0 or 1), share_hidden (0-1). Where more than 40% of an exhibit are hidden, a note proposes coarser
        groups.
    """
    return summary_of({name: counts_of(thing) for name, thing in _results(exhibits).items()})


def counts_of(thing: ResultData | Exhibit) -> dict[str, int] | None:
    """How many rows of an exhibit have each status (`COUNTS`); None for what is about no one's answers."""
    low, high = thing.thresholds if isinstance(thing, Exhibit) else (SUPPRESS_BELOW, FLAG_BELOW)
    e = thing.estimates if isinstance(thing, Exhibit) else published(thing, low)
    if not isinstance(e, EstimatesData):
        return None
    status = statuses(e, low, high)
    detail, why = details(e, status), reliability(e).astype(str)
    seen = np.isin(status.astype(str), ("shown", "flagged"))
    found = (
        np.ones(len(status), bool),
        detail == "small",
        detail == "complementary",
        status == "flagged",
        detail == "unreliable",
        seen & np.isin(why, ("df", "end")),
    )
    return {name: int(np.count_nonzero(at)) for name, at in zip(COUNTS, found, strict=True)}


def summary_of(counts: Mapping[str, Mapping[str, int] | None]) -> Summary:
    """As `hidden`, from what `counts_of` found in each exhibit."""
    rows = [{"exhibit": name, **found} for name, found in counts.items() if found is not None]
    table = pd.DataFrame(rows, columns=["exhibit", *COUNTS])
    total = {name: int(table[name].sum()) for name in COUNTS}
    table = pd.concat([table, pd.DataFrame([{"exhibit": "total", **total}])], ignore_index=True)
    gone = table["small"] + table["complementary"]
    table["share_hidden"] = (gone / table["rows"].where(table["rows"] > 0)).astype(float)
    much = table["exhibit"][:-1][table["share_hidden"][:-1] > MUCH].tolist()
    notes = (Note("notes.much_hidden", exhibits=listed(much)),) if much else ()
    words = {"total": {lang: text("words.hidden_total", lang) for lang in LANGUAGES}}
    return Summary(table, "hidden", notes=notes, words=words)


def _results(exhibits: Sequence[Any]) -> dict[str, ResultData | Exhibit]:
    """Everything by its name; what has none is called by its place."""
    found: dict[str, ResultData | Exhibit] = {}
    for thing in exhibits:
        pairs = thing.items() if isinstance(thing, Mapping) else [(getattr(thing, "name", "") or "", thing)]
        for given, one in pairs:
            if not isinstance(one, Exhibit | ResultData):
                raise ExportError(
                    "Only exhibits and estimates can be held against each other.",
                    got=type(one).__name__,
                    expected="figures, tables, or results of estimation verbs",
                )
            name = str(given) or f"{len(found) + 1}"
            while name in found:
                name += "′"
            found[name] = one
    return found

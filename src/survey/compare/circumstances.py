"""Whether treated and other units were asked in the same way: a mode or frame of its own passes for an effect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import weighted_count
from survey.base.catalogue import Note
from survey.base.names import columns_named, composed_column
from survey.codebook._missing_codes import refuse_codes_of
from survey.core.sample_data import SampleData
from survey.errors import EstimationError, shorten

__all__ = ["CIRCUMSTANCES", "check_arms"]

CIRCUMSTANCES = ("mode", "frame")
"""Columns that are looked at where they exist; so are columns with the role "mode" in the codebook."""
_DIFFERENT = 0.1
"""Difference of a share between the arms from which they count as asked in another way."""


def check_arms(
    sample: SampleData,
    treated: NDArray[np.bool_],
    period: NDArray[np.int64],
    inside: NDArray[np.bool_],
    named: Sequence[str],
    acknowledged: Sequence[str],
) -> list[Note]:
    """Refuse arms that were asked in another way in one of the periods; notes on those that are acknowledged.

    Parameters
    ----------
    sample : Sample
    treated : bool array (rows,)
    period : int array (rows,)
        0 before, 1 after.
    inside : bool array (rows,)
    named : sequence of str
        Further columns to look at.
    acknowledged : sequence of str
        Columns whose difference the analyst answers for.

    Raises
    ------
    EstimationError
    """
    columns = sample.data.columns
    own = [n for n, v in sample.codebook.variables.items() if v.role == "mode"]
    asked = [n for n in (*CIRCUMSTANCES, *own) if n in columns]
    allowed = columns_named(acknowledged, columns)
    absent = [n for n in (*named, *allowed) if n not in columns]
    if absent:
        raise EstimationError(
            "The data have no such column.", where="circumstances= or acknowledge=", got=shorten(absent)
        )
    named = columns_named(named, columns)
    refuse_codes_of(sample.data, sample.codebook, list(named), "circumstances")
    notes = []
    for name in dict.fromkeys([*asked, *named]):
        most = _difference(sample, name, treated, period, inside)
        if most <= _DIFFERENT:
            continue
        if name in allowed:
            notes.append(Note("notes.arms_differ", column=name, most=round(100 * most)))
            continue
        raise EstimationError(
            "The treated and the other units were not asked in the same way.",
            where=name,
            got=f"shares of {name} that differ by up to {100 * most:.0f} percentage points in one period",
            expected="the same mode and frame in both arms: people answer differently by mode, and frames reach "
            "different people",
            fix=f"compare those asked alike with where=, or acknowledge it: acknowledge={name!r}",
        )
    return notes


def _difference(
    sample: SampleData,
    name: str,
    treated: NDArray[np.bool_],
    period: NDArray[np.int64],
    inside: NDArray[np.bool_],
) -> float:
    """The largest difference between the arms, in either period, of the weighted share of a category."""
    code, kinds = pd.factorize(composed_column(sample.data[name]), use_na_sentinel=False)
    size = len(kinds)
    key = (2 * period[inside] + treated[inside]) * size + code[inside]
    table = weighted_count(key, sample.weights[inside], 4 * size).reshape(2, 2, size)
    total = table.sum(axis=2, keepdims=True)
    share = np.divide(table, total, out=np.zeros_like(table), where=total > 0)
    return float(np.abs(share[:, 1] - share[:, 0]).max(initial=0.0))

"""Effects under several choices as one result: a row for each item and choice, with the verdict of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.catalogue import Note, texts
from survey.codebook import Codebook, Text, Variable
from survey.compare.effect_data import EffectData
from survey.core.effect_verdict import effect_verdicts
from survey.estimates import Estimates

__all__ = ["SPECIFICATION", "UNBOUNDED", "least_of_units", "stacked", "text_of", "with_labels"]

SPECIFICATION = "specification"
UNBOUNDED = Note("notes.unbounded_effect")


def least_of_units(e: EffectData) -> Array:
    """The fewest answers of any unit in either period: (items,)."""
    if e.origin is None or e.treatment is None:
        return np.zeros(len(e.table))
    return np.asarray(e.origin.table["n"].to_numpy(float)[e.treatment.rows].min(axis=(1, 2)))


def stacked(
    of: EffectData,
    tables: Mapping[str, pd.DataFrame],
    labels: Mapping[str, Text],
    behind: Mapping[str, Array],
    notes: Sequence[str],
    covariance: Array | None = None,
) -> Estimates:
    """Make one result of the tables of several effects.

    Parameters
    ----------
    of : Effect
        The main one, the first of the tables; codebook, level and origin come from it.
    tables : mapping of str to DataFrame
        By the name of the choice: the rows of an effect, of the same items.
    labels : mapping of str to text
    behind : mapping of str to array (items,)
        Answers that each row stands on. Two rows differ by a few units or people, so that what they stand on are the
        answers of the unit with the fewest.
    notes : sequence of str
    covariance : array, optional
        Of all rows, item by item; between the choices it is unknown where not given.

    Returns
    -------
    Estimates
        item, specification, and the columns of an effect, then verdict; rows item by item, choices in their order.
    """
    parts = [t.assign(**{SPECIFICATION: name}, behind=behind[name]) for name, t in tables.items()]
    table = pd.concat(parts, ignore_index=True)
    items = of.table["item"].tolist()
    order = np.argsort([items.index(i) for i in table["item"]], kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    least = table.pop("behind").to_numpy(float)
    table.insert(1, SPECIFICATION, table.pop(SPECIFICATION))
    table["verdict"] = effect_verdicts(table, 1 - of.level)
    notes = [*notes, *([UNBOUNDED] if np.isinf(table["conf_low"].to_numpy(float)).any() else [])]
    if covariance is None:
        covariance = np.full((len(table), len(table)), np.nan)
        np.fill_diagonal(covariance, table["std_error"].to_numpy(float) ** 2)
    return Estimates(
        table,
        SPECIFICATION,
        (SPECIFICATION,),
        of.level,
        codebook=with_labels(of.codebook, labels),
        notes=tuple(dict.fromkeys(notes)),
        source=of.source,
        simulated=of.simulated,
        _covariance=covariance,
        origin=of.origin,
        behind=least,
        compared=of.compared,
    )


def with_labels(book: Codebook, labels: Mapping[str, Text]) -> Codebook:
    """The codebook with the choices as a variable, so that every display names them."""
    made = Variable(
        SPECIFICATION, type="nominal", role="paradata", short=texts("effect.specification"), labels=dict(labels)
    )
    return replace(book, variables={**book.variables, SPECIFICATION: made})


def text_of(value: Any, name: str) -> Text:
    """A label given as one text or by language."""
    return dict(value) if isinstance(value, Mapping) else {lang: str(value or name) for lang in texts("effect.main")}

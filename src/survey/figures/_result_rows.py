"""The rows of a result as a figure takes them: their labels, order and numbers, and what is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base import catalogue
from survey.base.arrays import Array
from survey.core.estimates_data import EstimatesData
from survey.exhibits.exhibit import Exhibit
from survey.words import labels
from survey.words import locale as loc
from survey.words.measure import Measure
from survey.words.statuses import hidden_text, mark

__all__ = [
    "RESULT",
    "count_text",
    "keys_of",
    "largest_first",
    "left_out",
    "numbers_of",
    "plain_unit",
    "rows_of",
    "shared_unit",
    "value_text",
]

RESULT = ("estimate", "conf_low", "conf_high")
"""An estimate and its interval."""


def rows_of(e: EstimatesData, at: NDArray[np.int64]) -> EstimatesData:
    """The estimates of some rows, with what is known of each."""
    known = ("contrast_matrix", "behind", "linear", "hidden", "complementary", "population")
    each = {n: getattr(e, n) for n in known}
    # what may not be shown was hidden in all rows together
    others = {"_hiding": None, "_tests": None, "_nonresponse": None, "support": None}
    return e.with_table(
        e.table.iloc[at].reset_index(drop=True),
        _covariance=lambda: e.covariance_of(at),
        _domains=None if e._domains is None else e._domains.take(at),
        **{name: None if value is None else value[at] for name, value in each.items()},
        **others,
    )


def numbers_of(exhibit: Exhibit, measure: Measure, columns: Sequence[str] = RESULT) -> Array:
    """Numbers of all rows in the unit shown, (rows, columns); NaN where they may not be shown."""
    return np.asarray(measure.factor * exhibit.rows()[list(columns)].to_numpy(float))


def keys_of(exhibit: Exhibit, levels: Sequence[str]) -> list[tuple[str, ...]]:
    """The label of each row, below a heading where more than one level tells rows apart."""
    names = exhibit.rows()[list(levels)].astype(str).itertuples(index=False, name=None)
    told = [labels.under_headings(exhibit.estimates, levels, row) for row in names]
    return [key if len(key) < 2 else (key[0], ", ".join(t for t in key[1:] if t)) for key in told]


def largest_first(headings: Sequence[str], values: Array) -> list[int]:
    """The order of rows by size within each heading, headings in the order of their first row; unknown ones last."""
    place = {heading: i for i, heading in enumerate(dict.fromkeys(headings))}
    size = np.nan_to_num(np.asarray(values, float), nan=-np.inf)
    return sorted(range(len(headings)), key=lambda i: (place[headings[i]], -float(size[i])))


def value_text(exhibit: Exhibit, i: int, measure: Measure, columns: Sequence[str] = RESULT) -> str:
    """ "62.0 (58.1–65.9)*": a number of a row with its interval, or why it is not shown."""
    row, lang = exhibit.rows().iloc[i], exhibit.lang
    status, detail = str(row["status"]), str(row["detail"])
    if status == "suppressed":
        return hidden_text(detail, lang, exhibit.thresholds[0])
    estimate, low, high = (float(row[c]) for c in columns)
    return measure.with_interval(estimate, low, high, lang, exhibit.options.get("digits")) + mark(status, detail)


def count_text(exhibit: Exhibit, i: int) -> str:
    """The number of answers of a row; "" where it is not shown."""
    row = exhibit.rows().iloc[i]
    hidden = row["status"] == "suppressed" or not np.isfinite(row["n"])
    return "" if hidden else loc.count(float(row["n"]), exhibit.lang)


def plain_unit(measure: Measure, lang: str) -> str:
    """The unit in words, also of a number without one."""
    return measure.axis(lang) or catalogue.text("alt.no_unit", lang)


def shared_unit(exhibit: Exhibit, measure: Measure) -> str:
    """The unit of an axis, behind what is subtracted where that is the same for all rows."""
    shared, unit = labels.shared_difference(exhibit.estimates, exhibit.lang), measure.axis(exhibit.lang)
    return f"{shared} ({unit})" if shared and unit else shared or unit


def left_out(places: Sequence[Any], lang: str) -> list[str]:
    """The sentence that names what is not shown; none where everything is."""
    named = [str(place) for place in places if place]
    return [catalogue.text("alt.not_shown", lang, places="; ".join(named))] if named else []

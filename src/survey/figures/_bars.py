"""The rows of a figure of stacked bars: the share of every answer, and the scale that all rows have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.core.contrasts import combine
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.errors import ExportError, shorten
from survey.estimation.intervals import share_interval
from survey.exhibits.exhibit import Exhibit
from survey.words import labels as _labels
from survey.words import locale as loc

__all__ = ["Bar", "Bars", "bars_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """One row: its labels, the share of every answer in %, its number of answers."""

    key: tuple[str, ...]
    shares: NDArray[np.float64]
    n: float
    status: str
    dont_know: float
    refused: float = float("nan")
    low_interval: tuple[float, float] = (float("nan"), float("nan"))
    high_interval: tuple[float, float] = (float("nan"), float("nan"))
    detail: str = ""
    at: tuple[int, ...] = ()
    """Of the result, the row of each answer; -1 for none."""

    def beside(self, reason: str) -> float:
        """Share of everyone asked who did not know or refused, in %; NaN where it is not known or not shown."""
        return float(getattr(self, reason)) if self.status in ("shown", "flagged") else float("nan")

    @property
    def low(self) -> float:
        """Share below the middle, in %."""
        return float(self.shares[: len(self.shares) // 2].sum())

    @property
    def high(self) -> float:
        """Share above the middle, in %."""
        return float(self.shares[-(len(self.shares) // 2) :].sum())

    @property
    def middle(self) -> float:
        """Share of the middle answer of an odd scale, in %."""
        return float(self.shares[len(self.shares) // 2]) if len(self.shares) % 2 else 0.0


@dataclass(frozen=True, slots=True)
class Bars:
    """All rows and the scale they share."""

    rows: list[Bar]
    codes: list[Any]
    answers: list[str]
    absent: list[Bar]
    """Rows on too few answers, where there are several: a line below the others names them together."""


def bars_of(exhibit: Exhibit) -> Bars:
    """The rows of the figure, in order."""
    e, lang = exhibit.estimates, exhibit.lang
    table, shown = e.table, exhibit.rows()
    codes = _scale(e, lang)
    levels = _labels.varying(e, _labels.levels_of(e))
    rows = []
    groups = table.groupby(levels, sort=False, dropna=False, observed=True).indices if levels else {}
    columns: dict[str, list[Any]] = {str(c): shown[c].tolist() for c in shown.columns}
    answers = table["answer"].tolist()
    for places in sorted(groups.values(), key=lambda at: at[0]) or [np.arange(len(table))]:
        row_of = {answers[i]: int(i) for i in places}
        values = np.array([columns["estimate"][row_of[c]] if c in row_of else np.nan for c in codes], float)
        first = {name: column[places[0]] for name, column in columns.items()}
        ends = (_UNKNOWN, _UNKNOWN)
        if exhibit.options.get("intervals") and np.isfinite(values).all() and isinstance(e, EstimatesData):
            ends = _intervals(e, [row_of[c] for c in codes])
        key = _labels.under_headings(e, levels, [str(first[name]) for name in levels])
        rows.append(
            Bar(
                tuple(key) or (loc.word("all", lang),),
                100 * values,
                float(first.get("n", np.nan)),
                str(first["status"]),
                100 * float(first.get("dont_know", np.nan)),
                100 * float(first.get("refused", np.nan)),
                *ends,
                str(first["detail"]) if first["status"] == "suppressed" else "",  # a bar is of many shares
                tuple(row_of.get(code, -1) for code in codes),
            )
        )
    if exhibit.options.get("sort"):
        rows = _sorted(rows)
    items = table["item"].iloc[0] if "item" in table.columns else ""
    absent = [bar for bar in rows if bar.status == "suppressed"]
    if len(absent) < 2 or len(absent) == len(rows):
        absent = []
    rows = [bar for bar in rows if bar not in absent]
    return Bars(rows, codes, [_labels.answer_label(e, items, code, lang) for code in codes], absent)


_UNKNOWN = (float("nan"), float("nan"))


def _intervals(e: EstimatesData, at: list[int]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Logit intervals, in %, of the sums below and above the middle, from the covariance of the shares."""
    half, k = len(at) // 2, len(at)
    matrix = np.zeros((2, len(e.table)))
    matrix[0, at[:half]] = matrix[1, at[k - half :]] = 1.0
    sums = combine(e, matrix, pd.DataFrame({"contrast": ["low", "high"]})).table
    n = np.full(2, float(e.table["n"].iloc[at[0]])) if "n" in e.table.columns else np.full(2, np.nan)
    share, error, df = (sums[c].to_numpy(float) for c in ("estimate", "std_error", "df"))
    low, high, at_end = share_interval(share, error, df, n, n, e.level, "logit")
    inside = ~at_end & np.isfinite(low) & np.isfinite(high)
    ends = [(100 * float(a), 100 * float(b)) if ok else _UNKNOWN for a, b, ok in zip(low, high, inside, strict=True)]
    return ends[0], ends[1]


def _scale(e: ResultData, lang: str) -> list[Any]:
    """The answers of the scale, lowest first; every item must have the same ones."""
    scales: dict[str, tuple[list[Any], list[str]]] = {}
    for item, part in e.table.groupby("item", sort=False) if "item" in e.table.columns else [("", e.table)]:
        variable = e.codebook.variables.get(item)
        if variable is not None and variable.type == "nominal":
            raise ExportError(
                "A diverging bar chart needs ordered answers.",
                where=item,
                got="a nominal variable",
                fix="use figures.intervals or tables.table",
            )
        if isinstance(e, EstimatesData) and item in e.unordered:
            raise ExportError(
                "A diverging bar chart needs ordered answers.",
                where=item,
                got="text whose order nobody declared",
                expected="an ordinal item of the codebook, numbers, or an ordered category",
                fix="declare the order with set_scale(...) before sv.Sample(...), or use figures.intervals",
            )
        codes = list(dict.fromkeys(part["answer"]))
        order = {code: i for i, code in enumerate(variable.codes)} if variable is not None else {}
        codes.sort(key=lambda code: order.get(code, len(order)))
        scales[item] = (codes, [e.codebook.label(item, code, lang) for code in codes])
    _refuse_mixed_directions(e, scales)
    if len({(tuple(codes), tuple(labels)) for codes, labels in scales.values()}) > 1:
        raise ExportError(
            "Items on different scales cannot share a legend.",
            got=shorten(f"{item}: {labels[0]} … {labels[-1]}" for item, (_, labels) in scales.items()),
            fix="where it is one scale and nobody gave some answers: give a codebook with its codes, or make each "
            "column an ordered category (pandas) of all of them; otherwise make one figure for each scale",
        )
    codes = next(iter(scales.values()))[0]
    if not 2 <= len(codes) <= 11:
        raise ExportError("A scale of that length cannot be drawn.", got=f"{len(codes)} answers", expected="2 to 11")
    return codes


def _refuse_mixed_directions(e: ResultData, scales: dict[str, tuple[list[Any], list[str]]]) -> None:
    """Raise where the same answers run one way in some items and the other way in others."""
    first = next(iter(scales.values()))[1]
    same = [item for item, (_, labels) in scales.items() if labels == first]
    turned = [item for item, (_, labels) in scales.items() if labels != first and labels == first[::-1]]
    if not turned:
        return
    few, many = sorted((same, turned), key=len)
    away = [i for i in scales if i in e.codebook and e.codebook[i].direction < 0]
    raise ExportError(
        "Items of mixed direction cannot share a diverging bar chart: their answers run in opposite order.",
        where=shorten(few),
        got=f"{scales[few[0]][1][0]} … {scales[few[0]][1][-1]}; the others ({shorten(many)}) {scales[many[0]][1][0]} … "
        f"{scales[many[0]][1][-1]}",
        expected="items whose answers run the same way",
        fix=f"turn the items of direction -1 with responses.reverse({away!r})"
        if away
        else "make one figure for each direction, or declare direction = -1 and call responses.reverse()",
    )


def _sorted(rows: list[Bar]) -> list[Bar]:
    """Largest upper share first, inside each outermost group where there are several levels."""
    outer = {key: i for i, key in enumerate(dict.fromkeys(r.key[0] for r in rows))}
    nested = len(rows[0].key) > 1
    return sorted(rows, key=lambda r: (outer[r.key[0]] if nested else 0, np.isnan(r.high), -np.nan_to_num(r.high)))

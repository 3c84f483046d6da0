"""The record of a calibration: how it went, how far each weight moved, and what each margin cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base import catalogue
from survey.base.arrays import Array, plain_quantiles, weighted_count
from survey.base.codes import Ints
from survey.base.html import facts, markup, render
from survey.base.language import chosen
from survey.calibration.margins import CodedMargin, code_margins, scale_to_targets
from survey.codebook import Text
from survey.core.sample_data import SampleData
from survey.design.design import Adjustment
from survey.design.targets import Targets
from survey.errors import ConvergenceError, DesignError, TargetsError
from survey.estimates import Summary
from survey.weighting.apply import only_counted
from survey.weighting.calibrate import calibrate
from survey.weighting.diagnostics import kish, margin_words
from survey.weighting.rake import rake
from survey.weighting.weight_steps import step_words, weight_steps
from survey.words import locale as loc
from survey.words import screen

__all__ = ["Calibration", "calibration"]

_METHODS = ("rake", "poststratify", "linear", "raking", "logit", "entropy")
_NEAR = 1e-6
"""A factor this near to a bound, relative to it, is at the bound."""


_PAGE = """\
<div lang='{{ lang }}'><table class='survey-calibration'><tbody>{{ rows }}</tbody></table>
{{ table }}</div>"""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How the weights of a sample were brought to known totals; of several calibrations, the last; no trim.

    Parameters
    ----------
    method : str
        "rake", "poststratify", "linear", "raking", "logit", "entropy".
    before, after : str
        The columns of weights.
    iterations : int
    worst : float
        Largest difference from a target, relative to it, measured after the last iteration.
    bounds : (low, high), optional
        What a weight could at least and at most be multiplied by.
    margins : DataFrame
        One row per margin: margin, categories, worst_gap (relative, of these weights today), deff_alone (Kish's design
        effect of the weights before, calibrated to this margin alone, over that of the weights before) and deff_added
        (Kish's design effect of the calibrated weights over that of the same calibration without this margin; below 1
        where the margin evens weights out, NaN where there is none to compare with). A margin that counts people is
        post-stratified to alone; a sum of a number is met by a regression on it that keeps the number of people. Design
        effects of margins do not multiply to that of all: margins overlap.
    moved : Series
        Of the factors over `scale`: min, p05, median, p95, max; beyond_2 (share of weights, 0-1, that more than doubled
        or halved); at_low, at_high (shares at the bounds; NaN without bounds).
    factors : array (rows,)
        Weight after over weight before; of a scan, of respondents of a cluster who are alike in all margins.
    scale : float
        Sum of the weights after over the sum before: what all weights were multiplied by to add up to the population,
        which is no movement of one against another.
    deff_before, deff_after : float
        Kish's design effects (Kish 1965, section 11.7).
    lang : {"vi", "en"}
        Language in which it is shown.
    words : mapping of str to mapping of language to str
        What the columns of weights and the margins are called.
    """

    method: str
    before: str
    after: str
    iterations: int
    worst: float
    bounds: tuple[float, float] | None
    margins: pd.DataFrame = field(repr=False)
    moved: pd.Series = field(repr=False)
    factors: Array = field(repr=False)
    scale: float
    deff_before: float
    deff_after: float
    lang: str = field(default="en", repr=False)
    words: Mapping[str, Text] = field(default_factory=dict, repr=False)

    def to_text(self, lang: str | None = None) -> str:
        """The record as plain text."""
        code = loc.check_language(lang or chosen() or self.lang)
        lines = [f"{name}: {text}" for name, text in self._lines(code)]
        return "\n".join([*lines, self._table(code).to_string(index=False)])

    def _repr_html_(self) -> str:
        lang = chosen() or self.lang
        rows = markup(facts(self._lines(lang)))
        table = markup(self._table(lang).to_html(index=False, border=0, escape=True))
        return render(_PAGE, lang=lang, rows=rows, table=table)

    def _lines(self, lang: str) -> list[tuple[str, str]]:
        """What stands above the table: a name and a text each."""
        m = self.moved
        lines = [
            (
                "method",
                f"{loc.method(self.method, lang)}: {self._named(self.before, lang)} → {self._named(self.after, lang)}",
            ),
            ("iterations", loc.count(self.iterations, lang)),
            ("worst", _tiny(self.worst, lang)),
            ("deff", f"{loc.number(self.deff_before, 3, lang)} → {loc.number(self.deff_after, 3, lang)}"),
            ("scale", loc.number(self.scale, 3, lang)),
            (
                "factors",
                "; ".join(
                    f"{loc.heading(k, lang)} {loc.number(m[k], 3, lang)}"
                    for k in ("min", "p05", "median", "p95", "max")
                ),
            ),
            ("beyond_2", _percent(m["beyond_2"], lang)),
        ]
        if self.bounds is not None:
            low, high = (loc.number(b, 2, lang) for b in self.bounds)
            at = f"{_percent(m['at_low'], lang)}; {_percent(m['at_high'], lang)}"
            lines.append(("at_bounds", f"{low} – {high}: {at}"))
        return [(catalogue.text(f"calibration.{name}", lang), text) for name, text in lines]

    def _named(self, name: str, lang: str) -> str:
        return loc.pick(self.words.get(name, {}), lang, name)

    def _table(self, lang: str) -> pd.DataFrame:
        """The table of margins as it is read."""
        t = self.margins
        shown = {
            "margin": [self._named(name, lang) for name in t["margin"]],
            "categories": [loc.count(x, lang) for x in t["categories"]],
            "worst_gap": [_tiny(x, lang) for x in t["worst_gap"]],
            "deff_alone": [loc.number(x, 3, lang) for x in t["deff_alone"]],
            "deff_added": [loc.number(x, 3, lang) for x in t["deff_added"]],
        }
        return pd.DataFrame({loc.heading(name, lang): column for name, column in shown.items()})


def calibration(self: SampleData) -> Calibration:
    """The record of the last calibration, worked out from the data and what the design remembers.

    Raises
    ------
    DesignError
        If the weights were never calibrated.
    TargetsError
        If the data no longer match the targets.
    """
    adjustments = self.design.adjustments
    at = next((i for i in range(len(adjustments) - 1, -1, -1) if adjustments[i].method in _METHODS), None)
    if at is None:
        raise DesignError(
            "The weights have not been calibrated.",
            got=self.design.describe(),
            fix="rake, poststratify or calibrate first; sample.weight_diagnostics() describes any weights",
        )
    self = only_counted(self)
    step = adjustments[at]
    later = adjustments[at + 1].weights_before if at + 1 < len(adjustments) else self.design.weights
    before, after = (self.data[c].to_numpy(float) for c in (step.weights_before, later))
    factors = after / before
    scale = float(after.sum() / before.sum())
    earlier = replace(self.design, weights=step.weights_before, adjustments=adjustments[:at], replicates=None)
    start = type(self).of(self.responses, earlier, self.structure.weighed(before))
    people = self.structure.people
    return Calibration(
        step.method,
        step.weights_before,
        str(later),
        step.iterations,
        step.worst,
        step.bounds,
        _margins(start, step, before, after),
        _moved(factors, scale, step.bounds, people),
        factors,
        scale,
        _kish(start, before),
        _kish(start, after),
        screen.language_of(self.codebook),
        _words(self, step),
    )


def _words(self: SampleData, step: Adjustment) -> dict[str, Text]:
    """What the weights and margins of a calibration are called."""
    words = step_words(weight_steps(self), self.codebook)
    if step.targets is not None:
        namer = Summary(pd.DataFrame(), "margins", codebook=self.codebook)
        for margin in code_margins(self.data, step.targets, self.data[step.weights_before].to_numpy(float)):
            words |= {margin.margin.name: margin_words(namer, margin)[margin.margin.name]}
    return words


def _kish(sample: SampleData, weights: Array) -> float:
    """Kish's design effect of the weights of a sample's respondents, whose rows may stand for several."""
    structure = sample.structure
    if structure.people is None:
        return kish(weights)
    n, squares = structure.people.sum(), structure.weighed(weights).squares
    return float(n * squares.sum() / weights.sum() ** 2)


def _moved(factors: Array, scale: float, bounds: tuple[float, float] | None, people: Ints | None) -> pd.Series:
    moved = factors / scale
    low, p05, median, p95, high = plain_quantiles(moved, people, np.array([0, 0.05, 0.5, 0.95, 1]))

    def share(rows: NDArray[np.bool_]) -> float:
        return float(np.average(rows, weights=people))

    at = [np.nan, np.nan]
    if bounds is not None:
        at = [share(np.abs(factors / b - 1) < _NEAR) if b > 0 and np.isfinite(b) else 0.0 for b in bounds]
    return pd.Series(
        {
            "min": low,
            "p05": p05,
            "median": median,
            "p95": p95,
            "max": high,
            "beyond_2": share((moved > 2) | (moved < 0.5)),
            "at_low": at[0],
            "at_high": at[1],
        },
        name="moved",
    )


def _margins(start: SampleData, step: Adjustment, before: Array, after: Array) -> pd.DataFrame:
    targets = step.targets
    if targets is None:
        raise DesignError("This step did not use targets.", got=step.method)
    coded = code_margins(start.data, targets, before, start.structure.people)
    joint = coded[0].joint
    scaled = before * joint.spread(scale_to_targets(coded, targets, joint.sums))
    whole, first = _kish(start, after), _kish(start, before)
    rows = []
    for margin in coded:
        without = _without(start, step, targets, margin)
        rows.append(
            {
                "margin": margin.margin.name,
                "categories": len(margin.categories),
                "worst_gap": _worst_gap(margin, after),
                "deff_alone": _kish(start, _alone(margin, scaled)) / first,
                "deff_added": whole / without,
            }
        )
    return pd.DataFrame(rows)


def _worst_gap(margin: CodedMargin, weights: Array) -> float:
    """Largest relative gap; of a sum near 0, relative to what is summed, as the solvers measure it."""
    size = np.abs(margin.totals)
    if margin.number is not None:
        summed = weighted_count(margin.code, weights * np.abs(margin.number), len(margin.categories))
        size = np.maximum(size, 1e-6 * summed)
    gaps = np.abs(margin.achieved(weights) - margin.totals)
    return float(np.max(gaps / np.where(size > 0, size, 1.0)))


def _alone(margin: CodedMargin, weights: Array) -> Array:
    """Weights (rows,) calibrated to one margin; see `Calibration.margins`."""
    k, code = len(margin.categories), margin.code
    if margin.number is None:
        return weights * (margin.totals / margin.achieved(weights))[code]
    people = weighted_count(code, weights, k)
    away = margin.number - (margin.achieved(weights) / people)[code]
    spread = weighted_count(code, weights * away**2, k)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (margin.totals - margin.achieved(weights)) / spread
    return weights * (1 + slope[code] * away)


def _without(start: SampleData, step: Adjustment, targets: Targets, left_out: CodedMargin) -> float:
    """Kish's design effect of the same calibration to all margins but one; NaN where that is none."""
    others = tuple(m for m in targets.margins if m is not left_out.margin)
    if not others:
        return _kish(start, start.weights)
    known = replace(targets, margins=others)
    unit = step.unit or None
    try:
        if step.method == "rake":
            made = rake(start, known, bounds=step.bounds, unit=unit)
        else:
            made = calibrate(start, known, method=step.method, bounds=step.bounds, unit=unit)
    except (ConvergenceError, TargetsError):
        return float("nan")
    return _kish(made, made.weights)


def _tiny(x: float, lang: str) -> str:
    """A relative gap: 3e-11 as "< 0,001 %", a larger one in percent with three decimals."""
    return f"<{loc.NBSP}{loc.number(0.001, 3, lang)}%" if x < 1e-5 else f"{loc.number(100 * x, 3, lang)}%"


def _percent(x: float, lang: str) -> str:
    return f"{loc.number(100 * x, 1, lang)}%"

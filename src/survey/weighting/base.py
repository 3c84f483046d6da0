"""Base weights: 1 over the selection probability, multiplied stage by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from survey.base.arguments import explained, explained_verbs
from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.base.text import counted
from survey.codebook import ENGLISH_FIRST, Variable, catalogue_text
from survey.core.columns import refuse_codes, with_columns
from survey.core.log import LogEntry, plain_arguments
from survey.errors import DesignError, shorten
from survey.responses import Responses
from survey.weighting.drawn import DrawnUnits
from survey.weighting.draws import ROUNDING, drawn_in, proportional, with_certainty
from survey.weighting.frames import coded, find, frame_sizes, in_words, names, positive, rows, units_of

__all__ = ["PPS", "SRS", "Census", "FramePPS", "base_weights"]


@explained_verbs(DesignError)
@dataclass(frozen=True, slots=True)
class SRS:
    """A stage that draws `n` of `of` units at random: one adult of a household is `SRS(1, "adults")`.

    Parameters
    ----------
    n, of : str or float
        Units drawn and units there were, in each respondent's own group: columns of the data, or numbers.
    """

    n: str | float
    of: str | float

    def probability(self, data: pd.DataFrame) -> tuple[Array, list[str]]:
        """Probability of every row (rows,), and what to note in the log."""
        n, of = (positive(data, getattr(self, name), f"{self}, {name}") for name in ("n", "of"))
        return _possible(data, n / of, f"{self}", "more drawn than there were: correct the numbers"), []


@explained_verbs(DesignError)
@dataclass(frozen=True, slots=True)
class PPS:
    """A stage that draws `n` units with probability proportional to size: n * size / total.

    Parameters
    ----------
    n, size, total : str or float
        Units drawn, size of the respondent's unit, and the sum of the sizes it was drawn from: columns of the data,
        or numbers. `PPS.from_frame` works them out from the list of units.
    """

    n: str | float
    size: str | float
    total: str | float

    def probability(self, data: pd.DataFrame) -> tuple[Array, list[str]]:
        """Probability of every row (rows,), and what to note in the log."""
        n, size, total = (positive(data, getattr(self, f.name), f"{self}, {f.name}") for f in fields(self))
        fix = "such a unit is taken with certainty: probability 1, and n and total of the others without it"
        return _possible(data, n * size / total, f"{self}", fix), []

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        unit: str | Sequence[str],
        size: str,
        n: float | str | Mapping[Any, float],
        within: str | Sequence[str] = (),
        draws: str | Sequence[str] = (),
        oversize: str = "fail",
    ) -> FramePPS:
        """The same stage with every unit's probability worked out from the frame.

        Parameters
        ----------
        frame : DataFrame
            One row per unit: the whole list, drawn or not.
        unit : str or sequence of str
            Columns that name a unit, in the frame and in the data.
        size : str
            Column of the frame.
        n : float, str or mapping of group to float
            Units drawn in each group: a number, a column of the frame, or a number for each group of `within`.
        within : str or sequence of str, optional
            Columns that make the groups in which units were drawn (strata), in the frame and in the data.
        draws : str or sequence of str, optional
            Columns of the data, such as a wave, that tell several draws from this frame apart. They matter for one
            check only: whether as many units are in the data as were drawn.
        oversize : {"fail", "certainty"}
            What to do with a unit whose probability would pass 1. "certainty" gives it 1 and draws the rest of `n` from
            the rest of the group, again until no unit is left that is too large.

        Raises
        ------
        DesignError
            For columns that do not exist; a unit that is listed twice or has no name; sizes that are missing or not
            positive; an `n` that is no whole number, or differs within a group; a probability above 1.

        References
        ----------
        Sarndal, Swensson & Wretman (1992), section 3.6.2; Lohr, Sampling: Design and Analysis, chapter 6.
        """
        groups = names(within)
        code, labels = units_of(frame, list(dict.fromkeys([*groups, *names(unit)])))
        row = np.argsort(code)  # from here on in the order of the labels
        sizes = frame_sizes(frame, size)[row]
        if not (sizes > 0).all():
            raise DesignError(
                "Some units of the frame have size 0.",
                where=f"frame, column {size!r}",
                got=in_words(labels, sizes <= 0),
                expected="a positive size for every unit",
                fix="a unit of size 0 can never be selected: remove or merge it",
            )
        group, group_names = coded(labels, groups, "frame")
        drawn = drawn_in(frame.iloc[row], n, group, group_names)
        rule = {"fail": proportional, "certainty": with_certainty}.get(oversize)
        if rule is None:
            raise DesignError(
                "An unknown rule for oversized units.",
                where="oversize",
                got=repr(oversize),
                expected='"fail" or "certainty"',
            )
        p = rule(sizes, group, drawn)
        above = p > 1 + ROUNDING
        if above.any():
            raise DesignError(
                "Some units are so large that their selection probability exceeds 1.",
                where=f"frame, {in_words(labels, above)}",
                got=shorten(f"{v:.3f}" for v in p[above]),
                expected="at most 1",
                fix='if they were selected with certainty, set oversize="certainty"; otherwise correct n or the sizes',
            )
        p = np.minimum(p, 1.0)
        return FramePPS(
            tuple(names(unit)), tuple(groups), size, tuple(names(draws)), labels, p, drawn[group], sizes.sum(), oversize
        )


@explained_verbs(DesignError)
@dataclass(frozen=True, slots=True)
class Census:
    """A stage that takes everyone."""

    def probability(self, data: pd.DataFrame) -> tuple[Array, list[str]]:
        """Ones (rows,), and nothing to note."""
        return np.ones(len(data)), []


@explained_verbs(DesignError)
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FramePPS:
    """A stage drawn with probability proportional to size from a list: what `PPS.from_frame` makes.

    Parameters
    ----------
    unit, within : tuple of str
    size : str
    draws : tuple of str
    units : DataFrame
        Names of the listed units: columns `within` and `unit`, sorted.
    inclusion : array (units,)
        Each unit's probability of being drawn.
    drawn : array (units,)
        How many units were drawn in the unit's group.
    total : float
        Sum of all sizes.
    oversize : str
    """

    unit: tuple[str, ...]
    within: tuple[str, ...]
    size: str
    draws: tuple[str, ...]
    units: pd.DataFrame
    inclusion: Array
    drawn: Array
    total: float
    oversize: str

    def __str__(self) -> str:
        inside = f" within {', '.join(self.within)}" if self.within else ""
        return f"PPS of {', '.join(self.unit)} by {self.size}{inside}"

    __repr__ = __str__

    def probability(self, data: pd.DataFrame) -> tuple[Array, list[str]]:
        """Probability of every row (rows,), matched by the unit's name, and what to note in the log."""
        at = find(data, self.units, f"{self}")
        return self.inclusion[at], self._short_of_units(data, at)

    def _short_of_units(self, data: pd.DataFrame, at: Ints) -> list[str]:
        """Groups in which other than the drawn number of units is in the data: units may have no one who answered."""
        draw, draws = coded(data, list(self.draws), f"{self}, draws")
        group, groups = coded(self.units, list(self.within), f"{self}")
        drawn = np.zeros(len(groups))
        drawn[group] = self.drawn
        of_draw, unit = np.divmod(np.unique(draw * len(self.units) + at), len(self.units))
        present = np.bincount(of_draw * len(groups) + group[unit], minlength=len(draws) * len(groups))
        labels = [" / ".join(map(str, [*g, *d])) or "all" for d in draws.to_numpy() for g in groups.to_numpy()]
        expected = np.tile(drawn, len(draws))
        shown = [f"{name}: {k} of {n:g}" for name, k, n in zip(labels, present, expected, strict=True)]
        fewer = [s for s, k, n in zip(shown, present, expected, strict=True) if k < n]
        more = [s for s, k, n in zip(shown, present, expected, strict=True) if k > n]
        notes = [f"fewer units in the data than were drawn ({shorten(fewer)})"] if fewer else []
        several = "if these are several draws, name the column that tells them apart: draws="
        return [*notes, f"more units in the data than were drawn ({shorten(more)}); {several}"] if more else notes


Stage: TypeAlias = SRS | PPS | FramePPS | Census | DrawnUnits


@explained(DesignError)
def base_weights(
    data: Responses | pd.DataFrame,
    stages: Stage | Sequence[Stage],
    *,
    into: str = "w_design",
    probability: str = "sel_prob",
) -> Responses:
    """Compute base weights: 1 over the selection probability, multiplied over the stages of sampling.

    Parameters
    ----------
    data : Responses or DataFrame
        One row per person drawn; nonrespondents have a base weight too, and belong here before any adjustment
        for nonresponse.
    stages : SRS, PPS, Census, what `stage()` of a draw gives, or a sequence of them
        In the order of drawing.
    into, probability : str
        Names of the new columns. Nothing is overwritten.

    Returns
    -------
    Responses
        With two columns more at the end, and a line in the log with each stage's range of probabilities, the total of
        the weights, and, as its reason, what does not fit the frame.

    Raises
    ------
    DesignError
        For a name that is taken; a column that is not there or holds anything but positive numbers; a probability above
        1; a unit that the frame lacks.
    CleaningError
        If a column that a stage uses still holds declared missing codes: 99 adults are a weight of 99.

    References
    ----------
    Horvitz & Thompson (1952); Sarndal, Swensson & Wretman (1992), sections 2.8, 3.6 and 4.3.
    """
    responses = Responses(data) if isinstance(data, pd.DataFrame) else data
    if not isinstance(responses, Responses):
        raise DesignError(
            "Expected Responses or a DataFrame.", got=type(data).__name__, expected="Responses or a DataFrame"
        )
    kinds = (SRS, PPS, FramePPS, Census, DrawnUnits)
    steps = [stages] if isinstance(stages, kinds) else list(stages) if isinstance(stages, list | tuple) else []
    if not steps or not all(isinstance(step, kinds) for step in steps):
        raise DesignError(
            "Base weights need the sampling stages.",
            where="stages",
            got=repr(stages)[:80],
            expected='stages in the order of selection, such as [sv.SRS(15, "households"), sv.SRS(1, "adults")]',
        )
    frame = responses.data
    taken = [name for name in (probability, into) if name in frame.columns]
    if taken or into == probability:
        raise DesignError(
            "`base_weights` would overwrite a column.",
            got=shorten(taken or [into]),
            expected="two new names",
            fix='choose other names, such as into="w_base", probability="p_base"',
        )
    if not len(frame):
        raise DesignError("The data have no rows.", expected="at least one sampled person")
    used = [getattr(step, f.name) for step in steps if isinstance(step, SRS | PPS) for f in fields(step)]
    refuse_codes(responses, [name for name in used if isinstance(name, str)], "base_weights")
    product, ranges, notes = np.ones(len(frame)), [], []
    for number, step in enumerate(steps, 1):
        p, remarks = step.probability(frame)
        product = product * p
        ranges.append(f"stage {number}, {step}: {p.min():.4g} to {p.max():.4g}")
        notes += [f"stage {number}: {remark}" for remark in remarks]
    weights = 1 / product
    what = (
        f"{into} = 1/{probability}, total {weights.sum():,.1f} over {counted(len(frame), 'row')}; {'; '.join(ranges)}"
    )
    arguments = plain_arguments(stages=[_arguments(step) for step in steps], into=into, probability=probability)
    entry = LogEntry("base_weights", what, arguments, len(frame), len(frame), len(frame), 0, "; ".join(notes))
    new = {probability: product, into: weights}
    texts = {probability: ("frame", (0.0, 1.0), "labels.probability"), into: ("weight", None, "labels.design_weight")}
    described = [
        Variable(name, role=role, limits=limits, text=catalogue_text(key, ENGLISH_FIRST))
        for name, (role, limits, key) in texts.items()
        if name not in responses.codebook.variables
    ]
    return responses.logged(entry, data=with_columns(frame, new), codebook=responses.codebook.update(*described))


def _arguments(step: Stage) -> Mapping[str, Any]:
    """A stage as the log holds it; a list of units by what it was made of and what it adds up to."""
    if isinstance(step, FramePPS):
        return {
            "stage": "PPS.from_frame",
            "unit": step.unit,
            "size": step.size,
            "within": step.within,
            "draws": step.draws,
            "n": np.unique(step.drawn),
            "oversize": step.oversize,
            "units": len(step.units),
            "total": step.total,
        }
    if isinstance(step, DrawnUnits):
        return {
            "stage": "Draw.stage",
            "unit": step.unit,
            "units": len(step.units),
            "inverse": (1 / step.inclusion).sum(),
        }
    return {"stage": type(step).__name__} | {f.name: getattr(step, f.name) for f in fields(step)}


def _possible(data: pd.DataFrame, p: Array, where: str, fix: str) -> Array:
    """Probabilities, or an error that names rows in which they pass 1."""
    above = p > 1 + ROUNDING
    if above.any():
        raise DesignError(
            "Some selection probabilities exceed 1.",
            where=f"{where}, rows {rows(data, above)}",
            got=shorten(f"{v:.4g}" for v in np.unique(p[above])),
            expected="at most 1",
            fix=fix,
        )
    return np.minimum(p, 1.0)

"""Select-all questions (multiple response sets): the share of respondents who chose each option, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.base.names import composed_value
from survey.codebook import LANGUAGES, MultipleSet
from survey.codebook.sets import base_of
from survey.core.sample_data import SampleData
from survey.counting.cells import Coded, Grouping
from survey.counting.memory import ItemRows
from survey.counting.paired import cells_of_answers
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.breakdowns import Counter, Over, groupings_of, pieces_of
from survey.estimation.estimators import MEAN
from survey.estimation.intervals import INTERVALS
from survey.estimation.items import Names, item_names, numbers_of
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble

__all__ = ["options_chosen", "select_all"]


def select_all(
    self: SampleData,
    questions: Names,
    by: Names | None = None,
    where: Where = None,
    interval: str = "clustered",
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate the share of respondents who chose each option of a select-all question.

    Shares are of the question's base, which `responses.declare_select_all` declares and a note states; as several
    options may be chosen they may add up to more than 1.

    Parameters
    ----------
    questions : str or list of str
        Names of sets of the codebook.
    by, where, interval, level, variance, over :
        As for `proportion`.

    Returns
    -------
    Estimates
        One row an option (`item`, the column of the option) and group; shares in 0-1. The covariance is that of all
        options together, so that `contrast` compares any two; `pairwise()` compares the options with each other, or
        the groups within each option where there are groups.

    Raises
    ------
    EstimationError
        For a question that is not declared, or whose columns do not say who did not choose an option; otherwise as
        for `proportion`.

    References
    ----------
    Agrees with R's svymean and svyby of the 0/1 columns in the domain of those asked.
    """
    one_of(interval, INTERVALS, "interval for a share", EstimationError)
    sets = [_set_named(self, name) for name in item_names(questions)]
    grouping = groupings_of(self, by, over, where)
    names = list(dict.fromkeys(m for s in sets for m in s.variables))
    answers = {m: values for s in sets for m, values in _checked(self, s).items()}

    def share(name: str) -> Counter:
        values = answers[name]
        coded = Coded(np.where(np.isnan(values), 2, values).astype(np.int8), np.array([0.0, 1.0]))
        return lambda part: _mean(self, name, part, coded)

    pieces = pieces_of(self, grouping, share, names)
    result = assemble(self, "select_all", pieces, names, grouping, level, interval, variance)
    notes = [note for s in sets for note in _notes(self, s, answers, grouping.parts)]
    return result.with_table(result.table, notes=(*dict.fromkeys((*result.notes, *notes)),))


def options_chosen(
    self: SampleData,
    questions: Names,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate the mean number of options that respondents in the base of a select-all question chose.

    Exclusive options ("none of these") are not counted: who chose only these chose none.

    Parameters
    ----------
    questions : str or list of str
        Names of sets of the codebook.
    by, where, level, variance, over :
        As for `mean`.

    Returns
    -------
    Estimates
        One row a question (`item`) and group.

    Raises
    ------
    EstimationError
        As for `select_all`.
    """
    sets = {s.name: s for s in (_set_named(self, name) for name in item_names(questions))}
    grouping = groupings_of(self, by, over, where)

    def number(name: str) -> Counter:
        values = _checked(self, sets[name])
        offered = [v for m, v in values.items() if m not in sets[name].exclusive and not np.isnan(v).all()]
        together = np.sum(offered, axis=0) if offered else np.full(len(self), np.nan)
        most = len(offered)
        coded = Coded(np.where(np.isnan(together), most + 1, together).astype(np.int16), np.arange(most + 1.0))
        return lambda part: _mean(self, name, part, coded)

    names = list(sets)
    pieces = pieces_of(self, grouping, number, names)
    result = assemble(self, "options_chosen", pieces, names, grouping, level, variance=variance)
    notes = [Note("notes.options_chosen", base=base_of(self.codebook, s)) for s in sets.values()]
    return result.with_table(result.table, notes=(*dict.fromkeys((*result.notes, *notes)),))


def _mean(sample: SampleData, name: str, grouping: Grouping, coded: Coded) -> LinearizedItem:
    cells = cells_of_answers(name, sample.structure, grouping, coded)
    value = np.asarray(coded.answers, dtype=float)
    features = np.stack([np.ones(len(value)), value, value * value], axis=1)
    return LinearizedItem.of(MEAN, cells, ItemRows(grouping, coded), features)


def _set_named(sample: SampleData, name: str) -> MultipleSet:
    """The select-all question of that name, or of which a column has that name."""
    sets = sample.codebook.sets
    found = next((s for n, s in sets.items() if composed_value(n) == composed_value(name)), None)
    if found is not None:
        return found
    inside = [n for n, s in sets.items() if name in s.variables]
    near = inside or get_close_matches(str(name), sets, n=3)
    declare = f"responses.declare_select_all({name!r}, columns, base=...) before sv.Sample(...)"
    raise EstimationError(
        "The codebook has no such select-all question.",
        where="select_all",
        got=repr(name),
        expected=shorten(sets, 20) or "a set of the codebook",
        fix=f"did you mean {shorten(near, 3)}?" if near else f"declare it: {declare}",
    )


def _checked(sample: SampleData, s: MultipleSet) -> dict[str, Array]:
    """The answers to each option as 1, 0 and NaN.

    Raises
    ------
    EstimationError
        If columns hold anything else, or never say that an option was not chosen.
    """
    absent = [m for m in s.variables if m not in sample.data.columns]
    if absent:
        raise EstimationError(
            "The data lack columns of the select-all question.",
            where=s.name,
            got=shorten(absent),
            fix="keep the columns of all options, or declare the set of those that are there",
        )
    fix = f'call responses.declare_select_all({s.name!r}, base="everyone") (or who was asked) before sv.Sample(...)'
    found: dict[str, Array] = {}
    for m in s.variables:
        values = numbers_of(sample, m) if s.kind == "dichotomies" and _numeric(sample, m) else np.full(1, 2.0)
        if not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
            raise EstimationError(
                "The options of a select-all question are not columns of 1 and 0.",
                where=f"{s.name}, {m}",
                expected="1 where chosen, 0 where not, empty where not asked",
                fix=fix,
            )
        found[m] = values
    said = np.any([~np.isnan(v) for v in found.values()], axis=0)
    for m, values in found.items():
        if (values == 1).any() and not (values == 0).any() and np.isnan(values[said]).any():
            raise _only_chosen(s, m, fix)
    if not any((v == 0).any() for v in found.values()) and not all((~np.isnan(v)).all() for v in found.values()):
        raise _only_chosen(s, s.variables[0], fix)
    return found


def _numeric(sample: SampleData, name: str) -> bool:
    return sample.data[name].dtype.kind in "fiub" or sample.data[name].isna().all()


def _only_chosen(s: MultipleSet, member: str, fix: str) -> EstimationError:
    return EstimationError(
        "The columns of a select-all question say only who chose an option, so every share would be 100%.",
        where=f"{s.name}, {member}",
        got="1 or an empty cell",
        expected="1 where chosen, 0 where not, empty where not asked",
        fix=fix,
    )


def _notes(sample: SampleData, s: MultipleSet, answers: dict[str, Array], parts: Sequence[Grouping]) -> list[str]:
    """What a reader must know of a question: its base, and exclusive options that were chosen with others."""
    notes: list[str] = [Note("notes.select_all", base=base_of(sample.codebook, s))]
    if s.exclusive:
        inside = np.any([part.code < len(part) for part in parts], axis=0)
        chosen = {m: answers[m][inside] == 1 for m in s.variables}
        several: NDArray[np.bool_] = np.sum(list(chosen.values()), axis=0) > 1
        both = int(np.count_nonzero(several & np.any([chosen[m] for m in s.exclusive], axis=0)))
        if both:
            notes.append(Note("notes.select_all_exclusive", n=both, options=_names(sample, s.exclusive)))
    return notes


def _names(sample: SampleData, members: Sequence[str]) -> dict[str, str]:
    return {lang: ", ".join(f"“{sample.codebook.short_name(m, lang)}”" for m in members) for lang in LANGUAGES}

"""Waves of one survey in one file: their order, the clusters and people they share, what else differs between them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist, one_of
from survey.base.arrays import weighted_count
from survey.base.catalogue import Note
from survey.base.codes import factorize
from survey.base.names import columns_named, composed_column, composed_value
from survey.base.text import written
from survey.codebook import Codebook, Variable, same_text
from survey.codebook._missing_codes import refuse_codes_of
from survey.codebook.told import describe_values
from survey.core.sample_data import SampleData
from survey.design.coded_design import CodedDesign
from survey.design.design import Design
from survey.errors import EstimationError, shorten

__all__ = ["CLUSTERS", "LOOKED_AT", "Waves", "as_period", "drawn_together", "in_order", "people", "said"]

CLUSTERS = ("same", "new")
_MOST = 60
"""Waves: more values than that are dates of interviews or ids."""
_DIFFERENT = 0.1
"""Difference of a share between waves from which another mode, frame or interviewer is said."""
LOOKED_AT = ("mode", "frame", "interviewer_org", "official_present")
_MOST_KINDS = 12

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Waves:
    """The waves in their order, and which each row is of.

    Parameters
    ----------
    name : str
        The column.
    values : tuple
        In order, as the column holds them.
    number : int array (rows,)
        Place of each row's wave among `values`; -1 for none of them.
    """

    name: str
    values: tuple[Any, ...]
    number: NDArray[np.int64]

    @classmethod
    def of(cls, sample: SampleData, name: str, chosen: Sequence[Any] | None, inside: Bools | None) -> Waves:
        """Find and order them.

        Raises
        ------
        EstimationError
            For a column that does not exist, a single wave, waves without an order, or far too many.
        """
        (name,) = columns_named([name], sample.data.columns)
        columns_exist([name], sample.data.columns, "The data have no such wave column.", EstimationError, where="wave=")
        refuse_codes_of(sample.data, sample.codebook, [name], "wave")
        column, variable = sample.data[name], sample.codebook.variables.get(name)
        within = np.ones(len(column), bool) if inside is None else inside
        if sample.structure.counted is not None:
            within = within & sample.structure.counted
        found = column[within & column.notna().to_numpy()].drop_duplicates().tolist()
        if chosen is not None:
            known = {composed_value(v): v for v in found}
            absent = [v for v in chosen if not isinstance(v, Hashable) or composed_value(v) not in known]
            if absent:
                raise EstimationError(
                    "There is no such wave.",
                    where="waves=",
                    got=shorten(map(repr, absent)),
                    expected=describe_values(found, variable, column=column),
                )
            values = [known[composed_value(v)] for v in chosen]
        else:
            values = _ordered(found, column, variable, name)
        if len(values) < 2 or len(set(map(composed_value, values))) < len(values):
            raise EstimationError(
                "A change needs at least two waves.",
                where=name,
                got=describe_values(values, variable, column=column) or "no wave",
                expected="two waves or more, each named once",
                fix="stack the waves first: responses.append(other); where= must leave both",
            )
        place = {composed_value(v): i for i, v in enumerate(values)}
        code, distinct = pd.factorize(column)
        numbers = np.array([place.get(composed_value(v), -1) for v in distinct] + [-1], dtype=np.int64)
        return cls(name, tuple(values), numbers[code])

    def label(self, i: int) -> str:
        """A wave as rows of results are named."""
        value = self.values[i]
        return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else written(value)


def _ordered(found: list[Any], column: pd.Series, variable: Variable | None, name: str) -> list[Any]:
    """Waves in order: of the codebook, of ordered categories, of numbers and dates, also where these are text."""
    if len(found) > _MOST:
        raise EstimationError(
            "The wave column has too many values.",
            where=name,
            got=f"{len(found)} values",
            expected=f"one value a wave, at most {_MOST}",
            fix="make a column of waves from the dates of interviews",
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        there = [c for c in column.dtype.categories if c in found]
        known = variable is not None and all(v in variable.codes for v in found)
        if column.dtype.ordered and not known:
            return there
        found = there
    if (order := in_order(found, variable)) is not None:
        return order
    raise EstimationError(
        "The order of the waves is unknown.",
        where=name,
        got=describe_values(found, variable, column=column),
        expected="numbers, dates, ordered categories, or codes of the codebook in their order",
        fix="give it: waves=[first, second]",
    )


def in_order(found: list[Any], variable: Variable | None) -> list[Any] | None:
    """Waves in the order of the codebook, of numbers and dates, also where these are text; None where none is known."""
    codes = () if variable is None else variable.codes
    if found and all(v in codes for v in found):
        return [c for c in codes if c in found]
    if not any(isinstance(v, str) for v in found):
        return sorted(found)
    texts = pd.Series([str(v).strip() for v in found])
    for read in (pd.to_numeric, lambda t, errors: pd.to_datetime(t, errors=errors, format="ISO8601")):
        value = read(texts, errors="coerce")
        if value.notna().all() and value.nunique() == len(value):
            return [found[i] for i in np.argsort(value.to_numpy(), kind="stable")]
    return None


def as_period(book: Codebook, waves: Waves) -> Codebook:
    """The codebook in which the wave column is one of time, so that a difference of two waves reads as a change."""
    variable = book.variables.get(waves.name, Variable(waves.name, type="nominal"))
    labels: Mapping[Any, Any] = variable.labels
    if all(isinstance(v, str) for v in waves.values):  # their order is the one that was found or given
        labels = {v: variable.labels.get(v, same_text(v)) for v in waves.values}
    made = replace(variable, role="period", labels=labels)
    return replace(book, variables={**book.variables, waves.name: made})


def drawn_together(sample: SampleData, waves: Waves, clusters: str | None, by: Sequence[str]) -> tuple[Any, list[str]]:
    """The sample with the design that its waves need, and what must be said of the clusters they share.

    Raises
    ------
    EstimationError
        If ids of clusters are the same in two waves and mean different places, or are said to be the same and are not.
    """
    if clusters is not None:
        one_of(clusters, CLUSTERS, "kind of clusters", EstimationError, where="clusters=")
    if clusters == "new":
        return _by_wave(sample, waves), []
    structure = sample.structure
    inside = waves.number >= 0
    if not structure.stages:  # respondents were drawn directly: only `person` can say who is asked twice
        return sample, []
    psu = structure.psu[structure.unit]
    shared = _in_several(psu[inside], waves.number[inside], len(structure.stages[0].parent))
    if not shared.any():
        if clusters == "same":
            raise EstimationError(
                "No cluster is in more than one wave.",
                where=f"psu = {shorten(sample.design.psu)}",
                got="cluster ids that differ between waves",
                expected='clusters="same": ids that are the same in each wave in which a cluster was drawn',
                fix="use the ids of the frame in all waves, or leave clusters= out",
            )
        stratum = structure.stratum[structure.unit]
        mixed = _in_several(stratum[inside], waves.number[inside], int(structure.stratum.max()) + 1)
        return sample, [Note("notes.strata_of_waves")] if sample.design.strata and mixed.any() else []
    if clusters is None:
        _refuse_alike(sample, waves, psu, shared, by)
        each = np.zeros(len(shared), bool)
        each[psu[inside]] = True
        return sample, [Note("notes.clusters_shared", clusters=int(shared.sum()), all=int(each.sum()))]
    return sample, []


def _in_several(unit: NDArray[np.int64], wave: NDArray[np.int64], units: int) -> Bools:
    """Which units have rows in more than one wave: (units,)."""
    waves = int(wave.max(initial=0)) + 1
    there = np.bincount(unit * waves + wave, minlength=units * waves).reshape(units, waves) > 0
    return np.asarray(there.sum(axis=1) > 1)


def _refuse_alike(sample: SampleData, waves: Waves, psu: NDArray[np.int64], shared: Bools, by: Sequence[str]) -> None:
    """Raise if clusters of the same id lie in different places in different waves: their numbering starts again."""
    known = [n for n, v in sample.codebook.variables.items() if v.role == "stratum" and n in sample.data.columns]
    rows = np.flatnonzero((waves.number >= 0) & shared[psu])
    for name in dict.fromkeys([*by, *known]):
        if name in (waves.name, *sample.design.psu):
            continue
        place = composed_column(sample.data[name].iloc[rows]) if name in sample.data.columns else None
        if place is None:
            continue
        code, _ = pd.factorize(place)
        frame = pd.DataFrame({"psu": psu[rows], "wave": waves.number[rows], "place": code})
        frame = frame[frame["place"] >= 0]
        if (frame.groupby(["psu", "wave"])["place"].nunique() > 1).any():
            continue  # within a cluster people differ: it says nothing of where the cluster is
        moved = frame.groupby("psu")["place"].nunique() > 1
        if moved.any():
            raise EstimationError(
                "Clusters of the same id lie in different groups in different waves.",
                where=f"psu = {shorten(sample.design.psu)}",
                got=f"{int(moved.sum())} of {int(shared.sum())} shared ids with more than one value of {name}",
                expected="ids that mean the same cluster in every wave",
                fix='clusters="new" if the numbering starts again in each wave; clusters="same" if it does not',
            )


def _by_wave(sample: SampleData, waves: Waves) -> Any:
    """The sample in which each wave is a sample of its own: strata by wave, clusters within them."""
    _refuse_replicates(sample, 'clusters="new"')
    design, name = sample.design, "_stratum_of_wave"
    code, _ = factorize([pd.Series(waves.number), *(sample.data[c] for c in design.strata[:1])])
    data = sample.data.copy(deep=False)
    data[name] = code
    made = replace(design, strata=(name, *design.strata[1:]), nest=True)
    return _drawn_as(sample, data, made)


def _drawn_as(sample: SampleData, data: pd.DataFrame, design: Design) -> Any:
    """The same respondents, drawn in another way; rows stand for as many people as before."""
    old = sample.structure
    structure = replace(CodedDesign.of(data, design), people=old.people, squared=old.squared)
    return type(sample).of(replace(sample.responses, data=data), design, structure)


def _refuse_replicates(sample: SampleData, asked: str) -> None:
    design = sample.design
    if design.replicates is not None or design.absent is not None:
        raise EstimationError(
            "The design cannot be changed after replicates or the nonrespondents were made for it.",
            where=asked,
            got="replicates" if design.replicates is not None else "nonrespondents kept in the design",
            expected="a sample without them",
            fix="declare strata by wave, or psu=, in sv.Sample(...), and do the rest afterwards",
        )


def people(sample: SampleData, waves: Waves, person: str) -> tuple[Any, NDArray[np.int64]]:
    """The sample in which people are asked again, and who each row is (-1 where nobody knows).

    Where respondents were drawn directly, the person becomes the cluster, so that what one person said in two waves is
    not taken for two people. Within clusters that is so already.

    Raises
    ------
    EstimationError
        If an id stands twice in a wave, or its person is in another cluster or stratum in another wave.
    """
    (person,) = columns_named([person], sample.data.columns)
    columns_exist([person], sample.data.columns, "The data have no such column of people.", EstimationError)
    refuse_codes_of(sample.data, sample.codebook, [person], "person")
    everyone, _ = pd.factorize(composed_column(sample.data[person]))
    who = np.where(waves.number >= 0, everyone, -1).astype(np.int64)
    known = who >= 0
    twice = pd.DataFrame({"who": who[known], "wave": waves.number[known]}).duplicated().to_numpy()
    if sample.structure.people is not None:
        twice = twice | (sample.structure.people[known] > 1)
    if twice.any():
        raise EstimationError(
            "A person stands in a wave more than once.",
            where=person,
            got=f"{int(twice.sum())} rows of people who are in the wave already",
            expected="each id once in each wave",
            fix="drop repeated rows with a reason, or name the column that identifies people, not households",
        )
    structure, units = sample.structure, int(everyone.max(initial=-1)) + 1
    place = structure.psu[structure.unit] if structure.stages else structure.stratum[structure.unit]
    first, named = np.zeros(units, np.int64), everyone >= 0
    first[everyone[named][::-1]] = place[named][::-1]
    moved = np.unique(everyone[named][first[everyone[named]] != place[named]])
    if len(moved):
        kind = "clusters" if structure.stages else "strata"
        raise EstimationError(
            f"People are in different {kind} in different waves.",
            where=person,
            got=f"{len(moved)} of {units} people",
            expected=f"the {kind[:-1] if structure.stages else 'stratum'} in which each was drawn, in every wave",
            fix="carry the design columns of the first wave over to later ones (strata must not be by wave)",
        )
    if structure.stages or (sample.design.replicates is not None and sample.design.replicates.columns):
        return sample, who  # a producer's replicates hold what waves have in common
    _refuse_replicates(sample, "person=")
    data, name = sample.data.copy(deep=False), "_person"
    data[name] = np.where(everyone >= 0, everyone, units + np.arange(len(who)))  # also of waves that are left out
    made = replace(sample.design, psu=(name,))
    return _drawn_as(sample, data, made), who


def said(sample: SampleData, waves: Waves) -> list[str]:
    """How interviews, frames or interviewers differ between waves: part of a change may be theirs."""
    found: list[str] = []
    inside = waves.number >= 0
    for name in LOOKED_AT:
        if name not in sample.data.columns:
            continue
        code, kinds = pd.factorize(composed_column(sample.data[name]))
        at = inside & (code >= 0)
        if not at.any() or len(kinds) > _MOST_KINDS:
            continue
        size = len(waves.values) * len(kinds)
        key = waves.number[at] * len(kinds) + code[at]
        table = weighted_count(key, sample.weights[at], size).reshape(len(waves.values), len(kinds))
        asked = table.sum(axis=1) > 0
        if (~asked).any() and asked.any():
            found.append(Note("notes.waves_unknown", column=name))
        share = table[asked] / table[asked].sum(axis=1)[:, None]
        if len(share) > 1 and (share.max(axis=0) - share.min(axis=0)).max() > _DIFFERENT:
            found.append(Note("notes.waves_differ", column=name, most=round(100 * float(np.ptp(share, axis=0).max()))))
    return found

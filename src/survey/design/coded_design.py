"""A design as whole numbers: which unit each row belongs to, and what each unit's deviation is worth.

The variance of any statistic is a sum over stages of

    coef_p * sum over units i of parent p of (z_i - mean_p)^2,

where a parent is a stratum at the first stage and a cluster at the second, and

    coef = (1 - f) m / (m - 1),  at the second stage times the sampling fraction of the first

(Sarndal, Swensson & Wretman 1992, ch. 4; Lumley 2010). This module finds units, parents and coefficients once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist
from survey.base.arrays import Array
from survey.base.codes import Ints, composed, factorize, first_of, numbers, sorted_codes
from survey.codebook.told import describe_groups, describe_rows, describe_values
from survey.design.design import Design
from survey.design.stages import Stage, design_numbers, sampling_fractions, stage_of
from survey.errors import DesignError, shorten

__all__ = ["CodedDesign", "Ints", "Stage", "composed", "factorize", "numbers"]


@dataclass(frozen=True, slots=True)
class CodedDesign:
    """The design of `rows` respondents, coded.

    Parameters
    ----------
    weights : array (rows,)
    unit : int array (rows,)
        The unit in which a row is counted: the last-stage cluster; where elements are the last stage, what they
        were drawn from.
    units : int
    stages : tuple of Stage
        Stages whose units are sums of counted units, first stage first.
    member : tuple of int arrays (units,)
        For each stage, the stage's unit in which a counted unit lies.
    elements : Stage, optional
        Set when rows themselves are the units of the last stage; its parents are the counted units.
    stratum : int array (units,)
        First-stage stratum of each counted unit.
    psu : int array (units,)
        First-stage cluster of each counted unit; for elements drawn directly, empty.
    strata : DataFrame
        Labels of the strata, in the order of their codes.
    lonely_rule : str
    silent : int array (absent,)
        Unit of everyone who was drawn and did not answer (`Design.absent`): units and sizes count them, rows do not.
    people : int array (rows,) or None
        How many respondents each row stands for, who are alike in all that is asked of them and weigh as much together
        as the row does; None where each is one.
    squared : array (rows,) or None
        The sum of the squares of their weights.
    elsewhere : int
        Respondents whose rows are not here, but were counted.
    """

    weights: Array
    unit: Ints
    units: int
    stages: tuple[Stage, ...]
    member: tuple[Ints, ...]
    elements: Stage | None
    stratum: Ints
    psu: Ints
    strata: pd.DataFrame
    lonely_rule: str
    silent: Ints
    people: Ints | None = None
    squared: Array | None = None
    elsewhere: int = 0

    @property
    def squares(self) -> Array:
        """Squares of weights, summed over the people that each row stands for: (rows,)."""
        return self.weights**2 if self.squared is None else self.squared

    def weighed(self, weights: Array) -> CodedDesign:
        """The same rows with other weights; of people who stand in one row, each weight moves alike."""
        if self.squared is None:
            return replace(self, weights=weights)
        moved = np.divide(weights, self.weights, out=np.zeros(len(weights)), where=self.weights > 0)
        return replace(self, weights=weights, squared=self.squared * moved**2)

    @property
    def rows(self) -> int:
        """Respondents."""
        return len(self.unit)

    @property
    def counted(self) -> NDArray[np.bool_] | None:
        """Rows with a weight above 0; None where all are. A weight of 0 is drawn, and outside every domain."""
        return None if self.weights.min(initial=1.0) > 0 else self.weights > 0

    @property
    def drawn(self) -> Ints:
        """The unit of everyone drawn: respondents, then the silent."""
        return np.append(self.unit, self.silent) if len(self.silent) else self.unit

    @classmethod
    def of(cls, frame: pd.DataFrame, design: Design) -> CodedDesign:
        """Code a design.

        Raises
        ------
        DesignError
            For a column that does not exist; a weight that is missing, negative or infinite, or weights that are all 0;
            a missing stratum, cluster or fpc; cluster ids that repeat in strata; an fpc that varies or is smaller than
            its sample; under the rule "fail", strata with one cluster or clusters with one second-stage unit.
        """
        check_columns(frame, design)
        weights = weights_of(frame, design)
        if len(frame) == 0:
            raise DesignError("The data have no rows.", expected="at least one respondent")
        if design.absent is None:
            return cls._coded(frame, weights, design)
        columns = list(dict.fromkeys((*design.strata, *design.psu, *design.fpc)))
        everyone = pd.concat([frame[columns], design.absent.rows[columns]])
        coded = cls._coded(everyone, weights, design)
        return replace(coded, unit=coded.unit[: len(frame)], silent=coded.unit[len(frame) :])

    @classmethod
    def _coded(cls, frame: pd.DataFrame, weights: Array, design: Design) -> CodedDesign:
        """Code everyone drawn."""
        n = len(frame)
        nobody = np.zeros(0, np.int64)
        stratum, strata = _codes(frame, design.strata[:1])
        if not design.psu:
            sizes = np.bincount(stratum, minlength=len(strata)) if design.strata else np.array([n])
            fraction = sampling_fractions(frame, design.fpc[:1], stratum, sizes, strata)
            elements = stage_of(
                np.arange(len(strata)), sizes, fraction, np.ones(len(strata)), strata, stratum, design.lonely
            )
            own = np.arange(len(strata))
            return cls(weights, stratum, len(strata), (), (), elements, own, nobody, strata, design.lonely, nobody)

        psu, psu_labels = _codes(frame, design.psu[:1])
        psu, stratum_of_psu = _nested(psu, psu_labels, stratum, design)
        sizes = np.bincount(stratum_of_psu, minlength=len(strata))
        fraction = sampling_fractions(frame, design.fpc[:1], stratum, sizes, strata)
        first = stage_of(stratum_of_psu, sizes, fraction, np.ones(len(strata)), strata, stratum, design.lonely)
        own = np.arange(len(stratum_of_psu))
        if len(design.psu) == 1:
            return cls(
                weights, psu, len(own), (first,), (own,), None, stratum_of_psu, own, strata, design.lonely, nobody
            )

        # second stage: units within clusters (and within the second stage's own strata, if it has any)
        parent, parent_labels = _codes_from([psu, *(frame[c] for c in design.strata[1:2])], design.strata[1:2])
        psu_of_parent = first_of(parent, psu, len(parent_labels))
        ssu, ssu_labels = _codes_from([parent, frame[design.psu[1]]], (design.psu[1],))
        parent_of_ssu = first_of(ssu, parent, len(ssu_labels))
        sizes2 = np.bincount(parent_of_ssu, minlength=len(parent_labels))
        named = [*design.strata[: int(design.nest)], design.psu[0], *design.strata[1:2]]
        clusters = frame[named].iloc[first_of(parent, np.arange(n), len(parent_labels))]
        fraction2 = sampling_fractions(frame, design.fpc[1:2], parent, sizes2, clusters)
        worth = fraction[stratum_of_psu[psu_of_parent]]
        second = stage_of(parent_of_ssu, sizes2, fraction2, worth, clusters, parent, design.lonely, "clusters")
        if len(ssu_labels) == n:
            last = Stage(np.arange(len(parent_labels)), second.size, second.coef, second.lonely)
            return cls(
                weights,
                parent,
                len(parent_labels),
                (first,),
                (psu_of_parent,),
                last,
                stratum_of_psu[psu_of_parent],
                psu_of_parent,
                strata,
                design.lonely,
                nobody,
            )
        psu_of_ssu = psu_of_parent[parent_of_ssu]
        return cls(
            weights,
            ssu,
            len(ssu_labels),
            (first, second),
            (psu_of_ssu, np.arange(len(ssu_labels))),
            None,
            stratum_of_psu[psu_of_ssu],
            psu_of_ssu,
            strata,
            design.lonely,
            nobody,
        )


def check_columns(frame: pd.DataFrame, design: Design) -> None:
    """Raise if the design names a column that the data lack."""
    columns_exist(
        design.columns,
        frame.columns,
        "The design names columns that are not in the data.",
        DesignError,
        fix="correct the names, or add the columns to the data",
    )


_SMALLEST, _LARGEST = 1e-100, 1e100  # weights, and sums of them, are squared


def weights_of(frame: pd.DataFrame, design: Design) -> Array:
    """The weights as an array (rows,); ones if the design says that every row counts once."""
    if design.weights is None:
        return np.ones(len(frame))
    column = frame[design.weights]
    weights = design_numbers(column, "weight")
    if len(weights) and weights.min() > 0 and _SMALLEST <= weights.max() <= _LARGEST:
        return weights
    bad = ~(weights >= 0) | np.isinf(weights)
    if bad.any():
        raise DesignError(
            "Some weights are missing, infinite or negative.",
            where=f"column {design.weights!r}, rows {describe_rows(frame.index, bad)}",
            got=describe_values(column[bad].unique(), column=column),
            expected="a number for every respondent: above 0, or 0 for respondents outside the population",
            fix="correct the file (weights are never guessed), or give weight 0 to respondents outside the population",
        )
    if len(weights) and not weights.any():
        raise DesignError(
            "All weights are 0.",
            where=f"column {design.weights!r}",
            got=f"{len(weights)} rows with weight 0",
            expected="some weights above 0",
            fix="name the weight column that the study uses",
        )
    if len(weights) and not _SMALLEST <= weights.max() <= _LARGEST:
        raise DesignError(
            f"The weights are too {'large' if weights.max() > 1 else 'small'} to compute variances with.",
            where=f"column {design.weights!r}",
            got=f"a largest weight near 1e{np.log10(weights.max()):.0f}",
            expected=f"one from {_SMALLEST:g} to {_LARGEST:g}",
            fix="divide the column by its mean first",
        )
    return weights


def _codes(frame: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Ints, pd.DataFrame]:
    if not columns:
        return np.zeros(len(frame), np.int64), pd.DataFrame({"stratum": ["all"]})
    return _codes_from([frame[c] for c in columns], columns)


def _codes_from(columns: list[pd.Series | Ints], names: tuple[str, ...]) -> tuple[Ints, pd.DataFrame]:
    code, labels = factorize(columns)
    if (code < 0).any():
        index = next(c.index for c in columns if isinstance(c, pd.Series))
        raise DesignError(
            "Some rows have no stratum or cluster.",
            where=f"column {shorten(names)}, rows {describe_rows(index, code < 0)}",
            got="missing",
            expected="a value for every respondent",
            fix="correct the file, or drop these rows with a reason before sv.Sample",
        )
    infinite = [n for n in labels if labels[n].dtype.kind == "f" and np.isinf(labels[n].to_numpy(float)).any()]
    if infinite:
        raise DesignError(
            "A stratum or cluster id is infinite.",
            where=f"column {shorten(names)}",
            got="inf",
            expected="finite ids",
            fix="correct the file: infinite numbers usually come from a division by zero",
        )
    return code, labels


def _nested(psu: Ints, labels: pd.DataFrame, stratum: Ints, design: Design) -> tuple[Ints, Ints]:
    """Clusters as codes over all strata, and the stratum of each."""
    stratum_of_psu = first_of(psu, stratum, len(labels))
    astray = stratum_of_psu[psu] != stratum
    if not astray.any():
        return psu, stratum_of_psu
    if not design.nest:
        twice = np.unique(psu[astray])
        named = describe_groups(labels.iloc[twice, 0], np.bincount(psu)[twice])
        raise DesignError(
            "Cluster ids repeat in different strata.",
            where=f"psu = {design.psu[0]!r}, strata = {design.strata[0]!r}",
            got=f"{len(twice)} ids in more than one stratum: {named}",
            expected="each cluster in one stratum",
            fix="pass nest=True if numbering restarts in each stratum; otherwise correct the ids",
        )
    code, kept = sorted_codes(stratum * len(labels) + psu)
    return code, kept // len(labels)

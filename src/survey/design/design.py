"""How respondents were chosen: weights, strata, clusters, population sizes, replicate weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from survey.base.arguments import check_fields, checked, explained_verbs, in_range, listed, one_of
from survey.base.arrays import Array
from survey.base.card import Card, Displayed
from survey.base.catalogue import Note, in_turn
from survey.base.frames import locked
from survey.base.renamed import Renamed
from survey.base.suggestions import did_you_mean
from survey.design.cards import design_card
from survey.design.targets import Targets
from survey.errors import DesignError, shorten

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LONELY_RULES", "Adjustment", "Design", "Nonrespondents", "Replicates"]

LONELY_RULES = ("fail", "adjust", "centered", "average", "remove", "certainty")
"""What a stratum with a single cluster contributes: nothing ("remove", "certainty"); the square of its total, as in R's
`survey` 4.1 ("adjust"); its squared deviation from the mean of all clusters, as Stata's singleunit(centered) does
("centered"; the same as "adjust" for means, whose influence sums to zero); the mean of the others ("average")."""


SCALES: dict[str, Callable[[int], float]] = {
    "JK1": lambda r: (r - 1) / r,
    "JKn": lambda r: 1.0,
    "BRR": lambda r: 1 / r,
    "bootstrap": lambda r: 1 / r,
    "SDR": lambda r: 4 / r,
}
"""What the squared deviations of R replicates are multiplied by (Wolter 2007; Fay & Train 1995 for SDR)."""


@explained_verbs(DesignError)
@dataclass(frozen=True, slots=True)
class Replicates:
    """Replicate weights: the sample as it might have been if drawn again.

    Parameters
    ----------
    method : str
        "JK1", "JKn", "BRR", "Fay", "SDR" (successive differences, as in the ACS), "bootstrap" or "other"; in any case.
    columns : tuple of str
        Columns of the data, one per replicate; empty if `multipliers` is given.
    multipliers : array (units, replicates), optional
        What each cluster's weights are multiplied by; made by `Sample.replicates`.
    scale : float, optional
        By default that of the method: (R - 1) / R for JK1, 1 for JKn, 1 / R for BRR and bootstrap, 4 / R for SDR; it
        must be given for Fay (1 / (R (1 - rho)^2)) and "other".
    rscales : array (replicates,)
        Variance = scale * sum over replicates of rscales * (estimate_r - centre)^2.
    mse : bool
        Centre on the full-sample estimate (True) or on the mean of the replicates.
    combined : bool
        Whether `columns` hold complete weights (True) or multipliers of the weight (False).
    df : float, optional
        Degrees of freedom; found from the rank of the replicates when not given.
    per : str
        What `multipliers` has a row for: "psu" (first-stage clusters) or "unit" (the last stage counted; respondents
        where they are drawn directly).
    note : str
        What a reader of the estimates must know of these replicates.
    """

    method: str
    columns: tuple[str, ...] = ()
    multipliers: Array | None = None
    scale: float | None = None
    rscales: Array | None = None
    mse: bool = True
    combined: bool = True
    df: float | None = None
    per: str = "psu"
    note: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.columns, str):
            raise DesignError(
                "Replicate weights must be a list of columns.", got=self.columns, expected="a list of names"
            )
        if not isinstance(self.columns, Iterable):
            raise DesignError(
                "Replicate weights must be a list of columns.",
                got=type(self.columns).__name__,
                expected="a list of names",
            )
        object.__setattr__(self, "columns", tuple(self.columns))
        check_fields(self, DesignError, but=("method",))
        one_of(self.per, ("psu", "unit"), "kind of unit", DesignError, where="Replicates(per=...)")
        if self.df is not None:
            message, where = "The degrees of freedom of replicates must be positive.", "Replicates(df=...)"
            in_range(self.df, message, DesignError, where=where, expected="above 0", fits=lambda v: v > 0)
        known = {m.lower(): m for m in (*SCALES, "Fay", "rwyb", "other")}
        if str(self.method).lower() not in known:
            raise DesignError(
                "An unknown replication method.",
                where="method",
                got=repr(self.method),
                expected=shorten(known.values()),
                fix=did_you_mean([self.method], known.values(), "choose one of these"),
            )
        object.__setattr__(self, "method", known[str(self.method).lower()])
        for name in ("multipliers", "rscales"):
            object.__setattr__(self, name, locked(getattr(self, name)))
        if self.scale is None and (self.method not in SCALES or (self.method == "JKn" and self.rscales is None)):
            raise DesignError(
                "The scale of these replicates is unknown.",
                where=f"method {self.method!r}",
                expected="scale= (and rscales= for JKn), as the producer states them",
                fix="Fay: scale = 1 / (R (1 - rho)^2); JKn: rscales = (n_h - 1) / n_h of each replicate's stratum",
            )

    @property
    def count(self) -> int:
        """Number of replicates."""
        return len(self.columns) if self.multipliers is None else self.multipliers.shape[1]

    @property
    def factor(self) -> float:
        """The scale, as given or as the method says."""
        return SCALES[self.method](self.count) if self.scale is None else self.scale


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One adjustment of the weights: what standard errors, replicates and diagnostics need to know about it.

    Parameters
    ----------
    method : str
        "nonresponse" (weighting classes), "propensity", "rake", "poststratify", "linear", "raking", "logit",
        "entropy", "trim", "scale".
    margins : tuple of tuple of str
        Categorical margins; each inner tuple is crossed. For "nonresponse", the weighting classes.
    numbers : tuple of tuple of str
        Variables whose sums were met: the groups it was met within, and the number last.
    weights_before : str
        Column of the weights from before this adjustment: the regression of influence values uses them
        (Deville & Sarndal 1992).
    targets : Targets, optional
        What was met; replicates are brought to it one by one.
    bounds : (low, high), optional
        Range of the factors on the weights.
    unit : str
        Column of households whose members share one weight; "" for none.
    formula : str
        Of the response propensity model; `model` lists its variables, and `propensity` is the column of what it gave.
    model : tuple of str
    propensity : str
    limits : (low, high), optional
        Of the weights themselves: what trimming enforced.
    iterations : int
    worst : float
        Largest relative difference from a target, measured after the last iteration.
    settings : mapping
        How scaling and trimming were asked for, so that every replicate is scaled and trimmed again. Empty in files
        stored before: their factors are those of the whole sample in every replicate.
    met : bool
        Whether totals were met that are not kept, as where cells stand for rows.
    """

    method: str
    margins: tuple[tuple[str, ...], ...] = ()
    numbers: tuple[tuple[str, ...], ...] = ()
    weights_before: str = ""
    targets: Targets | None = None
    bounds: tuple[float, float] | None = None
    unit: str = ""
    formula: str = ""
    model: tuple[str, ...] = ()
    propensity: str = ""
    limits: tuple[float, float] | None = None
    iterations: int = 0
    worst: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    met: bool = field(default=False, metadata={"stored": False})

    @property
    def calibrates(self) -> bool:
        """Whether it brought the weights to known totals."""
        return self.targets is not None or self.met


@dataclass(frozen=True, slots=True)
class Nonrespondents:
    """Sampled cases without answers: they keep their place in the design and have no row in the data.

    Parameters
    ----------
    rows : DataFrame
        The design's columns, the weighting classes or variables of the response model, and `weights`.
    weights : str
        Column of the weight that was theirs to give away: the design weight of an eligible nonrespondent, a share of
        it where eligibility is unknown, 0 of those who are not eligible.
    """

    rows: pd.DataFrame
    weights: str


@explained_verbs(DesignError)
@dataclass(frozen=True, slots=True)
class Design(Displayed):
    """The sampling design, by the names of its columns.

    Parameters
    ----------
    weights : str or None
        Column of sampling weights. None means that every row counts once; it is never guessed.
    strata, psu, fpc : tuple of str
        One column per stage; `strata` of the second stage may be left out. No `psu`: every row is a cluster.
    nest : bool
        Cluster ids start again in each stratum.
    lonely : str
        What a stratum with one cluster does: one of `LONELY_RULES`.
    replicates : Replicates, optional
    adjustments : tuple of Adjustment
        What was done to the weights, oldest first.
    absent : Nonrespondents, optional
        The nonrespondents, once their weight went to the respondents.
    """

    weights: str | None
    strata: tuple[str, ...] = ()
    psu: tuple[str, ...] = ()
    fpc: tuple[str, ...] = ()
    nest: bool = False
    lonely: str = "fail"
    replicates: Replicates | None = None
    adjustments: tuple[Adjustment, ...] = ()
    absent: Nonrespondents | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        advice = "sv.Design.from_columns(...) takes one name, or a list by stage"
        check_fields(self, DesignError, fix=dict.fromkeys(("strata", "psu", "fpc"), advice))
        for name in ("strata", "psu", "fpc"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        one_of(self.lonely, LONELY_RULES, "rule for lonely clusters", DesignError, where="Design(lonely=...)")

    @classmethod
    @checked(DesignError)
    def from_columns(
        cls,
        *,
        weights: str | None,
        strata: str | Sequence[str] | None = None,
        psu: str | Sequence[str] | None = None,
        fpc: str | Sequence[str] | None = None,
        nest: bool = False,
        lonely: str = "fail",
        replicates: Replicates | None = None,
    ) -> Design:
        """Make a design from column names, each alone or in a list by stage.

        Raises
        ------
        DesignError
            For an unknown `lonely` rule, or more population sizes than stages.
        """
        stages = _names(psu)
        if len(stages) > 2:
            raise DesignError(
                "At most two stages of clusters are supported.",
                got=shorten(stages),
                expected="psu, or [psu, ssu]",
                fix="give the first two: further stages add nothing once the second is accounted for",
            )
        sizes = _names(fpc)
        if len(sizes) > max(len(stages), 1):
            raise DesignError(
                "There are more finite population corrections than stages of clusters.",
                got=f"fpc = {shorten(sizes)}; psu = {shorten(stages)}",
                expected="one fpc per stage, starting with the first",
            )
        if len(stages) == 2 and len(sizes) != 2:
            raise DesignError(
                "Two-stage clusters need both population sizes: without them the second stage contributes nothing.",
                got=f"psu = {shorten(stages)}; fpc = {shorten(sizes) or 'none'}",
                expected="fpc=[clusters, people]",
                fix="give fpc for both stages, or name only the first-stage clusters in psu=",
            )
        return cls(weights, _names(strata), stages, sizes, nest, lonely, replicates)

    of = Renamed("from_columns")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the design stands on."""
        replicate_columns = self.replicates.columns if self.replicates else ()
        own = (() if self.weights is None else (self.weights,)) + self.strata + self.psu + self.fpc
        return tuple(dict.fromkeys(own + tuple(replicate_columns)))

    def reweighted(self, weights: str, adjustment: Adjustment | None = None) -> Design:
        """The design with another weight column, remembering what it was adjusted to."""
        added = () if adjustment is None else (adjustment,)
        return replace(self, weights=weights, adjustments=self.adjustments + added)

    def _card(self) -> Card:
        own = {name: getattr(self, name) for name in ("weights", "strata", "psu", "fpc", "nest", "lonely")}
        made = None if self.replicates is None else (self.replicates.method, self.replicates.count)
        return design_card(**own, methods=[a.method for a in self.adjustments], replicates=made)

    def describe(self) -> str:
        """The design in one line."""
        parts = [Note("design.weights", column=self.weights) if self.weights else Note("design.unweighted")]
        for key, columns in (("strata", self.strata), ("clusters", self.psu), ("fpc", self.fpc)):
            if columns:
                parts.append(Note(f"design.{key}", columns=" / ".join(columns)))
        if not self.psu:
            parts.append(Note("design.elements"))
        if self.adjustments:
            parts.append(Note("design.adjusted", methods=tuple(a.method for a in self.adjustments)))
        if self.replicates:
            parts.append(Note("design.replicates", method=self.replicates.method))
        return in_turn(parts)


def _names(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(listed(value))

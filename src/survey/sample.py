"""Responses and the design they were drawn by: the object that people type after.

The class body is a table of contents: it names each verb and the module that holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from survey import (
    display,
    estimate,
    impact,
    models,
    moments,
    nonanswers,
    quantiles,
    resampling,
    weight_effects,
    weighting,
)
from survey._arguments import checked, explained_verbs
from survey._linalg import Array
from survey._names import column_named, columns_named
from survey.codebook import Codebook
from survey.design import Design, Replicates
from survey.errors import DesignError, EstimationError
from survey.replicated import check_replicates, degrees_of_freedom, warn_of_kind
from survey.responses import Responses
from survey.structure import Structure
from survey.weighting.readjust import Readjusted
from survey.weighting.residuals import Residuals

__all__ = ["Sample"]


@explained_verbs(EstimationError)
@dataclass(frozen=True, init=False, eq=False)
class Sample:
    """Answers with their sampling design.

    Parameters
    ----------
    data : Responses or DataFrame
    weights : str or None
        Column of sampling weights. It must be named: None says that every row counts once, and is never assumed. A
        weight of 0 is somebody who was drawn and is outside every domain; dropping the row changes standard errors.
    strata, psu, fpc : str or list of str, optional
        Columns of strata, clusters and population sizes (or sampling fractions), one a stage. Without `psu` every
        row is a cluster.
    nest : bool
        Cluster ids start again in each stratum.
    lonely : {"fail", "adjust", "centered", "average", "remove", "certainty"}
        What a stratum with a single cluster does, and a cluster with a single second-stage unit of several.

    Raises
    ------
    DesignError
        If the columns describe no possible sample.

    Examples
    --------
    >>> sample = sv.Sample(clean, weights="w_design", strata="stratum", psu="psu")  # doctest: +SKIP
    >>> sample.mean("friendliness", by=["ward_legacy_code", "wave"])  # doctest: +SKIP
    """

    responses: Responses
    design: Design

    @checked(DesignError)
    def __init__(
        self,
        data: Responses | pd.DataFrame,
        *,
        weights: str | None,
        strata: str | Sequence[str] | None = None,
        psu: str | Sequence[str] | None = None,
        fpc: str | Sequence[str] | None = None,
        nest: bool = False,
        lonely: str = "fail",
        replicates: Replicates | None = None,
    ) -> None:
        frame = data if isinstance(data, pd.DataFrame) else getattr(data, "data", None)
        if isinstance(frame, pd.DataFrame):  # a name in the other Unicode form is the same name
            weights = column_named(weights, frame.columns)
            strata, psu, fpc = (
                columns_named([v] if isinstance(v, str) else v or (), frame.columns) for v in (strata, psu, fpc)
            )
        design = Design.of(
            weights=weights, strata=strata, psu=psu, fpc=fpc, nest=nest, lonely=lonely, replicates=replicates
        )
        if isinstance(data, pd.DataFrame):
            data = Responses(data)
        if not isinstance(data, Responses):
            raise DesignError(
                "A sample is made of responses.", got=type(data).__name__, expected="Responses or a DataFrame"
            )
        object.__setattr__(self, "responses", data)
        object.__setattr__(self, "design", design)
        self.structure  # noqa: B018 - a design that cannot be must fail here, not at the first estimate
        if replicates is not None and replicates.columns:
            warn_of_kind(self.data, replicates, self.weights, weights is not None)

    @classmethod
    def of(cls, responses: Responses, design: Design, structure: Structure | None = None) -> Sample:
        """A sample from responses and a design that stand already; `structure` where it is known too."""
        made = cls.__new__(cls)
        object.__setattr__(made, "responses", responses)
        object.__setattr__(made, "design", design)
        if structure is not None:
            made.__dict__["structure"] = structure
        made.structure  # noqa: B018
        if design.replicates is not None and design.adjustments:
            made.readjusted  # noqa: B018 - what cannot be done in a replicate must fail where it was asked for
        return made

    @property
    def data(self) -> pd.DataFrame:
        """The answers, one row a respondent."""
        return self.responses.data

    @property
    def codebook(self) -> Codebook:
        """What was asked; it remembers the files of the targets too."""
        used = [f for a in self.design.adjustments if a.targets is not None for f in a.targets.files]
        return self.responses.codebook.read_from(*used) if used else self.responses.codebook

    @property
    def weights(self) -> Array:
        """The current weights (rows,), in the order of the rows; they cannot be written to."""
        weights = self.structure.weights.view()
        weights.flags.writeable = False
        return weights

    @property
    def simulated(self) -> bool:
        """Whether these are simulated data, which say so wherever they appear."""
        return self.codebook.simulated

    @property
    def source(self) -> str:
        """Where the data come from, for the foot of figures and tables."""
        title = self.codebook.title.get("en") or self.codebook.title.get("vi") or ""
        return f"{title} (simulated data)" if self.simulated and title else title

    @cached_property
    def structure(self) -> Structure:
        """The design in whole numbers."""
        structure = Structure.of(self.data, self.design)
        if self.design.replicates is not None:
            check_replicates(structure, self.data, self.design.replicates)
        return structure

    @cached_property
    def residuals(self) -> Residuals:
        """What the weights were calibrated to, ready to be taken off influence values."""
        return Residuals.of(self.data, self.design, self.structure)

    @cached_property
    def replicate_df(self) -> float:
        """Degrees of freedom of the replicate weights."""
        if self.design.replicates is None:
            raise DesignError("The sample has no replicates.")
        first = self.design.adjustments[0].weights_before if self.design.adjustments else None
        base = self.weights if first is None else self.data[first].to_numpy(float)
        return degrees_of_freedom(base, self.design.replicates, self.data)

    @cached_property
    def readjusted(self) -> Readjusted:
        """The replicate weights, with every adjustment of the weights made anew in each."""
        return Readjusted.of(self.data, self.design, self.structure, progress=True)

    def uses_replicates(self, variance: str | None) -> bool:
        """Whether a verb takes its variance from replicates: where the sample has them, unless told otherwise.

        Raises
        ------
        DesignError
            If `variance` is neither "taylor" nor "replicate", or there are no replicates.
        """
        if variance not in (None, "taylor", "replicate"):
            raise DesignError("An unknown variance.", where="variance", got=repr(variance),
                              expected="'taylor' or 'replicate'", fix="choose one of these")  # fmt: skip
        if variance == "replicate" and self.design.replicates is None:
            raise DesignError(
                "The sample has no replicates.",
                where="sample.design.replicates",
                got="none",
                expected="replicate weights",
                fix="call sample.replicates('bootstrap') first, or name their columns",
            )
        return self.design.replicates is not None and variance != "taylor"

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"<Sample: {len(self):,} respondents; {self.design.describe()}>"

    _repr_html_ = display.sample_to_html

    # estimation
    mean = estimate.mean
    total = estimate.total
    proportion = estimate.proportion
    distribution = estimate.distribution
    ratio = estimate.ratio
    quantile = quantiles.quantile
    variance = moments.variance
    covariance = moments.covariance
    correlation = moments.correlation
    cells = estimate.cells

    # those who did not say
    item_response = nonanswers.item_response
    band = nonanswers.band

    # replicates
    replicates = resampling.replicates
    replicate = resampling.replicate

    # models
    linear = models.linear

    # programmes
    effect = impact.effect

    # weighting
    adjust_nonresponse = weighting.adjust_nonresponse
    rake = weighting.rake
    poststratify = weighting.poststratify
    calibrate = weighting.calibrate
    trim = weighting.trim
    trimming_errors = weighting.trimming_errors
    scale_weights = weighting.scale_weights
    weight_diagnostics = weighting.weight_diagnostics
    weight_distribution = weighting.weight_distribution
    weight_effects = weight_effects.weight_effects
    margin_gaps = weighting.margin_gaps
    calibration = cached_property(weighting.calibration)

"""The state of a sample: responses and the design they were drawn by, in names and in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self, TypeVar

import pandas as pd

from survey.base.arguments import checked, explained_verbs
from survey.base.arrays import Array
from survey.base.frames import held
from survey.base.names import column_named, columns_named
from survey.calibration.readjusted import Readjusted
from survey.calibration.readjustment import readjust
from survey.calibration.residuals import Residuals
from survey.codebook import Codebook
from survey.core.responses_data import ResponsesData
from survey.design.coded_design import CodedDesign
from survey.design.design import Design, Replicates
from survey.design.replicate_checks import check_replicates, degrees_of_freedom, warn_of_kind
from survey.errors import DesignError, EstimationError

__all__ = ["S", "SampleData", "answers_in"]


@explained_verbs(EstimationError)
@dataclass(frozen=True, init=False, eq=False)
class SampleData:
    """State of `survey.sample.Sample`, which has the verbs; the fields are described there."""

    _responses: ClassVar[type[ResponsesData]] = ResponsesData  # what a plain frame becomes
    responses: ResponsesData
    design: Design

    @checked(DesignError)
    def __init__(
        self,
        data: ResponsesData | pd.DataFrame,
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
        design = Design.from_columns(
            weights=weights, strata=strata, psu=psu, fpc=fpc, nest=nest, lonely=lonely, replicates=replicates
        )
        if isinstance(data, pd.DataFrame):
            data = self._responses(data)
        if not isinstance(data, ResponsesData):
            raise DesignError(
                "A sample must be made from responses.", got=type(data).__name__, expected="Responses or a DataFrame"
            )
        object.__setattr__(self, "responses", data)
        object.__setattr__(self, "design", design)
        self.structure  # noqa: B018 - a design that cannot be must fail here, not at the first estimate
        if replicates is not None and replicates.columns:
            warn_of_kind(self.data, replicates, self.weights, weights is not None)

    @classmethod
    def of(cls, responses: ResponsesData, design: Design, structure: CodedDesign | None = None) -> Self:
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
        """The answers, one row per respondent."""
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
        """Whether these are simulated data, which are labelled wherever they appear."""
        return self.codebook.simulated

    @property
    def source(self) -> str:
        """Where the data come from, for the foot of figures and tables."""
        title = self.codebook.title.get("en") or self.codebook.title.get("vi") or ""
        return f"{title} (simulated data)" if self.simulated and title else title

    @cached_property
    def structure(self) -> CodedDesign:
        """The design in whole numbers."""
        structure = CodedDesign.of(self.data, self.design)
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
        """The replicate weights, with every adjustment of the weights repeated in each."""
        return readjust(self.data, self.design, self.structure, progress=True)

    def uses_replicates(self, variance: str | None) -> bool:
        """Whether a verb takes its variance from replicates: where the sample has them, unless specified otherwise.

        Raises
        ------
        DesignError
            If `variance` is neither "taylor" nor "replicate", or there are no replicates.
        """
        if variance not in (None, "taylor", "replicate"):
            raise DesignError(
                "An unknown variance method.",
                where="variance",
                got=repr(variance),
                expected="'taylor' or 'replicate'",
                fix="choose one of these",
            )
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
        return len(answers_in(self))

    def __repr__(self) -> str:
        return f"<Sample: {len(self):,} respondents; {self.design.describe()}>"


S = TypeVar("S", bound=SampleData)


def answers_in(sample: SampleData) -> pd.DataFrame:
    """`sample.data` itself and no copy of it, for whoever only reads it."""
    return held(sample.responses, "data")

"""Completed samples of multiple imputation: the verbs of one sample, pooled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

from survey.base.arguments import explained
from survey.errors import EstimationError, shorten
from survey.estimation.imputation import PooledEstimates, pool
from survey.models.model import Model
from survey.models.pooled import pool_models
from survey.sample import Sample

__all__ = ["POOLED", "Imputations"]


@dataclass(frozen=True)
class Imputations:
    """Completed samples that answer to the verbs of one.

    Parameters
    ----------
    samples : sequence of Sample
        The same respondents and design, with missing answers filled in differently.

    Examples
    --------
    >>> sv.Imputations([sample1, sample2, sample3]).mean("q1", by="ward")  # doctest: +SKIP
    """

    samples: tuple[Sample, ...]

    @explained(EstimationError)
    def __init__(self, samples: Sequence[Sample]) -> None:
        samples = tuple(samples)
        if len(samples) < 2:
            raise EstimationError("Multiple imputation needs at least two completed samples.", got=len(samples))
        strange = [type(s).__name__ for s in samples if not isinstance(s, Sample)]
        if strange:
            raise EstimationError(
                "Completed data sets must be samples.", got=shorten(strange), expected="sv.Sample objects"
            )
        sizes = {len(s) for s in samples}
        if len(sizes) > 1:
            raise EstimationError("Completed samples differ in size.", got=sorted(sizes), expected="the same rows")
        object.__setattr__(self, "samples", samples)

    @explained(EstimationError)
    def compare(self, *args: Any, **kwargs: Any) -> PooledEstimates:
        """Refuse: effect sizes and simultaneous intervals are not pooled; differences of means and shares are.

        Raises
        ------
        EstimationError
        """
        raise EstimationError(
            "Comparisons of multiply-imputed samples are not pooled.",
            got="Imputations.compare",
            expected="differences of pooled means or shares",
            fix='call imputations.mean(items, by=...).pairwise(adjust="holm"), or .contrast(...)',
        )


def _pooled(verb: str) -> Callable[..., PooledEstimates]:
    parameters = signature(getattr(Sample, verb))

    def method(self: Imputations, *args: Any, **kwargs: Any) -> PooledEstimates:
        asked = parameters.bind(None, *args, **kwargs).arguments
        interval = None if asked.get("net") is not None else asked.get("interval", "clustered")
        each = [getattr(sample, verb)(*args, **kwargs) for sample in self.samples]
        return pool_models(each) if isinstance(each[0], Model) else pool(each, interval)

    method.__name__ = verb
    method.__signature__ = parameters  # type: ignore[attr-defined]  # what help() shows
    method.__doc__ = f"As `Sample.{verb}`, pooled by Rubin's rules."
    return explained(EstimationError)(method)


POOLED = (
    "mean",
    "total",
    "proportion",
    "distribution",
    "ratio",
    "select_all",
    "options_chosen",
    "quantile",
    "variance",
    "covariance",
    "correlation",
    "linear",
    "logistic",
    "ordinal",
    "index",
)
for _verb in POOLED:
    setattr(Imputations, _verb, _pooled(_verb))

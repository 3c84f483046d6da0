"""What is said of answers before anything is estimated: how many came, and whom results do not describe."""

from __future__ import annotations

from survey.base.catalogue import texts
from survey.core.responses_data import ResponsesData
from survey.core.sample_data import SampleData
from survey.exhibits.finding import Finding

__all__ = ["limits", "received"]


def received(responses: ResponsesData, id: str = "received") -> Finding:
    """How many rows came, how many were rejected, how many are analysed.

    Parameters
    ----------
    responses : Responses
    id : str

    Returns
    -------
    Finding

    Examples
    --------
    >>> print(sv.narrative.received(clean))  # doctest: +SKIP
    """
    kept, rejected = len(responses.data), len(responses.rejected)
    numbers = {"received": kept + rejected, "rejected": rejected, "kept": kept}
    key = "narrative.received" if rejected else "narrative.received_all"
    return Finding.of(id, texts(key, **numbers), {name: float(n) for name, n in numbers.items()})


def limits(sample: SampleData, id: str = "limits") -> tuple[Finding, ...]:
    """What a sample does not allow to say, as far as its design shows it.

    Without weights, results describe the respondents and not the population; without strata and clusters, standard
    errors are those of a simple random sample, whatever was drawn.

    Parameters
    ----------
    sample : Sample
    id : str
        What the ids of the findings begin with.

    Returns
    -------
    tuple of Finding
        Empty where the sample has weights, and strata or clusters or replicate weights.

    Examples
    --------
    >>> [str(finding) for finding in sv.narrative.limits(sample)]  # doctest: +SKIP
    """
    design, n = sample.design, len(sample)
    found = []
    if design.weights is None and design.replicates is None:
        found.append(("weights", "narrative.limit_weights"))
    if not design.psu and not design.strata and design.replicates is None:
        found.append(("design", "narrative.limit_design"))
    return tuple(Finding.of(f"{id}_{name}", texts(key, n=n), {"n": float(n)}) for name, key in found)

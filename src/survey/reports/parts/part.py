"""A part of a report: which results it needs, and what it says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from survey.core.result import ResultData
from survey.reports.document import Block
from survey.reports.material import Material, Report

__all__ = ["Part", "nothing"]


def nothing(material: Material) -> Mapping[str, ResultData]:
    """No results: what a part says, it says of those of others."""
    return {}


@dataclass(frozen=True, slots=True)
class Part:
    """A part.

    Parameters
    ----------
    write : callable (Report) -> list of blocks
        In the language of the report. Empty where there is nothing to say: then the report says why in its limits.
    residents, firms : callable (Material) -> mapping of name to result
        What it estimates, by the names of the exhibits. Parts that name the same result share it.
    """

    write: Callable[[Report], list[Block]]
    residents: Callable[[Material], Mapping[str, ResultData]] = nothing
    firms: Callable[[Material], Mapping[str, ResultData]] = nothing

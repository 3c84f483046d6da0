"""An empty domain, and the values of its condition that nobody has."""

from __future__ import annotations

from collections.abc import Sequence

from survey.base.expressions import Where
from survey.core import unheld as of_data
from survey.core.sample_data import SampleData
from survey.core.unheld import Unheld
from survey.errors import EstimationError, shorten

__all__ = ["refuse_empty", "unheld"]

_MOST = 5


def unheld(sample: SampleData, where: Where) -> tuple[Unheld, ...]:
    """Find the values that a condition names and nobody in a sample has, with what may be meant."""
    return of_data.unheld(sample.data, sample.codebook, where)


def refuse_empty(found: Sequence[Unheld]) -> None:
    """Raise for a domain without people, which values that nobody has may explain."""
    meant = [one.meant for one in found if one.meant]
    raise EstimationError(
        "The domain is empty.",
        where="where=",
        got=shorten(found, _MOST),
        expected="values that someone has",
        fix=f"did you mean {shorten(meant, 3)}?" if meant else "check the condition",
    )

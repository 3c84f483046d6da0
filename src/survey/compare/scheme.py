"""The noun of an index scheme: components, how they are scored and put together, and what of it was verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey.codebook import Text

__all__ = ["AGGREGATIONS", "PARTS", "SCORINGS", "Component", "Scheme"]

AGGREGATIONS = ("mean_of_components", "mean_of_items", "weighted_mean", "geometric_mean", "sum")
"""How components become an index: their mean, the mean of all their items, a mean with weights, the geometric mean
(with weights where they are given), their sum."""
SCORINGS = ("mean", "share", "respondent")
"""How items become a component: the mean of their means, the mean of their shares of the top answers (both put on the
range of the scheme), or the mean of a score that each respondent has."""
PARTS = ("components", "items", "scoring", "weights", "aggregation")
"""What of a scheme is marked as verified, each by itself."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component of an index: items, or other components that make an index of their own.

    Parameters
    ----------
    name : str
    title : Text
    items : tuple of str
        Columns whose answers it is made of; empty where the user names them (`columns=` of `sample.index`).
    dimension : str
        A dimension of the codebook, whose score or scored items it is made of where no items are named.
    components : tuple of str
        For an index of indices: the components it is made of.
    direction : {1, -1, 0}
        -1 where a low answer to its items is good; 0 leaves it to the codebook.
    weight : float, optional
    scoring : one of `SCORINGS`
    top : int
        Of "share": how many answers count, from the good end of the scale.
    min_answered : float
        Of "respondent": the share of applicable items that must be answered.
    aggregation : one of `AGGREGATIONS`
        Of an index of indices.
    scale : tuple of two floats, optional
        The ends of the scale of its items, where the codebook does not know them.
    source : Text
    verified : bool
        Whether the component could be compared with the source.
    """

    name: str
    title: Text = field(default_factory=dict)
    items: tuple[str, ...] = ()
    dimension: str = ""
    components: tuple[str, ...] = ()
    direction: int = 0
    weight: float | None = None
    scoring: str = "mean"
    top: int = 2
    min_answered: float = 2 / 3
    aggregation: str = "mean_of_components"
    scale: tuple[float, float] | None = None
    source: Text = field(default_factory=dict)
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Scheme:
    """An index as data. Made by `read_scheme`.

    Parameters
    ----------
    name, version : str
    title : Text
    source : Text
        Where the scheme comes from.
    note : Text
        What a reader of the index must know.
    range : tuple of two floats
        The ends of every component, and of the index unless it is a sum.
    aggregation : one of `AGGREGATIONS`
    components : mapping of str to Component
        In the order of the file.
    parts : mapping of str to bool
        Each of `PARTS`: whether it could be compared with the source.
    """

    name: str
    version: str
    title: Text
    source: Text
    note: Text
    range: tuple[float, float]
    aggregation: str
    components: Mapping[str, Component]
    parts: Mapping[str, bool]

    @property
    def verified(self) -> bool:
        """Whether all of it was compared with its source."""
        return all(self.parts.values()) and all(c.verified for c in self.components.values())

    @property
    def unverified(self) -> tuple[str, ...]:
        """The parts that were not."""
        return tuple(part for part in PARTS if not self.parts[part])

    @property
    def top_level(self) -> tuple[str, ...]:
        """The components that the index itself is made of."""
        inside = {name for c in self.components.values() for name in c.components}
        return tuple(name for name in self.components if name not in inside)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The components that are made of items."""
        return tuple(name for name, c in self.components.items() if not c.components)

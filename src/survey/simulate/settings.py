"""What the simulated city is: wards, waves, sizes of the samples, and what the pilot does. All of it invented."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from survey.base.toml import parsed
from survey.codebook import Codebook

__all__ = [
    "DEFAULT_SEED",
    "DIMENSIONS",
    "FIRMS_DRAWN",
    "GROUPS",
    "GROUPS_DRAWN",
    "HOUSEHOLDS_DRAWN",
    "MERGED_ON",
    "MISSING",
    "MISSING_RANGE",
    "NEW_CODE",
    "NO_EFFECT",
    "SIMULATED",
    "TIERS",
    "TREAT_START",
    "WARDS",
    "WARDS_FROM",
    "YEARS",
    "Effects",
    "instrument",
    "packaged",
    "stream",
]

DEFAULT_SEED = 2111
SIMULATED = "dữ liệu mô phỏng / simulated data"

WARDS = tuple(f"P{i:02d}" for i in range(1, 11))
TIERS = MappingProxyType({w: {"P03": 2, "P08": 2, "P06": 1}.get(w, 0) for w in WARDS})
"""Tier of the pilot: 2 two provincial pilots, 1 one district pilot, 0 the seven others."""
NEW_CODE = MappingProxyType({w: "P02" if i < 3 else "P05" if i < 7 else "P09" for i, w in enumerate(WARDS)})
"""Invented merger of 1 July 2025. New codes reuse old ones, as real ones do: a join on the code alone is wrong."""
WARDS_FROM, MERGED_ON = "2000-01-01", "2025-07-01"
"""First day of the old wards and of the new ones."""
TREAT_START = "2023-09-20"

YEARS = MappingProxyType({1: 2023, 2: 2024})
"""Year of each wave: baseline August 2023, follow-up June 2024."""

GROUPS, GROUPS_DRAWN, HOUSEHOLDS_DRAWN, FIRMS_DRAWN = 40, 12, 15, 30
"""A ward: residential groups on the list; groups, households a group and businesses drawn a wave."""

DIMENSIONS = ("friendliness", "transparency", "efficiency")
MISSING = MappingProxyType({"not_applicable": -96, "blank": -97, "dont_know": -98, "refused": -99})
MISSING_RANGE = (-99, -96)


@dataclass(frozen=True, slots=True)
class Effects:
    """What the pilot does to people in a provincial pilot ward at the follow-up.

    The first three in standard deviations of a person's disposition; at the defaults about 8, 4 and 0 points
    on the 0-100 scores.

    Parameters
    ----------
    friendliness, transparency, efficiency : float
    implementation : float
        How far badges are worn, the model is known and progress is noticed: 1 as designed, 0 not at all.
    district : float
        Share of all this that a district pilot reaches.
    """

    friendliness: float = 0.59
    transparency: float = 0.23
    efficiency: float = 0.0
    implementation: float = 1.0
    district: float = 0.5

    def share(self, tier: np.ndarray, wave: np.ndarray) -> np.ndarray:
        """How much of the effect reaches each person, in 0-1."""
        return np.where(wave == 2, np.choose(tier, [0.0, self.district, 1.0]), 0.0)


NO_EFFECT = Effects(friendliness=0.0, transparency=0.0, efficiency=0.0, implementation=0.0)


def stream(seed: int, stage: str) -> np.random.Generator:
    """Random numbers of one stage, so that a change in one does not move the others."""
    return np.random.default_rng([seed, *stage.encode("ascii")])


def packaged(name: str) -> bytes:
    """A file of this package, in its own bytes."""
    return (files(__package__) / name).read_bytes()


def instrument() -> Codebook:
    """The questionnaire with its frame variables: the single source of every label in the data."""
    return Codebook.from_dict(parsed(packaged("instrument.toml").decode("utf-8")), source="instrument.toml")

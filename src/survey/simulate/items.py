"""How each item behaves: what it depends on, how a middling person answers, how often no answer comes.

These are the parameters of the simulation, and nothing that was found anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ITEMS", "NOTICED", "PROCEDURES", "Item", "Procedure"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    Parameters
    ----------
    loadings : tuple of three floats
        Weights of a person's friendliness, transparency and efficiency in the answer; the rest is noise.
    shares : tuple of float
        Share of each code, least favourable first, for a person in the middle. Sums to 1.
    not_applicable, dont_know, refused, blank : float
        How often the answer is missing, in 0-1.
    """

    loadings: tuple[float, float, float]
    shares: tuple[float, ...]
    not_applicable: float = 0.0
    dont_know: float = 0.01
    refused: float = 0.003
    blank: float = 0.004


@dataclass(frozen=True, slots=True)
class Procedure:
    """How one kind of procedure goes, whoever handles it.

    Parameters
    ----------
    at_once : float
        Share of results given on the spot, without a date.
    trips : float
        What it adds to the disposition behind EF02: the higher, the fewer trips.
    minutes : float
        Waiting time as a multiple of the usual.
    no_fee : float
        Share without a fee.
    """

    at_once: float
    trips: float
    minutes: float
    no_fee: float


_LOW, _MID = (0.10, 0.24, 0.34, 0.24, 0.08), (0.05, 0.15, 0.32, 0.34, 0.14)
_HIGH, _TOP = (0.03, 0.09, 0.25, 0.40, 0.23), (0.02, 0.05, 0.17, 0.38, 0.38)

ITEMS: Mapping[str, Item] = MappingProxyType(
    {
        "FR01": Item((0.66, 0, 0), _HIGH),
        "FR02": Item((0.66, 0, 0), _MID),
        "FR03": Item((0.62, 0, 0), _MID, not_applicable=0.16),
        "FR04": Item((0.54, 0, 0.08), _HIGH, dont_know=0.03),
        "FR05": Item((0.55, 0, 0), _LOW, not_applicable=0.03, dont_know=0.04),
        "FR06": Item((0.60, 0, 0), _MID),
        "FR07": Item((0.62, 0, 0), _TOP, refused=0.015),
        "FR08": Item((0.52, 0.10, 0), _HIGH, dont_know=0.05, refused=0.015),
        "FR09": Item((0.58, 0, 0.08), _HIGH, not_applicable=0.05, dont_know=0.03),
        "FR10": Item((0.50, 0.10, 0), (0.06, 0.26, 0.68), dont_know=0.15, refused=0.06),
        "FR11": Item((0.20, 0, 0), (0.50, 0.50), dont_know=0.08),
        "TR01": Item((0, 0.66, 0), _MID, dont_know=0.04),
        "TR02": Item((0, 0.68, 0), _MID, dont_know=0.06),
        "TR03": Item((0, 0.68, 0), _HIGH, dont_know=0.04),
        "TR04": Item((0, 0.60, 0), _LOW, not_applicable=0.74, dont_know=0.03),
        "TR05": Item((0, 0.66, 0), _LOW, not_applicable=0.10, dont_know=0.09),
        "TR06": Item((0, 0.64, 0), _LOW, dont_know=0.20, refused=0.01),
        "TR07": Item((0.05, 0.62, 0), _MID, dont_know=0.14),
        "TR08": Item((0, 0.60, 0), (0.42, 0.58), dont_know=0.05),
        "TR09": Item((0, 0.62, 0), _LOW, dont_know=0.17, refused=0.01),
        "EF01": Item((0, 0, 0.35), (), dont_know=0.05),
        "EF02": Item((0, 0, 0.45), (0.01, 0.02, 0.04, 0.09, 0.17, 0.30, 0.37), dont_know=0.02),
        "EF03": Item((0, 0, 0.60), (0.08, 0.21, 0.54, 0.17), dont_know=0.03),
        "EF04": Item((0, 0, 0.74), _MID),
        "EF05": Item((0, 0, 0.72), _HIGH, dont_know=0.05),
        "EF06": Item((0, 0, 0.70), _HIGH, dont_know=0.05, refused=0.01),
        "EF07": Item((0, 0, 0.72), (0.09, 0.27, 0.64), dont_know=0.01),
        "EF08": Item((0, 0, 0.66), _MID, dont_know=0.04),
        "EF09": Item((0, 0, 0.60), _LOW, not_applicable=0.12, dont_know=0.04),
        "EF10": Item((0, 0, 0.50), _MID, dont_know=0.02),
        "EF11": Item((0, 0, 0.58), _LOW, dont_know=0.02),
        "OV01": Item((0.55, 0.12, 0.25), _HIGH, dont_know=0.05),
        "OV02": Item(
            (0.48, 0.20, 0.15),
            (0.02, 0.02, 0.03, 0.05, 0.07, 0.15, 0.15, 0.19, 0.17, 0.09, 0.06),
            dont_know=0.06,
            refused=0.04,
        ),
        "OV03": Item((0.30, 0.05, 0.10), (0.02, 0.08, 0.50, 0.32, 0.08), dont_know=0.08),
        "OV04": Item((0.05, 0, 0), (0.90, 0.10), dont_know=0.03),
        "VG01": Item((0, 0, 0), (0.08, 0.27, 0.40, 0.20, 0.05), dont_know=0.03, blank=0.12),
    }
)

PROCEDURES: Mapping[int, Procedure] = MappingProxyType(
    {
        1: Procedure(at_once=0.72, trips=0.75, minutes=0.75, no_fee=0.02),  # certification: while you wait
        2: Procedure(at_once=0.12, trips=0.15, minutes=0.95, no_fee=0.45),  # civil registration
        3: Procedure(at_once=0.00, trips=-0.95, minutes=1.45, no_fee=0.03),  # land and building
        4: Procedure(at_once=0.04, trips=-0.25, minutes=1.15, no_fee=0.92),  # social protection
        6: Procedure(at_once=0.08, trips=0.05, minutes=1.05, no_fee=0.20),
    }
)
"""By `proc_type`."""

NOTICED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"FR11": (0.10, 1.10), "OV03": (0.10, 0.45), "OV04": (0.45, 1.20)}
)
"""Items that move by themselves between the waves: everywhere, and further where the pilot runs in full."""

"""Everyone else than a group: what a group is called that is compared with all others together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from survey.base.text import written

__all__ = ["Rest", "told_of"]


class Rest(str):
    """The value, in a grouping column, of everyone in the domain but one group; no data hold it."""

    __slots__ = ()

    @classmethod
    def of(cls, level: Any) -> Rest:
        """Everyone but that level."""
        return cls(f"rest of {written(level)}")


def told_of(columns: Sequence[str], row: Any) -> list[str]:
    """Which columns of a row name its group: everyone else is told once, however many columns make the groups."""
    return [name for name in columns if not isinstance(row[name], Rest)] or list(columns[:1])

"""Everyone else than a group: what a group is called that is compared with all others together."""

from __future__ import annotations

from typing import Any

from survey.base.text import written

__all__ = ["Rest"]


class Rest(str):
    """The value, in a grouping column, of everyone in the domain but one group; no data hold it."""

    __slots__ = ()

    @classmethod
    def of(cls, level: Any) -> Rest:
        """Everyone but that level."""
        return cls(f"rest of {written(level)}")

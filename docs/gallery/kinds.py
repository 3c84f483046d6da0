"""The table of kinds, read and judged: what share of the exhibits that reports print can be made whole."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docs.gallery.study import names
from survey.exhibits.exhibit import Exhibit

__all__ = ["STATUSES", "Kind", "families", "kinds", "more", "percentage"]

_FILE = Path(__file__).with_name("kinds.toml")
STATUSES = ("whole", "part", "none")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of exhibit, how often reports print it, and the one call that makes it.

    Parameters
    ----------
    key, name : str
    count : int
        Exhibits of this kind in the report families (an estimate).
    families : int
        How many families print it.
    status : {"whole", "part", "none"}
    code : str
        One expression; "" where nothing makes it.
    note : str
    """

    key: str
    name: str
    count: int
    families: int
    status: str
    code: str = ""
    note: str = ""

    @property
    def verb(self) -> str:
        """The one verb of `sv.figures` or `sv.tables` in the code, which is its outermost call."""
        tree = ast.parse(self.code, mode="eval").body
        if not isinstance(tree, ast.Call):
            raise ValueError(f"{self.key}: the code is not a call")
        calls = [ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)]
        verbs = [c for c in calls if c.startswith(("sv.figures.", "sv.tables."))]
        if verbs != [ast.unparse(tree.func)]:
            raise ValueError(f"{self.key}: not one call of a figure or table: {verbs}")
        return verbs[0]

    def make(self) -> Exhibit:
        """Run the code."""
        exhibit = eval(self.code, names(self.code))
        if not isinstance(exhibit, Exhibit):
            raise TypeError(f"{self.key}: the code makes {type(exhibit).__name__}, not an exhibit")
        return exhibit


def _data() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def kinds() -> list[Kind]:
    """Every kind, the most printed first."""
    return [_kind(row) for row in _data()["kind"]]


def more() -> list[Kind]:
    """Kinds that are made too, and were not counted."""
    return [_kind({"count": 0, "families": 0, "status": "whole", **row}) for row in _data()["more"]]


def _kind(row: dict[str, Any]) -> Kind:
    return Kind(**{**row, "code": row.get("code", "").strip()})


def families() -> dict[str, int]:
    """Exhibits counted in each report family (estimates)."""
    return {row["name"]: row["count"] for row in _data()["family"]}


def percentage(found: Sequence[Kind], status: str = "whole") -> float:
    """What share of all exhibits, by count, is of kinds with a status, in percent."""
    return 100 * sum(k.count for k in found if k.status == status) / sum(k.count for k in found)

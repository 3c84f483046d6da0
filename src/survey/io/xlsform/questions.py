"""What a form is made of: groups and questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from survey.codebook import Text

__all__ = ["Group", "Question"]


@dataclass(frozen=True, slots=True)
class Group:
    """A group or a repeat around questions.

    Parameters
    ----------
    kind : {"group", "repeat"}
    name : str
    text : Text
    relevant : str
        Whom it is for, in XPath.
    cells : mapping of header to text
    """

    kind: str
    name: str
    text: Text = field(default_factory=lambda: MappingProxyType({}))
    relevant: str = ""
    cells: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey sheet that is neither the beginning nor the end of a group.

    Parameters
    ----------
    name : str
    kind : str
        Its type in the words of the XLSForm standard: "select_one", "select_multiple", "integer", "text", "note", ...
    groups : tuple of Group
        Those around it, outermost first.
    list_name : str
        Of a selection.
    choices : mapping of code as written to Text
        Options in order, missing codes among them.
    text : Text
    row : int
        Row of the sheet, from 1.
    cells : mapping of header to text
        Headers in lower case; of translated columns "label::vi".
    """

    name: str
    kind: str
    groups: tuple[Group, ...]
    list_name: str
    choices: Mapping[str, Text]
    text: Text
    row: int
    cells: Mapping[str, str]

    @property
    def path(self) -> tuple[str, ...]:
        """Names of the groups around it, outermost first."""
        return tuple(g.name for g in self.groups)

    @property
    def repeat(self) -> str:
        """The innermost repeat around it, or ""."""
        return next((g.name for g in reversed(self.groups) if g.kind == "repeat"), "")

"""The variables and sets of a questionnaire while its file is read: what .qsf and .lss share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from survey.base.html import unescape
from survey.codebook import Codebook, MultipleSet, Text, Variable, catalogue_text
from survey.codebook._toml import number
from survey.io.platforms._form import plain

__all__ = ["Structure", "worded"]


class Structure:
    """The variables and sets of a questionnaire while it is read; of two of one name the first counts."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.variables: dict[str, Variable] = {}
        self.sets: dict[str, MultipleSet] = {}
        self.title: Text = MappingProxyType({})

    def put(self, name: str, kind: str, text: Text, labels: Mapping[Any, Text] | None = None, **more: Any) -> None:
        """Add a variable; with labels it is one of them, of no known order."""
        codes = {number(code): label for code, label in (labels or {}).items()}
        if name and name not in self.variables:
            given = MappingProxyType(codes)
            self.variables[name] = Variable(
                name, type=kind, text=text, labels=given, missing=MappingProxyType({}), **more
            )

    def several(self, name: str, text: Text, options: Mapping[str, Text]) -> None:
        """Add a question with several answers: 0/1 variables by name, and their set."""
        yes_no = {i: catalogue_text(f"labels.{key}") for i, key in enumerate(("no", "yes"))}
        for member, label in options.items():
            self.put(member, "binary", label, yes_no)
        if options and name not in self.sets:
            self.sets[name] = MultipleSet(name, tuple(options), label=text)

    def codebook(self) -> Codebook:
        """All of it."""
        return Codebook(
            MappingProxyType(self.variables), title=self.title, source=self.where, sets=MappingProxyType(self.sets)
        )


def worded(text: object) -> str:
    """A wording without its markup."""
    if not isinstance(text, str):
        return ""
    text = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", " ", text)
    return plain(unescape(re.sub(r"<[^<>]*>", " ", text)).replace("\u00a0", " "))

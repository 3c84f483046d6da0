"""The state of a codebook: variables in the order of the questionnaire, and what belongs to all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self, TypeVar

from survey.base._annotations import described
from survey.base.arguments import check_fields, explained_verbs
from survey.base.names import column_named
from survey.base.suggestions import did_you_mean
from survey.codebook._variable import EMPTY, MultipleSet, Text, Variable, nothing, pick
from survey.errors import CodebookError, shorten

__all__ = ["C", "CodebookData"]


@explained_verbs(CodebookError)
@dataclass(frozen=True, slots=True)
class CodebookData:
    """State of `survey.codebook.Codebook`, which has the verbs; the fields are described there."""

    variables: Mapping[str, Variable] = field(default_factory=nothing)
    dimensions: Mapping[str, Text] = field(default_factory=nothing)
    title: Text = field(default_factory=nothing)
    source: str = field(default="", compare=False)
    simulated: bool = False
    extra: Mapping[str, Any] = field(default_factory=nothing, repr=False)
    sets: Mapping[str, MultipleSet] = field(default_factory=nothing)
    collected: Text = field(default_factory=nothing)
    files: tuple[str, ...] = field(default=(), repr=False, compare=False, metadata={"stored": False})
    language: str = field(default="", repr=False, compare=False, metadata={"stored": False})

    def __post_init__(self) -> None:
        check_fields(self, CodebookError)
        for what, entries, kind in (("variables", self.variables, Variable), ("sets", self.sets, MultipleSet)):
            for name, entry in entries.items():
                if not isinstance(entry, kind):
                    raise CodebookError(
                        f"The {what} of a codebook must be {kind.__name__} objects.",
                        where=f"Codebook({what}=...), {name!r}",
                        got=described(entry),
                        expected=f"{{{name!r}: {kind.__name__}({name!r}, ...)}}",
                        fix="tables as of a TOML file: sv.Codebook.from_dict(...)",
                    )
                if entry.name != name:
                    raise CodebookError(
                        f"A codebook holds each of its {what} under its name.",
                        where=f"Codebook({what}=...)",
                        got=f"{entry.name!r} under {name!r}",
                        expected=f"{{{entry.name!r}: ...}}",
                    )
        # later edits of a caller's dict are not edits of the codebook
        for name in ("variables", "dimensions", "title", "extra", "sets", "collected"):
            value = getattr(self, name)
            if isinstance(value, dict):
                object.__setattr__(self, name, dict(value))

    def __contains__(self, name: object) -> bool:
        return name in self.variables

    def __getitem__(self, name: str) -> Variable:
        try:
            return self.variables[name]
        except KeyError:
            raise CodebookError(
                f"The codebook has no variable {name!r}.",
                where=self.source or None,
                expected=shorten(self.variables),
                fix=did_you_mean([name], self.variables, "add it to the codebook, or correct the name"),
            ) from None

    def __len__(self) -> int:
        return len(self.variables)

    def items(self, dimension: str) -> tuple[str, ...]:
        """Names of the items that are scored in a dimension.

        Raises
        ------
        CodebookError
            If no variable is scored in it.
        """
        found = tuple(v.name for v in self.variables.values() if v.dimension == dimension and v.scored)
        if not found:
            raise CodebookError(
                f"No item of the codebook is scored in the dimension {dimension!r}.",
                where=self.source or None,
                expected=shorten(sorted({v.dimension for v in self.variables.values() if v.scored})),
                fix=did_you_mean([dimension], {v.dimension: 0 for v in self.variables.values() if v.scored})
                or "name one of these dimensions, or set dimension and scored = true on its items",
            )
        return found

    @property
    def scored(self) -> tuple[str, ...]:
        """The dimensions that items are scored in, in the order of their first items."""
        return tuple(dict.fromkeys(v.dimension for v in self.variables.values() if v.scored and v.dimension))

    def by_scale(self, names: Iterable[str] | None = None) -> tuple[tuple[str, ...], ...]:
        """Ordered items, those on one scale together: what one figure can show.

        Parameters
        ----------
        names : iterable of str, optional
            All variables of the role "item" when not given; those that have no ordered answers are left out.
        """
        wanted = [n for n, v in self.variables.items() if v.role == "item"] if names is None else names
        sets: dict[tuple[str, ...], list[str]] = {}
        for v in (self.variables[n] for n in wanted if n in self.variables):
            if v.type == "ordinal":
                sets.setdefault((str(v.direction), *(v.label(code, "en") for code in v.codes)), []).append(v.name)
        return tuple(map(tuple, sets.values()))

    def wording(self, name: str, lang: str = "en") -> str:
        """Wording of a variable or a set of answers, name of a dimension, or the name itself if it is none of them."""
        if name in self.variables:
            return self.variables[name].wording(lang)
        if name in self.sets:
            return pick(self.sets[name].label, lang, name)
        return pick(self.dimensions.get(name, EMPTY), lang, name)

    def short_name(self, name: str, lang: str = "en") -> str:
        """What a variable, set of answers or dimension is called where results are shown; see `Variable.short_name`."""
        if name in self.variables:
            return self.variables[name].short_name(lang)
        if name in self.sets:
            return self.sets[name].short_name(lang)
        return pick(self.dimensions.get(name, EMPTY), lang, name)

    def label(self, name: str, code: Any, lang: str = "en") -> str:
        """Label of a code of a variable; the code itself where there is none."""
        variable = self.variables.get(name) or Variable(name)
        return variable.label(code, lang)

    def cited(self, lang: str) -> Text:
        """What stands after "Source:": who collected what and when, else the title of the study."""
        return self.collected if lang in self.collected else self.title

    def read_from(self, *paths: str | os.PathLike[str]) -> Self:
        """The codebook that remembers more files from which it, or what it goes with, was read."""
        return replace(self, files=tuple(dict.fromkeys([*self.files, *map(os.path.abspath, paths)])))

    def shown_in(self, language: str) -> Self:
        """The codebook whose study is shown in a language, where nothing else is set; "" for that of its texts."""
        return self if language == self.language else replace(self, language=language)

    def update(self, *variables: Variable) -> Self:
        """The codebook with some variables added or replaced."""
        return replace(self, variables=MappingProxyType({**self.variables, **{v.name: v for v in variables}}))

    def spelled_as(self, columns: Iterable[Any]) -> Self:
        """The codebook with its variables called as the columns are: the other Unicode form is the same name."""
        foreign = [n for n in self.variables if not str(n).isascii()]
        if not foreign:
            return self
        known = list(columns)
        there = set(known)
        names = {n: column_named(n, known) for n in foreign if n not in there}
        names = {n: column for n, column in names.items() if column != n and column not in self.variables}
        if not names:
            return self
        variables = {names.get(n, n): replace(v, name=names[n]) if n in names else v for n, v in self.variables.items()}
        sets = {k: replace(s, variables=tuple(names.get(n, n) for n in s.variables)) for k, s in self.sets.items()}
        return replace(self, variables=MappingProxyType(variables), sets=MappingProxyType(sets))

    def select(self, names: Iterable[str]) -> Self:
        """The codebook of some variables only, and of the sets of which all are there."""
        wanted = set(names)
        kept = {k: v for k, v in self.variables.items() if k in wanted}
        sets = {k: s for k, s in self.sets.items() if wanted.issuperset(s.variables)}
        extra = self.extra
        if "declared_missing" in extra:  # which belongs to a column, and not to another that takes its name
            declared = {n: r for n, r in extra["declared_missing"].items() if n in wanted}
            extra = MappingProxyType({**extra, "declared_missing": MappingProxyType(declared)})
        return replace(self, variables=MappingProxyType(kept), sets=MappingProxyType(sets), extra=extra)


C = TypeVar("C", bound=CodebookData)

"""What was asked: variables, wording and labels by language, ordered scales, missing codes and their kind."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.errors import CodebookError, some

__all__ = ["LANGUAGES", "MISSING_KINDS", "VARIABLE_TYPES", "Codebook", "Text", "Variable"]

LANGUAGES = ("vi", "en")
MISSING_KINDS = ("not_applicable", "blank", "dont_know", "refused", "not_asked")
VARIABLE_TYPES = ("ordinal", "nominal", "binary", "number", "text", "date", "id")

Text = Mapping[str, str]
"""A text by language: {"vi": ..., "en": ...}."""

_EMPTY: Mapping[Any, Any] = MappingProxyType({})
_WRITTEN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def _nothing() -> Mapping[Any, Any]:
    return _EMPTY  # a default by factory: Python 3.11 takes a read-only mapping for a mutable one


def _pick(text: Text, lang: str, default: str) -> str:
    return text.get(lang) or text.get("en") or text.get("vi") or next(iter(text.values()), default) or default


@dataclass(frozen=True, slots=True)
class Variable:
    """One question or one column of the frame.

    Parameters
    ----------
    name : str
        Column name in the data.
    type : str
        One of `VARIABLE_TYPES`. `ordinal`, `nominal` and `binary` have codes.
    text : Text
        Wording by language.
    labels : mapping of code to Text
        Valid codes in scale order (lowest first), with their labels. Codes are numbers, or strings where the
        data hold strings.
    missing : mapping of code to str
        User-missing codes and their kind (one of `MISSING_KINDS`).
    missing_labels : mapping of code to Text
        How each missing code was labelled.
    direction : int
        +1: a high code is good; -1: a low code is good (`reverse` turns it); 0: neither.
    dimension : str
        "friendliness", "transparency", ... or "".
    scored : bool
        Whether the variable enters its dimension's score.
    base : str
        Who was asked, as an expression over the data ("contact12 == 1"); "" = everyone.
    role : str
        "item", "id", "weight", "stratum", "psu", "frame", "paradata", ... Free, but "id" is used by checks.
    unit : str
        Unit of a number ("minutes"), for axes and sentences.
    limits : tuple of two floats, optional
        Smallest and largest plausible value of a number.
    required : bool
        Whether an empty cell breaks a rule.
    """

    name: str
    type: str = "number"
    text: Text = field(default_factory=_nothing)
    labels: Mapping[Any, Text] = field(default_factory=_nothing)
    missing: Mapping[Any, str] = field(default_factory=_nothing)
    missing_labels: Mapping[Any, Text] = field(default_factory=_nothing)
    direction: int = 0
    dimension: str = ""
    scored: bool = False
    base: str = ""
    role: str = "item"
    unit: str = ""
    limits: tuple[float, float] | None = None
    required: bool = False

    @property
    def codes(self) -> tuple[Any, ...]:
        """Valid codes in scale order."""
        return tuple(self.labels)

    def wording(self, lang: str = "en") -> str:
        """The question in a language, or its name if it has no wording."""
        return _pick(self.text, lang, self.name)

    def label(self, code: Any, lang: str = "en") -> str:
        """The label of a valid or missing code, or the code itself."""
        text = self.labels.get(code) or self.missing_labels.get(code) or _EMPTY
        shown = f"{code:g}" if isinstance(code, float) else str(code)
        return _pick(text, lang, shown)


@dataclass(frozen=True, slots=True)
class Codebook:
    """The variables of a study, in the order of the questionnaire.

    Parameters
    ----------
    variables : mapping of str to Variable
    dimensions : mapping of str to Text
        Names of the dimensions by language.
    title : Text
    source : str
        Where it came from, for error messages.
    simulated : bool
        Simulated data say so wherever they appear.
    """

    variables: Mapping[str, Variable] = field(default_factory=_nothing)
    dimensions: Mapping[str, Text] = field(default_factory=_nothing)
    title: Text = field(default_factory=_nothing)
    source: str = ""
    simulated: bool = False
    extra: Mapping[str, Any] = field(default_factory=_nothing, repr=False)

    def __contains__(self, name: object) -> bool:
        return name in self.variables

    def __getitem__(self, name: str) -> Variable:
        try:
            return self.variables[name]
        except KeyError:
            raise CodebookError(
                f"The codebook has no variable {name!r}.",
                where=self.source or None,
                expected=some(self.variables),
                fix="add it to the codebook, or correct the name",
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
                expected=some(sorted({v.dimension for v in self.variables.values() if v.scored})),
                fix="name one of these dimensions, or set dimension and scored = true on its items",
            )
        return found

    def wording(self, name: str, lang: str = "en") -> str:
        """Wording of a variable, name of a dimension, or the name itself if it is neither."""
        if name in self.variables:
            return self.variables[name].wording(lang)
        return _pick(self.dimensions.get(name, _EMPTY), lang, name)

    def label(self, name: str, code: Any, lang: str = "en") -> str:
        """Label of a code of a variable; the code itself where there is none."""
        variable = self.variables.get(name) or Variable(name)
        return variable.label(code, lang)

    def update(self, *variables: Variable) -> Codebook:
        """The codebook with some variables added or replaced."""
        return replace(self, variables=MappingProxyType({**self.variables, **{v.name: v for v in variables}}))

    def select(self, names: Iterable[str]) -> Codebook:
        """The codebook of some variables only."""
        wanted = set(names)
        kept = {k: v for k, v in self.variables.items() if k in wanted}
        return replace(self, variables=MappingProxyType(kept))

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Codebook:
        """Read a codebook from TOML. `docs/codebook.md` describes the format.

        Raises
        ------
        CodebookError
            If the file is missing, is no TOML, or contradicts itself.
        """
        try:
            raw = unicodedata.normalize("NFC", Path(path).read_text(encoding="utf-8"))
            return cls.from_dict(tomllib.loads(raw), source=str(path))
        except FileNotFoundError:
            raise CodebookError("The codebook is not there.", where=path, fix="correct the path") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CodebookError(
                "The codebook is no valid TOML.", where=path, got=error, expected="TOML in UTF-8", fix="mend that line"
            ) from error

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], source: str = "") -> Codebook:
        """Build a codebook from the nested tables of a TOML file."""
        head = raw.get("study", {})
        shared = {_number(code): entry for code, entry in raw.get("missing", {}).items()}
        scales = raw.get("scales", {})
        variables: dict[str, Variable] = {}
        for name, entry in raw.get("variables", {}).items():
            variables[name] = _variable(name, dict(entry), scales, shared, source)
        if not variables:
            raise CodebookError(
                "The codebook has no variables.", where=source, expected="tables named [variables.NAME]"
            )
        return cls(
            variables=MappingProxyType(variables),
            dimensions=MappingProxyType(
                {k: _text(v, f"{source}, [dimensions], {k}") for k, v in raw.get("dimensions", {}).items()}
            ),
            title=_text(head.get("title", {}), f"{source}, [study], title"),
            source=source,
            simulated=bool(head.get("simulated", False)),
        )


_FIELDS = {
    "scale", "type", "text", "labels", "missing", "direction", "dimension", "scored", "base", "role", "unit",
    "limits", "required", "element", "motto", "note",
}  # fmt: skip


def _variable(
    name: str, entry: dict[str, Any], scales: Mapping[str, Any], shared: Mapping[Any, Any], source: str
) -> Variable:
    where = f"{source}, [variables.{name}]"
    unknown = set(entry) - _FIELDS
    if unknown:
        raise CodebookError(
            "A variable has a key that means nothing here.",
            where=where, got=some(sorted(unknown)), expected=some(sorted(_FIELDS), 20), fix="correct or remove the key",
        )  # fmt: skip
    scale_name = entry.get("scale")
    if scale_name is not None and scale_name not in scales:
        raise CodebookError(
            "A variable uses a scale that is not defined.",
            where=where, got=scale_name, expected=some(scales), fix=f"add [scales.{scale_name}] or correct the name",
        )  # fmt: skip
    scale = {} if scale_name is None else scales[scale_name]
    kind = entry.get("type", scale.get("type", "number"))
    direction = entry.get("direction", 0)
    for what, got, allowed in (("type", kind, VARIABLE_TYPES), ("direction", direction, (-1, 0, 1))):
        if got not in allowed:
            raise CodebookError(f"A variable has an unknown {what}.", where=where, got=got, expected=some(allowed))
    labels = _labels(entry.get("labels", scale.get("labels", {})), where)
    declared = entry.get("missing", scale.get("missing", shared))
    declared = shared if declared is True else {} if declared is False else declared
    missing, missing_labels = {}, {}
    for raw_code, text in declared.items():
        code = _number(raw_code)
        text = {"kind": text} if isinstance(text, str) else dict(text)
        what = text.pop("kind", None)
        if what not in MISSING_KINDS:
            raise CodebookError(
                "A missing code has no known kind.",
                where=f"{where}, missing code {code}", got=what, expected=some(MISSING_KINDS),
            )  # fmt: skip
        if code in labels:
            raise CodebookError("A code is both an answer and missing.", where=where, got=code, fix="remove one")
        missing[code], missing_labels[code] = what, MappingProxyType(text)
    limits = entry.get("limits", scale.get("limits"))
    return Variable(
        name=name, type=kind, text=_text(entry.get("text", {}), where), labels=labels,
        missing=MappingProxyType(missing), missing_labels=MappingProxyType(missing_labels),
        direction=direction, dimension=entry.get("dimension", ""), scored=bool(entry.get("scored", False)),
        base=entry.get("base", ""), role=entry.get("role", "item"), unit=entry.get("unit", scale.get("unit", "")),
        limits=None if limits is None else (float(limits[0]), float(limits[1])),
        required=bool(entry.get("required", False)),
    )  # fmt: skip


def _labels(raw: Any, where: str) -> Mapping[Any, Text]:
    """Labels as {code: {lang: text}}, or, shorter, {lang: {code: text}}."""
    if not isinstance(raw, Mapping):
        raise CodebookError("Labels are not a table.", where=where, got=raw, expected="{1 = {vi = ..., en = ...}}")
    if raw and set(raw) <= set(LANGUAGES):
        turned: dict[str, dict[str, str]] = {}
        for lang, texts in raw.items():
            for code, text in texts.items():
                turned.setdefault(code, {})[lang] = text
        raw = turned
    return MappingProxyType({_number(code): _text(text, where) for code, text in raw.items()})


def _text(raw: Any, where: str) -> Text:
    if isinstance(raw, Mapping) and all(isinstance(text, str) for text in raw.values()):
        return MappingProxyType(dict(raw))
    if isinstance(raw, str):
        return MappingProxyType(dict.fromkeys(LANGUAGES, raw))
    raise CodebookError(
        "This is no text.", where=where, got=raw, expected='"..." or {vi = "...", en = "..."}', fix="put it in quotes"
    )


def _number(code: Any) -> Any:
    """TOML keys are strings; codes written as numbers are numbers. "01" and "nan" are text: nobody counts like that."""
    if isinstance(code, str) and not _WRITTEN_NUMBER.fullmatch(code):
        return code
    value = float(code)
    return int(value) if value.is_integer() else value

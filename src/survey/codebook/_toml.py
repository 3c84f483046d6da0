"""A codebook from TOML; docs/codebook.md describes the format."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from survey.base.arguments import listed
from survey.base.toml import read_toml, refuse_shapes, refuse_unknown, table
from survey.codebook._data import C
from survey.codebook._variable import (
    DONT_KNOW_POLICIES,
    LANGUAGES,
    MISSING_KINDS,
    SET_KINDS,
    VARIABLE_TYPES,
    MultipleSet,
    Text,
    Variable,
)
from survey.errors import CodebookError, shorten

__all__ = ["FIELDS", "from_dict", "from_toml", "number", "variable"]

FIELDS = (
    "scale",
    "type",
    "text",
    "labels",
    "missing",
    "direction",
    "dimension",
    "scored",
    "base",
    "role",
    "unit",
    "limits",
    "required",
    "dont_know",
    "element",
    "motto",
    "note",
    "short",
    "instruction",
    "variants",
)
_SET_FIELDS = ("variables", "kind", "label", "counted", "base", "exclusive")
_SHAPES = {
    **dict.fromkeys(("scale", "type", "dimension", "base", "role", "unit", "dont_know"), "text"),
    **dict.fromkeys(("direction", "element", "motto", "note"), "value"),
    **dict.fromkeys(("scored", "required"), "truth"),
    "limits": "limits",
}
_SCALE_SHAPES = {"type": "text", "unit": "text", "limits": "limits"}
_SET_SHAPES = {"variables": "text or texts", "kind": "text", "counted": "value", "base": "text"} | {
    "exclusive": "text or texts"
}
_WRITTEN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def from_toml(cls: type[C], path: str | os.PathLike[str]) -> C:
    """Read a codebook from TOML. `docs/codebook.md` describes the format.

    Raises
    ------
    CodebookError
        If the file is missing, is not TOML, or contradicts itself.
    """
    return from_dict(cls, read_toml(path, "codebook", CodebookError), source=str(path)).read_from(path)


def from_dict(cls: type[C], raw: Mapping[str, Any], source: str = "") -> C:
    """Build a codebook from the nested tables of a TOML file."""
    head = table(raw, "study", "codebook", source, CodebookError)
    shared = dict(_coded(raw.get("missing", {}), f"{source}, [missing]"))
    refuse_shapes(head, {"simulated": "truth"}, "The codebook", f"{source}, [study]", CodebookError)
    scales = table(raw, "scales", "codebook", source, CodebookError, of_tables=True)
    for scale, entry in scales.items():
        refuse_shapes(entry, _SCALE_SHAPES, "A scale", f"{source}, [scales.{scale}]", CodebookError)
    variables: dict[str, Variable] = {}
    for name, entry in table(raw, "variables", "codebook", source, CodebookError, of_tables=True).items():
        variables[name] = variable(name, dict(entry), scales, shared, source)
    if not variables:
        raise CodebookError("The codebook has no variables.", where=source, expected="tables named [variables.NAME]")
    named = table(raw, "dimensions", "codebook", source, CodebookError)
    dimensions = {k: _text(v, f"{source}, [dimensions], {k}") for k, v in named.items()}
    sets = table(raw, "sets", "codebook", source, CodebookError, of_tables=True)
    return cls(
        variables=MappingProxyType(variables),
        dimensions=MappingProxyType(dimensions),
        title=_text(head.get("title", {}), f"{source}, [study], title"),
        source=source,
        simulated=bool(head.get("simulated", False)),
        collected=_text(head.get("source", {}), f"{source}, [study], source"),
        sets=MappingProxyType({k: _set(k, v, variables, source) for k, v in sets.items()}),
    )


def variable(
    name: str, entry: dict[str, Any], scales: Mapping[str, Any], shared: Mapping[Any, Any], source: str
) -> Variable:
    """A variable from its table, and from the scale and the missing codes that it shares with others."""
    where = f"{source}, [variables.{name}]"
    refuse_unknown(entry, FIELDS, "A variable", where, CodebookError)
    refuse_shapes(entry, _SHAPES, "A variable", where, CodebookError)
    scale_name = entry.get("scale")
    if scale_name is not None and scale_name not in scales:
        raise CodebookError(
            "A variable uses a scale that is not defined.",
            where=where,
            got=scale_name,
            expected=shorten(scales),
            fix=f"add [scales.{scale_name}] or correct the name",
        )
    scale = {} if scale_name is None else scales[scale_name]
    kind, direction = entry.get("type", scale.get("type", "number")), entry.get("direction", 0)
    policy = entry.get("dont_know", "exclude")
    for what, got, allowed in (
        ("type", kind, VARIABLE_TYPES),
        ("direction", direction, (-1, 0, 1)),
        ("policy on don't know", policy, DONT_KNOW_POLICIES),
    ):
        if got not in allowed:
            raise CodebookError(f"A variable has an unknown {what}.", where=where, got=got, expected=shorten(allowed))
    labels = _labels(entry.get("labels", scale.get("labels", {})), where)
    declared = entry.get("missing", scale.get("missing", True))
    codes = shared.items() if declared is True else () if declared is False else _coded(declared, where)
    missing, missing_labels = {}, {}
    for code, text in codes:
        if not isinstance(text, str | Mapping):
            raise CodebookError(
                "A missing code is not described by its kind.",
                where=f"{where}, missing code {code}",
                got=repr(text),
                expected='"dont_know", or {kind = "dont_know", en = "..."}',
            )
        text = {"kind": text} if isinstance(text, str) else dict(text)
        what = text.pop("kind", None)
        if what not in MISSING_KINDS:
            raise CodebookError(
                "The kind of a missing code is unknown.",
                where=f"{where}, missing code {code}",
                got=what,
                expected=shorten(MISSING_KINDS),
            )
        if code in labels:
            raise CodebookError("A code is both an answer and missing.", where=where, got=code, fix="remove one")
        missing[code] = what
        if text:
            missing_labels[code] = _text(text, where)
    limits = entry.get("limits", scale.get("limits"))
    return Variable(
        name=name,
        type=kind,
        text=_text(entry.get("text", {}), where),
        labels=labels,
        missing=MappingProxyType(missing),
        missing_labels=MappingProxyType(missing_labels),
        direction=direction,
        dimension=entry.get("dimension", ""),
        scored=bool(entry.get("scored", False)),
        base=entry.get("base", ""),
        role=entry.get("role", "item"),
        unit=entry.get("unit", scale.get("unit", "")),
        limits=None if limits is None else (float(limits[0]), float(limits[1])),
        required=bool(entry.get("required", False)),
        dont_know=policy,
        element=str(entry.get("element", entry.get("motto", ""))),
        note=str(entry.get("note", "")),
        short=_text(entry.get("short", {}), f"{where}, short"),
        instruction=_text(entry.get("instruction", {}), f"{where}, instruction"),
        variants=MappingProxyType(
            {
                form: _text(text, f"{where}, variants, {form}")
                for form, text in table(entry, "variants", "codebook", where, CodebookError).items()
            }
        ),
    )


def _set(name: str, raw: Mapping[str, Any], variables: Mapping[str, Variable], source: str) -> MultipleSet:
    where = f"{source}, [sets.{name}]"
    refuse_shapes(raw, _SET_SHAPES, "A set", where, CodebookError)
    columns, kind = tuple(listed(raw.get("variables", ()))), raw.get("kind", "dichotomies")
    unknown = [c for c in columns if c not in variables]
    if not columns or unknown:
        raise CodebookError(
            "A set names no variables." if not columns else "A set names variables that do not exist.",
            where=where,
            got=shorten(unknown) if unknown else None,
            expected='variables = ["A1", "A2"], of this codebook',
        )
    if kind not in SET_KINDS:
        raise CodebookError("A set is of an unknown kind.", where=where, got=kind, expected=shorten(SET_KINDS))
    refuse_unknown(raw, _SET_FIELDS, "A set", where, CodebookError)
    base, exclusive = raw.get("base", ""), tuple(listed(raw.get("exclusive", ())))
    strange = [c for c in exclusive if c not in columns]
    if strange:
        raise CodebookError(
            "An exclusive option is not in the set.", where=where, got=shorten(strange), expected=shorten(columns)
        )
    return MultipleSet(
        name,
        columns,
        kind,
        _text(raw.get("label", {}), where),
        raw.get("counted", None if kind == "categories" else 1),
        base,
        exclusive,
    )


def _coded(raw: Any, where: str) -> Iterator[tuple[Any, Any]]:
    """Codes with what belongs to them: {code: ...}, or [{code = ..., ...}], where "1" in quotes stays text."""
    if isinstance(raw, Mapping):
        yield from ((number(code), entry) for code, entry in raw.items())
        return
    if not isinstance(raw, list) or not all(isinstance(e, Mapping) and "code" in e for e in raw):
        raise CodebookError(
            "Codes are not a table.",
            where=where,
            got=raw,
            expected="{1 = {vi = ..., en = ...}}, or [{code = 1, vi = ..., en = ...}]",
        )
    codes = [entry["code"] for entry in raw]
    strange = [c for c in codes if not isinstance(c, str | int | float) or isinstance(c, bool) or c != c]
    if strange:
        raise CodebookError(
            "A code is not a number or a text.", where=where, got=shorten(map(repr, strange)), expected='1, or "1"'
        )
    twice = sorted({str(c) for c in codes if codes.count(c) > 1})
    if twice:
        raise CodebookError("A code is listed twice.", where=where, got=shorten(twice), fix="remove one")
    for entry in raw:
        yield entry["code"], {k: v for k, v in entry.items() if k != "code"}


def _labels(raw: Any, where: str) -> Mapping[Any, Text]:
    """Labels as {code: {lang: text}}, or, shorter, {lang: {code: text}}; or as a list of tables."""
    if isinstance(raw, Mapping) and raw and set(raw) <= set(LANGUAGES):
        turned: dict[str, dict[str, str]] = {}
        for lang in raw:
            for code, text in table(raw, lang, "codebook", f"{where}, labels", CodebookError).items():
                turned.setdefault(code, {})[lang] = text
        raw = turned
    return MappingProxyType({code: _text(text, where) for code, text in _coded(raw, where)})


def _text(raw: Any, where: str) -> Text:
    if isinstance(raw, Mapping) and all(isinstance(text, str) for text in raw.values()):
        return MappingProxyType(dict(raw))
    if isinstance(raw, str):
        return MappingProxyType(dict.fromkeys(LANGUAGES, raw))
    raise CodebookError(
        "Expected a text.", where=where, got=raw, expected='"..." or {vi = "...", en = "..."}', fix="put it in quotes"
    )


def number(code: Any) -> Any:
    """TOML keys are strings; codes written as numbers are numbers. "01" and "nan" are text: no one counts like that."""
    if isinstance(code, str) and not _WRITTEN_NUMBER.fullmatch(code):
        return code
    if isinstance(code, str) and "." not in code:
        return int(code)
    value = float(code)
    return int(value) if value.is_integer() else value

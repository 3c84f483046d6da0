"""Variables of a codebook replaced, added, or changed field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from survey.base.names import column_named, composed_value
from survey.codebook import _toml
from survey.codebook._data import C, CodebookData
from survey.codebook._variable import LANGUAGES, Variable
from survey.errors import CodebookError, shorten

__all__ = ["update"]

_FIELDS = tuple(f for f in Variable.__dataclass_fields__ if f != "name")


def update(self: C, *variables: Variable | str | Sequence[str], **fields: Any) -> C:
    """Change variables: update("q1", direction=-1), update(["q1", "q2"], labels={1: "No", 2: "Yes"}).

    Parameters
    ----------
    *variables : Variable, or names of variables
        Variables that are added, or replace those of their name; or names, with the fields that change.
    **fields :
        Of `Variable`, as in a TOML file: `labels={1: {"vi": "...", "en": "..."}}` or `{1: "..."}`,
        `missing={99: "dont_know"}`, `text="..."`, `type="ordinal"`, `short`, `direction`, `base`, `role`, ...

    Returns
    -------
    Codebook

    Raises
    ------
    CodebookError
        For a name that the codebook lacks, an unknown field, or a field that may not hold this value.

    Examples
    --------
    >>> book.update(["q1", "q2"], missing={99: "dont_know"}, direction=1)  # doctest: +SKIP
    """
    whole = [v for v in variables if isinstance(v, Variable)]
    names = [n for v in variables if not isinstance(v, Variable) for n in ([v] if isinstance(v, str) else v)]
    if fields and not names:
        raise CodebookError(
            "Fields need the names of their variables.",
            where="update",
            got=shorten(fields),
            expected='update("q1", direction=1)',
        )
    _refuse_unknown(self, names, fields)
    known = {v.name: v for v in whole}
    for name in names:
        name = column_named(name, self.variables)
        known[name] = _changed(known.get(name) or self.variables[name], fields)
    return CodebookData.update(self, *known.values())


def _refuse_unknown(self: CodebookData, names: Sequence[str], fields: Mapping[str, Any]) -> None:
    for given, known, message, what in (
        (names, self.variables, "The codebook has no variable of this name.", "a variable of the codebook"),
        (fields, _FIELDS, "A variable has no field of this name.", "a field of Variable"),
    ):
        absent = [n for n in given if column_named(n, known) not in known]
        if absent:
            near = get_close_matches(str(absent[0]), [str(k) for k in known], 3)
            raise CodebookError(
                message,
                where="update",
                got=shorten(map(repr, absent)),
                expected=f"{what}: {shorten(known, 20)}",
                fix=f"did you mean {shorten(near, 3)}?" if near else "correct the name",
            )
    if names and not fields:
        raise CodebookError(
            "There is nothing to change.",
            where="update",
            got=shorten(names),
            expected='such as update("q1", type="ordinal")',
        )


def _changed(variable: Variable, fields: Mapping[str, Any]) -> Variable:
    """A variable with some fields as a TOML file would give them: the same checks, and the same shorter forms."""
    entry = {k: v for k, v in fields.items() if k not in ("missing_labels", "variants")}
    for name in ("labels", "missing"):
        if isinstance(entry.get(name), Mapping):
            entry[name] = _as_list(entry[name], name)
    entry.setdefault("labels", _as_list(variable.labels, "labels"))
    entry.setdefault("missing", [{"code": c, "kind": k} for c, k in variable.missing.items()])
    if entry["missing"] is None or entry["missing"] == []:
        entry["missing"] = False
    if entry["labels"] == [] or entry["labels"] is None:
        entry["labels"] = {}
    made = _toml.variable(variable.name, entry, {}, {}, "update")
    kept = {name: getattr(made, name) for name in fields if name not in ("missing_labels", "variants")}
    kept |= {name: MappingProxyType(dict(fields[name])) for name in ("missing_labels", "variants") if name in fields}
    if "missing" in fields and "missing_labels" not in fields:
        old = {c: t for c, t in variable.missing_labels.items() if c in made.missing}
        kept["missing_labels"] = MappingProxyType({**old, **made.missing_labels})
    return replace(variable, **kept)


def _as_list(entries: Mapping[Any, Any], name: str) -> Any:
    """Codes as a list of tables, in which the text "1" stays text; labels by language stay a mapping."""
    if name == "labels" and entries and all(k in LANGUAGES and isinstance(v, Mapping) for k, v in entries.items()):
        turned: dict[Any, dict[str, str]] = {}
        for lang, texts in entries.items():
            for code, text in texts.items():
                turned.setdefault(code, {})[lang] = text
        entries = turned
    word = "kind" if name == "missing" else ""
    listed = []
    for code, value in entries.items():
        parts = (
            dict(value) if isinstance(value, Mapping) else {word: value} if word else dict.fromkeys(LANGUAGES, value)
        )
        listed.append({"code": composed_value(code), **parts})
    return listed

"""A codebook as TOML, in the form that `Codebook.from_toml` reads: what goes beside a written file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from survey.codebook import LANGUAGES, Codebook, MultipleSet, Variable
from survey.codebook._toml import number

__all__ = ["codebook_toml"]

_USUAL = {"direction": 0, "dimension": "", "scored": False, "base": "", "role": "item", "unit": "", "required": False,
          "dont_know": "exclude", "element": "", "note": ""}  # fmt: skip


def codebook_toml(book: Codebook) -> str:
    """The whole codebook as TOML."""
    lines = ["[study]"]
    if book.title:
        lines.append(f"title = {_table(book.title)}")
    lines.append(f"simulated = {_word(book.simulated)}")
    if book.dimensions:
        lines += ["", "[dimensions]", *(f"{_text(n)} = {_table(t)}" for n, t in book.dimensions.items())]
    for variable in book.variables.values():
        lines += ["", f"[variables.{_text(variable.name)}]", *_variable(variable)]
    for several in book.sets.values():
        lines += ["", f"[sets.{_text(several.name)}]", *_set(several)]
    return "\n".join(lines) + "\n"


def _variable(v: Variable) -> list[str]:
    lines = [f"type = {_text(v.type)}"]
    if v.text:
        lines.append(f"text = {_table(v.text)}")
    if v.labels:
        lines.append(f"labels = {_coded(v.labels)}")
    if v.missing:
        lines.append(
            f"missing = {_coded({c: {'kind': k, **v.missing_labels.get(c, {})} for c, k in v.missing.items()})}"
        )
    else:
        lines.append("missing = false")
    for key, usual in _USUAL.items():
        value = getattr(v, key)
        if value != usual:
            lines.append(f"{key} = {_word(value)}")
    if v.limits is not None:
        lines.append(f"limits = [{v.limits[0]!r}, {v.limits[1]!r}]")
    return lines


def _set(s: MultipleSet) -> list[str]:
    lines = [f"variables = [{', '.join(map(_text, s.variables))}]", f"kind = {_text(s.kind)}"]
    if s.label:
        lines.append(f"label = {_table(s.label)}")
    return [*lines, f"counted = {_word(s.counted)}"]


def _coded(entries: Mapping[Any, Mapping[str, str]]) -> str:
    """Codes with their texts: {1 = {...}}, or a list where a code would not be the same after reading."""
    keys = {code: code if isinstance(code, str) else repr(code) for code in entries}
    plain = all(type(number(key)) is type(code) and number(key) == code for code, key in keys.items())
    if plain and not {str(k) for k in entries} <= set(LANGUAGES):
        return "{" + ", ".join(f"{_text(keys[c])} = {_table(t)}" for c, t in entries.items()) + "}"
    tables = (f"{{code = {_word(c)}{''.join(f', {_text(k)} = {_text(x)}' for k, x in t.items())}}}"
              for c, t in entries.items())  # fmt: skip
    return "[" + ", ".join(tables) + "]"


def _table(values: Mapping[Any, Any]) -> str:
    return "{" + ", ".join(f"{_text(str(k))} = {_text(t)}" for k, t in values.items()) + "}"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

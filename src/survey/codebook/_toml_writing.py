"""A codebook written as TOML that a person can read and finish: what variables share is said once."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base._archive import utf8
from survey.base.files import holds, keep_aside, refuse_sources, together, writing
from survey.base.toml import parsed
from survey.codebook._data import CodebookData
from survey.codebook._toml import from_dict, number
from survey.codebook._variable import LANGUAGES, MultipleSet, Text, Variable
from survey.codebook.scales import recognise_variable
from survey.errors import CodebookError, ExportError, shorten

__all__ = ["answers_of", "beside", "is_finished", "refuse_finished", "signed", "to_toml", "toml_text"]

_USUAL = {
    "direction": 0,
    "dimension": "",
    "scored": False,
    "base": "",
    "role": "item",
    "unit": "",
    "required": False,
    "dont_know": "exclude",
    "element": "",
    "note": "",
}
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_Scale = tuple[str, tuple[tuple[Any, tuple[tuple[str, str], ...]], ...]]


_ANSWERS = "# Of the answers with SHA-256 "
_SIGNATURE = "# Written by survey, which replaces this file as long as nobody changes it: SHA-256 "


def to_toml(
    self: CodebookData,
    path: str | os.PathLike[str],
    comments: Mapping[str, Sequence[str]] | None = None,
    *,
    replace_finished: bool = False,
) -> Path:
    """Write the codebook as TOML; `Codebook.from_toml` reads the same codebook.

    Parameters
    ----------
    path : path
        Written whole or not at all, the same bytes on every run.
    comments : mapping of variable to sequence of str, optional
        Remarks above a variable; those of "" at the top of the file.
    replace_finished : bool
        Take also the name of a file that a person wrote or changed, which is kept under a numbered name: `book.1.toml`.
        Never that of one that this codebook was read from.

    Returns
    -------
    Path

    Raises
    ------
    CodebookError
        If TOML cannot hold the codebook: one without variables, a code that is an answer and missing at once, one text
        in two Unicode forms as two codes.
    ExportError
        If there is a file of this name that a person wrote or changed; if the codebook was read from it.
    """
    content = signed(toml_text(self, comments))
    if holds(path, content):
        return Path(path)
    refuse_sources(path, self.files)
    if not replace_finished:
        refuse_finished(Path(path), content)
    with together():
        if replace_finished and is_finished(Path(path), content):
            keep_aside(path)
        with writing(path, self.files, endings=(".toml",)) as temporary:
            temporary.write_bytes(content)
    return Path(path)


def beside(data: Path) -> Path:
    """The codebook that belongs to one file of answers and to no other: `answers.dta.codebook.toml`."""
    return data.with_name(f"{data.name}.codebook.toml")


def signed(text: str, answers: str = "") -> bytes:
    """A text above a line by which `refuse_finished` knows that no one changed it.

    Above it stands the SHA-256 of the answers that it was written with, if there are any: where a computer stopped
    between the one file and the other, reading knows.
    """
    text += f"{_ANSWERS}{answers}\n" if answers else ""
    body = utf8(text, "the codebook")  # bytes: Windows would change the ends of lines
    return body + f"{_SIGNATURE}{hashlib.sha256(body).hexdigest()}\n".encode()


def answers_of(path: Path) -> str:
    """The SHA-256 of the answers that a codebook was written with; "" if it does not say."""
    text = path.read_bytes().decode("utf-8", "replace")
    found = re.findall(rf"^{_ANSWERS}([0-9a-f]{{64}})\s*$", text, re.MULTILINE)
    return found[-1] if found else ""


def refuse_finished(path: Path, content: bytes) -> None:
    """Raise if a file of other content is there that a person wrote or changed."""
    if is_finished(path, content):
        raise ExportError(
            "A manually edited codebook has this name and is not replaced.",
            where=path,
            got="a file without the mark of an untouched codebook",
            expected="no file, or an unedited draft",
            fix="choose another name, or move that codebook first",
        )


def is_finished(path: Path, content: bytes = b"") -> bool:
    """Whether a file of other content is there that a person wrote or changed."""
    try:
        old = path.read_bytes()
    except (OSError, ValueError):  # there is none; what else is wrong with the path, writing will say
        return False
    body, end, last = old.removesuffix(b"\n").rpartition(b"\n")
    ours = last.decode("utf-8", "replace") == _SIGNATURE + hashlib.sha256(body + end).hexdigest()
    return bool(old) and old != content and not ours


def toml_text(self: CodebookData, comments: Mapping[str, Sequence[str]] | None = None) -> str:
    """The text that `to_toml` writes."""
    comments = comments or {}
    shared = _most_common([_missing(v) for v in self.variables.values() if v.missing and _is_plain(v.missing)])
    scales = _scales(self.variables.values())
    lines = [*_remarks(comments.get("", ())), "[study]"]
    if self.title:
        lines.append(f"title = {_table(self.title)}")
    if self.collected:
        lines.append(f"source = {_table(self.collected)}")
    lines.append(f"simulated = {_word(self.simulated)}")
    if self.dimensions:
        lines += ["", "[dimensions]", *(f"{_key(n)} = {_table(t)}" for n, t in self.dimensions.items())]
    if shared:
        lines += ["", "# codes that are no answers, for every variable that does not say otherwise"]
        lines += _coded("missing", dict(shared), spread=True)
    for scale, name in scales.items():
        lines += ["", f"[scales.{_key(name)}]", f"type = {_text(scale[0])}"]
        lines += _coded("labels", {c: dict(t) for c, t in scale[1]}, spread=False)
    for variable in self.variables.values():
        lines += ["", *_remarks(comments.get(variable.name, ())), f"[variables.{_key(variable.name)}]"]
        lines += _variable(variable, scales, shared)
    for several in self.sets.values():
        lines += ["", f"[sets.{_key(several.name)}]", *_set(several)]
    text = unicodedata.normalize("NFC", "\n".join(lines) + "\n")
    _refuse_what_is_lost(self, text)
    return text


def _refuse_what_is_lost(self: CodebookData, text: str) -> None:
    """Raise if reading the text gives another codebook."""
    from survey.codebook._compare import differences

    try:
        again = from_dict(type(self), parsed(text), source=self.source)
    except tomllib.TOMLDecodeError as problem:  # two keys that are one after composing letters
        raise CodebookError(
            "The codebook cannot be written as TOML.",
            where=self.source or None,
            got=problem,
            expected="a text in one Unicode form",
            fix="rename one of the two",
        ) from None
    lost = [f"{row[0] or 'study'}: {row[1]}" for row in differences(_composed(self), again)]
    if lost:
        raise CodebookError(
            "The codebook would not survive a round trip.",
            where=self.source or None,
            got=shorten(lost),
            expected="codes that are text or finite numbers, each once",
        )


def _composed(value: Any) -> Any:
    """The same with every text in NFC, as a file of text is read."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return MappingProxyType({_composed(k): _composed(v) for k, v in value.items()})
    if isinstance(value, tuple):
        return tuple(_composed(v) for v in value)
    if hasattr(value, "__dataclass_fields__"):
        return replace(value, **{name: _composed(getattr(value, name)) for name in value.__dataclass_fields__})
    return value


def _variable(v: Variable, scales: Mapping[_Scale, str], shared: Any) -> list[str]:
    lines = []
    scale = _scale(v)
    if scale in scales:
        lines.append(f"scale = {_text(scales[scale])}")
    else:
        lines.append(f"type = {_text(v.type)}")
    if v.text:
        lines.append(f"text = {_table(v.text)}")
    lines += [f"{key} = {_table(text)}" for key in ("short", "instruction") if (text := getattr(v, key))]
    lines += [f"variants.{_key(form)} = {_table(text)}" for form, text in v.variants.items()]
    if v.labels and scale not in scales:
        lines += _coded("labels", v.labels, spread=False)
    if _missing(v) != shared:
        lines += _coded("missing", dict(_missing(v)), spread=False) if v.missing else ["missing = false"]
    lines += [f"{key} = {_word(getattr(v, key))}" for key, usual in _USUAL.items() if getattr(v, key) != usual]
    if v.limits is not None:
        lines.append(f"limits = [{_word(v.limits[0])}, {_word(v.limits[1])}]")
    return lines


def _set(s: MultipleSet) -> list[str]:
    lines = [f"kind = {_text(s.kind)}", f"variables = [{', '.join(map(_text, s.variables))}]"]
    usual = None if s.kind == "categories" else 1  # a set of categories counts every code
    lines += [f"counted = {_word(s.counted)}"] if s.counted != usual or isinstance(s.counted, str) else []
    lines += [f"base = {_text(s.base)}"] if s.base else []
    lines += [f"exclusive = [{', '.join(map(_text, s.exclusive))}]"] if s.exclusive else []
    return [*lines, *([f"label = {_table(s.label)}"] if s.label else [])]


def _missing(v: Variable) -> tuple[tuple[Any, dict[str, str]], ...]:
    if set(v.missing_labels) - set(v.missing):
        extra = sorted(str(c) for c in set(v.missing_labels) - set(v.missing))
        raise CodebookError(
            "A label does not belong to a missing code.",
            where=v.name,
            got=shorten(extra),
            fix="give the code a kind in `missing`",
        )
    return tuple((c, {"kind": k, **v.missing_labels.get(c, {})}) for c, k in v.missing.items())


def _most_common(found: list[Any]) -> Any:
    """What at least two variables share, or nothing."""
    counts = Counter(json.dumps(entry, ensure_ascii=False) for entry in found)
    text, times = counts.most_common(1)[0] if counts else ("", 0)
    return next((e for e in found if json.dumps(e, ensure_ascii=False) == text), ()) if times > 1 else ()


def _scale(v: Variable) -> _Scale:
    return v.type, tuple((c, tuple(t.items())) for c, t in v.labels.items())


def _scales(variables: Iterable[Variable]) -> dict[_Scale, str]:
    """Answers that several variables share, under the name of a known scale or of the first of them."""
    seen: dict[str, list[Variable]] = {}
    for v in variables:
        if v.labels:
            seen.setdefault(repr(_scale(v)), []).append(v)
    shared = [same for same in seen.values() if len(same) > 1]
    known = [recognise_variable(same[0]) for same in shared]
    names = ["" if k is None else k.name for k in known]
    return {
        _scale(same[0]): name if name and names.count(name) == 1 else f"of_{same[0].name}"
        for same, name in zip(shared, names, strict=True)
    }


def _is_plain(codes: Iterable[Any]) -> bool:
    """Whether codes are the same after they were keys of a table; "vi" and "en" would be taken for languages."""
    keys = {code: code if isinstance(code, str) else _word(code) for code in codes}
    same = all(number(k) == c and isinstance(number(k), str) == isinstance(c, str) for c, k in keys.items())
    return same and len(set(keys.values())) == len(keys) and not (keys and set(keys.values()) <= set(LANGUAGES))


def _coded(name: str, entries: Mapping[Any, Mapping[str, str]], spread: bool) -> list[str]:
    """Codes with their texts as a table, or as a list where a code would be another one after reading."""
    keys = {code: code if isinstance(code, str) else _word(code) for code in entries}
    if not _is_plain(entries):
        told = [
            "{code = " + ", ".join([_word(c), *(f"{_key(k)} = {_text(t)}" for k, t in e.items())]) + "}"
            for c, e in entries.items()
        ]
        return [f"{name} = [", *(f"    {line}," for line in told), "]"]
    parts = [f"{_key(keys[c])} = {_table(e)}" for c, e in entries.items()]
    if spread:
        return [f"[{name}]", *parts]
    whole = f"{name} = {{ {', '.join(parts)} }}"
    if len(whole) <= 110:
        return [whole]
    if all(not _table(e).startswith("{") for e in entries.values()):
        return [f"{name}.{part}" for part in parts]
    languages = list(dict.fromkeys(lang for e in entries.values() for lang in e))
    if (
        name == "labels"
        and languages
        and set(languages) <= set(LANGUAGES)
        and all(set(e) == set(languages) for e in entries.values())
    ):
        return [
            f"{name}.{lang} = {{ {', '.join(f'{_key(keys[c])} = {_text(e[lang])}' for c, e in entries.items())} }}"
            for lang in languages
        ]
    return [f"{name}.{part}" for part in parts]


def _table(values: Text) -> str:
    """A text by language; one string where all languages of the project say the same."""
    if set(values) == set(LANGUAGES) and len(set(values.values())) == 1:
        return _text(next(iter(values.values())))
    return "{ " + ", ".join(f"{_key(k)} = {_text(t)}" for k, t in values.items()) + " }" if values else "{}"


def _remarks(texts: Iterable[str]) -> list[str]:
    return [
        f"# {line}".rstrip() for text in texts for line in re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", text).splitlines()
    ]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else repr(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's too, all but the one for DEL."""
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")

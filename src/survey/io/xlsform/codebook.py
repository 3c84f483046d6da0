"""The codebook of an XLSForm, the workbook that KoboToolbox, ODK and SurveyCTO load.

A form says what was asked, of whom and in which words. What an analysis needs besides stands in separate columns,
which those programs pass over; what is in neither is not guessed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from survey.base.catalogue import Note
from survey.codebook import (
    LANGUAGES,
    MISSING_KINDS,
    Codebook,
    MultipleSet,
    Text,
    Variable,
    catalogue_text,
    pick,
    same_text,
)
from survey.codebook._toml import number
from survey.errors import CodebookError, shorten
from survey.io.metadata import kind_of
from survey.io.xlsform.form import Group, Question, XLSForm, read_form, safe
from survey.io.xlsform.relevant import base_of

__all__ = ["Group", "Question", "XLSForm", "codebook_from_xlsform", "codebook_of_form", "read_form", "safe"]

_NUMBERS = ("integer", "decimal", "range")
_PARADATA = ("start", "end", "today")
_PERSONAL = (
    "deviceid",
    "username",
    "phonenumber",
    "subscriberid",
    "simserial",
    "email",
    "geopoint",
    "geotrace",
    "geoshape",
    "start-geopoint",
    "image",
    "audio",
    "video",
    "file",
)
_NO_ANSWER = ("note", "audit", "background-audio", "xml-external", "csv-external")
_NO_YES: Mapping[Any, Text] = MappingProxyType(
    {i: catalogue_text(f"labels.{key}") for i, key in enumerate(("no", "yes"))}
)
_YES, _NO = ("yes", "true", "true()", "1"), ("", "no", "false", "false()", "0")
_EVERYONE = "everyone"


def codebook_from_xlsform(
    path: str | os.PathLike[str], missing: Mapping[Any, str] | Codebook | None = None
) -> Codebook:
    """Read the codebook of an XLSForm.

    Parameters
    ----------
    path : path of a workbook
        Sheets survey, choices and settings. Columns of one's own count where they stand. In survey: `codebook_type`
        ("ordinal"), `dimension`, `direction`, `scored`, `role`, `unit`, `limits` ("0 600"), `missing` (the list of
        choices that are missing codes of a number), `dont_know`, `element`, `codebook_note`, `codebook_required`,
        `base` (instead of what `relevant` says; "everyone" in the row of a group: its `relevant` is not a base). In
        choices: `kind` (or `missing`): the kind of missing answer that a choice is.
    missing : mapping of code to kind, or Codebook, optional
        Codes that are missing answers wherever they are choices; those of another codebook.

    Returns
    -------
    Codebook
        Variables in the order of the form, XLSForm notes in `extra["notes"]`. A question with several answers is one
        0/1 variable an option (`channel_web`), together a set. A `relevant` that our expressions cannot say stays in
        the variable's note.

    Raises
    ------
    ReadError
        If the file is missing, cut short, or no XLSForm.
    CodebookError
        If the form contradicts itself, or one of the additional columns has an unknown value.
    """
    return codebook_of_form(read_form(path), missing).read_from(path)


def codebook_of_form(form: XLSForm, missing: Mapping[Any, str] | Codebook | None = None) -> Codebook:
    """The codebook of a form that was read already; see `codebook_from_xlsform`."""
    if isinstance(missing, Codebook):
        missing = {code: kind for v in missing.variables.values() for code, kind in v.missing.items()}
    return _Maker(form, dict(missing or {})).made()


class _Maker:
    def __init__(self, form: XLSForm, shared: Mapping[Any, str]) -> None:
        self.form, self.notes = form, []  # type: tuple[XLSForm, list[str]]
        self.kinds = {name: self._kinds(name, rows, shared) for name, rows in form.choices.items()}
        self.several = {q.name: q for q in form.questions if q.kind == "select_multiple"}
        self.codes = {q.name: {w: number(w) for w in q.choices} for q in form.questions if q.kind == "select_one"}

    def made(self) -> Codebook:
        variables: dict[str, Variable] = {}
        sets: dict[str, MultipleSet] = {}
        for q in self.form.questions:
            if q.kind in _NO_ANSWER:
                continue
            made = [self._variable(q, self.form.column(q))]
            if q.kind == "select_multiple":
                made = [self._option(made[0], q, code) for code in q.choices]
                lacking = self.kinds.get(q.list_name, {})  # "don't know" has a column too, and is none of the answers
                answers = [v.name for v, code in zip(made, q.choices, strict=True) if number(code) not in lacking]
                name = self.form.column(q)
                sets[name] = MultipleSet(name, tuple(answers), "dichotomies", q.text)
            for variable in made:
                if variable.name in variables:
                    raise CodebookError(
                        "Two questions have the same column.",
                        where=self._where(q),
                        got=variable.name,
                        expected="a separate column for each question and option",
                        fix="rename one of them",
                    )
                variables[variable.name] = variable
        if not variables:
            raise CodebookError("The form has no questions.", where=self.form.source, expected="questions")
        settings = self.form.settings
        title = {lang: settings[f"title::{lang}"] for lang in self.form.languages if settings.get(f"title::{lang}")}
        plain = settings.get("form_title", "")
        return Codebook(
            MappingProxyType(variables),
            dimensions=MappingProxyType(
                {r["name"]: _by_language(r) for r in self.form.sheets.get("dimensions", ()) if r.get("name")}
            ),
            title=MappingProxyType(title or (dict(same_text(plain)) if plain else {})),
            source=self.form.source,
            simulated=_truth(settings.get("simulated", ""), f"{self.form.source}, sheet settings, simulated"),
            sets=MappingProxyType(sets),
            extra=MappingProxyType({"notes": tuple(self.notes)} if self.notes else {}),
        )

    def _where(self, q: Question) -> str:
        return f"{self.form.source}, sheet survey, row {q.row}, {q.name}"

    def _kinds(self, name: str, rows: Mapping[str, Mapping[str, str]], shared: Mapping[Any, str]) -> dict[Any, str]:
        found: dict[Any, str] = {}
        for written, row in rows.items():
            code, said = number(written), row.get("kind") or row.get("missing") or ""
            if said and said not in MISSING_KINDS:
                raise CodebookError(
                    "The kind of missing answer of a choice is unknown.",
                    got=said,
                    expected=shorten(MISSING_KINDS),
                    where=f"{self.form.source}, sheet choices, row {row['_row']}, {name}, {written}",
                )
            kind = said or shared.get(code, "")
            if kind:
                found[code] = kind
        # "very unclear" reads like "don't know"; where the list has a don't-know of its own it is an answer
        for written, row in rows.items():
            labels = [t for h, t in row.items() if h == "label" or h.startswith("label::")]
            if number(written) not in found and {kind_of(t) for t in labels} - {"blank", *found.values()}:
                self.notes.append(Note("reading.form_kind", list=name, choice=written))
        return found

    def _variable(self, q: Question, name: str) -> Variable:
        cells, where = q.cells, self._where(q)
        listed = cells.get("missing", "") if not q.choices else q.list_name
        if listed and listed not in self.form.lists:
            raise CodebookError(
                "A question uses a list of missing codes that does not exist.",
                where=where,
                got=listed,
                expected=shorten(self.form.lists),
                fix="add it to the sheet choices",
            )
        kinds, texts = self.kinds.get(listed, {}), self.form.lists.get(listed, {})
        base, base_note = self._base(q)
        notes = [cells.get("codebook_note", ""), base_note]
        if q.repeat:
            notes.append(Note("reading.form_repeat", group=q.repeat))
        if cells.get("choice_filter"):
            notes.append(f"choice_filter: {cells['choice_filter']}")
            self.notes.append(Note("reading.form_filter", column=name))
        direction = cells.get("direction", "0")
        required = _truth(cells.get("required", ""), f"{where}, required", other=False)
        entry: dict[str, Any] = {
            "type": cells.get("codebook_type") or self._type(q, kinds),
            "dimension": cells.get("dimension", ""),
            "direction": int(direction) if re.fullmatch(r"[+-]?\d", direction) else direction,
            "base": base,
            "scored": _truth(cells.get("scored", ""), f"{where}, scored"),
            "unit": cells.get("unit", ""),
            "role": cells.get("role") or _role(q),
            "dont_know": cells.get("dont_know", "exclude"),
            "element": cells.get("element", ""),
            "note": "; ".join(n for n in notes if n),
            "missing": False,
            # where a missing code can be chosen, an empty cell is no rule broken: the form could not be left so
            "required": _truth(cells["codebook_required"], f"{where}, codebook_required")
            if "codebook_required" in cells
            else required and not kinds,
        }
        limits = self._limits(q, where)
        made = Codebook.from_dict({"variables": {name: entry}}, source=where)[name]
        return replace(
            made,
            text=q.text,
            short=_texts_of(cells, "short"),
            instruction=_instruction(cells, kinds, texts),
            limits=limits,
            labels=MappingProxyType({number(c): t for c, t in q.choices.items() if number(c) not in kinds}),
            missing=MappingProxyType(dict(kinds)),
            missing_labels=MappingProxyType({number(c): t for c, t in texts.items() if number(c) in kinds and t}),
        )

    def _option(self, made: Variable, q: Question, code: str) -> Variable:
        none: Mapping[Any, Any] = MappingProxyType({})
        return replace(
            made,
            name=self.form.column(q, code),
            type="binary",
            text=q.choices[code],
            labels=_NO_YES,
            missing=none,
            missing_labels=none,
        )

    def _type(self, q: Question, kinds: Mapping[Any, str]) -> str:
        if q.kind == "select_one":
            return "binary" if {number(c) for c in q.choices} - set(kinds) == {0, 1} else "nominal"
        if q.kind in _NUMBERS:
            return "number"
        if q.kind == "calculate":
            return "number" if re.fullmatch(r"-?\d+(\.\d+)?", q.cells.get("calculation", "")) else "text"
        if q.kind in ("date", "dateTime", "start", "end", "today"):
            return "date"
        if q.kind not in ("text", "time", "barcode", "hidden", "acknowledge", "rank", *_PERSONAL, *self.several_kinds):
            self.notes.append(Note("reading.form_type", column=q.name, type=q.kind))
        return "text"

    several_kinds = ("select_multiple", "select_one_from_file", "select_multiple_from_file", "select_one_external")

    def _base(self, q: Question) -> tuple[str, str]:
        own = q.cells.get("base", "")
        if own:
            return "" if own == _EVERYONE else own, ""
        said = [g.relevant for g in q.groups if g.relevant and g.cells.get("base") != _EVERYONE]
        said += [q.cells["relevant"]] if q.cells.get("relevant") else []
        if not said:
            return "", ""
        whole = said[0] if len(said) == 1 else " and ".join(f"({s})" for s in said)
        base, why = base_of(whole, self.codes, self._option_column)
        if not why:
            return base, ""
        self.notes.append(Note("reading.form_base", column=q.name, relevant=whole, why=why))
        return "", f"relevant: {whole}"

    def _option_column(self, name: str, code: str) -> str | None:
        q = self.several.get(name)
        return None if q is None else self.form.column(q, code)

    def _limits(self, q: Question, where: str) -> tuple[float, float] | None:
        written = q.cells.get("limits", "")
        if written:
            try:
                low, high = (float(x) for x in written.split())
            except ValueError:
                raise CodebookError("Limits must be two numbers.", where=where, got=written, expected="0 600") from None
            return low, high
        if q.kind == "range":
            found = dict(re.findall(r"(start|end)\s*=\s*(-?\d+(?:\.\d+)?)", q.cells.get("parameters", "")))
            return (float(found["start"]), float(found["end"])) if len(found) == 2 else None
        return _range(q.cells.get("constraint", "")) if q.kind in _NUMBERS else None


def _texts_of(cells: Mapping[str, str], what: str) -> Text:
    """The texts of a translated column by language; of a plain one in both languages."""
    found = {h.partition("::")[2]: t for h, t in cells.items() if h.startswith(f"{what}::") and t}
    plain = cells.get(what, "")
    return MappingProxyType(found or (dict.fromkeys(LANGUAGES, plain) if plain else {}))


def _instruction(cells: Mapping[str, str], kinds: Mapping[Any, str], texts: Mapping[str, Text]) -> Text:
    """The hints of a question, without the missing codes that `write_xlsform` lists at their end."""
    labels = {number(written): text for written, text in texts.items()}
    out = {}
    for lang, hint in _texts_of(cells, "hint").items():
        listed = ", ".join(f"{code} = {pick(labels.get(code, {}), lang, str(code))}" for code in kinds)
        own = hint.removesuffix(listed).rstrip() if listed else hint
        if own:
            out[lang] = own
    return MappingProxyType(out)


def _range(constraint: str) -> tuple[float, float] | None:
    """Smallest and largest number of ". >= 0 and . <= 600 or . = -98"; None if it is of another form."""
    value = r"(-?\d+(?:\.\d+)?)"
    shape = rf"\(?\s*\.\s*>=\s*{value}\s+and\s+\.\s*<=\s*{value}\s*\)?(?:\s+or\s+\.\s*=\s*-?\d+(?:\.\d+)?)*"
    match = re.fullmatch(shape, constraint.strip())
    return (float(match[1]), float(match[2])) if match else None


def _role(q: Question) -> str:
    if q.kind in _PERSONAL:
        return "personal"
    return "paradata" if q.kind in _PARADATA else "derived" if q.kind == "calculate" else "item"


def _truth(written: str, where: str, other: bool | None = None) -> bool:
    """Yes or no; `other` for anything else, such as the condition that `required` may be."""
    text = written.strip().lower()
    if text in _YES or text in _NO:
        return text in _YES
    if other is not None:
        return other
    raise CodebookError("Expected yes or no.", where=where, got=written, expected="yes or no")


def _by_language(row: Mapping[str, str]) -> Text:
    plain = row.get("label")
    found = {h.partition("::")[2]: t for h, t in row.items() if h.startswith("label::")}
    return MappingProxyType((dict(same_text(plain)) if plain else {}) | found)

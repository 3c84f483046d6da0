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
from survey.io.xlsform.choices import codes_of, texts_of
from survey.io.xlsform.form import Group, Question, XLSForm, read_form, safe
from survey.io.xlsform.limits import limits_of_constraint, limits_of_range
from survey.io.xlsform.own_columns import columns_of_others
from survey.io.xlsform.question_types import NO_ANSWER, PERSONAL, is_known
from survey.io.xlsform.relevant import base_of_all
from survey.io.xlsform.subjects import Subjects

__all__ = ["Group", "Question", "XLSForm", "codebook_from_xlsform", "codebook_of_form", "read_form", "safe"]

_NUMBERS = ("integer", "decimal", "range")
_PARADATA = ("start", "end", "today")
_NO_YES: Mapping[Any, Text] = MappingProxyType(
    {i: catalogue_text(f"labels.{key}") for i, key in enumerate(("no", "yes"))}
)
_YES, _NO = ("yes", "true", "true()", "1"), ("", "no", "false", "false()", "0")
_EVERYONE = "everyone"
_SPOKEN_ROLES = {"wave": "period", "ward": "frame", "overall": "item", "breakdown": "respondent"}
"""Roles in the words of a form, and the roles that a codebook has for them."""
_ROLES = ("item", "respondent", "open", "paradata", "derived", "frame", "id", "pseudonym", "stratum", "psu", "weight")


def codebook_from_xlsform(
    path: str | os.PathLike[str], missing: Mapping[Any, str] | Codebook | None = None
) -> Codebook:
    """Read the codebook of an XLSForm.

    Parameters
    ----------
    path : path of a workbook
        Sheets survey, choices and settings. Columns of one's own count where they stand, also as `survey::dimension`
        or `bind::survey:dimension`. In survey: `codebook_type`
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
        the variable's note. A row that cannot be read is a question of text, or left out, with a note.

    Raises
    ------
    ReadError
        If the file is missing, cut short, or no XLSForm.
    CodebookError
        If its groups do not fit each other, or one of the additional columns has an unknown value.
    """
    return codebook_of_form(read_form(path), missing).read_from(path)


def codebook_of_form(form: XLSForm, missing: Mapping[Any, str] | Codebook | None = None) -> Codebook:
    """The codebook of a form that was read already; see `codebook_from_xlsform`."""
    if isinstance(missing, Codebook):
        missing = {code: kind for v in missing.variables.values() for code, kind in v.missing.items()}
    return _Maker(form, dict(missing or {})).made()


class _Maker:
    def __init__(self, form: XLSForm, shared: Mapping[Any, str]) -> None:
        self.form, self.notes = form, list(form.notes)
        self.others = columns_of_others(form)
        self.notes += [Note("reading.form_own", column=header) for header in sorted(self.others)]
        kinds = {name: self._kinds(name, rows, shared) for name, rows in form.choices.items()}
        self.codes = {name: codes_of(texts, kinds.get(name, {})) for name, texts in form.lists.items()}
        self.kinds = {name: {self.codes[name][w]: kind for w, kind in found.items()} for name, found in kinds.items()}
        self.subjects = Subjects(form, self.codes, [q for q in form.questions if self._role(q) == "personal"])

    def made(self) -> Codebook:
        variables: dict[str, Variable] = {}
        sets: dict[str, MultipleSet] = {}
        for q in self.form.questions:
            if q.kind in NO_ANSWER:
                continue
            made = [self._variable(q, self.form.column(q))]
            if q.kind == "select_multiple":
                made = [self._option(made[0], q, code) for code in q.choices]
                codes, lacking = self.codes.get(q.list_name, {}), self.kinds.get(q.list_name, {})
                # "don't know" has a column too, and is none of the answers
                answers = [v.name for v, code in zip(made, q.choices, strict=True) if codes[code] not in lacking]
                name = self.form.column(q)
                if answers:
                    sets[name] = MultipleSet(name, tuple(answers), "dichotomies", q.text)
            for variable in made:
                variables[variable.name] = variable
        if not variables:  # a form of notes and pictures: its data are the columns of the platform
            self.notes.append(Note("reading.form_empty"))
        settings = self.form.settings
        title = {lang: settings[f"title::{lang}"] for lang in self.form.languages if settings.get(f"title::{lang}")}
        plain = settings.get("form_title", "")
        return Codebook(
            MappingProxyType(variables),
            dimensions=MappingProxyType(
                {r["name"]: texts_of(r) for r in self.form.sheets.get("dimensions", ()) if r.get("name")}
            ),
            title=MappingProxyType(title or (dict(same_text(plain)) if plain else {})),
            source=self.form.source,
            simulated=_truth(settings.get("simulated", ""), f"{self.form.source}, sheet settings, simulated"),
            sets=MappingProxyType(sets),
            extra=MappingProxyType({"notes": tuple(self.notes)} if self.notes else {}),
        )

    def _where(self, q: Question) -> str:
        return f"{self.form.source}, sheet survey, row {q.row}, {q.name}"

    def _kinds(self, name: str, rows: Mapping[str, Mapping[str, str]], shared: Mapping[Any, str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for written, row in rows.items():
            ours = [h for h in ("kind", "missing") if f"choices, {h}" not in self.others]
            said = next((row[h] for h in ours if row.get(h)), "")
            if said and said not in MISSING_KINDS:
                raise CodebookError(
                    "The kind of missing answer of a choice is unknown.",
                    got=said,
                    expected=shorten(MISSING_KINDS),
                    where=f"{self.form.source}, sheet choices, row {row['_row']}, {name}, {written}",
                )
            kind = said or shared.get(number(written), "")
            if kind:
                found[written] = kind
        # "very unclear" reads like "don't know"; where the list has a don't-know of its own it is an answer
        for written, row in rows.items():
            labels = [t for h, t in row.items() if h == "label" or h.startswith("label::")]
            if written not in found and {kind_of(t) for t in labels} - {"blank", *found.values()}:
                self.notes.append(Note("reading.form_kind", list=name, choice=written))
        return found

    def _variable(self, q: Question, name: str) -> Variable:
        cells, where = self._cells(q), self._where(q)
        listed = cells.get("missing", "") if not q.choices else q.list_name
        if listed and listed not in self.form.lists:
            raise CodebookError(
                "A question uses a list of missing codes that does not exist.",
                where=where,
                got=listed,
                expected=shorten(self.form.lists),
                fix="add it to the sheet choices",
            )
        kinds, codes = self.kinds.get(listed, {}), self.codes.get(listed, {})
        texts = {codes[written]: text for written, text in self.form.lists.get(listed, {}).items()}
        base, base_note = self._base(q)
        notes = [cells.get("codebook_note", ""), base_note]
        if q.repeat:
            notes.append(Note("reading.form_repeat", group=q.repeat))
        if cells.get("choice_filter"):
            notes.append(f"choice_filter: {cells['choice_filter']}")
            self.notes.append(Note("reading.form_filter", column=name))
        direction = cells.get("direction", "0")
        required = _truth(cells.get("required", ""), f"{where}, required", other=False)
        if not required and cells.get("required", "").lower() not in _NO:
            self.notes.append(Note("reading.form_required", column=name, condition=cells["required"]))
        entry: dict[str, Any] = {
            "type": cells.get("codebook_type") or self._type(q, kinds),
            "dimension": cells.get("dimension", ""),
            "direction": int(direction) if re.fullmatch(r"[+-]?\d", direction) else direction,
            "base": base,
            "scored": _truth(cells.get("scored", ""), f"{where}, scored"),
            "unit": cells.get("unit", ""),
            "role": self._role(q),
            "dont_know": cells.get("dont_know", "exclude"),
            "element": cells.get("element", ""),
            "note": "; ".join(n for n in notes if n),
            "missing": False,
            # where a missing code can be chosen, an empty cell is no rule broken: the form could not be left so
            "required": _truth(cells["codebook_required"], f"{where}, codebook_required")
            if "codebook_required" in cells
            else required and not kinds,
        }
        limits = self._limits(q, cells, where)
        made = Codebook.from_dict({"variables": {name: entry}}, source=where)[name]
        return replace(
            made,
            text=q.text,
            short=_texts_of(cells, "short"),
            instruction=_instruction(cells, kinds, texts),
            limits=limits,
            labels=MappingProxyType({codes[c]: t for c, t in q.choices.items() if codes[c] not in kinds}),
            missing=MappingProxyType(dict(kinds)),
            missing_labels=MappingProxyType({code: t for code, t in texts.items() if code in kinds and t}),
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
            return "binary" if set(self.codes[q.list_name].values()) - set(kinds) == {0, 1} else "nominal"
        if q.kind in _NUMBERS:
            return "number"
        if q.kind == "calculate":
            return "number" if re.fullmatch(r"-?\d+(\.\d+)?", q.cells.get("calculation", "")) else "text"
        if q.kind in ("date", "dateTime", "start", "end", "today"):
            return "date"
        if not is_known(q.kind):
            self.notes.append(Note("reading.form_type", column=self.form.column(q), type=q.kind))
        return "text"

    def _base(self, q: Question) -> tuple[str, str]:
        own = self._cells(q).get("base", "")
        if own:
            return "" if own == _EVERYONE else own, ""
        parts = [
            (g.relevant, self.subjects.seen_from(q.groups[:depth], g.name))
            for depth, g in enumerate(q.groups)
            if g.relevant and ("base" in self.others or g.cells.get("base") != _EVERYONE)
        ]
        if q.cells.get("relevant"):
            parts.append((q.cells["relevant"], self.subjects.seen_from(q.groups, q.name)))
        if not parts:
            return "", ""
        base, why = base_of_all(parts)
        if not why:
            return base, ""
        said = [relevant for relevant, _ in parts]
        whole = said[0] if len(said) == 1 else " and ".join(f"({s})" for s in said)
        self.notes.append(Note("reading.form_base", column=self.form.column(q), relevant=whole, why=why))
        return "", f"relevant: {whole}"

    def _limits(self, q: Question, cells: Mapping[str, str], where: str) -> tuple[float, float] | None:
        written = cells.get("limits", "")
        if written:
            try:
                low, high = (float(x) for x in written.split())
            except ValueError:
                raise CodebookError("Limits must be two numbers.", where=where, got=written, expected="0 600") from None
            return low, high
        constraint = cells.get("constraint", "")
        limits = limits_of_constraint(constraint, whole=q.kind == "integer") if q.kind in _NUMBERS else None
        followed = not constraint or limits is not None
        if q.kind == "range":
            ends = limits_of_range(cells.get("parameters", ""))
            followed = not constraint or limits == ends
            limits = ends
        if not followed:
            self.notes.append(
                Note("reading.form_constraint", column=self.form.column(q), constraint=shorten([constraint]))
            )
        return limits

    def _cells(self, q: Question) -> Mapping[str, str]:
        """The cells of a question, without those of columns that are called as ours are and are not ours."""
        return {h: t for h, t in q.cells.items() if h not in self.others} if self.others else q.cells

    def _role(self, q: Question) -> str:
        said = self._cells(q).get("role", "")
        said = _SPOKEN_ROLES.get(said, said)
        if q.kind in PERSONAL:  # a role of somebody's own never brings a place or a device into the data
            return said if said in _ROLES else "personal"
        if said:
            return said
        return "paradata" if q.kind in _PARADATA else "derived" if q.kind == "calculate" else "item"


def _texts_of(cells: Mapping[str, str], what: str) -> Text:
    """The texts of a translated column by language; of a plain one in both languages."""
    found = {h.partition("::")[2]: t for h, t in cells.items() if h.startswith(f"{what}::") and t}
    plain = cells.get(what, "")
    return MappingProxyType(found or (dict.fromkeys(LANGUAGES, plain) if plain else {}))


def _instruction(cells: Mapping[str, str], kinds: Mapping[Any, str], labels: Mapping[Any, Text]) -> Text:
    """The hints of a question, without the missing codes that `write_xlsform` lists at their end."""
    out = {}
    for lang, hint in _texts_of(cells, "hint").items():
        listed = ", ".join(f"{code} = {pick(labels.get(code, {}), lang, str(code))}" for code in kinds)
        own = hint.removesuffix(listed).rstrip() if listed else hint
        if own:
            out[lang] = own
    return MappingProxyType(out)


def _truth(written: str, where: str, other: bool | None = None) -> bool:
    """Yes or no; `other` for anything else, such as the condition that `required` may be."""
    text = written.strip().lower()
    if text in _YES or text in _NO:
        return text in _YES
    if other is not None:
        return other
    raise CodebookError("Expected yes or no.", where=where, got=written, expected="yes or no")

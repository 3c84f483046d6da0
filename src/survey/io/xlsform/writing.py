"""A codebook as an XLSForm that KoboToolbox and ODK load."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from survey.base import catalogue
from survey.base._archive import EPOCH, without_dates
from survey.base.files import writing
from survey.codebook import LANGUAGES, Codebook, Text, Variable
from survey.errors import CodebookError, shorten
from survey.io.xlsform.codebook import codebook_from_xlsform
from survey.io.xlsform.relevant import relevant_of
from survey.io.xlsform.survey_sheet import is_name

__all__ = ["Section", "note_row", "write_xlsform"]

_OWN = (
    "codebook_type",
    "dimension",
    "direction",
    "scored",
    "role",
    "unit",
    "missing",
    "dont_know",
    "element",
    "codebook_note",
    "base",
)
_KINDS = {"number": "integer", "text": "text", "date": "date", "id": "text"}


@dataclass(frozen=True, slots=True)
class Section:
    """A group of questions on one page after another.

    Parameters
    ----------
    name : str
    text : Text
    variables : tuple of str
    relevant : str
        An expression of ours: whom the whole section is for.
    rows : tuple of mappings
        Rows of the survey sheet as they stand, before the questions (metadata, notes, calculations).
    """

    name: str
    text: Text
    variables: tuple[str, ...]
    relevant: str = ""
    rows: tuple[Mapping[str, str], ...] = field(default=())


def note_row(name: str, text: Text, base: str = "") -> dict[str, str]:
    """A row of the survey sheet that is read out and not answered; `base` says to whom, as an expression of ours."""
    row = {"type": "note", "name": name} | _said("label", text, tuple(text), name)
    return row | ({"relevant": relevant_of(base)} if base else {})


def write_xlsform(
    book: Codebook,
    path: str | os.PathLike[str],
    sections: Sequence[Section] | None = None,
    *,
    form_id: str = "survey",
    version: str = "1",
    title: str = "",
    languages: Sequence[str] = ("vi", "en"),
) -> Path:
    """Write an XLSForm; `codebook_from_xlsform` reads it back.

    Parameters
    ----------
    book : Codebook
    path : path
        Ends in .xlsx; written whole or not at all, the same bytes on every run.
    sections : list of Section, optional
        All variables in one section where not given.
    form_id, version, title : str
        Of the settings sheet.
    languages : list of str
        The first is the form's default.

    Returns
    -------
    Path

    Raises
    ------
    CodebookError
        If a section names an unknown variable, a wording lacks a language, or a base cannot be said in XPath.
    """
    import xlsxwriter

    sections = sections or [Section("questions", dict.fromkeys(languages, title or form_id), tuple(book.variables))]
    names = [_named(lang) for lang in languages]
    lists = _Lists(languages)
    survey: list[dict[str, str]] = []
    for section in sections:
        survey += [dict(row) for row in section.rows]
        survey.append(
            {
                "type": "begin_group",
                "name": section.name,
                "appearance": "field-list" if len(section.variables) < 3 else "",
            }
            | _said("label", section.text, languages, f"section {section.name}")
            | ({"relevant": relevant_of(section.relevant)} if section.relevant else {})
        )
        for name in section.variables:
            row = _row(book, book[name], lists, languages)
            # whom a section is for is no base of its questions
            survey.append({"base": "everyone"} | row if section.relevant else row)
        survey.append({"type": "end_group"})
    labels = [f"label::{n}" for n in names]
    said = [f"{what}::{n}" for what in ("hint", "constraint_message", "short") for n in names]
    header = ["type", "name", *labels, *said, "required", "relevant", "constraint", "calculation", "appearance", *_OWN]
    settings = {
        "form_title": title or form_id,
        "form_id": form_id,
        "version": version,
        "default_language": names[0],
        "allow_choice_duplicates": "no",
    }
    with writing(path, book.files, endings=(".xlsx",)) as temporary:
        workbook = xlsxwriter.Workbook(str(temporary))
        workbook.set_properties({"created": EPOCH, "title": (title or form_id)[:255]})
        used = [h for h in header if any(h in row for row in survey) or h in ("type", "name")]
        _sheet(workbook, "survey", used, survey)
        _sheet(workbook, "choices", ["list_name", "name", *labels, "kind"], lists.rows)
        _sheet(workbook, "settings", list(settings), [settings])
        workbook.close()
        without_dates(temporary)
        _refuse_what_is_lost(book.select(n for s in sections for n in s.variables), temporary, languages)
    return Path(path)


def _refuse_what_is_lost(book: Codebook, path: Path, languages: Sequence[str]) -> None:
    """Raise if the form says anything else than the codebook: "1" as text, a name with a space, limits cut short."""
    names = [v.name for v in book.variables.values() if not is_name(v.name)]
    if names:
        raise CodebookError(
            "A name is not valid in an XLSForm.",
            got=shorten(names),
            expected="letters, digits, _, - and ., beginning with a letter",
            fix="rename it first",
        )
    spaces = [f"{v.name}: {c!r}" for v in book.variables.values() for c in [*v.labels, *v.missing] if " " in str(c)]
    if spaces:
        raise CodebookError("A code contains a space.", got=shorten(spaces), expected="one word", fix="recode it first")
    again = codebook_from_xlsform(path)
    # a form may require what a codebook does not: whoever cannot say chooses a missing code; sets are not written, and
    # a form has one wording of each question
    passed_over = ("required", "set of answers", "wording for ")
    rows = book.diff(again.select(book.variables), languages).rows
    lost = [f"{name}: {what}" for name, what, ours, _ in rows if name and ours and not what.startswith(passed_over)]
    if lost:
        raise CodebookError(
            "The codebook cannot be expressed as an XLSForm.",
            got=shorten(lost),
            expected="codes that are numbers, or texts that do not look like numbers",
            fix="recode these first",
        )


class _Lists:
    """Lists of choices, those that are alike made once."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = languages
        self.rows: list[dict[str, str]] = []
        self.known: dict[Any, str] = {}

    def of(self, variable: Variable, *, missing_only: bool = False) -> str:
        """Name of the list that holds a variable's answers and missing codes."""
        answers = {} if missing_only else variable.labels
        missing = {c: (k, variable.missing_labels.get(c, {})) for c, k in variable.missing.items()}
        if not answers and not missing:
            return ""
        key = (
            tuple((c, tuple(t.items())) for c, t in answers.items()),
            tuple((c, k, tuple(t.items())) for c, (k, t) in missing.items()),
        )
        if key not in self.known:
            first = "missing" not in self.known.values()
            name = f"list_{variable.name}" if not missing_only else "missing" if first else f"missing_{variable.name}"
            self.known[key] = name
            for code, text in answers.items():
                self._add(name, code, text, "")
            for code, (kind, text) in missing.items():
                self._add(name, code, text, kind)
        return self.known[key]

    def _add(self, name: str, code: Any, text: Text, kind: str) -> None:
        told = text or dict.fromkeys(self.languages, str(code))
        row = {"list_name": name, "name": str(code), "kind": kind}
        self.rows.append(row | _said("label", told, self.languages, f"{name}, {code}"))


def _row(book: Codebook, variable: Variable, lists: _Lists, languages: Sequence[str]) -> dict[str, str]:
    coded = bool(variable.labels)
    kind = f"select_one {lists.of(variable)}" if coded else _KINDS.get(variable.type, "text")
    row = {"type": kind, "name": variable.name}
    row |= _said("label", variable.text or dict.fromkeys(languages, variable.name), languages, variable.name)
    missing = "" if coded else lists.of(variable, missing_only=True)
    if variable.limits is not None or missing:
        row |= _constraint(variable, languages)
    for what, text in (("short", variable.short), ("hint", variable.instruction)):
        for lang in languages:
            if text.get(lang):
                key = f"{what}::{_named(lang)}"
                row[key] = " ".join(t for t in (text[lang], row.get(key, "")) if t)
    # whoever cannot say chooses a missing code: a question that has them can be asked of everyone
    row["required"] = "yes" if variable.required or variable.missing else ""
    if variable.base:
        row["relevant"] = relevant_of(variable.base)
        row["base"] = variable.base
    usual = "binary" if set(variable.codes) == {0, 1} else "nominal"
    if coded and variable.type != usual:
        row["codebook_type"] = variable.type
    if not coded and variable.type == "id":
        row["codebook_type"] = "id"
    if len(variable.codes) > 7:
        row["appearance"] = "minimal"
    own = {
        "dimension": variable.dimension,
        "direction": str(variable.direction) if variable.direction else "",
        "scored": "yes" if variable.scored else "",
        "role": "" if variable.role == "item" else variable.role,
        "unit": variable.unit,
        "missing": missing,
        "codebook_note": variable.note,
        "element": variable.element,
        "dont_know": "" if variable.dont_know == "exclude" else variable.dont_know,
    }
    return {k: v for k, v in (row | own).items() if v}


def _named(lang: str) -> str:
    """A language as forms name it: "Tiếng Việt (vi)"; by its code where there are no words in it."""
    return f"{catalogue.text('language.name', lang)} ({lang})" if lang in LANGUAGES else lang


def _constraint(variable: Variable, languages: Sequence[str]) -> dict[str, str]:
    """Limits and missing codes of a number as a constraint, a message and a hint."""
    codes = list(variable.missing)
    low, high = variable.limits or (None, None)
    inside = "" if low is None else f"(. >= {low:g} and . <= {high:g})"
    parts = [inside] if inside else []
    parts += [f". = {code}" for code in codes] if inside else []
    out = {"constraint": " or ".join(parts)} if parts else {}
    for lang in languages:
        name = _named(lang)
        named = ", ".join(f"{c} = {variable.label(c, lang)}" for c in codes)
        if codes:
            out[f"hint::{name}"] = named
        if parts:
            key = "xlsform.between_or" if codes else "xlsform.between"
            spoken = lang if lang in LANGUAGES else "en"
            ends = {"low": f"{low:g}", "high": f"{high:g}"}
            out[f"constraint_message::{name}"] = catalogue.text(key, spoken, **ends, codes=shorten(codes, 9))
    return out


def _said(what: str, text: Text, languages: Iterable[str], where: str) -> dict[str, str]:
    absent = [lang for lang in languages if not text.get(lang)]
    if absent:
        raise CodebookError(
            "A wording is missing in a language of the form.",
            where=where,
            got=f"no {shorten(absent)}",
            expected=shorten(languages),
            fix="add it to the codebook, or write the form without that language",
        )
    return {f"{what}::{_named(lang)}": text[lang] for lang in languages}


def _sheet(workbook: Any, name: str, header: list[str], rows: list[dict[str, str]]) -> None:
    sheet = workbook.add_worksheet(name)
    bold = workbook.add_format({"bold": True})
    for column, head in enumerate(header):
        sheet.write_string(0, column, head, bold)
        longest = max([len(head), *(len(row.get(head, "")) for row in rows)])
        sheet.set_column(column, column, min(longest + 2, 60))
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for column, head in enumerate(header):
            if row.get(head):
                sheet.write_string(number, column, row[head])

"""The sheets of an XLSForm as they stand: questions in order with the groups around them, lists of choices."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from survey.codebook import Text
from survey.errors import CodebookError, ReadError, shorten
from survey.io.xlsform.choices import choices_of, lists_of, with_other
from survey.io.xlsform.columns import Columns, columns_of, place_of, safe
from survey.io.xlsform.questions import Group, Question
from survey.io.xlsform.sheets import KNOWN_SHEETS, sheets_of
from survey.io.xlsform.survey_sheet import lists_with_other, questions_of

__all__ = ["Group", "Question", "XLSForm", "read_form", "safe"]


@dataclass(frozen=True, slots=True)
class XLSForm:
    """An XLSForm as it was read.

    Parameters
    ----------
    questions : tuple of Question
    lists : mapping of str to mapping of code as written to Text
        Lists of choices.
    choices : mapping of str to mapping of code as written to mapping of header to text
        All cells of each choice.
    repeats : mapping of str to str
        Repeats, and the repeat that each stands in, or "".
    languages : tuple of str
    settings : mapping of str to str
    sheets : mapping of str to rows
        Sheets that the standard does not know, as {header: text}.
    source : str
    notes : tuple of str
        What could not be read as it stands, item by item.
    """

    questions: tuple[Question, ...]
    lists: Mapping[str, Mapping[str, Text]]
    choices: Mapping[str, Mapping[str, Mapping[str, str]]]
    repeats: Mapping[str, str]
    languages: tuple[str, ...]
    settings: Mapping[str, str]
    sheets: Mapping[str, Sequence[Mapping[str, str]]]
    source: str
    notes: tuple[str, ...] = ()
    _columns: Columns = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_columns", columns_of(self.questions))

    def __getitem__(self, name: str) -> Question:
        found = [q for q in self.questions if q.name == name]
        if len(found) != 1:
            raise CodebookError(
                f"The form has {'several questions' if found else 'no question'} of this name.",
                where=self.source,
                got=name,
                expected=shorten(q.name for q in self.questions),
            )
        return found[0]

    def column(self, question: Question, code: str | None = None) -> str:
        """The column of a question, or of one option of a question with several answers; see `columns_of`."""
        questions, options = self._columns
        place = place_of(question)
        name = questions.get(place, question.name)
        return name if code is None else options.get((place, code)) or f"{name}_{safe(code)}"


def read_form(path: str | os.PathLike[str]) -> XLSForm:
    """Questions, choices and settings of an XLSForm.

    One row that cannot be read never rejects a form: it becomes a question of text, or is left out, with a note.

    Raises
    ------
    ReadError
        If the file is missing, cut short, or no XLSForm.
    CodebookError
        If the sheet survey has no questions or no column of types, or a group does not close.
    """
    where = str(path)
    sheets, notes = sheets_of(Path(path))
    if "survey" not in sheets:
        raise ReadError(
            "The workbook is not an XLSForm.",
            where=path,
            got=f"sheets {shorten(sheets)}",
            expected="a sheet named survey",
            fix="give the workbook that was loaded into KoboToolbox or ODK",
        )
    if not sheets["survey"]:
        raise CodebookError("The sheet survey has no questions.", where=path, expected="one row per question")
    if not any("type" in row for row in sheets["survey"]):
        raise CodebookError(
            "The sheet survey has no column named type.",
            where=path,
            got=shorten(sheets["survey"][0]),
            expected="type, name, label",
            fix="the first row of the sheet must name its columns",
        )
    settings = {k: v for row in sheets.get("settings", [])[:1] for k, v in row.items() if k != "_row"}
    repeated = settings.get("allow_choice_duplicates", "").lower() in ("yes", "true", "true()")
    choices = choices_of(sheets.get("choices", []), notes, repeated=repeated, sheet="choices")
    external = choices_of(sheets.get("external_choices", []), notes, repeated=True, sheet="external_choices")
    choices = {**external, **choices}
    lists = lists_of(choices)
    with_other(lists, lists_with_other(sheets["survey"]))
    questions, repeats = questions_of(sheets["survey"], lists, where, notes)
    texts = [t for q in questions for t in (q.text, *(g.text for g in q.groups), *q.choices.values())]
    return XLSForm(
        tuple(questions),
        MappingProxyType(lists),
        MappingProxyType(choices),
        MappingProxyType(repeats),
        tuple(dict.fromkeys(lang for t in texts for lang in t)),
        MappingProxyType(settings),
        MappingProxyType({n: r for n, r in sheets.items() if n not in KNOWN_SHEETS}),
        where,
        tuple(notes),
    )

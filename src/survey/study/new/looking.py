"""How an export is to be read: by its form, by the columns of its platform, by the look of its text."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.errors import ReadError, StudyError, SurveyError, SurveyWarning, shorten
from survey.io import read
from survey.io.platforms import platform_of
from survey.io.platforms.structure import STRUCTURES
from survey.io.reading import READERS
from survey.io.xlsform.form import read_form
from survey.io.xlsform.question_types import NO_ANSWER, PERSONAL
from survey.io.xlsform.sheets import is_form
from survey.responses import Responses

__all__ = ["Looked", "look"]

_STRUCTURED = {".lss": "limesurvey", ".qsf": "qualtrics"}
_OF_FORMS = ("kobo", "odk", "surveycto")
_TEXT = (".csv", ".tsv")
_BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_OF_EVERY_FORM = ("start", "end", "today")


@dataclass(frozen=True, slots=True)
class Looked:
    """An export that was read, and how: as arguments of `survey.read`.

    `structure` is the form where it is the structure of a LimeSurvey or Qualtrics survey, whose
    codebook is written out.
    """

    responses: Responses
    how: Mapping[str, Any]
    structure: Path | None = None


def look(data: Path, forms: Sequence[Path], how: Mapping[str, Any]) -> Looked:
    """Read an export, with what was said of it and what it shows.

    Parameters
    ----------
    data : Path
    forms : sequence of Path
        XLSForms, the newest last; or one .lss or .qsf.
    how : mapping
        Arguments of `survey.read` that were given.

    Raises
    ------
    ReadError, CodebookError
        If the file or the form cannot be read.
    StudyError
        If the form is of no kind that belongs to an export.
    """
    told = {**_of_text(data, how), **how}
    if "sheet" not in told and data.suffix.lower() in _BOOKS and data.is_file() and is_form(data):
        raise StudyError(
            "The file is a form, not answers.",
            where=data,
            got="an XLSForm",
            expected="the export of the answers to it",
            fix=f"download the answers, and give this file as the form: survey new NAME --data FILE --form {data.name}",
        )
    if data.suffix.lower() not in (*READERS, ".zip"):
        _read(data, told)  # an error that says which kinds there are
    structures = [form for form in forms if form.suffix.lower() in STRUCTURES]
    if structures:
        if len(forms) > 1:
            raise StudyError("A structure of a survey stands alone.", where="form", got=len(forms), expected="one file")
        told.setdefault("export", _STRUCTURED[structures[0].suffix.lower()])
        return Looked(_read(data, {**told, "codebook": structures[0]}), told, structures[0])
    if forms:
        platform = told.get("export") or _platform(data, told) or "kobo"
        told |= {"export": platform if platform in _OF_FORMS else "kobo"}
        found = Looked(_read(data, {**told, "form": list(forms)}), told)
        _refuse_other_form(found.responses, forms[-1], data)
        return found
    if "export" in told:
        return Looked(_read(data, told), told)
    if data.suffix.lower() == ".zip":
        return Looked(_read(data, {**told, "export": "odk"}), {**told, "export": "odk"})
    plain = _read(data, told)
    platform = platform_of(plain.data.columns.tolist())
    if platform and not (platform in _OF_FORMS and _worded(plain.data.columns.tolist())):
        try:
            return Looked(_read(data, {**told, "export": platform}), {**told, "export": platform})
        except SurveyError:
            pass  # its headers are those of the platform, its cells are not: a table, as it was read
    return Looked(plain, told)


def _refuse_other_form(responses: Responses, path: Path, data: Path) -> None:
    """An error where hardly any question of a form has a column in the answers."""
    form = read_form(path)
    asked = [form.column(q) for q in form.questions if q.kind not in (*NO_ANSWER, *PERSONAL, *_OF_EVERY_FORM)]
    several = {q.name for q in form.questions if q.kind == "select_multiple"}
    columns = set(responses.data.columns) | set(responses.codebook.sets) | several
    there = [name for name in asked if name in columns]
    if 3 * len(there) < len(asked):
        raise StudyError(
            "The form is not the one of these answers.",
            where=path,
            got=f"{len(there)} of its {len(asked)} questions in {data.name}",
            expected=shorten(asked),
            fix="give the form that the answers were collected with, or none",
        )


def _read(data: Path, how: Mapping[str, Any]) -> Responses:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveyWarning)  # what they say is in the draft
        return read(data, **how)


def _platform(data: Path, how: Mapping[str, Any]) -> str:
    """The platform whose columns an export has; "" where it cannot be told from them."""
    if data.suffix.lower() == ".zip":
        return "odk"
    try:
        return platform_of(_read(data, how).data.columns.tolist())
    except ReadError:
        return ""


def _worded(headers: Sequence[str]) -> bool:
    """Whether questions are headed by their wording, in which a slash does not part a group from a question."""
    own = [h for h in headers if not h.startswith("_")]
    return 2 * sum(" " in h for h in own) > len(own)


def _of_text(data: Path, how: Mapping[str, Any]) -> dict[str, Any]:
    """Separator and encoding of a CSV that has not the usual ones."""
    if data.suffix.lower() not in _TEXT or not data.is_file():
        return {}
    found: dict[str, Any] = {}
    content = data.read_bytes()
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        found["encoding"] = "find"
    head = content.split(b"\n", 1)[0].lstrip(b"\xef\xbb\xbf")
    counts = {sign: head.count(sign.encode()) for sign in (",", ";", "\t")}
    most = max(counts, key=lambda sign: counts[sign])
    if data.suffix.lower() == ".csv" and most != "," and counts[most] > counts[","] and not head.startswith(b"sep="):
        found |= {"separator": most, "decimal": "find"} if most == ";" else {"separator": most}
    return found

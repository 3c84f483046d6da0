"""The format of study.toml: what may stand in it, and the facts read from it (docs/study.md)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.arguments import listed
from survey.base.toml import read_toml, refuse_shapes, refuse_unknown, table
from survey.codebook import LANGUAGES, Text
from survey.errors import StudyError, shorten
from survey.study.plan_file import declared

__all__ = ["DEFAULT_STUDY", "PROCESSED", "PROCESSED_OF", "SurveyFiles", "facts", "search"]

DEFAULT_STUDY = Path("data", "raw", "study.toml")
"""Where a study is looked for, from the current folder upwards."""
PROCESSED = "SURVEY_PROCESSED"
"""Environment variable: the folder of what can be made again, in place of the study's. `survey reproduce` sets it."""
PROCESSED_OF = "SURVEY_PROCESSED_OF"
"""Environment variable: the study.toml that it is for; without it, all."""

_KEYS = {
    "": {"study", "surveys", "notebooks", "plan", "specifications", "report"},
    "study": {"id", "title", "source", "simulated", "codebook", "language", "processed"},
    "surveys": {"files", "read", "design", "targets"},
    "read": {
        *("sheet", "header", "encoding", "separator", "decimal", "locale", "export", "form", "repeat", "timezone"),
        "columns",
    },
    "design": {"weights", "strata", "psu", "fpc", "nest", "lonely"},
    "targets": {"file", "within"},
    "notebooks": {"folder", "run", "real"},
}
_SHAPES = {
    "study": {**dict.fromkeys(("codebook", "language", "processed"), "text"), "id": "name", "simulated": "truth"}
    | dict.fromkeys(("title", "source"), "words"),
    "surveys": {"files": "text or texts"},
    "read": {
        **dict.fromkeys(("encoding", "separator", "decimal", "locale", "export"), "text"),
        **dict.fromkeys(("repeat", "timezone", "columns"), "text"),
        "form": "text or texts",
    },
    "design": {
        "lonely": "text",
        **dict.fromkeys(("strata", "psu"), "text or texts"),
        "nest": "truth",
    },
    "targets": {"file": "text", "within": "text or texts"},
    "notebooks": {"folder": "text", "run": "text or texts", "real": "text or texts"},
}


@dataclass(frozen=True, slots=True)
class SurveyFiles:
    """One survey of a study: its raw files, its design as arguments of `Sample`, its population figures.

    `reading` is how the files are read, as arguments of `survey.read`; `forms` are the forms among them.
    """

    files: tuple[Path, ...]
    design: Mapping[str, Any] = field(default_factory=dict)
    targets: Path | None = None
    within: tuple[str, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    forms: tuple[Path, ...] = ()


def search() -> Path:
    """The study of the current folder, or of the nearest one above it that has one; a relative path.

    Raises
    ------
    StudyError
        If there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        found = within(folder)
        if found is not None:
            # relative, so that no output of a notebook shows where the project lies on this machine
            return Path(os.path.relpath(found, here))
    raise StudyError(
        "No study was found.",
        where=here,
        expected=f"{DEFAULT_STUDY.as_posix()} or study.toml in this folder or one above it",
        fix="go to the study's folder, name its study.toml, or make one: `survey new NAME --data FILE`; "
        "`survey simulate` creates the simulated one",
    )


def within(folder: Path) -> Path | None:
    """The study.toml of a folder, in its data/raw or in itself; None where there is none."""
    found = (folder / DEFAULT_STUDY, folder / DEFAULT_STUDY.name)
    return next((path for path in found if path.is_file()), None)


def facts(path: Path) -> dict[str, Any]:
    """Everything a study.toml says, as the fields of `Study`.

    Parameters
    ----------
    path : Path
        The file, or its folder.

    Raises
    ------
    StudyError
        If the file is missing, is not TOML, is incomplete, or names files that do not exist.
    """
    if path.is_dir():
        path = within(path) or path / DEFAULT_STUDY.name
    raw = read_toml(path, "study", StudyError)
    refuse_unknown(raw, _KEYS[""], "The study", str(path), StudyError)
    head = table(raw, "study", "study", path, StudyError)
    refuse_unknown(head, _KEYS["study"], "The study", f"{path}, [study]", StudyError)
    refuse_shapes(head, _SHAPES["study"], "The study", f"{path}, [study]", StudyError)
    folder = path.parent
    language = head.get("language", "en")
    if language not in LANGUAGES:
        raise StudyError("An unknown language.", where=f"{path}, [study]", got=language, expected=shorten(LANGUAGES))
    if not head.get("id"):
        raise StudyError("The study has no id.", where=f"{path}, [study]", fix='add id = "a-short-name"')
    entries = table(raw, "surveys", "study", path, StudyError)
    surveys = {name: _survey(entry, path, name) for name, entry in entries.items()}
    if not surveys:
        raise StudyError("The study has no survey.", where=path, expected="[surveys.NAME] with files = [...]")
    books = table(raw, "notebooks", "study", path, StudyError)
    refuse_unknown(books, _KEYS["notebooks"], "The study", f"{path}, [notebooks]", StudyError)
    refuse_shapes(books, _SHAPES["notebooks"], "The study", f"{path}, [notebooks]", StudyError)
    codebook = head.get("codebook")
    return dict(
        path=path,
        id=str(head["id"]),
        title=_text(head.get("title", "")),
        source=_text(head.get("source", "")),
        simulated=bool(head.get("simulated", False)),
        codebook_path=None if codebook is None else _there(folder / codebook, path, "codebook"),
        language=language,
        shown_in=head.get("language", ""),
        surveys=MappingProxyType(surveys),
        notebooks=folder / books["folder"] if "folder" in books else _beside(folder),
        run=tuple(listed(books.get("run", ()))),
        real=tuple(listed(books.get("real", ()))),
        declared=declared(raw, path),
        reporting=MappingProxyType(dict(table(raw, "report", "study", path, StudyError))),
        processed=Path(os.path.normpath(_elsewhere(path) or folder / head.get("processed", "../processed"))),
    )


def _elsewhere(path: Path) -> str | None:
    """Where results go by the environment, if it means this study."""
    of = os.environ.get(PROCESSED_OF)
    return os.environ.get(PROCESSED) if not of or os.path.realpath(of) == os.path.realpath(path) else None


def _survey(entry: Any, path: Path, name: str) -> SurveyFiles:
    where = f"{path}, [surveys.{name}]"
    if not isinstance(entry, Mapping) or not entry.get("files"):
        raise StudyError("A survey has no files.", where=where, got=entry, expected='files = ["answers.sav"]')
    refuse_unknown(entry, _KEYS["surveys"], "The study", where, StudyError)
    refuse_shapes(entry, _SHAPES["surveys"], "A survey", where, StudyError)
    files = [entry["files"]] if isinstance(entry["files"], str) else entry["files"]
    design = table(entry, "design", "study", where, StudyError)
    refuse_unknown(design, _KEYS["design"], "The study", f"{where}, design", StudyError)
    weights = design.get("weights")
    shapes = {} if weights is False else {"weights": "text"}  # false: there are none
    refuse_shapes(design, _SHAPES["design"] | shapes, "A survey", f"{where}, design", StudyError)
    if design and weights is None:
        raise StudyError(
            "A design names no weights.",
            where=where,
            got=shorten(design),
            fix='add weights = "COLUMN", or weights = false where there are none',
        )
    if design:
        design = {**design, "weights": weights or None}
    reading = table(entry, "read", "study", where, StudyError)
    refuse_unknown(reading, _KEYS["read"], "The study", f"{where}, read", StudyError)
    refuse_shapes(reading, _SHAPES["read"], "A survey", f"{where}, read", StudyError)
    forms = tuple(_there(path.parent / file, path, f"form of {name}") for file in listed(reading.get("form", ())))
    if forms:
        reading = {**reading, "form": forms[0] if len(forms) == 1 else list(forms)}
    file = entry.get("targets")
    targets = {"file": file} if isinstance(file, str) else table(entry, "targets", "study", where, StudyError)
    refuse_unknown(targets, _KEYS["targets"], "The study", f"{where}, targets", StudyError)
    refuse_shapes(targets, _SHAPES["targets"], "A survey", f"{where}, targets", StudyError)
    groups = targets.get("within", ())
    return SurveyFiles(
        files=tuple(_there(path.parent / file, path, f"survey {name}") for file in files),
        design=MappingProxyType(dict(design)),
        targets=_there(path.parent / targets["file"], path, f"targets of {name}") if "file" in targets else None,
        within=tuple(listed(groups)),
        reading=MappingProxyType(dict(reading)),
        forms=forms,
    )


def _there(file: Path, study: Path, what: str) -> Path:
    if not file.is_file():
        beside = sorted(p.name for p in file.parent.glob(f"*{file.suffix}")) if file.parent.is_dir() else []
        raise StudyError(
            "The study names a file that does not exist.",
            where=f"{study}, {what}",
            got=file,
            expected=f"in that folder: {shorten(beside)}" if beside else None,
            fix="correct the name, or put the file there",
        )
    return file


def _beside(folder: Path) -> Path:
    """`notebooks` in the folder of the study or one above it: the project's, for data/raw/study.toml."""
    candidates = [Path(os.path.normpath(folder / up / "notebooks")) for up in (".", "..", "../..")]
    return next((c for c in candidates if c.is_dir()), candidates[-1])


def _text(value: Any) -> Text:
    return MappingProxyType(dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else dict(value))

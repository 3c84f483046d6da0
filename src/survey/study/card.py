"""A study as notebooks show it: its surveys with files and designs, its notebooks in order, where results go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from survey.base.card import Card, CardTable
from survey.base.catalogue import Note, text
from survey.base.language import chosen
from survey.codebook import Text
from survey.design.design import Design
from survey.errors import DesignError
from survey.study.study_file import SurveyFiles
from survey.words import locale as loc

__all__ = ["study_card"]


def study_card(
    *,
    path: Path,
    id: str,
    title: Text,
    source: Text,
    simulated: bool,
    language: str,
    codebook_path: Path | None,
    surveys: Mapping[str, SurveyFiles],
    run: tuple[str, ...],
    real: tuple[str, ...],
    processed: Path,
) -> Card:
    """What study.toml says, in the session's language, else the study's; no data are read.

    Files are named as the study.toml names them, and nothing tells where the project lies on this machine.
    """
    lang = chosen() or language
    facts = [
        ("study.toml", id),
        (text("words.source", lang), loc.source(source, "", simulated, lang, bare=True)),
        (text("card.language", lang), text("language.name", language)),
        (text("card.codebook", lang), "" if codebook_path is None else _named(codebook_path, path)),
        (text("card.notebooks", lang), ", ".join(run)),
        (text("card.real", lang), ", ".join(real)),
        (text("card.results", lang), _named(processed, path)),
    ]
    heads = [text(f"card.{key}", lang) for key in ("survey", "files")]
    heads += [text("words.design", lang), text("card.targets", lang)]
    rows = [
        (name, ", ".join(_named(f, path) for f in s.files), _design(s.design, lang), _targets(s, path))
        for name, s in surveys.items()
    ]
    return Card(
        lang,
        loc.pick(title, lang) or text("card.study", lang),
        facts,
        [CardTable(text("card.surveys", lang), heads, rows)],
    )


def _named(file: Path, study: Path) -> str:
    try:
        return Path(os.path.relpath(file, study.parent)).as_posix()
    except ValueError:  # on another drive
        return file.name


def _design(arguments: Mapping[str, Any], lang: str) -> str:
    if not arguments:
        return "–"
    try:
        said = Design.from_columns(**arguments).describe()
    except DesignError as problem:  # told in full where the design is used
        return problem.what
    return said.in_language(lang) if isinstance(said, Note) else said


def _targets(survey: SurveyFiles, study: Path) -> str:
    return "–" if survey.targets is None else _named(survey.targets, study)

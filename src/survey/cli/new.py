"""`survey new`: a study from one export, by arguments or by a short dialogue."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from survey.base.catalogue import LANGUAGES, listed, text
from survey.cli.codes import FINE
from survey.cli.commands import how_to_read, tell
from survey.errors import StudyError, SurveyError

__all__ = ["new"]

_ASKED = ("ward", "wave", "weight")
"""Parts that the dialogue asks for; the others are for the form, or study.toml."""
_NONE = "-"


def new(options: argparse.Namespace) -> int:
    """Make a study, and say what to type next."""
    from survey.study.new.making import folder_for, new_with_draft

    lang = options.lang or "vi"
    how = {key: value for key, value in how_to_read(options).items() if key != "form"}
    parts = {part: column for part in _ASKED if (column := getattr(options, part)) is not None}
    name, data, forms = options.name, options.data, options.form or []
    if name is None and data is None:
        if not sys.stdin.isatty():
            raise StudyError(
                "There is nothing to make a study of.",
                where="survey new",
                got="no arguments, and nobody at a terminal to ask",
                fix=text("new.needs_terminal", "en"),
            )
        name, data, forms, lang, parts = _dialogue(options, how)
    elif name is None or data is None:
        raise StudyError(
            "A study needs a name and a file of answers.",
            where="survey new",
            got="no name" if name is None else "no --data",
            expected="survey new NAME --data FILE [--form FILE]",
            fix="give both, or neither to be asked for them",
        )
    folder_for(name)
    study, draft = new_with_draft(name, data, forms, lang=lang, title=options.title, parts=parts, how=how)
    if draft.personal:
        tell(
            text(
                "new.left_out",
                lang,
                columns=listed(f"{name} ({kinds})" for name, kinds in draft.left_out(lang).items()),
            )
        )
    folder = Path(os.path.relpath(study.path.parents[2]))
    sys.stdout.write(f"{text('new.made', lang, folder=folder)}\n\n  cd {_quoted(folder)}\n")
    sys.stdout.write("  survey reproduce\n" + ("  survey report\n" if draft.reportable else ""))
    if not draft.reportable:
        sys.stdout.write(f"\n{text('new.no_scale', lang)}\n")
    return FINE


def _dialogue(
    options: argparse.Namespace, how: Mapping[str, Any]
) -> tuple[Path, Path, list[Path], str, dict[str, str]]:
    """Name, file, forms, language, and parts of columns, as somebody answers."""
    from survey.study.new.making import folder_for, propose
    from survey.study.new.naming import slug

    lang = options.lang or _until(lambda said: said in LANGUAGES, "ask_lang", "vi", "vi")
    data = Path(_until(lambda said: Path(said).is_file(), "ask_data", "", lang))
    form = _until(lambda said: not said or Path(said).is_file(), "ask_form", "", lang)
    forms = [Path(form)] if form else []
    usual = slug(data.stem, "study").replace("_", "-")
    name = _until(lambda said: _fits(lambda: folder_for(said)), "ask_name", usual, lang)
    proposal = propose(data, forms, lang=lang, **how)
    columns = [v.name for v in proposal.draft.book.variables.values() if v.role != "personal"]
    parts: dict[str, str] = {}
    for part in _ASKED:
        if part in proposal.draft.said:
            continue
        guess = proposal.draft.parts.get(part) or proposal.draft.waiting.get(part) or ""
        usual = guess or _NONE
        said = _until(
            lambda said: said == _NONE or said in columns,
            "ask_part",
            usual,
            lang,
            part=text(f"new.part_{part}", lang),
            default=guess or text("new.none", lang),
            columns=columns,
        )
        parts[part] = "" if said == _NONE else said
    return Path(name), data, forms, lang, parts


def _until(fits: Any, key: str, usual: str, lang: str, columns: Any = (), **values: object) -> str:
    """What somebody answers, asked again until it can be used; `usual` for nothing."""
    question = text(f"new.{key}", lang, **{"default": usual, **values} if "{default}" in _plain(key) else values)
    while True:
        sys.stdout.write(question)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt  # the end of what was typed
        said = line.strip().strip("\"'") or usual
        if fits(said):
            return said
        tell(text("new.not_usable", lang, said=said) + (f" {listed(columns, 30)}" if columns else ""))


def _plain(key: str) -> str:
    from survey.base.catalogue import find

    return str(find(f"new.{key}", "en"))


def _fits(check: Any) -> bool:
    try:
        check()
    except SurveyError as problem:
        tell(problem.what)
        return False
    return True


def _quoted(path: Path) -> str:
    written = str(path)
    return f'"{written}"' if any(c in written for c in " '()&") else written

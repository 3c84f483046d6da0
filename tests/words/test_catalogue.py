"""The catalogue: complete in every language, nothing in it unused, and a further language is one file."""

from __future__ import annotations

import ast
import copy
import os
import pickle
import re
import string
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import survey
from survey.base import catalogue
from survey.base.catalogue import Note, as_note

SOURCE = Path(survey.__file__).parent
SECTIONS = {key.partition(".")[0] for key in catalogue.entries("en")}
OPEN = ("columns", "methods", "titles", "units", "checks", "check_heads")
"""Sections whose keys are names that results, codebooks and checks have anyway."""
KEY = re.compile(r"[a-z_]+\.[^\s.]+")
PREFIXES = {"word": "words.", "_word": "codebook.", "_spoken": "check_page.", "_head": "published.", "say": "quality."}
"""Functions that look a key up in one section."""


def forms(entry: object) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())  # type: ignore[attr-defined]


def parts(entry: object) -> set[str]:
    return {name for form in forms(entry) for _, name, _, _ in string.Formatter().parse(form) if name is not None}


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_every_language_has_the_same_keys_the_same_parts_and_no_empty_text(lang: str) -> None:
    ours, english = catalogue.entries(lang), catalogue.entries("en")
    assert set(ours) == set(english)
    for key, entry in ours.items():
        assert parts(entry) == parts(english[key]), key
        assert all(form.strip() for form in forms(entry)), key
        assert isinstance(entry, str) or "other" in entry, key


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_plural_forms_are_those_of_the_language(lang: str) -> None:
    from babel import Locale

    known = {*Locale.parse(lang).plural_form.tags, "other"}
    for key, entry in catalogue.entries(lang).items():
        assert isinstance(entry, str) or set(entry) == known, key


@cache
def nodes() -> list[ast.AST]:
    """Everything that is written in the package."""
    return [n for path in SOURCE.rglob("*.py") for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


@cache
def texts() -> set[str]:
    """Every text of the package that stands for itself."""
    return {n.value for n in nodes() if isinstance(n, ast.Constant) and isinstance(n.value, str)}


@cache
def exact() -> set[str]:
    """Keys that stand whole in the code."""
    found = {text for text in texts() if KEY.fullmatch(text) and not text.endswith((".toml", ".py"))}
    for node in nodes():
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            given = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            told = [g.value for g in given if isinstance(g, ast.Constant) and isinstance(g.value, str)]
            found |= {PREFIXES[name] + text for text in told if name in PREFIXES}
    return {key for key in found if key.partition(".")[0] in SECTIONS}


def patterns() -> list[str]:
    """Keys whose end is known at run time only: love.{name}."""
    found = []
    for node in nodes():
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)
            if text.partition(".")[0] in SECTIONS and KEY.fullmatch(text):
                found.append(text.partition(".")[0])
    return found


def test_every_key_that_the_code_uses_is_in_the_catalogue() -> None:
    assert exact() - set(catalogue.entries("en")) == set()


def test_every_key_of_the_catalogue_is_used() -> None:
    """Whole in the code; or, where its section is looked up by a name, as that name."""
    by_name, used = set(patterns()), exact()
    unused = [
        key
        for key in catalogue.entries("en")
        if key not in used
        and (section := key.partition(".")[0]) not in OPEN
        and not (section in by_name and key.partition(".")[2] in texts())
    ]
    assert unused == []


def test_a_note_is_its_english_text_and_is_read_in_any_language() -> None:
    note = Note("notes.no_group", n=1234, columns="ward")
    assert note == "1,234 rows have no value of ward and are in no group"
    assert note.in_language("vi") == "1.234 dòng thiếu ward và không thuộc nhóm nào"
    for again in (pickle.loads(pickle.dumps(note)), copy.deepcopy(note)):
        assert again == note and again.in_language("vi") == note.in_language("vi")
    few = note.with_values(n=Note("notes.fewer_than", least=30))
    assert few.in_language("vi") == "dưới 30 dòng thiếu ward và không thuộc nhóm nào"


@pytest.mark.parametrize("key", [k for k in catalogue.entries("en") if k.startswith(("notes.", "reading."))])
def test_every_note_is_told_by_its_english_text(key: str) -> None:
    """What an earlier version stored as text is read in every language."""
    names = parts(catalogue.entries("en")[key])
    note = Note(key, **{name: 1234 if name == "n" else f"<{name}>" for name in names})
    again = as_note(str(note))
    assert isinstance(again, Note) and again is not note
    assert (again.key, again.in_language("vi")) == (key, note.in_language("vi"))


def test_text_that_is_no_note_stays_as_it_is() -> None:
    assert as_note("something nobody translated, 1,000 times") == "something nobody translated, 1,000 times"
    assert not isinstance(as_note("something nobody translated"), Note)


FURTHER = """
import pandas as pd
import survey as sv
from survey.base.catalogue import LANGUAGES
from survey.words import locale as loc

assert LANGUAGES == ("vi", "en", "fr"), LANGUAGES
frame = pd.DataFrame({"q": [1, 2, 2, 1] * 300, "g": ["a", "b"] * 600, "w": 1.0})
e = sv.Sample(frame, weights="w").mean("q", by="g")
figure, table = sv.figures.intervals(e, lang="fr"), sv.tables.table(e, lang="fr")
figure.figure("full")
assert figure.alt.startswith("FR Dots"), figure.alt
assert table.alt.startswith("FR Table") and "FR Column n" in " ".join(table.notes), (table.alt, table.notes)
assert "1,5" in table._repr_html_() or "1,5" in table.alt
said = sv.narrative.describe(e, 0)
assert "FR" in said.text("fr") and "FR" not in said.text("en"), said
assert loc.number(1234.5, 1, "fr").endswith("234,5")
assert loc.word("total", "fr") == "Total"  # left out of the file: read in English
"""


def test_a_third_language_is_one_file_and_no_code(tmp_path: Path) -> None:
    lines = []
    for section, texts in tomllib.loads((SOURCE / "words" / "en.toml").read_text(encoding="utf-8")).items():
        lines.append(f"[{section}]")
        for key, text in texts.items():
            if f"{section}.{key}" == "words.total":
                continue
            written = text if section == "language" else f"FR {text}"
            if isinstance(text, str):
                lines.append(f"{key!r} = '''{written}'''")
    (tmp_path / "fr.toml").write_text("\n".join(lines), encoding="utf-8")
    environment = {**os.environ, "SURVEY_WORDS": str(tmp_path), "PYTHONPATH": str(SOURCE.parent)}
    ran = subprocess.run([sys.executable, "-c", FURTHER], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr

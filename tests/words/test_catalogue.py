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
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from survey.base import catalogue
from survey.base.catalogue import Note, as_note
from tests.package_source import SOURCE, modules, nodes

SECTIONS = {key.partition(".")[0] for key in catalogue.entries("en")}
OPEN = ("columns", "methods", "personal", "titles", "checks", "check_heads", "weights_after", "rules", "verbs")
"""Sections whose keys are names that results and checks have anyway; units and roles are anybody's."""
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


@pytest.mark.slow
def test_faults_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key left out, a part misspelt, a key that nobody uses, a plural form too few: the tests here fail."""
    entries = dict(catalogue.entries("vi"))
    english = dict(catalogue.entries("en"))
    planted: list[tuple[Any, str, dict[str, Any], tuple[Any, ...]]] = [
        (test_every_language_has_the_same_keys_the_same_parts_and_no_empty_text, "vi", {"words.mean": None}, ("vi",)),
        (
            test_every_language_has_the_same_keys_the_same_parts_and_no_empty_text,
            "vi",
            {"words.ci": "KTC {muc}"},
            ("vi",),
        ),
        (test_plural_forms_are_those_of_the_language, "en", {"check_page.row_count": {"other": "{n} rows"}}, ("en",)),
        (test_every_key_of_the_catalogue_is_used, "en", {"words.idle": "idle"}, ()),
        (test_every_key_of_the_catalogue_is_used, "en", {"personal.idle": "idle"}, ()),
        (test_every_key_that_the_code_uses_is_in_the_catalogue, "en", {"words.total": None}, ()),
        (test_every_key_that_the_code_uses_is_in_the_catalogue, "en", {"parts.more": None}, ()),
    ]
    for test, lang, change, arguments in planted:
        files = {"vi": dict(entries), "en": dict(english)}
        files[lang] = {k: v for k, v in (files[lang] | change).items() if v is not None}
        monkeypatch.setattr(catalogue, "entries", lambda lang, files=files: files[lang])
        with pytest.raises(AssertionError):
            test(*arguments)


def test_the_page_for_translators_holds_a_file_that_keeps_the_rules() -> None:
    page = (SOURCE.parents[1] / "docs" / "adding.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    english = catalogue.entries("en")
    from babel import Locale

    for section, texts in tomllib.loads(block).items():
        for key, entry in texts.items():
            assert parts(entry) == parts(english[f"{section}.{key}"])
            assert isinstance(entry, str) or set(entry) == {*Locale.parse("fr").plural_form.tags, "other"}


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_plural_forms_are_those_of_the_language(lang: str) -> None:
    from babel import Locale

    known = {*Locale.parse(lang).plural_form.tags, "other"}
    for key, entry in catalogue.entries(lang).items():
        assert isinstance(entry, str) or set(entry) == known, key


def constants(path: Path) -> Iterator[str]:
    """Every text of a module that stands for itself."""
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def exact() -> set[str]:
    """Keys that stand whole in the code."""
    found = set()
    for path in modules():
        found |= {text for text in constants(path) if KEY.fullmatch(text) and not text.endswith((".toml", ".py", "_"))}
        for node in nodes(path):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                first = node.args[0]
                given = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                texts = [g.value for g in given if isinstance(g, ast.Constant) and isinstance(g.value, str)]
                found |= {PREFIXES[name] + text for text in texts if name in PREFIXES}
    return {key for key in found if key.partition(".")[0] in SECTIONS}


def patterns() -> list[re.Pattern[str]]:
    """Keys of which a part is known at run time only: love.{name}, "personal." + name."""
    found = []
    for path in modules():
        for node in nodes(path):
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)
                if text.partition(".")[0] in SECTIONS and KEY.fullmatch(text):
                    found.append(re.compile(re.escape(text).replace(r"\*", "(.+)")))
    return found


def test_every_key_that_the_code_uses_is_in_the_catalogue() -> None:
    assert exact() - set(catalogue.entries("en")) == set()


def test_every_key_of_the_catalogue_is_used() -> None:
    """Whole in the code; or, where its section is looked up by a name, as that name."""
    by_name, used = patterns(), exact()
    names = {text for path in modules() for text in constants(path)}

    names |= {re.sub("[ -]", "_", name) for name in names}

    def found(key: str) -> bool:
        section, _, name = key.partition(".")
        if section in OPEN:
            return name in names
        matches = (pattern.fullmatch(key) for pattern in by_name)
        return key in used or any(match and set(match.groups()) <= names for match in matches)

    by_text = ("steps.", "step_recodes.", "step_rules.", "step_counts.")  # by the English of logs: test_steps.py
    rest = [key for key in catalogue.entries("en") if not key.startswith(("units.", "roles.", *by_text))]
    assert [key for key in rest if not found(key)] == []


INLINE = {"io/_head.py", "exhibits/finding.py"}
"""Somebody's file whose two rows of headers are in two languages, found by their letters; a finding written by hand,
whose arguments have these names. No words of ours."""


def test_no_text_stands_in_the_code_in_several_languages() -> None:
    """{"vi": ..., "en": ...} belongs in the catalogue, or in the TOML of the data it describes."""
    found = set()
    for path in modules():
        for node in nodes(path):
            keys = (
                {key.value for key in node.keys if isinstance(key, ast.Constant)} if isinstance(node, ast.Dict) else ()
            )
            if {"vi", "en"} <= set(keys):
                found.add(path.relative_to(SOURCE).as_posix())
    assert found == INLINE


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
from survey.base.catalogue import LANGUAGES, Note
from survey.codebook import Codebook, Variable
from survey.words import locale as loc
from survey.words import screen

assert LANGUAGES == ("vi", "en", "fr"), LANGUAGES
book = Codebook({"q": Variable("q", "ordinal", {"fr": "Note ?"}, {1: {"fr": "bas"}, 2: {"fr": "haut"}})})
frame = pd.DataFrame({"q": [1, 2, 2, 1] * 300, "g": ["a", "b"] * 600, "w": [1.0, 2.0, 1.5] * 400})
sample = sv.Sample(sv.Responses(frame, book), weights="w")
e = sample.mean("q", by="g")

# a figure: its texts, drawn and read aloud
figure = sv.figures.intervals(e, lang="fr")
drawn = figure.figure("full")
drawn = " ".join(t.get_text() for t in [*drawn.texts, *(t for a in drawn.axes for t in a.texts)])
assert "[Mean]" in drawn and "1,50" in drawn and "1.50" not in drawn, drawn
assert figure.alt.startswith("[Dots with 95% confidence intervals") and "Note ?" in figure.alt, figure.alt
assert all(note.startswith("[") for note in figure.notes) and figure.notes, figure.notes

# a table of many numbers: its title and headings
table = sv.tables.table(sample.weight_diagnostics(), lang="fr")
assert table.title.startswith("[with their weights, 1\N{NARROW NO-BREAK SPACE}200 answers"), table.title
with sv.titles("descriptive"):
    table = sv.tables.table(sample.weight_diagnostics(), lang="fr")
assert table.title == "[Weights, step by step]" and "[Effective n]" in table.html(), table.html()
assert "[n: valid" in " ".join(sv.tables.table(e, lang="fr").notes)

# a note, with plural forms, numbers and dates as the language writes them
note = Note("notes.no_group", n=12345, columns="g")
assert note.in_language("fr").startswith("[12\N{NARROW NO-BREAK SPACE}345 rows"), note.in_language("fr")
assert note == "12,345 rows have no value of g and are in no group"

# findings, and those that a study keeps
found = sv.narrative.compare(e.pairwise(), 0)
assert found.text("fr").startswith("[the data do not show") and "[" not in found.en, found
assert set(found.texts) == {"vi", "en", "fr"} and found.texts["fr"] in found._repr_markdown_().replace("\\\\", "")
own = sv.Finding("a", "Một", "One", fr="Un")
assert own.text("fr") == "Un" and own == sv.Finding.of("a", {"vi": "Một", "en": "One", "fr": "Un"}, {})
assert sv.Finding.of("b", {"fr": "Un"}, {}).vi == "Un"

# what a check finds, and its page
checked = sv.Responses(frame.assign(q=7), book).check()
texts = {b.rule: b.texts["fr"] for b in checked.broken}
assert texts["scale"] == "[codes outside the scale: 7; the scale is 1, 2]", texts
assert texts["scale"] in checked._repr_html_() and "[Errors: results are wrong if they stay]" in checked._repr_html_()

# the screen, a codebook, labels that verbs write
assert "[Mean]" in screen.to_html(e, "fr") or "[Estimate]" in screen.to_html(e, "fr"), screen.to_html(e, "fr")
assert "[Answers]" in book.to_html("fr") and "haut" in book.to_html("fr")
yes = sv.Responses(frame, book).derive("high", "q == 2").codebook.label("high", 1, "fr")
assert yes == "[yes]", yes

assert loc.number(1234.5, 1, "fr").endswith("234,5") and loc.word("share", "fr") == "[Share]"
assert loc.word("total", "fr") == "Total"  # left out of the file: read in English
"""


@pytest.mark.slow
def test_a_third_language_is_one_file_and_no_code(tmp_path: Path) -> None:
    """French made of English: every text in brackets."""
    lines = []
    for section, texts in tomllib.loads((SOURCE / "words" / "en.toml").read_text(encoding="utf-8")).items():
        lines.append(f"[{section}]")
        for key, entry in texts.items():
            if f"{section}.{key}" == "words.total":
                continue
            forms = {"": entry} if isinstance(entry, str) else entry
            written = {form: f"'''{text if section == 'language' else f'[{text}]'}'''" for form, text in forms.items()}
            inline = ", ".join(f"{form} = {text}" for form, text in written.items())
            lines.append(f"{key!r} = {written.get('', f'{{ {inline} }}')}")
    (tmp_path / "fr.toml").write_text("\n".join(lines), encoding="utf-8")
    environment = {**os.environ, "SURVEY_WORDS": str(tmp_path), "PYTHONPATH": str(SOURCE.parent)}
    ran = subprocess.run([sys.executable, "-c", FURTHER], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr

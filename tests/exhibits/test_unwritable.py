"""Characters that no document can hold are told, and never make a file that does not open."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import openpyxl
import pandas as pd
import pyreadstat
import pytest

import survey as sv
from survey.codebook import Codebook, Variable
from survey.core.log import LogEntry
from survey.errors import ExportError, SurveyError
from survey.responses import Responses
from survey.study import storage

BAD = ["\x00", "\x0b", "\x1b", "\ud800", "\ufffe"]
FORMATS = ("csv", "html", "docx", "xlsx", "pptx")


def answers(bad: str, *, label: str = "", cell: str = "x") -> Responses:
    text = MappingProxyType({"vi": f"Hỏi{label}", "en": f"Ask{label}"})
    data = pd.DataFrame({"q": [1.0, 2.0, 1.0, 2.0], "g": pd.Series([cell, "y", cell, "y"], dtype="str")})
    return Responses(data, Codebook().update(Variable("q", text=text), Variable("g", type="nominal")))


PLACES = [(place, bad) for place in ("title", "label", "group") for bad in BAD if (place, bad) != ("group", "\ud800")]
"""A column of text cannot hold half a letter."""


@pytest.mark.parametrize(("place", "bad"), PLACES, ids=lambda v: v if len(v) > 1 else f"U+{ord(v):04X}")
@pytest.mark.sampled
def test_an_exhibit_says_which_character_it_is(tmp_path: Path, bad: str, place: str) -> None:
    responses = answers(bad, label=bad if place == "label" else "", cell=f"x{bad}" if place == "group" else "x")
    e = sv.Sample(responses, weights=None).mean("q", by="g" if place == "group" else None)
    exhibit = sv.tables.table(e, title=f"A{bad}B" if place == "title" else None, suppress_below=0)
    for form in FORMATS:
        with pytest.raises(ExportError, match="A text contains a character that documents cannot represent") as caught:
            sv.export(exhibit, "t", formats=[form], folder=tmp_path / form)
        assert f"U+{ord(bad):04X}" in str(caught.value) and not (tmp_path / form).exists()


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".csv", ".xlsx", ".parquet"])
@pytest.mark.parametrize("bad", BAD, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.sampled
def test_labels_come_back_or_are_refused(tmp_path: Path, bad: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    try:
        files = answers(bad, label=f" {bad} x").write(path)
    except SurveyError:
        assert list(tmp_path.iterdir()) == []
        return
    assert Codebook.from_toml(files["codebook"])["q"].wording("en") == f"Ask {bad} x"
    if suffix == ".xlsx":
        assert openpyxl.load_workbook(path)["data"].max_row == 5
    elif suffix in (".sav", ".dta"):
        (pyreadstat.read_sav if suffix == ".sav" else pyreadstat.read_dta)(path)


def test_half_a_letter_is_refused_by_text_files(tmp_path: Path) -> None:
    clean = answers("").logged(LogEntry("drop", "x", {}, 4, 4, 0, 0, "\ud800"))
    with pytest.raises(ExportError, match="A text contains an unpaired surrogate, which files cannot represent"):
        clean.save_log(tmp_path / "log.json")
    with pytest.raises(ExportError):
        storage.save(clean, tmp_path / "a.zip")
    with pytest.raises(ExportError, match="A text contains an unpaired surrogate, which files cannot represent"):
        answers("", label="\ud800").codebook.to_toml(tmp_path / "a.toml")
    for ending in ("html", "xlsx", "docx"):
        with pytest.raises(ExportError, match="A text contains a character that documents cannot represent"):
            sv.tables.export_codebook(answers("", label="\x0b").codebook, tmp_path / f"a.{ending}")
    assert list(tmp_path.iterdir()) == []

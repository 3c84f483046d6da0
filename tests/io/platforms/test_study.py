"""The study's own questionnaire: its simulated answers as KoboToolbox would export them, read back unchanged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook._toml import number
from survey.io.xlsform.codebook import codebook_from_xlsform, read_form

RAW = Path(__file__).parents[3] / "data" / "raw"
FORM = RAW / "questionnaire_residents.xlsx"


@pytest.fixture(scope="module")
def interviews() -> pd.DataFrame:
    return sv.read(RAW / "residents_2024.sav", RAW / "codebook.toml").data.head(200)


def exported(data: pd.DataFrame, lang: str | None) -> list[list[object]]:
    """The answers with group/question above codes, or wording above labels."""
    form = read_form(FORM)
    questions = [q for q in form.questions if q.name in data]
    columns: list[list[object]] = []
    for q in questions:
        head = "/".join((*q.path, q.name)) if lang is None else q.text.get(lang, q.name)
        cells: list[object] = []
        for value in data[q.name]:
            if pd.isna(value):
                cells.append("")
            elif isinstance(value, pd.Timestamp):
                cells.append(value.strftime("%Y-%m-%dT%H:%M:%S.000+07:00"))
            else:
                code = int(value) if isinstance(value, float) and value == int(value) else value
                cells.append(q.choices[str(code)][lang] if lang and q.choices else str(code))
        columns.append([head, *cells])
    columns.append(["_uuid", *(f"u{i}" for i in range(len(data)))])
    return [list(row) for row in zip(*columns, strict=True)]


def with_labels(data: pd.DataFrame) -> pd.DataFrame:
    """Interviews of which every answer has a label: codes outside a scale were planted in some."""
    fine = np.ones(len(data), dtype=bool)
    for q in read_form(FORM).questions:
        if q.choices:
            fine &= (data[q.name].isna() | data[q.name].isin([number(c) for c in q.choices])).to_numpy()
    assert 150 < fine.sum() < len(data)
    return data[fine].reset_index(drop=True)


@pytest.mark.parametrize("lang", [None, "vi", "en"])
def test_answers_come_back_as_they_were(
    csv_file: Callable[..., Path], interviews: pd.DataFrame, lang: str | None
) -> None:
    if lang is not None:
        interviews = with_labels(interviews)
    path = csv_file("a.csv", exported(interviews, lang), ";")
    read = sv.read(path, export="kobo", form=FORM, separator=";")
    names = [n for n in codebook_from_xlsform(FORM).variables if n in read.data]
    assert len(names) == 58 and set(read.data.columns) - set(names) == {"_uuid"}
    for name in names:
        before, after = interviews[name], read.data[name]
        if before.dtype.kind == "f":
            np.testing.assert_array_equal(after.to_numpy(float), before.to_numpy(float), err_msg=name)
        else:
            assert after.tolist() == before.tolist(), name
    assert read.codebook["FR07"].direction == -1 and read.codebook["FR05"].missing[-96] == "not_applicable"


@pytest.mark.slow
def test_the_codebook_of_the_study_goes_before_the_form(
    csv_file: Callable[..., Path], interviews: pd.DataFrame
) -> None:
    path = csv_file("a.csv", exported(with_labels(interviews), "vi"))
    book = sv.Codebook.from_toml(RAW / "codebook.toml")
    keep = book.select(n for n in book.variables if n in codebook_from_xlsform(FORM))
    read = sv.read(path, keep, export="kobo", form=FORM)
    assert read.codebook["OV01"] == keep["OV01"]
    assert not [b for b in read.check().broken if b.rule in ("scale", "type")]


def test_the_log_does_it_again(csv_file: Callable[..., Path], interviews: pd.DataFrame) -> None:
    from survey.io.replay import replay

    read = sv.read(
        csv_file("a.csv", exported(with_labels(interviews), "en")), export="kobo", form=FORM
    ).recode_missing()
    again = replay(read)
    pd.testing.assert_frame_equal(again.data, read.data)
    pd.testing.assert_frame_equal(again.missing, read.missing)

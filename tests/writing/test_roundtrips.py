"""What is written is read again as it was: data, labels, kinds of missing answers, over invented codebooks."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from examples import examples
from survey.codebook import Codebook, Variable
from survey.io import read
from survey.responses import Responses

WORDS = st.text(alphabet="abcXYZ 0123456789,;\"'\\.-_%éàạảãâấầậăắđĐơớờưừỷỹ=@#\n", min_size=1, max_size=30).map(
    lambda t: unicodedata.normalize("NFC", t)
)
LABELS = WORDS.filter(lambda t: len(t.encode()) <= 80)
KINDS = ("not_applicable", "blank", "dont_know", "refused")


@st.composite
def responses(draw: st.DrawFn) -> Responses:
    """Invented answers: coded, numeric, text and date columns, with missing codes, some rows of everything empty."""
    rows = draw(st.integers(1, 6))
    columns: dict[str, Any] = {}
    variables = []
    for i in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(["q", "Câu_hỏi", "FR", "điểm"])) + str(i)
        sort = draw(st.sampled_from(["coded", "number", "text", "date"]))
        text = draw(st.dictionaries(st.sampled_from(["vi", "en"]), LABELS, max_size=2))
        used = draw(st.lists(st.sampled_from(KINDS), unique=True, max_size=4))
        missing = {-96 - KINDS.index(k): k for k in used} if sort in ("coded", "number") else {}
        told = {c: MappingProxyType({"vi": draw(LABELS)}) for c in missing if draw(st.booleans())}
        common = {
            "text": MappingProxyType(text),
            "missing": MappingProxyType(missing),
            "missing_labels": MappingProxyType(told),
        }
        if sort == "coded":
            codes = draw(st.lists(st.integers(0, 11), min_size=1, max_size=5, unique=True))
            labels = {c: MappingProxyType({"vi": draw(LABELS), "en": draw(LABELS)}) for c in codes}
            kind = draw(st.sampled_from(["ordinal", "nominal"]))
            variables.append(Variable(name, type=kind, labels=MappingProxyType(labels), direction=1, **common))
            cells = st.sampled_from([*codes, *missing, np.nan])
            columns[name] = pd.Series(draw(st.lists(cells, min_size=rows, max_size=rows)), dtype=float)
        elif sort == "number":
            variables.append(Variable(name, unit=draw(st.sampled_from(["", "phút"])), **common))
            cells = st.one_of(st.floats(-90, 1e9), st.integers(0, 10**9), st.sampled_from([*missing, np.nan]))
            columns[name] = pd.Series(draw(st.lists(cells, min_size=rows, max_size=rows)), dtype=float)
        elif sort == "text":
            variables.append(Variable(name, type="text", **common))
            cells = st.one_of(WORDS.filter(lambda t: not t.endswith(" ")), st.just(np.nan))
            columns[name] = pd.Series(draw(st.lists(cells, min_size=rows, max_size=rows)), dtype="str")
        else:
            variables.append(Variable(name, type="date", **common))
            cells = st.one_of(st.datetimes(pd.Timestamp("1900-03-02"), pd.Timestamp("2200-01-01")), st.none())
            given = draw(st.lists(cells, min_size=rows, max_size=rows))
            whole = [None if v is None else pd.Timestamp(v).floor("s") for v in given]
            columns[name] = pd.Series(whole, dtype="datetime64[us]")
    book = Codebook(variables=MappingProxyType({v.name: v for v in variables}), title=MappingProxyType({"vi": "Thử"}))
    return Responses(pd.DataFrame(columns), book)


def same_data(got: pd.DataFrame, wanted: pd.DataFrame) -> None:
    """Equal cells; a column without any value has no type that a file could tell."""
    assert list(got.columns) == list(wanted.columns) and len(got) == len(wanted)
    for name in wanted.columns:
        if wanted[name].isna().all():
            assert got[name].isna().all()
        else:
            pd.testing.assert_series_equal(got[name], wanted[name], check_dtype=False, check_exact=True)


def same_book(got: Codebook, wanted: Codebook) -> None:
    assert list(got.variables) == list(wanted.variables)
    for name, variable in wanted.variables.items():
        back = got[name]
        told = {c: t for c, t in back.missing_labels.items() if t}  # a code without a label has an empty one
        assert replace(back, missing_labels=MappingProxyType(told)) == variable
        assert list(back.labels) == list(variable.labels)  # the order of the scale
    assert dict(got.title) == dict(wanted.title)


def again(written: Any) -> Responses:
    return read(
        written["data"],
        codebook=written["codebook"],
        **({"sheet": "data"} if written["data"].suffix == ".xlsx" else {}),
    )


@settings(max_examples=examples(60))
@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".csv", ".xlsx"])
@given(before=responses())
@pytest.mark.sampled
def test_codes_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, suffix: str, before: Responses) -> None:
    assume(suffix != ".xlsx" or before.data.iloc[-1].notna().any())
    after = again(before.write(tmp_path_factory.mktemp("w") / f"a{suffix}"))
    same_data(after.data, before.data)
    same_book(after.codebook, before.codebook)


@settings(max_examples=examples(60))
@pytest.mark.parametrize("suffix", [".sav", ".dta", ".csv"])
@given(before=responses())
@pytest.mark.slow
def test_kinds_of_missing_answers_come_back(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, before: Responses
) -> None:
    clean = before.recode_missing()
    after = again(clean.write(tmp_path_factory.mktemp("w") / f"a{suffix}", allow_loss=["labels"])).recode_missing()
    same_data(after.data, clean.data)
    assert list(after.missing.columns) == list(clean.missing.columns)
    assert (after.missing.to_numpy() == clean.missing.to_numpy()).all()
    for name, variable in clean.codebook.variables.items():
        back = after.codebook[name]
        assert (back.text, back.labels, back.type, back.unit) == (
            variable.text,
            variable.labels,
            variable.type,
            variable.unit,
        )
        assert sorted(back.missing.values()) == sorted(variable.missing.values())


@settings(max_examples=examples(30))
@pytest.mark.parametrize("suffix", [".sav", ".dta", ".csv", ".xlsx", ".parquet"])
@given(before=responses())
@pytest.mark.sampled
def test_a_second_run_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, before: Responses
) -> None:
    one, two = (tmp_path_factory.mktemp("w") / f"a{suffix}" for _ in range(2))
    before = before.recode_missing()
    assume(suffix != ".xlsx" or before.data.iloc[-1].notna().any())
    for path in (one, two):
        before.write(path, allow_loss=["labels"])
    assert one.read_bytes() == two.read_bytes()
    assert Path(f"{one}.codebook.toml").read_bytes() == Path(f"{two}.codebook.toml").read_bytes()


@pytest.mark.slow
@settings(max_examples=examples(60))
@given(before=responses())
def test_parquet_gives_everything_back_at_once(tmp_path_factory: pytest.TempPathFactory, before: Responses) -> None:
    """Data, codebook and kinds, without being told the codebook and without another step."""
    for answers in (before, before.recode_missing()):
        files = answers.write(tmp_path_factory.mktemp("w") / "a.parquet")
        after = read(files["data"])
        same_data(after.data, answers.data)
        same_book(after.codebook, answers.codebook)
        assert after.missing.astype(int).to_dict() == answers.missing.astype(int).to_dict()


def test_kinds_of_several_files_are_stacked(tmp_path: Path) -> None:
    book = Codebook().update(Variable("q", missing=MappingProxyType({-99: "refused"})))
    paths = []
    for i, value in enumerate((-99.0, 1.0)):
        one = Responses(pd.DataFrame({"q": [value, 2.0]}), book).recode_missing()
        paths.append(one.write(tmp_path / f"{i}.parquet")["data"])
    assert read(paths).missing["q"].tolist() == [4, 0, 0, 0]


@pytest.mark.crossed
@pytest.mark.parametrize("suffix", [".sav", ".dta", ".parquet", ".csv"])
@pytest.mark.parametrize("name", ["residents_2023", "businesses_2024"])
@pytest.mark.sampled
def test_the_simulated_study_comes_back(tmp_path: Path, suffix: str, name: str) -> None:
    raw = Path(__file__).parents[2] / "data" / "raw"
    clean = read(raw / f"{name}.sav", codebook=raw / "codebook.toml").recode_missing()
    files = clean.write(tmp_path / f"a{suffix}", allow_loss=["labels", "spaces"])
    after = read(files["data"])
    after = after if suffix == ".parquet" else after.recode_missing()
    for column in clean.data.columns:
        pd.testing.assert_series_equal(after.data[column], clean.data[column], check_dtype=False)
    assert (after.missing[clean.missing.columns].to_numpy() == clean.missing.to_numpy()).all()
    assert after.codebook["FR01"].text == clean.codebook["FR01"].text
    assert after.codebook["FR01"].base == clean.codebook["FR01"].base

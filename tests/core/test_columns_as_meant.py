"""The same answers in another type, index or Unicode form give the same results, verb by verb; or the verb refuses."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import survey as sv

TEXT = ["g", "stratum"]


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    n = 120
    data = pd.DataFrame(
        {
            "w": rng.uniform(1, 3, n),
            "psu": np.repeat(range(30), 4),
            "stratum": np.repeat(["Bắc", "Nam"], 60),
            "q": rng.integers(1, 6, n),
            "r": rng.integers(1, 6, n),
            "g": rng.choice(["nữ", "nam", "khác"], n),
            "y": rng.normal(10, 2, n).round(3),
            "big": np.repeat([1000001, 1000002, 1000003], 40),
            "wave": np.repeat([2024, 2025], 60),
        }
    )
    data["some"] = data["q"].astype(float).where(np.arange(n) % 7 > 0)
    return data


def decomposed(values: pd.Series, every: int = 1) -> list[str]:
    return [unicodedata.normalize("NFD", v) if i % every == 0 else v for i, v in enumerate(values)]


FORMS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "nullable": lambda d: d.convert_dtypes(dtype_backend="numpy_nullable"),
    "pyarrow": lambda d: d.convert_dtypes(dtype_backend="pyarrow"),
    "objects": lambda d: d.astype(object),
    "python strings": lambda d: d.astype(dict.fromkeys(TEXT, pd.StringDtype("python"))),
    "large strings": lambda d: d.astype(dict.fromkeys(TEXT, pd.ArrowDtype(pa.large_string()))),
    "categories": lambda d: d.astype(dict.fromkeys([*TEXT, "big", "wave", "psu"], "category")),
    "items as categories": lambda d: d.astype(dict.fromkeys(["q", "r", "some"], "category")),
    "floats": lambda d: d.astype(dict.fromkeys(["q", "r", "big", "wave", "psu"], float)),
    "float32": lambda d: d.astype(dict.fromkeys(["q", "r", "big", "wave"], "float32")),
    "int8": lambda d: d.astype(dict.fromkeys(["q", "r"], "int8")),
    "NFD": lambda d: d.assign(g=decomposed(d["g"]), stratum=decomposed(d["stratum"])),
    "both forms": lambda d: d.assign(g=decomposed(d["g"], 2), stratum=decomposed(d["stratum"], 2)),
    "categories in both forms": lambda d: d.assign(g=pd.Categorical(decomposed(d["g"], 2))),
    "both forms, pyarrow": lambda d: d.assign(g=pd.Series(decomposed(d["g"], 2), dtype=pd.ArrowDtype(pa.string()))),
    "another index": lambda d: d.set_index(pd.Index([f"r{i}" for i in range(len(d))])),
}
MARGINS = {"g": {"nữ": 50, "nam": 40, "khác": 30}, "wave": {2024: 60, 2025: 60}}
VERBS: dict[str, Callable[[sv.Sample], Any]] = {
    "mean": lambda s: s.mean(["q", "y"], by="g"),
    "mean by two": lambda s: s.mean("some", by=["g", "wave"]),
    "rescaled": lambda s: s.mean("q", rescale=(0, 100), by="big"),
    "levels of text": lambda s: s.proportion("g", levels=["nữ"], by="wave"),
    "top": lambda s: s.proportion("some", top=2, by="big"),
    "distribution": lambda s: s.distribution("g", by="big"),
    "quantile": lambda s: s.quantile(["y", "q"], by="g"),
    "where": lambda s: s.mean("y", where="q >= 3 and g == 'nữ' and big in [1000001, 1000002]"),
    "linear": lambda s: s.linear("y ~ g + C(wave)"),
    "outcome": lambda s: s.linear("some ~ g"),
    "rake": lambda s: s.rake(MARGINS).mean("y"),
    "calibrate": lambda s: s.calibrate({"g": MARGINS["g"], "y": 1230.0}).mean("q"),
    "trim": lambda s: s.trim(upper=2.5, by="g").mean("y"),
    "item_response": lambda s: s.item_response("some", by="g"),
    "difference of large numbers": lambda s: s.mean("y", by="big").contrast("1000002 - 1000001"),
    "pairwise": lambda s: s.mean("y", by=["g", "wave"]).pairwise(),
    "recode": lambda s: s.responses.recode("g", {"nữ": 1, "nam": 2, "khác": 3}).data["g"],
    "merge_categories": lambda s: s.responses.merge_categories("g", {"f": ["nữ"], "m": ["nam", "khác"]}, into="m").data,
    "derive": lambda s: s.responses.derive("z", "(g == 'nữ') + q").data["z"],
    "band": lambda s: s.responses.band("y", [0, 10, 30], into="b").data["b"],
    "score": lambda s: s.responses.score("sc", items=["q", "r"]).data["sc"],
    "reverse": lambda s: s.responses.reverse(["q"]).data["q"],
    "k": lambda s: pd.Series([s.responses.k_anonymity(["g", "big"]).k]),
    "interviewers": lambda s: s.responses.quality(["q", "r"], interviewer="psu", within=None).interviewers,
}


def sample(data: pd.DataFrame) -> sv.Sample:
    labels = {i: {"en": str(i)} for i in range(1, 6)}
    items = {n: sv.Variable(n, type="ordinal", labels=labels, direction=-1) for n in ("q", "r", "some")}
    responses = sv.Responses(data, sv.Codebook(items))
    return sv.Sample(responses, weights="w", strata="stratum", psu="psu")


def cells(found: Any) -> list[list[str]]:
    """The cells of a result: numbers to six digits, words in one form, whatever their type."""
    table = found.table if isinstance(found, sv.Estimates) else found
    table = table.to_frame() if isinstance(table, pd.Series) else table
    rows = []
    for row in table.itertuples(index=False, name=None):
        told = ["" if pd.isna(v) else f"{float(v):.6g}" if not isinstance(v, str) else v for v in row]
        rows.append([unicodedata.normalize("NFC", v) for v in told])
    return rows


@pytest.fixture(scope="module")
def plain() -> sv.Sample:
    return sample(frame())


@pytest.mark.crossed
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.sampled
def test_a_column_is_taken_as_it_is_meant(plain: sv.Sample, form: str, verb: str) -> None:
    other = sample(FORMS[form](frame()))
    assert cells(VERBS[verb](other)) == cells(VERBS[verb](plain))


NAMES = ["tuổi", unicodedata.normalize("NFD", "tuổi")]


@pytest.mark.parametrize("in_codebook", NAMES, ids=["NFC", "NFD"])
@pytest.mark.parametrize("in_data", NAMES, ids=["NFC", "NFD"])
def test_a_codebook_in_another_unicode_form_still_declares_what_is_missing(in_codebook: str, in_data: str) -> None:
    """A mean over -98, as the variable of the codebook was taken for another one, was once -19.6."""
    variable = sv.Variable(
        in_codebook, type="ordinal", labels={i: {"en": f"level {i}"} for i in range(2, 6)}, missing={-98: "dont_know"}
    )
    responses = sv.Responses(pd.DataFrame({in_data: [-98, 2, 3, 4, 5] * 4}), sv.Codebook({in_codebook: variable}))
    for verb in ("mean", "distribution", "quantile"):
        with pytest.raises(sv.EstimationError, match="missing"):
            getattr(sv.Sample(responses, weights=None), verb)("tuổi")
    with pytest.raises(sv.CleaningError, match="missing codes"):
        responses.derive("z", "tuổi + 1")
    clean = responses.recode_missing("tuổi")
    assert sv.Sample(clean, weights=None).mean("tuổi").table["estimate"].iloc[0] == 3.5
    assert "level 2" in sv.Sample(clean, weights=None).distribution("tuổi").to_text("en")


@pytest.mark.parametrize("codes", ["NFC", "NFD"])
@pytest.mark.parametrize("answers", ["NFC", "NFD"])
def test_a_code_of_text_is_one_code_in_both_forms(codes: Any, answers: Any) -> None:
    def said(text: str) -> str:
        return unicodedata.normalize(codes, text)

    variable = sv.Variable(
        "g",
        type="ordinal",
        labels={said("nữ"): {"en": "Female"}, said("nam"): {"en": "Male"}},
        missing={said("không biết"): "dont_know"},
    )
    data = pd.DataFrame({"g": [unicodedata.normalize(answers, v) for v in ("nữ", "nam", "không biết")] * 10})
    responses = sv.Responses(data.assign(y=1.0), sv.Codebook({"g": variable}))
    with pytest.raises(sv.EstimationError, match="declares missing"):
        sv.Sample(responses, weights=None).mean("y", by="g")
    e = sv.Sample(responses.recode_missing(), weights=None).distribution("g")
    assert e.table["estimate"].tolist() == [0.5, 0.5]
    assert "Female" in e.to_text("en") and "Male" in e.to_text("en")


INFINITE: dict[str, Callable[[sv.Sample], Any]] = {
    "mean": lambda s: s.mean("x"),
    "by": lambda s: s.mean("q", by="x"),
    "where": lambda s: s.mean("q", where="x > 0"),
    "linear": lambda s: s.linear("q ~ x"),
    "rake": lambda s: s.rake({"x": {1: 10, np.inf: 10}}),
    "trim": lambda s: s.trim(upper=2.0, by="x"),
    "merge": lambda s: s.responses.merge_categories("x", {1: [1], 2: [np.inf]}, into="z"),
    "derive": lambda s: s.responses.derive("z", "x + 1"),
}


@pytest.mark.parametrize("verb", INFINITE)
def test_infinite_numbers_are_refused(verb: str) -> None:
    data = pd.DataFrame({"x": [1.0, np.inf] * 10, "q": [1, 2, 3, 4] * 5})
    with pytest.raises(sv.SurveyError, match=r"infinite|inf\b"):
        INFINITE[verb](sv.Sample(data, weights=None))

"""Ordinal models as readers see them: tables, sentences, titles and figures, in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

pytestmark = pytest.mark.sampled

DESIGNS = json.loads((Path(__file__).parents[1] / "reference" / "designs.json").read_text(encoding="utf-8"))
ROOT = Path(__file__).parents[2]
LABELS = {
    1: {"en": "Very poor", "vi": "Rất kém"},
    2: {"en": "Poor", "vi": "Kém"},
    3: {"en": "Fair", "vi": "Trung bình"},
    4: {"en": "Good", "vi": "Tốt"},
    5: {"en": "Very good", "vi": "Rất tốt"},
}
BOOK = {
    "variables": {
        "q1": {"type": "ordinal", "labels": LABELS, "short": {"en": "Service", "vi": "Dịch vụ"}},
        "sex": {"type": "binary", "labels": {0: {"en": "Man", "vi": "Nam"}, 1: {"en": "Woman", "vi": "Nữ"}}},
    }
}


@pytest.fixture
def model(rows: pd.DataFrame) -> Any:
    responses = sv.Responses(rows, sv.Codebook.from_dict(BOOK))
    return sv.Sample(responses, **DESIGNS["strat_clus"]).ordinal("q1 ~ sex * wave")


def test_a_sentence_tells_the_effect_on_the_answers_counted(model: Any) -> None:
    e = model.margins("sex", top=2)
    english, vietnamese = (sv.narrative.describe(e).text(lang) for lang in ("en", "vi"))
    assert "the share answering “Good” or “Very good” on “Service”" in english
    assert "percentage points" in english and "điểm phần trăm" in vietnamese
    assert "tỷ lệ chọn “Tốt” hoặc “Rất tốt” ở nội dung “Dịch vụ”" in vietnamese
    one = sv.narrative.describe(model.margins("sex"), row={"answer": 5}).text("en")
    assert "the share answering “Very good” on “Service”" in one


def test_sentences_of_coefficients_ratios_and_predictions(rows: pd.DataFrame) -> None:
    """Without the interaction, whose smallest cell has fewer than 30 people."""
    responses = sv.Responses(rows, sv.Codebook.from_dict(BOOK))
    model, row = sv.Sample(responses, **DESIGNS["strat_clus"]).ordinal("q1 ~ sex + wave"), {"term": "sex"}
    told = sv.narrative.describe(model, row=row)
    assert "on the log odds is" in told.text("en") and "theo thang log của số chênh" in told.text("vi")
    told = sv.narrative.describe(model.odds_ratios(), row=row)
    assert "odds ratio" in told.text("en") and "tỷ số chênh" in told.text("vi").lower()
    told = sv.narrative.describe(model.predict({"sex": 1}, top=2))
    assert "%" in told.text("en") and "Service" in told.text("en")


def test_a_title_says_which_answers_are_counted(model: Any) -> None:
    figure = sv.figures.forest(model.margins("sex", top=2), lang="en")
    assert "“Good” or “Very good”" in figure.title
    assert "Service" in figure.title


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_cuts_are_called_by_the_answers_above_them(model: Any, lang: str) -> None:
    text = model.cuts().to_text(lang=lang)
    first, last = LABELS[2][lang], LABELS[5][lang]
    assert f"{first} … {last}" in text and {"en": "Answers counted", "vi": "Các mức được tính"}[lang] in text
    assert model.cuts().table["cut"].unique().tolist() == ["1|2", "2|3", "3|4", "4|5"]


@pytest.mark.parametrize(("lang", "told"), [("en", "all terms together"), ("vi", "tất cả các biến")])
def test_the_test_of_parallel_lines_is_a_table(model: Any, lang: str, told: str) -> None:
    text = model.parallel_lines().to_text(lang=lang)
    assert told in text and "(all)" not in text
    assert ("parallel lines" in text) == (lang == "en") or "slope" in text


def test_notes_are_in_the_language_of_the_reader(model: Any) -> None:
    assert any("kiểm định tính song song" in line for line in model.to_text(lang="vi").splitlines())
    assert not any("parallel" in line for line in model.to_text(lang="vi").splitlines())


@pytest.mark.parametrize("make", ["forest", "intervals", "table"])
def test_figures_and_tables_take_what_models_give(model: Any, make: str, tmp_path: Path) -> None:
    results = {
        "forest": [model, model.odds_ratios(), model.margins(top=2)],
        "intervals": [model.cuts(), model.predict({"sex": [0, 1]}, top=2)],
        "table": [model, model.cuts(), model.parallel_lines(), model.margins(), model.predict({"sex": [0, 1]})],
    }[make]
    for k, e in enumerate(results):
        exhibit = sv.tables.table(e) if make == "table" else getattr(sv.figures, make)(e)
        kind = "html" if make == "table" else "svg"
        path = sv.export(exhibit, f"e{k}", folder=tmp_path, formats=(kind,))[kind]
        assert "Dịch vụ" in path.read_text(encoding="utf-8")


def test_completed_samples_are_pooled(rows: pd.DataFrame) -> None:
    rng = np.random.default_rng(8)
    filled = [rows.assign(q1=rows["q1"].fillna(pd.Series(rng.integers(1, 6, len(rows)), rows.index))) for _ in range(3)]
    samples = [sv.Sample(data, **DESIGNS["strat_clus"]) for data in filled]
    pooled = sv.Imputations(samples).ordinal("q1 ~ sex")
    each = np.stack([s.ordinal("q1 ~ sex").table["estimate"] for s in samples])
    within = np.mean([s.ordinal("q1 ~ sex").table["std_error"] ** 2 for s in samples], axis=0)
    np.testing.assert_allclose(pooled.table["estimate"], each.mean(axis=0))
    np.testing.assert_allclose(pooled.table["std_error"], np.sqrt(within + (1 + 1 / 3) * each.var(axis=0, ddof=1)))
    assert sum("parallel lines" in note for note in pooled.notes) == 1
    top = pooled.margins("sex", top=2)
    effects = [s.ordinal("q1 ~ sex").margins("sex", top=2).table["estimate"].iloc[0] for s in samples]
    assert top.table["estimate"].iloc[0] == pytest.approx(np.mean(effects))


def test_the_page_runs(rows: pd.DataFrame) -> None:
    """docs/models-ordinal.md, on simulated rows."""
    page = (ROOT / "docs" / "models-ordinal.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    data = rows.rename(columns={"q1": "OV01", "group": "pilot"})
    names: dict[str, Any] = {"sample": sv.Sample(data, **DESIGNS["strat_clus"])}
    exec(compile(code, "models-ordinal.md", "exec"), names)
    assert names["m"].table["term"].tolist()[:3] == ["pilot", "wave", "pilot:wave"]

"""The table of kinds: a new kind is a new row, an unknown one an error, and no code asks for a statistic by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.base import catalogue
from survey.core.contrasts import contrast
from survey.core.estimates_data import EstimatesData
from survey.core.statistics import KINDS, Kind
from survey.tables._grid import grid_of
from survey.words import labels, screen
from survey.words.disclosure import published

SOURCE = Path(sv.__file__).parent


def _table(n: int = 200) -> pd.DataFrame:
    x = np.array([0.4, 0.6])
    return pd.DataFrame(
        {
            "item": "q",
            "wave": [1, 2],
            "estimate": x,
            "std_error": 0.02,
            "conf_low": x - 0.04,
            "conf_high": x + 0.04,
            "df": 50.0,
            "n": n,
        }
    )


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> Iterator[sv.Estimates]:
    """A result of a kind that no code knows: a gain in percentage points, with words of its own."""
    monkeypatch.setitem(
        KINDS, "gain", Kind("gain", "net", counts="", difference="gain", exhibits=("table", "intervals"))
    )
    entries, gain = catalogue.entries, {"vi": "Mức tăng", "en": "Gain"}
    monkeypatch.setattr(catalogue, "entries", lambda lang: {**entries(lang), "words.gain": gain[lang]})
    yield sv.Estimates(_table(), "gain", ("wave",))


def test_a_new_row_brings_labels_a_figure_a_table_and_a_sentence(invented: sv.Estimates) -> None:
    assert [(m.kind, m.difference) for m in labels.measures(invented)] == [("share", True)] * 2
    figure = sv.figures.intervals(invented, lang="en")
    assert "Gain" in [t.get_text().split(" (")[0] for t in figure.figure().texts]
    table = grid_of(sv.tables.table(invented, lang="en"))
    assert {c.label.split(" (")[0] for c in table.columns if c.label != "n"} == {"Gain"}
    assert "+40.0" in table.lines[0].cells[0]
    assert "percentage points" in sv.narrative.describe(invented, row={"wave": 1}).en
    assert "+40.0" in invented.to_text("en")


@pytest.mark.parametrize("null", [1.0, None])
def test_the_null_of_a_kind_is_marked_on_the_axis(null: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "odds_ratio", Kind("odds_ratio", null=null))
    made = sv.Estimates(_table(), "odds_ratio", ("wave",))
    assert labels.measure_at(made, 0).no_difference == null
    axes = sv.figures.intervals(made, lang="en").figure().axes
    lines = [path.vertices[:, 0] for ax in axes for drawn in ax.collections for path in drawn.get_paths()]
    assert any((x == 1.0).all() for x in lines) is (null is not None)
    # neither is a difference: no sign before it, and an interval that leaves 0 out says nothing
    assert "+" not in sv.narrative.describe(made, row={"wave": 1}).en


def test_differences_have_the_null_0_and_other_numbers_none(invented: sv.Estimates) -> None:
    assert labels.measure_at(invented, 0).no_difference == 0
    mean = sv.Estimates(_table(), "mean", ("wave",))
    assert labels.measure_at(mean, 0).no_difference is None


def test_what_a_kind_does_not_list_is_refused(invented: sv.Estimates) -> None:
    with pytest.raises(sv.ExportError, match="Likert bars need distributions"):
        sv.figures.likert(invented)
    with pytest.raises(sv.EstimationError, match="Only differences"):
        sv.narrative.compare(invented, row=0)


def test_an_unknown_kind_is_one_clear_error() -> None:
    with pytest.raises(sv.EstimationError, match="unknown kind of statistic") as caught:
        sv.Estimates(_table(), "odds")
    assert caught.value.got == "odds" and "proportion" in str(caught.value.expected) and caught.value.fix
    with pytest.raises(sv.EstimationError, match="unknown kind of statistic"):
        sv.Summary(_table(), "odds")


def test_every_row_names_words_and_exhibits_that_exist() -> None:
    forms = {*sv.figures.__all__, *sv.tables.__all__}
    for key, kind in KINDS.items():
        assert kind.key == key
        words = {f"words.{key}" for key in (kind.heading, kind.difference, kind.column)}
        assert words <= set(catalogue.entries("en"))
        assert not kind.title or f"titles.{kind.title}" in catalogue.entries("en")
        assert set(kind.exhibits) <= forms
        assert kind.sentence in ("describe", "compare", "permutation", "specifications", "verdict") and hasattr(
            sv.narrative, kind.sentence
        )


def test_no_code_asks_for_a_statistic_by_name() -> None:
    by_name = re.compile(r"""statistic["', )NonE]* (==|!=|in|not in) ["'(_A-Z]""")
    found = [
        f"{path.name}: {line.strip()}"
        for path in SOURCE.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if by_name.search(line)
    ]
    assert not found
    assert by_name.search('if e.statistic == "contrast":') and by_name.search("if e.statistic in _SHARES:")


@dataclass(frozen=True)
class Model(EstimatesData):
    """A result with a field more, as models will be."""

    family: str = ""


def _model(n: int = 200) -> Model:
    return Model(_table(n), "mean", ("wave",), family="binomial")


def test_a_model_passes_through_contrast_and_publication() -> None:
    made = contrast(_model(), {"change": [-1, 1]})
    assert isinstance(made, Model) and made.family == "binomial" and made.origin is not None
    assert made.table["estimate"].iloc[0] == pytest.approx(0.2)
    hidden = published(_model(5))
    assert isinstance(hidden, Model) and hidden.family == "binomial" and hidden.table["estimate"].isna().all()


def test_a_model_passes_through_screen_table_figure_and_sentence() -> None:
    made = _model()
    assert "0.40" in screen.to_text(made, "en")
    assert "0.40" in grid_of(sv.tables.table(made, lang="en")).lines[0].cells[0]  # type: ignore[arg-type]
    assert sv.figures.intervals(made, lang="en").alt
    assert "0.60" in sv.narrative.describe(made, row=1).en
    assert replace(made, family="poisson").family == "poisson"


def _sample() -> sv.Sample:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"y": rng.normal(size=60), "w": rng.uniform(1, 3, 60)})
    return sv.Sample(data, weights="w")


def test_diagnostics_are_summaries_without_the_fields_of_estimates() -> None:
    found = _sample().weight_diagnostics()
    assert isinstance(found, sv.Summary) and not isinstance(found, sv.Estimates)
    assert "deff_kish" in found.quantities and found.words and len(found) == len(found.table)
    assert not hasattr(found, "covariance") and not hasattr(found, "contrast")


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("describe", "sample.mean"),
        ("ranking", "sample.mean"),
        ("compare", "contrast"),
        ("permutation", "effect"),
        ("verdict", "independence"),
    ],
)
def test_no_summary_is_put_into_words(verb: str, expected: str) -> None:
    found = _sample().weight_diagnostics()
    for given in ({"e": found}, {}):
        with pytest.raises(sv.EstimationError, match="A summary has several numbers a row") as caught:
            getattr(sv.narrative, verb)(*([] if given else [found]), **given)
        assert caught.value.got == "a summary of weights" and expected in str(caught.value.expected)
        assert "tables.table" in str(caught.value.fix)
    assert "n" in found.to_text("en") and "<table" in found._repr_html_()
    with pytest.raises(sv.ExportError, match="one estimate per row"):
        sv.figures.intervals(found)


def test_a_contrast_of_weight_effects_can_be_shown() -> None:
    made = _sample().weight_effects("y").contrast({"change": [-1, 1]})
    assert "First weights − Equal weights" in made.to_text("en")
    assert sv.tables.table(made, lang="en").html()


def test_an_exhibit_computes_its_rows_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = []
    real = labels.labelled
    monkeypatch.setattr(labels, "labelled", lambda *a, **k: calls.append(1) or real(*a, **k))
    exhibit = sv.tables.table(sv.Estimates(_table(), "mean", ("wave",)))
    sv.export(exhibit, "t", folder=tmp_path, formats=["html", "csv"])
    assert len(calls) == 1
    rows = exhibit.rows()
    rows["estimate"] = 0.0
    assert exhibit.rows()["estimate"].iloc[0] == 0.4

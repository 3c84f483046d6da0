"""Reports of waves that did not ask the same: a new question, one that was dropped, a ward that left or joined."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from small_study import ITEM, answers, study
from survey.reports.compose import compose, results_of
from survey.reports.document import Document, ExhibitBlock, Heading, Paragraph, WordTable
from survey.reports.material import Material
from survey.reports.parts.pilot import BUSINESSES
from survey.reports.settings import settings_of
from survey.study.report import material_of
from survey.study.verify_report import verify_report

MISSING = {"Q3": 1, "Q4": 1, "Q5": 2}


def gaps() -> pd.DataFrame:
    """Speed is new in the second wave, overall satisfaction was dropped after the first, ward C was left."""
    data = answers()
    for name, wave in MISSING.items():
        data[name] = data[name].astype("Int64").mask(data["wave"] == wave)
    return data[~((data["wave"] == 2) & (data["ward"] == "C"))]


def material(own: Any, preset: str = "ward") -> Material:
    return material_of(own, settings_of(own.reporting, own.path, preset))


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Document:
    given = material(study(tmp_path_factory.mktemp("gaps"), gaps()))
    return compose(given, results_of(given), "en")


def words(runs: Any) -> str:
    return "".join(run.text for run in runs)


def told(document: Document, heading: str) -> list[str]:
    """The paragraphs below a heading."""
    found, here = [], False
    for block in document.blocks:
        if isinstance(block, Heading):
            here = block.key == heading
        elif here and isinstance(block, Paragraph):
            found.append(words(block.runs))
    return found


def table(document: Document, key: str) -> dict[str, list[str]]:
    found = [b for b in document.blocks if isinstance(b, WordTable) and b.key == key]
    return {words(row[0]): [words(cell) for cell in row[1:]] for table in found for row in table.rows}


def test_what_one_wave_did_not_ask_is_not_compared(composed: Document) -> None:
    rows = table(composed, "tab-summary")
    assert [rows["Speed"][i] for i in (0, 2, 3)] == ["–", "–", "No comparison"]
    assert rows["Item Q5 (%)"][1:] == ["–", "–", "No comparison"]
    assert rows["Kindness"][3] == "Not established"


def test_the_sentence_is_of_the_wave_that_was_asked(composed: Document) -> None:
    """Means by pandas: a score is the mean of (code - 1) / 4 x 100 over its items."""
    data = gaps()
    last = data[data["wave"] == 2]
    speed = np.average((last[["Q3", "Q4"]].astype(float).mean(axis=1) - 1) * 25, weights=last["weight"])
    first = data[data["wave"] == 1]
    content = 100 * np.average(first["Q5"].astype(float) >= 4, weights=first["weight"])
    summary = told(composed, "summary")
    assert any(f"Follow-up: the mean “Speed” score was {speed:.1f} of 100" in text for text in summary)
    assert any(f"Baseline: {content:.1f}% of respondents" in text for text in summary)


def test_limits_say_what_no_change_is_told_of_and_which_wards_differ(composed: Document) -> None:
    limits = told(composed, "limits")
    assert any(text.startswith("Nothing is said about change in “Speed”, “Item Q5”") for text in limits)
    assert any("did not cover the same wards (in one of them only: Ward C)" in text for text in limits)


def test_a_ward_that_left_has_no_number_of_answers_in_the_last_wave(composed: Document) -> None:
    """That of the first wave stood in a column that is said to be of the last."""
    rows = table(composed, "tab-profile-3")
    assert rows["Kindness"][1:4] == ["no data", "–", "–"]
    assert table(composed, "tab-items-3") == {}


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["papi", "sipas"])
def test_no_figure_is_of_nobody(preset: str, tmp_path: Path) -> None:
    data = gaps()
    data["Q3"] = data["Q4"] = pd.array([pd.NA] * len(data), dtype="Int64")
    given = material(study(tmp_path, data), preset)
    document = compose(given, results_of(given), "vi")
    figures = [b.exhibit for b in document.blocks if isinstance(b, ExhibitBlock) and b.exhibit.kind == "figure"]
    assert len(figures) >= 3
    for exhibit in figures:
        assert set(exhibit.rows()["status"]) != {"empty"}, exhibit.title


@pytest.mark.slow
def test_an_item_that_one_wave_did_not_ask_is_told_beside_the_change_of_its_score(tmp_path: Path) -> None:
    data = answers()
    data["Q6"] = data["Q1"].astype("Int64").mask(data["wave"] == 1)
    study(tmp_path, data)
    book = tmp_path / "codebook.toml"
    own = ITEM.format(name="Q6", dimension="kindness", scored="scored = true")
    book.write_text(book.read_text(encoding="utf-8") + own, encoding="utf-8")
    again: Any = sv.Study.open(tmp_path)
    again.save("sample", sv.Sample(again.read().score("kindness").score("speed"), **again.design()))
    given = material(again, "first")
    limits = told(compose(given, results_of(given), "vi"), "limits")
    assert any("không hỏi cùng các câu của “Tử tế” (chỉ có ở một trong hai đợt: “Nội dung Q6”)" in t for t in limits)
    assert not any("“Nhanh chóng”" in text for text in limits)


@pytest.mark.parametrize("waves", [(2,), (1, 2)])
def test_firms_of_some_waves_are_told_by_wave(waves: tuple[int, ...], tmp_path: Path) -> None:
    """Of three waves firms were asked in one or two: their means were those of all waves together."""
    given = material(study(tmp_path, answers(waves=3)), "sipas")
    data = given.sample.responses.data
    others = " or ".join(f"wave == {wave}" for wave in {1, 2, 3} - set(waves))
    firms = sv.Sample(given.sample.responses.drop(where=others, reason="not asked"), weights="weight")
    made = BUSINESSES.firms(replace(given, firms=firms))
    rows: Any = made["speed-firms"].table
    assert rows["wave"].tolist() == list(waves)
    asked = data[data["wave"] == waves[-1]]
    assert rows["estimate"].iloc[-1] == pytest.approx(np.average(asked["speed"], weights=asked["weight"]), rel=1e-12)
    assert "speed-firms-change" not in made  # the last wave has no firms


@pytest.mark.slow
def test_a_report_with_gaps_is_verified_without_an_alarm(tmp_path: Path) -> None:
    own = study(tmp_path / "study", gaps())
    made = own.report(lang="vi", formats=("docx", "pptx", "xlsx"), folder=tmp_path / "out", progress=False)
    for key in ("vi.docx", "vi.pptx", "vi.xlsx"):
        counts = verify_report(own, made[key]).counts
        assert counts["matched"] > 300 and counts["changed"] == counts["words"] == 0, key


@pytest.mark.parametrize("waves", [("8/2023", "6/2024"), ("trước", "sau")])
def test_waves_whose_order_tables_do_not_have_are_refused(tmp_path: Path, waves: tuple[str, str]) -> None:
    """Sorted as text June 2024 comes first: every change was turned round, and the last wave was the first."""
    own = study(tmp_path, answers().assign(wave=lambda d: d["wave"].map({1: waves[0], 2: waves[1]})))
    with pytest.raises(sv.StudyError, match="order of the waves is unknown") as caught:
        material(own)
    assert "codebook" in str(caught.value.fix)


@pytest.mark.parametrize("waves", [(9, 10), ("2023-08", "2024-06"), (2023.5, 2024.0)])
def test_numbers_and_dates_are_waves_in_order(tmp_path: Path, waves: tuple[Any, Any]) -> None:
    own = study(tmp_path, answers().assign(wave=lambda d: d["wave"].map({1: waves[0], 2: waves[1]})))
    assert material(own).periods == waves

"""A report adjusts its p-values as the study's plan declares, says so, and has reasons in its own language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from small_study import answers, study
from survey.errors import StudyError
from survey.reports.compose import results_of
from survey.reports.parts.summary import verdict_of
from survey.reports.settings import settings_of
from survey.reports.slides.exhibits import _tested
from survey.study.report import material_of

PLAN = """
[plan]
alpha = 0.05
correction = "holm"

[plan.primary]
label = { vi = "tác động của mô hình", en = "effect of the model" }
outcomes = ["kindness", "speed"]
breakdowns = [["pilot", "wave"]]

[plan.exploratory]
label = { vi = "thăm dò", en = "exploratory" }
correction = "bh"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of the small study with a plan, as a page and a workbook in English."""
    folder = tmp_path_factory.mktemp("planned")
    return study(folder / "study", report=PLAN).report(
        lang="en", formats=["html", "xlsx"], folder=folder / "out", progress=False
    )


@pytest.mark.parametrize(("adjusted", "verdict"), [(0.2, "verdict_open"), (0.01, "verdict_up")])
def test_the_verdict_in_the_table_is_that_of_the_sentence(adjusted: float, verdict: str) -> None:
    """An interval beyond zero shows nothing where the plan corrects for more tests than one."""
    data = answers()
    data["y"] = data["Q1"] + 0.6 * data["wave"]
    e = sv.Sample(sv.Responses(data), weights="weight").mean("y", by="wave").contrast("2 - 1")
    assert e.table["conf_low"].iloc[0] > 0
    e = replace(e, table=e.table.assign(p_adjusted=adjusted), adjust="holm")
    rows = sv.tables.table(e, lang="en").rows()
    asked: Any = SimpleNamespace(exhibit_row=lambda name, i: dict(rows.iloc[i]), result=lambda name: e)
    assert verdict_of(asked, "y-change") == verdict
    assert ("do not show" in sv.narrative.compare(e, 0).en) == (verdict == "verdict_open")


@pytest.mark.slow
def test_slides_say_of_a_change_what_the_report_tests(tmp_path: Path) -> None:
    own: Any = study(tmp_path / "study", report=PLAN)
    found = results_of(material_of(own, settings_of(own.reporting, own.path, None)))
    shown = [n for n in found if n.endswith(("-waves", "-satisfied", "-tiers", "-wards"))]
    tested = {name: _tested(name) for name in shown if _tested(name) in found}
    assert {"kindness-waves", "overall-satisfied", "kindness-tiers", "kindness-wards"} <= set(tested)
    assert all("p_adjusted" in found[name].table.columns for name in tested.values())


def holm(p: list[float]) -> list[float]:
    """Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6."""
    order = np.argsort(p)
    steps = np.maximum.accumulate([(len(p) - i) * p[k] for i, k in enumerate(order)])
    found = np.empty(len(p))
    found[order] = np.minimum(steps, 1.0)
    return found.tolist()


@pytest.mark.slow
def test_p_values_are_adjusted_over_their_family(made: dict[str, Path]) -> None:
    effects = pd.read_csv(made["numbers"] / "pilot-effect.en.csv", encoding="utf-8-sig")
    assert effects["p_adjusted"].tolist() == pytest.approx(holm(effects["p_value"].tolist()), rel=1e-12)
    assert set(effects["family"]) == {"primary"}
    both = [pd.read_csv(made["numbers"] / f"{s}-did.en.csv", encoding="utf-8-sig") for s in ("kindness", "speed")]
    p, adjusted = ([float(t[column].iloc[0]) for t in both] for column in ("p_value", "p_adjusted"))
    assert adjusted == pytest.approx(holm(p), rel=1e-12)
    change = pd.read_csv(made["numbers"] / "kindness-change.en.csv", encoding="utf-8-sig")
    assert set(change["family"]) == {"exploratory"}


@pytest.mark.slow
def test_the_report_says_by_which_plan(made: dict[str, Path]) -> None:
    page = made["html"].read_text(encoding="utf-8")
    assert "p-values are adjusted as declared in the study’s plan" in page
    assert "“effect of the model”" in page and "Holm" in page


@pytest.mark.slow
def test_a_workbook_names_the_family_of_each_test(made: dict[str, Path]) -> None:
    import openpyxl

    sheet = openpyxl.load_workbook(made["en.xlsx"])["pilot-effect"]
    heads = [cell.value for cell in sheet[4]]
    at = [j for j, head in enumerate(heads) if "amily" in str(head)]
    assert [[sheet.cell(row, j + 1).value for j in at] for row in (5, 6)] == [["effect of the model"]] * 2


@pytest.mark.slow
def test_without_a_plan_nothing_is_said_of_one(tmp_path: Path) -> None:
    made = study(tmp_path / "s").report(lang="en", formats="html", folder=tmp_path / "o", progress=False)
    assert "the study’s plan" not in made["html"].read_text(encoding="utf-8")


@pytest.mark.slow
def test_reasons_of_cleaning_are_in_the_language_of_the_report(tmp_path: Path) -> None:
    import survey as sv

    own = 'unit = "ward"\nreasons = [{ vi = "phiếu thử", en = "a trial interview" }]'
    parts = 'scores = ["kindness", "speed"]\nparts = ["methods"]'
    there = study(tmp_path / "s", unit=own, scores=parts)
    clean = there.read().drop(where="weight < 5.5", reason="phiếu thử").score("kindness").score("speed")
    there.save("sample", sv.Sample(clean, **there.design()))
    made = there.report(lang=["vi", "en"], formats="html", folder=tmp_path / "o", progress=False)
    vi, _, en = made["html"].read_text(encoding="utf-8").partition('<article id="report-en"')
    assert "phiếu thử" in vi and "a trial interview" not in vi
    assert "a trial interview" in en and "phiếu thử" not in en


@pytest.mark.parametrize("reasons", ['"x"', '["x"]', "[{ fr = 'x' }]", "[{}]"])
def test_reasons_of_another_shape_are_one_clear_error(tmp_path: Path, reasons: str) -> None:
    there = study(tmp_path / "s", unit=f'unit = "ward"\nreasons = {reasons}')
    with pytest.raises(StudyError, match=r"reasons|block"):
        there.report(lang="vi", folder=tmp_path / "o", progress=False)

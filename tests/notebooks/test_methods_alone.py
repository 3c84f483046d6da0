"""The methods annex suffices: numpy and pandas reach the report's numbers by what it says, and by nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.reports.compose import results_of, tables_of
from survey.reports.document import Paragraph, WordTable
from survey.reports.material import Material, Report
from survey.reports.parts.methods import METHODS
from survey.reports.settings import settings_of
from survey.study.report import material_of
from survey.study.run import reproduce
from tests.reports import methods_alone, methods_alone_tables

ROOT = Path(__file__).parents[2]
LEAST = 0.95
"""Share of the cells of the report's tables that the annex must allow to be reached, to 1e-6."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Material, Any]:
    """The default study, cleaned and weighted by its notebooks, and the results of its report."""
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SURVEY_PROCESSED", str(folder))
        study = sv.Study.open(ROOT / "data" / "raw" / "study.toml")
        reproduce(study, only=["01_cleaning", "02_weighting"])
        material = material_of(study, settings_of(study.reporting, study.path, None))
        return material, results_of(material)


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """The numbers of a table: what is no code of a wave, a group or an answer."""
    codes = [c for c in table.columns if f"{c}_label" in table.columns or c == "answer"]
    return table.select_dtypes("number").drop(columns=codes, errors="ignore")


def test_plain_pandas_reaches_the_tables_by_the_annex(made: tuple[Material, Any]) -> None:
    """A second computation from the raw files, by the formulas and parameters of the annex; no line of it is ours."""
    published = {name: e.frame() for name, e in tables_of(*made, "en").items()}
    items = {n: list(dict.fromkeys(t["item"])) for n, t in published.items() if "-items-" in n}
    alone = methods_alone_tables.tables(ROOT / "data" / "raw", items)
    assert set(alone) <= set(published)
    reached, every, wrong = 0, 0, []
    for name, table in published.items():
        numbers = cells(table)
        every += int(numbers.notna().to_numpy().sum())
        for column in numbers.columns.intersection(alone.get(name, pd.DataFrame()).columns):
            ours = numbers[column].to_numpy(float)
            theirs = alone[name][column].to_numpy(float)
            close = np.abs(ours - theirs) <= 1e-6 * np.maximum(1, np.abs(ours))
            reached += int(close[~np.isnan(ours)].sum())
            wrong += [f"{name}.{column}"] if not close[~np.isnan(ours)].all() else []
    assert wrong == []
    assert every > 6000
    assert reached >= LEAST * every, f"{reached} of {every}"


def test_what_the_second_computation_uses_stands_in_the_annex(made: tuple[Material, Any]) -> None:
    texts = []
    for block in METHODS.write(Report(*made[:1], "en", made[1])):
        if isinstance(block, Paragraph):
            texts.append(block.text)
        elif isinstance(block, WordTable):
            texts += ["|".join("".join(run.text for run in cell) for cell in row) for row in block.rows]
    annex = "\n".join(texts)
    missing = [said for said in methods_alone.ANNEX if said not in annex]
    assert missing == [], annex


def test_the_second_computation_takes_nothing_from_the_package() -> None:
    for module in (methods_alone, methods_alone_tables):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert "import survey" not in source
        assert "from survey" not in source

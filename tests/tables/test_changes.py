"""Changes in a table: both values, p-values adjusted over the rows by hand, flags in the direction of the change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import survey as sv
from survey.errors import EstimationError, ExportError
from survey.reports.printed_chart import format_of
from survey.tables._grid import grid_of


@pytest.fixture
def changed(cases: Any) -> sv.Estimates:
    """Three wards of two waves, +20, -20 and +5 points with standard errors of 2, no covariance: df 98."""
    table = cases.wards(share=False).table.iloc[:6].copy()
    table["estimate"] = [50.0, 70.0, 60.0, 40.0, 50.0, 55.0]
    table.loc[0, "n"] = 41
    e = cases.made(table, "mean", ("ward", "wave"))
    return e.contrast({w: np.eye(6)[2 * i + 1] - np.eye(6)[2 * i] for i, w in enumerate(("a", "b", "c"))})


def test_values_flags_and_holm_by_hand(changed: sv.Estimates) -> None:
    """5 / sqrt(8) = 1.7678 with 98 df: p = 0.0802, the largest of three, so Holm leaves it; the others are tiny."""
    lines = sv.tables.changes(changed, lang="en").once(grid_of).lines
    assert [line.cells[:4] for line in lines] == [
        ("50.0", "41*", "70.0", "150"),
        ("60.0", "150", "40.0", "150"),
        ("50.0", "150", "55.0", "150"),
    ]
    assert [line.cells[6] for line in lines] == ["▲", "▼", ""]
    p = [line.numbers[5][0] for line in lines]
    t = changed.table["p_value"].to_numpy()
    np.testing.assert_allclose(p, [min(3 * t[0], 1), max(3 * t[1], 3 * t[0]), t[2]], rtol=1e-12)
    assert p[2] == pytest.approx(0.0802, abs=1e-4)
    table = sv.tables.changes(changed, lang="en")
    assert "3 rows, 1 significantly higher, 1 significantly lower" in table.alt
    assert any("not the absence of one" in note for note in table.notes)


@pytest.mark.parametrize(("lang", "below"), [("vi", "<\u00a00,001"), ("en", "<\u00a00.001")])
def test_a_small_p_is_not_zero_in_a_workbook(changed: sv.Estimates, lang: str, below: str, tmp_path: Path) -> None:
    """Cells hold p; what is below 0.001 is shown as such, as everywhere else, and not as 0.000."""
    import openpyxl

    for name, exhibit in (("a", sv.tables.changes(changed, lang=lang)), ("b", sv.tables.table(changed, lang=lang))):
        sheet = openpyxl.load_workbook(sv.tables.to_xlsx(exhibit, tmp_path / f"{name}.xlsx")).worksheets[0]
        held = {c.value: c.number_format for row in sheet.iter_rows() for c in row if "0.001" in str(c.number_format)}
        assert len(held) == 2 and min(held) < 0.0005 < 0.05 < max(held)
        assert set(held.values()) == {f'[>=0.001]0.000;"{below}"'}
        assert format_of(held[min(held)]) == "0.000"


def test_a_change_on_too_few_answers_is_left_out(changed: sv.Estimates) -> None:
    lines = sv.tables.changes(changed, lang="en", suppress_below=60).once(grid_of).lines
    assert lines[0].cells[:2] == ("–", "<\u00a060") and lines[0].cells[4:] == ("n < 60", "", "")
    assert all("41" not in cell for cell in lines[0].cells)


def test_what_is_no_difference_is_refused(changed: sv.Estimates, cases: Any) -> None:
    with pytest.raises(ExportError, match="plain differences"):
        sv.tables.changes(cases.means())
    with pytest.raises(ExportError, match="plain differences"):
        sv.tables.changes(cases.wards().contrast({"all": np.ones(20) / 20}))
    with pytest.raises(EstimationError, match="adjustment"):
        sv.tables.changes(changed, adjust="max-t")

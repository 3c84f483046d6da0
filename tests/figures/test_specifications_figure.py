"""The figure of an effect under several choices: rows of intervals, verdicts, marks of the choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import survey as sv
from compare.test_specifications import CHANGES, people, table
from compare.wards import effect, sample
from exhibit_cases import SHAPES
from survey.exhibits.chart import chart_of

pytestmark = pytest.mark.sampled


def test_the_figure_tells_verdicts_intervals_and_rows_without_ends() -> None:
    drawn = sv.figures.specifications(table(), lang="en")
    said = [t.get_text() for t in drawn.figure().texts]
    assert said.count("probably yes") == 5 and "cannot be told" in said and "Not overheard" in said
    assert "changes in 1 of 5 other specifications" in drawn.title
    assert any("(−∞; ∞)" in text for text in said)
    assert "probably yes" in drawn.alt
    data = drawn.frame()
    assert len(data) == 6 and "verdict" in data.columns
    with pytest.raises(sv.ExportError, match="one effect under several choices"):
        sv.figures.specifications(sample(people()).mean("y"))


def test_the_chart_of_office_programs_tells_verdicts_and_stays_a_picture_without_ends() -> None:
    """An interval without ends has no line in PowerPoint and Excel, and would look like one that is not known."""
    whole = table()
    assert chart_of(sv.figures.specifications(whole, lang="en")) is None
    e = whole.with_table(whole.table[np.isfinite(whole.table["conf_low"])].reset_index(drop=True))
    exhibit = sv.figures.specifications(e, lang="en")
    chart, csv = chart_of(exhibit), exhibit.frame()
    assert chart is not None
    (one,) = chart.series
    for k, row in enumerate(one.rows):
        assert one.values[k] == pytest.approx(csv["estimate"].iloc[row], rel=1e-12)
        assert one.hollow[k] == (csv["p_value"].iloc[row] > 0.05)
        assert chart.categories[k][-1].endswith("cannot be told" if one.hollow[k] else "probably yes")


@pytest.mark.parametrize(("lang", "width"), SHAPES)
def test_nothing_is_cut_or_covered(crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    assert crowding(sv.figures.specifications(table(), lang=lang, width=width).figure()) == []
    left = effect(CHANGES, "AB", people=40).leave_one_out()
    assert crowding(sv.figures.specifications(left, lang=lang, width=width).figure()) == []


def test_every_display_takes_specifications(tmp_path: Any) -> None:
    e = table(margin=1)
    assert "Verdict" in e.to_text("en") and "Kết luận" in e.to_text("vi")
    assert "unclear" not in e.to_text("en")
    exhibit = sv.tables.table(e, lang="vi")
    files = sv.export(exhibit, "t", folder=tmp_path, formats=("html", "xlsx", "docx", "csv"))
    assert all(path.stat().st_size for path in files.values())
    assert "chưa thể kết luận" in str(exhibit._repr_html_())
    sv.export(sv.figures.forest(e, lang="en"), "f", folder=tmp_path, formats=("png",))

"""Histograms: bars stand where their numbers are, quartiles are those of the result, few answers are not drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exhibit_cases import Cases
from survey.errors import ExportError

F = sv.figures


@pytest.fixture(scope="module")
def sample() -> sv.Sample:
    i = np.arange(240)
    data = pd.DataFrame({"EF01": 5.0 * ((i * 7) % 24), "w": 1.0, "psu": i // 6, "wave": 1 + (i >= 200), "x": i})
    return sv.Sample(sv.Responses(data, Cases.book), weights="w", psu="psu")


def drawn(m: sv.Exhibit) -> list[str]:
    return [t.get_text() for t in m.figure().findobj() if hasattr(t, "get_text") and t.get_text()]


def test_bars_stand_between_their_limits(sample: sv.Sample, crowding: Any) -> None:
    m = F.histogram(sample.histogram("EF01", [0, 30, 60, 90, 120]), quantiles=sample.quantile("EF01"), lang="en")
    bars = m.figure().axes[0].patches
    assert [(b.get_x(), b.get_width()) for b in bars] == [(0, 30), (30, 30), (60, 30), (90, 30)]
    # by hand: 0, 5, ..., 115 ten times each, six of 24 in each bar
    np.testing.assert_allclose([b.get_height() for b in bars], 25.0)
    # half are at or below 55 (12 of 24), a quarter at or below 25, three at or below 85
    assert any(t.startswith("Median 55") and "from 25 to 85" in t for t in drawn(m))
    assert "0 to under 30: 25.0%" in m.alt
    assert [t for t in crowding(m.figure()) if "on a bar" not in t] == []


@pytest.mark.parametrize(("lang", "width"), [("vi", "full"), ("en", "half"), ("vi", "slide")])
def test_uneven_classes_stand_side_by_side(sample: sv.Sample, crowding: Any, lang: str, width: str) -> None:
    e = sample.histogram("EF01", [0, 10, 30, 60, float("inf")])
    m = F.histogram(e, lang=lang, width=width, quantiles=sample.quantile("EF01", 0.5))
    assert [round(b.get_x() + b.get_width() / 2) for b in m.figure().axes[0].patches] == [0, 1, 2, 3]
    assert crowding(m.figure()) == []


def test_the_distribution_function_goes_from_nothing_to_all(sample: sv.Sample) -> None:
    m = F.histogram(sample.histogram("EF01", [0, 30, 60, 120], cumulative=True), lang="en")
    line = m.figure().axes[0].lines
    steps = next(x for x in line if len(x.get_xdata()) == 4 and x.get_linestyle() != "None")
    np.testing.assert_allclose(steps.get_xdata(), [0, 30, 60, 120])
    np.testing.assert_allclose(steps.get_ydata(), [0, 25, 50, 100])
    assert "under 30: 25.0%; under 60: 50.0%" in m.alt


def test_few_answers_are_neither_drawn_nor_told(sample: sv.Sample) -> None:
    few = sample.histogram("EF01", [0, 60, 120], where="x < 20")
    m = F.histogram(few, quantiles=sample.quantile("EF01", where="x < 20"), lang="en")
    assert "fewer than 30 answers, not shown" in drawn(m) and not m.figure().axes[0].patches
    assert "edian" not in m.alt and "50" not in m.alt


def test_waves_side_by_side_each_with_its_own_median(sample: sv.Sample) -> None:
    e, q = sample.histogram("EF01", 4, by="wave"), sample.quantile("EF01", by="wave")
    m = F.panels(e, by="wave", figure=F.histogram, quantiles=q, lang="en")
    assert len({a.get_ylim() for a in m.figure().axes}) == 1
    medians = q.table.loc[q.table["quantile"] == 0.5, "estimate"].tolist()
    assert [t.split()[1] for t in drawn(m) if t.startswith("Median")] == [f"{x:.0f}" for x in medians]


def test_what_a_histogram_cannot_show_is_refused(sample: sv.Sample, cases: Cases) -> None:
    with pytest.raises(ExportError, match="one distribution") as found:
        F.histogram(sample.histogram("EF01", by="wave"))
    assert "panels" in str(found.value)
    with pytest.raises(ExportError, match="shares of classes"):
        F.histogram(cases.wards())
    with pytest.raises(ExportError, match="Quantiles must be"):
        F.histogram(sample.histogram("EF01"), quantiles=sample.mean("EF01"))
    with pytest.raises(ExportError, match="another item"):
        F.histogram(sample.histogram("EF01"), quantiles=sample.quantile("x"))

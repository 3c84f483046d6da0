"""Lines over waves: real distances, bands of the table's intervals, gaps, names that do not cover each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exhibit_cases import CODES, SHAPES, Cases
from survey.errors import ExportError
from survey.figures._spread import spread

YEARS = (2019, 2021, 2022, 2024)
MONTHS = {
    1: {"vi": "Tháng 8/2023", "en": "August 2023"},
    2: {"vi": "Tháng 6/2024", "en": "June 2024"},
    3: {"vi": "Tháng 9/2025", "en": "September 2025"},
}


def estimates(
    groups: int = 2, waves: Sequence[Any] = YEARS, wave: sv.Variable | None = None, value: Any = None, **columns: Any
) -> sv.Estimates:
    """Means of 50, 51, ... in the order of rows, some wards by some waves."""
    made = wave or sv.Variable("year", type="number", role="period", short={"vi": "Năm", "en": "Year"})
    y = sv.Variable("y", type="number", unit="points", limits=(0, 100), short={"vi": "Thân thiện", "en": "Kindness"})
    x = 50.0 + np.arange(groups * len(waves)) if value is None else np.resize(value, groups * len(waves))
    book = sv.Codebook({made.name: made, "y": y, "ward": Cases.book["ward"]})
    table = Cases().rows("y", x, se=1.0, ward=np.repeat(CODES[:groups], len(waves)), year=list(waves) * groups)
    table = table.rename(columns={"year": made.name}).assign(**columns)
    return sv.Estimates(table, "mean", ("ward", made.name), codebook=book)


def drawn(exhibit: Any, points: int) -> list[Any]:
    """Coloured lines through so many points, without their markers and leaders."""
    return [
        line
        for line in exhibit.figure().axes[0].lines
        if len(line.get_xdata()) == points and line.get_linestyle() == "-" and line.get_zorder() == 4
    ]


def test_labels_move_no_further_than_they_must() -> None:
    # by hand: two of height 2 wanted at 0 part evenly, a third at 10 stays; then all are pushed into 0 to 20
    np.testing.assert_allclose(spread([0, 10, 0], [2, 2, 2], -99, 99), [-1, 10, 1])
    np.testing.assert_allclose(spread([0, 10, 0], [2, 2, 2], 0, 20), [1, 10, 3])
    # three in a pool: the mean of 5, 6 - 2, 5.5 - 4 is 3.5, and the stack goes on by 2
    np.testing.assert_allclose(spread([5, 6, 5.5], [2, 2, 2], -99, 99), [3.5, 7.5, 5.5])
    np.testing.assert_allclose(spread([19, 19], [4, 2], 0, 20), [16, 19])


def test_lines_are_the_estimates_and_bands_their_intervals() -> None:
    exhibit = sv.figures.lines(estimates(), lang="en")
    first, second = drawn(exhibit, 4)
    assert list(first.get_ydata()) == [50, 51, 52, 53] and list(second.get_ydata()) == [54, 55, 56, 57]
    band = exhibit.figure().axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (48, 55)  # 50 - 2 to 53 + 2
    texts = [t.get_text() for t in exhibit.figure().texts]
    assert {"Đông Hải ward 53.0", "An Phú ward 57.0", "Year 2019", "Year 2024"} <= set(texts)
    assert "Đông Hải ward: Year 2019 50.0 (48.0–52.0)" in exhibit.alt
    assert exhibit.in_language("vi").notes[0] == "Vùng tô: khoảng tin cậy 95% của từng đợt, nối liền nhau."


def test_years_dates_and_dated_labels_stand_at_their_distances() -> None:
    def gaps(e: sv.Estimates, **how: Any) -> Any:
        return np.diff(drawn(sv.figures.lines(e, lang="en", **how), len(e.table))[0].get_xdata())

    years = gaps(estimates(1))
    np.testing.assert_allclose(years / years[1], [2, 1, 2])
    wave = sv.Variable("wave", type="ordinal", role="period", labels=MONTHS)
    months = gaps(estimates(1, (1, 2, 3), wave))
    assert months[1] / months[0] == pytest.approx(15 / 10)  # August 2023 to June 2024, to September 2025
    plain = sv.Variable("wave", type="ordinal", role="period", labels={k: {"vi": f"Đợt {k}"} for k in (1, 2, 3)})
    assert np.ptp(gaps(estimates(1, (1, 2, 3), plain))) == pytest.approx(0, abs=1e-9)
    days = gaps(estimates(1, (1, 2, 3), plain), time={1: "2024-01-01", 2: "2024-01-11", 3: "2024-02-10"})
    assert days[1] / days[0] == pytest.approx(3)
    stamps = gaps(estimates(1, pd.to_datetime(["2024-01-01", "2024-01-11", "2024-02-10"])))
    assert stamps[1] / stamps[0] == pytest.approx(3)


def test_a_hidden_and_a_missing_wave_break_the_line_and_its_band() -> None:
    # two hidden waves, which together stand on enough answers, take no third with them
    exhibit = sv.figures.lines(estimates(1, range(2016, 2023), n=[200, 20, 200, 200, 20, 40, 200]), lang="en")
    assert [list(line.get_ydata()) for line in drawn(exhibit, 2)] == [[52, 53], [55, 56]]
    texts = [t.get_text() for t in exhibit.figure().texts]
    assert texts.count("n < 30") == 2 and "55.0*" in texts and "51.0" not in texts
    assert "51.0" not in texts and any("line is broken" in note for note in exhibit.notes)
    assert exhibit.frame()["estimate"].isna().tolist() == [False, True, False, False, True, False, False]
    # the codebook has a wave 2 that nobody was asked in
    wave = sv.Variable("wave", type="ordinal", role="period", labels={k: {"en": f"Wave {k}"} for k in (1, 2, 3)})
    asked = sv.figures.lines(estimates(1, (1, 3), wave), lang="en")
    assert drawn(asked, 2) == [] and {"Wave 2", "no data"} <= {t.get_text() for t in asked.figure().texts}


def test_of_many_lines_those_asked_for_stand_out() -> None:
    e = estimates(10)
    with pytest.raises(ExportError, match="too many lines to name") as refused:
        sv.figures.lines(e, lang="en")
    assert "highlight=" in str(refused.value)
    by_code, by_label = (sv.figures.lines(e, lang="en", highlight=who) for who in ("P02", "Phường An Phú"))
    assert by_code.figure("bare").texts[-1].get_text() == by_label.figure("bare").texts[-1].get_text()
    assert len(drawn(by_code, 4)) == 1 and "9 more lines in grey, at Year 2024 from 53.0 to 89.0" in by_code.alt
    assert len(by_code.frame()) == 40


@pytest.mark.parametrize(("lang", "width"), SHAPES)
def test_eight_lines_that_end_together_are_named_apart(
    crowding: Callable[[Any], list[str]], lang: str, width: str
) -> None:
    exhibit = sv.figures.lines(estimates(8, value=[60, 61, 62, 63]), lang=lang, width=width)
    assert crowding(exhibit.figure()) == []


def test_the_slope_is_told() -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"wave": np.repeat([1, 2, 3], 100), "y": rng.normal(50, 5, 300)})
    sample = sv.Sample(data, weights=None)
    trend = sample.wave_trend("y", time={1: 2021, 2: 2022, 3: 2024})
    exhibit = sv.figures.lines(sample.mean("y", by="wave"), trend=trend, lang="en")
    slope = trend.table.iloc[0]
    (told,) = [note for note in exhibit.notes if note.startswith("Trend per unit of time")]
    assert f"{slope['estimate']:+.2f}".replace("-", "−") in told
    assert sv.figures.lines(sample.mean("y", by="wave"), lang="en").hash != exhibit.hash


@pytest.mark.parametrize(
    ("e", "arguments", "message"),
    [
        (estimates(2, (1, 2)), {}, "three waves or more"),
        (estimates(), {"wave": "month"}, "no such column of waves"),
        (estimates(), {"highlight": "P09"}, "no such line"),
        (estimates(), {"time": {2019: 1}}, "Some waves have no time"),
        (estimates(), {"time": dict.fromkeys(YEARS, "2024-01")}, "same time"),
        (estimates(), {"time": dict.fromkeys(YEARS, "soon")}, "cannot be read"),
        (estimates(), {"trend": estimates()}, "not the slopes"),
        (estimates(1, (2019, np.nan, 2021)), {}, "of no wave"),
        (estimates().contrast([1, -1, 0, 0, 0, 0, 0, 0]), {}, "one estimate of each wave"),
        (sv.Estimates(estimates(1).table.drop(columns=["ward", "year"]), "mean"), {}, "no waves to draw"),
    ],
)
def test_what_cannot_be_drawn(e: sv.Estimates, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        sv.figures.lines(e, lang="en", **arguments)


@pytest.mark.parametrize("groups", [3, 8])
def test_in_a_column_the_lines_have_nearly_all_of_its_width(groups: int) -> None:
    """Names stand above, with their markers: beside their lines they would take a third of the width."""
    figure = sv.figures.lines(estimates(groups), width="half", lang="vi").figure()
    assert figure.axes[0].get_position().width > 0.7
    said = [t.get_text() for t in figure.texts]
    names = [Cases.book["ward"].label(code, "vi") for code in CODES[:groups]]
    assert set(names) <= set(said)

"""The picture of the fieldwork: nothing cut, readable in grey, the numbers of the checks, both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import Codebook, ExportError, Responses, Variable
from survey.exhibits import theme
from survey.quality import Quality

ALL_SHAPES = [("full", "vi"), ("full", "en"), ("slide", "vi"), ("slide", "en"), ("slide_body", "vi")]
SHAPES = [ALL_SHAPES[0], *(pytest.param(*s, marks=pytest.mark.slow) for s in ALL_SHAPES[1:])]


@pytest.fixture(scope="module")
def fieldwork() -> Quality:
    """Two waves, forty interviewers with long names, one of whom lets an official sit in and rounds minutes."""
    rng = np.random.default_rng(4)
    n = 1600
    latent = rng.normal(0, 1, n)[:, None] + rng.normal(0, 1, (n, 12))
    frame = pd.DataFrame({f"Q{k:02d}": 1.0 + np.digitize(latent[:, k], [-1.5, -0.5, 0.5, 1.5]) for k in range(12)})
    frame["wave"] = rng.integers(1, 3, n)
    frame["interviewer_id"] = [f"Nguyễn Thị Hoàng Ứng {i:02d}" for i in rng.integers(0, 20, n)]
    frame["duration_s"], frame["visits"] = rng.lognormal(7, 0.2, n), rng.integers(1, 4, n)
    frame["int_start"] = pd.Timestamp("2024-06-03 08:00") + pd.to_timedelta(rng.integers(0, 20 * 24, n), "h")
    frame["minutes"] = rng.integers(10, 60, n).astype(float)
    hand = frame["interviewer_id"].str.endswith("07") & frame["wave"].eq(2)
    frame["official_present"] = (hand & (rng.random(n) < 0.5)).astype(float)
    frame.loc[hand, "minutes"] = 30.0
    five = {i: {"vi": f"mức {i}", "en": f"level {i}"} for i in range(1, 6)}
    variables = [Variable(f"Q{k:02d}", "ordinal", labels=five, direction=1 if k < 8 else -1) for k in range(12)]
    variables.append(Variable("minutes", "number"))
    waves = {1: {"vi": "Tháng 8/2023", "en": "August"}, 2: {"vi": "Tháng 6/2024", "en": "June"}}
    variables.append(Variable("wave", "ordinal", {"vi": "Đợt", "en": "Wave"}, waves))
    book = Codebook({v.name: v for v in variables}, title={"vi": "Khảo sát thử", "en": "Trial survey"}, simulated=True)
    return Responses(frame, book).quality()


@pytest.mark.parametrize(("width", "lang"), SHAPES)
@pytest.mark.parametrize("frame", ["full", "bare"])
@pytest.mark.sampled
@pytest.mark.slow
def test_nothing_is_cut_or_written_over(
    fieldwork: Quality, crowding: Callable[[Any], list[str]], width: str, lang: str, frame: str
) -> None:
    figure = sv.figures.quality(fieldwork, lang=lang, width=width).figure(frame)
    assert crowding(figure) == []


@pytest.mark.parametrize(("width", "lang"), SHAPES)
def test_no_word_of_a_heading_is_broken(fieldwork: Quality, width: str, lang: str) -> None:
    from matplotlib.text import Text

    from survey.quality._words import CHECKS, head

    whole = {word for check in CHECKS for lang in ("vi", "en") for word in head(check, lang).split()}
    figure = sv.figures.quality(fieldwork, lang=lang, width=width).figure("bare")
    texts = {t.get_text() for t in figure.findobj(Text)}
    for check in fieldwork.estimates().table["item"].unique():
        lines = [w for w in head(check, lang).split() if not any(w in t.split() for t in texts)]
        assert lines == [] and whole, check


def test_what_is_dark_is_what_the_checks_found(fieldwork: Quality) -> None:
    alerts = fieldwork.alerts()
    assert set(alerts["check"]) == {"official", "heaping"}
    figure = sv.figures.quality(fieldwork, lang="en")
    for _, row in alerts.iterrows():
        assert f"{row['interviewer']}, June" in figure.alt
    assert "official present" in figure.alt and "(others 0.0%)" in figure.alt and "Simulated data." in figure.alt
    drawn = figure.figure("bare")
    dark = [
        p
        for p in drawn.findobj(lambda a: getattr(a, "get_facecolor", None) is not None)
        if _hex(p) == theme.SERIES[0] and p.get_height() < 1
    ]
    assert len(dark) == len(alerts) + 1  # and the square of the legend


def _hex(artist: Any) -> str:
    from matplotlib.colors import to_hex

    try:
        return str(to_hex(artist.get_facecolor()))
    except (ValueError, TypeError):
        return ""


def test_alerts_stay_when_rows_are_left_out(fieldwork: Quality) -> None:
    figure = sv.figures.quality(fieldwork, lang="en", most=1)
    assert any("39 more rows are not shown, 0 of them" in note for note in figure.notes)


def test_dark_pale_and_quiet_differ_in_grey() -> None:
    from survey.figures._quality import _ALERT, _HINT, _QUIET

    dark, pale, quiet = (theme.luminance(c) for c in (_ALERT, _HINT, _QUIET))
    assert dark + 0.3 < pale < quiet - 0.2


@pytest.mark.slow
def test_it_is_exported_in_both_languages_with_the_notice(fieldwork: Quality, tmp_path: Path) -> None:
    figure = sv.figures.quality(fieldwork)
    files = sv.export(figure, "fieldwork", folder=tmp_path, languages=["vi", "en"], formats=("svg", "csv"))
    rows = pd.read_csv(files["en.csv"])
    assert len(rows) == len(fieldwork.estimates().table) and rows["source"].str.contains("simulated data").all()
    assert figure.source == "Nguồn: Khảo sát thử (dữ liệu mô phỏng)"
    assert "Chất lượng thu thập dữ liệu" in figure.subtitle
    assert "Quality of the fieldwork" in figure.in_language("en").subtitle
    again = sv.figures.quality(fieldwork)
    assert again.hash == figure.hash and again._repr_png_() == figure._repr_png_()


def test_a_column_and_a_phone_list_what_is_to_be_verified(
    fieldwork: Quality, crowding: Callable[[Any], list[str]]
) -> None:
    from matplotlib.text import Text

    for size in ("column", "phone"):
        figure = sv.figures.quality(fieldwork, lang="en").sized(size).figure()
        assert crowding(figure) == []
        texts = [t.get_text() for t in figure.findobj(Text)]
        name = next(i for i, text in enumerate(texts) if text.endswith("Ứng 07"))
        assert texts[name + 1 : name + 3] == ["Round numbers: 500", "Official present: 39.1%"]  # as the cells of a page
        assert sum(text.startswith("n = ") for text in texts) == 12


def test_other_estimates_are_refused(fieldwork: Quality, cases: Any) -> None:
    with pytest.raises(ExportError, match="needs the results of `quality`"):
        sv.figures.quality(cases.wards())
    with pytest.raises(ExportError, match="at least one row"):
        sv.figures.quality(fieldwork, most=0)


def test_without_interviewers_there_is_nothing_to_show() -> None:
    alone = Responses(pd.DataFrame({"duration_s": [600.0, 700.0]}), Codebook()).quality()
    with pytest.raises(ExportError, match="nothing to show"):
        sv.figures.quality(alone)

"""Love plots and histograms of weights: nothing cut or covered, numbers from the Estimates, readable in grey.

The same bytes on every run; tables of diagnostics in both languages.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import Codebook, Exhibit, ExportError, Variable
from survey.exhibits import theme
from survey.reports.export import FORMATS
from survey.tables._grid import grid_of

ALL_SHAPES = [("full", "vi"), ("full", "en"), ("half", "vi"), ("half", "en"), ("slide", "vi"), ("slide_body", "en")]
SHAPES = [ALL_SHAPES[0], *(pytest.param(*s, marks=pytest.mark.slow) for s in ALL_SHAPES[1:])]


def _book() -> Codebook:
    wards = {i: {"vi": f"Phường Hòa Thuận số {i}", "en": f"Hòa Thuận ward no. {i}"} for i in range(1, 41)}
    variables = [
        Variable(
            "wave",
            "ordinal",
            {"vi": "Đợt", "en": "Wave"},
            {1: {"vi": "Tháng 8/2023", "en": "August 2023"}, 2: {"vi": "Tháng 6/2024", "en": "June 2024"}},
        ),
        Variable(
            "sex",
            "nominal",
            {"vi": "Giới tính", "en": "Sex"},
            {1: {"vi": "Nam", "en": "Male"}, 2: {"vi": "Nữ", "en": "Female"}},
        ),
        Variable("ward", "nominal", {"vi": "Phường cũ", "en": "Ward"}, wards),
        Variable("score", "number", {"vi": "Thân thiện", "en": "Friendliness"}, unit="points", limits=(0.0, 100.0)),
        Variable("minutes", "number", {"vi": "Chờ bao nhiêu phút?", "en": "Minutes waited?"}, unit="minutes"),
    ]
    return Codebook({v.name: v for v in variables}, title={"vi": "Khảo sát thử", "en": "Trial survey"}, simulated=True)


def _frame(wards: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    n = 60 * wards
    return pd.DataFrame(
        {
            "ward": np.arange(n) % wards + 1,
            "wave": np.arange(n) // wards % 2 + 1,
            "sex": np.where(np.arange(n) % 7 < 4, 2, 1),
            "w": rng.uniform(5, 2500, n),
            "score": rng.uniform(0, 100, n),
            "minutes": rng.integers(0, 90, n),
        }
    )


def _sample(wards: int = 10) -> sv.Sample:
    from survey.responses import Responses

    return sv.Sample(Responses(_frame(wards), _book()), weights="w", psu="ward")


def _raked(wards: int = 10) -> sv.Sample:
    sexes = {(t, s): 50_000.0 for t in (1, 2) for s in (1, 2)}
    places = {(t, w): 100_000 / wards for t in (1, 2) for w in range(1, wards + 1)}
    return _sample(wards).rake({("wave", "sex"): sexes, ("wave", "ward"): places}, within="wave")


def _numbers() -> sv.Sample:
    return _sample(4).calibrate({"sex": {1: 500, 2: 500}, "minutes": 45_000}, method="raking")


LOVE: dict[str, Callable[[], sv.Estimates]] = {
    "ten wards": lambda: _raked().margin_gaps(),
    "forty wards": lambda: _raked(40).margin_gaps(),
    "sums of numbers": lambda: _numbers().margin_gaps(),
    "nothing to weight": lambda: sv.Sample(_frame(2), weights=None).margin_gaps({"wave": {1: 5, 2: 5}}),
    "other targets": lambda: _raked(4).margin_gaps({"sex": {1: 400, 2: 600}}),
}
WEIGHTS: dict[str, Callable[[], sv.Estimates]] = {
    "two steps": lambda: _raked().weight_distribution(),
    "groups": lambda: _raked().weight_distribution(by=["wave", "sex"]),
    "equal weights": lambda: sv.Sample(_frame(2), weights=None).weight_distribution(),
    "one bin": lambda: _raked().weight_distribution(bins=1),
    "one giant": lambda: sv.Sample(_frame(2).assign(w=[*[1.0] * 119, 1000]), weights="w").weight_distribution(),
}


def texts(figure: Any) -> list[str]:
    """Every text of a figure."""
    from matplotlib.text import Text

    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


@pytest.mark.parametrize(("width", "lang"), SHAPES)
@pytest.mark.parametrize("name", LOVE)
@pytest.mark.sampled
def test_love_plots_leave_no_text_cut_or_covered(
    crowding: Callable[[Any], list[str]], name: str, lang: str, width: str
) -> None:
    exhibit = sv.figures.love(LOVE[name](), lang=lang, width=width)
    assert crowding(exhibit.figure("bare" if width == "slide_body" else "full")) == []


@pytest.mark.parametrize(("width", "lang"), SHAPES)
@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.sampled
def test_histograms_leave_no_text_cut_or_covered(
    crowding: Callable[[Any], list[str]], name: str, lang: str, width: str
) -> None:
    exhibit = sv.figures.weights(WEIGHTS[name](), lang=lang, width=width)
    assert crowding(exhibit.figure("bare" if width == "slide_body" else "full")) == []


def _drawn(exhibit: Exhibit, marker: str) -> list[float]:
    axes = exhibit.figure().axes[0]
    return [float(np.asarray(line.get_xdata())[0]) for line in axes.lines if line.get_marker() == marker]


def test_markers_stand_at_the_gaps_in_percentage_points() -> None:
    e = _raked().margin_gaps()
    exhibit = sv.figures.love(e)
    # open squares before, filled circles after: the markers of the theme's second and first series
    np.testing.assert_allclose(_drawn(exhibit, theme.MARKERS[1]), 100 * e.table["gap_before"])
    np.testing.assert_allclose(_drawn(exhibit, theme.MARKERS[0]), 100 * e.table["gap"], atol=1e-9)


def test_before_and_after_differ_without_colour() -> None:
    axes = sv.figures.love(_raked().margin_gaps()).figure().axes[0]
    filled = {line.get_marker(): line.get_markerfacecolor() for line in axes.lines if line.get_linestyle() == "None"}
    assert len(filled) == 2
    assert "white" in filled.values()


def test_a_known_sum_is_drawn_in_percent_of_itself_and_says_so() -> None:
    e = _numbers().margin_gaps()
    exhibit = sv.figures.love(e, lang="en")
    row = e.table[e.table["unit"] == "mean"].iloc[0]
    assert _drawn(exhibit, theme.MARKERS[1])[-1] == pytest.approx(100 * row["relative_before"])
    assert any("% of the known sum" in text for text in texts(exhibit.figure()))
    assert any("means per person" in note for note in exhibit.notes)


def test_of_many_categories_the_largest_gaps_are_shown_and_the_rest_is_told() -> None:
    e = _raked(40).margin_gaps()
    exhibit = sv.figures.love(e, lang="en", most=5)
    shown = np.sort(np.abs(_drawn(exhibit, theme.MARKERS[1])))
    sizes = np.sort(100 * np.maximum(e.table["gap_before"].abs(), e.table["gap"].abs()))
    np.testing.assert_allclose(shown, sizes[-5:])
    note = next(n for n in exhibit.notes if "largest gaps" in n)
    assert f"the 5 largest gaps of {len(e)}" in note
    assert f"at most {sizes[-6]:.1f} percentage points" in note
    assert len(_drawn(sv.figures.love(e), theme.MARKERS[1])) == 45
    # nothing is left out of the numbers
    assert len(exhibit.frame()) == len(e)


def test_gaps_that_are_gone_are_not_blown_up() -> None:
    s = sv.Sample(_frame(2), weights=None).rake({"wave": {1: 60, 2: 60}})
    low, high = sv.figures.love(s.margin_gaps()).figure().axes[0].get_xlim()
    assert (low, high) == (-1, 1)


def test_bars_are_the_shares_of_the_table_and_their_numbers_those_of_kish() -> None:
    s = _raked()
    e = s.weight_distribution()
    exhibit = sv.figures.weights(e, lang="en")
    figure = exhibit.figure()
    for axes, (_, part) in zip(figure.axes, e.table.groupby("step", sort=False), strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in axes.patches], 100 * part["share"])
        np.testing.assert_allclose([bar.get_x() for bar in axes.patches], part["low"])
    kish = s.weight_diagnostics().table.iloc[-1]
    assert f"deff = {kish['deff_kish']:.2f}" in texts(figure)
    assert f"effective n = {kish['n_eff']:,.0f}" in texts(figure)


def test_labels_come_from_the_codebook_in_the_readers_language() -> None:
    e = _raked().margin_gaps()
    vi, en = (texts(sv.figures.love(e, lang=lang).figure()) for lang in ("vi", "en"))
    assert "Tháng 8/2023, Nữ" in vi
    assert "August 2023, Female" in en
    assert not {"wave = 1, sex = 2", "wave x sex"} & {*vi, *en}


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("kind", ["love", "weights"])
def test_words_are_told_with_the_notice_of_simulated_data(kind: str, lang: str) -> None:
    exhibit = (
        sv.figures.love(LOVE["ten wards"](), lang=lang)
        if kind == "love"
        else sv.figures.weights(WEIGHTS["two steps"](), lang=lang)
    )
    mark = {"vi": "dữ liệu mô phỏng", "en": "simulated data"}[lang]
    assert mark in exhibit.alt.lower()
    assert mark in exhibit.source
    assert exhibit.title
    assert exhibit.notes
    assert exhibit.in_language("en").title != exhibit.in_language("vi").title
    assert sv.figures.love(LOVE["ten wards"](), title="Riêng", caption="Chú thích").title == "Riêng"


def test_the_alternative_text_tells_the_largest_gaps() -> None:
    e = _raked().margin_gaps()
    worst = e.table.loc[e.table["gap_before"].abs().idxmax()]
    alt = sv.figures.love(e, lang="en").alt
    assert f"{abs(100 * worst['gap_before']):.1f}" in alt
    assert "none is left" in alt
    other = sv.figures.love(_raked(4).margin_gaps({"sex": {1: 400, 2: 600}}), lang="en").alt
    assert "none is left" not in other


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "lang"), [("love", "vi"), ("weights", "en")])
def test_pictures_and_numbers_have_the_same_bytes_on_every_run(kind: str, lang: str, tmp_path: Path) -> None:
    """What these figures draw themselves; tests/reports/test_export.py has the pages and documents that hold it."""
    contents = []
    for run in ("one", "two"):
        exhibit = (
            sv.figures.love(_raked(4).margin_gaps(), name="x", lang=lang)
            if kind == "love"
            else sv.figures.weights(_raked(4).weight_distribution(), name="x", lang=lang)
        )
        files = sv.export(exhibit, folder=tmp_path / run, formats=("png", "svg", "pdf", "csv"), languages=[lang])
        contents.append({key: path.read_bytes() for key, path in files.items()})
    assert contents[0] == contents[1]
    assert len(contents[0]) == 5


TABLES: dict[str, Callable[[], sv.Estimates]] = {
    "weights": lambda: _raked().weight_diagnostics(),
    "weights by group": lambda: _raked().weight_diagnostics(by=["wave", "sex"]),
    "effects": lambda: _raked().weight_effects(["score", "minutes"], by="wave"),
    "one effect": lambda: _raked().weight_effects("score"),
    "margins": lambda: _raked().margin_gaps(),
    "margins with sums": lambda: _numbers().margin_gaps(),
    "distribution": lambda: _raked().weight_distribution(bins=6),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.sampled
def test_tables_are_written_in_both_languages_and_every_format(name: str, tmp_path: Path) -> None:
    e = TABLES[name]()
    files = sv.export(
        sv.tables.table(e),
        "t",
        folder=tmp_path,
        # all formats are made of one grid: those of an office from two tables, the longest and one with numbers
        formats=FORMATS["table"] if name in ("weights by group", "margins with sums") else ["csv", "html"],
        languages=["vi", "en"],
    )
    back = pd.read_csv(files["en.csv"])
    for column in e.quantities:
        np.testing.assert_allclose(back[column], e.table[column].astype(float), rtol=1e-12)
    grids = [grid_of(sv.tables.table(e, lang=lang)) for lang in ("vi", "en")]
    heads = [{c.label for c in g.columns} | {line.name for line in g.lines} for g in grids]
    plain = {"deff", "n", "w", *e.quantities}
    assert not (heads[0] & heads[1]) - plain - {"deff (Kish)"} - {c.label for c in grids[0].columns}
    assert not {"std_error", "deff_kish", "max_to_median", "gap_before", "step_change"} & (heads[0] | heads[1])
    for text in (e.to_text("vi"), e.to_text("en"), e._repr_html_()):
        assert text


def test_a_table_of_two_steps_stands_on_its_side_with_grouped_thousands() -> None:
    s = _raked()
    vi, en = (grid_of(sv.tables.table(s.weight_diagnostics(), lang=lang)) for lang in ("vi", "en"))
    assert [c.label for c in en.columns] == ["First weights", "After raking"]
    assert {line.name: line.cells for line in en.lines}["Sum"][1] == "200,000"
    assert {line.name: line.cells for line in vi.lines}["Tổng"][1] == "200.000"


def test_effects_on_few_answers_are_not_shown_but_weights_are() -> None:
    few = _frame(10).assign(kind=np.repeat([1, 2, 3], [12, 288, 300]))
    s = sv.Sample(few, weights="w")
    effects, weights = (
        grid_of(sv.tables.table(e, lang="en"))
        for e in (s.weight_effects("score", by="kind"), s.weight_diagnostics(by="kind"))
    )
    row = next(line for line in effects.lines if "1" in line.group + line.name)
    assert set(row.cells[:-1]) == {"–"}
    assert row.cells[-1].startswith("<")
    assert "12" in {cell for line in weights.lines for cell in line.cells}


def test_effects_are_drawn_as_dots_with_the_steps_as_series() -> None:
    exhibit = sv.figures.intervals(_raked().weight_effects("score", by="wave"), lang="en")
    assert {"Equal weights", "First weights", "After raking"} <= set(texts(exhibit.figure()))
    assert "What weighting changed: Friendliness, by wave" in texts(exhibit.figure())


def test_other_estimates_are_refused(cases: Any) -> None:
    with pytest.raises(ExportError, match="margin_gaps"):
        sv.figures.love(cases.wards())
    with pytest.raises(ExportError, match="weight_distribution"):
        sv.figures.weights(_raked().weight_diagnostics())
    with pytest.raises(ExportError, match="at most 12"):
        sv.figures.weights(_raked().weight_distribution(by="ward"))
    for most, what in ((0, "at least one row"), (True, "expected: a whole number")):
        with pytest.raises(ExportError, match=what):
            sv.figures.love(_raked().margin_gaps(), most=most)
    with pytest.raises(ExportError, match="unknown width"):
        sv.figures.love(_raked().margin_gaps(), width="huge")

"""Figures: nothing cut, nothing on anything else, numbers from the Estimates, readable without colour."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import Estimates, Exhibit, ExportError
from survey.exhibits import theme
from survey.figures._canvas import fill, text_width, wrap
from survey.figures._stub import Stub

FRIENDLY = [f"FR{i:02d}" for i in range(1, 11)]
WARDS = [f"P{i:02d}" for i in range(1, 11)]

LIKERT: dict[str, Callable[[Any], Estimates]] = {
    "ten wards": lambda c: c.answers(["OV01"], ward=WARDS),
    "ten long questions": lambda c: c.answers(FRIENDLY),
    "questions by wave": lambda c: c.answers(FRIENDLY[:3], wave=[1, 2]),
    "eleven answers": lambda c: c.answers(["OV02"], 11, 0, wave=[1, 2]),
    "two answers": lambda c: c.answers(["TR08"], 2, 0, wave=[1, 2]),
    "one row": lambda c: c.answers(["OV01"]),
    "hard": lambda c: c.hard_answers(),
}
INTERVALS: dict[str, Callable[[Any], Estimates]] = {
    "ten wards, two waves": lambda c: c.wards(),
    "scores": lambda c: c.wards(share=False),
    "hard": lambda c: c.hard(),
    "differences": lambda c: c.differences(),
    "ten long questions": lambda c: c.means(),
    "one estimate": lambda c: c.made(c.rows("EF01", 23.4, se=1.0), "mean"),
}


def texts(figure: Any) -> list[str]:
    """Every text of a figure."""
    from matplotlib.text import Text

    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


def bars(figure: Any) -> list[Any]:
    """The bars of the main plot, by answer."""
    return list(figure.axes[0].containers)


ALL_SHAPES = [("full", "vi"), ("full", "en"), ("half", "vi"), ("slide", "vi"), ("slide_body", "en")]
SHAPES = [ALL_SHAPES[0], *(pytest.param(*s, marks=pytest.mark.slow) for s in ALL_SHAPES[1:])]


@pytest.mark.parametrize(("width", "lang"), SHAPES)
@pytest.mark.parametrize("name", LIKERT)
@pytest.mark.sampled
def test_likert_bars_leave_no_text_cut_or_covered(
    cases: Any, crowding: Callable[[Any], list[str]], name: str, lang: str, width: str
) -> None:
    exhibit = sv.figures.likert(LIKERT[name](cases), lang=lang, width=width, caption="Mười phường. " * 9)
    assert crowding(exhibit.figure("bare" if width == "slide_body" else "full")) == []


@pytest.mark.parametrize(("width", "lang"), SHAPES)
@pytest.mark.parametrize("name", INTERVALS)
@pytest.mark.sampled
def test_intervals_leave_no_text_cut_or_covered(
    cases: Any, crowding: Callable[[Any], list[str]], name: str, lang: str, width: str
) -> None:
    exhibit = sv.figures.intervals(INTERVALS[name](cases), lang=lang, width=width, sort=True)
    assert crowding(exhibit.figure()) == []


@pytest.mark.parametrize("at", [0.45, 0.6, 0.75])
def test_the_label_of_a_reference_stays_on_the_page(
    cases: Any, crowding: Callable[[Any], list[str]], at: float
) -> None:
    label = {"vi": "Toàn thành phố, cả hai đợt khảo sát", "en": "Whole city, both waves of the survey"}
    exhibit = sv.figures.intervals(cases.wards(), reference=at, reference_label=label, width="half")
    assert crowding(exhibit.figure()) == []


def test_a_crowded_figure_is_noticed(crowding: Callable[[Any], list[str]]) -> None:
    """The test of the layout can fail."""
    from survey.figures._canvas import Canvas

    canvas = Canvas(100, 50)
    canvas.line_of_text(10, 20, "one", 10)
    canvas.line_of_text(12, 22, "two", 10)
    canvas.line_of_text(90, 40, "cut off", 10)
    axes = canvas.axes(0, 0, 100, 50)
    axes.barh([0.5], [1.0])
    found = " ".join(crowding(canvas.figure))
    assert "on each other: 'one', 'two'" in found
    assert "off the page: 'cut off'" in found
    assert "on a bar" in found


def test_full_width_is_160_mm_half_80_mm_and_a_slide_fills_it(cases: Any) -> None:
    e = cases.wards()
    sizes = {w: sv.figures.intervals(e, width=w).figure().get_size_inches() for w in ("full", "half", "slide")}
    assert sizes["full"][0] * 25.4 == pytest.approx(160)
    assert sizes["half"][0] * 25.4 == pytest.approx(80)
    np.testing.assert_allclose(sizes["slide"], [13.333, 7.5])


def test_every_answer_is_one_set_of_bars_with_the_shares_of_the_table(cases: Any) -> None:
    e = cases.answers(FRIENDLY)
    drawn = bars(sv.figures.likert(e).figure())
    assert len(drawn) == 5
    for answer, container in enumerate(drawn, 1):
        widths = [patch.get_width() for patch in container]
        np.testing.assert_allclose(widths, 100 * e.table.loc[e.table["answer"] == answer, "estimate"])


@pytest.mark.parametrize(("k", "first", "item"), [(5, 1, "OV01"), (2, 0, "TR08"), (11, 0, "OV02")])
def test_the_middle_of_the_scale_is_centred_on_zero(cases: Any, k: int, first: int, item: str) -> None:
    drawn = bars(sv.figures.likert(cases.answers([item], k, first)).figure())
    if k % 2:
        middle = drawn[k // 2][0]
        assert middle.get_x() == pytest.approx(-middle.get_width() / 2)
    else:
        assert drawn[k // 2][0].get_x() == pytest.approx(0, abs=1e-9)
    for left, right in itertools.pairwise(drawn):
        assert left[0].get_x() + left[0].get_width() == pytest.approx(right[0].get_x())


def test_rows_that_may_not_be_shown_have_no_bar_and_say_why(cases: Any) -> None:
    """P03 has 12 answers and P04 would tell it: one line names both; P07, of ten wards the seventh, has no answer."""
    figure = sv.figures.likert(cases.hard_answers(), lang="en").figure()
    for container in bars(figure):
        assert len(container) == 8
        assert container[4].get_width() == 0  # P07
    said = texts(figure)
    (line,) = [i for i, text in enumerate(said) if text.startswith("Fewer than 30 answers, not shown: Bình Minh ward.")]
    told = " ".join(said[line : line + 2])
    assert "Withheld, so that a smaller group cannot be computed: Hòa Thuận ward." in told
    assert "no data" in said
    assert "40*" in said
    assert "35" not in said


def test_sorting_puts_the_largest_upper_share_first_and_the_unknown_last(cases: Any) -> None:
    e = cases.hard_answers()
    figure = sv.figures.likert(e, lang="en", sort=True).figure()
    upper = [sum(c[i].get_width() for c in bars(figure)[3:]) for i in range(8)]  # two are named below instead
    assert upper == sorted(upper, reverse=True)
    assert upper[0] == 100
    assert upper[-1] == 0 < upper[-2]


def test_long_scales_say_their_sums_at_both_ends(cases: Any) -> None:
    e = cases.answers(["OV02"], 11, 0)
    share = e.table["estimate"].to_numpy()
    said = texts(sv.figures.likert(e).figure())
    assert f"{100 * share[:5].sum():.0f}" in said
    assert f"{100 * share[6:].sum():.0f}" in said
    assert [t for t in said if t in map(str, range(11))][:11] != []
    assert "hoàn toàn không tin" in said  # the strip writes the codes itself


def test_the_dont_know_share_stands_beside_the_scale_not_on_it(cases: Any) -> None:
    figure = sv.figures.likert(cases.hard_answers(), lang="en").figure()
    assert len(figure.axes) == 2
    beside = figure.axes[1].containers[0]
    assert len(beside) == 8  # nothing of the hidden ones
    assert beside[0].get_width() == pytest.approx(2)
    assert beside[2].get_width() == pytest.approx(10)
    assert beside[7].get_width() == pytest.approx(20)
    assert "Don’t know" in texts(figure)


def test_reversed_questions_are_marked_only_beside_others(cases: Any) -> None:
    mixed = sv.figures.likert(cases.answers(["FR01", "FR07"]), lang="en")
    assert any("overbearing" in t or t.endswith("↓") for t in texts(mixed.figure()))
    assert any("↓" in note for note in mixed.notes)
    alone = sv.figures.likert(cases.answers(["FR07", "FR08"]), lang="en")
    assert not any("↓" in t for t in texts(alone.figure()))


def test_a_dot_and_its_interval_stand_where_the_table_says(cases: Any) -> None:
    e = cases.wards()
    axes = sv.figures.intervals(e).figure().axes[0]
    dots = [line for line in axes.lines if line.get_marker() not in ("None", None, "")]
    spans = [line for line in axes.lines if line.get_marker() in ("None", None, "")]
    assert len(dots) == len(spans) == 20
    np.testing.assert_allclose([d.get_xdata()[0] for d in dots], 100 * e.table["estimate"])
    np.testing.assert_allclose([s.get_xdata() for s in spans], 100 * e.table[["conf_low", "conf_high"]])


def test_two_waves_differ_by_marker_and_place_not_by_colour_alone(cases: Any) -> None:
    axes = sv.figures.intervals(cases.wards()).figure().axes[0]
    dots = [line for line in axes.lines if line.get_marker() not in ("None", None, "")]
    first, second = dots[0], dots[1]
    assert first.get_marker() != second.get_marker()
    assert first.get_markerfacecolor() != second.get_markerfacecolor()
    assert first.get_ydata()[0] < second.get_ydata()[0]  # the axis is turned: the first wave stands above


def test_missing_and_suppressed_estimates_have_no_dot(cases: Any) -> None:
    figure = sv.figures.intervals(cases.hard(), lang="en").figure()
    dots = [line for line in figure.axes[0].lines if line.get_marker() not in ("None", None, "")]
    spans = [line for line in figure.axes[0].lines if line.get_marker() in ("None", None, "")]
    assert len(dots) == 15  # with one that is too small go the ward's other wave, and both of another ward
    assert len(spans) == 14  # one has an estimate and no interval
    said = texts(figure)
    assert "n < 30" in said
    assert "–" in said
    assert "0.0 (0.0–3.0)" in said
    assert not any("12.3" in t for t in said)


def test_differences_have_a_line_at_zero_and_percentage_points(cases: Any) -> None:
    exhibit = sv.figures.contrasts(cases.differences(), lang="vi")
    figure = exhibit.figure()
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < high
    said = texts(figure)
    assert "+1,0 (−4,7 đến 6,7)" in said or any(t.startswith("+1,0 (") for t in said)
    assert any("điểm phần trăm" in t for t in said)
    assert "Phường An Phú" in said  # what all rows share stands in the title and on the axis
    with sv.titles("descriptive"):
        plain = sv.figures.contrasts(cases.differences(), lang="vi").title
    assert plain.startswith("Thay đổi từ tháng 8/2023 đến tháng 6/2024: ")
    assert "Thay đổi từ tháng 8/2023 đến tháng 6/2024 (điểm phần trăm)" in " ".join(said)


def test_scores_are_measured_in_points_of_their_scale(cases: Any) -> None:
    assert "điểm (thang 0–100)" in texts(sv.figures.intervals(cases.wards(share=False)).figure())
    assert "points (scale 1–5)" in texts(sv.figures.intervals(cases.means(), lang="en").figure())


def test_numbers_are_written_as_the_language_writes_them(cases: Any) -> None:
    exhibit = sv.figures.likert(cases.answers(["OV01"]))
    assert "1.500" in texts(exhibit.figure())
    assert "1,500" in texts(exhibit.in_language("en").figure())


def test_labels_come_from_the_codebook_in_its_order(cases: Any) -> None:
    said = texts(sv.figures.likert(cases.answers(["OV01"], ward=WARDS)).figure())
    labels = [t for t in said if t.startswith("Phường ")]
    assert labels == [cases.book.label("ward", w, "vi") for w in WARDS]  # Đông Hải first, as the codebook has it
    answers = [t for t in said if "hài lòng" in t or t == "bình thường"]
    assert answers[-5:] == [cases.book.label("OV01", a, "vi") for a in range(1, 6)]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda c: sv.figures.likert(c.wards()), "Likert bars need distributions"),
        (lambda c: sv.figures.likert(c.answers(["job"], 2)), "A diverging bar chart needs ordered answers"),
        (lambda c: sv.figures.likert(_joined(c, ["OV01", "FR01"])), "different scales"),
        (lambda c: sv.figures.likert(c.answers(["OV01"], width="wide")), "unknown width"),
        (lambda c: sv.figures.intervals(c.wards(), series="ward"), "There are too many series to distinguish"),
        (lambda c: sv.figures.intervals(c.wards(), series="sex"), "no such grouping column"),
        (
            lambda c: sv.figures.intervals(c.wards(), reference=float("nan")),
            "wrong type(.|\n)*reference(.|\n)*expected: a number",
        ),
        (lambda c: sv.figures.intervals(c.wards(), lang="fr"), "unknown language"),
        (lambda c: sv.figures.intervals(c.wards().with_table(c.wards().table.iloc[:0])), "nothing to show"),
        (lambda c: sv.figures.intervals(pd.DataFrame({"a": [1]})), "wrong type(.|\n)*expected: Estimates"),
        (lambda c: sv.figures.intervals(_two_units(c)), "different units"),
        (lambda c: sv.tables.table(c.wards()).figure(), "table is not a figure"),
        (lambda c: sv.figures.intervals(c.wards()).figure("framed"), "unknown frame"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_words(cases: Any, make: Callable[[Any], Any], what: str) -> None:
    if what == "unknown width":
        make = lambda c: sv.figures.likert(c.answers(["OV01"]), width="wide")  # noqa: E731
    with pytest.raises(ExportError, match=what):
        make(cases)


def _joined(cases: Any, items: list[str]) -> Estimates:
    return cases.made(pd.concat([cases.answers([i]).table for i in items], ignore_index=True), "distribution")


def _two_units(cases: Any) -> Estimates:
    parts = [cases.rows("EF01", 20.0, se=1.0), cases.rows("friendliness", 60.0, se=1.0)]
    return cases.made(pd.concat(parts, ignore_index=True), "mean")


def test_a_user_setting_of_matplotlib_changes_nothing_and_is_left_alone(cases: Any) -> None:
    exhibit = sv.figures.intervals(cases.wards())
    before = theme.to_bytes(exhibit.figure(), "png", dpi=72)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "text.usetex": False}):
        assert theme.to_bytes(exhibit.figure(), "png", dpi=72) == before
        assert matplotlib.rcParams["font.size"] == 30


def test_figures_are_not_registered_anywhere(cases: Any) -> None:
    from matplotlib import pyplot

    first, second = (sv.figures.intervals(cases.wards()).figure() for _ in range(2))
    assert first is not second
    assert pyplot.get_fignums() == []


# ------------------------------------------------------------------------------------------------ words


def test_a_word_that_fits_is_not_cut_to_make_lines_even() -> None:
    width = text_width("Telecommunications", 8) + 2
    assert wrap("Telecommunications a", width, 8) == ["Telecommunications", "a"]
    assert wrap("một hai ba bốn", text_width("một hai ba", 8), 8) == ["một hai", "ba bốn"]  # even, as before


def test_a_word_wider_than_its_line_is_cut_after_a_sign_or_with_a_hyphen() -> None:
    word, address = "Telekommunikationsgesetz", "https://services.example.org/wards"
    lines = fill(word, text_width(word, 8) / 2, 8)
    assert len(lines) == 3 and all(line.endswith("-") for line in lines[:-1])
    assert "".join(lines).replace("-", "") == word
    lines = fill(address, text_width(address, 8) * 0.7, 8)
    assert lines == ["https://services.", "example.org/wards"]
    for lines in (fill(word, 20.0, 8), fill(address, 20.0, 8)):
        assert max(text_width(line, 8) for line in lines) <= 20.0
    assert fill("abc", 0.1, 8)[-1] == "bc"  # narrower than any letter: it ends


def test_the_column_of_labels_grows_for_a_word_rather_than_to_cut_it() -> None:
    word = "Telekommunikationsgesetz"

    def sized(width: float) -> theme.Style:
        return theme.Style("trial", width, 8.0, 7.0, 10.0, 4.0, 100)

    sizes = sized(0.9 * text_width(word, 8) / 0.3)
    assert Stub([(f"Trust in {word}",), ("x",)], sizes, 0.3, 0.0).inner[0] == ["Trust in", word]
    narrow = sized(0.5 * text_width(word, 8) / 0.3)
    stub = Stub([(word,)], narrow, 0.3, 0.0)
    assert stub.inner[0] == [word] and stub.size < 8.0  # smaller letters before a word is cut,
    assert stub.inner_width <= 0.451 * narrow.width  # as a page is not filled with labels
    tiny = sized(0.3 * text_width(word, 8) / 0.3)
    assert len(Stub([(word,)], tiny, 0.3, 0.0).inner[0]) > 1  # a page narrower than the word


def test_the_alternative_text_tells_the_range_and_the_main_comparison(cases: Any) -> None:
    alt = sv.figures.intervals(cases.wards(), lang="vi").alt
    assert "20 ước lượng" in alt
    assert "Cao nhất: Phường Vĩnh Trường, Tháng 6/2024: 69,0 (65,0–73,0)" in alt
    assert "thấp nhất: Phường Đông Hải, Tháng 8/2023: 50,0 (46,0–54,0)" in alt
    assert "Khác nhau nhiều nhất giữa Tháng 8/2023 và Tháng 6/2024" in alt
    assert alt.endswith("Dữ liệu mô phỏng.")


def test_the_alternative_text_of_few_rows_tells_all_of_them(cases: Any) -> None:
    alt = sv.figures.likert(cases.answers(["OV01"]), lang="en").alt
    # 1 + (0, 2, 4, 6, 8) mod 6 = 1 3 5 1 3, of 13
    assert "very dissatisfied 7.7%; dissatisfied 23.1%; neither 38.5%; satisfied 7.7%; very satisfied 23.1%" in alt


def test_the_alternative_text_quotes_items_and_counts_one_row(cases: Any) -> None:
    several = cases.answers(FRIENDLY[:3], wave=[1, 2])
    vi, en = (sv.figures.likert(several, lang=lang).alt for lang in ("vi", "en"))
    assert "cao nhất ở “" in vi and "”, tháng" in vi and "thấp nhất ở “" in vi
    assert "most frequent for “" in en and "”, " in en
    trust = sv.figures.likert(cases.answers(["OV02"], 11, 0, wave=[1, 2]), lang="en").alt
    assert "Answers above the middle (6 – 10" in trust  # more than five are too many to name
    one = sv.figures.likert(cases.answers(["OV01"]), lang="en").alt
    assert " 1 row, 5 answers" in one and "rows" not in one
    assert "in percentage points" in sv.figures.contrasts(cases.differences(), lang="en").alt


def test_the_alternative_text_names_what_is_not_shown_and_never_its_number(cases: Any) -> None:
    for exhibit in (sv.figures.likert(cases.hard_answers(), lang="en"), sv.figures.intervals(cases.hard(), lang="en")):
        assert "Not shown: " in exhibit.alt
        assert "Bình Minh ward" in exhibit.alt
        assert "12.3" not in exhibit.alt


def test_notes_explain_what_is_there_and_nothing_else(cases: Any) -> None:
    plain, hard = sv.figures.intervals(cases.wards(), lang="en"), sv.figures.intervals(cases.hard(), lang="en")
    assert not any("30" in note for note in plain.notes)
    assert "* From 30 to 49 answers: small sample, read with caution." in hard.notes
    assert "Results on fewer than 30 answers are not shown." in hard.notes


def test_notes_of_the_estimation_are_told_in_vietnamese(cases: Any) -> None:
    e = cases.wards()
    e = e.with_table(e.table, notes=("1,234 rows have no value of ward and are in no group",))
    assert "1.234 dòng thiếu ward và không thuộc nhóm nào." in sv.figures.intervals(e).notes


def test_simulated_data_say_so_in_every_language(cases: Any) -> None:
    exhibit = sv.figures.intervals(cases.wards())
    assert exhibit.source == "Nguồn: Khảo sát thử (dữ liệu mô phỏng)"
    assert exhibit.in_language("en").source == "Source: Trial survey (simulated data)"
    assert exhibit.source in texts(exhibit.figure())
    nameless = Estimates(cases.wards().table, "mean", ("ward", "wave"), simulated=True)
    assert sv.tables.table(nameless).source == "Nguồn: dữ liệu mô phỏng"
    real = Estimates(cases.wards().table, "mean", ("ward", "wave"), source="PAPI 2024")
    assert sv.tables.table(real).source == "Nguồn: PAPI 2024"


def test_titles_by_language_and_from_the_codebook(cases: Any) -> None:
    given = sv.figures.intervals(cases.wards(), title={"vi": "Hài lòng", "en": "Satisfied"})
    assert (given.title, given.in_language("en").title) == ("Hài lòng", "Satisfied")
    with sv.titles("descriptive"):
        wards = sv.figures.intervals(cases.wards(share=False), lang="en")
        assert sv.figures.likert(cases.answers(FRIENDLY), lang="vi").title == "Thân thiện"
    assert (wards.title, wards.subtitle) == ("Friendliness, by ward and wave", "Simulated data.")


def test_decomposed_letters_become_composed_ones(cases: Any) -> None:
    import unicodedata

    title = unicodedata.normalize("NFD", "Hài lòng với phường")
    assert sv.figures.intervals(cases.wards(), title=title).title == "Hài lòng với phường"


def test_dollar_signs_and_braces_are_no_formulas(cases: Any, crowding: Callable[[Any], list[str]]) -> None:
    exhibit = sv.figures.intervals(cases.wards(), title="Phí $5 và $10 {x} _y_ \\frac")
    assert "Phí $5 và $10 {x} _y_ \\frac" in texts(exhibit.figure())
    assert crowding(exhibit.figure()) == []


# ------------------------------------------------------------------------------------------------ the hash


def test_the_hash_is_of_the_numbers_not_of_the_words(cases: Any) -> None:
    e = cases.wards()
    exhibit = sv.figures.intervals(e)
    assert re.fullmatch(r"[0-9a-f]{64}", exhibit.hash)
    assert exhibit.hash == exhibit.in_language("en").hash == sv.figures.intervals(e, title="Khác", width="half").hash
    table = e.table.copy()
    table.loc[0, "estimate"] += 1e-9
    assert sv.figures.intervals(e.with_table(table)).hash != exhibit.hash
    assert sv.figures.intervals(e, sort=True).hash != exhibit.hash
    assert sv.tables.table(e).hash != exhibit.hash


def test_the_last_bit_of_a_processor_makes_no_other_exhibit(cases: Any) -> None:
    e = cases.wards()
    table = e.table.assign(estimate=np.nextafter(e.table["estimate"], 1))
    assert sv.figures.intervals(e.with_table(table)).hash == sv.figures.intervals(e).hash


# ------------------------------------------------------------------------------------------------ in a notebook


def test_a_notebook_shows_a_picture_with_alternative_text_and_a_caption(cases: Any) -> None:
    exhibit = sv.figures.intervals(cases.wards(), title='A "quoted" <b>title</b>', lang="en")
    html = exhibit._repr_html_()
    assert html.startswith('<figure lang="en"')
    assert 'src="data:image/png;base64,' in html
    assert "Highest: Vĩnh Trường ward" in html.split('alt="')[1].split('"')[0]
    assert "<strong>A &quot;quoted&quot; &lt;b&gt;title&lt;/b&gt;</strong>" in html
    assert "simulated data" in html
    picture = exhibit._repr_png_()
    assert picture is not None
    assert picture[0].startswith(b"\x89PNG")
    assert picture[1]["alt"] == exhibit.alt
    assert sv.tables.table(cases.wards())._repr_png_() is None


# ------------------------------------------------------------------------------------------------ colour


def _linear(colour: str) -> np.ndarray:
    from matplotlib.colors import to_rgb

    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear sRGB; CIE 15:2018."""
    m = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x = m @ np.clip(linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_five_answers_differ_in_grey() -> None:
    lightness = [_lab(_linear(c))[0] for c in theme.diverging(5)]
    assert min(abs(a - b) for i, a in enumerate(lightness) for b in lightness[:i]) > 8
    assert lightness[0] < lightness[4] - 8  # the two ends can be told apart in grey print
    assert max(lightness) == lightness[2]


# Machado, Oliveira & Fernandes (2009), A physiologically-based model for simulation of color vision deficiency,
# IEEE TVCG 15(6), severity 1.0
_BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("kind", _BLIND)
@pytest.mark.parametrize("k", [2, 3, 4, 5, 7])
def test_low_and_high_answers_differ_for_the_colour_blind(kind: str, k: int) -> None:
    seen = [_lab(np.array(_BLIND[kind]) @ _linear(c)) for c in theme.diverging(k)]
    for low in seen[: k // 2]:
        for high in seen[-(k // 2) :]:
            assert np.linalg.norm(low - high) > 20


@pytest.mark.parametrize("k", range(2, 12))
def test_numbers_are_legible_on_every_segment(k: int) -> None:
    for colour in theme.diverging(k):
        dark, light = sorted((theme.luminance(colour), theme.luminance(theme.on(colour))))
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("k", range(2, 12))
def test_a_scale_has_as_many_colours_as_answers_and_a_pale_middle(k: int) -> None:
    colours = theme.diverging(k)
    assert len(set(colours)) == k
    lightness = [_lab(_linear(c))[0] for c in colours]
    half = k // 2
    assert lightness[:half] == sorted(lightness[:half])
    assert lightness[-half:] == sorted(lightness[-half:], reverse=True)


# ------------------------------------------------------------------------------------------------ lines of text


def test_wrapped_lines_fit_and_lose_nothing() -> None:
    text = "Theo ông/bà, người dân ở đây có phải đưa thêm tiền để được việc không?"
    for width in (60, 90, 150, 400):
        for lines in (wrap(text, width, 8), fill(text, width, 8)):
            assert " ".join(lines) == text
            assert max(text_width(line, 8) for line in lines) <= width


def test_a_word_wider_than_its_line_is_cut_not_lost() -> None:
    lines = wrap("Chínhquyềnthânthiệnvìnhândân phục vụ", 40, 8)
    assert "".join(lines).replace(" ", "").replace("-", "") == "Chínhquyềnthânthiệnvìnhândânphụcvụ"
    assert max(text_width(line, 8) for line in lines) <= 40


def test_exhibits_are_made_of_a_form_that_anyone_can_write(cases: Any) -> None:
    """A figure of one's own: a function that draws, one that says what is drawn."""
    from matplotlib.figure import Figure

    from survey.exhibits.exhibit import ExhibitKind

    form = ExhibitKind("mine", "figure", lambda x: "Mine.", lambda x: [], draw=lambda x, frame: Figure())
    assert Exhibit(form, cases.wards()).alt == "Mine. Dữ liệu mô phỏng."

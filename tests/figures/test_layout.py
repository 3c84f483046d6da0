"""Text boxes measured: nothing cut, nothing on anything else, at every size and in both languages, of hard studies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import survey as sv
from exhibit_cases import crowded
from hard_layouts import HARD, HARD_TABLES, SHARES
from survey import Exhibit, ExportError
from survey.exhibits import theme
from survey.figures._canvas import Canvas
from survey.figures._stub import Stub

READABLE = {"page": 6.0, "column": 6.0, "slide": 9.0, "phone": 9.0}
"""The smallest letters, in points as drawn; 9 points are 12 px of a phone."""
PLOT = 0.2
"""The least part of the page's width that a plot has."""

QUICK = [
    ("likert", "eleven points", "phone", "vi"),
    ("intervals", "a missing group", "phone", "en"),
    ("intervals", "all suppressed", "column", "vi"),
    ("waves", "four items", "phone", "vi"),
    ("heat", "a missing group", "phone", "en"),
    ("forest", "few groups", "column", "vi"),
    ("panels", "all suppressed", "phone", "vi"),
    ("benchmark", "all suppressed", "page", "vi"),
    ("map", "a missing group", "phone", "en"),
    ("histogram", "large numbers", "column", "vi"),
]


@pytest.mark.parametrize(("kind", "case", "size", "lang"), QUICK)
@pytest.mark.slow
def test_a_hard_figure_is_not_crowded(kind: str, case: str, size: str, lang: str) -> None:
    assert crowded(HARD[kind][case]().sized(size).in_language(lang).figure(), READABLE[size], PLOT) == []


@pytest.mark.slow
@pytest.mark.parametrize("size", theme.SIZES)
@pytest.mark.parametrize(("kind", "case"), [(kind, case) for kind, cases in HARD.items() for case in cases])
def test_no_hard_figure_is_crowded_at_any_size(kind: str, case: str, size: str) -> None:
    exhibit = HARD[kind][case]().sized(size)
    for lang in ("vi", "en"):
        assert crowded(exhibit.in_language(lang).figure(), READABLE[size], PLOT) == []


def test_every_kind_of_figure_is_measured() -> None:
    same = {"contrasts": "intervals"}
    assert {same.get(name, name) for name in sv.figures.__all__ if name != "theme"} == set(HARD)


def test_every_kind_of_table_is_laid_out() -> None:
    others = ("to_", "export_")
    assert {name for name in sv.tables.__all__ if not name.startswith(others)} == set(HARD_TABLES)


def _broken_word(canvas: Canvas) -> None:
    canvas.line_of_text(10, 60, "Provinc-", 10)


def _small_letters(canvas: Canvas) -> None:
    canvas.line_of_text(10, 60, "seven points", 7)


def _dot(canvas: Canvas) -> None:
    axes = canvas.axes(0, 0, 200, 100)
    axes.set(xlim=(0, 200), ylim=(100, 0), xticks=[], yticks=[])
    axes.plot([20], [57], "o", markersize=5)
    canvas.line_of_text(10, 60, "under a dot", 10)


def _squeezed(canvas: Canvas) -> None:
    canvas.axes(0, 0, 30, 100).set(xticks=[], yticks=[])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_broken_word, "broken: 'Provinc-'"),
        (_small_letters, "letters of 7.0 points: 'seven points'"),
        (_dot, "on a dot: 'under a dot'"),
        (_squeezed, "a plot of 15% of the page"),
    ],
)
def test_what_is_measured_is_found(spoil: Callable[[Canvas], None], said: str) -> None:
    canvas = Canvas(200, 100)
    spoil(canvas)
    assert crowded(canvas.figure, 9.0) == [said]


def test_a_phone_is_drawn_anew() -> None:
    """390 px at 96 dots an inch; every label above its row, from the left edge, and the plot as wide as the page."""
    page = sv.figures.intervals(SHARES["a missing group"](), lang="vi")
    phone = page.sized("phone")
    assert phone.figure().get_size_inches()[0] * 96 == pytest.approx(390)
    for exhibit, stacked in ((page, False), (phone, True)):
        sizes = exhibit.style
        stub = Stub([("Phường Hòa Thuận",), ("Phường An Phú",)], sizes, 0.34, 2 * sizes.base)
        assert (stub.width == 0) is stacked
        first, second = stub.slots(stub.height)
        assert (first.label > sizes.base) is stacked
        assert second.whole.top == pytest.approx(first.top + first.height)
        assert second.top + second.height == pytest.approx(stub.height)
    assert phone.figure().axes[0].get_position().width > 0.55 > page.figure().axes[0].get_position().width
    assert phone.hash == page.hash
    assert phone.frame().drop(columns="notes").equals(page.frame().drop(columns="notes"))  # of what is written in it


@pytest.mark.slow
def test_sizes_by_their_new_names_are_those_of_the_old(tmp_path: Any) -> None:
    exhibit = sv.figures.intervals(SHARES["one group"](), lang="vi", name="x")
    for size, width in (("page", "full"), ("column", "half"), ("slide", "slide")):
        old = sv.figures.intervals(SHARES["one group"](), lang="vi", name="x", width=width)
        made = sv.export(exhibit, formats="png", folder=tmp_path / size, size=size)
        assert made["png"].read_bytes() == sv.export(old, formats="png", folder=tmp_path / width)["png"].read_bytes()


def test_an_unknown_size_and_the_size_of_a_table_are_refused(tmp_path: Any) -> None:
    figure, table = (make(SHARES["one group"](), lang="vi", name="x") for make in (sv.figures.bars, sv.tables.table))
    with pytest.raises(ExportError, match="width of a figure"):
        sv.export(figure, folder=tmp_path, size="poster")
    with pytest.raises(ExportError, match="takes the width of its page"):
        sv.export(table, folder=tmp_path, size="phone")
    assert not list(tmp_path.iterdir())


def test_a_size_reaches_every_format_with_a_picture(tmp_path: Any) -> None:
    """1170 dots: three for each pixel of a phone."""
    from PIL import Image

    exhibit: Exhibit = sv.figures.likert(HARD["likert"]["one group"]().estimates, lang="en", name="x")
    made = sv.export(exhibit, formats=["png", "svg", "pdf"], folder=tmp_path, size="phone")
    with Image.open(made["png"]) as picture:
        assert picture.width == 1170
    assert 'width="292.5pt"' in made["svg"].read_text(encoding="utf-8")
    assert b"/MediaBox [ 0 0 292.5 " in made["pdf"].read_bytes()


def test_a_page_shows_a_narrow_window_the_drawing_for_a_phone(tmp_path: Any) -> None:
    exhibit = sv.figures.likert(HARD["likert"]["one group"]().estimates, lang="en", name="x")
    page = sv.export(exhibit, formats="html", folder=tmp_path)["html"].read_text(encoding="utf-8")
    assert page.count("<svg ") == 2 and 'width="292.5pt"' in page  # 390 px
    names = re.findall(r'<[^>]* id="([^"]+)"', page)
    assert len(names) == len(set(names))
    used = {name for found in re.findall(r'aria-labelledby="([^"]+)"', page) for name in found.split()}
    used |= set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page)[0]) if "url(#" in page else set()
    assert used - {""} <= set(names) and any(name.startswith("phone-") for name in used)
    again = sv.export(exhibit, formats="html", folder=tmp_path, size="phone")["html"].read_text(encoding="utf-8")
    assert again.count("<svg ") == 1

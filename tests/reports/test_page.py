"""The page of a report in Chromium: clean, alone, readable on a phone, by keyboard, on paper and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from office_files import outside, overlapping, pages_of
from small_study import study

pytestmark = pytest.mark.slow

WIDTHS = (1280, 390)
VISIBLE = "() => [...document.querySelectorAll('article')].filter(a => a.checkVisibility()).map(a => a.lang)"
COLUMN = """([id, column]) => [...document.querySelectorAll(`#${id} tbody tr:not(.group)`)]
  .map(r => r.cells[column].textContent.trim())"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the small study in both languages."""
    folder = tmp_path_factory.mktemp("page")
    made = study(folder / "study").report(lang=["vi", "en"], formats="html", folder=folder / "out", progress=False)
    return made["html"]


@pytest.fixture
def page(browser: Any, file: Path) -> Iterator[Any]:
    """The page in a window of a desk."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto(file.as_uri())
    yield opened
    opened.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_the_console_is_clean(browser: Any, file: Path, width: int) -> None:
    package = pytest.importorskip("axe_playwright_python")
    axe = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    opened = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    try:
        opened.goto(file.as_uri())
        opened.evaluate(axe)
        for lang in ("vi", "en"):
            opened.click(f"[data-lang={lang}]")
            found = opened.evaluate('async () => await axe.run(document, {resultTypes: ["violations"]})')
            assert len(found["passes"]) > 15  # it did look
            nodes = [f"{v['id']}: {n['html'][:200]}" for v in found["violations"] for n in v["nodes"]]
            assert nodes == []
            assert opened.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        opened.close()
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]


def test_the_switch_changes_language_title_and_text_by_keyboard(page: Any) -> None:
    assert page.evaluate("document.documentElement.lang") == "vi"
    assert page.evaluate(VISIBLE) == ["vi"]
    title = page.title()
    page.focus("[data-lang=en]")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate(VISIBLE) == ["en"]
    assert page.title() != title
    assert page.get_attribute("[data-lang=en]", "aria-current") == "true"
    assert page.get_attribute("[data-lang=vi]", "aria-current") is None


def test_every_place_that_a_key_reaches_is_marked(page: Any) -> None:
    """The first presses of Tab: the switch, the way to the contents; each has an outline."""
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className || document.activeElement.dataset.lang"))
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style not in ("none", "")
    assert reached[:2] == ["vi", "en"] and "skip" in reached


def test_a_table_is_sorted_by_keyboard(page: Any) -> None:
    table = page.evaluate(
        "() => [...document.querySelectorAll('article[lang=vi] figure')].find(f => f.querySelector('th button')).id"
    )
    heads = page.evaluate("id => [...document.querySelectorAll(`#${id} thead tr:last-child th`)].length", table)
    before = page.evaluate(COLUMN, [table, 0])
    assert heads > 1 and len(before) >= 3
    page.focus(f"#{table} thead th button")
    page.keyboard.press("Enter")
    first = page.evaluate(COLUMN, [table, 0])
    page.keyboard.press("Space")
    second = page.evaluate(COLUMN, [table, 0])
    assert sorted(first) == sorted(before) and first == second[::-1] and first != second
    assert page.get_attribute(f"#{table} thead th:has(button)", "aria-sort") == "ascending"


def test_without_scripts_everything_is_read(browser: Any, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(file.as_uri())
    for lang in ("vi", "en"):
        assert opened.locator(f"#report-{lang}").is_visible()
        assert opened.locator(f"#report-{lang} table").first.is_visible()
    assert opened.locator("th button").count() == 0
    context.close()


def test_paper_has_the_report_and_nothing_to_click(page: Any, tmp_path: Path) -> None:
    page.emulate_media(media="print")
    assert not page.locator(".languages").is_visible()
    assert not page.locator("article[lang=vi] .contents").is_visible()
    page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    pages = pages_of(tmp_path / "page.pdf")
    assert 5 < len(pages) < 80
    assert round(pages[0].width * 25.4 / 72) == 210 and round(pages[0].height * 25.4 / 72) == 297
    found = [(i, overlapping(p)[:3], outside(p)[:3]) for i, p in enumerate(pages, 1) if overlapping(p) or outside(p)]
    assert found == []

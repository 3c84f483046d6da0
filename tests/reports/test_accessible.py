"""Pages of exhibits judged by axe-core in a browser, as wide as a desk and as a phone: it finds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import survey as sv
from hard_layouts import HARD, HARD_TABLES
from survey import Exhibit

pytestmark = pytest.mark.slow

WIDTHS = (1280, 390)
BROKEN = """() => [...document.querySelectorAll("td.gt_right")].filter(t => t.checkVisibility()).flatMap(t => {
  const all = document.createRange();
  all.selectNodeContents(t);
  const lines = new Set([...all.getClientRects()].map(r => Math.round(r.top))).size;
  return lines > t.textContent.trim().split("\\n").length ? [t.textContent] : [];
})"""
"""Numbers and intervals of a table that go over more lines than they are written in."""
GONE = ("all suppressed", "a missing group")
FIGURES = {f"{kind}, {case}": make for kind, cases in HARD.items() for case, make in list(cases.items())[:1]}
SUPPRESSED = {f"{kind}, {case}": make for kind, cases in HARD.items() for case, make in cases.items() if case in GONE}
SMALL = """() => [...document.querySelectorAll("svg text, p, h1, td, th")].flatMap(t => {
  if (!t.checkVisibility() || !t.textContent.trim()) return [];
  const svg = t.ownerSVGElement, size = parseFloat(getComputedStyle(t).fontSize);
  const shown = svg ? size * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : size;
  return innerWidth < 600 && shown < 11 ? [[shown, t.textContent]] : [];
})"""
"""Letters smaller than 11 px of CSS in a window as narrow as a phone."""
PLAIN = ("twelve items", "forty groups, two waves", "items in groups", "all suppressed")
"""Of the many cases of a plain table; of other kinds every case."""
TABLES = {
    f"tables.{kind}, {case}": make
    for kind, cases in HARD_TABLES.items()
    for case, make in cases.items()
    if kind != "table" or case in PLAIN
}


@pytest.fixture(scope="module")
def axe() -> str:
    """The checks, as the tests' package brings them."""
    package = pytest.importorskip("axe_playwright_python")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(browser: Any, axe: str, file: Path, width: int) -> list[str]:
    """What axe-core finds on a page, best practices among it; a page too wide, letters below 11 px, broken numbers."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    try:
        page.goto(file.as_uri())
        page.evaluate(axe)
        found = page.evaluate('async () => await axe.run(document, {resultTypes: ["violations"]})')
        assert len(found["passes"]) > 15  # it did look
        wide = page.evaluate("document.documentElement.scrollWidth")
        small, broken = page.evaluate(SMALL), page.evaluate(BROKEN)
    finally:
        page.close()
    said = [f"{v['id']} ({v['impact']}): {node['html'][:200]}" for v in found["violations"] for node in v["nodes"]]
    said += [f"letters of {size:.1f} px: {text}" for size, text in small]
    said += [f"broken over lines: {text}" for text in broken]
    return said + ([f"{wide} px wide in a window of {width}"] if wide > width else [])


@pytest.mark.parametrize("name", [*FIGURES, *SUPPRESSED, *TABLES])
def test_axe_finds_nothing_on_the_page_of_an_exhibit(browser: Any, axe: str, name: str, tmp_path: Path) -> None:
    exhibit: Exhibit = (FIGURES | SUPPRESSED | TABLES)[name]()
    made = sv.export(exhibit, "page", formats="html", folder=tmp_path, languages=("vi", "en"))
    for lang, width in zip(("vi", "en") if len(name) % 2 else ("en", "vi"), WIDTHS, strict=True):
        assert violations(browser, axe, made[f"{lang}.html"], width) == []


def test_axe_finds_what_is_wrong(browser: Any, axe: str, tmp_path: Path) -> None:
    """The check can fail: a picture without words, a table that no key reaches, a page wider than the window."""
    exhibit = HARD["likert"]["twelve items"]()
    page = sv.export(exhibit, "page", formats="html", folder=tmp_path)["html"]
    spoilt = page.read_text(encoding="utf-8")
    for was, becomes in (
        ("aria-labelledby", "data-was"),
        ("<title ", "<g "),
        ("</title>\n <desc", "</g>\n <desc"),
        ('tabindex="0"', ""),
        (
            "td.gt_right {white-space: pre;}",
            "td.gt_right {max-width: 3ch; white-space: normal; word-break: break-all;}",
        ),
        ("<main>", '<main><div style="width: 500px">x</div><p style="font-size: 9px">y</p>'),
    ):
        spoilt = spoilt.replace(was, becomes)
    page.write_text(spoilt, encoding="utf-8")
    said = " ".join(violations(browser, axe, page, 390))
    assert "svg-img-alt" in said and "scrollable-region-focusable" in said and "px wide in a window of 390" in said
    assert "letters of 9.0 px: y" in said and "broken over lines: " in said

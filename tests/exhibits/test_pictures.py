"""Pictures in files: text that is text, words that programs find, one drawing for all formats, letters of any kind."""

from __future__ import annotations

import struct
import threading
import time
import zlib
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import openpyxl
import pandas as pd
import pytest
from docx import Document
from PIL import Image
from pptx import Presentation

import survey as sv
from hard_layouts import HARD
from survey.exhibits import theme
from survey.exhibits.letters import STACK, unit_width
from survey.exhibits.picture import Picture
from survey.reports.export import FORMATS
from survey.words import labels

pytestmark = pytest.mark.sampled

SVG = "{http://www.w3.org/2000/svg}"
DC = "{http://purl.org/dc/elements/1.1/}"


def texts(path: Path) -> list[ElementTree.Element]:
    return list(ElementTree.parse(path).getroot().iter(f"{SVG}text"))


def test_the_text_of_an_svg_can_be_searched_and_is_as_long_as_what_was_measured(cases: Any, tmp_path: Path) -> None:
    exhibit = sv.figures.likert(cases.hard_answers())
    path = sv.export(exhibit, "a", formats=["svg"], folder=tmp_path)["svg"]
    lines = texts(path)
    said = [line.text for line in lines]
    assert {"Phường Đông Hải", "rất không hài lòng", "không có số liệu"} <= set(said)
    assert "<use " not in path.read_text(encoding="utf-8")  # a letter drawn as an outline
    for line in lines:
        size = float(line.get("font-size", 0))
        weight = "bold" if line.get("font-weight") else line.get("font-style") or "normal"
        assert (line.get("font-family") or "").startswith("'DejaVu Sans', Verdana")
        if len(line.text or "") > 1:
            assert float(line.get("textLength", 0)) == pytest.approx(
                size * unit_width(line.text or "", weight), abs=2e-3
            )
    weights = {line.text: (line.get("font-weight"), line.get("font-style")) for line in lines}
    bold = [text or "" for text, (weight, _) in weights.items() if weight == "bold"]
    assert " ".join(bold[: 1 + (bold[0] != exhibit.title)]) == exhibit.title
    assert weights["không có số liệu"] == (None, "italic")


@pytest.mark.slow
def test_a_browser_without_the_font_fills_the_same_room(cases: Any, tmp_path: Path) -> None:
    """Chromium has its own widths of DejaVu Sans: ours but for how letters are kerned. Those of others are made so."""
    from playwright.sync_api import Error, sync_playwright

    path = sv.export(sv.figures.intervals(cases.wards()), "a", formats=["svg"], folder=tmp_path)["svg"]
    script = """() => [...document.querySelectorAll('text')].filter(t => t.textLength.baseVal.value > 0).map(t => {
        const kept = t.textLength.baseVal.value, drawn = t.getBBox().width;
        t.removeAttribute('textLength'); return [kept, drawn, t.getComputedTextLength()] })"""
    other = tmp_path / "b.svg"
    drawing = path.read_text(encoding="utf-8").replace(STACK, "Arial, sans-serif")
    other.write_text(drawing, encoding="utf-8")
    with sync_playwright() as p:
        try:
            browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        except Error:
            pytest.skip("Chromium is not installed.")
        page = browser.new_page()
        found = {}
        for file in (path, other):
            page.goto(file.as_uri())
            found[file.name] = np.array(page.evaluate(script))
        browser.close()
    kept, drawn, own = found["a.svg"].T
    np.testing.assert_allclose(own, kept, rtol=0.02)
    kept, drawn, own = found["b.svg"].T
    assert (own / kept).min() < 0.92  # another font it is
    np.testing.assert_allclose(drawn, kept, rtol=0.02)


@pytest.mark.slow
def test_letters_of_an_svg_lie_apart_in_a_browser(cases: Any, tmp_path: Path) -> None:
    """The boxes that Chromium draws, not those measured: no line on another, none squeezed or off the page."""
    from playwright.sync_api import Error, sync_playwright

    script = """() => [...document.querySelectorAll('text')].map(t => {
        const box = t.getBoundingClientRect(), kept = t.getComputedTextLength(), copy = t.cloneNode(true);
        copy.removeAttribute('textLength'); t.parentNode.appendChild(copy);
        const own = copy.getComputedTextLength(); copy.remove();
        return [t.textContent, box.left, box.top, box.right, box.bottom, kept, own, +t.getAttribute('textLength')] })"""
    figures = {
        "dots": sv.figures.intervals(cases.hard()),
        "bars": sv.figures.likert(cases.hard_answers(), lang="en"),
        "differences": sv.figures.forest(cases.differences(), width="half"),
    }
    with sync_playwright() as p:
        try:
            browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        except Error:
            pytest.skip("Chromium is not installed.")
        page = browser.new_page(viewport={"width": 1200, "height": 1200})
        for name, figure in figures.items():
            page.goto(sv.export(figure, name, formats=["svg"], folder=tmp_path)["svg"].as_uri())
            said, *numbers = zip(*page.evaluate(script), strict=True)
            size = page.evaluate("() => ['width', 'height'].map(v => document.documentElement[v].baseVal.value)")
            box, (kept, own, told) = np.array(numbers[:4]).T, np.array(numbers[4:])
            lines = told > 0
            np.testing.assert_allclose(kept[lines], told[lines], rtol=0.01, err_msg=name)
            np.testing.assert_allclose(own[lines], told[lines], rtol=0.02, err_msg=name)
            assert (box[:, :2] >= -1).all() and (box[:, 2:] <= np.array(size) + 1).all(), name
            shared = np.minimum(box[:, None, 2:], box[None, :, 2:]) - np.maximum(box[:, None, :2], box[None, :, :2])
            high = np.minimum.outer(*[box[:, 3] - box[:, 1]] * 2)
            # boxes have room for signs above and below letters, which lines of a paragraph share
            over = (shared[:, :, 0] > 1) & (shared[:, :, 1] > 0.35 * high) & ~np.eye(len(box), dtype=bool)
            assert [(said[i], said[j]) for i, j in np.argwhere(over)] == [], name
        browser.close()


def test_a_picture_says_what_it_is_to_programs(cases: Any, tmp_path: Path) -> None:
    exhibit = sv.figures.intervals(cases.wards(), caption={"vi": "Chú thích", "en": "Caption"})
    files = sv.export(exhibit, "a", formats=["png", "svg", "pdf"], folder=tmp_path)
    with Image.open(files["png"]) as picture:
        said: Any = picture.text  # type: ignore[attr-defined]
        assert (said["Title"].lang, said["Caption"], said["Source"]) == ("vi-VN", "Chú thích", exhibit.source)
        found = picture.getxmp()["xmpmeta"]["RDF"]["Description"]
        alternatives = found["AltTextAccessibility"]["Alt"]["li"]
        assert {(a["lang"], a["text"]) for a in alternatives} == {("x-default", exhibit.alt), ("vi-VN", exhibit.alt)}
    root = ElementTree.parse(files["svg"]).getroot()
    assert (root.get("role"), root.get("lang")) == ("img", "vi")
    assert [e.text for e in root.iter(f"{DC}source")] == [exhibit.source]


def test_a_pdf_is_tagged_and_each_part_is_where_its_table_says(cases: Any, tmp_path: Path) -> None:
    """ISO 32000-1, 7.5.4: an entry of the cross-reference table is the place of "N 0 obj"."""
    import re

    exhibit = sv.figures.intervals(cases.wards(), lang="en")
    raw = sv.export(exhibit, "a", formats=["pdf"], folder=tmp_path)["pdf"].read_bytes()
    start, places = int(raw.rsplit(b"startxref\n", 1)[1].split(b"\n")[0]), dict[int, int]()
    while start:
        table = re.match(
            rb"xref\n((?:\d+ \d+\n(?:\d{10} \d{5} [nf] ?\n)+)+)trailer\n(.*?)\nstartxref", raw[start:], re.DOTALL
        )
        assert table is not None
        for first, entries in re.findall(rb"(\d+) \d+\n((?:\d{10} \d{5} [nf] ?\n)+)", table[1]):
            for i, place in enumerate(re.findall(rb"(\d{10}) \d{5} [nf]", entries)):
                places.setdefault(int(first) + i, int(place))
        before = re.search(rb"/Prev (\d+)", table[2])
        start = int(before[1]) if before else 0
    numbered = {n: raw[at : raw.index(b"endobj", at)] for n, at in places.items() if at and n}
    assert [n for n, text in numbered.items() if not text.startswith(b"%d 0 obj" % n)] == []
    catalog = next(text for text in numbered.values() if b"/Type /Catalog" in text)
    assert b"/MarkInfo << /Marked true >>" in catalog and b"/StructTreeRoot" in catalog
    assert "\ufeffen".encode("utf-16-be").hex().encode() in catalog
    figure = next(text for text in numbered.values() if b"/S /Figure" in text)
    assert ("\ufeff" + exhibit.alt).encode("utf-16-be").hex().encode() in figure
    page = next(text for text in numbered.values() if b"/Type /Page " in text)
    assert b"/StructParents 0" in page and b"/Contents [" in page


def test_dots_come_back_as_they_were() -> None:
    """Pillow reads what we write; the checksums are those of zlib."""
    import io

    from survey.exhibits._png import png

    dots = np.random.default_rng(1).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    raw = png(dots, 300, {"Title": ("Phường", "vi")})
    with Image.open(io.BytesIO(raw)) as picture:
        np.testing.assert_array_equal(np.asarray(picture), dots[:, :, :3])
        assert picture.text["Title"] == "Phường"  # type: ignore[attr-defined]
        assert picture.info["dpi"][0] == pytest.approx(300, abs=0.01)
    assert struct.unpack(">I", raw[-4:])[0] == zlib.crc32(b"IEND")


@pytest.mark.slow
def test_the_bare_picture_is_cut_from_the_full_one(cases: Any) -> None:
    """Drawn apart, the body has the same dots, a row at most from where it is when cut, or a part of one."""
    exhibit = sv.figures.intervals(cases.hard(), width="half")
    drawn = theme.dots(exhibit.figure("bare"), 300).astype(int)
    cut = Picture(exhibit)._dots("bare", 300).astype(int)
    assert cut.shape == drawn.shape
    apart = {k: np.abs(np.roll(drawn, k, 0) - cut)[20:-20].mean() for k in (-15, -1, 0, 1, 15)}
    assert min(apart[k] for k in (-1, 0, 1)) < min(apart[-15], apart[15]) / 4


@pytest.mark.parametrize("kind", ["likert", "intervals", "map", "heat", "effect", "panels"])
@pytest.mark.parametrize("size", ["page", "phone"])
def test_the_bare_drawing_is_cut_from_the_full_one(kind: str, size: str) -> None:
    """Drawn apart, the body has the same page, the same lines of text and as many shapes."""
    exhibit = next(iter(HARD[kind].values()))().sized(size)
    cut = ElementTree.fromstring(Picture(exhibit).svg("bare"))
    drawn = ElementTree.fromstring(theme.to_bytes(exhibit.figure("bare"), "svg"))
    for tag in ("path", "use", "rect"):
        assert len(list(cut.iter(SVG + tag))) == len(list(drawn.iter(SVG + tag)))
    assert sorted(t.text or "" for t in cut.iter(f"{SVG}text")) == sorted(
        t.text or "" for t in drawn.iter(f"{SVG}text")
    )
    heights = [float((x.get("height") or "").removesuffix("pt")) for x in (cut, drawn)]
    assert heights[0] == pytest.approx(heights[1], abs=0.01)
    top, height = (float((cut.get("viewBox") or "").split()[i]) for i in (1, 3))
    at = [float(t.get("y") or 0) for t in cut.iter(f"{SVG}text") if "transform" not in t.attrib]
    assert height == pytest.approx(heights[0], abs=0.01) and all(top <= y <= top + height for y in at)


@pytest.mark.slow
def test_an_export_computes_rows_once_and_draws_once(
    cases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two languages and eight formats: rows once a language, two drawings each (full, phone); slides have charts."""
    count: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def call(*arguments: Any, **more: Any) -> Any:
            count[name] += 1
            return real(*arguments, **more)

        monkeypatch.setattr(owner, name, call)

    counted(labels, "labelled")
    counted(labels, "turned")
    counted(sv.Exhibit, "figure")
    counted(theme, "dots")
    exhibit = sv.figures.likert(cases.hard_answers())
    sv.export(exhibit, "a", formats=FORMATS["figure"], folder=tmp_path, languages=("vi", "en"))
    assert count["labelled"] == 2  # was 59
    assert count["figure"] == 4  # was 10: slides draw a chart of their own
    assert count["dots"] == 2  # was 8
    assert count["turned"] < 100  # was 2,962


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 40_000, marks=pytest.mark.slow),
        pytest.param("dài " * 10_000, marks=pytest.mark.slow),
        "a\u200bb\u2060\u202ec",
        "\u05e9\u05dc\u05d5\u05dd a",
        "a\nb\r\nc",
        "=1+1",
        "e\u0301\u0323" * 20,
    ],
    ids=["word", "words", "no width", "right to left", "lines", "formula", "marks"],
)
def test_a_label_of_any_kind_makes_files_that_open(tmp_path: Path, text: str) -> None:
    names = {1: {"vi": text, "en": text}, 2: {"vi": "B", "en": "B"}}
    frame = pd.DataFrame({"g": np.tile([1.0, 2.0], 60), "q": np.tile([1.0, 2.0, 3.0], 40)})
    variables = {
        "g": sv.Variable("g", "nominal", {"vi": "Nhóm", "en": "Group"}, names),
        "q": sv.Variable("q", "number", {"vi": text, "en": text}, limits=(1.0, 3.0)),
    }
    book = sv.Codebook(variables, title={"vi": text, "en": text})
    e = sv.Sample(sv.Responses(frame, book), weights=None).mean("q", by="g")
    exhibit = sv.figures.intervals(e, title=text, caption=text, width="half")
    start = time.process_time()
    files = sv.export(exhibit, "a", formats=FORMATS["figure"], folder=tmp_path)
    assert time.process_time() - start < 15
    with Image.open(files["png"]) as picture:
        picture.load()
        assert picture.height < 20_000
    ElementTree.parse(files["svg"])
    assert files["pdf"].read_bytes().rstrip().endswith(b"%%EOF")
    assert len(pd.read_csv(files["csv"])) == 2
    assert "<svg " in files["html"].read_text(encoding="utf-8")
    assert Document(str(files["docx"])).inline_shapes
    sheet = openpyxl.load_workbook(files["xlsx"]).active
    assert sheet is not None and len(str(sheet["A1"].value)) > 1 and sheet["A1"].data_type == "s"
    slides = Presentation(str(files["pptx"])).slides
    assert len(slides) == (2 if len(text) > 10_000 else 1)  # what stands below the chart goes on
    told = [shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame]
    assert max(map(len, told)) < 4_000  # what has no room is in the speaker notes


def test_threads_draw_the_same_and_leave_settings_alone(cases: Any) -> None:
    exhibit, results = sv.figures.intervals(cases.wards(), width="half"), dict[int, bytes]()
    with matplotlib.rc_context({"font.size": 31.0, "svg.fonttype": "path"}):
        before = dict(matplotlib.rcParams)

        def draw(i: int) -> None:
            results[i] = Picture(exhibit.in_language("vi")).svg("full").encode()

        threads = [threading.Thread(target=draw, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert dict(matplotlib.rcParams) == before
    assert len(results) == 4 and len(set(results.values())) == 1

"""A report as slides: every number is the one of its CSV, nothing hidden is in a workbook, nothing small or cut."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from office_files import as_pdf, outside
from office_files import pages_of as pages_of_pdf
from slide_reader import A, C, Deck, P, paragraphs, same
from small_study import answers, study
from survey.errors import ExportError
from survey.reports.evidence import Run, numbers_in, runs_of_title
from survey.reports.slides.letters import text_of
from survey.reports.slides.tables import height_of, pages_of
from survey.tables._grid import Column, Grid, Line
from survey.tables._slide_frame import Room

DECIMAL = {"vi": r"\d,\d", "en": r"\d\.\d"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Slides of the small study in both languages; ward C has too few answers of some questions."""
    folder = tmp_path_factory.mktemp("slides")
    data = answers()
    few = (data["ward"] == "C") & (data["wave"] == 2)
    data.loc[few & (data.index % 4 > 0), "Q1"] = None
    return study(folder / "study", data).report(
        lang=["vi", "en"], formats="pptx", folder=folder / "out", progress=False
    )


@pytest.fixture(scope="module")
def decks(made: dict[str, Path]) -> dict[str, Deck]:
    return {lang: Deck(made[f"{lang}.pptx"]) for lang in ("vi", "en")}


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_each_number_of_a_slide_is_the_one_of_its_csv(made: dict[str, Path], decks: dict[str, Deck], lang: str) -> None:
    found = list(decks[lang].printed())
    tables: dict[str, pd.DataFrame] = {}
    for one in found:
        name = one.id.rsplit(".", 2)[0]
        if name not in tables:
            tables[name] = pd.read_csv(made["numbers"] / f"{name}.{lang}.csv", encoding="utf-8-sig")
        assert same(one, tables[name], lang), one
    assert sum(one.drawn for one in found) > 80
    assert sum(not one.drawn for one in found) > 150
    assert any(re.search(r"\d[+-]\d", one.id.rsplit(".", 2)[1]) for one in found)  # a sum of rows, in a title


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_estimate_on_a_slide_is_without_evidence(decks: dict[str, Deck], lang: str) -> None:
    """But for the thresholds and versions in notes and in the methods annex, which are no estimates."""
    said = 0
    for slide, text, known in decks[lang].texts():
        if text.startswith(("Ghi chú: ", "Notes: ")):
            continue
        for k, match in enumerate(numbers_in(text), 1):
            if re.search(DECIMAL[lang], match.group()) and not re.fullmatch(r"\d+\.\d+\.\d+", text):
                assert k in known or 0 in known, (slide, text)
                said += 1
    assert said > 100


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_number_of_a_chart_has_evidence_and_is_that_of_its_workbook(decks: dict[str, Deck], lang: str) -> None:
    deck, charts = decks[lang], 0
    for i, slide in enumerate(deck.slides):
        for frame in slide.iter(f"{P}graphicFrame"):
            if next(frame.iter(f"{C}chart"), None) is None:
                continue
            charts += 1
            number = next(frame.iter(f"{P}cNvPr")).get("id")
            (name,) = [n for n in deck.related(deck.names[i]).values() if "/charts/" in n]
            chart = deck.chart(i, number)
            (book,) = deck.related(name).values()
            rows = CalamineWorkbook.from_filelike(io.BytesIO(deck.parts[book])).get_sheet_by_index(0).to_python()
            data = next(slide.iter(f"{P}custData"))
            known = {
                (one.get("series"), one.get("category"))
                for one in deck.xml(deck.related(deck.names[i])[next(iter(data.attrib.values()))])
                if one.get("value") == "value" and one.get("shape") == number
            }
            drawn = set()
            for j, series in enumerate(chart.iter(f"{C}ser"), 1):
                for pt in series.find(f"{C}val").iter(f"{C}pt"):
                    at = int(pt.get("idx"))
                    drawn.add((str(j), str(at + 1)))
                    assert rows[at + 1][j] == float(pt.find(f"{C}v").text)
            assert drawn == known
            filled = {(str(j), str(r)) for r, row in enumerate(rows) for j in range(1, len(row)) if r and row[j] != ""}
            columns = len(list(chart.iter(f"{C}ser")))
            assert {cell for cell in filled if int(cell[0]) <= columns} == drawn
    assert charts >= 8


@pytest.mark.slow
def test_what_is_hidden_is_in_no_part_of_the_file(tmp_path: Path) -> None:
    """By construction: eleven people in ward C answer Q5 in the second wave, in one of two ways."""
    made = []
    for turn, values in enumerate(([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 3], [5, 4, 3, 2, 1, 5, 4, 3, 2, 1, 3])):
        data = answers()
        few = data.index[(data["ward"] == "C") & (data["wave"] == 2)]
        data.loc[few, ["Q1", "Q2", "Q3", "Q4", "Q5"]] = None
        data.loc[few[: len(values)], "Q5"] = values
        data.loc[few, "weight"] = 10.0
        own = study(tmp_path / f"s{turn}", data, unit='parts = ["satisfaction"]\nunit = "ward"')
        made.append(own.report(lang="vi", formats="pptx", folder=tmp_path / f"o{turn}", progress=False))
    numbers = pd.read_csv(made[0]["numbers"] / "overall-wards.vi.csv", encoding="utf-8-sig")
    assert "suppressed" in numbers["status"].tolist()
    charts = []
    for one in made:
        deck = Deck(one["vi.pptx"])
        (at,) = [i for i, s in enumerate(deck.slides) if "tab-overall-wards" in str(deck.parts[deck.names[i]])]
        (name,) = [n for n in deck.related(deck.names[at]).values() if "/charts/" in n]
        (book,) = deck.related(name).values()
        charts.append((deck.parts[name], deck.parts[book], deck.parts[deck.names[at]]))
        assert "dưới 30 câu trả lời" in deck.parts[deck.names[at]].decode("utf-8").lower()
    assert charts[0] == charts[1]


@pytest.mark.slow
def test_a_second_run_gives_the_same_bytes(made: dict[str, Path], tmp_path: Path) -> None:
    data = answers()
    few = (data["ward"] == "C") & (data["wave"] == 2)
    data.loc[few & (data.index % 4 > 0), "Q1"] = None
    again = study(tmp_path / "study", data).report(lang="vi", formats="pptx", folder=tmp_path / "out", progress=False)
    assert again["vi.pptx"].read_bytes() == made["vi.pptx"].read_bytes()
    with zipfile.ZipFile(made["vi.pptx"]) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        books = [archive.read(n) for n in archive.namelist() if n.endswith(".xlsx")]
    for content in books:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert b"2000-01-01T00:00:00Z" in book.read("docProps/core.xml")


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_slide_has_a_title_its_language_its_line_and_no_small_letters(decks: dict[str, Deck], lang: str) -> None:
    deck = decks[lang]
    line = {"vi": "DỮ LIỆU MÔ PHỎNG", "en": "SIMULATED DATA"}[lang]
    tag = {"vi": "vi-VN", "en": "en-"}[lang]
    titles = []
    for i, slide in enumerate(deck.slides):
        heads = [
            s for s in slide.iter(f"{P}sp") if any(p.get("type") in ("title", "ctrTitle") for p in s.iter(f"{P}ph"))
        ]
        assert len(heads) == 1, i
        titles.append("".join(paragraphs(heads[0].find(f"{P}txBody"))))
        assert titles[-1].strip(), i
        assert heads[0] is next(slide.iter(f"{P}sp")), "the title is read first"
        assert any(line in "".join(paragraphs(s.find(f"{P}txBody"))) for s in slide.iter(f"{P}sp")), i
        for run in slide.iter(f"{A}rPr"):
            assert run.get("lang", "").startswith(tag), i
        for shape in slide.iter(f"{P}graphicFrame", f"{P}pic"):
            assert len(next(shape.iter(f"{P}cNvPr")).get("descr", "")) > 15, i
        placed = [
            s.find(f".//{A}off") for s in slide.iter(f"{P}sp", f"{P}graphicFrame") if s.find(f".//{A}off") is not None
        ]
        high = [int(off.get("y")) for off in placed]
        assert high == sorted(high), "shapes are read from the top down"
        numbers = [e.get("id") for e in slide.iter(f"{P}cNvPr")]
        assert len(numbers) == len(set(numbers)), i
    assert len(titles) == len(set(titles))
    for name, content in deck.parts.items():
        if name.endswith(".xml") and name.startswith("ppt/") and "theme" not in name:
            sizes = [int(x) for x in re.findall(rb'\bsz="(\d+)"', content)]
            assert all(size >= 1200 for size in sizes), (name, min(sizes))


@pytest.mark.slow
def test_charts_say_numbers_in_the_language_and_keep_the_scale(decks: dict[str, Deck]) -> None:
    formats = {lang: set() for lang in decks}
    for lang, deck in decks.items():
        for name, content in deck.parts.items():
            if name.startswith("ppt/charts/chart"):
                chart = deck.xml(name)
                formats[lang] |= {e.get("formatCode") for e in chart.iter(f"{C}numFmt")} - {"General"}
                assert next(chart.iter(f"{C}lang")).get("val").startswith(lang)
                assert all(e.get("val") == "0" for e in chart.iter(f"{C}overlay"))
                if b"barDir" in content and b"percentStacked" not in content:
                    ends = [next(chart.iter(f"{C}{end}")).get("val") for end in ("min", "max")]
                    assert ends == ["0", "100"]
    assert all(code.startswith("[$-42A]") for code in formats["vi"])
    assert not any(code.startswith("[$-42A]") for code in formats["en"])


def rendered(path: Path, folder: Path) -> list[list[tuple[str, float, float, float, float]]]:
    """The words of every page as LibreOffice lays them out, with their places in points."""
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    home = f"-env:UserInstallation=file://{folder}/office"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    laid = folder / "words.html"
    subprocess.run(["pdftotext", "-bbox", str(folder / f"{path.stem}.pdf"), str(laid)], check=True)
    pages = []
    for page in etree.fromstring(laid.read_bytes(), etree.HTMLParser(encoding="utf-8")).iter("page"):
        words = [
            (w.text or "", *(float(w.get(k)) for k in ("xmin", "ymin", "xmax", "ymax"))) for w in page.iter("word")
        ]
        pages.append([("", 0.0, 0.0, float(page.get("width")), float(page.get("height"))), *words])
    return pages


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_word_is_within_its_shape_as_libreoffice_lays_it_out(
    made: dict[str, Path], lang: str, tmp_path: Path
) -> None:
    from pptx import Presentation

    deck = Presentation(str(made[f"{lang}.pptx"]))
    pages = rendered(made[f"{lang}.pptx"], tmp_path)
    assert len(pages) == len(deck.slides)
    looked = 0
    for number, (slide, ((_, _, _, wide, high), *words)) in enumerate(zip(deck.slides, pages, strict=True), 1):
        assert all(x0 >= 0 and x1 <= wide and y0 >= 0 and y1 <= high for _, x0, y0, x1, y1 in words), number
        for shape in slide.shapes:
            if shape.has_text_frame:
                told = shape.text_frame.text
            elif shape.has_table:
                told = " ".join(cell.text_frame.text for row in shape.table.rows for cell in row.cells)
            else:
                continue
            left, top = shape.left / 12700 - 2, shape.top / 12700 - 3
            right, bottom = left + shape.width / 12700 + 4, top + shape.height / 12700 + 6
            inside = [w for w, x0, y0, x1, y1 in words if x0 >= left and x1 <= right and y0 >= top and y1 <= bottom]
            own = re.sub(r"\s", "", told)
            drawn = "".join(inside)
            assert not Counter(own) - Counter(drawn), (number, shape.name, told)
            looked += len(own)
    assert looked > 8000


BAD = {
    "one wave": dict(data=answers(waves=1)),
    "one ward": dict(data=answers(wards="B")),
    "no design": dict(design=False),
    "all suppressed": dict(data=answers(each=4)),
    "no pilot": dict(pilot=""),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", BAD)
def test_what_the_data_lack_still_makes_slides(case: str, tmp_path: Path) -> None:
    parts = 'parts = ["summary", "asked", "dimensions", "satisfaction", "pilot", "businesses", "limits", "suppressed"]'
    made = study(tmp_path / "study", **{"unit": f'{parts}\nunit = "ward"', **BAD[case]}).report(
        lang="vi", formats="pptx", folder=tmp_path / "out", progress=False
    )
    deck = Deck(made["vi.pptx"])
    charts = [name for name in deck.parts if name.startswith("ppt/charts/chart")]
    assert len(deck.slides) > 8
    assert bool(charts) == (case != "all suppressed")
    for one in deck.printed():
        table = pd.read_csv(made["numbers"] / f"{one.id.rsplit('.', 2)[0]}.vi.csv", encoding="utf-8-sig")
        assert same(one, table, "vi"), one
    said = "\n".join(text for _, text, _ in deck.texts())
    told = {
        "one wave": "Chỉ có một đợt khảo sát",
        "one ward": "chỉ có một phường",
        "no design": "không có quyền số và không có thông tin",
        "all suppressed": "kết quả không được công bố",
        "no pilot": "Không có dữ liệu khảo sát doanh nghiệp",
    }[case]
    assert told in said


def template(path: Path, *dropped: str) -> Path:
    """A template of 4:3 with a slide of its own, without some kinds of layouts."""
    from pptx import Presentation

    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[1]).shapes.title.text = "Old text"
    slides = deck.slides._sldIdLst
    for layout in list(deck.slide_layouts):
        if layout._element.get("type") in dropped:
            deck.part.drop_rel(slides[0].rId) if len(slides) else None
            for one in list(slides):
                slides.remove(one)
            deck.slide_layouts.remove(layout)
    deck.save(str(path))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("dropped", [(), ("secHead", "titleOnly", "obj", "blank", "vertTx")])
def test_a_template_keeps_its_size_and_layouts(dropped: tuple[str, ...], tmp_path: Path) -> None:
    from pptx import Presentation

    own = template(tmp_path / "office.pptx", *dropped)
    made = study(tmp_path / "study", unit='parts = ["summary", "dimensions", "limits"]\nunit = "ward"').report(
        lang="en", formats="pptx", template=own, folder=tmp_path / "out", progress=False
    )
    deck = Presentation(str(made["en.pptx"]))
    assert (deck.slide_width, deck.slide_height) == (9144000, 6858000)
    assert deck.slides[0].slide_layout.name == "Title Slide"
    said = "".join(text for _, text, _ in Deck(made["en.pptx"]).texts())
    assert "Old text" not in said and "Kindness" in said
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height


@pytest.mark.parametrize("content", [b"", b"no slides", None, "no title slide", "word"])
def test_a_template_that_does_not_serve_is_one_clear_error(content: bytes | str | None, tmp_path: Path) -> None:
    own = tmp_path / "own.pptx"
    if content == "no title slide":
        template(own, "title")
    elif content == "word":
        from docx import Document

        Document().save(str(own))
    elif isinstance(content, bytes):
        own.write_bytes(content)
    few = study(tmp_path / "study", unit='parts = ["limits"]\nunit = "ward"')
    with pytest.raises(ExportError, match="template") as caught:
        few.report(lang="vi", formats="pptx", template=own, folder=tmp_path / "out", progress=False)
    assert caught.value.expected and caught.value.fix
    assert not list((tmp_path / "out").rglob("*.pptx"))


def test_a_template_of_a_format_that_is_not_written_is_one_clear_error(tmp_path: Path) -> None:
    own = study(tmp_path / "study", unit='parts = ["limits"]\nunit = "ward"')
    for given in ("office.odp", ["one.pptx", "other.pptx"]):
        with pytest.raises(ExportError, match="template"):
            own.report(lang="vi", formats=["docx", "pptx"], template=given, folder=tmp_path / "out", progress=False)


def test_a_cell_of_a_report_longer_than_a_slide_is_cut_and_said_whole() -> None:
    long = ("dài " * 1250).strip()
    columns = (Column("Ý kiến", words=True), Column("n"))
    lines = tuple(Line("", name, (text, "5")) for name, text in (("A", long), ("B", "ngắn"), ("W" * 5000, "ngắn")))
    cells = tuple((tuple([Run(line.cells[0])]), (Run("5", "opinions.1.n"),)) for line in lines)
    room = Room(0.6, 1.6, 12.0, 5.0)
    pages = pages_of(Grid("Phường", columns, lines), cells, [(Run(line.name),) for line in lines], room)
    assert {text for page in pages for text in page.whole} == {long, "W" * 5000}
    assert all(height_of(page) <= room.height for page in pages)
    told = [text_of(row[0]) for page in pages for row in page.cells]
    assert told[0].endswith("…") and long.startswith(told[0][:-1]) and len(told[0]) > 500
    assert [row[1][0].evidence for page in pages for row in page.cells] == ["opinions.1.n"] * 3


@pytest.mark.slow
def test_a_paragraph_longer_than_a_slide_is_cut_and_in_the_notes(tmp_path: Path) -> None:
    long = ("Lời dài, " * 600).strip()
    report = f'parts = ["block:own"]\n[report.blocks.own]\nvi = """\n## Bối cảnh\n{long}\n"""\n'
    file = study(tmp_path / "s", report=report).report(
        lang="vi", formats="pptx", folder=tmp_path / "o", progress=False
    )["vi.pptx"]
    deck = Deck(file)
    notes = ["\n".join(paragraphs(deck.notes(i))) for i in range(len(deck.slides)) if deck.notes(i) is not None]
    assert any(long in text for text in notes)
    said = [text for slide in deck.slides for text in paragraphs(slide)]
    assert any(text.startswith("Lời dài,") and text.endswith("…") for text in said)
    for page in pages_of_pdf(as_pdf(file, tmp_path)):
        assert outside(page) == []


def test_whole_percentages_of_a_title_have_evidence_too() -> None:
    """By hand: 36 % and 19 % are rows 2 and 3 less 1; 10 wards are a count, and no estimate."""
    values = [17.4, 36.2, 36.3]
    runs = runs_of_title("Trong 10 phường: 36% và 19%", "budget", [(2,), (3, -1)], values, "vi")
    assert runs is not None
    told = {run.text: run.evidence for run in runs if run.evidence}
    assert told == {"36": "budget.2.estimate", "19": "budget.3-1.estimate"}
    assert runs_of_title("Chỉ 44%", "budget", [(2,)], values, "vi") is None

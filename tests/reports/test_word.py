"""Word documents: the layout of Decree 30/2020/ND-CP, contents that ask nothing, groups that name themselves.

The layout is that of annex I of the decree, "Thể thức, kỹ thuật trình bày văn bản hành chính", as
luatvietnam.vn (05/03/2020, 186-24146) and scribd.com/document/652855730 print it.
"""

from __future__ import annotations

import re
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import survey as sv
from office_files import as_pdf, outside, overlapping, pages_of
from small_study import study

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OFFICE = """
[report.office]
parent = "Thành phố X"
name = "Ủy ban nhân dân phường Y"
number = "12/BC-UBND"
place = "Phường Y"
date = "ngày 05 tháng 3 năm 2025"
position = "Chủ tịch"
signer = "Nguyễn Văn A"
recipients = "Như trên;\\nLưu: VT."
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an office, in Vietnamese."""
    folder = tmp_path_factory.mktemp("word")
    there = study(folder / "study", report=OFFICE)
    return there.report(lang="vi", formats="docx", folder=folder / "out", progress=False)["vi.docx"]


def runs_with(document: Any, text: str) -> list[Any]:
    """The runs of a document, in and outside of tables, whose text is this."""
    runs = document.element.body.iter(f"{W}r")
    return [r for r in runs if "".join(t.text or "" for t in r.iter(f"{W}t")) == text]


def half_points(run: Any) -> int:
    return int(run.find(f"{W}rPr/{W}sz").get(f"{W}val"))


@pytest.mark.slow
def test_page_and_letters_are_those_of_the_decree(file: Path) -> None:
    from docx import Document

    document = Document(str(file))
    # of the document, not of each section: annex I hides the number of "the first page" alone
    assert [s.different_first_page_header_footer for s in document.sections][:1] == [True]
    assert not any(s.different_first_page_header_footer for s in list(document.sections)[1:])
    for section in document.sections:
        sides = sorted((round(section.page_width.mm), round(section.page_height.mm)))
        assert sides == [210, 297]
        assert 20 <= round(section.top_margin.mm) <= 25 and 20 <= round(section.bottom_margin.mm) <= 25
        assert 30 <= round(section.left_margin.mm) <= 35 and 15 <= round(section.right_margin.mm) <= 20
        number = section.header.paragraphs[0]
        assert "PAGE" in number._p.xml and number.alignment == 1
        assert "PAGE" not in "".join(p._p.xml for p in section.first_page_header.paragraphs)
    normal = document.styles["Normal"]
    assert (normal.font.name, normal.font.size.pt) == ("Times New Roman", 13.0)
    assert 13 <= (document.styles["Header"].font.size or normal.font.size).pt <= 14
    assert normal.paragraph_format.space_after.pt >= 6


@pytest.mark.slow
def test_the_national_heading_is_that_of_the_decree(file: Path) -> None:
    from docx import Document

    document = Document(str(file))
    (nation,) = runs_with(document, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    (motto,) = runs_with(document, "Độc lập - Tự do - Hạnh phúc")
    assert 24 <= half_points(nation) <= 26 and nation.find(f"{W}rPr/{W}b") is not None
    assert 26 <= half_points(motto) <= 28 and motto.find(f"{W}rPr/{W}b") is not None
    above = nation.getparent()
    assert above.getnext() is motto.getparent()  # the motto stands right below
    for text in ("ỦY BAN NHÂN DÂN PHƯỜNG Y", "Số: 12/BC-UBND", "Phường Y, ngày 05 tháng 3 năm 2025"):
        assert runs_with(document, text), text
    assert runs_with(document, "NGUYỄN VĂN A") or runs_with(document, "Nguyễn Văn A")
    assert runs_with(document, "- Lưu: VT.")


@pytest.mark.slow
def test_opening_asks_nothing_and_contents_name_every_heading(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        body, settings = (archive.read(f"word/{name}.xml").decode() for name in ("document", "settings"))
    assert "w:dirty" not in body and "updateFields" not in settings
    from docx import Document

    document = Document(str(file))
    heads = [p.text for p in document.paragraphs if p.style.name in ("Heading 1", "Heading 2")]
    listed = [p.text.partition("\t")[0] for p in document.paragraphs if p.style.name.lower() in ("toc 1", "toc 2")]
    links = [
        "".join(t.text or "" for r in h.iter(f"{W}r") for t in r.iter(f"{W}t"))
        for h in document.element.body.iter(f"{W}hyperlink")
    ]
    assert len(listed) == len(heads) > 5
    assert all(any(link.startswith(head) for link in links) for head in heads)
    assert len(re.findall(r"PAGEREF", body)) >= len(heads)


@pytest.mark.slow
def test_notes_stand_on_the_page_of_their_table(file: Path) -> None:
    """By keepNext of the last row and of all notes but the last; the source stood alone on a page."""
    from docx import Document

    body = list(Document(str(file)).element.body)
    seen = 0
    for table, after in pairwise(body):
        if table.tag != f"{W}tbl" or "Note" not in _style(after):
            continue
        last = list(table.iter(f"{W}tr"))[-1]
        assert all(p.find(f"{W}pPr/{W}keepNext") is not None for p in last.iter(f"{W}p"))
        at = body.index(after)
        while "Note" in _style(body[at + 1]):
            assert body[at].find(f"{W}pPr/{W}keepNext") is not None
            at += 1
        seen += 1
    assert seen > 5


def _style(element: Any) -> str:
    found = element.find(f"{W}pPr/{W}pStyle") if element.tag == f"{W}p" else None
    return "" if found is None else str(found.get(f"{W}val"))


@pytest.mark.slow
def test_the_printed_report_has_no_text_on_text(file: Path, tmp_path: Path) -> None:
    pages = pages_of(as_pdf(file, tmp_path))
    assert 10 <= len(pages) <= 40
    found = [(i, overlapping(p)[:3], outside(p)[:3]) for i, p in enumerate(pages, 1) if overlapping(p) or outside(p)]
    assert found == []
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in pages[0].text and "Mục lục" in pages[0].text
    for i, page in enumerate(pages[1:], 2):
        assert page.words[0].text == str(i)  # the number, in the upper margin
        assert page.words[0].top < 20 / 25.4 * 72
    assert "Nơi nhận" in pages[-1].text


def repeated(row: Any) -> bool:
    return row.find(f"{W}trPr/{W}tblHeader") is not None


def keeps(row: Any) -> bool:
    mark = row.find(f"{W}tc/{W}p/{W}pPr/{W}keepNext")
    return mark is not None and mark.get(f"{W}val") != "0"


@pytest.mark.slow
def test_a_template_that_lacks_styles_is_given_them(tmp_path: Path) -> None:
    from docx import Document

    template = Document()
    gone = ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "Caption", "List Bullet", "Header")
    for style in list(template.styles):
        if style.name in gone:
            style.element.getparent().remove(style.element)
    template.save(str(tmp_path / "t.docx"))
    parts = 'scores = ["kindness", "speed"]\nparts = ["summary", "limits"]'
    made = study(tmp_path / "s", scores=parts).report(
        lang="vi", formats="docx", template=tmp_path / "t.docx", folder=tmp_path / "o", progress=False
    )
    used = {p.style.name for p in Document(str(made["vi.docx"])).paragraphs}
    assert {"Title", "Heading 1", "Caption", "List Bullet"} <= used


def grouped(cases: Any, wards: int, path: Path) -> Any:
    """A document with a table of two items by some wards."""
    from docx import Document

    names, shares = [f"W{i:02d}" for i in range(wards)], [0.3 + 0.01 * i for i in range(wards)]
    rows = pd.concat([cases.rows(item, shares, ward=names) for item in ("OV01", "OV02")], ignore_index=True)
    e = cases.made(rows, "proportion", ("ward",))
    return Document(str(sv.tables.to_docx(sv.tables.table(e, lang="en"), path)))


def test_long_groups_repeat_their_names_on_each_page(cases: Any, tmp_path: Path) -> None:
    """Two items of 20 wards each are two tables; the name of the item is a heading of each, below that of columns."""
    document = grouped(cases, 20, tmp_path / "a.docx")
    assert len(document.tables) == 2
    for table in document.tables:
        assert [repeated(row) for row in table._tbl.iter(f"{W}tr")] == [True, True] + [False] * 20
        assert len({cell._tc for cell in table.rows[1].cells}) == 1  # over all columns


def test_short_groups_stay_on_one_page_with_their_names(cases: Any, tmp_path: Path) -> None:
    """Two items of 5 wards: in one table, all rows but the last of each group stand with the next."""
    (table,) = grouped(cases, 5, tmp_path / "a.docx").tables
    rows = list(table._tbl.iter(f"{W}tr"))
    assert [repeated(row) for row in rows] == [True] + [False] * 12
    assert [keeps(row) for row in rows[1:6]] == [True] * 5 and not keeps(rows[6])
    assert [keeps(row) for row in rows[7:12]] == [True] * 5

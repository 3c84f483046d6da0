"""How a Word report looks: what earlier ones were seen to get wrong on paper, page after page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

import survey as sv
from exhibit_cases import Cases
from survey.narrative import Finding
from survey.reports import word_table
from survey.reports.document import Document, ExhibitBlock, WordTable, plain
from survey.reports.evidence import Run, runs_of_sentence
from survey.reports.page import page
from survey.reports.word import to_word
from survey.reports.word_widths import worded
from survey.tables._docx_widths import layout_of, line_width
from survey.tables._grid import Column, Grid, Line

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OFFICE = {
    "parent": {"vi": "Thành phố X"},
    "name": {"vi": "Ủy ban nhân dân phường Y"},
    "number": {"vi": "12/BC-UBND"},
    "place": {"vi": "Phường Y"},
    "date": {"vi": "ngày 05 tháng 3 năm 2025"},
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An office's report: a note above a figure, a table with an empty cell, and one between two that lie on a side."""
    from docx import Document as opened

    cases = Cases()
    wide = sv.tables.table(cases.answers(["FR01", "FR02"], k=11), lang="vi")
    drawn = sv.figures.likert(cases.answers(["FR01", "FR02"]), lang="vi")
    cells = tuple((Run(a), Run(b)) for a, b in (("một", "1"), ("hai", "")))
    table = WordTable("tab-own", "Bảng của báo cáo", ("Tên", "Số"), tuple(tuple((c,) for c in row) for row in cells))
    blocks = [
        plain("Mỗi hàng của hình dưới đây có giá trị p riêng.", "note"),
        ExhibitBlock("fig-a", drawn),
        plain("Các lựa chọn:"),
        plain("một lựa chọn", "item"),
        ExhibitBlock("tab-a", wide),
        table,
        replace(ExhibitBlock("tab-b", wide), series="A"),
        plain("Hết."),
    ]
    path = tmp_path_factory.mktemp("look") / "a.docx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_table, "_LETTERS", 12.0)  # so large that the table of eleven answers is turned
        to_word(Document.of("vi", "Báo cáo", True, "Nguồn", blocks), path, OFFICE)
    return opened(str(path))


def texts(element: Any) -> str:
    return "".join(t.text or "" for t in element.iter(f"{W}t"))


def test_only_the_first_page_of_all_has_no_number(document: Any) -> None:
    """Decree 30/2020, annex I, part I, section I, item 7; the first page of each section had none."""
    assert [s.different_first_page_header_footer for s in document.sections] == [True, *[False] * 4]
    wide = [s.page_width > s.page_height for s in document.sections]
    assert wide == [False, True, False, True, False]


def test_alternative_texts_begin_with_what_the_exhibit_is_called(document: Any) -> None:
    drawn = [e.get("descr") for e in document.element.body.iter() if e.tag.endswith("}docPr")]
    assert len(drawn) == 1 and drawn[0].startswith("Hình 1. ")
    described = [e.get(f"{W}val") for e in document.element.body.iter(f"{W}tblDescription")]
    assert [re.match(r"Bảng (A\.)?\d", d)[0] for d in described] == ["Bảng 1", "Bảng 2", "Bảng A.1"]  # type: ignore[index]


def test_pictures_stand_within_the_margins(document: Any) -> None:
    """LibreOffice puts 3 mm beside a picture that does not say how much."""
    (inline,) = (e for e in document.element.body.iter() if e.tag.endswith("}inline"))
    assert [inline.get(side) for side in ("distT", "distB", "distL", "distR")] == ["0"] * 4


def test_an_empty_cell_makes_no_row_higher(document: Any) -> None:
    """Its mark has the size of the letters of the table, not that of the text."""
    cells = [p for t in document.element.body.iter(f"{W}tbl") for p in t.iter(f"{W}p") if not texts(p)]
    marked = [p for p in cells if p.find(f"{W}pPr/{W}rPr/{W}sz") is not None]
    (own,) = (t for t in document.tables if "hai" in texts(t._tbl))
    (empty,) = (p for p in own._tbl.iter(f"{W}p") if not texts(p))
    assert empty in marked
    assert int(empty.find(f"{W}pPr/{W}rPr/{W}sz").get(f"{W}val")) <= 21


def test_what_leads_to_something_stays_on_its_page(document: Any) -> None:
    def kept(start: str) -> bool:
        (found,) = (p for p in document.element.body.iter(f"{W}p") if texts(p).startswith(start))
        return found.find(f"{W}pPr/{W}keepNext") is not None

    assert kept("Mỗi hàng của hình") and kept("Các lựa chọn:")
    assert not kept("một lựa chọn") and not kept("Hết.")


def test_titles_headings_and_paragraphs_are_those_of_the_decree(document: Any) -> None:
    """Annex I, part I, section II, items 5 and 6: 13-14 points, sections in capitals, first lines 1 or 1.27 cm in."""
    for name in ("Title", "Heading 1", "Heading 2", "Heading 3", "Normal"):
        assert 13 <= document.styles[name].font.size.pt <= 14, name
    assert document.styles["Heading 1"].font.all_caps and document.styles["Heading 1"].font.bold
    assert round(document.styles["Normal"].paragraph_format.first_line_indent.mm, 1) in (10.0, 12.7)
    assert document.styles["Caption"].paragraph_format.first_line_indent == 0


def test_the_head_of_the_decree_has_its_sizes_lines_and_places(document: Any) -> None:
    """Annex I, part I, section II, items 1 to 4: names 12-13 points, number and place on a line, three lines drawn."""
    head = document.tables[0]
    assert [texts(c._tc) for c in head.rows[1].cells] == ["Số: 12/BC-UBND", "Phường Y, ngày 05 tháng 3 năm 2025"]
    sizes = {
        texts(p): int(p.find(f"{W}r/{W}rPr/{W}sz").get(f"{W}val")) / 2 for p in head._tbl.iter(f"{W}p") if texts(p)
    }
    assert 12 <= sizes["ỦY BAN NHÂN DÂN PHƯỜNG Y"] <= 13 and 12 <= sizes["THÀNH PHỐ X"] <= 13
    assert sizes["Số: 12/BC-UBND"] == 13 and 13 <= sizes["Phường Y, ngày 05 tháng 3 năm 2025"] <= 14
    drawn = [p for p in document.element.body.iter(f"{W}p") if p.find(f"{W}pPr/{W}pBdr/{W}top") is not None]
    assert len(drawn) == 3  # below the office, the motto, and the title of the report
    below = next(p for p in drawn if p.getprevious() is not None and "Độc lập" in texts(p.getprevious()))
    indent = below.find(f"{W}pPr/{W}ind")
    long = 100 - 1 - sum(int(indent.get(f"{W}{side}")) for side in ("left", "right")) / 1440 * 25.4
    motto = "Độc lập - Tự do - Hạnh phúc"
    assert long == pytest.approx(line_width(motto, 13, bold=True), abs=0.1)  # as long as the motto


def log(rows: int) -> Grid:
    said = "8,425 missing codes emptied in 36 columns: blank 973, dont_know 3,928, refused 535, not_applicable 2,989"
    said += "; 24 codes outside the scale taken as blank: FR01 2, FR02 1, FR04 1, FR06 1, FR08 2, FR09 1, TR01 1"
    lines = [Line("", f"{i}. recode missing", (said, "8,449", "the same interview twice")) for i in range(rows)]
    return Grid(
        "Step", (Column("What was done", words=True), Column("Rows"), Column("Reason", words=True)), tuple(lines)
    )


def test_a_table_of_words_is_as_low_as_its_columns_can_make_it() -> None:
    """Names took 40 of 160 mm beside texts of four lines."""
    layout = worded(log(6), 160.0)
    assert sum(layout.widths) == pytest.approx(160.0)
    names, said, rows, reason = layout.widths
    assert said > 1.8 * max(names, reason)
    for text, width in (("recode", names), ("not_applicable", said), ("interview", reason), ("8,449", rows)):
        assert line_width(text, layout.size) < width - 2 * layout.margin


def test_names_and_words_share_what_numbers_leave() -> None:
    """The names of the permutation test of a Vietnamese report had 12 mm, a word a line."""
    heads = ("Chênh lệch (KTC 95%)", "Giá trị p", "p hiệu chỉnh", "p nhỏ nhất có thể")
    columns = [Column(head) for head in (*heads, "Tác động nhỏ nhất phát hiện được (lực kiểm định 80%)")]
    columns.append(Column("Nhóm phép so sánh", words=True))
    cells = ("+3,5 (−5,0 đến 12,0)", "0,278", "0,278", "0,028", "11,6", "tác động của mô hình thí điểm")
    lines = tuple(Line("", name, cells) for name in ("Thân thiện", "Minh bạch", "Hiệu lực, hiệu quả"))
    layout = layout_of(Grid("Nội dung đánh giá", tuple(columns), lines), 160.0)
    assert layout.widths[0] > 25
    assert layout.widths[1] > line_width(cells[0], layout.size) + 2 * layout.margin


def test_no_line_breaks_between_p_and_its_number(cases: Any) -> None:
    finding = sv.narrative.describe(cases.wards(), 0)
    assert " = " in finding.en
    said = "".join(run.text for run in runs_of_sentence(finding, "en", {}))
    assert "n\u00a0=\u00a0" in said and not re.search(r" = \d", said)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "3.5 points (95% confidence interval: 2.7 to 4.3; p = 0.028; adjusted p = 0.028)."),
        ("vi", "3,5 điểm (khoảng tin cậy 95%: từ 2,7 đến 4,3; p = 0,028; p hiệu chỉnh = 0,028)."),
        ("en", "3.5 points (95% confidence interval: 2.7 to 4.3; adjusted p = 0.028)."),
    ],
)
def test_numbers_alike_are_of_the_column_that_the_sentence_names(lang: str, text: str) -> None:
    """A lower end was of std_error where both were 2.7, an adjusted p of p_value where both were the same."""
    numbers = {"estimate": 3.5, "std_error": 2.7, "conf_low": 2.7, "conf_high": 4.3}
    numbers |= {"p_value": 0.028, "p_adjusted": 0.028}
    finding = Finding.of("a", {lang: text}, numbers)
    found = [r.evidence for r in runs_of_sentence(finding, lang, {k: k for k in numbers}) if r.evidence]
    p = ["p_value"] if text.count("0.028" if lang == "en" else "0,028") == 2 else []
    assert found == ["estimate", "conf_low", "conf_high", *p, "p_adjusted"]


def test_headings_of_the_page_break_at_no_bracket_and_no_hyphen(cases: Any) -> None:
    exhibit = sv.tables.table(cases.differences(), lang="en")
    made = page([Document.of("en", "R", False, "", [ExhibitBlock("tab-a", exhibit)])])
    heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", made)
    assert any("(95%\u00a0CI)" in head for head in heads)
    assert not any(re.search(r"\([^)]* [^)]*\)", head) for head in heads)
    assert all('class="whole"' in head for head in heads if "p-value" in head)

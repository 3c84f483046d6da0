"""Tables: what stands in which cell, in HTML, Word, Excel and PowerPoint."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from hard_layouts import HARD_TABLES
from survey import ExportError
from survey.tables._docx_widths import layout_of, unbroken
from survey.tables._grid import Column, Grid, Line, grid_of

WARDS = [f"P{i:02d}" for i in range(1, 11)]


class Cells(HTMLParser):
    """Texts of the cells of a table, row by row."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data.strip()


def test_two_waves_stand_side_by_side(cases: Any) -> None:
    grid = grid_of(sv.tables.table(cases.wards(), lang="vi"))
    assert grid.stub == "Phường"
    assert [(c.spanner, c.label) for c in grid.columns] == [
        ("Tháng 8/2023", "% (KTC 95%)"),
        ("Tháng 8/2023", "n"),
        ("Tháng 6/2024", "% (KTC 95%)"),
        ("Tháng 6/2024", "n"),
    ]
    assert grid.lines[0].name == "Phường Đông Hải"
    assert grid.lines[0].cells == ("50,0 (46,0–54,0)", "150", "51,0 (47,0–55,0)", "150")
    assert len(grid.lines) == 10


def test_answers_stand_side_by_side_with_their_intervals_below(cases: Any) -> None:
    grid = grid_of(sv.tables.table(cases.answers(["OV01"], ward=WARDS), lang="en"))
    assert [c.label for c in grid.columns] == [cases.book.label("OV01", a, "en") for a in range(1, 6)] + ["n"]
    # 1 3 5 1 3 of 13
    assert grid.lines[0].cells[0] == "7.7\n(3.7–11.7)"
    assert grid.lines[0].cells[-1] == "1,500"


def test_shares_have_dont_knows_and_refusals_beside_them_where_anybody_gave_them(cases: Any) -> None:
    shares, wards = [0.5, 0.6, 0.55, 0.65, 0.5, 0.5], ["P01", "P01", "P02", "P02", "P03", "P03"]
    rows = cases.rows("OV01", shares, ward=wards, wave=[1, 2, 1, 2, 1, 2]).assign(n=[150, 150, 12, 150, 140, 140])
    rows = rows.assign(dont_know=[0.08, 0.1, 0.3, 0.0, 0.1, 0.1], refused=[0.0, 0.0002, 0.0, 0.0, 0.0, 0.0])
    wide = sv.tables.table(cases.made(rows, "proportion", ("ward", "wave")), lang="vi")
    grid = grid_of(wide)
    assert [c.label for c in grid.columns] == ["% (KTC 95%)", "n", "Không biết, %"] * 2  # nobody refused, as printed
    assert grid.lines[0].cells == ("50,0 (46,0–54,0)", "150", "8,0", "60,0 (56,0–64,0)", "150", "10,0")
    assert grid.lines[1].cells[:3] == ("n < 30", "<\N{NO-BREAK SPACE}30", "–")  # hidden with its row
    assert grid.lines[2].cells[:3] == ("ẩn kèm", "–", "–")
    assert "Không biết: % người được hỏi, không thuộc thang đo" in " ".join(wide.notes)
    assert "Từ chối" not in " ".join(wide.notes)
    one = rows[rows["wave"] == 2].drop(columns="wave").assign(refused=[0.02, 0.01, 0.01])
    long = grid_of(sv.tables.table(cases.made(one, "proportion", ("ward",)), lang="en"))
    assert [c.label for c in long.columns] == ["% (95% CI)", "n", "Don’t know, %", "Refused, %"]
    assert long.lines[0].cells == ("60.0 (56.0–64.0)", "150", "10.0", "2.0")
    none = sv.tables.table(cases.made(rows.assign(dont_know=0.0), "proportion", ("ward", "wave")), lang="vi")
    assert [c.label for c in grid_of(none).columns] == ["% (KTC 95%)", "n"] * 2


def test_the_dont_know_share_has_a_column_and_is_suppressed_with_its_row(cases: Any) -> None:
    exhibit = sv.tables.table(cases.hard_answers(), lang="en")
    grid = grid_of(exhibit)
    assert grid.columns[-1].label == "Don’t know, %"
    assert [line.cells[-1] for line in grid.lines][:3] == ["2.0", "4.0", "–"]
    assert any("not a point of the scale" in note for note in exhibit.notes)


def test_eleven_answers_leave_no_room_for_intervals(cases: Any) -> None:
    exhibit = sv.tables.table(cases.answers(["OV02"], 11, 0, wave=[1, 2]))
    grid = grid_of(exhibit)
    assert len(grid.columns) == 12
    assert all("(" not in cell for line in grid.lines for cell in line.cells)
    assert not any("khoảng tin cậy" in note for note in exhibit.notes)


def test_items_on_different_scales_have_a_row_an_answer(cases: Any) -> None:
    parts = [cases.answers(["OV01"]).table, cases.answers(["TR08"], 2, 0).table]
    grid = grid_of(sv.tables.table(cases.made(pd.concat(parts, ignore_index=True), "distribution"), lang="en"))
    assert [(line.group, line.name) for line in grid.lines][-2:] == [
        ("Know where to complain?", "No"),
        ("Know where to complain?", "Yes"),
    ]
    assert len(grid.lines) == 7


def test_differences_have_a_p_value_and_percentage_points(cases: Any) -> None:
    exhibit = sv.tables.table(cases.differences(), lang="vi")
    grid = grid_of(exhibit)
    assert grid.stub == "Phường"
    head = [c.label for c in grid.columns]
    assert head == ["Thay đổi từ tháng 8/2023 đến tháng 6/2024 (KTC 95%)", "Giá trị p"]
    assert exhibit.unit == "Đơn vị: điểm phần trăm" and exhibit.footing[0] == exhibit.unit
    assert grid.lines[1].name == "Phường An Phú"
    assert grid.lines[1].cells[0].startswith("+1,0 (−")


def test_the_p_value_of_a_ratio_is_not_shown(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", [0.4, 0.6], wave=[1, 2]), "proportion", ("wave",))
    grid = grid_of(sv.tables.table(e.contrast({"a": "`2` - `1`", "b": "`2` / `1`"})))
    assert grid.lines[0].cells[1] != "–"
    assert grid.lines[1].cells[1] == "–"  # it would ask whether the ratio is 0


def test_items_in_different_units_say_theirs(cases: Any) -> None:
    parts = [cases.rows("EF01", 20.0, se=1.0), cases.rows("friendliness", 60.0, se=1.0)]
    grid = grid_of(sv.tables.table(cases.made(pd.concat(parts, ignore_index=True), "mean"), lang="en"))
    assert [line.name for line in grid.lines] == ["Minutes waited? (minutes)", "Friendliness (points, scale 0–100)"]


def test_small_and_missing_numbers(cases: Any) -> None:
    lines = grid_of(sv.tables.table(cases.hard(), lang="en")).lines
    assert lines[1].cells[2:] == ("–", "0")
    assert lines[2].cells[2:] == ("n < 30", "<\N{NO-BREAK SPACE}30")
    assert lines[4].cells[1] == "41*†"  # its interval of 41 answers is 0.31 wide
    assert lines[5].cells[0] == "0.0 (0.0–3.0)"
    assert lines[6].cells[0] == "62.0"  # an estimate without an interval


def test_digits_asked_for(cases: Any) -> None:
    assert grid_of(sv.tables.table(cases.wards(), digits=0)).lines[0].cells[0] == "50 (46–54)"
    assert grid_of(sv.tables.table(cases.wards(), digits=2)).lines[0].cells[0] == "50,00 (46,00–54,00)"


def test_html_has_every_cell_its_words_and_one_id(cases: Any) -> None:
    exhibit = sv.tables.table(cases.wards(), lang="en", title="A <b>", caption="Below.")
    html = exhibit._repr_html_()
    rows = Cells(html).rows
    assert ["Đông Hải ward", "50.0 (46.0–54.0)", "150", "51.0 (47.0–55.0)", "150"] in rows
    assert "A &lt;b&gt;" in html
    assert "<b>" not in html
    assert 'scope="row"' in html
    assert "simulated data" in html
    assert html == exhibit._repr_html_()
    assert html.startswith('<section lang="en">')


def test_labels_cannot_break_out_of_the_page(cases: Any) -> None:
    labels = {"OV01": "<script>alert(1)</script>", "FR01": "&amp; <i>"}
    e = cases.made(pd.concat([cases.rows("OV01", 0.5), cases.rows("FR01", 0.5)], ignore_index=True), "proportion")
    html = sv.tables.table(e, labels=labels)._repr_html_()
    assert "<script>" not in html
    assert "<i>" not in html


def _docx(path: Path) -> Any:
    from docx import Document

    return Document(str(path))


def test_a_word_table_is_a_table_with_caption_language_and_source(cases: Any, tmp_path: Path) -> None:
    from docx.oxml.ns import qn

    exhibit = sv.tables.table(cases.wards(), title="Hài lòng", caption="Mười phường.")
    document = _docx(sv.tables.to_docx(exhibit, tmp_path / "a.docx"))
    table = document.tables[0]
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    assert texts[0] == ["Phường", "Tháng 8/2023", "Tháng 8/2023", "Tháng 6/2024", "Tháng 6/2024"]
    assert texts[2] == ["Phường Đông Hải", "50,0 (46,0–54,0)", "150", "51,0 (47,0–55,0)", "150"]
    assert len(texts) == 12
    assert [p.text for p in document.paragraphs if p.text][1:] == [
        "Mười phường. Dữ liệu mô phỏng.",
        "Đơn vị: %",
        "Ghi chú: " + " ".join(exhibit.notes),
        exhibit.source,
    ]
    caption = next(p for p in document.paragraphs if p.style.name == "Caption")
    assert "SEQ Bảng" in caption._p.xml
    assert "".join(t.text or "" for t in caption._p.iter(qn("w:t"))) == "Bảng 1. Hài lòng"
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows][:3] == [True, True, False]
    assert {x.get(qn("w:val")) for x in document.styles.element.iter(qn("w:lang"))} == {"vi-VN"}
    assert sum(cell.width for cell in table.rows[2].cells) <= 160.5 * 36000  # EMU in a mm
    assert document.core_properties.title == "Hài lòng"


def test_several_exhibits_are_numbered_by_kind(cases: Any, tmp_path: Path) -> None:
    from docx.oxml.ns import qn

    e = cases.wards()
    path = sv.tables.to_docx(
        [sv.figures.intervals(e, lang="en"), sv.tables.table(e, lang="en"), sv.tables.table(e, lang="en", title="B")],
        tmp_path / "report.docx",
    )
    document = _docx(path)
    captions = [
        "".join(t.text or "" for t in p._p.iter(qn("w:t"))) for p in document.paragraphs if p.style.name == "Caption"
    ]
    assert [c.split(".")[0] for c in captions] == ["Figure 1", "Table 1", "Table 2"]
    shape = document.inline_shapes[0]
    # of several exhibits, so that who only hears the text knows which it is of
    assert shape._inline.docPr.get("descr") == f"Figure 1. {sv.figures.intervals(e, lang='en').alt}"
    described = [d.get(qn("w:val")) for d in document.element.body.iter(qn("w:tblDescription"))]
    assert [d.split(". ")[0] for d in described] == ["Table 1", "Table 2"]
    assert described[1].startswith("Table 2. B. ") and described[0].endswith("Simulated data.")
    assert shape.width.mm == pytest.approx(160, abs=0.1)


def test_groups_have_a_row_of_their_own_in_word(cases: Any, tmp_path: Path) -> None:
    e = cases.answers(["FR01", "FR02"], wave=[1, 2])
    document = _docx(sv.tables.to_docx(sv.tables.table(e, lang="en"), tmp_path / "a.docx"))
    first = [row.cells[0].text for row in document.tables[0].rows]
    assert first[2:] == [
        "How often did ward staff speak gently?",
        "August 2023",
        "June 2024",
        "How often did staff hear you out?",
        "August 2023",
        "June 2024",
    ]


def _sheet(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    rows: list[list[Any]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return rows


def test_a_workbook_holds_numbers_with_every_digit(cases: Any, tmp_path: Path) -> None:
    e = cases.made(cases.rows("OV01", [1 / 3, 2 / 3], wave=[1, 2]), "proportion", ("wave",))
    rows = _sheet(sv.tables.to_xlsx(sv.tables.table(e, lang="en", title="T"), tmp_path / "a.xlsx"))
    assert rows[0][0] == "T"
    assert rows[3] == ["Item", "Wave", "Estimate", "95% CI, lower", "95% CI, upper", "n", "Standard error", "Status"]
    assert rows[4][:3] == ["Overall satisfaction?", "August 2023", 1 / 3]
    assert rows[5][2] == 2 / 3
    assert "Source: Trial survey (simulated data)" in [row[0] for row in rows]


def test_a_workbook_leaves_out_what_may_not_be_shown(cases: Any, tmp_path: Path) -> None:
    rows = _sheet(sv.tables.to_xlsx(sv.tables.table(cases.hard()), tmp_path / "a.xlsx"))
    row = rows[4 + 5]
    assert row[3:6] == ["", "", ""]
    assert row[6] == "< 30"
    assert rows[4 + 3][3] == ""  # no estimate


def test_sheets_have_names_that_excel_takes(cases: Any, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    e = cases.wards()
    tables = [
        sv.tables.table(e, name="a/b:c*?[x]'" + "y" * 40),
        sv.tables.table(e, name="t"),
        sv.tables.table(e, name="T"),
    ]
    names = CalamineWorkbook.from_path(str(sv.tables.to_xlsx(tables, tmp_path / "a.xlsx"))).sheet_names
    assert names[0] == "Mục lục"  # the contents, before a sheet for each table
    assert len(names) == len({n.lower() for n in names}) == 4
    assert max(map(len, names)) <= 31


def test_slides_hold_charts_and_real_tables(cases: Any, tmp_path: Path) -> None:
    from pptx import Presentation

    e = cases.made(
        cases.rows("OV01", np.linspace(0.3, 0.6, 20), ward=[f"W{i}" for i in range(20)]), "proportion", ("ward",)
    )
    figure = sv.figures.intervals(cases.wards(), lang="en", name="fig")
    deck = Presentation(str(sv.tables.to_pptx([figure, sv.tables.table(e, lang="en", title="T")], tmp_path / "a.pptx")))
    slides = list(deck.slides)
    assert [s.shapes.title.text for s in slides] == [figure.title, "T (1/2)", "T (2/2)"]
    (frame,) = (s for s in slides[0].shapes if s.has_chart)
    assert frame._element.nvGraphicFramePr.cNvPr.get("descr") == figure.alt
    assert frame.top + frame.height < deck.slide_height
    assert frame.left + frame.width < deck.slide_width
    assert not [s for s in slides[0].shapes if s.shape_type == 13]
    rows = [[c.text for c in r.cells] for s in slides[1:] for sh in s.shapes if sh.has_table for r in sh.table.rows]
    assert rows[1] == ["W0", "30.0 (26.0–34.0)", "150"]
    assert len(rows) == 22
    assert any("simulated data" in sh.text_frame.text for sh in slides[1].shapes if sh.has_text_frame)


@pytest.mark.parametrize("verb", ["to_docx", "to_xlsx", "to_pptx"])
def test_documents_refuse_nothing_and_wrong_names(cases: Any, tmp_path: Path, verb: str) -> None:
    write = getattr(sv.tables, verb)
    with pytest.raises(ExportError, match="nothing to write"):
        write([], tmp_path / f"a.{verb[3:]}")
    with pytest.raises(ExportError, match="The file name has the wrong extension"):
        write(sv.tables.table(cases.wards()), tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------- columns of Word tables


def widths_of(path: Path) -> list[tuple[float, list[float], list[list[str]]]]:
    """Of each table of a document: points of its letters, mm of its columns, texts of its cells."""
    from docx import Document

    found = []
    for table in Document(str(path)).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        size = table.rows[-1].cells[-1].paragraphs[0].runs[0].font.size.pt
        found.append((size, [column.width.mm for column in table.columns], rows))
    return found


def test_no_number_of_a_word_table_is_broken(cases: Any, tmp_path: Path) -> None:
    """The default widths of Times: a digit is half the size of the letters; cells have a margin of 1 mm or more."""
    many = cases.answers(["OV02"], 11, 0, wave=[1, 2])
    many = many.with_table(many.table.assign(dont_know=0.069, refused=0.046, n=1121))
    e = [many, cases.answers(["OV01"], ward=WARDS), cases.wards(), cases.wards(share=False)]
    for lang in ("vi", "en"):
        sv.tables.to_docx([sv.tables.table(x, lang=lang) for x in e], tmp_path / "tables.docx")
        for size, widths, rows in widths_of(tmp_path / "tables.docx"):
            assert sum(widths) == pytest.approx(160, abs=0.5)
            for row in rows[2:]:
                for text, width in list(zip(row, widths, strict=True))[1:]:
                    for part in text.split("\n"):
                        digits = sum(c.isdigit() for c in part)
                        assert 0.5 * digits * size * 25.4 / 72 + 2.0 <= width, (part, width, size)


def test_headings_of_a_word_table_keep_their_words(cases: Any, tmp_path: Path) -> None:
    table = cases.answers(["OV02"], 11, 0, wave=[1, 2])
    table = table.with_table(table.table.assign(dont_know=0.069, refused=0.046, n=1121))
    for lang in ("vi", "en"):
        sv.tables.to_docx(sv.tables.table(table, lang=lang), tmp_path / "tables.docx")
        ((size, widths, rows),) = widths_of(tmp_path / "tables.docx")
        for text, width in zip(rows[1], widths, strict=True):
            longest = max(len(word) for word in text.split(" "))
            assert 0.45 * longest * size * 25.4 / 72 + 2.0 <= width, (text, width)
    assert size >= 7


@pytest.mark.slow
@pytest.mark.parametrize("kind", HARD_TABLES)
def test_every_kind_of_table_can_be_made_of_hard_studies(kind: str) -> None:
    """Rows of the page have cells, in both languages; a cell without a number says why."""
    for case, make in HARD_TABLES[kind].items():
        for lang in ("vi", "en"):
            rows = Cells(make().in_language(lang).html()).rows
            assert len(rows) > 1 and any(len(row) > 1 for row in rows), (case, lang)


def test_a_table_wider_than_its_page_gets_smaller_letters_and_stays_on_it() -> None:
    words = tuple(Column("Telekommunikation", "") for _ in range(9))
    wide = Grid("Nhóm", words, (Line("", "Tên", ("12,3 (10,1–14,5)",) * 9),))
    layout = layout_of(wide, 160.0)
    assert layout.size == 7 and sum(layout.widths) == pytest.approx(160)
    few = layout_of(Grid("Nhóm", words[:2], (Line("", "Tên", ("1", "2")),)), 160.0)
    assert few.size == 10.5 and few.widths[0] > few.widths[1]


def test_units_and_short_brackets_of_headings_stay_together() -> None:
    assert unbroken("Chênh lệch (KTC 95%)") == "Chênh lệch (KTC\N{NO-BREAK SPACE}95%)"
    assert unbroken("Từ chối, %") == "Từ chối,\N{NO-BREAK SPACE}%" and unbroken("Refused, %") == "Refused, %"


class TestWhatWasComparedWithWhat:
    """A number cannot be read without its other side: each table of a test names both, whatever its title."""

    def sample(self) -> sv.Sample:
        rows = pd.DataFrame(
            {
                "q": [1, 2, 2, 3, 4, 5, 5, 4] * 20,
                "other": [2, 2, 3, 3, 3, 4, 5, 5] * 20,
                "sex": pd.Categorical(["m", "m", "f", "m", "f", "f", "m", "f"] * 20, ["m", "f"], ordered=True),
                "age": [1, 1, 2, 2, 3, 3, 3, 1] * 20,
            }
        )
        return sv.Sample(rows, weights=None)

    def grid(self, e: Any, lang: str = "en") -> Grid:
        return grid_of(sv.tables.table(e, lang=lang, title="of its own"))

    def test_the_groups_of_a_rank_test_are_named(self) -> None:
        """Which group answers higher stands in the heading alone."""
        grid = self.grid(self.sample().rank_test("q", by="sex"))
        assert [(c.spanner, c.label) for c in grid.columns] == [("q", "f − m")]
        both = self.grid(self.sample().rank_test(["q", "other"], by="sex"), "vi")
        assert [(c.spanner, c.label) for c in both.columns] == [("q", "f − m"), ("other", "f − m")]

    def test_the_value_of_a_t_test_is_told(self) -> None:
        e = self.sample().t_test("q", value=2.5)
        assert [line.name for line in self.grid(e).lines] == ["q (against 2.50)"]
        assert [line.name for line in self.grid(e, "vi").lines] == ["q (so với 2,50)"]
        assert sv.tables.table(e, lang="vi").subtitle == "Kiểm định so với một giá trị: q (2,50)."
        share = self.sample().t_test("q", value=0.5, levels=[4, 5])
        assert [line.name for line in self.grid(share).lines] == ["q (against 50.0%)"]

    def test_a_gap_names_its_two_items_in_their_order(self) -> None:
        e = self.sample().gap("q", "other")
        assert [line.name for line in self.grid(e).lines] == ["q − other"]
        assert sv.tables.table(e, lang="en").subtitle == "Gap between two items: q − other."

    def test_a_trend_is_a_change_per_step(self) -> None:
        e = self.sample().trend("q", by="age")
        assert self.grid(e).columns[0].label == "Change per step (95% CI)"
        assert self.grid(e, "vi").columns[0].label == "Thay đổi mỗi bậc (KTC 95%)"

    def test_a_verdict_of_equivalence_tells_its_margin(self) -> None:
        """The verdict is of the margin: without it "equivalent" says nothing."""
        e = self.sample().compare("q", by="sex", margin=4)
        assert [c.label for c in self.grid(e).columns][-1] == "Verdict (margin ±4.00)"
        uneven = self.sample().compare("q", by="sex", margin=(-4, 3))
        assert [c.label for c in self.grid(uneven, "vi").columns][-1] == "Kết luận (biên từ −4,00 đến +3,00)"
        two = self.grid(self.sample().compare(["q", "other"], by="sex", margin={"q": 4, "other": 3.5}))
        assert two.columns[-1].label == "Verdict"
        assert [line.cells[-1] for line in two.lines] == [
            "different, but within the margin (margin ±4.00)",
            "different, but within the margin (margin ±3.50)",
        ]
        assert "Verdict (margin ±4.00)" in e.to_text(lang="en")

    def test_a_comparison_of_all_answers_stands_together(self) -> None:
        """In Word each change of group is a heading: three, and not one above each of 15 rows."""
        grid = self.grid(self.sample().compare("q", by="age", statistic="distribution"))
        groups = [line.group for line in grid.lines]
        assert groups == [name for name in dict.fromkeys(groups) for _ in range(5)]
        assert [line.name for line in grid.lines] == ["1", "2", "3", "4", "5"] * 3

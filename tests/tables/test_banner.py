"""Banner and indicator tables as exhibits: what is shown, hidden and lettered, the same in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

import survey as sv
from hard_layouts import HARD_TABLES
from survey.errors import ExportError
from survey.tables._docx_widths import line_width, unbroken
from survey.tables._grid import grid_of
from survey.tables._pptx_table import table_pages
from survey.tables._slide_frame import Room

SCALE = {k: {"vi": f"mức {k}", "en": f"level {k}"} for k in range(1, 6)}
WARDS = {k: {"vi": f"P{k}", "en": f"W{k}"} for k in range(1, 6)}
AGES = {1: {"vi": "trẻ", "en": "young"}, 2: {"vi": "già", "en": "old"}, 3: {"vi": "rất già", "en": "very old"}}


@pytest.fixture(scope="module")
def sample() -> sv.Sample:
    """Simulated people of whom the old are more content; 40 are very old (few), 12 live in ward 4 (too few)."""
    rng = np.random.default_rng(7)
    n = 452
    age = np.r_[np.repeat([1, 2], 206), np.repeat(3, 40)]
    ward = np.r_[np.tile([1, 2, 3], 135)[:404], np.repeat(5, 36), np.repeat(4, 12)]  # 5 goes with 4
    y = np.clip(rng.integers(1, 6, n) + (age > 1), 1, 5)
    z = np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 6, n))
    book = sv.Codebook(
        {
            "y": sv.Variable("y", "ordinal", {"vi": "Hài lòng", "en": "Satisfaction"}, SCALE, direction=1),
            "z": sv.Variable("z", "ordinal", {"vi": "Tin tưởng", "en": "Trust"}, SCALE, direction=1),
            "age": sv.Variable("age", "ordinal", {"vi": "Tuổi", "en": "Age"}, AGES),
            "ward": sv.Variable(
                "ward",
                "nominal",
                {"vi": "Phường", "en": "Ward"},
                {k: {"vi": f"P{k}", "en": f"W{k}"} for k in range(1, 6)},
            ),
        },
        simulated=True,
    )
    data = pd.DataFrame({"y": y, "z": z, "age": age, "ward": ward, "w": 1 + rng.random(n), "psu": np.arange(n) // 4})
    return sv.Sample(sv.Responses(data, book), weights="w", psu="psu")


@pytest.fixture(scope="module")
def banner(sample: sv.Sample) -> Any:
    """Two items by age and ward."""
    e = sample.distribution(["y", "z"], over=["everyone", "age", "ward"])
    return sv.tables.banner(e, lang="en", name="banner")


def test_columns_stand_under_their_breakdowns_with_letters(banner: Any) -> None:
    columns = banner.once(grid_of).columns
    assert [(c.spanner, c.head) for c in columns] == [
        ("", "Everyone"),
        *(("Age", f"{name} ({letter})") for name, letter in (("young", "A"), ("old", "B"), ("very old", "C"))),
        *(("Ward", f"W{k} ({letter})") for k, letter in ((1, "D"), (2, "E"), (3, "F"))),
    ]


def test_rows_have_bases_answers_sums_and_the_mean(banner: Any, sample: sv.Sample) -> None:
    lines = [line for line in banner.once(grid_of).lines if line.group == "Satisfaction"]
    assert [line.name for line in lines] == [
        *("Base, answers (n)", "Base, weighted", "Base, effective"),
        *(f"level {k}" for k in range(1, 6)),
        *("Top 2: level 4 + level 5", "Bottom 2: level 1 + level 2", "Mean (scale 1–5)"),
    ]
    assert lines[0].cells[:4] == ("452", "206", "206", "40*")
    top = sample.proportion("y", top=2, over=["everyone", "age", "ward"]).table["estimate"].to_numpy()
    shown = [k for k, x in enumerate(lines[8].numbers) if x]
    assert len(shown) >= 5  # of a ward that would tell the hidden one, it is hidden too
    np.testing.assert_allclose([lines[8].numbers[k][0] for k in shown], top[shown], rtol=1e-9)  # ten digits
    assert lines[10].letters[1:3] == ("", "A")  # the old are more content than the young


def test_a_column_that_may_not_be_shown_is_named_and_left_out_of_every_file(banner: Any, tmp_path: Path) -> None:
    from docx import Document

    note = "Columns left out, as they have no result that may be shown: Ward, W4; Ward, W5."
    assert note in banner.notes
    files = sv.export(banner, formats=["csv", "docx", "html", "xlsx", "pptx"], folder=tmp_path)
    frame = pd.read_csv(files["csv"])
    gone = frame[frame["column"] == "W4"]
    assert set(gone["status"]) == {"suppressed"}
    assert gone[["estimate", "std_error", "n", "population", "n_eff"]].isna().all(axis=None)
    table = Document(str(files["docx"])).tables[0]
    assert not any("W4" in cell.text for cell in table.rows[1].cells)


def test_a_banner_of_which_nothing_may_be_shown_says_so(sample: sv.Sample, tmp_path: Path) -> None:
    few = sv.tables.banner(sample.distribution("y", by="age", where="ward == 4"), lang="en", name="few")
    lines = few.once(grid_of).lines
    assert set(lines[0].cells) <= {"<\u00a030", "–"} and all(set(line.cells) == {"–"} for line in lines[1:])
    sv.export(few, formats=["csv", "xlsx", "docx"], folder=tmp_path)


def test_no_groups_no_banner(sample: sv.Sample) -> None:
    with pytest.raises(ExportError, match="groups side by side"):
        sv.tables.banner(sample.distribution("y"))
    with pytest.raises(ExportError, match="base"):
        sv.tables.banner(sample.distribution("y", by="age"), bases="people")
    with pytest.raises(ExportError, match="estimates by groups"):
        sv.tables.banner(sample.weight_diagnostics())


def test_means_have_a_row_an_item_under_bases_of_their_own(sample: sv.Sample) -> None:
    table = sv.tables.banner(sample.mean(["y", "z"], by="age"), lang="vi", bases="n")
    lines = table.once(grid_of).lines
    assert [line.name for line in lines] == ["Số câu trả lời (n)", "Hài lòng", "Số câu trả lời (n)", "Tin tưởng"]
    assert [c.spanner for c in table.once(grid_of).columns] == ["Tuổi"] * 3


def test_a_wide_banner_is_cut_into_blocks_that_repeat_everyone(sample: sv.Sample, tmp_path: Path) -> None:
    """Forty columns: no block is wider than its page, every column stands in one, everyone in all."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from pptx import Presentation

    data = sample.data.assign(place=np.arange(len(sample)) % 12 + 1)
    made = sv.Sample(sv.Responses(data, sample.codebook), weights="w", psu="psu")
    e = made.distribution("y", over=["everyone", "place", ["age", "place"], "ward"])
    wide = sv.tables.banner(e, lang="en", suppress_below=0, flag_below=0)
    heads = [c.head for c in wide.once(grid_of).columns]
    assert len(heads) > 45
    document = Document(str(sv.tables.to_docx(wide, tmp_path / "a.docx")))
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    found = [[cell.text for cell in table.rows[1].cells] for table in document.tables]
    assert all(row[1] == "Everyone" for row in found)
    assert [text.replace("\u00a0", " ") for row in found for text in row[2:]] == heads[1:]
    room = section.page_width - section.left_margin - section.right_margin
    assert all(sum(c.width for c in t.columns) <= room * 1.001 for t in document.tables)
    deck = Presentation(str(sv.tables.to_pptx(wide, tmp_path / "a.pptx")))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width
            if shape.has_table:
                assert sum(c.width for c in shape.table.columns) <= shape.width * 1.01


def test_names_of_rows_have_room_and_words_of_headings_are_whole_beside_many_columns(tmp_path: Path) -> None:
    """Wards of five words: each line of names gets 40 mm before headings are made low, and no word is broken."""
    from docx import Document

    wide = HARD_TABLES["banner"]["twelve items, forty groups"]()
    document = Document(str(sv.tables.to_docx(wide, tmp_path / "a.docx")))
    assert all(t.columns[0].width.mm >= 39.9 for t in document.tables)
    for page in table_pages(wide, Room(0.4, 1.2, 12.5, 4.5)):
        assert page.widths[0] >= 39.9
        for column, width in zip(page.grid.columns, page.widths[1:], strict=True):
            longest = max(line_width(word, 1.2 * page.size, bold=True) for word in unbroken(column.head).split(" "))
            assert longest + 3.2 <= width


def test_a_sheet_too_wide_for_a_page_is_printed_on_pages_side_by_side_with_its_names(tmp_path: Path) -> None:
    """Forty wards of 12 letters and more are 1.2 m of columns: on one page, letters of 2 points."""
    wide = load_workbook(sv.tables.to_xlsx(HARD_TABLES["banner"]["twelve items, forty groups"](), tmp_path / "a.xlsx"))
    sheet = wide.worksheets[-1]
    assert len(sheet.col_breaks.brk) >= 1 and not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.scale >= 47
    assert sheet.print_title_cols == "$A:$B"
    title = next(cells for cells in sheet.merged_cells.ranges if cells.min_row == 1)
    assert title.max_col < sheet.max_column / 2  # whole on the first page
    narrow = load_workbook(sv.tables.to_xlsx(HARD_TABLES["banner"]["eleven points"](), tmp_path / "b.xlsx"))
    assert not narrow.worksheets[-1].col_breaks.brk and narrow.worksheets[-1].page_setup.fitToWidth in (None, 1)
    assert not narrow.worksheets[-1].print_title_cols


def test_indicators_name_their_lowest_and_highest_unit(sample: sv.Sample) -> None:
    e = sample.mean(["y", "z"], over=["everyone", "ward"])
    table = sv.tables.indicators(e, lang="en")
    shown = ~table.rows()["status"].isin(("suppressed", "empty"))  # too small, or telling what is
    units = e.table[(e.table["item"] == "y") & (e.table["breakdown"] == "ward") & shown]
    line = table.once(grid_of).lines[0]
    low, high = units.loc[units["estimate"].idxmin()], units.loc[units["estimate"].idxmax()]
    assert line.cells[3] == f"W{low['category']}" and line.cells[6] == f"W{high['category']}"
    expected = [low["estimate"], units["estimate"].median(), high["estimate"]]
    np.testing.assert_allclose([line.numbers[k][0] for k in (2, 4, 5)], expected, rtol=1e-9)  # ten digits
    assert line.cells[7] == f"{len(units)} of 5" and 2 <= len(units) <= 3 and line.cells[1] == "452"
    assert "Lowest, median and highest are those of the units that may be shown." in table.notes
    with pytest.raises(ExportError, match="everyone and the units"):
        sv.tables.indicators(sample.mean("y", by="ward"))

"""The codebook as people read it: every word in their language, nothing cut, the same bytes twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from survey.codebook import Codebook, Variable
from survey.errors import CodebookError, ExportError
from survey.tables import export_codebook

RAW = Path(__file__).parents[2] / "data" / "raw"
BOOK = Codebook(
    {
        "FR07": Variable(
            "FR07",
            "ordinal",
            {"vi": "Có hách dịch không?", "en": "Overbearing?"},
            {1: {"vi": "Không bao giờ", "en": "Never"}, 5: {"vi": "Luôn luôn", "en": "Always"}},
            {-98: "dont_know", -99: "refused"},
            {-98: {"vi": "Khó nói", "en": "Hard to say"}},
            -1,
            "f",
            True,
            "used == 1",
            dont_know="answer",
        ),
        "minutes": Variable("minutes", "number", {"en": "Minutes <waited>"}, limits=(0.0, 600.0), unit="min"),
    },
    {"f": {"vi": "Thân thiện", "en": "Friendliness"}},
    {"vi": "Thử", "en": "Trial"},
    simulated=True,
)


@pytest.fixture(scope="module")
def whole() -> Codebook:
    return Codebook.from_toml(RAW / "codebook.toml")


def test_one_row_a_variable_in_words() -> None:
    vi, en = BOOK.table("vi"), BOOK.table("en")
    assert dict(vi.loc[0]) == {
        "variable": "FR07",
        "short": "Có hách dịch không?",
        "type": "thứ bậc",
        "wording": "Có hách dịch không?",
        "answers": "1 = Không bao giờ; 5 = Luôn luôn",
        "missing": "-98 = Khó nói (không biết); -99 = từ chối",
        "direction": "mã thấp là tốt",
        "dimension": "Thân thiện (có tính điểm)",
        "base": "used == 1",
        "role": "câu hỏi đánh giá",
        "unit": "",
        "note": "“không biết” là một câu trả lời",
    }
    assert en.loc[0, "missing"] == "-98 = Hard to say (don’t know); -99 = refused"
    assert (
        en.loc[1, "answers"] == "0 to 600"
        and en.loc[1, "base"] == "everyone"
        and vi.loc[1, "base"] == "mọi người được hỏi"
    )


def test_the_language_is_that_of_the_codebook_and_no_other_is_taken() -> None:
    assert BOOK.table().loc[0, "type"] == "thứ bậc"
    assert Codebook({"q": Variable("q", text={"en": "Q?"})}).table().loc[0, "type"] == "number"
    with pytest.raises(CodebookError, match="language"):
        BOOK.table("fr")


def test_a_notebook_shows_it_says_that_data_are_simulated_and_takes_words_for_words() -> None:
    page = BOOK._repr_html_()
    assert "Dữ liệu mô phỏng." in page and "lang='vi'" in page and "Minutes &lt;waited&gt;" in page
    assert "Đơn vị" in page  # one variable has a unit
    assert "Đơn vị" not in BOOK.select(["FR07"])._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".xlsx", ".docx", ".html", ".toml"])
def test_the_same_codebook_gives_the_same_bytes(whole: Codebook, tmp_path: Path, suffix: str) -> None:
    first, second = (export_codebook(whole, tmp_path / f"{n}{suffix}").read_bytes() for n in "ab")
    assert first == second
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a{suffix}", f"b{suffix}"]


def test_excel_holds_a_sheet_a_language_with_every_variable(whole: Codebook, tmp_path: Path) -> None:
    book = CalamineWorkbook.from_path(str(export_codebook(whole, tmp_path / "book.xlsx")))
    assert book.sheet_names == ["Sổ mã biến", "Codebook"]
    for name, word, told in (("Sổ mã biến", "Biến", "mô phỏng"), ("Codebook", "Variable", "simulated data")):
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        assert rows[0][0].lower().count(told) == 1 and rows[2][0] == word  # the title of the study says so itself
        assert [r[0] for r in rows[3:]] == list(whole.variables)


def test_word_holds_a_table_a_language(whole: Codebook, tmp_path: Path) -> None:
    document = Document(str(export_codebook(whole, tmp_path / "book.docx")))
    assert [len(t.rows) for t in document.tables] == [len(whole) + 1] * 2
    assert document.tables[0].rows[1].cells[0].text == "resp_id"
    assert "Không lần nào" in document.tables[0]._tbl.xml and "Never" in document.tables[1]._tbl.xml


def test_columns_of_the_word_table_hold_names_of_variables_whole(whole: Codebook, tmp_path: Path) -> None:
    """Word asks the cells for their width and LibreOffice the columns; Times at 8 points is half of that a letter."""
    (table, _) = Document(str(export_codebook(whole, tmp_path / "book.docx"))).tables
    widths = [column.width.mm for column in table.columns]
    assert widths == pytest.approx([cell.width.mm for cell in table.rows[0].cells])
    assert sum(widths) == pytest.approx(267, abs=0.5) and len(set(widths)) > 3
    longest = max(len(name) for name in whole.variables)
    assert widths[0] >= 0.5 * longest * 8 * 25.4 / 72 + 3.8


def test_toml_is_the_codebook(whole: Codebook, tmp_path: Path) -> None:
    assert Codebook.from_toml(export_codebook(whole, tmp_path / "book.toml")) == whole


@pytest.mark.parametrize(
    ("book", "name", "languages"),
    [
        (BOOK, "book.pdf", ["vi"]),
        (BOOK, "book", ["vi"]),
        (BOOK, "book.html", ["fr"]),
        (BOOK, "book.html", []),
        (Codebook(), "book.html", ["vi"]),
        (Codebook({"q": Variable("q", text={"vi": "a" * 40_000})}), "book.xlsx", ["vi"]),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(
    tmp_path: Path, book: Codebook, name: str, languages: list[str]
) -> None:
    with pytest.raises(ExportError):
        export_codebook(book, tmp_path / name, languages)
    assert list(tmp_path.iterdir()) == []


def test_formulas_in_a_wording_are_text_and_control_letters_are_refused(tmp_path: Path) -> None:
    for suffix in ("xlsx", "docx", "html"):
        with pytest.raises(ExportError, match=r"U\+0007"):
            export_codebook(Codebook({"q": Variable("q", text={"vi": "=1+1\x07"})}), tmp_path / f"b.{suffix}")
    assert list(tmp_path.iterdir()) == []
    book = Codebook({"q": Variable("q", text={"vi": "=1+1"})})
    sheet = CalamineWorkbook.from_path(str(export_codebook(book, tmp_path / "b.xlsx"))).get_sheet_by_index(0)
    assert str(sheet.to_python(skip_empty_area=False)[3][3]).startswith("=1+1")
    assert export_codebook(book, tmp_path / "b.docx").is_file()

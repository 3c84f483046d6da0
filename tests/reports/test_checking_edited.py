"""Finished documents as people edit them: what is right passes, and a number in what is printed is found."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from lxml import etree

from survey.reports.checking import check_pieces
from survey.reports.printed import Piece, piece_of
from survey.reports.printed_word import pieces_of_body

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def body(inside: str) -> Any:
    return etree.fromstring(f'<w:body xmlns:w="{W}">{inside}</w:body>')


def run(text: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r>"


def marked(inside: str, evidence: str) -> str:
    return f'<w:sdt><w:sdtPr><w:tag w:val="{evidence}"/></w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>'


def deleted(text: str) -> str:
    return f"<w:del><w:r><w:delText>{text}</w:delText></w:r></w:del>"


def sentence(number: str) -> Piece:
    return piece_of([("The score in the ward was ", ""), (number, "s.1.estimate"), (" points.", "")])


@pytest.mark.parametrize(
    ("inside", "result"),
    [
        (run("69.9"), "matched"),
        (deleted("58.0") + f"<w:ins>{run('69.9')}</w:ins>", "matched"),
        (deleted("69.9") + f"<w:ins>{run('58.0')}</w:ins>", "changed"),
        (f"<w:moveFrom>{run('58.0')}</w:moveFrom><w:moveTo>{run('69.9')}</w:moveTo>", "matched"),
        (f"<w:moveFrom>{run('69.9')}</w:moveFrom><w:moveTo>{run('58.0')}</w:moveTo>", "changed"),
        (run("58.0", "<w:vanish/>") + run("69.9"), "matched"),
        (run("69.9", "<w:vanish/>") + run("58.0"), "changed"),
        (run("69.9", '<w:vanish w:val="0"/>'), "matched"),
        (f'<w:hyperlink w:anchor="x">{run("69.9")}</w:hyperlink>', "matched"),
        (f'<w:hyperlink w:anchor="x">{run("58.0")}</w:hyperlink>', "changed"),
    ],
)
def test_a_word_document_is_read_as_it_would_be_printed(inside: str, result: str) -> None:
    """Tracked changes are as if they were accepted; hidden text is not there; a link is as printed as other text."""
    told = f"<w:p>{run('The score in the ward was ')}{marked(inside, 's.1.estimate')}{run(' points.')}</w:p>"
    (found,) = check_pieces(pieces_of_body(body(told)), [sentence("69.9")])
    assert (found.result, found.evidence) == (result, "s.1.estimate")
    assert found.expected == "69.9"


def test_entries_of_the_contents_are_not_read() -> None:
    entry = f'<w:p><w:hyperlink w:anchor="x">{run("2. Results")}<w:r><w:tab/></w:r>{run("17")}</w:hyperlink></w:p>'
    assert pieces_of_body(body(entry)) == []


def row(*cells: str, about: str = "", span: int = 1) -> str:
    wide = f'<w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr>'
    made = "".join(
        f"<w:tc>{wide if span > 1 and i else ''}<w:p>{run(text) if text else ''}</w:p></w:tc>"
        for i, text in enumerate(cells)
    )
    return f"<w:tr><w:trPr>{about}</w:trPr>{made}</w:tr>"


def table(*rows: str, columns: int = 3) -> str:
    return f"<w:tbl><w:tblGrid>{'<w:gridCol/>' * columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


HEAD, ONE, TWO = ("Ward", "Mean", "n"), ("Ward 1", "61.2", "80"), ("Ward 2", "58.0", "75")
CAPTION = f"<w:p>{run('Table 1. Scores')}</w:p>"
IS_HEAD = "<w:tblHeader/>"


@pytest.mark.parametrize("spanned", [False, True])
def test_headings_that_are_no_longer_marked_are_headings(spanned: bool) -> None:
    """Google Docs, RTF and pasting drop the mark; a table that goes on behind another has no headings of its own."""
    over = (row("", "June 2024", about=IS_HEAD, span=2),) if spanned else ()
    whole = CAPTION + table(*over, row(*HEAD, about=IS_HEAD), row(*ONE)) + "<w:p/>" + table(row(*TWO))
    report = pieces_of_body(body(whole))
    bare = whole.replace(IS_HEAD, "")
    assert pieces_of_body(body(bare)) == report
    assert report[-1].beside == ("", "Ward 2", *(["June 2024"] if spanned else []), "n")
    found = check_pieces(pieces_of_body(body(bare.replace("58.0", "58.1"))), report)
    assert [(c.printed, c.expected) for c in found if c.result != "matched"] == [("58.1", "58.0")]


def test_a_table_of_the_author_that_begins_with_numbers_has_no_headings() -> None:
    own = pieces_of_body(body(CAPTION + table(row(*ONE), row(*TWO))))
    assert [n.text for piece in own for n in piece.numbers if piece.beside] == ["61.2", "80", "58.0", "75"]


def test_a_deleted_row_that_is_tracked_is_left_out() -> None:
    report = pieces_of_body(body(CAPTION + table(row(*HEAD, about=IS_HEAD), row(*ONE), row(*TWO))))
    gone = CAPTION + table(row(*HEAD, about=IS_HEAD), row(*ONE), row("", "", "", about="<w:del/>"))
    assert {c.result for c in check_pieces(pieces_of_body(body(gone)), report)} == {"matched"}


def test_a_table_without_its_caption_is_under_no_title() -> None:
    cells = [piece_of([("61.2", "t.1.estimate")], ["", "Ward 1", "Mean"], where) for where in ("Table 1", "")]
    report = [piece_of([("Table 1", "")]), piece_of([("Text", "")]), cells[0]]
    assert [c.result for c in check_pieces([cells[1]], report)] == ["matched"]


TYPED = piece_of([("“Ward 1” fell by −1.4 points (0.5–2.3), with n = 2,566 people’s answers.", "")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"Ward 1" fell by -1.4 points (0.5-2.3), with n = 2566 people\'s answers.', []),
        ("“Ward 1” fell by \u20111.4 points (0.5–2.3), with n = 2\u00a0566 people’s answers.", []),
        ("“Ward 1” fell by −1.4 points (0.5–2.3), with n = 2\u202f566 people’s answers.", []),
        ("“Ward 1” fell by −1.4 points (0.5–2.3), with n = 2.566 people’s answers.", ["2.566"]),
        ("“Ward 1” fell by -1,4 points (0.5–2.3), with n = 2,566 people’s answers.", ["−1,4"]),
        ("“Ward 1” fell by 1.4 points (0.5–2.3), with n = 2,566 people’s answers.", ["1.4"]),
        ("“Ward 1” fell by -1.4 points (0.5-2.8), with n = 2,566 people’s answers.", ["2.8"]),
        ("“Ward 1” fell by −1.4 points (0.5–2.3), with n = 2665 people’s answers.", ["2665"]),
    ],
)
def test_signs_that_mean_the_same_are_the_same(text: str, expected: list[str]) -> None:
    """Quotation marks, dashes, and the sign between thousands; the decimal sign is of the language."""
    found = check_pieces([piece_of([(text, "")])], [TYPED], lang="en")
    assert [c.printed for c in found if c.result != "matched"] == expected


def cell(text: str, place: int, label: str) -> Piece:
    return piece_of([(text, f"t.{place}.estimate")], ["", label, "Mean"], "Table 1")


def test_rows_sorted_under_evidence_that_stays_in_its_place_are_matched() -> None:
    """Excel sorts cells and not their names; slides name a number by its row and paragraph."""
    report = [cell("61.2", 1, "Ward 1"), cell("58.0", 2, "Ward 2"), cell("61.2", 3, "Ward 3"), sentence("69.9")]
    given = [cell("61.2", 1, "Ward 3"), cell("61.2", 2, "Ward 1"), cell("58.0", 3, "Ward 2"), sentence("69.9")]
    assert Counter(c.result for c in check_pieces(given, report, placed=True)) == {"matched": 4}
    assert Counter(c.result for c in check_pieces(given, report))["matched"] < 4  # of evidence that moves with a number
    given[2] = cell("58.1", 3, "Ward 2")
    (wrong,) = [c for c in check_pieces(given, report, placed=True) if c.result != "matched"]
    assert (wrong.result, wrong.printed, wrong.expected, wrong.evidence) == ("changed", "58.1", "58.0", "t.2.estimate")


def test_words_under_the_name_of_a_number_are_words() -> None:
    report = [piece_of([("none", "")], ["", "Bounds", "Value"], "Table 1"), cell("61.2", 1, "Ward 1")]
    given = [piece_of([("none", "t.1.estimate")], ["", "Bounds", "Value"], "Table 1"), cell("61.2", 2, "Ward 1")]
    assert Counter(c.result for c in check_pieces(given, report, placed=True)) == {"matched": 1}

"""Finished documents against the report: planted changes are found, clean ones and an author's own words pass."""

from __future__ import annotations

import copy
import io
import re
import shutil
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks._documents import opened, retyped
from benchmarks._planting import KINDS, planted
from office_files import as_pdf
from small_study import study
from survey.base import catalogue
from survey.cli import main
from survey.errors import ReadError, StudyError
from survey.reports.checking import check_pieces
from survey.reports.checking_text import check_text
from survey.reports.compose import results_of
from survey.reports.expected import expected
from survey.reports.printed import Piece, piece_of
from survey.reports.printed_chart import pieces_of_chart
from survey.reports.printed_file import printed_in
from survey.reports.printed_pdf import pieces_in_pdf
from survey.reports.printed_word import pieces_of_body
from survey.reports.settings import settings_of
from survey.study.report import material_of
from survey.study.study import Study
from survey.study.verify_report import VerifiedReport, verify_report

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FORMATS = ("docx", "html", "pptx", "xlsx")
PLACED = ("pptx", "xlsx")

SENTENCE = piece_of(
    [("In 2024 the score was ", ""), ("69.9", "s.1.estimate"), (" of 100 (n = ", ""), ("852", "s.1.n"), (").", "")]
)
LABEL, NUMBERED = piece_of([("Ward 1", "")]), piece_of([("Of 12 wards, 3 are not shown for want of answers.", "")])


def cell(text: str, row: int, label: str, head: str = "Mean", evidence: str = "") -> Piece:
    return piece_of([(text, evidence or f"t.{row}.estimate")], ["", label, head], "Table 1")


REPORT = [SENTENCE, NUMBERED, LABEL, cell("61.2", 1, "Ward 1"), cell("58.0", 2, "Ward 2"), cell("61.2", 3, "Ward 3")]


def results(document: list[Piece]) -> dict[str, int]:
    return dict(Counter(one.result for one in check_pieces(document, REPORT)))


def test_what_is_as_the_report_has_it_is_matched() -> None:
    assert results(REPORT) == results(REPORT[::-1]) == {"matched": 10}


@pytest.mark.parametrize(
    ("at", "piece", "expected"),
    [
        (
            0,
            [
                ("In 2024 the score was ", ""),
                ("69.8", "s.1.estimate"),
                (" of 100 (n = ", ""),
                ("852", "s.1.n"),
                (").", ""),
            ],
            "changed",
        ),
        (
            0,
            [
                ("In 2023 the score was ", ""),
                ("69.9", "s.1.estimate"),
                (" of 100 (n = ", ""),
                ("852", "s.1.n"),
                (").", ""),
            ],
            "changed",
        ),
        (
            0,
            [
                ("In 2024 the share was ", ""),
                ("69.9", "s.1.estimate"),
                (" of 100 (n = ", ""),
                ("852", "s.1.n"),
                (").", ""),
            ],
            "words",
        ),
        (
            0,
            [
                ("In 2024 the score was ", ""),
                ("69.9", "s.1.estimate"),
                ("% of 100 (n = ", ""),
                ("852", "s.1.n"),
                (").", ""),
            ],
            "words",
        ),
        # retyped, without evidence
        (0, [("In 2024 the score was 69.8 of 100 (n = 852).", "")], "changed"),
        (0, [("In 2024 the mean score was 69.9 of 100 (n = 825).", "")], "changed"),
        (1, [("Of 12 wards, 4 are not shown for want of answers.", "")], "changed"),
        (1, [("Of 12 wards, none are not shown for want of answers.", "")], "changed"),
    ],
)
def test_a_change_in_a_sentence_is_found(at: int, piece: list[tuple[str, str]], expected: str) -> None:
    found = results([*REPORT[:at], piece_of(piece), *REPORT[at + 1 :]])
    assert found.get(expected) == 1


@pytest.mark.parametrize(
    ("row", "piece", "expected"),
    [
        (3, cell("58.0", 1, "Ward 1"), "changed"),  # right elsewhere
        (3, cell("61.2", 1, "Ward 2"), "words"),  # another label
        (3, cell("61.2", 3, "Ward 1"), "words"),  # a cell that was moved, with its evidence
        (3, cell("61.2", 1, "Ward 1", "Share"), "words"),
        (3, cell("−61.2", 1, "Ward 1"), "changed"),
        (3, cell("61,2", 1, "Ward 1"), "changed"),  # the other language's comma
        (3, cell("61.2%", 1, "Ward 1"), "words"),
        (3, cell("", 1, "Ward 1"), "changed"),
    ],
)
def test_a_change_in_a_cell_is_found(row: int, piece: Piece, expected: str) -> None:
    assert results([*REPORT[:row], piece, *REPORT[row + 1 :]]).get(expected) == 1


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([("sixty-nine point nine", "s.1.estimate"), (" of 100 (n = ", ""), ("852", "s.1.n")], "changed"),  # in words
        ([("69.9/100", "s.1.estimate"), (" of 100 (n = ", ""), ("852", "s.1.n")], "words"),  # as a fraction
        ([("0.699", "s.1.estimate"), (" of 100 (n = ", ""), ("852", "s.1.n")], "changed"),
        ([("69.9", "s.1.estimate"), (" of 100 (n = ", ""), ("eight hundred", "s.1.n")], "changed"),
        ([("69.9", "s.1.estimate"), (" of 100 (n ≈ ", ""), ("852", "s.1.n")], "words"),
    ],
)
@pytest.mark.parametrize("again", [False, True])  # beside the sentence as it was: a paragraph twice, one of them edited
def test_a_number_told_otherwise_is_found(runs: list[tuple[str, str]], expected: str, again: bool) -> None:
    edited = piece_of([("In 2024 the score was ", ""), *runs, (").", "")])
    assert results([*([SENTENCE] if again else []), edited, *REPORT[1:]]).get(expected, 0) >= 1


def test_letters_may_be_composed_or_not_and_a_paragraph_may_stand_twice() -> None:
    composed = piece_of([("Phường Mô phỏng 3: ", ""), ("61,2", "w.1.estimate"), (" điểm", "")])
    runs = [("Phường Mô phỏng 3: ", ""), ("61,2", "w.1.estimate"), (" điểm", "")]
    apart = piece_of([(unicodedata.normalize("NFD", text), name) for text, name in runs])
    found = [one.result for one in check_pieces([apart, composed], [composed])]
    assert set(found) == {"matched"}


def listed(group: str, row: int, n: str) -> list[Piece]:
    name, where = ["", "Queues"], "Table 2"
    return [
        piece_of([(group, f"l.{row}.status")], [*name, "Group"], where),
        piece_of([(n, "")], [*name, "Answers"], where),
    ]


def test_cells_that_changed_rows_are_found_where_rows_have_one_name() -> None:
    report = [*listed("Ward 1", 1, "28"), *listed("Ward 2", 2, "17")]
    sorted_otherwise = [*report[2:], *report[:2]]
    assert {one.result for one in check_pieces(sorted_otherwise, report)} == {"matched"}
    (wrong,) = [c for c in check_pieces([report[2], report[1], report[0], report[3]], report) if c.result == "words"]
    assert "Ward 2 | 28" in wrong.printed and "Ward" in wrong.expected


def test_what_the_author_adds_or_leaves_out_is_no_change() -> None:
    own = piece_of([("Our office answered 14 letters in 2024, as the annual account of the city says.", "")])
    assert results([*REPORT, own]) == {"matched": 10, "own": 2}
    assert results(REPORT[:3]) == {"matched": 7}


def test_a_retyped_sentence_is_matched_by_its_words() -> None:
    again = piece_of([("In 2024, the score was 69.9 of 100 (n = 852).", "")])
    found = results([again, *REPORT[1:]])
    assert "changed" not in found and found["matched"] == 10


LINES = [
    "In 2024 the score was 69.9 of 100 (n = 852).",
    "Of 12 wards, 3 are not shown for want of answers.",
    "Ward 1 61.2",
    "Ward 2 58.0",
    "Ward 3 61.2",
]


ROWS = [part for k, one in enumerate(REPORT[3:], 1) for part in (piece_of([(f"Ward {k}", "")]), one)]


def told(lines: list[str]) -> dict[str, int]:
    return dict(
        Counter(one.result for one in check_text([piece_of([(line, "")]) for line in lines], [*REPORT[:2], *ROWS]))
    )


def test_a_document_that_is_one_text_is_matched_word_by_word() -> None:
    assert told(LINES) == {"matched": 12}
    assert told([" ".join(LINES[:3]), *LINES[3:]]) == {"matched": 12}
    assert told([*LINES, "Our office answered 14 letters, as the annual account of the city says."])["own"] == 1
    assert "changed" not in told(LINES[:3])  # left out


@pytest.mark.parametrize(
    ("at", "line", "expected"),
    [
        (0, "In 2024 the score was 69.8 of 100 (n = 852).", "changed"),
        (0, "In 2023 the score was 69.9 of 100 (n = 852).", "changed"),
        (0, "In 2024 the score was −69.9 of 100 (n = 852).", "changed"),
        (0, "In 2024 the score was 69,9 of 100 (n = 852).", "changed"),
        (0, "In 2024 the score was 69.9% of 100 (n = 852).", "words"),
        (0, "In 2024 the share was 69.9 of 100 (n = 852).", "words"),
        (2, "Ward 1 58.0", "changed"),
        (3, "Ward 2 61.2", "changed"),
        (2, "District 1 61.2", "words"),
    ],
)
def test_a_change_in_a_text_is_found(at: int, line: str, expected: str) -> None:
    assert told([*LINES[:at], line, *LINES[at + 1 :]]).get(expected, 0) >= 1


def test_words_that_changed_places_in_a_text_are_found() -> None:
    whole = "The score rose from baseline to follow-up by 3.1 points, and residents saw it."
    swapped = whole.replace("baseline to follow-up", "follow-up to baseline")
    (found,) = [c for c in check_text([Piece(swapped)], [Piece(whole)]) if c.result != "matched"]
    assert (found.result, found.printed, found.expected) == ("words", "to baseline", "baseline to")
    without = whole.replace(" from baseline to follow-up", "")
    assert {c.result for c in check_text([Piece(without)], [Piece(whole)])} == {"matched"}


def test_a_pdf_needs_pdftotext(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReadError, match="pdftotext, which is not installed"):
        pieces_in_pdf(tmp_path / "a.pdf")


def test_what_is_no_pdf_is_one_clear_error(tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    for name, content in (("empty", b""), ("other", b"a text"), ("cut", b"%PDF-1.7\n1 0 obj <<")):
        (tmp_path / f"{name}.pdf").write_bytes(content)
    for name in ("empty", "other", "cut", "missing"):
        with pytest.raises(ReadError, match="not a PDF that can be read"):
            pieces_in_pdf(tmp_path / f"{name}.pdf")


@pytest.mark.parametrize("ending", [".docx", ".pptx", ".xlsx", ".html", ".pdf"])
def test_a_document_that_is_not_there_is_told_with_those_beside_it(tmp_path: Path, ending: str) -> None:
    with pytest.raises(ReadError, match=rf"(?s)There is no such document.*no such file.*a \{ending} file"):
        printed_in(tmp_path / f"report{ending}")
    (tmp_path / f"report.vi{ending}").write_bytes(b"a")
    with pytest.raises(ReadError, match=rf"(?s)no such file.*report\.vi\{ending}"):
        printed_in(tmp_path / f"report{ending}")


C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CACHE = "<strCache><pt idx='0'><v>Ward 1</v></pt></strCache>"


def test_a_chart_of_cells_is_read_alike_whatever_a_program_keeps_of_its_names() -> None:
    """Excel keeps names of one level and not of two, LibreOffice of both; ECMA-376 part 1, 21.2.2.24."""
    from lxml import etree

    def numbers(names: str, known: dict[Any, str] | None) -> list[Piece]:
        values = "<numCache><pt idx='0'><v>0.25</v></pt></numCache>"
        text = f"<ser xmlns='{C}'><cat><strRef>{names}</strRef></cat><val><numRef>{values}</numRef></val></ser>"
        root = etree.fromstring(f"<chart xmlns='{C}'>{text}</chart>")
        return [piece for piece in pieces_of_chart(root, "T", known) if piece.numbers and piece.beside]

    assert numbers("", None) == numbers(CACHE, None) and numbers("", None)[0].text == "0.25"
    assert numbers("", {}) != numbers(CACHE, {})  # of slides the names are nowhere else


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, dict[str, Path], dict[str, VerifiedReport]]:
    """The report of the small study in both languages and all formats, verified as it was written."""
    folder = tmp_path_factory.mktemp("checked")
    own: Any = study(folder / "study")
    files = own.report(lang=["vi", "en"], formats=FORMATS, folder=folder / "out", progress=False)
    return own, files, {key: verify_report(own, path) for key, path in files.items() if key != "numbers"}


@pytest.mark.slow
@pytest.mark.parametrize("which", ["vi.docx", "en.docx", "html", "vi.pptx", "en.pptx", "vi.xlsx", "en.xlsx"])
def test_a_clean_report_is_clean(made: Any, which: str) -> None:
    found = made[2][which]
    assert found.passed and found.counts["own"] == 0 and found.counts["matched"] > 300 and found.pictures > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_planted_changes_are_found(made: Any, lang: str, ending: str, kind: str) -> None:
    document = opened(made[1]["html" if ending == "html" else f"{lang}.{ending}"], lang)
    report = document.pieces()  # which is clean, as is tested above
    found = [
        (plant, {c.result for c in check_pieces(document.pieces(), report, lang=lang, placed=ending in PLACED)})
        for seed in range(3)
        for plant in planted(document, kind, seed)
    ]
    assert [plant for plant, results in found if not results & {"changed", "words"}] == []
    none = {("pptx", "moved cells"), ("xlsx", "moved cells"), ("xlsx", "decimal comma")}
    assert len(found) == (0 if (ending, kind) in none else 3)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_head_of_a_chart_s_numbers_that_changed_places_is_found(made: Any, lang: str) -> None:
    document = opened(made[1][f"{lang}.xlsx"], lang)
    report = document.pieces()
    heads = [s for s in document.labels if s.text == catalogue.text("workbook.chart_data", lang)]
    assert len(heads) > 10
    for head in heads:
        labels = [s for s in document.labels if s.table == head.table]
        above = labels[labels.index(head) - 1]  # a note or the source
        other, told = above.text, head.text
        above.write(told)
        head.write(other)
        found = [c for c in check_pieces(document.pieces(), report) if c.result != "matched"]
        document.restore()
        assert {c.result for c in found} == {"words"} and other in found[0].printed


@pytest.mark.slow
def test_no_figure_is_drawn(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from survey.exhibits.exhibit import Exhibit

    drawn: list[str] = []
    monkeypatch.setattr(Exhibit, "figure", lambda self, *_: drawn.append(self.name))
    for key in ("en.docx", "en.pptx", "en.xlsx"):
        assert verify_report(made[0], made[1][key]).passed
    assert drawn == []


@pytest.mark.slow
def test_a_number_in_the_workbook_behind_a_chart_is_found(made: Any, tmp_path: Path) -> None:
    """What PowerPoint shows when a chart is opened for editing, and draws from then on."""
    path = tmp_path / "finished.pptx"
    with zipfile.ZipFile(made[1]["en.pptx"]) as old, zipfile.ZipFile(path, "w") as new:
        books = [n for n in old.namelist() if n.startswith("ppt/embeddings/")]
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, _with_first_number(content, "99.5") if name == books[0] else content)
    found = verify_report(made[0], path)
    (wrong,) = [c for told in found.numbers.values() for c in told if c.result == "changed"]
    assert wrong.printed == "99.5" and found.counts["words"] == 0


def _with_first_number(content: bytes, value: str) -> bytes:
    book = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(book, "w") as new:
        for name in old.namelist():
            inside = old.read(name)
            if name.endswith("sheet1.xml"):
                inside = re.sub(rb'(<c r="B2"[^>]*><v>)[^<]*', rb"\g<1>" + value.encode(), inside)
            new.writestr(name, inside)
    return book.getvalue()


@pytest.mark.slow
def test_a_changed_document_is_told_with_both_numbers(made: Any, tmp_path: Path, capsys: Any) -> None:
    from docx import Document

    own, files, _ = made
    word = Document(str(files["en.docx"]))
    control = next(c for c in word.element.body.iter(f"{W}sdt") if "." in "".join(t.text for t in c.iter(f"{W}t")))
    (text,) = control.iter(f"{W}t")
    before, text.text = text.text, "99.9"
    word.add_paragraph("We visited 7 wards ourselves.")
    word.save(str(tmp_path / "finished.docx"))
    assert main(["verify", str(tmp_path / "finished.docx"), "--of", str(own.path)]) == 1
    told = capsys.readouterr().out
    assert f"99.9 <- {before}" in told and "1 number is changed" in told and "We visited 7 wards ourselves." in told
    assert main(["verify", str(files["vi.docx"]), "--of", str(own.path), "--lang", "vi"]) == 0
    assert "đúng như báo cáo" in capsys.readouterr().out


@pytest.mark.slow
def test_a_document_without_evidence_is_read_by_its_words(made: Any) -> None:
    """Every control taken away, as some programs do: sentences and cells are matched by where they stand."""
    from docx import Document

    body = Document(str(made[1]["en.docx"])).element.body
    report = pieces_of_body(body)
    bare = copy.deepcopy(body)
    for control in list(bare.iter(f"{W}sdt")):
        for run in list(control.find(f"{W}sdtContent")):
            control.addprevious(run)
        control.getparent().remove(control)
    found = Counter(c.result for c in check_pieces(pieces_of_body(bare), report))
    assert found["changed"] == found["words"] == 0 and found["matched"] > 0.95 * sum(found.values())


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_pdf_of_the_document_is_read_as_one_text(made: Any, tmp_path: Path, lang: str) -> None:
    pdf = as_pdf(made[1][f"{lang}.docx"], tmp_path)
    found = verify_report(made[0], pdf)
    assert found.passed and found.flowing and list(found.numbers) == [lang] and found.counts["matched"] > 300
    document = opened(pdf, lang)
    report = expected_of(made[0], lang)
    for kind in KINDS:
        for plant in planted(document, kind, 1):
            faults = {c.result for c in check_text(document.pieces(), report)}
            assert faults & {"changed", "words"}, plant


def expected_of(own: Study, lang: str) -> list[Piece]:
    material = material_of(own, settings_of(own.reporting, own.path, None))
    return expected(material, results_of(material), lang, ".pdf")


@pytest.mark.slow
def test_a_document_pasted_as_paragraphs_is_read_as_one_text(made: Any, tmp_path: Path) -> None:
    from docx import Document

    word = Document()
    lines = [piece.text for piece in retyped(made[1]["en.docx"], "en").pieces()]
    for line in lines:
        word.add_paragraph(line)
    word.save(str(tmp_path / "pasted.docx"))
    found = verify_report(made[0], tmp_path / "pasted.docx", lang="en")
    assert found.passed and found.flowing and found.counts["matched"] > 300


@pytest.mark.slow
@pytest.mark.parametrize("key", ["en.docx", "en.pptx", "en.xlsx"])
def test_damaged_locked_and_other_office_files_are_one_clear_error(made: Any, tmp_path: Path, key: str) -> None:
    own, files, _ = made
    ending = key.partition(".")[2]
    content = files[key].read_bytes()
    given = {
        "cut": content[:4000],
        "empty": b"",
        "locked": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000),  # [MS-CFB] 2.2
        "other": zipped({"a.txt": b"no document"}),
        "trap": zipped({"[Content_Types].xml": b"<Types/>", "a.xml": bytes(200_000_000)}),
        "broken": zipped({n: c[: len(c) // 2] for n, c in unzipped(content).items() if n.endswith((".xml", ".rels"))}),
    }
    for name, inside in given.items():
        (tmp_path / f"{name}.{ending}").write_bytes(inside)
    for name in given:
        with pytest.raises(ReadError, match="is not a"):
            verify_report(own, tmp_path / f"{name}.{ending}")
    wrong = next(files[k] for k in ("vi.docx", "vi.pptx") if not k.endswith(ending))
    shutil.copy(wrong, tmp_path / f"wrong.{ending}")
    with pytest.raises(ReadError, match="document of another kind"):
        verify_report(own, tmp_path / f"wrong.{ending}")


def zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.slow
def test_other_files_are_one_clear_error(made: Any, tmp_path: Path) -> None:
    own, files, _ = made
    shutil.copy(files["en.docx"], tmp_path / "a.odt")
    with pytest.raises(StudyError, match="cannot be verified"):
        verify_report(own, tmp_path / "a.odt")
    for name, text in (("d.html", "<p>a page</p>"), ("e.html", "")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(ReadError, match="no page of a report"):
            verify_report(own, tmp_path / name)


@pytest.mark.slow
def test_the_report_of_another_study_is_refused(made: Any, tmp_path: Path) -> None:
    from docx import Document

    word = Document()
    for i in range(12):
        word.add_paragraph(f"In our town {i + 3} of {40 + i} people like the new market, which has {i + 2} stalls.")
    word.save(str(tmp_path / "other.docx"))
    with pytest.raises(StudyError, match="not a report of this study"):
        verify_report(made[0], tmp_path / "other.docx")

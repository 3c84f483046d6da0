"""Reports as documents: every number is the one of its CSV, twice the same bytes, and bad input has its answer."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import survey as sv
from small_study import ITEM, answers, study
from survey.errors import ExportError, StudyError
from survey.reports.evidence import value_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BINARY = """
[scales.B]
type = "binary"
labels.vi = { 0 = "Không", 1 = "Có" }
labels.en = { 0 = "No", 1 = "Yes" }
"""
SPAN = re.compile(r'<span data-id="([^"]+)">(.*?)</span>')


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of the small study in both languages."""
    folder = tmp_path_factory.mktemp("report")
    return study(folder / "study").report(
        lang=["vi", "en"], formats=["docx", "html"], folder=folder / "out", progress=False
    )


def article(page: str, lang: str) -> str:
    """The part of a page that is in a language."""
    start = page.index(f'<article id="report-{lang}"')
    return page[start : page.index("</article>", start)]


def of_page(made: dict[str, Path], lang: str) -> list[tuple[str, str]]:
    """Ids and what is printed."""
    page = article(made["html"].read_text(encoding="utf-8"), lang)
    return [(id_, unescape(re.sub("<[^>]*>", "", text))) for id_, text in SPAN.findall(page)]


def of_word(made: dict[str, Path], lang: str) -> list[tuple[str, str]]:
    """Tags of content controls and what they hold."""
    body = body_of(made[f"{lang}.docx"])
    found = []
    for control in body.iter(f"{W}sdt"):
        tag = control.find(f"{W}sdtPr/{W}tag").get(f"{W}val")
        found.append((tag, "".join(t.text or "" for t in control.iter(f"{W}t"))))
    return found


def body_of(path: Path) -> Any:
    """The body of a Word document."""
    from docx import Document

    return Document(str(path)).element.body


def csv_of(made: dict[str, Path], name: str, lang: str, kept: dict[str, pd.DataFrame]) -> pd.DataFrame:
    if name not in kept:
        kept[name] = pd.read_csv(made["numbers"] / f"{name}.{lang}.csv", encoding="utf-8-sig")
    return kept[name]


@pytest.mark.slow
@pytest.mark.parametrize("where", [of_page, of_word])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_each_number_of_a_document_is_the_one_of_its_csv(made: dict[str, Path], where: Any, lang: str) -> None:
    kept: dict[str, pd.DataFrame] = {}
    found = where(made, lang)
    compared = 0
    for id_, text in found:
        name, row, column = id_.rsplit(".", 2)
        line = csv_of(made, name, lang, kept).iloc[int(row) - 1]
        if column == "status" or line.get("status") == "suppressed":
            assert column == "status" or pd.isna(line[column]), id_
            continue
        value = float(line[column])
        if not re.search(r"\d", text):  # a dash where there is no number
            assert pd.isna(value), (id_, text)
            continue
        printed = value_of(text, lang)
        if text.startswith("<"):
            assert value < printed, (id_, text)
            continue
        decimals = len(re.split(r"[.,]", text)[-1]) if value != round(value) or "," in text or "." in text else 0
        close = 0.5001 * 10.0**-decimals if decimals != 3 or abs(value) < 1 else 0.5001
        assert any(abs(abs(scale * value) - abs(printed)) <= close for scale in (1, 100)), (id_, text, value)
        compared += 1
    assert compared > 300


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_word_and_page_have_the_same_evidence(made: dict[str, Path], lang: str) -> None:
    assert of_page(made, lang) == of_word(made, lang)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_decimal_in_a_sentence_is_without_evidence(made: dict[str, Path], lang: str) -> None:
    page = article(made["html"].read_text(encoding="utf-8"), lang)
    sentences = re.findall(r'<p class="finding">(.*?)</p>', page)
    assert len(sentences) > 15
    for sentence in sentences:
        bare = re.sub("<[^>]*>", "", SPAN.sub("", sentence))
        assert not re.search(r"\d[.,]\d", bare), sentence


@pytest.mark.slow
def test_ids_are_the_same_in_both_languages(made: dict[str, Path]) -> None:
    in_tables = [[id_ for id_, _ in of_page(made, lang)] for lang in ("vi", "en")]
    assert set(in_tables[0]) == set(in_tables[1])


@pytest.mark.slow
def test_a_second_run_gives_the_same_bytes(made: dict[str, Path], tmp_path: Path) -> None:
    again = study(tmp_path / "study").report(
        lang=["vi", "en"], formats=["docx", "html"], folder=tmp_path / "out", progress=False
    )
    for key in ("vi.docx", "en.docx", "html"):
        assert again[key].read_bytes() == made[key].read_bytes(), key
    for path in made["numbers"].iterdir():
        assert (again["numbers"] / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.slow
def test_ids_stay_when_values_change(made: dict[str, Path], tmp_path: Path) -> None:
    other = study(tmp_path / "study", answers(seed=11)).report(
        lang="vi", formats="html", folder=tmp_path / "out", progress=False
    )
    tables = [
        re.findall(r'data-id="([^"]+)"', "".join(re.findall(r"<table>.*?</table>", page, re.DOTALL)))
        for page in (article(m["html"].read_text(encoding="utf-8"), "vi") for m in (made, other))
    ]
    assert tables[0] == tables[1]
    assert of_page(made, "vi") != of_page(other, "vi")


@pytest.mark.slow
def test_a_page_needs_nothing_else_and_no_script(made: dict[str, Path]) -> None:
    page = made["html"].read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "url(http" not in page
    assert "@import" not in page
    assert " hidden" not in page.partition("<main>")[2].partition("</main>")[0]
    assert page.count("<article ") == 2
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(ids)


@pytest.mark.slow
def test_simulated_data_are_said_on_every_page_of_word(made: dict[str, Path]) -> None:
    from docx import Document

    for lang, told in (("vi", "DỮ LIỆU MÔ PHỎNG"), ("en", "SIMULATED DATA")):
        for section in Document(str(made[f"{lang}.docx"])).sections:
            headers = [section.header] + (
                [section.first_page_header] if section.different_first_page_header_footer else []
            )
            assert all(told in "\n".join(p.text for p in header.paragraphs) for header in headers)


@pytest.mark.slow
def test_references_and_contents_point_at_bookmarks(made: dict[str, Path]) -> None:
    body = body_of(made["vi.docx"])
    names = [b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))
    anchors = {h.get(f"{W}anchor") for h in body.iter(f"{W}hyperlink")}
    asked = {m for i in body.iter(f"{W}instrText") for m in re.findall(r"(?:PAGEREF|REF) (\S+)", i.text or "")}
    assert anchors | asked <= set(names)
    assert len(anchors) > 30


@pytest.mark.slow
def test_headings_of_tables_are_repeated(made: dict[str, Path]) -> None:
    body = body_of(made["en.docx"])
    tables = list(body.iter(f"{W}tbl"))
    assert len(tables) > 20
    assert all(t.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None for t in tables)
    grids = [sum(int(c.get(f"{W}w")) for c in t.iter(f"{W}gridCol")) for t in tables]
    assert max(grids) <= (297 - 50) / 25.4 * 1440 + 20


BAD = {
    "one wave": (dict(data=answers(waves=1)), ("Chỉ có một đợt khảo sát", "không cho phép đánh giá mô hình")),
    "one ward": (dict(data=answers(wards="B")), ("chỉ có một phường",)),
    "no design": (dict(design=False), ("không có quyền số và không có thông tin",)),
    "all suppressed": (dict(data=answers(each=4)), ("kết quả không được công bố",)),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", BAD)
def test_what_the_data_lack_is_said_in_the_report(case: str, tmp_path: Path) -> None:
    given, told = BAD[case]
    few = "one" in case  # figures are drawn once
    formats = "html" if few else ("docx", "html", "xlsx")
    made = study(tmp_path / "study", **given).report(
        lang="vi", formats=formats, folder=tmp_path / "out", progress=False
    )
    page = made["html"].read_text(encoding="utf-8")
    assert all(text in page for text in told), told
    if not few:
        import openpyxl

        book = openpyxl.load_workbook(made["vi.xlsx"])
        cells = "\n".join(str(c.value) for sheet in book for row in sheet.iter_rows() for c in row)
        words = "".join(t.text or "" for t in body_of(made["vi.docx"]).iter(f"{W}t"))
        assert all(text in cells and text in words for text in told), told
    if case == "all suppressed":
        by_ward = pd.read_csv(made["numbers"] / "kindness-wards.vi.csv", encoding="utf-8-sig")
        assert by_ward["estimate"].isna().all()


@pytest.mark.slow
def test_the_pilot_is_shown_under_the_choices_that_the_study_declares(made: dict[str, Path]) -> None:
    """One of three wards has the pilot: p cannot be below a third, so that no choice has another verdict."""
    pages = {lang: article(made["html"].read_text(encoding="utf-8"), lang) for lang in ("vi", "en")}
    assert "Unweighted" in pages["en"] and "Không áp dụng quyền số" in pages["vi"]
    assert "the verdict as planned (cannot be told) holds in the other specification" in pages["en"]
    table = pd.read_csv(made["numbers"] / "kindness-choices.en.csv", encoding="utf-8-sig")
    assert table["specification"].tolist() == ["main", "plain"]


@pytest.mark.slow
def test_what_is_of_the_last_wave_says_so(made: dict[str, Path]) -> None:
    pages = {lang: article(made["html"].read_text(encoding="utf-8"), lang) for lang in ("vi", "en")}
    for text in ("answers to each question, follow-up", "by ward, follow-up"):
        assert text in pages["en"]
    for text in ("câu trả lời cho từng câu hỏi, đợt 2", "theo phường, đợt 2"):
        assert text in pages["vi"]


def test_profiles_mark_small_numbers_of_answers_and_unreliable_shares(made: dict[str, Path]) -> None:
    """By hand: each ward has 40 answers of an item in the last wave, and 30 to 49 carry an asterisk."""
    told = pd.read_csv(made["numbers"] / "items-wards.en.csv", encoding="utf-8-sig")
    assert (told["n"] == 40).all()
    unreliable = told["status_detail"].eq("unreliable").tolist()
    page = article(made["html"].read_text(encoding="utf-8"), "en")
    found = [(int(i), n, marks) for i, n, marks in re.findall(r'"items-wards\.(\d+)\.n">([^<]*)</span>([^<]*)', page)]
    assert {i for i, _, _ in found} == set(range(1, len(told) + 1))
    assert [(n, marks.strip()) for i, n, marks in found] == [("40", "*" + "†" * unreliable[i - 1]) for i, _, _ in found]
    notes = re.findall(r"Last wave\. In brackets[^<]*", page)
    assert len(notes) == 3 and all("* From 30 to 49 answers" in note for note in notes)  # three wards


@pytest.mark.parametrize(("lang", "series", "ward"), [("vi", "Bảng A", "theo phường"), ("en", "Table A", "by ward")])
def test_no_two_tables_have_one_title(made: dict[str, Path], lang: str, series: str, ward: str) -> None:
    """The change of a score in all wards together and that of each ward were called the same."""
    page = unescape(re.sub("<[^>]*>", "", article(made["html"].read_text(encoding="utf-8"), lang)))
    titles = [title.strip() for title in re.findall(rf"{series}\.\d+\.(.*)", page)]
    assert len(titles) > 15 and sorted(set(titles)) == sorted(titles)
    assert any(title.endswith(f", {ward}") for title in titles)


def test_a_share_among_scores_says_in_the_summary_that_it_is_one(tmp_path: Path) -> None:
    """61.2 stands below 63.2 points: which of the two is a percentage?"""
    from survey.reports.compose import results_of
    from survey.reports.document import WordTable
    from survey.reports.material import Report
    from survey.reports.parts.summary import SUMMARY
    from survey.reports.settings import settings_of
    from survey.study.report import material_of

    own: Any = study(tmp_path)
    material = material_of(own, settings_of(own.reporting, own.path, None))
    blocks = SUMMARY.write(Report(material, "en", results_of(material)))
    table = next(block for block in blocks if isinstance(block, WordTable))
    names = [row[0][0].text for row in table.rows]
    assert [name.endswith(" (%)") for name in names] == [False, False, True]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_bar_names_each_part_as_it_is_headed(lang: str) -> None:
    from survey.reports.parts import ALL
    from survey.reports.progress import Progress

    told: list[str] = []
    bar = SimpleNamespace(set_description=lambda name, refresh: told.append(name), update=lambda: None)
    for name in ALL:
        Progress(bar).part(lang)(name)
    assert len(set(told)) == len(ALL) and max(map(len, told)) <= 30  # as many letters as the bar has room for
    assert told[list(ALL).index("wards")] == {"vi": "So sánh các phường", "en": "Comparison of wards"}[lang]


def test_the_questions_of_a_score_are_all_listed(tmp_path: Path) -> None:
    """A question of yes and no is scored with the others, and was missing in the table of what was asked."""
    from survey.reports.compose import results_of
    from survey.reports.document import WordTable
    from survey.reports.material import Report
    from survey.reports.parts.asked import ASKED
    from survey.reports.settings import settings_of
    from survey.study.report import material_of

    data = answers()
    data["Q6"] = data["Q1"].gt(3).astype(int)
    study(tmp_path, data)
    book = tmp_path / "codebook.toml"
    own = ITEM.format(name="Q6", dimension="kindness", scored="scored = true").replace('"S5"', '"B"')
    book.write_text(book.read_text(encoding="utf-8") + BINARY + own, encoding="utf-8")
    again: Any = sv.Study.open(tmp_path)
    again.save("sample", sv.Sample(again.read().score("kindness").score("speed"), **again.design()))
    material = material_of(again, settings_of(again.reporting, again.path, None))
    blocks = ASKED.write(Report(material, "en", results_of(material)))
    table = next(block for block in blocks if isinstance(block, WordTable))
    rows = {row[0][0].text: row[2][0].text for row in table.rows}
    assert list(rows) == ["Item Q1", "Item Q2", "Item Q6", "Item Q3", "Item Q4", "Item Q5"]
    assert rows["Item Q6"] == "2 answers, from “No” to “Yes”"


def test_no_businesses_is_said(made: dict[str, Path]) -> None:
    assert "Không có dữ liệu khảo sát doanh nghiệp" in made["html"].read_text(encoding="utf-8")


@pytest.mark.slow
def test_an_own_block_stands_where_it_is_named(tmp_path: Path) -> None:
    block = """
[report.blocks.foreword]
vi = "## Lời nói đầu\\n\\nXem [@tab-summary], **đậm** và <b>thẻ</b>.\\n\\n- một\\n- hai\\n\\n{{fig-kindness-wards}}"
"""
    parts = 'parts = ["block:foreword", "summary", "dimensions"]\nscores = ["kindness", "speed"]'
    made = study(tmp_path / "s", report=block, scores=parts).report(lang="vi", folder=tmp_path / "o", progress=False)
    page = made["html"].read_text(encoding="utf-8")
    assert page.index("Lời nói đầu</h3>") < page.index('id="vi-summary"')
    assert '<a href="#vi-tab-summary">Bảng 1</a>' in page
    assert "<strong>đậm</strong> và &lt;b&gt;thẻ&lt;/b&gt;" in page
    assert "<li>một</li>\n<li>hai</li>" in page
    text = "".join(t.text or "" for t in body_of(made["vi.docx"]).iter(f"{W}t"))
    assert "Xem Bảng 1, đậm và <b>thẻ</b>." in text


WRONG = {
    "unknown part": (dict(unit='parts = ["summry"]'), "no such part"),
    "unknown preset": (dict(unit='preset = "wards"'), "preset"),
    "unknown key": (dict(unit='wards = "ward"'), "unknown key"),
    "unknown column": (dict(unit='unit = "quarter"'), "column that the data do not have"),
    "unknown survey": (dict(samples='samples = { people = "sample" }'), "survey that the study does not have"),
    "nothing saved": (dict(samples='samples = { residents = "sampel" }'), "Nothing was saved"),
    "no score": (dict(scores='scores = ["calm"]'), "column that the data do not have"),
    "a score of a name that is taken": (dict(scores="scores = ['pilot']"), "cannot name the files"),
    "half a pilot": (dict(pilot='pilot = { column = "pilot" }'), "incomplete"),
    "no such file": (dict(pilot='response = { files = ["absent.csv"] }'), "file that does not exist"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_study_toml_says_wrong_is_one_clear_error(case: str, tmp_path: Path) -> None:
    given, told = WRONG[case]
    wrong = study(tmp_path / "study", **given)
    with pytest.raises(StudyError, match=told) as caught:
        wrong.report(folder=tmp_path / "out", progress=False)
    assert caught.value.expected or caught.value.fix
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["{{fig-nothing}}", "see [@tab-nothing]"])
def test_a_block_that_names_an_unknown_exhibit_is_one_clear_error(text: str, tmp_path: Path) -> None:
    block = f'[report.blocks.note]\nvi = "{text}"'
    parts = 'parts = ["summary", "block:note"]\nscores = ["kindness"]'
    wrong = study(tmp_path / "study", report=block, scores=parts)
    with pytest.raises(StudyError, match="not in it") as caught:
        wrong.report(folder=tmp_path / "out", progress=False)
    assert "nothing" in str(caught.value.got)


@pytest.mark.slow
def test_a_template_keeps_its_page_and_styles_and_gets_what_it_lacks(tmp_path: Path) -> None:
    from docx import Document
    from docx.shared import Mm, Pt

    template = Document()
    template.sections[0].left_margin = Mm(40)
    template.styles["Heading 1"].font.size = Pt(31)
    template.styles["Caption"].element.getparent().remove(template.styles["Caption"].element)
    template.sections[0].footer.paragraphs[0].text = "Footer of the office"
    template.add_paragraph("Old text")
    template.save(str(tmp_path / "own.docx"))
    made = study(tmp_path / "study").report(
        lang="vi", formats="docx", template=tmp_path / "own.docx", folder=tmp_path / "out", progress=False
    )
    document = Document(str(made["vi.docx"]))
    assert document.sections[0].left_margin.mm == pytest.approx(40, abs=0.1)
    assert document.styles["Heading 1"].font.size.pt == 31
    assert "Footer of the office" in document.sections[0].footer.paragraphs[0].text
    assert "Old text" not in "".join(p.text for p in document.paragraphs)
    assert any(p.style.name.lower() == "caption" for p in document.paragraphs)
    wide = [sum(int(c.get(f"{W}w")) for c in t.iter(f"{W}gridCol")) for t in document.element.body.iter(f"{W}tbl")]
    room = document.sections[0].page_height.mm - 40 - document.sections[0].right_margin.mm
    assert max(wide) <= room / 25.4 * 1440 + 20


@pytest.mark.sampled
@pytest.mark.parametrize("content", [b"", b"no document", None])
def test_a_template_that_is_no_word_document_is_one_clear_error(content: bytes | None, tmp_path: Path) -> None:
    template = tmp_path / "own.docx"
    if content is not None:
        template.write_bytes(content)
    own = study(tmp_path / "study")
    with pytest.raises(ExportError, match="template"):
        own.report(lang="vi", formats="docx", template=template, folder=tmp_path / "out", progress=False)
    assert not list((tmp_path / "out").rglob("*.docx"))


@pytest.mark.slow
def test_an_office_has_the_national_heading_and_a_place_to_sign(tmp_path: Path) -> None:
    office = """
[report.office]
parent = "Thành phố X"
name = "Ủy ban nhân dân phường A"
number = "12/BC-UBND"
place = "Phường A"
date = "ngày 20 tháng 9 năm 2024"
position = "Chủ tịch"
signer = "Nguyễn Văn A"
recipients = "Như trên;\\nLưu: VT."
"""
    made = study(tmp_path / "study", report=office).report(
        lang="vi", formats="docx", folder=tmp_path / "out", progress=False
    )
    text = "\n".join(t.text or "" for t in body_of(made["vi.docx"]).iter(f"{W}t"))
    for told in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Số: 12/BC-UBND", "BÁO CÁO"):
        assert told in text
    assert text.index("Nơi nhận:") > text.index("Kết quả không công bố")
    assert "- Lưu: VT." in text


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["ward", "sipas", "papi", "oecd"])
def test_each_preset_is_made(preset: str, tmp_path: Path) -> None:
    made = study(tmp_path / "study").report(
        lang="en", formats="html", preset=preset, folder=tmp_path / "out", progress=False
    )
    page = made["html"].read_text(encoding="utf-8")
    assert ("Comparison of wards" in page) == (preset in ("sipas", "papi"))
    assert ("Ward profiles</h2>" in page) == (preset in ("ward", "papi"))
    assert "do not allow the pilot" not in page  # a part that nobody asked for lacks no data
    said = re.findall(r"the (“[^”]*” score) is highest in", re.sub("<[^>]*>", "", page))
    assert len(said) == len(set(said)) == 2  # of each score once
    assert "Methods annex</h2>" in page


def test_an_unknown_format_is_one_clear_error(tmp_path: Path) -> None:
    own = study(tmp_path / "study")
    with pytest.raises(ExportError, match="format"):
        own.report(formats="odt", folder=tmp_path / "out", progress=False)


@pytest.mark.slow
def test_the_command_writes_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from survey.cli import main

    study(tmp_path / "study")
    out = tmp_path / "out"
    assert main(["report", str(tmp_path / "study"), "--lang", "en", "--format", "html", "--out", str(out)]) == 0
    assert str(out / "report.html") in capsys.readouterr().out
    assert (out / "report.html").is_file()


@pytest.mark.slow
def test_documents_are_archives_without_dates(made: dict[str, Path]) -> None:
    with zipfile.ZipFile(made["vi.docx"]) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}

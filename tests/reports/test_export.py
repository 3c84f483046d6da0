"""Files: the same bytes on every run, with their words inside, and nothing that may not be shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

import survey as sv
from survey import ExportError
from survey.reports.export import FORMATS

HERE = Path(__file__).parent


def content(path: Path) -> bytes:
    """Bytes of a file, unpacked where it is an archive."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["likert", "intervals", "table"])
def test_a_second_run_gives_the_same_bytes(
    cases: Any, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made() -> Any:
        if kind == "likert":
            return sv.figures.likert(cases.hard_answers(), width="half")
        return (sv.figures.intervals if kind == "intervals" else sv.tables.table)(cases.hard())

    # the documents that hold pictures are written alike for every figure
    formats = ("png", "svg", "pdf", "csv", "html") if kind == "likert" else FORMATS[made().kind]
    first = sv.export(made(), "a", formats=formats, folder=tmp_path / "1")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 40_000_000)  # more than a year later
    second = sv.export(made(), "a", formats=formats, folder=tmp_path / "2")
    assert list(first) == [*formats, "json"]
    different = [name for name in first if first[name].read_bytes() != second[name].read_bytes()]
    assert different == []


@pytest.mark.slow
def test_another_process_gives_the_same_bytes(cases: Any, tmp_path: Path) -> None:
    """Hashes of strings, and so the order of sets, differ from one process to the next."""
    script = (
        "import sys, importlib.util as u, survey as sv\n"
        "spec = u.spec_from_file_location('cases', sys.argv[1]); m = u.module_from_spec(spec)\n"
        "spec.loader.exec_module(m)\n"
        "e = m.Cases().hard()\n"
        "x = sv.figures.intervals(e, width='half')\n"
        "sv.export(x, 'a', formats=sys.argv[3].split(), folder=sys.argv[2])"
    )
    formats = FORMATS["figure"]
    made = [str(HERE.parent / "exhibit_cases.py"), str(tmp_path / "1"), " ".join(formats)]
    subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *made],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "1"},
    )
    exhibit = sv.figures.intervals(cases.hard(), width="half")
    here = sv.export(exhibit, "a", formats=formats, folder=tmp_path / "2")
    assert len(list((tmp_path / "1").iterdir())) == len(here) == 9
    for path in here.values():
        assert path.read_bytes() == (tmp_path / "1" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("kind", ["figure", "table"])
@pytest.mark.slow
def test_documents_say_their_title_language_and_alternative_text(kind: str, cases: Any, tmp_path: Path) -> None:
    """Read from the archives themselves: Dublin Core of the Open Packaging Conventions (ISO/IEC 29500-2)."""
    make = {"figure": sv.figures.intervals, "table": sv.tables.table}[kind]
    exhibit = make(cases.hard())
    for key, path in sv.export(
        exhibit, "a", formats=["docx", "xlsx", "pptx"], folder=tmp_path, languages=["vi", "en"]
    ).items():
        if key == "json":
            continue
        lang = key.split(".")[0]
        version = exhibit.in_language(lang)
        with zipfile.ZipFile(path) as archive:
            core = ElementTree.fromstring(archive.read("docProps/core.xml"))
            rest = " ".join(archive.read(n).decode() for n in archive.namelist() if n[0] in "wpx" and n[-3:] == "xml")
        said = {child.tag.split("}")[1]: child.text for child in core}
        assert said["language"] == {"vi": "vi-VN", "en": "en-GB"}[lang]
        assert said["title"] == version.title and (said["subject"] or "")[:200] == version.alt[:200]
        assert said["description"] == version.source
        if kind == "figure" or path.suffix != ".xlsx":  # a sheet is a table itself
            told = version.alt.partition(": ")[2] if kind == "table" else version.alt  # in Word "Bảng 1." for "Bảng:"
            assert told[:40] in rest


@pytest.mark.slow
def test_nothing_suppressed_is_in_any_file(cases: Any, tmp_path: Path) -> None:
    """0.123456789 stands on 22 and on 12 answers."""
    for name, exhibit in {
        "dots": sv.figures.intervals(cases.hard(), width="half"),
        "bars": sv.figures.likert(cases.hard_answers()),
        "table": sv.tables.table(cases.hard()),
        "answers": sv.tables.table(cases.hard_answers()),
    }.items():
        formats = [f for f in FORMATS[exhibit.kind] if f not in ("png", "pdf")]
        for path in sv.export(exhibit, name, formats=formats, folder=tmp_path).values():
            raw = content(path)
            for secret in (b"0.1234", b"12.3", b"12,3", b"0.0234", b"0.2234"):
                assert secret not in _without_geometry(path, raw), (path.name, secret)


def _without_geometry(path: Path, raw: bytes) -> bytes:
    """A picture's coordinates hold any digits; what remains are its words and the table."""
    import re

    if path.suffix == ".svg" or b"<svg" in raw:
        places = rb"\bd|points|transform|x|y|width|height|viewBox|style|xlink:href|textLength"
        raw = re.sub(rb"(?:" + places + rb')="[^"]*"', b"", raw)
    if path.suffix in (".docx", ".xlsx", ".pptx"):
        raw = re.sub(rb"\x89PNG.*?IEND", b"", raw, flags=re.DOTALL)
    return raw


def test_names_by_language_and_without(cases: Any, tmp_path: Path) -> None:
    exhibit = sv.tables.table(cases.wards())
    both = sv.export(exhibit, "fig03", formats=["csv", "html"], folder=tmp_path, languages=("vi", "en"))
    assert {k: p.name for k, p in both.items()} == {
        "vi.csv": "fig03.vi.csv",
        "vi.html": "fig03.vi.html",
        "en.csv": "fig03.en.csv",
        "en.html": "fig03.en.html",
        "json": "fig03.json",
    }
    one = sv.export(exhibit, "fig04", formats="csv", folder=tmp_path / "new")
    assert {k: p.name for k, p in one.items()} == {"csv": "fig04.csv", "json": "fig04.json"}
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*(p.name for p in both.values()), "new"])


def test_the_sidecar_holds_every_word(cases: Any, tmp_path: Path) -> None:
    exhibit = sv.figures.intervals(cases.hard(), caption={"vi": "Chú thích", "en": "Caption"})
    written = sv.export(exhibit, "a", formats=["csv"], folder=tmp_path, languages=("vi", "en"))
    said = json.loads(written["json"].read_text(encoding="utf-8"))
    assert said["hash"] == exhibit.hash
    assert said["statistic"] == "proportion"
    assert said["simulated"] is True
    assert said["files"] == ["a.en.csv", "a.vi.csv"]
    for lang in ("vi", "en"):
        version = exhibit.in_language(lang)
        assert said["texts"][lang] == {
            "title": version.title,
            "subtitle": version.subtitle,
            "caption": version.caption,
            "alt": version.alt,
            "source": version.source,
            "notes": list(version.notes),
        }


def test_a_png_carries_its_words_and_its_size(cases: Any, tmp_path: Path) -> None:
    from PIL import Image

    exhibit = sv.figures.intervals(cases.wards())
    with Image.open(sv.export(exhibit, "a", formats=["png"], folder=tmp_path)["png"]) as picture:
        said = picture.text  # type: ignore[attr-defined]
        assert said["Title"] == exhibit.title
        assert said["Description"] == exhibit.alt
        assert said["Source"] == exhibit.source
        assert picture.info["dpi"][0] == pytest.approx(300, abs=0.1)
        assert picture.width / 300 * 25.4 == pytest.approx(160, abs=0.1)


def test_an_svg_names_itself_to_screen_readers(cases: Any, tmp_path: Path) -> None:
    exhibit = sv.figures.intervals(cases.wards(), title=r"A & B <c> \1")
    path = sv.export(exhibit, "a", formats=["svg"], folder=tmp_path)["svg"]
    root = ElementTree.parse(path).getroot()
    ns = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    title, description = root.find(f"{ns}title"), root.find(f"{ns}desc")
    assert title is not None
    assert description is not None
    assert (title.text, description.text) == (exhibit.title, exhibit.alt)
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_a_pdf_embeds_its_letters_and_has_no_date(cases: Any, tmp_path: Path) -> None:
    raw = sv.export(sv.figures.intervals(cases.wards()), "a", formats=["pdf"], folder=tmp_path)["pdf"].read_bytes()
    assert b"/FontFile2" in raw
    assert b"/Type3" not in raw
    assert b"CreationDate" not in raw
    assert "Trial survey".encode("utf-16-be") in raw or "Khảo sát thử".encode("utf-16-be") in raw


def test_a_csv_keeps_every_digit_with_codes_labels_and_source(cases: Any, tmp_path: Path) -> None:
    e = cases.hard()
    path = sv.export(sv.figures.intervals(e), "a", formats=["csv"], folder=tmp_path)["csv"]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel shows "PhÆ°á»ng"
    back = pd.read_csv(path)
    kept = [i for i in range(20) if i not in (0, 1, 3, 4, 5)]  # 0, 1 and 4 go with 5: ward and total would tell it
    for column in ("estimate", "std_error", "conf_low", "conf_high", "n"):
        expected = e.table[column].iloc[kept].astype(float).reset_index(drop=True)
        pd.testing.assert_series_equal(back[column].iloc[kept].reset_index(drop=True), expected)
    assert back.loc[0, ["ward", "ward_label", "wave", "wave_label"]].tolist() == [
        "P01",
        "Phường Đông Hải",
        1,
        "Tháng 8/2023",
    ]
    assert back.loc[5, ["estimate", "std_error", "conf_low", "conf_high", "n", "df"]].isna().all()
    assert back["status"].tolist()[3:9] == ["empty", "suppressed", "suppressed", "shown", "shown", "flagged"]
    assert back["status_detail"].fillna("").tolist()[3:9] == ["", "complementary", "small", "", "", "unreliable"]
    assert set(back["unit"]) == {"tỷ lệ 0–1"}
    assert set(back["source"]) == {"Khảo sát thử (dữ liệu mô phỏng)"}


def test_a_page_stands_alone_with_picture_words_and_numbers(cases: Any, tmp_path: Path) -> None:
    exhibit = sv.figures.intervals(cases.wards(), lang="en", title="T < U", caption="Below.")
    page = sv.export(exhibit, "a", formats=["html"], folder=tmp_path)["html"].read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<h1>T &lt; U</h1>" in page
    assert 'role="img"' in page
    assert page.count("<svg ") == 2  # for a desk and for a phone
    assert "<?xml" not in page
    assert "Below." in page
    assert "Source: Trial survey (simulated data)" in page
    assert "50.0 (46.0–54.0)" in page
    assert "http://www.w3.org" in page
    outside = [part for part in page.split('"') if part.startswith(("http", "//")) and "w3.org" not in part]
    assert [p for p in outside if "purl.org" not in p and "creativecommons.org" not in p] == []


@pytest.mark.parametrize(
    ("kind", "formats", "what"),
    [
        ("figure", ["png", "bmp"], "figure cannot be written"),
        ("table", ["png"], "table cannot be written"),
        ("figure", [], "figure cannot be written"),
    ],
)
def test_formats_that_there_are_not(cases: Any, tmp_path: Path, kind: str, formats: list[str], what: str) -> None:
    exhibit = sv.figures.intervals(cases.wards()) if kind == "figure" else sv.tables.table(cases.wards())
    with pytest.raises(ExportError, match=what) as raised:
        sv.export(exhibit, "a", formats=formats, folder=tmp_path)
    assert "csv" in str(raised.value.expected)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "a/b", "..", "a\\b", "a:b", " a", "a.", "con\x00"])
def test_names_that_are_no_file_names(cases: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match="file name"):
        sv.export(sv.tables.table(cases.wards()), name, folder=tmp_path)


def test_an_exhibit_knows_its_own_name(cases: Any, tmp_path: Path) -> None:
    written = sv.export(sv.tables.table(cases.wards(), name="hình-3"), formats=["csv"], folder=tmp_path)
    assert written["csv"].name == "hình-3.csv"


def test_an_unknown_language_writes_nothing(cases: Any, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="unknown language"):
        sv.export(sv.tables.table(cases.wards()), "a", folder=tmp_path, languages=["vi", "fr"])
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(cases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sv.export(sv.tables.table(cases.wards()), "a", formats=["docx"], folder=tmp_path)["docx"]
    before = path.read_bytes()
    monkeypatch.setattr("survey.tables._docx.without_dates", lambda p: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(ExportError, match="OSError: full"):
        sv.export(sv.tables.table(cases.differences()), "a", formats=["docx"], folder=tmp_path)
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.docx", "a.json"]

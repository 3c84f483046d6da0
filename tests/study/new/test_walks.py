"""From an export to the first right figure and report: three commands, and at most five edited lines.

Expected numbers are those of plain pandas on the same file.
"""

from __future__ import annotations

import difflib
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import survey as sv
from survey.cli import FINE, main
from tests import exports

TOP = exports.SATISFIED[3:]


def weighted_share(raw: pd.DataFrame) -> float:
    known = raw[raw[exports.OVERALL] != exports.UNKNOWN]
    return float((known["Quyền số"] * known[exports.OVERALL].isin(TOP)).sum() / known["Quyền số"].sum())


def edited(path: Path, *changes: tuple[str, str]) -> int:
    """How many lines were edited."""
    before = path.read_text(encoding="utf-8")
    after = before
    for old, new in changes:
        assert old in after, old
        after = after.replace(old, new, 1)
    path.write_text(after, encoding="utf-8")
    return sum(line.startswith("+ ") for line in difflib.ndiff(before.splitlines(), after.splitlines()))


def words(path: Path) -> str:
    """All text of a document, slides or page."""
    if path.suffix == ".html":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        parts = [n for n in archive.namelist() if re.fullmatch(r"(word/document|ppt/slides/slide\d+)\.xml", n)]
        whole = "".join(archive.read(n).decode() for n in parts)
    return "".join(re.findall(r"<(?:w|a):t[^>]*>([^<]*)<", whole))


@pytest.mark.slow
def test_an_excel_file_of_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = exports.labels()
    monkeypatch.chdir(tmp_path)
    exports.table(tmp_path / "export.xlsx", raw)
    assert main(["new", "my-ward", "--data", "export.xlsx"]) == FINE
    monkeypatch.chdir(tmp_path / "my-ward")
    greeted = "[variables.can_bo_co_chao_hoi_khong]\n"
    lines = edited(Path("data/raw/study.toml"), ("# design = ", "design = "))
    lines += edited(
        Path("data/raw/codebook.toml"),
        (greeted, f'{greeted}direction = 1\ndimension = "group_1"\nscored = true\n'),
        (
            'group_1 = { vi = "Nhóm câu hỏi 1", en = "Question group 1" }',
            'group_1 = { vi = "Phục vụ", en = "Service" }',
        ),
    )
    assert lines <= 5
    assert main(["reproduce"]) == FINE
    study = sv.Study.open()
    found = {f.id: f for f in study.findings()}
    assert found["03_overall"].numbers["estimate"] == pytest.approx(weighted_share(raw))
    points = {a: 25 * i for scale in (exports.SATISFIED, exports.OFTEN) for i, a in enumerate(scale)}
    items = pd.DataFrame({c: raw[c].map(points) for c in (exports.GREETED, exports.TIME, exports.STAFF)})
    score = items.mean(axis=1)[items.notna().sum(axis=1) >= 2]
    w = raw["Quyền số"][score.index]
    assert found["03_group_1"].numbers["estimate"] == pytest.approx((w * score).sum() / w.sum())
    assert not {"02_limit_weights", "02_limit_design"} & set(found)  # both are declared now
    figure = json.loads((study.exhibits / "fig03_overall.json").read_text(encoding="utf-8"))
    assert figure and (study.exhibits / "fig03_overall.vi.png").stat().st_size > 10_000
    table = pd.read_csv(study.exhibits / "fig03_overall.vi.csv")
    assert table["estimate"].sum() == pytest.approx(1)
    assert main(["report"]) == FINE
    shown = f"{100 * weighted_share(raw):.1f}".replace(".", ",")
    for name in ("report.vi.docx", "report.vi.pptx", "report.html"):
        text = words(study.processed / "report" / name)
        assert shown in text and not any(person in text for person in exports.NAMES), name
    assert main(["publish"]) == FINE and main(["verify"]) == FINE


@pytest.mark.slow
@pytest.mark.parametrize("analysis", [False, True], ids=["a plain form", "a form with columns for the analysis"])
def test_a_kobo_export_of_vietnamese_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], analysis: bool
) -> None:
    raw = exports.kobo()
    monkeypatch.chdir(tmp_path)
    exports.table(tmp_path / "export.xlsx", raw)
    exports.form(tmp_path / "form.xlsx", analysis=analysis)
    assert main(["new", "my-ward", "--data", "export.xlsx", "--form", "form.xlsx"]) == FINE
    monkeypatch.chdir(tmp_path / "my-ward")
    assert main(["reproduce"]) == FINE
    study = sv.Study.open()
    found = {f.id: f for f in study.findings()}
    known = raw[exports.OVERALL][raw[exports.OVERALL] != exports.UNKNOWN]
    share = weighted_share(raw) if analysis else known.isin(TOP).mean()
    assert found["03_overall"].numbers["estimate"] == pytest.approx(share)
    assert ("02_limit_weights" in found) is not analysis  # without weights it says that it speaks of respondents
    assert "Incomplete" not in capsys.readouterr().out
    assert main(["report", "--lang", "vi", "--lang", "en"]) == FINE
    for lang, sign in (("vi", ","), ("en", ".")):
        shown = f"{100 * share:.1f}".replace(".", sign)
        for kind in ("docx", "pptx"):
            assert shown in words(study.processed / "report" / f"report.{lang}.{kind}")
    english = words(study.processed / "report" / "report.en.docx")
    assert "Overall, how satisfied are you" in english and ("Friendliness" in english) is analysis

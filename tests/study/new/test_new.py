"""`survey new`: from an export to a study that runs, whole or not at all; numbers against plain pandas."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.base.files import sha256
from survey.cli import BAD_INPUT, FINE, main
from survey.study.new import making
from survey.study.notebook_languages import in_language
from tests import exports
from tests.legacy_text import to_legacy

TOP = exports.SATISFIED[3:]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports, and the studies made of them: `labels`, `kobo` and `analysis`."""
    folder = tmp_path_factory.mktemp("new")
    exports.table(folder / "labels.xlsx", exports.labels())
    exports.table(folder / "kobo.xlsx", exports.kobo())
    exports.form(folder / "form.xlsx")
    exports.form(folder / "analysis.xlsx", analysis=True)
    sv.new(folder / "labels", data=folder / "labels.xlsx")
    sv.new(folder / "kobo", data=folder / "kobo.xlsx", form=folder / "form.xlsx")
    sv.new(folder / "analysis", data=folder / "kobo.xlsx", form=folder / "analysis.xlsx", lang="en")
    return folder


def cleaned(study: sv.Study) -> sv.Responses:
    """What the first notebook does."""
    clean = study.read().recode_missing().number_scales().recode_missing(outside="blank")
    for score in clean.codebook.scored:
        clean = clean.score(score)
    return clean


def answered(column: pd.Series) -> pd.Series:
    return column[column != exports.UNKNOWN]


class TestNumbers:
    def test_the_share_of_an_excel_file_of_labels(self, made: Path) -> None:
        study, raw = sv.Study.open(made / "labels"), exports.labels()
        e = study.sample(cleaned(study)).proportion(study.settings.overall, top=2)
        column = answered(raw[exports.OVERALL])
        assert e.table["estimate"].iloc[0] == pytest.approx(column.isin(TOP).mean(), abs=1e-12)
        assert e.table["n"].iloc[0] == len(column)

    def test_a_share_by_ward(self, made: Path) -> None:
        study, raw = sv.Study.open(made / "labels"), exports.labels()
        sample = study.sample(cleaned(study))
        e = sample.proportion(study.settings.overall, top=2, by=study.settings.unit).table
        known = raw[raw[exports.OVERALL] != exports.UNKNOWN]
        hand = known[exports.OVERALL].isin(TOP).groupby(known["Phường"]).mean()
        assert dict(zip(e[study.settings.unit], e["estimate"], strict=True)) == pytest.approx(hand.to_dict())

    def test_a_guessed_score(self, made: Path) -> None:
        """The mean of the two questions on one scale, each from 0 to 100, for who answered two thirds of them."""
        study, raw = sv.Study.open(made / "labels"), exports.labels()
        points = {answer: 25 * i for i, answer in enumerate(exports.SATISFIED)}
        both = pd.DataFrame({c: raw[c].map(points) for c in (exports.TIME, exports.STAFF)})
        (score,) = study.codebook.scored
        e = study.sample(cleaned(study)).mean(score).table
        assert e["estimate"].iloc[0] == pytest.approx(both.dropna().mean(axis=1).mean())

    def test_a_kobo_export_of_vietnamese_labels(self, made: Path) -> None:
        study, raw = sv.Study.open(made / "kobo"), exports.kobo()
        column = answered(raw[exports.OVERALL])
        e = study.sample(cleaned(study)).proportion("chung", top=2).table
        assert e["estimate"].iloc[0] == pytest.approx(column.isin(TOP).mean(), abs=1e-12)
        assert study.codebook["chung"].codes == ("rkhl", "khl", "bt", "hl", "rhl")  # the order is that of the labels


class TestGuesses:
    def test_each_is_marked_where_it_stands(self, made: Path) -> None:
        book = (made / "labels" / "data" / "raw" / "codebook.toml").read_text(encoding="utf-8")
        above = {
            name: book.partition(f"\n[variables.{name}]")[0].rpartition("\n\n")[2]
            for name in ("phuong", "ho_va_ten", "gioi_tinh", "nhin_chung_hai_long_voi_su")
        }
        assert all("# cần kiểm tra:" in remarks for remarks in above.values())
        assert "to be checked" not in book and "perhaps" not in book  # one language
        study = (made / "labels" / "data" / "raw" / "study.toml").read_text(encoding="utf-8")
        assert study.count("cần kiểm tra") == 3

    def test_what_moves_estimates_waits_for_a_person(self, made: Path) -> None:
        """Columns called weights and clusters are named, and have no effect."""
        study = sv.Study.open(made / "labels")
        assert study.design() == {}
        text = study.path.read_text(encoding="utf-8")
        assert '# design = { weights = "quyen_so", psu = "to_dan_pho" }' in text

    def test_a_scale_without_a_good_end_is_in_no_score(self, made: Path) -> None:
        book = sv.Study.open(made / "labels").codebook
        assert book["can_bo_co_chao_hoi_khong"].type == "ordinal" and not book["can_bo_co_chao_hoi_khong"].scored

    def test_personal_columns_are_named_and_reach_nothing(self, made: Path) -> None:
        for name in ("labels", "kobo"):
            study = sv.Study.open(made / name)
            assert not set(exports.NAMES) & set(study.read().data.astype(str).to_numpy().ravel())
        page = (made / "kobo" / "README.md").read_text(encoding="utf-8")
        assert "`ho_ten` (họ tên)" in page and "vi_tri" not in sv.Study.open(made / "kobo").read().data

    def test_what_is_said_goes_before_what_is_guessed(self, made: Path, tmp_path: Path) -> None:
        parts = {"ward": "Tổ dân phố", "weight": "Quyền số", "overall": exports.TIME}
        study = sv.new(tmp_path / "s", data=made / "labels.xlsx", parts=parts)
        assert study.settings.unit == "to_dan_pho" and study.settings.overall == "hai_long_voi_thoi_gian_giai"
        assert study.design() == {"weights": "quyen_so"}
        without = sv.new(tmp_path / "t", data=made / "labels.xlsx", parts={"ward": "", "overall": ""})
        assert not without.settings.unit

    def test_numbers_without_labels_that_are_a_battery(self, tmp_path: Path) -> None:
        """A 9 beside 1 to 5 is outside the scale, and left blank; two columns of other numbers are none."""
        data = pd.DataFrame(
            {"a": [1, 2, 3, 4, 5, 9] * 8, "b": [5, 4, 3, 2, 1, 5] * 8, "children": [0, 1, 2, 3, 0, 1] * 8}
        )
        data.to_csv(tmp_path / "a.csv", index=False)
        study = sv.new(tmp_path / "s", data=tmp_path / "a.csv")
        clean = cleaned(study)
        assert study.codebook["a"].codes == (1, 2, 3, 4, 5) and study.codebook["children"].type == "number"
        assert clean.data["a"].count() == 40 and clean.data["b"].count() == 48

    @pytest.mark.parametrize(
        ("part", "header"),
        [
            ("ward", "A1. Phường nơi ông/bà sinh sống"),
            ("ward", "Ông/bà đang sống ở phường nào?"),
            ("ward", "Q3. Which ward do you live in?"),
            ("group", "A6. Trình độ học vấn cao nhất của ông/bà"),
            ("age", "A4. Năm nay ông/bà bao nhiêu tuổi?"),
            ("", "Phường có thông báo lịch tiếp dân không?"),
            ("", "Ông/bà sinh năm nào?"),
        ],
    )
    def test_a_heading_that_asks_for_the_frame(self, tmp_path: Path, part: str, header: str) -> None:
        values = {"age": [19, 42, 57], "ward": ["A", "B", "C"], "group": ["THCS", "THPT", "Đại học"]}.get(
            part, [1, 2, 4]
        )
        data = pd.DataFrame({header: values * 8, "Hài lòng với phường": ["Tốt", "Kém", "Rất tốt"] * 8})
        study = sv.new(tmp_path / "s", data=exports.table(tmp_path / "a.xlsx", data))
        (name, *_) = study.codebook.variables
        found = {
            "ward": study.settings.unit == name,
            "group": study.settings.groups == (name,),
            "age": study.settings.groups == ("age_group",),
            "": not (study.settings.unit or study.settings.period or study.settings.groups),
        }
        assert found[part]


class TestForm:
    """Columns for the analysis in the form are the study."""

    def test_a_question_that_the_export_lacks_is_named(self, tmp_path: Path) -> None:
        """The form requires the ward; whoever exported has left it out."""
        rows = [["type", "name", "label", "required"], ["text", "phuong", "Phường", "yes"], ["select_one s", "a", "A"]]
        choices = [["list_name", "name", "label"], ["s", 1, "Bad"], ["s", 2, "Good"], ["s", 3, "Very good"]]
        form = exports.workbook(tmp_path / "f.xlsx", survey=rows, choices=choices)
        data = exports.table(tmp_path / "d.xlsx", pd.DataFrame({"a": [1, 2, 3, 3], "_uuid": list("wxyz")}))
        study = sv.new(tmp_path / "s", data=data, form=form)
        assert len(cleaned(study)) == 4 and not study.codebook["phuong"].required
        text = (tmp_path / "s" / "data" / "raw" / "codebook.toml").read_text(encoding="utf-8")
        assert "tệp không có cột này" in text.partition("[variables.phuong]")[0].rpartition("\n\n")[2]

    def test_what_the_type_of_a_question_leaves_out_is_named(self, made: Path) -> None:
        page = (made / "kobo" / "README.md").read_text(encoding="utf-8")
        assert "`vi_tri` (vị trí chính xác)" in page and page.count("vi_tri") == 1

    def test_headings_of_tcvn3_have_no_capitals_with_a_tone(self, tmp_path: Path) -> None:
        rows = [
            ["type", "name", "label"],
            ["select_one s", "a", "Ý kiến, nhìn chung của ông/bà?"],
            ["integer", "n", "Số lần"],
        ]
        choices = [["list_name", "name", "label"], ["s", 1, "Không tốt"], ["s", 2, "Tốt"], ["s", 3, "Rất tốt"]]
        form = exports.workbook(tmp_path / "f.xlsx", survey=rows, choices=choices)
        data = pd.DataFrame({rows[1][2]: ["Tốt", "Không tốt", "Rất tốt"], "Số lần": [1, 2, 3], "_uuid": list("xyz")})
        (tmp_path / "a.csv").write_bytes(to_legacy(data.to_csv(index=False, sep=";"), "tcvn3").encode("latin-1"))
        study = sv.new(tmp_path / "s", data=tmp_path / "a.csv", form=form)
        assert study.read().data["a"].tolist() == [2, 1, 3]

    def test_design_plan_and_report_are_those_of_the_form(self, made: Path) -> None:
        study = sv.Study.open(made / "analysis")
        assert study.design() == {"weights": "w", "psu": "to"}
        assert study.settings.overall == "chung" and study.settings.unit == "phuong"
        assert study.settings.groups == ("gioi",)
        assert [f.outcomes for f in study.plan.declaration.families] == [("than_thien",)]
        assert study.codebook.items("than_thien") == ("chao", "hach")
        assert study.codebook["hach"].direction == -1
        assert dict(study.codebook.dimensions["than_thien"]) == {"vi": "Thân thiện", "en": "Friendliness"}

    def test_a_weighted_score_by_hand(self, made: Path) -> None:
        study, raw = sv.Study.open(made / "analysis"), exports.kobo()
        points = {answer: 25 * i for i, answer in enumerate(exports.OFTEN)}
        good = raw["Cán bộ có chào hỏi ông/bà không?"].map(points)
        bad = 100 - raw["Cán bộ có hách dịch không?"].map(points)
        both = pd.DataFrame({"good": good, "bad": bad, "w": raw["Quyền số"]}).dropna()
        hand = (both["w"] * (both["good"] + both["bad"]) / 2).sum() / both["w"].sum()
        e = study.sample(cleaned(study)).mean("than_thien").table
        assert e["estimate"].iloc[0] == pytest.approx(hand, abs=1e-9)

    def test_the_standard_error_is_that_of_the_clusters(self, made: Path) -> None:
        """V = m/(m-1) sum of (z_j - mean z)^2 over m clusters, z = w(y - p)/sum of w (Lumley 2010, ch. 2)."""
        study, raw = sv.Study.open(made / "analysis"), exports.kobo()
        known = raw[raw[exports.OVERALL] != exports.UNKNOWN]
        w, y = known["Quyền số"], known[exports.OVERALL].isin(TOP).astype(float)
        p = (w * y).sum() / w.sum()
        z = (w * (y - p) / w.sum()).groupby(known["Tổ dân phố"]).sum().reindex(raw["Tổ dân phố"].unique(), fill_value=0)
        by_hand = (len(z) / (len(z) - 1) * ((z - z.mean()) ** 2).sum()) ** 0.5
        e = study.sample(cleaned(study)).proportion("chung", top=2).table
        assert e["estimate"].iloc[0] == pytest.approx(p) and e["std_error"].iloc[0] == pytest.approx(by_hand)

    def test_platforms_take_the_form_as_it_is(self, made: Path, tmp_path: Path) -> None:
        """pyxform, which KoboToolbox and ODK convert forms with, passes over the columns."""
        xls2xform = pytest.importorskip("pyxform.xls2xform")
        xls2xform.xls2xform_convert(str(made / "analysis.xlsx"), str(tmp_path / "form.xml"), validate=False)
        text = (tmp_path / "form.xml").read_text(encoding="utf-8")
        assert "than_thien" not in text and "hach" in text

    @pytest.mark.parametrize("header", ["dimension", "survey::dimension", "survey:dimension", "bind::survey:dimension"])
    def test_a_column_by_each_of_its_names(self, tmp_path: Path, header: str) -> None:
        rows = [["type", "name", "label", header], ["select_one s", "a", "A", "kindness"]]
        choices = [["list_name", "name", "label"], ["s", 1, "Bad"], ["s", 2, "Good"]]
        file = exports.workbook(tmp_path / "f.xlsx", survey=rows, choices=choices)
        assert sv.read_codebook(file)["a"].dimension == "kindness"

    def test_two_columns_cannot_play_one_part(self, made: Path, tmp_path: Path) -> None:
        rows = [["type", "name", "label", "role"], ["text", "phuong", "Phường", "ward"], ["text", "to", "Tổ", "ward"]]
        file = exports.workbook(tmp_path / "f.xlsx", survey=rows, settings=[["form_title"], ["x"]])
        data = exports.table(tmp_path / "d.xlsx", pd.DataFrame({"phuong": ["A", "B"], "to": ["1", "2"]}))
        with pytest.raises(sv.CodebookError) as caught:
            sv.new(tmp_path / "s", data=data, form=file)
        assert "ward" in str(caught.value.got) and not (tmp_path / "s").exists()


class TestFolder:
    def test_the_file_is_copied_byte_for_byte(self, made: Path) -> None:
        for study, names in (("labels", ["labels.xlsx"]), ("kobo", ["kobo.xlsx", "form.xlsx"])):
            for name in names:
                assert sha256(made / name) == sha256(made / study / "data" / "raw" / name)
        assert {p.name for p in sv.Study.open(made / "kobo").inputs} >= {"kobo.xlsx", "form.xlsx"}

    def test_the_same_export_gives_the_same_folder(self, made: Path, tmp_path: Path) -> None:
        sv.new(tmp_path / "labels", data=made / "labels.xlsx")
        for path in sorted((made / "labels").rglob("*")):
            if path.is_file() and "processed" not in path.parts:
                other = tmp_path / "labels" / path.relative_to(made / "labels")
                assert other.read_bytes() == path.read_bytes(), path

    @pytest.mark.parametrize(("study", "first"), [("labels", "vi"), ("analysis", "en")])
    def test_notebooks_have_both_languages_the_studys_first(self, made: Path, study: str, first: str) -> None:
        folder = made / study / "notebooks"
        assert [p.stem for p in sorted(folder.glob("*.ipynb"))] == list(sv.Study.open(made / study).run)
        titles = {"vi": "# Người dân trả lời thế nào?", "en": "# What did people answer?"}
        cells = json.loads((folder / "03_results.ipynb").read_text(encoding="utf-8"))["cells"]
        title = "".join(cells[0]["source"])
        assert title.startswith(f'<div lang="{first}">')
        assert all(in_language(title, lang).startswith(words) for lang, words in titles.items())
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        assert all("def " not in c and len(c.splitlines()) <= 15 for c in code)
        assert f'sv.language("{first}")' in code[0]

    def test_every_verb_finds_the_study_from_within(self, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        wanted = (made / "labels" / "data" / "raw" / "study.toml").resolve()
        for inside in (".", "notebooks", "data/raw"):
            monkeypatch.chdir(made / "labels" / inside)
            assert sv.Study.open().path.resolve() == wanted
        assert sv.Study.open(made / "labels").path.resolve() == wanted  # its folder does too

    def test_nothing_is_left_of_one_that_failed(
        self, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for problem in (OSError(28, "No space left on device"), KeyboardInterrupt(), RuntimeError()):

            def fails(*_: object, problem: BaseException = problem) -> dict[str, str]:
                raise problem

            monkeypatch.setattr(making, "notebooks", fails)
            with pytest.raises(BaseException) as caught:
                sv.new(tmp_path / "surveys" / "s", data=made / "labels.xlsx")
            assert isinstance(caught.value, sv.ExportError if isinstance(problem, OSError) else type(problem))
            assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["Khảo sát phường 2024", "a/b/my-ward", "my ward (2)"])
    def test_names_that_are_folders(self, made: Path, tmp_path: Path, name: str) -> None:
        study = sv.new(tmp_path / name, data=made / "labels.xlsx")
        assert study.path == tmp_path / name / "data" / "raw" / "study.toml"
        assert study.id.isascii() and " " not in study.id

    @pytest.mark.parametrize("name", ["", " ", ".", "a:b", "x" * 200, "nul", "what?", "end.", "a\0b"])
    def test_names_that_are_none(self, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(sv.StudyError):
            sv.new(name, data=made / "labels.xlsx")
        assert list(tmp_path.iterdir()) == []

    def test_nothing_is_overwritten(self, made: Path, tmp_path: Path) -> None:
        (tmp_path / "s").mkdir()
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        for name in ("s", "file"):
            with pytest.raises(sv.StudyError) as caught:
                sv.new(tmp_path / name, data=made / "labels.xlsx")
            assert "already" in caught.value.what
        assert (tmp_path / "file").read_text(encoding="utf-8") == "mine" and not list((tmp_path / "s").iterdir())


Case = Callable[[Path, Path], dict[str, Any]]


def _table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Case:
    return lambda made, folder: {"data": exports.table(folder / name, change(exports.labels()))}


def _cut(made: Path, folder: Path) -> dict[str, Any]:
    content = (made / "labels.xlsx").read_bytes()
    (folder / "half.xlsx").write_bytes(content[: len(content) // 2])
    return {"data": folder / "half.xlsx"}


def _two_sheets(made: Path, folder: Path) -> dict[str, Any]:
    rows = [list(exports.labels().columns), *exports.labels().astype(str).to_numpy().tolist()]
    return {"data": exports.workbook(folder / "two.xlsx", first=rows, second=rows)}


REFUSED: dict[str, Case] = {
    "one row": _table("a.xlsx", lambda d: d.head(1)),
    "no rows": _table("a.xlsx", lambda d: d.head(0)),
    "cut in half": _cut,
    "two sheets": _two_sheets,
    "a form alone": lambda made, folder: {"data": made / "form.xlsx"},
    "a form of other answers": lambda made, folder: {
        "data": exports.table(folder / "a.xlsx", exports.labels()[[exports.TIME, exports.STAFF]]),
        "form": made / "form.xlsx",
    },
    "answers for a form": lambda made, folder: {"data": made / "kobo.xlsx", "form": made / "labels.xlsx"},
    "no such file": lambda made, folder: {"data": folder / "none.xlsx"},
    "no such form": lambda made, folder: {"data": made / "kobo.xlsx", "form": folder / "none.xlsx"},
    "a folder": lambda made, folder: {"data": folder},
    "no such column": lambda made, folder: {"data": made / "labels.xlsx", "parts": {"ward": "khu vực"}},
    "no such part": lambda made, folder: {"data": made / "labels.xlsx", "parts": {"colour": "Phường"}},
    "no such language": lambda made, folder: {"data": made / "labels.xlsx", "lang": "fr"},
    "no such sheet": lambda made, folder: {"data": made / "labels.xlsx", "sheet": "Tháng 6"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    made: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, case: str
) -> None:
    files = tmp_path_factory.mktemp("files")
    with pytest.raises(sv.SurveyError) as caught:
        sv.new(tmp_path / "s", **REFUSED[case](made, files))
    assert caught.value.what and caught.value.what.endswith(".") and list(tmp_path.iterdir()) == []


def _spss(made: Path, folder: Path) -> dict[str, Any]:
    return {"data": Path(__file__).parents[3] / "data" / "raw" / "businesses_2024.sav"}


def _csv(folder: Path, **how: Any) -> dict[str, Any]:
    exports.labels().to_csv(folder / "a.csv", index=False, **how)
    return {"data": folder / "a.csv"}


RUNNING: dict[str, Case] = {
    "two rows": _table("a.xlsx", lambda d: d.head(2)),
    "no ward": _table("a.xlsx", lambda d: d.drop(columns="Phường")),
    "text only": _table("a.xlsx", lambda d: pd.DataFrame({"Ý kiến": [f"Ý kiến thứ {i} của tôi" for i in range(40)]})),
    "an export without its form": lambda made, folder: {"data": made / "kobo.xlsx"},
    "one sheet of two": lambda made, folder: {**_two_sheets(made, folder), "sheet": "second"},
    "CSV": lambda made, folder: _csv(folder),
    "CSV of Excel in Vietnam": lambda made, folder: _csv(folder, sep=";", decimal=",", encoding="utf-8-sig"),
    "CSV in UTF-16": lambda made, folder: _csv(folder, encoding="utf-16"),
    "SPSS": _spss,
    "two columns of one wording": _table("a.xlsx", lambda d: d.assign(**{f"**{exports.TIME}**": d[exports.TIME]})),
}


@pytest.mark.parametrize("case", RUNNING)
def test_odd_input_is_a_study_that_can_be_cleaned_and_kept(made: Path, tmp_path: Path, case: str) -> None:
    study = sv.new(tmp_path / "s", **RUNNING[case](made, tmp_path))
    clean = cleaned(study)
    study.save("sample", study.sample(clean))
    assert len(clean) >= 2 and "Họ và tên" not in clean.data and "ho_va_ten" not in clean.data
    if case.startswith("CSV"):
        assert clean.data["quyen_so"].sum() == pytest.approx(exports.labels()["Quyền số"].sum())


@pytest.mark.slow
def test_three_hundred_columns(tmp_path: Path) -> None:
    answers = [exports.SATISFIED[i % 5] for i in range(10)]
    wide = pd.DataFrame({f"Câu {i}: hài lòng với việc {i}": answers for i in range(300)})
    study = sv.new(tmp_path / "s", data=exports.table(tmp_path / "wide.xlsx", wide))
    assert len(study.codebook) == 300 and len(set(study.codebook.variables)) == 300
    (score,) = study.codebook.scored
    assert len(study.codebook.items(score)) == 300


class TestCommand:
    def test_it_says_what_to_type_next(
        self, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        code = main(["new", "my ward", "--data", str(made / "kobo.xlsx"), "--form", str(made / "form.xlsx")])
        told = capsys.readouterr()
        assert code == FINE and 'cd "my ward"' in told.out and "survey reproduce" in told.out
        assert "ho_ten (họ tên)" in told.err

    def test_advice_is_given_as_options(self, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        data = _two_sheets(made, tmp_path)["data"]
        assert main(["new", str(tmp_path / "s"), "--data", str(data)]) == BAD_INPUT
        told = capsys.readouterr().err
        assert '--sheet "first"' in told and '--sheet "*"' in told and "read(" not in told
        assert main(["new", str(tmp_path / "s"), "--data", str(data), "--sheet", "*"]) == FINE

    def test_without_a_terminal_it_says_what_to_type(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["new"]) == BAD_INPUT
        assert "survey new NAME --data FILE" in capsys.readouterr().err
        assert main(["new", "only-a-name"]) == BAD_INPUT and not Path("only-a-name").exists()

    def test_the_dialogue(
        self, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Enter takes what is proposed; an answer that cannot be used is asked again."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "labels").mkdir()
        said = ["", "no-such.xlsx", str(made / "labels.xlsx"), "", "", "my-ward", "nothing", "", "", "quyen_so"]
        monkeypatch.setattr("sys.stdin", Terminal("\n".join(said) + "\n"))
        assert main(["new"]) == FINE
        told = capsys.readouterr()
        assert "Cột phường hoặc địa bàn (Enter: phuong" in told.out and "no-such.xlsx" in told.err
        study = sv.Study.open(tmp_path / "my-ward")
        assert study.settings.unit == "phuong" and not study.settings.period
        assert study.design() == {"weights": "quyen_so"}

    def test_a_dialogue_that_ends_makes_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.stdin", Terminal("vi\n"))
        assert main(["new"]) == 130 and os.listdir(tmp_path) == []


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


def test_waves_are_in_their_order_and_never_pooled(tmp_path: Path) -> None:
    data = exports.labels(240)
    data["Đợt"] = [f"Đợt {i % 12 + 1}" for i in range(240)]
    study = sv.new(tmp_path / "s", data=exports.table(tmp_path / "a.xlsx", data))
    assert study.settings.period == "dot"
    assert study.codebook["dot"].codes == tuple(f"Đợt {i}" for i in range(1, 13))
    cells = json.loads((tmp_path / "s" / "notebooks" / "03_results.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    calls = re.findall(r"sample\.(?:mean|proportion|distribution)\([^\n]*", code)
    assert len(calls) >= 5 and all("told.period" in call for call in calls)


@pytest.mark.parametrize(
    ("rows", "reportable"), [("sat\nVery good\nGood\nBad\nVery bad\n", True), ("sat\n3\n5\n1\n2\n", False)]
)
def test_a_report_is_proposed_where_there_is_something_to_report(
    rows: str, reportable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbers alone are no scale; without one `survey report` has nothing to say."""
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(rows, encoding="utf-8")
    assert main(["new", "study", "--data", "a.csv", "--lang", "en"]) == 0
    said, page = capsys.readouterr().out, Path("study", "README.md").read_text(encoding="utf-8")
    assert ("  survey report\n" in said) is reportable
    assert ("ordered scale was recognised" in said) is ("**No scale.**" in page) is not reportable

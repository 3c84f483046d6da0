"""No output replaces an input: whatever the writer, whatever the name, and nothing is left half done."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import survey as sv
from survey import cli
from survey.base import files as _files
from survey.codebook import Codebook, Variable
from survey.errors import CodebookError, ExportError, SurveyError
from survey.io.xlsform.writing import write_xlsform
from survey.responses import Responses
from survey.study import storage
from survey.tables import export_codebook, to_docx, to_pptx, to_xlsx

RULES = '[[rules]]\nname = "small"\nholds = "q1 < 9"\n'
MARGINS = "variable,category,total\n" + "".join(f"q1,{i},20\n" for i in range(5))
LINEAGE = "code,name,valid_from,valid_to,successor_code,successor_valid_from\n" + "".join(
    f"{i},P{i},2000-01-01,,,\n" for i in range(5)
)
BOOK = '# hours of work\n[variables.q1]\ntype = "number"\nmissing = {-98 = "dont_know"}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Raw answers with a link to them, a second name of theirs, and what they are read with."""
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("id,q1\n" + "".join(f"{i},{i % 5}\n" for i in range(60)), encoding="utf-8")
    Path("rules.toml").write_text(RULES, encoding="utf-8")
    Path("margins.csv").write_text(MARGINS, encoding="utf-8")
    Path("lineage.csv").write_text(LINEAGE, encoding="utf-8")
    Path("deep").mkdir()
    os.symlink("a.csv", "link.csv")
    os.link("a.csv", "second.csv")
    return tmp_path


def everything(folder: Path) -> dict[str, str]:
    """Every file with its SHA-256, so that a lost, a changed and a new one show."""
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


NAMES = ("a.csv", "./a.csv", "deep/../a.csv", "link.csv", "second.csv", "ABSOLUTE")
WRITERS: dict[str, Callable[[Responses, Path], object]] = {
    "write": Responses.write,
    "write what was cleaned": lambda r, p: r.drop(where="q1 == 1", reason="x").write(p),
    "save_log": Responses.save_log,
    "store responses": storage.save,
    "store a sample": lambda r, p: storage.save(sv.Sample(r, weights=None), p),
    "report of checks": lambda r, p: r.check().to_html(p),
    "codebook": lambda r, p: r.codebook.to_toml(p),
    "codebook, by force": lambda r, p: r.codebook.to_toml(p, replace_finished=True),
    "exhibit": lambda r, p: sv.export(
        sv.tables.table(sv.Sample(r, weights=None).mean("q1")), p.stem, formats=["csv"], folder=p.parent
    ),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.crossed
def test_no_writer_replaces_the_raw_file_under_any_name(folder: Path, writer: str, name: str) -> None:
    responses, before = sv.read("a.csv"), everything(folder)
    with pytest.raises(ExportError) as caught:
        WRITERS[writer](responses, folder / "a.csv" if name == "ABSOLUTE" else Path(name))
    assert everything(folder) == before
    assert None not in (caught.value.where, caught.value.got, caught.value.expected, caught.value.fix)


@pytest.mark.parametrize(
    ("source", "act"),
    [
        ("rules.toml", lambda r: r.check("rules.toml").to_html("rules.toml")),
        (
            "lineage.csv",
            lambda r: r.map_wards("q1", lineage="lineage.csv", date="2024-01-01", to="2024-06-01", into="w").write(
                "lineage.csv"
            ),
        ),
        (
            "margins.csv",
            lambda r: sv.export(
                sv.tables.table(sv.Sample(r, weights=None).rake("margins.csv").mean("q1")), "margins", formats=["csv"]
            ),
        ),
        ("form.xlsx", lambda r: write_xlsform(_form("form.xlsx"), "form.xlsx")),
        ("form.xlsx", lambda r: export_codebook(_form("form.xlsx"), "form.xlsx")),
        ("form.docx", lambda r: export_codebook(_form("form.xlsx").read_from("form.docx"), "form.docx")),
        ("key", lambda r: r.pseudonymise("id", key="key").save_log("key")),
        ("k.zip", lambda r: storage.save(storage.load("k.zip"), "k.zip")),
    ],
)
def test_nothing_else_that_was_read_is_replaced(folder: Path, source: str, act: Callable[[Responses], object]) -> None:
    wording = {"vi": "Mấy?", "en": "How many?"}
    Path("form.docx").write_bytes(b"a form")
    Path("key").write_text("0123456789abcdef" * 2)
    write_xlsform(Codebook().update(Variable("q1", text=wording)), "form.xlsx")
    storage.save(Responses(pd.DataFrame({"q1": [1.0]})), "k.zip")
    responses = sv.read("a.csv")
    responses = Responses(
        responses.data.astype({"q1": "str"}) if source == "lineage.csv" else responses.data,
        responses.codebook,
        sources=responses.sources,
    )
    before = everything(folder)
    with pytest.raises(ExportError, match="was an input"):
        act(responses)
    assert everything(folder) == before


def _form(path: str) -> Codebook:
    from survey.io.xlsform.codebook import codebook_from_xlsform

    return codebook_from_xlsform(path)


@pytest.mark.parametrize("writer", [to_docx, to_xlsx, to_pptx])
def test_documents_do_not_replace_the_form_that_answers_were_read_with(folder: Path, writer: Any) -> None:
    path = Path(f"form.{writer.__name__[3:]}")
    path.write_bytes(b"a form")
    responses = sv.read("a.csv")
    asked = Responses(responses.data, responses.codebook.read_from(path))
    with pytest.raises(ExportError, match="was an input"):
        writer(sv.tables.table(sv.Sample(asked, weights=None).mean("q1")), path)
    assert path.read_bytes() == b"a form"


def test_raw_files_are_known_again_from_another_folder_and_after_storing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    responses = sv.read("a.csv")
    kept = storage.load(storage.save(responses, "deep/k.zip"))
    before = everything(folder)
    monkeypatch.chdir(folder / "deep")
    for made in (responses, kept):
        for name in ("../a.csv", "../link.csv"):
            with pytest.raises(ExportError, match="was an input"):
                made.write(name)  # type: ignore[union-attr]
    assert everything(folder) == before


def test_nothing_is_written_into_the_raw_folder_of_a_study(tmp_path: Path) -> None:
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    for name in ("study.toml", "residents.sav"):
        (raw / name).write_bytes(b"raw")
    (tmp_path / "data" / "link").symlink_to(raw)
    before = everything(raw)
    responses = Responses(pd.DataFrame({"q1": [1.0]}))
    for place in (raw / "new.csv", raw / "deep" / "new.csv", raw / "residents.sav", tmp_path / "data/link/x.csv"):
        with pytest.raises(ExportError, match="The raw data of a study must not be overwritten"):
            responses.write(place)
    assert everything(raw) == before
    responses.write(tmp_path / "data" / "processed" / "new.csv")
    with _files.making_raw_data(), _files.together(fresh=True), _files.writing(raw / "more.csv") as temporary:
        temporary.write_bytes(b"raw")
    with (
        pytest.raises(ExportError, match="never changed"),
        _files.making_raw_data(),
        _files.together(fresh=True),
        _files.writing(raw / "more.csv") as temporary,
    ):
        temporary.write_bytes(b"other")
    assert (raw / "more.csv").read_bytes() == b"raw"


def test_a_report_does_not_replace_a_file_of_another_kind(folder: Path) -> None:
    Path("other.sav").write_bytes(b"somebody's answers")
    with pytest.raises(ExportError, match="A file of another kind has this name"):
        sv.read("a.csv").check().to_html("other.sav")
    assert Path("other.sav").read_bytes() == b"somebody's answers"


@pytest.mark.parametrize(
    "arguments",
    [
        ["convert", "a.csv", "a.csv"],
        ["convert", "a.csv", "link.csv"],
        ["convert", "link.csv", "a.csv"],
        ["convert", "a.csv", "deep/../second.csv"],
        ["check", "a.csv", "--html", "a.csv"],
        ["check", "a.csv", "--rules", "rules.toml", "--html", "rules.toml"],
        ["check", "a.csv", "--codebook", "book.toml", "--html", "book.toml"],
        ["codebook", "a.csv", "--out", "a.csv", "--force"],
        ["codebook", "a.csv", "--out", "link.csv", "--force"],
        ["codebook", "book.toml", "--out", "book.toml", "--force"],
        ["replay", "log.json", "--out", "a.csv"],
        ["replay", "log.json", "--out", "log.json"],
        ["replay", "log.json", "--out", "book.toml"],
        ["replay", "log.json", "--sources", "second.csv", "--out", "second.csv"],
    ],
)
def test_no_command_writes_onto_its_own_input(
    folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("book.toml").write_text(BOOK + '[variables.id]\ntype = "number"\n', encoding="utf-8")
    sv.read("a.csv", codebook="book.toml").drop(where="q1 == 1", reason="x").save_log("log.json")
    before = everything(folder)
    assert cli.main(arguments) == 2
    assert "fix:" in capsys.readouterr().err
    assert everything(folder) == before


class TestTheCodebookBeside:
    """S1: `survey convert b.sav b.dta` turned the mean of b.sav from 2.0 into -23.0."""

    def test_a_conversion_does_not_change_what_the_file_says(self, folder: Path) -> None:
        data = pd.DataFrame({"q1": [1.0, 2, 3, -98] * 10, "w": 1.0})
        pyreadstat.write_sav(
            data,
            "b.sav",
            missing_ranges={"q1": [-98]},
            variable_value_labels={"q1": {1: "bad", 3: "good", -98: "don't know"}},
        )
        for name in ("b.dta", "b.parquet", "b.csv", "b.xlsx"):
            sv.read("b.sav").write(name)
            mean = sv.Sample(sv.read("b.sav").recode_missing(), weights="w").mean("q1").table["estimate"].iloc[0]
            assert mean == pytest.approx(2.0, abs=1e-12)  # by hand: (1 + 2 + 3) / 3
            how = {"sheet": "data"} if name.endswith("xlsx") else {}
            again = sv.read(name, **how).recode_missing()  # type: ignore[arg-type]
            assert sv.Sample(again, weights="w").mean("q1").table["estimate"].iloc[0] == pytest.approx(2.0, abs=1e-12)

    def test_one_that_a_person_finished_is_read_and_never_replaced(self, folder: Path) -> None:
        Path("a.csv.codebook.toml").write_text(BOOK, encoding="utf-8")
        responses = sv.read("a.csv")
        assert dict(responses.codebook["q1"].missing) == {-98: "dont_know"}
        Path("c.csv.codebook.toml").write_text(BOOK, encoding="utf-8")
        before = everything(folder)
        with pytest.raises(ExportError, match="A manually edited codebook has this name and is not replaced"):
            responses.write("c.csv")
        with pytest.raises(ExportError, match="A manually edited codebook has this name and is not replaced"):
            Codebook().update(Variable("z")).to_toml("c.csv.codebook.toml")
        assert everything(folder) == before

    def test_one_that_nobody_changed_is_written_again(self, folder: Path) -> None:
        sv.read("a.csv").write("b.csv")
        files = sv.read("a.csv").derive("double", "q1 * 2").write("b.csv")
        assert "double" in Codebook.from_toml(files["codebook"])
        text = files["codebook"].read_text(encoding="utf-8") + "# I know better\n"
        files["codebook"].write_text(text, encoding="utf-8")
        with pytest.raises(ExportError, match="A manually edited codebook has this name and is not replaced"):
            sv.read("a.csv").write("b.csv")
        assert files["codebook"].read_text(encoding="utf-8") == text

    def test_one_of_an_older_name_is_read_where_it_can_belong_to_no_other_file(self, folder: Path) -> None:
        Path("a.codebook.toml").write_text(BOOK, encoding="utf-8")
        sv.read("a.csv").write("a.dta")  # which has a codebook of its own
        assert "a.codebook.toml, found beside" in sv.read("a.csv").sources[0].notes[0]
        Path("a.dta.codebook.toml").unlink()
        for name in ("a.csv", "a.dta"):
            with pytest.raises(CodebookError, match="may belong to another") as caught:
                sv.read(name)
            assert f"{name}.codebook.toml" in str(caught.value) and "a.dta" in str(caught.value)
        Path("a.codebook.toml").rename("a.csv.codebook.toml")
        assert dict(sv.read("a.csv").codebook["q1"].missing) == {-98: "dont_know"}
        assert not sv.read("a.dta").codebook["q1"].missing

    def test_one_beside_some_of_several_files_is_told(self, folder: Path) -> None:
        Path("b.csv").write_text("id,q1\n1,2\n", encoding="utf-8")
        Path("a.csv.codebook.toml").write_text(BOOK, encoding="utf-8")
        assert "not used" in " ".join(sv.read(["a.csv", "b.csv"]).sources[0].notes)


class TestTogetherOrNotAtAll:
    @pytest.mark.parametrize("at", [1, 2])
    @pytest.mark.parametrize("problem", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
    def test_data_and_codebook(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, at: int, problem: BaseException
    ) -> None:
        sv.read("a.csv").write("b.csv")
        before, real, calls = everything(folder), os.replace, []

        def fails(one: Any, other: Any) -> None:
            calls.append(other)
            if len(calls) == at:
                raise problem
            real(one, other)

        monkeypatch.setattr(_files.os, "replace", fails)
        with pytest.raises(ExportError if isinstance(problem, OSError) else KeyboardInterrupt):
            sv.read("a.csv").derive("double", "q1 * 2").write("b.csv")
        assert everything(folder) == before
        calls.clear()
        with pytest.raises(ExportError if isinstance(problem, OSError) else KeyboardInterrupt):
            sv.read("a.csv").write("new/c.csv")
        assert everything(folder) == before and not Path("new").exists()

    def test_an_exhibit_in_several_formats(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        module = import_module("survey.reports.export")  # the name of the package is that of its verb

        def fails(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        exhibit = sv.tables.table(sv.Sample(sv.read("a.csv"), weights=None).mean("q1"))
        before = everything(folder)
        monkeypatch.setitem(module._WRITERS, "html", fails)
        with pytest.raises((ExportError, OSError)):
            sv.export(exhibit, "t", formats=["csv", "html"], folder="out", languages=["vi", "en"])
        assert everything(folder) == before

    def test_a_release_belongs_to_one_file(self, folder: Path) -> None:
        files = sv.read("a.csv").write("b.csv", quasi=["q1"])
        assert files["release"].name == "b.csv.release.json"
        assert hashlib.sha256(files["data"].read_bytes()).hexdigest() in files["release"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("deep", "folder"),
        ("a.csv/b.csv", "a file, not a folder"),
        ("x" * 300 + ".csv", "too long"),
        ("x\x00y.csv", "the file name is invalid"),
        ("x\ud800y.csv", "the file name is invalid"),
    ],
)
@pytest.mark.parametrize("writer", ["write", "save_log", "store responses", "report of checks"])
def test_what_the_system_refuses_is_one_error_in_five_parts(folder: Path, writer: str, path: str, what: str) -> None:
    before = everything(folder)
    target = Path(path + ".csv") if path == "deep" and writer == "write" else Path(path)
    if writer == "write" and path == "deep":
        target.mkdir()
    with pytest.raises(ExportError, match=what) as caught:
        WRITERS[writer](sv.read("a.csv"), target)
    assert None not in (caught.value.where, caught.value.got, caught.value.expected, caught.value.fix)
    assert everything(folder) == before


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EPERM, errno.EIO])
@pytest.mark.parametrize("step", ["mkstemp", "replace"])
def test_no_permission_and_no_room(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int) -> None:
    """A file that is open in Excel is a PermissionError on `os.replace` under Windows."""

    def fails(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    responses, before = sv.read("a.csv"), everything(folder)
    monkeypatch.setattr(*((_files.tempfile, "mkstemp") if step == "mkstemp" else (_files.os, "replace")), fails)
    for act in (lambda: responses.save_log("log.json"), lambda: responses.write("b.csv")):
        with pytest.raises(ExportError) as caught:
            act()
        assert os.strerror(code) in str(caught.value)
    assert everything(folder) == before
    monkeypatch.setattr(cli.sys, "argv", [])
    assert cli.main(["convert", "a.csv", "b.csv"]) == 2


@pytest.mark.parametrize("path", ["deep", "deep.csv", "x" * 300 + ".csv", "x\x00y.csv", "a.csv/b.csv", "none.csv"])
def test_what_cannot_be_read_is_an_error_of_ours(folder: Path, path: str) -> None:
    Path("deep.csv").mkdir()
    for act in (sv.read, sv.read_log, Codebook.from_toml, sv.Targets.from_csv, storage.load, sv.read("a.csv").check):
        with pytest.raises(SurveyError):
            act(path)  # type: ignore[operator]


def test_reading_changes_no_file(folder: Path) -> None:
    Path("a.csv.codebook.toml").write_text(BOOK, encoding="utf-8")
    before = everything(folder)
    responses = sv.read("a.csv").recode_missing()
    responses.check("rules.toml")
    sv.Sample(responses, weights=None).rake("margins.csv").mean("q1")
    for arguments in (
        ["check", "a.csv"],
        ["privacy", "a.csv"],
        ["codebook", "a.csv"],
        ["codebook", "a.csv", "--diff", "a.csv"],
    ):
        assert cli.main(arguments) in (0, 1)
    assert np.isfinite(responses.data["q1"]).all() and everything(folder) == before

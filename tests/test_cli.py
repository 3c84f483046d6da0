"""The command line: what it prints, what it returns, and that a mistake is told in words."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import survey
from survey import cli, simulate
from survey.cli.arguments import parser
from survey.errors import StudyError
from survey.opendata import download

CODEBOOK = '[variables.q]\ntype = "ordinal"\nlabels = {1 = "low", 2 = "high"}\n'


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    (tmp_path / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    path = tmp_path / "answers.csv"
    path.write_text("q\n1\n2\n7\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated study, written once; whoever writes beside it takes a copy."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate.write_study(folder)
    return folder


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command as a person starts it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "survey.cli", *map(str, arguments)],
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


class TestExitCodes:
    """Those that docs/cli.md promises to scripts."""

    def test_0_when_all_is_fine(self, answers: Path) -> None:
        answers.write_text("q\n1\n2\n", encoding="utf-8")
        assert cli.main(["check", str(answers), "--codebook", str(answers.parent / "codebook.toml")]) == 0

    def test_1_when_rules_are_broken(self, answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["check", str(answers), "--codebook", str(answers.parent / "codebook.toml")]) == 1
        told = capsys.readouterr().out
        assert "1 error" in told and "q: codes outside the scale: 7" in told and "1 row: 2" in told

    def test_2_for_bad_input_without_a_traceback(self, tmp_path: Path) -> None:
        done = run("check", tmp_path / "none.sav")
        told = done.stderr.decode()
        assert done.returncode == 2
        assert told.startswith("survey: The file does not exist.") and "fix:" in told
        assert "Traceback" not in told and done.stdout == b""

    def test_a_full_disk_is_told_as_one(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device", "processed/clean.zip")

        monkeypatch.setattr(simulate, "write_study", full)
        assert cli.main(["simulate"]) == cli.BAD_INPUT
        told = capsys.readouterr().err
        assert told.startswith("survey: The disk is full.") and "processed/clean.zip" in told and "free some" in told

    @pytest.mark.slow
    def test_debug_shows_the_traceback(self, tmp_path: Path) -> None:
        done = run("--debug", "check", tmp_path / "none.sav")
        assert b"Traceback" in done.stderr and done.returncode != 0

    @pytest.mark.parametrize("arguments", [["chek"], ["check"], ["fetch", "--now"], ["simulate", "--seed", "a"]])
    def test_2_for_wrong_usage(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        assert caught.value.code == 2
        assert "usage: survey" in capsys.readouterr().err

    def test_130_when_the_user_stops_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def stop(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(simulate, "write_study", stop)
        assert cli.main(["simulate"]) == 130


class TestHelp:
    def test_it_shows_examples_that_can_be_typed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main([]) == 0
        told = capsys.readouterr().out
        examples = [line.split("  ")[1].split() for line in told.splitlines() if line.startswith("  survey ")]
        assert len(examples) >= 6
        for _, *arguments in examples:
            assert parser().parse_args(arguments).run

    @pytest.mark.parametrize("command", ["check", "simulate", "fetch", "reproduce", "lab"])
    def test_every_command_has_its_own(self, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main([command, "--help"])
        assert caught.value.code == 0
        assert f"usage: survey {command}" in capsys.readouterr().out

    def test_the_version_is_that_of_the_package(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            cli.main(["--version"])
        assert capsys.readouterr().out == f"survey {survey.__version__}\n"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_without_vietnamese_letters_survives(tmp_path: Path, encoding: str) -> None:
    done = run("simulate", "--out", tmp_path / "study", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert b"Simulated data" in done.stdout


class TestSimulate:
    @pytest.mark.slow
    def test_the_same_study_may_be_made_again(self, simulated: Path, tmp_path: Path) -> None:
        raw = shutil.copytree(simulated, tmp_path / "raw")
        assert cli.main(["simulate", "--out", str(raw)]) == 0
        assert sorted(p.name for p in raw.iterdir()) == sorted(p.name for p in simulated.iterdir())

    @pytest.mark.slow
    def test_raw_data_are_never_changed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "study.toml").write_text("mine", encoding="utf-8")
        assert cli.main(["simulate", "--out", str(tmp_path)]) == 2
        assert "study.toml" in capsys.readouterr().err
        assert [p.name for p in tmp_path.iterdir()] == ["study.toml"]
        assert (tmp_path / "study.toml").read_text(encoding="utf-8") == "mine"


class TestFetch:
    def test_without_a_name_all_are_listed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["fetch"]) == 0
        told = capsys.readouterr().out
        for entry in download.REGISTRY.values():
            assert entry.name in told and entry.licence in told and entry.credit in told

    @pytest.mark.real
    def test_it_says_where_it_was_found(self, data_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["fetch", "lapop_bra23"]) == 0
        told = capsys.readouterr().out
        assert f"{data_home / 'lapop_bra23'} (SURVEY_DATA_HOME)" in told
        assert download.find("lapop_bra23").files[0].sha256 in told

    def test_an_unknown_name_is_bad_input(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["fetch", "nothing"]) == 2
        assert "sandiego2015" in capsys.readouterr().err


class TestReproduceAndLab:
    @pytest.mark.parametrize("command", ["reproduce", "lab"])
    def test_no_study_is_told_with_how_to_make_one(
        self, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert cli.main([command]) == 2
        assert "survey simulate" in capsys.readouterr().err

    def test_reproduce_passes_on_what_was_asked(self, simulated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from survey.study import run as report

        asked: list[object] = []

        def record(study: object, only: list[str]) -> None:
            asked.extend([study.id, only])  # type: ignore[attr-defined]
            raise StudyError("enough")

        monkeypatch.setattr(report, "reproduce", record)
        assert cli.main(["reproduce", str(simulated), "--only", "03", "--only", "07"]) == 2
        assert asked == ["friendly-ward", ["03", "07"]]

    def test_lab_starts_in_the_notebooks_and_passes_options_on(
        self, simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copytree(simulated, tmp_path, dirs_exist_ok=True)
        (tmp_path / "notebooks").mkdir()
        calls: list[tuple[list[str], Path]] = []

        def start(command: list[str], cwd: Path, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[str]:
            calls.append((command, cwd))
            assert env["SURVEY_LAB_FOLDER"] == str(tmp_path / "notebooks") and env["JUPYTER_CONFIG_PATH"]
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setattr(subprocess, "run", start)
        program = [sys.executable, "-m", "jupyterlab"]
        assert cli.main(["lab", str(tmp_path), "--no-browser"]) == 0
        assert calls == [([*program, "--no-browser"], tmp_path / "notebooks")]
        monkeypatch.chdir(tmp_path)
        assert cli.main(["lab", "--port", "9999", "--no-browser"]) == 0  # a value is no study
        (tmp_path / "notebooks" / "02_weighting.ipynb").touch()
        assert cli.main(["lab", "."]) == cli.main(["lab", "--no-browser", "mine.ipynb"]) == 0
        assert [command[3:] for command, _ in calls[1:]] == [
            ["--port", "9999", "--no-browser"],
            ["--LabApp.default_url=/lab/tree/02_weighting.ipynb"],  # the first of study.toml that is there
            ["--no-browser", "mine.ipynb"],
        ]

    def test_a_warning_has_no_line_of_source(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("phone,q\n0912345678,1\n0912345679,2\n0987654321,1\n", encoding="utf-8")
        command = [sys.executable, "-m", "survey.cli", "check", str(tmp_path / "a.csv")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, encoding="utf-8")
        assert done.stderr.startswith("SurveyWarning: a.csv holds personal data: phone (phone)")
        assert done.stderr.count("\n") == 1


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m survey.cli fetch | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, check=False, timeout=60)
    assert done.stderr == b"" and done.stdout.startswith(b"sandiego2015")


class TestReplay:
    @pytest.mark.parametrize("name", ["clean.zip", "clean.parquet", "clean.csv"])
    def test_raw_files_and_log_give_the_cleaned_file(self, answers: Path, tmp_path: Path, name: str) -> None:
        clean = survey.read(answers).derive("one", "1 + 0 * q")
        log = clean.save_log(tmp_path / "log.json")
        assert cli.main(["replay", str(log), "--out", str(tmp_path / name)]) == cli.FINE
        assert (tmp_path / name).stat().st_size > 0

    def test_nothing_is_written_where_the_raw_file_is_another(self, answers: Path, tmp_path: Path) -> None:
        log = survey.read(answers).save_log(tmp_path / "log.json")
        answers.write_text(answers.read_text(encoding="utf-8") + "9\n", encoding="utf-8")
        assert cli.main(["replay", str(log), "--out", str(tmp_path / "clean.zip")]) == cli.BAD_INPUT
        assert not (tmp_path / "clean.zip").exists()
        assert cli.main(["replay", str(log), "--out", str(tmp_path / "clean.docx")]) == cli.BAD_INPUT


def test_check_takes_rules_and_writes_a_page(answers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules, page = tmp_path / "rules.toml", tmp_path / "report.html"
    rules.write_text('[[rules]]\nname = "no two"\nholds = "q != 2"\n', encoding="utf-8")
    assert cli.main(["check", str(answers), "--rules", str(rules), "--html", str(page)]) == cli.BROKEN_RULES
    assert "does not hold: q != 2" in capsys.readouterr().out
    assert "q != 2" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["check", "codebook", "privacy"])
def test_a_file_cut_by_semicolons_is_read_as_told(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a spreadsheet writes where the comma is the decimal sign."""
    path = tmp_path / "answers.csv"
    path.write_text("resp_id;ward;OV01\n1;P01;4\n2;P02;5\n", encoding="utf-8")
    assert cli.main([command, str(path)]) == cli.BAD_INPUT
    assert "another separator" in capsys.readouterr().err
    for sign in (";", "find"):
        assert cli.main([command, str(path), "--separator", sign]) == cli.FINE


def test_a_draft_names_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Invented people: their names must not stand in the remarks of a codebook that is passed on."""
    path = tmp_path / "answers.csv"
    path.write_text("OV01,họ tên\n4,Nguyễn Văn An\n5,Trần Thị Bình\n", encoding="utf-8")
    assert cli.main(["codebook", str(path)]) == cli.FINE
    told = capsys.readouterr().out
    assert "it holds name" in told and "Nguyễn" not in told and "Bình" not in told


def test_scan_is_now_privacy(answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The old command does the same, with one line on stderr; --help names the new one only."""
    answers.write_text("q,phone\n1,0912345678\n2,0987654321\n", encoding="utf-8")
    code, new = cli.main(["privacy", str(answers)]), capsys.readouterr()
    assert code == cli.BROKEN_RULES and "phone: phone, by Vietnamese mobile" in new.out and new.err == ""
    assert cli.main(["scan", str(answers)]) == code
    old = capsys.readouterr()
    assert old.out == new.out
    assert old.err == "survey: `survey scan` is now `survey privacy`; the old name goes in the next release.\n"
    assert cli.main([]) == cli.FINE
    shown = capsys.readouterr().out
    assert "    privacy " in shown and "    scan " not in shown


class TestHowAFileIsRead:
    """What `read` takes to read an export or an odd sheet, the commands take too."""

    @pytest.fixture
    def export(self, tmp_path: Path) -> Path:
        from openpyxl import Workbook

        for name, label in (("old.xlsx", "Cũ"), ("form.xlsx", "Có")):
            book = Workbook()
            book.active.title = "survey"
            book["survey"].append(["type", "name", "label"])
            book["survey"].append(["select_one yn", "q", "Q?"])
            book.create_sheet("choices").append(["list_name", "name", "label"])
            for row in (["yn", 1, label], ["yn", 0, "Không"]):
                book["choices"].append(row)
            book.save(tmp_path / name)
        path = tmp_path / "kobo.csv"
        path.write_text('"Q?";"_uuid"\n"Có";"u1"\n"Cũ";"u2"\n"Không";"u3"\n', encoding="utf-8")
        return path

    def test_an_export_with_the_versions_of_its_form(self, export: Path, capsys: pytest.CaptureFixture[str]) -> None:
        forms = ["--form", str(export.parent / "old.xlsx"), "--form", str(export.parent / "form.xlsx")]
        out = export.parent / "out.csv"
        assert cli.main(["convert", str(export), str(out), "--export", "kobo", *forms]) == cli.FINE
        lines = out.read_text(encoding="utf-8-sig").replace('"', "").split()
        assert [line.split(",")[0] for line in lines] == ["q", "1", "1", "0"]
        for command in ("check", "privacy", "codebook"):
            assert cli.main([command, str(export), "--export", "kobo", *forms]) == cli.FINE, capsys.readouterr()
        assert "[variables.q]" in capsys.readouterr().out
        assert cli.main(["check", str(export), "--export", "kobo", *forms[2:]]) == cli.BAD_INPUT
        assert "give the form" in capsys.readouterr().err

    def test_a_form_is_not_written_over(self, export: Path, capsys: pytest.CaptureFixture[str]) -> None:
        form = export.parent / "form.xlsx"
        before = form.read_bytes()
        assert cli.main(["convert", str(export), str(form), "--export", "kobo", "--form", str(form)]) == cli.BAD_INPUT
        assert form.read_bytes() == before and "form.xlsx" in capsys.readouterr().err

    def test_an_unknown_platform_is_told_the_known_ones(self, export: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["check", str(export), "--export", "cobo"]) == cli.BAD_INPUT
        shown = capsys.readouterr().err
        from survey.io.platforms import EXPORTS

        assert all(name in shown for name in EXPORTS)
        with pytest.raises(SystemExit):
            cli.main(["check", "--help"])
        shown = capsys.readouterr().out
        assert all(name in shown for name in EXPORTS)

    def test_the_hint_of_a_file_is_true(self, export: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = export.parent / "plain.csv"
        path.write_text("q,_uuid,_submission_time\n1,u1,2024-01-01T00:00:00\n", encoding="utf-8")
        assert cli.main(["check", str(path)]) == cli.FINE
        assert 'export="kobo"' in capsys.readouterr().out
        form = str(export.parent / "form.xlsx")
        assert cli.main(["check", str(path), "--export", "kobo", "--form", form]) == cli.FINE
        assert "export=" not in capsys.readouterr().out

    def test_a_sheet_with_two_header_rows(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        from openpyxl import Workbook

        book = Workbook()
        book.active.title = "Notes"
        sheet = book.create_sheet("Answers")
        for row in (["q1", "q2"], ["Hài lòng?", "Tuổi?"], [1, 30], [2, 40]):
            sheet.append(row)
            book["Notes"].append([str(cell) for cell in row])
        path = tmp_path / "two.xlsx"
        book.save(path)
        options = ["--sheet", "Answers", "--header", "2", "--lang", "vi"]
        assert cli.main(["codebook", str(path), *options]) == cli.FINE
        assert "Hài lòng?" in capsys.readouterr().out
        assert cli.main(["check", str(path), *options]) == cli.FINE
        assert "đã kiểm tra" in capsys.readouterr().out.lower()
        assert cli.main(["privacy", str(path), *options]) == cli.FINE
        assert "Không tìm thấy dữ liệu cá nhân" in capsys.readouterr().out


class TestPower:
    def test_numbers_as_either_language_writes_them(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = []
        for numbers in (["0.6", "0.05", "0.8"], ["0,6", "0,05", "0,8"], ["60%", "5%", "80%"]):
            share, effect, power = numbers
            options = ["--share", share, "--effect", effect, "--power", power]
            assert cli.main(["power", "difference", *options, "--lang", "vi"]) == cli.FINE
            told.append(capsys.readouterr().out)
        assert len(set(told)) == 1 and "1.471" in told[0] and "Số người cần chọn" in told[0] and "+5,0" in told[0]

    @pytest.mark.parametrize("many", ["5000", "5.000", "5,000", "5 000", "5e3"])
    def test_thousands_of_people_are_read_as_they_are_printed(
        self, many: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """880 of 5,000: 1 / (1 / 1067.07 + 1 / 5000), Cochran (1977), section 4.4; and 1.96 / 2 / sqrt(5000) = 1.4%."""
        assert cli.main(["power", "share", "--share", "0.5", "--margin", "0.03", "--population", many]) == cli.FINE
        assert "One share 880 " in capsys.readouterr().out
        assert cli.main(["power", "share", "--share", "0.5", "--n", many]) == cli.FINE
        said = capsys.readouterr().out
        assert "One share 5,000 " in said and " 1.4 " in said

    @pytest.mark.parametrize("effect", ["-0,05", "-5%", "−0,05", "-.05"])
    def test_an_effect_may_be_negative(self, effect: str, capsys: pytest.CaptureFixture[str]) -> None:
        options = ["power", "share", "--share", "0.5", "--power", "80%", "--effect"]
        assert cli.main([*options, "-0.05"]) == cli.FINE
        said = capsys.readouterr().out
        assert cli.main([*options, effect]) == cli.FINE and capsys.readouterr().out == said

    def test_the_file_of_a_curve_is_named_as_it_was_written(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        options = ["power", "share", "--share", "0.5", "--n", "100", "200", "--figure", str(tmp_path / "curve")]
        assert cli.main(options) == cli.FINE
        assert f"Figure: {tmp_path / 'curve.png'}\n" in capsys.readouterr().out and (tmp_path / "curve.png").is_file()

    def test_several_numbers_and_a_curve(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        picture = tmp_path / "curve.png"
        options = ["--sd", "1", "--n", "50", "100", "200", "--effect", "0.3", "--figure", str(picture)]
        assert cli.main(["power", "difference", *options]) == cli.FINE
        said = capsys.readouterr().out
        assert said.count("Difference of two groups") == 3 and "Figure: " in said and picture.is_file()

    @pytest.mark.parametrize(
        ("options", "part"),
        [
            (["share", "--share", "0.5"], "exactly two of"),
            (["share", "--share", "0.5", "--n", "-5"], "out of range"),
            (["share", "--share", "0.5", "--n", "many"], "invalid count value"),
            (["share", "--share", "0.5", "--n", "1.2000"], "out of range"),
            (["share", "--share", "50%", "--margin", "3"], "three percentage points"),
            (["mean", "--sd", "1", "--n", "50", "--effect", "1", "--treated", "x"], "invalid int value"),
            (
                ["did", "--sd", "1", "--n", "9", "--power", "0.8", "--units", "6", "--treated", "2"],
                "No effect, however",
            ),
            (["shares"], "invalid choice"),
        ],
    )
    def test_a_plan_that_cannot_be(self, options: list[str], part: str, capsys: pytest.CaptureFixture[str]) -> None:
        try:
            code: Any = cli.main(["power", *options])
        except SystemExit as stopped:  # wrong usage
            code = stopped.code
        assert code == cli.BAD_INPUT and part in capsys.readouterr().err

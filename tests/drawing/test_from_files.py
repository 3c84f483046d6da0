"""`survey draw`: a design in TOML, a folder that proves itself, and every way in which it may not."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey import cli
from survey.drawing import sheets
from survey.drawing.from_files import draw_file, verify
from survey.drawing.word_file import content_sha256

RAW = Path(__file__).parents[2] / "data" / "raw"
DESIGN = """
title = {vi = "Khảo sát (dữ liệu mô phỏng)", en = "Survey (simulated data)"}
seed = 20260801
frame = "groups.csv"
unit = "tdp"
strata = "ward"
size = "households"
n = 3
reserves = 1
adult = "kish"

[households]
n = 4
reserves = 2
"""
GROUPS = "ward;tdp;households\n" + "".join(
    f"{ward};{i:02d};{30 + 7 * i}\n" for ward in ("Cửa Nam", "Bồ Đề") for i in range(1, 7)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "groups.csv").write_text(GROUPS, encoding="utf-8")
    (tmp_path / "residents.toml").write_text(DESIGN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    return cli.main(["draw", *arguments])


def test_a_design_is_drawn_and_verified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("residents.toml") == cli.FINE
    told = capsys.readouterr().out
    assert "seed 20260801; strata: 2, units listed: 12, drawn: 6, households: 24" in told
    files = {p.relative_to(folder / "residents").as_posix() for p in (folder / "residents").rglob("*.*")}
    sheets = {f"sheets/{lang}/{name}.docx" for lang in ("vi", "en") for name in ("1-bo-de", "2-cua-nam")}
    assert files == {"sample.csv", "reserves.csv", "draw-log.json", *sheets}
    table = pd.read_csv("residents/sample.csv", dtype={"tdp": str})
    assert table["tdp"].str.fullmatch(r"\d\d").all() and len(table) == 24  # zeros of codes are kept
    log = json.loads(Path("residents/draw-log.json").read_text(encoding="utf-8"))
    assert log["frames"]["frame"]["file"] == "../groups.csv" and log["seed"] == 20260801
    assert run("--verify", "residents/draw-log.json", "--lang", "vi") == cli.FINE
    assert "Đã lặp lại đúng 6 tệp, khớp từng byte" in capsys.readouterr().out


def test_two_draws_are_the_same_to_the_byte(folder: Path) -> None:
    drawn = draw_file("residents.toml")
    one, other = drawn.write("one"), draw_file("residents.toml").write("other")
    for path in sorted(one.rglob("*.*")):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes(), path


def test_what_is_shown_on_the_page_about_verifying_by_hand(folder: Path) -> None:
    """A Word file is compared by what it holds: packed again with no compression it is the same draw."""
    import io
    import zipfile

    content = next((draw_file("residents.toml").write("one") / "sheets" / "vi").iterdir()).read_bytes()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    assert target.getvalue() != content and content_sha256(target.getvalue()) == content_sha256(content)


def test_an_earlier_draw_is_never_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("residents.toml") == cli.FINE
    before = Path("residents/sample.csv").read_bytes()
    Path("residents.toml").write_text(DESIGN.replace("20260801", "5"), encoding="utf-8")
    assert run("residents.toml") == cli.BAD_INPUT
    assert "never replaced" in capsys.readouterr().err and Path("residents/sample.csv").read_bytes() == before
    assert run("residents.toml", "--again") == cli.FINE
    assert Path("residents.1/sample.csv").read_bytes() == before != Path("residents/sample.csv").read_bytes()
    log = json.loads(Path("residents/draw-log.json").read_text(encoding="utf-8"))
    assert (log["replaces"]["folder"], log["replaces"]["seed"]) == ("residents.1", 20260801)
    assert run("--verify", "residents.1") == run("--verify", "residents") == cli.FINE
    assert run("residents.toml", "--again") == cli.FINE and Path("residents.2").is_dir()


@pytest.mark.parametrize("out", [".", "own"])
@pytest.mark.slow
def test_a_draw_beside_its_list_leaves_the_list_where_it_is(folder: Path, out: str) -> None:
    """The list, the design and a note of the user are in the folder of the draw: only the draw is moved aside."""
    home = folder / out
    home.mkdir(exist_ok=True)
    for name in ("groups.csv", "residents.toml"):
        if not (home / name).exists():
            shutil.copy(folder / name, home / name)
    (home / "note.txt").write_text("mine", encoding="utf-8")
    assert run(f"{out}/residents.toml", "--out", out) == cli.FINE
    before = (home / "sample.csv").read_bytes()
    two = GROUPS.replace("Cửa Nam", "Hàng Bạc")
    (home / "groups.csv").write_text(two, encoding="utf-8")
    assert run(f"{out}/residents.toml", "--out", out, "--again") == cli.FINE
    aside = home.resolve().with_name(f"{home.resolve().name}.1")
    assert (aside / "sample.csv").read_bytes() == before
    assert not (aside / "note.txt").exists() and (home / "note.txt").is_file() and (home / "groups.csv").is_file()
    assert sorted(p.name for p in (home / "sheets" / "vi").iterdir()) == ["1-bo-de.docx", "2-hang-bac.docx"]
    assert run("--verify", out) == cli.FINE


def test_a_draw_stopped_on_the_way_leaves_the_earlier_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("residents.toml")
    before = {p: p.read_bytes() for p in Path("residents").rglob("*.*")}
    replace = os.replace
    for last in range(2, 12, 3):
        calls = 0

        def stopped(*names: Any, last: int = last) -> None:
            nonlocal calls
            calls += 1
            if calls == last:
                raise KeyboardInterrupt
            replace(*names)

        monkeypatch.setattr(os, "replace", stopped)
        assert run("residents.toml", "--again") == cli.STOPPED
        monkeypatch.setattr(os, "replace", replace)
        assert {p: p.read_bytes() for p in Path("residents").rglob("*.*")} == before
        assert not Path("residents.1").exists() and not [p for p in folder.rglob(".survey-*")]


def test_files_of_another_kind_with_these_names_stay(folder: Path) -> None:
    Path("residents").mkdir()
    Path("residents/sample.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(sv.ExportError, match="never changed"):
        draw_file("residents.toml").write("residents")
    assert [p.name for p in Path("residents").rglob("*.*")] == ["sample.csv"]


def test_what_was_changed_after_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("residents.toml")
    sheet = Path("residents/sheets/vi/1-bo-de.docx")
    sheet.write_bytes(b"not a document")
    Path("residents/reserves.csv").unlink()
    sample = Path("residents/sample.csv")
    sample.write_bytes(sample.read_bytes().replace(b"\n", b"\r\n", 1))
    capsys.readouterr()
    assert run("--verify", "residents/draw-log.json") == cli.BROKEN_RULES
    told = capsys.readouterr().out
    assert "sample.csv: drawn again as the log has it, the file here was changed" in told
    assert "reserves.csv: drawn again as the log has it, the file here is missing" in told
    assert "1-bo-de.docx" in told and "2-cua-nam" not in told
    with pytest.raises(sv.DesignError, match="changed after it was drawn"):
        sv.Draw.open("residents")


def test_a_log_that_was_changed_is_found(folder: Path) -> None:
    run("residents.toml")
    path = Path("residents/draw-log.json")
    log = json.loads(path.read_text(encoding="utf-8"))
    log["design"]["seed"] = 6
    path.write_text(json.dumps(log), encoding="utf-8")
    done = verify("residents")
    assert not done.identical and (done.table.set_index("file").loc["sample.csv"] == ["other", "same"]).all()
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(sv.DesignError, match="cannot be read"):
        verify("residents")
    with pytest.raises(sv.DesignError, match="no log"):
        verify("nowhere")
    log["scheme"] = "survey.draw/2"
    path.write_text(json.dumps(log), encoding="utf-8")
    with pytest.raises(sv.DesignError, match="does not know"):
        verify("residents")


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 6},
        {"design_sha256": "0" * 64},
        {"strata": []},
        {"drawn": {"rows": 3, "reserves": 0}},
        {"notes": []},
    ],
)
@pytest.mark.sampled
def test_a_log_that_says_something_else_than_was_drawn_is_found(folder: Path, changed: dict[str, Any]) -> None:
    """The seed that a log tells is not the one of its design, or a start in it is not the one that was counted off."""
    large = GROUPS.replace("Cửa Nam;01;37", "Cửa Nam;01;3700")  # so that there is a note
    Path("groups.csv").write_text(large, encoding="utf-8")
    run("residents.toml")
    path = Path("residents/draw-log.json")
    log = json.loads(path.read_text(encoding="utf-8"))
    assert verify("residents").identical and log["notes"]
    path.write_text(json.dumps({**log, **changed}), encoding="utf-8")
    done = verify("residents")
    assert not done.identical and done.table.iloc[-1].tolist() == ["draw-log.json", "other", "changed"]


@pytest.mark.parametrize("changed", [{"date": "yesterday"}, {"notes": 3}, {"strata": {}}, {"seed": "5"}, {"scheme": 1}])
@pytest.mark.sampled
def test_a_log_of_another_shape_cannot_be_read(folder: Path, changed: dict[str, Any]) -> None:
    run("residents.toml")
    path = Path("residents/draw-log.json")
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changed}), encoding="utf-8")
    for read in (verify, sv.Draw.open):
        with pytest.raises(sv.DesignError, match="cannot be read"):
            read("residents")


@pytest.mark.slow
def test_another_version_may_word_its_sheets_otherwise_but_draws_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("residents.toml")
    path = Path("residents/draw-log.json")
    before = path.read_text(encoding="utf-8")
    monkeypatch.setattr(sheets, "_ROW", 9.0)
    assert not verify("residents").identical
    path.write_text(before.replace(f'"survey": "{sv.__version__}"', '"survey": "0.1.0"'), encoding="utf-8")
    capsys.readouterr()
    assert run("--verify", "residents") == cli.FINE
    assert "drawn again in the words of another version, the file here is the same" in capsys.readouterr().out
    sample = Path("residents/sample.csv")
    sample.write_bytes(sample.read_bytes() + b"\n")
    assert run("--verify", "residents") == cli.BROKEN_RULES


def test_a_draw_from_another_list_is_not_verified(folder: Path) -> None:
    run("residents.toml")
    shutil.move("groups.csv", "elsewhere.csv")
    with pytest.raises(sv.DesignError, match="does not exist"):
        verify("residents")
    assert verify("residents", frame="elsewhere.csv").identical
    Path("groups.csv").write_text(GROUPS.replace(";37\n", ";38\n"), encoding="utf-8")
    with pytest.raises(sv.DesignError, match="not the list that was drawn from"):
        verify("residents")


@pytest.mark.slow
def test_the_list_saved_as_another_kind_of_file_is_the_same_list(folder: Path) -> None:
    """Semicolons or commas, UTF-16, Excel: the content is compared, not the bytes."""
    run("residents.toml")
    Path("groups.csv").write_bytes(GROUPS.replace(";", ",").encode("utf-16"))
    assert verify("residents").identical
    table = pd.read_csv("groups.csv", encoding="utf-16", dtype={"tdp": str})
    table.to_excel("groups.xlsx", index=False)
    assert verify("residents", frame="groups.xlsx").identical


def test_a_draw_is_read_again_and_weights_answers(folder: Path) -> None:
    run("residents.toml")
    again, drawn = sv.Draw.open("residents"), draw_file("residents.toml")
    for name in ("prob", "base_weight", "prob_unit", "certain", "adult_5"):
        assert getattr(again.table, name).tolist() == getattr(drawn.table, name).tolist()
    answers = drawn.table[["ward", "tdp", "household"]].assign(adults=2)
    weighted = again.base_weights(answers, adults="adults")
    assert weighted.data["w_design"].tolist() == pytest.approx((2 * drawn.table["base_weight"]).tolist())


def test_a_column_called_as_the_sample_calls_its_own_is_read_as_it_stands(folder: Path) -> None:
    frame = pd.read_csv("groups.csv", sep=";").assign(adult_2="two")
    drawn = sv.draw(frame, unit="tdp", strata="ward", n=2, show="adult_2", seed=1)
    assert sv.Draw.open(drawn.write("plain")).table["adult_2"].tolist() == ["two"] * 4


def test_names_like_formulas_survive_the_file(folder: Path) -> None:
    Path("groups.csv").write_text(GROUPS.replace("Bồ Đề", "=1+1"), encoding="utf-8")
    run("residents.toml")
    assert "'=1+1," in Path("residents/sample.csv").read_text(encoding="utf-8-sig")
    assert "=1+1" in set(sv.Draw.open("residents").table["ward"])
    assert verify("residents").identical


def test_households_from_a_list_in_a_workbook(folder: Path) -> None:
    groups = pd.read_csv("groups.csv", sep=";", dtype={"tdp": str})
    homes = groups.loc[groups.index.repeat(groups["households"]), ["ward", "tdp"]].reset_index(drop=True)
    homes["hh"] = [f"H{i:03d}" for i in homes.groupby(["ward", "tdp"]).cumcount()]
    with pd.ExcelWriter("lists.xlsx") as book:
        homes.to_excel(book, sheet_name="homes", index=False)
        groups.to_excel(book, sheet_name="groups", index=False)
    text = DESIGN.replace('"groups.csv"', '{file = "lists.xlsx", sheet = "groups"}')
    Path("residents.toml").write_text(text + 'list = {file = "lists.xlsx", sheet = "homes"}\nunit = "hh"\n', "utf-8")
    assert run("residents.toml") == cli.FINE
    assert pd.read_csv("residents/sample.csv")["hh"].str.fullmatch(r"H\d{3}").all()
    assert verify("residents").identical


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (DESIGN.replace("frame =", "frames ="), "does not name the file"),
        (DESIGN.replace('"groups.csv"', '{path = "groups.csv"}'), "does not name the file"),
        (DESIGN.replace("groups.csv", "group.csv"), "does not exist"),
        (DESIGN.replace("seed = 20260801", ""), "whole number"),
        (DESIGN.replace("unit =", "units ="), "unknown key"),
        (DESIGN.replace('unit = "tdp"', ""), "which column names a unit"),
        (DESIGN.replace("seed = ", "seed = = "), "not valid TOML"),
        (DESIGN.replace('strata = "ward"', "strata = 1"), "wrong kind"),
        (DESIGN.replace('"kish"', '["kish"]'), "wrong kind"),
        (DESIGN + "\nexpect = 3\n", "unknown key"),
        (DESIGN.replace("n = 3", "n = 3\nexpect = {units = 24}"), "totals that the design expects"),
    ],
)
def test_a_design_that_is_wrong_is_one_error(folder: Path, text: str, what: str) -> None:
    Path("residents.toml").write_text(text, encoding="utf-8")
    with pytest.raises(sv.DesignError, match=what):
        draw_file("residents.toml")


def test_a_list_cut_in_half_is_refused(folder: Path) -> None:
    end = GROUPS.index("Bồ Đề;05;65") + len("Bồ Đề;05")
    Path("groups.csv").write_text(GROUPS[:end], encoding="utf-8")
    with pytest.raises(sv.ReadError, match="separator"):  # the last row has another number of cells
        draw_file("residents.toml")
    named = 'frame = {file = "groups.csv", separator = ";"}'
    Path("residents.toml").write_text(DESIGN.replace('frame = "groups.csv"', named), encoding="utf-8")
    with pytest.raises(sv.ReadError, match="cut short"):
        draw_file("residents.toml")
    Path("groups.csv").write_text(GROUPS[: end + 2], encoding="utf-8")  # 6 for 65: no reader can know
    assert draw_file("residents.toml").log["notes"][0].startswith("groups.csv ends without a line break")
    Path("residents.toml").write_text(DESIGN.replace("n = 3", "n = 3\nexpect = {units = 12}"), encoding="utf-8")
    with pytest.raises(sv.DesignError, match="totals that the design expects"):
        draw_file("residents.toml")


@pytest.mark.parametrize(
    "arguments",
    [
        ("residents.toml", "--frame", "groups.csv"),
        ("residents.toml", "--list", "groups.csv"),
        ("residents.toml", "--verify", "residents"),
        ("--verify", "residents", "--again"),
        ("--verify", "residents", "--out", "elsewhere"),
    ],
)
@pytest.mark.sampled
def test_an_argument_that_nothing_reads_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    run("residents.toml", "--out", "residents")
    capsys.readouterr()
    assert run(*arguments) == cli.BAD_INPUT
    assert "not read here" in capsys.readouterr().err and not Path("elsewhere").exists()


def test_nothing_to_draw(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == cli.BAD_INPUT and "nothing to draw" in capsys.readouterr().err

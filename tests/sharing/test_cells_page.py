"""The snippets of docs/cells.md run, on two small provinces, and so do its commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

import survey as sv
from cell_people import people
from survey import cli

PAGE = Path(__file__).parents[2] / "docs" / "cells.md"


def province(seed: int) -> pd.DataFrame:
    rows = people(seed).rename(columns={"psu": "cluster"})
    return rows.assign(q2=rows["q1"].clip(upper=5), q1=rows["q1"].clip(upper=5), ward=rows["ward"].str[0])


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


def test_the_snippets_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    design = {"weights": "w", "strata": "stratum", "psu": "cluster"}
    other = sv.Sample(province(2), **design)
    sv.count_cells(other, ["q1", "q2"], by=["ward", "wave"], name="Cà Mau").save("ca-mau.parquet")
    Path("log").mkdir()
    province(3).to_parquet("log/monday.parquet", index=False)
    names = {"sv": sv, "sample": sv.Sample(province(1), **design)}
    for snippet in blocks("python"):
        exec(compile(snippet, PAGE.name, "exec"), names)
    told = capsys.readouterr().out
    assert "An Giang: 900 respondents" in told and "1 new file counted, 900 rows" in told


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for seed, name in ((1, "An Giang"), (2, "Cà Mau")):
        province(seed).to_parquet("answers.parquet", index=False)
        make, *others = blocks("sh")[0].splitlines()
        file = "an-giang" if seed == 1 else "ca-mau"
        typed = make.replace('"An Giang"', f'"{name}"').replace("an-giang", file)
        assert cli.main(shlex.split(typed)[1:]) == cli.FINE
    for command in others:
        assert cli.main(shlex.split(command)[1:]) == cli.FINE, command
    told = capsys.readouterr().out
    assert "added from An Giang, Cà Mau" in told and "1,800 respondents" in told and "95% CI" in told
    assert cli.main(shlex.split("cells suppress both.parquet --smallest 5 --out shared.parquet --lang vi")) == cli.FINE
    assert cli.main(shlex.split("cells estimate shared.parquet --bounds q1 --by wave --csv bounds.csv")) == cli.FINE
    assert "quyền số" in capsys.readouterr().out
    assert list(pd.read_csv("bounds.csv").columns) == ["item", "wave", "low", "high", "hidden_people", "share_hidden"]
    for wrong, said in {
        "cells estimate shared.parquet --mean q1 --top 2": "those of a share",
        "cells make answers.parquet --items q1 --psu cluster --out a.parquet": "never guessed",
        "cells add both.parquet an-giang.parquet --out all.parquet": "added already",
        "cells suppress both.parquet --smallest 3 --out both.parquet": "was an input",
    }.items():
        assert cli.main(wrong.split()) == cli.BAD_INPUT
        assert said in capsys.readouterr().err


def test_the_commands_on_files_that_keep_coming_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log").mkdir()
    for i, command in enumerate(blocks("sh")[1].splitlines()):
        province(i).to_parquet(f"log/day-{i}.parquet", index=False)
        assert cli.main(shlex.split(command)[1:]) == cli.FINE, command
    told = capsys.readouterr().out
    assert "1 new file counted, 900 rows; counted before: 1" in told and "1,800 respondents" in told
    Path("log/day-0.parquet").unlink()
    assert cli.main(["cells", "update", "log.parquet", "--from", "log", "--lang", "vi"]) == cli.FINE
    assert "tệp không còn, số đếm vẫn giữ: log/day-0.parquet" in capsys.readouterr().out
    Path("log/day-4.parquet").write_bytes(Path("log/day-1.parquet").read_bytes()[:999])
    assert cli.main(["cells", "update", "log.parquet", "--from", "log"]) == cli.BAD_INPUT
    assert "log/day-4.parquet" in capsys.readouterr().err

"""Personal data are told on reading, listed by the check, refused on storing."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import pytest

from survey import cli
from survey.errors import PrivacyError, SurveyWarning
from survey.io import read
from survey.responses import Responses
from survey.study import storage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text("ho_ten,sdt,q\nNguyễn Văn An,0912345678,1\nTrần Thị Bé,0387654321,2\n", encoding="utf-8")
    return path


def test_reading_warns_once_in_one_line_and_names_the_columns(file: Path) -> None:
    with pytest.warns(SurveyWarning) as caught:
        read(file)
    (one,) = caught
    told = str(one.message)
    assert "ho_ten (name), sdt (phone)" in told and "\n" not in told
    assert "0912" not in told and "An" not in told
    assert Path(one.filename) == Path(__file__)  # the line that read


def test_columns_that_the_codebook_calls_personal_are_left_out_without_a_warning(file: Path) -> None:
    book = file.with_name("book.toml")
    book.write_text(
        '[variables.ho_ten]\ntype = "text"\nrole = "personal"\n[variables.sdt]\ntype = "text"\nrole = "personal"\n'
        "[variables.q]\n",
        encoding="utf-8",
    )
    assert read(file, codebook=book).data.columns.tolist() == ["q"]


def test_the_check_lists_them() -> None:
    report = Responses(pd.DataFrame({"email": ["an@example.vn"]})).check()
    rows = report.table.query("rule == 'personal'")
    assert rows[["variable", "severity"]].values.tolist() == [["email", "warning"]]


def test_storing_refuses_them_in_rejected_rows_too(tmp_path: Path) -> None:
    before = Responses(pd.DataFrame({"note": ["không", "gọi 0912345678"], "q": [1, 2]}))
    with pytest.raises(PrivacyError):
        storage.save(before, tmp_path / "a.zip")
    clean = before.drop(where="q == 2", reason="a test")
    with pytest.raises(PrivacyError):
        storage.save(clean, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
    storage.save(clean, tmp_path / "a.zip", allow_personal=["note"])


def test_the_commands(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cli.main(["privacy", str(file)]) == cli.BROKEN_RULES
        out = capsys.readouterr().out
        assert "certain   ho_ten: name" in out and "0912" not in out
        target = file.with_name("b.sav")
        assert cli.main(["convert", str(file), str(target)]) == cli.BAD_INPUT
        assert "The data contain personal data" in capsys.readouterr().err and not target.exists()
        allowed = ["--allow-personal", "ho_ten", "--allow-personal", "sdt"]
        assert cli.main(["convert", str(file), str(target), *allowed]) == cli.FINE
        assert target.exists() and "codebook" in capsys.readouterr().out
        nothing = file.with_name("c.csv")
        nothing.write_text("q\n1\n2\n")
        assert cli.main(["privacy", str(nothing)]) == cli.FINE

"""Answers and their codebook after a computer stopped in the middle: the old pair, the new one, or told when read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest

import survey as sv
from examples import but_one_slow

STOPS = """
import os, signal, sys
import survey as sv

wanted, done, rename = int(sys.argv[1]), 0, os.replace


def stop(source, target):
    global done
    if done == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
    done += 1
    rename(source, target)


clean = sv.read("new.csv", codebook="new.toml").recode_missing()
os.replace = stop
clean.write("answers.csv")
"""
BOOK = '[variables.q]\ntype = "ordinal"\nlabels = {{ 1 = "one", 2 = "two" }}\nmissing = {{ "{code}" = "refused" }}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, code in (("old", -9), ("new", -7)):
        pd.DataFrame({"q": [1, 2, code]}).to_csv(f"{name}.csv", index=False)
        Path(f"{name}.toml").write_text(BOOK.format(code=code), encoding="utf-8")
    sv.read("old.csv", codebook="old.toml").recode_missing().write("answers.csv")
    return tmp_path


def code_of(path: str) -> tuple[int, int]:
    """The missing code that stands in the answers, and the one that their codebook declares."""
    read = sv.read(path)
    return int(read.data["q"].min()), int(next(iter(read.codebook["q"].missing)))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no such signal")
@pytest.mark.parametrize("renames", but_one_slow([1, 0, 2]))
def test_a_process_that_is_killed_leaves_a_pair_or_a_warning(folder: Path, renames: int) -> None:
    done = subprocess.run([sys.executable, "-c", STOPS, str(renames)], cwd=folder, env=os.environ, check=False)
    assert done.returncode == (0 if renames == 2 else -signal.SIGKILL)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        answers, codebook = code_of("answers.csv")
    assert (answers == codebook) != any("a different content" in str(w.message) for w in told)
    sv.read("new.csv", codebook="new.toml").recode_missing().write("answers.csv")  # it is mended by doing it again
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert code_of("answers.csv") == (-7, -7)


def test_answers_that_were_changed_on_purpose_are_read_in_peace_without_the_line(folder: Path) -> None:
    with open("answers.csv", "a", encoding="utf-8") as stream:
        stream.write("2\n")
    with pytest.warns(sv.SurveyWarning, match="a different content"):
        assert "another content" in sv.read("answers.csv").log["what"][1]
    beside = folder / "answers.csv.codebook.toml"
    lines = beside.read_text(encoding="utf-8").splitlines(keepends=True)
    beside.write_text("".join(line for line in lines if "SHA-256" not in line), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(sv.read("answers.csv")) == 4

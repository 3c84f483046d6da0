"""Notebooks at once, and only those that need to: the bytes of one after the other, whatever was kept or killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from survey.errors import StudyError
from survey.study import kernels, notebook_uses
from survey.study.disclosure_ledger import independent
from survey.study.lock import holding, is_held
from survey.study.notebook_record import environment
from survey.study.run import reproduce
from survey.study.study import Study
from tests.study.test_run import KEEP, project

OPEN = "import survey as sv\nstudy = sv.Study.open()\n"
CHAIN = {
    "01_read": [OPEN + 'study.save("clean", study.read())', KEEP.format(id="one")],
    "02_slow": [
        OPEN + 'import time\ndata = study.load("clean")\ntime.sleep(0.2)\nlen(data.data)',
        KEEP.format(id="two"),
    ],
    "03_quick": [OPEN + 'len(study.load("clean").data)', KEEP.format(id="three")],
    "04_all": [OPEN + "[finding.id for finding in study.findings()]", KEEP.format(id="four")],
}


def files(folder: Path) -> dict[str, bytes]:
    """Every result, and nothing of how it was made."""
    found = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(".survey/")}


def book(*cells: str) -> Any:
    import nbformat  # takes seconds: one worker makes notebooks, all collect this file

    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('study.save("a", study.load("b"))', ({"b"}, {"a"}, False, False)),
        ("study.export(figure, name)\nstudy.keep(finding)", (set(), set(), False, False)),
        ("study.findings()", (set(), set(), True, False)),
        ('sorted(study.exhibits.glob("*.json"))', (set(), set(), True, False)),
        ("name = 'b'\nstudy.load(name)", (set(), set(), True, True)),  # which one is not known
        ("work(study)", (set(), set(), True, True)),  # handed on
        ("%run other.ipynb", (set(), set(), True, True)),
        ('pd.read_csv("../data/processed/x.csv")', (set(), set(), True, True)),
        ('frame.to_csv("x.csv")', (set(), set(), True, True)),
        ("other = sv.Study.open('elsewhere')", (set(), set(), True, True)),
        ("text = frame.to_html()", (set(), set(), False, False)),
    ],
)
def test_what_a_notebook_uses_is_read_off_its_code(
    cell: str, expected: tuple[set[str], set[str], bool, bool], tmp_path: Path
) -> None:
    """What cannot be told waits for all before it."""
    found = notebook_uses.uses(book(OPEN, cell), tmp_path)
    assert ({*found.loads}, {*found.saves}, found.everything, found.elsewhere) == expected


def test_what_most_waits_for_comes_first() -> None:
    """By hand: weigh and count wait for read, quick and slow for weigh, the report for all."""
    uses = {
        "read": notebook_uses.Uses(saves=frozenset({"clean"})),
        "weigh": notebook_uses.Uses(loads=frozenset({"clean"}), saves=frozenset({"sample"})),
        "quick": notebook_uses.Uses(loads=frozenset({"sample"})),
        "slow": notebook_uses.Uses(loads=frozenset({"sample"})),
        "count": notebook_uses.Uses(loads=frozenset({"clean"})),
        "report": notebook_uses.Uses(everything=True),
    }
    lengths = {"read": 1.0, "weigh": 2.0, "quick": 3.0, "slow": 9.0, "count": 5.0, "report": 4.0}
    expected = {"read": 16.0, "weigh": 15.0, "quick": 7.0, "slow": 13.0, "count": 9.0, "report": 4.0}
    assert notebook_uses.longest(uses, lengths) == expected
    elsewhere = uses | {"read": notebook_uses.Uses(elsewhere=True)}
    assert notebook_uses.longest(elsewhere, lengths)["read"] == 16.0


def test_a_module_beside_the_notebooks_may_do_anything(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").touch()
    assert notebook_uses.uses(book(OPEN, "import helpers"), tmp_path) == notebook_uses.UNKNOWN


def test_exhibits_are_independent_unless_one_gives_another_away() -> None:
    def entry(cells: list[list[object]], data: str = "00", beside: int = 0) -> dict[str, object]:
        people = {"all": "4A==", "some": "wA==", "one": "IA=="}  # three people: 111, 110, 001
        return {
            "place": 0, "counts": None, "data": data, "size": 3, "people": people, "mixed": {}, "cells": cells,
            "beside": beside,
        }  # fmt: skip

    every, most = ["all", "q", True, False, "q", ""], ["some", "q", True, False, "q", "1"]
    hidden = ["one", "q", False, True, "q", "2"]
    assert independent({}, {"b": entry([every])})
    assert independent({"a": entry([most])}, {"b": entry([every])})
    assert not independent({"a": entry([most, hidden])}, {"b": entry([every])})  # all less most is the hidden one
    assert independent({"a": entry([most, hidden])}, {"b": entry([every], data="01")})  # of other people
    assert not independent({"a": entry([most])}, {"b": entry([every], beside=1)})
    assert not independent({"b": entry([most])}, {"b": entry([every])})  # it takes the other's place


def test_a_second_run_is_told_which_process_is_at_work(tmp_path: Path) -> None:
    study = project(tmp_path, {"01": ["1"]})
    lock = study.processed / ".survey" / "lock"
    program = (
        "import sys, pathlib\nfrom survey.study.lock import holding\n"
        "with holding(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()"
    )
    asked = [sys.executable, "-c", program, str(lock)]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        assert is_held(lock)
        with pytest.raises(StudyError, match="Another run") as caught:
            reproduce(study)
        assert f"process {other.pid}" in str(caught.value.got)
        other.kill()
    assert not is_held(lock)
    with holding(lock):  # that of a dead process is taken over
        assert str(os.getpid()) in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("variable", "matters"),
    [("SURVEY_PINS", False), ("SURVEY_DATA_HOME", False), ("SURVEY_WORDS", True), ("LC_ALL", True), ("EDITOR", False)],
)
def test_variables_that_no_result_depends_on_make_nothing_run_again(
    variable: str, matters: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make` names its pins to what it calls: a run by make and one by hand are the same."""
    monkeypatch.delenv(variable, raising=False)
    before = environment()
    monkeypatch.setenv(variable, "other")
    assert (environment() != before) is matters


def test_a_damaged_ledger_is_told_before_a_run_of_some(tmp_path: Path) -> None:
    study = project(tmp_path, {"01": ["raise ValueError"]})
    study.processed.mkdir()
    (study.processed / "ledger.json").write_text("{", encoding="utf-8")
    with pytest.raises(StudyError, match="ledger is damaged"):
        reproduce(study, only=["01"])


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, dict[str, bytes]]:
    """A study, and its results when its notebooks ran one after the other."""
    study = project(tmp_path_factory.mktemp("chain"), CHAIN)
    reproduce(study, jobs=1)
    return study, files(study.processed)


@pytest.mark.slow
def test_cold_parallel_and_cached_bytes_are_equal(
    once: tuple[Study, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, expected = once
    assert [f.id for f in study.findings()] == ["one", "two", "three", "four"]
    assert b"three" in expected["notebooks/04_all.html"]
    run = reproduce(study, again=True, jobs=3)
    assert len(run.done) == 4 and files(study.processed) == expected
    monkeypatch.setattr(kernels, "FORKING", False)
    assert len(reproduce(study, again=True, jobs=2).done) == 4 and files(study.processed) == expected
    run = reproduce(study)
    assert run.done == () and len(run.unchanged) == 4 and files(study.processed) == expected
    assert "0 notebooks" in run.to_text() and "4 unchanged" in run.to_text()


@pytest.mark.slow
def test_where_nothing_changed_jupyter_is_not_even_imported(tmp_path: Path) -> None:
    """Its grammars of addresses take three seconds; also with a notebook whose open data are not here."""
    missing = OPEN + "sv.fetch('lapop_bra23')"  # has no address of its own, so nothing is asked of the network
    study = project(tmp_path, {"01": [KEEP.format(id="one")], "11": [missing]}, real=("11",))
    program = (
        "import sys\nfrom survey.study.run import reproduce\nfrom survey.study.study import Study\n"
        f"run = reproduce(Study.open({str(study.path)!r}))\n"
        "print(len(run.unchanged), len(run.skipped), 'nbformat' in sys.modules, 'nbclient' in sys.modules)"
    )
    told = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "SURVEY_DATA_HOME": str(tmp_path)},
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        told.append(done.stdout.split())
    assert [told[0][:2], told[1]] == [["0", "1"], ["1", "1", "False", "False"]]


@pytest.mark.slow
def test_only_what_changed_runs_and_what_was_touched_is_mended(once: tuple[Study, dict[str, bytes]]) -> None:
    study, expected = once
    (study.processed / "clean.zip").unlink()
    (study.processed / "notebooks" / "03_quick.html").write_text("edited", encoding="utf-8")
    (study.processed / "findings.json").write_text("[", encoding="utf-8")
    assert reproduce(study).done == () and files(study.processed) == expected  # from what is kept
    for path in (study.processed / ".survey" / "kept").rglob("clean.zip"):
        path.write_bytes(b"edited too")
    (study.processed / "clean.zip").unlink()
    assert [d.name for d in reproduce(study).done] == ["01_read"] and files(study.processed) == expected
    path = study.notebooks / "03_quick.ipynb"
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace("Sentence three", "Sentence 3"), encoding="utf-8")
    assert [d.name for d in reproduce(study).done] == ["03_quick", "04_all"]  # which looks at all findings
    path.write_text(source, encoding="utf-8")
    reproduce(study)
    assert files(study.processed) == expected


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_at_any_moment_the_next_run_gives_the_same_bytes(once: tuple[Study, dict[str, bytes]]) -> None:
    study, expected = once
    command = [sys.executable, "-m", "survey.cli", "reproduce", str(study.path), "--jobs", "2"]
    chance = random.Random(1)
    for _ in range(3):
        with subprocess.Popen([*command, "--again"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(chance.uniform(1, 8))
            process.kill()
        for path in study.processed.rglob("*.json"):
            if ".survey" not in path.parts:
                json.loads(path.read_text(encoding="utf-8"))  # nothing is half-written
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert files(study.processed) == expected
    assert not [p for p in study.processed.rglob(".survey-*")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_stopped_by_the_user_it_is_130_and_one_line(tmp_path: Path) -> None:
    study = project(tmp_path, {"01": ["import time\ntime.sleep(60)"]})
    command = [sys.executable, "-m", "survey.cli", "reproduce", str(study.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None and process.stderr.readline() == "01: running\n"
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 130 and told.strip().splitlines() == ["survey: stopped."]

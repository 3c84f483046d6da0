"""Commands that are stopped: exit code, one line, nothing half-written, no process left; and what kill -9 leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from survey.base import temporary
from survey.base.temporary import temporary_folder
from survey.study import ledger
from survey.study.ledger import Ledger, Origin
from survey.study.study import Study
from tests.study.test_run import KEEP, project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and locks of POSIX")

STOPPING = """
import os, signal, sys
number, part, times = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def note(event, values):  # a signal of the system's, at the moment when a file is opened
    global times
    if event == "open" and times and isinstance(values[0], str | os.PathLike) and part in os.path.basename(values[0]):
        times -= 1
        if not times:
            os.kill(os.getpid(), number)

sys.addaudithook(note)
from survey.cli import main
sys.exit(main(sys.argv[4:]))
"""
CSV = "q,g\n" + "".join(f"{1 + i % 5},{1 + i % 2}\n" for i in range(60))
BOOK = """
[variables.q]
type = "ordinal"
labels = {1 = "a", 2 = "b", 3 = "c", 4 = "d", 5 = "e"}
[variables.g]
type = "number"
"""


def tree(folder: Path) -> dict[str, bytes | None]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def started(*arguments: object, folder: Path, program: tuple[str, ...] = ("-m", "survey.cli")) -> subprocess.Popen[str]:
    """A command in a session of its own, as a terminal gives it, with a place of its own for temporary files."""
    (folder / "tmp").mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, *program, *map(str, arguments)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def lines_until(process: subprocess.Popen[str], wanted: str) -> Iterator[str]:
    assert process.stderr is not None
    for line in process.stderr:
        yield line
        if wanted in line:
            return
    raise AssertionError(f"it ended before it said {wanted!r}")


def gone(processes: list[psutil.Process], seconds: float = 20) -> bool:
    _, left = psutil.wait_procs(processes, seconds)
    return not [p for p in left if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stopped")
    (folder / "a.csv").write_text(CSV, encoding="utf-8")
    (folder / "book.toml").write_text(BOOK, encoding="utf-8")
    (folder / "tmp").mkdir()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "part", "times", "command"),
    [
        (signal.SIGINT, "en.toml", 1, "check a.csv --codebook book.toml"),  # its words are read
        (signal.SIGINT, ".survey-", 1, "check a.csv --codebook book.toml --html page.html"),
        (signal.SIGTERM, ".survey-", 1, "codebook a.csv --out draft.toml"),
        (signal.SIGINT, ".survey-", 2, "convert a.csv a.sav --codebook book.toml"),
        (signal.SIGINT, "codebook.toml", 1, "new my-ward --data a.csv"),
        (signal.SIGHUP, ".gitignore", 1, "new deep/er/my-ward --data a.csv"),
        (signal.SIGINT, ".survey-", 3, "simulate --out study"),
        (signal.SIGINT, ".survey-", 1, "power difference --share 0.6 --effect 0.05 0.1 --power 0.8 --figure curve.png"),
        (signal.SIGINT, "a.csv", 1, "privacy a.csv"),
    ],
)
def test_stopped_at_work_a_command_leaves_nothing(
    number: signal.Signals, part: str, times: int, command: str, place: Path
) -> None:
    before = tree(place)
    process = started(number.value, part, times, *command.split(), folder=place, program=("-c", STOPPING))
    out, told = process.communicate(timeout=120)
    assert (process.returncode, told) == (128 + number, "survey: stopped.\n") and "Traceback" not in out
    assert tree(place) == before


WITHIN_TEXT = """
import signal
from survey.cli import main, running
def stopped(_):
    exec("import signal; signal.raise_signal(signal.SIGINT)")
running.run = stopped
raise SystemExit(main([]))
"""
AFTERWARDS = """
import signal, sys
from survey.cli import main
class Late:
    def __del__(self):  # when Python takes itself down
        kill(2)
sys.modules["late"] = Late()
kill = signal.raise_signal
main(["--version"])
"""


@pytest.mark.slow
@pytest.mark.parametrize(("program", "code"), [(WITHIN_TEXT, 130), (AFTERWARDS, 0)])
def test_the_exit_code_stands_whatever_python_remembers(program: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    process = started(folder=tmp_path, program=("-m", "program"))
    _, told = process.communicate(timeout=60)
    assert process.returncode == code and told == ("survey: stopped.\n" if code else "")


@pytest.fixture
def published(tmp_path: Path) -> Study:
    """A study with a ledger, whose second notebook takes two minutes."""
    study = project(tmp_path, {"01": [KEEP.format(id="one")], "02": ["import time\ntime.sleep(120)"]})
    ledger.write(Ledger("toy", True, Origin({}, "", {}), {}, {}, {}), ledger.published_path(study.path))
    return study


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "number", "group"),
    [("verify", signal.SIGINT, True), ("verify", signal.SIGTERM, False), ("reproduce", signal.SIGHUP, False)],
)
def test_a_run_that_is_stopped_leaves_no_file_and_no_process(
    command: str, number: signal.Signals, group: bool, published: Study, tmp_path: Path
) -> None:
    """A terminal sends Ctrl-C to a whole group of processes; others send signals to one."""
    before = tree(tmp_path)
    process = started(command, published.path, folder=tmp_path)
    told = [*lines_until(process, "02: running")]
    time.sleep(1)
    others = psutil.Process(process.pid).children(recursive=True)
    assert others
    (os.killpg if group else os.kill)(process.pid, number)
    out, rest = process.communicate(timeout=60)
    assert (process.returncode, out) == (128 + number, "")
    assert rest.splitlines()[-1] == "survey: stopped." and "Traceback" not in rest and len(told) + len(rest) < 200
    assert gone(others)
    if command == "verify":
        assert tree(tmp_path) == before | {"tmp": None}


@pytest.mark.slow
def test_what_a_killed_verification_left_is_removed_by_the_next(published: Study, tmp_path: Path) -> None:
    (published.notebooks / "02.ipynb").write_text(
        (published.notebooks / "02.ipynb").read_text(encoding="utf-8").replace("sleep(120)", "sleep(3)"),
        encoding="utf-8",
    )
    process = started("verify", published.path, folder=tmp_path)
    list(lines_until(process, "02: running"))
    others = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=60)
    assert gone(others) and len(list((tmp_path / "tmp").iterdir())) == 1
    process = started("verify", published.path, folder=tmp_path)
    process.communicate(timeout=120)
    assert process.returncode == 1  # what is new was not published
    assert list((tmp_path / "tmp").iterdir()) == []


HOLDING = """
import sys
from pathlib import Path
from survey.base import temporary
from survey.base.temporary import temporary_folder
from survey.study import ledger
from survey.study.ledger import Ledger, Origin
from survey.study.study import Study
with temporary_folder("survey-a-", Path(sys.argv[1])) as folder:
    (folder / "file").touch()
    print(folder.name, flush=True)
    sys.stdin.read()
"""


def test_only_folders_of_the_dead_are_removed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "inside").mkdir(parents=True)
    place = tmp_path / "place"
    place.mkdir()
    os.symlink(elsewhere, place / "survey-a-link.held")
    (place / "survey-a-file.held").write_text("mine", encoding="utf-8")
    (place / "survey-a-mine").mkdir()  # of another form
    (place / "survey-b-other.held").mkdir()  # of another kind
    asked = [sys.executable, "-c", HOLDING, str(place)]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(asked, stdin=pipe, stdout=pipe, text=True) as living,
        subprocess.Popen(asked, stdin=pipe, stdout=pipe, text=True) as dead,
    ):
        assert living.stdout is not None and dead.stdout is not None
        held, left = living.stdout.readline().strip(), dead.stdout.readline().strip()
        dead.kill()
        dead.wait()
        assert (place / left / "file").exists()
        with temporary_folder("survey-a-", place) as folder:
            assert folder.is_dir() and folder.parent == place
            assert not (place / left).exists() and (place / held / "file").exists()
        living.kill()
    assert not folder.exists() and (elsewhere / "inside").is_dir()
    with temporary_folder("survey-a-", place) as folder:
        folder.rename(place / "kept")
    left_over = {"kept", "survey-a-file.held", "survey-a-link.held", "survey-a-mine", "survey-b-other.held"}
    assert {p.name for p in place.iterdir()} == left_over


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_another_user_is_left(tmp_path: Path) -> None:
    other = tmp_path / "survey-a-x.held"
    other.mkdir()
    os.chown(other, 12345, -1)
    with temporary_folder("survey-a-", tmp_path):
        assert other.is_dir()
    os.chown(other, os.getuid(), -1)
    with temporary_folder("survey-a-", tmp_path):
        assert not other.exists()


def test_where_there_are_no_locks_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "survey-a-x.held").mkdir()

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(temporary.fcntl, "flock", refuse)
    with temporary_folder("survey-a-", tmp_path) as folder:
        assert folder.is_dir()
    assert [p.name for p in tmp_path.iterdir()] == ["survey-a-x.held"]

"""Notebooks run by nbmake: in order, each in an ordinary kernel, without what `survey reproduce` adds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from survey.study.study import Study

ROOT = Path(__file__).parents[2]
PATIENCE = 600  # seconds a cell
ALL, FEWER = r"(\"png\", \"svg\", \"csv\")", r"(\"csv\",)"
"""What the parameters of a notebook say of the files that it writes; pictures are shown in any case."""


def run(names: tuple[str, ...], home: Path, formats: str = ALL) -> subprocess.CompletedProcess[str]:
    """Run notebooks in a copy of the project, so that what they write stays out of this one.

    In a process of its own: nbmake takes seconds to import, which no other test needs.
    """
    shutil.copytree(ROOT / "data" / "raw", home / "data" / "raw")
    (home / "notebooks").mkdir()
    for name in names:
        text = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
        (home / "notebooks" / f"{name}.ipynb").write_text(text.replace(ALL, formats), encoding="utf-8")
    files = [f"notebooks/{name}.ipynb" for name in names]
    plugins = ["-p", "nbmake.pytest_plugin", "-p", "no:cacheprovider"]
    own = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": str(home / "own"),
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SURVEY_PROCESSED", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--nbmake", f"--nbmake-timeout={PATIENCE}", "-q", *files],
        cwd=home,
        env={**kept, **own},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_notebook_on_cleaning_runs(tmp_path: Path) -> None:
    done = run(("01_cleaning",), tmp_path / "project", FEWER)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout[-3000:]
    assert (tmp_path / "project" / "data" / "processed" / "clean.zip").is_file()


@pytest.mark.slow
def test_all_notebooks_of_the_study_run_in_order(tmp_path: Path) -> None:
    names = Study.open(ROOT / "data" / "raw").run
    done = run(names, tmp_path / "project")
    assert done.returncode == 0 and f"{len(names)} passed" in done.stdout, done.stdout[-3000:]


@pytest.mark.slow
def test_a_cell_that_fails_fails_it(tmp_path: Path) -> None:
    """Otherwise the two above would prove nothing: the second notebook has nothing to load."""
    done = run(("02_weighting",), tmp_path / "project")
    assert done.returncode == 1 and "Nothing was saved as" in done.stdout and "1 failed" in done.stdout

"""A devcontainer is everybody's environment: made by the Makefile, from the same pins, on the same Python."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CONTAINER: dict[str, Any] = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_its_python_is_the_one_that_published_numbers_come_from() -> None:
    (version,) = re.findall(r"/python:(\d\.\d+)-", CONTAINER["image"])
    assert PROJECT["project"]["requires-python"] == f">={version}"
    assert PROJECT["tool"]["mypy"]["python_version"] == version
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    pinned = workflow.partition("pinned:")[2].partition("versions:")[0]
    assert re.findall(r'python-version: "(.+?)"', pinned) == [version]


def test_its_environment_is_made_by_the_makefile_from_the_pins() -> None:
    command = shlex.split(CONTAINER["onCreateCommand"])
    if shutil.which("make") is None:
        pytest.skip("make is not installed.")
    # -W: as if the environment were to be made anew, whether there is one here or not
    said = subprocess.run(
        [*command, "-n", "-W", "pyproject.toml"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    (installed,) = re.findall(r"-m pip .*install .* -e .*", said)
    assert command[0] == "make" and "-c constraints.txt" in installed and installed.endswith('-e ".[test,checks]"')


def test_what_the_editor_is_told_is_there() -> None:
    settings = CONTAINER["customizations"]["vscode"]["settings"]
    folder, _, program = (
        settings["python.defaultInterpreterPath"].removeprefix("${containerWorkspaceFolder}/").partition("/")
    )
    assert (folder, program) == (re.findall(r"^VENV \?= (\S+)", MAKEFILE, re.MULTILINE)[0], "bin/python")
    given = [a for a in settings["python.testing.pytestArgs"] if not a.startswith("-")]
    assert given == ["no:nbmake", "not slow"] and "-p no:nbmake" in MAKEFILE and '-m "not slow"' in MAKEFILE
    markers = [line.partition(":")[0] for line in PROJECT["tool"]["pytest"]["ini_options"]["markers"]]
    assert given[-1].removeprefix("not ") in markers

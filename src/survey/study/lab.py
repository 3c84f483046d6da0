"""JupyterLab on a study: in its folder of notebooks, with this Python as the kernel, and without asking the network.

Its settings are files of Jupyter's own, in `jupyter/` beside this module: which kernel runs, what is saved
(`lab_server`), no news and no search for updates. They win over the user's settings, and what is typed wins over them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from survey.study.kernels import one_thread

if TYPE_CHECKING:
    from survey.study.study_data import StudyData

__all__ = ["FOLDER", "command", "environment"]

FOLDER = "SURVEY_LAB_FOLDER"
"""Environment variable: the folder of notebooks that JupyterLab was opened on."""

_SETTINGS = Path(__file__).parent / "jupyter"
_PATH = "JUPYTER_CONFIG_PATH"


def command(study: StudyData, others: Sequence[str]) -> list[str]:
    """The command that starts JupyterLab.

    Parameters
    ----------
    study : StudyData
        Its first notebook is opened, unless the user names another file.
    others : sequence of str
        Options and files of the user's.
    """
    first = next((name for name in (*study.run, *study.real) if (study.notebooks / f"{name}.ipynb").is_file()), None)
    own = [f"--LabApp.default_url=/lab/tree/{first}.ipynb"] if first and not _opens_something(others) else []
    return [sys.executable, "-m", "jupyterlab", *own, *others]


def environment(study: StudyData) -> Mapping[str, str]:
    """The variables that JupyterLab and its kernels are started with: linear algebra in one thread, as `reproduce`."""
    paths = [str(_SETTINGS), *filter(None, [os.environ.get(_PATH)])]
    own = {_PATH: os.pathsep.join(paths), FOLDER: os.path.abspath(study.notebooks)}
    return {**os.environ, **one_thread(), **own}


def _opens_something(others: Sequence[str]) -> bool:
    """Whether the user names a file, a folder or an address to open."""
    return any(option.endswith(".ipynb") or "default_url" in option or "dir=" in option for option in others)

"""One notebook, run in a kernel of its own: its page, or its error in words."""

from __future__ import annotations

import asyncio
import atexit
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from survey.base.text import uncoloured
from survey.errors import DataNotFoundError, StudyError
from survey.study import notebook_displays, notebook_errors, notebook_page, notebook_trace
from survey.study.kernels import Kernels, surroundings
from survey.study.study_data import StudyData
from survey.study.study_file import PROCESSED, PROCESSED_OF

__all__ = ["Stopped", "execute"]

_CELL_TIMEOUT = 600  # seconds
_SHOWN_LINES = 3  # of a cell that failed
_EXTENSIONS = (notebook_displays, notebook_errors, notebook_trace)


class Stopped(Exception):
    """The run was stopped, and the kernel with it."""


def execute(
    study: StudyData,
    name: str,
    book: Any,
    *,
    kernels: Kernels,
    stage: Path,
    trace: Path,
    step: Callable[[], object],
) -> None:
    """Run a notebook, and write its page to `stage`.

    Parameters
    ----------
    study : StudyData
    name : str
    book : NotebookNode
        Its outputs are filled in.
    kernels : Kernels
    stage : Path
        The processed folder of this notebook alone.
    trace : Path
        File for what it opens.
    step : callable
        Called after each code cell.

    Raises
    ------
    StudyError
        When a cell fails: notebook, cell, its first lines and the parts of the error. The page up to that cell is among
        the results.
    DataNotFoundError
        When a notebook of open data has none.
    Stopped
        When the kernels were told to end.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError

    html = study.processed / "notebooks" / f"{name}.html"
    client = NotebookClient(
        book,
        timeout=_CELL_TIMEOUT,
        km=kernels.manager(stage.name),
        resources={"metadata": {"path": str(study.notebooks)}},
        on_cell_complete=lambda cell, cell_index: step() if cell.cell_type == "code" else None,
        extra_arguments=[
            "--HistoryManager.enabled=False",
            "--IPKernelApp.log_level=40",
            *(f"--IPKernelApp.extra_extensions={module.__name__}" for module in _EXTENSIONS),
        ],
    )
    client.owns_km = True  # it ends the kernel
    try:
        asyncio.run(client.async_execute(env=_environment(study, book, kernels, stage, trace)))
    except CellExecutionError as failure:
        problem = _in_words(study, name, book, stage, html, failure)
        if isinstance(problem, StudyError):
            _write(study, name, book, stage, html)
        raise problem from failure
    except (CellControlSignal, DeadKernelError, RuntimeError) as failure:
        if kernels.stopped:
            raise Stopped from failure
        if type(failure) is RuntimeError and "ernel" not in str(failure):
            raise
        _write(study, name, book, stage, html)
        raise StudyError(
            "A notebook stopped.",
            where=study.notebooks / f"{name}.ipynb",
            got=str(failure).splitlines()[0],
            fix="run it in JupyterLab (`survey lab`) to see where it hangs or what it needs",
        ) from failure
    finally:
        atexit.unregister(client._cleanup_kernel)  # left behind where a kernel did not start
    _write(study, name, book, stage, stage / "notebooks" / html.name)


def _environment(study: StudyData, book: Any, kernels: Kernels, stage: Path, trace: Path) -> dict[str, str]:
    return {
        **surroundings(kernels.settings),
        notebook_displays.VARIABLE: " ".join(notebook_page.languages_of(study, book)),
        PROCESSED: _from_notebooks(study, stage),
        PROCESSED_OF: os.path.abspath(study.path),
        notebook_trace.TRACE: os.path.abspath(trace),
    }


def _from_notebooks(study: StudyData, folder: Path) -> str:
    """A folder as notebooks name it: relative where it can be, so that nothing shows where the project lies."""
    try:
        return os.path.relpath(folder, study.notebooks)
    except ValueError:  # on another drive
        return os.path.abspath(folder)


def _write(study: StudyData, name: str, book: Any, stage: Path, path: Path) -> None:
    """Write the page, on which results are where they will be."""
    for cell in book.cells:
        if "outputs" in cell:
            cell["outputs"] = _placed(cell["outputs"], study, stage)
    notebook_page.write(study, name, book, path)


def _placed(value: Any, study: StudyData, stage: Path) -> Any:
    """What was said of the folder of a notebook, said of the folder where its results will be."""
    if isinstance(value, dict):
        for key in value:
            value[key] = _placed(value[key], study, stage)
        return value
    if isinstance(value, list):
        return [_placed(part, study, stage) for part in value]
    if not isinstance(value, str) or stage.name not in value:
        return value
    for folder in (_from_notebooks(study, stage), os.path.abspath(stage)):
        shown = str(Path(folder).parents[2])
        for said, instead in ((folder, shown), (folder.replace("\\", "\\\\"), shown.replace("\\", "\\\\"))):
            value = value.replace(said, instead)
    return value


def _in_words(
    study: StudyData, name: str, book: Any, stage: Path, html: Path, failure: Any
) -> StudyError | DataNotFoundError:
    """A failing cell as one error: which, how it begins, what it said, where to see more."""
    code = [c for c in book.cells if c.cell_type == "code"]
    number, cell = next(
        (i, c) for i, c in enumerate(code, start=1) if any(o.output_type == "error" for o in c.get("outputs", []))
    )
    cell["outputs"] = _placed(cell["outputs"], study, stage)
    error = notebook_errors.take(cell)
    if isinstance(error, DataNotFoundError) and name in study.real:
        return error
    lines = cell.source.strip().splitlines()
    shown = "\n            ".join([*lines[:_SHOWN_LINES], *(["…"] if len(lines) > _SHOWN_LINES else [])])
    where = f"{study.notebooks / name}.ipynb, cell [{number}]:\n            {shown}"
    copy = f"see the copy up to this cell in {html}, or run the notebook in JupyterLab (`survey lab`)"
    message, expected, fix = _placed(uncoloured(f"{failure.evalue}"), study, stage), None, copy
    if error is not None:
        inner = [f"{part + ':':<7}{value}" for part in ("where", "got") if (value := getattr(error, part)) is not None]
        message, expected = "\n".join([error.what, *inner]), error.expected
        fix = f"{error.fix}; or {copy}" if error.fix else copy
    return StudyError(
        f"The notebook {name} stopped at its code cell {number} of {len(code)}.",
        where=where,
        got=f"{failure.ename}: {message}".replace("\n", "\n            "),
        expected=expected,
        fix=fix,
    )

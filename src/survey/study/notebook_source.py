"""The source of a notebook: read quickly to see whether it must run, and whole when it must."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from survey.base.digest import digest
from survey.errors import StudyError
from survey.study.study_data import StudyData

__all__ = ["NotebookSource", "source"]


@dataclass(frozen=True)
class NotebookSource:
    """What a notebook says and computes.

    Parameters
    ----------
    study : StudyData
    name : str
    digest : str
        SHA-256 of it, whatever was displayed when it was saved.
    cells : int
        How many hold code.
    parts : object
        With `cells`, each with `cell_type` and `source`: enough to look at what it says.
    """

    study: StudyData
    name: str
    digest: str
    cells: int
    parts: Any

    def check(self) -> None:
        """Raise if it is not a notebook that can run."""
        self.whole()

    def whole(self) -> Any:
        """The notebook, to be run.

        Raises
        ------
        StudyError
            If it is not a notebook, or not what it was.
        """
        import nbformat

        path = self.study.notebooks / f"{self.name}.ipynb"
        try:
            book = nbformat.read(path, as_version=4)
        except (OSError, nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as problem:
            raise _no_notebook(path, str(problem).splitlines()[0]) from problem
        if source(self.study, self.name).digest != self.digest:
            raise StudyError(
                "A notebook was changed while others ran.", where=path, fix="run them again: survey reproduce"
            )
        return book


def source(study: StudyData, name: str) -> NotebookSource:
    """Read the source of a notebook.

    Raises
    ------
    StudyError
        If it is missing, or not a notebook.
    """
    path = study.notebooks / f"{name}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        told = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except FileNotFoundError:
        raise StudyError(
            "The study names a notebook that does not exist.", where=path, fix=f"correct [notebooks] in {study.path}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise _no_notebook(path, problem) from problem
    parts = [SimpleNamespace(cell_type=kind, source=text) for kind, text in told]
    count = sum(kind == "code" for kind, _ in told)
    return NotebookSource(study, name, digest([list(one) for one in told]), count, SimpleNamespace(cells=parts))


def _no_notebook(path: Any, problem: object) -> StudyError:
    return StudyError("The file is not a notebook.", where=path, got=problem, expected="Jupyter's format")

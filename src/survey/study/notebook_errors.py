"""An IPython extension that hands the parts of an error to whoever runs the notebook, as data beside the text.

`reproduce` loads it into each kernel. A `SurveyError` that stops a cell is then published as a display of its own
media type, and `take` reads it off the cell: nothing is parsed out of printed lines.
"""

from __future__ import annotations

import warnings
from types import TracebackType
from typing import Any

from survey import errors
from survey.errors import SurveyError, warning_line

__all__ = ["MEDIA_TYPE", "load_ipython_extension", "take"]

MEDIA_TYPE = "application/vnd.survey.error+json"
_PARTS = ("what", "where", "got", "expected", "fix")


def load_ipython_extension(shell: Any) -> None:
    """Publish the parts of each `SurveyError` that reaches the shell; IPython calls this in the kernel.

    Warnings are told without the file and the line of a cell, which differ from run to run.
    """
    warnings.formatwarning = warning_line
    shell.set_custom_exc((SurveyError,), _publish)


def _publish(
    shell: Any, kind: type[SurveyError], error: SurveyError, trace: TracebackType, tb_offset: int | None = None
) -> None:
    name = next(base.__name__ for base in kind.__mro__ if base.__name__ in errors.__all__)
    parts = {part: getattr(error, part) for part in _PARTS}
    data = {"class": name, **{part: None if value is None else str(value) for part, value in parts.items()}}
    shell.display_pub.publish({MEDIA_TYPE: data})
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def take(cell: Any) -> SurveyError | None:
    """Take the error that stopped an executed cell off its outputs.

    Parameters
    ----------
    cell : NotebookNode
        Its output with the error's parts is removed: it says nothing to a reader of the notebook.

    Returns
    -------
    SurveyError or None
        The error with its class and its five parts as text; None if something else stopped the cell.
    """
    published = [o for o in cell.outputs if MEDIA_TYPE in o.get("data", {})]
    cell.outputs = [o for o in cell.outputs if MEDIA_TYPE not in o.get("data", {})]
    if not published:
        return None
    data = published[-1]["data"][MEDIA_TYPE]
    kind: type[SurveyError] = getattr(errors, data["class"])
    return kind(data["what"], **{part: data[part] for part in _PARTS[1:]})

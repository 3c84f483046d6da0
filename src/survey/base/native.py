"""Native formats parsed, in another process unless the user trusts the files: the one way to the parsers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from survey.base import _parser
from survey.base._guard import TRUST, Failed, asked

__all__ = ["Failed", "parsed_names", "parsed_statfile", "parsed_workbook", "trusted"]


def trusted() -> bool:
    """Whether files are parsed in this process: SURVEY_TRUST_FILES=1."""
    return os.environ.get(TRUST, "").strip().lower() in ("1", "true", "yes")


def parsed_statfile(path: Path, arguments: Mapping[str, Any]) -> tuple[pd.DataFrame, Any]:
    """The frame of a .sav, .zsav, .por, .dta, .sas7bdat or .xpt, and what it says about itself.

    Parameters
    ----------
    path : Path
    arguments : mapping
        Of pyreadstat's reader of that format.

    Returns
    -------
    DataFrame
    object
        With the fields of `pyreadstat.metadata_container`.

    Raises
    ------
    Failed
        What the parser says.
    ReadError
        As `base._guard.asked`.
    """
    if trusted() or _replaced():
        frame, about = _here(_parser.statfile, str(path), dict(arguments))
        return frame, about
    answer = asked("statfile", path, arguments)
    names, columns = answer["names"], answer["columns"]
    arrays = {n: c if hasattr(c, "dtype") else _objects(c) for n, c in zip(names, columns, strict=True)}
    return pd.DataFrame(arrays), SimpleNamespace(**{str(k): v for k, v in answer["about"].items()})


def _replaced() -> bool:
    """Whether somebody put a reader of their own in the place of one of pyreadstat's, which another process lacks."""
    package, own = sys.modules.get("pyreadstat"), sys.modules.get("pyreadstat.pyreadstat")
    names = [name for name in vars(own) if name.startswith("read_")] if own is not None else []
    return any(getattr(package, name, None) is not getattr(own, name) for name in names if hasattr(package, name))


def _objects(values: list[Any]) -> Any:
    import numpy as np

    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def parsed_workbook(path: Path) -> list[dict[str, Any]]:
    """Every sheet of a .xlsx, .xlsm, .xlsb, .xls or .ods as `_parser.workbook` gives it.

    Raises
    ------
    Failed
        What the parser says.
    ReadError
        As `base._guard.asked`.
    """
    if trusted():
        return list(_here(_parser.workbook, str(path)))
    sheets: list[dict[str, Any]] = asked("workbook", path)["sheets"]
    return sheets


def parsed_names(path: Path) -> list[str]:
    """Names of the sheets of a workbook; errors as those of `parsed_workbook`."""
    names = _here(_parser.sheet_names, str(path)) if trusted() else asked("names", path)["names"]
    return [str(name) for name in names]


def _here(parser: Any, *arguments: Any) -> Any:
    try:
        return parser(*arguments)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as problem:  # PanicException is no Exception
        failed = Failed(type(problem).__name__, str(problem))
    raise failed  # outside of the block, so that nothing of the parser hangs on the error

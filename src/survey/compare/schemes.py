"""Index schemes: which questions make an index, and how, as data with a source and a mark for what was verified.

A scheme is a file of TOML (docs/schemes.md). It says what the components of an index are, how the answers to their
items are scored, how components are put together, where this comes from, and which of it could be compared with the
source. `survey.compare.index` computes what a scheme says.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from survey.base.suggestions import did_you_mean
from survey.base.toml import read_toml
from survey.compare.scheme import Scheme
from survey.compare.scheme_file import scheme_of
from survey.errors import EstimationError, shorten

__all__ = ["read_scheme", "schemes"]

_FOLDER = Path(__file__).with_name("scheme_files")


def schemes() -> pd.DataFrame:
    """List the schemes that come with the package.

    Returns
    -------
    DataFrame
        name, version, title (in English), components (number), verified (of the whole), unverified (parts that were
        not compared with the source), source.
    """
    found = [read_scheme(path.stem) for path in sorted(_FOLDER.glob("*.toml"))]
    return pd.DataFrame(
        {
            "name": [s.name for s in found],
            "version": [s.version for s in found],
            "title": [s.title.get("en", s.name) for s in found],
            "components": [len(s.leaves) for s in found],
            "verified": [s.verified for s in found],
            "unverified": [", ".join(s.unverified) for s in found],
            "source": [s.source.get("en", "") for s in found],
        }
    )


def read_scheme(scheme: str | os.PathLike[str] | Scheme) -> Scheme:
    """Read an index scheme: one that comes with the package by its name, or a file of TOML by its path.

    Parameters
    ----------
    scheme : str, path or Scheme

    Returns
    -------
    Scheme

    Raises
    ------
    EstimationError
        If there is no such scheme or file, or it is not a scheme: an unknown key, aggregation, scoring or component,
        weights that do not add up to 1, a component without items in a circle with itself.
    """
    if isinstance(scheme, Scheme):
        return scheme
    if not isinstance(scheme, str | os.PathLike):
        raise EstimationError(
            "An index scheme is named by its name or the path of its file.",
            where="scheme",
            got=type(scheme).__name__,
            expected='such as "sipas", or "mine.toml"; see sv.schemes()',
        )
    path = Path(scheme)
    if isinstance(scheme, str) and path.suffix != ".toml" and not path.is_file():
        shipped = {p.stem: p for p in sorted(_FOLDER.glob("*.toml"))}
        if scheme not in shipped:
            raise EstimationError(
                "An unknown index scheme.",
                where="scheme",
                got=repr(scheme),
                expected=f"one of {shorten(shipped)}, or the path of a TOML file",
                fix=did_you_mean([scheme], shipped, "see sv.schemes()"),
            )
        path = shipped[scheme]
    return scheme_of(read_toml(path, "index scheme", EstimationError), path.name)

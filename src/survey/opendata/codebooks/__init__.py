"""Codebooks of the open data sets: what their publishers say in a dictionary, and what they leave out."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from survey.codebook import Codebook
from survey.errors import CodebookError, shorten
from survey.io.dictionary import read_dictionary

__all__ = ["codebook"]

_DICTIONARIES = {"sandiego2015": "resident_survey_dictionary_datasd.csv"}


def codebook(name: str, folder: str | os.PathLike[str]) -> Codebook:
    """Read the codebook of an open data set.

    Parameters
    ----------
    name : str
        As in `survey.opendata.download.REGISTRY`.
    folder : path
        Where its files are: what `survey.fetch` gave.

    Returns
    -------
    Codebook
        From the publisher's dictionary where there is one, completed by a file of this package.

    Raises
    ------
    CodebookError
        If there is no codebook of that name, or the dictionary contradicts itself.
    ReadError
        If the dictionary is not in the folder.
    """
    here = resources.files(__package__)
    known = sorted(f.name.removesuffix(".toml") for f in here.iterdir() if f.name.endswith(".toml"))
    if name not in known:
        raise CodebookError("There is no codebook for this data set.", got=name, expected=shorten(known))
    with resources.as_file(here / f"{name}.toml") as path:
        if name in _DICTIONARIES:
            return read_dictionary(Path(folder) / _DICTIONARIES[name], over=path)
        return Codebook.from_toml(path)

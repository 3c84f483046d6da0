"""The codebook.

The class body is a table of contents: the state is `CodebookData`, each verb a function of the module named here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self

from survey.base.arguments import explained_verbs
from survey.codebook import _compare, _table, _toml, _toml_writing, _update
from survey.codebook._data import CodebookData
from survey.errors import CodebookError

__all__ = ["Codebook"]


@explained_verbs(CodebookError)
class Codebook(CodebookData):
    """The variables of a study, in the order of the questionnaire.

    Parameters
    ----------
    variables : mapping of str to Variable
    dimensions : mapping of str to Text
        Names of the dimensions by language.
    title : Text
    source : str
        Where it came from, for error messages.
    simulated : bool
        Simulated data are labelled wherever they appear.
    sets : mapping of str to MultipleSet
        Questions that take several answers and the columns in which these are kept.
    files : tuple of str
        The files that it, and the answers it goes with, were read from: nothing that is made from them replaces one.
        Not a part of what it says: not compared and not stored.
    language : str
        The language that its study is shown in, as study.toml says; "" for that of its texts. Not compared, not stored.
    """

    __slots__ = ()

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """Read a codebook from TOML. `docs/codebook.md` describes the format.

        Raises
        ------
        CodebookError
            If the file is missing, is not TOML, or contradicts itself.
        """
        return _toml.from_toml(cls, path)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], source: str = "") -> Self:
        """Make a codebook from what its TOML holds; see `from_toml`."""
        return _toml.from_dict(cls, raw, source)

    to_toml = _toml_writing.to_toml
    diff = _compare.diff
    merge = _compare.merge
    update = _update.update
    table = _table.table
    to_html = _table.to_html
    _repr_html_ = _table.to_html

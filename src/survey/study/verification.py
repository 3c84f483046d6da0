"""What a verification found, as an object that says it on a screen, on a page and in a notebook."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from survey.base.language import chosen
from survey.study import verification_page as page
from survey.study.comparison import TOLERANCE, Comparison, differences
from survey.study.ledger import Ledger
from survey.words import locale as loc

__all__ = ["TOLERANCE", "Verification", "compare"]


@dataclass(frozen=True, slots=True, repr=False)
class Verification(Comparison):
    """What a verification found.

    Shown in a notebook or printed, it gives the verdict, what is not reproduced, and what may have moved it.

    Parameters
    ----------
    published, now : Ledger
        As published and as recomputed.
    table : DataFrame
        A row for every number or sentence that is not reproduced: kind ("finding" or "exhibit"), name, id (of a
        number `name.row.column`, as in documents), row (what the row is about), result ("changed", "missing", "new"),
        published, now, difference (now minus published), notebook. `changed`, `missing` and `new` are parts of it.
    skipped : mapping of str to str
        Notebooks that could not run here, and why; what they made is not judged.
    unchecked : mapping of str to str
        Of a verification from cells: results that these do not tell, and why (a key of the catalogue, or a text).
    all_numbers : int
        Of a verification from cells: numbers that were published, those of `unchecked` too; else 0.
    """

    def to_text(self, lang: str | None = None) -> str:
        """What was found, in lines.

        Parameters
        ----------
        lang : {"vi", "en"}, optional
            When not given, the language set by `sv.language`, else English.
        """
        return page.to_text(self, _language(lang))

    def to_html(self, path: str | os.PathLike[str], lang: str | None = None) -> Path:
        """Write all of it as a page that an evaluator can file; it needs nothing from elsewhere.

        Parameters
        ----------
        path : path
        lang : {"vi", "en"}, optional
            As in `to_text`.

        Raises
        ------
        ExportError
            If the file cannot be written, or the language is not known.
        """
        page.write_page(self, Path(path), _language(lang))
        return Path(path)

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return page.part(self, _language(None))


def _language(lang: str | None) -> str:
    if lang is not None:
        loc.check_language(lang)
    return lang or chosen() or "en"


def compare(published: Ledger, now: Ledger, skipped: Mapping[str, str] | None = None) -> Verification:
    """Hold a recomputed ledger against a published one, number by number."""
    left = skipped or {}
    return Verification(published, now, differences(published, now, left), left)

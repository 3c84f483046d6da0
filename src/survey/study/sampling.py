"""The sample of a study as study.toml declares it, and what its report is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from survey.codebook import Codebook, Text
from survey.errors import StudyError, shorten
from survey.reports.settings import Settings, settings_of
from survey.responses import Responses
from survey.sample import Sample
from survey.scanning.scan import MEMORY, Scan
from survey.scanning.scan import scan as scanned
from survey.study.study_file import SurveyFiles

__all__ = ["sample", "scan", "settings"]

_READING = ("separator", "decimal")
"""Options of reading that a scan of CSV has too."""


class _Study(Protocol):
    """A study as far as its files, its design and its report are asked for."""

    @property
    def path(self) -> Path: ...
    @property
    def source(self) -> Text: ...
    @property
    def shown_in(self) -> str: ...
    @property
    def codebook_path(self) -> Path | None: ...
    @property
    def codebook(self) -> Codebook: ...
    @property
    def reporting(self) -> Mapping[str, Any]: ...
    def _survey(self, name: str | None) -> SurveyFiles: ...
    def design(self, survey: str | None = None) -> dict[str, Any]: ...


def sample(self: Any, responses: Responses, survey: str | None = None) -> Sample:
    """The sample of some responses by the design of a survey; without weights, strata and clusters where it names none.

    Parameters
    ----------
    responses : Responses
    survey : str, optional
        Needed only where the study has several.

    Raises
    ------
    StudyError
        If the study has no such survey.
    DesignError
        As `Sample`, if the design does not fit the data.
    """
    study: _Study = self
    design = study.design(survey)
    return Sample(responses, **design) if design else Sample(responses, weights=None)


def scan(
    self: Any,
    survey: str | None = None,
    source: Any = None,
    *,
    query: str | None = None,
    memory: int = MEMORY,
    **design: Any,
) -> Scan:
    """A scan of the raw files of a survey, or of another source of such rows, with the study's codebook and design.

    Parameters
    ----------
    survey : str, optional
        Needed only where the study has several.
    source : optional
        What `survey.scan` takes, where the rows are not in the files that study.toml names.
    query, memory :
        As for `survey.scan`.
    **design
        Of the arguments of `survey.scan`, what is another than study.toml says: `weights="w_adjusted"`.

    Returns
    -------
    Scan
        Its report: `study.report(samples={"residents": scan})`.

    Raises
    ------
    StudyError
        If the study has no such survey, or says of its files how they are to be read, which a scan cannot do.
    DesignError, ReadError
        As `survey.scan`.
    """
    study: _Study = self
    entry = study._survey(survey)
    reading = dict(entry.reading) if source is None else {}
    if unknown := [name for name in reading if name not in _READING]:
        raise StudyError(
            "The files are read in a way that a scan does not have.",
            where=f"{study.path}, [surveys] read",
            got=shorten(unknown),
            expected=f"Parquet or CSV, and {shorten(_READING)} at most",
            fix="read them with study.read(...), write them as .parquet, and give these: study.scan(survey, source)",
        )
    book = (Codebook() if study.codebook_path is None else study.codebook).read_from(study.path)
    book = book.shown_in(study.shown_in)
    book = replace(book, collected=study.source) if study.source else book
    drawn: dict[str, Any] = {"weights": None, **entry.design, **reading, **design}
    files = list(entry.files) if source is None else source
    return scanned(files, codebook=book, query=query, memory=memory, **drawn)


def settings(self: Any) -> Settings:
    """What `[report]` of study.toml names: wards, waves, overall satisfaction, breakdowns.

    Raises
    ------
    StudyError
        For an unknown key, part or preset, or a value of another shape.
    """
    study: _Study = self
    return settings_of(study.reporting, study.path)

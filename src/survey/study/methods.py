"""What a methods annex says of a study: the facts of a sample, with its raw files and their hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from survey.base.files import sha256
from survey.estimates import Summary
from survey.sample import Sample
from survey.scanning.scan import Scan
from survey.study.study_file import SurveyFiles

__all__ = ["methods"]


class _Files(Protocol):
    """A study as far as the files of its surveys are asked for."""

    def _survey(self, name: str | None) -> SurveyFiles: ...


def methods(self: _Files, sample: Sample | Scan, survey: str | None = None, **given: Any) -> Summary:
    """Collect what a methods annex says of a sample, with the raw files of the survey and their SHA-256.

    Parameters
    ----------
    sample : Sample or Scan
        The raw files of a scan are those that it reads, where they are known.
    survey : str, optional
        Needed only where the study has several.
    **given
        As for `Sample.methods`: estimates, items, response, dates.

    Returns
    -------
    Summary
        As `Sample.methods`; `sv.tables.methods` shows it.

    Raises
    ------
    StudyError
        If the study has no such survey.
    EstimationError
        As `Sample.methods`.
    """
    files = self._survey(survey)
    raw = [Path(file) for file in sample.reader.files] if isinstance(sample, Scan) else list(files.files)
    hashes = {path.name: sha256(path) for path in (*raw, *([files.targets] if files.targets else []))}
    return sample.methods(files=hashes, **given)

"""The sample of a study as study.toml declares it, and what its report is about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from survey.reports.settings import Settings, settings_of
from survey.responses import Responses
from survey.sample import Sample

__all__ = ["sample", "settings"]


class _Study(Protocol):
    """A study as far as its design and its report are asked for."""

    @property
    def path(self) -> Path: ...
    @property
    def reporting(self) -> Mapping[str, Any]: ...
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


def settings(self: Any) -> Settings:
    """What `[report]` of study.toml names: wards, waves, overall satisfaction, breakdowns.

    Raises
    ------
    StudyError
        For an unknown key, part or preset, or a value of another shape.
    """
    study: _Study = self
    return settings_of(study.reporting, study.path)

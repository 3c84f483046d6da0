"""Errors as data: what is wrong, where, what came, what was expected, and how to fix it.

One class per kind, all derived from `SurveyError`, so that a script can catch one kind and a person reads
the same five lines whatever went wrong. The command line prints them without a traceback.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CheckError",
    "CleaningError",
    "CodebookError",
    "ConvergenceError",
    "DataNotFoundError",
    "DesignError",
    "DisclosureWarning",
    "EstimationError",
    "ExportError",
    "MissingExtraError",
    "PrivacyError",
    "ReadError",
    "StudyError",
    "SurveyError",
    "SurveyWarning",
    "TargetsError",
    "UndeclaredWarning",
    "shorten",
    "warning_line",
]


class SurveyError(Exception):
    """A problem that the user can fix, described in five parts.

    Parameters
    ----------
    what : str
        One sentence: what is wrong.
    where : str, optional
        File, variable, rows.
    got, expected : object, optional
        What came, and what should have come.
    fix : str, optional
        What to do about it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        got: object = None,
        expected: object = None,
        fix: str | None = None,
    ) -> None:
        # an empty name is what was typed: shown as '', not as nothing
        self.where, self.got = (repr(p) if isinstance(p, str) and not p.strip() else p for p in (where, got))
        self.what, self.expected, self.fix = what, expected, fix
        super().__init__(what)

    def __str__(self) -> str:
        parts = [("where", self.where), ("got", self.got), ("expected", self.expected), ("fix", self.fix)]
        lines = [f"  {name + ':':<10}{value}" for name, value in parts if value is not None]
        return "\n".join([self.what, *lines])

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: its reader needs the five lines, not our call stack."""
        return str(self).splitlines()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.got, self.expected, self.fix))


def _rebuild(
    kind: type[SurveyError], what: str, where: object, got: object, expected: object, fix: str | None
) -> SurveyError:
    return kind(what, where=where, got=got, expected=expected, fix=fix)


class ReadError(SurveyError):
    """A file that cannot be read in its declared format."""


class CodebookError(SurveyError):
    """A codebook that contradicts itself or the data."""


class CheckError(SurveyError):
    """Answers that break a rule of the codebook."""


class CleaningError(SurveyError):
    """A cleaning step that cannot be carried out."""


class DesignError(SurveyError):
    """Weights, strata, clusters or population sizes that cannot describe a sample."""


class TargetsError(SurveyError):
    """Population figures that disagree with each other or with the sample."""


class ConvergenceError(SurveyError):
    """An iteration that did not converge.

    `explanation` gives the reason where it could be determined: for calibration, a `survey.weighting.Explanation`.
    """

    explanation: Any

    def __init__(self, what: str, *, explanation: Any = None, **parts: Any) -> None:
        super().__init__(what, **parts)
        self.explanation = explanation

    def __reduce__(self) -> tuple[object, ...]:
        return (*super().__reduce__(), {"explanation": self.explanation})


class EstimationError(SurveyError):
    """A number that the data and the design do not determine."""


class ExportError(SurveyError):
    """A figure, table or file that cannot be written."""


class PrivacyError(SurveyError):
    """Personal data where they are not allowed, a file that is not anonymous enough, a missing key."""


class StudyError(SurveyError):
    """A study.toml that is incomplete or names files that do not exist."""


class DataNotFoundError(SurveyError):
    """Open data that are neither on this machine nor available for download."""

    @property
    def sentence(self) -> str:
        """What is missing and how to get it, in one sentence: the end of a notebook that needs the data."""
        return f"{self.what.rstrip('.')}: {self.fix}." if self.fix else self.what

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: one sentence, as no line of the notebook is to blame."""
        return [self.sentence]


class MissingExtraError(SurveyError):
    """An optional package that is required but not installed."""


class SurveyWarning(UserWarning):
    """A problem that the user should know about and that does not stop the computation."""


class DisclosureWarning(SurveyWarning):
    """Exhibits of a study that together give away what one of them hides."""


class UndeclaredWarning(SurveyWarning):
    """Answers that read like missing ones ("Don't know", a 9 beside 1 to 5) and are not declared missing."""


def shorten(values: object, limit: int = 8) -> str:
    """Write out the first few of many values, and say how many there are in all."""
    items = [str(v) for v in values]  # type: ignore[attr-defined]
    shown = ", ".join(items[:limit])
    return shown if len(items) <= limit else f"{shown}, … ({len(items)} in all)"


def warning_line(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> str:
    """A warning as people read it, without the file and the line of source; for `warnings.formatwarning`."""
    return f"{category.__name__}: {message}\n"

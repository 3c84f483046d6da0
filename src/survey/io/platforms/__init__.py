"""Exports of survey platforms: each a function from a file to the data, the codebook and notes for the log."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from survey.base.catalogue import Note
from survey.errors import ReadError, shorten
from survey.io._raw import Options, Raw

__all__ = ["EXPORTS", "Export", "looks_like", "platform_of", "read_export"]

EXPORTS = ("kobo", "odk", "surveycto", "limesurvey", "googleforms", "qualtrics")
"""Platforms whose exports can be read."""

AnyForm = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None
_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xls", ".xlsm", ".ods", ".zip")


@dataclass(frozen=True, slots=True)
class Export:
    """What is asked of an export.

    Parameters
    ----------
    platform : str
        One of `EXPORTS`.
    forms : tuple of Path
        The XLSForm that was loaded into the platform; of several versions the newest last.
    repeat : str, optional
        The repeat group of which the rows are wanted.
    timezone : str, optional
        The clock that times are put on.
    """

    platform: str
    forms: tuple[Path, ...] = ()
    repeat: str | None = None
    timezone: str | None = None

    @property
    def as_given(self) -> str | list[str] | None:
        """The forms as `read` takes them, for the log."""
        names = [str(f) for f in self.forms]
        return names[0] if len(names) == 1 else names or None

    @classmethod
    def asked(
        cls, export: str | None, form: AnyForm = None, repeat: str | None = None, timezone: str | None = None
    ) -> Export | None:
        """What `read` was asked for, or None if the file is a plain table.

        Raises
        ------
        ReadError
            For a platform that is not known, or an argument that means nothing without one.
        """
        several = [] if form is None else [form] if isinstance(form, str | os.PathLike) else form
        forms = tuple(Path(f) for f in several)
        given = {"form": forms or None, "repeat": repeat, "timezone": timezone}
        if export is None:
            named = [n for n, v in given.items() if v is not None]
            if named:
                raise ReadError(
                    f"`{named[0]}` has no effect without `export`.",
                    expected=f"export= one of {shorten(EXPORTS)}",
                    fix='name the platform: read(..., export="kobo")',
                )
            return None
        if export not in EXPORTS:
            raise ReadError("The export platform is unknown.", got=repr(export), expected=shorten(EXPORTS))
        if export not in EXPORTS[:3] and any(v is not None for v in given.values()):
            named = [n for n, v in given.items() if v is not None]
            raise ReadError(
                f"`{named[0]}` does not apply to an export of {export}.",
                expected=shorten(EXPORTS[:3]),
                fix="give a codebook instead" if forms else f"leave {named[0]}= out",
            )
        return cls(export, forms, repeat, timezone)


def _readers() -> Mapping[str, Callable[[Path, Options], Raw]]:
    from functools import partial

    from survey.io.platforms._family import KOBO, ODK, SURVEYCTO
    from survey.io.platforms.googleforms import read_googleforms
    from survey.io.platforms.limesurvey import read_limesurvey
    from survey.io.platforms.odk import read_family
    from survey.io.platforms.qualtrics import read_qualtrics

    return MappingProxyType(
        {
            "kobo": partial(read_family, family=KOBO),
            "odk": partial(read_family, family=ODK),
            "surveycto": partial(read_family, family=SURVEYCTO),
            "limesurvey": read_limesurvey,
            "googleforms": read_googleforms,
            "qualtrics": read_qualtrics,
        }
    )


def read_export(path: Path, options: Options) -> Raw:
    """Read a file as the export that `options.export` names.

    Raises
    ------
    ReadError
        If the file is not what that platform writes.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise ReadError(
            "A platform's export cannot be a file of this kind.",
            where=path,
            got=path.suffix or "no extension",
            expected=shorten(_SUFFIXES),
            fix="omit export= for SPSS or Stata files",
        )
    return _readers()[options.export.platform](path, options)


_SIGNS: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "kobo": (("_submission_time", "_uuid"), "KoboToolbox"),
        "surveycto": (("KEY", "formdef_version"), "SurveyCTO"),
        "odk": (("KEY", "SubmissionDate"), "ODK"),
        "limesurvey": (("submitdate", "lastpage", "startlanguage"), "LimeSurvey"),
        "qualtrics": (("StartDate", "EndDate", "Finished", "RecordedDate"), "Qualtrics"),
    }
)


def platform_of(headers: Sequence[str]) -> str:
    """The platform, of `EXPORTS`, whose own columns are among these headers; "" where none is."""
    have = set(headers)
    return next((export for export, (signs, _) in _SIGNS.items() if have.issuperset(signs)), "")


def looks_like(headers: Sequence[str]) -> str | None:
    """A note for a file that was read as a plain table and has the headers of a platform; None for others."""
    export = platform_of(headers)
    return Note("reading.platform", platform=_SIGNS[export][1], export=export) if export else None

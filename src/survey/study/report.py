"""The report of a study: its saved samples and what study.toml says of it, made into documents."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from survey.base.arguments import one_of
from survey.base.files import inputs
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.errors import StudyError, shorten
from survey.estimates import Summary
from survey.reports.material import Material
from survey.reports.settings import RESERVED, Settings, settings_of
from survey.reports.writing import USUAL, Template, write_report
from survey.responses import Responses
from survey.sample import Sample
from survey.study import methods as annex
from survey.study.choices import choices_of
from survey.study.plan import Plan
from survey.study.plan_file import Declaration
from survey.study.plan_lock import lock_path, read_lock
from survey.study.sampling import sample as sample_of
from survey.study.study_file import SurveyFiles
from survey.weighting.response import response_rates

__all__ = ["material_of", "report"]


_NAME = re.compile(r"[\w-]{1,32}")
"""Names of results begin with the name of a score, and tags in Word have 64 letters."""


class _Study(Protocol):
    """A study as far as its report asks."""

    @property
    def path(self) -> Path: ...
    @property
    def title(self) -> Text: ...
    @property
    def source(self) -> Text: ...
    @property
    def simulated(self) -> bool: ...
    @property
    def language(self) -> str: ...
    @property
    def processed(self) -> Path: ...
    @property
    def surveys(self) -> Mapping[str, SurveyFiles]: ...
    @property
    def reporting(self) -> Mapping[str, Any]: ...
    @property
    def declared(self) -> Declaration | None: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def inputs(self) -> tuple[Path, ...]: ...
    def load(self, name: str) -> Responses | Sample: ...
    def read(self, survey: str | None = None) -> Responses: ...
    def design(self, survey: str | None = None) -> dict[str, Any]: ...
    def _survey(self, name: str | None) -> SurveyFiles: ...


def report(
    self: Any,
    *,
    lang: str | Sequence[str] | None = None,
    formats: str | Sequence[str] = USUAL,
    preset: str | None = None,
    template: Template = None,
    folder: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> dict[str, Path]:
    """Write the report of the study: a Word document, slides and a page, with the CSV of every number in them.

    Parameters
    ----------
    lang : {"vi", "en"} or sequence of them, optional
        A document and slides are in one language; the study's own when not given. A page holds every language asked
        for, and a switch.
    formats : {"docx", "html", "pptx", "xlsx"} or sequence of them
        The first three when not given.
    preset : {"ward", "sipas", "papi", "oecd", "first"}, optional
        The kind of report; that of study.toml, else "ward", when not given.
    template : path or sequence of paths, optional
        A .docx whose page, header, footer and styles the document takes; a .pptx whose layouts the slides take.
    folder : path, optional
        Made if it is not there; processed/report when not given.
    progress : bool
        Whether a progress bar goes to stderr.

    Returns
    -------
    dict
        "vi.docx", "vi.pptx", "html", "numbers" (the folder of CSV files) to what was written; the same bytes on every
        run.

    Raises
    ------
    StudyError
        If `[report]` of study.toml has an unknown key, part or preset, nothing was saved under a name that it gives, or
        the data lack a column that it names.
    ExportError
        If a template is not a file of its kind or lacks a layout, or a file cannot be written.
    """
    study: _Study = self
    settings = settings_of(study.reporting, study.path, preset)
    languages = [lang] if isinstance(lang, str) else list(lang or [study.language])
    for code in languages:
        one_of(code, LANGUAGES, "language", StudyError, where="report(lang=...)")
    out = study.processed / "report" if folder is None else Path(folder)
    material = material_of(study, settings)
    with inputs(study.inputs):
        return write_report(material, languages, formats, out, template, progress)


def material_of(study: _Study, settings: Settings) -> Material:
    """The data of a report, checked against what study.toml says of it.

    Raises
    ------
    StudyError
        As `report`.
    """
    where = f"{study.path}, [report]"
    names = dict(settings.samples) or {next(iter(study.surveys)): "sample"}
    unknown = [name for name in names if name not in study.surveys]
    if unknown:
        raise StudyError(
            "The report names a survey that the study does not have.",
            where=f"{where}, samples",
            got=shorten(unknown),
            expected=shorten(study.surveys),
            fix="give one of these names",
        )
    main, *others = names
    sample = _sample(study, main, names[main])
    columns = sample.data.columns
    named = {
        "scores": settings.scores,
        "groups": settings.groups,
        **{key: (value,) for key in ("unit", "period", "overall", "dates") if (value := getattr(settings, key))},
    }
    for key, wanted in named.items():
        missing = [name for name in wanted if name not in columns]
        if missing:
            raise StudyError(
                "The report names a column that the data do not have.",
                where=f"{where}, {key}",
                got=shorten(missing),
                expected=shorten(columns),
                fix="correct the name, or save the sample with that column",
            )
    book = sample.codebook
    scores = settings.scores or tuple(name for name in book.dimensions if name in columns)
    ordered = [name for names in book.by_scale() for name in names if name in columns]
    if not scores and not ("questions" in settings.parts and ordered):
        raise StudyError(
            "There is no score to report.",
            where=where,
            expected='scores = ["..."], of the saved sample; or the part "questions", and ordered items',
            fix="make them with .score(...) before the sample is saved; scales are declared in the codebook",
        )
    unfit = [name for name in scores if name in RESERVED or not _NAME.fullmatch(name)]
    if unfit:
        raise StudyError(
            "The name of a score cannot name the files of its numbers.",
            where=f"{where}, scores",
            got=shorten(unfit),
            expected=f"at most 32 letters, digits, _ or -, and none of {shorten(RESERVED, 10)}",
            fix="give the score another name: .score(..., into=...)",
        )
    period = settings.period or next((v.name for v in book.variables.values() if v.role == "period"), "")
    period = period if period in columns else ""
    settings = replace(settings, period=period)
    firms = _sample(study, others[0], names[others[0]]) if others and "businesses" in settings.parts else None
    response = _response(study, main, settings)

    def methods(asked: Sample, results: Mapping[str, ResultData]) -> Summary:
        own = main if asked is sample else others[0]
        given: dict[str, Any] = {"estimates": [e for e in results.values() if isinstance(e, EstimatesData)]}
        if settings.dates and settings.dates in asked.data.columns:
            given["dates"] = settings.dates
        if asked is sample and response is not None:
            given["response"] = response
        if settings.overall and settings.overall in asked.data.columns:
            given["items"] = [settings.overall]
        return annex.methods(study, asked, own, **given)

    return Material(
        settings=settings,
        sample=sample,
        firms=firms,
        title=study.title,
        source=study.source,
        simulated=study.simulated or sample.simulated,
        scores=scores,
        periods=_codes(sample, period),
        units=_codes(sample, settings.unit),
        methods=methods,
        response=response,
        planned=study.plan.apply if _has_plan(study) else None,
        choices=choices_of(study),
    )


def _has_plan(study: _Study) -> bool:
    """Whether the study declares families of tests, or declared some that were locked."""
    lock = read_lock(lock_path(study.path))
    return any(d is not None and d.families for d in (study.declared, None if lock is None else lock.declaration))


def _sample(study: _Study, survey: str, name: str) -> Sample:
    """What was saved under a name, with the design of its survey where it was saved without one."""
    found = study.load(name)
    return found if isinstance(found, Sample) else sample_of(study, found, survey)


def _codes(sample: Sample, column: str) -> tuple[Any, ...]:
    """The codes of a column that there are, in the order of the codebook, else sorted."""
    if not column:
        return ()
    there = sample.data[column].dropna().unique().tolist()
    book = sample.codebook
    order = list(book[column].codes) if column in book else []
    known = [code for code in order if code in there]
    return tuple(known + sorted((code for code in there if code not in known), key=str))


def _response(study: _Study, survey: str, settings: Settings) -> pd.DataFrame | None:
    """Response rates of all cases drawn, by wave."""
    if not settings.response_files:
        return None
    code, period = settings.response_code, settings.period
    held = study.read(survey).collapse_copies().data
    absent = [pd.read_csv(file) for file in settings.response_files]
    wanted = [*([period] if period else []), code]
    for file, frame in zip(settings.response_files, absent, strict=True):
        missing = [name for name in wanted if name not in frame.columns]
        if missing:
            raise StudyError(
                "A file of nonrespondents lacks a column.",
                where=file,
                got=shorten(frame.columns),
                expected=shorten(wanted),
                fix="add it, or remove the file from [report.response]",
            )
    stacked = [held[wanted], *(frame[wanted] for frame in absent)]
    return response_rates(stacked, code, by=period or None)

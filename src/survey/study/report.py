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
from survey.base.expressions import column_names
from survey.base.files import inputs
from survey.codebook import LANGUAGES, Codebook, Text, same_text
from survey.compare._waves import in_order
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.errors import StudyError, shorten
from survey.estimates import Summary
from survey.reports.about import About, about
from survey.reports.material import Material
from survey.reports.settings import RESERVED, Settings, settings_of
from survey.reports.writing import USUAL, Template, write_report
from survey.responses import Responses
from survey.sample import Sample
from survey.scanning.combined import base_sample
from survey.scanning.scan import Scan
from survey.study import methods as annex
from survey.study.choices import choices_of
from survey.study.plan import Plan
from survey.study.plan_file import Declaration
from survey.study.plan_lock import lock_path, read_lock
from survey.study.sampling import sample as sample_of
from survey.study.study_file import SurveyFiles
from survey.weighting.response import response_rates

__all__ = ["material_of", "report"]


_CASES = "cases alike"
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
    def _kept(self, name: str) -> Path: ...


def report(
    self: Any,
    *,
    lang: str | Sequence[str] | None = None,
    formats: str | Sequence[str] = USUAL,
    preset: str | None = None,
    samples: Mapping[str, Sample | Scan] | None = None,
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
    samples : mapping of str to Sample or Scan, optional
        By survey, what the report is of in place of what was saved: `{"residents": study.scan("residents")}`. Rows of
        a scan stay where they are (docs/scale.md).
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
        the data lack a column that it names; if `samples` names a survey that the study does not have, or gives
        something else than samples and scans.
    EstimationError
        If what is asked of a scan takes more memory than it may.
    ExportError
        If a template is not a file of its kind or lacks a layout, or a file cannot be written.
    """
    study: _Study = self
    settings = settings_of(study.reporting, study.path, preset)
    languages = [lang] if isinstance(lang, str) else list(lang or [study.language])
    for code in languages:
        one_of(code, LANGUAGES, "language", StudyError, where="report(lang=...)")
    out = study.processed / "report" if folder is None else Path(folder)
    material = material_of(study, settings, samples)
    scanned = [file for one in (samples or {}).values() if isinstance(one, Scan) for file in one.reader.files]
    with inputs((*study.inputs, *scanned)):
        return write_report(material, languages, formats, out, template, progress)


def material_of(study: _Study, settings: Settings, samples: Mapping[str, Sample | Scan] | None = None) -> Material:
    """The data of a report, checked against what study.toml says of it; `samples` stand in place of saved ones.

    Raises
    ------
    StudyError
        As `report`.
    """
    where = f"{study.path}, [report]"
    given = _given(samples)
    names = dict(settings.samples) or {next(iter(study.surveys)): "sample"}
    names |= {name: name for name in given if name not in names}
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
    sample = _sample(study, main, names[main], given)
    known = about(sample)
    columns = known.columns
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
    firms = _sample(study, others[0], names[others[0]], given) if others and "businesses" in settings.parts else None
    if isinstance(sample, Scan):
        sample = _together(sample, settings, scores)
        known = about(sample)
    response = _response(study, main, settings, sample)

    choices = choices_of(study)
    other = _of_other_weights(choices, sample) if isinstance(sample, Scan) else []

    def methods(asked: Sample | Scan, results: Mapping[str, ResultData]) -> Summary:
        own = main if asked is sample else others[0]
        told: dict[str, Any] = {"estimates": [e for e in results.values() if isinstance(e, EstimatesData)]}
        there = known.columns if asked is sample else about(asked).columns
        if settings.dates and settings.dates in there:
            told["dates"] = settings.dates
        if asked is sample and response is not None:
            told["response"] = response
        if settings.overall and settings.overall in there:
            told["items"] = [settings.overall]
        return annex.methods(study, asked, own, **told)

    return Material(
        settings=settings,
        sample=sample,
        firms=firms,
        title=study.title,
        source=study.source,
        simulated=study.simulated or sample.codebook.simulated,
        scores=scores,
        periods=_waves(known, sample.codebook, period, where),
        units=_codes(known, sample.codebook, settings.unit),
        methods=methods,
        response=response,
        planned=study.plan.apply if _has_plan(study) else None,
        choices={name: choice for name, choice in choices.items() if name not in other},
        left_out=tuple(choices[name].get("label") or same_text(name) for name in other),
    )


def _of_other_weights(choices: Mapping[str, Mapping[str, Any]], scan: Scan) -> list[str]:
    """Choices whose weights are not those that a scan began with, or none: it has no others."""
    known = (None, scan.drawn_by.weights)
    return [name for name, choice in choices.items() if choice.get("weights") not in known]


def _has_plan(study: _Study) -> bool:
    """Whether the study declares families of tests, or declared some that were locked."""
    lock = read_lock(lock_path(study.path))
    return any(d is not None and d.families for d in (study.declared, None if lock is None else lock.declaration))


def _together(scan: Scan, settings: Settings, scores: Sequence[str]) -> Scan:
    """The scan that counts each score with its waves, wards, pilot and users at once: many questions are about them."""
    there = set(scan.steps.names)
    common = [settings.period, settings.unit, *([] if settings.pilot is None else [settings.pilot.column])]
    common += column_names(settings.users, what="users") if settings.users else ()
    sets = [[score, *common] for score in scores]
    sets += [[settings.overall, settings.period, settings.unit, *settings.groups]] if settings.overall else []
    return scan.together(*([name for name in one if name in there] for one in sets))


def _given(samples: Mapping[str, Sample | Scan] | None) -> Mapping[str, Sample | Scan]:
    """Samples that a report is of in place of saved ones, by survey."""
    found = {} if samples is None else samples
    what = [f"{k}: {type(one).__name__}" for k, one in found.items() if not isinstance(one, Sample | Scan)]
    if what:
        raise StudyError(
            "A report is of samples and scans.",
            where="report(samples=...)",
            got=shorten(what),
            expected='each survey with its own: {"residents": study.scan("residents")}',
            fix="give a Sample, or a scan",
        )
    return found


def _sample(study: _Study, survey: str, name: str, given: Mapping[str, Sample | Scan]) -> Sample | Scan:
    """What was given, else saved under a name, with the design of its survey where it was saved without one."""
    if survey in given:
        return given[survey]
    try:
        found = study.load(name)
    except StudyError as error:
        if study._kept(name).is_file():
            raise
        fix = f"{error.fix}; or, in Python, give the report a sample or a scan of {survey}: samples="
        raise StudyError(error.what, where=error.where, got=error.got, expected=error.expected, fix=fix) from None
    return found if isinstance(found, Sample) else sample_of(study, found, survey)


def _codes(known: About, book: Codebook, column: str) -> tuple[Any, ...]:
    """The codes of a column that there are, in the order of the codebook, else sorted."""
    if not column:
        return ()
    there = known.values(column)
    order = list(book[column].codes) if column in book else []
    first = [code for code in order if code in there]
    rest = [code for code in there if code not in first]
    return tuple(first + sorted(rest, key=str if any(isinstance(code, str) for code in rest) else None))


def _waves(known: About, book: Codebook, period: str, where: str) -> tuple[Any, ...]:
    """The codes of waves in their order.

    Raises
    ------
    StudyError
        For texts whose order is not known, or is not the one in which tables list them: 6/2024 before 8/2023.
    """
    codes = _codes(known, book, period)
    if len(codes) > 1 and list(codes) != in_order([*codes], book.variables.get(period)):
        raise StudyError(
            "The order of the waves is unknown.",
            where=f"{where}, period = {period!r}",
            got=shorten(codes),
            expected="numbers, dates such as 2024-06, or codes that the codebook lists in their order",
            fix=f"list the codes of {period!r} in the codebook, the first wave first",
        )
    return codes


def _response(study: _Study, survey: str, settings: Settings, sample: Sample | Scan) -> pd.DataFrame | None:
    """Response rates of all cases drawn, by wave."""
    if not settings.response_files:
        return None
    code, period = settings.response_code, settings.period
    if isinstance(sample, Scan):
        alike = base_sample(sample, [*([period] if period else []), code], True)
        held = alike.data.assign(**{_CASES: alike.structure.people})
    else:
        held = study.read(survey).collapse_copies().data.assign(**{_CASES: 1})
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
    stacked = [held[[*wanted, _CASES]], *(frame[wanted].assign(**{_CASES: 1}) for frame in absent)]
    rates = response_rates(stacked, code, by=period or None, weights=_CASES if isinstance(sample, Scan) else None)
    if not isinstance(sample, Scan):
        return rates
    cases = pd.concat(stacked).groupby(period)[_CASES].sum() if period else sum(f[_CASES].sum() for f in stacked)
    return rates.assign(n=rates[period].map(cases) if period else cases)

"""What a report is made of: weighted samples, what study.toml says of it, and results that are safe together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from survey.base.catalogue import text
from survey.codebook import LANGUAGES, Codebook, Text
from survey.core.result import ResultData, rows_in
from survey.estimates import Estimates, Summary
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.finding import Finding
from survey.exhibits.title_style import titles
from survey.reports.about import About, about
from survey.reports.document import ExhibitBlock, Paragraph
from survey.reports.evidence import Run, evidence_id, runs_of_cell, runs_of_sentence
from survey.reports.settings import Settings
from survey.reports.titles import titles_of
from survey.sample import Sample
from survey.scanning.scan import Scan
from survey.words.statuses import hidden_text

__all__ = ["Material", "Report", "records"]


@dataclass(frozen=True)
class Material:
    """The data of a report.

    Parameters
    ----------
    settings : Settings
    sample : Sample or Scan
        Residents, cleaned and weighted.
    firms : Sample, Scan or None
    title, source : Text
    simulated : bool
    scores : tuple of str
        Those that the data have.
    periods : tuple
        Codes of the waves in order; empty where the data have none.
    units : tuple
        Codes of the wards in order.
    methods : mapping of survey to Summary
        The facts of each methods annex.
    response : DataFrame or None
        Response rates by wave.
    planned : callable (*results) -> results, optional
        Gives p-values their family in the study's plan, and adjusts them over it; None where no plan is declared.
    choices : mapping of str to mapping
        Under which the effect of the pilot is estimated again, as `Sample.specifications` takes them.
    left_out : tuple of Text
        Choices of other weights, which rows that were counted where they are do not have.
    """

    settings: Settings
    sample: Sample | Scan
    firms: Sample | Scan | None
    title: Text
    source: Text
    simulated: bool
    scores: tuple[str, ...]
    periods: tuple[Any, ...]
    units: tuple[Any, ...]
    methods: Callable[[Sample | Scan, Mapping[str, ResultData]], Summary]
    response: pd.DataFrame | None = None
    planned: Callable[..., Any] | None = None
    choices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_out: tuple[Text, ...] = ()

    @cached_property
    def about(self) -> About:
        """Columns, values and log of the residents."""
        return about(self.sample)

    @cached_property
    def about_firms(self) -> About | None:
        """Those of businesses."""
        return None if self.firms is None else about(self.firms)

    @property
    def codebook(self) -> Codebook:
        """That of the residents."""
        return self.sample.codebook

    @property
    def period(self) -> str:
        """The column of waves, where there are two or more; "" otherwise."""
        return self.settings.period if len(self.periods) > 1 else ""

    @property
    def unit(self) -> str:
        """The column of wards, where there are two or more; "" otherwise."""
        return self.settings.unit if len(self.units) > 1 else ""

    @property
    def latest(self) -> str:
        """Who was asked last, as an expression; "" for everyone."""
        return f"{self.settings.period} == {self.periods[-1]!r}" if len(self.periods) > 1 else ""

    @property
    def latest_label(self) -> Text:
        """What the last wave is called; empty where there is one only."""
        if not self.period:
            return {}
        return {lang: self.codebook.label(self.period, self.periods[-1], lang) for lang in LANGUAGES}

    def users(self, *further: str) -> str | None:
        """Whose answers scores describe, and further conditions, as one expression."""
        conditions = [c for c in (self.settings.users, *further) if c]
        return " and ".join(f"({c})" for c in conditions) if conditions else None

    def by(self, *columns: str) -> list[str] | None:
        """Those of some columns that there are, as `by=` takes them."""
        return [c for c in columns if c] or None


@dataclass(frozen=True)
class Report:
    """A report in the making, in one language: results as they may be published, and what is shown of them.

    Parameters
    ----------
    material : Material
    lang : str
    results : mapping of str to Estimates or Summary
        By the names of their exhibits, held against each other (`survey.protect`).
    """

    material: Material
    lang: str
    results: Mapping[str, ResultData]
    _made: dict[Any, Exhibit] = field(default_factory=dict, init=False, repr=False)

    def __contains__(self, name: str) -> bool:
        return name in self.results

    @property
    def planned(self) -> bool:
        """Whether p-values are corrected over the families of a plan."""
        return self.material.planned is not None

    def text(self, key: str, **values: object) -> str:
        """A text of the section `report` of the catalogue."""
        return text(f"report.{key}", self.lang, **values)

    def name(self, variable: str) -> str:
        """What a variable or dimension is called."""
        return self.material.codebook.short_name(variable, self.lang)

    def label(self, variable: str, code: Any) -> str:
        """What a code of a variable is called."""
        return self.material.codebook.label(variable, code, self.lang)

    def result(self, name: str) -> Estimates:
        """A result as it is published."""
        return cast(Estimates, self.results[name])

    def exhibit(self, name: str, verb: Callable[..., Exhibit], **options: Any) -> Exhibit:
        """A result as a figure or table whose title says what it is, made once."""
        key = (name, verb)
        if key not in self._made:
            e = self.results[name]
            told = options.pop("title", None) or titles_of(
                name, self.results, self.material.codebook, self.material.latest_label
            )
            with titles("descriptive"):  # what a result shows is said by the sentence above it
                self._made[key] = verb(e, lang=self.lang, title=told, name=name, **options)
        return self._made[key]

    def block(self, name: str, verb: Callable[..., Exhibit], *, key: str = "", **options: Any) -> ExhibitBlock:
        """A result as a figure or table in the report."""
        exhibit = self.exhibit(name, verb, **options)
        kind = "fig" if exhibit.kind == "figure" else "tab"
        return ExhibitBlock(key or f"{kind}-{name}", exhibit)

    def cell(self, name: str, row: int, *, interval: bool = True) -> tuple[Run, ...]:
        """One estimate of a result as a cell writes it, with its evidence."""
        from survey.tables import table

        exhibit = self.exhibit(name, table)
        told = exhibit.once(records)[row]
        if told["status"] == "suppressed":
            return (
                Run(hidden_text(told["detail"], self.lang, exhibit.thresholds[0]), evidence_id(name, row, "estimate")),
            )
        measure = exhibit.measures[row]
        estimate, low, high = (float(told[column]) for column in ("estimate", "conf_low", "conf_high"))
        if not interval or not np.isfinite([estimate, low, high]).all():
            return runs_of_cell(measure.value(estimate, self.lang), name, (row, ("estimate",)), False)
        columns = ("estimate", "conf_low", "conf_high")
        return runs_of_cell(measure.with_interval(estimate, low, high, self.lang), name, (row, columns), False)

    def exhibit_row(self, name: str, row: int) -> Mapping[str, Any]:
        """A row of a result with what may be shown of it."""
        from survey.tables import table

        return self.exhibit(name, table).once(records)[row]

    def sentence(self, finding: Finding, places: Mapping[str, str], strong: str = "") -> Paragraph:
        """A finding as a paragraph whose numbers have their evidence; `strong` stands before it in bold."""
        runs = runs_of_sentence(finding, self.lang, places)
        return Paragraph(((Run(strong + " ", strong=True),) if strong else ()) + runs, "finding")

    def row(self, name: str, **values: Any) -> int | None:
        """Position of the row whose columns hold some values; None where there is none."""
        return self.results[name].once(_places, *values).get(tuple(values.values()))

    def places(self, name: str, row: int, suffix: str = "") -> dict[str, str]:
        """Evidence of the numbers of a row, by the keys that findings have."""
        columns = [str(c) for c in rows_in(self.results[name]).columns]
        return {column + suffix: evidence_id(name, row, column) for column in columns}


def records(exhibit: Exhibit) -> list[dict[str, Any]]:
    """The rows of an exhibit by their columns."""
    return [{str(k): v for k, v in row.items()} for row in exhibit.rows().to_dict("records")]


def _places(e: ResultData, *columns: str) -> dict[tuple[Any, ...], int]:
    """The first row of each combination of values of some columns."""
    found: dict[tuple[Any, ...], int] = {}
    for i, values in enumerate(zip(*(e.table[column].tolist() for column in columns), strict=True)):
        found.setdefault(values, i)
    return found

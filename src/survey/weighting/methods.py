"""The facts of a methods annex: design, fieldwork, response, weights, precision, item nonresponse, software, files."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist, listed
from survey.base.arrays import t_interval_factor
from survey.base.catalogue import Note
from survey.codebook import LANGUAGES, Codebook, Text, Variable
from survey.codebook._variable import catalogue_text
from survey.core.estimates_data import EstimatesData
from survey.core.sample_data import SampleData
from survey.design.design import Design
from survey.errors import EstimationError
from survey.estimates import Summary
from survey.estimation.item_nonresponse import item_response
from survey.weighting.diagnostics import weight_diagnostics
from survey.weighting.weight_steps import WeightStep, step_words, weight_steps
from survey.words import labels

__all__ = ["RATES_TOLD", "Counted", "days_in", "facts_of", "methods", "no_days"]

RATES_TOLD = {"RR1": "rr1", "RR3": "rr3", "COOP1": "coop1", "REF1": "ref1", "CON1": "con1"}
"""Rates of AAPOR, and the topics they are told under."""
_SELECTIONS = {
    (True, True): "selection_stratified_clusters",
    (False, True): "selection_plain_clusters",
    (True, False): "selection_stratified_elements",
    (False, False): "selection_plain_elements",
}
_SPREAD = {
    "weight_min": "min",
    "weight_median": "median",
    "weight_max": "max",
    "weight_cv": "cv",
    "deff_kish": "deff_kish",
}
_SHARES = {"share_valid": "valid", "share_dont_know": "dont_know", "share_refused": "refused", "share_blank": "blank"}
_SECTIONS = ("design", "fieldwork", "response", "population", "weights", "precision", "items", "files", "software")
_LIBRARIES = ("numpy", "pandas", "scipy")


@dataclass(frozen=True)
class Counted:
    """What has to be counted among respondents for a methods annex.

    Parameters
    ----------
    codebook : Codebook
    design : Design
    source : str
    respondents : int
    weight_sum : float
    strata, clusters : int
        Of the first stage.
    days : pair of date or None
        The first and the last day of interviews.
    steps : sequence of WeightStep
        Their names and how they were made.
    spread : mapping of str to float
        The last row of `weight_diagnostics`; NaN for what is not known.
    items : DataFrame or None
        As `item_response`.
    """

    codebook: Codebook
    design: Design
    source: str
    respondents: int
    weight_sum: float
    strata: int
    clusters: int
    days: tuple[dt.date, dt.date] | None
    steps: Sequence[WeightStep]
    spread: Mapping[str, float]
    items: pd.DataFrame | None


@dataclass(slots=True)
class _Facts:
    """Rows of the annex, and what the things are called that they are about."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, Text] = field(default_factory=dict)
    section: str = ""

    def add(self, topic: str, value: float = np.nan, unit: str = "", text: str = "", about: str = "") -> None:
        told = {"section": self.section, "topic": topic, "about": about}
        self.rows.append(told | {"value": float(value), "unit": unit or "text", "text": text})

    def name(self, key: str, text: Text) -> str:
        self.names[key] = text
        return key


def methods(
    self: SampleData,
    *,
    estimates: EstimatesData | Sequence[EstimatesData] = (),
    items: str | Sequence[str] = (),
    response: pd.DataFrame | None = None,
    dates: str | None = None,
    files: Mapping[str, str] | None = None,
) -> Summary:
    """Collect what a methods annex says of a sample: every number from the data and the design, none typed in.

    Parameters
    ----------
    estimates : Estimates or sequence of Estimates
        Results whose precision is told: of each item the largest margin of error and the largest design effect.
    items : str or list of str
        Items whose nonresponse is told, as shares of those asked.
    response : DataFrame, optional
        The result of `sv.response_rates`, whose cases are told with the rates RR1, RR3, COOP1, REF1 and CON1 of AAPOR.
    dates : str, optional
        Column of the days (or times) of interviews.
    files : mapping of str to str, optional
        Names of files with their SHA-256; `Study.methods` gives those of a study.

    Returns
    -------
    Summary
        Statistic "methods": section, topic, about (the item, margin, group or file; "" for none), value, unit
        ("count", "share" in 0-1, "points" for the margin of error of a share in 0-1, "number", "date", "text", ...;
        "about": the thing itself is what is told), text (what is no number).
        `sv.tables.methods` shows it.

    Raises
    ------
    EstimationError
        If `dates` is not a column of days, or `response` is no table of response rates.

    References
    ----------
    AAPOR (2021), Code of Professional Ethics and Practices: what is to be disclosed. AAPOR (2023), Standard
    Definitions, 10th edition.

    Examples
    --------
    >>> sv.tables.methods(sample.methods(estimates=e, dates="int_start"))  # doctest: +SKIP
    """
    design, data = self.design, self.data
    strata = data.groupby(list(design.strata[:1]), observed=True).ngroups if design.strata else 0
    own = [*(design.strata[:1] if design.nest else ()), *design.psu[:1]]
    if dates is not None:
        columns_exist([dates], data.columns, "There is no such column of days.", EstimationError, where="dates=")
    counted = Counted(
        codebook=self.codebook,
        design=design,
        source=self.source,
        respondents=len(data),
        weight_sum=float(self.weights.sum()),
        strata=strata,
        clusters=data.groupby(own, observed=True).ngroups if design.psu else 0,
        days=None if dates is None else _days(data[dates]),
        steps=weight_steps(self),
        spread={str(k): v for k, v in weight_diagnostics(self).table.iloc[-1].items()},
        items=item_response(self, listed(items)) if len(items) else None,
    )
    return facts_of(counted, estimates=estimates, response=response, files=files)


def facts_of(
    counted: Counted,
    *,
    estimates: EstimatesData | Sequence[EstimatesData] = (),
    response: pd.DataFrame | None = None,
    files: Mapping[str, str] | None = None,
    origin: str = "",
) -> Summary:
    """The annex of what was counted, as `methods`; `origin` is what rows stand in that are in no files."""
    facts = _Facts()
    given = [estimates] if isinstance(estimates, EstimatesData) else list(estimates)
    parts: dict[str, Any] = {
        "design": lambda: _design(counted, facts),
        "fieldwork": lambda: _fieldwork(counted, facts),
        "response": lambda: _response(counted, facts, response),
        "population": lambda: _population(counted, facts),
        "weights": lambda: _weights(counted, facts),
        "precision": lambda: _precision(facts, given),
        "items": lambda: _items(counted, facts),
        "files": lambda: _files(facts, files or {}, origin),
        "software": lambda: _software(facts),
    }
    for section in _SECTIONS:
        facts.section = section
        parts[section]()
    table = pd.DataFrame(facts.rows, columns=["section", "topic", "about", "value", "unit", "text"])
    variables = [
        Variable("section", "nominal", labels={s: catalogue_text(f"methods_annex.{s}") for s in _SECTIONS}),
        Variable("topic", "nominal", labels={t: catalogue_text(f"methods_annex.{t}") for t in table["topic"].unique()}),
        Variable("about", "nominal", labels={k: v for k, v in facts.names.items() if v}),
    ]
    return Summary(
        table,
        "methods",
        ("section", "topic", "about"),
        codebook=counted.codebook.update(*variables),
        notes=(Note("notes.methods_from_data"),),
        source=counted.source,
        simulated=counted.codebook.simulated,
    )


def _design(counted: Counted, facts: _Facts) -> None:
    design = counted.design
    facts.add("selection", text=_SELECTIONS[bool(design.strata), bool(design.psu)], unit="key")
    facts.add("respondents", counted.respondents, "count")
    facts.add("weight_sum", counted.weight_sum, "count")
    if design.strata:
        facts.add("strata", counted.strata, "count")
    if design.psu:
        facts.add("clusters", counted.clusters, "count")
        facts.add("cluster_size", counted.respondents / counted.clusters, "number")
    if len(design.psu) > 1:
        facts.add("stages", len(design.psu), "count")
    facts.add("fpc", text="yes" if design.fpc else "no", unit="key")
    if design.replicates is not None:
        facts.add("replicates", design.replicates.count, "count")


def _fieldwork(counted: Counted, facts: _Facts) -> None:
    if counted.days is not None:
        first, last = counted.days
        facts.add("first_day", text=first.isoformat(), unit="date")
        facts.add("last_day", text=last.isoformat(), unit="date")


def days_in(column: pd.Series) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of a column of days or times; None where it holds none."""
    days = pd.to_datetime(column, errors="coerce")
    if days.notna().sum() == 0 or pd.api.types.is_numeric_dtype(column.dtype):
        return None
    return days.min().date(), days.max().date()


def _days(column: pd.Series) -> tuple[dt.date, dt.date]:
    found = days_in(column)
    if found is None:
        raise no_days(str(column.name), str(column.dtype))
    return found


def no_days(name: str, kind: str) -> EstimationError:
    """What is wrong with a column of days that holds none."""
    return EstimationError(
        "A column of interview days holds no days.",
        where=f"dates={name!r}",
        got=f"values of type {kind}",
        expected="days or times, such as 2024-06-01",
        fix="name the column of the day or the time of interview",
    )


def _response(self: Counted, facts: _Facts, response: pd.DataFrame | None) -> None:
    if response is None:
        return
    if not isinstance(response, pd.DataFrame) or not {"n", *RATES_TOLD} <= set(response.columns):
        raise EstimationError(
            "These are no response rates.",
            where="response=",
            got=type(response).__name__,
            expected="the result of sv.response_rates(...)",
            fix="call sv.response_rates on all cases drawn",
        )
    groups = list(response.columns[: list(response.columns).index("n")])
    for _, row in response.iterrows():
        told = {lang: ", ".join(self.codebook.label(g, row[g], lang) for g in groups) for lang in LANGUAGES}
        about = facts.name("response " + " ".join(str(row[g]) for g in groups), told) if groups else ""
        facts.add("cases", float(row["n"]), "count", about=about)
        for rate, topic in RATES_TOLD.items():
            facts.add(topic, float(row[rate]), "share", about=about)


def _population(self: Counted, facts: _Facts) -> None:
    """What weights were calibrated to, with its source: by a later calibration, once."""
    seen: set[str] = set()
    for step in self.design.adjustments:
        for margin in (*step.margins, *step.numbers) if step.targets is not None else ():
            key = " × ".join(margin)
            if key not in seen:
                seen.add(key)
                told: Text = {lang: " × ".join(self.codebook.short_name(v, lang) for v in margin) for lang in LANGUAGES}
                facts.add("margin", unit="about", about=facts.name(f"margin {key}", told))
        if step.targets is not None and step.targets.source:
            source = ", ".join(part for part in (step.targets.source, step.targets.date) if part)
            facts.add("targets", text=source)


def _weights(counted: Counted, facts: _Facts) -> None:
    words, spread = step_words(counted.steps, counted.codebook), counted.spread
    for step in counted.steps[1:]:
        facts.add("step", unit="about", about=facts.name(f"step {step.name}", words.get(step.name, {})))
    for topic, name in _SPREAD.items():
        facts.add(topic, float(spread[name]), "number")
    facts.add("n_eff", float(spread["n_eff"]), "count")


def _precision(facts: _Facts, estimates: Sequence[EstimatesData]) -> None:
    for e in estimates:
        precision = e.precision
        moe = (t_interval_factor(e.level, e.table["df"].to_numpy(float)) * e.table["std_error"]).to_numpy(float)
        for item in labels.items_of(e):
            own = (e.table["item"].astype(str) == item).to_numpy()
            if not np.isfinite(moe[own]).any():
                continue
            about = facts.name(item, {lang: labels.item_label(e, item, lang) for lang in LANGUAGES})
            share = labels.measure_at(e, int(np.flatnonzero(own)[0])).kind == "share"
            facts.add("margin_of_error", float(np.nanmax(moe[own])), "points" if share else "number", about=about)
            deff = precision["deff"].to_numpy(float)[own]
            if np.isfinite(deff).any():
                facts.add("deff", float(np.nanmax(deff)), "number", about=about)


def _items(self: Counted, facts: _Facts) -> None:
    if self.items is None:
        return
    for _, row in self.items.iterrows():
        name = str(row["item"])
        told = {lang: self.codebook.short_name(name, lang) for lang in LANGUAGES}
        about = facts.name(name, told)
        facts.add("asked", float(row["applicable"]), "count", about=about)
        for topic, kind in _SHARES.items():
            if kind == "valid" or row[kind] > 0:
                facts.add(topic, float(row[topic]), "share", about=about)


def _files(facts: _Facts, files: Mapping[str, str], origin: str) -> None:
    if origin:
        facts.add("scanned", text=origin, unit="source")
    for name, digest in files.items():
        facts.add("sha256", text=digest, unit="hash", about=facts.name(name, {}))


def _software(facts: _Facts) -> None:
    facts.add("survey", text=_version("survey"))
    facts.add("python", text=platform.python_version())
    for name in _LIBRARIES:
        facts.add("library", text=_version(name), about=facts.name(name, {}))


def _version(package: str) -> str:
    if package == "survey":
        from survey import __version__

        return __version__
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # a copy beside the code
        return "?"

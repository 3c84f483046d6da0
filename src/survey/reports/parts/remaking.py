"""What it takes to make the numbers again without this package: columns, codes, rejected rows, what each step does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from survey.base.catalogue import text
from survey.base.files import sha256
from survey.codebook import Variable
from survey.core.log import LogEntry
from survey.design.design import Design
from survey.reports.document import Block, Heading, WordTable, plain
from survey.reports.evidence import Run
from survey.reports.material import Report
from survey.reports.parts.estimates import items_of
from survey.words import locale as loc
from survey.words.steps import verb

__all__ = ["CLEANING", "WEIGHTING", "choices", "designs", "rows_picked", "steps", "variables"]

CLEANING = {
    "recode_missing": "step_recode_missing",
    "collapse_copies": "step_collapse_copies",
    "drop": "step_drop",
    "derive": "step_derive",
    "band": "step_band",
    "reverse": "step_reverse",
    "score": "step_score",
}
WEIGHTING = {
    "nonresponse": "step_nonresponse",
    "propensity": "step_propensity",
    "rake": "step_rake",
    "poststratify": "step_poststratify",
    "linear": "step_linear",
    "raking": "step_raking",
    "logit": "step_logit",
    "entropy": "step_entropy",
}
"""Steps whose definition the annex gives, in this order: verbs of the log, methods of adjustments."""


def designs(report: Report) -> list[Block]:
    """Which columns hold the design of each survey, and whose answers the results are."""
    material, settings = report.material, report.material.settings
    found = [report.text("design_columns", columns=_columns(report, material.sample.design))]
    if material.firms is not None:
        found.append(report.text("design_columns_firms", columns=_columns(report, material.firms.design)))
    if settings.response_files:
        files = ", ".join(f"{path.name} (SHA-256 {sha256(path)})" for path in settings.response_files)
        found.append(report.text("response_files", files=files))
    if settings.users:
        found.append(report.text("results_users", condition=settings.users))
    if material.latest:
        found.append(report.text("results_latest", condition=material.latest))
    if settings.overall:
        found.append(report.text("results_top", item=settings.overall))
    return [plain(text, "item") for text in found]


def _columns(report: Report, design: Design) -> str:
    first = design.adjustments[0].weights_before if design.adjustments else design.weights
    named = {
        "design_weights": [first] if first else [],
        "design_strata": design.strata,
        "design_psu": design.psu,
        "design_fpc": design.fpc,
    }
    parts = [report.text(key, columns=", ".join(map(str, names))) for key, names in named.items() if names]
    return "; ".join(parts) or report.text("design_none")


def variables(report: Report) -> list[Block]:
    """The codes of the items, who was asked, and how missing answers are coded."""
    book, lang = report.material.codebook, report.lang
    items = [book[name] for score in report.material.scores for name in _scored(report, score)]
    overall = report.material.settings.overall
    if overall in book and book[overall] not in items:
        items.append(book[overall])
    if not items:
        return []
    turned = _turned(_log(report))
    heads = tuple(report.text(key) for key in ("variable", "item", "codes", "turned", "asked_where"))
    rows = [
        (
            v.name,
            v.short_name(lang),
            _codes(v),
            report.text("turned_yes") if v.name in turned else "",
            v.base or report.text("asked_all"),
        )
        for v in items
    ]
    groups = tuple(report.name(v.dimension) if v.dimension else "" for v in items)
    cells = tuple(tuple((Run(text),) for text in row) for row in rows)
    table = WordTable("tab-variables", report.text("variables_title"), heads, cells, groups)
    missing = report.text("missing_codes", codes=_missing(report, items))
    return [Heading(2, report.text("variables"), "methods-variables"), plain(missing), table]


def _scored(report: Report, score: str) -> Sequence[str]:
    """The items of a score; those of its dimension where the log does not say."""
    book = report.material.codebook
    named = {str(e.arguments.get("into") or e.arguments.get("name")): e for e in _log(report) if e.verb == "score"}
    items = named[score].arguments.get("items") if score in named else None
    if items is None and score in {v.dimension for v in book.variables.values() if v.scored}:
        items = book.items(score)
    return [name for name in items or items_of(report.material, score) if name in book]


def _log(report: Report) -> Sequence[LogEntry]:
    return report.material.about.entries


def _turned(entries: Iterable[LogEntry]) -> set[str]:
    """Items that were reversed: those the log lists."""
    listed = [e.what.partition(": ")[2] for e in entries if e.verb == "reverse"]
    return {name for names in listed for name in names.split(", ")}


def _codes(variable: Variable) -> str:
    codes = [f"{c:g}" if isinstance(c, float) else str(c) for c in variable.codes]
    numbers = [c for c in variable.codes if isinstance(c, int | float)]
    if len(numbers) == len(codes) > 2 and numbers == list(range(int(numbers[0]), int(numbers[0]) + len(numbers))):
        return f"{codes[0]}–{codes[-1]}"
    return ", ".join(codes)


def _missing(report: Report, items: Sequence[Variable]) -> str:
    """Codes and their kinds; where variables differ, with the variables."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for v in items:
        for code, kind in v.missing.items():
            kinds.setdefault((f"{code:g}" if isinstance(code, float) else str(code), kind), []).append(v.name)
    codes = [code for code, _ in kinds]
    found = []
    for (code, kind), names in kinds.items():
        only = f" ({', '.join(names)})" if codes.count(code) > 1 else ""
        found.append(f"{code.replace('-', '−')} {text(f'codebook.{kind}', report.lang)}{only}")
    return "; ".join(found) or report.text("missing_none")


def rows_picked(report: Report) -> list[Block]:
    """Rows that were rejected one by one and by no condition: a table of their numbers in the raw files."""
    known = report.material.about
    sources = [(source.path.rpartition("/")[2].rpartition("\\")[2], source.rows) for source in known.sources]
    rows = []
    for step, entry in enumerate(known.entries, 1):
        picked = entry.arguments.get("rows") if entry.verb == "drop" else None
        for file, places in _by_file(picked or (), sources):
            rows.append((f"{step}. {_verb(entry.verb, report)}", file, ", ".join(map(str, places))))
    if not rows:
        return []
    heads = tuple(report.text(key) for key in ("log_step", "rows_file", "rows_numbers"))
    cells = tuple(tuple((Run(text),) for text in row) for row in rows)
    return [WordTable("tab-rows", report.text("rows_title"), heads, cells)]


def _verb(name: str, report: Report) -> str:
    """What a verb of the log is called; English ones are those that are typed, here as words."""
    return verb(name, report.lang).replace("_", " ")


def _by_file(picked: Iterable[Any], sources: Sequence[tuple[str, int]]) -> list[tuple[str, list[Any]]]:
    """Rows counted from 1 in each file; as the data name them where these do not simply stack the files."""
    names = list(picked)
    if not all(isinstance(n, int) and 0 <= n < sum(rows for _, rows in sources) for n in names):
        return [("", names)]
    found, start = [], 0
    for file, rows in sources:
        inside = [n - start + 1 for n in names if start <= n < start + rows]
        if inside:
            found.append((file, inside))
        start += rows
    return found


def steps(report: Report, which: Mapping[str, str]) -> list[Block]:
    """What each kind of step of cleaning or weighting does, once."""
    entries = _log(report)
    adjustments = {a.method for a in report.material.sample.design.adjustments}
    found = []
    for name, key in which.items():
        own = [e for e in entries if e.verb == name]
        if not own and name not in adjustments:
            continue
        found.append(report.text(key, verb=_verb(name, report)))
        if name == "recode_missing" and any(e.arguments.get("outside") == "blank" for e in own):
            found.append(report.text("step_outside"))
        if name == "band":
            found += [report.text("step_bands", name=e.arguments["into"], bands=_bands(e)) for e in own]
        if name == "nonresponse":
            found.append(report.text("step_eligible"))
    return [plain(text, "item") for text in found]


def _bands(entry: LogEntry) -> str:
    edges = [x if isinstance(x, str) else f"{x:g}" for x in entry.arguments["edges"]]
    edges = [{"inf": "∞", "-inf": "−∞"}.get(x, x) for x in edges]
    return ", ".join(f"[{low}; {high})" for low, high in pairwise(edges))


def choices(report: Report) -> list[Block]:
    """What each declared choice changes in the effect of the pilot."""
    if not any(name.endswith("-choices") for name in report.results):
        return []
    found = []
    for name, choice in report.material.choices.items():
        changes = "; ".join(_change(report, key, value) for key, value in choice.items() if key not in _WORDS)
        found.append(plain(f"{_label(choice, name, report.lang)}: {changes}", "item"))
    return [plain(report.text("choices_lead")), *found]


_WORDS = ("label", "declared")


def _change(report: Report, key: str, value: Any) -> str:
    """What a choice changes, in words."""
    if key == "weights" and not value:
        return report.text("choice_no_weights")
    if key == "min_answered":
        value = f"{loc.number(100 * float(value), 0, report.lang)}%"
    if f"choice_{key}" in _IN_WORDS:
        return report.text(f"choice_{key}", value=_written(value))
    return f"{key} = {_written(value)}"


_IN_WORDS = ("choice_where", "choice_domain", "choice_min_answered", "choice_without", "choice_weights")


def _label(choice: Mapping[str, Any], name: str, lang: str) -> str:
    label = choice.get("label")
    return str(label.get(lang) or name) if isinstance(label, Mapping) else str(label or name)


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "false" if value is None else str(value)

"""`survey verify --cells`: published numbers computed again from cells, by those who may not hold personal data.

Nothing is read but the ledger, the questions (cells.toml) and the cells. What these cannot tell is named with why.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from survey import __version__
from survey.base.names import plain
from survey.errors import StudyError, SurveyError
from survey.sharing.cells import SharedCells
from survey.study import ledger
from survey.study.cell_questions import answer, read_questions
from survey.study.verification import Verification, compare

__all__ = ["verify_cells"]


def verify_cells(study: Path, cells: SharedCells) -> Verification:
    """Ask every question of cells.toml to cells, and hold the answers against the published numbers.

    Parameters
    ----------
    study : path
        study.toml, or its folder; ledger.json and cells.toml stand there. The study itself need not be there.
    cells : SharedCells

    Returns
    -------
    Verification
        Of the numbers that were computed again; `unchecked` names the other results, each with a key of the catalogue
        or what stood against it, and `all_numbers` is how many numbers were published.

    Raises
    ------
    StudyError
        If nothing was published or no questions are there, or either is damaged.
    """
    path = study / "study.toml" if study.is_dir() else study
    published = ledger.read_ledger(ledger.published_path(path))
    if published is None:
        raise StudyError(
            "The study has published no results.",
            where=ledger.published_path(path),
            expected="the ledger of its results, ledger.json beside study.toml",
            fix="get it from those who published, with cells.toml",
        )
    questions = read_questions(ledger.questions_path(path))
    unknown = [name for name in questions.results if name not in {**published.findings, **published.exhibits}]
    if unknown:
        raise StudyError(
            "A question is about a result that was not published.",
            where=ledger.questions_path(path),
            got=", ".join(unknown),
            fix="correct its name, or publish again",
        )
    unchecked: dict[str, str] = {}
    refused: dict[str, str] = {}
    old: dict[str, dict[str, Any]] = {"findings": {}, "exhibits": {}}
    new: dict[str, dict[str, Any]] = {"findings": {}, "exhibits": {}}
    for kind, entries in (("findings", published.findings), ("exhibits", published.exhibits)):
        for name, entry in entries.items():
            if name not in questions.results:
                unchecked[name] = f"reason_{questions.reasons.get(name, 'unsaid')}"
                continue
            try:
                table, numbers = answer(cells, questions.results[name], name)
            except SurveyError as problem:
                refused[name] = f"{problem.what} {problem.got or ''}".strip()
                continue
            both = _finding(entry, numbers) if kind == "findings" else _exhibit(entry, table)
            old[kind][name], new[kind][name] = both
            if kind == "exhibits":
                unchecked |= {f"{name}.{column}": "reason_unsaid" for column in _lost(entry, both[0])}
    origin = replace(published.origin, versions={**published.origin.versions, **_here(published.origin.versions)})
    if not (old["findings"] or old["exhibits"]):
        raise StudyError(
            "The cells hold none of the questions about the published results.",
            where=cells.reader.source,
            got=next(iter(refused.values()), "no questions"),
            expected=f"cells of the questions in {ledger.questions_path(path)}",
            fix="ask those who published for cells that survey cells make --study wrote",
        )
    checked = replace(published, findings=old["findings"], exhibits=old["exhibits"])
    simulated = published.simulated or cells.codebook.simulated
    now = replace(published, findings=new["findings"], exhibits=new["exhibits"], origin=origin, simulated=simulated)
    return replace(compare(checked, now), unchecked=unchecked | refused, all_numbers=published.numbers)


def _here(versions: Mapping[str, str]) -> dict[str, str]:
    """What is known of this machine; the code is the version's."""
    return {k: v for k, v in {"survey": __version__, "python": platform.python_version()}.items() if k in versions}


def _finding(entry: Mapping[str, Any], numbers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    now = {key: float(value) if isinstance(value, float) else value for key, value in numbers.items()}
    return dict(entry), {**entry, "numbers": now}


def _exhibit(entry: Mapping[str, Any], table: pd.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """The published rows and the computed ones, of the columns that both have; rows found by their keys."""
    columns = [name for name in entry["columns"] if name in table.columns]
    keys = [name for name in entry["keys"] if name in columns] or [c for c in ("contrast",) if c in columns]
    at = [entry["columns"].index(name) for name in columns]
    before = [[row[i] for i in at] for row in entry["rows"]]
    rows = {tuple(plain(v) for v in row): i for i, row in enumerate(table[keys].itertuples(index=False, name=None))}
    after = []
    for row in before:
        place = rows.get(tuple(plain(row[columns.index(key)]) for key in keys))
        values = [] if place is None else table[columns].iloc[place].tolist()
        after.append([_same_kind(was, now) for was, now in zip(row, values or ["" for _ in row], strict=True)])
    kept = {**entry, "columns": columns, "keys": keys}
    return {**kept, "rows": before}, {**kept, "rows": after}


def _lost(entry: Mapping[str, Any], kept: Mapping[str, Any]) -> list[str]:
    """Columns of published numbers that were not computed again."""
    at = {name: i for i, name in enumerate(entry.get("columns", ())) if name not in kept["columns"]}
    return [
        name
        for name, i in at.items()
        if name not in entry["keys"] and any(isinstance(row[i], int | float) for row in entry["rows"])
    ]


def _same_kind(was: Any, now: Any) -> Any:
    """A number as the ledger holds it: twelve digits; what was published as no number is not held against one."""
    if not isinstance(was, int | float):
        return was
    if isinstance(now, int | float) or hasattr(now, "item"):
        return float(f"{float(now):.12g}")
    return now

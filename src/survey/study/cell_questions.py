"""Which published results are questions to cells: cells.toml beside study.toml, and the answers to them.

[results.NAME] of a finding or exhibit names the verb and its items, and what is made of the estimates; [reasons] says
of other results why they need more than cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from survey.base.arguments import listed
from survey.base.expressions import column_names
from survey.base.toml import read_toml, refuse_unknown, table
from survey.core.sample_data import SampleData
from survey.errors import StudyError, shorten
from survey.estimates import Estimates
from survey.narrative import compare, describe, ranking
from survey.sharing.cells import SharedCells, count_cells

__all__ = ["REASONS", "Questions", "answer", "cells_of", "read_questions"]

VERBS = ("mean", "total", "proportion", "distribution")
REASONS = ("rows", "weights", "joint", "quantile", "elements", "effect", "planning", "model", "open_data")
"""Why a result needs more than cells; each has its words in the catalogue."""
_OPTIONS = ("levels", "top", "bottom", "net", "rescale")
_THEN = ("contrast", "ranks", "sentence", "row")
_SENTENCES = {"describe": describe, "compare": compare, "ranking": ranking}


@dataclass(frozen=True, slots=True)
class Questions:
    """What cells.toml says.

    Parameters
    ----------
    sample : str
        The saved sample that is counted.
    results : mapping of str to mapping
        By finding or exhibit.
    reasons : mapping of str to str
        Of other results, one of `REASONS`.
    """

    sample: str
    results: Mapping[str, Mapping[str, Any]]
    reasons: Mapping[str, str]

    @property
    def counted(self) -> dict[str, list[tuple[str, ...]]]:
        """Each item by the columns that its questions name: those that no other holds already."""
        asked: dict[str, list[tuple[str, ...]]] = {}
        for one in self.results.values():
            by = (*listed(one.get("by", ())), *(column_names(one["where"]) if "where" in one else ()))
            for other in listed(one.get("over", ())) or [None]:
                columns = tuple(sorted({*by, *([] if other is None else [other])}))
                for item in _items(one)[1]:
                    asked.setdefault(item, []).append(columns)
        return {item: _largest(ways) for item, ways in asked.items()}


def _largest(ways: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    each = sorted(dict.fromkeys(ways), key=lambda way: (-len(way), way))
    kept: list[tuple[str, ...]] = []
    for way in each:
        if not any(set(way) <= set(other) for other in kept):
            kept.append(way)
    return kept


def _items(question: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The verb and its items."""
    verb = next(v for v in VERBS if v in question)
    return verb, [str(item) for item in listed(question[verb])]


def read_questions(path: Path) -> Questions:
    """Read cells.toml.

    Raises
    ------
    StudyError
        If it is missing, is not TOML, or says what is not known.
    """
    what = "file of questions to cells"
    raw = read_toml(path, what, StudyError)
    refuse_unknown(raw, ("sample", "results", "reasons"), f"The {what}", path, StudyError)
    results = table(raw, "results", what, path, StudyError, of_tables=True)
    for name, one in results.items():
        where = f"{path}, [results.{name}]"
        refuse_unknown(
            one, (*VERBS, *_OPTIONS, *_THEN, "by", "over", "where"), f"A result of the {what}", where, StudyError
        )
        if sum(verb in one for verb in VERBS) != 1 or one.get("sentence", "describe") not in _SENTENCES:
            raise StudyError(
                "A result is not a question.",
                where=where,
                got=shorten(one),
                expected=f"one of {shorten(VERBS)}; sentence = one of {shorten(_SENTENCES)}",
                fix="correct it",
            )
    reasons = {str(name): str(why) for name, why in table(raw, "reasons", what, path, StudyError).items()}
    unknown = sorted({why for why in reasons.values() if why not in REASONS})
    if unknown or not isinstance(raw.get("sample", "sample"), str):
        raise StudyError(
            "A reason is not known.", where=f"{path}, [reasons]", got=shorten(unknown), expected=shorten(REASONS)
        )
    return Questions(raw.get("sample", "sample"), results, reasons)


def cells_of(sample: SampleData, questions: Questions, name: str) -> SharedCells:
    """The cells that the questions need, and no others."""
    return count_cells(sample, questions.counted, name=name)  # type: ignore[arg-type]


def answer(cells: SharedCells, question: Mapping[str, Any], name: str) -> tuple[pd.DataFrame, Mapping[str, Any]]:
    """Ask one question to cells.

    Returns
    -------
    table : DataFrame
        As an exhibit shows it.
    numbers : mapping of str to number
        Of the sentence; empty where none is asked for.

    Raises
    ------
    SurveyError
        If the cells do not hold it, or it is hidden.
    """
    verb, items = _items(question)
    how = {key: question[key] for key in (*_OPTIONS, "where") if key in question}
    by, over = listed(question.get("by", ())), listed(question.get("over", ()))
    if over:
        parts = []
        for column in over:
            part = getattr(cells, verb)(items, by=[column, *by], **how).table
            place = part.columns.get_loc(column)
            part = part.rename(columns={column: "category"})
            part.insert(place, "breakdown", column)
            parts.append(part)
        return pd.concat(parts, ignore_index=True), {}
    found: Estimates = getattr(cells, verb)(items, by=by or None, **how)
    if "contrast" in question:
        found = found.contrast(dict(question["contrast"]))
    if question.get("ranks"):
        found = found.ranks()
    if "sentence" not in question:
        return found.table, {}
    write: Any = _SENTENCES[question["sentence"]]
    row = {"row": dict(question["row"])} if "row" in question else {}
    return found.table, write(found, id=name, **row).numbers

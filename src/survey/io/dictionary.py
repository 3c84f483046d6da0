"""A codebook from a data dictionary: a table with a row a question, as open data portals publish it.

Only what the dictionary says counts. What it leaves out (another language, the type of a scale, codes it does not
name, columns it forgot) is declared in a TOML file of the codebook's own format, laid over it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from survey.base.toml import read_toml, table
from survey.codebook import Codebook
from survey.errors import CodebookError, ReadError, shorten
from survey.io._raw import Options, nfc
from survey.io.csvfiles import read_csv
from survey.io.metadata import kind_of

__all__ = ["read_dictionary"]

_CODE = re.compile(r"(-?\d+)\s*[-–=:]\s*(.+)", re.DOTALL)
_NEXT = re.compile(r",\s*(?=-?\d+\s*[-–=:]\s)")


def read_dictionary(
    path: str | os.PathLike[str],
    *,
    over: str | os.PathLike[str] | None = None,
    name: str = "question_number",
    text: str = "question_text",
    responses: str = "question_responses",
    lang: str = "en",
) -> Codebook:
    """Read a dictionary whose answers are in one cell: "5 - Excellent, 4 - Good, ..., 9 - Don't Know".

    Labels come in scale order, the lowest code first; codes whose label names a kind of missing answer are missing.
    A question that is only the head of others (Q1 above Q1_1, Q1_2) is not a variable.

    Parameters
    ----------
    path : path of a CSV file
    over : path of a TOML file, optional
        In the codebook's own format, laid over the dictionary: what it says wins, text by text. A question whose
        answers are worded as those of one of its scales takes that scale.
    name, text, responses : str
        Columns of the dictionary.
    lang : str
        Language of the dictionary.

    Returns
    -------
    Codebook

    Raises
    ------
    ReadError
        For a file that is not such a table.
    CodebookError
        For a question or a code that is described twice, or a broken TOML file.
    """
    rows = _rows(Path(path), name, text, responses)
    more = {} if over is None else read_toml(over, "table laid over the dictionary", CodebookError)
    scaled = table(more, "scales", "table laid over the dictionary", over, CodebookError, of_tables=True)
    scales = {_wording(scale, lang): key for key, scale in scaled.items()}
    names = [row[0] for row in rows]
    variables: dict[str, Any] = {}
    for question, wording, answers in rows:
        if any(other.startswith(f"{question}_") for other in names):
            continue
        entry: dict[str, Any] = {"text": {lang: wording}} if wording else {}
        entry |= _answers(answers, lang, f"{path}, {question}")
        scale = scales.get(_wording(entry, lang)) if entry.get("labels") else None
        if scale is not None:
            entry = {"text": entry.get("text", {}), "scale": scale}
        variables[question] = entry
    merged = _laid_over({"variables": variables}, more)
    return Codebook.from_dict(merged, source=str(path) if over is None else f"{path} with {Path(over).name}")


def _rows(path: Path, name: str, text: str, responses: str) -> list[tuple[str, str, str]]:
    if not path.is_file():
        raise ReadError("The dictionary does not exist.", where=path, fix="correct the path")
    data = read_csv(path, Options()).data
    absent = [c for c in (name, text, responses) if c not in data.columns]
    if absent:
        raise ReadError(
            "The dictionary is missing a column.",
            where=path,
            got=shorten(data.columns),
            expected=shorten(absent),
            fix="name its columns: read_dictionary(..., name=, text=, responses=)",
        )
    columns = [data[c].astype(object).where(data[c].notna(), "").astype(str) for c in (name, text, responses)]
    rows = [(a.strip(), b.strip(), c.strip()) for a, b, c in zip(*columns, strict=True)]
    names = [row[0] for row in rows]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise CodebookError("The dictionary describes a question twice.", where=path, got=shorten(twice))
    return [row for row in rows if row[0]]


def _answers(cell: str, lang: str, where: str) -> dict[str, Any]:
    """Labels and missing codes of one cell; nothing where it describes the answers in prose."""
    found: dict[int, str] = {}
    for part in _NEXT.split(cell):
        match = _CODE.fullmatch(part.strip())
        if match is None:
            return {}
        code = int(match[1])
        if code in found:
            raise CodebookError("The dictionary describes a code twice.", where=where, got=code)
        found[code] = nfc(match[2].strip())
    kinds = {code: kind_of(label) for code, label in found.items()}
    missing = {c for c, kind in kinds.items() if kind != "blank"}
    labels = {str(c): {lang: found[c]} for c in sorted(found) if c not in missing}
    codes = {str(c): {"kind": kinds[c], lang: found[c]} for c in sorted(missing)}
    return {"type": "nominal", "labels": labels, "missing": codes}


def _wording(entry: Mapping[str, Any], lang: str) -> frozenset[tuple[str, str]]:
    """The answers of a question or a scale, to be compared whatever their capitals and their order."""
    labels, missing = entry.get("labels", {}), entry.get("missing", {})
    texts = labels.get(lang) or {code: by.get(lang, "") for code, by in labels.items() if isinstance(by, Mapping)}
    spoken = {code: by.get(lang, "") for code, by in missing.items() if isinstance(by, Mapping)}
    return frozenset((str(code), str(label).casefold()) for code, label in {**texts, **spoken}.items())


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two nested tables as one: what is above wins, leaf by leaf."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = _laid_over(old, value)
        merged[key] = value
    return merged

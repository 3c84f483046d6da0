"""A codebook in a sheet beside the answers: wording, labels of codes, missing codes, as far as the sheet says them.

Two forms are known: a row a variable, with its codes in one cell ("1 = Yes; 2 = No"), and a row a code. What a column
of the sheet is, its heading says, in English or Vietnamese. A label that reads like a missing answer stays a label
until someone declares it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base.catalogue import Note, listed
from survey.codebook import MISSING_KINDS, VARIABLE_TYPES, Codebook, Text, Variable
from survey.io._cells import cell_text
from survey.io._raw import Raw
from survey.io._sheets import Sheet
from survey.io.metadata import codebook_of

__all__ = ["with_codebook_sheets"]

_HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": ("variable", "variable name", "var", "varname", "name", "column", "field", "field name", "item", "bien",
                 "ten bien", "ma bien", "cot", "ten cot", "truong", "question number", "question id", "ma cau hoi"),
        "text": ("text", "wording", "question", "question text", "question wording", "variable label", "description",
                 "definition", "meaning", "noi dung", "cau hoi", "noi dung cau hoi", "nhan bien", "mo ta", "dien giai",
                 "ten cau hoi", "y nghia"),
        "codes": ("values", "value labels", "codes", "categories", "responses", "question responses", "options",
                  "response options", "answers", "answer options", "coding", "code list", "cac gia tri", "nhan gia tri",
                  "ma hoa", "phuong an", "phuong an tra loi", "cac lua chon", "lua chon"),
        "code": ("code", "value", "option code", "ma", "ma so", "gia tri", "ma gia tri", "ma tra loi"),
        "label": ("label", "value label", "code label", "option", "category", "nhan", "ten nhan", "nhan ma"),
        "type": ("type", "level", "measure", "loai", "kieu"),
        "unit": ("unit", "units", "don vi", "don vi tinh"),
        "missing": ("missing", "missing kind", "khuyet"),
    }
)  # fmt: skip
_LEVELS = {"ordinal": "ordinal", "nominal": "nominal", "binary": "nominal", "number": "scale", "scale": "scale"}
_LANGUAGES = dict(
    [
        *((word, "vi") for word in ("vi", "vn", "vietnamese", "viet")),
        *((word, "en") for word in ("en", "english", "anh")),
    ]
)
_LEAST, _SHARE, _PAIRS = 3, 0.5, 0.8
_PAIR = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*(?:[=:)–—]|\.\s|-\s|\s-)\s*(.+?)\s*", re.DOTALL)
_BETWEEN = re.compile(r"\s*(?:[;|\n\r]+|,(?=\s*-?\d+\s*[=:)–—.-]))\s*")


@dataclass
class _Said:
    """What a sheet says of one variable; texts by language, "" where it is not known."""

    text: dict[str, str] = field(default_factory=dict)
    codes: dict[Any, dict[str, str]] = field(default_factory=dict)
    missing: dict[Any, str] = field(default_factory=dict)
    type: str = ""
    unit: str = ""


def with_codebook_sheets(raw: Raw, name: str, sheets: Mapping[str, Sheet]) -> Raw:
    """The content of a sheet with the wording and labels that other sheets of its workbook have for its columns.

    Parameters
    ----------
    raw : Raw
        The sheet as it was read.
    name : str
        The sheet.
    sheets : mapping of str to Sheet
        All of them.
    """
    columns = [str(c) for c in raw.data.columns]
    said: dict[str, _Said] = {}
    used = []
    for sheet in sheets.values():
        if sheet.name != name and (found := _read(sheet, columns, bool(said))):
            for variable, one in found.items():
                _merge(said.setdefault(variable, _Said()), one)
            used.append(sheet.name)
    if not said:
        return raw
    book, unused = _book(raw, said)
    note = Note(
        "reading.codebook_sheet", sheet=listed(used), n=len(said), labelled=sum(bool(s.codes) for s in said.values())
    )
    notes = [note, *([Note("reading.codebook_sheet_codes", columns=listed(unused, 8))] if unused else [])]
    return replace(raw, codebook=book, notes=(*raw.notes, *notes))


def _folded(heading: str) -> str:
    parts = unicodedata.normalize("NFD", heading.casefold().replace("đ", "d"))
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in parts if not unicodedata.combining(c))))


def _heading(text: str) -> tuple[str, str]:
    """What a heading stands for, and its language: ("label", "vi") for "label_vi"."""
    words = _folded(text).split()
    lang = _LANGUAGES.get(words[-1], "") if len(words) > 1 else ""
    plain = " ".join(words[:-1] if lang else words)
    return next((kind for kind, known in _HEADINGS.items() if plain in known), ""), lang


def _read(sheet: Sheet, columns: Sequence[str], more: bool) -> dict[str, _Said]:
    """What a sheet says of the columns; nothing if it is no codebook of theirs."""
    known = {c.casefold(): c for c in columns}
    for top in range(min(5, len(sheet.rows))):
        heads = [_heading(cell_text(cell)) for cell in sheet.rows[top]]
        kinds = {kind for kind, _ in heads}
        at = next((i for i, (kind, _) in enumerate(heads) if kind == "name"), None)
        if at is None or not kinds & {"text", "codes", "label"}:
            continue
        rows = sheet.rows[top + 1 :]
        names = {known.get(cell_text(row[at]).strip().casefold(), "") for row in rows} - {""}
        enough = len(names) >= min(_LEAST, len(columns)) and len(names) >= _SHARE * len(columns)
        if enough or (more and names and {"code", "label"} <= kinds):
            return _rows(rows, heads, at, known)
    return {}


def _rows(
    rows: Iterable[Sequence[Any]], heads: list[tuple[str, str]], at: int, known: Mapping[str, str]
) -> dict[str, _Said]:
    kinds = [kind for kind, _ in heads]
    if "text" not in kinds and ("code" not in kinds or kinds.count("label") > len({lang for _, lang in heads})):
        # "label" heads the wording where there are no codes, or labels of codes beside it
        first = kinds.index("label") if "label" in kinds else -1
        heads = [
            ("text", h[1]) if h[0] == "label" and ("code" not in kinds or i == first) else h
            for i, h in enumerate(heads)
        ]
    said: dict[str, _Said] = {}
    current = ""
    for row in rows:
        name = cell_text(row[at]).strip()
        current = known.get(name.casefold(), "") if name else current
        if not current:
            continue
        one = said.setdefault(current, _Said())
        code: Any = next((row[i] for i, (kind, _) in enumerate(heads) if kind == "code" and row[i] != ""), None)
        code = cell_text(code).strip() if code is not None else None
        for i, (kind, lang) in enumerate(heads):
            cell = cell_text(row[i]).strip()
            if not cell:
                continue
            if kind == "text":
                one.text.setdefault(lang, cell)
            elif kind in ("type", "unit"):
                setattr(one, kind, cell.casefold() if kind == "type" else cell)
            elif kind == "codes":
                for number, label in _pairs(cell).items():
                    one.codes.setdefault(number, {}).setdefault(lang, label)
            elif kind == "label" and code is not None:
                one.codes.setdefault(code, {}).setdefault(lang, cell)
            elif kind == "missing" and code is not None and cell in MISSING_KINDS:
                one.missing[code] = cell
                one.codes.setdefault(code, {})
    return said


def _pairs(cell: str) -> dict[str, str]:
    """Codes and labels of one cell: "1 = Yes; 2 = No"; nothing where it is prose."""
    parts = [p for p in _BETWEEN.split(cell) if p]
    pairs = [match for p in parts if (match := _PAIR.fullmatch(p))]
    return {m[1]: m[2] for m in pairs} if len(pairs) >= max(1, _PAIRS * len(parts)) else {}


def _merge(into: _Said, other: _Said) -> None:
    into.text = {**other.text, **into.text}
    into.type, into.unit = into.type or other.type, into.unit or other.unit
    into.missing |= other.missing
    for code, texts in other.codes.items():
        into.codes[code] = {**texts, **into.codes.get(code, {})}


def _book(raw: Raw, said: Mapping[str, _Said]) -> tuple[Codebook, list[str]]:
    """The codebook of the columns, and columns whose cells are none of the codes that are listed for them."""
    codes: dict[str, dict[Any, dict[str, str]]] = {}
    unused = []
    for name, one in said.items():
        column = raw.data[name]
        table = {_code(code, column): texts for code, texts in one.codes.items()}
        if table and column.notna().any() and not column.isin(list(table)).any():
            unused.append(name)
        elif None not in table:
            codes[name] = table
    declared = {n: {_code(c, raw.data[n]): k for c, k in s.missing.items()} for n, s in said.items() if n in codes}
    book = codebook_of(
        raw.data,
        labels={n: _first(s.text) for n, s in said.items()},
        value_labels={n: {c: _first(t) for c, t in table.items() if t} for n, table in codes.items()},
        measures={n: _LEVELS.get(s.type, "unknown") for n, s in said.items()},
        declared={n: tuple((c, c) for c in kinds) for n, kinds in declared.items() if kinds},
        units={n: v.unit for n, v in raw.codebook.variables.items()} | {n: s.unit for n, s in said.items() if s.unit},
        title=None,
        source=raw.codebook.source,
    )
    changed = [
        _worded(
            book[n] if s.text else replace(book[n], text=raw.codebook[n].text), s, codes.get(n, {}), declared.get(n, {})
        )
        for n, s in said.items()
    ]
    untouched = [v for n, v in raw.codebook.variables.items() if n not in said]
    return book.update(*changed, *untouched), unused


def _worded(
    variable: Variable, said: _Said, codes: Mapping[Any, Mapping[str, str]], kinds: Mapping[Any, str]
) -> Variable:
    """The variable with its texts in the languages that the sheet has them in."""
    labels = {c: _texts(codes[c]) or text for c, text in variable.labels.items()}
    of_missing = {c: _texts(codes[c]) or text for c, text in variable.missing_labels.items()}
    fits = said.type in VARIABLE_TYPES and bool(labels) == (said.type in ("ordinal", "nominal", "binary"))
    return replace(
        variable,
        type=said.type if fits and variable.type != "date" else variable.type,
        text=_texts(said.text) or variable.text,
        labels=MappingProxyType(labels),
        missing_labels=MappingProxyType(of_missing),
        missing=MappingProxyType({c: kinds.get(c, kind) for c, kind in variable.missing.items()}),
    )


def _texts(texts: Mapping[str, str]) -> Text | None:
    """Texts by language; None where no language is said."""
    named = {lang: text for lang, text in texts.items() if lang}
    return MappingProxyType(named) if len(named) > 1 or (named and "" not in texts) else None


def _first(texts: Mapping[str, str]) -> str:
    return texts.get("en") or texts.get("") or next(iter(texts.values()), "")


def _code(code: Any, column: pd.Series) -> Any:
    """A code as the column holds it; None for a text in a column of numbers."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return str(code)
    try:
        number = float(str(code).replace(",", "."))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number

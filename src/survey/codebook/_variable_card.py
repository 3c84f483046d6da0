"""A variable in words: what its row of a codebook says, and what a notebook shows of it alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.base import catalogue
from survey.base.card import Card, CardTable, Displayed
from survey.base.catalogue import Note, as_note
from survey.base.language import chosen
from survey.base.text import written

__all__ = ["COLUMNS", "VariableDisplay", "headings"]

COLUMNS = (
    "variable",
    "short",
    "type",
    "wording",
    "answers",
    "missing",
    "direction",
    "dimension",
    "base",
    "role",
    "unit",
    "note",
)
_DIRECTIONS = {1: "high_is_good", -1: "low_is_good"}


def headings(lang: str) -> Mapping[str, str]:
    """Headings of the columns of a codebook as a table in a language."""
    return {name: catalogue.text(f"codebook_columns.{name}", lang) for name in COLUMNS}


class VariableDisplay(Displayed):
    """What `Variable` says of itself."""

    __slots__ = ()

    def _described(self: Any, lang: str, dimension: str = "") -> dict[str, str]:
        """Its row of the codebook in words, by column; `dimension` is what its dimension is called."""
        answers = "; ".join(f"{code} = {label}" for code, label in self._answers(lang))
        if self.limits is not None:
            ends = f"{self.limits[0]:g} {_word('to', lang)} {self.limits[1]:g}"
            answers = f"{answers}; {ends}" if answers else ends
        missing = "; ".join(
            f"{code} = {label} ({kind})" if label else f"{code} = {kind}" for code, label, kind in self._missing(lang)
        )
        dimension = dimension or self.dimension
        note = [
            *(_remark(part, lang) for part in self.note.split("; ")),
            _word("answer", lang) if self.dont_know == "answer" else "",
            _word("required", lang) if self.required else "",
        ]
        return {
            "variable": self.name,
            "short": self.short_name(lang) if self.short or self.text else "",
            "type": _word(self.type, lang),
            "wording": self.wording(lang) if self.text else "",
            "answers": answers,
            "missing": missing,
            "direction": _word(_DIRECTIONS[self.direction], lang) if self.direction else "",
            "dimension": f"{dimension} ({_word('scored', lang)})" if self.scored else dimension,
            "base": self.base or _word("everyone", lang),
            "role": _known("roles", self.role, lang),
            "unit": _known("units", self.unit, lang),
            "note": "; ".join(n for n in note if n),
        }

    def _answers(self: Any, lang: str) -> list[tuple[str, str]]:
        return [(written(code), self.label(code, lang)) for code in self.labels]

    def _missing(self: Any, lang: str) -> list[tuple[str, str, str]]:
        return [
            (written(code), self.label(code, lang) if self.missing_labels.get(code) else "", _word(kind, lang))
            for code, kind in self.missing.items()
        ]

    def _card(self: Any) -> Card:
        lang = chosen() or ("vi" if any("vi" in text for text in (self.text, *self.labels.values())) else "en")
        told, heads = self._described(lang), headings(lang)
        left = [name for name in COLUMNS if name not in ("variable", "short", "answers", "missing")]
        limits = told["answers"] if not self.labels else ""
        facts = [*((heads[name], told[name]) for name in left), (heads["answers"], limits)]
        tables = []
        if self.labels:
            tables.append(_codes(heads["answers"], self._answers(lang), lang))
        if self.missing:
            rows = [(code, f"{label} ({kind})" if label else kind) for code, label, kind in self._missing(lang)]
            tables.append(_codes(heads["missing"], rows, lang))
        short = told["short"]
        return Card(lang, f"{self.name}: {short}" if short else str(self.name), facts, tables)


def _codes(caption: str, rows: list[tuple[str, str]], lang: str) -> CardTable:
    return CardTable(caption, [catalogue.text(f"card.{key}", lang) for key in ("code", "label")], rows)


def _remark(text: str, lang: str) -> str:
    """A remark of a codebook: what the reader of a form wrote is told in the language, somebody's own words stay."""
    note = as_note(text)
    return note.in_language(lang) if isinstance(note, Note) and note.key.startswith("reading.form_") else text


def _known(section: str, name: str, lang: str) -> str:
    """What a role or unit is called; an unknown one stays as it is."""
    known = catalogue.find(f"{section}.{name}", lang)
    return known if isinstance(known, str) else name


def _word(key: str, lang: str) -> str:
    return catalogue.text(f"codebook.{key}", lang)

"""Lists of choices as the sheets choices and external_choices give them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from survey.base.catalogue import Note
from survey.codebook import Text, catalogue_text, same_text
from survey.codebook._toml import number

__all__ = ["choices_of", "codes_of", "lists_of", "texts_of", "with_other"]

Choices = dict[str, dict[str, Mapping[str, str]]]
_EXACT = 2**53  # above, a column of numbers does not hold every whole one
_MOST = 3  # labels of one code that are written out


def texts_of(row: Mapping[str, str], what: str = "label") -> Text:
    """Texts of a row by language; one without a language serves both."""
    found = {h.partition("::")[2]: text for h, text in row.items() if h.startswith(f"{what}::")}
    plain = row.get(what)
    return MappingProxyType((dict(same_text(plain)) if plain else {}) | found)


def choices_of(rows: Sequence[Mapping[str, str]], notes: list[Note], *, repeated: bool, sheet: str) -> Choices:
    """The rows of each list by code; all labels of a code that a list has more than once.

    Parameters
    ----------
    rows : rows of the sheet
    notes : list
        Of what could not be read as it stands.
    repeated : bool
        Whether the form allows a code to stand in a list more than once, as lists filtered by an earlier answer do.
    sheet : str
        Its name.
    """
    lists: Choices = {}
    labels: dict[tuple[str, str], list[Text]] = {}
    for row in rows:
        name, code = row.get("list_name", ""), row.get("name", "")
        if not name or not code:
            if name or code:  # the rest is a remark of someone
                notes.append(Note("reading.form_choice", sheet=sheet, row=row["_row"], name=name or code))
            continue
        first = lists.setdefault(name, {}).setdefault(code, MappingProxyType(dict(row)))
        if first["_row"] == row["_row"]:
            labels[name, code] = [texts_of(row)]
            continue
        labels[name, code].append(texts_of(row))
        told = _joined(labels[name, code])
        differ = told != texts_of(first)
        if not repeated or (differ and len(labels[name, code]) == 2):
            notes.append(Note("reading.form_choice_twice", list=name, choice=code, row=row["_row"]))
        if differ:
            plain = {h: t for h, t in first.items() if h != "label" and not h.startswith("label::")}
            lists[name][code] = MappingProxyType(plain | {f"label::{lang}": t for lang, t in told.items()})
    return lists


def _joined(labels: Sequence[Text]) -> Text:
    """One label for a code that has several: which of them was shown is not known."""
    told: dict[str, str] = {}
    for lang in dict.fromkeys(lang for text in labels for lang in text):
        different = list(dict.fromkeys(text[lang] for text in labels if lang in text))
        told[lang] = " / ".join([*different[:_MOST], *(["…"] if len(different) > _MOST else [])])
    return MappingProxyType(told)


def lists_of(choices: Choices) -> dict[str, Mapping[str, Text]]:
    """The labels of each list by code."""
    return {name: {code: texts_of(row) for code, row in rows.items()} for name, rows in choices.items()}


def codes_of(written: Iterable[str], missing: Container[str] = ()) -> dict[str, Any]:
    """Codes as they stand in the data: numbers, or all of them texts where one of the answers is no number.

    A column that holds 1, 2 and "other", or "01" and 10, can be neither counted nor compared. Codes that are missing
    answers do not decide: 1 to 5 and "dk" is a scale.
    """
    codes = {w: code if isinstance(code := number(w), str) or abs(code) < _EXACT else w for w in written}
    kinds = {isinstance(code, str) for w, code in codes.items() if w not in missing}
    apart = len(set(codes.values())) == len(codes)  # 1 and 1.0 are two choices of a form
    return codes if len(kinds) < 2 and apart else {w: w for w in codes}


def with_other(lists: dict[str, Mapping[str, Text]], names: set[str]) -> None:
    """Add "other" to lists that are used with or_other: to all questions that use them, as platforms do."""
    for name in names & set(lists):
        lists[name] = {**lists[name], **({} if "other" in lists[name] else {"other": catalogue_text("labels.other")})}

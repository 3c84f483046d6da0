"""The structure of a Qualtrics survey, .qsf: its questions as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from survey.codebook import Text
from survey.codebook.told import said
from survey.errors import ReadError, shorten
from survey.io.platforms._structure import Structure, worded
from survey.io.platforms._worded import both_languages

__all__ = ["structure_of_qualtrics"]

_SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")
_NUMBERS = ("Slider", "CS", "RO")


def structure_of_qualtrics(raw: bytes, found: Structure) -> None:
    """Put the questions of a .qsf into `found`, in the order of its blocks.

    Raises
    ------
    ReadError
        For what is no JSON, or no survey of Qualtrics.
    """
    try:
        whole = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise ReadError(
            "The file could not be parsed as JSON: it is cut short, damaged, or no .qsf.",
            where=found.where,
            got=said(problem),
            fix="export the survey again: Tools, Import/Export, Export survey",
        ) from None
    elements = whole.get("SurveyElements") if isinstance(whole, dict) else None
    if not isinstance(elements, list):
        raise ReadError(
            "The file is not a survey of Qualtrics.",
            where=found.where,
            got=shorten(whole, 5) if isinstance(whole, dict) else f"JSON, a {type(whole).__name__}",
            expected="SurveyEntry and SurveyElements",
            fix="export the survey again: Tools, Import/Export, Export survey",
        )
    entry = _table(whole.get("SurveyEntry"))
    base = _language(entry.get("SurveyLanguage"))
    title = worded(entry.get("SurveyName"))
    found.title = both_languages(title)
    questions: dict[str, Mapping[str, Any]] = {}
    for element in elements:
        payload = _table(_table(element).get("Payload"))
        if _table(element).get("Element") == "SQ" and payload:
            questions[str(payload.get("QuestionID") or _table(element).get("PrimaryAttribute") or len(questions))] = (
                payload
            )
    for id_ in dict.fromkeys([*_in_blocks(elements), *questions]):
        if id_ in questions:
            _question(found, _Question(questions[id_], base))


def _table(value: Any) -> Mapping[str, Any]:
    """A JSON object, or a list by position, as PHP writes keys 0, 1, ...; another shape is an empty one."""
    if isinstance(value, dict):
        return value
    return {str(i): v for i, v in enumerate(value)} if isinstance(value, list) else {}


def _language(code: object) -> str:
    return code.lower().partition("-")[0] if isinstance(code, str) and code else ""


def _in_blocks(elements: list[Any]) -> Iterator[str]:
    for element in elements:
        if _table(element).get("Element") == "BL":
            for block in _table(_table(element).get("Payload")).values():
                for part in _table(_table(block).get("BlockElements")).values():
                    if _table(part).get("Type") == "Question":
                        yield str(_table(part).get("QuestionID"))


class _Question:
    """One question, with its texts by language."""

    def __init__(self, payload: Mapping[str, Any], base: str) -> None:
        self.payload, self.base = payload, base
        self.tag = str(payload.get("DataExportTag") or payload.get("QuestionID") or "")
        self.kind, self.selector = str(payload.get("QuestionType")), str(payload.get("Selector"))
        self.sub = str(payload.get("SubSelector"))
        self.translations = {_language(lang): _table(t) for lang, t in _table(payload.get("Language")).items()}

    def text(self, what: str, key: str | None = None) -> Text:
        """A wording of the question, or of one of its choices or answers, by language."""
        found = {}
        for lang, source in {self.base: self.payload, **self.translations}.items():
            value = source.get(what) if key is None else _table(_table(source.get(what)).get(key)).get("Display")
            if worded(value):
                found[lang] = worded(value)
        if set(found) <= {""}:
            return both_languages(found.get("", ""))
        return MappingProxyType({lang: t for lang, t in found.items() if lang})

    def options(self, what: str) -> list[str]:
        """Ids of choices or answers, in their order."""
        there = _table(self.payload.get(what))
        order = [str(i) for i in _table(self.payload.get(what.removesuffix("s") + "Order")).values()]
        return [i for i in dict.fromkeys([*order, *there]) if i in there]

    def code(self, key: str) -> str:
        """The value that is exported for a choice or an answer."""
        code = _table(self.payload.get("RecodeValues")).get(key)
        return str(code) if isinstance(code, str | int) and not isinstance(code, bool) and str(code) else key

    def name(self, key: str) -> str:
        """The column of a row of a matrix: by its own export tag, else by its number."""
        own = _table(self.payload.get("ChoiceDataExportTags")).get(key)
        if not isinstance(own, str) or not own:
            return f"{self.tag}_{key}"
        return own if own.startswith(self.tag) else f"{self.tag}_{own}"

    def labels(self, what: str) -> dict[str, Text]:
        """Labels by exported value; a choice without words is called as its value is."""
        return {self.code(k): self.text(what, k) or both_languages(self.code(k)) for k in self.options(what)}


def _joined(text: Text, part: Text) -> Text:
    languages = [lang for lang in text if lang in part] or list(part)
    return MappingProxyType({lang: " - ".join(t for t in (text.get(lang), part[lang]) if t) for lang in languages})


def _question(found: Structure, q: _Question, text: Text | None = None) -> None:
    text = q.text("QuestionText") if text is None else text
    choices = q.options("Choices")
    if q.kind == "MC" and q.selector in _SEVERAL:
        found.several(q.tag, text, {f"{q.tag}_{q.code(k)}": q.text("Choices", k) for k in choices})
        _own_words(found, q, text, choices)
    elif q.kind == "MC" or (q.kind == "Matrix" and not choices):
        found.put(q.tag, "nominal", text, q.labels("Choices" if q.kind == "MC" else "Answers"))
        _own_words(found, q, text, choices)
    elif q.kind == "Matrix" and q.selector == "TE":
        for k in choices:
            for a in q.options("Answers"):
                found.put(
                    f"{q.name(k)}_{a}", "text", _joined(_joined(text, q.text("Choices", k)), q.text("Answers", a))
                )
    elif q.kind == "Matrix" and q.sub == "MultipleAnswer":
        for k in choices:
            members = {f"{q.name(k)}_{q.code(a)}": q.text("Answers", a) for a in q.options("Answers")}
            found.several(q.name(k), _joined(text, q.text("Choices", k)), members)
    elif q.kind == "Matrix":
        for k in choices:
            found.put(q.name(k), "nominal", _joined(text, q.text("Choices", k)), q.labels("Answers"))
    elif q.kind == "SBS":
        for part in _table(q.payload.get("AdditionalQuestions")).values():
            if _table(part):
                inner = _Question({"Choices": q.payload.get("Choices"), **_table(part)}, q.base)
                _question(found, inner, _joined(text, inner.text("QuestionText")))
    elif q.kind in _NUMBERS:
        for k in choices:
            found.put(f"{q.tag}_{k}", "number", _joined(text, q.text("Choices", k)))
    elif q.kind == "TE" and choices and q.selector == "FORM":
        for k in choices:
            found.put(f"{q.tag}_{k}", "text", _joined(text, q.text("Choices", k)))
    elif q.kind == "TE":
        content = _table(_table(q.payload.get("Validation")).get("Settings")).get("ContentType")
        found.put(q.tag, "number" if content == "ValidNumber" else "text", text)


def _own_words(found: Structure, q: _Question, text: Text, choices: list[str]) -> None:
    """Columns for words of the respondent's own beside a choice."""
    for k in choices:
        if _table(_table(q.payload.get("Choices")).get(k)).get("TextEntry"):
            found.put(f"{q.tag}_{q.code(k)}_TEXT", "text", _joined(text, q.text("Choices", k)))

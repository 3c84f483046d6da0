"""The structure of a LimeSurvey questionnaire, .lss: tables of its database as XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from xml.parsers import expat

from survey.codebook import Text, catalogue_text, same_text
from survey.codebook.told import said
from survey.errors import ReadError
from survey.io.platforms._form import safe
from survey.io.platforms._structure import Structure, worded

__all__ = ["structure_of_limesurvey"]

Row = Mapping[str, str]
_DEEPEST = 12

_ONE = ("L", "!", "O", "I")
_SCALES = {"5": range(1, 6), "A": range(1, 6), "B": range(1, 11)}
_WORDS = {
    "C": (("Y", "yes"), ("N", "no"), ("U", "uncertain")),
    "E": (("I", "increase"), ("S", "same"), ("D", "decrease")),
    "G": (("F", "female"), ("M", "male")),
}


def structure_of_limesurvey(raw: bytes, found: Structure) -> None:
    """Put the questions of an .lss into `found`.

    Raises
    ------
    ReadError
        For what is no XML, no questionnaire, or XML with a document type: entities are never expanded.
    """
    tables = _tables(raw, found.where)
    if "questions" not in tables:
        raise ReadError(
            "The file is not the structure of a LimeSurvey survey.",
            where=found.where,
            expected="a section <questions>",
            fix="export it: Display/Export, Survey structure (.lss)",
        )
    texts = _texts(tables, "questions", "question_l10ns", "qid", "question")
    labels = _texts(tables, "answers", "answer_l10ns", "aid", "answer")
    answers: dict[tuple[str, str], dict[str, Text]] = {}
    for row in sorted(tables.get("answers", []), key=_order):
        key = (row.get("qid", ""), row.get("scale_id", "0") or "0")
        code = row.get("code", "")
        text = labels.get(row.get("aid", "")) or _one(row, "answer")
        answers.setdefault(key, {})[code] = MappingProxyType({**answers.get(key, {}).get(code, {}), **text})
    under: dict[str, dict[tuple[str, str], Text]] = {}
    subs = [*tables.get("subquestions", []), *(r for r in tables["questions"] if r.get("parent_qid", "0") != "0")]
    for row in sorted(subs, key=_order):
        text = texts.get(row.get("qid", "")) or _one(row, "question")
        mine = under.setdefault(row.get("parent_qid", ""), {})
        place = (row.get("scale_id", "0") or "0", row.get("title", ""))
        mine[place] = MappingProxyType({**mine.get(place, {}), **text})
    groups = {row.get("gid", ""): i for i, row in enumerate(sorted(tables.get("groups", []), key=_order))}
    done: set[str] = set()
    for row in sorted(tables["questions"], key=lambda r: (groups.get(r.get("gid", ""), 0), _order(r))):
        qid = row.get("qid", "")
        if row.get("parent_qid", "0") in ("0", "") and qid not in done and row.get("title"):
            done.add(qid)
            scales = [answers.get((qid, s), {}) for s in ("0", "1")]
            _question(found, row, texts.get(qid, {}), under.get(qid, {}), scales)
    titles = {
        r["surveyls_language"]: worded(r.get("surveyls_title"))
        for r in tables.get("surveys_languagesettings", [])
        if r.get("surveyls_language") and worded(r.get("surveyls_title"))
    }
    found.title = MappingProxyType(titles)


def _question(
    found: Structure, row: Row, text: Text, under: Mapping[tuple[str, str], Text], scales: Sequence[Mapping[str, Text]]
) -> None:
    name, kind = row["title"], row.get("type", "")
    rows = {code: t for (scale, code), t in under.items() if scale == "0"}
    columns = {code: t for (scale, code), t in under.items() if scale == "1"}
    other = row.get("other") == "Y"
    more = {"-oth-": catalogue_text("labels.other")} if other else {}
    if kind in ("M", "P"):
        found.several(name, text, {f"{name}_{safe(code)}": t for code, t in rows.items()})
        for code, t in rows.items() if kind == "P" else ():
            found.put(f"{name}_{safe(code)}comment", "text", t)
    elif kind == "Y":
        found.put(name, "binary", text, {i: catalogue_text(f"labels.{k}") for i, k in enumerate(("no", "yes"))})
    elif kind in _ONE:
        found.put(name, "nominal", text, {**scales[0], **more})
    elif kind == "R":
        for i in range(1, len(scales[0]) + 1):
            found.put(f"{name}_{i}", "nominal", _joined(text, {lang: str(i) for lang in text}), scales[0])
    elif kind == "1":
        for code, t in rows.items():
            for i, labels in enumerate(scales, 1):
                found.put(f"{name}_{safe(code)}_{i}", "nominal", _joined(text, t), labels)
    elif kind in (":", ";"):
        for code, t in rows.items():
            for column, head in columns.items():
                whole = _joined(_joined(text, t), head)
                found.put(f"{name}_{safe(code)}_{safe(column)}", "number" if kind == ":" else "text", whole)
    elif rows and kind in ("F", "H", "A", "B", "C", "E"):
        for code, t in rows.items():
            found.put(f"{name}_{safe(code)}", "nominal", _joined(text, t), scales[0] or _labels(kind))
    elif rows and kind in ("K", "Q"):
        for code, t in rows.items():
            found.put(f"{name}_{safe(code)}", "number" if kind == "K" else "text", _joined(text, t))
    elif kind != "X":
        labels = _labels(kind)
        plain = {"N": "number", "D": "date"}.get(kind, "text")
        found.put(name, "nominal" if labels else plain, text, labels)
    if kind == "O":
        found.put(f"{name}_comment", "text", _joined(text, _here("labels.comment", text)))
    if other:
        found.put(f"{name}_other", "text", _joined(text, _here("labels.other", text)))


def _here(key: str, text: Text) -> Text:
    """A text of the catalogue in the languages of a wording."""
    known = catalogue_text(key)
    return MappingProxyType({lang: known.get(lang, known["en"]) for lang in text})


def _labels(kind: str) -> dict[str, Text]:
    """The options that LimeSurvey itself gives a type of question."""
    if kind in _SCALES:
        return {str(i): same_text(str(i)) for i in _SCALES[kind]}
    return {code: catalogue_text(f"labels.{key}") for code, key in _WORDS.get(kind, ())}


def _joined(text: Text, part: Text) -> Text:
    """The wording of a question and of one of its rows."""
    languages = dict.fromkeys((*text, *part))
    joined = {lang: ": ".join(t for t in (text.get(lang, ""), part.get(lang, "")) if t) for lang in languages}
    return MappingProxyType(joined)


def _order(row: Row) -> tuple[int, int]:
    given = row.get("question_order") or row.get("group_order") or row.get("sortorder") or "0"
    return (int(given) if given.isdecimal() and len(given) < 10 else 0, 0)


def _one(row: Row, what: str) -> Text:
    """The text of a row that names its language, as LimeSurvey 2 and 3 wrote it."""
    text = worded(row.get(what))
    lang = row.get("language", "").partition("-")[0]
    return MappingProxyType({lang: text} if text and lang else {})


def _texts(tables: Mapping[str, list[Row]], old: str, new: str, key: str, what: str) -> dict[str, Text]:
    """Texts by id and language: of their own table since LimeSurvey 4, in the rows themselves before."""
    found: dict[str, Text] = {}
    rows = [*tables.get(new, []), *tables.get(old, []), *(tables.get("subquestions", []) if key == "qid" else [])]
    for row in rows:
        if row.get(key):
            found[row[key]] = MappingProxyType({**_one(row, what), **found.get(row[key], {})})
    return found


def _tables(raw: bytes, where: str) -> dict[str, list[Row]]:
    """The rows of every section, as {field: text}."""
    tables: dict[str, list[Row]] = {}
    path: list[str] = []
    row: dict[str, str] = {}
    text: list[str] = []

    def refuse(*_: object) -> None:
        raise ReadError(
            "The file has a document type, which no export of LimeSurvey has: it is not read.",
            where=where,
            got="<!DOCTYPE",
            expected="XML without entities of its own",
            fix="export the structure again",
        )

    def begin(tag: str, _: object) -> None:
        if len(path) >= _DEEPEST:
            raise ReadError("The file nests deeper than an export of LimeSurvey does.", where=where, got=f"<{tag}>")
        path.append(tag)
        text.clear()
        if path[2:] == ["rows", "row"]:
            row.clear()

    def end(tag: str) -> None:
        if len(path) == 5 and path[2:4] == ["rows", "row"]:
            row[tag] = "".join(text)
        elif path[2:] == ["rows", "row"]:
            tables.setdefault(path[1], []).append(MappingProxyType(dict(row)))
        path.pop()
        text.clear()

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as problem:
        raise ReadError(
            "The file could not be parsed as XML: it is cut short, damaged, or no .lss.",
            where=where,
            got=said(problem),
            fix="export the structure again",
        ) from None
    return tables

"""Which question of the form a header is of: by its names, with or without groups, or by its wording in a language."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from survey.errors import ReadError, shorten
from survey.io.platforms._form import Question, XLSForm, plain, safe

__all__ = ["Place", "placed"]

_JOINTS = ("/", "-", ":", ".")
_PARTS = {
    "latitude": "latitude",
    "longitude": "longitude",
    "altitude": "altitude",
    "precision": "precision",
    "accuracy": "precision",
}
_PART = re.compile(r"(?P<path>.*[/:.])?_(?P<name>.+)_(?P<part>latitude|longitude|altitude|precision)")
_PART_ODK = re.compile(r"(?P<name>.+?)[-_]?(?P<part>Latitude|Longitude|Altitude|Accuracy)")


@dataclass(frozen=True, slots=True)
class Place:
    """What a column is.

    `kind` is "question", "option" (0/1 of one option, `detail` its code), "part" (of a place on the map), "nth" (of
    a repeat in wide form, `detail` its number), "link" (the address of a file), "meta" or "unknown".
    """

    header: str
    kind: str
    question: Question | None = None
    detail: str = ""


class _Names:
    """The names a question may have in a header; a name that several have is kept with all of them."""

    def __init__(self, form: XLSForm, inside: str | None) -> None:
        self.full: dict[str, list[Question]] = {}
        self.short: dict[str, list[Question]] = {}
        self.worded: dict[str, list[Question]] = {}
        for q in form.questions:
            if inside is not None and q.repeat != inside:
                continue
            parts = (*q.path, q.name)
            for joint in _JOINTS:
                self._add(self.full, joint.join(parts), q)
                for k in range(1, len(parts)):
                    self._add(self.short, joint.join(parts[k:]), q)
            for lang in form.languages:
                words = [plain(t.get(lang, "")) for t in (*(g.text for g in q.groups), q.text)]
                if not words[-1]:
                    continue
                named = [w or n for w, n in zip(words, parts, strict=True)]
                for k in range(len(named)):
                    self._add(self.worded, "/".join(named[k:]), q)

    def _add(self, table: dict[str, list[Question]], name: str, q: Question) -> None:
        found = table.setdefault(name, [])
        if q not in found:
            found.append(q)

    def find(self, header: str) -> list[Question]:
        """The questions a header may name; the whole path goes before a part of it, names before wording."""
        text = plain(header)
        return self.full.get(header) or self.short.get(header) or self.worded.get(text) or []

    def options(self, q: Question, written: str) -> list[str]:
        """The codes that the end of a header may name."""
        if written in q.choices:
            return [written]
        named = [c for c in q.choices if safe(c) == written]
        return named or [c for c, t in q.choices.items() if plain(written) in [plain(w) for w in t.values()]]


def placed(
    headers: Sequence[str],
    form: XLSForm,
    meta: Mapping[str, object],
    where: str,
    *,
    inside: str | None = None,
    wide: bool = False,
) -> list[Place]:
    """The place of every column.

    Parameters
    ----------
    headers : sequence of str
    form : XLSForm
    meta : mapping
        The columns that the platform adds.
    inside : str, optional
        Only questions of this repeat group ("" for those outside of all).
    wide : bool
        Whether options and repeats are written as `name_1`.

    Raises
    ------
    ReadError
        If a header fits several questions, two columns are of one question, or none is of the form.
    """
    names = _Names(form, inside)
    places = [_place(h, names, form, meta, where, wide) for h in headers]
    seen: dict[tuple[object, ...], str] = {}
    for p in places:
        key = (
            p.kind,
            p.question and (p.question.path, p.question.name),
            p.detail or (p.header if not p.question else ""),
        )
        if p.kind == "meta" or (p.kind == "unknown" and p.header == ""):
            continue
        if key in seen:
            raise ReadError(
                "Two columns belong to the same question.",
                where=where,
                got=f"{seen[key]!r} and {p.header!r}",
                expected="one column",
                fix="export again, with the names of groups in the headers",
            )
        seen[key] = p.header
    own = [p for p in places if p.kind != "meta"]
    if own and form.questions and all(p.kind == "unknown" for p in own):
        raise ReadError(
            "No column matches a question of the form.",
            where=where,
            got=shorten([p.header for p in own]),
            expected=f"names such as {shorten(list(names.full), 4)}, or wording in one of its languages: "
            f"{shorten(form.languages) or 'none'}",
            fix="give the form of this export, or export with XML values and headers",
        )
    return places


def nearest(header: str, form: XLSForm) -> str:
    """The name or wording of the form that is most like a header; "" if none is."""
    known = [q.name for q in form.questions] + [plain(t) for q in form.questions for t in q.text.values()]
    found = difflib.get_close_matches(plain(header), known, n=1)
    return found[0] if found else ""


def _place(header: str, names: _Names, form: XLSForm, meta: Mapping[str, object], where: str, wide: bool) -> Place:
    found = names.find(header)
    if len(found) > 1:
        _ambiguous(header, found, where)
    if found:
        return Place(header, "question", found[0])
    if header in meta:
        return Place(header, "meta")
    for left, right in _cut(header, ("/", ":", ".", "-")):
        several = [q for q in names.find(left) if q.kind == "select_multiple"]
        codes = [(q, c) for q in several for c in names.options(q, right)]
        if len(codes) > 1:
            _ambiguous(header, [q for q, _ in codes], where)
        if codes:
            return Place(header, "option", codes[0][0], codes[0][1])
    match = _PART.fullmatch(header) or _PART_ODK.fullmatch(header)
    if match:
        path = match.groupdict().get("path") or ""
        spots = [q for q in names.find(path + match["name"]) if q.kind in ("geopoint", "start-geopoint")]
        if len(spots) == 1:
            return Place(header, "part", spots[0], _PARTS[match["part"].lower()])
    if header.endswith("_URL") and len(names.find(header[:-4])) == 1:
        return Place(header, "link", names.find(header[:-4])[0])
    if wide:
        found_wide = _wide(header, names)
        if found_wide is not None:
            return found_wide
    return Place(header, "unknown")


def _wide(header: str, names: _Names) -> Place | None:
    """name_1 of SurveyCTO: an option outside of repeats, the first row of a repeat inside."""
    for left, right in _cut(header, ("_",)):
        for q in names.find(left):
            if not q.repeat and q.kind == "select_multiple" and names.options(q, right):
                return Place(header, "option", q, names.options(q, right)[0])
            if q.repeat and re.fullmatch(r"\d+(_\d+)*", right):
                return Place(header, "nth", q, right)
    return None


def _cut(header: str, signs: Iterable[str]) -> Iterable[tuple[str, str]]:
    for sign in signs:
        start = header.find(sign)
        while start != -1:
            yield header[:start], header[start + len(sign) :]
            start = header.find(sign, start + 1)


def _ambiguous(header: str, found: Sequence[Question], where: str) -> None:
    raise ReadError(
        "A header matches several questions of the form.",
        where=where,
        got=repr(header),
        expected="one of " + shorten("/".join((*q.path, q.name)) for q in found),
        fix="export with XML values and headers and the names of groups in the headers",
    )

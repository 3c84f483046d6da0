"""Which question of the form a header is of: by its names, with or without groups, or by its wording in a language."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from survey.base.catalogue import Note
from survey.codebook import Text
from survey.errors import ReadError, shorten
from survey.io.platforms._form import SEVERAL, Question, XLSForm, form_of, plain, question, safe

__all__ = ["BRACKETS", "Place", "form_of_headers", "nearest", "placed"]

_JOINTS = ("/", "-", ":", ".")
_PARTS = {
    "latitude": "latitude",
    "longitude": "longitude",
    "altitude": "altitude",
    "precision": "precision",
    "accuracy": "precision",
}
_PART = re.compile(r"(?P<path>.*[/:.])?_(?P<name>.+)_(?P<part>latitude|longitude|altitude|precision)")
_PART_ODK = re.compile(r"(?P<name>.+?)[-_.]?(?P<part>Latitude|Longitude|Altitude|Accuracy|latitude|longitude|altitude)")
BRACKETS = re.compile(r"\[(\d+)\]")
"""The number of a row of a repeat in wide form, as Ona and formhub write it: `children[1]/age`."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a column is.

    `kind` is "question", "option" (0/1 of one option, `detail` its code), "former" (of an option that the form does
    not have, `detail` what the header calls it), "moved" (a question in a group that the form does not have), "part"
    (of a place on the map), "nth" (of a repeat in wide form, `detail` its number), "link" (the address of a file),
    "meta" or "unknown". `nth` is the number of a repeat's row where the header says one in brackets: "1", in a nested
    repeat "1_2".
    """

    header: str
    kind: str
    question: Question | None = None
    detail: str = ""
    nth: str = ""


class _Names:
    """The names a question may have in a header; a name that several have is kept with all of them."""

    def __init__(self, form: XLSForm, inside: str | None, earlier: Sequence[tuple[Question, Question]] = ()) -> None:
        self.full: dict[str, list[Question]] = {}
        self.short: dict[str, list[Question]] = {}
        self.worded: dict[str, list[Question]] = {}
        self.small: dict[str, list[Question]] = {}
        self.last: dict[str, list[Question]] = {}
        self.former: dict[tuple[str, ...], list[Mapping[str, Text]]] = {}
        for q in form.questions:
            if inside is None or q.repeat == inside:
                self._name(q, q)
                self._word(q, q)
                self._add(self.last, q.name, q)
        for old, q in earlier:  # what another version of the form calls it; the newest goes before
            self.former.setdefault((*q.path, q.name), []).append(old.choices)
            if inside is None or q.repeat == inside:
                self._name(old, q, new=False)
                self._word(old, q, new=False)

    def _name(self, named: Question, q: Question, new: bool = True) -> None:
        parts = (*named.path, named.name)
        for joint in _JOINTS:
            self._add(self.full, joint.join(parts), q, new)
            for k in range(1, len(parts)):
                self._add(self.short, joint.join(parts[k:]), q, new)

    def _word(self, worded: Question, q: Question, new: bool = True) -> None:
        parts = (*worded.path, worded.name)
        texts = (*(g.text for g in worded.groups), worded.text)
        for lang in dict.fromkeys(lang for t in texts for lang in t):
            words = [plain(t.get(lang, "")) for t in texts]
            if not words[-1]:
                continue
            named = [w or n for w, n in zip(words, parts, strict=True)]
            for k in range(len(named)):
                self._add(self.worded, "/".join(named[k:]), q, new)
                self._add(self.small, "/".join(named[k:]).casefold(), q, new)

    def _add(self, table: dict[str, list[Question]], name: str, q: Question, new: bool = True) -> None:
        found = table.setdefault(name, []) if new or name not in table else []
        if q not in found:
            found.append(q)

    def find(self, header: str) -> list[Question]:
        """The questions a header may name; the whole path goes before a part of it, names before wording.

        Wording in other capitals comes last: TCVN3 has none with a tone.
        """
        text = plain(header)
        worded = self.worded.get(text) or self.small.get(text.casefold()) or []
        return self.full.get(header) or self.short.get(header) or worded

    def options(self, q: Question, written: str) -> list[str]:
        """The codes that the end of a header may name."""
        if written in q.choices:
            return [written]
        named = [c for c in q.choices if safe(c) == written]
        for choices in (q.choices, *self.former.get((*q.path, q.name), ())):
            named = named or [c for c, t in choices.items() if plain(written) in [plain(w) for w in t.values()]]
        return named


def placed(
    headers: Sequence[str],
    form: XLSForm,
    meta: Mapping[str, object],
    where: str,
    notes: list[str],
    *,
    inside: str | None = None,
    wide: bool = False,
    earlier: Sequence[tuple[Question, Question]] = (),
) -> list[Place]:
    """The place of every column. Several columns may be of one question: of other versions, or of rows of a repeat.

    Parameters
    ----------
    headers : sequence of str
    form : XLSForm
    meta : mapping
        The columns that the platform adds.
    notes : list of str
        Is told of headers that name several questions, where as many columns have them.
    inside : str, optional
        Questions of this repeat group ("" for those outside of all) go before others.
    wide : bool
        Whether options and repeats are written as `name_1`.
    earlier : sequence of (Question, Question)
        A question of an earlier version of the form, and the one of `form` that it is.

    Raises
    ------
    ReadError
        If a header fits several questions, or none is of the form.
    """
    names, anywhere = _Names(form, inside, earlier), _Names(form, None, earlier)
    count = Counter(headers)
    found = {h: _candidates(h, names, anywhere, meta, wide) for h in count}
    for header in (h for h in count if wide and count[h] == 2 and len(found[h]) == 1):
        found[header] = _with_option(found[header], names)
    turn: dict[str, int] = {}
    places = []
    for header in headers:
        fitting = found[header]
        if len(fitting) > 1 and len(fitting) != count[header]:
            raise ReadError(
                "A header matches several questions of the form.",
                where=where,
                got=repr(header),
                expected="one of " + shorten(_called(p) for p in fitting),
                fix="export with XML values and headers and the names of groups in the headers",
            )
        i = turn[header] = turn.get(header, -1) + 1
        places.append(fitting[i] if len(fitting) > 1 else fitting[0])
        if len(fitting) > 1 and not i:
            called = ", ".join(_called(p) for p in fitting)
            notes.append(Note("reading.same_header", header=repr(header), columns=len(fitting), names=called))
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


def _called(place: Place) -> str:
    q = place.question
    if q is None:
        return place.header
    return "/".join((*q.path, q.name, *([place.detail] if place.kind == "option" else [])))


def form_of_headers(headers: Sequence[str], meta: Mapping[str, object], wide: bool) -> XLSForm:
    """The questions that headers show without a form."""
    own = list(dict.fromkeys(BRACKETS.sub("", h) for h in headers if h and h not in meta))
    joint = "-" if "KEY" in meta and not any("/" in h for h in own) else "/"
    known = set(own)
    options: dict[str, dict[str, Text]] = {}
    spots: set[str] = set()
    for h in own:
        left, _, right = h.rpartition("/")
        if left in known:
            options.setdefault(left, {})[right] = MappingProxyType({})
        for part in ("latitude", "longitude"):
            path, _, last = h.rpartition("/")
            if last.endswith(f"_{part}") and last.startswith("_"):
                spots.add("/".join([*([path] if path else []), last[1 : -len(part) - 1]]))
            if h.endswith(f"-{part.title()}"):
                spots.add(h[: -len(part) - 1])
    questions = []
    for h in own:
        if h.rpartition("/")[0] in known or h.endswith("_URL"):
            continue
        *around, name = h.split(joint) if not wide else [h]
        kind = "select_multiple" if h in options else "geopoint" if h in spots else ""
        questions.append(question(name, kind, around, choices=options.get(h, {})))
    return form_of(questions)


def nearest(header: str, form: XLSForm) -> str:
    """The name or wording of the form that is most like a header; "" if none is."""
    known = [q.name for q in form.questions] + [plain(t) for q in form.questions for t in q.text.values()]
    found = difflib.get_close_matches(plain(header), known, n=1)
    return found[0] if found else ""


def _candidates(header: str, names: _Names, anywhere: _Names, meta: Mapping[str, object], wide: bool) -> list[Place]:
    """What a header may be; one place of kind "unknown" if it is nothing."""
    if header in meta and not names.find(header):
        return [Place(header, "meta")]
    found = _of_form(header, names)
    if not found and wide:
        found = _wide(header, names)
    if not found and names is not anywhere:  # rows of a repeat in the columns of the submission
        found = _of_form(header, anywhere)
    rows = BRACKETS.findall(header)
    if not found and rows:
        bare = BRACKETS.sub("", header)
        found = [replace(p, header=header, nth="_".join(rows)) for p in _of_form(bare, anywhere)]
    if not found:  # a group that the form does not have: the question was in another one
        last = re.split(r"[/:.]", header)[-1]
        moved = anywhere.last.get(last, []) if last != header else []
        found = [Place(header, "moved", moved[0], nth="_".join(rows))] if len(moved) == 1 else []
    return found or [Place(header, "unknown")]


def _of_form(header: str, names: _Names) -> list[Place]:
    questions = names.find(header)
    if questions:
        return [Place(header, "question", q) for q in questions]
    former: list[Place] = []
    for left, right in _cut(header, ("/", ":", ".", "-")):
        several = [q for q in names.find(left) if q.kind in SEVERAL]
        codes = [Place(header, "option", q, c) for q in several for c in names.options(q, right)]
        if codes:
            return codes
        if len(several) == 1 and header[len(left)] in "/:" and right:
            former = [Place(header, "former", several[0], right)]
    if former:
        return former
    match = _PART.fullmatch(header) or _PART_ODK.fullmatch(header)
    if match:
        path = match.groupdict().get("path") or ""
        spots = [q for q in names.find(path + match["name"]) if q.kind in ("geopoint", "start-geopoint")]
        if len(spots) == 1:
            return [Place(header, "part", spots[0], _PARTS[match["part"].lower()])]
    if header.endswith("_URL") and len(names.find(header[:-4])) == 1:
        return [Place(header, "link", names.find(header[:-4])[0])]
    return []


def _with_option(found: list[Place], names: _Names) -> list[Place]:
    """A question `src_other` with the option `other` of `src`, which SurveyCTO heads alike; in the form's order."""
    options = [p for p in _wide(found[0].header, names) if p.kind == "option" and found[0].kind == "question"]
    return sorted([*options, *found], key=lambda p: p.question.row if p.question else 0)


def _wide(header: str, names: _Names) -> list[Place]:
    """name_1 of SurveyCTO: an option outside of repeats, the first row of a repeat inside."""
    for left, right in _cut(header, ("_",)):
        for q in names.find(left):
            if not q.repeat and q.kind in SEVERAL and names.options(q, right):
                return [Place(header, "option", q, names.options(q, right)[0])]
            if q.repeat and re.fullmatch(r"\d+(_\d+)*", right):
                return [Place(header, "nth", q, right)]
    return []


def _cut(header: str, signs: Iterable[str]) -> Iterable[tuple[str, str]]:
    for sign in signs:
        start = header.find(sign)
        while start != -1:
            yield header[:start], header[start + len(sign) :]
            start = header.find(sign, start + 1)

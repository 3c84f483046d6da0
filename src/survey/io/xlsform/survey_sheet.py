"""The rows of the sheet survey as questions in their groups.

What cannot be read of one row becomes a question of text with a note; only groups that do not fit each other, which a
form cut short has, are an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from survey.base.catalogue import Note
from survey.codebook import Text, catalogue_text
from survey.errors import CodebookError
from survey.io.xlsform.choices import texts_of
from survey.io.xlsform.question_types import SELECTS, parsed
from survey.io.xlsform.questions import Group, Question

__all__ = ["is_name", "lists_with_other", "questions_of"]

_NAME = re.compile(r"[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?")
_NAMELESS = ("start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit")
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_REFERENCE = re.compile(r"\$\{[^}]*\}")
_DEEPEST = 100  # groups in each other
_MOST = 50_000  # questions, those of loops counted for each option
Row = Mapping[str, str]
_Option = tuple[str, Text]


@dataclass
class _Branch:
    """A row, and the rows inside of it."""

    kind: str
    row: Row
    list_name: str = ""
    other: bool = False
    inside: list[_Branch] = field(default_factory=list)


def is_name(name: str) -> bool:
    """Whether platforms accept a name: letters, digits, _, - and ., with one : before a name of its own."""
    return _NAME.fullmatch(name) is not None


def lists_with_other(rows: Sequence[Row]) -> set[str]:
    """The lists that a question uses with or_other."""
    found = (parsed(row.get("type", "")) for row in rows)
    return {name for _, name, other in found if other}


def questions_of(
    rows: Sequence[Row], lists: Mapping[str, Mapping[str, Text]], path: str, notes: list[Note]
) -> tuple[list[Question], dict[str, str]]:
    """The questions of a form in order, and its repeats with the repeat that each stands in.

    Raises
    ------
    CodebookError
        If a group is closed that is not open, or does not close.
    """
    sheet = _Sheet(lists, notes, path)
    sheet.take(_tree(rows, path), ())
    return sheet.questions, sheet.repeats


def _tree(rows: Sequence[Row], path: str) -> list[_Branch]:
    top = _Branch("", {})
    opened = [top]
    for row in rows:
        kind, list_name, other = parsed(row.get("type", ""))
        if row.get("disabled", "").lower() in ("yes", "true", "true()"):
            continue
        if not kind and (row.get("type") or not row.get("name")):
            continue  # a remark, or a setting
        begun, _, what = kind.partition(" ")
        if begun == "end" and what in ("group", "repeat", "loop"):
            last = opened[-1]
            if last.kind != what:
                raise CodebookError(
                    "A group is closed that was not open.",
                    where=f"{path}, sheet survey, row {row['_row']}",
                    got=row["type"],
                    expected=f"end_{last.kind} of {last.row.get('name', '')}" if last.kind else "no end here",
                )
            opened.pop()
            continue
        group = begun == "begin" and what in ("group", "repeat", "loop")
        if group and len(opened) > _DEEPEST:
            raise CodebookError(
                "Groups are nested too deeply.",
                where=f"{path}, sheet survey, row {row['_row']}",
                got=f"{len(opened)} groups around it",
                expected=f"{_DEEPEST} at most",
            )
        branch = _Branch(what if group else kind, row, list_name, other)
        opened[-1].inside.append(branch)
        if group:
            opened.append(branch)
    if len(opened) > 1:
        raise CodebookError(
            "A group is not closed.",
            where=path,
            got=opened[-1].row.get("name", ""),
            expected=f"end_{opened[-1].kind}",
            fix="the form may be cut short: compare its last rows",
        )
    return top.inside


class _Sheet:
    """Questions as they are found."""

    def __init__(self, lists: Mapping[str, Mapping[str, Text]], notes: list[Note], path: str) -> None:
        self.lists, self.notes, self.path = lists, notes, path
        self.questions: list[Question] = []
        self.repeats: dict[str, str] = {}
        self.taken = 0
        self.seen: dict[tuple[str, ...], str] = {}

    def take(self, branches: Sequence[_Branch], groups: tuple[Group, ...], each: _Option | None = None) -> None:
        """Questions and groups in order; `each` is the option of a loop that its questions are for."""
        self.taken += 1 + len(branches)
        if self.taken > _MOST:
            raise CodebookError("The form has too many questions.", where=self.path, expected=f"{_MOST:,} at most")
        siblings = {b.row.get("name", "") for b in branches}
        for branch in branches:
            row = _filled(branch.row, each)
            if branch.kind in ("group", "repeat", "loop"):
                self._group(branch, row, groups, each)
                continue
            question = self._question(branch, row, groups)
            if question is not None and branch.other and f"{question.name}_other" not in siblings:
                relevant = f"selected(../{question.name}, 'other')"
                words = catalogue_text("labels.other_specify")
                self._add(f"{question.name}_other", "text", groups, row, words, {"relevant": relevant})

    def _group(self, branch: _Branch, row: Row, groups: tuple[Group, ...], each: _Option | None) -> None:
        kind = "repeat" if branch.kind == "repeat" else "group"
        name = row.get("name", "")
        if not name:
            name = f"group_{row['_row']}"
            self.notes.append(Note("reading.form_no_name", row=row["_row"], name=name))
        group = Group(kind, name, texts_of(row), row.get("relevant", ""), row)
        if kind == "repeat":
            count = row.get("repeat_count", "")
            if count and not _REFERENCE.fullmatch(count):  # platforms calculate it in a question of its own
                self._add(f"{name}_count", "calculate", groups, row, _NOTHING, {"calculation": count})
            self.repeats[name] = next((g.name for g in reversed(groups) if g.kind == "repeat"), "")
        inner = (*groups, group)
        if branch.kind != "loop":
            self.take(branch.inside, inner, each)
            return
        options = self.lists.get(branch.list_name)
        if options is None:
            self.notes.append(Note("reading.form_loop", row=row["_row"], list=repr(branch.list_name)))
            self.take(branch.inside, inner, each)
            return
        for code, label in options.items():  # a group for each option, as pyxform makes them
            if code != "none":
                self.take(branch.inside, (*inner, Group("group", code, label)), (code, label))

    def _question(self, branch: _Branch, row: Row, groups: tuple[Group, ...]) -> Question | None:
        kind, name, number = branch.kind, row.get("name", ""), row["_row"]
        if not kind:
            kind = "text"
            self.notes.append(Note("reading.form_no_type", column=name, row=number))
        if not name:
            name = kind if kind in _NAMELESS else f"generated_note_name_{number}" if kind == "note" else f"row_{number}"
            if name == f"row_{number}":
                self.notes.append(Note("reading.form_no_name", row=number, name=name))
        elif not is_name(name):
            self.notes.append(Note("reading.form_name", row=number, name=repr(name)))
            kind = "text" if kind != "note" else kind
        choices: Mapping[str, Text] = _NOTHING
        if kind in SELECTS:
            if branch.list_name in self.lists:
                choices = self.lists[branch.list_name]
                kind = "select_one" if kind == "select_one_external" else kind
            elif _REFERENCE.search(branch.list_name):
                kind = "text"
                self.notes.append(Note("reading.form_answers", column=name, question=branch.list_name))
            else:
                kind = "text"
                self.notes.append(Note("reading.form_no_list", column=name, row=number, list=repr(branch.list_name)))
        list_name = branch.list_name if choices else ""
        return self._add(name, kind, groups, row, texts_of(row), row, list_name, choices)

    def _add(
        self,
        name: str,
        kind: str,
        groups: tuple[Group, ...],
        row: Row,
        text: Text,
        cells: Row,
        list_name: str = "",
        choices: Mapping[str, Text] = _NOTHING,
    ) -> Question | None:
        place = (*(g.name for g in groups), name)
        before = self.seen.get(place)
        if before is not None and "note" not in (before, kind):
            self.notes.append(Note("reading.form_twice", name="/".join(place), row=row["_row"]))
            return None
        self.seen[place] = kind if before in (None, "note") else before
        shape = (groups, list_name, MappingProxyType(dict(choices)), text, int(row["_row"]))
        self.questions.append(Question(name, kind, *shape, MappingProxyType(dict(cells))))
        return self.questions[-1]


def _filled(row: Row, each: _Option | None) -> Row:
    """A row of a loop with the name and the label of the option it is for."""
    if each is None:
        return row
    code, labels = each
    out: dict[str, str] = {}
    for header, text in row.items():
        what, _, lang = header.partition("::")
        if lang or "%(label)s" not in text:
            out[header] = _put_in(text, code, labels.get(lang) or next(iter(labels.values()), code))
        else:  # one wording for all languages, and a label for each
            out |= {f"{what}::{said}": _put_in(text, code, label) for said, label in labels.items()}
    return out


def _put_in(text: str, code: str, label: str) -> str:
    return text.replace("%(name)s", code).replace("%(label)s", label)

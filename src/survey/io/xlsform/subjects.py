"""Which column of the data a name in a condition of a form speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from survey.base.catalogue import Note
from survey.io.xlsform.columns import place_of
from survey.io.xlsform.form import XLSForm
from survey.io.xlsform.question_types import NO_ANSWER
from survey.io.xlsform.questions import Group, Question
from survey.io.xlsform.xpath import Subject

__all__ = ["Subjects"]


class Subjects:
    """The questions of a form as conditions name them: `${name}`, or by the way from one to the other, `../name`.

    Parameters
    ----------
    form : XLSForm
    codes : mapping of list to mapping of code as written to code
    personal : questions
        Those that are left out when answers are read: no condition can look at them.
    """

    def __init__(self, form: XLSForm, codes: Mapping[str, Mapping[str, Any]], personal: Iterable[Question]) -> None:
        self.form, self.codes = form, codes
        self.personal = {place_of(q) for q in personal}
        self.unanswered = {q.name for q in form.questions if q.kind in NO_ANSWER}
        self.unanswered |= {g.name for q in form.questions for g in q.groups} | {"instanceID", "instanceName"}
        self.named: dict[str, list[Question]] = {}
        self.placed: dict[tuple[str, ...], Question] = {}
        for q in form.questions:
            if q.kind not in NO_ANSWER:
                self.named.setdefault(q.name, []).append(q)
                self.placed[place_of(q)] = q

    def seen_from(self, groups: Sequence[Group], name: str) -> Callable[[str], Subject]:
        """What names mean in a condition of the question or group called `name` that stands in these groups."""
        return partial(self._subject, tuple(groups), name)

    def _subject(self, groups: tuple[Group, ...], name: str, written: str) -> Subject:
        found = self._placed(groups, name, written) if "/" in written else self.named.get(written, [])
        if len(found) > 1:
            raise ValueError(Note("relevant.ambiguous", name=written))
        if not found and "/" not in written and written not in self.unanswered:
            return Subject(written)  # of another form, or a column of the data
        if not found:
            raise ValueError(Note("relevant.no_question", name=written))
        q = found[0]
        if place_of(q) in self.personal:
            raise ValueError(Note("relevant.personal", name=written))
        around = [g.name for g in groups if g.kind == "repeat"]
        if [g.name for g in q.groups if g.kind == "repeat"] != around[: sum(g.kind == "repeat" for g in q.groups)]:
            raise ValueError(Note("relevant.in_repeat", name=written, group=q.repeat))
        if q.kind == "select_multiple":
            return Subject(self.form.column(q), options={code: self.form.column(q, code) for code in q.choices})
        return Subject(self.form.column(q), self.codes.get(q.list_name, {}) if q.kind == "select_one" else {})

    def _placed(self, groups: tuple[Group, ...], name: str, written: str) -> list[Question]:
        here = (*(g.name for g in groups), name)
        parts = written.split("/")
        if parts[0].startswith("."):
            up = sum(part == ".." for part in parts)
            place = (*here[: len(here) - up], *(part for part in parts if part not in (".", "..")))
            found = self.placed.get(place) if up <= len(here) else None
        else:
            found = self.placed.get(tuple(parts[2:]))  # /data/group/name: the root is the form
        return [] if found is None else [found]

"""What `declare_missing` would do: a table to read, and then to apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic

import pandas as pd

from survey.base import catalogue
from survey.base.catalogue import Note, listed
from survey.base.html import markup, paragraphs, render
from survey.cleaning.declaring import declared_missing
from survey.codebook._table import language_of
from survey.codebook.nonanswers import NonAnswer
from survey.core.responses_data import R
from survey.core.undeclared import code_in_words

__all__ = ["Line", "MissingPlan"]

_COLUMNS = ["item", "code", "label", "kind", "rows", "why", "taken"]
_ITEMS, _LINES = 6, 40


@dataclass(frozen=True, slots=True)
class Line:
    """A code of a column, the kind it is given, and whether it will be declared missing."""

    found: NonAnswer
    kind: str
    taken: bool


@dataclass(frozen=True)
class MissingPlan(Generic[R]):
    """Codes that read like missing answers, and what `apply` would do with them; nothing has been done.

    Parameters
    ----------
    responses : Responses
    lines : tuple of Line
        One code of one column each.
    """

    responses: R
    lines: tuple[Line, ...]

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def table(self) -> pd.DataFrame:
        """One line a code of a column: item, code, label, kind, rows, why, taken."""
        rows = [
            (n.found.variable, n.found.code, n.found.label, n.kind, n.found.rows, n.found.reason, n.taken)
            for n in self.lines
        ]
        return pd.DataFrame(rows, columns=_COLUMNS)

    @property
    def codes(self) -> dict[str, dict[Any, str]]:
        """What will be declared: codes and their kind, by column."""
        found: dict[str, dict[Any, str]] = {}
        for line in self.lines:
            if line.taken:
                found.setdefault(line.found.variable, {})[line.found.code] = line.kind
        return found

    def apply(self) -> R:
        """Declare the codes taken in the codebook, empty their cells and keep their kinds, as one step of the log.

        Columns of text in which only numbers are left become numbers. Where nothing is taken, the responses come back
        as they were.

        Returns
        -------
        Responses
        """
        return declared_missing(self.responses, self.codes) if self.codes else self.responses

    def to_text(self, lang: str | None = None) -> str:
        """The plan as plain text: equal codes of several items in one line."""
        return _text(self, lang or language_of(self.responses.codebook))

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return _html(self, language_of(self.responses.codebook))


_HEADS = ("of_code", "kind", "item", "rows", "why", "taken")


def _groups(plan: MissingPlan[Any]) -> list[tuple[Line, list[Line]]]:
    """Lines of equal codes together: those that are taken first, what most items hold before the others."""
    found: dict[tuple[Any, ...], list[Line]] = {}
    for line in plan.lines:
        key = (code_in_words(plan.responses, line.found), line.kind, line.found.reason, line.taken)
        found.setdefault(key, []).append(line)
    return sorted(((own[0], own) for own in found.values()), key=lambda g: (not g[0].taken, -len(g[1])))


def _cells(plan: MissingPlan[Any], lang: str) -> list[tuple[str, ...]]:
    """A row of text a group, under `_HEADS`."""
    rows: list[tuple[str, ...]] = []
    for first, own in _groups(plan):
        names = [str(line.found.variable) for line in own]
        rows.append(
            (
                code_in_words(plan.responses, first.found),
                first.kind or "?",
                _shown(listed(names, _ITEMS), lang),
                _count(sum(line.found.rows for line in own), lang),
                catalogue.text(f"nonanswers.why_{first.found.reason}", lang),
                _term("yes" if first.taken else "no", lang),
            )
        )
    return rows


def _term(key: str, lang: str, **values: Any) -> str:
    return catalogue.text(f"nonanswers.{key}", lang, **values)


def _shown(text: str, lang: str) -> str:
    return text.in_language(lang) if isinstance(text, Note) else text


def _count(n: int, lang: str) -> str:
    return catalogue.text("nonanswers.number", lang, n=n)


def _sentences(plan: MissingPlan[Any], lang: str) -> list[str]:
    taken = [line for line in plan.lines if line.taken]
    cells = _term("cells", lang, n=sum(line.found.rows for line in taken))
    codes, columns = _term("codes", lang, n=len(taken)), _term("columns", lang, n=len(plan.codes))
    first = _term("summary", lang, codes=codes, columns=columns, cells=cells) if taken else _term("summary_none", lang)
    return [first, *([_term("left", lang)] if len(taken) < len(plan.lines) else [])]


def _text(plan: MissingPlan[Any], lang: str) -> str:
    rows = _cells(plan, lang)
    table = pd.DataFrame(rows[:_LINES], columns=[_term(head, lang) for head in _HEADS])
    more = [f"… {len(rows) - _LINES}"] if len(rows) > _LINES else []
    first, *rest = _sentences(plan, lang)
    return "\n".join([first, *([table.to_string(index=False)] if rows else []), *more, *rest])


def _html(plan: MissingPlan[Any], lang: str) -> str:
    rows = _cells(plan, lang)
    first, *rest = _sentences(plan, lang)
    more = [f"… {len(rows) - _LINES}"] if len(rows) > _LINES else []
    table = render(_TABLE, lang=lang, heads=[_term(head, lang) for head in _HEADS], rows=rows[:_LINES]) if rows else ""
    return paragraphs([first]) + markup(table) + paragraphs([*more, *rest])


_TABLE = """\
<table class='survey-nonanswers' lang='{{ lang }}'><thead><tr>
{%- for head in heads %}<th scope='col' style='text-align:left'>{{ head }}</th>{% endfor -%}
</tr></thead><tbody>
{% for row in rows %}
<tr>{% for cell in row %}<td style='text-align:left'>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table>"""

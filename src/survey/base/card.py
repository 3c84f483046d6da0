"""A thing as a notebook shows it: facts by name, tables below; as HTML, and the same as text for a console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from survey.base import catalogue
from survey.base.html import escape, facts, markup, render

__all__ = ["Card", "CardTable", "Displayed", "clipped"]

_MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class CardTable:
    """A table of texts, whose first column names the rows; the columns of `numbers` stand at the right."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What there is to show, in one language; facts without a text are left out."""

    lang: str
    title: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[CardTable] = ()

    @property
    def known(self) -> list[tuple[str, str]]:
        """The facts that have a text."""
        return [(name, text) for name, text in self.facts if text]

    def to_html(self) -> str:
        """A table of the facts, headed by the title, and the others below."""
        caption = f"<caption{_LEFT}>{escape(self.title)}</caption>"
        shown = [markup(f"{caption}<tbody>{facts(self.known)}</tbody>")] if self.known else []
        return render(_CARD, lang=self.lang, shown=[*shown, *(markup(_table(table)) for table in self.tables)])

    def to_text(self) -> str:
        """The same in lines."""
        lines = [self.title, *(f"  {name}: {text}" for name, text in self.known)]
        for table in self.tables:
            lines += [f"  {table.caption}", *("    " + "  ".join(filter(None, row)) for row in table.rows)]
            lines += [f"    {table.foot}"] if table.foot else []
        return "\n".join(lines)


class Displayed:
    """A class whose objects are shown by their card: in notebooks and in IPython's console."""

    __slots__ = ()

    def _card(self) -> Card:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return self._card().to_html()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self._card().to_text())


def clipped(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], lang: str, numbers: frozenset[int] = frozenset()
) -> CardTable:
    """A table of the first 60 rows, which says how many more there are."""
    rest = len(rows) - _MOST_ROWS
    foot = catalogue.text("words.more_rows", lang, n=rest) + "." if rest > 0 else ""
    return CardTable(caption, heads, rows[:_MOST_ROWS], numbers, foot)


_LEFT = " style='text-align:left'"
_CARD = """\
<div lang='{{ lang }}'>
{% for table in shown %}
<table class='survey-card' style='border-collapse:collapse;font-variant-numeric:tabular-nums'>{{ table }}</table>
{% endfor %}
</div>"""
_TABLE = """\
{% if table.caption %}
<caption style='text-align:left'>{{ table.caption }}</caption>
{% endif %}
<thead><tr>
{%- for head in table.heads %}<th scope='col' style='text-align:{{ sides[loop.index0] }}'>{{ head }}</th>{% endfor -%}
</tr></thead>
<tbody>
{% for row in table.rows %}
<tr><th scope='row' style='text-align:left'>{{ row[0] }}</th>
{%- for text in row[1:] %}<td style='text-align:{{ sides[loop.index] }}'>{{ text }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
{%- if table.foot %}<tfoot><tr><td colspan='{{ table.heads|length }}' style='text-align:left'>
{{- table.foot }}</td></tr></tfoot>
{%- endif %}"""


def _table(table: CardTable) -> str:
    sides = ["right" if i in table.numbers else "left" for i in range(len(table.heads))]
    return render(_TABLE, table=table, sides=sides)

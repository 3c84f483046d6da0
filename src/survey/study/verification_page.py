"""What a verification found, in words: lines for the screen, and a page that an evaluator can file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from survey.base import catalogue
from survey.base.files import writing
from survey.base.html import markup, render, whole_page
from survey.study.comparison import TOLERANCE, Comparison
from survey.words import locale as loc

__all__ = ["part", "to_text", "write_page"]

_FEW = 10
_SOME = 30
_DIGITS = round(-math.log10(TOLERANCE))


def _say(key: str, lang: str, **values: Any) -> str:
    return catalogue.text(f"verify.{key}", lang, **values)


def to_text(found: Comparison, lang: str) -> str:
    """Lines that say what is reproduced, what is not, and what may have moved it."""
    lines = [*_verdict(found, lang), ""]
    for kind, results in _counted(found, lang):
        lines.append(f"{kind}: {'; '.join(results)}")
    shown = found.table.head(_FEW)
    if len(shown):
        lines += ["", _say("all", lang), ""]
    for row in shown.itertuples():
        about = f" ({row.row})" if row.row else ""
        by = "" if math.isnan(row.difference) else f" ({_signed(row.difference)})"
        lines.append(f"  - {row.id}{about}: {_told(row.published)} -> {_told(row.now)}{by}")
    if len(found.table) > _FEW:
        lines.append(f"  - {_say('more', lang, n=len(found.table) - _FEW)}")
    causes = [f"  - {head}: {line}" for head, told in _causes(found, lang) for line in told]
    lines += ["", _say("causes", lang), "", *causes] if causes else ["", _say(_no_cause(found), lang)]
    if found.unchecked:
        lines += ["", _say("unchecked", lang), "", *(f"  - {why}: {listed}" for why, listed in _unchecked(found, lang))]
    if found.skipped:
        lines += ["", _say("skipped", lang), "", *(f"  - {name}: {why}" for name, why in found.skipped.items())]
    return "\n".join(lines)


def write_page(found: Comparison, path: Path, lang: str) -> None:
    """Write the whole of it as a page that needs nothing from elsewhere.

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    title = _say("title", lang, study=found.published.study)
    inside = render(_MAIN, title=title, body=markup(_body(found, lang, found.table, 2)))
    text = whole_page(inside, lang=lang, title=title, style=_STYLE)
    with writing(path, endings=(".html", ".htm")) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def part(found: Comparison, lang: str) -> str:
    """The whole of it as a part of a page, such as a notebook; of a long table its beginning."""
    shown = found.table.head(_SOME)
    more = _say("more", lang, n=len(found.table) - _SOME) if len(found.table) > _SOME else ""
    return render(_PART, lang=lang, body=markup(_body(found, lang, shown, 4)), more=more)


def _body(found: Comparison, lang: str, table: pd.DataFrame, level: int) -> str:
    heads = [_say(key, lang) for key in ("what", "row", "was", "now", "difference", "notebook")]
    rows = [
        (
            r.id,
            r.row,
            _told(r.published),
            _told(r.now),
            "" if math.isnan(r.difference) else _signed(r.difference),
            r.notebook,
        )
        for r in table.itertuples()
    ]
    return render(
        _BODY,
        h=f"h{level}",
        sub=f"h{level + 1}",
        verdict=_verdict(found, lang),
        passed=found.passed,
        counted=_counted(found, lang),
        same=_say("same", lang, digits=_DIGITS),
        causes_head=_say("causes", lang),
        no_cause=_say(_no_cause(found), lang),
        unchecked_head=_say("unchecked", lang),
        unchecked=_unchecked(found, lang),
        causes=list(_causes(found, lang)),
        skipped_head=_say("skipped", lang),
        skipped=dict(found.skipped),
        all_head=_say("all", lang),
        heads=heads,
        rows=rows,
    )


def _verdict(found: Comparison, lang: str) -> list[str]:
    published = found.published
    counts = {"findings": len(published.findings), "exhibits": len(published.exhibits)}
    lines = [_say("published", lang, n=published.numbers, **counts)]
    if found.all_numbers:
        lines[0] = _say("from_cells", lang, n=published.numbers, all=found.all_numbers, **counts)
    if published.simulated or found.now.simulated:
        lines.append(loc.sentence(loc.word("simulated", lang)))
    if found.passed:
        return [*lines, _say(_passed(found), lang)]
    names = {kind: part["name"].nunique() for kind, part in found.table.groupby("kind")}
    entries = {"findings": names.get("finding", 0), "exhibits": names.get("exhibit", 0)}
    return [*lines, _say("failed", lang, n=len(found.table), **entries)]


def _passed(found: Comparison) -> str:
    return "passed_cells" if found.all_numbers else "passed_but" if found.skipped else "passed"


def _no_cause(found: Comparison) -> str:
    """From cells nothing is known of data, notebooks and code."""
    return "cells_alone" if found.all_numbers else "no_cause"


def _unchecked(found: Comparison, lang: str) -> list[tuple[str, str]]:
    """Why results were not computed again, and which."""
    by_reason: dict[str, list[str]] = {}
    for name, why in found.unchecked.items():
        by_reason.setdefault(why, []).append(name)
    told = []
    for why, names in by_reason.items():
        known = why.removeprefix("reason_")
        told.append((why if known == why else catalogue.text(f"verify.reason_{known}", lang), ", ".join(names)))
    return told


def _counted(found: Comparison, lang: str) -> list[tuple[str, list[str]]]:
    """Findings and exhibits by what became of them; names of those that are not reproduced."""
    told = []
    for kind, head, there in (
        ("finding", "findings", found.published.findings),
        ("exhibit", "exhibits", found.published.exhibits),
    ):
        results = []
        for key, names in found.moved(kind).items():
            count = loc.number(len(names), 0, lang)
            if key == "reproduced":
                count = _say("count", lang, n=len(names), all=len(there))
            listed = f" ({', '.join(names)})" if key not in ("reproduced", "not_run") else ""
            if names or key == "reproduced":
                results.append(f"{_say(key, lang)}: {count}{listed}")
        told.append((_say(head, lang), results))
    return told


def _causes(found: Comparison, lang: str) -> Iterator[tuple[str, list[str]]]:
    for kind, differing in found.causes.items():
        lines = []
        for name, before, after in differing:
            short = (before, after) if kind == "versions" else (f"{before[:12]}…", f"{after[:12]}…")
            key = "other" if before and after else "gone" if before else "came"
            values = {"before": short[0], "after": short[1]} if key == "other" else {}
            lines.append(_say(key, lang, name=name, **values))
        if lines:
            yield _say(kind, lang), lines


def _told(value: Any) -> str:
    """A number with the digits that count here, as the CSV writes it; a text as it is."""
    return f"{value:.{_DIGITS}g}" if isinstance(value, float) else "" if value is None else str(value)


def _signed(value: float) -> str:
    return f"{value:+.3g}"


_STYLE = """
body {font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a}
table {border-collapse: collapse; width: 100%; font-size: .875rem} .wide {overflow-x: auto}
th, td {border-bottom: 1px solid #bbb; padding: .3rem .6rem; text-align: left; vertical-align: top}
td:nth-child(2) {min-width: 9rem} .n {text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap}
.verdict {border-left: 6px solid #b3261e; padding: .2rem 1rem; font-weight: 600} .passed {border-color: #1b6e3c}
@media print {body {margin: 0; max-width: none} thead {display: table-header-group} tr {break-inside: avoid}}
"""
_BODY = """\
<div class='verdict{{ " passed" if passed }}'>
{% for line in verdict %}
<p>{{ line }}</p>
{% endfor %}
</div>
<ul>
{% for head, results in counted %}
<li>{{ head }}: {{ results|join("; ") }}</li>
{% endfor %}
</ul>
<p>{{ same }}</p>
{% if causes %}
<{{ h }}>{{ causes_head }}</{{ h }}>
{% for head, lines in causes %}
<{{ sub }}>{{ head }}</{{ sub }}>
<ul>
{% for line in lines %}
<li>{{ line }}</li>
{% endfor %}
</ul>
{% endfor %}
{% else %}
<p>{{ no_cause }}</p>
{% endif %}
{% if unchecked %}
<{{ h }}>{{ unchecked_head }}</{{ h }}>
<ul>
{% for why, names in unchecked %}
<li>{{ why }}: {{ names }}</li>
{% endfor %}
</ul>
{% endif %}
{% if skipped %}
<{{ h }}>{{ skipped_head }}</{{ h }}>
<ul>
{% for name, why in skipped.items() %}
<li>{{ name }}: {{ why }}</li>
{% endfor %}
</ul>
{% endif %}
{% if rows %}
<{{ h }}>{{ all_head }}</{{ h }}>
<div class='wide' tabindex='0' role='region' aria-label='{{ all_head }}'>
<table>
<thead><tr>
{% for head in heads %}
<th scope='col'>{{ head }}</th>
{% endfor %}
</tr></thead>
<tbody>
{% for id, row, was, now, difference, notebook in rows %}
<tr><th scope='row'>{{ id }}</th><td>{{ row }}</td><td class='n'>{{ was }}</td><td class='n'>{{ now }}</td>
<td class='n'>{{ difference }}</td><td>{{ notebook }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
"""
_MAIN = """\
<main>
<h1>{{ title }}</h1>
{{ body }}
</main>"""
_PART = """\
<div class='survey-verification' lang='{{ lang }}'>
{{ body }}
{% if more %}
<p>{{ more }}</p>
{% endif %}
</div>
"""

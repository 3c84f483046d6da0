"""How Quality looks on a screen and on a page."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from survey import _locale as loc
from survey._files import writing
from survey.quality._words import say

if TYPE_CHECKING:
    from survey.quality.result import Quality

__all__ = ["html", "text", "write"]

_MOST = 12


def _one(lang: str) -> str:
    return "vi" if lang == "both" else lang


def written(check: str, value: float, lang: str) -> str:
    """The value of a check as it is read: percent, but for a ratio of durations and Whipple's index."""
    if check == "short":
        return "× " + loc.number(value, 2, lang) if value == value else loc.number(value, 2, lang)
    if check == "heaping":
        return loc.number(value, 0, lang)
    return loc.number(100 * value, 1, lang) + ("%" if value == value else "")


def _counts(q: Quality, lang: str) -> pd.DataFrame:
    t, one = q.counts(), _one(lang)
    return pd.DataFrame({
        say("check", lang): [say(c, lang) for c in t["check"]],
        say("flagged", lang): [loc.count(n, one) for n in t["flagged"]],
        say("share", lang): [loc.number(100 * s, 1, one) for s in t["share"]],
    })  # fmt: skip


def _alerts(q: Quality, lang: str, most: int | None) -> pd.DataFrame:
    t, one = q.alerts().head(most or 10_000), _one(lang)
    out = {loc_name(q, name, lang): [q.codebook.label(name, v, one) for v in t[name]] for name in q.within}
    return pd.DataFrame(out | {
        say("interviewer", lang): t["interviewer"].tolist(),
        say("check", lang): [say(c, lang) for c in t["check"]],
        say("value", lang): [written(c, v, one) for c, v in zip(t["check"], t["value"], strict=True)],
        say("expected", lang): [written(c, v, one) for c, v in zip(t["check"], t["others"], strict=True)],
        say("p", lang): [loc.p_value(float(p), one) for p in t["p_adjusted"]],
        say("interviews", lang): [loc.count(n, one) for n in t["n"]],
    })  # fmt: skip


def loc_name(q: Quality, name: str, lang: str) -> str:
    """Name of a column in one or both languages."""
    return " / ".join(
        dict.fromkeys(q.codebook.wording(name, code) for code in (("vi", "en") if lang == "both" else (lang,)))
    )


def _icc(q: Quality, lang: str, most: int | None) -> pd.DataFrame:
    one = _one(lang)
    t = q.icc.dropna(subset="icc").sort_values("icc", ascending=False, kind="stable").head(most or 10_000)
    rows = zip(t["icc"], t["conf_low"], t["conf_high"], strict=True)
    return pd.DataFrame({
        say("check", lang): [q.codebook.wording(i, one) for i in t["item"]],
        "ICC": [f"{loc.number(x, 3, one)} ({loc.interval(a, b, 3, one)})" for x, a, b in rows],
        "deff": [loc.number(d, 2, one) for d in t["deff"]],
    })  # fmt: skip


def _sections(q: Quality, lang: str, most: int | None) -> list[tuple[str, pd.DataFrame]]:
    found = [(say("respondents", lang), _counts(q, lang)), (say("interviewers", lang), _alerts(q, lang, most))]
    if len(q.days) and q.days["too_many"].any():
        days = q.days[q.days["too_many"]].sort_values("interviews", ascending=False, kind="stable").head(most or 10_000)
        found.append((say("days", lang), pd.DataFrame({
            say("interviewer", lang): days["interviewer"].tolist(),
            "": [loc.date(d.date(), _one(lang)) for d in days["day"]],
            say("interviews", lang): [loc.count(n, _one(lang)) for n in days["interviews"]],
        })))  # fmt: skip
    if len(q.icc):
        found.append((say("icc", lang), _icc(q, lang, 5 if most else None)))
    return found


def _head(q: Quality, lang: str) -> list[str]:
    lines = [say("simulated", lang)] if q.codebook.simulated else []
    return [*lines, say("nothing_dropped", lang)]


def _foot(q: Quality, lang: str) -> list[str]:
    lines = [f"{say('not_looked_at', lang)}: {say(name, lang)} ({why})" for name, why in q.skipped.items()]
    return [*lines, *q.notes]


def text(q: Quality, lang: str) -> str:
    """Plain text."""
    loc.check_language(lang)
    parts = [say("title", lang), *_head(q, lang)]
    for title, table in _sections(q, lang, _MOST):
        parts += ["", title, table.to_string(index=False) if len(table) else say("none", lang)]
    return "\n".join([*parts, "", *_foot(q, lang)]).rstrip()


def html(q: Quality, lang: str, most: int | None = _MOST) -> str:
    """A fragment of HTML."""
    parts = [f"<p>{escape(line)}</p>" for line in _head(q, lang)]
    for title, table in _sections(q, lang, most):
        parts.append(f"<h4>{escape(title)}</h4>")
        parts.append(_table(table) if len(table) else f"<p>{say('none', lang)}</p>")
    return "\n".join([*parts, *(f"<p><small>{escape(line)}</small></p>" for line in _foot(q, lang))])


def _table(table: pd.DataFrame) -> str:
    return table.to_html(index=False, border=0, classes="survey-quality")


_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font-family:sans-serif;max-width:60em;margin:2em auto;line-height:1.4}}
table{{border-collapse:collapse}} th,td{{text-align:left;padding:.2em .8em;border-bottom:1px solid #ddd}}
</style></head><body><h1>{title}</h1>
{body}
</body></html>
"""


def write(q: Quality, path: str | os.PathLike[str], lang: str) -> None:
    """One page of HTML with every flagged interview."""
    loc.check_language(lang)
    flagged = q.flagged()
    flagged = flagged.assign(which=[", ".join(say(c, lang) for c in w.split(", ")) for w in flagged["which"]])
    flagged = flagged.rename(columns={"which": say("flags", lang), "interviewer": say("interviewer", lang)})
    body = html(q, lang, None) + f"<h2>{escape(say('respondents', lang))}</h2>{_table(flagged.drop(columns='flags'))}"
    page = _PAGE.format(lang=lang, title=escape(say("title", lang)), body=body)
    with writing(path, q.codebook.files, endings=(".html", ".htm")) as temporary:
        temporary.write_text(page, encoding="utf-8")

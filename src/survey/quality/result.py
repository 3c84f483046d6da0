"""What was found about the fieldwork: a row a respondent, a row an interviewer, a row a day; people decide."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import listed
from survey.base.files import writing
from survey.base.html import markup, render, whole_page
from survey.base.language import chosen
from survey.codebook import Codebook, Variable
from survey.errors import CleaningError, shorten
from survey.estimates import Summary
from survey.quality._words import CHECKS, FLAGS, say, spoken
from survey.words import locale as loc

__all__ = ["Quality"]


@dataclass(frozen=True, eq=False)
class Quality:
    """Flags for people to look into. Nothing is dropped by itself.

    Parameters
    ----------
    respondents : DataFrame
        Index of the data. The id, <within>, interviewer; evidence as numbers (seconds, questions_asked, speed_z,
        line_code, line_answers, longest_run, irv, twin (row of the closest interview of the same hand), twin_share,
        twin_answers, twin_p, twin_p_adjusted, unanswered, unanswered_p, unanswered_p_adjusted, overlap_s, hour,
        distance_m, same_points, accuracy_m, visits); a bool a flag (`near_duplicate`, `straight_line`, `fast`,
        `nonresponse`, `official`, `overlap`, `odd_hour`, `far`, `same_point`); flags, their number. Columns of what
        could not be looked at are left out.
    interviewers : DataFrame
        One row an interviewer and wave: <within>, interviewer, n, seconds (median), flagged (share with a flag);
        for each check its value, `<check>_others` and `<check>_p` (adjusted by Holm for the number of rows);
        official_difference (points of 0-100 by which answers are kinder with an official in earshot); alerts, the
        number of checks with an adjusted p below `alpha`. Values are shares of interviews in 0-1, but for `short`
        (median duration for the path over that of all), `nonresponse` (share of questions asked) and `heaping`
        (Whipple's index, 100 to 500).
    days : DataFrame
        One row an interviewer and day; see `survey.quality._timing.days`.
    icc : DataFrame
        One row an item: icc, conf_low, conf_high, p_value, groups, n, n0, deff.
    looked : tuple of str
        Checks that were made.
    skipped : mapping of str to str
        Checks that were not, and why.
    alpha : float
        Below this adjusted p an interviewer is to be looked at.
    within : tuple of str
    codebook : Codebook
    notes : tuple of str
    source : str
    """

    respondents: pd.DataFrame
    interviewers: pd.DataFrame
    days: pd.DataFrame
    icc: pd.DataFrame
    looked: tuple[str, ...]
    skipped: Mapping[str, str]
    alpha: float = 0.01
    within: tuple[str, ...] = ()
    codebook: Codebook = field(default_factory=Codebook, repr=False)
    notes: tuple[str, ...] = ()
    source: str = ""

    def __repr__(self) -> str:
        return self.to_text()

    @property
    def checks(self) -> tuple[str, ...]:
        """Flags of respondents that were looked at."""
        return tuple(name for name in FLAGS if name in self.respondents.columns)

    def rows(self, checks: str | Iterable[str]) -> pd.Series:
        """Which respondents have a flag: a bool Series for `drop(where=..., reason=...)`, once a person has decided.

        Parameters
        ----------
        checks : str or list of str
            One of `checks`; of several, any.

        Returns
        -------
        Series of bool
            Index of the data.

        Raises
        ------
        CleaningError
            If there is no such flag, or the data had nothing to look at.
        """
        names = listed(checks)
        for name in names:
            if name not in self.checks:
                raise CleaningError(
                    f"There is no flag {name!r}.",
                    got=self.skipped.get(name),
                    expected=shorten(self.checks) or "no flags",
                    fix="choose one of these" if self.checks else "give the columns to be looked at",
                )
        return self.respondents[names].any(axis=1).rename("_".join(names) or "flag")

    def alerts(self) -> pd.DataFrame:
        """What about which interviewer is to be looked at: <within>, interviewer, check, value, others, p_adjusted, n.

        Sorted by p; the table of interviewers turned on its side, alerts only.
        """
        every = self._long()
        return every[every["alert"]].drop(columns="alert").sort_values("p_adjusted", kind="stable", ignore_index=True)

    def _long(self) -> pd.DataFrame:
        t, keys = self.interviewers, [*self.within, "interviewer"]
        parts = []
        for check in self._of_interviewers:
            p = t[f"{check}_p"]
            part = t[keys].assign(
                check=check, value=t[check], others=t[f"{check}_others"], p_adjusted=p, n=t["n"], alert=p < self.alpha
            )
            parts.append(part)
        if not parts:
            columns = [*keys, "check", "value", "others", "p_adjusted", "n", "alert"]
            return pd.DataFrame({c: pd.Series(dtype=bool if c == "alert" else object) for c in columns})
        return pd.concat(parts, ignore_index=True)

    @property
    def _of_interviewers(self) -> list[str]:
        return [name for name in CHECKS if f"{name}_p" in self.interviewers.columns]

    def estimates(self) -> Summary:
        """What a figure takes: one row an interviewer and check.

        Returns
        -------
        Summary
            Statistic "quality": item (the check), <within>, interviewer, value, others, p_adjusted, n, alert (0, 1);
            its level is 1 - alpha.
        """
        table = self._long().rename(columns={"check": "item"})
        table["alert"] = table["alert"].astype(int)
        table = table[["item", *self.within, "interviewer", "value", "others", "p_adjusted", "n", "alert"]]
        named = [Variable(name, "number", catalogue.texts(f"checks.{name}")) for name in CHECKS]
        named.append(Variable("interviewer", "text", catalogue.texts("quality.interviewer")))
        return Summary(
            table,
            "quality",
            (*self.within, "interviewer"),
            codebook=self.codebook.update(*named),
            source=self.source,
            simulated=self.codebook.simulated,
            level=1 - self.alpha,
            words={"item": catalogue.texts("quality.check")},
        )

    def counts(self, lang: str | None = None) -> pd.DataFrame:
        """One row a flag: check, flagged (interviews), share of those that could be looked at.

        Parameters
        ----------
        lang : {"vi", "en"}, optional
            For a table to be shown: checks and headings in words of this language, shares in percent.
        """
        r = self.respondents
        rows = [
            {"check": c, "flagged": int(r[c].sum()), "share": float(np.mean(r[c])) if len(r) else 0.0}
            for c in self.checks
        ]
        table = pd.DataFrame(rows, columns=["check", "flagged", "share"])
        if lang is None:
            return table
        loc.check_language(lang)
        named = table.assign(check=[say(c, lang) for c in table["check"]], share=100 * table["share"])
        return named.rename(columns={name: say(name, lang) for name in table.columns})

    def flagged(self) -> pd.DataFrame:
        """Respondents with a flag, most flags first: id, <within>, interviewer, flags, which."""
        r = self.respondents[self.respondents["flags"] > 0]
        known = [c for c in r.columns if c not in _EVIDENCE and c not in FLAGS]
        which = [", ".join(c for c in self.checks if row[c]) for row in r[list(self.checks)].to_dict("records")]
        return r[known].assign(which=which).sort_values("flags", ascending=False, kind="stable")

    def to_text(self, lang: str | None = None) -> str:
        """A page to be read on a screen: what was looked at, what was found, whom to ask."""
        return _text(self, lang or chosen() or "en")

    def _repr_html_(self) -> str:
        return _html(self, chosen() or "both")

    def to_html(self, path: str | os.PathLike[str], lang: str | None = None) -> None:
        """Write everything to one page of HTML, with every flagged interview.

        Parameters
        ----------
        path : path
        lang : {"vi", "en"}, optional
            The language set by `sv.language`, else Vietnamese, when not given.
        """
        _write(self, path, lang or chosen() or "vi")


_EVIDENCE: tuple[Any, ...] = (
    "seconds",
    "questions_asked",
    "speed_z",
    "line_code",
    "line_answers",
    "longest_run",
    "irv",
    "twin",
    "twin_share",
    "twin_answers",
    "twin_p",
    "twin_p_adjusted",
    "unanswered",
    "unanswered_p",
    "unanswered_p_adjusted",
    "overlap_s",
    "hour",
    "distance_m",
    "same_points",
    "accuracy_m",
    "visits",
)

_MOST = 12


def _one(lang: str) -> str:
    return spoken(lang)[0]


def written(check: str, value: float, lang: str) -> str:
    """The value of a check as it is read: percent, but for a ratio of durations and Whipple's index."""
    if check == "short":
        return "× " + loc.number(value, 2, lang) if value == value else loc.number(value, 2, lang)
    if check == "heaping":
        return loc.number(value, 0, lang)
    return loc.number(100 * value, 1, lang) + ("%" if value == value else "")


def _counts(q: Quality, lang: str) -> pd.DataFrame:
    t, one = q.counts(), _one(lang)
    return pd.DataFrame(
        {
            say("check", lang): [say(c, lang) for c in t["check"]],
            say("flagged", lang): [loc.count(n, one) for n in t["flagged"]],
            say("share", lang): [loc.number(100 * s, 1, one) for s in t["share"]],
        }
    )


def _alerts(q: Quality, lang: str, most: int | None) -> pd.DataFrame:
    t, one = q.alerts().head(most or 10_000), _one(lang)
    out = {loc_name(q, name, lang): [q.codebook.label(name, v, one) for v in t[name]] for name in q.within}
    return pd.DataFrame(
        out
        | {
            say("interviewer", lang): t["interviewer"].tolist(),
            say("check", lang): [say(c, lang) for c in t["check"]],
            say("value", lang): [written(c, v, one) for c, v in zip(t["check"], t["value"], strict=True)],
            say("expected", lang): [written(c, v, one) for c, v in zip(t["check"], t["others"], strict=True)],
            say("p", lang): [loc.p_value(float(p), one) for p in t["p_adjusted"]],
            say("interviews", lang): [loc.count(n, one) for n in t["n"]],
        }
    )


def loc_name(q: Quality, name: str, lang: str) -> str:
    """Name of a column in one or both languages."""
    return " / ".join(dict.fromkeys(q.codebook.short_name(name, code) for code in spoken(lang)))


def _icc(q: Quality, lang: str, most: int | None) -> pd.DataFrame:
    one = _one(lang)
    t = q.icc.dropna(subset="icc").sort_values("icc", ascending=False, kind="stable").head(most or 10_000)
    rows = zip(t["icc"], t["conf_low"], t["conf_high"], strict=True)
    return pd.DataFrame(
        {
            say("item", lang): [q.codebook.short_name(i, one) for i in t["item"]],
            "ICC": [f"{loc.number(x, 3, one)} ({loc.interval(a, b, 3, one)})" for x, a, b in rows],
            "deff": [loc.number(d, 2, one) for d in t["deff"]],
        }
    )


def _sections(q: Quality, lang: str, most: int | None) -> list[tuple[str, pd.DataFrame]]:
    found = [(say("respondents", lang), _counts(q, lang)), (say("interviewers", lang), _alerts(q, lang, most))]
    if len(q.days) and q.days["too_many"].any():
        days = q.days[q.days["too_many"]].sort_values("interviews", ascending=False, kind="stable").head(most or 10_000)
        found.append(
            (
                say("days", lang),
                pd.DataFrame(
                    {
                        say("interviewer", lang): days["interviewer"].tolist(),
                        say("day", lang): [loc.date(d.date(), _one(lang)) for d in days["day"]],
                        say("interviews", lang): [loc.count(n, _one(lang)) for n in days["interviews"]],
                    }
                ),
            )
        )
    if len(q.icc):
        found.append((say("icc", lang), _icc(q, lang, 5 if most else None)))
    return found


def _head(q: Quality, lang: str) -> list[str]:
    lines = [say("simulated", lang)] if q.codebook.simulated else []
    return [*lines, say("nothing_dropped", lang)]


def _foot(q: Quality, lang: str) -> list[str]:
    lines = [f"{say('not_looked_at', lang)}: {say(name, lang)} ({_told(why, lang)})" for name, why in q.skipped.items()]
    return [*lines, *(_told(note, lang) for note in q.notes)]


def _told(note: str, lang: str) -> str:
    """A note in one language or in all."""
    return " / ".join(dict.fromkeys(loc.note(note, code) for code in spoken(lang)))


def _text(q: Quality, lang: str) -> str:
    """Plain text."""
    loc.check_language(lang)
    parts = [say("title", lang), *_head(q, lang)]
    for title, table in _sections(q, lang, _MOST):
        parts += ["", title, table.to_string(index=False) if len(table) else say("none", lang)]
    return "\n".join([*parts, "", *_foot(q, lang)]).rstrip()


def _html(q: Quality, lang: str, most: int | None = _MOST) -> str:
    """A fragment of HTML."""
    sections = [(title, len(table) and markup(_table(table))) for title, table in _sections(q, lang, most)]
    return render(_PART, head=_head(q, lang), sections=sections, nothing=say("none", lang), foot=_foot(q, lang)).rstrip(
        "\n"
    )


_PART = """\
{% for line in head %}
<p>{{ line }}</p>
{% endfor %}
{% for title, table in sections %}
<h4>{{ title }}</h4>
{% if table %}{{ table }}{% else %}<p>{{ nothing }}</p>{% endif %}

{% endfor %}
{% for line in foot %}
<p><small>{{ line }}</small></p>
{% endfor %}"""


def _table(table: pd.DataFrame) -> str:
    page: str = table.to_html(index=False, border=0, classes="survey-quality")
    return page


_STYLE = """\
body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em;line-height:1.4}
table{border-collapse:collapse} th,td{text-align:left;padding:.2em .8em;border-bottom:1px solid #ddd}"""
_BODY = """\
<h1>{{ title }}</h1>
{{ part }}<h2>{{ heading }}</h2>{{ flagged }}"""


def _write(q: Quality, path: str | os.PathLike[str], lang: str) -> None:
    """One page of HTML with every flagged interview."""
    loc.check_language(lang)
    flagged = q.flagged()
    flagged = flagged.assign(which=[", ".join(say(c, lang) for c in w.split(", ")) for w in flagged["which"]])
    for name in q.within:
        flagged[name] = [q.codebook.label(name, code, _one(lang)) for code in flagged[name]]
    heads = {name: loc_name(q, name, lang) for name in flagged.columns if name in q.codebook}
    flagged = flagged.rename(columns={**heads, "which": say("flags", lang), "interviewer": say("interviewer", lang)})
    title = say("title", lang)
    inside = render(
        _BODY,
        title=title,
        part=markup(_html(q, lang, None)),
        heading=say("respondents", lang),
        flagged=markup(_table(flagged.drop(columns="flags"))),
    )
    with writing(path, q.codebook.files, endings=(".html", ".htm")) as temporary:
        temporary.write_text(whole_page(inside, lang=lang, title=title, style=_STYLE), encoding="utf-8")

"""Our numbers compared with those that others published about the same data.

The published ones are facts with a source and a tolerance, kept in `published.toml`, so that notebooks and tests
compare with the same list without retyping a number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.html import markup, render
from survey.base.language import chosen
from survey.base.toml import parsed
from survey.codebook import LANGUAGES, Text
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.narrative import Finding
from survey.words import locale as loc

__all__ = ["Comparison", "Fact", "compare", "fact", "items"]

_QUANTITIES = ("estimate", "conf_low", "conf_high")
_HEADS = ("what", "published", "ours", "interval", "difference", "tolerance", "within", "source")


@dataclass(frozen=True, slots=True)
class Fact:
    """A number about a survey that its makers published and no one can compute from the data."""

    value: float
    text: Text
    source: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Published numbers, ours, and whether they agree.

    Parameters
    ----------
    name : str
        The data set.
    table : DataFrame
        One row a published result: what, published, published_low, published_high (NaN where no interval was
        published), estimate, conf_low, conf_high, difference (ours minus the published number; of an interval the
        largest of the three in size), tolerance, within, unit, source. In the unit of the publication, unrounded.
    texts : tuple of Text
        What each row is, by language.
    """

    name: str
    table: pd.DataFrame
    texts: tuple[Text, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def all_within(self) -> bool:
        """Whether every published number is met within its tolerance."""
        return bool(self.table["within"].all())

    def shown(self, lang: str | None = None) -> pd.DataFrame:
        """The table as text: the published numbers as printed, ours with one decimal more.

        In the language set by `sv.language`, else in English, when none is given.
        """
        lang = loc.check_language(lang or chosen() or "en")
        rows = []
        for row, text in zip(self.table.to_dict("records"), self.texts, strict=True):
            digits = _printed_digits(row["tolerance"])
            published = loc.number(row["published"], digits, lang)
            if math.isfinite(row["published_low"]):
                published += f" ({loc.interval(row['published_low'], row['published_high'], digits, lang)})"
            shown = {
                "what": loc.pick(text, lang) + (" (%)" if row["unit"] == "percent" else ""),
                "published": published,
                "ours": loc.number(row["estimate"], digits + 1, lang),
                "interval": loc.interval(row["conf_low"], row["conf_high"], digits + 1, lang),
                "difference": loc.signed(row["difference"], digits + 2, lang),
                "tolerance": loc.number(row["tolerance"], max(digits, -math.floor(math.log10(row["tolerance"]))), lang),
                "within": catalogue.text("published.yes" if row["within"] else "published.no", lang),
                "source": row["source"],
            }
            rows.append({_head(key, lang): shown[key] for key in _HEADS})
        return pd.DataFrame(rows)

    def finding(self, id: str) -> Finding:
        """Whether everything that was published is reproduced, in words."""
        table, n, met = self.table, len(self), int(self.table["within"].sum())
        numbers = {"published": float(n), "within": float(met)}
        gaps: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
        for unit, part in table.groupby("unit", sort=False):
            gap = float(part["difference"].abs().max())
            digits = _printed_digits(part["tolerance"].min()) + 2
            numbers[f"largest_difference_{unit or 'coefficient'}"] = gap
            key = "published.gap_percent" if unit == "percent" else "published.gap"
            for lang, texts in gaps.items():
                texts.append(catalogue.text(key, lang, gap=loc.number(gap, digits, lang)))
        title = _load()[self.name]["title"]
        said = {
            lang: catalogue.text(
                "published.found",
                lang,
                title=loc.pick(title, lang),
                met=met,
                results=n,
                gaps=catalogue.text("published.and", lang).join(texts),
            )
            for lang, texts in gaps.items()
        }
        return Finding.of(id, said, numbers)

    def to_text(self, lang: str | None = None) -> str:
        """The table as plain text."""
        text: str = self.shown(lang).to_string(index=False)
        return text

    def _repr_html_(self) -> str:
        lang = chosen() or "en"
        shown = self.shown(lang).drop(columns=_head("source", lang))
        return render(
            _PAGE,
            lang=lang,
            table=markup(shown.to_html(index=False, border=0, classes="survey-comparison")),
            met=catalogue.text("published.met", lang, met=int(self.table["within"].sum()), results=len(self.table)),
            head=_head("source", lang),
            sources=list(dict.fromkeys(self.table["source"])),
        )


_PAGE = (
    "<div lang='{{ lang }}'>{{ table }}<p>{{ met }}</p>"
    "<p style='font-size:smaller'>{{ head }}:{% for text in sources %}<br>{{ text }}{% endfor %}</p></div>"
)


def _head(column: str, lang: str) -> str:
    return catalogue.text(f"published.{column}", lang)


def compare(name: str, **results: Estimates) -> Comparison:
    """Compare estimates with what was published about a data set.

    Parameters
    ----------
    name : str
        The data set: "sandiego2015", "lapop_bra23".
    **results : Estimates
        By the name that the list of published numbers gives them: `satisfied=sample.proportion(...)`.

    Returns
    -------
    Comparison
        Only of the results given; shares in percent, as they were published.

    Raises
    ------
    EstimationError
        For an unknown data set or result, a row that is not among the estimates, a share of other answers or an
        interval of another level than the published one.
    """
    listed = _entries(name)
    known = list(dict.fromkeys(n["result"] for n in listed))
    unknown = [r for r in results if r not in known]
    if unknown or not results:
        raise EstimationError(
            "Nothing was published under this name.",
            where=name,
            got=shorten(unknown) or "no result",
            expected=shorten(known),
        )
    entries = [n for n in listed if n["result"] in results]
    table = pd.DataFrame([_compared(n, results[n["result"]]) for n in entries])
    return Comparison(name, table, tuple(n["what"] for n in entries))


def items(name: str, result: str) -> list[str]:
    """The items that a published result is about, in the order of the list."""
    found = [n["row"]["item"] for n in _entries(name) if n["result"] == result]
    return list(dict.fromkeys(found))


def fact(name: str, key: str) -> Fact:
    """A published fact about a survey: `fact("sandiego2015", "completed").value`."""
    facts = _load().get(name, {}).get("facts", {})
    if key not in facts:
        raise EstimationError("No such fact was published.", where=name, got=key, expected=shorten(facts) or "none")
    entry = facts[key]
    return Fact(entry["value"], MappingProxyType(dict(entry["text"])), entry["source"])


def _compared(entry: Mapping[str, Any], e: Estimates) -> dict[str, Any]:
    row = _row(entry, e)
    factor = 100.0 if entry.get("unit") == "percent" else 1.0
    ours = {q: factor * float(row[q]) for q in _QUANTITIES}
    theirs = {q: float(entry[q]) if q in entry else np.nan for q in _QUANTITIES}
    gaps = np.array([ours[q] - theirs[q] for q in _QUANTITIES])
    gap = gaps[np.nanargmax(np.abs(gaps))]
    return {
        "what": entry["what"]["en"],
        "published": theirs["estimate"],
        "published_low": theirs["conf_low"],
        "published_high": theirs["conf_high"],
        **ours,
        "difference": gap,
        "tolerance": entry["tolerance"],
        "within": bool(abs(gap) <= entry["tolerance"]),
        "unit": entry.get("unit", ""),
        "source": entry["source"],
    }


def _row(entry: Mapping[str, Any], e: Estimates) -> pd.Series:
    """The one row of the estimates that a published number is about, once they are known to be comparable."""
    where = f"{entry['result']}: {entry['what']['en']}"
    if "answers" in entry and sorted(e.answers) != sorted(entry["answers"]):
        raise EstimationError(
            "The share counts other answers than the published one.",
            where=where,
            got=shorten(e.answers) or "none",
            expected=shorten(entry["answers"]),
            fix="give levels= or top= as the publication did",
        )
    if "level" in entry and abs(e.level - entry["level"]) > 1e-12:
        raise EstimationError(
            "The confidence level differs from the published one.", where=where, got=e.level, expected=entry["level"]
        )
    found = np.ones(len(e.table), dtype=bool)
    for column, value in entry["row"].items():
        present = column in e.table.columns
        found &= (e.table[column] == value).to_numpy() if present else False
    if found.sum() != 1:
        raise EstimationError(
            "The estimates have no such row, or several.",
            where=where,
            got=f"{int(found.sum())} rows",
            expected=shorten(f"{k} = {v}" for k, v in entry["row"].items()),
        )
    return e.table[found].iloc[0]


def _printed_digits(tolerance: float) -> int:
    """Decimals that a publication printed, from a tolerance of half its last digit: 0.5 is 0, 0.05 is 1."""
    return max(math.ceil(-math.log10(2 * tolerance) - 1e-9), 0)


def _entries(name: str) -> list[dict[str, Any]]:
    data = _load()
    if name not in data:
        raise EstimationError("There are no published figures for this data set.", got=name, expected=shorten(data))
    entries: list[dict[str, Any]] = data[name]["numbers"]
    return entries


@cache
def _load() -> dict[str, Any]:
    return parsed(resources.files("survey.study").joinpath("published.toml").read_text(encoding="utf-8"))

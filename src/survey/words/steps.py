"""The log of cleaning in the language of whoever reads it; it is stored in English."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from survey.base import catalogue
from survey.codebook import MISSING_KINDS
from survey.words import locale as loc

__all__ = ["for_readers", "in_words", "log_in_language", "verb"]

_STORED = "en"
_POWER = re.compile(r"(\d(?:\.\d+)?)(e[+-]\d+)")
_TINY = re.compile(r"\d+(?:[.,]\d+)?e-\d+")
_LEAST = 1e-4
_KINDS = re.compile(rf"\b(?:{'|'.join(kind for kind in MISSING_KINDS if '_' in kind)})\b")
_COLUMNS = re.compile(r"(?<=\s)(\S+) -> (\S+?)(?=[:;,]|$)")
_NUMBER = re.compile(r"(\d[\d,]*)(\.\d+)?(%?)")


def log_in_language(log: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A log with its verbs, steps and reasons in a language; what is in no catalogue stays as it is stored."""
    shown = {}
    for column in ("verb", "what", "reason"):
        if column in log.columns:
            verbs = log["verb"] if "verb" in log.columns else [""] * len(log)
            pairs = zip(verbs, log[column], strict=True)
            shown[column] = [verb(v, lang) if column == "verb" else in_words(text, lang, v) for v, text in pairs]
    return log.assign(**shown)


def verb(name: str, lang: str) -> str:
    """What a verb of the log is called; its own name where it has no other."""
    key = f"verbs.{name}"
    return loc.method(name, lang) if catalogue.find(key, lang) is None else catalogue.text(key, lang)


def in_words(said: str, lang: str, done: str = "") -> str:
    """What a step did, or its reason, in a language.

    Parameters
    ----------
    said : str
        As the log stores it: clauses in English, with semicolons between them.
    lang : str
    done : str, optional
        The verb of the step: a condition of `drop` and a formula of `derive` are nobody's language.

    Examples
    --------
    >>> in_words("1 item turned: FR07", "vi")
    '1 câu được đảo chiều: FR07'
    """
    if lang == _STORED:
        return said
    if done == "recode":
        column, sign, changes = said.partition(": ")
        return column + sign + ", ".join(_clause(c, "step_recodes", lang) or c for c in changes.split(", "))
    clauses = said.split("; ")
    shown = []
    while clauses:  # a note on a file may hold a semicolon; the shortest that is known holds no other note
        told, size = _clause(clauses[0], "steps", lang), 1
        for more in range(1, len(clauses) + 1) if not told else ():
            if told := _note("; ".join(clauses[:more]), lang):
                size = more
                break
        shown.append(told or clauses[0])
        del clauses[:size]
    return "; ".join(shown)


def for_readers(step: str, lang: str, names: Mapping[str, str]) -> str:
    """What a step did as a report says it: weights and missing answers by their names, no powers of ten.

    Parameters
    ----------
    step : str
        In `lang`.
    lang : str
    names : mapping of str to str
        What columns are called.

    Examples
    --------
    >>> for_readers("weights w -> w_final: 3 margins, worst gap 4.2e-16", "en", {"w": "Design weight"})
    'weights “Design weight” → w_final: 3 margins, worst gap <\xa00.0001'
    """

    def named(found: re.Match[str]) -> str:
        return " → ".join(f"“{names[column]}”" if column in names else column for column in found.groups())

    def small(found: re.Match[str]) -> str:
        value = float(found[0].replace(",", "."))
        return f"<{loc.NBSP}{loc.number(_LEAST, 4, lang)}" if value < _LEAST else loc.number(value, 4, lang)

    def kind(found: re.Match[str]) -> str:
        return _kind(found[0], lang)

    return _TINY.sub(small, _COLUMNS.sub(named, _KINDS.sub(kind, step)))


def _clause(said: str, section: str, lang: str) -> str:
    found = catalogue.matched(section, said)
    if found is None:
        return ""
    key, parts = found
    return catalogue.text(key, lang, **{name: _part(name, text, lang) for name, text in parts.items()})


def _note(said: str, lang: str) -> str:
    """A note, or one on a file with its name before it: "a.csv: encoding utf-8, found: every byte fits"."""
    whole = loc.note(said, lang)
    if whole != said:
        return whole
    name, sign, note = said.partition(": ")
    shown = loc.note(note, lang) if sign else note
    return "" if shown == note else name + sign + shown


def _part(name: str, said: str, lang: str) -> object:
    if name.startswith("n_"):
        found = catalogue.matched("step_counts", said)
        if found is None:
            return said
        return catalogue.text(found[0], lang, n=int(found[1]["n"].replace(",", "")))
    if name == "kinds":
        pairs = (k.partition(" ") for k in said.split(", "))
        return ", ".join(f"{_kind(kind, lang)} {_part('', n, lang)}" for kind, _, n in pairs)
    if name == "rule":
        return _clause(said, "step_rules", lang) or said
    if name == "kind":
        return _kind(said, lang)
    if power := _POWER.fullmatch(said):
        mantissa, exponent = power.groups()
        return loc.number(float(mantissa), len(mantissa.partition(".")[2]), lang) + exponent
    number = _NUMBER.fullmatch(said)
    if number is None:
        return loc.note(said, lang)
    whole, decimals, percent = number.groups()
    value = float(whole.replace(",", "") + (decimals or ""))
    return loc.number(value, len(decimals) - 1 if decimals else 0, lang) + percent


def _kind(name: str, lang: str) -> str:
    return catalogue.text(f"codebook.{name}", lang) if name in MISSING_KINDS else name

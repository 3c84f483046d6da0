"""study.toml, the page on how to go on, and the other texts of a new study's folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from survey.base.catalogue import LANGUAGES, text, texts
from survey.study.new.draft import Draft
from survey.study.new.notebooks import NAMES

__all__ = ["IGNORED", "readme", "study_toml"]

SURVEY = "respondents"
"""The name of the one survey of a new study."""
IGNORED = "# Answers of people: not for a public place, unless the law and the respondents permit it.\n/data/\n"
"""What version control is to leave alone."""
_DESIGN = {"weight": "weights", "stratum": "strata", "psu": "psu", "fpc": "fpc"}


def study_toml(draft: Draft, *, id: str, title: str, data: str, forms: Sequence[str], lang: str) -> str:
    """The study.toml of a draft, in which every guess is marked.

    Parameters
    ----------
    draft : Draft
    id, title : str
    data : str
        Name of the file of answers, beside it.
    forms : sequence of str
        Names of the XLSForms, beside it.
    lang : str
        The language of the study and of the remarks.
    """

    def told(key: str, **values: object) -> str:
        return "# " + text(f"new.{key}", lang, **values)

    def guess(part: str) -> str:
        return "" if part in draft.said else f"   # {text('new.to_check', lang)} {text('new.toml_guess', lang)}"

    reading = {**draft.how, **({"form": forms[0] if len(forms) == 1 else list(forms)} if forms else {})}
    sources = texts("new.source", file=data, n=draft.rows)
    lines = [
        *(f"# {line}" for line in text("new.toml_head", lang, file=data).splitlines()),
        "",
        "[study]",
        f"id = {_value(id)}",
        f"title = {_words(dict.fromkeys(LANGUAGES, title))}",
        f"source = {_words(sources)}   {told('toml_source')}",
        'codebook = "codebook.toml"',
        f"language = {_value(lang)}",
        "",
        f"[surveys.{SURVEY}]",
        f"files = [{_value(data)}]",
    ]
    if reading:
        lines.append(f"read = {_value(reading)}")
    design = {key: draft.parts[part] for part, key in _DESIGN.items() if part in draft.parts}
    waiting = {key: draft.waiting[part] for part, key in _DESIGN.items() if part in draft.waiting}
    if design:
        lines.append(f"design = {_value({'weights': design.pop('weights', False), **design})}")
    else:
        lines.append(told("toml_no_design"))
    if waiting and not design:
        lines.append(f"# {text('new.to_check', lang)} {text('new.toml_waiting', lang)}")
        lines.append(f"# design = {_value({'weights': waiting.pop('weights', False), **waiting})}")
    lines += ["", "[notebooks]", f"run = {_value(list(NAMES))}", ""]
    lines += _plan(draft)
    lines += ["[report]", 'preset = "first"']
    if draft.scores:
        lines.append(told("toml_scores", scores=", ".join(draft.scores)))
    for part, key in (("overall", "overall"), ("ward", "unit"), ("wave", "period"), ("date", "dates")):
        if part in draft.parts:
            lines.append(f"{key} = {_value(draft.parts[part])}{guess(part)}")
        elif part == "overall":
            lines.append(told("toml_no_overall"))
        elif part == "ward":
            lines.append(told("toml_no_unit"))
    groups = [*draft.groups, *(["age_group"] if draft.age else [])]
    if groups:
        lines.append(f"groups = {_value(groups)}")
    return "\n".join(lines) + "\n"


def _plan(draft: Draft) -> list[str]:
    """The primary outcomes that the form declares, compared by wave, else by ward, else by the first breakdown."""
    if not draft.primary:
        return []
    by = [draft.parts[part] for part in ("wave", "ward") if part in draft.parts] or list(draft.groups)
    breakdowns = [f"breakdowns = {_value(by[:1])}"] if by else []
    derived = [name for name in draft.primary if name in draft.scores]
    return [
        "[plan]",
        f"derived = {_value(derived)}",
        "",
        "[plan.primary]",
        f"label = {_words(texts('new.primary'))}",
        f"outcomes = {_value(list(draft.primary))}",
        *breakdowns,
        "",
    ]


def readme(draft: Draft, *, title: str, data: str, lang: str) -> str:
    """The page of the study in its language: what to type, what was guessed, what cannot be said."""
    guesses = [
        text("new.readme_part", lang, part=text(f"new.part_{part}", lang), column=column)
        for part, column in draft.parts.items()
        if part not in draft.said
    ]
    guesses += [
        text("new.readme_waiting", lang, part=text(f"new.part_{part}", lang), column=column)
        for part, column in draft.waiting.items()
    ]
    for score in draft.scores:
        items = [v.short_name(lang) for v in draft.book.variables.values() if v.scored and v.dimension == score]
        name = draft.book.dimensions.get(score, {}).get(lang, score)
        guesses.append(text("new.readme_score", lang, score=name, items="; ".join(items)))
    left = [
        text("new.readme_personal", lang, column=column, kinds=kinds) for column, kinds in draft.left_out(lang).items()
    ]
    limits = [] if draft.reportable else [text("new.readme_no_scale", lang)]
    limits += [] if "weight" in draft.parts else [text("new.readme_no_weights", lang)]
    limits += [] if {"psu", "stratum"} & set(draft.parts) else [text("new.readme_no_design", lang)]
    return text(
        "new.readme",
        lang,
        title=title,
        file=data,
        n=draft.rows,
        guesses=_list(guesses) or text("new.readme_no_guess", lang),
        limits=_list(limits) or text("new.readme_no_limit", lang),
        personal=_list(left) or text("new.readme_no_personal", lang),
    )


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


_BARE = re.compile(r"[A-Za-z0-9_-]+")


def _value(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        pairs = (f"{k if _BARE.fullmatch(k) else json.dumps(k)} = {_value(v)}" for k, v in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _words(words: Mapping[str, str]) -> str:
    return _value(dict(words))

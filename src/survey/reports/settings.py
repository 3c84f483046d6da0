"""What `[report]` of a study.toml says: which parts in which order, of which samples, with which words of one's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.arguments import listed, one_of
from survey.base.toml import refuse_shapes, refuse_unknown, table
from survey.codebook import LANGUAGES, Text
from survey.errors import StudyError, shorten

__all__ = ["BLOCK", "PARTS", "PRESETS", "RESERVED", "Pilot", "Preset", "Settings", "preset", "settings_of"]

_FOLDER = Path(__file__).parent / "presets"
PRESETS: tuple[str, ...] = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
"""Names of the reports that are ready-made."""
PARTS = (
    "summary",
    "asked",
    "dimensions",
    "satisfaction",
    "questions",
    "wards",
    "pilot",
    "businesses",
    "limits",
    "methods",
    "tables",
    "profiles",
    "suppressed",
)
"""Every part that a report can have."""
RESERVED = ("items", "methods", "overall", "pilot", "profile", "questions", "weights")
"""What names of results begin with that are not those of a score."""
BLOCK = "block:"
"""Before the name of an author's own block in the list of parts."""

_KEYS = {
    "": {
        *("preset", "title", "parts", "scores", "users", "unit", "period", "overall", "groups", "dates", "samples"),
        *("response", "pilot", "blocks", "office", "reasons"),
    },
    "response": {"files", "code"},
    "pilot": {"column", "treated", "untreated"},
    "office": {"parent", "name", "number", "place", "date", "position", "signer", "recipients"},
}
_SHAPES = {
    "": {
        **dict.fromkeys(("preset", "users", "unit", "period", "overall", "dates"), "text"),
        **dict.fromkeys(("parts", "scores", "groups"), "text or texts"),
        "title": "words",
    },
    "response": {"files": "text or texts", "code": "text"},
    "pilot": {"column": "text", "treated": "value", "untreated": "value"},
    "office": dict.fromkeys(_KEYS["office"], "words"),
}


@dataclass(frozen=True, slots=True)
class Pilot:
    """Which wards have the programme that is evaluated, and which are compared with them: codes of a column."""

    column: str
    treated: Any
    untreated: Any


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of report: its title and the parts that it has, in order; whether items are told as satisfied shares."""

    name: str
    title: Text
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """What a report is made of.

    Parameters
    ----------
    preset : Preset
    parts : tuple of str
        In order, of `PARTS`, or "block:NAME".
    title : Text
    scores : tuple of str
        Columns of scores, one a dimension; those of the codebook's dimensions that there are when not given.
    users : str
        Whose answers scores describe, as an expression; "" for everyone.
    unit, period, overall, dates : str
        Columns of wards, of waves, of the item of overall satisfaction, of the day of interview; "" for none.
    groups : tuple of str
        Columns that overall satisfaction is broken down by.
    samples : mapping of survey to name
        What each survey was saved as; the first is that of residents.
    response_files, response_code
        Files of those who were drawn and did not answer, and the column of final dispositions.
    pilot : Pilot or None
    blocks : mapping of name to Text
        Markdown by language.
    office : mapping of str to Text
        What an official report says at its head and its end.
    reasons : mapping of str to Text
        Reasons in the cleaning log, in any language, to the same in each.
    """

    preset: Preset
    parts: tuple[str, ...]
    title: Text
    scores: tuple[str, ...] = ()
    users: str = ""
    unit: str = ""
    period: str = ""
    overall: str = ""
    groups: tuple[str, ...] = ()
    dates: str = ""
    samples: Mapping[str, str] = field(default_factory=dict)
    response_files: tuple[Path, ...] = ()
    response_code: str = "disposition"
    pilot: Pilot | None = None
    blocks: Mapping[str, Text] = field(default_factory=dict)
    office: Mapping[str, Text] = field(default_factory=dict)
    reasons: Mapping[str, Text] = field(default_factory=dict)


@cache
def preset(name: str) -> Preset:
    """A ready-made kind of report.

    Raises
    ------
    StudyError
        If there is none of that name.
    """
    one_of(name, PRESETS, "preset", StudyError, where="preset")
    raw = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Preset(name, MappingProxyType(dict(raw["title"])), tuple(raw["parts"]))


def settings_of(raw: Mapping[str, Any], path: Path, chosen: str | None = None) -> Settings:
    """Read `[report]`.

    Parameters
    ----------
    raw : mapping
        The table; empty where the study has none.
    path : Path
        The study.toml, beside which its files are.
    chosen : str, optional
        A preset in place of the study's own; then its parts are those of the preset.

    Raises
    ------
    StudyError
        For an unknown key, part or preset, a value of another shape, or a file that does not exist.
    """
    where = f"{path}, [report]"
    refuse_unknown(raw, _KEYS[""], "The report", where, StudyError)
    refuse_shapes(raw, _SHAPES[""], "The report", where, StudyError)
    tables = {}
    for key in ("response", "pilot", "office", "samples", "blocks"):
        tables[key] = table(raw, key, "study", path, StudyError, of_tables=key == "blocks")
        if key in _KEYS:
            refuse_unknown(tables[key], _KEYS[key], "The report", f"{path}, [report.{key}]", StudyError)
            refuse_shapes(tables[key], _SHAPES[key], "The report", f"{path}, [report.{key}]", StudyError)
    kind = preset(chosen or raw.get("preset", "ward"))
    blocks = {name: _text(entry, f"{path}, [report.blocks.{name}]") for name, entry in tables["blocks"].items()}
    own = listed(raw.get("parts", ())) if chosen in (None, raw.get("preset", "ward")) else []
    return Settings(
        preset=kind,
        parts=_parts(own or list(kind.parts), blocks, where),
        title=_words(raw["title"]) if "title" in raw else kind.title,
        scores=tuple(listed(raw.get("scores", ()))),
        groups=tuple(listed(raw.get("groups", ()))),
        **{key: raw.get(key, "") for key in ("users", "unit", "period", "overall", "dates")},
        samples=MappingProxyType(_samples(tables["samples"], f"{path}, [report.samples]")),
        response_files=tuple(_file(path.parent / f, where) for f in listed(tables["response"].get("files", ()))),
        response_code=tables["response"].get("code", "disposition"),
        pilot=_pilot(tables["pilot"], f"{path}, [report.pilot]"),
        blocks=MappingProxyType(blocks),
        office=MappingProxyType({key: _words(value) for key, value in tables["office"].items()}),
        reasons=MappingProxyType(_reasons(raw.get("reasons", ()), f"{where}, reasons")),
    )


def _parts(named: list[str], blocks: Mapping[str, Text], where: str) -> tuple[str, ...]:
    known = (*PARTS, *(BLOCK + name for name in blocks))
    unknown = [name for name in named if name not in known]
    if unknown:
        raise StudyError(
            "The report has no such part.",
            where=f"{where}, parts",
            got=shorten(unknown),
            expected=shorten(known, 20),
            fix="correct the name, or add the block as [report.blocks.NAME]",
        )
    return tuple(dict.fromkeys(named))


def _pilot(raw: Mapping[str, Any], where: str) -> Pilot | None:
    if not raw:
        return None
    missing = sorted(_KEYS["pilot"] - set(raw))
    if missing:
        raise StudyError(
            "The pilot of a report is incomplete.",
            where=where,
            got=f"no {shorten(missing)}",
            expected='column = "...", treated = CODE, untreated = CODE',
            fix="add it, or remove [report.pilot]",
        )
    return Pilot(raw["column"], raw["treated"], raw["untreated"])


def _reasons(raw: Any, where: str) -> dict[str, Text]:
    """Each reason in each language that it is given in, to all of them."""
    if not isinstance(raw, list | tuple) or not all(isinstance(entry, dict) for entry in raw):
        raise StudyError(
            "Reasons of the cleaning log are a list of texts by language.",
            where=where,
            got=shorten([raw] if isinstance(raw, str) else raw) if isinstance(raw, str | list) else str(type(raw)),
            expected='reasons = [{ vi = "...", en = "..." }]',
            fix="write each reason in each language",
        )
    found: dict[str, Text] = {}
    for entry in raw:
        told = _text(entry, where)
        found |= dict.fromkeys(told.values(), told)
    return found


def _samples(raw: Mapping[str, Any], where: str) -> dict[str, str]:
    refuse_shapes(raw, dict.fromkeys(raw, "text"), "The report", where, StudyError)
    return dict(raw)


def _text(raw: Mapping[str, Any], where: str) -> Text:
    refuse_unknown(raw, LANGUAGES, "A block of the report", where, StudyError)
    refuse_shapes(raw, dict.fromkeys(raw, "text"), "A block of the report", where, StudyError)
    if not raw:
        raise StudyError("A block of the report is empty.", where=where, expected='vi = "...", en = "..."')
    return MappingProxyType(dict(raw))


def _words(value: Any) -> Text:
    return MappingProxyType(dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else dict(value))


def _file(path: Path, where: str) -> Path:
    if not path.is_file():
        raise StudyError(
            "The report names a file that does not exist.",
            where=where,
            got=path,
            fix="correct the name, or remove it from [report.response]",
        )
    return path

"""A draw from files: a design in TOML, the frame it names, and the log that proves it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from survey import __version__
from survey.base.catalogue import Note
from survey.base.cells import second_table
from survey.base.files import sha256
from survey.base.toml import read_toml
from survey.drawing.design import DrawDesign
from survey.drawing.draw import Draw, drawn_by
from survey.drawing.listing import content_hash
from survey.drawing.random_numbers import SCHEME
from survey.drawing.storage import LOG, fingerprint, made_files, read_log, refuse_other_scheme
from survey.errors import DesignError, SurveyWarning, shorten
from survey.io.reading import read

__all__ = ["Verification", "draw_file", "verify"]

_TEXT = (".csv", ".tsv", ".txt")
_HOW = ("sheet", "separator", "encoding")
"""What may be said of how to read a list: of a workbook, and of CSV."""


def draw_file(path: str | os.PathLike[str]) -> Draw:
    """Draw by a design in TOML; nothing is written.

    Parameters
    ----------
    path : path
        Its keys are the arguments of `sv.draw`, with `frame` the file of the list, and `list` in [households] that of
        the households; paths are relative to the file.

    Raises
    ------
    DesignError
        For a file that is no such design; and as `sv.draw`.
    ReadError
        For a frame that cannot be read.
    """
    file = Path(path)
    raw = read_toml(file, "design of the draw", DesignError)
    design = dict(raw)
    frame = _named(design, "frame", file, needed=True)
    homes = None
    if isinstance(design.get("households"), Mapping):
        design["households"] = dict(design["households"])
        homes = _named(design["households"], "list", file, needed=False)
    checked = DrawDesign.of(design, str(file))
    files = {"frame": frame} | ({} if homes is None else {"households": homes})
    tables = {name: _table(at.path, at.how) for name, at in files.items()}
    known = {name: {"file": str(at.path), **at.how, "sha256": sha256(at.path)} for name, at in files.items()}
    notes = [Note("draw.no_end", file=at.path.name) for at in files.values() if _may_be_cut(at.path)]
    return drawn_by(checked, tables["frame"], tables.get("households"), files=known, notes=notes)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    how: dict[str, str]


def _named(table: dict[str, Any], key: str, design: Path, *, needed: bool) -> Any:
    """The file that a key names, taken out of the table: "groups.csv", or {file = "lists.xlsx", sheet = "groups"}."""
    given = table.pop(key, None)
    if given is None and not needed:
        return None
    named = {"file": given} if isinstance(given, str) else given
    if (
        not isinstance(named, Mapping)
        or not set(named) <= {"file", *_HOW}
        or not all(isinstance(v, str) and v for v in named.values())
        or "file" not in named
    ):
        raise DesignError(
            "The design does not name the file that is drawn from.",
            where=f"{design}, {key}",
            got="nothing" if given is None else repr(given)[:80],
            expected=f'{key} = "groups.csv", or {key} = {{file = "lists.xlsx", sheet = "groups"}}',
        )
    return _File(design.parent / named["file"], {k: named[k] for k in _HOW if k in named})


def _may_be_cut(path: Path) -> bool:
    """Whether a text file ends without a line break: whole in some programs, and what half a download looks like."""
    return path.suffix.lower() in _TEXT and not {10, 13} & set(path.read_bytes()[-2:])


def _table(path: Path, how: Mapping[str, str]) -> pd.DataFrame:
    """A list as a table. The cells of CSV are text as they stand: codes keep their zeros, sizes are read strictly."""
    if not path.is_file():
        raise DesignError(
            "The file that is drawn from does not exist.", where=path, fix="correct the path, or put the file there"
        )
    if path.suffix.lower() in _TEXT:
        return second_table(path, encoding=how.get("encoding"), separator=how.get("separator"))
    with warnings.catch_warnings():  # of names and addresses in it: they are there to be found by
        warnings.simplefilter("ignore", SurveyWarning)
        return read(path, sheet=how.get("sheet")).data


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a draw was reproduced, file by file.

    Parameters
    ----------
    table : DataFrame
        file; drawn, the file drawn again against the log ("same", "other"; "worded": sheets of the same sample in the
        words of another version); kept, the file in the folder against the log ("same", "changed", "missing"). The
        log itself is among them where it says something else than was drawn again.
    identical : bool
        Whether all of it is the same but for words.
    version : str
        Of the package that drew.
    """

    table: pd.DataFrame
    identical: bool
    version: str


def verify(
    log: str | os.PathLike[str],
    *,
    frame: str | os.PathLike[str] | None = None,
    households: str | os.PathLike[str] | None = None,
) -> Verification:
    """Draw again by a log, and compare every file with the log and with what is in the folder.

    Parameters
    ----------
    log : path
        The folder of a draw, or its draw-log.json.
    frame, households : path, optional
        Where the lists are now; by default where they were.

    Raises
    ------
    DesignError
        If a list is not there or says something else than the one that was drawn from.
    """
    folder, held = read_log(Path(log))
    refuse_other_scheme(held, SCHEME)
    tables = {}
    for name, given in (("frame", frame), ("households", households)):
        if name in held["frames"]:
            tables[name] = _same_table(folder, held["frames"][name], name, given)
    design = DrawDesign.of(held["design"], f"{folder}, design")
    drawn = drawn_by(design, tables["frame"], tables.get("households"), date=held["date"])
    made = made_files(drawn)
    rows = []
    for name in dict.fromkeys([*made, *held["files"]]):
        logged = held["files"].get(name)
        again = fingerprint(name, made[name]) if name in made else None
        worded = name.startswith("sheets/") and held.get("survey") != __version__
        state = "same" if again == logged else "worded" if worded else "other"
        rows.append((name, state, _kept(folder / name, name, logged)))
    if not _says_the_same(held, drawn.log):
        rows.append((LOG, "other", "changed"))
    table = pd.DataFrame(rows, columns=["file", "drawn", "kept"])
    identical = table["drawn"].isin(["same", "worded"]).all() and (table["kept"] == "same").all()
    return Verification(table, bool(identical), str(held.get("survey")))


def _says_the_same(held: Mapping[str, Any], drawn: Mapping[str, Any]) -> bool:
    """Whether a log says what is drawn again: all but its date, the files of its lists, and notes in other words."""
    same = all(held.get(key) == drawn[key] for key in ("seed", "design_sha256", "drawn", "strata"))
    return same and (held.get("survey") != __version__ or set(drawn["notes"]) <= set(held["notes"]))


def _kept(file: Path, name: str, logged: str | None) -> str:
    if not file.is_file():
        return "missing"
    content = file.read_bytes()
    try:
        return "same" if fingerprint(name, content) == logged else "changed"
    except Exception:  # a Word document that is none
        return "changed"


def _same_table(folder: Path, held: Mapping[str, Any], name: str, given: Any) -> pd.DataFrame:
    if given is None and "file" not in held:
        raise DesignError(
            "The log does not say which file was drawn from.",
            where=f"{folder}, frames, {name}",
            got="a DataFrame",
            expected="the file",
            fix=f"name it: --{'frame' if name == 'frame' else 'list'} FILE",
        )
    path = Path(given) if given is not None else folder / held["file"]
    alike = path.suffix.lower() == Path(held.get("file", path)).suffix.lower()
    table = _table(path, {k: held[k] for k in _HOW if k in held and alike})
    found = content_hash(table)
    if found != held["content_sha256"]:
        raise DesignError(
            "This is not the list that was drawn from.",
            where=path,
            got=f"{len(table)} rows, content {found[:12]}",
            expected=f"{held.get('rows')} rows, content {shorten([held['content_sha256'][:12]])}",
            fix=f"find the list of the day of the draw, and name it: --{'frame' if name == 'frame' else 'list'} FILE",
        )
    return table

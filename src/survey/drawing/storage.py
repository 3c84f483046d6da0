"""A draw as a folder: sample, reserves, sheets and log, written once, read again, and compared with another drawing."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from survey.base.arguments import one_of
from survey.base.catalogue import LANGUAGES
from survey.base.cells import second_table
from survey.base.files import together, writing
from survey.base.spreadsheet import for_spreadsheets, harmless
from survey.drawing.adults import adult_columns
from survey.drawing.design import DrawDesign
from survey.drawing.drawn import DrawData
from survey.drawing.sheets import Sheets
from survey.drawing.word_file import content_sha256
from survey.drawing.workbook import refuse_ending
from survey.errors import DesignError, ExportError, shorten

__all__ = ["LOG", "fingerprint", "made_files", "read", "read_log", "to_docx", "write"]

LOG = "draw-log.json"
_TABLES = ("sample.csv", "reserves.csv")
_WHOLE = ("certain", "reserve_unit", "reserve_household")
_REAL = ("prob_unit", "prob_household", "prob", "base_weight")


def to_docx(self: DrawData, path: str | os.PathLike[str], *, lang: str = "vi") -> Path:
    """Write the assignment sheets of all strata into one Word document; `write` makes one of each.

    Parameters
    ----------
    path : path
        Ends in .docx.
    lang : {"vi", "en"}
    """
    one_of(lang, LANGUAGES, "language", ExportError, where="lang")
    refuse_ending(path, ".docx")
    with writing(path, endings=(".docx",)) as temporary:
        temporary.write_bytes(Sheets(self).document(lang))
    return Path(path)


def write(self: DrawData, folder: str | os.PathLike[str], *, again: bool = False) -> Path:
    """Write sample.csv, reserves.csv, the sheets of every stratum in every language, and draw-log.json, all or nothing.

    Parameters
    ----------
    folder : path
        New, or without a draw.
    again : bool
        The files of a draw that the folder holds are moved to FOLDER.1 (.2, ...), and the new log says so. Without it
        the folder is refused: a sample that was drawn until it pleased is no random sample.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ExportError
        If the folder holds a draw and `again` is not given, or other files with these names.
    """
    target = Path(folder)
    earlier = _earlier(target)
    if earlier is not None and not again:
        raise ExportError(
            "This folder holds a draw already, and a draw is never replaced.",
            where=target,
            got=f"drawn on {earlier.get('date')}, seed {earlier.get('seed')}",
            expected="a folder without a draw",
            fix="write to another folder; if a new draw is meant, say so with --again (again=True): the earlier one is "
            "kept beside it, and the new log says that there was one",
        )
    files = made_files(self)
    frames = {name: _beside(frame, target) for name, frame in self.log["frames"].items()}
    log = {**self.log, "frames": frames, "files": {name: fingerprint(name, content) for name, content in files.items()}}
    kept = [] if earlier is None else _files_of_draws(target)
    aside = target
    if earlier is not None:
        whole = Path(os.path.abspath(target))
        aside = next(p for p in (whole.with_name(f"{whole.name}.{i}") for i in range(1, 10_000)) if not p.exists())
        log["replaces"] = {"folder": aside.name} | {k: earlier.get(k) for k in ("date", "seed", "design_sha256")}
    with together(fresh=earlier is None):
        for name in kept:
            with writing(aside / name) as temporary:
                shutil.copyfile(target / name, temporary)
        for name, content in {**files, LOG: _json(log)}.items():
            with writing(target / name) as temporary:
                temporary.write_bytes(content)
    for name in set(kept) - {*files, LOG}:  # of a stratum that is no more
        (target / name).unlink()
    return target


def made_files(self: DrawData) -> dict[str, bytes]:
    """The content of every file of a draw but the log, by name."""
    files = {"sample.csv": _csv(self.table), "reserves.csv": _csv(self.reserves)}
    made = Sheets(self)
    width = len(str(len(made.strata)))
    for lang in LANGUAGES:
        for i, stratum in enumerate(made.strata, 1):
            name = "-".join(filter(None, [f"{i:0{width}d}", _slug(" ".join(stratum))]))
            files[f"sheets/{lang}/{name}.docx"] = made.document(lang, [stratum])
    return files


def fingerprint(name: str, content: bytes) -> str:
    """SHA-256 of a file; of a Word document what it holds, however it was packed."""
    return content_sha256(content) if name.endswith(".docx") else hashlib.sha256(content).hexdigest()


def read_log(path: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of a draw and its log.

    Raises
    ------
    DesignError
        If there is none, or it is no log of a draw.
    """
    file = path / LOG if path.is_dir() else path
    try:
        log = json.loads(file.read_text(encoding="utf-8"))
        shapes = {"files": dict, "design": dict, "seed": int, "scheme": str, "strata": list, "notes": list}
        if not isinstance(log, dict) or any(not isinstance(log[key], shape) for key, shape in shapes.items()):
            raise TypeError("no log of a draw")
        _ = (dt.date.fromisoformat(log["date"]), log["frames"]["frame"]["content_sha256"])
    except FileNotFoundError:
        raise DesignError(
            "There is no log of a draw.", where=file, fix="name the folder of a draw, or its draw-log.json"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise DesignError(
            "The log of the draw cannot be read.",
            where=file,
            got=type(problem).__name__,
            expected="the draw-log.json that `survey draw` wrote",
        ) from None
    return file.parent, log


def read(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, Mapping[str, Any], DrawDesign]:
    """The fields of a draw, from its folder.

    Raises
    ------
    DesignError
        If the folder holds no draw, or sample or reserves were changed since.
    """
    folder, log = read_log(path)
    tables = []
    for name in _TABLES:
        file = folder / name
        if not file.is_file() or fingerprint(name, file.read_bytes()) != log["files"].get(name):
            raise DesignError(
                "A file of the draw is missing, or was changed after it was drawn.",
                where=file,
                got="another SHA-256 than in the log" if file.is_file() else "no file",
                expected=str(log["files"].get(name)),
                fix=f"draw it again from its log: survey draw --verify {folder / LOG} shows what differs",
            )
        table = second_table(file, encoding="utf-8", separator=",")
        tables.append(table.set_axis([_without_apostrophe(c) for c in table.columns], axis=1))
    design = DrawDesign.of(log["design"], f"{folder / LOG}, design")
    return _typed(tables[0], design), _typed(tables[1], design), log, design


def _typed(table: pd.DataFrame, design: DrawDesign) -> pd.DataFrame:
    whole = {*_WHOLE, *adult_columns(design.adult, [""], design.seed, ())[0]} - {"kish"}
    made = {}
    for name in table.columns:
        column = table[name]
        if name in whole:
            made[name] = column.astype("int64")
        elif name in _REAL:
            made[name] = column.astype("float64")
        else:
            made[name] = column.map(_without_apostrophe)
    return pd.DataFrame(made)


def _without_apostrophe(value: Any) -> Any:
    bare = value[1:] if isinstance(value, str) and value.startswith("'") else value
    return bare if bare is not value and harmless(bare) == value else value


def _earlier(folder: Path) -> dict[str, Any] | None:
    if not (folder / LOG).exists():
        return None
    try:
        return read_log(folder)[1]
    except DesignError:
        return {}


def _files_of_draws(folder: Path) -> list[str]:
    """What of a folder a draw wrote, by name: other files in it are the user's, and stay where they are."""
    files = [folder / LOG, *(folder / name for name in _TABLES), *sorted(folder.glob("sheets/*/*.docx"))]
    return [file.relative_to(folder).as_posix() for file in files if file.is_file()]


def _beside(frame: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What the log says of a list, its file as it is found from the folder of the log: no path of this machine."""
    if "file" not in frame:
        return dict(frame)
    try:
        path = Path(os.path.relpath(frame["file"], folder)).as_posix()
    except ValueError:  # another drive
        path = Path(frame["file"]).name
    return {**frame, "file": path}


def _csv(table: pd.DataFrame) -> bytes:
    """With a byte order mark Excel reads Vietnamese letters as they are; texts that it would compute are texts."""
    target = io.StringIO()
    for_spreadsheets(table).to_csv(target, index=False, lineterminator="\n")
    return target.getvalue().encode("utf-8-sig")


def _json(log: Mapping[str, Any]) -> bytes:
    return (json.dumps(log, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:40]


def refuse_other_scheme(log: Mapping[str, Any], known: str) -> None:
    """Raise for a log of another way from a seed to a sample."""
    if log["scheme"] != known:
        raise DesignError(
            "The draw was made in a way that this version does not know.",
            where="log, scheme",
            got=shorten([log["scheme"]]),
            expected=known,
            fix=f"use version {log.get('survey')} of the package",
        )

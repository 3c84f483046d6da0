"""What became of a notebook when it ran, and what it was made from: with this, it need not run again."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from survey.base.digest import digest
from survey.base.files import sha256, writing
from survey.opendata.download import HOME_VARIABLE
from survey.study.study_file import PROCESSED, PROCESSED_OF

__all__ = ["Record", "environment", "hash_of", "read_record", "write_record"]

_FORMAT = 1
_VARIABLES = ("SURVEY_", "LC_", "LANG", "TZ", "MPL", "MATPLOTLIB", "PYTHON", "OPENBLAS_", "OMP_", "MKL_", "SOURCE_DATE")
_NEEDLESS = {
    *(PROCESSED, PROCESSED_OF, HOME_VARIABLE),  # open data are held to their hashes wherever they lie
    *("SURVEY_PINS", "SURVEY_REQUIRE_ALL", "SURVEY_TEST_ALL"),  # of make and the tests
    *("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONWARNINGS"),
}
"""Variables of these names that no result depends on: `make reproduce` and `survey reproduce` give the same."""
_FONTS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"),
    "darwin": ("/Library/Fonts", "/System/Library/Fonts", "~/Library/Fonts"),
    "win32": ("~/AppData/Local/Microsoft/Windows/Fonts", os.environ.get("WINDIR", "C:/Windows") + "/Fonts"),
}


@dataclass(frozen=True)
class Record:
    """One run of a notebook.

    Parameters
    ----------
    key : str
        Digest of its source, the raw files, the code, and the environment.
    folder : str
        Where its files are kept.
    outputs : mapping of str to str
        SHA-256 of every file that it left, by its path from the processed folder.
    findings : list
        In the order it kept them, as JSON has them.
    hidden : mapping of str to mapping
        What its exhibits hide, in the order of export; see `disclosure_ledger`.
    reads : mapping of str to str
        SHA-256 of what it read of the notebooks before it.
    whole : str or None
        Digest of all that the notebooks before it left, if it may have looked at all of it.
    beside : str
        Digest of what the exhibits before it hide, as it found it or as it was checked against.
    outside : mapping of str to str
        SHA-256 of further files that it opened, by their path; "" where there is none any more.
    strays : bool
        Whether it wrote elsewhere: then it runs every time.
    seconds : float
    """

    key: str
    folder: str
    outputs: Mapping[str, str]
    findings: list[dict[str, Any]]
    hidden: Mapping[str, dict[str, Any]]
    reads: Mapping[str, str]
    whole: str | None
    beside: str
    outside: Mapping[str, str]
    strays: bool
    seconds: float


def read_record(path: Path) -> Record | None:
    """A record as it was written; None where there is none that can be used."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.pop("format") != _FORMAT:
            return None
        found = Record(**raw)
        dicts = (found.outputs, found.hidden, found.reads, found.outside)
        whole = all(isinstance(d, dict) for d in dicts) and isinstance(found.findings, list)
        return found if whole and all("place" in entry for entry in found.hidden.values()) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def write_record(path: Path, record: Record) -> None:
    """Write a record, whole or not at all."""
    with writing(path) as temporary:
        text = json.dumps({"format": _FORMAT, **asdict(record)}, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")


def hash_of(path: Path) -> str:
    """SHA-256 of a file; "" where there is none that can be read."""
    try:
        return sha256(path)
    except (OSError, ValueError):
        return ""


def environment() -> str:
    """Digest of what else results and their look may depend on: installed libraries, Python, machine, fonts, locale."""
    installed = {
        entry.name
        for folder in {p for p in sys.path if os.path.isdir(p)}
        for entry in os.scandir(folder)
        if entry.name.endswith((".dist-info", ".egg-info"))
    }
    variables = {k: v for k, v in os.environ.items() if k.startswith(_VARIABLES) and k not in _NEEDLESS}
    settings = [os.environ.get("MATPLOTLIBRC", ""), os.path.expanduser("~/.config/matplotlib/matplotlibrc")]
    return digest(
        {
            "installed": sorted(installed),
            "python": [sys.version, platform.system(), platform.machine()],
            "variables": variables,
            "fonts": _fonts(),
            "settings": {path: hash_of(Path(path)) for path in settings if path},
        }
    )


def _fonts() -> list[tuple[str, int, int]]:
    """Every font file with its size and time: enough to know that none was added, removed or replaced."""
    found: list[tuple[str, int, int]] = []
    for start in _FONTS.get(sys.platform, _FONTS["linux"]):
        for folder, _, names in os.walk(os.path.expanduser(start)):
            for name in names:
                if name.lower().endswith((".ttf", ".otf", ".ttc", ".afm", ".pfb")):
                    stat = os.stat(os.path.join(folder, name))
                    found.append((os.path.join(folder, name), stat.st_size, stat.st_mtime_ns))
    return sorted(found)

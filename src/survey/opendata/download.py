"""Open data that the project is tried on: where it is published, under which licence, and with which SHA-256.

Nothing of it is in the package. A set is looked for in the folder that SURVEY_DATA_HOME names, then in the download
cache, and is downloaded last; every file is compared with its SHA-256 before it is handed out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from survey.base.arguments import explained
from survey.base.files import sha256
from survey.errors import DataNotFoundError, ReadError, shorten

__all__ = ["HOME_VARIABLE", "REGISTRY", "Located", "OpenData", "OpenFile", "available", "fetch", "find", "locate"]

HOME_VARIABLE = "SURVEY_DATA_HOME"
_TIMEOUT = 15  # seconds without an answer before a download is given up


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A published file: name, size in bytes, SHA-256, and its address ("" where it must be placed manually)."""

    name: str
    size: int
    sha256: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class OpenData:
    """A published data set.

    Parameters
    ----------
    name : str
        Also the name of its folder.
    title, licence, credit : str
        `credit` is what must be printed with results.
    origin : str
        Where it is published, in words.
    files : tuple of OpenFile
    by_hand : str
        How to get the files that have no address.
    """

    name: str
    title: str
    licence: str
    credit: str
    origin: str
    files: tuple[OpenFile, ...]
    by_hand: str = ""

    @property
    def downloadable(self) -> bool:
        """Whether every file has an address."""
        return all(file.url for file in self.files)


@dataclass(frozen=True, slots=True)
class Located:
    """Where a data set was found: its folder, and "SURVEY_DATA_HOME", "cache" or "download"."""

    folder: Path
    origin: str


_SAN_DIEGO = (
    "https://raw.githubusercontent.com/maggietsui/Final_Project_COGS108/5463f7458911b1213f5d27ba4658b854fd5fef97/"
)
_VIETNAMDATA = "https://raw.githubusercontent.com/mdtrinh/vietnamdata/be581b8d5b1f0c6a747199fe23d8a77e55396e17/"

_SETS = (
    OpenData(
        name="sandiego2015",
        title="City of San Diego resident satisfaction survey 2015",
        licence="ODC-PDDL",
        credit="City of San Diego, open data portal",
        origin="github.com/maggietsui/Final_Project_COGS108 at 5463f74, a copy of the city's two files",
        files=(
            OpenFile(
                "resident_survey_weighted_datasd.csv",
                604365,
                "905f719aad20cc1f514cd7092b98333a490989c751aa5940866da88622eab4c4",
                _SAN_DIEGO + "resident_survey_weighted_datasd.csv",
            ),
            OpenFile(
                "resident_survey_dictionary_datasd.csv",
                24500,
                "2280199eb34eb616fd031753a22e210e9d1801c7058c6954584bb3c549d2efee",
                _SAN_DIEGO + "resident_survey_dictionary_datasd.csv",
            ),
        ),
    ),
    OpenData(
        name="lapop_bra23",
        title="AmericasBarometer Brazil 2023, the subset of the R package lapop",
        licence="MIT (the package)",
        credit="AmericasBarometer, LAPOP Lab",
        origin="github.com/lapop-central/lapop at 677c831, data/bra23.rda, written out as CSV",
        files=(OpenFile("bra23.csv", 108665, "f479e4fe28fb0f5d3b6aaaa50978208d25616905132df29c5f7494a107020210"),),
        by_hand="bra23.csv has no address of its own: it is data/bra23.rda of github.com/lapop-central/lapop "
        "(commit 677c831) written out as CSV",
    ),
    OpenData(
        name="papi_2011_2016",
        title="PAPI, Vietnam provincial governance and public administration performance index 2011-2016",
        licence="CC0",
        credit="PAPI: CECODES, VFF-CRT, RTA and UNDP",
        origin="github.com/mdtrinh/vietnamdata at be581b8",
        files=(
            OpenFile(
                "PAPI_2011-2016.xlsx",
                162374,
                "d58bd77a45af7a940b0fbecb7aa30ebc950a02c668284ce9ac80666bb3940bac",
                _VIETNAMDATA + "data-raw/PAPI/PAPI_2011-2016.xlsx",
            ),
        ),
    ),
)

REGISTRY: Mapping[str, OpenData] = MappingProxyType({entry.name: entry for entry in _SETS})
"""Every open data set by name."""


@explained(DataNotFoundError)
def find(name: str) -> OpenData:
    """The registry's entry of a name.

    Raises
    ------
    DataNotFoundError
        If the registry has no such name.
    """
    try:
        return REGISTRY[name]
    except KeyError:
        raise DataNotFoundError(
            f"There is no open data set named {name!r}.",
            where="fetch(name=...)",
            got=repr(name),
            expected=shorten(REGISTRY),
            fix="correct the name",
        ) from None


def locate(name: str) -> Located | None:
    """Find a data set on this machine without using the network; None where it is not there whole.

    Raises
    ------
    DataNotFoundError
        If the registry has no such name.
    ReadError
        If a file in SURVEY_DATA_HOME is not the published one.
    """
    entry = find(name)
    home = os.environ.get(HOME_VARIABLE)
    if home:
        folder = Path(home).expanduser() / name
        if all((folder / file.name).is_file() for file in entry.files):
            for file in entry.files:
                _refuse_other_file(folder / file.name, file)
            return Located(folder, HOME_VARIABLE)
    folder = _cache(entry)
    kept = all((folder / f.name).is_file() and sha256(folder / f.name) == f.sha256 for f in entry.files)
    return Located(folder, "cache") if kept else None


def available(name: str) -> bool:
    """Whether a data set is on this machine; the network is not asked.

    Raises
    ------
    DataNotFoundError, ReadError
        As `locate`.
    """
    return locate(name) is not None


@explained(DataNotFoundError)
def fetch(name: str) -> Path:
    """Find the folder of a data set: in SURVEY_DATA_HOME, in the download cache, or downloaded now.

    Parameters
    ----------
    name : str
        A name of `REGISTRY`.

    Returns
    -------
    Path
        A folder that holds the files of the entry, each with the SHA-256 of the registry.

    Raises
    ------
    DataNotFoundError
        If the name is unknown, or the data are neither here nor reachable.
    ReadError
        If a file in SURVEY_DATA_HOME is not the published one.

    Examples
    --------
    >>> folder = sv.fetch("sandiego2015")  # doctest: +SKIP
    >>> sv.read(folder / "resident_survey_weighted_datasd.csv")  # doctest: +SKIP
    """
    entry = find(name)
    found = locate(name)
    if found is not None:
        return found.folder
    if not entry.downloadable:
        raise _not_here(entry, None)
    return _download(entry)


def _download(entry: OpenData) -> Path:
    import pooch

    folder = _cache(entry)
    logger = pooch.get_logger()
    before = logger.level
    logger.setLevel("WARNING")  # the progress bar says it all
    try:
        for file in entry.files:
            pooch.retrieve(
                file.url,
                known_hash=f"sha256:{file.sha256}",
                fname=file.name,
                path=folder,
                downloader=pooch.HTTPDownloader(progressbar=True, timeout=_TIMEOUT),
            )
    except (OSError, ValueError) as problem:  # no network or no file; another SHA-256
        raise _not_here(entry, problem) from problem
    finally:
        logger.setLevel(before)
    return folder


def _not_here(entry: OpenData, problem: Exception | None) -> DataNotFoundError:
    home = os.environ.get(HOME_VARIABLE)
    names = shorten(file.name for file in entry.files)
    folder = f"{home}/{entry.name}" if home else f"a folder {entry.name} in the folder that {HOME_VARIABLE} names"
    reach = "" if entry.downloadable else f"; {entry.by_hand}"
    again = ", or try again with the network" if entry.downloadable else ""
    return DataNotFoundError(
        f"The open data {entry.name} ({entry.title}) are not on this machine"
        + (" and could not be downloaded." if entry.downloadable else "."),
        where=entry.origin,
        got=None if problem is None else _in_short(entry, problem),
        fix=f"put {names} into {folder}{again}{reach}",
    )


def _in_short(entry: OpenData, problem: Exception) -> str:
    host = urlsplit(entry.files[0].url).hostname
    if isinstance(problem, ConnectionError) or type(problem).__name__ in ("ConnectionError", "ConnectTimeout"):
        return f"no connection to {host}"
    return f"{host}: {str(problem).splitlines()[0][:200]}"


def _refuse_other_file(path: Path, file: OpenFile) -> None:
    found = sha256(path)
    if found != file.sha256:
        raise ReadError(
            "An open-data file differs from the published one.",
            where=path,
            got=f"SHA-256 {found}, {path.stat().st_size:,} bytes",
            expected=f"SHA-256 {file.sha256}, {file.size:,} bytes",
            fix="get the file again, unchanged (a text editor or version control may have changed its line ends), "
            "or remove it",
        )


def _cache(entry: OpenData) -> Path:
    import pooch

    return Path(pooch.os_cache("resident-survey")) / entry.name

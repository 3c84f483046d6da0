"""The ledger of a study: every finding and every number of its exhibits, and what they were made from.

`survey reproduce` writes it beside the other processed files when a run is whole; `survey publish` keeps it beside
study.toml, and `survey verify` holds new results against that.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from survey import __version__
from survey.base.digest import digest
from survey.base.files import making_raw_data, sha256, writing
from survey.errors import StudyError
from survey.study.findings_file import stored_findings
from survey.study.study_data import StudyData

__all__ = [
    "Ledger",
    "Origin",
    "collect",
    "origin_of",
    "published_path",
    "questions_path",
    "read_ledger",
    "running_path",
    "stale",
    "write",
]

_FORMAT = 1
_LIBRARIES = ("numpy", "pandas", "scipy", "matplotlib", "pyreadstat")
_WORDS = ("_label", "_wording")
_NO_NUMBERS = ("source", "unit")


@dataclass(frozen=True, slots=True)
class Origin:
    """What results were made from: raw files, the package, libraries.

    Parameters
    ----------
    files : mapping of str to str
        SHA-256 of every file beside study.toml, by its path from there.
    code : str
        SHA-256 of the package's source.
    versions : mapping of str to str
        Of the package, of Python, and of the libraries that numbers come from.
    """

    files: Mapping[str, str]
    code: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Findings and exhibits of a study, with what they were made from.

    Parameters
    ----------
    study : str
        Its id.
    simulated : bool
    origin : Origin
    notebooks : mapping of str to mapping
        Of each notebook that ran, SHA-256 of its "source", and of the "origin" that its results were made from.
    findings : mapping of str to mapping
        By id: "notebook", the sentence in each language, "numbers".
    exhibits : mapping of str to mapping
        By name: "notebook", "title" by language, "keys" (columns that tell its rows apart), "columns" and "rows" of its
        CSV without labels; of an exhibit without a CSV "hash" in place of these three.
    """

    study: str
    simulated: bool
    origin: Origin
    notebooks: Mapping[str, Mapping[str, str]]
    findings: Mapping[str, Mapping[str, Any]] = field(repr=False)
    exhibits: Mapping[str, Mapping[str, Any]] = field(repr=False)

    @property
    def numbers(self) -> int:
        """How many numbers it holds, codes of rows not among them."""
        found = sum(len(f["numbers"]) for f in self.findings.values())
        for e in self.exhibits.values():
            own = [i for i, name in enumerate(e.get("columns", ())) if name not in e["keys"]]
            found += sum(isinstance(row[i], float | int) for row in e.get("rows", ()) for i in own)
        return found


def questions_path(study: Path) -> Path:
    """Where it says what cells tell of the results of a study.toml: cells.toml beside it."""
    return study.parent / ("cells.toml" if study.name == "study.toml" else f"{study.stem}.cells.toml")


def published_path(study: Path) -> Path:
    """Where the published ledger of a study.toml is: ledger.json beside it."""
    return study.parent / ("ledger.json" if study.name == "study.toml" else f"{study.stem}.ledger.json")


def running_path(study: StudyData) -> Path:
    """Where the ledger of the last whole run is."""
    return study.processed / "ledger.json"


def origin_of(study: StudyData) -> Origin:
    """What the study's results are made from as it is now."""
    folder = study.path.parent
    beside = {p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".") and p.suffix != ".ipynb"}
    told = {published_path(study.path), questions_path(study.path)}  # what was published, and how it is verified
    files = sorted({*beside, *study.inputs} - told)
    names = {Path(os.path.relpath(p, folder)).as_posix(): sha256(p) for p in files}
    versions = {"survey": __version__, "python": platform.python_version()}
    return Origin(names, _code(), versions | {name: metadata.version(name) for name in _LIBRARIES})


def _code() -> str:
    """SHA-256 of the package: its modules, words and templates, by name."""
    folder = Path(__file__).parents[1]
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc")
    return digest({p.relative_to(folder).as_posix(): sha256(p) for p in files})


def collect(
    study: StudyData, made_by: Mapping[str, str], before: Ledger | None = None, ran: Iterable[str] = ()
) -> Ledger:
    """The ledger of what the notebooks of a study have written.

    Parameters
    ----------
    study : StudyData
    made_by : mapping of str to str
        The notebook of each finding and exhibit that this run wrote, by "finding:ID" and "exhibit:NAME".
    before : Ledger, optional
        Of an earlier run, whose results stand where their notebooks did not run now.
    ran : iterable of str
        Notebooks that ran, those that wrote neither too.

    Raises
    ------
    StudyError
        If a file that a notebook wrote is damaged.
    """
    origin, now = origin_of(study), {*ran, *made_by.values()}
    books: dict[str, Mapping[str, str]] = {
        name: {"source": source_hash(study, name), "origin": digest(_content(origin))} for name in sorted(now)
    }
    makers = dict(made_by)
    if before is not None:
        for kind, entries in (("finding", before.findings), ("exhibit", before.exhibits)):
            makers = {f"{kind}:{name}": one["notebook"] for name, one in entries.items()} | makers
        books = {
            name: told for name, told in before.notebooks.items() if name in {*makers.values(), *study.run}
        } | books
    findings = {}
    for entry in stored_findings(study.processed / "findings.json"):
        if maker := makers.get(f"finding:{entry['id']}"):
            findings[entry["id"]] = {"notebook": maker} | {k: v for k, v in entry.items() if k != "id"}
    exhibits = {
        path.stem: {"notebook": maker, **_exhibit(path)}
        for path in sorted(study.exhibits.glob("*.json"))
        if (maker := makers.get(f"exhibit:{path.stem}"))
    }
    return Ledger(study.id, study.simulated, origin, dict(sorted(books.items())), findings, exhibits)


def stale(ledger: Ledger, study: StudyData) -> dict[str, str]:
    """Notebooks whose results a ledger lacks ("missing"), or has of other files, code or versions ("stale")."""
    now = digest(_content(origin_of(study)))
    found = {}
    for name in study.run:
        told = ledger.notebooks.get(name)
        if told is None:
            found[name] = "missing"
        elif told != {"source": source_hash(study, name), "origin": now}:
            found[name] = "stale"
    return found


def _content(origin: Origin) -> dict[str, Any]:
    return {"files": dict(origin.files), "code": origin.code, "versions": dict(origin.versions)}


def source_hash(study: StudyData, notebook: str) -> str:
    """SHA-256 of what a notebook says and computes, whatever was displayed when it was saved."""
    path = study.notebooks / f"{notebook}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return digest([[cell["cell_type"], "".join(cell["source"])] for cell in cells])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StudyError("The file is not a notebook.", where=path, got=problem, fix="restore it") from problem


def _exhibit(path: Path) -> dict[str, Any]:
    import csv

    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        keys = {"item", "answer", *told["by"]}
        title = {lang: texts["title"] for lang, texts in told["texts"].items()}
        tables = sorted(name for name in told["files"] if name.endswith(".csv"))
        if not tables:
            return {"title": title, "hash": told["hash"]}
        with (path.parent / tables[0]).open(encoding="utf-8-sig", newline="") as lines:
            head, *rows = list(csv.reader(lines))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StudyError(
            "An exhibit that was exported is damaged.", where=path, got=problem, fix="run its notebook again"
        ) from problem
    kept = [i for i, name in enumerate(head) if not name.endswith(_WORDS) and name not in _NO_NUMBERS]
    return {
        "title": title,
        "keys": [head[i] for i in kept if head[i] in keys],
        "columns": [head[i] for i in kept],
        "rows": [[_value(row[i]) for i in kept] for row in rows],
    }


def _value(text: str) -> float | int | str:
    """A cell of a CSV: a number where it is written as one."""
    try:
        number = float(text)
    except ValueError:
        return text
    if number.is_integer() and text.lstrip("-").isdigit():
        return int(text)
    return float(f"{number:.12g}") if number - number == 0 else text  # inf and nan are words


def write(ledger: Ledger, path: Path, sources: Sequence[Path] = ()) -> None:
    """Write a ledger, whole or not at all; a line an entry, so that versions of it can be compared.

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    content = {
        "format": _FORMAT,
        "study": ledger.study,
        "simulated": ledger.simulated,
        "origin": _content(ledger.origin),
        "notebooks": dict(ledger.notebooks),
    }
    lines = [f" {_json(key)}: {_json(value)}" for key, value in content.items()]
    for key, entries in (("findings", ledger.findings), ("exhibits", ledger.exhibits)):
        inside = ",\n".join(f"  {_json(name)}: {_json(entry)}" for name, entry in entries.items())
        lines.append(f" {_json(key)}: {{\n{inside}\n }}")
    with making_raw_data(), writing(path, sources) as temporary:
        temporary.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def read_ledger(path: Path) -> Ledger | None:
    """A ledger as it was written; None where there is none.

    Raises
    ------
    StudyError
        If the file is damaged or of a later version.
    """
    if not path.is_file():
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != _FORMAT:
            raise StudyError(
                "The ledger is of another version.",
                where=path,
                got=raw["format"],
                expected=_FORMAT,
                fix="read it with the version of survey that wrote it",
            )
        found = Ledger(
            str(raw["study"]),
            bool(raw["simulated"]),
            Origin(**raw["origin"]),
            raw["notebooks"],
            raw["findings"],
            raw["exhibits"],
        )
        for entry in found.findings.values():
            _ = entry["notebook"], dict(entry["numbers"])
        for told in found.notebooks.values():
            _ = told["source"], told["origin"]
        for entry in found.exhibits.values():
            rows = entry["rows"] if "hash" not in entry else ()
            if any(len(row) != len(entry["columns"]) for row in rows) or not set(entry.get("keys", ())) <= set(
                entry.get("columns", ())
            ):
                raise ValueError("rows or keys that do not fit the columns")
            _ = entry["notebook"], dict(entry["title"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise StudyError(
            "The ledger is damaged.",
            where=path,
            got=f"{type(problem).__name__}: {problem}"[:200],
            expected="the file that survey wrote",
            fix="restore it from a copy; that of the last run is made anew by survey reproduce",
        ) from problem
    return found

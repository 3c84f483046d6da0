"""Where notebooks run without getting in each other's way: a folder each, with what the notebooks before it left.

Below `processed/.survey`: `runs`, folders of notebooks that run now; `kept`, what each left when it last ran, with its
record. Nothing that a notebook writes is among the results before it is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from survey.base.digest import digest
from survey.base.files import holds, refuse_sources, sha256
from survey.study import disclosure_ledger
from survey.study.findings_file import stored_findings
from survey.study.notebook_record import Record, hash_of, read_record, write_record
from survey.study.notebook_trace import read_trace
from survey.study.study_data import StudyData

__all__ = ["View", "Workplace"]

_OLD = 3600  # seconds after which a temporary file in the results belongs to nobody
_FINDINGS, _HIDDEN, _PAGES = "findings.json", "disclosure", "notebooks"


@dataclass(frozen=True)
class View:
    """What a notebook finds when it starts.

    Parameters
    ----------
    files : mapping of str to (Path, str)
        By the path from the processed folder: where the file is, and its SHA-256.
    findings : tuple of mapping
    hidden : mapping of str to mapping
        What earlier exhibits hide, with their places.
    exact : bool
        Whether it is all that a notebook would find if all ran one after the other.
    """

    files: Mapping[str, tuple[Path, str]] = field(default_factory=dict)
    findings: tuple[dict[str, Any], ...] = ()
    hidden: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    exact: bool = False

    @cached_property
    def beside(self) -> str:
        """Digest of what earlier exhibits hide."""
        return digest(self.hidden)

    @cached_property
    def whole(self) -> str:
        """Digest of everything."""
        return digest([{rel: sha for rel, (_, sha) in self.files.items()}, self.findings, self.beside])

    def then(self, record: Record, folder: Path) -> View:
        """What there is after another notebook."""
        files = {rel: (folder / record.folder / rel, sha) for rel, sha in record.outputs.items()}
        files = {rel: told for rel, told in files.items() if not rel.startswith(f"{_PAGES}/")}
        kept = {entry["id"]: entry for entry in (*self.findings, *record.findings)}
        hidden = dict(self.hidden)
        for name, entry in record.hidden.items():
            free = 1 + max((one["place"] for one in hidden.values()), default=-1)
            hidden[name] = {**entry, "place": hidden[name]["place"] if name in hidden else free}
        return View({**self.files, **files}, tuple(kept.values()), hidden, self.exact)


class Workplace:
    """The folders of a study's runs."""

    def __init__(self, study: StudyData) -> None:
        self.study = study
        self.processed = study.processed
        self.home = study.processed / ".survey"
        self.kept, self.runs, self.lock = self.home / "kept", self.home / "runs", self.home / "lock"

    def prepare(self) -> None:
        """Remove what runs that were killed have left behind."""
        shutil.rmtree(self.runs, ignore_errors=True)
        for folder in (self.kept, self.runs):
            folder.mkdir(parents=True, exist_ok=True)
        used = {record.folder for path in self.kept.glob("*.json") if (record := read_record(path))}
        for path in self.kept.iterdir():
            if path.is_dir() and path.name not in used:
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(".survey-"):
                path.unlink(missing_ok=True)
        for pattern in (".survey-*", "*/.survey-*"):
            for path in self.processed.glob(pattern):
                if path.is_file() and time.time() - path.stat().st_mtime > _OLD:
                    path.unlink(missing_ok=True)

    def records(self, names: Iterable[str]) -> dict[str, Record]:
        """What is kept of notebooks."""
        found = {name: read_record(self._record(name)) for name in names}
        return {name: record for name, record in found.items() if record is not None}

    def leave(self, names: Iterable[str]) -> list[Record]:
        """Forget notebooks other than these: they are no longer in the study. Returns what was kept of them."""
        known = {self._record(name) for name in names}
        found = [(path, read_record(path)) for path in self.kept.glob("*.json") if path not in known]
        for path, _ in found:
            path.unlink()
        return [record for _, record in found if record is not None]

    def forget(self, name: str) -> None:
        """Drop what is kept of a notebook: it runs again."""
        self._record(name).unlink(missing_ok=True)

    def is_whole(self, record: Record) -> bool:
        """Whether the files that are kept of a notebook are as it left them."""
        return all(hash_of(self.kept / record.folder / rel) == sha for rel, sha in record.outputs.items())

    def update(self, name: str, record: Record) -> None:
        """Replace a record."""
        write_record(self._record(name), record)

    def stage(self, name: str, view: View) -> Path:
        """The folder of a notebook that is about to run, with what it may find."""
        folder = self.runs / _slug(name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for rel, (path, _) in view.files.items():
            target = folder / rel
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        if view.findings:
            (folder / _FINDINGS).write_text(_findings_text(view.findings), encoding="utf-8", newline="\n")
        for exhibit, entry in view.hidden.items():
            (folder / _HIDDEN).mkdir(exist_ok=True)
            path = folder / _HIDDEN / f"{exhibit}.json"
            path.write_text(disclosure_ledger.text_of(entry), encoding="utf-8", newline="\n")
        return folder

    def trace(self, name: str) -> Path:
        """Where a notebook writes down what it opens."""
        return self.runs / f"{_slug(name)}.trace"

    def harvest(self, name: str, key: str, view: View, *, looks: bool, seconds: float) -> Record:
        """Keep what a notebook has left in its folder, with what it was made from."""
        stage = self.runs / _slug(name)
        left = {p.relative_to(stage).as_posix(): p for p in sorted(stage.rglob("*")) if p.is_file()}
        findings = stored_findings(stage / _FINDINGS)
        hidden = disclosure_ledger.stored(stage / _HIDDEN)
        shas = {rel: sha256(p) for rel, p in left.items() if rel != _FINDINGS and not rel.startswith(f"{_HIDDEN}/")}
        own = {rel: sha for rel, sha in shas.items() if rel not in view.files or view.files[rel][1] != sha}
        traced = read_trace(self.trace(name))
        stage_path, outside, strays = Path(os.path.abspath(stage)), {}, False
        reads: dict[str, str] = {}
        known = {os.path.abspath(path) for path in self._known()} | {os.path.abspath(self.study.notebooks)}
        for kind, path in traced:
            if path.is_relative_to(stage_path):
                rel = path.relative_to(stage_path).as_posix()
                looks = looks or (kind == "l" and rel.split("/")[0] not in (_HIDDEN, _PAGES))
                if rel in view.files:
                    reads[rel] = view.files[rel][1]
            elif kind == "w":
                strays = strays or path.exists()
            elif str(path) not in known and path.is_file():
                strays = strays or path.is_relative_to(os.path.abspath(self.processed))
                outside[str(path)] = hash_of(path)
        folder = f"{_slug(name)}-{uuid.uuid4().hex[:12]}"
        for rel in own:
            target = self.kept / folder / rel
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(left[rel], target)
        (self.kept / folder).mkdir(exist_ok=True)
        before = {entry["id"]: entry for entry in view.findings}
        record = Record(
            key=key,
            folder=folder,
            outputs=own,
            findings=[entry for entry in findings if before.get(entry["id"]) != entry],
            hidden={n: entry for n, entry in hidden.items() if view.hidden.get(n) != entry},
            reads=reads,
            whole=(view.whole if view.exact else "") if looks else None,
            beside=view.beside,
            outside=outside,
            strays=strays,
            seconds=seconds,
        )
        old = read_record(self._record(name))
        write_record(self._record(name), record)
        if old is not None:
            shutil.rmtree(self.kept / old.folder, ignore_errors=True)
        shutil.rmtree(stage, ignore_errors=True)
        return record

    def fits(self, record: Record, view: View) -> bool:
        """Whether a notebook would leave the same if it ran now, with all that the notebooks before it have left."""
        if record.strays or (record.whole is not None and record.whole != view.whole):
            return False
        if any(view.files.get(rel, (None, ""))[1] != sha for rel, sha in record.reads.items()):
            return False
        if any(hash_of(Path(path)) != sha for path, sha in record.outside.items()):
            return False
        return record.beside == view.beside or disclosure_ledger.independent(view.hidden, record.hidden)

    def there(self, apart: Mapping[str, Record]) -> View:
        """What lies in the processed folder, but for what some notebooks have left."""
        own = {rel for record in apart.values() for rel in record.outputs}
        paths = [p for p in self.processed.glob("*") if p.is_file() and not p.name.startswith(".")]
        paths += [p for p in self.processed.glob("exhibits/*") if p.is_file() and not p.name.startswith(".")]
        files = {p.relative_to(self.processed).as_posix(): p for p in sorted(paths)}
        needless = {_FINDINGS, "ledger.json", ".gitkeep"}
        told = {rel: (p, sha256(p)) for rel, p in files.items() if rel not in own and rel not in needless}
        ids = {entry["id"] for record in apart.values() for entry in record.findings}
        exhibits = {name for record in apart.values() for name in record.hidden}
        findings = tuple(e for e in stored_findings(self.processed / _FINDINGS) if e["id"] not in ids)
        hidden = disclosure_ledger.stored(self.processed / _HIDDEN)
        return View(told, findings, {n: e for n, e in hidden.items() if n not in exhibits}, exact=True)

    def place(self, view: View, records: Sequence[Record], gone: Iterable[Record]) -> bool:
        """Put what notebooks have left where results are, and remove what they no longer leave.

        Parameters
        ----------
        view : View
            Findings and what exhibits hide, as they are to be.
        records : sequence of Record
            A later one's files stand over those of an earlier one.
        gone : records
            Of earlier runs.

        Returns
        -------
        bool
            Whether anything was not as it is to be.
        """
        wanted = {rel: (self.kept / r.folder / rel, sha) for r in records for rel, sha in r.outputs.items()}
        changed = False
        for rel, (path, sha) in wanted.items():
            if hash_of(self.processed / rel) != sha:
                self._put(rel, path)
                changed = True
        for record in gone:
            for rel, sha in record.outputs.items():
                if rel not in wanted and hash_of(self.processed / rel) == sha:
                    (self.processed / rel).unlink()
                    changed = True
        texts = {f"{_HIDDEN}/{name}.json": disclosure_ledger.text_of(entry) for name, entry in view.hidden.items()}
        if view.findings:
            texts[_FINDINGS] = _findings_text(view.findings)
        for rel, text in texts.items():
            if not holds(self.processed / rel, text.encode("utf-8")):
                temporary = self.runs / "text"
                temporary.write_text(text, encoding="utf-8", newline="\n")
                self._put(rel, temporary, move=True)
                changed = True
        stale = [p for p in self.processed.glob(f"{_HIDDEN}/*.json") if f"{_HIDDEN}/{p.name}" not in texts]
        stale += [self.processed / _FINDINGS] if _FINDINGS not in texts else []
        for path in stale:
            changed = changed or path.exists()
            path.unlink(missing_ok=True)
        return changed

    def _put(self, rel: str, path: Path, *, move: bool = False) -> None:
        target = self.processed / rel
        refuse_sources(target, self.study.inputs)
        if not move:
            path = Path(shutil.copyfile(path, self.runs / "file"))
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)

    def _record(self, name: str) -> Path:
        return self.kept / f"{_slug(name)}.json"

    def _known(self) -> list[Path]:
        """What the key of a notebook holds already."""
        folder = self.study.path.parent
        return [*self.study.inputs, *(p for p in folder.iterdir() if p.is_file() and p.suffix != ".ipynb")]


def _findings_text(findings: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(list(findings), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _slug(name: str) -> str:
    safe = name.replace("_", "").replace("-", "").isalnum() and len(name) <= 60
    return name if safe else digest(name)[:16]

"""Which notebook runs when: several at once, with the results of one after the other.

A notebook starts as soon as what it loads is there. What it leaves counts only when all before it count, and if it
would be the same after them: if not, it runs again with all that they have left. One that ran before counts likewise.
So neither the number of processes nor what was kept of earlier runs can change a result.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from survey.base.files import sha256
from survey.errors import DataNotFoundError
from survey.opendata import download
from survey.study import notebook_run
from survey.study.kernels import Kernels
from survey.study.notebook_record import Record
from survey.study.notebook_source import NotebookSource
from survey.study.notebook_uses import Uses, datasets, longest, uses
from survey.study.progress import Progress
from survey.study.study_data import StudyData
from survey.study.workplace import View, Workplace

__all__ = ["Schedule"]

_LOOK = 0.05  # seconds between looks whether a running notebook has saved what another waits for


@dataclass
class _Running:
    view: View
    stage: Path
    thread: threading.Thread


@dataclass
class Schedule:
    """A run of notebooks.

    Parameters
    ----------
    study : StudyData
    sources : mapping of str to NotebookSource
        In the order of the study.
    place : Workplace
    kernels : Kernels
    keys : mapping of str to str
        Digest of what each notebook is made from.
    base : mapping of str to View
        What each finds that no notebook of this run has left.
    progress : Progress
    jobs : int
        How many run at once.
    again : bool
        Whether what was kept of earlier runs is left out.
    """

    study: StudyData
    sources: Mapping[str, NotebookSource]
    place: Workplace
    kernels: Kernels
    keys: Mapping[str, str]
    base: Mapping[str, View]
    progress: Progress
    jobs: int = 1
    again: bool = False
    done: dict[str, Record] = field(default_factory=dict)
    ran: dict[str, Record] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = list(self.sources)
        self._uses: dict[str, Uses] = {
            n: uses(source.parts, self.study.notebooks) for n, source in self.sources.items()
        }
        earlier = self.place.records(self._names)
        kept = {} if self.again else earlier
        self._kept = {n: r for n, r in kept.items() if r.key == self.keys[n] and not r.strays}
        self._waiting = longest(self._uses, self._lengths(earlier))
        self._left: dict[str, Record] = {}
        self._running: dict[str, _Running] = {}
        self._failed: dict[str, Exception] = {}
        self._exactly: set[str] = set()
        self._events: queue.Queue[tuple[str, Record | Exception]] = queue.Queue()
        self._intact: dict[str, bool] = {}

    def _lengths(self, earlier: Mapping[str, Record]) -> dict[str, float]:
        """How long each took when it ran before; by their cells, where that is not known of all."""
        if self._names and earlier.keys() >= set(self._names):
            return {name: earlier[name].seconds for name in self._names}
        return {name: float(source.cells) for name, source in self.sources.items()}

    def run(self) -> None:
        """Run what needs to; `done`, `ran` and `skipped` say what became of all.

        Raises
        ------
        StudyError
            The error of the first notebook that fails, in the order of the study.
        """
        try:
            while self._settle():
                self._start()
                self._wait()
        finally:
            self.kernels.stop()
            for running in self._running.values():
                running.thread.join(10)

    def _view(self, name: str) -> View:
        """All that a notebook finds when those before it have run."""
        found = self.base[name]
        for earlier in self._names[: self._names.index(name)]:
            if record := self.done.get(earlier):
                found = found.then(record, self.place.kept)
        return found

    def _settle(self) -> bool:
        """Accept what notebooks have left, in order, as far as it counts; whether there is more to do."""
        for name in self._names:
            if name in self.done or name in self.skipped:
                continue
            if name in self._failed:
                problem = self._failed.pop(name)
                if name in self._exactly:
                    raise problem
            record = self._left.get(name) or self._kept.get(name)
            if record is not None:
                view = self._view(name)
                if (name in self._exactly and name in self._left) or (
                    self.place.fits(record, view) and self._is_intact(name, record)
                ):
                    self._accept(name, record, view)
                    continue
                self._left.pop(name, None)
                self._kept.pop(name, None)
            if name not in self._running:
                self._exactly.add(name)
            return True
        return False

    def _is_intact(self, name: str, record: Record) -> bool:
        if name not in self._intact:
            self._intact[name] = self.place.is_whole(record)
        return self._intact[name] or name in self._left

    def _accept(self, name: str, record: Record, view: View) -> None:
        if record.beside != view.beside:
            record = Record(**{**vars(record), "beside": view.beside})
            self.place.update(name, record)
        self.done[name] = record
        if name in self._left:
            self.ran[name] = record
        else:
            self.progress.finished(name, "unchanged")

    def _start(self) -> None:
        """Start what can be started, what most waits for first."""
        failed = next((i for i, name in enumerate(self._names) if name in self._failed), len(self._names))
        wanted = self._names[:failed]  # nothing after one that failed, before it is known to fail
        for name in sorted(wanted, key=lambda name: -self._waiting[name]):
            if len(self._running) >= self.jobs:
                return
            if name in self.done or name in self.skipped or name in self._running or name in self._left:
                continue
            if name in self._kept:
                if not self._is_contradicted(name, self._kept[name]):
                    continue
                del self._kept[name]
            view = self._first_view(name)
            if view is not None:
                self._begin(name, view)

    def _first_view(self, name: str) -> View | None:
        """What a notebook needs, if it is there."""
        before = self._names[: self._names.index(name)]
        open_ = [b for b in before if b not in self.done and b not in self.skipped]
        if not open_:
            self._exactly.add(name)
            return self._view(name)
        own = self._uses[name]
        if self.jobs == 1 or own.everything:
            return None
        files = {}
        for needed in own.loads:
            found = self._source(f"{needed}.zip", name)
            if found is None:
                return None
            if found[1]:
                files[f"{needed}.zip"] = found
        return View(files)

    def _source(self, rel: str, name: str) -> tuple[Path, str] | None:
        """Where a file is that notebooks before one leave; with "" for its hash if none does, None if not yet."""
        for earlier in reversed(self._names[: self._names.index(name)]):
            record = self.done.get(earlier) or self._left.get(earlier)
            if record is not None:
                if rel in record.outputs:
                    return self.place.kept / record.folder / rel, record.outputs[rel]
                continue
            if earlier in self.skipped:
                continue
            saves = rel.removesuffix(".zip") in self._uses[earlier].saves
            if earlier in self._running and saves:
                path = self._running[earlier].stage / rel  # it is put there whole
                if path.is_file() and rel not in self._running[earlier].view.files:
                    return path, sha256(path)
            if saves or self._uses[earlier].elsewhere:
                return None
            if (kept := self._kept.get(earlier)) and rel in kept.outputs:
                return None
        return self.base[name].files.get(rel, (Path(rel), ""))

    def _is_contradicted(self, name: str, record: Record) -> bool:
        """Whether what a notebook read when it ran before is something else now."""
        found = {rel: self._source(rel, name) for rel in record.reads}
        return any(told is not None and told[1] != record.reads[rel] for rel, told in found.items())

    def _begin(self, name: str, view: View) -> None:
        if name in self.study.real:
            try:
                for dataset in datasets(self.sources[name].parts):
                    download.fetch(dataset)
            except DataNotFoundError as missing:
                self._skip(name, missing)
                return
        stage = self.place.stage(name, view)
        thread = threading.Thread(target=self._work, args=(name, view, stage), daemon=True)
        self._running[name] = _Running(view, stage, thread)
        self.progress.started(name)
        thread.start()

    def _work(self, name: str, view: View, stage: Path) -> None:
        start = time.perf_counter()
        trace = self.place.trace(name)
        trace.unlink(missing_ok=True)
        try:
            notebook_run.execute(
                self.study,
                name,
                self.sources[name].whole(),
                kernels=self.kernels,
                stage=stage,
                trace=trace,
                step=lambda: self.progress.step(name),
            )
            seconds = time.perf_counter() - start
            looks = self._uses[name].everything
            self._events.put((name, self.place.harvest(name, self.keys[name], view, looks=looks, seconds=seconds)))
        except Exception as problem:  # told by the thread that waits
            self._events.put((name, problem))

    def _wait(self) -> None:
        if not self._running:
            return
        try:
            name, result = self._events.get(timeout=_LOOK)
        except queue.Empty:
            return
        del self._running[name]
        if isinstance(result, Record):
            self._left[name] = result
            self.progress.finished(name, f"done in {result.seconds:.0f} s")
        elif isinstance(result, DataNotFoundError) and name in self.study.real:
            self._skip(name, result)
        else:
            self.progress.stopped(name)
            self._failed[name] = result

    def _skip(self, name: str, missing: DataNotFoundError) -> None:
        self.skipped[name] = missing.sentence
        self.progress.finished(name, "skipped")

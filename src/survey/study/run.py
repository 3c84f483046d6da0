"""Running the notebooks of a study, those that need to, and what there is to show for it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey.base import catalogue
from survey.base.digest import digest
from survey.base.files import sha256
from survey.errors import StudyError, shorten
from survey.narrative import Finding
from survey.study import kernels, ledger, notebook_source
from survey.study.lock import holding
from survey.study.notebook_record import Record, environment
from survey.study.notebook_uses import datasets
from survey.study.progress import Progress
from survey.study.schedule import Schedule
from survey.study.study_data import StudyData
from survey.study.study_file import PROCESSED_OF
from survey.study.workplace import View, Workplace

__all__ = ["Done", "Run", "Skipped", "datasets", "reproduce"]

_MOST_JOBS = 4  # by default: each takes some 300 MB
_WORTH_FORKING = 3  # notebooks; the server of kernels imports for longer than one of them


@dataclass(frozen=True, slots=True)
class Done:
    """A notebook that ran: its name, how long it took in seconds, its executed copy."""

    name: str
    seconds: float
    html: Path


@dataclass(frozen=True, slots=True)
class Skipped:
    """A notebook that could not run here, and why, in words."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """Result of a run of the notebooks.

    Parameters
    ----------
    study : StudyData
    done : tuple of Done
        Those that ran.
    skipped : tuple of Skipped
    findings : tuple of Finding
        Of the whole study, also those of earlier runs when only some notebooks ran.
    ledger : Ledger
        Of the whole study too.
    unchanged : tuple of str
        Notebooks that did not need to run: nothing that they are made from has changed.
    seconds : float
        How long all of it took.
    """

    study: StudyData
    done: tuple[Done, ...]
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]
    ledger: ledger.Ledger
    unchanged: tuple[str, ...] = ()
    seconds: float = 0.0

    def __repr__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """The findings in words, what was skipped and why, and where the files are."""
        lines: list[str] = []
        if self.findings:
            lines += [" / ".join(catalogue.texts("study.findings").values()), ""]
            for finding in self.findings:
                first, *others = finding.texts.values()
                lines += [f"  - {first}", *(f"    {text}" for text in others), ""]
        if self.skipped:
            lines += ["Skipped", "", *(f"  - {s.name}: {s.why}" for s in self.skipped), ""]
        lines += _hidden(self.study) + self._other_state()
        lines += ["Files", ""]
        for what, folder in (("notebooks", self.study.processed / "notebooks"), ("exhibits", self.study.exhibits)):
            count = sum(1 for p in folder.glob("*") if p.is_file()) if folder.is_dir() else 0
            if count:
                lines.append(f"  - {what}: {folder} ({count} files)")
        kept = f", {len(self.unchanged)} unchanged" if self.unchanged else ""
        lines += ["", f"{len(self.done)} notebooks in {self.seconds:.0f} seconds{kept}."]
        return "\n".join(lines)

    def _other_state(self) -> list[str]:
        """Results that stand beside these without being of this state of the files."""
        left = ledger.stale(self.ledger, self.study)
        written = {path.stem for path in self.study.exhibits.glob("*.json")} - self.ledger.exhibits.keys()
        lines = [
            f"  - {name}: {'has not run' if why == 'missing' else 'ran on other data, code or versions'}; "
            f"survey reproduce --only {name}"
            for name, why in left.items()
        ]
        lines += [f"  - exhibits that no notebook of this run wrote: {shorten(sorted(written))}"] if written else []
        return ["Incomplete or out of date", "", *lines, ""] if lines else []


def _hidden(study: StudyData) -> list[str]:
    """How much the exhibits hide, and whether any of it can be computed from them; nothing where nothing is hidden."""
    total = study.hidden().table.iloc[-1]
    gone = int(total["small"] + total["complementary"])
    if not gone:
        return []
    lines = [f"  - {gone} of {int(total['rows'])} results are hidden ({100 * gone / total['rows']:.0f}%)"]
    leaks = study.audit()
    lines += [
        f"  - can be computed: {row.item}, {row.group} of {row.exhibit}, from {row.computed_from}"
        for row in leaks.itertuples()
    ]
    return ["Not shown", "", *lines, ""]


def reproduce(study: StudyData, only: Sequence[str] = (), *, again: bool = False, jobs: int | None = None) -> Run:
    """Run the notebooks of a study, each in a fresh kernel, and keep an executed copy of each as HTML.

    Those that do not depend on each other run at once; a notebook that was made from the same files, code, versions and
    environment, and whose results are as it left them, does not run again. Results are those of a run of all, one after
    the other. Notebooks of open data that are neither here nor reachable are skipped. Progress is told on stderr.

    Parameters
    ----------
    study : StudyData
    only : sequence of str
        Names of notebooks, or how they begin ("03"); everything when empty.
    again : bool
        Run them whatever was kept of earlier runs.
    jobs : int, optional
        How many run at once: one more than there are processors, four at most, when not given.

    Returns
    -------
    Run

    Raises
    ------
    StudyError
        If a notebook is missing or none is selected; if another process runs this study, its files change meanwhile, or
        a notebook of its own asks for it; or when a cell fails: notebook, cell, its first lines and the parts of the
        error. The copy up to that cell is kept too.
    """
    start = time.perf_counter()
    _refuse_inside(study)
    names = _chosen(study, only)
    if jobs is not None and jobs < 1:
        raise StudyError("The number of jobs must be at least 1.", got=jobs, fix="leave it out, or give 1 or more")
    sources = {name: notebook_source.source(study, name) for name in names}
    before = ledger.read_ledger(ledger.running_path(study)) if only else None  # a damaged one is told before the run
    place = Workplace(study)
    with holding(place.lock):
        place.prepare()
        origin, others = ledger.origin_of(study), environment()
        keys = {n: digest([s.digest, origin.files, origin.code, origin.versions, others]) for n, s in sources.items()}
        earlier = place.records([*study.run, *study.real])
        kept = [n for n in names if not again and n in earlier and earlier[n].key == keys[n]]
        work = kernels.Kernels(place.runs / "kernels", fork=len(names) - len(kept) >= _WORTH_FORKING)
        try:
            if len(kept) < len(names):
                work.warm_up()  # it imports while this process does
            for name in set(names).difference(kept, study.real):  # before anything runs; of open data none may run
                sources[name].check()
        except BaseException:
            work.stop()
            raise
        with Progress({name: source.cells for name, source in sources.items()}) as progress:
            schedule = Schedule(
                study,
                sources,
                place,
                work,
                keys,
                _bases(study, place, names, earlier, whole=not only),
                progress,
                jobs or min(_processors() + (_processors() > 1), _MOST_JOBS),
                again,
            )
            try:
                schedule.run()
            except BaseException:
                _put(study, place, schedule.done, earlier, whole=False)
                raise
        changed = _put(study, place, schedule.done, earlier, whole=not only)
        if ledger.origin_of(study) != origin:
            for name in schedule.ran:
                place.forget(name)
            raise StudyError(
                "Files that the notebooks are made from changed while they ran.",
                where=study.path.parent,
                expected="raw files, study.toml and the package as they were at the start",
                fix="run them again: survey reproduce",
            )
        found = _ledger(study, place, schedule.done, before, unchanged=not changed and not schedule.ran)
    done = [Done(n, r.seconds, study.processed / "notebooks" / f"{n}.html") for n, r in schedule.ran.items()]
    return Run(
        study,
        tuple(done),
        tuple(Skipped(name, why) for name, why in schedule.skipped.items()),
        study.findings(),
        found,
        tuple(name for name in schedule.done if name not in schedule.ran),
        time.perf_counter() - start,
    )


def _refuse_inside(study: StudyData) -> None:
    """Raise in a notebook that is run: it would run itself, and so on for ever."""
    of = os.environ.get(PROCESSED_OF)
    if of and os.path.realpath(of) == os.path.realpath(study.path):
        raise StudyError(
            "A notebook of a study cannot run the study.",
            where=study.path,
            expected="study.reproduce() and study.verify() at a prompt, or in a notebook that the study does not name",
            fix="remove the call from this notebook",
        )


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _bases(
    study: StudyData, place: Workplace, names: Sequence[str], earlier: Mapping[str, Record], *, whole: bool
) -> dict[str, View]:
    """What each notebook finds that no notebook of this run has left: nothing, or what lies there from earlier runs."""
    if whole:
        return dict.fromkeys(names, View(exact=True))
    everything = [*study.run, *study.real]
    later = {name: everything[everything.index(name) :] for name in names}
    return {n: place.there({m: r for m, r in earlier.items() if m in later[n] or m in names}) for n in names}


def _put(
    study: StudyData, place: Workplace, done: Mapping[str, Record], earlier: Mapping[str, Record], *, whole: bool
) -> bool:
    """Put results in their place; whether they were not there as they are."""
    view, gone = View(exact=True), [*earlier.values()]
    if whole:
        gone += place.leave([*study.run, *study.real])
    else:
        gone = [earlier[name] for name in done if name in earlier]
        ids = {entry["id"] for record in done.values() for entry in record.findings}
        names = {name for record in done.values() for name in record.hidden}
        no_more = {
            f"{i}": Record(
                **{
                    **vars(record),
                    "outputs": {},
                    "findings": [entry for entry in record.findings if entry["id"] not in ids],
                    "hidden": {name: entry for name, entry in record.hidden.items() if name not in names},
                }
            )
            for i, record in enumerate(gone)
        }
        if done:
            view = place.there(no_more)
    for record in done.values():
        view = view.then(record, place.kept)
    return place.place(view, [*done.values()], gone) if done or whole else False


def _ledger(
    study: StudyData, place: Workplace, done: Mapping[str, Record], before: ledger.Ledger | None, *, unchanged: bool
) -> ledger.Ledger:
    """The ledger of what there is now; that of the last run where nothing has changed since."""
    path, stamp = ledger.running_path(study), place.home / "ledger"
    known = unchanged and before is None and path.is_file() and stamp.is_file()
    if known and stamp.read_text(encoding="utf-8") == _stamp(path, done) and (kept := ledger.read_ledger(path)):
        return kept
    made_by = {f"finding:{entry['id']}": name for name, record in done.items() for entry in record.findings}
    for name, record in done.items():
        paths = (Path(rel) for rel in record.outputs if rel.startswith("exhibits/") and rel.endswith(".json"))
        made_by |= {f"exhibit:{path.stem}": name for path in paths}
    found = ledger.collect(study, made_by, before, done)
    ledger.write(found, path, study.inputs)
    stamp.write_text(_stamp(path, done), encoding="utf-8")
    return found


def _stamp(path: Path, done: Mapping[str, Record]) -> str:
    return digest([sha256(path), {name: [record.key, record.folder] for name, record in done.items()}])


def _chosen(study: StudyData, only: Sequence[str]) -> list[str]:
    names = [*study.run, *study.real]
    if not names:
        raise StudyError("The study names no notebooks.", where=study.path, fix="add run = [...] under [notebooks]")
    if not only:
        return names
    unknown = [o for o in only if not any(n == o or n.startswith(o) for n in names)]
    if unknown:
        raise StudyError(
            "The study has no such notebook.",
            where=study.path,
            got=shorten(unknown),
            expected=shorten(names, 20),
            fix="give one of these names, or how it begins",
        )
    return [n for n in names if any(n == o or n.startswith(o) for o in only)]

"""The lock of a plan: what was declared on which day, beside which raw files; written once and only ever added to."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from survey.base.catalogue import Note
from survey.base.digest import digest
from survey.base.files import making_raw_data, sha256, writing
from survey.base.toml import read_toml
from survey.errors import StudyError
from survey.study.plan_file import Declaration, restored
from survey.study.specification_file import Choices, plain

__all__ = ["Amendment", "Lock", "changed_files", "changes", "lock", "lock_path", "read_lock"]

_HEAD = "# The plan of the study as it was locked. `survey plan` compares it with study.toml; it is never edited.\n"


@dataclass(frozen=True, slots=True)
class Amendment:
    """A later state of the plan that was recorded: when, its hash, and what had changed since the lock."""

    date: dt.datetime
    hash: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lock:
    """A locked plan.

    Parameters
    ----------
    path : Path
    date : datetime
    hash : str
        SHA-256 of the declaration.
    declaration : Declaration
    files : mapping of str to str
        SHA-256 of each raw file, by its path from the study.toml.
    amendments : tuple of Amendment
    """

    path: Path
    date: dt.datetime
    hash: str
    declaration: Declaration
    files: Mapping[str, str]
    amendments: tuple[Amendment, ...] = ()

    @property
    def seal(self) -> str:
        """SHA-256 of all that the file holds: dates, raw files and amendments too."""
        later = [[a.date.isoformat(), a.hash, list(a.changes)] for a in self.amendments]
        return digest([self.date.isoformat(), self.hash, dict(self.files), later])


def lock_path(study: Path) -> Path:
    """Where the lock of a study.toml is: plan.lock.toml beside it."""
    name = "plan.lock.toml" if study.name == "study.toml" else f"{study.stem}.plan.lock.toml"
    return study.parent / name


def read_lock(path: Path) -> Lock | None:
    """The lock; None where the plan was never locked.

    Raises
    ------
    StudyError
        If the file cannot be read, or does not hold what was written to it.
    """
    if not path.exists():
        return None
    raw = read_toml(path, "lock of the plan", StudyError)
    try:
        found = Lock(
            path,
            _time(raw["locked"]),
            str(raw["hash"]),
            restored(raw["declaration"]),
            {str(name): str(digest) for name, digest in raw["files"].items()},
            tuple(
                Amendment(_time(a["date"]), str(a["hash"]), tuple(map(str, a["changes"])))
                for a in raw.get("amendments", ())
            ),
        )
        seal = raw["seal"]["sha256"]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise _changed(path, f"{type(problem).__name__}: {problem}"[:200]) from problem
    if found.hash != found.declaration.hash:
        raise _changed(path, f"a declaration of hash {found.declaration.hash[:12]}… under {found.hash[:12]}…")
    if seal != found.seal:
        raise _changed(path, "another date, file or amendment than was sealed")
    return found


def _time(value: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        raise TypeError("a date with a time is expected")
    return value


def _changed(path: Path, got: str) -> StudyError:
    return StudyError(
        "The lock of the plan is not as it was written.",
        where=path,
        got=got,
        expected="the file that `survey plan --lock` wrote",
        fix="restore it from a copy; a lock that was edited shows nothing",
    )


def lock(path: Path, plan: Declaration, files: Mapping[str, Path], locked: Lock | None, *, amend: bool = False) -> Lock:
    """Write the first lock, or with `amend` add what changed since to the one there is; see `Study.lock_plan`.

    Raises
    ------
    StudyError
        If the plan has changed since it was locked, and `amend` is false; if a raw file cannot be read.
    ExportError
        If the lock cannot be written.
    """
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    if locked is None:
        made = Lock(path, now, plan.hash, plan, {name: _digest(file) for name, file in files.items()})
    else:
        if plan.hash == (locked.amendments[-1] if locked.amendments else locked).hash:
            return locked
        told = tuple(str(note) for note in changes(locked.declaration, plan))
        if not amend:
            raise StudyError(
                f"The plan was locked on {locked.date.date()}, and has changed since.",
                where=path,
                got="; ".join(told) or "the plan of before its last amendment",
                expected="the plan as it was locked",
                fix="undo the changes, or record them beside the lock: survey plan --lock --amend",
            )
        made = replace(locked, amendments=(*locked.amendments, Amendment(now, plan.hash, told)))
    with making_raw_data(), writing(path) as temporary:
        temporary.write_text(_toml(made), encoding="utf-8", newline="\n")
    return made


def _digest(file: Path) -> str:
    try:
        return sha256(file)
    except OSError as problem:
        raise StudyError(
            "A raw file cannot be read, so the plan cannot be locked.",
            where=file,
            got=type(problem).__name__,
            expected="the raw files that study.toml names",
            fix="put the file there",
        ) from problem


def _toml(made: Lock) -> str:
    def text(value: Any) -> str:
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{text(k)} = {text(v)}" for k, v in value.items()) + "}"
        return json.dumps(value, ensure_ascii=False)  # texts, numbers and lists of JSON are TOML too

    content = made.declaration.content
    families, choices = content.pop("families"), content.pop("specifications", {})
    lines = [_HEAD, f"locked = {made.date.isoformat()}", f"hash = {text(made.hash)}", "", "[declaration]"]
    lines += [f"{key} = {text(value)}" for key, value in content.items()]
    lines += [] if families else ["", "[declaration.families]"]
    for name, family in families.items():
        lines += ["", f"[declaration.families.{text(name)}]", *(f"{key} = {text(v)}" for key, v in family.items())]
    for name, choice in choices.items():
        head = f"[declaration.specifications.{text(name)}]"
        lines += ["", head, *(f"{key} = {text(v)}" for key, v in choice.items())]
    lines += ["", "[files]"]
    lines += [f"{text(name)} = {text(digest)}" for name, digest in made.files.items()]
    for a in made.amendments:
        lines += ["", "[[amendments]]", f"date = {a.date.isoformat()}", f"hash = {text(a.hash)}", "changes = ["]
        lines += [*(f"  {text(change)}," for change in a.changes), "]"]
    lines += ["", "[seal]", f"sha256 = {text(made.seal)}"]
    return "\n".join(lines) + "\n"


def changed_files(locked: Lock, files: Mapping[str, Path]) -> list[Note]:
    """Raw files that are other than when the plan was locked: changed, gone or added; a file that moved is the same."""
    there = {name: sha256(file) for name, file in files.items() if file.is_file()}
    gone = [name for name in locked.files if name not in there]
    added = [name for name in files if name not in locked.files]
    moved = {there.get(name) for name in added} & {locked.files[name] for name in gone}
    found = [Note("plan.file_changed", file=n) for n, d in locked.files.items() if n in there and there[n] != d]
    found += [Note("plan.file_gone", file=name) for name in gone if locked.files[name] not in moved]
    return found + [Note("plan.file_added", file=name) for name in added if there.get(name) not in moved]


def changes(locked: Declaration, plan: Declaration) -> list[Note]:
    """What of a plan is other than it was locked."""
    before, after = ({f.name: f for f in d.families} for d in (locked, plan))
    found = [Note("plan.family_added", family=n) for n in after if n not in before]
    found += [Note("plan.family_removed", family=n) for n in before if n not in after]
    for name in (n for n in after if n in before):
        old, new = before[name], after[name]
        for key, one, other in (
            ("outcomes", old.outcomes, new.outcomes),
            ("breakdowns", _crossed(old.breakdowns), _crossed(new.breakdowns)),
        ):
            if added := [v for v in other if v not in one]:
                found.append(Note(f"plan.{key}_added", family=name, names=", ".join(added)))
            if removed := [v for v in one if v not in other]:
                found.append(Note(f"plan.{key}_removed", family=name, names=", ".join(removed)))
        for key in ("kind", "correction", "alpha"):
            before_, after_ = str(getattr(old, key)), str(getattr(new, key))
            if before_ != after_:
                found.append(Note("plan.changed", family=name, what=key, before=before_, after=after_))
    for key in ("correction", "alpha"):
        before_, after_ = str(getattr(locked, key)), str(getattr(plan, key))
        if before_ != after_:
            found.append(Note("plan.default_changed", what=key, before=before_, after=after_))
    return found + _changed_choices(locked.specifications, plan.specifications)


def _changed_choices(locked: Choices, declared: Choices) -> list[Note]:
    """Choices of specifications that are other than they were locked."""
    found = [Note("plan.choice_added", choice=n) for n in declared if n not in locked]
    found += [Note("plan.choice_removed", choice=n) for n in locked if n not in declared]
    both = [n for n in declared if n in locked]
    return found + [Note("plan.choice_changed", choice=n) for n in both if plain(declared[n]) != plain(locked[n])]


def _crossed(breakdowns: Sequence[tuple[str, ...]]) -> list[str]:
    return [" × ".join(sorted(entry)) for entry in breakdowns]

"""A lineage table of administrative units: which unit a code meant on a day, what came of it, what it came from."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.base.cells import second_table
from survey.base.files import system_message
from survey.errors import CleaningError, ReadError, shorten

__all__ = ["Lineage", "Unit"]

_NEEDED = ("code", "name", "valid_from", "valid_to", "successor_code", "successor_valid_from")
_OPTIONAL = ("kind", "share")
_KINDS = ("renamed", "merged", "split")
_FAR = pd.Timestamp("2262-01-01")

Key = tuple[str, pd.Timestamp]


@dataclass(frozen=True, slots=True)
class Unit:
    """A code while it meant one thing."""

    code: str
    name: str
    start: pd.Timestamp
    end: pd.Timestamp
    successors: tuple[Key, ...]
    kind: str

    def __str__(self) -> str:
        last = "now" if self.end == _FAR else f"{self.end:%Y-%m-%d}"
        return f"{self.code} {self.name} ({self.start:%Y-%m-%d} to {last})"

    def during(self, day: pd.Timestamp) -> bool:
        return bool(self.start <= day <= self.end)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Units by (code, first day), and the rows of the table they came from."""

    units: Mapping[Key, Unit]
    by_code: Mapping[str, tuple[Unit, ...]]
    back: Mapping[Key, tuple[Unit, ...]]
    rows: tuple[Mapping[str, str], ...]

    @classmethod
    def of(cls, table: Any) -> Lineage:
        """Read and check a lineage table.

        Raises
        ------
        CleaningError
            For a file that is not there, a column that is, a day that cannot be read, a code that means two things on
            one day, a successor that is not a unit of the table or begins before its predecessor ends.
        """
        rows = _rows(table)
        units = _units(rows)
        by_code: dict[str, list[Unit]] = {}
        back: dict[Key, list[Unit]] = {}
        for unit in units.values():
            for other in by_code.setdefault(unit.code, []):
                if unit.start <= other.end and other.start <= unit.end:
                    raise CleaningError(
                        "A code of the lineage table has two meanings on the same day.",
                        where=unit.code,
                        got=f"{other}; {unit}",
                        fix="end the first before the second begins",
                    )
            by_code[unit.code].append(unit)
            for key in unit.successors:
                if key not in units:
                    known = shorten([str(u) for u in units.values() if u.code == key[0]]) or "no unit of that code"
                    raise CleaningError(
                        "A successor is not a unit of the lineage table.",
                        where=str(unit),
                        got=f"{key[0]} from {key[1]:%Y-%m-%d}",
                        expected=known,
                        fix="add its row, or correct the date",
                    )
                if key[1] <= unit.end:
                    raise CleaningError(
                        "A successor begins before its predecessor ends.",
                        where=str(unit),
                        got=str(units[key]),
                        fix="correct valid_to or successor_valid_from",
                    )
                back.setdefault(key, []).append(unit)
        return cls(units, {c: tuple(u) for c, u in by_code.items()}, {k: tuple(u) for k, u in back.items()}, rows)

    def at(self, code: Any, day: pd.Timestamp) -> Unit | None:
        """The unit that a code meant on a day."""
        return next((u for u in self._of(code) if u.during(day)), None)

    def _of(self, code: Any) -> tuple[Unit, ...]:
        text = _code(code)
        if text in self.by_code:
            return self.by_code[text]
        if isinstance(code, str):
            return ()
        # a number has lost the zeros at its beginning
        alike = [c for c in self.by_code if c.isdigit() and c.lstrip("0") == text]
        return self.by_code[alike[0]] if len(alike) == 1 else ()

    def follow(self, code: Any, day: pd.Timestamp, target: pd.Timestamp, shown: str) -> tuple[str | None, str, str]:
        """The code on another day; or what is in the way, with the code as shown; and by which kind of change."""
        unit, kind = self.at(code, day), "the same"
        if unit is None:
            known = shorten([str(u) for u in self._of(code)])
            return None, f"{shown} on its day: " + (f"only {known}" if known else "no such code"), ""
        while not unit.during(target):
            ahead = target > unit.end
            nexts = (
                [self.units[k] for k in unit.successors] if ahead else list(self.back.get((unit.code, unit.start), ()))
            )
            if ahead and unit.kind == "split" and len(nexts) == 1:
                return None, f"{unit}: split, and the lineage table has one of its parts only", ""
            if len(nexts) != 1:
                word = "successor" if ahead else "predecessor"
                got = f"{len(nexts)} {word}s: {shorten(nexts)}" if nexts else f"no {word} in the lineage table"
                return None, f"{unit}: {got}", ""
            step = unit.kind if ahead else nexts[0].kind
            kind = step if kind in ("the same", step) else "several changes"
            before, unit = unit, nexts[0]
            if (not ahead and target > unit.end) or (ahead and target < unit.start):
                return None, f"{before}: nothing in force on {target:%Y-%m-%d} until {unit}", ""
        return unit.code, "", kind or "changed"

    def names(self, day: pd.Timestamp, codes: Iterable[str]) -> dict[str, str]:
        """Names of codes on a day, in the order of the codes."""
        found = {c: self.at(c, day) for c in sorted(set(codes))}
        return {c: unit.name for c, unit in found.items() if unit is not None}

    def records(self, codes: Iterable[Any]) -> list[dict[str, str]]:
        """The rows of the table that speak of these codes, of what came of them and of what they came from."""
        near: dict[str, set[str]] = {}
        for unit in self.units.values():
            for code, _ in unit.successors:
                near.setdefault(unit.code, set()).add(code)
                near.setdefault(code, set()).add(unit.code)
        todo = {unit.code for code in codes for unit in self._of(code)}
        wanted: set[str] = set()
        while todo:
            code = todo.pop()
            wanted.add(code)
            todo |= near.get(code, set()) - wanted
        return [dict(row) for row in self.rows if row["code"] in wanted]


def _code(value: Any) -> str:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    number = float(value)
    return str(int(number)) if number.is_integer() else str(value)


def _rows(table: Any) -> tuple[Mapping[str, str], ...]:
    if isinstance(table, str | os.PathLike):
        try:
            table = second_table(table)
        except FileNotFoundError:
            raise CleaningError("The lineage table does not exist.", where=table, fix="correct the path") from None
        except OSError as problem:
            raise CleaningError(
                "The lineage table cannot be opened.",
                where=table,
                got=system_message(problem),
                expected="a readable file",
                fix="correct the path",
            ) from problem
        except ReadError as problem:
            raise CleaningError(
                "The lineage table cannot be read.",
                where=problem.where or table,
                got=problem.what if problem.got is None else f"{problem.what} {problem.got}",
                expected="a CSV file",
                fix=problem.fix,
            ) from problem
        except ValueError as problem:
            raise CleaningError(
                "The lineage table cannot be read.", where=table, got=problem, expected="a CSV file"
            ) from problem
    elif not isinstance(table, pd.DataFrame):
        table = pd.DataFrame(list(table), columns=None)
    lacking = [c for c in _NEEDED if c not in table.columns]
    if lacking:
        raise CleaningError(
            "The lineage table is missing columns.",
            got=shorten(table.columns),
            expected=shorten(_NEEDED),
            fix=f"add {shorten(lacking)}",
        )
    names = [*_NEEDED, *(c for c in _OPTIONAL if c in table.columns)]
    columns = {}
    for name in names:
        cells = []
        for value in table[name].tolist():
            if value is None or (not isinstance(value, str) and pd.isna(value)):
                cells.append("")
            elif name in ("valid_from", "valid_to", "successor_valid_from"):
                cells.append(value.strip() if isinstance(value, str) else str(pd.Timestamp(value).date()))
            else:
                cells.append(_code(value))
        columns[name] = cells
    return tuple(dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _units(rows: Iterable[Mapping[str, str]]) -> dict[Key, Unit]:
    found: dict[Key, list[Mapping[str, str]]] = {}
    for row in rows:
        if not row["code"]:
            raise CleaningError("A row of the lineage table has no code.", got=dict(row), fix="remove or complete it")
        found.setdefault((row["code"], _date(row, "valid_from")), []).append(row)
    units = {}
    for (code, start), same in found.items():
        ends = {_date(r, "valid_to") if r["valid_to"] else _FAR for r in same}
        names = {r["name"] for r in same}
        if len(ends) > 1 or len(names) > 1:
            raise CleaningError(
                "Rows for the same unit of the lineage table disagree.",
                where=f"{code} from {start:%Y-%m-%d}",
                got=shorten([*names, *(f"{e:%Y-%m-%d}" for e in ends)]),
                expected="one name and one end date",
            )
        (end,), (name,) = ends, names
        if end < start:
            raise CleaningError(
                "A unit of the lineage table ends before it begins.",
                where=code,
                got=f"{start:%Y-%m-%d} to {end:%Y-%m-%d}",
            )
        kinds = {r.get("kind", "") for r in same} - {""}
        unknown = kinds - set(_KINDS)
        if unknown:
            raise CleaningError(
                "An unknown kind of change in the lineage table.",
                where=code,
                got=shorten(unknown),
                expected=shorten(_KINDS),
            )
        keys = tuple(
            dict.fromkeys((r["successor_code"], _date(r, "successor_valid_from")) for r in same if r["successor_code"])
        )
        kind = "split" if len(keys) > 1 else next(iter(kinds), "")
        units[code, start] = Unit(code, name, start, end, keys, kind)
    return units


def _date(row: Mapping[str, str], name: str) -> pd.Timestamp:
    try:
        day = pd.Timestamp(row[name]) if row[name] else pd.NaT
    except ValueError:
        day = pd.NaT
    if pd.isna(day):
        raise CleaningError(
            "A date in the lineage table cannot be read.",
            where=f"{row['code']}, {name}",
            got=row[name] or "nothing",
            expected="such as 2025-07-01",
        )
    return day.normalize()

"""Published numbers held against recomputed ones, one by one: which are reproduced, which differ, what moved them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from survey.study.ledger import Ledger

__all__ = ["RESULTS", "TOLERANCE", "Comparison", "differences"]

TOLERANCE = 1e-9
"""Two numbers are the same within this share of the larger: libraries add up in another order on another machine."""
REPRODUCED, CHANGED, MISSING, NEW, NOT_RUN = RESULTS = ("reproduced", "changed", "missing", "new", "not_run")
_KINDS = ("finding", "exhibit")
_COLUMNS = ("kind", "name", "id", "row", "result", "published", "now", "difference", "notebook")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results as they were published, as they were recomputed, and how the two differ.

    Parameters
    ----------
    published, now : Ledger
        As published and as recomputed.
    table : DataFrame
        A row for every number or sentence that is not reproduced: kind ("finding" or "exhibit"), name, id (of a
        number `name.row.column`, as in documents), row (what the row is about), result ("changed", "missing", "new"),
        published, now, difference (now minus published), notebook.
    skipped : mapping of str to str
        Notebooks that could not run here, and why; what they made is not judged.
    unchecked : mapping of str to str
        Of a verification from cells: results that these do not tell, and why (a key of the catalogue, or a text).
    all_numbers : int
        Of a verification from cells: numbers that were published, those of `unchecked` too; else 0.
    """

    published: Ledger
    now: Ledger
    table: pd.DataFrame
    skipped: Mapping[str, str] = field(default_factory=dict)
    unchecked: Mapping[str, str] = field(default_factory=dict)
    all_numbers: int = 0

    @property
    def passed(self) -> bool:
        """Whether everything that was published and could be recomputed is reproduced, and nothing is new."""
        return len(self.table) == 0

    def moved(self, kind: str) -> dict[str, list[str]]:
        """Findings or exhibits by what became of them: "reproduced", "changed", "missing", "new", "not_run".

        Parameters
        ----------
        kind : {"finding", "exhibit"}
        """
        old, new = (x.findings if kind == "finding" else x.exhibits for x in (self.published, self.now))
        differing = set(self.table.loc[self.table["kind"] == kind, "name"])
        found: dict[str, list[str]] = {key: [] for key in RESULTS}
        for name in [*old, *(n for n in new if n not in old)]:
            if name in old and old[name]["notebook"] in self.skipped:
                key = NOT_RUN
            elif name not in differing:
                key = REPRODUCED
            else:
                key = NEW if name not in old else MISSING if name not in new else CHANGED
            found[key].append(name)
        return found

    @property
    def counts(self) -> pd.DataFrame:
        """How many findings and exhibits (a row each) are reproduced, changed, missing, new, or were not run."""
        moved = {kind: {key: len(names) for key, names in self.moved(kind).items()} for kind in _KINDS}
        return pd.DataFrame.from_dict(moved, orient="index").rename_axis("kind")

    @property
    def changed(self) -> pd.DataFrame:
        """The rows of `table` that were published with another value or in other words; empty where there is none."""
        return self._with(CHANGED)

    @property
    def missing(self) -> pd.DataFrame:
        """The rows of `table` that were published, and are not made any more."""
        return self._with(MISSING)

    @property
    def new(self) -> pd.DataFrame:
        """The rows of `table` that are made now, and were not published."""
        return self._with(NEW)

    def _with(self, result: str) -> pd.DataFrame:
        return self.table[self.table["result"] == result].reset_index(drop=True)

    @property
    def causes(self) -> dict[str, list[tuple[str, str, str]]]:
        """What is other than it was: kind ("files", "notebooks", "code", "versions") to (name, before, after) each.

        A name that is only in one has "" in the other.
        """
        old, new = self.published, self.now
        return {
            "files": _other(old.origin.files, new.origin.files),
            "notebooks": _other(
                *({k: v["source"] for k, v in x.notebooks.items() if k not in self.skipped} for x in (old, new))
            ),
            "code": _other({"survey": old.origin.code}, {"survey": new.origin.code}),
            "versions": _other(old.origin.versions, new.origin.versions),
        }


def _other(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [
        (name, old.get(name, ""), new.get(name, "")) for name in sorted({*old, *new}) if old.get(name) != new.get(name)
    ]


def differences(published: Ledger, now: Ledger, left: Mapping[str, str]) -> pd.DataFrame:
    """Every number or sentence that is not reproduced; nothing of the notebooks that are left out."""
    rows: list[tuple[Any, ...]] = []
    for kind, old, new in (
        ("finding", published.findings, now.findings),
        ("exhibit", published.exhibits, now.exhibits),
    ):
        for name in [*old, *(n for n in new if n not in old)]:
            notebook = (new.get(name) or old[name])["notebook"]
            if name in old and old[name]["notebook"] in left:
                continue
            if name not in new:
                rows.append((kind, name, name, "", MISSING, _about(old[name]), "", math.nan, notebook))
            elif name not in old:
                rows.append((kind, name, name, "", NEW, "", _about(new[name]), math.nan, notebook))
            else:
                differing = _of_finding if kind == "finding" else _of_exhibit
                rows += [(kind, name, *row, notebook) for row in differing(name, old[name], new[name])]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"difference": float})


def _about(entry: Mapping[str, Any]) -> str:
    """A sentence or a title, in whatever language it has, English first."""
    texts = entry.get("title", {k: v for k, v in entry.items() if k not in ("notebook", "numbers")})
    return str(texts.get("en", next(iter(texts.values()), "")))


def _of_finding(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    numbers = list(_of_values(name, "", old["numbers"], new["numbers"]))
    yield from numbers
    if not numbers:  # its words follow its numbers
        for lang in sorted({*old, *new} - {"notebook", "numbers"}):
            if old.get(lang) != new.get(lang):
                yield f"{name}.{lang}", "", CHANGED, old.get(lang, ""), new.get(lang, ""), math.nan


def _of_exhibit(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    if "hash" in old or "hash" in new:
        if old.get("hash") != new.get("hash"):
            yield name, "", CHANGED, old.get("hash", "")[:12], new.get("hash", "")[:12], math.nan
        return
    found = False
    for i in range(max(len(old["rows"]), len(new["rows"]))):
        before, after = (
            dict(zip(e["columns"], e["rows"][i], strict=True)) if i < len(e["rows"]) else {} for e in (old, new)
        )
        about = ", ".join(f"{key} {_code((before or after)[key])}" for key in (old if before else new)["keys"])
        for row in _of_values(f"{name}.{i + 1}", about, before, after):
            found = True
            yield row
    for lang in () if found else sorted({*old["title"], *new["title"]}):
        if old["title"].get(lang) != new["title"].get(lang):
            yield f"{name}.{lang}", "", CHANGED, old["title"].get(lang, ""), new["title"].get(lang, ""), math.nan


def _code(value: Any) -> Any:
    """A code as people write it: 1, where a column with gaps holds 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _of_values(
    place: str, row: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, str, str, Any, Any, float]]:
    for key in [*old, *(k for k in new if k not in old)]:
        one, other = old.get(key), new.get(key)
        if _same(one, other):
            continue
        result = MISSING if key not in new else NEW if key not in old else CHANGED
        both = isinstance(one, int | float) and isinstance(other, int | float)
        yield f"{place}.{key}", row, result, one, other, float(other) - float(one) if both else math.nan  # type: ignore[arg-type]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE * 1e-3)
    return bool(one == other)

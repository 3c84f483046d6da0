"""What a study has exported, held against itself: the ledger of hidden rows beside its other processed files.

Notebooks run in processes of their own. What each exhibit hides, and on whose answers its rows stand, is kept in
`processed/disclosure`, one file an exhibit; like the stored sample it is about respondents and is not for publication.
"""

from __future__ import annotations

import json
import warnings
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import outside
from survey.base.files import writing
from survey.errors import DisclosureWarning, StudyError
from survey.estimates import Summary
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.linked import Cell, cells_of, leaks, protected
from survey.reports.disclosure import audit_cells, counts_of, summary_of

__all__ = ["audit", "beside", "forget", "independent", "record", "stored", "summary", "text_of"]

_KEYS = ("place", "counts", "data", "size", "people", "mixed", "cells")


def beside(folder: Path, exhibits: Mapping[str, Exhibit]) -> dict[str, Exhibit]:
    """Exhibits without the rows that give away what they or earlier ones hide.

    Earlier is what was exported first: an exhibit that is written again keeps its place, and comes out the same.
    """
    place = min(_places(folder, exhibits).values())
    entries = _entries(folder).items()
    written = [c for name, one in entries if name not in exhibits and one["place"] < place for c in _cells(name, one)]
    return dict(zip(exhibits, protected(tuple(exhibits.values()), written=written), strict=True))


def record(folder: Path, asked: Mapping[str, Exhibit], exhibits: Mapping[str, Exhibit]) -> None:
    """Write down what exhibits hide; say what they hide beside others, and what still gives something away.

    Parameters
    ----------
    folder : Path
    asked, exhibits : mapping of str to Exhibit
        By name, as they were to be exported and as they were (see `beside`).
    """
    places = _places(folder, exhibits)
    for name, exhibit in exhibits.items():
        cells = cells_of({name: exhibit})
        sets = {cell.people: cell.members for cell in cells if not cell.parts}
        mixed: dict[str, list[tuple[float, str]]] = {}
        for cell in cells:
            for coefficient, members in cell.parts:
                key = next((k for k, m in sets.items() if np.array_equal(m, members)), f"{len(sets)}")
                sets[key] = members
                mixed.setdefault(cell.people, []).append((coefficient, key))
        content = {
            "place": places[name],
            "counts": counts_of(exhibit),
            "data": cells[0].data.hex() if cells else "",
            "size": len(cells[0].members) if cells else 0,
            "people": {key: b64encode(np.packbits(members).tobytes()).decode() for key, members in sets.items()},
            "mixed": mixed,
            "cells": [[c.people, c.subject, c.shown, c.small, c.item, c.group] for c in cells],
        }
        content["beside"] = _more_hidden(asked[name], exhibit)
        with writing(folder / f"{name}.json") as temporary:
            temporary.write_text(text_of(content), encoding="utf-8", newline="\n")
        _tell_hidden(name, asked[name], exhibit)
    _tell_leaks(audit(folder), exhibits)


def _places(folder: Path, exhibits: Collection[str]) -> dict[str, int]:
    """The places of exhibits among all, in the order they were first exported."""
    known = {name: one["place"] for name, one in _entries(folder).items()}
    free = max(known.values(), default=-1) + 1
    return {name: known.get(name, free + i) for i, name in enumerate(exhibits)}


def text_of(content: Mapping[str, Any]) -> str:
    """What the file of an exhibit holds."""
    return json.dumps(content, ensure_ascii=False) + "\n"


def _more_hidden(asked: Exhibit, exhibit: Exhibit) -> int:
    """How many rows are hidden that were to be shown."""
    before, after = (counts_of(x) for x in (asked, exhibit))
    return 0 if before is None or after is None else after["complementary"] - before["complementary"]


def _tell_hidden(name: str, asked: Exhibit, exhibit: Exhibit) -> None:
    more, counts = _more_hidden(asked, exhibit), counts_of(exhibit)
    if not more or counts is None:
        return
    warnings.warn(
        f"{more} of {counts['rows']} results of {name} are hidden because "
        "with other exhibits of this study they give away a hidden result. Use coarser groups, or export what belongs "
        "together in one call, study.export({...}); study.hidden() lists what is hidden.",
        DisclosureWarning,
        stacklevel=outside(),
    )


def _tell_leaks(found: pd.DataFrame, names: Collection[str]) -> None:
    used = found["computed_from"].str.split(", ")
    found = found[found["exhibit"].isin(list(names)) | used.map(lambda own: bool({*own} & {*names}))]
    if len(found):
        row, more = found.iloc[0], f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        warnings.warn(
            f"A hidden result can be computed from exhibits of this study: {row['item']}, {row['group']} of "
            f"{row['exhibit']}, from {row['computed_from']}{more}. Export these in one call, study.export({{...}}), "
            "or use coarser groups; study.audit() lists all.",
            DisclosureWarning,
            stacklevel=outside(),
        )


def audit(folder: Path) -> pd.DataFrame:
    """Hidden results that follow from the exhibits of the ledger together; see `survey.reports.disclosure.audit`."""
    return audit_cells([cell for name, content in _entries(folder).items() for cell in _cells(name, content)])


def summary(folder: Path) -> Summary:
    """What each exhibit of the ledger hides; see `survey.reports.disclosure.hidden`."""
    return summary_of({name: content["counts"] for name, content in _entries(folder).items()})


def independent(before: Mapping[str, Mapping[str, Any]], own: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether exhibits are surely the same, and nothing else is said of them, with others exported before or without.

    They are if they are of other people or answers, or if nothing was hidden for the sake of others and nothing hidden
    follows from all together: then it follows from no part of them either.

    Parameters
    ----------
    before, own : mapping of str to mapping
        Entries of the ledger by exhibit, as `stored` gives them.
    """
    cells = [cell for name, content in own.items() for cell in _cells(name, content)]
    about = {(cell.data, cell.subject) for cell in cells}
    others = [c for name, content in before.items() if name not in own for c in _cells(name, content)]
    others = [c for c in others if (c.data, c.subject) in about]
    if not others:
        return not any(name in before for name in own)
    replaced = any(name in before for name in own)
    return not (replaced or any(content["beside"] for content in own.values()) or leaks([*cells, *others]))


def stored(folder: Path) -> dict[str, dict[str, Any]]:
    """The entries of the ledger by exhibit, as JSON has them, in the order in which they were first exported.

    Raises
    ------
    StudyError
        If one is damaged.
    """
    return dict(sorted(_entries(folder).items(), key=lambda item: int(item[1]["place"])))


def forget(folder: Path) -> None:
    """Remove the ledger of earlier runs."""
    for path in folder.glob("*.json"):
        path.unlink(missing_ok=True)


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = {key: content[key] for key in _KEYS} | {"beside": content.get("beside", 0)}
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
            raise StudyError(
                "The list of what an exhibit hides is damaged.", where=path, got=problem, fix="remove it"
            ) from problem
    return found


def _cells(name: str, content: Mapping[str, Any]) -> list[Cell]:
    data, size = bytes.fromhex(content["data"]), content["size"]
    members = {
        key: np.unpackbits(np.frombuffer(b64decode(packed), np.uint8), count=size).astype(bool)
        for key, packed in content["people"].items()
    }
    cells = []
    for people, subject, shown, small, item, group in content["cells"]:
        parts = tuple((float(c), members[key]) for c, key in content["mixed"].get(people, ()))
        own = np.any([m for _, m in parts], axis=0) if parts else members[people]
        cells.append(Cell(people, subject, shown, small, int(own.sum()), name, item, group, own, data, parts))
    return cells

"""What a study has exported, held against itself: the ledger of hidden rows beside its other processed files.

Notebooks run in processes of their own. What each exhibit hides, and on whose answers its rows stand, is kept in
`processed/disclosure`, one file an exhibit; like the stored sample it is about respondents and is not for publication.
"""

from __future__ import annotations

import json
import warnings
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import outside
from survey.base.files import writing
from survey.errors import DisclosureWarning, StudyError
from survey.estimates import Summary
from survey.exhibits.exhibit import Exhibit
from survey.reports.disclosure import Cell, audit_cells, cells_of, counts_of, summary_of

__all__ = ["audit", "forget", "record", "summary"]


def record(folder: Path, name: str, exhibit: Exhibit) -> None:
    """Write down what an exhibit hides; warn if it gives away what another hides, or the other way round."""
    cells = cells_of({name: exhibit})
    people = {cell.people: cell for cell in cells}
    content = {
        "counts": counts_of(exhibit),
        "data": cells[0].data.hex() if cells else "",
        "size": len(cells[0].members) if cells else 0,
        "people": {key: b64encode(np.packbits(c.members).tobytes()).decode() for key, c in people.items()},
        "cells": [[c.people, c.shown, c.small, c.item, c.group] for c in cells],
    }
    with writing(folder / f"{name}.json") as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    found = audit(folder)
    found = found[(found["exhibit"] == name) | found["computed_from"].str.split(", ").map(lambda used: name in used)]
    if len(found):
        row, more = found.iloc[0], f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        warnings.warn(
            f"A hidden result can be computed from exhibits of this study: {row['item']}, {row['group']} of "
            f"{row['exhibit']}, from {row['computed_from']}{more}. "
            "Use coarser groups, or make the exhibits of sv.protect(...); study.audit() lists all.",
            DisclosureWarning,
            stacklevel=outside(),
        )


def audit(folder: Path) -> pd.DataFrame:
    """Hidden results that follow from the exhibits of the ledger together; see `survey.reports.disclosure.audit`."""
    return audit_cells([cell for name, content in _entries(folder).items() for cell in _cells(name, content)])


def summary(folder: Path) -> Summary:
    """What each exhibit of the ledger hides; see `survey.reports.disclosure.hidden`."""
    return summary_of({name: content["counts"] for name, content in _entries(folder).items()})


def forget(folder: Path) -> None:
    """Remove the ledger of earlier runs."""
    for path in folder.glob("*.json"):
        path.unlink(missing_ok=True)


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = {key: content[key] for key in ("counts", "data", "size", "people", "cells")}
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
            raise StudyError(
                "The list of what an exhibit hides is damaged.", where=path, got=problem, fix="remove it"
            ) from problem
    return found


def _cells(name: str, content: dict[str, Any]) -> list[Cell]:
    data, size = bytes.fromhex(content["data"]), content["size"]
    members = {
        key: np.unpackbits(np.frombuffer(b64decode(packed), np.uint8), count=size).astype(bool)
        for key, packed in content["people"].items()
    }
    return [
        Cell(people, shown, small, int(members[people].sum()), name, item, group, members[people], data)
        for people, shown, small, item, group in content["cells"]
    ]

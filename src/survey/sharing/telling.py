"""What cells hold and give away, in words."""

from __future__ import annotations

from survey.base.catalogue import listed, text
from survey.errors import shorten
from survey.sharing.hiding import hidden
from survey.sharing.increments import Updated
from survey.sharing.state import CellsData
from survey.words import locale as loc

__all__ = ["to_text", "told_update"]

_FEW = 5


def to_text(self: CellsData, lang: str = "en") -> str:
    """Lines on people, clusters and questions; how many cells are small; what is hidden.

    Parameters
    ----------
    lang : {"en", "vi"}
    """
    head = text("cells.head", lang, n=len(self), clusters=len(self.drawn))
    lines = [text("cells.named", lang, name=self.name, head=head) if self.name else head]
    if len(self.parts) > 1:
        lines.append(text("cells.added", lang, names=listed(name for name, _ in self.parts)))
    costs = hidden(self)
    for i, tally in enumerate(self.tallies):
        few = int((tally.cells.n < _FEW).sum())
        sizes = {"groups": len(tally.groups), "cells": len(tally.cells), "few": few}
        lines.append(text("cells.question", lang, question=tally.name, **sizes))
        cost = costs.iloc[i]
        if cost["hidden_people"]:
            values = {"people": int(cost["hidden_people"]), "all": int(cost["people"]), "whole": int(cost["whole"])}
            share = f"{loc.number(100 * cost['share_weight'], 1, lang)}%"
            lines.append("  " + text("cells.hidden", lang, share=share, groups=len(tally.groups), **values))
    if self.calibration is None and any(a.margins or a.numbers for a in self.design.adjustments):
        lines.append(text("cells.no_errors", lang))
    return "\n".join(lines)


def told_update(self: Updated, lang: str = "en") -> str:
    """Lines on what was counted now, what was known, renamed or is gone, and what the cells hold.

    Parameters
    ----------
    lang : {"en", "vi"}
    """
    rows = sum(file.rows for file in self.counted)
    lines = [text("cells.updated", lang, n=len(self.counted), rows=rows, known=self.known)]
    for key, names in {
        "cells.without_rows": [file.name for file in self.counted if not file.rows],
        "cells.renamed": [f"{old} → {new}" for old, new in self.renamed],
        "cells.vanished": self.vanished,
    }.items():
        if names:
            lines.append(text(key, lang, names=shorten(names)))
    return "\n".join([*lines, to_text(self.cells, lang)])

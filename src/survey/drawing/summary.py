"""What a draw says of itself on the screen."""

from __future__ import annotations

import datetime as dt

from survey.base.arguments import one_of
from survey.base.catalogue import LANGUAGES, as_note, matched, text
from survey.base.language import chosen
from survey.drawing.drawn import DrawData
from survey.errors import DesignError

__all__ = ["to_text"]


def to_text(self: DrawData, lang: str | None = None) -> str:
    """How much was drawn, from which seed and frame, and what is to be known of it.

    Parameters
    ----------
    lang : str, optional
    """
    lang = lang or chosen() or "en"
    one_of(lang, LANGUAGES, "language", DesignError, where="lang")
    log, stage = self.log, self.design.households
    strata = log["strata"]
    counts = {
        "date": dt.date.fromisoformat(log["date"]),
        "seed": str(log["seed"]),
        "strata": len(strata),
        "listed": sum(s["units"] for s in strata),
        "drawn": sum(s["drawn"] for s in strata),
    }
    if stage is None:
        lines = [text("draw.head", lang, **counts)]
    else:
        lines = [text("draw.head_households", lang, **counts, households=len(self.table))]
    if len(self.reserves):
        lines.append(text("draw.reserves", lang, reserves=len(self.reserves)))
    hashes = {"frame": log["frames"]["frame"]["content_sha256"][:12], "design": log["design_sha256"][:12]}
    lines.append(text("draw.hashes", lang, **hashes))
    return "\n".join([*lines, *(f"- {_in_language(note, lang)}" for note in log["notes"])])


def _in_language(note: str, lang: str) -> str:
    """A note by its English text, in which the log holds it."""
    found = matched("draw", note)
    return note if found is None else text(found[0], lang, **{k: as_note(v) for k, v in found[1].items()})

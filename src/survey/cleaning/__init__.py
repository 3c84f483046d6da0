"""Cleaning verbs: each takes Responses first, returns new Responses, and leaves a line in the log."""

from __future__ import annotations

from survey.cleaning.checks import check
from survey.cleaning.missing import recode_missing
from survey.cleaning.recoding import band, derive, recode
from survey.cleaning.report import Broken, Report
from survey.cleaning.reversing import reverse
from survey.cleaning.rows import collapse_copies, drop
from survey.cleaning.scoring import score
from survey.cleaning.showing import to_html, to_text

__all__ = [
    "Broken",
    "Report",
    "band",
    "check",
    "collapse_copies",
    "derive",
    "drop",
    "recode",
    "recode_missing",
    "reverse",
    "score",
    "to_html",
    "to_text",
]

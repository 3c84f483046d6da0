"""Cleaning verbs: each takes Responses first, returns new Responses, and leaves a line in the log."""

from __future__ import annotations

from survey.cleaning.checks import check
from survey.cleaning.lineage import map_wards
from survey.cleaning.logfile import Log, read_log, save_log
from survey.cleaning.merging import merge_categories
from survey.cleaning.missing import recode_missing
from survey.cleaning.recoding import band, derive, recode
from survey.cleaning.replaying import VERBS, replay, replay_own, replayed
from survey.cleaning.report import Broken, Report
from survey.cleaning.reversing import reverse
from survey.cleaning.rows import collapse_copies, drop
from survey.cleaning.scoring import score
from survey.cleaning.showing import to_html, to_text
from survey.cleaning.timings import join_audit

__all__ = [
    "VERBS",
    "Broken",
    "Log",
    "Report",
    "band",
    "check",
    "collapse_copies",
    "derive",
    "drop",
    "join_audit",
    "map_wards",
    "merge_categories",
    "read_log",
    "recode",
    "recode_missing",
    "replay",
    "replay_own",
    "replayed",
    "reverse",
    "save_log",
    "score",
    "to_html",
    "to_text",
]

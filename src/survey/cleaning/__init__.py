"""Cleaning verbs: each takes Responses first, returns new Responses, and leaves a line in the log."""

from __future__ import annotations

from survey.cleaning.appending import append
from survey.cleaning.audit import join_audit
from survey.cleaning.check_report import Broken, Report
from survey.cleaning.checks import check
from survey.cleaning.lineage import map_wards
from survey.cleaning.logfile import Log, read_log, save_log
from survey.cleaning.merging import merge_categories
from survey.cleaning.missing import recode_missing
from survey.cleaning.missing_plan import MissingPlan
from survey.cleaning.nonanswers import declare_missing
from survey.cleaning.numbering import number_scales
from survey.cleaning.numbers import to_number
from survey.cleaning.open_answers import code_answers
from survey.cleaning.recoding import band, derive, recode
from survey.cleaning.reshaping import reshape
from survey.cleaning.reversing import reverse
from survey.cleaning.rows import collapse_copies, drop
from survey.cleaning.scale import set_scale
from survey.cleaning.scoring import score
from survey.cleaning.select_all import declare_select_all
from survey.cleaning.shaping import rename, select

__all__ = [
    "Broken",
    "Log",
    "MissingPlan",
    "Report",
    "append",
    "band",
    "check",
    "code_answers",
    "collapse_copies",
    "declare_missing",
    "declare_select_all",
    "derive",
    "drop",
    "join_audit",
    "map_wards",
    "merge_categories",
    "number_scales",
    "read_log",
    "recode",
    "recode_missing",
    "rename",
    "reshape",
    "reverse",
    "save_log",
    "score",
    "select",
    "set_scale",
    "to_number",
]

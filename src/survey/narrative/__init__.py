"""Sentences in Vietnamese and English whose numbers come from a result and from nowhere else."""

from survey.exhibits.finding import Finding
from survey.narrative._breakdown import breakdown
from survey.narrative._comparability import comparability
from survey.narrative._compare import compare
from survey.narrative._describe import describe
from survey.narrative._effect_verdicts import reconcile, specifications, verdicts
from survey.narrative._first import limits, received
from survey.narrative._permutation import permutation
from survey.narrative._quadrants import quadrants
from survey.narrative._ranking import ranking
from survey.narrative._verdict import verdict

__all__ = [
    "Finding",
    "breakdown",
    "comparability",
    "compare",
    "describe",
    "limits",
    "permutation",
    "quadrants",
    "ranking",
    "received",
    "reconcile",
    "specifications",
    "verdict",
    "verdicts",
]

"""The parts of a report."""

from __future__ import annotations

from collections.abc import Mapping

from survey.reports.parts.annex import SUPPRESSED, TABLES
from survey.reports.parts.asked import ASKED
from survey.reports.parts.dimensions import DIMENSIONS, SATISFACTION, WARDS
from survey.reports.parts.limits import LIMITS
from survey.reports.parts.methods import METHODS
from survey.reports.parts.part import Part
from survey.reports.parts.pilot import BUSINESSES, PILOT
from survey.reports.parts.profiles import PROFILES
from survey.reports.parts.questions import QUESTIONS
from survey.reports.parts.summary import SUMMARY

__all__ = ["ALL"]

ALL: Mapping[str, Part] = {
    "summary": SUMMARY,
    "asked": ASKED,
    "dimensions": DIMENSIONS,
    "satisfaction": SATISFACTION,
    "questions": QUESTIONS,
    "wards": WARDS,
    "pilot": PILOT,
    "businesses": BUSINESSES,
    "limits": LIMITS,
    "methods": METHODS,
    "tables": TABLES,
    "profiles": PROFILES,
    "suppressed": SUPPRESSED,
}
"""By the names that study.toml has for them."""

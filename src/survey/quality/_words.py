"""What the checks are called; the words themselves are in the catalogue."""

from __future__ import annotations

from survey.base import catalogue
from survey.codebook import LANGUAGES

__all__ = ["CHECKS", "FLAGS", "head", "say", "spoken"]

CHECKS = (
    "near_duplicate",
    "straight_line",
    "fast",
    "short",
    "nonresponse",
    "heaping",
    "official",
    "overlap",
    "odd_hour",
    "too_many",
    "far",
    "same_point",
    "one_call",
)
"""Of interviewers, in the order they are shown."""

FLAGS = (
    "near_duplicate",
    "straight_line",
    "fast",
    "nonresponse",
    "official",
    "overlap",
    "odd_hour",
    "far",
    "same_point",
)
"""Of respondents."""


def spoken(lang: str) -> tuple[str, ...]:
    """The languages to write in: one, or all of them for "both"."""
    return LANGUAGES if lang == "both" else (lang,)


def say(key: str, lang: str) -> str:
    """A word or the name of a check in a language, or in all of them ("vi / en") for "both"."""
    section = "checks" if key in CHECKS else "quality"
    return " / ".join(catalogue.text(f"{section}.{key}", code) for code in spoken(lang))


def head(check: str, lang: str) -> str:
    """A check as the heading of a narrow column."""
    return catalogue.text(f"check_heads.{check}", lang)

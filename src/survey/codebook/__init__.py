"""What was asked: variables, wording and labels by language, ordered scales, missing codes and their kind."""

from __future__ import annotations

from survey.codebook._book import Codebook
from survey.codebook._compare import Diff
from survey.codebook._toml_writing import answers_of, beside, is_finished, refuse_finished, signed, toml_text
from survey.codebook._variable import (
    DONT_KNOW_POLICIES,
    ENGLISH_FIRST,
    LANGUAGES,
    MISSING_KINDS,
    SET_KINDS,
    VARIABLE_TYPES,
    MultipleSet,
    Text,
    Variable,
    catalogue_text,
    named,
    pick,
    same_text,
    unnumbered,
)

__all__ = [
    "DONT_KNOW_POLICIES",
    "ENGLISH_FIRST",
    "LANGUAGES",
    "MISSING_KINDS",
    "SET_KINDS",
    "VARIABLE_TYPES",
    "Codebook",
    "Diff",
    "MultipleSet",
    "Text",
    "Variable",
    "answers_of",
    "beside",
    "catalogue_text",
    "is_finished",
    "named",
    "pick",
    "refuse_finished",
    "same_text",
    "signed",
    "toml_text",
    "unnumbered",
]

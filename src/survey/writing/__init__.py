"""Answers written as Parquet, SPSS, Stata, CSV and Excel files."""

from __future__ import annotations

from survey.writing.write import FORMATS, write

__all__ = ["FORMATS", "write"]

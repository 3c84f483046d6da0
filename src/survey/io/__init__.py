"""Reading raw files: SPSS, Stata, CSV, Excel."""

from __future__ import annotations

from survey.io.reading import read

__all__ = ["read"]

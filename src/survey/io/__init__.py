"""Reading raw files: SPSS, Stata, SAS, CSV, Excel, exports of platforms and their audit logs."""

from __future__ import annotations

from survey.cleaning.audit import read_audit
from survey.io.reading import read

__all__ = ["read", "read_audit"]

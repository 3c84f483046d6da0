"""Timings of audit logs beside the answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from survey.responses import Responses

__all__ = ["join_audit"]


def join_audit(self: Responses, path: str | os.PathLike[str], *, on: str | None = None) -> Responses:
    """Add what the audit logs of ODK or KoboToolbox say of each interview.

    Parameters
    ----------
    path : path
        Folder, .zip or CSV as in `survey.read_audit`.
    on : str, optional
        The column that holds the id of the submission; `instanceID`, `_uuid` or `KEY` when not given.

    Returns
    -------
    Responses
        With `audit_s` (seconds on questions), `audit_span_s` (seconds from the first event to the last),
        `audit_revisits` and `audit_constraint_errors`; empty where there is no log.

    Raises
    ------
    ReadError
        If there is no audit log, or one cannot be read.
    CleaningError
        If there is no such column, no log is of these interviews, or the columns are there already.
    """
    from survey.io.exports.audit import read_audit

    return read_audit(path).join(self, on)

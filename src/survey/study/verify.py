"""`survey publish` and `survey verify`: keep the results of a whole run as published, and recompute them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from survey.base.temporary import temporary_folder
from survey.errors import StudyError, shorten
from survey.study import ledger, run
from survey.study.study_data import StudyData
from survey.study.verification import Verification, compare

__all__ = ["publish", "verify"]


def publish(study: StudyData) -> tuple[Path, int, Verification | None]:
    """Keep the results of the last whole run as the published ones, in ledger.json beside study.toml.

    Parameters
    ----------
    study : StudyData

    Returns
    -------
    path : Path
    numbers : int
        How many it holds.
    against : Verification or None
        What differs from what was published before; None where nothing was.

    Raises
    ------
    StudyError
        If there is no run to publish, or not all of it is of the files as they are.
    ExportError
        If the ledger cannot be written.
    """
    found = ledger.read_ledger(ledger.running_path(study))
    if found is None:
        raise StudyError(
            "There are no results to publish.",
            where=ledger.running_path(study),
            fix="run the notebooks first: survey reproduce",
        )
    left = ledger.stale(found, study)
    if left:
        raise StudyError(
            "The results are not all of the data, notebooks and code as they are now.",
            where=ledger.running_path(study),
            got=shorten([f"{name} ({why})" for name, why in left.items()]),
            expected="one run of all notebooks",
            fix="run them again: survey reproduce",
        )
    path = ledger.published_path(study.path)
    before = ledger.read_ledger(path)
    ledger.write(found, path, study.inputs)
    return path, found.numbers, None if before is None else compare(before, found)


def verify(study: StudyData) -> Verification:
    """Run all notebooks of a study in a folder of their own, and hold the results against the published ones.

    Nothing that was computed before is used, and no file of the study is written.

    Parameters
    ----------
    study : StudyData

    Returns
    -------
    Verification

    Raises
    ------
    StudyError
        If nothing was published, the ledger is damaged or of another study; otherwise as `survey reproduce`.
    """
    path = ledger.published_path(study.path)
    published = ledger.read_ledger(path)
    if published is None:
        raise StudyError(
            "The study has published no results.",
            where=path,
            expected="the ledger of its results, ledger.json beside study.toml",
            fix="keep those of a whole run: survey reproduce, then survey publish",
        )
    if published.study != study.id:
        raise StudyError(
            "The ledger is of another study.",
            where=path,
            got=published.study,
            expected=study.id,
            fix="restore the file",
        )
    with temporary_folder("survey-verify-") as folder:
        done = run.reproduce(replace(study, processed=folder))
    return compare(published, done.ledger, {one.name: one.why for one in done.skipped})

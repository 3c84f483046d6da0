"""A study: the object that people open, and what can be done with all of it.

The class body is a table of contents: the state is `StudyData`, each verb a function of the module named here.
"""

from __future__ import annotations

from survey.base.arguments import explained_verbs
from survey.errors import StudyError
from survey.study import choices, run, sampling, verify_report
from survey.study import methods as annex
from survey.study import report as documents
from survey.study import verify as verification
from survey.study.study_data import StudyData

__all__ = ["Study"]


@explained_verbs(StudyError)
class Study(StudyData):
    """What `study.toml` says, and what can be done with it. Made by `Study.open`.

    Parameters
    ----------
    path : Path
        The study.toml; every path in it is relative to its folder.
    others
        As `StudyData`: what the file says.

    Examples
    --------
    >>> study = sv.Study.open()  # doctest: +SKIP
    >>> study.reproduce()  # runs its notebooks, those that need to  # doctest: +SKIP
    >>> study.verify().changed  # numbers that are not what was published  # doctest: +SKIP
    """

    # what it declares
    sample = sampling.sample
    scan = sampling.scan
    settings = property(sampling.settings)
    specifications = choices.specifications

    # what it makes
    methods = annex.methods
    report = documents.report
    reproduce = run.reproduce

    # what it has published
    publish = verification.publish
    verify = verification.verify
    verify_report = verify_report.verify_report

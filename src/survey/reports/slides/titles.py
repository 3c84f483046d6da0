"""Titles of slides: what a result shows, each number with where it is from; else what it is about."""

from __future__ import annotations

from survey.core.estimates_data import EstimatesData
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.statements import statement
from survey.reports.evidence import Run, runs_of_title
from survey.words.comparability import warning_of

__all__ = ["finding_of"]


def finding_of(exhibit: Exhibit) -> tuple[Run, ...] | None:
    """What a result shows, in two lines at most; None where there is nothing to tell, or a number has no evidence.

    That data are simulated stands at the foot of every slide, and not in titles.
    """
    e = exhibit.estimates
    if not isinstance(e, EstimatesData) or warning_of(e) is not None:
        return None
    found = statement(e, exhibit.lang, exhibit.rows(), exhibit.thresholds, {}, {}, marked=False)
    if found is None:
        return None
    measures, estimates = exhibit.measures, e.table["estimate"].to_numpy(float)
    values = [m.factor * float(x) for m, x in zip(measures, estimates, strict=True)]
    return runs_of_title(found.texts[0], exhibit.name, found.about, values, exhibit.lang)

"""Adjustment for nonresponse: those who were drawn and did not answer give their weight to those who did.

Cases drawn keeps a place in the design (`Design.absent`): clusters in which no one answered count, and standard
errors know that the factors were estimated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import listed
from survey.base.arrays import Array
from survey.base.codes import factorize
from survey.base.names import columns_named
from survey.base.text import counted, written
from survey.calibration.model_matrix import is_number
from survey.calibration.propensity import fit, numbers_in, propensity_classes, variables_of
from survey.codebook.ordered import refuse_names
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import ResponsesData
from survey.core.sample_data import S, SampleData
from survey.design.design import Adjustment, Nonrespondents
from survey.errors import ConvergenceError, DesignError
from survey.weighting.apply import free_name, reweighted
from survey.weighting.cases import (
    INTERVIEWS,
    NOT_ELIGIBLE,
    UNKNOWN,
    Cases,
    eligible_share,
    everybody,
    filled_share,
    named,
    refuse_missing,
)
from survey.weighting.classes import Collapse, Eligibility, merged_by_hand, weighting_classes
from survey.weighting.nonresponse_options import check_options
from survey.weighting.response import OUTCOMES

__all__ = ["adjust_nonresponse"]

_WORDS = {
    "R": "non-respondent: refusal or break-off",
    "NC": "non-respondent: no contact",
    "O": "non-respondent: other",
    "UH": "unknown if a household",
    "UO": "eligibility unknown",
    "NE": "not eligible",
}


def adjust_nonresponse(
    self: S,
    by: str | Sequence[str] | None = None,
    *,
    model: str | None = None,
    classes: int | None = 5,
    disposition: str = "disposition",
    nonrespondents: ResponsesData | pd.DataFrame | None = None,
    unknown: str | float = "proportional",
    collapse: Collapse = None,
    smallest: int = 1,
    largest_factor: float | None = None,
    codes: Mapping[Any, Any] | None = None,
    into: str = "w_nonresponse",
) -> S:
    """Transfer the weight of eligible nonrespondents to the respondents.

    Parameters
    ----------
    by : str or list of str, optional
        Variables whose crossed categories are weighting classes, known for every eligible case. Within a class weights
        are multiplied by eligible weight / weight of the respondents. `by=[]` means one class for all.
    model : str, optional
        Right-hand side of a logistic regression of response, weighted by the weights before: "C(sex) + C(age_group) +
        ward". It uses all who are eligible.
    classes : int or None
        With a model: that many classes of about equal weight by fitted propensity, within those of `by`; None divides
        each weight by the propensity itself.
    disposition : str
        Column of AAPOR codes, as for `response_rates`: interviews (I, P) are respondents, R, NC and O are eligible, UH
        and UO unknown, NE is not eligible.
    nonrespondents : Responses or DataFrame, optional
        Those drawn who are not in the sample, with its design's columns (weights included), the disposition and the
        variables of `by` and `model`, under the same names. A sample without the column `disposition` then consists of
        respondents. An interview that cleaning rejected remains a sampled case: give it here with the disposition it
        deserves (such as 2.3).
    unknown : {"proportional", "eligible", "ineligible"} or float
        Share, 0-1, of the weight of unknown eligibility that counts as eligible. Proportional: that among the weight
        whose eligibility is known, within the final classes; where some of those not eligible lack a variable of `by`,
        within the classes of the variables that all have (over all where no one's eligibility is known there); over
        all for a model.
    collapse : "neighbours" or dict, optional
        What to do about a class that is too small (see `smallest`, `largest_factor`). "neighbours" joins it, as often
        as needed, to the class before or after it in the last variable of `by` (that of fewer respondents), within the
        same values of the others; where there is none, in the variable before. {"age_group": {4: 3}} merges categories
        beforehand. By default it is an error.
    smallest : int
        Respondents that a class must have.
    largest_factor : float, optional
        Largest factor allowed.
    codes : mapping, optional
        A study's own dispositions, as for `response_rates`.
    into : str
        Name of the new weight column; the old one stays (a number is added when the name is taken).

    Returns
    -------
    Sample
        Of the respondents. Other cases of the sample move to `responses.rejected` with their reason; every case
        drawn stays in the design through `design.absent`. Columns `nr_class` (the final class in words) and
        `response_propensity` (share, 0-1) are added. With classes the new weights add up to the eligible weight, in
        every class; divided by a propensity they do so on average only, and the log has both sums.

    Raises
    ------
    DesignError
        For columns, dispositions, weights, classes or values that are missing; a class that is too small, with all
        such classes; a sample that was adjusted or calibrated before, or whose replicates have a row for each element.
    EstimationError, ConvergenceError
        If the model cannot be fitted. The sample is left as it was.

    References
    ----------
    Little (1986), Int. Stat. Review 54. Kalton & Flores-Cervantes (2003), J. Official Statistics 19. Kim & Kim (2007),
    Canadian J. Statistics 35. AAPOR (2023), Standard Definitions, 10th edition, on `unknown`.

    Examples
    --------
    >>> sample.adjust_nonresponse(["wave", "ward", "age_group"], nonrespondents=others)  # doctest: +SKIP
    >>> sample.adjust_nonresponse(model="C(sex) + C(age_group) + ward", classes=5)  # doctest: +SKIP
    """
    groups = columns_named(listed(by), self.data.columns)
    check_options(self, by, model, classes, unknown, collapse, smallest, largest_factor)
    variables = () if model is None else tuple(columns_named(variables_of(model), self.data.columns))
    if model is not None:
        _refuse_names(self, model)
    drawn = everybody(self, nonrespondents, disposition, codes or {}, [*groups, *variables])
    columns = merged_by_hand([drawn.frame[g] for g in groups], collapse)
    share = eligible_share(drawn, unknown)
    refuse_missing(drawn, share, [*groups, *variables])
    told = _unknown_told(drawn, unknown)
    if np.isnan(share).any():
        known = [c for c in columns if c.notna().all()]
        if model is not None or len(known) < len(columns):
            share = filled_share(drawn, share, [] if model is not None else known)
            told += f" within {' x '.join(str(c.name) for c in known)}" if known and model is None else " over all"
    propensity = None if model is None else _propensity(drawn, drawn.weights * share, model, variables)
    names = _Names.of(self.data, drawn.frame)
    arguments = plain_arguments(
        by=by,
        model=model,
        classes=classes if model else None,
        disposition=disposition,
        nonrespondents=None if nonrespondents is None else len(nonrespondents),
        unknown=unknown,
        collapse=collapse,
        smallest=smallest,
        largest_factor=largest_factor,
        codes=codes,
        into=into,
    )
    if propensity is not None and classes is None:
        factor = 1 / propensity[drawn.answered]
        _refuse_large(drawn, factor, largest_factor)
        step = Adjustment("propensity", formula=model or "", model=variables, propensity=names.propensity)
        done = _Adjusted(drawn.weights * share, factor, None, propensity, step, (), f"1 / propensity of {model}")
    else:
        if propensity is not None:
            columns.append(_quantiles(propensity, drawn.weights * share, columns, classes or 1))
        done = _classed(drawn, share, columns, propensity, names, collapse, smallest, largest_factor)
    return _made(self, drawn, done, names, told, arguments, into)


@dataclass(frozen=True, slots=True)
class _Adjusted:
    """What an adjustment found: eligible weights (drawn,), factors (respondents,), and what to remember."""

    eligible: Array
    factor: Array
    label: NDArray[np.object_] | None
    propensity: Array | None
    step: Adjustment
    merges: tuple[tuple[str, int], ...]
    what: str


@dataclass(frozen=True, slots=True)
class _Names:
    label: str
    propensity: str
    eligible: str

    @classmethod
    def of(cls, data: pd.DataFrame, frame: pd.DataFrame) -> _Names:
        """Names that neither the data nor those who are absent have."""
        taken = pd.DataFrame(columns=data.columns.union(frame.columns))
        return cls(*(free_name(name, taken) for name in ("nr_class", "response_propensity", "w_eligible")))


def _classed(
    drawn: Cases,
    share: Array,
    columns: list[pd.Series],
    propensity: Array | None,
    names: _Names,
    collapse: Collapse,
    smallest: int,
    largest_factor: float | None,
) -> _Adjusted:
    """Factors of weighting classes; a share that is NaN is found in its class."""
    waiting = np.isnan(share)
    eligibility = Eligibility(
        drawn.answered & (drawn.weights > 0),
        np.where(waiting, 0.0, drawn.weights * share),
        np.where(drawn.outcome == NOT_ELIGIBLE, drawn.weights, 0.0),
        np.where(waiting, drawn.weights, 0.0),
    )
    found = weighting_classes(columns, eligibility, collapse, smallest, largest_factor)
    share = np.where(waiting, np.append(found.share, np.nan)[found.code], share)
    label = np.array([*found.labels, None], dtype=object)[found.code]
    crossed = " x ".join(str(c.name) for c in columns)
    what = f"{len(found.labels):,} classes of {crossed}" if columns else "one class"
    step = Adjustment("nonresponse", margins=((names.label,),))
    factor = found.factor[found.code[drawn.answered]]
    return _Adjusted(drawn.weights * share, factor, label, propensity, step, found.merges, what)


def _made(sample: S, drawn: Cases, done: _Adjusted, names: _Names, told: str, arguments: Any, into: str) -> S:
    """The sample of respondents with its new weights, its log and its absent."""
    answered, here = drawn.answered, int(drawn.answered.sum())
    base = drawn.weights[answered]
    new = np.where(base > 0, base * done.factor, 0.0)
    before, after = float(done.eligible.sum()), float(new.sum())
    if done.label is not None and abs(after - before) > 1e-9 * before:
        raise ConvergenceError(
            "The nonresponse adjustment did not preserve the total weight.",
            got=f"{after!r}",
            expected=f"{before!r}, the eligible weight",
        )
    rows = drawn.frame[~answered].reset_index(drop=True)
    added: dict[str, Any] = {}
    if done.label is not None:
        added[names.label] = done.label
    if done.propensity is not None:
        added[names.propensity] = done.propensity
    rows = rows.assign(**{n: v[~answered] for n, v in added.items()}, **{names.eligible: done.eligible[~answered]})
    responses = _without(sample, drawn, told, arguments)
    for text, touched in done.merges:
        line = f"{names.label}: {text}"
        responses = responses.logged(
            LogEntry("collapse", line, plain_arguments(), here, here, touched, 0, "neighbours")
        )
    data = responses.data.assign(**{n: v[answered] for n, v in added.items()})
    design = replace(sample.design, absent=Nonrespondents(rows, names.eligible))
    respondents = type(sample).of(replace(responses, data=data), design)
    used = done.factor[base > 0]
    spread = f"factors {used.min():.3g} to {used.max():.3g}"
    agreement = f"the weights add up to {after:,.1f}, those eligible had {before:,.1f}"
    unknown = np.isin(drawn.outcome, UNKNOWN)
    if unknown.any():
        agreement += f", with {done.eligible[unknown].sum() / drawn.weights[unknown].sum():.1%} of the unknown weight"
    return reweighted(respondents, new, into, done.step, f"{done.what}, {spread}", agreement)


def _without(sample: SampleData, drawn: Cases, told: str, arguments: Any) -> ResponsesData:
    """The responses without nonrespondents, who go to `rejected`."""
    own, data, stayed = sample.responses, sample.data, drawn.stayed
    counts = np.bincount(drawn.outcome, minlength=len(OUTCOMES))
    n = counts[list(INTERVIEWS)].sum()
    others = [f"{name} {counts[i]:,}" for i, name in enumerate(OUTCOMES) if counts[i] and i not in INTERVIEWS]
    what = f"{len(drawn.outcome):,} drawn: {counted(int(n), 'respondent')}; {', '.join(others)}{told}"
    gone = int((~stayed).sum())
    entry = LogEntry("adjust_nonresponse", what, arguments, len(data), len(data) - gone, gone, 0, "non-response")
    if not gone:
        return own.logged(entry)
    left = (~drawn.answered) & (drawn.frame.index.get_level_values(0) == 0)
    given = [written(code) for code in drawn.frame[drawn.disposition][left]]
    reasons = [f"{_WORDS[OUTCOMES[o]]} ({code})" for o, code in zip(drawn.outcome[left], given, strict=True)]
    out = data[~stayed].assign(_reason=reasons, _step=len(own.entries) + 1)
    rejected = pd.concat([own.rejected, out]) if len(own.rejected) else out
    missing = own.missing[stayed] if len(own.missing.columns) else own.missing
    return own.logged(entry, data=data[stayed], missing=missing, rejected=rejected)


def _unknown_told(drawn: Cases, unknown: str | float) -> str:
    if not np.isin(drawn.outcome, UNKNOWN).any():
        return ""
    return f"; unknown: {unknown}" if isinstance(unknown, str) else f"; unknown: {unknown:g} of their weight"


# --- the model --------------------------------------------------------------------------------------------------------


def _refuse_names(sample: SampleData, model: str) -> None:
    """Raise for a nominal variable that a model takes as a number: region 6 is not twice region 3."""
    data = sample.data
    for v in numbers_in(model):
        (name,) = columns_named([v], data.columns)
        if name not in data.columns or not is_number(data[name]) or data[name].nunique() <= 2:
            continue
        fix = f"write C({v}); if its answers are ordered, declare them with set_scale(...)"
        refuse_names(sample.codebook.variables.get(name), data[name], name, where=f"{model}, {name}", fix=fix)


def _propensity(drawn: Cases, eligible: Array, model: str, variables: tuple[str, ...]) -> Array:
    """Fitted propensities, NaN for those who are not eligible: (rows,)."""
    counts = eligible > 0
    if drawn.answered[counts].all():
        raise DesignError(
            "Every eligible case responded, so there is no response to model.",
            where=model,
            got=f"{counted(int(counts.sum()), 'eligible person')}".replace("persons", "people"),
            fix="use by=[]: the factors are 1, and every sampled case stays in the design",
        )
    out = np.full(len(eligible), np.nan)
    out[counts] = fit(model, drawn.frame.loc[counts, list(variables)], drawn.answered[counts], eligible[counts])
    return out


def _quantiles(propensity: Array, eligible: Array, columns: list[pd.Series], classes: int) -> pd.Series:
    """Propensity classes within the classes of `by`, as one more variable."""
    counts = eligible > 0
    group = factorize([c[counts] for c in columns])[0] if columns else np.zeros(int(counts.sum()), np.int64)
    out = np.full(len(eligible), np.nan)
    out[counts] = propensity_classes(propensity[counts], eligible[counts], group, classes)
    return pd.Series(out, name="propensity class")


def _refuse_large(drawn: Cases, factor: Array, largest: float | None) -> None:
    if largest is None or not (factor > largest).any():
        return
    bad = np.zeros(len(drawn.answered), bool)
    bad[np.flatnonzero(drawn.answered)[factor > largest]] = True
    raise DesignError(
        "Some adjustment factors exceed the limit.",
        where=named(drawn.frame, bad),
        got=f"{counted(int(bad.sum()), 'respondent')}, factors up to {factor.max():.3g}",
        expected=f"factors up to {largest:g}",
        fix="use propensity classes (classes=5), or a simpler model",
    )

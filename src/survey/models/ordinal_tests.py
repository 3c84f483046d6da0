"""Whether one slope does for the whole scale: the test of parallel lines, and the slopes at every cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey.base._formula_tree import text_of
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.base.catalogue import LANGUAGES, Note, texts
from survey.base.codes import Ints
from survey.codebook import Variable
from survey.core.estimates_data import EstimatesData
from survey.estimates import Estimates, Summary
from survey.models.model_data import ModelData, Regression, regressions_of
from survey.models.odds_ratios import reference_of
from survey.models.ordinal_fitting import OrdinalFit, ScaleFit, fit_ordinal
from survey.models.ordinal_response import OrdinalResponse
from survey.models.parallel_lines import Departures, ScoreTest, departures
from survey.models.variance import design_df, linearised_covariance, replicate_covariance
from survey.words import locale
from survey.words.terms import ALL_TERMS

__all__ = ["PARALLEL", "cuts", "parallel_lines", "parallel_notes"]


PARALLEL = ("notes.parallel_kept", "notes.parallel_parted", "notes.parallel_parted_in")
"""Notes on the test of parallel lines of a model; the first where nothing was found."""


def parallel_lines(self: ModelData) -> Summary:
    """Test whether lines are parallel: whether each term has one slope at all cuts of the scale.

    The first row of an outcome tests all terms together, the others one term each, the others staying parallel.

    Returns
    -------
    Summary
        item, term ("(all)" for all together), statistic (F), df, ddf, p_value, contrasts (slopes that could part), deff
        (mean design effect of these), n. NaN where there are two answers or no degrees of freedom.

    Notes
    -----
    A score test with Rao and Scott's second-order correction, whose size holds where clusters are few and answers many
    (docs/models-ordinal.md). A large p does not show that lines are parallel, and in large samples a small p may be
    about differences of no importance: `cuts()` has the slopes themselves.

    References
    ----------
    Rao, Scott & Skinner (1998), Statistica Sinica 8, 1059-1070; Brant (1990), Biometrics 46, 1171-1178.
    """
    rows = []
    for one in regressions_of(self, "parallel_lines"):
        n = int(one.rows.n.sum())
        weight = float(one.rows.weights.sum()) / n
        for term, test in _tests(one):
            rows.append(
                {
                    "item": one.item,
                    "term": term,
                    "statistic": test.statistic,
                    "df": test.df,
                    "ddf": test.ddf,
                    "p_value": test.p_value,
                    "contrasts": test.contrasts,
                    "deff": test.deff / weight,
                    "n": n,
                }
            )
    return Summary(
        pd.DataFrame(rows),
        "parallel_lines",
        level=self.level,
        codebook=self.codebook,
        notes=(Note("notes.parallel_lines"),),
        source=self.source,
        simulated=self.simulated,
    )


def parallel_notes(model: ModelData) -> list[Note]:
    """What a reader of the coefficients must know of the test of parallel lines, outcome by outcome."""
    notes = []
    for one in model.regressions:
        tests = _tests(one)
        p = tests[0][1].p_value
        if np.isnan(p):
            continue
        told = {lang: locale.p_equals(p, lang) for lang in LANGUAGES}
        if p >= 1 - model.level:
            notes.append(Note("notes.parallel_kept", item=one.item, p=told))
            continue
        apart = tuple(term for term, test in tests[1:] if test.p_value < 1 - model.level)
        key = "notes.parallel_parted_in" if apart else "notes.parallel_parted"
        notes.append(Note(key, item=one.item, p=told, **({"terms": ", ".join(apart)} if apart else {})))
    return notes


def _tests(one: Regression) -> list[tuple[str, ScoreTest]]:
    """The test of all terms, and of each."""
    found = _departures(one)
    columns: dict[int, list[int]] = {}
    for j, term in enumerate(one.rows.matrix.term):
        columns.setdefault(term, []).append(j)
    names = {term: ":".join(text_of(f) for f in one.rows.formula.terms[term]) for term in columns}
    groups = [(ALL_TERMS, list(range(one.rows.matrix.values.shape[1]))), *((names[t], at) for t, at in columns.items())]
    if not found.cuts > 1:
        return [(name, found.test(np.zeros((0, 0)), [], 0.0)) for name, _ in groups]
    if one.replicated is None:
        covariance, ddf = linearised_covariance(one.sample, [(one.rows, found.rows)]), design_df(one.rows)
    else:
        weights = one.sample.readjusted.sums(one.rows.code, len(one.rows) + 1)[:-1]
        covariance = replicate_covariance(one.sample, weights.T @ found.rows, found.total)
        ddf = one.sample.replicate_df
    return [(name, found.test(covariance, at, ddf)) for name, at in groups]


def _departures(one: Regression) -> Departures:
    x, answer, w = _arrays(one)
    known = one.fit.details if isinstance(one.fit, ScaleFit) else None
    return departures(fit_ordinal(x, answer, w) if known is None else known, x, answer, w)


def _arrays(one: Regression) -> tuple[Array, Ints, Array]:
    answer = np.unique(one.rows.matrix.outcome, return_inverse=True)[1]
    return one.rows.matrix.values, np.asarray(answer.reshape(-1), dtype=np.int64), one.rows.weights


def cuts(self: ModelData) -> Estimates:
    """Fit a logistic regression at every cut of the scale, with one covariance: what the common slope is an average of.

    Returns
    -------
    Estimates
        item, cut ("3|4": answers from 4 up against those up to 3), term, against, estimate (log odds), std_error,
        statistic, df, p_value, conf_low, conf_high; term by term. NaN at a cut where a term separates the answers.
    """
    tables, blocks, unknown = [], [], False
    for one in regressions_of(self, "cuts"):
        found = _Cuts.of(one)
        order = np.arange(found.estimate.size).reshape(found.estimate.shape).T.ravel()
        estimate, joint = found.estimate.ravel()[order], found.covariance()[np.ix_(order, order)]
        gone = np.isnan(estimate)
        unknown |= bool(gone.any())
        joint[gone], joint[:, gone] = 0.0, 0.0
        std_error = np.where(gone, np.nan, np.sqrt(np.clip(np.diag(joint), 0, None)))
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = estimate / std_error
        half = t_interval_factor(self.level, one.df) * std_error
        k, thresholds = found.estimate.shape[1], one.names[found.estimate.shape[1] :]
        tables.append(
            pd.DataFrame(
                {
                    "item": one.item,
                    "cut": list(thresholds) * k,
                    "term": np.repeat(np.array(one.names[:k], dtype=object), len(thresholds)),
                    "against": np.repeat([reference_of(self, name) for name in one.names[:k]], len(thresholds)),
                    "estimate": estimate,
                    "std_error": std_error,
                    "statistic": statistic,
                    "df": float(one.df),
                    "p_value": t_pvalue(statistic, np.full(len(estimate), one.df)),
                    "conf_low": estimate - half,
                    "conf_high": estimate + half,
                }
            )
        )
        blocks.append(joint)
    from scipy.linalg import block_diag

    made: EstimatesData = self.derived(
        pd.concat(tables, ignore_index=True),
        self.statistic,
        notes=(*self.notes, Note("notes.cuts"), *([Note("notes.cut_separated")] if unknown else [])),
        _covariance=blocks[0] if len(blocks) == 1 else block_diag(*blocks),
        origin=None,
        by=("cut",),
        codebook=self.codebook.update(_cut_variable(self)),
    )
    return made  # type: ignore[return-value]


def _cut_variable(self: ModelData) -> Variable:
    """What cuts are called: the answers above each, where one scale has labels for all outcomes."""
    found: dict[str, dict[str, str]] = {}
    for one in self.regressions:
        scale = one.response.scale if isinstance(one.response, OrdinalResponse) else ()
        thresholds = one.names[len(one.names) - len(scale) + 1 :]
        for k, name in enumerate(thresholds, 1):
            told = {}
            for lang in LANGUAGES:
                ends = [self.codebook.label(one.item, a, lang) for a in (scale[k], scale[-1])]
                told[lang] = " … ".join(dict.fromkeys(ends))
            if found.setdefault(name, told) != told:
                found[name] = {}
    labels = {name: told for name, told in found.items() if told}
    return Variable("cut", "nominal", short=texts("words.cut"), labels=labels)


@dataclass(frozen=True)
class _Cuts:
    """Logistic regressions at every cut.

    Parameters
    ----------
    one : Regression
    estimate : array (cuts, k)
        NaN where a cut has no finite estimate.
    influence : array (rows, cuts * k)
    """

    one: Regression
    estimate: Array
    influence: Array

    @classmethod
    def of(cls, one: Regression) -> _Cuts:
        x, answer, w = _arrays(one)
        fits = [fit_ordinal(x, (answer > cut).astype(np.int64), w) for cut in range(int(answer.max()))]
        estimate = np.stack([_slopes(fit) for fit in fits])
        influence = np.hstack([(fit.scores @ fit.bread)[:, 1:] for fit in fits])
        return cls(one, estimate, np.nan_to_num(influence))

    def covariance(self) -> Array:
        one = self.one
        if one.replicated is None:
            return linearised_covariance(one.sample, [(one.rows, self.influence)])
        weights = one.sample.readjusted.sums(one.rows.code, len(one.rows) + 1)[:-1]
        each = np.full((weights.shape[1], self.estimate.size), np.nan)
        x, answer, _ = _arrays(one)
        for r, w in enumerate(weights.T):
            there = w > 0
            above = [(answer[there] > cut).astype(np.int64) for cut in range(len(self.estimate))]
            if all(a.min() < a.max() for a in above):
                each[r] = np.concatenate([_slopes(fit_ordinal(x[there], a, w[there])) for a in above])
        return replicate_covariance(one.sample, each, self.estimate.ravel())


def _slopes(fit: OrdinalFit) -> Array:
    return fit.slopes if fit.converged else np.full(len(fit.slopes), np.nan)

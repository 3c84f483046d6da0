"""The plan of a study: which tests were declared, when, and the corrections that follow for every p-value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import explained_verbs
from survey.base.arrays import Array
from survey.base.catalogue import LANGUAGES, Note, as_note, text
from survey.codebook import Codebook
from survey.core.breakdowns import COLUMNS
from survey.core.contrasts import adjust_pvalues, answers_behind
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData, rows_in
from survey.core.summary import SummaryData
from survey.errors import EstimationError, StudyError
from survey.study.plan_file import LATER, UNDECLARED, Declaration, Family, family_of
from survey.study.plan_lock import Lock, changed_files, changes
from survey.words.labels import SUPPRESS_BELOW

__all__ = ["Plan"]

Result = TypeVar("Result", bound=ResultData)


@explained_verbs(StudyError)
@dataclass(frozen=True)
class Plan:
    """What a study declared that it would test. Made by `Study.plan`.

    Parameters
    ----------
    path : Path
        The study.toml.
    declaration : Declaration
        As study.toml has it now.
    codebook : Codebook
        For labels.
    lock : Lock or None
        The plan as it was locked. Where there is one it is what counts: what study.toml declares besides was declared
        later, and what it changed stays as it was locked.
    files : mapping of str to Path
        The raw files, by their path from the study.toml.
    """

    path: Path
    declaration: Declaration
    codebook: Codebook
    lock: Lock | None
    files: Mapping[str, Path]

    @property
    def families(self) -> tuple[Family, ...]:
        """The families that count: those that were locked, with the labels that they have now."""
        if self.lock is None:
            return self.declaration.families
        labels = {f.name: f.label for f in self.declaration.families}
        order = {name: i for i, name in enumerate(labels)}
        locked = sorted(self.lock.declaration.families, key=lambda f: order.get(f.name, len(order)))
        return tuple(replace(f, label=labels.get(f.name, {})) for f in locked)

    @property
    def changes(self) -> tuple[Note, ...]:
        """What of the declaration is other than it was locked; empty without a lock."""
        return () if self.lock is None else tuple(changes(self.lock.declaration, self.declaration))

    @property
    def changed_files(self) -> tuple[Note, ...]:
        """Raw files that are other than when the plan was locked; empty without a lock."""
        return () if self.lock is None else tuple(changed_files(self.lock, self.files))

    @property
    def table(self) -> pd.DataFrame:
        """What is declared: a row per outcome and breakdown.

        Returns
        -------
        DataFrame
            family, kind, outcome ("" for any other), breakdown ("" for any), correction, alpha, declared ("locked",
            "later" or "not locked").
        """
        rows = []
        state = "not locked" if self.lock is None else "locked"
        for family in self.families:
            rows += [(family, o, b, state) for o, b in _pairs(family)]
        if self.lock is not None:
            for family in self.declaration.families:
                known = {(o, b) for f in self.families for o, b in _pairs(f)}
                rows += [(family, o, b, LATER) for o, b in _pairs(family) if (o, b) not in known]
        columns = ["family", "kind", "outcome", "breakdown", "correction", "alpha", "declared"]
        return pd.DataFrame(
            [(f.name, f.kind, o, ":".join(b), f.correction, f.alpha, s) for f, o, b, s in rows], columns=columns
        )

    def apply(self, *results: Result) -> Result | tuple[Result, ...]:
        """Give every p-value its family, and adjust it over all tests of the family in these results together.

        Parameters
        ----------
        *results : Estimates or Summary
            Of `pairwise`, `contrast`, `compare`, `effect`, ...; estimates with `over=`, or their `tests`.

        Returns
        -------
        Estimates or Summary, or a tuple of them
            The same, with the columns `family` (a name of the plan; "later" for what was declared after the plan was
            locked, "undeclared" for what it does not have) and `p_adjusted`, and notes on each family: how many tests,
            which correction, and when it was declared. Of estimates with `over=` the same is done to their `tests`.

        Raises
        ------
        EstimationError
            For results without p-values.

        Examples
        --------
        >>> pilot = study.plan.apply(sample.effect(scores, "pilot_tier == 2", "wave", "ward"))  # doctest: +SKIP
        """
        if not results:
            raise EstimationError("The plan was given no results.", expected="one result or several")
        tests = [_tests_in(r) for r in results]
        rows = [self._places(t) for t in tests]
        pool = _Pool([_p(t) for t in tests], [_hidden(t) for t in tests], rows, self._correction)
        notes = self._notes(tests, rows)
        made = tuple(
            self._applied(r, t, own, partial(pool.adjusted, j), notes)
            for j, (r, t, own) in enumerate(zip(results, tests, rows, strict=True))
        )
        return made[0] if len(made) == 1 else made

    def _applied(
        self,
        result: Result,
        tests: ResultData,
        families: list[str],
        adjusted: Callable[..., Array],
        notes: Mapping[str, list[Note]],
    ) -> Result:
        own = [note for name in dict.fromkeys(families) for note in notes[name]]

        def finished(tests: ResultData, p: Array) -> Any:
            # a summary is shown as it is, so that it may not tell of what is hidden in other results
            public = isinstance(tests, SummaryData)
            table = tests.table.assign(p_adjusted=adjusted(p, public=public), family=families)
            kept = [said for n in tests.notes if (said := _besides(n))]
            return replace(tests, table=table, notes=(*kept, *own))  # type: ignore[type-var]

        if isinstance(result, EstimatesData) and "p_value" not in result.table.columns:
            make = result._tests

            def anew(e: EstimatesData) -> SummaryData:
                found = make(e)  # type: ignore[misc]
                return finished(found, _p(found))  # type: ignore[no-any-return]

            return replace(result, notes=(*result.notes, *own), _tests=anew)
        done: Result = finished(tests, _p(tests))
        if not isinstance(done, EstimatesData):
            return done
        p, own_hiding = _p(tests), done._hiding

        def hiding(e: EstimatesData, hidden: NDArray[np.bool_]) -> EstimatesData:
            e = e if own_hiding is None else own_hiding(e, hidden)
            return replace(e, table=e.table.assign(p_adjusted=adjusted(np.where(hidden, 1.0, p), public=True)))

        return replace(done, adjust="", _hiding=hiding)

    def _places(self, tests: ResultData) -> list[str]:
        """The family of each row."""
        return [self._family(*_compared(tests, i)) for i in range(len(tests.table))]

    def _family(self, items: Sequence[str], variables: Sequence[str]) -> str:
        found = family_of(self.families, items, variables)
        particular = None if found is None else found._particular
        if self.lock is not None:
            later = family_of(self.declaration.families, items, variables)
            # a family for everything else does not make declared what a later one names
            if later is not None and later._particular > (particular if particular is not None else -1):
                return LATER
        return UNDECLARED if found is None else found.name

    def _correction(self, name: str) -> str:
        found = next((f for f in self.families if f.name == name), None)
        return self._default.correction if found is None else found.correction

    @property
    def _default(self) -> Declaration:
        """What counts of tests that no family has."""
        return self.declaration if self.lock is None else self.lock.declaration

    def _notes(self, tests: Sequence[ResultData], rows: Sequence[list[str]]) -> dict[str, list[Note]]:
        """What a reader must know of each family that occurs."""
        found: dict[str, list[Note]] = {}
        for name in dict.fromkeys(n for own in rows for n in own):
            places = [(t, i) for t, own in zip(tests, rows, strict=True) for i, n in enumerate(own) if n == name]
            count = sum(bool(np.isfinite(t.table["p_value"].iloc[i])) for t, i in places)
            family = next((f for f in self.families if f.name == name), None)
            kind = name if family is None else family.kind
            label: Any = Note(f"plan.{kind}") if name == kind else name
            label = family.label if family is not None and family.label else label
            values: dict[str, Any] = {
                "name": name,
                "kind": kind,
                "family": label,
                "n": count,
                "correction": Note(f"plan.{self._correction(name)}"),
                "alpha": self._default.alpha if family is None else family.alpha,
            }
            if name == LATER and self.lock is not None:
                values["declared"] = Note("plan.declared_later", date=self.lock.date.date())
            elif name == UNDECLARED:
                values["declared"] = Note("plan.declared_never")
            elif self.lock is None:
                values["declared"] = Note("plan.declared_unlocked")
            else:
                values["declared"] = Note("plan.declared_locked", date=self.lock.date.date())
            found[name] = [Note("plan.family", **values)]
            given = {item for t, i in places for item in _compared(t, i)[0]}
            absent = [o for o in (family.outcomes if family is not None else ()) if o not in given]
            if absent:
                names = {lang: ", ".join(self.codebook.short_name(o, lang) for o in absent) for lang in LANGUAGES}
                found[name].append(Note("plan.absent", family=label, outcomes=names))
        return found

    def to_text(self, lang: str = "en") -> str:
        """The plan in words: its families, when it was locked, and what has changed since."""
        lines = [text("plan.title", lang, study=self.path.as_posix())]
        for family in self.families:
            own = text(f"plan.{family.kind}", lang)
            name = family.label.get(lang) or (own if family.name == family.kind else family.name)
            lines.append(f"\n{name}" if name.casefold() == own.casefold() else f"\n{name} ({own})")
            correction = text(f"plan.{family.correction}", lang)
            outcomes = "; ".join(self._label(o, lang) for o in family.outcomes) or text("plan.all_others", lang)
            over = [" × ".join(self._label(v, lang) for v in entry) for entry in family.breakdowns]
            lines.append(text("plan.outcomes", lang, names=outcomes))
            lines.append(text("plan.breakdowns", lang, names="; ".join(over) or text("plan.any", lang)))
            lines.append(text("plan.rule", lang, correction=correction, alpha=f"{family.alpha:g}"))
        counted = self.declaration if self.lock is None else self.lock.declaration
        if counted.specifications:
            order = [*self.declaration.specifications, *counted.specifications]
            names = ", ".join(name for name in dict.fromkeys(order) if name in counted.specifications)
            lines += ["", text("plan.choices", lang, names=names).strip()]
        return "\n".join([*lines, "", *self._state(lang)])

    def _label(self, name: str, lang: str) -> str:
        label = self.codebook.short_name(name, lang)
        return name if label == name else f"{name} ({label})"

    def _state(self, lang: str) -> list[str]:
        if self.lock is None:
            return [text("plan.not_locked", lang)]
        lines = [text("plan.locked", lang, date=self.lock.date.date(), hash=self.lock.hash[:12])]
        for notes, head in ((self.changes, "plan.since"), (self.changed_files, "plan.files_since")):
            if notes:
                lines += [text(head, lang), *(f"  - {note.in_language(lang)}" for note in notes)]
        if not self.changes and not self.changed_files:
            lines.append(text("plan.unchanged", lang))
        for amendment in self.lock.amendments:
            lines.append(text("plan.amended", lang, date=amendment.date.date(), hash=amendment.hash[:12]))
        return lines


class _Pool:
    """P-values of several results, adjusted over the families that they share."""

    def __init__(
        self,
        p: Sequence[Array],
        hidden: Sequence[NDArray[np.bool_]],
        families: Sequence[list[str]],
        correction: Callable[[str], str],
    ) -> None:
        self.p, self.hidden = list(p), list(hidden)
        self.families = [np.array(own, dtype=object) for own in families]
        self.correction = correction

    def adjusted(self, j: int, own: Array, *, public: bool = False) -> Array:
        """The adjusted p-values of result `j`, whose p-values are `own`.

        In public, comparisons of the others that may not be shown count as if nothing had been found in them.
        """
        others = [np.where(h, 1.0, p) if public else p for p, h in zip(self.p, self.hidden, strict=True)]
        others[j] = own
        out = np.full(len(own), np.nan)
        for name in dict.fromkeys(self.families[j]):
            every = [p[f == name] for p, f in zip(others, self.families, strict=True)]
            start = sum(len(part) for part in every[:j])
            adjusted = adjust_pvalues(np.concatenate(every), self.correction(name))
            out[self.families[j] == name] = adjusted[start : start + len(every[j])]
        return out


def _tests_in(result: ResultData) -> ResultData:
    """What of a result has p-values: its table, or the tests of its breakdowns."""
    if isinstance(result, ResultData) and "p_value" in result.table.columns:
        return result
    tests = result.tests if isinstance(result, EstimatesData) else None
    if tests is None:
        told = f"a {result.statistic}" if isinstance(result, ResultData) else type(result).__name__
        raise EstimationError(
            "A result has no p-values for the plan to adjust.",
            where="study.plan.apply(...)",
            got=told,
            expected="the result of pairwise, contrast, compare or effect, or estimates with over=",
            fix="compare first: e.pairwise(), e.contrast(...)",
        )
    return tests


def _besides(note: str) -> str:
    """A note without what it says of an adjustment that the plan's replaces; "" where it says nothing else."""
    key = getattr(as_note(note), "key", "")
    if key == "notes.adjusted_max_t":
        return Note("plan.simultaneous")
    return "" if key.startswith(("notes.adjusted_", "notes.equality_adjusted")) else note


def _p(tests: ResultData) -> Array:
    p: Array = tests.table["p_value"].to_numpy(float)
    return p


def _hidden(tests: ResultData) -> NDArray[np.bool_]:
    """Rows on too few answers to be shown."""
    if not isinstance(tests, EstimatesData):
        return np.zeros(len(tests.table), bool)
    hidden: NDArray[np.bool_] = answers_behind(tests) < SUPPRESS_BELOW
    return hidden


def _compared(tests: ResultData, i: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The items of row `i`, and the variables whose groups it compares."""
    table = rows_in(tests)
    row = table.iloc[i]
    items = [str(row["item"])] if "item" in table.columns else []
    if "with" in table.columns:
        if getattr(tests, "contrast_matrix", None) is None:  # of an association with a grouping variable
            return tuple(items), (str(row["with"]),)
        items.append(str(row["with"]))
    if tests.breakdowns is not None and isinstance(tests, SummaryData):
        return tuple(items), tests.breakdowns.variables[row["breakdown"]]
    if not isinstance(tests, EstimatesData):
        return tuple(items), tests.by
    origin, matrix = tests.origin, tests.contrast_matrix
    if tests.compared or origin is None or matrix is None:
        by = [c for c in tests.by if c not in COLUMNS]
        return tuple(items), tests.compared or tuple(by)
    used = origin.table.iloc[np.flatnonzero(matrix[i])]
    if not items and "item" in used.columns:
        items = list(dict.fromkeys(map(str, used["item"])))
    varying = [c for c in origin.by if used[c].nunique(dropna=False) > 1]
    variables = [c for c in varying if origin.breakdowns is None or c not in COLUMNS]
    if origin.breakdowns is not None and set(varying) & set(COLUMNS):
        variables += [v for b in dict.fromkeys(used["breakdown"]) for v in origin.breakdowns.variables[b]]
    return tuple(items), tuple(dict.fromkeys(variables))


def _pairs(family: Family) -> list[tuple[str, tuple[str, ...]]]:
    return [(o, tuple(sorted(b))) for o in family.outcomes or ("",) for b in family.breakdowns or ((),)]

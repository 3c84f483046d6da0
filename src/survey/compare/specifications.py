"""The same effect under declared choices: who counts, with which weights, by which score; and which choices matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist, in_range, one_of
from survey.base.arrays import Array
from survey.base.catalogue import LANGUAGES, Note, texts
from survey.base.expressions import Where
from survey.base.suggestions import did_you_mean
from survey.codebook import Text
from survey.compare.effect import effect
from survey.compare.rescored import RESCORING, rescored, rule_of
from survey.compare.stacked_effects import least_of_units, stacked, text_of
from survey.core.responses_data import ResponsesData
from survey.core.sample_data import SampleData
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.items import Names, domain, item_names

__all__ = ["CHOICE", "specifications"]

CHOICE = ("where", "domain", "items", *RESCORING, "weights", "treated", "within", "verbs", "label", "declared")
"""What a choice may say."""
COMBINED = ("each", "all")
MOST = 64
"""Specifications in one table."""
_MOST_COMBINED = 12
_WORDS = ("label", "declared")

Choice = Mapping[str, Any]


def specifications(
    self: SampleData,
    items: Names,
    treated: str,
    period: str,
    unit: str,
    where: Where = None,
    level: float = 0.95,
    *,
    choices: Mapping[str, Choice],
    combine: str = "each",
    **options: Any,
) -> Estimates:
    """Estimate an effect as planned and under other choices that could have been made, with a verdict on each.

    Parameters
    ----------
    items, treated, period, unit, where, level
        As for `Sample.effect`: the main specification.
    choices : mapping of str to mapping
        By its name, what each choice changes:

        - `where`: a further condition ("official_present == 0");
        - `domain`: a condition in place of the main one ("pilot_tier != 0");
        - `items`: other columns for some items ({"friendliness": "friendliness_without_FR10"}); a choice that
          changes only these has rows of these items alone;
        - `min_answered`: scores computed again with another share of questions that must be answered, which is how
          don't-knows count; `without`: without some items. Rows of the scores that this changes alone;
        - `weights`: another column of weights, or None for none (strata and clusters stay);
        - `treated`, `within`: as for `effect`;
        - `verbs`: a function of the responses that gives others with the same rows (another score, for `items`);
        - `label`: what it is called, a text or one by language;
        - `declared`: when it was declared, as `Study.specifications` says it: a note of the result.
    combine : {"each", "all"}
        Each choice alone, or every set of choices that do not change the same thing (64 rows an item at most).
    **options
        Of `effect`: margin, permutations, seed, acknowledge, ...

    Returns
    -------
    Estimates
        item, specification ("main" first), the columns of an effect, and verdict: "higher", "lower", "no_sign",
        "unclear" or "unknown" (see `survey.core.effect_verdict`). Rows of one item are estimates of one effect by much
        the same people; differences between them have no standard error here. Every row stands on the answers of its
        smallest unit. `sv.figures.specifications` draws it, `sv.narrative.specifications` says what flips.

    Raises
    ------
    EstimationError
        If a choice says nothing or something unknown, there are too many, or an effect cannot be estimated; the error
        names the choice.

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, on specification curves; Steegen et al. (2016),
    Perspectives on Psychological Science 11, on the multiverse.

    Examples
    --------
    >>> sample.specifications(  # doctest: +SKIP
    ...     "friendliness", "pilot_tier == 2", "wave", "ward", "pilot_tier != 1",
    ...     choices={"quiet": {"where": "official_present == 0", "label": "No official in earshot"}},
    ... )
    """
    one_of(combine, COMBINED, "way to combine choices", EstimationError, where="combine=")
    names = item_names(items, self)
    _check(choices)
    sets = _sets(choices, combine)
    main = effect(self, names, treated, period, unit, where, level, **options)
    asked: dict[str, Any] = {"treated": treated, "period": period, "unit": unit, "level": level, **options}
    tables, behind = {"main": main.table}, {"main": least_of_units(main)}
    labels: dict[str, Text] = {"main": texts("effect.main")}
    notes = [*main.notes, Note("notes.specifications"), *_declared(choices)]
    for chosen in sets:
        name = " + ".join(chosen)
        one = _estimated(self, names, where, asked, [choices[c] for c in chosen], name)
        if one is None:
            continue
        tables[name], behind[name] = one
        labels[name] = _label([text_of(choices[c].get("label"), c) for c in chosen])
    return stacked(main, tables, labels, behind, notes)


def _check(choices: Mapping[str, Choice]) -> None:
    if not isinstance(choices, Mapping) or not choices:
        raise EstimationError(
            "There are no choices to try.",
            where="choices=",
            got=type(choices).__name__,
            expected='choices by name, such as {"quiet": {"where": "official_present == 0"}}',
        )
    for name, choice in choices.items():
        if not isinstance(choice, Mapping):
            raise EstimationError(
                "A choice must say what it changes.",
                where=f"choices[{name!r}]",
                got=type(choice).__name__,
                expected=f"a mapping with {shorten(CHOICE, len(CHOICE))}",
            )
        unknown = [k for k in choice if k not in CHOICE]
        if unknown or not set(choice) - set(_WORDS):
            raise EstimationError(
                "A choice says something unknown." if unknown else "A choice changes nothing.",
                where=f"choices[{name!r}]",
                got=shorten(map(str, unknown)) if unknown else None,
                expected=shorten(CHOICE, len(CHOICE)),
                fix=did_you_mean(unknown, CHOICE),
            )
        in_range(
            choice.get("min_answered", 1),
            "The share of answered items is out of range.",
            EstimationError,
            where=f"choices[{name!r}]",
            expected="above 0, at most 1",
            fits=lambda v: 0 < v <= 1,
        )
        if name in ("main", ""):
            raise EstimationError("A choice needs a name of its own.", where="choices=", got=repr(name))


def _sets(choices: Mapping[str, Choice], combine: str) -> list[tuple[str, ...]]:
    """Names of the choices taken together: those that change the same thing are alternatives."""
    names = list(choices)
    many = combine == "all" and len(names) > _MOST_COMBINED
    sizes = range(1, 2 if combine == "each" or many else len(names) + 1)
    found = [s for n in sizes for s in combinations(names, n) if n == 1 or _together([choices[c] for c in s])]
    if many or len(found) + 1 > MOST:
        raise EstimationError(
            "There are too many specifications.",
            where="choices=",
            got=f"{len(names)} choices",
            expected=f"at most {MOST} rows an item",
            fix='try each choice alone: combine="each"',
        )
    return found


def _together(chosen: Sequence[Choice]) -> bool:
    changed = [k for choice in chosen for k in choice if k not in (*_WORDS, "where", "verbs", "items", "without")]
    changed += [f"items:{i}" for choice in chosen for i in choice.get("items", {})]
    if rule_of(chosen) and any("items" in choice for choice in chosen):
        return False
    return len(set(changed)) == len(changed)


def _estimated(
    sample: SampleData, names: list[str], where: Where, asked: Mapping[str, Any], chosen: Sequence[Choice], name: str
) -> tuple[pd.DataFrame, Array] | None:
    """The rows of one specification, and the answers behind each; None where it changes none of the items."""
    renamed: dict[str, str] = {}
    domains: list[Where] = [where]
    arguments = dict(asked)
    for choice in chosen:
        renamed |= dict(choice.get("items", {}))
        if "domain" in choice:
            domains[0] = choice["domain"]
        if "where" in choice:
            domains.append(choice["where"])
        arguments |= {k: choice[k] for k in ("treated", "within") if k in choice}
        sample = _changed(sample, choice, name)
    columns_exist(
        [i for pair in renamed.items() for i in pair],
        sample.data.columns,
        "A choice names a column that the data do not have.",
        EstimationError,
        where=f"choices, {name}, items",
    )
    rule = rule_of(chosen)
    if rule:
        sample, made = rescored(sample, names, rule, f"choices, {name}")
        renamed |= made
    outcomes = {"items", *RESCORING}
    alone = all(outcomes & set(choice) and set(choice) <= {*outcomes, *_WORDS, "verbs"} for choice in chosen)
    kept = [i for i in names if i in renamed] if alone else names
    if not kept:
        return None
    try:
        masks = [m for m in (domain(sample, d) for d in domains) if m is not None]
        inside = reduce(np.logical_and, masks) if masks else None
        one = effect(sample, [renamed.get(i, i) for i in kept], where=inside, **arguments)
    except EstimationError as error:
        raise EstimationError(
            f"The effect cannot be estimated under a choice: {error.what}",
            where=" | ".join(str(x) for x in (f"choices, {name}", error.where) if x),
            got=error.got,
            expected=error.expected,
            fix=error.fix,
        ) from error
    return one.table.assign(item=kept), least_of_units(one)


def _changed(sample: SampleData, choice: Choice, name: str) -> SampleData:
    """The sample with other weights, or with what verbs make of its responses."""
    if "verbs" in choice:
        verbs: Callable[[Any], Any] = choice["verbs"]
        made = verbs(sample.responses)
        if not isinstance(made, ResponsesData) or not made.data.index.equals(sample.data.index):
            raise EstimationError(
                "Verbs of a choice must give responses with the same rows.",
                where="verbs",
                got=f"{len(made.data)} rows" if isinstance(made, ResponsesData) else type(made).__name__,
                expected=f"responses with {len(sample.data)} rows",
                fix="leave out rows with where=, so that standard errors stay right",
            )
        sample = type(sample).of(made, sample.design, sample.structure)
    return _with_weights(sample, choice["weights"], name) if "weights" in choice else sample


def _with_weights(sample: SampleData, weights: str | None, name: str) -> SampleData:
    """The sample with a column of weights, or none; of a scan, those that it began with, or none."""
    d, people = sample.design, sample.structure.people
    if people is None:
        if weights is not None:
            message = "A choice names weights that the data do not have."
            columns_exist([weights], sample.data.columns, message, EstimationError, where=f"choices, {name}")
        drawn: dict[str, Any] = {"strata": d.strata, "psu": d.psu, "fpc": d.fpc, "nest": d.nest, "lonely": d.lonely}
        return type(sample)(sample.responses, weights=weights, **drawn)
    first = d.adjustments[0].weights_before if d.adjustments else d.weights
    plain = replace(d, weights=weights, adjustments=(), replicates=None)
    if weights is not None and weights == first:
        own = sample.data[weights].to_numpy(float) if d.adjustments else sample.weights
        return type(sample).of(sample.responses, plain, sample.structure.weighed(own))
    if weights is None and people.sum() == sample.structure.elsewhere:  # nobody was left out for a weight of 0
        each = people.astype(float)
        return type(sample).of(sample.responses, plain, replace(sample.structure, weights=each, squared=each))
    raise EstimationError(
        "Other weights need the respondents, and a scan has none.",
        where=f"choices, {name}, weights",
        got=weights,
        expected=f"{first!r}, or none where nobody weighs 0" if first else "none, where nobody weighs 0",
        fix="read the columns into memory, or make a second scan(..., weights=) and compare the two effects",
    )


def _label(parts: Sequence[Text], between: str = " + ") -> Text:
    return {lang: between.join(str(p.get(lang) or next(iter(p.values()))) for p in parts) for lang in LANGUAGES}


def _declared(choices: Mapping[str, Choice]) -> list[Note]:
    """When choices were declared, those of the same time together."""
    times = {str(c["declared"]): c["declared"] for c in choices.values() if "declared" in c}
    labels = {
        when: [text_of(c.get("label"), name) for name, c in choices.items() if str(c.get("declared")) == when]
        for when in times
    }
    if len(times) == 1 and len(labels[next(iter(times))]) == len(choices):
        return [Note("notes.choices_all_declared", declared=declared) for declared in times.values()]
    return [
        Note("notes.choices_declared", choices=_label(labels[when], "; "), declared=declared)
        for when, declared in times.items()
    ]

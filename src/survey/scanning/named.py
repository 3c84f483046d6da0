"""The columns of a scan that a verb looks at: those that its arguments name, and those that it looks at unasked."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from survey.base.expressions import column_names
from survey.base.formula import parse
from survey.base.names import column_named
from survey.base.suggestions import did_you_mean
from survey.compare._waves import LOOKED_AT
from survey.compare.circumstances import CIRCUMSTANCES
from survey.compare.rescored import RESCORING
from survey.errors import EstimationError, shorten
from survey.sample import Sample
from survey.scanning.state import ScanData

__all__ = ["columns_listed", "columns_looked_at"]

_OF_WAVES = ("change", "wave_trend")
_OF_EFFECTS = ("effect", "pretrends", "specifications")
_OF_ANSWERS = (
    *("frequencies", "item_response", "bounds", "select_all", "options_chosen", "independence"),
    *("proportion", "distribution"),
)
"""Verbs that count every answer by itself."""
_ANSWERS = ("levels", "top", "bottom", "net", "rescale")
_AS_THEY_ARE = ("where", "person", "predictors")
_GROUPS = ("by", "over", "within", "wave", "period", "unit")


def columns_looked_at(scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> list[str]:
    """The columns of a scan that a verb of `Sample` looks at, called with these arguments."""
    names = scan.steps.names
    parameters = inspect.signature(getattr(Sample, verb)).parameters
    given = _given(verb, args, options)
    made = () if scan.weighing is None else scan.weighing.into
    found: list[str] = []
    if isinstance(formula := given.pop("formula", None), str):
        variables = parse(formula).variables
        if absent := [v for v in variables if column_named(v, names) not in names and v not in made]:
            raise EstimationError(
                "The formula names variables that are not in the source.",
                where=f"{formula}, {scan.reader.source}",
                got=shorten(map(repr, absent)),
                expected=shorten(names, 20),
                fix=did_you_mean(absent, names, "correct the name, or derive(...) the column first"),
            )
        found += [column_named(v, names) for v in variables]
    for text in _texts(given):
        if (name := column_named(text, names)) in names:
            found.append(name)
        elif text in scan.codebook.sets:
            found += [column_named(member, names) for member in scan.codebook.sets[text].variables]
        elif text in made:
            found.append(text)
        elif not text.isidentifier():
            try:
                found += [column_named(n, names) for n in column_names(text)]
            except EstimationError:  # a label, a level: the verb itself says what it cannot do
                continue
    if "scale" in parameters or "predictors" in parameters or _rescores(given):
        found += [column_named(item, names) for text in _texts(given) for item in _items(scan, text)]
    if verb in _OF_WAVES:
        found += [str(given.get("wave", parameters["wave"].default)), *LOOKED_AT, *_of_role(scan, "stratum")]
    if verb in _OF_EFFECTS:
        found += [*CIRCUMSTANCES, *_of_role(scan, "mode")]
    if weights := sorted(set(found) & set(made)):
        raise EstimationError(
            "Weights that a scan was given stand in no column.",
            where=scan.reader.source,
            got=shorten(weights),
            expected=shorten(names, 20),
            fix="write them first: scan.write(...)",
        )
    return [name for name in dict.fromkeys(found) if name in names]


def columns_listed(scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> list[str]:
    """The columns whose values are counted one by one, as groups or answers: there is a table of all of them."""
    given, names = _given(verb, args, options), scan.steps.names
    of_answers = not {verb, str(given.get("statistic"))}.isdisjoint(_OF_ANSWERS)
    of_answers |= any(given.get(name) is not None for name in _ANSWERS)
    asked = given if of_answers else {name: given[name] for name in _GROUPS if name in given}
    asked = {name: value for name, value in asked.items() if name not in _AS_THEY_ARE}
    return [name for text in _texts(list(asked.values())) if (name := column_named(text, names)) in names]


def _given(verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by their names."""
    parameters = list(inspect.signature(getattr(Sample, verb)).parameters)[1:]
    given = dict(zip(parameters, args, strict=False)) | dict(options)
    if isinstance(choices := given.get("choices"), Mapping):  # other weights are those of the scan, and no column
        given["choices"] = [
            {key: value for key, value in choice.items() if key != "weights"} if isinstance(choice, Mapping) else choice
            for choice in choices.values()
        ]
    return given


def _items(scan: ScanData, text: str) -> list[str]:
    """The items of a dimension of the codebook, or of the score of one, and what says of whom they were asked."""
    variables = scan.codebook.variables
    variable = variables.get(text)
    wanted = text if variable is None or variable.role != "score" else variable.dimension
    items = [name for name, v in variables.items() if wanted and v.scored and v.dimension == wanted]
    return [*items, *(column for name in items if (base := variables[name].base) for column in column_names(base))]


def _of_role(scan: ScanData, role: str) -> list[str]:
    return [column_named(n, scan.steps.names) for n, v in scan.codebook.variables.items() if v.role == role]


def _rescores(given: Mapping[str, Any]) -> bool:
    """Whether choices of specifications compute scores again, of their items."""
    choices = given.get("choices")
    of_scores = set(RESCORING)
    return isinstance(choices, list) and any(of_scores & set(c) for c in choices if isinstance(c, Mapping))


def _texts(given: Any) -> Iterable[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        for key, value in given.items():
            yield from (*_texts(key), *_texts(value))
    elif isinstance(given, list | tuple):
        for one in given:
            yield from _texts(one)

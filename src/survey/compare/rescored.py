"""Scores computed again under a choice: other shares of questions answered, or without some of their items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey.base.arguments import listed
from survey.base.suggestions import did_you_mean
from survey.cleaning.scoring import score
from survey.core.sample_data import S
from survey.errors import EstimationError, shorten

__all__ = ["RESCORING", "rescored", "rule_of"]

RESCORING = ("min_answered", "without")
"""What a choice may say of the way that scores are computed."""


def rule_of(chosen: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What choices that are made together say of scores; empty where they say nothing."""
    rule: dict[str, Any] = {}
    for choice in chosen:
        if "min_answered" in choice:
            rule["min_answered"] = choice["min_answered"]
        if "without" in choice:
            rule["without"] = [*rule.get("without", ()), *listed(choice["without"])]
    return rule


def rescored(sample: S, names: Sequence[str], rule: Mapping[str, Any], where: str) -> tuple[S, dict[str, str]]:
    """Compute scores again by a rule.

    Parameters
    ----------
    sample : Sample
    names : sequence of str
        Outcomes; those that are scores of a dimension of the codebook and that the rule concerns are computed again.
    rule : mapping
        min_answered: share of the questions that a respondent must have answered; 2/3 where not given, as for
        `Responses.score`. without: items to leave out.
    where : str
        The choice, for errors.

    Returns
    -------
    (Sample, dict)
        With a column for each such score, and its name by that of the score.

    Raises
    ------
    EstimationError
        If an item to leave out is none of a score, nothing would be left, or no outcome is a score.
    CleaningError
        As `Responses.score`.
    """
    book, without = sample.codebook, set(rule.get("without", ()))
    scored = {v.name: v.dimension for v in book.variables.values() if v.scored and v.dimension}
    unknown = sorted(without - set(scored))
    if unknown:
        raise EstimationError(
            "A choice leaves out an item that is in no score.",
            where=f"{where}, without",
            got=shorten(unknown),
            expected=shorten(scored),
            fix=did_you_mean(unknown, scored, "name items that the codebook scores in a dimension"),
        )
    dimensions = {}
    for name in names:
        variable = book.variables.get(name)
        dimension = variable.dimension if variable is not None and variable.role == "score" else name
        if dimension in scored.values():
            dimensions[name] = dimension
    if not dimensions:
        raise EstimationError(
            "A choice computes scores again, and no outcome is a score.",
            where=where,
            got=shorten(names),
            expected="scores of dimensions of the codebook",
            fix="leave the choice out for these outcomes",
        )
    responses, made = sample.responses, {}
    for name, dimension in dimensions.items():
        items = list(book.items(dimension))
        kept = [item for item in items if item not in without]
        if without and kept == items:
            continue
        if not kept:
            raise EstimationError(
                "A choice leaves out every item of a score.", where=f"{where}, without", got=shorten(items)
            )
        made[name] = f"{name} ({where.removeprefix('choices, ')})"
        share = {"min_answered": rule["min_answered"]} if "min_answered" in rule else {}
        responses = score(responses, dimension, items=kept, into=made[name], **share)
    return type(sample).of(responses, sample.design, sample.structure), made

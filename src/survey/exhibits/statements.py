"""Titles that say what a result shows, and no more than that; from the same sentences as `survey.narrative`.

A difference that the data do not show is told as not shown; of several, the highest is named only where it is shown to
be above all others. Rows on few answers, hidden ones and those without an interval are never named. What cannot be told
in a line has the descriptive title of `survey.exhibits.titles`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base import catalogue
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.exhibits._basis import Basis, Statement
from survey.exhibits._differences import of_differences
from survey.exhibits._judged import of_effects, of_ranks, of_specifications, of_tests
from survey.exhibits._levels import answers_said, lowest_of_the_best, of_breakdowns, of_estimates, upper_answers
from survey.exhibits._summaries import SUMMARIES
from survey.exhibits.titles import letters_of
from survey.words import labels
from survey.words import locale as loc
from survey.words.parts import is_question

__all__ = ["statement"]

_MOST_ROWS = 2000


def statement(
    e: ResultData,
    lang: str,
    rows: pd.DataFrame,
    thresholds: tuple[int, int],
    names: Mapping[str, str | Text],
    judged: dict[Any, Any] | None = None,
    *,
    marked: bool = True,
) -> Statement | None:
    """What a result shows, in a title of two lines at most on a page.

    Parameters
    ----------
    e : Estimates or Summary
        Without numbers that may not be shown.
    lang : str
    rows : DataFrame
        As `words.labels.labelled` gives them: what is not shown without reserve is never named.
    thresholds : tuple of int
        Results on fewer answers than the first are suppressed, than the second flagged.
    names : mapping of str to text
        Names given to items and contrasts.
    judged : dict, optional
        Differences that were computed for this result in another language, or by another name; new ones are put there.
    marked : bool
        Whether it says that data are simulated; False where that stands beside it.

    Returns
    -------
    Statement or None
        With one text; None where there is nothing to tell, or no room for it.
    """
    if len(e.table) > _MOST_ROWS:
        return None
    # a distribution is many shares, a title tells their sums
    some = rows["status"] if e.kind.per_answer else rows["detail"].where(rows["detail"] != "", rows["status"])
    status = some.to_numpy(object)
    own = {name: loc.pick(loc.text_of(text), lang, name) for name, text in names.items()}
    letters = letters_of("full")  # at every width, so that an exhibit has one title
    made: dict[Any, Any] = {} if judged is None else judged

    def told(names_of: Mapping[str, str]) -> Statement | None:
        return _told(e, lang, status, thresholds, names_of, made)

    for found, text in _fullest_first(told, own, _shorter(e, lang, own)):
        said = catalogue.text("statements.simulated", lang, text=text) if e.simulated and marked else text
        title = loc.sentence(said).rstrip(".")
        if len(title) <= letters:
            return replace(found, texts=(title,))
    return None


def _fullest_first(
    told: Callable[[Mapping[str, str]], Statement | None], own: Mapping[str, str], shorter: Iterable[Mapping[str, str]]
) -> Iterator[tuple[Statement, str]]:
    """Texts of a result under several names: a shorter name for the question leaves less open than less text.

    A statement is made when a text of it is asked for: nearly always the first has room.
    """
    made: list[Statement] = []
    for names in (own, *shorter):
        found = told(names)
        if found is not None and found.texts:
            made.append(found)
            yield found, found.texts[0]
    for k in range(1, max((len(found.texts) for found in made), default=0)):
        yield from ((found, found.texts[k]) for found in made if k < len(found.texts))


def _shorter(e: ResultData, lang: str, names: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Names with which a long title may do: of one question, which stands below it, the answers that count."""
    items = labels.items_of(e)
    if not isinstance(e, EstimatesData) or len(items) != 1 or items[0] in names:
        return
    item, origin = items[0], e
    while not origin.answers and origin.kind.combines and origin.origin is not None:
        origin = origin.origin
    if origin.kind.ranks and origin.origin is not None:
        origin = origin.origin
    answers = upper_answers(origin) if origin.kind.per_answer else origin.answers
    asked = item in e.codebook and bool(e.codebook[item].text)
    if not answers or not (asked or is_question(labels.item_label(e, item, lang))):
        return
    yield {
        **names,
        item: catalogue.text("statements.answers_upper", lang, answers=answers_said(e, item, answers, lang)),
    }
    least = lowest_of_the_best(e, item, answers)
    if least is not None:
        answer = answers_said(e, item, (least,), lang)
        yield {**names, item: catalogue.text("statements.answers_least", lang, answer=answer)}


def _told(
    e: ResultData,
    lang: str,
    status: NDArray[np.object_],
    thresholds: tuple[int, int],
    names: Mapping[str, str],
    judged: dict[Any, Any],
) -> Statement | None:
    if not isinstance(e, EstimatesData):
        make = SUMMARIES.get(e.kind.title)
        return None if make is None else make(e, lang)
    b = Basis(e, lang, status, thresholds, names, len(e.table), judged)
    if e.kind.sentence == "verdict":
        return of_tests(b)
    if e.kind.sentence == "permutation":
        return of_effects(b)
    if e.kind.sentence == "specifications":
        return of_specifications(b)
    if e.kind.sentence == "compare":
        return of_differences(b)
    if e.kind.ranks:
        return of_ranks(b)
    if not e.kind.told:
        return None
    if e.breakdowns is not None and "breakdown" in e.by:
        return of_breakdowns(b)
    return of_estimates(b)

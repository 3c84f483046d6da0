"""The parts that all sentences are made of: rows, subjects, places, amounts, intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from survey.base import catalogue
from survey.base.arguments import columns_exist
from survey.base.names import composed_column, composed_value
from survey.base.suggestions import near
from survey.codebook import Text
from survey.codebook.sets import base_of, set_of
from survey.codebook.told import may_be_shown
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.core.summary import SummaryData
from survey.errors import EstimationError, shorten
from survey.words import labels
from survey.words import locale as loc
from survey.words.certainty import certainty
from survey.words.notes import CALIBRATED
from survey.words.statuses import details, hidden_text

__all__ = [
    "Row",
    "absence",
    "amount",
    "answers_of",
    "before_notice",
    "brackets",
    "finished",
    "interval_of",
    "is_question",
    "item_of",
    "matching",
    "n_of",
    "nouns",
    "numbers_of",
    "of_estimates",
    "of_set",
    "place_of",
    "position_of",
    "quoted",
    "subject_of",
    "sureness",
]

F = TypeVar("F", bound=Callable[..., Any])
Row = int | Mapping[str, Any] | None
"""A row of a table: its position, what its columns hold, or the only one."""


def of_estimates(expected: str) -> Callable[[F], F]:
    """Decorate a verb: a summary, which has no one estimate a row, is refused for what it is."""

    def decorate(verb: F) -> F:
        @wraps(verb)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            e = args[0] if args else kwargs.get("e")
            if isinstance(e, SummaryData):
                raise EstimationError(
                    "A summary has several numbers a row, and no sentence.",
                    where=f"narrative.{verb.__name__}",
                    got=f"a summary of {e.statistic.replace('_', ' ')}",
                    expected=expected,
                    fix="show it with tables.table or the figure made for it",
                )
            return verb(*args, **kwargs)

        return wrapped  # type: ignore[return-value]

    return decorate


def matching(e: ResultData, wanted: Mapping[str, Any]) -> list[int]:
    """Positions of the rows whose columns hold what is wanted."""
    columns_exist(wanted, e.table.columns, "The table has no such column.", EstimationError)
    keep = np.ones(len(e.table), dtype=bool)
    for name, value in wanted.items():
        column = composed_column(e.table[name])
        same = (column == composed_value(value)).to_numpy(bool)
        if name == "contrast" and isinstance(value, str) and not same.any():  # "b - a" as a keyboard has it
            same = (column == composed_value(value.replace(" - ", " − "))).to_numpy(bool)
        keep &= same
    return [int(i) for i in np.flatnonzero(keep)]


def position_of(e: ResultData, row: Row) -> int:
    """Position of the row asked for.

    Raises
    ------
    EstimationError
        If there is no such row, or more than one.
    """
    if isinstance(row, int | np.integer):
        if not -len(e.table) <= row < len(e.table):
            raise EstimationError("The table has no such row.", got=row, expected=f"0 to {len(e.table) - 1}")
        return int(row) % len(e.table)
    wanted: Mapping[str, Any] = {} if row is None else row
    found = matching(e, wanted)
    if len(found) != 1:
        raise EstimationError(
            "A sentence must refer to exactly one row.",
            where=dict(wanted) or None,
            got=f"{len(found)} rows",
            expected="one",
            fix=_meant(e, wanted)
            or "select the row, such as row={'wave': 2}; its columns are " + shorten(labels.levels_of(e)),
        )
    return found[0]


def _meant(e: ResultData, wanted: Mapping[str, Any]) -> str:
    """What may be meant by values that no row has; "" where each is found, or none is near."""
    meant: list[str] = []
    for name, value in wanted.items():
        if matching(e, {name: value}):
            continue
        column = e.table[name]
        rows = e.table["n"].fillna(1) if "n" in e.table.columns else np.ones(len(column))
        known = [v for v, n in zip(column, rows, strict=True) if may_be_shown(v, int(n))]
        meant += map(repr, near([value], known))
    return f"did you mean {shorten(meant, 3)}?" if meant else ""


def numbers_of(e: EstimatesData, i: int) -> dict[str, float]:
    """Every number of a row, unrounded; none of a row that may not be shown."""
    if absence(e, i, "en"):
        return {}
    names = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "df", "n")
    return {name: float(e.table[name].iloc[i]) for name in names if name in e.table.columns}


def item_of(e: EstimatesData, i: int) -> str:
    """The item of a row; of the rows that a contrast compares where these have one item only."""
    if "item" in e.table.columns:
        return str(e.table["item"].iloc[i])
    origins = labels.items_of(e)
    if len(origins) > 1 and e.origin is not None and e.contrast_matrix is not None:
        used = np.flatnonzero(e.contrast_matrix[i])
        origins = [str(x) for x in dict.fromkeys(e.origin.table["item"].iloc[used])]
    return origins[0] if len(origins) == 1 else ""


def subject_of(e: EstimatesData, i: int, lang: str, what: str | Text | None) -> str:
    """What a sentence is about: the words given, else the wording of the item."""
    if what is not None:
        return loc.pick(loc.text_of(what), lang)
    item = item_of(e, i)
    return labels.item_label(e, item, lang) if item else ""


def is_question(text: str) -> bool:
    """Whether what names an item is its question, which may have been cut short."""
    return text.endswith(("?", "…"))


def quoted(text: str, lang: str) -> str:
    """A question in quotation marks after the word for it; the name of a score as it is."""
    return catalogue.text("narrative.question" if is_question(text) else "narrative.quoted", lang, text=text)


def place_of(e: EstimatesData, i: int, lang: str, skip: tuple[str, ...] = ()) -> str:
    """Labels of the groups of a row, without those of the columns skipped."""
    row = e.table.iloc[i]
    names = [b for b in e.by if b not in skip and (e.breakdowns is None or b != "breakdown")]
    return ", ".join(labels.group_label(e, b, row[b], lang, row) for b in names)


def amount(measure: labels.Measure, text: str, lang: str) -> str:
    """A written number with its unit: 72,4%; 61,2 điểm; 4,1 điểm phần trăm."""
    if measure.kind == "share" and not measure.difference:
        return f"{text}%"
    if measure.kind == "rank":
        return text
    unit = loc.word("percentage_points", lang) if measure.kind == "share" else loc.unit_word(measure.unit, lang)
    return f"{text} {unit}" if unit else text


def interval_of(
    e: EstimatesData, i: int, measure: labels.Measure, lang: str, digits: int | None, turned: bool = False
) -> str:
    """An interval with its level and its percent signs, "" if there is none; `turned` if the sentence says "lower"."""
    row = e.table.iloc[i]
    low, high = (measure.factor * float(row[c]) for c in ("conf_low", "conf_high"))
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    low, high = (-high, -low) if turned else (low, high)
    decimals = measure.digits if digits is None else digits
    if measure.difference and (low > 0 or high < 0):
        # an end that does not reach zero must not read as zero
        near = min(abs(low), abs(high))
        decimals += next((k for k in range(4) if loc.rounded(near, decimals + k) != 0), 0)
    shown = [loc.number(x, decimals, lang) for x in (low, high)]
    percent = "%" if measure.kind == "share" and not measure.difference else ""
    ci = "ci_simultaneous" if e.adjust == "max-t" else "ci"
    return f"{loc.word(ci, lang, level=loc.level_word(e.level, lang))}: " + catalogue.text(
        "narrative.from_to", lang, low=shown[0] + percent, high=shown[1] + percent
    )


def sureness(
    e: EstimatesData, i: int, measure: labels.Measure, lang: str, digits: int | None, turned: bool = False
) -> str:
    """The interval of a row; where it has none, what is to be thought of the number."""
    interval, state = interval_of(e, i, measure, lang, digits, turned), str(certainty(e)[i])
    if interval or state == "judged":
        return interval
    if state == "known":
        return loc.word("known" if CALIBRATED in e.notes else "known_by_design", lang)
    return loc.word("unjudged", lang)


def nouns(e: EstimatesData, name: str, lang: str, one: str, several: str) -> tuple[str, str]:
    """What one and several categories of a variable are called, "ward" and "wards"; else two texts of the catalogue."""
    variable = e.codebook.variables.get(name)
    if variable is None or not variable.short.get(lang):
        return catalogue.text(one, lang), catalogue.text(several, lang)
    noun = variable.short[lang].lower()
    return noun, catalogue.text("narrative.several", lang, name=noun)


def brackets(*parts: str) -> str:
    """What is not empty, in one pair of brackets."""
    kept = [p for p in parts if p]
    return f" ({'; '.join(kept)})" if kept else ""


def n_of(e: EstimatesData, i: int, lang: str) -> str:
    """The number of answers: n = 1.512."""
    if "n" not in e.table.columns:
        return ""
    return f"n = {loc.count(float(e.table['n'].iloc[i]), lang)}"


def finished(text: str, e: EstimatesData, lang: str) -> str:
    """A whole sentence; simulated data say so in a second one."""
    return loc.sentence(text) + _notice(e, lang)


def before_notice(text: str, further: str, e: EstimatesData, lang: str) -> str:
    """A finished sentence with a further one, before what says that the data are simulated."""
    notice = _notice(e, lang)
    return f"{text.removesuffix(notice)} {further}{notice}" if further else text


def _notice(e: EstimatesData, lang: str) -> str:
    return " " + loc.sentence(loc.word("simulated", lang)) if e.simulated else ""


def of_set(e: EstimatesData, item: str, lang: str) -> dict[str, str]:
    """Of an option, or a whole select-all question: whose answers count, and the question where it has a wording."""
    found = e.codebook.sets.get(item) or set_of(e.codebook, [item])
    if found is None:
        return {"base": catalogue.text("parts.base_answered", lang), "question": ""}
    named = catalogue.text("narrative.quoted", lang, text=found.short_name(lang)) if found.label else ""
    question = catalogue.text("narrative.in_answer", lang, question=named) if named else ""
    return {"base": base_of(e.codebook, found).in_language(lang), "question": question}


def absence(e: EstimatesData, i: int, lang: str) -> str:
    """Why a row has no number that may be shown; "" where it has one."""
    status = labels.statuses(e)[i]
    if status == "suppressed":
        detail = details(e, labels.statuses(e))[i]
        return hidden_text(detail, lang, labels.SUPPRESS_BELOW, short=False)
    return loc.word("empty", lang) if status == "empty" else ""


def answers_of(e: EstimatesData, i: int, item: str, lang: str) -> str:
    """The answers a share counts, in quotation marks."""
    codes: tuple[Any, ...] = e.answers if e.kind.counts == "given" else ()
    if e.kind.counts == "row":
        codes = (e.table["answer"].iloc[i],)
    elif e.kind.counts == "yes":
        codes = (1,) if labels.measure_at(e, i).kind == "share" else ()
    labels_ = [labels.answer_label(e, item, code, lang) for code in codes]
    names = [catalogue.text("narrative.quoted", lang, text=label) for label in labels_]
    return catalogue.text("narrative.or", lang).join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

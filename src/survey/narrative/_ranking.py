"""The highest and the lowest of several groups, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey import _labels
from survey import _locale as loc
from survey._disclosure import published
from survey.codebook import LANGUAGES, Text
from survey.errors import EstimationError, some
from survey.estimates import Estimates
from survey.narrative._finding import Finding
from survey.narrative._words import (
    amount,
    answers_of,
    brackets,
    finished,
    interval_of,
    matching,
    numbers_of,
    place_of,
    quoted,
    subject_of,
)

__all__ = ["ranking"]


def ranking(
    e: Estimates,
    id: str = "",
    *,
    where: Mapping[str, Any] | None = None,
    what: str | Text | None = None,
    digits: int | None = None,
) -> Finding:
    """The highest and the lowest of several groups (or items), and whether their intervals overlap.

    Parameters
    ----------
    e : Estimates
    id : str
    where : mapping, optional
        Rows to look at ({"wave": 2}); all of them when not given.
    what : str or mapping of language to str, optional
    digits : int, optional

    Returns
    -------
    Finding

    Raises
    ------
    EstimationError
        If fewer than two rows may be shown, or they have different units.
    """
    e = published(e)
    status = _labels.statuses(e)
    rows = [i for i in matching(e, where or {}) if status[i] in ("shown", "flagged")]
    if len(rows) < 2:
        raise EstimationError(
            "There is nothing to rank.", got=f"{len(rows)} rows that may be shown", expected="two or more"
        )
    estimate = e.table["estimate"].to_numpy(float)
    top, bottom = max(rows, key=lambda i: estimate[i]), min(rows, key=lambda i: estimate[i])
    texts = {lang: _ranked(e, rows, top, bottom, lang, where or {}, what, digits) for lang in LANGUAGES}
    numbers = {f"{k}_highest": v for k, v in numbers_of(e, top).items()}
    numbers |= {f"{k}_lowest": v for k, v in numbers_of(e, bottom).items()}
    return Finding(id, texts["vi"], texts["en"], numbers | {"groups": float(len(rows))})


def _ranked(
    e: Estimates, rows: list[int], top: int, bottom: int, lang: str, where: Mapping[str, Any],
    what: str | Text | None, digits: int | None,
) -> str:  # fmt: skip
    items = list(dict.fromkeys(e.table["item"].iloc[rows])) if "item" in e.table.columns else [""]
    measures = {_labels.measure_at(e, i) for i in rows}
    if len(measures) > 1:
        raise EstimationError(
            "Items in different units cannot be ranked.", got=some(items), fix="rank one unit at a time"
        )
    measure, fixed = measures.pop(), tuple(where)
    by_item = len(items) > 1

    def told(i: int) -> str:
        parts = [f"“{_labels.item_label(e, str(e.table['item'].iloc[i]), lang)}”"] if by_item else []
        value = amount(measure, measure.value(float(e.table["estimate"].iloc[i]), lang, digits), lang)
        names = [*parts, place_of(e, i, lang, fixed), value]
        return ", ".join(x for x in names if x) + brackets(interval_of(e, i, measure, lang, digits))

    if what is not None:
        about = loc.pick(loc.text_of(what), lang)
    else:
        about = "" if by_item else quoted(subject_of(e, top, lang, None), lang)
        answers = "" if by_item else answers_of(e, top, items[0], lang)
        if answers:
            share = {"vi": "tỷ lệ trả lời {} cho {}", "en": "the share answering {} to {}"}[lang]
            about = share.format(answers, about)
    given = ", ".join(_labels.group_label(e, b, v, lang) for b, v in where.items() if b in e.by)
    count = loc.count(len(rows), lang)
    if about:
        pattern = {
            "vi": "trong {} nhóm, {} cao nhất ở {} và thấp nhất ở {}",
            "en": "of {} groups, {} is highest in {} and lowest in {}",
        }[lang]
        said = pattern.format(count, about, told(top), told(bottom))
    else:
        pattern = {
            "vi": "trong {} câu hỏi, cao nhất là {} và thấp nhất là {}",
            "en": "of {} questions, the highest is {} and the lowest is {}",
        }[lang]
        said = pattern.format(count, told(top), told(bottom))
    if float(e.table["conf_low"].iloc[top]) <= float(e.table["conf_high"].iloc[bottom]):
        said += {"vi": "; hai khoảng tin cậy này chồng lên nhau", "en": "; these two intervals overlap"}[lang]
    return finished((f"{given}: " if given else "") + said, e, lang)

"""The highest and the lowest of several groups, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.core.result import rows_in
from survey.errors import EstimationError, shorten
from survey.exhibits.finding import Finding
from survey.narrative._ranks import ranked
from survey.narrative._words import finished, matching, numbers_of, of_estimates
from survey.words import labels
from survey.words import locale as loc
from survey.words.certainty import certainty
from survey.words.disclosure import published
from survey.words.parts import amount, brackets, nouns, sureness
from survey.words.sides import inline, measured, within_brackets

__all__ = ["ranking"]


@of_estimates("what sample.mean(...) and its like return")
@checked(EstimationError)
def ranking(
    e: EstimatesData,
    id: str = "",
    *,
    where: Mapping[str, Any] | None = None,
    what: str | Text | None = None,
    digits: int | None = None,
) -> Finding:
    """The highest and the lowest of several groups (or items), and whether they can be told apart.

    Of estimates the sentence says whether intervals overlap. Of the result of `e.ranks()` it gives the ranks that the
    first and the last may have, says who may be first or last as well, and which groups are in the first quarter
    whatever their rank is: that is the better judge, as two intervals may overlap though their difference is clear.

    Parameters
    ----------
    e : Estimates
        Means, shares and the like by group, or their `ranks()`.
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
    if e.kind.ranks:
        return ranked(e, id, where or {}, what, digits)
    status = labels.statuses(e)
    shown = [i for i in matching(e, where or {}) if status[i] in ("shown", "flagged")]
    sure = certainty(e)
    # what no interval can be computed for cannot be judged, so it has no place among the others
    rows = [i for i in shown if sure[i] != "unknown"]
    if len(rows) < 2:
        raise EstimationError(
            "There is nothing to rank.",
            got=f"{len(rows)} rows that can be shown and assessed",
            expected="two or more with an interval",
        )
    estimate = e.table["estimate"].to_numpy(float)
    top, bottom = max(rows, key=lambda i: estimate[i]), min(rows, key=lambda i: estimate[i])
    texts = {
        lang: _ranked(e, rows, top, bottom, lang, where or {}, what, digits, len(shown) - len(rows))
        for lang in LANGUAGES
    }
    numbers = {f"{k}_highest": v for k, v in numbers_of(e, top).items()}
    numbers |= {f"{k}_lowest": v for k, v in numbers_of(e, bottom).items()}
    return Finding.of(id, texts, numbers | {"groups": float(len(rows))})


def _ranked(
    e: EstimatesData,
    rows: list[int],
    top: int,
    bottom: int,
    lang: str,
    where: Mapping[str, Any],
    what: str | Text | None,
    digits: int | None,
    left_out: int,
) -> str:
    items = list(dict.fromkeys(e.table["item"].iloc[rows])) if "item" in e.table.columns else [""]
    measures = {labels.measure_at(e, i) for i in rows}
    if len(measures) > 1:
        raise EstimationError(
            "Items in different units cannot be ranked.", got=shorten(items), fix="rank one unit at a time"
        )
    measure, fixed = measures.pop(), tuple(where)
    by_item = len(items) > 1
    # an item in several groups is one item and several results
    kind = ("results" if len(rows) > len(items) else "items") if by_item else "groups"

    def told(i: int) -> str:
        label = labels.item_label(e, str(e.table["item"].iloc[i]), lang) if by_item else ""
        parts = [catalogue.text("narrative.quoted", lang, text=label)] if by_item else []
        value = amount(measure, measure.value(float(e.table["estimate"].iloc[i]), lang, digits), lang)
        row = e.table.iloc[i]
        told = [b for b in e.by if b not in fixed and (e.breakdowns is None or b != "breakdown")]
        place = ", ".join(inline(e, b, row[b], lang, row) for b in told)
        names = [*parts, within_brackets(place), value]
        return ", ".join(x for x in names if x) + brackets(sureness(e, i, measure, lang, digits))

    about = "" if by_item and what is None else measured(e, top, lang, what)
    given = ", ".join(labels.group_label(e, b, v, lang) for b, v in where.items() if b in e.by)
    ends = {"highest": told(top), "lowest": told(bottom)}
    if by_item:
        key = f"narrative.ranked_{kind}_of" if about else f"narrative.ranked_{kind}"
        said = [catalogue.text(key, lang, items=len(rows), item=about, **ends)]
    else:
        free = [b for b in e.by if b not in fixed]
        noun = free[0] if len(free) == 1 else ""
        if e.breakdowns is not None and noun == "category":
            noun = next(iter(e.breakdowns.variables.get(where["breakdown"], ())), "")
        several = nouns(e, noun, lang, "narrative.unit", "narrative.groups")[1]
        groups = f"{loc.count(len(rows), lang)} {several}"
        said = [catalogue.text("narrative.ranked_groups", lang, groups=groups, item=about, **ends)]
    if _end(e, top, "conf_low") <= _end(e, bottom, "conf_high"):
        said.append(catalogue.text("narrative.overlap", lang))
    else:
        said += _close(e, rows, top, bottom, lang)
    if left_out:
        said.append(catalogue.text(f"narrative.unranked_{kind}", lang, n=left_out))
    return finished((f"{given}: " if given else "") + "; ".join(said), e, lang)


def _end(e: EstimatesData, i: int, column: str) -> float:
    """An end of a row's interval; of a number that is known, the number."""
    table = rows_in(e)
    value = float(table[column].iloc[i]) if column in table.columns else float("nan")
    return value if value == value else float(table["estimate"].iloc[i])


def _close(e: EstimatesData, rows: list[int], top: int, bottom: int, lang: str) -> list[str]:
    """How many others cannot be told from the highest, and from the lowest."""
    high = sum(_end(e, i, "conf_high") >= _end(e, top, "conf_low") for i in rows if i != top)
    low = sum(_end(e, i, "conf_low") <= _end(e, bottom, "conf_high") for i in rows if i != bottom)
    near = (("narrative.near_highest", high), ("narrative.near_lowest", low))
    return [catalogue.text(key, lang, n=int(others)) for key, others in near if others]

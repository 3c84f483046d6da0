"""Plain titles from the codebook, for exhibits that were given none."""

from __future__ import annotations

from survey.core.breakdowns import COLUMNS
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.words import labels, locale
from survey.words.comparisons import value_against

__all__ = ["default_title"]

_NAMED = 3
"""Items that a title can name one by one."""


def default_title(e: ResultData, lang: str) -> str:
    """A plain title from the codebook: what was estimated, by which groups."""
    if e.kind.title:
        about = labels.items_of(e)
        subject = f": {labels.item_label(e, about[0], lang)}" if len(about) == 1 else ""
        return _with_groups(locale.title(e.kind.title, lang) + subject + _beside(e, lang), e, lang)
    if e.kind.ranks and e.origin is not None:
        return f"{locale.word('rank', lang)}: {default_title(e.origin, lang)}"
    items = labels.items_of(e)
    dimensions = {e.codebook[i].dimension for i in items if i in e.codebook}
    question = labels.asked_as(e) if len(items) > 1 else None
    if question is not None and question.label:
        subject = question.short_name(lang)
    elif len(items) <= _NAMED:
        subject = "; ".join(labels.item_label(e, item, lang) for item in items)
    elif len(dimensions) == 1 and next(iter(dimensions)):
        subject = e.codebook.short_name(next(iter(dimensions)), lang)
    else:
        subject = locale.word("share" if labels.measures(e)[0].kind == "share" else "mean", lang)
    if e.kind.combines:
        changes = {labels.change(e, i, lang) for i in range(len(e.table))}
        head = labels.shared_difference(e, lang) or (changes.pop() if len(changes) == 1 else "")
        head = head or locale.word("did" if _all_did(e) else "difference", lang)
        subject = f"{head}: {subject}" if subject else head
    return _with_groups(subject, e, lang)


def _beside(e: ResultData, lang: str) -> str:
    """What items were tested with, where it is the same for all: the other item of a gap, the groups, or a value."""
    if e.kind.key == "one_mean" and isinstance(e, EstimatesData):
        values = {value_against(e, i, lang) for i in range(len(e.table))}
        return f" ({values.pop()})" if len(values) == 1 else ""
    others = e.table["with"].unique().tolist() if "with" in e.table.columns else []
    if len(others) != 1:
        return ""
    name = labels.item_label(e, str(others[0]), lang)
    return f" − {name}" if e.kind.combines else f", {locale.word('by', lang)} {_lower(name)}"


def _all_did(e: ResultData) -> bool:
    """Whether every row compares two groups in two periods."""
    matrix = getattr(e, "contrast_matrix", None)
    if matrix is None:
        return False
    return all(sorted(row[row != 0]) == [-1, -1, 1, 1] for row in matrix)


def _with_groups(subject: str, e: ResultData, lang: str) -> str:
    over = () if e.breakdowns is None else tuple(filter(None, e.breakdowns.variables.values()))
    within = [(b,) for b in e.by if e.breakdowns is None or b not in COLUMNS]
    groups = [" × ".join(_lower(e.codebook.short_name(v, lang)) for v in variables) for variables in (*over, *within)]
    if not groups:
        return subject
    named = locale.word("and", lang).join([", ".join(groups[:-1]), groups[-1]] if len(groups) > 1 else groups)
    listed = f"{locale.word('by', lang)} {named}"
    return f"{subject} {listed[0].upper()}{listed[1:]}" if subject.endswith("?") else f"{subject}, {listed}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text

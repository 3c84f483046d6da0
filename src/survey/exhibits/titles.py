"""Plain titles from the codebook, for exhibits that were given none."""

from __future__ import annotations

from collections.abc import Sequence

from survey.base import catalogue
from survey.core.breakdowns import COLUMNS
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.exhibits._levels import answers_said
from survey.words import labels, locale
from survey.words.comparisons import value_against
from survey.words.parts import is_question

__all__ = ["asked", "below_title", "default_title", "letters_of"]

_NAMED = 3
"""Items that a title can name one by one."""
_LETTER = 0.64
"""Mean width of a bold letter, of its size."""
_FULL = 0.93
"""How full lines get that break between words."""


def letters_of(width: str) -> int:
    """Letters that two lines of a title hold, in a figure of that width."""
    from survey.exhibits import theme

    sizes = theme.style(width)
    return int(2 * _FULL * (sizes.width - 2 * sizes.margin) / (_LETTER * sizes.title))


def asked(e: ResultData, lang: str) -> str:
    """What a title that tells a finding leaves open: the question as it was asked, else what a result is about."""
    items = labels.items_of(e)
    name = labels.item_label(e, items[0], lang) if len(items) == 1 else ""
    if name and items[0] in e.codebook and not e.kind.title:
        wording = locale.pick(e.codebook[items[0]].text, lang)
        if (wording and wording != name) or is_question(wording):
            return _closed(wording)
    about = default_title(e, lang)
    return "" if about in (name, _many(e, lang)) else _closed(about)


def below_title(title: str, texts: Sequence[str], simulated: bool, lang: str) -> str:
    """Texts below a title, and that the data are simulated where none of them says so."""
    mark = locale.word("simulated", lang)
    marked = locale.sentence(mark) if simulated and mark not in " ".join((title, *texts)).lower() else ""
    told = [text for text in (*texts, marked) if text]
    return " ".join([*map(_closed, told[:-1]), *told[-1:]])


def _closed(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def default_title(e: ResultData, lang: str) -> str:
    """A plain title from the codebook: what was estimated, by which groups."""
    if e.kind.title:
        about = labels.items_of(e)
        subject = f": {labels.item_label(e, about[0], lang)}" if len(about) == 1 else ""
        if subject and isinstance(e, EstimatesData) and e.answers:
            subject += f" ({answers_said(e, about[0], e.answers, lang)})"
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
        subject = _many(e, lang)
    if e.kind.combines:
        changes = {labels.change(e, i, lang) for i in range(len(e.table))}
        head = labels.shared_difference(e, lang) or (changes.pop() if len(changes) == 1 else "")
        head = head or locale.word("did" if _all_did(e) else "difference", lang)
        subject = f"{head}: {subject}" if subject else head
    return _with_groups(subject, e, lang)


def _many(e: ResultData, lang: str) -> str:
    """What several items have, where no name of theirs is shared: what was computed, and of how many."""
    items = labels.items_of(e)
    if not items or e.kind.title:
        return ""
    if isinstance(e, EstimatesData) and e.answers and not e.kind.per_answer:
        answers = {answers_said(e, item, e.answers, lang) for item in items}
        if len(answers) == 1:
            key = "many_answering"
            return catalogue.text(f"titles.{key}", lang, answers=answers.pop(), n=len(items))
    computed = "many_share" if labels.measures(e)[0].kind == "share" else "many_mean"
    key = "many_answers" if e.kind.per_answer else computed
    return catalogue.text(f"titles.{key}", lang, n=len(items))


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

"""Terms of models as readers know them: "C(age)[T.2]" is the age group 35–59, against 18–34."""

from __future__ import annotations

import re

from survey.base import catalogue
from survey.base.text import written
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.words import locale as loc

__all__ = ["ALL_TERMS", "is_intercept", "term_label", "term_parts"]

ALL_TERMS = "(all)"
"""The row of all terms together: what no formula can call a term."""
_LEVEL = re.compile(r"(?s)(?P<head>.+?)\[(?:[TS]\.)?(?P<level>.*)\]")
_COLUMN = re.compile(r"(?s)C\((?:`(?P<quoted>[^`]+)`|(?P<bare>[^,()]+))(?:,.*)?\)|`(?P<name>[^`]+)`")


def is_intercept(term: str) -> bool:
    """Whether a term is the intercept, which compares nobody with anybody."""
    return term.casefold() in ("intercept", "(intercept)")


def term_label(e: ResultData, term: str, lang: str) -> str:
    """A term in one text: "Nhóm tuổi (so với 18–34): 35–59"."""
    if is_intercept(term):
        return loc.word("intercept", lang)
    if term == ALL_TERMS:
        return loc.word("all_terms", lang)
    variable, level = term_parts(e, term, lang)
    return f"{variable}: {level}" if variable else level


def term_parts(e: ResultData, term: str, lang: str) -> tuple[str, str]:
    """Variable and level of a term: ("Age group (against 18–34)", "35–59"); ("", its name) without a level."""
    parts = [_factor(e, part, lang) for part in _crossed(term)]
    if len(parts) == 1:
        variable, level, against = parts[0]
        if not level:
            return "", variable
        if against:
            variable = catalogue.text("forest.against", lang, name=variable, level=against)
        return variable, level
    heading = " × ".join(variable for variable, _, _ in parts)
    if not any(level for _, level, _ in parts):
        return "", heading
    return heading, " × ".join(level or variable for variable, level, _ in parts)


def _crossed(term: str) -> list[str]:
    """The factors of a term: a colon inside brackets or backticks belongs to a name."""
    parts, depth, quoted = [""], 0, False
    for sign in term:
        quoted ^= sign == "`"
        depth += (sign in "([") - (sign in ")]")
        if sign == ":" and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _factor(e: ResultData, part: str, lang: str) -> tuple[str, str, str]:
    """Name of a variable, label of its level ("" for a number), and of the level it is compared with, if known."""
    found = _LEVEL.fullmatch(part)
    head, level = (found["head"], found["level"]) if found else (part, "")
    column = _COLUMN.fullmatch(head)
    name = next(filter(None, column.groups()), head).strip() if column else head
    if "(" in head and not head.startswith("C("):
        return part, "", ""  # a polynomial, a spline, a function of a number
    variable = e.codebook.variables.get(name)
    named = e.codebook.short_name(name, lang) if variable is not None else name
    if not level:
        return named, "", ""
    codes = () if variable is None else variable.codes
    told = {written(c): e.codebook.label(name, c, lang) for c in codes}
    reference = _references(e).get(head, "")
    return named, told.get(level, level), told.get(reference, reference)


def _references(e: ResultData) -> dict[str, str]:
    """What each factor of a model compares with, by its name in the terms."""
    found = dict(getattr(e, "references", {}))
    if isinstance(e, EstimatesData) and "against" in e.table.columns:
        for term, reference in zip(e.table["term"], e.table["against"], strict=True):
            head = _LEVEL.fullmatch(str(term))
            if head and isinstance(reference, str):
                found[head["head"]] = reference
    return found

"""Numbers, dates and the few fixed words of exhibits, in the language of whoever reads them.

Vietnamese writes 83,94 and 1.234 and dd/mm/yyyy; English 83.94 and 1,234. Babel knows the marks, the catalogue the
words and the form of a date; what neither knows (a true minus sign, an interval) stands here.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata

from survey.base import catalogue
from survey.base.arguments import one_of
from survey.base.catalogue import Note, as_note
from survey.base.numbers import DASH, MINUS, count, number, rounded
from survey.base.text import in_one
from survey.codebook import LANGUAGES, Text
from survey.errors import ExportError

__all__ = [
    "after",
    "check_language",
    "count",
    "date",
    "dated",
    "degrees_of_freedom",
    "heading",
    "in_one",
    "interval",
    "level_word",
    "method",
    "note",
    "number",
    "p_equals",
    "p_pattern",
    "p_value",
    "pick",
    "quantile",
    "rounded",
    "sentence",
    "signed",
    "source",
    "text_of",
    "title",
    "unit_word",
    "word",
]

NBSP = "\N{NO-BREAK SPACE}"


def check_language(lang: str) -> str:
    """The language, if it is one of `LANGUAGES`; an error that names them otherwise."""
    one_of(lang, LANGUAGES, "language", ExportError, fix="choose one of these")
    return lang


def pick(text: Text, lang: str, default: str = "") -> str:
    """A text in a language, in another one where it has none."""
    return text.get(lang) or next((text[code] for code in LANGUAGES if text.get(code)), default)


def text_of(value: str | Text | None) -> Text:
    """A title or caption as given, by language; one string stands for every language. NFC throughout."""
    if value is None:
        return {}
    given = dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value
    return {code: unicodedata.normalize("NFC", text) for code, text in given.items()}


def word(key: str, lang: str, **parts: object) -> str:
    """One of the fixed words and phrases of exhibits, with its parts filled in."""
    return catalogue.text(f"words.{key}", lang, **parts)


def heading(column: str, lang: str) -> str:
    """What a column of a result is called; its own name where it has no other."""
    return _listed("columns", column, lang) or column


def method(name: str, lang: str) -> str:
    """What a step from weights to weights is called; its own name where it has no other."""
    return _listed("methods", name, lang) or name


def after(method_name: str, lang: str) -> str:
    """What weights are called after a step: "Sau hiệu chỉnh theo phân bố biên"; its own name where it has no other."""
    return _listed("weights_after", method_name, lang) or method(method_name, lang)


def unit_word(unit: str, lang: str) -> str:
    """A unit of the codebook ("minutes") in a language; an unknown unit stays as it is."""
    return _listed("units", unit, lang) or unit


def title(statistic: str, lang: str) -> str:
    """The title of a result that is about weights or fieldwork; "" for one about answers."""
    return _listed("titles", statistic, lang)


def _listed(section: str, name: str, lang: str) -> str:
    key = f"{section}.{name}"
    return "" if catalogue.find(key, lang) is None else catalogue.text(key, lang)


def signed(value: float, digits: int = 1, lang: str = "vi") -> str:
    """A difference, its sign always written: +2,1 or −0,4."""
    text = number(value, digits, lang)
    return "+" + text if re.search(r"[1-9]", text) and not text.startswith(MINUS) else text


def interval(low: float, high: float, digits: int = 1, lang: str = "vi") -> str:
    """An interval: 70,1–74,6; with the word "đến" or "to" where a minus sign would meet the dash."""
    first, last = number(low, digits, lang), number(high, digits, lang)
    if MINUS in first + last:
        return f"{first} {word('to', lang)} {last}"
    return f"{first}{DASH}{last}"


def p_value(p: float, lang: str = "vi") -> str:
    """A p-value with three decimals; "< 0,001" below that."""
    if p is None or not math.isfinite(p):
        return DASH
    return f"<{NBSP}{number(0.001, 3, lang)}" if p < 0.001 else number(p, 3, lang)


def p_pattern(lang: str = "vi") -> str:
    """The number format of p-values in workbooks: three decimals; "< 0,001" below that, not 0,000."""
    return f'[>=0.001]0.000;"<{NBSP}{number(0.001, 3, lang)}"'


def p_equals(p: float, lang: str = "vi", adjusted: bool = False) -> str:
    """A p-value by its name: "p = 0.012", "adjusted p < 0.001"."""
    text, name = p_value(p, lang), catalogue.text("narrative.p_adjusted", lang) if adjusted else "p"
    return f"{name} {text}" if text.startswith("<") else f"{name} = {text}"


def degrees_of_freedom(df: float, lang: str = "vi") -> str:
    """Whole, or with one decimal."""
    return number(df, 0 if math.isfinite(df) and abs(df - round(df)) < 1e-9 else 1, lang)


def level_word(level: float, lang: str = "vi") -> str:
    """A confidence level: 95% or 97,5%."""
    percent = 100 * level
    return number(percent, 0 if abs(percent - round(percent)) < 1e-9 else 1, lang) + "%"


def quantile(p: float, lang: str = "vi") -> str:
    """A quantile: "trung vị", "phân vị 25%"; "median", "25% quantile"."""
    if p == 0.5:
        return word("median", lang)
    return word("quantile_of", lang, p=level_word(p, lang))


def date(value: dt.date, lang: str = "vi") -> str:
    """A date: 20/09/2023 or 20 September 2023."""
    from babel.dates import format_date

    text: str = format_date(value, format=catalogue.text("language.date", lang), locale=lang)
    return text


def note(text: str, lang: str) -> str:
    """A note of a result in a language; what is in no catalogue stays as it was written."""
    known = as_note(text)
    return dated(known.in_language(lang) if isinstance(known, Note) else known, lang)


def dated(text: str, lang: str) -> str:
    """A text as a reader of a language has it: the part that is in it, and dates as they are written in it."""
    return re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda found: _iso_date(found[0], lang), in_one(text, lang))


def _iso_date(text: str, lang: str) -> str:
    try:
        return date(dt.date.fromisoformat(text), lang)
    except ValueError:  # 2024-99-99 is no date
        return text


def source(title: Text, given: str, simulated: bool, lang: str, bare: bool = False) -> str:
    """ "Nguồn: … (dữ liệu mô phỏng)", without "Nguồn" if `bare`; "" where nothing is known of the source.

    `title` is who collected what and when, or the title of the study.
    """
    marked = word("simulated", lang)
    name = pick(title, lang) if lang in title else given
    for mark in (f"({text})" for text in catalogue.texts("words.simulated").values()):
        name = name.replace(mark, "").strip()
    if simulated and marked not in name.lower():
        name = f"{name} ({marked})" if name else marked
    return name if bare or not name else f"{word('source', lang)}: {name}"


def sentence(text: str) -> str:
    """A text with a capital letter first and a full stop last; a symbol that is explained ("n: ...") stays small."""
    text = text.strip()
    if not text:
        return ""
    first = text[0] if re.match(r"\w(:| =)", text) else text[0].upper()
    return first + text[1:] + ("" if text[-1] in ".!?…" else ".")

"""Personal data in single texts: each rule says what it found, how sure it is, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

from survey.base._personal_words import PATTERNS, folded, lists

__all__ = ["Hit", "full_date", "in_text", "is_name", "masked"]

_TITLES = frozenset(
    [
        "anh",
        "chị",
        "ông",
        "bà",
        "cô",
        "chú",
        "bác",
        "em",
        "thầy",
        "cháu",
        "cụ",
        "ông/bà",
        "mr",
        "mrs",
        "ms",
        "miss",
        "anh/chị",
    ]
)
_SHORT_PLACES = frozenset(["p", "f", "x", "q", "h", "đ", "tp", "tt", "tx", "kp"])
"""P. Võ Thị Sáu is a ward."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_DIGITS = re.compile(r"(?<![\d.,/\w])\d(?:[ \-]?\d){8,18}(?![\d\w]|[.,]\d)")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_ID_WORDS = re.compile(r"\b(cccd|cmnd|cmt|can cuoc|chung minh|ho chieu|passport|id)\b")
_CARD_WORDS = re.compile(r"\b(the|card|visa|tai khoan|stk|account|ngan hang|bank)\b")
_FULL_DATE = re.compile(r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)(?:[T ].*)?")
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ph|th|tr|ch|gh|gi|kh|qu|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found in a text; `certainty` is "certain", "likely" or "possible"."""

    kind: str
    rule: str
    certainty: str
    found: str


def in_text(text: str) -> Iterator[Hit]:
    """Everything personal that a text holds by its form: e-mail, phones, numbers, places, names of people."""
    text = normalize("NFC", text)  # files from macOS hold letters and their marks apart
    if text.count("-") >= 4:  # the id that a platform gives a submission is not a number of anything
        text = _UUID.sub(" ", text)
    digits = sum(c.isdigit() for c in text)
    if "@" in text or digits >= 1:
        for kind, rules in PATTERNS.items():
            for rule, pattern in rules:
                match = pattern.search(text)
                if match:
                    yield Hit(kind, rule, _sure(kind, rule), match.group())
                    break
    if digits >= 9:
        yield from _numbers(text)
    name = _name_inside(text)
    if name:
        yield Hit("name", "family name and given names", "likely", name)


def _sure(kind: str, rule: str) -> str:
    if rule == "Vietnamese landline":
        return "likely"
    return "certain" if kind in ("e-mail", "phone", "exact place") else "likely"


def _numbers(text: str) -> Iterator[Hit]:
    words = folded(text)
    for match in _DIGITS.finditer(text):
        number = re.sub(r"\D", "", match.group())
        if len(number) == 12 and number[:3] in lists().province_codes and number[3] in "0123":
            yield Hit("id number", "12 digits, province and century", "likely", match.group())
        elif len(number) == 9 and _ID_WORDS.search(words):
            yield Hit("id number", "9 digits and a word for ID", "likely", match.group())
        elif 16 <= len(number) <= 19 and _luhn(number) and number[0] in "3456" + "9" * number.startswith("9704"):
            yield Hit("bank account", "card number", "likely", match.group())
        elif _CARD_WORDS.search(words) and re.search(r"\b(tai khoan|stk|account|card)\b", words):
            yield Hit("bank account", "digits and a word for account", "likely", match.group())


def _luhn(number: str) -> bool:
    digits = [int(c) for c in reversed(number)]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def is_name(text: str) -> bool:
    """Whether a whole cell is the name of a Vietnamese person: family name, then one to six given names.

    In small letters without marks only the families that are no other word count: "nguyen van an".
    """
    text, known = normalize("NFC", text), lists()
    words = text.split()
    if not 2 <= len(words) <= 7 or len(text) > 60 or text.casefold() in known.places:
        return False
    if not all(_WORD.fullmatch(w) for w in words):
        return False
    first = words[0].casefold()
    if all(w[0].isupper() for w in words):
        marked = text.casefold() != folded(text)
        common = marked or first in known.common_families
        return first in known.families and (common or all(map(_SYLLABLE.fullmatch, words)))
    return (
        first in known.common_families and text == text.lower() and all(_SYLLABLE.fullmatch(folded(w)) for w in words)
    )


def _name_inside(text: str) -> str:
    """The name of a person in running text: a family name and given names, all with capitals.

    Two words need a form of address before them ("bà Nguyễn Hoa"); a word for a place before them makes them the
    name of a place ("đường Nguyễn Huệ").
    """
    tokens = list(re.finditer(r"[^\W\d_]+(?:/[^\W\d_]+)?|[^\w\s]|\d+", text))
    known, i = lists(), 0
    while i < len(tokens):
        word = tokens[i].group()
        if not (word[0].isupper() and word.casefold() in known.families) or (word.isupper() and len(word) < 2):
            i += 1
            continue
        end = i + 1
        while end < len(tokens) and _capital(tokens[end].group()) and end - i < 6:
            end += 1
        words = [t.group() for t in tokens[i:end]]
        before = tokens[i - 1].group().casefold() if i else ""
        phrase = " ".join(words).casefold()
        titled = before in _TITLES
        enough = len(words) >= 3 and words[0].casefold() in known.common_families
        enough = enough or (titled and len(words) >= 2)
        short = i > 1 and before == "." and tokens[i - 2].group().casefold() in _SHORT_PLACES
        place = short or before in known.place_words or any(phrase.startswith(p) for p in known.places)
        shouted = text.isupper()
        if enough and not place and not shouted:
            return text[tokens[i].start() : tokens[end - 1].end()]
        i = end
    return ""


def _capital(word: str) -> bool:
    return word[0].isupper() and word.isalpha()


def full_date(text: str) -> bool:
    """Whether a whole cell is a date with day, month and year."""
    return _FULL_DATE.fullmatch(text.strip()) is not None


def masked(text: str) -> str:
    """An example that shows the form and nothing else: first letters, the first two digits.

    Examples
    --------
    >>> masked("Nguyễn Văn An"), masked("0912 345 678")
    ('N••••• V•• A•', '09•• ••• •••')
    """
    shown, digits, fresh = [], 0, True
    for sign in normalize("NFC", text)[:40]:
        if sign.isdigit():
            digits += 1
            shown.append(sign if digits <= 2 else "•")
            fresh = False
        elif sign.isalpha():
            shown.append(sign if fresh else "•")
            fresh = False
        else:
            shown.append(sign)
            fresh = True
    return "".join(shown)

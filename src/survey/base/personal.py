"""Personal data in single texts: each rule says what it found, how sure it is, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

from survey.base._personal_words import CAPITAL, PATTERNS, Lists, folded, lists

__all__ = ["Hit", "full_date", "has_form_of_name", "in_text", "is_famous", "is_name", "masked"]

_TITLES = frozenset(
    ["anh", "chị", "ông", "bà", "cô", "chú", "bác", "em", "thầy", "cháu", "cụ", "cậu", "dì", "mợ", "ông/bà", "anh/chị"]
)
_BARE_TITLES = frozenset(
    ["anh", "chi", "ong", "ba", "co", "chu", "bac", "em", "thay", "chau", "cu", "ong/ba", "anh/chi"]
)
"""Without marks, which only texts that have none at all write."""
_WESTERN = re.compile(
    r"(?<![^\W_])(?:Mrs?|Ms|Miss|Mister|Madam|Sra?|Srta|Señora?|Señorita)\.?\s+"
    r"(?!(?:President|Chairman|Chair|Mayor|Speaker|Minister|Word|Excel|Teams|Office|Director)\b)"
    r"([^\W\d_a-z][^\W\d_]+(?:\s+[^\W\d_a-z][^\W\d_]+)*)"
)
"""A title of English or Spanish, and words with capitals."""
_LISTED = frozenset([",", "và", "-", "–", "/", "hay", "hoặc", "&", ";", "đến", "tới", "and", "va"])
"""What stands between places that are named in a row."""
_SHORT_PLACES = frozenset(["p", "f", "x", "q", "h", "đ", "tp", "tt", "tx", "kp"])
"""P. Võ Thị Sáu is a ward."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_DIGITS = re.compile(r"(?<![\d.,/\w])\d(?:[ \-]?\d){8,18}(?![\d\w]|[.,]\d)")
_DIGIT = re.compile(r"\d")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_ID_WORDS = re.compile(r"\b(cccd|cmnd|cmt|can cuoc|chung minh|ho chieu|passport|id)\b")
_PASSPORT = re.compile(r"(?<![^\W_])[A-Z]{1,2}\d{6,8}(?![^\W_])")
_PASSPORT_WORDS = re.compile(r"\b(ho chieu|passport|pas(a|se)porte|passeport|reisepass)\b")
_LEAST_DIGITS = {"phone": 8, "licence plate": 6, "exact place": 10, "date of birth": 6, "address": 1}
"""Digits that a text needs before patterns of a kind are looked for."""
_TOKEN = re.compile(r"[^\W\d_]+(?:/[^\W\d_]+)?|[^\w\s]|\d+")
_CAPITALISED = re.compile(rf"(?<![^\W_]){CAPITAL}[^\W\d_]*")
_CARD_WORDS = re.compile(r"\b(the|card|visa|tai khoan|stk|account|ngan hang|bank)\b")
_ACCOUNT_WORDS = re.compile(r"\b(tai khoan|stk|account|card)\b")
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
    digits = len(_DIGIT.findall(text))
    if "@" in text or digits >= 1:
        for kind, rules in PATTERNS.items():
            if "@" not in text if kind == "e-mail" else digits < _LEAST_DIGITS[kind]:
                continue
            for rule, pattern in rules:
                match = pattern.search(text)
                if match:
                    yield Hit(kind, rule, _sure(kind, rule), match.group())
                    break
    if digits >= 9:
        yield from _numbers(text)
    elif digits >= 6:
        passport = _PASSPORT.search(text)
        if passport is not None and _PASSPORT_WORDS.search(folded(text)):
            yield Hit("id number", "letter and digits, and a word for passport", "likely", passport.group())
    name = _name_inside(text)
    if name:
        yield Hit("name", name[1], "likely", name[0])


def _sure(kind: str, rule: str) -> str:
    if rule in ("Vietnamese landline", "pair of coordinates of VN-2000 or UTM"):
        return "likely"
    return "certain" if kind in ("e-mail", "phone", "exact place") else "likely"


def _numbers(text: str) -> Iterator[Hit]:
    words = folded(text)
    beside_id = _ID_WORDS.search(words) is not None  # once a text: a text may hold ten thousand numbers
    beside_account = bool(_CARD_WORDS.search(words) and _ACCOUNT_WORDS.search(words))
    for match in _DIGITS.finditer(text):
        number = re.sub(r"\D", "", match.group())
        if len(number) == 12 and number[:3] in lists().province_codes and number[3] in "0123":
            yield Hit("id number", "12 digits, province and century", "likely", match.group())
        elif len(number) == 9 and beside_id:
            yield Hit("id number", "9 digits and a word for ID", "likely", match.group())
        elif 16 <= len(number) <= 19 and _luhn(number) and number[0] in "3456" + "9" * number.startswith("9704"):
            yield Hit("bank account", "card number", "likely", match.group())
        elif beside_account:
            yield Hit("bank account", "digits and a word for account", "likely", match.group())


def _luhn(number: str) -> bool:
    digits = [int(c) for c in reversed(number)]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def is_name(text: str) -> bool:
    """Whether a whole cell is the name of a Vietnamese person: family name, then one to six given names.

    In small letters without marks only the families that are no other word count: "nguyen van an".
    """
    return not is_famous(text) and has_form_of_name(text)


def has_form_of_name(text: str) -> bool:
    """Whether a whole cell has the form of a name, be it of a person or of a street named after one."""
    text, known = normalize("NFC", text), lists()
    words = text.split()
    if not 2 <= len(words) <= 7 or len(text) > 60:
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


def is_famous(text: str) -> bool:
    """Whether a whole cell is the name of a place, or of someone whose name streets, wards and schools bear."""
    plain = " ".join(normalize("NFC", text).casefold().split())
    return plain in lists().places


def _name_inside(text: str) -> tuple[str, str] | None:
    """The name of a person in running text, and the rule that found it.

    A family name and given names, all with capitals: three words, or two after a title ("bà Nguyễn Hoa"). A given name
    after a title ("chị Lan Anh"). A word for a place before them makes them the name of a place ("đường Nguyễn Huệ"),
    and so does being in a row of places.
    """
    western = _WESTERN.search(text)
    if western and western[1][0].isupper():
        return western.group(), "title and name"
    known = lists()
    if known.starts.isdisjoint(w.casefold() for w in _CAPITALISED.findall(text)) or text.isupper():
        return None
    tokens = list(_TOKEN.finditer(text))
    words = [t.group() for t in tokens]
    small = [w.casefold() for w in words]
    titles, given = (_BARE_TITLES, known.given_without_marks) if text.isascii() else (_TITLES, known.given_names)
    i, after_place = 0, -1  # where the last place ended
    while i < len(words):
        word = words[i]
        family = small[i] in known.families and not (word.isupper() and len(word) < 2)
        if not (_capital(word) and (family or small[i] in given)) or _calls(words, small, i, titles):
            i += 1
            continue
        end = i + 1
        while end < len(words) and _capital(words[end]) and end - i < 6:
            end += 1
        titled = i > 0 and small[i - 1] in titles and (family or _is_title(words, i - 1))
        if titled and text.isascii() and len(words) <= 3 and words[i - 1][0].isupper():
            titled = False  # "Ba Trang" and "Chu Minh" are communes
        start = i - 1 if titled else i
        if small[i : i + 2] and " ".join(small[i : i + 2]) in known.no_given_names:
            titled = False
        phrase = " ".join(small[i:end])
        whole = f"{small[i - 1]} {phrase}" if titled else phrase
        full = end - i >= 3 and small[i] in known.common_families
        person = full or (titled and (not family or end - i >= 2 or small[i] in given))
        famous = phrase in known.places or whole in known.places
        famous = famous or (words[start][0].isupper() and " ".join(whole.split()[:2]) in known.titled_places)
        famous = famous or any(" ".join(small[i : i + n]) in known.places for n in range(3, end - i))
        listed = after_place >= 0 and start - after_place == 1 and small[after_place] in _LISTED
        if famous or listed or _of_place(small, start, known):
            after_place = end
        elif person:
            rule = "family name and given names" if full or (family and end - i >= 2) else "title and given name"
            first = i if rule == "family name and given names" else start
            return text[tokens[first].start() : tokens[end - 1].end()], rule
        i = end
    return None


def _calls(words: list[str], small: list[str], at: int, titles: frozenset[str]) -> bool:
    """Whether a word that is a family name too is the title of the next one: "Ông Hùng"."""
    return small[at] in titles and at + 1 < len(words) and _capital(words[at + 1]) and _is_title(words, at)


def _is_title(words: list[str], at: int) -> bool:
    """Whether a word such as "anh" is a title and no part of a name ("Hoàng Anh Tuấn")."""
    return words[at][0].islower() or at == 0 or not _capital(words[at - 1])


def _of_place(small: list[str], start: int, known: Lists) -> bool:
    """Whether what stands before a name makes it that of a place."""
    before = small[start - 1] if start else ""
    if start > 1 and before == ".":
        return small[start - 2] in _SHORT_PLACES
    return before in known.place_words or (start > 1 and f"{small[start - 2]} {before}" in known.place_phrases)


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

"""Scales that surveys use everywhere, recognised by their answers: which scale it is, its order, its good end.

The words are data (`scales.toml`). Answers are matched without marks, capitals, punctuation and the numbers that forms
put before them ("5. Rất hài lòng"), in one language or in both at once ("Very satisfied / Rất hài lòng"). A scale is
recognised only where every answer is one of its points and no two answers are the same point.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base._personal_words import folded
from survey.base.toml import parsed
from survey.codebook._bands import bands
from survey.codebook._nonanswer_words import without_asides
from survey.codebook._variable import LANGUAGES, Text, Variable

__all__ = [
    "KnownScale",
    "fitted_scale",
    "known_scale",
    "recognise",
    "recognise_codes",
    "recognise_variable",
    "same_answer",
    "scale_names",
]

_APART = re.compile(r"[/|;()\[\]\n]+|\s[-–—:]\s")
_PLAIN_DEGREE = 2.0
_RECOGNISED = tuple(dict.fromkeys((*LANGUAGES, "vi", "en", "es", "fr", "pt")))
"""Languages in which points are recognised; those of the package (`LANGUAGES`) are also written."""
_GENDERED = re.compile(r"(?<=\w)\s?[(/]-?[aoe]s?\)?(?!\w)")  # "satisfeito(a)", "satisfait/e"


@dataclass(frozen=True, slots=True)
class KnownScale:
    """A scale with its points in order, lowest first.

    Parameters
    ----------
    family : str
        What it measures: "satisfaction", "frequency", ...
    answers : tuple
        Codes or texts as the data hold them.
    degrees : tuple of float
        Where each stands; only their order counts.
    labels : mapping of answer to Text
    type : str
        "ordinal", or "binary" of yes and no.
    direction : int
        1: the high end is good; -1: the low end is; 0: it depends on the question.
    one_sided : bool
        Whether every answer is on one side of a scale that has two: nobody chose the other.
    """

    family: str
    answers: tuple[Any, ...]
    degrees: tuple[float, ...]
    labels: Mapping[Any, Text]
    type: str = "ordinal"
    direction: int = 0
    one_sided: bool = False

    @property
    def name(self) -> str:
        """Its family and how many points it has: "satisfaction5"."""
        return self.family if self.family in ("bands", "yes_no") else f"{self.family}{len(self.answers)}"


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    places: Mapping[str, float]  # a text without marks, and where it stands
    texts: Mapping[float, Text]  # how a place is labelled
    middle: frozenset[str]
    direction: int
    type: str
    sizes: Mapping[int, tuple[float, ...]]


def scale_names() -> tuple[str, ...]:
    """Names that `known_scale` takes: "satisfaction5", "agreement4", "yes_no", ..."""
    return tuple(_named(f.name, n) for f in _families() for n in f.sizes)


def known_scale(name: str, codes: Sequence[Any] | None = None) -> KnownScale | None:
    """A scale by its name, over the codes 1, 2, ... (yes and no: 0 and 1) or those given; None for an unknown name.

    Examples
    --------
    >>> [text["en"] for text in known_scale("satisfaction3").labels.values()]
    ['Dissatisfied', 'Neither satisfied nor dissatisfied', 'Satisfied']
    """
    for family in _families():
        for size, degrees in family.sizes.items():
            if _named(family.name, size) == name:
                first = 0 if family.type == "binary" else 1
                given = tuple(range(first, size + first)) if codes is None else tuple(codes)
                labels = {c: family.texts[d] for c, d in zip(given, degrees, strict=True)}
                return KnownScale(family.name, given, degrees, MappingProxyType(labels), family.type, family.direction)
    return None


def recognise(answers: Iterable[Any], family: str = "") -> KnownScale | None:
    """The scale that answers in words belong to, with these in its order; None where they are none that is known.

    Parameters
    ----------
    answers : iterable of str
        The distinct answers of a column, without those that are no answers ("Không biết").
    family : str, optional
        Look at this one only.

    Examples
    --------
    >>> recognise(["5. Rất hài lòng", "3. Bình thường", "4. HÀI LÒNG"]).answers
    ('3. Bình thường', '4. HÀI LÒNG', '5. Rất hài lòng')
    """
    texts = list(dict.fromkeys(answers))
    if not texts or not all(isinstance(t, str) for t in texts):
        return None
    found = [scale for f in _families() if not family or f.name == family if (scale := _in_family(texts, f, 2))]
    if found:
        return max(found, key=_characteristic)
    return None if family else _of_bands(texts) or _labelled_at_ends(texts)


def fitted_scale(name: str, answers: Iterable[Any]) -> KnownScale | None:
    """A known scale in the words of some answers, its other points in the scale's own; None where they do not fit.

    Answers that are spelled in two ways are one point, in the way that comes first.
    """
    plain = known_scale(name)
    texts = list({same_answer(t): t for t in reversed(list(answers)) if isinstance(t, str)}.values())
    if plain is None:
        return None
    family = next(f for f in _families() if f.name == plain.family)
    own = _in_family(texts, family, 1)
    if own is None or len(own.answers) > len(plain.answers):
        return None
    free = list(plain.degrees)
    at = {d: d for d in own.degrees if d in free}
    for degree in own.degrees:  # "completely" where the scale has "very": the nearest point that is not taken
        left = [d for d in free if d not in at.values() and (d > 0) - (d < 0) == (degree > 0) - (degree < 0)]
        if degree not in at:
            if not left:
                return None
            at[degree] = min(left, key=lambda d: abs(d - degree))
    if sorted(at, key=lambda d: at[d]) != sorted(at):
        return None
    words = {at[d]: t for d, t in zip(own.degrees, own.answers, strict=True)}
    lang = next((found for t in own.answers if (found := _language(t))), "vi")
    codes = [words.get(d) or family.texts[d].get(lang, "") for d in plain.degrees]
    labels = {c: own.labels.get(c) or family.texts[d] for c, d in zip(codes, plain.degrees, strict=True)}
    return KnownScale(plain.family, tuple(codes), plain.degrees, MappingProxyType(labels), plain.type, plain.direction)


def recognise_codes(labels: Mapping[Any, Text]) -> KnownScale | None:
    """The scale of labelled numbers, if their labels are points of one scale and the numbers follow it, up or down."""
    return _of_codes(tuple((code, tuple(text.items())) for code, text in labels.items()))


@lru_cache(maxsize=4096)
def _of_codes(given: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...]) -> KnownScale | None:
    labels = {code: MappingProxyType(dict(text)) for code, text in given}
    codes = sorted(c for c in labels if isinstance(c, int | float) and not isinstance(c, bool))
    if len(codes) < 2 or len(codes) != len(labels):
        return None
    for lang in dict.fromkeys(lang for text in labels.values() for lang in text):
        texts = [labels[c].get(lang, "") for c in codes]
        scale = recognise(texts) if len(set(texts)) == len(texts) else None
        if scale is None or scale.family == "bands":
            continue
        degrees = [scale.degrees[scale.answers.index(t)] for t in texts]
        rising = degrees == sorted(degrees)
        if rising or degrees == sorted(degrees, reverse=True):
            kind = "ordinal" if scale.type == "binary" and set(codes) != {0, 1} else scale.type
            direction = scale.direction if rising else -scale.direction
            kept = MappingProxyType({c: labels[c] for c in codes})
            return KnownScale(scale.family, tuple(codes), tuple(degrees), kept, kind, direction)
    return None


def recognise_variable(variable: Variable) -> KnownScale | None:
    """The scale that a variable's labels are, in the order in which they stand."""
    if variable.type not in ("ordinal", "binary") or len(variable.labels) < 2:
        return None
    if all(isinstance(c, str) for c in variable.labels):
        scale = recognise(variable.labels)
        return scale if scale is not None and scale.answers == variable.codes else None
    return recognise_codes(variable.labels)


def same_answer(text: Any) -> Any:
    """A text as it is compared: without marks, capitals, punctuation and the number before it; a number as it is.

    >>> same_answer("5 - Rất Hài Lòng ") == same_answer("rat hai long")
    True
    """
    if not isinstance(text, str):
        return text
    return _without_number(folded(text)) or text.strip()


def _named(family: str, size: int) -> str:
    return family if family == "yes_no" else f"{family}{size}"


def _without_number(plain: str) -> str:
    return re.sub(r"^\d+ (?=\D)|(?<=\D) \d+$", "", plain)


def _spellings(text: str) -> Iterator[str]:
    plain = folded(text)
    yield plain
    yield _without_number(plain)
    bare = _GENDERED.sub("", without_asides(text))  # "Nem satisfeito(a), nem insatisfeito(a) (Esp.)"
    if bare != text:
        yield _without_number(folded(bare))


def _place(text: str, family: _Family) -> float | None:
    for spelling in _spellings(text):
        if spelling in family.places:
            return family.places[spelling]
    parts = [p for p in _APART.split(text) if re.search(r"[^\W\d_]", p)]
    if len(parts) < 2:
        return None
    places = [next((family.places[s] for s in _spellings(p) if s in family.places), None) for p in parts]
    return places[0] if len(set(places)) == 1 else None


def _in_family(texts: Sequence[str], family: _Family, least: int) -> KnownScale | None:
    places = {t: _place(t, family) for t in texts}
    degrees = [p for p in places.values() if p is not None]
    if len(degrees) != len(texts) or len(set(degrees)) != len(degrees) or len(degrees) < least:
        return None
    if all(_without_number(folded(t)) in family.middle for t in texts):
        return None
    order = sorted(texts, key=lambda t: places[t] or 0.0)
    found = tuple(places[t] or 0.0 for t in order)
    one_sided = bool(family.middle) and (found[0] >= 0 or found[-1] <= 0)
    labels = _texts(order, found, family)
    return KnownScale(family.name, tuple(order), found, labels, family.type, family.direction, one_sided)


def _texts(order: Sequence[str], degrees: Sequence[float], family: _Family) -> Mapping[Any, Text]:
    """Answers in every language: as the data hold them in theirs, and as the scale has it in the others."""
    found: dict[Any, dict[str, str]] = {}
    foreign = any(_is_foreign(text) for text in order)  # "Excellent" beside "Très bon" is French and stays
    for text, degree in zip(order, degrees, strict=True):
        found[text] = {lang: text for lang in LANGUAGES}
        own = "" if foreign else _language(text)
        known = family.texts.get(degree, {})
        if own:
            found[text] |= {lang: known[lang] for lang in LANGUAGES if lang != own and lang in known}
    for lang in LANGUAGES:  # a translation in which two answers are one is none
        if len({t[lang] for t in found.values()}) < len(found):
            found = {text: words | {lang: text} for text, words in found.items()}
    return MappingProxyType({t: MappingProxyType(words) for t, words in found.items()})


def _language(text: str) -> str:
    """The language in which a text is a point of a scale; "" for both at once, and where it is one in neither."""
    spellings = set(_spellings(text))
    own = [lang for lang in LANGUAGES if spellings & _words_of(lang)]
    return own[0] if len(own) == 1 else ""


def _is_foreign(text: str) -> bool:
    """Whether a text is a point of a scale in a language that the package does not write, and in none that it does."""
    spellings = set(_spellings(text))
    known = [lang for lang in _RECOGNISED if spellings & _words_of(lang)]
    return bool(known) and not set(known) & set(LANGUAGES)


def _characteristic(scale: KnownScale) -> int:
    """How many answers are of this scale and no middle of many."""
    middle = next(f.middle for f in _families() if f.name == scale.family)
    return sum(_without_number(folded(a)) not in middle for a in scale.answers)


def _of_bands(texts: Sequence[str]) -> KnownScale | None:
    order = bands(texts)
    if order is None:
        return None
    labels = {t: MappingProxyType(dict.fromkeys(LANGUAGES, t)) for t in order}
    return KnownScale("bands", tuple(order), tuple(map(float, range(len(order)))), MappingProxyType(labels))


def _labelled_at_ends(texts: Sequence[str]) -> KnownScale | None:
    """ "1 - Rất không hài lòng", "2", "3", "4", "5 - Rất hài lòng": the words at the ends say which end is which."""
    numbers = {t: int(m[1]) for t in texts if (m := re.match(r"\s*[(\[]?\s*(\d{1,3})\b", t))}
    worded = [t for t in texts if re.search(r"[^\W\d_]", t)]
    if len(numbers) != len(texts) or len(set(numbers.values())) != len(texts) or not 2 <= len(worded) < len(texts):
        return None
    for family in _families():
        scale = _in_family(worded, family, 2)
        if scale is None:
            continue
        rising = [numbers[t] for t in scale.answers]
        if rising not in (sorted(rising), sorted(rising, reverse=True)):
            continue
        down = rising[0] > rising[-1]
        order = sorted(texts, key=lambda t: -numbers[t] if down else numbers[t])
        labels = {t: scale.labels.get(t, MappingProxyType(dict.fromkeys(LANGUAGES, t))) for t in order}
        degrees = tuple(map(float, range(len(order))))
        return KnownScale(family.name, tuple(order), degrees, MappingProxyType(labels), "ordinal", family.direction)
    return None


@lru_cache(maxsize=1)
def _families() -> tuple[_Family, ...]:
    raw = parsed((Path(__file__).parent / "scales.toml").read_text(encoding="utf-8"))
    return tuple(_family(name, entry, raw["degrees"], raw["denied"]) for name, entry in raw["scales"].items())


@lru_cache(maxsize=16)
def _words_of(lang: str) -> frozenset[str]:
    """Every point of every scale in a language, without marks."""
    raw = parsed((Path(__file__).parent / "scales.toml").read_text(encoding="utf-8"))
    every = (e for entry in raw["scales"].values() for _, e in _points(entry, raw["degrees"], raw["denied"], lang))
    return frozenset(folded(text) for text in every)


def _family(name: str, entry: Mapping[str, Any], degrees: Any, denied: Any) -> _Family:
    places: dict[str, float] = {}
    texts: dict[float, dict[str, str]] = {}
    for lang in _RECOGNISED:
        for place, text in _points(entry, degrees, denied, lang):
            places.setdefault(folded(text), place)
            if lang in LANGUAGES:
                texts.setdefault(place, {}).setdefault(lang, text[:1].upper() + text[1:])
    middle = frozenset(folded(t) for words in entry.get("middle", {}).values() for t in words)
    return _Family(
        name,
        MappingProxyType(places),
        MappingProxyType({p: MappingProxyType(t) for p, t in texts.items()}),
        middle,
        int(entry["direction"]),
        str(entry.get("type", "ordinal")),
        MappingProxyType({int(n): tuple(map(float, p)) for n, p in entry.get("sizes", {}).items()}),
    )


def _points(entry: Mapping[str, Any], degrees: Any, denied: Any, lang: str) -> Iterator[tuple[float, str]]:
    """Places of a scale with every text that names them, the usual one first."""
    for place, words in enumerate(entry.get("points", ())):
        yield from ((float(place), text) for text in words.get(lang, ()))
    for words in entry.get("more", ()):
        yield from ((float(words["degree"]), text) for text in words.get(lang, ()))
    yield from ((0.0, text) for text in entry.get("middle", {}).get(lang, ()))
    positive, negative = (entry.get(end, {}).get(lang, ()) for end in ("positive", "negative"))
    strong = entry.get("strong", {}).get(lang)
    low: list[Iterable[tuple[float, str]]] = [
        _qualified(negative, degrees.get(lang, ()), strong, -1),
        ((float(d["degree"]), form.format(w)) for d in denied.get(lang, ()) for w in positive for form in d["form"]),
    ]
    yield from _qualified(positive, degrees.get(lang, ()), strong, 1)
    for part in reversed(low) if lang in entry.get("denied", ()) else low:
        yield from part


def _qualified(words: Sequence[str], degrees: Any, strong: str | None, sign: int) -> Iterator[tuple[float, str]]:
    for word in words:
        yield sign * _PLAIN_DEGREE, word
        for degree in degrees:
            place = sign * float(degree["degree"])
            if strong is not None and strong in degree.get("before", ()):
                yield place, f"{strong} {word}"
            yield from ((place, f"{adverb} {word}") for adverb in degree.get("before", ()))
            yield from ((place, f"{word} {adverb}") for adverb in degree.get("after", ()))

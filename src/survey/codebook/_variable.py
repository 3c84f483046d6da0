"""One question, its codes and their labels; and the set of columns in which a question with several answers is kept."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from survey.base import catalogue
from survey.base._annotations import described, fits
from survey.base.arguments import check_fields, explained_verbs, one_of
from survey.base.catalogue import LANGUAGES
from survey.base.names import composed_value
from survey.base.text import written
from survey.codebook._variable_card import VariableDisplay
from survey.errors import CodebookError, shorten

__all__ = [
    "DONT_KNOW_POLICIES",
    "EMPTY",
    "ENGLISH_FIRST",
    "LANGUAGES",
    "MISSING_KINDS",
    "SET_KINDS",
    "VARIABLE_TYPES",
    "MultipleSet",
    "Text",
    "Variable",
    "catalogue_text",
    "named",
    "nothing",
    "pick",
    "same_text",
    "shortened",
]

MISSING_KINDS = ("not_applicable", "blank", "dont_know", "refused", "not_asked")
VARIABLE_TYPES = ("ordinal", "nominal", "binary", "number", "text", "date", "id")
DONT_KNOW_POLICIES = ("exclude", "answer")
"""What becomes of "don't know" in shares: left out of the denominator, or an answer of its own in it."""
SET_KINDS = ("dichotomies", "categories")
"""A column for each option, chosen or not; or a column for each mention, holding which option it was."""

EVERYONE, ANY_CHOSEN = "everyone", "any chosen"
"""Bases of a set that are no expression: all respondents, and those who chose an option."""

Text = Mapping[str, str]
"""A text by language: {"vi": ..., "en": ...}."""
ENGLISH_FIRST: tuple[str, ...] = tuple(sorted(LANGUAGES, key=lambda lang: lang != "en"))
"""Every language, English first: the order of texts that verbs write. Logs hold a hash of texts in their order."""

EMPTY: Mapping[Any, Any] = MappingProxyType({})


def nothing() -> Mapping[Any, Any]:
    """The empty mapping, as a default by factory: Python 3.11 takes a read-only mapping for a mutable one."""
    return EMPTY


def same_text(text: str, languages: Iterable[str] = LANGUAGES) -> Text:
    """A text of which nobody says the language: the same in every one."""
    return MappingProxyType(dict.fromkeys(languages, text))


def catalogue_text(key: str, languages: Iterable[str] = LANGUAGES) -> Text:
    """A text of the catalogue in every language, as codebooks hold it: of `key`, "section.key"."""
    return MappingProxyType({lang: catalogue.text(key, lang) for lang in languages})


_LONGEST = 90  # letters of a name: two lines of a table's first column, or of a figure's label


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A wording as a name: cut after a word, with an ellipsis; a single long word stays whole, if it can be a word."""
    if len(text) <= longest:
        return text
    cut = text[:longest].rfind(" ")
    cut = text.find(" ") if cut <= 0 else cut
    if not 0 < cut <= 2 * longest:  # no word is that long
        return text if len(text) <= 2 * longest else f"{text[:longest]}…"
    return text[:cut].rstrip(" ,;:.–-(“") + " …"


_NUMBERED = re.compile(
    r"^\s*(?:(?:câu|mục|question|item)\s*)?(?:[a-zđ]{1,2}[.\-]?)?\d+(?:\.\d+)*[a-zđ]?\s*[.:)\-–]\s+", re.IGNORECASE
)
"""The number of a question as questionnaires write it: "5. ", "Câu 5: ", "Q12. ", "A1. ", "B2.3a) "."""
_LETTERED = re.compile(
    r"^\s*(?:(?i:(?:phần|mục|chương|part|section)\s+(?:[a-zđ]|[ivx]+|\d+)\s*[.:)\-–])|[A-ZĐ]\s*[.:)]|[IVX]+\s*[.:)])\s+"
)
"""The number of a part of a questionnaire: "B. ", "II. ", "Phần 2: "."""
_REMARK = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")


def named(text: str) -> str:
    """A draft of a short name from a wording: without its number, remarks in brackets and end mark, cut if long.

    One that is a word or two too long stays whole: cut, it would end in the middle of a phrase for little room.
    """
    bare = _REMARK.sub("", unnumbered(text)).strip().rstrip("?.:… ") or text
    return bare if len(bare) <= 70 else shortened(bare, 60)


def unnumbered(text: str) -> str:
    """The wording of a question, or of a part of a questionnaire, without the number before it.

    Examples
    --------
    >>> unnumbered("A1. Ward"), unnumbered("Phần B: Thái độ"), unnumbered("12 months ago")
    ('Ward', 'Thái độ', '12 months ago')
    """
    return _LETTERED.sub("", _NUMBERED.sub("", text, count=1), count=1) or text


def pick(text: Text, lang: str, default: str) -> str:
    """A text in a language, else in English, in Vietnamese, in any language."""
    return text.get(lang) or text.get("en") or text.get("vi") or next(iter(text.values()), default) or default


_TEXT = 'write {"vi": "...", "en": "..."}; codebook.update takes a text for all languages too'
_SHORTER = {
    **dict.fromkeys(("text", "short", "instruction"), _TEXT),
    "labels": 'write {1: {"vi": "...", "en": "..."}, ...}, the lowest code first',
    "missing": 'write {99: "dont_know"}: the code and its kind',
    "limits": "write (smallest, largest)",
}
"""What an error advises where a field of a variable has the wrong type."""
_CHOICES: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("type", "type of variable", VARIABLE_TYPES),
    ("direction", "direction", (-1, 0, 1)),
    ("dont_know", "policy on don't know", DONT_KNOW_POLICIES),
)

_LONGEST_SCALE = 20  # steps from end to end; a thermometer from 0 to 100 is the one longer


def _between_ends(labels: Iterable[Any]) -> range:
    """The whole numbers from the lowest labelled code to the highest, where only these and perhaps the middle are."""
    if not all(isinstance(c, int | float) and not isinstance(c, bool) and float(c).is_integer() for c in labels):
        return range(0)
    codes = sorted(int(c) for c in labels)
    low, high = codes[0], codes[-1]
    middle = len(codes) == 2 or 2 * codes[1] == low + high
    short = 2 * (len(codes) - 1) <= high - low <= _LONGEST_SCALE and high - low > 2
    return range(low, high + 1) if middle and low >= 0 and (short or (low, high) == (0, 100)) else range(0)


@explained_verbs(CodebookError)
@dataclass(frozen=True, slots=True)
class Variable(VariableDisplay):
    """One question or one column of the frame.

    Parameters
    ----------
    name : str
        Column name in the data.
    type : str
        One of `VARIABLE_TYPES`. `ordinal`, `nominal` and `binary` have codes.
    text : Text
        Wording by language.
    labels : mapping of code to Text
        Valid codes in scale order (lowest first), with their labels. Codes are numbers, or strings where the
        data hold strings. Of an ordinal scale the ends (and the middle) may stand for all: 0 = "not at all",
        10 = "completely" makes 1 to 9 valid codes too; `codes` lists them.
    missing : mapping of code to str
        User-missing codes and their kind (one of `MISSING_KINDS`).
    missing_labels : mapping of code to Text
        How each missing code was labelled.
    direction : int
        +1: a high code is good; -1: a low code is good (`reverse` turns it); 0: neither.
    dimension : str
        "friendliness", "transparency", ... or "".
    scored : bool
        Whether the variable enters its dimension's score.
    base : str
        Who was asked, as an expression over the data ("contact12 == 1"); "" = everyone.
    role : str
        "item", "id", "weight", "stratum", "psu", "frame", "paradata", ... Free, but "id" is used by checks.
    unit : str
        Unit of a number ("minutes"), for axes and sentences.
    limits : tuple of two floats, optional
        Smallest and largest plausible value of a number.
    required : bool
        Whether an empty cell breaks a rule.
    dont_know : str
        What becomes of "don't know" in shares, one of `DONT_KNOW_POLICIES`. "exclude": the denominator is valid
        answers only, and the share of don't-knows is reported separately. "answer": it is a separate answer in the
        denominator.
    element : str
        What the item stands for in the programme evaluated: a motto, a paragraph of a decree.
    note : str
        What users of the variable must know, such as a routing that no expression could express.
    short : Text
        A noun phrase that names the variable in sentences, titles, tables and figures ("Waiting time").
    instruction : Text
        A note to the interviewer, which is part of the questionnaire and never shown with results.
    variants : mapping of str to Text
        Other wordings of the question, by the form that has them ("businesses").
    """

    name: str
    type: str = "number"
    text: Text = field(default_factory=nothing)
    labels: Mapping[Any, Text] = field(default_factory=nothing)
    missing: Mapping[Any, str] = field(default_factory=nothing)
    missing_labels: Mapping[Any, Text] = field(default_factory=nothing)
    direction: int = 0
    dimension: str = ""
    scored: bool = False
    base: str = ""
    role: str = "item"
    unit: str = ""
    limits: tuple[float, float] | None = None
    required: bool = False
    dont_know: str = "exclude"
    element: str = ""
    note: str = ""
    short: Text = field(default_factory=nothing)
    instruction: Text = field(default_factory=nothing)
    variants: Mapping[str, Text] = field(default_factory=nothing)

    def __post_init__(self) -> None:
        self._check()
        # a code is the same in both Unicode forms; answers are compared with it composed
        for name in ("labels", "missing", "missing_labels"):
            given = getattr(self, name)
            if given and any(composed_value(code) is not code for code in given):
                composed = MappingProxyType({composed_value(code): value for code, value in given.items()})
                if len(composed) == len(given):  # one code in both forms is told where the codebook is used
                    object.__setattr__(self, name, composed)

    def _check(self) -> None:
        """Raise for a field that may not hold what it was given."""
        if not isinstance(self.name, Hashable):  # of data that came without names, any label of a column will do
            raise CodebookError(
                "A variable needs a name.",
                where="Variable(name=...)",
                got=described(self.name),
                expected="that of a column",
            )
        check_fields(self, CodebookError, but=("name",), fix=_SHORTER)
        where = f"Variable({self.name!r})"
        for name, what, allowed in _CHOICES:
            if getattr(self, name) not in allowed:
                one_of(getattr(self, name), allowed, what, CodebookError, where=f"{where}, {name}")
        for code, kind in self.missing.items():
            if kind not in MISSING_KINDS:
                one_of(
                    kind, MISSING_KINDS, "kind of missing answer", CodebookError, where=f"{where}, missing, {code!r}"
                )
        for name in ("labels", "missing_labels", "variants"):
            for code, text in getattr(self, name).items():
                if not fits(text, "Text"):
                    raise CodebookError(
                        "Expected a text in each language.",
                        where=f"{where}, {name}, {code!r}",
                        got=repr(text)[:60],
                        expected='{"vi": "...", "en": "..."}',
                        fix=f"call codebook.update({self.name!r}, {name}=...): one text does for all languages",
                    )
        if self.limits is not None and not self.limits[0] <= self.limits[1]:
            raise CodebookError(
                "The limits of a variable are not in order.",
                where=f"{where}, limits",
                got=shorten(self.limits),
                expected="the smallest plausible value, then the largest",
            )

    @property
    def codes(self) -> tuple[Any, ...]:
        """Valid codes in scale order; of a scale that is labelled at its ends only, those between them too."""
        between = _between_ends(self.labels) if self.type == "ordinal" and len(self.labels) in (2, 3) else ()
        return tuple(c for c in between if c not in self.missing) or tuple(self.labels)

    @property
    def labelled_at_ends(self) -> bool:
        """Whether only the ends of the scale, and perhaps its middle, have labels: 0 = not at all, 10 = completely."""
        return len(self.codes) > len(self.labels)

    def wording(self, lang: str = "en") -> str:
        """The question in a language, or its name if it has no wording."""
        return pick(self.text, lang, self.name)

    def short_name(self, lang: str = "en") -> str:
        """What the variable is called in a language: its short name, else its wording; cut after a word if it is long.

        A short name in another language is better than none, and a wording in this one is better than both.
        """
        return shortened(self.full_name(lang))

    def full_name(self, lang: str = "en") -> str:
        """The name or wording that `short_name` shortens."""
        return self.short.get(lang) or self.text.get(lang) or pick(self.short, lang, self.wording(lang))

    def label(self, code: Any, lang: str = "en") -> str:
        """The label of a valid or missing code, or the code itself."""
        known, code = isinstance(code, Hashable), composed_value(code)
        text = (self.labels.get(code) or self.missing_labels.get(code) or EMPTY) if known else EMPTY
        return pick(text, lang, written(code))


@explained_verbs(CodebookError)
@dataclass(frozen=True, slots=True)
class MultipleSet:
    """A question that takes several answers, kept in several columns.

    Parameters
    ----------
    name : str
    variables : tuple of str
        Its columns, in the order of the questionnaire.
    kind : str
        One of `SET_KINDS`. "dichotomies": a column for each option, chosen or not. "categories": a column for each
        mention, holding the option's code.
    label : Text
        The question by language.
    counted : object
        Of dichotomies: the value that means chosen.
    base : str
        Whose answers count: "everyone", "any chosen" (who chose an option), an expression over the data
        ("contact12 == 1"), or "": whoever has an answer.
    exclusive : tuple of str
        Columns of options that exclude the others: "none of these", "don't know".
    """

    name: str
    variables: tuple[str, ...]
    kind: str = "dichotomies"
    label: Text = field(default_factory=nothing)
    counted: Any = 1
    base: str = ""
    exclusive: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, CodebookError, fix={"variables": 'list its columns: ("A1", "A2")', "label": _TEXT})
        one_of(self.kind, SET_KINDS, "kind of set", CodebookError, where=f"MultipleSet({self.name!r}), kind")

    def short_name(self, lang: str = "en") -> str:
        """The question in a language, cut after a word if it is long; its name where it has no wording."""
        return shortened(pick(self.label, lang, self.name))

"""Words of select-all questions: that an option is chosen or not, that it excludes the others, that it is no answer."""

from __future__ import annotations

from functools import cache
from unicodedata import normalize

import numpy as np

from survey.codebook._nonanswer_words import folded, read_label

__all__ = ["NO", "YES", "comparable", "excludes", "missing_kind", "tells_several"]

_TICKED = ("checked", "selected", "chosen", "mentioned", "ticked")
YES = frozenset(("1", "true", "t", "yes", "y", "x", "✓", "✔", "có", "đúng", "sí", "si", "oui", "sim", *_TICKED))
NO = frozenset(("0", "false", "f", "no", "n", "không", "sai", "non", "não", "nao", "unchecked", "unselected"))
NO |= {f"not {word}" for word in _TICKED}

_NONE: tuple[str, ...] = (
    "none",
    "nothing",
    "no one",
    "nobody",
    "neither",
    "không có",
    "không",
    "không ai",
    "ninguna",
    "ninguno",
    "nada",
)
_NONE += ("nadie", "aucun", "aucune", "rien", "nenhum", "nenhuma", "ninguém", "no problems", "không cái nào")
_NONE += ("không mục nào", "không có mục nào", "không có gì", "không kênh nào", "không sử dụng kênh nào")
_THESE = ("of", "de", "da", "das", "dos", "del", "trong", "above", "selected")  # "none of these", "ninguna de ellas"
_SEVERAL: tuple[str, ...] = (
    "all that apply",
    "all which apply",
    "select multiple",
    "multiple choice",
    "more than one answer",
)
_SEVERAL += ("nhiều lựa chọn", "chọn tất cả", "nhiều phương án", "nhiều đáp án", "marque todas", "todas las que")
_SEVERAL += (
    "respuesta múltiple",
    "plusieurs réponses",
    "todas as que",
    "múltipla escolha",
    "mentioned",
    "several answers",
)


@cache
def _phrases(texts: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(map(folded, texts))


def comparable(value: object) -> str:
    """A value for comparison: composed letters, single spaces, no difference of case; 1 for 1.0 and True.

    Examples
    --------
    >>> comparable("  Không \t BIẾT"), comparable(1.0), comparable(True), comparable(0.5)
    ('không biết', '1', '1', '0.5')
    """
    if isinstance(value, bool | np.bool_):
        value = int(value)
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return " ".join(normalize("NFC", str(value)).split()).casefold()


def excludes(option: str) -> bool:
    """Whether an option says that none of the others holds.

    Examples
    --------
    >>> excludes("None of the above"), excludes("Không có"), excludes("Ninguna de las anteriores"), excludes("No water")
    (True, True, True, False)
    """
    words = folded(option)
    heads = [words[:n] for n in range(1, 5) if words[:n] in _phrases(_NONE)]
    return any(head == words or (words[len(head)] in _THESE and len(words) <= 8) for head in heads)


def missing_kind(option: str) -> str:
    """The kind of missing answer that an option is; "" where it is an answer or excludes the others."""
    reading = None if excludes(option) else read_label(option)
    return "" if reading is None or reading.perhaps else reading.kind or "blank"


def tells_several(question: str) -> bool:
    """Whether a question says that several answers may be given."""
    words = " ".join(folded(question))
    return any(" ".join(phrase) in words for phrase in _phrases(_SEVERAL))

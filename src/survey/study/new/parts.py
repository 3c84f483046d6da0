"""Which columns are wards, waves, weights, the day of interview: guessed from names, short wordings and values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import pandas as pd

from survey.base._personal_words import folded
from survey.codebook import Variable, unnumbered
from survey.io.design_columns import looks_like_weight

__all__ = ["SURE_BY_NAME", "guessed_parts", "is_age", "is_breakdown", "is_overall"]

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "weight": r"w|wt|wgt|weights?|pweight|trong so|quyen so|he so",
        "stratum": r"strata|stratum|tang|phan tang|estratos?|estratopri",
        "psu": r"psu|clusters?|cum|cum chon mau|to dan pho|tdp|khu pho|ea|upm",
        "ward": r"phuong|xa|xa phuong|phuong xa|px|wards?|communes?|district|dia ban|don vi"
        r"|quan|huyen|council district",
        "wave": r"waves?|dot|dot khao sat|ky|ky khao sat|rounds?|vong|nam|nam khao sat|year|survey year|quy",
    }
)
_SHORT = 5
"""Words of a wording that names a column; a question about what the ward does has more."""
_FILLING = re.compile(
    r"\b(ong ba|anh chi|nguoi (tra loi|duoc (phong van|hoi))|cua|thuoc|hien (nay|tai)|cao nhat|noi|nao|la|o|dang"
    r"|sinh song|song|cu tru|thuong tru|which|what|do|you|your|live|in|of|the|is|residence|respondents?)\b"
)
"""Words of a heading that asks for a column of the frame: "Phường nơi ông/bà sinh sống" is the ward."""
_MOST_UNITS, _MOST_WAVES = 200, 12
_BREAKDOWN = re.compile(
    r"\b(gioi tinh|gioi|sex|gender|nhom tuoi|do tuoi|age ?group|age ?band|hoc van|trinh do|education|educ|nghe nghiep"
    r"|occupation|job|dan toc|ethnic\w*|doi tuong|residen\w+|tenure|race|income ?group|loai ho)\b"
)
_AGE = re.compile(
    r"((so )?tuoi( cua)?( ong ba)?|(ong ba )?(nam nay )?bao nhieu tuoi|age( in years)?|your age|how old are you)"
)
_OVERALL = re.compile(
    r"\b(nhin chung|noi chung|tong the|danh gia chung|hai long chung|chung nhat|overall|in general|as a whole"
    r"|all in all|all things considered)\b"
)
SURE_BY_NAME = ("ward", "wave")
"""Parts that take effect where they are guessed: they move no estimate. Weights and clusters wait for a person."""


def guessed_parts(variables: Iterable[Variable], data: pd.DataFrame) -> dict[str, str]:
    """Parts, and the first column that seems to play each.

    Parameters
    ----------
    variables : iterable of Variable
        Without those that hold personal data.
    data : DataFrame
    """
    found: dict[str, str] = {}
    for v in variables:
        if v.name not in data.columns or v.role not in ("item", "frame", "weight", "stratum", "psu", "period"):
            continue
        for part, words in _WORDS.items():
            if part not in found and any(re.fullmatch(words, w) for w in _called(v)) and _FITS[part](v, data[v.name]):
                found[part] = v.name
                break
    return found


def is_breakdown(v: Variable, column: pd.Series) -> bool:
    """Whether a column tells groups of people apart: sex, education, an age group."""
    few = 2 <= column.nunique() <= 10
    return few and v.type in ("nominal", "binary", "ordinal") and any(_BREAKDOWN.search(w) for w in _called(v))


def is_age(v: Variable, column: pd.Series) -> bool:
    """Whether a column holds ages in years."""
    if v.type != "number" or v.labels or not any(_AGE.fullmatch(w) for w in _called(v)):
        return False
    given = column.dropna()
    return len(given) > 0 and pd.api.types.is_numeric_dtype(given.dtype) and bool(given.between(10, 115).mean() > 0.95)


def is_overall(v: Variable) -> bool:
    """Whether an item asks for satisfaction as a whole, by its wording."""
    return any(_OVERALL.search(folded(t)) for t in (v.name, *v.text.values(), *v.short.values()))


def _called(v: Variable) -> list[str]:
    """The name of a column and its short wordings, in small letters without marks, and without number and filling."""
    found = [folded(unnumbered(t)) for t in (v.name, *v.text.values(), *v.short.values())]
    found += [" ".join(_FILLING.sub(" ", w).split()) for w in found]
    return [w for w in dict.fromkeys(found) if w and len(w.split()) <= _SHORT]


def _is_weight(v: Variable, column: pd.Series) -> bool:
    return not v.labels and looks_like_weight(column, named=True)


def _some(least: int, most: int) -> Callable[[Variable, pd.Series], bool]:
    def fits(v: Variable, column: pd.Series) -> bool:
        different = column.nunique()
        if v.type == "date" or not least <= different <= most or different >= len(column.dropna()):
            return False
        whole = not pd.api.types.is_numeric_dtype(column.dtype) or bool((column.dropna() % 1 == 0).all())
        return whole

    return fits


_FITS: Mapping[str, Callable[[Variable, pd.Series], bool]] = MappingProxyType(
    {
        "weight": _is_weight,
        "stratum": _some(2, 10_000),
        "psu": _some(4, 100_000),
        "ward": _some(2, _MOST_UNITS),
        "wave": _some(2, _MOST_WAVES),
    }
)

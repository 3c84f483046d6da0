"""Items on ordered scales, and the groups of them that may be scored together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from types import MappingProxyType

import pandas as pd

from survey.base.catalogue import texts
from survey.codebook import Codebook, Text, Variable, same_text, unnumbered
from survey.codebook.scales import recognise, recognise_variable
from survey.reports.settings import RESERVED
from survey.study.new.naming import slug

__all__ = ["Scored", "bare_scales", "in_groups", "of_labelled_texts"]

_ENDS = (4, 5, 7, 10)


@dataclass(frozen=True, slots=True)
class Scored:
    """A guessed dimension: its name, what it is called, its items."""

    name: str
    label: Text
    items: tuple[str, ...]


def of_labelled_texts(v: Variable) -> Variable | None:
    """A variable whose codes are texts with labels that are a known scale ("rhl" = "Rất hài lòng"), in its order.

    None where the labels are no such scale in any language.
    """
    if v.type != "nominal" or len(v.labels) < 2 or not all(isinstance(code, str) for code in v.labels):
        return None
    for lang in dict.fromkeys(lang for text in v.labels.values() for lang in text):
        texts = {text.get(lang, ""): code for code, text in v.labels.items()}
        scale = recognise(texts) if len(texts) == len(v.labels) else None
        if scale is not None and scale.family != "bands":
            labels = {texts[answer]: v.labels[texts[answer]] for answer in scale.answers}
            way = v.direction or scale.direction
            return replace(v, type=scale.type, labels=MappingProxyType(labels), direction=way)
    return None


def bare_scales(variables: Iterable[Variable], data: pd.DataFrame) -> dict[str, Variable]:
    """Columns of numbers without labels that are a battery: two or more with the same answers 1 to 4, 5, 7 or 10.

    A code above the scale that is not the next (9 beside 1 to 5) is left outside of it.
    """
    found: dict[int, list[Variable]] = {}
    for v in variables:
        if v.type != "number" or v.labels or v.role != "item" or v.name not in data.columns:
            continue
        column = data[v.name].dropna()
        if not pd.api.types.is_numeric_dtype(column.dtype) or column.empty:
            continue
        values = set(column.unique().tolist()) - set(v.missing)
        for end in _ENDS:
            outside = {x for x in values if not 1 <= x <= end}
            inside = values - outside
            apart = all(x < 0 or x >= end + 2 for x in outside) and len(outside) <= 3
            if {1, end} <= inside and all(x % 1 == 0 for x in inside) and apart and 2 * len(inside) > end:
                found.setdefault(end, []).append(v)
                break
    return {
        v.name: replace(v, type="ordinal", labels=MappingProxyType({i: same_text(str(i)) for i in range(1, end + 1)}))
        for end, some in found.items()
        if len(some) > 1
        for v in some
    }


def in_groups(book: Codebook, places: Mapping[str, tuple[str, Text]], left_out: Sequence[str]) -> list[Scored]:
    """Neighbouring items on one scale whose good end is known, two at least: of one group of the form, if there is one.

    Parameters
    ----------
    book : Codebook
    places : mapping of variable to (group, its label)
        Groups of the form; empty without one.
    left_out : sequence of str
        Items that are told of by themselves.
    """
    items = [
        v
        for v in book.variables.values()
        if v.type in ("ordinal", "binary") and v.role == "item" and v.name not in left_out and not v.dimension
    ]
    found: list[Scored] = []
    taken = set(book.variables)
    for (group, family, way), some in groupby(items, key=lambda v: (places.get(v.name, ("", {}))[0], *_kind(v))):
        names = tuple(v.name for v in some)
        if not way or not family or len(names) < 2:
            continue
        number = len(found) + 1
        called = places[names[0]][1] if group else {}
        label = {lang: unnumbered(t) for lang, t in called.items()} or texts("new.group", number=number)
        name = slug(next(iter(label.values())), f"group_{number}") if group else f"group_{number}"
        while name in taken or name in RESERVED:
            name += "_score"
        taken.add(name)
        found.append(Scored(name[:32], label, names))
    return found


def _kind(v: Variable) -> tuple[str, int]:
    """The family of a scale with its number of points, and which end of it is good."""
    scale = recognise_variable(v)
    if scale is not None:
        return scale.name, v.direction
    return ("/".join(map(str, v.labels)) if len(v.labels) > 2 else ""), v.direction

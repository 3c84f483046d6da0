"""Notes on items whose first answer is the good or strong end, so that the top of the codes is its opposite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from survey.base.catalogue import LANGUAGES, Note, listed
from survey.base.names import composed_value
from survey.codebook import Variable
from survey.codebook.ordered import runs_down
from survey.core.sample_data import SampleData, answers_in

__all__ = ["end_notes", "mean_notes", "order_notes", "slope_notes"]

_MOST_NAMED = 6
_MOST_LABELS = 4


def end_notes(sample: SampleData, asked: Mapping[str, Any], counted: Mapping[str, Sequence[Any]]) -> list[Note]:
    """Notes on what top, bottom or net counted of items that run from good to bad.

    Parameters
    ----------
    sample : Sample
    asked : mapping of {"levels", "top", "bottom", "net"} to what was asked, one of them not None
    counted : mapping of item to its answers that were counted, in the order of the codes
    """
    kind, count = next((k, v) for k, v in asked.items() if v is not None)
    if kind == "levels":
        return []
    found = []
    for names, variable, answers in _alike(sample, counted):
        half = len(answers) // 2
        low, high = (answers[:half], answers[half:]) if kind == "net" else (answers, answers)
        given = {"high": _labelled(variable, high), "low": _labelled(variable, low)}
        wanted = given if kind == "net" else {"answers": given["high"]}
        found.append(Note(f"notes.down_{kind}", items=names, **_ends(variable), count=count, **wanted))
    return found


def mean_notes(sample: SampleData, names: Iterable[str]) -> list[Note]:
    """Notes on means and quantiles of items that run from good to bad."""
    return _ends_of("notes.down_mean", sample, names)


def order_notes(sample: SampleData, names: Iterable[str]) -> list[Note]:
    """Notes on distributions, and the bars drawn of them, of items that run from good to bad."""
    return _ends_of("notes.down", sample, names)


def slope_notes(sample: SampleData, names: Iterable[str]) -> list[Note]:
    """Notes on models of ordered answers of items that run from good to bad."""
    return _ends_of("notes.down_slope", sample, names)


def _ends_of(key: str, sample: SampleData, names: Iterable[str]) -> list[Note]:
    alike = _alike(sample, dict.fromkeys(names, ()))
    return [Note(key, items=items, **_ends(variable)) for items, variable, _ in alike]


def _alike(sample: SampleData, counted: Mapping[str, Sequence[Any]]) -> list[tuple[str, Variable, tuple[Any, ...]]]:
    """Items that run down, those of which the same is said together."""
    groups: dict[Any, list[str]] = {}
    by_name: dict[str, Variable] = {}
    for name, answers in counted.items():
        variable = _variable(sample, name)
        if variable is not None and runs_down(variable):
            codes = tuple(variable.labels)
            ends = tuple(tuple(variable.labels[c].items()) for c in (codes[0], codes[-1]))
            by_name[name] = variable
            groups.setdefault((codes, ends, tuple(answers)), []).append(name)
    return [(listed(names, _MOST_NAMED), by_name[names[0]], key[2]) for key, names in groups.items()]


def _variable(sample: SampleData, name: str) -> Variable | None:
    """What the codebook says of an item; of an ordered category that it has no scale of, its categories."""
    variable = sample.codebook.variables.get(name)
    if (variable is not None and variable.codes) or name not in answers_in(sample).columns:
        return variable
    dtype = answers_in(sample)[name].dtype
    if not isinstance(dtype, pd.CategoricalDtype) or not dtype.ordered:
        return variable
    texts = [composed_value(c) for c in dtype.categories if isinstance(c, str)]
    if len(texts) < len(dtype.categories):
        return variable
    return Variable(name, type="ordinal", labels={text: dict.fromkeys(LANGUAGES, text) for text in texts})


def _ends(variable: Variable) -> dict[str, object]:
    codes = list(variable.labels)
    return {"first": _labelled(variable, codes[:1]), "last": _labelled(variable, codes[-1:])}


def _labelled(variable: Variable, codes: Sequence[Any]) -> Mapping[str, str]:
    """Codes with their labels, by language; of many the first and the last."""
    some = [*codes] if len(codes) <= _MOST_LABELS else [codes[0], codes[-1]]
    joined = ", " if len(some) == len(codes) else " … "
    return {lang: joined.join(_one(variable, code, lang) for code in some) for lang in LANGUAGES}


def _one(variable: Variable, code: Any, lang: str) -> str:
    code = int(code) if isinstance(code, float) and code.is_integer() else code
    label = variable.label(code, lang)
    if isinstance(code, str):
        return f"“{label}”"
    return label if label == str(code) else f"{code} “{label}”"

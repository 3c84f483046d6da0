"""A search for personal data: names of columns, their values, and open text.

A finding is certain (the form admits nothing else), likely, or possible (for a person to look at). Reading warns of the
first two, and writing refuses them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base._personal_words import NAMED_BY, PEOPLE_NAMED, PLACE_NAMED, folded, lists
from survey.base.arguments import columns_exist, listed, outside
from survey.base.catalogue import Note
from survey.base.names import composed_value
from survey.base.personal import full_date, in_text, masked
from survey.codebook import Codebook, Variable
from survey.core.columns import known_columns
from survey.core.responses_data import ResponsesData
from survey.errors import PrivacyError, SurveyWarning, shorten
from survey.privacy._names import names_in

__all__ = ["Found", "personal_columns", "quick_look", "refuse_personal", "scan_personal", "search", "warn_personal"]

_ORDER = ("certain", "likely", "possible")
_PASSPORT = re.compile(r"[BCEKNP][A-Z]?\d{7}")
"""Of Vietnam, since 2005."""
_QUICK_ROWS, _QUICK_TEXTS = 20_000, 1_000
_TABLE = ["column", "kind", "count", "example", "rule", "certainty"]


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data of one kind in one column: rows that hold it, a masked example, the rule that found it."""

    column: str
    kind: str
    count: int
    example: str
    rule: str
    certainty: str


def scan_personal(self: ResponsesData, columns: str | Iterable[str] | None = None) -> pd.DataFrame:
    """Look for personal data: names, telephones, ID numbers, e-mail, addresses, exact places, dates of birth.

    Columns are judged by their names and wording together with their values (a question about telephones that is
    answered 0 or 1 is none), and every text by what it holds. A finding is not proof, and what is not found is no
    clearance: names in small letters inside sentences, nicknames and rare combinations pass.

    Parameters
    ----------
    columns : str or list of str, optional
        All columns when not given.

    Returns
    -------
    DataFrame
        A row a kind and column, surest first: column, kind, count (rows), example (masked), rule, certainty
        ("certain", "likely", "possible").

    Raises
    ------
    CleaningError
        For a column that the data lack.

    Examples
    --------
    >>> responses.scan_personal()  # doctest: +SKIP
    """
    names = known_columns(self, columns)
    data = self.data if columns is None else self.data[names]
    found = sorted(search(data, self.codebook), key=lambda f: _ORDER.index(f.certainty))
    rows = [[getattr(f, c) for c in _TABLE] for f in found]
    return pd.DataFrame(rows, columns=_TABLE).astype({"count": "int64"})


def personal_columns(data: pd.DataFrame, codebook: Codebook, *, quick: bool = False) -> dict[str, str]:
    """Columns with certain or likely personal data, and what they hold in words.

    `quick` looks at the first 20,000 rows and 1,000 distinct texts of a column: what reading can afford.
    """
    told: dict[str, list[str]] = {}
    for found in search(data, codebook, quick=quick):
        if found.certainty != "possible":
            told.setdefault(found.column, []).append(found.kind)
    return {name: catalogue.listed(map(_spoken, dict.fromkeys(kinds))) for name, kinds in told.items()}


def _spoken(kind: str) -> Note:
    return Note("personal." + kind.replace(" ", "_").replace("-", "_"))


def quick_look(self: ResponsesData) -> Mapping[str, str]:
    """Columns with certain or likely personal data by a quick look, and what they hold in words."""
    return MappingProxyType(personal_columns(self.data, self.codebook, quick=True))


def warn_personal(self: ResponsesData, where: str) -> None:
    """One warning that names the columns with personal data, if there are any."""
    told = self.once(quick_look)
    if told:
        columns = shorten(f"{name} ({kinds})" for name, kinds in told.items())
        warnings.warn(
            f'{where} holds personal data: {columns}; give them role = "personal" in the codebook to leave them out, '
            "or call pseudonymise().",
            SurveyWarning,
            stacklevel=outside(),
        )


def refuse_personal(data: pd.DataFrame, codebook: Codebook, allowed: Sequence[str], where: str) -> None:
    """Raise if columns hold personal data that were not allowed by name.

    Raises
    ------
    PrivacyError
    """
    names = listed(allowed)
    columns_exist(names, data.columns, "A column in allow_personal does not exist.", PrivacyError)
    told = {name: kinds for name, kinds in personal_columns(data, codebook).items() if name not in names}
    if told:
        raise PrivacyError(
            "The data contain personal data.",
            where=where,
            got=shorten((f"{n} ({k})" for n, k in told.items()), 20),
            expected="no names, telephones, ID numbers, e-mail, addresses, exact places",
            fix=f"pseudonymise() or remove them; if the law and the respondents permit it: allow_personal={list(told)}",
        )


def search(data: pd.DataFrame, codebook: Codebook, *, quick: bool = False) -> Iterator[Found]:
    """Every finding, in the order of the columns."""
    for name in data.columns:
        variable = codebook.variables.get(name) or Variable(str(name))
        if variable.role == "pseudonym":
            continue
        column = data[name]
        if variable.role == "personal":
            yield Found(name, "declared", int(column.notna().sum()), "", "its role in the codebook", "certain")
            continue
        if variable.labels:
            yield from _labels(variable)
        if _is_text(column):
            yield from _text_column(column, variable, quick)
        elif not variable.labels:
            yield from _number_column(column, variable, quick)
    if not quick:
        yield from _coordinates(data, codebook)


def _is_text(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype) or pd.api.types.is_object_dtype(column.dtype)


def _labels(variable: Variable) -> Iterator[Found]:
    """Names of people as labels of codes: interviewers, officials."""
    counts = {text: 0 for t in variable.labels.values() if (text := next(iter(t.values()), ""))}
    found = names_in(counts, None, people=_of_people(variable), by_labels=True)
    if found is not None:
        rule, certainty, names = found
        sure = "possible" if _of_places(variable) else certainty
        yield Found(variable.name, "name", 0, masked(names[0]), rule, sure)


def _of_places(variable: Variable) -> bool:
    """Whether a column holds places by its name or wording: wards and schools are named after people."""
    if _of_people(variable):
        return False
    told = [folded(t) for t in variable.text.values()]
    return bool(PLACE_NAMED.search(folded(str(variable.name)))) or any(
        len(t) < 80 and PLACE_NAMED.search(t) for t in told
    )


def _of_people(variable: Variable) -> bool:
    """Whether a column holds people by its name or wording: "ward_officer"."""
    return any(PEOPLE_NAMED.search(folded(t)) for t in (str(variable.name), *variable.text.values()))


def _named(variable: Variable, wording: bool) -> dict[str, str]:
    """Kinds that the name of a column stands for, or its wording, with the rule in words."""
    kinds = {}
    name = folded(str(variable.name))
    told = [folded(t) for t in variable.text.values()] if wording else []
    for kind, pattern in NAMED_BY.items():
        if pattern.search(name):
            kinds[kind] = "name of the column"
        elif any(len(t) < 80 and pattern.search(t) for t in told):
            kinds[kind] = "wording of the question"
    return kinds


def _text_column(column: pd.Series, variable: Variable, quick: bool) -> Iterator[Found]:
    given = column.head(_QUICK_ROWS) if quick else column
    held = given.value_counts(sort=not quick)
    counts: dict[str, int] = {}
    for value, n in (held.head(_QUICK_TEXTS) if quick else held).items():
        if isinstance(value, str) and n:
            counts[composed_value(value)] = counts.get(composed_value(value), 0) + int(n)
    coded = {c for c in variable.labels if isinstance(c, str)}
    texts = [t for t in counts if t not in coded and t not in variable.missing]
    kinds = _named(variable, wording=True) if texts or not coded else {}
    if not texts:
        if not coded and not variable.labels:
            for kind, rule in kinds.items():
                if rule == "name of the column":
                    yield Found(variable.name, kind, 0, "", f"{rule}, which is empty", "possible")
        return
    hits: dict[str, list[Any]] = {}  # kind: rule, certainty, rows, example
    for text in texts:
        for hit in in_text(text):
            if hit.kind == "name" and len(hit.found) >= len(text.strip()):
                continue  # a cell that is a name is judged with the others of its column
            entry = hits.setdefault(hit.kind, [hit.rule, hit.certainty, 0, masked(hit.found)])
            entry[2] += counts[text]
            if _ORDER.index(hit.certainty) < _ORDER.index(entry[1]):
                entry[0], entry[1], entry[3] = hit.rule, hit.certainty, masked(hit.found)
    rows = sum(counts[t] for t in texts)
    names = names_in({t: counts[t] for t in texts}, kinds.get("name"), people=_of_people(variable))
    for kind, found in (*([("name", names)] if names else []), *_whole_cells(texts, kinds)):
        if kind in hits and _ORDER.index(found[1]) > _ORDER.index(hits[kind][1]):
            hits[kind][2] += sum(counts[t] for t in found[2]) if kind == "name" else 0
        elif kind not in hits or kind == "name":
            rule, certainty, matching = found
            total = sum(counts[t] for t in matching) or rows
            total += hits[kind][2] if kind in hits else 0  # in sentences, besides cells that are names
            hits[kind] = [rule, certainty, total, masked(matching[0])]
    places = "name" not in kinds and _of_places(variable)
    for kind, (rule, certainty, count, example) in hits.items():
        if kind == "name" and places:
            rule, certainty = f"{rule}, in a column of places", "possible"
        yield Found(variable.name, kind, count, example, rule, certainty)


def _whole_cells(texts: list[str], kinds: dict[str, str]) -> Iterator[tuple[str, tuple[str, str, list[str]]]]:
    """Kinds that a column as a whole holds: most of its distinct cells fit, and its name says so or the form does."""
    digits = {t: sum(c.isdigit() for c in t) for t in texts}
    for kind, least, most in (("phone", 8, 15), ("id number", 8, 14), ("bank account", 6, 20)):
        fitting = [t for t in texts if least <= digits[t] <= most and digits[t] >= 0.6 * len(t)]
        if kind in kinds and len(fitting) >= 0.5 * len(texts):
            yield kind, (kinds[kind], "certain", fitting)
    passports = [t for t in texts if _PASSPORT.fullmatch(t.strip())]
    if "id number" in kinds and len(passports) >= 0.5 * len(texts):
        yield "id number", (kinds["id number"], "certain", passports)
    elif len(passports) >= max(5, 0.9 * len(texts)) and len({t.strip()[0] for t in passports}) <= len(passports) / 3:
        yield "id number", ("cells of a passport's form", "possible", passports)
    if "address" in kinds:
        fitting = [t for t in texts if len(t) >= 6 and any(c.isalpha() for c in t) and " " in t and "@" not in t]
        if len(fitting) >= 0.5 * len(texts) and any(digits[t] for t in fitting):
            yield "address", (kinds["address"], "likely", fitting)
    dates = [t for t in texts if full_date(t)] if "date of birth" in kinds else []
    if dates and len(dates) >= 0.5 * len(texts):
        yield "date of birth", (kinds["date of birth"], "certain", dates)
    if kinds.get("postal code") == "name of the column":
        yield "postal code", ("name of the column", "possible", texts)
    if "licence plate" in kinds:
        fitting = [t for t in texts if digits[t] >= 4 and any(c.isalpha() for c in t) and len(t) <= 14]
        if len(fitting) >= 0.5 * len(texts):
            yield "licence plate", (kinds["licence plate"], "likely", fitting)
    identity = [t for t in texts if len(t) == 9 and t.isdigit()]
    if "id number" not in kinds and len(identity) >= max(5, 0.8 * len(texts)):
        yield "id number", ("cells of 9 digits", "possible", identity)


_NUMBER_BOUNDS = {"phone": (1e7, 1e12), "id number": (1e8, 1e12), "bank account": (1e6, 1e19)}


def _number_column(column: pd.Series, variable: Variable, quick: bool) -> Iterator[Found]:
    kinds = _named(variable, wording=False)
    if not kinds and quick:
        return
    given = column.dropna()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = given.nunique() > 1 and not ((given.dt.month == 1) & (given.dt.day == 1)).all()
        if "date of birth" in kinds and days:
            yield Found(variable.name, "date of birth", len(given), "", kinds["date of birth"], "certain")
        return
    if not len(given) or not _is_number(column):
        return
    values = given.to_numpy(float)
    values = values[~np.isin(values, [c for c in variable.missing if not isinstance(c, str)])]
    if not len(values):
        return
    for kind, (low, high) in _NUMBER_BOUNDS.items():
        if kind in kinds and np.mean((values >= low) & (values < high)) >= 0.5:
            yield Found(variable.name, kind, len(values), masked(f"{values[0]:.0f}"), kinds[kind], "certain")
    if "exact place" in kinds and (_of_degrees(values) or _metres(values)):
        yield Found(variable.name, "exact place", len(values), "", kinds["exact place"], "certain")
    if kinds.get("postal code") == "name of the column":
        yield Found(variable.name, "postal code", len(values), "", "name of the column", "possible")
    if not kinds and not quick and len(values) >= 5 and values.min() >= 3e8 and values.max() < 1e12:
        yield from _numbers_alone(values, variable.name)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype)


def _numbers_alone(values: np.ndarray, name: str) -> Iterator[Found]:
    texts = [f"{v:.0f}" for v in np.unique(values)[:5000]]
    if len(texts) < 5:
        return
    mobile = [t for t in texts if len(t) == 9 and t[:2] in _MOBILE]
    codes = lists().province_codes
    citizens = [t for t in texts if 10 <= len(t) <= 12 and t.zfill(12)[:3] in codes and t.zfill(12)[3] in "0123"]
    if len(mobile) >= 0.95 * len(texts):
        yield Found(
            name, "phone", len(values), masked(mobile[0]), "numbers of 9 digits with mobile prefixes", "possible"
        )
    if len(citizens) >= 0.95 * len(texts):
        yield Found(
            name, "id number", len(values), masked(citizens[0]), "numbers of 12 digits with provinces", "possible"
        )


_MOBILE = frozenset(
    [f"3{d}" for d in range(2, 10)]
    + [f"5{d}" for d in (2, 5, 6, 8, 9)]
    + [f"7{d}" for d in (0, 6, 7, 8, 9)]
    + [f"8{d}" for d in range(1, 10)]
    + [f"9{d}" for d in range(10)]
)


def _of_degrees(values: np.ndarray) -> bool:
    return _precise(values) and bool((np.abs(values) <= 180).all())


_EAST, _NORTH = (200_000, 900_000), (850_000, 2_650_000)
"""Metres of VN-2000 and UTM within Vietnam."""


def _metres(values: np.ndarray, *, bounds: tuple[tuple[int, int], ...] = (_EAST, _NORTH)) -> bool:
    """Whether numbers are metres of a projection to less than a hundred, and not sums of money."""
    finer = np.mean(np.abs(values / 100 - np.round(values / 100)) > 1e-9) >= 0.5
    return bool(finer) and any(((values >= low) & (values <= high)).mean() >= 0.95 for low, high in bounds)


def _precise(values: np.ndarray) -> bool:
    """Whether most numbers have four decimals or more: ten metres."""
    return bool(np.mean(np.abs(values * 1000 - np.round(values * 1000)) > 1e-6) >= 0.5)


def _coordinates(data: pd.DataFrame, codebook: Codebook) -> Iterator[Found]:
    """Two columns of numbers within Vietnam, one for each side and both precise, whatever they are called."""
    sides: dict[str, list[str]] = {"latitude": [], "longitude": [], "easting": [], "northing": []}
    for name in data.columns:
        column = data[name]
        if not _is_number(column) or pd.api.types.is_bool_dtype(column.dtype):
            continue
        if name in codebook and codebook[name].labels:
            continue
        if "exact place" in _named(codebook.variables.get(name) or Variable(str(name)), wording=False):
            continue
        values = column.dropna().to_numpy(float)
        if not len(values) or not (values[0] >= 8):  # a short look before a long one
            continue
        if len(np.unique(values[:1000])) < 5:
            continue
        for side, (low, high) in {"latitude": (8.0, 23.6), "longitude": (102.0, 110.0)}.items():
            if values.min() >= low and values.max() <= high and _precise(values):
                sides[side].append(name)
        for side, bounds in {"easting": _EAST, "northing": _NORTH}.items():
            within = values.min() >= bounds[0] and values.max() <= bounds[1] and np.ptp(values) < _WIDEST
            if within and _metres(values, bounds=(bounds,)):
                sides[side].append(name)
    for pair in (("latitude", "longitude"), ("easting", "northing")):
        if all(sides[side] for side in pair):
            for side in pair:
                for name in sides[side]:
                    sure = "likely" if side in ("latitude", "longitude") or _fits_name(name) else "possible"
                    n = int(data[name].notna().sum())
                    yield Found(name, "exact place", n, "", f"numbers like a {side}", sure)


_WIDEST = 600_000  # metres: one study's places are in one province or a few


def _fits_name(name: Any) -> bool:
    """Whether a column is called as sides of a projection are: x, y, or a word that ends in one of them."""
    return bool(re.search(r"(^| )([xyen])( |$)", folded(str(name))))

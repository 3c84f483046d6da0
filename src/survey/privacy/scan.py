"""A search for personal data: names of columns, their values, and open text.

A finding is certain (the form admits nothing else), likely, or possible (for a person to look at). Reading warns of the
first two, and writing refuses them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base import catalogue
from survey.base._personal_words import PEOPLE_NAMED, PLACE_NAMED, folded
from survey.base.arguments import columns_exist, listed, outside
from survey.base.catalogue import Note
from survey.base.names import composed_value
from survey.base.personal import Hit, full_date, in_text, masked
from survey.codebook import Codebook, Variable
from survey.core.columns import known_columns
from survey.core.responses_data import ResponsesData
from survey.errors import PrivacyError, SurveyWarning, shorten
from survey.privacy._found import Found, named
from survey.privacy._names import names_in
from survey.privacy._numbers import coordinates, number_column

__all__ = [
    "Found",
    "full_look",
    "personal_columns",
    "quick_look",
    "refuse_personal",
    "scan_personal",
    "search",
    "warn_personal",
]

_ORDER = ("certain", "likely", "possible")
_DIGIT = re.compile(r"\d")
_PASSPORT = re.compile(r"[BCEKNP][A-Z]?\d{7}")
"""Of Vietnam, since 2005."""
_LETTERED = re.compile(r"[A-Z]{1,3} ?\d{5,9}[A-Z]?")
_QUICK_ROWS, _QUICK_TEXTS = 20_000, 1_000
_TABLE = ["column", "kind", "count", "example", "rule", "certainty"]


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
    found: Iterable[Found] = self.once(full_look)
    if columns is not None:
        found = search(self.data[names], self.codebook, known=_known(self))
    found = sorted(found, key=lambda f: _ORDER.index(f.certainty))
    rows = [[getattr(f, c) for c in _TABLE] for f in found]
    return pd.DataFrame(rows, columns=_TABLE).astype({"count": "int64"})


def full_look(self: ResponsesData) -> tuple[Found, ...]:
    """Every finding in all rows."""
    return tuple(search(self.data, self.codebook, known=_known(self)))


def quick_look(self: ResponsesData) -> Mapping[str, str]:
    """Columns with certain or likely personal data by a quick look, and what they hold in words.

    It looks at the first 20,000 rows and 1,000 distinct texts of a column: what reading can afford.
    """
    return MappingProxyType(_in_words(search(self.data, self.codebook, quick=True, known=_known(self))))


def personal_columns(self: ResponsesData) -> Mapping[str, str]:
    """Columns with certain or likely personal data in any row, and what they hold in words: what is never written."""
    return MappingProxyType(_in_words(self.once(full_look)))


def _in_words(findings: Iterable[Found]) -> dict[str, str]:
    """Columns with certain or likely findings, and what they hold in words."""
    told: dict[str, list[str]] = {}
    for found in findings:
        if found.certainty != "possible":
            told.setdefault(found.column, []).append(found.kind)
    return {name: catalogue.listed(map(_spoken, dict.fromkeys(kinds))) for name, kinds in told.items()}


def _known(self: ResponsesData) -> dict[Any, Any]:
    known: dict[Any, Any] = self.remembered.setdefault("personal", {})
    return known


def _spoken(kind: str) -> Note:
    return Note("personal." + kind.replace(" ", "_").replace("-", "_"))


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


def refuse_personal(self: ResponsesData, allowed: Sequence[str], where: str, *, rejected: bool = False) -> None:
    """Raise if columns hold personal data that were not allowed by name.

    Parameters
    ----------
    allowed : sequence of str
    where : str
        The file that would be written.
    rejected : bool
        Look at the rejected rows too; allowed columns need not be among them.

    Raises
    ------
    PrivacyError
    """
    names = listed(allowed)
    found = self.once(full_look)
    if rejected:
        found = (*found, *search(self.rejected, self.codebook, known=_known(self)))
    else:
        columns_exist(names, self.data.columns, "A column in allow_personal does not exist.", PrivacyError)
    told = {name: kinds for name, kinds in _in_words(found).items() if name not in names}
    if told:
        raise PrivacyError(
            "The data contain personal data.",
            where=where,
            got=shorten((f"{n} ({k})" for n, k in told.items()), 20),
            expected="no names, telephones, ID numbers, e-mail, addresses, exact places",
            fix=f"pseudonymise() or remove them; if the law and the respondents permit it: allow_personal={list(told)}",
        )


def search(
    data: pd.DataFrame, codebook: Codebook, *, quick: bool = False, known: dict[Any, Any] | None = None
) -> Iterator[Found]:
    """Every finding, in the order of the columns.

    Parameters
    ----------
    data : DataFrame
    codebook : Codebook
    quick : bool
        Look at the first rows and texts of a column only.
    known : dict, optional
        What earlier searches found, which this one adds to: a column that is the same as then is not looked at again,
        and neither is a text.
    """
    known = {} if known is None else known
    for name, dtype in zip(data.columns.tolist(), data.dtypes.tolist(), strict=True):
        variable = codebook.variables.get(name) or Variable(str(name))
        if variable.role == "pseudonym":
            continue
        bare = dtype.kind in "iufb" and not variable.labels and variable.role != "personal"
        if quick and bare and not named(variable, wording=False):
            continue  # as `number_column` does, without looking at the column
        column = data[name]
        if variable.role == "personal":
            yield Found(name, "declared", int(column.notna().sum()), "", "its role in the codebook", "certain")
            continue
        if variable.labels:
            yield from _labels(variable)
        if _is_text(column):
            before = known.get((name, quick))
            if before is None or before[1] != variable or not before[0].equals(column):
                before = column, variable, tuple(_text_column(column, variable, quick, known.setdefault("texts", {})))
                known[name, quick] = before
            yield from before[2]
        elif not variable.labels:
            yield from number_column(column, variable, quick)
    if not quick:
        yield from coordinates(data, codebook)


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


def _text_column(
    column: pd.Series, variable: Variable, quick: bool, seen: dict[str, tuple[Hit, ...]]
) -> Iterator[Found]:
    given = column.head(_QUICK_ROWS) if quick else column
    held = given.value_counts(sort=not quick)
    counts: dict[str, int] = {}
    for value, n in (held.head(_QUICK_TEXTS) if quick else held).items():
        if isinstance(value, str) and n:
            counts[composed_value(value)] = counts.get(composed_value(value), 0) + int(n)
    coded = {c for c in variable.labels if isinstance(c, str)}
    texts = [t for t in counts if t not in coded and t not in variable.missing]
    kinds = named(variable, wording=True) if texts or not coded else {}
    if not texts:
        if not coded and not variable.labels:
            for kind, rule in kinds.items():
                if rule == "name of the column":
                    yield Found(variable.name, kind, 0, "", f"{rule}, which is empty", "possible")
        return
    hits: dict[str, list[Any]] = {}  # kind: rule, certainty, rows, example
    for text in texts:
        if text not in seen:
            seen[text] = tuple(in_text(text))
        for hit in seen[text]:
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
    digits = {t: len(_DIGIT.findall(t)) for t in texts}
    for kind, least, most in (("phone", 8, 15), ("id number", 8, 14), ("bank account", 6, 20)):
        fitting = [t for t in texts if least <= digits[t] <= most and digits[t] >= 0.6 * len(t)]
        if kind in kinds and len(fitting) >= 0.5 * len(texts):
            yield kind, (kinds[kind], "certain", fitting)
    lettered = [t for t in texts if _LETTERED.fullmatch(t.strip())] if "id number" in kinds else []
    if lettered and len(lettered) >= 0.5 * len(texts):
        yield "id number", (kinds["id number"], "certain", lettered)
    passports = [t for t in texts if _PASSPORT.fullmatch(t.strip())] if not lettered else []
    if len(passports) >= max(5, 0.9 * len(texts)) and len({t.strip()[0] for t in passports}) <= len(passports) / 3:
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

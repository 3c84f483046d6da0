"""Rules of one's own for `check`, from TOML: docs/checks.md describes the file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, listed
from survey.base.expressions import column_names, derived, mask
from survey.base.names import columns_named
from survey.base.toml import read_toml, refuse_shapes
from survey.cleaning.check_report import Broken, broken
from survey.codebook import same_text
from survey.core.columns import Bools, holds_codes, in_words, known_columns, numeric
from survey.core.responses_data import ResponsesData
from survey.errors import CleaningError, shorten

__all__ = ["FORMS", "SEVERITIES", "Rule", "check_rule", "read_rules"]

FORMS = ("holds", "sum", "order", "within", "unique")
SEVERITIES = ("error", "warning")
_KEYS = ("name", "where", "severity", "message", *FORMS)
_SHAPES = {
    "sum": {"parts": "texts", "total": "text", "tolerance": "number"},
    "within": {"columns": "text or texts", "first": "end", "last": "end"},
}
_PARTS = {"sum": ({"parts", "total"}, {"tolerance"}), "within": ({"columns"}, {"first", "last"})}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    name : str
    form : str
        One of `FORMS`.
    content : str, list or mapping
        What the form asks for: an expression that must hold; {parts, total, tolerance}; columns each not before the
        one to its left; {columns, first, last}; columns that are unique together.
    where : str
        Whom it concerns, as an expression; "" is everyone.
    severity : str
        "error" or "warning".
    message : mapping of language to str
    """

    name: str
    form: str
    content: Any
    where: str = ""
    severity: str = "error"
    message: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_rules(rules: Any) -> tuple[Rule, ...]:
    """Rules from a TOML file, from a mapping of name to expression, or as they are.

    Raises
    ------
    CleaningError
        If the file is missing or no TOML, or a rule has an unknown key, no form or two, or not what its form needs.
    """
    if rules is None:
        return ()
    if isinstance(rules, Mapping):
        return tuple(Rule(name, "holds", expression) for name, expression in rules.items())
    if not isinstance(rules, str | os.PathLike):
        return tuple(rules)
    raw = read_toml(rules, "file of rules", CleaningError)
    listed = raw.get("rules")
    if set(raw) != {"rules"} or not isinstance(listed, list) or not all(isinstance(r, dict) for r in listed):
        raise CleaningError(
            "The file does not contain rules.",
            where=rules,
            got=shorten(raw) or "nothing",
            expected="[[rules]] tables and nothing else",
            fix="see docs/checks.md for the format of rules",
        )
    made = tuple(_rule(entry, f"{rules}, rule {i}") for i, entry in enumerate(listed, 1))
    names = [r.name for r in made]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise CleaningError("Two rules have the same name.", where=rules, got=shorten(twice))
    return made


def _rule(entry: Mapping[str, Any], where: str) -> Rule:
    where = f"{where} ({entry['name']})" if entry.get("name") else where
    unknown, forms = sorted(set(entry) - set(_KEYS)), [f for f in FORMS if f in entry]
    severity, message = entry.get("severity", "error"), entry.get("message", {})
    message = same_text(message) if isinstance(message, str) else message
    wrong = (
        ("A rule has an unknown key.", shorten(unknown), shorten(_KEYS))
        if unknown
        else ("A rule has no name.", "no name", "name = '...'")
        if not str(entry.get("name", "")).strip()
        else ("A rule must have exactly one kind of content.", shorten(forms) or "nothing", f"one of {shorten(FORMS)}")
        if len(forms) != 1
        else ("An unknown severity.", severity, shorten(SEVERITIES))
        if severity not in SEVERITIES
        else ("A message must be text.", message, '"..." or {vi = "...", en = "..."}')
        if not isinstance(message, Mapping) or not all(isinstance(t, str) for t in message.values())
        else None
    )
    if wrong is None:
        form, content = forms[0], entry[forms[0]]
        needed, allowed = _PARTS.get(form, (set(), set()))
        lists = isinstance(content, list) and all(isinstance(c, str) for c in content)
        good = (
            isinstance(content, str)
            if form == "holds"
            else lists and len(content) >= (2 if form == "order" else 1)
            if form in ("order", "unique")
            else isinstance(content, Mapping) and needed <= set(content) <= needed | allowed
        )
        if not good:
            expected = {"holds": "an expression", "order": "two columns or more", "unique": "columns"}
            wrong = (
                f"`{form}` is missing a required key.",
                content,
                expected.get(form, f"{shorten(sorted(needed | allowed))}"),
            )
    if wrong is not None:
        raise CleaningError(wrong[0], where=where, got=wrong[1], expected=wrong[2], fix="see docs/checks.md")
    refuse_shapes(entry, {"name": "name", "where": "text"}, "A rule", where, CleaningError)
    if form in _SHAPES:
        refuse_shapes(content, _SHAPES[form], f"`{form}`", where, CleaningError)
    text = MappingProxyType(dict(message))
    return Rule(str(entry["name"]), forms[0], content, str(entry.get("where", "")), severity, text)


def check_rule(self: ResponsesData, rule: Rule) -> Iterator[Broken]:
    """What breaks a rule: one `Broken`, or none. Where a missing answer leaves it open, a rule is not broken."""
    bad, columns, note = _CHECKS[rule.form](self, rule)
    if rule.where:
        bad = bad & mask(rule.where, self.data, f"rule {rule.name}", error=CleaningError)
    if bad.any():
        yield broken(self, rule.name, ", ".join(columns), rule.severity, bad, note, rule.message)


_Found = tuple[Bools, Sequence[str], Note]


def _holds(self: ResponsesData, rule: Rule) -> _Found:
    what = f"rule {rule.name}"
    value = pd.Series(derived(rule.content, self.data, what, error=CleaningError))
    if numeric(value) is None:
        raise CleaningError(
            "A rule must be a condition.",
            where=what,
            got=f"a column of {value.dtype}",
            expected="a true or false value per row",
            fix=f"compare it: {rule.content} == 1",
        )
    holds = np.asarray(numeric(value), dtype=float)
    names = tuple(columns_named(column_names(rule.content), self.data.columns))
    return holds == 0, names, Note("found.holds", expression=rule.content)


def _sum(self: ResponsesData, rule: Rule) -> _Found:
    parts, total = list(rule.content["parts"]), rule.content["total"]
    numbers = [_numbers(self, rule, n) for n in known_columns(self, [*parts, total])]
    with np.errstate(invalid="ignore"):
        gap = np.abs(sum(numbers[:-1]) - numbers[-1])
        bad = gap > float(rule.content.get("tolerance", 0)) + 1e-9
    told = f"{' + '.join(parts)} = {total}"
    return bad, [*parts, total], Note("found.sum", expression=told)


def _order(self: ResponsesData, rule: Rule) -> _Found:
    names = known_columns(self, rule.content)
    columns = [_ordered(self, rule, n) for n in names]
    if len({kind for kind, _ in columns}) > 1:
        raise CleaningError(
            "Dates and numbers cannot be ordered together.", where=f"rule {rule.name}", got=shorten(names)
        )
    bad = np.zeros(len(self.data), dtype=bool)
    highest = columns[0][1]
    for _, values in columns[1:]:
        bad |= (values < highest).to_numpy(bool)
        highest = highest.where(~(values > highest) & highest.notna(), values)  # over gaps too
    told = " <= ".join(names)
    return bad, names, Note("found.order", expression=told)


def _within(self: ResponsesData, rule: Rule) -> _Found:
    names = rule.content["columns"]
    names = known_columns(self, names)
    first, last = rule.content.get("first"), rule.content.get("last")
    if first is None and last is None:
        raise CleaningError(
            "`within` needs at least one limit.", where=f"rule {rule.name}", expected="first or last, or both"
        )
    bad, seen = np.zeros(len(self.data), dtype=bool), []
    for name in names:
        kind, values = _ordered(self, rule, name)
        low, high = (_end(end, kind, rule) for end in (first, last))
        out = np.zeros(len(values), dtype=bool)
        if low is not None:
            out |= (values < low).to_numpy(bool)
        if high is not None:  # the last day counts in full
            whole_day = kind == "date" and high == high.normalize()
            out |= (values >= high + pd.Timedelta(days=1) if whole_day else values > high).to_numpy(bool)
        bad |= out
        seen += [in_words(self.data[name][out], self.codebook.variables.get(name))] if out.any() else []
    ends = f"{'…' if first is None else first} – {'…' if last is None else last}"
    return bad, names, Note("found.within", ends=ends, values=listed(seen, 8))


def _unique(self: ResponsesData, rule: Rule) -> _Found:
    names = known_columns(self, rule.content)
    inside = mask(rule.where or None, self.data, f"rule {rule.name}", error=CleaningError)
    inside = inside & self.data[names].notna().all(axis=1).to_numpy()
    bad = np.zeros(len(self.data), dtype=bool)
    bad[inside] = self.data.loc[inside, names].duplicated(keep=False).to_numpy()
    told = ", ".join(names)
    return bad, names, Note("found.unique", columns=told)


_CHECKS = MappingProxyType({"holds": _holds, "sum": _sum, "order": _order, "within": _within, "unique": _unique})


def _numbers(self: ResponsesData, rule: Rule, name: str) -> Any:
    column = self.data[name]
    values = numeric(column)
    if values is None:
        values = pd.to_numeric(column, errors="coerce").to_numpy(float)
        if (np.isnan(values) & column.notna().to_numpy()).any():
            raise CleaningError(
                "A rule needs a numeric column.",
                where=f"rule {rule.name}, {name}",
                got=in_words(column[np.isnan(values) & column.notna().to_numpy()], self.codebook.variables.get(name)),
            )
    return np.where(holds_codes(self, name), np.nan, values.astype(float))


def _ordered(self: ResponsesData, rule: Rule, name: str) -> tuple[str, pd.Series]:
    """A column as dates or as numbers, empty where it holds a missing code."""
    column = self.data[name]
    declared = self.codebook.variables.get(name)
    dates = pd.api.types.is_datetime64_any_dtype(column.dtype)
    if not dates and numeric(column) is None and (declared is None or declared.type == "date"):
        parsed = pd.to_datetime(column.astype("str"), errors="coerce", format="ISO8601", utc=True)
        if parsed.notna().any() or column.isna().all():
            column, dates = parsed, True
    if dates:
        return "date", column.dt.tz_localize(None) if column.dt.tz is not None else column
    return "number", pd.Series(_numbers(self, rule, name), index=column.index)


def _end(end: Any, kind: str, rule: Rule) -> Any:
    if end is None:
        return None
    if (kind == "number") != (isinstance(end, int | float) and not isinstance(end, bool)):
        raise CleaningError(
            "A limit of `within` does not have the type of its column.",
            where=f"rule {rule.name}",
            got=end,
            expected="a number" if kind == "number" else "a date such as 2024-06-30",
        )
    try:
        return float(end) if kind == "number" else pd.Timestamp(end).tz_localize(None)
    except (ValueError, TypeError, OverflowError):
        raise CleaningError(
            "A date cannot be read.", where=f"rule {rule.name}", got=end, expected="such as 2024-06-30"
        ) from None

"""The declaration of a plan: families of outcomes and breakdowns, as `[plan]` of study.toml has them (docs/plan.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.arguments import in_range, one_of
from survey.base.digest import digest
from survey.base.names import composed_value
from survey.base.suggestions import did_you_mean
from survey.base.toml import refuse_shapes, refuse_unknown, table
from survey.codebook import LANGUAGES, Codebook, Text
from survey.core.contrasts import ADJUSTMENTS
from survey.errors import StudyError, shorten
from survey.study.specification_file import Choices, plain, restored_choice, specified

__all__ = [
    "CORRECTIONS",
    "KINDS",
    "Declaration",
    "Family",
    "declared",
    "family_of",
    "refuse_unknown_names",
    "restored",
]

KINDS = ("primary", "secondary", "exploratory")
CORRECTIONS = tuple(m for m in ("holm", "hochberg", "bonferroni", "bh", "none") if m in ADJUSTMENTS)
"""Of a whole family, whose p-values may come from several results; max-t needs one covariance of all."""
LATER, UNDECLARED = "later", "undeclared"
"""Families of what a locked plan did not have, and of what no plan has."""

_OWN = {"alpha": "number", "correction": "text", "derived": "text or texts"}
_FAMILY = {"kind": "text", "outcomes": "text or texts", "correction": "text", "alpha": "number", "label": "words"}


@dataclass(frozen=True, slots=True)
class Family:
    """A family of tests, whose p-values are adjusted together.

    Parameters
    ----------
    name : str
    kind : {"primary", "secondary", "exploratory"}
    outcomes : tuple of str
        Items and scores; empty for any.
    breakdowns : tuple of tuple of str
        Variables whose groups are compared, crossed ones together; empty for any.
    correction : str
        One of `CORRECTIONS`.
    alpha : float
    label : mapping of language to str
    """

    name: str
    kind: str
    outcomes: tuple[str, ...] = ()
    breakdowns: tuple[tuple[str, ...], ...] = ()
    correction: str = "holm"
    alpha: float = 0.05
    label: Text = field(default_factory=dict)

    @property
    def _particular(self) -> int:
        return 2 * bool(self.outcomes) + bool(self.breakdowns)

    def has(self, items: Iterable[str], variables: Iterable[str]) -> bool:
        """Whether a comparison of some variables' groups in some items is one of the family."""
        compared = {composed_value(v) for v in variables}
        return (not self.outcomes or {composed_value(i) for i in items} <= set(self.outcomes)) and (
            not self.breakdowns or any(compared == set(entry) for entry in self.breakdowns)
        )

    def _meets(self, other: Family) -> bool:
        """Whether a comparison may be of both, and neither names it more closely."""
        outcomes = not self.outcomes or bool(set(self.outcomes) & set(other.outcomes))
        mine, theirs = (set(map(frozenset, f.breakdowns)) for f in (self, other))
        return self._particular == other._particular and outcomes and (not mine or bool(mine & theirs))


@dataclass(frozen=True, slots=True)
class Declaration:
    """All families of a plan, in their order.

    Parameters
    ----------
    families : tuple of Family
    derived : tuple of str
        Columns that the cleaning makes and the codebook's file does not have.
    correction, alpha :
        Of families that name no other, and of what no family has.
    specifications : mapping of str to mapping
        Choices under which effects are estimated again, by their name.
    """

    families: tuple[Family, ...]
    derived: tuple[str, ...] = ()
    correction: str = "holm"
    alpha: float = 0.05
    specifications: Choices = field(default_factory=dict)

    @property
    def content(self) -> dict[str, Any]:
        """What is declared, without words: the same whatever the order of the names."""
        found: dict[str, Any] = {
            "alpha": self.alpha,
            "correction": self.correction,
            "families": {
                f.name: {
                    "kind": f.kind,
                    "outcomes": sorted(f.outcomes),
                    "breakdowns": sorted(sorted(entry) for entry in f.breakdowns),
                    "correction": f.correction,
                    "alpha": f.alpha,
                }
                for f in sorted(self.families, key=lambda f: f.name)
            },
        }
        if self.specifications:  # a plan without them has the hash that it always had
            found["specifications"] = {name: plain(self.specifications[name]) for name in sorted(self.specifications)}
        return found

    @property
    def hash(self) -> str:
        """SHA-256 of the content."""
        return digest(self.content)


def family_of(families: Sequence[Family], items: Iterable[str], variables: Iterable[str]) -> Family | None:
    """The family of a comparison: of those that have it the one that names most of it."""
    items, variables = tuple(items), tuple(variables)
    found = [f for f in families if f.has(items, variables)]
    return max(found, key=lambda f: f._particular, default=None)


def declared(raw: Mapping[str, Any], path: Path) -> Declaration | None:
    """The declaration of a study.toml, of `[plan]` and `[specifications]`; None where it has neither.

    Raises
    ------
    StudyError
        If a key is unknown or has a value of another kind, a family names nothing that could be tested, or a
        comparison would be of two families.
    """
    choices = specified(raw, path)
    if "plan" not in raw:
        return Declaration((), specifications=choices) if choices else None
    where = f"{path}, [plan]"
    plan = table(raw, "plan", "study", path, StudyError)
    entries = {name: value for name, value in plan.items() if isinstance(value, Mapping)}
    own = {name: value for name, value in plan.items() if name not in entries}
    refuse_unknown(own, _OWN, "The plan", where, StudyError)
    refuse_shapes(own, _OWN, "The plan", where, StudyError)
    alpha, correction = _alpha(own.get("alpha", 0.05), where), _correction(own.get("correction", "holm"), where)
    families = tuple(_family(name, entry, path, correction, alpha) for name, entry in entries.items())
    if not families:
        raise StudyError(
            "The plan has no family of tests.",
            where=where,
            expected="[plan.primary] with outcomes = [...]",
            fix="add a family, or remove [plan]",
        )
    for i, family in enumerate(families):
        for other in families[:i]:
            if family._meets(other):
                both = [o for o in family.outcomes if o in other.outcomes]
                raise StudyError(
                    "An outcome is in two families of the plan, so its p-values have no single correction.",
                    where=f"{path}, [plan.{other.name}] and [plan.{family.name}]",
                    got=shorten(both) if both else "two families for everything else",
                    expected="each outcome, with the same breakdowns, in one family",
                    fix="name it in one of them, or give them different breakdowns",
                )
    return Declaration(families, _texts(own.get("derived", ())), correction, alpha, choices)


def _family(name: str, entry: Mapping[str, Any], path: Path, correction: str, alpha: float) -> Family:
    where = f"{path}, [plan.{name}]"
    refuse_unknown(entry, {*_FAMILY, "breakdowns"}, "A family of the plan", where, StudyError)
    refuse_shapes(entry, _FAMILY, "A family of the plan", where, StudyError)
    if name in (LATER, UNDECLARED):
        raise StudyError(
            "A family has a name that the toolkit uses.", where=where, got=name, fix="give it another name"
        )
    kind = entry.get("kind", name if name in KINDS else None)
    if kind is None:
        raise StudyError(
            "A family of the plan does not say what it is.",
            where=where,
            expected=f"kind = one of {shorten(KINDS)}",
            fix='add kind = "secondary"',
        )
    one_of(kind, KINDS, "kind of family", StudyError, where=where)
    breakdowns = entry.get("breakdowns", ())
    breakdowns = [breakdowns] if isinstance(breakdowns, str) else breakdowns
    if not _are_breakdowns(breakdowns):
        raise StudyError(
            "A family of the plan has a value of the wrong kind.",
            where=where,
            got=f"breakdowns = {breakdowns!r}"[:300],
            expected='breakdowns = ["sex", ["pilot", "wave"]]; a list inside is crossed',
            fix="correct the value",
        )
    outcomes = _texts(entry.get("outcomes", ()))
    if not outcomes and kind != "exploratory":
        raise StudyError(
            "A family of the plan names no outcomes.",
            where=where,
            got=f"a {kind} family",
            expected='outcomes = ["..."]; only an exploratory family may hold everything else',
            fix="name its outcomes",
        )
    return Family(
        name,
        kind,
        outcomes,
        tuple(tuple(dict.fromkeys(_texts(b))) for b in breakdowns),
        _correction(entry.get("correction", correction), where),
        _alpha(entry.get("alpha", alpha), where),
        MappingProxyType(_words(entry.get("label", {}))),
    )


def _are_breakdowns(value: Any) -> bool:
    if not isinstance(value, list | tuple):
        return False
    each = [v if isinstance(v, list) else [v] for v in value]
    return all(names and all(isinstance(name, str) and name for name in names) for names in each)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys([value] if isinstance(value, str) else value))


def _words(value: Any) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else dict(value)


def _alpha(value: Any, where: str) -> float:
    message, expected = "alpha must be between 0 and 1.", "such as alpha = 0.05"
    in_range(value, message, StudyError, where=where, expected=expected, fits=lambda a: 0 < a < 1)
    return float(value)


def _correction(value: str, where: str) -> str:
    one_of(value, CORRECTIONS, "correction", StudyError, where=where)
    return value


def refuse_unknown_names(plan: Declaration, book: Codebook, path: Path) -> None:
    """Raise if families name outcomes or breakdowns that neither the codebook has nor `derived` names.

    Raises
    ------
    StudyError
        One, that names all of them.
    """
    known = dict.fromkeys(
        composed_value(n) for n in (*book.variables, *book.dimensions, *book.sets, *plan.derived) if isinstance(n, str)
    )
    unknown: dict[str, list[str]] = {}
    for family in plan.families:
        names = [*family.outcomes, *(v for entry in family.breakdowns for v in entry)]
        for name in names:
            if name not in known:
                unknown.setdefault(name, []).append(family.name)
    if unknown:
        families = dict.fromkeys(f for each in unknown.values() for f in each)
        raise StudyError(
            "The plan names outcomes or breakdowns that the study does not have.",
            where=f"{path}, {', '.join(f'[plan.{f}]' for f in families)}",
            got=shorten(unknown),
            expected="variables, scores and select-all questions of the codebook",
            fix=did_you_mean(unknown, known, 'add columns that the cleaning makes to derived = ["..."] of [plan]'),
        )


def restored(content: Mapping[str, Any]) -> Declaration:
    """The declaration of a stored content; see `Declaration.content`."""
    families = tuple(
        Family(
            name,
            entry["kind"],
            tuple(entry["outcomes"]),
            tuple(tuple(b) for b in entry["breakdowns"]),
            entry["correction"],
            float(entry["alpha"]),
        )
        for name, entry in content["families"].items()
    )
    choices = {name: restored_choice(choice) for name, choice in content.get("specifications", {}).items()}
    return Declaration(families, (), content["correction"], float(content["alpha"]), choices)

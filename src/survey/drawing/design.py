"""The design of a draw: what a TOML, the arguments of `sv.draw` and a log say, checked in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from survey.base.arguments import listed, one_of
from survey.base.digest import digest
from survey.base.names import composed_value
from survey.base.toml import refuse_shapes, refuse_unknown
from survey.drawing.adults import RULES
from survey.errors import DesignError

__all__ = ["DESIGN_KEYS", "HOUSEHOLD_KEYS", "DrawDesign", "HouseholdStage"]

METHODS = ("systematic", "random")
ORDERS = ("listed", "random")
_TEXTS = {"strata": "text or texts", "sort": "text or texts", "show": "text or texts", "method": "text"}
_SHAPES = {"unit": "text or texts", "size": "text", "adult": "text", "thousands": "text", "title": "words", **_TEXTS}
DESIGN_KEYS = (*_SHAPES, "n", "reserves", "seed", "households", "expect", "labels")
_HOUSEHOLD_SHAPES = {"unit": "text", "count": "text", **{k: v for k, v in _TEXTS.items() if k != "strata"}}
HOUSEHOLD_KEYS = (*_HOUSEHOLD_SHAPES, "n", "reserves")
_EXPECTED = ("units", "size")


@dataclass(frozen=True, slots=True)
class HouseholdStage:
    """The second stage: households of every unit drawn, by number or from a list.

    Parameters
    ----------
    n : int
        Households of each unit; all of a unit that has fewer.
    method : {"systematic", "random"}
    unit : str
        Column of the list that names a household within its unit, and of the sample.
    count : str
        Column of the frame with the number of households, where there is no list; the size if not given.
    sort : tuple of str or {"listed", "random"}
        Order of the list for a systematic draw; by default that of the households' names.
    reserves : int
        Of each unit.
    show : tuple of str
        Columns of the list that sheets and sample show.
    """

    n: int
    method: str = "systematic"
    unit: str = "household"
    count: str = ""
    sort: tuple[str, ...] | str = ()
    reserves: int = 0
    show: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Any, where: str = "households") -> HouseholdStage:
        """The stage from a number, or a mapping of the fields."""
        table = given if isinstance(given, Mapping) or not isinstance(given, int | float) else {"n": given}
        if not isinstance(table, Mapping):
            raise DesignError(
                "The stage of households has the wrong form.",
                where=where,
                got=repr(given)[:80],
                expected='households=15, or households={"n": 15, "reserves": 5}',
            )
        refuse_unknown(table, HOUSEHOLD_KEYS, "The design", where, DesignError)
        refuse_shapes(table, _HOUSEHOLD_SHAPES, "The design", where, DesignError)
        return cls(
            n=_whole(table, "n", where, least=1),
            method=_one_of(table.get("method", "systematic"), METHODS, "method", where),
            unit=composed_value(table.get("unit", "household")),
            count=composed_value(table.get("count", "")),
            sort=_order(table.get("sort", ())),
            reserves=_whole(table, "reserves", where, least=0),
            show=_columns(table.get("show", ())),
        )


@dataclass(frozen=True, slots=True)
class DrawDesign:
    """What is drawn, how, and from which seed: the arguments of `sv.draw`, checked.

    Parameters
    ----------
    unit, strata, show : tuple of str
        Columns of the frame.
    n : int, str or dict
        Units of each stratum: a number, a column of the frame, or a number by stratum.
    size : str
        Column of the frame; empty for equal probabilities.
    method : {"systematic", "random"}
    sort : tuple of str or {"listed", "random"}
    reserves : int
        Reserve units of each stratum.
    households : HouseholdStage or None
    adult : str
        Rule of the doorstep, or empty.
    seed : int
    expect : dict
        What the frame must hold in all: units, size.
    thousands : str
        The sign that separates thousands in the sizes of a file.
    title : str or dict
        One text, or one by language.
    labels : dict
        What sheets call columns: one text, or one by language.
    """

    unit: tuple[str, ...]
    n: int | str | dict[str, int]
    seed: int
    strata: tuple[str, ...] = ()
    size: str = ""
    method: str = "random"
    sort: tuple[str, ...] | str = ()
    reserves: int = 0
    households: HouseholdStage | None = None
    adult: str = ""
    show: tuple[str, ...] = ()
    expect: dict[str, int] = field(default_factory=dict)
    thousands: str = ""
    title: str | dict[str, str] = ""
    labels: dict[str, str | dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, Any], where: str = "draw") -> DrawDesign:
        """A design from a mapping of the fields: of a TOML, of arguments, of a log.

        Raises
        ------
        DesignError
            For an unknown key, a value of the wrong kind, or parts that do not fit together.
        """
        table = {k: v for k, v in given.items() if v is not None}
        refuse_unknown(table, DESIGN_KEYS, "The design", where, DesignError)
        refuse_shapes(table, _SHAPES, "The design", where, DesignError)
        if not listed(table.get("unit")):
            raise DesignError(
                "The design does not say which column names a unit.",
                where=where,
                got="nothing",
                expected='unit = "..."',
            )
        size = composed_value(table.get("size", ""))
        method = _one_of(table.get("method", "systematic" if size else "random"), METHODS, "method", where)
        if size and method == "random":
            raise DesignError(
                "Units of unequal probability are drawn systematically.",
                where=f"{where}, method",
                got='method = "random" with size',
                expected='method = "systematic", or no size',
                fix='for a random order of the list use sort = "random"; for equal probabilities omit size',
            )
        households = (
            None if "households" not in table else HouseholdStage.of(table["households"], f"{where}, households")
        )
        if households and not households.count:
            households = HouseholdStage(**{**_fields(households), "count": size})
        adult, title, labels = table.get("adult", ""), table.get("title", ""), table.get("labels", {})
        if not isinstance(labels, Mapping):
            raise DesignError("The design has a value of the wrong kind.", where=f"{where}, labels",
                              got=repr(labels)[:80], expected='labels = {ward = "Ward"}')  # fmt: skip
        refuse_shapes(labels, dict.fromkeys(labels, "words"), "The design", f"{where}, labels", DesignError)
        return cls(
            unit=_columns(table["unit"]),
            n=_numbers(table, where),
            seed=_whole(table, "seed", where, least=0),
            strata=_columns(table.get("strata", ())),
            size=size,
            method=method,
            sort=_order(table.get("sort", ())),
            reserves=_whole(table, "reserves", where, least=0),
            households=households,
            adult=_one_of(adult, RULES, "rule for one adult", where) if adult else "",
            show=_columns(table.get("show", ())),
            expect=_expected(table.get("expect", {}), where),
            thousands=table.get("thousands", ""),
            title=_words(title),
            labels={str(composed_value(k)): _words(v) for k, v in labels.items()},
        )

    def as_dict(self) -> dict[str, Any]:
        """The design as JSON and TOML hold it; `of` gives the same design again."""
        made = {k: v for k, v in _fields(self).items() if v not in ((), "", {}, None)}
        if self.households is not None:
            made["households"] = {k: v for k, v in _fields(self.households).items() if v not in ((), "")}
        return {k: _plain(v) for k, v in made.items()}

    def sha256(self) -> str:
        """The hash of what the design means, however it was typed."""
        return digest(self.as_dict())


def _fields(made: Any) -> dict[str, Any]:
    return {name: getattr(made, name) for name in type(made).__dataclass_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _whole(table: Mapping[str, Any], key: str, where: str, *, least: int) -> int:
    value = table.get(key, 0 if key == "reserves" else None)
    if hasattr(value, "dtype"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise DesignError(
            "The design needs a whole number.",
            where=f"{where}, {key}",
            got="nothing" if value is None else repr(value)[:80],
            expected=f"{key} = a whole number from {least}",
            fix="choose any number once, before the draw, and keep it" if key == "seed" else None,
        )
    return value


def _numbers(table: Mapping[str, Any], where: str) -> int | str | dict[str, int]:
    n = table.get("n")
    if isinstance(n, str) and n:
        return str(composed_value(n))
    if isinstance(n, Mapping) and n:
        return {str(composed_value(str(k))): _whole(n, k, f"{where}, n", least=1) for k in n}
    return _whole(table, "n", where, least=1)


def _one_of(value: Any, known: tuple[str, ...], what: str, where: str) -> str:
    one_of(value, known, what, DesignError, where=where)
    return str(value)


def _columns(names: Any) -> tuple[str, ...]:
    return tuple(composed_value(n) for n in listed(names))


def _order(given: Any) -> tuple[str, ...] | str:
    """A word for an order, or columns: a column that is called "random" is named in a list."""
    return given if isinstance(given, str) and given in ORDERS else _columns(given)


def _words(given: str | Mapping[str, str]) -> str | dict[str, str]:
    if isinstance(given, str):
        return str(composed_value(given))
    return {lang: str(composed_value(text)) for lang, text in given.items()}


def _expected(given: Any, where: str) -> dict[str, int]:
    if not isinstance(given, Mapping):
        raise DesignError("The design has a value of the wrong kind.", where=f"{where}, expect", got=repr(given)[:80],
                          expected="expect = {units = 400, size = 30000}")  # fmt: skip
    refuse_unknown(given, _EXPECTED, "The design", f"{where}, expect", DesignError)
    return {k: _whole(given, k, f"{where}, expect", least=1) for k in _EXPECTED if k in given}

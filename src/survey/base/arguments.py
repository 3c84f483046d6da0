"""Arguments of the wrong kind: one place that reads what a verb's signature asks for and says what came instead.

The annotations are the rule, so that no verb repeats it: `level: float` is a number, `by: Names | None` a name, a list
of names or nothing. `checked` looks first (figures, tables and sentences, which are drawn later, and the design);
`explained` looks when a verb has failed with one of Python's own errors, and blames an argument only if one is of the
wrong kind: a fault of ours stays what it is.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import sys
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import lru_cache, wraps
from inspect import Parameter, signature
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from survey.base.suggestions import did_you_mean, near
from survey.errors import SurveyError, shorten

__all__ = ["checked", "columns_exist", "explained", "explained_verbs", "in_range", "listed", "one_of", "outside"]

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)

_ALIASES = {
    "Names": "str | Sequence[str]",
    "Within": "str | Sequence[str]",
    "AnyPath": "str | os.PathLike[str]",
    "TargetsLike": "Targets | pd.DataFrame | Mapping",
    "Row": "int | Mapping[str, Any] | None",
    "Where": "str | Array | pd.Series | Callable | None",
    "Text": "Mapping[str, str]",
    "Data": "pd.DataFrame | Responses",
    "Stage": "SRS | PPS | FramePPS | Census",
    "Statistic": "Callable",
    "Collapse": "str | Mapping | None",
    "Iterable[str]": "Sequence[str]",
}
_SAID = {
    "str": "text",
    "float": "a number",
    "int": "a whole number",
    "bool": "True or False",
    "None": "None",
    "Mapping": "a mapping (dict)",
    "pd.DataFrame": "a DataFrame",
    "Array": "an array",
    "pd.Series": "a Series",
    "os.PathLike": "a path",
    "Callable": "a function",
    "dt.date": "a date",
}
_ROWS_OF = ("Sequence", "Iterable", "tuple", "list")
_OURS = (
    "Estimates",
    "Summary",
    "Exhibit",
    "Codebook",
    "Responses",
    "Targets",
    "Replicates",
    "Quality",
    "Sample",
    "Rule",
    "SRS",
    "PPS",
    "FramePPS",
    "Census",
    "Log",
    "Variable",
    "Margin",
    "LogEntry",
    "Source",
    "Finding",
)
_BARE = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError)


def outside() -> int:
    """How far up the code stands that is not this package's."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).split(".")[0] == "survey":
        level, frame = level + 1, frame.f_back
    return level


def one_of(
    value: Any,
    allowed: Collection[Any],
    what: str,
    error: type[SurveyError],
    *,
    where: object = None,
    fix: str | None = None,
) -> None:
    """Raise unless a value is one of the known ones.

    Parameters
    ----------
    value : object
    allowed : collection
    what : str
        What kind of thing it is: "interval for a share".
    error : type of SurveyError
    where, fix : optional
        Parts of the error.
    """
    known = list(allowed)
    if value not in known:
        raise error(
            f"An unknown {what}.",
            where=where,
            got=value,
            expected=shorten(known, 20),
            fix=did_you_mean([value], known) or fix,
        )


def listed(names: Any) -> list[Any]:
    """Names as a list: one name stands for itself, None for no name.

    Raises
    ------
    TypeError
        For a column of values (a Series) or a table of them, where its name is meant.
    """
    if isinstance(names, pd.Series | pd.DataFrame):
        raise TypeError("names are meant, not values")
    return [] if names is None else [names] if isinstance(names, str) else list(names)


def columns_exist(
    names: Iterable[Any],
    columns: Iterable[Any],
    message: str,
    error: type[SurveyError],
    *,
    where: object = None,
    fix: str = "correct the name",
) -> None:
    """Raise unless a table has the columns that are named; names that are nearly right are told.

    Parameters
    ----------
    names : iterable
    columns : iterable
        Those of the table.
    message : str
        What the error says.
    error : type of SurveyError
    where, fix : optional
        Parts of the error; a name that is near comes before `fix`.
    """
    known = list(columns)
    spelled = set(known)
    absent = [n for n in dict.fromkeys(names) if n not in spelled]
    if not absent:
        return
    fix = did_you_mean(absent, known, fix if fix != "correct the name" or not near(absent, known) else None) or fix
    raise error(message, where=where, got=shorten(map(repr, absent)), expected=shorten(known, 20), fix=fix)


def in_range(
    values: Any,
    message: str,
    error: type[SurveyError],
    *,
    expected: str,
    fits: Callable[[float], bool] = lambda _: True,
    where: object = None,
    fix: str | None = None,
) -> None:
    """Raise unless arguments are finite numbers in a range: one number, or an iterable of them.

    Parameters
    ----------
    values : float or iterable of float
    message : str
        What the error says.
    error : type of SurveyError
    expected : str
        The range in words: "above 0, below 1".
    fits : function of float to bool, optional
        Whether a finite number is in the range; it is asked for finite numbers only.
    where, fix : optional
        Parts of the error.
    """
    given = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    wrong = [v for v in given if isinstance(v, bool | str) or not (math.isfinite(v) and fits(v))]
    if wrong:
        raise error(
            message,
            where=where,
            got=shorten(repr(v) if isinstance(v, str) else v for v in wrong),
            expected=expected,
            fix=fix,
        )


def checked(error: type[SurveyError]) -> Callable[[F], F]:
    """Decorate a verb: arguments of the wrong kind raise `error` before anything is done."""

    def decorate(verb: F) -> F:
        @wraps(verb)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            _check(verb, args, kwargs, error)
            return verb(*args, **kwargs)

        return wrapped  # type: ignore[return-value]

    return decorate


def explained(error: type[SurveyError]) -> Callable[[F], F]:
    """Decorate a verb: if it fails and an argument has the wrong type, raise `error` naming the argument."""

    def decorate(verb: F) -> F:
        @wraps(verb)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            try:
                return verb(*args, **kwargs)
            except SurveyError:
                raise
            except _BARE as problem:
                _check(verb, args, kwargs, error, problem)
                raise

        return wrapped  # type: ignore[return-value]

    return decorate


def explained_verbs(error: type[SurveyError]) -> Callable[[C], C]:
    """Decorate a class: `explained` for each of its public verbs, and for making one."""

    def decorate(cls: C) -> C:
        for name, member in list(vars(cls).items()):
            if (name.startswith("_") and name != "__init__") or isinstance(member, type):
                continue
            if isinstance(member, classmethod):
                setattr(cls, name, classmethod(explained(error)(member.__func__)))
            elif callable(member):
                setattr(cls, name, explained(error)(member))
        return cls

    return decorate


def _check(
    verb: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    error: type[SurveyError],
    problem: BaseException | None = None,
) -> None:
    parameters = signature(verb)
    try:
        given = parameters.bind(*args, **kwargs).arguments
    except TypeError:
        raise _unbound(verb, args, kwargs, error) from problem
    for name, value in given.items():
        parameter = parameters.parameters[name]
        wanted = parameter.annotation
        if (
            name == "self"
            or not isinstance(wanted, str)
            or parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        ):
            continue
        if value is parameter.default or _fits(value, wanted):
            continue
        raise error(
            "An argument has the wrong type.",
            where=f"{_called(verb)}({name}=...)",
            got=_told(value),
            expected=" or ".join(dict.fromkeys(_said(part) for part in _parts(wanted))),
        ) from problem


def _unbound(
    verb: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], error: type[SurveyError]
) -> SurveyError:
    """What is wrong with arguments that do not fit a signature: one unknown, one too many, or one not there."""
    parameters = {n: p for n, p in signature(verb).parameters.items() if n != "self"}
    called = _called(verb)
    unknown = [name for name in kwargs if name not in parameters]
    if unknown:
        return error(
            "An unknown argument.",
            where=f"{called}({unknown[0]}=...)",
            got=unknown[0],
            expected=shorten(parameters, 20) or "no argument",
            fix=did_you_mean(unknown, parameters, "see help() of the verb"),
        )
    by_place = [n for n, p in parameters.items() if p.kind is not Parameter.KEYWORD_ONLY]
    required = [n for n, p in parameters.items() if p.default is Parameter.empty]
    given = args[1:] if "self" in signature(verb).parameters else args
    absent = [n for n in required if n not in kwargs and n not in by_place[: len(given)]]
    if len(given) <= len(by_place) and absent:
        wanted = parameters[absent[0]].annotation
        told = [_said(p) for p in _parts(wanted)] if isinstance(wanted, str) else ["a value"]
        none = absent[0] == "weights" and "None" in told
        return error(
            "An argument is missing.",
            where=f"{called}({absent[0]}=...)",
            got="nothing",
            expected=" or ".join(dict.fromkeys(told)),
            fix="name the column of weights, or write weights=None: every row counts once" if none else "give it",
        )
    return error(
        "Too many arguments by position, or one given twice.",
        where=f"{called}(...)",
        got=f"{len(given)} by position",
        expected=shorten(by_place) or "none",
        fix="name the others: " + shorten((f"{n}=" for n in parameters if n not in by_place[:1]), 4),
    )


def _called(verb: Callable[..., Any]) -> str:
    """What is typed to call it: an object is made under the name of its class."""
    return verb.__qualname__.split(".")[-2].removesuffix("Data") if verb.__name__ == "__init__" else verb.__name__


@lru_cache(maxsize=512)
def _parts(annotation: str) -> tuple[str, ...]:
    """The alternatives of an annotation, aliases written out: "Names | None" is text, a sequence of text, or None."""
    depth, start, found = 0, 0, []
    for i, mark in enumerate(annotation + "|"):
        depth += (mark == "[") - (mark == "]")
        if mark == "|" and depth == 0:
            found.append(annotation[start:i].strip())
            start = i + 1
    return tuple(p for part in found for p in (_parts(_ALIASES[part]) if part in _ALIASES else (part,)))


def _fits(value: Any, annotation: str) -> bool:
    return any(_is(value, part) for part in _parts(annotation))


def _is(value: Any, kind: str) -> bool:
    name, inside = re.fullmatch(r"([\w.]+)(?:\[(.*)\])?", kind, re.DOTALL).groups() if "[" in kind else (kind, "")  # type: ignore[union-attr]
    if name in _ROWS_OF:
        listed = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | pd.DataFrame)
        listed = listed and not (isinstance(value, pd.Series) and inside.startswith("str"))  # values, not names
        if name == "tuple" and "..." not in inside and isinstance(value, tuple | list | np.ndarray):
            listed = listed and len(value) == len(inside.split(","))
        element = inside.removesuffix(", ...") if name != "tuple" else _parts(inside.split(",")[0])[0]
        return listed and all(_is_element(v, element) for v in value)
    known: dict[str, Callable[[], bool]] = {
        "None": lambda: value is None,
        "str": lambda: isinstance(value, str),
        "bool": lambda: isinstance(value, bool | np.bool_),
        "int": lambda: isinstance(value, Integral) and not isinstance(value, bool),
        "float": lambda: isinstance(value, Real) and not isinstance(value, bool) and value == value,
        "Mapping": lambda: (
            isinstance(value, Mapping) and (inside != "str, str" or all(isinstance(v, str) for v in value.values()))
        ),
        "Array": lambda: isinstance(value, np.ndarray | list | tuple),
        "slice": lambda: isinstance(value, slice),
        "dt.date": lambda: isinstance(value, dt.date),
        "Callable": lambda: callable(value),
        "pd.DataFrame": lambda: isinstance(value, pd.DataFrame),
        "pd.Series": lambda: isinstance(value, pd.Series),
        "os.PathLike": lambda: isinstance(value, os.PathLike),
    }
    if name.removesuffix("Data") in _OURS:  # the state or its facade
        return name in {cls.__name__ for cls in type(value).__mro__}
    return known[name]() if name in known else True


def _is_element(value: Any, kind: str) -> bool:
    # columns may be called by whole numbers, as pandas allows; never by nothing
    if kind == "str":
        return isinstance(value, Hashable) and value is not None and not isinstance(value, float)
    return _fits(value, kind)


def _said(kind: str) -> str:
    name, _, inside = kind.partition("[")
    if name in _ROWS_OF:
        each = inside.removesuffix("]").split(",")[0]
        return {"str": "a list of names", "float": "a list of numbers"}.get(each, "a list")
    return _SAID.get(name, name.removesuffix("Data") if name != "Data" else name)


def _told(value: Any) -> str:
    """What came, by its kind; the values of a column are no one's business."""
    if value is None or isinstance(value, str | bool | Real):
        return f"{type(value).__name__}: {str(value)[:60]!r}" if isinstance(value, str) else repr(value)
    return f"a {type(value).__name__}"

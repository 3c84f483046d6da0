"""Arguments of the wrong kind: one place that reads what a verb's signature asks for and says what came instead.

The annotations are the rule, so that no verb repeats it: `level: float` is a number, `by: Names | None` a name, a list
of names or nothing. `checked` looks first (figures, tables and sentences, which are drawn later, and the design);
`explained` looks when a verb has failed with one of Python's own errors, and blames an argument only if one is of the
wrong kind: a fault of ours stays what it is. `check_fields` looks at an object that people make themselves.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from inspect import Parameter, signature
from typing import Any, TypeVar

import pandas as pd

from survey.base._annotations import described, fields_of, fits, in_words
from survey.base.suggestions import did_you_mean, near
from survey.errors import SurveyError, shorten

__all__ = [
    "check_fields",
    "checked",
    "columns_exist",
    "explained",
    "explained_verbs",
    "in_range",
    "listed",
    "one_of",
    "outside",
]

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)

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


def check_fields(
    made: Any, error: type[SurveyError], *, but: Collection[str] = (), fix: Mapping[str, str] | None = None
) -> None:
    """Raise unless each field of a dataclass holds what its annotation says: what is wrong is told where it was given.

    Parameters
    ----------
    made : dataclass instance
    error : type of SurveyError
    but : collection of str
        Fields that are checked otherwise.
    fix : mapping of field to text, optional
        What the error advises.
    """
    for name, annotation, default, plain in fields_of(type(made)):  # type: ignore[arg-type]  # a class is hashable
        value = getattr(made, name)
        if value is default or type(value) in plain or name in but or fits(value, annotation):
            continue
        raise error(
            "An argument has the wrong type.",
            where=f"{type(made).__name__.removesuffix('Data')}({name}=...)",
            got=described(value),
            expected=in_words(annotation),
            fix=None if fix is None else fix.get(name),
        )


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
        if value is parameter.default or fits(value, wanted):
            continue
        raise error(
            "An argument has the wrong type.",
            where=f"{_called(verb)}({name}=...)",
            got=described(value),
            expected=in_words(wanted),
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
        told = in_words(wanted) if isinstance(wanted, str) else "a value"
        none = absent[0] == "weights" and told.endswith("None")
        return error(
            "An argument is missing.",
            where=f"{called}({absent[0]}=...)",
            got="nothing",
            expected=told,
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

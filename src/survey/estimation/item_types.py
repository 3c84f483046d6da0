"""Items that hold text where numbers are needed, or codes of another type than those of the codebook."""

from __future__ import annotations

from typing import Any

import pandas as pd
from numpy.typing import NDArray

from survey.cleaning.numbers import how_to_number
from survey.codebook import Variable
from survey.codebook.told import describe_values
from survey.errors import EstimationError, shorten

__all__ = ["not_numeric", "refuse_other_type"]


def not_numeric(name: str, column: pd.Series, variable: Variable | None) -> EstimationError:
    """What is wrong with an item whose numbers are asked for, and the call that makes them where there is one."""
    values = column.dropna()
    others = values[pd.to_numeric(values.astype(object), errors="coerce").isna()]
    call = how_to_number(name, values.unique().tolist())
    return EstimationError(
        "An item is not numeric.",
        where=name,
        got=describe_values((others if len(others) else values).unique().tolist(), variable, column=column, limit=4),
        expected="numbers",
        fix="recode it, or use distribution or proportion(levels=...)" if call is None else _on_both(call),
    )


def refuse_other_type(name: str, answers: NDArray[Any], variable: Variable) -> None:
    """Raise if answers are texts that read like codes, "3" beside 3: each would be an answer beside its own code."""
    codes = set(variable.codes)
    pairs = [(a, c) for a in answers if a not in codes and (c := _read_as(a)) in codes]
    if not pairs:
        return
    text = isinstance(pairs[0][0], str)
    raise EstimationError(
        "The answers to an item and the codes of its codebook differ in type.",
        where=name,
        got=shorten(f"{a!r} and the code {c:g}" if text else f"{a:g} and the code {c!r}" for a, c in pairs),
        expected="numbers" if text else "text",
        fix=_on_both(f"to_number({name!r})") if text else "write the codes without quotes",
    )


def _on_both(call: str) -> str:
    return f"call responses.{call} before sv.Sample(...), or scan(...).{call}"


def _read_as(answer: Any) -> Any:
    """A code in the other type: 3 for "3", "3" for 3."""
    if not isinstance(answer, str):
        return f"{answer:g}" if isinstance(answer, int | float) else None
    try:
        return float(answer)
    except ValueError:
        return None

"""What a model predicts: the outcome in any rows of its matrix, and how that changes with the coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from survey.base.arrays import Array
from survey.calibration.logistic import logistic

__all__ = ["IDENTITY", "LOGIT", "Response"]


class Response(Protocol):
    """From a matrix (rows, columns) and coefficients to predictions, one a row or one a row and answer."""

    @property
    def answers(self) -> tuple[Any, ...]:
        """The answers that have a prediction each; empty where a row has one prediction."""
        ...

    @property
    def share(self) -> bool:
        """Whether predictions are shares, in 0-1."""
        ...

    def predicted(self, x: Array, beta: Array) -> Array:
        """Predictions: (rows, answers), or (rows, 1)."""
        ...

    def gradient(self, x: Array, beta: Array) -> Array:
        """Their derivatives: (rows, answers, coefficients)."""
        ...


@dataclass(frozen=True, slots=True)
class _Identity:
    answers: tuple[Any, ...] = ()
    share: bool = False

    def predicted(self, x: Array, beta: Array) -> Array:
        return np.asarray(x @ beta)[:, None]

    def gradient(self, x: Array, beta: Array) -> Array:
        return x[:, None, :]


@dataclass(frozen=True, slots=True)
class _Logit:
    answers: tuple[Any, ...] = ()
    share: bool = True

    def predicted(self, x: Array, beta: Array) -> Array:
        return logistic(x @ beta)[:, None]

    def gradient(self, x: Array, beta: Array) -> Array:
        p = logistic(x @ beta)
        return (x * (p * (1 - p))[:, None])[:, None, :]


IDENTITY: Response = _Identity()
"""Of a linear model."""
LOGIT: Response = _Logit()
"""Of a logistic model: the share of the outcome 1."""

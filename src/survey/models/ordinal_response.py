"""What a proportional odds model predicts: the share of each answer, or of several together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.base.arrays import Array
from survey.models.ordinal_fitting import cumulative, shares

__all__ = ["OrdinalResponse"]


@dataclass(frozen=True, slots=True)
class OrdinalResponse:
    """Shares of answers; coefficients are slopes first, thresholds last.

    Parameters
    ----------
    scale : tuple
        The answers in their order.
    answers : tuple
        What has a prediction each: the answers, or names of sums of them.
    counted : array (answers, scale)
        Which answers of the scale each is the sum of, as 0 and 1.
    """

    scale: tuple[Any, ...]
    answers: tuple[Any, ...]
    counted: Array

    share: bool = True

    @classmethod
    def of(cls, scale: tuple[Any, ...]) -> OrdinalResponse:
        """The share of each answer."""
        return cls(scale, scale, np.eye(len(scale)))

    def predicted(self, x: Array, beta: Array) -> Array:
        """Shares: (rows, answers)."""
        slopes, thresholds = self._parts(beta)
        return np.asarray(shares(x, thresholds, slopes) @ self.counted.T)

    def gradient(self, x: Array, beta: Array) -> Array:
        """Their derivatives: (rows, answers, coefficients)."""
        slopes, thresholds = self._parts(beta)
        below = cumulative(x, thresholds, slopes)
        slope = below * (1 - below)
        # a share up to a cut is the sum of answers up to it: how much each cut counts in each sum
        weight = self.counted[:, :-1] - self.counted[:, 1:]
        by_cut = slope[:, None, :] * weight[None]
        return np.concatenate([-by_cut.sum(axis=2)[:, :, None] * x[:, None, :], by_cut], axis=2)

    def _parts(self, beta: Array) -> tuple[Array, Array]:
        cuts = len(self.scale) - 1
        return beta[: len(beta) - cuts], beta[len(beta) - cuts :]

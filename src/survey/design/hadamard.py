"""Hadamard matrices for balanced repeated replication, by Sylvester's doubling and Paley's two constructions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.errors import EstimationError

__all__ = ["hadamard"]

Signs = NDArray[np.int8]


def hadamard(least: int) -> Signs:
    """The smallest matrix of order >= `least` that these constructions reach; its first column and row are ones.

    Returns
    -------
    array (order, order) of +1 and -1
        Its columns are orthogonal.

    References
    ----------
    Paley (1933), J. Math. and Physics 12. Every multiple of 4 below 92 is reached, but for 52.
    """
    order = 1 if least <= 1 else 2 if least == 2 else -(-least // 4) * 4
    while order < 4 * max(least, 1) + 8:
        found = _of_order(order)
        if found is not None:
            return _normalised(found)
        order += 4
    raise EstimationError(
        "No Hadamard matrix of this order is available.", got=least, expected="a smaller number of strata"
    )


def _of_order(order: int) -> Signs | None:
    if order in (1, 2):
        return np.array([[1]], np.int8) if order == 1 else np.array([[1, 1], [1, -1]], np.int8)
    if order % 4:
        return None
    half = _of_order(order // 2)
    if half is not None:
        return np.kron(np.array([[1, 1], [1, -1]], np.int8), half)
    if _is_prime(order - 1):
        q = order - 1
        core = _jacobsthal(q) - np.eye(q, dtype=np.int8)
        return np.block([[np.ones((1, 1)), np.ones((1, q))], [np.ones((q, 1)), core]]).astype(np.int8)
    if order % 2 == 0 and _is_prime(order // 2 - 1) and (order // 2 - 1) % 4 == 1:
        q = order // 2 - 1
        conference = np.block([[np.zeros((1, 1)), np.ones((1, q))], [np.ones((q, 1)), _jacobsthal(q)]])
        eye = np.eye(q + 1)
        block = np.kron(conference, [[1, 1], [1, -1]]) + np.kron(eye, [[1, -1], [-1, -1]])
        signs: Signs = block.astype(np.int8)
        return signs
    return None


def _jacobsthal(q: int) -> Signs:
    """Quadratic characters of the differences of residues modulo the prime q."""
    squares = np.zeros(q, np.int8) - 1
    squares[np.arange(1, q) ** 2 % q] = 1
    squares[0] = 0
    i = np.arange(q)
    residues: Signs = squares[(i[None, :] - i[:, None]) % q]
    return residues


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


def _normalised(matrix: Signs) -> Signs:
    matrix = matrix * matrix[:1]
    return matrix * matrix[:, :1]

"""Small surveys with known problems, written by hand or drawn from a known law."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey import Codebook, Responses, Variable

F5 = {i: {"vi": f"mức {i}", "en": f"level {i}"} for i in range(1, 6)}


def _book(items: int, reversed_from: int, **more: Variable) -> Codebook:
    named = [
        Variable(
            f"Q{k:02d}",
            "ordinal",
            {"vi": f"Câu {k}", "en": f"Question {k}"},
            F5,
            {-98: "dont_know"},
            direction=-1 if k >= reversed_from else 1,
            dimension="care",
        )
        for k in range(1, items + 1)
    ]
    fixed = [
        Variable("resp_id", "id", role="id"),
        Variable("interviewer_id", "text", role="paradata"),
        Variable("duration_s", "number", role="paradata"),
    ]
    return Codebook({v.name: v for v in (*fixed, *named)} | more)


@pytest.fixture
def made() -> Callable[..., Responses]:
    """Responses from a frame; Q01, Q02, ... on five points, reversed from `reversed_from` on."""

    def make(frame: pd.DataFrame, reversed_from: int = 99, **more: Variable) -> Responses:
        items = sum(c.startswith("Q") for c in frame.columns)
        return Responses(frame, _book(items, reversed_from, **more))

    return make


@pytest.fixture
def honest() -> Callable[..., pd.DataFrame]:
    """People who answer as they think: one latent opinion, shifted by `content`; interviewers at random."""

    def draw(n: int = 400, items: int = 24, teams: int = 10, content: float = 0.0, seed: int = 1) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        latent = content + rng.normal(0, 1, n)[:, None] + rng.normal(0, 1, (n, items))
        answers = 1 + np.digitize(latent, [-1.5, -0.5, 0.5, 1.5])
        frame: dict[str, Any] = {f"Q{k + 1:02d}": answers[:, k].astype(float) for k in range(items)}
        frame["resp_id"] = [f"R{i:04d}" for i in range(n)]
        frame["interviewer_id"] = [f"I{i:02d}" for i in rng.integers(0, teams, n)]
        frame["duration_s"] = np.rint(rng.lognormal(np.log(1200), 0.25, n))
        return pd.DataFrame(frame)

    return draw

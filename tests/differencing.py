"""An attack on exhibits by differencing: which hidden rows are combinations of numbers that are shown.

The attacker has the files and every digit of them, knows who is in which group, who answered which item, and the
weights; the sum of each person's weight times answer is unknown. A mean is such sums over the weights of its people, a
difference of means and the effect of a programme are combinations of them. Nothing of the package decides here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd


@dataclass
class Attack:
    """What is known of the sums of some people's answers to one item, and what is hidden.

    Parameters
    ----------
    data : DataFrame
        Who is in which group; weights in `w`.
    least : int
        Answers below which a result is not shown.
    """

    data: pd.DataFrame
    least: int = 30
    known: list[Any] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    small: dict[bytes, Any] = field(default_factory=dict)

    def people(self, item: str, groups: dict[str, Any], where: str | None = None) -> Any:
        """Who is behind a row, as true and false."""
        own = self.data[item].notna().to_numpy()
        own = own if where is None else own & self.data.eval(where).to_numpy(bool)
        for column, value in groups.items():
            own = own & (self.data[column] == value).to_numpy()
        return own

    def mean_of(self, own: Any) -> Any:
        """The mean of some people, as weights of their sums."""
        return own / (self.data["w"].to_numpy() * own).sum()

    def know(self, row: Any, value: float) -> None:
        """A combination of sums is shown."""
        size = np.abs(row).max()
        self.known.append(row / size)
        self.told.append(value / size)

    def rows(self, frame: pd.DataFrame, by: Iterable[str], where: str | None = None) -> None:
        """Means or totals of groups, as a CSV has them: shown, hidden as too few, or hidden with others."""
        by = [c for c in by if c in frame]
        for row in frame.to_dict("records"):
            own = self.people(row["item"], {c: row[c] for c in by}, where)
            self.row(own, row["estimate"])

    def row(self, own: Any, estimate: float) -> None:
        """A mean, shown or not."""
        if pd.notna(estimate):
            assert own.sum() >= self.least
            self.know(self.mean_of(own), estimate)
        elif 0 < own.sum() < self.least:
            self.small[own.tobytes()] = own

    def found(self) -> list[Any]:
        """The hidden sets of people whose sums follow."""
        if not self.known or not self.small:
            return []
        asked = np.array(list(self.small.values()), float)
        whole = np.unique(np.vstack([self.known, asked]), axis=1)
        base, wanted = whole[: len(self.known)], whole[len(self.known) :]
        use = np.linalg.lstsq(base.T, wanted.T, rcond=1e-11)[0]
        follows = np.abs(base.T @ use - wanted.T).max(axis=0) < 1e-7
        return [own for own, at in zip(self.small.values(), follows, strict=True) if at]

    def value(self, own: Any) -> float:
        """The mean that the attacker finds for some people, from the numbers shown."""
        use = np.linalg.lstsq(np.array(self.known).T, self.mean_of(own), rcond=1e-11)[0]
        return float(use @ np.array(self.told))

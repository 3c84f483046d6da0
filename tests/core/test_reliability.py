"""Shares judged by the standard of NCHS: the interval against R and by hand, each rule at its edge."""

from __future__ import annotations

import numpy as np
import pytest

from survey.core.reliability import korn_graubard, nchs

# R 4 survey, apiclus1: svyciprop(~I(stype == "H"), method = "beta"), "E", and awards == "Yes"; SE(svymean), degf
R_API = [
    # share, std_error, df, n, low, high, effective n
    (0.0765027322404372, 0.0268102190507708, 14, 183, 0.0296381062071703, 0.156022548788452, 98.2905660377359),
    (0.7868852459016393, 0.0463365536499119, 14, 183, 0.6687850808430584, 0.878053063673316, 78.1047525745618),
    (0.7103825136612022, 0.0330182995537189, 14, 183, 0.6334368390614713, 0.779338536178300, 188.7155277262421),
]


def columns(*rows: tuple[float, ...]) -> list[np.ndarray]:
    return [np.array(column, dtype=float) for column in zip(*rows, strict=True)]


def test_the_interval_is_that_of_r() -> None:
    share, error, df, n, low, high, effective = columns(*R_API)
    found = korn_graubard(share, error, df, n)
    for ours, theirs in zip(found, (low, high, effective), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-8)


def test_a_share_of_none_has_the_interval_of_its_answers() -> None:
    """By hand: nobody of 30 gives 1 - 0.025^(1/30) = 0.1157 above (Clopper & Pearson 1934), everybody its mirror."""
    low, high, effective = korn_graubard(*columns((0, 0, 20, 30), (1, 0, 20, 30)))
    top = 1 - 0.025 ** (1 / 30)
    assert [*low, *high] == pytest.approx([0, 1 - top, top, 1])
    assert effective.tolist() == [30, 30]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((*R_API[0][:4],), "relative"),  # 0.156 - 0.030 = 0.126, 165% of 0.077
        ((*R_API[1][:4],), ""),  # 0.209, 27% of 0.787; 98% of 0.213
        ((0.5, 0.5 / 29**0.5, 100, 200), "n"),  # 29 effective answers
        ((0.5, 0.05, 100, 29), "n"),
        ((0.5, 0.5 / 30**0.5, 100, 200), "wide"),  # 30 are enough; its interval is 0.37 wide
        ((0.01, 0.0045, 200, 2000), ""),  # 0.02 wide, nearly twice the share: narrow enough whatever it is
        ((0.97, 0.013, 200, 200), "complement"),
        ((0.5, 0.03, 7, 400), "df"),
        ((0.5, 0.03, 8, 400), ""),
        ((0.0, 0.0, 50, 100), "end"),
        ((0.0, 0.0, 50, 10), "n"),
        ((0.4, 0.0, 50, 40), ""),  # known without error: everyone was asked
        ((float("nan"), float("nan"), 50, 40), ""),
    ],
)
def test_each_rule(row: tuple[float, ...], reason: str) -> None:
    """Parker et al. (2017): effective n below 30; width 0.30, 0.05, 130%; review of df below 8 and of 0 or 1."""
    assert nchs(*columns(row)).tolist() == [reason]

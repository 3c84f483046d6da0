"""The wild bootstrap of an effect: every combination of weights by hand, and wildboottest's numbers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import survey as sv
from compare.wards import ASKED, city, effect, sample

EIGHT = {"A": 9.0, "B": 7.0, "C": 1.0, "D": 0.0, "E": 2.0, "F": -1.0, "G": 3.5, "H": 0.5}
CLOSE = {"A": 3.0, "B": 7.0, "C": 1.0, "D": 0.0, "E": 5.0, "F": -1.0, "G": 6.5, "H": 0.5}


@pytest.mark.parametrize(
    ("changes", "null", "t", "p"),
    [
        (CLOSE, True, 1.4380838314865299, 0.234375),
        (CLOSE, False, 1.4380838314865299, 0.2890625),
    ],
)
def test_all_rademacher_weights_give_the_p_of_wildboottest(
    changes: dict[str, float], null: bool, t: float, p: float
) -> None:
    """wildboottest 0.3.2 (Python), bootstrap_type "11", all 2^8 samples, on the changes of eight wards."""
    row = effect(changes, "AB").wild_bootstrap(weights="rademacher", null=null).table.iloc[0]
    assert row["statistic"] == pytest.approx(t, rel=1e-9)
    assert row["p_value"] == pytest.approx(p)
    assert row["draws"] == 2**8


def test_samples_that_tie_with_the_one_seen_count() -> None:
    """Of 256, 2 have a larger t (wildboottest: p = 2/256) and 4 the same, the one seen among them: p = 6/256."""
    row = effect(EIGHT, "AB").wild_bootstrap(weights="rademacher").table.iloc[0]
    assert row["statistic"] == pytest.approx(6.586125505965391, rel=1e-9)
    assert row["p_value"] == pytest.approx(6 / 256)


def t_of(y: np.ndarray, x: np.ndarray, centre: float = 0.0) -> float:
    """The t of the last coefficient, HC1, by least squares."""
    b, *_ = np.linalg.lstsq(x, y, rcond=None)
    left, bread = y - x @ b, np.linalg.inv(x.T @ x)
    meat = (x * left[:, None] ** 2).T @ x * len(y) / (len(y) - x.shape[1])
    return float((b[-1] - centre) / np.sqrt((bread @ meat @ bread)[-1, -1]))


@pytest.mark.parametrize("null", [True, False])
@pytest.mark.slow
def test_every_combination_of_webb_weights_by_hand(null: bool) -> None:
    """Webb's weights are the roots of 1/2, 1 and 3/2, with both signs: 6^5 combinations for five wards."""
    changes = np.array([6.0, 2.0, 1.0, -1.0, 0.5])
    x = np.column_stack([np.ones(5), np.arange(5) < 2])
    six = [s * np.sqrt(v) for s in (-1, 1) for v in (0.5, 1.0, 1.5)]
    fitted = np.full(5, changes.mean()) if null else x @ np.linalg.lstsq(x, changes, rcond=None)[0]
    centre = 0.0 if null else changes[:2].mean() - changes[2:].mean()
    own = abs(t_of(changes, x))
    large = sum(
        abs(t_of(fitted + (changes - fitted) * v, x, centre)) >= own - 1e-9
        for v in map(np.array, product(six, repeat=5))
    )
    row = effect(dict(zip("ABCDE", changes, strict=True)), "AB").wild_bootstrap(null=null).table.iloc[0]
    assert row["draws"] == 6**5
    assert row["statistic"] == pytest.approx(t_of(changes, x))
    assert row["p_value"] == pytest.approx(large / 6**5, abs=1e-12)


def test_random_weights_come_near_all_of_them_and_depend_on_the_seed() -> None:
    e = effect(CLOSE, "AB")
    one, same, other = (e.wild_bootstrap(9_999, seed=k).table["p_value"].item() for k in (1, 1, 2))
    assert one == same != other
    assert abs(one - other) < 0.03


def test_strata_stand_in_the_regression() -> None:
    """The estimate is that of change ~ stratum + treated; in pairs the mean of their differences."""
    changes = {"A": 9.0, "B": 1.0, "C": 5.0, "D": 4.0, "E": 3.0, "F": 3.5}
    frame = city(changes).assign(pair=lambda d: d["ward"].map({"A": 1, "B": 1, "C": 2, "D": 2, "E": 3, "F": 3}))
    e = sample(frame).effect("y", "ward in ['A', 'C', 'E']", **ASKED, within="pair")
    row = e.wild_bootstrap().table.iloc[0]
    assert row["estimate"] == pytest.approx((8 + 1 - 0.5) / 3) == pytest.approx(e.table["estimate"].item())


def test_too_few_units_unknown_weights_and_results_without_units_are_refused() -> None:
    with pytest.raises(sv.EstimationError, match="too few units"):
        effect({"A": 1.0, "B": 2.0, "C": 0.0}, "A").wild_bootstrap()
    with pytest.raises(sv.EstimationError, match="kind of weights"):
        effect(CLOSE, "AB").wild_bootstrap(weights="mammen")
    with pytest.raises(sv.EstimationError, match="draws"):
        effect(CLOSE, "AB").wild_bootstrap(5)


def test_the_result_is_shown_with_its_limit_in_both_languages() -> None:
    w = effect(CLOSE, "AB", people=40).wild_bootstrap()
    assert "the permutation test decides" in w.to_text("en") and "kiểm định hoán vị" in w.to_text("vi")
    table = sv.tables.table(w, lang="vi")
    assert "wild bootstrap" in table.title.lower()

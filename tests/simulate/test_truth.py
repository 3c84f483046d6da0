"""The pipeline finds what is true in the simulated city, within its own confidence intervals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.simulate import NO_EFFECT, World, build, planted, scores, truth, write_world

SCORES = ["friendliness", "transparency", "efficiency"]
ITEMS = [*SCORES, "OV01", "OV02", "FR10", "TR06", "EF04"]
USERS = "contact12 == 1"
GROUPS = ["pilot_tier", "wave"]
SEEDS = (1, 2, 3, 4, 5, 6)


class Found(NamedTuple):
    estimates: sv.Estimates
    """By item, tier and wave, among people who used the ward office."""
    overall: pd.DataFrame
    """By wave, raked, with the plain mean and the truth beside it."""
    true: pd.Series
    """Population values in the order of the estimates."""

    def did(self, item: str) -> tuple[float, float, float]:
        """Provincial pilot against no pilot, follow-up against baseline: estimate, its standard error, truth."""
        t = self.estimates.table
        signs = {(2, 2): 1, (2, 1): -1, (0, 2): -1, (0, 1): 1}
        line = np.array([signs.get((p, w), 0) for p, w in zip(t["pilot_tier"], t["wave"], strict=True)])
        line = line * (t["item"] == item).to_numpy()
        assert np.abs(line).sum() == 4
        error = float(np.sqrt(line @ self.estimates.covariance @ line))
        return float(line @ t["estimate"]), error, float(line @ self.true)


def _find(world: World, folder: Path, raked: Callable[[Path], sv.Sample]) -> Found:
    sample = raked(folder)
    true = world.truth(GROUPS, where=f"resp_type == 1 and {USERS}")
    estimates = sample.mean(ITEMS, by=GROUPS, where=USERS)
    lined = estimates.table[["item", *GROUPS]].merge(true, how="left", validate="one_to_one")
    overall = sample.mean(SCORES, by=["wave"], where=USERS).table
    users = sample.data[sample.data["contact12"] == 1]
    plain = users.groupby("wave")[SCORES].mean().stack().rename("plain").rename_axis(["wave", "item"]).reset_index()
    overall = overall.merge(plain).merge(world.truth(["wave"], where=f"resp_type == 1 and {USERS}"))
    return Found(estimates, overall, lined["value"])


@pytest.fixture(scope="module")
def found(raked: Callable[[Path], sv.Sample], tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    several = []
    for seed in SEEDS:
        world, folder = build(seed), tmp_path_factory.mktemp(f"seed{seed}")
        write_world(folder, world)
        several.append(_find(world, folder, raked))
    return several


@pytest.fixture(scope="module")
def shipped(world: World, raw: Path, raked: Callable[[Path], sv.Sample]) -> Found:
    return _find(world, raw, raked)


@pytest.mark.slow
def test_scores_by_hand(world: World) -> None:
    """Three people on paper: points, turned items, and the rule of two thirds."""
    names = world.codebook.items("friendliness")
    answers = pd.DataFrame(np.nan, index=range(3), columns=[n for d in SCORES for n in world.codebook.items(d)])
    # 7 of 10 answered: 5 -> 100, 3 -> 50, 3 -> 50, 1 -> 0, 4 -> 75; reversed 1 -> 100, 5 -> 0; 375 / 7 = 53.571...
    answers.loc[0, list(names)] = [5, 3, 3, 1, -98, 4, 1, 5, -99, -97]
    # 6 of 10 answered: too few
    answers.loc[1, list(names)] = [5, 3, 3, 1, -98, 4, 1, -98, -99, -97]
    # 6 answered of 9 that apply: exactly two thirds; 100 + 50 + 50 + 0 + 75 + 100 = 375, / 6 = 62.5
    answers.loc[2, list(names)] = [5, 3, 3, 1, -96, 4, 1, -98, -99, -97]
    result = scores(answers, world.codebook)
    assert result["friendliness"].tolist() == pytest.approx([375 / 7, np.nan, 62.5], nan_ok=True)
    assert result[["transparency", "efficiency"]].isna().all(axis=None)


@pytest.mark.parametrize("kind", ["residents", "businesses"])
@pytest.mark.slow
def test_two_ways_to_score_agree(world: World, raw: Path, cleaned: Callable[..., sv.Responses], kind: str) -> None:
    """`Responses.score` and the generator's own scores were written apart."""
    clean = cleaned(raw, kind).data.set_index("resp_id")
    rows = pd.concat([world.files[kind, wave] for wave in (1, 2)]).drop_duplicates().set_index("resp_id")
    ours = scores(rows, world.codebook).loc[clean.index]
    pd.testing.assert_frame_equal(clean[SCORES], ours, check_exact=False, rtol=0, atol=1e-9)


@pytest.mark.slow
def test_the_pilot_does_what_was_set(world: World) -> None:
    """The same people with and without the pilot: about 8, 4 and exactly 0 points, half of it in the district pilot."""
    where = f"resp_type == 1 and {USERS} and wave == 2"
    without = build(world.seed, NO_EFFECT).truth(["pilot_tier"], where).set_index(["item", "pilot_tier"])["value"]
    change = world.truth(["pilot_tier"], where).set_index(["item", "pilot_tier"])["value"] - without
    assert change["friendliness", 2] == pytest.approx(8, abs=0.5)
    assert change["transparency", 2] == pytest.approx(4, abs=0.5)
    assert (change["efficiency"] == 0).all()
    assert (change.xs(0, level="pilot_tier") == 0).all()
    for item in ("friendliness", "transparency", "OV01"):
        assert 0.4 < change[item, 1] / change[item, 2] < 0.62
    assert change["OV01", 2] > 0.2 and change["OV02", 2] > 0.5


@pytest.mark.slow
def test_the_baseline_knows_nothing_of_the_pilot(world: World) -> None:
    without = build(world.seed, NO_EFFECT).truth(["ward_legacy_code"], "resp_type == 1 and wave == 1")
    pd.testing.assert_frame_equal(without, world.truth(["ward_legacy_code"], "resp_type == 1 and wave == 1"))


def test_items_of_a_dimension_hang_together(world: World) -> None:
    """Cronbach's alpha of about 0.8 over the items that everyone who used the office can answer."""
    users = world.census[(world.census["resp_type"] == 1) & (world.census["contact12"] == 1)]
    rare = {"FR03", "FR05", "TR04", "EF09", "EF10"}
    for dimension in SCORES:
        names = [n for n in world.codebook.items(dimension) if n not in rare]
        values = users[names].where(users[names] >= 0).dropna()
        values = values * [world.codebook[n].direction / max(world.codebook[n].codes) for n in names]
        covariance = values.cov().to_numpy()
        alpha = len(names) / (len(names) - 1) * (1 - np.trace(covariance) / covariance.sum())
        assert 0.75 < alpha < 0.87, dimension


@pytest.mark.slow
def test_truth_and_planted_answer_by_seed_alone() -> None:
    table = truth(3, by=["wave"], where="resp_type == 2")
    assert list(table.columns) == ["item", "wave", "value", "people"]
    assert "TR06" not in set(table.loc[table["people"] > 0, "item"])  # not on the business form
    assert planted(3) == build(3).planted


@pytest.mark.slow
def test_intervals_cover_the_truth_about_as_often_as_they_say(found: list[Found]) -> None:
    """288 intervals of 95 %; those of one sample hang together, so six samples tell no more than 90 to 99 %."""
    inside, off = [], []
    for f in found:
        t = f.estimates.table
        inside.append((t["conf_low"] <= f.true) & (f.true <= t["conf_high"]))
        off.append((t["estimate"] - f.true) / t["std_error"])
    assert 0.90 <= np.mean(np.concatenate(inside)) <= 0.99
    # and the misses are of the size that the standard errors say: neither 20 % too small nor too large
    assert 0.83 < np.sqrt(np.mean(np.concatenate(off) ** 2)) < 1.25


@pytest.mark.slow
def test_differences_in_differences_lie_about_the_truth(found: list[Found]) -> None:
    for item in SCORES:
        off = [(estimate - true) / error for estimate, error, true in (f.did(item) for f in found)]
        assert abs(np.mean(off)) < 3 / np.sqrt(len(off)) and np.max(np.abs(off)) < 3.5


@pytest.mark.slow
def test_raking_mends_what_non_response_bends(found: list[Found]) -> None:
    """The old and women answer more often and are kinder: plain means are too high, raked ones are not."""
    overall = pd.concat([f.overall for f in found])
    plain, raked = overall["plain"] - overall["value"], overall["estimate"] - overall["value"]
    assert plain.mean() > 0.4
    assert abs(raked.mean()) < 0.5 * plain.mean()


def test_shipped_sample_shows_what_is_true(shipped: Found) -> None:
    t = shipped.estimates.table
    inside = (t["conf_low"] <= shipped.true) & (shipped.true <= t["conf_high"])
    assert inside.mean() > 0.9
    for item in SCORES:
        estimate, error, true = shipped.did(item)
        assert abs(estimate - true) < 1.96 * error, item
    estimate, error, true = shipped.did("friendliness")
    assert estimate / error > 3 and true == pytest.approx(8, abs=1.5)
    estimate, error, true = shipped.did("transparency")
    assert 0 < estimate < shipped.did("friendliness")[0]
    estimate, error, true = shipped.did("efficiency")
    assert abs(estimate) < 1.96 * error and abs(true) < 1


def test_businesses_are_about_the_truth_too(world: World, raw: Path, cleaned: Callable[..., sv.Responses]) -> None:
    sample = sv.Sample(cleaned(raw, "businesses"), weights="w_design", strata="stratum", fpc="list_size")
    estimates = sample.mean([*SCORES, "OV01"], by=["wave"], where=USERS).table
    both = estimates.merge(world.truth(["wave"], where=f"resp_type == 2 and {USERS}"))
    assert len(both) == 8
    assert (((both["estimate"] - both["value"]) / both["std_error"]).abs() < 2.8).all()

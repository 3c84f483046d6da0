"""Replicate weights made by us: against R, against leaving clusters out by hand, and against all possible resamples."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from math import factorial, prod
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
_R = json.loads((REFERENCE / "statistics" / "statistics.json").read_text(encoding="utf-8"))["results"]
R = {r["id"].removeprefix("made/"): r for r in _R if r["id"].startswith("made/")}
VERBS: dict[str, Callable[[sv.Sample], sv.Estimates]] = {
    "mean": lambda s: s.mean("q1"),
    "total": lambda s: s.total("trips"),
    "ratio": lambda s: s.ratio("minutes", "trips", where="sex == 1"),
    "mean_by_age": lambda s: s.mean("q1", by="age"),
    "total_by_ward_business": lambda s: s.total("trips", by="ward", where="kind == 'business'"),
    "distribution": lambda s: s.distribution("q2"),
    "covariance": lambda s: s.covariance(["q1", "minutes"]),
    "quantile": lambda s: s.quantile("minutes"),
}
LINEAR: dict[str, Callable[[sv.Sample], sv.Estimates]] = {
    "total": lambda s: s.total(["trips", "minutes", "one"]),
    "by group": lambda s: s.total("q1", by="ward"),
    "domain": lambda s: s.total("trips", by="sex", where="kind == 'business'"),
}


def sample(rows: pd.DataFrame, design: str = "strat_clus", **more: Any) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS[design], **more)


def pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """The first two clusters of every stratum."""
    return rows[rows["psu"] <= 2]


def made(rows: pd.DataFrame, name: str, mse: bool = True) -> sv.Sample:
    """Each method on a design that suits it."""
    if name == "JK1":
        return sample(rows, "clus_only").replicates("JK1", mse=mse)
    if name == "JK1 elements":
        return sample(rows, "unequal").replicates("JK1", mse=mse)
    if name == "JKn elements":
        return sample(rows, "element").replicates("JKn", mse=mse)
    if name == "JKn":
        return sample(rows).replicates("JKn", mse=mse)
    return sample(pairs(rows)).replicates(name, rho=0.3, mse=mse)


METHODS = ["JK1", "JKn", "JK1 elements", "JKn elements", "BRR", "Fay"]


# --- against R --------------------------------------------------------------------------------------------------------


@pytest.mark.crossed
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("mse", [False, True], ids=["around the mean", "around the estimate"])
@pytest.mark.parametrize("name", METHODS)
def test_replicates_of_a_design_are_those_of_r(rows: pd.DataFrame, name: str, mse: bool, verb: str) -> None:
    """as.svrepdesign; for BRR and Fay with the same Hadamard matrix, so also beyond linear statistics."""
    e, expected = VERBS[verb](made(rows, name, mse)), R[f"{name}/{'mse' if mse else 'mean'}/{verb}"]
    np.testing.assert_allclose(e.table["estimate"], expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(e.table["std_error"], expected["se"], rtol=1e-8)
    if "vcov" in expected:
        np.testing.assert_allclose(e.covariance.ravel(), expected["vcov"], rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("name", METHODS)
def test_degrees_of_freedom_are_those_of_r(rows: pd.DataFrame, name: str) -> None:
    """R counts the rank of the replicates; for these methods it is clusters minus strata (BRR: strata)."""
    assert made(rows, name).mean("q1").table["df"][0] == R[f"{name}/mse/df"]["estimate"]


# --- by hand ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", ["strat_clus", "clus_only", "element", "unequal"])
@pytest.mark.sampled
def test_the_jackknife_leaves_one_cluster_out_at_a_time(rows: pd.DataFrame, design: str) -> None:
    """Rows dropped and weights raised by hand; var = sum over strata of (n_h - 1) / n_h * sum (theta_-i - theta)^2."""
    strata = rows["stratum"] if "strata" in DESIGNS[design] else pd.Series("all", index=rows.index)
    clusters = rows["cluster"] if "psu" in DESIGNS[design] else rows["rid"]

    def statistic(w: pd.Series) -> np.ndarray:
        valid = (w > 0) & rows["minutes"].notna()
        ratio = (w * rows["minutes"])[valid].sum() / (w * rows["trips"])[valid].sum()
        women = valid & (rows["sex"] == 1)
        return np.array([ratio, np.average(rows.loc[women, "minutes"], weights=w[women])])

    full, variance = statistic(rows["w"]), np.zeros(2)
    for stratum in strata.unique():
        inside = clusters[strata == stratum].unique()
        n = len(inside)
        for cluster in inside:
            factor = np.where(strata == stratum, n / (n - 1), 1.0) * (clusters != cluster)
            variance += (n - 1) / n * (statistic(rows["w"] * factor) - full) ** 2
    s = sample(rows, design).replicates("jackknife")
    got = [s.ratio("minutes", "trips").table["std_error"][0], s.mean("minutes", by="sex").table["std_error"][1]]
    np.testing.assert_allclose(got, np.sqrt(variance), rtol=1e-9)


def test_leaving_one_person_out_gives_the_textbook_standard_error(rows: pd.DataFrame) -> None:
    """For a mean of equal weights the jackknife is exact: s / sqrt(n) (Wolter 2007, section 4.2)."""
    row = sv.Sample(rows, weights=None).replicates("jackknife").mean("trips").table.iloc[0]
    assert row["std_error"] == pytest.approx(rows["trips"].std() / np.sqrt(len(rows)), rel=1e-10)
    assert row["df"] == len(rows) - 1


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("linear", LINEAR)
def test_balanced_halves_are_exact_for_totals(rows: pd.DataFrame, linear: str, rho: float) -> None:
    """Full orthogonal balance: the variance of a total is that of Taylor, sum of (z1 - z2)^2 (Wolter 2007, ch. 3)."""
    s = sample(pairs(rows))
    same(LINEAR[linear](s.replicates("Fay", rho=rho)), LINEAR[linear](s))


def same(got: sv.Estimates, expected: sv.Estimates, rtol: float = 1e-9) -> None:
    np.testing.assert_allclose(got.table["estimate"], expected.table["estimate"], rtol=rtol)
    scale = np.diag(expected.covariance).max()
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=rtol, atol=1e-12 * scale)
    np.testing.assert_allclose(got.table["std_error"], expected.table["std_error"], rtol=rtol)


@pytest.mark.crossed
@pytest.mark.parametrize("linear", LINEAR)
@pytest.mark.parametrize("mse", [False, True])
@pytest.mark.parametrize("design", ["strat_clus", "clus_only", "element", "unequal"])
def test_the_jackknife_of_a_total_is_taylor(rows: pd.DataFrame, design: str, mse: bool, linear: str) -> None:
    s = sample(rows, design)
    same(LINEAR[linear](s.replicates("jackknife", mse=mse)), LINEAR[linear](s))


def test_deviations_from_the_estimate_are_no_smaller_than_from_the_mean(rows: pd.DataFrame) -> None:
    s = sample(rows)
    around = [
        s.replicates("bootstrap", n=40, seed=1, mse=mse).mean("q1").table["std_error"][0] for mse in (False, True)
    ]
    assert around[0] < around[1]


# --- the bootstrap over all resamples ---------------------------------------------------------------------------------


def resamples(n: int) -> Iterator[tuple[tuple[int, ...], float]]:
    """How often each of n clusters is drawn in n - 1 draws with replacement, and how likely that is."""
    for drawn in product(range(n), repeat=n):
        if sum(drawn) == n - 1:
            yield drawn, factorial(n - 1) / prod(factorial(d) for d in drawn) / n ** (n - 1)


def small(fpc: bool) -> sv.Sample:
    """Three strata of 2, 3 and 4 clusters, of populations of 3, 9 and 8; seven people in all but the first."""
    rng = np.random.default_rng(4)
    parts = []
    for h, (n, population) in enumerate([(2, 3), (3, 9), (4, 8)]):
        cluster = np.repeat(np.arange(n), 7)
        parts.append(pd.DataFrame({"h": h, "c": cluster + 10 * h, "N": population, "w": rng.uniform(1, 4, 7 * n)}))
    frame = pd.concat(parts, ignore_index=True)
    frame["y"] = rng.normal(5, 2, len(frame)) + frame["c"]
    return sv.Sample(frame, weights="w", strata="h", psu="c", fpc="N" if fpc else None)


@pytest.mark.parametrize(("method", "fpc"), [("bootstrap", False), ("rwyb", False), ("rwyb", True)])
def test_over_all_resamples_the_variance_of_a_total_is_exactly_taylors(method: str, fpc: bool) -> None:
    """Rao & Wu (1988), Rao, Wu & Yue (1992): rescaled, the expectation over the bootstrap is the textbook variance.

    Multipliers are read back as numbers of draws; every resample must occur, as often as it should, and their exact
    expectation must be Taylor's variance.
    """
    s, replicates = small(fpc), 8000
    spec = s.replicates(method, n=replicates, seed=11).design.replicates
    assert spec is not None
    multipliers = spec.multipliers
    assert multipliers is not None
    totals = (s.data["w"] * s.data["y"]).groupby(s.data["c"]).sum()
    variance = 0.0
    for h, population in [(0, 3), (1, 9), (2, 8)]:
        clusters = (totals.index // 10 == h).nonzero()[0]
        n, z = len(clusters), totals.to_numpy()[clusters]
        root = np.sqrt(1 - n / population) if fpc else 1.0
        drawn = ((multipliers[clusters] - 1 + root) / root * (n - 1) / n).T
        np.testing.assert_allclose(drawn, drawn.round(), atol=1e-9)
        seen = Counter(map(tuple, drawn.round().astype(int).tolist()))
        possible = dict(resamples(n))
        assert set(seen) == set(possible)
        for draw, p in possible.items():
            # five standard deviations of a binomial share: one failure in two million, and the seed is fixed
            assert abs(seen[draw] / replicates - p) < 5 * np.sqrt(p * (1 - p) / replicates)
            factor = 1 - root + root * n / (n - 1) * np.array(draw)
            variance += p * (factor @ z - z.sum()) ** 2
    assert np.sqrt(variance) == pytest.approx(s.total("y").table["std_error"][0], rel=1e-12)


def two_stages(census: bool = False) -> sv.Sample:
    """Two strata of 3 clusters (of 4 and 6, or all), in each 3 households (of 6 to 11) of one to three people."""
    rng = np.random.default_rng(1)
    rows = []
    for h, population in enumerate([3, 3] if census else [4, 6]):
        for c in range(3):
            households = int(rng.integers(6, 12))
            for u in range(3):
                level = rng.normal(10 + 2 * h + c, 3)
                for _ in range(int(rng.integers(1, 4))):
                    rows.append(
                        (h, f"{h}{c}", f"{h}{c}{u}", population, households, population / 3 * households / 3, level)
                    )
    frame = pd.DataFrame(rows, columns=["h", "c", "u", "N", "M", "w", "y"])
    return sv.Sample(frame, weights="w", strata="h", psu=["c", "u"], fpc=["N", "M"])


@pytest.mark.parametrize("census", [False, True], ids=["sample of clusters", "census of clusters"])
def test_the_bootstrap_of_two_stages_expects_taylors_variance(census: bool) -> None:
    """Within five standard deviations of a mean of B squares, relative sqrt((kurtosis - 1) / B)."""
    s, replicates = two_stages(census), 20_000
    spec = s.replicates("rwyb", n=replicates, seed=5).design.replicates
    assert spec is not None
    assert spec.multipliers is not None
    taylor = s.total("y").table["std_error"][0] ** 2
    household = s.data["u"].astype("category").cat.codes.to_numpy()
    totals = np.bincount(household, s.weights * s.data["y"]) @ spec.multipliers
    deviations = totals - s.total("y").table["estimate"][0]
    kurtosis = np.mean(deviations**4) / np.mean(deviations**2) ** 2
    within = 5 * np.sqrt((kurtosis - 1) / replicates)
    assert within < 0.06
    assert s.replicates("rwyb", n=replicates, seed=5).total("y").table["std_error"][0] ** 2 == pytest.approx(
        taylor, rel=within
    )
    # the second stage is far more than the tolerance, so a bootstrap of the first alone would fail
    first = sv.Sample(s.data, weights="w", strata="h", psu="c", fpc="N").total("y").table["std_error"][0] ** 2
    assert first < (1 - 2 * within) * taylor


@pytest.mark.parametrize("census", [False, True])
def test_no_multiplier_is_negative_and_all_expect_one(census: bool) -> None:
    """A negative weight has no quantile, and shares beyond 0 and 1 (Beaumont & Emond 2022)."""
    spec = two_stages(census).replicates("rwyb", n=5000, seed=2).design.replicates
    assert spec is not None
    assert spec.multipliers is not None
    assert spec.multipliers.min() >= 0
    np.testing.assert_allclose(spec.multipliers.mean(axis=1), 1, atol=5 / np.sqrt(5000))


@pytest.mark.parametrize("method", ["bootstrap", "rwyb"])
@pytest.mark.parametrize("design", ["strat_clus", "element"])
def test_the_bootstrap_of_totals_agrees_with_taylor(rows: pd.DataFrame, design: str, method: str) -> None:
    """2,000 replicates of nearly normal totals: a variance has relative error sqrt(2 / 2000) = 3 %; four of them."""
    s = sample(rows, design)
    got = s.replicates(method, n=2000, seed=7).total(["trips", "one"]).table["std_error"] ** 2
    np.testing.assert_allclose(got, s.total(["trips", "one"]).table["std_error"] ** 2, rtol=4 * np.sqrt(2 / 2000))


def test_a_finite_population_makes_the_bootstrap_smaller(rows: pd.DataFrame) -> None:
    s = sample(rows, "strat_clus_fpc")
    finite = s.replicates("rwyb", n=2000, seed=7).total("trips").table["std_error"][0] ** 2
    assert finite == pytest.approx(s.total("trips").table["std_error"][0] ** 2, rel=4 * np.sqrt(2 / 2000))
    assert finite < 0.9 * sample(rows).total("trips").table["std_error"][0] ** 2


def test_a_stratum_taken_whole_does_not_vary() -> None:
    frame = pd.DataFrame({"h": [0, 0, 1, 1, 1], "N": [2, 2, 9, 9, 9], "w": [1, 1, 3, 3, 3], "y": [5.0, 50, 1, 2, 4]})
    s = sv.Sample(frame, weights="w", strata="h", fpc="N").replicates("rwyb", n=50, seed=1)
    assert s.total("y", where="h == 0").table["std_error"][0] < 1e-12
    assert s.total("y", where="h == 1").table["std_error"][0] > 1


# --- random numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["bootstrap", "rwyb"])
def test_a_seed_brings_the_same_replicates_back(rows: pd.DataFrame, method: str) -> None:
    def run(seed: int | None) -> float:
        return sample(rows).replicates(method, n=30, seed=seed).mean("q1").table["std_error"][0]

    assert run(1) == run(1)
    assert len({run(1), run(2), run(None), run(None)}) == 4


def test_a_thousand_replicates_unless_told(rows: pd.DataFrame) -> None:
    spec = sample(rows).replicates(seed=1).design.replicates
    assert spec is not None
    assert spec.count == 1000
    assert spec.multipliers is not None
    assert spec.multipliers.shape == (19, 1000)  # clusters, never respondents


def test_few_bootstrap_replicates_have_few_degrees_of_freedom(rows: pd.DataFrame) -> None:
    assert sample(rows).replicates("bootstrap", n=5, seed=1).mean("q1").table["df"][0] == 4
    assert sample(rows).replicates("bootstrap", n=500, seed=1).mean("q1").table["df"][0] == 15


# --- what must not change a result ------------------------------------------------------------------------------------

INVARIANT = ["mean", "total", "ratio", "distribution", "covariance", "quantile"]


@pytest.mark.parametrize("verb", INVARIANT)
@pytest.mark.parametrize("name", ["JK1", "JKn", "JKn elements", "BRR", "Fay", "bootstrap"])
class TestInvariance:
    @staticmethod
    def run(rows: pd.DataFrame, name: str, verb: str) -> pd.DataFrame:
        s = sample(rows).replicates("bootstrap", n=25, seed=3) if name == "bootstrap" else made(rows, name)
        return VERBS[verb](s).table

    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_the_scale_of_the_weights(self, rows: pd.DataFrame, name: str, verb: str) -> None:
        expected, got = self.run(rows, name, verb), self.run(rows.assign(w=rows["w"] * 1000), name, verb)
        factor = 1000 if verb == "total" else 1
        columns = ["estimate", "std_error", "conf_low", "conf_high"]
        pd.testing.assert_frame_equal(got[columns], expected[columns] * factor, rtol=1e-9)

    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_the_order_of_the_rows(self, rows: pd.DataFrame, name: str, verb: str) -> None:
        """Also of seeded bootstraps: clusters are drawn by their names, not by where they stand in the file."""
        shuffled = rows.sample(frac=1, random_state=1)
        pd.testing.assert_frame_equal(self.run(shuffled, name, verb), self.run(rows, name, verb), rtol=1e-9)


@pytest.mark.parametrize("name", ["JKn", "BRR", "JK1 elements"])
def test_percent_against_share(rows: pd.DataFrame, name: str) -> None:
    share = made(rows, name).mean("yes", by="sex").table
    percent = made(rows.assign(yes=100 * rows["yes"]), name).mean("yes", by="sex").table
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(percent[column], 100 * share[column], rtol=1e-10)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_counting_answers_and_counting_moments_agree(rows: pd.DataFrame, method: str) -> None:
    """Few answers are counted one by one, many by their moments: replicates must not see the difference."""
    nudged = rows.assign(nudged=rows["q1"] + 1e-13 * np.arange(len(rows)))
    for design in ("strat_clus", "element"):
        s = sample(nudged, design).replicates(method, n=30 if method == "bootstrap" else None, seed=1)
        few, many = s.mean("q1", by="ward").table, s.mean("nudged", by="ward").table
        pd.testing.assert_frame_equal(many.drop(columns="item"), few.drop(columns="item"), rtol=1e-8)


def test_estimates_do_not_depend_on_what_is_asked_together(rows: pd.DataFrame) -> None:
    s = made(rows, "JKn")
    together = s.mean(["q1", "minutes"], by="sex")
    np.testing.assert_allclose(together.covariance[:2, :2], s.mean("q1", by="sex").covariance, rtol=1e-9)
    np.testing.assert_allclose(together.covariance[2:, 2:], s.mean("minutes", by="sex").covariance, rtol=1e-9)
    difference = together.contrast([1, -1, 0, 0]).table.iloc[0]
    v = together.covariance
    assert difference["std_error"] == pytest.approx(np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1]), rel=1e-9)
    assert difference["df"] == 14


# --- domains that a replicate empties ---------------------------------------------------------------------------------


def test_a_group_that_a_replicate_empties_has_no_standard_error_and_a_note(rows: pd.DataFrame) -> None:
    """R drops such replicates with a warning, and so understates; a mean of nobody is not known."""
    rows["where"] = np.where(rows["cluster"] == "nam3", "one cluster", "elsewhere")
    e = made(rows, "JKn").mean("q1", by="where")
    assert e.table["std_error"].isna().tolist() == [False, True]
    assert e.table["estimate"].notna().all()
    assert any("empty in some replicate" in note for note in e.notes)
    total = made(rows, "JKn").total("q1", by="where")  # a total of nobody is 0
    assert (total.table["std_error"] > 0).all()
    assert not any("empty in some replicate" in note for note in total.notes)


def test_a_note_is_not_given_where_there_is_nothing_to_note(rows: pd.DataFrame) -> None:
    notes = made(rows, "JKn").mean("q1", by="sex").notes
    assert notes == ("q1: no scale in the codebook; answers counted: 1, 2, 3, 4, 5",)  # nothing of replicates


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["adjust", "centered", "average", "remove", "certainty"])
@pytest.mark.parametrize("method", ["JKn", "jackknife", "bootstrap", "rwyb"])
def test_a_stratum_of_one_cluster_cannot_be_resampled(rows: pd.DataFrame, method: str, rule: str) -> None:
    """Whatever Taylor is told to do with it: leaving it out, or drawing it again, would say it does not vary."""
    kept = rows[(rows["stratum"] != "nam") | (rows["psu"] == 1)]
    with pytest.raises(sv.DesignError, match="two clusters in every stratum"):
        sample(kept, lonely=rule).replicates(method)


def test_a_lonely_stratum_is_named(rows: pd.DataFrame) -> None:
    kept = rows[(rows["stratum"] != "nam") | (rows["psu"] == 1)]
    with pytest.raises(sv.DesignError, match="one cluster: nam"):
        sample(kept, lonely="remove").replicates("bootstrap")


def test_a_number_of_replicates_for_a_method_that_has_its_own_is_refused(rows: pd.DataFrame) -> None:
    with pytest.raises(sv.DesignError, match="the design determines the number of replicates"):
        sample(rows).replicates("JKn", n=100)


def test_a_bootstrap_that_ignores_finite_populations_says_so(rows: pd.DataFrame) -> None:
    e = sample(rows, "strat_clus_fpc").replicates("bootstrap", n=10, seed=1).mean("q1")
    assert any("infinite" in note for note in e.notes)
    e = sample(rows, "strat_clus").replicates("bootstrap", n=10, seed=1).mean("q1")
    assert not any("infinite" in note for note in e.notes)


def test_a_domain_has_the_degrees_of_freedom_of_its_clusters(rows: pd.DataFrame) -> None:
    domain = "stratum == 'nam'"
    taylor = sample(rows).mean("q1", where=domain).table["df"]
    np.testing.assert_allclose(sample(rows).replicates("JKn").mean("q1", where=domain).table["df"], taylor)
    few = sample(rows).replicates("bootstrap", n=3, seed=1).mean("q1").table["df"]
    assert few.tolist() == [2.0]


@pytest.mark.parametrize("method", ["BRR", "Fay"])
def test_halves_need_two_clusters_in_every_stratum(rows: pd.DataFrame, method: str) -> None:
    with pytest.raises(sv.DesignError, match="exactly two clusters") as caught:
        sample(rows).replicates(method)
    assert "4, 5, 6, 4" in str(caught.value)


def test_the_plain_jackknife_knows_no_strata(rows: pd.DataFrame) -> None:
    with pytest.raises(sv.DesignError, match="without strata") as caught:
        sample(rows).replicates("JK1")
    assert "JKn" in str(caught.value)


@pytest.mark.parametrize(
    ("design", "method"),
    [("strat_clus_fpc", m) for m in ("BRR", "Fay")] + [("two_stage", m) for m in ("JK1", "JKn", "BRR", "Fay")],
)
def test_finite_populations_are_not_forgotten_without_a_word(rows: pd.DataFrame, design: str, method: str) -> None:
    with pytest.raises(sv.DesignError, match="does not support a finite population correction") as caught:
        sample(rows, design).replicates(method)
    assert "rwyb" in str(caught.value)


def test_people_drawn_within_clusters_are_not_drawn_by_the_two_stage_bootstrap(rows: pd.DataFrame) -> None:
    with pytest.raises(
        sv.DesignError,
        match="This bootstrap resamples clusters at both stages, but the second stage consists of individuals",
    ):
        sample(rows, "two_stage").replicates("rwyb", n=10)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "boot"}, "An unknown replication method"),
        ({"method": "bootstrap", "n": 1}, "The number of replicates must be a whole number of at least"),
        ({"method": "bootstrap", "n": 0}, "The number of replicates must be a whole number of at least"),
        ({"method": "bootstrap", "n": 10.5}, "The number of replicates must be a whole number of at least 2"),
        ({"method": "Fay", "rho": 1.0}, "rho"),
        ({"method": "Fay", "rho": -0.1}, "rho"),
    ],
)
def test_options_that_make_no_sense_are_named(rows: pd.DataFrame, options: dict[str, Any], words: str) -> None:
    with pytest.raises(sv.DesignError, match=words):
        sample(pairs(rows)).replicates(**options)


def test_methods_are_known_in_small_letters_too(rows: pd.DataFrame) -> None:
    spec = sample(pairs(rows)).replicates("brr").design.replicates
    assert spec is not None
    assert spec.method == "BRR"


@pytest.mark.parametrize(("method", "n"), [("jackknife", None), ("bootstrap", 10_000)])
def test_replicates_that_would_not_fit_in_memory_are_refused(method: str, n: int | None) -> None:
    """One person, one replicate: 200,000 squared is 300 GB."""
    s = sv.Sample(pd.DataFrame({"y": np.zeros(200_000)}), weights=None)
    with pytest.raises(sv.DesignError, match="fit in memory"):
        s.replicates(method, n=n)


def test_making_replicates_leaves_the_sample_alone(rows: pd.DataFrame) -> None:
    s = sample(rows)
    before = s.mean("q1").table
    replicated = s.replicates("jackknife")
    assert s.design.replicates is None
    pd.testing.assert_frame_equal(s.mean("q1").table, before)
    assert "JKn" in repr(replicated)
    np.testing.assert_array_equal(replicated.weights, s.weights)

"""Drivers: R's lm, glm and replicates, the definition of shares of R2, what must not change them, and bad input."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError, SurveyError
from survey.models.shapley import average_gains, explained_by_subsets

REFERENCE = Path(__file__).parents[1] / "reference"
R = {r["id"]: r for r in json.loads((REFERENCE / "scales.json").read_text(encoding="utf-8"))["results"]}
DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu", "nest": True}
PREDICTORS = [f"q{i}" for i in range(2, 7)]
GROUPS = {"care": ["q2", "q3"], "speed": ["q5", "q6"]}


def close(got: object, expected: object, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(expected, float), rtol=rtol)


@pytest.fixture
def sample(r_sample: pd.DataFrame) -> sv.Sample:
    return sv.Sample(r_sample, **DESIGN)


@pytest.fixture
def jackknife(sample: sv.Sample) -> sv.Sample:
    return sample.replicates("jackknife")


class TestSharesOfR2:
    def test_they_are_the_average_over_all_orders(self) -> None:
        """All 24 orders of four predictors, R2 by the normal equations."""
        rng = np.random.default_rng(1)
        c = np.cov((rng.normal(size=(200, 5)) @ rng.normal(size=(5, 5))).T)

        def r2(chosen: tuple[int, ...]) -> float:
            at = list(chosen)
            return float(c[4, at] @ np.linalg.solve(c[np.ix_(at, at)], c[at, 4]) / c[4, 4]) if at else 0.0

        expected = np.zeros(4)
        for order in permutations(range(4)):
            for i, j in enumerate(order):
                expected[j] += (r2(order[: i + 1]) - r2(order[:i])) / 24
        np.testing.assert_allclose(average_gains(c[None])[0], expected, rtol=1e-12)
        subsets = explained_by_subsets(c[None])[0]
        assert subsets[0] == 0
        np.testing.assert_allclose(subsets[0b1010], r2((1, 3)), rtol=1e-12)

    def test_uncorrelated_predictors_have_their_squared_correlations(self) -> None:
        c = np.eye(4)
        c[3, :3] = c[:3, 3] = [0.5, 0.3, 0.1]
        np.testing.assert_allclose(average_gains(c[None])[0], [0.25, 0.09, 0.01], rtol=1e-14)

    def test_two_predictors_that_are_the_same_share_alike(self) -> None:
        """A combination of others adds nothing to them: 0.5 each of 0.25, and no division by 0."""
        c = np.array([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1.0]])
        np.testing.assert_allclose(average_gains(c[None])[0], [0.125, 0.125], rtol=1e-14)

    def test_they_are_those_printed_by_relaimpo(self) -> None:
        """Groemping (2006), J. Stat. Software 17(1), section 4: lmg of Fertility in R's data swiss."""
        x = pd.read_csv(REFERENCE / "swiss.csv")
        names = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
        printed = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]
        got = average_gains(np.cov(x[[*names, "Fertility"]].T)[None])[0]
        np.testing.assert_allclose(got, printed, atol=5e-9)


class TestGroups:
    """Predictors that enter a regression together: one player, as relaimpo's groups."""

    def test_three_predictors_in_two_groups_by_hand(self) -> None:
        """Two orders: the pair first, or the single one first."""
        rng = np.random.default_rng(3)
        x = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 3))
        y = x @ [1.0, -0.5, 0.7] + rng.normal(size=300)

        def r2(*at: int) -> float:
            design = np.column_stack([np.ones(300), x[:, at]])
            left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
            return float(1 - left @ left / ((y - y.mean()) ** 2).sum())

        pair = (r2(0, 2) + r2(0, 1, 2) - r2(1)) / 2
        single = (r2(1) + r2(0, 1, 2) - r2(0, 2)) / 2
        got = average_gains(np.cov(np.column_stack([x, y]).T)[None], [(0, 2), (1,)])[0]
        np.testing.assert_allclose(got, [pair, single], rtol=1e-11)

    def test_groups_of_one_are_the_predictors(self, jackknife: sv.Sample) -> None:
        d = jackknife.drivers("q1", PREDICTORS, groups={f"only {q}": [q] for q in PREDICTORS})
        assert d.group_shares is not None and d.shares is not None
        numbers = ["estimate", "std_error", "conf_low", "conf_high", "df", "n"]
        close(d.group_shares.table[numbers], d.shares.table[numbers])

    def test_those_in_no_group_stand_alone_and_shares_add_up(self, jackknife: sv.Sample) -> None:
        d = jackknife.drivers("q1", PREDICTORS, groups=GROUPS, top=2, within="kind")
        assert d.group_shares is not None
        t = d.group_shares.table
        assert t["item"].tolist() == ["care", "speed", "q4"] and d.table["item"].tolist() == PREDICTORS
        close(t["estimate"].sum(), 1.0, 1e-12)
        assert (t["std_error"] > 0).all() and (t["conf_low"] <= t["estimate"]).all()
        assert jackknife.drivers("q1", PREDICTORS).group_shares is None
        assert "care" in sv.tables.table(d.group_shares, lang="en").html()
        assert "care" in sv.narrative.describe(d.group_shares, row=0).en

    @pytest.mark.parametrize(
        ("groups", "what"),
        [
            ({"a": ["q2", "q7"]}, "not a predictor"),
            ({"a": []}, "not a predictor"),
            ({"a": ["q2", "q3"], "b": ["q3"]}, "in two groups"),
            ({"all": PREDICTORS}, "nothing to share"),
            ({"q4": ["q2", "q3"]}, "called like a predictor"),
            ({}, "given by name"),
        ],
    )
    def test_groups_that_are_none(self, sample: sv.Sample, groups: Any, what: str) -> None:
        with pytest.raises(SurveyError, match=what):
            sample.drivers("q1", PREDICTORS, groups=groups)


class TestAgainstR:
    @pytest.mark.parametrize("within", [None, "kind"])
    def test_effects_shares_and_r2_with_a_jackknife(self, jackknife: sv.Sample, within: str | None) -> None:
        d = jackknife.drivers("q1", PREDICTORS, within=within)
        assert d.explained is not None and d.shares is not None
        r, t = R[f"drivers/{within or 'all'}"], d.table
        close(np.r_[t["estimate"], t["share"], d.explained.table["estimate"]], r["estimate"])
        close(np.r_[t["std_error"], t["share_std_error"], d.explained.table["std_error"]], r["se"])
        close(d.shares.table["estimate"], t["share"])
        assert (t["n"] == 211).all()

    @pytest.mark.parametrize("within", [None, "kind"])
    def test_effects_on_a_share_are_those_of_glm(self, jackknife: sv.Sample, within: str | None) -> None:
        t = jackknife.drivers("q1", PREDICTORS, within=within, top=2).table
        r = R[f"drivers_top/{within or 'all'}"]
        close(t["estimate"], r["estimate"])
        close(t["std_error"], r["se"], 1e-6)  # R's glm stops a step earlier in some replicates

    def test_effects_are_coefficients_times_standard_deviations(self, jackknife: sv.Sample) -> None:
        """Without groups: the model of `linear`, whose coefficients R's svyglm gives."""
        complete = " and ".join(f"{q} > 0" for q in ["q1", *PREDICTORS])
        b = jackknife.linear("q1 ~ " + " + ".join(PREDICTORS)).table["estimate"].to_numpy()[1:]
        n = 211
        sd = np.sqrt(jackknife.variance(PREDICTORS, where=complete).table["estimate"].to_numpy() * (n - 1) / n)
        close(jackknife.drivers("q1", PREDICTORS).table["estimate"], b * sd)


def test_intervals_of_shares_are_symmetric_in_their_square_root(jackknife: sv.Sample) -> None:
    d = jackknife.drivers("q1", PREDICTORS)
    t = d.table
    low, mid, high = (np.sqrt(t[c].to_numpy()) for c in ("share_low", "share", "share_high"))
    inside = (t["share_low"] > 0) & (t["share_high"] < 1)
    np.testing.assert_allclose((low + high)[inside] / 2, mid[inside], rtol=1e-12)
    assert d.explained is not None
    row = np.sqrt(d.explained.table[["conf_low", "estimate", "conf_high"]].to_numpy()[0])
    np.testing.assert_allclose((row[0] + row[2]) / 2, row[1], rtol=1e-12)
    assert row[0] > 0
    assert t["share_low"].between(0, 1).all() and t["share_high"].between(0, 1).all()
    close(t["share"].sum(), 1.0, 1e-12)


class TestWhatMustNotChangeThem:
    @pytest.mark.parametrize("kind", [{}, {"top": 2, "within": "kind"}])
    def test_the_scale_of_the_weights(self, sample: sv.Sample, r_sample: pd.DataFrame, kind: dict[str, Any]) -> None:
        same(sample, sv.Sample(r_sample.assign(w=r_sample["w"] * 1e6), **DESIGN), **kind)

    def test_the_order_of_the_rows(self, sample: sv.Sample, r_sample: pd.DataFrame) -> None:
        a = sample.replicates("jackknife")
        b = sv.Sample(r_sample.sample(frac=1, random_state=1), **DESIGN).replicates("jackknife")
        same(a, b, within="kind")

    def test_percent_for_share(self, jackknife: sv.Sample, r_sample: pd.DataFrame) -> None:
        """Predictors in another unit are the same once standardised; the outcome's unit is that of the effect."""
        data = r_sample.assign(**{q: 100 * r_sample[q] for q in PREDICTORS}, q1=10 * r_sample["q1"])
        a = jackknife.drivers("q1", PREDICTORS).table
        b = sv.Sample(data, **DESIGN).replicates("jackknife").drivers("q1", PREDICTORS).table
        close(b["estimate"], 10 * a["estimate"])
        close(b["std_error"], 10 * a["std_error"])
        close(b[["share", "share_std_error"]], a[["share", "share_std_error"]])

    def test_weights_of_one_are_no_weights(self, r_sample: pd.DataFrame) -> None:
        same(
            sv.Sample(r_sample, weights=None, psu="psu"),
            sv.Sample(r_sample.assign(one=1.0), weights="one", psu="psu"),
            within="kind",
        )

    def test_the_seed_alone_decides_on_the_replicates(self, sample: sv.Sample) -> None:
        """Of the bootstrap, which is drawn where there are more clusters (35) than replicates are allowed."""
        one, again, other = (sample.drivers("q1", PREDICTORS, replicates=30, seed=seed) for seed in (1, 1, 2))
        pd.testing.assert_frame_equal(one.table, again.table)
        assert not np.allclose(other.table["std_error"], one.table["std_error"])
        assert any("bootstrap" in note for note in one.notes)


def same(one: sv.Sample, other: sv.Sample, **kind: Any) -> None:
    a, b = (s.drivers("q1", PREDICTORS, replicates=50, **kind) for s in (one, other))
    pd.testing.assert_frame_equal(a.table, b.table, rtol=1e-8)


def test_replicates_that_are_raked_again_have_their_weights(jackknife: sv.Sample) -> None:
    """The same by a function of the weights, respondent by respondent: coefficients of least squares."""
    n = jackknife.weights.sum()
    raked = jackknife.rake({"sex": {0: 0.4 * n, 1: 0.6 * n}, "age": {0: 0.2 * n, 1: 0.3 * n, 2: 0.3 * n, 3: 0.2 * n}})
    data = raked.data
    use = data[["q1", *PREDICTORS]].notna().all(axis=1).to_numpy()
    x, y = data.loc[use, PREDICTORS].to_numpy(float), data.loc[use, "q1"].to_numpy(float)

    def effects(w: np.ndarray) -> np.ndarray:
        w = w[use]
        z = (x - np.average(x, axis=0, weights=w)) / np.sqrt(np.cov(x.T, aweights=w, ddof=0).diagonal())
        return np.linalg.lstsq(z * np.sqrt(w)[:, None], (y - np.average(y, weights=w)) * np.sqrt(w), rcond=None)[0]

    expected, got = raked.replicate(effects, progress=False).table, raked.drivers("q1", PREDICTORS).table
    close(got["estimate"], expected["estimate"])
    close(got["std_error"], expected["std_error"])


@pytest.mark.parametrize(("most", "method"), [(300, "bootstrap"), (319, "jackknife")])
def test_elements_as_clusters_have_replicates_of_their_own(r_sample: pd.DataFrame, most: int, method: str) -> None:
    """319 people who were drawn themselves: each is left out once, where so many replicates are allowed."""
    sample = sv.Sample(r_sample, weights="w", strata="stratum")
    drawn = {"n": 300, "seed": 1} if method == "bootstrap" else {}
    by_hand = sample.replicates(method, **drawn).drivers("q1", PREDICTORS).table
    got = sample.drivers("q1", PREDICTORS, replicates=most).table
    same = [c for c in got.columns if not c.startswith(("performance_", "quadrant"))]  # of means: linearised
    pd.testing.assert_frame_equal(got[same], by_hand[same])


def test_what_differs_between_groups_does_not_count(r_sample: pd.DataFrame) -> None:
    """A constant added to everyone in a group changes nothing within groups, and much without them."""
    far = r_sample.assign(q1=r_sample["q1"] + 5 * (r_sample["kind"] == "business"))
    kind = {"replicates": 20, "within": "kind"}
    a = sv.Sample(r_sample, **DESIGN).drivers("q1", PREDICTORS, **kind).table
    b = sv.Sample(far, **DESIGN).drivers("q1", PREDICTORS, **kind).table
    close(a["estimate"], b["estimate"])
    assert not np.allclose(
        sv.Sample(far, **DESIGN).drivers("q1", PREDICTORS, replicates=20).table["estimate"], a["estimate"]
    )


BOOK = sv.Codebook.from_dict(
    {
        "variables": {
            q: {
                "type": "ordinal",
                "direction": -1 if q == "q2" else 1,
                "labels": {str(c): {"vi": str(c), "en": str(c)} for c in range(1, 6)},
            }
            for q in ["q1", *PREDICTORS]
        }
    }
)


def test_predictors_of_direction_minus_one_are_turned(jackknife: sv.Sample, r_sample: pd.DataFrame) -> None:
    """Performance is on 0-100 from the bad end: (mean - 1) * 25 of the item as it was."""
    turned = sv.Sample(sv.Responses(r_sample.assign(q2=6 - r_sample["q2"]), BOOK), **DESIGN).replicates("jackknife")
    a, b = jackknife.drivers("q1", PREDICTORS).table, turned.drivers("q1", PREDICTORS).table
    close(b["estimate"], a["estimate"])
    close(b["performance"], (a["performance"] - 1) * 25)


def test_quadrants_are_told_only_where_intervals_allow_it() -> None:
    """Two strong and two weak predictors, of them one of each with high answers: sides are certain in 4,000 answers."""
    rng = np.random.default_rng(4)
    n = 4000
    x = rng.normal([2, -2, 2, -2], size=(n, 4))
    data = pd.DataFrame(x, columns=list("abcd")).assign(
        y=x @ [1, 1, 0.05, 0.05] + rng.normal(size=n), psu=np.arange(n) // 20
    )
    d = sv.Sample(data, weights=None, psu="psu").drivers("y", list("abcd"), replicates=100)
    assert d.table["quadrant"].tolist() == ["keep", "improve", "maintain", "later"]
    few = sv.Sample(data.iloc[:40], weights=None).drivers("y", list("abcd"), replicates=100)
    assert "" in few.table["quadrant"].tolist()


def test_scores_stand_for_their_items(r_sample: pd.DataFrame) -> None:
    """A score has ends and no codes: its performance is its mean, and its effect that of the column of numbers."""
    rng = np.random.default_rng(7)
    scores = {
        name: np.round(20 * r_sample[q] - 10 + rng.normal(0, 1, len(r_sample)), 2)
        for name, q in (("s", "q2"), ("t", "q3"))
    }
    data = r_sample.assign(**scores)
    data = data.assign(s=data["s"].where(data["t"].notna()), t=data["t"].where(data["s"].notna()))
    ends = {name: {"type": "number", "limits": [0, 100], "role": "score"} for name in scores}
    book = sv.Codebook.from_dict({"variables": ends})
    made = sv.Sample(sv.Responses(data, book), **DESIGN).replicates("jackknife").drivers("q1", ["s", "t"])
    bare = sv.Sample(data, **DESIGN).replicates("jackknife").drivers("q1", ["s", "t"])
    for column in ("estimate", "share", "share_low"):
        close(made.table[column], bare.table[column])
    full = data.dropna(subset=["s", "t"])
    means = [np.average(full[name], weights=full["w"]) for name in ("s", "t")]
    close(made.table["performance"], means)


def test_a_driver_by_another_name_keeps_its_sentence(jackknife: sv.Sample) -> None:
    d = jackknife.drivers("q1", PREDICTORS)
    named = {"vi": "Không hách dịch", "en": "No rudeness"}
    assert "on “No rudeness” goes with a difference of" in sv.narrative.describe(d, 0, what=named).en
    share = sv.narrative.describe(d.shares, 0, what=named)
    assert share.en.startswith("“No rudeness” accounts for") and share.vi.startswith("“Không hách dịch” chiếm")


class TestBadInput:
    def test_collinear_predictors_are_named(self, r_sample: pd.DataFrame) -> None:
        data = r_sample.assign(sum=r_sample["q2"] + r_sample["q3"])
        with pytest.raises(EstimationError, match="sum") as caught:
            sv.Sample(data, **DESIGN).drivers("q1", ["q2", "q3", "sum"])
        assert "score" in str(caught.value.fix)

    def test_too_many_predictors_are_refused_with_the_way_out(self, r_sample: pd.DataFrame) -> None:
        rng = np.random.default_rng(1)
        data = r_sample.assign(**{f"x{i}": rng.normal(size=len(r_sample)) for i in range(30)})
        with pytest.raises(EstimationError, match="Too many predictors") as caught:
            sv.Sample(data, **DESIGN).drivers("q1", [f"x{i}" for i in range(30)])
        assert "2^30" in str(caught.value.got) and "scores" in str(caught.value.fix)

    def test_a_constant_predictor(self, r_sample: pd.DataFrame) -> None:
        with pytest.raises(EstimationError, match="q3"):
            sv.Sample(r_sample.assign(q3=4.0), **DESIGN).drivers("q1", PREDICTORS)

    def test_a_predictor_that_is_constant_in_every_group(self, r_sample: pd.DataFrame) -> None:
        data = r_sample.assign(q3=(r_sample["kind"] == "business") * 1.0)
        with pytest.raises(EstimationError, match="in each group"):
            sv.Sample(data, **DESIGN).drivers("q1", PREDICTORS, within="kind")

    def test_a_predictor_that_is_constant_in_one_group_counts_in_the_others(self, r_sample: pd.DataFrame) -> None:
        data = r_sample.assign(q3=r_sample["q3"].where(r_sample["kind"] != "business", 3.0))
        d = sv.Sample(data, **DESIGN).drivers("q1", PREDICTORS, within="kind", replicates=20)
        assert any("q3: the same answer" in note for note in d.notes)
        assert np.isfinite(d.table["estimate"]).all()

    def test_a_constant_outcome(self, r_sample: pd.DataFrame) -> None:
        with pytest.raises(EstimationError, match="outcome is the same"):
            sv.Sample(r_sample.assign(q1=3.0), **DESIGN).drivers("q1", PREDICTORS)

    def test_one_predictor(self, sample: sv.Sample) -> None:
        with pytest.raises(EstimationError, match="at least 2"):
            sample.drivers("q1", ["q2"])

    def test_the_outcome_among_the_predictors(self, sample: sv.Sample) -> None:
        with pytest.raises(EstimationError, match="one of the predictors"):
            sample.drivers("q1", ["q1", "q2"])

    def test_nobody_with_all_answers(self, r_sample: pd.DataFrame) -> None:
        with pytest.raises(EstimationError, match="Too few respondents"):
            sv.Sample(r_sample.assign(q2=np.nan, q3=np.nan).assign(q2=[1.0] + [np.nan] * 318), **DESIGN).drivers(
                "q1", ["q2", "q4"]
            )

    def test_a_predictor_that_tells_the_answer(self, r_sample: pd.DataFrame) -> None:
        data = r_sample.assign(told=(r_sample["q1"] >= 4) * 1.0)
        with pytest.raises(EstimationError, match="no solution"):
            sv.Sample(data, **DESIGN).drivers("q1", ["told", "q2"], top=2, replicates=20)

    def test_one_cluster_has_no_replicates(self, r_sample: pd.DataFrame) -> None:
        with pytest.raises(SurveyError, match="two clusters"):
            sv.Sample(r_sample.assign(psu=1), weights="w", psu="psu", lonely="remove").drivers("q1", PREDICTORS)

    @pytest.mark.parametrize(
        "bad", [{"seed": -1}, {"replicates": 1}, {"top": 9}, {"level": 2}, {"top": 1, "bottom": 1}]
    )
    def test_arguments_out_of_range(self, sample: sv.Sample, bad: dict[str, Any]) -> None:
        with pytest.raises(SurveyError):
            sample.drivers("q1", PREDICTORS, **bad)


def test_a_number_far_from_all_others_leaves_the_logistic_effects_of_the_others(r_sample: pd.DataFrame) -> None:
    """A person of the top two whom the slope of q2 predicts perfectly is certain: with and without them, the same."""
    data = r_sample.dropna(subset=["q1", *PREDICTORS])
    who = data.index[(data["q1"] >= 4)][0]
    far = data.assign(q2=data["q2"].where(data.index != who, 1e8))
    rest = data.drop(index=who)
    one, other = (sv.Sample(x, **DESIGN).replicates("bootstrap", n=2, seed=1) for x in (far, rest))
    a, b = (s.drivers("q1", PREDICTORS, top=2).table["estimate"].to_numpy()[1:] for s in (one, other))
    shrunk = 1 - far.loc[who, "w"] / far["w"].sum()  # of the mean of p (1 - p), which is 0 for this one
    spread = [np.sqrt(np.cov(x[PREDICTORS[1:]].T, aweights=x["w"], ddof=0).diagonal()) for x in (far, rest)]
    close(a / spread[0], shrunk * b / spread[1], 1e-6)

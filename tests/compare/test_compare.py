"""Groups compared: against R's survey, multcomp, mvtnorm and p.adjust, textbook effect sizes, and the jackknife."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.compare.effect_sizes import EFFECTS
from survey.compare.equivalence import detectable
from survey.core.differences import DifferenceMatrix
from survey.core.letters import compact_letters
from survey.core.rest import Rest

REFERENCE = Path(__file__).parents[1] / "reference"


def frame() -> pd.DataFrame:
    """240 people, 24 clusters in 3 strata; every group has 2 clusters in each stratum."""
    i = np.arange(240)
    return pd.DataFrame(
        {
            "stratum": i // 80,
            "psu": i // 10,
            "g": (i // 20) % 4 + 1,
            "w": 1.0 + (i * 7 % 5) / 2,
            "q": 1.0 + (i * i * 3 + i // 20 * 2 + i // 10) % 5,
            "x": (i * 13 % 17).astype(float) + (i // 20) % 4,
        }
    )


BOOK = sv.Codebook(
    variables={
        "q": sv.Variable("q", "ordinal", labels={k: {"en": f"answer {k}"} for k in range(1, 6)}, direction=1),
        "g": sv.Variable("g", "nominal", labels={1: {"en": "North", "vi": "Bắc"}, 2: {"en": "South", "vi": "Nam"}}),
        "x": sv.Variable("x", "number"),
    }
)


def sample(data: pd.DataFrame | None = None, **design: Any) -> sv.Sample:
    rows = frame() if data is None else data
    design = design or {"weights": "w", "strata": "stratum", "psu": "psu"}
    return sv.Sample(sv.Responses(rows, codebook=BOOK), **design)


def unweighted() -> sv.Sample:
    return sample(frame().assign(one_each=1.0), weights="one_each")


class TestDifferences:
    def test_pairs_agree_with_svycontrast(self) -> None:
        t = sample().compare("x", "g").table.set_index("contrast")
        # R survey: svycontrast(svyby(~x, ~g, design, svymean, covmat = TRUE), ...)
        assert t.loc["2 − 1", ["estimate", "std_error"]].tolist() == pytest.approx([0.475, 0.326611288633], rel=1e-10)
        assert t.loc["4 − 2", ["estimate", "std_error"]].tolist() == pytest.approx([2.4375, 0.382502118125], rel=1e-10)
        assert set(t["df"]) == {8.0}  # 12 clusters - 3 strata + 1 - 2 groups

    def test_everyone_else_agrees_with_a_regression_on_the_group(self) -> None:
        t = sample().compare("x", "g", "rest").table
        # R survey: svyglm(x ~ I(g == k)), the coefficient, its error, t, p on 20 df
        assert t["estimate"].tolist() == pytest.approx([-1.8, -7 / 6, 0.883333333333, 2.08333333333], rel=1e-9)
        errors = [0.407229097583745, 0.39478802384856, 0.4542058014303, 0.419469409538]
        assert t["std_error"].tolist() == pytest.approx(errors, rel=1e-9)
        assert t["df"].tolist() == [20.0] * 4
        assert t["p_value"].tolist() == pytest.approx(
            [0.000263553673814, 0.00782574491815, 0.0659979835798, 7.42192637832e-05], rel=1e-8
        )

    def test_shares_against_everyone_else_agree_with_a_regression(self) -> None:
        t = sample().compare("q", "g", "rest", top=2).table
        assert t["estimate"].iloc[[0, 2]].tolist() == pytest.approx([0.172222222222, -0.0833333333333], rel=1e-9)
        assert t["std_error"].iloc[[0, 2]].tolist() == pytest.approx([0.124923060782, 0.1364790944060], rel=1e-9)

    def test_max_t_agrees_with_mvtnorm(self) -> None:
        t = sample().compare("x", "g", adjust="max-t").table
        # R mvtnorm: z = qnorm(pt(|t| sqrt(b), df = 8)); 1 - pmvnorm(-z, z, corr). The errors of domains differ, so that
        # a multivariate t, which has one for all, finds too much; and a variance of 6 of 24 clusters, 2 of 8 in each
        # stratum, is on average b = 8/7 (1 - 1/6 - 1/8 + 2/48) = 6/7 of the true one
        expected = [0.59608980, 0.00888014, 0.00128555, 0.01313226, 0.00200438, 0.3154677]
        assert t["p_adjusted"].tolist() == pytest.approx(expected, abs=3e-4)
        inside = (t["conf_low"] <= 0) & (t["conf_high"] >= 0)
        assert (inside == (t["p_adjusted"] > 0.05)).all()  # the bands and the p-values say the same
        assert (t["conf_high"] - t["conf_low"] > 2 * t["std_error"] * 2.306).all()

    def test_variances_of_few_clusters_are_too_small_by_as_much_as_is_said(self) -> None:
        """Clusters with variance 1: the mean of a quadratic form is the trace of its matrix."""
        wards = sample().mean("x", by="g").support
        halves = sample(frame().assign(g=frame()["psu"] % 2)).mean("x", by="g").support
        strata = sample(frame().assign(g=frame()["stratum"])).mean("x", by="g").support
        for support, rows in ((wards, 4), (halves, 2), (strata, 3)):
            assert support is not None
            form = np.kron(np.eye(3), 8 / 7 * (np.eye(8) - 1 / 8))
            for row, said in enumerate(support.expected_variance(np.arange(rows))):
                inside = np.flatnonzero(support.members[:, row])
                away = np.eye(len(inside)) - 1 / len(inside)
                mean = np.trace(away @ form[np.ix_(inside, inside)] @ away) / len(inside)
                assert said == pytest.approx(mean, rel=1e-12)
        assert strata is not None and strata.expected_variance(np.arange(3)).tolist() == pytest.approx([1, 1, 1])

    def test_two_groups_are_one_comparison_and_need_no_correction(self) -> None:
        t = sample().compare("x", "g", where="g <= 2", adjust="max-t").table
        assert t["p_adjusted"][0] == pytest.approx(t["p_value"][0], rel=1e-9)

    def test_everyone_else_of_two_groups_is_the_other_one(self) -> None:
        both = sample().compare("x", "g", "rest", where="g <= 2").table
        pair = sample().compare("x", "g", where="g <= 2").table
        assert both["estimate"].tolist() == pytest.approx([-pair["estimate"][0], pair["estimate"][0]])
        assert both["std_error"].tolist() == pytest.approx([pair["std_error"][0]] * 2)
        assert both["df"].tolist() == [8.0, 8.0]
        assert both["effect_size"].tolist() == pytest.approx([-pair["effect_size"][0], pair["effect_size"][0]])

    @pytest.mark.parametrize("against", [2, "South", "Nam", {"g": 2}, np.int64(2)])
    def test_a_level_is_named_by_code_or_label(self, against: Any) -> None:
        c = sample().compare("x", "g", against)
        assert c.table["contrast"].tolist() == ["1 − 2", "3 − 2", "4 − 2"]
        assert c.table["estimate"][2] == pytest.approx(2.4375)

    def test_a_level_called_rest_can_be_reached(self) -> None:
        data = frame().assign(g=lambda d: d["g"].map({1: "rest", 2: "b", 3: "c", 4: "d"}))
        s = sv.Sample(data, weights="w", strata="stratum", psu="psu")
        everyone, level = s.compare("x", "g", "rest"), s.compare("x", "g", {"g": "rest"})
        assert len(everyone.table) == 4 and len(level.table) == 3
        assert level.table["contrast"].tolist() == ["b − rest", "c − rest", "d − rest"]
        assert any("everyone else" in note for note in everyone.notes)

    def test_several_columns_make_one_grouping(self) -> None:
        data = frame().assign(h=np.arange(240) % 2)
        c = sample(data).compare("x", ["g", "h"], {"g": 1, "h": 0}, where="g <= 2")
        assert c.table["contrast"].tolist() == ["1 1 − 1 0", "2 0 − 1 0", "2 1 − 1 0"]
        assert len(sample(data).compare("x", ["g", "h"]).table) == 28

    def test_distributions_are_compared_answer_by_answer_in_one_family(self) -> None:
        c = sample().compare("q", "g", statistic="distribution", adjust="bonferroni")
        assert len(c.table) == 30
        assert c.table.groupby("contrast")["estimate"].sum().abs().max() < 1e-12
        expected = np.minimum(1, 30 * c.table["p_value"])
        assert c.table["p_adjusted"].tolist() == pytest.approx(expected.tolist())

    def test_families(self) -> None:
        s = sample()
        per_item, together = s.compare(["x", "q"], "g"), s.compare(["x", "q"], "g", family="all")
        assert per_item.table["family"].tolist() == ["x"] * 6 + ["q"] * 6
        assert (together.table["p_adjusted"] >= per_item.table["p_adjusted"]).all()
        alone = s.compare("x", "g").table["p_adjusted"]
        assert per_item.table["p_adjusted"][:6].tolist() == pytest.approx(alone.tolist())

    @pytest.mark.parametrize("adjust", ["holm", "hochberg", "bh", "bonferroni", "max-t", "none"])
    def test_pairwise_takes_every_adjustment_and_agrees(self, adjust: str) -> None:
        s = sample()
        one, two = s.compare("x", "g", adjust=adjust, effect=None), s.mean("x", by="g").pairwise(adjust)
        columns = ["estimate", "std_error", "df", "p_value", "p_adjusted", "conf_low", "conf_high"]
        pd.testing.assert_frame_equal(one.table[columns], two.table[columns])

    def test_hochberg_agrees_with_p_adjust(self) -> None:
        from survey.core.contrasts import adjust_pvalues

        # R: p.adjust(c(.013, .04, .001, .2, .03), "hochberg")
        p = np.array([0.013, 0.04, 0.001, 0.2, 0.03])
        assert adjust_pvalues(p, "hochberg") == pytest.approx([0.052, 0.08, 0.005, 0.2, 0.08])

    def test_covariance_and_weights_of_the_differences(self) -> None:
        c = sample().compare(["x", "q"], "g", "rest")
        assert c.origin is not None
        joint = np.asarray(c.contrast_matrix) @ c.origin.covariance @ np.asarray(c.contrast_matrix).T
        assert c.covariance == pytest.approx(joint, abs=1e-14)
        assert np.diag(c.covariance) == pytest.approx(c.table["std_error"] ** 2)
        lazy = DifferenceMatrix(np.array([0, 2]), np.array([1, 0]), 3)
        assert np.asarray(lazy).tolist() == [[-1, 1, 0], [1, 0, -1]]
        assert [row.tolist() for row in lazy] == np.asarray(lazy).tolist()


class TestDesigns:
    @pytest.mark.parametrize("against", [None, "rest", 2])
    @pytest.mark.parametrize("kind", [{}, {"top": 2}, {"statistic": "distribution"}])
    @pytest.mark.sampled
    def test_elements_as_clusters_and_calibration(self, against: Any, kind: Any) -> None:
        s = sample(frame(), weights="w", strata="stratum")
        raked = s.rake({"g": {1: 100, 2: 120, 3: 90, 4: 130}})
        for one in (s, raked):
            c = one.compare(["q", "x"] if not kind else ["q"], "g", against, **kind)
            assert np.isfinite(c.table[["std_error", "effect_size"]].to_numpy(float)).all()
            assert c.origin is not None
            own = np.asarray(c.contrast_matrix)
            variance = c.table["std_error"].to_numpy() ** 2
            assert variance == pytest.approx(np.diag(own @ c.origin.covariance @ own.T), rel=1e-9)

    def test_everyone_else_after_calibration_is_the_jackknife_of_it(self) -> None:
        """Calibrated to the groups' sizes, everyone else has known weights: the groups' means mixed by them."""
        sizes = {1: 100.0, 2: 120.0, 3: 90.0, 4: 130.0}
        s = sample().poststratify({"g": sizes})
        c = s.compare("x", "g", "rest")
        means = s.mean("x", by="g")
        others = np.array([0, 120, 90, 130]) / 340
        row = np.array([1.0, 0, 0, 0]) - others
        assert c.table["estimate"][0] == pytest.approx(row @ means.table["estimate"])
        assert c.table["std_error"][0] == pytest.approx(np.sqrt(row @ means.covariance @ row), rel=1e-8)

    def test_replicates(self) -> None:
        s = sample().replicates("jackknife")
        c, plain = s.compare("x", "g", "rest"), sample().compare("x", "g", "rest")
        assert c.table["estimate"].tolist() == pytest.approx(plain.table["estimate"].tolist())
        assert c.table["std_error"].tolist() == pytest.approx(plain.table["std_error"].tolist(), rel=0.15)
        pairs, by_hand = s.compare("x", "g"), s.mean("x", by="g").contrast([-1, 1, 0, 0])
        assert pairs.table["std_error"][0] == pytest.approx(by_hand.table["std_error"][0], rel=1e-12)
        assert pairs.table["df"][0] == by_hand.table["df"][0]

    def test_pairs_of_pooled_means_take_max_t(self) -> None:
        same = sv.Imputations([sample(), sample()])
        pooled, one = same.mean("x", by="g").pairwise("max-t").table, sample().mean("x", by="g").pairwise("max-t").table
        assert pooled["p_adjusted"].tolist() == pytest.approx(one["p_adjusted"].tolist(), abs=0.03)
        assert (pooled["p_adjusted"] >= pooled["p_value"]).all()
        inside = (pooled["conf_low"] <= 0) & (pooled["conf_high"] >= 0)
        assert (inside == (pooled["p_adjusted"] > 0.05)).all()

    def test_imputations_are_refused_in_one_error(self) -> None:
        with pytest.raises(sv.SurveyError, match="pairwise"):
            sv.Imputations([sample(), sample()]).compare("x", "g")


class TestEffectSizes:
    def test_textbook_values_where_weights_are_equal(self) -> None:
        # R: pooled standard deviation by hand; Hedges' correction by gamma functions (1981)
        c = unweighted().compare("x", "g", 1, where="g in [1, 3]", effect="cohen_d")
        assert c.table["effect_size"][0] == pytest.approx(0.421014627132, rel=1e-10)
        g = unweighted().compare("x", "g", 1, where="g in [1, 3]")
        assert g.table["effect_size"][0] == pytest.approx(0.418332054493, rel=1e-10)
        # R: mean(sign(outer(second, first, "-")))
        delta = unweighted().compare("q", "g", 1, where="g in [1, 3]", effect="cliff_delta")
        assert delta.table["effect_size"][0] == pytest.approx(-0.0788888888889, rel=1e-10)
        # R: sqrt(chisq.test(table, correct = FALSE)$statistic / n)
        v = unweighted().compare("q", "g", 1, where="g in [1, 3]", statistic="distribution")
        assert v.table["effect_size"].tolist() == pytest.approx([0.267800619337] * 5, rel=1e-10)

    def test_risk_ratio_and_difference(self) -> None:
        e = sample().proportion("q", top=2, by="g").table["estimate"]
        c = sample().compare("q", "g", 1, top=2)
        assert c.table["effect_size"].tolist() == pytest.approx((e[1:] / e[0]).tolist())
        # by hand: the log ratio of two independent shares varies by (1 - p) / (p (n - 1)) each, drawn with replacement
        rows = pd.DataFrame(
            {"g": np.repeat([1, 2], [40, 50]), "w": 1.0, "y": np.r_[np.arange(40) < 10, np.arange(50) < 25]}
        )
        s = sv.Sample(rows.astype({"y": float}), weights="w", strata="g")
        r = s.compare("y", "g", levels=[1])
        assert r.table["effect_size"][0] == pytest.approx(2.0)
        log_error = np.sqrt(0.75 / (0.25 * 39) + 0.5 / (0.5 * 49))
        assert r.table["effect_std_error"][0] / 2 == pytest.approx(log_error, rel=1e-10)
        t = 1.987608282  # R: qt(0.975, 87): 90 people - 2 strata + 1 - 2 groups
        assert r.table["effect_low"][0] == pytest.approx(2 * np.exp(-t * log_error), rel=1e-6)
        assert r.table["effect_high"][0] == pytest.approx(2 * np.exp(t * log_error), rel=1e-6)
        d = s.compare("y", "g", levels=[1], effect="risk_difference").table
        assert d[["effect_size", "effect_std_error"]].iloc[0].tolist() == pytest.approx(
            d[["estimate", "std_error"]].iloc[0].tolist()
        )

    @pytest.mark.parametrize("name", list(EFFECTS))
    def test_gradients_are_the_derivatives(self, name: str) -> None:
        rng, effect = np.random.default_rng(3), EFFECTS[name]
        if effect.shares:
            a, b = (np.r_[rng.dirichlet(np.ones(5)), rng.uniform(50, 90)][None] for _ in range(2))
        else:
            a, b = (np.array([[rng.uniform(0.3, 0.7), rng.uniform(50, 90), rng.uniform(0.5, 2)]]) for _ in range(2))
        n = np.array([60.0])
        _, by_a, by_b = effect.value(a, b, n)
        for k in range(a.shape[1]):
            step = 1e-6 * max(1, abs(a[0, k]))
            for moments, gradient, place in ((a, by_a, 0), (b, by_b, 1)):
                shift = np.zeros_like(moments)
                shift[0, k] = step
                both = [[a + shift, b], [a - shift, b]] if place == 0 else [[a, b + shift], [a, b - shift]]
                up, down = (effect.value(*two, n)[0][0] for two in both)
                assert gradient[0, k] == pytest.approx((up - down) / (2 * step), rel=2e-6, abs=1e-9)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("against", "name", "kind"),
        [
            (None, "cohen_d", {}),
            ("rest", "hedges_g", {}),
            ("rest", "cramer_v", {"statistic": "distribution"}),
            (1, "cliff_delta", {"statistic": "distribution"}),
            ("rest", "risk_ratio", {"top": 2}),
        ],
    )
    def test_errors_are_those_of_the_influence_of_each_weight(self, against: Any, name: str, kind: Any) -> None:
        """Elements drawn with replacement: V = n / (n - 1) sum (z - mean z)^2, z the numerical derivative times w."""
        data = frame().iloc[::6][["g", "q", "w"]].reset_index(drop=True)

        def value(weights: Any) -> Any:
            s = sv.Sample(sv.Responses(data.assign(w=weights), codebook=BOOK), weights="w")
            return s.compare("q", "g", against, effect=name, **kind).table

        w, n = data["w"].to_numpy(), len(data)
        z = []
        for i in range(n):
            step = np.zeros(n)
            step[i] = 1e-4 * w[i]
            up, down = (value(w + sign * step)["effect_size"].to_numpy() for sign in (1, -1))
            z.append((up - down) / 2e-4)
        away = np.array(z) - np.mean(z, axis=0)
        numeric = np.sqrt(n / (n - 1) * (away**2).sum(axis=0))
        assert value(w)["effect_std_error"].to_numpy() == pytest.approx(numeric, rel=1e-6)

    def test_intervals_stay_where_they_can_be(self) -> None:
        c = sample().compare("q", "g", statistic="distribution").table
        assert (c["effect_low"] >= 0).all() and (c["effect_high"] <= 1).all()
        d = sample().compare("q", "g", effect="cliff_delta").table
        assert (d["effect_low"] > -1).all() and (d["effect_high"] < 1).all()
        assert ((d["effect_low"] < d["effect_size"]) & (d["effect_size"] < d["effect_high"])).all()

    @pytest.mark.parametrize(
        ("item", "by", "first", "contrast", "expected"),
        [
            ("q1", "age", 1, "2 − 1", [0.178248276908, 0.0874420835023, 0.0, 0.385202339105]),
            ("q4", "wave", 0, "1 − 0", [0.21659970988, 0.0467296027684, 0.0148991330842, 0.309626248903]),
            (
                "yes",
                "kind",
                "business",
                "resident − business",
                [0.2154963314, 0.0766009102415, 0.0908286505153, 0.414827637768],
            ),
        ],
    )
    def test_cramers_v_and_its_limits_agree_with_r(
        self, item: str, by: str, first: Any, contrast: str, expected: list[float]
    ) -> None:
        """R: reference/cramer_v.R, from the totals of svytotal; derivatives and roots by numerical methods."""
        data = pd.read_csv(REFERENCE / "r_survey" / "sample.csv")
        s = sv.Sample(data, weights="w", psu="psu", strata="stratum")
        t = s.compare(item, by, first, statistic="distribution").table
        row = t[t["contrast"] == contrast].iloc[0]
        got = row[["effect_size", "effect_std_error", "effect_low", "effect_high"]].tolist()
        assert got == pytest.approx(expected, rel=1e-7)

    def test_cramers_v_of_groups_that_are_alike_is_told_from_0_in_few_samples(self) -> None:
        """120 pairs of 16 groups with ten answers by chance: limits at t standard errors left out 0 in nine of ten."""
        rng = np.random.default_rng(5)
        psu = np.arange(16 * 20 * 10) // 10
        data = pd.DataFrame({"psu": psu, "g": psu // 20, "q": rng.integers(1, 11, len(psu))})
        t = sv.Sample(data, weights=None, psu="psu").compare("q", "g", statistic="distribution").table
        pairs = t.drop_duplicates("contrast")
        assert len(pairs) == 120
        assert (pairs["effect_low"] > 0).mean() < 0.1
        assert (pairs["effect_high"] >= pairs["effect_size"]).all()

    def test_numbers_far_from_zero_keep_their_digits(self) -> None:
        near = sample().compare("x", "g", "rest").table
        far = sample(frame().assign(x=lambda d: d["x"] + 1e9)).compare("x", "g", "rest").table
        assert far["effect_size"].tolist() == pytest.approx(near["effect_size"].tolist(), rel=1e-6)
        assert far["effect_std_error"].tolist() == pytest.approx(near["effect_std_error"].tolist(), rel=1e-6)

    def test_pairs_are_cut_into_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from survey.compare import effect_sizes as module

        before = sample().compare("q", "g", statistic="distribution").table
        monkeypatch.setattr(module, "_MOST", 1)
        pd.testing.assert_frame_equal(sample().compare("q", "g", statistic="distribution").table, before)


class TestEquivalence:
    def test_two_one_sided_tests(self) -> None:
        c = sample().compare("x", "g", margin=1.5, adjust="none").table
        from scipy.stats import t as student

        for _, row in c.iterrows():
            one = student.sf((row["estimate"] + 1.5) / row["std_error"], row["df"])
            other = student.sf((1.5 - row["estimate"]) / row["std_error"], row["df"])
            assert row["p_equivalence"] == pytest.approx(max(one, other), rel=1e-9)
            inside = row["equivalence_low"] > -1.5 and row["equivalence_high"] < 1.5
            assert inside == (row["p_equivalence"] < 0.05)
        verdicts = dict(zip(c["contrast"], c["verdict"], strict=True))
        assert verdicts == {
            "2 − 1": "equivalent",
            "3 − 1": "different",
            "4 − 1": "different",
            "3 − 2": "different",
            "4 − 2": "different",
            "4 − 3": "inconclusive",
        }

    def test_a_small_difference_may_be_told_from_zero_and_equivalent(self) -> None:
        c = sample().compare("x", "g", "rest", margin=(-3, 3))
        assert c.table["verdict"].tolist()[:2] == ["small_difference", "small_difference"]

    def test_margins_by_item(self) -> None:
        c = sample().compare(["x", "q"], "g", margin={"x": 2, "q": (-0.5, 1)}).table
        assert c["margin_low"].tolist() == [-2.0] * 6 + [-0.5] * 6
        assert c["margin_high"].tolist() == [2.0] * 6 + [1.0] * 6

    @pytest.mark.parametrize("margin", [0, -1, True, "five", (1, 2), (-1,), np.nan, {"x": 1}, {"x": 1, "q": 1, "z": 1}])
    def test_what_is_no_margin_is_refused(self, margin: Any) -> None:
        with pytest.raises(sv.SurveyError, match="margin"):
            sample().compare(["x", "q"], "g", margin=margin)

    def test_detectable_difference_agrees_with_power_t_test(self) -> None:
        # R: power.t.test(n = 20, power = 0.8)$delta with sd = 1; qt(0.975, 38)
        found = detectable(np.array([np.sqrt(2 / 20)]), np.array([38.0]), np.array([2.02439416391]))
        assert found[0] == pytest.approx(0.909130566, rel=1e-6)
        # normal: (1.959964 + 0.8416212) standard errors
        assert detectable(np.ones(1), np.array([np.inf]), np.array([1.959963985]))[0] == pytest.approx(2.801585218)


class TestLetters:
    def test_piephos_example(self) -> None:
        # by hand: 0 apart from 2 and 3, 1 apart from 3
        assert compact_letters(4, [(0, 2), (0, 3), (1, 3)]) == ["a", "ab", "bc", "c"]
        assert compact_letters(3, []) == ["a", "a", "a"]
        assert compact_letters(2, [(0, 1)]) == ["a", "b"]

    def test_letters_say_what_the_pairs_say(self) -> None:
        rng = np.random.default_rng(5)
        for _ in range(100):
            k = int(rng.integers(2, 9))
            pairs = [(i, j) for i in range(k) for j in range(i) if rng.random() < 0.4]
            found = compact_letters(k, pairs)
            for i in range(k):
                for j in range(i):
                    assert bool(set(found[i]) & set(found[j])) == ((i, j) not in pairs)

    def test_letters_of_a_comparison(self) -> None:
        e = sample().compare("x", "g", adjust="max-t").letters()
        assert e.statistic == "mean"
        assert e.table["letters"].tolist() == ["b", "b", "a", "a"]
        assert sample().mean("x", by="g").pairwise().letters().table["letters"].tolist() == ["b", "b", "a", "a"]

    def test_letters_need_all_pairs(self) -> None:
        for c in (sample().compare("x", "g", "rest"), sample().compare("x", "g", 1), sample().mean("x", by="g")):
            with pytest.raises(sv.SurveyError, match="all pairs"):
                c.letters()


class TestInvariance:
    columns = ("estimate", "std_error", "p_adjusted", "effect_size", "effect_std_error", "mdd")

    @pytest.mark.parametrize("against", [None, "rest", 2])
    @pytest.mark.parametrize("kind", [{}, {"top": 2}, {"statistic": "distribution"}])
    @pytest.mark.sampled
    def test_scale_of_weights_order_of_rows_and_units(self, against: Any, kind: Any) -> None:
        data, columns = frame(), list(self.columns)
        before = sample(data).compare("q", "g", against, **kind).table[columns].to_numpy(float)
        heavy = sample(data.assign(w=data["w"] * 1000)).compare("q", "g", against, **kind).table[columns]
        turned = sample(data.sample(frac=1, random_state=1)).compare("q", "g", against, **kind).table[columns]
        assert heavy.to_numpy(float) == pytest.approx(before, rel=1e-9)
        assert turned.to_numpy(float) == pytest.approx(before, rel=1e-9)

    def test_percent_against_share(self) -> None:
        data = frame().assign(y=lambda d: (d["q"] > 3).astype(float), y100=lambda d: 100.0 * (d["q"] > 3))
        share, percent = (sample(data).compare(name, "g", "rest").table for name in ("y", "y100"))
        assert percent["estimate"].tolist() == pytest.approx((100 * share["estimate"]).tolist())
        for name in ("p_adjusted", "effect_size", "effect_std_error"):
            assert percent[name].tolist() == pytest.approx(share[name].tolist())

    def test_all_ones_weights_are_none(self) -> None:
        one = sample(frame().assign(w=1.0)).compare("x", "g", "rest").table
        none = sample(frame(), weights=None, strata="stratum", psu="psu").compare("x", "g", "rest").table
        pd.testing.assert_frame_equal(one, none)

    def test_same_bytes_on_every_run(self) -> None:
        one, two = (sample().compare("x", "g", adjust="max-t").table for _ in range(2))
        pd.testing.assert_frame_equal(one, two, check_exact=True)


class TestBadInput:
    def refused(self, what: str, *args: Any, data: pd.DataFrame | None = None, **more: Any) -> None:
        with pytest.raises(sv.SurveyError, match=what):
            sample(data).compare(*args, **more)

    def test_arguments(self) -> None:
        self.refused("not one of the groups", "x", "g", 7)
        self.refused("not one of the groups", "x", "g", "West")
        self.refused("every grouping column", "x", "g", {"h": 1})
        self.refused("every grouping column", "x", "g", (1, 2))
        self.refused("every grouping column", "x", ["g", "stratum"], 1)
        self.refused("adjustment", "x", "g", adjust="tukey")
        self.refused("family", "x", "g", family="question")
        self.refused("effect size", "x", "g", effect="d")
        self.refused("does not go with", "x", "g", effect="cramer_v")
        self.refused("does not go with", "q", "g", net=2, effect="risk_ratio")
        self.refused("for a proportion only", "q", "g", top=2, statistic="mean")
        self.refused("exactly one of", "q", "g", statistic="proportion")
        self.refused("rescaled", "q", "g", top=2, rescale=(0, 100))
        self.refused("statistic", "q", "g", statistic="median")
        self.refused("nothing to estimate", "x", [])
        self.refused("no such", "x", "nowhere")

    def test_one_level(self) -> None:
        self.refused("only one group", "x", "g", where="g == 1")
        self.refused("only one group", "x", "g", "rest", where="g == 1")
        self.refused("only one group", "x", "g", 1, where="g == 1")

    def test_all_missing(self) -> None:
        data = frame().assign(x=np.nan)
        self.refused("only one group with answers", "x", "g", data=data)

    def test_empty_group_is_left_out_and_said(self) -> None:
        data = frame()
        data.loc[data["g"] == 3, "x"] = np.nan
        for against, rows in ((None, 3), ("rest", 3), (1, 2)):
            c = sample(data).compare("x", "g", against)
            assert len(c.table) == rows
            assert np.isfinite(c.table[["estimate", "std_error", "effect_size"]].to_numpy(float)).all()
            assert any("not compared" in note for note in c.notes)
        self.refused("only one group with answers", "x", "g", 3, data=data)

    def test_a_group_in_one_cluster_has_no_error(self) -> None:
        data = frame().assign(g=lambda d: np.where(d["psu"] == 0, 9, d["g"]))
        for against in (None, "rest", 1):
            t = sample(data).compare("x", "g", against, adjust="max-t", margin=1).table
            of = t["contrast"].str.contains("9 −|− 9")
            assert (
                t.loc[of, ["std_error", "p_value", "p_adjusted", "conf_low", "effect_std_error", "mdd"]]
                .isna()
                .all(axis=None)
            )
            assert t.loc[of, "verdict"].eq("inconclusive").all()
            assert t.loc[~of, ["std_error", "p_adjusted"]].notna().all(axis=None)

    def test_three_respondents(self) -> None:
        data = pd.DataFrame({"g": ["a", "b", "b"], "x": [1.0, 2, 4], "w": 1.0})
        t = sv.Sample(data, weights="w").compare("x", "g", adjust="max-t", margin=1).table
        assert len(t) == 1

    def test_a_group_in_one_stratum_only(self) -> None:
        data = frame().assign(g=lambda d: np.where(d["stratum"] == 2, 5, d["g"]))
        t = sample(data).compare("x", "g", "rest").table
        assert np.isfinite(t[["std_error", "p_adjusted"]].to_numpy(float)).all()

    def test_many_groups_make_no_great_matrix(self) -> None:
        i = np.arange(6000)
        data = pd.DataFrame({"g": i % 200, "x": (i * 7 % 31).astype(float), "w": 1.0, "psu": i // 3})
        c = sv.Sample(data, weights="w", psu="psu").compare("x", "g", adjust="max-t")
        assert len(c.table) == 19_900
        assert isinstance(c.contrast_matrix, DifferenceMatrix)
        assert sv.narrative.compare(c, 5).text("en")

    def test_everybody_alike(self) -> None:
        t = sample(frame().assign(x=3.0)).compare("x", "g", adjust="max-t", margin=1).table
        assert (t["std_error"] == 0).all()
        assert t["p_value"].isna().all()


class TestShown:
    def test_sentences_name_the_correction_and_never_deny_a_difference(self) -> None:
        for adjust, word in (("holm", "Holm"), ("max-t", "simultaneous"), ("none", "not adjusted")):
            c = sample().compare("x", "g", "rest", adjust=adjust)
            for i in range(4):
                text = sv.narrative.compare(c, i).text("en")
                assert word in text and "everyone else" in text and "no difference" not in text.lower()

    def test_equivalence_has_its_own_sentence(self) -> None:
        c = sample().compare("x", "g", margin=2)
        said = [sv.narrative.compare(c, i).text("en") for i in range(6)]
        assert "The two are equivalent within ±2.00" in said[0]
        assert "do not show that the two are equivalent" in said[2]
        assert "tương đương trong biên" in sv.narrative.compare(c, 0).text("vi")

    @pytest.mark.parametrize("against", [None, "rest", 2])
    @pytest.mark.sampled
    def test_exhibits(self, against: Any) -> None:
        c = sample().compare("q", "g", against, top=2, margin=0.1)
        for lang in ("en", "vi"):
            assert "rest of" not in c.to_text(lang)
            table = sv.tables.table(c, lang=lang)
            assert table.form.html is not None and "rest of" not in table.form.html(table)
            assert sv.figures.intervals(c, lang=lang).alt
        assert "Risk ratio (95% CI)" in c.to_text("en")

    def test_few_answers_are_hidden_with_their_effects(self) -> None:
        data = frame()
        data.loc[data["g"] == 4, "g"] = np.where(np.arange(60) < 10, 4, 3)
        table = sv.tables.table(sample(data).compare("x", "g", margin=1), lang="en").estimates.table
        few = table["contrast"].str.contains("4 −|− 4|− 1")  # the smallest other goes with the ten of group 4
        hidden = ["estimate", "effect_size", "effect_low", "mdd", "p_equivalence", "p_adjusted"]
        assert table.loc[few, hidden].isna().all(axis=None) and table.loc[~few, hidden].notna().all(axis=None)
        assert (table.loc[few, "verdict"] == "").all()  # nor whether they are equivalent
        shown = sample(data).compare("x", "g", margin=1).table.loc[~few, "p_equivalence_adjusted"]
        assert (table.loc[~few, "p_equivalence_adjusted"] >= shown - 1e-9).all()
        html = sv.tables.table(sample(data).compare("x", "g", margin=1), lang="en")
        assert html.form.html is not None and html.form.html(html).count("inconclusive") <= 3

    def test_the_rest_is_a_text(self) -> None:
        assert Rest.of(3.0) == "rest of 3"


def test_the_notice_of_simulated_data_stands_last() -> None:
    frame = pd.DataFrame({"y": [1.0, 2, 3, 4, 5, 6] * 20, "g": [0, 1, 0, 1, 1, 0] * 20})
    responses = sv.Responses(frame, sv.Codebook(simulated=True))
    e = sv.Sample(responses, weights=None).compare("y", "g", margin=0.5)
    said = sv.narrative.compare(e)
    assert "equivalent within" in said.en and said.en.endswith(" Simulated data.") and said.en.count("Simulated") == 1
    assert said.vi.endswith(" Dữ liệu mô phỏng.") and said.vi.count("mô phỏng") == 1

"""Items in groups: R's polr and svyolr, planted differences, what must not change them, and warnings carried on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError, SurveyError
from survey.models.matching import matched
from survey.words.comparability import warning_of

pytestmark = pytest.mark.sampled

REFERENCE = Path(__file__).parents[1] / "reference"
R = {r["id"]: r for r in json.loads((REFERENCE / "dif.json").read_text(encoding="utf-8"))["results"]}
DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu", "nest": True}
ITEMS = [f"q{i}" for i in range(1, 7)]
ORDINAL = {"type": "ordinal", "labels": {str(c): {"vi": str(c), "en": str(c)} for c in range(1, 6)}}
BOOK = sv.Codebook.from_dict(
    {
        "dimensions": {"care": {"vi": "thân thiện", "en": "friendliness"}},
        "variables": {
            **{q: {**ORDINAL, "dimension": "care", "scored": True} for q in ITEMS},
            "kind": {"type": "nominal", "text": {"vi": "Loại người trả lời", "en": "Kind of respondent"}},
        },
    }
)


@pytest.fixture
def sample(r_sample: pd.DataFrame) -> sv.Sample:
    return sv.Sample(r_sample, **DESIGN)


@pytest.fixture
def unfair(r_sample: pd.DataFrame) -> sv.Sample:
    """Businesses answer q2 two points lower, whatever they think of the rest."""
    lower = np.clip(r_sample["q2"] - 2 * (r_sample["kind"] == "business"), 1, 5)
    return sv.Sample(sv.Responses(r_sample.assign(q2=lower), BOOK).score("care"), **DESIGN)


@pytest.mark.parametrize("match", ["factor", "total"])
class TestAgainstR:
    def test_the_change_of_r2_is_that_of_polr(self, r_sample: pd.DataFrame, match: str) -> None:
        """On R's `ns` of the mean, or of the regression of psych's one factor on the items."""
        got = sv.Sample(r_sample, weights=None).dif(ITEMS, by="kind", purify=False, match=match).table
        np.testing.assert_allclose(got["estimate"], R[match]["change"], rtol=1e-5)  # polr and psych's fa iterate

    def test_the_tests_are_those_of_svyolr(self, sample: sv.Sample, match: str) -> None:
        """R's svyolr differentiates numerically: two or three digits of its standard errors hold."""
        t = sample.dif(ITEMS, by="kind", purify=False, match=match).table
        for column, name in (
            ("statistic_uniform", "uniform"),
            ("statistic_nonuniform", "nonuniform"),
            ("statistic", "both"),
        ):
            np.testing.assert_allclose(t[column], R[match][name], rtol=0.01, atol=0.002)

    def test_degrees_of_freedom(self, sample: sv.Sample, match: str) -> None:
        """29 clusters minus strata, less three of the curve, the group and its product with the score."""
        t = sample.dif(ITEMS, by="kind", match=match).table
        assert (t["df"] == 2).all() and (t["ddf"] == 24).all() and (t["n"] == 211).all()


def test_two_tests_of_one_coefficient_are_the_wald_tests_of_the_model(
    sample: sv.Sample, r_sample: pd.DataFrame
) -> None:
    """The same regression by the verb for ordinal models, whose errors have their own reference in R."""
    use = r_sample[ITEMS].notna().all(axis=1)
    data = r_sample.assign(score=r_sample[ITEMS].mean(axis=1).where(use), g=(r_sample["kind"] == "resident") * 1.0)
    t = sv.Sample(data, **DESIGN).ordinal("q2 ~ ns(score, df=3) + g").table.set_index("term")
    got = sample.dif(ITEMS, by="kind", purify=False, match="total").table.set_index("item").loc["q2"]
    np.testing.assert_allclose(got["statistic_uniform"], t.loc["g", "statistic"] ** 2, rtol=1e-8)
    np.testing.assert_allclose(got["p_uniform"], t.loc["g", "p_value"], rtol=1e-8)


class TestReplicates:
    """A jackknife of sums over clusters has the linearised variance exactly, and tests are made of such sums."""

    TESTS = ("statistic", "statistic_uniform", "statistic_nonuniform", "p_value", "shift", "estimate")

    def test_a_jackknife_agrees_with_linearisation(self, sample: sv.Sample) -> None:
        d = sample.replicates("jackknife").dif(ITEMS, by="kind")
        np.testing.assert_allclose(d.table[[*self.TESTS]], sample.dif(ITEMS, by="kind").table[[*self.TESTS]], rtol=1e-8)
        assert any("JKn" in note for note in d.notes)

    def test_linearisation_may_be_asked_for(self, sample: sv.Sample) -> None:
        few = sample.replicates("bootstrap", n=20, seed=1)
        a, b = few.dif(ITEMS, by="kind", variance="taylor").table, sample.dif(ITEMS, by="kind").table
        pd.testing.assert_frame_equal(a, b)
        assert not np.allclose(few.dif(ITEMS, by="kind").table["p_value"], b["p_value"], rtol=0.01)

    def test_columns_of_replicate_weights_are_enough(self, sample: sv.Sample, r_sample: pd.DataFrame) -> None:
        """The same jackknife as a producer would give it, without strata and clusters."""
        made = sample.replicates("jackknife")
        spec = made.design.replicates
        assert spec is not None
        columns = {f"r{i}": made.readjusted.replicate(i) for i in range(spec.count)}
        frame = pd.concat([r_sample, pd.DataFrame(columns, index=r_sample.index)], axis=1)
        given = sv.Replicates("JKn", tuple(columns), rscales=spec.rscales, mse=True, df=spec.df)
        alone = sv.Sample(frame, weights="w", replicates=given)
        a, b = alone.dif(ITEMS, by="kind").table, made.dif(ITEMS, by="kind").table
        np.testing.assert_allclose(a[[*self.TESTS]], b[[*self.TESTS]], rtol=1e-8)
        with pytest.raises(SurveyError, match="Linearised tests of items need strata and clusters"):
            alone.dif(ITEMS, by="kind", variance="taylor")


class TestPlanted:
    """1,600 answers of a graded response model; the groups differ by half a standard deviation in what is measured."""

    def data(self, uniform: float = 0.0, steeper: float = 1.0) -> pd.DataFrame:
        rng = np.random.default_rng(7)
        n = 1600
        group = np.arange(n) % 2
        trait = rng.normal(size=n) + 0.5 * group
        items = {}
        for i in range(6):
            slope = np.where((i == 2) & (group == 1), steeper, 1.0) * 1.6
            cuts = np.array([-1.5, -0.5, 0.6, 1.6])
            moved = slope * trait + (uniform * group if i == 2 else 0.0) + rng.logistic(size=n)
            items[f"i{i}"] = 1.0 + (moved[:, None] > 1.6 * cuts).sum(axis=1)
        return pd.DataFrame(items).assign(group=group, psu=np.arange(n) // 20)

    def test_items_that_work_alike_are_not_flagged_though_the_groups_differ(self) -> None:
        d = sv.Sample(self.data(), weights=None, psu="psu").dif([f"i{i}" for i in range(6)], by="group")
        assert d.flagged == () and d.warning is None
        assert (d.table["size"] == "negligible").all()

    def test_an_item_that_is_easier_for_a_group_is_flagged_alone(self) -> None:
        d = sv.Sample(self.data(uniform=1.6), weights=None, psu="psu").dif([f"i{i}" for i in range(6)], by="group")
        assert d.flagged == ("i2",)
        row = d.table.set_index("item").loc["i2"]
        assert row["p_uniform"] < 1e-6 < row["p_nonuniform"] and row["shift"] > 0.3
        assert any("left out of the score" in note for note in d.notes)

    def test_an_item_that_tells_more_in_a_group_differs_unevenly(self) -> None:
        d = sv.Sample(self.data(steeper=3.0), weights=None, psu="psu").dif([f"i{i}" for i in range(6)], by="group")
        row = d.table.set_index("item").loc["i2"]
        assert row["p_nonuniform"] < 1e-4


class TestMatching:
    """What one factor and a curve are for: items that tell more than others, and a floor of the scale."""

    def data(self, impact: float = 1.0, people: int = 12_000) -> pd.DataFrame:
        """Six items of a graded response model with slopes from 0.8 to 2.6; the second group is higher by `impact`."""
        rng = np.random.default_rng(11)
        group = np.arange(people) % 2
        trait = rng.normal(size=people) + impact * group
        slopes, cuts = np.array([0.8, 1.2, 1.6, 2.0, 2.6, 1.0]), np.array([-1.5, -0.5, 0.6, 1.6])
        noise = rng.logistic(size=(people, 6))
        reached = (slopes * trait[:, None] + noise)[:, :, None] > slopes[:, None] * cuts
        return pd.DataFrame(1.0 + reached.sum(axis=2), columns=ITEMS).assign(group=group)

    def test_items_that_work_alike_do_so_at_the_score_of_their_factor(self) -> None:
        """Among 12,000 people the mean of all items makes them differ by far more than chance."""
        s = sv.Sample(self.data(), weights=None)
        by = {m: s.dif(ITEMS, by="group", match=m, purify=False).table for m in ("factor", "total")}
        assert by["factor"]["statistic_uniform"].max() < by["total"]["statistic_uniform"].max() / 10
        assert by["factor"]["estimate"].max() < 0.002

    @pytest.mark.parametrize(
        ("above", "match", "values", "k"), [(3, "total", 4, 3), (3, "rest", 3, 2), (1, "total", 4, 1)]
    )
    def test_a_score_of_few_values_has_no_bends_that_cannot_be_told(
        self, above: int, match: str, values: int, k: int
    ) -> None:
        """Of three answers of 0 and 1, of two, and where four of five people give the highest answer to all."""
        y = (self.data(people=2_000)[ITEMS[:3]] > above).to_numpy(float)
        found = matched(y, 0, np.ones(3, bool), np.ones(len(y)), match)
        assert len(np.unique(found.score)) == values and found.curve.shape[1] == k
        assert np.linalg.matrix_rank(np.column_stack([np.ones(len(y)), found.curve])) == 1 + k

    def test_without_usable_loadings_items_count_alike(self) -> None:
        """An item against the others has a loading below 0."""
        data = self.data(people=2_000)
        data["q6"] = 6 - data["q6"]
        d = sv.Sample(data, weights=None).dif(ITEMS, by="group", purify=False)
        plain = sv.Sample(data, weights=None).dif(ITEMS, by="group", purify=False, match="total")
        pd.testing.assert_frame_equal(d.table, plain.table)
        assert any("no usable loadings" in note for note in d.notes)


class TestWhatMustNotChangeThem:
    def same(self, one: sv.Sample, other: sv.Sample) -> None:
        a, b = (s.dif(ITEMS, by="kind").table for s in (one, other))
        pd.testing.assert_frame_equal(a, b, rtol=1e-6)

    def test_the_scale_of_the_weights(self, sample: sv.Sample, r_sample: pd.DataFrame) -> None:
        self.same(sample, sv.Sample(r_sample.assign(w=r_sample["w"] * 1e6), **DESIGN))

    def test_the_order_of_the_rows(self, sample: sv.Sample, r_sample: pd.DataFrame) -> None:
        self.same(sample, sv.Sample(r_sample.sample(frac=1, random_state=1), **DESIGN))

    def test_percent_for_share(self, sample: sv.Sample, r_sample: pd.DataFrame) -> None:
        """Tests and R2 do not know the unit of the answers; shifts are in it."""
        a = sample.dif(ITEMS, by="kind").table
        b = sv.Sample(r_sample.assign(**{q: 100 * r_sample[q] for q in ITEMS}), **DESIGN).dif(ITEMS, by="kind").table
        np.testing.assert_allclose(b["shift"], 100 * a["shift"], rtol=1e-6)
        np.testing.assert_allclose(b["p_value"], a["p_value"], rtol=1e-6)

    def test_weights_of_one_are_no_weights(self, r_sample: pd.DataFrame) -> None:
        self.same(
            sv.Sample(r_sample, weights=None, psu="psu"),
            sv.Sample(r_sample.assign(one=1.0), weights="one", psu="psu"),
        )


class TestWarning:
    def test_results_that_compare_the_groups_carry_it(self, unfair: sv.Sample) -> None:
        d = unfair.dif("care", by="kind")
        assert d.flagged[0] == "q2"
        c = d.warn(unfair.compare("care", by="kind"))
        told = sv.narrative.compare(c, 0)
        assert "cannot be compared fairly by Kind of respondent" in told.en
        assert "so sánh điểm thân thiện theo Loại người trả lời là không công bằng".casefold() in told.vi.casefold()
        assert any("công bằng" in note for note in sv.tables.table(c, lang="vi").notes)
        assert any("fairly" in note for note in sv.figures.intervals(c, lang="en").notes)

    def test_titles_do_not_tell_a_difference_that_is_unfair(self, unfair: sv.Sample) -> None:
        plain = unfair.compare("q2", by="kind")
        assert "higher" in sv.figures.intervals(plain, lang="en").title
        assert "higher" not in sv.figures.intervals(unfair.dif("care", by="kind").warn(plain), lang="en").title

    def test_differences_made_of_means_with_the_warning_have_it(self, unfair: sv.Sample) -> None:
        d = unfair.dif("care", by="kind")
        means = d.warn(unfair.mean("care", by="kind"))
        assert warning_of(means.pairwise()) is not None
        assert d.warn(means) is means

    def test_items_that_work_alike_are_compared_without_it(self, unfair: sv.Sample) -> None:
        c = unfair.compare("q3", by="kind")
        assert unfair.dif("care", by="kind").warn(c) is c

    def test_of_items_that_all_work_alike_nothing_is_said(self, r_sample: pd.DataFrame) -> None:
        s = sv.Sample(sv.Responses(r_sample, BOOK).score("care"), **DESIGN)
        c = s.compare("care", by="kind")
        assert s.dif("care", by="kind").warn(c) is c

    def test_a_result_by_other_groups_is_refused(self, unfair: sv.Sample) -> None:
        with pytest.raises(EstimationError, match="groups"):
            unfair.dif("care", by="kind").warn(unfair.mean("care", by="wave"))

    def test_a_result_on_another_scale_is_refused(self, unfair: sv.Sample) -> None:
        with pytest.raises(EstimationError, match="not about the scale"):
            unfair.dif("care", by="kind").warn(unfair.mean("minutes", by="kind"))

    @pytest.mark.parametrize("lang", ["vi", "en"])
    def test_the_table_of_items(self, unfair: sv.Sample, lang: str) -> None:
        html = sv.tables.table(unfair.dif("care", by="kind"), lang=lang).html()
        assert {"vi": "Mức tăng R²", "en": "Change of R²"}[lang] in html


class TestBadInput:
    def test_two_items(self, sample: sv.Sample) -> None:
        with pytest.raises(EstimationError, match="at least 3"):
            sample.dif(["q1", "q2"], by="kind")

    def test_one_group(self, sample: sv.Sample) -> None:
        with pytest.raises(EstimationError, match="only one group"):
            sample.dif(ITEMS, by="kind", where="kind == 'resident'")

    def test_a_group_that_was_not_asked_an_item(self, r_sample: pd.DataFrame) -> None:
        data = r_sample.assign(q1=r_sample["q1"].where(r_sample["kind"] == "resident"))
        with pytest.raises(EstimationError, match="Only one group"):
            sv.Sample(data, **DESIGN).dif(ITEMS, by="kind")

    def test_a_constant_item(self, r_sample: pd.DataFrame) -> None:
        with pytest.raises(EstimationError, match="q4"):
            sv.Sample(r_sample.assign(q4=3.0), **DESIGN).dif(ITEMS, by="kind")

    def test_an_item_of_numbers(self, sample: sv.Sample) -> None:
        with pytest.raises(EstimationError, match="too many different values"):
            sample.dif(["q1", "q2", "minutes"], by="kind")

    def test_an_item_that_a_group_answers_in_one_way_has_no_test(self, r_sample: pd.DataFrame) -> None:
        """All businesses at the top: the model runs off, the row is empty, and a note names the item."""
        data = r_sample.assign(q1=r_sample["q1"].where(r_sample["kind"] == "resident", 5.0))
        d = sv.Sample(data, **DESIGN).dif(ITEMS, by="kind")
        assert np.isnan(d.table["p_value"][0]) and np.isfinite(d.table["p_value"][1])
        assert any("q1" in note and "no solution" in note for note in d.notes)
        assert "q1" not in d.flagged

    @pytest.mark.parametrize(
        "bad", [{"match": "sum"}, {"variance": "guess"}, {"adjust": "max-t"}, {"adjust": "some"}, {"level": 1}]
    )
    def test_arguments_out_of_range(self, sample: sv.Sample, bad: dict[str, Any]) -> None:
        with pytest.raises(SurveyError):
            sample.dif(ITEMS, by="kind", **bad)

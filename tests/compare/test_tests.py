"""Tests: what must not change them, what they are with equal weights, and what odd data make of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import survey as sv
from survey import Codebook, Variable

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
ROWS = pd.read_csv(REFERENCE / "rows.csv")
VERBS: dict[str, Callable[[sv.Sample], sv.Estimates]] = {
    "independence": lambda s: s.independence(["q1", "q2"], "kind"),
    "first order": lambda s: s.independence("q1", "kind", statistic="Chisq"),
    "lincom": lambda s: s.independence("q1", "kind", statistic="lincom"),
    "Wald": lambda s: s.independence("yes", "sex", statistic="adjWald"),
    "rank_test": lambda s: s.rank_test(["q1", "minutes"], by="kind"),
    "normal scores": lambda s: s.rank_test("q2", by="sex", test="vanderWaerden", where="kind == 'resident'"),
    "kruskal": lambda s: s.rank_test(["q1", "minutes"], by="age", test="kruskal"),
    "t_test": lambda s: s.t_test(["q1", "minutes"], by="sex"),
    "one mean": lambda s: s.t_test("q1", value=3, where="sex == 1"),
    "gap": lambda s: s.gap("q1", "q2", by="kind"),
    "gap of shares": lambda s: s.gap("q1", "q2", top=2),
    "trend": lambda s: s.trend(["q1", "minutes"], by="age"),
    "trend of a share": lambda s: s.trend("q1", by="age", top=2),
    "trend of ranks": lambda s: s.trend(["q1", "minutes"], by="age", test="rank"),
}


def sample(rows: pd.DataFrame, design: str = "strat_clus", raked: bool = False) -> sv.Sample:
    s = sv.Sample(rows, **DESIGNS[design])
    n = rows["w"].sum()
    targets = {"sex": {0: 0.42 * n, 1: 0.58 * n}, "age": {0: 0.25 * n, 1: 0.5 * n, 2: 0.25 * n}}
    return s.rake(targets, tolerance=1e-13) if raked else s


def same(got: sv.Estimates, expected: sv.Estimates, rtol: float = 1e-8) -> None:
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=rtol, atol=1e-12)


@pytest.mark.parametrize("raked", [False, True], ids=["", "raked"])
@pytest.mark.parametrize("design", ["strat_clus", "two_stage", "element"])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.crossed
class TestInvariance:
    @pytest.mark.sampled
    def test_the_scale_of_the_weights(self, verb: str, design: str, raked: bool) -> None:
        """Weights are no counts of people asked: a p-value must not fall because they are larger."""
        run = VERBS[verb]
        same(run(sample(ROWS.assign(w=1e6 * ROWS["w"]), design, raked)), run(sample(ROWS, design, raked)))

    @pytest.mark.sampled
    def test_the_order_of_the_rows(self, verb: str, design: str, raked: bool) -> None:
        run = VERBS[verb]
        shuffled = ROWS.sample(frac=1, random_state=5)
        same(run(sample(shuffled, design, raked)), run(sample(ROWS, design, raked)))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.sampled
def test_weights_of_one_are_no_weights(verb: str) -> None:
    run = VERBS[verb]
    ones = sv.Sample(ROWS.assign(w=1.0), weights="w", psu="cluster")
    same(run(sv.Sample(ROWS, weights=None, psu="cluster")), run(ones))


# shares of answers have codes, and a value the unit of the item
@pytest.mark.parametrize("verb", [v for v in VERBS if v not in ("gap of shares", "trend of a share", "one mean")])
@pytest.mark.sampled
def test_percent_against_share(verb: str) -> None:
    """A hundred times the answers: differences are a hundred times as large; tests stay as they are."""
    run = VERBS[verb]
    share = run(sample(ROWS)).table
    hundred = ROWS.assign(**{c: 100 * ROWS[c] for c in ("q1", "q2", "minutes", "yes")})
    percent = run(sample(hundred)).table
    factor = 100 if verb in ("t_test", "gap", "trend") else 1
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        if column in share:
            np.testing.assert_allclose(percent[column], factor * share[column], rtol=1e-9)
    for column in ("statistic", "p_value", "df", "n"):
        np.testing.assert_allclose(percent[column], share[column], rtol=1e-9)


def test_the_share_of_a_gap_trend_and_t_test_is_the_mean_of_its_indicator() -> None:
    rows = ROWS.assign(a=(ROWS["q1"] >= 4).where(ROWS["q1"].notna()), b=(ROWS["q2"] >= 4).where(ROWS["q2"].notna()))
    rows[["a", "b"]] = rows[["a", "b"]].astype(float)
    s = sample(rows)
    for share, mean in (
        (s.gap("q1", "q2", top=2, by="kind"), s.gap("a", "b", by="kind")),
        (s.trend("q1", by="age", top=2), s.trend("a", by="age")),
        (s.t_test("q1", by="kind", levels=[4, 5]), s.t_test("a", by="kind")),
        (s.t_test("q1", value=0.4, top=2), s.t_test("a", value=0.4)),
    ):
        numbers = share.table.select_dtypes("number").columns
        np.testing.assert_allclose(share.table[numbers], mean.table[numbers], rtol=1e-9)


class TestWithWeightsOfOne:
    """A simple random sample: the tests of the first statistics course."""

    rows = ROWS.dropna(subset=["q1", "q2", "minutes"]).assign(w=1.0)
    simple = sv.Sample(rows, weights="w")

    def test_pearsons_test(self) -> None:
        """All design effects are n / (n - 1), so nothing is corrected but this."""
        n = len(self.rows)
        table = pd.crosstab(self.rows["q1"], self.rows["kind"])
        pearson = stats.chi2_contingency(table, correction=False)
        got = self.simple.independence("q1", "kind", statistic="Chisq").table.iloc[0]
        assert got["statistic"] == pytest.approx(pearson.statistic * (n - 1) / n, rel=1e-10)
        assert (got["df"], got["n"]) == (pearson.dof, n)
        assert got["deff"] == pytest.approx(n / (n - 1), rel=1e-10)
        assert got["cramers_v"] == pytest.approx(stats.contingency.association(table), rel=1e-10)
        f = self.simple.independence("q1", "kind").table.iloc[0]
        assert f["df"] == pytest.approx(pearson.dof, rel=1e-10)
        assert f["ddf"] == pytest.approx(pearson.dof * (n - 1), rel=1e-10)

    def test_v_is_corrected_as_by_bergsma(self) -> None:
        """Bergsma (2013), eqs 5-8, with the effective n: here n - 1 for n, as variances have it."""
        n, table = len(self.rows) - 1, pd.crosstab(self.rows["q2"], self.rows["age"])
        r, c = table.shape
        square = stats.chi2_contingency(table, correction=False).statistic / len(self.rows)
        left = max(0.0, square - (r - 1) * (c - 1) / (n - 1))
        r, c = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
        got = self.simple.independence("q2", "age").table.iloc[0]
        assert got["estimate"] == pytest.approx(np.sqrt(left / (min(r, c) - 1)), rel=1e-9)

    def test_mann_whitney(self) -> None:
        one, other = (self.rows.loc[self.rows["kind"] == k, "q1"] for k in ("resident", "business"))
        u = stats.mannwhitneyu(one, other).statistic / len(one) / len(other)
        got = self.simple.rank_test("q1", by="kind").table.iloc[0]
        assert got["contrast"] == "resident − business"
        assert got["superiority"] == pytest.approx(u, rel=1e-12)
        assert got["estimate"] == pytest.approx(u - 0.5, rel=1e-12)

    def test_the_variance_of_ranks_between_groups_is_that_of_kruskal_and_wallis(self) -> None:
        groups = [part["minutes"] for _, part in self.rows.groupby("age")]
        h, n = stats.kruskal(*groups).statistic, len(self.rows)
        got = self.simple.rank_test("minutes", by="age", test="kruskal").table.iloc[0]
        assert got["estimate"] == pytest.approx(h / (n - 1), rel=1e-10)

    def test_students_t_of_one_mean_and_of_pairs(self) -> None:
        one = stats.ttest_1samp(self.rows["q1"], 3)
        got = self.simple.t_test("q1", value=3).table.iloc[0]
        assert (got["statistic"], got["p_value"]) == pytest.approx((one.statistic, one.pvalue), rel=1e-10)
        paired = stats.ttest_rel(self.rows["q1"], self.rows["q2"])
        got = self.simple.gap("q1", "q2").table.iloc[0]
        assert (got["statistic"], got["p_value"]) == pytest.approx((paired.statistic, paired.pvalue), rel=1e-10)
        assert got["df"] == paired.df

    def test_the_trend_is_the_slope_of_least_squares(self) -> None:
        slope = stats.linregress(self.rows["age"], self.rows["minutes"]).slope
        assert self.simple.trend("minutes", by="age").table["estimate"][0] == pytest.approx(slope, rel=1e-10)
        scored = self.simple.trend("minutes", by="age", scores={0: 20, 1: 40, 2: 80}).table["estimate"][0]
        x = self.rows["age"].map({0: 20, 1: 40, 2: 80})
        assert scored == pytest.approx(stats.linregress(x, self.rows["minutes"]).slope, rel=1e-10)


def test_a_domain_keeps_the_clusters_of_the_design() -> None:
    """Rows dropped beforehand are clusters lost; a domain is not. R: svychisq(subset(d, ...)) in test_tests_by_r."""
    s = sample(ROWS)
    inside = s.independence("q2", "sex", where="age == 0").table.iloc[0]
    dropped = sv.Sample(ROWS[ROWS["age"] == 0], **DESIGNS["strat_clus"], lonely="adjust")
    assert inside["statistic"] != pytest.approx(dropped.independence("q2", "sex").table["statistic"][0], rel=1e-6)


def test_a_gap_is_among_those_who_answered_both() -> None:
    s = sample(ROWS)
    both = ROWS[["q1", "q2"]].notna().all(axis=1)
    got = s.gap("q1", "q2").table.iloc[0]
    means = s.mean(["q1", "q2"], where=both.to_numpy()).table["estimate"]
    assert got["n"] == both.sum()
    assert got["estimate"] == pytest.approx(means[0] - means[1])
    apart = s.mean(["q1", "q2"]).contrast([1, -1]).table.iloc[0]
    assert got["estimate"] != pytest.approx(apart["estimate"], abs=1e-6)
    direct = sample(ROWS.assign(d=ROWS["q1"] - ROWS["q2"])).mean("d").table.iloc[0]
    assert got["std_error"] == pytest.approx(direct["std_error"], rel=1e-10)


# --- odd data ---------------------------------------------------------------------------------------------------------


def people(n: int = 400, clusters: int = 20, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "w": rng.uniform(1, 3, n),
            "psu": np.arange(n) % clusters,
            "stratum": np.arange(n) % clusters % 2,
            "q": rng.integers(1, 6, n).astype(float),
            "r": rng.integers(1, 6, n).astype(float),
            "g": rng.integers(0, 3, n),
        }
    )
    return frame.assign(**columns)


def clustered(frame: pd.DataFrame, book: Codebook | None = None, **design: Any) -> sv.Sample:
    data = frame if book is None else sv.Responses(frame, book)
    return sv.Sample(data, **{"weights": "w", "strata": "stratum", "psu": "psu", **design})


def test_one_cluster_leaves_no_p_value_and_says_so() -> None:
    s = sv.Sample(people(clusters=1), weights="w", psu="psu", lonely="adjust")
    for e in (s.independence("q", "g"), s.trend("q", by="g")):
        assert np.isnan(e.table["p_value"][0])
        assert any("degrees of freedom" in note for note in e.notes)
        assert "cannot be judged" in sv.narrative.describe(e).en
    e = s.rank_test("q", by="g")
    assert np.isnan(e.table["p_value"][0]) and any("one cluster" in n or "degrees of freedom" in n for n in e.notes)


def test_a_group_in_one_cluster_is_never_significant() -> None:
    """Its mean has no error between clusters, so a test would compare with an error of none."""
    frame = people()
    frame["g"] = np.where(frame["psu"] == 0, 1, 0)
    s = clustered(frame)
    e = s.rank_test("q", by="g")
    assert np.isnan(e.table["p_value"][0]) and any("one cluster" in note for note in e.notes)
    frame["g"] = np.where(frame["psu"] == 0, 2, frame["psu"] % 2)
    e = clustered(frame).rank_test("q", by="g", test="kruskal")
    assert np.isnan(e.table["p_value"][0]) and any("one cluster" in note for note in e.notes)
    trend = clustered(frame).trend("q", by="g").table.iloc[0]
    assert np.isfinite(trend["p_value"]) and np.isnan(trend["p_departure"])


def test_a_group_in_one_stratum_only() -> None:
    frame = people(g=0)
    frame.loc[(frame["stratum"] == 1) & (frame.index % 3 == 0), "g"] = 1
    s = clustered(frame)
    for e in (s.independence("q", "g"), s.rank_test("q", by="g"), s.t_test("q", by="g"), s.trend("q", by="g")):
        assert 0 < e.table["p_value"][0] < 1


def test_one_group_is_refused_and_one_answer_is_noted() -> None:
    s = clustered(people(g=1, c=3.0))
    for call in (s.independence, s.rank_test, s.trend):
        with pytest.raises(sv.EstimationError, match="only one group"):
            call("q", by="g")
    with pytest.raises(sv.EstimationError, match="compares two groups"):
        s.t_test("q", by="g")
    s = clustered(people(c=3.0))
    for e in (s.independence(["c", "q"], "g"), s.rank_test(["c", "q"], by="g", test="kruskal")):
        assert np.isnan(e.table["p_value"][0]) and np.isfinite(e.table["p_value"][1])
        assert any("nothing to test" in note and note.startswith("c:") for note in e.notes)
        assert "no data" in sv.narrative.describe(e, 0).en
    flat = s.trend("c", by="g").table.iloc[0]
    assert flat["estimate"] == pytest.approx(0, abs=1e-12) and np.isnan(flat["p_value"])


def test_three_respondents() -> None:
    frame = pd.DataFrame({"w": 1.0, "q": [1.0, 2.0, 3.0], "r": [2.0, 2.0, 5.0], "g": [0, 1, 1]})
    s = sv.Sample(frame, weights="w")
    for e in (s.independence("q", "g"), s.rank_test("q", by="g"), s.trend("q", by="g"), s.gap("q", "r")):
        p = e.table["p_value"][0]
        assert np.isnan(p) or 0 <= p <= 1
        assert "fewer than 30 answers" in sv.narrative.describe(e).en
        assert "p_value" in e.table and e.to_text("en")


def test_an_item_without_answers_is_one_clear_error() -> None:
    s = clustered(people(empty=np.nan))
    with pytest.raises(sv.EstimationError, match="no answers"):
        s.independence("empty", "g")
    with pytest.raises(sv.EstimationError, match="Nobody answered both"):
        s.gap("empty", "q")
    with pytest.raises(sv.EstimationError, match="no answers"):
        s.t_test("empty", value=3)
    e = s.rank_test(["empty", "q"], by="g", test="kruskal")
    assert np.isnan(e.table["p_value"][0]) and e.table["n"][0] == 0 and np.isfinite(e.table["p_value"][1])
    e = s.trend(["empty", "q"], by="g")
    assert np.isnan(e.table["p_value"][0]) and np.isfinite(e.table["p_value"][1])


def test_an_item_without_answers_in_a_group_or_a_domain() -> None:
    frame = people()
    frame["half"] = frame["q"].where(frame["g"] == 0)
    s = clustered(frame)
    e = s.independence(["half", "q"], "g")
    assert np.isnan(e.table["p_value"][0]) and np.isfinite(e.table["p_value"][1])
    e = s.rank_test(["half", "q"], by="g", where="g < 2")
    assert np.isnan(e.table["p_value"][0]) and np.isfinite(e.table["p_value"][1])
    e = s.t_test(["half", "q"], by="g", where="g < 2")
    assert e.table["item"].tolist() == ["q"] and any(note.startswith("half:") for note in e.notes)
    with pytest.raises(sv.EstimationError, match="domain is empty"):
        s.independence("q", "g", where="g == 9")


@pytest.mark.slow
def test_five_hundred_groups() -> None:
    """Four people a group say nothing of a table, and Pearson's statistic would say that they do."""
    frame = people(2_000, 40, many=np.arange(2_000) % 500, fewer=np.arange(2_000) // 7 % 100)
    s = clustered(frame)
    e = s.independence("q", "many")
    assert np.isnan(e.table["p_value"][0]) and any("fewer than one answer" in note for note in e.notes)
    assert "cannot be judged" in sv.narrative.describe(e).en
    e = s.independence("q", "fewer")
    row = e.table.iloc[0]
    assert 0.05 < row["p_value"] < 1 and row["estimate"] < 0.15 < row["cramers_v"]
    assert any("fewer than 5 answers" in note for note in e.notes)
    wald = s.independence("q", "fewer", statistic="Wald")
    assert np.isnan(wald.table["p_value"][0]) and any("too few clusters" in note for note in wald.notes)
    ranks = s.rank_test("q", by="many", test="kruskal")
    assert np.isnan(ranks.table["p_value"][0]) and any("degrees of freedom" in note for note in ranks.notes)
    with pytest.raises(sv.EstimationError, match="too large for a test of independence"):
        clustered(people(2_000, 40, many=np.arange(2_000))).independence("q", "many")


def test_a_table_fixed_by_calibration_has_nothing_to_test() -> None:
    frame = people()
    frame["cell"] = frame["q"] * 10 + frame["g"]
    totals = frame.groupby("cell")["w"].sum().to_dict()
    e = clustered(frame).poststratify({"cell": totals}).independence("q", "g")
    assert np.isnan(e.table["p_value"][0]) and any("no sampling error" in note for note in e.notes)


def test_answers_as_text_and_as_categories() -> None:
    words = {1.0: "rất kém", 2.0: "kém", 3.0: "vừa", 4.0: "tốt", 5.0: "rất tốt"}
    frame = people()
    text = frame["q"].map(words)
    frame["text"] = text
    frame["ordered"] = pd.Categorical(text, categories=list(words.values()), ordered=True)
    frame["numbers"] = frame["q"].astype("Int64")
    frame["half"] = frame["q"].astype("category")
    s = clustered(frame)
    expected = s.independence("q", "g").table["statistic"][0]
    for name in ("text", "ordered", "numbers", "half"):
        assert s.independence(name, "g").table["statistic"][0] == pytest.approx(expected, rel=1e-10)
    ranked = s.rank_test("q", by="g", test="kruskal").table["statistic"][0]
    for name in ("ordered", "numbers", "half"):
        assert s.rank_test(name, by="g", test="kruskal").table["statistic"][0] == pytest.approx(ranked, rel=1e-10)
    with pytest.raises(sv.EstimationError, match="no order, so they have no ranks"):
        s.rank_test("text", by="g")
    trend = s.trend("r", by="ordered").table["estimate"][0]
    assert trend == pytest.approx(s.trend("r", by="q").table["estimate"][0], rel=1e-10)
    with pytest.raises(sv.EstimationError, match="no trend over them"):
        s.trend("r", by="text")
    places = {word: code for code, word in words.items()}
    assert s.trend("r", by="text", scores=places).table["estimate"][0] == pytest.approx(trend, rel=1e-10)


def test_nominal_items_have_no_ranks_and_nominal_groups_no_trend() -> None:
    regions = {k: {"en": f"Region {k}", "vi": f"Vùng {k}"} for k in range(1, 6)}
    book = Codebook(variables={"q": Variable("q", "nominal", labels=regions)})
    s = clustered(people(), book)
    assert np.isfinite(s.independence("q", "g").table["p_value"][0])
    for call in (lambda: s.rank_test("q", by="g"), lambda: s.trend("q", by="g"), lambda: s.trend("r", by="q")):
        with pytest.raises(sv.EstimationError, match="codes are names"):
            call()


def test_what_looks_like_a_non_answer_is_noted() -> None:
    frame = people()
    frame.loc[frame.index % 9 == 0, "q"] = 99.0
    s = clustered(frame)
    notes = {
        "independence": s.independence("q", "g").notes,
        "rank": s.rank_test("q", by="g", test="kruskal").notes,
        "trend": s.trend("q", by="g").notes,
        "t": s.t_test("q", value=3).notes,
        "gap": s.gap("q", "r").notes,
    }
    for verb, told in notes.items():
        assert any("99 looks like a non-answer" in note for note in told), verb
    assert any("99 looks like" in note for note in s.independence("r", "q").notes)
    book = Codebook(variables={"q": Variable("q", "ordinal", missing={99: "dont_know"})})
    with pytest.raises(sv.EstimationError, match="declares missing"):
        clustered(frame, book).independence("q", "g")


def test_a_zero_weight_is_a_row_outside_every_domain() -> None:
    frame = people()
    frame["q0"] = frame["q"].where(frame.index % 5 > 0)
    zero = frame.assign(w=frame["w"].where(frame.index % 5 > 0, 0.0))
    for call in (
        lambda s: s.independence("q0", "g"),
        lambda s: s.rank_test("q0", by="g", test="kruskal"),
        lambda s: s.trend("q0", by="g"),
        lambda s: s.gap("q0", "r"),
    ):
        np.testing.assert_allclose(
            call(clustered(zero)).table.select_dtypes("number"),
            call(clustered(frame)).table.select_dtypes("number"),
            rtol=1e-9,
        )


def test_arguments_that_cannot_be() -> None:
    s = clustered(people())
    for call, said in (
        (lambda: s.independence("q", "g", statistic="G"), "statistic of a test of independence"),
        (lambda: s.independence("q", "q"), "against itself"),
        (lambda: s.independence("q", []), "nothing to estimate|no groups"),
        (lambda: s.rank_test("q", by="g", test="Friedman"), "rank test"),
        (lambda: s.rank_test("q", by="g", ties="first"), "rule for ties"),
        (lambda: s.t_test("q"), "either two groups or a value"),
        (lambda: s.t_test("q", by="g", value=3), "either two groups or a value"),
        (lambda: s.t_test("q", by="g"), "compares two groups"),
        (lambda: s.t_test("q", value="three"), "must be a number"),
        (lambda: s.gap("q", "q"), "two different items"),
        (lambda: s.trend("q", by=["g", "r"]), "groups of one column"),
        (lambda: s.trend("q", by="g", scores=[1, 2]), "one for each group"),
        (lambda: s.trend("q", by="g", scores={0: 1, 1: 2}), "no score"),
        (lambda: s.trend("q", by="g", test="cubic"), "test for trend"),
        (lambda: s.trend("q", by="g", test="rank", top=2), "no ranks"),
        (lambda: s.independence("q", "ward"), "no such grouping column"),
        (lambda: s.rank_test("q", by="g", level=95), "confidence level"),
    ):
        with pytest.raises(sv.EstimationError, match=said):
            call()


def test_scales_of_different_ends_are_told() -> None:
    def scale(name: str, top: int) -> Variable:
        return Variable(name, "ordinal", labels={k: {"en": str(k)} for k in range(1, top + 1)})

    s = clustered(people(), Codebook(variables={"q": scale("q", 5), "r": scale("r", 10)}))
    assert any("different ends" in note for note in s.gap("q", "r").notes)
    assert not any("different ends" in note for note in s.gap("q", "r", rescale=(0, 100)).notes)


def test_a_table_of_few_answers_is_not_shown_and_a_small_group_hides_its_test() -> None:
    frame = people(g=np.where(np.arange(400) < 12, 1, 0))
    e = clustered(frame).rank_test("q", by="g")
    assert "fewer than 30 answers" in sv.narrative.verdict(e).en
    assert sv.narrative.verdict(e).numbers == {}
    shown = sv.tables.table(e, lang="en").frame()
    assert shown[["estimate", "statistic", "p_value"]].isna().all(axis=None)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_tables_say_what_was_tested(lang: str) -> None:
    s = clustered(people())
    for e in (
        s.independence(["q", "r"], "g"),
        s.rank_test("q", by="g", where="g < 2"),
        s.rank_test("q", by="g", test="kruskal"),
        s.t_test("q", value=3),
        s.gap("q", "r", by="g"),
        s.trend(["q", "r"], by="g"),
        s.trend("q", by="g", test="rank"),
    ):
        exhibit = sv.tables.table(e, lang=lang)
        assert exhibit.title and exhibit.alt and "<table" in exhibit.html()
        assert e.to_text(lang) and "<table" in e._repr_html_()
        assert sv.narrative.verdict(e, 0).text(lang)
    with pytest.raises(sv.EstimationError, match="Only tests have a verdict"):
        sv.narrative.verdict(s.mean("q"))


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_replicates_give_much_the_same(method: str) -> None:
    s = clustered(people(1_000, 40))
    more = {"n": 400, "seed": 1} if method == "bootstrap" else {}
    replicated = s.replicates(method, **more)
    for call in (
        lambda s: s.independence("q", "g"),
        lambda s: s.rank_test("q", by="g", test="kruskal"),
        lambda s: s.trend("q", by="g"),
        lambda s: s.gap("q", "r"),
    ):
        plain, other = (call(x).table["statistic"][0] for x in (s, replicated))
        assert other == pytest.approx(plain, rel=0.3, abs=0.1)
        assert call(replicated).table["statistic"][0] != plain


def test_tests_cannot_be_contrasted() -> None:
    e = clustered(people()).independence(["q", "r"], "g")
    for call in (lambda: e.contrast([1, -1]), lambda: clustered(people()).gap("q", "r", by="g").pairwise()):
        with pytest.raises(sv.EstimationError, match="cannot be combined"):
            call()


def test_drawn_elements_in_large_tables_are_summed_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products of every two statistics would pass over the rows thousands of times; both ways are the same sum."""
    s = sv.Sample(people(many=np.arange(400) % 20), weights="w", strata="stratum")
    by_rows = s.independence("q", "many")
    monkeypatch.setattr("survey.estimation.linearize._MANY", 10_000)
    same(s.independence("q", "many"), by_rows, rtol=1e-10)


def test_an_item_named_twice_is_tested_once_and_guessed_top_answers_are_told() -> None:
    s = clustered(people())
    assert len(s.t_test(["q", "q"], by="g", where="g < 2").table) == len(s.trend(["q", "q"], by="g").table) == 1
    assert any("counted as top 2: 4 and 5" in note for note in s.trend("q", by="g", top=2).notes)


def test_a_table_of_several_columns_crosses_their_groups() -> None:
    frame = people()
    frame["both"] = frame["g"] * 10 + frame["r"]
    s = clustered(frame)
    crossed, made = (s.independence("q", by).table.iloc[0] for by in (["g", "r"], "both"))
    assert crossed["with"] == "g/r" and crossed["statistic"] == pytest.approx(made["statistic"], rel=1e-10)


def test_columns_without_a_group_are_counted_in_a_note() -> None:
    frame = people()
    frame["g"] = frame["g"].astype(float).where(frame.index % 4 > 0)
    for e in (clustered(frame).independence("q", "g"), clustered(frame).trend("q", by="g")):
        assert e.table["n"][0] == 300 and any("100 rows have no value of g" in note for note in e.notes)

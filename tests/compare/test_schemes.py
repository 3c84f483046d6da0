"""Indices by a scheme: R's numbers, what must not change them, and every way a scheme or the data can be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import Variable
from survey.compare.scheme import Scheme
from survey.compare.scheme_file import scheme_of

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "schemes.json").read_text(encoding="utf-8"))["results"]}
ITEMS = ("q1", "q2", "q3")


def scheme(components: dict[str, Any] | None = None, **head: Any) -> Scheme:
    parts = {f"c{q}": {"items": [q]} for q in ITEMS} if components is None else components
    head = {"name": "made", "range": [0, 100], "aggregation": "mean_of_components", **head}
    return scheme_of({"scheme": head, "components": parts}, "made.toml")


def weighted(**head: Any) -> Scheme:
    parts = {f"c{q}": {"items": [q], "weight": w} for q, w in zip(ITEMS, (0.5, 0.3, 0.2), strict=True)}
    return scheme(parts, **head)


NESTED = {
    "pair": {"components": ["cq1", "cq2"]},
    "cq1": {"items": ["q1"]},
    "cq2": {"items": ["q2"]},
    "cq3": {"items": ["q3"]},
}
SCHEMES = {
    "mean": scheme(),
    "turned": scheme({"cq1": {"items": ["q1"]}, "cq2": {"items": ["q2"]}, "cq3": {"items": ["q3"], "direction": -1}}),
    "weighted": weighted(aggregation="weighted_mean"),
    "nested": scheme(NESTED),
    "share": scheme(scoring="share", top=2),
    "sum": scheme(range=[1, 10], aggregation="sum"),
    "geometric": scheme(range=[1, 10], aggregation="geometric_mean"),
    "geometric_weighted": weighted(range=[1, 10], aggregation="geometric_mean"),
}


def sample(rows: pd.DataFrame, design: str = "strat_clus") -> sv.Sample:
    return sv.Sample(rows, **DESIGNS[design])


def whole(e: sv.Estimates) -> pd.DataFrame:
    """The rows of the index itself."""
    return e.table[e.table["item"] == "made"].reset_index(drop=True)


class TestAgainstR:
    @pytest.mark.parametrize("design", DESIGNS)
    @pytest.mark.parametrize("name", SCHEMES)
    @pytest.mark.sampled
    def test_an_index_is_svycontrast_on_its_items(self, rows: pd.DataFrame, design: str, name: str) -> None:
        made = whole(sample(rows, design).index(SCHEMES[name], scale=(1, 5))).iloc[0]
        expected = R[f"{design}/{name}"]
        assert made["estimate"] == pytest.approx(expected["estimate"], rel=1e-8)
        assert made["std_error"] == pytest.approx(expected["se"], rel=1e-8)

    @pytest.mark.parametrize("design", DESIGNS)
    @pytest.mark.parametrize("name", ["mean", "geometric"])
    @pytest.mark.sampled
    def test_groups_are_domains_with_their_covariance(self, rows: pd.DataFrame, design: str, name: str) -> None:
        e = sample(rows, design).index(SCHEMES[name], scale=(1, 5), by="sex")
        made, expected = whole(e), R[f"{design}/{name}/by_sex"]
        np.testing.assert_allclose(made["estimate"], expected["estimate"], rtol=1e-8)
        np.testing.assert_allclose(made["std_error"], expected["se"], rtol=1e-8)
        np.testing.assert_allclose(e.covariance[:2, :2].ravel(), expected["vcov"], rtol=1e-8, atol=1e-10)
        difference = e.contrast({"d": [-1.0, 1.0, *[0.0] * (len(e) - 2)]}).table.iloc[0]
        v = np.reshape(expected["vcov"], (2, 2))
        assert difference["std_error"] == pytest.approx(np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1]), rel=1e-8)

    def test_the_jackknife_of_a_mean_is_met_and_that_of_a_geometric_mean_nearly(self, rows: pd.DataFrame) -> None:
        """A linear index of replicates is the replicates' index; the delta method is a step away where it is not."""
        jack = sample(rows).replicates("jackknife")
        linear = whole(jack.index(SCHEMES["mean"], scale=(1, 5))).iloc[0]
        assert linear["std_error"] == pytest.approx(R["jackknife/mean"]["se"], rel=0.002)  # R's means are ratios too
        bent = whole(jack.index(SCHEMES["geometric"], scale=(1, 5))).iloc[0]
        assert bent["std_error"] == pytest.approx(R["jackknife/geometric"]["se"], rel=0.01)
        plain = whole(sample(rows).index(SCHEMES["geometric"], scale=(1, 5))).iloc[0]
        assert plain["std_error"] == pytest.approx(R["jackknife/geometric"]["se"], rel=0.03)


class TestByHand:
    def test_components_are_rescaled_means_and_the_index_their_mean(self, rows: pd.DataFrame) -> None:
        s = sample(rows)
        e, means = s.index(SCHEMES["mean"], scale=(1, 5)), s.mean(list(ITEMS)).table
        hand = 25 * (means["estimate"] - 1)
        assert list(e.table["item"]) == ["made", "cq1", "cq2", "cq3"]
        assert list(e.table["part"]) == ["index", *["component"] * 3]
        np.testing.assert_allclose(e.table["estimate"], [hand.mean(), *hand], rtol=1e-12)
        np.testing.assert_allclose(e.table["std_error"][1:], 25 * means["std_error"], rtol=1e-12)
        assert list(e.table["n"]) == [means["n"].min(), *means["n"]]
        half = e.table["conf_high"] - e.table["estimate"]
        from scipy.stats import t

        np.testing.assert_allclose(half, t.ppf(0.975, e.table["df"]) * e.table["std_error"], rtol=1e-10)

    def test_the_mean_of_items_is_not_the_mean_of_components(self, rows: pd.DataFrame) -> None:
        parts = {"pair": {"items": ["q1", "q2"]}, "one": {"items": ["q3"]}}
        m = 25 * (sample(rows).mean(list(ITEMS)).table["estimate"] - 1)
        for aggregation, hand in (("mean_of_items", m.mean()), ("mean_of_components", (m[:2].mean() + m[2]) / 2)):
            made = whole(sample(rows).index(scheme(parts, aggregation=aggregation), scale=(1, 5)))
            assert made["estimate"].iloc[0] == pytest.approx(hand, rel=1e-12)

    def test_a_share_counts_the_good_end_of_a_turned_item(self, rows: pd.DataFrame) -> None:
        s = sample(rows)
        parts = {"c": {"items": ["q1"], "scoring": "share", "top": 2}}
        made = s.index(scheme(parts), reversed="q1").table["estimate"].iloc[0]
        assert made == pytest.approx(100 * s.proportion("q1", bottom=2).table["estimate"].iloc[0], rel=1e-12)

    def test_respondents_scores_where_the_scheme_wants_them(self, rows: pd.DataFrame) -> None:
        parts = {"c": {"items": list(ITEMS), "scoring": "respondent", "min_answered": 0.6}}
        s = sample(rows)
        made = s.index(scheme(parts), scale=(1, 5)).table
        points = 25 * (rows[list(ITEMS)] - 1)
        score = points.mean(axis=1).where(points.notna().sum(axis=1) >= 2)
        hand = sample(rows.assign(score=score)).mean("score").table
        for column in ("estimate", "std_error"):
            np.testing.assert_allclose(made[column], [hand[column].iloc[0]] * 2, rtol=1e-12)

    def test_a_component_of_zero_makes_a_geometric_mean_of_zero_without_an_error(self, rows: pd.DataFrame) -> None:
        made = scheme(range=[0, 100], aggregation="geometric_mean", scoring="share", top=1)
        rows = rows.assign(q3=rows["q3"].where(rows["q3"] < 5, 4.0)).astype({"q3": "Int64"})
        book = sv.Codebook({"q3": Variable("q3", type="ordinal", labels={c: {"en": str(c)} for c in range(1, 6)})})
        s = sv.Sample(sv.Responses(rows, book), **DESIGNS["strat_clus"])
        row = whole(s.index(made)).iloc[0]
        assert row["estimate"] == 0 and np.isnan(row["std_error"]) and np.isnan(row["conf_low"])

    def test_intervals_stay_on_the_range(self, rows: pd.DataFrame) -> None:
        s = sample(rows.assign(q1=np.where(rows.index < 3, 1.0, 5.0)))
        e = s.index(scheme({"c": {"items": ["q1"]}}), scale=(1, 5)).table
        assert (e["conf_high"] == 100).all() and (e["estimate"] < 100).all()


class TestInvariances:
    @pytest.mark.parametrize("name", SCHEMES)
    @pytest.mark.sampled
    def test_the_scale_of_the_weights(self, rows: pd.DataFrame, name: str) -> None:
        e = sample(rows).index(SCHEMES[name], scale=(1, 5), by="sex").table
        more = sample(rows.assign(w=rows["w"] * 1e6)).index(SCHEMES[name], scale=(1, 5), by="sex").table
        pd.testing.assert_frame_equal(more, e, rtol=1e-9)

    @pytest.mark.parametrize("name", SCHEMES)
    @pytest.mark.sampled
    def test_the_order_of_the_rows(self, rows: pd.DataFrame, name: str) -> None:
        e = sample(rows).index(SCHEMES[name], scale=(1, 5), by="sex").table
        shuffled = sample(rows.sample(frac=1, random_state=5)).index(SCHEMES[name], scale=(1, 5), by="sex").table
        pd.testing.assert_frame_equal(shuffled, e, rtol=1e-9)

    @pytest.mark.parametrize("name", ["mean", "weighted", "nested", "share"])
    def test_percent_against_share(self, rows: pd.DataFrame, name: str) -> None:
        """A range of 0-100 gives a hundred times what one of 0-1 gives, and nothing else."""
        made = SCHEMES[name]
        unit = Scheme(**{**{f: getattr(made, f) for f in made.__dataclass_fields__}, "range": (0.0, 1.0)})
        e, small = (sample(rows).index(x, scale=(1, 5)).table for x in (made, unit))
        for column in ("estimate", "std_error", "conf_low", "conf_high"):
            np.testing.assert_allclose(e[column], 100 * small[column], rtol=1e-9)
        assert (e["df"] == small["df"]).all()

    def test_weights_of_one_give_the_plain_mean(self, rows: pd.DataFrame) -> None:
        """With everybody asked all, the index is the mean of people's means, its error that of the first course."""
        full = rows.dropna(subset=list(ITEMS)).assign(w=1.0)
        e = whole(sv.Sample(full, weights="w").index(SCHEMES["mean"], scale=(1, 5))).iloc[0]
        person = 25 * (full[list(ITEMS)].mean(axis=1) - 1)
        assert e["estimate"] == pytest.approx(person.mean(), rel=1e-12)
        assert e["std_error"] == pytest.approx(person.std() / np.sqrt(len(full)), rel=1e-10)


class TestDesigns:
    def test_calibrated_weights_and_their_residuals(self, rows: pd.DataFrame) -> None:
        """On one item the index of a raked sample is its mean, error and all."""
        n = rows["w"].sum()
        s = sample(rows).rake({"sex": {0: 0.42 * n, 1: 0.58 * n}}, tolerance=1e-13)
        e, m = s.index(scheme({"c": {"items": ["q1"]}}), scale=(1, 5)).table.iloc[0], s.mean("q1").table.iloc[0]
        assert e["std_error"] == pytest.approx(25 * m["std_error"], rel=1e-12)
        scored = scheme({"c": {"items": ["q1"], "scoring": "respondent"}})
        assert s.index(scored, scale=(1, 5)).table["std_error"][0] == pytest.approx(25 * m["std_error"], rel=1e-9)

    def test_scores_of_respondents_under_replicates(self, rows: pd.DataFrame) -> None:
        """One item scored by respondent is its mean, also where replicates give the variance."""
        jack = sample(rows).replicates("jackknife")
        scored = jack.index(scheme({"c": {"items": ["q1"], "scoring": "respondent"}}), scale=(1, 5)).table.iloc[0]
        assert scored["std_error"] == pytest.approx(25 * jack.mean("q1").table["std_error"][0], rel=1e-10)

    def test_where_is_a_domain(self, rows: pd.DataFrame) -> None:
        s = sample(rows)
        inside = whole(s.index(SCHEMES["mean"], scale=(1, 5), where="sex == 1")).iloc[0]
        by = whole(s.index(SCHEMES["mean"], scale=(1, 5), by="sex")).iloc[1]
        assert inside["std_error"] == pytest.approx(by["std_error"], rel=1e-12) and inside["df"] == by["df"]

    def test_a_group_without_answers_to_a_component_has_no_index_and_the_others_have(self, rows: pd.DataFrame) -> None:
        e = sample(rows.assign(q3=rows["q3"].where(rows["sex"] == 1))).index(SCHEMES["mean"], scale=(1, 5), by="sex")
        made = whole(e)
        assert np.isnan(made["estimate"][0]) and np.isfinite(made["std_error"][1])
        assert "groups in which a component has no answers have no index" in e.notes

    def test_an_undeclared_non_answer_is_told(self, rows: pd.DataFrame) -> None:
        e = sample(rows.assign(q1=rows["q1"].fillna(99))).index(SCHEMES["mean"], scale=(1, 99))
        assert any("looks like a non-answer" in note for note in e.notes)

    def test_imputations_are_pooled(self, rows: pd.DataFrame) -> None:
        several = [sample(rows.assign(q1=rows["q1"].fillna(v))) for v in (1, 3, 5)]
        e = sv.Imputations(several).index(SCHEMES["mean"], scale=(1, 5))
        alone = [whole(s.index(SCHEMES["mean"], scale=(1, 5)))["estimate"][0] for s in several]
        assert e.table["estimate"][0] == pytest.approx(np.mean(alone), rel=1e-12)


class TestShipped:
    def test_what_is_shipped_is_listed_with_its_source_and_claims_nothing(self) -> None:
        listed = sv.schemes().set_index("name")
        assert list(listed.index) == ["ddci", "friendly-ward", "papi", "sipas"]
        assert listed["components"].to_dict() == {"ddci": 10, "friendly-ward": 3, "papi": 8, "sipas": 9}
        assert not listed["verified"].any()
        assert listed["unverified"]["friendly-ward"] == "weights, aggregation"
        assert (listed["source"] != "").all()
        for name in ("ddci", "papi", "sipas"):
            note = sv.read_scheme(name).note
            assert note["en"].startswith("Not ") and note["vi"].startswith("Không phải")

    @pytest.mark.slow
    def test_the_studys_own_scores_are_those_of_its_cleaning(self) -> None:
        """Scores made for the index, and columns that score() made before, are the same; the index is their mean."""
        study = sv.Study.open(Path(__file__).parents[2] / "data" / "raw" / "study.toml")
        raw = study.read("residents").recode_missing(outside="blank").collapse_copies(reason="twice").reverse()
        names = ["friendliness", "transparency", "efficiency"]
        scored = raw
        for name in names:
            scored = scored.score(name, min_answered=2 / 3)
        e, same = (sv.Sample(r, **study.design("residents")).index("friendly-ward", by="wave") for r in (raw, scored))
        pd.testing.assert_frame_equal(e.table, same.table)
        means = sv.Sample(scored, **study.design("residents")).mean(names, by="wave").table
        np.testing.assert_allclose(e.table["std_error"][2:], means["std_error"], rtol=1e-12)
        by_item = e.table.set_index(["item", "wave"])["estimate"]
        assert by_item["friendly-ward", 1.0] == pytest.approx(means.loc[means["wave"] == 1, "estimate"].mean())
        assert list(e.table["verified"]) == [False] * 2 + [True] * 6  # the study defines scores, and no index of them

    def test_policy_and_service_weigh_as_their_four_and_five_components(self, rows: pd.DataFrame) -> None:
        leaves = sv.read_scheme("sipas").leaves
        named = dict(zip(leaves, [*ITEMS] * 3, strict=True))
        e = sample(rows).index("sipas", columns=named).table.set_index("item")["estimate"]
        assert e["sipas"] == pytest.approx(e[list(leaves)].mean(), rel=1e-8)

    @pytest.mark.parametrize("name", ["sipas", "papi", "ddci"])
    def test_what_is_not_verified_says_so_wherever_it_is_shown(self, rows: pd.DataFrame, name: str) -> None:
        named = dict(zip(sv.read_scheme(name).leaves, [*ITEMS] * 4, strict=False))
        e = sample(rows).index(name, columns=named, scale=(1, 5), part="component")
        assert not e.table["verified"].any()
        for lang, mark, note in (("en", "(unverified)", "Not compared with"), ("vi", "(chưa kiểm chứng)", "Chưa đối")):
            assert mark in e.to_text(lang) and note in e.to_text(lang)
            table = sv.tables.table(e, lang=lang)
            assert mark in table.html() and any(n.startswith(note) for n in table.notes)
            assert sv.tables.to_html(table).count(mark) >= len(e)
            figure = sv.figures.intervals(e, lang=lang)
            assert any(n.startswith(note) for n in figure.notes) and mark in figure.alt
            assert mark in getattr(sv.narrative.describe(e, row=0), lang)
            assert not figure.frame()["verified"].any() and figure.frame()["item_label"].str.contains(mark[1:5]).all()

    def test_a_column_of_the_users_own_is_not_verified(self, rows: pd.DataFrame) -> None:
        parts = {"c": {"items": ["q1"], "verified": True}}
        made = scheme(parts, verified=True)
        assert made.verified
        s = sample(rows)
        assert s.index(made, scale=(1, 5)).table["verified"].all()
        e = s.index(made, columns={"c": "q2"}, scale=(1, 5))
        assert not e.table["verified"].any() and "Not compared with the source: the items" in e.notes

    def test_hidden_rows_keep_the_mark(self, rows: pd.DataFrame) -> None:
        e = sample(rows).index(SCHEMES["mean"], scale=(1, 5), by="ward")
        frame = sv.tables.table(e, suppress_below=48).frame()
        assert (frame["status"] == "suppressed").any() and frame["verified"].dtype == bool

    def test_a_path_does_as_a_name(self, rows: pd.DataFrame, tmp_path: Path) -> None:
        file = tmp_path / "mine.toml"
        file.write_text(
            '[scheme]\nname = "mine"\nrange = [0, 100]\naggregation = "mean_of_components"\n'
            '[components.a]\ntitle = { vi = "Một", en = "One" }\nitems = ["q1"]\nscale = [1, 5]\n',
            encoding="utf-8",
        )
        e = sample(rows).index(file)
        assert list(e.table["item"]) == ["mine", "a"]
        assert sv.read_scheme(str(file)).components["a"].scale == (1.0, 5.0)


def _with(key: str, value: Any) -> dict[str, Any]:
    return {"c": {"items": ["q1"], key: value}}


class TestWrongSchemes:
    @pytest.mark.parametrize(
        ("components", "head", "message", "part"),
        [
            (None, {"aggregation": "mean_of_component"}, "unknown aggregation", "mean_of_components"),
            (_with("scoring", "shares"), {}, "unknown scoring", "did you mean share"),
            (_with("itmes", ["q2"]), {}, "unknown key", "did you mean items"),
            (_with("weight", 0.5), {"aggregation": "weighted_mean"}, "do not add up to 1", "0.5"),
            ({"c": {"items": ["q1"]}}, {"aggregation": "weighted_mean"}, "has no weight", "c"),
            (_with("weight", 1.0), {}, "does not use", "weighted_mean"),
            (_with("weight", -1.0), {"aggregation": "weighted_mean"}, "out of range", "0 to 1"),
            ({}, {}, "no components", "components"),
            (None, {"range": [100, 0]}, "lower to a higher", "0"),
            (None, {"range": [0, float("inf")]}, "lower to a higher", "inf"),
            (None, {"range": [float("nan"), 1]}, "lower to a higher", "nan"),
            (None, {"name": ""}, "lacks a key", "name = ..."),
            (None, {"range": [-1, 1], "aggregation": "geometric_mean"}, "without negative", "-1"),
            (None, {"verified": "yes"}, "wrong kind", "true or false"),
            (None, {"verified": {"itmes": True}}, "unknown key", "items"),
            ({"made": {"items": ["q1"]}}, {}, "as the index itself", "rename"),
            ({"a": {"components": ["cc"]}, "c": {"items": ["q1"]}}, {}, "does not have", "cc"),
            ({"a": {"components": ["a"]}}, {}, "made of itself", "a"),
            ({"a": {"components": ["b"]}, "b": {"components": ["a"]}}, {}, "made of itself", "a"),
            (_with("components", ["c"]), {}, "not of both", "leave one"),
            (_with("top", 0), {"scoring": "share"}, "out of range", "top"),
            (_with("scale", [5, 1]), {}, "lower to a higher", "direction = -1"),
            (_with("scale", [1, float("inf")]), {}, "lower to a higher", "inf"),
            (_with("direction", 2), {}, "unknown direction", "2"),
            (_with("scoring", "respondent"), {"aggregation": "mean_of_items"}, "mean of items needs", "c"),
            ({"c": {"items": ["q1", "q1"]}}, {}, "names an item twice", "q1"),
        ],
    )
    def test_each_has_one_clear_error(self, components: Any, head: dict[str, Any], message: str, part: str) -> None:
        with pytest.raises(sv.EstimationError, match=message) as caught:
            scheme(components, **head)
        assert "made.toml" in str(caught.value.where) and part in str(caught.value)

    def test_an_unknown_name_is_told_what_may_be_meant(self, rows: pd.DataFrame) -> None:
        with pytest.raises(sv.EstimationError, match="unknown index scheme") as caught:
            sample(rows).index("sipass")
        assert "did you mean sipas?" in str(caught.value.fix)
        with pytest.raises(sv.EstimationError, match="does not exist"):
            sample(rows).index("nowhere.toml")

    @pytest.mark.parametrize("text", ["", "a = 1", "[scheme]\nname = 1", "[[", "[scheme]\nname='a'\n[components]\nc=1"])
    def test_a_file_that_is_no_scheme(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "bad.toml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(sv.EstimationError) as caught:
            sv.read_scheme(file)
        assert "bad.toml" in str(caught.value.where)


class TestWrongData:
    @pytest.mark.parametrize(
        ("given", "message", "part"),
        [
            ({"columns": {"cq4": "q1"}}, "no such component", "did you mean cq"),
            ({"columns": {"cq1": "q11"}}, "no such item", "did you mean q1"),
            ({"columns": {"cq1": []}}, "at least one column", "cq1"),
            ({"columns": {"cq1": 3}}, "a name, or a list of names", "cq1"),
            ({"columns": {"cq1": None}}, "a name, or a list of names", "None"),
            ({"columns": "q1"}, "wrong type", "columns="),
            ({"columns": {"cq1": ["q1", "q1"]}}, "twice", "q1"),
            ({"scale": None}, "ends of an item's scale are unknown", "scale=(1, 5)"),
            ({"scale": (5, 1)}, "two numbers", "scale=(1, 5)"),
            ({"scale": "1-5"}, "two numbers", "1-5"),
            ({"scale": (1, 4)}, "outside its scale", "from 1 to 4"),
            ({"scale": {"Q1": (1, 5)}}, "not an item of the index", "did you mean q1"),
            ({"reversed": "q22"}, "not an item of the index", "did you mean q2"),
            ({"by": "cq1"}, "conflicts with a name", "rename"),
            ({"part": "total"}, "unknown part", "index"),
        ],
    )
    def test_each_has_one_clear_error(self, rows: pd.DataFrame, given: dict[str, Any], message: str, part: str) -> None:
        s = sample(rows.assign(cq1=1))
        with pytest.raises(sv.EstimationError, match=message) as caught:
            s.index(SCHEMES["mean"], **{"scale": (1, 5), **given})
        assert part in str(caught.value)

    def test_a_component_that_nothing_stands_for(self, rows: pd.DataFrame) -> None:
        with pytest.raises(sv.EstimationError, match="nothing for a component") as caught:
            sample(rows.rename(columns={"q3": "q_3"})).index(SCHEMES["mean"], scale=(1, 5))
        assert "cq3" in str(caught.value.where) and "q_3" in str(caught.value.fix)
        with pytest.raises(sv.EstimationError, match="nothing for a component") as caught:
            sample(rows).index("sipas", columns={"access": "q1"})
        with pytest.raises(sv.EstimationError, match="nothing for a component") as dimension:
            sample(rows).index("friendly-ward")
        assert "friendliness" in str(dimension.value.where)
        assert "feedback" in str(caught.value.where) and "columns={'information': [...]}" in str(caught.value.fix)

    def test_text_is_no_score(self, rows: pd.DataFrame) -> None:
        with pytest.raises(sv.EstimationError, match=r"not numeric|no order"):
            sample(rows).index(SCHEMES["mean"], columns={"cq1": "kind"}, scale=(1, 5))
        with pytest.raises(sv.EstimationError, match="no order"):
            sample(rows).index(SCHEMES["share"], columns={"cq1": "kind"})

    def test_three_respondents_and_one_cluster(self, rows: pd.DataFrame) -> None:
        few = rows[rows["stratum"] == "bac"].groupby("psu").head(1).head(3)
        e = sv.Sample(few, weights="w").index(SCHEMES["mean"], scale=(1, 5))
        frame = sv.tables.table(e, lang="en").frame()
        assert len(e) == 4 and (frame["status"] == "suppressed").all() and frame["estimate"].isna().all()
        one = sv.Sample(rows.assign(only=1), weights="w", psu="only", lonely="remove")
        assert one.index(SCHEMES["mean"], scale=(1, 5)).table["std_error"].isna().all()

    def test_many_groups(self, rows: pd.DataFrame) -> None:
        many = pd.concat([rows] * 14, ignore_index=True)
        many["g"] = np.arange(len(many)) % 500
        e = sv.Sample(many, weights="w").index(SCHEMES["mean"], scale=(1, 5), by="g", part="index")
        assert len(e) == 500

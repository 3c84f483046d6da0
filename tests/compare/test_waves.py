"""Change between waves: the covariance of shared clusters and people, as R has it; and files not what they seem."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import EstimationError

REFERENCE = Path(__file__).parents[1] / "reference"
R = {r["id"][0]: r for r in json.loads((REFERENCE / "waves.json").read_text(encoding="utf-8"))["results"]}
ROWS = pd.read_csv(REFERENCE / "waves.csv", dtype={"person": str})
RESULTS = ["estimate", "std_error", "conf_low", "conf_high", "df"]


def sample(rows: pd.DataFrame = ROWS, psu: str | None = "psu", **design: Any) -> sv.Sample:
    return sv.Sample(rows.assign(top=(rows["q"] >= 4) * 1.0), weights="w", strata="stratum", psu=psu, **design)


DESIGNS: dict[str, Callable[..., sv.Estimates]] = {
    "clusters": lambda verb, *a, **k: getattr(sample(), verb)(*a, **k),
    "people": lambda verb, *a, **k: getattr(sample(psu=None), verb)(*a, person="person", **k),
    "elements": lambda verb, *a, **k: getattr(sample(psu=None), verb)(*a, **k),
    "anew": lambda verb, *a, **k: getattr(sample(), verb)(*a, clusters="new", **k),
}
YEARS = {1: 2021, 2: 2022, 3: 2025}


def agrees(e: sv.Estimates, reference: dict[str, Any], at: slice = slice(None)) -> None:
    for column, key in (("estimate", "estimate"), ("std_error", "se")):
        np.testing.assert_allclose(e.table[column].to_numpy(float), reference[key][at], rtol=1e-8)


@pytest.mark.parametrize("item", ["y", "top"])
@pytest.mark.parametrize("design", DESIGNS)
class TestAgainstR:
    def test_changes(self, design: str, item: str) -> None:
        among = {"among": "all"} if design == "people" else {}
        e = DESIGNS[design]("change", item, **among)
        assert e.table["contrast"].tolist() == ["2 − 1", "3 − 1"]
        agrees(e, R[f"{design}/{item}"], slice(0, 2))
        e = DESIGNS[design]("change", item, against="previous", **among)
        assert e.table["contrast"].tolist() == ["2 − 1", "3 − 2"]
        np.testing.assert_allclose(e.table["std_error"], np.array(R[f"{design}/{item}"]["se"])[[0, 2]], rtol=1e-8)

    def test_changes_by_group(self, design: str, item: str) -> None:
        among = {"among": "all"} if design == "people" else {}
        e = DESIGNS[design]("change", item, by="ward", waves=[1, 2], **among)
        assert e.by == ("ward",) and e.table["ward"].tolist() == ["north", "south"]
        agrees(e, R[f"{design}/{item}/ward"])

    def test_lines_over_irregular_years(self, design: str, item: str) -> None:
        e = DESIGNS[design]("wave_trend", item, time=YEARS)
        agrees(e, R[f"{design}/{item}"], slice(3, 4))
        assert e.table["contrast"].tolist() == ["trend_per_unit"]
        np.testing.assert_allclose(e.table["departure"], R[f"{design}/{item}"]["wald"], rtol=1e-8)
        assert e.table["departure_df"].tolist() == [1]


@pytest.mark.parametrize("item", ["y", "top"])
@pytest.mark.parametrize("design", ["clusters", "people"])
def test_the_same_people_have_the_mean_of_their_differences(design: str, item: str) -> None:
    """R: svymean of the differences, on the rows of the later wave, a domain of the stacked design."""
    s = sample(psu="psu" if design == "clusters" else None)
    e = s.change(item, person="person")
    for row, pair in zip(e.table.itertuples(), ("12", "13"), strict=True):
        reference = R[f"panel/{design}/{pair}/{item}"]
        assert row.estimate == pytest.approx(reference["estimate"][0], rel=1e-8)
        assert row.std_error == pytest.approx(reference["se"][0], rel=1e-8)
    assert e.origin is not None
    assert e.origin.table["n"].tolist() == [R[f"panel/{design}/{p}/{item}"]["n"][0] for p in ("12", "12", "13", "13")]


def test_a_share_of_the_same_people_is_a_share() -> None:
    e = sample().change("q", levels=[4, 5], person="person")
    assert e.table["estimate"].iloc[0] == pytest.approx(R["panel/clusters/12/top"]["estimate"][0], rel=1e-8)
    assert e.origin is not None and e.origin.statistic == "proportion" and e.origin.answers == (4, 5)
    assert "percentage points" in sv.narrative.compare(e, 1).en


def test_people_by_hand() -> None:
    """Five people, four of them in both waves, with differences 1, 2, 3 and 6 and the later weights 1, 1, 1 and 3.

    Mean (1 + 2 + 3 + 18) / 6 = 4. With the psu of people, n = 6 in the stack: influences w (d - 4) / 6 = -3, -2, -1, 6
    over 6, whose squares add up to 50 / 36; times 6 / 5 that is 5 / 3.
    """
    rows = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e", "a", "b", "c", "d", "f"],
            "wave": [1] * 5 + [2] * 5,
            "y": [1.0, 1, 1, 1, 9, 2, 3, 4, 7, 0],
            "w": [5.0, 5, 5, 5, 5, 1, 1, 1, 3, 2],
        }
    )
    e = sv.Sample(rows, weights="w").change("y", person="id")
    assert e.table["estimate"].iloc[0] == pytest.approx(4.0)
    assert e.table["std_error"].iloc[0] == pytest.approx(np.sqrt(5 / 3))
    assert e.table["df"].iloc[0] == 3  # four people, one stratum
    assert any("4 of 5 people of wave 1 (80%) are in wave 2 as well; lost: 1; new: 1" in n for n in e.notes)
    assert e.origin is not None
    assert e.origin.table["estimate"].tolist() == [1.0, 5.0]
    # everybody: the covariance of the four is in it
    everybody = sv.Sample(rows, weights="w").change("y", person="id", among="all")
    alone = sv.Sample(rows, weights="w").change("y")
    assert everybody.table["estimate"].iloc[0] == alone.table["estimate"].iloc[0]
    assert everybody.table["std_error"].iloc[0] != pytest.approx(alone.table["std_error"].iloc[0])


def test_missing_in_one_wave_leaves_the_pair() -> None:
    rows = pd.DataFrame({"id": [1, 2, 3] * 2, "wave": [1, 1, 1, 2, 2, 2], "y": [1, 2, np.nan, 3, 3, 9], "w": 1.0})
    e = sv.Sample(rows, weights="w").change("y", person="id")
    assert e.table["estimate"].tolist() == [1.5]
    assert e.origin is not None and e.origin.table["n"].tolist() == [2, 2]


class TestClusters:
    def test_ids_that_are_shared_are_told(self) -> None:
        assert any("16 of 16 clusters are in more than one wave" in n for n in sample().change("y").notes)
        assert not any("clusters" in n for n in sample().change("y", clusters="same").notes)
        assert not any("clusters" in n for n in sample().change("y", clusters="new").notes)

    def test_ids_that_only_look_alike_are_refused(self) -> None:
        """In wave 2 the numbering started from another place: cluster 1 lies in another ward."""
        moved = ROWS.assign(
            ward=ROWS["ward"].where(ROWS["wave"] != 2, ROWS["ward"].map({"north": "south", "south": "north"}))
        )
        with pytest.raises(EstimationError, match="lie in different groups in different waves") as problem:
            sample(moved).change("y", by="ward")
        assert "16 of 16" in str(problem.value) and 'clusters="new"' in str(problem.value)
        assert len(sample(moved).change("y", by="ward", clusters="new").table) == 4
        assert len(sample(moved).change("y", by="ward", clusters="same").table) == 4

    def test_the_same_clusters_must_share_ids(self) -> None:
        fresh = ROWS.assign(psu=ROWS["psu"] + 100 * ROWS["wave"])
        with pytest.raises(EstimationError, match="No cluster is in more than one wave"):
            sample(fresh).change("y", clusters="same")
        assert any("clusters='new'" in n for n in sample(fresh).change("y").notes)
        by_wave = fresh.assign(stratum=fresh["stratum"] * 10 + fresh["wave"])
        own = sample(by_wave).change("y")
        assert not any("clusters" in n for n in own.notes)
        pd.testing.assert_frame_equal(own.table, sample(fresh).change("y", clusters="new").table)

    def test_replicates_keep_what_waves_share_and_cannot_be_taken_apart(self) -> None:
        s = sample().replicates("jackknife")
        taylor, jackknife = sample().change("y").table, s.change("y").table
        np.testing.assert_allclose(jackknife["std_error"], taylor["std_error"], rtol=0.05)
        with pytest.raises(EstimationError, match="after replicates"):
            s.change("y", clusters="new")
        with pytest.raises(EstimationError, match="after replicates"):
            sample(psu=None).replicates("bootstrap", n=20, seed=1).change("y", person="person")

    def test_calibrated_weights(self) -> None:
        n = ROWS.groupby("wave")["w"].sum()
        targets = {("wave", "ward"): {(w, g): n[w] / 2 for w in (1, 2, 3) for g in ("north", "south")}}
        s = sample().rake(targets)
        for arguments in ({}, {"person": "person"}, {"clusters": "new"}):
            assert np.isfinite(s.change("y", **arguments).table[RESULTS].to_numpy(float)).all()
        plain = s.mean("y", by="wave").contrast({"a": [-1, 1, 0]}).table
        assert s.change("y").table["std_error"].iloc[0] == pytest.approx(plain["std_error"].iloc[0], rel=1e-12)


class TestOrder:
    @pytest.mark.parametrize(
        "labels",
        [
            {1: "2021", 2: "2022", 3: "2025"},
            {1: "2021-08", 2: "2022-09-01", 3: "2025-01"},
            {1: 9.0, 2: 10.0, 3: 11.0},
            {1: "9", 2: "10", 3: "11"},
            {1: pd.Timestamp("2021-08-01"), 2: pd.Timestamp("2022-08-01"), 3: pd.Timestamp("2025-08-01")},
        ],
    )
    def test_numbers_and_dates_are_in_order_also_as_text(self, labels: dict[int, Any]) -> None:
        e = sample(ROWS.assign(wave=ROWS["wave"].map(labels))).change("y")
        agrees(e, R["clusters/y"], slice(0, 2))
        assert "rose" in sv.narrative.compare(e, 1).en

    def test_words_have_an_order_only_if_somebody_gives_it(self) -> None:
        words = ROWS.assign(wave=ROWS["wave"].map({1: "trước", 2: "giữa", 3: "sau"}))
        with pytest.raises(EstimationError, match="order of the waves is unknown"):
            sample(words).change("y")
        e = sample(words).change("y", waves=["trước", "giữa", "sau"])
        agrees(e, R["clusters/y"], slice(0, 2))
        assert "rose" in sv.narrative.compare(e, 1).en and "tăng" in sv.narrative.compare(e, 1).vi
        ordered = words.assign(wave=pd.Categorical(words["wave"], ["trước", "giữa", "sau"], ordered=True))
        agrees(sample(ordered).change("y"), R["clusters/y"], slice(0, 2))
        labels = {word: {"vi": word, "en": word} for word in ("trước", "giữa", "sau")}
        book = sv.Codebook({"wave": sv.Variable("wave", type="nominal", labels=labels)})
        coded = sv.Sample(sv.Responses(words, book), weights="w", strata="stratum", psu="psu")
        agrees(coded.change("y"), R["clusters/y"], slice(0, 2))

    def test_one_wave_or_none(self) -> None:
        for rows, where in ((ROWS[ROWS["wave"] == 1], None), (ROWS, "wave == 1")):
            with pytest.raises(EstimationError, match="at least two waves"):
                sample(rows).change("y", where=where)
        with pytest.raises(EstimationError, match="no such wave column"):
            sample().change("y", wave="round")
        with pytest.raises(EstimationError, match="no such wave"):
            sample().change("y", waves=[1, 9])
        with pytest.raises(EstimationError, match="no such wave to compare"):
            sample().change("y", against=7)
        with pytest.raises(EstimationError, match="too many values"):
            sample(ROWS.assign(wave=np.arange(len(ROWS)))).change("y")

    def test_waves_may_be_left_out_and_compared_with_any(self) -> None:
        e = sample().change("y", waves=[1, 3])
        assert e.table["contrast"].tolist() == ["3 − 1"]
        agrees(e, R["clusters/y"], slice(1, 2))
        assert sample().change("y", against=2).table["contrast"].tolist() == ["1 − 2", "3 − 2"]


class TestLines:
    def test_three_dates_give_a_slope_per_year(self) -> None:
        dates = {1: "2021-01-01", 2: "2022-01-01", 3: "2025-01-01"}  # 0, 365 and 1461 days
        e = sample().wave_trend("y", time=dates)
        assert e.table["contrast"].tolist() == ["trend_per_year"]
        x = np.array([0, 365, 1461]) / 365.25
        weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
        means = sample().mean("y", by="wave").contrast({"slope": list(weights)}).table
        np.testing.assert_allclose(e.table[RESULTS].to_numpy(float), means[RESULTS].to_numpy(float), rtol=1e-12)

    def test_waves_that_are_dates_are_their_own_times(self) -> None:
        days = {1: pd.Timestamp("2021-01-01"), 2: pd.Timestamp("2022-01-01"), 3: pd.Timestamp("2025-01-01")}
        e = sample(ROWS.assign(wave=ROWS["wave"].map(days))).wave_trend("y")
        given = sample().wave_trend("y", time={1: "2021-01", 2: "2022-01", 3: "2025-01"})
        pd.testing.assert_frame_equal(e.table, given.table)
        years = sample(ROWS.assign(wave=ROWS["year"])).wave_trend("y")
        agrees(years, R["clusters/y"], slice(3, 4))
        assert years.table["contrast"].tolist() == ["trend_per_unit"]

    def test_equal_steps_are_per_wave(self) -> None:
        e = sample().wave_trend("y")
        assert e.table["contrast"].tolist() == ["trend_per_wave"]
        third = sample().change("y").table["estimate"].iloc[1]
        assert e.table["estimate"].iloc[0] == pytest.approx(third / 2)  # of equal steps only the ends count
        assert "Trend per wave" in sv.narrative.compare(e).en and "Xu hướng mỗi đợt" in sv.narrative.compare(e).vi

    def test_a_departure_is_said(self) -> None:
        bent = ROWS.assign(y=ROWS["y"] + 30.0 * (ROWS["wave"] == 2))
        e = sample(bent).wave_trend("y", by="ward")
        assert (e.table["p_departure"] < 0.001).all()
        assert "the waves do not lie on a straight line (p < 0.001)" in sv.narrative.compare(e, 0).en.replace(
            "\xa0", " "
        )
        assert sv.narrative.compare(e, 0).en.startswith("North: Trend per wave")

    def test_the_departure_of_four_waves_by_hand(self) -> None:
        """Four independent waves of known variance: W is the residual sum of squares over the variance."""
        rng = np.random.default_rng(1)
        rows = pd.DataFrame({"wave": np.repeat([1, 2, 3, 4], 50), "y": rng.normal(size=200)})
        e = sv.Sample(rows, weights=None).wave_trend("y")
        means = sv.Sample(rows, weights=None).mean("y", by="wave")
        x = np.arange(4.0)
        m, v = means.table["estimate"].to_numpy(), means.covariance
        line = np.stack([np.ones(4), x], axis=1)
        inverse = np.linalg.inv(v)
        # Wald of "lies on a line": the generalised least squares residual
        beta = np.linalg.solve(line.T @ inverse @ line, line.T @ inverse @ m)
        w = (m - line @ beta) @ inverse @ (m - line @ beta)
        assert e.table["departure"].iloc[0] == pytest.approx(w / 2, rel=1e-9)
        assert e.table["departure_df"].iloc[0] == 2

    def test_times_that_cannot_be(self) -> None:
        for time, message in (
            ({1: 2021, 2: 2021, 3: 2025}, "same time"),
            ({1: 2021, 2: 2022}, "no time"),
            ({1: "soon", 2: "2022", 3: "2023"}, "cannot be read"),
            ({1: np.inf, 2: 1.0, 3: 2.0}, "not finite"),
        ):
            with pytest.raises(EstimationError, match=message):
                sample().wave_trend("y", time=time)
        with pytest.raises(EstimationError, match="three waves or more"):
            sample().wave_trend("y", waves=[1, 2])


class TestOddFiles:
    def test_a_group_in_one_wave_only_has_no_change(self) -> None:
        rows = ROWS.assign(ward=ROWS["ward"].where((ROWS["wave"] != 3) | (ROWS["psu"] > 2), "new"))
        e = sample(rows).change("y", by="ward", clusters="same")
        assert set(e.table["ward"]) == {"north", "south"}
        assert any("left out: 2" in n for n in e.notes)
        line = sample(rows).wave_trend("y", by="ward", clusters="same")
        assert any("left out: 1" in n for n in line.notes)

    def test_an_item_of_one_wave_only(self) -> None:
        rows = ROWS.assign(z=ROWS["y"].where(ROWS["wave"] == 2))
        assert sample(rows).change(["y", "z"]).table["item"].tolist() == ["y", "y"]
        with pytest.raises(EstimationError, match="No item has answers in two waves"):
            sample(rows).change("z")
        with pytest.raises(EstimationError, match="Nobody answered in two waves"):
            sample(rows).change("z", person="person")
        with pytest.raises(EstimationError, match="every wave"):
            sample(rows).wave_trend("z")

    def test_nobody_in_both(self) -> None:
        with pytest.raises(EstimationError, match="Nobody answered in two waves"):
            sample(ROWS.assign(person=np.arange(len(ROWS)))).change("y", person="person")

    def test_an_id_twice_in_a_wave(self) -> None:
        with pytest.raises(EstimationError, match="more than once") as problem:
            sample(pd.concat([ROWS, ROWS.head(3)], ignore_index=True)).change("y", person="person")
        assert "3 rows" in str(problem.value)

    def test_people_without_an_id_are_told(self) -> None:
        rows = ROWS.assign(person=ROWS["person"].where(ROWS.index > 4))
        assert any("without an id of a person: 5" in n for n in sample(rows).change("y", person="person").notes)
        assert any("without an id" in n for n in sample(rows, psu=None).change("y", person="person", among="all").notes)

    def test_people_who_move_between_clusters_or_strata(self) -> None:
        fresh = ROWS.assign(psu=ROWS["psu"] + 100 * ROWS["wave"])
        with pytest.raises(EstimationError, match="different clusters"):
            sample(fresh).change("y", person="person")
        by_wave = ROWS.assign(stratum=ROWS["stratum"] * 10 + ROWS["wave"])
        with pytest.raises(EstimationError, match="different strata"):
            sample(by_wave, psu=None).change("y", person="person")

    def test_one_cluster(self) -> None:
        rows = ROWS[ROWS["psu"] == 1]
        e = sv.Sample(rows, weights="w", psu="psu", lonely="remove").change("y")
        assert e.table["std_error"].isna().all() and e.table["estimate"].notna().all()
        assert "not" in sv.narrative.compare(e, 0).en

    def test_five_hundred_groups(self) -> None:
        rng = np.random.default_rng(8)
        ward = np.repeat(np.arange(500), 8)
        rows = pd.DataFrame({"ward": ward, "wave": np.tile([1, 1, 1, 1, 2, 2, 2, 2], 500), "y": rng.normal(size=4000)})
        rows["psu"] = rows["ward"] * 2 + rng.integers(0, 2, 4000)
        e = sv.Sample(rows, weights=None, psu="psu").change("y", by="ward")
        assert len(e.table) > 480

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"among": "both"}, "Who is in both waves"),
            ({"among": "some", "person": "person"}, "choice of people"),
            ({"by": "wave"}, "cannot be a group"),
            ({"clusters": "old"}, "kind of clusters"),
            ({"top": 2, "rescale": (0, 100)}, "no scale to stretch"),
            ({"person": "nobody"}, "no such column of people"),
        ],
    )
    def test_wrong_arguments(self, arguments: dict[str, Any], message: str) -> None:
        with pytest.raises(EstimationError, match=message):
            sample().change("q", **arguments)

    def test_another_mode_or_frame_is_said(self) -> None:
        phone = ROWS.assign(mode=np.where((ROWS["wave"] == 2) & (ROWS["psu"] < 9), 2, 1), frame=1)
        notes = sample(phone).change("y").notes
        assert any("differ in mode by up to" in n for n in notes) and not any("frame" in n for n in notes)
        unknown = ROWS.assign(frame=np.where(ROWS["wave"] == 1, np.nan, 1))
        assert any("frame is not known in every wave" in n for n in sample(unknown).change("y").notes)
        vi = sv.figures.intervals(sample(phone).change("y"), lang="vi").notes
        assert any("các đợt khác nhau về mode" in n.lower() for n in vi)

    def test_where_is_a_domain(self) -> None:
        e = sample().change("y", where="ward == 'north'", waves=[1, 2])
        agrees(e, {k: v[:1] for k, v in R["clusters/y/ward"].items() if k in ("estimate", "se")})


VERBS: dict[str, Callable[[sv.Sample], sv.Estimates]] = {
    "change": lambda s: s.change(["y", "share"], by="ward"),
    "panel": lambda s: s.change(["y", "share"], person="person"),
    "everybody": lambda s: s.change(["y", "share"], person="person", among="all"),
    "trend": lambda s: s.wave_trend(["y", "share"], time=YEARS),
}


@pytest.mark.parametrize("psu", ["psu", None])
@pytest.mark.parametrize("verb", VERBS)
class TestInvariances:
    def same(self, got: sv.Estimates, expected: sv.Estimates, factor: float = 1.0) -> None:
        scaled = expected.table.copy()
        for column in ("estimate", "std_error", "conf_low", "conf_high"):
            scaled[column] *= np.where(scaled["item"] == "share", factor, 1.0)
        pd.testing.assert_frame_equal(got.table, scaled, rtol=1e-9)

    def made(self, rows: pd.DataFrame, verb: str, psu: str | None) -> sv.Estimates:
        return VERBS[verb](sample(rows, psu=psu))

    @pytest.mark.sampled
    def test_four(self, verb: str, psu: str | None) -> None:
        rows = ROWS.assign(share=(ROWS["q"] >= 4) * 1.0)
        expected = self.made(rows, verb, psu)
        self.same(self.made(rows.assign(w=1e6 * rows["w"]), verb, psu), expected)
        self.same(self.made(rows.sample(frac=1, random_state=4), verb, psu), expected)
        self.same(self.made(rows.assign(share=100 * rows["share"]), verb, psu), expected, 100)
        ones = self.made(rows.assign(w=1.0), verb, psu)
        plain = VERBS[verb](sv.Sample(rows, weights=None, strata="stratum", psu=psu))
        self.same(ones, plain)

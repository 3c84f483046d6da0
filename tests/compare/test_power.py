"""Sample size and power: R's numbers, hand calculation, few wards, and every way a plan can be wrong."""

from __future__ import annotations

import json
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import survey as sv
from survey.compare.permutation_power import floor, unit_power

R = json.loads((Path(__file__).parents[1] / "reference" / "power.json").read_text(encoding="utf-8"))["results"]


def of(id_: str) -> list[dict[str, Any]]:
    return [r for r in R if r["id"] == id_]


def first(*args: Any, **kwargs: Any) -> Any:
    return sv.power(*args, **kwargs).table.iloc[0]


class TestAgainstR:
    @pytest.mark.parametrize("r", of("t/two") + of("t/one"))
    def test_power_of_a_mean_and_of_a_difference(self, r: dict[str, Any]) -> None:
        found = first("difference" if r["id"] == "t/two" else "mean", sd=1.3, n=r["n"], effect=r["effect"])
        assert found["power"] == pytest.approx(r["power"], rel=1e-8)

    @pytest.mark.parametrize("r", of("n/two"))
    def test_the_sample_size_is_rs_rounded_up(self, r: dict[str, Any]) -> None:
        found = first("difference", sd=1, effect=r["effect"], power=r["power"])
        assert found["n"] == ceil(r["n"]) and found["n_total"] == 2 * found["n"] and found["reached"] >= r["power"]

    @pytest.mark.parametrize("r", of("d/two"))
    def test_the_smallest_effect(self, r: dict[str, Any]) -> None:
        assert first("difference", sd=1, n=64, power=r["power"])["effect"] == pytest.approx(r["effect"], rel=1e-8)

    @pytest.mark.parametrize("r", of("prop"))
    def test_power_of_a_difference_of_shares(self, r: dict[str, Any]) -> None:
        found = first("difference", share=0.6, n=r["n"], effect=r["effect"])
        assert found["power"] == pytest.approx(r["power"], rel=1e-8)

    @pytest.mark.parametrize("r", of("prop/n"))
    def test_the_sample_size_of_a_difference_of_shares(self, r: dict[str, Any]) -> None:
        assert first("difference", share=0.6, effect=r["effect"], power=0.8)["n"] == ceil(r["n"])

    @pytest.mark.parametrize("r", of("clusters"))
    def test_clusters_have_their_deff_and_their_degrees_of_freedom(self, r: dict[str, Any]) -> None:
        found = first("difference", sd=1, n=r["n"], effect=r["effect"], cluster_size=15, icc=0.05)
        assert found["power"] == pytest.approx(r["power"], rel=1e-8)
        assert found["deff"] == pytest.approx(1.7) and found["df"] == 2 * r["n"] / 15 - 2


class TestByHand:
    def test_the_textbooks_1068(self) -> None:
        """1.96^2 * 0.25 / 0.03^2 = 1067.1; Cochran (1977), section 4.4, with 1 / n = 1 / n0 + 1 / N for N = 5,000."""
        assert first("share", share=0.5, margin=0.03)["n"] == 1068
        assert first("share", share=0.5, margin=0.03, population=5000)["n"] == ceil(1 / (1 / 1067.0718 + 1 / 5000))

    def test_the_margin_of_a_number_of_people(self) -> None:
        found = first("share", share=0.5, n=1068)
        assert found["margin_of_error"] == pytest.approx(1.959963985 * sqrt(0.25 / 1068), rel=1e-9)
        assert found["solved"] == "margin"

    def test_design_effects_multiply_and_make_whole_clusters(self) -> None:
        plain = 1.959963985**2 * 0.25 / 0.05**2
        found = first("share", share=0.5, margin=0.05, weights_cv=0.5)
        assert found["n"] == ceil(plain * 1.25) and found["deff"] == 1.25
        clustered = first("share", share=0.5, margin=0.05, cluster_size=15, icc=0.05, weights_cv=0.5)
        assert clustered["deff"] == pytest.approx(1.7 * 1.25)
        assert clustered["n"] % 15 == 0 and clustered["clusters"] == clustered["n"] / 15
        assert (
            first("share", share=0.5, margin=0.05, cluster_size=15, deff=1.7)["n"]
            == first("share", share=0.5, margin=0.05, cluster_size=15, icc=0.05)["n"]
        )

    def test_an_icc_of_one_makes_a_cluster_one_answer(self) -> None:
        """n in clusters of 10 that all say the same is n / 10 answers."""
        found = first("mean", sd=1, n=500, effect=0.5, cluster_size=10, icc=1)
        assert found["power"] == pytest.approx(first("mean", sd=1, n=50, effect=0.5)["power"], rel=1e-12)

    def test_who_does_not_answer_is_drawn_too(self) -> None:
        found = first("difference", share=0.6, n=700, effect=0.1, response_rate=0.7)
        assert (found["n_total"], found["n_draw"]) == (1400, 2000)

    def test_unequal_groups(self) -> None:
        """1 / 50 + 1 / 200 = 1 / 40 = 2 / 80: as 80 in each, but for the degrees of freedom."""
        found = first("difference", share=0.5, n=50, effect=0.0, ratio=4)
        assert found["n_total"] == 250
        unequal, equal = (first("difference", sd=1, power=0.8, **k) for k in ({"n": 50, "ratio": 4}, {"n": 80}))
        assert unequal["effect"] == pytest.approx(equal["effect"], rel=0.01)

    def test_a_difference_in_differences_takes_four_times_the_answers_of_a_difference(self) -> None:
        """Twice the variance, so twice in each group and wave; half of it is shared where waves correlate by 0.5."""
        one, did = (first(q, share=0.5, effect=0.1, power=0.8)["n"] for q in ("difference", "did"))
        assert did / one == pytest.approx(2, rel=0.03)
        same = first("did", sd=1, effect=0.2, power=0.8, wave_correlation=0.5)["n"]
        assert same == pytest.approx(first("difference", sd=1, effect=0.2, power=0.8)["n"], rel=0.01)
        assert first("did", share=0.5, effect=0.1, n=100)["n_total"] == 400

    def test_an_effect_of_zero_is_found_as_often_as_the_level_says(self) -> None:
        for design in ({"sd": 1.0}, {"share": 0.4}):
            assert first("difference", n=200, effect=0, **design)["power"] == pytest.approx(0.05, rel=1e-8)

    def test_blooms_multiple(self) -> None:
        """Bloom (1995): 2.80 standard errors for a power of 80% at 5%, two-sided, and many people."""
        effect = first("difference", sd=1, n=100_000, power=0.8)["effect"]
        assert effect / sqrt(2 / 100_000) == pytest.approx(2.8016, abs=1e-3)

    def test_three_solutions_are_one(self) -> None:
        n = first("did", share=0.6, effect=0.1, power=0.8, cluster_size=15, icc=0.05)["n"]
        reached = first("did", share=0.6, effect=0.1, n=int(n), cluster_size=15, icc=0.05)["power"]
        effect = first("did", share=0.6, power=float(reached), n=int(n), cluster_size=15, icc=0.05)["effect"]
        assert reached >= 0.8 and effect == pytest.approx(0.1, rel=1e-6)


class TestFewUnits:
    @pytest.mark.parametrize(
        ("units", "treated", "smallest"),
        [(6, 2, 1 / 15), (7, 2, 1 / 21), (9, 2, 1 / 36), (10, 2, 1 / 45), (4, 2, 2 / 6), (10, 5, 2 / 252)],
    )
    def test_the_floor_of_the_p_value(self, units: int, treated: int, smallest: float) -> None:
        assert floor(units, treated) == pytest.approx(smallest)

    @pytest.mark.parametrize(("units", "treated", "size"), [(10, 2, 2 / 45), (7, 2, 1 / 21), (10, 5, 12 / 252)])
    def test_the_size_of_the_test_is_the_largest_step_below_the_level(
        self, units: int, treated: int, size: float
    ) -> None:
        assert unit_power(units, treated, 0.95, 0.0) == pytest.approx(size, abs=0.007)  # three standard errors

    def test_many_units_are_judged_as_a_t_test_judges_them(self) -> None:
        """C(11, 5) = 462 ways are gone through, C(12, 5) = 792 are not: between 11 and 12 nothing jumps."""
        power = [unit_power(g, 5, 0.95, 2.0) for g in (11, 12, 13)]
        assert power == sorted(power) and max(np.diff(power)) < 0.04

    def test_a_pilot_in_two_of_ten_wards(self) -> None:
        """With 0.10 between wards and waves the smallest effect is about 0.3 to 0.4, however many are asked.

        2.80 * sqrt(2) * 0.10 * sqrt(1/2 + 1/8) = 0.313 by the normal distribution; eight degrees of freedom, and
        p-values in steps of 1/45, ask for more.
        """
        few = sv.power("did", sd=1, n=[150, 10**7], power=0.8, units=10, treated=2, unit_sd=0.1)
        asked, unlimited = few.table["effect"]
        assert 0.313 < unlimited < 0.40 and asked > unlimited + 0.05
        assert any("an effect below 0.37 is not found" in note for note in few.notes)
        assert any("in 45 ways, so that p cannot be below 0.022" in note for note in few.notes)
        n = first("did", sd=1, effect=float(asked), power=0.8, units=10, treated=2, unit_sd=0.1)["n"]
        assert n == pytest.approx(150, abs=2)

    def test_no_number_of_people_is_enough(self) -> None:
        with pytest.raises(sv.EstimationError, match="differences between units alone hide the effect") as caught:
            sv.power("did", sd=1, effect=0.2, power=0.8, units=10, treated=2, unit_sd=0.1)
        assert "0.37" in str(caught.value.expected) and "however many" in str(caught.value.expected)

    def test_two_of_six_wards_show_nothing_at_five_per_cent(self) -> None:
        with pytest.raises(sv.EstimationError, match="No effect, however large") as caught:
            sv.power("did", sd=1, n=150, power=0.8, units=6, treated=2)
        assert "0.0667" in str(caught.value.got)
        assert first("did", sd=1, n=150, effect=9, units=6, treated=2)["power"] == 0
        assert first("did", sd=1, n=150, power=0.8, units=6, treated=2, level=0.9)["effect"] > 0

    def test_shares_and_one_wave(self) -> None:
        found = sv.power("difference", share=0.6, n=100, power=0.8, units=10, treated=5, unit_sd=0.05)
        assert 0.05 < found.table["effect"][0] < 0.3 and "percentage points" in " ".join(found.notes)

    def test_the_same_on_every_run(self) -> None:
        unit_power.cache_clear()
        once = unit_power(9, 2, 0.95, 2.5)
        unit_power.cache_clear()
        assert unit_power(9, 2, 0.95, 2.5) == once


class TestWrong:
    @pytest.mark.parametrize(
        ("of", "given", "message", "part"),
        [
            ("shares", {"share": 0.5, "margin": 0.1}, "unknown quantity", "did you mean share"),
            ("share", {"share": 0.5}, "exactly two of", "leave out"),
            ("share", {"share": 0.5, "n": 10, "effect": 0.1, "power": 0.8}, "exactly two of", "n="),
            ("share", {"share": 0.5, "margin": 0.1, "power": 0.8}, "exactly two of", "margin="),
            ("share", {"share": 0, "margin": 0.1}, "out of range", "share of 0 or 1"),
            ("share", {"share": 1, "margin": 0.1}, "out of range", "share of 0 or 1"),
            ("share", {"share": 60, "margin": 0.1}, "out of range", "below 1"),
            ("share", {"sd": 1, "margin": 0.1}, "Say what the answers are", "share="),
            ("mean", {"share": 0.5, "margin": 0.1}, "Say what the answers are", "sd="),
            ("difference", {"n": 10, "effect": 1}, "Say what the answers are", "neither"),
            ("difference", {"share": 0.5, "sd": 1, "n": 10, "effect": 1}, "Say what the answers are", "share=, sd="),
            ("mean", {"sd": 0, "margin": 0.1}, "out of range", "sd="),
            ("mean", {"sd": -1, "margin": 0.1}, "out of range", "sd="),
            ("mean", {"sd": "1", "margin": 0.1}, "out of range", "'1'"),
            ("mean", {"sd": 1, "margin": "0.1"}, "must be a number", "margin="),
            ("mean", {"sd": 1, "margin": 0}, "out of range", "above 0"),
            ("share", {"share": 0.5, "margin": 3}, "out of range", "0.03 is three percentage points"),
            ("share", {"share": 0.5, "margin": 1e-7}, "No sample size reaches this margin", "wider margin"),
            ("mean", {"sd": 1, "n": -5}, "out of range", "2 or more"),
            ("mean", {"sd": 1, "n": 1}, "out of range", "2 or more"),
            ("mean", {"sd": 1, "n": 10.5}, "out of range", "whole"),
            ("mean", {"sd": 1, "n": []}, "must be a number", "an empty list"),
            ("mean", {"sd": 1, "n": "200"}, "must be a number", "'200'"),
            ("mean", {"sd": 1, "n": float("nan")}, "must be a number", "nan"),
            ("mean", {"sd": 1, "n": True}, "must be a number", "True"),
            ("mean", {"sd": 1, "n": 100, "population": 50}, "out of range", "at most 50"),
            ("mean", {"sd": 1, "effect": 0, "power": 0.8}, "effect of 0", "another"),
            ("mean", {"sd": 1, "effect": 0.1, "power": 1}, "power is out of range", "below 1"),
            ("mean", {"sd": 1, "effect": 0.1, "power": 0.05}, "power is out of range", "without any effect"),
            ("mean", {"sd": 1, "effect": 0.1, "power": 80}, "power is out of range", "below 1"),
            ("share", {"share": 0.6, "effect": 0.5, "n": 100}, "beyond 0 or 1", "five percentage points"),
            ("difference", {"share": 0.6, "effect": 5, "n": 100}, "beyond 0 or 1", "five percentage points"),
            ("difference", {"share": 0.98, "n": 20, "power": 0.9}, "No effect reaches", "ask more"),
            ("mean", {"sd": 1, "margin": 0.1, "icc": 1.2, "cluster_size": 5}, "out of range", "icc="),
            ("mean", {"sd": 1, "margin": 0.1, "icc": 0.1}, "needs the size of the clusters", "cluster_size="),
            ("mean", {"sd": 1, "margin": 0.1, "icc": 0.1, "deff": 2, "cluster_size": 5}, "not both", "deff"),
            ("mean", {"sd": 1, "n": 20, "cluster_size": 20}, "too few clusters", "more than 1"),
            ("difference", {"sd": 1, "n": 20, "effect": 1, "cluster_size": 20}, "too few clusters", "more than 2"),
            ("difference", {"sd": 1, "n": 20, "power": 0.8, "cluster_size": 20}, "too few clusters", "more than 2"),
            ("mean", {"sd": 1, "margin": 0.1, "response_rate": 0}, "response rate", "above 0"),
            ("mean", {"sd": 1, "margin": 0.1, "response_rate": 70}, "response rate", "at most 1"),
            ("mean", {"sd": 1, "margin": 0.1, "ratio": 2}, "no second group", "ratio="),
            ("mean", {"sd": 1, "margin": 0.1, "wave_correlation": 0.2}, "Only a difference in differences", "mean"),
            ("mean", {"sd": 1, "margin": 0.1, "level": 95}, "out of range", "0.95"),
            ("mean", {"sd": 1, "margin": 0.1, "weights_cv": -1}, "out of range", "weights_cv="),
            ("mean", {"sd": 1, "n": 10, "effect": 1, "units": 10, "treated": 2}, "Units are compared in", "units="),
            ("did", {"sd": 1, "n": 10, "effect": 1, "units": 10}, "how many are treated", "None"),
            ("did", {"sd": 1, "n": 10, "effect": 1, "units": 2, "treated": 1}, "how many are treated", "at least 3"),
            (
                "did",
                {"sd": 1, "n": 10, "effect": 1, "units": 10, "treated": 10},
                "how many are treated",
                "and some not",
            ),
            ("did", {"sd": 1, "n": 10, "effect": 1, "units": "10", "treated": 2}, "how many are treated", "'10'"),
            ("did", {"sd": 1, "n": 10, "effect": 1, "unit_sd": 0.1}, "needs their number", "units="),
            ("did", {"sd": 1, "n": 10, "units": 10, "treated": 2}, "no margin of error", "effect"),
            ("did", {"sd": 1, "n": 10, "effect": 1, "units": 10, "treated": 2, "unit_sd": -1}, "out of range", "0 or"),
        ],
    )
    def test_each_has_one_clear_error(self, of: str, given: dict[str, Any], message: str, part: str) -> None:
        with pytest.raises(sv.EstimationError, match=message) as caught:
            sv.power(of, **given)
        assert part in str(caught.value)

    def test_a_census_finds_everything(self) -> None:
        found = first("mean", sd=1, n=50, effect=0.1, population=50)
        assert found["power"] == 1
        assert first("mean", sd=1, n=50, population=50)["margin_of_error"] == 0

    def test_more_than_there_are_cannot_be_asked(self) -> None:
        assert first("mean", sd=1, effect=0.001, power=0.99, population=100)["n"] <= 100


class TestShown:
    def test_a_table_in_both_languages(self) -> None:
        e = sv.power("difference", share=0.6, n=[200, 400], effect=[0.05, 0.1], response_rate=0.7)
        assert len(e) == 4 and e.table["solved"].eq("power").all()
        words = {"en": ["Power", "+5.0", "To be drawn"], "vi": ["Lực kiểm định", "+5,0", "Số người cần chọn"]}
        for lang, wanted in words.items():
            text, html = e.to_text(lang), sv.tables.table(e, lang=lang).html()
            assert all(w in text and w in html for w in wanted)

    def test_curves(self) -> None:
        e = sv.power("difference", share=0.6, n=list(range(100, 1001, 100)), effect=[0.05, 0.1])
        figure = sv.figures.power(e, lang="vi")
        assert "2 đường" in figure.alt and figure.notes[0] == "Đường ngang màu đen: lực kiểm định 80%."
        drawn = figure.figure()
        curves = [line for ax in drawn.axes for line in ax.get_lines() if len(line.get_xdata()) == 10]
        np.testing.assert_allclose(curves[0].get_ydata(), 100 * e.table.query("effect == 0.05")["power"])
        assert any("+5,0" in t.get_text() for t in drawn.texts)
        n = sv.figures.power(sv.power("share", share=0.5, margin=[0.02, 0.03, 0.05]), lang="en")
        assert "Completed answers (n) against Margin of error" in n.alt and not any("80%" in x for x in n.notes)

    def test_what_cannot_be_drawn(self) -> None:
        with pytest.raises(sv.ExportError, match="several points"):
            sv.figures.power(sv.power("share", share=0.5, margin=0.03))
        with pytest.raises(sv.ExportError, match="too many curves"):
            sv.figures.power(sv.power("mean", sd=1, n=[10, 20], effect=[0.1, 0.2, 0.3, 0.4, 0.5]))
        with pytest.raises(sv.ExportError, match="must be a power"):
            sv.figures.power(sv.power("mean", sd=1, n=[10, 20], effect=0.1), target=80)
        with pytest.raises(sv.ExportError, match="one estimate per row"):
            sv.figures.intervals(sv.power("mean", sd=1, n=[10, 20], effect=0.1))


def test_what_is_planned_from_simulated_data_says_so() -> None:
    planned = sv.power("mean", sd=20, n=[100, 200], effect=5, simulated=True)
    assert "simulated data" in sv.figures.power(planned, lang="en").alt.lower()
    assert "simulated" not in sv.figures.power(sv.power("mean", sd=20, n=[100, 200], effect=5), lang="en").alt.lower()

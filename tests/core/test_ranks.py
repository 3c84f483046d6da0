"""Ranks: intervals by differences with the covariance, ties, what is hidden, and a rank that is no estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import EstimationError
from survey.base.max_t import max_t_of_pairs
from survey.base.max_t_of_each import max_t_of_each
from survey.core.ranks import _joint_df, _letters

RANK = ["estimate", "conf_low", "conf_high"]


def made(x: list[float], covariance: np.ndarray, df: float = np.inf, n: int = 200) -> sv.Estimates:
    """Means of groups a, b, c, ... as they might have been estimated."""
    error = np.sqrt(np.diag(covariance))
    value = np.asarray(x, float)
    table = pd.DataFrame(
        {
            "item": "q",
            "ward": list("abcdefghijklmnopqrst"[: len(x)]),
            "estimate": value,
            "std_error": np.where(np.isnan(value), np.nan, error),
            "conf_low": value - 2 * error,
            "conf_high": value + 2 * error,
            "df": df,
            "n": n,
        }
    )
    return sv.Estimates(table, "mean", ("ward",), _covariance=covariance)


def intervals(e: sv.Estimates) -> list[tuple[float, float, float]]:
    return [tuple(row) for row in e.table[RANK].to_numpy(float).tolist()]


def test_ranks_and_their_intervals_by_hand() -> None:
    """Estimates 5, 3, 2.5, 0 with variance 0.5 and no covariance: every difference has the standard error 1.

    With the critical value 2.2, 5 differs from 2.5 and 0; 3 and 2.5 from 0. So 5 has two worse (ranks 1-2), 3 has one
    worse (1-3), 2.5 has one better and one worse (2-3), 0 has three better (4-4).
    """
    e = made([3, 5, 0, 2.5], 0.5 * np.eye(4)).ranks(critical=2.2)
    assert intervals(e) == [(2, 1, 3), (1, 1, 2), (4, 4, 4), (3, 2, 3)]
    assert e.table["alike"].tolist() == [2, 1, 0, 1]
    assert e.table["quartile"].tolist() == [2, 1, 4, 3]
    assert e.table["quartile_low"].tolist() == [1, 1, 4, 2]
    assert e.table["quartile_high"].tolist() == [3, 2, 4, 3]
    assert e.table["value"].tolist() == [3, 5, 0, 2.5]
    # not told apart: 5 and 3, 3 and 2.5
    assert e.table["letters"].tolist() == ["ab", "a", "c", "b"]
    assert e.by == ("ward",)


def test_the_covariance_decides_not_the_intervals() -> None:
    """Two wards 1 apart with standard errors of 1: alike if independent; apart where they share what moves them."""
    apart = np.array([[1, 0.98], [0.98, 1]])  # the difference has the variance 0.04, so that it is 5 standard errors
    assert intervals(made([1, 0], np.eye(2)).ranks()) == [(1, 1, 2), (2, 1, 2)]
    assert intervals(made([1, 0], apart).ranks()) == [(1, 1, 1), (2, 2, 2)]
    assert intervals(made([1, 0], apart).ranks(critical=4.9)) == [(1, 1, 1), (2, 2, 2)]
    assert intervals(made([1, 0], apart).ranks(critical=5.1)) == [(1, 1, 2), (2, 1, 2)]


@pytest.mark.parametrize("groups", [3, 6, 12])
def test_independent_groups_have_tukeys_critical_value(groups: int) -> None:
    """Equal known variances, no covariance: Tukey's range over the root of 2, from scipy."""
    from scipy.stats import norm, studentized_range

    level = max_t_of_pairs(np.eye(groups), *np.triu_indices(groups, 1)).each_level(0.95)
    assert norm.ppf(0.5 + level / 2) == pytest.approx(
        studentized_range.ppf(0.95, groups, np.inf) / np.sqrt(2), rel=1e-3
    )


def test_comparisons_with_one_group_have_dunnetts_critical_value() -> None:
    """Equal variances, five groups against a sixth: 2.511, the two-sided limit of Dunnett (1964, Biometrics 20)."""
    from scipy.stats import norm

    for own in max_t_of_each(np.eye(6), ~np.eye(6, dtype=bool)):
        assert own is not None
        assert norm.ppf(0.5 + own.each_level(0.95) / 2) == pytest.approx(2.511, abs=0.003)


def test_each_group_has_the_critical_value_of_its_own_pairs() -> None:
    """Unequal variances and covariances: as the integral over each group's pairs alone."""
    root = np.random.default_rng(1).normal(size=(7, 7))
    covariance, others = root @ root.T, ~np.eye(7, dtype=bool)
    for i, own in enumerate(max_t_of_each(covariance, others)):
        assert own is not None
        pairs = max_t_of_pairs(covariance, np.full(6, i), np.flatnonzero(others[i]))
        assert own.critical_value(np.inf, 0.95) == pytest.approx(float(pairs.critical_value(np.inf, 0.95)), rel=2e-3)


def test_two_groups_have_the_t_quantile() -> None:
    """A difference of 2.22 standard errors on 10 degrees of freedom: the 97.5 % quantile of t is 2.228."""
    for gap, apart in ((2.22, False), (2.24, True)):
        e = made([gap, 0.0], 0.5 * np.eye(2), df=10).ranks()
        assert (e.table["alike"] == 0).all() == apart


def test_the_same_bytes_on_every_run() -> None:
    covariance = np.diag(np.linspace(0.5, 2, 9))
    first, again = (made(list(range(9)), covariance).ranks(method=m) for m in ("simultaneous",) * 2)
    pd.testing.assert_frame_equal(first.table, again.table, check_exact=True)
    one, other = (made(list(range(9)), covariance).ranks(method="bootstrap", seed=s) for s in (1, 1))
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)


def test_marginal_intervals_are_no_wider_and_say_what_they_are() -> None:
    e = made([0, 1, 2, 3, 4, 5, 6, 7], np.eye(8) * 0.6)
    joint, own = e.ranks(), e.ranks(method="marginal")
    assert (own.table["conf_low"] >= joint.table["conf_low"]).all()
    assert (own.table["conf_high"] <= joint.table["conf_high"]).all()
    assert (own.table["conf_high"] < joint.table["conf_high"]).any()
    assert any("not for all of them at once" in note for note in own.notes)
    assert any("all groups at once" in note for note in joint.notes)


def test_groups_with_the_same_value_share_the_better_rank() -> None:
    e = made([2, 2, 0], 1e-4 * np.eye(3)).ranks()
    assert intervals(e) == [(1, 1, 2), (1, 1, 2), (3, 3, 3)]
    assert any("share the better rank" in note for note in e.notes)
    alike = made([1, 1, 1], np.eye(3)).ranks(first="lowest")
    assert intervals(alike) == [(1, 1, 3)] * 3


def test_the_lowest_first_turns_the_ranks_around() -> None:
    e = made([3, 5, 0, 2.5], 0.5 * np.eye(4)).ranks(critical=2.2, first="lowest")
    assert intervals(e) == [(3, 2, 4), (4, 3, 4), (1, 1, 1), (2, 2, 3)]
    assert any("lowest value" in note for note in e.notes)


def test_ranks_of_what_is_better_low_say_that_the_first_is_not_the_best() -> None:
    """Minutes of waiting: the ward with the longest wait is rank 1 unless first="lowest" is asked for."""
    book = sv.Codebook(variables={"q": sv.Variable("q", "number", direction=-1)})
    waits = replace(made([9, 30], np.eye(2)), codebook=book)
    lower = "on q a low value is good: rank 1 is the highest value, not the best"
    assert lower in waits.ranks().notes
    three = replace(made([9, 30, 12], np.eye(3)), codebook=book)
    assert lower in three.pairwise().ranks().notes
    assert lower not in waits.ranks(first="lowest").notes
    assert lower not in made([9, 30], np.eye(2)).ranks().notes
    assert lower not in replace(waits, statistic="proportion").ranks().notes


def test_known_numbers_are_told_apart_and_unknown_ones_never() -> None:
    """A census has no error: its wards differ as they do. A ward within one cluster has none that is known."""
    assert intervals(made([1, 2], np.zeros((2, 2))).ranks()) == [(2, 2, 2), (1, 1, 1)]
    e = made([0, 50, 100], 1e-6 * np.eye(3))
    e = e.with_table(e.table.assign(std_error=[1e-3, np.nan, 1e-3]))
    assert intervals(e.ranks()) == [(3, 2, 3), (2, 1, 3), (1, 1, 2)]
    assert intervals(e.ranks(method="bootstrap"))[1] == (2, 1, 3)


def test_a_group_without_an_estimate_has_no_rank_and_is_told() -> None:
    e = made([1, np.nan, 2], 1e-6 * np.eye(3)).ranks()
    assert np.isnan(e.table.loc[1, RANK].to_numpy(float)).all()
    assert e.table.loc[[0, 2], "estimate"].tolist() == [2, 1]
    assert any("without a rank: 1" in note for note in e.notes)


def test_what_may_not_be_shown_is_not_ranked_either() -> None:
    """A ward with 12 answers would be first, and second the one that goes with it: the others are ranked alone."""
    e = made([9, 3, 2, 1, 8], 1e-6 * np.eye(5))
    e = e.with_table(e.table.assign(n=[12, 200, 200, 200, 100]))
    assert e.ranks().table["estimate"].tolist() == [1, 3, 4, 5, 2]
    shown = sv.figures.intervals(e.ranks(), lang="en").estimates.table
    assert np.isnan(shown.loc[[0, 4], [*RANK, "value", "quartile", "alike"]].to_numpy(float)).all()
    assert shown.loc[1:3, "estimate"].tolist() == [1, 2, 3]
    assert shown.loc[1:3, "conf_high"].tolist() == [1, 2, 3]
    assert shown["quartile"].isna().all()  # of three wards there are no quarters
    sentence = sv.narrative.ranking(e.ranks()).en
    assert "Of 3 " in sentence and "b, 3.00" in sentence and "9.00" not in sentence


def test_ranks_within_a_wave_and_of_items() -> None:
    e = made([1, 2, 3, 9, 8, 7], 1e-6 * np.eye(6))
    table = e.table.assign(ward=list("abcabc"), wave=[1, 1, 1, 2, 2, 2])
    by_wave = sv.Estimates(table, "mean", ("ward", "wave"), _covariance=e.covariance)
    assert by_wave.ranks(within="wave").table["estimate"].tolist() == [3, 2, 1, 1, 2, 3]
    assert by_wave.ranks().table["estimate"].tolist() == [6, 5, 4, 1, 2, 3]
    with pytest.raises(EstimationError, match="several rankings"):
        sv.narrative.ranking(by_wave.ranks(within="wave"))
    assert "a, 9.00 (rank 1;" in sv.narrative.ranking(by_wave.ranks(within="wave"), where={"wave": 2}).en
    items = sv.Estimates(e.table.drop(columns="ward").assign(item=list("uvwxyz")), "mean", _covariance=e.covariance)
    assert items.ranks().table["estimate"].tolist() == [6, 5, 4, 1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"within": "wave"}, "within grouping columns"),
        ({"first": "best"}, "first rank"),
        ({"method": "holm"}, "method for ranks"),
        ({"critical": -1.0}, "critical value"),
        ({"method": "bootstrap", "draws": 3}, "bootstrap needs draws"),
    ],
)
def test_wrong_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        made([1, 2, 3], np.eye(3)).ranks(**arguments)  # type: ignore[arg-type]


def test_one_group_and_a_rank_of_ranks_are_refused() -> None:
    with pytest.raises(EstimationError, match="nothing to rank"):
        made([1], np.eye(1)).ranks()
    rows = pd.DataFrame({"y": [1.0, 2, 3, 5], "x": [1.0, 2, 3, 4]})
    with pytest.raises(EstimationError, match="Only groups, items and differences"):
        sv.Sample(rows, weights=None).linear("y ~ x").ranks()
    ranked = made([1, 2, 3], np.eye(3)).ranks()
    with pytest.raises(EstimationError, match="Ranks cannot be combined"):
        ranked.contrast([1, -1, 0])
    with pytest.raises(EstimationError, match="Ranks cannot be combined"):
        ranked.pairwise()
    with pytest.raises(EstimationError, match="already ranks"):
        ranked.ranks()


def test_degrees_of_freedom_are_those_of_contrasts() -> None:
    rng = np.random.default_rng(4)
    data = pd.DataFrame(
        {"y": rng.normal(size=400), "ward": rng.integers(0, 6, 400), "stratum": rng.integers(0, 4, 400), "w": 1.0}
    )
    data["psu"] = data["stratum"] * 10 + rng.integers(0, 5, 400)
    for design in ({"strata": "stratum", "psu": "psu"}, {"strata": "stratum"}, {"psu": "psu"}, {}):
        e = sv.Sample(data, weights="w", nest=True, **design).mean("y", by="ward")
        assert e.support is not None
        found = _joint_df(e, np.arange(6))
        for i, j in zip(*np.triu_indices(6, 1), strict=True):
            assert found[i, j] == found[j, i] == e.support.joint_df(np.array([i, j])), design


def test_items_that_other_people_answered_have_the_degrees_of_freedom_of_all_of_them() -> None:
    """All 28 people answered one of the two items, in two strata."""
    data = pd.DataFrame({"stratum": [1] * 16 + [2] * 12, "w": 1.0})
    data["a"] = np.where(np.arange(28) < 20, np.arange(28) % 5, np.nan)  # 16 of the first stratum, 4 of the second
    data["b"] = np.where(np.arange(28) >= 12, np.arange(28) % 4, np.nan)  # 4 of the first, 12 of the second
    e = sv.Sample(data, weights="w", strata="stratum").mean(["a", "b"])
    assert _joint_df(e, np.arange(2))[0, 1] == 16 + 12 - 2


def test_breakdowns_are_ranked_and_lettered_each_by_itself(data: pd.DataFrame) -> None:
    s = sv.Sample(data.assign(kind=data["ward"] % 3), weights="w", psu="psu")
    e = s.mean("y", over=["ward", "kind"])
    ranks, letters = e.ranks().table, e.pairwise().letters().table
    for name, rows in ranks.groupby("breakdown", sort=False):
        alone = s.mean("y", by=str(name))
        for column in ("estimate", "conf_low", "conf_high", "letters"):
            assert rows[column].tolist() == alone.ranks().table[column].tolist(), (name, column)
        own = letters.loc[letters["breakdown"] == name, "letters"]
        assert own.tolist() == alone.pairwise().letters().table["letters"].tolist()


def test_options_are_lettered_as_they_are_compared(data: pd.DataFrame) -> None:
    chosen = data.assign(a=(data["y"] > 2) * 1, b=(data["y"] > 3) * 1, c=(data["ward"] > 3) * 1)
    book = sv.Codebook(sets={"how": sv.codebook.MultipleSet("how", ("a", "b", "c"))})
    e = sv.Sample(sv.Responses(chosen, book), weights="w", psu="psu").select_all("how")
    apart = e.pairwise().table["p_adjusted"] < 0.05
    letters = e.pairwise().letters().table["letters"].tolist()
    told = [not set(letters[i]) & set(letters[j]) for i, j in zip(*np.triu_indices(3, 1), strict=True)]
    assert told == apart.tolist()
    assert any(told)


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    ward = rng.integers(0, 8, 900)
    y = np.clip(np.round(3 + 0.15 * ward + rng.normal(size=900)), 1, 5)
    return pd.DataFrame({"ward": ward, "psu": ward * 10 + rng.integers(0, 9, 900), "y": y, "w": rng.uniform(1, 3, 900)})


def _ranks(data: pd.DataFrame, item: str = "y") -> pd.DataFrame:
    return sv.Sample(data, weights="w", psu="psu").mean(item, by="ward").ranks().table


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.assign(w=1e6 * d["w"]),
        lambda d: d.sample(frac=1, random_state=3),
        lambda d: d.assign(y=(d["y"] > 3) * 100.0),
    ],
    ids=["the scale of the weights", "the order of the rows", "percent against share"],
)
def test_what_does_not_change_ranks(data: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    changed = change(data)
    base = data.assign(y=(data["y"] > 3) * 1.0) if set(changed["y"]) == {0.0, 100.0} else data
    columns = [*RANK, "alike", "quartile_low", "quartile_high"]
    pd.testing.assert_frame_equal(_ranks(changed)[columns], _ranks(base)[columns])


def test_all_ones_weights_are_no_weights(data: pd.DataFrame) -> None:
    plain = sv.Sample(data, weights=None, psu="psu").mean("y", by="ward").ranks().table
    pd.testing.assert_frame_equal(_ranks(data.assign(w=1.0)), plain)


@pytest.mark.parametrize("seed", range(5))
def test_letters_say_who_is_told_apart_and_nothing_else(seed: int) -> None:
    """For each two groups: a letter in common exactly where they are not told apart."""
    rng = np.random.default_rng(seed)
    apart = np.triu(rng.random((9, 9)) < 0.4, 1)
    apart |= apart.T
    letters = _letters(apart, rng.permutation(9))
    for i in range(9):
        assert letters[i]
        for j in range(i):
            assert bool(set(letters[i]) & set(letters[j])) != apart[i, j]


@pytest.mark.slow
def test_five_hundred_groups_take_seconds(data: pd.DataFrame) -> None:
    rng = np.random.default_rng(2)
    ward = np.repeat(np.arange(500), 20)
    rows = pd.DataFrame({"ward": ward, "psu": ward * 4 + rng.integers(0, 4, len(ward)), "y": rng.normal(ward / 50)})
    table = sv.Sample(rows, weights=None, psu="psu").mean("y", by="ward").ranks().table
    truth = 500 - table["ward"].to_numpy()
    assert ((table["conf_low"] <= truth) & (truth <= table["conf_high"])).all()
    assert table["alike"].median() < 400


def test_wards_that_are_told_apart_are_ranked_though_their_intervals_overlap() -> None:
    """The first may be 1st to 3rd and the last 2nd to 4th, and yet they differ; of the others nothing is known."""
    e = made([3, 1.6, 1.4, 0], 0.5 * np.eye(4)).ranks(critical=2.5)
    assert intervals(e) == [(1, 1, 3), (2, 1, 4), (3, 1, 4), (4, 2, 4)]
    said = sv.narrative.ranking(e)
    assert "not told apart" not in said.en and "2 others may be first as well; 2 others may be last as well" in said.en


def test_changes_of_wards_are_ranked_within_each_change() -> None:
    rng = np.random.default_rng(3)
    ward = np.repeat(np.arange(4), 90)
    rows = pd.DataFrame({"ward": ward, "wave": np.tile([1, 2, 3], 120), "y": rng.normal(size=360)})
    rows["y"] += rows["ward"] * 2.0 * (rows["wave"] == 2)
    sample = sv.Sample(rows, weights=None)
    two = sample.change("y", by="ward", waves=[1, 2]).ranks()
    assert two.table["estimate"].tolist() == [4, 3, 2, 1] and "contrast" not in two.table.columns
    said = sv.narrative.ranking(two, what={"vi": "y", "en": "y"})
    assert said.en.startswith("Change from wave 1 to wave 2: of 4 ") and "highest in ward 3, +" in said.en
    assert sv.figures.intervals(two, lang="en").title == "Rank: Change from wave 1 to wave 2: y, by ward"
    three = sample.change("y", by="ward").ranks()
    assert sorted(three.table.loc[three.table["contrast"] == "3 − 1", "estimate"]) == [1, 2, 3, 4]
    assert "Change from wave 1 to wave 3" in three.to_text("en")


def test_figure_table_and_sentences_show_ranks() -> None:
    e = made([70, 60, 50, 40, 30], np.eye(5)).ranks()
    exhibit = sv.figures.intervals(e, lang="en", sort=True)
    axes = exhibit.figure().axes[0]
    assert axes.get_xlim() == (0.5, 5.5)
    assert [t.get_text() for t in axes.texts] == ["1", "2", "3", "4", "5"]
    texts = [t.get_text() for t in exhibit.figure().texts]
    assert texts.index("a") < texts.index("b") < texts.index("e")
    assert "Rank (95% CI)" in " ".join(texts)
    assert "2 (2–2)" in sv.tables.table(e, lang="en").html()
    finding = sv.narrative.ranking(e)
    assert finding.en == (
        "Of 5 groups, the mean of “q” is highest in a, 70.00 (rank 1; 95% confidence interval: 1 to 1) and lowest in "
        "e, 30.00 (rank 5; 95% confidence interval: 5 to 5); in the first quarter whatever the rank: a, b."
    )
    assert "cao nhất ở a, 70,00 (hạng 1; khoảng tin cậy 95%: từ 1 đến 1)" in finding.vi
    assert finding.numbers["rank_highest"] == 1 and finding.numbers["value_lowest"] == 30
    near = sv.narrative.ranking(made([1.0, 0.9, 0.8, 0.7], np.eye(4)).ranks()).en
    assert "the two are not told apart, so they cannot be ranked" in near

"""Replicate weights that a producer ships, and any function of the weights run through replicates: against R."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
_R = json.loads((REFERENCE / "statistics" / "statistics.json").read_text(encoding="utf-8"))["results"]
R = {r["id"]: r for r in _R if r["id"].startswith(("shipped/", "made/"))}
MULTIPLIERS = pd.read_csv(REFERENCE / "statistics" / "multipliers.csv", index_col="cluster")
SIZE = {"bac": 4, "dong": 5, "nam": 6, "tay": 4}  # clusters of each stratum
RSCALES = np.array([(SIZE[c[:-1]] - 1) / SIZE[c[:-1]] for c in MULTIPLIERS.index])

SHIPPED: dict[str, dict[str, Any]] = {
    "jk1": {"method": "JK1"},
    "jkn": {"method": "JKn", "rscales": RSCALES},
    "brr": {"method": "BRR"},
    "fay": {"method": "Fay", "scale": 1 / (8 * (1 - 0.5) ** 2)},
    "sdr": {"method": "SDR"},
    "boot": {"method": "bootstrap"},
}
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


def shipped(rows: pd.DataFrame, name: str, combined: bool = True, **more: Any) -> sv.Sample:
    """Rows as a producer hands them out: weights and columns of replicate weights, no strata, no clusters."""
    columns = [c for c in MULTIPLIERS if c.startswith(f"{name}_")]
    weights = MULTIPLIERS.loc[rows["cluster"], columns].set_index(rows.index)
    if combined:
        weights = weights.mul(rows["w"], axis=0)
    spec = sv.Replicates(columns=columns, combined=combined, **SHIPPED[name], **more)
    public = rows.drop(columns=["stratum", "psu"]).join(weights)
    return sv.Sample(public, weights="w", replicates=spec)


# --- producer's weights against R -------------------------------------------------------------------------------------


@pytest.mark.crossed
@pytest.mark.parametrize("mse", [False, True], ids=["around the mean", "around the estimate"])
@pytest.mark.parametrize("combined", [True, False], ids=["complete weights", "multipliers"])
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_give_the_errors_of_r(rows: pd.DataFrame, name: str, combined: bool, mse: bool) -> None:
    """Scales are what the method says, where a producer states none; R's own for a bootstrap is 1 / (R - 1)."""
    s = shipped(rows, name, combined, mse=mse)
    prefix = f"shipped/{name}/{'combined' if combined else 'multipliers'}/{'mse' if mse else 'mean'}"
    for verb, run in VERBS.items():
        e, expected = run(s), R[f"{prefix}/{verb}"]
        np.testing.assert_allclose(e.table["estimate"], expected["estimate"], rtol=1e-8, err_msg=verb)
        np.testing.assert_allclose(e.table["std_error"], expected["se"], rtol=1e-8, err_msg=verb)
        if "vcov" in expected:
            np.testing.assert_allclose(e.covariance.ravel(), expected["vcov"], rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("combined", [True, False])
@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.sampled
def test_degrees_of_freedom_are_the_rank_less_one_as_in_r(rows: pd.DataFrame, name: str, combined: bool) -> None:
    prefix = f"shipped/{name}/{'combined' if combined else 'multipliers'}/mse"
    assert shipped(rows, name, combined).mean("q1").table["df"][0] == R[f"{prefix}/df"]["estimate"]


def test_degrees_of_freedom_that_a_producer_states_are_taken(rows: pd.DataFrame) -> None:
    assert shipped(rows, "brr", df=4).mean("q1").table["df"][0] == 4


def test_shipped_jackknife_weights_are_those_we_would_make(rows: pd.DataFrame) -> None:
    made = sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn")
    for run in VERBS.values():
        ours, theirs = run(made).table, run(shipped(rows, "jkn")).table
        pd.testing.assert_frame_equal(ours[["estimate", "std_error"]], theirs[["estimate", "std_error"]], rtol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["jkn", "sdr", "boot"])
def test_the_scale_of_the_weights_and_the_order_of_the_rows(rows: pd.DataFrame, name: str) -> None:
    for verb in ("mean", "ratio", "distribution", "covariance", "quantile"):
        expected = VERBS[verb](shipped(rows, name)).table
        for changed in (rows.assign(w=rows["w"] * 1e6), rows.sample(frac=1, random_state=9)):
            pd.testing.assert_frame_equal(VERBS[verb](shipped(changed, name)).table, expected, rtol=1e-8)


# --- one's own function -----------------------------------------------------------------------------------------------


def own(rows: pd.DataFrame) -> Callable[[np.ndarray], dict[str, float]]:
    """A Gini coefficient by its definition, and the smallest value with half the weight up to it."""
    known = rows["minutes"].notna().to_numpy()
    y = rows["minutes"].to_numpy()[known]
    order, apart = np.argsort(y, kind="stable"), np.abs(np.subtract.outer(y, y))

    def statistic(w: np.ndarray) -> dict[str, float]:
        v = w[known]
        median = y[order][np.argmax(np.cumsum(v[order]) >= v.sum() / 2)]
        return {"gini": v @ apart @ v / (2 * v.sum() ** 2 * np.average(y, weights=v)), "median": float(median)}

    return statistic


@pytest.mark.parametrize("mse", [False, True])
@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.sampled
def test_ones_own_function_of_shipped_weights_is_r_s_with_replicates(rows: pd.DataFrame, name: str, mse: bool) -> None:
    e = shipped(rows, name, mse=mse).replicate(own(rows), progress=False)
    expected = R[f"shipped/{name}/combined/{'mse' if mse else 'mean'}/own"]
    np.testing.assert_allclose(e.table["estimate"], expected["estimate"], rtol=1e-10)
    np.testing.assert_allclose(e.table["std_error"], expected["se"], rtol=1e-8)
    assert e.table["item"].tolist() == ["gini", "median"]


@pytest.mark.parametrize(
    ("name", "design", "method"),
    [("JKn", "strat_clus", "JKn"), ("JK1", "clus_only", "JK1"), ("JKn elements", "element", "JKn")],
)
def test_ones_own_function_of_weights_we_made_is_r_s_with_replicates(
    rows: pd.DataFrame, name: str, design: str, method: str
) -> None:
    e = sv.Sample(rows, **DESIGNS[design]).replicates(method).replicate(own(rows), progress=False)
    np.testing.assert_allclose(e.table["std_error"], R[f"made/{name}/mse/own"]["se"], rtol=1e-8)


def samples(rows: pd.DataFrame) -> Iterator[tuple[str, sv.Sample]]:
    for name in SHIPPED:
        yield name, shipped(rows, name)
        yield f"{name} multipliers", shipped(rows, name, combined=False)
    for design in ("strat_clus", "clus_only", "element", "unequal"):
        s = sv.Sample(rows, **DESIGNS[design])
        yield f"jackknife {design}", s.replicates("jackknife")
        yield f"bootstrap {design}", s.replicates("bootstrap", n=30, seed=1)
    yield "rwyb", sv.Sample(rows, **DESIGNS["strat_clus_fpc"]).replicates("rwyb", n=30, seed=1)
    yield "bootstrap two_stage", sv.Sample(rows, **DESIGNS["two_stage"]).replicates("bootstrap", n=30, seed=1)
    rows = rows.assign(household=rows["rid"] % 3, households=9)
    nested = sv.Sample(
        rows, weights="w", strata="stratum", psu=["cluster", "household"], fpc=["clusters_total", "households"]
    )
    yield "bootstrap households", nested.replicates("bootstrap", n=30, seed=1)
    yield "rwyb households", nested.replicates("rwyb", n=30, seed=1)


@pytest.mark.slow
def test_a_mean_as_ones_own_function_is_the_verbs_mean(rows: pd.DataFrame, subtests: Any) -> None:
    """Rows, clusters and replicates must meet in the same order on both roads; the second sample is shuffled."""
    for frame in (rows, rows.sample(frac=1, random_state=4)):
        y, sex = frame["trips"].to_numpy(), frame["sex"].to_numpy()
        for name, s in samples(frame):
            with subtests.test(name):
                e = s.replicate(
                    lambda w, y=y, sex=sex: [np.average(y[sex == k], weights=w[sex == k]) for k in (0, 1)],
                    progress=False,
                )
                expected = s.mean("trips", by="sex")
                np.testing.assert_allclose(e.covariance, expected.covariance, rtol=1e-8, atol=1e-15)
                for column in ("estimate", "std_error"):
                    np.testing.assert_allclose(e.table[column], expected.table[column], rtol=1e-8)
                # of a function nobody knows the domain: its degrees of freedom are those of all replicates
                assert (e.table["df"] == s.replicate_df).all()


def test_statistics_of_one_function_can_be_contrasted(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn")
    y = rows["trips"].to_numpy()
    e = s.replicate(lambda w: {"trips": w @ y, "people": w.sum()}, progress=False)
    ratio = e.contrast({"mean": "trips / people"}).table.iloc[0]
    assert ratio["estimate"] == pytest.approx(s.mean("trips").table["estimate"][0])
    a, b = e.table["estimate"]
    gradient = np.array([1 / b, -a / b**2])
    assert ratio["std_error"] == pytest.approx(np.sqrt(gradient @ e.covariance @ gradient))


@pytest.mark.parametrize(
    ("result", "names"),
    [
        (lambda w: 1.5, [0]),
        (lambda w: [1.0, 2], [0, 1]),
        (lambda w: np.array([1.0, 2, 3]), [0, 1, 2]),
        (lambda w: {"a": 1, "b": 2.5}, ["a", "b"]),
        (lambda w: pd.Series({"x": 1.0, "y": 2.0}), ["x", "y"]),
    ],
    ids=["number", "list", "array", "dict", "Series"],
)
def test_what_a_function_may_give(rows: pd.DataFrame, result: Callable[..., Any], names: list[Any]) -> None:
    e = sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn").replicate(result, progress=False)
    assert e.table["item"].tolist() == names
    assert (e.table["std_error"] == 0).all()
    assert e.statistic == "replicate"
    assert e.notes == ("19 replicates, JKn",)


@pytest.mark.parametrize(
    "result",
    [lambda w: None, lambda w: "many", lambda w: {"a": "b"}, lambda w: np.ones((2, 2)), lambda w: [], lambda w: {}],
    ids=["None", "text", "text in a dict", "table", "empty list", "empty dict"],
)
def test_what_a_function_may_not_give(rows: pd.DataFrame, result: Callable[..., Any]) -> None:
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn")
    with pytest.raises(sv.EstimationError, match=r"The statistic (must return a non-empty row|did not return numbers)"):
        s.replicate(result, progress=False)


@pytest.mark.parametrize("turn", [lambda i: [1.0] * (1 + (i > 3)), lambda i: {"a" if i < 4 else "b": 1.0}])
def test_a_function_that_changes_its_shape_is_stopped(rows: pd.DataFrame, turn: Callable[[int], Any]) -> None:
    """The first call is with the full weights, so the fifth is replicate 3."""
    calls = iter(range(100))
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn")
    with pytest.raises(sv.EstimationError, match="The statistic returned a different shape for a replicate") as caught:
        s.replicate(lambda w: turn(next(calls)), progress=False)
    assert "replicate 3" in str(caught.value)


def test_a_statistic_that_is_unknown_in_some_replicate_has_no_error_and_a_note(rows: pd.DataFrame) -> None:
    calls = iter(range(100))
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn")
    e = s.replicate(lambda w: {"a": np.nan if next(calls) == 7 else 1.0, "b": w.sum()}, progress=False)
    assert e.table["std_error"].isna().tolist() == [True, False]
    assert "NaN in some replicate" in e.notes[1]


@pytest.mark.parametrize("name", ["jackknife", "shipped", "shipped multipliers"])
def test_a_function_may_change_the_weights_that_it_is_given(rows: pd.DataFrame, name: str) -> None:
    """Normalising in place is how people write it; neither the data nor the next replicate may notice."""
    s = (
        sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn")
        if name == "jackknife"
        else shipped(rows, "jkn", combined=name == "shipped")
    )
    y, before = rows["trips"].to_numpy(), s.data.copy()

    def in_place(w: np.ndarray) -> float:
        w /= w.sum()
        return float(w @ y)

    e = s.replicate(in_place, progress=False)
    assert e.table["std_error"][0] == pytest.approx(s.mean("trips").table["std_error"][0], rel=1e-8)
    pd.testing.assert_frame_equal(s.data, before)
    np.testing.assert_array_equal(s.weights, rows["w"])


@pytest.mark.parametrize("progress", [True, False])
def test_the_bar_can_be_left_out(rows: pd.DataFrame, progress: bool, capsys: pytest.CaptureFixture[str]) -> None:
    sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn").replicate(lambda w: w.sum(), progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("replicates" in err) == progress


def test_the_level_is_that_of_the_interval(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).replicates("JKn")
    y = rows["trips"].to_numpy()
    got = s.replicate(lambda w: np.average(y, weights=w), level=0.8, progress=False)
    expected = s.mean("trips", level=0.8).table
    np.testing.assert_allclose(got.table["conf_low"], expected["conf_low"], rtol=1e-9)
    assert got.level == 0.8
    with pytest.raises(sv.EstimationError, match="confidence level"):
        s.replicate(lambda w: 1.0, level=95, progress=False)


# --- which variance ---------------------------------------------------------------------------------------------------


def test_replicates_are_used_where_they_are_unless_told_otherwise(rows: pd.DataFrame) -> None:
    plain = sv.Sample(rows, **DESIGNS["strat_clus"])
    s = plain.replicates("JKn")
    default, told, taylor = s.mean("q1"), s.mean("q1", variance="replicate"), s.mean("q1", variance="taylor")
    pd.testing.assert_frame_equal(default.table, told.table)
    pd.testing.assert_frame_equal(taylor.table, plain.mean("q1").table)
    assert default.table["std_error"][0] != taylor.table["std_error"][0]


VARIANCE_OF: dict[str, Callable[..., sv.Estimates]] = {
    "mean": lambda s, **v: s.mean("q1", **v),
    "total": lambda s, **v: s.total("q1", **v),
    "proportion": lambda s, **v: s.proportion("q1", top=2, **v),
    "distribution": lambda s, **v: s.distribution("q1", **v),
    "ratio": lambda s, **v: s.ratio("minutes", "trips", **v),
    "quantile": lambda s, **v: s.quantile("minutes", 0.5, **v),
    "variance": lambda s, **v: s.variance("q1", **v),
    "covariance": lambda s, **v: s.covariance(["q1", "q2"], **v),
    "correlation": lambda s, **v: s.correlation(["q1", "q2"], **v),
}


@pytest.mark.parametrize("verb", VARIANCE_OF)
def test_every_verb_says_so_when_there_are_no_replicates(rows: pd.DataFrame, verb: str) -> None:
    run, s = VARIANCE_OF[verb], sv.Sample(rows, **DESIGNS["strat_clus"])
    with pytest.raises(sv.DesignError, match="no replicates"):
        run(s, variance="replicate")
    with pytest.raises(sv.DesignError, match="unknown variance"):
        run(s, variance="jackknife")
    pd.testing.assert_frame_equal(run(s.replicates("JKn"), variance="taylor").table, run(s).table)


def test_ones_own_function_needs_replicates(rows: pd.DataFrame) -> None:
    with pytest.raises(sv.DesignError, match="no replicates"):
        sv.Sample(rows, **DESIGNS["strat_clus"]).replicate(lambda w: w.sum())


@pytest.mark.parametrize("order", ["raked, then replicates", "replicates, then raked", "shipped, then raked"])
def test_replicates_are_raked_one_by_one(rows: pd.DataFrame, order: str) -> None:
    """A total that raking fixes would otherwise get a standard error of a fifth of itself, or more."""
    targets = {"sex": {0: 2000.0, 1: 2700.0}}
    plain = sv.Sample(rows, **DESIGNS["strat_clus"])
    s = {
        "raked, then replicates": lambda: plain.rake(targets).replicates("JKn"),
        "replicates, then raked": lambda: plain.replicates("JKn").rake(targets),
        "shipped, then raked": lambda: shipped(rows, "jkn").rake(targets),
    }[order]()
    fixed = s.total("one", by="sex").table
    np.testing.assert_allclose(fixed["estimate"], [2000, 2700], rtol=1e-9)
    assert fixed["std_error"].max() < 1e-8
    assert s.replicate(lambda w: w.sum(), progress=False).table.loc[0, "std_error"] < 1e-8
    expected = plain.rake(targets).replicates("JKn").total("yes").table
    assert s.total("yes").table.loc[0, "std_error"] == pytest.approx(expected.loc[0, "std_error"], rel=1e-9)


def test_a_model_does_not_take_a_producers_people_for_a_simple_random_sample(rows: pd.DataFrame) -> None:
    """Without strata and clusters the linearised errors would be those of people drawn one by one."""
    s = shipped(rows, "jkn")
    with pytest.raises(sv.DesignError, match="Linearised standard errors of a model need strata and clusters"):
        s.linear("q1 ~ sex", variance="taylor")
    design = {"weights": "w", "strata": "stratum", "psu": "cluster", "replicates": s.design.replicates}
    known = sv.Sample(s.data.assign(stratum=rows["stratum"]), **design)
    expected = sv.Sample(rows, **DESIGNS["strat_clus"]).linear("q1 ~ sex")
    pd.testing.assert_frame_equal(known.linear("q1 ~ sex", variance="taylor").table, expected.table)


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [{"method": "Fay"}, {"method": "JKn"}, {"method": "other"}],
    ids=lambda a: a["method"],
)
def test_a_scale_that_is_not_known_is_asked_for(arguments: dict[str, Any]) -> None:
    with pytest.raises(sv.DesignError, match="scale") as caught:
        sv.Replicates(columns=["a", "b"], **arguments)
    assert arguments["method"] in str(caught.value)


def test_a_method_is_known_in_any_case_or_not_at_all() -> None:
    assert sv.Replicates("jk1", columns=["a", "b"]).factor == sv.Replicates("JK1", columns=["a", "b"]).factor == 0.5
    with pytest.raises(sv.DesignError, match="An unknown replication method"):
        sv.Replicates("unheard of", columns=["a", "b"], scale=1.0)


def test_one_column_is_no_list_of_columns() -> None:
    with pytest.raises(sv.DesignError, match="Replicate weights must be a list of columns"):
        sv.Replicates("JK1", columns="rep1")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.nan, "missing"),
        (np.inf, "infinite"),
        ("a", "A column of replicate weights is not numeric"),
        ("1.5", "A column of replicate weights is not numeric"),
    ],
)
def test_a_replicate_weight_that_is_none_is_named(rows: pd.DataFrame, value: Any, words: str) -> None:
    s = shipped(rows, "brr")
    broken = s.data.astype({"brr_5": object})
    broken.loc[17, "brr_5"] = value
    if not isinstance(value, str):
        broken = broken.astype({"brr_5": float})
    with pytest.raises(sv.DesignError, match=words) as caught:
        sv.Sample(broken, weights="w", replicates=s.design.replicates)
    assert "brr_5" in str(caught.value)
    assert "17" in str(caught.value) or isinstance(value, str)


def test_a_replicate_weight_of_zero_is_a_weight(rows: pd.DataFrame) -> None:
    assert (shipped(rows, "jk1").data["jk1_1"] == 0).any()


def test_a_column_that_is_not_there_is_named(rows: pd.DataFrame) -> None:
    with pytest.raises(sv.DesignError, match="columns that are not in the data") as caught:
        sv.Sample(rows, weights="w", replicates=sv.Replicates("JK1", columns=["w", "repwgt2"]))
    assert "repwgt2" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rscales": np.ones(3)}, "rscales must have one value per replicate"),
        ({"rscales": [1.0] * 7 + [-1.0]}, "negative"),
        ({"rscales": [1.0] * 7 + [np.nan]}, "Replicate scales must be non-negative numbers"),
        ({"scale": -0.5}, "negative"),
        ({"scale": np.inf}, "Replicate scales must be non-negative numbers"),
    ],
)
def test_scales_that_make_no_variance_are_refused(rows: pd.DataFrame, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(sv.DesignError, match=words):
        shipped(rows, "brr", **changes)


def test_one_replicate_is_too_few(rows: pd.DataFrame) -> None:
    with pytest.raises(sv.DesignError, match="There are too few replicates"):
        sv.Sample(rows, weights="w", replicates=sv.Replicates("JK1", columns=["w"]))


@pytest.mark.parametrize("design", ["strat_clus", "element"])
def test_multipliers_that_were_made_for_other_rows_are_refused(rows: pd.DataFrame, design: str) -> None:
    """Fewer rows would be matched with the wrong people's multipliers, without a word."""
    made = sv.Sample(rows, **DESIGNS[design]).replicates("bootstrap", n=20, seed=1)
    with pytest.raises(sv.DesignError, match="another sample"):
        sv.Sample.of(sv.Responses(rows[rows["stratum"] != "nam"]), made.design)


def test_replicates_are_told_in_one_line(rows: pd.DataFrame) -> None:
    assert "replicate weights SDR" in repr(shipped(rows, "sdr"))

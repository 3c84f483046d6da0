"""Numbers that others published, on rows small enough to sit here; and traps that were proved numerically.

Where a table prints few digits, R's full ones stand beside it with the call.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"


def first(e: sv.Estimates) -> tuple[float, float]:
    return e.table["estimate"].iloc[0], e.table["std_error"].iloc[0]


# --- the fpc rows of R's `survey`, data(fpc) --------------------------------------------------------------------------

FPC = pd.DataFrame(
    {
        "stratid": [1, 1, 1, 1, 1, 2, 2, 2],
        "psuid": [1, 2, 3, 4, 5, 1, 2, 3],
        "weight": [3.0] * 5 + [4.0] * 3,
        "nh": [5] * 5 + [3] * 3,
        "Nh": [15] * 5 + [12] * 3,
        "x": [2.8, 4.1, 6.8, 6.8, 9.2, 3.7, 6.6, 4.2],
    }
)
STRATA = {"weights": "weight", "strata": "stratid", "psu": "psuid", "nest": True}


def test_stratified_clusters() -> None:
    # svymean(~x, svydesign(~psuid, strata = ~stratid, weights = ~weight, data = fpc, nest = TRUE)): 5.4481, 0.7413
    assert first(sv.Sample(FPC, **STRATA).mean("x")) == pytest.approx((5.448148148148, 0.741268330631531), rel=1e-12)


def test_stratified_clusters_of_a_finite_population() -> None:
    # the same with fpc = ~Nh: 0.6160
    assert first(sv.Sample(FPC, **STRATA, fpc="Nh").mean("x"))[1] == pytest.approx(0.616040723361294, rel=1e-12)


def test_clusters_without_strata() -> None:
    # svydesign(~psuid, weights = ~weight, data = fpc): ids are five clusters here; 0.7938
    e = sv.Sample(FPC, weights="weight", psu="psuid").mean("x")
    assert first(e)[1] == pytest.approx(0.793756828039131, rel=1e-12)
    assert e.table["df"].iloc[0] == 4


def test_eight_elements_are_eight_clusters_here() -> None:
    assert first(sv.Sample(FPC, weights="weight", strata="stratid").mean("x"))[1] == pytest.approx(0.741268330631531)


@pytest.mark.parametrize(
    ("where", "estimate", "plain", "finite", "df"),
    [
        # svymean(~x, subset(d, x > 4)) without and with the fpc; degf(subset(d, x > 4))
        ("x > 4", 6.195, 0.755512863887836, 0.630111002125816, 4),
        ("x <= 4", 3.314285714285714, 0.311704213747539, 0.262338187170962, 0),
    ],
)
def test_domains(where: str, estimate: float, plain: float, finite: float, df: float) -> None:
    for fpc, expected in ((None, plain), ("Nh", finite)):
        e = sv.Sample(FPC, **STRATA, fpc=fpc).mean("x", where=where)
        assert first(e) == pytest.approx((estimate, expected), rel=1e-12)
        assert e.table["df"].iloc[0] == df
        assert np.isnan(e.table["conf_low"].iloc[0]) == (df == 0)


def test_a_domain_in_one_cluster_is_not_known_without_error() -> None:
    # both rows with x <= 4 have psuid 1; R says 2.5e-16
    row = sv.Sample(FPC, weights="weight", psu="psuid").mean("x", where="x <= 4").table.iloc[0]
    assert row["estimate"] == pytest.approx(3.314285714285714)
    assert np.isnan(row["std_error"]) and np.isnan(row["conf_low"])


# --- lonely clusters --------------------------------------------------------------------------------------------------

LONELY = pd.DataFrame(
    {
        "s": [1, 1, 2, 2, 3],
        "p": [1, 2, 3, 4, 5],
        "w": [10.5, 10.5, 20, 20, 15],
        "age": [30.5, 40.5, 35, 52, 44],
    }
)


@pytest.mark.parametrize(
    ("rule", "of_total", "of_mean"),
    [
        # options(survey.lonely.psu = rule); SE(svytotal(~age, d))^2, SE(svymean(~age, d))^2
        ("remove", 126625, 21.9226108033241),
        ("certainty", 126625, 21.9226108033241),
        ("adjust", 562225, 22.1883460554252),  # 126625 + (15 * 44)^2: R 4.1 centres the lonely total on zero
        ("average", 189937.5, 32.8839162049862),  # 126625 * 3 / 2
        # around the mean of all clusters: 126625 + (660 - 3145.5 / 5)^2, which Stata calls singleunit(centered);
        # a mean's influence sums to zero, so there it is the same as "adjust"
        ("centered", 127579.81, 22.1883460554252),
    ],
)
@pytest.mark.parametrize("clusters", [True, False], ids=["clusters", "elements"])
def test_lonely_clusters(rule: str, of_total: float, of_mean: float, clusters: bool) -> None:
    s = sv.Sample(LONELY, weights="w", strata="s", psu="p" if clusters else None, lonely=rule)
    assert first(s.total("age"))[1] ** 2 == pytest.approx(of_total, rel=1e-12)
    assert first(s.mean("age"))[1] ** 2 == pytest.approx(of_mean, rel=1e-12)


def test_lonely_clusters_fail_unless_told_otherwise() -> None:
    with pytest.raises(sv.DesignError, match="single cluster") as caught:
        sv.Sample(LONELY, weights="w", strata="s", psu="p")
    assert "strata 3" in str(caught.value)


def test_average_counts_the_strata_of_the_estimate() -> None:
    """Trap 3: with nobody of the lonely stratum in the domain there is nothing to make up for."""
    average, remove = (sv.Sample(LONELY, weights="w", strata="s", psu="p", lonely=r) for r in ("average", "remove"))
    assert first(average.total("age", where="s != 3")) == pytest.approx(first(remove.total("age", where="s != 3")))


# --- design effect ----------------------------------------------------------------------------------------------------

TEN = pd.DataFrame({"y": [15, 143, 21, 51, 337, 50, 274, 145, 15, 86], "w": 100.0})


def test_ten_people_of_equal_weight() -> None:
    # svymean(~y, svydesign(~1, weights = ~w, data = ten), deff = "replace"): 113.7, 35.626, deff 1
    row = sv.Sample(TEN, weights="w").mean("y").table.iloc[0]
    assert (row["estimate"], row["std_error"]) == pytest.approx((113.7, 35.6261607998018), rel=1e-12)
    assert row["deff"] == pytest.approx(1.0)


def test_the_design_effect_is_against_sampling_with_replacement() -> None:
    """Trap 5: without replacement would need the population's size, which rescaled weights no longer tell."""
    for scale in (1.0, 0.01, 1e-5):
        row = sv.Sample(TEN.assign(w=TEN["w"] * scale), weights="w").mean("y").table.iloc[0]
        assert row["deff"] == pytest.approx(1.0, rel=1e-9)


# --- Kalton & Flores-Cervantes (2003), Weighting methods, Journal of Official Statistics 19 ---------------------------

KALTON = pd.DataFrame(
    {
        "row": np.repeat([1, 2, 3], 4),
        "column": np.tile([1, 2, 3, 4], 3),
        "n": [20, 50, 100, 30, 40, 140, 50, 100, 40, 310, 50, 70],
        "N": [80, 60, 170, 55, 40, 150, 60, 165, 55, 340, 200, 125],
    }
)


def kalton(targets: dict[object, dict[object, float]]) -> list[float]:
    """Multipliers of the twelve cells, column by column, to the two digits that are printed."""
    s = sv.Sample(KALTON.astype({"n": float}), weights="n").rake(targets, tolerance=1e-12)
    factors = KALTON.assign(factor=s.weights / KALTON["n"]).sort_values(["column", "row"])["factor"]
    return factors.round(2).tolist()


def test_poststratified_multipliers() -> None:
    cells = {(r, c): float(n) for r, c, n in zip(KALTON["row"], KALTON["column"], KALTON["N"], strict=True)}
    printed = [4.00, 1.00, 1.38, 1.20, 1.07, 1.10, 1.70, 1.20, 4.00, 1.83, 1.65, 1.79]
    assert kalton({("row", "column"): cells}) == pytest.approx(printed, abs=0.0051)  # 1.375 is printed as 1.38


def test_raked_multipliers() -> None:
    margins = {v: KALTON.groupby(v)["N"].sum().astype(float).to_dict() for v in ("row", "column")}
    assert kalton(margins) == [1.81, 1.45, 2.02, 1.08, 0.87, 1.21, 2.20, 1.76, 2.45, 1.83, 1.47, 2.04]


# --- trap 1: raking on the schools of apiclus1 ------------------------------------------------------------------------


@pytest.fixture
def schools() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "apiclus1.csv")


TYPES = {"stype": {"E": 4421, "H": 755, "M": 1018}, "sch.wide": {"No": 1072, "Yes": 5122}}


def test_schools_before_raking(schools: pd.DataFrame) -> None:
    # d <- svydesign(~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc); svymean(~api00, d); svytotal(~enroll, d)
    s = sv.Sample(schools, weights="pw", psu="dnum", fpc="fpc")
    assert first(s.mean("api00")) == pytest.approx((644.169398907104, 23.542240693781), rel=1e-8)
    assert first(s.total("enroll")) == pytest.approx((3404940.134529, 932235.027041215), rel=1e-8)


def test_residuals_are_regressed_with_the_weights_from_before_raking(schools: pd.DataFrame) -> None:
    """23.704; with the raked weights it would be 23.743."""
    s = sv.Sample(schools, weights="pw", psu="dnum", fpc="fpc").rake(TYPES, tolerance=1e-13)
    # r <- calibrate(d, ~stype + sch.wide, c(6194, 755, 1018, 5122), calfun = "raking", epsilon = 1e-12)
    assert first(s.mean("api00")) == pytest.approx((641.23032092682, 23.7036168879217), rel=1e-8)
    assert first(s.total("enroll"))[1] == pytest.approx(400603.256862004, rel=1e-8)
    by = s.mean("api00", by="stype").table
    assert by["estimate"].tolist() == pytest.approx([647.446579228416, 621.291861054898, 629.021538266647], rel=1e-8)
    assert by["std_error"].tolist() == pytest.approx([22.8084121940969, 36.7431448777675, 29.9628809590584], rel=1e-8)


# --- other traps ------------------------------------------------------------------------------------------------------


def test_doubled_weights_are_no_doubled_sample(schools: pd.DataFrame) -> None:
    """Trap 8: weights are no counts of people asked."""
    once, twice = (
        first(sv.Sample(schools.assign(pw=schools["pw"] * k), weights="pw", psu="dnum").mean("api00")) for k in (1, 2)
    )
    assert twice == pytest.approx(once, rel=1e-12)


def test_repeated_rows_are_no_new_clusters(schools: pd.DataFrame) -> None:
    """Every row twice with half its weight is the same sample of the same clusters."""
    again = pd.concat([schools, schools], ignore_index=True).assign(pw=lambda d: d["pw"] / 2)
    once, twice = (sv.Sample(d, weights="pw", psu="dnum").mean("api00") for d in (schools, again))
    assert first(twice) == pytest.approx(first(once), rel=1e-12)


def test_a_missing_answer_is_not_a_dropped_cluster() -> None:
    """Trap 7: without the rows of a cluster that did not answer, n_h of the stratum would be four instead of five."""
    frame = FPC.assign(x=FPC["x"].mask(FPC["psuid"] == 5))
    kept = sv.Sample(frame, **STRATA).total("x").table.iloc[0]
    dropped = sv.Sample(frame.dropna(subset="x"), **STRATA).total("x").table.iloc[0]
    z = 3 * np.array([2.8, 4.1, 6.8, 6.8, 0.0])
    z2 = 4 * np.array([3.7, 6.6, 4.2])
    expected = 5 * z.var(ddof=1) + 3 * z2.var(ddof=1)
    assert kept["std_error"] == pytest.approx(np.sqrt(expected), rel=1e-12)
    assert dropped["std_error"] < 0.75 * kept["std_error"]


def test_intervals_use_t_where_r_would_use_z_unless_told() -> None:
    """Trap 4: confint(svymean(~x, d), df = degf(d)) with six degrees of freedom, 2.447 instead of 1.960."""
    row = sv.Sample(FPC, **STRATA).mean("x").table.iloc[0]
    assert row["df"] == 6
    t = 2.44691185114497  # qt(.975, 6)
    assert row["conf_high"] == pytest.approx(5.448148148148148 + t * 0.741268330631531, rel=1e-10)


def test_a_model_gives_up_a_degree_of_freedom_for_each_coefficient() -> None:
    """Trap 6: clusters - strata + 1 - coefficients."""
    table = sv.Sample(FPC, **STRATA).linear("x ~ C(stratid)").table
    assert table["df"].tolist() == [8 - 2 + 1 - 2] * 2

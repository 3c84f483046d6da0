"""Random designs, estimated here and by `svy`, whose Rust shares no code with ours.

Both must agree to 1e-8: estimates, standard errors, intervals, degrees of freedom, n, design effects, covariances.
Where they differ it is by convention, and a test says by which and why:

- a mean, share or ratio of a domain that lies in one cluster: svy gives the standard error that the zeros of the other
  clusters make, often 0; we give none, because one cluster says nothing of the spread between clusters;
- a group in which nobody answered: a row of NaN with n = 0 here, no row there;
- a share of 0 or 1: svy gives no interval; we give Korn-Graubard's on Kish's effective n. The same holds for a quantile
  that is the largest value, since the share up to it is 1;
- a mean, total or ratio of answers that are all the same: svy gives an interval of no width, we give none;
- a quantile without degrees of freedom: svy shows the standard error of the share below it; we show none;
- Wilson: svy lowers the effective n for the degrees of freedom and then takes t as well; we take t alone;
- `korn-graubard` of svy is our "beta" with the effective n held below n, as the macro of NCHS has it; its `beta`, like
  R's, is ours;
- `center`: svy leaves strata without a member of the domain out, from the mean of all clusters too; we count their
  clusters as the zeros they are;
- `self_representing` looks inside the lonely cluster; our "certainty", like R's, lets it contribute nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

import survey as sv
from examples import examples

svy = pytest.importorskip("svy", reason="svy is the second opinion: pip install 'resident-survey[test]'")
pl = pytest.importorskip("polars")

pytestmark = pytest.mark.slow

EXAMPLES = settings(max_examples=examples(30), deadline=None, derandomize=True)
EVERYTHING = ("estimate", "std_error", "conf_low", "conf_high", "df", "n")
LONELY = {"centered": "center", "average": "scale", "remove": "skip"}


@dataclass(frozen=True)
class Drawn:
    """One sample and its design, for either package."""

    data: pd.DataFrame
    psu: bool
    strata: bool
    fpc: bool
    lonely: str = "fail"

    @property
    def ours(self) -> sv.Sample:
        strata, psu, fpc = self._columns
        return sv.Sample(self.data, weights="w", strata=strata, psu=psu, fpc=fpc, lonely=self.lonely)

    @property
    def theirs(self) -> Any:
        strata, psu, fpc = self._columns
        design = svy.Design(wgt="w", stratum=strata, psu=psu, pop_size=fpc, singleton=LONELY.get(self.lonely))
        return svy.Sample(data=pl.from_pandas(self.data), design=design).estimation

    @property
    def _columns(self) -> tuple[str | None, str | None, str | None]:
        return ("stratum" if self.strata else None), ("cluster" if self.psu else None), ("size" if self.fpc else None)

    def alone(self, table: pd.DataFrame, item: str) -> np.ndarray:
        """Rows of a table by "group" whose answers come from one cluster."""
        rows = self.data.dropna(subset=[item, "group"])
        unit = rows["cluster"] if self.psu else rows.index.to_series()
        return (table["group"].map(unit.groupby(rows["group"]).nunique()) == 1).to_numpy()


@st.composite
def samples(draw: st.DrawFn, lonely: bool = False) -> Drawn:
    """Two to four strata of two to four clusters of one to six people, with gaps in items and groups."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=2, max_size=4)) + [1] * lonely
    psu, fpc = lonely or draw(st.booleans()), draw(st.booleans())
    strata = lonely or fpc or draw(st.booleans())
    rule = draw(st.sampled_from(list(LONELY))) if lonely else "fail"
    gap = draw(st.sampled_from([0.0, 0.1, 0.4]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = [(h, 10 * h + c) for h, m in enumerate(sizes) for c in range(m) for _ in range(rng.integers(1, 7))]
    data = pd.DataFrame(rows, columns=["stratum", "cluster"])
    n = len(data)
    data = data.assign(
        w=rng.uniform(0.5, 4, n),
        answer=rng.integers(1, 6, n).astype(float),
        minutes=rng.gamma(2, 10, n),
        trips=rng.integers(1, 4, n).astype(float),
        group=rng.integers(0, 3, n).astype(float),
    )
    data = data.mask((rng.random(data.shape) < gap) & data.columns.isin(["answer", "minutes", "group"]))
    data.loc[0, ["answer", "minutes", "trips", "group"]] = [3.0, 20.0, 2.0, 1.0]  # no item is empty
    units = data.groupby("stratum")["cluster"].transform("nunique" if psu else "size")
    data["size"] = units + rng.integers(1, 9, len(sizes))[data["stratum"]]
    return Drawn(data, psu, strata, fpc, rule)


def listed(result: Any) -> pd.DataFrame:
    """An answer of svy as a table with our column names."""
    names = {"estimate": "est", "std_error": "se", "conf_low": "lci", "conf_high": "uci", "df": "df", "n": "n"}
    results = result if isinstance(result, list) else [result]
    rows = [{k: getattr(e, v) for k, v in names.items()} | {"deff": e.deff} for r in results for e in r.estimates]
    return pd.DataFrame(rows).astype(float)


def agree(ours: pd.DataFrame, theirs: Any, rows: Any = None, columns: tuple[str, ...] = EVERYTHING) -> None:
    expected = listed(theirs)
    answered = (ours["n"] > 0).to_numpy()
    assert len(expected) == answered.sum()
    assert ours["estimate"][~answered].isna().all()
    compared = answered & (True if rows is None else np.asarray(rows))
    for column in columns:
        got, want = ours.loc[compared, column].astype(float), expected.loc[compared[answered], column]
        if column in ("conf_low", "conf_high"):
            alike = ((ours.loc[compared, "std_error"] == 0) & got.isna()).to_numpy()
            np.testing.assert_allclose(want[alike], expected.loc[compared[answered], "estimate"][alike], rtol=1e-8)
            got, want = got[~alike], want[~alike]
        np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-10, err_msg=column)


@EXAMPLES
@given(samples())
def test_whole_samples(drawn: Drawn) -> None:
    s, t = drawn.ours, drawn.theirs
    agree(s.mean("answer").table, t.mean("answer", deff="wr", drop_nulls=True), columns=(*EVERYTHING, "deff"))
    agree(s.total("minutes").table, t.total("minutes", drop_nulls=True))
    agree(s.ratio("minutes", "trips").table, t.ratio("minutes", "trips", drop_nulls=True))
    between = s.covariance(["answer", "minutes"]).table[1:2]
    agree(between, t.cov(["answer", "minutes"], drop_nulls=True))


@EXAMPLES
@given(samples())
def test_domains_keep_the_clusters_without_members(drawn: Drawn) -> None:
    s, t = drawn.ours, drawn.theirs
    agree(s.total("minutes", by="group").table, t.total("minutes", by="group", drop_nulls=True))
    pairs = [
        ("answer", s.mean("answer", by="group"), t.mean("answer", by="group", drop_nulls=True)),
        ("minutes", s.ratio("minutes", "trips", by="group"), t.ratio("minutes", "trips", by="group", drop_nulls=True)),
    ]
    for item, ours, theirs in pairs:
        alone = drawn.alone(ours.table, item)
        agree(ours.table, theirs, ~alone)
        assert ours.table["std_error"][alone].isna().all()
    table, theirs = pairs[0][1:]
    if (table.table["n"] > 0).all() and len(table) > 1:
        np.testing.assert_allclose(table.covariance, theirs.covariance, rtol=1e-8, atol=1e-12)
    # a condition is a domain too
    group = drawn.data.loc[0, "group"]
    inside = s.mean("answer", where=f"group == {group}").table
    if not drawn.alone(inside.assign(group=group), "answer").any():
        agree(inside, t.mean("answer", where=pl.col("group") == group, drop_nulls=True))


@EXAMPLES
@given(samples())
def test_shares_and_their_intervals(drawn: Drawn) -> None:
    s, t = drawn.ours, drawn.theirs
    for by in (None, "group"):
        ours, theirs = s.distribution("answer", by=by, interval="logit").table, t.prop("answer", by=by, drop_nulls=True)
        alone = drawn.alone(ours, "answer") if by else np.zeros(len(ours), bool)
        agree(ours, theirs, ~alone, ("estimate", "std_error", "df", "n"))
        ends = ours["estimate"].isin([0.0, 1.0]).to_numpy() & ~alone
        agree(ours, theirs, ~ends & ~alone)
        assert np.isnan(listed(theirs)["conf_low"].to_numpy()[ends[ours["n"] > 0]]).all()
        assert (ours["conf_high"] > ours["conf_low"])[ends & (ours["df"] > 0)].all()
    agree(s.distribution("answer", interval="beta").table, t.prop("answer", ci_method="beta", drop_nulls=True))


@EXAMPLES
@given(samples())
def test_wilson_differs_by_a_second_correction_for_df_and_korn_graubard_by_a_ceiling(drawn: Drawn) -> None:
    s, t = drawn.ours, drawn.theirs
    ours = s.distribution("answer", interval="wilson").table
    p, df, n = (ours[c].to_numpy(float) for c in ("estimate", "df", "n"))
    quantile = student.ppf(0.975, df)
    once = p * (1 - p) / ours["std_error"].to_numpy() ** 2
    twice = once * (student.ppf(0.975, n - 1) / quantile) ** 2

    def wilson(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # Wilson (1927): the roots of (p - P)^2 = t^2 P (1 - P) / size
        a, b = 1 + quantile**2 / size, 2 * p + quantile**2 / size
        root = np.sqrt(b**2 - 4 * a * p**2)
        return (b - root) / (2 * a), (b + root) / (2 * a)

    inner = (p > 0) & (p < 1)
    for table, size in ((ours, once), (listed(t.prop("answer", ci_method="wilson", drop_nulls=True)), twice)):
        for column, limit in zip(("conf_low", "conf_high"), wilson(size), strict=True):
            np.testing.assert_allclose(table[column][inner], limit[inner], rtol=1e-8)
    below = inner & (twice < n)
    beta = s.distribution("answer", interval="beta").table
    agree(beta, t.prop("answer", ci_method="korn-graubard", drop_nulls=True), below)


@EXAMPLES
@given(samples())
def test_quantiles(drawn: Drawn) -> None:
    s, t = drawn.ours, drawn.theirs
    probs = [0.25, 0.5, 0.75]
    ours = s.quantile("minutes", probs).table
    agree(ours, t.quantile("minutes", p=probs, drop_nulls=True), ours["estimate"] < drawn.data["minutes"].max())
    median = s.quantile("minutes", 0.5, by="group").table
    largest = median["group"].map(drawn.data.groupby("group")["minutes"].max())
    compared = (median["estimate"] < largest) & (median["df"] > 0) & ~drawn.alone(median, "minutes")
    agree(median, t.median("minutes", by="group", drop_nulls=True), compared)


@EXAMPLES
@given(samples(lonely=True))
def test_lonely_clusters(drawn: Drawn) -> None:
    s, t = drawn.ours, drawn.theirs
    agree(s.mean("answer").table, t.mean("answer", drop_nulls=True))
    mean = s.mean("answer", by="group").table
    agree(mean, t.mean("answer", by="group", drop_nulls=True), ~drawn.alone(mean, "answer"))
    strata = drawn.data["stratum"].nunique()  # a mean is centred on 0 either way; totals show the mean of all clusters
    for by in ("group", "everybody"):
        rows = drawn.data.assign(everybody=1.0).dropna(subset=["minutes", by])
        total = s.total("minutes", by=None if by == "everybody" else by).table.assign(everybody=1.0)
        everywhere = (total[by].map(rows.groupby(by)["stratum"].nunique()) == strata).to_numpy()
        compared = everywhere | (drawn.lonely != "centered")
        agree(total, t.total("minutes", by=None if by == "everybody" else by, drop_nulls=True), compared)


def five_clusters(lonely: str) -> Drawn:
    """Two strata of two clusters and one of a single cluster."""
    rows = {"stratum": [1, 1, 2, 2, 3], "cluster": [1, 2, 3, 4, 5], "w": [10.5, 10.5, 20, 20, 15]}
    return Drawn(pd.DataFrame(rows | {"age": [30.5, 40.5, 35, 52, 44]}), True, True, False, lonely)


@pytest.mark.parametrize(
    ("rule", "variance"),
    [
        ("remove", 105**2 + 340**2),  # cluster totals differ by 10.5 * 10 and by 20 * 17
        ("centered", 105**2 + 340**2 + (660 - 629.1) ** 2),  # 127,579.81: 15 * 44 from the mean total, 3145.5 / 5
        ("average", 1.5 * (105**2 + 340**2)),  # three strata for two
    ],
)
def test_lonely_rules_by_name(rule: str, variance: float) -> None:
    drawn = five_clusters(rule)
    agree(drawn.ours.total("age").table, drawn.theirs.total("age"))
    assert drawn.ours.total("age").table["std_error"][0] ** 2 == pytest.approx(variance, rel=1e-12)


def test_adjust_is_r_s_and_not_svy_s_center() -> None:
    # R survey 4.1, options(survey.lonely.psu = "adjust"): 562225, the deviation of a total from zero
    table = five_clusters("adjust").ours.total("age").table
    assert table["std_error"][0] ** 2 == pytest.approx(105**2 + 340**2 + 660**2, rel=1e-12)


def test_certainty_does_not_look_inside_the_cluster() -> None:
    drawn = five_clusters("certainty")
    data = pd.concat([drawn.data, drawn.data[4:].assign(age=50.0)], ignore_index=True)
    ours = replace(drawn, data=data).ours.total("age").table["std_error"][0] ** 2
    design = svy.Design(wgt="w", stratum="stratum", psu="cluster", singleton="self_representing")
    theirs = listed(svy.Sample(data=pl.from_pandas(data), design=design).estimation.total("age"))["std_error"][0] ** 2
    assert ours == pytest.approx(105**2 + 340**2, rel=1e-12)
    assert theirs == pytest.approx(ours + (15 * 6) ** 2, rel=1e-12)


@EXAMPLES
@given(st.integers(0, 2**32 - 1))
def test_two_stages_with_both_population_sizes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        (h, c, k, 9, size)
        for h in range(3)
        for c in range(rng.integers(2, 5))
        for size in [rng.integers(6, 15)]
        for k in range(rng.integers(1, 6))
    ]
    data = pd.DataFrame(rows, columns=["stratum", "cluster", "person", "clusters", "people"])
    data = data.assign(w=rng.uniform(1, 3, len(data)), answer=rng.integers(1, 6, len(data)).astype(float))
    # cluster ids start again in every stratum: svy joins them unasked, we ask for nest=True
    # a cluster with one person of several adds nothing to svy's second stage, which here is said by the rule
    columns = {"psu": ["cluster", "person"], "fpc": ["clusters", "people"]}
    ours = sv.Sample(data, weights="w", strata="stratum", **columns, nest=True, lonely="certainty")
    sizes = svy.PopSize(psu="clusters", ssu="people")
    design = svy.Design(wgt="w", stratum="stratum", psu="cluster", ssu="person", pop_size=sizes)
    agree(ours.mean("answer").table, svy.Sample(data=pl.from_pandas(data), design=design).estimation.mean("answer"))

"""Reliability of scales: R's survey and psych, the jackknife, what must not change it, and items that make no scale."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError
from survey.models.one_factor import loadings

pytestmark = pytest.mark.sampled

REFERENCE = Path(__file__).parents[1] / "reference"
R = {r["id"]: r for r in json.loads((REFERENCE / "scales.json").read_text(encoding="utf-8"))["results"]}
DESIGNS: dict[str, dict[str, Any]] = {
    "strat_clus": {"weights": "w", "strata": "stratum", "psu": "psu", "nest": True},
    "strat_clus_fpc": {"weights": "w", "strata": "stratum", "psu": "psu", "fpc": "clusters_total", "nest": True},
    "two_stage": {
        "weights": "w",
        "strata": "stratum",
        "psu": ["psu", "rid"],
        "fpc": ["clusters_total", "people_total"],
        "nest": True,
    },
    "element": {"weights": "w", "strata": "stratum"},
    "clus_only": {"weights": "w", "psu": "psu"},
    "unequal": {"weights": "w"},
}
ITEMS = [f"q{i}" for i in range(1, 7)]


def measured(e: sv.Estimates, measure: str) -> Any:
    return e.table[e.table["measure"] == measure].iloc[0]


def close(got: object, expected: object, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(expected, float), rtol=rtol)


@pytest.fixture
def sample(r_sample: pd.DataFrame) -> sv.Sample:
    return sv.Sample(r_sample, **DESIGNS["strat_clus"])


class TestAgainstR:
    @pytest.mark.parametrize("design", DESIGNS)
    def test_alpha_and_its_error_are_those_of_svycralpha_and_svycontrast(
        self, r_sample: pd.DataFrame, design: str
    ) -> None:
        got = measured(sv.Sample(r_sample, **DESIGNS[design]).reliability(ITEMS), "alpha")
        close(got["estimate"], R[f"{design}/svycralpha"]["estimate"][0])
        close(got["std_error"], R[f"{design}/alpha"]["se"][0])
        assert got["n"] == 211  # nrow of the complete cases in R

    @pytest.mark.parametrize("design", DESIGNS)
    def test_items_are_those_of_svycontrast(self, r_sample: pd.DataFrame, design: str) -> None:
        items = sv.Sample(r_sample, **DESIGNS[design]).reliability(ITEMS).items
        assert items is not None
        close(items.table["estimate"], R[f"{design}/item_rest"]["estimate"])
        close(items.table["std_error"], R[f"{design}/item_rest"]["se"])
        close(items.table["alpha_if_dropped"], R[f"{design}/alpha_if_dropped"]["estimate"])
        close(items.table["alpha_if_dropped_std_error"], R[f"{design}/alpha_if_dropped"]["se"])

    def test_omega_is_that_of_its_definition(self, sample: sv.Sample) -> None:
        e = sample.reliability(ITEMS)
        close(measured(e, "omega")["estimate"], R["strat_clus/omega"]["estimate"][0])
        assert e.items is not None
        close(e.items.table["loading"], R["strat_clus/omega"]["loadings"])

    def test_replicates_are_those_of_withreplicates(self, sample: sv.Sample) -> None:
        e = sample.replicates("jackknife").reliability(ITEMS)
        assert e.items is not None
        t = e.items.table
        got = [e.table["std_error"], t["std_error"], t["alpha_if_dropped_std_error"], t["loading_std_error"]]
        close(np.concatenate(got), R["jackknife"]["se"], 1e-7)  # R's loadings are iterated

    def test_pairs_of_items_are_those_of_cov_wt(self, sample: sv.Sample) -> None:
        e = sample.reliability(ITEMS, missing="pairwise")
        r = R["pairwise"]
        assert e.items is not None
        close(e.table["estimate"], [r["alpha"][0], r["omega"][0]])
        close(e.items.table["estimate"], r["item_rest"])
        close(e.items.table["alpha_if_dropped"], r["dropped"])
        assert (e.table["n"] == r["n"][0]).all()
        assert any("for each two" in note for note in e.notes)

    def test_unit_weights_are_those_of_psych(self, r_sample: pd.DataFrame) -> None:
        e = sv.Sample(r_sample, weights=None).reliability(ITEMS)
        assert e.items is not None
        close(measured(e, "alpha")["estimate"], R["psych/alpha"]["alpha"][0])
        close(e.items.table["estimate"], R["psych/alpha"]["item_rest"])
        close(e.items.table["alpha_if_dropped"], R["psych/alpha"]["dropped"])
        close(e.items.table["loading"], R["psych/fa"]["loadings"], 1e-4)  # psych stops its search at 1e-4

    def test_components_are_those_of_parallel_analysis(self, r_sample: pd.DataFrame) -> None:
        """Of the chance R drew 4,000 samples and we 1,000: both have an error of simulation, of about 0.005."""
        e = sv.Sample(r_sample, weights=None).reliability(ITEMS)
        assert e.components is not None
        t = e.components.table
        close(t["eigenvalue"], R["psych/parallel"]["eigenvalues"])
        np.testing.assert_allclose(t["chance"], R["psych/parallel"]["chance"], atol=0.02)
        assert t["kept"].sum() == R["psych/parallel"]["kept"][0]


def test_the_linearised_error_is_near_the_jackknife(sample: sv.Sample) -> None:
    """Two ways to one variance, with 29 degrees of freedom; of omega R gives the second alone."""
    one, two = sample.reliability(ITEMS), sample.replicates("jackknife").reliability(ITEMS)
    np.testing.assert_allclose(one.table["std_error"], two.table["std_error"], rtol=0.08)
    pairs = [s.reliability(ITEMS, missing="pairwise").table for s in (sample, sample.replicates("jackknife"))]
    np.testing.assert_allclose(pairs[0]["std_error"], pairs[1]["std_error"], rtol=0.08)


def test_the_interval_is_that_of_bonett_with_the_errors_of_the_design(sample: sv.Sample) -> None:
    """log(1 - alpha) -/+ t se / (1 - alpha), t(29; 0.975) = 2.04523: by hand from R's numbers."""
    a, se = R["strat_clus/alpha"]["estimate"][0], R["strat_clus/alpha"]["se"][0]
    half = 2.0452296421327030 * se / (1 - a)
    got = measured(sample.reliability(ITEMS), "alpha")
    close([got["conf_low"], got["conf_high"]], [1 - (1 - a) * np.exp(half), 1 - (1 - a) * np.exp(-half)])


def test_loadings_of_a_model_that_fits_are_its_own() -> None:
    """Correlations made by one factor with these loadings: what is left over is 0."""
    a = np.array([0.8, 0.7, 0.6, 0.5, 0.3])
    r = np.outer(a, a)
    np.fill_diagonal(r, 1.0)
    np.testing.assert_allclose(loadings(r[None])[0], a, rtol=1e-12)


def test_the_scale_of_the_weights(sample: sv.Sample, r_sample: pd.DataFrame) -> None:
    same(sample, sv.Sample(r_sample.assign(w=r_sample["w"] * 1e6), **DESIGNS["strat_clus"]))


def test_the_order_of_the_rows(sample: sv.Sample, r_sample: pd.DataFrame) -> None:
    same(sample, sv.Sample(r_sample.sample(frac=1, random_state=1), **DESIGNS["strat_clus"]))


def test_percent_for_share(sample: sv.Sample, r_sample: pd.DataFrame) -> None:
    """Alpha, correlations and loadings have no unit."""
    same(sample, sv.Sample(r_sample.assign(**{q: 100 * r_sample[q] for q in ITEMS}), **DESIGNS["strat_clus"]))


def test_weights_of_one_are_no_weights(r_sample: pd.DataFrame) -> None:
    same(
        sv.Sample(r_sample, weights=None, psu="psu"),
        sv.Sample(r_sample.assign(one=1.0), weights="one", psu="psu"),
    )


def same(one: sv.Sample, other: sv.Sample) -> None:
    a, b = one.reliability(ITEMS), other.reliability(ITEMS)
    pd.testing.assert_frame_equal(a.table, b.table, rtol=1e-9)
    assert a.items is not None and b.items is not None
    pd.testing.assert_frame_equal(a.items.table, b.items.table, rtol=1e-9)


def test_raked_weights_have_the_residuals_of_their_margins(sample: sv.Sample) -> None:
    """Near the jackknife whose replicates are raked each, and not the error without raking."""
    n = sample.weights.sum()
    raked = sample.rake({"sex": {0: 0.4 * n, 1: 0.6 * n}, "age": {0: 0.2 * n, 1: 0.3 * n, 2: 0.3 * n, 3: 0.2 * n}})
    linear = raked.reliability(ITEMS).table["std_error"]
    jackknife = sample.replicates("jackknife").rake(
        {"sex": {0: 0.4 * n, 1: 0.6 * n}, "age": {0: 0.2 * n, 1: 0.3 * n, 2: 0.3 * n, 3: 0.2 * n}}
    )
    np.testing.assert_allclose(linear, jackknife.reliability(ITEMS).table["std_error"], rtol=0.1)


def test_groups_are_domains(sample: sv.Sample) -> None:
    by, one = sample.reliability(ITEMS, by="kind"), sample.reliability(ITEMS, where="kind == 'resident'")
    own = by.table[by.table["kind"] == "resident"].drop(columns="kind").reset_index(drop=True)
    pd.testing.assert_frame_equal(own, one.table, rtol=1e-10)
    assert by.items is not None
    assert by.items.table["item"].tolist() == [q for q in ITEMS for _ in range(2)]
    assert by.items.covariance.shape == (12, 12)


BOOK = sv.Codebook.from_dict(
    {
        "dimensions": {"kind_staff": {"vi": "thân thiện", "en": "friendliness"}},
        "variables": {
            q: {
                "type": "ordinal",
                "dimension": "kind_staff",
                "scored": True,
                "direction": -1 if q == "q2" else 1,
                "labels": {str(c): {"vi": str(c), "en": str(c)} for c in range(1, 6)},
            }
            for q in ITEMS
        },
    }
)


def test_items_of_direction_minus_one_are_turned_and_said(sample: sv.Sample, r_sample: pd.DataFrame) -> None:
    turned = sv.Responses(r_sample.assign(q2=6 - r_sample["q2"]), BOOK)
    e = sv.Sample(turned, **DESIGNS["strat_clus"]).reliability("kind_staff")
    close(measured(e, "alpha")["estimate"], R["strat_clus/alpha"]["estimate"][0])
    assert any("q2" in note and "turned" in note for note in e.notes)
    assert e.table["item"].tolist() == ["kind_staff"] * 2
    told = sv.narrative.describe(e, 0)
    assert "thang đo “thân thiện” là 0,50" in told.vi
    assert "the scale “friendliness” is 0.50" in told.en


def test_an_item_the_wrong_way_round_is_said(sample: sv.Sample, r_sample: pd.DataFrame) -> None:
    e = sv.Sample(r_sample.assign(q2=6 - r_sample["q2"]), **DESIGNS["strat_clus"]).reliability(ITEMS)
    assert any("q2" in note and "against the other items" in note for note in e.notes)
    assert not any("against the other items" in note for note in sample.reliability(ITEMS).notes)


def test_items_on_scales_of_different_width_count_alike_where_the_codebook_knows_their_ends(
    r_sample: pd.DataFrame,
) -> None:
    """An item in tenths of points is the same item; without a codebook it hardly counts, and a note says so."""
    wide = {"type": "ordinal", "labels": {str(10 * c): {"en": str(c)} for c in range(1, 6)}}
    book = sv.Codebook.from_dict(
        {"variables": {q: {"type": "ordinal", "labels": {str(c): {"en": str(c)} for c in range(1, 6)}} for q in ITEMS}}
    )
    data = r_sample.assign(q1=10 * r_sample["q1"])
    known = book.update(sv.Codebook.from_dict({"variables": {"q1": wide}})["q1"])
    e = sv.Sample(sv.Responses(data, known), **DESIGNS["strat_clus"]).reliability(ITEMS)
    close(measured(e, "alpha")["estimate"], R["strat_clus/alpha"]["estimate"][0])
    bare = sv.Sample(data, **DESIGNS["strat_clus"]).reliability(ITEMS)
    assert any("different widths" in note for note in bare.notes)
    assert measured(bare, "alpha")["estimate"] < 0.2


def test_two_items_have_an_alpha_and_no_omega(sample: sv.Sample) -> None:
    """2 r / (1 + r) of items of equal variance (Spearman-Brown) is near; omega is not determined."""
    e = sample.reliability(["q1", "q2"])
    assert np.isfinite(measured(e, "alpha")["estimate"]) and np.isnan(measured(e, "omega")["estimate"])
    assert any("two items" in note for note in e.notes)


def test_one_item_is_no_scale(sample: sv.Sample) -> None:
    with pytest.raises(EstimationError, match="at least 2 items"):
        sample.reliability("q1")


def test_an_unknown_scale_is_said_with_what_is_near(r_sample: pd.DataFrame) -> None:
    with pytest.raises(EstimationError, match="kind_staff"):
        sv.Sample(sv.Responses(r_sample, BOOK), **DESIGNS["strat_clus"]).reliability("kind_stafff")


def test_a_constant_item_is_named(r_sample: pd.DataFrame) -> None:
    with pytest.raises(EstimationError, match="q3"):
        sv.Sample(r_sample.assign(q3=2.0), **DESIGNS["strat_clus"]).reliability(ITEMS)


def test_items_that_nobody_answered_together(r_sample: pd.DataFrame) -> None:
    data = r_sample.assign(q1=r_sample["q1"].where(r_sample["rid"] % 2 == 0))
    apart = sv.Sample(data.assign(q2=data["q2"].where(data["rid"] % 2 == 1)), weights="w")
    with pytest.raises(EstimationError, match="Nobody answered all items"):
        apart.reliability(ITEMS)
    with pytest.raises(EstimationError, match="Nobody answered two of the items"):
        apart.reliability(ITEMS, missing="pairwise")


def test_more_items_than_respondents(r_sample: pd.DataFrame) -> None:
    """Correlations are singular; alpha is a number all the same, its row too small to be shown."""
    e = sv.Sample(r_sample.dropna().iloc[:4], weights=None).reliability(["q1", "q2", "q4", "q5", "q6"])
    assert len(e.table) == 2
    assert e.components is not None and e.components.table["chance"].isna().all()


def test_one_cluster_gives_no_error(r_sample: pd.DataFrame) -> None:
    one = r_sample.assign(psu=1)
    e = sv.Sample(one, weights="w", psu="psu", lonely="remove").reliability(ITEMS)
    assert e.table["std_error"].isna().all() and e.table["conf_low"].isna().all()
    close(measured(e, "alpha")["estimate"], R["strat_clus/alpha"]["estimate"][0])
    assert any("one cluster" in note for note in e.notes)


def test_a_group_called_like_a_column_of_the_result(sample: sv.Sample) -> None:
    with pytest.raises(EstimationError, match="conflicts"):
        sv.Sample(sample.data.rename(columns={"kind": "measure"}), weights="w").reliability(ITEMS, by="measure")


@pytest.mark.parametrize("seed", [-1, 0.5, True])
def test_a_seed_is_a_whole_number(sample: sv.Sample, seed: Any) -> None:
    with pytest.raises(EstimationError, match="seed"):
        sample.reliability(ITEMS, seed=seed)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_tables_and_figures_take_all_three(sample: sv.Sample, lang: str) -> None:
    e = sample.reliability(ITEMS)
    heads = {
        "vi": ("Cronbach", "Alpha nếu bỏ mục", "Giá trị riêng"),
        "en": ("Cronbach", "Alpha if dropped", "Eigenvalue"),
    }
    for part, head in zip((e, e.items, e.components), heads[lang], strict=True):
        assert part is not None
        assert head in sv.tables.table(part, lang=lang).html()
    assert sv.figures.intervals(e, lang=lang).alt
    assert sv.figures.intervals(e.items, lang=lang).alt

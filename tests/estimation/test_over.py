"""Breakdowns side by side (`over=`): the same numbers as one by one, their joint covariance and tests as in R."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError

R = json.loads((Path(__file__).parents[1] / "reference" / "over.json").read_text(encoding="utf-8"))
"""From R survey 4.1-1, by reference/over.R, which makes the same rows."""
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high", "df", "n", "n_eff", "deff"]


def rows() -> pd.DataFrame:
    i = np.arange(240)
    d = pd.DataFrame(
        {
            "stratum": i // 60 + 1,
            "psu": i // 6 + 1,
            "w": 1 + (i * 7) % 11 / 4,
            "sex": 1 + (i * 5 + i // 3) % 2,
            "age": 1 + (i * 3 + i // 7) % 4,
            "wave": 1 + (i // 6) % 2,
        }
    )
    y = 1 + (i * i + 3 * d["age"] + i // 6) % 5
    return d.assign(y=y, z=(i * 37) % 101 + 4 * d["sex"] + 2 * (d["psu"] % 5))


def sample(data: pd.DataFrame | None = None) -> sv.Sample:
    return sv.Sample(rows() if data is None else data, weights="w", strata="stratum", psu="psu")


@pytest.fixture(scope="module")
def drawn() -> sv.Sample:
    return sample()


@pytest.mark.parametrize(
    "verb",
    [
        lambda s, **k: s.mean(["y", "z"], **k),
        lambda s, **k: s.total(["y", "one"], **k),
        lambda s, **k: s.proportion(["y"], top=2, **k),
        lambda s, **k: s.distribution("y", **k),
        lambda s, **k: s.ratio("z", "y", **k),
    ],
)
def test_each_breakdown_has_the_numbers_of_a_call_of_its_own(drawn, verb):
    together = verb(drawn, over=["sex", "age", ["sex", "age"], "everyone"]).table
    for name, by in {"sex": "sex", "age": "age", "sex:age": ["sex", "age"], "everyone": None}.items():
        alone = verb(drawn, by=by).table
        own = together[together["breakdown"] == name]
        # a sum of squares of one column alone is taken in another order than beside others: the last bit
        exactly = {"rtol": 1e-14} if len(alone) == 1 else {"rtol": 0.0}
        np.testing.assert_allclose(own[NUMBERS].to_numpy(float), alone[NUMBERS].to_numpy(float), **exactly)
        assert own["item"].tolist() == alone["item"].tolist()


def test_groups_of_by_are_crossed_with_each_breakdown(drawn):
    together = drawn.mean("z", by="wave", over=["age"])
    alone = drawn.mean("z", by=["age", "wave"])
    assert together.by == ("breakdown", "category", "wave")
    np.testing.assert_array_equal(together.table[NUMBERS], alone.table[NUMBERS])
    assert together.table[["category", "wave"]].to_numpy().tolist() == alone.table[["age", "wave"]].to_numpy().tolist()


def test_values_of_categories_are_kept():
    data = rows().assign(ward=lambda d: np.where(d["psu"] > 20, "B", "A"))
    table = sample(data).mean("z", over=["sex", "ward", ["sex", "ward"]]).table
    assert table["category"].tolist() == [1, 2, "A", "B", "1:A", "1:B", "2:A", "2:B"]
    assert sample(data).mean("z", over="sex").table["category"].dtype == np.int64


@pytest.mark.parametrize(("key", "over"), [("y sex", "sex"), ("y age", "age"), ("z sex", "sex"), ("z age", "age")])
def test_equality_is_tested_as_by_regTermTest(drawn, key, over):
    item = key.split()[0]
    assert_test(drawn.mean(["y", "z"], over=["sex", "age"]).tests, R["tests"][key], item=item, breakdown=over)


def test_equality_of_crossed_groups_and_within_waves(drawn):
    assert_test(drawn.mean("z", over=[["sex", "age"]]).tests, R["tests"]["z sex:age"])
    waves = drawn.mean("z", by="wave", over="age").tests
    for wave in (1, 2):
        assert_test(waves, R["tests"][f"z age wave {wave}"], wave=wave)


def test_equality_of_distributions_by_jackknife_and_after_raking(drawn):
    assert_test(drawn.distribution("y", over="sex").tests, R["tests"]["y sex distribution"])
    assert_test(drawn.replicates("jackknife").mean("z", over="age").tests, R["tests"]["z age JKn"])
    raked = drawn.rake({"sex": {1: 270, 2: 230}})
    assert_test(raked.mean("z", over=["sex", "age"]).tests, R["tests"]["z age raked"], breakdown="age")


def assert_test(tests: sv.Summary, expected: dict[str, float], **where: object) -> None:
    t = tests.table
    for name, value in where.items():
        t = t[t[name] == value]
    assert len(t) == 1
    for name, value in expected.items():
        assert t[name].iloc[0] == pytest.approx(value, rel=1e-8), name


def test_covariance_is_that_of_the_same_people_in_several_breakdowns(drawn):
    over = ["everyone", "sex", "age"]
    np.testing.assert_allclose(drawn.mean("z", over=over).covariance, R["covariance"], rtol=1e-8)
    raked = drawn.rake({"sex": {1: 270, 2: 230}}).mean("z", over=over).covariance
    np.testing.assert_allclose(raked, R["covariance_raked"], rtol=1e-7, atol=1e-9)


def test_covariance_where_respondents_are_the_units():
    """Influence values by hand: u = g (z - mean) / n in each group; the covariance is their sum of products."""
    d = rows().assign(w=1.0)
    e = sv.Sample(d, weights="w").mean("z", over=["sex", "age"])
    groups = [d["sex"] == 1, d["sex"] == 2, *(d["age"] == a for a in (1, 2, 3, 4))]
    u = np.stack([g * (d["z"] - d["z"][g].mean()) / g.sum() for g in groups], axis=1)
    np.testing.assert_allclose(e.covariance, 240 / 239 * u.T @ u, rtol=1e-10, atol=1e-12)
    # everyone against a sex: 240 people in all, not 360; one stratum, two groups
    everyone = sv.Sample(d, weights="w").mean("z", over=["everyone", "sex"])
    assert everyone.contrast([1, -1, 0]).table["df"].item() == 240 - 1 + 1 - 2


@pytest.mark.parametrize("raked", [False, True])
def test_tests_do_not_depend_on_the_scale_of_weights_nor_the_order_of_rows_nor_the_unit(raked):
    def tests(data, item="z", scale=1.0):
        s = sample(data)
        if raked:
            s = s.rake({"sex": {1: 270 * scale, 2: 230 * scale}}, tolerance=1e-13)
        return s.mean(item, over=["sex", "age"]).tests.table.drop(columns="item")

    data = rows()
    expected = tests(data)
    for got in (
        tests(data.assign(w=data["w"] * 7), scale=7.0),
        tests(data.sample(frac=1.0, random_state=3)),
        tests(data.assign(z=data["z"] / 100)),
        tests(data.assign(stratum=data["stratum"].map(str), psu=-data["psu"])),
    ):
        pd.testing.assert_frame_equal(got, expected, rtol=1e-7)


def test_all_weights_of_one_are_no_weights():
    data = rows().assign(w=1.0)
    unweighted = sv.Sample(data, weights=None, strata="stratum", psu="psu").mean("z", over=["sex", "age"]).tests
    pd.testing.assert_frame_equal(sample(data).mean("z", over=["sex", "age"]).tests.table, unweighted.table)


def test_two_categories_are_tested_as_their_difference(drawn):
    e = drawn.mean("z", over=["sex", "age"])
    difference = e.pairwise().table.query("breakdown == 'sex'")
    assert e.tests.table["p_value"][0] == pytest.approx(difference["p_value"].item(), rel=1e-10)


def test_multiplicity_over_the_breakdowns_of_an_item_is_holm(drawn):
    t = drawn.mean(["y", "z"], over=["sex", "age", "wave"]).tests.table
    for _, own in t.groupby("item"):
        p = own["p_value"].to_numpy()
        order = np.argsort(p)
        by_hand = np.minimum(1, np.maximum.accumulate(p[order] * [3, 2, 1]))
        np.testing.assert_allclose(own["p_adjusted"].to_numpy()[order], by_hand)


def test_pairwise_stays_within_a_breakdown(drawn):
    table = drawn.mean("z", over=["everyone", "sex", "age"]).pairwise().table
    assert table.groupby("breakdown").size().to_dict() == {"sex": 1, "age": 6}
    alone = drawn.mean("z", by="age").pairwise().table
    own = table[table["breakdown"] == "age"]
    np.testing.assert_allclose(own["p_adjusted"], alone["p_adjusted"], rtol=1e-12)
    assert own["contrast"].tolist() == alone["contrast"].tolist()


def test_categories_are_named_by_breakdown_and_label_in_contrasts(drawn):
    e = drawn.mean("z", over=["sex", "age"])
    assert e.contrast("`age:2` - `sex:1`").table["estimate"].item() == pytest.approx(
        e.table["estimate"][3] - e.table["estimate"][0]
    )


def test_by_with_lists_names_over(drawn):
    with pytest.raises(EstimationError) as caught:
        drawn.mean("z", by=[["age"], ["sex"]])
    assert "over=['age', 'sex']" in str(caught.value)


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ([], "no name"),
        ([[]], "[]"),
        ([1], "1"),
        (["sex", "sex"], "twice"),
        (["sex", ["sex"]], "twice"),
        ([["sex", "sex"]], "itself"),
        (["sexx"], "sex"),
        (["wave"], "in by= and in over="),
    ],
)
def test_breakdowns_that_cannot_be_are_one_error(drawn, over, said):
    with pytest.raises(EstimationError) as caught:
        drawn.mean("z", by="wave", over=over)
    assert said in str(caught.value)
    assert "over" in str(caught.value.where)


def test_columns_called_as_those_of_the_result():
    data = rows().rename(columns={"sex": "category", "age": "breakdown", "wave": "n"})
    s = sample(data)
    table = s.mean("z", over=["category", "breakdown", "n"]).table
    assert table["breakdown"].unique().tolist() == ["category", "breakdown", "n"]
    with pytest.raises(EstimationError, match="conflicts"):
        s.mean("z", by="category", over="breakdown")
    assert s.mean("z", by="category").by == ("category",)
    everyone = sample(rows().rename(columns={"sex": "everyone"})).mean("z", over="everyone").table
    assert everyone["category"].tolist() == [1, 2]


def test_crossed_values_that_read_alike_stay_apart():
    data = rows().assign(
        a=lambda d: np.where(d["sex"] == 1, "x", "x:y"), b=lambda d: np.where(d["age"] > 2, "y", "y:y")
    )
    data.loc[:5, ["a", "b"]] = ["x", "y:y"]
    data.loc[6:11, ["a", "b"]] = ["x:y", "y"]
    table = sample(data).mean("z", over=[["a", "b"]]).table
    assert table["category"].is_unique and len(table) == 4


def test_categories_in_both_unicode_forms_are_one():
    names = np.where(np.arange(240) % 2 == 0, "Nữ", normalize("NFD", "Nữ"))
    data = rows().assign(**{"giới": np.where(rows()["sex"] == 1, "Nam", names)})
    table = sample(data).mean("z", over=[normalize("NFD", "giới"), "age"]).table
    assert table["category"].tolist()[:2] == ["Nam", "Nữ"]
    assert table["breakdown"].iloc[0] == "giới"


def test_one_category_one_cluster_and_too_many_categories_are_not_tested():
    data = rows().assign(one_=1, row=np.arange(240), rare=lambda d: np.where(d["psu"] == 1, 9, d["age"]))
    tests = sample(data).mean("z", over=["one_", "row", "rare", "age"]).tests
    t = tests.table.set_index("breakdown")
    assert t.loc[["one_", "row"], "p_value"].isna().all()
    assert t.loc["rare", "categories"] == 4  # the one within a cluster is left out
    assert np.isfinite(t.loc["age", "p_value"])
    assert {n.key for n in tests.notes} == {
        "notes.equality",
        "notes.equality_adjusted",
        "notes.equality_left_out",
        "notes.equality_alone",
    }
    many = sample(data.assign(many=np.arange(240) % 60)).mean("z", over=["many"]).tests
    assert many.table["p_value"].isna().all() and "notes.equality_too_many" in {n.key for n in many.notes}


def test_a_breakdown_that_nobody_answered_is_named():
    with pytest.raises(EstimationError, match="belongs to a group") as caught:
        sample(rows().assign(none=np.nan)).mean("z", over=["sex", "none"])
    assert caught.value.where == "over = none"


def test_missing_categories_are_counted_for_each_breakdown():
    data = rows().assign(age=lambda d: d["age"].where(d["age"] < 4))
    notes = sample(data).mean("z", over=["sex", "age"]).notes
    assert [n.values["columns"] for n in notes if getattr(n, "key", "") == "notes.no_group"] == ["age"]


def test_shares_of_dont_know_stand_beside_each_breakdown():
    labels = {k: {"en": str(k)} for k in range(1, 6)}
    y = sv.Variable("y", "ordinal", labels=labels, missing={-98: "dont_know"})
    data = rows().assign(y=lambda d: d["y"].where(np.arange(240) % 9 != 0, -98))
    responses = sv.Responses(data, sv.Codebook({"y": y})).recode_missing()
    s = sv.Sample(responses, weights="w", strata="stratum", psu="psu")
    together = s.distribution("y", over=["sex", "age"])
    alone = [s.distribution("y", by=v) for v in ("sex", "age")]
    np.testing.assert_array_equal(
        together.table["dont_know"], np.r_[[*alone[0].table["dont_know"], *alone[1].table["dont_know"]]]
    )
    silent = together.nonresponse.table
    expected = pd.concat([e.nonresponse.table for e in alone])
    np.testing.assert_array_equal(silent["std_error"], expected["std_error"])


def test_imputations_pool_breakdowns():
    samples = [sample(rows().assign(z=lambda d, i=i: d["z"] + i * (np.arange(240) % 7 == 0))) for i in range(3)]
    together = sv.Imputations(samples).mean("z", over=["sex", "age"])
    alone = sv.Imputations(samples).mean("z", by="age")
    np.testing.assert_allclose(together.table["std_error"].to_numpy()[2:], alone.table["std_error"], rtol=1e-12)
    assert together.tests is None
    assert len(sv.figures.intervals(together, suppress_below=0).rows()) == 6


def test_what_is_made_of_breakdowns_has_no_tests_of_their_equality(drawn):
    e = drawn.mean("z", over=["sex", "age"])
    for made in (e.pairwise(), e.ranks(within="breakdown"), e.contrast({"b − a": "sex:2 - sex:1"})):
        assert made.tests is None


def test_select_all_goes_over_breakdowns():
    data = rows().assign(a=lambda d: (d["y"] > 3) * 1, b=lambda d: (d["z"] > 50) * 1)
    book = sv.Codebook(sets={"how": sv.codebook.MultipleSet("how", ("a", "b"))})
    s = sv.Sample(sv.Responses(data, book), weights="w", strata="stratum", psu="psu")
    e, alone = s.select_all("how", over=["sex", "age"]), s.select_all("how", by="age")
    own = e.table[e.table["breakdown"] == "age"]
    np.testing.assert_array_equal(own[NUMBERS], alone.table[NUMBERS])
    assert s.options_chosen("how", over="sex").table["category"].tolist() == [1, 2]

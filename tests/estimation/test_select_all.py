"""Select-all questions: against R in every shape, and what would make a share of nobody or of everybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "select_all.json").read_text(encoding="utf-8"))["results"]}
"""From R survey 4.1-1, by reference/select_all.R, which makes the same options from the same columns."""
OPTIONS = {"a": "Phone", "b": "E-mail, or a letter", "c": "In person", "d": "Through the head of the village"}


def chosen(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Who chose each option, asked or not, as in reference/select_all.R."""
    return {
        "a": rows["q1"].isin([4, 5]),
        "b": rows["q2"].isin([1, 2]),
        "c": rows["trips"] >= 3,
        "d": rows["yes"] == 1,
    }


def ticks(rows: pd.DataFrame, zero: Any) -> pd.DataFrame:
    """A column an option, empty for businesses: 1 where chosen, `zero` where not."""
    asked = rows["kind"] == "resident"
    return rows.assign(
        **{o: pd.Series(np.where(c, 1.0, zero), rows.index).where(asked) for o, c in chosen(rows).items()}
    )


def text(rows: pd.DataFrame, sign: str, labels: bool) -> pd.DataFrame:
    """One text, empty for businesses and for who chose nothing."""
    found, asked = chosen(rows), rows["kind"] == "resident"
    cells = [sign.join(OPTIONS[o] if labels else o for o in OPTIONS if found[o].iloc[i]) for i in range(len(rows))]
    return rows.assign(how=pd.Series([c or None for c in cells], rows.index, dtype="str").where(asked))


def declared(rows: pd.DataFrame, shape: str = "0/1") -> sv.Responses:
    asked = "kind == 'resident'"
    if shape in ("0/1", "1/empty"):
        raw = sv.Responses(ticks(rows, 0.0 if shape == "0/1" else np.nan))
        return raw.declare_select_all("how", list(OPTIONS), base=None if shape == "0/1" else asked)
    raw = sv.Responses(text(rows, "; " if shape == "labels" else " ", shape == "labels"))
    return raw.declare_select_all("how", base=asked, options=OPTIONS)


def sample(rows: pd.DataFrame, design: str = "strat_clus", shape: str = "0/1", raked: bool = False) -> sv.Sample:
    s = sv.Sample(declared(rows, shape), **DESIGNS[design])
    if not raked:
        return s
    n = rows["w"].sum()
    targets = {"sex": {0: 0.42 * n, 1: 0.58 * n}, "age": {0: 0.25 * n, 1: 0.5 * n, 2: 0.25 * n}}
    return s.rake(targets, tolerance=1e-13)


def close(got: Any, expected: Any, rtol: float = 1e-10, atol: float = 0.0) -> None:
    np.testing.assert_allclose(np.ravel(got).astype(float), np.ravel(expected).astype(float), rtol=rtol, atol=atol)


# --- against R --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raked", [False, True], ids=["", "raked"])
@pytest.mark.parametrize("design", DESIGNS)
class TestAgainstR:
    """To 1e-10; after raking to 1e-8, as both iterate."""

    @pytest.mark.sampled
    def test_shares_and_their_covariance(self, rows: pd.DataFrame, design: str, raked: bool) -> None:
        e, expected = sample(rows, design, raked=raked).select_all("how"), R[f"{design}{'/raked' * raked}"]
        rtol = 1e-8 if raked else 1e-10
        assert e.table["item"].tolist() == list(OPTIONS)
        close(e.table["estimate"], expected["estimate"], rtol)
        close(e.table["std_error"], expected["se"], rtol)
        close(e.covariance, expected["vcov"], rtol, atol=1e-16)
        if not raked:
            close(e.table["df"], [expected["df"]] * 4)
        difference, k = e.contrast("a - b").table.iloc[0], R[f"{design}{'/raked' * raked}/difference"]
        close([difference["estimate"], difference["std_error"]], [k["estimate"], k["se"]], rtol)

    @pytest.mark.sampled
    def test_the_mean_number_of_options(self, rows: pd.DataFrame, design: str, raked: bool) -> None:
        got = sample(rows, design, raked=raked).options_chosen("how").table.iloc[0]
        expected = R[f"{design}{'/raked' * raked}/number"]
        close([got["estimate"], got["std_error"]], [expected["estimate"], expected["se"]], 1e-8 if raked else 1e-10)

    @pytest.mark.sampled
    def test_by_group(self, rows: pd.DataFrame, design: str, raked: bool) -> None:
        expected = R[f"{design}{'/raked' * raked}/by_sex"]
        e = sample(rows, design, raked=raked).select_all("how", by="sex")
        names = [f"{sex}:{item}" for item, sex in zip(e.table["item"], e.table["sex"], strict=True)]
        place = [names.index(n) for n in expected["names"]]
        rtol = 1e-8 if raked else 1e-10
        close(e.table["estimate"].iloc[place], expected["estimate"], rtol)
        close(e.table["std_error"].iloc[place], expected["se"], rtol)
        if not raked:
            close(e.covariance[np.ix_(place, place)], expected["vcov"], atol=1e-16)


def test_replicate_weights(rows: pd.DataFrame) -> None:
    s = sample(rows).replicates("jackknife")
    e = s.select_all("how")
    close(e.table["estimate"], R["jackknife"]["estimate"])
    close(e.covariance, R["jackknife"]["vcov"], atol=1e-16)
    close(s.options_chosen("how").table["std_error"], R["jackknife/number"]["se"])


def test_any_chosen_as_the_base(rows: pd.DataFrame) -> None:
    """Everybody may choose here; who chose nothing cannot be told from who was not asked."""
    everybody = rows.assign(kind="resident")
    raw = sv.Responses(text(everybody, ";", labels=True))
    s = sv.Sample(
        raw.declare_select_all("how", base="any chosen", options=OPTIONS, separator=";"), **DESIGNS["strat_clus"]
    )
    close(s.select_all("how").table["estimate"], R["any_chosen"]["estimate"])
    close(s.select_all("how").covariance, R["any_chosen"]["vcov"], atol=1e-16)


@pytest.mark.parametrize("shape", ["1/empty", "codes", "labels"])
def test_every_shape_gives_the_same(rows: pd.DataFrame, shape: str) -> None:
    e = sample(rows, shape=shape).select_all("how", by="sex")
    expected = sample(rows).select_all("how", by="sex")
    got = e.table.assign(item=e.table["item"].str.replace(r"how_(\d)", lambda m: "abcd"[int(m[1]) - 1], regex=True))
    got["item"] = got["item"].str.removeprefix("how_")
    pd.testing.assert_frame_equal(got, expected.table, rtol=1e-12)
    close(e.covariance, expected.covariance, atol=1e-18)


# --- identities -------------------------------------------------------------------------------------------------------


def test_the_shares_add_up_to_the_mean_number(rows: pd.DataFrame) -> None:
    """Also the variance: 1' V 1 of the options' covariance is that of their number."""
    s = sample(rows)
    total = s.select_all("how").contrast([1.0, 1.0, 1.0, 1.0]).table.iloc[0]
    number = s.options_chosen("how").table.iloc[0]
    close([total["estimate"], total["std_error"]], [number["estimate"], number["std_error"]], 1e-12)


def test_exclusive_options_are_not_counted_as_chosen(rows: pd.DataFrame) -> None:
    raw = sv.Responses(ticks(rows, 0.0)).declare_select_all("how", list(OPTIONS), exclusive="d")
    s = sv.Sample(raw, **DESIGNS["strat_clus"])
    three = s.select_all("how").contrast([1.0, 1.0, 1.0, 0.0]).table.iloc[0]
    close(s.options_chosen("how").table["estimate"], three["estimate"], 1e-12)
    both = (raw.data["d"] == 1) & (raw.data[["a", "b", "c"]].sum(axis=1) > 0)
    assert any(
        f"{both.sum()} respondents chose “d” together with other options" in n for n in s.select_all("how").notes
    )


def test_the_interval_is_that_of_a_share(rows: pd.DataFrame) -> None:
    s = sample(rows)
    e, share = s.select_all("how", by="ward"), s.proportion(list(OPTIONS), levels=[1], by="ward")
    close(e.table[["conf_low", "conf_high", "n", "deff"]], share.table[["conf_low", "conf_high", "n", "deff"]], 1e-12)
    close(
        s.select_all("how", interval="logit").table["conf_low"],
        s.proportion(list(OPTIONS), levels=[1], interval="logit").table["conf_low"],
    )


def test_pairs_of_options_are_judged_together(rows: pd.DataFrame) -> None:
    """Every option with every other, on its covariance; p-values adjusted over the six of them."""
    e = sample(rows).select_all("how")
    pairs, v = e.pairwise(adjust="bonferroni"), e.covariance
    assert len(pairs) == 6 and pairs.table["contrast"].iloc[0] == "b − a"
    close(pairs.table["std_error"].iloc[0], np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1]), 1e-12)
    close(pairs.table["p_adjusted"], np.minimum(1, 6 * pairs.table["p_value"]), 1e-12)


def test_groups_are_compared_within_each_option(rows: pd.DataFrame) -> None:
    pairs = sample(rows).select_all("how", by="sex").pairwise()
    assert pairs.table[["item", "contrast"]].to_numpy().tolist() == [[o, "1 − 0"] for o in OPTIONS]


def test_a_domain_is_no_dropping_of_rows(rows: pd.DataFrame) -> None:
    s = sample(rows)
    part = s.select_all("how", where="sex == 1").table
    group = s.select_all("how", by="sex").table
    close(part["std_error"], group.loc[group["sex"] == 1, "std_error"], 1e-12)


# --- hazards ----------------------------------------------------------------------------------------------------------


def plain(data: Any, **sets: tuple[str, ...]) -> sv.Sample:
    from survey.codebook import MultipleSet

    frame = pd.DataFrame(data)
    book = sv.Codebook(sets={n: MultipleSet(n, m) for n, m in sets.items()})
    return sv.Sample(sv.Responses(frame, book), weights=None)


def test_ticks_without_a_base_are_not_a_hundred_percent() -> None:
    s = plain({"a": [1, np.nan, 1], "b": [np.nan, 1, np.nan]}, how=("a", "b"))
    with pytest.raises(EstimationError, match="every share would be 100%") as caught:
        s.select_all("how")
    assert "declare_select_all('how'" in str(caught.value.fix)


def test_one_column_that_never_says_no_among_others_that_do() -> None:
    s = plain({"a": [1, 0, 1], "b": [np.nan, 1, np.nan]}, how=("a", "b"))
    with pytest.raises(EstimationError, match="every share would be 100%") as caught:
        s.select_all("how")
    assert "b" in str(caught.value.where)


@pytest.mark.parametrize("values", [[1, 2, 2], [1, 0, 9], ["x", "", ""]])
def test_other_values_than_1_and_0_are_refused(values: list[Any]) -> None:
    with pytest.raises(EstimationError, match="not columns of 1 and 0"):
        plain({"a": values, "b": [1, 0, 0]}, how=("a", "b")).select_all("how")


def test_an_option_that_nobody_was_offered_has_no_share() -> None:
    s = plain({"a": [1, 0, 1, 0], "b": [np.nan] * 4}, how=("a", "b"))
    e = s.select_all("how").table
    assert e["estimate"].iloc[0] == 0.5 and np.isnan(e["estimate"].iloc[1]) and e["n"].tolist() == [4, 0]
    assert s.options_chosen("how").table["estimate"].iloc[0] == 0.5


def test_an_option_that_nobody_chose_has_an_interval() -> None:
    e = plain({"a": [1, 0] * 20, "b": [0] * 40}, how=("a", "b")).select_all("how").table
    assert e["estimate"].tolist() == [0.5, 0.0] and e["conf_low"].iloc[1] == 0 and 0 < e["conf_high"].iloc[1] < 0.2


def test_bools_and_nullable_columns(rows: pd.DataFrame) -> None:
    data = {"a": pd.array([True, False, None], "boolean"), "b": pd.array([1, 0, None], "Int64")}
    assert plain(data, how=("a", "b")).select_all("how").table["estimate"].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("verb", ["mean", "distribution", "total"])
def test_other_verbs_name_the_one_that_serves(verb: str) -> None:
    s = plain({"a": [1, 0], "b": [0, 1]}, how=("a", "b"))
    with pytest.raises(EstimationError, match="select-all question") as caught:
        getattr(s, verb)("how")
    assert "sample.select_all('how')" in str(caught.value.fix)
    with pytest.raises(EstimationError, match="select-all question"):
        s.proportion("how", levels=[1])


def test_an_option_by_itself_says_which_verb_gives_all() -> None:
    s = plain({"a": [1, 0, 1], "b": [0, 1, np.nan], "c": [1, 2, 3]}, how=("a", "b"))
    for e in (s.distribution("a"), s.proportion("a", levels=[1]), s.mean("a")):
        assert any("sample.select_all('how')" in note for note in e.notes)
    assert not any("select_all" in note for note in s.distribution("c").notes)


def test_an_undeclared_tick_is_not_a_hundred_percent_in_silence() -> None:
    """Nothing but "1" and empty cells: 100% of those who ticked it."""
    s = plain({"phone": [1, np.nan, 1], "paper": ["Paper", None, "Paper"], "q": [1, 1, 1], "r": [1, 2, np.nan]})
    for e in (s.distribution("phone"), s.proportion("phone", levels=[1]), s.mean("phone"), s.distribution("paper")):
        assert any("declare_select_all" in note for note in e.notes)
    assert not any("declare_select_all" in n for item in "qr" for n in s.distribution(item).notes)


def test_a_misspelt_question_and_one_of_its_columns() -> None:
    s = plain({"a": [1, 0], "b": [0, 1]}, contact=("a", "b"))
    for name in ("contct", "a"):
        with pytest.raises(EstimationError, match="no such select-all") as caught:
            s.select_all(name)
        assert caught.value.fix == "did you mean contact?"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_small_groups_are_not_published(rows: pd.DataFrame, lang: str) -> None:
    rows["half"] = rows["ward"] + rows["sex"].astype(str)
    e = sample(rows).select_all("how", by="half")
    few = e.table["n"] < 30
    figure = sv.figures.bars(e, lang=lang)
    assert few.any() and (figure.rows()["status"][few.to_numpy()] == "suppressed").all()
    assert np.isnan(figure.estimates.table["estimate"][few.to_numpy()]).all()


def test_storage(rows: pd.DataFrame, tmp_path: Path) -> None:
    s = sample(rows)
    from survey.study.storage import load, save

    again = load(save(s, tmp_path / "s.zip"))
    assert again.codebook.sets == s.codebook.sets
    pd.testing.assert_frame_equal(again.select_all("how").table, s.select_all("how").table)


def test_a_tick_file_of_a_platform_end_to_end(tmp_path: Path) -> None:
    """An export of one column an option, 1 where chosen and nothing where not; counted by hand: 2, 1 and 1 of 5."""
    rows = ["id,1. Called,'2. Wrote, or came',3. None", "1,1,,", "2,1,1,", "3,,,1", "4,,,", "5,,,"]
    (tmp_path / "ticks.csv").write_text("\n".join(rows).replace("'", '"'), encoding="utf-8")
    columns = ["1. Called", "2. Wrote, or came", "3. None"]
    raw = sv.read(tmp_path / "ticks.csv")
    share = {
        base: sv.Sample(raw.declare_select_all("contact", columns, base=base), weights=None).select_all("contact")
        for base in ("everyone", "any chosen")
    }
    close(share["everyone"].table["estimate"], [2 / 5, 1 / 5, 1 / 5])
    close(share["any chosen"].table["estimate"], [2 / 3, 1 / 3, 1 / 3])


BASES = {"vi": "được chọn nhiều phương án", "en": "several answers possible"}


class TestExhibits:
    """The base stands under every exhibit, in its language; bars are sorted, exclusive options last."""

    @pytest.fixture
    def e(self, rows: pd.DataFrame) -> sv.Estimates:
        labels = {o: {"vi": f"{t} (vi)", "en": t} for o, t in OPTIONS.items()}
        raw = sv.Responses(ticks(rows, 0.0)).declare_select_all(
            "how", list(OPTIONS), options=labels, exclusive="d", label={"vi": "Qua kênh nào?", "en": "How?"}
        )
        return sv.Sample(raw, **DESIGNS["strat_clus"]).select_all("how")

    @pytest.mark.parametrize("lang", ["vi", "en"])
    @pytest.mark.parametrize("make", [sv.figures.bars, sv.figures.intervals, sv.tables.table])
    def test_the_base_and_the_question(self, e: sv.Estimates, make: Any, lang: str) -> None:
        exhibit = make(e, lang=lang)
        # three of the four shares are unreliable (NCHS), so that the title tells no finding
        assert exhibit.title == {"vi": "Qua kênh nào?", "en": "How?"}[lang]
        assert any(BASES[lang] in note for note in exhibit.notes)

    def test_bars_are_sorted_and_begin_at_zero(self, e: sv.Estimates) -> None:
        from survey.figures._dots import dots_of

        exhibit = sv.figures.bars(e, lang="en")
        # a 0.52, c 0.16, b 0.12; d, the largest of all, excludes the others
        assert [key[0] for key in exhibit.once(dots_of).keys] == [OPTIONS[o] for o in "acbd"]
        axes = exhibit.figure().axes[0]
        assert axes.get_xlim()[0] == 0 and len(axes.patches) == 4
        assert exhibit.alt.startswith("Bars with 95% confidence intervals")

    def test_a_table_names_its_options(self, e: sv.Estimates) -> None:
        from survey.tables._grid import grid_of

        grid = sv.tables.table(e, lang="en").once(grid_of)
        assert grid.stub == "Option" and [line.name for line in grid.lines] == list(OPTIONS.values())

    def test_means_are_no_bars(self, rows: pd.DataFrame) -> None:
        with pytest.raises(sv.ExportError, match="Bars from zero show shares"):
            sv.figures.bars(sample(rows).mean("minutes", by="sex"))

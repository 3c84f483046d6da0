"""`sv.draw`: the golden draw of the simulated frame, probabilities, reserves, weights, and frames of every odd kind."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from docx import Document
from openpyxl import load_workbook

import survey as sv
from survey.words.steps import log_in_language

RAW = Path(__file__).parents[2] / "data" / "raw"
GROUPS = pd.DataFrame(
    {
        "ward": ["P01"] * 6 + ["P02"] * 5,
        "group": [f"P01-{i}" for i in range(1, 7)] + [f"P02-{i}" for i in range(1, 6)],
        "households": [30, 20, 25, 40, 15, 20, 10, 30, 20, 25, 15],
    }
)
DESIGN: dict[str, Any] = {
    "unit": "group",
    "strata": "ward",
    "size": "households",
    "n": 3,
    "reserves": 1,
    "households": {"n": 5, "reserves": 2},
    "adult": "kish",
    "seed": 11,
}


def drawn(frame: pd.DataFrame = GROUPS, **changes: Any) -> sv.Draw:
    return sv.draw(frame, **{**DESIGN, **changes})


# --- the golden draw --------------------------------------------------------------------------------------------------


def test_the_draw_of_the_simulated_frame_is_what_shell_and_awk_count_off() -> None:
    """Seed 20260801, ward P01: 3,620 households, start 2633/12 by sha256sum and bc, groups counted off by awk; group
    P01-04: 132 households, start 89/15; Kish's tables and reserves sorted by sha256sum (docs/drawing.md)."""
    frame = pd.read_csv(RAW / "sampling_frame.csv")
    got = sv.draw(
        frame,
        unit="tdp_legacy",
        strata="ward_legacy_code",
        size="households_listed",
        n=12,
        households={"n": 15, "reserves": 5},
        adult="kish",
        seed=20260801,
    )
    of_ward = got.table[got.table["ward_legacy_code"] == "P01"]
    groups = [f"P01-{i:02d}" for i in (4, 7, 10, 15, 17, 21, 24, 28, 30, 32, 36, 40)]
    assert of_ward["tdp_legacy"].unique().tolist() == groups
    first = of_ward[of_ward["tdp_legacy"] == "P01-04"]
    assert first["household"].tolist() == [6, 15, 24, 33, 42, 50, 59, 68, 77, 86, 94, 103, 112, 121, 130]
    assert first["kish"].tolist()[:12] == ["F", "F", "D", "C", "D", "E1", "B2", "E2", "A", "C", "A", "B1"]
    spare = got.reserves[got.reserves["tdp_legacy"] == "P01-04"]
    assert spare["household"].tolist() == [74, 48, 113, 85, 81]
    assert spare["reserve_household"].tolist() == [1, 2, 3, 4, 5]
    assert first["prob_unit"].iloc[0] == 12 * 132 / 3620 and first["prob_household"].iloc[0] == 15 / 132
    assert got.log["strata"][0]["start"] == 2633 / 12


def test_probabilities_multiply_and_add_up_in_every_stratum() -> None:
    got = drawn()
    table = got.table
    np.testing.assert_allclose(table["prob"], table["prob_unit"] * table["prob_household"], rtol=1e-15)
    np.testing.assert_allclose(table["base_weight"] * table["prob"], 1, rtol=1e-15)
    assert [s["sum_of_probabilities"] for s in got.log["strata"]] == [3.0, 3.0]
    sizes = GROUPS.set_index("group")["households"]
    totals = GROUPS.groupby("ward")["households"].sum()
    expected = 3 * table["group"].map(sizes) / table["ward"].map(totals)
    np.testing.assert_allclose(table["prob_unit"], expected, rtol=1e-15)
    assert table.groupby("group").size().tolist() == [5] * 6
    # by size and a fixed number of households: one weight in each ward, total / (3 * 5)
    assert table["base_weight"].tolist() == pytest.approx([10.0] * 15 + [100 / 15] * 15)


def test_base_weights_agree_with_the_stages_written_out() -> None:
    """The same weights as `sv.PPS.from_frame` and two `sv.SRS` give."""
    got = drawn()
    people = got.table[["ward", "group", "household"]].assign(adults=np.arange(30) % 4 + 1)
    people = people.sample(frac=1, random_state=1, ignore_index=True)
    ours = got.base_weights(people, adults="adults").data["w_design"]
    stage = sv.PPS.from_frame(GROUPS, unit="group", size="households", n=3, within="ward")
    listed = people.merge(GROUPS[["group", "households"]], on="group")
    theirs = sv.base_weights(listed, [stage, sv.SRS(5, "households"), sv.SRS(1, "adults")]).data["w_design"]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.slow
def test_totals_are_estimated_without_bias() -> None:
    """Horvitz-Thompson over 150 seeds on a made-up list of 250 households whose total is known, within four standard
    errors of the mean; and the number of households exactly, as the sizes are theirs."""
    rng = np.random.default_rng(3)
    homes = GROUPS.loc[GROUPS.index.repeat(GROUPS["households"]), ["ward", "group"]].reset_index(drop=True)
    homes["household"] = homes.groupby("group").cumcount() + 1
    homes["y"] = rng.poisson(3, len(homes)) + homes["group"].str[-1].astype(int) ** 2
    estimates = []
    for seed in range(150):
        table = sv.draw(
            GROUPS, unit="group", strata="ward", size="households", n=3, households=5, seed=seed
        ).table.merge(homes)
        assert table["base_weight"].sum() == pytest.approx(250)
        estimates.append((table["base_weight"] * table["y"]).sum())
    error = np.std(estimates, ddof=1) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - homes["y"].sum()) < 4 * error
    assert error < 0.03 * homes["y"].sum()


# --- what does not matter ---------------------------------------------------------------------------------------------


def same(one: sv.Draw, other: sv.Draw) -> bool:
    return all(
        a.astype(str).equals(b.astype(str)) for a, b in ((one.table, other.table), (one.reserves, other.reserves))
    )


def test_the_same_seed_draws_the_same_and_another_seed_another_sample() -> None:
    assert same(drawn(), drawn()) and not same(drawn(), drawn(seed=12))


def test_the_order_of_the_rows_does_not_matter_unless_it_is_declared() -> None:
    turned = GROUPS.sample(frac=1, random_state=1)
    assert same(drawn(), drawn(turned))
    assert not same(drawn(sort="listed"), drawn(turned, sort="listed"))


def test_names_as_numbers_text_or_in_either_unicode_form_draw_the_same() -> None:
    frame = GROUPS.assign(group=range(11), ward=["Phường Cửa Nam"] * 6 + ["Phường Bồ Đề"] * 5)
    other = frame.assign(
        group=[str(i) for i in range(11)],
        ward=[unicodedata.normalize("NFD", w) if i % 2 else w for i, w in enumerate(frame["ward"])],
    )
    assert same(drawn(frame), drawn(other))
    assert same(drawn(frame), drawn(frame.astype({"group": float})))
    assert drawn(frame).log["frames"] == drawn(other).log["frames"]
    assert len(drawn(other).log["strata"]) == 2


def test_a_list_may_come_from_read() -> None:
    homes = GROUPS.loc[GROUPS.index.repeat(GROUPS["households"]), ["group"]].reset_index(drop=True)
    homes["household"] = homes.groupby("group").cumcount()
    assert same(drawn(household_frame=homes), drawn(sv.Responses(GROUPS), household_frame=sv.Responses(homes)))


def test_one_ward_draws_the_same_alone_as_among_others() -> None:
    alone, among = drawn(GROUPS[GROUPS["ward"] == "P02"]).table, drawn().table
    assert alone.equals(among[among["ward"] == "P02"].reset_index(drop=True))


def test_the_list_of_households_leaves_the_groups_as_they_were() -> None:
    homes = GROUPS.loc[GROUPS.index.repeat(GROUPS["households"]), ["group"]].reset_index(drop=True)
    homes["household"] = [f"H{i}" for i in homes.groupby("group").cumcount()]
    homes["street"] = "=1+1"
    got = drawn(household_frame=homes, households={"n": 5, "reserves": 2, "show": "street"})
    assert got.table["group"].unique().tolist() == drawn().table["group"].unique().tolist()
    assert set(got.table["street"]) == {"=1+1"} and got.table["household"].str.startswith("H").all()
    assert same(
        got,
        drawn(
            household_frame=homes.sample(frac=1, random_state=2), households={"n": 5, "reserves": 2, "show": "street"}
        ),
    )


def test_groups_are_listed_as_people_count() -> None:
    """T2 before T10: the order of a systematic draw by name."""
    frame = pd.DataFrame({"g": [f"T{i}" for i in range(12, 0, -1)], "size": 10})
    got = sv.draw(frame, unit="g", size="size", n=12, seed=1)
    assert got.table["g"].tolist() == [f"T{i}" for i in range(1, 13)]


# --- designs ----------------------------------------------------------------------------------------------------------


def test_businesses_are_a_simple_random_sample_of_each_ward() -> None:
    firms = pd.DataFrame({"firm": range(100), "ward": np.repeat(["P01", "P02"], [60, 40]), "name": "=HYPERLINK(1)"})
    got = sv.draw(firms, unit="firm", strata="ward", n={"P01": 12, "P02": 10}, reserves=3, show="name", seed=2)
    assert got.table.groupby("ward")["prob"].agg(["size", "first"]).to_numpy().tolist() == [[12, 0.2], [10, 0.25]]
    assert got.reserves["reserve_unit"].tolist() == [1, 2, 3] * 2
    assert "reserve_household" not in got.reserves and not set(got.table["firm"]) & set(got.reserves["firm"])
    assert list(got.table.columns) == ["ward", "firm", "name", "certain", "prob_unit", "prob", "base_weight"]


def test_a_number_drawn_may_be_a_column() -> None:
    got = drawn(GROUPS.assign(k=[2] * 6 + [4] * 5), n="k")
    assert got.table.groupby("ward")["group"].nunique().tolist() == [2, 4]


def test_a_group_above_the_interval_is_certain_and_said_to_be() -> None:
    frame = GROUPS.assign(households=[500, 20, 25, 40, 15, 20, 10, 30, 20, 25, 15])
    got = drawn(frame)
    of = got.table[got.table["group"] == "P01-1"]
    assert (of["certain"] == 1).all() and (of["prob_unit"] == 1).all() and len(of) == 5
    assert got.log["notes"] == ["drawn with certainty, because they reach the sampling interval (1): P01 / P01-1"]
    assert "chắc chắn được chọn" in got.to_text("vi")
    assert got.log["strata"][0]["certain"] == ["P01-1"]


def test_a_row_of_totals_is_spoken_of() -> None:
    """Of a list in a workbook whose last row adds up the ward."""
    total = pd.DataFrame({"ward": ["P01"], "group": ["Cộng"], "households": [150]})
    got = drawn(pd.concat([GROUPS, total], ignore_index=True))
    assert got.log["notes"][0].endswith("do not belong in a list (1): P01 / Cộng")
    assert "có thể là dòng cộng" in got.to_text("vi")
    assert drawn().log["notes"] == []


def test_more_households_than_exist_are_all_of_them_and_it_is_said() -> None:
    got = drawn(GROUPS.assign(households=3), households={"n": 5, "reserves": 2})
    assert (got.table["prob_household"] == 1).all() and got.table.groupby("group").size().tolist() == [3] * 6
    assert any("fewer than 5 households" in note for note in got.log["notes"])


def test_reserve_groups_come_with_their_households() -> None:
    got = drawn()
    groups = got.reserves[got.reserves["reserve_unit"] == 1]
    assert groups.groupby("ward").size().tolist() == [7, 7]  # five households and two reserves of each
    assert not set(groups["group"]) & set(got.table["group"])
    own = got.reserves[got.reserves["reserve_unit"] == 0]
    assert own.groupby("group").size().tolist() == [2] * 6
    taken = set(zip(got.table["group"], got.table["household"], strict=True))
    assert not taken & set(zip(own["group"], own["household"], strict=True))


def test_five_hundred_wards() -> None:
    frame = pd.DataFrame({"ward": np.repeat(range(500), 4), "g": np.tile(range(4), 500), "size": 10})
    got = sv.draw(frame, unit="g", strata="ward", size="size", n=2, seed=1)
    assert len(got.table) == 1000 and len(got.log["strata"]) == 500 and (got.table["prob"] == 0.5).all()


# --- frames and designs that are refused ------------------------------------------------------------------------------


def sized(*values: Any) -> pd.DataFrame:
    return pd.DataFrame({"ward": "P01", "group": list("abcdef"), "households": list(values)})


@pytest.mark.parametrize(
    ("frame", "changes", "what", "part"),
    [
        (sized(10, 0, 10, 10, 10, 10), {}, "size 0", "where.*b"),
        (sized(10, None, 10, 10, 10, 10), {}, "no whole number", "missing"),
        (sized(10, "many", 10, 10, 10, 10), {}, "no whole number", "complete the list"),
        (sized(1.5, 10, 10, 10, 10, 10), {}, "no whole number", 'thousands = "."'),
        (sized("1.200", "950", "10", "10", "10", "10"), {}, "no whole number", 'thousands = "."'),
        (sized("1,200", "950", "10", "10", "10", "10"), {}, "no whole number", "thousands"),
        (sized(10, -5, 10, 10, 10, 10), {}, "size 0", "-5"),
        (sized(*[10] * 6).assign(group=list("abcdea")), {}, "listed twice", "0, 5"),
        (sized(*[10] * 6).assign(group=["a", "b", "c", "d", "e", " a\u00a0"]), {}, "listed twice", "0, 5"),
        (sized(*[10] * 6).assign(group=["a", "b", "c", "d", "e", None]), {}, "missing for some rows", "rows 5"),
        (sized(*[10] * 6).assign(group=["a", "b", "c", "d", "e", "  "]), {}, "missing for some rows", "rows 5"),
        (sized(*[10] * 6), {"n": 7}, "fewer units", "7 of 6"),
        (sized(*[10] * 6), {"n": {"P01": 2, "P02": 2}}, "strata of `n`", "P02"),
        (sized(*[10] * 6), {"n": {"P1": 2}}, "strata of `n`", "P01"),
        (sized(*[10] * 6), {"expect": {"units": 12}}, "totals that the design expects", "units = 6"),
        (sized(*[10] * 6), {"expect": {"size": 120}}, "totals that the design expects", "size = 60"),
        (sized(*[10] * 6), {"size": "household"}, "column is missing", "did you mean households"),
        (sized(1.5, 10, 10, 10, 10, 10), {"thousands": "."}, "no whole number", "read the list as text"),
        (sized(*[10] * 6).assign(ward=["P01", *[None] * 5]), {}, "missing for some rows", "merged cells"),
        (sized(*[10] * 6), {"labels": {"wards": "Ward"}}, "words for a column", "did you mean ward"),
        (sized(*[10] * 6), {"sort": "street"}, "column is missing", "street"),
        (sized(*[10] * 6), {"method": "random"}, "unequal probability", "sort = "),
        (sized(*[10] * 6), {"method": "quota"}, "unknown method", "systematic"),
        (sized(*[10] * 6), {"adult": "youngest"}, "rule for one adult", "kish"),
        (sized(*[10] * 6), {"seed": 1.5}, "whole number", "seed"),
        (sized(*[10] * 6), {"n": 0}, "whole number", "from 1"),
        (sized(*[10] * 6), {"households": {"n": 5, "reserve": 2}}, "unknown key", "did you mean reserves"),
        (sized(*[10] * 6), {"households": "15"}, "wrong form", "households=15"),
        (sized(*[10] * 6), {"size": None}, "how many households", "count"),
        (sized(*[10] * 6).assign(prob=1), {"show": "prob"}, "needs itself", "prob"),
        (sized(*[10] * 6).iloc[:0], {}, "empty", "one row"),
        (pd.concat([sized(*[10] * 6), sized(*[10] * 6)[["group"]]], axis=1), {}, "same name", "'group'"),
        ([1, 2], {}, "Expected a DataFrame", "list"),
    ],
)
def test_what_cannot_be_drawn_is_one_error(frame: Any, changes: dict[str, Any], what: str, part: str) -> None:
    with pytest.raises(sv.DesignError, match=what) as caught:
        drawn(frame, **{"n": 2, **changes})
    assert re.search(part, str(caught.value))


def test_a_list_of_households_must_have_every_group_drawn_and_each_household_once() -> None:
    homes = pd.DataFrame({"group": ["P01-1"] * 5, "household": range(5)})
    with pytest.raises(sv.DesignError, match="has no household in the list"):
        drawn(household_frame=homes)
    with pytest.raises(sv.DesignError, match="listed twice"):
        drawn(household_frame=homes.assign(household=1))
    with pytest.raises(sv.DesignError, match="draws none"):
        drawn(household_frame=homes, households=None, adult=None)


def test_groups_of_one_name_in_two_wards_need_the_ward_in_the_list() -> None:
    frame = GROUPS.assign(group=[1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5])
    homes = frame.loc[frame.index.repeat(frame["households"]), ["ward", "group"]].reset_index(drop=True)
    homes["household"] = homes.groupby(["ward", "group"]).cumcount()
    got = drawn(frame, household_frame=homes)
    assert got.table["prob_household"].tolist() == pytest.approx(
        [5 / n for n in got.table.merge(frame, on=["ward", "group"])["households"]]
    )
    with pytest.raises(sv.DesignError, match="needs the strata"):
        drawn(frame, household_frame=homes.drop(columns="ward"))


# --- weights ----------------------------------------------------------------------------------------------------------


def test_answers_are_joined_to_the_draw_by_hand() -> None:
    """P01: p1 = 3*30/150 = 0.6 of a group of 30, p2 = 5/30, one adult of 2: weight 1 / (0.6 / 6 / 2) = 20."""
    got = drawn()
    row = got.table[got.table["ward"] == "P01"].iloc[[0]]
    answers = row[["ward", "group", "household"]].astype({"household": "str"}).assign(adults=2)
    weighted = got.base_weights(answers, adults="adults")
    assert weighted.data["w_design"].tolist() == pytest.approx([20.0])
    assert weighted.data["sel_prob"].tolist() == pytest.approx([0.05])
    assert "29 of 30 drawn are not in the data" in weighted.log["reason"].iloc[-1]
    in_vietnamese = log_in_language(weighted.log, "vi").iloc[-1]
    assert "29 trong 30 được chọn không có trong dữ liệu" in in_vietnamese["reason"]
    assert "bước chọn 1, " in in_vietnamese["what"]


def test_reserves_have_a_weight_and_are_spoken_of() -> None:
    got = drawn()
    answers = got.reserves[["ward", "group", "household"]].head(3).assign(adults=1)
    twice = pd.concat([answers, answers.head(1)], ignore_index=True)
    assert "1 row more than units" in got.base_weights(twice, adults="adults").log["reason"].iloc[-1]
    assert "3 rows of reserves" in got.base_weights(answers, adults="adults").log["reason"].iloc[-1]


def test_weights_of_people_who_were_not_drawn_are_refused() -> None:
    got = drawn()
    answers = got.table[["ward", "group", "household"]].head(3).assign(adults=1)
    answers.loc[1, "household"] = 999
    with pytest.raises(sv.DesignError, match="not drawn") as caught:
        got.base_weights(answers, adults="adults")
    assert "rows 1" in caught.value.where and "999" in caught.value.got
    with pytest.raises(sv.DesignError, match="number of adults"):
        got.base_weights(answers)
    with pytest.raises(sv.DesignError, match="names the unit drawn"):
        got.base_weights(answers.drop(columns="household"), adults="adults")
    with pytest.raises(sv.DesignError, match="positive number"):
        got.base_weights(answers.drop(index=1).assign(adults=0), adults="adults")


def test_the_draw_is_frozen() -> None:
    got = drawn()
    table = got.table
    table.loc[0, "prob"] = 1.0
    assert got.table.loc[0, "prob"] < 1
    with pytest.raises(TypeError):
        got.log["seed"] = 2  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        got.design = None  # type: ignore[misc, assignment]


# --- documents --------------------------------------------------------------------------------------------------------


def text_of(path: Path) -> str:
    document = Document(str(path))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_sheets_have_a_page_for_every_group_and_what_the_doorstep_needs(tmp_path: Path) -> None:
    frame = GROUPS.assign(ward=["=HYPERLINK(1)"] * 6 + ['<b>&"P02'] * 5)
    got = drawn(frame, labels={"ward": {"vi": "Phường", "en": "Ward"}})
    path = got.to_docx(tmp_path / "sheets.docx", lang="vi")
    document = Document(str(path))
    breaks = document.element.xml.count('w:type="page"')
    assert breaks == 2 * (3 + 1 + 1) - 1  # for each ward the contents, three groups and a reserve
    text = text_of(path)
    assert "Phường: =HYPERLINK(1)" in text and 'Phường: <b>&"P02' in text
    assert "nam trước" in text and "sai lệch do không trả lời" in text and "DỰ PHÒNG số 1" in text
    rows = [[c.text for c in r.cells] for r in document.tables[1].rows]
    first = got.table.iloc[0]
    assert rows[1][4:9] == ["2", "3", "4", "5", "6+"]
    assert rows[2][1:9] == [
        str(first["household"]),
        "",
        first["kish"],
        *(str(first[f"adult_{k}"]) for k in range(2, 7)),
    ]
    assert got.to_docx(tmp_path / "again.docx").read_bytes() == path.read_bytes()
    assert "Ward: " in text_of(got.to_docx(tmp_path / "en.docx", lang="en"))
    with pytest.raises(sv.ExportError, match="wrong extension"):
        got.to_docx(tmp_path / "sheets.txt")
    with pytest.raises(sv.DesignError, match="unknown language"):
        got.to_text("xx")
    with pytest.raises(sv.ExportError, match="unknown language"):
        got.to_docx(tmp_path / "fr.docx", lang="xx")


@pytest.mark.parametrize("adult", ["number", "last birthday", "next birthday"])
def test_sheets_carry_each_rule(tmp_path: Path, adult: str) -> None:
    text = text_of(drawn(adult=adult).to_docx(tmp_path / "sheets.docx", lang="en"))
    words = {
        "number": "With more than ten adults",
        "last birthday": "had a birthday last",
        "next birthday": "comes next",
    }
    assert [name for name, said in words.items() if said in text] == [adult]


def test_the_workbook_holds_texts_and_never_formulas(tmp_path: Path) -> None:
    got = drawn(GROUPS.assign(name="=1+1"), show="name")
    book = load_workbook(got.to_excel(tmp_path / "draw.xlsx"))
    assert book.sheetnames == ["sample", "reserves", "strata", "log"]
    sheet = book["sample"]
    names = [c.value for c in sheet[1]]
    cell = sheet.cell(2, names.index("name") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert sheet.max_row == 31 and sheet.cell(2, names.index("prob") + 1).value == got.table["prob"].iloc[0]

"""Population figures: read in three ways, and refused where they contradict themselves."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.design.targets import plain

SEX = {"sex": {0: 480, 1: 520}}
AGE = {"age": {"18-39": 400, "40-59": 350, "60+": 250}}


def refused(value: Any) -> str:
    """The words of the error."""
    with pytest.raises(sv.TargetsError) as caught:
        sv.Targets.of(value)
    return str(caught.value)


def long(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "variable": ["sex", "sex", "age", "age"],
            "category": [0, 1, "young", "old"],
            "total": [48, 52, 60, 40],
            **columns,
        }
    )


# --- what they hold ---------------------------------------------------------------------------------------------------


def test_a_dict_of_margins() -> None:
    t = sv.Targets.of(SEX | AGE)
    assert [m.name for m in t.margins] == ["sex", "age"]
    assert t.total == 1000
    assert dict(t.margins[1].totals) == {("18-39",): 400, ("40-59",): 350, ("60+",): 250}


def test_crossed_variables() -> None:
    t = sv.Targets.of({("sex", "age"): {(0, "18-39"): 300, (1, "18-39"): 700}})
    assert t.margins[0].name == "sex x age"
    assert t.margins[0].label((0, "18-39")) == "sex = 0, age = 18-39"


def test_a_series_is_a_margin() -> None:
    assert dict(sv.Targets.of({"sex": pd.Series({0: 480, 1: 520})}).margins[0].totals) == {(0,): 480, (1,): 520}


def test_a_table_keeps_source_and_date() -> None:
    t = sv.Targets.of(long(source="Census 2019", date="2019-04-01"))
    assert (t.source, t.date) == ("Census 2019", "2019-04-01")
    assert [m.name for m in t.margins] == ["sex", "age"]
    assert t.total == 100


def test_two_sources_are_both_named() -> None:
    assert sv.Targets.of(long(source=["Census", "Census", "Register", "Register"])).source == "Census; Register"


def test_a_table_within_groups_crosses_every_margin_with_them() -> None:
    frame = pd.concat([long(wave=1), long(wave=2)])
    t = sv.Targets.from_frame(frame, within="wave")
    assert [m.variables for m in t.margins] == [("wave", "sex"), ("wave", "age")]
    assert t.margins[0].totals[2, 1] == 52
    assert t.total == 200


def test_a_file_matches_numbers_in_data_and_names_its_source(tmp_path: Path) -> None:
    path = tmp_path / "margins.csv"
    long().to_csv(path, index=False)
    t = sv.Targets.from_csv(path)
    assert dict(t.margins[0].totals) == {(0,): 48, (1,): 52}
    assert "margins.csv" in t.source


def test_a_file_in_vietnamese(tmp_path: Path) -> None:
    path = tmp_path / "margins.csv"
    path.write_text("variable,category,total\nphường,An Hòa,30\nphường,Đông Sơn,70\n", encoding="utf-8-sig")
    assert dict(sv.Targets.from_csv(path).margins[0].totals) == {("An Hòa",): 30, ("Đông Sơn",): 70}


def test_targets_pass_through_themselves() -> None:
    t = sv.Targets.of(SEX)
    assert sv.Targets.of(t) is t


def test_the_table_shows_shares() -> None:
    table = sv.Targets.of(SEX).table()
    assert table["category"].tolist() == ["sex = 0", "sex = 1"]
    assert table["share"].tolist() == [0.48, 0.52]


def test_targets_cannot_be_changed_behind_a_sample() -> None:
    t = sv.Targets.of(SEX)
    with pytest.raises(TypeError):
        t.margins[0].totals[(0,)] = 1  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        t.margins = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        (1.0, 1),
        ("1", 1),
        (np.int64(1), 1),
        (np.float64(1), 1),
        (True, 1),
        (np.True_, 1),
        ("-3", -3),
        (1.5, 1.5),
        ("01", "01"),
        ("1.0", "1.0"),
        ("", ""),
        ("An Hòa", "An Hòa"),
        (" 1", " 1"),
    ],
)
def test_one_category_however_it_is_written(value: Any, expected: Any) -> None:
    got = plain(value)
    assert got == expected and type(got) is type(expected)


# --- what is refused --------------------------------------------------------------------------------------------------


def test_margins_that_disagree_show_the_difference() -> None:
    words = refused({"sex": {0: 480, 1: 520}, "age": {"young": 600, "old": 437.5}})
    assert "sex against age" in words and "1,000.00 against 1,037.50" in words and "+37.50" in words


def test_rounding_is_no_disagreement() -> None:
    assert sv.Targets.of({"sex": {0: 333_333.3, 1: 666_666.7}, "age": {0: 333_333.4, 1: 666_666.7}}).total == 1_000_000


@pytest.mark.parametrize("total", [-1, np.nan, np.inf, "many", None])
def test_a_target_that_is_no_number_of_people(total: Any) -> None:
    words = refused({"sex": {0: 480, 1: total}})
    assert "Targets must be non-negative numbers" in words and "sex" in words and "1" in words


@pytest.mark.parametrize(
    ("variables", "category"),
    [(("sex", "age"), (0,)), (("sex", "age"), 0), (("sex", "age"), (0, 1, 2)), ("sex", (0, 1))],
)
def test_a_category_of_another_length_than_its_margin(variables: Any, category: Any) -> None:
    words = refused({variables: {category: 100}})
    assert (
        "The number of values in a category differs from the number of variables of its margin" in words
        and str(category) in words
    )


def test_a_category_given_twice_in_a_table() -> None:
    words = refused(pd.DataFrame({"variable": "sex", "category": [0, 1, 0], "total": [10, 20, 30]}))
    assert "two targets" in words and "sex" in words


def test_a_category_given_twice_in_two_ways_of_writing() -> None:
    """1 and "1" are one category; the second must not silently replace the first."""
    assert "two targets" in refused({"sex": {0: 10, 1: 20, "1": 30}})
    assert "two targets" in refused(pd.DataFrame({"variable": "sex", "category": [0, 1, "1"], "total": [10, 20, 30]}))


@pytest.mark.parametrize("category", [np.nan, None, pd.NA])
def test_an_empty_category(category: Any) -> None:
    assert "empty" in refused({"sex": {0: 480, category: 520}})
    assert "empty" in refused(pd.DataFrame({"variable": "sex", "category": [0, category], "total": [480, 520]}))


@pytest.mark.parametrize("column", ["variable", "category", "total"])
def test_a_table_without_a_column(column: str) -> None:
    words = refused(long().drop(columns=column))
    assert column in words


def test_a_file_without_a_column(tmp_path: Path) -> None:
    for column in ("variable", "category", "total"):
        path = tmp_path / f"no_{column}.csv"
        long().drop(columns=column).to_csv(path, index=False)
        with pytest.raises(sv.TargetsError, match="The table of targets is missing a column") as caught:
            sv.Targets.from_csv(path)
        assert column in str(caught.value) and path.name in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(sv.TargetsError, match="The targets file does not exist") as caught:
        sv.Targets.from_csv(tmp_path / "margins.csv")
    assert "margins.csv" in str(caught.value)


def test_a_file_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("")
    with pytest.raises(sv.TargetsError) as caught:
        sv.Targets.from_csv(path)
    assert "empty.csv" in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "margins.csv"
    path.write_bytes("variable,category,total\nsex,é,70\n".encode("latin-1"))
    with pytest.raises(sv.TargetsError, match="cannot be read") as caught:
        sv.Targets.from_csv(path)
    assert "UTF-8" in str(caught.value)


def test_a_file_with_text_for_totals(tmp_path: Path) -> None:
    path = tmp_path / "margins.csv"
    path.write_text("variable,category,total\nsex,0,many\nsex,1,20\n")
    with pytest.raises(sv.TargetsError, match="Targets must be non-negative numbers") as caught:
        sv.Targets.from_csv(path)
    assert "many" in str(caught.value)


def from_text(folder: Path, rows: str, **options: str) -> list[float]:
    path = folder / "margins.csv"
    path.write_text("variable,category,total\n" + rows, encoding="utf-8")
    return [t for m in sv.Targets.from_csv(path, **options).margins for t in m.totals.values()]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "options", "expected"),
    [
        ("sex,1,1.200\nsex,2,950\n", {"thousands": "."}, [1200, 950]),
        ("sex,1,51.200\nsex,2,48.800\n", {}, [51.2, 48.8]),  # percent
        ("sex,1,0.512\nsex,2,0.488\n", {}, [0.512, 0.488]),
        ('sex,1,"1,000"\nsex,2,950\n', {"thousands": ","}, [1000, 950]),
        ('sex,1,"1.234,5"\nsex,2,950\n', {"thousands": ".", "decimal": ","}, [1234.5, 950]),
        *[(f"sex,1,1{mark}200\nsex,2,950\n", {}, [1200, 950]) for mark in " \u00a0\u202f'\u2019"],
    ],
)
def test_numbers_of_people_as_countries_write_them(
    tmp_path: Path, rows: str, options: dict[str, str], expected: list[float]
) -> None:
    assert from_text(tmp_path, rows, **options) == expected


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        ("sex,1,1.200\nsex,2,950\n", {}),
        ("sex,1,1.200\nsex,2,1.350\n", {}),
        ("sex,1,1.234.567\nsex,2,950\n", {}),
        ('sex,1,"1,000"\nsex,2,950\n', {}),
        ('sex,1,"1,5"\nsex,2,2\n', {}),
        ("sex,1,1.20\nsex,2,950\n", {"thousands": "."}),
    ],
)
def test_a_number_that_may_be_read_in_two_ways_is_refused_with_a_way_out(
    tmp_path: Path, rows: str, options: dict[str, str]
) -> None:
    with pytest.raises(sv.TargetsError) as caught:
        from_text(tmp_path, rows, **options)
    assert "thousands=" in str(caught.value.fix)


def test_a_fraction_of_a_person_beside_hundreds_of_people_is_warned_of() -> None:
    with pytest.warns(sv.SurveyWarning, match=r"1\.2 people next to 950"):
        sv.Targets.of({"sex": {1: 1.2, 2: 950}})
    sv.Targets.of({"sex": {1: 1200.5, 2: 950}})


def test_margins_a_thousand_times_apart_are_told_so() -> None:
    with pytest.raises(sv.TargetsError, match="disagree") as caught:
        sv.Targets.of({"sex": {1: 1200, 2: 950}, "age": {0: 1.3, 1: 0.85}})
    assert "thousand" in str(caught.value.fix)


@pytest.mark.parametrize("value", [{}, pd.DataFrame({"variable": [], "category": [], "total": []})])
def test_no_targets(value: Any) -> None:
    assert "No targets were given" in refused(value)


def test_the_path_of_a_file_that_is_not_there() -> None:
    assert "margins.csv" in refused("margins.csv")


@pytest.mark.parametrize("value", [None, 3, [("sex", 0, 480)]])
def test_something_else(value: Any) -> None:
    assert "unknown kind" in refused(value)


@pytest.mark.parametrize("value", [{"sex": [480, 520]}, {"sex": {}}, {"sex": True}, {("sex", "age"): 5.0}])
def test_a_margin_that_is_no_table_of_categories(value: Any) -> None:
    assert "sex" in refused(value)


# --- files as people have them ---------------------------------------------------------------------------------------


def test_codes_that_look_like_numbers_or_gaps_stay_categories(tmp_path: Path) -> None:
    """pandas would read 01 as 1, and NA and None as nothing."""
    path = tmp_path / "margins.csv"
    path.write_text("variable,category,total\nward,01,10\nward,NA,20\nward,None,30\nwave,1,35\nwave,2.0,25\n")
    ward, wave = sv.Targets.from_csv(path).margins
    assert dict(ward.totals) == {("01",): 10, ("NA",): 20, ("None",): 30}
    assert dict(wave.totals) == {(1,): 35, (2,): 25}
    frame = pd.DataFrame({"ward": ["01", "NA", "None"] * 4, "wave": [1, 2, 1, 2] * 3})
    weighted = sv.Sample(frame, weights=None).rake(sv.Targets.from_csv(path))
    assert weighted.weights[frame["ward"] == "01"].sum() == pytest.approx(10)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_encodings_are_found_as_in_read(tmp_path: Path, encoding: str, separator: str) -> None:
    text = 'variable;category;total\nsex;nữ;510\nsex;"nam; khác";490\n'.replace(";", separator)
    text = text.replace(f"nam{separator} khác", "nam; khác")
    path = tmp_path / "margins.csv"
    path.write_bytes(text.encode(encoding))
    (margin,) = sv.Targets.from_csv(path).margins
    assert dict(margin.totals) == {("nữ",): 510, ("nam; khác",): 490}


def test_a_file_that_cannot_be_parsed_says_what_to_give_to_from_csv(tmp_path: Path) -> None:
    path = tmp_path / "margins.csv"
    path.write_text('variable,category,total\nsex,"nam,490\n', encoding="utf-8")
    with pytest.raises(sv.TargetsError, match="quote is not closed"):
        sv.Targets.from_csv(path, separator=",")
    path.write_bytes("variable,category,total\nsex,é,490\n".encode("latin-1"))
    with pytest.raises(sv.TargetsError) as failed:
        sv.Targets.from_csv(path)
    assert "sv.Targets.from_csv(..., encoding=" in str(failed.value.fix)
    assert ("é",) in sv.Targets.from_csv(path, encoding="cp1252").margins[0].totals


@pytest.mark.parametrize("name", ["margins.xlsx", "margins.csv"])
def test_a_workbook_of_targets_is_told_as_one(name: str, tmp_path: Path) -> None:
    """Its encoding was said to be unknown, which no encoding mends."""
    path = tmp_path / "margins.xlsx"
    table = pd.DataFrame({"variable": ["sex", "sex"], "category": [1, 2], "total": [1200, 950]})
    table.to_excel(path, index=False, engine="xlsxwriter")
    path = path.rename(tmp_path / name)
    with pytest.raises(sv.TargetsError, match="The file is a workbook") as failed:
        sv.Targets.from_csv(path)
    assert "pd.read_excel" in str(failed.value.fix)
    read = pd.read_excel(path, engine="calamine")
    sample = sv.Sample(pd.DataFrame({"sex": [1, 2] * 20, "w": 1.0}), weights="w")
    assert sample.rake(read).weights.sum() == pytest.approx(2150)

"""Several versions of a form in one export: questions that were moved, options and labels that are no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import survey as sv
from survey.errors import ReadError

Write = Callable[..., Path]
OLD_SURVEY: list[list[object]] = [
    ["type", "name", "label"],
    ["text", "why", "Why so?"],
    ["select_one sat", "OV01", "Content?"],
    ["select_multiple water", "water", "Water?"],
    ["integer", "rooms", "Rooms?"],
]
OLD_CHOICES: list[list[object]] = [
    ["list_name", "name", "label"],
    ["sat", 1, "Bad"],
    ["sat", 2, "Fine"],
    ["sat", 3, "Splendid"],
    ["water", "tap", "Pipe"],
    ["water", "river", "River"],
]
NEW_SURVEY: list[list[object]] = [
    ["type", "name", "label"],
    ["begin_group", "g", "G"],
    ["text", "why", "Why?"],
    ["end_group", "", ""],
    ["select_one sat", "OV01", "Are you content?"],
    ["select_multiple water", "water", "Which water?"],
]
NEW_CHOICES: list[list[object]] = [
    ["list_name", "name", "label"],
    ["sat", 1, "Bad"],
    ["sat", 2, "Good"],
    ["water", "tap", "Tap"],
    ["water", "well", "Well"],
]


@pytest.fixture
def forms(workbook: Write) -> list[Path]:
    """The old version of a form and the new one."""
    return [
        workbook("old.xlsx", survey=OLD_SURVEY, choices=OLD_CHOICES),
        workbook("new.xlsx", survey=NEW_SURVEY, choices=NEW_CHOICES),
    ]


def test_a_question_moved_into_a_group_or_out_of_it_is_one_column(csv_file: Write, forms: list[Path]) -> None:
    rows = [["g/why", "why", "_uuid"], ["new", "", "a"], ["", "old", "b"]]
    for form in (forms, forms[1], forms[::-1]):
        read = sv.read(csv_file("a.csv", rows), export="kobo", form=form)
        assert read.data["why"].tolist() == ["new", "old"], form
        assert "one question of other versions of the form" in read.log["what"].iloc[0]


def test_a_group_that_only_the_old_version_had(csv_file: Write, forms: list[Path]) -> None:
    rows = [["rooms", "home/rooms", "OV01", "_uuid"], ["3", "", "1", "a"], ["", "4", "1", "b"]]
    assert sv.read(csv_file("a.csv", rows), export="kobo", form=forms[0]).data["rooms"].tolist() == [3, 4]
    rows[2][0] = "5"  # both are filled: another question after all, and kept
    read = sv.read(csv_file("a.csv", rows), export="kobo", form=forms[0])
    assert read.data["rooms"].tolist() == [3, 5] and read.data["home/rooms"].iloc[1] == 4
    assert "'home/rooms' is not in the form" in read.log["what"].iloc[0]


def test_two_filled_columns_of_one_question_are_an_error(csv_file: Write, forms: list[Path]) -> None:
    with pytest.raises(ReadError, match="Two columns belong to the same question") as caught:
        sv.read(csv_file("a.csv", [["g/why", "why"], ["x", ""], ["y", "y"]]), export="kobo", form=forms)
    assert "1 row: 1" in str(caught.value) and "never both filled" in str(caught.value)


def test_deleted_options_questions_and_labels_of_older_versions(csv_file: Write, forms: list[Path]) -> None:
    """By labels, each row in those of its own version, as KoboToolbox writes several versions in one export."""
    rows = [
        ["Why?", "Are you content?", "Which water?", "Which water?/Tap", "Which water?/Well", "Which water?/River"],
        ["x", "Good", "Tap Well", "1", "1", ""],
        ["y", "Splendid", "River", "0", "", "1"],
        ["z", "Fine", "Pipe River", "1", "", "1"],
    ]
    rows = [[*row, extra] for row, extra in zip(rows, ["Rooms?", "", "2", "3"], strict=True)]
    read = sv.read(csv_file("a.csv", rows), export="kobo", form=forms)
    assert read.data["OV01"].tolist() == [2, 3, 2]
    np.testing.assert_array_equal(read.data["rooms"], [np.nan, 2, 3])
    assert read.data[["water_tap", "water_well", "water_river"]].to_numpy().tolist() == [
        [1, 1, 0],
        [0, 0, 1],
        [1, 0, 1],
    ]
    assert read.codebook["OV01"].label(2) == "Good" and read.codebook["OV01"].label(3) == "Splendid"
    told = read.log["what"].iloc[0]
    assert "questions of earlier versions of the form, kept: rooms" in told
    assert "options of earlier versions of the form, kept: OV01 3, water river" in told
    assert [p.name for p in map(Path, read.entries[0].arguments["form"])] == ["old.xlsx", "new.xlsx"]


def test_a_label_that_versions_give_two_codes_is_not_guessed(csv_file: Write, workbook: Write) -> None:
    survey = [["type", "name", "label"], ["select_one a", "q", "Q?"]]
    forms = [
        workbook(n, survey=survey, choices=[["list_name", "name", "label"], ["a", 1, one], ["a", 2, two]])
        for n, one, two in (("1.xlsx", "Good", "Bad"), ("2.xlsx", "Bad", "Good"))
    ]
    with pytest.raises(ReadError, match="An answer matches two options"):
        sv.read(csv_file("a.csv", [["Q?", "_uuid"], ["Good", "a"]]), export="kobo", form=forms)


def test_without_the_old_form_its_answers_stay_and_are_told(csv_file: Write, forms: list[Path]) -> None:
    rows = [
        ["OV01", "water", "water/tap", "water/well", "water/river", "__version__"],
        ["Good", "Tap", "1", "0", "", "v2"],
        ["Splendid", "Pipe River", "1", "", "1", "v1"],
    ]
    read = sv.read(csv_file("a.csv", rows), export="kobo", form=forms[1])
    assert read.data["OV01"].tolist() == [2, "Splendid"]
    np.testing.assert_array_equal(read.data[["water_tap", "water_river"]], [[1, np.nan], [1, 1]])
    told = read.log["what"].iloc[0]
    assert "not among the labels of the form (1 row: 1)" in told and "'water/river' is of an option" in told
    assert "OV01" in {b.variable for b in read.check().broken}
    rows[2][-1] = "v2"  # one version: a label that it lacks is a mistake
    with pytest.raises(ReadError, match="An answer is not an option of its question"):
        sv.read(csv_file("a.csv", rows), export="kobo", form=forms[1])


def test_answers_from_a_file_beside_the_form(csv_file: Write, workbook: Write) -> None:
    survey = [["type", "name", "label"], ["select_multiple_from_file foods.csv", "food", "Food?"], ["text", "t", "T"]]
    form = workbook("f.xlsx", survey=survey, choices=[["list_name", "name", "label"], ["l", "a", "A"]])
    rows = [["food", "t", "_uuid"], ["rice tea", "x", "a"], ["", "y", "b"], ["tea", "z", "c"]]
    read = sv.read(csv_file("a.csv", rows), export="kobo", form=form)
    np.testing.assert_array_equal(read.data[["food_rice", "food_tea"]], [[1, 1], [np.nan, np.nan], [0, 1]])
    assert read.codebook.sets["food"].variables == ("food_rice", "food_tea") and "food" not in read.codebook


def test_a_text_question_called_as_an_option_is(csv_file: Write) -> None:
    """Without a form, as formhub's own fixtures have it: x, x/other and x_other."""
    rows = [["src", "src/web", "src/other", "src_other", "_uuid"], ["web other", "1", "1", "radio", "a"]]
    data = sv.read(csv_file("a.csv", rows), export="kobo").data
    assert data["src_other"].tolist() == ["radio"] and data[["src_web", "src__other"]].to_numpy().tolist() == [[1, 1]]


def test_a_row_of_hxl_tags_is_no_answer(csv_file: Write, form: Path) -> None:
    """Below the header, where the form has a column hxl (formpack: test_exports.py, hxl_grouped_repeatable)."""
    rows = [["person/age", "remark", "_uuid"], ["#affected+age", "", ""], ["8", "#x", "a"], ["7", "", "b"]]
    read = sv.read(csv_file("a.csv", rows), export="kobo", form=form)
    assert read.data["age"].tolist() == [8, 7] and read.data["remark"].iloc[0] == "#x"
    assert "holds HXL tags (#affected+age)" in read.log["what"].iloc[0]


class TestMarkOfNoAnswer:
    """Ona, formhub and old KoboToolbox write n/a where nothing was answered."""

    def test_in_every_column(self, csv_file: Write, form: Path) -> None:
        rows = [["person/age", "remark", "OV01", "_uuid"], ["n/a", "n/a", "3", "a"], ["7", "x", "n/a", "b"]]
        read = sv.read(csv_file("a.csv", rows), export="kobo", form=form)
        np.testing.assert_array_equal(read.data["age"], [np.nan, 7])
        np.testing.assert_array_equal(read.data["OV01"], [3, np.nan])
        assert read.data["remark"].isna().tolist() == [True, False]
        assert "read as empty in remark too" in read.log["what"].iloc[0]

    def test_of_a_respondent_stays(self, csv_file: Write, form: Path) -> None:
        rows = [["person/age", "remark", "_uuid"], ["8", "n/a", "a"], ["7", "x", "b"]]
        assert sv.read(csv_file("a.csv", rows), export="kobo", form=form).data["remark"].tolist() == ["n/a", "x"]

    def test_without_a_form_numbers_stay_numbers(self, csv_file: Write) -> None:
        rows = [["age", "t", "_uuid"], ["n/a", "n/a", "a"], ["7", "x", "b"]]
        data = sv.read(csv_file("a.csv", rows), export="kobo").data
        np.testing.assert_array_equal(data["age"], [np.nan, 7])
        assert data["t"].isna().tolist() == [True, False]


class TestRepeatsInBrackets:
    """`children[1]/age`, as Ona and formhub write repeats in one table (their tests: tutorial_w_repeats.csv)."""

    SURVEY: tuple[tuple[object, ...], ...] = (
        ("type", "name", "label"),
        ("text", "house", "House?"),
        ("begin_repeat", "kids", "Kids"),
        ("text", "nick", "Nick?"),
        ("integer", "years", "Years?"),
        ("select_multiple c", "likes", "Likes?"),
        ("begin_repeat", "shots", "Shots"),
        ("text", "shot", "Shot?"),
        ("end_repeat", "", ""),
        ("end_repeat", "", ""),
    )
    ROWS: tuple[tuple[object, ...], ...] = (
        (
            *("house", "kids[1]/nick", "kids[1]/years", "kids[1]/likes/red", "kids[1]/likes/blue"),
            *("kids[1]/shots[1]/shot", "kids[1]/shots[2]/shot", "kids[2]/nick", "kids[2]/years"),
            *("kids[2]/likes/red", "kids[2]/likes/blue", "_uuid"),
        ),
        ("Bo", "Tom", "12", "True", "False", "Polio", "TB", "Dick", "5", "False", "False", "u1"),
        ("Al", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "u2"),
        ("Cy", "Ann", "3", "True", "True", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "u3"),
    )

    @pytest.fixture
    def repeats(self, workbook: Write) -> Path:
        choices = [["list_name", "name", "label"], ["c", "red", "Red"], ["c", "blue", "Blue"]]
        return workbook("f.xlsx", survey=self.SURVEY, choices=choices)

    @pytest.mark.parametrize("with_form", [True, False])
    def test_stay_columns_with_numbers(self, csv_file: Write, repeats: Path, with_form: bool) -> None:
        read = sv.read(csv_file("a.csv", self.ROWS), export="kobo", form=repeats if with_form else None)
        np.testing.assert_array_equal(read.data["years_1"], [12, np.nan, 3])
        np.testing.assert_array_equal(read.data["years_2"], [5, np.nan, np.nan])
        assert read.data["shot_1_2"].iloc[0] == "TB" and read.data["nick_2"].iloc[0] == "Dick"
        if with_form:
            np.testing.assert_array_equal(read.data["likes_1_red"], [1, np.nan, 1])
            np.testing.assert_array_equal(read.data["likes_2_blue"], [0, np.nan, np.nan])
            assert read.codebook["years_1"].type == "number" and read.codebook["nick_1"].wording() == "Nick?"

    @pytest.mark.parametrize("with_form", [True, False])
    def test_one_row_each(self, csv_file: Write, repeats: Path, with_form: bool) -> None:
        how = {"export": "kobo", "form": repeats if with_form else None}
        read = sv.read(csv_file("a.csv", self.ROWS), **how, repeat="kids")
        assert read.data[["house", "nick", "years"]].to_numpy().tolist() == [
            ["Bo", "Tom", 12],
            ["Bo", "Dick", 5],
            ["Cy", "Ann", 3],
        ]
        assert "1 of 3 submissions have no such row" in read.log["what"].iloc[0]
        if with_form:
            assert read.data[["likes_red", "likes_blue"]].to_numpy().tolist() == [[1, 0], [0, 0], [1, 1]]
        shots = sv.read(csv_file("a.csv", self.ROWS), **how, repeat="shots").data
        assert shots[["house", "nick", "shot"]].to_numpy().tolist() == [["Bo", "Tom", "Polio"], ["Bo", "Tom", "TB"]]

    def test_headers_without_their_groups_repeat(self, csv_file: Write, repeats: Path) -> None:
        rows = [["house", "nick", "years", "nick", "years", "_uuid"], ["Bo", "Tom", "12", "Dick", "5", "u1"]]
        read = sv.read(csv_file("a.csv", rows), export="kobo", form=repeats)
        assert read.data[["nick_1", "years_1", "nick_2", "years_2"]].to_numpy().tolist() == [["Tom", 12, "Dick", 5]]
        assert "'nick' heads 2 columns" in read.log["what"].iloc[0]
        data = sv.read(csv_file("b.csv", rows), export="kobo").data
        assert data[["nick_1", "nick_2"]].to_numpy().tolist() == [["Tom", "Dick"]]


def test_one_name_in_groups_without_a_form(csv_file: Write) -> None:
    """transportation.csv of formhub: loop/ambulance/frequency and loop/bicycle/frequency are two questions."""
    rows = [["loop/ambulance/frequency", "loop/bicycle/frequency", "_uuid"], ["daily", "weekly", "a"]]
    data = sv.read(csv_file("a.csv", rows), export="kobo").data
    assert data["loop_ambulance_frequency"].tolist() == ["daily"] and data["loop_bicycle_frequency"].tolist() == [
        "weekly"
    ]


def test_a_sheet_whose_name_was_shortened(workbook: Write) -> None:
    """Excel allows 31 letters; formpack ends longer names in "...", a second one of them in "... (1)"."""
    groups = ["household_members_of_the_dwelling", "household_members_of_the_dwarf"]
    survey: list[list[object]] = [["type", "name", "label"], ["text", "house", "House?"]]
    for g, q in zip(groups, ("nick", "hat"), strict=True):
        survey += [["begin_repeat", g, g], ["text", q, q], ["end_repeat", "", ""]]
    form = workbook("f.xlsx", survey=survey, choices=[["list_name", "name", "label"], ["l", "a", "A"]])
    sheets: dict[str, list[list[object]]] = {"main": [["house", "_index"], ["red", 1]]}
    for sheet, g, q, answer in (
        ("household_members_of_the_d... ", groups[0], "nick", "Bo"),
        ("household_members_of_th... (1)", groups[1], "hat", "top"),
    ):
        sheets[sheet.strip()] = [[f"{g}/{q}", "_index", "_parent_index"], [answer, 1, 1]]
    path = workbook("a.xlsx", **sheets)
    for g, q, answer in ((groups[0], "nick", "Bo"), (groups[1], "hat", "top")):
        data = sv.read(path, export="kobo", form=form, repeat=g).data
        assert data[["house", q]].to_numpy().tolist() == [["red", answer]]

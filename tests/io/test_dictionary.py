"""Codebooks from data dictionaries: what the file says, what is laid over it, and personal columns left out."""

from __future__ import annotations

from pathlib import Path

import pytest

import survey as sv
from survey.io.dictionary import read_dictionary

HEAD = "question_number,question_text,question_responses\n"
ROWS = (
    'Q1,How good is the city?,"5 - Excellent, 4 - Good, 3 - Fair, 2 - Poor, 1 - Very Poor, 9 - Don\'t Know"\n'
    'Q1_1,As a place to live,"5 - Excellent, 4 - Good, 3 - Fair, 2 - Poor, 1 - Very Poor, 9 - Don\'t Know"\n'
    'Q2,Main service,"1 - Streets, sidewalks, and lights, 2 - Trash (e.g., recycling)"\n'
    "Q3,Your age?,Number of years old\n"
    "Q4,Council District,\n"
)
OVER = """
[scales.quality]
type = "ordinal"
labels.en = { 1 = "very poor", 2 = "Poor", 3 = "Fair", 4 = "Good", 5 = "Excellent" }
labels.vi = { 1 = "Rất kém", 2 = "Kém", 3 = "Trung bình", 4 = "Tốt", 5 = "Rất tốt" }
missing = { 9 = { kind = "dont_know", en = "Don't know", vi = "Không biết" } }

[variables.Q1_1]
text.vi = "Nơi để sống"

[variables.Q2]
labels.1 = { vi = "Đường phố" }

[variables.Q3]
missing.99 = { kind = "dont_know" }

[variables.ZIP]
type = "id"
role = "personal"
"""


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    path = tmp_path / "dictionary.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


@pytest.fixture
def over(tmp_path: Path) -> Path:
    path = tmp_path / "over.toml"
    path.write_text(OVER, encoding="utf-8")
    return path


def test_labels_stand_in_scale_order_although_listed_from_the_top(dictionary: Path) -> None:
    variable = read_dictionary(dictionary)["Q1_1"]
    assert variable.codes == (1, 2, 3, 4, 5)
    assert variable.label(5) == "Excellent" and variable.label(1) == "Very Poor"


def test_dont_know_is_missing_of_its_kind_and_keeps_its_label(dictionary: Path) -> None:
    variable = read_dictionary(dictionary)["Q1_1"]
    assert dict(variable.missing) == {9: "dont_know"}
    assert variable.label(9) == "Don't Know"


def test_commas_inside_a_label_do_not_split_it(dictionary: Path) -> None:
    variable = read_dictionary(dictionary)["Q2"]
    assert variable.codes == (1, 2)
    assert variable.label(1) == "Streets, sidewalks, and lights"
    assert variable.label(2) == "Trash (e.g., recycling)"


def test_answers_described_in_prose_give_no_codes(dictionary: Path) -> None:
    variable = read_dictionary(dictionary)["Q3"]
    assert variable.type == "number" and not variable.codes and not variable.missing


def test_the_head_of_a_battery_is_no_variable(dictionary: Path) -> None:
    assert "Q1" not in read_dictionary(dictionary) and "Q1_1" in read_dictionary(dictionary)


def test_type_is_never_inferred_from_labels(dictionary: Path) -> None:
    assert read_dictionary(dictionary)["Q1_1"].type == "nominal"


def test_a_scale_laid_over_is_found_by_its_wording_whatever_the_capitals(dictionary: Path, over: Path) -> None:
    variable = read_dictionary(dictionary, over=over)["Q1_1"]
    assert variable.type == "ordinal"
    assert variable.label(5, "vi") == "Rất tốt"
    assert variable.wording("vi") == "Nơi để sống" and variable.wording("en") == "As a place to live"


def test_what_is_laid_over_wins_leaf_by_leaf(dictionary: Path, over: Path) -> None:
    book = read_dictionary(dictionary, over=over)
    assert book.label("Q2", 1, "vi") == "Đường phố"
    assert book.label("Q2", 1, "en") == "Streets, sidewalks, and lights"
    assert dict(book["Q3"].missing) == {99: "dont_know"}


def test_personal_columns_are_never_kept(dictionary: Path, over: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("Q1_1,Q2,Q3,Q4,ZIP\n5,1,40,7,92101\n9,2,99,8,92102\n", encoding="utf-8")
    responses = sv.read(data, read_dictionary(dictionary, over=over))
    assert "ZIP" not in responses.data and "ZIP" not in responses.codebook
    assert "ZIP" in responses.log.loc[1, "what"]
    assert not responses.check().broken


def test_a_question_described_twice(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(HEAD + "Q1,One,\nQ1,Two,\n", encoding="utf-8")
    with pytest.raises(sv.CodebookError, match="a question twice"):
        read_dictionary(path)


def test_a_code_described_twice(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(HEAD + 'Q1,One,"1 - Yes, 1 - No"\n', encoding="utf-8")
    with pytest.raises(sv.CodebookError, match="a code twice") as error:
        read_dictionary(path)
    assert "Q1" in str(error.value.where)


def test_a_table_that_is_no_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(sv.ReadError, match="The dictionary is missing a column") as error:
        read_dictionary(path)
    assert "question_number" in str(error.value.expected)


def test_a_dictionary_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(sv.ReadError, match="does not exist"):
        read_dictionary(tmp_path / "absent.csv")


def test_a_broken_file_laid_over(dictionary: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[scales", encoding="utf-8")
    with pytest.raises(sv.CodebookError, match="laid over"):
        read_dictionary(dictionary, over=path)

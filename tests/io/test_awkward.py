"""Files that break readers: what each one holds, as far as its own project says, or the one clear error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey.errors import ReadError, SurveyError
from survey.io import read
from survey.responses import Responses

pytestmark = pytest.mark.real

# rows, columns, and one cell that tells whether the file was understood
EXPECTED: dict[str, tuple[int, int, str, Any]] = {
    "datetime.sav": (2, 3, "date", [pd.Timestamp("2014-09-22"), pd.Timestamp("2014-09-23")]),
    "greetings.sav": (12, 3, "greeting", ["السلام عليكم"]),
    "hebrews.sav": (99, 1, "ותק_ב", [33.0]),
    "labelled-num-na.sav": (2, 1, "VAR00002", [1.0, 9.0]),
    "labelled-str.sav": (2, 1, "gender", ["M", "F"]),
    "missing_char.sav": (2, 1, "mychar", ["Z", "a"]),
    "ordered_category.sav": (4, 1, "Col1", [1.0, 2.0, 3.0, 2.0]),
    "sample.por": (5, 7, "MYDATE", [pd.Timestamp("2018-05-06"), pd.Timestamp("1880-05-06")]),
    "sample.zsav": (5, 7, "mynum", [1.1, 1.2, -1000.3, -1.4, 1000.3]),
    "sample_missing.sav": (7, 7, "mylabl", [1.0, 2.0, 1.0, 2.0, 1.0, -1.0]),
    "simple_alltypes.sav": (6, 12, "y", [pd.Timestamp("2000-01-01"), pd.Timestamp("2000-01-02")]),
    "spssio_test.sav": (9, 22, "Age", [27.0, 34.0, 50.0, 27.0]),
    "stata14_118.dta": (5, 7, "Unicode_Cities_Strl", ["Bogotá", "Uzunköprü", "Tromsø", "Elâzığ"]),
    "stata4_117.dta": (10, 5, "labeled_with_missings", [1.0, 2.0, 3.0, 4.0]),
    "tagged-na-double.dta": (8, 1, "x", [1.0, 2.0, 3.0, 4.0, 5.0, "a", "h", "z"]),
    "umlauts.sav": (4, 1, "var1", [1.0, 2.0, 1.0, 3.0]),
}
REFUSED = {"test2_115.dta": "The text of the file is not in its declared encoding"}


@pytest.fixture(scope="module")
def awkward(data_home: Path) -> Path:
    return data_home / "awkward"


def test_every_file_is_accounted_for(awkward: Path) -> None:
    assert {p.name for p in awkward.iterdir()} == {*EXPECTED, *REFUSED}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_that_reads(awkward: Path, name: str) -> None:
    rows, columns, column, cells = EXPECTED[name]
    responses = read(awkward / name)
    assert responses.data.shape == (rows, columns)
    assert responses.data[column].tolist()[: len(cells)] == cells


@pytest.mark.parametrize("name", EXPECTED)
def test_every_verb_works_or_says_why_not(awkward: Path, name: str) -> None:
    responses = read(awkward / name)
    first = responses.data.columns[0]
    responses.check().to_text()
    clean = responses.recode_missing()
    steps = (
        lambda r: r.drop(where=f"isna(`{first}`)", reason="empty"),
        lambda r: r.derive("known", f"notna(`{first}`)"),
        lambda r: r.band(first, [-np.inf, 0, np.inf], into="banded"),
        lambda r: r.recode(first, {1: 2}),
        lambda r: r.reverse(),
        lambda r: r.collapse_copies(),
    )
    done = 0
    for step in steps:
        try:
            after: Responses = step(clean)
        except SurveyError:
            continue
        assert len(after) + len(after.rejected) == len(responses)
        done += 1
    assert done >= 4


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_refused(awkward: Path, name: str) -> None:
    with pytest.raises(ReadError, match=REFUSED[name]):
        read(awkward / name)


@pytest.mark.parametrize("name", [*EXPECTED, *REFUSED])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.9])
def test_half_of_a_file_is_refused(awkward: Path, tmp_path: Path, name: str, share: float) -> None:
    raw = (awkward / name).read_bytes()
    part = tmp_path / name
    part.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(ReadError):
        read(part)


class TestMissing:
    """What the files declare missing, as their projects' own tests list it."""

    def test_a_range_and_a_discrete_code(self, awkward: Path) -> None:
        book = read(awkward / "sample_missing.sav").codebook
        assert set(book["myord"].missing) == {-1, -2, -3}
        assert set(book["mynum"].missing) == {-1, 2500}  # of 2000 to 3000, what occurs
        alltypes = read(awkward / "simple_alltypes.sav").codebook
        assert set(alltypes["x"].missing) == {7, 8, 99}
        assert alltypes["z"].missing[999] == "not_asked"  # labelled "skipped"
        assert -9 in alltypes["z"].missing  # of -999 to 0

    def test_questions_with_several_answers(self, awkward: Path) -> None:
        """As SPSS shows them: one set of yes or no, one of mentions."""
        sets = read(awkward / "simple_alltypes.sav").codebook.sets
        yes, mentions = sets["mymrset"], sets["categorical_array"]
        assert (yes.kind, yes.variables, yes.counted) == ("dichotomies", ("bool1", "bool2", "bool3"), 1)
        assert yes.label["en"] == "My multiple response set"
        assert (mentions.kind, mentions.variables) == ("categories", ("ca_subvar_1", "ca_subvar_2", "ca_subvar_3"))

    def test_everything_below(self, awkward: Path) -> None:
        declared = read(awkward / "spssio_test.sav").codebook.extra["declared_missing"]
        assert declared["Income1"] == ((-np.inf, -1.0),)
        assert declared["Income2"] == ((-np.inf, -1.0), (999.0, 999.0))

    def test_text(self, awkward: Path) -> None:
        assert read(awkward / "greetings.sav").codebook["Bondjoû"].missing == {"¡Hola!": "blank"}
        assert read(awkward / "missing_char.sav").recode_missing().data["mychar"].isna().tolist() == [True, False]

    def test_tags(self, awkward: Path) -> None:
        responses = read(awkward / "tagged-na-double.dta")
        assert responses.codebook["x"].label("z") == ".zebra"
        np.testing.assert_array_equal(responses.recode_missing().data["x"], [1, 2, 3, 4, 5, np.nan, np.nan, np.nan])


@pytest.mark.parametrize(
    ("path", "rows", "columns"),
    [
        ("sandiego2015/resident_survey_weighted_datasd.csv", 2477, 119),
        ("lapop_bra23/bra23.csv", 1526, 14),
    ],
)
def test_real_surveys(data_home: Path, path: str, rows: int, columns: int) -> None:
    assert read(data_home / path).data.shape == (rows, columns)

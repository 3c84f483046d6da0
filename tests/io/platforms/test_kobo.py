"""KoboToolbox: names, labels and options by the form; what the form does not know is told, never guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ReadError

Write = Callable[..., Path]
PLUS = [
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "_notes",
    "_status",
    "_submitted_by",
    "__version__",
    "_tags",
    "_index",
]

CODES: list[list[object]] = [
    [
        "start",
        "end",
        "person/age",
        "person/home/owner",
        "OV01",
        "water",
        "water/tap",
        "water/well",
        "water/rain",
        "moved",
        "loc",
        "_loc_latitude",
        "_loc_longitude",
        "_loc_altitude",
        "_loc_precision",
        "remark",
        "double",
        *PLUS,
    ],
    [
        "2026-11-24T10:00:00.000+07:00",
        "2026-11-24T10:20:00.000+07:00",
        "34",
        "1",
        "3",
        "tap rain",
        "1",
        "0",
        "1",
        "2020-02-29",
        "20.45 106.34 0 5",
        "20.45",
        "106.34",
        "0",
        "5",
        "n/a",
        "68",
        "11",
        "u-1",
        "2026-11-24T03:30:00",
        "Approved",
        "",
        "submitted_via_web",
        "an",
        "v1",
        "",
        "1",
    ],
    [
        "2026-11-24T23:30:00.000+07:00",
        "2026-11-25T00:10:00.000+07:00",
        "71",
        "0",
        "-98",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "Tốt; cảm ơn",
        "142",
        "12",
        "u-2",
        "2026-11-24T17:15:00",
        "Not Approved",
        "",
        "submitted_via_web",
        "an",
        "v2",
        "",
        "2",
    ],
]


def labelled(lang: str) -> list[list[object]]:
    """The same two interviews as KoboToolbox writes them with labels, the names of groups left out."""
    vi = lang == "vi"
    head: list[object] = [
        "start",
        "end",
        *(
            [
                "Tuổi của ông/bà?",
                "Ông/bà có nhà riêng không?",
                "Ông/bà hài lòng đến đâu?",
                "Nguồn nước nào?",
                "Nguồn nước nào?/Nước máy",
                "Nguồn nước nào?/Nước giếng, có lọc",
                "Nguồn nước nào?/Nước mưa",
                "Ngày chuyển đến",
                "Vị trí",
                "_Vị trí_latitude",
                "_Vị trí_longitude",
                "_Vị trí_altitude",
                "_Vị trí_precision",
                "Ý kiến",
            ]
            if vi
            else [
                "How old are you?",
                "Do you own your home?",
                "How satisfied are you?",
                "Which water do you use?",
                "Which water do you use?/Tap water",
                "Which water do you use?/Well, filtered",
                "Which water do you use?/Rain",
                "Date moved in",
                "Location",
                "_Location_latitude",
                "_Location_longitude",
                "_Location_altitude",
                "_Location_precision",
                "Remarks",
            ]
        ),
        "double",
        *PLUS,
    ]
    words = {"3": "Satisfied", "-98": "Don't know", "1": "Yes", "0": "No", "tap rain": "Tap water Rain"}
    if vi:
        words = {"3": "Hài lòng", "-98": "Không biết", "1": "Có", "0": "Không", "tap rain": "Nước máy Nước mưa"}
    rows = [head]
    for row in CODES[1:]:
        rows.append([words[str(c)] if i in (3, 4, 5) and c else c for i, c in enumerate(row)])
    return rows


class TestTheSameAnswersInEveryShape:
    def test_codes_with_groups_in_the_headers(self, csv_file: Write, form: Path) -> None:
        read = sv.read(csv_file("a.csv", CODES, ";"), export="kobo", form=form, separator=";")
        data = read.data
        assert list(data.columns) == [
            "start",
            "end",
            "age",
            "owner",
            "OV01",
            "water_tap",
            "water_well",
            "water_rain",
            "moved",
            "remark",
            "double",
            *PLUS,
        ]
        assert data["age"].tolist() == [34, 71]
        assert data["owner"].tolist() == [1, 0] and data["OV01"].tolist() == [3, -98]
        np.testing.assert_array_equal(data[["water_tap", "water_well", "water_rain"]], [[1, 0, 1], [np.nan] * 3])
        assert data["moved"].iloc[0] == pd.Timestamp("2020-02-29") and data["moved"].isna().iloc[1]
        assert data["remark"].tolist() == ["n/a", "Tốt; cảm ơn"]  # words of a respondent stay
        assert data["double"].tolist() == [68, 142]
        assert read.codebook["OV01"].label(3, "vi") == "Hài lòng"
        assert read.codebook["water_well"].wording("en") == "Well, filtered"
        assert read.codebook["age"].wording("vi") == "Tuổi của ông/bà?"
        water = read.codebook.sets["water"]
        assert water.variables == ("water_tap", "water_well", "water_rain") and water.kind == "dichotomies"
        assert dict(water.label) == {"vi": "Nguồn nước nào?", "en": "Which water do you use?"}

    @pytest.mark.parametrize("lang", ["vi", "en"])
    def test_labels_of_a_language(self, csv_file: Write, form: Path, lang: str) -> None:
        codes = sv.read(csv_file("a.csv", CODES), export="kobo", form=form)
        labels = sv.read(csv_file("b.csv", labelled(lang)), export="kobo", form=form)
        pd.testing.assert_frame_equal(labels.data, codes.data)
        assert f"answers are labels in {lang}" in labels.log["what"].iloc[0]

    def test_labels_typed_on_a_mac(self, csv_file: Write, form: Path) -> None:
        rows = [[unicodedata.normalize("NFD", str(c)) for c in row] for row in labelled("vi")]
        codes = sv.read(csv_file("a.csv", CODES), export="kobo", form=form)
        pd.testing.assert_frame_equal(sv.read(csv_file("b.csv", rows), export="kobo", form=form).data, codes.data)

    def test_a_workbook(self, workbook: Write, csv_file: Write, form: Path) -> None:
        codes = sv.read(csv_file("a.csv", CODES), export="kobo", form=form)
        rows = [CODES[0], *([float(c) if str(c).lstrip("-").isdigit() else c for c in r] for r in CODES[1:])]
        pd.testing.assert_frame_equal(sv.read(workbook("a.xlsx", data=rows), export="kobo", form=form).data, codes.data)

    @pytest.mark.parametrize("shape", ["one column", "columns of options"])
    def test_several_answers_in_one_of_their_shapes(self, csv_file: Write, form: Path, shape: str) -> None:
        drop = {6, 7, 8} if shape == "one column" else {5}
        rows = [[c for i, c in enumerate(r) if i not in drop] for r in CODES]
        data = sv.read(csv_file("a.csv", rows), export="kobo", form=form).data
        np.testing.assert_array_equal(data[["water_tap", "water_well", "water_rain"]], [[1, 0, 1], [np.nan] * 3])

    def test_labels_with_the_names_of_groups(self, csv_file: Write, form: Path) -> None:
        rows = labelled("en")
        rows[0][2], rows[0][3] = "Respondent/How old are you?", "Respondent/Home/Do you own your home?"
        data = sv.read(csv_file("a.csv", rows), export="kobo", form=form).data
        assert data["age"].tolist() == [34, 71] and data["owner"].tolist() == [1, 0]

    def test_labels_with_commas_in_them(self, csv_file: Write, form: Path) -> None:
        rows = [["Which water do you use?", "_id"], ["Well, filtered, Rain", "1"], ["Well, filtered", "2"]]
        data = sv.read(csv_file("a.csv", rows), export="kobo", form=form).data
        assert data[["water_tap", "water_well", "water_rain"]].to_numpy().tolist() == [[0, 1, 1], [0, 1, 0]]


class TestTimes:
    def test_all_are_on_the_clock_of_the_devices(self, csv_file: Write, form: Path) -> None:
        read = sv.read(csv_file("a.csv", CODES), export="kobo", form=form)
        assert read.data["start"].tolist() == [pd.Timestamp("2026-11-24 10:00"), pd.Timestamp("2026-11-24 23:30")]
        # KoboToolbox writes this one in UTC and without saying so: 03:30 is 10:30 in Vietnam
        assert read.data["_submission_time"].tolist() == [
            pd.Timestamp("2026-11-24 10:30"),
            pd.Timestamp("2026-11-25 00:15"),
        ]
        assert "UTC+07:00" in read.log["what"].iloc[0]

    def test_devices_on_two_clocks_are_put_on_utc(self, csv_file: Write, form: Path) -> None:
        rows = [list(r) for r in CODES]
        rows[2][0] = "2026-11-24T23:30:00.000+08:00"
        read = sv.read(csv_file("a.csv", rows), export="kobo", form=form)
        assert read.data["start"].tolist() == [pd.Timestamp("2026-11-24 03:00"), pd.Timestamp("2026-11-24 15:30")]
        assert "several clocks" in read.log["what"].iloc[0]

    def test_a_declared_zone(self, csv_file: Write, form: Path) -> None:
        path = csv_file("a.csv", CODES)
        read = sv.read(path, export="kobo", form=form, timezone="Asia/Tokyo")
        assert read.data["start"].iloc[0] == pd.Timestamp("2026-11-24 12:00")
        with pytest.raises(ReadError, match="The time zone is unknown"):
            sv.read(path, export="kobo", form=form, timezone="Hanoi")


class TestWhatIsPersonalAndWhatIsAdded:
    def test_places_on_the_map_are_left_out_and_named(self, csv_file: Write, form: Path) -> None:
        read = sv.read(csv_file("a.csv", CODES), export="kobo", form=form)
        assert not [c for c in read.data.columns if c.startswith("loc")]
        assert "left out as personal: loc, loc_latitude" in read.log["what"].iloc[0]
        assert "106.34" not in read.data.to_csv()

    def test_columns_of_the_platform_are_paradata_and_one_is_the_id(self, csv_file: Write, form: Path) -> None:
        book = sv.read(csv_file("a.csv", CODES), export="kobo", form=form).codebook
        assert {book[n].role for n in PLUS if n != "_uuid"} == {"paradata"} and book["_uuid"].role == "id"

    def test_refused_submissions_and_versions_are_counted_and_kept(self, csv_file: Write, form: Path) -> None:
        read = sv.read(csv_file("a.csv", CODES), export="kobo", form=form)
        assert "1 submissions were refused" in read.log["what"].iloc[0] and len(read) == 2
        assert "2 versions of the form" in read.log["what"].iloc[0]


class TestWhatTheFormDoesNotKnow:
    def test_a_label_that_is_no_option_names_its_rows(self, csv_file: Write, form: Path) -> None:
        rows = [[c if c != "v2" else "v1" for c in row] for row in labelled("vi")]
        rows[2][4] = "Hài lòngg"
        with pytest.raises(ReadError, match="An answer is not an option of its question") as caught:
            sv.read(csv_file("a.csv", rows), export="kobo", form=form)
        assert "1 row: 1" in str(caught.value) and "is it 'Hài lòng'?" in str(caught.value)

    def test_a_label_of_two_codes(self, csv_file: Write, workbook: Write) -> None:
        path = workbook(
            "f.xlsx",
            survey=[["type", "name", "label"], ["select_one a", "q", "Q?"]],
            choices=[["list_name", "name", "label"], ["a", 1, "Yes"], ["a", 2, "Yes"], ["a", 3, "No"]],
        )
        with pytest.raises(ReadError, match="An answer matches two options") as caught:
            sv.read(csv_file("a.csv", [["Q?", "_id"], ["No", 1], ["Yes", 2]]), export="kobo", form=path)
        assert "belongs to codes 1, 2" in str(caught.value) and "1 row: 1" in str(caught.value)

    def test_labels_that_are_the_codes_of_other_options(self, csv_file: Write, workbook: Write) -> None:
        path = workbook(
            "f.xlsx",
            survey=[["type", "name", "label"], ["select_one a", "q", "Q?"]],
            choices=[["list_name", "name", "label"], ["a", 1, "2"], ["a", 2, "1"]],
        )
        with pytest.raises(ReadError, match="two readings give different codes"):
            sv.read(csv_file("a.csv", [["q", "_id"], ["1", 1], ["2", 2]]), export="kobo", form=path)

    def test_a_code_of_an_older_form_stays_and_check_tells(self, csv_file: Write, form: Path) -> None:
        rows = [["OV01", "water", "_id"], ["3", "tap", "1"], ["7", "river tap", "2"]]
        read = sv.read(csv_file("a.csv", rows), export="kobo", form=form)
        assert read.data["OV01"].tolist() == [3, 7]
        assert read.data["water_river"].tolist() == [0, 1] and read.data["water_tap"].tolist() == [1, 1]
        assert "code 7 is not in the form (1 row: 1)" in read.log["what"].iloc[0]
        assert "codes outside the scale: 7" in str([b.message for b in read.check().broken])

    def test_a_column_the_form_lacks_is_kept_and_told(self, csv_file: Write, form: Path) -> None:
        read = sv.read(csv_file("a.csv", [["person/age", "person/agee"], ["3", "4"]]), export="kobo", form=form)
        assert read.data["person/agee"].tolist() == [4] and "not in the form" in read.log["what"].iloc[0]

    def test_headers_in_a_language_the_form_lacks(self, csv_file: Write, form: Path) -> None:
        with pytest.raises(ReadError, match="No column matches a question of the form") as caught:
            sv.read(csv_file("a.csv", [["Quel âge avez-vous ?", "_id"], ["3", "1"]]), export="kobo", form=form)
        assert "vi, en" in str(caught.value)

    def test_one_name_in_two_groups(self, csv_file: Write, workbook: Write) -> None:
        groups: list[list[object]] = [["type", "name", "label"]]
        for g in ("a", "b"):
            groups += [["begin_group", g, g.upper()], ["integer", "age", "Age?"], ["end_group", "", ""]]
        path = workbook("f.xlsx", survey=groups, choices=[["list_name", "name", "label"]])
        data = sv.read(csv_file("a.csv", [["a/age", "b/age"], [1, 2]]), export="kobo", form=path).data
        assert data.to_dict("list") == {"a_age": [1], "b_age": [2]}
        data = sv.read(csv_file("b.csv", [["A/Age?", "B/Age?"], [1, 2]]), export="kobo", form=path).data
        assert data.to_dict("list") == {"a_age": [1], "b_age": [2]}
        with pytest.raises(ReadError, match="A header matches several questions of the form") as caught:
            sv.read(csv_file("c.csv", [["age", "b/age"], [1, 2]]), export="kobo", form=path)
        assert "a/age, b/age" in str(caught.value)

    def test_as_many_columns_as_questions_of_one_wording_are_taken_in_order(
        self, csv_file: Write, workbook: Write
    ) -> None:
        groups: list[list[object]] = [["type", "name", "label"]]
        for g in ("a", "b"):
            groups += [["begin_group", g, g.upper()], ["integer", "age", "Age?"], ["end_group", "", ""]]
        path = workbook("f.xlsx", survey=groups, choices=[["list_name", "name", "label"]])
        read = sv.read(csv_file("c.csv", [["Age?", "Age?"], [1, 2]]), export="kobo", form=path)
        assert read.data.to_dict("list") == {"a_age": [1], "b_age": [2]}
        assert "'Age?' heads 2 columns, taken in order for a/age, b/age" in read.log["what"].iloc[0]

    def test_two_columns_of_one_question(self, csv_file: Write, form: Path) -> None:
        with pytest.raises(ReadError, match="Two columns belong to the same question"):
            sv.read(csv_file("a.csv", [["age", "person/age"], [1, 2]]), export="kobo", form=form)

    def test_the_two_shapes_contradict_each_other(self, csv_file: Write, form: Path) -> None:
        rows = [list(r) for r in CODES]
        rows[1][7] = "1"
        with pytest.raises(ReadError, match="contradict") as caught:
            sv.read(csv_file("a.csv", rows), export="kobo", form=form)
        assert "water/well, 1 row: 0" in str(caught.value)

    def test_a_column_of_an_option_that_is_no_tick(self, csv_file: Write, form: Path) -> None:
        with pytest.raises(ReadError, match="The column of an option contains values other than 0 and 1"):
            sv.read(csv_file("a.csv", [["water/tap", "_id"], ["2", "1"]]), export="kobo", form=form)

    def test_words_where_a_number_belongs_stay_and_check_tells(self, csv_file: Write, form: Path) -> None:
        read = sv.read(csv_file("a.csv", [["age", "_id"], ["34", "1"], ["ba mươi", "2"]]), export="kobo", form=form)
        assert read.data["age"].tolist() == ["34", "ba mươi"]
        assert "not a number: 1 text (not shown)" in str([b.message for b in read.check().broken])


class TestRepeats:
    MEMBERS: ClassVar[list[list[object]]] = [
        [
            "household/nick",
            "household/years",
            "_index",
            "_parent_table_name",
            "_parent_index",
            "_submission__id",
            "_submission__uuid",
        ],
        ["Tí", 4, 1, "main", 1, 11, "u-1"],
        ["Tèo", 8, 2, "main", 1, 11, "u-1"],
    ]

    def test_left_out_and_told(self, workbook: Write, form: Path) -> None:
        read = sv.read(workbook("a.xlsx", main=CODES, household=self.MEMBERS), export="kobo", form=form)
        assert len(read) == 2 and "repeat groups left out: household (2 rows)" in read.log["what"].iloc[0]

    def test_rows_of_the_repeat_with_their_submission(self, workbook: Write, form: Path) -> None:
        path = workbook("a.xlsx", main=CODES, household=self.MEMBERS)
        read = sv.read(path, export="kobo", form=form, repeat="household")
        data = read.data
        assert data["nick"].tolist() == ["Tí", "Tèo"] and data["years"].tolist() == [4, 8]
        assert data["age"].tolist() == [34, 34] and data["_uuid"].tolist() == ["u-1", "u-1"]
        assert data["_index"].tolist() == [1, 2] and read.codebook["_index"].role == "id"
        assert "1 of 2 submissions have no such row" in read.log["what"].iloc[0]

    def test_orphans(self, workbook: Write, form: Path) -> None:
        rows = [*self.MEMBERS, ["Mực", 2, 3, "main", 9, 99, "u-9"]]
        with pytest.raises(ReadError, match="Rows of the repeat group do not belong to a submission") as caught:
            sv.read(workbook("a.xlsx", main=CODES, household=rows), export="kobo", form=form, repeat="household")
        assert "1 row: 2" in str(caught.value) and "_parent_index 9" in str(caught.value)

    def test_a_repeat_that_is_none(self, workbook: Write, form: Path) -> None:
        path = workbook("a.xlsx", main=CODES, household=self.MEMBERS)
        with pytest.raises(ReadError, match="no such repeat group") as caught:
            sv.read(path, export="kobo", form=form, repeat="members")
        assert "household" in str(caught.value)

    def test_a_repeat_inside_a_repeat(self, workbook: Write) -> None:
        path = workbook(
            "f.xlsx",
            survey=[
                ["type", "name", "label"],
                ["text", "ward", "W"],
                ["begin_repeat", "house", "H"],
                ["text", "street", "S"],
                ["begin_repeat", "person", "P"],
                ["text", "nick", "N"],
                ["end_repeat", "", ""],
                ["end_repeat", "", ""],
            ],
            choices=[["list_name", "name", "label"]],
        )
        data = workbook(
            "a.xlsx",
            main=[["ward", "_index"], ["W1", 1], ["W2", 2]],
            house=[
                ["house/street", "_index", "_parent_table_name", "_parent_index"],
                ["A", 1, "main", 2],
                ["B", 2, "main", 1],
            ],
            person=[
                ["house/person/nick", "_index", "_parent_table_name", "_parent_index"],
                ["x", 1, "house", 2],
                ["y", 2, "house", 1],
                ["z", 3, "house", 2],
            ],
        )
        read = sv.read(data, export="kobo", form=path, repeat="person").data
        assert read[["nick", "street", "ward"]].to_numpy().tolist() == [
            ["x", "B", "W1"],
            ["y", "A", "W2"],
            ["z", "B", "W1"],
        ]


class TestWithoutAForm:
    def test_groups_and_options_as_the_headers_show_them(self, csv_file: Write) -> None:
        read = sv.read(csv_file("a.csv", CODES), export="kobo")
        assert read.data["age"].tolist() == [34, 71] and read.data["water_tap"].iloc[0] == 1
        assert "loc" not in read.data and "no form" in read.log["what"].iloc[0]

    def test_a_codebook_in_its_place(self, csv_file: Write) -> None:
        book = sv.Codebook.from_dict(
            {
                "variables": {
                    "OV01": {
                        "type": "ordinal",
                        "text": {"en": "How satisfied are you?"},
                        "labels": {"1": "Bad", "2": "Good"},
                        "missing": {"-98": {"kind": "dont_know", "en": "Don't know"}},
                    }
                }
            }
        )
        rows = [["How satisfied are you?", "_uuid"], ["Good", "a"], ["Don't know", "b"]]
        read = sv.read(csv_file("a.csv", rows), book, export="kobo")
        assert read.data["OV01"].tolist() == [2, -98]
        assert read.codebook["OV01"].missing == {-98: "dont_know"} and read.codebook["_uuid"].role == "id"

    def test_nothing_is_read_as_an_export_unless_told(self, csv_file: Write) -> None:
        read = sv.read(csv_file("a.csv", CODES))
        assert "person/age" in read.data and 'export="kobo"' in read.log["what"].iloc[0]


class TestFilesThatAreNoExports:
    def test_cut_in_half(self, csv_file: Write, form: Path) -> None:
        path = csv_file("a.csv", CODES)
        whole = path.read_bytes()
        for share in (0.5, 0.8, 0.97):
            path.write_bytes(whole[: int(len(whole) * share)])
            with pytest.raises(ReadError, match=r"cut short|no table|UTF-8"):
                sv.read(path, export="kobo", form=form)

    def test_the_separator_that_the_platform_writes_is_not_asked_for(self, csv_file: Write, form: Path) -> None:
        expected = sv.read(csv_file("a.csv", CODES), export="kobo", form=form).data
        for sign in (";", "\t"):
            data = sv.read(csv_file("b.csv", CODES, sign), export="kobo", form=form).data
            pd.testing.assert_frame_equal(data, expected)

    def test_a_workbook_that_is_no_form(self, csv_file: Write, workbook: Write) -> None:
        with pytest.raises(ReadError, match="The workbook is not an XLSForm"):
            sv.read(csv_file("a.csv", CODES), export="kobo", form=workbook("f.xlsx", data=CODES))

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"export": "epicollect"}, "The export platform is unknown"),
            ({"form": "f.xlsx"}, "without `export`"),
            ({"export": "qualtrics", "form": "f.xlsx"}, "does not apply to an export of qualtrics"),
        ],
    )
    def test_arguments_that_mean_nothing(self, csv_file: Write, given: dict[str, str], told: str) -> None:
        with pytest.raises(ReadError, match=told):
            sv.read(csv_file("a.csv", CODES), **given)  # type: ignore[arg-type]

    def test_the_export_is_not_written_to(self, csv_file: Write, form: Path) -> None:
        path = csv_file("a.csv", CODES)
        before = path.read_bytes(), form.read_bytes()
        sv.read(path, export="kobo", form=form)
        assert (path.read_bytes(), form.read_bytes()) == before

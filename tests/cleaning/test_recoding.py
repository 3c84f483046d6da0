"""New values from old ones: nothing is overwritten, no missing code is computed with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook, Variable
from survey.core.log import KIND_CODES
from survey.errors import CleaningError
from survey.responses import Responses


class TestRecode:
    def test_all_at_once_so_that_codes_can_swap(self, responses: Responses) -> None:
        clean = responses.recode("gentle", {5: 4, 4: 5}, reason="labels were swapped")
        np.testing.assert_array_equal(clean.data["gentle"], [4, 5, np.nan, -98, np.nan])
        assert clean.codebook.label("gentle", 5) == "often"
        assert clean.codebook.label("gentle", 4) == "always"
        assert (clean.entries[-1].answers_touched, clean.entries[-1].reason) == (2, "labels were swapped")

    def test_merging_keeps_the_label_of_the_code_that_stays(self, responses: Responses) -> None:
        clean = responses.recode("gentle", {5: 4})
        assert clean.codebook["gentle"].codes == (1, 2, 3, 4)
        assert clean.codebook.label("gentle", 4) == "often"

    def test_a_new_code_takes_the_labels_it_came_from(self, responses: Responses) -> None:
        clean = responses.recode("ward", {"P01": "centre", "P02": "centre"})
        assert clean.data["ward"].dropna().tolist() == ["centre"] * 4
        assert clean.codebook["ward"].codes == ("centre",)
        assert clean.codebook.label("ward", "centre") == "Phường 1 / Phường 2"

    def test_a_wrong_code_becomes_a_missing_one(self, responses: Responses) -> None:
        data = responses.data.assign(gentle=[7, 4, 3, 2, 1])
        clean = Responses(data, responses.codebook).recode("gentle", {7: -97}).recode_missing()
        assert clean.missing["gentle"].tolist()[0] == KIND_CODES["blank"]
        assert clean.codebook["gentle"] == responses.codebook["gentle"]

    def test_none_empties(self, responses: Responses) -> None:
        assert responses.recode("born", {1950: None}).data["born"].isna().tolist() == [True] + [False] * 4

    def test_a_value_that_does_not_occur_leaves_a_line_and_the_data(self, responses: Responses) -> None:
        clean = responses.recode("born", {1901: 1902})
        pd.testing.assert_frame_equal(clean.data, responses.data)
        assert clean.entries[-1].rows_touched == 0

    def test_a_typing_error_mended_gives_back_numbers(self, codebook: Codebook) -> None:
        data = pd.DataFrame({"born": ["1950", "198O", None]})
        clean = Responses(data, codebook.select(["born"])).recode("born", {"198O": 1980})
        np.testing.assert_array_equal(clean.data["born"], [1950, 1980, np.nan])

    def test_numbers_to_text_for_every_value(self, codebook: Codebook) -> None:
        clean = Responses(pd.DataFrame({"w": [1, 2]}), codebook).recode("w", {1: "P01", 2: "P02"})
        assert clean.data["w"].tolist() == ["P01", "P02"]

    def test_errors(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="mix"):
            responses.recode("born", {1950: "old"})
        with pytest.raises(CleaningError, match="no column"):
            responses.recode("borne", {1: 2})
        with pytest.raises(CleaningError, match="mapping"):
            responses.recode("born", {})


class TestDerive:
    def test_a_number(self, responses: Responses) -> None:
        clean = responses.recode_missing().derive("age", "2024 - born", label={"en": "Age", "vi": "Tuổi"})
        np.testing.assert_array_equal(clean.data["age"], [74, 44, 24, 25, np.nan])
        assert clean.codebook["age"].type == "number"
        assert clean.codebook.wording("age", "vi") == "Tuổi"
        assert clean.entries[-1].what == "age = 2024 - born"
        assert clean.check().table.query("variable == 'age'").empty

    def test_a_condition_is_yes_no_or_unknown(self, responses: Responses) -> None:
        clean = responses.recode_missing().derive("happy", "gentle >= 5")
        np.testing.assert_array_equal(clean.data["happy"], [1, 0, np.nan, np.nan, np.nan])
        assert clean.codebook["happy"].type == "binary"
        assert clean.codebook.label("happy", 1, "vi") == "có"

    def test_text(self, responses: Responses) -> None:
        clean = responses.derive("place", "ward").derive("city", "'Thái Bình'")
        assert clean.data["place"].tolist()[0] == "P01"
        assert clean.codebook["city"].type == "text"

    def test_missing_codes_are_not_computed_with(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="recode_missing") as caught:
            responses.derive("age", "2024 - born")
        assert "4 (R5)" in str(caught.value)

    def test_errors(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="overwrite"):
            responses.derive("born", "1 + 1")
        with pytest.raises(CleaningError, match="no column"):
            responses.derive("age", "2024 - bron")
        with pytest.raises(CleaningError, match="unknown function"):
            responses.derive("age", "__import__('os')")


class TestBand:
    def test_a_band_holds_its_lower_edge(self) -> None:
        book = Codebook().update(Variable("age", text={"en": "Age", "vi": "Tuổi"}, unit="years"))
        ages = Responses(pd.DataFrame({"age": [18, 29, 30, 44.0, 60, 120, np.nan]}), book)
        clean = ages.band("age", [18, 30, 45, 60, 120], into="age_group")
        np.testing.assert_array_equal(clean.data["age_group"], [1, 1, 2, 2, 4, 4, np.nan])
        variable = clean.codebook["age_group"]
        assert [variable.label(c) for c in variable.codes] == ["18–29", "30–44", "45–59", "60–120"]
        assert variable.type == "ordinal"
        assert variable.wording("vi") == "Tuổi"
        assert clean.check().passed

    def test_open_bands_and_labels(self) -> None:
        wait = Responses(pd.DataFrame({"m": [0.5, 15, 240]}), Codebook().update(Variable("m")))
        open_ended = wait.band("m", [-np.inf, 15, np.inf], into="b")
        assert [open_ended.codebook.label("b", c) for c in (1, 2)] == ["Under 15", "15 and over"]
        assert [open_ended.codebook.label("b", c, "vi") for c in (1, 2)] == ["Dưới 15", "Từ 15 trở lên"]
        years = Responses(wait.data, Codebook().update(Variable("m", unit="years")))
        aged = years.band("m", [-np.inf, 15, np.inf], into="b").codebook
        assert [aged.label("b", c, "vi") for c in (1, 2)] == ["Dưới 15 tuổi", "Từ 15 tuổi trở lên"]
        assert open_ended.data["b"].tolist() == [1, 2, 2]
        assert open_ended.entries[-1].arguments["edges"] == ["-inf", 15.0, "inf"]
        named = wait.band("m", [0, 15, 300], into="b", labels=[{"en": "short", "vi": "ngắn"}, "long"])
        assert named.codebook.label("b", 1, "vi") == "ngắn"
        assert named.codebook.label("b", 2, "vi") == "long"
        assert [wait.band("m", [0, 0.75, 240], into="b").codebook.label("b", c) for c in (1, 2)] == [
            "[0, 0.75)",
            "[0.75, 240]",
        ]

    def test_a_missing_number_keeps_its_kind(self, responses: Responses) -> None:
        clean = responses.recode_missing().band("born", [1900, 1990, 2006], into="generation")
        assert clean.data["generation"].isna().tolist() == [False] * 4 + [True]
        assert clean.missing["generation"].tolist() == [0, 0, 0, 0, KIND_CODES["dont_know"]]

    def test_values_outside_are_named_by_row(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="outside the bands") as caught:
            responses.recode_missing().band("born", [1960, 1999], into="b")
        assert "2 rows: 0 (R1), 2 (R3)" in str(caught.value)
        assert "1950, 2000" in str(caught.value)

    def test_missing_codes_fall_in_no_band(self, responses: Responses) -> None:
        with pytest.raises(CleaningError, match="recode_missing"):
            responses.band("born", [-100, 1990, 2006], into="b")

    @pytest.mark.parametrize("edges", [[1], [3, 2], [1, 1, 2], [], [1, np.nan]])
    def test_edges_ascend(self, responses: Responses, edges: list[float]) -> None:
        with pytest.raises(CleaningError, match="edges"):
            responses.recode_missing().band("born", edges, into="b")

    def test_errors(self, responses: Responses) -> None:
        clean = responses.recode_missing()
        with pytest.raises(CleaningError, match="The number of labels differs from the number of bands"):
            clean.band("born", [1900, 1990, 2006], into="b", labels=["one"])
        with pytest.raises(CleaningError, match="needs a numeric column"):
            clean.band("ward", [0, 1], into="b")
        with pytest.raises(CleaningError, match="overwrite"):
            clean.band("born", [1900, 2006], into="ward")

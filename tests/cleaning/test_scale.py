"""One call sets a scale: answers off it are named, spellings become the label's, and the log does it again."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import survey as sv
from survey.codebook import Codebook, Variable
from survey.errors import CleaningError

FIVE = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]


def responses(**columns: list[object]) -> sv.Responses:
    return sv.Responses(pd.DataFrame(columns))


def test_a_list_of_texts_is_the_order_and_top2_counts_it() -> None:
    # by hand: of six answers "Hài lòng" and "Rất hài lòng" are three
    raw = responses(q1=["Hài lòng", "Rất hài lòng", "Bình thường", "Không hài lòng", "Hài lòng", "Rất không hài lòng"])
    done = raw.set_scale("q1", FIVE, direction=1)
    assert done.codebook["q1"].codes == tuple(FIVE) and done.codebook["q1"].type == "ordinal"
    assert done.codebook["q1"].direction == 1
    assert sv.Sample(done, weights=None).proportion("q1", top=2).table["estimate"].item() == pytest.approx(3 / 6)
    assert "q1" not in raw.codebook.variables


def test_spellings_become_the_label_and_are_counted() -> None:
    nfd = unicodedata.normalize("NFD", "Hài lòng")
    raw = responses(q1=["HÀI LÒNG", nfd, "hai long ", "4. Hài lòng", "Hài lòng", "Không hài lòng", None])
    done = raw.set_scale("q1", ["Không hài lòng", "Hài lòng"])
    assert done.data["q1"].tolist()[:6] == ["Hài lòng"] * 5 + ["Không hài lòng"]
    assert done.data["q1"].isna().tolist() == [False] * 6 + [True]
    assert done.log["answers_touched"].tolist() == [4]


def test_words_become_the_numbers_of_a_mapping() -> None:
    raw = responses(q1=["Rất hài lòng", "bình thường", "Hài lòng", None], q2=["5", "3", "1", "4"])
    done = raw.set_scale(["q1", "q2"], dict(enumerate(FIVE, 1)))
    assert done.data["q1"].tolist()[:3] == [5, 3, 4] and done.data["q1"].dtype == float
    assert done.data["q2"].tolist() == [5, 3, 1, 4]
    assert sv.Sample(done, weights=None).mean("q1").table["estimate"].item() == pytest.approx(4)


def test_a_known_scale_by_name_gives_both_languages_and_the_option_nobody_chose() -> None:
    raw = responses(q1=[5, 4, 3, 2], q2=["Hài lòng", "Bình thường", "Hoàn toàn không hài lòng", "Rất hài lòng"])
    book = raw.set_scale(["q1"], "satisfaction5").set_scale(["q2"], "satisfaction5").codebook
    assert book["q1"].codes == (1, 2, 3, 4, 5) and book["q1"].label(1, "vi") == "Rất không hài lòng"
    assert book["q1"].label(1, "en") == "Very dissatisfied" and book["q1"].direction == 1
    assert book["q2"].codes == ("Hoàn toàn không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")


def test_items_share_the_words_of_a_known_scale() -> None:
    raw = responses(q1=["Đồng ý", "Không đồng ý"], q2=["Phân vân", "Đồng ý"])
    book = raw.set_scale(["q1", "q2"], "agreement3").codebook
    assert book["q1"].codes == book["q2"].codes == ("Không đồng ý", "Phân vân", "Đồng ý")


def test_answers_off_the_scale_are_named_with_their_rows() -> None:
    raw = responses(q1=["Hài lòng", "Không biết", "Không hài lòng", "Không biết"], q2=[1, 2, 9, 1])
    with pytest.raises(CleaningError, match="not on the scale") as caught:
        raw.set_scale("q2", ["No", "Yes"])
    assert "9" in str(caught.value.got) and "row" in str(caught.value.where)
    with pytest.raises(CleaningError, match="not on the scale") as caught:
        raw.set_scale("q1", ["Không hài lòng", "Hài lòng"])
    assert "2 rows" in str(caught.value.where)
    with pytest.raises(CleaningError, match="not on the known scale"):
        raw.set_scale("q1", "satisfaction3")


def test_declared_missing_codes_are_left_alone() -> None:
    book = Codebook({"q1": Variable("q1", missing={9: "dont_know"}), "q2": Variable("q2", missing={"KB": "dont_know"})})
    raw = sv.Responses(pd.DataFrame({"q1": [1, 2, 9], "q2": ["Có", "Không", "KB"]}), book)
    done = raw.set_scale("q1", ["No", "Yes"]).set_scale("q2", "yes_no")
    assert dict(done.codebook["q1"].missing) == {9: "dont_know"} and done.data["q1"].tolist() == [1, 2, 9]
    assert done.codebook["q2"].codes == ("Không", "Có") and done.codebook["q2"].type == "binary"
    with pytest.raises(CleaningError, match="both an answer and missing"):
        raw.set_scale("q1", {1: "No", 2: "Yes", 9: "Maybe"})


@pytest.mark.parametrize(
    ("items", "labels", "said"),
    [
        ("Q1", FIVE, "did you mean"),
        ("q1", "satisfacton5", "did you mean satisfaction5"),
        ("q1", ["Có"], "at least two answers"),
        ("q1", ["Có", "có"], "at least two answers"),
        ([], FIVE, "needs items"),
    ],
)
def test_slips_are_one_error(items: object, labels: object, said: str) -> None:
    with pytest.raises(CleaningError, match=said):
        responses(q1=["Có", "Không"]).set_scale(items, labels)  # type: ignore[arg-type]


def test_direction_is_1_minus_1_or_0() -> None:
    with pytest.raises(CleaningError, match="unknown direction"):
        responses(q1=[1, 2]).set_scale("q1", ["No", "Yes"], direction=2)


BY_CODE = {**dict(enumerate(FIVE, 1)), 5: {"vi": "Rất hài lòng", "en": "Very satisfied"}}


@pytest.mark.parametrize("labels", ["satisfaction5", FIVE, BY_CODE])
def test_the_log_does_it_again(tmp_path: Path, labels: object) -> None:
    path = tmp_path / "a.csv"
    pd.DataFrame({"q1": ["hài lòng", "Rất hài lòng", "Bình thường", "Không hài lòng"]}).to_csv(path, index=False)
    raw = sv.read(path)
    if isinstance(labels, str):
        raw = raw.recode("q1", {"hài lòng": "Hài lòng"})
    done = raw.set_scale(["q1"], labels, direction=1, reason="as the form has it")  # type: ignore[arg-type]
    again = sv.replay(done.save_log(tmp_path / "log.json"))
    pd.testing.assert_frame_equal(again.data, done.data)
    assert again.codebook["q1"] == done.codebook["q1"] and again.log["reason"].iloc[-1] == "as the form has it"


def test_a_scale_of_numbers_labelled_at_its_ends() -> None:
    raw = responses(q1=[0, 3, 10, 7])
    done = raw.set_scale("q1", {0: "Not at all", 10: "Completely"})
    assert done.codebook["q1"].codes == tuple(range(11))
    # by hand: 3 and 7 of 0..10 on 0-100 with 0 and 10: (0 + 30 + 100 + 70) / 4
    assert sv.Sample(done, weights=None).mean("q1", rescale=(0, 100)).table["estimate"].item() == pytest.approx(50)
    with pytest.raises(CleaningError, match="not on the scale"):
        responses(q1=[0, 11]).set_scale("q1", {0: "Not at all", 10: "Completely"})


@pytest.mark.parametrize("dtype", ["string", "str", object])
def test_numbers_kept_as_text_become_numbers(dtype: object) -> None:
    raw = sv.Responses(pd.DataFrame({"q1": pd.Series(["8", "10", None, "0"], dtype=dtype)}))  # type: ignore[call-overload]
    done = raw.set_scale("q1", range(11))
    assert done.data["q1"].dtype == float and done.data["q1"].tolist()[:2] == [8, 10]
    assert sv.Sample(done, weights=None).mean("q1").table["estimate"].item() == pytest.approx(6)
    stars = sv.Responses(pd.DataFrame({"q1": ["5", "3"]})).set_scale("q1", "satisfaction5")
    assert stars.data["q1"].tolist() == [5, 3] and stars.codebook["q1"].label(5) == "Very satisfied"


def test_no_items_are_not_all_items() -> None:
    with pytest.raises(CleaningError, match="needs items"):
        responses(q1=[1, 2]).set_scale(None, ["No", "Yes"])  # type: ignore[arg-type]


def named_scale(labels: dict) -> sv.Responses:
    texts = {c: {"vi": f"({c}) {t}", "en": t} for c, t in labels.items()}
    book = sv.Codebook({"q": Variable("q", type="nominal", labels=texts)})
    return sv.Responses(pd.DataFrame({"q": [1.0, 3, 5, 10, 10, 9] * 10}), book)


def test_the_labels_of_an_item_are_its_scale_where_none_is_given() -> None:
    set_ = named_scale({10: "Very satisfied", 1: "Very dissatisfied"}).set_scale("q")
    assert set_.codebook["q"].type == "ordinal" and set_.codebook["q"].codes == tuple(range(1, 11))
    assert set_.codebook["q"].labels[1] == {"vi": "(1) Very dissatisfied", "en": "Very dissatisfied"}
    assert sv.Sample(set_, weights=None).proportion("q", top=2).table["estimate"].iloc[0] == 1 / 2
    with pytest.raises(sv.CleaningError, match="no labels"):
        sv.Responses(pd.DataFrame({"q": [1, 2]}), sv.Codebook({"q": Variable("q")})).set_scale("q")


@pytest.mark.parametrize(
    ("labels", "call"),
    [
        ({1: "Very dissatisfied", 10: "Very satisfied"}, "responses.set_scale('q')"),
        ({1: "Nada", 10: "Mucho"}, "responses.set_scale('q')"),
        ({1: "Pésimo", 10: "Excelente", 99: "NS/NR"}, "responses.declare_missing(columns='q').apply().set_scale('q')"),
        ({1: "An", 3: "Binh", 5: "Chau", 9: "Dung", 10: "Giang"}, "set_scale(...)"),  # names
    ],
)
def test_a_nominal_item_that_looks_like_a_scale_is_refused_with_its_mend(labels: dict, call: str) -> None:
    responses = named_scale(labels)
    if 99 in labels:
        responses = replace(responses, data=responses.data.replace(9.0, 99.0))
    sample = sv.Sample(responses, weights=None)
    for verb in (lambda s: s.proportion("q", top=2), lambda s: s.mean("q"), lambda s: s.quantile("q", [0.5])):
        with pytest.raises(sv.EstimationError) as refused:
            verb(sample)
        assert f" {call}" in str(refused.value.fix)
    if "..." not in call:
        ordered = eval(call, {"responses": responses})
        assert sv.Sample(ordered, weights=None).proportion("q", top=2).table["n"].iloc[0] > 0

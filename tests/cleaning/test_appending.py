"""Waves under each other: what was not asked is told, and what would mean two things is refused."""

from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import MultipleSet, Variable
from survey.errors import CleaningError, CodebookError, ReadError, SurveyWarning

NOT_ASKED = 5  # survey.core.log.KIND_CODES


def files(folder: Path) -> list[Path]:
    (folder / "w1.csv").write_text("id,sat,old\na,1,7\nb,2,8\nc,3,9\n", encoding="utf-8")
    (folder / "w2.csv").write_text("id,sat,ai\nd,4,1\ne,5,0\n", encoding="utf-8")
    return [folder / "w1.csv", folder / "w2.csv"]


def test_files_with_other_columns_are_read_as_one_on_request(tmp_path: Path) -> None:
    both = sv.read(files(tmp_path), columns="all")
    # by hand: pandas' concat of the two frames
    wanted = pd.concat([pd.read_csv(p) for p in files(tmp_path)], ignore_index=True)
    pd.testing.assert_frame_equal(both.data, wanted.astype({"id": "str"}), check_dtype=False)
    assert both.missing["old"].tolist() == [0, 0, 0, NOT_ASKED, NOT_ASKED]
    assert both.missing["ai"].tolist() == [NOT_ASKED] * 3 + [0, 0]
    for text in (both.to_text(), both.check().to_text(), both.log["what"].iloc[0].capitalize()):
        assert "ot asked in w2.csv (2 rows): old" in text and "ot asked in w1.csv (3 rows): ai" in text
    assert "Không hỏi trong w1.csv (3 dòng): ai" in both.to_text("vi")
    assert list(both.codebook.variables) == ["id", "sat", "old", "ai"]


def test_common_columns_alone_are_read_on_request(tmp_path: Path) -> None:
    both = sv.read(files(tmp_path), columns="common")
    assert both.data["sat"].tolist() == [1, 2, 3, 4, 5] and list(both.data.columns) == ["id", "sat"]
    assert list(both.codebook.variables) == ["id", "sat"] and both.missing.empty
    assert "old, ai" in both.log["what"].iloc[0]


def test_files_with_other_columns_are_refused_unless_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as caught:
        sv.read(files(tmp_path))
    assert 'columns="all"' in str(caught.value) and "it lacks: old; it adds: ai" in str(caught.value)
    with pytest.raises(ReadError, match="unknown choice of columns"):
        sv.read(files(tmp_path), columns="some")


def test_a_codebook_goes_with_files_that_ask_a_part_of_it(tmp_path: Path) -> None:
    known = sv.Codebook().update(Variable("id", type="id", role="id"), Variable("sat"), Variable("old"), Variable("ai"))
    assert not sv.read(files(tmp_path), known, columns="all").check().errors
    assert not sv.read(files(tmp_path), known, columns="common").check().errors


def test_kinds_that_files_hold_stay(tmp_path: Path) -> None:
    first = sv.Responses(
        pd.DataFrame({"q": [1.0, 9.0], "r": [1.0, 2.0]}),
        sv.Codebook().update(Variable("q", missing={9: "refused"}), Variable("r")),
    ).recode_missing()
    first.write(tmp_path / "a.parquet")
    sv.Responses(pd.DataFrame({"q": [1.0]}), sv.Codebook().update(Variable("q"))).write(tmp_path / "b.parquet")
    with pytest.raises(CodebookError, match=r"append\(\) them"):  # each has its own beside it
        sv.read([tmp_path / "a.parquet", tmp_path / "b.parquet"], columns="all")
    both = sv.read([tmp_path / "a.parquet", tmp_path / "b.parquet"], first.codebook, columns="all")
    assert both.missing["q"].tolist() == [0, 4, 0] and both.missing["r"].tolist() == [0, 0, NOT_ASKED]


def test_append_is_what_reading_both_gives(tmp_path: Path) -> None:
    first, second = (sv.read(p) for p in files(tmp_path))
    apart, both = first.append(second), sv.read(files(tmp_path), columns="all")
    pd.testing.assert_frame_equal(apart.data, both.data)
    pd.testing.assert_frame_equal(apart.missing, both.missing, check_like=True)
    assert apart.codebook.variables == both.codebook.variables
    common = first.append(second, columns="common")
    pd.testing.assert_frame_equal(common.data, sv.read(files(tmp_path), columns="common").data)


def test_each_wave_is_cleaned_and_replayed_by_its_own_log(tmp_path: Path) -> None:
    first, second = (sv.read(p) for p in files(tmp_path))
    done = (
        first.derive("wave", "1")
        .drop(where="sat == 2", reason="test interview")
        .append(second.derive("wave", "2").drop(where="ai == 0", reason="no answer"))
        .derive("high", "sat > 3")
    )
    assert done.data.index.tolist() == [0, 2, 3]  # 3 is the first row of the second file
    assert done.rejected.index.tolist() == [1, 4] and done.rejected["_step"].tolist() == [3, 4]
    assert [e.rows_after for e in done.entries] == [3, 3, 2, 3, 3]
    path = done.save_log(tmp_path / "log.json")
    again = sv.replay(path)
    pd.testing.assert_frame_equal(again.data, done.data)
    pd.testing.assert_frame_equal(again.rejected, done.rejected)
    assert again.save_log(tmp_path / "again.json").read_bytes() == path.read_bytes()
    assert [Path(s.path).name for s in again.sources] == ["w1.csv", "w2.csv"]


def test_waves_are_found_where_they_are_now(tmp_path: Path) -> None:
    first, second = (sv.read(p) for p in files(tmp_path))
    path = first.append(second).save_log(tmp_path / "log.json")
    moved = tmp_path / "moved"
    moved.mkdir()
    for file in files(tmp_path):
        shutil.move(file, moved)
    with pytest.raises(ReadError, match="does not exist"):
        sv.replay(path)
    assert len(sv.replay(path, moved)) == len(sv.replay(path, [moved / "w1.csv", moved / "w2.csv"])) == 5
    with pytest.raises(ReadError, match="number of raw files differs"):
        sv.replay(path, moved / "w1.csv")
    (moved / "w2.csv").write_text("id,sat,ai\nd,4,1\ne,5,1\n", encoding="utf-8")
    with pytest.raises(ReadError, match="not the one that the log was written for"):
        sv.replay(path, moved)


def test_a_changed_log_of_the_other_wave_is_an_error(tmp_path: Path) -> None:
    first, second = (sv.read(p) for p in files(tmp_path))
    path = first.append(second.drop(where="ai == 0", reason="x")).save_log(tmp_path / "log.json")
    said = json.loads(path.read_text(encoding="utf-8"))
    for changed in ({}, {"steps": 3, "sources": []}, {"steps": [{}], "sources": []}, {"steps": [], "sources": [{}]}):
        said["steps"][1]["arguments"]["other"] = changed
        path.write_text(json.dumps(said), encoding="utf-8")
        with pytest.raises(CleaningError):
            sv.replay(path)
        assert first.logged(sv.read_log(path).entries[1]).origins  # what a log does not name is not there


def test_a_wave_that_came_from_no_file_is_appended_and_not_replayed(tmp_path: Path) -> None:
    (first, _) = (sv.read(p) for p in files(tmp_path))
    done = first.append(sv.Responses(pd.DataFrame({"id": ["x"], "sat": [5]})))
    assert done.data["sat"].tolist() == [1, 2, 3, 5]
    with pytest.raises(CleaningError, match="nothing to start from"):
        done.replay()


def test_a_score_made_in_one_wave_is_no_question_that_was_not_asked() -> None:
    first = sv.Responses(pd.DataFrame({"q": [1, 2]}), sv.Codebook().update(Variable("q"))).derive("z", "q + 1")
    done = first.append(sv.Responses(pd.DataFrame({"q": [3]}), sv.Codebook().update(Variable("q"))))
    assert done.missing.empty and done.data["z"].isna().tolist() == [False, False, True]
    assert "made by cleaning and absent from the other wave (1 row): z" in done.log["what"].iloc[-1]


def test_shares_of_a_question_of_one_wave_are_of_those_who_were_asked() -> None:
    """By hand: 1 of 2 say 1 in the wave that asked; who was not asked is no non-answer."""
    asked = sv.Responses(pd.DataFrame({"q": [1, 0], "w": [1.0, 1.0]}), sv.Codebook().update(Variable("q", "binary")))
    other = sv.Responses(pd.DataFrame({"w": [1.0] * 8}))
    both = sv.Sample(asked.append(other), weights="w")
    assert both.proportion("q", levels=[1]).table["estimate"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        (Variable("q", "ordinal", labels={1: {"en": "a"}}), Variable("q", "ordinal", labels={1: {"en": "b"}}), "label"),
        (Variable("q", "ordinal", direction=1), Variable("q", "ordinal", direction=-1), "turned"),
    ],
)
def test_codebooks_that_contradict_each_other_are_refused(ours: Variable, theirs: Variable, words: str) -> None:
    waves = [sv.Responses(pd.DataFrame({"q": [1]}), sv.Codebook().update(v)) for v in (ours, theirs)]
    with pytest.raises(CleaningError, match=words):
        waves[0].append(waves[1])


def test_a_code_that_one_wave_declares_missing_is_missing_in_both() -> None:
    labels = {1: {"en": "low"}, 2: {"en": "high"}}
    nine = {9: {"en": "refused"}}
    ours = Variable("q", "ordinal", labels=labels, missing={9: "refused"}, missing_labels=nine)
    theirs = Variable("q", "ordinal", labels={**labels, **nine})
    waves = [sv.Responses(pd.DataFrame({"q": [1, 9]}), sv.Codebook().update(v)) for v in (ours, theirs)]
    done = waves[0].append(waves[1]).recode_missing()
    assert done.missing["q"].tolist() == [0, 4, 0, 4] and list(done.codebook["q"].labels) == [1, 2]


def test_a_set_takes_the_options_that_a_wave_added() -> None:
    def wave(columns: list[str], base: str = "everyone") -> sv.Responses:
        one = MultipleSet("c", tuple(columns), base=base)
        variables = [Variable(n, "binary") for n in columns]
        return sv.Responses(pd.DataFrame({n: [1, 0] for n in columns}), sv.Codebook(sets={"c": one}).update(*variables))

    done = wave(["a", "b"]).append(wave(["a", "b", "e"]))
    assert done.codebook.sets["c"].variables == ("a", "b", "e")
    assert done.missing["e"].tolist() == [NOT_ASKED, NOT_ASKED, 0, 0]
    assert wave(["a", "b"]).append(wave(["a", "e"]), columns="common").codebook.sets == {}
    with pytest.raises(CleaningError, match="different ways"):
        wave(["a"]).append(wave(["a"], base="any chosen"))


def test_text_under_numbers_is_refused_and_to_number_is_named() -> None:
    numbers, texts = sv.Responses(pd.DataFrame({"q": [1, 2]})), sv.Responses(pd.DataFrame({"q": ["3", "n/a"]}))
    with pytest.raises(CleaningError) as caught:
        numbers.append(texts)
    assert "to_number('q')" in str(caught.value)
    done = numbers.append(texts.to_number("q", others="refused"))
    assert done.data["q"].tolist()[:3] == [1, 2, 3] and done.missing["q"].tolist() == [0, 0, 0, 4]


def test_one_question_under_two_names_is_noticed() -> None:
    first, second = (
        sv.Responses(pd.DataFrame({"id": [1], "Q01": [1]})),
        sv.Responses(pd.DataFrame({"id": [2], "q_1": [1]})),
    )
    with pytest.warns(SurveyWarning, match="Q01 and q_1 may be one question"):
        first.append(second)
    assert first.append(second.rename({"q_1": "Q01"})).data["Q01"].tolist() == [1, 1]


def test_both_unicode_forms_of_a_name_are_one_column() -> None:
    first = sv.Responses(pd.DataFrame({"tuổi": [1]}))
    second = sv.Responses(pd.DataFrame({unicodedata.normalize("NFD", "tuổi"): [2]}))
    assert list(second.data.columns) != ["tuổi"]
    assert first.append(second).data["tuổi"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "parts",
    [
        (pd.Categorical(["a"]), pd.Categorical(["b"])),
        (pd.array([1], "Int64"), np.array([2.5])),
        (np.array([True]), np.array([2.0])),
        (pd.to_datetime(["2024-01-01"]), pd.to_datetime(["2025-01-01"])),
        (np.array(["a"], dtype=object), pd.array(["b"], "str")),
        (np.array([1]), np.array([np.nan])),
    ],
)
def test_columns_of_any_type_go_under_each_other(parts: tuple[object, object]) -> None:
    done = sv.Responses(pd.DataFrame({"q": parts[0]})).append(sv.Responses(pd.DataFrame({"q": parts[1]})))
    assert next(iter(done.data["q"])) == pd.Series(parts[0])[0]
    assert pd.isna(done.data["q"].iloc[1]) == pd.isna(pd.Series(parts[1])[0])


def test_thirty_waves_are_numbered_one_after_the_other() -> None:
    done = sv.Responses(pd.DataFrame({"q": [1]}))
    for i in range(30):
        done = done.append(sv.Responses(pd.DataFrame({"q": [i]})))
    assert len(done) == 31 and done.data.index.tolist() == list(range(31))

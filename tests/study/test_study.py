"""A study: found from anywhere in the project, refused in words when it is wrong, and rebuilt exactly from disk."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.design.design import Adjustment, Design, Replicates
from survey.errors import ExportError, ReadError, StudyError
from survey.responses import Responses
from survey.sample import Sample
from survey.study import storage
from survey.study.study import Study

STUDY = """
[study]
id = "toy"
title = {vi = "Thử", en = "A trial"}
source = "Nobody"
simulated = true
codebook = "codebook.toml"

[surveys.residents]
files = ["residents.csv"]
design = {weights = "w", strata = "s", psu = "c"}
targets = {file = "margins.csv", within = ["wave"]}

[surveys.businesses]
files = "businesses.csv"

[notebooks]
run = ["01_cleaning", "02_weighting"]
real = ["11_elsewhere"]
"""
CODEBOOK = """
[study]
title = "A trial"
simulated = true
[missing]
-98 = "dont_know"
[variables.q]
type = "ordinal"
labels = {en = {1 = "low", 2 = "mid", 3 = "high"}, vi = {1 = "thấp", 2 = "vừa", 3 = "cao"}}
limits = [1, 3]
[variables.name]
type = "text"
[variables.s]
[variables.c]
[variables.w]
[variables.wave]
"""
ROWS = "q,hamlet,s,c,w,wave\n1,Lê,1,1,2.5,1\n2,Đỗ,1,2,1.5,1\n-98,,2,3,1,2\n3,Âu,2,4,3,2\n"


def found(id: str, vi: str = "Một câu.", en: str = "A sentence.", **numbers: Any) -> sv.Finding:
    return sv.Finding(id, vi, en, numbers)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "data" / "raw"
    folder.mkdir(parents=True)
    (tmp_path / "project" / "notebooks").mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    (folder / "residents.csv").write_text(ROWS, encoding="utf-8")
    (folder / "businesses.csv").write_text(ROWS, encoding="utf-8")
    (folder / "margins.csv").write_text("wave,variable,category,total\n1,q,1,10\n1,q,2,5\n2,q,3,15\n", encoding="utf-8")
    return folder


@pytest.fixture
def study(raw: Path) -> Study:
    return Study.open(raw / "study.toml")


@pytest.fixture
def sample(study: Study) -> Sample:
    """A sample with everything in it that must survive: log, rejected rows, kinds of missing answers, design."""
    clean = study.read("residents").recode_missing().drop(where="hamlet == 'Âu'", reason="a test")
    return Sample(clean, lonely="adjust", **study.design("residents"))


class TestOpen:
    def test_it_is_found_from_any_folder_of_the_project(self, raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for folder in (raw.parents[1], raw.parents[1] / "notebooks", raw):
            monkeypatch.chdir(folder)
            found = Study.open()
            assert found.path.resolve() == raw / "study.toml"
            assert not found.path.is_absolute()  # outputs of notebooks must not show where the project lies

    def test_its_folder_will_do(self, raw: Path) -> None:
        assert Study.open(raw) == Study.open(raw / "study.toml")

    def test_what_it_says(self, study: Study, raw: Path) -> None:
        assert study.id == "toy" and study.simulated and study.language == "en"
        assert study.title["vi"] == "Thử" and dict(study.source) == {"vi": "Nobody", "en": "Nobody"}
        assert study.processed == raw.parent / "processed"
        assert study.notebooks == raw.parents[1] / "notebooks"
        assert study.run == ("01_cleaning", "02_weighting") and study.real == ("11_elsewhere",)

    def test_a_study_whose_folders_are_elsewhere(self, raw: Path) -> None:
        text = STUDY.replace('id = "toy"', 'id = "toy"\nprocessed = "../../out"').replace(
            "[notebooks]", '[notebooks]\nfolder = "books"'
        )
        (raw / "study.toml").write_text(text, encoding="utf-8")
        study = Study.open(raw)
        assert study.processed == raw.parents[1] / "out"
        assert study.notebooks == raw / "books"

    def test_nothing_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(StudyError, match="No study was found") as caught:
            Study.open()
        assert "survey simulate" in str(caught.value.fix)

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("[study]", "[study", "is not valid TOML"),
            ('id = "toy"', "", "no id"),
            ('id = "toy"', 'id = "toy"\nlanguage = "fr"', "unknown language"),
            ('id = "toy"', 'id = "toy"\ncodbook = "x"', "has an unknown key"),
            ("[notebooks]", "[notebook]", "has an unknown key"),
            ("run =", "order =", "has an unknown key"),
            ('strata = "s"', 'stratum = "s"', "has an unknown key"),
            ('within = ["wave"]', 'by = ["wave"]', "has an unknown key"),
            ('weights = "w", ', "", "names no weights"),
            ("[surveys.", "surveys = 3\n[other.", "has an unknown key"),
            ("design = {", "design = 3 # {", "A part of the study is not a table"),
            ('files = ["residents.csv"]', "", "no files"),
            ('files = ["residents.csv"]', "files = []", "no files"),
            ('"residents.csv"', '"resident.csv"', "The study names a file that does not exist"),
            ('"codebook.toml"', '"book.toml"', "The study names a file that does not exist"),
            ('"margins.csv"', '"margin.csv"', "The study names a file that does not exist"),
        ],
    )
    def test_a_mistake_is_told_with_its_place(self, raw: Path, old: str, new: str, words: str) -> None:
        assert old in STUDY
        (raw / "study.toml").write_text(STUDY.replace(old, new), encoding="utf-8")
        with pytest.raises(StudyError, match=words) as caught:
            Study.open(raw)
        assert "study.toml" in str(caught.value.where)

    def test_a_file_that_is_not_there_comes_with_those_that_are(self, raw: Path) -> None:
        (raw / "study.toml").write_text(STUDY.replace('"residents.csv"', '"resident.csv"'), encoding="utf-8")
        with pytest.raises(StudyError, match="does not exist") as caught:
            Study.open(raw)
        assert "residents.csv" in str(caught.value.expected)

    @pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"], ids=["missing", "empty", "no UTF-8"])
    def test_a_file_that_is_no_study(self, raw: Path, content: bytes | None) -> None:
        (raw / "study.toml").unlink()
        if content is not None:
            (raw / "study.toml").write_bytes(content)
        with pytest.raises(StudyError):
            Study.open(raw / "study.toml")


class TestSurveys:
    def test_reading_uses_the_codebook_of_the_study(self, study: Study) -> None:
        responses = study.read("residents")
        assert len(responses) == 4
        assert responses.codebook.simulated
        assert responses.codebook.label("q", 3, "vi") == "cao"

    def test_one_of_several_must_be_named(self, study: Study) -> None:
        with pytest.raises(StudyError, match="several surveys") as caught:
            study.read()
        assert "residents, businesses" in str(caught.value)
        with pytest.raises(StudyError, match="no such survey"):
            study.read("resident")

    def test_the_design_is_the_arguments_of_a_sample(self, study: Study) -> None:
        assert study.design("residents") == {"weights": "w", "strata": "s", "psu": "c"}
        assert study.design("businesses") == {}

    def test_targets_come_group_by_group(self, study: Study) -> None:
        (margin,) = study.targets("residents").margins
        assert margin.variables == ("wave", "q")
        assert dict(margin.totals) == {(1, 1): 10, (1, 2): 5, (2, 3): 15}
        with pytest.raises(StudyError, match="no targets"):
            study.targets("businesses")


class TestStorage:
    def test_a_sample_comes_back_exactly(self, study: Study, sample: Sample) -> None:
        study.save("weighted", sample)
        back = study.load("weighted")
        assert isinstance(back, Sample)
        assert back.design == sample.design
        assert back.codebook == sample.codebook
        assert back.responses.entries == sample.responses.entries
        assert back.responses.sources == sample.responses.sources
        for name in ("data", "missing", "rejected"):
            pd.testing.assert_frame_equal(getattr(back.responses, name), getattr(sample.responses, name))
        assert list(back.data.index) == [0, 1, 2] and list(back.responses.rejected.index) == [3]
        assert back.responses.missing["q"].tolist() == [0, 0, 3]

    def test_responses_come_back_as_responses(self, study: Study) -> None:
        study.save("clean", study.read("residents"))
        back = study.load("clean")
        assert isinstance(back, Responses)
        pd.testing.assert_frame_equal(back.data, study.read("residents").data)

    def test_cleaning_goes_on_after_loading_as_if_nothing_had_been(self, study: Study, sample: Sample) -> None:
        study.save("clean", sample.responses)
        again = study.load("clean").recode("q", {3: 2}, reason="a test")  # type: ignore[union-attr]
        assert [e.verb for e in again.entries] == ["read", "recode_missing", "drop", "recode"]

    def test_every_kind_of_value_comes_back_as_it_was(self, tmp_path: Path, sample: Sample) -> None:
        replicates = Replicates("bootstrap", multipliers=np.array([[0.0, 2.0], [1.5, 0.5], [1.0, 1.0]]), scale=0.5)
        design = Design(
            "w",
            ("s",),
            ("c",),
            nest=True,
            lonely="adjust",
            replicates=replicates,
            adjustments=(Adjustment("rake", (("s",), ("s", "q")), (("w",),), "w"),),
        )
        back = storage.load(storage.save(Sample.of(sample.responses, design), tmp_path / "a.zip"))
        assert isinstance(back, Sample)
        assert back.design.adjustments == design.adjustments
        assert back.design.replicates is not None and back.design.replicates.multipliers is not None
        np.testing.assert_array_equal(back.design.replicates.multipliers, replicates.multipliers)
        assert back.design.replicates.columns == () and back.design.replicates.rscales is None

    @pytest.mark.parametrize("options", [{"by": ["wave", "s"]}, {"model": "wave", "classes": None}])
    def test_those_who_did_not_answer_and_targets_come_back(self, tmp_path: Path, options: dict[str, Any]) -> None:
        """Estimates after loading are equal to the last bit: standard errors know of everybody drawn."""
        rng = np.random.default_rng(5)
        frame = pd.DataFrame(
            {
                "w": rng.uniform(1, 9, 60),
                "s": np.repeat(["Đông", "Tây"], 30),
                "c": np.arange(60) // 5,
                "wave": np.arange(60) % 3,
                "q": rng.integers(1, 6, 60),
                "disposition": rng.choice([1.1, 2.1, 3.1], 60),
            }
        )
        vacant = frame.iloc[:2].assign(disposition=4.0, wave=np.nan)
        sample = sv.Sample(frame[frame["disposition"] == 1.1], weights="w", strata="s", psu="c").adjust_nonresponse(
            **options, nonrespondents=pd.concat([frame[frame["disposition"] != 1.1], vacant])
        )
        crossed = {(wave, s): total for wave in (0, 1, 2) for s, total in (("Đông", 30.0), ("Tây", 40.0))}
        done = sample.rake({"s": {"Đông": 90.0, "Tây": 120.0}, ("wave", "s"): crossed})
        path = storage.save(done, tmp_path / "a.zip")
        back = storage.load(path)
        assert isinstance(back, Sample) and back.design.absent is not None and done.design.absent is not None
        assert back.design == done.design and back.design.adjustments[1].targets == done.design.adjustments[1].targets
        pd.testing.assert_frame_equal(back.design.absent.rows, done.design.absent.rows)
        for by in (None, "wave"):
            ours, theirs = (s.mean("q", by=by) for s in (done, back))
            pd.testing.assert_frame_equal(ours.table, theirs.table, check_exact=True)
            np.testing.assert_array_equal(ours.covariance, theirs.covariance)
        assert storage.save(back, tmp_path / "b.zip").read_bytes() == path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            assert "absent.parquet" in archive.namelist()

    def test_awkward_columns_come_back_with_their_types(self, tmp_path: Path) -> None:
        frame = pd.DataFrame(
            {
                "text": ["Đ", None, "ă"],
                "whole": pd.array([1, None, 3], dtype="Int64"),
                "date": pd.to_datetime(["2024-06-01", None, "2024-06-03"]),
                "kind": pd.Categorical(["b", None, "a"], categories=["c", "b", "a"], ordered=True),
                "yes": [True, False, True],
                "float": [1.5, math.nan, math.inf],
            },
            index=pd.Index([7, 3, 9]),
        )
        back = storage.load(storage.save(Responses(frame), tmp_path / "a.zip"))
        assert isinstance(back, Responses)
        pd.testing.assert_frame_equal(back.data, frame)

    def test_the_same_sample_gives_the_same_bytes(self, study: Study, sample: Sample) -> None:
        first = study.save("a", sample).read_bytes()
        assert study.save("b", sample).read_bytes() == first

    def test_it_is_plain_parquet_and_json_with_no_code_in_it(self, study: Study, sample: Sample) -> None:
        with zipfile.ZipFile(study.save("a", sample)) as archive:
            names = archive.namelist()
            assert json.loads(archive.read("survey.json"))["format"] == storage.FORMAT
        assert sorted(names) == ["data.parquet", "missing.parquet", "rejected.parquet", "survey.json"]

    def test_what_cannot_be_stored_leaves_the_old_file(self, study: Study, sample: Sample) -> None:
        path = study.save("a", sample)
        before = path.read_bytes()
        mixed = Responses(pd.DataFrame({"q": pd.Series([1, "a"], dtype=object)}))
        with pytest.raises(ExportError, match="cannot be stored"):
            study.save("a", mixed)
        with pytest.raises(ExportError, match="Only responses and samples"):
            study.save("a", pd.DataFrame())  # type: ignore[arg-type]
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize(
        "damage", ["cut", "empty", "other zip", "The file was written by a different version", "unknown kind"]
    )
    def test_a_damaged_file_is_refused(self, study: Study, sample: Sample, damage: str) -> None:
        path = study.save("a", sample)
        content = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            parts = {n: archive.read(n) for n in archive.namelist()}
        if damage == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif damage == "empty":
            path.write_bytes(b"")
        else:
            described = json.loads(parts["survey.json"])
            described |= (
                {"format": 99}
                if damage == "The file was written by a different version"
                else {"codebook": {"kind": "Book", "of": {}}}
            )
            parts["survey.json"] = json.dumps(described).encode()
            with zipfile.ZipFile(path, "w") as archive:
                for name, part in parts.items() if damage != "other zip" else [("a.txt", b"")]:
                    archive.writestr(name, part)
        with pytest.raises(ReadError):
            study.load("a")

    def test_what_was_not_saved_names_the_notebook_that_saves_it(self, study: Study) -> None:
        cell = {"cell_type": "code", "source": ['study.save("weighted", sample)\n']}
        (study.notebooks / "02_weighting.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
        with pytest.raises(StudyError, match="'weighted'") as caught:
            study.load("weighted")
        assert "02_weighting" in str(caught.value.fix)
        with pytest.raises(StudyError, match="'other'") as caught:
            study.load("other")
        assert "02_weighting" not in str(caught.value.fix)

    @pytest.mark.parametrize("name", ["", "../raw/x", "a/b", ".hidden"])
    def test_a_name_cannot_leave_the_folder(self, study: Study, sample: Sample, name: str) -> None:
        with pytest.raises(StudyError, match="not valid for saved"):
            study.save(name, sample)
        assert not study.processed.exists()


class TestFindings:
    def test_findings_are_kept_in_order_and_replaced_where_they_stand(self, study: Study) -> None:
        study.keep(found("a", en="First."))
        study.keep(found("b", estimate=np.float64(0.1) + 0.2, n=np.int64(12), low=math.nan))
        study.keep(found("a", vi="Mới: đúng.", en="Again."))
        kept = study.findings()
        assert [f.id for f in kept] == ["a", "b"]
        assert kept[0].en == "Again." and kept[0].vi == "Mới: đúng."
        numbers = dict(kept[1].numbers)
        assert numbers["estimate"] == 0.30000000000000004  # unrounded
        assert numbers["n"] == 12 and math.isnan(numbers["low"])
        assert b"NaN" not in (study.processed / "findings.json").read_bytes()  # which is no JSON

    def test_the_same_run_gives_the_same_bytes(self, study: Study) -> None:
        path = study.processed / "findings.json"
        study.keep(found("a"))
        first = path.read_bytes()
        study.keep(found("a"))
        assert path.read_bytes() == first
        assert "Một câu.".encode() in first  # to be read by people, not escaped

    def test_there_are_none_before_the_first(self, study: Study) -> None:
        assert study.findings() == ()
        study.forget_findings()

    def test_a_damaged_file_is_told(self, study: Study) -> None:
        study.keep(found("a"))
        path = study.processed / "findings.json"
        path.write_bytes(path.read_bytes()[:20])
        with pytest.raises(StudyError, match="damaged"):
            study.findings()


def test_exhibits_are_written_in_both_languages(raw: Path, sample: Sample) -> None:
    (raw / "study.toml").write_text(STUDY.replace('id = "toy"', 'id = "toy"\nlanguage = "vi"'), encoding="utf-8")
    study = Study.open(raw)
    exhibit = sv.tables.table(sample.mean("q", by="wave"), title={"vi": "Bảng thử", "en": "A trial table"})
    written = study.export(exhibit, "tab01", formats=["csv", "html"])
    assert list(written) == ["vi.csv", "vi.html", "en.csv", "en.html", "json"]
    assert "Bảng thử" in written["vi.html"].read_text(encoding="utf-8")
    assert "A trial table" in written["en.html"].read_text(encoding="utf-8")
    assert {p.parent for p in written.values()} == {study.exhibits}


def test_study_is_among_the_names_of_the_package() -> None:
    assert sv.Study is Study

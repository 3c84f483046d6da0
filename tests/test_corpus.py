"""Files that released versions wrote still open and give the right numbers, or are refused with one clear error.

Numbers are those of R (`corpus/expected.R`), of a pencil, or what `corpus/make.py` typed in; none is our own output.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.io.xlsform.codebook import codebook_from_xlsform
from survey.study import storage

CORPUS = Path(__file__).parent / "corpus"
VERSIONS = sorted(p.name for p in CORPUS.iterdir() if p.is_dir() and re.fullmatch(r"\d+\.\d+", p.name))
SAMPLES = (
    "weights",
    "clusters",
    "two_stages",
    "raked",
    "poststratified",
    "calibrated",
    "trimmed",
    "scaled",
    "jackknife",
    "bootstrap_raked",
    "columns",
    "classes",
    "propensity",
)
OPENS = {
    "0.1": {
        *(f"samples/{name}.zip" for name in SAMPLES),
        *(f"responses/{name}.zip" for name in ("raw", "clean", "types")),
        "logs/cleaning.json",
        "logs/kinds.json",
        "codebooks/typed.toml",
        "codebooks/cleaned.toml",
        "codebooks/form.xlsx",
        *(f"exhibits/{name}.{lang}.csv" for name in ("means", "answers", "few") for lang in ("vi", "en")),
        *(f"exhibits/{name}.json" for name in ("means", "answers", "table", "few")),
        "exhibits/table.csv",
        "exhibits/table.html",
        "study/data/processed/findings.json",
        *(f"files/{kind}.{kind}" for kind in ("parquet", "sav", "dta", "csv")),
    }
}
"""What opens, by version. A file that a later version can no longer open moves from here to REFUSED."""
REFUSED: dict[str, dict[str, type[sv.SurveyError]]] = {
    "0.1": {"refused/cut.zip": sv.ReadError, "refused/verb.json": sv.CleaningError}
}
"""What is refused, by version, with the class of the error."""
BESIDE = re.compile(
    r"expected\.json|samples/people\.csv|logs/(answers\.csv|codebook\.toml)|files/\w+\.codebook\.toml"
    r"|study/data/raw/.*"
)
"""What is read together with the files that the lists name."""


def files_of(version: str) -> list[str]:
    folder = CORPUS / version
    found = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return [f for f in found if not BESIDE.fullmatch(f)]


ALL = [(version, file) for version in VERSIONS for file in files_of(version)]


@pytest.fixture(scope="module")
def expected() -> Callable[[str, str], dict[str, Any]]:
    def of(version: str, name: str) -> dict[str, Any]:
        found = json.loads((CORPUS / version / "expected.json").read_text(encoding="utf-8"))["results"]
        result: dict[str, Any] = found[name]
        return result

    return of


def test_every_file_is_on_a_list() -> None:
    assert VERSIONS == sorted(OPENS) == sorted(REFUSED)
    for version in VERSIONS:
        assert set(files_of(version)) == OPENS[version] | set(REFUSED[version])
        assert not OPENS[version] & set(REFUSED[version])


@pytest.mark.parametrize(("version", "file"), ALL)
def test_it_opens_or_is_refused(
    version: str, file: str, expected: Callable[[str, str], dict[str, Any]], tmp_path: Path
) -> None:
    path = CORPUS / version / file
    kind = file.partition("/")[0]
    error = REFUSED[version].get(file)
    if error is None:
        assert file in OPENS[version]
        CHECKS[kind](path, lambda name: expected(version, name), tmp_path)
        return
    with pytest.raises(error) as caught:
        CHECKS[{".zip": "samples", ".json": "logs"}[path.suffix]](path, lambda name: {}, tmp_path)
    told = caught.value
    assert told.what and told.where and told.got and told.expected and told.fix
    assert 3 <= len(str(told).splitlines()) <= 6


@pytest.mark.parametrize("version", VERSIONS)
def test_no_file_names_a_place_on_the_machine_that_wrote_it(version: str) -> None:
    texts = {}
    for path in (CORPUS / version).rglob("*"):
        if path.suffix in (".json", ".toml", ".csv", ".html"):
            texts[path.name] = path.read_text(encoding="utf-8")
        elif path.suffix == ".zip" and path.parent.name != "refused":
            with zipfile.ZipFile(path) as archive:
                texts[path.name] = archive.read("survey.json").decode("utf-8")
    assert len(texts) > 20
    for name, text in texts.items():
        assert not re.search(r'"(/|[A-Za-z]:\\|file:)[\w]', text), name


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stored_file_of_another_format_is_refused(version: str, tmp_path: Path) -> None:
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(CORPUS / version / "samples" / "clusters.zip") as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "survey.json":
                content = re.sub(rb'"format": \d+', b'"format": 999', content, count=1)
            new.writestr(name, content)
    with pytest.raises(sv.ReadError, match="The file was written by a different version") as caught:
        storage.load(changed)
    assert "999" in str(caught.value.got)


# --- what each kind of file must give ---------------------------------------------------------------------------------

Expected = Callable[[str], dict[str, Any]]


def check_sample(path: Path, expected: Expected, tmp_path: Path) -> None:
    s = storage.load(path)
    assert isinstance(s, sv.Sample) and s.simulated
    right = expected(path.stem)
    for turn in range(2):
        row = s.mean("q").table.iloc[0]
        assert row["n"] == 38
        assert row["estimate"] == pytest.approx(right["estimate"], rel=1e-9)
        if "std_error" in right:
            # raking ends at rounding, so its residuals are known to fewer digits
            assert row["std_error"] == pytest.approx(right["std_error"], rel=1e-8)
        # and what this version stores of it gives the same; no file that was read is replaced
        again = storage.load(storage.save(s, tmp_path / f"again_{turn}.zip"))
        assert isinstance(again, sv.Sample)
        s = again
    people = pd.read_csv(path.parent / "people.csv")
    answered = people[people["disposition"] == "I"].reset_index(drop=True)
    for column in ("stratum", "psu", "sex", "age", "q", "w"):
        np.testing.assert_array_equal(s.data[column], answered[column])
    if path.stem == "raked":
        for column, totals in {"sex": {0: 300, 1: 300}, "age": {1: 240, 2: 180, 3: 180}}.items():
            for value, total in totals.items():
                assert s.weights[(s.data[column] == value).to_numpy()].sum() == pytest.approx(total, rel=1e-9)
    if path.stem == "scaled":
        assert s.weights.sum() == pytest.approx(38)
    if path.stem in ("classes", "propensity"):
        assert s.design.absent is not None and len(s.design.absent.rows) == 8
    if path.stem == "classes":
        assert s.weights.sum() == pytest.approx(people["w"].sum())


def check_responses(path: Path, expected: Expected, tmp_path: Path) -> None:
    r = storage.load(path)
    assert isinstance(r, sv.Responses) and r.codebook.simulated
    RESPONSES[path.stem](r)


def check_raw(r: sv.Responses) -> None:
    assert len(r) == 12 and [e.verb for e in r.entries] == ["read"] and not len(r.rejected)
    assert r.data["resp_id"].tolist() == [f"R{i:02d}" for i in range(1, 13)]
    np.testing.assert_array_equal(r.data["clean"], [4, -98, 3, 5, -97, 2, 1, 4, 5, 3, 4, 2])
    np.testing.assert_array_equal(r.data["gentle"], [5, 4, np.nan, -99, 3, 2, np.nan, -96, 1, 4, 5, np.nan])
    assert [f"{d:%m-%d}" for d in pd.to_datetime(r.data["day"])][:4] == ["03-01", "03-01", "03-02", "03-02"]
    assert (r.sources[0].path, r.sources[0].rows) == ("logs/answers.csv", 12)
    check_book(r.codebook)


def check_clean(r: sv.Responses) -> None:
    """Twelve typed rows; a trial interview (R12) was dropped and the two highest answers to `clean` were joined."""
    assert [e.verb for e in r.entries] == ["read", "recode_missing", "recode", "derive", "band", "drop", "score"]
    assert [e.reason for e in r.entries if e.reason] == [
        "gộp hai mức cao nhất / two highest joined",
        "phỏng vấn thử / trial interview",
    ]
    assert len(r) == 11 and r.rejected["resp_id"].tolist() == ["R12"]
    np.testing.assert_array_equal(r.data["clean"], [4, np.nan, 3, 4, np.nan, 2, 1, 4, 4, 3, 4])
    # dont_know 3, refused 4, blank 2, not_applicable 1, not_asked 5: places in the codebook's order of kinds
    kind = {name: i for i, name in enumerate(("not_applicable", "blank", "dont_know", "refused", "not_asked"), 1)}
    assert r.missing["clean"].tolist() == [0, kind["dont_know"], 0, 0, kind["blank"], 0, 0, 0, 0, 0, 0]
    assert r.missing["gentle"].tolist() == [
        0,
        0,
        kind["not_asked"],
        kind["refused"],
        0,
        0,
        kind["not_asked"],
        kind["not_applicable"],
        0,
        0,
        0,
    ]
    np.testing.assert_array_equal(r.data["age"], [76, 65, 54, 43, 32, 71, np.nan, 49, 38, 27, 22])
    assert r.codebook["age"].text["vi"] == "Tuổi"
    # gentle 1-5 is 0, 25, 50, 75, 100; clean ends at 4 since the recoding: 0, 33.3, 66.7, 100. R02, R04 and R05
    # answered one of two; R03 and R07 were not asked for the other, to R08 it did not apply
    np.testing.assert_allclose(
        r.data["service"],
        [100, np.nan, 200 / 3, np.nan, np.nan, (25 + 100 / 3) / 2, 0, 100, 50, (75 + 200 / 3) / 2, 100],
    )
    again = sv.Sample(r, weights=None).mean("clean").table.iloc[0]
    assert (again["estimate"], again["n"]) == (pytest.approx(29 / 9), 9)


def check_types(r: sv.Responses) -> None:
    d = r.data
    assert d["place"].astype(object).where(d["place"].notna(), None).tolist() == ["Huế", "Đà Nẵng", None, "Huế"]
    assert d["place"].cat.categories.tolist() == ["Đà Nẵng", "Huế", "Cần Thơ"]
    assert [str(t) for t in d["when"]] == ["2026-01-01 08:30:00", "NaT", "2026-02-03 17:00:00", "2026-03-04 09:15:00"]
    assert d["said"].astype(object).where(d["said"].notna(), None).tolist() == [
        "đường sạch",
        'Nước yếu: "rất yếu"',
        "",
        None,
    ]
    assert d["yes"].astype(object).where(d["yes"].notna(), None).tolist() == [True, False, None, True]
    assert d["many"].astype(object).where(d["many"].notna(), None).tolist() == [1, None, 3, 4]
    np.testing.assert_array_equal(d["number"], [0.1, np.nan, -1e-300, 1e300])


RESPONSES = {"raw": check_raw, "clean": check_clean, "types": check_types}


def check_log(path: Path, expected: Expected, tmp_path: Path) -> None:
    """Replayed from a copy elsewhere: what a log needs lies beside it."""
    for name in (path.name, "answers.csv", "codebook.toml"):
        source = path.parent / name
        shutil.copy(source if source.exists() else path.parents[1] / "logs" / name, tmp_path / name)
    r = sv.replay(tmp_path / path.name)
    if path.stem != "kinds":
        check_clean(r)
        return
    assert [e.verb for e in r.entries] == ["read", "recode_missing"]
    assert r.entries[1].arguments["outside"] == "blank"
    assert r.data["clean"].notna().sum() == 10 and r.data["gentle"].notna().sum() == 7


def check_book(book: sv.Codebook) -> None:
    """As typed in `make.py`."""
    assert book["clean"].text == {"vi": "Đường phố có sạch không?", "en": "Are the streets clean?"}
    assert book["gentle"].labels[5] == {"vi": "rất hài lòng", "en": "very satisfied"}
    assert list(book["gentle"].codes) == [1, 2, 3, 4, 5] and book["gentle"].direction == 1
    assert book["gentle"].base == "contact == 1"
    assert dict(book["gentle"].missing) == {
        -96: "not_applicable",
        -97: "blank",
        -98: "dont_know",
        -99: "refused",
    }
    assert book["ward"].labels["P02"]["vi"] == "Phường Hai"


def check_codebook(path: Path, expected: Expected, tmp_path: Path) -> None:
    if path.suffix == ".xlsx":
        book = codebook_from_xlsform(path)
        assert book["clean"].text["vi"] == "Đường phố có sạch không?"
        assert book["clean"].labels[5] == {"vi": "rất hài lòng", "en": "very satisfied"}
        return
    book = sv.read_codebook(path)
    assert book.simulated and book.title["vi"] == "Khảo sát mẫu"
    if path.stem == "typed":
        check_book(book)
    else:
        assert list(book["clean"].codes) == [1, 2, 3, 4] and book["age"].text["en"] == "Age"


def check_exhibit(path: Path, expected: Expected, tmp_path: Path) -> None:
    """Numbers are R's, words are what was typed in, and of few answers nothing is shown."""
    name = path.name.partition(".")[0]
    if path.suffix == ".json":
        told = json.loads(path.read_text(encoding="utf-8"))
        assert (told["name"], told["simulated"]) == (name, True) and re.fullmatch(r"[0-9a-f]{64}", told["hash"])
        assert all((path.parent / file).is_file() for file in told["files"])
        assert all("dữ liệu mô phỏng" in t["source"] or "simulated" in t["source"] for t in told["texts"].values())
        return
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".html":
        assert "nam" in text and "nữ" in text and "3,17" in text and "2,97" in text  # R: 3.1678, 2.9734
        return
    rows = list(csv.DictReader(io.StringIO(text)))
    if name == "few":
        assert len(rows) == 3 and not any(row["estimate"] or row["std_error"] or row["n"] for row in rows)
        return
    right = expected("answers" if name == "answers" else "by_sex")
    np.testing.assert_allclose([float(r["estimate"]) for r in rows], right["estimate"], rtol=1e-9)
    np.testing.assert_allclose([float(r["std_error"]) for r in rows], right["std_error"], rtol=1e-9)
    english = ".en." in path.name
    assert rows[0]["item_label"] == ("Service" if english else "Phục vụ")
    if name != "answers":
        assert [r["sex_label"] for r in rows] == (["men", "women"] if english else ["nam", "nữ"])
        assert [int(r["n"]) for r in rows] == [92, 60]  # four times the 23 men and 15 women of people.csv


def check_study(path: Path, expected: Expected, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(path.parents[2], study)
    opened = sv.Study.open(study / "data" / "raw" / "study.toml")
    findings = {f.id: f for f in opened.findings()}
    assert list(findings) == ["service", "women_men"]
    assert findings["service"].numbers["estimate"] == pytest.approx(expected("scaled")["estimate"], rel=1e-9)
    assert findings["service"].numbers["std_error"] == pytest.approx(expected("scaled")["std_error"], rel=1e-9)
    assert findings["women_men"].numbers["estimate"] == pytest.approx(expected("women_men")["estimate"], rel=1e-9)
    assert findings["women_men"].numbers["std_error"] == pytest.approx(expected("women_men")["std_error"], rel=1e-9)
    assert "3,09" in findings["service"].vi and "3.09" in findings["service"].en
    assert len(opened.read()) == 12


def check_file(path: Path, expected: Expected, tmp_path: Path) -> None:
    """The typed rows, with five kinds of missing answers and the codebook beside."""
    book = path.with_suffix(".codebook.toml")
    r = sv.read(path, codebook=book).recode_missing()
    assert r.data["resp_id"].tolist() == [f"R{i:02d}" for i in range(1, 13)]
    np.testing.assert_array_equal(r.data["clean"], [4, np.nan, 3, 5, np.nan, 2, 1, 4, 5, 3, 4, 2])
    kind = {name: i for i, name in enumerate(("not_applicable", "blank", "dont_know", "refused", "not_asked"), 1)}
    assert r.missing["clean"].tolist() == [0, kind["dont_know"], 0, 0, kind["blank"], *[0] * 7]
    assert r.missing["gentle"].tolist() == [
        0,
        0,
        kind["not_asked"],
        kind["refused"],
        0,
        0,
        kind["not_asked"],
        kind["not_applicable"],
        0,
        0,
        0,
        kind["not_asked"],
    ]
    assert sv.Sample(r, weights=None).mean("clean").table.loc[0, "estimate"] == pytest.approx(33 / 10)
    assert r.codebook["gentle"].labels[5]["vi"] == "rất hài lòng"
    assert r.codebook["ward"].labels["P02"]["en"] == "Ward Two"


CHECKS: dict[str, Callable[[Path, Expected, Path], None]] = {
    "samples": check_sample,
    "responses": check_responses,
    "logs": check_log,
    "codebooks": check_codebook,
    "exhibits": check_exhibit,
    "study": check_study,
    "files": check_file,
}

"""Replay: raw files + log = cleaned answers, to the last bit, and an error for anything less."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from examples import examples
from survey.cleaning.logfile import Log, fingerprint
from survey.codebook import Codebook
from survey.core.log import LogEntry
from survey.errors import CleaningError, CodebookError, ReadError, SurveyWarning
from survey.io.replay import VERBS
from survey.responses import Responses

pytestmark = pytest.mark.sampled

BOOK = """
[dimensions]
d = "D"
[missing]
-98 = {kind = "dont_know", vi = "không biết", en = "don't know"}
-99 = {kind = "refused", vi = "từ chối", en = "refused"}
[scales.S5]
type = "ordinal"
labels = {1 = "một", 2 = "hai", 3 = "ba", 4 = "bốn", 5 = "năm"}
[variables]
id = {type = "id", role = "id", missing = false}
kind = {type = "nominal", labels = {"người dân" = "resident", "doanh nghiệp" = "business"}, missing = false}
a = {scale = "S5", direction = 1, dimension = "d", scored = true}
b = {scale = "S5", direction = -1, dimension = "d", scored = true, base = "kind == 'người dân'"}
year = {type = "number", limits = [1900, 2010]}
ward = {type = "nominal", missing = false, labels = {"01" = "Một", "02" = "Hai"}}
day = {type = "date", missing = false}
mood = {type = "ordinal", missing = false, labels = {"kém" = "bad", "tốt" = "good"}}
"""
LINES = [
    "id,kind,a,b,year,ward,day,mood",
    "R0,người dân,5,1,1950,01,2024-06-30,tốt",
    "R1,doanh nghiệp,4,,1960,02,2024-06-30,kém",
    "R2,,-98,2,1999,01,2025-07-01,",
    "R3,người dân,5,1,1950,01,2024-06-30,tốt",
    "R4,người dân,-99,9,-98,,2024-06-30,tốt",
]
LINEAGE = [
    {
        "code": "01",
        "name": "Một cũ",
        "valid_from": "2000-01-01",
        "valid_to": "2025-06-30",
        "successor_code": "02",
        "successor_valid_from": "2025-07-01",
    },
    {
        "code": "02",
        "name": "Hai cũ",
        "valid_from": "2000-01-01",
        "valid_to": "2025-06-30",
        "successor_code": "01",
        "successor_valid_from": "2025-07-01",
    },
    {
        "code": "02",
        "name": "Hai mới",
        "valid_from": "2025-07-01",
        "valid_to": "",
        "successor_code": "",
        "successor_valid_from": "",
    },
    {
        "code": "01",
        "name": "Một mới",
        "valid_from": "2025-07-01",
        "valid_to": "",
        "successor_code": "",
        "successor_valid_from": "",
    },
]

Step = Callable[[Responses], Responses]
STEPS: dict[str, Step] = {
    "recode_missing": lambda r: r.recode_missing(),
    "recode_missing of one column": lambda r: r.recode_missing("a"),
    "recode_missing outside": lambda r: r.recode_missing(outside="blank"),
    "recode": lambda r: r.recode("a", {5: 4, 4: 5}, reason="swapped"),
    "recode to empty": lambda r: r.recode("b", {9: None}),
    "recode text": lambda r: r.recode("kind", {"doanh nghiệp": "người dân"}),
    "merge_categories": lambda r: r.merge_categories("ward", {"all": ["01", "02"]}, into=_free(r, "w")),
    "merge_categories by code": lambda r: r.merge_categories("a", {10: [1, 2, 3], 20.5: [4, 5]}, into=_free(r, "m")),
    "derive": lambda r: r.derive(_free(r, "age"), "2024 - year", label={"vi": "tuổi", "en": "age"}),
    "derive a condition": lambda r: r.derive(_free(r, "old"), "year < 1955"),
    "band": lambda r: r.band("year", [-float("inf"), 1955, 1990, float("inf")], into=_free(r, "y")),
    "band labels": lambda r: r.band("year", [1900, 2010], into=_free(r, "z"), labels=[{"vi": "hết", "en": "all"}]),
    "map_wards": lambda r: r.map_wards("ward", lineage=LINEAGE, date="day", to="2025-07-01", into=_free(r, "v")),
    "map_wards by vintage": lambda r: r.map_wards(
        "ward",
        lineage=LINEAGE,
        date={"kind": {"người dân": "2024-01-01", "doanh nghiệp": "2025-08-01"}},
        to="2025-07-01",
        into=_free(r, "u"),
    ),
    "reverse": lambda r: r.reverse(),
    "reverse one": lambda r: r.reverse("b"),
    "number_scales": lambda r: r.number_scales(),
    "set_scale": lambda r: r.set_scale("kind", ["Doanh nghiệp", "Người dân"], direction=1),
    "set_scale by code": lambda r: r.set_scale("kind", {1: "người dân", 2: {"vi": "doanh nghiệp"}}),
    "set_scale by name": lambda r: r.set_scale(["a", "b"], "satisfaction5", reason="as asked"),
    "drop": lambda r: r.drop(where="year > 1990", reason="too young"),
    "drop by rows": lambda r: r.drop(where=lambda d: d["id"] == "R1", reason="picked by hand"),
    "drop by array": lambda r: r.drop(where=np.arange(len(r)) == 0, reason="the first"),
    "collapse_copies": lambda r: r.collapse_copies(ignore="id", into=_free(r, "copies")),
    "collapse_copies of two": lambda r: r.collapse_copies(["a", "b"], adjacent=True, into=_free(r, "n")),
    "declare_missing": lambda r: r.declare_missing(
        {"year": {1999: "refused"}, "kind": {"doanh nghiệp": "not_asked"}}
    ).apply(),
    "declare_missing by label": lambda r: r.declare_missing(labels={"nă*": "dont_know"}).apply(),
    "to_number": lambda r: r.to_number("ward"),
    "score": lambda r: r.score("d", min_answered=1 / 3, into=_free(r, "s")),
    "score items": lambda r: r.score("x", items=["a"], scale=(0, 10), into=_free(r, "t")),
    "declare_select_all": lambda r: r.declare_select_all(_free(r, "k"), "ward", separator=" ", base="any chosen"),
    "code_answers": lambda r: r.code_answers(_free(r, "o"), "day", {"R1": ["early", "late"], "R0": "late"}, key="id"),
}
SHAPES: dict[str, Step] = {  # which change rows and columns, and no cell
    "rename": lambda r: r.rename({"a": "b", "b": "a"}),
    "rename with spaces": lambda r: r.rename({"kind": "ai trả lời", "ward": "kind"}),
    "select": lambda r: r.select(["id", "kind", "a", "b", "year"]),
    "select without": lambda r: r.select(without=[r.data.columns[-1]]),
    "append": lambda r: r.append(_again(r).recode_missing().drop(where="year > 1990", reason="too young")),
    "append what is common": lambda r: r.append(_again(r).select(without="year"), columns="common"),
    "append to an appended one": lambda r: r.append(_again(r).append(_again(r))),
    "reshape": lambda r: _of_wards(r).reshape(
        id="id", question="ward", answer="kind", repeats="first", absent="not_asked"
    ),
    "reshape joined": lambda r: _of_wards(r).reshape(id="id", question="ward", answer="kind", repeats="join"),
}


def _of_wards(responses: Responses) -> Responses:
    return responses.select(["id", "ward", "kind"]).drop(where="isna(ward)", reason="no ward")


def _again(responses: Responses) -> Responses:
    """The same file, read as another wave."""
    (source, *_) = responses.sources
    return sv.read(source.path, codebook=responses.codebook.source or None)


def _free(responses: Responses, name: str) -> str:
    taken = responses.data.columns
    return next(n for n in (f"{name}{i}" for i in range(99)) if n not in taken)


def study(folder: Path, lines: list[str] = LINES) -> Responses:
    (folder / "raw.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "book.toml").write_text(BOOK, encoding="utf-8")
    return sv.read(folder / "raw.csv", codebook=folder / "book.toml")


def same(a: Responses, b: Responses) -> None:
    """Every part, without asking our own fingerprint."""
    pd.testing.assert_frame_equal(a.data, b.data, check_exact=True)
    pd.testing.assert_frame_equal(a.missing, b.missing, check_exact=True)
    pd.testing.assert_frame_equal(a.rejected, b.rejected, check_exact=True)
    assert list(a.codebook.variables) == list(b.codebook.variables)
    assert a.codebook.variables == b.codebook.variables
    assert a.entries == b.entries and a.sources == b.sources


def chain(responses: Responses, names: list[str]) -> Responses:
    """The steps that can be done, in this order; a verb that refuses leaves nothing behind."""
    for name in names:
        before = responses
        try:
            responses = {**STEPS, **SHAPES}[name](before)
        except CleaningError:
            assert responses is before
        except CodebookError:  # after a reshape no item is scored in the dimension
            assert responses is before and name == "score" and "a" not in before.codebook
    return responses


@pytest.mark.parametrize("name", [*STEPS, *SHAPES])
def test_every_verb_is_done_again_from_the_file(name: str, tmp_path: Path) -> None:
    raw = study(tmp_path)
    ready = ["recode_missing outside", "drop by rows"] if name == "map_wards by vintage" else ["recode_missing outside"]
    clean = {**STEPS, **SHAPES}[name](
        raw
        if name.startswith("recode_missing")
        else chain(raw, ready).drop(where="isna(kind)", reason="no kind")
        if "vintage" in name
        else chain(raw, ready)
    )
    clean.save_log(tmp_path / "log.json")
    same(sv.replay(tmp_path / "log.json"), clean)
    same(clean.replay(), clean)


def test_the_steps_here_are_all_the_verbs_there_are() -> None:
    elsewhere = {"join_audit"}  # needs files: tests/io/platforms/test_audit.py does its log again
    assert {name.split()[0] for name in (*STEPS, *SHAPES)} | elsewhere == set(VERBS)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.sampled_from(sorted({**STEPS, **SHAPES})), max_size=10),
    st.lists(st.sampled_from(LINES[1:]), max_size=7),
)
@pytest.mark.slow
def test_any_chain_of_verbs_is_done_again(names: list[str], rows: list[str]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lines = [LINES[0], *(f"X{i},{row.split(',', 1)[1]}" for i, row in enumerate(rows)), LINES[1]]
        clean = chain(study(folder, lines), names)
        path = clean.save_log(folder / "log.json")
        same(sv.replay(path), clean)
        before = path.read_bytes()
        sv.replay(path).save_log(path)
        assert path.read_bytes() == before


@pytest.mark.slow
@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(st.sampled_from(sorted(STEPS)), max_size=12),
    st.lists(st.sampled_from(LINES[1:]), max_size=7),
)
def test_no_row_disappears_and_no_cell_changes_unseen(names: list[str], rows: list[str]) -> None:
    """Rows in the data and rejected are the rows read; a line of the log counts what its step changed."""
    with tempfile.TemporaryDirectory() as scratch:
        lines = [LINES[0], *(f"X{i},{row.split(',', 1)[1]}" for i, row in enumerate(rows)), LINES[1]]
        raw = now = study(Path(scratch), lines)
    for name in names:
        before, now = now, chain(now, [name])
        if now is before:
            continue
        (entry,) = now.entries[len(before.entries) :]
        assert (entry.rows_before, entry.rows_after) == (len(before), len(now))
        gone = before.data.index.difference(now.data.index)
        assert sorted([*now.data.index, *now.rejected.index]) == sorted(raw.data.index)
        assert set(gone) <= set(now.rejected.index)
        assert not len(gone) or (now.rejected.loc[gone, "_step"] == len(now.entries)).all()
        old, new = before.data.loc[now.data.index], now.data
        for column in before.data.columns if len(gone) else ():  # what is gone is in rejected as it was
            pd.testing.assert_series_equal(
                now.rejected.loc[gone, column], before.data.loc[gone, column], check_dtype=False
            )
        changed = sum(int((~_equal(old[c], new[c])).sum()) for c in old.columns)
        added = sum(int(new[c].notna().sum()) for c in new.columns.difference(old.columns))
        rows = np.zeros(len(new), dtype=bool)
        for column in old.columns:
            rows |= ~_equal(old[column], new[column])
        if entry.verb in ("drop", "collapse_copies"):
            assert changed == 0 and entry.rows_touched == len(gone)
        elif entry.verb in (
            *("recode_missing", "declare_missing", "to_number", "recode", "reverse", "set_scale", "number_scales"),
        ):
            # a 3 turned is a 3, a 4 recoded to 4 is a 4: no fewer answers are told than cells differ
            assert added == 0 and not len(gone)
            assert changed <= entry.answers_touched and int(rows.sum()) <= entry.rows_touched
            assert changed == entry.answers_touched or entry.verb in ("recode", "reverse")
        else:
            filled = new[new.columns.difference(old.columns)].notna().any(axis=1)  # a set of options is several columns
            assert changed == 0 and not len(gone) and added == entry.answers_touched
            assert int(filled.sum()) == entry.rows_touched


def _equal(a: pd.Series, b: pd.Series) -> np.ndarray:
    return ((a.astype(object) == b.astype(object)) | (a.isna() & b.isna())).to_numpy(bool)


def test_another_raw_file_is_refused_and_named(tmp_path: Path) -> None:
    clean = study(tmp_path).recode_missing()
    clean.save_log(tmp_path / "log.json")
    (tmp_path / "raw.csv").write_text("\n".join(LINES[:3]) + "\n", encoding="utf-8")
    with pytest.raises(ReadError, match="not the one") as caught:
        sv.replay(tmp_path / "log.json")
    assert "raw.csv" in str(caught.value) and clean.sources[0].sha256[:12] in str(caught.value)
    (tmp_path / "raw.csv").unlink()
    with pytest.raises(ReadError, match="does not exist"):
        sv.replay(tmp_path / "log.json")


def test_of_two_raw_files_the_one_that_differs_is_named(tmp_path: Path) -> None:
    study(tmp_path)
    (tmp_path / "two.csv").write_bytes((tmp_path / "raw.csv").read_bytes())
    clean = sv.read([tmp_path / "raw.csv", tmp_path / "two.csv"], codebook=tmp_path / "book.toml").recode_missing()
    same(clean.replay(), clean)
    (tmp_path / "two.csv").write_text("\n".join(LINES[:3]) + "\n", encoding="utf-8")
    with pytest.raises(ReadError) as caught:
        clean.replay()
    assert "two.csv" in str(caught.value) and "raw.csv" not in str(caught.value)
    with pytest.raises(ReadError, match="number of raw files"):
        clean.replay([tmp_path / "raw.csv"])


def test_raw_files_that_moved_are_found_in_a_folder_or_beside_the_log(tmp_path: Path) -> None:
    old, new, logs = (tmp_path / n for n in ("old", "new", "logs"))
    for folder in (old, new, logs):
        folder.mkdir()
    clean = study(old).recode_missing()
    clean.save_log(new / "log.json")
    clean.save_log(logs / "log.json")
    for name in ("raw.csv", "book.toml"):
        (old / name).rename(new / name)
    same(sv.replay(new / "log.json"), clean)
    with pytest.raises(ReadError, match="does not exist"):
        sv.replay(logs / "log.json")
    same(sv.replay(logs / "log.json", new, codebook=new / "book.toml"), clean)
    same(sv.replay(logs / "log.json", [new / "raw.csv"], codebook=Codebook.from_toml(new / "book.toml")), clean)


def test_another_codebook_gives_another_result_and_says_so(tmp_path: Path) -> None:
    clean = study(tmp_path).recode_missing()
    clean.save_log(tmp_path / "log.json")
    (tmp_path / "book.toml").write_text(BOOK.replace('-99 = {kind = "refused"', '-99 = {kind = "blank"'), "utf-8")
    with pytest.raises(CleaningError, match="The replayed answers differ from those in the log") as caught:
        sv.replay(tmp_path / "log.json")
    assert "missing: a" in str(caught.value) and "codebook: " in str(caught.value)


def test_answers_read_already_may_stand_for_the_file(tmp_path: Path) -> None:
    raw = study(tmp_path)
    clean = chain(raw, ["recode_missing", "score", "drop"])
    same(sv.replay(Log.of(clean), raw), clean)
    frame = Responses(raw.data, raw.codebook)
    own = frame.recode_missing().drop(where="year > 1990", reason="too young")
    with pytest.raises(CleaningError, match="does not begin with reading"):
        own.replay()
    same(own.replay(frame), own)


def test_an_unknown_verb_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    raw = study(tmp_path)
    for verb in ("logged", "__init__", "to_html", "save_log", "read"):
        log = Log((*raw.entries, LogEntry(verb, "x", {}, 5, 5, 0)), raw.sources)
        with pytest.raises(CleaningError, match="The log names a step that cannot be repeated") as caught:
            sv.replay(log)
        assert "step 2" in str(caught.value) and "recode_missing" in str(caught.value)
    log = Log((*raw.entries, LogEntry("reverse", "x", {"colums": None}, 5, 5, 0)), raw.sources)
    with pytest.raises(CleaningError, match="arguments"):
        sv.replay(log)


def test_a_step_that_fails_says_which_it_was(tmp_path: Path) -> None:
    raw = study(tmp_path)
    log = Log((*raw.entries, LogEntry("reverse", "absent", {"columns": ["absent"]}, 5, 5, 0)), raw.sources)
    with pytest.raises(CleaningError, match="no column") as caught:
        sv.replay(log)
    assert "step 2" in caught.value.__notes__[0]
    log = Log((*raw.entries, LogEntry("drop", "", {"rows": [1, 77], "reason": "x"}, 5, 3, 2)), raw.sources)
    with pytest.raises(CleaningError, match="not in the data") as caught:
        sv.replay(log)
    assert "77" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 9}', '{"format": 1}', '{"format": 1, "steps": [{}], "sources": [], "result": {}}'],
)
def test_a_file_that_is_no_log_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReadError):
        sv.read_log(path)
    with pytest.raises(ReadError, match="does not exist"):
        sv.read_log(tmp_path / "none.json")


def test_a_log_is_plain_json_with_vietnamese_in_clear(tmp_path: Path) -> None:
    clean = study(tmp_path).drop(where="kind == 'doanh nghiệp'", reason="không thuộc mẫu")
    text = clean.save_log(tmp_path / "log.json").read_text(encoding="utf-8")
    assert "không thuộc mẫu" in text and "NaN" not in text
    written = json.loads(text)
    assert [s["verb"] for s in written["steps"]] == ["read", "drop"]
    log = sv.read_log(tmp_path / "log.json")
    assert log.entries == clean.entries and log.sources == clean.sources
    assert log.result == fingerprint(clean)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.assign(x=[1.0, 2.0, 3.5]),
        lambda d: d.assign(x=[1, 2, 3]),
        lambda d: d.assign(t=["a", "b", None]),
        lambda d: d[["t", "x"]],
        lambda d: d.set_axis([0, 1, 3]),
        lambda d: d.iloc[[1, 0, 2]],
        lambda d: d.rename(columns={"x": "y"}),
    ],
)
def test_a_fingerprint_sees_every_change(change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    data = pd.DataFrame({"x": [1.0, 2.0, np.nan], "t": ["a", "b", "ă"]})
    assert fingerprint(Responses(data)) == fingerprint(Responses(data.copy()))
    assert fingerprint(Responses(data)) != fingerprint(Responses(change(data)))


def test_values_that_json_has_no_word_for_come_back(tmp_path: Path) -> None:
    book = Codebook.from_dict({"variables": {"x": {}, "day": {"type": "date"}}})
    data = pd.DataFrame({"x": [1.0, np.inf, -np.inf], "day": pd.to_datetime(["2024-01-01", "2024-02-01", None])})
    raw = Responses(data, book)
    clean: Any = raw.recode("x", {np.inf: 99, -np.inf: float("nan")}).recode(
        "day", {pd.Timestamp("2024-02-01"): pd.Timestamp("2024-03-01")}
    )
    assert clean.data["x"].tolist()[:2] == [1, 99] and np.isnan(clean.data["x"][2])
    assert clean.data["day"][1] == pd.Timestamp("2024-03-01")
    clean.save_log(tmp_path / "log.json")
    same(sv.replay(tmp_path / "log.json", raw), clean)


@pytest.mark.slow
def test_the_chain_of_the_first_notebook_is_done_again(tmp_path: Path) -> None:
    """The study's own cleaning, near copies picked row by row included."""
    home = Path(__file__).parents[2] / "data" / "raw"
    raw = sv.Study.open(home / "study.toml").read("residents")
    picked = raw.data["interviewer_id"] == "I07"
    once = (
        raw.recode_missing(outside="blank")
        .collapse_copies(reason="the same interview delivered twice")
        .drop(where="duration_s < 120", reason="done in under 120 seconds")
    )
    clean = (
        once.drop(where=once.data.index.isin(raw.data.index[picked]), reason="near-copies: taken as invented")
        .derive("age", "2023 + wave - 1 - birth_year", label={"vi": "Tuổi", "en": "Age"})
        .band("age", [18, 30, 45, 60, float("inf")], into="age_group")
        .reverse()
        .score("friendliness")
        .score("transparency")
        .score("efficiency")
    )
    assert len(clean.rejected) > 50
    clean.save_log(tmp_path / "log.json")
    same(sv.replay(tmp_path / "log.json"), clean)


def _edited(folder: Path, change: Callable[[Any], object]) -> Path:
    log = json.loads((folder / "log.json").read_text(encoding="utf-8"))
    change(log)
    (folder / "edited.json").write_text(json.dumps(log), encoding="utf-8")
    return folder / "edited.json"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda log: log.pop("sources"), "SHA-256"),
        (lambda log: log.update(sources=[]), "SHA-256"),
        (lambda log: log["sources"][0].pop("sha256"), "SHA-256"),
        (lambda log: log["sources"][0].update(sha256=""), "SHA-256"),
        (lambda log: log["sources"][0].update(sha256="12ab"), "SHA-256"),
        (lambda log: log["sources"][0].update(path="elsewhere.csv"), "SHA-256"),
        (lambda log: log.pop("result"), "fingerprint"),
        (lambda log: log.update(result={}), "fingerprint"),
        (lambda log: log["result"].pop("data"), "answers"),
        (lambda log: log["result"].pop("rejected"), "rejected rows"),
        (lambda log: log["result"].pop("codebook"), "codebook"),
    ],
)
def test_what_a_log_does_not_say_is_told_to_be_not_compared(
    change: Callable[[Any], object], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from survey import cli

    study(tmp_path).recode_missing().drop(where="year > 1990", reason="x").save_log(tmp_path / "log.json")
    path = _edited(tmp_path, change)
    with pytest.warns(SurveyWarning, match="not compared") as caught:
        sv.replay(path)
    assert told in str(caught[0].message)
    assert cli.main(["replay", str(path), "--out", str(tmp_path / "out.csv")]) == 3
    said = capsys.readouterr()
    assert "same" not in said.out and "not compared" in said.err and told in said.err
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda log: log["result"]["data"].update(another="0" * 24),
        lambda log: log["result"]["data"].pop("a"),
        lambda log: log["result"].update(data={}),
        lambda log: log["result"]["rejected"].update({"": "0" * 24}),
        lambda log: log["steps"][-1].update(rows_touched=2),
        lambda log: log["steps"][-1].update(reason="another"),
        lambda log: log["steps"][0].update(rows_after=7),
        lambda log: log["steps"].pop(),
        lambda log: log["steps"][0]["arguments"].update(path=[]),
        lambda log: log["sources"].append({**log["sources"][0], "sha256": "0" * 64}),
        lambda log: log["sources"][0].update(sha256="0" * 64),
    ],
)
def test_a_log_that_was_changed_is_not_replayed(change: Callable[[Any], object], tmp_path: Path) -> None:
    study(tmp_path).recode_missing().drop(where="year > 1990", reason="x").save_log(tmp_path / "log.json")
    with pytest.raises((CleaningError, ReadError)):
        sv.replay(_edited(tmp_path, change))


def test_answers_of_other_raw_files_do_not_stand_for_those_of_the_log(tmp_path: Path) -> None:
    clean = study(tmp_path).recode_missing()
    log = Log.of(clean)
    other = study(tmp_path, LINES[:4])
    with pytest.raises(ReadError, match="The answers were read from raw files other than those of the log"):
        sv.replay(log, other)

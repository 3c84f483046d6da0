"""The ledger and `survey verify`: what moved is named, with its file, and nothing else is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from survey.base.language import language
from survey.cli import main
from survey.errors import StudyError
from survey.study import ledger, verification_page
from survey.study.ledger import Ledger, Origin, collect, published_path, read_ledger, running_path, write
from survey.study.run import reproduce
from survey.study.verification import compare
from survey.study.verify import publish, verify
from tests.study.test_run import project

ORIGIN = Origin({"a.csv": "1" * 64}, "c" * 64, {"survey": "1.0"})
NOTEBOOKS = {"01": {"source": "s" * 64, "origin": "o" * 64}, "02": {"source": "t" * 64, "origin": "o" * 64}}
FINDINGS: dict[str, Any] = {
    "mean": {"notebook": "01", "vi": "Là 2,0.", "en": "It is 2.0.", "numbers": {"estimate": 2.0, "n": 10}},
    "share": {"notebook": "02", "vi": "Là 50%.", "en": "It is 50%.", "numbers": {"estimate": 0.5}},
}
EXHIBITS: dict[str, Any] = {
    "fig.one": {
        "notebook": "01",
        "title": {"vi": "Tiêu đề", "en": "Title"},
        "keys": ["item", "ward"],
        "columns": ["item", "ward", "estimate", "n", "status"],
        "rows": [["q", 1, 2.0, 40, "shown"], ["q", 2, "", "", "suppressed"]],
    },
    "picture": {"notebook": "02", "title": {"en": "Title"}, "hash": "h" * 64},
}
KINDS = ("finding", "exhibit")
PUBLISHED = Ledger("toy", True, ORIGIN, NOTEBOOKS, FINDINGS, EXHIBITS)


def changed(kind: str, name: str, **values: Any) -> Ledger:
    entries = getattr(PUBLISHED, kind)
    return replace(PUBLISHED, **{kind: {**entries, name: {**entries[name], **values}}})


def test_the_same_is_reproduced_whatever_the_last_digits() -> None:
    now = changed("findings", "mean", numbers={"estimate": 2.0 * (1 + 1e-12), "n": 10})
    found = compare(PUBLISHED, now)
    assert found.passed and [found.moved(k)["reproduced"] for k in KINDS] == [[*FINDINGS], [*EXHIBITS]]
    assert not any(found.causes.values())


@pytest.mark.parametrize(
    ("now", "ids"),
    [
        (changed("findings", "mean", numbers={"estimate": 2.0000001, "n": 10}), ["mean.estimate"]),
        (changed("findings", "mean", numbers={"estimate": -2.0, "n": 11}), ["mean.estimate", "mean.n"]),
        (changed("findings", "mean", numbers={"estimate": None, "n": 10}), ["mean.estimate"]),
        (changed("findings", "mean", en="It is 2."), ["mean.en"]),
        (changed("exhibits", "picture", hash="i" * 64), ["picture"]),
        (changed("exhibits", "fig.one", title={"vi": "Tiêu đề", "en": "Other"}), ["fig.one.en"]),
        (
            changed("exhibits", "fig.one", rows=[["q", 1, 2.5, 40, "shown"], ["q", 2, "", "", "suppressed"]]),
            ["fig.one.1.estimate"],
        ),
        (  # a row that was hidden is shown
            changed("exhibits", "fig.one", rows=[["q", 1, 2.0, 40, "shown"], ["q", 2, 3.0, 30, "shown"]]),
            ["fig.one.2.estimate", "fig.one.2.n", "fig.one.2.status"],
        ),
        (  # two rows changed places: neither is in its own
            changed("exhibits", "fig.one", rows=[["q", 2, "", "", "suppressed"], ["q", 1, 2.0, 40, "shown"]]),
            [f"fig.one.{row}.{c}" for row in (1, 2) for c in ("ward", "estimate", "n", "status")],
        ),
        (
            changed("exhibits", "fig.one", rows=[["q", 1, 2.0, 40, "shown"]]),
            [f"fig.one.2.{c}" for c in ("item", "ward", "estimate", "n", "status")],
        ),
    ],
)
def test_what_differs_is_named_and_nothing_else(now: Ledger, ids: list[str]) -> None:
    found = compare(PUBLISHED, now)
    assert found.table["id"].tolist() == ids and not found.passed
    (name,), (kind,) = set(found.table["name"]), set(found.table["kind"])
    assert found.moved(kind)["changed"] == [name]
    assert sorted(n for k in KINDS for n in found.moved(k)["reproduced"]) == sorted({*FINDINGS, *EXHIBITS} - {name})
    backwards = compare(now, PUBLISHED).table
    assert (-backwards["difference"]).dropna().tolist() == found.table["difference"].dropna().tolist()


def test_the_size_of_a_change_is_told() -> None:
    found = compare(PUBLISHED, changed("findings", "share", numbers={"estimate": 0.4})).table.iloc[0]
    assert (found["published"], found["now"], round(found["difference"], 12)) == (0.5, 0.4, -0.1)
    assert (found["kind"], found["notebook"], found["result"]) == ("finding", "02", "changed")


def test_missing_new_and_not_run_are_told_apart() -> None:
    less = replace(PUBLISHED, findings={"mean": FINDINGS["mean"]})
    assert compare(PUBLISHED, less).moved("finding")["missing"] == ["share"]
    assert compare(less, PUBLISHED).moved("finding")["new"] == ["share"]
    without = replace(less, exhibits={"fig.one": EXHIBITS["fig.one"]})
    found = compare(PUBLISHED, without, {"02": "no data"})
    assert found.passed and [found.moved(k)["not_run"] for k in KINDS] == [["share"], ["picture"]]
    assert "no data" in verification_page.to_text(found, "en")
    assert not compare(PUBLISHED, without).passed


def test_causes_are_files_notebooks_code_and_versions() -> None:
    now = replace(
        PUBLISHED,
        origin=Origin({"a.csv": "2" * 64, "b.csv": "3" * 64}, "d" * 64, {"survey": "1.1"}),
        notebooks={**NOTEBOOKS, "02": {"source": "u" * 64, "origin": "p" * 64}},
    )
    causes = compare(PUBLISHED, now).causes
    assert [(n, bool(a), bool(b)) for n, a, b in causes["files"]] == [("a.csv", True, True), ("b.csv", False, True)]
    assert [n for n, *_ in causes["notebooks"]] == ["02"] and causes["versions"] == [("survey", "1.0", "1.1")]
    told = verification_page.to_text(compare(PUBLISHED, now), "en")
    assert "a.csv: 111111111111… before, 222222222222… now" in told and "b.csv: was not there before" in told


def test_counts_and_tables_by_result() -> None:
    now = changed("findings", "mean", numbers={"estimate": 2.5, "n": 10})
    now = replace(now, exhibits={"fig.one": EXHIBITS["fig.one"], "other": EXHIBITS["picture"]})
    found = compare(PUBLISHED, now)
    assert found.counts.loc["finding"].to_dict() == dict(reproduced=1, changed=1, missing=0, new=0, not_run=0)
    assert found.counts.loc["exhibit"].to_dict() == dict(reproduced=1, changed=0, missing=1, new=1, not_run=0)
    assert found.changed["id"].tolist() == ["mean.estimate"] and found.changed["difference"].tolist() == [0.5]
    assert found.missing["name"].tolist() == ["picture"] and found.new["name"].tolist() == ["other"]
    without = compare(PUBLISHED, PUBLISHED, {"02": "no data"})
    assert without.counts["not_run"].tolist() == [1, 1] and without.changed.empty


@pytest.mark.parametrize(("lang", "said"), [("vi", "không được tái lập"), ("en", "not reproduced")])
def test_a_verification_shows_itself_in_the_language_of_the_session(lang: str, said: str) -> None:
    numbers = {f"<b>{i}": float(i) for i in range(40)}
    old = replace(PUBLISHED, findings={"many": {"notebook": "01", "vi": "a", "en": "a", "numbers": numbers}})
    moved = {"many": {**old.findings["many"], "numbers": {name: value + 1 for name, value in numbers.items()}}}
    found = compare(old, replace(old, findings=moved))
    with language(lang):
        printed, html = repr(found), found._repr_html_()
    assert said in printed and printed == found.to_text(lang) and f"lang='{lang}'" in html
    assert said in html and "&lt;b&gt;29" in html and "&lt;b&gt;30" not in html and "<b>" not in html
    assert ("và 10 mục khác" if lang == "vi" else "and 10 more") in html


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_words_and_page_name_what_moved(lang: str, tmp_path: Path) -> None:
    now = changed("findings", "mean", numbers={"estimate": 2.5, "n": 10})
    now = replace(now, exhibits={**EXHIBITS, "<b>new</b>": EXHIBITS["picture"]})
    found = compare(PUBLISHED, now)
    told = verification_page.to_text(found, lang)
    assert "mean.estimate: 2 -> 2.5 (+0.5)" in told and ("phát hiện" if lang == "vi" else "findings") in told
    verification_page.write_page(found, tmp_path / "page.html", lang)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page and "<b>new" not in page and "&lt;b&gt;new" in page
    assert "<th scope='row'>mean.estimate</th>" in page and "+0.5" in page and "http" not in page
    mark = {"vi": "dữ liệu mô phỏng", "en": "simulated data"}[lang]
    assert mark in told.lower() and mark in page.lower()


def test_a_ledger_is_read_as_it_was_written(tmp_path: Path) -> None:
    write(PUBLISHED, tmp_path / "ledger.json")
    first = (tmp_path / "ledger.json").read_bytes()
    again = read_ledger(tmp_path / "ledger.json")
    assert again == PUBLISHED and again.numbers == 5
    write(again, tmp_path / "ledger.json")
    assert (tmp_path / "ledger.json").read_bytes() == first
    assert read_ledger(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 2}', '{"format": 1}', "\x00"]
    + [
        json.dumps(
            {
                "format": 1,
                "study": "a",
                "simulated": True,
                "origin": {},
                "notebooks": {},
                "findings": {},
                "exhibits": {},
            }
        )
    ]
    + [
        json.dumps(
            {
                "format": 1,
                "study": "a",
                "simulated": True,
                "origin": {"files": {}, "code": "", "versions": {}},
                "notebooks": {},
                **more,
            }
        )
        for more in ({"findings": [], "exhibits": {}}, {"findings": {"a": 1}, "exhibits": {}}, {"findings": {}})
    ],
)
def test_a_damaged_ledger_is_one_clear_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "ledger.json").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        read_ledger(tmp_path / "ledger.json")
    assert str(tmp_path / "ledger.json") in str(caught.value.where) and caught.value.fix


CELLS = """
import survey as sv
study = sv.Study.open()
sample = sv.Sample(study.read("residents"), weights=None)
e = sample.mean("q"{by})
study.export(sv.figures.intervals(e), "{name}", formats=["csv"])
study.keep(sv.narrative.describe(e, 0, id="{name}"))
"""
BOOK = '[variables.q]\ntype = "number"\n[variables.g]\ntype = "nominal"\nlabels = {1 = "A", 2 = "B"}\n'


def toy(tmp_path: Path) -> Any:
    """A mean of 80 answers, and a constant that depends on no answer."""
    notebooks = {
        "01_mean": [CELLS.format(by="", name="mean")],
        "02_groups": [CELLS.format(by=', by="g"', name="groups")],
    }
    notebooks["03_fixed"] = [
        'import survey as sv\nsv.Study.open().keep(sv.Finding("fixed", "Có 7.", "There are 7.", {"n": 7}))'
    ]
    study = project(tmp_path, notebooks)
    raw = study.path.parent
    (raw / "a.csv").write_text("q,g\n" + "".join(f"{i % 7},{1 + i % 2}\n" for i in range(80)), encoding="utf-8")
    (raw / "codebook.toml").write_text(BOOK, encoding="utf-8")
    text = study.path.read_text(encoding="utf-8").replace('id = "toy"', 'id = "toy"\ncodebook = "codebook.toml"')
    study.path.write_text(text, encoding="utf-8")
    return type(study).open(study.path)


@pytest.mark.slow
def test_one_changed_answer_is_found_with_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study = toy(tmp_path)
    kept_in: dict[str, Any] = {}
    with pytest.raises(StudyError, match="no results to publish"):
        publish(study)
    with pytest.raises(StudyError, match="published no results"):
        verify(study)
    run = reproduce(study)
    assert "out of date" not in run.to_text()
    path, numbers, against = publish(study)
    assert path == published_path(study.path) and numbers > 10 and against is None
    kept = {p: p.read_bytes() for p in study.path.parent.parent.parent.rglob("*") if p.is_file()}
    found = study.verify()
    assert found.passed and found.moved("finding")["reproduced"] == ["mean", "groups", "fixed"]
    assert kept == {p: p.read_bytes() for p in study.path.parent.parent.parent.rglob("*") if p.is_file()}

    lines = (study.path.parent / "a.csv").read_text(encoding="utf-8").splitlines()
    lines[2] = "6,2"  # one answer of the second group: 1 before
    (study.path.parent / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    page = tmp_path / "page.html"
    with monkeypatch.context() as m:
        m.setattr("survey.study.verify.verify", lambda study: kept_in.setdefault("found", verify(study)))
        assert main(["verify", str(study.path), "--html", str(page)]) == 1
    found, told = kept_in["found"], capsys.readouterr().out
    assert "mean.estimate" in told and "a.csv" in told and page.is_file()
    assert found.moved("finding")["changed"] == ["mean"]  # that on group 1 did not move
    assert found.moved("exhibit")["changed"] == ["groups", "mean"]
    moved = found.table[(found.table["kind"] == "exhibit") & (found.table["name"] == "groups")]
    assert set(moved["id"].str.split(".").str[1]) == {"2"}
    estimate = found.table[found.table["id"] == "mean.estimate"].iloc[0]
    assert round(estimate["difference"], 9) == round(5 / 80, 9)
    assert [name for name, *_ in found.causes["files"]] == ["a.csv"]

    # results of the changed file are not published over those of another state without running all again
    assert "out of date" in reproduce(study, only=["01"]).to_text()
    with pytest.raises(StudyError, match="not all of the data") as caught:
        publish(study)
    assert re.search(r"02_groups \(stale\).*03_fixed \(stale\)", str(caught.value.got))
    reproduce(study)
    assert main(["publish", str(study.path), "--lang", "vi"]) == 0
    assert "groups" in capsys.readouterr().out
    assert main(["verify", str(study.path)]) == 0


@pytest.mark.slow
def test_a_run_that_fails_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    study = toy(tmp_path)
    reproduce(study, only=["01"])
    before = running_path(study).read_bytes()
    assert list(ledger.stale(read_ledger(running_path(study)) or PUBLISHED, study)) == ["02_groups", "03_fixed"]
    (study.path.parent / "a.csv").write_text("q,g\nx,1\n", encoding="utf-8")
    with pytest.raises(StudyError):
        reproduce(study)
    assert running_path(study).read_bytes() == before


def test_what_no_notebook_of_the_run_wrote_is_not_in_it(tmp_path: Path) -> None:
    study = project(tmp_path, {"01": ["1"]})
    study.processed.mkdir()
    entries = [{"id": name, "vi": "", "en": "", "numbers": {}} for name in ("old", "new")]
    (study.processed / "findings.json").write_text(json.dumps(entries), encoding="utf-8")
    assert list(collect(study, {"finding:new": "01"}).findings) == ["new"]

"""Running notebooks: in order, in words when one fails or cannot run, and without a trace of the machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from survey.errors import DataNotFoundError, StudyError
from survey.opendata import download
from survey.study import notebook_errors
from survey.study import run as report
from survey.study.study import Study
from survey.study.study_file import PROCESSED_OF

STUDY = """
[study]
id = "toy"
simulated = true
[surveys.residents]
files = ["a.csv"]
[notebooks]
run = {run}
real = {real}
"""
KEEP = 'import survey as sv\nsv.Study.open().keep(sv.Finding("{id}", "Câu {id}.", "Sentence {id}."))'


def project(folder: Path, notebooks: dict[str, list[str]], real: tuple[str, ...] = ()) -> Study:
    """A study with notebooks of the given cells; those named in `real` need open data."""
    import nbformat  # takes seconds: one worker makes notebooks, all collect this file

    raw = folder / "project" / "data" / "raw"
    raw.mkdir(parents=True)
    (folder / "project" / "notebooks").mkdir()
    (raw / "a.csv").write_text("q\n1\n", encoding="utf-8")
    run = [name for name in notebooks if name not in real]
    (raw / "study.toml").write_text(STUDY.format(run=run, real=list(real)), encoding="utf-8")
    for name, cells in notebooks.items():
        book = nbformat.v4.new_notebook()
        book.cells = [nbformat.v4.new_markdown_cell(f"# What is {name}?")]
        book.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbformat.write(book, folder / "project" / "notebooks" / f"{name}.ipynb")
    return Study.open(raw)


@pytest.mark.slow
def test_notebooks_run_in_order_and_leave_findings_and_copies(tmp_path: Path) -> None:
    picture = (
        "from IPython.display import HTML, display\n"
        "import os\n"
        'display(HTML(\'<img alt="A bar chart" src="data:image/png;base64,AAAA">\'))\n'
        "os.getcwd()"
    )
    study = project(
        tmp_path, {"01_a": [KEEP.format(id="one"), "x = 40"], "02_b": [KEEP.format(id="two"), picture, "40 + 2"]}
    )
    study.processed.mkdir()
    (study.processed / "findings.json").write_text('[{"id": "old", "vi": "", "en": "", "numbers": {}}]')
    run = report.reproduce(study)
    assert [d.name for d in run.done] == ["01_a", "02_b"] and run.skipped == ()
    assert [f.id for f in run.findings] == ["one", "two"]  # nothing of a notebook that is no longer there
    html = (study.processed / "notebooks" / "02_b.html").read_text(encoding="utf-8")
    assert "<title>What is 02_b?</title>" in html
    assert 'alt="A bar chart"' in html  # TEXTBOOK: nbconvert's default template drops it
    assert "42" in html
    assert "http" not in html.replace("http://www.w3.org/", "")  # whole without the network
    assert str(tmp_path) not in html and "./notebooks" in html
    text = run.to_text()
    assert "Câu one." in text and "Sentence two." in text
    assert "(2 files)" in text and "2 notebooks" in text
    for name in ("01_a", "02_b"):  # the notebooks themselves stay without outputs
        book = json.loads((study.notebooks / f"{name}.ipynb").read_text(encoding="utf-8"))
        assert len(book["cells"]) > 1 and not any(cell.get("outputs") for cell in book["cells"])


@pytest.mark.slow
def test_a_failing_cell_stops_the_run_and_is_told_with_its_first_lines(tmp_path: Path) -> None:
    long = "a = 1\nb = 2\nc = 3\nd = 4\nraise ValueError('no such ward')"
    study = project(tmp_path, {"01_a": ["x = 1", long], "02_b": [KEEP.format(id="never")]})
    with pytest.raises(StudyError, match=r"01_a stopped at its code cell 2 of 2") as caught:
        report.reproduce(study)
    assert "a = 1" in str(caught.value.where) and "d = 4" not in str(caught.value.where)
    assert "ValueError: no such ward" in str(caught.value.got)
    assert "01_a.html" in str(caught.value.fix) and "survey lab" in str(caught.value.fix)
    assert "no such ward" in (study.processed / "notebooks" / "01_a.html").read_text(encoding="utf-8")
    assert study.findings() == ()


@pytest.mark.slow
def test_an_error_of_ours_keeps_its_five_lines(tmp_path: Path) -> None:
    study = project(tmp_path, {"01_a": ["import survey as sv\nsv.Study.open().load('clean')"]})
    with pytest.raises(StudyError) as caught:
        report.reproduce(study)
    error = caught.value
    assert str(error.got).startswith("StudyError: Nothing was saved as 'clean' yet.\n")
    assert str(error.got).splitlines()[1].strip() == f"where: {Path('..', 'data', 'processed', 'clean.zip')}"
    assert str(error.fix).startswith("run the notebook that saves it first; or see the copy")
    assert "01_a.html" in str(error.fix)
    assert "\x1b[" not in str(error)
    page = (study.processed / "notebooks" / "01_a.html").read_text(encoding="utf-8")
    assert "Nothing was saved as" in page and notebook_errors.MEDIA_TYPE not in page


@pytest.mark.slow
def test_the_parts_of_an_error_arrive_as_they_were_given(tmp_path: Path) -> None:
    """Whatever their words: a part that reads like the label of another stays one part."""
    raised = """
import survey as sv

class Mine(sv.DesignError):
    pass

raise Mine("Weights are negative.", where="w", got="one\\n  fix:      no", expected=(0, 1), fix="first\\nsecond")
"""
    study = project(tmp_path, {"01_a": ["1 + 1", raised]})
    with pytest.raises(StudyError, match=r"01_a stopped at its code cell 2 of 2") as caught:
        report.reproduce(study)
    error = caught.value
    told = [line.strip() for line in str(error.got).splitlines()]
    assert told == ["Mine: Weights are negative.", "where: w", "got:   one", "fix:      no"]
    assert error.expected == "(0, 1)" and str(error.fix).startswith("first\nsecond; or see the copy")


@pytest.mark.slow
def test_without_open_data_the_rest_runs_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_DATA_HOME", str(tmp_path / "empty"))

    def nothing(name: str) -> Path:
        raise DataNotFoundError(f"{name} is not here.", fix="put it there")

    monkeypatch.setattr(download, "fetch", nothing)
    books = {
        "01_a": [KEEP.format(id="one")],
        "11_known": ["import survey as sv", "sv.fetch('sandiego2015')"],
        "12_found_out": ["import survey as sv", "name = 'lapop_bra23'\nsv.fetch(name)"],
    }
    run = report.reproduce(project(tmp_path, books, real=("11_known", "12_found_out")))
    assert [d.name for d in run.done] == ["01_a"]
    assert [s.name for s in run.skipped] == ["11_known", "12_found_out"]
    assert run.skipped[0].why == "sandiego2015 is not here: put it there."
    assert "lapop_bra23" in run.skipped[1].why and "put bra23.csv into" in run.skipped[1].why
    assert "sandiego2015 is not here: put it there." in run.to_text()
    assert [p.name for p in (run.study.processed / "notebooks").iterdir()] == ["01_a.html"]


@pytest.mark.slow
def test_data_that_an_ordinary_notebook_lacks_are_no_reason_to_go_on(tmp_path: Path) -> None:
    """A notebook that is not listed as one on open data must run: the findings stand on it."""
    lacking = "import survey as sv\nraise sv.DataNotFoundError('The margins are not here.')"
    with pytest.raises(StudyError, match="01_a stopped"):
        report.reproduce(project(tmp_path, {"01_a": [lacking]}))


@pytest.mark.slow
def test_only_some_notebooks_leave_the_findings_of_the_others(tmp_path: Path) -> None:
    study = project(tmp_path, {"01_a": [KEEP.format(id="one")], "02_b": [KEEP.format(id="two")]})
    assert [f.id for f in report.reproduce(study, only=["02"]).findings] == ["two"]
    assert [f.id for f in report.reproduce(study, only=["01_a"]).findings] == ["two", "one"]


def test_a_wrong_name_lists_the_right_ones(tmp_path: Path) -> None:
    study = project(tmp_path, {"01_a": [], "02_b": []})
    with pytest.raises(StudyError, match="no such notebook") as caught:
        report.reproduce(study, only=["03"])
    assert "01_a, 02_b" in str(caught.value)


@pytest.mark.parametrize("content", [None, "", '{"cells": ['], ids=["missing", "empty", "cut"])
def test_a_notebook_that_is_none_is_told_before_anything_runs(tmp_path: Path, content: str | None) -> None:
    study = project(tmp_path, {"01_a": [KEEP.format(id="one")], "02_b": []})
    path = study.notebooks / "02_b.ipynb"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(StudyError, match=r"not a notebook|does not exist"):
        report.reproduce(study)
    assert not study.processed.exists()


def test_a_study_without_notebooks_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="names no notebooks"):
        report.reproduce(project(tmp_path, {}))


def test_what_a_notebook_fetches_is_read_off_its_code() -> None:
    import nbformat

    book = nbformat.v4.new_notebook()
    cells = ["%matplotlib inline\nfetch('magic')", "a = sv.fetch('one')", "from survey import fetch\nfetch('two')"]
    book.cells = [nbformat.v4.new_code_cell(c) for c in [*cells, "sv.fetch('one'); other('three')"]]
    book.cells.append(nbformat.v4.new_markdown_cell("sv.fetch('four')"))
    assert report.datasets(book) == ("one", "two")


def test_a_notebook_that_is_run_cannot_run_the_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would run itself, and that again itself."""
    study = project(tmp_path, {"01": ["1"]})
    monkeypatch.setenv(PROCESSED_OF, str(study.path))
    with pytest.raises(StudyError, match="cannot run the study"):
        study.reproduce()

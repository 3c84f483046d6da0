"""Notebooks: every one keeps the rules, and the two on real surveys run, or say in one sentence what they lack."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
ALL = sorted(FOLDER.glob("*.ipynb"))
REAL = {"11_san_diego_2015": "sandiego2015", "12_lapop_brazil_2023": "lapop_bra23"}
MOST_LINES = 15

# what a digit in prose may belong to: code, an address, a year, the name of a question or a standard
_NAMES = re.compile(
    r"`[^`]*`|https?://\S+|\]\([^)]*\)|\b(19|20)\d\d\b|\b[A-Z]{1,5}\d[\d_]*\b|^\s*\d+\.\s", re.MULTILINE
)


def read(path: Path) -> Any:
    import nbformat  # takes seconds: one worker reads notebooks, all collect this file

    return nbformat.read(path, as_version=4)


def cells(notebook: Any, kind: str) -> list[Any]:
    return [c for c in notebook.cells if c.cell_type == kind]


def test_both_real_surveys_have_their_notebook() -> None:
    assert set(REAL) <= {p.stem for p in ALL}


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
class TestRules:
    @pytest.mark.slow
    def test_it_is_valid_and_runs_on_python(self, path: Path) -> None:
        from nbformat import validate

        notebook = read(path)
        validate(notebook)
        assert notebook.metadata["kernelspec"]["name"] == "python3"
        ids = [c.id for c in notebook.cells]
        assert len(set(ids)) == len(ids)

    def test_one_question_in_its_title(self, path: Path) -> None:
        first = read(path).cells[0]
        assert first.cell_type == "markdown" and first.source.startswith("# ")
        titles = [
            line for c in cells(read(path), "markdown") for line in c.source.splitlines() if line.startswith("# ")
        ]
        assert len(titles) == 1 and titles[0].rstrip().endswith("?")

    def test_it_is_committed_without_outputs(self, path: Path) -> None:
        for cell in cells(read(path), "code"):
            assert not cell.outputs and cell.execution_count is None

    def test_parameters_come_before_all_other_code(self, path: Path) -> None:
        code = cells(read(path), "code")
        assert "parameters" in code[0].metadata.get("tags", [])

    def test_it_defines_nothing_and_its_cells_are_short(self, path: Path) -> None:
        for cell in cells(read(path), "code"):
            assert not re.search(r"^\s*(def|class|async def)\s|\blambda\b", cell.source, re.MULTILINE), cell.source
            assert len(cell.source.splitlines()) <= MOST_LINES, cell.source

    def test_no_number_is_typed_in_prose(self, path: Path) -> None:
        for cell in cells(read(path), "markdown"):
            left = _NAMES.sub("", cell.source)
            assert not re.search(r"\d", left), cell.source

    def test_about_as_much_prose_as_code(self, path: Path) -> None:
        notebook = read(path)
        prose = sum(len(c.source.split()) for c in cells(notebook, "markdown"))
        code = sum(len(re.findall(r"\w+", c.source)) for c in cells(notebook, "code"))
        assert 0.6 <= prose / code <= 2.5


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("stem", REAL)
def test_real_notebooks_run(stem: str, data_home: Path, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = read(FOLDER / f"{stem}.ipynb")
    execute(notebook, study)
    shown = "".join(str(o.get("data", {}).get("text/html", "")) for c in cells(notebook, "code") for o in c.outputs)
    met = re.search(r"(\d+) of (\d+) published results reproduced", shown)
    assert met is not None and met[1] == met[2]
    assert any(o.get("data", {}).get("text/markdown") for c in cells(notebook, "code") for o in c.outputs)
    exhibits = {p.suffix for p in (study / "data" / "processed" / "exhibits").iterdir()}
    assert {".png", ".svg", ".pdf", ".csv", ".html"} <= exhibits
    findings = json.loads((study / "data" / "processed" / "findings.json").read_text(encoding="utf-8"))
    assert len(findings) >= 3 and all(f["vi"] and f["en"] and f["numbers"] for f in findings)


@pytest.mark.slow
@pytest.mark.parametrize("stem", REAL)
def test_without_data_one_sentence_says_what_is_missing(
    stem: str, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbclient.exceptions import CellExecutionError

    monkeypatch.setenv("SURVEY_DATA_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # where pooch keeps downloads on Linux
    for variable in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # nobody listens there: no network
    notebook = read(FOLDER / f"{stem}.ipynb")
    with pytest.raises(CellExecutionError):
        execute(notebook, study)
    failed = [(i, o) for i, c in enumerate(cells(notebook, "code")) for o in c.outputs if o.output_type == "error"]
    ((index, error),) = failed
    assert index == 1, "the first cell after the parameters is where the data are looked for"
    assert error.ename == "DataNotFoundError"
    (sentence,) = error.traceback
    assert REAL[stem] in sentence and str(tmp_path / "empty") in sentence
    assert sentence.endswith(".") and "\n" not in sentence


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A project elsewhere, so that what the notebooks write stays out of this one."""
    raw = tmp_path / "project" / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "study.toml").write_text('[study]\nid = "elsewhere"\n\n[surveys.one]\nfiles = ["one.csv"]\n', "utf-8")
    (raw / "one.csv").write_text("a\n1\n", "utf-8")
    (tmp_path / "project" / "notebooks").mkdir()
    return tmp_path / "project"


def execute(notebook: Any, study: Path) -> None:
    """Run a notebook from the folder of notebooks of a project, as JupyterLab does."""
    from nbclient import NotebookClient

    own = {"IPYTHONDIR": str(study / "ipython"), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(study / "notebooks")}},
        extra_arguments=["--HistoryManager.enabled=False"],
    )
    client.execute(env={**os.environ, **own})

"""Notebooks: every one keeps the rules, and the two on real surveys run, or say in one sentence what they lack."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from survey.study.notebook_languages import in_language

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

    @pytest.mark.slow
    def test_it_is_written_as_jupyter_writes_it(self, path: Path) -> None:
        """Then what somebody saves in JupyterLab differs by what they changed."""
        from nbformat import writes

        assert path.read_text(encoding="utf-8") == writes(read(path)) + "\n"

    def test_one_question_in_its_title_in_each_language(self, path: Path) -> None:
        prose = cells(read(path), "markdown")
        assert read(path).cells[0] == prose[0]
        for lang in ("vi", "en"):
            lines = [line for c in prose for line in in_language(c.source, lang).splitlines()]
            titles = [line for line in lines if line.startswith("# ")]
            assert titles == lines[:1] and titles[0].endswith("?")

    def test_all_prose_is_in_both_languages_and_none_outside_of_them(self, path: Path) -> None:
        for cell in cells(read(path), "markdown"):
            assert in_language(cell.source, "neither") == "", cell.source
            vietnamese, english = (in_language(cell.source, lang) for lang in ("vi", "en"))
            assert re.search("[ăâđêôơưạảấầẩậắặẹẻẽếềểệịỏọốồổộớờợụủứừửữựỳỹ]", vietnamese), cell.source
            assert english and not re.search("[ăđơưạảấầẩậắặẹẻẽếềểệịỏọốồổộớờợụủứừửữựỳỹ]", english), cell.source
            marks = [
                [line[:2] for line in text.splitlines() if line[:2] in ("# ", "##", "- ")]
                for text in (vietnamese, english)
            ]
            assert marks[0] == marks[1], cell.source  # the same headings and lists

    def test_the_answer_and_its_figure_come_first_then_evidence_doubts_and_what_to_try(self, path: Path) -> None:
        book = read(path)
        prose = cells(book, "markdown")
        headings = {
            lang: re.findall("^## (.+)$", "\n".join(in_language(c.source, lang) for c in prose), re.MULTILINE)
            for lang in ("vi", "en")
        }
        vietnamese, english = headings["vi"], headings["en"]
        assert vietnamese[0].startswith("Kết luận chính") and english[0].startswith("Main findings")
        assert vietnamese[-2:] == ["Hạn chế và lưu ý khi sử dụng", "Thử tự tính"]
        assert english[-2].startswith("Limitations") and english[-1] == "Try it yourself"
        assert len(english) >= 5
        for one, other in zip(vietnamese, english, strict=True):  # a question in one language is one in the other
            assert one.endswith("?") == other.endswith("?"), one
        kinds = [c.cell_type for c in book.cells]
        first = "\n".join(c.source for c in book.cells[2 : kinds.index("markdown", 2)])
        assert kinds[:3] == ["markdown", "markdown", "code"] and "sv.figures." in first
        assert kinds[-1] == "code" and "_try" not in book.cells[-1].source

    def test_nothing_is_shown_in_a_language_that_code_chose(self, path: Path) -> None:
        """One cell says the language; all else follows it, or the switch of the page."""
        for cell in cells(read(path), "code"):
            tagged = "parameters" in cell.metadata.get("tags", [])
            assert cell.source.count('sv.language("vi")') == tagged, cell.source
            assert not re.search(r"\blang\b|print\(|\[\"(vi|en)\"\]\)", cell.source), cell.source

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
        code = sum(len(re.findall(r"\w+", c.source)) for c in cells(notebook, "code"))
        for lang in ("vi", "en"):  # a reader sees one of them
            prose = sum(len(in_language(c.source, lang).split()) for c in cells(notebook, "markdown"))
            assert 0.5 <= prose / code <= 1.7, lang


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("stem", REAL)
def test_real_notebooks_run(stem: str, data_home: Path, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = read(FOLDER / f"{stem}.ipynb")
    for cell in cells(notebook, "code"):
        cell.source = cell.source.replace('sv.language("vi")', 'sv.language("en")')
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

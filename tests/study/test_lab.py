"""JupyterLab on a study: the kernel it starts, what a person at work in it sees, and what it saves."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey.study.lab import FOLDER
from survey.study.lab_server import KernelSpecs, without_outputs
from tests.words_of_languages import strangers

ROOT = Path(__file__).parents[2]
THREE = ("01_cleaning", "02_weighting", "03_friendliness")
PATIENCE = 180_000  # milliseconds: of a busy machine with two cores, and only where something is wrong
SIGNS = "[ăđơưạảấầẩậắặẹẻẽếềểệịỏọốồổộớờợụủứừửữựỳỹ]"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the study: what people and programs write stays out of this one."""
    home = tmp_path_factory.mktemp("lab") / "project"
    shutil.copytree(ROOT / "data" / "raw", home / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@a", "commit", "-qm", "a"]):
        subprocess.run(["git", *command], cwd=home, check=True, capture_output=True)
    return home


def surroundings(folder: Path) -> dict[str, str]:
    """Somebody's machine: other settings, no network, and another kernel called python3, which does nothing."""
    broken = folder / "data" / "kernels" / "python3"
    broken.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-c", "raise SystemExit(1)", "{connection_file}"]
    (broken / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Theirs", "language": "python"}))
    shown = folder / "config" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
    shown.mkdir(parents=True, exist_ok=True)
    (shown / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # all cells are on the page
    nobody = dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"), "http://127.0.0.1:9"
    )
    own = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "run"}
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "SURVEY_PROCESSED"))},
        **nobody,
        **{f"JUPYTER_{name}": str(folder / value) for name, value in own.items()},
        "JUPYTER_PREFER_ENV_PATH": "0",
        "IPYTHONDIR": str(folder / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
    }


class Manager:
    """What the hook asks of JupyterLab's manager of contents."""

    def __init__(self, root: Path) -> None:
        self.root_dir = str(root)


def saved(folder: Path, name: str, **metadata: Any) -> dict[str, Any]:
    """What of a notebook that was run is written."""
    cell = {"cell_type": "code", "source": "1", "outputs": [{"output_type": "stream"}], "execution_count": 3}
    prose = {"cell_type": "markdown", "source": "one", "metadata": {}}
    content = {"cells": [{**cell, "metadata": {"execution": {}, "tags": ["a"]}}, prose], "metadata": metadata}
    model = {"type": "notebook", "content": content}
    without_outputs(model=model, path=f"/{name}", contents_manager=Manager(folder))
    return content


class TestSaving:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "study" / "notebooks" / "drafts").mkdir(parents=True)
        (tmp_path / "study" / ".git").mkdir()
        monkeypatch.setenv(FOLDER, str(tmp_path / "study" / "notebooks"))
        return tmp_path / "study" / "notebooks"

    def test_outputs_stay_out_of_files_that_git_would_take(self, folder: Path) -> None:
        for name in ("01.ipynb", "drafts/a.ipynb"):
            code, prose = saved(folder, name)["cells"]
            assert code["outputs"] == [] and code["execution_count"] is None and code["metadata"] == {"tags": ["a"]}
            assert prose == {"cell_type": "markdown", "source": "one", "metadata": {}}

    def test_a_notebook_elsewhere_keeps_its_outputs(self, folder: Path) -> None:
        assert saved(folder.parents[1], "mine.ipynb")["cells"][0]["outputs"] != []
        assert saved(folder.parents[1], "study/01.ipynb")["cells"][0]["outputs"] != []  # beside the folder of notebooks
        assert saved(folder.parents[1], "study/notebooks/01.ipynb")["cells"][0]["outputs"] == []

    def test_without_git_nothing_is_taken_away(self, folder: Path) -> None:
        (folder.parent / ".git").rmdir()
        assert saved(folder, "01.ipynb")["cells"][0]["outputs"] != []

    def test_of_which_python_it_was_nothing_is_noted_unless_the_kernel_is_another(self, folder: Path) -> None:
        before = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
        (folder / "01.ipynb").write_text(json.dumps({"metadata": before, "cells": []}), encoding="utf-8")
        language = {"name": "python", "version": "3.99"}
        now = saved(folder, "01.ipynb", kernelspec={"name": "python3", "display_name": "Mine"}, language_info=language)
        assert now["metadata"] == before
        other = {"kernelspec": {"name": "ir", "display_name": "R"}, "language_info": {"name": "R"}}
        assert saved(folder, "01.ipynb", **other)["metadata"] == other

    def test_what_is_no_notebook_is_left_alone(self, folder: Path) -> None:
        model = {"type": "file", "content": "a"}
        without_outputs(model=model, path="a.md", contents_manager=Manager(folder))
        assert model == {"type": "file", "content": "a"}


CLOSED = re.compile(
    r"Task exception was never retrieved\n(?:(?!Task exception|\[)[^\n]*\n)*?tornado\.websocket\.WebSocketClosedError\n"
)
"""What Tornado writes where a page is closed while it is still told something: of the browser, not of the server."""


def test_of_errors_in_a_log_only_that_of_a_closed_page_is_passed_over() -> None:
    closed = """Task exception was never retrieved
future: <Task finished exception=WebSocketClosedError()>
Traceback (most recent call last):
    await fut
tornado.iostream.StreamClosedError: Stream is closed

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
    raise WebSocketClosedError()
tornado.websocket.WebSocketClosedError
"""
    other = "Task exception was never retrieved\nTraceback (most recent call last):\nOSError: disk full\n"
    line = "[I 2026-01-01 ServerApp] Saving file\n"
    assert CLOSED.sub("", line + closed + line + closed) == line + line
    assert CLOSED.sub("", other + line + closed) == other + line
    assert CLOSED.sub("", other + closed) == other


@pytest.fixture(scope="module")
def lab(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that `survey lab` started, as `make lab` does."""
    from urllib.error import URLError
    from urllib.request import ProxyHandler, build_opener

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = "a-token-of-this-test"
    options = [f"--ServerApp.port={port}", f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0"]
    options.append("--LabApp.expose_app_in_browser=True")  # whether its kernel is ready
    folder = tmp_path_factory.mktemp("machine")
    command = [sys.executable, "-m", "survey.cli", "lab", "--no-browser", "--ip", "127.0.0.1", "--allow-root", *options]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=project, env=surroundings(folder), stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    plain = build_opener(ProxyHandler({}))
    try:
        for _ in range(600):
            try:
                plain.open(f"{address}/api?token={token}", timeout=10).close()
                break
            except (URLError, OSError):
                with pytest.raises(subprocess.TimeoutExpired):  # it runs
                    server.wait(0.2)
        else:
            raise AssertionError((folder / "log").read_text())
        yield f"{address}/lab/tree/{{}}.ipynb?token={token}"
        told = CLOSED.sub("", (folder / "log").read_text())
        assert "Traceback" not in told, told
    finally:
        subprocess.run(
            [sys.executable, "-m", "jupyter_server", "stop", str(port)],
            env=surroundings(folder),
            check=False,
            capture_output=True,
            timeout=60,
        )
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, 9)


class Kernel:
    """A kernel as JupyterLab starts it, on a machine with another one of its name."""

    def __init__(self, folder: Path, project: Path) -> None:
        from jupyter_client.manager import KernelManager

        theirs = surroundings(folder)
        specs = KernelSpecs(kernel_dirs=[str(folder / "data" / "kernels")])
        self.manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs)
        self.manager.start_kernel(cwd=str(project / "notebooks"), env=theirs, stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, code: str) -> list[dict[str, Any]]:
        """What came out of a cell: contents of messages."""
        shown: list[dict[str, Any]] = []
        self.client.execute_interactive(code, timeout=120, output_hook=lambda m: shown.append(m["content"]))
        return [content for content in shown if {"data", "text", "traceback"} & content.keys()]

    def completed(self, code: str) -> set[str]:
        """The names that Tab offers."""
        reply = self.client.complete(code, reply=True, timeout=120)
        return {match.rpartition(".")[2] for match in reply["content"]["matches"]}


@pytest.fixture(scope="module")
def kernel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    started = Kernel(tmp_path_factory.mktemp("machine"), project)
    yield started
    started.client.stop_channels()
    started.manager.shutdown_kernel(now=True)


@pytest.mark.slow
class TestKernel:
    def test_it_is_this_python_whatever_else_has_its_name(self, kernel: Kernel) -> None:
        (told,) = kernel.run("import sys; print(sys.executable)")
        assert told["text"].strip() == sys.executable
        assert KernelSpecs().get_all_specs()["python3"]["spec"]["display_name"] == "Python 3"

    def test_names_are_completed_without_reading_source(self, kernel: Kernel) -> None:
        """By Jedi the first of these takes seconds, and a call of `sample.mean(` half a minute."""
        (told,) = kernel.run("import survey as sv, sys\nprint('jedi' in sys.modules, get_ipython().Completer.use_jedi)")
        assert told["text"] == "False False\n"
        assert {"Study", "read", "figures", "language"} <= kernel.completed("sv.")
        assert {"likert", "intervals"} <= kernel.completed("sv.figures.")
        kernel.run("study = sv.Study.open()\nsample = sv.Sample(study.read('residents'), **study.design('residents'))")
        assert {"read", "codebook", "design", "export"} <= kernel.completed("study.")
        assert {"mean", "proportion", "rake"} <= kernel.completed("sample.")
        assert {"items=", "by="} <= kernel.completed("sample.mean(")
        assert kernel.run("print('jedi' in sys.modules)")[0]["text"] == "False\n"

    def test_an_error_of_ours_is_its_message_with_the_traceback_folded_below(self, kernel: Kernel) -> None:
        kernel.run("import survey as sv\nsv.language('vi')")
        said, folded = kernel.run("sv.Targets.of({'<b>sex</b>': {'m': -1}})")
        assert said["ename"] == "TargetsError" and said["traceback"][0] == "Targets must be non-negative numbers."
        assert all("targets.py" not in line for line in said["traceback"])
        page = folded["data"]["text/html"]
        assert "lang='vi'><summary>Vị trí phát sinh lỗi" in page and "targets.py" in page
        assert "&lt;b&gt;sex" in page and "<b>" not in page and "\x1b" not in page
        assert "targets.py" in folded["data"]["text/plain"]
        kernel.run("sv.language(None)")

    def test_other_errors_are_their_last_line_and_the_traceback_is_folded_too(self, kernel: Kernel) -> None:
        said, folded = kernel.run("def inner():\n    return {}['missing']\n\ninner()")
        assert said["ename"] == "KeyError" and "inner" not in "".join(said["traceback"])
        assert "missing" in said["traceback"][-1] and len(said["traceback"]) == 1
        assert "Traceback" in folded["data"]["text/html"] and "return" in folded["data"]["text/html"]
        assert kernel.run("print(1)")[0]["text"] == "1\n"

    def test_a_warning_is_one_line(self, kernel: Kernel) -> None:
        (told,) = kernel.run("import warnings\nwarnings.warn('few rows')")
        assert told["text"] == "UserWarning: few rows\n" and told["name"] == "stderr"


READY = """name => { const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const kernel = context?.session?.kernel;
  return kernel && context.path === `${name}.ipynb` && kernel.connectionStatus === 'connected'
    && kernel.status === 'idle' }"""
CELLS = "[...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell')]"
NUMBERS = f"""{CELLS}.map(cell => {{
  const prompt = cell.querySelector('.jp-InputPrompt').textContent.match(/\\[(\\d+)\\]/);
  return prompt ? +prompt[1] : 0 }})"""
SHOWN = """() => [...document.querySelectorAll('.jp-MarkdownOutput, .jp-OutputArea-output')]
  .filter(e => e.checkVisibility()).map(e => e.innerText + ' ' +
    [...e.querySelectorAll('img')].map(i => i.alt).join(' ')).join('\\n')"""
FIGURES = """() => [...document.querySelectorAll('.jp-OutputArea-output img')]
  .filter(i => i.complete && i.naturalWidth > 300).map(i => i.alt)"""
ERRORS = ", ".join(
    [*(f"[data-mime-type='application/vnd.jupyter.{x}']" for x in ("stderr", "error")), ".survey-traceback"]
)


def run_all(page: Any, name: str) -> str:
    """Run all cells by the menu, as people do; what can be read then, outside of code."""
    page.wait_for_function(READY, arg=name)
    last = max(page.evaluate(NUMBERS))
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(f"last => {NUMBERS}.every(n => n > last)", arg=last)
    page.wait_for_function(READY, arg=name)
    assert page.locator(ERRORS).all_inner_texts() == []
    shown: str = page.evaluate(SHOWN)
    return shown


def vietnamese_words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", text) if re.search(SIGNS, word.lower())}


@pytest.mark.slow
@pytest.mark.browser
def test_three_notebooks_run_change_their_language_and_are_saved_without_outputs(
    lab: str, project: Path, browser: Any
) -> None:
    """As people do it: open, run all, read; change "vi" to "en" in the cell that says so, run all, read; save."""
    axe_folder = pytest.importorskip("axe_playwright_python").__file__
    axe = (Path(str(axe_folder)).parent / "axe.min.js").read_text(encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if r.url.startswith("http") else None)
    for name in THREE:
        page.goto(lab.format(name) + "&reset")
        vietnamese = run_all(page, name)
        assert len(vietnamese_words(vietnamese)) > 100
        alts = page.evaluate(FIGURES)
        assert alts and all(len(alt) > 60 and "dữ liệu mô phỏng" in alt.lower() for alt in alts)
        # only outputs: what else is on the page is JupyterLab's
        page.evaluate(axe)
        found = page.evaluate(
            "async () => await axe.run({include: [['.jp-OutputArea-output']]}, {resultTypes: ['violations']})"
        )
        assert [f"{v['id']}: {n['html'][:200]}" for v in found["violations"] for n in v["nodes"]] == [], name
        line = page.locator(".cm-line", has_text='sv.language("vi")')
        line.locator("span", has_text='"vi"').first.dblclick()
        page.keyboard.type("en")
        page.locator(".cm-line", has_text='sv.language("en")').wait_for()
        english = run_all(page, name)
        assert len(english) > 0.5 * len(vietnamese) and strangers(english, "en") == set()
        assert vietnamese_words(english) == set()
        assert all("simulated data" in alt.lower() for alt in page.evaluate(FIGURES))
        page.keyboard.press("Escape")
        page.keyboard.press("Control+s")
        page.locator(".lm-TabBar-tab.jp-mod-current:not(.jp-mod-dirty)").first.wait_for()
    assert [url for url in outside if not url.startswith(lab.partition("/lab/")[0])] == []
    told = subprocess.run(
        ["git", "diff", "-U0", "--no-color"], cwd=project, check=True, capture_output=True, text=True, encoding="utf-8"
    ).stdout
    changed = [line for line in told.splitlines() if re.match(r"[+-](?![+-]{2} )", line)]
    assert len(changed) == 2 * len(THREE)  # what was typed, and nothing that came out
    assert all(f'sv.language(\\"{lang}\\")' in line for line, lang in zip(changed, ["vi", "en"] * 3, strict=True))

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
    """Somebody's machine: other settings, no network, and a kernel of theirs that is called python3 and does nothing."""
    broken = folder / "data" / "kernels" / "python3"
    broken.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-c", "raise SystemExit(1)", "{connection_file}"]
    (broken / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Theirs", "language": "python"}))
    shown = folder / "config" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
    shown.mkdir(parents=True, exist_ok=True)
    (shown / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # all cells are on the page
    nobody = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"), "http://127.0.0.1:9")
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
        told = (folder / "log").read_text()
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("There is no Chromium.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


READY = """() => { const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  return kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle' }"""
CELLS = "[...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell')]"
NUMBERS = f"""{CELLS}.map(cell => {{
  const prompt = cell.querySelector('.jp-InputPrompt').textContent.match(/\\[(\\d+)\\]/);
  return prompt ? +prompt[1] : 0 }})"""
SHOWN = """() => [...document.querySelectorAll('.jp-MarkdownOutput, .jp-OutputArea-output')]
  .filter(e => e.checkVisibility()).map(e => e.innerText + ' ' +
    [...e.querySelectorAll('img')].map(i => i.alt).join(' ')).join('\\n')"""
FIGURES = """() => [...document.querySelectorAll('.jp-OutputArea-output img')]
  .filter(i => i.complete && i.naturalWidth > 300).map(i => i.alt)"""
ERRORS = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr'], .jp-OutputArea-output details"


def run_all(page: Any) -> str:
    """Run all cells by the menu, as people do; what can be read then, outside of code."""
    last = max(page.evaluate(NUMBERS))
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(f"last => {NUMBERS}.every(n => n > last)", arg=last)
    page.wait_for_function(READY)
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
        page.goto(lab.format(name))
        page.wait_for_function(READY)
        vietnamese = run_all(page)
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
        english = run_all(page)
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

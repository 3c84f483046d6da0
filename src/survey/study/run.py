"""Running the notebooks of a study in order, and what there is to show for it."""

from __future__ import annotations

import ast
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.base import catalogue
from survey.base.files import writing
from survey.errors import DataNotFoundError, StudyError, shorten
from survey.narrative import Finding
from survey.opendata import download
from survey.study import disclosure_ledger as disclosed
from survey.study import ledger, notebook_errors
from survey.study.study import Study
from survey.study.study_file import PROCESSED

__all__ = ["Done", "Run", "Skipped", "datasets", "reproduce"]

_CELL_TIMEOUT = 600  # seconds
_SHOWN_LINES = 3  # of a cell that failed
# The classic template: the default one drops the alternative text of figures. Without its scripts, which it would load
# from elsewhere: a page must be whole without the network and tell no one that it is read.
_PAGE = """\
{% extends 'classic/index.html.j2' %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_css %}<style>div.input_area, div.input_area pre {overflow: visible}</style>{% endblock %}
"""
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Done:
    """A notebook that ran: its name, how long it took in seconds, its executed copy."""

    name: str
    seconds: float
    html: Path


@dataclass(frozen=True, slots=True)
class Skipped:
    """A notebook that could not run here, and why, in words."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """Result of a run of the notebooks.

    Parameters
    ----------
    study : Study
    done : tuple of Done
    skipped : tuple of Skipped
    findings : tuple of Finding
        Of the whole study, also those of earlier runs when only some notebooks ran.
    ledger : Ledger
        Of the whole study too.
    """

    study: Study
    done: tuple[Done, ...]
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]
    ledger: ledger.Ledger

    def to_text(self) -> str:
        """The findings in words, what was skipped and why, and where the files are."""
        lines: list[str] = []
        if self.findings:
            lines += [" / ".join(catalogue.texts("study.findings").values()), ""]
            for finding in self.findings:
                first, *others = finding.texts.values()
                lines += [f"  - {first}", *(f"    {text}" for text in others), ""]
        if self.skipped:
            lines += ["Skipped", "", *(f"  - {s.name}: {s.why}" for s in self.skipped), ""]
        lines += _hidden(self.study) + self._other_state()
        lines += ["Files", ""]
        for what, folder in (("notebooks", self.study.processed / "notebooks"), ("exhibits", self.study.exhibits)):
            count = sum(1 for p in folder.glob("*") if p.is_file()) if folder.is_dir() else 0
            if count:
                lines.append(f"  - {what}: {folder} ({count} files)")
        seconds = sum(d.seconds for d in self.done)
        lines += ["", f"{len(self.done)} notebooks in {seconds:.0f} seconds."]
        return "\n".join(lines)

    def _other_state(self) -> list[str]:
        """Results that stand beside these without being of this state of the files."""
        left = ledger.stale(self.ledger, self.study)
        written = {path.stem for path in self.study.exhibits.glob("*.json")} - self.ledger.exhibits.keys()
        lines = [
            f"  - {name}: {'has not run' if why == 'missing' else 'ran on other data, code or versions'}; "
            f"survey reproduce --only {name}"
            for name, why in left.items()
        ]
        lines += [f"  - exhibits that no notebook of this run wrote: {shorten(sorted(written))}"] if written else []
        return ["Incomplete or out of date", "", *lines, ""] if lines else []


def _hidden(study: Study) -> list[str]:
    """How much the exhibits hide, and whether any of it can be computed from them; nothing where nothing is hidden."""
    total = study.hidden().table.iloc[-1]
    gone = int(total["small"] + total["complementary"])
    if not gone:
        return []
    lines = [f"  - {gone} of {int(total['rows'])} results are hidden ({100 * gone / total['rows']:.0f}%)"]
    leaks = study.audit()
    lines += [
        f"  - can be computed: {row.item}, {row.group} of {row.exhibit}, from {row.computed_from}"
        for row in leaks.itertuples()
    ]
    return ["Not shown", "", *lines, ""]


def reproduce(study: Study, only: Sequence[str] = ()) -> Run:
    """Run the notebooks of a study in order, each in a fresh kernel, and keep an executed copy of each as HTML.

    Notebooks of open data that are neither here nor reachable are skipped. A progress bar goes to stderr.

    Parameters
    ----------
    study : Study
    only : sequence of str
        Names of notebooks, or how they begin ("03"); everything when empty.

    Returns
    -------
    Run

    Raises
    ------
    StudyError
        If a notebook is missing or none is selected, or when a cell fails: notebook, cell, its first lines and the
        parts of the error. The copy up to that cell is kept too.
    """
    from tqdm import tqdm

    names = _chosen(study, only)
    books = {name: _open(study, name) for name in names}
    if not only:
        study.forget_findings()
        disclosed.forget(study.ledger)
    made_by: dict[str, str] = {}
    done: list[Done] = []
    skipped: list[Skipped] = []
    with (
        tempfile.TemporaryDirectory() as settings,
        tqdm(total=sum(map(_code_cells, books.values())), unit="cell", bar_format=_BAR, dynamic_ncols=True) as bar,
    ):
        for name, book in books.items():
            bar.set_description(name)
            before, there = bar.n, ledger.stamps(study)
            try:
                for dataset in datasets(book):
                    download.fetch(dataset)
                done.append(_run(study, name, book, settings, bar.update))
                made_by |= {key: name for key, state in ledger.stamps(study).items() if there.get(key) != state}
            except DataNotFoundError as missing:
                if name not in study.real:
                    raise
                skipped.append(Skipped(name, missing.sentence))
                bar.update(before + _code_cells(book) - bar.n)
        bar.set_description("done")
    kept = ledger.collect(study, made_by, ledger.read_ledger(ledger.running_path(study)) if only else None)
    ledger.write(kept, ledger.running_path(study), study.inputs)
    return Run(study, tuple(done), tuple(skipped), study.findings(), kept)


_BAR = "{desc:<28.28} {bar} {n_fmt}/{total_fmt} cells, {elapsed}"


def datasets(book: Any) -> tuple[str, ...]:
    """Names of the open data that a notebook fetches: the texts in its calls of `fetch("...")`."""
    found: list[str] = []
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:
            continue  # a magic; the kernel knows better
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                function = node.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                if name == "fetch" and isinstance(node.args[0].value, str):
                    found.append(node.args[0].value)
    return tuple(dict.fromkeys(found))


def _chosen(study: Study, only: Sequence[str]) -> list[str]:
    names = [*study.run, *study.real]
    if not names:
        raise StudyError("The study names no notebooks.", where=study.path, fix="add run = [...] under [notebooks]")
    if not only:
        return names
    unknown = [o for o in only if not any(n == o or n.startswith(o) for n in names)]
    if unknown:
        raise StudyError(
            "The study has no such notebook.",
            where=study.path,
            got=shorten(unknown),
            expected=shorten(names, 20),
            fix="give one of these names, or how it begins",
        )
    return [n for n in names if any(n == o or n.startswith(o) for o in only)]


def _open(study: Study, name: str) -> Any:
    import nbformat

    path = study.notebooks / f"{name}.ipynb"
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise StudyError(
            "The study names a notebook that does not exist.", where=path, fix=f"correct [notebooks] in {study.path}"
        ) from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as problem:
        raise StudyError(
            "The file is not a notebook.", where=path, got=str(problem).splitlines()[0], expected="Jupyter's format"
        ) from problem


def _run(study: Study, name: str, book: Any, settings: str, step: Callable[[int], object]) -> Done:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError

    html = study.processed / "notebooks" / f"{name}.html"
    client = NotebookClient(
        book,
        timeout=_CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(study.notebooks)}},
        on_cell_complete=lambda cell, cell_index: step(1) if cell.cell_type == "code" else None,
        extra_arguments=[
            "--HistoryManager.enabled=False",
            "--IPKernelApp.log_level=40",
            f"--IPKernelApp.extra_extensions={notebook_errors.__name__}",
        ],
    )
    start = time.perf_counter()
    try:
        client.execute(env=_surroundings(study, settings))
    except CellExecutionError as failure:
        problem = _in_words(study, name, book, html, failure)
        if isinstance(problem, StudyError):
            _write_html(study, name, book, html)
        raise problem from failure
    except (CellControlSignal, DeadKernelError) as failure:
        _write_html(study, name, book, html)
        raise StudyError(
            "A notebook stopped.",
            where=study.notebooks / f"{name}.ipynb",
            got=str(failure).splitlines()[0],
            fix="run it in JupyterLab (`survey lab`) to see where it hangs or what it needs",
        ) from failure
    _write_html(study, name, book, html)
    return Done(name, time.perf_counter() - start, html)


def _surroundings(study: Study, settings: str) -> dict[str, str]:
    """The same for every kernel on every machine: no settings of the user's, no debugger's notices, one hash seed."""
    own = {"IPYTHONDIR": settings, "PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    if study.processed != Study.open(study.path).processed:
        own[PROCESSED] = os.path.abspath(study.processed)
    return {**os.environ, **own}


def _in_words(study: Study, name: str, book: Any, html: Path, failure: Any) -> StudyError | DataNotFoundError:
    """A failing cell as one error: which, how it begins, what it said, where to see more."""
    code = [c for c in book.cells if c.cell_type == "code"]
    number, cell = next(
        (i, c) for i, c in enumerate(code, start=1) if any(o.output_type == "error" for o in c.get("outputs", []))
    )
    error = notebook_errors.take(cell)
    if isinstance(error, DataNotFoundError) and name in study.real:
        return error
    lines = cell.source.strip().splitlines()
    shown = "\n            ".join([*lines[:_SHOWN_LINES], *(["…"] if len(lines) > _SHOWN_LINES else [])])
    where = f"{study.notebooks / name}.ipynb, cell [{number}]:\n            {shown}"
    copy = f"see the copy up to this cell in {html}, or run the notebook in JupyterLab (`survey lab`)"
    message, expected, fix = _ESCAPES.sub("", f"{failure.evalue}"), None, copy
    if error is not None:
        inner = [f"{part + ':':<7}{value}" for part in ("where", "got") if (value := getattr(error, part)) is not None]
        message, expected = "\n".join([error.what, *inner]), error.expected
        fix = f"{error.fix}; or {copy}" if error.fix else copy
    return StudyError(
        f"The notebook {name} stopped at its code cell {number} of {len(code)}.",
        where=where,
        got=f"{failure.ename}: {message}".replace("\n", "\n            "),
        expected=expected,
        fix=fix,
    )


def _write_html(study: Study, name: str, book: Any, path: Path) -> None:
    from jinja2 import DictLoader
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="classic", template_file="page.html.j2", extra_loaders=[DictLoader({"page.html.j2": _PAGE})]
    )
    text, _ = exporter.from_notebook_node(book, resources={"metadata": {"name": _heading(book) or name}})
    for folder, shown in _machine_paths(study):
        text = text.replace(folder, shown)
    with writing(path, [*study.inputs, study.notebooks / f"{name}.ipynb"]) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _machine_paths(study: Study) -> list[tuple[str, str]]:
    """What must not be read off an executed copy: where the project and the data lie on this machine."""
    root, home = os.path.abspath(study.notebooks.parent), os.environ.get(download.HOME_VARIABLE)
    folders = [(root, "."), *([(os.path.abspath(home), download.HOME_VARIABLE)] if home else [])]
    # a short path could stand by chance in the letters of an embedded picture
    return sorted((f for f in folders if len(f[0]) >= 8), key=lambda f: -len(f[0]))


def _heading(book: Any) -> str:
    first = next((c.source for c in book.cells if c.cell_type == "markdown"), "")
    return next((line.lstrip("# ").strip() for line in first.splitlines() if line.startswith("# ")), "")


def _code_cells(book: Any) -> int:
    return sum(1 for cell in book.cells if cell.cell_type == "code")

"""An executed notebook as a page that is whole without the network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from survey.base.files import writing
from survey.opendata import download
from survey.study.study import Study

__all__ = ["write"]

# The classic template: the default one drops the alternative text of figures. Without its scripts, which it would load
# from elsewhere: a page must be whole without the network and tell no one that it is read.
_PAGE = """\
{% extends 'classic/index.html.j2' %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_css %}<style>div.input_area, div.input_area pre {overflow: visible}</style>{% endblock %}
"""


def write(study: Study, name: str, book: Any, path: Path) -> None:
    """Write the page of a notebook, without where the project and the data lie on this machine.

    Parameters
    ----------
    study : Study
    name : str
        Of the notebook.
    book : NotebookNode
        Executed, as far as it got.
    path : Path
    """
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

"""The one rule of the architecture: imports point down (docs/architecture.md has the same table in words)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import survey

SOURCE = Path(survey.__file__).parent

LAYERS = {
    0: {"errors", "_linalg", "_files", "_archive", "_spreadsheet", "_frames", "_arguments", "_stored"},
    1: {
        "codebook", "design", "targets", "estimates", "contrasts", "display", "formulas",
        "_expressions", "_walker", "_formula", "_formula_factors", "_formula_tree", "_names", "_missing_codes",
        "_disclosure", "_certainty", "_labels", "_locale", "_log", "_phrases", "_quantities", "_totals",
    },
    2: {"responses", "io", "writing", "cleaning", "privacy", "quality", "simulate", "opendata", "opendata_codebooks"},
    3: {
        "cells", "variance", "weighting", "structure", "stages", "linearize", "functionals", "intervals", "replicated",
        "replication", "hadamard", "clustered", "_model_matrix",
    },
    4: {"estimate", "nonanswers", "compare", "models", "scales", "impact", "assemble", "items", "moments", "quantiles",
        "resampling", "weight_effects", "share_clusters"},
    5: {"sample", "imputation"},
    6: {"exhibits", "figures", "tables", "narrative", "export", "published"},
    7: {"cli", "study", "report", "storage", "_studyfile"},
}  # fmt: skip
LAYER = {module: layer for layer, modules in LAYERS.items() for module in modules}


def _type_checking(node: ast.AST) -> bool:
    if not isinstance(node, ast.If):
        return False
    test = node.test
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def _imports(node: ast.AST) -> Iterator[str]:
    """Dotted names that a module imports when it runs, wherever in it."""
    for child in ast.iter_child_nodes(node):
        if _type_checking(child):
            for other in child.orelse:
                yield from _imports(ast.Module([other], []))
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            if child.level:
                yield "." * child.level + (child.module or "")
            elif child.module == "survey":
                yield from (f"survey.{alias.name}" for alias in child.names)
            else:
                yield child.module or ""
        else:
            yield from _imports(child)


def _home(name: str) -> str | None:
    """The top-level module behind a dotted name: survey.io.reading -> io, survey.Sample -> sample; None outside."""
    parts = name.split(".")
    if parts[0] != "survey" or name == "survey.__version__":
        return None
    if len(parts) == 1:
        return "survey itself"
    exported = survey._MODULE_OF.get(parts[1], f"survey.{parts[1]}")
    return exported.split(".")[1]


def upward(source: str, module: str) -> list[str]:
    """What is wrong with the imports of one module's source."""
    wrong = []
    for name in _imports(ast.parse(source)):
        if name.startswith("."):
            wrong.append(f"{module} imports {name}: relative; write the whole name")
            continue
        home = _home(name)
        if home is None:
            continue
        if home not in LAYER:
            wrong.append(f"{module} imports {name}, which is in no layer")
        elif LAYER[home] > LAYER[module]:
            wrong.append(f"{module} (layer {LAYER[module]}) imports {name} (layer {LAYER[home]})")
    return wrong


def _modules() -> list[Path]:
    return [p for p in sorted(SOURCE.rglob("*.py")) if p != SOURCE / "__init__.py"]


def _top(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def test_every_module_has_a_layer() -> None:
    unlisted = sorted({_top(p) for p in _modules()} - set(LAYER))
    assert not unlisted, f"not in the table of layers: {unlisted}"


@pytest.mark.parametrize("path", _modules(), ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_no_import_points_up(path: Path) -> None:
    assert upward(path.read_text(encoding="utf-8"), _top(path)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from survey.sample import Sample",
        "from survey import sample",
        "from survey import Sample",
        "import survey.sample",
        "import survey",
        "def f():\n    from survey.figures import likert",
        "try:\n    import survey.cli\nexcept ImportError:\n    pass",
        "if True:\n    from survey.study import Study",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    from survey.sample import Sample",
        "from . import sample",
        "from survey.a_new_module import x",
    ],
)
def test_an_upward_import_is_caught_however_it_is_written(source: str) -> None:
    assert upward(source, "cells")


@pytest.mark.parametrize(
    "source",
    [
        "from survey.errors import some",
        "from survey import codebook",
        "from survey.variance import Linearized",
        "import numpy as np",
        "import surveys_of_others",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from survey.sample import Sample",
        "import typing\nif typing.TYPE_CHECKING:\n    from survey.sample import Sample",
    ],
)
def test_imports_that_point_down_or_aside_pass(source: str) -> None:
    assert upward(source, "cells") == []


def test_the_page_on_the_architecture_has_the_same_table() -> None:
    page = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\d) [a-z]+ \| (.*?) \|", page, re.MULTILINE))
    there = {_top(p) for p in _modules()}
    for layer, modules in LAYERS.items():
        assert set(re.findall(r"`(\w+)`", rows[str(layer)])) == modules & there


def test_no_module_is_in_two_layers() -> None:
    assert sum(map(len, LAYERS.values())) == len(LAYER)

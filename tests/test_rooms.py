"""The one rule of the house: a file imports only from rooms before its own, and inside a room there is no circle.

Every import counts: for types, and inside functions too. docs/architecture.md draws the same order.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import survey

SOURCE = Path(survey.__file__).parent

ORDER = (
    "errors",
    "base",
    "codebook",
    "design",
    "counting",
    "calibration",
    "core",
    "words",
    "estimates",
    "privacy",
    "cleaning",
    "writing",
    "quality",
    "responses",
    "estimation",
    "compare",
    "models",
    "weighting",
    "sample",
    "imputations",
    "io",
    "scanning",
    "sharing",
    "drawing",
    "exhibits",
    "figures",
    "tables",
    "narrative",
    "reports",
    "simulate",
    "opendata",
    "study",
    "cli",
)
EXCEPTION = ("responses", "io.replay")
"""`Responses.replay` reads files."""
LONGEST = 400
"""Lines of a module: with more, it has two ideas in it."""


def _modules() -> dict[str, Path]:
    """Dotted names below `survey`, packages by their own name, and where they stand."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    del found[""]
    return found


MODULES = _modules()


def _room(module: str) -> str:
    return module.partition(".")[0]


@cache
def _imports(source: str) -> tuple[str, ...]:
    """What a module imports from the package, as names below it; relative ones with their dots."""
    return tuple(_each_import(source))


def _each_import(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name.removeprefix("survey").lstrip(".") or "?" for a in node.names if _ours(a.name))
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.ImportFrom) and _ours(node.module or ""):
            below = (node.module or "").removeprefix("survey").lstrip(".")
            for alias in node.names:
                name = f"{below}.{alias.name}".lstrip(".")
                exported = survey._MODULE_OF.get(alias.name, "").removeprefix("survey.") if not below else ""
                if name != "__version__":
                    yield exported or (name if name in MODULES else below or name)


def _ours(name: str) -> bool:
    return name.partition(".")[0] == "survey"


def upward(source: str, module: str) -> list[str]:
    """What is wrong with the imports of one module's source."""
    wrong = []
    for name in _imports(source):
        if name.startswith("."):
            wrong.append(f"{module} imports {name}: relative; write the whole name")
        elif _room(name) not in ORDER:
            wrong.append(f"{module} imports {name}, which is in no room")
        elif (module, name) != EXCEPTION and ORDER.index(_room(name)) > ORDER.index(_room(module)):
            wrong.append(f"{module} imports {name}, a later room")
    return wrong


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A circle among modules, each with those that it imports; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_module_stands_in_a_room() -> None:
    assert {_room(m) for m in MODULES} == set(ORDER)


def test_the_top_of_the_package_is_a_table_of_contents() -> None:
    assert len(list(SOURCE.glob("*.py"))) <= 10


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {m: len(path.read_text(encoding="utf-8").splitlines()) for m, path in MODULES.items()}
    assert {m: n for m, n in lengths.items() if n > LONGEST} == {}


def test_no_import_points_up() -> None:
    assert [line for m, path in MODULES.items() for line in upward(path.read_text(encoding="utf-8"), m)] == []


def test_there_is_no_circle_in_a_room() -> None:
    graph: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        names = _imports(path.read_text(encoding="utf-8"))
        graph[module] = {n for n in names if n in MODULES and _room(n) == _room(module) and n != module}
    assert circle(graph) == []


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})


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
        "if True:\n    from survey.study.study import Study",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from survey.sample import Sample",
        "from . import cells",
        "from survey.a_new_room import x",
    ],
)
def test_an_upward_import_is_caught_however_it_is_written(source: str) -> None:
    assert upward(source, "counting.cells")


@pytest.mark.parametrize(
    "source",
    [
        "from survey.errors import some",
        "from survey import codebook",
        "from survey.design.design import Design",
        "import numpy as np",
        "import surveys_of_others",
        "from survey import __version__",
    ],
)
def test_imports_that_point_down_or_aside_pass(source: str) -> None:
    assert upward(source, "counting.cells") == []


def test_the_page_on_the_architecture_has_the_same_order() -> None:
    page = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    table, _, _ = page.partition("## Where things go")
    assert tuple(re.findall(r"^\| `(\w+)(?:/|\.py)` \|", table, re.MULTILINE)) == ORDER

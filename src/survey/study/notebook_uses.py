"""What a notebook takes from those before it, read off its source: what it loads and saves, or that it may use all.

Nothing is run. What cannot be told is taken to use everything before it and, if it may write elsewhere, to come before
everything after it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Uses", "code_of", "datasets", "longest", "uses"]

_OWN = {  # of a Study: what does not depend on other notebooks
    *("codebook", "codebook_path", "declared", "design", "export", "id", "inputs", "keep", "language", "notebooks"),
    *("path", "plan", "read", "real", "reporting", "run", "shown_in", "simulated", "source", "specifications"),
    *("surveys", "targets", "title"),
}
_BY_NAME = {"load", "save"}
_READ_ALL = {"audit", "exhibits", "findings", "hidden", "ledger", "methods", "processed", "report"}
_ELSEWHERE = {  # calls that write files, or run what is not read here
    *("Popen", "__import__", "dump", "eval", "exec", "import_module", "mkdir", "move", "open", "rmtree"),
    *("run", "run_path", "savefig", "system", "touch", "unlink", "urlretrieve", "write_bytes", "write_text"),
}
_TABLES = {
    "csv",
    "excel",
    "feather",
    "hdf",
    "json",
    "parquet",
    "pickle",
    "sql",
    "stata",
    "docx",
    "pptx",
    "xlsx",
    "html",
}


@dataclass(frozen=True, slots=True)
class Uses:
    """What a notebook takes and leaves.

    Parameters
    ----------
    loads, saves : frozenset of str
        Names of saved responses and samples.
    everything : bool
        Whether it may use anything that notebooks before it made.
    elsewhere : bool
        Whether notebooks after it may use something that it made in another way than by those names.
    """

    loads: frozenset[str] = frozenset()
    saves: frozenset[str] = frozenset()
    everything: bool = False
    elsewhere: bool = False


UNKNOWN = Uses(everything=True, elsewhere=True)


def code_of(book: Any) -> Iterator[str]:
    """The source of each code cell."""
    return (cell.source for cell in book.cells if cell.cell_type == "code")


def datasets(book: Any) -> tuple[str, ...]:
    """Names of the open data that a notebook fetches: the texts in its calls of `fetch("...")`."""
    found: list[str] = []
    for source in code_of(book):
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue  # a magic; the kernel knows better
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _last_name(node.func) == "fetch" and (name := _first_text(node)):
                found.append(name)
    return tuple(dict.fromkeys(found))


def uses(book: Any, folder: Path) -> Uses:
    """What a notebook takes and leaves; `folder` is where it lies, with modules of its own perhaps."""
    try:
        tree = ast.parse("\n".join(code_of(book)))
    except (SyntaxError, ValueError):  # a magic: it may do anything
        return UNKNOWN
    if any((folder / f"{name}.py").exists() or (folder / name).is_dir() for name in _imported(tree)):
        return UNKNOWN
    studies, known = _studies(tree)
    if not known:
        return UNKNOWN
    loads: set[str] = set()
    saves: set[str] = set()
    everything, elsewhere = False, False
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "processed" in node.value:
            return UNKNOWN
        if isinstance(node, ast.Call) and _writes(node, studies):
            everything = elsewhere = True
        if not _is_study(node, studies):
            continue
        above = parents.get(node)
        if not isinstance(above, ast.Attribute):
            if not isinstance(above, ast.Assign):
                return UNKNOWN  # handed on to who knows what
            continue
        if above.attr in _BY_NAME:
            name = _first_text(parents.get(above))
            if name is None:
                return UNKNOWN
            (loads if above.attr == "load" else saves).add(name)
        elif above.attr in _READ_ALL:
            everything = True
        elif above.attr not in _OWN:
            return UNKNOWN
    return Uses(frozenset(loads), frozenset(saves), everything, elsewhere)


def longest(notebooks: Mapping[str, Uses], lengths: Mapping[str, float]) -> dict[str, float]:
    """How much time a notebook, and after it those that wait for it, and so on, take at least: the longest such way.

    Parameters
    ----------
    notebooks : mapping of str to Uses
        In the order of the study.
    lengths : mapping of str to float
        What each takes alone, in any unit.
    """
    found: dict[str, float] = {}
    for name, own in reversed(list(notebooks.items())):
        waiting = [w for later, w in found.items() if _waits(notebooks[later], own)]
        found[name] = lengths[name] + max(waiting, default=0.0)
    return found


def _waits(later: Uses, own: Uses) -> bool:
    return later.everything or own.elsewhere or bool(later.loads & own.saves)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or ".").split(".")[0] if not node.level else "."


def _opens(node: ast.AST) -> bool:
    """Whether it is `Study.open()`, which finds the study that is run."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "open":
        return False
    return _last_name(node.func.value) == "Study" and not node.args and not node.keywords


def _studies(tree: ast.AST) -> tuple[set[str], bool]:
    """Names that a study is given, and whether nothing else may be one."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _opens(node.value):
            if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
                return names, False
            names.add(node.targets[0].id)
    spoken_of = sum(isinstance(n, ast.Attribute | ast.Name) and _last_name(n) == "Study" for n in ast.walk(tree))
    return names, spoken_of == sum(map(_opens, ast.walk(tree)))


def _is_study(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in names and isinstance(node.ctx, ast.Load)
    return _opens(node)


def _writes(call: ast.Call, studies: Iterable[str]) -> bool:
    name = _last_name(call.func)
    if name in _ELSEWHERE:
        return not _opens(call)
    if name.startswith("to_") and name[3:] in _TABLES:
        return bool(call.args or call.keywords)  # without a file they give a text
    if name in ("export", "save", "lock", "to_file"):
        return not (isinstance(call.func, ast.Attribute) and _is_study(call.func.value, set(studies)))
    return False


def _first_text(call: ast.AST | None) -> str | None:
    if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
        value = call.args[0].value
        return value if isinstance(value, str) else None
    return None


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")

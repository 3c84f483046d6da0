"""The modules of the package as Python reads them, for tests of how the code is written. Each is parsed once."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import survey

SOURCE = Path(survey.__file__).parent
LOOKED_AT = (ast.Constant, ast.JoinedStr, ast.Call, ast.Dict, ast.Import, ast.ImportFrom)


@cache
def modules() -> tuple[Path, ...]:
    """Every file of the package, in order."""
    return tuple(sorted(SOURCE.rglob("*.py")))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """What tests look at in a module: texts, calls, dictionaries and imports, wherever they stand."""
    return tuple(n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, LOOKED_AT))

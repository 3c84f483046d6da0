"""Draws kinds of the gallery when told to and says what processor time each took; see `benchmarks.drawing`.

Run with the package and the gallery of either commit on its path, so it uses only what both have.
"""

from __future__ import annotations

import ast
import gc
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from docs.gallery.kinds import Kind, kinds, more
from docs.gallery.study import names
from survey.exhibits.picture import Picture


def drawing(kind: Kind) -> Callable[[str], None]:
    """What draws a kind in a language: its verb on results that are there, so that no estimate is part of it."""
    call, known = ast.parse(kind.code, mode="eval").body, names(kind.code)
    assert isinstance(call, ast.Call)

    def value(node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), kind.key, "eval"), known)

    verb, given = value(call.func), [value(node) for node in call.args]
    named = {str(keyword.arg): value(keyword.value) for keyword in call.keywords}

    def draw(lang: str) -> None:
        exhibit = verb(*given, **{**named, "lang": lang})
        Picture(exhibit).png("full", exhibit.style.dpi)

    return draw


def main() -> None:
    """First the names of the figures, as many as the command says; then a line with a name in, one with seconds out.

    Each is drawn once before, so that what a process does once (fonts, words of a language) is no part of any.
    """
    figures = [kind for kind in [*kinds(), *more()] if kind.code and ".figures." in kind.verb]
    figures = figures[: int(sys.argv[1]) if sys.argv[1:] else None]
    known = {kind.key: drawing(kind) for kind in figures}
    for draw in known.values():
        for lang in ("en", "vi"):
            draw(lang)
    sys.stdout.write(json.dumps({kind.key: kind.name for kind in figures}) + "\n")
    sys.stdout.flush()
    for line in sys.stdin:
        gc.collect()
        start = time.process_time()
        known[line.strip()]("vi")
        sys.stdout.write(json.dumps(time.process_time() - start) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

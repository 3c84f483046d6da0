"""Pages of results: each benchmark writes its own section, so that no figure is typed by hand."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from survey.base.files import writing

__all__ = ["figure", "markdown_table", "on_what", "published", "put", "seconds"]


def put(page: Path, section: str, text: str) -> None:
    """Replace what stands between the marks of a section; a page that lacks them gets them at its end."""
    begin, end = f"<!-- begin {section} -->", f"<!-- end {section} -->"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    before, found, rest = old.partition(begin)
    after = rest.partition(end)[2] if found else "\n"
    with writing(page) as temporary:
        temporary.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")


def published(
    options: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    measure: Callable[[argparse.Namespace], dict[str, Any]],
    report: Callable[[dict[str, Any]], str],
    section: str,
    draw: Callable[[dict[str, Any], Path], None] | None = None,
    alt: str = "",
) -> int:
    """Measure, or read what was measured before; print it, keep it, and write its section of a page.

    Parameters
    ----------
    options : ArgumentParser
        Of the benchmark itself; where results go is added here.
    arguments : list of str or None
        None for those of the command line.
    measure, report, draw : function
        From the options to results; from these to text, and to a figure where there is one.
    section : str
        The marks of the page between which the text stands.
    alt : str
        What the figure shows, for who does not see it.
    """
    options.add_argument("--out", type=Path, help="results as JSON")
    options.add_argument("--read", type=Path, help="results of an earlier run, instead of running")
    options.add_argument("--write", type=Path, help="page in which the section is to be replaced")
    if draw is not None:
        options.add_argument("--plot", type=Path, help="figure (.svg or .png)")
    given = options.parse_args(arguments)
    results = json.loads(given.read.read_text(encoding="utf-8")) if given.read else measure(given)
    text = report(results)
    sys.stdout.write(text + "\n")
    if given.out:
        with writing(given.out) as temporary:
            temporary.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plot = given.plot if draw is not None else None
    if draw is not None and plot:
        draw(results, plot)
    if given.write:
        put(given.write, section, text + (f"\n\n![{alt}]({plot.name})" if plot else ""))
    return 0


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table that reads well in a terminal too; all columns but the first are set flush right."""
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    width = [max(len(row[i]) for row in cells) for i in range(len(header))]
    rule = ["-" * width[0], *("-" * (w - 1) + ":" for w in width[1:])]

    def line(row: Sequence[str]) -> str:
        padded = [row[0].ljust(width[0]), *(cell.rjust(w) for cell, w in zip(row[1:], width[1:], strict=True))]
        return f"| {' | '.join(padded)} |"

    return "\n".join([line(cells[0]), line(rule), *(line(row) for row in cells[1:])])


def seconds(value: float) -> str:
    """Three figures: 45.1 ms, 1.96 s, 31.3 s."""
    return f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:.3g} s"


def on_what(machine: dict[str, Any]) -> str:
    """The machine and the versions, in one sentence."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return f"{machine['cpu']}, {machine['cores']} cores; Python {machine['python']}, {versions}."


def figure(path: Path, drawing: Any) -> None:
    """Save a matplotlib figure; the same results give the same bytes."""
    import matplotlib as mpl

    svg = path.suffix == ".svg"
    with mpl.rc_context({"svg.hashsalt": "survey"}), writing(path) as temporary:
        drawing.savefig(temporary, dpi=200, metadata={"Date": None} if svg else {"Software": None})

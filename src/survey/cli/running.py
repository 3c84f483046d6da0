"""One command: what was typed, what it may not overwrite, and its errors in words."""

from __future__ import annotations

import argparse
import errno
import os
import re
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from survey.base.files import inputs, refuse_sources, system_message
from survey.cli.arguments import parser
from survey.cli.codes import BAD_INPUT, FINE
from survey.cli.commands import tell
from survey.errors import SurveyError, warning_line

__all__ = ["run"]


def run(arguments: Sequence[str] | None) -> int:
    """Run one command and return its exit code; `KeyboardInterrupt` where it is stopped."""
    _write_anything()
    written, warnings.formatwarning = warnings.formatwarning, warning_line
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    finally:
        warnings.formatwarning = written


def _run(arguments: list[str]) -> int:
    typed = parser()
    own, passed_on = _apart(arguments)
    options, others = typed.parse_known_args(own)
    options.others = others + passed_on
    if others and "passed_on" not in options:
        typed.error(f"unknown arguments: {' '.join(others)}")
    if "run" not in options:
        typed.print_help()
        return FINE
    try:
        with inputs(_named(options, _IN)):
            for path in _named(options, _OUT):
                refuse_sources(path)
            code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader went away: `survey fetch | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:
        if options.debug:
            raise
        tell(f"survey: {_as_typed(str(_in_words(error)), options)}")
        return BAD_INPUT


def _apart(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what `survey lab [STUDY] ...` passes on: --port 9999 names no study."""
    command = next((i for i, argument in enumerate(arguments) if not argument.startswith("-")), len(arguments))
    if arguments[command : command + 1] != ["lab"] or {"-h", "--help"} & set(arguments):
        return arguments, []
    named = arguments[command + 1 : command + 2]
    end = command + 1 + (bool(named) and not named[0].startswith("-"))
    return arguments[:end], arguments[end:]


_FULL = "The disk is full.", "room for the results", "free some space, and type the command again"
_REFUSED = (
    "The operating system refused an operation.",
    "accessible files",
    "check that file or folder; --debug shows where it happened",
)


def _in_words(error: Exception) -> SurveyError | str:
    if isinstance(error, SurveyError):
        return error
    if isinstance(error, OSError):
        what, expected, fix = _FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else _REFUSED
        return SurveyError(what, where=error.filename, got=system_message(error), expected=expected, fix=fix)
    from survey.codebook.told import fault_message  # a fault of the program: its traceback may quote answers

    return fault_message(error)


_OPTION = re.compile(r"""(?:sv\.)?read\(\.\.\., (\w+)=(["'])(.*?)\2\)|\b(sheet)="(\*)\"""")
"""What an error advises for Python: read(..., sheet='May'), or sheet="*"."""


def _as_typed(told: str, options: argparse.Namespace) -> str:
    """An error with its advice as options of this command, where it has them."""

    def option(found: re.Match[str]) -> str:
        name, value = found[1] or found[4], found[3] or found[5]
        return f'--{name} "{value}"' if hasattr(options, name) and '"' not in value else found[0]

    return _OPTION.sub(option, told)


_IN, _OUT = (
    ("file", "data", "codebook", "form", "rules", "diff", "log", "sources", "design", "verify", "frame", "list"),
    ("html", "out"),
)


def _named(options: argparse.Namespace, names: Sequence[str]) -> list[Path]:
    """The paths that a command was given under these names."""
    found: list[Path] = []
    for name in names:
        value = getattr(options, name, None)
        found += value if isinstance(value, list) else [value] if isinstance(value, Path) else []
    return found


def _write_anything() -> None:
    """Vietnamese must not stop a program on a console that cannot show it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")

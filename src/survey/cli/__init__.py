"""The command line: check a file, clean it again by its log, simulate, fetch open data, run everything, open notebooks.

Errors are the five lines of `SurveyError`, without a traceback. Exit codes: 0 fine; 1 rules of the codebook broken;
2 wrong usage or bad input; 3 replayed, but not compared; 130 stopped by the user, 143 by SIGTERM, 129 by SIGHUP.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from survey.cli.codes import BAD_INPUT, BROKEN_RULES, FINE, NOT_COMPARED, STOPPED
from survey.cli.stopping import ended_by, nothing_more, stoppable

__all__ = ["BAD_INPUT", "BROKEN_RULES", "FINE", "NOT_COMPARED", "STOPPED", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        with stoppable():
            from survey.cli.running import run  # imports take time, in which it can be stopped too

            return run(arguments)
    except KeyboardInterrupt as stop:
        sys.stderr.write("survey: stopped.\n")
        return ended_by(stop)
    finally:
        nothing_more()

"""An IPython extension for people at work in JupyterLab: tracebacks folded, short warnings, names completed at once."""

from __future__ import annotations

import warnings
from contextlib import suppress
from types import TracebackType
from typing import Any

from survey.base import catalogue
from survey.base.html import render
from survey.base.language import chosen
from survey.base.text import uncoloured
from survey.errors import SurveyError, warning_line

__all__ = ["load_ipython_extension"]

_FOLDED = """\
<details class='survey-traceback' lang='{{ lang }}'><summary>{{ label }}</summary>
<pre tabindex='0'>{{ trace }}</pre></details>"""


def load_ipython_extension(shell: Any) -> None:
    """Set up the shell; IPython calls this in the kernel.

    Names are completed by looking at objects: reading all the source that may be behind a name, as Jedi does, takes
    seconds at the first tab.
    """
    warnings.formatwarning = warning_line
    shell.set_custom_exc((Exception,), _fold)
    shell.Completer.use_jedi = False


def _fold(
    shell: Any, kind: type[Exception], error: Exception, trace: TracebackType, tb_offset: int | None = None
) -> None:
    """The message of an error, and below it the traceback for those who open it."""
    lines = shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset)
    if not isinstance(error, SurveyError):
        with suppress(AttributeError):  # an error that takes no attributes is shown in full
            said = "\n".join(shell.InteractiveTB.get_exception_only(kind, error)).rstrip().splitlines()
            error._render_traceback_ = lambda: said  # type: ignore[attr-defined]
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    lang = chosen() or "en"
    told = uncoloured("\n".join(lines))
    html = render(_FOLDED, lang=lang, label=catalogue.text("notebook.traceback", lang), trace=told)
    shell.display_pub.publish({"text/html": html, "text/plain": told})

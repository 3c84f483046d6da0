"""What an error of a library says, as far as it may be shown."""

from __future__ import annotations

import re

from survey.base.personal import in_text

__all__ = ["said"]

_QUOTED = re.compile(r"(?s)'.*'|\".*\"|`.*`|\[.*\]")


def said(problem: object) -> str:
    """What an error of a library says, without what it quotes: that may be a cell of someone's answers."""
    text = str(problem)[:10_000].strip().split("\n")[0][:2000]  # the pattern looks from every bracket to the end
    if type(problem).__module__.split(".")[0] in ("pyarrow", "pandas") and not isinstance(problem, OSError):
        text = _QUOTED.sub("…", text).split(": ")[0]  # "Could not convert '…' with type str", "Failed to parse: …"
    text = _QUOTED.sub("…", text)[:200]
    hidden = any(in_text(text)) or sum(c.isdigit() for c in text) >= 12
    kind = type(problem).__name__ if isinstance(problem, BaseException) else ""
    return kind if hidden else f"{kind}: {text}" if kind and text else kind or text

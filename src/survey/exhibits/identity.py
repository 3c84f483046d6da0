"""What tells one exhibit from another: its numbers and what is done with them, in no language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.base.digest import digest
from survey.core.result import ResultData

__all__ = ["content_hash"]

_NO_OPTIONS_IN_HASH = ("width", "labels", "reference_label", "reference_result", "other_result")


def content_hash(form: str, e: ResultData, options: Mapping[str, Any]) -> str:
    """SHA-256 of the numbers of an exhibit and of what is done with them; see `Exhibit.hash`."""
    shown = {k: v for k, v in options.items() if k not in _NO_OPTIONS_IN_HASH and v is not None}
    content = {
        "form": form,
        "statistic": e.statistic,
        "by": list(e.by),
        "level": e.level,
        "answers": [_plain(a) for a in e.answers],
        "options": {k: _plain(v) for k, v in sorted(shown.items())},
        "columns": [str(c) for c in e.table.columns],
        "rows": [[_plain(v) for v in row] for row in e.table.itertuples(index=False, name=None)],
    }
    return digest(content)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it, numbers as text with twelve digits."""
    if isinstance(value, ResultData):
        return [[_plain(v) for v in row] for row in value.table.itertuples(index=False, name=None)]
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    try:
        return f"{round(float(value), 12) + 0.0:.12g}"
    except (TypeError, ValueError):
        return str(value)

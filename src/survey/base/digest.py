"""One text and one SHA-256 for what a value says, however it was typed or held."""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["canonical", "digest"]


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks: the same value is the same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """SHA-256 of the canonical text in UTF-8."""
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()

"""What runs the notebooks of the study is slow; how they are written is looked at every time."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow whatever needs the notebooks run (every conftest is asked about all tests)."""
    for item in items:
        if item.path.parent == Path(__file__).parent and "ran" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)

"""What of the text of a PDF is a page's number, and what the end of a cell."""

from __future__ import annotations

import pytest

from survey.reports.printed_pdf import _lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("18\nregister, 30 June\n2024\f19\nFact\fNotes\n", ["register, 30 June", "2024", "Fact", "Notes"]),  # by head
        ("Fact\n- 18 -\fValue\n19", ["Fact", "Value"]),  # by foot
        ("18\nFact\n18\f19\nValue\n19", ["Fact", "Value"]),  # by both
        ("18\f19\nValue", ["Value"]),  # a page without text
    ],
)
def test_a_page_has_one_number(text: str, lines: list[str]) -> None:
    """A year that was wrapped into the last line of a page was taken for a second one."""
    assert _lines(text) == lines

"""The table of kinds of exhibits: each whole as it says, the percentage by count, the page as the command writes it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

import survey as sv
from docs.gallery.kinds import STATUSES, Kind, families, kinds, more, percentage
from docs.gallery.page import files
from survey.reports.export import FORMATS

DOCS = Path(__file__).parents[1] / "docs"
KINDS = {kind.key: kind for kind in kinds()}
MADE = {kind.key: kind for kind in [*kinds(), *more()] if kind.code}


def test_counts_are_those_of_the_field() -> None:
    """359 exhibits in seven families: the sum over kinds is the sum over families."""
    assert len(KINDS) == 24 and sum(kind.count for kind in KINDS.values()) == 359
    assert len(families()) == 7 and sum(families().values()) == 359
    assert all(1 <= kind.families <= 7 and kind.families <= kind.count for kind in KINDS.values())
    assert {kind.status for kind in KINDS.values()} <= set(STATUSES)


def test_the_percentage_is_by_count() -> None:
    found = [Kind("a", "", 60, 1, "whole"), Kind("b", "", 30, 1, "part"), Kind("c", "", 10, 1, "none")]
    assert [percentage(found, status) for status in STATUSES] == [60, 30, 10]
    assert percentage([replace(found[0], status="none"), *found[1:]]) == 0


def test_a_kind_that_is_whole_is_one_call() -> None:
    assert [key for key, kind in KINDS.items() if kind.status == "whole" and not kind.code] == []
    for key, kind in MADE.items():
        assert kind.verb.startswith(("sv.figures.", "sv.tables.")), key
    for code in ("sv.export(sv.tables.table(sample.mean('y')))", "sample.mean('y')", "sample"):
        with pytest.raises(ValueError, match="call"):
            _ = Kind("x", "", 1, 1, "whole", code).verb


def test_the_page_prints_the_percentage_as_an_estimate() -> None:
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    whole = 100 * sum(kind.count for kind in KINDS.values() if kind.status == "whole") / 359
    assert f"**{whole:.1f}% (an estimate) of the 359 exhibits" in page
    for kind in [*kinds(), *more()]:
        assert kind.name in page
        assert (f"```python\n{kind.code}\n```" in page) is bool(kind.code)


def test_every_figure_is_in_the_gallery() -> None:
    """`contrasts` is `intervals`; `waves` is what `lines` was before it had bands."""
    shown = {kind.verb.removeprefix("sv.figures.") for kind in MADE.values()}
    assert set(sv.figures.__all__) - shown <= {"theme", "contrasts", "waves"}


def _try(key: str, formats: tuple[str, ...], folder: Path) -> None:
    """Words in both languages, numbers, and a file of each format and language."""
    exhibit = MADE[key].make()
    vi, en = (exhibit.in_language(lang) for lang in ("vi", "en"))
    parts = ("title", "alt", "notes") if key == "power" else ("title", "alt", "notes", "source")  # no survey yet
    for part in parts:
        assert getattr(vi, part) and getattr(en, part), part
        assert getattr(vi, part) != getattr(en, part), part
    assert len(exhibit.frame()) >= len(exhibit.estimates.table) > 0  # a banner adds its sums and means
    wanted = formats or FORMATS[exhibit.kind]
    made = sv.export(exhibit, key, formats=wanted, folder=folder, languages=("vi", "en"))
    assert set(made) == {"json", *(f"{lang}.{ending}" for lang in ("vi", "en") for ending in wanted)}
    assert all(path.stat().st_size > 500 for path in made.values())


def test_a_kind_is_made_and_exported_in_both_languages(tmp_path: Path) -> None:
    _try("lines", ("svg", "csv"), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("key", MADE)
def test_every_kind_is_made_and_exported_in_both_languages(key: str, tmp_path: Path) -> None:
    _try(key, (), tmp_path)


@pytest.mark.slow
def test_the_page_is_what_the_command_writes() -> None:
    made = files()
    assert made["gallery.md"].decode("utf-8") == (DOCS / "gallery.md").read_text(encoding="utf-8")
    there = {f"images/gallery/{path.name}" for path in (DOCS / "images" / "gallery").iterdir()}
    assert there == set(made) - {"gallery.md"}
    assert sum(len(content) for content in made.values()) < 2_000_000
    if os.environ.get("SURVEY_PINS", "constraints.txt") == "constraints.txt":  # other versions draw a pixel elsewhere
        assert [name for name in there if made[name] != (DOCS / name).read_bytes()] == []

"""What a report shows on slides: sentences, exhibits, tables, profiles; as many slides as each needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey import tables
from survey.exhibits.exhibit import Exhibit
from survey.reports.document import ExhibitBlock, WordTable
from survey.reports.evidence import Run
from survey.reports.material import Report
from survey.reports.slides.charts import charted, silences
from survey.reports.slides.letters import size_for, text_of
from survey.reports.slides.show import Show
from survey.reports.slides.tables import height_of, pages_of
from survey.reports.slides.titles import finding_of
from survey.reports.word_table import cells_of
from survey.tables._slide_chart import slide_chart
from survey.tables._slide_frame import Room, parts_of
from survey.tables._slide_letters import LEAST
from survey.tables._slide_words import foot_of
from survey.words import locale as loc

__all__ = ["Exhibits", "Runs"]

_LONGEST = 3
"""Slides of the list of what is not shown."""
_UNDER = 0.55
"""Of the height of a slide, the most that the table of a profile has."""
_DOZEN = 12
_LINES = 9
"""Sentences on one slide."""

Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Exhibits:
    """Slides of what a report shows.

    Parameters
    ----------
    report : Report
    show : Show
    """

    report: Report
    show: Show

    def sentences(self, title: str, lines: Sequence[Runs], breaks: Collection[int] = ()) -> None:
        """Sentences, as few slides as hold them in letters that can be read; some begin a slide."""
        pages = self._cut(lines, breaks, _LINES)
        if len(pages) > 1 and not breaks:  # no slide with what one line was too many
            pages = self._cut(lines, breaks, -(-len(lines) // len(pages)))
        for i, page in enumerate(pages, 1):
            self.show.texts((Run(title + self._page(i, len(pages))),), page)

    def _cut(self, lines: Sequence[Runs], breaks: Collection[int], most: int) -> list[list[Runs]]:
        room = self.show.room
        pages: list[list[Runs]] = [[]]
        for i, line in enumerate(lines):
            longer = [text_of(r) for r in (*pages[-1], line)]
            fits = size_for(longer, room.width - 0.6, room.height - 0.3, (16.0,), gap=0.5)
            if pages[-1] and (fits is None or len(longer) > most or i in breaks):
                pages.append([])
            pages[-1].append(line)
        return pages

    @staticmethod
    def _page(i: int, n: int) -> str:
        return f" ({i}/{n})" if n > 1 else ""

    def exhibit(self, block: ExhibitBlock, notes: Sequence[Runs]) -> None:
        exhibit = charted(self.report, block.exhibit)
        chart = slide_chart(exhibit) if exhibit.kind == "figure" else None
        found = self._finding(block)
        if found is not None and text_of(found) in self.show.used:  # slides are told apart by their titles
            found = None
        said = [*notes, *self._spoken(block, bool(found))]
        if exhibit.kind == "table":
            return self._pages(block, block.exhibit.alt, found, said, (), block.heading if found else "")
        if chart is None and _all_hidden(exhibit):
            return self.sentences(block.heading, [(Run(text),) for text in block.notes] or [(Run(exhibit.alt),)])
        foot = foot_of(exhibit, chart)
        said += [*((Run(text),) for text in foot), *silences(exhibit)]
        whole = self._below(self.show.room, foot)
        parts = [None] if chart is None else parts_of(chart, whole)
        for i, part in enumerate(parts, 1):
            title = [*(found or (Run(block.heading),)), Run(self._page(i, len(parts)))]
            slide = self.show.open(self.show.layouts.plain, title)
            room = self._topic(slide, block.heading if found else "")
            room = self.show.noted(slide, room, foot)
            if part is None:
                self.show.picture(slide, room, exhibit, block.key)
            else:
                self.show.chart(slide, room, part, exhibit, block.key)
            self.show.close(slide, said)
        return None

    def _below(self, room: Room, foot: Sequence[str]) -> Room:
        """What a chart has of a slide, about."""
        return Room(room.left, room.top, room.width, room.height - 0.4 - 0.25 * max(1, len(foot) // 2))

    def _topic(self, slide: object, text: str) -> Room:
        """What a chart is about, below a title that tells a finding; returns the room below it."""
        room = self.show.room
        if not text:
            return room
        head = Room(room.left, room.top - 0.05, room.width, 0.35)
        size = size_for([text], head.width, head.height + 0.1, (14.0, LEAST)) or LEAST
        self.show.lines(slide, head, [(Run(text),)], size)
        return Room(room.left, room.top + 0.35, room.width, room.height - 0.35)

    def _finding(self, block: ExhibitBlock) -> Runs | None:
        """What a slide says of an exhibit: what the report tests in it, where it does, so that no two verdicts differ.

        Of groups before and after that is their difference in differences. What a plan corrects for more tests than an
        exhibit shows is not told by the exhibit alone.
        """
        name = block.exhibit.name
        tested = _tested(name)
        found = finding_of(self.report.exhibit(tested, tables.table)) if tested in self.report else None
        if found is None and not (tested in self.report and self.report.planned):
            found = finding_of(block.exhibit)
        if found is not None and name.endswith("-firms"):  # of whom else the same may be said
            return (Run(f"{self.report.text('businesses')}: "), *_small(found))
        return found

    def _spoken(self, block: ExhibitBlock, titled: bool) -> list[Runs]:
        """The method, for the speaker: what is shown, and what documents say below it."""
        texts = ([block.heading] if titled else []) + [t for t in block.notes if t]
        return [(Run(text),) for text in texts]

    def _pages(
        self,
        block: ExhibitBlock | WordTable,
        alt: str,
        found: Runs | None,
        said: Sequence[Runs],
        foot: Sequence[str],
        topic: str = "",
    ) -> None:
        grid, cells = cells_of(block)
        names = [row[0] for row in block.rows] if isinstance(block, WordTable) else [(Run(x.name),) for x in grid.lines]
        room = self.show.room
        above, below = 0.4 if topic else 0.0, 0.5 if foot else 0.0
        kept = Room(room.left + 0.1, room.top + above, room.width - 0.2, room.height - above - below)
        pages = pages_of(grid, cells, names, kept)
        more = pages[_LONGEST:] if block.key == "tab-suppressed" else []
        pages = pages[: len(pages) - len(more)]
        if more:
            rest = sum(len(page.grid.lines) for page in more)
            foot = [*foot, self.report.text("slides_more", n=rest)]
        for i, page in enumerate(pages, 1):
            title = [*(found or (Run(block.heading),)), Run(self._page(i, len(pages)))]
            slide = self.show.open(self.show.layouts.plain, title)
            self._topic(slide, topic)
            self.show.noted(slide, room, foot)
            self.show.table(slide, kept, page, alt, block.key)
            self.show.close(slide, [*said, *((Run(text),) for text in page.whole)])

    def table(self, block: WordTable, notes: Sequence[Runs], topic: str = "") -> None:
        said = [*notes, *((Run(text),) for text in block.notes)]
        block = _together(block) if block.key == "tab-suppressed" else block
        self._pages(block, f"{block.heading}: {'; '.join(block.heads)}", None, said, block.notes, topic)

    def profile(self, ward: str, table: WordTable, shown: ExhibitBlock | None, said: Sequence[Runs]) -> None:
        """A ward on one slide: a chart of its scores above its table."""
        chart = None if shown is None else slide_chart(shown.exhibit)
        if shown is None or chart is None:
            return self.table(table, said)
        found = None if self.report.planned else finding_of(shown.exhibit)
        title = (Run(f"{ward}: "), *_small(found)) if found else (Run(ward),)
        slide = self.show.open(self.show.layouts.plain, title)
        foot = [*foot_of(shown.exhibit, chart), *(loc.sentence(text) for text in table.notes)]
        room = self.show.noted(slide, self.show.room, foot)
        grid, cells = cells_of(table)
        names = [row[0] for row in table.rows]
        below = Room(room.left + 0.1, room.top, room.width - 0.2, _UNDER * room.height)
        pages = pages_of(grid, cells, names, below, (14.0, LEAST))
        if len(pages) > 1:  # more scores than a slide has room for below a chart
            self.show.chart(slide, room, chart, shown.exhibit, shown.key)
            self.show.close(slide, said)
            return self.table(table, ())
        page, high = pages[0], height_of(pages[0])
        above = Room(room.left, room.top, room.width, room.height - high - 0.1)
        below = Room(room.left + 0.1, room.top + above.height + 0.05, room.width - 0.2, high)
        self.show.chart(slide, above, chart, shown.exhibit, shown.key)
        self.show.table(slide, below, page, f"{table.heading}: {'; '.join(table.heads)}", table.key)
        said = [*said, *((Run(text),) for text in page.whole)]
        self.show.close(slide, [*said, *((Run(t),) for t in (*table.notes, *shown.notes))])
        return None


def _all_hidden(exhibit: Exhibit) -> bool:
    """Whether nothing of an exhibit may be shown."""
    rows = exhibit.rows()
    return "estimate" in rows.columns and not np.isfinite(rows["estimate"].to_numpy(float)).any()


def _together(block: WordTable) -> WordTable:
    """Rows that differ in the second cell only as one: the groups of an item that are not shown, a dozen a row."""
    found: list[tuple[tuple[str, str], list[tuple[Run, ...]]]] = []
    for first, second, last in block.rows:
        key = (text_of(first), text_of(last))
        if not found or found[-1][0] != key or len(found[-1][1]) == _DOZEN:
            found.append((key, []))
        found[-1][1].append(second)
    rows = []
    for (item, why), groups in found:
        named = [run for i, runs in enumerate(groups) for run in ((Run("; "), *runs) if i else runs)]
        rows.append(((Run(item),), tuple(named), (Run(why),)))
    return replace(block, rows=tuple(rows))


_TESTED = {"-tiers": "-did", "-waves": "-change", "-satisfied": "-change", "-wards": "-wards-change"}


def _tested(name: str) -> str:
    """The result that tests the changes which an exhibit shows."""
    for ending, test in _TESTED.items():
        if name.endswith(ending):
            return name.removesuffix(ending) + test
    return f"{name}-change"


def _small(runs: Runs) -> Runs:
    """A title behind a colon."""
    first = runs[0]
    text = first.text[:1].lower() + first.text[1:] if first.text[1:2].islower() else first.text
    return (Run(text, first.evidence), *runs[1:])

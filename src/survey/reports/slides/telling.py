"""The order of the slides of a report: what opens a part, what is shown, and what is left to the whole report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from survey.base import catalogue
from survey.codebook._variable import pick
from survey.reports.document import Block, Document, ExhibitBlock, Heading, Paragraph, WordTable
from survey.reports.evidence import Run
from survey.reports.material import Report
from survey.reports.slides.exhibits import Exhibits, Runs
from survey.reports.slides.show import Show

__all__ = ["Teller"]

_LEFT = {
    "tab-questions": "slides_left_questions",
    "tab-log": "slides_left_log",
    "methods-cleaning": "slides_left_log",
    "methods-weighting": "slides_left_weights",
    "methods-formulas": "slides_left_formulas",
}
"""What a meeting does not look at, by the keys of blocks and headings."""
_LEFT_TABLES = {"methods-firms": "slides_left_firms"}
_PROFILE, _ITEMS = "profile-", "tab-items-"
_OWN = {"profiles_lead": "slides_profiles_lead", "scores_made": "slides_scores_made"}
"""Texts that slides have in words of their own."""
_TOPIC = 120
"""Letters of a text that can stand above a table."""


@dataclass
class Teller:
    """The parts of a report in order, as slides.

    Parameters
    ----------
    document : Document
    report : Report
    show : Show
    step : callable (str)
        Called for each block.
    """

    document: Document
    report: Report
    show: Show
    step: Callable[[str], None]
    exhibits: Exhibits = field(init=False)
    left: dict[str, None] = field(default_factory=dict)
    title: str = ""
    part: str = ""
    pending: list[Paragraph] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.exhibits = Exhibits(self.report, self.show)

    def text(self, key: str, **values: object) -> str:
        """A text of the section `report` of the catalogue."""
        return self.report.text(key, **values)

    def tell(self) -> None:
        """Every slide."""
        self._opening()
        for group in _groups(self.document.blocks):
            self._group(group)
        if self.left:
            lines = [(Run(self.text(name)),) for name in self.left]
            self.exhibits.sentences(self.text("slides_left"), lines)

    def _opening(self) -> None:
        settings, lang = self.report.material.settings, self.document.lang
        office = [pick(settings.office.get(key, {}), lang, "") for key in ("parent", "name")]
        place = [pick(settings.office.get(key, {}), lang, "") for key in ("place", "date")]
        language = f"{self.text('language')}: {catalogue.text('language.name', lang)}"
        lines = [" – ".join(x for x in office if x), ", ".join(x for x in place if x), self.document.source, language]
        self.show.titled(self.document.title, [x for x in lines if x], first=True)

    def _group(self, group: list[Block]) -> None:
        """A part of the report: a slide that opens it where it has several, then what it shows."""
        head = group[0] if isinstance(group[0], Heading) and group[0].level == 1 else None
        inside = group[1:] if head is not None else group
        if head is not None and head.key == "tables":
            self.left["slides_left_tables"] = None
            return self._count(group)
        self.part = self.title = head.text if head is not None else self.document.title
        if head is not None and sum(self._seen(b) for b in inside) > 1:
            leads = [b for b in inside[: _first(inside)] if isinstance(b, Paragraph) and b.kind in ("text", "lead")]
            self.show.titled(head.text, [self._own(b.text) for b in leads if not _evident(b)], first=False)
            inside = [b for b in inside if b not in leads or _evident(b)]
        at = 0
        while at < len(inside):
            block = inside[at]
            if isinstance(block, Heading) and block.key.startswith(_PROFILE):
                end = next((i for i in range(at + 1, len(inside)) if isinstance(inside[i], Heading)), len(inside))
                self._profile(block, inside[at + 1 : end])
                at = end
                continue
            if isinstance(block, Heading) and block.key in _LEFT:
                self.left[_LEFT[block.key]] = None
                self._flush()
                at = next((i for i in range(at + 1, len(inside)) if isinstance(inside[i], Heading)), len(inside))
                continue
            self._block(block)
            at += 1
        self._flush()
        return self._count(group)

    def _count(self, group: Sequence[Block]) -> None:
        for _ in group:
            self.step(self.document.lang)

    @staticmethod
    def _seen(block: Block) -> bool:
        """Whether a block has slides of its own."""
        if isinstance(block, ExhibitBlock):
            return block.key not in {f"tab-{name}" for name in _LEFT_TABLES}
        return isinstance(block, WordTable) and block.key not in _LEFT and not block.key.startswith(_ITEMS)

    def _block(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._flush()
            self.title = block.text
        elif isinstance(block, Paragraph):
            self.pending.append(block)
        elif isinstance(block, WordTable):
            if block.key in _LEFT:
                self.left[_LEFT[block.key]] = None
            else:
                self.exhibits.table(block, *self._before())
        elif isinstance(block, ExhibitBlock):
            if block.exhibit.name in _LEFT_TABLES:
                self.left[_LEFT_TABLES[block.exhibit.name]] = None
            else:
                self.exhibits.exhibit(block, self._notes())

    def _notes(self) -> list[Runs]:
        """Sentences that belong to what comes next, for the speaker; other texts before it have a slide."""
        own = [p for p in self.pending if p.kind in ("finding", "note")]
        self.pending = [p for p in self.pending if p not in own]
        self._flush()
        return [self._told(p) for p in own]

    def _before(self) -> tuple[list[Runs], str]:
        """As `_notes`, and a short text alone before a table, which stands above it."""
        texts = [p for p in self.pending if p.kind == "text"]
        topic = texts[0].text if len(texts) == 1 and len(texts[0].text) <= _TOPIC and not _evident(texts[0]) else ""
        if topic:
            self.pending.remove(texts[0])
        return self._notes(), topic

    def _own(self, text: str) -> str:
        """A text as slides say it, where that of documents is about their pages."""
        return next((self.text(own) for key, own in _OWN.items() if text == self.text(key)), text)

    def _flush(self) -> None:
        """What was said since the last exhibit, on slides of sentences."""
        said = [p for p in self.pending if p.text.strip()]
        self.pending = []
        if said:
            breaks = {i for i, p in enumerate(said) if p.kind == "lead"}
            # a section of the pilot may be called what a part is called: slides are told apart by their titles
            title = f"{self.part}: {self.title}" if self.title in self.show.used else self.title
            self.exhibits.sentences(title, [self._told(p) for p in said], breaks)

    def _told(self, paragraph: Paragraph) -> Runs:
        """A paragraph, its references with the title of what they mean: slides have no numbers of tables."""
        own = self._own(paragraph.text)
        if own != paragraph.text:
            return (Run(own),)
        heads = {b.key: b.heading for b in self.document.shown}
        quoted = {key: catalogue.text("narrative.quoted", self.document.lang, text=t) for key, t in heads.items()}
        return tuple(Run(quoted[r.refers], strong=r.strong) if r.refers in quoted else r for r in paragraph.runs)

    def _profile(self, head: Heading, blocks: Sequence[Block]) -> None:
        """A ward on one slide; the second page of its profile is left to the whole report."""
        said = [self._told(b) for b in blocks if isinstance(b, Paragraph)]
        table = next((b for b in blocks if isinstance(b, WordTable) and not b.key.startswith(_ITEMS)), None)
        shown = next((b for b in blocks if isinstance(b, ExhibitBlock)), None)
        if any(isinstance(b, WordTable) and b.key.startswith(_ITEMS) for b in blocks):
            self.left["slides_left_profiles"] = None
        if table is not None:
            self.exhibits.profile(head.text, table, shown, said)


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks by the headings of parts."""
    found: list[list[Block]] = []
    for block in blocks:
        if not found or (isinstance(block, Heading) and block.level == 1):
            found.append([])
        found[-1].append(block)
    return [group for group in found if group]


def _first(blocks: Sequence[Block]) -> int:
    """Where the first heading, exhibit or list of a part is."""
    ends = (i for i, b in enumerate(blocks) if not isinstance(b, Paragraph) or b.kind not in ("text", "lead"))
    return next(ends, len(blocks))


def _evident(paragraph: Paragraph) -> bool:
    return any(run.evidence or run.refers for run in paragraph.runs)

"""What a figure of Likert bars says in words: totals, bases, notes, alternative text."""

from __future__ import annotations

import numpy as np

from survey.base import catalogue
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.theme import Style
from survey.figures._bars import Bar, Bars, bars_of
from survey.figures._result_rows import left_out
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.equality import tests_note
from survey.words.notes import silent_notes
from survey.words.phrases import small
from survey.words.statuses import hidden_text, mark

__all__ = [
    "BESIDE",
    "MANY",
    "absent_line",
    "alt_text",
    "has_totals",
    "is_drawn",
    "n_text",
    "notes",
    "total_text",
    "without_code",
]

BESIDE = ("dont_know", "refused")


_LEAST_REFUSED = 1.0  # percent of everyone asked, in any row


MANY = 6  # from this many answers on, segments are too narrow for numbers: sums stand at both ends instead


def has_totals(exhibit: Exhibit) -> bool:
    """Whether sums stand at both ends."""
    wanted = exhibit.options.get("totals")
    asked = len(exhibit.once(bars_of).codes) >= MANY or bool(exhibit.options.get("intervals"))
    return asked if wanted is None else bool(wanted)


def total_text(bar: Bar, side: str, exhibit: Exhibit, sizes: Style) -> str:
    """A sum as it stands at the end of a bar, with its interval where that is asked for and there is room."""
    lang, ends = exhibit.lang, getattr(bar, f"{side}_interval")
    text = loc.number(getattr(bar, side), 0, lang)
    told = bool(exhibit.options.get("intervals")) and sizes.name != "half" and bool(np.isfinite(ends).all())
    return f"{text} ({loc.interval(ends[0], ends[1], 0, lang)})" if told else text


def absent_line(exhibit: Exhibit) -> str:
    """The rows that are hidden, in one line, each kind after its reason: "Fewer than 30 answers, not shown: ..."."""
    names: dict[str, list[str]] = {}
    for bar in exhibit.once(bars_of).absent:
        names.setdefault(bar.detail, []).append(", ".join(bar.key))
    lines = []
    for detail, found in names.items():
        said = hidden_text(detail, exhibit.lang, exhibit.thresholds[0], short=False)
        lines.append(f"{said[:1].upper()}{said[1:]}: {'; '.join(found)}.")
    return " ".join(lines)


def is_drawn(reason: str, bar: Bar) -> bool:
    """Whether a share is worth the width of a column: don't know always, refusals only where they are not a trifle."""
    return bar.beside(reason) >= (0.0 if reason == "dont_know" else _LEAST_REFUSED)


def n_text(bar: Bar, exhibit: Exhibit) -> str:
    """The number of answers of a row, with its mark."""
    if bar.status == "suppressed":
        return loc.number(np.nan) if bar.detail == "complementary" else f"<{loc.NBSP}{exhibit.thresholds[0]}"
    if not np.isfinite(bar.n):
        return ""
    return loc.count(bar.n, exhibit.lang) + mark(bar.status, bar.detail)


def without_code(label: str, code: str) -> str:
    """ "0 hoàn toàn không tin" as "hoàn toàn không tin": the strip writes the codes itself."""
    head, _, rest = label.partition(" ")
    return rest.lstrip("–-. ") if rest and head.rstrip(".:") == code else label


def notes(exhibit: Exhibit) -> list[str]:
    """What the figure must explain."""
    lang, bars = exhibit.lang, exhibit.once(bars_of)
    found = [loc.word("n_note", lang)] if any(np.isfinite(b.n) for b in bars.rows) else []
    if has_totals(exhibit):
        found.insert(0, loc.word("ends_note", lang))
    if exhibit.options.get("intervals"):
        level = loc.level_word(exhibit.estimates.level, lang)
        found.insert(1, loc.word("sums_note", lang, level=level))
    found += silent_notes([r for r in BESIDE if any(is_drawn(r, b) for b in bars.rows)], lang)
    return [*found, *tests_note(exhibit.estimates, lang)]


def alt_text(exhibit: Exhibit) -> str:
    """The scale, and the rows with most and fewest answers above its middle."""
    lang, bars = exhibit.lang, exhibit.once(bars_of)
    head = catalogue.text(
        "alt.likert",
        lang,
        title=loc.sentence(exhibit.title),
        n=len(bars.rows),
        answers=len(bars.codes),
        first=bars.answers[0],
        last=bars.answers[-1],
    )
    filled = [b for b in bars.rows if np.isfinite(b.shares).all()]
    return " ".join([head, *_told(filled, exhibit), *_left_out(bars, lang)])


def _told(filled: list[Bar], exhibit: Exhibit) -> list[str]:
    lang, bars, e = exhibit.lang, exhibit.once(bars_of), exhibit.estimates
    if not filled:
        return []
    if len(filled) == 1:
        shares = "; ".join(
            f"{answer} {loc.number(x, 1, lang)}%" for answer, x in zip(bars.answers, filled[0].shares, strict=True)
        )
        return [f"{', '.join(filled[0].key)}: {shares}."]
    above = bars.answers[-(len(bars.codes) // 2) :]
    upper = ", ".join(above) if len(bars.codes) <= 5 else f"{above[0]} – {above[-1]}"
    levels = _labels.varying(e, _labels.levels_of(e))  # of a key

    def place(key: tuple[str, ...]) -> str:
        """A row inside a sentence: an item in quotation marks, a group with a small letter."""
        named = zip(key, levels or [""], strict=False)
        return ", ".join(
            catalogue.text("narrative.quoted", lang, text=k) if name == "item" else small(k, lang) for k, name in named
        )

    best, worst = max(filled, key=lambda b: b.high), min(filled, key=lambda b: b.high)
    parts: dict[str, str] = {}
    for name, bar in (("best", best), ("worst", worst)):
        high, low = (loc.number(x, 1, lang) + "%" for x in (bar.high, bar.low))
        parts |= {name: place(bar.key), f"{name}_high": high, f"{name}_low": low}
    return [catalogue.text("alt.likert_ends", lang, upper=upper, **parts)]


def _left_out(bars: Bars, lang: str) -> list[str]:
    absent = [", ".join(b.key) for b in (*bars.rows, *bars.absent) if b.status in ("suppressed", "empty")]
    return left_out(absent, lang)
